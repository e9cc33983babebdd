"""Boric acid out of a raffinate, with a boron resin or by crystallisation.

    resin:            the assumed share is taken and eluted with acid into a liquor of the assumed strength
    crystallisation:  water is evaporated to the share asked for; boric acid beyond its solubility in the
                      water that is left falls out, n = n_B - s n_H2O

Solubility is that in water at the temperature of the crystalliser: salts change it, and salts that fall out
as the liquor gets strong are not seen. A dilute raffinate holds far too little boron to crystallise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from ytterby.materials import Flow, liquor_volume, species, water_for_volume
from ytterby.unitops.acid import Medium
from ytterby.unitops.assumptions import FILTER, dry_mass, filters, posts
from ytterby.unitops.contract import Balance, Drivers, Equipment, Operation, Setting, assumed
from ytterby.unitops.leach import filter_of
from ytterby.unitops.reagents import ACID, ANION, drawn

ACID_OF_BORON = "H3BO3"


@dataclass(frozen=True, kw_only=True)
class BoronRecovery(Operation):
    """Columns of a boron resin, or an evaporating crystalliser with a filter."""

    KIND: ClassVar[str] = "boron recovery"
    INLETS: ClassVar[Mapping[str, str]] = {"liquor": "raffinate without rare earths"}
    OUTLETS: ClassVar[Mapping[str, str]] = {
        "liquor": "the same with less boron",
        "boric_acid": "eluate of the resin, or moist crystals",
        "condensate": "water evaporated by a crystalliser",
    }
    SETTINGS: ClassVar[Mapping[str, Setting]] = {
        "removal": Setting(
            "share of boron that the resin takes",
            assumed=assumed(95.0, 85.0, 99.0, "%", "N-methylglucamine resin"),
        ),
        "acid_per_boron": Setting(
            "acid that elutes and regenerates, per boron [mol/mol]",
            assumed=assumed(1.5, 1.0, 3.0, "mol/mol", "N-methylglucamine resin"),
        ),
        "eluate": Setting(
            "boron in the eluate [mol/m3]",
            assumed=assumed(300.0, 100.0, 600.0, "mol/m3", "about 3 g/L of boron"),
        ),
        "bed_volumes": Setting(
            "liquor per resin and hour [m3/(m3 h)]",
            assumed=assumed(5.0, 2.0, 10.0, "1/h", "ion exchange of liquors"),
        ),
        "evaporated": Setting(
            "share of the water that a crystalliser evaporates",
            assumed=assumed(80.0, 0.0, 95.0, "%", "short of what ammonium nitrate lets go"),
        ),
        "solubility": Setting(
            "boric acid per water at the crystalliser's end [g/kg]",
            assumed=replace(
                assumed(47.2, 47.0, 51.0, "g/kg", "in water at 20 degC"),
                source="PRACTICE",
                basis="recalled",
                confidence="medium",
            ),
        ),
        "electricity_evaporation": Setting(
            "per water evaporated [kWh/t]", "ZLD", "crystalliser_electricity"
        ),
        **FILTER,
        "moisture": Setting(
            "water in the wet crystals, by mass",
            assumed=assumed(8.0, 3.0, 15.0, "%", "centrifuged crystals"),
        ),
        "posts": posts(0.25, 0.1, 0.5, "one person watches several steps"),
    }

    medium: Medium = "nitrate"
    method: Literal["resin", "crystallisation"] = "resin"

    def balance(self, inlets: Mapping[str, Flow]) -> Balance:
        """Liquor, boric acid and condensate."""
        liquor = inlets["liquor"]
        if not liquor.moles(ACID_OF_BORON):
            notes = ("no boron arrives",) if liquor.mass() else ()
            return self._told(liquor, {}, liquor, Flow("liquor", {}), notes=notes)
        return self._eluted(liquor) if self.method == "resin" else self._crystallised(liquor)

    def _eluted(self, liquor: Flow) -> Balance:
        boron = self.value("removal") * liquor.moles(ACID_OF_BORON)
        acid = self.value("acid_per_boron") * boron
        bought = drawn(ACID[self.medium], acid)
        solutes = {ACID_OF_BORON: boron, "H+": acid, ANION[self.medium]: acid}
        wanted = water_for_volume(solutes, boron / self.value("eluate"))
        brought = bought.moles("H2O")
        water = max(0.0, wanted - brought)
        bills = {ACID[self.medium]: bought}
        if water:
            bills["water"] = drawn("water", water)
        eluate = Flow("liquor", {**solutes, "H2O": brought + water})
        notes: tuple[str, ...] = ()
        if not water:
            notes = ("the acid brings more water than the eluate asked for has",)
        if liquor_volume(eluate) > liquor_volume(liquor):
            notes += ("the eluate is weaker than what arrives: crystallise, or elute stronger",)
        return self._told(liquor, bills, liquor.plus({ACID_OF_BORON: -boron}), eluate, notes=notes)

    def _crystallised(self, liquor: Flow) -> Balance:
        gone = self.value("evaporated") * liquor.moles("H2O")
        water = liquor.moles("H2O") - gone
        grams = species(ACID_OF_BORON).molar_mass / species("H2O").molar_mass * 1000.0
        crystals = max(0.0, liquor.moles(ACID_OF_BORON) - self.value("solubility") / grams * water)
        condensate = Flow("liquor", {"H2O": gone} if gone else {})
        strong = liquor.plus({"H2O": -gone, ACID_OF_BORON: -crystals})
        if not crystals:
            note = "boric acid stays dissolved: evaporate more, or take a resin"
            return self._told(liquor, {}, strong, Flow("solid", {}), condensate, (note,))
        solutes = {name: amount for name, amount in strong.amounts.items() if name != "H2O"}
        parted = filter_of(self).part(
            f"operation {self.name}", {ACID_OF_BORON: crystals}, solutes, water
        )
        bills = {"water": drawn("water", parted.wash)} if parted.wash else {}
        return self._told(liquor, bills, parted.liquor, parted.cake, condensate)

    def _told(
        self,
        liquor: Flow,
        bills: Mapping[str, Flow],
        left: Flow,
        boron: Flow,
        condensate: Flow | None = None,
        notes: tuple[str, ...] = (),
    ) -> Balance:
        return Balance(
            operation=self.name,
            inlets={"liquor": liquor},
            drawn=bills,
            outlets={
                "liquor": left,
                "boric_acid": boron,
                "condensate": condensate or Flow("liquor", {}),
            },
            notes=notes,
        )

    def equipment(self, balance: Balance) -> tuple[Equipment, ...]:
        """Two columns of resin, or a crystalliser and a filter."""
        volume = liquor_volume(balance.inlets["liquor"])
        if volume <= 0.0:
            return ()
        if self.method == "resin":
            rate = self.value("bed_volumes")
            because = (
                f"{volume:.3g} m3/h at {rate:.3g} bed volumes an hour; one loads, one is eluted"
            )
            return (Equipment("resin column", 2, volume / rate, "m3", because),)
        tonnes = balance.outlets["condensate"].mass() / 1000.0
        return (
            Equipment("crystalliser", 1, tonnes, "t/h", "water evaporated"),
            *filters(dry_mass(balance.outlets["boric_acid"]), self.value("filter_flux")),
        )

    def drivers(self, balance: Balance) -> Drivers:
        """Electricity by the water evaporated; pumping is neglected."""
        tonnes = balance.outlets["condensate"].mass() / 1000.0
        return Drivers(
            electricity=self.value("electricity_evaporation") * tonnes, posts=self.value("posts")
        )
