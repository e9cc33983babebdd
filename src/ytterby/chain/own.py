"""Facilities, lines and evidence of the user's own, put to or in the place of those of a network.

What comes in are rows of a table whose cells are text, with the place of each cell for messages; where the
table lay is no business of this room. Nothing is repaired: every faulty cell of all rows is told at once.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from ytterby.chain.catalogue import STATUSES
from ytterby.chain.evidence import KINDS, Evidence
from ytterby.chain.months import month
from ytterby.chain.network import Cited, Facility, Line, Network, Range
from ytterby.datasets.basis import BASES, CONFIDENCES
from ytterby.errors import DataError, Fault, nearest
from ytterby.quantities import quoted

FACILITY_COLUMNS: Mapping[str, str] = {
    "facility": "key by which everything names it",
    "title": "name as people say it",
    "owner": "who owns it",
    "owner_key": "the owner in one word, for rules on owners",
    "country": "ISO 3166 alpha-3, such as FRA",
    "latitude": "degrees north",
    "longitude": "degrees east",
    "site": "shared by the facilities of one site",
    "status": "operating, commissioning, construction, announced, ...",
    "offtakes": "known customers, in words",
    "line": "name of the line; left out, its stage",
    "stage": "what the line does",
    "recipes": "what it can run, separated by ;",
    "low": "low end of the capacity [t/year]",
    "capacity": "of what its recipes are counted per [t/year]",
    "high": "high end of the capacity [t/year]",
    "starts": "month, such as 2027-03",
    "ends": "first month in which it no longer runs",
    "source": "what the row rests on",
    "basis": "read, derived, recalled or assumed",
    "confidence": "how far it is trusted",
    "note": "anything else",
}
"""Columns of a table of facilities, one row per line, and what they hold."""
EVIDENCE_COLUMNS: Mapping[str, str] = {
    "facility": "key of a facility",
    "stage": "stage or line of the facility",
    "kind": "announced, financed, built, produced, reproducible or qualified",
    "date": "month, such as 2026-03; empty if not known",
    "what": "what was shown",
    "customer_class": "who accepted it, of kind qualified",
    "material": "which product it is about; empty: all of the stage",
    "source": "what the row rests on",
    "basis": "read, derived, recalled or assumed",
    "confidence": "how far it is trusted",
    "note": "anything else",
}
"""Columns of a table of evidence, one row per finding, and what they hold."""
LINE_COLUMNS: tuple[str, ...] = ("stage", "recipes", "low", "capacity", "high", "starts", "ends")

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_KEY = re.compile(r"[A-Za-z0-9_-]+")
_COUNTRY = re.compile(r"[A-Z]{3}")

Thing = TypeVar("Thing")


@dataclass(frozen=True)
class OwnRow:
    """One row of the user's table."""

    cells: Mapping[str, str]
    """Text by column; columns that the table lacks are absent, empty cells are ""."""
    place: Callable[[str], str]
    """Where a cell stands, by its column, for messages."""

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


def with_own(network: Network, rows: Iterable[OwnRow]) -> Network:
    """The network with the facilities and lines of the rows; DataError with every faulty cell.

    Cells of a facility that the network has replace what it says, empty ones keep it. A line that the network
    has is replaced as a whole. Rows without line and stage say something of the facility only.
    """
    reader = _Facilities(network)
    for row in rows:
        reader.read(row)
    reader.done()
    return Network(network.materials, network.recipes, reader.facilities, reader.lines)


def own_evidence(network: Network, rows: Iterable[OwnRow]) -> tuple[Evidence, ...]:
    """Evidence of the rows, in their order; DataError with every faulty cell."""
    reader = _Reader()
    seen: dict[Evidence, OwnRow] = {}
    for row in rows:
        found = _evidence(reader, network, row)
        if found in seen:
            first = seen[found].place("facility")
            reader.add(row, "facility", f"the same row as {first}", "each row once", "remove one")
        seen.setdefault(found, row)
    reader.done()
    return tuple(seen)


@dataclass
class _Reader:
    """Understands cells; what is wrong with them stands in ``faults``."""

    faults: list[Fault] = field(default_factory=list)

    def done(self) -> None:
        if self.faults:
            raise DataError(self.faults)

    def add(
        self, row: OwnRow, column: str, read: str, expected: str, then: str = "", close: str = ""
    ) -> None:
        self.faults.append(Fault(row.place(column), read, expected, close, then))

    def needed(self, row: OwnRow, column: str, what: str) -> str:
        if not row[column]:
            self.add(row, column, "nothing", what)
        return row[column]

    def known(self, row: OwnRow, column: str, name: str, names: Collection[str], what: str) -> bool:
        if name in names:
            return True
        self.add(row, column, quoted(name), what, close=nearest(name, names))
        return False

    def one_of(self, row: OwnRow, column: str, names: Collection[str], other: str = "") -> str:
        """One of the names; ``other`` where the cell is empty."""
        if text := row[column]:
            self.known(row, column, text, names, "one of: " + ", ".join(names))
        return text or other

    def number(self, row: OwnRow, column: str, low: float, high: float, what: str) -> float | None:
        """A number between two ends; None if the cell is empty or faulty."""
        if not (text := row[column]):
            return None
        value = float(text) if _NUMBER.fullmatch(text) else math.nan
        if math.isfinite(value) and low <= value <= high:
            return value
        self.add(row, column, quoted(text), what)
        return None

    def month(self, row: OwnRow, column: str) -> int | None:
        """A month; None if the cell is empty or faulty."""
        try:
            return month(row[column], row.place(column)) if row[column] else None
        except DataError as error:
            self.faults += error.faults
            return None

    def cited(self, row: OwnRow) -> Cited:
        return Cited(
            source=row["source"],
            basis=self.one_of(row, "basis", BASES, "assumed"),
            confidence=self.one_of(row, "confidence", CONFIDENCES, "none"),
            note=row["note"],
        )


class _Facilities(_Reader):
    """Reads rows of facilities and lines one after the other."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network
        self.facilities = dict(network.facilities)
        self.lines = dict(network.lines)
        self.stages = tuple(dict.fromkeys(it.stage for it in network.recipes.values()))
        self.said: dict[tuple[str, str], OwnRow] = {}
        """First row that fills a cell of a facility, by facility and column."""
        self.read_lines: dict[tuple[str, str], OwnRow] = {}
        self.met: set[str] = set()
        """Facilities of rows so far, faulty ones among them."""

    def read(self, row: OwnRow) -> None:
        name = self.needed(row, "facility", "the key of a facility")
        if name and not _KEY.fullmatch(name):
            self.add(row, "facility", quoted(name), "letters, digits, _ and - only")
        before = len(self.faults)
        cited = self.cited(row)
        facility = self._facility(row, name, cited)
        line = self._line(row, name, cited) if self._has_line(row) else None
        if name and len(self.faults) == before:
            self.facilities[name] = facility
            if line is not None:
                self.lines[line.key] = line

    # Of the facility

    def _facility(self, row: OwnRow, name: str, cited: Cited) -> Facility:
        first = name not in self.facilities and name not in self.met
        self.met.add(name)
        if first:
            self.needed(row, "country", "a country, ISO 3166 alpha-3")
            self.needed(row, "status", "one of: " + ", ".join(STATUSES))
        self._agrees(row, name)
        if row["country"] and not _COUNTRY.fullmatch(row["country"]):
            self.add(row, "country", quoted(row["country"]), "three capital letters, such as FRA")
        owner = row["owner"]
        known = self.facilities.get(name) or Facility(
            name, name, owner, "", row["country"], None, None, row["status"]
        )
        latitude = self.number(row, "latitude", -90.0, 90.0, "degrees north, -90 to 90")
        longitude = self.number(row, "longitude", -180.0, 180.0, "degrees east, -180 to 180")
        return replace(
            known,
            title=row["title"] or known.title,
            owner=owner or known.owner,
            owner_key=row["owner_key"] or (_in_one_word(owner) if owner else known.owner_key),
            country=row["country"] or known.country,
            latitude=known.latitude if latitude is None else latitude,
            longitude=known.longitude if longitude is None else longitude,
            status=self.one_of(row, "status", STATUSES, known.status),
            site=row["site"] or known.site,
            offtakes=row["offtakes"] or known.offtakes,
            cited=cited if first or self._says_something(row) else known.cited,
        )

    def _agrees(self, row: OwnRow, name: str) -> None:
        """Rows of one facility must not contradict each other."""
        for column in _OF_FACILITY:
            if not row[column]:
                continue
            first = self.said.setdefault((name, column), row)
            if first[column] != row[column]:
                expected = f"{quoted(first[column])} as in {first.place(column)}"
                then = "say it once, or alike in every row of the facility"
                self.add(row, column, quoted(row[column]), expected, then)

    @staticmethod
    def _says_something(row: OwnRow) -> bool:
        return any(row[column] for column in _OF_FACILITY)

    # Of the line

    @staticmethod
    def _has_line(row: OwnRow) -> bool:
        return any(row[column] for column in ("line", *LINE_COLUMNS))

    def _line(self, row: OwnRow, facility: str, cited: Cited) -> Line:
        stage = self.needed(row, "stage", "one of: " + ", ".join(self.stages))
        if stage:
            self.known(row, "stage", stage, self.stages, "one of: " + ", ".join(self.stages))
        key = facility, row["line"] or stage
        if (first := self.read_lines.setdefault(key, row)) is not row:
            column = "line" if row["line"] else "stage"
            expected = "each line of a facility once"
            then = "give the second line of a stage a name of its own"
            self.add(row, column, f"{quoted(key[1])} as in {first.place(column)}", expected, then)
        starts, ends = self.month(row, "starts"), self.month(row, "ends")
        if starts is not None and ends is not None and ends <= starts:
            self.add(row, "ends", quoted(row["ends"]), f"a month after {row['starts']}")
        return Line(
            facility, key[1], stage, self._recipes(row, stage), self._capacity(row), starts, ends,
            cited,
        )  # fmt: skip

    def _recipes(self, row: OwnRow, stage: str) -> tuple[str, ...]:
        own = {it.name for it in self.network.recipes.values() if it.stage == stage}
        if not self.needed(row, "recipes", f"recipes of {stage}" if own else "recipes"):
            return ()
        names = tuple(filter(None, (part.strip() for part in row["recipes"].split(";"))))
        for name in names:
            if self.known(row, "recipes", name, self.network.recipes, "a recipe") and own:
                self.known(row, "recipes", name, own, f"a recipe of {stage}")
        return names

    def _capacity(self, row: OwnRow) -> Range | None:
        """The stated range; both ends are the capacity where none are given."""
        what = "tonnes a year, zero or more"
        low, value, high = (
            self.number(row, column, 0.0, math.inf, what) for column in ("low", "capacity", "high")
        )
        if value is None:
            if not row["capacity"] and (row["low"] or row["high"]):
                self.add(row, "capacity", "nothing", "a capacity between the ends")
            return None
        size = Range(value if low is None else low, value, value if high is None else high)
        if not size.low <= size.value <= size.high:
            read = f"{size.low:g}, {size.value:g}, {size.high:g}"
            self.add(row, "capacity", read, "low <= capacity <= high")
        return size


_OF_FACILITY: tuple[str, ...] = (
    "title",
    "owner",
    "owner_key",
    "country",
    "latitude",
    "longitude",
    "site",
    "status",
    "offtakes",
)


def _evidence(reader: _Reader, network: Network, row: OwnRow) -> Evidence:
    facility = reader.needed(row, "facility", "a facility")
    if facility:
        reader.known(row, "facility", facility, network.facilities, "a facility of the network")
    if stage := reader.needed(row, "stage", "a stage"):
        stages = dict.fromkeys(it.stage for it in network.recipes.values())
        own = [it.name for it in network.lines.values() if it.facility == facility]
        expected = "one of: " + ", ".join(names := dict.fromkeys((*stages, *own)))
        reader.known(row, "stage", stage, names, expected)
    reader.needed(row, "kind", "one of: " + ", ".join(KINDS))
    if row["material"]:
        reader.known(row, "material", row["material"], network.materials, "a material of the chain")
    if row["customer_class"] and row["kind"] in KINDS and row["kind"] != "qualified":
        read = f"{quoted(row['customer_class'])} of a row of kind {row['kind']}"
        reader.add(row, "customer_class", read, "a class of customers only where kind is qualified")
    return Evidence(
        facility=facility,
        stage=stage,
        kind=reader.one_of(row, "kind", KINDS),
        month=reader.month(row, "date"),
        what=reader.needed(row, "what", "what was shown"),
        customer_class=row["customer_class"],
        material=row["material"],
        cited=reader.cited(row),
    )


def _in_one_word(owner: str) -> str:
    return re.sub(r"\W+", "_", owner.strip().casefold()).strip("_")
