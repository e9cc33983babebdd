"""The coefficients of the time step against the conditions that make its order and its damping."""

from __future__ import annotations

import numpy as np
import pytest

from ytterby.circuit.dynamics.method import EMBEDDED, GAMMA, REACHED, RESULT, WEIGHTS
from ytterby.circuit.solved import Array

ROUNDING = 1e-14


def tableau() -> Array:
    """All coefficients a_ij, (stage, stage): the first stage is explicit."""
    table = np.zeros((4, 4))
    table[:, :3] = WEIGHTS
    table[[1, 2, 3], [1, 2, 3]] = GAMMA
    return table


def growth(weights: Array, z: complex) -> complex:
    """What one step makes of y' = (z / step) y, y = 1."""
    ones = np.ones(4)
    return complex(1.0 + z * weights @ np.linalg.solve(np.eye(4) - z * tableau(), ones))


def test_the_diagonal_is_the_known_root() -> None:
    """As printed by its author to ten digits."""
    assert pytest.approx(0.4358665215, abs=1e-10) == GAMMA
    assert abs(GAMMA**3 - 3 * GAMMA**2 + 1.5 * GAMMA - 1 / 6) < ROUNDING


def test_the_result_has_order_three_and_the_embedded_order_two() -> None:
    for weights, order in ((RESULT, 3), (EMBEDDED, 2)):
        conditions = [
            weights.sum() - 1,
            weights @ REACHED - 1 / 2,
            weights @ REACHED**2 - 1 / 3,
            weights @ tableau() @ REACHED - 1 / 6,
        ]
        needed = {2: 2, 3: 4}[order]
        assert max(map(abs, conditions[:needed])) < ROUNDING
        if order == 2:
            assert max(map(abs, conditions[2:])) > 1e-3, "the two must differ, or there is no error"


def test_stages_stand_where_their_coefficients_say() -> None:
    assert tableau().sum(axis=1) == pytest.approx(REACHED, abs=ROUNDING)
    # Stage order two: each implicit stage is itself of second order.
    assert (tableau() @ REACHED)[1:] == pytest.approx(REACHED[1:] ** 2 / 2, abs=ROUNDING)


@pytest.mark.parametrize("weights", [RESULT, EMBEDDED], ids=["result", "embedded"])
def test_nothing_grows_along_the_imaginary_axis(weights: Array) -> None:
    along = [abs(growth(weights, 1j * y)) for y in np.geomspace(1e-3, 1e6, 400)]
    assert max(along) <= 1 + 1e-12


def test_of_what_is_too_fast_nothing_is_left() -> None:
    """L-stable: R falls as 1/z. The embedded result only does not grow."""
    assert abs(growth(RESULT, -1e3)) < 3e-3
    assert abs(growth(RESULT, -1e6)) < 3e-6
    assert abs(growth(EMBEDDED, -1e6)) < 0.96


def test_results_are_values_of_stages() -> None:
    """Stiffly accurate: what the last stages solve is what the step ends with."""
    assert RESULT.tolist() == tableau()[3].tolist()
    assert EMBEDDED.tolist() == tableau()[2].tolist()
