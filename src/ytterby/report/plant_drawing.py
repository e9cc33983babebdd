"""A plant drawn in the order of its process: units as boxes, streams as wide as their rare earths."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from ytterby.materials import Flow
from ytterby.report.fragments import Drawing
from ytterby.report.layered import Edge, Layout, Node, laid_out
from ytterby.report.plant import yearly
from ytterby.report.plant_streams import LabelledStream, labelled
from ytterby.report.plotly_json import SHADES
from ytterby.report.svg import INK, PAPER
from ytterby.report.tables import number
from ytterby.study.plant import PlantStudy

LETTER, LINE, PAD = 6.4, 15.0, 9.0
"""Pixels of a letter of 12 px, of a line of text, and between text and frame."""
WIDEST, BETWEEN, ROW = 1010.0, 22.0, 92.0
"""Pixels of the longest row, between boxes, and from row to row."""
MARGIN = 10.0
LARGEST = 34.0
"""Pixels that the stream with most rare earths is wide."""
THIN = 1.2
"""Pixels of a stream that carries next to none."""
SLENDER = 4.0
"""Pixels up to which a pipe is drawn by lines, not by bands."""
SHOWN = 1e-4
"""Share of the rare earths fed from which an end has a box of its own."""
GREY = "var(--faint, #777)"
FACES: Mapping[str, str] = {
    "feed": "var(--shade, #f2f2f2)",
    "unit": "var(--cut, #dbe7f3)",
    "product": "var(--product, #e3f1df)",
}
"""Of boxes by what they are; all else has that of a feed."""
GROUPS: Mapping[str, tuple[str, ...]] = {
    "La, Ce": ("La", "Ce"),
    "Pr, Nd": ("Pr", "Nd"),
    "Sm, Eu, Gd": ("Sm", "Eu", "Gd"),
    "Tb": ("Tb",),
    "Dy": ("Dy",),
    "Ho to Lu": ("Ho", "Er", "Tm", "Yb", "Lu"),
    "Y": ("Y",),
}
"""Elements that one band of a stream shows, in the order of extraction."""
COLOURS = dict(zip(GROUPS, (SHADES[0], SHADES[1], SHADES[3], SHADES[4], SHADES[6], SHADES[7],
                            SHADES[8]), strict=True))  # fmt: skip


@dataclass(frozen=True)
class Box:
    """A unit, feed or end with its words."""

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
class Pipe:
    """All streams from one box to another."""

    source: str
    target: str
    streams: tuple[LabelledStream, ...]

    def carried(self, weigh: Callable[[Flow], float]) -> float:
        """Of all its streams together."""
        return math.fsum(weigh(it.flow) for it in self.streams)


@dataclass(frozen=True)
class _Plan:
    """What is drawn and where."""

    boxes: Mapping[str, Box]
    pipes: Sequence[Pipe]
    layout: Layout
    scale: float
    """Pixels per kg REO an hour."""

    def width(self, pipe: Pipe) -> float:
        """Pixels of a pipe."""
        return max(THIN, self.scale * pipe.carried(Flow.treo))

    def middle(self, name: str) -> tuple[float, float]:
        """Of a box [px]."""
        return MARGIN + self.layout.places[name], MARGIN + ROW * (self.layout.rows[name] + 0.4)


def plant_drawing(study: PlantStudy) -> Drawing:
    """All units, feeds and ends, streams as wide as their rare-earth oxides, told in t/y."""
    plan = _planned(study)
    pipes = [_ribbon(plan, number, [("var(--cool, #1f5a94)", 1.0)]) for number in _by_width(plan)]
    labels = [_amount(plan, study, number) for number in range(len(plan.pipes))]
    inside = [*pipes, *_boxes(plan), *labels]
    return _drawing(study, plan, "plant", "Plant in the order of its process", inside)


def element_drawing(study: PlantStudy) -> Drawing:
    """The same with streams parted by element, each band as wide as its oxides."""
    plan = _planned(study)
    pipes = []
    for place in _by_width(plan):
        pipe = plan.pipes[place]
        total = pipe.carried(Flow.treo)
        shares = [
            (COLOURS[group], pipe.carried(_of(symbols)) / total if total > 0.0 else 0.0)
            for group, symbols in GROUPS.items()
        ]
        pipes.append(_ribbon(plan, place, shares if total > 0.0 else [(GREY, 1.0)]))
    inside = [*pipes, *_boxes(plan), _legend(plan)]
    return _drawing(study, plan, "elements", "Rare earths through the plant", inside)


def _of(symbols: Sequence[str]) -> Callable[[Flow], float]:
    return lambda flow: math.fsum(flow.oxide(symbol) for symbol in symbols)


def _planned(study: PlantStudy) -> _Plan:
    boxes, pipes = _graph(study)
    largest = max((it.carried(Flow.treo) for it in pipes), default=0.0)
    scale = LARGEST / largest if largest > 0.0 else 0.0
    widths = [max(THIN, scale * it.carried(Flow.treo)) for it in pipes]
    layout = laid_out(
        [Node(it.name, max(it.width, _ports(it.name, pipes, widths))) for it in boxes],
        [Edge(it.source, it.target, width) for it, width in zip(pipes, widths, strict=True)],
        WIDEST,
        BETWEEN,
    )
    return _Plan({it.name: it for it in boxes}, pipes, layout, scale)


def _ports(name: str, pipes: Sequence[Pipe], widths: Sequence[float]) -> float:
    """Pixels that all pipes on one side of a box take."""
    pairs = list(zip(pipes, widths, strict=True))
    return max(
        math.fsum(width for it, width in pairs if it.target == name),
        math.fsum(width for it, width in pairs if it.source == name),
    )


def _graph(study: PlantStudy) -> tuple[list[Box], list[Pipe]]:
    """Boxes in the order of the process, and the pipes between them."""
    streams = labelled(study.balance)
    fed = math.fsum(flow.treo() for flow in study.plan.flowsheet.feeds.values())
    ends: dict[str, list[LabelledStream]] = {}
    for it in streams:
        if it.leaves:
            ends.setdefault(it.end or it.label, []).append(it)
    shown = {
        name
        for name, parts in ends.items()
        if parts[0].kind in ("product", "by-product")
        or math.fsum(it.flow.treo() for it in parts) > SHOWN * fed
    }
    units = study.balance.flowsheet.by_name
    order = [name for part in study.balance.flowsheet.order() for name in part]
    boxes: list[Box] = [_feed_box(study, it) for it in streams if it.enters and it.kind == "feed"]
    boxes = list({it.name: it for it in boxes}.values())
    boxes += [_unit_box(name, units[name].KIND, ends, shown) for name in order]
    boxes += [_end_box(study, name, ends[name]) for name in ends if name in shown]
    pipes: dict[tuple[str, str], list[LabelledStream]] = {}
    for it in streams:
        source = f"feed {it.name.partition(' to ')[0]}" if it.kind == "feed" else it.from_unit
        end = it.end or it.label
        target = f"end {end}" if it.leaves else it.to_unit
        known = source in units or it.kind == "feed"
        if known and (target in units or (it.leaves and end in shown)):
            pipes.setdefault((source, target), []).append(it)
    joined = {name for ends_of in pipes for name in ends_of}
    return [it for it in boxes if it.name in joined], [
        Pipe(*ends_of, tuple(parts)) for ends_of, parts in pipes.items()
    ]


def _feed_box(study: PlantStudy, it: LabelledStream) -> Box:
    name = it.name.partition(" to ")[0]
    flow = study.plan.flowsheet.feeds[name]
    return Box(f"feed {name}", "feed", (name, f"{_tonnes(study, flow.treo())} t/y REO"))


def _unit_box(
    name: str, kind: str, ends: Mapping[str, Sequence[LabelledStream]], shown: set[str]
) -> Box:
    """A unit with its kind, and the ends that have no box of their own."""
    others = [
        it.kind for end, parts in ends.items() if end not in shown for it in parts
        if it.from_unit == name
    ]  # fmt: skip
    said = ", ".join(
        kind if others.count(kind) == 1 else f"{others.count(kind)} {kind}s"
        for kind in dict.fromkeys(others)
    )
    return Box(name, "unit", (name, kind, *([f"and {said}"] if said else [])))


def _end_box(study: PlantStudy, name: str, parts: Sequence[LabelledStream]) -> Box:
    treo = math.fsum(it.flow.treo() for it in parts)
    sold = next((it for it in study.products if it.product.end == name), None)
    words = f"{_tonnes(study, treo)} t/y REO"
    face = parts[0].kind if parts[0].kind in FACES else "feed"
    kind = sold.product.product if sold else parts[0].kind
    return Box(f"end {name}", face, (name, kind, words))


def _tonnes(study: PlantStudy, kilograms: float) -> str:
    return number(float(f"{yearly(study, kilograms):.3g}"))


def _by_width(plan: _Plan) -> list[int]:
    """Places of pipes, the widest first, so that thin ones stay visible."""
    return sorted(range(len(plan.pipes)), key=lambda place: -plan.width(plan.pipes[place]))


def _boxes(plan: _Plan) -> list[str]:
    return [_box(plan, it) for it in plan.boxes.values()]


def _box(plan: _Plan, box: Box) -> str:
    x, y = plan.middle(box.name)
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


def _port(plan: _Plan, place: int, at: str, leaving: bool) -> tuple[float, float]:
    """Where a pipe meets a box: those of one side beside each other, in the order of their other ends."""
    mine = [
        number for number, it in enumerate(plan.pipes) if (it.source if leaving else it.target) == at
    ]  # fmt: skip
    mine.sort(key=lambda number: (_other_x(plan, number, leaving), number))
    widths = [plan.width(plan.pipes[number]) for number in mine]
    room = max(0.0, 0.8 * plan.boxes[at].width - math.fsum(widths))
    gap = min(14.0, room / max(1, len(mine) - 1)) if len(mine) > 1 else 0.0
    x, y = plan.middle(at)
    along = x - (math.fsum(widths) + gap * (len(mine) - 1)) / 2
    index = mine.index(place)
    along += math.fsum(widths[:index]) + gap * index + widths[index] / 2
    half = plan.boxes[at].height / 2
    return along, y + half if leaving else y - half


def _other_x(plan: _Plan, place: int, leaving: bool) -> float:
    """Where a pipe comes from, or goes to, in the next row; one that runs back is at the right."""
    if place not in plan.layout.lanes:
        return math.inf
    lanes, pipe = plan.layout.lanes[place], plan.pipes[place]
    if lanes:
        return lanes[0][0] if leaving else lanes[-1][0]
    return plan.layout.places[pipe.target if leaving else pipe.source]


def _points(plan: _Plan, place: int) -> list[tuple[float, float]]:
    """From the lower edge of one box through its lanes to the upper edge of the other."""
    pipe = plan.pipes[place]
    start, end = _port(plan, place, pipe.source, True), _port(plan, place, pipe.target, False)
    found = [start]
    for x, row in plan.layout.lanes.get(place, ()):
        middle = MARGIN + ROW * (row + 0.4)
        found += [(MARGIN + x, middle - 18.0), (MARGIN + x, middle + 18.0)]
    return [*found, end]


def _ribbon(plan: _Plan, place: int, bands: Sequence[tuple[str, float]]) -> str:
    """A pipe as bands beside each other, each as wide as its share; grey and thin without rare earths."""
    pipe = plan.pipes[place]
    treo, width = pipe.carried(Flow.treo), plan.width(pipe)
    title = escape("; ".join(it.label for it in pipe.streams))
    back = place not in plan.layout.lanes
    if not treo > 0.0:
        bands = [(GREY, 1.0)]
    drawn, along = [], -width / 2
    for colour, share in bands:
        if share <= 0.0:
            continue
        part = width * share
        if back or width <= SLENDER:  # a slanting band would be thinner still
            line = _returning(plan, place) if back else _line(plan, place, along + part / 2)
            dashes = ";stroke-dasharray:5 3" if back or not treo > 0.0 else ""
            drawn.append(
                f'<path d="{line}" style="fill:none;stroke:{colour};stroke-width:{part:.2f};'
                f'stroke-opacity:0.65{dashes}"/>'
            )
        else:
            band = _band(plan, place, along, along + part)
            drawn.append(f'<path d="{band}" style="fill:{colour};fill-opacity:0.65"/>')
        along += part
    return f"<g><title>{title}</title>{''.join(drawn)}</g>"


def _returning(plan: _Plan, place: int) -> str:
    """A line that runs back, beside all rows."""
    (x, y), (to_x, to_y) = _points(plan, place)
    far = 2 * MARGIN + plan.layout.width + 14.0
    return (
        f"M{x:.1f},{y:.1f} C{x:.1f},{y + 30:.1f} {far:.1f},{y + 30:.1f} {far:.1f},{(y + to_y) / 2:.1f} "
        f"C{far:.1f},{to_y - 30:.1f} {to_x:.1f},{to_y - 30:.1f} {to_x:.1f},{to_y:.1f}"
    )


def _line(plan: _Plan, place: int, aside: float) -> str:
    """A line along a pipe, that far from its middle."""
    points = [(x + aside, y) for x, y in _points(plan, place)]
    return f"M{points[0][0]:.2f},{points[0][1]:.1f} {_curves(points)}"


def _band(plan: _Plan, place: int, left: float, right: float) -> str:
    """What lies between two lines along a pipe, both given by their place beside its middle."""
    points = _points(plan, place)
    down = [(x + left, y) for x, y in points]
    up = [(x + right, y) for x, y in reversed(points)]
    return (
        f"M{down[0][0]:.2f},{down[0][1]:.1f} {_curves(down)} "
        f"L{up[0][0]:.2f},{up[0][1]:.1f} {_curves(up)} Z"
    )


def _curves(points: Sequence[tuple[float, float]]) -> str:
    """From the first point through all others, upright at each."""
    parts = []
    for (x, y), (to_x, to_y) in pairwise(points):
        middle = (y + to_y) / 2
        parts.append(f"C{x:.2f},{middle:.1f} {to_x:.2f},{middle:.1f} {to_x:.2f},{to_y:.1f}")
    return " ".join(parts)


def _amount(plan: _Plan, study: PlantStudy, place: int) -> str:
    """Tonnes a year beside the start of a pipe, where it carries enough to be read."""
    pipe = plan.pipes[place]
    treo = pipe.carried(Flow.treo)
    if not treo > 0.0 or plan.width(pipe) <= THIN or pipe.target.startswith("end "):
        return ""
    x, y = _points(plan, place)[0]
    text = _tonnes(study, treo)
    width = 5.6 * len(text) + 5.0
    return (
        f'<rect x="{x - width / 2:.1f}" y="{y + 4:.1f}" width="{width:.1f}" height="13" rx="3" '
        f'style="fill:{PAPER};fill-opacity:0.85"/><text x="{x:.1f}" y="{y + 14:.1f}" text-anchor="middle" '
        f'font-size="10" style="fill:{INK}">{text}</text>'
    )


def _legend(plan: _Plan) -> str:
    """What the colours are, below the picture."""
    y = 2 * MARGIN + ROW * plan.layout.height
    parts, x = [], MARGIN
    for group, colour in COLOURS.items():
        if not any(it.carried(_of(GROUPS[group])) > 0.0 for it in plan.pipes):
            continue
        parts.append(
            f'<rect x="{x:.1f}" y="{y - 10:.1f}" width="14" height="11" '
            f'style="fill:{colour};fill-opacity:0.75"/>'
            f'<text x="{x + 19:.1f}" y="{y:.1f}" style="fill:{INK}">{group}</text>'
        )
        x += 36.0 + LETTER * len(group)
    return "".join(parts)


def _drawing(
    study: PlantStudy, plan: _Plan, name: str, title: str, inside: Sequence[str]
) -> Drawing:
    back = any(place not in plan.layout.lanes for place in range(len(plan.pipes)))
    width = 2 * MARGIN + plan.layout.width + (20.0 if back else 0.0)
    height = 3 * MARGIN + ROW * plan.layout.height
    words = _in_words(study, plan)
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
    return Drawing(f"{study.balance.flowsheet.name}-{name}", svg, words)


def _in_words(study: PlantStudy, plan: _Plan) -> str:
    """Every pipe with rare earths as a sentence."""
    said = [
        f"{_tonnes(study, it.carried(Flow.treo))} t/y REO from {it.source} to {it.target}"
        for it in plan.pipes
        if it.carried(Flow.treo) > 0.0
    ]
    return "; ".join(said) + "."
