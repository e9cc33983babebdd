"""What products must be: specifications of oxides, metals, alloys and magnets, and how one is judged.

Limits of the trade are mostly recalled from specification sheets; the texts of the standards were not seen. A
limit on what a calculation does not know is neither met nor broken: `judge` calls it unknown.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal, cast, get_args

from ytterby.datasets.tables import Row, table
from ytterby.elements import RARE_EARTHS, SYMBOLS, element
from ytterby.errors import DataError, Fault, nearest
from ytterby.quantities import quoted

LimitKind = Literal["min", "max", "range", "nominal", "typical"]
"""A `nominal` or `typical` value describes a product and binds nobody."""
KINDS: tuple[str, ...] = get_args(LimitKind)
EVERY_GRADE = "all"
"""Grade of a limit that holds for each grade of its product."""
EXACTNESS = 1e-9
"""Relative: a limit is met up to the rounding of its own arithmetic."""

_BETWEEN = re.compile(r"(?P<low>[\d.]+)\s*(?:-|to)\s*(?P<high>[\d.]+)")
_ABOUT = re.compile(r"(?P<value>[\d.]+)\s*(?:\+/-|±)\s*(?P<half>[\d.]+)")


@dataclass(frozen=True)
class Limit:
    """One limit of a specification; ends that it does not have are None."""

    analyte: str
    """As printed, e.g. ``Fe2O3``, ``Nd2O3/TREO``, ``other RE oxides total``."""
    kind: LimitKind
    low: float | None
    value: float | None
    """The middle of a range that is printed with one, or a value that binds nobody."""
    high: float | None
    unit: str
    of: str
    """What a percentage is of: ``of TREO``, ``of RE``, ``by mass`` of the product; empty if not said."""
    elements: tuple[str, ...]
    """Rare earths whose oxides the analyte counts; empty if it counts none."""
    standard: str = ""
    source: str = ""
    also: tuple[str, ...] = ()
    rests_on: tuple[str, ...] = ()
    basis: str = "assumed"
    confidence: str = "none"
    notes: str = ""

    @property
    def binds(self) -> bool:
        """Whether it can be met or broken."""
        return self.kind in ("min", "max", "range")


@dataclass(frozen=True)
class Specification:
    """What one grade of a product must be."""

    product: str
    grade: str
    main: tuple[str, ...]
    """Rare earths that the product is of, e.g. Pr and Nd; empty if it is a mixture."""
    limits: tuple[Limit, ...]


@dataclass(frozen=True)
class Standard:
    """One standard on rare earths; the text itself was not seen."""

    number: str
    title: str
    source: str
    basis: str
    confidence: str
    notes: str


@dataclass(frozen=True)
class Judged:
    """One limit held against a product."""

    limit: Limit
    reached: float | None
    """In the unit of the limit; None if the calculation does not know it."""
    met: bool | None
    """None: unknown, or the limit binds nobody."""
    remark: str
    """Why it is unknown; empty otherwise."""


def specifications() -> tuple[Specification, ...]:
    """Every shipped specification, in the order of the table; limits of all grades are in each grade."""
    return tuple(_specifications().values())


def specification(product: str, grade: str) -> Specification:
    """The specification of one grade; DataError with the nearest product or grade if there is none."""
    known = _specifications()
    if (product, grade) in known:
        return known[product, grade]
    grades = [its_grade for its_product, its_grade in known if its_product == product]
    if grades:
        raise _unknown(f"product {product}, grade", grade, grades)
    raise _unknown("product", product, dict.fromkeys(name for name, _ in known))


def standards() -> tuple[Standard, ...]:
    """Titles of the standards on rare earths that are known of."""
    return tuple(
        Standard(
            number=row.labels["standard"],
            title=row.labels["text"],
            source=row.source,
            basis=row.basis,
            confidence=row.confidence,
            notes=row.note,
        )
        for row in table("products")
        if row.labels["kind"] == "text"
    )


def read_limit(analyte: str, kind: LimitKind, text: str, unit: str, of: str, product: str) -> Limit:
    """A limit as people write it: "99.9", "75 +/- 2" or "3-8", in a unit; DataError if it is no number.

    A single number is the lower end for ``min``, the upper for ``max``, else the value. ``product`` says what
    the analyte ``other RE oxides total`` leaves out.
    """
    low, value, high = _ends(analyte, kind, text.strip())
    return Limit(analyte, kind, low, value, high, unit, of, counted(analyte, _main(product)))


def counted(analyte: str, main: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Rare earths whose oxides an analyte counts, by atomic number.

    ``Nd2O3/TREO`` counts Nd, ``La2O3+CeO2`` counts both, ``other RE oxides total`` all but the ``main`` ones,
    ``TREO`` all; what is no rare-earth oxide counts none.
    """
    if analyte == "TREO":
        return RARE_EARTHS
    if analyte.startswith("other RE oxides"):
        return tuple(symbol for symbol in RARE_EARTHS if symbol not in main)
    by_oxide = {element(symbol).oxide: symbol for symbol in RARE_EARTHS}
    parts = analyte.removesuffix("/TREO").split("+")
    if not all(part.strip() in by_oxide for part in parts):
        return ()
    found = {by_oxide[part.strip()] for part in parts}
    return tuple(symbol for symbol in RARE_EARTHS if symbol in found)


def judge(
    shares: Mapping[str, float],
    treo: float | None,
    specification: Specification,
    impurities: Mapping[str, float] | None = None,
) -> tuple[Judged, ...]:
    """Each limit with what is reached and whether it is met; None where the calculation does not know.

    ``shares``: oxide as traded per TREO by element [kg/kg]; an element that is absent is not known, so name
    those that are zero. ``treo``: TREO per product [kg/kg], if known. ``impurities``: per product [kg/kg], by
    the analyte as the specification prints it, or by element, which is counted as its oxide as traded.
    DataError for a share, TREO or impurity that is no mass fraction.
    """
    others = impurities or {}
    named = {f"share of {it}": share for it, share in shares.items()} | dict(others)
    if treo is not None:
        named["TREO"] = treo
    for name, fraction in named.items():
        if not 0.0 <= fraction <= 1.0 + EXACTNESS:
            where = f"{specification.product}, {specification.grade}, {name}"
            raise DataError(Fault(where, f"{fraction:g}", "a mass fraction, 0 to 1"))
    return tuple(_judged(limit, shares, treo, others) for limit in specification.limits)


def _judged(
    limit: Limit, shares: Mapping[str, float], treo: float | None, others: Mapping[str, float]
) -> Judged:
    reached, missing = _reached(limit, shares, treo, others)
    if not limit.binds:
        return Judged(
            limit, None if missing else reached, None, f"a {limit.kind} value binds nobody"
        )
    if missing and reached is not None and _over(reached, limit.high):
        return Judged(limit, None, False, f"over the limit even without {missing}")
    if missing or reached is None:
        return Judged(limit, None, None, f"{missing} not known" if missing else "not calculated")
    return Judged(
        limit, reached, not _under(reached, limit.low) and not _over(reached, limit.high), ""
    )


def _reached(
    limit: Limit, shares: Mapping[str, float], treo: float | None, others: Mapping[str, float]
) -> tuple[float | None, str]:
    """The known part of an analyte in the unit of its limit, and what is not known of it."""
    if limit.unit != "%":
        return None, limit.analyte
    if limit.analyte == "TREO":
        return (None, "TREO") if treo is None else (100.0 * treo, "")
    if limit.elements and limit.of == "of TREO":
        known = 100.0 * math.fsum(shares[it] for it in limit.elements if it in shares)
        return known, ", ".join(it for it in limit.elements if it not in shares)
    if limit.of == "by mass" and (found := _impurity(limit.analyte, others)) is not None:
        return 100.0 * found, ""
    return None, limit.analyte


def _impurity(analyte: str, others: Mapping[str, float]) -> float | None:
    """Mass fraction of an analyte, or of the oxide as traded of an element; None if not known."""
    if analyte in others:
        return others[analyte]
    for symbol in SYMBOLS:
        metal = element(symbol)
        if metal.oxide == analyte and symbol in others:
            return others[symbol] * metal.oxide_molar_mass / metal.atomic_weight
    return None


def _over(reached: float, high: float | None) -> bool:
    return high is not None and reached > high * (1.0 + EXACTNESS)


def _under(reached: float, low: float | None) -> bool:
    return low is not None and reached < low * (1.0 - EXACTNESS)


def _ends(analyte: str, kind: str, text: str) -> tuple[float | None, float | None, float | None]:
    """Lower end, value and upper end of a limit as written."""
    try:
        if about := _ABOUT.fullmatch(text):
            value, half = float(about["value"]), float(about["half"])
            return value - half, value, value + half
        if between := _BETWEEN.fullmatch(text):
            low, high = float(between["low"]), float(between["high"])
            if low <= high:
                return low, None, high
        elif kind != "range" and math.isfinite(number := float(text)):
            low_end, high_end = kind == "min", kind == "max"
            value_of = None if low_end or high_end else number
            return number if low_end else None, value_of, number if high_end else None
    except ValueError:
        pass
    expected = "a range such as 3-8 or 75 +/- 2"
    if kind != "range":
        expected = f"a number such as 99.9, or {expected}"
    raise DataError(Fault(f"limit of {analyte}, {kind}", quoted(text), expected))


@cache
def _specifications() -> dict[tuple[str, str], Specification]:
    limits: dict[str, dict[str, list[Limit]]] = {}
    for row in table("products"):
        if row.labels["kind"] != "text":
            grades = limits.setdefault(row.labels["product"], {})
            grades.setdefault(row.labels["grade"], []).append(_limit(row))
    return {
        (product, grade): Specification(
            product, grade, _main(product), (*own, *grades.get(EVERY_GRADE, ()))
        )
        for product, grades in limits.items()
        for grade, own in grades.items()
        if grade != EVERY_GRADE
    }


def _limit(row: Row) -> Limit:
    labels, values = row.labels, row.values
    kind = labels["kind"]
    if kind not in KINDS:
        where = f"{row.file.topic}/{row.file.name}.csv line {row.line}, kind"
        raise DataError(Fault(where, quoted(kind), "one of: " + ", ".join(KINDS)))
    return Limit(
        analyte=labels["analyte"],
        kind=cast(LimitKind, kind),
        low=values.get("low"),
        value=values.get("value"),
        high=values.get("high"),
        unit=row.units["value"],
        of=labels["of"],
        elements=counted(labels["analyte"], _main(labels["product"])),
        standard=labels["standard"],
        source=row.source,
        also=row.also,
        rests_on=row.rests_on,
        basis=row.basis,
        confidence=row.confidence,
        notes=row.note,
    )


def _main(product: str) -> tuple[str, ...]:
    """Rare earths whose names stand in that of a product."""
    words = re.split(r"[^a-z]+", product)
    return tuple(symbol for symbol in RARE_EARTHS if element(symbol).name in words)


def _unknown(where: str, read: str, known: Mapping[str, object] | list[str]) -> DataError:
    names = tuple(known)
    return DataError(
        Fault(
            where=where,
            read=quoted(read),
            expected="one of: " + ", ".join(names),
            nearest=nearest(read, names),
            next="list all products with ytterby list products",
        )
    )
