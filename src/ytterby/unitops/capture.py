"""Carbon dioxide taken out of a gas, pure enough to precipitate carbonates with.

A share is captured and leaves with nothing beside it; steam of the gas condenses as far as asked. The
rest goes to the stack. Acids, ammonia and dust of the gas are taken to stay with the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

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


@dataclass(frozen=True, kw_only=True)
class CarbonDioxideCapture(Operation):
    """A cooler and an absorber with its stripper, or a compressor alone where the gas is nearly pure."""

    KIND: ClassVar[str] = "carbon dioxide capture"
    INLETS: ClassVar[Mapping[str, str]] = {"gas": "of kilns, dissolution and neutralisation"}
    OUTLETS: ClassVar[Mapping[str, str]] = {
        "carbon_dioxide": "pure",
        "condensate": "water",
        "gas": "what is left",
    }
    SETTINGS: ClassVar[Mapping[str, Setting]] = {
        "captured": Setting(
            "carbon dioxide that is captured",
            assumed=assumed(85.0, 60.0, 95.0, "%", "the reference plant returns 80 % of its own"),
        ),
        "condensed": Setting(
            "steam of the gas that condenses",
            assumed=assumed(90.0, 70.0, 98.0, "%", "cooled to about 40 degC"),
        ),
        "electricity": Setting(
            "fans, pumps and compression per carbon dioxide captured [kWh/t]",
            assumed=assumed(150.0, 80.0, 300.0, "kWh/t", "to a few bar"),
        ),
        "steam": Setting(
            "live steam of the stripper per carbon dioxide captured [t/t]",
            assumed=assumed(1.5, 0.0, 2.0, "t/t", "amine; none where the gas is nearly pure"),
        ),
        "posts": posts(0.1, 0.05, 0.25, "one person watches ten packages"),
    }

    def balance(self, inlets: Mapping[str, Flow]) -> Balance:
        """Carbon dioxide, condensate and the gas that is left."""
        arriving = Flow("gas", inlets["gas"].amounts)
        rest, captured = arriving.parted({"CO2": self.value("captured")}, "gas")
        rest, condensate = rest.parted({"H2O": self.value("condensed")}, "liquor")
        return Balance(
            operation=self.name,
            inlets={"gas": inlets["gas"]},
            drawn={},
            outlets={"carbon_dioxide": captured, "condensate": condensate, "gas": rest},
        )

    def equipment(self, balance: Balance) -> tuple[Equipment, ...]:
        """One unit by what it captures."""
        captured = _captured(balance)
        if captured == 0.0:
            return ()
        return (Equipment("carbon dioxide unit", 1, captured, "kg/h", "carbon dioxide captured"),)

    def drivers(self, balance: Balance) -> Drivers:
        """Electricity and steam by what is captured."""
        captured = _captured(balance)
        if captured == 0.0:
            return Drivers()
        return Drivers(
            electricity=self.value("electricity") * captured / 1000.0,
            steam=self.value("steam") * captured,
            posts=self.value("posts"),
        )


def _captured(balance: Balance) -> float:
    """[kg/h]"""
    return balance.outlets["carbon_dioxide"].moles("CO2") * species("CO2").molar_mass
