"""Crystallisation of the salts of acid and base, as crystals or as a strong solution to be sold.

Ammonium and sodium pair with nitrate and chloride. All else that is dissolved (metals, boron, sulfate,
oxalate, free acid) leaves with the purge, in liquor saturated by a share of the salt: as much as is set, or
as much more as keeps other matter below its own share of the purge. Crystals leave pure but for moisture.
Neither the phase diagram of mixed salts nor what crystals take up is computed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from ytterby.datasets.process import Parameter
from ytterby.errors import BalanceError, Fault
from ytterby.materials import Flow, species
from ytterby.unitops.assumptions import posts
from ytterby.unitops.contract import (
    Balance,
    Drivers,
    Equipment,
    Operation,
    Setting,
    assumed,
)
from ytterby.unitops.evaporate import (
    EVAPORATORS,
    WATER,
    Power,
    acid_note,
    evaporated,
    evaporation_energy,
    evaporators,
    require_evaporable,
)

Form = Literal["crystals", "solution"]
SALTS: Mapping[tuple[str, str], str] = {
    ("NH4+", "NO3-"): "NH4NO3",
    ("NH4+", "Cl-"): "NH4Cl",
    ("Na+", "NO3-"): "NaNO3",
    ("Na+", "Cl-"): "NaCl",
}


def saturation(salt: str, percent: float, celsius: int) -> Setting:
    """Salt in a saturated solution, by mass, from memory of the handbooks."""
    known: Parameter = replace(
        assumed(percent, 0.95 * percent, 1.05 * percent, "%", "solubility of the pure salt"),
        conditions=f"{celsius} degC",
        source="PRACTICE",
        basis="recalled",
        confidence="high",
    )
    return Setting(f"{salt} in a solution saturated at {celsius} degC, by mass", assumed=known)


@dataclass(frozen=True, kw_only=True)
class Crystallisation(Operation):
    """A crystalliser with centrifuge and drier, or an evaporator to a solution that is sold."""

    KIND: ClassVar[str] = "salt crystallisation"
    INLETS: ClassVar[Mapping[str, str]] = {"liquor": "a neutral salt liquor"}
    OUTLETS: ClassVar[Mapping[str, str]] = {
        "salt": "crystals, or a strong solution",
        "condensate": "water",
        "purge": "saturated liquor with what does not crystallise",
    }
    SETTINGS: ClassVar[Mapping[str, Setting]] = {
        "crystalliser": Setting(
            "electricity per water evaporated [kWh/t]", "ZLD", "crystalliser_electricity"
        ),
        **EVAPORATORS,
        "purge": Setting(
            "salt that leaves with the purge, at least",
            assumed=assumed(2.0, 0.5, 5.0, "%", "a bleed at any rate"),
        ),
        "other": Setting(
            "other matter in the purge, at most, by mass",
            assumed=assumed(20.0, 10.0, 40.0, "%", "what saturated liquor may hold beside salt"),
        ),
        "moisture": Setting(
            "water in the crystals, by mass",
            assumed=assumed(0.5, 0.1, 2.0, "%", "centrifuged and dried"),
        ),
        "solution": Setting(
            "dissolved matter in a solution to be sold, by mass",
            assumed=assumed(75.0, 60.0, 80.0, "%", "NH4NO3 is sold as 60-80 % solution"),
        ),
        "NH4NO3": saturation("NH4NO3", 80.8, 60),
        "NH4Cl": saturation("NH4Cl", 35.6, 60),
        "NaNO3": saturation("NaNO3", 55.4, 60),
        "NaCl": saturation("NaCl", 27.1, 60),
        "posts": posts(0.5, 0.25, 1.0, "crystalliser, centrifuge and bagging"),
    }

    form: Form = "crystals"
    power: Power = "MVR"

    def balance(self, inlets: Mapping[str, Flow]) -> Balance:
        """Salt, condensate and purge; BalanceError where the liquor is stronger than what is to leave."""
        liquor = inlets["liquor"]
        require_evaporable(self.name, liquor)
        notes: tuple[str, ...]
        if self.form == "solution":
            salt, condensate = evaporated(liquor, self.value("solution"))
            purge, notes = Flow("liquor", {}), ()
        else:
            pairs = self._pairs(liquor)
            share = self._purged(liquor, pairs)
            salt, condensate, purge = self._crystallised(liquor, pairs, share)
            notes = self._told(share)
        return Balance(
            operation=self.name,
            inlets={"liquor": liquor},
            drawn={},
            outlets={"salt": salt, "condensate": condensate, "purge": purge},
            notes=(*acid_note(liquor), *notes),
        )

    def _crystallised(
        self, liquor: Flow, pairs: Mapping[str, float], share: float
    ) -> tuple[Flow, Flow, Flow]:
        """Crystals, condensate and purge, where that share of the salt is purged."""
        solid = {salt: (1.0 - share) * amount for salt, amount in pairs.items()}
        mass = Flow("solid", solid).mass()
        moisture = self.value("moisture")
        damp = mass * moisture / (1.0 - moisture) / species(WATER).molar_mass
        taken = {name: 0.0 for name in liquor.amounts}
        for (cation, anion), salt in SALTS.items():
            for name in (cation, anion):
                if name in taken:
                    taken[name] += solid.get(salt, 0.0)
        left = {
            name: max(amount - taken[name], 0.0)
            for name, amount in liquor.amounts.items()
            if name != WATER
        }
        purged = share * self._saturated(pairs) - share * Flow("solid", pairs).mass()
        kept = purged / species(WATER).molar_mass
        steam = liquor.moles(WATER) - damp - kept
        if steam < 0.0:
            raise BalanceError(
                Fault(
                    f"operation {self.name}, liquor",
                    f"{liquor.moles(WATER):.4g} mol/h of water",
                    f"at least the {damp + kept:.4g} mol/h that crystals and purge hold",
                    next="purge less, or evaporate less before",
                )
            )
        if not pairs:
            return Flow("solid", {}), Flow("liquor", {}), liquor
        purge = Flow("liquor", {name: it for name, it in {**left, WATER: kept}.items() if it})
        return (
            Flow("solid", {**solid, WATER: damp}),
            Flow("liquor", {WATER: steam}),
            purge,
        )

    def _pairs(self, liquor: Flow) -> dict[str, float]:
        """Salts [mol/h] that could crystallise, ions shared out in proportion."""
        cations = {name: liquor.moles(name) for name in ("NH4+", "Na+")}
        anions = {name: liquor.moles(name) for name in ("NO3-", "Cl-")}
        there, partners = sum(cations.values()), sum(anions.values())
        most = min(there, partners)
        if most <= 0.0:
            return {}
        return {
            salt: most * (cations[cation] / there) * (anions[anion] / partners)
            for (cation, anion), salt in SALTS.items()
            if cations[cation] and anions[anion]
        }

    def _saturated(self, pairs: Mapping[str, float]) -> float:
        """Liquor [kg/h] that those salts would saturate, each its own."""
        return sum(
            amount * species(salt).molar_mass / self.value(salt) for salt, amount in pairs.items()
        )

    def _purged(self, liquor: Flow, pairs: Mapping[str, float]) -> float:
        """Share of the salt that is purged: as set, or what keeps other matter dissolved."""
        most = self.value("other")
        water = liquor.moles(WATER) * species(WATER).molar_mass
        other = max(liquor.mass() - water - Flow("solid", pairs).mass(), 0.0)
        saturated = self._saturated(pairs)
        needed = other * (1.0 / most - 1.0) / saturated if saturated else 0.0
        return min(max(self.value("purge"), needed), 1.0)

    def _told(self, share: float) -> tuple[str, ...]:
        if share == self.value("purge"):
            return ()
        return (f"purges {100.0 * share:.3g} % of the salt to keep other matter dissolved",)

    def equipment(self, balance: Balance) -> tuple[Equipment, ...]:
        """An evaporator, and for crystals a centrifuge with drier."""
        salt = balance.outlets["salt"]
        found = evaporators(balance.outlets["condensate"])
        if self.form == "solution" or salt.mass() == 0.0:
            return found
        tonnes = salt.mass() / 1000.0
        return (*found, Equipment("centrifuge and drier", 1, tonnes, "t/h", "crystals"))

    def drivers(self, balance: Balance) -> Drivers:
        """Electricity or steam by the water evaporated; crystals take the more of forced circulation."""
        vapour = balance.outlets["condensate"]
        if vapour.mass() == 0.0:
            return Drivers()
        electricity, steam = evaporation_energy(self, vapour, self.power)
        if self.form == "crystals" and self.power == "MVR":
            electricity = self.value("crystalliser") * vapour.mass() / 1000.0
        return Drivers(electricity=electricity, steam=steam, posts=self.value("posts"))
