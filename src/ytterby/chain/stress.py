"""A plan put to the test: the same allocation with somebody gone, and how long it goes well.

A maker that stops makes nothing from its month on; what it has sent off still arrives. An export control
leaves makers running for the customers whom it does not reach. Nobody sees it coming: before the month of
the shock no line runs more than in the plan and every customer gets what the plan gives, so there is only
the stock that was there anyway.

Where the plan's own runs still fit into what a stop leaves, nothing is solved: a stop only takes capacity
away, so no allocation after it is less short than the plan, which is of least shortage with all of it; and
the plan is still an allocation, so that every customer can be left as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ytterby.chain.months import written
from ytterby.chain.rules import Rule
from ytterby.chain.shocks import Shock
from ytterby.errors import DataError, Fault, nearest
from ytterby.quantities import quoted

if TYPE_CHECKING:
    from ytterby.chain.match import Matched, Matcher, MatchTask
    from ytterby.chain.network import Line

Months = NDArray[np.float64]
Key = tuple[str, str]
FELT = 1e-6
"""Share of a month's due: a shortage that grows by less is rounding."""
SEVERAL = 2
"""Stops of one month from which on it pays to solve first what they have in common."""
ROUND = 1e-9
"""Share of what lines run: what exceeds their capacity by less is rounding."""
KINDS: tuple[str, ...] = ("facilities", "countries", "owners")
"""What can be taken away one by one."""


@dataclass(frozen=True)
class Stressed:
    """What one shock does to a plan; months as in the plan."""

    shock: Shock
    more: Mapping[str, Months]
    """Shortage beyond the plan's, by demand [t], shape (months,); below 0 where a month fares better."""
    first: int
    """First month of the plan."""
    hit: str | None
    """The demand that is short first, by most of its due; None if none is."""
    hit_month: int | None
    solved: bool = True
    """False: the plan's own runs still fit, so that nothing had to be solved."""

    @property
    def lost(self) -> float:
        """Shortage beyond that of the plan, all demands and months [t]."""
        return float(sum(it.sum() for it in self.more.values()))

    @property
    def survives(self) -> int | None:
        """Months from the shock until a customer is short by it; None if none is within the plan."""
        return None if self.hit_month is None else self.hit_month - self.shock.month

    @property
    def words(self) -> str:
        """In one sentence."""
        if self.hit is None or self.hit_month is None:
            return f"{self.shock.rule.words}: nobody is short by it within the plan"
        return (
            f"{self.shock.rule.words}: {self.hit} is short first, in {written(self.hit_month)}; "
            f"{self.lost:,.0f} t less are delivered"
        )


def removals(task: MatchTask, kind: str, month: int) -> tuple[Shock, ...]:
    """A shock for each facility, country or owner that runs anything in a task, from a month on.

    What stands for several makers together is no facility that could stop; it stops with its country, if that
    is one in which makers are known.
    ``kind`` is one of ``KINDS``; DataError otherwise.
    """
    if kind not in KINDS:
        expected = "one of: " + ", ".join(KINDS)
        raise DataError(Fault("removals", quoted(kind), expected, nearest=nearest(kind, KINDS)))
    field = {"facilities": "name", "countries": "country", "owners": "owner_key"}[kind]
    known = {getattr(it, field) for it in task.network.facilities.values() if not it.together}
    running = (task.network.facilities[name] for name, _ in task.capacity)
    titles = {
        getattr(it, field): it.title if kind == "facilities" else getattr(it, field)
        for it in running
        if getattr(it, field) in known
    }
    return tuple(
        Shock(name, _naming(kind, name, Rule(f"{title} stops", since=month)))
        for name, title in titles.items()
    )


def _naming(kind: str, name: str, rule: Rule) -> Rule:
    named = frozenset({name})
    if kind == "facilities":
        return replace(rule, facilities=named)
    return replace(rule, countries=named) if kind == "countries" else replace(rule, owners=named)


def stress(
    matcher: Matcher,
    base: Matched,
    shocks: Iterable[Shock],
    tell: Callable[[str], None] = lambda what: None,
) -> tuple[Stressed, ...]:
    """What each shock does to a plan ``base`` that ``matcher`` solved, in the order of the shocks."""
    asked, found, ready = tuple(shocks), [], None
    months = [it.month for it in asked if not _apart(it)]
    for shock in asked:
        tell(shock.rule.words)
        _check(shock, base.task)
        if not _apart(shock) and shock.month != ready and months.count(shock.month) > SEVERAL:
            _make_ready(matcher, base, shock.month)
            ready = shock.month
        found.append(_stressed(matcher, base, shock))
    return tuple(found)


def _apart(shock: Shock) -> bool:
    """Whether a shock is a rule on customers, which makes a program of its own."""
    return shock.abroad or bool(shock.rule.elements or shock.rule.forms)


def _make_ready(matcher: Matcher, base: Matched, month: int) -> None:
    """Solves what all stops of a month have in common, from where the way to each of them is short."""
    matcher.solve(_unforeseen(base, month), at_most=_as_planned(base, month))
    matcher.start_here()


def _stressed(matcher: Matcher, base: Matched, shock: Shock) -> Stressed:
    sizes = _unforeseen(base, shock.month)
    before = _as_planned(base, shock.month)
    if _apart(shock):
        task = replace(base.task, capacity=sizes)
        return _compared(shock, base, _controlled(shock, task, before))
    left = _stopped(shock, base.task, sizes)
    if _fits(base, left, matcher.groups):
        return replace(_compared(shock, base, base), solved=False)
    return _compared(shock, base, matcher.solve(left, at_most=before))


def _as_planned(base: Matched, month: int) -> dict[str, Months]:
    """Shortage that each customer may have [t], shape (months,): before a month no more than in the plan."""
    before = np.arange(base.task.months) < month - base.task.first
    return {
        name: np.where(before, it.shortage + ROUND * it.due, it.due)
        for name, it in base.served.items()
    }


def _fits(base: Matched, sizes: Mapping[Key, Months], groups: Iterable[tuple[Key, ...]]) -> bool:
    """Whether the plan's own runs fit into other capacities; lines of a group run for each other."""
    used = _used(base)
    nothing = np.zeros(base.task.span)
    for group in groups:
        runs = np.sum([used.get(key, nothing) for key in group], axis=0)
        room = np.sum([sizes[key] for key in group], axis=0)
        if (runs > room + ROUND * max(1.0, float(runs.max()))).any():
            return False
    return True


def _used(base: Matched) -> dict[Key, Months]:
    """What each line runs in the plan, all recipes and classes together [t], shape (span,)."""
    used: dict[Key, Months] = {}
    for (facility, line, _, _), runs in base.runs.items():
        used[facility, line] = used.get((facility, line), 0.0) + runs
    return used


def _check(shock: Shock, task: MatchTask) -> None:
    last = task.first + task.months - 1
    if not task.first <= shock.month <= last:
        raise DataError(
            Fault(
                f"shock {shock.name}",
                written(shock.month),
                f"a month that is planned, {written(task.first)} to {written(last)}",
            )
        )


def _unforeseen(base: Matched, month: int) -> dict[Key, Months]:
    """Capacities that before a month are what the plan runs, so that nobody stocks up for what comes."""
    used = _used(base)
    before = np.arange(base.task.span) < month - base.task.begins
    return {
        key: np.where(before, np.minimum(used.get(key, 0.0), size), size)
        for key, size in base.task.capacity.items()
    }


def stops(shock: Shock, task: MatchTask) -> frozenset[Key]:
    """The lines of a task that a stop stops: of two removals that stop the same, one need be solved."""
    lines = task.network.lines
    return frozenset(key for key in task.capacity if _hits(shock.rule, task, lines[key]))


def _stopped(shock: Shock, task: MatchTask, sizes: Mapping[Key, Months]) -> dict[Key, Months]:
    """The capacities, nothing in the months of a shock for the lines that it stops."""
    calendar = range(task.begins, task.begins + task.span)
    on = np.array([not shock.rule.holds(month) for month in calendar], dtype=float)
    hit = stops(shock, task)
    return {key: size * on if key in hit else size for key, size in sizes.items()}


def _hits(rule: Rule, task: MatchTask, line: Line) -> bool:
    facility, network = task.network.facilities[line.facility], task.network
    return any(
        rule.refuses(facility, line.stage, network.materials[name])
        for recipe in line.recipes
        for name in network.recipes[recipe].outputs
    )


def _controlled(shock: Shock, task: MatchTask, before: Mapping[str, Months]) -> Matched:
    """The plan under a rule on the customers whom a shock reaches; nobody is tied to makers that refuse."""
    from ytterby.chain.match import Matcher

    demands = tuple(
        replace(it, rules=(*it.rules, shock.rule)) if shock.reaches(it.country) else it
        for it in task.demands
    )
    return Matcher(replace(task, demands=demands, strict=False)).solve(at_most=before)


def _compared(shock: Shock, base: Matched, solved: Matched) -> Stressed:
    more = {name: solved.served[name].shortage - it.shortage for name, it in base.served.items()}
    cumulated = {name: np.cumsum(it) for name, it in more.items()}
    felt = {
        name: np.flatnonzero(cumulated[name] > FELT * max(float(it.due.max(initial=0.0)), 1e-9))
        for name, it in base.served.items()
    }
    first = {name: int(at[0]) for name, at in felt.items() if at.size}
    month = min(first.values(), default=None)
    at_once = [name for name, at in first.items() if at == month]
    share = {name: _share(base, cumulated, name, month) for name in at_once}
    return Stressed(
        shock=shock,
        more=more,
        first=base.task.first,
        hit=max(share, key=lambda name: share[name], default=None),
        hit_month=None if month is None else base.task.first + month,
    )


def _share(base: Matched, more: Mapping[str, Months], name: str, month: int | None) -> float:
    assert month is not None
    due = float(base.served[name].due[month])
    return float(more[name][month]) / due if due > 0 else 0.0
