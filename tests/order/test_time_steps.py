"""Order of the steps through time by halving them, and what they make of what is too fast for them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest

from circuits import leaky_neodymium
from running import after, followed, four_stages, inert_stages, ready
from shapes import padded_to
from ytterby.circuit import Circuit
from ytterby.circuit.dynamics import Hold, HoldUp
from ytterby.circuit.dynamics.method import ORDER


@pytest.fixture(autouse=True)
def one_shape(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    padded_to(monkeypatch, stages=16, elements=4, takes=(4,))
    yield


TANK = HoldUp(organic_tank=Hold(0.5, "volume"))


@pytest.mark.parametrize(
    ("circuit", "holdup", "hours"),
    [
        pytest.param(four_stages(), TANK, 1.0, id="loop with a tank"),
        pytest.param(leaky_neodymium(), HoldUp(), 1.0, id="leaks, links, draws"),
    ],
)
def test_halving_the_step_leaves_an_eighth_of_the_error(
    circuit: Circuit, holdup: HoldUp, hours: float
) -> None:
    counts = (16, 32, 64, 128)
    finest = after(circuit, hours, 512, holdup)
    scale = np.max(np.abs(finest))
    errors = [
        float(np.linalg.norm(after(circuit, hours, n, holdup) - finest)) / scale for n in counts
    ]
    orders = [np.log2(coarse / fine) for coarse, fine in pairwise(errors)]
    assert errors[-1] > 1e-9, "below is rounding, not order"
    assert orders[-1] == pytest.approx(ORDER, abs=0.15), orders
    assert min(orders) > ORDER - 0.5, orders


def test_steps_of_days_over_vessels_of_seconds_end_where_they_should() -> None:
    """Linear and stiff, residence 1 s against steps of 24 h: nothing rings, and what stays is the feed's."""
    circuit = inert_stages(4, 2.0)
    holdup = HoldUp(*[Hold(1.0 / 3600.0)] * 3)
    problem, regime, moment = ready(circuit, holdup)
    left = []
    for _ in range(4):
        moment = followed(moment, 24.0, problem, regime)
        left.append(float(np.asarray(moment.point.metals.downward)[0, 0]))
    factor = 2.0 * 0.8
    expected = 1e-9 * (factor - 1.0) / (factor**5 - 1.0)  # Kremser, the raffinate of four stages
    assert left == pytest.approx([expected] * 4, rel=1e-9)
