"""The walk of an audit: the claims of a case held against each other and against what is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ytterby.case import Case
from ytterby.case.audits import AuditPlan
from ytterby.errors import CaseError, Fault, YtterbyError

if TYPE_CHECKING:
    from ytterby.audit import Audited

Progress = Callable[[str, str], None]
"""Told the name of an audit and what is being done, in words."""


@dataclass(frozen=True)
class AuditedPlan:
    """One audit of a case and what was found."""

    plan: AuditPlan
    found: Audited

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of everything that it rests on."""
        return self.plan.sources


@dataclass(frozen=True)
class AuditStudy:
    """A case and its audits."""

    case: Case
    audits: Mapping[str, AuditedPlan]
    """By name, in the order of the case."""


def run_audits(case: Case, progress: Progress = lambda name, what: None) -> AuditStudy:
    """Make every audit of a case; the faults of one stand at its table in the case file.

    A contradiction is a finding, not a fault: it does not raise.
    """
    from ytterby.audit import audit

    if not case.audits:
        next = "add [audits.NAME]; its claims are those of Lacq if it names none"
        raise CaseError(Fault(str(case.path), "no audit", "one audit or more", next=next))
    found = {}
    for name, plan in case.audits.items():
        told = lambda what, name=name: progress(name, what)  # noqa: E731
        try:
            found[name] = AuditedPlan(plan, audit(plan.task, told))
        except YtterbyError as error:
            place = case.where(f"audits.{name}")
            faults = [replace(it, where=f"{place}, {it.where}") for it in error.faults]
            raise type(error)(faults) from None
    return AuditStudy(case, found)
