"""What concentration means for customers: benchmarks, promises, what a kilogram short stops, what is left.

Needs are those of the explosion in the steady state, per tonne asked, times what is due in a year. Capacity
is announced or weighted by evidence. A verdict that hangs on a capacity that no source states is not given.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from ytterby.chain.capacity import YEAR
from ytterby.chain.catalogue import Contract
from ytterby.chain.explosion import Explosion
from ytterby.chain.network import Line, Network, Range, Recipe
from ytterby.chain.shares import ANNOUNCED, WEIGHTED, Sizes, mean_of
from ytterby.chain.yardsticks import (
    AT_LEAST,
    ELEMENT,
    Benchmark,
    PlantRecipe,
    Priced,
    Quantity,
    UnitValue,
)
from ytterby.errors import DataError, Fault

MET, MISSED, UNSAID = "met", "missed", "cannot be said"
_PER_TONNE: Mapping[str, float] = {"kg": 1000.0, "t": 1.0}
"""Of each mass that a price may be per."""
_OFFTAKE = "offtake"
STOPS: frozenset[str] = frozenset(
    {"first_oem_stop_after_control", "ford_stop_length", "suzuki_stop_length"}
)
"""Items of the topic `logistics` on what short material stopped: how soon, and how long."""


@dataclass(frozen=True)
class Verdict:
    """One benchmark held against capacity and need."""

    benchmark: Benchmark
    plan: str
    """Name of the plan that leaves facilities out; empty with all of them."""
    year: int
    of: str
    """Element or form."""
    need: float
    """Of the customers of the region [t/year]."""
    inside: Range
    """Capacity inside, weighted by evidence [t/year]; a range where lines share capacity among recipes."""
    announced: Range
    """The same as announced [t/year]."""
    share: Range | None
    """What the benchmark asks about; None without need. ``AT_MOST``: least that must come from the country,
    its part if imports follow capacity, most that can."""
    country: str
    """For ``AT_MOST``: the country outside with the most capacity, empty if none is stated; else empty."""
    not_stated: tuple[str, ...]
    """Facilities whose capacity matters and no source states."""
    no_start: tuple[str, ...]
    """Facilities of the region at the stage without an announced start: they count as zero."""
    verdict: str
    """``MET``, ``MISSED`` or ``UNSAID``."""
    why: str

    @property
    def announced_share(self) -> Range | None:
        """For ``AT_LEAST``: what is announced, of the need; else None."""
        if self.benchmark.sense != AT_LEAST:
            return None
        return self.announced.times(1 / self.need)

    @property
    def missing(self) -> float | None:
        """For ``AT_LEAST``: what stated capacity lacks to the benchmark [t/year]; else None."""
        if self.benchmark.sense != AT_LEAST:
            return None
        return max(0.0, self.benchmark.share * self.need - self.inside.value)


@dataclass(frozen=True)
class Promise:
    """A quantity that a contract promises, held against a demand that it is said to be a share of."""

    quantity: Quantity
    facility: str
    year: int
    recipe: str
    """Whole-plant recipe that what is made is taken from; empty: the recipes of its lines."""
    announced: float
    """Made by the facility as announced [t]."""
    weighted: float
    """The same weighted by evidence [t]."""

    @property
    def promised(self) -> float:
        """By the contract [t/year]."""
        return self.quantity.tonnes.value

    @property
    def demand(self) -> float:
        """That the quantity is held against [t/year]."""
        assert self.quantity.demand is not None
        return self.quantity.demand.value

    @property
    def share(self) -> float:
        """Of the demand, if the contract is kept in full."""
        return self.promised / self.demand

    @property
    def backed(self) -> Range:
        """Of the demand, with capacity weighted by evidence.

        Low: the buyer has the same part of what is made as of what was announced; value and high: the
        contract is served before all others.
        """
        first = min(self.promised, self.weighted)
        part = min(1.0, self.promised / self.announced) if self.announced > 0 else 0.0
        low = min(first, part * self.weighted)
        return Range(low / self.demand, first / self.demand, first / self.demand)


@dataclass(frozen=True)
class AtRisk:
    """What stops at one customer for a kilogram of one material that does not come."""

    line: str
    customer: str
    unit_name: str
    """vehicle, MW, ..."""
    material: str
    per_unit: float
    """[kg]"""
    worth: UnitValue | None
    """Of one unit; None where the caller gives none."""
    price: Priced | None
    """Of the material, the newest pair; None where none is known."""

    @property
    def units_per_kg(self) -> float:
        """Units that are not built for 1 kg short, if nothing takes its place."""
        return 1.0 / self.per_unit

    @property
    def value_per_kg(self) -> Range | None:
        """Of the units that are not built for 1 kg short [currency/kg]; None without a value of a unit."""
        return None if self.worth is None else self.worth.worth.times(self.units_per_kg)


@dataclass(frozen=True)
class Spread:
    """What the raw materials of a tonne that one customer asks for cost at both prices of one date."""

    line: str
    material: str
    """Asked for."""
    date: str
    needs: Mapping[str, float]
    """To be bought at the ends of the walk per tonne asked [t/t]."""
    inside: Mapping[str, float]
    """Cost of each need at the prices inside [currency/t asked]."""
    outside: Mapping[str, float]
    currency: str
    caveats: tuple[str, ...]
    """How little is traded at the prices outside."""

    @property
    def unpriced(self) -> tuple[str, ...]:
        """Needs without prices of that date: they are left out of both sums."""
        return tuple(name for name in self.needs if name not in self.inside)

    @property
    def total_inside(self) -> float:
        """[currency/t asked]"""
        return math.fsum(self.inside.values())

    @property
    def total_outside(self) -> float:
        """[currency/t asked]"""
        return math.fsum(self.outside.values())


@dataclass(frozen=True)
class Leftover:
    """What one facility makes of one product a year, and what contracts and the plan leave of it."""

    facility: str
    product: str
    year: int
    recipe: str
    """Whole-plant recipe that the split is taken from; empty: the recipes of its lines."""
    announced: float
    """[t/year]"""
    weighted: float
    """[t/year]"""
    contracted: float
    """By contracts of the facility that state a quantity a year [t/year]."""
    needed: float
    """By all demand lines of the plan, whoever makes it, before what comes back of scrap [t/year]."""
    not_quantified: tuple[str, ...]
    """Offtakes of the facility that state no quantity a year of any product: they count as zero."""

    @property
    def left_announced(self) -> float:
        """At least this much is left, even if the plan buys from nobody else [t/year]."""
        return max(0.0, self.announced - max(self.contracted, self.needed))

    @property
    def left_weighted(self) -> float:
        """The same with capacity weighted by evidence [t/year]."""
        return max(0.0, self.weighted - max(self.contracted, self.needed))


def needs(
    explosion: Explosion, year: int, countries: Collection[str] | None = None
) -> dict[str, float]:
    """Of each material, what customers due in a year ask for, before what comes back of scrap [t].

    ``countries`` keeps to customers there; None takes all.
    """
    found: dict[str, float] = {}
    for at, demand in enumerate(explosion.demands):
        if countries is not None and demand.country not in countries:
            continue
        due = math.fsum(it for month, it in demand.tonnes.items() if month // YEAR == year)
        for name, amount in zip(explosion.materials, explosion.steady.gross[at, :, 0], strict=True):
            if due * amount > 0:
                found[name] = found.get(name, 0.0) + due * float(amount)
    return found


def verdicts(
    found: Sizes,
    explosion: Explosion,
    benchmarks: Iterable[Benchmark],
    regions: Mapping[str, Collection[str]],
    plan: str = "",
) -> tuple[Verdict, ...]:
    """Each benchmark for each element or form that the customers of its region use in the year of ``found``.

    Capacity at a stage before that whose products count is taken at the best yield of what comes between.
    DataError if a region is not known.
    """
    told: list[Verdict] = []
    for benchmark in benchmarks:
        if benchmark.region not in regions:
            where = f"benchmark {benchmark.name}, region"
            raise DataError(Fault(where, benchmark.region, ", ".join(regions)))
        region = regions[benchmark.region]
        used = _used(explosion, needs(explosion, found.year, region), benchmark.of)
        told += (
            _verdict(benchmark, found, region, used, of, need, plan)
            for of, need in _counted(benchmark, used, found.network).items()
        )
    return tuple(told)


def promises(
    found: Sizes, quantities: Iterable[Quantity], plants: Mapping[str, PlantRecipe]
) -> tuple[Promise, ...]:
    """Quantities of contracts that a source holds against a demand, for each facility they are about."""
    return tuple(
        Promise(
            quantity=it,
            facility=facility,
            year=found.year,
            recipe=recipe,
            announced=said.get(it.material, 0.0),
            weighted=weighed.get(it.material, 0.0),
        )
        for it in quantities
        if it.demand is not None
        for facility in it.contract.facilities
        if facility in found.network.facilities
        for recipe, said in [_made(found, facility, ANNOUNCED, plants)]
        for _, weighed in [_made(found, facility, WEIGHTED, plants)]
    )


def at_risk(
    explosion: Explosion, values: Mapping[str, UnitValue], prices: Iterable[Priced]
) -> tuple[AtRisk, ...]:
    """Of each line that counts units: what a kilogram short of each material before it stops, scrap apart."""
    newest = {it.material: it for it in sorted(prices, key=lambda it: it.date) if it.material}
    materials = explosion.network.materials
    return tuple(
        AtRisk(
            line=demand.name,
            customer=demand.customer,
            unit_name=demand.unit_name,
            material=name,
            per_unit=mass,
            worth=values.get(demand.unit_name),
            price=newest.get(name),
        )
        for demand in explosion.demands
        for name, mass in (explosion.per_unit(demand.name) or {}).items()
        if materials[name].form not in explosion.route.scrap
    )


def spreads(explosion: Explosion, prices: Iterable[Priced]) -> tuple[Spread, ...]:
    """What each line's raw materials cost inside and outside, for every date with a price of one of them.

    Prices of different dates are not mixed. DataError where one date has several currencies or a price is
    not per kg or t.
    """
    by_date: dict[str, dict[str, Priced]] = {}
    for it in prices:
        if it.material:
            by_date.setdefault(it.date, {})[it.material] = it
    found = []
    for demand, asked in zip(explosion.demands, explosion.asked, strict=True):
        bought = {
            name: amount
            for name, amount in explosion.per_tonne(demand.name).items()
            if name in explosion.ends
        }
        for date, quoted in sorted(by_date.items()):
            if priced := {name: quoted[name] for name in bought if name in quoted}:
                found.append(_spread(demand.name, asked, date, bought, priced))
    return tuple(found)


def leftovers(
    found: Sizes,
    explosion: Explosion,
    facilities: Iterable[str],
    quantities: Iterable[Quantity],
    contracts: Iterable[Contract],
    plants: Mapping[str, PlantRecipe],
) -> tuple[Leftover, ...]:
    """What each facility makes of each product in the year of ``found`` and what is left of it."""
    quantities, contracts = tuple(quantities), tuple(contracts)
    asked = needs(explosion, found.year)
    table = []
    for facility in facilities:
        recipe, said = _made(found, facility, ANNOUNCED, plants)
        _, weighed = _made(found, facility, WEIGHTED, plants)
        about = [it for it in quantities if facility in it.contract.facilities]
        stated = {it.contract.name for it in about}
        silent = tuple(
            it.name
            for it in contracts
            if facility in it.facilities and _OFFTAKE in it.kind and it.name not in stated
        )
        table += [
            Leftover(
                facility=facility,
                product=product,
                year=found.year,
                recipe=recipe,
                announced=tonnes,
                weighted=weighed[product],
                contracted=math.fsum(
                    it.tonnes.value
                    for it in about
                    if it.material == product and it.holds(found.year)
                ),
                needed=asked.get(product, 0.0),
                not_quantified=silent,
            )
            for product, tonnes in said.items()
        ]
    return tuple(table)


def _used(explosion: Explosion, needed: Mapping[str, float], stage: str) -> dict[str, float]:
    """What of the needs comes from a stage, without the scrap that it leaves [t]."""
    materials, scrap = explosion.network.materials, explosion.route.scrap
    return {
        name: tonnes
        for name, tonnes in needed.items()
        if materials[name].form not in scrap and explosion.stage(name) == stage
    }


def _counted(benchmark: Benchmark, used: Mapping[str, float], network: Network) -> dict[str, float]:
    """Of what is used, tonnes by element or by form."""
    found: dict[str, float] = {}
    for name, tonnes in used.items():
        material = network.materials[name]
        held = material.content if benchmark.counted == ELEMENT else {material.form: 1.0}
        for of, share in held.items():
            found[of] = found.get(of, 0.0) + share * tonnes
    return {of: tonnes for of, tonnes in found.items() if tonnes > 0}


def _verdict(
    benchmark: Benchmark,
    found: Sizes,
    region: Collection[str],
    used: Collection[str],
    of: str,
    need: float,
    plan: str,
) -> Verdict:
    network = found.network
    yields = {
        key: per_tonne
        for key in found.weighted
        if (line := network.lines[key]).recipes
        and (line.stage == benchmark.stage or benchmark.of_form)
        and (per_tonne := _per_tonne(line, network, used, of, benchmark)).high > 0
    }
    at_stage = {it.key for it in network.lines.values() if it.stage == benchmark.stage}
    at_stage |= yields.keys()
    here = {key for key in at_stage if network.facilities[key[0]].country in region}
    within = here & yields.keys()
    inside = _total(found.weighted, {key: yields[key] for key in within})
    silent = {
        key
        for key in at_stage & found.not_stated
        if key in yields or not network.lines[key].recipes
    }
    if benchmark.sense == AT_LEAST:
        share: Range | None = inside.times(1 / need)
        country, matters = "", silent & here
        verdict, why = _at_least(benchmark, inside, need, matters)
    else:
        outside: dict[str, float] = {}
        for key in yields.keys() - within:
            name = network.facilities[key[0]].country
            tonnes = found.weighted[key] * yields[key].value
            outside[name] = outside.get(name, 0.0) + tonnes
        together = {network.facilities[name].country for name in found.of_countries}
        country, share = _from_one(need, inside.value, outside, together)
        matters = silent
        verdict, why = _at_most(benchmark, share, country, matters)
    return Verdict(
        benchmark=benchmark,
        plan=plan,
        year=found.year,
        of=of,
        need=need,
        inside=inside,
        announced=_total(found.announced, {key: yields[key] for key in within}),
        share=share,
        country=country,
        not_stated=tuple(sorted({facility for facility, _ in matters})),
        no_start=tuple(sorted({facility for facility, _ in here & found.no_start})),
        verdict=verdict,
        why=why,
    )


def _at_least(
    benchmark: Benchmark, inside: Range, need: float, silent: Collection[object]
) -> tuple[str, str]:
    asked = f"{benchmark.share:.0%} asked"
    low, usual, high = inside.low / need, inside.value / need, inside.high / need
    if low >= benchmark.share:
        return MET, f"{low:.0%} or more of the need, {asked}"
    if silent:
        lacking = benchmark.share * need - inside.value
        return UNSAID, (
            f"{usual:.0%} stated, {asked}; lines that state no capacity, {len(silent)}, would have to "
            f"make {lacking:.0f} t/year"
        )
    if high < benchmark.share:
        return MISSED, f"{high:.0%} of the need at most by the facilities listed, {asked}"
    return UNSAID, f"{low:.0%} to {high:.0%}, by what the lines run; {asked}"


def _at_most(
    benchmark: Benchmark, share: Range | None, country: str, silent: Collection[object]
) -> tuple[str, str]:
    asked = f"{benchmark.share:.0%} allowed"
    if share is None:
        return UNSAID, "stated capacities do not cover the need"
    if silent:
        return (
            UNSAID,
            f"{share.value:.0%} from {country}, {asked}; {len(silent)} lines state no capacity",
        )
    if share.high <= benchmark.share:
        return MET, f"{share.high:.0%} from {country} at most, {asked}"
    if share.low > benchmark.share:
        return MISSED, f"{share.low:.0%} from {country} at least, {asked}"
    return UNSAID, f"{share.low:.0%} to {share.high:.0%} from {country}, {asked}"


def _from_one(
    need: float, inside: float, outside: Mapping[str, float], together: Collection[str]
) -> tuple[str, Range | None]:
    """The largest country outside and its part of the need: least, by capacity, and most.

    ``together``: names among those outside that stand for several countries. None where there is too little
    capacity anywhere to meet the need: what would be bought is not known.
    """
    single = [name for name in outside if name not in together]
    country = max(single, key=lambda name: (outside[name], name), default="")
    whole = math.fsum(outside.values())
    if inside + whole < need or not country:
        return country, None
    size = outside[country]
    imported = max(0.0, need - inside)
    least = max(0.0, imported - (whole - size)) / need
    usual = imported * size / whole / need if whole > 0 else 0.0
    return country, Range(least, usual, min(need, size) / need)


def _per_tonne(
    line: Line, network: Network, used: Collection[str], of: str, benchmark: Benchmark
) -> Range:
    """Of an element or form, per tonne of capacity, counted where it is used: over the recipes [t/t]."""
    amounts = []
    for name in line.recipes:
        recipe = network.recipes[name]
        if benchmark.counted == ELEMENT:
            part = _part(recipe, network, of, benchmark.of_form) if benchmark.of_form else 1.0
            amounts.append(
                part
                * math.fsum(
                    amount
                    * network.materials[it].content.get(of, 0.0)
                    * _kept(network, it, of, used)
                    for it, amount in recipe.outputs.items()
                )
            )
        else:
            amounts.append(
                math.fsum(
                    amount
                    for it, amount in recipe.outputs.items()
                    if network.materials[it].form == of
                )
            )
    return mean_of(amounts)


def _part(recipe: Recipe, network: Network, of: str, form: str) -> float:
    """Part of an element fed to a recipe that comes in inputs of a form."""
    fed = {
        name: amount * network.materials[name].content.get(of, 0.0)
        for name, amount in recipe.inputs.items()
    }
    whole = math.fsum(fed.values())
    own = math.fsum(it for name, it in fed.items() if network.materials[name].form == form)
    return own / whole if whole > 0 else 0.0


def _kept(network: Network, material: str, of: str, used: Collection[str]) -> float:
    """Part of an element in a material that can reach one of the used materials: of the best step between.

    1 where the material is used itself; 0 where no step leads from it to one that is used.
    """
    if material in used:
        return 1.0
    return max(
        (
            _recovery(it, network, of, used)
            for it in network.recipes.values()
            if material in it.inputs
        ),
        default=0.0,
    )


def _recovery(recipe: Recipe, network: Network, of: str, used: Collection[str]) -> float:
    """Part of an element fed to a recipe that leaves it in used materials."""

    def held(amounts: Mapping[str, float]) -> float:
        return math.fsum(
            amount * network.materials[name].content.get(of, 0.0)
            for name, amount in amounts.items()
        )

    fed = held(recipe.inputs)
    return held({it: x for it, x in recipe.outputs.items() if it in used}) / fed if fed > 0 else 0.0


def _total(
    tonnes: Mapping[tuple[str, str], float], yields: Mapping[tuple[str, str], Range]
) -> Range:
    return Range(
        math.fsum(tonnes[key] * it.low for key, it in yields.items()),
        math.fsum(tonnes[key] * it.value for key, it in yields.items()),
        math.fsum(tonnes[key] * it.high for key, it in yields.items()),
    )


def _made(
    found: Sizes, facility: str, weighting: str, plants: Mapping[str, PlantRecipe]
) -> tuple[str, dict[str, float]]:
    """Whole-plant recipe and tonnes of each product of a facility in the year.

    The recipe is "" where none is known or a line runs it itself: then what the lines put out is added up.
    """
    network, tonnes = found.network, found.of(weighting)
    lines = [it for it in network.lines.values() if it.facility == facility and it.key in tonnes]
    plant = plants.get(facility)
    if plant is not None and plant.recipe in network.recipes:
        whole = network.recipes[plant.recipe]
        for line in lines:
            per = network.recipes[line.recipes[0]].per if line.recipes else ""
            runs_it = plant.recipe in line.recipes
            if line.name == plant.line and not runs_it and per in whole.outputs:
                runs = tonnes[line.key] / whole.outputs[per]
                return whole.name, {it: runs * amount for it, amount in whole.outputs.items()}
    made: dict[str, float] = {}
    for line in lines:
        for name in line.recipes:
            for product, amount in network.recipes[name].outputs.items():
                size = tonnes[line.key] * amount / len(line.recipes)
                made[product] = made.get(product, 0.0) + size
    return "", made


def _spread(
    line: str, asked: str, date: str, bought: Mapping[str, float], priced: Mapping[str, Priced]
) -> Spread:
    currencies = {it.currency for it in priced.values()}
    masses = {it.unit.partition("/")[2] for it in priced.values()}
    if len(currencies) > 1 or not masses <= _PER_TONNE.keys():
        read = ", ".join(sorted({it.unit for it in priced.values()}))
        raise DataError(Fault(f"prices of {date}", read, "one currency, per kg or per t"))

    def cost(price: float, name: str) -> float:
        return price * _PER_TONNE[priced[name].unit.partition("/")[2]] * bought[name]

    return Spread(
        line=line,
        material=asked,
        date=date,
        needs=dict(bought),
        inside={name: cost(it.inside, name) for name, it in priced.items()},
        outside={name: cost(it.outside, name) for name, it in priced.items()},
        currency=next(iter(currencies)),
        caveats=tuple(dict.fromkeys(f"{it.product}: {it.caveat}" for it in priced.values())),
    )
