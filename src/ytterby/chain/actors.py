"""Chains of actors: who is to do each stage for a customer, what is shown of them, and which arrows lack.

A slide draws an arrow from every stage to the next. Here each arrow is asked for its people, their evidence,
the elements that they make, the customers that accepted them, and whether one stage can feed the next.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from types import MappingProxyType

from ytterby.chain.capacity import (
    NO_START,
    YEAR,
    Account,
    CapacityRule,
    Key,
    Standing,
    announced,
    effective,
    graded_of,
    promotion,
    standings,
)
from ytterby.chain.demand import Demand
from ytterby.chain.facts import cited_of
from ytterby.chain.grading import GRADES, RANK, UNKNOWN, Graded, grade, together
from ytterby.chain.months import year as year_of
from ytterby.chain.network import Cited, Line, Material, Network, Recipe
from ytterby.datasets import table
from ytterby.errors import DataError, Fault

NOBODY = "nobody"
"""No facility is named for the stage."""
NO_EVIDENCE = "no evidence"
"""No row shows anything of those who are named."""
ONLY_SAID = "only announced"
"""Nobody at the stage has come further than an announcement."""
NO_ELEMENT = "element without a maker"
UNQUALIFIED = "not qualified"
"""No maker of what the customer buys is qualified by a customer of the class."""
SHORT = "too small"
"""Less is made than the next stage, or the customer, needs."""
NOT_STATED = "not stated"
"""Less is stated than needed, but some makers state no capacity or no start: whether it is enough is open."""
MISSING: tuple[str, ...] = (
    NOBODY,
    NO_EVIDENCE,
    ONLY_SAID,
    NO_ELEMENT,
    UNQUALIFIED,
    SHORT,
    NOT_STATED,
)


@dataclass(frozen=True)
class Link:
    """Who is to do one stage: facilities by name, or all of an owner or a country that do it."""

    stage: str
    facilities: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    """Keys of owners."""
    countries: tuple[str, ...] = ()
    """ISO 3166 alpha-3."""
    cited: Cited = field(default_factory=Cited)


@dataclass(frozen=True)
class ActorChain:
    """A chain as somebody draws it: one link per stage, from the ground to the customer."""

    name: str
    title: str
    links: tuple[Link, ...]

    def __post_init__(self) -> None:
        stages = [it.stage for it in self.links]
        if twice := sorted({it for it in stages if stages.count(it) > 1}):
            raise DataError(
                Fault(f"chain {self.name}", f"{', '.join(twice)} twice", "each stage once")
            )


@dataclass(frozen=True)
class Stage:
    """What one link of a chain comes to in one year."""

    link: Link
    grades: Mapping[str, Graded]
    """Of each facility, by name."""
    elements: Mapping[str, str]
    """Best grade of each wanted element that lines of the stage put out."""
    lines: tuple[Key, ...]
    """Lines of the stage that can be of use to the customer."""
    announced: float
    """Announced capacity of those lines in the year [t]."""
    weighted: float
    """The same, evidence-weighted [t]."""
    not_stated: tuple[Key, ...]
    """Lines of which no source states a capacity, or no start; they count as zero."""

    @cached_property
    def best(self) -> Graded | None:
        """The strongest of the facilities, the first of equals; None if there is nobody."""
        return max(self.grades.values(), key=lambda it: RANK[it.grade], default=None)

    @property
    def grade(self) -> str:
        """The best grade, or `unknown`."""
        return self.best.grade if self.best else UNKNOWN

    def best_at_least(self, grade: str) -> bool:
        """Whether a facility has come to this grade or a stronger one."""
        return self.best is not None and self.best.at_least(grade)


@dataclass(frozen=True)
class Balance:
    """One element in one form between those who make it and those who need it, in the year [t of element].

    Lines that can run several recipes are taken at their best: whatever they run, no more is made and no
    less needed.
    """

    form: str
    element: str
    made: float
    """At most, by announced capacity."""
    needed: float
    """At least, to fill the announced capacity of the lines that take it in."""
    made_weighted: float
    needed_weighted: float
    """The same by evidence-weighted capacity."""
    makers: tuple[Key, ...]
    takers: tuple[Key, ...]
    not_stated: tuple[Key, ...]
    """Makers of which no source states a capacity, or no start; they count as zero."""


@dataclass(frozen=True)
class MissingArrow:
    """One place where the chain is only an arrow on a slide."""

    stage: str
    kind: str
    """One of ``MISSING``."""
    words: str
    element: str = ""
    """If it is about one element."""


@dataclass(frozen=True)
class Examined:
    """A chain of actors held against rows and capacities in one year."""

    chain: ActorChain
    year: int
    demand: Demand | None
    stages: tuple[Stage, ...]
    """In the order of the links."""
    balances: tuple[Balance, ...]
    missing: tuple[MissingArrow, ...]
    accounts: tuple[Account, ...]
    """Production against promotion of the chain's lines in the year."""


@cache
def actor_chains() -> Mapping[str, ActorChain]:
    """The shipped chains of actors by name, in the order of the table."""
    links: dict[str, list[Link]] = {}
    titles: dict[str, str] = {}
    for row in table("actor_chains"):
        name = row.labels["chain"]
        titles[name] = row.labels["title"]
        named = {it: _parts(row.labels[it]) for it in ("facilities", "owners", "countries")}
        links.setdefault(name, []).append(Link(row.labels["stage"], **named, cited=cited_of(row)))
    chains = {name: ActorChain(name, titles[name], tuple(it)) for name, it in links.items()}
    return MappingProxyType(chains)


def examine(
    chain: ActorChain,
    network: Network,
    grades: Mapping[Key, Graded],
    rule: CapacityRule,
    year: int,
    demand: Demand | None = None,
) -> Examined:
    """What a chain comes to in a year: grades, capacities, balances and missing arrows.

    With a demand only what leads to its material counts, and its class must have qualified a maker. DataError
    if a link names a facility, or the demand a material, that the network has not.
    """
    recipes = _leading_to(demand, network)
    goals = _goals(demand, recipes, network)
    held = {e for it in goals for e, share in network.materials[it].content.items() if share > 0}
    members = {link.stage: _members(chain, link, network, grades) for link in chain.links}
    lines = {
        line.key: line
        for line in network.lines.values()
        if line.facility in members.get(line.stage, ()) and recipes.intersection(line.recipes)
    }
    window = (year * YEAR, YEAR, rule, lines)
    said, weighed = announced(network, *window), effective(network, grades, *window)
    scope = _Scope(
        network,
        grades,
        recipes,
        goals | {name for it in recipes for name in network.recipes[it].inputs},
        tuple(it for it in network.elements if it in held),
        lines,
        standings(network, grades, rule, lines),
        {key: math.fsum(it) for key, it in said.items()},
        {key: math.fsum(it) for key, it in weighed.items()},
    )
    stages = tuple(_stage(link, members[link.stage], scope) for link in chain.links)
    balances = tuple(_balances(scope))
    missing = (
        *(it for stage in stages for it in _stage_arrows(stage)),
        *_element_arrows(stages, scope),
        *_customer_arrows(stages, demand, network, year),
        *(it for balance in balances for it in _balance_arrows(balance, lines)),
    )
    accounts = promotion(network, grades, rule, (year,), lines)
    return Examined(chain, year, demand, stages, balances, missing, accounts)


@dataclass(frozen=True)
class _Scope:
    """What of a network is looked at, and how far it is believed."""

    network: Network
    grades: Mapping[Key, Graded]
    recipes: frozenset[str]
    """That can be of use to the customer."""
    materials: frozenset[str]
    """That one of these recipes takes in, or that the customer buys."""
    elements: tuple[str, ...]
    """That the customer buys."""
    lines: Mapping[Key, Line]
    """Of the chain, with one of these recipes at least."""
    standings: Mapping[Key, Standing]
    announced: Mapping[Key, float]
    weighted: Mapping[Key, float]
    """Capacity of every line in the year [t]."""

    def not_stated(self, keys: Iterable[Key]) -> tuple[Key, ...]:
        """Lines among these of which no source states a capacity, or no start."""
        return tuple(
            key
            for key in keys
            if self.lines[key].capacity is None or self.standings[key].state == NO_START
        )

    def runs(self, line: Line) -> list[Recipe]:
        """What a line can run for the customer."""
        return [self.network.recipes[it] for it in line.recipes if it in self.recipes]

    def carriers(self, recipes: Iterable[Recipe], symbol: str) -> list[Material]:
        """Materials with an element that recipes put out and somebody takes on."""
        names = dict.fromkeys(name for it in recipes for name in it.outputs)
        found = [self.network.materials[it] for it in names if it in self.materials]
        return [it for it in found if it.content.get(symbol, 0.0) > 0]

    def amount(self, amounts: Mapping[str, float], form: str, symbol: str) -> float:
        """Of an element in materials of a form that somebody takes on [t/t]."""
        return math.fsum(
            amount * self.network.materials[name].content.get(symbol, 0.0)
            for name, amount in amounts.items()
            if name in self.materials and self.network.materials[name].form == form
        )


def _leading_to(demand: Demand | None, network: Network) -> frozenset[str]:
    """Recipes that can be of use to make what is demanded; all without a demand."""
    if demand is None:
        return frozenset(network.recipes)
    network.material(demand.material, f"demand {demand.name}")
    found: set[str] = set()
    ahead = [demand.material]
    while ahead:
        for name in network.makers.get(ahead.pop(), ()):
            if name not in found:
                found.add(name)
                ahead.extend(network.recipes[name].inputs)
    return frozenset(found)


def _goals(demand: Demand | None, recipes: frozenset[str], network: Network) -> frozenset[str]:
    """What the chain is for: the demanded material, or else what recipes are run for and none takes in."""
    if demand is not None:
        return frozenset({demand.material})
    taken = {name for it in recipes for name in network.recipes[it].inputs}
    return frozenset(network.recipes[it].per for it in recipes) - taken


def _members(
    chain: ActorChain, link: Link, network: Network, grades: Mapping[Key, Graded]
) -> tuple[str, ...]:
    """Facilities of a link: those named, and those of its owners and countries that do the stage."""
    for name in link.facilities:
        network.facility(name, f"chain {chain.name}, {link.stage}")
    does = {it.facility for it in network.lines.values() if it.stage == link.stage}
    does |= {facility for facility, stage in grades if stage == link.stage}
    others = [
        it.name
        for it in network.facilities.values()
        if it.name in does and (it.owner_key in link.owners or it.country in link.countries)
    ]
    return tuple(dict.fromkeys((*link.facilities, *others)))


def _stage(link: Link, members: Sequence[str], scope: _Scope) -> Stage:
    own = [line for line in scope.lines.values() if line.stage == link.stage]
    best = {}
    for symbol in scope.elements:
        ranks = [
            _rank(line, [it.name for it in carriers], scope)
            for line in own
            if (carriers := scope.carriers(scope.runs(line), symbol))
        ]
        if ranks:
            best[symbol] = GRADES[max(ranks)]
    return Stage(
        link,
        {it: _graded(it, link.stage, scope) for it in members},
        best,
        tuple(line.key for line in own),
        math.fsum(scope.announced[line.key] for line in own),
        math.fsum(scope.weighted[line.key] for line in own),
        scope.not_stated(line.key for line in own),
    )


def _graded(facility: str, stage: str, scope: _Scope) -> Graded:
    """Of a facility at a stage, by rows about the stage and about its lines there."""
    lines = scope.network.lines.values()
    further = (it.name for it in lines if (it.facility, it.stage) == (facility, stage))
    names = dict.fromkeys((stage, *further))
    found = [scope.grades[facility, it] for it in names if (facility, it) in scope.grades]
    as_of = next((it.as_of for it in scope.grades.values()), 0)
    return together(found, stage) if found else grade(facility, stage, (), as_of)


def _rank(line: Line, materials: Sequence[str], scope: _Scope) -> int:
    """Of what rows show of a line and these of its materials; before its start not above its standing."""
    about = graded_of(line, scope.grades)
    shown = RANK[about.of(*materials).grade] if about else RANK[UNKNOWN]
    return min(shown, RANK[scope.standings[line.key].grade])


def _balances(scope: _Scope) -> Iterable[Balance]:
    """Every element in every form that lines of the chain take in."""
    runs = {key: scope.runs(line) for key, line in scope.lines.items()}
    taken = dict.fromkeys(name for its in runs.values() for it in its for name in it.inputs)
    for form in dict.fromkeys(scope.network.materials[it].form for it in taken):
        for symbol in scope.elements:
            out = {
                key: max(scope.amount(it.outputs, form, symbol) for it in its)
                for key, its in runs.items()
            }
            into = {
                key: min(scope.amount(it.inputs, form, symbol) for it in its)
                for key, its in runs.items()
            }
            makers = tuple(key for key, share in out.items() if share > 0)
            takers = tuple(key for key, share in into.items() if share > 0)
            if takers:
                yield Balance(
                    form,
                    symbol,
                    _times(out, scope.announced),
                    _times(into, scope.announced),
                    _times(out, scope.weighted),
                    _times(into, scope.weighted),
                    makers,
                    takers,
                    scope.not_stated(makers),
                )


def _times(shares: Mapping[Key, float], tonnes: Mapping[Key, float]) -> float:
    return math.fsum(share * tonnes[key] for key, share in shares.items())


def _stage_arrows(stage: Stage) -> Iterable[MissingArrow]:
    name = stage.link.stage
    if not stage.grades:
        yield MissingArrow(name, NOBODY, "nobody is named")
    elif stage.grade == UNKNOWN:
        yield MissingArrow(name, NO_EVIDENCE, f"no row shows anything of {_listed(stage.grades)}")
    elif not stage.best_at_least("financed"):
        yield MissingArrow(name, ONLY_SAID, f"only announced: {_listed(stage.grades)}")
    else:
        for symbol, best in stage.elements.items():
            if RANK[best] <= RANK["announced"]:
                words = f"{symbol}: {best}, though the stage is {stage.grade}"
                yield MissingArrow(name, ONLY_SAID, words, symbol)


def _element_arrows(stages: Sequence[Stage], scope: _Scope) -> Iterable[MissingArrow]:
    """Elements that a stage with lines could put out, and nobody in the chain does in the same form."""
    made = {
        (symbol, it.form)
        for line in scope.lines.values()
        for symbol in scope.elements
        for it in scope.carriers(scope.runs(line), symbol)
    }
    recipes = [scope.network.recipes[it] for it in sorted(scope.recipes)]
    for stage in stages:
        if not stage.lines:
            continue
        doing = [it for it in recipes if it.stage == stage.link.stage]
        for symbol in scope.elements:
            forms = {it.form for it in scope.carriers(doing, symbol)}
            if forms and not any((symbol, form) in made for form in forms):
                words = f"nobody in the chain makes {symbol} as {_listed(sorted(forms))}"
                yield MissingArrow(stage.link.stage, NO_ELEMENT, words, symbol)


def _customer_arrows(
    stages: Sequence[Stage], demand: Demand | None, network: Network, year: int
) -> Iterable[MissingArrow]:
    if demand is None:
        return
    making = {network.recipes[it].stage for it in network.makers.get(demand.material, ())}
    last = [it for it in stages if it.link.stage in making]
    name = _listed(sorted(making))
    if not last:
        yield MissingArrow(name, NOBODY, f"no link makes {demand.material}")
        return
    graded = [it for stage in last for it in stage.grades.values()]
    if graded and not any(
        it.qualified_for(demand.customer_class, demand.material) for it in graded
    ):
        words = f"no row shows that {demand.customer_class} customers qualified {demand.material}"
        yield MissingArrow(name, UNQUALIFIED, words)
    asked = math.fsum(t for month, t in demand.tonnes.items() if year_of(month) == year)
    makes = math.fsum(stage.announced for stage in last)
    if graded and makes < asked:
        open_ones = [key for stage in last for key in stage.not_stated]
        words = f"{makes:.6g} t announced for {year}, {asked:.6g} t asked"
        yield _too_small(name, words, open_ones)


def _balance_arrows(balance: Balance, lines: Mapping[Key, Line]) -> Iterable[MissingArrow]:
    if balance.made >= balance.needed or not balance.makers:
        return
    stages = dict.fromkeys(lines[key].stage for key in balance.makers)
    words = (
        f"{balance.element} as {balance.form}: at most {balance.made:.6g} t/year announced, "
        f"at least {balance.needed:.6g} needed by {_listed(lines[it].stage for it in balance.takers)}"
    )
    yield _too_small(_listed(stages), words, balance.not_stated, balance.element)


def _too_small(stage: str, words: str, open_ones: Sequence[Key], element: str = "") -> MissingArrow:
    """An arrow that is too thin, or of which nobody can say so."""
    if not open_ones:
        return MissingArrow(stage, SHORT, words, element)
    names = _listed(facility for facility, _ in open_ones)
    return MissingArrow(stage, NOT_STATED, f"{words}; not stated: {names}", element)


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())


def _listed(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(names))
