"""How pages, tables and workbooks name what chains are made of: elements of blends, amounts, dates."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ytterby.chain.decisions import Dates
from ytterby.chain.months import written
from ytterby.chain.network import Cited, Network, Range
from ytterby.chain.shares import POINTS
from ytterby.datasets import table
from ytterby.report.tables import number

RESTING = ("source", "basis", "confidence", "note")
"""Heads of the cells of ``resting_on``."""
PAST = "*"
"""Follows a month that is over."""
HHI = f"of {POINTS:,.0f}"
"""Unit of Herfindahl-Hirschman indices."""


def counted_with(symbol: str) -> str:
    """An element with those that are counted under it because they are traded in one blend: Nd, with Pr."""
    others = [
        row.labels["element"]
        for row in table("chain_elements")
        if row.labels["text"] == symbol and row.labels["element"] != symbol
    ]
    return f"{symbol}, with {', '.join(others)}" if others else symbol


def parts_of_blend(symbol: str) -> dict[str, Range]:
    """Shares by mass of the elements counted under one, the main one among them [-]; empty if not known."""
    rows = [row for row in table("chain_elements") if row.labels["text"] == symbol]
    known = {
        row.labels["element"]: Range(*(row.values[end] for end in ("low", "value", "high")))
        for row in rows
        if row.values
    }
    if len(known) != len(rows) - 1:
        return {}
    low, usual, high = (
        1.0 - sum(getattr(it, end) for it in known.values()) for end in ("high", "value", "low")
    )
    return {symbol: Range(low, usual, high), **known} if known else {}


def amounts(tonnes: Mapping[str, float], unit: str = "t") -> str:
    """Materials with their amounts, largest first: NdPr_oxide 1200 t; Dy_oxide 33 t."""
    largest = sorted(tonnes.items(), key=lambda it: -it[1])
    return "; ".join(f"{name} {number(amount)} {unit}" for name, amount in largest)


def dates(found: Dates, now: int) -> tuple[str, str, str]:
    """Months for the shortest, usual and longest times, those before ``now`` marked."""
    low, usual, high = (
        written(it) + PAST * (it < now) for it in (found.low, found.value, found.high)
    )
    return low, usual, high


def ends(found: Range) -> str:
    """The ends and the middle of a range: 2 / 5 / 9; one figure where all are the same."""
    said = [number(it) for it in (found.low, found.value, found.high)]
    return said[0] if len(set(said)) == 1 else " / ".join(said)


def resting_on(cited: Cited) -> tuple[str, str, str, str]:
    """Cells of what a figure rests on: source with further ones, basis, confidence, note."""
    keys = dict.fromkeys((cited.source, *cited.also))
    return ", ".join(filter(None, keys)), cited.basis, cited.confidence, cited.note


def keys_of(*cited: Cited) -> tuple[str, ...]:
    """Keys of the bibliography, each once, in its order."""
    named = {key for it in cited for key in (it.source, *it.also) if key}
    return tuple(sorted(named, key=str.casefold))


def percents(share: float) -> str:
    """A share in percent, three digits."""
    return number(float(f"{100 * share:.3g}"))


def rounded(tonnes: float) -> str:
    """Tonnes with three digits: capacities and needs are not known better."""
    return number(float(f"{tonnes:.3g}"))


def between(found: Range | None, show: Callable[[float], str]) -> str:
    """The lowest and the highest of a range; one figure where they look the same, nothing without one."""
    if found is None:
        return ""
    low, high = show(found.low), show(found.high)
    return low if low == high else f"{low} to {high}"


def points(index: float) -> str:
    """A Herfindahl-Hirschman index on the scale of competition authorities."""
    return f"{POINTS * index:,.0f}"


def stages_in_order(network: Network) -> list[str]:
    """Stages from those that need nothing to those that need the most steps before them."""
    ranks: dict[str, int] = {}
    known: set[str] = set()
    waiting = list(network.recipes.values())
    while waiting:
        ready = [it for it in waiting if not it.inputs or known.intersection(it.inputs)]
        if not ready:
            ready = waiting
        for it in ready:
            ranks.setdefault(it.stage, len(ranks))
        known.update(name for it in ready for name in it.outputs)
        waiting = [it for it in waiting if it not in ready]
    return list(ranks)
