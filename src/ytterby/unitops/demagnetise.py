"""Thermal demagnetisation above the Curie point: glue and free carbon burn off, moisture dries off.

What burns is carbon and compounds of carbon and hydrogen, at most the mass that the cited yield lets go:

    burnt = min(all of it, (1 - mass yield) x dry mass)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from ytterby.materials import Flow, species
from ytterby.unitops.air import burnt
from ytterby.unitops.assumptions import dry_mass, posts
from ytterby.unitops.contract import Balance, Drivers, Equipment, Operation, Setting, assumed
from ytterby.unitops.solids import metal_of, oxidation


@dataclass(frozen=True, kw_only=True)
class Demagnetisation(Operation):
    """A batch furnace in air."""

    KIND: ClassVar[str] = "demagnetisation"
    INLETS: ClassVar[Mapping[str, str]] = {"magnets": "magnets"}
    OUTLETS: ClassVar[Mapping[str, str]] = {
        "magnets": "magnets without field, glue and moisture",
        "offgas": "burnt glue and steam with the air",
    }
    SETTINGS: ClassVar[Mapping[str, Setting]] = {
        "mass_yield": Setting("mass that stays", "demagnetisation", "mass_yield"),
        "residence_time": Setting("in the furnace [h]", "demagnetisation", "residence_time"),
        "energy": Setting("electricity per magnet [kWh/kg]", "demagnetisation", "energy"),
        "excess_air": Setting(
            "air beyond what burns",
            assumed=assumed(100.0, 50.0, 300.0, "%", "burn-off with an afterburner"),
        ),
        "bulk_density": Setting(
            "of magnets in trays [kg/m3]",
            assumed=assumed(2500.0, 1500.0, 3500.0, "kg/m3", "solid 7,500, trays a third full"),
        ),
        "posts": posts(0.5, 0.25, 1.0, "loading of trays"),
    }

    def balance(self, inlets: Mapping[str, Flow]) -> Balance:
        """Magnets and off-gas."""
        magnets = inlets["magnets"]
        may_go = (1.0 - self.value("mass_yield")) * dry_mass(magnets)
        organic = {
            name: amount * species(name).molar_mass
            for name, amount in magnets.amounts.items()
            if name != "H2O" and not metal_of(name) and oxidation(name) is not None
        }
        there = sum(organic.values())
        share = min(1.0, may_go / there) if there > 0.0 else 0.0
        found = burnt(magnets, dict.fromkeys(organic, share), self.value("excess_air"))
        notes: tuple[str, ...] = ()
        if there < may_go:
            notes = (
                f"{there:.3g} kg/h burn, all carbon that the feed is said to hold; "
                f"the cited yield would let {may_go:.3g} kg/h go",
            )
        return Balance(
            operation=self.name,
            inlets={"magnets": magnets},
            drawn=found.air,
            outlets={"magnets": found.solid, "offgas": found.gas},
            notes=notes,
        )

    def equipment(self, balance: Balance) -> tuple[Equipment, ...]:
        """Room of the furnace."""
        mass, hours = balance.inlets["magnets"].mass(), self.value("residence_time")
        if mass <= 0.0:
            return ()
        size = mass * hours / self.value("bulk_density")
        return (Equipment("furnace", 1, size, "m3", f"{hours:.3g} h at {mass:.4g} kg/h"),)

    def drivers(self, balance: Balance) -> Drivers:
        """Electricity by the mass of magnets."""
        mass = balance.inlets["magnets"].mass()
        return Drivers(electricity=self.value("energy") * mass, posts=self.value("posts"))
