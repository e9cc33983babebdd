"""The cheapest operation of a cut with given stages.

The organic flow is not free: it is set so that raffinate and strip liquor are impure in a given proportion,
which keeps the cut between its keys whatever else moves. The rest is found by sequential quadratic
programming (SLSQP of SciPy) on exact derivatives. Missing a specification is allowed at a price, so that a
cut whose start meets none still finds its way, and one that cannot be met ends at the nearest miss.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ytterby.design.response import FREE_SHARES, Measures, Operation, Plan, Response, respond
from ytterby.design.task import CutTask

PENALTY = 5.0
"""Relative cost of missing a specification by a factor of e: above what meeting it ever costs."""
REFUSED = 20.0
"""What a trial without steady state counts as beyond the best, so that the line search turns back."""
FREE = [index for index, name in enumerate(Operation._fields) if name != "organic_flow"]
ORGANIC = Operation._fields.index("organic_flow")
PROPORTION = Measures._fields.index("proportion")
PROPORTION_TOLERANCE = 2e-4
"""Of the logarithm of the proportion; what is left is corrected to first order."""
FIRST_TRIALS, LATER_TRIALS = 60, 8
"""Circuits solved in search of the proportion, from nothing and from a point nearby."""
MOST_UNSOLVED = 8
"""Circuits without steady state after which the search for the proportion gives up."""
CLOSEST = 1e-9
"""Bounds of the organic flow, as logarithms, between which the search ends."""
WIDEST_ORGANIC_STEP = 0.25
"""Largest change of the organic flow, as a logarithm, in search of the proportion."""
RADIUS = 0.7
"""Largest change of the logarithm of a variable in one round."""
ROUNDS, ITERATIONS = 12, 25
AT_BOUND = 1e-4
"""Relative distance within which a limit counts as reached."""
INSIDE = 2e-4
"""Relative distance that a design keeps from its limits."""
NO_LIMIT = 1e-9
"""Share of free extractant that every organic has: what no limit means."""
MET = 1e-3
"""Relative distance by which a limit may still be passed where an operation is not yet polished."""
JUDGED = (
    *("raffinate_wrong", "strip_wrong", "light_lost", "heavy_lost"),
    *FREE_SHARES,
    "acid",
)
"""Measures that have a limit."""
_ROWS = [Measures._fields.index(name) for name in JUDGED]
_SIGNS = np.array([1.0] * 4 + [-1.0] * (len(FREE_SHARES) + 1))


class Bounds(NamedTuple):
    """Logarithms."""

    lowest: NDArray[np.float64]
    """Of the free variables and the proportion."""
    highest: NDArray[np.float64]
    limits: NDArray[np.float64]
    """Of ``JUDGED``, as ``sign x measure <= limit``."""


@dataclass(frozen=True)
class Point:
    """An operation whose outlets are impure in the proportion asked of it."""

    free: NDArray[np.float64]
    """Logarithms of the free variables of ``Operation``, then of the proportion."""
    response: Response
    cost: float
    """[ln EUR/year]"""
    slopes: NDArray[np.float64]
    """(1 + judged, free): of cost and judged measures, the organic flow following."""
    excess: NDArray[np.float64]
    """How far each judged measure is beyond its limit, negative within."""

    @property
    def missed(self) -> float:
        """Sum of what is beyond limits."""
        return float(np.maximum(self.excess, 0.0).sum())

    @property
    def merit(self) -> float:
        """What is made as low as possible."""
        return self.cost + PENALTY * self.missed

    @property
    def meets(self) -> bool:
        """Whether every limit holds, but for what polishing mends."""
        return bool(self.excess.max() <= MET)

    @property
    def holds(self) -> bool:
        """Whether every limit of the task holds."""
        return bool(self.excess.max() <= INSIDE)

    @property
    def follows(self) -> NDArray[np.float64]:
        """Change of the organic flow with the free variables, proportion kept, and with the proportion."""
        return _follows(self.response.gradient)


def bounds_of(task: CutTask) -> Bounds:
    """What a task allows."""
    asked, limits = task.specification, task.limits
    lowest = np.log([1e-6, 1e-3, 10.0, 1e-6, 10.0, 1e-6])
    highest = np.log([1e12, limits.saponification, limits.scrub_acid, 1e6, limits.strip_acid, 1e6])
    lost = [1.0 - asked.key_recovery(key) for key in task.cut]
    free = [1.0 - limits.loading] * (len(FREE_SHARES) - 1) + [1.0 - limits.stripped]
    acid = 1000.0 * 10.0**-limits.ph
    judged = _SIGNS * np.log([*asked.wrong_sides, *lost, *np.maximum(free, NO_LIMIT), acid])
    # A little within, since the correction to the proportion is of first order.
    return Bounds(lowest, highest, judged - INSIDE)


def at_proportion(
    free: NDArray[np.float64],
    organic: float,
    plan: Plan,
    bounds: Bounds,
    near: Response | None = None,
    tolerance: float = PROPORTION_TOLERANCE,
) -> tuple[Point | None, int]:
    """The point at ``free`` from a first organic flow [ln m3/h], and how many circuits were solved.

    ``tolerance``: of the logarithm of the proportion. None if no organic flow in reach gives the proportion.
    """
    low, high = -np.inf, np.inf
    trials, close = (LATER_TRIALS, True) if near else (FIRST_TRIALS, False)
    unsolved = 0
    for trial in range(1, trials + 1):
        operation = np.insert(free[:-1], ORGANIC, organic)
        found = respond(operation, plan, near)
        if found is None and close:
            return None, trial
        unsolved += found is None
        if unsolved > MOST_UNSOLVED:
            return None, trial
        if found is None and near is not None:  # too far from what is solved
            organic = (organic + float(near.operation[ORGANIC])) / 2
            continue
        if found is None:
            low, high = (low, organic) if _overdrawn(operation, plan) else (organic, high)
            organic = _between(low, high)
            continue
        near = found
        gap = found.measures[PROPORTION] - free[-1]
        slope = found.gradient[PROPORTION, ORGANIC]
        if abs(gap) < tolerance and slope < 0:
            return _point(free, found, bounds), trial
        low, high = (organic, high) if gap > 0 else (low, organic)
        newton = -gap / slope if slope < 0 else np.copysign(WIDEST_ORGANIC_STEP, gap)
        organic += float(np.clip(newton, -WIDEST_ORGANIC_STEP, WIDEST_ORGANIC_STEP))
        if not low < organic < high:
            organic = _between(low, high)
        if high - low < CLOSEST:
            break
    return None, trial


def _between(low: float, high: float) -> float:
    """A trial between bounds of which one may be infinite."""
    if np.isfinite(low + high):
        return (low + high) / 2
    return low + WIDEST_ORGANIC_STEP if np.isfinite(low) else high - WIDEST_ORGANIC_STEP


def _overdrawn(operation: NDArray[np.float64], plan: Plan) -> bool:
    """Whether the base nears all acid and charge there is: more organic would then only bring more."""
    inputs, run = plan.problem.inputs, Operation(*np.exp(operation))
    fed = float(inputs.inlet_acid[0] + inputs.inlet_metals[0] @ plan.problem.model.charge)
    base = run.saponification * float(inputs.extractant[0]) * run.organic_flow
    return bool(base > 0.9 * (float(inputs.inlet_flow[0]) * fed + run.scrub_h))


def _point(free: NDArray[np.float64], found: Response, bounds: Bounds) -> Point:
    """Measures and slopes with the organic flow moved on to the proportion, to first order."""
    by_organic = found.gradient[:, ORGANIC]
    still = (free[-1] - found.measures[PROPORTION]) / by_organic[PROPORTION]
    measures = found.measures + still * by_organic
    slopes = np.hstack([found.gradient[:, FREE], np.zeros((len(Measures._fields), 1))])
    slopes += np.outer(by_organic, _follows(found.gradient))
    excess = excess_of(measures, bounds)
    judged = _SIGNS[:, None] * slopes[_ROWS]
    return Point(free, found, float(measures[0]), np.vstack([slopes[:1], judged]), excess)


def _follows(gradient: NDArray[np.float64]) -> NDArray[np.float64]:
    follows: NDArray[np.float64] = np.append(-gradient[PROPORTION, FREE], 1.0)
    follows /= gradient[PROPORTION, ORGANIC]
    return follows


@dataclass
class _Walk:
    """Points that SLSQP asks for, each solved once, from the nearest that is known."""

    best: Point
    plan: Plan
    bounds: Bounds
    last: Point = field(init=False)
    known: dict[bytes, Point | None] = field(default_factory=dict)
    solved: int = 0

    def __post_init__(self) -> None:
        self.last = self.best
        self.known[self.best.free.tobytes()] = self.best

    def at(self, free: NDArray[np.float64]) -> Point | None:
        """The point there; None if there is none."""
        key = free.tobytes()
        if key not in self.known:
            near = self.last
            step = free - near.free
            organic = float(near.response.operation[ORGANIC] + near.follows @ step)
            point, count = at_proportion(free, organic, self.plan, self.bounds, near.response)
            self.solved += count
            self.known[key] = point
            if point is not None:
                self.last = point
                self.best = min(self.best, point, key=lambda it: it.merit)
        return self.known[key]


def optimise(
    point: Point, plan: Plan, bounds: Bounds, gain: float = 1e-6, rounds: int = ROUNDS
) -> tuple[Point, int]:
    """The cheapest operation from a first one, and how many circuits were solved on the way.

    ``gain``: relative saving below which a round ends.
    """
    walk = _Walk(point, plan, bounds)
    for _ in range(rounds):
        centre = walk.best
        done = _round(walk, gain)
        moved = np.abs(walk.best.free - centre.free).max()
        if (done and moved < 0.98 * RADIUS) or centre.merit - walk.best.merit < gain:
            break
    return walk.best, walk.solved


def _round(walk: _Walk, gain: float) -> bool:
    """One run of SLSQP in a box around the best point, and whether it came to its end.

    Its variables: those of the point, then what each limit is missed by.
    """
    from scipy.optimize import minimize

    centre, bounds = walk.best, walk.bounds
    size, count = centre.free.size, len(JUDGED)
    walk.last = centre

    def cost(x: NDArray[np.float64]) -> float:
        point = walk.at(x[:size])
        value = point.cost if point else centre.cost + REFUSED
        return value + PENALTY * float(x[size:].sum())

    def cost_slope(x: NDArray[np.float64]) -> NDArray[np.float64]:
        point = walk.at(x[:size])
        own = point.slopes[0] if point else np.zeros(size)
        return np.concatenate([own, np.full(count, PENALTY)])

    def room(x: NDArray[np.float64]) -> NDArray[np.float64]:
        point = walk.at(x[:size])
        return x[size:] - (point.excess if point else np.full(count, REFUSED))

    def room_slope(x: NDArray[np.float64]) -> NDArray[np.float64]:
        point = walk.at(x[:size])
        own = point.slopes[1:] if point else np.zeros((count, size))
        return np.hstack([-own, np.eye(count)])

    low = np.minimum(np.maximum(bounds.lowest, centre.free - RADIUS), centre.free)
    high = np.maximum(np.minimum(bounds.highest, centre.free + RADIUS), centre.free)
    ended = minimize(
        cost,
        np.concatenate([centre.free, np.maximum(centre.excess, 0.0)]),
        jac=cost_slope,
        bounds=[*zip(low, high, strict=True), *[(0.0, None)] * count],
        constraints={"type": "ineq", "fun": room, "jac": room_slope},
        method="SLSQP",
        options={"ftol": gain, "maxiter": ITERATIONS},
    )
    return bool(ended.status == 0)


def promise(point: Point, bounds: Bounds, radius: float) -> float:
    """Merit that the linear model sees within reach: what tells a hopeless number of stages early."""
    least = np.minimum(np.maximum(bounds.lowest - point.free, -radius), 0.0)
    most = np.maximum(np.minimum(bounds.highest - point.free, radius), 0.0)
    return point.cost + float(_linear_program(point, point.excess, least, most).fun)


def _linear_program(
    point: Point,
    excess: NDArray[np.float64],
    least: NDArray[np.float64],
    most: NDArray[np.float64],
) -> Any:
    """The cheapest step of the linear model between ``least`` and ``most``, as SciPy answers it."""
    from scipy.optimize import linprog

    count = len(JUDGED)
    return linprog(
        np.concatenate([point.slopes[0], np.full(count, PENALTY)]),
        A_ub=np.hstack([point.slopes[1:], -np.eye(count)]),
        b_ub=-excess,
        bounds=[*zip(least, most, strict=True), *[(0.0, None)] * count],
        method="highs",
    )


@dataclass(frozen=True)
class ShadowPrices:
    """Relative change of cost per relative change of a limit, not positive: looser limits save."""

    judged: dict[str, float]
    """By ``JUDGED``; the limit of a share of free extractant stands for the loading."""
    bounds: dict[str, float]
    """By variable, of those that stand at a bound."""


def shadow_prices(point: Point, bounds: Bounds) -> ShadowPrices:
    """What the limits cost at an optimum, by the linear model close to it."""
    at_top = point.free > bounds.highest - AT_BOUND
    at_bottom = point.free < bounds.lowest + AT_BOUND
    near = 10.0 * AT_BOUND
    solved = _linear_program(
        point,
        np.where(point.excess > -AT_BOUND, 0.0, point.excess),
        np.where(at_bottom, 0.0, -near),
        np.where(at_top, 0.0, near),
    )
    names = [*(Operation._fields[index] for index in FREE), "proportion"]
    held = {
        name: -abs(float(upper + lower))
        for name, upper, lower, stands in zip(
            names,
            solved.upper.marginals,
            solved.lower.marginals,
            at_top | at_bottom,
            strict=False,
        )
        if stands
    }
    return ShadowPrices(dict(zip(JUDGED, map(float, solved.ineqlin.marginals), strict=True)), held)


def excess_of(measures: NDArray[np.float64], bounds: Bounds) -> NDArray[np.float64]:
    """How far each of ``JUDGED`` is beyond its limit, negative within."""
    excess: NDArray[np.float64] = _SIGNS * measures[_ROWS] - bounds.limits
    return excess
