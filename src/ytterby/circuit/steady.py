"""Steady state of a circuit by Newton on the stage contents, from a cold start.

Each iterate is in exact phase equilibrium on every stage; Newton moves the metal contents until the element
balances close. Why this converges where damped Newton does not: ``docs/explanation/solver.md``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ytterby.arrays import jax, jnp
from ytterby.circuit.elimination import COUPLINGS, Jacobian, solve_newton
from ytterby.circuit.stage import Duty, content, equilibrate, stage_residual
from ytterby.equilibrium import MassAction

TOLERANCE = 2e-11
"""Largest imbalance of a stage over the scale of its element, see ``imbalance``."""
NEAR = 1e-6
"""Imbalance below which Newton steps are taken as they are: equilibrating again would only add rounding."""
SMALLEST_FALL = 0.01
"""Share of itself that a content falls to in a step that would make it negative."""
FULLEST = 1 - 1e-6
"""Largest share of a stage's capacity for metals that an iterate may hold."""
START_FILL = 0.7
"""Share of capacity in the cold start; the composition is that of all liquors together."""
PACE = 10.0
"""Largest change of the pseudo-time step from one step to the next."""


class Steady(NamedTuple):
    """Outcome of Newton, before judgement."""

    state: jax.Array
    """(stage, element + 2), see ``stage``."""
    error: jax.Array
    """Largest scaled imbalance (stage, element + 2 -> scalar)."""
    steps: jax.Array
    """Newton steps taken."""


@jax.jit  # traced once, however often it is used below
def residuals(state: jax.Array, duty: Duty, chemistry: MassAction, last: jax.Array) -> jax.Array:
    """The stage equation on every stage, shape (stage, element + 2)."""
    below, above = _neighbours(state, last)
    return jax.vmap(stage_residual, (0, 0, 0, 0, None))(below, state, above, duty, chemistry)


def _neighbours(state: jax.Array, last: jax.Array) -> tuple[jax.Array, jax.Array]:
    stage = jnp.arange(state.shape[0])
    below = state[jnp.where(stage == 0, last, stage - 1)]
    return below, state[jnp.minimum(stage + 1, state.shape[0] - 1)]


def jacobian(state: jax.Array, duty: Duty, chemistry: MassAction, last: jax.Array) -> Jacobian:
    """Derivatives of the residuals, without the zeros between different metals."""
    below, above = _neighbours(state, last)
    derive = jax.vmap(_stage_jacobian, (0, 0, 0, 0, None))
    derivatives: Jacobian = derive(below, state, above, duty, chemistry)
    return derivatives


def _stage_jacobian(
    below: jax.Array, here: jax.Array, above: jax.Array, duty: Duty, chemistry: MassAction
) -> Jacobian:
    """Derivatives of one stage equation. All metals are pushed at once: none acts on another directly."""
    size = here.shape[0] - COUPLINGS
    unit = jnp.eye(size + COUPLINGS)
    pushes = jnp.vstack([jnp.sum(unit[:size], axis=0), unit[size:]])

    def pushed(residual: Callable[[jax.Array], jax.Array], state: jax.Array) -> jax.Array:
        _, push = jax.linearize(residual, state)
        rows: jax.Array = jax.vmap(push)(pushes)
        return rows[:, :size]

    by_below = pushed(lambda s: stage_residual(s, here, above, duty, chemistry), below)
    by_here = pushed(lambda s: stage_residual(below, s, above, duty, chemistry), here)
    by_above = pushed(lambda s: stage_residual(below, here, s, duty, chemistry), above)
    couplings = jax.jacrev(lambda s: stage_residual(below, s, above, duty, chemistry)[size:])(here)
    return Jacobian(
        by_below[0],
        by_here[0],
        by_above[0],
        by_below[1:].T,
        by_here[1:].T,
        couplings[:, :size],
        couplings[:, size:],
    )


@jax.jit
def imbalance(
    residual: jax.Array, state: jax.Array, duty: Duty, chemistry: MassAction
) -> jax.Array:
    """Residuals over their scales, (stage + 1, element + 2); the last row is the circuit as a whole.

    Metals over max(feed, 1e-4 x largest internal flow); extractant and charge over their totals.
    """
    flow = jnp.max(_contents(state, duty, chemistry), axis=0)
    metal = jnp.maximum(jnp.sum(duty.feed, axis=0), 1e-4 * flow)
    totals = jnp.stack([duty.dimer_total, duty.free_anion], axis=1)
    scale = jnp.hstack([jnp.broadcast_to(metal, duty.feed.shape), totals])
    scaled = residual / jnp.where(scale > 0, scale, 1.0)
    whole = jnp.sum(scaled, axis=0).at[-COUPLINGS:].set(0.0)
    return jnp.abs(jnp.vstack([scaled, whole]))


def largest_imbalance(
    state: jax.Array, duty: Duty, chemistry: MassAction, last: jax.Array
) -> jax.Array:
    """What ``imbalance`` is at most; infinite where anything is not a number."""
    scaled = imbalance(residuals(state, duty, chemistry, last), state, duty, chemistry)
    return jnp.where(jnp.all(jnp.isfinite(scaled)), jnp.max(scaled), jnp.inf)


def _contents(state: jax.Array, duty: Duty, chemistry: MassAction) -> jax.Array:
    return jax.vmap(content, (0, 0, None))(state, duty, chemistry)


def _newton_change(
    state: jax.Array, duty: Duty, chemistry: MassAction, last: jax.Array, per_hour: jax.Array
) -> jax.Array:
    """Newton step of shape (stage, element + 2); ``per_hour`` > 0 makes it an implicit Euler step."""
    by = jacobian(state, duty, chemistry, last)
    # What a stage holds per hour of residence is what leaves it: its own metals gain the same derivative.
    by = by._replace(
        by_here=by.by_here * (1.0 + per_hour), by_here_v=by.by_here_v * (1.0 + per_hour)
    )
    return _solve(by, -residuals(state, duty, chemistry, last), last)


def _solve(by: Jacobian, rhs: jax.Array, last: jax.Array) -> jax.Array:
    """Change of the states (stage, element + 2) that the residuals ``-rhs`` ask for."""
    metals, couplings = solve_newton(by, rhs[:, :-COUPLINGS], rhs[:, -COUPLINGS:], last)
    return jnp.hstack([metals, couplings])


def _capacity(duty: Duty) -> jax.Array:
    """Charge equivalents that both phases of a stage can hold at most [mol/h], axis ``stage``."""
    return duty.aqueous_out * duty.free_anion + duty.organic_out * duty.dimer_total


def _plain_step(
    state: jax.Array, change: jax.Array, duty: Duty, chemistry: MassAction
) -> jax.Array:
    """The Newton step itself, concentrations kept positive."""
    after = state + change
    return after.at[:, :-2].set(_positive(after[:, :-2], state[:, :-2]))


def _positive(after: jax.Array, before: jax.Array) -> jax.Array:
    """Newton's values where they are positive, a small share of those before where not."""
    return jnp.where(after > 0, after, SMALLEST_FALL * before)


def _content_step(
    state: jax.Array, change: jax.Array, duty: Duty, chemistry: MassAction
) -> jax.Array:
    """The Newton step on what the stages hold, each then brought to phase equilibrium."""
    held, moved = jax.jvp(lambda s: _contents(s, duty, chemistry), (state,), (change,))
    metals = _positive(held + moved, held)
    equilibrium: jax.Array = _equilibrated(metals, state[:, -2:], duty, chemistry)
    return equilibrium


@jax.jit
def _equilibrated(
    metals: jax.Array, guess: jax.Array, duty: Duty, chemistry: MassAction
) -> jax.Array:
    """States of all stages that hold ``metals`` (stage, element), scaled down where they do not fit."""
    bound = jnp.maximum(chemistry.dimers, chemistry.charge)
    room = FULLEST * _capacity(duty)
    fitting = metals * (room / jnp.maximum(room, metals @ bound))[:, None]
    states: jax.Array = jax.vmap(equilibrate, (0, 0, 0, None))(fitting, guess, duty, chemistry)
    return states


def cold_start(duty: Duty, chemistry: MassAction, real: jax.Array) -> jax.Array:
    """States (stage, element + 2): every stage equally full, composition of all liquors together.

    Padding (``real`` 0) starts empty. The phases are not in equilibrium yet; ``newton`` begins with that.
    """
    mixed = jnp.sum(duty.feed, axis=0)
    bound = jnp.maximum(chemistry.dimers, chemistry.charge)
    metals = START_FILL * (real * _capacity(duty))[:, None] * mixed / (mixed @ bound)
    free = (1 - START_FILL) * jnp.stack([duty.dimer_total, duty.free_anion], axis=1)
    coupling = jnp.log(free)
    ratio = jnp.exp(jax.vmap(chemistry.ln_distribution)(coupling[:, 0], coupling[:, 1]))
    aqueous = metals / (duty.aqueous_out[:, None] + duty.organic_out[:, None] * ratio)
    return jnp.hstack([aqueous, coupling])


def newton(
    start: jax.Array,
    duty: Duty,
    chemistry: MassAction,
    last: jax.Array,
    first_step: jax.Array,
    most_steps: jax.Array,
) -> Steady:
    """Iterate from ``start`` until the balances close twice in a row or ``most_steps`` are taken.

    ``first_step`` is the first pseudo-time step in hours of residence (infinite: plain Newton); it grows as
    the imbalance falls, at most ``PACE``-fold a step, and shrinks when the imbalance rises. The last step,
    with the balances closed already, settles concentrations that weigh too little to be seen in them.
    """

    def step(carry: _Progress) -> _Progress:
        done, _, per_hour = carry
        state = done.state
        near = done.error < NEAR
        pace = jnp.where(near, 0.0, per_hour)
        # The first pass moves nothing: it brings the start to phase equilibrium.
        change = jax.lax.cond(
            done.steps < 0,
            lambda: jnp.zeros_like(state),
            lambda: _newton_change(state, duty, chemistry, last, pace),
        )
        state = jax.lax.cond(near, _plain_step, _content_step, state, change, duty, chemistry)
        error = largest_imbalance(state, duty, chemistry, last)
        ratio = jnp.where(jnp.isfinite(done.error), error / done.error, 1.0)
        per_hour = per_hour * jnp.clip(ratio, 1.0 / PACE, PACE)
        return _Progress(Steady(state, error, done.steps + 1), done.error, per_hour)

    def unfinished(carry: _Progress) -> jax.Array:
        open_still = jnp.maximum(carry.done.error, carry.before) > TOLERANCE
        return open_still & (carry.done.steps < most_steps)

    unknown = jnp.asarray(jnp.inf)
    begin = _Progress(Steady(start, unknown, jnp.asarray(-1)), unknown, 1.0 / first_step)
    return jax.lax.while_loop(unfinished, step, begin).done


class _Progress(NamedTuple):
    """What one Newton step hands to the next."""

    done: Steady
    before: jax.Array
    """Imbalance before the last step."""
    per_hour: jax.Array
    """One over the pseudo-time step."""


def differentiable(
    state: jax.Array, duty: Duty, chemistry: MassAction, last: jax.Array
) -> jax.Array:
    """The solved ``state`` with its exact derivatives by ``duty`` and ``chemistry``.

    One Newton step from the solution with a frozen Jacobian: its value is the solution, its derivative is
    that of the implicit function, forward or reverse.
    """
    fixed = jax.lax.stop_gradient((state, duty, chemistry))
    by = jacobian(*fixed, last)
    return fixed[0] + _solve(by, -residuals(fixed[0], duty, chemistry, last), last)
