"""The walk of a sequence: every order of cuts of a case ranked by hand calculation, the best designed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ytterby.case import Case
from ytterby.case.sequences import SequencePlan
from ytterby.errors import CaseError, ConvergenceError, Fault, YtterbyError
from ytterby.study.design import all_faults

if TYPE_CHECKING:
    from ytterby.design.costs import Price
    from ytterby.design.sequence import DesignedSequence, Sequenced

Progress = Callable[[str, str], None]
"""Told the name of a sequence and the cut that is being designed, in words."""


@dataclass(frozen=True)
class PlannedSequence:
    """One sequence of a case and what was found for it."""

    plan: SequencePlan
    found: Sequenced

    @property
    def best(self) -> DesignedSequence:
        """The cheapest of those that were designed."""
        return self.found.designed[0]

    @property
    def prices(self) -> tuple[Price, ...]:
        """All prices behind the costs; those of the first circuit, to which every metal comes, and those of
        conditioning."""
        return self.found.prices

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of everything that it rests on: constants, ranges, prices."""
        from ytterby.datasets import cited

        solved = [cut.solved for it in self.found.designed for cut in it.designs.values()]
        keys = (key for it in solved for key in it.sources)
        return tuple(dict.fromkeys((*keys, *cited(self.prices))))


@dataclass(frozen=True)
class SequenceStudy:
    """A case and its sequences."""

    case: Case
    sequences: Mapping[str, PlannedSequence]
    """By name, in the order of the case, those that were reached."""
    unreached: Mapping[str, YtterbyError]
    """Why the others were not, by name; each fault at its place in the case file."""


def run_sequences(case: Case, progress: Progress = lambda name, what: None) -> SequenceStudy:
    """Rank and design every sequence of a case; one that fails does not keep the others from being made.

    Raises the faults of all sequences if none is reached: ConvergenceError, or CaseError where the hand
    calculation shows that a pair cannot be parted so, or the case has no sequence.
    """
    from ytterby.design.sequence import sequence_cuts

    if not case.sequences:
        next = "add [sequences.NAME] with its feed, organic and products"
        raise CaseError(Fault(str(case.path), "no sequence", "one sequence or more", next=next))
    found: dict[str, PlannedSequence] = {}
    unreached: dict[str, YtterbyError] = {}
    for name, plan in case.sequences.items():
        told = lambda what, name=name: progress(name, what)  # noqa: E731
        try:
            found[name] = PlannedSequence(plan, sequence_cuts(plan.task, plan.verified, told))
        except (CaseError, ConvergenceError) as error:
            unreached[name] = _located(case, plan, error)
    if unreached and not found:
        raise all_faults(unreached)
    return SequenceStudy(case, found, unreached)


def _located(case: Case, plan: SequencePlan, error: YtterbyError) -> YtterbyError:
    """The error with its faults at the table of the case file that they are about."""
    place = case.where(f"sequences.{plan.name}")
    faults = [replace(it, where=f"{place}, {it.where}") for it in error.faults]
    return type(error)(faults)
