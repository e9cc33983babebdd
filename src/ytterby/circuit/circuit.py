"""What a circuit is: sections of stages that share one organic. Values only; nothing is solved here.

The organic runs from stage 1 through extraction, scrub and strip to the last stage and, in a closed circuit,
back to stage 1 through saponification. The aqueous runs the other way: scrub liquor joins the feed in the
extraction section and leaves as raffinate at stage 1; strip acid leaves as strip liquor; wash water as wash
liquor.

A ``Train`` is several circuits whose outlets feed each other, solved together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Literal

from ytterby.errors import CaseError, Fault, nearest

SectionKind = Literal["extraction", "scrub", "strip", "wash"]
Phase = Literal["aqueous", "organic"]
AQUEOUS_OUTLETS: Mapping[SectionKind, str] = {
    "extraction": "raffinate",
    "scrub": "spent scrub",
    "strip": "strip liquor",
    "wash": "wash liquor",
}
"""What the aqueous is called when it leaves from a section; most scrub liquor flows on instead."""
ORGANIC_NAMES: Mapping[SectionKind, str] = {
    "extraction": "loaded organic",
    "scrub": "extract",
    "strip": "stripped organic",
    "wash": "washed organic",
}
"""What the organic is called when it leaves a section."""
BLEED = "bleed"
"""What the organic is called that a closed circuit gives up for fresh."""
SECTION_ORDER: tuple[SectionKind, ...] = ("extraction", "scrub", "strip", "wash")


@dataclass(frozen=True)
class Inlet:
    """A liquor that enters from outside; aqueous, unless a ``SideFeed`` says that it is organic."""

    name: str
    flow: float
    """Volume flow [m3/h]."""
    acid: float
    """[H+] on the concentration scale [mol/m3]; without meaning in an organic."""
    concentrations: Mapping[str, float]
    """Metal ions [mol/m3]; elements that are not named are absent."""
    salt: float = 0.0
    """Inert cations, Na+ or NH4+ [mol/m3]."""
    sulfate: float | None = None
    """SO4-- and HSO4- together in a sulfate medium [mol/m3]; None: what neutralises the rest."""


@dataclass(frozen=True)
class Section:
    """Stages of one duty, numbered along the organic."""

    kind: SectionKind
    stages: int
    inlet: Inlet | None
    """Liquor that enters the last stage (the end where the organic leaves); None: only reflux or transfer."""
    name: str = ""
    """Its kind if not given; needed where two sections are of one kind."""
    efficiency: float = 1.0
    """Murphree efficiency, organic side: share of the arriving organic that reaches equilibrium."""
    aqueous_carried: float = 0.0
    """Share of a stage's aqueous that is entrained in its organic."""
    organic_carried: float = 0.0
    """Share of a stage's organic that is entrained in its aqueous."""

    @property
    def label(self) -> str:
        """Its name, or its kind."""
        return self.name or self.kind

    @property
    def aqueous_outlet(self) -> str:
        """What its aqueous is called where it leaves the circuit."""
        outlet = AQUEOUS_OUTLETS[self.kind]
        return f"{outlet} of {self.name}" if self.name else outlet

    @property
    def organic_name(self) -> str:
        """What the organic is called that leaves it."""
        known = ORGANIC_NAMES[self.kind]
        return f"{known} of {self.name}" if self.name else known


@dataclass(frozen=True)
class Place:
    """A stage, by its section and its number there along the organic, from 1."""

    section: str
    stage: int


@dataclass(frozen=True)
class SideFeed:
    """A liquor that enters at any stage: a second feed, acid, or organic from elsewhere."""

    inlet: Inlet
    place: Place
    phase: Phase = "aqueous"


@dataclass(frozen=True)
class Draw:
    """A liquor or organic taken from the middle of the circuit: a third outlet."""

    name: str
    place: Place
    phase: Phase
    flow: float
    """Volume flow [m3/h]."""


@dataclass(frozen=True)
class Reflux:
    """Part of an outlet's liquor that goes back into the circuit, e.g. strip liquor as scrub."""

    outlet: str
    """Name of the aqueous outlet that it is taken from."""
    place: Place
    flow: float
    """Volume flow [m3/h]."""


@dataclass(frozen=True)
class Organic:
    """The organic phase as it enters stage 1."""

    flow: float
    """Volume flow [m3/h]."""
    extractant: float
    """Total extractant, formal (monomer) [mol/m3]."""
    saponification: float
    """Base carried into stage 1 per mole of extractant [mol/mol]."""
    base: Literal["NaOH", "NH3"]
    closed: bool
    """True: the organic of the last stage returns to stage 1. False: organic enters from outside."""
    diluent: str = ""
    bleed: float = 0.0
    """Share of the returning organic that is replaced by fresh, metal-free organic."""
    concentrations: Mapping[str, float] = field(default_factory=dict)
    """Metals that it brings where it is not closed [mol/m3]."""


@dataclass(frozen=True)
class Circuit:
    """Everything that fixes a steady state: chemistry, organic, sections in the organic's order."""

    name: str
    equilibrium: str
    """Name of a parameter set, e.g. ``P507-HCl-v0``."""
    elements: tuple[str, ...]
    """By atomic number, as in every array."""
    organic: Organic
    sections: tuple[Section, ...]
    temperature: float = 298.15
    """[K]"""
    cut: tuple[str, str] | None = None
    """The pair to be split, lighter (to the raffinate) first."""
    side_feeds: tuple[SideFeed, ...] = ()
    draws: tuple[Draw, ...] = ()
    refluxes: tuple[Reflux, ...] = ()
    terms: tuple[str, ...] = ()
    """Corrections of the equilibrium that are switched on, see ``ParameterSet.terms``."""
    assumed: Mapping[str, float] = field(default_factory=dict)
    """Distribution ratios, constant, assumed for elements that the parameter set lacks [-]."""

    def __post_init__(self) -> None:
        """CaseError with every name that is doubled or refers to nothing."""
        faults = [*self._doubled(), *self._missing_elements(), *self._lost()]
        if faults:
            raise CaseError(faults)

    def _where(self, what: str) -> str:
        return f"circuit {self.name}, {what}"

    def _doubled(self) -> list[Fault]:
        labels = [section.label for section in self.sections]
        streams = [
            *(inlet.name for inlet, _, _ in self.inlets()),
            *(draw.name for draw in self.draws),
            *(self.sections[number].aqueous_outlet for number in self.aqueous_exits()),
            *(section.organic_name for section in self.sections),
        ]
        return [
            Fault(self._where("sections"), f"two {kind} named {name}", "names of their own")
            for kind, names in (("sections", labels), ("streams", streams))
            for name in sorted({name for name in names if names.count(name) > 1})
        ]

    def _missing_elements(self) -> list[Fault]:
        brought = {metal for inlet, _, _ in self.inlets() for metal in inlet.concentrations}
        brought |= set(self.organic.concentrations)
        return [
            Fault(
                self._where("elements"),
                f"no {metal}, which a liquor brings",
                "every metal fed",
                nearest(metal, self.elements),
                next="add it to the elements",
            )
            for metal in sorted(brought - set(self.elements))
        ]

    def _lost(self) -> list[Fault]:
        """Places and outlets that are not there, and flows that take more than there is."""
        faults = []
        places = [feed.place for feed in self.side_feeds]
        places += [draw.place for draw in self.draws]
        places += [reflux.place for reflux in self.refluxes]
        labels = [section.label for section in self.sections]
        for place in places:
            if place.section not in labels:
                expected, near = "one of: " + ", ".join(labels), nearest(place.section, labels)
            elif not 1 <= place.stage <= self._labelled(place.section).stages:
                expected, near = f"stage 1 to {self._labelled(place.section).stages}", ""
            else:
                continue
            read = f"stage {place.stage} of {place.section}"
            faults.append(Fault(self._where("place"), read, expected, near))
        if not faults:
            faults += self._drawn_where_all_leaves()
        outlets = [self.sections[number].aqueous_outlet for number in self.aqueous_exits()]
        faults += [
            Fault(
                self._where("reflux"),
                reflux.outlet,
                "one of: " + ", ".join(outlets),
                nearest(reflux.outlet, outlets),
            )
            for reflux in self.refluxes
            if reflux.outlet not in outlets
        ]
        return faults

    def _drawn_where_all_leaves(self) -> list[Fault]:
        """Draws where the whole stream leaves anyway, and second draws of one phase of a stage."""
        gone = {(self.spans()[number][0], "aqueous") for number in self.aqueous_exits()}
        gone.add((self.stages - 1, "organic"))
        faults = []
        for draw in self.draws:
            at = (self.index(draw.place), draw.phase)
            if at in gone:
                read = f"{draw.phase} of stage {draw.place.stage} of {draw.place.section}"
                expected = "a stage whose stream goes on, drawn once"
                faults.append(Fault(self._where(f"draw {draw.name}"), read, expected))
            gone.add(at)
        return faults

    def _labelled(self, label: str) -> Section:
        return next(section for section in self.sections if section.label == label)

    @property
    def stages(self) -> int:
        """Number of stages in all sections."""
        return sum(section.stages for section in self.sections)

    @property
    def base(self) -> float:
        """Base that the saponified organic carries into stage 1 [mol/h]."""
        return self.organic.saponification * self.organic.extractant * self.organic.flow

    def section_of_stage(self) -> list[str]:
        """Label of the section of each stage, in the organic's order."""
        return [section.label for section in self.sections for _ in range(section.stages)]

    def section_at(self, stage: int) -> Section:
        """Section of a stage, numbered from 0 along the organic."""
        ends = accumulate(section.stages for section in self.sections)
        return next(part for part, end in zip(self.sections, ends, strict=True) if stage < end)

    def spans(self) -> list[tuple[int, int]]:
        """First stage and end (exclusive) of each section, numbered from 0 along the organic."""
        ends = list(accumulate(section.stages for section in self.sections))
        return list(zip([0, *ends[:-1]], ends, strict=True))

    def index(self, place: Place) -> int:
        """Stage of a place, numbered from 0 along the organic."""
        for section, (first, _) in zip(self.sections, self.spans(), strict=True):
            if section.label == place.section:
                return first + place.stage - 1
        raise KeyError(place.section)

    def inlets(self) -> list[tuple[Inlet, int, Phase]]:
        """Every liquor from outside with the stage (from 0) and the phase that it joins."""
        mains: list[tuple[Inlet, int, Phase]] = [
            (section.inlet, end - 1, "aqueous")
            for section, (_, end) in zip(self.sections, self.spans(), strict=True)
            if section.inlet
        ]
        labels = {section.label for section in self.sections}
        sides = [
            (feed.inlet, self.index(feed.place), feed.phase)
            for feed in self.side_feeds
            if feed.place.section in labels
        ]
        return mains + sides

    def aqueous_train(self, section: int) -> int:
        """Section, numbered from 0, at whose first stage the aqueous of ``section`` leaves.

        Scrub liquor flows on into the section before it; every other aqueous leaves where it is.
        """
        while section > 0 and self.sections[section].kind == "scrub":
            section -= 1
        return section

    def aqueous_exits(self) -> list[int]:
        """Sections, numbered from 0, at whose first stage an aqueous leaves the circuit."""
        return [
            number for number in range(len(self.sections)) if self.aqueous_train(number) == number
        ]

    def leaves(self, outlet: str) -> tuple[Phase, int]:
        """Phase of an outlet, aqueous or the organic of the last section, and its stage, from 0."""
        if outlet == self.sections[-1].organic_name:
            return "organic", self.stages - 1
        return "aqueous", self.outlet_stage(outlet)

    def outlet_stage(self, outlet: str) -> int:
        """Stage, from 0, at which an aqueous outlet leaves."""
        for number in self.aqueous_exits():
            if self.sections[number].aqueous_outlet == outlet:
                return self.spans()[number][0]
        raise KeyError(outlet)


@dataclass(frozen=True)
class Transfer:
    """An outlet of one circuit, or a share of it, that enters another (or the same)."""

    source: str
    """Name of a circuit."""
    outlet: str
    """An aqueous outlet, or the organic of the last section of an open circuit."""
    target: str
    place: Place
    share: float = 1.0


SHARED = ("equilibrium", "elements", "temperature", "terms", "assumed")
"""What the circuits of a train must have in common: one chemistry serves them all."""


def _shared(circuit: Circuit, what: str) -> object:
    """One of ``SHARED``; the order of terms is without meaning."""
    return sorted(circuit.terms) if what == "terms" else getattr(circuit, what)


@dataclass(frozen=True)
class Train:
    """Circuits that feed each other, in series and in loops."""

    name: str
    circuits: tuple[Circuit, ...]
    transfers: tuple[Transfer, ...]

    def __post_init__(self) -> None:
        """CaseError where circuits differ in what a train shares, or a transfer leads nowhere."""
        faults = [*self._differing(), *self._lost()]
        if faults:
            raise CaseError(faults)

    def _differing(self) -> list[Fault]:
        """Circuits with another chemistry than the first."""
        first, *others = self.circuits
        return [
            Fault(
                f"train {self.name}, circuit {circuit.name}, {what}",
                str(_shared(circuit, what)),
                f"{_shared(first, what)}, as in {first.name}",
                next="give the circuits of a train one chemistry, or solve them one by one",
            )
            for circuit in others
            for what in SHARED
            if _shared(circuit, what) != _shared(first, what)
        ]

    def _lost(self) -> list[Fault]:
        """Transfers from or to what is not there."""
        known = {circuit.name: circuit for circuit in self.circuits}
        faults = []
        for transfer in self.transfers:
            where = f"train {self.name}, transfer of {transfer.outlet}"
            for name in (transfer.source, transfer.target):
                if name not in known:
                    expected = "one of: " + ", ".join(known)
                    faults.append(Fault(where, name, expected, nearest(name, known)))
            if transfer.source not in known or transfer.target not in known:
                continue
            source, target = known[transfer.source], known[transfer.target]
            outlets = [source.sections[number].aqueous_outlet for number in source.aqueous_exits()]
            if not source.organic.closed:
                outlets.append(source.sections[-1].organic_name)
            if transfer.outlet not in outlets:
                near = nearest(transfer.outlet, outlets)
                faults.append(Fault(where, transfer.outlet, "one of: " + ", ".join(outlets), near))
            stages = {section.label: section.stages for section in target.sections}
            if not 1 <= transfer.place.stage <= stages.get(transfer.place.section, 0):
                read = f"stage {transfer.place.stage} of {transfer.place.section}"
                faults.append(Fault(where, read, f"a stage of {target.name}"))
        return faults
