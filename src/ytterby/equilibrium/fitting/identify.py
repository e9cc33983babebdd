"""Which constants a set of shake-outs can fix, told from how the points move with them.

A constant that moves no point, or moves them only together with others, is not fitted: it keeps the set's
value and is named. What is fixed but hardly is fitted and named too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ytterby.equilibrium.fitting.predict import COLUMNS, Array, Cell, Mask, Shaken

UNFIXED = 1e-8
"""Share of its own information that the worst combination keeps, below which it is not fitted."""
WEAK = 1e-2
"""The same, below which a combination is called weak: two constants correlated beyond 0.99."""
TAKES_PART = 0.3
"""Loading, over the largest, from which a constant is named with a combination."""


@dataclass(frozen=True)
class Held:
    """A constant that was asked for and keeps the set's value."""

    cell: Cell
    reason: str


@dataclass(frozen=True)
class Weak:
    """A combination of constants that the points hardly fix."""

    cells: tuple[Cell, ...]
    loadings: tuple[float, ...]
    """Of the constants, in their own units; the largest is 1."""
    information: float
    """Share that the combination keeps of what its constants would have alone."""
    sd: float
    """Standard deviation of moving along the combination, in the unit of its largest constant."""


def told_apart(
    case: Shaken, wanted: Sequence[Cell], jacobian: Array, fitted: Mask
) -> tuple[tuple[Cell, ...], tuple[Held, ...]]:
    """Constants that the points fix, and those that they do not, each with the reason.

    ``jacobian`` is (point, column, element). Orders are held before constants, since a constant at a stated
    order is what the literature reports.
    """
    scale = np.sqrt(case.weights[fitted])
    measured = {point.element for point, used in zip(case.points, fitted, strict=True) if used}
    moves: dict[Cell, Array] = {}
    held = []
    for cell in wanted:
        row, column = case.place(cell)
        if cell.element in measured:
            moves[cell] = scale * jacobian[fitted][:, row, column]
        else:
            held.append(Held(cell, f"no measured D of {cell.element}"))
    while moves:
        cells = list(moves)
        share, direction = _weakest(np.stack(list(moves.values()), axis=1))
        if share >= UNFIXED:
            break
        together = [
            cell for cell, load in zip(cells, direction, strict=True) if abs(load) >= TAKES_PART
        ]
        last = max(together, key=lambda cell: (COLUMNS.index(cell.column), cells.index(cell)))
        others = ", ".join(f"{it.column} of {it.element}" for it in together if it != last)
        reason = f"these contacts do not tell it from {others}" if others else "moves no point"
        held.append(Held(last, reason))
        del moves[last]
    return tuple(moves), tuple(held)


def weak_directions(jacobian: Array, cells: Sequence[Cell], covariance: Array) -> tuple[Weak, ...]:
    """Combinations that keep little of the information of their constants, weakest first.

    ``jacobian`` is (point, constant), rows scaled by the square root of their weights.
    """
    shares, vectors, norms = _shares(jacobian)
    found = []
    for share, vector in zip(shares, vectors.T, strict=True):
        if share >= WEAK:
            break
        loads = np.abs(vector) / np.abs(vector).max()
        named = [index for index, load in enumerate(loads) if load >= TAKES_PART]
        along = vector / norms
        along = along / along[np.argmax(np.abs(along))]
        # Of all moves of the constants, the part along the combination.
        projector = along / (along @ along)
        found.append(
            Weak(
                cells=tuple(cells[index] for index in named),
                loadings=tuple(float(along[index]) for index in named),
                information=float(share),
                sd=float(np.sqrt(projector @ covariance @ projector)),
            )
        )
    return tuple(found)


def _shares(columns: Array) -> tuple[Array, Array, Array]:
    """Eigenvalues, smallest first, and vectors of the information scaled to a unit diagonal; the scale.

    A column without entries has no information at all and keeps its place with the share zero.
    """
    norms = np.linalg.norm(columns, axis=0)
    scaled = columns / np.where(norms > 0.0, norms, 1.0)
    shares, vectors = np.linalg.eigh(scaled.T @ scaled)
    return shares, vectors, norms


def _weakest(columns: Array) -> tuple[float, Array]:
    """Smallest share and its direction, largest part 1."""
    shares, vectors, _ = _shares(columns)
    direction = vectors[:, 0]
    return float(shares[0]), np.asarray(direction / np.abs(direction).max())
