"""Steady state of a circuit by Newton on the stage contents, from a cold start.

Each iterate is in phase equilibrium on every stage; Newton moves the contents until the balances close. Why
this converges where damped Newton does not: ``docs/explanation/solver.md``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ytterby.arrays import jax, jnp
from ytterby.circuit.chain import Links, Passage, chain
from ytterby.circuit.elimination import Coupled, Sides, solve_newton
from ytterby.circuit.stage import (
    Duty,
    Phases,
    State,
    coupling_balance,
    equilibrate,
    leaving,
    metal_balance,
    phases,
)
from ytterby.equilibrium import Distribution
from ytterby.equilibrium.contract import START_FILL

TOLERANCE = 2e-11
"""Largest imbalance of a stage over the scale of its element, see ``imbalance``."""
NEAR = 1e-6
"""Imbalance below which Newton steps are taken as they are: equilibrating again would only add rounding."""
SMALLEST_FALL = 0.01
"""Share of itself that a content falls to in a step that would make it negative."""
FULLEST = 1 - 1e-6
"""Largest share of a stage's room for metals that an iterate may hold."""
LEAN = 0.3
"""Share of the usual start that a stripping stage starts with."""
PACE = 10.0
"""Largest change of the pseudo-time step from one step to the next."""
WIDEST_GUESS = 2.0
"""Largest change of a coupling that a Newton step is trusted to guess."""


class Steady(NamedTuple):
    """Outcome of Newton, before judgement."""

    state: State
    """Axis ``stage`` first."""
    error: jax.Array
    """Largest scaled imbalance."""
    steps: jax.Array
    """Newton steps taken."""


class Residuals(NamedTuple):
    """In minus out, axis ``stage`` first."""

    line: jax.Array
    """Organic line before the contact [mol/h], axis ``element``."""
    content: jax.Array
    """Contact [mol/h], axis ``element``."""
    coupling: jax.Array
    """Extractant, charge, ... [mol/m3], axis ``coupling``."""


@jax.jit  # traced once, however often it is used below
def residuals(state: State, duty: Duty, model: Distribution, links: Links) -> Residuals:
    """The stage balances on every stage."""
    split = split_of(state, duty, model)
    onward, fallen = jax.vmap(leaving)(state, split, duty)
    taken = _link_flows(onward, fallen, links)
    line = _next(duty.up[:, None] * onward).at[links.target].add(links.organic[:, None] * taken)
    aqueous = _before(duty.down[:, None] * fallen)
    aqueous = aqueous.at[links.target].add((1.0 - links.organic)[:, None] * taken)
    before, inside = jax.vmap(metal_balance)(state, line, aqueous, duty)
    coupling = _on_stages(coupling_balance)(state.content, state.coupling, duty, model)
    return Residuals(before, inside, coupling)


def split_of(state: State, duty: Duty, model: Distribution) -> Phases:
    """Phases of every stage."""
    split: Phases = _on_stages(phases)(state.content, state.coupling, duty, model)
    return split


def _on_stages(function: Callable[..., Any]) -> Callable[..., Any]:
    """``function(content, coupling, duty, model)`` on every stage."""
    return jax.vmap(function, (0, 0, 0, None))


def _link_flows(onward: jax.Array, fallen: jax.Array, links: Links) -> jax.Array:
    """Metals in the links [mol/h], (link, element)."""
    organic = links.organic[:, None]
    source = organic * onward[links.source] + (1.0 - organic) * fallen[links.source]
    return links.share[:, None] * source


def _next(values: jax.Array) -> jax.Array:
    """What a stage gives to the next, where it arrives."""
    return jnp.concatenate([jnp.zeros_like(values[:1]), values[:-1]])


def _before(values: jax.Array) -> jax.Array:
    """What a stage gives to the one before, where it arrives."""
    return jnp.concatenate([values[1:], jnp.zeros_like(values[:1])])


def _coupled(state: State, duty: Duty, model: Distribution) -> Coupled:
    """Derivatives of one stage by its couplings and its content."""
    content, coupling = state.content, state.coupling

    def by_coupling(coupling: jax.Array) -> tuple[jax.Array, jax.Array]:
        """Metal in the organic line; coupling balance."""
        split = phases(content, coupling, duty, model)
        levels = model.levels(coupling, split.aqueous, split.organic, duty.site)
        return split.rising * content, levels - jnp.exp(coupling)

    crossing, own = jax.jacfwd(by_coupling)(coupling)
    levels = lambda c: coupling_balance(c, coupling, duty, model)  # noqa: E731
    return Coupled(crossing, jax.jacrev(levels)(content), own)


def newton_change(
    state: State,
    residual: Residuals,
    duty: Duty,
    model: Distribution,
    links: Links,
    per_hour: jax.Array,
) -> State:
    """Newton step against ``residual``; ``per_hour`` > 0 makes it an implicit Euler step.

    What a contact holds per hour of residence is its content, so that content resists by as much again.
    """
    split = split_of(state, duty, model)
    coupled = jax.vmap(_coupled, (0, 0, None))(state, duty, model)
    passage = Passage(
        split.rising,
        split.falling,
        duty.efficiency[:, None],
        duty.up[:, None],
        duty.down[:, None],
        1.0 + per_hour,
    )
    sides = Sides(residual.line, residual.content, -residual.coupling)
    line, content, coupling = solve_newton(chain(passage), coupled, sides, links)
    return State(content, line, coupling)


@jax.jit
def imbalance(residual: Residuals, state: State, duty: Duty, model: Distribution) -> jax.Array:
    """Residuals over their scales, (stage + 1, element + coupling); the last row is the circuit as a whole.

    Metals over max(feed, 1e-4 x largest internal flow); couplings over their totals.
    """
    fed = jnp.sum(duty.feed + duty.organic_feed, axis=0)
    scale = jnp.maximum(fed, 1e-4 * jnp.max(state.content, axis=0))
    scale = jnp.where(scale > 0, scale, 1.0)
    stage = (residual.line + residual.content) / scale
    passed = (1.0 - duty.efficiency)[:, None] * residual.line / scale
    metals = jnp.maximum(jnp.abs(stage), jnp.abs(passed))
    whole = jnp.abs(jnp.sum(stage, axis=0))
    coupling = jnp.abs(residual.coupling / jax.vmap(model.scales)(duty.site))
    nothing = jnp.zeros_like(coupling[:1])
    return jnp.vstack([jnp.hstack([metals, coupling]), jnp.hstack([whole[None], nothing])])


def largest_imbalance(
    residual: Residuals, state: State, duty: Duty, model: Distribution
) -> jax.Array:
    """What ``imbalance`` is at most; infinite where anything is not a number."""
    scaled = imbalance(residual, state, duty, model)
    return jnp.where(jnp.all(jnp.isfinite(scaled)), jnp.max(scaled), jnp.inf)


def _plain_step(state: State, change: State, duty: Duty, model: Distribution) -> State:
    """The Newton step itself, contents kept positive."""
    return State(
        _positive(state.content, change.content),
        _positive(state.line, change.line),
        state.coupling + change.coupling,
    )


def _positive(before: jax.Array, change: jax.Array) -> jax.Array:
    """Newton's values where they are positive, a small share of those before where not."""
    after = before + change
    return jnp.where(after > 0, after, SMALLEST_FALL * before)


def _content_step(state: State, change: State, duty: Duty, model: Distribution) -> State:
    """The Newton step on contents, each stage then brought to phase equilibrium."""
    content = jax.vmap(_fitting, (0, 0, None))(
        _positive(state.content, change.content), duty, model
    )
    guess = state.coupling + jnp.clip(change.coupling, -WIDEST_GUESS, WIDEST_GUESS)
    coupling = _on_stages(equilibrate)(content, guess, duty, model)
    return State(content, _positive(state.line, change.line), coupling)


def _fitting(content: jax.Array, duty: Duty, model: Distribution) -> jax.Array:
    """Content of a stage, scaled down where it does not fit."""
    room = FULLEST * model.room(duty.aqueous, duty.organic, duty.site)
    held = content @ model.bound()
    return content * jnp.where(held > room, room / held, 1.0)


def cold_start(
    duty: Duty, model: Distribution, links: Links, real: jax.Array, base: jax.Array
) -> State:
    """Every stage equally full, composition of all liquors together; padding (``real`` 0) empty.

    Stages that get nothing but acid, and more of it than metal that could come (fed, or loaded against
    ``base`` [mol/h]), start leaner. The phases are not in equilibrium yet; ``newton`` begins with that.
    """
    fed = duty.feed + duty.organic_feed
    mixed = jnp.sum(fed, axis=0)
    charge = real * jax.vmap(model.start)(duty.aqueous, duty.organic, duty.site)
    coming = jnp.maximum(jnp.sum(fed @ model.charge), base)
    stripping = (duty.site.metal_charge <= 0) & (duty.aqueous * duty.site.acid > coming)
    charge = jnp.where(stripping, LEAN * charge, charge)
    content = charge[:, None] * mixed / (mixed @ model.bound())
    coupling = jnp.log((1.0 - START_FILL) * jax.vmap(model.scales)(duty.site))
    # Where nothing arrives the line is nothing from the start: Newton's last digits would not get it there.
    return State(content, 0.5 * content * _supplied(duty, links)[:, None], coupling)


def _supplied(duty: Duty, links: Links) -> jax.Array:
    """1 for stages that an organic line with metals may reach, axis ``stage``."""
    reached = _next((duty.up > 0).astype(float))
    reached = reached.at[links.target].max(links.organic * (links.share > 0))
    return jnp.where(jnp.any(duty.organic_feed > 0, axis=1), 1.0, reached)


def newton(
    start: State,
    duty: Duty,
    model: Distribution,
    links: Links,
    first_step: jax.Array,
    most_steps: jax.Array,
    bold: jax.Array,
) -> Steady:
    """Iterate from ``start`` until the balances close twice in a row or ``most_steps`` are taken.

    ``first_step`` is the first pseudo-time step in hours of residence (infinite: plain Newton); it grows as
    the imbalance falls, at most ``PACE``-fold a step, and shrinks when the imbalance rises. Below an
    imbalance of ``bold`` it grows in any case. The last step, with the balances closed already, settles
    concentrations that weigh too little to be seen in them.
    """

    def step(carry: _Progress) -> _Progress:
        done, residual, _, per_hour = carry
        near = done.error < NEAR
        pace = jnp.where(near, 0.0, per_hour)
        # The first pass moves nothing: it brings the start to phase equilibrium.
        change = jax.lax.cond(
            done.steps < 0,
            lambda: jax.tree.map(jnp.zeros_like, done.state),
            lambda: newton_change(done.state, residual, duty, model, links, pace),
        )
        state = jax.lax.cond(near, _plain_step, _content_step, done.state, change, duty, model)
        residual = residuals(state, duty, model, links)
        error = largest_imbalance(residual, state, duty, model)
        ratio = jnp.where(jnp.isfinite(done.error), error / done.error, 1.0)
        pace = jnp.where(error < bold, 1.0 / PACE, jnp.clip(ratio, 1.0 / PACE, PACE))
        per_hour = per_hour * pace
        return _Progress(Steady(state, error, done.steps + 1), residual, done.error, per_hour)

    def unfinished(carry: _Progress) -> jax.Array:
        open_still = jnp.maximum(carry.done.error, carry.before) > TOLERANCE
        return open_still & (carry.done.steps < most_steps)

    unknown = jnp.asarray(jnp.inf)
    nothing = Residuals(
        *(jnp.zeros_like(part) for part in (start.line, start.content, start.coupling))
    )
    begin = _Progress(Steady(start, unknown, jnp.asarray(-1)), nothing, unknown, 1.0 / first_step)
    return jax.lax.while_loop(unfinished, step, begin).done


class _Progress(NamedTuple):
    """What one Newton step hands to the next."""

    done: Steady
    residual: Residuals
    before: jax.Array
    """Imbalance before the last step."""
    per_hour: jax.Array
    """One over the pseudo-time step."""


def differentiable(state: State, duty: Duty, model: Distribution, links: Links) -> State:
    """The solved ``state`` with its exact derivatives by ``duty``, ``model`` and ``links``.

    One Newton step from the solution with a frozen Jacobian: its value is the solution, its derivative is
    that of the implicit function, forward or reverse.
    """
    fixed = jax.lax.stop_gradient((state, duty, model, links))
    residual = residuals(fixed[0], duty, model, links)
    change = newton_change(fixed[0], residual, *fixed[1:], jnp.asarray(0.0))
    moved: State = jax.tree.map(jnp.add, fixed[0], change)
    return moved
