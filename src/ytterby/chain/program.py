"""Linear and mixed-integer programs as arrays, solved by HiGHS; what is not solved is a verdict, not a
number."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from threading import Thread
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ytterby.errors import ConvergenceError, DataError, Fault

Floats = NDArray[np.float64]

DUAL_FEASIBILITY = 1e-9
"""To which reduced costs are driven: what is missing counts times the bounds of columns in a proof by
duality."""
LARGE = 10_000
"""Columns from which on a first solution comes from the interior point and crossover; fewer are faster by
simplex."""
SHORT_WAY = 30
"""One iteration per so many columns, and a thousand: what a solution from a known basis may take."""


class Verdict(Enum):
    """Outcome of a program; only ``OPTIMAL`` comes with numbers."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    TIME_LIMIT = "time_limit"
    INTERRUPTED = "interrupted"
    NOT_SOLVED = "not_solved"

    @property
    def cure(self) -> str:
        """What to try."""
        return _CURES[self]


_FINAL = (Verdict.OPTIMAL, Verdict.TIME_LIMIT, Verdict.INTERRUPTED)
"""Of a solution from a known basis; any other is looked at again afresh."""
_CURES = {
    Verdict.OPTIMAL: "",
    Verdict.INFEASIBLE: "look for two conditions that exclude each other",
    Verdict.UNBOUNDED: "give every column a finite bound",
    Verdict.TIME_LIMIT: "allow more time, or fewer months, demands or classes of rules",
    Verdict.INTERRUPTED: "run it again",
    Verdict.NOT_SOLVED: "look at the scale of the coefficients: the solver met numerical trouble",
}


@dataclass(frozen=True)
class Program:
    """Least ``cost @ x`` with lower <= x <= upper and row_lower <= matrix @ x <= row_upper; DataError if
    misshapen."""

    cost: Floats
    lower: Floats
    upper: Floats
    row_lower: Floats
    row_upper: Floats
    matrix: Any
    """scipy.sparse.csc_array, shape (row, column)."""
    integer: NDArray[np.bool_] | None = None
    """Which columns are whole numbers; None: none."""

    def __post_init__(self) -> None:
        rows, columns = self.matrix.shape
        shapes = {it.shape for it in (self.cost, self.lower, self.upper)}
        if shapes != {(columns,)} or {self.row_lower.shape, self.row_upper.shape} != {(rows,)}:
            raise DataError(Fault("program", f"a matrix of {rows} x {columns}", "vectors that fit"))
        numbers = (self.cost, self.matrix.data)
        if not all(np.isfinite(it).all() for it in numbers):
            raise DataError(Fault("program", "a cost or coefficient", "finite numbers"))
        for lower, upper in ((self.lower, self.upper), (self.row_lower, self.row_upper)):
            if not (lower <= upper).all():
                raise DataError(Fault("program", "a lower bound above the upper", "lower <= upper"))


@dataclass(frozen=True)
class Solution:
    """An optimum as the solver sees it; `chain.certificate` says what it is worth."""

    x: Floats
    """Shape (column,)."""
    duals: Floats
    """Cost saved by one less of what a row asks for, shape (row,); zeros for a program with whole numbers."""
    bound: float
    """The solver's own lower bound of the cost."""
    iterations: int
    seconds: float


class Solver:
    """A program that stays with HiGHS, so that changed bounds are solved again from the first optimum.

    From the first, not the last: what is found does not depend on what was asked before. Where the way from
    there is long, it starts afresh.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self._highs: Any = _highs()
        self._highs.silent()
        self._highs.HandleUserInterrupt = True
        self._basis: Any = None
        self._set("dual_feasibility_tolerance", DUAL_FEASIBILITY)
        self._set("mip_rel_gap", 0.0)
        # One thread: the same program gives the same numbers.
        self._set("threads", 1)
        _refused(self._highs.passModel(_model(program)), "the program")

    def rebound(
        self, *, lower: Floats, upper: Floats, row_lower: Floats, row_upper: Floats
    ) -> None:
        """Takes new bounds of all columns and rows; the next solution starts from the first one's basis."""
        old = self.program
        self.program = Program(
            old.cost, lower, upper, row_lower, row_upper, old.matrix, old.integer
        )
        for change, low, high, old_low, old_high in (
            (self._highs.changeColsBounds, lower, upper, old.lower, old.upper),
            (self._highs.changeRowsBounds, row_lower, row_upper, old.row_lower, old.row_upper),
        ):
            moved = np.flatnonzero((low != old_low) | (high != old_high)).astype(np.int32)
            if moved.size:
                _refused(change(moved.size, moved, low[moved], high[moved]), "the new bounds")

    def start_here(self) -> None:
        """Lets later solutions start from the last optimum instead of the first."""
        self._basis = self._highs.getBasis()

    def solve(self, time_limit: float | None = None) -> Solution:
        """The optimum; ConvergenceError with the verdict as ``refusal`` if there is none in ``time_limit``
        seconds.

        Ctrl-C stops the solver and is raised again once it has stopped.
        """
        began = perf_counter()
        verdict = self._attempt(time_limit, began)
        seconds = perf_counter() - began
        if verdict is not Verdict.OPTIMAL:
            rows, columns = self.program.matrix.shape
            read = f"{verdict.value} after {seconds:.1f} s, {rows} rows and {columns} columns"
            fault = Fault("program", read, "an optimum", next=verdict.cure)
            raise ConvergenceError(fault, refusal=verdict)
        if self._basis is None and self.program.integer is None:
            self._basis = self._highs.getBasis()
        return self._solution(seconds)

    def _attempt(self, time_limit: float | None, began: float) -> Verdict:
        if self._basis is not None:
            self._set("solver", "simplex")
            self._set("simplex_iteration_limit", self.program.cost.size // SHORT_WAY + 1000)
            _refused(self._highs.setBasis(self._basis), "its own basis")
            self._run(time_limit, began)
            if (verdict := self._verdict()) in _FINAL:
                return verdict
        large = self.program.cost.size > LARGE and self.program.integer is None
        self._set("solver", "ipm" if large else "choose")
        self._set("simplex_iteration_limit", np.iinfo(np.int32).max)
        self._highs.clearSolver()
        self._run(time_limit, began)
        return self._verdict()

    def _run(self, time_limit: float | None, began: float) -> None:
        """Runs HiGHS until it stops by itself, by the clock or by Ctrl-C, which is raised once it has
        stopped."""
        left = float("inf")
        if time_limit is not None:
            # HiGHS counts the seconds of all runs of an instance together.
            left = self._highs.getRunTime() + max(0.0, time_limit - (perf_counter() - began))
        self._set("time_limit", left)
        # A thread of our own: highspy's would allow one solver a process.
        thread = Thread(target=self._highs.run, daemon=True)
        thread.start()
        stop: KeyboardInterrupt | None = None
        while thread.is_alive():
            try:
                thread.join(0.1)
            except KeyboardInterrupt as pressed:
                stop = pressed
                self._highs.cancelSolve()
        if stop is not None:
            raise stop

    def _verdict(self) -> Verdict:
        from highspy import HighsModelStatus as Status

        known = {
            Status.kOptimal: Verdict.OPTIMAL,
            Status.kModelEmpty: Verdict.OPTIMAL,
            Status.kInfeasible: Verdict.INFEASIBLE,
            Status.kUnbounded: Verdict.UNBOUNDED,
            Status.kUnboundedOrInfeasible: Verdict.INFEASIBLE,
            Status.kTimeLimit: Verdict.TIME_LIMIT,
            Status.kInterrupt: Verdict.INTERRUPTED,
        }
        return known.get(self._highs.getModelStatus(), Verdict.NOT_SOLVED)

    def _solution(self, seconds: float) -> Solution:
        found, info = self._highs.getSolution(), self._highs.getInfo()
        whole = self.program.integer is not None
        rows = self.program.matrix.shape[0]
        return Solution(
            x=np.array(found.col_value),
            duals=np.zeros(rows) if whole else np.array(found.row_dual),
            bound=float(info.mip_dual_bound if whole else info.objective_function_value),
            iterations=int(info.simplex_iteration_count),
            seconds=seconds,
        )

    def _set(self, option: str, value: float | int | str) -> None:
        _refused(self._highs.setOptionValue(option, value), f"option {option} = {value}")


def solve(program: Program, *, time_limit: float | None = None) -> Solution:
    """The optimum of one program; ConvergenceError with the verdict if there is none."""
    return Solver(program).solve(time_limit)


def _highs() -> Any:
    """A silent HiGHS; DataError where it is not installed."""
    try:
        import highspy
    except ImportError:
        raise DataError(
            Fault("program", "no highspy", "the extra `plan`", next="pip install ytterby[plan]")
        ) from None
    highs: Any = highspy.Highs
    return highs()


def _model(program: Program) -> Any:
    import highspy

    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = program.matrix.shape
    model.col_cost_, model.col_lower_, model.col_upper_ = (
        program.cost,
        program.lower,
        program.upper,
    )
    model.row_lower_, model.row_upper_ = program.row_lower, program.row_upper
    matrix = model.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kColwise
    matrix.start_ = program.matrix.indptr.astype(np.int32)
    matrix.index_ = program.matrix.indices.astype(np.int32)
    matrix.value_ = program.matrix.data
    if program.integer is not None:
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        model.integrality_ = [kinds[int(it)] for it in program.integer]
    return model


def _refused(status: Any, what: str) -> None:
    """Raises ConvergenceError where HiGHS does not take what it is given."""
    import highspy

    if status == highspy.HighsStatus.kError:
        fault = Fault("program", f"HiGHS refuses {what}", "a program that it takes")
        raise ConvergenceError(fault, refusal=Verdict.NOT_SOLVED)
