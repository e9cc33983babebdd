"""Gradients of a solved circuit against differences of independently converged solves.

The differences use ``attempt``, which knows nothing of derivatives; the derivatives are of ``steady_state``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import NamedTuple

import numpy as np
import pytest

from circuits import (
    closely,
    leaky_neodymium,
    samarium_gadolinium,
    terbium_dysprosium,
    with_inlet,
)
from ytterby.arrays import jax, jnp
from ytterby.circuit import Circuit
from ytterby.circuit.duties import duties
from ytterby.circuit.network import Inputs, Layout
from ytterby.circuit.solve import ATTEMPTS, arrays_of, attempt, steady_state
from ytterby.circuit.solved import Array
from ytterby.circuit.stage import Phases
from ytterby.circuit.steady import TOLERANCE, split_of
from ytterby.equilibrium import MassAction

AGREEMENT = 1e-6
"""Relative agreement asked of every derivative."""
FLAT = 1e-3
"""Derivatives d ln output / d ln parameter below this are compared as if they were this large."""
STEP = 1e-4
"""Relative step of the differences; two of them cancel the error of third order."""


@dataclass(frozen=True)
class Trial:
    """A circuit, what is asked of it, and the elements that the asking names."""

    circuit: Circuit
    light: str
    """Purity in the raffinate, and its contamination of the strip liquor, are outputs."""
    trace: str
    """Its concentration in the strip liquor is an output."""

    def index(self, name: str) -> int:
        return self.circuit.elements.index(name)

    def outputs(self, found: Phases, coupling: jax.Array) -> jax.Array:
        """Molar purity of ``light`` in the raffinate, ``trace`` and ``light`` in the strip liquor, acid of
        stage 1, metal left on the stripped organic [-, mol/m3 x 4]."""
        liquor = self.circuit.spans()[2][0]
        raffinate = found.aqueous[0]
        return jnp.stack(
            [
                raffinate[self.index(self.light)] / jnp.sum(raffinate),
                found.aqueous[liquor, self.index(self.trace)],
                found.aqueous[liquor, self.index(self.light)],
                jnp.exp(coupling[0, 1]),
                jnp.sum(found.organic[self.circuit.stages - 1]),
            ]
        )


TRIALS = {
    # Stripped so weakly that over a quarter of the loaded metal comes round again.
    "four elements, 16 stages": Trial(
        with_inlet(samarium_gadolinium(), 2, acid=1800.0), "Sm", "Eu"
    ),
    "15 elements, 60 stages": Trial(terbium_dysprosium(), "Tb", "Yb"),
    "leaks, links and three couplings": Trial(leaky_neodymium(("complexing",)), "Sm", "Nd"),
}


class Parameter(NamedTuple):
    """One number that a derivative is taken by."""

    field: str
    """Of ``Inputs``, or ``ln_k`` of the model."""
    place: tuple[int, ...]

    def of(self, inputs: Inputs, model: MassAction) -> jax.Array:
        owner = model if self.field == "ln_k" else inputs
        values: jax.Array = getattr(owner, self.field)
        return values

    def moved(self, inputs: Inputs, model: MassAction, share: float) -> tuple[Inputs, MassAction]:
        """Both with this number changed by ``share`` of itself; K, not ln K, for the constants."""
        values = self.of(inputs, model)
        if self.field == "ln_k":
            return inputs, replace(model, ln_k=values.at[self.place].add(np.log1p(share)))
        changed = values.at[self.place].multiply(1 + share)
        return replace(inputs, **{self.field: changed}), model


def parameters(trial: Trial) -> list[Parameter]:
    """Organic, liquors, feed and constants; the main elements and a trace."""
    lights = {trial.light, trial.trace, *(trial.circuit.cut or ())}
    places = [trial.index(name) for name in sorted(lights)]
    return [
        *(Parameter(name, (0,)) for name in ("saponification", "organic_flow", "extractant")),
        *(Parameter("inlet_flow", (inlet,)) for inlet in range(len(trial.circuit.inlets()))),
        *(Parameter("inlet_acid", (inlet,)) for inlet in range(3)),
        *(Parameter("inlet_metals", (0, place)) for place in places),
        *(Parameter("ln_k", (place,)) for place in places),
        *(equipment() if trial.circuit.draws else ()),
    ]


def equipment() -> list[Parameter]:
    """What leaks, bypasses, is drawn, refluxed and returned, in a circuit that has all of it."""
    leaks = ("efficiency", "aqueous_carried", "organic_carried")
    return [
        *(Parameter(name, (stage,)) for name in leaks for stage in (0, 4)),
        *(Parameter("taken_flow", (draw,)) for draw in range(3)),
        Parameter("taken_share", (0,)),
    ]


def solved(trial: Trial, inputs: Inputs, layout: Layout, model: MassAction) -> Array:
    """Outputs of a converged solve without derivatives."""
    found = attempt(inputs, layout, model, *map(jnp.asarray, ATTEMPTS[0]))
    assert float(found.steady.error) <= TOLERANCE
    return np.asarray(trial.outputs(found.phases, found.steady.state.coupling))


def by_differences(trial: Trial, parameter: Parameter) -> Array:
    """d outputs / d ln parameter."""
    inputs, layout, model = arrays_of(trial.circuit)

    def central(step: float) -> Array:
        up, down = (
            solved(trial, moved, layout, other)
            for moved, other in (parameter.moved(inputs, model, share) for share in (step, -step))
        )
        return (up - down) / (2 * step)

    return (4 * central(STEP) - central(2 * STEP)) / 3


def differentiable_outputs(trial: Trial) -> Callable[[Inputs, Layout, MassAction], jax.Array]:
    """The outputs by ``steady_state``, for jax to derive."""

    def outputs(inputs: Inputs, layout: Layout, model: MassAction) -> jax.Array:
        state = steady_state(inputs, layout, model)
        duty, _ = duties(inputs, layout, model)
        return trial.outputs(split_of(state, duty, model), state.coupling)

    return outputs


@cache
def reverse(name: str) -> tuple[Inputs, MassAction]:
    """Jacobian by reverse mode: the structures of inputs and model, a leading axis of outputs."""
    trial = TRIALS[name]
    jacobian = jax.jit(jax.jacrev(differentiable_outputs(trial), argnums=(0, 2)))
    found: tuple[Inputs, MassAction] = jacobian(*arrays_of(trial.circuit))
    return found


CASES = [
    pytest.param(name, parameter, id=f"{name}, {parameter.field}{list(parameter.place) or ''}")
    for name, trial in TRIALS.items()
    for parameter in parameters(trial)
]


@pytest.mark.parametrize(("name", "parameter"), CASES)
def test_gradients_agree_with_differences(name: str, parameter: Parameter) -> None:
    trial = TRIALS[name]
    inputs, layout, model = arrays_of(trial.circuit)
    factor = 1.0 if parameter.field == "ln_k" else parameter.of(inputs, model)[parameter.place]
    derivative = parameter.of(*reverse(name))[(slice(None), *parameter.place)] * factor
    scale = np.maximum(np.abs(derivative), FLAT * np.abs(solved(trial, inputs, layout, model)))
    difference = np.abs(by_differences(trial, parameter) - derivative)
    assert np.all(difference <= AGREEMENT * scale), difference / scale


@pytest.mark.parametrize("name", TRIALS)
def test_the_derivatives_are_not_all_small(name: str) -> None:
    """So that agreement says something: each output answers to base by more than the flat limit."""
    trial = TRIALS[name]
    inputs, layout, model = arrays_of(trial.circuit)
    by_base = np.asarray(reverse(name)[0].saponification[:, 0] * inputs.saponification[0])
    assert np.all(np.abs(by_base) > 10 * FLAT * solved(trial, inputs, layout, model))


@pytest.mark.parametrize("name", TRIALS)
def test_forward_equals_reverse(name: str) -> None:
    """One direction through every input and constant at once."""
    trial = TRIALS[name]
    inputs, layout, model = arrays_of(trial.circuit)
    draw = np.random.default_rng(17)

    def direction(values: jax.Array) -> jax.Array:
        return values * jnp.asarray(draw.normal(size=values.shape))

    along = jax.tree.map(direction, (inputs, model))

    def outputs(numbers: tuple[Inputs, MassAction]) -> jax.Array:
        return differentiable_outputs(trial)(numbers[0], layout, numbers[1])

    _, forward = jax.jit(lambda at, to: jax.jvp(outputs, (at,), (to,)))((inputs, model), along)
    pulled = jax.tree.map(lambda rows, to: jnp.tensordot(rows, to, to.ndim), reverse(name), along)
    assert np.asarray(forward) == closely(np.asarray(sum(jax.tree.leaves(pulled))), rel=1e-9)


def saponified(inputs: Inputs, share: jax.Array) -> Inputs:
    """The same with that base per extractant."""
    return replace(inputs, saponification=share[None])


def test_a_batch_of_circuits_is_each_of_them() -> None:
    """vmap over saponification: the same states as one by one."""
    trial = TRIALS["four elements, 16 stages"]
    inputs, layout, model = arrays_of(trial.circuit)
    shares = jnp.asarray([0.2, 0.26, 0.3])

    def outputs(share: jax.Array) -> jax.Array:
        return differentiable_outputs(trial)(saponified(inputs, share), layout, model)

    batch = np.asarray(jax.jit(jax.vmap(outputs))(shares))
    for share, found in zip(shares, batch, strict=True):
        alone = solved(trial, saponified(inputs, share), layout, model)
        assert found == closely(alone, rel=1e-9)
