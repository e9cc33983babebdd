"""Sequences of cuts as sheets of a workbook: orders, designed cuts, products, prices, circuits, sources."""

from __future__ import annotations

from collections.abc import Callable

from ytterby.design.sequence import DesignedSequence, RankedSequence
from ytterby.design.steps import Step
from ytterby.report.circuit_sheets import circuit_sheets
from ytterby.report.design_sheets import PER_YEAR, design_columns, price_sheet
from ytterby.report.sequence import (
    ASSUMPTIONS,
    Product,
    hand_cost,
    leaving_in_words,
    order_in_words,
    products_of,
)
from ytterby.report.workbook import Cell, Sheet, resting, sheet, source_sheet
from ytterby.study.sequence import PlannedSequence, SequenceStudy


def sequence_sheets(study: SequenceStudy) -> list[Sheet]:
    """Each sequence with its orders, cuts and products; the circuits of the best; the sources of all."""
    planned = list(study.sequences.values())
    return [
        *(
            each
            for it in planned
            for each in (
                _ranking(it),
                _cuts(it),
                _products(it),
                price_sheet(it.plan.name, it.prices, it.best.designs[it.best.tree[0]]),
            )
        ),
        *(
            each
            for it in planned
            for made in it.best.designs.values()
            for each in circuit_sheets(made.solved)
        ),
        source_sheet(row for it in planned for row in _rests_on(it)),
    ]


def _ranking(planned: PlannedSequence) -> Sheet:
    found = planned.found
    designed = {it.tree: it.cost for it in found.designed}
    columns: list[tuple[str, str, Callable[[tuple[int, RankedSequence]], Cell]]] = [
        ("rank", "", lambda it: it[0]),
        ("cuts in order", "", lambda it: order_in_words(found.task, it[1].tree)),
        ("by hand", PER_YEAR, lambda it: it[1].cost),
        ("designed", PER_YEAR, lambda it: designed.get(it[1].tree)),
    ]
    return sheet(f"{planned.plan.name} orders", columns, enumerate(found.ranked, start=1))


def _cuts(planned: PlannedSequence) -> Sheet:
    """Every cut of every designed order."""
    task, priced = planned.found.task, planned.found.priced
    columns: list[tuple[str, str, Callable[[tuple[DesignedSequence, Step]], Cell]]] = [
        ("cuts in order", "", lambda it: order_in_words(task, it[0].tree)),
        ("cut", "", lambda it: task.words(it[1])),
        ("by hand", PER_YEAR, lambda it: priced[it[1]].cost),
        ("conditioning", PER_YEAR, lambda it: sum(it[0].conditioning[it[1]].values())),
        *(
            (name, unit, lambda it, take=take: take(it[0].designs[it[1]]))
            for name, unit, take in design_columns()
        ),
    ]
    pairs = [(designed, cut) for designed in planned.found.designed for cut in designed.tree]
    return sheet(f"{planned.plan.name} cuts", columns, pairs)


def _products(planned: PlannedSequence) -> Sheet:
    """Every product of every designed order."""
    task = planned.found.task
    columns: list[tuple[str, str, Callable[[tuple[DesignedSequence, Product]], Cell]]] = [
        ("cuts in order", "", lambda it: order_in_words(task, it[0].tree)),
        ("by hand, all cuts", PER_YEAR, lambda it: hand_cost(planned, it[0].tree)),
        ("designed, all cuts", PER_YEAR, lambda it: it[0].cost),
        ("product", "", lambda it: it[1].name),
        ("metals", "", lambda it: " ".join(it[1].metals)),
        ("leaves as", "", lambda it: leaving_in_words(task, it[1])),
        ("REO", "kg/h", lambda it: it[1].stream.treo()),
        ("purity", "mol/mol", lambda it: it[1].purity),
        ("recovery", "mol/mol", lambda it: it[1].recovery),
        ("purity REO", "kg/kg", lambda it: it[1].purity_reo),
        ("recovery REO", "kg/kg", lambda it: it[1].recovery_reo),
    ]
    pairs = [
        (designed, product)
        for designed in planned.found.designed
        for product in products_of(planned, designed)
    ]
    return sheet(f"{planned.plan.name} products", columns, pairs)


def _rests_on(planned: PlannedSequence) -> list[tuple[str, str, str]]:
    solved = [made.solved for made in planned.best.designs.values()]
    said = dict.fromkeys(text for it in solved for text in it.assumptions)
    return resting(
        planned.plan.name, planned.sources, solved[0].weakest_basis, (*ASSUMPTIONS, *said)
    )
