"""The walk: a case in, its solved circuits out. Start reading here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ytterby.case import Case
from ytterby.circuit import refuse
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
        solved[name] = solve_circuit(circuit)
    return Study(case, solved)


def refusals(case: Case) -> list[Fault]:
    """What makes circuits of the case impossible, each at the key of the file that is best changed."""
    found: list[Fault] = []
    for name, circuit in case.circuits.items():
        refusal = refuse(circuit)
        if refusal is not None:
            where = case.where(f"circuits.{name}.{refusal.key}")
            found += refusal.error(circuit, where).faults
    return found
