"""Who is exposed to whom, what is promised, what a kilogram short puts at risk: tables and a figure."""

from __future__ import annotations

import math
from collections.abc import Iterator

from ytterby.chain.exposure import AtRisk, Leftover, Spread, Verdict
from ytterby.chain.facts import trade
from ytterby.chain.network import Cited, Range
from ytterby.chain.shares import SupplyRisk
from ytterby.chain.yardsticks import AT_LEAST
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
)
from ytterby.report.figures import Figure, Panel, Series
from ytterby.report.fragments import Fragment, figure_fragment, under
from ytterby.report.tables import Table, number
from ytterby.study.chain import ShareStudy

ALL = "with everybody"
"""The plan that leaves nobody out."""
LATEST = 2
"""Years of imports in a table on a terminal."""


def fragments(study: ShareStudy, short: bool = False) -> list[Fragment]:
    """Dependence, promises, benchmarks, what is at risk, prices, what is left over.

    ``short``: what fits a terminal.
    """
    prices = keys_of(*(it.cited for it in study.prices))
    worth = keys_of(*(it.worth.cited for it in study.at_risk if it.worth))
    promised = keys_of(
        *(it.quantity.cited for it in study.promises),
        *(it.quantity.demand.cited for it in study.promises if it.quantity.demand),
    )
    benchmarks = keys_of(*(it.benchmark.cited for it in study.verdicts))
    stops = keys_of(*(it.cited for it in study.stops))
    return [
        *under("Dependence of importers", _dependence(study, short), _traded(study)),
        *under("Promises", _promises(study, short), promised),
        *under("Benchmarks", _benchmarks(study, short), benchmarks),
        *under(
            "What a kilogram short stops",
            [
                Fragment(
                    "Value at risk per kilogram", (risk_table(study, short),), caption=AT_RISK
                ),
                Fragment("What short material has stopped", (stop_table(study),), sources=stops),
            ],
            tuple(sorted({*worth, *prices}, key=str.casefold)),
        ),
        *under(
            "Prices inside and outside the market that dominates",
            [
                Fragment(
                    "Price spread per line of demand", (spread_table(study, short),), caption=SPREAD
                ),
                Fragment("Prices inside and outside", (price_table(study),)),
            ],
            prices,
        ),
        *under(
            "What is left of the mix",
            [Fragment("Left over by product", (leftover_table(study, short),), caption=LEFT)],
            _left_keys(study),
        ),
    ]


# Dependence


def _dependence(study: ShareStudy, short: bool) -> list[Fragment]:
    table = dependence_table(study, short)
    pieces = [
        Fragment("Dependence by importer and year", (table,), caption=dependence_in_words(study))
    ]
    if len({it.year for it in study.risks}) > 1:
        pieces.append(figure_fragment("Dependence through the years", _dependence_figure(study)))
    return pieces


def dependence_in_words(study: ShareStudy) -> str:
    """What the score says and what it does not, in sentences."""
    stated = study.plan.instability
    told = "; ".join(f"{name} {value:g}" for name, value in stated.items())
    g = (
        f"Instabilities of suppliers are those of the case: {told}; every other country counts as 1."
        if stated
        else (
            "The case states no instability, so g = 1 for every supplier abroad, an ally as much as a rival: "
            "no judgement of any partner is in the score. It is then only the index of the world's "
            "production times the part that is imported, and the same for all who make nothing themselves. "
            "Your own stand in [chain.instability]."
        )
    )
    headings = ", ".join(sorted({code for it in trade() for code in it.goods}))
    return (
        "After the method GeoPolRisk: index of the world's production x sum of g x what comes from each "
        f"supplier / (imports + own production), 0 to 1.\n{g}\n"
        f"Imports are gross tonnes of the customs headings {headings}, unlike goods added up; production is "
        "counted in oxide; a country of transit counts as the supplier. Magnets and what they are built "
        "into have other headings and are not in it: who buys magnets instead of materials depends as much "
        "and looks small here."
    )


def dependence_table(study: ShareStudy, short: bool = False) -> Table:
    """Imports, suppliers and the score by importer and year."""
    years = sorted({it.year for it in study.risks})[-LATEST if short else None :]
    rows = tuple(
        (
            it.importer,
            str(it.year),
            rounded(it.imported),
            rounded(it.domestic),
            "" if it.largest is None else it.largest.name,
            "" if it.largest is None else percents(it.largest.share),
            "" if it.supplier_hhi is None else points(it.supplier_hhi),
            points(it.hhi.value),
            "" if it.reliance is None else percents(it.reliance),
            _score(it.score),
            "" if it.score_of_imports is None else f"{it.score_of_imports.value:.3f}",
        )
        for it in study.risks
        if it.year in years
    )
    header = (
        *("importer", "year", "imports", "own production", "largest supplier", "its share"),
        *("HHI of imports", "HHI of production", "reliance", "score", "score of imports"),
    )
    units = ("", "", "t gross", "t oxide", "", "%", HHI, HHI, "%", "0 to 1", "0 to 1")
    note = (
        "imports as read; production as reported; the rest computed. Reliance: imports weighted by "
        "instability, over imports and own production; score: by the lowest, "
        "middle and highest source of production; of imports: own production left out, as where it leaves "
        "the country to be processed"
    )
    return Table("Dependence", header, rows, note, units)


def _score(found: Range | None) -> str:
    """Lowest, middle and highest."""
    if found is None:
        return ""
    return " / ".join(f"{it:.3f}" for it in (found.low, found.value, found.high))


def _dependence_figure(study: ShareStudy) -> Figure:
    """Score and part of the largest supplier over the years, a line for each importer."""
    years = sorted({it.year for it in study.risks})
    names = list(dict.fromkeys(it.importer for it in study.risks))
    found = {(it.importer, it.year): it for it in study.risks}

    def score(it: SupplyRisk | None) -> float:
        return math.nan if it is None or it.score is None else it.score.value

    def largest(it: SupplyRisk | None) -> float:
        return math.nan if it is None or it.largest is None else 100 * it.largest.share

    panels = tuple(
        Panel(
            label, tuple(Series(it, tuple(of(found.get((it, y))) for y in years)) for it in names)
        )
        for label, of in (("score, 0 to 1", score), ("largest supplier, % of imports", largest))
    )
    return Figure(
        name="chain-dependence",
        title="Dependence through the years",
        x_label="year",
        x=tuple(map(float, years)),
        panels=panels,
        bands=(),
        caption=(
            "Above: the score, middle of the sources of production; lines of importers without own "
            "production lie on each other where no instability is stated. Below: the part of the largest "
            "supplier, whoever it is in that year."
        ),
        sources=_traded(study),
    )


def _traded(study: ShareStudy) -> tuple[str, ...]:
    """Keys of the bibliography behind imports and production."""
    listed = (it for each in study.produced for it in each.shares)
    made = {key for it in listed for key in (it.source, it.total_source) if key}
    return tuple(sorted({*made, *study.trade_sources}, key=str.casefold))


# Promises


def _promises(study: ShareStudy, short: bool) -> list[Fragment]:
    caption = (
        "A quantity that a contract states, as a share of the demand that a source holds it against, and how "
        "much of that share capacity can back. Backed at most: the contract is served before all others; "
        "at least: the buyer gets the same part of what is made as of what was announced. Where the demand "
        "is itself derived from the statement of a share, as its basis below says, the promised share "
        "repeats that statement; only what backs it is new."
    )
    tables = (promise_table(study, short), promise_basis_table(study))
    return [Fragment("Contracts against demand", tables, caption=caption)]


def promise_table(study: ShareStudy, short: bool = False) -> Table:
    """What contracts promise of a demand, year by year, and what capacity backs."""
    rows = tuple(
        (
            it.quantity.contract.name,
            _title(study, it.facility),
            it.quantity.material,
            str(it.year),
            number(it.promised),
            number(it.demand),
            percents(it.share),
            rounded(it.announced),
            rounded(it.weighted),
            between(it.backed, percents),
            "yes" if it.quantity.holds(it.year) else "no",
        )
        for it in study.promises
        if not short or it.year == study.year
    )
    header = (
        *("contract", "facility", "material", "year", "promised", "demand", "of it", "announced"),
        *("weighted", "backed", "in force"),
    )
    units = (
        "",
        "",
        "",
        "",
        "t/y",
        "t/y",
        "%",
        "t/y",
        "t/y",
        "% of the demand",
        "",
    )
    note = (
        "promised and demand as below; announced, weighted: made by the facility, by evidence; in force: "
        "signed, not terminated, not ended in that year"
        if rows
        else "no source holds a quantity of a contract against a demand"
    )
    return Table("Promised and backed", header, rows, note, units)


def promise_basis_table(study: ShareStudy) -> Table:
    """Between whom contracts are, and the demand that each quantity is held against."""
    rows = []
    for it in dict.fromkeys(one.quantity for one in study.promises):
        assert it.demand is not None
        said = f"{it.demand.region}, {it.demand.metric}, {it.demand.period}"
        rows.append(
            (
                *(it.contract.name, it.material, it.contract.seller, it.contract.buyer),
                *(it.contract.quantity, it.cited.basis, it.cited.source, said),
                *(it.demand.cited.basis, it.demand.cited.source, it.demand.cited.note),
            )
        )
    header = (
        *("contract", "material", "seller", "buyer", "quantity as stated", "basis", "source"),
        *("held against", "its basis", "its source", "note"),
    )
    note = "" if rows else "no contract is looked at"
    return Table("Contracts and demands", header, tuple(rows), note)


def _title(study: ShareStudy, facility: str) -> str:
    return study.plan.network.facilities[facility].title


# Benchmarks


def _benchmarks(study: ShareStudy, short: bool) -> list[Fragment]:
    plans = _plans(study)[: 1 if short else None]
    tables = (verdict_table(study), *(why_table(study, plan) for plan in plans))
    return [Fragment("Benchmarks and verdicts", tables, caption=benchmarks_in_words(study))]


def benchmarks_in_words(study: ShareStudy) -> str:
    """How many benchmarks are met, missed, or cannot be said, plan by plan, in sentences."""
    told = []
    for plan in _plans(study):
        own = [it.verdict for it in study.verdicts if it.plan == plan]
        counts = ", ".join(f"{own.count(it)} {it}" for it in dict.fromkeys(sorted(own)))
        told.append(f"{plan or ALL}: {counts}")
    groups = ", ".join(dict.fromkeys(it.benchmark.group for it in study.verdicts))
    return (
        f"{groups}, in {study.year}; {'; '.join(told)}.\nNeed: of the customers of the region that "
        "this case has; what others there use is not in it. Capacity inside is weighted by evidence. Where "
        "a line of unstated capacity could turn the verdict, it cannot be said."
    )


def _plans(study: ShareStudy) -> list[str]:
    return list(dict.fromkeys(it.plan for it in study.verdicts))


def verdict_table(study: ShareStudy) -> Table:
    """Every benchmark and what it is held against, the plans beside each other."""
    plans = _plans(study)
    groups: dict[tuple[str, str], dict[str, Verdict]] = {}
    for it in study.verdicts:
        groups.setdefault((it.benchmark.name, it.of), {})[it.plan] = it
    rows = []
    for found in groups.values():
        one = next(iter(found.values()))
        cells = [cell for plan in plans for cell in _verdict(found.get(plan))]
        rows.append(
            (
                one.benchmark.stage,
                counted_with(one.of),
                _asked(one),
                rounded(one.need),
                *cells,
            )
        )
    header = ["stage", "of", "asked", "need"]
    units = ["", "", "%", "t/y"]
    for plan in plans:
        header += [f"inside, {plan or ALL}", "share", "verdict"]
        units += ["t/y", "%", ""]
    note = (
        "need and inside computed, elements as metal; of a range of shares: least / by capacity "
        "/ most, and the country outside that it is about"
        if rows
        else "no benchmark is about anything that the customers of its region use"
    )
    return Table(f"Benchmarks in {study.year}", tuple(header), tuple(rows), note, tuple(units))


def _asked(it: Verdict) -> str:
    asked = percents(it.benchmark.share)
    if it.benchmark.sense == AT_LEAST:
        return f"at least {asked} inside"
    return f"at most {asked} from one outside"


def _verdict(it: Verdict | None) -> tuple[str, str, str]:
    if it is None:
        return "", "", ""
    return rounded(it.inside.value), f"{_share(it.share)} {it.country}".strip(), it.verdict


def _share(found: Range | None) -> str:
    """Ends and middle in percent; one figure where all are the same."""
    if found is None:
        return ""
    said = [percents(it) for it in (found.low, found.value, found.high)]
    return said[0] if len(set(said)) == 1 else " / ".join(said)


def why_table(study: ShareStudy, plan: str) -> Table:
    """Why each verdict of one plan is what it is, and who states nothing."""
    rows = tuple(
        (
            it.benchmark.stage,
            counted_with(it.of),
            it.verdict,
            it.why,
            rounded(it.announced.value),
            "" if it.missing is None else rounded(it.missing),
            ", ".join(_title(study, name) for name in it.not_stated),
            ", ".join(_title(study, name) for name in it.no_start),
        )
        for it in study.verdicts
        if it.plan == plan
    )
    header = (
        *("stage", "of", "verdict", "why", "announced inside", "missing"),
        *("capacity not stated", "no start"),
    )
    units = ("", "", "", "", "t/y", "t/y", "", "")
    note = (
        "missing: what stated capacity, weighted by evidence, lacks; capacity not stated, no "
        "start: facilities that matter and count as zero"
    )
    return Table(f"Why, {plan or ALL}", header, rows, note, units)


# What a kilogram short stops


AT_RISK = (
    "Units that are not built for one kilogram that does not come, if nothing takes its place, and what they "
    "are worth to who builds them: the value of the whole unit, not a profit lost. Values of units are "
    "assumed unless the case states its own in [chain.values]; needs per unit are those of the walk."
)


def risk_table(study: ShareStudy, short: bool = False) -> Table:
    """What a kilogram of each material short puts at risk at each customer, beside its price.

    ``short``: of materials with a price only.
    """
    groups: dict[tuple[str, ...], list[AtRisk]] = {}
    for it in study.at_risk:
        if it.price is not None or not short:
            groups.setdefault(_at_risk(it), []).append(it)
    rows = tuple(
        (", ".join(dict.fromkeys(it.line for it in found)), *cells)
        for cells, found in groups.items()
    )
    header = (
        *("demand", "material", "per unit", "unit", "units per kg short"),
        *("value of a unit", "at risk per kg short", "currency", "price outside", "of", "value is"),
    )
    units = ("", "", "kg", "", "", "", "", "", "", "", "")
    note = (
        "per unit: computed, before what comes back of scrap; price: newest known, of the material itself"
        if rows
        else "no line of demand counts units"
    )
    return Table("At risk", header, rows, note, units)


def _at_risk(it: AtRisk) -> tuple[str, ...]:
    worth = (
        (None, "", "")
        if it.worth is None
        else (it.worth.worth, it.worth.currency, it.worth.cited.basis)
    )
    value, currency, basis = worth
    return (
        it.material,
        number(float(f"{it.per_unit:.3g}")),
        it.unit_name or "unit",
        number(float(f"{it.units_per_kg:.3g}")),
        between(value, _money),
        between(it.value_per_kg, _money),
        currency,
        "" if it.price is None else f"{number(it.price.outside)} {it.price.unit}",
        "" if it.price is None else it.price.date,
        basis,
    )


def _money(amount: float) -> str:
    """An amount with three digits, as money is written."""
    return f"{float(f'{amount:.3g}'):,.0f}"


def stop_table(study: ShareStudy) -> Table:
    """How soon short material has stopped makers, and for how long."""
    rows = tuple(
        (
            it.item.replace("_", " "),
            it.scope,
            number(it.low),
            number(it.high),
            it.unit,
            *resting_on(it.cited),
        )
        for it in study.stops
    )
    note = "" if rows else "nothing is known"
    return Table("Stops", ("what", "of", "low", "high", "unit", *RESTING), rows, note)


# Prices


SPREAD = (
    "What the raw materials of a tonne asked cost at the prices of one date, inside and outside of the "
    "market that dominates. Outside, little is traded at these prices, as the table below says, and who "
    "buys many tonnes at once moves them. The sums say how far apart the two markets stand, not what a tonne "
    "would cost. Materials without a price of that date are left out of both sums."
)


def spread_table(study: ShareStudy, short: bool = False) -> Table:
    """Cost of the raw materials of a tonne asked at both prices, by date; lines that cost the same together.

    ``short``: of the newest date of each line.
    """
    newest = {it.line: it.date for it in sorted(study.spreads, key=lambda it: it.date)}
    groups: dict[tuple[str, ...], list[str]] = {}
    for it in study.spreads:
        if not short or it.date == newest[it.line]:
            groups.setdefault(_spread(it), []).append(it.line)
    rows = tuple((", ".join(lines), *cells) for cells, lines in groups.items())
    header = (
        *("demand", "material", "prices of", "unit", "inside", "outside", "spread"),
        *("outside over inside", "priced", "no price"),
    )
    note = (
        "computed from the prices below, per t asked" if rows else "no need of a line has a price"
    )
    return Table("Price spread", header, rows, note)


def _spread(it: Spread) -> tuple[str, ...]:
    inside, outside = it.total_inside, it.total_outside
    return (
        it.material,
        it.date,
        f"{it.currency}/t",
        *map(_money, (inside, outside, outside - inside)),
        f"{outside / inside:.2f}" if inside > 0 else "",
        ", ".join(it.inside),
        ", ".join(it.unpriced),
    )


def price_table(study: ShareStudy) -> Table:
    """Prices inside and outside, and how little is traded outside."""
    rows = tuple(
        (
            it.product,
            it.material,
            it.date,
            number(it.inside),
            number(it.outside),
            it.unit,
            f"{it.ratio:.2f}",
            it.caveat,
            *resting_on(it.cited),
        )
        for it in study.prices
    )
    header = (
        *("product", "stands for", "date", "inside", "outside", "unit", "outside over inside"),
        *("liquidity outside", *RESTING),
    )
    return Table("Prices inside and outside", header, rows, "one date each; never mixed")


# What is left over


LEFT = (
    "What facilities that a further plan leaves out make of each product, and what contracts with a stated "
    "quantity and the demands of the plan leave of it even if the plan buys from nobody else. What is left "
    "must find a buyer, or be stored: nobody in this case asks for it."
)


def leftover_table(study: ShareStudy, short: bool = False) -> Table:
    """What is made, contracted, needed and left of each product, year by year."""
    rows = tuple(
        (
            _title(study, it.facility),
            it.product,
            str(it.year),
            rounded(it.announced),
            rounded(it.weighted),
            number(it.contracted),
            rounded(it.needed),
            rounded(it.left_announced),
            rounded(it.left_weighted),
            split_by(it),
            ", ".join(it.not_quantified),
        )
        for it in study.leftovers
        if not short or it.year == study.year
    )
    header = (
        *(
            "facility",
            "product",
            "year",
            "announced",
            "weighted",
            "contracted",
            "needed by the plan",
        ),
        *("left, announced", "left, weighted", "split by", "contracts without quantity"),
    )
    units = ("", "", "", *("t/y",) * 6, "", "")
    note = (
        "announced, weighted: by evidence, computed; contracted: as stated; contracts without a quantity "
        "count as zero"
        if rows
        else "no further plan leaves a maker of raw materials out"
    )
    return Table("Left over", header, rows, note, units)


def split_by(it: Leftover) -> str:
    """What the products of a facility are parted by."""
    return it.recipe or "recipes of its lines"


def _left_keys(study: ShareStudy) -> tuple[str, ...]:
    lines = study.plan.network.lines.values()
    names = {it.facility for it in study.leftovers}
    return keys_of(*(it.cited for it in lines if it.facility in names))


# What it rests on


def rests(study: ShareStudy) -> Iterator[tuple[str, str, Cited]]:
    """What, of what, what it rests on: all that is not a share."""
    for benchmark in dict.fromkeys(it.benchmark for it in study.verdicts):
        yield "benchmark", f"{benchmark.region}: {benchmark.title}", benchmark.cited
    for quantity in dict.fromkeys(it.quantity for it in study.promises):
        yield "contract", f"{quantity.contract.name}, {quantity.material}", quantity.cited
        if quantity.demand is not None:
            held = quantity.demand
            yield "demand held against", f"{held.region}, {held.metric}", held.cited
    for demand in study.plan.demands.values():
        yield "demand", demand.name, demand.cited
    for name, cited in {it.unit_name: it.worth.cited for it in study.at_risk if it.worth}.items():
        yield "value", name, cited
    for price in study.prices:
        yield "price", f"{price.product}, {price.date}", price.cited
    for stop in study.stops:
        yield "stop", stop.item.replace("_", " "), stop.cited
