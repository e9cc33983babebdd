"""Shares as stacked bars, one above the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ytterby.chain.shares import Shares
from ytterby.report.chain_canvas import MARGIN, WIDTH, bar, drawing, text
from ytterby.report.chain_words import percents, points, rounded
from ytterby.report.fragments import Drawing
from ytterby.report.plotly_json import SHADES
from ytterby.report.ribbons import GREY, LETTER

THICK, BETWEEN = 15.0, 9.0
"""Pixels of a bar, and between two stacks."""
KIND = 84.0
"""Pixels between the name of a stack and its bars, where it stands what each bar is."""


@dataclass(frozen=True)
class Stack:
    """Bars that belong together, each the whole of something parted by name."""

    name: str
    bars: tuple[tuple[str, Shares], ...]
    """What each is, and the shares."""


def stacks_drawing(name: str, title: str, stacks: Sequence[Stack]) -> Drawing:
    """Every bar parted by who has how much, the largest first; whole and index at its right."""
    colours = colours_of(stacks)
    left = MARGIN + LETTER * max(len(it.name) for it in stacks) + KIND
    right, y = WIDTH - MARGIN - 150.0, 26.0
    inside = [
        text(left, y - 8.0, "0", "middle", ink=GREY),
        text(right, y - 8.0, "100 %", "end", ink=GREY),
        text(right + 10.0, y - 8.0, "whole, t/y; HHI from", ink=GREY),
    ]
    for stack in stacks:
        inside.append(text(left - KIND, y + THICK - 3.0, stack.name, "end"))
        for what, found in stack.bars:
            inside.append(text(left - 8.0, y + THICK - 3.0, what, "end", ink=GREY))
            inside += _parts(found, colours, (left, right), y)
            index = "" if found.hhi is None else f"; {points(found.hhi.value)}"
            inside.append(text(right + 10.0, y + THICK - 3.0, f"{rounded(found.whole)}{index}"))
            y += THICK + 2.0
        y += BETWEEN
    y = _legend(inside, colours, y)
    words = "; ".join(_in_words(stack.name, *it) for stack in stacks for it in stack.bars)
    return drawing(name, title, y, inside, f"{words}.")


def colours_of(stacks: Sequence[Stack]) -> dict[str, str]:
    """A colour for every name, those with the most of all bars first, as long as they last."""
    total: dict[str, float] = {}
    for stack in stacks:
        for _, found in stack.bars:
            for part in found.parts:
                total[part.name] = total.get(part.name, 0.0) + part.share
    ranked = sorted(total, key=lambda it: (-total[it], it))
    return dict(zip(ranked, SHADES, strict=False))


def _parts(
    found: Shares, colours: dict[str, str], between: tuple[float, float], y: float
) -> list[str]:
    """One bar: everybody by size, then what has no name, framed only."""
    left, right = between
    drawn, x = [], left
    for part in found.parts:
        width = (right - left) * part.share
        told = f"{part.name}: {rounded(part.amount)} t/y, {percents(part.share)} %"
        colour = colours.get(part.name, GREY)
        opacity = 0.75 if part.name in colours else 0.3
        style = f"fill:{colour};fill-opacity:{opacity};stroke:{colour};stroke-width:0.8"
        drawn.append(bar(x, y, width, THICK, style, told))
        if width > LETTER * len(part.name) + 4.0:
            drawn.append(text(x + width / 2, y + THICK - 3.5, part.name, "middle"))
        x += width
    if right - x > 0.5:
        told = f"without a name: {rounded(found.whole - found.listed)} t/y"
        style = f"fill:{GREY};fill-opacity:0.12;stroke:{GREY};stroke-width:0.8;stroke-dasharray:3 2"
        drawn.append(bar(x, y, right - x, THICK, style, told))
    return drawn


def _legend(inside: list[str], colours: dict[str, str], y: float) -> float:
    """Names with their colours below the bars; the height that the drawing comes to."""
    x = MARGIN
    for name, colour in colours.items():
        inside.append(bar(x, y, 14.0, 11.0, f"fill:{colour};fill-opacity:0.75"))
        inside.append(text(x + 19.0, y + 10.0, name))
        x += 38.0 + LETTER * len(name)
    return y + 24.0


def _in_words(name: str, what: str, found: Shares) -> str:
    said = ", ".join(f"{it.name} {percents(it.share)} %" for it in found.parts)
    return f"{name}, {what}, {rounded(found.whole)} t: {said or 'nobody'}"
