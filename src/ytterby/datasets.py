"""Curated numbers of the literature: tables by topic and source, and parameter sets.

A number comes in only with a unit, a basis, a confidence and a source key; a file that lacks one of
them is refused as a whole, with every fault in it. See ``data/README.md`` for the file format.
"""

from __future__ import annotations

import csv
import math
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any, Protocol

from ytterby.elements import SYMBOLS
from ytterby.errors import DataError, Fault, nearest
from ytterby.quantities import parse_any, quoted
from ytterby.sources import all_sources, source

BASES: tuple[str, ...] = ("read", "derived", "recalled", "assumed")
"""What a number rests on, strongest first; `gap` marks a number known to be missing."""
CONFIDENCES: tuple[str, ...] = ("exact", "high", "medium", "low", "analogue", "none")
"""As the compiler judged it; `analogue`: an actinide, kept to stand in for a rare earth."""
KINDS: tuple[str, ...] = ("measured", "fitted", "compiled", "estimated", "missing")
"""What the numbers of a file are."""
OWN_KEYS = frozenset({"DERIVED", "GAP"})
"""Keys of rows that are nobody else's work: computed here, or known to be missing."""
STATUSES: tuple[str, ...] = ("ready", "data only")
"""`data only`: the constants are shipped, but no solver is offered for the set."""
MODELS: tuple[str, ...] = ("mass_action",)
_FORMAT = "see data/README.md for the format"
KEX_UNIT = "log10 (mol/L basis)"
"""The only unit of extraction constants: decimal logarithm, every concentration in mol/L."""


@dataclass(frozen=True)
class Topic:
    """What the rows of a topic have in common."""

    identity: tuple[str, ...]
    """Columns that tell two rows of one source apart."""
    quantities: tuple[str, ...]
    """Columns that a row is for: one at least is filled, and none in a gap."""


TOPICS: Mapping[str, Topic] = MappingProxyType(
    {
        "isotherms": Topic(("contact", "element"), ("distribution_ratio",)),
        "separation_factors": Topic(
            ("extractant", "medium", "diluent", "heavy", "light", "conditions"),
            ("separation_factor",),
        ),
        "extraction_constants": Topic(
            ("extractant", "medium", "diluent", "element", "quantity"), ("value",)
        ),
        "physical": Topic(("group", "item", "property", "conditions"), ("value", "low", "high")),
        "log_d_lines": Topic(
            ("extractant", "extractant_concentration", "element"), ("a", "m0", "distribution_ratio")
        ),
        "pitzer_chloride": Topic(("salt",), ("beta0", "beta1", "c_phi")),
        "speciation": Topic(
            ("element", "species", "phase", "reaction"),
            ("log10_k", "log10_ksp_dissolution", "dose_scale"),
        ),
        "d2ehpa_temperature": Topic(("extractant", "element"), ("slope",)),
    }
)


@dataclass(frozen=True)
class TableFile:
    """Front matter of one table file: what holds for all its rows."""

    topic: str
    source: str
    title: str
    kind: str
    """One of ``KINDS``."""
    transcribed: str
    """By whom and when."""
    note: str = ""


@dataclass(frozen=True)
class Row:
    """One line of a table: numbers with units, and what they rest on."""

    values: Mapping[str, float]
    """Numbers by column, in the units of ``units``; a column without a number is absent."""
    units: Mapping[str, str]
    labels: Mapping[str, str]
    """Text by column; "" where the source says nothing."""
    basis: str
    """One of ``BASES``, or `gap`."""
    confidence: str
    source: str
    rests_on: tuple[str, ...]
    """Sources that a derived number was computed from."""
    note: str
    file: TableFile
    line: int
    """Of the file, from 1."""


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


class Cited(Protocol):
    """What rows and constants share: a basis and the keys behind it."""

    @property
    def basis(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def rests_on(self) -> tuple[str, ...]: ...


def tables() -> tuple[str, ...]:
    """All topics that `table` knows."""
    return tuple(TOPICS)


@cache
def table(topic: str) -> tuple[Row, ...]:
    """All rows of a topic, source by source; DataError if there is no such topic."""
    _known_topic(topic)
    folder = files("ytterby") / "data" / topic
    paths = [path for path in folder.iterdir() if path.name.endswith(".csv")]
    return tuple(
        row for path in sorted(paths, key=lambda p: p.name) for row in read_rows(path, topic)
    )


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


def cited(entries: Iterable[Cited]) -> tuple[str, ...]:
    """Keys of the sources that the entries rest on, sorted; ``OWN_KEYS`` are left out."""
    keys = {key for entry in entries for key in (entry.source, *entry.rests_on)}
    return tuple(sorted(keys - OWN_KEYS, key=str.casefold))


def weakest_basis(entries: Iterable[Cited]) -> str:
    """The weakest basis among at least one entry: read, derived, recalled, assumed, then gap.

    A derived entry is as weak as the weakest source it rests on: a recalled one makes it recalled.
    """
    order = (*BASES, "gap")
    return max((basis for entry in entries for basis in _bases(entry)), key=order.index)


def _bases(entry: Cited) -> Iterator[str]:
    yield entry.basis
    if entry.basis == "derived":
        status = (source(key).read_status for key in (entry.source, *entry.rests_on))
        yield from (basis for basis in status if basis == "recalled")


# --- table files


def read_rows(path: Traversable, topic: str) -> tuple[Row, ...]:
    """Rows of one table file; DataError with every fault in it."""
    reader = _TableReader(path, topic, _known_topic(topic))
    rows = tuple(reader.rows())
    reader.faults.done()
    return rows


def _known_topic(topic: str) -> Topic:
    if topic in TOPICS:
        return TOPICS[topic]
    raise DataError(
        Fault(
            where="table",
            read=quoted(topic),
            expected="one of: " + ", ".join(TOPICS),
            nearest=nearest(topic, TOPICS),
            next="list all topics with ytterby.datasets.tables()",
        )
    )


class _Faults:
    """Collects the faults of one file; what it checks comes back unchanged."""

    def __init__(self, path: Traversable) -> None:
        self.path = path
        self.found: list[Fault] = []
        self.keys = tuple(entry.key for entry in all_sources())

    def add(
        self, where: str, read: str, expected: str, close: str = "", then: str = _FORMAT
    ) -> None:
        self.found.append(Fault(f"{self.path}, {where}", read, expected, close, then))

    def done(self) -> None:
        if self.found:
            raise DataError(self.found)

    def one_of(self, where: str, value: Any, known: Iterable[str]) -> str:
        known = tuple(known)
        if value not in known:
            close = nearest(value, known) if isinstance(value, str) else ""
            self.add(where, _shown(value), "one of: " + ", ".join(known), close)
        return str(value)

    def text(self, where: str, value: Any) -> str:
        if not isinstance(value, str) or not value.strip():
            self.add(where, _shown(value), "text")
        return str(value)

    def table(self, where: str, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            self.add(where, _shown(value), "a table")
            return {}
        return value

    def number(self, where: str, value: Any) -> float:
        """A finite number; text (a cell) or a TOML number, but not true or false."""
        try:
            number = math.nan if isinstance(value, bool) else float(value)
        except (TypeError, ValueError):
            number = math.nan
        if not math.isfinite(number):
            self.add(where, _shown(value), "a finite number")
        return number

    def key(self, where: str, value: Any) -> str:
        if value not in self.keys:
            close = nearest(value, self.keys) if isinstance(value, str) else ""
            then = "add the source to the bibliography, or correct the key"
            self.add(where, _shown(value), "a source key of data/sources.toml", close, then)
        return str(value)

    def rests_on(
        self, where: str, basis: str, source_key: str, keys: Iterable[Any]
    ) -> tuple[str, ...]:
        """Keys behind a derived number; nothing else has any."""
        column = f"{where}, rests_on"
        rests_on = tuple(self.key(column, key) for key in keys)
        if basis == "derived" and not rests_on:
            self.add(column, "nothing", "the source keys that it was derived from")
        if basis != "derived" and rests_on:
            self.add(column, quoted(rests_on), "nothing, since the basis is not derived")
        for own in set(rests_on) & OWN_KEYS:
            self.add(column, quoted(own), "keys of sources, not of this data set itself")
        if source_key == "DERIVED" and basis != "derived":
            self.add(f"{where}, basis", quoted(basis), "derived, since the source is DERIVED")
        return rests_on


def _shown(value: Any) -> str:
    return "nothing" if value in (None, "") else quoted(value)


class _TableReader:
    """Reads one table file; see ``data/README.md`` for the format."""

    FRONT = ("title", "source", "kind", "transcribed", "note", "units", "common")
    OWN = ("basis", "confidence", "rests_on", "note", "unit")
    """Columns of every topic; all others are numbers with a unit, or labels."""

    def __init__(self, path: Traversable, name: str, topic: Topic) -> None:
        self.path, self.topic = path, topic
        self.faults = _Faults(path)
        lines = path.read_text(encoding="utf-8").splitlines()
        self.start = next((i for i, line in enumerate(lines) if line[:1] != "#"), len(lines))
        front = self._front(lines[: self.start])
        self.units: dict[str, str] = self.faults.table("units", front.get("units", {}))
        common = self.faults.table("common", front.get("common", {}))
        self.common = {column: str(cell) for column, cell in common.items()}
        self.body = lines[self.start :]
        self.file = self._file(name, front)

    def _front(self, lines: list[str]) -> dict[str, Any]:
        try:
            return tomllib.loads("\n".join(line[1:].removeprefix(" ") for line in lines))
        except tomllib.TOMLDecodeError as error:
            where = f"{self.path}, front matter"
            raise DataError(Fault(where, str(error), "TOML", next=_FORMAT)) from None

    def _file(self, topic: str, front: dict[str, Any]) -> TableFile:
        for name in front:
            self.faults.one_of(f"front matter, {name}", name, self.FRONT)
        for column, unit in self.units.items():
            self.faults.text(f"front matter, units.{column}", unit)
        stem = self.path.name.removesuffix(".csv")
        key = self.faults.key("front matter, source", front.get("source"))
        if key in self.faults.keys and key != stem:
            self.faults.add("front matter, source", quoted(key), f"{stem}, as the file is called")
        who = self.faults.table("front matter, transcribed", front.get("transcribed", {}))
        by = " ".join(str(who[name]) for name in ("by", "date") if name in who)
        return TableFile(
            topic=topic,
            source=key,
            title=self.faults.text("front matter, title", front.get("title")),
            kind=self.faults.one_of("front matter, kind", front.get("kind"), KINDS),
            transcribed=self.faults.text("front matter, transcribed", by),
            note=front.get("note", ""),
        )

    def rows(self) -> Iterator[Row]:
        """Each line as a row; the faults of the file stand in ``faults`` afterwards."""
        lines = csv.reader(self.body)
        header = next(lines, [])
        if not self._header_is_sound(header):
            return
        seen: dict[tuple[str, ...], int] = {}
        for cells in lines:
            line = self.start + lines.line_num
            if len(cells) != len(header):
                self.faults.add(f"line {line}", f"{len(cells)} cells", f"{len(header)} cells")
                continue
            row = self.common | dict(zip(header, cells, strict=True))
            identity = tuple(row.get(column, "") for column in self.topic.identity)
            if identity in seen:
                read = quoted(", ".join(filter(None, identity)), 200)
                columns = ", ".join(self.topic.identity)
                self.faults.add(
                    f"line {line}, {columns}",
                    f"{read} as in line {seen[identity]}",
                    "each key once",
                )
            seen[identity] = line
            yield self._row(row, line)

    def _header_is_sound(self, header: list[str]) -> bool:
        columns = [*self.common, *header]
        where, before = f"line {self.start + 1}", len(self.faults.found)
        for column in sorted({column for column in columns if columns.count(column) > 1}):
            self.faults.add(f"{where}, {column}", "a column twice", "each column once")
        needed = {"basis", "confidence", *self.units}
        if "row" in self.units.values():
            needed.add("unit")
        for column in sorted(needed - set(columns)):
            self.faults.add(f"{where}, {column}", "no such column", "a column of that name")
        return len(self.faults.found) == before

    def _row(self, cells: dict[str, str], line: int) -> Row:
        where = f"line {line}"
        values = {
            column: self.faults.number(f"{where}, {column}", cells[column])
            for column in self.units
            if cells[column]
        }
        basis = self.faults.one_of(f"{where}, basis", cells["basis"], (*BASES, "gap"))
        self._check_filled(where, basis, values)
        keys = [key.strip() for key in cells.get("rests_on", "").split(";") if key.strip()]
        return Row(
            values=MappingProxyType(values),
            units=MappingProxyType(self._units(where, cells)),
            labels=MappingProxyType(self._labels(where, cells)),
            basis=basis,
            confidence=self.faults.one_of(f"{where}, confidence", cells["confidence"], CONFIDENCES),
            source=self.file.source,
            rests_on=self.faults.rests_on(where, basis, self.file.source, keys),
            note=cells.get("note", ""),
            file=self.file,
            line=line,
        )

    def _check_filled(self, where: str, basis: str, values: Mapping[str, float]) -> None:
        filled = [column for column in self.topic.quantities if column in values]
        columns = ", ".join(self.topic.quantities)
        if filled and basis == "gap":
            self.faults.add(f"{where}, {filled[0]}", "a number", "none, since the basis is gap")
        if not filled and basis != "gap":
            self.faults.add(f"{where}, {columns}", "nothing", "a number, or the basis gap")

    def _units(self, where: str, cells: Mapping[str, str]) -> dict[str, str]:
        units = {c: cells["unit"] if unit == "row" else unit for c, unit in self.units.items()}
        if not all(units.values()):
            self.faults.add(f"{where}, unit", "nothing", 'the unit of the row ("1" if it has none)')
        return units

    def _labels(self, where: str, cells: Mapping[str, str]) -> dict[str, str]:
        labels = {
            column: cell
            for column, cell in cells.items()
            if column not in self.units and column not in self.OWN
        }
        for column, cell in labels.items():
            if _is_number(cell):
                self.faults.add(
                    f"{where}, {column}",
                    f"{quoted(cell)} (a number without unit)",
                    "text, or a column with a unit in the front matter",
                )
        return labels


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


# --- parameter sets


def _set_paths() -> list[Traversable]:
    folder = files("ytterby") / "data" / "equilibrium"
    paths = [path for path in folder.iterdir() if path.name.endswith(".toml")]
    return sorted(paths, key=lambda path: path.name)


def read_parameter_set(path: Traversable) -> ParameterSet:
    """The parameter set of one TOML file; DataError with every fault in it."""
    try:
        entry = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise DataError(Fault(str(path), str(error), "TOML", next=_FORMAT)) from None
    reader = _SetReader(_Faults(path), entry)
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

    def __init__(self, faults: _Faults, entry: dict[str, Any]) -> None:
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
            model=faults.one_of("model", entry.get("model"), MODELS),
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
