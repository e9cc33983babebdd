"""Draw a sequence as a tree, PNG and SVG, with matplotlib (extra ``plot``)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ytterby.report.draw import as_letters, caption_below, write_pictures
from ytterby.report.sequence_drawing import Arrow, Box, Kind, TreeDrawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

COLUMN, ROW = 2.1, 1.3
"""Size of a column and of a row [inch]."""
LEAST_WIDTH = 9.5
"""[inch], for title and caption."""
FACES: dict[Kind, str] = {"feed": "0.95", "cut": "#dbe7f3", "product": "#e3f1df"}
COLOURS = {"raffinate": "#1f5a94", "strip liquor": "#a4501e", "side draw": "#5c7a29"}
"""Of arrows, by their label."""


def draw_tree(drawing: TreeDrawing, directory: Path) -> list[Path]:
    """Write the drawing as ``name.png`` and ``name.svg``; the paths written. OutputError if it cannot."""
    return write_pictures(drawing.name, lambda: _render(drawing), directory)


def _render(drawing: TreeDrawing) -> Any:
    from matplotlib.figure import Figure as Canvas

    size = (max(LEAST_WIDTH, COLUMN * drawing.columns), ROW * drawing.rows + 0.8)
    canvas = Canvas(figsize=size, layout="constrained")
    axes = canvas.subplots()
    axes.set_axis_off()
    axes.set_xlim(-0.6, drawing.columns - 0.4)
    axes.set_ylim(drawing.rows - 0.5, -0.5)
    drawn = [_draw_box(box, axes) for box in drawing.boxes]
    for arrow in drawing.arrows:
        _draw_arrow(arrow, drawn, axes)
    axes.set_title(as_letters(drawing.title), loc="left")
    canvas.supxlabel(
        caption_below(drawing.caption, drawing.sources), fontsize="x-small", color="0.35"
    )
    return canvas


def _draw_box(box: Box, axes: Axes) -> Text:
    frame = {"boxstyle": "round,pad=0.5", "facecolor": FACES[box.kind], "edgecolor": "0.4"}
    return axes.text(
        box.x, box.y, as_letters("\n".join(box.lines)),
        ha="center", va="center", fontsize="small", bbox=frame, zorder=1,
    )  # fmt: skip


def _draw_arrow(arrow: Arrow, boxes: list[Text], axes: Axes) -> None:
    start, end = boxes[arrow.start], boxes[arrow.end]
    (x, y), (to_x, to_y) = start.get_position(), end.get_position()
    colour = COLOURS.get(arrow.label, "0.4")
    # Boxes are drawn first: only then are the patches known that the arrow begins and ends at.
    axes.annotate(
        "", (to_x, to_y), xytext=(x, y), zorder=2,
        arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 1.4, "shrinkA": 0, "shrinkB": 0,
                    "patchA": start.get_bbox_patch(), "patchB": end.get_bbox_patch()},
    )  # fmt: skip
    if arrow.label:
        axes.text(
            (x + to_x) / 2.0, (y + to_y) / 2.0, arrow.label, zorder=3,
            ha="center", va="center", fontsize="x-small", color=colour,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
        )  # fmt: skip
