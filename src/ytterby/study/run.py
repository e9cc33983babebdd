"""The walk: a case in, its solved circuits out. Start reading here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ytterby.case import Case
from ytterby.circuit import Circuit, refuse
from ytterby.circuit.feasibility import Refusal
from ytterby.circuit.solved import SolvedCircuit
from ytterby.errors import ConvergenceError, Fault

Progress = Callable[[str], None]
"""Told the name of each circuit before it is solved."""


@dataclass(frozen=True)
class Study:
    """A case and what came of it."""

    case: Case
    circuits: Mapping[str, SolvedCircuit]
    """By name, in the order of the case."""


def run(case: Case, progress: Progress = lambda name: None) -> Study:
    """Solve every circuit of a case, after the arithmetic that rules out the impossible.

    Raises ConvergenceError with all refusals of the case at once, or with the first verdict of a solve.
    """
    from ytterby.circuit.solve import solve_circuit

    impossible = refusals(case)
    if impossible:
        raise ConvergenceError(impossible)
    solved = {}
    for name, circuit in case.circuits.items():
        progress(name)
        try:
            solved[name] = solve_circuit(circuit)
        except ConvergenceError as error:
            raise _located(case, circuit, error.refusal) from None
    return Study(case, solved)


def refusals(case: Case) -> list[Fault]:
    """What makes circuits of the case impossible, each at the key of the file that is best changed."""
    found: list[Fault] = []
    for circuit in case.circuits.values():
        refusal = refuse(circuit)
        if refusal is not None:
            found += _located(case, circuit, refusal).faults
    return found


def _located(case: Case, circuit: Circuit, refusal: Refusal) -> ConvergenceError:
    """The error of a refusal, at its key in the case file."""
    path = ".".join(filter(None, ("circuits", circuit.name, refusal.key)))
    return refusal.error(circuit, case.where(path))
