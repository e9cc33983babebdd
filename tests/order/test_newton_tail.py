"""Newton's last steps: each error is of the size of the square of the one before."""

from __future__ import annotations

from collections.abc import Callable
from inspect import unwrap
from itertools import pairwise
from typing import Any, cast

import numpy as np
import pytest

from circuits import leaky_neodymium, samarium_gadolinium, terbium_dysprosium
from ytterby.arrays import jax, jnp
from ytterby.circuit import Circuit, steady
from ytterby.circuit.solve import ATTEMPTS, Attempt, arrays_of, attempt
from ytterby.circuit.solved import Array

NEAR = 0.3
"""Error below which the tail begins [-]."""
ROUNDING = 1e-8
"""Error whose square is lost in rounding [-]."""
STEPS = 20


def errors(circuit: Circuit, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Distance to the solution after 0, 1, 2 ... steps of the first attempt, all but plain Newton [-].

    Contents and lines over the largest of their element, couplings in logarithms. Nothing counts as
    solved here, so steps are neither ended nor followed by another.
    """
    monkeypatch.setattr(steady, "TOLERANCE", 0.0)

    @jax.jit  # a function of its own: what was compiled before would stop at the tolerance
    def untold(*arguments: Any) -> Attempt:
        return cast(Attempt, unwrap(attempt)(*arguments))

    arrays, first = arrays_of(circuit), jnp.asarray(ATTEMPTS[0][0])

    def after(steps: int) -> Array:
        state = untold(*arrays, first, jnp.asarray(steps), jnp.asarray(0.0)).steady.state
        return np.hstack([state.content, state.line, state.coupling])[: circuit.stages]

    solution, couplings = after(STEPS), len(arrays.model.names)
    scale = np.ones_like(solution)
    scale[:, :-couplings] = np.max(solution[:, :-couplings], axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    return [float(np.max(np.abs(after(n) - solution) / scale)) for n in range(STEPS)]


@pytest.mark.parametrize("circuit", [samarium_gadolinium, terbium_dysprosium, leaky_neodymium])
def test_the_tail_is_quadratic(
    circuit: Callable[[], Circuit], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = errors(circuit(), monkeypatch)
    tail = [error for error in found if error < NEAR]
    falling = [(before, after) for before, after in pairwise(tail) if before > ROUNDING]
    assert len(falling) >= 3
    for before, after in falling:
        assert after <= 2.0 * before**2 + 1e-11
    first, second, third = (np.log(error) for error in tail[1:4])
    assert (third - second) / (second - first) == pytest.approx(2.0, abs=0.25)
    assert max(tail[-5:]) < 1e-11  # and there it stays
