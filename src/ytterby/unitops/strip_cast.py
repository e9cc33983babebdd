"""Strip casting of magnet alloy: rare-earth metals with iron, boron and the rest of a recipe, in flakes.

All rare earth that arrives goes into alloy of the share asked for; iron makes up what is lacking. Skull and
splash leave with the alloy's composition. Evaporation and oxidation of the melt are neglected.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from ytterby.errors import CaseError, Fault
from ytterby.materials import Flow, mixed, species
from ytterby.unitops.assumptions import posts
from ytterby.unitops.contract import Balance, Drivers, Equipment, Operation, Setting, assumed
from ytterby.unitops.downstream import DownstreamSetting, kilograms, require_metal
from ytterby.unitops.reagents import drawn

STEP, ALLOY = "strip_casting", "NdFeB alloy"
REST: Mapping[str, str] = {
    "boron": "B",
    "cobalt": "Co",
    "copper": "Cu",
    "aluminium": "Al",
}
"""What is added beside rare earths and iron, by setting."""
REAGENT: Mapping[str, str] = {**{name: name for name in REST}, "boron": "ferroboron"}


@dataclass(frozen=True, kw_only=True)
class StripCasting(Operation):
    """A vacuum induction furnace over a cooled wheel."""

    KIND: ClassVar[str] = "strip casting"
    INLETS: ClassVar[Mapping[str, str]] = {
        "metal": "rare-earth metals, together in their proportion"
    }
    OUTLETS: ClassVar[Mapping[str, str]] = {"alloy": "flakes", "skull": "to be melted again"}
    SETTINGS: ClassVar[Mapping[str, Setting]] = {
        "recovery": DownstreamSetting("melt that becomes flakes", STEP, "yield", ALLOY),
        "electricity": DownstreamSetting("per alloy [kWh/kg]", STEP, "electricity", ALLOY),
        "rare_earths": Setting(
            "in the alloy, by mass",
            assumed=assumed(31.0, 29.5, 32.5, "%", "total rare earths of sintered grades"),
        ),
        "boron": Setting(
            "in the alloy, by mass",
            assumed=assumed(0.97, 0.93, 1.05, "%", "1 % in Nd2Fe14B, less with the Nd-rich phase"),
        ),
        "cobalt": Setting(
            "in the alloy, by mass",
            assumed=assumed(1.0, 0.0, 3.0, "%", "corrosion and Curie point"),
        ),
        "copper": Setting(
            "in the alloy, by mass", assumed=assumed(0.15, 0.0, 0.3, "%", "grain boundaries")
        ),
        "aluminium": Setting(
            "in the alloy, by mass", assumed=assumed(0.3, 0.0, 0.8, "%", "grain boundaries")
        ),
        "posts": posts(1.0, 0.5, 2.0, "charging and unloading"),
    }

    def balance(self, inlets: Mapping[str, Flow]) -> Balance:
        """Alloy and skull; CaseError where the metal brings more of something than the recipe holds."""
        metal = inlets["metal"]
        require_metal(self.name, metal)
        rare = sum(kilograms(metal, symbol) for symbol in metal.rare_earths())
        alloy = rare / self.value("rare_earths")
        bought: dict[str, Flow] = {}
        for name, symbol in REST.items():
            lacking = self.value(name) * alloy - kilograms(metal, symbol)
            self._require(lacking, name)
            if lacking > 0.0:
                bought[REAGENT[name]] = drawn(REAGENT[name], lacking / species(symbol).molar_mass)
        iron = alloy - mixed([metal, *bought.values()], "solid").mass()
        self._require(iron, "iron")
        if iron > 0.0:
            bought["iron"] = drawn("iron", iron / species("Fe").molar_mass)
        melt = mixed([metal, *bought.values()], "solid")
        kept = self.value("recovery")
        return Balance(
            operation=self.name,
            inlets={"metal": metal},
            drawn=bought,
            outlets={"alloy": melt.scaled(kept), "skull": melt.scaled(1.0 - kept)},
        )

    def _require(self, lacking: float, name: str) -> None:
        if lacking < 0.0:
            raise CaseError(
                Fault(
                    f"operation {self.name}, {name}",
                    f"{-lacking:.4g} kg/h more than the recipe holds",
                    "metals that leave room for it",
                    next="change the recipe or the metal",
                )
            )

    def equipment(self, balance: Balance) -> tuple[Equipment, ...]:
        """One caster by the alloy it makes."""
        made = balance.outlets["alloy"].mass()
        if made == 0.0:
            return ()
        return (Equipment("strip caster", 1, made, "kg/h", "flakes made"),)

    def drivers(self, balance: Balance) -> Drivers:
        """Electricity by alloy, and people."""
        made = balance.outlets["alloy"].mass()
        if made == 0.0:
            return Drivers()
        return Drivers(electricity=self.value("electricity") * made, posts=self.value("posts"))
