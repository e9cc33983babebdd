"""Two-ended section of saponified PC88A with ten rare earths, against difflow: 10 to 100 stages, to 100 g/L.

difflow lets sodium exchange by a constant of its own and follow the stages, where the shipped sets release it
whole in stage 1. Mass action takes it as what it is: a monovalent metal, Na+ + (HA)2 = NaHA2 + H+, that the
organic brings. Both programs then solve the same equations.

With its defaults difflow returned numbers for 10 stages at 10 g/L only; the other six cases are held against
a second program that agrees with it there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from circuits import P507, closely, extraction
from shapes import padded_to
from ytterby.arrays import jax, jnp
from ytterby.circuit import Circuit, Organic
from ytterby.circuit.balance import CLOSURE, charge_closure, closure
from ytterby.circuit.outcome import profiles_of
from ytterby.circuit.solve import arrays_of, find_steady
from ytterby.circuit.solved import Array, Profiles
from ytterby.circuit.steady import TOLERANCE
from ytterby.equilibrium import MassAction

PRINTED = json.loads((Path(__file__).parent / "data" / "DIFFLOW.json").read_text(encoding="utf-8"))
CASES = PRINTED["cases"]
ELEMENTS = (*PRINTED["elements"], "Na")
SIZE = 15
"""Elements that the arrays are padded to."""
AGREEMENT = 1e-10
"""Relative, on every outlet above ``FLOOR``."""
FLOOR = 1e-20
"""[mol/s]; difflow gives every metal 1e-24 mol/s in the clean organic."""


@pytest.fixture(autouse=True)
def one_shape(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    padded_to(monkeypatch, stages=128, elements=SIZE)
    yield


def circuit(case: dict[str, Any]) -> Circuit:
    """Equal masses of all elements; 1 m3/h stands for 1 L/s, so kmol/h for mol/s."""
    mass = case["feed_g_per_l"] / len(PRINTED["elements"])
    weights = zip(PRINTED["elements"], PRINTED["atomic_weight"], strict=True)
    feed = {name: 1000 * mass / weight for name, weight in weights}
    sodium = 1000 * PRINTED["sodium_on_organic_mol_per_l"]
    return Circuit(
        name="DIFFLOW",
        equilibrium=P507,
        elements=ELEMENTS,
        organic=Organic(1.0, 1000.0, 0.0, "NaOH", closed=False, concentrations={"Na": sodium}),
        sections=(extraction(case["stages"], 1.0, 1000 * PRINTED["feed_acid_mol_per_l"], feed),),
        assumed={"Na": 1.0},  # replaced, with all constants, by those printed
    )


def constants() -> MassAction:
    """Three dimers and three protons per rare earth, one of each per sodium."""
    padding = [0.0] * (SIZE - len(ELEMENTS))

    def filled(values: list[float]) -> jax.Array:
        return jnp.asarray([*values, *padding])

    orders = filled([3.0] * len(PRINTED["elements"]) + [1.0])
    log10_k = np.array([*PRINTED["log10_k"], PRINTED["log10_k_sodium"]])
    return MassAction(filled((log10_k * np.log(10.0)).tolist()), orders, orders, orders, orders)


@cache
def solved(case: int) -> Profiles:
    """Profiles, stage 1 where the organic enters; fails if it is not solved."""
    inputs, layout, _ = arrays_of(circuit(CASES[case]))
    found = find_steady(inputs, layout, constants())
    assert float(found.steady.error) <= TOLERANCE
    return profiles_of(found, circuit(CASES[case]))


def outlets(profiles: Profiles) -> dict[str, Array]:
    """Elements, H+ and Na+ of both outlets [mol/s], as printed."""
    charges = np.array([3.0] * len(PRINTED["elements"]) + [1.0])
    raffinate, loaded = profiles.fallen[0] / 1000, profiles.onward[-1] / 1000
    return {
        "aqueous_mol_per_s": np.insert(raffinate, -1, profiles.acid[0] / 1000),
        "organic_mol_per_s": np.insert(loaded, -1, -charges @ loaded),
    }


each_case = pytest.mark.parametrize(
    "case", range(len(CASES)), ids=[f"{it['stages']} at {it['feed_g_per_l']:g}" for it in CASES]
)


@each_case
def test_both_outlets_are_as_printed(case: int) -> None:
    for name, found in outlets(solved(case)).items():
        expected = np.array(CASES[case][name])
        seen = np.abs(expected) > FLOOR
        assert seen.sum() >= 4  # La, Ce, acid and sodium at least
        apart = np.abs(found[seen] / expected[seen] - 1)
        assert apart.max() <= AGREEMENT, f"{name} is {apart.max():.1e} off, of {expected[seen]}"


@each_case
def test_every_case_closes(case: int) -> None:
    profiles = {"DIFFLOW": solved(case)}
    assert max(closure(circuit(CASES[case]), profiles).values()) <= CLOSURE
    assert charge_closure(circuit(CASES[case]), profiles) <= CLOSURE


def test_the_case_that_difflow_solved_is_its_own() -> None:
    assert [it["by"] for it in CASES] == ["difflow", *["second program"] * 6]


def test_sodium_leaves_in_the_raffinate() -> None:
    """What the shipped sets assume of it: from 10 stages on nothing stays on the organic."""
    for case in range(len(CASES)):
        assert solved(case).fallen[0, -1] == closely(175.0, rel=1e-12)
        assert solved(case).onward[-1, -1] < 1e-9
