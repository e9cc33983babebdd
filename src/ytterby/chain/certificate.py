"""Whether an optimum is one, from the program and the numbers alone: feasible, and how far from the best.

For a linear program the bound is our own. With any duals y of the right sign, and reduced costs d = c - A'y,
no feasible x costs less than y'b + sum of min(d l, d u) over the columns, where b is the end of each row
that y pushes against (weak duality with the box of the columns; A. Neumaier and O. Shcherbina, "Safe bounds
in linear and mixed-integer linear programming", Math. Program. 99 (2004) 283). It holds for duals that are
only nearly optimal, as long as every column that they charge has a finite bound. With whole numbers the
bound is the solver's, and the certificate says so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ytterby.chain.program import Program, Solution
from ytterby.errors import BalanceError, Fault

GAP = 1e-6
"""Largest gap, relative to the scale of the cost."""
FEASIBLE = 1e-7
"""Largest violation of a row, relative to the size of its own terms."""
WHOLE = 1e-6
"""Largest distance of a whole number from one."""


@dataclass(frozen=True)
class Certificate:
    """How far a solution is from feasible, and from the best there can be."""

    cost: float
    bound: float
    """No solution costs less."""
    gap: float
    """Cost less bound, relative to ``scale``."""
    scale: float
    """What the gap is relative to, in units of the cost."""
    violation: float
    """Largest violation of a row or a column's bound, in units of its row or column."""
    relative: float
    """The same relative to the size of the row's own terms, or of the column."""
    proof: str
    """`duality` where the bound is ours, `solver` where it is the solver's own."""

    @property
    def words(self) -> str:
        """In one sentence."""
        whose = "by weak duality" if self.proof == "duality" else "by the solver's own bound"
        return (
            f"cost {self.cost:.9g}, not less than {self.bound:.9g} {whose} (gap {self.gap:.1e} of "
            f"{self.scale:.4g}); rows hold to {self.relative:.1e}"
        )


def certify(
    program: Program,
    solution: Solution,
    *,
    scale: float | None = None,
    floor: float = 1.0,
) -> Certificate:
    """The certificate of a solution; BalanceError if it is not feasible or its gap is above 1e-6.

    ``scale`` is what the gap is relative to (None: the cost itself), ``floor`` the size below which a row's
    terms are not told from zero, in units of the rows.
    """
    reached = math.fsum(program.cost * solution.x)
    whole = program.integer is not None
    bound = solution.bound if whole else dual_bound(program, solution.duals)
    scale = max(abs(reached), abs(bound), 1e-300) if scale is None else scale
    violation, relative = violations(program, solution.x, floor)
    found = Certificate(
        cost=reached,
        bound=bound,
        gap=(reached - bound) / scale,
        scale=scale,
        violation=violation,
        relative=relative,
        proof="solver" if whole else "duality",
    )
    _raise_unless_held(found, solution.x, program)
    return found


def dual_bound(program: Program, duals: NDArray[np.float64]) -> float:
    """What no feasible x can cost less than, in units of the cost; -inf where a charged column has no bound.

    ``duals`` has shape (row,); a dual that pushes against a row's missing end counts as zero, which keeps
    the bound valid.
    """
    duals = np.where((duals > 0) & np.isinf(program.row_lower), 0.0, duals)
    duals = np.where((duals < 0) & np.isinf(program.row_upper), 0.0, duals)
    reduced = program.cost - program.matrix.T @ duals
    return math.fsum(
        (
            *_least(duals, program.row_lower, program.row_upper),
            *_least(reduced, program.lower, program.upper),
        )
    )


def violations(program: Program, x: NDArray[np.float64], floor: float = 1.0) -> tuple[float, float]:
    """Worst violation of rows and bounds: as it stands, and relative to the terms of its row (at least
    ``floor``)."""
    rows = program.matrix @ x
    terms = abs(program.matrix) @ abs(x)
    worst = [(0.0, 0.0)]
    for value, size, lower, upper in (
        (rows, terms, program.row_lower, program.row_upper),
        (x, abs(x), program.lower, program.upper),
    ):
        if value.size:
            over = np.maximum(np.maximum(lower - value, value - upper), 0.0)
            worst.append((float(over.max()), float((over / np.maximum(size, floor)).max())))
    return max(it[0] for it in worst), max(it[1] for it in worst)


def _least(
    price: NDArray[np.float64], lower: NDArray[np.float64], upper: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Least of price x amount over lower <= amount <= upper, each; 0 where the price is."""
    end = np.where(price > 0, lower, upper)
    charged = price != 0
    least = np.zeros_like(price)
    least[charged] = price[charged] * end[charged]
    return least


def _raise_unless_held(found: Certificate, x: NDArray[np.float64], program: Program) -> None:
    faults = []
    where = "certificate of the optimum"
    # Written so that a NaN fails.
    if not found.relative <= FEASIBLE:
        faults.append(
            Fault(where, f"a row violated by {found.relative:.2e}", f"at most {FEASIBLE:.0e}")
        )
    if not -GAP <= found.gap <= GAP:
        faults.append(Fault(where, f"a gap of {found.gap:.2e}", f"at most {GAP:.0e}"))
    if program.integer is not None:
        off = np.abs(x - np.rint(x))[program.integer].max(initial=0.0)
        if not off <= WHOLE:
            faults.append(Fault(where, f"a whole number {off:.2e} from one", f"{WHOLE:.0e}"))
    if faults:
        raise BalanceError(faults)
