"""A designed sequence as a drawing: boxes for feed, cuts and products, arrows for the liquors between them.

Positions are in units of a column, one column a product, y downwards; what draws it chooses the size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ytterby.design.costs import CURRENCY
from ytterby.design.sequence import DesignedSequence
from ytterby.design.steps import DRAW, Joint, Span, Step, Tree
from ytterby.report.sequence import products_of, stages_in_words
from ytterby.report.tables import number, percent
from ytterby.study.sequence import PlannedSequence

Kind = Literal["feed", "cut", "product"]


@dataclass(frozen=True)
class Box:
    """One box with lines of text, at its middle."""

    kind: Kind
    x: float
    y: float
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Arrow:
    """A liquor from one box to another, by their numbers."""

    start: int
    end: int
    label: str


@dataclass(frozen=True)
class TreeDrawing:
    """What is to be drawn of one sequence."""

    name: str
    """Of the files, without suffix."""
    title: str
    caption: str
    boxes: tuple[Box, ...]
    """The feed, the cuts in the order of the sequence, the products in the order of extraction."""
    arrows: tuple[Arrow, ...]
    columns: int
    rows: int
    sources: tuple[str, ...] = ()
    """Keys of what the numbers rest on."""


def sequence_drawing(planned: PlannedSequence) -> TreeDrawing:
    """The best sequence as a tree: stages and costs of each cut, purity and recovery of each product."""
    best, words = planned.best, planned.found.task.words
    places = tree_places(best.tree)
    first = planned.found.task.first
    top = places[best.tree[0]][0]
    feed = ("feed", f"{number(first.feed.flow)} m3/h", f"{len(first.elements)} metals")
    boxes = [Box("feed", top, 0.0, feed), *_cut_boxes(planned, best, places)]
    for number_, product in enumerate(products_of(planned, best)):
        metals = [] if product.name == "".join(product.metals) else [" ".join(product.metals)]
        lines = (product.name, *metals, f"{percent(product.purity)} % pure",
                 f"{percent(product.recovery)} % recovered")  # fmt: skip
        row = 1.0 + max(places[step][1] for step, _ in product.leaves)
        boxes.append(Box("product", float(number_), row, lines))
    rows = 1 + round(max(box.y for box in boxes))
    return TreeDrawing(
        name=f"{planned.plan.name}-sequence",
        title=f"{planned.plan.name}: best of {len(planned.found.designed)} designed sequences of "
        f"{', '.join(map(words, best.tree))}",
        caption=f"{first.equilibrium}; stages: extraction + scrub + strip; purity and recovery by amount "
        f"(mol/mol); {number(best.cost / 1000.0)} thousand {CURRENCY}/year in all, a first estimate",
        boxes=tuple(boxes),
        arrows=tree_arrows(best.tree, len(planned.plan.products)),
        columns=len(planned.plan.products),
        rows=rows,
        sources=planned.sources,
    )


def tree_places(tree: Tree) -> dict[Step, tuple[float, float]]:
    """Where each circuit stands, columns and rows: between its parts, below the circuits that feed it.

    A product stands in the column of its number, and a finisher in those of what it is to free, so that no
    two boxes of a row overlap.
    """
    found: dict[Step, tuple[float, float]] = {}
    by_source = {step.source: step for step in tree}

    def place(span: Span, row: float) -> float:
        if span.single:
            return float(span.first)
        step = by_source[span]
        light, heavy = step.outlets.values()
        if isinstance(step, Joint):
            # The finisher adds to one of the ends, which therefore stands below it.
            below = row + 1.0, row + 2.0
            lower, upper = reversed(below) if step.side == "extraction" else below
            found[step.finisher] = place(step.drawn, row + 2.0), row + 1.0
        else:
            lower = upper = row + 1.0
        x = (place(light, lower) + place(heavy, upper)) / 2.0
        found[step] = x, row
        return x

    root = tree[0]
    place(Span(root.first, root.end), 1.0)
    return {step: found[step] for step in tree}


def tree_arrows(tree: Tree, products: int) -> tuple[Arrow, ...]:
    """Arrows between boxes that stand in the order feed, circuits of the tree, products."""
    number_of = {step.source: place for place, step in enumerate(tree, start=1)}
    number_of |= {Span(it, it + 1): 1 + len(tree) + it for it in range(products)}
    arrows = [Arrow(0, 1, "")]
    for start, step in enumerate(tree, start=1):
        if isinstance(step, Joint):
            arrows.append(Arrow(start, number_of[step], DRAW))
        arrows += [Arrow(start, number_of[span], outlet) for outlet, span in step.outlets.items()]
    return tuple(arrows)


def _cut_boxes(
    planned: PlannedSequence, best: DesignedSequence, places: dict[Step, tuple[float, float]]
) -> list[Box]:
    boxes = []
    for cut in best.tree:
        made = best.designs[cut]
        cost = f"{number(best.step_cost(cut) / 1000.0)} k{CURRENCY}/year"
        lines: tuple[str, ...] = (
            planned.found.task.words(cut),
            f"{stages_in_words(made.stages)} stages",
            cost,
        )
        if isinstance(cut, Joint):
            (draw,) = made.solved.circuit.draws
            place = f"drawn at {draw.place.section} {draw.place.stage}"
            lines = (*lines, f"{place}, {number(draw.flow)} m3/h")
        boxes.append(Box("cut", *places[cut], lines))
    return boxes
