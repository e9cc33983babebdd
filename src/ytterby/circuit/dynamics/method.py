"""The time step: Kvaerno's ESDIRK 3(2), four stages, the first explicit, all others with one diagonal.

Result (order 3) and embedded result (order 2) are each the value of a stage (stiffly accurate). The result is
L-stable, the embedded one A-stable. Kvaerno, BIT Numer. Math. 44 (2004) 489-502; the coefficients follow from
``GAMMA``, and tests hold them against the conditions of their orders.
"""

from __future__ import annotations

import math

import numpy as np

GAMMA = 1.0 + math.sqrt(2.0) * math.cos(
    (math.acos(2.0 * math.sqrt(2.0) / 3.0) + 4.0 * math.pi) / 3.0
)
"""Diagonal: the middle root of x^3 - 3 x^2 + 3/2 x - 1/6, at which the step is L-stable."""

WEIGHTS = np.array(
    [
        [0.0, 0.0, 0.0],
        [GAMMA, 0.0, 0.0],
        [
            (-4.0 * GAMMA**2 + 6.0 * GAMMA - 1.0) / (4.0 * GAMMA),
            (1.0 - 2.0 * GAMMA) / (4.0 * GAMMA),
            0.0,
        ],
        [
            (6.0 * GAMMA - 1.0) / (12.0 * GAMMA),
            -1.0 / ((24.0 * GAMMA - 12.0) * GAMMA),
            (-6.0 * GAMMA**2 + 6.0 * GAMMA - 1.0) / (6.0 * GAMMA - 3.0),
        ],
    ]
)
"""Of the slopes of earlier stages, a row per stage; all but the first add ``GAMMA`` times their own."""

RESULT = np.array([*WEIGHTS[3], GAMMA])
"""Weights of the slopes in the result, which is the value of the last stage."""
EMBEDDED = np.array([*WEIGHTS[2, :2], GAMMA, 0.0])
"""Weights in the embedded result, the value of the stage before."""

REACHED = np.array([0.0, 2.0 * GAMMA, 1.0, 1.0])
"""Share of the step at which each stage stands."""

ORDER = 3
EMBEDDED_ORDER = 2
