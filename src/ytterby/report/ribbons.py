"""Boxes in rows and the ribbons between them, each as wide as what it carries, as SVG text."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import Protocol

from ytterby.report.fragments import Drawing
from ytterby.report.layered import Edge, Layout, Node, laid_out
from ytterby.report.svg import INK, PAPER

LETTER, LINE, PAD = 6.4, 15.0, 9.0
"""Pixels of a letter of 12 px, of a line of text, and between text and frame."""
WIDEST, BETWEEN = 1010.0, 22.0
"""Pixels of the longest row, and between boxes."""
MARGIN = 10.0
THIN = 1.2
"""Pixels of a ribbon that carries next to nothing."""
SLENDER = 4.0
"""Pixels up to which a ribbon is drawn by lines, not by bands."""
GREY = "var(--faint, #777)"
FACES: Mapping[str, str] = {
    "feed": "var(--shade, #f2f2f2)",
    "unit": "var(--cut, #dbe7f3)",
    "product": "var(--product, #e3f1df)",
}
"""Of boxes by what they are; all else has that of a feed."""
ROW = 122.0
"""Pixels from row to row."""
LARGEST = 64.0
"""Pixels that the ribbon with most in it is wide."""
SMALL = 5.6
"""Pixels of a letter of 10 px."""


@dataclass(frozen=True)
class Box:
    """What ribbons begin and end at, with its words."""

    name: str
    face: str
    lines: tuple[str, ...]

    @property
    def width(self) -> float:
        """[px]"""
        return LETTER * max(map(len, self.lines)) + 2 * PAD

    @property
    def height(self) -> float:
        """[px]"""
        return LINE * len(self.lines) + PAD


@dataclass(frozen=True)
class Ribbon:
    """From one box to another."""

    source: str
    target: str
    parts: Mapping[str, float]
    """What it carries of each kind, in one unit."""
    label: str
    """Beside its start."""
    title: str
    """Told where it is pointed at."""

    @property
    def carried(self) -> float:
        """Of all kinds."""
        return math.fsum(self.parts.values())


class Laid(Protocol):
    """Boxes that have places, and what runs between them, by number."""

    @property
    def boxes(self) -> Mapping[str, Box]:
        """By name."""

    @property
    def ends(self) -> Sequence[tuple[str, str]]:
        """From which box to which."""

    @property
    def layout(self) -> Layout:
        """Places and lanes; what runs back has no lane."""

    def wide(self, at: int) -> float:
        """Pixels of what runs."""

    def middle(self, name: str) -> tuple[float, float]:
        """Of a box [px]."""


@dataclass(frozen=True)
class _Picture:
    boxes: Mapping[str, Box]
    ribbons: Sequence[Ribbon]
    layout: Layout
    scale: float
    """Pixels per unit carried."""

    @property
    def ends(self) -> Sequence[tuple[str, str]]:
        """From which box to which."""
        return [(it.source, it.target) for it in self.ribbons]

    def wide(self, at: int) -> float:
        """Pixels of a ribbon."""
        return max(THIN, self.scale * self.ribbons[at].carried)

    def middle(self, name: str) -> tuple[float, float]:
        """Of a box [px]."""
        return MARGIN + self.layout.places[name], MARGIN + ROW * (self.layout.rows[name] + 0.4)


def ribbon_drawing(
    name: str,
    title: str,
    boxes: Sequence[Box],
    ribbons: Sequence[Ribbon],
    colours: Mapping[str, str],
    names: Mapping[str, str],
    words: str,
) -> Drawing:
    """Boxes in the order of the process; ribbons parted into bands by kind, those that run back dashed.

    ``colours`` and ``names`` are by kind, in the order of the bands.
    """
    picture = _laid(boxes, ribbons)
    widest = sorted(range(len(ribbons)), key=lambda at: -picture.wide(at))
    inside = [
        *(_ribbon(picture, at, colours) for at in widest),
        *(drawn_box(picture, it) for it in boxes),
        *_labels(picture, widest),
        legend(2 * MARGIN + ROW * picture.layout.height, colours, names),
    ]
    back = any(at not in picture.layout.lanes for at in range(len(ribbons)))
    width = 2 * MARGIN + picture.layout.width + (24.0 if back else 0.0)
    height = 3 * MARGIN + ROW * picture.layout.height
    svg = "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
            f'width="{width:.0f}" role="img" font-family="system-ui, sans-serif" font-size="12">',
            f"<title>{escape(title)}</title>",
            f"<desc>{escape(words)}</desc>",
            *filter(None, inside),
            "</svg>",
        ]
    )
    return Drawing(name, svg, words)


def _laid(boxes: Sequence[Box], ribbons: Sequence[Ribbon]) -> _Picture:
    largest = max((it.carried for it in ribbons), default=0.0)
    scale = LARGEST / largest if largest > 0.0 else 0.0
    widths = [max(THIN, scale * it.carried) for it in ribbons]
    pairs = list(zip(ribbons, widths, strict=True))
    layout = laid_out(
        [Node(it.name, max(it.width, _ports(it.name, pairs))) for it in boxes],
        [Edge(it.source, it.target, width) for it, width in pairs],
        WIDEST,
        BETWEEN,
    )
    return _Picture({it.name: it for it in boxes}, ribbons, layout, scale)


def _ports(name: str, pairs: Sequence[tuple[Ribbon, float]]) -> float:
    """Pixels that all ribbons on one side of a box take."""
    return max(
        math.fsum(width for it, width in pairs if it.target == name),
        math.fsum(width for it, width in pairs if it.source == name),
    )


def _ribbon(picture: _Picture, at: int, colours: Mapping[str, str]) -> str:
    """Bands beside each other, each as wide as its share; lines where it is thin or runs back."""
    it, width = picture.ribbons[at], picture.wide(at)
    back = at not in picture.layout.lanes
    way, title = points(picture, at, ROW), f"<title>{escape(it.title)}</title>"
    if back:
        style = f"fill:none;stroke:{GREY};stroke-width:1.6;stroke-dasharray:5 3"
        return f'<g>{title}<path d="{returning(way, picture.layout.width)}" style="{style}"/></g>'
    drawn, along = [], -width / 2
    for kind, colour in colours.items():
        part = width * it.parts.get(kind, 0.0) / it.carried if it.carried > 0.0 else 0.0
        if part <= 0.0:
            continue
        if width <= SLENDER:  # a slanting band would be thinner still
            style = f"fill:none;stroke:{colour};stroke-width:{part:.2f};stroke-opacity:0.65"
            drawn.append(f'<path d="{line(way, along + part / 2)}" style="{style}"/>')
        else:
            shape = band(way, along, along + part)
            drawn.append(f'<path d="{shape}" style="fill:{colour};fill-opacity:0.65"/>')
        along += part
    return f"<g>{title}{''.join(drawn)}</g>"


def _labels(picture: _Picture, order: Sequence[int]) -> list[str]:
    """What ribbons carry, below their starts on paper; the widest first, those without room left out."""
    taken: list[tuple[float, float, float]] = []
    drawn = []
    for at in order:
        text = picture.ribbons[at].label
        x, y = points(picture, at, ROW)[0]
        half = (SMALL * len(text) + 5.0) / 2
        if not text or any(abs(it[1] - y) < LINE and abs(it[0] - x) < it[2] + half for it in taken):
            continue
        taken.append((x, y, half))
        drawn.append(told_beside(x, y, text))
    return drawn


def drawn_box(laid: Laid, box: Box) -> str:
    """A box with its words, the first one bold."""
    x, y = laid.middle(box.name)
    first = y - LINE * (len(box.lines) - 1) / 2 + 4.0
    weights = (' font-weight="600"', *[' font-size="11"'] * (len(box.lines) - 1))
    lines = "".join(
        f'<tspan x="{x:.1f}" y="{first + LINE * place:.1f}"{weight}>{escape(text)}</tspan>'
        for place, (text, weight) in enumerate(zip(box.lines, weights, strict=True))
    )
    return (
        f'<rect x="{x - box.width / 2:.1f}" y="{y - box.height / 2:.1f}" width="{box.width:.1f}" '
        f'height="{box.height:.1f}" rx="6" style="fill:{FACES[box.face]};stroke:{INK};stroke-opacity:0.45"/>'
        f'<text text-anchor="middle" style="fill:{INK}">{lines}</text>'
    )


def _port(laid: Laid, at: int, leaving: bool) -> tuple[float, float]:
    """Where one meets a box: those of one side beside each other, in the order of their other ends."""
    side = 0 if leaving else 1
    name = laid.ends[at][side]
    mine = [place for place, ends in enumerate(laid.ends) if ends[side] == name]
    mine.sort(key=lambda place: (_other_x(laid, place, leaving), place))
    widths = [laid.wide(place) for place in mine]
    room = max(0.0, 0.8 * laid.boxes[name].width - math.fsum(widths))
    gap = min(14.0, room / (len(mine) - 1)) if len(mine) > 1 else 0.0
    x, y = laid.middle(name)
    place = mine.index(at)
    along = x - (math.fsum(widths) + gap * (len(mine) - 1)) / 2
    along += math.fsum(widths[:place]) + gap * place + widths[place] / 2
    half = laid.boxes[name].height / 2
    return along, y + half if leaving else y - half


def _other_x(laid: Laid, at: int, leaving: bool) -> float:
    """Where one comes from, or goes to, in the next row; one that runs back is at the right."""
    if at not in laid.layout.lanes:
        return math.inf
    lanes, (source, target) = laid.layout.lanes[at], laid.ends[at]
    if lanes:
        return lanes[0][0] if leaving else lanes[-1][0]
    return laid.layout.places[target if leaving else source]


def points(laid: Laid, at: int, row: float) -> list[tuple[float, float]]:
    """From the lower edge of one box through the lanes to the upper edge of the other; rows so far apart."""
    found = [_port(laid, at, True)]
    for x, number in laid.layout.lanes.get(at, ()):
        middle = MARGIN + row * (number + 0.4)
        found += [(MARGIN + x, middle - 18.0), (MARGIN + x, middle + 18.0)]
    return [*found, _port(laid, at, False)]


def returning(way: Sequence[tuple[float, float]], width: float) -> str:
    """A line that runs back, beside all rows of a layout of that width."""
    (x, y), (to_x, to_y) = way[0], way[-1]
    far = 2 * MARGIN + width + 14.0
    return (
        f"M{x:.1f},{y:.1f} C{x:.1f},{y + 30:.1f} {far:.1f},{y + 30:.1f} {far:.1f},{(y + to_y) / 2:.1f} "
        f"C{far:.1f},{to_y - 30:.1f} {to_x:.1f},{to_y - 30:.1f} {to_x:.1f},{to_y:.1f}"
    )


def line(way: Sequence[tuple[float, float]], aside: float) -> str:
    """A line along a way, that far from its middle."""
    moved = [(x + aside, y) for x, y in way]
    return f"M{moved[0][0]:.2f},{moved[0][1]:.1f} {_curves(moved)}"


def band(way: Sequence[tuple[float, float]], left: float, right: float) -> str:
    """What lies between two lines along a way, both given by their place beside its middle."""
    down = [(x + left, y) for x, y in way]
    up = [(x + right, y) for x, y in reversed(way)]
    return (
        f"M{down[0][0]:.2f},{down[0][1]:.1f} {_curves(down)} "
        f"L{up[0][0]:.2f},{up[0][1]:.1f} {_curves(up)} Z"
    )


def _curves(way: Sequence[tuple[float, float]]) -> str:
    """From the first point through all others, upright at each."""
    parts = []
    for (x, y), (to_x, to_y) in pairwise(way):
        middle = (y + to_y) / 2
        parts.append(f"C{x:.2f},{middle:.1f} {to_x:.2f},{middle:.1f} {to_x:.2f},{to_y:.1f}")
    return " ".join(parts)


def told_beside(x: float, y: float, text: str) -> str:
    """What one carries, below a point on paper."""
    width = SMALL * len(text) + 5.0
    return (
        f'<rect x="{x - width / 2:.1f}" y="{y + 4:.1f}" width="{width:.1f}" height="13" rx="3" '
        f'style="fill:{PAPER};fill-opacity:0.85"/><text x="{x:.1f}" y="{y + 14:.1f}" text-anchor="middle" '
        f'font-size="10" style="fill:{INK}">{escape(text)}</text>'
    )


def legend(y: float, colours: Mapping[str, str], names: Mapping[str, str]) -> str:
    """What the colours are, in one line."""
    parts, x = [], MARGIN
    for kind, colour in colours.items():
        parts.append(
            f'<rect x="{x:.1f}" y="{y - 10:.1f}" width="14" height="11" '
            f'style="fill:{colour};fill-opacity:0.75"/>'
            f'<text x="{x + 19:.1f}" y="{y:.1f}" style="fill:{INK}">{escape(names[kind])}</text>'
        )
        x += 36.0 + LETTER * len(names[kind])
    return "".join(parts)
