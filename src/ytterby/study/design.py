"""The walk of a design: each cut of a case, one nine more, sensitivities, a variant that bears errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ytterby.case import Case
from ytterby.case.designs import DesignPlan
from ytterby.errors import CaseError, ConvergenceError, Fault, YtterbyError, nearest
from ytterby.quantities import quoted

if TYPE_CHECKING:
    from ytterby.design.cut import DesignedCut
    from ytterby.design.task import Specification
    from ytterby.design.uncertainty import RobustCut, Sensitivity

Progress = Callable[[str, str], None]
"""Told the name of a design and what is being tried, in words."""


@dataclass(frozen=True)
class OneMoreNine:
    """The same cut ten times as pure and with a tenth of the losses."""

    asked: Specification | None
    """None: so much that it cannot even be asked for."""
    designed: DesignedCut | None
    """None: not reached."""
    faults: tuple[Fault, ...] = ()
    """Why it was not reached."""


@dataclass(frozen=True)
class RobustVariant:
    """A design that bears the errors of the constants, or why there is none."""

    found: RobustCut | None
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class PlannedCut:
    """One design of a case and what surrounds it."""

    plan: DesignPlan
    designed: DesignedCut
    one_more: OneMoreNine
    sensitivities: tuple[Sensitivity, ...]
    """By metal, the most harmful first."""
    robust: RobustVariant | None
    """None: not asked for."""

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of everything that it rests on: constants, ranges, prices."""
        from ytterby.datasets import cited

        return tuple(dict.fromkeys((*self.designed.solved.sources, *cited(self.designed.prices))))


@dataclass(frozen=True)
class DesignStudy:
    """A case and its designs."""

    case: Case
    designs: Mapping[str, PlannedCut]
    """By name, in the order of the case, those that were reached."""
    unreached: Mapping[str, YtterbyError]
    """Why the others were not, by name; each fault at its place in the case file."""


def chosen_designs(case: Case, only: str | None = None) -> Case:
    """The case with the design of that name alone, or with all; CaseError where there is none."""
    if not case.designs:
        next = "add [designs.NAME] with its feed, organic and cut"
        raise CaseError(Fault(str(case.path), "no design", "one design or more", next=next))
    if only is None:
        return case
    if only not in case.designs:
        expected, close = "one of: " + ", ".join(case.designs), nearest(only, case.designs)
        raise CaseError(Fault("--only", quoted(only), expected, close, "name one of them"))
    return replace(case, designs={only: case.designs[only]})


def run_designs(case: Case, progress: Progress = lambda name, what: None) -> DesignStudy:
    """Design every cut of a case; one that is not reached does not keep the others from being designed.

    Raises the faults of all designs if none is reached: ConvergenceError, or CaseError where the hand
    calculation shows that the pair cannot be parted so.
    """
    designs: dict[str, PlannedCut] = {}
    unreached: dict[str, YtterbyError] = {}
    for name, plan in case.designs.items():
        told = lambda what, name=name: progress(name, what)  # noqa: E731
        try:
            designs[name] = planned_cut(plan, told)
        except (CaseError, ConvergenceError) as error:
            unreached[name] = _located(case, plan, error)
    if unreached and not designs:
        raise all_faults(unreached)
    return DesignStudy(case, designs, unreached)


def all_faults(unreached: Mapping[str, YtterbyError]) -> YtterbyError:
    """The faults of several designs as one error, of the kind of the first."""
    first = next(iter(unreached.values()))
    return type(first)([fault for error in unreached.values() for fault in error.faults])


def planned_cut(plan: DesignPlan, told: Callable[[str], None] = lambda what: None) -> PlannedCut:
    """One cut designed, and what surrounds it; errors as of ``design_cut``.

    What is beside the design itself never fails it: one nine more and the variant that bears errors say why
    they were not reached.
    """
    from ytterby.design.cut import design_cut
    from ytterby.design.uncertainty import sensitivities

    designed = design_cut(plan.task, told)
    told("sensitivity to the constants")
    found = sensitivities(designed)
    one_more = _one_more_nine(plan, lambda what: told(f"one nine more: {what}"))
    robust = _robust(plan, designed, lambda what: told(f"robust: {what}")) if plan.robust else None
    return PlannedCut(plan, designed, one_more, found, robust)


def _one_more_nine(plan: DesignPlan, told: Callable[[str], None]) -> OneMoreNine:
    from ytterby.design.cut import design_cut, one_more_nine

    asked = None
    try:
        task = one_more_nine(plan.task)
        asked = task.specification
        return OneMoreNine(asked, design_cut(task, told))
    except (CaseError, ConvergenceError) as error:
        return OneMoreNine(asked, None, error.faults)


def _robust(plan: DesignPlan, designed: DesignedCut, told: Callable[[str], None]) -> RobustVariant:
    from ytterby.design.uncertainty import robust_cut

    try:
        return RobustVariant(robust_cut(designed, correlation=plan.correlation, progress=told))
    except (CaseError, ConvergenceError) as error:
        return RobustVariant(None, error.faults)


def _located(case: Case, plan: DesignPlan, error: YtterbyError) -> YtterbyError:
    """The error with its faults at the table of the case file that they are about."""
    whole = case.where(f"designs.{plan.name}")
    asked = case.where(f"designs.{plan.name}.specification")
    faults = [
        replace(
            fault,
            where=asked
            if fault.where == f"design {plan.name}, specification"
            else f"{whole}, {fault.where}",
        )
        for fault in error.faults
    ]
    return type(error)(faults)
