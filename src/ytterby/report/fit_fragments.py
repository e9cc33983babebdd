"""Fits as fragments of a report."""

from __future__ import annotations

from ytterby.report import fit as tables
from ytterby.report.fragments import Fragment, figure_fragment, under
from ytterby.report.parity import parity_figure
from ytterby.report.tables import terms_in_words
from ytterby.study.fit import FitStudy, FittedPlan


def fit_study_fragments(study: FitStudy) -> list[Fragment]:
    """All fits of a study."""
    return [it for fitted in study.fits.values() for it in fit_fragments(fitted)]


def fit_fragments(fitted: FittedPlan, section: str = "") -> list[Fragment]:
    """Constants and their errors, what fitting is worth elsewhere, what to shake out next.

    Under the heading ``section``, else under the fit's name.
    """
    plan, found = fitted.plan, fitted.fit
    shifts = (tables.shift_table(fitted),) if len(found.shifts) > 1 else ()
    left_out = (tables.left_out_table(fitted),) if fitted.left_out else ()
    asked = (tables.identity_table(fitted), tables.range_table(fitted), tables.next_table(fitted))
    titles = ("Not fixed", "Beyond the range", "Next shake-outs")
    fragments = [
        Fragment("Errors by source", (tables.score_table(fitted),), caption=fit_in_words(fitted)),
        figure_fragment("Measured and computed", parity_figure(fitted)),
        Fragment(
            "Constants",
            (tables.constants_table(fitted), *shifts),
            caption=tables.errors_in_words(fitted),
        ),
        Fragment("Worth elsewhere", left_out, caption=tables.gain_in_words(fitted)),
        *(
            Fragment(title, (table,))
            for title, table in zip(titles, asked, strict=True)
            if table.rows
        ),
    ]
    return under(section or f"Fit {plan.name}", fragments, plan.sources)


def fit_in_words(fitted: FittedPlan) -> str:
    """What was fitted to what, in one sentence."""
    plan, found = fitted.plan, fitted.fit
    laboratories = ", ".join(sorted({contact.source for contact in plan.contacts}))
    return (
        f"Fit {plan.name}: {plan.parameters.name}{terms_in_words(plan.terms)}, {len(found.constants)} "
        f"constants, {int(found.fitted.sum())} points in {len(plan.contacts)} contacts of {laboratories}"
    )
