"""One mixer-settler: how metals share themselves there, and its mass balance.

    in  = organic line from the stage below + aqueous from the stage above + feeds
    out = organic line to the stage above + aqueous to the stage below        [mol/h of each metal]

Organic and aqueous meet in the *contact*, whose content (what flows through it, mol/h) leaves in both phases
in equilibrium, y = D x. A stage efficiency below 1 (Murphree, organic side) sends part of the arriving
organic line past the contact; entrainment sends a share of each phase out with the other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from ytterby.arrays import jax, jnp
from ytterby.equilibrium import Distribution, Site


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Duty:
    """What is imposed on a stage; every field may carry a leading ``stage`` axis."""

    aqueous: jax.Array
    """Aqueous in the contact [m3/h]."""
    organic: jax.Array
    """Organic in the contact [m3/h]."""
    arriving: jax.Array
    """Organic that arrives with the line [m3/h]."""
    efficiency: jax.Array
    """Share of the arriving organic line that is contacted."""
    aqueous_carried: jax.Array
    """Share of the contact's aqueous that is entrained in the organic line."""
    organic_carried: jax.Array
    """Share of the contact's organic that is entrained in the aqueous."""
    up: jax.Array
    """Share of the organic line that goes on to the next stage."""
    down: jax.Array
    """Share of the aqueous that goes on to the stage before."""
    feed: jax.Array
    """Metals that join the contact from outside [mol/h], axis ``element``."""
    organic_feed: jax.Array
    """Metals that join the arriving organic line from outside [mol/h], axis ``element``."""
    site: Site


class State(NamedTuple):
    """Unknowns of a stage; every field may carry a leading ``stage`` axis."""

    content: jax.Array
    """Metals that flow through the contact [mol/h], axis ``element``."""
    line: jax.Array
    """Metals that arrive with the organic line [mol/h], axis ``element``."""
    coupling: jax.Array
    """Logarithms of the levels that metals share, see ``equilibrium.contract``; axis ``coupling``."""


class Phases(NamedTuple):
    """Both phases of a contact."""

    aqueous: jax.Array
    """x [mol/m3], axis ``element``."""
    organic: jax.Array
    """y [mol/m3], axis ``element``."""
    rising: jax.Array
    """Share of the content that leaves with the organic line, axis ``element``."""
    falling: jax.Array
    """Share that leaves with the aqueous; the two add to one, each computed without loss of digits."""


def phases(content: jax.Array, coupling: jax.Array, duty: Duty, model: Distribution) -> Phases:
    """How the content of a contact shares itself."""
    return _split(content, jnp.exp(model.ln_distribution(coupling, duty.site)), duty)


def _split(content: jax.Array, ratio: jax.Array, duty: Duty) -> Phases:
    """Phases at the distribution ratios D, axis ``element``."""
    held = duty.aqueous + duty.organic * ratio
    aqueous = content / held
    in_organic, in_aqueous = duty.organic * ratio / held, duty.aqueous / held
    rising = (1.0 - duty.organic_carried) * in_organic + duty.aqueous_carried * in_aqueous
    falling = duty.organic_carried * in_organic + (1.0 - duty.aqueous_carried) * in_aqueous
    return Phases(aqueous, ratio * aqueous, rising, falling)


def metal_balance(
    here: State, from_below: jax.Array, from_above: jax.Array, duty: Duty
) -> tuple[jax.Array, jax.Array]:
    """In minus out of the organic line before the contact and of the contact [mol/h], axis ``element``.

    ``from_below`` arrives with the organic line, ``from_above`` with the aqueous [mol/h]. Their sum is the
    balance of the stage: zero at steady state.
    """
    line = from_below + duty.organic_feed - here.line
    contact = duty.efficiency * here.line + from_above + duty.feed - here.content
    return line, contact


def leaving(here: State, split: Phases, duty: Duty) -> tuple[jax.Array, jax.Array]:
    """Metals that leave with the organic line and with the aqueous [mol/h], axis ``element``."""
    line = (1.0 - duty.efficiency) * here.line + split.rising * here.content
    return line, split.falling * here.content


def coupling_balance(
    content: jax.Array, coupling: jax.Array, duty: Duty, model: Distribution
) -> jax.Array:
    """Extractant, charge, ... that the metals leave less what the couplings say [mol/m3], (coupling)."""
    split = phases(content, coupling, duty, model)
    levels = model.levels(coupling, split.aqueous, split.organic, duty.site)
    return levels - jnp.exp(coupling)


def equilibrate(content: jax.Array, guess: jax.Array, duty: Duty, model: Distribution) -> jax.Array:
    """Couplings of a contact with that content [mol/h] in phase equilibrium, from a guess of them.

    One monotone equation in the driver, see ``equilibrium.contract``: Newton inside a bracket. Where the
    model's slope is not exact, what it leaves out is held and renewed ``passes`` times.
    """
    if model.passes == 1:
        return _driven(content, guess, duty, model)
    renew = lambda _, coupling: _driven(content, coupling, duty, model)  # noqa: E731
    coupling: jax.Array = jax.lax.fori_loop(0, model.passes, renew, guess)
    return coupling


def _driven(content: jax.Array, guess: jax.Array, duty: Duty, model: Distribution) -> jax.Array:
    """The same with ln D = held + slope driver, ``held`` as at the guess."""
    held = model.ln_distribution(guess, duty.site) - model.slope * _driver(model, guess)

    def levels(driver: jax.Array) -> jax.Array:
        split = _split(content, jnp.exp(held + model.slope * driver), duty)
        return model.levels(guess, split.aqueous, split.organic, duty.site)

    def sides(driver: jax.Array) -> tuple[jax.Array, jax.Array]:
        """What falls and what rises with the driver."""
        now = levels(driver)
        falling = [now[i] for i, sign in enumerate(model.direction) if sign > 0]
        rising = [now[i] for i, sign in enumerate(model.direction) if sign < 0]
        one = jnp.ones_like(driver)
        return math.prod(falling, start=one), math.prod(rising, start=one)

    def step(carry: _Bracket) -> _Bracket:
        driver, low, high, _, passes = carry
        (top, bottom), (top_slope, bottom_slope) = jax.jvp(
            sides, (driver,), (jnp.ones_like(driver),)
        )
        excess = jnp.log(top) - jnp.log(bottom) - driver  # falls; nan where a level is not positive
        too_low = (excess > 0) | (bottom <= 0)
        low, high = jnp.where(too_low, driver, low), jnp.where(too_low, high, driver)
        # Two Newton steps to the one root, in logarithms and as top = bottom exp(driver): the second reaches
        # where a level is nearly used up, the first where none is.
        grown = jnp.exp(driver)
        in_logs = excess / (top_slope / top - bottom_slope / bottom - 1.0)
        plain = (top - bottom * grown) / (top_slope - (bottom_slope + bottom) * grown)
        steps = jnp.stack([in_logs, plain])
        # Closed, with room for rounding: a root once met must not throw the search out. False for nan.
        after = driver - steps
        inside = (after >= low - EQUILIBRIUM_TOLERANCE) & (after <= high + EQUILIBRIUM_TOLERANCE)
        # A step that is not half of the last may go to and fro between the ends for ever.
        inside &= jnp.abs(steps) <= jnp.maximum(0.5 * carry.change, EQUILIBRIUM_TOLERANCE)
        fallback = jnp.where(inside[1], after[1], 0.5 * (low + high))
        chosen = jnp.where(inside[0], after[0], fallback)
        return _Bracket(chosen, low, high, jnp.abs(chosen - driver), passes + 1)

    def unfinished(carry: _Bracket) -> jax.Array:
        return (carry.change > EQUILIBRIUM_TOLERANCE) & (carry.passes < EQUILIBRIUM_ITERATIONS)

    widest = jnp.asarray(WIDEST_DRIVER)
    start = _Bracket(_driver(model, guess), -widest, widest, jnp.asarray(jnp.inf), jnp.asarray(0))
    driver = jax.lax.while_loop(unfinished, step, start).driver
    return _couplings(levels(driver), driver, model, duty.site)


def _driver(model: Distribution, coupling: jax.Array) -> jax.Array:
    signed = [sign * coupling[i] for i, sign in enumerate(model.direction) if sign]
    return sum(signed[1:], start=signed[0])


def _couplings(levels: jax.Array, driver: jax.Array, model: Distribution, site: Site) -> jax.Array:
    """Couplings at the driver.

    The level that is the smallest difference has lost the most digits: driver and other levels give it.
    """
    scales = model.scales(site)
    coupling = jnp.log(jnp.maximum(levels, SMALLEST_LEVEL * scales))
    missing = driver - _driver(model, coupling)
    acting = jnp.array([sign != 0 for sign in model.direction])
    worst = jnp.argmin(jnp.where(acting, levels / scales, jnp.inf))
    return coupling.at[worst].add(missing * jnp.array(model.direction)[worst])


class _Bracket(NamedTuple):
    driver: jax.Array
    low: jax.Array
    high: jax.Array
    change: jax.Array
    passes: jax.Array


WIDEST_DRIVER = 80.0
"""Bracket of the driver: beyond it everything is in one phase."""
EQUILIBRIUM_TOLERANCE = 1e-9
"""Last change of the driver: Newton's next would be its square."""
EQUILIBRIUM_ITERATIONS = 100
SMALLEST_LEVEL = 1e-12
"""Share of its total below which a level of a poor iterate is not followed."""
