"""Free acid of a strip liquor got back by distillation: acid without salts, water, and what stays in the pot.

    acid = r n_H,   V = acid / c,   residue: salts and (1 - r) n_H, and water to a share of dissolved matter

where r is the cited yield and c the strength at which the column gives the acid; the water left over is the
column's head. Nitrates lift the azeotrope of nitric acid and water, so acid leaves the pot beside the water.
Acid in the condensate, droplets that are carried over and what decomposes to nitrogen oxides are neglected.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from ytterby.errors import CaseError, Fault
from ytterby.materials import Flow, liquor_volume, water_for_volume
from ytterby.unitops.acid import Medium
from ytterby.unitops.assumptions import posts
from ytterby.unitops.contract import Balance, Drivers, Equipment, Operation, Setting, assumed
from ytterby.unitops.evaporate import WATER, evaporated, require_evaporable
from ytterby.unitops.reagents import ACID, ANION

STRENGTH: Mapping[str, str] = {"nitrate": "HNO3", "chloride": "HCl"}
"""Setting with the strength of the acid, by medium."""


@dataclass(frozen=True, kw_only=True)
class AcidRecovery(Operation):
    """An evaporator under vacuum with a column above it."""

    KIND: ClassVar[str] = "acid recovery"
    INLETS: ClassVar[Mapping[str, str]] = {
        "liquor": "a liquor with much free acid, such as strip liquor"
    }
    OUTLETS: ClassVar[Mapping[str, str]] = {
        "acid": "nitric or hydrochloric acid without salts",
        "liquor": "what stays: all salts, and the acid that is not recovered",
        "condensate": "water of the column's head",
    }
    SETTINGS: ClassVar[Mapping[str, Setting]] = {
        "recovered": Setting("share of the free acid", "acid_recovery", "HNO3_yield"),
        "HNO3": Setting("nitric acid recovered [mol/L]", "acid_recovery", "HNO3_strength"),
        "HCl": Setting(
            "hydrochloric acid recovered [mol/L]",
            assumed=replace(
                assumed(6.0, 5.5, 6.1, "mol/L", "at most the azeotrope of 20 % HCl by mass"),
                source="PRACTICE",
                basis="recalled",
                confidence="high",
            ),
        ),
        "solids": Setting(
            "dissolved matter in what stays, by mass",
            assumed=assumed(60.0, 40.0, 70.0, "%", "a pot that still flows when it is hot"),
        ),
        "least": Setting(
            "free acid below which nothing is recovered [mol/L]",
            assumed=assumed(1.0, 0.5, 3.0, "mol/L", "weaker acid is not worth its steam"),
        ),
        "steam": Setting(
            "live steam per vapour of the pot [t/t]",
            assumed=assumed(1.5, 1.1, 2.5, "t/t", "one effect, and the column's reflux"),
        ),
        "posts": posts(0.25, 0.1, 0.5, "one person watches four packages"),
    }

    medium: Medium

    def balance(self, inlets: Mapping[str, Flow]) -> Balance:
        """Acid, residue and condensate; a liquor that is too weak passes by, and that is told.

        CaseError where acid and residue would hold more water than arrives, or the acid is another one.
        """
        liquor = inlets["liquor"]
        require_evaporable(self.name, liquor)
        weak = self._too_weak(liquor)
        acid, left, condensate = Flow("liquor", {}), liquor, Flow("liquor", {})
        if liquor.mass() > 0.0 and not weak:
            acid, left, condensate = self._parted(liquor)
        return Balance(
            operation=self.name,
            inlets={"liquor": liquor},
            drawn={},
            outlets={"acid": acid, "liquor": left, "condensate": condensate},
            notes=weak,
        )

    def _too_weak(self, liquor: Flow) -> tuple[str, ...]:
        """Told where there is less free acid than what is worth it."""
        if liquor.mass() <= 0.0:
            return ()
        strength = liquor.moles("H+") / liquor_volume(liquor) / 1000.0
        if strength >= self.value("least"):
            return ()
        return (f"free acid of {strength:.3g} mol/L is too weak to recover: passed by",)

    def _parted(self, liquor: Flow) -> tuple[Flow, Flow, Flow]:
        """Acid, what stays, and the water of the column's head."""
        anion = ANION[self.medium]
        amount = self.value("recovered") * liquor.moles("H+")
        if liquor.moles(anion) < amount:
            raise CaseError(
                Fault(
                    f"operation {self.name}, liquor",
                    f"{liquor.moles(anion):.4g} mol/h of {anion} beside {amount:.4g} mol/h of acid",
                    f"an acid that is {ACID[self.medium]}",
                    next="give the unit the medium of its liquor",
                )
            )
        solutes = {"H+": amount, anion: amount}
        volume = amount / (1000.0 * self.value(STRENGTH[self.medium]))
        acid = Flow("liquor", {**solutes, WATER: water_for_volume(solutes, volume)})
        rest = liquor.plus({"H+": -amount, anion: -amount})
        left, vapour = evaporated(rest, self.value("solids"))
        head = vapour.moles(WATER) - acid.moles(WATER)
        if head < 0.0:
            raise CaseError(
                Fault(
                    f"operation {self.name}, liquor",
                    f"{vapour.moles(WATER):.4g} mol/h of water to evaporate",
                    f"at least the {acid.moles(WATER):.4g} mol/h that the recovered acid holds",
                    next="recover less of it, or leave less water in what stays",
                )
            )
        return acid, left, Flow("liquor", {WATER: head})

    def equipment(self, balance: Balance) -> tuple[Equipment, ...]:
        """One evaporator by its vapour, with its column."""
        tonnes = self._vapour(balance)
        if tonnes <= 0.0:
            return ()
        return (
            Equipment(
                "acid evaporator with column", 1, tonnes, "t/h", f"water and {ACID[self.medium]}"
            ),
        )

    def drivers(self, balance: Balance) -> Drivers:
        """Live steam by the vapour, and people."""
        tonnes = self._vapour(balance)
        if tonnes <= 0.0:
            return Drivers()
        return Drivers(steam=1000.0 * self.value("steam") * tonnes, posts=self.value("posts"))

    def _vapour(self, balance: Balance) -> float:
        """What leaves the pot [t/h]."""
        return (balance.outlets["acid"].mass() + balance.outlets["condensate"].mass()) / 1000.0
