"""Calcination of a wet cake to oxides as traded, in air.

Every element goes where 900 to 1,000 C in air sends it: metals to their oxides as traded, carbon to CO2,
hydrogen to H2O, chlorine to NaCl as far as sodium goes and else to HCl, fluorine to HF, nitrate and ammonium
in pairs to N2 and else to NO2 or NH3. Sulfate stays in the product and is told as SO3, boron as B2O3. Oxygen
closes the balance and is drawn with air. Oxychlorides, oxysulfates and carbonate that is left are neglected.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from ytterby.elements import SYMBOLS
from ytterby.errors import BalanceError, DataError, Fault
from ytterby.materials import Flow, oxide, species
from ytterby.unitops.assumptions import posts
from ytterby.unitops.contract import (
    Balance,
    Drivers,
    Equipment,
    Operation,
    Setting,
    assumed,
)
from ytterby.unitops.reagents import drawn

Heat = Literal["fuel", "electricity"]
KNOWN = frozenset({*SYMBOLS, "H", "C", "O", "N", "Cl", "F", "S", "B"})


@dataclass(frozen=True, kw_only=True)
class Calcination(Operation):
    """A kiln heated from outside: its gas holds what the cake gives off and the air let in, no flue gas."""

    KIND: ClassVar[str] = "calcination"
    INLETS: ClassVar[Mapping[str, str]] = {"cake": "wet oxalates, carbonates or hydroxides"}
    OUTLETS: ClassVar[Mapping[str, str]] = {
        "oxide": "oxides as traded",
        "gas": "carbon dioxide, steam and what is left of the air",
        "dust": "oxides caught behind the kiln",
    }
    SETTINGS: ClassVar[Mapping[str, Setting]] = {
        "recovery": Setting("oxides that do not leave as dust", "calcination", "RE_recovery"),
        "energy": Setting("heat per rare-earth oxides [kWh/kg]", "calcination", "fuel_energy"),
        "oxygen": Setting(
            "oxygen left in the dry gas, by volume",
            assumed=assumed(5.0, 2.0, 15.0, "%", "enough to burn the CO of oxalates"),
        ),
        "power": Setting(
            "fans and drives per rare-earth oxides [kWh/kg]",
            assumed=assumed(0.1, 0.05, 0.3, "kWh/kg", "usual for small kilns"),
        ),
        "posts": posts(0.5, 0.25, 1.0, "one person for two kilns"),
    }

    heat: Heat = "fuel"

    def balance(self, inlets: Mapping[str, Flow]) -> Balance:
        """Oxides, gas and dust; DataError for an element whose fate is not known."""
        cake = inlets["cake"]
        solids, gases = self._fired(cake)
        oxygen = 0.5 * sum(
            amount * species(name).atoms.get("O", 0)
            for name, amount in [*solids.items(), *gases.items()]
        ) - 0.5 * cake.of("O")
        air = drawn("air", self._air(oxygen, gases))
        for name, amount in air.amounts.items():
            gases[name] = gases.get(name, 0.0) + amount
        gases["O2"] = max(gases.get("O2", 0.0) - oxygen, 0.0)
        kept = self.value("recovery")
        return Balance(
            operation=self.name,
            inlets={"cake": cake},
            drawn={"air": air} if air.amounts else {},
            outlets={
                "oxide": Flow("solid", {name: kept * it for name, it in solids.items()}),
                "gas": Flow("gas", {name: it for name, it in gases.items() if it}),
                "dust": Flow("solid", {name: (1.0 - kept) * it for name, it in solids.items()}),
            },
        )

    def _fired(self, cake: Flow) -> tuple[dict[str, float], dict[str, float]]:
        """Solids and gases [mol/h] that the cake's elements become, without air."""
        atoms = cake.atoms()
        self._require_known(atoms)
        salt = min(atoms.get("Na", 0.0), atoms.get("Cl", 0.0))
        solids = {"NaCl": salt, "SO3": atoms.get("S", 0.0), "B2O3": 0.5 * atoms.get("B", 0.0)}
        for symbol in SYMBOLS:
            left = atoms.get(symbol, 0.0) - (salt if symbol == "Na" else 0.0)
            solids[oxide(symbol)] = left / species(oxide(symbol)).atoms[symbol]
        ammonium = cake.moles("NH4+") + cake.moles("NH3")
        nitrate = atoms.get("N", 0.0) - ammonium
        pairs = min(ammonium, nitrate)
        gases = {
            "CO2": atoms.get("C", 0.0),
            "HCl": atoms.get("Cl", 0.0) - salt,
            "HF": atoms.get("F", 0.0),
            "N2": pairs,
            "NO2": nitrate - pairs,
            "NH3": ammonium - pairs,
        }
        bound = gases["HCl"] + gases["HF"] + 3.0 * gases["NH3"]
        gases["H2O"] = 0.5 * (atoms.get("H", 0.0) - bound)
        if gases["H2O"] < 0.0:
            raise BalanceError(
                Fault(f"operation {self.name}", "too little hydrogen for its HCl", "a moist cake")
            )
        return {name: it for name, it in solids.items() if it}, gases

    def _require_known(self, atoms: Mapping[str, float]) -> None:
        strange = sorted(name for name, there in atoms.items() if there and name not in KNOWN)
        if strange:
            raise DataError(
                Fault(
                    f"operation {self.name}, cake",
                    ", ".join(strange),
                    "elements whose fate in a kiln is known: " + ", ".join(sorted(KNOWN)),
                    next="take it out before",
                )
            )

    def _air(self, oxygen: float, gases: Mapping[str, float]) -> float:
        """Oxygen of the air [mol/h] that leaves the share asked for in the dry gas."""
        share = self.value("oxygen")
        nitrogen = drawn("air", 1.0).moles("N2")
        dry = sum(amount for name, amount in gases.items() if name != "H2O")
        left = share * (dry + nitrogen * oxygen) / (1.0 - share * (1.0 + nitrogen))
        return max(oxygen + left, 0.0)

    def equipment(self, balance: Balance) -> tuple[Equipment, ...]:
        """One kiln by the oxides it makes."""
        made = balance.outlets["oxide"].mass()
        if made == 0.0:
            return ()
        return (Equipment("kiln", 1, made, "kg/h", "oxides made"),)

    def drivers(self, balance: Balance) -> Drivers:
        """Heat by fuel or electricity, fans and people."""
        made = balance.outlets["oxide"].treo()
        if made == 0.0:
            return Drivers()
        heat, power = self.value("energy") * made, self.value("power") * made
        if self.heat == "fuel":
            return Drivers(electricity=power, fuel=heat, posts=self.value("posts"))
        return Drivers(electricity=power + heat, posts=self.value("posts"))
