"""Dated events as ready shocks, and what could be known before each of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from types import MappingProxyType
from typing import Protocol, TypeVar

from ytterby.chain.months import month
from ytterby.chain.network import Cited
from ytterby.chain.rules import Rule
from ytterby.chain.shocks import Shock
from ytterby.datasets import table
from ytterby.datasets.tables import Row


class Dated(Protocol):
    """A row with a month, which is None where no source gives one."""

    @property
    def month(self) -> int | None: ...


DatedRow = TypeVar("DatedRow", bound=Dated)


@dataclass(frozen=True)
class Event:
    """One dated event, read as a shock at its worst."""

    name: str
    title: str
    month: int
    rule: Rule
    abroad: bool
    customers: frozenset[str]
    lasts: int | None
    """Months; None: no end is known."""
    cited: Cited = field(default_factory=Cited)

    def shock(self, name: str, begins: int, until: int | None = None) -> Shock:
        """The event put into another month; its own length holds where no end is given."""
        if until is None and self.lasts is not None:
            until = begins + self.lasts
        rule = replace(self.rule, since=begins, until=until)
        return Shock(name, rule, self.abroad, self.customers, self.name)


@cache
def events() -> Mapping[str, Event]:
    """The shipped events by name, oldest first."""
    found = sorted(map(_event, table("chain_events")), key=lambda it: it.month)
    return MappingProxyType({it.name: it for it in found})


def known_by(rows: Iterable[DatedRow], last: int) -> tuple[DatedRow, ...]:
    """Rows dated in or before a month; of a later row nothing but its date is read.

    A row without a date may be younger, so it is not taken for known.
    """
    return tuple(row for row in rows if row.month is not None and row.month <= last)


def _event(row: Row) -> Event:
    listed = {
        name: frozenset(filter(None, row.labels[name].split(";")))
        for name in ("countries", "customers", "elements", "forms")
    }
    length = row.values.get("months")
    stopped = row.labels["stopped"] == "yes"
    return Event(
        name=row.labels["event"],
        title=row.labels["title"],
        month=month(row.labels["date"], row.labels["event"]),
        rule=Rule(
            words=row.labels["title"],
            countries=listed["countries"],
            elements=listed["elements"],
            forms=listed["forms"],
        ),
        abroad=not stopped,
        customers=listed["customers"],
        lasts=None if length is None else int(length),
        cited=Cited(row.source, row.basis, row.confidence, row.note, row.also),
    )
