"""Evaporation of a liquor to a share of dissolved matter: concentrate, and condensate that is water alone.

Water is taken off until the dissolved matter makes the share asked for of the mass that stays. Volatile acid,
ammonia that a hot liquor gives off, carry-over of droplets and the rise of the boiling point are neglected.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from ytterby.errors import CaseError, Fault
from ytterby.materials import Flow, liquor_volume, species
from ytterby.unitops.assumptions import posts
from ytterby.unitops.contract import (
    Balance,
    Drivers,
    Equipment,
    Operation,
    Setting,
    assumed,
)

Power = Literal["MVR", "steam"]
"""Vapour recompressed by electricity, or live steam in several effects."""
WATER = "H2O"
GASES_OFF = ("HCO3-", "CO3-2", "NH3", "OH-")
"""What a boiling liquor would lose to its vapour, or what it must not hold at all."""
FREE_ACID = 10.0
"""Free acid above which a note is given [mol/m3]."""
EVAPORATORS: Mapping[str, Setting] = {
    "mvr": Setting("electricity per water evaporated [kWh/t]", "ZLD", "MVR_electricity"),
    "steam": Setting("live steam per water evaporated [t/t]", "ZLD", "multi_effect_steam"),
}


@dataclass(frozen=True, kw_only=True)
class Evaporation(Operation):
    """An evaporator in front of a crystalliser, or of a tank truck."""

    KIND: ClassVar[str] = "evaporation"
    INLETS: ClassVar[Mapping[str, str]] = {"liquor": "a neutral salt liquor"}
    OUTLETS: ClassVar[Mapping[str, str]] = {
        "concentrate": "the liquor with less water",
        "condensate": "water",
    }
    SETTINGS: ClassVar[Mapping[str, Setting]] = {
        **EVAPORATORS,
        "solids": Setting(
            "dissolved matter in the concentrate, by mass",
            assumed=assumed(50.0, 30.0, 60.0, "%", "far enough below saturation at the boil"),
        ),
        "posts": posts(0.25, 0.1, 0.5, "one person watches four packages"),
    }

    power: Power = "MVR"

    def balance(self, inlets: Mapping[str, Flow]) -> Balance:
        """Concentrate and condensate; CaseError for a liquor that its vapour would take salts from."""
        liquor = inlets["liquor"]
        require_evaporable(self.name, liquor)
        concentrate, condensate = evaporated(liquor, self.value("solids"))
        notes = acid_note(liquor)
        if liquor.mass() > 0.0 and not condensate.amounts:
            notes += ("arrives as strong as it is to leave: nothing evaporated",)
        return Balance(
            operation=self.name,
            inlets={"liquor": liquor},
            drawn={},
            outlets={"concentrate": concentrate, "condensate": condensate},
            notes=notes,
        )

    def equipment(self, balance: Balance) -> tuple[Equipment, ...]:
        """One evaporator by the water that it takes off."""
        return evaporators(balance.outlets["condensate"])

    def drivers(self, balance: Balance) -> Drivers:
        """Electricity or steam by the water evaporated."""
        electricity, steam = evaporation_energy(self, balance.outlets["condensate"], self.power)
        people = self.value("posts") if balance.outlets["condensate"].mass() > 0.0 else 0.0
        return Drivers(electricity=electricity, steam=steam, posts=people)


def evaporated(liquor: Flow, solids: float) -> tuple[Flow, Flow]:
    """Concentrate with that share of dissolved matter by mass, and the water taken off."""
    water = liquor.moles(WATER)
    dissolved = liquor.mass() - water * species(WATER).molar_mass
    left = dissolved * (1.0 / solids - 1.0) / species(WATER).molar_mass
    if left >= water:
        return liquor, Flow("liquor", {})
    concentrate = Flow("liquor", {**liquor.amounts, WATER: left})
    return concentrate, Flow("liquor", {WATER: water - left})


def require_evaporable(name: str, liquor: Flow) -> None:
    """CaseError where a boiling liquor would lose more than water."""
    found = [one for one in GASES_OFF if liquor.moles(one) > 0.0]
    if found:
        raise CaseError(
            Fault(
                f"operation {name}, liquor",
                ", ".join(found),
                "a liquor without carbonate and free ammonia",
                next="put a neutralisation before it",
            )
        )


def acid_note(liquor: Flow) -> tuple[str, ...]:
    """Told where free acid would go with the vapour."""
    acid = liquor.moles("H+")
    if acid <= 0.0:
        return ()
    strength = acid / liquor_volume(liquor)
    if strength <= FREE_ACID:
        return ()
    return (f"evaporates at {strength:.3g} mol/m3 of free acid, whose volatility is neglected",)


def evaporation_energy(operation: Operation, vapour: Flow, power: Power) -> tuple[float, float]:
    """Electricity [kW] and live steam [kg/h] that take off that much water."""
    tonnes = vapour.mass() / 1000.0
    if power == "MVR":
        return operation.value("mvr") * tonnes, 0.0
    return 0.0, 1000.0 * operation.value("steam") * tonnes


def evaporators(vapour: Flow) -> tuple[Equipment, ...]:
    """One evaporator of that duty, if there is any."""
    tonnes = vapour.mass() / 1000.0
    if tonnes <= 0.0:
        return ()
    return (Equipment("evaporator", 1, tonnes, "t/h", "water evaporated"),)
