"""What a case file asks to be fitted: a parameter set, contacts of tables and shipped sources, and how.

Tables stand beside the case file; they are read here, so that a check of the case finds their faults too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ytterby import datasets
from ytterby.case.check import FAULTY, is_good
from ytterby.case.equilibria import set_named
from ytterby.case.faults import Faults
from ytterby.case.isotherms import read_isotherms
from ytterby.case.lines import KeyPath
from ytterby.datasets import Contact, ParameterSet, cited, shipped_contacts
from ytterby.datasets.contacts import Levels
from ytterby.errors import CaseError, DataError, nearest
from ytterby.quantities import quoted

FITTABLE = "mass_action"
"""The model whose constants are fitted."""
Column = Literal["log10_kex", "order_extractant", "order_acid"]


@dataclass(frozen=True)
class FitPlan:
    """One fit of a case file: contacts read, names resolved, nothing fitted."""

    name: str
    parameters: ParameterSet
    """Set that the fit starts from."""
    contacts: tuple[Contact, ...]
    tables: tuple[str, ...]
    """Files that contacts were read from, as the case names them."""
    own_sources: tuple[str, ...]
    """Sources of those files."""
    elements: tuple[str, ...] | None
    """Whose constants are fitted; None: of all metals of the contacts."""
    columns: tuple[Column, ...]
    prior: bool
    """Whether the set's own constants, with its own uncertainties, count as observations."""
    terms: tuple[str, ...]
    levels: Levels
    """What free extractant and acid of a contact are preferably taken from."""
    leave_out: tuple[str, ...]
    """Sources that are predicted and not fitted."""
    sigma: float | None
    """Standard deviation of log10 D within a source; None: estimated."""
    between: float | None
    """Standard deviation of the shift of log10 K between sources; None: estimated."""
    cut: tuple[str, str] | None
    """Pair whose separation factor the next shake-out is to serve."""

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of the bibliography that it rests on: shipped contacts, and the set that it starts from."""
        shipped = {contact.source for contact in self.contacts} - set(self.own_sources)
        metals = {metal.element for contact in self.contacts for metal in contact.metals}
        used = self.parameters.used(sorted(metals), self.terms)
        return tuple(sorted({*shipped, *cited(used)}, key=str.casefold))


def read_fits(checked: Mapping[str, Any], faults: Faults) -> dict[str, FitPlan]:
    """The fits of a checked file by name; one that has a fault, which is noted, is left out."""
    entries = checked["fits"] if is_good(checked["fits"]) else {}
    found = {
        name: _plan(name, entry, faults) for name, entry in entries.items() if entry is not FAULTY
    }
    return {name: plan for name, plan in found.items() if plan is not None}


def _plan(name: str, entry: Mapping[str, Any], faults: Faults) -> FitPlan | None:
    path: KeyPath = ("fits", name)
    before = len(faults.found)
    parameters = _set(entry["set"], (*path, "set"), faults)
    if parameters is None:
        return None
    tables = _names(entry["tables"])
    if not tables and not _names(entry["datasets"]) and FAULTY not in (
        entry["tables"], entry["datasets"]
    ):  # fmt: skip
        next = 'add tables = ["my-shake-outs.csv"], or datasets = ["LI87"]'
        faults.add(path, "neither tables nor datasets", "contacts to fit to", next=next)
    own = _own_contacts(tables, parameters, entry, path, faults)
    shipped = _shipped(entry["datasets"], parameters, (*path, "datasets"), faults)
    contacts = (*shipped, *own)
    if len(faults.found) == before:
        _check_sources(own, shipped, path, faults)
        _check_names(entry, contacts, parameters, path, faults)
    if len(faults.found) > before or FAULTY in entry.values():
        return None
    return FitPlan(
        name=name,
        parameters=parameters,
        contacts=contacts,
        tables=tables,
        own_sources=tuple(dict.fromkeys(contact.source for contact in own)),
        elements=_names(entry["elements"]) or None,
        columns=_columns(entry["free"]),
        prior=entry["prior"] == "set",
        terms=_names(entry["terms"]),
        levels=entry["levels"],
        leave_out=_names(entry["leave_out"]),
        sigma=entry["sigma"],
        between=entry["between_sources"],
        cut=(entry["cut"][0], entry["cut"][1]) if entry["cut"] else None,
    )


def _columns(free: Any) -> tuple[Column, ...]:
    """Kinds of constants that are fitted; the extraction constants if the case does not say."""
    return tuple(free) if is_good(free) else ("log10_kex",)


def _names(value: Any) -> tuple[str, ...]:
    return tuple(value) if is_good(value) else ()


def _set(name: Any, path: KeyPath, faults: Faults) -> ParameterSet | None:
    """The set to start from, of a model that can be fitted."""
    found = None if name is FAULTY else set_named(name, path, faults)
    if found is None:
        return None
    if found.model == FITTABLE:
        return found
    fittable = [it.name for it in datasets.parameter_sets() if it.model == FITTABLE]
    faults.add(
        path,
        f"{quoted(name)}, whose model is {found.model}",
        f"a set of the model {FITTABLE}: {', '.join(fittable)}",
        next="name one of them",
    )
    return None


def _own_contacts(
    tables: Sequence[str],
    parameters: ParameterSet,
    entry: Mapping[str, Any],
    path: KeyPath,
    faults: Faults,
) -> tuple[Contact, ...]:
    """Contacts of the user's tables."""
    tolerance = entry["balance_tolerance"]
    if tolerance is FAULTY:
        return ()
    contacts: list[Contact] = []
    for table in tables:
        try:
            contacts += read_isotherms(
                faults.directory / table, quoted(table, 300)[1:-1], parameters, tolerance
            )
        except CaseError as error:
            faults.beside((*path, "tables"), error)
    return tuple(contacts)


def _shipped(
    keys: Any, parameters: ParameterSet, path: KeyPath, faults: Faults
) -> tuple[Contact, ...]:
    """Sound contacts of shipped sources."""
    names = _names(keys)
    if not names:
        return ()
    try:
        return shipped_contacts(names, parameters.extractant, parameters.medium)
    except DataError as error:
        for fault in error.faults:
            read = f"{fault.where.rpartition(', ')[2]}: {fault.read}"
            faults.add(path, read, fault.expected, next=fault.next)
        return ()


def _check_sources(
    own: Sequence[Contact], shipped: Sequence[Contact], path: KeyPath, faults: Faults
) -> None:
    """No table passes for a shipped source, and no contact of a source stands twice."""
    keys = {contact.source for contact in shipped}
    for source in dict.fromkeys(contact.source for contact in own):
        if source in keys:
            faults.add(
                (*path, "tables"),
                f"the source {quoted(source)} in a table, which is a shipped one too",
                "a source of its own",
                next="write another name into the column source",
            )
    seen: dict[tuple[str, str], str] = {}
    for contact in own:
        identity = (contact.source, contact.name)
        if identity in seen:
            faults.add(
                (*path, "tables"),
                f"contact {quoted(contact.name)} of {contact.source} at {contact.place}",
                f"each contact once; it stands at {seen[identity]} too",
                next="rename it, or remove one",
            )
        seen[identity] = contact.place


def _check_names(
    entry: Mapping[str, Any],
    contacts: Sequence[Contact],
    parameters: ParameterSet,
    path: KeyPath,
    faults: Faults,
) -> None:
    """Elements, terms, sources and cut are such that there are."""
    sources = list(dict.fromkeys(contact.source for contact in contacts))
    present = {metal.element for contact in contacts for metal in contact.metals}
    metals = [symbol for symbol in parameters.constants if symbol in present]
    known: dict[str, tuple[Sequence[str], str]] = {
        "elements": (metals, "a metal of the contacts"),
        "terms": (parameters.offered, f"a term of {parameters.name}"),
        "leave_out": (sources, "a source of the contacts"),
        "cut": (list(parameters.constants), f"an element of {parameters.name}"),
    }
    for key, (names, what) in known.items():
        given = _names(entry[key])
        for name in given:
            if name not in names:
                listed = ", ".join(names) or "there is none"
                faults.add(
                    (*path, key),
                    quoted(name),
                    f"{what}: {listed}",
                    nearest=nearest(name, names),
                    next="remove it" if key != "cut" else "name two elements of the set",
                )
        if len(set(given)) < len(given):
            faults.add((*path, key), quoted(given), "each name once", next="remove one of them")
    if sources and set(_names(entry["leave_out"])) >= set(sources):
        next = "leave one source at least to be fitted"
        faults.add((*path, "leave_out"), "every source", "fewer than all sources", next=next)
