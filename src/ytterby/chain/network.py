"""What a supply chain is made of: materials, recipes, and the facilities whose lines run them.

Nothing here knows that the materials are rare earths: a material is a name, a form and its content of tracked
elements, all of it data. A recipe gives tonnes in and out per tonne of the material that it is counted per;
what goes in and does not come out is lost, and a recipe that makes an element from nothing is refused.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from ytterby.errors import DataError, Fault, nearest
from ytterby.quantities import quoted

CLOSURE = 1e-9
"""Relative: an element that leaves a recipe may exceed what went in by the rounding of its own arithmetic."""

Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Cited:
    """What a fact rests on."""

    source: str = ""
    basis: str = "assumed"
    """read, derived, recalled or assumed."""
    confidence: str = "none"
    note: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Range:
    """A figure, and how far its sources disagree."""

    low: float
    value: float
    high: float

    def times(self, factor: float) -> Range:
        """Each end and the middle times a factor >= 0."""
        return Range(self.low * factor, self.value * factor, self.high * factor)


@dataclass(frozen=True)
class Material:
    """One material that is made, held or traded."""

    name: str
    title: str
    form: str
    """Such as concentrate, carbonate, oxide, metal, alloy, magnet, scrap."""
    content: Mapping[str, float]
    """Mass of each tracked element per mass of material [kg/kg]."""
    cited: Cited = field(default_factory=Cited)


@dataclass(frozen=True)
class Recipe:
    """One step: tonnes of materials in and out per tonne of the material that it is counted per."""

    name: str
    title: str
    stage: str
    """Such as mining, separation, metal, alloy, magnet, recycling."""
    per: str
    """The material, in or out, whose tonnes count runs and capacities; its amount is 1."""
    inputs: Mapping[str, float]
    """[t/t]; empty for what comes from the ground or from collection."""
    outputs: Mapping[str, float]
    """[t/t]; by-products and returned scrap among them."""
    lead: float = 0.0
    """Time from having the inputs to having the outputs, usual [months]."""
    cited: Cited = field(default_factory=Cited)

    def lost(self, materials: Mapping[str, Material]) -> dict[str, float]:
        """Mass of each element that goes in and does not come out [t/t], per tonne of ``per``."""
        gone: dict[str, float] = {}
        for sign, amounts in ((1.0, self.inputs), (-1.0, self.outputs)):
            for name, amount in amounts.items():
                for symbol, share in materials[name].content.items():
                    gone[symbol] = gone.get(symbol, 0.0) + sign * amount * share
        return gone


@dataclass(frozen=True)
class Facility:
    """One plant, mine or customer's works."""

    name: str
    """The key by which everything names it."""
    title: str
    owner: str
    owner_key: str
    """The owner in one word, for rules on owners."""
    country: str
    """ISO 3166 alpha-3."""
    latitude: float | None
    longitude: float | None
    """Degrees, of the site or its town; None if not known."""
    status: str
    """operating, commissioning, construction, announced, suspended, closed, blocked, ..."""
    site: str = ""
    """Facilities of one site share it; empty if alone."""
    offtakes: str = ""
    """Known customers, in words."""
    cited: Cited = field(default_factory=Cited)
    together: bool = False
    """Stands for several makers of which no source says how much each makes."""


@dataclass(frozen=True)
class Line:
    """What one facility does at one stage: recipes that share a capacity."""

    facility: str
    name: str
    """Usually the stage; a second line of the same stage has another name."""
    stage: str
    recipes: tuple[str, ...]
    """What it can run; runs of all of them, each counted per its own material, share the capacity."""
    capacity: Range | None
    """Announced or reported [t/year]; None if no source states it."""
    starts: int | None = None
    """Month of the announced start; None: running, or no start was announced."""
    ends: int | None = None
    """First month in which it no longer runs; None: no end is known."""
    cited: Cited = field(default_factory=Cited)

    @property
    def key(self) -> tuple[str, str]:
        """By which a network knows the line."""
        return self.facility, self.name


@dataclass(frozen=True)
class Network:
    """Materials, recipes, facilities and lines that belong together; DataError with every fault in them."""

    materials: Mapping[str, Material]
    recipes: Mapping[str, Recipe]
    facilities: Mapping[str, Facility]
    lines: Mapping[tuple[str, str], Line]

    def __post_init__(self) -> None:
        if faults := [
            *(
                it
                for recipe in self.recipes.values()
                for it in _recipe_faults(recipe, self.materials)
            ),
            *(it for line in self.lines.values() for it in _line_faults(line, self)),
        ]:
            raise DataError(faults)

    @cached_property
    def elements(self) -> tuple[str, ...]:
        """Every tracked element, in the order in which materials name them."""
        return tuple(dict.fromkeys(it for m in self.materials.values() for it in m.content))

    @cached_property
    def makers(self) -> Mapping[str, tuple[str, ...]]:
        """Recipes by each material that they put out, in the order of the recipes."""
        found: dict[str, list[str]] = {}
        for recipe in self.recipes.values():
            for name in recipe.outputs:
                found.setdefault(name, []).append(recipe.name)
        return {name: tuple(it) for name, it in found.items()}

    def lines_of(self, recipe: str) -> tuple[Line, ...]:
        """The lines that run a recipe."""
        return tuple(it for it in self.lines.values() if recipe in it.recipes)

    def material(self, name: str, where: str = "material") -> Material:
        """One material; DataError with the nearest name if there is none such."""
        return known(name, self.materials, where, "a material of the chain")

    def facility(self, name: str, where: str = "facility") -> Facility:
        """One facility; DataError with the nearest name if there is none such."""
        return known(name, self.facilities, where, "a facility of the catalogue")

    def recipe(self, name: str, where: str = "recipe") -> Recipe:
        """One recipe; DataError with the nearest name if there is none such."""
        return known(name, self.recipes, where, "a recipe of the chain")


def known(name: str, things: Mapping[str, Thing], where: str, what: str) -> Thing:
    """The thing of that name; DataError with the nearest name if there is none such."""
    if name in things:
        return things[name]
    raise DataError(Fault(where, quoted(name), what, nearest=nearest(name, things)))


def _recipe_faults(recipe: Recipe, materials: Mapping[str, Material]) -> Iterable[Fault]:
    where = f"recipe {recipe.name}"
    amounts = {**recipe.inputs, **recipe.outputs}
    unknown = [name for name in amounts if name not in materials]
    for name in unknown:
        yield Fault(where, quoted(name), "a material", nearest=nearest(name, materials))
    for name, amount in amounts.items():
        if not (math.isfinite(amount) and amount > 0):
            yield Fault(f"{where}, {name}", f"{amount}", "tonnes above zero")
    if amounts.get(recipe.per) != 1.0:
        yield Fault(
            where, f"{recipe.per} = {amounts.get(recipe.per)}", "1 t of what it is counted per"
        )
    if not (math.isfinite(recipe.lead) and recipe.lead >= 0):
        yield Fault(where, f"lead {recipe.lead} months", "zero or more months")
    if unknown or not recipe.inputs:
        return
    held = {symbol for name in recipe.inputs for symbol in materials[name].content}
    for symbol, lost in recipe.lost(materials).items():
        out = sum(
            amount * materials[name].content.get(symbol, 0.0)
            for name, amount in recipe.outputs.items()
        )
        if lost < -CLOSURE * out:
            read = f"{-lost:.6g} t of {symbol} more out than in"
            then = (
                "mend the amounts or the contents" if symbol in held else "name what brings it in"
            )
            yield Fault(where, read, "no element made from nothing", next=then)


def _line_faults(line: Line, network: Network) -> Iterable[Fault]:
    where = f"line {line.name} of {line.facility}"
    if line.facility not in network.facilities:
        close = nearest(line.facility, network.facilities)
        yield Fault(where, quoted(line.facility), "a facility", nearest=close)
    for name in line.recipes:
        if name not in network.recipes:
            yield Fault(where, quoted(name), "a recipe", nearest=nearest(name, network.recipes))
        elif (stage := network.recipes[name].stage) != line.stage:
            yield Fault(where, f"{name}, a recipe of {stage}", f"recipes of {line.stage}")
    if (size := line.capacity) is not None:
        ends = (size.low, size.value, size.high)
        if not all(map(math.isfinite, ends)) or not 0 <= size.low <= size.value <= size.high:
            yield Fault(where, f"{ends} t/year", "0 <= low <= value <= high")
    if line.starts is not None and line.ends is not None and line.ends <= line.starts:
        yield Fault(where, "an end before the start", "an end after the start")
