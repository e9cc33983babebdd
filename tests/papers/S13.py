"""Nd/Pr circuit of 10 + 10 stages with saponified P507, computed by a second code: stage by stage.

Both codes solve the same equations, so this checks the solver, not the model. The table prints log10 K of Pr
as -2.340332. Its own digits show that it was computed with Nd/Pr = 1.55 exactly, -2.3403317: with that, every
number agrees to the last digit printed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from circuits import P507, extraction, organic, scrub, solve_with
from ytterby.circuit import Circuit
from ytterby.circuit.balance import require_closed
from ytterby.circuit.solved import Profiles

PRINTED = json.loads((Path(__file__).parent / "data" / "S13.json").read_text(encoding="utf-8"))
PRINTED_TO = 1e-6
"""Agreement with the constants as printed [mol/L]."""
SEPARATION_FACTOR = 1.55
"""Nd/Pr before rounding [-]."""


def circuit(printed: dict[str, Any]) -> Circuit:
    """The circuit as the table states it; its litres become cubic metres."""
    metals = {name: 1000 * c for name, c in printed["feed_mol_per_l"].items()}
    return Circuit(
        name="S13",
        equilibrium=P507,
        elements=tuple(printed["elements"]),
        organic=organic(
            printed["organic_flow"],
            1000 * printed["extractant_formal_mol_per_l"],
            printed["saponification"],
            closed=False,
        ),
        sections=(
            extraction(
                printed["extraction_stages"],
                printed["feed_flow"],
                1000 * printed["feed_acid_mol_per_l"],
                metals,
            ),
            scrub(
                printed["scrub_stages"],
                printed["scrub_flow"],
                1000 * printed["scrub_acid_mol_per_l"],
            ),
        ),
    )


def solved_as_printed() -> Profiles:
    """With the constants of the table: log10 K of Pr has more digits than in the shipped set."""
    return solve_with(circuit(PRINTED), PRINTED["log10_kex"])


def solved_unrounded() -> Profiles:
    """With the factor that the printed constant of Pr was rounded from."""
    neodymium = PRINTED["log10_kex"]["Nd"]
    return solve_with(
        circuit(PRINTED), {"Nd": neodymium, "Pr": neodymium - np.log10(SEPARATION_FACTOR)}
    )


TABLES = pytest.mark.parametrize(
    ("printed", "profile"),
    [
        ("aqueous_mol_per_l", "aqueous"),
        ("organic_mol_per_l", "organic"),
        ("acid_mol_per_l", "acid"),
        ("free_dimer_mol_per_l", "free_dimer"),
    ],
)


@TABLES
def test_every_stage_is_as_printed(printed: str, profile: str) -> None:
    expected, found = np.array(PRINTED[printed]), getattr(solved_as_printed(), profile) / 1000
    assert found.shape == expected.shape
    assert np.max(np.abs(found - expected)) <= PRINTED_TO


@TABLES
def test_every_stage_agrees_to_the_last_digit(printed: str, profile: str) -> None:
    """Eight digits are printed: no cell is off by more than half of the eighth."""
    expected, found = np.array(PRINTED[printed]), getattr(solved_unrounded(), profile) / 1000
    digit = 10.0 ** (np.floor(np.log10(expected)) - 7)
    assert np.max(np.abs(found - expected) / digit) <= 0.501


@pytest.mark.parametrize("name", PRINTED["elements"])
def test_fractions_to_the_raffinate_are_as_printed(name: str) -> None:
    index = PRINTED["elements"].index(name)
    raffinate = PRINTED["feed_flow"] + PRINTED["scrub_flow"]
    fed = 1000 * PRINTED["feed_mol_per_l"][name] * PRINTED["feed_flow"]
    fraction = raffinate * solved_unrounded().aqueous[0, index] / fed
    assert fraction == pytest.approx(PRINTED["fraction_to_raffinate"][name], abs=1e-12)


def test_the_benchmark_closes() -> None:
    require_closed(circuit(PRINTED), {"S13": solved_as_printed()})
