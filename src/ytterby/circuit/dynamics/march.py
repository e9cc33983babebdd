"""Many steps with error control in one compiled call, and what is told of each."""

from __future__ import annotations

from typing import NamedTuple

from ytterby.arrays import jax, jnp
from ytterby.circuit.dynamics.implicit import Point
from ytterby.circuit.dynamics.method import EMBEDDED_ORDER
from ytterby.circuit.dynamics.regime import Regime, duty_at
from ytterby.circuit.dynamics.simulation import PLACES
from ytterby.circuit.dynamics.step import (
    Moment,
    Outflow,
    Tried,
    largest_of,
    outflow,
    tried_step,
)
from ytterby.circuit.solve import Attempt
from ytterby.circuit.stage import Duty, Phases
from ytterby.circuit.steady import Steady, split_of
from ytterby.equilibrium import Distribution, Reading

STRETCH = 32
"""Accepted steps of one compiled call: after each, progress is told and the run can be stopped."""
SAFETY = 0.9
"""Of the step that would just meet the tolerance."""
SLOWEST, FASTEST = 0.2, 4.0
"""Bounds of the change of the step."""
FALL = 0.25
"""Of the step where Newton failed."""
SMALLEST_ERROR = 1e-12
"""Keeps a step without error from being divided by."""
MOST_FAILURES = 15
"""Attempts of one step before the run ends."""
TINY = 1e-300
"""Keeps what is nothing from being divided by."""


class Record(NamedTuple):
    """What is told of each accepted step."""

    time: jax.Array
    """[h]"""
    held: jax.Array
    """Metals [mol], (place, section, element); places as in ``simulation.PLACES``."""
    tank: jax.Array
    """Metals in tanks [mol], axis ``element``."""
    passive: jax.Array
    """All that is held of each passive thing [m3, mol], axis ``passive``."""
    acid: jax.Array
    """[H+] in the contacts of the stages that outlets leave [mol/m3], axis ``outlet``."""
    leaving: Outflow
    """[mol/h, m3/h]."""
    sent: Outflow
    """That left since the last record [mol, m3]."""


class Stretch(NamedTuple):
    """What one compiled call did."""

    moment: Moment
    records: Record
    """With a leading axis, the first ``accepted`` of them good."""
    accepted: jax.Array
    rejected: jax.Array
    newton: jax.Array
    failures: jax.Array
    """Attempts of the next step that failed in a row."""
    charge: jax.Array
    """Acid and metal charge at the end of the last attempt [mol/m3], axis ``stage``."""
    limited: jax.Array
    """Whether the last step passed a limit of the models, which ends the call."""


@jax.jit
def stretch(
    moment: Moment, end: jax.Array, regime: Regime, model: Distribution, tolerance: jax.Array
) -> Stretch:
    """At most ``STRETCH`` accepted steps, not beyond ``end`` [h]."""

    def unfinished(done: Stretch) -> jax.Array:
        going = (done.accepted < STRETCH) & (done.moment.fresh | (done.moment.time < end))
        return going & (done.failures < MOST_FAILURES) & ~done.limited

    def step(done: Stretch) -> Stretch:
        moment = done.moment
        size = _size(moment.step, end - moment.time)
        tried = tried_step(moment, size, regime, model, tolerance)
        good = tried.error <= 1.0
        after = _after(moment, tried, size, end, regime)
        same = moment._replace(step=after.step)
        seen = _seen(tried.point, regime, model)
        record = _record(after.time, tried, seen, regime)
        return Stretch(
            moment=jax.tree.map(lambda new, old: jnp.where(good, new, old), after, same),
            # A rejected step is written over by the next.
            records=jax.tree.map(
                lambda rows, row: rows.at[done.accepted].set(row), done.records, record
            ),
            accepted=done.accepted + good,
            rejected=done.rejected + ~good,
            newton=done.newton + tried.newton,
            failures=jnp.where(good, 0, done.failures + 1),
            charge=seen.duty.site.free_charge,
            limited=good & _limited(seen, regime),
        )

    none = jnp.int64(0)
    begin = Stretch(
        moment=moment,
        records=_blank(moment, regime),
        accepted=none,
        rejected=none,
        newton=none,
        failures=none,
        charge=jnp.ones_like(regime.real),
        limited=jnp.asarray(False),
    )
    done: Stretch = jax.lax.while_loop(unfinished, step, begin)
    return done


def _size(step: jax.Array, left: jax.Array) -> jax.Array:
    """The step, or what is left; two equal steps rather than one and a crumb."""
    shorter = jnp.where(2.0 * step > left, 0.5 * left, step)
    return jnp.where(step >= left, left, shorter)


def _after(moment: Moment, tried: Tried, size: jax.Array, end: jax.Array, regime: Regime) -> Moment:
    """The moment that a good step leads to; ``step`` holds for a bad one too."""
    factor = SAFETY * (tried.error + SMALLEST_ERROR) ** (-1.0 / (EMBEDDED_ORDER + 1))
    factor = jnp.where(jnp.isfinite(tried.error), jnp.clip(factor, SLOWEST, FASTEST), FALL)
    reached = jnp.where(size >= end - moment.time, end, moment.time + size)
    fresh = moment.fresh
    earlier = jax.tree.map(
        lambda new, old: jnp.where(fresh, new, old), tried.point.state, moment.point.state
    )
    return Moment(
        time=jnp.where(fresh, moment.time, reached),
        step=jnp.where(fresh, moment.step, factor * size),
        fresh=jnp.asarray(False),
        amounts=tried.amounts,
        point=tried.point,
        earlier=earlier,
        past=size,
        largest=jax.tree.map(jnp.maximum, moment.largest, largest_of(tried.amounts, regime)),
    )


# --- what is told


class Seen(NamedTuple):
    """The contacts at a point."""

    duty: Duty
    split: Phases
    reading: Reading


def _seen(point: Point, regime: Regime, model: Distribution) -> Seen:
    duty = duty_at(regime, point.passive)
    split = split_of(point.state, duty, model)
    reading = jax.vmap(model.reading)(point.state.coupling, split.aqueous, split.organic, duty.site)
    ones = jnp.ones_like(regime.real)
    return Seen(duty, split, Reading(*(ones * part for part in reading)))


def _record(time: jax.Array, tried: Tried, seen: Seen, regime: Regime) -> Record:
    metals, passive = tried.amounts
    carried = seen.duty.organic[:, None] * seen.split.organic
    dissolved = seen.duty.aqueous[:, None] * seen.split.aqueous
    in_organic = carried / (carried + dissolved + TINY) * metals.mixer
    places = (metals.mixer - in_organic, in_organic, metals.aqueous, metals.organic)
    real = regime.real[:, None]
    stages = sum(jnp.sum(real * part, axis=0) for part in passive[:3])
    return Record(
        time=time,
        held=jnp.stack([regime.watched.sections @ part for part in places]),
        tank=jnp.sum(metals.tank, axis=0),
        passive=stages + jnp.sum(passive.tank, axis=0),
        acid=seen.reading.acid[regime.watched.source],
        leaving=outflow(tried.point, regime),
        sent=tried.sent,
    )


def _blank(moment: Moment, regime: Regime) -> Record:
    """Room for the records of a stretch."""
    leaving = outflow(moment.point, regime)
    elements, passive = leaving.metals.shape[1], leaving.passive.shape[1]
    outlets, sections = leaving.metals.shape[0], regime.watched.sections.shape[0]
    row = Record(
        time=jnp.zeros(()),
        held=jnp.zeros((len(PLACES), sections, elements)),
        tank=jnp.zeros(elements),
        passive=jnp.zeros(passive),
        acid=jnp.zeros(outlets),
        leaving=leaving,
        sent=leaving,
    )
    room: Record = jax.tree.map(lambda part: jnp.zeros((STRETCH, *part.shape)), row)
    return room


def _limited(seen: Seen, regime: Regime) -> jax.Array:
    """Whether a limit of ``circuit.limits`` is passed; False where the model has no acid."""
    watched, acid = regime.watched, seen.reading.acid
    metal = jnp.log10(jnp.maximum(seen.split.aqueous / 1000.0, TINY))
    solid = metal - 3.0 * jnp.log10(acid / 1000.0)[:, None] > watched.solubility
    passed = (seen.reading.free_extractant < 0) | jnp.any(solid, axis=1)
    return (acid[0] < watched.lowest_acid) | jnp.any((regime.real > 0) & passed)


@jax.jit
def stages_at(moment: Moment, regime: Regime, model: Distribution) -> Attempt:
    """Every stage at a moment, as a solve tells them; what leaves has passed the settlers."""
    point, seen = moment.point, _seen(moment.point, regime, model)
    flows, steady = point.metals, Steady(point.state, point.error, jnp.int64(0))
    return Attempt(steady, seen.split, seen.duty, flows.onward, flows.downward, seen.reading)
