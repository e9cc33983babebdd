"""Neutralises a liquor before it is evaporated: carbonate with acid, all free acid with base.

    HCO3- + H+ -> CO2 + H2O      H2C2O4 + 2 NH3 -> C2O4-2 + 2 NH4+      H+ + NH3 -> NH4+

Carbon dioxide leaves as gas. Metals are taken to stay dissolved: nothing is said of hydroxides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from ytterby.materials import Flow, mixed, reaction
from ytterby.unitops.condition import (
    TANK,
    Base,
    Medium,
    acid_for,
    acidified,
    stirred_tank,
    stirring,
)
from ytterby.unitops.contract import Balance, Drivers, Equipment, Operation, Setting
from ytterby.unitops.reagents import BASE, drawn

ALKALINE: Mapping[str, tuple[str, float]] = {
    "HCO3-": ("HCO3- + H+ -> CO2 + H2O", 1.0),
    "CO3-2": ("CO3-2 + H+ -> CO2 + H2O", 2.0),
    "NH3": ("NH3 + H+ -> NH4+", 1.0),
}
"""What becomes of it in acid, and how much acid a mole takes."""
WEAK = "H2C2O4"
WEAK_WITH: Mapping[str, str] = {
    "NH3": "H2C2O4 + NH3 -> C2O4-2 + NH4+",
    "NaOH": "H2C2O4 + OH- -> C2O4-2 + H2O",
}


@dataclass(frozen=True, kw_only=True)
class Neutralisation(Operation):
    """A stirred tank with acid and base, and a vent."""

    KIND: ClassVar[str] = "neutralisation"
    INLETS: ClassVar[Mapping[str, str]] = {"liquor": "an acid or carbonated liquor"}
    OUTLETS: ClassVar[Mapping[str, str]] = {"liquor": "its salts", "gas": "carbon dioxide"}
    SETTINGS: ClassVar[Mapping[str, Setting]] = TANK

    medium: Medium
    base: Base
    acid: float = 0.0
    """Free acid to leave [mol/m3]; oxalic acid leaves as oxalate."""

    def balance(self, inlets: Mapping[str, Flow]) -> Balance:
        """The liquor of that acid, and the carbon dioxide that it gives off."""
        arriving = inlets["liquor"]
        liquor, acid = self._freed_of_alkali(arriving)
        gas = liquor.moles("CO2")
        liquor = Flow("liquor", {name: it for name, it in liquor.amounts.items() if name != "CO2"})
        liquor, base = self._freed_of_oxalic_acid(liquor)
        bought = [acid, base]
        if liquor.mass() > 0.0:
            last = acid_for(liquor, self.acid, self.medium, self.base)
            liquor, more = acidified(liquor, last, self.medium, self.base)
            bought.append(more)
        return Balance(
            operation=self.name,
            inlets={"liquor": arriving},
            drawn=_together(bought),
            outlets={"liquor": liquor, "gas": Flow("gas", {"CO2": gas} if gas else {})},
        )

    def _freed_of_alkali(self, liquor: Flow) -> tuple[Flow, dict[str, Flow]]:
        """After its carbonate and ammonia have met acid, its own first."""
        alkali = sum(each * liquor.moles(name) for name, (_, each) in ALKALINE.items())
        if alkali == 0.0:
            return liquor, {}
        lacking = alkali - liquor.moles("H+")
        bought: dict[str, Flow] = {}
        if lacking > 0.0:
            liquor, bought = acidified(liquor, lacking, self.medium, self.base)
        changes: dict[str, float] = {}
        for name, (text, _) in ALKALINE.items():
            for other, count in reaction(text).per(name).items():
                changes[other] = changes.get(other, 0.0) + count * liquor.moles(name)
        return liquor.plus(changes), bought

    def _freed_of_oxalic_acid(self, liquor: Flow) -> tuple[Flow, dict[str, Flow]]:
        """After its oxalic acid has met base."""
        weak = liquor.moles(WEAK)
        if weak == 0.0:
            return liquor, {}
        bought = drawn(BASE[self.base], 2.0 * weak)
        found = mixed([liquor, bought]).reacted(reaction(WEAK_WITH[self.base]), WEAK, weak)
        return found, {BASE[self.base]: bought}

    def equipment(self, balance: Balance) -> tuple[Equipment, ...]:
        """Tanks by the residence time."""
        return stirred_tank(self, balance.outlets["liquor"])

    def drivers(self, balance: Balance) -> Drivers:
        """Stirring."""
        power = stirring(self, self.equipment(balance))
        return Drivers(electricity=power, posts=self.value("posts") if power else 0.0)


def _together(several: list[dict[str, Flow]]) -> dict[str, Flow]:
    """Reagents of several steps, each once."""
    names = dict.fromkeys(name for one in several for name in one)
    return {name: mixed(one[name] for one in several if name in one) for name in names}
