"""A circuit from one event to the next."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ytterby.arrays import jax
from ytterby.circuit.circuit import Circuit
from ytterby.circuit.dynamics.equipment import Plant
from ytterby.circuit.dynamics.events import Period
from ytterby.circuit.dynamics.march import MOST_FAILURES, Record, Stretch, stages_at, stretch
from ytterby.circuit.dynamics.regime import Amounts, Regime
from ytterby.circuit.dynamics.step import Moment, fresh_moment
from ytterby.circuit.feasibility import Refusal, place
from ytterby.circuit.limits import passed_limit
from ytterby.circuit.outcome import profiles_of
from ytterby.circuit.solve import Problem
from ytterby.circuit.solved import Profiles
from ytterby.circuit.stage import State
from ytterby.circuit.verdict import Verdict
from ytterby.datasets import parameter_set

FIRST_STEP = 0.01
"""First step after an event, over the residence time of a mixer."""
Progress = Callable[[float], None]
"""Told the time that was reached [h]; may raise to stop the run."""


class Leg(NamedTuple):
    """A period as it was computed."""

    period: Period
    problem: Problem
    regime: Regime
    records: Record
    """Arrays of NumPy with a leading axis ``time``."""
    moment: Moment
    """At its end."""
    steps: int
    rejected: int
    newton: int
    refusal: Refusal | None


def run_leg(
    period: Period,
    plant: Plant,
    amounts: Amounts,
    guess: State,
    tolerance: float,
    progress: Progress,
) -> Leg:
    """The circuit from one event to the next, or to where a limit of the models is passed."""
    problem, regime = plant.running(period.setting)
    step = min(FIRST_STEP * float(np.min(regime.vessels.mixer)), period.end - period.begin)
    moment = fresh_moment(
        np.float64(period.begin), np.float64(step), amounts, guess, regime, problem.model
    )
    records: list[Record] = []
    steps, rejected, newton = -1, 0, 0  # the first has no length
    refusal = None
    while refusal is None and float(moment.time) < period.end:
        limits = (np.float64(period.end), regime, problem.model, np.float64(tolerance))
        done: Stretch = stretch(moment, *limits)
        moment, accepted = done.moment, int(done.accepted)
        records.append(jax.tree.map(lambda part, n=accepted: np.asarray(part)[:n], done.records))
        steps, rejected = steps + accepted, rejected + int(done.rejected)
        newton += int(done.newton)
        progress(float(moment.time))
        leg = Leg(period, problem, regime, records[-1], moment, steps, rejected, newton, None)
        if int(done.failures) >= MOST_FAILURES:
            refusal = _stuck(done, leg)
        elif bool(done.limited):
            circuit = period.setting.circuit
            parameters = parameter_set(circuit.equilibrium)
            refusal = passed_limit(circuit, profiles_at_end(leg, circuit), parameters)
    joined = jax.tree.map(lambda *parts: np.concatenate(parts), *records)
    return Leg(period, problem, regime, joined, moment, steps, rejected, newton, refusal)


def profiles_at_end(leg: Leg, circuit: Circuit) -> Profiles:
    """Stage profiles at the end of a leg."""
    return profiles_of(stages_at(leg.moment, leg.regime, leg.problem.model), circuit)


def _stuck(done: Stretch, leg: Leg) -> Refusal:
    """Why no step is short enough: acid that is used up, or Newton for another reason."""
    circuit = leg.period.setting.circuit
    charge = np.asarray(done.charge)[: circuit.stages]
    stage = int(np.argmin(charge))
    if leg.problem.model.exchanges and charge[stage] <= 0.0:
        return Refusal(
            Verdict.ACID_BALANCE_IMPOSSIBLE,
            "organic.saponification",
            place(circuit, stage),
            f"base {-charge[stage]:.4g} mol/m3 above acid and metal charge",
            "less base than acid and metal charge",
        )
    return Refusal(
        Verdict.NOT_CONVERGED,
        "",
        "circuit as a whole",
        f"no step longer than {float(done.moment.step):.1e} h solved to the tolerance",
        "steps that grow as the circuit settles",
    )
