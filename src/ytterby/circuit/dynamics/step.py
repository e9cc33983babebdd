"""One step through time, with an estimate of its error."""

from __future__ import annotations

from typing import NamedTuple, TypeVar

import numpy as np

from ytterby.arrays import jax, jnp
from ytterby.circuit.dynamics.implicit import NEWTON_ACCEPTED, Point, implicit_point
from ytterby.circuit.dynamics.method import EMBEDDED, GAMMA, REACHED, RESULT, WEIGHTS
from ytterby.circuit.dynamics.regime import Amounts, Regime, at_outlets
from ytterby.circuit.dynamics.vessels import Held
from ytterby.circuit.stage import State
from ytterby.equilibrium import Distribution

FLOOR = 1e-3
"""Share of the largest amount of an element in any vessel below which its error counts as that share."""
AT_ONCE = 1e-15
"""Length [h] of an implicit stage that only tells the flows of amounts that are given."""
FURTHEST_GUESS = 3.0
"""Steps by which the last change is drawn on for a guess."""


Rows = TypeVar("Rows", Amounts, "Outflow")


class Moment(NamedTuple):
    """A time, and what the next step needs of it and of the step before."""

    time: jax.Array
    """[h]"""
    step: jax.Array
    """To be tried next [h]."""
    fresh: jax.Array
    """Whether only the amounts are known: the next step has no length and tells the flows."""
    amounts: Amounts
    point: Point
    """A guess of the state where the moment is fresh."""
    earlier: State
    """State one step before."""
    past: jax.Array
    """Length of that step [h]."""
    largest: tuple[jax.Array, jax.Array]
    """Largest amount so far in a vessel [mol], of each element and of each passive thing."""


class Outflow(NamedTuple):
    """What leaves the circuit."""

    metals: jax.Array
    """(outlet, element)"""
    passive: jax.Array
    """(outlet, passive)"""


class Tried(NamedTuple):
    """A step, accepted or not."""

    amounts: Amounts
    point: Point
    """``error``: the largest of its implicit stages."""
    sent: Outflow
    """That left during the step [mol, m3]."""
    error: jax.Array
    """Local error over the tolerance; infinite where Newton failed."""
    newton: jax.Array
    """Newton steps taken."""


@jax.jit
def fresh_moment(
    time: jax.Array,
    step: jax.Array,
    amounts: Amounts,
    guess: State,
    regime: Regime,
    model: Distribution,
) -> Moment:
    """The begin of a run or of a new regime."""
    shapes, _ = jax.eval_shape(implicit_point, amounts, step, guess, regime, model, step)
    blank: Point = jax.tree.map(lambda part: jnp.zeros(part.shape, part.dtype), shapes)
    # What is fed but not there yet is judged by what a mixer will get of it.
    mixer = jnp.max(regime.real * regime.vessels.mixer)
    fed = jnp.max(regime.duty.feed + regime.duty.organic_feed, axis=0)
    brought = jnp.max(regime.real[:, None] * jnp.abs(regime.sources.content), axis=0)
    metals, passive = largest_of(amounts, regime)
    return Moment(
        time=time,
        step=step,
        fresh=jnp.asarray(True),
        amounts=amounts,
        point=blank._replace(state=guess),
        earlier=guess,
        past=step,
        largest=(jnp.maximum(metals, mixer * fed), jnp.maximum(passive, mixer * brought)),
    )


class _Stages(NamedTuple):
    """What the stages of a step hand on."""

    table: tuple[Amounts, Outflow]
    """Slopes, and what leaves per hour, a leading axis of four stages."""
    point: Point
    guess: State
    newton: jax.Array


def tried_step(
    moment: Moment, step: jax.Array, regime: Regime, model: Distribution, tolerance: jax.Array
) -> Tried:
    """A step of that length [h] from the moment; of no length, whatever ``step`` says, if it is fresh."""
    weights, reached = jnp.asarray(WEIGHTS), np.maximum(REACHED, REACHED[1])
    drawn = jnp.asarray([*(reached[1:] / reached[:-1]), 1.0])
    step = jnp.where(moment.fresh, 0.0, step)
    first = moment.point

    def stage(number: jax.Array, carry: _Stages) -> _Stages:
        before = _moved(moment.amounts, step * weights[number], carry.table[0])
        pace = jnp.where(number == 0, AT_ONCE, GAMMA * step)
        found, newton = implicit_point(before, pace, carry.guess, regime, model, tolerance)
        new = (found.slopes, outflow(found, regime))
        table = jax.tree.map(lambda rows, row: rows.at[number].set(row), carry.table, new)
        # From the begin of the step straight on to where the next stage stands.
        guess = _straight(first.state, found.state, drawn[number])
        worst = jnp.maximum(carry.point.error, found.error)
        return _Stages(table, found._replace(error=worst), guess, carry.newton + newton)

    known = (first.slopes, outflow(first, regime))
    table = jax.tree.map(lambda part: jnp.zeros((4, *part.shape)).at[0].set(part), known)
    ahead = jnp.minimum(REACHED[1] * step / moment.past, FURTHEST_GUESS)
    guess = _straight(moment.earlier, first.state, 1.0 + ahead)
    begin = _Stages(table, first._replace(error=jnp.float64(0.0)), guess, jnp.int64(0))
    fewest, most = jnp.where(moment.fresh, 0, 1), jnp.where(moment.fresh, 1, 4)
    done = jax.lax.fori_loop(fewest, most, stage, begin)
    slopes, leaving = done.table
    amounts = _moved(moment.amounts, step * RESULT, slopes)
    missed = _summed(step * (RESULT - EMBEDDED), slopes)
    error = _local_error(missed, amounts, moment.largest, regime) / tolerance
    solved = (done.point.error <= NEWTON_ACCEPTED * tolerance) & jnp.isfinite(error)
    return Tried(
        amounts=amounts,
        point=done.point,
        sent=_summed(step * RESULT, leaving),
        error=jnp.where(solved, error, jnp.inf),
        newton=done.newton,
    )


def _moved(amounts: Amounts, weights: jax.Array, slopes: Amounts) -> Amounts:
    """Amounts after slopes of so many first stages for so long [h]."""
    known = jax.tree.map(lambda rows: rows[: weights.shape[0]], slopes)
    moved: Amounts = jax.tree.map(jnp.add, amounts, _summed(weights, known))
    return moved


def _summed(weights: jax.Array, rows: Rows) -> Rows:
    """Each of the arrays in ``rows``, its leading axis summed by the weights."""
    summed: Rows = jax.tree.map(lambda part: jnp.tensordot(weights, part, axes=1), rows)
    return summed


def _straight(begin: State, end: State, share: jax.Array) -> State:
    """Straight from one state through another: 0 is the one, 1 the other."""
    drawn: State = jax.tree.map(lambda one, other: one + share * (other - one), begin, end)
    return drawn


def outflow(point: Point, regime: Regime) -> Outflow:
    """What leaves the circuit per hour."""
    metals, passive = point.metals, point.passive.flows
    return Outflow(
        at_outlets(regime, metals.onward, metals.downward),
        at_outlets(regime, passive.onward, passive.downward),
    )


def _local_error(
    missed: Amounts, amounts: Amounts, largest: tuple[jax.Array, jax.Array], regime: Regime
) -> jax.Array:
    """Largest over elements and passive things of the mean error of their amounts, relative."""

    def of(missed: Held, held: Held, largest: jax.Array) -> jax.Array:
        squares = []
        for error, amount in zip(missed[:3], held[:3], strict=True):
            scale = jnp.abs(amount) + FLOOR * largest
            share = error / jnp.where(scale > 0, scale, 1.0)
            squares.append(jnp.sum(regime.real[:, None] * share**2, axis=0))
        mean = sum(squares[1:], start=squares[0]) / (3.0 * jnp.sum(regime.real))
        return jnp.sqrt(jnp.max(mean))

    metals = of(missed.metals, amounts.metals, largest[0])
    return jnp.maximum(metals, of(missed.passive, amounts.passive, largest[1]))


def largest_of(amounts: Amounts, regime: Regime) -> tuple[jax.Array, jax.Array]:
    """Largest amount in a vessel of a stage [mol], of each element and of each passive thing."""

    def of(held: Held) -> jax.Array:
        tops = [jnp.max(regime.real[:, None] * jnp.abs(part), axis=0) for part in held[:3]]
        return jnp.max(jnp.stack(tops), axis=0)

    return of(amounts.metals), of(amounts.passive)
