"""The sections that a case file may have, and what their keys mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ytterby.case.check import FAULTY, is_good
from ytterby.circuit.circuit import Section, SectionKind


@dataclass(frozen=True)
class Duty:
    """What the table of a section describes."""

    kind: SectionKind
    inlet: str
    """Key of what enters its last stage."""
    liquor: str
    """Name of that stream."""
    name: str = ""
    """Of the section, where its kind does not say it."""

    @property
    def label(self) -> str:
        """What places and results call the section."""
        return self.name or self.kind


SECTIONS: Mapping[str, Duty] = {
    "extraction": Duty("extraction", "feed", "feed"),
    "scrub": Duty("scrub", "liquor", "scrub liquor"),
    "selective_strip": Duty("strip", "liquor", "selective strip acid", "selective strip"),
    "strip": Duty("strip", "liquor", "strip acid"),
    "wash": Duty("wash", "liquor", "wash water"),
}
"""By key, along the organic."""


def present(circuit: Mapping[str, Any]) -> list[str]:
    """Keys of the sections that a circuit has and that are tables."""
    return [key for key in SECTIONS if is_good(circuit[key])]


def are_whole(circuit: Mapping[str, Any]) -> bool:
    """Whether the sections of a circuit and their numbers of stages have no fault."""
    tables = [circuit[key] for key in SECTIONS]
    return FAULTY not in tables and all(it["stages"] is not FAULTY for it in tables if it)


def outlets(circuit: Mapping[str, Any]) -> list[str]:
    """Aqueous outlets of a circuit; scrub liquor flows on into extraction."""
    sections = _bare(circuit)
    return [section.aqueous_outlet for section in sections if section.kind != "scrub"]


def organics(circuit: Mapping[str, Any]) -> list[str]:
    """What the organic is called after each section of a circuit."""
    return [section.organic_name for section in _bare(circuit)]


def _bare(circuit: Mapping[str, Any]) -> list[Section]:
    """The sections that are there, faulty or not, for their names."""
    duties = [duty for key, duty in SECTIONS.items() if circuit[key] is not None]
    return [Section(duty.kind, 1, None, duty.name) for duty in duties]
