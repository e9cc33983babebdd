"""An allocation as a drawing: countries stage by stage, pools between them, customers at the end."""

from __future__ import annotations

import math
from collections.abc import Mapping

from ytterby.chain.match import Matched
from ytterby.report.chain_words import counted_with
from ytterby.report.fragments import Drawing
from ytterby.report.plotly_json import SHADES
from ytterby.report.ribbons import Box, Ribbon, ribbon_drawing
from ytterby.report.tables import number

SMALL = 0.05
"""Share of a stage below which countries stand together."""
SEEN = 1e-3
"""Share of the largest band below which one is left out, but to customers."""
REST = "others"
LEFT = "end left over"
Masses = dict[str, float]
"""By element [t]."""


def flow_drawing(found: Matched) -> Drawing:
    """Element mass from the countries of every stage through pools of each form to the customers."""
    ribbons = flow_ribbons(found)
    symbols = [it for it in found.task.network.elements if any(it in one.parts for one in ribbons)]
    colours = {
        symbol: SHADES[round(place * (len(SHADES) - 1) / max(1, len(symbols) - 1))]
        for place, symbol in enumerate(symbols)
    }
    return ribbon_drawing(
        "chain-flow",
        "Elements from the countries of each stage to the customers",
        _boxes(found, ribbons),
        ribbons,
        colours,
        {it: counted_with(it) for it in symbols},
        "; ".join(it.title for it in ribbons) + ".",
    )


def flow_ribbons(found: Matched) -> list[Ribbon]:
    """What goes from country to pool, from pool to country, from country to customer, over the whole span."""
    moved: dict[tuple[str, str], Masses] = {}
    names, network = _named(found), found.task.network
    asked = {material for _, _, material in found.shipments}
    taken = {name for _, _, recipe, _ in found.runs for name in network.recipes[recipe].inputs}
    for (facility, _, recipe, _), tonnes in found.runs.items():
        step, run = network.recipes[recipe], float(tonnes.sum())
        box = names[step.stage, network.facilities[facility].country]
        for material, amount in step.inputs.items():
            _add(found, moved, (_pool(found, material), box), material, run * amount)
        for material, amount in step.outputs.items():
            if material in taken:
                _add(found, moved, (box, _pool(found, material)), material, run * amount)
            elif material not in asked:
                _add(found, moved, (box, LEFT), material, run * amount)
    stages = _makers(found)
    for (facility, demand, material), shipped in found.shipments.items():
        source = (
            names[stages[facility, material], network.facilities[facility].country]
            if facility
            else "pool stock"
        )
        _add(found, moved, (source, f"demand {demand}"), material, float(shipped.sum()))
    largest = max((math.fsum(it.values()) for it in moved.values()), default=0.0)
    return [
        _ribbon(source, target, parts)
        for (source, target), parts in moved.items()
        if math.fsum(parts.values()) > (0.0 if target.startswith("demand ") else SEEN * largest)
    ]


def _pool(found: Matched, material: str) -> str:
    return f"pool {found.task.network.materials[material].form}"


def _add(
    found: Matched,
    moved: dict[tuple[str, str], Masses],
    ends: tuple[str, str],
    material: str,
    tonnes: float,
) -> None:
    parts = moved.setdefault(ends, {})
    for symbol, share in found.task.network.materials[material].content.items():
        if share * tonnes > 0:
            parts[symbol] = parts.get(symbol, 0.0) + share * tonnes


def _makers(found: Matched) -> Mapping[tuple[str, str], str]:
    """Stage at which a facility makes a material."""
    recipes = found.task.network.recipes
    return {
        (facility, material): recipes[recipe].stage
        for facility, _, recipe, _ in found.runs
        for material in recipes[recipe].outputs
    }


def _named(found: Matched) -> dict[tuple[str, str], str]:
    """Box of each stage and country: small ones of a stage stand together."""
    put_out: dict[str, dict[str, float]] = {}
    network = found.task.network
    for (facility, _, recipe, _), tonnes in found.runs.items():
        step, country = network.recipes[recipe], network.facilities[facility].country
        mass = sum(
            amount * sum(network.materials[name].content.values())
            for name, amount in step.outputs.items()
        )
        of = put_out.setdefault(step.stage, {})
        of[country] = of.get(country, 0.0) + mass * float(tonnes.sum())
    return {
        (stage, country): f"{stage} {country if mass >= SMALL * sum(of.values()) else REST}"
        for stage, of in put_out.items()
        for country, mass in of.items()
    }


def _ribbon(source: str, target: str, parts: Masses) -> Ribbon:
    total = math.fsum(parts.values())
    said = ", ".join(f"{symbol} {number(mass)} t" for symbol, mass in parts.items())
    return Ribbon(
        source, target, parts, number(float(f"{total:.3g}")), f"{source} to {target}: {said}"
    )


def _boxes(found: Matched, ribbons: list[Ribbon]) -> list[Box]:
    """Stages in the order of the network, before each the pools that it takes from; customers last."""
    joined = dict.fromkeys(name for it in ribbons for name in (it.source, it.target))
    boxes: dict[str, Box] = {}
    for stage in dict.fromkeys(it.stage for it in found.task.network.recipes.values()):
        here = [it for it in joined if it.split(" ", 1)[0] == stage]
        for it in ribbons:
            if it.target in here:
                boxes.setdefault(it.source, _box(found, it.source))
        boxes |= {name: _box(found, name) for name in here}
    last = sorted(joined, key=lambda it: it == LEFT)
    return list({name: _box(found, name) for name in (*boxes, *last)}.values())


def _box(found: Matched, name: str) -> Box:
    kind, words = name.split(" ", 1)
    if kind == "demand":
        return Box(name, "product", (words, found.served[words].demand.country))
    if name == LEFT:
        return Box(name, "feed", (words, "taken by nobody"))
    return (
        Box(name, "feed", (words, "pool")) if kind == "pool" else Box(name, "unit", (words, kind))
    )
