"""What a cut answers to how it is run: cost, purities, losses, limits, each with exact derivatives.

One compiled function serves every number of stages that fits a padded shape: sections are masks.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ytterby.arrays import jax, jnp
from ytterby.circuit.circuit import Circuit, Draw, Inlet, Organic, Place, Section
from ytterby.circuit.duties import base_flows, duties
from ytterby.circuit.network import Inputs
from ytterby.circuit.solve import ACCEPTED, Problem, arrays_of
from ytterby.circuit.stage import State, leaving
from ytterby.circuit.steady import cold_start, differentiable, newton, split_of
from ytterby.design.costs import CostBasis, Held, Rates, annual_costs, cost_basis
from ytterby.design.task import CutTask
from ytterby.equilibrium import Distribution
from ytterby.equilibrium.mass_action import MassAction
from ytterby.materials import is_rare_earth

ATTEMPTS = ((1e7, 60), (1e4, 150))
"""Newton's limits, see ``circuit.steady.newton``; the second from a cold start only: a trial near a solved
one that needs more is not worth following."""
FLOOR = 1e-30
"""Added to flows of metal [mol/h] before the logarithm."""
SHARPNESS = 8.0
"""Power of the mean that stands for the largest: two that are equal count as 9 % more."""


class Stages(NamedTuple):
    """Numbers of stages."""

    extraction: int
    scrub: int
    strip: int

    @property
    def total(self) -> int:
        """Of the circuit."""
        return sum(self)


class Operation(NamedTuple):
    """How a cut is run; logarithms of these are what is optimised."""

    scrub_h: float
    """H+ that the scrub liquor brings [mol/h]."""
    saponification: float
    """[mol/mol]"""
    organic_flow: float
    """[m3/h]"""
    scrub_acid: float
    """[mol/m3]"""
    strip_flow: float
    """[m3/h]"""
    strip_acid: float
    """[mol/m3]"""


class Measures(NamedTuple):
    """What is judged, logarithms all: derivatives by the logarithms of ``Operation`` are near constant."""

    cost: jax.Array
    """[ln EUR/year]"""
    proportion: jax.Array
    """Raffinate's wrong side over that of the strip liquor: falls with the organic flow around a design."""
    raffinate_wrong: jax.Array
    """Heavy share of the raffinate's rare-earth moles."""
    strip_wrong: jax.Array
    """Light share of the strip liquor's rare-earth moles."""
    light_lost: jax.Array
    """Share of the light key that leaves with the strip liquor; of several metals judged the smooth largest,
    each over what it may lose as the key is over that of its own."""
    heavy_lost: jax.Array
    """The same of the heavy side, in the raffinate."""
    free_1: jax.Array
    """Share of the extractant that is free in stage 1: unlike the loading it never levels off."""
    free_feed: jax.Array
    """The same in the stage that the feed enters."""
    free_above: jax.Array
    """The same in the first stage of scrub."""
    free_extract: jax.Array
    """The same in the last stage of scrub: the extract."""
    free_stripped: jax.Array
    """The same in the last stage of strip: the organic that returns."""
    acid: jax.Array
    """Lowest [H+] [ln mol/m3]."""


FREE_SHARES = tuple(name for name in Measures._fields if name.startswith("free_"))
"""Measures of the share of free extractant, along the organic."""


class Masks(NamedTuple):
    """Which element and which stage is what; zeros and ones."""

    counted: jax.Array
    """Rare earths."""
    light_judged: jax.Array
    """ln of the key's allowed loss over that of each metal of the light side that is judged, else -inf."""
    heavy_judged: jax.Array
    """The same of the heavy side."""
    lost_in_raffinate: jax.Array
    """Metals that do not belong there."""
    lost_in_strip: jax.Array
    lost_in_draw: jax.Array
    first_strip: jax.Array
    """1 at the stage where strip liquor leaves, axis ``stage``."""
    drawn: jax.Array
    """Share of a stage's aqueous that the side draw takes, axis ``stage``; all 0 without a draw."""
    drawn_feed: jax.Array
    """1 where the aqueous that is drawn from holds the feed, 0 where it is scrub liquor alone."""
    looked_at: jax.Array
    """1 at the stage of each share of free extractant, axes ``measure stage``; their least would jump."""


class Plan(NamedTuple):
    """All that a response needs beside the operation; a JAX pytree."""

    problem: Problem
    masks: Masks
    rates: Rates


class Response(NamedTuple):
    """Solved at one operation."""

    operation: NDArray[np.float64]
    """Logarithms of ``Operation``."""
    state: State
    measures: NDArray[np.float64]
    """In the order of ``Measures``."""
    gradient: NDArray[np.float64]
    """(measure, operation)"""
    costs: NDArray[np.float64]
    """By ``costs.ITEMS`` [EUR/year]."""
    steps: int
    """Newton steps."""


def circuit_of(task: CutTask, stages: Stages, run: Operation) -> Circuit:
    """The circuit that a design describes."""
    return Circuit(
        name=task.name,
        equilibrium=task.equilibrium,
        elements=task.elements,
        organic=Organic(
            flow=run.organic_flow,
            extractant=task.extractant,
            saponification=run.saponification,
            base=task.base,
            closed=True,
            diluent=task.diluent,
        ),
        sections=(
            Section("extraction", stages.extraction, task.feed, efficiency=task.efficiency),
            Section(
                "scrub",
                stages.scrub,
                Inlet("scrub liquor", run.scrub_h / run.scrub_acid, run.scrub_acid, {}),
                efficiency=task.efficiency,
            ),
            Section(
                "strip",
                stages.strip,
                Inlet("strip acid", run.strip_flow, run.strip_acid, {}),
                efficiency=task.efficiency,
            ),
        ),
        temperature=task.temperature,
        cut=task.cut,
        draws=_draws(task, stages, run),
        terms=task.terms,
        assumed=task.assumed,
    )


def _draws(task: CutTask, stages: Stages, run: Operation) -> tuple[Draw, ...]:
    """The side draw of a joint circuit, with its flow."""
    draw = task.draw
    if draw is None:
        return ()
    scrub = run.scrub_h / run.scrub_acid
    if draw.section == "extraction":
        place, aqueous = Place("extraction", draw.distance + 1), task.feed.flow + scrub
    else:
        place, aqueous = Place("scrub", stages.scrub - draw.distance), scrub
    return (Draw(draw.name, place, "aqueous", draw.share * aqueous),)


def plan_of(task: CutTask, stages: Stages) -> tuple[Plan, CostBasis]:
    """Arrays for a task and numbers of stages."""
    any_run = Operation(1.0, 0.1, 1.0, 1000.0, 1.0, 1000.0)
    circuit = circuit_of(task, stages, any_run)
    problem = arrays_of(circuit)
    size = problem.inputs.inlet_metals.shape[1]
    parameters = task.parameters
    basis = cost_basis(
        task.prices, parameters.extractant, parameters.medium, task.base, task.elements, size
    )

    def marked(symbols: tuple[str, ...]) -> NDArray[np.float64]:
        ones = [float(name in symbols) for name in task.elements]
        return np.array(ones + [0.0] * (size - len(ones)))

    def judged(key: str, side: tuple[str, ...]) -> NDArray[np.float64]:
        most = task.most_lost
        weights = np.full(size, -np.inf)
        for place, name in enumerate(task.elements):
            if name in side and name in most:
                weights[place] = np.log(most[key] / most[name])
        return weights

    count = problem.layout.real.shape[0]
    (_, end), (scrub, strip), (_, last) = circuit.spans()
    first_strip, looked_at = np.zeros(count), np.zeros((len(FREE_SHARES), count))
    first_strip[strip] = 1.0
    looked_at[range(len(FREE_SHARES)), [0, end - 1, scrub, strip - 1, last - 1]] = 1.0
    drawn = np.zeros(count)
    for draw in circuit.draws:
        assert task.draw is not None
        drawn[circuit.index(draw.place)] = task.draw.share
    from_extraction = task.draw is not None and task.draw.section == "extraction"
    rows = (
        marked(tuple(filter(is_rare_earth, task.elements))),
        judged(task.cut[0], task.light),
        judged(task.cut[1], task.heavy),
        marked(task.lost_in("raffinate")),
        marked(task.lost_in("strip liquor")),
        marked(task.lost_in(task.draw.name) if task.draw else ()),
        first_strip,
        drawn,
        np.array(float(from_extraction)),
        looked_at,
    )
    return Plan(problem, Masks(*map(jnp.asarray, rows)), basis.rates), basis


def placed(plan: Plan, operation: jax.Array) -> Inputs:
    """Inputs of a circuit run so; its inlets are feed, scrub liquor and strip acid in that order."""
    inputs, masks = plan.problem.inputs, plan.masks
    run = Operation(*jnp.exp(operation))
    scrub = run.scrub_h / run.scrub_acid
    drawn_from = scrub + masks.drawn_feed * inputs.inlet_flow[0]
    return replace(
        inputs,
        taken_flow=jnp.full_like(inputs.taken_flow, jnp.sum(masks.drawn) * drawn_from),
        organic_flow=inputs.organic_flow.at[0].set(run.organic_flow),
        saponification=inputs.saponification.at[0].set(run.saponification),
        inlet_flow=inputs.inlet_flow.at[1].set(scrub).at[2].set(run.strip_flow),
        inlet_acid=inputs.inlet_acid.at[1].set(run.scrub_acid).at[2].set(run.strip_acid),
    )


@jax.jit
def begin(operation: jax.Array, plan: Plan) -> State:
    """The cold start."""
    _, layout, model = plan.problem
    inputs = placed(plan, operation)
    duty, links = duties(inputs, layout, model)
    return cold_start(duty, model, links, layout.real, jnp.sum(base_flows(inputs)))


def respond(
    operation: NDArray[np.float64], plan: Plan, near: Response | None = None
) -> Response | None:
    """Solved and measured at an operation; None if no steady state was found.

    ``near``: a response of the same plan, from which the state is followed by its tangent.
    """
    if near is not None:
        return _from(near.state, operation, operation - near.operation, plan, ATTEMPTS[0])
    start = begin(operation, plan)
    for limits in ATTEMPTS:
        found = _from(start, operation, np.zeros_like(operation), plan, limits)
        if found is not None:
            return found
    return None


def _from(
    start: State,
    operation: NDArray[np.float64],
    moved: NDArray[np.float64],
    plan: Plan,
    limits: tuple[float, int],
) -> Response | None:
    state, error, steps, (measures, costs), gradient = _solved(
        operation, moved, start, plan, np.float64(limits[0]), np.int64(limits[1])
    )
    values, slopes = np.asarray(measures), np.asarray(gradient)
    if (
        not float(error) <= ACCEPTED
        or not np.isfinite(values).all()
        or not np.isfinite(slopes).all()
    ):
        return None
    return Response(operation, state, values, slopes, np.asarray(costs), int(steps))


@jax.jit
def _solved(  # type: ignore[no-untyped-def]
    operation: jax.Array,
    moved: jax.Array,
    start: State,
    plan: Plan,
    first_step: jax.Array,
    most_steps: jax.Array,
):
    """Newton from the start moved along its tangent; measures and gradient at what it found."""
    _, layout, model = plan.problem
    start = jax.lax.cond(
        jnp.any(moved != 0.0), lambda: _followed(operation, moved, start, plan), lambda: start
    )
    duty, links = duties(placed(plan, operation), layout, model)
    found = newton(start, duty, model, links, first_step, most_steps, jnp.asarray(0.0))

    def both(x: jax.Array):  # type: ignore[no-untyped-def]
        values = measured(x, model, found.state, plan)
        return values[0], values

    gradient, values = jax.jacfwd(both, has_aux=True)(operation)
    return found.state, found.error, found.steps, values, gradient


def _followed(operation: jax.Array, moved: jax.Array, start: State, plan: Plan) -> State:
    """The state at ``operation`` by the tangent at ``operation - moved``; contents by their logarithms."""
    _, layout, model = plan.problem

    def state(x: jax.Array) -> State:
        duty, links = duties(placed(plan, x), layout, model)
        return differentiable(start, duty, model, links)

    before, change = jax.jvp(state, (operation - moved,), (moved,))
    return State(
        _grown(before.content, change.content),
        _grown(before.line, change.line),
        before.coupling + jnp.clip(change.coupling, -1.0, 1.0),
    )


def _grown(value: jax.Array, change: jax.Array) -> jax.Array:
    return value * jnp.exp(jnp.clip(change / jnp.maximum(value, FLOOR), -1.0, 1.0))


def measured(
    operation: jax.Array, model: Distribution, state: State, plan: Plan
) -> tuple[jax.Array, jax.Array]:
    """Measures in their order and annual costs, differentiable by ``operation`` and ``model``.

    ``state``: the steady state there.
    """
    layout, inputs = plan.problem.layout, placed(plan, operation)
    duty, links = duties(inputs, layout, model)
    state = differentiable(jax.lax.stop_gradient(state), duty, model, links)
    split = split_of(state, duty, model)
    _, fallen = jax.vmap(leaving)(state, split, duty)
    masks = plan.masks
    raffinate, strip = fallen[0], masks.first_strip @ fallen
    fed = inputs.inlet_flow[0] * inputs.inlet_metals[0]
    lost = masks.lost_in_raffinate * raffinate + masks.lost_in_strip * strip
    lost = lost + masks.lost_in_draw * (masks.drawn @ fallen)
    free = masks.looked_at @ (state.coupling[:, 0] - jnp.log(duty.site.extractant / 2.0))
    base, acid = base_flows(inputs)[0], inputs.inlet_flow[1:3] @ inputs.inlet_acid[1:3]
    held = Held(duty.aqueous, duty.organic, split.aqueous, split.organic, layout.real)
    costs = annual_costs(plan.rates, held, base, acid, inputs.extractant[0])
    counted = masks.counted
    wrong_raffinate, wrong_strip = counted * masks.lost_in_raffinate, counted * masks.lost_in_strip
    raffinate_wrong = _ln_share(raffinate @ wrong_raffinate, raffinate @ counted)
    strip_wrong = _ln_share(strip @ wrong_strip, strip @ counted)
    measures = Measures(
        cost=jnp.log(jnp.sum(costs)),
        proportion=raffinate_wrong - strip_wrong,
        raffinate_wrong=raffinate_wrong,
        strip_wrong=strip_wrong,
        light_lost=_ln_most(_ln_share(lost, fed) + masks.light_judged),
        heavy_lost=_ln_most(_ln_share(lost, fed) + masks.heavy_judged),
        **dict(zip(FREE_SHARES, free, strict=True)),
        acid=jnp.min(jnp.where(layout.real > 0, state.coupling[:, 1], jnp.inf)),
    )
    return jnp.stack(measures), costs


def _ln_share(part: jax.Array, whole: jax.Array) -> jax.Array:
    return jnp.log(part + FLOOR) - jnp.log(whole + FLOOR)


def _ln_most(ln_shares: jax.Array) -> jax.Array:
    """The largest, smoothly: never less, and the only one itself."""
    most: jax.Array = jax.nn.logsumexp(SHARPNESS * ln_shares) / SHARPNESS
    return most


def by_constants(response: Response, plan: Plan) -> NDArray[np.float64]:
    """Derivatives of the measures by log10 Kex of each metal, (measure, element); operation unchanged."""
    return np.asarray(_by_constants(response.operation, response.state, plan))


@jax.jit
def _by_constants(operation: jax.Array, state: State, plan: Plan) -> jax.Array:
    model = plan.problem.model

    def measures(log10_k: jax.Array) -> jax.Array:
        return measured(operation, with_constants(model, log10_k), state, plan)[0]

    slopes: jax.Array = jax.jacfwd(measures)(jnp.zeros_like(model.charge))
    return slopes


def with_constants(model: Distribution, shift: jax.Array) -> MassAction:
    """The model, one of mass action, with log10 Kex of each metal shifted."""
    assert isinstance(model, MassAction)
    return replace(model, ln_k=model.ln_k + jnp.log(10.0) * shift)


def shifted(plan: Plan, shift: NDArray[np.float64]) -> Plan:
    """The plan with log10 Kex of its metals shifted, axis ``element`` without padding."""
    model = plan.problem.model
    padded = jnp.zeros_like(model.charge).at[: shift.size].set(shift)
    return plan._replace(problem=plan.problem._replace(model=with_constants(model, padded)))
