"""Makers of whom only what they make together is known: a total less what single makers are known to make.

Most lines state no capacity, while for many countries and stages a source says what is made in all. What the
total leaves beyond the listed lines stands as one facility in a country, so that a plan is neither starved
of what is plainly made nor free to take any amount from a maker of unknown size. Listed lines without a
stated capacity are among these makers; nothing is split between them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from ytterby.chain.capacity import RUNNING, Standing, shipped_rule, standings
from ytterby.chain.contents import combined, place_of, rest, treo_of, way_of
from ytterby.chain.evidence import Evidence
from ytterby.chain.facts import cited_of
from ytterby.chain.grading import RANK, RUNS, grades
from ytterby.chain.months import month, year
from ytterby.chain.network import CLOSURE, Cited, Facility, Line, Network, Range, Recipe, known
from ytterby.chain.recipe_book import materials, recipes
from ytterby.datasets.tables import Row, table
from ytterby.errors import DataError, Fault
from ytterby.quantities import quoted

Key = tuple[str, str]
_LAST = 11
"""Months from the first to the last of a year."""
_PERCENT = 0.01


@dataclass(frozen=True)
class StageTotal:
    """What all makers of one country, or of all countries but some, make at a stage."""

    country: str
    """ISO 3166 alpha-3; where ``besides`` names countries, a word for all the others."""
    title: str
    """Of the facility that stands for those makers."""
    line: str
    stage: str
    recipes: tuple[str, ...]
    """Between which it is not split."""
    tonnes: Range
    """As the recipes are counted [t/year]."""
    year: int
    """That the figure is of."""
    kind: str
    """What it shows, a kind of evidence."""
    besides: frozenset[str] = frozenset()
    cited: Cited = field(default_factory=Cited)

    @property
    def facility(self) -> str:
        """The key of the facility that stands for those makers."""
        return f"others_{self.country.casefold()}"

    @property
    def known(self) -> int:
        """Month from which on it can be known: the last of its year."""
        return month(str(self.year)) + _LAST

    def covers(self, country: str) -> bool:
        """Whether makers in a country are among those of the total."""
        return country not in self.besides if self.besides else country == self.country


@dataclass(frozen=True)
class Remainder:
    """What one total leaves beyond the listed makers."""

    total: StageTotal
    listed: Mapping[Key, Range]
    """Capacities that were taken off the total [t/year]: of listed lines that are in it, and what totals of
    single countries in it left."""
    unstated: tuple[Key, ...]
    """Listed lines that run and whose capacity no source states: they are among the others."""
    left: Range
    """What is left to the others [t/year]; zero where the listed lines have as much as the total."""


@dataclass(frozen=True)
class Others:
    """The makers that are not known one by one, as facilities, lines and evidence."""

    remainders: tuple[Remainder, ...]
    """Of every total, those that leave nothing among them."""
    facilities: Mapping[str, Facility]
    lines: Mapping[Key, Line]
    evidence: tuple[Evidence, ...]

    def added(
        self, network: Network, evidence: Iterable[Evidence]
    ) -> tuple[Network, tuple[Evidence, ...]]:
        """A network and its evidence with these makers put to them."""
        grown = replace(
            network,
            facilities={**network.facilities, **self.facilities},
            lines={**network.lines, **self.lines},
        )
        return grown, (*evidence, *self.evidence)


def with_others(
    network: Network, evidence: Iterable[Evidence], as_of: int
) -> tuple[Network, tuple[Evidence, ...]]:
    """The network and its evidence with the makers that the shipped totals leave unnamed."""
    evidence = tuple(evidence)
    return others(network, evidence, as_of).added(network, evidence)


def others(
    network: Network,
    evidence: Iterable[Evidence],
    as_of: int,
    totals: Iterable[StageTotal] | None = None,
) -> Others:
    """What totals leave beyond the listed makers of a network; None: the shipped totals.

    Taken off are the stated capacities of lines that share a recipe with the total, have run by the month
    ``as_of`` and had started by the end of the year that the total is of. Of a range the least is left where
    the total is least and the lines have most. A total of several countries is further less what totals of
    single ones left. Totals of a year that is not over, or of recipes that the network lacks, are left out.
    """
    evidence = tuple(evidence)
    known_lines = standings(network, grades(evidence, as_of), shipped_rule())
    remainders: list[Remainder] = []
    for total in sorted(
        shipped_totals() if totals is None else totals, key=lambda it: bool(it.besides)
    ):
        if total.known <= as_of and set(total.recipes) <= network.recipes.keys():
            remainders.append(_remainder(total, network, known_lines, as_of, remainders))
    kept = [it for it in remainders if it.left.high > 0]
    lines = [_line(it) for it in kept]
    shown = [row for it in kept for row in _shown(it, network, evidence)]
    return Others(
        remainders=tuple(remainders),
        facilities={it.total.facility: _facility(it.total) for it in reversed(kept)},
        lines={it.key: it for it in lines},
        evidence=tuple(dict.fromkeys(shown)),
    )


@cache
def shipped_totals() -> tuple[StageTotal, ...]:
    """The totals of the topic `stage_totals`, in what the recipes are counted per [t/year].

    DataError where a row refers to no fact, or cannot be counted in runs of its recipes.
    """
    return tuple(_total(row) for row in table("stage_totals"))


# --- what is left


def _remainder(
    total: StageTotal,
    network: Network,
    known_lines: Mapping[Key, Standing],
    as_of: int,
    before: Iterable[Remainder],
) -> Remainder:
    about = [
        line
        for line in network.lines.values()
        if total.covers(network.facilities[line.facility].country)
        and line.stage == total.stage
        and not set(line.recipes).isdisjoint(total.recipes)
        and _ran(known_lines[line.key], as_of)
    ]
    listed = {
        line.key: line.capacity
        for line in about
        if line.capacity is not None and (line.starts is None or year(line.starts) <= total.year)
    }
    within = [
        it
        for it in before
        if total.besides
        and total.covers(it.total.country)
        and it.total.stage == total.stage
        and not set(it.total.recipes).isdisjoint(total.recipes)
    ]
    listed |= {(it.total.facility, it.total.line): it.left for it in within}
    among = {key for it in within for key in it.unstated}
    return Remainder(
        total=total,
        listed=listed,
        unstated=tuple(it.key for it in about if it.capacity is None and it.key not in among),
        left=Range(
            max(0.0, total.tonnes.low - sum(it.high for it in listed.values())),
            max(0.0, total.tonnes.value - sum(it.value for it in listed.values())),
            max(0.0, total.tonnes.high - sum(it.low for it in listed.values())),
        ),
    )


def _ran(standing: Standing, as_of: int) -> bool:
    """Whether a line has made something and has not come to its end."""
    ends = standing.line.ends
    shown = standing.state == RUNNING and RANK[standing.grade] >= RANK[RUNS]
    return shown and (ends is None or ends > as_of)


def _facility(total: StageTotal) -> Facility:
    note = "stands for makers that no source tells apart"
    return Facility(
        total.facility, total.title, "several", "", total.country, None, None, "operating",
        cited=replace(total.cited, note=note), together=True,
    )  # fmt: skip


def _line(remainder: Remainder) -> Line:
    total = remainder.total
    taken = sum(it.value for it in remainder.listed.values())
    text = f"{total.tonnes.value:,.0f} t in all - {taken:,.0f} t of listed lines"
    if remainder.unstated:
        text += f"; {len(remainder.unstated)} listed without a capacity are among them"
    return Line(
        facility=total.facility,
        name=total.line,
        stage=total.stage,
        recipes=total.recipes,
        capacity=remainder.left,
        cited=replace(total.cited, note="; ".join(filter(None, (text, total.cited.note)))),
    )


def _shown(
    remainder: Remainder, network: Network, evidence: Iterable[Evidence]
) -> Iterable[Evidence]:
    """That they make it, and the classes of customers that accepted a maker who is among them."""
    total = remainder.total
    yield Evidence(
        facility=total.facility,
        stage=total.stage,
        kind=total.kind,
        month=total.known,
        what=f"output of all makers in {total.year}, less that of the listed ones",
        cited=total.cited,
    )
    among = {network.lines[key].facility: network.lines[key] for key in remainder.unstated}
    for row in evidence:
        if row.facility not in among or row.stage != total.stage or not row.customer_class:
            continue
        title = network.facilities[row.facility].title
        if not row.material or row.material in _put_out(among[row.facility], network):
            yield replace(
                row,
                facility=total.facility,
                what=f"{row.what} ({title}, which is among them)",
                cited=replace(
                    row.cited, basis="derived", note=f"of {title}; taken for all of them"
                ),
            )


def _put_out(line: Line, network: Network) -> set[str]:
    return {name for it in line.recipes for name in network.recipes[it].outputs}


# --- totals of the shipped table


def _total(row: Row) -> StageTotal:
    labels = row.labels
    names = tuple(labels["recipes"].split(";"))
    run = [known(it, recipes(), place_of(row), "a recipe") for it in names]
    found = [_figure(row, text) for text in labels["facts"].split(";")]
    per, rests = _per_run(row, run)
    whole = _range([it.value for it in found])
    shared, shares = _shared(row)
    tonnes = Range(whole.low * shared.low, whole.value * shared.value, whole.high * shared.high)
    own = rest(row)
    return StageTotal(
        country=labels["country"],
        title=labels["title"],
        line=labels["line"],
        stage=labels["stage"],
        recipes=names,
        tonnes=tonnes.times(1.0 / per),
        year=year(month(found[0].period[:4], place_of(row))),
        kind=labels["kind"],
        besides=frozenset(filter(None, labels["besides"].split(";"))),
        cited=combined((own, *(it.cited for it in (*found, *shares)), *rests), row.note),
    )


@dataclass(frozen=True)
class _Figure:
    value: float
    period: str
    cited: Cited


def _figure(row: Row, text: str) -> _Figure:
    """A row of production or demand by what tells it from the others; DataError if there is none such."""
    return known(text.strip(), _figures(), place_of(row), "a row of production or magnet_demand")


@cache
def _figures() -> Mapping[str, _Figure]:
    found: dict[str, _Figure] = {}
    for topic, columns in (
        ("production", ("entity", "period", "metric", "stage", "scope")),
        ("magnet_demand", ("region", "period", "metric", "scenario", "end_use")),
    ):
        for row in table(topic):
            if "value" in row.values:
                name = " / ".join((*(row.labels[it] for it in columns), row.source))
                found[f"{topic}: {name}"] = _Figure(
                    row.values["value"], row.labels["period"], cited_of(row)
                )
    return found


def _range(values: list[float]) -> Range:
    """The first, between the least and the most."""
    return Range(min(values), values[0], max(values))


def _shared(row: Row) -> tuple[Range, list[_Figure]]:
    """What of the total is meant, 0 to 1, and the figures behind it."""
    text = row.labels["share"]
    found = [_figure(row, it) for it in text.split(";")] if text else []
    share = way_of(row, _WAYS)([it.value for it in found])
    if not 0 <= share.low <= share.high <= 1:
        raise DataError(Fault(place_of(row), f"a share of {share.value:g}", "0 to 1"))
    return share, found


def _rest_of(share: Range) -> Range:
    return Range(1.0 - share.high, 1.0 - share.value, 1.0 - share.low)


def _part(values: list[float]) -> Range:
    part = values[0] / sum(values)
    return Range(part, part, part)


_WAYS: Mapping[str, Callable[[list[float]], Range]] = {
    "all": lambda values: Range(1.0, 1.0, 1.0),
    "share": lambda values: _range(values).times(_PERCENT),
    "all but share": lambda values: _rest_of(_range(values).times(_PERCENT)),
    "part": _part,
    "all but part": lambda values: _rest_of(_part(values)),
}


def _per_run(row: Row, run: list[Recipe]) -> tuple[float, tuple[Cited, ...]]:
    """Tonnes of what a total counts in one tonne of what the recipes are counted per."""
    counts, form = row.labels["counts"].partition(" ")[::2]
    rests: tuple[Cited, ...] = ()
    if counts == "TREO":
        facts = [treo_of(it.per) for it in run]
        found, rests = [it.span.value for it in facts], facts[0].rests
    elif counts == "elements":
        found = [math.fsum(materials()[it.per].content.values()) for it in run]
    elif counts == "input":
        found = [_taken(it, form) for it in run]
    elif counts == "runs":
        found = [1.0]
    else:
        expected = "TREO, elements, input FORM or runs"
        raise DataError(Fault(f"{place_of(row)}, counts", quoted(counts), expected))
    if not 0 < max(found) <= min(found) * (1.0 + CLOSURE):
        read = ", ".join(f"{it:g}" for it in found)
        expected = "one figure above zero for all recipes"
        raise DataError(Fault(f"{place_of(row)}, counts", f"{counts}: {read}", expected))
    return found[0], rests


def _taken(recipe: Recipe, form: str) -> float:
    return sum(amount for name, amount in recipe.inputs.items() if materials()[name].form == form)
