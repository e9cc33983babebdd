"""Evidence as drawings: readiness in time, facilities on a map, production against promotion."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from ytterby.chain.capacity import Account
from ytterby.chain.evidence import KINDS
from ytterby.chain.grading import GRADES, RANK, UNKNOWN, Readiness
from ytterby.chain.months import written, year
from ytterby.report.chain_canvas import MARGIN, WIDTH, drawing, line, text
from ytterby.report.fragments import Drawing
from ytterby.report.plotly_json import SHADES
from ytterby.report.ribbons import GREY, LETTER
from ytterby.report.svg import INK, PAPER
from ytterby.report.tables import number

LINE = 17.0
"""Pixels from row to row of text."""
MOST_ROWS = 40
"""Of one timeline."""
YEARS = 10
"""Years of a timeline before the last month known; what is older stands before it."""
EARLIER = 42.0
"""Pixels of an older mark with its year."""
COLOURS: Mapping[str, str] = {
    "announced": SHADES[8],
    "financed": SHADES[6],
    "built": SHADES[5],
    "produced": SHADES[3],
    "reproducible": SHADES[1],
    "qualified": SHADES[0],
    UNKNOWN: GREY,
}
"""Of grades."""
HOLLOW = frozenset({UNKNOWN, "announced", "financed", "built"})
"""Grades at which nothing has been made: their marks are not filled."""
_SIDES: Mapping[str, tuple[int, float]] = {
    "financed": (4, 0.0),
    "built": (4, math.pi / 4),
    "produced": (3, -math.pi / 2),
    "reproducible": (4, math.pi / 4),
}
"""Corners of marks and where the first stands; the others are round, and a star."""


def mark(kind: str, x: float, y: float, size: float, colour: str, told: str) -> str:
    """The mark of a grade around a point: hollow where nothing has been made, a star where qualified."""
    fill = PAPER if kind in HOLLOW else colour
    style = f"fill:{fill};fill-opacity:0.8;stroke:{colour};stroke-width:1.5"
    title = f"<title>{escape(told)}</title>" if told else ""
    if kind == "qualified":
        corners = [(1.25 if place % 2 == 0 else 0.55, -math.pi / 2 + place * math.pi / 5)
                   for place in range(10)]  # fmt: skip
    elif kind in _SIDES:
        sides, first = _SIDES[kind]
        corners = [(1.15, first + 2 * math.pi * place / sides) for place in range(sides)]
    else:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size:.1f}" style="{style}">{title}</circle>'
    points = " ".join(
        f"{x + size * far * math.cos(turn):.1f},{y + size * far * math.sin(turn):.1f}"
        for far, turn in corners
    )
    return f'<polygon points="{points}" style="{style}">{title}</polygon>'


def _marks_legend(y: float, kinds: Sequence[str]) -> list[str]:
    parts, x = [], MARGIN + 8.0
    for kind in kinds:
        parts += [mark(kind, x, y - 4.0, 5.0, COLOURS[kind], ""), text(x + 10.0, y, kind)]
        x += 34.0 + LETTER * len(kind)
    return parts


# Readiness


def readiness_drawings(
    timeline: Sequence[Readiness], titles: Mapping[str, str], as_of: int
) -> dict[str, Drawing]:
    """Rows of facilities by stage, strongest first, no more than can be read in one picture; by title."""
    stages: dict[str, list[Readiness]] = {}
    for it in timeline:
        stages.setdefault(it.stage, []).append(it)
    found = {}
    for stage, rows in stages.items():
        rows.sort(
            key=lambda it: (-_furthest(it), min(it.first.values(), default=as_of), it.facility)
        )
        parts = [rows[at : at + MOST_ROWS] for at in range(0, len(rows), MOST_ROWS)]
        for place, part in enumerate(parts, start=1):
            title = stage if len(parts) == 1 else f"{stage}, {place} of {len(parts)}"
            found[title] = _readiness(title, part, titles, as_of)
    return found


def _furthest(it: Readiness) -> int:
    return max((RANK[kind] for kind in (*it.first, *it.undated)), default=0)


def _readiness(
    title: str, rows: Sequence[Readiness], titles: Mapping[str, str], as_of: int
) -> Drawing:
    begin = (year(as_of) - YEARS) * 12
    aside = max(sum(month < begin for month in it.first.values()) for it in rows)
    early = MARGIN + LETTER * max(len(_short(titles[it.facility])) for it in rows) + 14.0
    left = early + EARLIER * aside
    undated = WIDTH - MARGIN - 90.0
    right = undated - 26.0
    scale = (right - left) / (as_of + 1 - begin)
    top, bottom = 30.0, 30.0 + LINE * len(rows)

    def at(month: int) -> float:
        return left + scale * (month + 0.5 - begin)

    inside = [text(undated, top - 14.0, "no date", ink=GREY)]
    if aside:
        inside.append(text(early, top - 14.0, "earlier", ink=GREY))
    for each in range(year(begin), year(as_of) + 1):
        x = left + scale * (each * 12 - begin)
        inside.append(line(x, top - 6.0, x, bottom, f"stroke:{GREY};stroke-opacity:0.25"))
        if right - x > 26.0:
            inside.append(text(x + 2.0, top - 14.0, str(each), ink=GREY))
    inside.append(line(right, top - 6.0, right, bottom, f"stroke:{INK};stroke-opacity:0.6"))
    for place, it in enumerate(rows):
        y, name = top + LINE * (place + 0.5), titles[it.facility]
        inside.append(text(early - 8.0, y + 4.0, _short(name), "end"))
        inside += _early(it, name, early, y, begin)
        inside += _dated(it, name, at, y, begin)
        inside += _undated(it, name, undated, y)
    inside += _marks_legend(bottom + 24.0, KINDS)
    words = f"Readiness for {title}: " + "; ".join(
        f"{titles[it.facility]} "
        + ", ".join((*it.first, *(f"{kind} without a date" for kind in it.undated)))
        for it in rows
    )
    return drawing(
        f"chain-readiness-{title}", f"Readiness for {title}", bottom + 34.0, inside, f"{words}."
    )


def _early(it: Readiness, title: str, left: float, y: float, begin: int) -> list[str]:
    """Marks of what was shown before the time drawn, each with its year."""
    parts = []
    old = sorted((month, kind) for kind, month in it.first.items() if month < begin)
    for place, (month, kind) in enumerate(old):
        x = left + 6.0 + EARLIER * place
        parts += [
            mark(kind, x, y, 5.0, COLOURS[kind], f"{title}: {kind} {written(month)}"),
            text(x + 7.0, y + 3.5, str(year(month)), size=9, ink=GREY),
        ]
    return parts


def _dated(
    it: Readiness, title: str, at: Callable[[int], float], y: float, begin: int
) -> list[str]:
    """Marks at their months, joined."""
    recent = {kind: month for kind, month in it.first.items() if month >= begin}
    if not recent:
        return []
    first, last = at(min(recent.values())), at(max(recent.values()))
    return [
        line(first, y, last, y, f"stroke:{GREY};stroke-opacity:0.35"),
        *(
            mark(kind, at(month), y, 5.0, COLOURS[kind], f"{title}: {kind} {written(month)}")
            for kind, month in recent.items()
        ),
    ]


def _undated(it: Readiness, title: str, left: float, y: float) -> list[str]:
    """Marks of what only rows without a date show."""
    return [
        mark(kind, left + 8.0 + 16.0 * place, y, 5.0, COLOURS[kind], f"{title}: {kind}, not dated")
        for place, kind in enumerate(it.undated)
    ]


def _short(title: str) -> str:
    return title if len(title) <= 38 else f"{title[:36].rstrip()}…"


# Production against promotion


def promotion_drawing(accounts: Sequence[Account]) -> Drawing:
    """A bar for each stage, material and year with a capacity, parted by grade; its weighted part marked."""
    shown = sorted(
        (it for it in accounts if it.announced > 0), key=lambda it: (it.stage, it.material, it.year)
    )
    names = [f"{it.stage}: {it.material or 'no recipe'}, {it.year}" for it in shown]
    left = MARGIN + LETTER * max(map(len, names), default=10) + 8.0
    right, top = WIDTH - MARGIN - 150.0, 26.0
    inside = [
        text(right + 10.0, top - 8.0, "announced, weighted: t/y", ink=GREY),
        text(left, top - 8.0, "0", "middle", ink=GREY),
        text(right, top - 8.0, "100 %", "end", ink=GREY),
    ]
    for place, (it, name) in enumerate(zip(shown, names, strict=True)):
        y = top + 21.0 * place
        inside.append(text(left - 8.0, y + 12.0, name, "end"))
        x = left
        for grade, tonnes in it.by_grade.items():
            width = (right - left) * tonnes / it.announced
            if width > 0:
                told = f"{name}: {grade} {number(tonnes)} t"
                opacity = 0.35 if grade in HOLLOW else 0.85
                inside.append(
                    f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="15" '
                    f'style="fill:{COLOURS[grade]};fill-opacity:{opacity};stroke:{COLOURS[grade]};'
                    f'stroke-width:0.8"><title>{escape(told)}</title></rect>'
                )
            x += width
        part = left + (right - left) * it.weighted / it.announced
        inside.append(line(part, y - 2.0, part, y + 17.0, f"stroke:{INK};stroke-width:2.4"))
        figures = f"{number(float(f'{it.announced:.3g}'))}, {number(float(f'{it.weighted:.3g}'))}"
        inside.append(text(right + 10.0, y + 12.0, figures))
    bottom = top + 21.0 * len(shown)
    x = MARGIN
    for grade in reversed(GRADES):
        opacity = 0.35 if grade in HOLLOW else 0.85
        inside.append(
            f'<rect x="{x:.1f}" y="{bottom + 10:.1f}" width="14" height="11" style="fill:{COLOURS[grade]};'
            f'fill-opacity:{opacity};stroke:{COLOURS[grade]};stroke-width:0.8"/>'
        )
        inside.append(text(x + 19.0, bottom + 20.0, grade))
        x += 38.0 + LETTER * len(grade)
    inside.append(
        line(x + 4.0, bottom + 7.0, x + 4.0, bottom + 24.0, f"stroke:{INK};stroke-width:2.4")
    )
    inside.append(text(x + 10.0, bottom + 20.0, "weighted"))
    words = "; ".join(
        f"{name}: {number(it.announced)} t announced, {number(it.shown)} t of it produced at least, "
        f"{number(it.weighted)} t weighted"
        for it, name in zip(shown, names, strict=True)
    )
    return drawing(
        "chain-promotion", "Production against promotion", bottom + 34.0, inside, f"{words}."
    )


# Map

At = Callable[[float, float], tuple[float, float]]
"""Pixels of a latitude and longitude."""
Box = tuple[float, float, float, float]
"""Two ends of one side, two of the other."""
NEAR = 13.0
"""Degrees of a great circle within which facilities are drawn in one region."""


@dataclass(frozen=True)
class Spot:
    """One facility on the map."""

    title: str
    latitude: float
    longitude: float
    stage: str
    """Of its strongest grade."""
    grade: str
    share: float | None
    """Of the largest capacity at the stage; None if no source states its own."""


def map_drawing(name: str, spots: Sequence[Spot], stages: Sequence[str]) -> Drawing:
    """Facilities by latitude and longitude; no coasts, borders or tiles, graticule lines only."""
    colours = stage_colours(stages)
    box = _extent(spots)
    south, north, west, east = box
    squeeze = math.cos(math.radians((south + north) / 2))
    scale = (WIDTH - 2 * MARGIN) / ((east - west) * squeeze)
    height = min(560.0, scale * (north - south))
    scale = min(scale, height / (north - south))
    across = (WIDTH - (east - west) * squeeze * scale) / 2

    def at(latitude: float, longitude: float) -> tuple[float, float]:
        return across + (longitude - west) * squeeze * scale, MARGIN + (north - latitude) * scale

    inside = _graticule(box, at)
    order = sorted(spots, key=lambda it: (-_radius(it), it.title))
    for it in order:
        said = (
            "capacity not stated" if it.share is None else f"{100 * it.share:.0f} % of the largest"
        )
        told = f"{it.title}: {it.stage}, {it.grade}, {said}"
        inside.append(
            mark(it.grade, *at(it.latitude, it.longitude), _radius(it), colours[it.stage], told)
        )
    inside += _map_labels(spots, at)
    y = height + MARGIN + 34.0
    inside += _marks_legend(y, GRADES)
    x = MARGIN
    for stage in stages:
        inside.append(
            f'<rect x="{x:.1f}" y="{y + 9:.1f}" width="14" height="11" style="fill:{colours[stage]}"/>'
        )
        inside.append(text(x + 19.0, y + 19.0, stage))
        x += 40.0 + LETTER * len(stage)
    words = "; ".join(
        f"{it.title} at {it.latitude:.1f}, {it.longitude:.1f}: {it.stage}, {it.grade}"
        for it in spots
    )
    return drawing(f"chain-map-{name}", f"Facilities, {name}", y + 28.0, inside, f"{words}.")


def regions(spots: Sequence[Spot]) -> list[list[Spot]]:
    """Facilities in groups, each near another of its group, the largest first."""
    groups: list[list[Spot]] = []
    for it in spots:
        near = [group for group in groups if any(_away(it, other) < NEAR for other in group)]
        rest = [group for group in groups if group not in near]
        groups = [*rest, [*(other for group in near for other in group), it]]
    return sorted(groups, key=lambda group: -len(group))


def _away(one: Spot, two: Spot) -> float:
    """Degrees of the great circle between two facilities."""
    (a, b), (c, d) = ((math.radians(it.latitude), math.radians(it.longitude)) for it in (one, two))
    across = math.sin((c - a) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((d - b) / 2) ** 2
    return math.degrees(2 * math.asin(math.sqrt(min(1.0, across))))


def degrees(value: float, positive: str, negative: str) -> str:
    """A latitude or longitude as people write it."""
    return f"{abs(value):.0f}°{positive if value > 0 else negative if value < 0 else ''}"


def stage_colours(stages: Sequence[str]) -> dict[str, str]:
    """A colour for each stage, in their order around the circle."""
    last = max(1, len(stages) - 1)
    return {it: SHADES[round(at * (len(SHADES) - 1) / last)] for at, it in enumerate(stages)}


def _extent(spots: Sequence[Spot]) -> Box:
    """South, north, west, east around all spots, in whole tens of degrees or less where they are near."""
    latitudes, longitudes = [it.latitude for it in spots], [it.longitude for it in spots]
    step = _step(max(longitudes) - min(longitudes))
    pad = step / 4
    return (
        max(-85.0, math.floor((min(latitudes) - pad) / pad) * pad),
        min(85.0, math.ceil((max(latitudes) + pad) / pad) * pad),
        math.floor((min(longitudes) - pad) / pad) * pad,
        math.ceil((max(longitudes) + pad) / pad) * pad,
    )


def _step(span: float) -> float:
    """Degrees between lines of the graticule."""
    return next(it for it in (30.0, 10.0, 5.0, 2.0, 1.0) if span >= 4 * it or it == 1.0)


def _graticule(box: Box, at: At) -> list[str]:
    """Meridians and parallels with their degrees."""
    south, north, west, east = box
    step = _step(east - west)
    style = f"stroke:{GREY};stroke-opacity:0.28;stroke-width:0.8"
    parts = []
    for place in range(math.ceil(west / step), math.floor(east / step) + 1):
        (x, y), (to_x, to_y) = at(north, place * step), at(south, place * step)
        said = degrees(place * step, "E", "W")
        parts += [line(x, y, to_x, to_y, style), text(x, to_y + 12.0, said, "middle", 9, GREY)]
    for place in range(math.ceil(south / step), math.floor(north / step) + 1):
        (x, y), (to_x, to_y) = at(place * step, west), at(place * step, east)
        said = degrees(place * step, "N", "S")
        parts += [line(x, y, to_x, to_y, style), text(x + 2.0, y - 3.0, said, "start", 9, GREY)]
    return parts


def _radius(it: Spot) -> float:
    """Pixels: its area grows with the capacity; the least where none is stated."""
    return 4.0 if it.share is None else 4.0 + 9.0 * math.sqrt(it.share)


def _map_labels(spots: Sequence[Spot], at: At) -> list[str]:
    """Names beside marks, the strongest and largest first, where they cover neither mark nor name."""
    taken: list[Box] = []
    for it in spots:
        (x, y), r = at(it.latitude, it.longitude), _radius(it)
        taken.append((x - r, y - r, x + r, y + r))
    parts = []
    for it in sorted(spots, key=lambda it: (-RANK[it.grade], -_radius(it), it.title)):
        (x, y), r = at(it.latitude, it.longitude), _radius(it)
        words = _short(it.title)
        wide = 5.3 * len(words)
        for left, low in (
            (x + r + 2.0, y + 4.0),
            (x - r - 2.0 - wide, y + 4.0),
            (x - wide / 2, y - r - 3.0),
            (x - wide / 2, y + r + 10.0),
        ):
            own = (left, low - 9.0, left + wide, low + 2.0)
            if (
                left >= 0
                and left + wide <= WIDTH
                and not any(_overlap(own, other) for other in taken)
            ):
                taken.append(own)
                parts.append(text(left, low, words, size=10))
                break
    return parts


def _overlap(one: Box, two: Box) -> bool:
    """Whether two rectangles share a point inside."""
    return one[0] < two[2] and two[0] < one[2] and one[1] < two[3] and two[1] < one[3]
