"""How concentrated each stage is: shares and Herfindahl-Hirschman indices, and imports held against them.

A share says of what it is: of output that a source reports for a year, or of capacity, announced or weighted
by evidence. What is not listed stays visible: the part of a total that no name stands for, and lines whose
capacity no source states. An index is between 0 and 1 here; times ``POINTS`` it is as authorities quote it.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ytterby.chain.capacity import (
    RUNNING,
    TO_START,
    YEAR,
    CapacityRule,
    Key,
    Standing,
    announced,
    counted_in,
    effective,
    no_start,
    not_stated,
    standings,
)
from ytterby.chain.facts import Output, Trade
from ytterby.chain.grading import Graded
from ytterby.chain.network import Line, Network, Range
from ytterby.chain.others import Remainder
from ytterby.errors import DataError, Fault

POINTS = 10_000.0
"""Of an index of 1 on the scale of competition authorities."""
WORLD = "World"
"""The entity whose figure is the total."""
COUNTRY, OWNER, FACILITY = "country", "owner", "facility"
BY: tuple[str, ...] = (COUNTRY, OWNER, FACILITY)
"""Whose shares are looked at."""
ANNOUNCED, WEIGHTED = "announced", "evidence-weighted"
PRODUCED = "mine_production"
"""The metric of output by country and year."""
QUOTA, SHARE, PERCENT = "quota", "share", "%"
LIST = 0.5
"""Part of a total that a source must list by country to say how the whole is shared."""


@dataclass(frozen=True)
class Part:
    """What one country, owner or facility has of a whole."""

    name: str
    """ISO 3166 alpha-3, the key of an owner, or of a facility."""
    amount: float
    share: float
    """0 to 1."""


@dataclass(frozen=True)
class Shares:
    """Who has how much of one thing in one year; DataError if an amount is below zero."""

    what: str
    """What the amounts are of, in words."""
    by: str
    """One of ``BY``."""
    stage: str
    material: str
    """What is counted: a material, a form, an element, or the words of the source (TREO, ...)."""
    year: int
    unit: str
    amounts: Mapping[str, float]
    """By name; only those above zero count."""
    total: float | None = None
    """Of everybody, as the source states it, or with makers who are known only together; None without."""
    source: str = ""
    """Key of the bibliography; empty where the amounts are computed from the catalogue."""
    total_source: str = ""
    """Of the total, where another source states it."""
    not_stated: tuple[str, ...] = ()
    """Facilities with a line here whose capacity no source states: they count as zero."""
    understated: tuple[str, ...] = ()
    """Those of ``by`` to whom these facilities belong: they have more than it says, and others less."""
    averaged: tuple[str, ...] = ()
    """Facilities with a line that shares its capacity among recipes: counted at the mean of the recipes."""
    note: str = ""
    """What the source says of its figures."""

    def __post_init__(self) -> None:
        where = f"shares, {self.what}, {self.year}"
        read = {**self.amounts, **({} if self.total is None else {WORLD: self.total})}
        if faults := [
            Fault(f"{where}, {name}", f"{amount}", "an amount, zero or more")
            for name, amount in read.items()
            if not (math.isfinite(amount) and amount >= 0)
        ]:
            raise DataError(faults)

    @property
    def listed(self) -> float:
        """What is listed by name."""
        return math.fsum(self.amounts.values())

    @property
    def whole(self) -> float:
        """What shares are shares of: the total, or what is listed where that is more or no total is known.

        Sources round their totals, so a list may add up to a little more.
        """
        return max(self.listed, self.total or 0.0)

    @property
    def unaccounted(self) -> float | None:
        """Part of the stated total that is not listed; below zero where the list exceeds it. None without."""
        return (self.total - self.listed) / self.total if self.total else None

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """Everyone with an amount, the largest first."""
        found = [
            Part(name, amount, amount / self.whole)
            for name, amount in self.amounts.items()
            if amount > 0
        ]
        return tuple(sorted(found, key=lambda it: (-it.amount, it.name)))

    @property
    def top(self) -> Part | None:
        """The largest; None if nobody has anything."""
        return self.parts[0] if self.parts else None

    @property
    def words(self) -> str:
        """What the shares are of, and what is missing from them."""
        of = f"{self.what}, {self.material} at {self.stage}, {self.year}, by {self.by}"
        if not self.not_stated:
            return of
        return f"{of}; {len(self.not_stated)} facilities of unstated capacity count as zero"

    @property
    def hhi(self) -> Range | None:
        """Herfindahl-Hirschman index, 0 to 1; None if nobody has anything.

        Low: what is not listed belongs to many who are each small; high: to one who is not listed; value:
        low, as the index of what is known.
        """
        if not self.parts:
            return None
        low = math.fsum(it.share**2 for it in self.parts)
        rest = max(0.0, 1.0 - math.fsum(it.share for it in self.parts))
        return Range(low, low, min(1.0, low + rest**2))


@dataclass(frozen=True)
class Concentration:
    """One stage and year as all sources that list it see it."""

    shares: tuple[Shares, ...]
    """One per source, in the order of the table."""

    @property
    def year(self) -> int:
        """That all are of."""
        return self.shares[0].year

    @property
    def hhi(self) -> Range:
        """Lowest, middle and highest index of all sources, what they do not list counted either way."""
        found = [it.hhi for it in self.shares if it.hhi is not None]
        return _spread([end for it in found for end in (it.low, it.high)])

    def share(self, name: str) -> Range | None:
        """Lowest, middle and highest share that a source gives one; None if no source lists it."""
        found = [part.share for it in self.shares for part in it.parts if part.name == name]
        return _spread(found) if found else None


@dataclass(frozen=True)
class Quota:
    """What one state allowed in a year, held against what the world made."""

    country: str
    year: int
    stage: str
    material: str
    amount: float
    unit: str
    source: str
    share: Range | None
    """Of what sources state for the world at that stage; None where none does."""


@dataclass(frozen=True)
class SupplyRisk:
    """Geopolitical supply risk of one importer in one year, after the method GeoPolRisk.

    Gemechu E. D. et al., J. Ind. Ecol. 20 (2016) 154; Santillan-Saldivar J. et al., Int. J. Life Cycle
    Assess. 27 (2022) 457: index of the world's production x sum of g f over suppliers / (own production +
    imports), g the instability of a supplier and f what comes from it. No instabilities are shipped: with
    g = 1 for everyone abroad the score is the index times the part that is imported. Production is counted in
    oxide, trade in gross tonnes of unlike goods; a country of transit counts as the supplier.
    """

    importer: str
    """ISO 3166 alpha-3, or the name of a group of countries."""
    year: int
    hhi: Range
    """Of production by country."""
    imports: Mapping[str, float]
    """From outside the importer, by supplier, the largest first [t]."""
    domestic: float
    """Own production [t]."""
    instability: Mapping[str, float]
    """By supplier as the caller says, 0 to 1; 1 for those not named."""

    @property
    def imported(self) -> float:
        """From everyone [t]."""
        return math.fsum(self.imports.values())

    @property
    def largest(self) -> Part | None:
        """The largest supplier and its part of all imports; None without imports."""
        name = next(iter(self.imports), None)
        if name is None:
            return None
        return Part(name, self.imports[name], self.imports[name] / self.imported)

    @property
    def supplier_hhi(self) -> float | None:
        """Index of the imports by supplier, 0 to 1; None without imports."""
        return hhi(self.imports.values()) if self.imported > 0 else None

    @property
    def reliance(self) -> float | None:
        """Imports weighted by instability, over imports and own production; None with neither."""
        return self._weighted(self.imported + self.domestic)

    @property
    def score(self) -> Range | None:
        """The index times the reliance, 0 to 1; None with neither imports nor production."""
        return None if self.reliance is None else self.hhi.times(self.reliance)

    @property
    def score_of_imports(self) -> Range | None:
        """The same with own production left out, as where it leaves the country to be processed."""
        weighted = self._weighted(self.imported)
        return None if weighted is None else self.hhi.times(weighted)

    def _weighted(self, whole: float) -> float | None:
        if whole <= 0:
            return None
        return (
            math.fsum(self.instability.get(name, 1.0) * it for name, it in self.imports.items())
            / whole
        )


@dataclass(frozen=True)
class Sizes:
    """What each line can make in one year [t/year], in what its recipes are counted per."""

    network: Network
    year: int
    announced: Mapping[Key, float]
    weighted: Mapping[Key, float]
    """By evidence, with late starts and ramps."""
    not_stated: frozenset[Key]
    """Lines that may run in the year, are believed at all, and whose capacity no source states."""
    no_start: frozenset[Key] = frozenset()
    """Lines for which no start was announced and which are not said to run: they count as zero."""
    of_makers: frozenset[str] = frozenset()
    """Facilities that stand for several makers who are not known one by one."""
    of_countries: frozenset[str] = frozenset()
    """Those of them whose makers are in several countries."""

    def of(self, weighting: str) -> Mapping[Key, float]:
        """By one of ``ANNOUNCED``, ``WEIGHTED``."""
        return self.weighted if weighting == WEIGHTED else self.announced

    def without(self, facilities: Collection[str]) -> Sizes:
        """The same with some facilities left out."""

        def kept(tonnes: Mapping[Key, float]) -> dict[Key, float]:
            return {key: it for key, it in tonnes.items() if key[0] not in facilities}

        def others(keys: Collection[Key]) -> frozenset[Key]:
            return frozenset(key for key in keys if key[0] not in facilities)

        return Sizes(
            self.network,
            self.year,
            kept(self.announced),
            kept(self.weighted),
            others(self.not_stated),
            others(self.no_start),
            self.of_makers,
            self.of_countries,
        )

    def named(self, facility: str, by: str) -> bool:
        """Whether a facility is of one country, of one owner, or one facility, as ``by`` asks."""
        return facility not in (self.of_countries if by == COUNTRY else self.of_makers)


def hhi(amounts: Iterable[float]) -> float:
    """Herfindahl-Hirschman index of amounts >= 0, from 1 over their number to 1; DataError without any."""
    amounts = tuple(amounts)
    whole = math.fsum(amounts)
    if not (math.isfinite(whole) and whole > 0 and min(amounts) >= 0):
        raise DataError(Fault("index", f"{list(amounts)}", "amounts, zero or more, one above it"))
    return math.fsum((it / whole) ** 2 for it in amounts)


def produced(
    outputs: Iterable[Output], metric: str = PRODUCED, covers: float = LIST
) -> tuple[Concentration, ...]:
    """Shares by country of one metric, year by year, each source for itself.

    Without a total of its own a source is held against that of another one for the same year; figures in
    per cent are held against 100. A source that lists less than ``covers`` of the total reports some
    countries, not how the whole is shared, and is passed over; so is one without any total. Rows without a
    country (`Other`, groups) are part of what is not listed; years are those with four digits.
    """
    groups: dict[tuple[int, str, str, str], list[Output]] = {}
    for it in outputs:
        if it.metric == metric and it.value is not None and it.period.isdecimal():
            groups.setdefault((int(it.period), it.stage, it.scope, it.unit), []).append(it)
    found = []
    for (year, stage, scope, unit), rows in groups.items():
        shares = _by_source(
            rows, f"{metric.replace('_', ' ')} as reported", year, stage, scope, unit
        )
        if kept := tuple(it for it in shares if it.total and it.listed >= covers * it.total):
            found.append(Concentration(kept))
    return tuple(sorted(found, key=lambda it: (it.shares[0].stage, it.shares[0].material, it.year)))


def quotas(outputs: Iterable[Output]) -> tuple[Quota, ...]:
    """Every quota of a country for a whole year, against the world's output of that stage and year."""
    outputs = tuple(outputs)
    totals: dict[tuple[str, str, str, str], list[float]] = {}
    for it in outputs:
        if (it.entity, it.metric) == (WORLD, PRODUCED) and it.value:
            totals.setdefault((it.period, it.stage, it.scope, it.unit), []).append(it.value)
    return tuple(
        Quota(
            country=it.country,
            year=int(it.period),
            stage=it.stage,
            material=it.scope,
            amount=it.value,
            unit=it.unit,
            source=it.cited.source,
            share=_spread([it.value / whole for whole in world]) if world else None,
        )
        for it in outputs
        if it.metric == QUOTA and it.value is not None and it.period.isdecimal()
        for world in [totals.get((it.period, it.stage, it.scope, it.unit), [])]
    )


def sizes(
    network: Network,
    grades: Mapping[Key, Graded],
    rule: CapacityRule,
    years: Sequence[int],
    remainders: Iterable[Remainder] = (),
) -> tuple[Sizes, ...]:
    """What each line can make in each year, announced and weighted by evidence.

    ``remainders`` whose makers the network holds: a line of unstated capacity that is among the makers of one
    country is counted with them, and nothing of it is missing.
    """
    if not years:
        return ()
    first, count = min(years) * YEAR, (max(years) - min(years) + 1) * YEAR
    said = announced(network, first, count, rule)
    weighed = effective(network, grades, first, count, rule)
    known = standings(network, grades, rule)
    remainders = [it for it in remainders if it.total.facility in network.facilities]
    among = {key for it in remainders if not it.total.besides for key in it.unstated}
    makers = frozenset(it.total.facility for it in remainders)
    countries = frozenset(it.total.facility for it in remainders if it.total.besides)
    silent = [
        it for it in not_stated(network.lines.values()) if it not in among and _believed(known[it])
    ]
    never = frozenset(no_start(network, rule))
    found = []
    for year in years:
        window = slice(year * YEAR - first, (year + 1) * YEAR - first)
        found.append(
            Sizes(
                network,
                year,
                {key: math.fsum(it[window]) for key, it in said.items()},
                {key: math.fsum(it[window]) for key, it in weighed.items()},
                frozenset(key for key in silent if _may_run(network.lines[key], year)),
                never,
                makers,
                countries,
            )
        )
    return tuple(found)


def capacity_shares(found: Sizes) -> tuple[Shares, ...]:
    """Shares of the capacity of each stage, announced and weighted, by country, owner and facility.

    Counted in the material of the recipes, or in the form of it where lines share capacity among
    materials. Lines that no recipe describes are left out: their tonnes may be of unlike things. What several
    makers have together is in the total and, where they differ in what is asked, in no name's amount.
    """
    groups: dict[tuple[str, str], list[Line]] = {}
    for key, material in counted_in(found.network).items():
        if material and key in found.announced:
            line = found.network.lines[key]
            groups.setdefault((line.stage, material), []).append(line)
    return tuple(
        Shares(
            what=f"{weighting} capacity",
            by=by,
            stage=stage,
            material=material,
            year=found.year,
            unit="t",
            amounts=_summed(lines, found, by, found.of(weighting)),
            total=_whole(lines, found, by, found.of(weighting)),
            not_stated=_silent(lines, found, FACILITY),
            understated=_silent(lines, found, by),
        )
        for (stage, material), lines in groups.items()
        for weighting in (ANNOUNCED, WEIGHTED)
        for by in BY
    )


def element_shares(found: Sizes, by: str = COUNTRY) -> tuple[Shares, ...]:
    """Shares of what the capacity of each stage puts out of each element, announced and weighted.

    A line that shares its capacity among recipes counts with the mean of them, and is named.
    """
    network = found.network
    groups: dict[str, list[Line]] = {}
    for key in found.announced:
        if network.lines[key].recipes:
            groups.setdefault(network.lines[key].stage, []).append(network.lines[key])
    made = []
    for stage, lines in groups.items():
        masses = {line.key: element_yields(line, network) for line in lines}
        for symbol in network.elements:
            yields = {line.key: masses[line.key].get(symbol) for line in lines}
            holding = [line for line in lines if yields[line.key] is not None]
            for weighting in (ANNOUNCED, WEIGHTED) if holding else ():
                tonnes = {
                    line.key: found.of(weighting)[line.key] * it.value
                    for line in holding
                    if (it := yields[line.key]) is not None
                }
                made.append(
                    Shares(
                        what=f"{symbol} in {weighting} capacity",
                        by=by,
                        stage=stage,
                        material=symbol,
                        year=found.year,
                        unit="t",
                        amounts=_summed(holding, found, by, tonnes),
                        total=_whole(holding, found, by, tonnes),
                        not_stated=_silent(holding, found, FACILITY),
                        understated=_silent(holding, found, by),
                        averaged=tuple(
                            dict.fromkeys(
                                line.facility
                                for line in holding
                                if len(line.recipes) > 1 and tonnes[line.key] > 0
                            )
                        ),
                    )
                )
    return tuple(made)


def element_yields(line: Line, network: Network) -> dict[str, Range]:
    """Mass of each element put out per tonne of capacity: least, mean and most of the recipes [t/t]."""
    put_out = []
    for name in line.recipes:
        masses: dict[str, float] = {}
        for material, amount in network.recipes[name].outputs.items():
            for symbol, share in network.materials[material].content.items():
                masses[symbol] = masses.get(symbol, 0.0) + amount * share
        put_out.append(masses)
    symbols = dict.fromkeys(symbol for masses in put_out for symbol in masses)
    return {symbol: mean_of([it.get(symbol, 0.0) for it in put_out]) for symbol in symbols}


def mean_of(figures: Sequence[float]) -> Range:
    """Least, mean and most of one or more figures."""
    return Range(min(figures), math.fsum(figures) / len(figures), max(figures))


def supply_risks(
    trade: Iterable[Trade],
    production: Iterable[Concentration],
    importers: Mapping[str, Collection[str]],
    instability: Mapping[str, float] | None = None,
) -> tuple[SupplyRisk, ...]:
    """The supply risk of each importer in each year that trade and production share.

    ``importers``: countries of each, one or a group, whose trade among themselves is no import.
    ``instability`` g of suppliers, 0 to 1; everyone not named counts as 1, so that without any the score is
    the index of production times the part that is imported. DataError if a value is outside 0 to 1, or
    if production holds two lists of one year.
    """
    instability = dict(instability or {})
    if faults := [
        Fault(f"instability of {name}", f"{it}", "0 to 1")
        for name, it in instability.items()
        if not 0 <= it <= 1
    ]:
        raise DataError(faults)
    known: dict[int, Concentration] = {}
    for it in production:
        if it.year in known:
            read = f"{it.shares[0].material} and {known[it.year].shares[0].material}"
            raise DataError(Fault(f"production, {it.year}", read, "one list a year"))
        known[it.year] = it
    flows: dict[tuple[str, int], dict[str, float]] = {}
    for row in trade:
        for name, inside in importers.items():
            if row.importer in inside and row.exporter not in inside:
                suppliers = flows.setdefault((name, row.year), {})
                suppliers[row.exporter] = suppliers.get(row.exporter, 0.0) + row.tonnes
    return tuple(
        SupplyRisk(
            importer=name,
            year=year,
            hhi=known[year].hhi,
            imports=dict(sorted(flows[name, year].items(), key=lambda it: (-it[1], it[0]))),
            domestic=_middle(known[year], inside),
            instability=instability,
        )
        for name, inside in importers.items()
        for year in sorted(known)
        if (name, year) in flows
    )


def _middle(concentration: Concentration, countries: Collection[str]) -> float:
    """What countries make together, in the middle of the lowest and the highest source."""
    made = [
        math.fsum(it for name, it in shares.amounts.items() if name in countries)
        for shares in concentration.shares
    ]
    return _spread(made).value


def _spread(figures: Sequence[float]) -> Range:
    """Lowest, middle of lowest and highest, highest."""
    low, high = min(figures), max(figures)
    return Range(low, (low + high) / 2, high)


def _by_source(
    rows: Sequence[Output], what: str, year: int, stage: str, scope: str, unit: str
) -> Iterable[Shares]:
    """One list of countries per source, in the order of the rows."""
    totals = {it.cited.source: it.value for it in rows if it.entity == WORLD}
    for source in dict.fromkeys(it.cited.source for it in rows):
        own = [it for it in rows if it.cited.source == source]
        other = next(iter(totals), "")
        named = "" if source in totals or unit == PERCENT else other
        yield Shares(
            what=what,
            by=COUNTRY,
            stage=stage,
            material=scope,
            year=year,
            unit=unit,
            amounts={it.country: it.value for it in own if it.country and it.value is not None},
            total=100.0 if unit == PERCENT else totals.get(source, totals.get(other)),
            source=source,
            total_source=named,
            note="; ".join(dict.fromkeys(it.cited.note for it in own if it.cited.note)),
        )


def _believed(standing: Standing) -> bool:
    """Whether a capacity of it would count."""
    return standing.weight > 0 and standing.state in (RUNNING, TO_START)


def _may_run(line: Line, year: int) -> bool:
    """Whether a line, as announced, runs in part of a year at least."""
    began = line.starts is None or line.starts < (year + 1) * YEAR
    return began and (line.ends is None or line.ends > year * YEAR)


def _summed(
    lines: Iterable[Line], found: Sizes, by: str, tonnes: Mapping[Key, float]
) -> dict[str, float]:
    """Tonnes by country, owner or facility of the lines, as far as they have a name."""
    summed: dict[str, float] = {}
    for line in lines:
        if not found.named(line.facility, by):
            continue
        name = _name(line, found, by)
        summed[name] = summed.get(name, 0.0) + tonnes[line.key]
    return summed


def _whole(
    lines: Sequence[Line], found: Sizes, by: str, tonnes: Mapping[Key, float]
) -> float | None:
    """Tonnes of all lines, with those that have no name; None if all have one."""
    if all(found.named(it.facility, by) for it in lines):
        return None
    return math.fsum(tonnes[it.key] for it in lines)


def _silent(lines: Iterable[Line], found: Sizes, by: str) -> tuple[str, ...]:
    """Countries, owners or facilities of those lines whose capacity no source states."""
    return tuple(dict.fromkeys(_name(it, found, by) for it in lines if it.key in found.not_stated))


def _name(line: Line, found: Sizes, by: str) -> str:
    facility = found.network.facilities[line.facility]
    return {COUNTRY: facility.country, OWNER: facility.owner_key, FACILITY: facility.name}[by]
