"""The walk of a supply chain: from what customers ask back through every step, and who can do it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from os import cpu_count
from threading import Event
from typing import TYPE_CHECKING

import numpy as np

from ytterby.case import Case
from ytterby.case.chains import YEAR, ChainPlan
from ytterby.chain.months import year
from ytterby.chain.network import Cited, Network, Range
from ytterby.errors import CaseError, Fault, YtterbyError

if TYPE_CHECKING:
    from ytterby.chain.actors import Examined
    from ytterby.chain.capacity import Account, CapacityRule, Standing
    from ytterby.chain.decisions import Decision
    from ytterby.chain.explosion import Basket, Explosion
    from ytterby.chain.exposure import AtRisk, Leftover, Promise, Spread, Verdict
    from ytterby.chain.facts import Duration
    from ytterby.chain.grading import Answers, Graded, Readiness
    from ytterby.chain.leads import Leads
    from ytterby.chain.match import Matched, MatchTask
    from ytterby.chain.shares import Concentration, Quota, Shares, SupplyRisk
    from ytterby.chain.shocks import Shock
    from ytterby.chain.stress import Stressed
    from ytterby.chain.yardsticks import Priced, UnitValue

Progress = Callable[[str], None]
"""Told what is being done, in words."""
HALVES = 2
"""Parts that removals are shared out to, on any number of cores, so that results do not depend on it."""
Key = tuple[str, str]
FELT = 1e-6
"""Share of what is due: a line that lacks less is served in full."""
OTHERS, OPEN, NONE = "others", "open", "none"
WAYS: tuple[str, ...] = (OTHERS, NONE, OPEN)
"""What stands in for capacities that no source states: what totals of countries leave beyond listed makers,
nothing, or as much as is needed of each that has run."""
IMPORTERS: tuple[str, ...] = ("DEU", "FRA", "JPN", "KOR", "USA")
"""Whose imports are looked at beside those of the customers, ISO 3166 alpha-3."""
EARLY = 1e-4
"""How much more a tonne short in the first month weighs than in the last, so that shortage comes late."""
AMPLE = 100.0
"""Tonnes of anything per tonne that all customers ask for: more than any step needs but raw ore."""


def _silent(what: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Exploded:
    """What customers ask of everyone before them."""

    case: Case
    plan: ChainPlan
    explosion: Explosion
    decisions: tuple[Decision, ...]
    baskets: tuple[Basket, ...]
    """For all lines together."""

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of the bibliography behind recipes, times and demands."""
        network, found = self.plan.network, self.explosion
        cited = [
            *(network.recipes[name].cited for name in found.recipes),
            *(network.materials[name].cited for name in found.materials),
            *(it.cited for it in found.demands),
        ]
        return _keys(it.source for it in cited)


@dataclass(frozen=True)
class Who:
    """Who can do each stage, on what evidence."""

    case: Case
    plan: ChainPlan
    rule: CapacityRule
    grades: Mapping[Key, Graded]
    standings: Mapping[Key, Standing]
    answers: Mapping[str, Answers]
    """By facility."""
    timeline: tuple[Readiness, ...]
    chains: tuple[Examined, ...]
    accounts: tuple[Account, ...]
    """Production against promotion, all facilities, in the first and last year planned."""

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of the bibliography behind the evidence."""
        return _keys(row.cited.source for it in self.grades.values() for row in it.rows)


@dataclass(frozen=True)
class MatchStudy:
    """How much of what is asked can be met."""

    case: Case
    plan: ChainPlan
    base: Matched
    without: Mapping[str, Matched]
    """The same without some facilities, by the name of the plan."""
    bounds: Mapping[str, Matched]
    """With what stands in for capacities that no source states taken the other ways, by ``WAYS``; where the
    plan says others, what is served lies between none and open."""

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of the bibliography behind the lines that run."""
        lines = (self.base.task.network.lines[key] for key in self.base.task.capacity)
        return _keys(key for it in lines for key in (it.cited.source, *it.cited.also))


@dataclass(frozen=True)
class StressStudy:
    """What happens to the plan if somebody stops."""

    case: Case
    plan: ChainPlan
    base: Matched
    shocks: tuple[Stressed, ...]
    """Events of the case."""
    removals: Mapping[str, tuple[Stressed, ...]]
    """One by one from the first month on, by kind: facilities, countries, owners; worst first."""
    replays: tuple[Replayed, ...]
    """The dated events among the shocks, at their own dates."""


@dataclass(frozen=True)
class Replayed:
    """A dated event at its own date, by what was known in the month before."""

    event: str
    plan: ChainPlan
    """Moved so that it begins in the month of the event, with what was known then."""
    base: Matched
    found: Stressed
    known: int
    """Rows of evidence dated before the event."""
    later: int
    undated: int
    lines: int
    """Lines with such a row."""
    of_lines: int


@dataclass(frozen=True)
class ShareStudy:
    """How concentrated each stage is, who is exposed to whom, and what a kilogram short puts at risk."""

    case: Case
    plan: ChainPlan
    produced: tuple[Concentration, ...]
    """Of what was mined, as sources report it, by year."""
    stated: tuple[Concentration, ...]
    """Of shares by stage as sources state them, projections among them."""
    quotas: tuple[Quota, ...]
    capacity: tuple[Shares, ...]
    """Of stated capacities by stage, material and year of the plan; announced and weighted; by country, owner
    and facility."""
    elements: tuple[Shares, ...]
    """Of the elements that these capacities put out, by country."""
    risks: tuple[SupplyRisk, ...]
    """Of importers by year."""
    trade_sources: tuple[str, ...]
    """Keys of the bibliography behind the imports."""
    year: int
    """That benchmarks are looked at in: when they are due, or the last one planned."""
    verdicts: tuple[Verdict, ...]
    """Benchmarks, with everybody and without the facilities of each further plan."""
    promises: tuple[Promise, ...]
    """Quantities of contracts against the demand that they are a share of, by year."""
    at_risk: tuple[AtRisk, ...]
    stops: tuple[Duration, ...]
    """What short material has stopped so far, and how soon."""
    spreads: tuple[Spread, ...]
    """By line of demand and date of the prices."""
    prices: tuple[Priced, ...]
    """Pairs inside and outside of the dominant market that the spreads rest on, and further ones."""
    leftovers: tuple[Leftover, ...]
    """Of the facilities that a further plan leaves out, by year."""

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of the bibliography behind shares, benchmarks, contracts, prices and assumed values."""
        listed = [it for found in (*self.produced, *self.stated) for it in found.shares]
        values = [it for it in self.at_risk if it.worth is not None]
        cited = [
            *(it.benchmark.cited for it in self.verdicts),
            *(it.quantity.cited for it in self.promises),
            *(it.quantity.demand.cited for it in self.promises if it.quantity.demand),
            *(it.worth.cited for it in values if it.worth),
            *(it.cited for it in self.prices),
            *(it.cited for it in self.stops),
        ]
        lines = self.plan.network.lines.values()
        return _keys(
            (
                *(key for it in listed for key in (it.source, it.total_source)),
                *(it.source for it in self.quotas),
                *(key for it in cited for key in (it.source, *it.also)),
                *(line.cited.source for line in lines if line.capacity),
                *self.trade_sources,
            )
        )


def plan_of(case: Case) -> ChainPlan:
    """The chain of a case; CaseError if it has none."""
    if case.chain is None:
        next = "add [chain], as `ytterby new --chain` writes it"
        raise CaseError(Fault(str(case.path), "no chain", "a supply chain", next=next))
    return case.chain


def explode_chain(case: Case, end: str = "value") -> Exploded:
    """Walk every demand of a case backward; the faults of a demand stand at its table."""
    from ytterby.chain.decisions import decisions
    from ytterby.chain.explosion import Route, baskets, explode
    from ytterby.chain.leads import shipped_leads

    plan = plan_of(case)
    with _located(case):
        found = explode(
            plan.network,
            tuple(plan.demands.values()),
            Route(recycled=_recycled(plan)),
            shipped_leads(),
            end,
        )
    return Exploded(case, plan, found, decisions(found), baskets(found))


def who(case: Case) -> Who:
    """Grade every facility of a case and hold chains of actors against the grades."""
    from ytterby.chain.actors import examine
    from ytterby.chain.capacity import promotion, standings
    from ytterby.chain.grading import answers, grades, timeline

    plan, rule = plan_of(case), _rule(plan_of(case))
    graded = grades(plan.evidence, plan.as_of)
    first = year(plan.first)
    demand = None if plan.customer is None else plan.demands[plan.customer]
    years = tuple(dict.fromkeys((first, year(plan.first + plan.months - 1))))
    lines = plan.network.lines.values()
    with _located(case):
        chains = tuple(
            examine(it, plan.network, graded, rule, years[-1], demand) for it in plan.actors
        )
    return Who(
        case=case,
        plan=plan,
        rule=rule,
        grades=graded,
        standings=standings(plan.network, graded, rule),
        answers={
            name: answers(name, plan.evidence, plan.as_of, lines)
            for name in plan.network.facilities
        },
        timeline=timeline(
            row for row in plan.evidence if row.month is None or row.month <= plan.as_of
        ),
        chains=chains,
        accounts=promotion(plan.network, graded, rule, years),
    )


def task_of(plan: ChainPlan, unstated: str | None = None) -> MatchTask:
    """What the allocation is to solve: evidence-weighted capacities, who is qualified by whom.

    ``unstated``: what stands in for capacities that no source states, of ``WAYS``; None: as the plan says.
    """
    from ytterby.chain.capacity import effective, standings
    from ytterby.chain.grading import grades
    from ytterby.chain.leads import shipped_leads
    from ytterby.chain.match import MatchTask, excluded, longest_lead
    from ytterby.chain.qualifying import qualified

    rule, leads = _rule(plan), shipped_leads()
    network, evidence, way = plan.network, plan.evidence, unstated or plan.unstated
    if way == OTHERS:
        network, evidence = plan.others.added(network, evidence)
    graded = grades(evidence, plan.as_of)
    demands = tuple(plan.demands.values())
    asked = {name for it in demands for name in (it.material, *it.instead)}
    if way == OPEN:
        network = _opened(plan, standings(network, graded, rule))
    running = [key for key, line in network.lines.items() if line.capacity and line.recipes]
    waits = _waits(network, leads)
    lead = longest_lead(network, asked, running, waits)
    sizes = effective(network, graded, plan.first - lead, lead + plan.months, rule)
    task = MatchTask(
        network=network,
        demands=demands,
        leads=waits,
        first=plan.first,
        months=plan.months,
        capacity={key: sizes[key] for key in running if sizes[key].any()},
        qualified=qualified(
            network,
            graded,
            standings(network, graded, rule),
            demands,
            leads,
            plan.as_of,
            plan.first,
            plan.months,
        ),
        stocks=plan.stocks,
        run_in=lead,
        strict=False,
        early=EARLY,
    )
    if unstated is None and (faults := excluded(task)):
        raise CaseError(faults)
    return task


def _waits(network: Network, leads: Leads) -> dict[str, int]:
    """Months from having its inputs at their makers to its outputs, of each recipe: transport and lead."""
    found = {}
    for recipe in network.recipes.values():
        stages = {
            network.recipes[maker].stage
            for name in recipe.inputs
            for maker in network.makers.get(name, ())
        }
        if stages:
            found[recipe.name] = max(leads.shift(recipe, stage) for stage in stages)
    return found


def _opened(plan: ChainPlan, known: Mapping[Key, Standing]) -> Network:
    """The network with capacities that no source states as large as can be needed, of lines that have run.

    A line that was only announced, or built, stays without.
    """
    due = sum(it.total for it in plan.demands.values()) / plan.months * YEAR
    size = Cited(note="no source states it; taken for as large as is needed")
    large = Range(0.0, due * AMPLE, due * AMPLE)
    lines = {
        key: replace(line, capacity=large, cited=size) if _is_open(known[key]) else line
        for key, line in plan.network.lines.items()
    }
    return replace(plan.network, lines=lines)


def _is_open(standing: Standing) -> bool:
    """Whether a line has run and no source states its capacity."""
    from ytterby.chain.grading import RANK, RUNS

    shown = RANK[standing.grade] >= RANK[RUNS]
    return standing.line.capacity is None and standing.state == "runs" and shown


def match_chain(case: Case, tell: Progress = _silent) -> MatchStudy:
    """Allocate what can be made to what is asked, with everybody and without some."""
    from ytterby.chain.match import Matcher, match

    plan = plan_of(case)
    with _located(case):
        matcher = Matcher(task_of(plan))
    tell("everybody")
    base = matcher.solve(lean=True)
    without = {}
    for name, dropped in plan.without.items():
        tell(name)
        nothing = {
            key: np.zeros_like(size)
            for key, size in base.task.capacity.items()
            if key[0] in dropped
        }
        without[name] = matcher.solve(nothing)
    bounds = {}
    for way in (it for it in WAYS if it != plan.unstated):
        tell(f"capacities that no source states: {way}")
        bounds[way] = match(task_of(plan, way), lean=False)
    return MatchStudy(case, plan, base, without, bounds)


def stress_chain(case: Case, tell: Progress = _silent) -> StressStudy:
    """Solve the plan again for every event of a case, and with each maker, country or owner gone."""
    from ytterby.chain.match import Matcher
    from ytterby.chain.stress import removals, stops

    plan = plan_of(case)
    with _located(case):
        matcher = Matcher(task_of(plan))
    tell("everybody")
    base = matcher.solve(lean=True)
    asked = {kind: removals(base.task, kind, plan.first) for kind in plan.removals}
    alike: dict[frozenset[Key], Shock] = {}
    for it in (it for of in asked.values() for it in of):
        alike.setdefault(stops(it, matcher.task), it)
    one_by_one = list(alike.values())
    named = dict.fromkeys(it.event for it in plan.shocks if it.event)
    with ThreadPoolExecutor(max(2, cpu_count() or 1)) as pool, _stoppable(tell) as told:
        parts = [
            pool.submit(_put, matcher.task, base, one_by_one[part::HALVES], told)
            for part in range(HALVES)
        ]
        shocks = pool.submit(_put, matcher.task, base, plan.shocks, told)
        replays = pool.submit(lambda: tuple(replay(plan, it, told) for it in named))
        found = {stops(it.shock, matcher.task): it for part in parts for it in part.result()}
        gone = {
            kind: tuple(
                sorted(
                    (replace(found[stops(it, matcher.task)], shock=it) for it in of),
                    key=lambda it: -it.lost,
                )
            )
            for kind, of in asked.items()
        }
        return StressStudy(case, plan, base, shocks.result(), gone, replays.result())


def _put(
    task: MatchTask, base: Matched, shocks: Iterable[Shock], tell: Progress
) -> tuple[Stressed, ...]:
    """What shocks do to a plan, by a solver of their own: solvers leave the interpreter to other threads."""
    from ytterby.chain.match import Matcher
    from ytterby.chain.stress import stress

    return stress(Matcher(task), base, shocks, tell)


@contextmanager
def _stoppable(tell: Progress) -> Iterator[Progress]:
    """Progress that ends the work of other threads, before their next program, once the block has failed."""
    stopped = Event()

    def told(what: str) -> None:
        if stopped.is_set():
            raise CancelledError
        tell(what)

    try:
        yield told
    except BaseException:
        stopped.set()
        raise


def replay(plan: ChainPlan, event: str, tell: Progress = _silent) -> Replayed:
    """A dated event put to the plan at its own date; of rows dated later nothing but the date is read.

    Demands are moved; lines that no row shows by then, and rows without a date, are left out. DataError if
    there is no such event.
    """
    from ytterby.chain.events import events
    from ytterby.chain.match import Matcher
    from ytterby.chain.network import known
    from ytterby.chain.stress import stress

    put = known(event, events(), "replay", "a dated event")
    moved = _known_before(plan, put.month)
    tell(f"what was known before {put.title}")
    matcher = Matcher(task_of(moved))
    base = matcher.solve(lean=True)
    (found,) = stress(matcher, base, [put.shock(event, put.month)], tell)
    dates = [row.month for row in plan.evidence]
    return Replayed(
        event=event,
        plan=moved,
        base=base,
        found=found,
        known=len(moved.evidence),
        later=sum(it is not None and it >= put.month for it in dates),
        undated=sum(it is None for it in dates),
        lines=len(moved.network.lines),
        of_lines=len(plan.network.lines),
    )


def _known_before(plan: ChainPlan, first: int) -> ChainPlan:
    """The plan moved to begin in a month, with lines that rows dated before it show, and no other rows."""
    from ytterby.chain.events import known_by
    from ytterby.chain.others import others

    rows = known_by(plan.evidence, first - 1)
    shown = {(row.facility, row.stage) for row in rows}
    lines = {
        key: line
        for key, line in plan.network.lines.items()
        if not shown.isdisjoint((key, (line.facility, line.stage)))
    }
    network = replace(plan.network, lines=lines)
    ahead = first - plan.first
    demands = {
        name: replace(it, tonnes={month + ahead: due for month, due in it.tonnes.items()})
        for name, it in plan.demands.items()
    }
    return replace(
        plan,
        network=network,
        evidence=rows,
        demands=demands,
        first=first,
        as_of=first - 1,
        others=others(network, rows, first - 1),
    )


def share_chain(
    case: Case,
    instability: Mapping[str, float] | None = None,
    values: Mapping[str, UnitValue] | None = None,
) -> ShareStudy:
    """Hold shares, imports, benchmarks, contracts and prices against the demands of a case.

    ``instability`` of supplying countries, 0 to 1; those not named count as 1, so that 0 marks a partner;
    None: as the case says. ``values`` of a vehicle, megawatt, ...; None: as the case says, else as shipped.
    """
    from ytterby.chain import exposure, yardsticks
    from ytterby.chain.catalogue import contracts
    from ytterby.chain.explosion import Route, explode
    from ytterby.chain.facts import logistics, production, trade
    from ytterby.chain.grading import grades
    from ytterby.chain.leads import shipped_leads
    from ytterby.chain.shares import (
        SHARE,
        capacity_shares,
        element_shares,
        produced,
        quotas,
        sizes,
        supply_risks,
    )

    plan = plan_of(case)
    demands, route = tuple(plan.demands.values()), Route(recycled=_recycled(plan))
    with _located(case):
        found = explode(plan.network, demands, route, shipped_leads())
    benchmarks, regions = yardsticks.benchmarks(), yardsticks.regions()
    plants, quantities = yardsticks.plant_recipes(), yardsticks.quantities()
    years = _whole_years(plan)
    due = max(it.due for it in benchmarks)
    looked_at = due if due in years else years[-1]
    network, evidence = plan.network, plan.evidence
    remainders = plan.others.remainders if plan.unstated == OTHERS else ()
    if remainders:
        network, evidence = plan.others.added(network, evidence)
    yearly = sizes(network, grades(evidence, plan.as_of), _rule(plan), years, remainders)
    then = yearly[years.index(looked_at)]
    without = {"": (), **plan.without}
    countries = dict.fromkeys((*(it.country for it in demands), *IMPORTERS))
    mined = produced(production())
    makers = _makers_of(plan, found.ends)
    return ShareStudy(
        case=case,
        plan=plan,
        produced=mined,
        stated=produced(production(), SHARE),
        quotas=quotas(production()),
        capacity=tuple(it for each in yearly for it in capacity_shares(each)),
        elements=tuple(it for each in yearly for it in element_shares(each)),
        risks=supply_risks(
            trade(),
            mined,
            {**{it: (it,) for it in countries}, **regions},
            plan.instability if instability is None else instability,
        ),
        trade_sources=_keys(it.cited.source for it in trade()),
        year=looked_at,
        verdicts=tuple(
            it
            for name, dropped in without.items()
            for it in exposure.verdicts(then.without(dropped), found, benchmarks, regions, name)
        ),
        promises=tuple(it for each in yearly for it in exposure.promises(each, quantities, plants)),
        at_risk=exposure.at_risk(
            found,
            {**yardsticks.unit_values(), **plan.values} if values is None else values,
            yardsticks.price_pairs(),
        ),
        stops=tuple(it for it in logistics().values() if it.item in exposure.STOPS),
        spreads=exposure.spreads(found, yardsticks.price_pairs()),
        prices=yardsticks.price_pairs(),
        leftovers=tuple(
            it
            for each in yearly
            for it in exposure.leftovers(
                each, found, makers, quantities, contracts().values(), plants
            )
        ),
    )


def _whole_years(plan: ChainPlan) -> range:
    """Years of which every month is planned; if there is none, those of which some month is."""
    first, last = year(plan.first + YEAR - 1), year(plan.first + plan.months)
    if first < last:
        return range(first, last)
    return range(year(plan.first), year(plan.first + plan.months - 1) + 1)


def _makers_of(plan: ChainPlan, materials: Iterable[str]) -> tuple[str, ...]:
    """Facilities that a further plan leaves out and that make some of the materials."""
    wanted, recipes = set(materials), plan.network.recipes
    dropped = {name for names in plan.without.values() for name in names}
    makers = (
        it.facility
        for it in plan.network.lines.values()
        if it.facility in dropped
        and any(wanted.intersection(recipes[name].outputs) for name in it.recipes)
    )
    return tuple(dict.fromkeys(makers))


def _rule(plan: ChainPlan) -> CapacityRule:
    """How announced capacity is believed: as shipped, with what the case says otherwise."""
    from ytterby.chain.capacity import Slip, shipped_rule

    rule = shipped_rule()
    slip = rule.slip
    if plan.slip is not None:
        slip = Slip(plan.slip, plan.slip * slip.p90 / slip.median)
    return replace(rule, slip=slip, weights={**rule.weights, **plan.weights})


def _recycled(plan: ChainPlan) -> tuple[str, ...]:
    """Recipes that turn back the scrap of steps: counted per a scrap that a step with inputs yields."""
    if not plan.recycle:
        return ()
    recipes = plan.network.recipes.values()
    scrap = {name for it in recipes if it.inputs for name in it.outputs if name != it.per}
    return tuple(
        it.name
        for it in recipes
        if it.per in it.inputs
        and it.per in scrap
        and plan.network.materials[it.per].form == "scrap"
    )


def _keys(named: Iterable[str]) -> tuple[str, ...]:
    """Keys of the bibliography, each once, in its order."""
    return tuple(sorted({it for it in named if it}, key=str.casefold))


@contextmanager
def _located(case: Case) -> Iterator[None]:
    """Faults of a demand line are told at its table in the case file, others at the chain's."""
    try:
        yield
    except YtterbyError as error:
        raise type(error)(
            [replace(it, where=_place(case, it.where)) for it in error.faults]
        ) from None


def _place(case: Case, where: str) -> str:
    words = where.split(", ")[0].split()
    assert case.chain is not None
    if len(words) == 2 and words[0] == "demand" and words[1] in case.chain.demands:
        return case.where(f"chain.demands.{words[1]}")
    return f"{case.where('chain')}, {where}"


@dataclass(frozen=True)
class WholeChain:
    """All that is asked of a chain."""

    case: Case
    exploded: Exploded
    who: Who
    matched: MatchStudy
    stressed: StressStudy
    shared: ShareStudy

    @property
    def words(self) -> tuple[str, ...]:
        """What it comes to, in sentences."""
        base, due = self.matched.base, sum(it.due.sum() for it in self.matched.base.served.values())
        short = {name: it for name, it in base.served.items() if it.share < 1.0 - FELT}
        lines = [
            f"asked for {due:,.0f} t, short of {base.shortage.sum():,.0f} t in {len(short)} lines"
        ]
        lines += [f"{name}: {it.share:.1%} delivered" for name, it in short.items()]
        lines += [
            f"{name}: {found.shortage.sum() - base.shortage.sum():,.0f} t more short"
            for name, found in self.matched.without.items()
        ]
        return (*lines, *(it.words for it in self.stressed.shocks))


def whole_chain(case: Case, tell: Progress = _silent) -> WholeChain:
    """Do everything that a chain can be asked, the plan solved once for what needs it."""
    tell("needs")
    exploded = explode_chain(case)
    tell("makers")
    found = who(case)
    matched = match_chain(case, tell)
    return WholeChain(case, exploded, found, matched, stress_chain(case, tell), share_chain(case))
