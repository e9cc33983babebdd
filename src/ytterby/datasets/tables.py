"""Curated tables: one CSV file per topic and source."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any

from ytterby.datasets.basis import BASES, CONFIDENCES, KINDS
from ytterby.datasets.faults import FORMAT, Faults
from ytterby.elements import RARE_EARTHS
from ytterby.errors import DataError, Fault, nearest
from ytterby.quantities import quoted


@dataclass(frozen=True)
class Topic:
    """What the rows of a topic have in common."""

    identity: tuple[str, ...]
    """Columns that tell two rows of one source apart."""
    quantities: tuple[str, ...]
    """Columns that a row is for: one at least is filled, and none in a gap."""
    names: tuple[str, ...] = ()
    """Columns of names that may look like numbers, such as a grade called 99.5."""


FEED_QUANTITIES: tuple[str, ...] = (
    *(f"share_{symbol}" for symbol in RARE_EARTHS),
    *(f"{group}_{kind}_low" for kind in ("share", "metal") for group in ("ndpr", "dytb")),
    *(f"metal_{symbol}" for symbol in RARE_EARTHS),
    "treo",
)
"""What a feed may be known by: its oxides, its metals, ranges of the magnet metals, or TREO."""
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
        "costs": Topic(("item",), ("value",)),
        "oxide_prices": Topic(("oxide", "date", "market"), ("price",)),
        "d2ehpa_temperature": Topic(("extractant", "element"), ("slope",)),
        "feeds": Topic(("name",), FEED_QUANTITIES),
        "unit_operations": Topic(("step", "scope", "parameter"), ("value", "low", "high", "text")),
        "downstream": Topic(("step", "scope", "parameter"), ("value", "low", "high", "text")),
        "products": Topic(
            ("product", "grade", "analyte"), ("value", "low", "high", "text"), names=("grade",)
        ),
        "impacts": Topic(
            ("step", "scope", "functional_unit", "parameter"), ("value", "low", "high", "text")
        ),
        "emission_factors": Topic(("step", "scope", "parameter"), ("value", "low", "high")),
        "partial_volumes": Topic(("species",), ("value",)),
        "hydroxides": Topic(("species",), ("log10_k", "enthalpy")),
        "sit_coefficients": Topic(("first", "second"), ("epsilon",)),
        "chain_elements": Topic(("element",), ("text",)),
        "chain_materials": Topic(("material",), ("text",)),
        "chain_recipes": Topic(("recipe", "direction", "material"), ("value", "text")),
        "chain_leads": Topic(("stage",), ("value", "text")),
        "chain_times": Topic(("what", "for"), ("items",)),
        "logistics": Topic(("item",), ("low", "high")),
        "magnet_demand": Topic(
            ("region", "period", "metric", "scenario", "end_use", "source"),
            ("value",),
            names=("period",),
        ),
        "production": Topic(
            ("entity", "period", "metric", "stage", "scope", "source"),
            ("value",),
            names=("period",),
        ),
        "market_prices": Topic(
            ("date", "frequency", "product", "market", "source"), ("price",), names=("date",)
        ),
        "magnet_exports": Topic(("period", "destination", "goods"), ("tonnes",)),
        "trade": Topic(("year", "exporter", "importer", "goods"), ("tonnes",), names=("goods",)),
        "project_history": Topic(
            ("project", "measure", "stated", "source"), ("value", "text"), names=("stated",)
        ),
        "base_rates": Topic(("population", "metric"), ("value",)),
        "facilities": Topic(
            ("facility",),
            ("title",),
            names=("start_announced", "start_actual", "announced_capacity"),
        ),
        "chain_lines": Topic(("facility", "line"), ("stage",), names=("starts", "ends")),
        "chain_evidence": Topic(
            ("facility", "stage", "kind", "date", "customer_class", "material", "what"),
            ("what",),
            names=("date",),
        ),
        "contracts": Topic(("contract",), ("type",), names=("date", "ends", "tenor")),
        "evidence_weights": Topic(("grade",), ("weight",)),
        "ramps": Topic(("stage", "item", "months"), ("share",)),
        "stage_totals": Topic(("country", "line"), ("facts",)),
        "actor_chains": Topic(("chain", "stage"), ("facilities", "owners", "countries")),
        "chain_events": Topic(("event",), ("title",), names=("date",)),
        "policy_events": Topic(("date", "jurisdiction", "event"), ("event",), names=("date",)),
        "price_premiums": Topic(("product", "date"), ("inside", "outside"), names=("date",)),
        "benchmarks": Topic(("benchmark",), ("share",)),
        "regions": Topic(("region", "country"), ("title",)),
        "contract_quantities": Topic(("contract", "material"), ("tonnes",)),
        "plant_recipes": Topic(("facility",), ("recipe",)),
        "unit_values": Topic(("of",), ("value",)),
    }
)


@dataclass(frozen=True)
class TableFile:
    """Front matter of one table file: what holds for all its rows."""

    topic: str
    name: str
    """As the file is called, without its ending."""
    source: str
    """A source key; empty where every row names its own."""
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
    also: tuple[str, ...] = ()
    """Further sources that the compiler found the same number, or one end of its range, in."""


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


class _TableReader:
    """Reads one table file; see ``data/README.md`` for the format."""

    FRONT = ("title", "source", "kind", "transcribed", "note", "units", "common")
    OWN = ("basis", "confidence", "rests_on", "note", "unit", "source", "also")
    """Columns of every topic; all others are numbers with a unit, or labels."""

    def __init__(self, path: Traversable, name: str, topic: Topic) -> None:
        self.path, self.topic = path, topic
        self.faults = Faults(path)
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
            raise DataError(Fault(where, str(error), "TOML", next=FORMAT)) from None

    def _file(self, topic: str, front: dict[str, Any]) -> TableFile:
        for name in front:
            self.faults.one_of(f"front matter, {name}", name, self.FRONT)
        for column, unit in self.units.items():
            self.faults.text(f"front matter, units.{column}", unit)
        stem = self.path.name.removesuffix(".csv")
        self.by_row = front.get("source") == "row"
        key = "" if self.by_row else self.faults.key("front matter, source", front.get("source"))
        if key in self.faults.keys and key != stem:
            self.faults.add("front matter, source", quoted(key), f"{stem}, as the file is called")
        who = self.faults.table("front matter, transcribed", front.get("transcribed", {}))
        by = " ".join(str(who[name]) for name in ("by", "date") if name in who)
        return TableFile(
            topic=topic,
            name=stem,
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
        if self.by_row:
            needed.add("source")
        elif "source" in columns:
            expected = 'no such column, or source = "row" in the front matter'
            self.faults.add(f"{where}, source", "a column source", expected)
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
        self._check_filled(where, basis, cells)
        source = self.file.source
        if self.by_row:
            source = self.faults.key(f"{where}, source", cells["source"])
        return Row(
            values=MappingProxyType(values),
            units=MappingProxyType(self._units(where, cells)),
            labels=MappingProxyType(self._labels(where, cells)),
            basis=basis,
            confidence=self.faults.one_of(f"{where}, confidence", cells["confidence"], CONFIDENCES),
            source=source,
            rests_on=self.faults.rests_on(where, basis, source, _keys(cells, "rests_on")),
            note=cells.get("note", ""),
            file=self.file,
            line=line,
            also=tuple(self.faults.key(f"{where}, also", key) for key in _keys(cells, "also")),
        )

    def _check_filled(self, where: str, basis: str, cells: Mapping[str, str]) -> None:
        filled = [column for column in self.topic.quantities if cells.get(column)]
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
            if _is_number(cell) and column not in self.topic.names:
                self.faults.add(
                    f"{where}, {column}",
                    f"{quoted(cell)} (a number without unit)",
                    "text, or a column with a unit in the front matter",
                )
        return labels


def _keys(cells: Mapping[str, str], column: str) -> list[str]:
    return [key.strip() for key in cells.get(column, "").split(";") if key.strip()]


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
