"""Removal of Fe, Al and Th by pH: base, a filter, and what rare earths go with the cake.

    M+n + n NH3 + n H2O -> M(OH)n + n NH4+,   H+ + NH3 -> NH4+

for the share of each metal that equilibrium with fresh hydroxides lets fall (`equilibrium.aqueous`), and for
the cited share of every rare earth that falls with them out of equilibrium. So does thorium: from the pH of
practice on, fresh hydroxides of iron and aluminium carry down a share of what equilibrium leaves dissolved,
where there is at least as much of them as of thorium. Base bound in dissolved hydroxo
complexes is neglected, and so is the activity of H+: 10^-pH mol per kg of water stay free.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Literal

from ytterby.elements import RARE_EARTHS
from ytterby.errors import CaseError, Fault
from ytterby.materials import Flow, hydroxide, ion, liquor_volume, reaction, species
from ytterby.unitops.acid import Medium
from ytterby.unitops.assumptions import AGITATION, FILTER, dry_mass, filters, posts, tanks
from ytterby.unitops.contract import Balance, Drivers, Equipment, Operation, Setting, assumed
from ytterby.unitops.leach import filter_of
from ytterby.unitops.reagents import ANION, BASE, drawn

if TYPE_CHECKING:
    from ytterby.equilibrium.aqueous import Neutralised

Base = Literal["NH3", "NaOH"]
FALLS: Mapping[str, str] = {
    "NH3": "{ion} + NH3 + H2O -> {solid} + NH4+",
    "NaOH": "{ion} + OH- -> {solid}",
}
TAKES_ACID: Mapping[str, str] = {"NH3": "H+ + NH3 -> NH4+", "NaOH": "H+ + OH- -> H2O"}
BASIC: Mapping[str, str] = {"NH3": "NH3", "NaOH": "OH-"}
AIMED_AT = ("Fe", "Al", "Th")
CARRIERS = ("Fe", "Al")
ENOUGH = 0.9
"""Share of what is aimed at that should fall; less is told [-]."""


@dataclass(frozen=True, kw_only=True)
class ImpurityRemoval(Operation):
    """Stirred tanks under pH control, a filter with a washed cake."""

    KIND: ClassVar[str] = "impurity removal"
    INLETS: ClassVar[Mapping[str, str]] = {"liquor": "leach or dissolution liquor"}
    OUTLETS: ClassVar[Mapping[str, str]] = {
        "liquor": "at the pH asked for, with the wash of the cake",
        "cake": "hydroxides, moist, with the liquor that their wash leaves",
    }
    SETTINGS: ClassVar[Mapping[str, Setting]] = {
        "ph": Setting("pH of the liquor", "impurity_removal", "Al_pH"),
        "rare_earth_loss": Setting(
            "share of each rare earth that falls with the cake", "impurity_removal", "RE_loss"
        ),
        "thorium_carried": Setting(
            "share of the thorium left by equilibrium that hydroxides of Fe and Al carry down",
            assumed=replace(
                assumed(
                    95.0, 0.0, 99.5, "%", "95 to 99.5 % out in practice; the carrier is assumed"
                ),
                source="ZHU15",
            ),
        ),
        "thorium_ph": Setting("pH from which they do", "impurity_removal", "Th_pH"),
        **FILTER,
        "moisture": Setting(
            "water in the wet cake, by mass",
            assumed=assumed(70.0, 50.0, 85.0, "%", "fresh hydroxides are slimy"),
        ),
        "filter_flux": Setting(
            "dry solid per area and hour [kg/(m2 h)]",
            assumed=assumed(5.0, 2.0, 15.0, "kg/m2/h", "fresh hydroxides are slimy"),
        ),
        "residence_time": Setting(
            "in the tanks [h]", assumed=assumed(2.0, 1.0, 6.0, "h", "growth of a filterable solid")
        ),
        "agitation": AGITATION,
        "posts": posts(0.5, 0.25, 1.0, "pH control and filter together"),
    }

    medium: Medium = "nitrate"
    base: Base = "NH3"

    def balance(self, inlets: Mapping[str, Flow]) -> Balance:
        """Liquor and cake; CaseError where the liquor is less acid than the pH asked for."""
        liquor = inlets["liquor"]
        if liquor.moles("H2O") <= 0.0:
            empty = {"liquor": liquor, "cake": Flow("solid", {})}
            return Balance(self.name, {"liquor": liquor}, {}, empty)
        found = self._equilibrium(liquor)
        loss = self.value("rare_earth_loss")
        shares = dict(found.precipitated)
        for symbol in RARE_EARTHS:
            if symbol in shares:
                shares[symbol] = 1.0 - (1.0 - shares[symbol]) * (1.0 - loss)
        carried = self._thorium_carried(liquor, shares)
        if carried:
            shares["Th"] = 1.0 - (1.0 - shares["Th"]) * (1.0 - carried)
        slurry, solid, base = self._precipitated(liquor, shares)
        bought = drawn(BASE[self.base], base)
        slurry = slurry.plus(
            {name: amount for name, amount in bought.amounts.items() if name != BASIC[self.base]}
        )
        solutes = {name: amount for name, amount in slurry.amounts.items() if name != "H2O"}
        parted = filter_of(self).part(f"operation {self.name}", solid, solutes, slurry.moles("H2O"))
        bills = {BASE[self.base]: bought} if base > 0.0 else {}
        if parted.wash > 0.0:
            bills["water"] = drawn("water", parted.wash)
        return Balance(
            operation=self.name,
            inlets={"liquor": liquor},
            drawn=bills,
            outlets={"liquor": parted.liquor, "cake": parted.cake},
            details=found,
            notes=(*found.notes, *self._carried_told(found, carried), *self._left(found, shares)),
        )

    def _thorium_carried(self, liquor: Flow, shares: Mapping[str, float]) -> float:
        """Share of the dissolved thorium that fresh hydroxides take; none without them, or below that pH."""
        thorium = liquor.moles(ion("Th"))
        carrier = sum(shares.get(symbol, 0.0) * liquor.moles(ion(symbol)) for symbol in CARRIERS)
        if thorium <= 0.0 or carrier < thorium or self.value("ph") < self.value("thorium_ph"):
            return 0.0
        return self.value("thorium_carried")

    def _carried_told(self, found: Neutralised, carried: float) -> tuple[str, ...]:
        """Told where thorium falls by assumption, not by equilibrium."""
        by_equilibrium = found.precipitated.get("Th", 1.0)
        if not carried or by_equilibrium >= ENOUGH:
            return ()
        read = f"by equilibrium {100.0 * by_equilibrium:.3g} % of Th falls at pH {found.ph:.2f}"
        return (f"{read}; {100.0 * carried:.3g} % of the rest is assumed to go with Fe and Al",)

    def _left(self, found: Neutralised, shares: Mapping[str, float]) -> tuple[str, ...]:
        """Told of what the operation is for and does not do."""
        return tuple(
            f"only {100.0 * shares[symbol]:.3g} % of {symbol} falls at pH {found.ph:.2f}"
            for symbol in AIMED_AT
            if shares.get(symbol, 1.0) < ENOUGH
        )

    def _equilibrium(self, liquor: Flow) -> Neutralised:
        """What falls out by pH, per kilogram of water."""
        from ytterby.equilibrium.aqueous import METALS, Liquor, neutralised

        water = liquor.moles("H2O") * species("H2O").molar_mass
        metals = {symbol: liquor.moles(ion(symbol)) / water for symbol in METALS if symbol != "Pb"}
        return neutralised(
            Liquor(
                metals={symbol: held for symbol, held in metals.items() if held > 0.0},
                anion=self.medium,
                acid=liquor.moles("H+") / water,
                sodium=liquor.moles("Na+") / water,
                ammonium=liquor.moles("NH4+") / water,
                other_anions={
                    name: liquor.moles(anion) / water
                    for name, anion in {**ANION, "sulfate": "SO4-2"}.items()
                    if name != self.medium and liquor.moles(anion) > 0.0
                },
            ),
            self.value("ph"),
            self.base,
        )

    def _precipitated(
        self, liquor: Flow, shares: Mapping[str, float]
    ) -> tuple[Flow, dict[str, float], float]:
        """Liquor without what fell and without the acid taken up, the solid, and base used up [mol/h]."""
        water = liquor.moles("H2O") * species("H2O").molar_mass
        acid = liquor.moles("H+") - 10.0 ** -self.value("ph") * water
        if acid < 0.0:
            raise CaseError(
                Fault(
                    f"operation {self.name}, ph",
                    f"{self.value('ph'):g}, of a liquor with {liquor.moles('H+') / water:.3g} mol/kg",
                    "a pH above that of the liquor",
                    next="raise the pH, or leave the operation out",
                )
            )
        steps = [(TAKES_ACID[self.base], "H+", acid)]
        steps += [
            (
                FALLS[self.base].format(ion=ion(symbol), solid=hydroxide(symbol)),
                ion(symbol),
                share * liquor.moles(ion(symbol)),
            )
            for symbol, share in shares.items()
        ]
        changes: dict[str, float] = {}
        for text, name, amount in steps:
            for other, count in reaction(text).per(name).items():
                changes[other] = changes.get(other, 0.0) + count * amount
        base = -changes.pop(BASIC[self.base], 0.0)
        solid = {
            hydroxide(symbol): amount
            for symbol in shares
            if (amount := changes.pop(hydroxide(symbol))) > 0.0
        }
        return liquor.plus(changes), solid, base

    def equipment(self, balance: Balance) -> tuple[Equipment, ...]:
        """Tanks by residence time, filters by dry cake."""
        volume = liquor_volume(balance.outlets["liquor"])
        return (
            *tanks("precipitation tank", volume, self.value("residence_time")),
            *filters(dry_mass(balance.outlets["cake"]), self.value("filter_flux")),
        )

    def drivers(self, balance: Balance) -> Drivers:
        """Stirring."""
        volume = sum(it.number * it.size for it in self.equipment(balance) if it.unit == "m3")
        return Drivers(electricity=self.value("agitation") * volume, posts=self.value("posts"))
