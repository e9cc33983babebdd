"""Copper, nickel and cobalt taken out of a liquor, as sulfides or with a chelating resin.

    sulfide:  M+2 + S-2 -> MS, with ammonium sulfide; ammonium stays in the liquor
    resin:    M+2 + 2 RH -> R2M + 2 H+, then R2M + 2 H+ + 2 A- -> 2 RH + M+2 + 2 A- into an eluate

Shares removed are assumptions. Hydrogen sulfide that acid liquors give off, sulfide left in solution and
rinses are neglected; the liquor should come at pH 4 to 5, and leaves a resin more acid than it came.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from ytterby.elements import RARE_EARTHS
from ytterby.materials import Flow, ion, liquor_volume, reaction, water_for_volume
from ytterby.unitops.acid import Medium
from ytterby.unitops.assumptions import AGITATION, FILTER, dry_mass, filters, posts, tanks
from ytterby.unitops.contract import Balance, Drivers, Equipment, Operation, Setting, assumed
from ytterby.unitops.leach import filter_of
from ytterby.unitops.reagents import ACID, ANION, drawn

TAKEN: Mapping[str, tuple[float, float, float]] = {
    "Cu": (99.0, 95.0, 99.9),
    "Co": (95.0, 80.0, 99.0),
    "Ni": (95.0, 80.0, 99.0),
    "Zn": (95.0, 80.0, 99.0),
}
"""Share removed: usual, low, high [%]."""


@dataclass(frozen=True, kw_only=True)
class SideMetals(Operation):
    """Precipitation tanks with a filter, or columns of resin."""

    KIND: ClassVar[str] = "side metals"
    INLETS: ClassVar[Mapping[str, str]] = {"liquor": "rare-earth liquor at pH 4 to 5"}
    OUTLETS: ClassVar[Mapping[str, str]] = {
        "liquor": "the same without most of Cu, Co, Ni and Zn",
        "metals": "sulfide cake, or eluate of the resin",
    }
    SETTINGS: ClassVar[Mapping[str, Setting]] = {
        **{
            f"removed_{symbol}": Setting(
                f"share of {symbol} removed",
                assumed=assumed(value, low, high, "%", "sulfide or chelating resin at pH 4 to 5"),
            )
            for symbol, (value, low, high) in TAKEN.items()
        },
        "rare_earth_loss": Setting(
            "share of each rare earth that goes along",
            assumed=assumed(0.1, 0.02, 0.5, "%", "with the eluate; a washed cake loses its own"),
        ),
        "excess": Setting(
            "reagent beyond what the metals take",
            assumed=assumed(10.0, 0.0, 50.0, "%", "acid of an elution"),
        ),
        "eluate": Setting(
            "metals in the eluate [mol/m3]",
            assumed=assumed(300.0, 100.0, 600.0, "mol/m3", "about 20 g/L"),
        ),
        "residence_time": Setting(
            "in the tanks [h]", assumed=assumed(1.0, 0.5, 2.0, "h", "sulfides fall at once")
        ),
        "bed_volumes": Setting(
            "liquor per resin and hour [m3/(m3 h)]",
            assumed=assumed(4.0, 2.0, 10.0, "1/h", "ion exchange of liquors"),
        ),
        "agitation": AGITATION,
        **FILTER,
        "moisture": Setting(
            "water in the wet cake, by mass",
            assumed=assumed(60.0, 40.0, 75.0, "%", "fresh sulfides are fine"),
        ),
        "filter_flux": Setting(
            "dry solid per area and hour [kg/(m2 h)]",
            assumed=assumed(10.0, 5.0, 30.0, "kg/m2/h", "fresh sulfides are fine"),
        ),
        "posts": posts(0.25, 0.1, 0.5, "one person watches several steps"),
    }

    medium: Medium = "nitrate"
    method: Literal["sulfide", "resin"] = "resin"

    def balance(self, inlets: Mapping[str, Flow]) -> Balance:
        """Liquor and metals."""
        liquor = inlets["liquor"]
        taken = {
            symbol: self.value(f"removed_{symbol}") * liquor.moles(ion(symbol)) for symbol in TAKEN
        }
        taken = {symbol: amount for symbol, amount in taken.items() if amount > 0.0}
        if not taken:
            notes = ("no Cu, Co, Ni or Zn arrives",) if liquor.mass() else ()
            return self._told(liquor, {}, liquor, Flow("liquor", {}), notes)
        if self.method == "sulfide":
            return self._sulfides(liquor, taken)
        return self._eluted(liquor, taken)

    def _sulfides(self, liquor: Flow, taken: Mapping[str, float]) -> Balance:
        changes: dict[str, float] = {}
        for symbol, amount in taken.items():
            for name, count in reaction(f"{ion(symbol)} + S-2 -> {symbol}S").coefficients.items():
                changes[name] = changes.get(name, 0.0) + count * amount
        bought = drawn("ammonium sulfide", -changes.pop("S-2"))
        solid = {f"{symbol}S": changes.pop(f"{symbol}S") for symbol in taken}
        for name, amount in bought.amounts.items():
            if name != "S-2":
                changes[name] = changes.get(name, 0.0) + amount
        slurry = dict(liquor.plus(changes).amounts)
        water = slurry.pop("H2O")
        parted = filter_of(self).part(f"operation {self.name}", solid, slurry, water)
        bills = {"ammonium sulfide": bought, "water": drawn("water", parted.wash)}
        return self._told(liquor, bills, parted.liquor, parted.cake)

    def _eluted(self, liquor: Flow, taken: Mapping[str, float]) -> Balance:
        """Rare earths that the resin takes are exchanged and eluted as the metals are, with 3 H+ each."""
        loss = self.value("rare_earth_loss")
        loaded = {ion(symbol): (2.0, amount) for symbol, amount in taken.items()}
        loaded |= {
            ion(symbol): (3.0, loss * liquor.moles(ion(symbol)))
            for symbol in RARE_EARTHS
            if liquor.moles(ion(symbol)) > 0.0
        }
        exchanged = sum(charge * amount for charge, amount in loaded.values())
        spare = self.value("excess") * exchanged
        clean = liquor.plus({name: -amount for name, (_, amount) in loaded.items()})
        clean = clean.plus({"H+": exchanged})
        bought = drawn(ACID[self.medium], exchanged + spare)
        solutes = {name: amount for name, (_, amount) in loaded.items()}
        solutes |= {"H+": spare, ANION[self.medium]: exchanged + spare}
        volume = sum(taken.values()) / self.value("eluate")
        brought = bought.moles("H2O")
        water = max(0.0, water_for_volume(solutes, volume) - brought)
        eluate = Flow("liquor", {**solutes, "H2O": brought + water})
        bills = {ACID[self.medium]: bought}
        if water:
            bills["water"] = drawn("water", water)
        notes = () if water else ("the acid brings more water than the eluate asked for has",)
        return self._told(liquor, bills, clean, eluate, notes)

    def _told(
        self,
        liquor: Flow,
        bills: Mapping[str, Flow],
        clean: Flow,
        metals: Flow,
        notes: tuple[str, ...] = (),
    ) -> Balance:
        return Balance(
            operation=self.name,
            inlets={"liquor": liquor},
            drawn=bills,
            outlets={"liquor": clean, "metals": metals},
            notes=notes,
        )

    def equipment(self, balance: Balance) -> tuple[Equipment, ...]:
        """Tank and filter, or two columns of resin."""
        volume = liquor_volume(balance.inlets["liquor"])
        if volume <= 0.0:
            return ()
        if self.method == "sulfide":
            cake = dry_mass(balance.outlets["metals"])
            return (
                *tanks("precipitation tank", volume, self.value("residence_time")),
                *filters(cake, self.value("filter_flux")),
            )
        rate = self.value("bed_volumes")
        because = f"{volume:.3g} m3/h at {rate:.3g} bed volumes an hour; one loads, one is eluted"
        return (Equipment("resin column", 2, volume / rate, "m3", because),)

    def drivers(self, balance: Balance) -> Drivers:
        """Stirring of tanks; pumping is neglected."""
        tank = [it for it in self.equipment(balance) if it.item == "precipitation tank"]
        volume = sum(it.number * it.size for it in tank)
        return Drivers(electricity=self.value("agitation") * volume, posts=self.value("posts"))
