"""From what was computed between events to what is told of the whole run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ytterby.arrays import jax
from ytterby.circuit.circuit import Circuit
from ytterby.circuit.dynamics.equipment import Plant
from ytterby.circuit.dynamics.leg import Leg
from ytterby.circuit.dynamics.march import Record
from ytterby.circuit.dynamics.opening import steady_amounts
from ytterby.circuit.dynamics.regime import ACID, CHARGE, SALT, at_outlets
from ytterby.circuit.dynamics.simulation import (
    TOO_SHORT,
    Course,
    Inventory,
    OutletSeries,
    Target,
)
from ytterby.circuit.feasibility import refuse
from ytterby.circuit.limits import passed_limit
from ytterby.circuit.outcome import profiles_of
from ytterby.circuit.solve import ACCEPTED, find_steady
from ytterby.circuit.solved import Array
from ytterby.circuit.verdict import Verdict
from ytterby.datasets import parameter_set

ANION = "anion"
"""Name of the balance of all anions, chloride, nitrate or sulfate by their charge."""


# --- where it was heading


def courses_of(legs: Sequence[Leg], plant: Plant) -> tuple[Course, ...]:
    """The periods with the steady states that they were heading for."""
    found, first = [], 0
    for leg in legs:
        end = first + len(leg.records.time)
        duty = leg.regime.duty
        fed = np.asarray(duty.feed + duty.organic_feed).sum(axis=0)
        lasting = leg.period.end - leg.period.begin
        passing = leg is not legs[-1] and lasting < plant.passing
        target, untold = (None, TOO_SHORT) if passing else _target(leg, plant)
        elements = len(plant.circuit.elements)
        found.append(Course(leg.period, first, end, fed[:elements], target, untold))
        first = end
    return tuple(found)


def _target(leg: Leg, plant: Plant) -> tuple[Target | None, str]:
    """The steady state of a period, or why there is none."""
    circuit, regime = leg.period.setting.circuit, leg.regime
    refusal = refuse(circuit)
    if refusal is None:
        found = find_steady(*leg.problem)
        if not float(found.steady.error) <= ACCEPTED:
            return None, Verdict.NOT_CONVERGED.value
        parameters = parameter_set(circuit.equilibrium)
        refusal = passed_limit(circuit, profiles_of(found, circuit), parameters)
    if refusal is not None:
        return None, refusal.verdict.value
    held = steady_amounts(regime, found).metals
    stages, elements = circuit.stages, len(circuit.elements)
    vessels = np.stack([held.mixer, held.organic, held.aqueous])[:, :stages, :elements]
    tank = np.asarray(held.tank).sum(axis=0)[:elements]
    flows = np.asarray(at_outlets(regime, found.onward, found.fallen))[:, :elements]
    leaving = {outlet.name: flows[number] for number, outlet in enumerate(plant.outlets)}
    return Target(vessels, tank, leaving), ""


def distance_of(leg: Leg, course: Course, circuit: Circuit) -> float:
    """Largest difference of a vessel from the steady state, over the element's largest amount."""
    if course.target is None:
        return float("nan")
    metals = leg.moment.amounts.metals
    held = np.stack([metals.mixer, metals.organic, metals.aqueous])
    held = held[:, : circuit.stages, : len(circuit.elements)]
    largest = course.target.held.max(axis=(0, 1))
    scale = np.where(largest > 0, largest, 1.0)
    return float(np.max(np.abs(held - course.target.held) / scale))


# --- from records to results


def joined_records(legs: Sequence[Leg]) -> Record:
    """The records of all legs, one after the other."""
    joined: Record = jax.tree.map(
        lambda *parts: np.concatenate(parts), *(leg.records for leg in legs)
    )
    return joined


def inventory_of(records: Record, circuit: Circuit) -> Inventory:
    """What was held, without padding."""
    sections, elements = len(circuit.sections), len(circuit.elements)
    places = np.moveaxis(np.asarray(records.held), 0, 1)[:, :, :sections, :elements]
    return Inventory(places, np.asarray(records.tank)[:, :elements])


def series_of(records: Record, plant: Plant) -> dict[str, OutletSeries]:
    """What left, by outlet, without padding."""
    elements = len(plant.circuit.elements)
    metals, passive = map(np.asarray, records.leaving)
    sent = np.asarray(records.sent.metals)
    found = {}
    for number, outlet in enumerate(plant.outlets):
        organic = outlet.phase == "organic"
        acid = np.asarray(records.acid)[:, number]
        found[outlet.name] = OutletSeries(
            name=outlet.name,
            phase=outlet.phase,
            flow=passive[:, number, int(organic)],
            metals=metals[:, number, :elements],
            acid=np.full_like(acid, np.nan) if organic else acid,
            sent=sent[:, number, :elements],
        )
    return found


def closure_of(
    legs: Sequence[Leg], inventory: Inventory, outlets: Mapping[str, OutletSeries], circuit: Circuit
) -> dict[str, float]:
    """What each element and all anions lack over the whole run, over what there was of them [-]."""
    elements = len(circuit.elements)
    fed: Array = np.zeros(elements)
    anion_fed = anion_sent = 0.0
    for leg in legs:
        hours = float(leg.records.time[-1] - leg.records.time[0])
        duty, real = leg.regime.duty, np.asarray(leg.regime.real)
        fed += hours * np.asarray(duty.feed + duty.organic_feed).sum(axis=0)[:elements]
        anion_fed += hours * _anion(real @ np.asarray(sum(leg.regime.sources)))
        gone_by = np.asarray(leg.records.sent.passive)[:, : len(outlets)]  # the others pad
        anion_sent += _anion(gone_by.sum(axis=(0, 1)))
    sent = sum(series.sent.sum(axis=0) for series in outlets.values())
    held, passive = inventory.total, [leg.records.passive for leg in legs]
    first, last = _anion(np.asarray(passive[0][0])), _anion(np.asarray(passive[-1][-1]))
    there = np.append(held[0] + fed, first + anion_fed)
    gone = np.append(held[-1] + sent, last + anion_sent)
    lacking = np.where(there > 0, np.abs(there - gone), 0.0) / np.where(there > 0, there, 1.0)
    return dict(zip((*circuit.elements, ANION), lacking.tolist(), strict=True))


def _anion(passive: Array) -> float:
    """Charge of all anions among passive things."""
    return float(passive[ACID] + passive[CHARGE] + passive[SALT])
