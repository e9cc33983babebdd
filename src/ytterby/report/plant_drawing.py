"""A plant drawn in the order of its process: units as boxes, streams as wide as their rare earths."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from ytterby.materials import Flow
from ytterby.report.fragments import Drawing
from ytterby.report.layered import Edge, Layout, Node, laid_out
from ytterby.report.plant import yearly
from ytterby.report.plant_streams import LabelledStream, labelled
from ytterby.report.plotly_json import SHADES
from ytterby.report.ribbons import (
    BETWEEN,
    FACES,
    GREY,
    MARGIN,
    SLENDER,
    THIN,
    WIDEST,
    Box,
    band,
    drawn_box,
    legend,
    line,
    points,
    returning,
    told_beside,
)
from ytterby.report.tables import number
from ytterby.study.plant import PlantStudy

ROW = 92.0
"""Pixels from row to row."""
LARGEST = 34.0
"""Pixels that the stream with most rare earths is wide."""
SHOWN = 1e-4
"""Share of the rare earths fed from which an end has a box of its own."""
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

    @property
    def ends(self) -> Sequence[tuple[str, str]]:
        """From which box to which."""
        return [(it.source, it.target) for it in self.pipes]

    def wide(self, at: int) -> float:
        """Pixels of a pipe by its number."""
        return self.width(self.pipes[at])

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
    return [drawn_box(plan, it) for it in plan.boxes.values()]


def _ribbon(plan: _Plan, place: int, bands: Sequence[tuple[str, float]]) -> str:
    """A pipe as bands beside each other, each as wide as its share; grey and thin without rare earths."""
    pipe = plan.pipes[place]
    treo, width = pipe.carried(Flow.treo), plan.width(pipe)
    title = escape("; ".join(it.label for it in pipe.streams))
    back, way = place not in plan.layout.lanes, points(plan, place, ROW)
    if not treo > 0.0:
        bands = [(GREY, 1.0)]
    drawn, along = [], -width / 2
    for colour, share in bands:
        if share <= 0.0:
            continue
        part = width * share
        if back or width <= SLENDER:  # a slanting band would be thinner still
            course = returning(way, plan.layout.width) if back else line(way, along + part / 2)
            dashes = ";stroke-dasharray:5 3" if back or not treo > 0.0 else ""
            drawn.append(
                f'<path d="{course}" style="fill:none;stroke:{colour};stroke-width:{part:.2f};'
                f'stroke-opacity:0.65{dashes}"/>'
            )
        else:
            shape = band(way, along, along + part)
            drawn.append(f'<path d="{shape}" style="fill:{colour};fill-opacity:0.65"/>')
        along += part
    return f"<g><title>{title}</title>{''.join(drawn)}</g>"


def _amount(plan: _Plan, study: PlantStudy, place: int) -> str:
    """Tonnes a year beside the start of a pipe, where it carries enough to be read."""
    pipe = plan.pipes[place]
    treo = pipe.carried(Flow.treo)
    if not treo > 0.0 or plan.width(pipe) <= THIN or pipe.target.startswith("end "):
        return ""
    x, y = points(plan, place, ROW)[0]
    return told_beside(x, y, _tonnes(study, treo))


def _legend(plan: _Plan) -> str:
    """What the colours of the groups drawn are, below the picture."""
    shown = {
        group: colour
        for group, colour in COLOURS.items()
        if any(it.carried(_of(GROUPS[group])) > 0.0 for it in plan.pipes)
    }
    return legend(2 * MARGIN + ROW * plan.layout.height, shown, {it: it for it in shown})


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
