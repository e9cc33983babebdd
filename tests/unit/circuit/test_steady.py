"""What counts as closed: imbalances over their scales, stage by stage and for the circuit as a whole."""

from __future__ import annotations

import numpy as np
import pytest

from circuits import samarium_gadolinium
from ytterby.arrays import jnp
from ytterby.circuit.network import duties
from ytterby.circuit.solve import ATTEMPTS, arrays_of, attempt
from ytterby.circuit.steady import TOLERANCE, imbalance

CIRCUIT = samarium_gadolinium()


def test_small_imbalances_of_one_sign_add_up() -> None:
    """Each stage loses 1e-11 of the feed of every metal, the circuit sixteen times as much."""
    inputs, layout, model = arrays_of(CIRCUIT)
    duty = duties(inputs, layout, model)
    state = attempt(inputs, layout, model, *map(jnp.asarray, ATTEMPTS[0])).steady.state
    fed = np.sum(np.asarray(duty.feed), axis=0)
    residual = np.zeros((16, 6))
    residual[:, :4] = 1e-11 * fed
    found = np.asarray(imbalance(jnp.asarray(residual), state, duty, model))
    assert found.shape == (17, 6)
    assert found[:16, :4] == pytest.approx(np.full((16, 4), 1e-11), abs=1e-15)
    assert found[16] == pytest.approx([16e-11] * 4 + [0.0, 0.0], abs=1e-15)


def test_extractant_and_charge_are_judged_by_their_totals() -> None:
    inputs, layout, model = arrays_of(CIRCUIT)
    duty = duties(inputs, layout, model)
    state = attempt(inputs, layout, model, *map(jnp.asarray, ATTEMPTS[0])).steady.state
    residual = np.zeros((16, 6))
    residual[3, 4:] = 1e-8
    found = np.asarray(imbalance(jnp.asarray(residual), state, duty, model))
    anion = (20.0 + 3 * 200.0 + 0.1 * 1500.0) / 1.1
    assert found[3, 4:] == pytest.approx([1e-8 / 500.0, 1e-8 / anion], abs=1e-20)


def test_the_steps_of_a_solved_circuit_are_those_it_needed() -> None:
    """Two steps fewer are not enough: one, for the last only settles what is far below the feed."""
    arrays = arrays_of(CIRCUIT)
    first, most = ATTEMPTS[0]
    done = attempt(*arrays, jnp.asarray(first), jnp.asarray(most)).steady
    fewer = attempt(*arrays, jnp.asarray(first), done.steps - 2).steady
    assert float(done.error) <= TOLERANCE < float(fewer.error)
    assert int(done.steps) < most and int(fewer.steps) == int(done.steps) - 2
