"""What it takes to make the feed of the next circuit of a liquor: base, water, evaporation.

A strip liquor leaves with free acid, a raffinate thin. Between circuits the free acid above that of the
first feed is neutralised with the base of the saponification, then water is evaporated, or added, until the
metals are as concentrated as in the first feed. The salt of the neutralised acid is left out of the next
circuit, nothing is lost, and neither tanks nor the evaporator are counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ytterby.circuit.circuit import Inlet
from ytterby.design.costs import Price, Prices
from ytterby.elements import reagent_mass

CONDITIONING = ("neutralisation", "evaporation", "water")
"""Parts of what conditioning costs a year."""


@dataclass(frozen=True)
class Liquor:
    """What leaves a circuit for another one."""

    flow: float
    """[m3/h]"""
    acid: float
    """Free H+ [mol/h]."""
    metals: float
    """[mol/h]"""


@dataclass(frozen=True)
class Conditioner:
    """Brings liquors to the strength and acid of one feed, at prices."""

    feed: Inlet
    base: str
    """Of the saponification, as NaOH."""
    prices: Prices

    @property
    def used(self) -> tuple[Price, ...]:
        """Prices that it rests on."""
        items = (self.base, "evaporation_power", "electricity", "process_water", "operating_hours")
        return tuple(self.prices.of(item) for item in items)

    def costs(self, liquor: Liquor) -> dict[str, float]:
        """By ``CONDITIONING`` [EUR/year]."""
        hours = self._euros("operating_hours")
        flow = liquor.metals / sum(self.feed.concentrations.values())
        base = max(0.0, liquor.acid - flow * self.feed.acid)
        per_mole = self._euros(self.base) / 1000.0 * reagent_mass(self.base)
        # MWh per t of water, which is a cubic metre.
        evaporating = self._euros("evaporation_power") / 1000.0 * self._euros("electricity")
        return {
            "neutralisation": hours * per_mole * base,
            "evaporation": hours * evaporating * max(0.0, liquor.flow - flow),
            "water": hours * self._euros("process_water") * max(0.0, flow - liquor.flow),
        }

    def _euros(self, item: str) -> float:
        return self.prices.euros(self.prices.of(item))


def added(costs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Costs of several liquors together, by ``CONDITIONING`` [EUR/year]."""
    return {item: sum(it[item] for it in costs) for item in CONDITIONING}
