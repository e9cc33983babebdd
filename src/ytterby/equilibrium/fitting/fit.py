"""Constants fitted to shake-outs: weighted least squares on log10 D, laboratories allowed to differ.

    log10 D measured = log10 D computed with log10 K + shift of the source, + error of the point

Errors have the variance sigma^2 / weight. A shift is common to all metals of a source, as an offset of the pH
or of the extractant would be; shifts have the variance tau^2. Constants follow by generalised least squares,
linearised again until they stand still; sigma and tau, unless they are stated, by restricted maximum
likelihood (REML). With a prior the set's own constants count as one more observation each, with the set's own
uncertainty.

Intervals hold at 95 % by Student's t; the degrees of freedom are Satterthwaite's, from how well sigma and tau
are themselves known.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ytterby.equilibrium.fitting.identify import Held, Weak, told_apart, weak_directions
from ytterby.equilibrium.fitting.mixed import ErrorModel, Linear, Solution, solve, variances
from ytterby.equilibrium.fitting.predict import (
    Array,
    Cell,
    Column,
    Mask,
    Prediction,
    Shaken,
    predict,
)
from ytterby.errors import ConvergenceError, DataError, Fault

CONFIDENCE = 0.95
"""Of intervals."""
FEW_SOURCES = 4
"""Sources below which their spread is so little known that intervals cover less than they say."""
MOST_ITERATIONS = 60
LONGEST_STEP = 0.5
"""Of any log10 D in one iteration."""
LEAST_ORDER = 0.1
"""In free dimer or in acid; at zero it would not be an extraction by exchange."""
STANDSTILL = 1e-7
"""Last step of the constants."""


@dataclass(frozen=True)
class Settings:
    """What is fitted, and how the points err."""

    columns: tuple[Column, ...] = ("log10_kex",)
    elements: tuple[str, ...] | None = None
    """None: all metals of the contacts."""
    errors: ErrorModel = field(default_factory=ErrorModel)
    prior: bool = False
    """Whether the set's own constants, with its own uncertainties, count as observations."""
    without: tuple[str, ...] = ()
    """Sources that are predicted and not fitted."""


@dataclass(frozen=True)
class FittedConstant:
    """One constant before and after a fit."""

    cell: Cell
    before: float
    """Of the parameter set, corrections of the fit included."""
    before_sd: float
    """As the set states it; nan where it states none."""
    after: float
    sd: float
    """Standard deviation of ``after``."""
    dof: float
    """Degrees of freedom of its interval; inf where sigma and tau are stated."""
    low: float
    """Lower end of the interval."""
    high: float
    """Upper end of the interval."""
    points: int
    """Measured D of the element that were fitted."""

    @property
    def change(self) -> float:
        """After less before."""
        return self.after - self.before


@dataclass(frozen=True)
class Fit:
    """Constants that shake-outs give, and how far they fix them."""

    case: Shaken
    settings: Settings
    constants: tuple[FittedConstant, ...]
    held: tuple[Held, ...]
    """Constants asked for that keep the set's value, each with the reason."""
    weak: tuple[Weak, ...]
    """Combinations of constants that the points hardly fix, weakest first."""
    covariance: Array
    """Of ``constants``, in their order."""
    sigma: float
    """Standard deviation of log10 D of a point of weight one, within its source."""
    between: float
    """Standard deviation of the shift of log10 K between sources."""
    shifts: Mapping[str, float]
    """Shift of log10 K in each fitted source, drawn towards zero as far as ``between`` says."""
    values: Array
    """Every constant after the fit, those that were not fitted as in the set, (column, element)."""
    before: Prediction
    """Of all points, also those that were not fitted, with the set's constants."""
    after: Prediction
    """The same with the fitted constants and no shift: as for a laboratory not seen before."""
    fitted: Mask
    """Which points were fitted, (point)."""

    @property
    def correlation(self) -> Array:
        """Of ``constants``, in their order."""
        sd = np.sqrt(np.diag(self.covariance))
        return np.asarray(self.covariance / np.outer(sd, sd))

    @property
    def few_sources(self) -> bool:
        """Whether ``between`` was estimated from so few sources that intervals are too narrow."""
        return self.settings.errors.between is None and 1 < len(self.shifts) < FEW_SOURCES


def fit(case: Shaken, settings: Settings | None = None) -> Fit:
    """The constants that the points give.

    Raises DataError where nothing can be fitted, ConvergenceError where the constants do not come to rest or
    an order leaves what it can be.
    """
    settings = settings or Settings()
    sources = np.array(case.sources)
    fitted = ~np.isin(sources, list(settings.without))
    names = sorted(set(sources[fitted].tolist()))
    errors = settings.errors
    if errors.between is None and len(names) < 2:
        errors = replace(errors, between=0.0)  # nothing tells one source's shift from constants
    wanted = _wanted(case, settings)
    origin = case.constants
    before = predict(case, origin)
    cells, held = told_apart(case, wanted, before.jacobian, fitted)
    _require_points(cells, wanted, int(fitted.sum()), errors)
    precision = _precision(case, cells) if settings.prior else np.zeros(len(cells))
    values, found = origin.copy(), None
    now = before
    for _ in range(MOST_ITERATIONS):
        linear = _linear(case, now, values - origin, cells, fitted, names, precision)
        found = variances(linear, errors, found)
        solution = solve(linear, found)
        step = origin - values
        for cell, move in zip(cells, solution.move, strict=True):
            step[case.place(cell)] += move
        longest = np.abs(np.einsum("pce,ce->p", now.jacobian, step)).max()
        values = values + step / max(1.0, longest / LONGEST_STEP)
        _require_orders(case, cells, values)
        now = predict(case, values)
        if np.abs(step).max() < STANDSTILL:
            break
    else:
        raise _restless(case, cells, step)
    free = np.array([errors.sigma is None, errors.between is None and found[1] > 0.0])
    return Fit(
        case=case,
        settings=settings,
        constants=_constants(case, cells, values, solution, free, fitted),
        held=held,
        weak=weak_directions(linear.jacobian, cells, solution.covariance),
        covariance=solution.covariance,
        sigma=math.sqrt(found[0]),
        between=math.sqrt(found[1]),
        shifts=dict(zip(names, solution.shifts.tolist(), strict=True)),
        values=values,
        before=before,
        after=now,
        fitted=fitted,
    )


# --- what is fitted


def _wanted(case: Shaken, settings: Settings) -> list[Cell]:
    elements = case.present if settings.elements is None else settings.elements
    return [Cell(column, symbol) for column in settings.columns for symbol in elements]


def _precision(case: Shaken, cells: Sequence[Cell]) -> Array:
    """Of the set's own constants; none where it states no uncertainty."""
    known = [case.uncertainty(cell) for cell in cells]
    return np.array([0.0 if math.isnan(sd) else sd**-2.0 for sd in known])


def _require_points(
    cells: Sequence[Cell], wanted: Collection[Cell], points: int, errors: ErrorModel
) -> None:
    """Some constant, and where errors are to be estimated, points to spare."""
    if not cells:
        elements = ", ".join(dict.fromkeys(cell.element for cell in wanted))
        read, next = (
            f"no measured D of {elements}",
            "add shake-outs of these elements, or name others",
        )
        raise DataError(Fault("fit", read, "points that fix a constant", next=next))
    if errors.sigma is None and points <= len(cells):
        raise DataError(
            Fault(
                "fit",
                f"{points} points for {len(cells)} constants",
                "more points than constants, to estimate their error from",
                next="add shake-outs, fit fewer constants, or state sigma",
            )
        )


def _require_orders(case: Shaken, cells: Sequence[Cell], values: Array) -> None:
    """More dimer extracts and more acid strips; points that say otherwise do not fix an order."""
    faults = [
        Fault(
            f"fit, {cell.column} of {cell.element}",
            f"goes to {values[case.place(cell)]:.2g}",
            f"an order of at least {LEAST_ORDER}",
            next="take it out of what is fitted: these points do not fix it",
        )
        for cell in cells
        if cell.column != "log10_kex" and values[case.place(cell)] < LEAST_ORDER
    ]
    if faults:
        raise ConvergenceError(faults)


def _restless(case: Shaken, cells: Sequence[Cell], step: Array) -> ConvergenceError:
    worst = max(cells, key=lambda cell: abs(step[case.place(cell)]))
    return ConvergenceError(
        Fault(
            f"fit, {worst.column} of {worst.element}",
            f"still moves after {MOST_ITERATIONS} iterations",
            "constants that come to rest",
            next="fit fewer constants, use the prior, or leave out contacts near full loading",
        )
    )


# --- linear model and intervals


def _linear(
    case: Shaken,
    now: Prediction,
    moved: Array,
    cells: Sequence[Cell],
    fitted: Mask,
    names: Sequence[str],
    precision: Array,
) -> Linear:
    """The fit linearised at constants that have ``moved`` from those of the set."""
    places = [case.place(cell) for cell in cells]
    jacobian = np.stack([now.jacobian[fitted][:, row, column] for row, column in places], axis=1)
    back = jacobian @ np.array([moved[place] for place in places])
    scale = np.sqrt(case.weights[fitted])
    by_level = now.jacobian[fitted][:, 0, :].sum(axis=1)  # all log10 K together
    own = np.array(case.sources)[fitted][:, None] == np.array(names)[None, :]
    return Linear(
        jacobian=scale[:, None] * jacobian,
        residual=scale * ((case.measured - now.log10_d)[fitted] + back),
        shift=(scale * by_level)[:, None] * own,
        precision=precision,
    )


def _constants(
    case: Shaken,
    cells: Sequence[Cell],
    values: Array,
    solution: Solution,
    free: Array,
    fitted: Mask,
) -> tuple[FittedConstant, ...]:
    measured = [point.element for point, used in zip(case.points, fitted, strict=True) if used]
    constants = []
    for index, cell in enumerate(cells):
        place = case.place(cell)
        after, sd = float(values[place]), math.sqrt(solution.covariance[index, index])
        dof = _degrees_of_freedom(solution, index, free)
        half = student(dof) * sd
        constants.append(
            FittedConstant(
                cell=cell,
                before=float(case.constants[place]),
                before_sd=case.uncertainty(cell),
                after=after,
                sd=sd,
                dof=dof,
                low=after - half,
                high=after + half,
                points=measured.count(cell.element),
            )
        )
    return tuple(constants)


def _degrees_of_freedom(solution: Solution, index: int, free: Array) -> float:
    """Satterthwaite: 2 v^2 / var(v) of the variance v of a constant; inf where nothing is estimated."""
    if not free.any():
        return math.inf
    slope = solution.slopes[:, index, index][free]
    spread = np.linalg.inv(solution.information[np.ix_(free, free)])
    return float(2.0 * solution.covariance[index, index] ** 2 / (slope @ spread @ slope))


def student(dof: float) -> float:
    """Half width of an interval in standard deviations."""
    from scipy.special import ndtri, stdtrit

    upper = 0.5 + CONFIDENCE / 2.0
    return float(ndtri(upper) if math.isinf(dof) else stdtrit(dof, upper))
