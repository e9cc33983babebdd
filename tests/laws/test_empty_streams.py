"""Every kind of unit takes streams without anything in them: a line that stands still is no error."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any

import pytest

from ytterby.materials import Flow
from ytterby.unitops import KINDS, Operation

NEEDED: dict[str, Any] = {
    "medium": "nitrate",
    "base": "NH3",
    "cut": ("Nd", "Sm"),
    "rare_earths": 1000.0,
    "acid": 10.0,
}
"""Options without a default, and two that make a unit do more."""


def units(kind: str) -> list[Operation]:
    """One unit of a kind in each medium that it can be told."""
    cls = KINDS[kind]
    known = {it.name: it for it in fields(cls)}
    options = {name: value for name, value in NEEDED.items() if name in known}
    lacking = [
        name
        for name, it in known.items()
        if it.default is MISSING
        and it.default_factory is MISSING
        and name not in (*options, "name")
    ]
    assert not lacking, f"say in NEEDED what {lacking} of {kind} is"
    media = ({"medium": "nitrate"}, {"medium": "chloride"}) if "medium" in known else ({},)
    return [cls(name="u", **{**options, **medium}) for medium in media]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("amounts", [{}, {"H2O": 0.0, "Nd+3": 0.0}, {"Nd2O3": 0.0}])
def test_nothing_in_nothing_out(kind: str, amounts: dict[str, float]) -> None:
    for unit in units(kind):
        inlets = {port: Flow("liquor", amounts) for port in unit.INLETS}
        balance = unit.balance(inlets)
        assert set(balance.outlets) == set(unit.OUTLETS)
        for flow in (*balance.outlets.values(), *balance.drawn.values()):
            assert flow.mass() == 0.0
        drivers = unit.drivers(balance)
        assert drivers.electricity == drivers.fuel == drivers.steam == 0.0
        assert sum(it.number * it.size for it in unit.equipment(balance)) == 0.0
        held = unit.inventory(balance)
        assert held.organic == 0.0 and not any(held.metals.values())
