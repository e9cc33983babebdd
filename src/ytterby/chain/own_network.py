"""Chains of one's own: a plant that was simulated put into a network, or a whole network of any metal."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from ytterby.chain.catalogue import facilities_of
from ytterby.chain.contents import counted, materials_of
from ytterby.chain.facts import cited_of
from ytterby.chain.months import month
from ytterby.chain.network import Cited, Line, Material, Network, Range, Recipe
from ytterby.chain.plant_balance import PlantBalance, read_plant_balance
from ytterby.chain.recipe_book import lead_range, leads_of, materials, recipes_of
from ytterby.datasets.basis import OWN_KEYS
from ytterby.datasets.tables import Row, read_rows
from ytterby.errors import DataError, Fault
from ytterby.sources import source

_SEPARATION = "separation"
_FEED, _OXIDE = "feed", "oxide"
SAME = 1e-6
"""Relative: contents that agree so far are those of one material."""
FILES: dict[str, str] = {
    "materials.csv": "chain_materials",
    "recipes.csv": "chain_recipes",
    "leads.csv": "chain_leads",
    "facilities.csv": "facilities",
    "lines.csv": "chain_lines",
}
"""Files of a folder, each in the format of the shipped topic."""


def with_plant(network: Network, folder: Path) -> Network:
    """The network with recipe and feeds of a simulated plant added, or put in place of their namesakes."""
    made, recipe = recipe_of_results(folder)
    return Network(
        materials={**network.materials, **{it.name: it for it in made}},
        recipes={**network.recipes, recipe.name: recipe},
        facilities=network.facilities,
        lines=network.lines,
    )


def recipe_of_results(folder: Path) -> tuple[tuple[Material, ...], Recipe]:
    """The feeds of a simulated plant as materials, and its recipe, per tonne of its largest feed.

    ``folder`` holds what `ytterby run FILE --out folder` wrote. A solid good counts as that oxide of the
    shipped materials whose elements are most of its content: as many tonnes of the oxide as hold what the
    good holds of them. Its impurities, and what leaves with residues and liquors, count as lost, so the
    recipe cannot put out more than was fed. DataError if there are no such results, or no such feed.
    """
    balance = read_plant_balance(folder)
    feeds = {name: counted(flow.elements) for name, flow in balance.feeds.items()}
    fed = {name: balance.feeds[name].total for name, held in feeds.items() if held}
    if not fed:
        expected = "a feed with elements of chain_elements"
        raise DataError(Fault(str(folder), "no such feed", expected))
    first = max(fed, key=fed.__getitem__)
    made = tuple(_feed_material(balance, name, feeds[name]) for name in fed)
    outputs: dict[str, float] = {}
    for flow in balance.goods.values():
        if held := counted(flow.elements):
            oxide = _oxide_of(max(held, key=held.__getitem__), folder)
            mass = math.fsum(held.get(it, 0.0) for it in oxide.content)
            tonnes = mass / math.fsum(oxide.content.values()) / fed[first]
            outputs[oxide.name] = outputs.get(oxide.name, 0.0) + tonnes
    recipe = Recipe(
        name=f"{balance.plant}_refinery",
        title=balance.title or f"The plant {balance.plant}",
        stage=_SEPARATION,
        per=f"{balance.plant}_{first}",
        inputs={
            f"{balance.plant}_{name}": 1.0 if name == first else mass / fed[first]
            for name, mass in fed.items()
        },
        outputs=outputs,
        lead=lead_range(_SEPARATION).value,
        cited=_simulated(balance),
    )
    return made, recipe


def read_network(folder: Path) -> Network:
    """The network of a folder that holds ``FILES``; DataError if one is missing, faulty or does not close."""
    if missing := [name for name in FILES if not (folder / name).is_file()]:
        expected = "all of " + ", ".join(FILES)
        raise DataError([Fault(str(folder / name), "no such file", expected) for name in missing])
    rows = {name: read_rows(folder / name, topic) for name, topic in FILES.items()}
    made = materials_of(rows["materials.csv"])
    lines = [_line(row) for row in rows["lines.csv"]]
    return Network(
        materials=made,
        recipes=recipes_of(rows["recipes.csv"], made, leads_of(rows["leads.csv"])),
        facilities=facilities_of(rows["facilities.csv"]),
        lines={it.key: it for it in lines},
    )


def _feed_material(balance: PlantBalance, name: str, held: Mapping[str, float]) -> Material:
    """A feed as a material, in the form of a shipped material with the same content if there is one."""
    content = {it: mass / balance.feeds[name].total for it, mass in held.items()}
    alike = (it for it in materials().values() if _same(it.content, content))
    form = next((it.form for it in alike), _FEED)
    title = f"{name[:1].upper()}{name[1:]} fed to {balance.plant}"
    return Material(f"{balance.plant}_{name}", title, form, content, _simulated(balance))


def _same(one: Mapping[str, float], other: Mapping[str, float]) -> bool:
    return one.keys() == other.keys() and all(
        math.isclose(share, other[it], rel_tol=SAME) for it, share in one.items()
    )


def _oxide_of(symbol: str, folder: Path) -> Material:
    for it in materials().values():
        if it.form == _OXIDE and symbol in it.content:
            return it
    raise DataError(
        Fault(str(folder), f"a good of {symbol}", "a good of an oxide in chain_materials")
    )


def _simulated(balance: PlantBalance) -> Cited:
    """Derived, or recalled if one of the sources is; the feeds and settings are the user's."""
    keys = tuple(key for key in balance.sources if key not in OWN_KEYS)
    recalled = any(source(key).read_status == "recalled" for key in keys)
    basis = "recalled" if recalled else "derived"
    return Cited("DERIVED", basis, "medium", f"simulated: {balance.title}", keys)


def _line(row: Row) -> Line:
    """One line; whether facility, recipes and capacity are sound, the network says."""
    labels, place = row.labels, f"{row.file.name}.csv line {row.line}"
    sizes = [row.values[end] for end in ("low", "capacity", "high") if end in row.values]
    if len(sizes) not in (0, 3):
        raise DataError(Fault(place, f"{len(sizes)} of three capacities", "low, capacity and high"))
    return Line(
        facility=labels["facility"],
        name=labels["line"],
        stage=labels["stage"],
        recipes=tuple(it.strip() for it in labels["recipes"].split(";")),
        capacity=Range(*sizes) if sizes else None,
        starts=month(labels["starts"], place) if labels["starts"] else None,
        ends=month(labels["ends"], place) if labels["ends"] else None,
        cited=cited_of(row),
    )
