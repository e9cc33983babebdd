"""A designed sequence as a drawing: boxes for feed, cuts and products, arrows for the liquors between them.

Positions are in units of a column, one column a product, y downwards; what draws it chooses the size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ytterby.design.costs import CURRENCY
from ytterby.design.sequence import Cut, DesignedSequence, Tree
from ytterby.report.sequence import products_of, stages_in_words
from ytterby.report.tables import number, percent
from ytterby.study.sequence import PlannedSequence

Kind = Literal["feed", "cut", "product"]
OUTLETS = ("raffinate", "strip liquor")


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
        boxes.append(Box("product", float(number_), places[product.cut][1] + 1.0, lines))
    rows = 1 + round(max(box.y for box in boxes))
    return TreeDrawing(
        name=f"{planned.plan.name}-sequence",
        title=f"{planned.plan.name}: best of {len(planned.found.designed)} designed orders of "
        f"{', '.join(map(words, best.tree))}",
        caption=f"{first.equilibrium}; stages: extraction + scrub + strip; purity and recovery by amount "
        f"(mol/mol); {number(best.cost / 1000.0)} thousand {CURRENCY}/year in all, a first estimate",
        boxes=tuple(boxes),
        arrows=tree_arrows(best.tree, len(planned.plan.products)),
        columns=len(planned.plan.products),
        rows=rows,
    )


def tree_places(tree: Tree) -> dict[Cut, tuple[float, float]]:
    """Where each cut stands, columns and rows: between its two parts, below the cut that feeds it.

    A product stands in the column of its number, so that no two boxes of a row overlap.
    """
    found: dict[Cut, tuple[float, float]] = {}
    by_span = {(cut.first, cut.end): cut for cut in tree}

    def place(first: int, end: int, row: float) -> float:
        if end - first == 1:
            return float(first)
        cut = by_span[first, end]
        x = (place(first, cut.split, row + 1.0) + place(cut.split, end, row + 1.0)) / 2.0
        found[cut] = x, row
        return x

    root = tree[0]
    place(root.first, root.end, 1.0)
    return {cut: found[cut] for cut in tree}


def tree_arrows(tree: Tree, products: int) -> tuple[Arrow, ...]:
    """Arrows between boxes that stand in the order feed, cuts of the tree, products."""
    number_of = {(cut.first, cut.end): place for place, cut in enumerate(tree, start=1)}
    number_of |= {(it, it + 1): 1 + len(tree) + it for it in range(products)}
    arrows = [Arrow(0, 1, "")]
    for cut in tree:
        parts = ((cut.first, cut.split), (cut.split, cut.end))
        start = number_of[cut.first, cut.end]
        arrows += [
            Arrow(start, number_of[part], outlet)
            for part, outlet in zip(parts, OUTLETS, strict=True)
        ]
    return tuple(arrows)


def _cut_boxes(
    planned: PlannedSequence, best: DesignedSequence, places: dict[Cut, tuple[float, float]]
) -> list[Box]:
    boxes = []
    for cut in best.tree:
        made = best.designs[cut]
        cost = f"{number(made.cost / 1000.0)} k{CURRENCY}/year"
        lines = (planned.found.task.words(cut), f"{stages_in_words(made.stages)} stages", cost)
        boxes.append(Box("cut", *places[cut], lines))
    return boxes
