"""Streams of a plant for its tables and files: a label for each that no other has, elements in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from ytterby.elements import SYMBOLS, by_extraction_order
from ytterby.flowsheet import OUTSIDE, PlantBalance
from ytterby.flowsheet.graph import unit_of
from ytterby.materials import Flow


@dataclass(frozen=True)
class LabelledStream:
    """A stream with its two ends."""

    label: str
    """Its own: no other stream of the plant has it."""
    name: str
    """As the plant calls it; several may share one, such as a reagent."""
    source: str
    """``unit.outlet``, a store, or the world outside."""
    target: str
    """``unit.inlet``, a unit that draws it, a store, or the world outside."""
    kind: str
    """What it is where it leaves the plant; ``feed``, ``reagent``, ``inside`` otherwise."""
    end: str
    """Name under which it leaves, "" if it does not; several streams may share it."""
    flow: Flow

    @property
    def enters(self) -> bool:
        """Whether it comes from outside."""
        return self.source == OUTSIDE

    @property
    def leaves(self) -> bool:
        """Whether it goes outside."""
        return self.target == OUTSIDE

    @property
    def from_unit(self) -> str:
        """The unit, store or world that it comes from."""
        return unit_of(self.source)

    @property
    def to_unit(self) -> str:
        """The unit, store or world that it goes to."""
        return unit_of(self.target)


def labelled(balance: PlantBalance) -> tuple[LabelledStream, ...]:
    """All streams of a plant, those that carry nothing left out."""
    found: list[LabelledStream] = []
    there = [it for it in balance.streams if it.flow.mass() > 0.0]
    often = Counter(it.name for it in there)
    taken: set[str] = set()
    for it in there:
        bought = it.source == OUTSIDE and "." not in it.target
        label = it.name
        if bought or (often[it.name] > 1 and it.target != OUTSIDE):
            label = f"{it.name} to {it.target}"
        elif often[it.name] > 1:
            label = f"{it.name} of {it.source}"
        number, free = 1, label
        while free in taken:
            number += 1
            free = f"{label} ({number})"
        taken.add(free)
        kind = it.kind or ("reagent" if bought else "feed" if it.source == OUTSIDE else "inside")
        found.append(LabelledStream(free, it.name, it.source, it.target, kind, it.end, it.flow))
    return tuple(found)


def shown_order(symbols: Iterable[str]) -> tuple[str, ...]:
    """Rare earths in extraction order, then metals by atomic number, then all other elements by name."""
    names = set(symbols)
    metals = by_extraction_order(name for name in names if name in SYMBOLS)
    return (*metals, *sorted(names - set(metals)))


def has_oxide(symbol: str) -> bool:
    """Whether an element is told as an oxide as traded."""
    return symbol in SYMBOLS
