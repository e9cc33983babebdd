"""Run a circuit through time: from empty or from its steady state, through events, to the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal, NamedTuple

import numpy as np

from ytterby.arrays import healed_cache
from ytterby.circuit.balance import CLOSURE
from ytterby.circuit.circuit import Circuit
from ytterby.circuit.dynamics.equipment import Plant, plant_of, require_enough
from ytterby.circuit.dynamics.events import Event, Setting, periods
from ytterby.circuit.dynamics.holdup import HoldUp
from ytterby.circuit.dynamics.leg import Leg, Progress, profiles_at_end, run_leg
from ytterby.circuit.dynamics.opening import empty_amounts, resting_state, steady_amounts
from ytterby.circuit.dynamics.regime import ACID, CHARGE, Amounts
from ytterby.circuit.dynamics.simulation import Simulation
from ytterby.circuit.dynamics.told import (
    closure_of,
    courses_of,
    distance_of,
    inventory_of,
    joined_records,
    series_of,
)
from ytterby.circuit.feasibility import refuse
from ytterby.circuit.outcome import assumptions_of, out_of_range_of
from ytterby.circuit.solve import find_steady, solve_circuit
from ytterby.circuit.stage import State
from ytterby.datasets import cited, parameter_set
from ytterby.errors import BalanceError, CaseError, Fault, nearest

Start = Literal["empty", "steady"]
TOLERANCE = 1e-5
"""Local error of a step, relative to amounts."""


def simulate_circuit(
    circuit: Circuit,
    duration: float,
    *,
    holdup: HoldUp | None = None,
    events: Sequence[Event] = (),
    start: Start = "empty",
    fill: Mapping[str, float] | None = None,
    tolerance: float = TOLERANCE,
    progress: Progress = lambda time: None,
) -> Simulation:
    """What ``circuit`` does for ``duration`` hours.

    ``start``: ``empty`` of metal, its aqueous acid of ``fill`` [mol/m3] by section, where none is given as
    strong as all anions that flow there at steady state; or the ``steady`` state before any event.

    Ends before its time, with a ``refusal``, where a limit of the models is passed. CaseError for an event
    that cannot happen, ConvergenceError if the steady state to start from does not exist, BalanceError if
    what went in, came out and stayed does not add up.
    """
    holdup, fill = holdup or HoldUp(), fill or {}
    _require_sections(fill, circuit)
    planned = periods(circuit, events, duration)
    whole = replace(circuit, elements=planned[0].setting.circuit.elements)
    for period in planned:
        require_enough(period.setting.circuit)
    refusal = refuse(whole)
    if refusal is not None:
        raise refusal.error(whole)
    with healed_cache():
        plant = plant_of(whole, holdup)
        amounts, guess = opening = _opening(start, fill, plant)
        legs: list[Leg] = []
        for period in planned:
            leg = run_leg(period, plant, amounts, guess, tolerance, progress)
            legs.append(leg)
            if leg.refusal is not None:
                break
            amounts, guess = leg.moment.amounts, leg.moment.point.state
        courses = courses_of(legs, plant)
        final = profiles_at_end(legs[-1], whole)
        distance = distance_of(legs[-1], courses[-1], whole)
    records = joined_records(legs)
    inventory = inventory_of(records, whole)
    outlets = series_of(records, plant)
    parameters = parameter_set(whole.equilibrium)
    closure = closure_of(legs, inventory, outlets, whole)
    _require_closed(closure, whole)
    known = [name for name in whole.elements if name not in whole.assumed]
    keys = (*cited(parameters.used(known, whole.terms)), *holdup.sources, "PERIODICTABLE")
    return Simulation(
        circuit=whole,
        holdup=holdup,
        start=start,
        events=tuple(events),
        duration=duration,
        tolerance=tolerance,
        time=np.asarray(records.time),
        courses=courses,
        outlets=outlets,
        inventory=inventory,
        final=final,
        distance=distance,
        closure=closure,
        steps=sum(leg.steps for leg in legs),
        rejected=sum(leg.rejected for leg in legs),
        newton=sum(leg.newton for leg in legs),
        refusal=legs[-1].refusal,
        out_of_range=out_of_range_of(whole, final, parameters),
        assumptions=(
            *holdup.in_words(),
            *_start_in_words(start, fill, opening.amounts, whole),
            *assumptions_of(whole, final, parameters),
        ),
        sources=tuple(dict.fromkeys(keys)),
    )


def _require_sections(fill: Mapping[str, float], circuit: Circuit) -> None:
    labels = [section.label for section in circuit.sections]
    faults = [
        Fault(
            f"circuit {circuit.name}, fill",
            name,
            "one of: " + ", ".join(labels),
            nearest(name, labels),
        )
        for name in fill
        if name not in labels
    ]
    if faults:
        raise CaseError(faults)


def _require_closed(closure: Mapping[str, float], circuit: Circuit) -> None:
    worst = max(closure, key=lambda name: closure[name])
    if closure[worst] <= CLOSURE:
        return
    raise BalanceError(
        Fault(
            f"circuit {circuit.name}, balance of {worst} over time",
            f"{closure[worst]:.1e} of what there was is missing",
            f"at most {CLOSURE:.0e}",
            next="report this case: what a circuit holds must add up",
        )
    )


class _Opening(NamedTuple):
    """What is there at the start."""

    amounts: Amounts
    guess: State


def _opening(start: Start, fill: Mapping[str, float], plant: Plant) -> _Opening:
    """Amounts at the start, and a guess of the state that goes with them."""
    circuit = plant.circuit
    problem, regime = plant.running(Setting(circuit))
    if start == "steady":
        solve_circuit(circuit)  # raises where there is none
        found = find_steady(*problem)
        return _Opening(steady_amounts(regime, found), found.steady.state)
    parameters = parameter_set(circuit.equilibrium)
    if parameters.model == "separation_factors":
        raise CaseError(
            Fault(
                f"circuit {circuit.name}, start",
                f"empty, with the constant separation factors of {parameters.name}",
                "a chemistry with acid, which takes the place of the metals",
                next='start from "steady"',
            )
        )
    amounts = empty_amounts(regime, circuit, problem.model, fill)
    return _Opening(amounts, resting_state(regime, problem.model))


def _start_in_words(
    start: Start, fill: Mapping[str, float], amounts: Amounts, circuit: Circuit
) -> tuple[str, ...]:
    """What was taken to be there at the start."""
    if start == "steady":
        return ()
    passive = np.asarray(amounts.passive.mixer)
    acid = (passive[:, ACID] + passive[:, CHARGE]) / passive[:, 0] / 1000.0
    parts = []
    for section, (first, end) in zip(circuit.sections, circuit.spans(), strict=True):
        low, high = acid[first:end].min(), acid[first:end].max()
        span = f"{low:.3g}" if high - low < 1e-3 * high else f"{low:.3g} to {high:.3g}"
        if section.label in fill:
            span = f"{fill[section.label] / 1000.0:.3g} (given)"
        parts.append(f"{section.label} {span} mol/L")
    return (
        "at the start the organic is fresh and the aqueous is acid, where not given as strong as its "
        "anions at steady state: " + ", ".join(parts),
    )
