"""Uranium taken out of a liquor to the cited share: an anion resin, or TBP in nitrate, stripped with water.

    UO2+2 + 2 A- leave with the strip water; rare earths leave in the liquor that the resin or solvent keeps,

the cited share of it. Rinse and regeneration of the resin are neglected.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from ytterby.elements import element
from ytterby.materials import Flow, ion, liquor_volume, species
from ytterby.unitops.acid import Medium
from ytterby.unitops.assumptions import posts
from ytterby.unitops.contract import Balance, Drivers, Equipment, Operation, Setting, assumed
from ytterby.unitops.reagents import ANION, drawn

WATER_DENSITY = 997.0
"""At 25 degC [kg/m3]."""


@dataclass(frozen=True, kw_only=True)
class UraniumRemoval(Operation):
    """Columns of resin, or two small mixer-settlers with TBP."""

    KIND: ClassVar[str] = "uranium removal"
    INLETS: ClassVar[Mapping[str, str]] = {"liquor": "liquor with traces of uranium"}
    OUTLETS: ClassVar[Mapping[str, str]] = {
        "liquor": "the same without most of the uranium",
        "uranium": "strip liquor with the uranium",
    }
    SETTINGS: ClassVar[Mapping[str, Setting]] = {
        "removal": Setting("share of uranium taken out", "uranium_IX", "U_removal"),
        "rare_earth_loss": Setting(
            "share of the liquor, and so of each rare earth, that goes along",
            "uranium_IX",
            "RE_loss",
        ),
        "loading": Setting("U3O8 per resin [g/L]", "uranium_IX", "resin_loading"),
        "cycle": Setting(
            "between two elutions [h]",
            assumed=assumed(168.0, 24.0, 720.0, "h", "traces load slowly"),
        ),
        "bed_volumes": Setting(
            "liquor per resin and hour [m3/(m3 h)]",
            assumed=assumed(4.0, 2.0, 10.0, "1/h", "ion exchange of liquors"),
        ),
        "strip_strength": Setting(
            "uranium in the strip water [kg/m3]",
            assumed=assumed(10.0, 2.0, 50.0, "kg/m3", "dilute acid or water strips both"),
        ),
        "posts": posts(0.1, 0.05, 0.25, "one person watches several columns"),
    }

    medium: Medium = "nitrate"

    def balance(self, inlets: Mapping[str, Flow]) -> Balance:
        """Liquor and uranium stream."""
        liquor = inlets["liquor"]
        loss, uranyl, anion = self.value("rare_earth_loss"), ion("U"), ANION[self.medium]
        kept = liquor.scaled(1.0 - loss)
        taken = self.value("removal") * kept.moles(uranyl)
        clean = kept.plus({uranyl: -taken, anion: -2.0 * taken}) if taken else kept
        mass = taken * element("U").atomic_weight
        water = mass / self.value("strip_strength") * WATER_DENSITY / species("H2O").molar_mass
        strip = liquor.scaled(loss)
        if taken:
            strip = strip.plus({uranyl: taken, anion: 2.0 * taken, "H2O": water})
        notes = () if taken or not liquor.mass() else ("no uranium arrives: only a loss of liquor",)
        return Balance(
            operation=self.name,
            inlets={"liquor": liquor},
            drawn={"water": drawn("water", water)} if water else {},
            outlets={"liquor": clean, "uranium": strip},
            notes=notes,
        )

    def equipment(self, balance: Balance) -> tuple[Equipment, ...]:
        """Resin by what it loads between two elutions or by the flow that it can pass, the larger of both."""
        liquor = balance.inlets["liquor"]
        if liquor.mass() <= 0.0:
            return ()
        taken = liquor.moles(ion("U")) - balance.outlets["liquor"].moles(ion("U"))
        loaded = taken * element("U").oxide_molar_mass * self.value("cycle") / self.value("loading")
        passed = liquor_volume(liquor) / self.value("bed_volumes")
        because = (
            f"{loaded:.3g} m3 to load, {passed:.3g} m3 to pass the flow; one loads, one is eluted"
        )
        return (Equipment("resin column", 2, max(loaded, passed), "m3", because),)

    def drivers(self, balance: Balance) -> Drivers:
        """People; pumping is neglected."""
        return Drivers(posts=self.value("posts"))
