"""How long the chain takes: to make, to move, to be accepted, to be built and to come up to speed.

Times are in months, each a range with what it rests on. Which published durations stand for which step is
data (table ``chain_times``, on the durations of ``logistics``); a user may set any of them.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cache

from ytterby.chain.facts import Duration, cited_of, logistics
from ytterby.chain.network import Cited, Range, Recipe
from ytterby.datasets.tables import Row, table
from ytterby.errors import DataError, Fault, nearest
from ytterby.quantities import quoted

CUSTOMER = "customer"
"""Where the last transport goes, in place of a stage."""
ANY = ""
"""In place of a stage or a customer class: every one that has no entry of its own."""
ENDS: tuple[str, ...] = ("low", "value", "high")
"""Of a range of times: the shortest, the usual and the longest."""
_ROUNDING = 1e-9
"""Months; a sum of times that misses a whole month by its own rounding is that month."""


@dataclass(frozen=True)
class Time:
    """A duration [months], and what it rests on."""

    months: Range
    cited: Cited = field(default_factory=Cited)


def months(low: float, usual: float, high: float, cited: Cited | None = None) -> Time:
    """A duration from its three figures [months]."""
    return Time(Range(low, usual, high), cited or Cited())


@dataclass(frozen=True)
class Leads:
    """Every time that a date is reckoned from; DataError with each that is no range of months."""

    lead: Mapping[str, Time] = field(default_factory=dict)
    """From having the inputs to having the outputs, by recipe or by stage; else what the recipe says."""
    transport: Mapping[tuple[str, str], Time] = field(default_factory=dict)
    """From the stage of the maker to that of the user, or to ``CUSTOMER``; ``ANY`` on either side."""
    qualification: Mapping[str, Time] = field(default_factory=dict)
    """Of the maker of what the customer buys, by customer class or ``ANY``."""
    acceptance: Mapping[str, Time] = field(default_factory=dict)
    """Of a new source further up, by its stage or ``ANY``: its product is tried by those who use it."""
    samples: Mapping[str, Time] = field(default_factory=dict)
    """To make the samples that a qualification begins with, by stage or ``ANY``."""
    build: Mapping[str, Time] = field(default_factory=dict)
    """From the decision to a plant that can start, by stage."""
    ramp: Mapping[str, Time] = field(default_factory=dict)
    """From the start to work as planned, by stage: at the shortest to product on specification, at the
    longest to the whole rate."""

    def __post_init__(self) -> None:
        faults = [
            Fault(
                f"{what} of {_named(name)}",
                f"{time.months.low:g} to {time.months.high:g} months, usually {time.months.value:g}",
                "0 <= low <= usual <= high, in months",
            )
            for what, name, time in self._all()
            if not _is_range(time.months)
        ]
        if faults:
            raise DataError(faults)

    def making(self, recipe: Recipe) -> Time:
        """Of a recipe: its own, else that of its stage, else the usual one that the recipe states."""
        found = self.lead.get(recipe.name) or self.lead.get(recipe.stage)
        return found or months(recipe.lead, recipe.lead, recipe.lead, recipe.cited)

    def moving(self, maker: str, user: str) -> Time | None:
        """Between two stages, the most particular entry; None if there is none, so that nothing is added."""
        for pair in ((maker, user), (maker, ANY), (ANY, user), (ANY, ANY)):
            if pair in self.transport:
                return self.transport[pair]
        return None

    def shift(self, recipe: Recipe, maker_stage: str, end: str = "value") -> int:
        """Whole months from the month in which an input leaves its maker to that in which the outputs are
        there: transport and lead, rounded up together.

        ``end`` is one of ``ENDS``.
        """
        return whole(at(self.making(recipe), end) + at(self.moving(maker_stage, recipe.stage), end))

    def delivery(self, maker_stage: str, end: str = "value") -> int:
        """Whole months from the maker's gate to the customer, rounded up."""
        return whole(at(self.moving(maker_stage, CUSTOMER), end))

    def _all(self) -> Iterator[tuple[str, str | tuple[str, str], Time]]:
        for it in fields(self):
            for name, time in getattr(self, it.name).items():
                yield it.name, name, time


def shipped_leads(own: Mapping[str, Recipe] | None = None) -> Leads:
    """Times from the shipped tables; leads are those of the shipped recipes, by recipe.

    Of ``own`` recipes, those whose lead is not that of the shipped recipe of their name keep theirs.
    """
    leads = _shipped()
    if own is None:
        return leads
    kept = {
        name: time
        for name, time in leads.lead.items()
        if name in own and own[name].lead == time.months.value
    }
    return replace(leads, lead=kept)


def spanned(durations: Sequence[Duration], cited: Cited) -> Time:
    """One time for several published ones [months]: shortest, median of their middles, longest."""
    ranges = [it.months for it in durations]
    usual = statistics.median(it.value for it in ranges)
    return months(min(it.low for it in ranges), usual, max(it.high for it in ranges), cited)


def at(time: Time | None, end: str) -> float:
    """One end of a time [months], see ``ENDS``; nothing for None."""
    return 0.0 if time is None else float(getattr(time.months, end))


def whole(time: float) -> int:
    """Whole months that a time takes, rounded up."""
    return math.ceil(time - _ROUNDING)


@cache
def _shipped() -> Leads:
    from ytterby.chain.recipe_book import lead_range, recipes

    found: dict[str, dict[str, Time]] = {}
    for row in table("chain_times"):
        found.setdefault(row.labels["what"], {})[_one(row.labels["for"])] = _time(row)
    moving = found.pop("transport", {})
    kinds = {it.name for it in fields(Leads)} - {"lead", "transport"}
    if unknown := sorted(set(found) - kinds):
        expected = "one of: " + ", ".join(sorted(kinds))
        close = nearest(unknown[0], kinds)
        raise DataError(Fault("chain_times", quoted(unknown[0]), expected, nearest=close))
    cited = {row.labels["stage"]: cited_of(row) for row in table("chain_leads")}
    return Leads(
        lead={it.name: Time(lead_range(it.stage), cited[it.stage]) for it in recipes().values()},
        transport={_pair(name): time for name, time in moving.items()},
        **found,
    )


def _time(row: Row) -> Time:
    items = [name.strip() for name in row.labels["items"].split(";")]
    for name in items:
        if name not in logistics():
            where = f"chain_times, line {row.line}, items"
            close = nearest(name, logistics())
            raise DataError(Fault(where, quoted(name), "an item of logistics", nearest=close))
    return spanned([logistics()[name] for name in items], cited_of(row))


def _pair(name: str) -> tuple[str, str]:
    """Stages of a transport as the table writes it, such as `magnet to customer` or `any to any`."""
    maker, _, user = name.partition(" to ")
    return _one(maker), _one(user)


def _one(name: str) -> str:
    return ANY if name == "any" else name


def _named(name: str | tuple[str, str]) -> str:
    return " to ".join(it or "any" for it in name) if isinstance(name, tuple) else name or "any"


def _is_range(time: Range) -> bool:
    ends = (time.low, time.value, time.high)
    return all(map(math.isfinite, ends)) and 0 <= time.low <= time.value <= time.high
