"""What counts as closed: imbalances over their scales, stage by stage and for the circuit as a whole."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from circuits import samarium_gadolinium
from ytterby.arrays import jnp
from ytterby.circuit.duties import duties
from ytterby.circuit.solve import ATTEMPTS, arrays_of, attempt
from ytterby.circuit.solved import Array
from ytterby.circuit.stage import Duty, State
from ytterby.circuit.steady import TOLERANCE, Residuals, imbalance, largest_imbalance, residuals
from ytterby.equilibrium import Distribution

CIRCUIT = samarium_gadolinium()


def solved_arrays() -> tuple[State, Duty, Distribution]:
    inputs, layout, model = arrays_of(CIRCUIT)
    found = attempt(inputs, layout, model, *map(jnp.asarray, ATTEMPTS[0]))
    return found.steady.state, duties(inputs, layout, model)[0], model


def residual_of(**parts: Array) -> Residuals:
    """Residuals that are zero, but for ``parts``."""
    shapes = {"line": (16, 4), "content": (16, 4), "coupling": (16, 2)}
    nothing = {name: np.zeros(shape) for name, shape in shapes.items()}
    return Residuals(**{name: jnp.asarray(array) for name, array in (nothing | parts).items()})


@pytest.mark.parametrize("where", ["line", "content"])
def test_small_imbalances_of_one_sign_add_up(where: str) -> None:
    """Each stage loses 1e-11 of the feed of every metal, the circuit sixteen times as much."""
    state, duty, model = solved_arrays()
    fed = np.sum(np.asarray(duty.feed), axis=0)
    lost = residual_of(**{where: np.tile(1e-11 * fed, (16, 1))})
    found = np.asarray(imbalance(lost, state, duty, model))
    assert found.shape == (17, 6)
    assert found[:16, :4] == pytest.approx(np.full((16, 4), 1e-11), abs=1e-15)
    assert found[16] == pytest.approx([16e-11] * 4 + [0.0, 0.0], abs=1e-15)


def test_a_line_that_is_off_is_seen_though_the_stage_closes() -> None:
    """What passes the contact by is off by its share: here 30 % of what the line misses."""
    state, duty, model = solved_arrays()
    fed = np.sum(np.asarray(duty.feed), axis=0)
    off = np.zeros((16, 4))
    off[5] = 1e-8 * fed
    passing = replace(duty, efficiency=jnp.full(16, 0.7))
    found = np.asarray(imbalance(residual_of(line=off, content=-off), state, passing, model))
    assert found[5, :4] == pytest.approx(np.full(4, 0.3e-8), abs=1e-15)
    found = np.asarray(imbalance(residual_of(line=off, content=-off), state, duty, model))
    assert not found.any()


def test_extractant_and_charge_are_judged_by_their_totals() -> None:
    state, duty, model = solved_arrays()
    off = np.zeros((16, 2))
    off[3] = 1e-8
    found = np.asarray(imbalance(residual_of(coupling=off), state, duty, model))
    anion = (20.0 + 3 * 200.0 + 0.1 * 1500.0) / 1.1
    assert found[3, 4:] == pytest.approx([1e-8 / 500.0, 1e-8 / anion], abs=1e-20)


def test_an_element_that_is_not_fed_is_not_judged_by_it() -> None:
    state, duty, model = solved_arrays()
    without = replace(duty, feed=duty.feed.at[:, 2].set(0.0))
    off = np.zeros((16, 4))
    off[3, 2] = 1e-9
    found = np.asarray(imbalance(residual_of(content=off), state, without, model))
    assert found[3, 2] == pytest.approx(1e-9 / (1e-4 * np.max(np.asarray(state.content)[:, 2])))


def test_what_is_no_number_is_as_bad_as_can_be() -> None:
    state, duty, model = solved_arrays()
    off = np.zeros((16, 4))
    assert float(largest_imbalance(residual_of(), state, duty, model)) == 0.0
    off[2, 1] = np.nan
    assert float(largest_imbalance(residual_of(content=off), state, duty, model)) == np.inf


def test_the_steps_of_a_solved_circuit_are_those_it_needed() -> None:
    """Two steps fewer are not enough: one, for the last only settles what is far below the feed."""
    arrays = arrays_of(CIRCUIT)
    first, most, bold = map(jnp.asarray, ATTEMPTS[0])
    done = attempt(*arrays, first, most, bold).steady
    fewer = attempt(*arrays, first, done.steps - 2, bold).steady
    assert float(done.error) <= TOLERANCE < float(fewer.error)
    assert int(done.steps) < most and int(fewer.steps) == int(done.steps) - 2


@pytest.mark.parametrize("closed", [True, False])
def test_what_is_solved_balances_by_the_residuals(closed: bool) -> None:
    inputs, layout, model = arrays_of(samarium_gadolinium(closed))
    found = attempt(inputs, layout, model, *map(jnp.asarray, ATTEMPTS[0]))
    state, (duty, links) = found.steady.state, duties(inputs, layout, model)
    residual = residuals(state, duty, model, links)
    largest = float(largest_imbalance(residual, state, duty, model))
    assert largest == pytest.approx(float(found.steady.error), abs=1e-14)
    if not closed:  # nothing arrives with the fresh organic
        assert np.asarray(state.line)[0] == pytest.approx(np.zeros(4), abs=1e-12)
