"""What a product must be, when it is, and how long a circuit takes to settle."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ytterby.circuit.dynamics.simulation import Course, Simulation
from ytterby.circuit.solved import Array

SETTLED = 0.01
"""Share of its steady inventory within which a circuit counts as filled, or as settled after an event."""


@dataclass(frozen=True)
class Specification:
    """Purity or recovery, or both, that an outlet must have to be product."""

    label: str
    outlet: str
    element: str
    purity_reo: float | None = None
    """Least share of the element in the outlet's rare-earth oxides, by mass [-]."""
    recovery: float | None = None
    """Least share of what is fed of the element at that time [-]."""

    def margin(self, simulation: Simulation) -> Array:
        """By how much the outlet is better than asked [-], axis ``time``; nan without product."""
        margins = []
        if self.purity_reo is not None:
            found = simulation.purity_reo(self.outlet, self.element)
            margins.append(found - self.purity_reo)
        if self.recovery is not None:
            margins.append(simulation.recovery(self.outlet, self.element) - self.recovery)
        worst: Array = np.min(np.stack(margins), axis=0)  # nan where any is
        return worst


@dataclass(frozen=True)
class Met:
    """How an outlet met its specification between two events."""

    course: Course
    since: float | None
    """Time from which it holds until the next event or the end [h]; None if it does not hold there."""
    product: float
    """Rare-earth oxides that left on specification [kg]."""
    off: float
    """Rare-earth oxides that left off specification [kg]."""
    hours_off: float


def how_met(simulation: Simulation, specification: Specification) -> tuple[Met, ...]:
    """Period by period. Between two records the margin is taken as a straight line."""
    margin = specification.margin(simulation)
    sent = simulation.outlets[specification.outlet].sent @ simulation.rare_earths()
    found = []
    for course in simulation.courses:
        times = simulation.time[course.first : course.end]
        good = _good_shares(margin[course.first : course.end])
        masses, hours = sent[course.first + 1 : course.end], np.diff(times)
        found.append(
            Met(
                course=course,
                since=_since(times, margin[course.first : course.end]),
                product=float(good @ masses),
                off=float((1.0 - good) @ masses),
                hours_off=float((1.0 - good) @ hours),
            )
        )
    return tuple(found)


def settled_since(simulation: Simulation) -> tuple[float | None, ...]:
    """Period by period: time from which all rare earths held, as oxides, stay within ``SETTLED`` of the
    steady state until the next event or the end [h]; None if they do not, or there is no such state."""
    held = simulation.inventory.total @ simulation.rare_earths()
    found: list[float | None] = []
    for course in simulation.courses:
        if course.target is None:
            found.append(None)
            continue
        aim = float(course.target.total @ simulation.rare_earths())
        part = slice(course.first, course.end)
        margin = SETTLED * aim - np.abs(held[part] - aim)
        found.append(_since(simulation.time[part], margin))
    return tuple(found)


def _since(times: Array, margin: Array) -> float | None:
    """Time from which a margin stays above zero to the end; nan is not above."""
    bad = np.flatnonzero(~(margin >= 0.0))
    if bad.size == 0:
        return float(times[0])
    last = int(bad[-1])
    if last == len(times) - 1:
        return None
    share = _crossing(margin[last], margin[last + 1])
    return float(times[last] + share * (times[last + 1] - times[last]))


def _crossing(bad: float, good: float) -> float:
    """Share of the way from a margin below zero to one above at which it is zero; all of it from nan."""
    return 1.0 if np.isnan(bad) else float(bad / (bad - good))


def _good_shares(margin: Array) -> Array:
    """Share of each interval in which a margin is above zero."""
    shares = []
    for before, after in pairwise(margin):
        begins, ends = bool(before >= 0.0), bool(after >= 0.0)
        if begins == ends:
            shares.append(float(ends))
        else:
            bad, good = (after, before) if begins else (before, after)
            shares.append(1.0 - _crossing(bad, good))
    return np.array(shares)
