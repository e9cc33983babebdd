"""Cascade theory of Xu Guangxian: two metals, a constant separation factor, constant metal in each section.

The theory lets no acid share the charge with the metals. A mass-action circuit tends to it as its constants
fall: [H+] then falls with the cube root of K, and the difference from the cascade with [H+]. At log10 K of
-39 the table agrees to its last digit.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from circuits import P507, closely, extraction, organic, scrub, solve_with
from ytterby.circuit import Circuit
from ytterby.circuit.solved import Array, Profiles

CASES = json.loads((Path(__file__).parent / "data" / "S06.json").read_text(encoding="utf-8"))[
    "cases"
]
SMALL = -39.0
"""log10 K of the less extracted metal: [H+] is 1e-12 of the metal."""
FEED = 1000.0
"""Metal in the feed [mol/m3]; the amounts of the table are per mole of it."""
PRINTED_TO = 5.1e-9
"""Half of the eighth decimal, the last one printed."""


def circuit(case: dict[str, Any]) -> Circuit:
    """Extraction amount S by base, 3 S for each mole of feed; scrub amount W by acid, 3 W."""
    share = case["feed_fraction"]
    saponification = 0.1
    return Circuit(
        name="S06",
        equilibrium=P507,
        elements=("Pr", "Nd"),
        organic=organic(
            3 * case["extraction_amount"] * FEED / (2000.0 * saponification),
            2000.0,
            saponification,
            closed=False,
        ),
        sections=(
            extraction(
                case["extraction_stages"], 1.0, 0.0, {"Pr": (1 - share) * FEED, "Nd": share * FEED}
            ),
            scrub(case["scrub_stages"], 3 * case["scrub_amount"] * FEED / 4000.0, 4000.0),
        ),
    )


def solved(case: dict[str, Any], log10_k: float) -> Profiles:
    """The circuit with that constant for Pr, and the separation factor above it for Nd."""
    factor = np.log10(case["separation_factor"])
    return solve_with(circuit(case), {"Pr": log10_k, "Nd": log10_k + factor})


def fractions(phase: Array) -> Array:
    """Mole fraction of the better extracted metal, axis ``stage``."""
    shares: Array = phase[:, 1] / phase.sum(axis=1)
    return shares


each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])


@each_case
def test_without_acid_every_stage_is_as_printed(case: dict[str, Any]) -> None:
    found = solved(case, SMALL)
    aqueous, loaded = np.array(case["aqueous_fraction"]), np.array(case["organic_fraction"])
    assert np.max(np.abs(fractions(found.aqueous) - aqueous)) <= PRINTED_TO
    assert np.max(np.abs(fractions(found.organic) - loaded)) <= PRINTED_TO
    assert fractions(found.organic)[-1] >= case["target_purity_extract"]


@each_case
def test_without_acid_base_and_scrub_acid_are_the_amounts_of_the_theory(
    case: dict[str, Any],
) -> None:
    """S on the organic of the extraction section, S - W on the organic that leaves the scrub."""
    found = solved(case, SMALL)
    carried = circuit(case).organic.flow * found.organic.sum(axis=1) / FEED
    amount, washed = case["extraction_amount"], case["scrub_amount"]
    expected = np.full(sum(case[f"{kind}_stages"] for kind in ("extraction", "scrub")), amount)
    expected[-1] -= washed
    assert carried == closely(expected, rel=1e-10)


@each_case
def test_the_difference_falls_with_the_acid(case: dict[str, Any]) -> None:
    """First order: a hundredth of [H+], by a millionth of K, leaves a hundredth of the difference."""
    loaded = np.array(case["organic_fraction"])
    near, far = (
        np.max(np.abs(fractions(solved(case, log10_k).organic) - loaded))
        for log10_k in (-24.0, -18.0)
    )
    assert far / near == pytest.approx(100.0, rel=0.02)
