"""Burning in air: what a solid becomes, the air drawn for it and the gas that leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ytterby.materials import Flow, mixed
from ytterby.unitops.reagents import drawn
from ytterby.unitops.solids import oxidation

VOLATILE = ("H2O", "CO2")


@dataclass(frozen=True)
class Burnt:
    """A solid after it burnt in air."""

    solid: Flow
    gas: Flow
    """What is left of the air, carbon dioxide and steam."""
    air: Mapping[str, Flow]
    """Drawn, by the name of the reagent; empty where nothing burns."""


def burnt(solid: Flow, shares: Mapping[str, float], excess: float) -> Burnt:
    """After ``shares`` of the species named have burnt, and all moisture has left, with ``excess`` air [-].

    Excess air is over what burns: 0.5 is half as much again.
    """
    amounts = dict(solid.amounts)
    for name, share in shares.items():
        burning = oxidation(name) if share and amounts.get(name) else None
        if burning is None:
            continue
        used = share * solid.moles(name)
        amounts[name] = solid.moles(name) * (1.0 - share)
        for other, count in burning.coefficients.items():
            if other != name:
                amounts[other] = amounts.get(other, 0.0) + count * used
    oxygen = max(0.0, -amounts.pop("O2", 0.0))
    fumes = {name: amounts.pop(name) for name in VOLATILE if name in amounts}
    air = drawn("air", oxygen * (1.0 + excess))
    spent = air.plus({"O2": -oxygen}) if oxygen else air
    gas = mixed([spent, Flow("gas", fumes)])
    left = {name: amount for name, amount in amounts.items() if amount > 0.0}
    return Burnt(Flow("solid", left), gas, {"air": air} if oxygen else {})
