"""What a customer accepts and what a policy forbids: rules on who made a material, where and when."""

from __future__ import annotations

from dataclasses import dataclass

from ytterby.chain.network import Facility, Material


@dataclass(frozen=True)
class Rule:
    """One rule on the outputs of facilities; a field left empty asks for nothing."""

    words: str
    """As its author says it; faults and conflicts are told in these words."""
    only: bool = False
    """True: only what is named is admitted. False: what is named is refused."""
    countries: frozenset[str] = frozenset()
    owners: frozenset[str] = frozenset()
    """Keys of owners."""
    facilities: frozenset[str] = frozenset()
    stages: frozenset[str] = frozenset()
    """Stages that it is about; empty: all."""
    elements: frozenset[str] = frozenset()
    """It is about materials that contain one of these; empty: about all."""
    forms: frozenset[str] = frozenset()
    """Forms of material that it is about; empty: all."""
    since: int | None = None
    """First month in which it holds; None: always."""
    until: int | None = None
    """First month in which it no longer holds; None: for good."""

    def holds(self, month: int) -> bool:
        """Whether it is in force in a month."""
        return (self.since is None or self.since <= month) and (
            self.until is None or month < self.until
        )

    def refuses(self, facility: Facility, stage: str, material: Material) -> bool:
        """Whether an output of a facility at a stage is refused while the rule is in force."""
        if self.stages and stage not in self.stages:
            return False
        if self.forms and material.form not in self.forms:
            return False
        if self.elements and not any(material.content.get(it, 0.0) > 0 for it in self.elements):
            return False
        named = (
            facility.country in self.countries
            or facility.owner_key in self.owners
            or facility.name in self.facilities
        )
        return named is not self.only
