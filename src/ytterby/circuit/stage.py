"""The one equation: the balances of one mixer-settler, from which everything numerical is derived.

State of a stage, array of ``element + 2``: aqueous concentrations x [mol/m3], then ln d (free dimer) and
ln h ([H+]), both in ln mol/m3. Organic concentrations follow as y = D(d, h) x.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from ytterby.arrays import jax, jnp
from ytterby.equilibrium import MassAction


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Duty:
    """What is imposed on a stage; every field may carry a leading ``stage`` axis."""

    organic_in: jax.Array
    """Organic that arrives from the stage below [m3/h]."""
    organic_out: jax.Array
    """Organic that leaves [m3/h]."""
    aqueous_in: jax.Array
    """Aqueous that arrives from the stage above [m3/h]."""
    aqueous_out: jax.Array
    """Aqueous that leaves [m3/h]."""
    feed: jax.Array
    """Metals entering with liquors from outside [mol/h], axis ``element``."""
    free_anion: jax.Array
    """Anion charge less inert cations: what metals and acid must balance [mol/m3]."""
    dimer_total: jax.Array
    """Extractant dimers, free and loaded [mol/m3]."""


class Phases(NamedTuple):
    """Concentrations of one stage."""

    aqueous: jax.Array
    """x [mol/m3], axis ``element``."""
    organic: jax.Array
    """y [mol/m3], axis ``element``."""
    dimer: jax.Array
    """Free dimer d [mol/m3]."""
    acid: jax.Array
    """[H+] h [mol/m3]."""


def phases(state: jax.Array, chemistry: MassAction) -> Phases:
    """Concentrations of both phases [mol/m3] of a stage in equilibrium."""
    aqueous, ln_dimer, ln_acid = state[:-2], state[-2], state[-1]
    ratio = jnp.exp(chemistry.ln_distribution(ln_dimer, ln_acid))
    return Phases(aqueous, ratio * aqueous, jnp.exp(ln_dimer), jnp.exp(ln_acid))


def stage_residual(
    below: jax.Array, here: jax.Array, above: jax.Array, duty: Duty, chemistry: MassAction
) -> jax.Array:
    """Balances of one mixer-settler: elements [mol/h], extractant [mol/m3], charge [mol/m3].

    Zero at steady state, in minus out. ``below`` is the stage the organic comes from, ``above`` the one
    the aqueous comes from.
    """
    stage = phases(here, chemistry)
    incoming = (
        duty.organic_in * phases(below, chemistry).organic
        + duty.aqueous_in * above[:-2]
        + duty.feed
    )
    metals = incoming - content(here, duty, chemistry)
    extractant = duty.dimer_total - stage.dimer - chemistry.dimers @ stage.organic
    charge = duty.free_anion - stage.acid - chemistry.charge @ stage.aqueous
    return jnp.append(metals, jnp.stack([extractant, charge]))


def content(state: jax.Array, duty: Duty, chemistry: MassAction) -> jax.Array:
    """Metals leaving a stage in both phases [mol/h]; also its hold-up per hour of residence."""
    stage = phases(state, chemistry)
    return duty.aqueous_out * stage.aqueous + duty.organic_out * stage.organic


def equilibrate(
    metals: jax.Array, guess: jax.Array, duty: Duty, chemistry: MassAction
) -> jax.Array:
    """State of a stage that holds ``metals`` [mol/h, as in ``content``], in exact phase equilibrium.

    One monotone equation in u = ln d - ln h: more u loads more metal, which uses up dimer and frees acid.
    Newton inside a bracket, from ``guess`` (ln d, ln h).
    """
    acid_scale = guess[1]
    metals_or_one = jnp.where(metals > 0, metals, 1.0)  # an absent metal crosses nothing

    def ln_ratio(u: jax.Array) -> jax.Array:
        return chemistry.ln_distribution(acid_scale + u, acid_scale)

    def split(ln_d: jax.Array) -> Phases:
        """Concentrations at ln D; dimer or acid come out negative where the metals do not fit."""
        ratio = jnp.exp(ln_d)
        aqueous = metals / (duty.aqueous_out + duty.organic_out * ratio)
        organic = ratio * aqueous
        dimer = duty.dimer_total - chemistry.dimers @ organic
        return Phases(aqueous, organic, dimer, duty.free_anion - chemistry.charge @ aqueous)

    def step(carry: _Bracket) -> _Bracket:
        u, low, high, _, passes = carry
        ln_d, steepness = jax.jvp(ln_ratio, (u,), (jnp.ones_like(u),))
        aqueous, organic, dimer, acid = split(ln_d)
        # More u moves metal across: what each phase gains or loses of it per u and flow of the other.
        crossing = steepness * aqueous * organic / metals_or_one
        used = chemistry.dimers @ crossing * duty.aqueous_out
        freed = chemistry.charge @ crossing * duty.organic_out
        excess = jnp.log(dimer) - jnp.log(acid) - u  # falls in u; nan where one would be negative
        slope = -used / dimer - freed / acid - 1.0
        too_low = (excess > 0) | (acid <= 0)
        low, high = jnp.where(too_low, u, low), jnp.where(too_low, high, u)
        # Two Newton steps to the one root, in logarithms and as d = h exp(u): the second reaches where
        # dimer or acid is nearly used up, the first where they are not.
        bend = acid * jnp.exp(u)
        steps = jnp.stack([excess / slope, (dimer - bend) / -(used + freed * jnp.exp(u) + bend)])
        inside = (u - steps > low) & (u - steps < high)  # false for nan
        fallback = jnp.where(inside[1], u - steps[1], 0.5 * (low + high))
        after = jnp.where(inside[0], u - steps[0], fallback)
        return _Bracket(after, low, high, jnp.abs(after - u), passes + 1)

    def unfinished(carry: _Bracket) -> jax.Array:
        return (carry.change > EQUILIBRIUM_TOLERANCE) & (carry.passes < EQUILIBRIUM_ITERATIONS)

    widest = jnp.asarray(WIDEST_COUPLING)
    start = _Bracket(guess[0] - guess[1], -widest, widest, jnp.asarray(jnp.inf), jnp.asarray(0))
    u = jax.lax.while_loop(unfinished, step, start).u
    aqueous, _, dimer, acid = split(ln_ratio(u))
    # Both differences lose digits when small: keep the better one and let u give the other.
    dimer_is_better = dimer * duty.free_anion > acid * duty.dimer_total
    ln_dimer = jnp.where(dimer_is_better, jnp.log(dimer), jnp.log(acid) + u)
    return jnp.append(aqueous, jnp.stack([ln_dimer, ln_dimer - u]))


class _Bracket(NamedTuple):
    u: jax.Array
    low: jax.Array
    high: jax.Array
    change: jax.Array
    passes: jax.Array


WIDEST_COUPLING = 60.0
"""Bracket of u = ln d - ln h: beyond it everything is in one phase."""
EQUILIBRIUM_TOLERANCE = 1e-12
"""Last change of u; below it lies rounding where acid or dimer is a small difference."""
EQUILIBRIUM_ITERATIONS = 100
