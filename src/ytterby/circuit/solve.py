"""Solve circuits: arithmetic that rules out the impossible, Newton, judgement, result."""

from __future__ import annotations

import logging
from typing import NamedTuple

import numpy as np

from ytterby.arrays import healed_cache, jax, jnp
from ytterby.circuit.circuit import Circuit, Train
from ytterby.circuit.duties import base_flows, duties
from ytterby.circuit.feasibility import Refusal, place, refuse
from ytterby.circuit.network import (
    ELEMENT_SIZES,
    Inputs,
    Layout,
    Row,
    inputs_of,
    layout_of,
    padded,
    row_of,
)
from ytterby.circuit.outcome import outcome, outcomes, profiles_of
from ytterby.circuit.solved import SolvedCircuit, SolvedTrain
from ytterby.circuit.stage import Duty, Phases, State, leaving
from ytterby.circuit.steady import (
    Steady,
    cold_start,
    differentiable,
    imbalance,
    newton,
    residuals,
    split_of,
)
from ytterby.circuit.verdict import Verdict
from ytterby.datasets import parameter_set
from ytterby.equilibrium import Conditions, Distribution, Reading, chemistry

log = logging.getLogger(__name__)

ATTEMPTS = (
    (1e7, 50, 0.0),
    (1e4, 150, 0.0),
    (1e3, 400, 10.0),
    (100.0, 400, 10.0),
    (1e3, 400, 0.0),
    (100.0, 1000, 0.0),
    (10.0, 2000, 0.0),
)
"""(first pseudo-time step [h of residence], most Newton steps, boldness), see ``newton``. The first is close
to plain Newton: so long a step only keeps elements that a poor iterate traps from making the system singular.
Of random circuits it solves 95 in 100; long pinched sections, whose fronts it throws about, need the next,
and circuits that hold thousands of hours of their feed those after it."""
ACCEPTED = 1e-10
"""Imbalance of a solved circuit: what rounding leaves where a large inventory meets a small feed."""


def solve_circuit(circuit: Circuit) -> SolvedCircuit:
    """Steady state of ``circuit`` from a cold start, no guess needed.

    Raises ConvergenceError with a named verdict where there is none or it was not found, BalanceError if
    the independent check does not close.
    """
    refusal = refuse(circuit)
    if refusal is not None:
        raise refusal.error(circuit)
    problem, found = _found(circuit)
    return outcome(circuit, profiles_of(found, circuit), int(found.steady.steps), problem.model)


def solve_train(train: Train) -> SolvedTrain:
    """Steady state of circuits that feed each other, all at once; errors as of ``solve_circuit``."""
    problem, found = _found(train)
    profiles = {}
    for circuit, first in zip(train.circuits, row_of(train).offsets, strict=False):
        profiles[circuit.name] = profiles_of(found, circuit, first)
    return outcomes(train, profiles, int(found.steady.steps), problem.model)


def _found(plan: Circuit | Train) -> tuple[Problem, Attempt]:
    """The arrays of a plan and its steady state; ConvergenceError if it was not found."""
    with healed_cache():
        problem = arrays_of(plan)
        found = find_steady(*problem)
    if not float(found.steady.error) <= ACCEPTED:
        raise _not_converged(plan, problem, found)
    return problem, found


class Problem(NamedTuple):
    """What the compiled solver sees of circuits: numbers, pattern, chemistry."""

    inputs: Inputs
    layout: Layout
    model: Distribution


def arrays_of(plan: Circuit | Train) -> Problem:
    """The arrays of a circuit or train."""
    row = row_of(plan)
    circuit = row.circuits[0]
    parameters = parameter_set(circuit.equilibrium)
    size = padded(len(circuit.elements), ELEMENT_SIZES)
    conditions = Conditions(circuit.temperature, circuit.terms, circuit.assumed)
    model = chemistry(parameters, circuit.elements, size, conditions)
    return Problem(inputs_of(row, parameters.medium), layout_of(row), model)


class Attempt(NamedTuple):
    """What one compiled attempt brings back; all but ``steady`` with axis ``stage`` first."""

    steady: Steady
    phases: Phases
    duty: Duty
    onward: jax.Array
    """Metals that leave with the organic line [mol/h]."""
    fallen: jax.Array
    """Metals that leave with the aqueous [mol/h]."""
    reading: Reading


@jax.jit
def attempt(
    inputs: Inputs,
    layout: Layout,
    model: Distribution,
    first_step: jax.Array,
    most_steps: jax.Array,
    bold: jax.Array,
) -> Attempt:
    """Cold start, Newton and phases in one compilation; see ``newton`` for the last three arguments."""
    duty, links = duties(inputs, layout, model)
    base = jnp.sum(base_flows(inputs))
    start = cold_start(duty, model, links, layout.real, base)
    steady = newton(start, duty, model, links, first_step, most_steps, bold)
    split = split_of(steady.state, duty, model)
    reading = jax.vmap(model.reading)(
        steady.state.coupling, split.aqueous, split.organic, duty.site
    )
    return Attempt(steady, split, duty, *jax.vmap(leaving)(steady.state, split, duty), reading)


def find_steady(inputs: Inputs, layout: Layout, model: Distribution) -> Attempt:
    """Newton from the cold start, more cautiously each time it fails; the best attempt."""
    attempts: list[Attempt] = []
    for first_step, most_steps, bold in ATTEMPTS:
        limits = np.float64(first_step), np.int64(most_steps), np.float64(bold)
        found: Attempt = attempt(inputs, layout, model, *limits)
        error, steps = float(found.steady.error), int(found.steady.steps)
        if error <= ACCEPTED:
            return found
        log.info("first step %g h: error %.1e after %d", first_step, error, steps)
        attempts.append(found)
        if _overdrawn(found) is not None:
            break
    return min(attempts, key=lambda tried: np.nan_to_num(float(tried.steady.error), nan=np.inf))


def _overdrawn(found: Attempt) -> int | None:
    """Stage, from 0, whose base exceeds all acid and metal charge; None where every stage has some."""
    charge = np.asarray(found.duty.site.free_charge)
    return int(np.argmin(charge)) if charge.min() <= 0 else None


def steady_state(inputs: Inputs, layout: Layout, model: Distribution) -> State:
    """States of the stages of a circuit, differentiable by ``inputs`` and ``model``.

    Traceable by jax.grad, jax.jvp and jax.vmap; plain Newton only, so check the residual of what returns.
    """
    limits = np.float64(ATTEMPTS[0][0]), np.int64(ATTEMPTS[0][1]), np.float64(0.0)
    fixed = jax.lax.stop_gradient((inputs, layout, model))
    state = attempt(*fixed, *limits).steady.state
    duty, links = duties(inputs, layout, model)
    return differentiable(state, duty, model, links)


def _not_converged(plan: Circuit | Train, problem: Problem, found: Attempt) -> Exception:
    """The error that names the stage and balance that are worst."""
    row = row_of(plan)
    overdrawn = _overdrawn(found)
    if problem.model.exchanges and overdrawn is not None:
        return _acid_balance(row, found, overdrawn)
    state = found.steady.state
    duty, links = duties(*problem)
    residual = residuals(state, duty, problem.model, links)
    scaled = imbalance(residual, state, duty, problem.model)
    worst = np.nan_to_num(np.asarray(scaled), nan=np.inf)
    stage, column = np.unravel_index(int(np.argmax(worst)), worst.shape)
    padding = worst.shape[1] - len(row.elements) - len(problem.model.names)
    what = [*row.elements, *["padding"] * padding, *problem.model.names][column]
    circuit, where = _place_in(row, int(stage))
    return Refusal(
        Verdict.NOT_CONVERGED,
        "",
        f"{where}, balance of {what}",
        f"imbalance {worst[stage, column]:.1e} of its scale after {int(found.steady.steps)} steps",
        f"at most {ACCEPTED:.0e}",
    ).error(circuit)


def _acid_balance(row: Row, found: Attempt, stage: int) -> Exception:
    """The error of a stage where base exceeds acid and metal charge, entrainment and refluxes counted."""
    circuit, where = _place_in(row, stage)
    short = -float(found.duty.site.free_charge[stage])
    return Refusal(
        Verdict.ACID_BALANCE_IMPOSSIBLE,
        "organic.saponification",
        where,
        f"base {short:.4g} mol/m3 above acid and metal charge",
        "less base than acid and metal charge",
    ).error(circuit)


def _place_in(row: Row, stage: int) -> tuple[Circuit, str]:
    """Circuit and place in words of a stage of a row; beyond its end, the circuit as a whole."""
    number = int(np.searchsorted(row.offsets[1:], stage, side="right"))
    if number == len(row.circuits):
        return row.circuits[-1], "circuit as a whole"
    return row.circuits[number], place(row.circuits[number], stage - row.offsets[number])
