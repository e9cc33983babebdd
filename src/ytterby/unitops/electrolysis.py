"""Electrolysis of rare-earth oxides in molten fluoride to metal, from the yields and doses of practice.

    2 M2O3 + 3 C -> 4 M + 3 CO2

Metal is a share of all rare earth that enters, as oxide or as the fluoride that makes up the bath. The rest
leaves with skull and slag, as fluoride as far as fluorine goes and else as oxide. The anode burns to CO2 but
for measured CO and perfluorocarbons; air closes the oxygen. What is not reduced so (Sm, Eu, Yb, and all other
oxides but those of Fe, Co, Ni, Cu) stays in the slag. Bath chemistry and heat balance are not computed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from ytterby.elements import RARE_EARTHS
from ytterby.errors import CaseError, Fault
from ytterby.materials import Flow, oxide, species
from ytterby.unitops.assumptions import posts
from ytterby.unitops.contract import Balance, Drivers, Equipment, Operation, Setting, assumed
from ytterby.unitops.downstream import DownstreamSetting
from ytterby.unitops.reagents import drawn

STEP, METAL = "molten_fluoride_electrolysis", "Nd or PrNd"
NOT_REDUCED = ("Sm", "Eu", "Yb")
"""Rare earths that carbon and current take to their divalent fluorides only."""
WITH_THE_METAL = ("Fe", "Co", "Ni", "Cu")
YEAR = 8000.0
"""Hours that cells run in a year, for their number."""


@dataclass(frozen=True, kw_only=True)
class FluorideElectrolysis(Operation):
    """A row of open cells with graphite anodes."""

    KIND: ClassVar[str] = "fluoride electrolysis"
    INLETS: ClassVar[Mapping[str, str]] = {"oxide": "oxides of one metal or of Nd and Pr"}
    OUTLETS: ClassVar[Mapping[str, str]] = {
        "metal": "ingots",
        "slag": "skull and spent bath",
        "gas": "carbon dioxide, carbon monoxide, perfluorocarbons, hydrogen fluoride",
    }
    SETTINGS: ClassVar[Mapping[str, Setting]] = {
        "recovery": DownstreamSetting("rare earths that become metal", STEP, "RE_yield", METAL),
        "fluoride": DownstreamSetting(
            "rare-earth fluoride per metal [kg/kg]", STEP, "fluoride_consumption", METAL
        ),
        "lithium_fluoride": Setting(
            "lithium fluoride per metal [kg/kg]",
            assumed=assumed(0.01, 0.005, 0.015, "kg/kg", "as the fluoride's row says in words"),
        ),
        "anode": DownstreamSetting(
            "carbon per metal [kg/kg]", STEP, "graphite_anode_consumption", METAL
        ),
        "carbon_monoxide": Setting(
            "carbon monoxide per metal [kg/t]",
            assumed=assumed(5.6, 3.0, 8.23, "kg/t", "middle of what REMETALCO2 measured"),
        ),
        "CF4": DownstreamSetting("CF4 per metal [g/t]", STEP, "PFC_CF4", "all"),
        "C2F6": Setting(
            "C2F6 per metal [g/t]",
            assumed=assumed(14.6, 1.0, 40.0, "g/t", "as the row of CF4 says in words"),
        ),
        "current": DownstreamSetting("direct current per metal [kWh/kg]", STEP, "dc_energy", METAL),
        "auxiliaries": Setting(
            "rectifier losses, off-gas fans and casting per metal [kWh/kg]",
            assumed=assumed(1.0, 0.5, 2.0, "kWh/kg", "a tenth of the direct current"),
        ),
        "cell": DownstreamSetting("metal of a cell in a year [t]", STEP, "cell_output", METAL),
        "posts": posts(0.3, 0.15, 0.6, "for each cell: one person tends three"),
    }

    def balance(self, inlets: Mapping[str, Flow]) -> Balance:
        """Metal, slag and gas; CaseError where carbon or fluoride does not suffice for what they must do."""
        oxides = inlets["oxide"]
        reduced = {
            symbol: oxides.moles(oxide(symbol)) * species(oxide(symbol)).atoms[symbol]
            for symbol in RARE_EARTHS
            if symbol not in NOT_REDUCED and oxides.moles(oxide(symbol))
        }
        if not reduced:
            return self._idle(oxides)
        total, metal = sum(reduced.values()), self._metal(reduced)
        shares = {symbol: amount / total for symbol, amount in reduced.items()}
        mass = sum(metal * share * species(symbol).molar_mass for symbol, share in shares.items())
        fluoride = self.value("fluoride") * mass / _mean(shares, "{}F3")
        bought = self._bought(shares, mass, fluoride)
        gas = self._gases(mass, bought["graphite"].moles("C"))
        slag, fumes = self._slag(shares, total + fluoride - metal, 3.0 * fluoride, gas)
        gas["HF"] = fumes
        slag["LiF"] = bought["lithium fluoride"].moles("LiF")
        product = {symbol: metal * share for symbol, share in shares.items()}
        for name, amount in oxides.amounts.items():
            symbol = next((it for it in WITH_THE_METAL if it in species(name).atoms), None)
            if symbol:
                product[symbol] = product.get(symbol, 0.0) + amount * species(name).atoms[symbol]
            elif name not in {oxide(it) for it in reduced}:
                slag[name] = slag.get(name, 0.0) + amount
        if fumes:
            bought["water"] = drawn("water", 0.5 * fumes)
        self._burn(oxides, bought, slag, gas)
        return Balance(
            operation=self.name,
            inlets={"oxide": oxides},
            drawn=bought,
            outlets={
                "metal": Flow("solid", product),
                "slag": Flow("solid", {name: it for name, it in slag.items() if it}),
                "gas": Flow("gas", {name: it for name, it in gas.items() if it}),
            },
        )

    def _idle(self, oxides: Flow) -> Balance:
        """Nothing to reduce: what is there is slag."""
        outlets = {
            "metal": Flow("solid", {}),
            "slag": Flow("solid", oxides.amounts),
            "gas": Flow("gas", {}),
        }
        return Balance(self.name, {"oxide": oxides}, {}, outlets)

    def _metal(self, reduced: Mapping[str, float]) -> float:
        """Moles of metal: ``p = y (R + q)``, where the fluoride q goes with the metal made."""
        total = sum(reduced.values())
        shares = {symbol: amount / total for symbol, amount in reduced.items()}
        each = self.value("fluoride") * _mean(shares, "{}") / _mean(shares, "{}F3")
        recovery = self.value("recovery")
        return recovery * total / (1.0 - recovery * each)

    def _bought(self, shares: Mapping[str, float], mass: float, fluoride: float) -> dict[str, Flow]:
        """Anodes and the bath that is made up, its rare earths as in the oxide."""
        carbon = self.value("anode") * mass / species("C").molar_mass
        lithium = self.value("lithium_fluoride") * mass / species("LiF").molar_mass
        return {
            "graphite": drawn("graphite", carbon),
            "rare-earth fluoride": Flow(
                "solid", {f"{symbol}F3": share * fluoride for symbol, share in shares.items()}
            ),
            "lithium fluoride": drawn("lithium fluoride", lithium),
        }

    def _gases(self, mass: float, carbon: float) -> dict[str, float]:
        """What becomes of the anodes [mol/h]."""
        gas = {
            name: self.value(name) * 1e-6 * mass / species(name).molar_mass
            for name in ("CF4", "C2F6")
        }
        gas["CO"] = self.value("carbon_monoxide") * 1e-3 * mass / species("CO").molar_mass
        gas["CO2"] = carbon - gas["CO"] - gas["CF4"] - 2.0 * gas["C2F6"]
        if gas["CO2"] < 0.0:
            raise self._short("anode", "carbon for its carbon monoxide and perfluorocarbons")
        return gas

    def _slag(
        self, shares: Mapping[str, float], lost: float, fluorine: float, gas: Mapping[str, float]
    ) -> tuple[dict[str, float], float]:
        """Fluorides and oxides that are lost [mol/h], and hydrogen fluoride where they cannot hold it."""
        left = fluorine - 4.0 * gas["CF4"] - 6.0 * gas["C2F6"]
        if left < 0.0:
            raise self._short("fluoride", "fluorine for its perfluorocarbons")
        fluoride, fumes = (left / 3.0, 0.0) if left <= 3.0 * lost else (lost, left - 3.0 * lost)
        slag = {f"{symbol}F3": share * fluoride for symbol, share in shares.items()}
        for symbol, share in shares.items():
            atoms = species(oxide(symbol)).atoms[symbol]
            slag[oxide(symbol)] = share * (lost - fluoride) / atoms
        return slag, fumes

    def _burn(
        self,
        oxides: Flow,
        bought: dict[str, Flow],
        slag: Mapping[str, float],
        gas: dict[str, float],
    ) -> None:
        """Draw the air that closes the oxygen."""
        came = oxides.of("O") + sum(flow.of("O") for flow in bought.values())
        went = Flow("solid", slag).of("O") + Flow("gas", gas).of("O")
        if went < came * (1.0 - 1e-12):
            raise self._short("anode", "carbon for the oxygen of its oxides")
        bought["air"] = drawn("air", max(went - came, 0.0) / 2.0)
        gas["N2"] = bought["air"].moles("N2")

    def _short(self, key: str, what: str) -> CaseError:
        read = f"{self.value(key):g} kg/kg of metal"
        return CaseError(
            Fault(f"operation {self.name}, {key}", read, f"enough {what}", next="raise it")
        )

    def equipment(self, balance: Balance) -> tuple[Equipment, ...]:
        """Cells of the cited output."""
        made = balance.outlets["metal"].mass()
        if made == 0.0:
            return ()
        each = self.value("cell")
        number = math.ceil(made * YEAR / 1000.0 / each)
        because = f"{made * YEAR / 1000.0:.4g} t in {YEAR:g} h"
        return (Equipment("electrolysis cell", number, each, "t/y", because),)

    def drivers(self, balance: Balance) -> Drivers:
        """Current, auxiliaries, and people by the number of cells."""
        made = balance.outlets["metal"].mass()
        cells = sum(item.number for item in self.equipment(balance))
        power = (self.value("current") + self.value("auxiliaries")) * made
        return Drivers(electricity=power, posts=self.value("posts") * cells)


def _mean(shares: Mapping[str, float], form: str) -> float:
    """Molar mass of a compound of that mix [kg/mol]."""
    return sum(share * species(form.format(it)).molar_mass for it, share in shares.items())
