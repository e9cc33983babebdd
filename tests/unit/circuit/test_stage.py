"""One mixer-settler: exact equilibrium at given contents, and its residual."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from circuits import closely
from ytterby.arrays import jax, jnp
from ytterby.circuit.stage import Duty, content, equilibrate, phases, stage_residual
from ytterby.datasets import parameter_set
from ytterby.equilibrium import MassAction, chemistry

ELEMENTS = ("La", "Nd", "Dy")
MODEL = chemistry(parameter_set("P507-HCl-v0"), ELEMENTS)
GUESS = jnp.log(jnp.asarray([500.0, 100.0]))
settle = jax.jit(equilibrate)


def duty(free_anion: float, fed: tuple[float, ...] = (0.0, 0.0, 0.0)) -> Duty:
    """An aqueous of 2 m3/h and an organic of 3 m3/h with 500 mol/m3 of dimer."""
    return Duty(
        organic_in=jnp.asarray(3.0),
        organic_out=jnp.asarray(3.0),
        aqueous_in=jnp.asarray(2.0),
        aqueous_out=jnp.asarray(2.0),
        feed=jnp.asarray(fed),
        free_anion=jnp.asarray(free_anion),
        dimer_total=jnp.asarray(500.0),
    )


@pytest.mark.parametrize(
    ("metals", "free_anion"),
    [
        ((60.0, 200.0, 100.0), 400.0),
        ((0.0, 500.0, 0.0), 900.0),
        ((1e-12, 1e-6, 1e-3), 1e-2),
        ((10.0, 10.0, 470.0), 3.0),  # organic all but full, acid all but gone
        ((300.0, 300.0, 300.0), 1000.0),
    ],
)
def test_equilibrate_keeps_contents_and_meets_all_conditions(
    metals: tuple[float, ...], free_anion: float
) -> None:
    state = settle(jnp.asarray(metals), GUESS, duty(free_anion), MODEL)
    found = phases(state, MODEL)
    held = np.asarray(content(state, duty(free_anion), MODEL))
    assert held == closely(np.asarray(metals), rel=1e-12)
    aqueous, loaded = np.asarray(found.aqueous), np.asarray(found.organic)
    assert float(found.dimer) + 3 * loaded.sum() == closely(500.0, rel=1e-12)
    assert float(found.acid) + 3 * aqueous.sum() == closely(free_anion, rel=1e-11)
    ratio = 10 ** np.asarray(MODEL.ln_k / np.log(10.0)) * float(found.dimer / found.acid) ** 3
    assert loaded == closely(ratio * aqueous, rel=1e-12)


def test_equilibrate_does_not_depend_on_its_guess() -> None:
    metals = jnp.asarray([60.0, 200.0, 100.0])
    near, far = (
        settle(metals, jnp.log(jnp.asarray(guess)), duty(400.0), MODEL)
        for guess in ([500.0, 100.0], [1e-9, 1e6])
    )
    assert np.asarray(near) == closely(np.asarray(far), rel=1e-13)


def test_the_residual_is_what_enters_less_what_leaves() -> None:
    here, below, above = (
        settle(jnp.asarray(metals), GUESS, duty(anion), MODEL)
        for metals, anion in (
            ((60.0, 200.0, 100.0), 400.0),
            ((30.0, 90.0, 10.0), 300.0),
            ((90.0, 100.0, 80.0), 500.0),
        )
    )
    load = duty(400.0, (5.0, 0.0, 7.0))
    found = np.asarray(stage_residual(below, here, above, load, MODEL))
    organic_in = 3.0 * np.asarray(phases(below, MODEL).organic)
    aqueous_in = 2.0 * np.asarray(phases(above, MODEL).aqueous)
    leaving = np.array([60.0, 200.0, 100.0])
    expected = organic_in + aqueous_in + np.array([5.0, 0.0, 7.0]) - leaving
    assert found[:3] == closely(expected, rel=1e-11)
    assert found[3:] == pytest.approx([0.0, 0.0], abs=1e-9)  # in equilibrium by construction


def test_the_residual_sees_free_extractant_and_acid_off_balance() -> None:
    state = settle(jnp.asarray([60.0, 200.0, 100.0]), GUESS, duty(400.0), MODEL)
    other = replace(duty(403.0), dimer_total=jnp.asarray(502.0))
    found = np.asarray(stage_residual(state, state, state, other, MODEL))
    assert found[-2:] == pytest.approx([2.0, 3.0], abs=1e-9)


def test_distribution_follows_its_orders() -> None:
    """ln D gains q per ln dimer and loses n per ln acid; K is D at 1 mol/L of both."""
    model = MassAction(
        ln_k=jnp.asarray([0.5]),
        order_dimer=jnp.asarray([2.38]),
        order_proton=jnp.asarray([2.0]),
        dimers=jnp.asarray([3.0]),
        charge=jnp.asarray([2.0]),
    )
    litre, doubled = jnp.log(1000.0), jnp.log(2000.0)
    assert float(model.ln_distribution(litre, litre)[0]) == pytest.approx(0.5)
    dimer_up = float(model.ln_distribution(doubled, litre)[0])
    acid_up = float(model.ln_distribution(litre, doubled)[0])
    assert dimer_up - 0.5 == pytest.approx(2.38 * np.log(2.0))
    assert acid_up - 0.5 == pytest.approx(-2.0 * np.log(2.0))
