"""Parameter sets: constants of one model for one extractant in one medium, one TOML file each."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any

from ytterby.datasets.basis import BASES, CONFIDENCES, cited
from ytterby.datasets.faults import FORMAT, Faults
from ytterby.elements import SYMBOLS
from ytterby.errors import DataError, Fault, nearest
from ytterby.quantities import parse_any, quoted

STATUSES: tuple[str, ...] = ("ready", "data only")
"""`data only`: the constants are shipped, but no solver is offered for the set."""
KEX_UNIT = "log10 (mol/L basis)"
"""The only unit of extraction constants: decimal logarithm, every concentration in mol/L."""


@dataclass(frozen=True)
class Range:
    """Where a model was found to hold."""

    low: float
    high: float
    unit: str

    @property
    def canonical(self) -> tuple[float, float]:
        """Low and high in canonical units (mol/m3, K)."""
        allowed = ("concentration", "temperature")
        low, high = (parse_any(f"{end!r} {self.unit}", allowed)[0] for end in (self.low, self.high))
        return low, high


@dataclass(frozen=True)
class Constant:
    """Extraction constant of one element: D = Kex d^q / h^n.

    D is organic over aqueous; d, the free extractant dimer, and h, the acid, are in mol/L.
    """

    element: str
    log10_kex: float
    unit: str
    """Always ``KEX_UNIT``."""
    uncertainty: float
    """Standard deviation of log10_kex, or the compiler's estimate of it."""
    dimers_per_metal: float
    """Extractant dimers that one metal takes from the free ones."""
    order_extractant: float
    """Exponent of the free dimer, q."""
    order_acid: float
    """Exponent of [H+], n: protons released per metal."""
    basis: str
    confidence: str
    source: str
    rests_on: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class ParameterSet:
    """Constants of one model for one extractant in one medium."""

    name: str
    model: str
    extractant: str
    medium: str
    title: str
    description: str
    status: str
    """One of ``STATUSES``."""
    constants: Mapping[str, Constant]
    """By element, in the order of atomic numbers."""
    valid: Mapping[str, Range]
    """Of ``free_dimer``, ``aqueous_metal``, ``acid``, ``temperature``, as far as they are known."""
    valid_note: str

    @property
    def aliases(self) -> tuple[str, ...]:
        """Other names of the extractant."""
        return extractants()[self.extractant]

    @property
    def runnable(self) -> bool:
        """Whether circuits may be solved with it."""
        return self.status == "ready"

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of all sources that the constants rest on."""
        return cited(self.constants.values())


@cache
def parameter_set(name: str) -> ParameterSet:
    """The shipped parameter set of exactly that name; DataError if there is none."""
    known = {path.name.removesuffix(".toml"): path for path in _set_paths()}
    if name not in known:
        raise DataError(
            Fault(
                where="parameter set",
                read=quoted(name),
                expected="one of: " + ", ".join(known),
                nearest=nearest(name, known),
                next="write the name as listed",
            )
        )
    return read_parameter_set(known[name])


def parameter_sets() -> tuple[ParameterSet, ...]:
    """All shipped parameter sets, by name, those with status `data only` among them."""
    return tuple(parameter_set(path.name.removesuffix(".toml")) for path in _set_paths())


@cache
def extractants() -> Mapping[str, tuple[str, ...]]:
    """Canonical extractant names, and the other names of each."""
    path = files("ytterby") / "data" / "extractants.toml"
    entries = tomllib.loads(path.read_text(encoding="utf-8"))
    return MappingProxyType({name: tuple(entry["aliases"]) for name, entry in entries.items()})


def extractant(name: str) -> str:
    """Canonical name of an extractant, e.g. ``P507`` for ``PC88A``; DataError if unknown."""
    by_name = {
        known: canonical
        for canonical, also in extractants().items()
        for known in (canonical, *also)
    }
    if name not in by_name:
        raise DataError(
            Fault(
                where="extractant",
                read=quoted(name),
                expected="one of: " + ", ".join(extractants()),
                nearest=nearest(name, by_name),
                next="write a name as listed; letters, spaces and hyphens count",
            )
        )
    return by_name[name]


def _set_paths() -> list[Traversable]:
    folder = files("ytterby") / "data" / "equilibrium"
    paths = [path for path in folder.iterdir() if path.name.endswith(".toml")]
    return sorted(paths, key=lambda path: path.name)


def read_parameter_set(path: Traversable) -> ParameterSet:
    """The parameter set of one TOML file; DataError with every fault in it."""
    try:
        entry = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise DataError(Fault(str(path), str(error), "TOML", next=FORMAT)) from None
    reader = _SetReader(Faults(path), entry)
    found = reader.parameter_set(path.name.removesuffix(".toml"))
    reader.faults.done()
    return found


class _SetReader:
    """Reads one parameter set; see ``data/equilibrium/README.md`` for the format."""

    SET = (
        *("name", "model", "extractant", "medium", "title", "description", "status"),
        *("stoichiometry", "valid", "constant"),
    )
    ORDERS = ("dimers_per_metal", "order_extractant", "order_acid")
    CONSTANT = (
        *("element", "log10_kex", "unit", "uncertainty", "basis", "confidence"),
        *("source", "rests_on", "note"),
        *ORDERS,
    )
    VALID = ("free_dimer", "aqueous_metal", "acid", "temperature")

    def __init__(self, faults: Faults, entry: dict[str, Any]) -> None:
        self.faults = faults
        self.entry = entry
        self.stoichiometry = faults.table("stoichiometry", entry.get("stoichiometry", {}))
        self.valid = faults.table("valid", entry.get("valid", {}))

    def parameter_set(self, stem: str) -> ParameterSet:
        """The set as the file says it; its faults stand in ``faults``."""
        entry, faults = self.entry, self.faults
        self._only(entry, self.SET, "")
        return ParameterSet(
            name=faults.one_of("name", entry.get("name"), (stem,)),
            model=faults.text("model", entry.get("model")),
            extractant=faults.one_of("extractant", entry.get("extractant"), extractants()),
            medium=faults.text("medium", entry.get("medium")),
            title=faults.text("title", entry.get("title")),
            description=faults.text("description", entry.get("description")),
            status=faults.one_of("status", entry.get("status"), STATUSES),
            constants=MappingProxyType(self._constants()),
            valid=MappingProxyType(self._valid()),
            valid_note=str(self.valid.get("note", "")),
        )

    def _only(self, entry: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
        for name in entry:
            self.faults.one_of(where + name, name, known)

    def _valid(self) -> dict[str, Range]:
        ranges = {name: r for name, r in self.valid.items() if name != "note"}
        self._only(ranges, self.VALID, "valid.")
        return {name: self._range(f"valid.{name}", entry) for name, entry in ranges.items()}

    def _range(self, where: str, entry: Any) -> Range:
        entry = self.faults.table(where, entry)
        found = Range(
            low=self.faults.number(f"{where}.low", entry.get("low")),
            high=self.faults.number(f"{where}.high", entry.get("high")),
            unit=self.faults.one_of(f"{where}.unit", entry.get("unit"), ("mol/L", "degC")),
        )
        if found.low > found.high:
            self.faults.add(where, f"{found.low} to {found.high}", "low before high")
        return found

    def _constants(self) -> dict[str, Constant]:
        found: dict[str, Constant] = {}
        entries = self.entry.get("constant")
        for number, entry in enumerate(entries if isinstance(entries, list) else [], start=1):
            entry = self.faults.table(f"constant {number}", entry)
            constant = self._constant(f"constant {number} ({entry.get('element', '?')})", entry)
            if constant.element in found:
                where = f"constant {number}, element"
                self.faults.add(where, quoted(constant.element), "each element once")
            found[constant.element] = constant
        if not found:
            self.faults.add("constant", "nothing", "one [[constant]] table per element")
        return {symbol: found[symbol] for symbol in SYMBOLS if symbol in found}

    def _constant(self, where: str, entry: Mapping[str, Any]) -> Constant:
        faults = self.faults
        self._only(entry, self.CONSTANT, f"{where}, ")
        orders = {name: entry.get(name, self.stoichiometry.get(name)) for name in self.ORDERS}
        dimers, extractant_order, acid_order = (
            faults.number(f"{where}, {name}", order) for name, order in orders.items()
        )
        basis = faults.one_of(f"{where}, basis", entry.get("basis"), BASES)
        key = faults.key(f"{where}, source", entry.get("source"))
        return Constant(
            element=faults.one_of(f"{where}, element", entry.get("element"), SYMBOLS),
            log10_kex=faults.number(f"{where}, log10_kex", entry.get("log10_kex")),
            unit=faults.one_of(f"{where}, unit", entry.get("unit"), (KEX_UNIT,)),
            uncertainty=faults.number(f"{where}, uncertainty", entry.get("uncertainty")),
            dimers_per_metal=dimers,
            order_extractant=extractant_order,
            order_acid=acid_order,
            basis=basis,
            confidence=faults.one_of(f"{where}, confidence", entry.get("confidence"), CONFIDENCES),
            source=key,
            rests_on=faults.rests_on(where, basis, key, entry.get("rests_on", ())),
            note=str(entry.get("note", "")),
        )
