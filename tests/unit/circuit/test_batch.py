"""Many circuits at once: in order, the same answers as one by one, on threads and as one batch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from circuits import samarium_gadolinium, with_inlet
from ytterby.circuit import batch
from ytterby.circuit.solve import Attempt, Problem, arrays_of, find_steady
from ytterby.circuit.steady import TOLERANCE


def problems() -> list[Problem]:
    """Six circuits of two compiled shapes, mixed."""
    closed = [
        arrays_of(with_inlet(samarium_gadolinium(), 1, flow=flow)) for flow in (0.05, 0.1, 0.15)
    ]
    opened = [
        arrays_of(with_inlet(samarium_gadolinium(closed=False), 1, flow=flow))
        for flow in (0.05, 0.1, 0.15)
    ]
    return [one for pair in zip(closed, opened, strict=True) for one in pair]


@pytest.fixture(scope="module")
def alone() -> list[Attempt]:
    """Each solved by itself."""
    return [find_steady(*problem) for problem in problems()]


@pytest.mark.parametrize("way", ["threads", "batch"])
def test_many_circuits_are_solved_as_each_alone(way: str, alone: list[Attempt]) -> None:
    found = (
        batch.find_many(problems(), workers=2) if way == "threads" else batch._batched(problems())
    )
    assert len(found) == len(alone)
    for one, other in zip(found, alone, strict=True):
        assert float(one.steady.error) <= TOLERANCE
        difference = np.asarray(one.onward) - np.asarray(other.onward)
        assert np.abs(difference).max() <= 1e-9 * np.asarray(other.onward).max()


def test_what_has_no_steady_state_is_left_open_and_spoils_no_other(alone: list[Attempt]) -> None:
    good = arrays_of(samarium_gadolinium())
    circuit = samarium_gadolinium()
    drowned = replace(circuit, organic=replace(circuit.organic, saponification=0.99))
    found = batch._batched([good, arrays_of(drowned), good])
    assert [float(one.steady.error) <= TOLERANCE for one in found] == [True, False, True]
