"""The walk backward as a drawing: raw material at the top, customers below, bands as wide as elements."""

from __future__ import annotations

import math
from collections.abc import Mapping

from ytterby.chain.explosion import Explosion
from ytterby.chain.network import Recipe
from ytterby.report.chain_words import counted_with, rounded
from ytterby.report.fragments import Drawing
from ytterby.report.plotly_json import SHADES
from ytterby.report.ribbons import Box, Ribbon, ribbon_drawing
from ytterby.report.tables import number

RAW, LEFT = "raw", "left over"
Masses = dict[str, float]
"""By element [t]."""


def needs_drawing(found: Explosion) -> Drawing:
    """Element mass from where the walk ended through every step to the customers, all demands together."""
    ribbons = needs_ribbons(found)
    symbols = [it for it in found.network.elements if any(it in one.parts for one in ribbons)]
    colours = {
        symbol: SHADES[round(place * (len(SHADES) - 1) / max(1, len(symbols) - 1))]
        for place, symbol in enumerate(symbols)
    }
    words = "; ".join(it.title for it in ribbons) + "."
    return ribbon_drawing(
        "chain-needs",
        "Elements from raw material to customer",
        _boxes(found, ribbons),
        ribbons,
        colours,
        {it: counted_with(it) for it in symbols},
        words,
    )


def needs_ribbons(found: Explosion) -> list[Ribbon]:
    """What goes from box to box over the horizon: materials by name, customers, raw, left over."""
    ribbons: list[Ribbon] = []

    def carry(source: str, target: str, parts: Mapping[str, float]) -> None:
        held = {symbol: mass for symbol, mass in parts.items() if mass > 0}
        if held:
            total = math.fsum(held.values())
            said = ", ".join(f"{symbol} {number(mass)} t" for symbol, mass in held.items())
            title = f"{source.split(' ', 1)[1]} to {target.split(' ', 1)[1]}: {said}"
            ribbons.append(Ribbon(source, target, held, rounded(total), title))

    for name in found.materials:
        if name not in found.makers:
            carry(
                f"end {RAW}", f"material {name}", _held(found, name, float(found.net(name).sum()))
            )
    for name in found.recipes:
        recipe, run = found.network.recipes[name], float(found.runs(name).sum())
        box = _box_of(found, name)
        if not recipe.inputs:
            carry(f"end {RAW}", box, _mined(found, recipe, run))
        for part, amount in recipe.inputs.items():
            if f"material {part}" != box:
                carry(f"material {part}", box, _held(found, part, run * amount))
        for product, amount in recipe.outputs.items():
            if f"material {product}" != box:
                carry(box, f"material {product}", _held(found, product, run * amount))
    for demand, name, supplied in zip(found.demands, found.asked, found.supplied, strict=True):
        given = max(demand.total - supplied, 0.0)
        carry(f"material {name}", f"demand {demand.name}", _held(found, name, given))
    for name, tonnes in found.left().items():
        carry(f"material {name}", f"end {LEFT}", _held(found, name, tonnes))
    return ribbons


def _box_of(found: Explosion, recipe: str) -> str:
    """The material whose box stands for a recipe: what it is run for."""
    made = next((name for name, maker in found.makers.items() if maker == recipe), None)
    return f"material {made or found.network.recipes[recipe].per}"


def _mined(found: Explosion, recipe: Recipe, run: float) -> Masses:
    """What a recipe without inputs brings into the chain."""
    total: Masses = {}
    for product, amount in recipe.outputs.items():
        for symbol, mass in _held(found, product, run * amount).items():
            total[symbol] = total.get(symbol, 0.0) + mass
    return total


def _held(found: Explosion, material: str, tonnes: float) -> Masses:
    content = found.network.materials[material].content
    return {symbol: share * tonnes for symbol, share in content.items()}


def _boxes(found: Explosion, ribbons: list[Ribbon]) -> list[Box]:
    """Raw material, materials before their users, scrap, customers, what is left over."""
    lost = {_box_of(found, name): sum(masses.values()) for name, masses in found.lost().items()}
    scrap = [it for it in found.materials if found.network.materials[it].form in found.route.scrap]
    names = [it for it in reversed(found.materials) if it not in scrap]
    boxes = [Box(f"end {RAW}", "feed", ("raw", "bought, from ore", "or from old products"))]
    for name in (*names, *scrap):
        box = f"material {name}"
        amount = found.gross(name) if name in scrap else found.net(name)
        what = "recycled" if name in scrap else found.network.materials[name].form
        gone = (f"loses {rounded(lost[box])} t",) if lost.get(box) else ()
        said = f"{rounded(float(amount.sum()))} t {what}"
        boxes.append(Box(box, "unit", (name, said, *gone)))
    for demand in found.demands:
        said = f"{rounded(demand.total)} t asked"
        boxes.append(Box(f"demand {demand.name}", "product", (demand.name, said)))
    boxes.append(Box(f"end {LEFT}", "feed", (LEFT, "comes back unused")))
    joined = {name for it in ribbons for name in (it.source, it.target)}
    return [it for it in boxes if it.name in joined]
