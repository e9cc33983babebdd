"""One implicit stage of a time step: Newton on contents, lines and couplings, as at steady state."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from ytterby.arrays import jax, jnp
from ytterby.circuit.chain import Links
from ytterby.circuit.dynamics.regime import (
    Amounts,
    Passive,
    Regime,
    duty_at,
    metal_passage,
    passive_step,
)
from ytterby.circuit.dynamics.vessels import Flows, Held, Lags, Sources, flows_of, lagged_links
from ytterby.circuit.stage import Duty, State, coupling_balance
from ytterby.circuit.steady import Residuals, newton_change, split_of
from ytterby.equilibrium import Distribution

NEWTON_AIM = 1e-4
"""Imbalance at which Newton stops, over the tolerance of the step."""
NEWTON_ACCEPTED = 1e-2
"""Imbalance of a solved stage, over the tolerance of the step, where rounding leaves more."""
NEWTON_GAIN = 0.1
"""Share of the imbalance that a Newton step must get below to be followed by another once it is accepted."""
MOST_NEWTON_STEPS = 8
WIDEST_COUPLING = 2.0
"""Largest change of a coupling in one Newton step."""


class Point(NamedTuple):
    """A circuit at one time."""

    state: State
    metals: Flows
    passive: Passive
    error: jax.Array
    """Imbalance that Newton left, relative; infinite where it failed."""

    @property
    def slopes(self) -> Amounts:
        """What the vessels gain per hour."""
        return Amounts(self.metals.slopes, self.passive.flows.slopes)


def implicit_point(
    before: Amounts,
    pace: jax.Array,
    guess: State,
    regime: Regime,
    model: Distribution,
    tolerance: jax.Array,
) -> tuple[Point, jax.Array]:
    """The circuit where amounts = ``before`` + ``pace`` times their slopes, and the Newton steps taken."""
    passive, lags = passive_step(regime, before.passive, pace)
    duty = duty_at(regime, passive)
    problem = _Metals(before.metals, duty, regime.links, lags, model, tolerance)
    found = problem.solved(guess)
    return Point(found.state, found.flows, passive, found.error), found.steps


class _Progress(NamedTuple):
    state: State
    flows: Flows
    residual: Residuals
    error: jax.Array
    earlier: jax.Array
    """Error one step before."""
    steps: jax.Array


class _Metals(NamedTuple):
    """The metals of an implicit stage, everything else known."""

    before: Held
    duty: Duty
    links: Links
    lags: Lags
    model: Distribution
    tolerance: jax.Array

    def solved(self, guess: State) -> _Progress:
        """Newton from the guess until nothing is left to balance, or no more is to be had."""
        begin = self.judged(guess, jnp.float64(jnp.inf), jnp.int64(0))
        found: _Progress = jax.lax.while_loop(self.unfinished, self.step, begin)
        return found

    def unfinished(self, progress: _Progress) -> jax.Array:
        """Whether it is worth another step."""
        error = progress.error
        open_still = (error > NEWTON_AIM * self.tolerance) & jnp.isfinite(error)
        rounding = (error <= NEWTON_ACCEPTED * self.tolerance) & (
            error > NEWTON_GAIN * progress.earlier
        )
        return open_still & ~rounding & (progress.steps < MOST_NEWTON_STEPS)

    def step(self, progress: _Progress) -> _Progress:
        """One Newton step: that of the steady state, what passes the settlers lagged, the mixers held."""
        lagged = replace(
            self.duty,
            up=self.duty.up * self.lags.organic.share[:, 0],
            down=self.duty.down * self.lags.aqueous.share[:, 0],
        )
        links = lagged_links(self.links, self.lags)
        state, residual = progress.state, progress.residual
        change = newton_change(state, residual, lagged, self.model, links, self.lags.mixer)
        coupling = jnp.clip(change.coupling, -WIDEST_COUPLING, WIDEST_COUPLING)
        after: State = jax.tree.map(jnp.add, state, change._replace(coupling=coupling))
        return self.judged(after, progress.error, progress.steps + 1)

    def judged(self, state: State, earlier: jax.Array, steps: jax.Array) -> _Progress:
        """A state with its flows and what they leave to balance."""
        duty, before, lags = self.duty, self.before, self.lags
        passage = metal_passage(split_of(state, duty, self.model), duty)
        sources = Sources(duty.organic_feed, duty.feed)
        flows = flows_of(state.line, state.content, passage, self.links, lags, before, sources)
        line = flows.line - state.line
        held = before.mixer / lags.pace - lags.mixer * state.content
        coupling = jax.vmap(coupling_balance, (0, 0, 0, None))(
            state.content, state.coupling, duty, self.model
        )
        residual = Residuals(line, flows.slopes.mixer - line + held, coupling)
        error = self.imbalance(residual, state)
        return _Progress(state, flows, residual, error, earlier, steps)

    def imbalance(self, residual: Residuals, state: State) -> jax.Array:
        """Largest residual: of what flows and what mixers hold, over the most of its element; of couplings,
        over totals.

        A line is as wrong as its residual; either residual [mol/h] adds to a mixer for as long as the pace.
        """
        fed = jnp.sum(self.duty.feed + self.duty.organic_feed, axis=0)
        scale = jnp.maximum(fed, jnp.max(jnp.abs(state.content), axis=0))
        scale = jnp.where(scale > 0, scale, 1.0)
        line, content = jnp.abs(residual.line) / scale, jnp.abs(residual.content) / scale
        metals = jnp.maximum(line, (line + content) / self.lags.mixer)
        coupling = jnp.abs(residual.coupling / jax.vmap(self.model.scales)(self.duty.site))
        largest = jnp.maximum(jnp.max(metals), jnp.max(coupling))
        return jnp.where(jnp.isfinite(largest), largest, jnp.inf)
