"""What a metal plant next door saves: stock between the plants, the money tied up in it, freight.

    stock = flow x days,   carrying cost = stock x price x rate,   freight = flow x distance x tariff

All of it rests on assumptions, each with its range, to be replaced by those of the plants compared. Packing,
second assays, insurance, duty and lots refused on the way are left out; they add to the saving.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ytterby.datasets.process import Parameter
from ytterby.errors import CaseError, Fault, nearest
from ytterby.unitops.contract import PERCENT, assumed

DAY, YEAR = 24.0, 8760.0
"""[h]"""
ASSUMPTIONS: Mapping[str, Parameter] = {
    "days_apart": assumed(
        60.0, 30.0, 120.0, "d", "a lot gathered, five weeks at sea, customs, safety stock"
    ),
    "days_together": assumed(5.0, 2.0, 10.0, "d", "a lot a day, its assay, a few lots of buffer"),
    "distance_apart": assumed(20_000.0, 1000.0, 25_000.0, "km", "Europe to East Asia by sea"),
    "distance_together": assumed(1.0, 0.1, 10.0, "km", "one fence"),
    "tariff": assumed(0.02, 0.01, 0.1, "money/t/km", "a container at sea; by road 0.1"),
    "emission": assumed(0.015, 0.005, 0.1, "kg/t/km", "CO2 of container ships; by road 0.1"),
    "rate": assumed(8.0, 4.0, 15.0, "%", "cost of capital a year"),
    "returned": assumed(
        5.0, 2.0, 10.0, "%", "slag, skull and swarf that travel back, by mass of what went"
    ),
}
"""Money is in the currency and of the date of the price."""


@dataclass(frozen=True)
class Handover:
    """What lies and travels between two plants."""

    stock: float
    """[kg]"""
    value: float
    """Of the stock, in the currency of the price."""
    carrying: float
    """Cost of that capital in a year."""
    freight: float
    """Cost in a year."""
    emission: float
    """CO2 of freight in a year [kg]."""


@dataclass(frozen=True)
class Colocation:
    """The same hand-over between plants apart and next door."""

    apart: Handover
    together: Handover
    assumptions: Mapping[str, Parameter]
    """All numbers that it rests on."""

    @property
    def released(self) -> float:
        """Capital set free once, in the currency of the price."""
        return self.apart.value - self.together.value

    @property
    def saved(self) -> float:
        """Carrying cost and freight saved in a year, in the currency of the price."""
        apart, together = self.apart, self.together
        return apart.carrying + apart.freight - together.carrying - together.freight


def colocation(flow: float, price: float, own: Mapping[str, Parameter] | None = None) -> Colocation:
    """What lies and travels between two plants, apart and next door, for a flow [kg/h] at a price [money/kg].

    ``own`` replaces assumptions by their names; CaseError for a name that there is none of.
    """
    strange = [name for name in own or {} if name not in ASSUMPTIONS]
    if strange:
        expected = "one of: " + ", ".join(ASSUMPTIONS)
        raise CaseError(
            [Fault("colocation", name, expected, nearest(name, ASSUMPTIONS)) for name in strange]
        )
    basis = {**ASSUMPTIONS, **(own or {})}
    return Colocation(
        _handover(flow, price, basis, "apart"), _handover(flow, price, basis, "together"), basis
    )


def _handover(flow: float, price: float, basis: Mapping[str, Parameter], where: str) -> Handover:
    stock = flow * DAY * _number(basis[f"days_{where}"])
    travelled = flow * YEAR * (1.0 + _number(basis["returned"])) / 1000.0
    tonne_kilometres = travelled * _number(basis[f"distance_{where}"])
    return Handover(
        stock=stock,
        value=stock * price,
        carrying=stock * price * _number(basis["rate"]),
        freight=tonne_kilometres * _number(basis["tariff"]),
        emission=tonne_kilometres * _number(basis["emission"]),
    )


def _number(found: Parameter) -> float:
    """As used: a share where it is a percentage."""
    number = found.typical(found.unit)
    return number / 100.0 if found.unit in PERCENT else number
