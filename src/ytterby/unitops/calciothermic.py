"""Calciothermic reduction of heavy rare-earth oxides to metal, by way of their fluorides.

    M2O3 + 6 HF -> 2 MF3 + 3 H2O        2 MF3 + 3 Ca -> 2 M + 3 CaF2

All oxide is fluorinated; a share of the fluoride becomes metal, the rest stays in the slag with the calcium
that found nothing to reduce. Sm, Eu and Yb, which calcium takes to divalent fluorides only, stay there as
fluorides; oxides of other metals stay as they are. What calcium and crucible leave in the metal is neglected.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from ytterby.elements import RARE_EARTHS
from ytterby.materials import Flow, Reaction, mixed, oxide, reaction, species
from ytterby.unitops.assumptions import posts
from ytterby.unitops.contract import Balance, Drivers, Equipment, Operation, Setting, assumed
from ytterby.unitops.downstream import DownstreamSetting
from ytterby.unitops.electrolysis import NOT_REDUCED
from ytterby.unitops.reagents import drawn

STEP, METAL = "calciothermic_reduction", "Dy, Tb"


@dataclass(frozen=True, kw_only=True)
class CalciothermicReduction(Operation):
    """A fluorination kiln and vacuum induction furnaces, in batches."""

    KIND: ClassVar[str] = "calciothermic reduction"
    INLETS: ClassVar[Mapping[str, str]] = {"oxide": "oxide of Dy or Tb"}
    OUTLETS: ClassVar[Mapping[str, str]] = {
        "metal": "ingots",
        "slag": "calcium fluoride",
        "gas": "steam and excess hydrogen fluoride",
    }
    SETTINGS: ClassVar[Mapping[str, Setting]] = {
        "recovery": DownstreamSetting("rare earths that become metal", STEP, "metal_yield", METAL),
        "hydrogen_fluoride": Setting(
            "hydrogen fluoride over what the oxides take [1]",
            assumed=assumed(1.2, 1.05, 1.5, "1", "gas over a bed; the rest goes to a scrubber"),
        ),
        "calcium": Setting(
            "calcium over what the fluorides take [1]",
            assumed=assumed(1.15, 1.1, 1.2, "1", "as the row of its dose says in words"),
        ),
        "electricity": DownstreamSetting(
            "electricity per metal [kWh/kg]", STEP, "electricity", METAL
        ),
        "batch": Setting(
            "metal of a furnace in a batch [kg]",
            assumed=assumed(50.0, 10.0, 200.0, "kg", "tantalum crucibles are small"),
        ),
        "cycle": Setting(
            "time from batch to batch [h]",
            assumed=assumed(12.0, 6.0, 24.0, "h", "cooling in argon"),
        ),
        "posts": posts(1.0, 0.5, 2.0, "handling of fluorides and furnaces"),
    }

    def balance(self, inlets: Mapping[str, Flow]) -> Balance:
        """Metal, slag and gas."""
        arriving = inlets["oxide"]
        oxides = {
            symbol: arriving.moles(oxide(symbol))
            for symbol in RARE_EARTHS
            if arriving.moles(oxide(symbol))
        }
        how = {symbol: _fluorination(symbol) for symbol in oxides}
        taken = sum(
            -how[symbol].per(oxide(symbol))["HF"] * amount for symbol, amount in oxides.items()
        )
        acid = drawn("hydrogen fluoride", self.value("hydrogen_fluoride") * taken)
        there = mixed([arriving, acid], "solid")
        for symbol, amount in oxides.items():
            there = there.reacted(how[symbol], oxide(symbol), amount)
        there, gas = there.parted(dict.fromkeys(("HF", "H2O", "O2"), 1.0), "gas")
        fluorides = {it: there.moles(f"{it}F3") for it in oxides if it not in NOT_REDUCED}
        calcium = drawn("calcium", self.value("calcium") * 1.5 * sum(fluorides.values()))
        there = mixed([there, calcium])
        for symbol, amount in fluorides.items():
            reduced = self.value("recovery") * amount
            there = there.reacted(
                reaction(f"{symbol}F3 + Ca -> {symbol} + CaF2"), f"{symbol}F3", reduced
            )
        slag, metal = there.parted(dict.fromkeys(fluorides, 1.0), "solid")
        bought = {"hydrogen fluoride": acid, "calcium": calcium}
        return Balance(
            operation=self.name,
            inlets={"oxide": arriving},
            drawn={name: flow for name, flow in bought.items() if flow.amounts},
            outlets={
                "metal": metal,
                "slag": Flow("solid", {name: it for name, it in slag.amounts.items() if it}),
                "gas": Flow("gas", {name: it for name, it in gas.amounts.items() if it}),
            },
        )

    def equipment(self, balance: Balance) -> tuple[Equipment, ...]:
        """Furnaces by batch and cycle."""
        made = balance.outlets["metal"].mass()
        if made == 0.0:
            return ()
        batch, cycle = self.value("batch"), self.value("cycle")
        number = math.ceil(made * cycle / batch)
        because = f"{made:.4g} kg/h in batches of {cycle:g} h"
        return (Equipment("vacuum induction furnace", number, batch, "kg", because),)

    def drivers(self, balance: Balance) -> Drivers:
        """Electricity by metal, and people."""
        made = balance.outlets["metal"].mass()
        if made == 0.0:
            return Drivers()
        return Drivers(electricity=self.value("electricity") * made, posts=self.value("posts"))


def _fluorination(symbol: str) -> Reaction:
    """How an oxide as traded becomes the trifluoride; some give off oxygen."""
    atoms = species(oxide(symbol)).atoms
    off = " + O2" if 2 * atoms["O"] > 3 * atoms[symbol] else ""
    return reaction(f"{oxide(symbol)} + HF -> {symbol}F3 + H2O{off}")
