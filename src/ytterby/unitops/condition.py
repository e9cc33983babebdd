"""Brings a liquor to the rare-earth strength and free acid that the next circuit wants.

    V = n_RE / c_RE,   base or acid = n_H - c_H V,   water = what V lacks

with volumes that add up by partial volumes. Base drawn as ammonia or caustic soda takes up acid at once and
nothing hydrolyses; water that is too much is evaporated and leaves pure. A liquor whose ammonium or sodium
salt would crystallise before the strength asked for is brought as far as saturation alone, and that is told:
V is then the volume with the water that keeps this salt dissolved. What rare earths do to its solubility is
neglected.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from ytterby.errors import CaseError, Fault
from ytterby.materials import Flow, liquor_volume, mixed, reaction, species, water_for_volume
from ytterby.unitops.assumptions import AGITATION, posts, tanks
from ytterby.unitops.contract import (
    Balance,
    Drivers,
    Equipment,
    Operation,
    Setting,
    assumed,
)
from ytterby.unitops.crystallise import SALTS, saturation
from ytterby.unitops.evaporate import (
    EVAPORATORS,
    WATER,
    Power,
    evaporation_energy,
    evaporators,
    require_evaporable,
)
from ytterby.unitops.reagents import ACID, ANION, BASE, drawn

ROUNDS = 100
"""Most rounds in which volume and acid are brought together."""
Medium = Literal["nitrate", "chloride"]
Base = Literal["NH3", "NaOH"]
TAKEN_UP: Mapping[str, tuple[str, str]] = {
    "NH3": ("NH3 + H+ -> NH4+", "NH3"),
    "NaOH": ("OH- + H+ -> H2O", "OH-"),
}
"""What becomes of a base in acid, and which of its species does."""
TANK: Mapping[str, Setting] = {
    "residence_time": Setting(
        "time in the tank [h]",
        assumed=assumed(0.5, 0.25, 2.0, "h", "pH control settles in minutes"),
    ),
    "agitation": AGITATION,
    "posts": posts(0.1, 0.05, 0.25, "one person watches ten tanks"),
}


@dataclass(frozen=True, kw_only=True)
class Conditioning(Operation):
    """A stirred tank with base or acid and water, or with an evaporator behind it."""

    KIND: ClassVar[str] = "conditioning"
    INLETS: ClassVar[Mapping[str, str]] = {"liquor": "a liquor of rare earths"}
    OUTLETS: ClassVar[Mapping[str, str]] = {
        "liquor": "the same of the strength and acid asked for",
        "condensate": "water evaporated",
    }
    SETTINGS: ClassVar[Mapping[str, Setting]] = {
        **EVAPORATORS,
        **TANK,
        "NH4NO3": saturation("NH4NO3", 68.1, 25),
        "NH4Cl": saturation("NH4Cl", 28.3, 25),
        "NaNO3": saturation("NaNO3", 47.7, 25),
        "NaCl": saturation("NaCl", 26.5, 25),
    }

    medium: Medium
    base: Base
    rare_earths: float | None = None
    """All rare earths together, to leave [mol/m3]; as they come if None."""
    acid: float | None = None
    """Free acid to leave [mol/m3]; as it comes if None."""
    power: Power = "MVR"

    def balance(self, inlets: Mapping[str, Flow]) -> Balance:
        """The liquor as asked for, or as strong as its salt stays dissolved.

        CaseError where rare earths and acid alone fill more than the volume asked for.
        """
        liquor = inlets["liquor"]
        require_evaporable(self.name, liquor)
        moles = sum(liquor.rare_earths().values())
        condensate = Flow("liquor", {})
        notes: tuple[str, ...] = ()
        if self.rare_earths is None or moles == 0.0:
            acid = self._acid_wanted(liquor)
            changed, bought = acidified(liquor, acid, self.medium, self.base)
        else:
            changed, bought, volume = self._sized(liquor, moles / self.rare_earths)
            lacking = water_for_volume(changed.amounts, volume) - changed.moles(WATER)
            changed = changed.plus({WATER: lacking})
            if lacking > 0.0:
                bought = {**bought, "water": drawn("water", lacking)}
            elif lacking < 0.0:
                condensate = Flow("liquor", {WATER: -lacking})
            notes = self._told(moles / volume)
        if self.rare_earths is not None and moles == 0.0 and liquor.mass() > 0.0:
            notes = ("no rare earths arrive: brought to no strength",)
        return Balance(
            operation=self.name,
            inlets={"liquor": liquor},
            drawn=bought,
            outlets={"liquor": changed, "condensate": condensate},
            notes=notes,
        )

    def _acid_wanted(self, liquor: Flow) -> float:
        """Acid to add [mol/h] where no strength is asked for, or base if negative."""
        if self.acid is None or liquor.mass() == 0.0:
            return 0.0
        return acid_for(liquor, self.acid, self.medium, self.base)

    def _sized(self, liquor: Flow, asked: float) -> tuple[Flow, dict[str, Flow], float]:
        """The liquor with its acid, what is drawn for that, and its volume [m3/h]: as asked, or more.

        Base adds salt, salt volume, volume acid that is left: each round changes the last by a hundredth or
        less, for the acid asked for is that much weaker than the salt.
        """
        self._require_room(liquor, asked)
        volume = asked
        for _ in range(ROUNDS):
            wanted = 0.0 if self.acid is None else self.acid * volume - liquor.moles("H+")
            changed, bought = acidified(liquor, wanted, self.medium, self.base)
            needed = max(asked, self._saturated_volume(changed))
            if abs(needed - volume) <= 1e-14 * needed:
                return changed, bought, volume
            volume = needed
        raise CaseError(
            Fault(
                f"operation {self.name}, acid {self.acid:g} mol/m3",
                "acid that makes more salt than its volume dissolves",
                "acid that is weak beside the salt",
                next="ask for less acid, or take salt off before",
            )
        )

    def _require_room(self, liquor: Flow, volume: float) -> None:
        """CaseError where what is dissolved beside that salt leaves no water in the volume."""
        anion = ANION[self.medium]
        salt = sum(liquor.moles(it) for it, other in SALTS if other == anion)
        beside = {name: it for name, it in liquor.amounts.items() if (name, anion) not in SALTS}
        beside[anion] = max(0.0, liquor.moles(anion) - salt)
        if water_for_volume(beside, volume) > 0.0:
            return
        raise CaseError(
            Fault(
                f"operation {self.name}, rare earths {self.rare_earths:g} mol/m3",
                f"rare earths that fill more than the {volume:.4g} m3/h this would leave them",
                "a strength that leaves room for water",
                next="ask for less",
            )
        )

    def _saturated_volume(self, liquor: Flow) -> float:
        """Least volume that keeps its ammonium or sodium salt dissolved [m3/h]."""
        water = sum(
            liquor.moles(cation) * species(salt).molar_mass * (1.0 / self.value(salt) - 1.0)
            for (cation, anion), salt in SALTS.items()
            if anion == ANION[self.medium]
        )
        solutes = {name: amount for name, amount in liquor.amounts.items() if name != WATER}
        return liquor_volume(Flow("liquor", {**solutes, WATER: water / species(WATER).molar_mass}))

    def _told(self, reached: float) -> tuple[str, ...]:
        """What is not reached, in words."""
        asked = self.rare_earths or 0.0
        if reached > asked * (1.0 - 1e-9):
            return ()
        read = f"rare earths at {reached / 1000.0:.3g} mol/L, asked {asked / 1000.0:.3g} mol/L"
        return (f"{read}: the salt beside them would crystallise",)

    def equipment(self, balance: Balance) -> tuple[Equipment, ...]:
        """A tank, and an evaporator where water is taken off."""
        tank = stirred_tank(self, balance.outlets["liquor"])
        return (*tank, *evaporators(balance.outlets["condensate"]))

    def drivers(self, balance: Balance) -> Drivers:
        """Stirring, and electricity or steam for the water evaporated."""
        electricity, steam = evaporation_energy(self, balance.outlets["condensate"], self.power)
        power = stirring(self, self.equipment(balance))
        people = self.value("posts") if power else 0.0
        return Drivers(electricity=electricity + power, steam=steam, posts=people)


def acidified(
    liquor: Flow, acid: float, medium: Medium, base: Base
) -> tuple[Flow, dict[str, Flow]]:
    """The liquor with that much more acid [mol/h], or less by base, and what is drawn for it."""
    if acid > 0.0:
        bought = drawn(ACID[medium], acid)
        return mixed([liquor, bought]), {ACID[medium]: bought}
    if acid < 0.0:
        text, active = TAKEN_UP[base]
        bought = drawn(BASE[base], -acid)
        found = mixed([liquor, bought]).reacted(reaction(text), active, -acid)
        return found, {BASE[base]: bought}
    return liquor, {}


def acid_for(liquor: Flow, strength: float, medium: Medium, base: Base) -> float:
    """Acid [mol/h] that brings a liquor to a free acid [mol/m3], or base if negative.

    The volume is linear in what is added, so one trial gives its slope.
    """
    volume, there = liquor_volume(liquor), liquor.moles("H+")
    lacking = strength * volume - there
    if lacking == 0.0:
        return 0.0
    trial = lacking if lacking > 0.0 else -there
    grown, _ = acidified(liquor, trial, medium, base)
    slope = (liquor_volume(grown) - volume) / trial
    if strength * slope >= 1.0:
        raise CaseError(
            Fault(
                f"free acid {strength:g} mol/m3",
                "stronger than the acid that is bought",
                f"less than {1.0 / slope:.4g} mol/m3",
            )
        )
    return lacking / (1.0 - strength * slope)


def stirred_tank(operation: Operation, liquor: Flow) -> tuple[Equipment, ...]:
    """Tanks by the residence time, if anything passes."""
    return tanks("stirred tank", liquor_volume(liquor), operation.value("residence_time"))


def stirring(operation: Operation, equipment: tuple[Equipment, ...]) -> float:
    """Power [kW] of the stirred tanks among those items."""
    volume = sum(one.number * one.size for one in equipment if one.item == "stirred tank")
    return operation.value("agitation") * volume
