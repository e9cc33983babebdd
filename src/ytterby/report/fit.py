"""Tables of a fit: constants before and after, errors by source, what is fixed, what to shake next."""

from __future__ import annotations

import math

from ytterby.datasets import Range
from ytterby.elements import by_extraction_order
from ytterby.equilibrium.fitting import Advice, Candidate, Cell, FittedConstant, Score
from ytterby.equilibrium.fitting.fit import CONFIDENCE
from ytterby.equilibrium.fitting.fitted_set import spans
from ytterby.report.tables import Table, number
from ytterby.study.fit import ALL_PREDICTED, FittedPlan

LITTLE = 0.05
"""Share of the error by which a fit must lower or raise it to be called a gain or a loss."""


def constants_table(fitted: FittedPlan) -> Table:
    """Each constant in the set and fitted, with its interval; elements in extraction order."""
    units = fitted.plan.parameters.units
    rows = [
        (
            named(constant.cell),
            units[constant.cell.column],
            f"{constant.before:.3f}",
            _or_blank(constant.before_sd),
            f"{constant.after:.3f}",
            f"{constant.sd:.3f}",
            f"{constant.low:.3f} to {constant.high:.3f}",
            str(constant.points),
        )
        for constant in in_order(fitted)
    ]
    header = ("constant", "unit", "set", "± set", "fitted", "± fitted", "95 % interval", "points")
    return Table(
        f"Constants of {fitted.plan.name}",
        header,
        tuple(rows),
        "±: standard deviation, of the set as it states it; points: measured D of the element",
    )


def in_order(fitted: FittedPlan) -> list[FittedConstant]:
    """Fitted constants, kind by kind, elements in extraction order."""
    order = by_extraction_order(constant.cell.element for constant in fitted.fit.constants)
    columns = fitted.plan.columns
    return sorted(
        fitted.fit.constants,
        key=lambda it: (columns.index(it.cell.column), order.index(it.cell.element)),
    )


def named(cell: Cell) -> str:
    """A constant in words: ``Nd log10_kex``."""
    return f"{cell.element} {cell.column}"


def score_table(fitted: FittedPlan) -> Table:
    """How each source is met by the set as it was and by the fit."""
    rows = [
        (
            it.source,
            str(it.before.points),
            *_told(it.before),
            *_told(it.after),
            "fitted" if it.fitted else "predicted only",
        )
        for it in fitted.scores
    ]
    header = ("source", "points", "rms set", "bias set", "rms fitted", "bias fitted", "")
    return Table(
        f"Errors of {fitted.plan.name} by source",
        header,
        tuple(rows),
        "log10 D, computed less measured; 0.3 is a factor of two",
        ("", "", *["log10 D"] * 4, ""),
    )


def left_out_table(fitted: FittedPlan) -> Table:
    """Each source predicted by the others, beside the set as it was, on the same points."""
    rows = [
        (
            it.source,
            str(it.before.points),
            *_told(it.before),
            _or_blank(it.fitted.rms),
            *_told(it.left_out),
            str(it.unseen) + (f" ({it.reason})" if it.reason else ""),
        )
        for it in fitted.left_out
    ]
    header = (
        *("source left out", "points", "rms set", "bias set", "rms fitted"),
        *("rms left out", "bias left out", "not judged"),
    )
    note = (
        "left out: predicted by constants that were fitted to the other sources; not judged: points of "
        "metals that no other source has"
    )
    units = ("", "", *["log10 D"] * 5, "points")
    return Table(f"Sources of {fitted.plan.name} left out", header, tuple(rows), note, units)


def gain_in_words(fitted: FittedPlan) -> str:
    """What fitting is worth on sources that were not fitted, in one sentence."""
    predicted = next((it for it in fitted.scores if it.source == ALL_PREDICTED), None)
    if predicted is not None:
        return _gain("sources that were not fitted", predicted.before, predicted.after)
    if not fitted.left_out:
        return "One source: what the fit is worth in another laboratory cannot be told."
    pooled = fitted.left_out[-1]
    if not pooled.left_out.points:
        return "No source has a metal that another has: what the fit is worth there cannot be told."
    return _gain("sources left out", pooled.before, pooled.left_out)


def _gain(where: str, before: Score, after: Score) -> str:
    change = (before.rms - after.rms) / before.rms
    worth = "changes little"
    if abs(change) > LITTLE:
        worth = "helps" if change > 0 else "does harm"
    return (
        f"On {where}, {after.points} points: rms {before.rms:.3f} with the set as it was, "
        f"{after.rms:.3f} fitted without them. Fitting {worth} there."
    )


def errors_in_words(fitted: FittedPlan) -> str:
    """The error model that intervals rest on, in one sentence or two."""
    found = fitted.fit
    stated = found.settings.errors
    how = "stated" if stated.sigma is not None else "estimated"
    text = f"Within a source, log10 D scatters by {found.sigma:.3f} ({how})"
    if stated.between is not None:
        text += f"; between sources, log10 K by {found.between:.3f} (stated)."
    elif len(found.shifts) > 1:
        text += f"; between sources, log10 K by {found.between:.3f} (estimated)."
    else:
        text += "; one source tells nothing of others, so the intervals hold for it alone."
    if found.few_sources:
        text += (
            f" {len(found.shifts)} sources hardly tell it: intervals said to cover "
            f"{100 * CONFIDENCE:.0f} % cover less, see docs/explanation/fitting.md."
        )
    if found.settings.prior:
        text += " The set's own constants count as observations."
    return text


def shift_table(fitted: FittedPlan) -> Table:
    """By how much log10 K of all metals is shifted in each source."""
    rows = tuple((name, _signed(shift)) for name, shift in sorted(fitted.fit.shifts.items()))
    note = "drawn towards zero as far as their spread says; an offset of the pH by 0.1 makes 0.3"
    title, units = f"Shift of sources in {fitted.plan.name}", ("", "log10 K")
    return Table(title, ("source", "shift"), rows, note, units)


def identity_table(fitted: FittedPlan) -> Table:
    """What was asked for and is not fixed, or hardly; no row where everything is."""
    rows = [(named(it.cell), "kept as in the set", it.reason) for it in fitted.fit.held]
    for weak in fitted.fit.weak:
        parts = (
            f"{load:+.2f} {named(cell)}"
            for cell, load in zip(weak.cells, weak.loadings, strict=True)
        )
        moving = f"moving together by {', '.join(parts)} is known to {weak.sd:.2g} only"
        rows.append((", ".join(map(named, weak.cells)), "fitted, hardly fixed", moving))
    return Table(
        f"What the contacts of {fitted.plan.name} do not fix",
        ("constant", "state", "why"),
        tuple(rows),
    )


def range_table(fitted: FittedPlan) -> Table:
    """What the fitted contacts span beyond the range of the set; no row where they do not."""
    rows = tuple(
        (name.replace("_", " "), _span(reached), _span(valid))
        for name, reached, valid in beyond(fitted)
    )
    return Table(
        f"Contacts of {fitted.plan.name} beyond the range of {fitted.plan.parameters.name}",
        ("quantity", "contacts", "set holds for"),
        rows,
        "the fitted set holds for what its contacts span",
    )


def beyond(fitted: FittedPlan) -> list[tuple[str, Range, Range]]:
    """Quantities that the fitted contacts take beyond the range of the set, with both ranges."""
    valid = fitted.plan.parameters.valid
    return [
        (name, reached, valid[name])
        for name, reached in spans(fitted.fit).items()
        if name in valid and (reached.low < valid[name].low or reached.high > valid[name].high)
    ]


def _span(limits: Range) -> str:
    return f"{limits.low:.3g} to {limits.high:.3g} {limits.unit}"


def next_table(fitted: FittedPlan) -> Table:
    """Shake-outs that would narrow a quantity most, best first."""
    advice = fitted.advice
    rows = tuple(_candidate(it, advice) for it in advice.candidates)
    whose = f"made by {advice.laboratory}" if advice.laboratory else "made in another laboratory"
    header = (
        *("metals", "feed, each", "acid", "extractant", "expected"),
        *("± before", "± after", "gain"),
    )
    return Table(
        f"Next shake-out for the {advice.quantity}, {whose}",
        header,
        rows,
        "fresh organic, O/A 1, no base; ±: standard deviation of the quantity, in log10; "
        f"of metals between D {_measurable()} only the best acid and load are shown",
        ("", "mol/L", "mol/L", "mol/L", "log10 D", "log10", "log10", "log10"),
    )


def _measurable() -> str:
    from ytterby.equilibrium.fitting.next_shakeout import MEASURABLE

    return f"{MEASURABLE[0]:g} and {MEASURABLE[1]:g}"


def _candidate(candidate: Candidate, advice: Advice) -> tuple[str, ...]:
    contact = candidate.contact
    return (
        "+".join(metal.element for metal in contact.metals),
        f"{(contact.metals[0].feed or 0.0) / 1000.0:.2g}",
        f"{(contact.acid_feed or 0.0) / 1000.0:.2g}",
        number(contact.extractant / 1000.0),
        ", ".join(f"{ratio:+.1f}" for ratio in candidate.log10_d),
        f"{advice.before:.3f}",
        f"{candidate.after:.3f}",
        f"{candidate.gain:.3f}",
    )


def _told(score: Score) -> tuple[str, str]:
    """rms and bias."""
    return _or_blank(score.rms), "" if math.isnan(score.bias) else _signed(score.bias)


def _signed(value: float) -> str:
    """With its sign, but for what rounds to zero."""
    return f"{round(value, 3) + 0.0:+.3f}"


def _or_blank(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.3f}"
