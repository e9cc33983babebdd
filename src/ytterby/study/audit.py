"""The walk of an audit: the claims of a case held against each other and against what is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from ytterby.case import Case
from ytterby.case.audits import AuditPlan
from ytterby.errors import CaseError, Fault, YtterbyError

if TYPE_CHECKING:
    from ytterby.audit import Audited
    from ytterby.study.judged_plant import StoredFigures

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


def run_audits(
    case: Case,
    progress: Progress = lambda name, what: None,
    stored: StoredFigures | None = None,
    made: Mapping[str, Audited] = MappingProxyType({}),
) -> AuditStudy:
    """Make every audit of a case; the faults of one stand at its table in the case file.

    ``stored``: figures of a plant, taken for computed by the audits of its set of claims. ``made``: audits by
    name that were made of the same tasks already. A contradiction is a finding, not a fault: it does not
    raise.
    """
    from ytterby.audit import audit

    if not case.audits:
        next = "add [audits.NAME]; its claims are those of Lacq if it names none"
        raise CaseError(Fault(str(case.path), "no audit", "one audit or more", next=next))
    found = {}
    for name, plan in _with_figures(case, stored).items():
        told = lambda what, name=name: progress(name, what)  # noqa: E731
        try:
            found[name] = AuditedPlan(plan, made.get(name) or audit(plan.task, told))
        except YtterbyError as error:
            place = case.where(f"audits.{name}")
            faults = [replace(it, where=f"{place}, {it.where}") for it in error.faults]
            raise type(error)(faults) from None
    return AuditStudy(case, found)


def _with_figures(case: Case, stored: StoredFigures | None) -> Mapping[str, AuditPlan]:
    """The plans with the figures of a plant where they are of its claims; what a case gives itself stays."""
    if stored is None:
        return case.audits
    found = {}
    for name, plan in case.audits.items():
        known = {it.claim for it in plan.task.figures}
        more = tuple(
            it
            for it in stored.figures
            if it.claim in plan.task.claims.claims and it.claim not in known
        )
        if plan.task.claims.name == stored.claims:
            plan = replace(plan, task=replace(plan.task, figures=(*plan.task.figures, *more)))
        found[name] = plan
    if all(plan.task.claims.name != stored.claims for plan in found.values()):
        read = f"figures for the claims {stored.claims}"
        expected = "one of: " + ", ".join(sorted({it.task.claims.name for it in found.values()}))
        raise CaseError(Fault(str(stored.file), read, expected, next="name that set in an audit"))
    return found
