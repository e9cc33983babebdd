"""Printing of sequences, and the pictures that are drawn of them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ytterby.cli.show import _page, _plain, print_json, print_table

if TYPE_CHECKING:
    from rich.console import Console

    from ytterby.study.sequence import PlannedSequence, SequenceStudy


def print_sequences(study: SequenceStudy, as_json: bool, plot: Path | None) -> None:
    """Draw what was asked for, then everything that a person or a program reads of the sequences."""
    drawn = _draw(study, plot) if plot else []
    if as_json:
        from ytterby.report.sequence_document import sequence_document

        print_json({**sequence_document(study), "figures": [str(path) for path in drawn]})
        return
    with _page() as console:
        console.print(_plain(study.case.title or str(study.case.path)), style="bold")
        for planned in study.sequences.values():
            _print_sequence(console, planned)
        for path in drawn:
            console.print(_plain(f"drawn: {path}"), soft_wrap=True)
    for error in study.unreached.values():
        print(error, file=sys.stderr)


def _print_sequence(console: Console, planned: PlannedSequence) -> None:
    from ytterby.datasets import weakest_basis
    from ytterby.report import sequence as tables
    from ytterby.report.design import money

    found, best = planned.found, planned.best
    first = found.task.first
    terms = f" with {', '.join(first.terms)}" if first.terms else ""
    console.print(
        f"\nSequence {planned.plan.name}: {len(first.elements)} metals into {len(planned.plan.products)} "
        f"products, {first.equilibrium}{terms}, {len(found.ranked)} orders of cuts, {len(found.designed)} "
        f"designed; best {tables.order_in_words(found.task, best.tree)}, {money(best.cost)} a year\n",
        soft_wrap=True,
    )
    print_table(console, tables.ranking_table(planned))
    for designed in found.designed:
        print_table(console, tables.cut_table(planned, designed))
        print_table(console, tables.product_table(planned, designed))
    for table in (
        tables.item_table(planned),
        tables.refused_table(planned),
        tables.sequence_price_table(planned),
        tables.extrapolated_table(planned),
    ):
        if table.rows:
            print_table(console, table)
    solved = [made.solved for made in best.designs.values()]
    said = dict.fromkeys(text for it in solved for text in it.assumptions)
    for assumption in (*tables.ASSUMPTIONS, *said):
        console.print(f"Assumed, not data: {assumption}.", soft_wrap=True)
    console.print(
        f"Sources: {', '.join(planned.sources)} (`ytterby cite`). Weakest basis: of the chemistry "
        f"{solved[0].weakest_basis}, of the prices {weakest_basis(planned.prices)}.",
        soft_wrap=True,
    )


def _draw(study: SequenceStudy, directory: Path) -> list[Path]:
    """Draw the best of every sequence as a tree; the files written."""
    from ytterby.report.draw_tree import draw_tree
    from ytterby.report.sequence_drawing import sequence_drawing

    drawings = [sequence_drawing(planned) for planned in study.sequences.values()]
    return [path for drawing in drawings for path in draw_tree(drawing, directory)]
