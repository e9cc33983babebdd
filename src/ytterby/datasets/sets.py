"""Parameter sets: numbers of one model for one extractant in one medium, one TOML file each."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ytterby.datasets.basis import BASES, CONFIDENCES, cited
from ytterby.datasets.faults import FORMAT, Faults, shown
from ytterby.elements import SYMBOLS
from ytterby.errors import DataError, Fault, nearest
from ytterby.quantities import parse_any, quoted

STATUSES: tuple[str, ...] = ("ready", "by name", "data only")
"""`data only`: the constants are shipped, but no solver is offered for the set."""
SET_FILE = ".toml"
"""What the name of a set ends in that is a file of its own."""
TERMS: tuple[str, ...] = ("complexing", "ionic_strength", "temperature")
"""Corrections that a set may hold beside its constants; a model uses them only when asked."""
TERM_GENERALS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "loading": ("alstad", "alstad_shift"),
        "ionic_strength": ("epsilon_proton_chloride", "epsilon_proton_nitrate"),
    }
)
"""Set-level numbers that only a correction uses."""
VALID: Mapping[str, str] = MappingProxyType(
    {
        "free_dimer": "mol/L",
        "aqueous_metal": "mol/L",
        "acid": "mol/L",
        "anion": "mol/L",
        "temperature": "degC",
        "ph": "1",
        "dosage": "% v/v",
    }
)
"""Quantities that a range may be stated for, and the unit it is written in."""


@dataclass(frozen=True)
class Range:
    """Where a model was found to hold."""

    low: float
    high: float
    unit: str

    @property
    def canonical(self) -> tuple[float, float]:
        """Low and high in canonical units (mol/m3, K); pH and dosage have none and stay as they are."""
        if self.unit not in ("mol/L", "degC"):
            return self.low, self.high
        allowed = ("concentration", "temperature")
        low, high = (parse_any(f"{end!r} {self.unit}", allowed)[0] for end in (self.low, self.high))
        return low, high


@dataclass(frozen=True)
class Constant:
    """Numbers of one element, and what they rest on."""

    element: str
    numbers: Mapping[str, float]
    """By column, in the order and the units of ``ParameterSet.units``; defaults of the set included."""
    uncertainty: float
    """Standard deviation of the first number, or the compiler's estimate; nan where none is given."""
    basis: str
    confidence: str
    source: str
    rests_on: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class General:
    """One number that holds for a whole set, and what it rests on."""

    name: str
    value: float
    unit: str
    basis: str
    confidence: str
    source: str
    rests_on: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class ParameterSet:
    """Numbers of one model for one extractant in one medium."""

    name: str
    model: str
    extractant: str
    medium: str
    title: str
    description: str
    status: str
    """One of ``STATUSES``."""
    units: Mapping[str, str]
    """Unit of every column of numbers."""
    constants: Mapping[str, Constant]
    """By element, in the order of atomic numbers."""
    general: Mapping[str, General]
    """Numbers of the whole set, by name."""
    terms: Mapping[str, Mapping[str, Constant]]
    """Corrections by name (of ``TERMS``), each by element; not every element need have one."""
    valid: Mapping[str, Range]
    """By quantity (of ``VALID``), as far as they are known."""
    valid_note: str
    file: str = ""
    """Path of a set that is not shipped."""

    @property
    def key(self) -> str:
        """What `parameter_set` finds it by."""
        return self.file or self.name

    @property
    def aliases(self) -> tuple[str, ...]:
        """Other names of the extractant."""
        return extractants()[self.extractant]

    @property
    def runnable(self) -> bool:
        """Whether circuits may be solved with it."""
        return self.status in ("ready", "by name")

    @property
    def rows(self) -> tuple[Constant | General, ...]:
        """Constants, general numbers and corrections, whatever of them a model uses."""
        corrections = (row for term in self.terms.values() for row in term.values())
        return (*self.constants.values(), *self.general.values(), *corrections)

    @property
    def offered(self) -> tuple[str, ...]:
        """Corrections that the set has numbers for; that for loading is one number of the whole set."""
        return (*self.terms, *(["loading"] if "alstad" in self.general else []))

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of all sources that the constants rest on; ``cited(rows)`` for any other choice."""
        return cited(self.constants.values())

    def used(
        self, elements: Iterable[str], terms: Collection[str] = ()
    ) -> tuple[Constant | General, ...]:
        """What a calculation for ``elements`` with those corrections rests on."""
        symbols = [symbol for symbol in elements if symbol in self.constants]
        rows: list[Constant | General] = [self.constants[symbol] for symbol in symbols]
        for term in terms:
            known = self.terms.get(term, {})
            rows += [known[symbol] for symbol in symbols if symbol in known]
        of_terms = {name: term for term, names in TERM_GENERALS.items() for name in names}
        return (
            *rows,
            *(
                number
                for name, number in self.general.items()
                if name not in of_terms or of_terms[name] in terms
            ),
        )

    def column(
        self, name: str, unit: str, elements: Sequence[str], term: str | None = None
    ) -> tuple[float, ...]:
        """Numbers of ``elements``, in that order, from the constants or from one term.

        DataError if the set has no such column or term, if the column is not in ``unit``, and for
        every element without a number.
        """
        if term is not None:
            self._known("term", term, self.terms)
        self._known("units", name, self.units)
        self._unit(f"units.{name}", self.units[name], unit)
        kind = "constant" if term is None else f"term.{term}"
        rows = self.constants if term is None else self.terms[term]
        having = {symbol: row.numbers[name] for symbol, row in rows.items() if name in row.numbers}
        then = "leave the element out, or use a set that has it"
        faults = [
            self._missing(f"{kind}, {name}", symbol, having, then)
            for symbol in elements
            if symbol not in having
        ]
        if faults:
            raise DataError(faults)
        return tuple(having[symbol] for symbol in elements)

    def general_value(self, name: str, unit: str) -> float:
        """A number of the whole set; DataError if there is none, or it is not in ``unit``."""
        self._known("general", name, self.general)
        self._unit(f"general.{name}", self.general[name].unit, unit)
        return self.general[name].value

    def _known(self, where: str, name: str, known: Collection[str]) -> None:
        if name not in known:
            then = f"use a set that has it; the model {self.model} asks for it"
            raise DataError(self._missing(where, name, known, then))

    def _missing(self, where: str, name: str, known: Collection[str], then: str) -> Fault:
        expected = "one of: " + ", ".join(known) if known else "nothing, since the set has none"
        where = f"parameter set {self.name}, {where}"
        return Fault(where, quoted(name), expected, nearest(name, known), then)

    def _unit(self, where: str, found: str, unit: str) -> None:
        if found != unit:
            then = f"convert the numbers to the unit that the model {self.model} computes in"
            where = f"parameter set {self.name}, {where}"
            raise DataError(Fault(where, quoted(found), quoted(unit), next=then))


def parameter_set(name: str) -> ParameterSet:
    """The shipped parameter set of exactly that name, or that of a file ``*.toml``; else DataError."""
    if name.endswith(SET_FILE):
        return replace(read_parameter_set(Path(name)), file=name)
    return _shipped_set(name)


@cache
def _shipped_set(name: str) -> ParameterSet:
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
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(Fault(str(path), str(error), "TOML", next=FORMAT)) from None
    except OSError as error:
        read = error.strerror or str(error)
        raise DataError(Fault(str(path), read, "a file of a parameter set")) from None
    reader = _SetReader(Faults(path), entry)
    found = reader.parameter_set(path.name.removesuffix(".toml"))
    reader.faults.done()
    return found


class _SetReader:
    """Reads one parameter set; see ``data/equilibrium/README.md`` for the format."""

    SET = (
        *("name", "model", "extractant", "medium", "title", "description", "status"),
        *("units", "defaults", "valid", "constant", "general", "term"),
    )
    RESTS = ("basis", "confidence", "source", "rests_on", "note")
    ROW = ("element", "uncertainty", *RESTS)
    GENERAL = ("value", "unit", *RESTS)

    def __init__(self, faults: Faults, entry: dict[str, Any]) -> None:
        self.faults = faults
        self.entry = entry
        self.valid = faults.table("valid", entry.get("valid", {}))
        self.units = self._units()
        self.defaults = self._defaults()

    def parameter_set(self, stem: str) -> ParameterSet:
        """The set as the file says it; its faults stand in ``faults``."""
        entry, faults = self.entry, self.faults
        self._only(entry, self.SET, "")
        constants = self._constants()
        terms = self._terms(tuple(constants))
        self._no_idle_column([constants, *terms.values()])
        return ParameterSet(
            name=faults.one_of("name", entry.get("name"), (stem,)),
            model=faults.text("model", entry.get("model")),
            extractant=faults.one_of("extractant", entry.get("extractant"), extractants()),
            medium=faults.text("medium", entry.get("medium")),
            title=faults.text("title", entry.get("title")),
            description=faults.text("description", entry.get("description")),
            status=faults.one_of("status", entry.get("status"), STATUSES),
            units=MappingProxyType(self.units),
            constants=MappingProxyType(constants),
            general=MappingProxyType(self._generals()),
            terms=MappingProxyType(terms),
            valid=MappingProxyType(self._valid()),
            valid_note=str(self.valid.get("note", "")),
        )

    def _only(self, entry: Mapping[str, Any], known: Iterable[str], where: str) -> None:
        for name in entry:
            self.faults.one_of(where + name, name, known)

    # --- columns

    def _units(self) -> dict[str, str]:
        units = self.faults.table("units", self.entry.get("units", {}))
        for name in set(units) & set(self.ROW):
            self.faults.add(f"units.{name}", quoted(name), "a name that is no key of every row")
        return {name: self.faults.text(f"units.{name}", unit) for name, unit in units.items()}

    def _defaults(self) -> dict[str, float]:
        defaults = self.faults.table("defaults", self.entry.get("defaults", {}))
        self._only(defaults, self.units, "defaults.")
        return {name: self.faults.number(f"defaults.{name}", it) for name, it in defaults.items()}

    def _no_idle_column(self, groups: Iterable[Mapping[str, Constant]]) -> None:
        used = {name for rows in groups for row in rows.values() for name in row.numbers}
        for name in self.units.keys() - used:
            self.faults.add(f"units.{name}", "a column that no row has", "a column with numbers")

    # --- rows

    def _constants(self) -> dict[str, Constant]:
        found = self._rows("constant", self.entry.get("constant"), self.defaults, SYMBOLS)
        if not found:
            self.faults.add("constant", "nothing", "one [[constant]] table per element")
        return found

    def _terms(self, elements: tuple[str, ...]) -> dict[str, Mapping[str, Constant]]:
        terms = self.faults.table("term", self.entry.get("term", {}))
        self._only(terms, TERMS, "term.")
        return {
            name: MappingProxyType(self._rows(f"term.{name}", rows, {}, elements))
            for name, rows in terms.items()
        }

    def _rows(
        self, kind: str, entries: Any, defaults: Mapping[str, float], known: tuple[str, ...]
    ) -> dict[str, Constant]:
        """Rows by element, in the order of atomic numbers."""
        if not isinstance(entries, list):
            if entries is not None:
                self.faults.add(kind, shown(entries), f"one [[{kind}]] table per element")
            return {}
        found: dict[str, Constant] = {}
        for number, entry in enumerate(entries, start=1):
            entry = self.faults.table(f"{kind} {number}", entry)
            where = f"{kind} {number} ({entry.get('element', '?')})"
            row = self._row(where, entry, defaults, known)
            if row.element in found:
                where = f"{kind} {number}, element"
                self.faults.add(where, quoted(row.element), "each element once")
            found[row.element] = row
        return {symbol: found[symbol] for symbol in SYMBOLS if symbol in found}

    def _row(
        self,
        where: str,
        entry: Mapping[str, Any],
        defaults: Mapping[str, float],
        known: tuple[str, ...],
    ) -> Constant:
        self._only(entry, (*self.ROW, *self.units), f"{where}, ")
        own = {
            name: self.faults.number(f"{where}, {name}", entry[name])
            for name in self.units
            if name in entry
        }
        if not own:
            self.faults.add(where, "no number", "one of: " + ", ".join(self.units))
        numbers = {**defaults, **own}
        return Constant(
            element=self.faults.one_of(f"{where}, element", entry.get("element"), known),
            numbers=MappingProxyType({it: numbers[it] for it in self.units if it in numbers}),
            uncertainty=self._uncertainty(where, entry),
            **self._rests(where, entry),
        )

    def _uncertainty(self, where: str, entry: Mapping[str, Any]) -> float:
        """A number, or nan where the note says why there is none."""
        if "uncertainty" not in entry and "uncertainty" in str(entry.get("note", "")):
            return math.nan
        if "uncertainty" not in entry:
            expected = 'a number, or a note such as "uncertainty not stated"'
            self.faults.add(f"{where}, uncertainty", "nothing", expected)
            return math.nan
        return self.faults.number(f"{where}, uncertainty", entry["uncertainty"])

    def _generals(self) -> dict[str, General]:
        entries = self.faults.table("general", self.entry.get("general", {}))
        return {name: self._general(name, entry) for name, entry in entries.items()}

    def _general(self, name: str, entry: Any) -> General:
        where, faults = f"general.{name}", self.faults
        entry = faults.table(where, entry)
        self._only(entry, self.GENERAL, f"{where}, ")
        return General(
            name=name,
            value=faults.number(f"{where}, value", entry.get("value")),
            unit=faults.text(f"{where}, unit", entry.get("unit")),
            **self._rests(where, entry),
        )

    def _rests(self, where: str, entry: Mapping[str, Any]) -> dict[str, Any]:
        """What constants and general numbers have in common."""
        faults = self.faults
        basis = faults.one_of(f"{where}, basis", entry.get("basis"), BASES)
        key = faults.key(f"{where}, source", entry.get("source"))
        return {
            "basis": basis,
            "confidence": faults.one_of(
                f"{where}, confidence", entry.get("confidence"), CONFIDENCES
            ),
            "source": key,
            "rests_on": faults.rests_on(where, basis, key, entry.get("rests_on", ())),
            "note": str(entry.get("note", "")),
        }

    # --- ranges

    def _valid(self) -> dict[str, Range]:
        ranges = {name: r for name, r in self.valid.items() if name != "note"}
        self._only(ranges, VALID, "valid.")
        return {
            name: self._range(f"valid.{name}", entry, VALID[name])
            for name, entry in ranges.items()
            if name in VALID
        }

    def _range(self, where: str, entry: Any, unit: str) -> Range:
        entry = self.faults.table(where, entry)
        found = Range(
            low=self.faults.number(f"{where}.low", entry.get("low")),
            high=self.faults.number(f"{where}.high", entry.get("high")),
            unit=self.faults.one_of(f"{where}.unit", entry.get("unit"), (unit,)),
        )
        if found.low > found.high:
            self.faults.add(where, f"{found.low} to {found.high}", "low before high")
        return found
