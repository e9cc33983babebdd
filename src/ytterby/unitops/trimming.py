"""How a circuit that stands is run for a feed that it was not made for: flows as an operator finds them.

First the organic flow is trimmed until the wrong sides of both outlets stand as in the design. Where none
does that (a weak liquor asks for less base, a small product of a large feed for more reflux) others of
saponification and reflux are tried, those nearest to the design first, each with the organic flow trimmed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Generic, NamedTuple, TypeVar

from ytterby.errors import BalanceError, ConvergenceError

TRIMMED = 1e-6
"""Of the logarithm of the proportion of the wrong sides, at which trimming ends."""
TRIALS = 30
WIDEST_STEP = 0.15
"""Largest change of the logarithm of the organic flow in one trial."""
BESIDE = (0.0, 1e-4, -1e-4, 1e-3, -1e-3)
"""Of that logarithm, where a circuit that was solved does not close well enough."""
SAPONIFICATIONS = (1.0, 0.7, 0.5, 0.3)
"""Over that of the design."""
REFLUXES = (1.0, 2.0, 5.0, 30.0)
"""Scrub, strip and organic flows over those of the design."""


class Handles(NamedTuple):
    """How a circuit is run, over its design."""

    reflux: float
    saponification: float


AS_DESIGNED = Handles(1.0, 1.0)
Solved = TypeVar("Solved")


@dataclass(frozen=True)
class Tried(Generic[Solved]):
    """A circuit solved at one way to run it."""

    miss: float
    """Logarithm of the proportion of its wrong sides over that of the design."""
    worst: float
    """Largest share lost or on the wrong side, over what is asked: 1 or less meets it."""
    solved: Solved


At = Callable[[Handles, float], Tried[Solved]]
"""Solves at handles and at the logarithm of the organic flow over theirs; may raise ConvergenceError."""


def trimmed(at: At[Solved]) -> tuple[Solved, str]:
    """The circuit trimmed, with what must be told of that; ConvergenceError without steady state as designed.

    Of several ways that keep the proportion the first that meets what is asked, else the best.
    """
    found, first = _root(at, AS_DESIGNED)
    if found is not None:
        return found.solved, ""
    best: tuple[Tried[Solved], Handles] | None = None
    for handles in sorted(map(Handles._make, product(REFLUXES, SAPONIFICATIONS)), key=_distance):
        if handles == AS_DESIGNED:
            continue
        try:
            found, _ = _root(at, handles)
        except ConvergenceError:
            continue
        if found is not None and (best is None or found.worst < best[0].worst):
            best = found, handles
            if found.worst <= 1.0:
                break
    if best is not None:
        return best[0].solved, _told(best[1])
    text = "no organic flow keeps the proportion of the design: run at its flows, design it anew"
    return first.solved, text


def _distance(handles: Handles) -> float:
    return sum(abs(math.log(it)) for it in handles)


def _told(handles: Handles) -> str:
    changes = (("scrub, strip and organic", handles.reflux), ("base", handles.saponification))
    said = " and ".join(f"{100 * factor:g} % of the {name}" for name, factor in changes)
    return (
        f"no organic flow alone keeps the proportion of the design: run with {said}, design it anew"
    )


def _near(at: At[Solved], handles: Handles, place: float) -> tuple[float, Tried[Solved]]:
    """Solved there, or a hair beside it where rounding spoils the balance of a trace; errors as of ``at``."""
    for shift in BESIDE:
        try:
            return place + shift, at(handles, place + shift)
        except BalanceError:
            continue
    return place, at(handles, place)


def _root(at: At[Solved], handles: Handles) -> tuple[Tried[Solved] | None, Tried[Solved]]:
    """What is solved where its miss is zero, or None, and what is at the start.

    Secants within a bracket; a place without steady state bounds it as one beyond the zero does.
    ConvergenceError where there is none at the start.
    """
    slope = -8.0
    place, first = _near(at, handles, 0.0)
    here = first
    low, high = -math.inf, math.inf
    for _ in range(TRIALS):
        if abs(here.miss) <= TRIMMED:
            return here, first
        if here.miss > 0:  # too much left in the raffinate: more organic
            low = place
        else:
            high = place
        step = max(-WIDEST_STEP, min(WIDEST_STEP, -here.miss / slope))
        ahead = place + step if low < place + step < high else 0.5 * (low + high)
        try:
            ahead, there = _near(at, handles, ahead)
        except ConvergenceError:
            low, high = (low, ahead) if ahead > place else (ahead, high)
            slope *= 2.0
            continue
        if ahead == place:  # the bracket is down to rounding
            break
        if (there.miss - here.miss) / (ahead - place) < 0.0:
            slope = (there.miss - here.miss) / (ahead - place)
        place, here = ahead, there
    return None, first
