"""What may happen to a chain: makers that stop, or a country that no longer lets go what it makes."""

from __future__ import annotations

from dataclasses import dataclass

from ytterby.chain.rules import Rule


@dataclass(frozen=True)
class Shock:
    """One event that takes supply away from a month on."""

    name: str
    rule: Rule
    """Whom and what it hits, from which month to which; its words tell it."""
    abroad: bool = False
    """True: an export control, which customers of its own countries do not feel. False: makers stop."""
    customers: frozenset[str] = frozenset()
    """Countries whose customers feel an export control; empty: all but the rule's own."""
    event: str = ""
    """The dated event that it is; empty if it is none."""

    @property
    def month(self) -> int:
        """The first month of it."""
        if self.rule.since is None:
            raise ValueError(f"shock {self.name} has no month")
        return self.rule.since

    def reaches(self, country: str) -> bool:
        """Whether customers in a country feel it."""
        if not self.abroad:
            return True
        return country not in self.rule.countries and country in (self.customers or {country})
