"""Quantities as people write them, "12 m3/h", and the canonical numbers that are computed with.

Canonical units are mol, m3, h, kg and K. This is the only door between the two: a quantity is one
number and one unit, both are checked here, and nothing that was typed is run as an expression.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, TypeGuard

from ytterby.errors import Fault, QuantityError, nearest

if TYPE_CHECKING:
    import pint
    from pint.util import UnitsContainer


@dataclass(frozen=True)
class Dimension:
    """What a quantity is, and how it is written."""

    name: str
    canonical: str
    """Unit of the numbers inside; empty for a fraction."""
    shown: str
    """Unit that reports and messages use."""
    example: str
    """As a user would write it."""
    also: tuple[str, ...] = ()
    """Other usual units."""

    @property
    def such_as(self) -> str:
        """Text for messages: ``volume flow such as "12 m3/h"``."""
        return f'{self.name} such as "{self.example}"'


DIMENSIONS: dict[str, Dimension] = {
    dimension.name: dimension
    for dimension in (
        Dimension("fraction", "", "%", "36 %", ("mol/mol", "kg/kg")),
        Dimension("temperature", "K", "degC", "25 degC"),
        Dimension("time", "h", "h", "8 h", ("s", "min", "d")),
        Dimension("volume", "m3", "m3", "2 m3", ("L", "mL")),
        Dimension("mass", "kg", "kg", "40 kg", ("mg", "g", "t")),
        Dimension("amount", "mol", "mol", "5 mol", ("mmol", "kmol")),
        Dimension("volume flow", "m3/h", "m3/h", "12 m3/h", ("L/h", "L/min", "mL/min", "m3/d")),
        Dimension("mass flow", "kg/h", "kg/h", "30 kg/h", ("g/h", "t/h", "t/d")),
        Dimension("molar flow", "mol/h", "mol/h", "700 mol/h", ("mol/s", "kmol/h")),
        Dimension("concentration", "mol/m3", "mol/L", "0.4 mol/L", ("M", "mM", "kmol/m3")),
        Dimension("mass concentration", "kg/m3", "g/L", "10 g/L", ("mg/L", "kg/m3")),
        Dimension("molar mass", "kg/mol", "g/mol", "158.9 g/mol", ("kg/kmol",)),
    )
}


@dataclass(frozen=True)
class Unit:
    """One unit: its value in other units, and every spelling that is read."""

    name: str
    definition: str
    """Right-hand side of a pint definition."""
    spellings: tuple[str, ...]


# No prefixes but those spelled out: with free prefixes "mt", meant as metric tons, is a kilogram.
# No year: what a plant makes in one depends on its operating hours, so it is not a unit.
UNITS: tuple[Unit, ...] = (
    Unit("meter", "[length]", ("m", "metre", "meter")),
    Unit("decimeter", "0.1 * meter", ("dm",)),
    Unit("centimeter", "0.01 * meter", ("cm",)),
    Unit("millimeter", "0.001 * meter", ("mm",)),
    Unit("liter", "0.001 * meter ** 3", ("L", "l", "litre", "liter", "litres", "liters")),
    Unit("milliliter", "1e-6 * meter ** 3", ("mL", "ml")),
    Unit("hour", "[time]", ("h", "hr", "hour", "hours")),
    Unit("minute", "hour / 60", ("min", "minute", "minutes")),
    Unit("second", "hour / 3600", ("s", "sec", "second", "seconds")),
    Unit("day", "24 * hour", ("d", "day", "days")),
    Unit("kilogram", "[mass]", ("kg", "kilogram")),
    Unit("gram", "0.001 * kilogram", ("g", "gram")),
    Unit("milligram", "1e-6 * kilogram", ("mg",)),
    Unit("tonne", "1000 * kilogram", ("t", "tonne", "tonnes")),
    Unit("mole", "[amount]", ("mol", "mole", "moles")),
    Unit("millimole", "0.001 * mole", ("mmol",)),
    Unit("kilomole", "1000 * mole", ("kmol",)),
    Unit("molar", "mole / liter", ("M",)),
    Unit("millimolar", "0.001 * mole / liter", ("mM",)),
    Unit("kelvin", "[temperature]", ("K", "kelvin")),
    Unit("degree_Celsius", "kelvin; offset: 273.15", ("degC", "°C", "℃", "celsius")),
    Unit("percent", "0.01", ("%",)),
)
SPELLINGS: dict[str, str] = {spelling: unit.name for unit in UNITS for spelling in unit.spellings}

LONGEST = 60
"""Characters of a quantity; longer text is refused unread."""

_SEE_UNITS = "see docs/reference/units.md"
_QUANTITY = re.compile(
    r"(?P<number>[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)\s*(?P<unit>.*)", re.DOTALL
)
_NOT_FINITE = re.compile(r"[+-]?(?:nan|inf|infinity)\b.*", re.IGNORECASE | re.DOTALL)
_FACTOR = re.compile(
    r"(?P<before>^|\s*[*/·]\s*|\s+)(?P<spelling>[^\W\d_]+)(?:(?:\*\*|\^)?(?P<power>-?[1-9]))?"
)
_PLAIN = str.maketrans({"²": "2", "³": "3", "¹": "1", "⁻": "-", "−": "-"})


def parse(text: object, dimension: str, *, where: str = "") -> float:
    """Canonical number of ``text``, e.g. ``parse("200 L/min", "volume flow")`` is 12.0 (m3/h).

    A fraction may be a bare number, since it has no unit. ``where`` opens the message of a fault.
    """
    return parse_any(text, (dimension,), where=where)[0]


def parse_any(
    text: object, dimensions: tuple[str, ...], *, where: str = ""
) -> tuple[float, Dimension]:
    """Canonical number of ``text``, and which of the allowed ``dimensions`` it has."""
    allowed = tuple(map(dimension_named, dimensions))
    reader = _Reader(text, allowed, where or " or ".join(dimensions))
    number, unit = reader.split()
    factors = reader.factors(unit)
    found = reader.dimension(factors)
    return reader.canonical(number, factors, found), found


def show(value: float, dimension: str, unit: str | None = None, digits: int = 6) -> str:
    """Text of a canonical ``value``, e.g. ``show(12.0, "volume flow")`` is "12 m3/h".

    ``unit`` is any unit of the dimension (default: the one that reports use).
    """
    what = dimension_named(dimension)
    unit = what.shown if unit is None else unit
    reader = _Reader(f"{value} {unit}", (what,), f"{dimension} to be shown")
    factors = reader.factors(unit)
    reader.dimension(factors)
    number = _registry().Quantity(float(value), _factors(what.canonical)).m_as(factors)
    if not math.isfinite(number):
        raise reader.not_finite()
    return f"{number:.{digits}g} {unit}".strip()


def dimension_named(name: str) -> Dimension:
    """The dimension of that name; QuantityError if there is none."""
    if name in DIMENSIONS:
        return DIMENSIONS[name]
    raise QuantityError(
        Fault(
            where="dimension of a quantity",
            read=quoted(name),
            expected="one of: " + ", ".join(DIMENSIONS),
            nearest=nearest(name, DIMENSIONS),
            next=_SEE_UNITS,
        )
    )


def quoted(value: object, longest: int = LONGEST) -> str:
    """What was read, as a message shows it: short, on one line, control characters escaped."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list | tuple):
        items = ["a list" if isinstance(item, list) else quoted(item, 20) for item in value[:4]]
        return "[" + ", ".join(items) + (", ..." if len(value) > 4 else "") + "]"
    if isinstance(value, str):
        return '"' + _clipped(value, longest) + '"'
    try:
        return _clipped(str(value), longest)
    except ValueError:  # an integer of more digits than Python converts
        return "an integer of thousands of digits"


def _clipped(text: str, longest: int) -> str:
    short = text if len(text) <= longest else text[: longest - 3] + "..."
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in short)


@cache
def _registry() -> pint.UnitRegistry[Any]:
    """A pint registry of ``UNITS`` alone: 2 ms to build, where pint's default one takes 200 ms."""
    import pint

    return pint.UnitRegistry([f"{unit.name} = {unit.definition}" for unit in UNITS])


@lru_cache(maxsize=256)
def _factors(unit: str) -> UnitsContainer:
    """Powers of the registry's units in a product such as "mol/m3"; empty text has none.

    KeyError holds a spelling that is not known; ValueError: the text is no product of units.
    """
    text = unit.translate(_PLAIN).strip()
    if text in SPELLINGS:  # also "%" and "°C", which are no words and stand alone
        return _registry().UnitsContainer({SPELLINGS[text]: 1})
    powers: dict[str, int] = {}
    position = 0
    while position < len(text):
        factor = _FACTOR.match(text, position)
        if factor is None:
            raise ValueError(unit)
        name = SPELLINGS[factor["spelling"]]
        if name == "degree_Celsius":  # has no zero of its own, so it cannot be multiplied
            raise ValueError(unit)
        power = int(factor["power"] or 1)
        powers[name] = powers.get(name, 0) + (-power if "/" in factor["before"] else power)
        position = factor.end()
    return _registry().UnitsContainer({name: power for name, power in powers.items() if power})


@lru_cache(maxsize=256)
def _dimension_of(factors: UnitsContainer) -> Dimension | None:
    """The dimension that a product of units has; None if the table has no name for it."""
    powers = _registry().get_dimensionality(factors)
    for dimension in DIMENSIONS.values():
        if powers == _registry().get_dimensionality(_factors(dimension.canonical)):
            return dimension
    return None


@dataclass(frozen=True)
class _Reader:
    """Reads one text; holds what every fault about it has to say."""

    text: object
    allowed: tuple[Dimension, ...]
    where: str

    def fault(self, remark: str, *, close: str = "", then: str = "") -> QuantityError:
        """The QuantityError of this text, with a remark on what is wrong with it."""
        return QuantityError(
            Fault(
                where=self.where,
                read=f"{quoted(self.text)} ({remark})",
                expected=" or ".join(dimension.such_as for dimension in self.allowed),
                nearest=close,
                next=then or f'write one number and one unit, such as "{self.allowed[0].example}"',
            )
        )

    def not_finite(self) -> QuantityError:
        """The QuantityError of NaN, infinity, and of what is too large for a float."""
        return self.fault("not a finite number")

    def split(self) -> tuple[float, str]:
        """The number, and the unit as it was written."""
        if _is_number(self.text) and self._may_be_bare():
            return self._finite(self.text), ""
        text = self._stripped()
        match = _QUANTITY.fullmatch(text)
        if match is None:
            raise self.fault("does not start with a number")
        if match["unit"].startswith(","):
            raise self.fault("a comma", then='write 1.5 for "1,5" and 1500 for "1,500"')
        if not match["unit"] and not self._may_be_bare():
            raise self.fault("no unit")
        return self._finite(match["number"]), match["unit"]

    def _stripped(self) -> str:
        """The text, if it is text of a sensible length that has something in it."""
        if not isinstance(self.text, str):
            raise self.fault("a number without unit" if _is_number(self.text) else "not text")
        text = self.text.strip()
        if len(text) > LONGEST:
            raise self.fault(f"{len(text)} characters, at most {LONGEST} are read")
        if not text:
            raise self.fault("empty")
        if _NOT_FINITE.fullmatch(text):
            raise self.not_finite()
        return text

    def _may_be_bare(self) -> bool:
        return any(not dimension.canonical for dimension in self.allowed)

    def _finite(self, number: str | float) -> float:
        try:
            value = float(number)
        except OverflowError:  # an integer beyond 1e308
            raise self.not_finite() from None
        if not math.isfinite(value):
            raise self.not_finite()
        return value

    def factors(self, unit: str) -> UnitsContainer:
        """Powers of the registry's units."""
        try:
            return _factors(unit)
        except KeyError as error:
            spelling = str(error.args[0])
            remark = f"unit {quoted(spelling, 20)} is not known"
            raise self.fault(remark, close=nearest(spelling, SPELLINGS), then=_SEE_UNITS) from None
        except ValueError:
            raise self.fault(f"{quoted(unit, 20)} is not read as a unit") from None

    def dimension(self, factors: UnitsContainer) -> Dimension:
        """The dimension that the unit has, if it is one of those allowed."""
        found = _dimension_of(factors)
        if found is None or found not in self.allowed:
            raise self.fault(found.name if found else _powers_in_words(factors))
        return found

    def canonical(self, number: float, factors: UnitsContainer, found: Dimension) -> float:
        """The number in the canonical unit; finite, and no temperature below 0 K."""
        quantity = _registry().Quantity(number, factors)
        value = self._finite(quantity.m_as(_factors(found.canonical)))
        if found.name == "temperature" and value < 0.0:
            raise self.fault("below 0 K")
        return value


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _powers_in_words(factors: UnitsContainer) -> str:
    """A dimension that has no name of its own, e.g. "length time-1"."""
    powers = _registry().get_dimensionality(factors)
    words = [base[1:-1] + ("" if power == 1 else f"{power:g}") for base, power in powers.items()]
    return " ".join(sorted(words))


def reference_page() -> str:
    """Markdown of ``docs/reference/units.md``."""
    dimensions = [
        (it.name, _code(it.canonical) or "none", f'`"{it.example}"`', ", ".join(_usual(it)))
        for it in DIMENSIONS.values()
    ]
    units = [(it.name.replace("_", " "), ", ".join(map(_code, it.spellings))) for it in UNITS]
    return _PAGE.format(
        dimensions=_table(("Dimension", "Inside", "Example", "Usual units"), dimensions),
        units=_table(("Unit", "Read as"), units),
    )


_PAGE = """\
# Units

<!-- Generated from src/ytterby/quantities.py; a test compares the two. -->

A quantity is one number and one unit, written as text: `"12 m3/h"`. Inside, everything is in mol,
m3, h, kg and K; text is converted once, where it is read. A fraction may be a bare number.

{dimensions}

## Spellings

Units are multiplied with a space or `*`, divided with `/`, and raised with a digit: `m3`, `m^3`,
`m**3` and `m³` are the same, and so are `mol/m3` and `mol m-3`. `/` divides by the one unit that
follows it. Capital and small letters differ: `M` is mol/L, `m` is metre. There is no year: what a
plant makes in one depends on its operating hours.

{units}
"""


def _usual(dimension: Dimension) -> list[str]:
    """Units of a dimension, each once, the one that reports use first."""
    units = dict.fromkeys((dimension.shown, dimension.canonical, *dimension.also))
    return [_code(unit) for unit in units if unit]


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = (head, ("---",) * len(head), *rows)
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
