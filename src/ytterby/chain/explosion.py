"""Backward from the customers: tonnes of everything that a demand asks for upstream, and by when.

No choice is made by an optimiser. A route says which recipe makes each material; each demand is walked back
through it, every input due before its output by transport and lead. What a step yields beside what it is run
for (by-products, scrap that a recycling recipe turns back) meets later needs of the same demand line once it
is there, never before; what meets none is left over and must go somewhere.

The walk ends at materials whose maker is coupled, that is, yields several materials that others use: the
tonnes of each that are needed do not say which feed they come from. ``baskets`` goes on from there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ytterby.chain.demand import Demand
from ytterby.chain.leads import ANY, ENDS, Leads
from ytterby.chain.network import CLOSURE, Material, Network, Recipe, known
from ytterby.errors import BalanceError, ConvergenceError, DataError, Fault, nearest
from ytterby.quantities import quoted

Array = NDArray[np.float64]
Shifts = Mapping[tuple[str, str], int]
"""Whole months by recipe and input."""

_SETTLED = 1e-13
"""Change of a line's runs from one pass to the next, over the largest of them."""
_PASSES = 3000
_NOTHING = 1e-300
"""Tonnes; below it floating-point numbers lose their digits."""
_MET = 1e-9
"""Share of a need that may be missing, by rounding, where it counts as met."""


@dataclass(frozen=True)
class Route:
    """Which recipe makes each material, and where the walk ends."""

    makers: Mapping[str, str] = field(default_factory=dict)
    """Recipe by material. A coupled recipe may stand here: it is run for that material, and its other
    products meet other needs or are left over."""
    preferred: tuple[str, ...] = ()
    """Recipes taken before others: for what they are counted per, and for what they alone yield.

    A material with neither choice is made by its first maker in the order of the recipes, and ends the walk
    if that one is coupled."""
    recycled: tuple[str, ...] = ()
    """Recipes run for all that comes back of the scrap that they are counted per."""
    raw: frozenset[str] = frozenset()
    """Materials that are bought as they are: the walk ends there."""
    instead: Mapping[str, str] = field(default_factory=dict)
    """By demand line: the material that serves it, its own or one that the customer takes as well."""
    scrap: frozenset[str] = frozenset({"scrap"})
    """Forms of material that come back from a step rather than go on: no step is run to have them."""


@dataclass(frozen=True)
class Flows:
    """Tonnes by demand line, material or recipe, and month; names and months are those of the explosion."""

    gross: Array
    """Needed of each material, [line, material, month] [t]."""
    received: Array
    """Of each material, from steps run for another one, [line, material, month] [t]."""
    net: Array
    """To be made or bought of each material, after what is received and held, [line, material, month] [t]."""
    left: Array
    """Received and used by nothing until the end, [line, material] [t]."""
    runs: Array
    """Of each recipe, per the material that it is counted per, in the month of its outputs,
    [line, recipe, month] [t]."""


@dataclass(frozen=True)
class Explosion:
    """What demand lines ask of everyone before them; BalanceError if an element does not close.

    A month is that in which a material must leave its maker. Scrap and by-products of a line serve that line
    alone, so lines add up: each figure is of one line, by name, or of all of them.
    """

    network: Network
    demands: tuple[Demand, ...]
    route: Route
    leads: Leads
    end: str
    """Which of the times were used, one of ``leads.ENDS``."""
    asked: tuple[str, ...]
    """Material that serves each line."""
    months: tuple[int, ...]
    """Of the horizon, without a gap: from the first need upstream until the last scrap is recycled."""
    materials: tuple[str, ...]
    """Every material that is needed or received, users before makers."""
    recipes: tuple[str, ...]
    """Every recipe that may be run."""
    makers: Mapping[str, str]
    """Recipe that is run for each material that is made."""
    ends: Mapping[str, str]
    """Materials at which the walk ended, and why in words."""
    supplied: tuple[float, ...]
    """Of what each line asks, met from the customer's own stock [t]."""
    flows: Flows
    steady: Flows
    """Per tonne that each line asks, in one month without leads: what comes back is there at once."""

    def __post_init__(self) -> None:
        if faults := [*self._open(self.flows, self._due()), *self._open(self.steady, 1.0)]:
            raise BalanceError(faults)

    def gross(self, material: str, line: str | None = None) -> Array:
        """Needed of a material by month, before what is received and held [t]."""
        return self._by_month(self.flows.gross, line, self._place(material))

    def received(self, material: str, line: str | None = None) -> Array:
        """Of a material by month, from steps that are run for another one [t]."""
        return self._by_month(self.flows.received, line, self._place(material))

    def net(self, material: str, line: str | None = None) -> Array:
        """To be made or bought of a material by month [t]."""
        return self._by_month(self.flows.net, line, self._place(material))

    def runs(self, recipe: str, line: str | None = None) -> Array:
        """Of a recipe by month of its outputs, per the material that it is counted per [t]."""
        known(recipe, dict.fromkeys(self.recipes), "recipe", "a recipe of the explosion")
        return self._by_month(self.flows.runs, line, self.recipes.index(recipe))

    def first(self, material: str, line: str | None = None) -> int | None:
        """The first month in which any must be made or bought; None if never."""
        found = np.flatnonzero(self.net(material, line) > 0)
        return self.months[found[0]] if found.size else None

    def stage(self, material: str) -> str:
        """Where a material comes from: the stage of its maker, or of the first that could be it."""
        return _stage(self.network, self.makers, material)

    def ahead(self, line: str, end: str | None = None) -> dict[str, int]:
        """Whole months from leaving its maker to the customer, the longest way, of each material of a line.

        ``end``: which of the times, one of ``leads.ENDS``; None: those of the explosion.
        """
        end = end or self.end
        asked = self.asked[self._line(line)]
        shifts = _shifts(self.network, self.makers, self.recipes, self.leads, end)
        starts = {asked: self.leads.delivery(self.stage(asked), end)}
        return _ahead(self.network, self.makers, self.materials, shifts, starts)

    def left(self, line: str | None = None) -> dict[str, float]:
        """Received of each material and used by nothing, over the horizon [t]; those with none left out."""
        return _above_zero(self.materials, self._picked(self.flows.left, line))

    def per_tonne(self, line: str) -> dict[str, float]:
        """To be made or bought of each material per tonne that a line asks [t/t], what comes back counted."""
        return _above_zero(self.materials, self._picked(self.steady.net, line)[:, 0])

    def per_unit(self, line: str) -> dict[str, float] | None:
        """The same per vehicle, megawatt or whatever the line counts [kg]; None if it counts nothing."""
        demand = self.demands[self._line(line)]
        if not demand.units:
            return None
        each = demand.total / demand.units * 1000.0
        return {name: tonnes * each for name, tonnes in self.per_tonne(line).items()}

    def elements(self, line: str | None = None, *, net: bool = True) -> dict[str, dict[str, float]]:
        """Mass of each element in what is needed of each material over the horizon, by material [t].

        ``net`` False: before what is received and held.
        """
        needed = self._picked(self.flows.net if net else self.flows.gross, line).sum(axis=-1)
        return {
            name: _masses(self.network.materials[name], float(tonnes))
            for name, tonnes in zip(self.materials, needed, strict=True)
            if tonnes > 0
        }

    def by_form(self, line: str | None = None) -> dict[str, dict[str, float]]:
        """Mass of each element in what must be made or bought over the horizon, by form of material [t].

        A material made from another of its form counts beside it.
        """
        found: dict[str, dict[str, float]] = {}
        for name, masses in self.elements(line).items():
            form = found.setdefault(self.network.materials[name].form, {})
            for symbol, mass in masses.items():
                form[symbol] = form.get(symbol, 0.0) + mass
        return found

    def lost(self, line: str | None = None) -> dict[str, dict[str, float]]:
        """Mass of each element that goes into a recipe and does not come out over the horizon [t]."""
        runs = self._picked(self.flows.runs, line).sum(axis=-1)
        return {
            name: {symbol: max(share, 0.0) * float(run) for symbol, share in self._lost(name)}
            for name, run in zip(self.recipes, runs, strict=True)
            if run > 0 and self.network.recipes[name].inputs
        }

    @cached_property
    def content(self) -> Array:
        """Of each material, [material, element] [kg/kg]."""
        materials = self.network.materials
        shares = [
            [materials[name].content.get(symbol, 0.0) for symbol in self.network.elements]
            for name in self.materials
        ]
        return np.array(shares).reshape(len(self.materials), len(self.network.elements))

    def _lost(self, recipe: str) -> Iterable[tuple[str, float]]:
        return self.network.recipes[recipe].lost(self.network.materials).items()

    def _line(self, line: str) -> int:
        names = [demand.name for demand in self.demands]
        known(line, dict.fromkeys(names), "demand line", "a demand line of the explosion")
        return names.index(line)

    def _picked(self, flows: Array, line: str | None) -> Array:
        picked: Array = flows.sum(axis=0) if line is None else flows[self._line(line)]
        return picked

    def _by_month(self, flows: Array, line: str | None, place: int) -> Array:
        return self._picked(flows[:, place], line)

    def _place(self, material: str) -> int:
        known(material, dict.fromkeys(self.materials), "material", "a material of the explosion")
        return self.materials.index(material)

    def _due(self) -> Array:
        """What each line takes from the chain [line] [t]."""
        pairs = zip(self.demands, self.supplied, strict=True)
        return np.array([demand.total - supplied for demand, supplied in pairs])

    def _open(self, flows: Flows, due: Array | float) -> list[Fault]:
        """A fault for every element that does not close over the horizon.

        Entering is what is bought at the ends of the walk and what recipes without inputs take from the
        ground; leaving is what the lines are given, what is lost and what is left over.
        """
        symbols = self.network.elements
        bought = np.array([name not in self.makers for name in self.materials], dtype=float)
        entering = (flows.net.sum(axis=-1) * bought) @ self.content
        leaving = flows.left @ self.content
        for at, name in enumerate(self.recipes):
            lost = dict(self._lost(name))
            row = np.array([lost.get(symbol, 0.0) for symbol in symbols])
            run = flows.runs[:, at].sum(axis=-1)[:, None]
            if self.network.recipes[name].inputs:
                leaving = leaving + run * row
            else:
                entering = entering - run * row
        given = np.broadcast_to(np.asarray(due, dtype=float), (len(self.demands),))
        places = [self._place(name) for name in self.asked]
        leaving = leaving + given[:, None] * self.content[places]
        gap = np.abs(entering - leaving) > CLOSURE * np.maximum(entering, leaving) + _NOTHING
        return [
            Fault(
                f"demand {self.demands[line].name}, {symbols[at]}",
                f"{entering[line, at]:.9g} t enter the chain and {leaving[line, at]:.9g} t leave it",
                f"the same, to {CLOSURE:g} of it",
                next="this is a defect of the explosion, please report it with the case",
            )
            for line, at in np.argwhere(gap)
        ]


@dataclass(frozen=True)
class Basket:
    """What one recipe alone would have to process to yield what is needed at the ends of the walk."""

    recipe: str
    runs: float
    """Per the material that it is counted per [t]."""
    feeds: Mapping[str, float]
    """Of each input [t]."""
    binding: str
    """The product whose need sets the runs."""
    left: Mapping[str, float]
    """Of each output, beyond the need [t]; it must go somewhere."""
    short: Mapping[str, float]
    """Needs that it yields nothing for [t]."""


def explode(
    network: Network,
    demands: Sequence[Demand],
    route: Route | None = None,
    leads: Leads | None = None,
    end: str = "value",
) -> Explosion:
    """What demand lines ask upstream, by month; linear in the demand of each line, what comes back apart.

    ``end``: with the shortest (low), usual (value) or longest (high) of the times. DataError if a line asks
    for an unknown material, if nothing makes a material that is needed (the missing step is named), or if the
    route contradicts itself; BalanceError if an element does not close over the horizon.
    """
    route, leads = route or Route(), leads or Leads()
    demands = tuple(demands)
    known(end, dict.fromkeys(ENDS), "end of the times", "one of: " + ", ".join(ENDS))
    asked = _asked(network, demands, route)
    walk = _Walk(network, route, asked)
    shifts = _shifts(network, walk.makers, walk.recipes, leads, end)
    delivery = [leads.delivery(_stage(network, walk.makers, name), end) for name in asked]
    months = _horizon(walk, shifts, demands, asked, max(delivery))
    shape = (len(demands), len(walk.materials))
    due, held = np.zeros((*shape, len(months))), np.zeros(shape)
    for at, (demand, name) in enumerate(zip(demands, asked, strict=True)):
        place = walk.materials.index(name)
        for when, tonnes in demand.tonnes.items():
            due[at, place, when - delivery[at] - months[0]] += tonnes
        held[at, place] = min(demand.stock, demand.total)
    one = np.zeros((*shape, 1))
    one[range(len(demands)), [walk.materials.index(name) for name in asked], 0] = 1.0
    return Explosion(
        network=network,
        demands=demands,
        route=route,
        leads=leads,
        end=end,
        asked=asked,
        months=tuple(months),
        materials=walk.materials,
        recipes=walk.recipes,
        makers=walk.makers,
        ends=walk.ends,
        supplied=tuple(float(it) for it in held.sum(axis=-1)),
        flows=_settled(walk, shifts, due, held),
        steady=_settled(walk, {}, one, np.zeros(shape)),
    )


def baskets(explosion: Explosion, line: str | None = None) -> tuple[Basket, ...]:
    """For each recipe that yields a material at which the walk ended: what it alone would have to process.

    Needs are the net ones over the horizon, of one line or of all; what the route declares raw is none of
    them. Nothing is shared among recipes: each basket is the answer if there were no other.
    """
    needs = {
        name: total
        for name in explosion.ends
        if name not in explosion.route.raw and (total := float(explosion.net(name, line).sum())) > 0
    }
    return tuple(
        _basket(recipe, needs)
        for recipe in explosion.network.recipes.values()
        if any(name in recipe.outputs for name in needs)
    )


def _basket(recipe: Recipe, needs: Mapping[str, float]) -> Basket:
    runs = {name: needs[name] / amount for name, amount in recipe.outputs.items() if name in needs}
    binding = max(runs, key=lambda name: runs[name])
    size = runs[binding]
    left = {
        name: size * amount - needs.get(name, 0.0)
        for name, amount in recipe.outputs.items()
        if name != binding
    }
    return Basket(
        recipe=recipe.name,
        runs=size,
        feeds={name: size * amount for name, amount in recipe.inputs.items()},
        binding=binding,
        left={
            name: tonnes for name, tonnes in left.items() if tonnes > _MET * needs.get(name, 0.0)
        },
        short={name: tonnes for name, tonnes in needs.items() if name not in recipe.outputs},
    )


def _above_zero(names: Sequence[str], amounts: Array) -> dict[str, float]:
    pairs = zip(names, amounts, strict=True)
    return {name: float(amount) for name, amount in pairs if amount > 0}


def _masses(material: Material, tonnes: float) -> dict[str, float]:
    return {symbol: share * tonnes for symbol, share in material.content.items()}


def _asked(network: Network, demands: Sequence[Demand], route: Route) -> tuple[str, ...]:
    """The material that serves each line; DataError with every fault of the lines."""
    faults: list[Fault] = []
    names = [demand.name for demand in demands]
    for name in sorted({name for name in names if names.count(name) > 1}):
        faults.append(Fault(f"demand {name}", "the name of two lines", "a name of its own"))
    for name in route.instead:
        if name not in names:
            close = nearest(name, names)
            faults.append(Fault("route, instead", quoted(name), "a demand line", nearest=close))
    found = []
    for demand in demands:
        name = route.instead.get(demand.name, demand.material)
        for wanted in (demand.material, *demand.instead):
            if wanted not in network.materials:
                close = nearest(wanted, network.materials)
                read = quoted(wanted)
                faults.append(
                    Fault(f"demand {demand.name}", read, "a material of the chain", nearest=close)
                )
        if name not in (demand.material, *demand.instead):
            accepted = ", ".join((demand.material, *demand.instead))
            faults.append(
                Fault(
                    f"route, instead of demand {demand.name}",
                    quoted(name),
                    f"a material that the customer takes: {accepted}",
                    nearest=nearest(name, (demand.material, *demand.instead)),
                    next="name it among the materials that the customer takes instead",
                )
            )
        found.append(name)
    if not any(demand.tonnes for demand in demands):
        faults.append(Fault("demand", "no line asks for anything in any month", "a month of need"))
    if faults:
        raise DataError(faults)
    return tuple(found)


class _Walk:
    """Materials and recipes from the demands backward; DataError with every step that is missing."""

    def __init__(self, network: Network, route: Route, asked: Iterable[str]) -> None:
        self.network, self.route = network, route
        self.makers: dict[str, str] = {}
        self.ends: dict[str, str] = {}
        self.faults: list[Fault] = []
        self.users: frozenset[str] = frozenset(
            name for recipe in network.recipes.values() for name in recipe.inputs
        )
        self._check_route()
        self.returned = self._returned()
        seen: dict[str, bool] = {}
        for name in dict.fromkeys(asked):
            self._visit(name, "the customer", seen, ())
        for scrap, recipe in self.returned.items():
            for name in network.recipes[recipe].inputs:
                if name != scrap:
                    self._visit(name, recipe, seen, ())
        self.needed: tuple[str, ...] = tuple(reversed(seen))
        """Users before makers, since a visit ends after those of all that it needs."""
        self._check_found()
        if self.faults:
            raise DataError(self.faults)
        run = [self.makers[name] for name in self.needed if name in self.makers]
        self.recipes = (*run, *self.returned.values())
        put_out = [name for it in self.recipes for name in network.recipes[it].outputs]
        self.materials = tuple(dict.fromkeys([*self.needed, *self.returned, *put_out]))
        self.made = {recipe: material for material, recipe in self.makers.items()}
        """The material that each recipe is run for."""

    def longest(self, shifts: Shifts, starts: Iterable[str]) -> int:
        """The most months between having one of the starts and having the first of its inputs."""
        ahead = _ahead(self.network, self.makers, self.needed, shifts, dict.fromkeys(starts, 0))
        return max(ahead.values(), default=0)

    def _visit(self, name: str, user: str, seen: dict[str, bool], path: tuple[str, ...]) -> None:
        if name in path:
            turn = " needs ".join((*path[path.index(name) :], name))
            self.faults.append(
                Fault("route", turn, "no material made from itself", next="choose another maker")
            )
            return
        if name in seen:
            return
        if maker := self._maker(name, user):
            self.makers[name] = maker
            for part in self.network.recipes[maker].inputs:
                self._visit(part, maker, seen, (*path, name))
        seen[name] = True

    def _maker(self, name: str, user: str) -> str:
        """The recipe that makes a material, "" where the walk ends."""
        if name in self.route.raw:
            self.ends[name] = "bought as it is"
            return ""
        if name in self.route.makers:
            return self.route.makers[name]
        able = [it for it in self.network.makers.get(name, ()) if self._runs_for(it, name)]
        for recipe in self.route.preferred:
            if recipe in able and (
                name == self.network.recipes[recipe].per or len(self.coupled(recipe)) < 2
            ):
                return recipe
        if not able:
            self.faults.append(self._missing(name, user))
            return ""
        if len(together := self.coupled(able[0])) > 1:
            self.ends[name] = f"{able[0]} yields {', '.join(together)} together"
            return ""
        return able[0]

    def coupled(self, recipe: str) -> tuple[str, ...]:
        """What a recipe yields that others use, or that it is counted per; scrap that comes back apart."""
        it = self.network.recipes[recipe]
        return tuple(
            name
            for name in it.outputs
            if name == it.per or (name in self.users and self._runs_for(recipe, name))
        )

    def _runs_for(self, recipe: str, material: str) -> bool:
        """Whether a recipe may be run to have a material: not for the scrap that it leaves."""
        form = self.network.materials[material].form
        return form not in self.route.scrap or material == self.network.recipes[recipe].per

    def _missing(self, name: str, user: str) -> Fault:
        made = [it for it in self.network.makers if it not in self.network.makers.get(name, ())]
        return Fault(
            f"chain, {name}",
            f"nothing makes {name}, which {user} needs",
            "a recipe that makes it, or a raw material",
            nearest=nearest(name, made),
            next=f"add a recipe with {name} among its outputs, or declare {name} raw",
        )

    def _check_route(self) -> None:
        recipes, materials = self.network.recipes, self.network.materials
        for where, names, things, what in (
            ("makers", self.route.makers, materials, "a material of the chain"),
            ("makers", self.route.makers.values(), recipes, "a recipe of the chain"),
            ("preferred", self.route.preferred, recipes, "a recipe of the chain"),
            ("recycled", self.route.recycled, recipes, "a recipe of the chain"),
            ("raw", sorted(self.route.raw), materials, "a material of the chain"),
        ):
            for name in names:
                if name not in things:
                    close = nearest(name, things)
                    fault = Fault(f"route, {where}", quoted(name), what, nearest=close)
                    self.faults.append(fault)
        if self.faults:
            raise DataError(self.faults)
        for name, recipe in self.route.makers.items():
            if name not in recipes[recipe].outputs:
                self.faults.append(
                    Fault(
                        f"route, makers, {name}",
                        f"{recipe}, which yields {', '.join(recipes[recipe].outputs)}",
                        f"a recipe that yields {name}",
                        nearest=nearest(name, recipes[recipe].outputs),
                    )
                )

    def _returned(self) -> dict[str, str]:
        """The recipe that recycles each scrap."""
        found: dict[str, str] = {}
        for name in dict.fromkeys(self.route.recycled):
            recipe = self.network.recipes[name]
            where = f"route, recycled, {name}"
            if recipe.per not in recipe.inputs:
                read = f"counted per {recipe.per}, which it does not consume"
                self.faults.append(Fault(where, read, "a recipe counted per what it recycles"))
            elif recipe.per in found:
                read = f"{recipe.per}, which {found[recipe.per]} recycles as well"
                self.faults.append(Fault(where, read, "one recipe for each scrap"))
            else:
                found[recipe.per] = name
        return found

    def _check_found(self) -> None:
        runs: dict[str, str] = {}
        for name, recipe in self.makers.items():
            if recipe in runs:
                self.faults.append(
                    Fault(
                        f"route, {recipe}",
                        f"run for {runs[recipe]} and for {name}",
                        "a recipe run for one material; its other products meet needs as well",
                        next=f"declare one of {runs[recipe]} and {name} raw, or choose another maker",
                    )
                )
            runs[recipe] = name
        for scrap, recipe in self.returned.items():
            if scrap in self.makers or scrap in self.ends or recipe in runs:
                self.faults.append(
                    Fault(
                        f"route, recycled, {recipe}",
                        f"{scrap} or the recipe itself is part of the walk from the demands",
                        "scrap that only comes back",
                        next=f"take {recipe} out of what is recycled, or out of the makers",
                    )
                )


def _stage(network: Network, makers: Mapping[str, str], material: str) -> str:
    """Where a material comes from: the stage of its maker, or of the first that could be it."""
    maker = makers.get(material) or next(iter(network.makers.get(material, ())), "")
    return network.recipes[maker].stage if maker else ANY


def _shifts(
    network: Network, makers: Mapping[str, str], recipes: Iterable[str], leads: Leads, end: str
) -> Shifts:
    """Whole months by which an input leaves its maker before the outputs are there."""
    return {
        (name, part): leads.shift(network.recipes[name], _stage(network, makers, part), end)
        for name in recipes
        for part in network.recipes[name].inputs
    }


def _ahead(
    network: Network,
    makers: Mapping[str, str],
    order: Iterable[str],
    shifts: Shifts,
    starts: Mapping[str, int],
) -> dict[str, int]:
    """The most months by which each material upstream comes before; ``order`` has users before makers."""
    ahead = dict(starts)
    for name in order:
        if name in ahead and name in makers:
            for part in network.recipes[makers[name]].inputs:
                months = ahead[name] + shifts[makers[name], part]
                ahead[part] = max(ahead.get(part, 0), months)
    return ahead


def _horizon(
    walk: _Walk,
    shifts: Shifts,
    demands: Sequence[Demand],
    asked: tuple[str, ...],
    delivery: int,
) -> range:
    """From the earliest month that anything can be needed in until the last scrap is recycled once over."""
    due = [month for demand in demands for month in demand.tonnes]
    before, after = walk.longest(shifts, asked) + delivery, 0
    for scrap, recipe in walk.returned.items():
        others = [part for part in walk.network.recipes[recipe].inputs if part != scrap]
        after += shifts[recipe, scrap]
        if others:
            before += max(shifts[recipe, part] for part in others) + walk.longest(shifts, others)
    return range(min(due) - before, max(due) + after + 1)


def _settled(walk: _Walk, shifts: Shifts, due: Array, held: Array) -> Flows:
    """The flows once what comes back has settled; ConvergenceError if it does not.

    What a recipe yields beside is known after its runs, and meets needs that its runs follow from: so the
    walk is passed until nothing changes, twice where nothing returns to its own maker, and else in a
    geometric series whose ratio is the share that returns.
    """
    lines, _, months = due.shape
    runs = np.zeros((lines, len(walk.recipes), months))
    for _ in range(_PASSES):
        flows = _passed(walk, shifts, due, held, runs)
        change = np.max(np.abs(flows.runs - runs), axis=(1, 2), initial=0.0)
        if np.all(change <= _SETTLED * np.max(flows.runs, axis=(1, 2), initial=0.0)):
            return flows
        runs = flows.runs
    largest = walk.recipes[int(np.argmax(np.max(flows.runs, axis=(0, 2))))]
    raise ConvergenceError(
        Fault(
            f"explosion, {largest}",
            f"its runs still change by {np.max(change):.3g} t after {_PASSES} passes",
            "by-products and returned scrap that meet needs once and for all",
            next="take a maker or a recycling recipe out of the route",
        )
    )


def _passed(
    walk: _Walk,
    shifts: Shifts,
    due: Array,
    held: Array,
    runs: Array,
) -> Flows:
    """One pass from the demands backward, with what the runs of the last one yield beside."""
    recipes = walk.network.recipes
    place = {name: at for at, name in enumerate(walk.materials)}
    gross, net, left = due.copy(), np.zeros_like(due), np.zeros_like(held)
    received, found = np.zeros_like(due), np.zeros_like(runs)
    for at, name in enumerate(walk.recipes):
        for product, amount in recipes[name].outputs.items():
            if product != walk.made.get(name):
                received[:, place[product]] += amount * runs[:, at]
    for scrap, name in walk.returned.items():
        lag = shifts.get((name, scrap), 0)
        used = received[:, place[scrap]].copy()
        used[:, used.shape[-1] - lag :] = 0.0
        gross[:, place[scrap]] = used
        done = found[:, walk.recipes.index(name)]
        done[:, lag:] = used[:, : used.shape[-1] - lag]
        for part, amount in recipes[name].inputs.items():
            if part != scrap:
                gross[:, place[part]] += _earlier(amount * done, shifts.get((name, part), 0))
    for name in walk.materials:
        at = place[name]
        net[:, at], left[:, at] = _netted(gross[:, at], received[:, at], held[:, at])
        if name in walk.makers:
            recipe = recipes[walk.makers[name]]
            done = net[:, at] / recipe.outputs[name]
            found[:, walk.recipes.index(recipe.name)] = done
            for part, amount in recipe.inputs.items():
                gross[:, place[part]] += _earlier(amount * done, shifts.get((recipe.name, part), 0))
    return Flows(gross=gross, received=received, net=net, left=left, runs=found)


def _netted(gross: Array, received: Array, held: Array) -> tuple[Array, Array]:
    """Needs less what is there by then, [line, month], and what is left over at the end, [line]."""
    if not (received.any() or held.any()):
        return gross, held
    net, there = np.empty_like(gross), held.copy()
    for month in range(gross.shape[-1]):
        there = there + received[:, month]
        used = np.minimum(there, gross[:, month])
        net[:, month] = gross[:, month] - used
        there = there - used
    return net, there


def _earlier(amounts: Array, months: int) -> Array:
    """The same by month, that many months before."""
    if not months:
        return amounts
    if amounts[:, :months].any():
        raise ConvergenceError(
            Fault(
                "explosion",
                "what a recycling recipe needs beside its scrap leaves scrap that comes ever earlier",
                "returns that end",
                next="take the recycling recipe out of the route",
            )
        )
    return np.concatenate([amounts[:, months:], np.zeros_like(amounts[:, :months])], axis=-1)
