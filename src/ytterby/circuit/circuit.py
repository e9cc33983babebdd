"""What a circuit is: sections of stages that share one organic. Values only; nothing is solved here.

The organic runs from stage 1 through extraction, scrub and strip to the last stage and, in a closed
circuit, back to stage 1 through saponification. The aqueous runs the other way: scrub liquor joins the
feed in the extraction section and leaves as raffinate at stage 1; strip acid leaves as strip liquor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

from ytterby.errors import CaseError, Fault

SectionKind = Literal["extraction", "scrub", "strip"]
AQUEOUS_OUTLETS: Mapping[SectionKind, str] = {"extraction": "raffinate", "strip": "strip liquor"}
"""What the aqueous is called when it leaves the circuit from a section; scrub liquor flows on."""
ORGANIC_NAMES: Mapping[SectionKind, str] = {
    "extraction": "loaded organic",
    "scrub": "extract",
    "strip": "stripped organic",
}
"""What the organic is called when it leaves a section."""
SECTION_ORDER: tuple[SectionKind, ...] = ("extraction", "scrub", "strip")


@dataclass(frozen=True)
class Inlet:
    """An aqueous liquor that enters the last stage of a section (the end where the organic leaves)."""

    name: str
    flow: float
    """Volume flow [m3/h]."""
    acid: float
    """[H+] on the concentration scale [mol/m3]."""
    concentrations: Mapping[str, float]
    """Metal ions [mol/m3]; elements that are not named are absent."""


@dataclass(frozen=True)
class Section:
    """Stages of one duty, numbered along the organic."""

    kind: SectionKind
    stages: int
    inlet: Inlet


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
    """True: the organic of the last stage returns to stage 1. False: metal-free organic enters."""
    diluent: str = ""


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

    def __post_init__(self) -> None:
        """CaseError where streams share a name or a liquor brings a metal that is not an element."""
        taken = [*AQUEOUS_OUTLETS.values(), *ORGANIC_NAMES.values()]
        names = [*taken, *(section.inlet.name for section in self.sections)]
        brought = {metal for section in self.sections for metal in section.inlet.concentrations}
        faults = [
            Fault(
                f"circuit {self.name}, sections", f"two streams named {name}", "names of their own"
            )
            for name in sorted({name for name in names if names.count(name) > 1})
        ]
        faults += [
            Fault(
                f"circuit {self.name}, elements",
                f"no {metal}, which a liquor brings",
                "every metal fed",
            )
            for metal in sorted(brought - set(self.elements))
        ]
        if faults:
            raise CaseError(faults)

    @property
    def stages(self) -> int:
        """Number of stages in all sections."""
        return sum(section.stages for section in self.sections)

    @property
    def base(self) -> float:
        """Base that the saponified organic carries into stage 1 [mol/h]."""
        return self.organic.saponification * self.organic.extractant * self.organic.flow

    def section_of_stage(self) -> list[SectionKind]:
        """Kind of section of each stage, in the organic's order."""
        return [section.kind for section in self.sections for _ in range(section.stages)]

    def spans(self) -> list[tuple[int, int]]:
        """First stage and end (exclusive) of each section, numbered from 0 along the organic."""
        ends = list(accumulate(section.stages for section in self.sections))
        return list(zip([0, *ends[:-1]], ends, strict=True))

    def aqueous_train(self, section: int) -> int:
        """Section, numbered from 0, at whose first stage the aqueous of ``section`` leaves.

        Scrub liquor flows on into the section before it; every other aqueous leaves where it is.
        """
        while section > 0 and self.sections[section].kind == "scrub":
            section -= 1
        return section
