"""What drawings of chains are put together from: text, lines, and the sheet that they stand on."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from ytterby.report.fragments import Drawing
from ytterby.report.svg import INK

WIDTH = 1010.0
MARGIN = 10.0


def text(
    x: float, y: float, words: str, anchor: str = "start", size: int = 11, ink: str = INK
) -> str:
    """Words from, around or up to a point on their base line."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" style="fill:{ink}">'
        f"{escape(words)}</text>"
    )


def line(x: float, y: float, to_x: float, to_y: float, style: str) -> str:
    """A straight line."""
    return f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}" style="{style}"/>'


def bar(x: float, y: float, width: float, height: float, style: str, told: str = "") -> str:
    """A rectangle that says something when it is pointed at."""
    title = f"<title>{escape(told)}</title>" if told else ""
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
        f'style="{style}">{title}</rect>'
    )


def drawing(name: str, title: str, height: float, inside: Iterable[str], words: str) -> Drawing:
    """The parts on one sheet of the usual width; ``words`` say what is seen."""
    svg = "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {height:.0f}" '
            f'width="{WIDTH:.0f}" role="img" font-family="system-ui, sans-serif" font-size="11">',
            f"<title>{escape(title)}</title>",
            f"<desc>{escape(words)}</desc>",
            *inside,
            "</svg>",
        ]
    )
    return Drawing(name, svg, words)
