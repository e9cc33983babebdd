"""Designed cuts as sheets of a workbook: designs, costs, prices, candidates, circuits, sources."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ytterby.design.costs import CURRENCY, PRICE_DATE, Price
from ytterby.design.cut import ActiveLimit, Candidate, DesignedCut
from ytterby.design.uncertainty import Sensitivity
from ytterby.report.circuit_sheets import circuit_rests_on, circuit_sheets
from ytterby.report.design import reo_fed
from ytterby.report.workbook import Cell, Sheet, resting, sheet, source_sheet
from ytterby.study.design import DesignStudy

PER_YEAR = f"{CURRENCY} of {PRICE_DATE}/year"
Columns = list[tuple[str, str, Callable[[DesignedCut], Cell]]]


def design_sheets(study: DesignStudy) -> list[Sheet]:
    """All designs beside each other, then each with what it costs, what holds it and its circuit."""
    planned = list(study.designs.values())
    designed = [it.designed for it in planned]
    return [
        sheet("designs", design_columns(), designed),
        cost_sheet(designed),
        *(
            each
            for it in planned
            for each in (
                price_sheet(it.plan.name, it.designed.prices, it.designed),
                _limits(it.designed),
                _candidates(it.designed),
                _sensitivities(it.plan.name, it.sensitivities),
                *circuit_sheets(it.designed.solved),
            )
        ),
        source_sheet(
            row
            for it in planned
            for row in (
                *circuit_rests_on(it.designed.solved),
                *resting(
                    it.plan.name,
                    (key for key in it.sources if key not in it.designed.solved.sources),
                ),
            )
        ),
    ]


def design_columns() -> Columns:
    """How a designed circuit is built and run, what it reaches and costs."""
    return [
        ("design", "", lambda it: it.task.name),
        ("light key", "", lambda it: it.task.cut[0]),
        ("heavy key", "", lambda it: it.task.cut[1]),
        ("extraction", "stages", lambda it: it.stages.extraction),
        ("scrub", "stages", lambda it: it.stages.scrub),
        ("strip", "stages", lambda it: it.stages.strip),
        ("feed", "m3/h", lambda it: it.task.feed.flow),
        ("feed REO", "kg/h", reo_fed),
        ("organic", "m3/h", lambda it: it.run.organic_flow),
        ("extractant", "mol/L", lambda it: it.task.extractant / 1000.0),
        ("saponification", "share of extractant", lambda it: it.run.saponification),
        ("scrub liquor", "m3/h", lambda it: it.run.scrub_h / it.run.scrub_acid),
        ("scrub liquor acid", "mol/L", lambda it: it.run.scrub_acid / 1000.0),
        ("strip acid", "m3/h", lambda it: it.run.strip_flow),
        ("strip acid acid", "mol/L", lambda it: it.run.strip_acid / 1000.0),
        ("wrong side raffinate", "mol/mol", lambda it: it.wrong_side[0]),
        ("wrong side strip liquor", "mol/mol", lambda it: it.wrong_side[1]),
        ("recovery light key", "mol/mol", lambda it: it.recovery[0]),
        ("recovery heavy key", "mol/mol", lambda it: it.recovery[1]),
        ("largest loading", "share of extractant", lambda it: it.loading),
        ("left on stripped organic", "share of capacity", lambda it: it.stripped),
        ("highest pH", "", lambda it: float(it.solved.profiles.ph.max())),
        ("cost", PER_YEAR, lambda it: it.cost),
    ]


def cost_sheet(designed: Iterable[DesignedCut]) -> Sheet:
    """Annual costs by item."""
    return sheet(
        "costs",
        [
            ("design", "", lambda it: it[0].task.name),
            ("item", "", lambda it: it[1]),
            ("cost", PER_YEAR, lambda it: it[0].costs[it[1]]),
        ],
        ((it, item) for it in designed for item in it.costs),
    )


def price_sheet(name: str, prices: Iterable[Price], designed: DesignedCut) -> Sheet:
    """Prices and conventions behind the costs; the unit stands beside each value."""
    return sheet(
        f"{name} prices",
        [
            ("item", "", lambda it: it.item),
            ("value", "as beside", lambda it: it.value),
            ("unit", "", lambda it: "" if it.unit == "1" else it.unit),
            ("in currency", f"{CURRENCY}, where money", designed.task.prices.euros),
            ("basis", "", lambda it: it.basis),
            ("source", "", lambda it: ", ".join(dict.fromkeys((it.source, *it.rests_on)))),
            ("note", "", lambda it: it.note),
        ],
        prices,
    )


def _limits(designed: DesignedCut) -> Sheet:
    columns: list[tuple[str, str, Callable[[ActiveLimit], Cell]]] = [
        ("limit", "", lambda it: it.name),
        ("saving", "% of costs per 1 % loosened", lambda it: it.saving),
    ]
    return sheet(f"{designed.task.name} limits", columns, designed.active)


def _candidates(designed: DesignedCut) -> Sheet:
    columns: list[tuple[str, str, Callable[[Candidate], Cell]]] = [
        ("extraction", "stages", lambda it: it.stages.extraction),
        ("scrub", "stages", lambda it: it.stages.scrub),
        ("strip", "stages", lambda it: it.stages.strip),
        ("cost", f"{PER_YEAR}, empty: not met", lambda it: it.cost),
    ]
    return sheet(f"{designed.task.name} candidates", columns, designed.candidates)


def _sensitivities(name: str, found: Iterable[Sensitivity]) -> Sheet:
    columns: list[tuple[str, str, Callable[[Sensitivity], Cell]]] = [
        ("metal", "", lambda it: it.element),
        ("standard error", "log10 Kex", lambda it: it.uncertainty),
        ("wrong side raffinate", "factor", lambda it: it.raffinate),
        ("wrong side strip liquor", "factor", lambda it: it.strip),
    ]
    return sheet(f"{name} errors", columns, found)
