"""What a circuit holds before it runs: nothing but acid and fresh organic, or its steady state."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ytterby.arrays import jax, jnp
from ytterby.circuit.circuit import Circuit
from ytterby.circuit.dynamics.regime import (
    ACID,
    CHARGE,
    SULFATE,
    VOLUMES,
    Amounts,
    Regime,
    metal_passage,
    residence_at_rest,
)
from ytterby.circuit.dynamics.vessels import Held, at_rest
from ytterby.circuit.solve import Attempt
from ytterby.circuit.stage import State
from ytterby.equilibrium import Distribution
from ytterby.equilibrium.sulfate import total_acid


@jax.jit
def steady_amounts(regime: Regime, found: Attempt) -> Amounts:
    """What a circuit holds at its steady state."""
    state, passage = found.steady.state, metal_passage(found.phases, regime.duty)
    residence = residence_at_rest(regime)
    metals = at_rest(state.line, state.content, passage, regime.links, residence)
    return Amounts(metals, passive_amounts(regime, regime.content))


@jax.jit
def passive_amounts(regime: Regime, content: jax.Array) -> Held:
    """Passive things in all vessels where ``content`` passes the contacts; volumes in mixers alone, since
    only they may change theirs."""
    links, residence = regime.passive_links, residence_at_rest(regime)
    held = at_rest(regime.line, content, regime.passage, links, residence)
    dissolved = jnp.arange(content.shape[1]) >= VOLUMES
    return Held(held.mixer, *(jnp.where(dissolved, part, 0.0) for part in held[1:]))


def empty_amounts(
    regime: Regime, circuit: Circuit, model: Distribution, fill: Mapping[str, float]
) -> Amounts:
    """No metal; the aqueous is acid, of ``fill`` [mol/m3] by section or as strong as all its anions.

    Water, salt and organic are as at the steady state. Where protons replace metals on the organic, the
    anions that metals would bring stand there as acid.
    """
    content = np.array(regime.content)
    if not model.exchanges:
        content[:, CHARGE] = 0.0
    for section, (first, end) in zip(circuit.sections, circuit.spans(), strict=True):
        if section.label in fill:
            stages = content[first:end]
            strength = total_acid(fill[section.label], stages[:, SULFATE] / stages[:, 0])
            stages[:, ACID], stages[:, CHARGE] = strength * stages[:, 0], 0.0
    shape = regime.duty.feed.shape
    vessel, tank = np.zeros(shape), np.zeros((regime.links.source.shape[0], shape[1]))
    metals = Held(*map(jnp.asarray, (vessel, vessel, vessel, tank)))
    return Amounts(metals, passive_amounts(regime, jnp.asarray(content)))


@jax.jit
def resting_state(regime: Regime, model: Distribution) -> State:
    """Guess of a state without metal: couplings at the totals of their stages."""
    nothing = jnp.zeros_like(regime.duty.feed)
    return State(nothing, nothing, jnp.log(jax.vmap(model.scales)(regime.duty.site)))
