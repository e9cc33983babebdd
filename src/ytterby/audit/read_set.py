"""Reads a set of claims: a TOML file and the CSV of claims beside it, or a DataError with every fault."""

from __future__ import annotations

import csv
import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from ytterby.audit.claims import (
    FREE,
    GROUPS,
    STATED_AS,
    STATUSES,
    Claim,
    ClaimSet,
    Completion,
    Hypothesis,
    Quantity,
    Question,
    Range,
    Reading,
    Relation,
)
from ytterby.audit.vocabulary import PLANT, UNITS
from ytterby.datasets import BASES, CONFIDENCES
from ytterby.datasets.feeds import feeds
from ytterby.elements import RARE_EARTHS
from ytterby.errors import DataError, Fault, nearest
from ytterby.quantities import quoted
from ytterby.sources import all_sources

COLUMNS = (
    *("id", "topic", "subject", "quantity", "per", "value", "low", "high", "unit", "stated_as"),
    *("status", "as_of", "source", "basis", "confidence", "tolerance", "means", "note"),
)
FORMAT = "see data/claims/README.md for the format"
NEEDED_RANGES = (
    *("magnet_ndpr", "magnet_dytb", "magnet_nd_to_pr", "magnet_tb_of_dytb"),
    *("recovery_magnets", "recovery_concentrates"),
)
"""Unknowns that the plant's balance rests on."""


def claim_sets() -> tuple[str, ...]:
    """Names of the shipped sets of claims."""
    folder = files("ytterby") / "data" / "claims"
    names = (path.name for path in folder.iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


@cache
def shipped_set(name: str) -> ClaimSet:
    """The shipped set of that name; DataError if there is none."""
    known = claim_sets()
    if name not in known:
        expected, close = "one of: " + ", ".join(known), nearest(name, known)
        raise DataError(Fault("set of claims", quoted(name), expected, close, "name one of them"))
    return read_set(files("ytterby") / "data" / "claims", name)


def read_set(folder: Traversable, name: str) -> ClaimSet:
    """The set ``name.toml`` of a folder; DataError with all its faults."""
    return _SetReader(folder, name).set()


class _SetReader:
    """Reads one set of claims."""

    def __init__(self, folder: Traversable, name: str) -> None:
        self.folder, self.name = folder, name
        self.path = folder / f"{name}.toml"
        self.faults: list[Fault] = []
        self.keys = tuple(entry.key for entry in all_sources())
        self.feeds = tuple(it.name for it in feeds())
        self.categories = tuple(dict.fromkeys(it.category for it in feeds()))
        try:
            self.tree: dict[str, Any] = tomllib.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise DataError(Fault(str(self.path), str(error), "TOML", next=FORMAT)) from None

    def set(self) -> ClaimSet:
        quantities = {key: self._quantity(key, it) for key, it in self._tables("quantities")}
        self.known = (*PLANT, *quantities)
        self.units = {**UNITS, **{key: it.unit for key, it in quantities.items()}}
        claims = self._claims()
        found = ClaimSet(
            name=self.name,
            title=str(self.tree.get("title", "")),
            claims=claims,
            quantities=quantities,
            ranges={key: self._range(key, it) for key, it in self._tables("ranges")},
            relations={key: self._relation(key, it) for key, it in self._tables("relations")},
            readings={key: self._reading(key, it, claims) for key, it in self._tables("readings")},
            hypotheses={key: self._hypothesis(key, it) for key, it in self._tables("hypotheses")},
            completions={key: self._completion(key, it) for key, it in self._tables("feeds")},
            questions={key: self._question(key, it) for key, it in self._tables("questions")},
            first_reading=str(self.tree.get("first_reading", "")),
            without_feeds=self._names(
                "without_feeds", self.tree.get("without_feeds", []), self.feeds
            ),
        )
        for name in NEEDED_RANGES:
            if name not in found.ranges:
                self._add(f"ranges.{name}", "nothing", "the range of this unknown")
        self._one_of("first_reading", found.first_reading, found.readings)
        if FREE not in found.hypotheses:
            self._add(f"hypotheses.{FREE}", "nothing", "the widest kind of concentrates")
        if self.faults:
            raise DataError(self.faults)
        return found

    # --- what every part shares

    def _add(self, where: str, read: str, expected: str, close: str = "") -> None:
        self.faults.append(Fault(f"{self.path}, {where}", read, expected, close, FORMAT))

    def _tables(self, name: str) -> list[tuple[str, dict[str, Any]]]:
        tables = self._table(name, self.tree.get(name, {}))
        for key, entry in tables.items():
            if not isinstance(entry, dict):
                self._add(f"{name}.{key}", quoted(entry), "a table")
        return [(key, entry) for key, entry in tables.items() if isinstance(entry, dict)]

    def _table(self, where: str, read: Any) -> dict[str, Any]:
        if not isinstance(read, dict):
            self._add(where, quoted(read), "a table")
            return {}
        return read

    def _names(self, where: str, read: Any, known: Iterable[str]) -> tuple[str, ...]:
        """A list of names, each of which is known."""
        if not (isinstance(read, list) and all(isinstance(it, str) for it in read)):
            self._add(where, quoted(read), "a list of names")
            return ()
        return tuple(self._one_of(where, it, known) for it in read)

    def _one_of(self, where: str, read: str, known: Iterable[str]) -> str:
        known = tuple(known)
        if read not in known:
            self._add(where, quoted(read), "one of: " + ", ".join(known), nearest(read, known))
        return read

    def _key(self, where: str, read: str) -> str:
        if read not in self.keys:
            close = nearest(read, self.keys)
            self._add(where, quoted(read), "a source key of data/sources.toml", close)
        return read

    def _number(self, where: str, read: Any, empty: float = math.nan) -> float:
        """A finite number; ``empty`` for nothing, where that is allowed."""
        if read in (None, "") and not math.isnan(empty):
            return empty
        try:
            number = math.nan if isinstance(read, bool) else float(read)
        except (TypeError, ValueError):
            number = math.nan
        if not math.isfinite(number):
            self._add(where, quoted(read) if read != "" else "nothing", "a finite number")
        return number

    def _ends(self, where: str, read: Any) -> tuple[float, float]:
        if not (isinstance(read, list) and len(read) == 2):
            self._add(where, quoted(read), "two numbers, least and most")
            return 0.0, 1.0
        low, high = (self._number(where, it) for it in read)
        if not 0.0 <= low <= high <= 1.0:
            self._add(where, quoted(read), "two shares, the least first, from 0 to 1")
        return low, high

    # --- the parts

    def _claims(self) -> dict[str, Claim]:
        path = self.folder / str(self.tree.get("claims", f"{self.name}.csv"))
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise DataError(Fault(str(path), str(error), "a CSV of claims", next=FORMAT)) from None
        lines = csv.DictReader(text.splitlines())
        if tuple(lines.fieldnames or ()) != COLUMNS:
            read = ", ".join(lines.fieldnames or ())
            raise DataError(
                Fault(f"{path} line 1", quoted(read, 300), ", ".join(COLUMNS), next=FORMAT)
            )
        claims: dict[str, Claim] = {}
        for cells in lines:
            where = f"{path.name} line {lines.line_num}"
            if None in cells or None in cells.values():
                self._add(where, "another number of cells", f"{len(COLUMNS)} cells")
                continue
            claim = self._claim(cells, where)
            if claim.id in claims:
                self._add(f"{where}, id", quoted(claim.id), "each id once")
            claims[claim.id] = claim
        return claims

    def _claim(self, cells: Mapping[str, str], where: str) -> Claim:
        claim = Claim(
            **{
                key: cells[key]
                for key in ("id", "topic", "subject", "unit", "as_of", "tolerance", "means", "note")
            },
            quantity=self._one_of(f"{where}, quantity", cells["quantity"], self.known),
            per=self._one_of(f"{where}, per", cells["per"], ("", *self.known)),
            value=self._number(f"{where}, value", cells["value"]),
            low=self._number(f"{where}, low", cells["low"], -math.inf),
            high=self._number(f"{where}, high", cells["high"], math.inf),
            stated_as=self._one_of(f"{where}, stated_as", cells["stated_as"], STATED_AS),
            status=self._one_of(f"{where}, status", cells["status"], STATUSES),
            source=self._key(f"{where}, source", cells["source"]),
            basis=self._one_of(f"{where}, basis", cells["basis"], BASES),
            confidence=self._one_of(f"{where}, confidence", cells["confidence"], CONFIDENCES),
            where=where,
        )
        for read, expected in claim_faults(claim, self.units):
            self._add(where, read, expected)
        return claim

    def _quantity(self, name: str, entry: dict[str, Any]) -> Quantity:
        symbol = str(entry.get("element", ""))
        self._one_of(f"quantities.{name}.element", symbol, ("", *RARE_EARTHS))
        if not entry.get("unit"):
            self._add(f"quantities.{name}.unit", "nothing", 'a unit ("1" for a share)')
        others = [it for it in self.tree["quantities"] if it != name]
        parts = self._names(f"quantities.{name}.sum", entry.get("sum", []), others)
        return Quantity(
            name, str(entry.get("unit", "")), symbol, parts, str(entry.get("elsewhere", ""))
        )

    def _range(self, name: str, entry: dict[str, Any]) -> Range:
        where = f"ranges.{name}"
        low, typical, high = (
            self._number(f"{where}.{key}", entry.get(key, "")) for key in ("low", "typical", "high")
        )
        found = Range(
            name=name,
            low=low,
            typical=typical,
            high=high,
            unit=str(entry.get("unit", "")),
            says=str(entry.get("says", "")),
            source=self._key(f"{where}.source", str(entry.get("source", ""))),
            basis=self._one_of(f"{where}.basis", str(entry.get("basis", "")), BASES),
            confidence=self._one_of(
                f"{where}.confidence", str(entry.get("confidence", "")), CONFIDENCES
            ),
            note=str(entry.get("note", "")),
        )
        for read, expected in range_faults(found):
            self._add(where, read, expected)
        return found

    def _relation(self, name: str, entry: dict[str, Any]) -> Relation:
        where = f"relations.{name}"
        factors: dict[str, dict[str, float]] = {}
        for key in ("terms", "metal"):
            factors[key] = {}
            for quantity, factor in self._table(f"{where}.{key}", entry.get(key, {})).items():
                self._one_of(f"{where}.{key}", quantity, self.known)
                factors[key][quantity] = self._number(f"{where}.{key}.{quantity}", factor)
        return Relation(
            name=name,
            says=str(entry.get("says", "")),
            terms=factors["terms"],
            metal=factors["metal"],
            low=self._number(f"{where}.low", entry.get("low"), -math.inf),
            high=self._number(f"{where}.high", entry.get("high"), math.inf),
            source=self._key(f"{where}.source", str(entry.get("source", ""))),
            basis=self._one_of(f"{where}.basis", str(entry.get("basis", "")), BASES),
        )

    def _reading(self, name: str, entry: dict[str, Any], claims: Iterable[str]) -> Reading:
        where = f"readings.{name}"
        return Reading(
            name=name,
            says=str(entry.get("says", "")),
            list_as=self._one_of(
                f"{where}.list_as", str(entry.get("list_as", "")), ("oxide", "metal")
            ),
            other_oxides=bool(entry.get("other_oxides", False)),
            without=self._names(f"{where}.without", entry.get("without", []), claims),
        )

    def _hypothesis(self, name: str, entry: dict[str, Any]) -> Hypothesis:
        where = f"hypotheses.{name}"
        treo, cut = entry.get("treo"), self._table(f"{where}.cut", entry.get("cut", {}))
        for group in cut:
            self._one_of(f"{where}.cut", group, GROUPS)
        return Hypothesis(
            name=name,
            says=str(entry.get("says", "")),
            treo=None if treo == "row" else self._ends(f"{where}.treo", treo),
            treo_of={
                key: self._ends(f"{where}.treo_of.{key}", it)
                for key, it in self._table(f"{where}.treo_of", entry.get("treo_of", {})).items()
            },
            cut={key: self._ends(f"{where}.cut.{key}", it) for key, it in cut.items()},
            categories=self._names(f"{where}.categories", entry["categories"], self.categories)
            if "categories" in entry
            else None,
            leave_out=self._names(f"{where}.leave_out", entry.get("leave_out", []), self.feeds),
            feeds=self._names(f"{where}.feeds", entry["feeds"], self.feeds)
            if "feeds" in entry
            else None,
        )

    def _completion(self, name: str, entry: dict[str, Any]) -> Completion:
        where = f"feeds.{name}"
        self._one_of(where, name, self.feeds)
        shares = self._table(f"{where}.shares", entry.get("shares", {}))
        for symbol in shares:
            self._one_of(f"{where}.shares", symbol, RARE_EARTHS)
        return Completion(
            feed=name,
            shares={key: self._number(f"{where}.shares.{key}", it) for key, it in shares.items()},
            treo=self._ends(f"{where}.treo", entry["treo"]) if "treo" in entry else None,
            says=str(entry.get("says", "")),
            source=self._key(f"{where}.source", str(entry.get("source", ""))),
            basis=self._one_of(f"{where}.basis", str(entry.get("basis", "")), BASES),
        )

    def _question(self, name: str, entry: dict[str, Any]) -> Question:
        where = f"questions.{name}"
        return Question(
            name=name,
            of=self._one_of(f"{where}.of", str(entry.get("of", "")), self.known),
            per=self._one_of(f"{where}.per", str(entry.get("per", "")), ("", *self.known)),
            says=str(entry.get("says", "")),
        )


def claim_faults(claim: Claim, units: Mapping[str, str]) -> list[tuple[str, str]]:
    """What is wrong with a claim, as read and expected: order of its ends, sign, unit."""
    found = []
    if not claim.low <= claim.value <= claim.high:
        read = f"{claim.value:g} with {claim.low:g} to {claim.high:g}"
        found.append((read, "a tolerance that holds the value: low <= value <= high"))
    if claim.value < 0.0 or (math.isfinite(claim.low) and claim.low < 0.0):
        least = min(claim.value, claim.low if math.isfinite(claim.low) else claim.value)
        found.append((f"{least:g} {claim.unit}", "nothing below zero"))
    if not (math.isfinite(claim.low) or math.isfinite(claim.high)):
        found.append(("neither low nor high", "at least one of them"))
    unit = "1" if claim.per else units.get(claim.quantity, claim.unit)
    if claim.unit != unit:
        found.append((f"the unit {quoted(claim.unit)}", f"{unit}, the unit of {claim.quantity}"))
    return found


def range_faults(found: Range) -> list[tuple[str, str]]:
    """What is wrong with a range, as read and expected."""
    if 0.0 <= found.low <= found.typical <= found.high:
        return []
    read = f"{found.low:g}, {found.typical:g}, {found.high:g}"
    return [(read, "low, typical and high in this order, none below zero")]


def with_claims(found: ClaimSet, claims: Mapping[str, Claim]) -> ClaimSet:
    """The set with other claims; readings keep what they set aside as far as it is there."""
    readings = {
        name: replace(it, without=tuple(id for id in it.without if id in claims))
        for name, it in found.readings.items()
    }
    return replace(found, claims=dict(claims), readings=readings)
