"""How concentrated each stage is, and who is exposed to whom: tables, figures and sheets."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ytterby.chain.shares import (
    BY,
    COUNTRY,
    FACILITY,
    OWNER,
    POINTS,
    WEIGHTED,
    Concentration,
    Part,
    Shares,
)
from ytterby.report import chain_exposure, chain_exposure_sheets
from ytterby.report.chain_share_drawing import Stack, stacks_drawing
from ytterby.report.chain_words import (
    HHI,
    RESTING,
    between,
    counted_with,
    keys_of,
    percents,
    points,
    resting_on,
    rounded,
    stages_in_order,
)
from ytterby.report.figures import Figure, Panel, Series
from ytterby.report.fragments import Fragment, figure_fragment, under
from ytterby.report.tables import Table, number
from ytterby.report.workbook import Cell, Sheet, resting, source_sheet
from ytterby.study.chain import OTHERS, ShareStudy

FEW = 5
"""Countries of a table on a terminal, and lines of a figure."""
LATEST = 3
"""Years of a table on a terminal."""
INDEX = "HHI: sum of the squares of all shares; low: what no name stands for belongs to many, high: to one"


def fragments(study: ShareStudy, short: bool = False) -> list[Fragment]:
    """Shares, quotas, dependence, promises, benchmarks, what is at risk, prices, what is left over.

    ``short``: what fits a terminal: largest countries, latest years, the year that benchmarks are due.
    """
    listed = _keys((it.source, it.total_source) for it in _listed(study.produced))
    stated = _keys((it.source,) for it in _listed(study.stated))
    lines = study.plan.network.lines.values()
    sizes = keys_of(*(it.cited for it in lines if it.capacity))
    return [
        *under("What is produced", _produced(study, short), listed),
        *under(
            "Shares as sources state them",
            [Fragment("Shares as stated", (stated_table(study),), caption=STATED)],
            stated,
        ),
        *under("Capacity by stage", _capacity(study, short), sizes),
        *under("Capacity by element", [_elements(study, short)], sizes),
        *under(
            "Quotas", [Fragment("Quotas by year", (quota_table(study, short),))], _quota_keys(study)
        ),
        *chain_exposure.fragments(study, short),
        *([] if short else under("What it rests on", _basis(study), study.sources)),
    ]


STATED = (
    "Per cent as the source states them, projections among them, for materials in its own words; years and "
    "stages are not made alike, so they stand beside the shares that are computed here, not in them."
)


def _listed(found: Iterable[Concentration]) -> list[Shares]:
    return [it for each in found for it in each.shares]


def _keys(named: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """Keys of the bibliography, each once, in its order."""
    return tuple(sorted({key for keys in named for key in keys if key}, key=str.casefold))


# What is produced


def _produced(study: ShareStudy, short: bool) -> list[Fragment]:
    """For each stage and material that sources list: shares, amounts, figure."""
    groups: dict[tuple[str, str, str], list[Concentration]] = {}
    for it in study.produced:
        one = it.shares[0]
        groups.setdefault((one.stage, one.material, one.unit), []).append(it)
    pieces = []
    for (stage, material, unit), found in groups.items():
        what = f"{material} at {stage}"
        shown = found[-LATEST:] if short else found
        tables = [production_table(shown, what, unit, short)]
        if not short:
            tables += [amount_table(shown, what, unit), note_table(shown, what)]
        pieces.append(Fragment(what[0].upper() + what[1:], tuple(tables), caption=PRODUCED))
        if len(found) > 1:
            pieces.append(
                figure_fragment(f"{what} through the years", _produced_figure(found, what))
            )
    return pieces


PRODUCED = (
    "Every source for itself, none is blended: they differ in totals, in how they estimate and in the "
    "countries that they name. What a total holds beyond the countries listed is not given to anybody; below "
    "zero, the list exceeds the rounded total, and shares are of what is listed."
)


def countries_of(found: Iterable[Concentration]) -> list[str]:
    """Every country listed, the one with the largest share in any source first."""
    largest: dict[str, float] = {}
    for it in _listed(found):
        for part in it.parts:
            largest[part.name] = max(largest.get(part.name, 0.0), part.share)
    return sorted(largest, key=lambda it: (-largest[it], it))


def production_table(
    found: Sequence[Concentration], what: str, unit: str, short: bool = False
) -> Table:
    """Shares of countries by year and source, with the index and what is not listed."""
    names = countries_of(found)[: FEW if short else None]
    rows = []
    for it in _listed(found):
        shares = {part.name: percents(part.share) for part in it.parts}
        rows.append(
            (
                str(it.year),
                it.source,
                "" if it.total is None else number(it.total),
                "" if it.unaccounted is None else percents(it.unaccounted),
                *_largest(it),
                between(it.hhi, points),
                *(shares.get(name, "") for name in names),
            )
        )
    header = (
        "year",
        "source",
        "total",
        "not listed",
        "largest",
        "its share",
        "HHI",
    )
    units = ("", "", unit, "% of the total", "", "%", HHI, *("%" for _ in names))
    note = (
        f"as reported, estimates of the sources among them; empty: the source lists none. {INDEX}"
    )
    return Table(f"Shares of {what}", (*header, *names), tuple(rows), note, units)


def amount_table(found: Sequence[Concentration], what: str, unit: str) -> Table:
    """Amounts of countries by year and source."""
    names = countries_of(found)
    rows = tuple(
        (
            str(it.year),
            it.source,
            "" if it.total is None else number(it.total),
            it.total_source or it.source,
            number(it.listed),
            *(number(it.amounts[name]) if it.amounts.get(name) else "" for name in names),
        )
        for it in _listed(found)
    )
    header = ("year", "source", "total", "total from", "listed", *names)
    units = ("", "", unit, "", unit, *(unit for _ in names))
    return Table(f"Amounts of {what}", header, rows, "as reported", units)


def note_table(found: Sequence[Concentration], what: str) -> Table:
    """What sources say of their figures."""
    rows = tuple((str(it.year), it.source, it.note) for it in _listed(found) if it.note)
    note = "" if rows else "no source says anything"
    return Table(f"Notes on {what}", ("year", "source", "note"), rows, note)


def _produced_figure(found: Sequence[Concentration], what: str) -> Figure:
    """Middle shares of the largest countries, and both ends of the index, over the years."""
    lines = []
    for name in countries_of(found)[:FEW]:
        shares = (it.share(name) for it in found)
        values = tuple(math.nan if it is None else 100 * it.value for it in shares)
        lines.append(Series(name, values))
    index = tuple(
        Series(end, tuple(POINTS * getattr(it.hhi, end) for it in found)) for end in ("low", "high")
    )
    return Figure(
        name="chain-produced",
        title=f"{what} through the years",
        x_label="year",
        x=tuple(float(it.year) for it in found),
        panels=(Panel("share, %", tuple(lines)), Panel(f"HHI, {HHI}", index)),
        bands=(),
        caption=(
            "Shares: the middle of the lowest and the highest that a source gives; a gap where none lists "
            "the country. HHI: the lowest and the highest of all sources."
        ),
        sources=_keys((it.source, it.total_source) for it in _listed(found)),
    )


def _largest(it: Shares, called: Callable[[str], str] = str) -> tuple[str, str]:
    """Cells of the largest and its share; empty if nobody has anything."""
    return ("", "") if it.top is None else (called(it.top.name), percents(it.top.share))


# Shares as stated, quotas


def stated_table(study: ShareStudy) -> Table:
    """Shares by stage, material and year in the words of the sources."""
    rows = tuple(
        (
            it.stage.replace("_", " "),
            it.material,
            str(it.year),
            "; ".join(f"{part.name} {number(part.amount)}" for part in it.parts),
            "" if it.unaccounted is None else percents(it.unaccounted),
            between(it.hhi, points),
            it.source,
            it.note,
        )
        for it in _listed(study.stated)
    )
    header = (
        "stage",
        "of",
        "year",
        "shares",
        "not listed",
        "HHI",
        "source",
        "note",
    )
    units = ("", "", "", "%", "%", HHI, "", "")
    return Table("Shares as stated", header, rows, f"as stated. {INDEX}", units)


def quota_table(study: ShareStudy, short: bool = False) -> Table:
    """What states allowed in a year, and its part of what the world made at that stage."""
    years = sorted({it.year for it in study.quotas})[-LATEST if short else None :]
    rows = tuple(
        (
            it.country,
            str(it.year),
            it.stage,
            it.material,
            number(it.amount),
            it.unit,
            between(it.share, percents),
            it.source,
        )
        for it in study.quotas
        if it.year in years
    )
    header = (
        *("country", "year", "stage", "of", "quota", "counted in"),
        *("of the world's", "source"),
    )
    units = ("", "", "", "", "", "", "%", "")
    note = (
        "as read; of the world's output by the sources of that stage and year; empty: no source states one"
        if rows
        else "no quota is known"
    )
    return Table("Quotas", header, rows, note, units)


def _quota_keys(study: ShareStudy) -> tuple[str, ...]:
    return _keys((it.source,) for it in study.quotas)


# Capacity


@dataclass(frozen=True)
class Pair:
    """One stage, material and year: as announced and weighted by evidence."""

    announced: Shares
    weighted: Shares


def pairs(found: Iterable[Shares], by: str, stages: Sequence[str]) -> list[Pair]:
    """Both weightings beside each other, along the chain, then by material and year."""
    groups: dict[tuple[str, str, int], dict[bool, Shares]] = {}
    for it in found:
        if it.by == by:
            group = groups.setdefault((it.stage, it.material, it.year), {})
            group[WEIGHTED in it.what] = it
    order = {stage: place for place, stage in enumerate(stages)}
    materials = list(dict.fromkeys(material for _, material, _ in groups))
    keys = sorted(groups, key=lambda it: (order[it[0]], materials.index(it[1]), it[2]))
    return [Pair(groups[key][False], groups[key][True]) for key in keys]


def names_of(study: ShareStudy, by: str) -> Callable[[str], str]:
    """How countries, owners or facilities are called in tables."""
    places = study.plan.network.facilities
    titles = {it.owner_key: it.owner.partition(" (")[0] for it in reversed(list(places.values()))}
    if by == FACILITY:
        titles = {name: it.title for name, it in places.items()}
    return lambda name: name if by == COUNTRY else titles.get(name, name)


def _capacity(study: ShareStudy, short: bool) -> list[Fragment]:
    tables = [concentration_table(study, by) for by in BY[: 1 if short else None]]
    if not short:
        tables += [index_table(_pairs(study, by), f"HHI by {by}, year by year") for by in BY]
    caption = _capacity_in_words(study)
    pieces = [Fragment("Concentration of capacity", tuple(tables), caption=caption)]
    drawn = [it for it in _pairs(study, COUNTRY) if it.announced.year == study.year]
    stacks = [
        Stack(
            f"{it.announced.stage}: {it.announced.material}",
            tuple(
                (words, one)
                for words, one in (("announced", it.announced), ("weighted", it.weighted))
            ),
        )
        for it in drawn
        if it.announced.parts
    ]
    if stacks:
        drawing = stacks_drawing("chain-shares", f"Capacity by country, {study.year}", stacks)
        pieces.append(
            Fragment(f"Capacity by country in {study.year}", figure=drawing, caption=DRAWN)
        )
    if not short:
        pieces += [
            Fragment(f"Capacity by {by}, year by year", (part_table(study, by),)) for by in BY
        ]
    return [*pieces, Fragment("Capacity not stated", (unstated_table(study),))]


DRAWN = (
    "Each bar is the whole capacity of a stage, parted by country, the largest first: above as announced, "
    "below weighted by evidence. Grey: countries with little of all bars; dashed: makers of whom only a "
    "total is known. XXX: no country is announced. Pointing at a part tells its name. What states no "
    "capacity is not in it."
)


def _pairs(study: ShareStudy, by: str) -> list[Pair]:
    return pairs(study.capacity, by, stages_in_order(study.plan.network))


def _capacity_in_words(study: ShareStudy) -> str:
    """What capacities are counted, in sentences."""
    way = (
        "makers that are known only together stand in it with what totals of countries leave for them"
        if study.plan.unstated == OTHERS
        else "capacities that no source states count as zero, whatever the plan takes them for"
    )
    return (
        "Capacity in a year, in what the recipes of the lines are counted per: as announced, with announced "
        "starts; and weighted by the grade of evidence, with slipped starts and ramps. Lines that no recipe "
        f"describes are left out; {way}.\nShares of stated capacity, not of output: a plant that does not "
        "run counts as far as its evidence goes, and a line of unstated capacity not at all, so that its "
        "country has more than stands here."
    )


def concentration_table(study: ShareStudy, by: str) -> Table:
    """Who has most of each stage in the year looked at, and the index, announced and weighted by evidence."""
    called = names_of(study, by)
    rows = tuple(
        (
            it.stage,
            it.material,
            _weighting(it),
            rounded(it.whole),
            *_largest(it, called),
            percents(it.unaccounted) if it.unaccounted else "",
            between(it.hhi, points),
            str(len(it.not_stated)),
        )
        for pair in _pairs(study, by)
        if _is_told(pair, study.year)
        for it in (pair.announced, pair.weighted)
    )
    header = (
        *("stage", "counted in", "as", "capacity", "largest", "its share", "no name", "HHI"),
        "not stated",
    )
    units = ("", "", "", "t/y", "", "%", "%", HHI, "facilities")
    note = (
        f"computed from capacities as stated. No name: of makers who are known only together. {INDEX}; not "
        "stated: facilities that count as zero"
    )
    return Table(f"Concentration by {by}, {study.year}", header, rows, note, units)


def index_table(found: Sequence[Pair], title: str) -> Table:
    """The index of each stage through the years planned, announced and weighted by evidence."""
    years = sorted({it.announced.year for it in found})
    index: dict[tuple[str, str, str], dict[int, str]] = {}
    for it in (it for pair in found for it in (pair.announced, pair.weighted)):
        said = index.setdefault((it.stage, counted_with(it.material), _weighting(it)), {})
        said[it.year] = between(it.hhi, points)
    rows = tuple((*key, *(said.get(year, "") for year in years)) for key, said in index.items())
    header = ("stage", "counted in", "as", *map(str, years))
    units = ("", "", "", *(HHI for _ in years))
    return Table(title, header, rows, "computed; empty: no capacity is stated", units)


def _weighting(it: Shares) -> str:
    return "weighted" if WEIGHTED in it.what else "announced"


def _is_told(pair: Pair, year: int) -> bool:
    """Whether it is of the year looked at, and somebody has something."""
    return pair.announced.year == year and bool(pair.announced.parts)


def part_table(study: ShareStudy, by: str) -> Table:
    """Everyone's share of each stage through the years planned, announced and weighted."""
    called, found = names_of(study, by), _pairs(study, by)
    years = sorted({it.announced.year for it in found})
    shares: dict[tuple[str, str, str], dict[tuple[int, int], Part]] = {}
    for pair in found:
        for place, it in enumerate((pair.announced, pair.weighted)):
            for part in it.parts:
                key = (it.stage, it.material, part.name)
                shares.setdefault(key, {})[it.year, place] = part
    columns = [(year, place) for place in (0, 1) for year in years]
    rows = tuple(
        (
            called(name),
            stage,
            material,
            *(percents(parts[it].share) if it in parts else "" for it in columns),
        )
        for (stage, material, name), parts in shares.items()
    )
    header = (
        *(by, "stage", "counted in"),
        *(f"{year} {('announced', 'weighted')[place]}" for year, place in columns),
    )
    units = ("", "", "", *("%" for _ in columns))
    note = "of stated capacity, computed; empty: none in that year"
    return Table(f"Shares by {by}", header, rows, note, units)


def unstated_table(study: ShareStudy) -> Table:
    """Facilities that may run in the year looked at and whose capacity no source states."""
    places = study.plan.network.facilities
    rows = tuple(
        (it.stage, it.material, _named(study, it.not_stated), ", ".join(owners))
        for pair in _pairs(study, FACILITY)
        for it in [pair.weighted]
        if it.year == study.year and it.not_stated
        for owners in [dict.fromkeys(places[name].country for name in it.not_stated)]
    )
    note = "they count as zero" if rows else f"every line that may run in {study.year} states one"
    header = ("stage", "counted in", "facilities", "countries with more than it says")
    return Table(f"Capacity not stated, {study.year}", header, rows, note)


def _named(study: ShareStudy, facilities: Iterable[str]) -> str:
    return "; ".join(map(names_of(study, FACILITY), facilities))


# Elements


def _elements(study: ShareStudy, short: bool) -> Fragment:
    caption = (
        "Of every element, as metal, what the stated capacity of each stage would put out. A line that "
        "shares its capacity among recipes counts with their mean, which is no plan of anybody: where such "
        "lines are many, the shares are those of the capacity, not of the element."
    )
    tables = [element_table(study, short)]
    if not short:
        tables.append(
            index_table(_element_pairs(study), "HHI of elements by country, year by year")
        )
    return Fragment("Elements by country", tuple(tables), caption=caption)


def element_table(study: ShareStudy, short: bool = False) -> Table:
    """Who has most of each element at each stage in the year looked at; ``short``: weighted only."""
    rows = tuple(
        (
            it.stage,
            counted_with(it.material),
            _weighting(it),
            rounded(it.whole),
            *_largest(it),
            between(it.hhi, points),
            str(len(it.averaged)),
            str(len(it.not_stated)),
        )
        for pair in _element_pairs(study)
        if _is_told(pair, study.year)
        for it in (pair.announced, pair.weighted)[1 if short else 0 :]
    )
    header = (
        *("stage", "element", "as", "put out", "largest", "its share", "HHI", "at the mean"),
        "not stated",
    )
    units = ("", "", "", "t/y as metal", "", "%", HHI, "facilities", "facilities")
    note = f"computed. At the mean: facilities whose lines share capacity among recipes. {INDEX}"
    return Table(f"Elements by country, {study.year}", header, rows, note, units)


def _element_pairs(study: ShareStudy) -> list[Pair]:
    return pairs(study.elements, COUNTRY, stages_in_order(study.plan.network))


# What it rests on


def _basis(study: ShareStudy) -> list[Fragment]:
    return [
        Fragment("Benchmarks, contracts, demands, prices, values, stops", (basis_table(study),)),
        Fragment("Capacities", (line_table(study),)),
    ]


def basis_table(study: ShareStudy) -> Table:
    """What benchmarks, contracts, demands, prices, values and stops rest on."""
    rows = tuple((what, of, *resting_on(cited)) for what, of, cited in chain_exposure.rests(study))
    return Table("Basis", ("what", "of", *RESTING), rows)


def line_table(study: ShareStudy) -> Table:
    """Stated capacities of lines with recipes, and what they rest on."""
    called = names_of(study, FACILITY)
    rows = tuple(
        (
            called(it.facility),
            it.name,
            it.stage,
            number(it.capacity.low),
            number(it.capacity.value),
            number(it.capacity.high),
            *resting_on(it.cited),
        )
        for it in study.plan.network.lines.values()
        if it.capacity
    )
    header = ("facility", "line", "stage", "low", "capacity", "high", *RESTING)
    units = ("", "", "", "t/y", "t/y", "t/y", "", "", "", "")
    return Table("Capacities as stated", header, rows, units=units)


# Sheets


def sheets(study: ShareStudy) -> Iterable[Sheet]:
    """Numbers in full: shares as reported, stated and of capacity, quotas, exposure, basis, sources."""
    capacity = [it for by in (COUNTRY, OWNER, FACILITY) for it in study.capacity if it.by == by]
    return [
        _share_sheet("produced", _listed(study.produced)),
        _share_sheet("stated", _listed(study.stated)),
        _index_sheet(
            "concentration", [*_listed(study.produced), *_listed(study.stated), *capacity]
        ),
        _share_sheet("capacity", capacity),
        _share_sheet("elements", study.elements),
        _index_sheet("concentration of elements", study.elements),
        _quota_sheet(study),
        *chain_exposure_sheets.sheets(study),
        source_sheet(resting("shares and exposure", study.sources)),
    ]


def _share_sheet(title: str, found: Iterable[Shares]) -> Sheet:
    rows: list[tuple[Cell, ...]] = []
    for it in found:
        for part in it.parts:
            cells = (it.what, it.stage, it.material, it.year, it.by, part.name)
            rows.append((*cells, part.amount, it.unit, part.share, it.source, it.note))
    header = (
        *("of", "stage", "counted in", "year", "by", "name", "amount", "unit", "share"),
        *("source", "note"),
    )
    units = ("", "", "", "", "", "", "in the unit beside", "", "fraction", "", "")
    return Sheet(title, header, units, tuple(rows))


def _index_sheet(title: str, found: Iterable[Shares]) -> Sheet:
    rows: list[tuple[Cell, ...]] = []
    for it in found:
        index = (None, None) if it.hhi is None else (it.hhi.low, it.hhi.high)
        rows.append(
            (
                *(it.what, it.stage, it.material, it.year, it.by, it.listed, it.total, it.unit),
                *(it.unaccounted, it.top and it.top.name, it.top and it.top.share, *index),
                *(it.source, it.total_source, ", ".join(it.not_stated), ", ".join(it.averaged)),
            )
        )
    header = (
        *("of", "stage", "counted in", "year", "by", "listed", "total", "unit", "not listed"),
        *("largest", "its share", "HHI low", "HHI high", "source", "total from", "not stated"),
        "at the mean of recipes",
    )
    beside = "in the unit beside"
    units = (
        *("", "", "", "", "", beside, beside, "", "fraction", "", "fraction", "0 to 1", "0 to 1"),
        *("", "", "", ""),
    )
    return Sheet(title, header, units, tuple(rows))


def _quota_sheet(study: ShareStudy) -> Sheet:
    rows: list[tuple[Cell, ...]] = []
    for it in study.quotas:
        ends = (None, None) if it.share is None else (it.share.low, it.share.high)
        cells = (it.country, it.year, it.stage, it.material, it.amount, it.unit, *ends, it.source)
        rows.append(cells)
    header = (
        *("country", "year", "stage", "of", "quota", "unit", "least of the world's"),
        *("most of the world's", "source"),
    )
    units = ("", "", "", "", "in the unit beside", "", "fraction", "fraction", "")
    return Sheet("quotas", header, units, tuple(rows))
