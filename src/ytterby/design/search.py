"""Numbers of stages: a pattern search, every candidate operated at its own optimum."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ytterby.design.optimum import (
    ORGANIC,
    Bounds,
    Point,
    at_proportion,
    bounds_of,
    optimise,
    promise,
)
from ytterby.design.response import Plan, Stages, plan_of, shifted
from ytterby.design.start import first_point, first_stages, hand_calculation
from ytterby.design.task import CutTask

COARSE, FINE = 1e-4, 1e-7
"""Relative savings at which operations are left: of candidates, and of the design."""
WORTH = 2e-4
"""Relative saving that another number of stages must bring."""
REACH = 0.3
"""How far, in logarithms, the linear model of a candidate is trusted to tell whether it is worth it."""

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Effort:
    """How far the search for stages goes."""

    gain: float = COARSE
    """Relative saving at which the operation of a candidate is left."""
    worth: float = WORTH
    """Relative saving that another number of stages must bring."""
    finest: int = 1
    """Stages of a section by which candidates differ in the end."""
    most: float = np.inf
    """Circuits solved after which no other number of stages is tried."""
    polish: float = FINE
    """Relative saving at which the operation of the design is left."""


THOROUGH, QUICK = Effort(), Effort(1e-3, 5e-3, 3, 500, 1e-4)


@dataclass
class Search:
    """Candidates tried, by their stages."""

    task: CutTask
    progress: Progress
    shift: NDArray[np.float64] | None = None
    """Error of log10 Kex that is designed for; None: the constants as they stand."""
    effort: Effort = THOROUGH
    bounds: Bounds = field(init=False)
    tried: dict[Stages, Point | None] = field(default_factory=dict)
    solved: int = 0

    def __post_init__(self) -> None:
        self.bounds = bounds_of(self.task)

    def plan(self, stages: Stages) -> Plan:
        """Arrays for that many stages."""
        plan = plan_of(self.task, stages)[0]
        return plan if self.shift is None else shifted(plan, self.shift)

    def point(self, stages: Stages, near: Point) -> Point | None:
        """The best operation found there from one with other stages; None if it could not be run."""
        if stages not in self.tried:
            plan = self.plan(stages)
            organic = float(near.response.operation[ORGANIC])
            point, count = at_proportion(near.free, organic, plan, self.bounds)
            self.solved += count
            if (
                point is not None
                and promise(point, self.bounds, REACH) < near.merit - self.effort.worth
            ):
                point, count = optimise(point, plan, self.bounds, self.effort.gain)
                self.solved += count
            self.tried[stages] = point
            self.progress(f"{_words(stages)} stages")
        return self.tried[stages]


def begun(search: Search) -> tuple[Stages, Point | None]:
    """The hand calculation's stages, or as many more as a first operation needs, at its optimum."""
    task = search.task
    shortcut = hand_calculation(task)
    most = task.limits.stages
    stages = _at_most(first_stages(task, shortcut), most)
    best: tuple[Stages, Point | None] = stages, None
    while True:
        plan = search.plan(stages)
        point, count = first_point(task, shortcut, plan, search.bounds)
        search.solved += count
        if point is not None:
            point, count = optimise(point, plan, search.bounds, search.effort.gain)
            search.solved += count
            search.tried[stages] = point
            if best[1] is None or point.missed < best[1].missed:
                best = stages, point
        search.progress(f"{_words(stages)} stages to begin with")
        more = _at_most(Stages(*(number + max(2, number // 3) for number in stages)), most)
        if (point is not None and point.meets) or more == stages:
            return best
        stages = more


def _at_most(stages: Stages, most: int) -> Stages:
    return Stages(*(min(number, most) for number in stages))


def _words(stages: Stages) -> str:
    return " + ".join(map(str, stages))


def cheapest(search: Search, stages: Stages, point: Point) -> tuple[Stages, Point]:
    """From stages that meet the specification to those at least cost, no neighbour cheaper.

    As far as the effort of the search goes.
    """
    finest, worth = search.effort.finest, search.effort.worth
    step = max(1, max(stages.extraction, stages.scrub) // 4)
    while True:
        moves = _moves(step)
        while moves:
            if search.solved > search.effort.most:
                return stages, point
            candidate = _moved(stages, moves[0], search.task)
            found = search.point(candidate, point) if candidate else None
            if candidate and found is not None and found.merit < point.merit - worth:
                # What helped is tried again first, then everything else anew.
                stages, point = candidate, found
                moves = [moves[0], *(it for it in _moves(step) if it != moves[0])]
            else:
                moves = moves[1:]
        if step <= finest:
            return stages, point
        step //= 2


def _moves(step: int) -> list[Stages]:
    """Fewer and more stages of each section, and of the two that part the keys together."""
    strip = max(1, step // 2)
    apart = [(-1, 0), (0, -1), (-1, -1), (1, 0), (0, 1), (1, 1), (1, -1), (-1, 1)]
    parting = [Stages(step * extraction, step * scrub, 0) for extraction, scrub in apart]
    return [Stages(0, 0, -strip), *parting, Stages(0, 0, strip)]


def _moved(stages: Stages, move: Stages, task: CutTask) -> Stages | None:
    moved = Stages(*(number + by for number, by in zip(stages, move, strict=True)))
    enough = all(number >= least for number, least in zip(moved, task.fewest, strict=True))
    return moved if enough and max(moved) <= task.limits.stages else None
