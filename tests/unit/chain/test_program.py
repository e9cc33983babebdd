"""Programs as arrays: optimum, verdicts, another solution from a known one, certificate."""

from __future__ import annotations

import os
import signal
import threading
from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csc_array

from ytterby.chain.certificate import certify, dual_bound, violations
from ytterby.chain.program import Program, Solver, Verdict, solve
from ytterby.errors import BalanceError, ConvergenceError, DataError


def diet() -> Program:
    """Least 2 a + 3 b with a + b >= 4, a + 3 b >= 6, by hand: a = 3, b = 1, cost 9, duals 3/2 and 1/2."""
    return Program(
        cost=np.array([2.0, 3.0]),
        lower=np.zeros(2),
        upper=np.full(2, 10.0),
        row_lower=np.array([4.0, 6.0]),
        row_upper=np.full(2, np.inf),
        matrix=csc_array(np.array([[1.0, 1.0], [1.0, 3.0]])),
    )


def test_optimum_and_duals_by_hand() -> None:
    found = solve(diet())
    np.testing.assert_allclose(found.x, [3.0, 1.0], rtol=1e-12)
    np.testing.assert_allclose(found.duals, [1.5, 0.5], rtol=1e-12)
    certificate = certify(diet(), found)
    assert certificate.proof == "duality"
    assert certificate.bound == pytest.approx(9.0, rel=1e-12)
    assert abs(certificate.gap) < 1e-12
    assert "by weak duality" in certificate.words


def test_another_right_hand_side_from_the_first_optimum() -> None:
    program = diet()
    solver = Solver(program)
    solver.solve()
    for asked in (5.0, 4.5, 4.0):
        solver.rebound(
            lower=program.lower,
            upper=program.upper,
            row_lower=np.array([asked, 6.0]),
            row_upper=program.row_upper,
        )
        found = solver.solve()
        # a = (3 asked - 6)/2, b = (6 - asked)/2
        np.testing.assert_allclose(found.x, [1.5 * asked - 3, 3 - asked / 2], rtol=1e-12)
        certify(solver.program, found)


def test_any_duals_give_a_bound_that_holds() -> None:
    draw = np.random.default_rng(3)
    for _ in range(50):
        assert dual_bound(diet(), draw.normal(size=2)) <= 9.0 + 1e-12
    # By hand: y = (1, 0) leaves reduced costs 1 and 2, so 4; y = (-1, 0) pushes against no end: zero.
    assert dual_bound(diet(), np.array([1.0, 0.0])) == pytest.approx(4.0)
    assert dual_bound(diet(), np.array([-1.0, 0.0])) == 0.0


def test_charged_column_without_bound_proves_nothing() -> None:
    open_above = replace(diet(), upper=np.full(2, np.inf))
    assert dual_bound(open_above, np.array([3.0, 0.0])) == -np.inf


def test_violation_is_relative_to_the_row() -> None:
    worst, relative = violations(diet(), np.array([2.0, 1.0]))
    assert worst == pytest.approx(1.0)  # 3 instead of 4, and 5 instead of 6
    assert relative == pytest.approx(1 / 3)


def test_certificate_refuses_what_is_not_feasible_or_not_best() -> None:
    found = solve(diet())
    with pytest.raises(BalanceError, match="a row violated by"):
        certify(diet(), replace(found, x=found.x * 0.999))
    with pytest.raises(BalanceError, match="a gap of"):
        certify(diet(), replace(found, x=found.x * 1.001))
    with pytest.raises(BalanceError, match="a gap of nan"):
        certify(diet(), replace(found, duals=np.full(2, np.nan)))


def test_whole_numbers() -> None:
    """Least 2 a + 3 b with whole a, b and a + 3 b >= 5.5, a + b >= 4: a = 3, b = 1."""
    program = replace(diet(), row_lower=np.array([3.5, 5.5]), integer=np.array([True, True]))
    found = solve(program)
    np.testing.assert_allclose(found.x, [3.0, 1.0])
    assert certify(program, found).proof == "solver"
    with pytest.raises(BalanceError, match="a whole number"):
        certify(program, replace(found, x=np.array([2.75, 3.5 / 3.5])))


def test_verdict_instead_of_a_number() -> None:
    infeasible = replace(diet(), upper=np.ones(2))
    with pytest.raises(ConvergenceError, match="infeasible") as caught:
        solve(infeasible)
    assert caught.value.refusal is Verdict.INFEASIBLE
    unbounded = replace(diet(), cost=np.array([-1.0, 0.0]), upper=np.full(2, np.inf))
    with pytest.raises(ConvergenceError, match=r"unbounded|infeasible"):
        solve(unbounded)


def hard() -> Program:
    """Forty whole-number knapsacks at once: minutes for any solver."""
    draw = np.random.default_rng(1)
    matrix = draw.integers(5, 100, (40, 120)).astype(float)
    return Program(
        cost=-draw.integers(5, 100, 120).astype(float),
        lower=np.zeros(120),
        upper=np.ones(120),
        row_lower=np.full(40, -np.inf),
        row_upper=matrix.sum(axis=1) / 2,
        matrix=csc_array(matrix),
        integer=np.ones(120, dtype=bool),
    )


def test_time_limit_is_a_verdict() -> None:
    with pytest.raises(ConvergenceError, match="time_limit after") as caught:
        solve(hard(), time_limit=0.3)
    assert caught.value.refusal is Verdict.TIME_LIMIT


def test_interrupt_stops_the_solver() -> None:
    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        solve(hard(), time_limit=60.0)
    timer.join()


def test_misshapen_program() -> None:
    with pytest.raises(DataError, match="vectors that fit"):
        replace(diet(), cost=np.zeros(3))
    with pytest.raises(DataError, match="finite numbers"):
        replace(diet(), cost=np.array([np.nan, 0.0]))
    with pytest.raises(DataError, match="lower <= upper"):
        replace(diet(), lower=np.full(2, 11.0))
