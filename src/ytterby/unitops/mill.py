"""Crushing and milling under inert gas: nothing changes but the grain.

Dust is returned within the inert loop; what oxidises on the way is neglected, the roast burns the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from ytterby.materials import Flow
from ytterby.unitops.assumptions import posts
from ytterby.unitops.contract import Balance, Drivers, Equipment, Operation, Setting


@dataclass(frozen=True, kw_only=True)
class Milling(Operation):
    """Jaw crusher and ball mill under nitrogen."""

    KIND: ClassVar[str] = "milling"
    INLETS: ClassVar[Mapping[str, str]] = {"magnets": "magnets without field"}
    OUTLETS: ClassVar[Mapping[str, str]] = {"powder": "powder for the roast or the leach"}
    SETTINGS: ClassVar[Mapping[str, Setting]] = {
        "energy": Setting("electricity per magnet [kWh/kg]", "crushing_milling", "energy"),
        "posts": posts(0.5, 0.25, 1.0, "one person watches mill and roaster"),
    }

    def balance(self, inlets: Mapping[str, Flow]) -> Balance:
        """The powder is what arrives."""
        magnets = inlets["magnets"]
        return Balance(
            operation=self.name,
            inlets={"magnets": magnets},
            drawn={},
            outlets={"powder": magnets},
        )

    def equipment(self, balance: Balance) -> tuple[Equipment, ...]:
        """A crusher and a mill by what passes."""
        mass = balance.inlets["magnets"].mass()
        if mass <= 0.0:
            return ()
        return tuple(
            Equipment(item, 1, mass / 1000.0, "t/h", "all that passes")
            for item in ("crusher", "mill")
        )

    def drivers(self, balance: Balance) -> Drivers:
        """Electricity by the mass of magnets."""
        mass = balance.inlets["magnets"].mass()
        return Drivers(electricity=self.value("energy") * mass, posts=self.value("posts"))
