"""Parameters of processes: unit operations, metal and magnet making, published impacts.

A parameter is what the literature or practice says of one step in one scope: a usual value, a range, or both,
in the unit of its source. A part that is not known is None, never zero; most are recalled and of low or
medium confidence, so a study names its own where it has them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from ytterby.datasets.tables import Row, table
from ytterby.errors import DataError, Fault, nearest
from ytterby.quantities import quoted

if TYPE_CHECKING:
    import pint

_POWER = re.compile(r"(?<=[A-Za-z])(-?\d)")
"""A power as the house writes it, m3, which pint reads as m**3."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of a step; what is not known of it is None."""

    step: str
    scope: str
    """What it holds for: a feed, a product, a machine, a part of a route."""
    name: str
    value: float | None
    """As usually met, in ``unit``."""
    low: float | None
    high: float | None
    unit: str
    """As pint reads it after `m3` is written `m**3`; money is `USD` or `EUR`; "1" if it has none."""
    of: str
    """What the unit counts, e.g. `HCl (100 %) per REO`."""
    text: str
    """Of a parameter that is said in words; it has no numbers then."""
    conditions: str
    source: str
    also: tuple[str, ...]
    """Further sources of the same number, or of one end of the range."""
    rests_on: tuple[str, ...]
    """Sources that a derived number was computed from."""
    basis: str
    """read, derived, recalled, assumed; or `gap`, known to be missing."""
    confidence: str
    notes: str
    functional_unit: str = ""
    """Of an impact: what it is counted for."""

    def to(self, unit: str) -> Parameter:
        """The same parameter in another unit of the same dimension; DataError if there is none such."""
        if unit == self.unit:
            return self
        numbers = [self._converted(number, unit) for number in (self.value, self.low, self.high)]
        value, low, high = numbers
        return replace(self, value=value, low=low, high=high, unit=unit)

    def typical(self, unit: str) -> float:
        """The usual value in a unit; DataError where only a range, words or nothing is known."""
        value = self.to(unit).value
        if value is None:
            known = self.text or " to ".join(
                f"{end:g}" for end in (self.low, self.high) if end is not None
            )
            read = f"no usual value, only {known} {self.unit}" if known else "nothing"
            then = "take a value of your own and say what it rests on"
            raise DataError(Fault(self.place, read, "a usual value", next=then))
        return value

    @property
    def place(self) -> str:
        """Where it stands, for messages."""
        return ", ".join(filter(None, (self.step, self.scope, self.name)))

    def _converted(self, number: float | None, unit: str) -> float | None:
        if number is None:
            return None
        import pint

        try:
            quantity = _registry().Quantity(number, _units(self.unit))
            return float(quantity.to(_units(unit)).magnitude)
        except (pint.DimensionalityError, pint.UndefinedUnitError) as error:
            then = "ask for a unit of the same dimension"
            raise DataError(
                Fault(self.place, f"{self.unit} ({error})", quoted(unit), next=then)
            ) from None


def parameters(step: str | None = None) -> tuple[Parameter, ...]:
    """Parameters of unit operations, all or of one step; DataError if the step has none."""
    return _of_step("unit_operations", step)


def parameter(step: str, name: str, scope: str | None = None) -> Parameter:
    """One parameter of a unit operation.

    ``scope`` may be left out where one row alone has the name; DataError if there is none, or several.
    """
    return _one("unit_operations", step, name, scope)


def downstream_parameters(step: str | None = None) -> tuple[Parameter, ...]:
    """Parameters of metal, alloy and magnet making, all or of one step; DataError if it has none."""
    return _of_step("downstream", step)


def downstream_parameter(step: str, name: str, scope: str | None = None) -> Parameter:
    """One parameter of metal, alloy or magnet making; scope and DataError as in `parameter`."""
    return _one("downstream", step, name, scope)


def impacts(route: str | None = None) -> tuple[Parameter, ...]:
    """Published impacts and limits, all or of one route; DataError if the route has none."""
    return _of_step("impacts", route)


def impact(route: str, name: str, scope: str | None = None) -> Parameter:
    """One published impact or limit of a route; scope and DataError as in `parameter`."""
    return _one("impacts", route, name, scope)


def emission_factors(item: str | None = None) -> tuple[Parameter, ...]:
    """What energy and reagents emit, all or of one item by region; DataError if it has none."""
    return _of_step("emission_factors", item)


def emission_factor(item: str, region: str | None = None) -> Parameter:
    """What one unit of energy or reagent emits, as CO2 equivalent; region and DataError as in `parameter`."""
    return _one("emission_factors", item, "CO2e", region)


def _of_step(topic: str, step: str | None) -> tuple[Parameter, ...]:
    known = _all(topic)
    if step is None:
        return known
    found = tuple(it for it in known if it.step == step)
    if not found:
        raise _unknown(topic, "step", step, (it.step for it in known))
    return found


def _one(topic: str, step: str, name: str, scope: str | None) -> Parameter:
    of_step = _of_step(topic, step)
    named = [it for it in of_step if it.name == name]
    if not named:
        raise _unknown(f"{topic}, {step}", "parameter", name, (it.name for it in of_step))
    found = [it for it in named if scope is None or it.scope == scope]
    if not found:
        where = f"{topic}, {step}, {name}"
        raise _unknown(where, "scope", str(scope), (it.scope for it in named))
    if len(found) > 1:
        raise DataError(
            Fault(
                where=f"{topic}, {step}, {name}",
                read="no scope" if scope is None else quoted(scope),
                expected="one of: " + ", ".join(dict.fromkeys(it.scope for it in found)),
                next="say which one is meant with scope",
            )
        )
    return found[0]


def _unknown(where: str, what: str, read: str, known: Iterable[str]) -> DataError:
    names = tuple(dict.fromkeys(known))
    return DataError(
        Fault(
            where=f"{where}, {what}",
            read=quoted(read),
            expected="one of: " + ", ".join(names),
            nearest=nearest(read, names),
            next="ytterby list operations, downstream and impacts show all",
        )
    )


@cache
def _all(topic: str) -> tuple[Parameter, ...]:
    return tuple(map(_parameter, table(topic)))


def _parameter(row: Row) -> Parameter:
    labels, values = row.labels, row.values
    return Parameter(
        step=labels["step"],
        scope=labels["scope"],
        name=labels["parameter"],
        value=values.get("value"),
        low=values.get("low"),
        high=values.get("high"),
        unit=row.units["value"],
        of=labels["of"],
        text=labels["text"],
        conditions=labels["conditions"],
        source=row.source,
        also=row.also,
        rests_on=row.rests_on,
        basis=row.basis,
        confidence=row.confidence,
        notes=row.note,
        functional_unit=labels.get("functional_unit", ""),
    )


@cache
def _registry() -> pint.UnitRegistry[Any]:
    """pint's own registry, with the percent sign and two currencies that do not convert."""
    import pint

    registry: pint.UnitRegistry[Any] = pint.UnitRegistry(autoconvert_offset_to_baseunit=True)
    registry.define("USD = [currency_usd]")
    registry.define("EUR = [currency_eur]")
    return registry


def _units(unit: str) -> str:
    """A unit of the tables as pint reads it."""
    return {"1": "dimensionless", "%": "percent"}.get(unit, _POWER.sub(r"**\1", unit))
