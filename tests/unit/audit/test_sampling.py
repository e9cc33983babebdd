"""Draws against closed forms: ranges without claims, a band over a square, errors of percentiles."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from ytterby.audit import shipped_set
from ytterby.audit.linear import row
from ytterby.audit.sampling import Draws, draw, spread, triangular

RANGES = shipped_set("lacq").ranges
LEFT = {
    "magnets_in": (2000.0, 2000.0),
    "concentrates_in": (5000.0, 5000.0),
    "nd_out": (1000.0, 1100.0),
    "pr_out": (1000.0, 1100.0),
    "dy_out": (1000.0, 1001.0),
    "tb_out": (1000.0, 1001.0),
}
"""More than magnets give, so that no draw is lost to a negative concentrate."""


def drawn(rows=(), number: int = 200_000, seed: int = 1) -> Draws:
    return draw(RANGES, LEFT, rows, number, seed)


def out(found: Draws, key: str) -> np.ndarray:
    values = found.of({f"{key}_from_magnets": 1.0, f"{key}_from_concentrates": 1.0})
    assert values is not None
    return values


def test_an_unknown_is_triangular():
    it = RANGES["magnet_dytb"]
    values = triangular(it, 200_000, np.random.default_rng(2))
    assert values.mean() == pytest.approx((it.low + it.typical + it.high) / 3.0, rel=2e-3)
    below = (it.typical - it.low) / (it.high - it.low)
    assert np.mean(values < it.typical) == pytest.approx(below, abs=5e-3)
    assert it.low <= values.min() and values.max() <= it.high
    fixed = triangular(replace(it, low=0.02, high=0.02), 10, np.random.default_rng(2))
    assert (fixed == 0.02).all()


def test_without_claims_products_fill_their_box():
    found = drawn()
    assert found.kept == found.drawn
    for key in ("nd", "pr"):
        values = out(found, key)
        assert np.percentile(values, [5, 50, 95]) == pytest.approx([1005, 1050, 1095], abs=0.6)


def test_a_claim_on_a_sum_cuts_a_corner_off_the_square():
    """Nd + Pr below 2,050 keeps the triangle with 1/8 of the square; its centroid is at a third."""
    terms = {
        f"{key}_from_{feed}": 1.0 for key in ("nd", "pr") for feed in ("magnets", "concentrates")
    }
    found = drawn([row(terms, high=2050.0)])
    share = found.kept / found.drawn
    assert share == pytest.approx(1.0 / 8.0, abs=4.0 * math.sqrt(0.125 * 0.875 / found.drawn))
    assert out(found, "nd").mean() == pytest.approx(1000.0 + 50.0 / 3.0, abs=0.3)
    assert out(found, "pr").max() <= 1050.0 + 1e-6


def test_rows_with_unknowns_that_are_not_drawn_are_passed_over():
    assert drawn([row({"world_dytb": 1.0}, high=0.0)], number=1000).kept == 1000


def test_a_line_has_one_recovery_and_balances_close():
    found = drawn(number=500)
    value = found.values
    recoveries = [
        value[f"{it}_from_concentrates"] / value[f"{it}_in_concentrates"] for it in ("nd", "tb")
    ]
    assert np.allclose(recoveries[0], recoveries[1], rtol=1e-12)
    ends = RANGES["recovery_concentrates"]
    assert (recoveries[0] >= ends.low - 1e-12).all() and (recoveries[0] <= ends.high + 1e-12).all()


def test_same_seed_same_draws():
    assert (out(drawn(number=50), "nd") == out(drawn(number=50), "nd")).all()
    assert (out(drawn(number=50), "nd") != out(drawn(number=50, seed=2), "nd")).any()


def test_errors_of_percentiles_are_those_of_repeats():
    """Against the scatter over independent samples."""
    random = np.random.default_rng(3)
    medians = [np.median(random.normal(size=4000)) for _ in range(200)]
    found = spread(random.normal(size=4000))
    assert found.errors[1] == pytest.approx(np.std(medians), rel=0.6)
    assert found.low < found.median < found.high
