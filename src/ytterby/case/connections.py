"""What connects the units of a plant in a case file, held against their kinds; every fault at its own key.

A name that is not known is counted as the one that it most resembles, so that one slip is told once.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from ytterby.case.check import FAULTY, is_good
from ytterby.case.faults import Faults
from ytterby.case.lines import KeyPath
from ytterby.errors import nearest
from ytterby.quantities import quoted

if TYPE_CHECKING:
    from ytterby.unitops import Operation

EXACT = 1e-9
"""Most by which shares may miss the whole from rounding."""
HOW = 'a feed, an outlet as "unit.outlet", or a share of one as "30 % of unit.outlet"'
_SHARE = re.compile(r"(?P<share>[^%]*)%\s*of\s+(?P<place>.+)")


class Source(NamedTuple):
    """A feed or outlet, or a share of it, as it is written in a list."""

    share: float
    """Of the whole; nan where what is written is no number."""
    place: str


def read_source(text: str) -> Source:
    """Share and place of ``30 % of leach.liquor``; all of it where no share is written."""
    match = _SHARE.fullmatch(text.strip())
    if match is None:
        return Source(1.0, text.strip())
    try:
        share = float(match["share"]) / 100.0
    except ValueError:
        share = math.nan
    return Source(share, match["place"].strip())


@dataclass
class Connections:
    """The connections of one plant, checked; nothing comes back but faults."""

    entry: Mapping[str, Any]
    """The table of the plant."""
    kinds: Mapping[str, type[Operation]]
    """Of units whose kind is known."""
    faults: Faults

    def __post_init__(self) -> None:
        units, feeds = self.entry["units"], self.entry["feeds"]
        self.places = [*feeds, *(f"{it}.{port}" for it in units for port in self._outlets(it))]
        """Everything that can be led somewhere."""
        self.given: dict[str, list[tuple[float, KeyPath]]] = {place: [] for place in self.places}
        self.complete = True
        """Whether every list could be read; if not, what leads nowhere is not judged."""

    def check(self) -> None:
        """Note the faults of all inlets, ends and supplies, and what is given away in part or twice."""
        self._names()
        for name, entry in self.entry["units"].items():
            if entry is FAULTY or entry["from"] is FAULTY:
                self.complete = False
            else:
                self._inlets(name, entry["from"])
        for name, entry in self.entry["ends"].items():
            path: KeyPath = ("plant", "ends", name, "of")
            if entry is FAULTY or entry["of"] is FAULTY:
                self.complete = False
            elif not entry["of"]:
                self.faults.add(path, "no outlet", HOW, next="name what leaves here, or remove it")
            else:
                self._sources(path, entry["of"])
        self._supplies()
        self._sums()

    def _names(self) -> None:
        for name in self.entry["units"]:
            if name in self.entry["feeds"]:
                read = f"a unit named {quoted(name)} as a feed is"
                self.faults.add(
                    ("plant", "units", name), read, "a name of its own", next="rename it"
                )

    def _inlets(self, name: str, fed: Mapping[str, Any]) -> None:
        """Inlets of a unit: known, and all of them fed."""
        path: KeyPath = ("plant", "units", name, "from")
        for port, sources in fed.items():
            if sources is FAULTY:
                self.complete = False
            else:
                self._sources((*path, port), sources)
        kind = self.kinds.get(name)
        if kind is None:
            return
        meant = set()
        for port in fed:
            if port not in kind.INLETS:
                close = nearest(port, kind.INLETS)
                expected = "one of: " + ", ".join(kind.INLETS)
                read = f"an inlet that {quoted(kind.KIND)} does not have"
                self.faults.add(
                    (*path, port),
                    read,
                    expected,
                    nearest=close,
                    next=f"rename it {close}" if close else "remove it",
                )
                meant.add(close)
        for port, what in kind.INLETS.items():
            if port in meant or fed.get(port) or (port in kind.OPTIONAL and port not in fed):
                continue
            self.faults.add(
                (*path, port),
                "nothing",
                f"what feeds its inlet {port}: {what}",
                next=f'add from.{port} = ["unit.outlet"], or take the unit out',
            )

    def _supplies(self) -> None:
        from ytterby.unitops import REAGENTS

        supplies = self.entry["supplies"]
        if supplies is FAULTY:
            self.complete = False
        if not is_good(supplies):
            return
        for reagent, outlets in supplies.items():
            if outlets is FAULTY:
                self.complete = False
                continue
            path: KeyPath = ("plant", "supplies", reagent)
            single = [name for name, it in REAGENTS.items() if len(it.flow(1.0).amounts) == 1]
            if reagent not in single:
                read = "a reagent of several species" if reagent in REAGENTS else quoted(reagent)
                close = nearest(reagent, single)
                next = "lead what is not one substance to the unit that takes it as it is"
                if close and reagent not in REAGENTS:
                    next = f"write {close}"
                expected = "a reagent of one species: " + ", ".join(single)
                self.faults.add(path, read, expected, nearest=close, next=next)
            self._sources(path, outlets)

    def _sources(self, path: KeyPath, texts: list[str]) -> None:
        """What one list names: known, in shares of it, each once."""
        seen = set()
        for number, text in enumerate(texts):
            at = (*path, number)
            share, place = read_source(text)
            if place not in self.given:
                for meant in self._unknown(at, text, place):
                    self.given[meant].append((math.nan, at))
                continue
            if place in seen:
                next = "name it once, with the sum of its shares"
                self.faults.add(at, f"{place} a second time", "each outlet once", next=next)
            seen.add(place)
            if not 0.0 < share <= 1.0:
                expected = "a share above 0 % and up to 100 %"
                self.faults.add(
                    at, quoted(text), expected, next='write it as "30 % of unit.outlet"'
                )
                share = math.nan
            self.given[place].append((share, at))

    def _unknown(self, at: KeyPath, text: str, place: str) -> list[str]:
        """Note a place that is not known; places that may have been meant come back."""
        unit, _, port = place.partition(".")
        if unit in self.entry["units"] and unit not in self.kinds:
            return []  # the kind of that unit is at fault, not this
        outlets = self._outlets(unit)
        if outlets:
            close = nearest(port, outlets)
            close = close and f"{unit}.{close}"
            expected = f"an outlet of {unit}: " + ", ".join(outlets)
        else:
            close = nearest(place, self.places)
            expected = HOW
        next = f"write {close}" if close else "write one of them"
        self.faults.add(at, quoted(text), expected, nearest=close, next=next)
        return [close] if close else [f"{unit}.{it}" for it in outlets]

    def _sums(self) -> None:
        """What leads nowhere, and what is given away in part or more than once."""
        if not self.complete:
            return
        for place, parts in self.given.items():
            total = math.fsum(share for share, _ in parts)
            if math.isnan(total) or abs(total - 1.0) <= EXACT:
                continue
            if not parts:
                unit, _, port = place.partition(".")
                path: KeyPath = ("plant", "units" if port else "feeds", unit)
                read = f"{place} leads nowhere"
                next = f'name "{place}" under from of a unit, or under an end that says what it is'
                self.faults.add(path, read, "a unit, an end or a supply that it goes to", next=next)
            else:
                read = f"{place} given away by shares that sum to {100.0 * total:.6g} %"
                next = "say where the rest goes" if total < 1.0 else "part it by shares"
                self.faults.add(parts[-1][1], read, "100 %", next=next)

    def _outlets(self, unit: str) -> tuple[str, ...]:
        kind = self.kinds.get(unit)
        return tuple(kind.OUTLETS) if kind else ()
