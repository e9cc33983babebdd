"""Blending and packing of oxides: what arrives leaves in lots of one composition, in drums."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from ytterby.elements import RARE_EARTHS
from ytterby.errors import BalanceError, Fault
from ytterby.materials import Flow, oxide
from ytterby.unitops.assumptions import posts
from ytterby.unitops.contract import (
    Balance,
    Drivers,
    Equipment,
    Operation,
    Setting,
    assumed,
)

OXIDES = frozenset(oxide(symbol) for symbol in RARE_EARTHS)


@dataclass(frozen=True)
class Assay:
    """What a certificate of a lot says."""

    treo: float
    """Rare-earth oxides in it, by mass [-]."""
    shares: Mapping[str, float]
    """Of each rare-earth oxide in them, by formula and mass [-]."""
    others: Mapping[str, float]
    """Of all else in the lot, by formula and mass [-]."""


@dataclass(frozen=True, kw_only=True)
class Blending(Operation):
    """A blender with drum filling; nothing is lost."""

    KIND: ClassVar[str] = "blending and packing"
    INLETS: ClassVar[Mapping[str, str]] = {"oxide": "oxides as traded, of one or more kilns"}
    OUTLETS: ClassVar[Mapping[str, str]] = {"product": "the same, in drums"}
    SETTINGS: ClassVar[Mapping[str, Setting]] = {
        "lot": Setting(
            "time that one lot is gathered [h]",
            assumed=assumed(24.0, 8.0, 72.0, "h", "a lot a day"),
        ),
        "density": Setting(
            "of the powder as poured [kg/m3]",
            assumed=assumed(1500.0, 800.0, 2500.0, "kg/m3", "calcined rare-earth oxides"),
        ),
        "energy": Setting(
            "blending, sieving and dust extraction [kWh/kg]",
            assumed=assumed(0.02, 0.005, 0.05, "kWh/kg", "small against calcination"),
        ),
        "posts": posts(0.25, 0.1, 0.5, "one shift of four packs"),
    }

    def balance(self, inlets: Mapping[str, Flow]) -> Balance:
        """The product, with its assay as details; BalanceError for what is not dry."""
        arriving = inlets["oxide"]
        if arriving.moles("H2O") > 0.0:
            raise BalanceError(
                Fault(f"operation {self.name}", "a wet solid", "oxides", next="calcine it before")
            )
        product = Flow("solid", arriving.amounts)
        return Balance(
            operation=self.name,
            inlets={"oxide": arriving},
            drawn={},
            outlets={"product": product},
            details=assay(product) if product.mass() > 0.0 else None,
        )

    def equipment(self, balance: Balance) -> tuple[Equipment, ...]:
        """One blender that holds a lot."""
        made = balance.outlets["product"].mass()
        if made == 0.0:
            return ()
        hours = self.value("lot")
        volume = made * hours / self.value("density")
        return (Equipment("blender", 1, volume, "m3", f"a lot of {made * hours:.4g} kg"),)

    def drivers(self, balance: Balance) -> Drivers:
        """Electricity by mass, and people."""
        made = balance.outlets["product"].mass()
        if made == 0.0:
            return Drivers()
        return Drivers(electricity=self.value("energy") * made, posts=self.value("posts"))


def assay(product: Flow) -> Assay:
    """Shares by mass of what a solid of oxides holds."""
    masses = {name: Flow("solid", {name: it}).mass() for name, it in product.amounts.items() if it}
    total = sum(masses.values())
    rare = {name: mass for name, mass in masses.items() if name in OXIDES}
    treo = sum(rare.values())
    return Assay(
        treo=treo / total,
        shares={name: mass / treo for name, mass in rare.items()},
        others={name: mass / total for name, mass in masses.items() if name not in OXIDES},
    )
