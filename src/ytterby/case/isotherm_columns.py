"""Columns of an isotherm table: what each holds and in which units it may stand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from ytterby.elements import element
from ytterby.errors import Fault, QuantityError
from ytterby.quantities import parse_any, quoted

Kind = Literal["text", "number", "metal"]


@dataclass(frozen=True)
class Column:
    """One column of an isotherm table."""

    name: str
    kind: Kind
    """``metal``: a concentration of the element of the row, as amount or as mass of metal or oxide."""
    about: str
    dimension: str = ""
    """Of a number; "" where it has none, as pH and D."""
    example: str = ""
    """Unit to write."""
    low: float = -float("inf")
    """Least value, canonical."""
    high: float = float("inf")
    """Largest value, canonical."""
    above: bool = False
    """Whether the least value itself is too little."""
    of_contact: bool = True
    """Whether all rows of a contact share it."""


_COLUMNS = (
    Column("contact", "text", "name of the shake-out; metals shaken together share it"),
    Column("source", "text", "who made it; left out: the name of the file"),
    Column("element", "text", "symbol of the metal", of_contact=False),
    Column("extractant", "number", "total extractant, counted as monomer", "concentration", "mol/L",
           0.0, 5e3, above=True),
    Column("saponification", "number", "base on the organic per extractant; left out: none",
           "fraction", "%", 0.0, 1.0),
    Column("oa_ratio", "number", "organic over aqueous by volume", "", "1", 0.0, 100.0, above=True),
    Column("acid_feed", "number", "[H+] before contact; either this or pH_feed", "concentration",
           "mol/L", 0.0, 2e4),
    Column("pH_feed", "number", "pH before contact, -log10 of [H+] in mol/L", "", "1", -1.3, 7.0),
    Column("pH_eq", "number", "pH at equilibrium, -log10 of [H+] in mol/L", "", "1", -1.3, 7.0),
    Column("salt", "number", "Na+ or NH4+ before contact; left out: none", "concentration", "mol/L",
           0.0, 2e4),
    Column("temperature", "number", "left out: 25 degC", "temperature", "degC", 273.15, 373.15),
    Column("aq_feed", "metal", "metal in the aqueous before contact", "", "g/L metal", 0.0, 1e4,
           of_contact=False),
    Column("aq_eq", "metal", "metal in the aqueous at equilibrium", "", "g/L metal", 0.0, 1e4,
           of_contact=False),
    Column("org_eq", "metal", "metal in the organic at equilibrium", "", "g/L metal", 0.0, 1e4,
           of_contact=False),
    Column("D", "number", "measured distribution ratio, organic over aqueous", "", "1", 0.0, 1e6,
           above=True, of_contact=False),
    Column("weight", "number", "of the point; the variance of log10 D is divided by it", "", "1",
           0.0, 1e4, above=True, of_contact=False),
    Column("note", "text", "for the reader", of_contact=False),
)  # fmt: skip
COLUMNS: Mapping[str, Column] = MappingProxyType({column.name: column for column in _COLUMNS})
"""By name, in the order of the template."""
REQUIRED = ("contact", "element", "extractant", "oa_ratio")
"""Columns that every table has."""
BASES = {"metal": "metal", "REO": "REO", "reo": "REO", "oxide": "REO"}
"""What is weighed in a mass per volume, as it may be written."""

_METAL_UNIT = re.compile(rf"(?P<unit>.*?)(?:\s+(?P<basis>{'|'.join(BASES)}))?")


@dataclass(frozen=True)
class Unit:
    """Unit of one column of one table."""

    text: str
    """As it was written."""
    unit: str
    """Without what is weighed."""
    dimension: str
    """"" where the column has none."""
    basis: str = ""
    """``metal`` or ``REO`` for a mass per volume."""

    def canonical(self, value: float, symbol: str) -> float:
        """A number of the column in canonical units; a mass by the weight of the element."""
        if not self.dimension:
            return value
        number = parse_any(f"{value!r} {self.unit}", (self.dimension,))[0]
        if self.dimension != "mass concentration":
            return number
        return number / self.molar_mass(symbol)

    def molar_mass(self, symbol: str) -> float:
        """Mass of what is weighed, per mole of metal [kg/mol]."""
        metal = element(symbol)
        return metal.oxide_molar_mass if self.basis == "REO" else metal.atomic_weight


def unit_of(column: Column, text: str, where: str) -> Unit | Fault | None:
    """Unit of a column as the units row says it; None for text, a fault where it is not sound."""
    if column.kind == "text":
        return None if not text else _no_unit(column, text, where)
    if not text:
        next = f"write {column.example} in the row below the names"
        return Fault(where, "no unit", f"the unit of {column.name} ({column.about})", next=next)
    if column.kind == "metal":
        return _metal_unit(column, text, where)
    if not column.dimension:
        return Unit(text, "", "") if text == "1" else _no_unit(column, text, where, "1")
    if column.dimension == "fraction" and text in ("1", "%", "mol/mol"):
        return Unit(text, "" if text == "1" else text, "fraction")
    return _unit(column, text, where, (column.dimension,))


def _no_unit(column: Column, text: str, where: str, expected: str = "an empty cell") -> Fault:
    about = "text" if column.kind == "text" else "a number without unit"
    next = f"write {expected}: {column.name} is {about}" if expected == "1" else "empty the cell"
    return Fault(where, quoted(text), expected, next=next)


def _metal_unit(column: Column, text: str, where: str) -> Unit | Fault:
    match = _METAL_UNIT.fullmatch(text)
    assert match is not None  # both parts may be anything
    found = _unit(column, match["unit"], where, ("concentration", "mass concentration"), text)
    if isinstance(found, Fault):
        return found
    basis = BASES[match["basis"]] if match["basis"] else ""
    if found.dimension == "mass concentration" and not basis:
        return Fault(
            where,
            f"{quoted(text)}, without what is weighed",
            f'"{text} metal" or "{text} REO" (oxides as traded)',
            next="say which: they differ by 14 to 27 %",
        )
    if found.dimension == "concentration" and basis:
        next = f"write {match['unit']}, or a mass per volume such as g/L {basis}"
        return Fault(where, quoted(text), "an amount per volume without basis", next=next)
    return Unit(text, match["unit"], found.dimension, basis)


def _unit(
    column: Column, unit: str, where: str, dimensions: tuple[str, ...], text: str = ""
) -> Unit | Fault:
    """The unit, read by the one door for units."""
    shown = text or unit
    try:
        dimension = parse_any(f"1 {unit}", dimensions)[1]
    except QuantityError as error:
        fault = error.faults[0]
        remark = fault.read.partition('" ')[2]
        expected = f"a unit of {' or '.join(dimensions)} such as {column.example}"
        return Fault(
            where,
            f"{quoted(shown)} {remark}".strip(),
            expected,
            fault.nearest.removeprefix("1 "),
            _advice(column, unit) or f"write {column.example}",
        )
    return Unit(shown, unit, dimension.name)


def _advice(column: Column, unit: str) -> str:
    """What to do about the units that are met most often in the wrong column."""
    if column.name == "extractant" and ("%" in unit or "g/" in unit):
        return "convert it to mol/L by density, purity and molar mass of your extractant"
    if column.kind == "metal" and unit.casefold() in ("ppm", "mg/kg"):
        return "write mg/L metal, after converting by the density where ppm is by mass"
    return ""
