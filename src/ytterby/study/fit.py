"""The walk of a fit: contacts of a case predicted, fitted, predicted again with each source left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ytterby.case import Case
from ytterby.case.fits import FitPlan
from ytterby.errors import CaseError, Fault, YtterbyError, nearest
from ytterby.quantities import quoted

if TYPE_CHECKING:
    from ytterby.equilibrium.fitting import Advice, Fit, LeftOut, Score

ALL_FITTED, ALL_PREDICTED = "all fitted", "all predicted"
"""Names of the pooled scores."""
Progress = Callable[[str], None]
"""Told the name of each fit before it is made."""


@dataclass(frozen=True)
class SourceScore:
    """How one source, or all of them, is met by the set as it was and by the fit."""

    source: str
    before: Score
    after: Score
    fitted: bool
    """Whether it was fitted; False: only predicted."""


@dataclass(frozen=True)
class FittedPlan:
    """One fit of a case and what it is worth."""

    plan: FitPlan
    fit: Fit
    scores: tuple[SourceScore, ...]
    """Source by source, then all of them."""
    left_out: tuple[LeftOut, ...]
    """Each fitted source predicted by the others, then all of them; empty for a single source."""
    advice: Advice
    """Which shake-out to make next."""


@dataclass(frozen=True)
class FitStudy:
    """A case and its fits."""

    case: Case
    fits: Mapping[str, FittedPlan]
    """By name, in the order of the case."""


def chosen_fits(case: Case, only: str | None = None) -> Case:
    """The case with the fit of that name alone, or with all; CaseError where there is none."""
    if not case.fits:
        next = "add [fits.NAME] with its set, and tables or datasets"
        raise CaseError(Fault(str(case.path), "no fit", "one fit or more", next=next))
    if only is None:
        return case
    if only not in case.fits:
        expected, close = "one of: " + ", ".join(case.fits), nearest(only, case.fits)
        raise CaseError(Fault("--only", quoted(only), expected, close, "name one of them"))
    return replace(case, fits={only: case.fits[only]})


def run_fits(case: Case, progress: Progress = lambda name: None) -> FitStudy:
    """Make every fit of a case; the faults of a fit stand at its table in the case file."""
    fitted = {}
    for name, plan in case.fits.items():
        progress(name)
        try:
            fitted[name] = fitted_plan(plan)
        except YtterbyError as error:
            place = case.where(f"fits.{name}")
            faults = [replace(fault, where=f"{place}, {fault.where}") for fault in error.faults]
            raise type(error)(faults) from None
    return FitStudy(case, fitted)


def fitted_plan(plan: FitPlan) -> FittedPlan:
    """One fit made and judged; errors as in `equilibrium.fitting.fit`."""
    from ytterby.equilibrium.fitting import (
        ErrorModel,
        Settings,
        fit,
        leave_one_source_out,
        next_shakeouts,
        shaken,
    )

    case = shaken(plan.contacts, plan.parameters, plan.terms, plan.levels)
    settings = Settings(
        columns=plan.columns,
        elements=plan.elements,
        errors=ErrorModel(plan.sigma, plan.between),
        prior=plan.prior,
        without=plan.leave_out,
    )
    found = fit(case, settings)
    laboratory = plan.own_sources[0] if len(plan.own_sources) == 1 else ""
    return FittedPlan(
        plan=plan,
        fit=found,
        scores=_scores(found),
        left_out=leave_one_source_out(found),
        advice=next_shakeouts(found, plan.cut, laboratory),
    )


def _scores(found: Fit) -> tuple[SourceScore, ...]:
    """How each source is met, those fitted first, then all that were fitted."""
    import numpy as np

    from ytterby.equilibrium.fitting import score

    case = found.case
    before, after = (it.log10_d - case.measured for it in (found.before, found.after))
    sources = np.array(case.sources)
    order = (*sorted(found.shifts), *sorted(set(case.sources) - set(found.shifts)))
    each = [
        SourceScore(
            name,
            score(before[sources == name]),
            score(after[sources == name]),
            fitted=name in found.shifts,
        )
        for name in order
    ]
    used = found.fitted
    groups = [(ALL_FITTED, used), *([] if used.all() else [(ALL_PREDICTED, ~used)])]
    return (
        *each,
        *(
            SourceScore(name, score(before[own]), score(after[own]), name == ALL_FITTED)
            for name, own in groups
        ),
    )
