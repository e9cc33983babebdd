"""The structured Newton solve against a dense matrix built from its definition."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from ytterby.arrays import jax, jnp
from ytterby.circuit.elimination import COUPLINGS, Jacobian, solve_newton

STAGES, ELEMENTS = 9, 4


def drawn(seed: int, last: int, closed: bool) -> Jacobian:
    """Random derivatives shaped as a circuit's: what leaves a stage arrives at its neighbours."""
    draw = np.random.default_rng(seed)
    organic, aqueous = draw.uniform(0.2, 3.0, (2, STAGES, ELEMENTS))
    organic_v = draw.normal(size=(STAGES, ELEMENTS, COUPLINGS))
    below, below_v = np.roll(organic, 1, axis=0), np.roll(organic_v, 1, axis=0)
    below[0], below_v[0] = closed * organic[last], closed * organic_v[last]
    above = np.roll(aqueous, -1, axis=0)
    above[last:] = 0.0
    below[last + 1 :], below_v[last + 1 :] = 0.0, 0.0
    block = draw.normal(size=(STAGES, COUPLINGS, COUPLINGS)) + 4 * np.eye(COUPLINGS)
    parts = (
        below,
        -(organic + aqueous) - 0.05,
        above,
        below_v,
        -organic_v,
        draw.normal(size=(STAGES, COUPLINGS, ELEMENTS)),
        block,
    )
    return Jacobian(*map(jnp.asarray, parts))


def dense(by: Jacobian, last: int) -> np.ndarray:
    """The same system written as one matrix, unknowns by stage, then elements, then couplings."""
    size = ELEMENTS + COUPLINGS
    matrix = np.zeros((STAGES, size, STAGES, size))
    metal = range(ELEMENTS)
    for stage in range(STAGES):
        below = last if stage == 0 else stage - 1
        matrix[stage, metal, below, metal] += by.by_below[stage]
        matrix[stage, :ELEMENTS, below, ELEMENTS:] += by.by_below_v[stage]
        matrix[stage, metal, stage, metal] += by.by_here[stage]
        matrix[stage, :ELEMENTS, stage, ELEMENTS:] += by.by_here_v[stage]
        if stage + 1 < STAGES:
            matrix[stage, metal, stage + 1, metal] += by.by_above[stage]
        matrix[stage, ELEMENTS:, stage, :ELEMENTS] += by.couplings[stage]
        matrix[stage, ELEMENTS:, stage, ELEMENTS:] += by.couplings_v[stage]
    return matrix.reshape(STAGES * size, STAGES * size)


@pytest.mark.parametrize(("last", "closed"), list(product([0, 5, STAGES - 1], [True, False])))
def test_structured_solve_is_the_dense_one(last: int, closed: bool) -> None:
    by = drawn(last, last, closed)
    rhs = np.random.default_rng(9).normal(size=(STAGES, ELEMENTS + COUPLINGS))
    metals, couplings = jax.jit(solve_newton)(
        by, jnp.asarray(rhs[:, :ELEMENTS]), jnp.asarray(rhs[:, ELEMENTS:]), jnp.asarray(last)
    )
    expected = np.linalg.solve(dense(by, last), rhs.ravel()).reshape(rhs.shape)
    assert np.hstack([metals, couplings]) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_the_returning_organic_matters() -> None:
    rhs = jnp.ones((STAGES, ELEMENTS)), jnp.ones((STAGES, COUPLINGS))
    closed, opened = (
        solve_newton(drawn(1, 4, loop), *rhs, jnp.asarray(4)) for loop in (True, False)
    )
    assert np.max(np.abs(closed[0][:5] - opened[0][:5])) > 1e-2
    assert np.asarray(closed[0][5:]) == pytest.approx(np.asarray(opened[0][5:]))


def test_the_solve_is_linear_in_reverse_too() -> None:
    by, last = drawn(2, 6, True), jnp.asarray(6)
    draw = np.random.default_rng(3)
    rhs, weights = (
        tuple(jnp.asarray(draw.normal(size=(STAGES, n))) for n in (ELEMENTS, COUPLINGS))
        for _ in range(2)
    )
    found, pull = jax.vjp(lambda metals, couplings: solve_newton(by, metals, couplings, last), *rhs)
    forward = sum(float(jnp.vdot(w, x)) for w, x in zip(weights, found, strict=True))
    back = sum(float(jnp.vdot(g, r)) for g, r in zip(pull(weights), rhs, strict=True))
    assert forward == pytest.approx(back, rel=1e-10)
