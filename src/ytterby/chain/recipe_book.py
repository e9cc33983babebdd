"""The recipes that the package knows, from mine to magnet, worked out of its tables.

No amount is typed here and none stands in two tables. A material's content comes from a feed, a
specification, a grade or the formulas of its oxides; a recipe's amounts come from contents and yields.
The ways in which they do are named in the tables `chain_materials` and `chain_recipes` and explained in
their READMEs. Elements that are traded in one blend are counted under its main one, as `chain_elements`
says, so that blends of any ratio balance.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from ytterby.chain.contents import (
    End,
    Fact,
    combined,
    facts,
    materials_of,
    place_of,
    rest,
    way_of,
)
from ytterby.chain.facts import logistics
from ytterby.chain.network import Cited, Material, Range, Recipe, known
from ytterby.datasets.tables import Row, table

ENDS: tuple[End, ...] = ("best", "usual", "worst")


@dataclass(frozen=True)
class RecipeRange:
    """How far the amounts of a recipe spread between the best and the worst of its yields."""

    inputs: Mapping[str, Range]
    """[t/t]"""
    outputs: Mapping[str, Range]
    """[t/t]"""
    lead: Range
    """[months]"""


def materials() -> dict[str, Material]:
    """The materials from mine to magnet by name, with their content of elements as counted [kg/kg]."""
    return dict(_materials())


def recipes() -> dict[str, Recipe]:
    """The recipes from mine to magnet by name, with usual amounts [t/t] and leads [months]."""
    return dict(_recipes("usual"))


def recipe_ranges(name: str) -> RecipeRange:
    """How far the amounts and the lead of a recipe spread; DataError with the nearest name if unknown."""
    best, usual, worst = (known(name, _recipes(end), "recipe", "a recipe") for end in ENDS)
    return RecipeRange(
        _spread(best.inputs, usual.inputs, worst.inputs),
        _spread(best.outputs, usual.outputs, worst.outputs),
        lead_range(usual.stage),
    )


def lead_range(stage: str) -> Range:
    """Usual time of a stage from having the inputs to having the outputs [months]; DataError if unknown."""
    return known(stage, _leads(), "stage", "a stage of chain_leads")


def recipes_of(
    rows: Iterable[Row],
    materials: Mapping[str, Material],
    leads: Mapping[str, Range],
    end: End = "usual",
) -> dict[str, Recipe]:
    """Recipes of rows of the topic `chain_recipes` by name, with ``leads`` by stage [months].

    DataError where an amount cannot be worked out; whether a recipe closes, a `Network` says.
    """
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.labels["recipe"], []).append(row)
    return {name: _recipe(tuple(of), materials, leads, end) for name, of in found.items()}


def leads_of(rows: Iterable[Row]) -> dict[str, Range]:
    """Times of rows of the topic `chain_leads` by stage [months]; DataError if one names no known time."""
    found = {}
    for row in rows:
        if item := row.labels["text"]:
            span = known(item, logistics(), place_of(row), "an item of logistics").months
            found[row.labels["stage"]] = span.times(row.values["part"])
        else:
            ends = (row.values["low"], row.values["value"], row.values["high"])
            found[row.labels["stage"]] = Range(*ends)
    return found


@cache
def _materials() -> Mapping[str, Material]:
    return materials_of(table("chain_materials"))


@cache
def _recipes(end: End) -> Mapping[str, Recipe]:
    return recipes_of(table("chain_recipes"), _materials(), _leads(), end)


@cache
def _leads() -> Mapping[str, Range]:
    return leads_of(table("chain_leads"))


def _recipe(
    rows: tuple[Row, ...], materials: Mapping[str, Material], leads: Mapping[str, Range], end: End
) -> Recipe:
    head = rows[0].labels
    for row in rows:
        where = f"{place_of(row)}, material"
        known(row.labels["material"], materials, where, "a material of chain_materials")
    work = _Work(rows, materials, end)
    scale = known(
        head["per"], work.amounts, f"{place_of(rows[0])}, per", "a material of the recipe"
    )
    sides: dict[str, dict[str, float]] = {"in": {}, "out": {}}
    for row in rows:
        material = row.labels["material"]
        amount = 1.0 if material == head["per"] else work.amounts[material] / scale
        known(row.labels["direction"], sides, place_of(row), "in or out")[material] = amount
    held = (materials[row.labels["material"]].cited for row in rows)
    note = "; ".join(dict.fromkeys(row.note for row in rows if row.note))
    return Recipe(
        name=head["recipe"],
        title=head["title"],
        stage=head["stage"],
        per=head["per"],
        inputs=MappingProxyType(sides["in"]),
        outputs=MappingProxyType(sides["out"]),
        lead=known(head["stage"], leads, place_of(rows[0]), "a stage of chain_leads").value,
        cited=combined((*map(rest, rows), *work.rests, *held), note),
    )


class _Work:
    """Amounts of one recipe at one end of its yields, in the order in which they follow from each other."""

    def __init__(self, rows: tuple[Row, ...], materials: Mapping[str, Material], end: End) -> None:
        self.end: End = end
        self.rows = rows
        self.materials = materials
        self.rests: list[Cited] = []
        self.amounts: dict[str, float] = {}
        for row in sorted(rows, key=lambda row: row.labels["way"] in _FROM_INPUTS):
            self.amounts[row.labels["material"]] = way_of(row, _AMOUNTS)(self, row)

    def yields(self, row: Row) -> float:
        """Product of the yields that a row names."""
        return math.prod(self._taken(fact).at(self.end, most_is_best=True) for fact in facts(row))

    def one(self, row: Row) -> float:
        return 1.0

    def given(self, row: Row) -> float:
        value = row.values["value"]
        span = Range(row.values.get("low", value), value, row.values.get("high", value))
        return Fact(span, ()).at(self.end, most_is_best=row.labels["direction"] == "out")

    def fact(self, row: Row) -> float:
        (fact,) = facts(row)
        return self._taken(fact).at(self.end, most_is_best=False)

    def needed(self, row: Row) -> float:
        """What brings its elements into the material that the recipe is counted per."""
        brings = self.materials[row.labels["material"]].content
        wanted = self.materials[row.labels["per"]].content
        return max(wanted[it] / share for it, share in brings.items()) / self.yields(row)

    def per_yield(self, row: Row) -> float:
        return 1.0 / self.yields(row)

    def recovered(self, row: Row) -> float:
        """What the inputs hold of its elements, times the yields; the scarcest element binds."""
        held = self._held()
        makes = self.materials[row.labels["material"]].content
        return min(held.get(it, 0.0) / share for it, share in makes.items()) * self.yields(row)

    def ground_off(self, row: Row) -> float:
        """What is ground off one tonne that is finished, or the part of it that counts as this material.

        Where another material is named, the two together hold as much of an element as what was ground.
        """
        loss, usual = facts(row)
        span = Range(loss.span.low, usual.span.value, loss.span.high)
        lost = self._taken(Fact(span, (*loss.rests, *usual.rests)))
        share = lost.at(self.end, most_is_best=False)
        return share / (1.0 - share) * self._part(row)

    def _part(self, row: Row) -> float:
        if not row.labels["other"]:
            return 1.0
        symbol = row.labels["element"]
        (ground,) = (it for it in self.rows if it.labels["way"] == "per yield")
        here, other, whole = (
            self.materials[name].content.get(symbol, 0.0)
            for name in (row.labels["material"], row.labels["other"], ground.labels["material"])
        )
        return (whole - other) / (here - other)

    def _held(self) -> dict[str, float]:
        held: dict[str, float] = {}
        for row in self.rows:
            if row.labels["direction"] == "in":
                name = row.labels["material"]
                for symbol, share in self.materials[name].content.items():
                    held[symbol] = held.get(symbol, 0.0) + self.amounts[name] * share
        return held

    def _taken(self, fact: Fact) -> Fact:
        self.rests.extend(fact.rests)
        return fact


_FROM_INPUTS = ("recovered",)
_AMOUNTS: dict[str, Callable[[_Work, Row], float]] = {
    "one": _Work.one,
    "given": _Work.given,
    "fact": _Work.fact,
    "needed": _Work.needed,
    "per yield": _Work.per_yield,
    "recovered": _Work.recovered,
    "ground off": _Work.ground_off,
}


def _spread(*ends: Mapping[str, float]) -> Mapping[str, Range]:
    """Least, usual and most of each amount."""
    best, usual, worst = ends
    return MappingProxyType(
        {name: Range(*sorted((best[name], amount, worst[name]))) for name, amount in usual.items()}
    )
