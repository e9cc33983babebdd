"""What the uncertainty of the constants does to a design, and a design that bears it.

A plant does not run its design blindly: the organic flow is trimmed so that both outlets stay impure in the
proportion they were designed for, and strip acid is added where metal stays on the organic. So a draw of the
constants meets the specification if some organic flow and up to 2.5 times the strip acid do, all other flows,
acids and stages as designed. What more strip acid costs then is not counted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ytterby.design.cut import DesignedCut, searched
from ytterby.design.cut import designed as designed_cut
from ytterby.design.optimum import (
    FREE,
    JUDGED,
    ORGANIC,
    PROPORTION,
    Bounds,
    Point,
    at_proportion,
    bounds_of,
)
from ytterby.design.response import Measures, Operation, Plan, by_constants, plan_of, shifted
from ytterby.design.search import Progress, Search
from ytterby.design.task import CutTask
from ytterby.errors import ConvergenceError, Fault

CORRELATION = 0.95
"""Share of the variance of log10 Kex that all metals have in common: assumed. One shake-out that is off in pH
or in free extractant moves them all; factors between neighbours are known better than levels."""
SHARE_MET = 0.95
DRAWS = 200
ONE_SIDED = 1.645
"""Standard deviations that 95 % of a normal distribution stay below."""
BACK_OFF_ROUNDS = 6
FURTHER = 1.25
"""Factor on the distance of the constants designed for, where too few draws were met."""


@dataclass(frozen=True)
class Sensitivity:
    """What the error of one constant does, the organic flow trimmed."""

    element: str
    uncertainty: float
    """One standard error of log10 Kex."""
    raffinate: float
    """Factor on the raffinate's wrong side for one standard error more [-]."""
    strip: float
    """The same of the strip liquor [-]."""


@dataclass(frozen=True)
class RobustCut:
    """A design that meets its specification in most draws of the constants."""

    designed: DesignedCut
    """Judged with the constants as they stand; its specification is met with room to spare."""
    met: float
    """Share of the draws that meet it [-]."""
    met_before: float
    """The same of the design of least cost for the constants as they stand."""
    draws: int
    correlation: float


def uncertainties(task: CutTask) -> NDArray[np.float64]:
    """Standard error of log10 Kex of each metal; zero for assumed distribution ratios."""
    constants = task.parameters.constants
    return np.array(
        [0.0 if name in task.assumed else constants[name].uncertainty for name in task.elements]
    )


def covariance(task: CutTask, correlation: float = CORRELATION) -> NDArray[np.float64]:
    """Of log10 Kex, (element, element)."""
    errors = uncertainties(task)
    shared: NDArray[np.float64] = correlation + (1.0 - correlation) * np.eye(errors.size)
    return shared * np.outer(errors, errors)


def draws_of(
    task: CutTask, count: int = DRAWS, correlation: float = CORRELATION, seed: int = 0
) -> NDArray[np.float64]:
    """Normal draws of the error of log10 Kex, (draw, element)."""
    generator = np.random.default_rng(seed)
    common = generator.standard_normal((count, 1))
    own = generator.standard_normal((count, len(task.elements)))
    mixed: NDArray[np.float64] = np.sqrt(correlation) * common + np.sqrt(1.0 - correlation) * own
    return mixed * uncertainties(task)


def trimmed_slopes(point: Point, plan: Plan, count: int) -> NDArray[np.float64]:
    """Derivatives of the measures by log10 Kex with the organic flow trimmed, (measure, element)."""
    slopes = by_constants(point.response, plan)[:, :count]
    by_organic = point.response.gradient[:, ORGANIC]
    trimmed: NDArray[np.float64] = slopes - np.outer(
        by_organic / by_organic[PROPORTION], slopes[PROPORTION]
    )
    return trimmed


def sensitivities(designed: DesignedCut) -> tuple[Sensitivity, ...]:
    """What each constant's uncertainty does to the purities, the most harmful first."""
    task, point = designed.task, designed.point
    slopes = trimmed_slopes(point, plan_of(task, designed.stages)[0], len(task.elements))
    rows = [Measures._fields.index(name) for name in ("raffinate_wrong", "strip_wrong")]
    found = [
        Sensitivity(name, error, *(float(np.exp(slopes[row, number] * error)) for row in rows))
        for number, (name, error) in enumerate(
            zip(task.elements, map(float, uncertainties(task)), strict=True)
        )
    ]
    worst = lambda it: -max(abs(np.log(it.raffinate)), abs(np.log(it.strip)))  # noqa: E731
    return tuple(sorted(found, key=worst))


def share_met(designed: DesignedCut, draws: NDArray[np.float64]) -> float:
    """Share of draws in which a design meets its specification with the organic flow trimmed."""
    point, bounds = designed.point, bounds_of(designed.task)
    plan = plan_of(designed.task, designed.stages)[0]
    return float(np.mean([_meets(point, plan, bounds, draw) for draw in draws]))


def _meets(point: Point, plan: Plan, bounds: Bounds, draw: NDArray[np.float64]) -> bool:
    """Loading and pH are run close to their limits on purpose: only purities and recoveries are asked for."""
    return _trimmed(point, shifted(plan, draw), bounds, _PURITIES) is not None


def _trimmed(point: Point, plan: Plan, bounds: Bounds, asked: int) -> Point | None:
    """The operation with organic flow and strip acid trimmed to the plan's constants.

    None if it misses one of the first ``asked`` limits of ``JUDGED``.
    """
    organic = float(point.response.operation[ORGANIC])
    for more_acid in STRIP_TRIMS:
        free = point.free.copy()
        free[STRIP_FLOW] += np.log(more_acid)
        near, _ = at_proportion(free, organic, plan, bounds, point.response)
        found = near or at_proportion(free, organic, plan, bounds)[0]
        if found is not None and found.excess[:asked].max() <= 0.0:
            return found
    return None


STRIP_TRIMS = (1.0, 1.2, 1.5, 2.0, 2.5)
"""Factors on the strip acid that are tried."""
STRIP_FLOW = [Operation._fields[index] for index in FREE].index("strip_flow")
_PURITIES = JUDGED.index("heavy_lost") + 1


def robust_cut(
    designed: DesignedCut,
    draws: int = DRAWS,
    correlation: float = CORRELATION,
    progress: Progress = lambda name: None,
) -> RobustCut:
    """The cheapest variant found that meets the specification in 95 % of the draws.

    It is designed for the most likely constants among those that impair the purities by 1.645 standard
    deviations to first order, or by more where too few draws are met. ConvergenceError if none is found.
    """
    task = designed.task
    drawn = draws_of(task, draws, correlation)
    before = met = share_met(designed, drawn)
    distance = ONE_SIDED
    for _ in range(BACK_OFF_ROUNDS):
        if met >= SHARE_MET:
            return RobustCut(designed, met, before, draws, correlation)
        harmful = harmful_constants(designed, correlation, distance)
        search = Search(task, progress, shift=harmful)
        stages, point = searched(search)
        run = _trimmed(point, plan_of(task, stages)[0], bounds_of(task), len(JUDGED))
        if run is None:
            raise _not_robust(task, "a variant that misses it with the constants as they stand")
        designed = designed_cut(search, stages, run)
        met = share_met(designed, drawn)
        progress(f"{met:.0%} of draws meet the specification")
        distance *= FURTHER
    raise _not_robust(task, f"{met:.0%} of {draws} draws meet it")


def harmful_constants(
    designed: DesignedCut, correlation: float, distance: float
) -> NDArray[np.float64]:
    """Most likely error of log10 Kex that impairs both purities by ``distance`` standard deviations."""
    task = designed.task
    plan = plan_of(task, designed.stages)[0]
    slopes = trimmed_slopes(designed.point, plan, len(task.elements))
    rows = [Measures._fields.index(name) for name in ("raffinate_wrong", "strip_wrong")]
    worse = slopes[rows].sum(axis=0)
    spread = covariance(task, correlation) @ worse
    harmful: NDArray[np.float64] = distance * spread / np.sqrt(worse @ spread)
    return harmful


def _not_robust(task: CutTask, read: str) -> ConvergenceError:
    return ConvergenceError(
        Fault(
            f"design {task.name}, robust variant",
            read,
            f"a design that meets the specification in {SHARE_MET:.0%} of draws of the constants",
            next="fit the constants to shake-outs of your own, allow more stages, or ask for less",
        )
    )
