"""The balance check on two stages that were balanced by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from circuits import P507, extraction, organic
from ytterby.circuit import Circuit
from ytterby.circuit.balance import charge_closure, closure, require_closed
from ytterby.circuit.solved import Profiles
from ytterby.errors import BalanceError

CIRCUIT = Circuit(
    name="by hand",
    equilibrium=P507,
    elements=("Nd",),
    organic=organic(1.0, 1000.0, 0.01, closed=False),
    sections=(extraction(2, 2.0, 50.0, {"Nd": 100.0}),),
)
# 200 mol/h of Nd in. Stage 2 hands 2 x 60 down and 1 x 120 out; stage 1 hands 1 x 40 up and 2 x 40 out.
# Protons: 100 + 3 x 80 = 340 leave stage 2 (170 mol/m3); 340 + 3 x 40 - 10 = 450 leave stage 1.
PROFILES = Profiles(
    aqueous=np.array([[40.0], [60.0]]),
    organic=np.array([[40.0], [120.0]]),
    acid=np.array([225.0, 170.0]),
    free_dimer=np.array([380.0, 140.0]),
    aqueous_flow=np.array([2.0, 2.0]),
)


def changed(name: str, cell: tuple[int, ...], value: float) -> Profiles:
    array = getattr(PROFILES, name).copy()
    array[cell] = value
    return replace(PROFILES, **{name: array})


def test_a_balanced_profile_closes() -> None:
    assert closure(CIRCUIT, PROFILES) == {"Nd": pytest.approx(0.0, abs=1e-15)}
    assert charge_closure(CIRCUIT, PROFILES) == pytest.approx(0.0, abs=1e-15)
    assert require_closed(CIRCUIT, PROFILES) == closure(CIRCUIT, PROFILES)


@pytest.mark.parametrize(
    ("name", "cell", "value", "imbalance"),
    [
        ("aqueous", (0, 0), 41.0, 2.0),  # 2 m3/h
        ("aqueous", (1, 0), 61.0, 2.0),
        ("organic", (0, 0), 41.0, 1.0),
        ("organic", (1, 0), 121.0, 1.0),
        ("aqueous_flow", (1,), 2.1, 6.0),
    ],
)
def test_an_imbalance_is_found_at_its_size(
    name: str, cell: tuple[int, ...], value: float, imbalance: float
) -> None:
    broken = changed(name, cell, value)
    assert closure(CIRCUIT, broken)["Nd"] == pytest.approx(imbalance / 200.0)
    with pytest.raises(BalanceError, match="circuit by hand, balance of Nd"):
        require_closed(CIRCUIT, broken)


def test_a_proton_too_many_is_found() -> None:
    broken = changed("acid", (1,), 171.0)
    assert closure(CIRCUIT, broken)["Nd"] == pytest.approx(0.0, abs=1e-15)
    assert charge_closure(CIRCUIT, broken) == pytest.approx(2.0 / 700.0)
    with pytest.raises(BalanceError, match=r"charge 2\.9e-03"):
        require_closed(CIRCUIT, broken)


def test_the_returning_organic_counts_in_a_loop() -> None:
    looped = replace(CIRCUIT, organic=replace(CIRCUIT.organic, closed=True))
    assert closure(looped, PROFILES)["Nd"] == pytest.approx(120.0 / 200.0)


@pytest.mark.parametrize("name", ["aqueous", "organic", "acid", "aqueous_flow"])
def test_nan_does_not_close(name: str) -> None:
    cell = (1, 0) if name in ("aqueous", "organic") else (1,)
    with pytest.raises(BalanceError):
        require_closed(CIRCUIT, changed(name, cell, float("nan")))
