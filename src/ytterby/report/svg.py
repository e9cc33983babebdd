"""Drawings as SVG text, without a drawing library; colours by variables, so that they hold on dark pages."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from ytterby.report.fragments import Drawing

if TYPE_CHECKING:  # the room of sequences is heavy, and others take only colours from here
    from ytterby.report.sequence_drawing import Arrow, Box, Kind, TreeDrawing

LETTER, LINE = 7.0, 17.0
"""Pixels of a letter and of a line of text of 13 px."""
PAD = 12.0
"""Pixels between text and frame."""
BETWEEN = 26.0
"""Pixels between boxes side by side."""
ROW = 128.0
"""Pixels from row to row."""
PAPER = "var(--paper, #fff)"
INK = "var(--ink, #222)"
FACES: dict[Kind, str] = {
    "feed": "var(--shade, #f2f2f2)",
    "cut": "var(--cut, #dbe7f3)",
    "product": "var(--product, #e3f1df)",
}
COLOURS = {
    "raffinate": "var(--cool, #1f5a94)",
    "strip liquor": "var(--warm, #a4501e)",
    "side draw": "var(--side, #5c7a29)",
}
"""Of arrows, by their label."""


def tree_drawing(drawing: TreeDrawing) -> Drawing:
    """A tree of cuts as SVG; its title and caption are left to the page."""
    column = max(_width(box) for box in drawing.boxes) + BETWEEN
    size = (column * drawing.columns, ROW * drawing.rows)
    inside = [_arrow(arrow, drawing.boxes, column) for arrow in drawing.arrows]
    inside += [_box(box, column) for box in drawing.boxes]
    inside += [_label(arrow, drawing.boxes, column) for arrow in drawing.arrows if arrow.label]
    description = _in_words(drawing)
    svg = "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size[0]:.0f} {size[1]:.0f}" '
            f'width="{size[0]:.0f}" role="img" font-family="system-ui, sans-serif" font-size="13">',
            f"<title>{escape(drawing.title)}</title>",
            f"<desc>{escape(description)}</desc>",
            *inside,
            "</svg>",
        ]
    )
    return Drawing(drawing.name, svg, description)


def _in_words(drawing: TreeDrawing) -> str:
    """Every arrow as a sentence."""
    said = []
    for arrow in drawing.arrows:
        start, end = drawing.boxes[arrow.start].lines[0], drawing.boxes[arrow.end].lines[0]
        said.append(f"{arrow.label or 'feed'} from {start} to {end}")
    return "; ".join(said) + "."


def _width(box: Box) -> float:
    return LETTER * max(map(len, box.lines)) + 2 * PAD


def _height(box: Box) -> float:
    return LINE * len(box.lines) + 2 * PAD - 6.0


def _middle(box: Box, column: float) -> tuple[float, float]:
    return column * (box.x + 0.5), ROW * (box.y + 0.5)


def _box(box: Box, column: float) -> str:
    x, y = _middle(box, column)
    width, height = _width(box), _height(box)
    first = y - LINE * (len(box.lines) - 1) / 2 + 4.5
    weights = (' font-weight="600"', *[""] * (len(box.lines) - 1))
    lines = "".join(
        f'<tspan x="{x:.1f}" y="{first + LINE * number:.1f}"{weight}>{escape(text)}</tspan>'
        for number, (text, weight) in enumerate(zip(box.lines, weights, strict=True))
    )
    return (
        f'<rect x="{x - width / 2:.1f}" y="{y - height / 2:.1f}" width="{width:.1f}" '
        f'height="{height:.1f}" rx="8" style="fill:{FACES[box.kind]};stroke:{INK};stroke-opacity:0.5"/>'
        f'<text text-anchor="middle" style="fill:{INK}">{lines}</text>'
    )


def _arrow(arrow: Arrow, boxes: tuple[Box, ...], column: float) -> str:
    """From the lower edge of one box to the upper edge of the other, with its head."""
    (x, y), (to_x, to_y) = _ends(arrow, boxes, column)
    colour = COLOURS.get(arrow.label, INK)
    length = ((to_x - x) ** 2 + (to_y - y) ** 2) ** 0.5
    along_x, along_y = (to_x - x) / length, (to_y - y) / length
    back_x, back_y = to_x - 9.0 * along_x, to_y - 9.0 * along_y
    head = (
        f"{to_x:.1f},{to_y:.1f} {back_x - 4.0 * along_y:.1f},{back_y + 4.0 * along_x:.1f} "
        f"{back_x + 4.0 * along_y:.1f},{back_y - 4.0 * along_x:.1f}"
    )
    return (
        f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{back_x:.1f}" y2="{back_y:.1f}" '
        f'style="stroke:{colour};stroke-width:1.6"/><polygon points="{head}" style="fill:{colour}"/>'
    )


def _label(arrow: Arrow, boxes: tuple[Box, ...], column: float) -> str:
    """At the middle of the arrow, on paper, so that the line does not run through it."""
    (x, y), (to_x, to_y) = _ends(arrow, boxes, column)
    middle, height = (x + to_x) / 2, (y + to_y) / 2
    width = 6.0 * len(arrow.label) + 4.0
    return (
        f'<rect x="{middle - width / 2:.1f}" y="{height - 8:.1f}" width="{width:.1f}" height="16" '
        f'style="fill:{PAPER}"/>'
        f'<text x="{middle:.1f}" y="{height + 4:.1f}" text-anchor="middle" font-size="11" '
        f'style="fill:{COLOURS.get(arrow.label, INK)}">{escape(arrow.label)}</text>'
    )


def _ends(
    arrow: Arrow, boxes: tuple[Box, ...], column: float
) -> tuple[tuple[float, float], tuple[float, float]]:
    start, end = boxes[arrow.start], boxes[arrow.end]
    (x, y), (to_x, to_y) = _middle(start, column), _middle(end, column)
    return (x, y + _height(start) / 2), (to_x, to_y - _height(end) / 2)
