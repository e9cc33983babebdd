"""Oxidative roast: metals, hydrides and carbon burn in air to oxides as traded, CO2 and steam.

    4 Nd + 3 O2 -> 2 Nd2O3,  4 Fe + 3 O2 -> 2 Fe2O3,  4 B + 3 O2 -> 2 B2O3,  C + O2 -> CO2

to the end. Oxides that arrive stay as they are, and so do hydroxides and carbonates: a roast of magnets meets
none. Mixed oxides (NdFeO3, NdBO3) are booked as their simple ones; what they cost stands in the leach yield.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from ytterby.materials import Flow
from ytterby.unitops.air import burnt
from ytterby.unitops.assumptions import GAS_VOLUME, posts
from ytterby.unitops.contract import Balance, Drivers, Equipment, Operation, Setting, assumed


@dataclass(frozen=True, kw_only=True)
class OxidativeRoast(Operation):
    """A rotary kiln in air."""

    KIND: ClassVar[str] = "oxidative roast"
    INLETS: ClassVar[Mapping[str, str]] = {"powder": "magnet powder or swarf"}
    OUTLETS: ClassVar[Mapping[str, str]] = {
        "oxides": "roasted powder",
        "dust": "powder that the gas carries off",
        "offgas": "spent air with carbon dioxide and steam",
    }
    SETTINGS: ClassVar[Mapping[str, Setting]] = {
        "dust_loss": Setting("share of the solid lost as dust", "oxidative_roast", "RE_loss"),
        "residence_time": Setting("in the kiln [h]", "oxidative_roast", "residence_time"),
        "excess_air": Setting(
            "air beyond what burns",
            assumed=assumed(100.0, 50.0, 300.0, "%", "takes the heat of burning with it"),
        ),
        "fill": Setting(
            "share of the kiln's volume that the solid takes",
            assumed=assumed(10.0, 5.0, 15.0, "%", "rotary kilns"),
        ),
        "bulk_density": Setting(
            "of the powder [kg/m3]",
            assumed=assumed(2500.0, 2000.0, 3500.0, "kg/m3", "loose powder"),
        ),
        "support_fuel": Setting(
            "heat from fuel per powder [kWh/kg]",
            assumed=assumed(
                0.1, 0.0, 0.5, "kWh/kg", "heats up and ignites; the roast keeps itself hot"
            ),
        ),
        "electricity": Setting(
            "drive and fans per powder [kWh/kg]", assumed=assumed(0.1, 0.05, 0.3, "kWh/kg", "fans")
        ),
        "posts": posts(0.5, 0.25, 1.0, "one person watches mill and roaster"),
    }

    def balance(self, inlets: Mapping[str, Flow]) -> Balance:
        """Oxides, dust of the same composition, and gas."""
        powder = inlets["powder"]
        found = burnt(powder, dict.fromkeys(powder.amounts, 1.0), self.value("excess_air"))
        lost = dict.fromkeys(found.solid.amounts, self.value("dust_loss"))
        oxides, dust = found.solid.parted(lost, "solid")
        return Balance(
            operation=self.name,
            inlets={"powder": powder},
            drawn=found.air,
            outlets={"oxides": oxides, "dust": dust, "offgas": found.gas},
        )

    def equipment(self, balance: Balance) -> tuple[Equipment, ...]:
        """Kiln by residence time, gas cleaning by the gas at 0 degC and 1 atm."""
        mass, hours = balance.outlets["oxides"].mass(), self.value("residence_time")
        if mass <= 0.0:
            return ()
        kiln = mass * hours / self.value("bulk_density") / self.value("fill")
        gas = sum(balance.outlets["offgas"].amounts.values()) * GAS_VOLUME
        return (
            Equipment("rotary kiln", 1, kiln, "m3", f"{hours:.3g} h at {mass:.4g} kg/h"),
            Equipment("off-gas filter", 1, gas, "m3/h", "all gas at 0 degC and 1 atm"),
        )

    def drivers(self, balance: Balance) -> Drivers:
        """Fuel and electricity by the mass of powder; the heat released is not credited."""
        mass = balance.inlets["powder"].mass()
        return Drivers(
            electricity=self.value("electricity") * mass,
            fuel=self.value("support_fuel") * mass,
            posts=self.value("posts"),
        )
