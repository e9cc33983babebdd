"""Fits as sheets of a workbook: constants, errors by source, measured and computed points, sources."""

from __future__ import annotations

from collections.abc import Callable

from ytterby.equilibrium.fitting import FittedConstant, LeftOut
from ytterby.report.fit import in_order
from ytterby.report.workbook import Cell, Sheet, resting, sheet, source_sheet
from ytterby.study.fit import FitStudy, FittedPlan, SourceScore


def fit_sheets(study: FitStudy) -> list[Sheet]:
    """Each fit with its constants, errors and points; the sources of all."""
    fits = list(study.fits.values())
    return [
        *(
            each
            for it in fits
            for each in (_constants(it), _scores(it), *_left_out(it), _points(it))
        ),
        source_sheet(row for it in fits for row in resting(it.plan.name, it.plan.sources)),
    ]


def _constants(fitted: FittedPlan) -> Sheet:
    units = fitted.plan.parameters.units
    columns: list[tuple[str, str, Callable[[FittedConstant], Cell]]] = [
        ("metal", "", lambda it: it.cell.element),
        ("constant", "", lambda it: it.cell.column),
        ("unit", "", lambda it: units[it.cell.column]),
        ("set", "as beside", lambda it: it.before),
        ("set, standard deviation", "as beside", lambda it: it.before_sd),
        ("fitted", "as beside", lambda it: it.after),
        ("fitted, standard deviation", "as beside", lambda it: it.sd),
        ("low, 95 %", "as beside", lambda it: it.low),
        ("high, 95 %", "as beside", lambda it: it.high),
        ("points", "", lambda it: it.points),
    ]
    return sheet(f"{fitted.plan.name} constants", columns, in_order(fitted))


def _scores(fitted: FittedPlan) -> Sheet:
    columns: list[tuple[str, str, Callable[[SourceScore], Cell]]] = [
        ("source", "", lambda it: it.source),
        ("use", "", lambda it: "fitted" if it.fitted else "predicted only"),
        ("points", "", lambda it: it.before.points),
        ("rms, set", "log10 D", lambda it: it.before.rms),
        ("bias, set", "log10 D", lambda it: it.before.bias),
        ("rms, fitted", "log10 D", lambda it: it.after.rms),
        ("bias, fitted", "log10 D", lambda it: it.after.bias),
    ]
    return sheet(f"{fitted.plan.name} errors", columns, fitted.scores)


def _left_out(fitted: FittedPlan) -> list[Sheet]:
    """None for a single source."""
    columns: list[tuple[str, str, Callable[[LeftOut], Cell]]] = [
        ("source left out", "", lambda it: it.source),
        ("points", "", lambda it: it.left_out.points),
        ("rms, set", "log10 D", lambda it: it.before.rms),
        ("rms, fitted", "log10 D", lambda it: it.fitted.rms),
        ("rms, left out", "log10 D", lambda it: it.left_out.rms),
        ("bias, left out", "log10 D", lambda it: it.left_out.bias),
        ("not judged", "points", lambda it: it.unseen),
    ]
    return [sheet(f"{fitted.plan.name} left out", columns, fitted.left_out)] * bool(fitted.left_out)


def _points(fitted: FittedPlan) -> Sheet:
    found = fitted.fit
    case = found.case
    columns: list[tuple[str, str, Callable[[int], Cell]]] = [
        ("source", "", lambda it: case.contacts[case.points[it].contact].source),
        ("contact", "", lambda it: case.contacts[case.points[it].contact].name),
        ("metal", "", lambda it: case.points[it].element),
        ("measured", "log10 D", lambda it: case.points[it].measured),
        ("set", "log10 D", lambda it: float(found.before.log10_d[it])),
        ("fit", "log10 D", lambda it: float(found.after.log10_d[it])),
        ("use", "", lambda it: "fitted" if found.fitted[it] else "predicted only"),
    ]
    return sheet(f"{fitted.plan.name} points", columns, range(len(case.points)))
