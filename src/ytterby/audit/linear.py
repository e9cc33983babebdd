"""Linear statements about non-negative quantities: can they hold together, within what range, and why not.

A row says ``low <= sum of factor x quantity <= high``. Rows are solved by HiGHS, through SciPy.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ytterby.errors import ConvergenceError, Fault
from ytterby.quantities import quoted

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Ends = NDArray[np.float64]
INFEASIBLE, UNBOUNDED = 2, 3
"""As SciPy calls them."""

MOST = 1e9
"""No quantity of a certificate is larger than this, in its unit; against it rounding is nothing."""
CLEAR = 1e-7
"""By how much a certificate must contradict itself, its weights adding up to 1 over scaled rows."""


@dataclass(frozen=True)
class Row:
    """One linear inequality, or two, or an equation."""

    terms: tuple[tuple[str, float], ...]
    """Quantities with their factors, none twice."""
    low: float
    high: float

    @cached_property
    def scale(self) -> float:
        """Largest factor, by which a row is divided before it is solved."""
        return max((abs(factor) for _, factor in self.terms), default=1.0)


def row(terms: Mapping[str, float], low: float = -math.inf, high: float = math.inf) -> Row:
    """A row without zero factors."""
    return Row(tuple((name, factor) for name, factor in terms.items() if factor != 0.0), low, high)


@dataclass(frozen=True)
class Weight:
    """What one row adds to a contradiction."""

    row: Row
    weight: float
    """Above zero: of its upper end; below zero: of its lower end."""


@dataclass(frozen=True)
class Certificate:
    """Rows that contradict each other, with weights that show it (Farkas).

    Summed with their weights, the rows say that a sum of non-negative terms is below zero.
    """

    weights: tuple[Weight, ...]

    @property
    def gap(self) -> Fraction:
        """By how much the weighed ends fall short of what quantities from 0 to ``MOST`` allow; exact.

        Above zero: no quantities meet all the rows. Weights and rows are taken as the exact fractions that
        their binary numbers are, so rounding cannot make it positive.
        """
        factors: dict[str, Fraction] = {}
        ends = Fraction(0)
        for it in self.weights:
            weight = Fraction(it.weight)
            ends += weight * Fraction(it.row.high if weight > 0 else it.row.low)
            for name, factor in it.row.terms:
                factors[name] = factors.get(name, Fraction(0)) + weight * Fraction(factor)
        least = sum(
            (min(factor, Fraction(0)) * Fraction(MOST) for factor in factors.values()), Fraction(0)
        )
        return least - ends


@dataclass(frozen=True)
class _Refusal:
    """A proof against one point as a function of the point."""

    at_zero: Fraction
    slopes: Mapping[str, Fraction]

    def gap(self, point: Mapping[str, float]) -> Fraction:
        """Gap of the proof at another point; exact."""
        return self.at_zero - _sum(self.slopes, point)


def _sum(slopes: Mapping[str, Fraction], point: Mapping[str, float]) -> Fraction:
    return sum((it * Fraction(point[name]) for name, it in slopes.items()), Fraction(0))


class Rows:
    """Rows as one matrix, for several questions."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows: tuple[Row, ...] = tuple(rows)
        self.names: tuple[str, ...] = tuple(
            dict.fromkeys(name for it in self.rows for name, _ in it.terms)
        )

    @cached_property
    def _place(self) -> dict[str, int]:
        return {name: column for column, name in enumerate(self.names)}

    @cached_property
    def _matrix(self) -> tuple[csr_array, Ends, Ends]:
        """Factors (row, quantity), low and high, each row divided by its scale."""
        from scipy.sparse import csr_array

        place = self._place
        scales = np.array([it.scale for it in self.rows])
        counts = [len(it.terms) for it in self.rows]
        factors = np.array([factor for it in self.rows for _, factor in it.terms])
        factors /= np.repeat(scales, counts)
        columns = np.array([place[name] for it in self.rows for name, _ in it.terms])
        starts = np.concatenate([[0], np.cumsum(counts)])
        shape = (len(self.rows), len(self.names))
        matrix = csr_array((factors, columns, starts), shape=shape)
        low = np.array([it.low for it in self.rows]) / scales
        high = np.array([it.high for it in self.rows]) / scales
        return matrix, low, high

    def feasible(self, fixed: Mapping[str, float] | None = None) -> bool:
        """Whether quantities exist that meet all rows, some of them fixed."""
        if not self.names:
            return all(it.low <= 0.0 <= it.high for it in self.rows)
        return bool(self._least(np.zeros(len(self.names)), fixed or {}).status == 0)

    def extent(
        self, of: Mapping[str, float], per: Mapping[str, float] | None = None
    ) -> tuple[float, float] | None:
        """Least and largest value of a sum, or of its share of another; None if the rows contradict.

        Infinite where nothing bounds it. A share is made linear by scaling all quantities until what it is a
        share of is one (Charnes and Cooper); where that can only be zero, None comes back too.
        """
        solve = self._least_share(per) if per else self._least_of
        found = [solve(self._vector(of, sign)) for sign in (1.0, -1.0)]
        if any(it.status == INFEASIBLE for it in found):
            return None
        low, high = (
            sign * (it.fun if it.status == 0 else -math.inf)
            for it, sign in zip(found, (1.0, -1.0), strict=True)
        )
        return low, high

    def ends(self, names: Sequence[str]) -> dict[str, tuple[float, float]]:
        """Least and largest value of each quantity; empty if the rows contradict.

        A quantity that a solution leaves at zero has no smaller value and is not asked for it.
        """
        largest = {name: self._least_of(self._vector({name: 1.0}, -1.0)) for name in names}
        if any(it.status == INFEASIBLE for it in largest.values()):
            return {}
        zero = np.zeros(len(self.names), dtype=bool)
        for it in largest.values():
            if it.status == 0:
                zero |= it.x == 0.0
        found = {}
        for name, it in largest.items():
            high = -it.fun if it.status == 0 else math.inf
            at_zero = zero[self._place[name]]
            low = 0.0 if at_zero else self._least_of(self._vector({name: 1.0})).fun
            found[name] = (low, high)
        return found

    def met(self, points: Mapping[str, Ends]) -> NDArray[np.bool_]:
        """Whether quantities exist that meet all rows with those given at each point, shape (point,).

        A proof against one point is tried on the others before they are solved.
        """
        refusals: list[_Refusal] = []
        found = np.zeros(len(next(iter(points.values()))), dtype=bool)
        for place in range(len(found)):
            point = {name: float(values[place]) for name, values in points.items()}
            if any(it.gap(point) > CLEAR for it in refusals):
                continue
            found[place] = self.feasible(point)
            if not found[place]:
                refusals += self._refusals(point)
        return found

    def _refusals(self, point: Mapping[str, float]) -> list[_Refusal]:
        """The proof that no quantities meet all rows with those given; none if it is not clear."""
        held = {name: row({name: 1.0}, value, value) for name, value in point.items()}
        proof = Rows([*self.rows, *held.values()]).certificate()
        if proof is None:
            return []
        weights = {id(it.row): Fraction(it.weight) for it in proof.weights}
        slopes = {name: weights[id(it)] for name, it in held.items() if id(it) in weights}
        return [_Refusal(proof.gap + _sum(slopes, point), slopes)]

    def certificate(self) -> Certificate | None:
        """Weights that prove a contradiction; None if there is none that is clear.

        Least of ``sum(u high) - sum(v low)`` over weights u, v >= 0 that add up to 1 at most and leave no
        quantity a factor below zero: negative exactly where the rows contradict each other.
        """
        from scipy.sparse import csr_array, vstack

        matrix, low, high = self._matrix
        upper, lower = np.flatnonzero(np.isfinite(high)), np.flatnonzero(np.isfinite(low))
        columns = vstack([matrix[upper], -matrix[lower]]).T
        ends = np.concatenate([high[upper], -low[lower]])
        whole = csr_array(np.ones((1, len(ends))))
        least = _solve(
            ends,
            vstack([columns, whole]),
            np.append(np.zeros(len(self.names)), -np.inf),
            np.append(np.full(len(self.names), np.inf), 1.0),
        )
        if least.status != 0 or least.fun > -CLEAR:
            return None
        parts = [*zip(upper, least.x[: len(upper)], strict=True)]
        parts += [*zip(lower, -least.x[len(upper) :], strict=True)]
        return Certificate(
            tuple(
                Weight(self.rows[number], float(weight / self.rows[number].scale))
                for number, weight in parts
                if weight != 0.0
            )
        )

    def _vector(self, of: Mapping[str, float], sign: float = 1.0) -> Ends:
        missing = [name for name in of if name not in self._place]
        if missing:
            raise ValueError(f"no row has {missing[0]}")
        return np.array([sign * of.get(name, 0.0) for name in self.names])

    def _least_of(self, objective: Ends) -> Any:
        return self._least(objective, {})

    def _least(self, objective: Ends, fixed: Mapping[str, float]) -> Any:
        matrix, low, high = self._matrix
        least, most = np.zeros(len(self.names)), np.full(len(self.names), np.inf)
        for name, value in fixed.items():
            least[self._place[name]] = most[self._place[name]] = value
        return _solve(objective, matrix, low, high, (least, most))

    def _least_share(self, per: Mapping[str, float]) -> Callable[[Ends], Any]:
        """Least of a sum while ``per`` is one, all rows multiplied by one more unknown."""
        from scipy.sparse import csr_array, hstack, vstack

        matrix, low, high = self._matrix
        upper, lower = np.isfinite(high), np.isfinite(low)
        above = hstack([matrix[upper], csr_array(-high[upper][:, np.newaxis])])
        below = hstack([-matrix[lower], csr_array(low[lower][:, np.newaxis])])
        whole = csr_array(np.append(self._vector(per), 0.0)[np.newaxis])
        count = int(upper.sum() + lower.sum())
        least = np.append(np.full(count, -np.inf), 1.0)
        most = np.append(np.zeros(count), 1.0)
        rows = vstack([above, below, whole])
        return lambda objective: _solve(np.append(objective, 0.0), rows, least, most)


def _solve(
    objective: Ends, matrix: Any, low: Ends, high: Ends, bounds: tuple[Ends, Ends] | None = None
) -> Any:
    """Least of a linear function over non-negative numbers: status 0, or INFEASIBLE, or UNBOUNDED."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    within = Bounds(*bounds) if bounds else Bounds(0.0, np.inf)
    rows = LinearConstraint(matrix, low, high)
    found = milp(objective, constraints=rows, bounds=within)
    if found.status == 4:  # infeasible or unbounded: without an objective it can only be the first
        empty = milp(np.zeros_like(objective), constraints=rows, bounds=within)
        found.status = INFEASIBLE if empty.status == INFEASIBLE else UNBOUNDED
    if found.status not in (0, INFEASIBLE, UNBOUNDED):
        raise _unsolved(found.message)
    return found


def _unsolved(message: str) -> ConvergenceError:
    return ConvergenceError(
        Fault(
            "linear programme of the claims",
            quoted(message, 200),
            "a solution, or that there is none",
            next="check for claims or ranges that are larger or smaller than others by many powers of ten",
        )
    )


def components(groups: Sequence[Iterable[str]]) -> list[list[int]]:
    """Numbers of the groups of names that hang together by a name, in order."""
    leader: dict[str, int] = {}
    parts: dict[int, list[int]] = {}
    for number, group in enumerate(groups):
        names = set(group)
        joined = sorted({leader[name] for name in names if name in leader})
        members = [it for part in joined for it in parts.pop(part)] + [number]
        first = min(joined, default=number)
        parts[first] = members
        for member in members:
            for name in groups[member] if member != number else names:
                leader[name] = first
    return [sorted(parts[it]) for it in sorted(parts)]
