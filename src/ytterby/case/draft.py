"""One circuit of a case file while it is checked: what its keys mean side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ytterby.case import liquors, places
from ytterby.case.check import FAULTY, is_good, missing
from ytterby.case.equilibria import check_assumed, check_element, check_terms, chosen_set
from ytterby.case.faults import Faults, dotted
from ytterby.case.lines import KeyPath
from ytterby.case.schema import keys_of
from ytterby.case.sections import SECTIONS, are_whole, present
from ytterby.circuit.circuit import (
    Circuit,
    Draw,
    Inlet,
    Organic,
    Place,
    Reflux,
    Section,
    SideFeed,
)
from ytterby.datasets import ParameterSet
from ytterby.elements import EXTRACTION_ORDER, SYMBOLS, by_extraction_order
from ytterby.errors import nearest
from ytterby.quantities import quoted


@dataclass(frozen=True, eq=False)
class Draft:
    """A circuit whose faults are noted as its parts are first read."""

    name: str
    entry: Mapping[str, Any]
    faults: Faults

    @property
    def path(self) -> KeyPath:
        """Of its table."""
        return ("circuits", self.name)

    @cached_property
    def equilibrium(self) -> ParameterSet | None:
        """Its parameter set; None if it has a fault."""
        return chosen_set(self.entry, self.path, self.faults)

    @cached_property
    def inlets(self) -> dict[str, Inlet | None]:
        """Liquor of each section by key; None where it has a fault or is left out."""
        return {key: self._inlet(key) for key in present(self.entry)}

    @cached_property
    def side_feeds(self) -> dict[str, SideFeed]:
        """By label, those without fault."""
        return places.side_feeds(self.entry, self.path, self.faults)

    @cached_property
    def draws(self) -> dict[str, Draw]:
        """By label, those without fault."""
        return places.draws(self.entry, self.path, self.faults)

    @cached_property
    def refluxes(self) -> dict[str, Reflux]:
        """By label, those without fault."""
        return places.refluxes(self.entry, self.path, self.faults)

    def _inlet(self, key: str) -> Inlet | None:
        duty = SECTIONS[key]
        entry = self.entry[key][duty.inlet]
        if not is_good(entry):
            return None
        path = (*self.path, key, duty.inlet)
        return liquors.inlet(duty.liquor, entry, path, self.entry["medium"], self.faults)

    # --- checks

    def check(self, brought: Sequence[Place] | None) -> None:
        """Note the faults of everything but the cut.

        ``brought``: places that aqueous transfers enter; None if one of the transfers has a fault.
        """
        entry, path, faults = self.entry, self.path, self.faults
        if self.equilibrium:
            check_terms(entry, self.equilibrium, path, faults)
            check_assumed(entry, self.equilibrium, path, faults)
            for at, symbol in self._named_elements():
                check_element(symbol, at, entry, self.equilibrium, faults)
        self._check_inlets(brought)
        self._check_way_out()
        self._check_bleed()
        self._check_feed()
        places.check_names(entry, path, faults)
        draws = self.draws
        if are_whole(entry):
            places.check_draws(draws.values(), entry, path, faults)

    def _check_inlets(self, brought: Sequence[Place] | None) -> None:
        """A liquor may be left out only where something else enters the last stage."""
        known = self._all_read("refluxes", self.refluxes)
        known &= self._all_read("side_feeds", self.side_feeds)
        inlets = self.inlets
        if brought is None or not known:
            return
        entering = [*brought, *(reflux.place for reflux in self.refluxes.values())]
        entering += [feed.place for feed in self.side_feeds.values() if feed.phase == "aqueous"]
        supplied = {places.is_last(at, self.entry) for at in entering}
        for key in inlets:
            inlet = SECTIONS[key].inlet
            if self.entry[key][inlet] is None and key not in supplied:
                row = keys_of(("circuits", "NAME", key))[inlet]
                missing(row, (*self.path, key, inlet), self.faults)

    def _all_read(self, kind: str, found: Mapping[str, object]) -> bool:
        """Whether every table of a kind is without fault."""
        tables = self.entry[kind]
        return tables is not FAULTY and len(found) == len(tables or {})

    def _check_way_out(self) -> None:
        """Metal must be able to leave a closed organic."""
        organic = self.entry["organic"]
        strips = (self.entry["strip"], self.entry["selective_strip"])
        if organic is FAULTY or organic["closed"] is not True or strips != (None, None):
            return
        self.faults.add(
            (*self.path, "organic", "closed"),
            "a closed organic and no strip section",
            "a strip section, where the metal leaves the organic",
            next=f"add [{dotted((*self.path, 'strip'))}], or set closed = false",
        )

    def _check_bleed(self) -> None:
        """Only an organic that returns can be bled."""
        organic = self.entry["organic"]
        if organic is FAULTY or organic["closed"] is not False or organic["bleed"] is FAULTY:
            return
        if organic["bleed"] > 0:
            self.faults.add(
                (*self.path, "organic", "bleed"),
                "a bleed of an organic that does not return",
                "a bleed only where closed = true",
                next="remove it, or set closed = true",
            )

    def _check_feed(self) -> None:
        feed = self.inlets.get("extraction")
        if feed and not any(feed.concentrations.values()):
            self.faults.add(
                (*self.path, "extraction", "feed", "concentrations"),
                "no metal",
                "at least one concentration above zero",
                next='add a metal, such as Tb = "0.4 mol/L"',
            )

    # --- elements

    @cached_property
    def elements(self) -> tuple[str, ...]:
        """Every element that any of its liquors names, by atomic number."""
        named = {symbol for _, symbol in self._named_elements()}
        return tuple(symbol for symbol in SYMBOLS if symbol in named)

    def _named_elements(self) -> Iterator[tuple[KeyPath, str]]:
        """Each element that a liquor names, with its path; faulty names left out."""
        for path, entry in self._liquors():
            if is_good(entry):
                yield from liquors.named(entry, path)

    def _liquors(self) -> Iterator[tuple[KeyPath, Any]]:
        """Tables of all liquors, with their paths."""
        for key in present(self.entry):
            inlet = SECTIONS[key].inlet
            yield (*self.path, key, inlet), self.entry[key][inlet]
        sides = self.entry["side_feeds"] if is_good(self.entry["side_feeds"]) else {}
        for label, entry in sides.items():
            yield (*self.path, "side_feeds", label), entry

    def fed(self) -> set[str] | None:
        """Elements that feed and side feeds bring; None if one of them has a fault."""
        if not self._all_read("side_feeds", self.side_feeds):
            return None
        extraction = self.entry["extraction"]
        if extraction is FAULTY or extraction["feed"] is FAULTY:
            return None
        feeds = [feed.inlet for feed in self.side_feeds.values()]
        if extraction["feed"] is not None:
            feed = self.inlets["extraction"]
            if feed is None:
                return None
            feeds.append(feed)
        brought = (inlet.concentrations.items() for inlet in feeds)
        return {symbol for metals in brought for symbol, amount in metals if amount > 0.0}

    def check_cut(self, fed: set[str]) -> None:
        """Two different metals of the feed, in the order in which they are extracted."""
        cut, path = self.entry["cut"], (*self.path, "cut")
        if not is_good(cut):
            return
        known = [symbol for symbol in SYMBOLS if symbol in fed]
        for symbol in cut:
            if symbol not in known:
                self.faults.add(
                    path,
                    quoted(symbol),
                    "an element of the feed: " + ", ".join(known),
                    nearest=nearest(symbol, known),
                    next="name elements that have a concentration in the feed",
                )
        if not all(symbol in known for symbol in cut):
            return
        ordered = by_extraction_order(cut)
        if cut[0] == cut[1]:
            self.faults.add(
                path, quoted(cut), "two different elements", next="name the pair to split"
            )
        elif all(symbol in EXTRACTION_ORDER for symbol in cut) and tuple(cut) != ordered:
            self.faults.add(
                path,
                quoted(cut),
                "the less extracted element first",
                next=f'write cut = ["{ordered[0]}", "{ordered[1]}"]',
            )

    # --- what it is

    def circuit(self, elements: tuple[str, ...]) -> Circuit:
        """The circuit with arrays over ``elements``; call it only where no fault was noted."""
        entry, assumed = self.entry, self.entry["assumed"] or {}
        assert self.equilibrium is not None
        return Circuit(
            name=self.name,
            equilibrium=self.equilibrium.key,
            elements=elements,
            organic=self._organic(),
            sections=tuple(self._section(key, inlet) for key, inlet in self.inlets.items()),
            temperature=entry["temperature"],
            cut=tuple(entry["cut"]) if entry["cut"] else None,
            side_feeds=tuple(self.side_feeds.values()),
            draws=tuple(self.draws.values()),
            refluxes=tuple(self.refluxes.values()),
            terms=tuple(entry["terms"] or ()),
            assumed={symbol: assumed[symbol] for symbol in elements if symbol in assumed},
        )

    def _section(self, key: str, inlet: Inlet | None) -> Section:
        duty, entry = SECTIONS[key], self.entry[key]
        return Section(
            duty.kind,
            entry["stages"],
            inlet,
            duty.name,
            entry["efficiency"],
            entry["aqueous_entrainment"],
            entry["organic_entrainment"],
        )

    def _organic(self) -> Organic:
        entry = self.entry["organic"]
        return Organic(
            flow=entry["flow"],
            extractant=entry["concentration"],
            saponification=entry["saponification"],
            base=entry["base"],
            closed=entry["closed"],
            diluent=entry["diluent"] or "",
            bleed=entry["bleed"],
        )
