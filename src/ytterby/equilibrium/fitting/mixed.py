"""The linear mixed model below a fit: residual = J move + Z shift + error, solved and its variances found.

V = sigma^2 1 + tau^2 Z Z' is taken apart source by source, so no matrix of all points is ever formed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ytterby.equilibrium.fitting.predict import Array

SMALLEST_SIGMA = 1e-6
"""Of log10 D: no analysis is as good."""
STILL = 1e-7
"""Last relative change of a variance."""
MOST_STEPS = 60


@dataclass(frozen=True)
class ErrorModel:
    """Standard deviations; None is estimated."""

    sigma: float | None = None
    """Of log10 D of a point of weight one, within its source."""
    between: float | None = None
    """Of the shift of log10 K that all metals of a source share."""


class Linear(NamedTuple):
    """A fit linearised; rows are points, scaled to weight one."""

    jacobian: Array
    """(point, constant)"""
    residual: Array
    """Measured less computed, taken back to the set's constants, (point)."""
    shift: Array
    """d log10 D / d shift, zero for points of other sources, (point, source)."""
    precision: Array
    """Of the prior, (constant)."""


class Solution(NamedTuple):
    """The linear model at given variances."""

    move: Array
    """Constants less those of the set."""
    covariance: Array
    """Of the constants."""
    shifts: Array
    """Of the sources, drawn towards zero as far as tau says."""
    likelihood: float
    """Restricted, in logarithms, but for a constant."""
    score: Array
    """Its derivatives by (sigma^2, tau^2)."""
    information: Array
    """Expected, of the two."""
    slopes: Array
    """d covariance / d (sigma^2, tau^2), (variance, constant, constant)."""


def solve(linear: Linear, variances: Array) -> Solution:
    """Generalised least squares at (sigma^2, tau^2), with what the restricted likelihood needs."""
    sigma2, tau2 = variances
    j, r, z = linear.jacobian, linear.residual, linear.shift
    size = (z * z).sum(axis=0)
    shrink = tau2 / (sigma2 * (sigma2 + tau2 * size))

    def inverse(columns: Array) -> Array:
        """V^-1 times columns."""
        return np.asarray(columns / sigma2 - z @ (shrink[:, None] * (z.T @ columns)))

    vj, vz = inverse(j), inverse(z)
    precision = j.T @ vj + np.diag(linear.precision)
    covariance = np.asarray(np.linalg.inv(precision), dtype=np.float64)
    move = covariance @ (vj.T @ r)
    # P = V^-1 - V^-1 J C J' V^-1 as in REML, and traces of its products.
    pr = inverse((r - j @ move)[:, None])[:, 0]
    pz = vz - vj @ (covariance @ (vj.T @ z))
    zpz = z.T @ pz
    inner = vj.T @ vj
    rest = len(r) - len(size)
    of_v = rest / sigma2 + np.sum(1.0 / (sigma2 + tau2 * size))
    of_v2 = rest / sigma2**2 + np.sum(1.0 / (sigma2 + tau2 * size) ** 2)
    trace_pp = (
        of_v2
        - 2.0 * np.trace(vj.T @ inverse(vj) @ covariance)
        + np.trace(inner @ covariance @ inner @ covariance)
    )
    traces = np.array([of_v - np.trace(inner @ covariance), np.trace(zpz)])
    mixed = np.sum(pz * pz)
    log_det_v = rest * math.log(sigma2) + np.sum(np.log(sigma2 + tau2 * size))
    shared = z.T @ vj
    return Solution(
        move=move,
        covariance=covariance,
        shifts=tau2 * (z.T @ pr),
        likelihood=float(-0.5 * (log_det_v + np.linalg.slogdet(precision)[1] + r @ pr)),
        score=-0.5 * (traces - np.array([pr @ pr, np.sum((z.T @ pr) ** 2)])),
        information=0.5 * np.array([[trace_pp, mixed], [mixed, np.sum(zpz * zpz)]]),
        slopes=np.stack(
            [covariance @ inner @ covariance, covariance @ (shared.T @ shared) @ covariance]
        ),
    )


def variances(linear: Linear, errors: ErrorModel, start: Array | None) -> Array:
    """(sigma^2, tau^2) as stated, or where the restricted likelihood is largest."""
    stated = np.array([math.nan if it is None else it**2 for it in (errors.sigma, errors.between)])
    free = np.isnan(stated)
    if not free.any():
        return stated
    values = np.where(free, _first_guess(linear) if start is None else start, stated)
    values = np.where(free, np.maximum(values, SMALLEST_SIGMA**2), values)
    best = _climbed(linear, values, free)
    if not free[1]:
        return best
    # No shift at all is an answer of its own, which climbing from inside only nears.
    none = _climbed(linear, np.array([best[0], 0.0]), free & np.array([True, False]))
    return none if solve(linear, none).likelihood >= solve(linear, best).likelihood else best


def _first_guess(linear: Linear) -> Array:
    """Variances of the residuals of the plain fit: what is left within sources, and their shifts."""
    move = np.linalg.lstsq(linear.jacobian, linear.residual, rcond=None)[0]
    rest = linear.residual - linear.jacobian @ move
    shifts = linear.shift.T @ rest / (linear.shift**2).sum(axis=0)
    within = np.mean((rest - linear.shift @ shifts) ** 2)
    return np.array([within, np.mean(shifts**2)])


def _climbed(linear: Linear, values: Array, free: Array) -> Array:
    """Fisher scoring on the logarithms of the free variances, steps halved while they do not climb."""
    if not free.any():
        return values
    now = solve(linear, values)
    for _ in range(MOST_STEPS):
        slope = (now.score * values)[free]
        curvature = (now.information * np.outer(values, values))[np.ix_(free, free)]
        ridge = 1e-9 * np.trace(curvature) * np.eye(len(curvature))
        step = np.clip(np.linalg.solve(curvature + ridge, slope), -2.0, 2.0)
        while True:
            tried = values.copy()
            tried[free] = np.maximum(values[free] * np.exp(step), SMALLEST_SIGMA**2)
            after = solve(linear, tried)
            if after.likelihood >= now.likelihood or np.abs(step).max() < STILL:
                break
            step = step / 2.0
        values, now = tried, after
        if np.abs(step).max() < STILL or (tried[free] <= SMALLEST_SIGMA**2).any():
            break
    return values
