"""Sequences of cuts as fragments of a report."""

from __future__ import annotations

from ytterby.datasets import weakest_basis
from ytterby.report import sequence as tables
from ytterby.report.design import money
from ytterby.report.fragments import Fragment, fault_fragment, under
from ytterby.report.sequence_drawing import sequence_drawing
from ytterby.report.svg import tree_drawing
from ytterby.report.tables import Table, assumed_in_words, terms_in_words
from ytterby.study.sequence import PlannedSequence, SequenceStudy


def sequence_study_fragments(study: SequenceStudy) -> list[Fragment]:
    """All sequences of a study, then what was not reached and why."""
    found = [it for planned in study.sequences.values() for it in sequence_fragments(planned)]
    if study.unreached:
        found.append(fault_fragment("Not reached", list(study.unreached.values())))
    return found


def sequence_fragments(planned: PlannedSequence, section: str = "") -> list[Fragment]:
    """Orders of cuts by cost, those that were designed, what comes out, what it rests on.

    Under the heading ``section``, else under the sequence's name.
    """
    found, drawing = planned.found, sequence_drawing(planned)
    refused = tables.refused_table(planned)
    beyond = tables.extrapolated_table(planned)
    fragments = [
        Fragment(
            "Orders of cuts",
            (tables.ranking_table(planned), *_filled(refused)),
            caption=sequence_in_words(planned),
        ),
        Fragment("Best order", figure=tree_drawing(drawing), caption=drawing.caption),
        *(
            Fragment(
                tables.order_in_words(found.task, designed.tree),
                (tables.cut_table(planned, designed), tables.product_table(planned, designed)),
            )
            for designed in found.designed
        ),
        Fragment("Costs", (tables.item_table(planned), tables.sequence_price_table(planned))),
        Fragment("What it rests on", _filled(beyond), caption=_rests_on(planned)),
    ]
    return under(section or f"Sequence {planned.plan.name}", fragments, planned.sources)


def sequence_in_words(planned: PlannedSequence) -> str:
    """What was ranked and designed, in one sentence."""
    found, best = planned.found, planned.best
    first = found.task.first
    return (
        f"Sequence {planned.plan.name}: {len(first.elements)} metals into {len(planned.plan.products)} "
        f"products, {first.equilibrium}{terms_in_words(first.terms)}, {len(found.ranked)} orders of cuts, "
        f"{len(found.designed)} designed; best {tables.order_in_words(found.task, best.tree)}, "
        f"{money(best.cost)} a year"
    )


def _rests_on(planned: PlannedSequence) -> str:
    solved = [made.solved for made in planned.best.designs.values()]
    said = dict.fromkeys(text for it in solved for text in it.assumptions)
    weakest = (
        f"Weakest basis: of the chemistry {solved[0].weakest_basis}, of the prices "
        f"{weakest_basis(planned.prices)}."
    )
    return "\n".join([*assumed_in_words((*tables.ASSUMPTIONS, *said)), weakest])


def _filled(table: Table) -> tuple[Table, ...]:
    return (table,) if table.rows else ()
