"""Who serves whom: the allocation over months that leaves the least demand unserved.

A linear program with a certificate of its own (`chain.certificate`). What is decided each month: what every
line runs, what is kept in stock, what is shipped from which maker to which customer. What is lost against a
program that follows every drum: materials between makers are **pools**, not arcs from plant to plant.
Whatever a class of customers admits may be mixed; the transport between countries is in the leads of the
recipes, not in arcs; no supplier is tied to one buyer before the last step. The last step is kept apart,
since there the maker must be qualified by the customer.

A month's due is served in its month or lost. A rule looks at the month in which an output comes out: what
came out before a ban may still be used.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from ytterby.chain import allocation
from ytterby.chain.allocation import Layout, months_of
from ytterby.chain.certificate import Certificate, certify
from ytterby.chain.classes import LineKey, RuleClass, classes_of, group_lines, takes_stock
from ytterby.chain.demand import Demand
from ytterby.chain.months import written
from ytterby.chain.network import Network, Recipe
from ytterby.chain.pools import MARKET, Wish, reach
from ytterby.chain.program import Program, Solution, Solver
from ytterby.chain.rules import Rule
from ytterby.errors import DataError, Fault, nearest
from ytterby.quantities import quoted

Months = NDArray[np.float64]
"""One number per month."""

WORTHLESS = 1e-6
"""Worth of a tonne of capacity [t/t] below which it does not limit."""


@dataclass(frozen=True)
class MatchTask:
    """Who could make what, when, and who wants it; DataError if the parts do not fit together."""

    network: Network
    demands: tuple[Demand, ...]
    first: int
    """First month in which customers are served."""
    months: int
    """Months in which customers are served; what is due outside them is not part of the task."""
    capacity: Mapping[LineKey, Months]
    """What each line can run, counted as its recipes count, in each month from ``begins`` on [t/month], shape
    (span,). A line that is not named runs nothing and stays out of the program."""
    qualified: Mapping[tuple[str, str], Months] = field(default_factory=dict)
    """Largest share of a month's due that a facility may deliver, by (facility, demand), 0 to 1, shape
    (months,) from ``first`` on. A pair that is not named: all of it where the demand names no customer
    class, else nothing."""
    stocks: Mapping[str, float] = field(default_factory=dict)
    """Tonnes of materials that the market holds when ``first`` begins. Their maker is not known: a class of
    customers takes them only if it admits every line of the network that could have made them or what they
    are made of, and a customer who must qualify the maker does not take them as the demanded material."""
    rules: tuple[Rule, ...] = ()
    """On everybody, such as policies, besides the rules of each demand."""
    run_in: int | None = None
    """Months before ``first`` in which lines run to fill the chain; no stock is built up in them. None:
    the longest way of leads to what is demanded, so that the first month is not short for want of a past.
    0: a cold start."""
    leads: Mapping[str, int] = field(default_factory=dict)
    """Whole months from inputs to outputs by recipe, transport to the next step in them if it is to
    count; a recipe that is not named: its own lead, a begun month counting whole."""
    strict: bool = True
    """Whether a demand that rules leave without any maker is a fault; if not, it is merely short."""
    early: float = 0.0
    """A tonne short in the i-th of n months, from 0, weighs 1 + early (n - 1 - i) / n. Above 0, of
    allocations as short as each other the one that serves earlier is taken; the shortage is then the least
    to within this share of it."""

    def __post_init__(self) -> None:
        if faults := list(_faults(self)):
            raise DataError(faults)

    @cached_property
    def lead_in(self) -> int:
        """Months before ``first`` that the program covers."""
        if self.run_in is not None:
            return self.run_in
        return longest_lead(
            self.network,
            {name for it in self.demands for name in (it.material, *it.instead)},
            self.capacity,
            self.leads,
        )

    def wait(self, recipe: Recipe) -> int:
        """Whole months from the inputs of a recipe to its outputs."""
        return self.leads.get(recipe.name, months_of(recipe))

    @property
    def begins(self) -> int:
        """The month that the arrays of ``capacity``, of runs and of worths begin with."""
        return self.first - self.lead_in

    @property
    def span(self) -> int:
        """Months that the program covers."""
        return self.lead_in + self.months


@dataclass(frozen=True)
class Served:
    """What one demand line gets, by month from the first [t], shape (months,)."""

    demand: Demand
    due: Months
    delivered: Months
    """Shipped by makers in the month."""
    from_stock: Months
    """Taken from the customer's own stock."""
    shortage: Months
    """Due and not served in its month; it is lost, not made up later."""
    makers: Months
    """Number of facilities that may deliver in the month; where it is 0, nobody is qualified and admitted."""

    @property
    def share(self) -> float:
        """Served share of all that is due, 0 to 1; 1 where nothing is due."""
        due = float(self.due.sum())
        return 1.0 - float(self.shortage.sum()) / due if due > 0 else 1.0

    @property
    def in_full(self) -> float:
        """Share of the months with something due that are served in full (short by less than 1e-6 of the
        due)."""
        asked = self.due > 0
        full = self.shortage[asked] <= 1e-6 * self.due[asked]
        return float(full.mean()) if full.size else 1.0


@dataclass(frozen=True)
class Matched:
    """The allocation; arrays by month [t], shape (span,) from ``task.begins`` unless they say (months,)."""

    task: MatchTask
    classes: tuple[RuleClass, ...]
    served: Mapping[str, Served]
    """By demand, in the order of the task."""
    shipments: Mapping[tuple[str, str, str], Months]
    """By (facility, demand, material), only what is not 0, shape (months,). The facility is "" where a
    stock of no known maker is delivered."""
    runs: Mapping[tuple[str, str, str, int], Months]
    """By (facility, line, recipe, class), in the month in which the inputs go in, counted as the recipe
    counts."""
    stocks: Mapping[tuple[str, int], Months]
    """By (material, class), at the end of the month, at makers and in the market: what later months need."""
    unused: Mapping[str, float]
    """Of the stocks that were there at the start, by material: what nobody takes within the months [t]."""
    leftovers: Mapping[tuple[str, str], float]
    """By (facility, material): made over the whole span and neither shipped nor used by anyone [t]. Where
    makers share a pool, what the pool leaves is split as they filled it. The facility is "" for old
    stock."""
    left: Mapping[str, Months]
    """The same by material, in the month in which it is clear that nobody will take it."""
    worth_of_capacity: Mapping[LineKey, Months]
    """Shortage removed by one more tonne of capacity in the month, weighted by priority [t/t]."""
    worth_of_recipes: Mapping[tuple[str, str, str], Months]
    """The same by (facility, line, recipe), if that capacity were for the one recipe: which of the
    recipes of a line is the one that is wanted [t/t]."""
    worth_of_material: Mapping[tuple[str, int], Months]
    """Shortage removed by one more tonne of a material in a pool of a class, the best-placed pool of
    those that hold it, weighted by priority [t/t], by (material, class)."""
    capacity: Mapping[LineKey, Months]
    """That it was solved with [t]."""
    certificate: Certificate
    """Recomputed from the numbers alone; its cost is the shortage weighted by priority and by ``early``
    of the task [t], its gap relative to all that is due, weighted likewise."""
    seconds: Mapping[str, float]
    """Time spent to `build` the program and to `solve` it."""

    @property
    def shortage(self) -> Months:
        """All demands together [t], shape (months,)."""
        total = np.zeros(self.task.months)
        for it in self.served.values():
            total += it.shortage
        return total

    def gaps(self) -> tuple[Gap, ...]:
        """What limits, by stage and material that its recipes are counted per, largest worth first."""
        network, zero = self.task.network, np.zeros(self.task.span)
        worth: dict[tuple[str, str], Months] = {}
        for (_, _, name), of_recipe in self.worth_of_recipes.items():
            what = network.recipes[name].stage, network.recipes[name].per
            worth[what] = np.maximum(worth.get(what, zero), of_recipe)
        sizes: dict[tuple[str, str], Months] = {}
        for key, capacity in self.capacity.items():
            line = network.lines[key]
            for per in dict.fromkeys(network.recipes[name].per for name in line.recipes):
                what = line.stage, per
                sizes[what] = sizes.get(what, zero) + capacity
        used: dict[tuple[str, str], Months] = {}
        for (_, _, name, _), tonnes in self.runs.items():
            recipe = network.recipes[name]
            what = recipe.stage, recipe.per
            used[what] = used.get(what, zero) + tonnes
        gaps = [
            Gap(stage, per, it, used.get((stage, per), zero), sizes[stage, per])
            for (stage, per), it in worth.items()
            if it.max(initial=0.0) > WORTHLESS
        ]
        return tuple(sorted(gaps, key=lambda gap: -float(gap.worth.sum())))

    def missing(self) -> Mapping[str, Months]:
        """Mass of each element in the material that is short [t], shape (months,)."""
        found: dict[str, Months] = {}
        zero = np.zeros(self.task.months)
        for it in self.served.values():
            content = self.task.network.materials[it.demand.material].content
            for symbol, share in content.items():
                found[symbol] = found.get(symbol, zero) + share * it.shortage
        return found

    def shares(self) -> Mapping[tuple[int, str], Mapping[str, float]]:
        """Share of each country in what is run, by (class, stage), 0 to 1, largest first.

        Runs count where they are made: what a stricter class hands on counts for the stricter class.
        """
        tonnes: dict[tuple[int, str], dict[str, float]] = {}
        for (facility, _, recipe, number), run in self.runs.items():
            stage = self.task.network.recipes[recipe].stage
            country = self.task.network.facilities[facility].country
            of_stage = tonnes.setdefault((number, stage), {})
            of_stage[country] = of_stage.get(country, 0.0) + float(run.sum())
        return {
            key: {
                country: it / math.fsum(by.values())
                for country, it in sorted(by.items(), key=lambda pair: -pair[1])
            }
            for key, by in tonnes.items()
        }


@dataclass(frozen=True)
class Gap:
    """A stage whose capacity limits what customers get; arrays by month from ``task.begins``, shape
    (span,)."""

    stage: str
    material: str
    """That its recipes are counted per."""
    worth: Months
    """Shortage removed by one more tonne of capacity at the best-placed line of the stage, by priority
    [t/t]."""
    used: Months
    """Run [t]."""
    capacity: Months
    """That its lines could run [t]; a line that also runs other recipes counts whole."""


class Matcher:
    """A task made ready to be solved many times with other capacities or stocks, each from the first
    solution.

    DataError if the task is strict and rules leave a demand without any maker.
    """

    def __init__(self, task: MatchTask) -> None:
        began = perf_counter()
        if task.strict and (faults := impossible(task)):
            raise DataError(faults)
        self.task = task
        self._layout = _laid_out(task)
        self._solver: Solver | None = None
        self._built = perf_counter() - began

    @property
    def groups(self) -> tuple[tuple[LineKey, ...], ...]:
        """Lines that stand for each other: what one runs, another of its group can run as well."""
        return tuple(tuple(line.key for line in it.lines) for it in self._layout.groups)

    @property
    def program(self) -> Program:
        """As it was last solved; only after a solution."""
        if self._solver is None:
            raise DataError(Fault("match", "no program", "a solution first", next="call solve"))
        return self._solver.program

    def start_here(self) -> None:
        """Lets later solutions start from the last one instead of the first; only after a solution."""
        if self._solver is not None:
            self._solver.start_here()

    def solve(
        self,
        capacity: Mapping[LineKey, Months] | None = None,
        stocks: Mapping[str, float] | None = None,
        *,
        at_most: Mapping[str, Months] | None = None,
        lean: bool = False,
        time_limit: float | None = None,
    ) -> Matched:
        """The allocation of least shortage.

        Of all allocations that leave each customer as short, a ``lean`` one is of the least tonnes run; it
        takes a second solution. Otherwise it is any, with no run of which every output is left over:
        shortages and worths are as good, but by-products and stocks may be more than need be. ``capacity``
        replaces that of the task for the lines that it names, ``stocks`` the stocks of the materials that it
        names, ``at_most`` bounds the shortage of the demands that it names [t], shape (months,); DataError
        for a line or a stock that the task does not have. ConvergenceError if it has no solution, or is not
        solved within ``time_limit`` seconds, BalanceError if the certificate does not hold.
        """
        began = perf_counter()
        changed = {**self.task.capacity, **(capacity or {})}
        held = {**self.task.stocks, **(stocks or {})}
        if faults := list(_change_faults(self.task, changed, held)):
            raise DataError(faults)
        layout = self._layout
        groups = layout.capacities(changed)
        lower, upper, row_lower, row_upper = layout.bounds(groups, held)
        layout.limit_shortage(upper, at_most or {})
        if self._solver is None:
            self._solver = Solver(
                Program(layout.cost, lower, upper, row_lower, row_upper, layout.matrix)
            )
        else:
            self._solver.rebound(lower=lower, upper=upper, row_lower=row_lower, row_upper=row_upper)
        ready = perf_counter()
        solution = self._solver.solve(time_limit)
        x = np.clip(solution.x, lower, upper)
        seconds = solution.seconds
        if lean:
            fewest = Solver(layout.leanest(self._solver.program, x)).solve(
                None if time_limit is None else max(0.0, time_limit - seconds)
            )
            x = np.clip(fewest.x, lower, upper)
            seconds += fewest.seconds
        x = layout.settled(x)
        certificate = certify(
            self._solver.program,
            Solution(x, solution.duals, solution.bound, solution.iterations, solution.seconds),
            scale=layout.weight or 1.0,
            floor=float(layout.due.sum(axis=0).max(initial=0.0)) or 1.0,
        )
        built, self._built = self._built, 0.0
        return _matched(
            layout,
            x,
            solution.duals,
            changed,
            held,
            certificate,
            {"build": built + ready - began, "solve": seconds},
        )


def match(task: MatchTask, *, lean: bool = True, time_limit: float | None = None) -> Matched:
    """The allocation of least shortage; ``lean`` and errors as for `Matcher` and `Matcher.solve`."""
    return Matcher(task).solve(lean=lean, time_limit=time_limit)


def longest_lead(
    network: Network,
    materials: Iterable[str],
    lines: Iterable[LineKey],
    leads: Mapping[str, int] | None = None,
) -> int:
    """Months of the longest way from the ground to any of the materials, by the recipes of these lines.

    ``leads`` as those of a `MatchTask`.

    A way does not go through what is had later than what it makes on the fastest way: scrap of a step does
    not come before the step.
    """
    names = dict.fromkeys(name for key in lines for name in network.lines[key].recipes)
    recipes = [network.recipes[name] for name in names]
    waits = {it.name: (leads or {}).get(it.name, months_of(it)) for it in recipes}
    # Lead first, then steps, so that steps without lead have an order as well.
    soonest: dict[str, tuple[int, int]] = {}
    changed = True
    while changed:
        changed = False
        for recipe in recipes:
            if (after := _after(recipe, waits[recipe.name], soonest)) is not None:
                for made in recipe.outputs:
                    if made not in soonest or after < soonest[made]:
                        soonest[made], changed = after, True
    longest: dict[str, int] = {}
    for made in sorted(soonest, key=lambda name: soonest[name]):
        longest[made] = max(
            waits[it.name] + max((longest[name] for name in it.inputs), default=0)
            for it in recipes
            if made in it.outputs
            and all(name in soonest and soonest[name] < soonest[made] for name in it.inputs)
        )
    return max((longest.get(name, 0) for name in materials), default=0)


def _after(
    recipe: Recipe, wait: int, soonest: Mapping[str, tuple[int, int]]
) -> tuple[int, int] | None:
    """Lead and steps after which a recipe can first deliver; None if an input cannot be had."""
    if not all(name in soonest for name in recipe.inputs):
        return None
    months = max((soonest[name][0] for name in recipe.inputs), default=0)
    steps = max((soonest[name][1] for name in recipe.inputs), default=0)
    return months + wait, steps + 1


def impossible(task: MatchTask) -> tuple[Fault, ...]:
    """A fault for each demand that nobody could ever serve under the rules, whoever is qualified.

    Each tells a smallest set of rules that together exclude everyone (without any one of them a way is
    left), or the steps that no line with capacity takes. A way is there if for each of its steps some line
    that no rule refuses has capacity in some month.
    """
    return tuple(fault for fault, _ in _impossible(task))


def excluded(task: MatchTask) -> tuple[Fault, ...]:
    """Those of `impossible` demands that somebody could serve, were it not for rules."""
    return tuple(fault for fault, by_rules in _impossible(task) if by_rules)


def _impossible(task: MatchTask) -> Iterator[tuple[Fault, bool]]:
    """Each with whether it is for rules."""
    book = _Ways(task)
    for demand in task.demands:
        if not any(_due(task, demand)):
            continue
        rules = tuple(dict.fromkeys((*task.rules, *demand.rules)))
        if book.served(demand, rules):
            continue
        where = f"demand {demand.name}"
        if not book.served(demand, ()):
            read = "; ".join(book.missing(demand))
            then = "add a line with capacity for it, or a material to take instead"
            yield Fault(where, read, "a maker for every step", next=then), False
            continue
        kept = list(rules)
        for rule in rules:
            fewer = [it for it in kept if it is not rule]
            if not book.served(demand, tuple(fewer)):
                kept = fewer
        together = " + ".join(quoted(rule.words) for rule in kept)
        read = f"nobody is left under {together}"
        then = "drop or loosen one of them" if len(kept) > 1 else "drop or loosen it"
        yield Fault(where, read, "an admitted maker for every step of a way", next=then), True


class _Ways:
    """Which materials can be had at all, under which rules."""

    def __init__(self, task: MatchTask) -> None:
        self._task = task
        network = task.network
        self._steps: list[tuple[Recipe, str, LineKey, NDArray[np.bool_]]] = []
        for key, capacity in task.capacity.items():
            for name in network.lines[key].recipes:
                recipe = network.recipes[name]
                wait = task.wait(recipe)
                # The months in which it may come out.
                comes = np.concatenate([np.zeros(wait, dtype=bool), capacity > 0])[: task.span]
                if comes.any():
                    self._steps += [(recipe, made, key, comes) for made in recipe.outputs]

    def served(self, demand: Demand, rules: tuple[Rule, ...]) -> bool:
        """Whether any material that a customer takes can be had under the rules."""
        return not self._had(demand, rules).isdisjoint((demand.material, *demand.instead))

    def missing(self, demand: Demand) -> list[str]:
        """The steps on the ways to a demand that no line with capacity takes, in words."""
        had, recipes = self._had(demand, ()), self._task.network.recipes
        run = {recipe.name for recipe, _, _, _ in self._steps}
        told: dict[str, None] = {}
        seen: set[str] = set()
        waiting = [demand.material, *demand.instead]
        while waiting:
            if (name := waiting.pop(0)) in had or name in seen:
                continue
            seen.add(name)
            makers = self._task.network.makers.get(name, ())
            if not makers:
                told[f"no recipe makes {name}"] = None
            for maker in makers:
                if maker in run:
                    waiting += recipes[maker].inputs
                else:
                    told[f"no line with capacity runs {maker}"] = None
        return list(told)

    def _had(self, demand: Demand, rules: tuple[Rule, ...]) -> set[str]:
        open_steps = [it for it in self._steps if self._admitted(it, rules)]
        had = {
            name
            for name, tonnes in self._task.stocks.items()
            if tonnes > 0 and self._stock_taken(name, demand, rules)
        }
        while (
            more := {
                made
                for recipe, made, _, _ in open_steps
                if all(name in had for name in recipe.inputs)
            }
            - had
        ):
            had |= more
        return had

    def _admitted(
        self, step: tuple[Recipe, str, LineKey, NDArray[np.bool_]], rules: tuple[Rule, ...]
    ) -> bool:
        _, made, key, comes = step
        against = [it for it in rules if self._refuses(it, key, made)]
        months = self._task.begins + np.flatnonzero(comes)
        return any(not any(it.holds(int(month)) for it in against) for month in months)

    def _refuses(self, rule: Rule, key: LineKey, made: str) -> bool:
        network = self._task.network
        line = network.lines[key]
        return rule.refuses(network.facilities[line.facility], line.stage, network.materials[made])

    def _stock_taken(self, name: str, demand: Demand, rules: tuple[Rule, ...]) -> bool:
        """Whether a customer takes what is made of a stock of no known maker."""
        if demand.customer_class and name in (demand.material, *demand.instead):
            return False
        own = [it for it in demand.rules if it in rules]
        return takes_stock(self._task.network, name, own, self._task.first)


def _due(task: MatchTask, demand: Demand) -> list[float]:
    return [demand.tonnes.get(task.first + it, 0.0) for it in range(task.months)]


def _laid_out(task: MatchTask) -> Layout:
    due = np.zeros((len(task.demands), task.span))
    due[:, task.lead_in :] = [_due(task, it) for it in task.demands]
    makers = {
        demand.name: _makers(task, demand, due[number])
        for number, demand in enumerate(task.demands)
    }
    delivering = {
        (facility, material)
        for demand in task.demands
        for facility in makers[demand.name]
        for material in (demand.material, *demand.instead)
    }
    alone = frozenset(
        key
        for key in task.capacity
        for recipe in task.network.lines[key].recipes
        for made in task.network.recipes[recipe].outputs
        if (key[0], made) in delivering
    )
    every = tuple(dict.fromkeys((*task.rules, *(rule for it in task.demands for rule in it.rules))))
    groups = group_lines(task.network, task.capacity, every, alone)
    months = range(task.begins, task.begins + task.span)
    demands = {it.name: it.rules for it in task.demands}
    classes = classes_of(
        task.network, groups, demands, task.rules, months, task.first, tuple(task.stocks)
    )
    wishes = {
        demand.name: Wish(
            (demand.material, *demand.instead),
            classes.of[demand.name],
            frozenset(makers[demand.name]),
            anyone=not demand.customer_class and bool(due[number].any()),
        )
        for number, demand in enumerate(task.demands)
    }
    reached = reach(groups, classes, wishes, tuple(task.stocks))
    ways = {
        (facility, number): share
        for number, demand in enumerate(task.demands)
        for facility, share in makers[demand.name].items()
    }
    for number, demand in enumerate(task.demands):
        if wishes[demand.name].anyone:
            ways[MARKET, number] = np.ones(task.span)
    return allocation.lay_out(task, groups, classes, reached, due, ways)


def _makers(task: MatchTask, demand: Demand, due: Months) -> dict[str, Months]:
    """Share of the due that each facility may deliver, shape (span,), where it is not zero throughout."""
    materials = (demand.material, *demand.instead)
    found = {}
    for facility in dict.fromkeys(key[0] for key in task.capacity):
        lines = [task.network.lines[key] for key in task.capacity if key[0] == facility]
        made = {it for x in lines for r in x.recipes for it in task.network.recipes[r].outputs}
        if made.isdisjoint(materials):
            continue
        usual = np.full(task.months, 0.0 if demand.customer_class else 1.0)
        share = np.zeros(task.span)
        share[task.lead_in :] = task.qualified.get((facility, demand.name), usual)
        if (share * due).any():
            found[facility] = share
    return found


def _matched(
    layout: Layout,
    x: Months,
    duals: Months,
    capacity: Mapping[LineKey, Months],
    held: Mapping[str, float],
    certificate: Certificate,
    seconds: Mapping[str, float],
) -> Matched:
    task = layout.task
    runs = allocation.runs_of_lines(layout, x, capacity)
    by_run: dict[tuple[str, str, str, int], Months] = {}
    for place, key, tonnes in runs:
        run = layout.reach.runs[place]
        if tonnes.any():
            by_run[*key, run.recipe.name, run.number] = tonnes
    leftovers, left = allocation.left_over(layout, x, runs)
    return Matched(
        task=task,
        classes=layout.classes.all,
        served=_served(layout, x),
        shipments=allocation.shipments(layout, x),
        runs=by_run,
        stocks=allocation.stocks(layout, x),
        unused=allocation.unused(layout, x, held),
        leftovers=leftovers,
        left=left,
        worth_of_capacity=allocation.worth_of_capacity(layout, duals),
        worth_of_recipes=allocation.worth_of_recipes(layout, duals),
        worth_of_material=allocation.worth_of_material(layout, duals),
        capacity=capacity,
        certificate=certificate,
        seconds=seconds,
    )


def _served(layout: Layout, x: Months) -> Mapping[str, Served]:
    task, count = layout.task, len(layout.task.demands)
    short = layout.short.table(x, count, task.span)
    taken = layout.taken.table(x, count, task.span)
    shipped = layout.shipped.table(x, len(layout.shippings), task.span)
    open_way = layout.shipped.table(np.ones(x.size), len(layout.shippings), task.span)
    found = {}
    for number, demand in enumerate(task.demands):
        ways = [place for place, it in enumerate(layout.shippings) if it.demand == number]
        facilities = dict.fromkeys(layout.shippings[it].facility for it in ways)
        makers = [
            np.any(
                [open_way[it] for it in ways if layout.shippings[it].facility == facility], axis=0
            )
            for facility in facilities
            if facility
        ]
        here = slice(task.lead_in, None)
        found[demand.name] = Served(
            demand=demand,
            due=layout.due[number, here],
            delivered=shipped[ways].sum(axis=0)[here],
            from_stock=taken[number, here],
            shortage=short[number, here],
            makers=np.sum([np.zeros(task.span), *makers], axis=0)[here],
        )
    return found


def _faults(task: MatchTask) -> Iterable[Fault]:
    """What does not fit together."""
    sound = task.months >= 1 and (task.run_in is None or task.run_in >= 0)
    if task.months < 1:
        yield Fault("match", f"{task.months} months", "one or more months")
    if not (math.isfinite(task.early) and task.early >= 0):
        yield Fault("match", f"early {task.early}", "zero or more")
    if task.run_in is not None and task.run_in < 0:
        yield Fault("match", f"run_in {task.run_in}", "zero or more months")
    names = [it.name for it in task.demands]
    if not names:
        yield Fault("match", "no demand", "one or more demands")
    for name in dict.fromkeys(it for it in names if names.count(it) > 1):
        yield Fault(f"demand {name}", "the name of two demands", "a name of its own")
    network = task.network
    for demand in task.demands:
        for name in (demand.material, *demand.instead):
            if name not in network.materials:
                close = nearest(name, network.materials)
                yield Fault(f"demand {demand.name}", quoted(name), "a material", nearest=close)
    unknown = [key for key in task.capacity if key not in network.lines]
    for key in unknown:
        yield Fault(f"capacity of {' of '.join(reversed(key))}", "no such line", "a known line")
    for (facility, name), share in task.qualified.items():
        where = f"qualification of {facility} for {name}"
        if facility not in network.facilities:
            close = nearest(facility, network.facilities)
            yield Fault(where, quoted(facility), "a facility", nearest=close)
        if name not in names:
            yield Fault(where, quoted(name), "a demand", nearest=nearest(name, names))
        if np.shape(share) != (task.months,) or not np.all((share >= 0) & (share <= 1)):
            yield Fault(where, "other numbers", f"{task.months} shares from 0 to 1")
    for name in task.stocks:
        if name not in network.materials:
            close = nearest(name, network.materials)
            yield Fault("stocks", quoted(name), "a material", nearest=close)
    for name, wait in task.leads.items():
        if name not in network.recipes:
            close = nearest(name, network.recipes)
            yield Fault("leads", quoted(name), "a recipe", nearest=close)
        if not (isinstance(wait, int) and wait >= 0):
            sound = False
            yield Fault(f"lead of {name}", f"{wait}", "whole months, zero or more")
    if sound and not unknown:
        yield from _change_faults(task, task.capacity, task.stocks)


def _change_faults(
    task: MatchTask, capacity: Mapping[LineKey, Months], stocks: Mapping[str, float]
) -> Iterable[Fault]:
    for key, tonnes in capacity.items():
        where = f"capacity of line {key[1]} of {key[0]}"
        if key not in task.capacity:
            yield Fault(where, "a line that is not in the task", "a line of the task")
        elif np.shape(tonnes) != (task.span,):
            months = f"{task.span} months from {written(task.begins)} on"
            yield Fault(where, f"{np.size(tonnes)} numbers", months)
        elif not (np.isfinite(tonnes) & (np.asarray(tonnes) >= 0)).all():
            yield Fault(where, "other numbers", "zero or more t/month")
    for name, held in stocks.items():
        if name not in task.stocks:
            then = "name it in the stocks of the task, with 0 t if there is none"
            yield Fault(f"stock of {name}", "a stock that the task has not", next=then)
        elif not (math.isfinite(held) and held >= 0):
            yield Fault(f"stock of {name}", f"{held} t", "zero or more tonnes")
