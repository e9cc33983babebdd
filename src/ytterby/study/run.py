"""The walk: a case in, its solved circuits out. Start reading here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from ytterby.case import Case
from ytterby.circuit import Circuit, refuse
from ytterby.circuit.circuit import Train
from ytterby.circuit.feasibility import Refusal
from ytterby.circuit.solved import SolvedCircuit, SolvedTrain
from ytterby.errors import CaseError, ConvergenceError, Fault

Progress = Callable[[str], None]
"""Told the name of each circuit or train before it is solved."""


@dataclass(frozen=True)
class Study:
    """A case and what came of it."""

    case: Case
    circuits: Mapping[str, SolvedCircuit]
    """By name, in the order of the case, those of trains among them."""
    trains: Mapping[str, SolvedTrain] = field(default_factory=dict)
    """By name, in the order of the case."""


def run(case: Case, progress: Progress = lambda name: None) -> Study:
    """Solve every circuit of a case, after the arithmetic that rules out the impossible; trains last.

    Raises CaseError for a case without circuits, ConvergenceError with all refusals of the case at once or
    with the first verdict of a solve.
    """
    if not case.circuits:
        next = "add [circuits.NAME]" + ("; fits are made by `ytterby fit`" if case.fits else "")
        next += "; designs are made by `ytterby design`" if case.designs else ""
        next += "; sequences are made by `ytterby sequence`" if case.sequences else ""
        raise CaseError(Fault(str(case.path), "no circuit", "one circuit or more", next=next))
    impossible = refusals(case)
    if impossible:
        raise ConvergenceError(impossible)
    solved = {}
    for name, circuit in case.alone.items():
        progress(name)
        solved[name] = _solved(case, circuit)
    trains = {}
    for name, train in case.trains.items():
        progress(name)
        trains[name] = _solved_train(case, train)
        solved |= trains[name].circuits
    return Study(case, {name: solved[name] for name in case.circuits}, trains)


def _solved(case: Case, circuit: Circuit) -> SolvedCircuit:
    from ytterby.circuit.solve import solve_circuit

    try:
        return solve_circuit(circuit)
    except ConvergenceError as error:
        raise _located(case, circuit, error.refusal) from None


def _solved_train(case: Case, train: Train) -> SolvedTrain:
    from ytterby.circuit.solve import solve_train

    try:
        return solve_train(train)
    except ConvergenceError as error:
        place = case.where(f"trains.{train.name}")
        faults = [replace(fault, where=f"{place}, {fault.where}") for fault in error.faults]
        raise ConvergenceError(faults, error.refusal) from None


def refusals(case: Case) -> list[Fault]:
    """What makes circuits of the case impossible, each at the key of the file that is best changed.

    Circuits in trains are left out: what reaches them is known only when the train is solved.
    """
    found: list[Fault] = []
    for circuit in case.alone.values():
        refusal = refuse(circuit)
        if refusal is not None:
            found += _located(case, circuit, refusal).faults
    return found


def _located(case: Case, circuit: Circuit, refusal: Refusal) -> ConvergenceError:
    """The error of a refusal, at its key in the case file."""
    path = ".".join(filter(None, ("circuits", circuit.name, refusal.key)))
    return refusal.error(circuit, case.where(path))
