"""Rows: feasibility, ranges and proofs against closed forms and against counting on a grid."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from ytterby.audit.linear import MOST, Certificate, Row, Rows, components, row


def closely(value: float) -> object:
    return pytest.approx(value, rel=1e-9, abs=1e-12)


def test_range_of_a_sum_is_the_sum_of_the_ends():
    rows = Rows([row({"x": 1.0}, 2.0, 3.0), row({"y": 1.0}, 10.0, 14.0)])
    assert rows.extent({"x": 1.0, "y": 2.0}) == (closely(22.0), closely(31.0))
    assert rows.extent({"y": 1.0, "x": -1.0}) == (closely(7.0), closely(12.0))


def test_range_of_a_share_has_the_ends_of_a_box():
    rows = Rows([row({"x": 1.0}, 2.0, 3.0), row({"y": 1.0}, 10.0, 14.0)])
    assert rows.extent({"x": 1.0}, {"y": 1.0}) == (closely(2.0 / 14.0), closely(0.3))
    both = {"x": 1.0, "y": 1.0}
    assert rows.extent({"x": 1.0}, both) == (closely(2.0 / 16.0), closely(3.0 / 13.0))


def test_what_nothing_bounds_is_infinite_and_a_contradiction_has_no_range():
    free = Rows([row({"x": 1.0, "y": -1.0}, 0.0, 0.0)])
    assert free.extent({"x": 1.0}) == (0.0, math.inf)
    rows = Rows([row({"x": 1.0}, low=3.0), row({"x": 1.0}, high=2.0)])
    assert rows.extent({"x": 1.0}) is None
    assert rows.extent({"x": 1.0}, {"x": 1.0}) is None


def test_quantities_are_never_negative():
    assert not Rows([row({"x": 1.0, "y": 1.0}, high=-1.0)]).feasible()
    assert Rows([row({"x": 1.0, "y": -1.0}, high=-1.0)]).feasible()


def test_fixed_quantities_are_held():
    rows = Rows([row({"x": 1.0, "y": 1.0}, 5.0, 6.0)])
    assert rows.feasible({"x": 4.0})
    assert not rows.feasible({"x": 7.0})
    assert not rows.feasible({"x": 2.0, "y": 2.0})


@pytest.mark.parametrize("seed", range(20))
def test_ends_are_the_ranges_of_each_quantity(seed: int):
    random = np.random.default_rng(seed)
    rows = [row({"a": 1.0, "b": 1.0, "c": 1.0}, high=9.0)]
    for _ in range(3):
        first, second = random.permutation(["a", "b", "c"])[:2]
        rows.append(row({first: 1.0, second: -1.0}, *sorted(random.integers(-6, 7, 2).tolist())))
    found = Rows(rows)
    ends = found.ends(["a", "b", "c"])
    assert bool(ends) == found.feasible()
    for name, (low, high) in ends.items():
        least, most = found.extent({name: 1.0}) or (math.nan, math.nan)
        assert low == closely(least) and high == closely(most)


def test_ends_without_bounds():
    free = Rows([row({"x": 1.0, "y": -1.0}, 1.0, 1.0)])
    assert free.ends(["x", "y"]) == {"x": (closely(1.0), math.inf), "y": (0.0, math.inf)}


@pytest.mark.parametrize("seed", range(10))
def test_points_are_met_as_if_each_were_solved(seed: int, monkeypatch: pytest.MonkeyPatch):
    """A cone: shares of a whole within ranges, as concentrates are."""
    random = np.random.default_rng(seed)
    low, high = np.sort(random.uniform(0.1, 0.5, (2, 3)), axis=0)
    rows = Rows(
        [
            *(row({name: 1.0, "all": -it}, low=0.0) for name, it in zip("abc", low, strict=True)),
            *(row({name: 1.0, "all": -it}, high=0.0) for name, it in zip("abc", high, strict=True)),
            row({"a": 1.0, "b": 1.0, "c": 1.0, "all": -1.0}, 0.0, 0.0),
        ]
    )
    points = {name: random.uniform(0.0, 3.0, 60) for name in ("a", "b")}
    each = [
        rows.feasible({name: float(it[place]) for name, it in points.items()})
        for place in range(60)
    ]
    solved = []
    feasible = Rows.feasible
    monkeypatch.setattr(Rows, "feasible", lambda it, at: solved.append(at) or feasible(it, at))
    assert rows.met(points).tolist() == each
    assert False in each
    assert len(solved) < 60


def on_a_grid(rows: list[Row], names: tuple[str, ...], most: int) -> bool:
    """Whether whole numbers meet all rows; the oracle for rows whose corners are whole."""
    for values in product(range(most + 1), repeat=len(names)):
        point = dict(zip(names, values, strict=True))
        sums = [sum(factor * point[name] for name, factor in it.terms) for it in rows]
        if all(it.low <= found <= it.high for it, found in zip(rows, sums, strict=True)):
            return True
    return False


@pytest.mark.parametrize("seed", range(40))
def test_feasibility_against_counting(seed: int):
    """Differences and single bounds: such rows have whole corners, so a grid decides."""
    random = np.random.default_rng(seed)
    names = ("a", "b", "c")
    rows = [row({name: 1.0}, *sorted(random.integers(0, 7, 2).tolist())) for name in names]
    for _ in range(3):
        first, second = random.permutation(3)[:2]
        low, high = sorted(random.integers(-6, 7, 2).tolist())
        rows.append(row({names[first]: 1.0, names[second]: -1.0}, low, high))
    found = Rows(rows)
    assert found.feasible() == on_a_grid(rows, names, 6)
    proof = found.certificate()
    assert (proof is None) == found.feasible()
    if proof is not None:
        assert verified(proof)


def verified(proof: Certificate) -> bool:
    """The proof by hand, in fractions: the weighed rows bound a sum from above below its least value."""
    factors: dict[str, Fraction] = {}
    above = Fraction(0)
    for it in proof.weights:
        weight = Fraction(it.weight)
        end = it.row.high if weight > 0 else it.row.low
        assert math.isfinite(end), "a weight on an end that is not there"
        above += weight * Fraction(end)
        for name, factor in it.row.terms:
            factors[name] = factors.get(name, Fraction(0)) + weight * Fraction(factor)
    least = sum((min(it, Fraction(0)) for it in factors.values()), Fraction(0)) * Fraction(MOST)
    return least > above


def test_a_proof_names_its_rows_only():
    rows = [
        row({"x": 1.0}, 5.0, 6.0),
        row({"y": 1.0}, 1.0, 2.0),
        row({"x": 1.0, "y": 1.0}, high=4.0),
        row({"z": 1.0}, 0.0, 1.0),
    ]
    proof = Rows(rows).certificate()
    assert proof is not None and verified(proof)
    assert {it.row for it in proof.weights} <= {rows[0], rows[1], rows[2]}
    assert proof.gap > 0


def test_a_false_proof_is_seen():
    rows = Rows([row({"x": 1.0}, low=3.0), row({"x": 1.0}, high=2.0)])
    proof = rows.certificate()
    assert proof is not None and proof.gap > 0
    wider = [
        type(it)(row(dict(it.row.terms), it.row.low - 2.0, it.row.high), it.weight)
        for it in proof.weights
    ]
    assert Certificate(tuple(wider)).gap < 0


def test_what_hangs_together():
    assert components([["a", "b"], ["c"], ["b", "d"], ["e"], ["d", "c"]]) == [[0, 1, 2, 4], [3]]
    assert components([]) == []
