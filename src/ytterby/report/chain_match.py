"""How much of what customers ask can be met: tables, figure, drawing and sheets of an allocation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from ytterby.chain.match import Gap, Matched, Served
from ytterby.chain.months import written, year
from ytterby.report.chain_flow import flow_drawing
from ytterby.report.chain_words import amounts, counted_with
from ytterby.report.figures import Figure, Panel, Series
from ytterby.report.fragments import Fragment, figure_fragment, under
from ytterby.report.tables import Table, number, percent
from ytterby.report.workbook import Cell, Sheet, resting, source_sheet
from ytterby.study.chain import NONE, OPEN, OTHERS, MatchStudy

SECTION = "What can be met"
BASE = "everybody"
"""Name of the plan itself beside those without some."""
UNSTATED = {
    OTHERS: "one more maker a country, of what totals leave",
    OPEN: "as large as needed",
    NONE: "nothing",
}
"""What stands in for capacities that no source states."""
STOCK = "stock of no known maker"
LARGEST = 25
"""Rows of a table that has more in the workbook."""
ROUND = 1e-6
"""Tonnes below which something is rounding."""


def fragments(study: MatchStudy) -> list[Fragment]:
    """The allocation as pieces of a report."""
    shown = [
        Fragment("Customers", (served_table(study), maker_table(study)), caption=in_words(study)),
        Fragment("Other plans", (plan_table(study), bound_table(study)), caption=BOUNDS),
        figure_fragment("Shortage over time", short_figure(study), (missing_table(study),)),
        Fragment("What limits", (gap_table(study),)),
        Fragment(
            "From country to customer",
            figure=flow_drawing(study.base),
            tables=(share_table(study),),
            caption=DRAWN,
        ),
        Fragment("By-products and leftovers", (left_table(study), left_maker_table(study))),
        Fragment("How far it is proved", (proof_table(study),), caption=proof_in_words(study)),
    ]
    basis = Fragment("What it rests on", (unstated_table(study),), caption=SIMPLE)
    # All of it rests on all lines: they are named once.
    return [*under(SECTION, shown, ()), *under(SECTION, [basis], study.sources)]


DRAWN = (
    "Element mass over the whole plan, run-in included, as metal, those traded in one blend under "
    "the main one. "
    "Between makers stand pools: whatever a class of customers admits may be mixed, so that no "
    "band runs from one "
    "plant to another before the last step. Countries with less than a twentieth of a stage stand "
    "together. "
    "Pointing at a band names it."
)
BOUNDS = (
    "Capacities that no source states decide how much can be met, so the same plan stands here "
    "with each way to "
    "stand in for them: what is served lies between nothing and as large as needed."
)
SIMPLE = (
    "Materials between makers are pools, not arcs from plant to plant: whatever a class of "
    "customers admits may be "
    "mixed. Only the last step is kept apart, where the maker must be qualified by the customer.\n"
    "Transport is in the leads of the recipes; no supplier is tied to one buyer before the last "
    "step, and no contract "
    "is in it but as a demand with a rule.\n"
    "Makers are given announced capacity weighted by evidence, later by the usual slip; they run "
    "what is asked at no "
    "price. A shortage is lost, not made up later. Of allocations as short as each other the one "
    "is shown that serves "
    "earlier and runs the fewest tonnes."
)


def in_words(study: MatchStudy) -> str:
    """How much is met, in sentences."""
    base = study.base
    due = sum(float(it.due.sum()) for it in base.served.values())
    short = float(base.shortage.sum())
    full = [name for name, it in base.served.items() if it.in_full == 1.0]
    nobody = [name for name, it in base.served.items() if not it.makers.any()]
    first, last = written(base.task.first), written(base.task.first + base.task.months - 1)
    words = [
        f"{number(due - short)} t of {number(due)} t asked from {first} to {last} can be "
        "delivered, by evidence "
        f"known at the end of {written(study.plan.as_of)}; {number(short)} t are short.",
        f"{len(full)} of {len(base.served)} demands are delivered in full and on time.",
    ]
    if nobody:
        words.append(
            f"Nobody may deliver to {', '.join(nobody)}: no maker that the customer admits is "
            "qualified and has "
            "capacity."
        )
    return "\n".join(words)


def served_table(study: MatchStudy) -> Table:
    """Due, delivered and short of each demand, and who may deliver."""
    rows = []
    for name, it in study.base.served.items():
        due = float(it.due.sum())
        rows.append(
            (
                name,
                it.demand.customer,
                it.demand.material,
                number(due),
                number(_rounded(float(it.delivered.sum()))),
                number(_rounded(float(it.from_stock.sum()))),
                number(_rounded(float(it.shortage.sum()))),
                percent(_whole(it.share)),
                percent(it.in_full),
                f"{_makers(it, first=True):.0f}",
                f"{_makers(it, first=False):.0f}",
            )
        )
    header = (
        *("demand", "customer", "material", "due", "delivered", "from own stock", "short"),
        *("met", "months in full", "makers, first year", "makers, last year"),
    )
    note = (
        "met: share of the due tonnes; months in full: on time in full; makers: most facilities in "
        "one month that are "
        "qualified, admitted and have capacity"
    )
    units = ("", "", "", "t", "t", "t", "t", "%", "%", "", "")
    return Table("Each demand", header, tuple(rows), note, units)


def _makers(it: Served, *, first: bool) -> float:
    return float((it.makers[:12] if first else it.makers[-12:]).max(initial=0.0))


def _rounded(tonnes: float) -> float:
    """Zero for what is rounding."""
    return 0.0 if abs(tonnes) < ROUND else tonnes


def _whole(share: float) -> float:
    return 1.0 if share > 1.0 - ROUND else share


def delivered_by(found: Matched) -> dict[str, dict[str, float]]:
    """Tonnes that each facility delivers over the plan, by demand, most first; "" is old stock."""
    tonnes: dict[str, dict[str, float]] = {name: {} for name in found.served}
    for (facility, demand, _), shipped in found.shipments.items():
        of = tonnes[demand]
        of[facility] = of.get(facility, 0.0) + float(shipped.sum())
    return {name: dict(sorted(of.items(), key=lambda it: -it[1])) for name, of in tonnes.items()}


def title_of(found: Matched, facility: str) -> str:
    """The title of a facility, or what old stock is called."""
    return found.task.network.facilities[facility].title if facility else STOCK


def maker_table(study: MatchStudy) -> Table:
    """Who delivers to each demand, most first."""
    rows = []
    for demand, of in delivered_by(study.base).items():
        all_in = sum(of.values())
        for facility, tonnes in of.items():
            if tonnes > ROUND:
                rows.append(
                    (
                        demand,
                        title_of(study.base, facility),
                        _country(study.base, facility),
                        number(tonnes),
                        percent(tonnes / all_in),
                    )
                )
    note = "of several makers that would do as well, one choice of them"
    header = ("demand", "delivered by", "country", "delivered", "share")
    return Table("Who delivers", header, tuple(rows), note, ("", "", "", "t", "% of delivered"))


def _country(found: Matched, facility: str) -> str:
    return found.task.network.facilities[facility].country if facility else ""


def plan_table(study: MatchStudy) -> Table:
    """Shortage of each demand with everybody and without some."""
    return _beside(
        study,
        "With and without",
        study.without,
        "without: shortage beyond that with everybody; left out: "
        + "; ".join(f"{name}: {', '.join(it)}" for name, it in study.plan.without.items()),
    )


def bound_table(study: MatchStudy) -> Table:
    """Shortage of each demand with other capacities where no source states one."""
    note = "; ".join(f"{name}: {UNSTATED[name]}" for name in (study.plan.unstated, *study.bounds))
    return _beside(
        study, "With capacities that no source states taken otherwise", study.bounds, note
    )


def _beside(study: MatchStudy, title: str, others: Mapping[str, Matched], note: str) -> Table:
    rows = []
    for name, it in study.base.served.items():
        short = float(it.shortage.sum())
        beside = [float(found.served[name].shortage.sum()) for found in others.values()]
        more = [number(_rounded(value - short)) for value in beside]
        met = [percent(_whole(found.served[name].share)) for found in others.values()]
        cells = [cell for pair in zip(more, met, strict=True) for cell in pair]
        rows.append((name, number(_rounded(short)), percent(_whole(it.share)), *cells))
    short = float(study.base.shortage.sum())
    totals = [
        cell
        for found in others.values()
        for cell in (number(_rounded(float(found.shortage.sum()) - short)), _met(found))
    ]
    rows.append(("all", number(_rounded(short)), _met(study.base), *totals))
    heads = [head for name in others for head in (f"{name}: short more", f"{name}: met")]
    units = ("", "t", "%", *("t", "%") * len(others))
    return Table(title, ("demand", "short", "met", *heads), tuple(rows), note, units)


def _met(found: Matched) -> str:
    due = sum(float(it.due.sum()) for it in found.served.values())
    return percent(_whole(1.0 - float(found.shortage.sum()) / due)) if due > 0 else ""


def short_figure(study: MatchStudy) -> Figure:
    """Shortage of each demand month by month, in the plan and in those without some."""
    base = study.base
    plans = {BASE: base, **study.without}
    panels = [
        Panel(
            "short, t/month",
            tuple(
                Series(demand, tuple(it.shortage.tolist()), style="steps")
                for demand, it in found.served.items()
            ),
            title=name,
        )
        for name, found in plans.items()
    ]
    return Figure(
        name="chain-shortage",
        title="Shortage by month",
        x_label=f"months after {written(base.task.first)}",
        x=tuple(map(float, range(base.task.months))),
        panels=tuple(panels),
        bands=(),
        caption="What is due in a month and not delivered in it, with everybody and without some.",
    )


def missing_table(study: MatchStudy) -> Table:
    """Mass of each element in what is short, by year."""
    base = study.base
    years = _years(base.task.first, base.task.months)
    rows = []
    for symbol, tonnes in base.missing().items():
        if tonnes.sum() > ROUND:
            by = _by_year(base.task.first, tonnes)
            rows.append(
                (
                    counted_with(symbol),
                    *(number(by[it]) for it in years),
                    number(float(tonnes.sum())),
                )
            )
    note = "as metal, those traded in one blend under the main one; of the material asked for"
    units = ("", *("t" for _ in years), "t")
    header = ("element", *map(str, years), "all")
    return Table("Elements in what is short", header, tuple(rows), note, units)


def _years(first: int, months: int) -> list[int]:
    return list(dict.fromkeys(year(first + it) for it in range(months)))


def _by_year(first: int, tonnes: Iterable[float]) -> dict[int, float]:
    sums: dict[int, float] = {}
    for place, value in enumerate(tonnes):
        at = year(first + place)
        sums[at] = sums.get(at, 0.0) + float(value)
    return sums


def gap_table(study: MatchStudy) -> Table:
    """Stages whose capacity limits what customers get, most first."""
    rows = [gap_row(study.base, it) for it in study.base.gaps()]
    note = (
        "worth: shortage that one more tonne of capacity removes at the best-placed line, by "
        "priority, in the best "
        "month; no rows: no capacity limits, what is short has no admitted maker at all"
    )
    header = (
        *("stage", "counted in", "first month", "last month", "months", "worth, most"),
        *("run in them", "capacity in them"),
    )
    units = ("", "", "", "", "", "t/t", "t", "t")
    return Table("Gaps, by worth", header, tuple(rows), note, units)


def gap_row(found: Matched, gap: Gap) -> tuple[str, ...]:
    """Cells of one gap; months count in which it limits."""
    limits = np.flatnonzero(gap.worth > ROUND)
    begins = found.task.begins
    return (
        gap.stage,
        gap.material,
        written(begins + int(limits[0])),
        written(begins + int(limits[-1])),
        f"{limits.size}",
        number(float(gap.worth.max())),
        number(_rounded(float(gap.used[limits].sum()))),
        number(float(gap.capacity[limits].sum())),
    )


def class_name(found: Matched, place: int) -> str:
    """A class of customers by its demands, or what passes on what they refuse."""
    return ", ".join(found.classes[place].demands) or "passed on"


def share_table(study: MatchStudy) -> Table:
    """Share of each country in what is run, by stage and class of customers."""
    base = study.base
    order = list(dict.fromkeys(it.stage for it in base.task.network.recipes.values()))
    rows = []
    for (place, stage), shares in sorted(
        base.shares().items(), key=lambda it: (order.index(it[0][1]), it[0][0])
    ):
        said = "; ".join(f"{name} {100 * it:.1f}" for name, it in shares.items() if it >= 0.0005)
        rows.append((stage, class_name(base, place), base.classes[place].words, said))
    note = (
        "runs count where they are made and for the strictest class that they serve; of countries "
        "that would do as "
        "well, one choice of them"
    )
    header = ("stage", "for", "their rules", "countries")
    return Table("Countries by stage and class", header, tuple(rows), note, ("", "", "", "%"))


def left_table(study: MatchStudy) -> Table:
    """What is made and taken by nobody, by material."""
    left, made = _by_material(study.base), _made(study.base)
    rows = tuple(
        (name, number(made[name]), number(tonnes), percent(min(1.0, tonnes / made[name])))
        for name, tonnes in sorted(left.items(), key=lambda it: -it[1])
        if tonnes > ROUND and name in made
    )
    header = ("material", "made", "left over", "share")
    note = (
        "by-products of what is asked for that no demand of the case takes: nobody sells them "
        "here; over the whole "
        "plan, run-in included"
    )
    return Table("Left over by material", header, rows, note, ("", "t", "t", "% of made"))


def _by_material(found: Matched) -> dict[str, float]:
    sums: dict[str, float] = {}
    for (_, material), tonnes in found.leftovers.items():
        sums[material] = sums.get(material, 0.0) + tonnes
    return sums


def _made(found: Matched) -> dict[str, float]:
    sums: dict[str, float] = {}
    for (_, _, recipe, _), tonnes in found.runs.items():
        for name, amount in found.task.network.recipes[recipe].outputs.items():
            sums[name] = sums.get(name, 0.0) + amount * float(tonnes.sum())
    return sums


def left_maker_table(study: MatchStudy) -> Table:
    """Who is left with what, largest first, and makers that other plans leave out."""
    own = {name for it in study.plan.without.values() for name in it}
    by: dict[str, dict[str, float]] = {}
    for (facility, material), tonnes in study.base.leftovers.items():
        if tonnes > ROUND:
            by.setdefault(facility, {})[material] = tonnes
    first = sorted(by, key=lambda it: (it not in own, -sum(by[it].values())))
    rows = tuple(
        (
            title_of(study.base, name),
            _country(study.base, name),
            amounts(by[name]),
            number(sum(by[name].values())),
        )
        for name in first[:LARGEST]
    )
    more = len(first) - len(rows)
    note = "where makers share a pool, what it leaves is split as they filled it"
    if idle := [
        title_of(study.base, it)
        for it in sorted(own - by.keys())
        if it in study.base.task.network.facilities
    ]:
        note += f"; nothing is left at {', '.join(idle)}"
    if more > 0:
        note += f"; {more} more in the workbook"
    return Table(
        "Left over by maker", ("maker", "country", "what", "all"), rows, note, ("", "", "", "t")
    )


def proof_table(study: MatchStudy) -> Table:
    """Certificate, size and time of every plan."""
    rows = []
    for name, found in _plans(study).items():
        it = found.certificate
        rows.append(
            (
                name,
                number(it.cost),
                number(it.bound),
                f"{abs(it.gap):.1e}",
                f"{it.relative:.1e}",
                "own, weak duality" if it.proof == "duality" else "the solver's",
                f"{len(found.capacity)}",
                f"{found.task.span}",
                f"{sum(found.seconds.values()):.1f}",
            )
        )
    header = (
        *("plan", "cost", "no plan costs less than", "gap", "rows hold to", "bound"),
        *("lines", "months", "time"),
    )
    note = (
        "cost: shortage weighted by priority, a month earlier counting up to 1e-4 more; gap: of "
        "all that is due, "
        "weighted likewise; rows: relative to their own terms; time: of this machine"
    )
    return Table("Certificates", header, tuple(rows), note, ("", "t", "t", "", "", "", "", "", "s"))


def _plans(study: MatchStudy) -> dict[str, Matched]:
    """Every allocation of the study by what it is called."""
    return {
        BASE: study.base,
        **{f"without: {name}": it for name, it in study.without.items()},
        **{f"capacities not stated: {UNSTATED[name]}": it for name, it in study.bounds.items()},
    }


def proof_in_words(study: MatchStudy) -> str:
    """What a certificate says."""
    return (
        f"The plan: {study.base.certificate.words}.\nThe bound is recomputed from the duals and "
        "the numbers alone: no "
        "allocation under these rules and capacities is less short."
    )


def unstated_table(study: MatchStudy) -> Table:
    """Weights of evidence, and lines whose capacity no source states."""
    lines = study.plan.network.lines.values()
    none = [it for it in lines if it.capacity is None and it.recipes]
    stages = list(dict.fromkeys(it.stage for it in none))
    rows = tuple(
        (
            stage,
            f"{sum(it.stage == stage for it in none)}",
            f"{sum(it.stage == stage and bool(it.recipes) for it in lines)}",
            ", ".join(
                dict.fromkeys(
                    study.plan.network.facilities[it.facility].title
                    for it in none
                    if it.stage == stage
                )
            ),
        )
        for stage in stages
    )
    weights = "; ".join(f"{grade} {weight:g}" for grade, weight in _weights(study).items())
    note = (
        f"capacities that no source states are taken for {UNSTATED[study.plan.unstated]}; part of "
        "a capacity that is "
        f"counted, by grade of evidence, assumed: {weights}"
    )
    header = ("stage", "lines without", "lines", "who")
    return Table("Capacities that no source states", header, rows, note)


def _weights(study: MatchStudy) -> Mapping[str, float]:
    from ytterby.chain.capacity import shipped_rule

    return {**shipped_rule().weights, **study.plan.weights}


# Sheets


def sheets(study: MatchStudy) -> Iterable[Sheet]:
    """Numbers in full: demands, deliveries, runs and stocks by month, gaps, leftovers, "
    "certificates, sources."""
    return [
        _served_sheet(study),
        _month_sheet(study),
        _shipment_sheet(study),
        _run_sheet(study),
        _gap_sheet(study),
        _missing_sheet(study),
        _left_sheet(study),
        _left_month_sheet(study),
        _share_sheet(study),
        _proof_sheet(study),
        source_sheet(_rests_on(study)),
    ]


def _served_sheet(study: MatchStudy) -> Sheet:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            *(plan, name, it.demand.customer, it.demand.country, it.demand.material),
            *(float(values.sum()) for values in (it.due, it.delivered, it.from_stock, it.shortage)),
            *(it.share, it.in_full, _makers(it, first=True), _makers(it, first=False)),
        )
        for plan, found in _plans(study).items()
        for name, it in found.served.items()
    )
    header = (
        *("plan", "demand", "customer", "country", "material", "due", "delivered"),
        *("from own stock", "short", "met", "months in full", "makers, first year"),
        "makers, last year",
    )
    units = ("", "", "", "", "", "t", "t", "t", "t", "1", "1", "", "")
    return Sheet("demands", header, units, rows)


def _month_sheet(study: MatchStudy) -> Sheet:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (plan, name, written(found.task.first + at), *(float(it) for it in values))
        for plan, found in _plans(study).items()
        for name, it in found.served.items()
        for at, values in enumerate(
            zip(it.due, it.delivered, it.from_stock, it.shortage, it.makers, strict=True)
        )
    )
    header = ("plan", "demand", "month", "due", "delivered", "from own stock", "short", "makers")
    return Sheet("by month", header, ("", "", "", "t", "t", "t", "t", ""), rows)


def _shipment_sheet(study: MatchStudy) -> Sheet:
    base = study.base
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            *(title_of(base, facility), _country(base, facility), demand, material),
            *(written(base.task.first + at), float(tonnes)),
        )
        for (facility, demand, material), shipped in base.shipments.items()
        for at, tonnes in enumerate(shipped)
        if tonnes > 0
    )
    header = ("maker", "country", "demand", "material", "month", "delivered")
    return Sheet("deliveries", header, ("", "", "", "", "", "t"), rows)


def _run_sheet(study: MatchStudy) -> Sheet:
    base = study.base
    rows: list[tuple[Cell, ...]] = []
    for (facility, line, recipe, place), tonnes in base.runs.items():
        step = base.task.network.recipes[recipe]
        for at in np.flatnonzero(tonnes > 0):
            rows.append(
                (
                    *(title_of(base, facility), _country(base, facility), step.stage, line, recipe),
                    *(step.per, class_name(base, place), written(base.task.begins + int(at))),
                    *(float(tonnes[at]), float(base.capacity[facility, line][at])),
                )
            )
    header = (
        *("maker", "country", "stage", "line", "recipe", "counted in", "for"),
        *("inputs go in", "run", "capacity of the line"),
    )
    units = ("", "", "", "", "", "", "", "", "t", "t")
    return Sheet("runs", header, units, tuple(rows))


def _gap_sheet(study: MatchStudy) -> Sheet:
    base = study.base
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            *(gap.stage, gap.material, written(base.task.begins + int(at))),
            *(float(values[at]) for values in (gap.worth, gap.used, gap.capacity)),
        )
        for gap in base.gaps()
        for at in np.flatnonzero(gap.worth > 0)
    )
    header = ("stage", "counted in", "month", "worth", "run", "capacity")
    return Sheet("gaps", header, ("", "", "", "t/t", "t", "t"), rows)


def _missing_sheet(study: MatchStudy) -> Sheet:
    base = study.base
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (symbol, counted_with(symbol), written(base.task.first + at), float(tonnes))
        for symbol, short in base.missing().items()
        for at, tonnes in enumerate(short)
        if tonnes > 0
    )
    header = ("element", "counted", "month", "in what is short")
    return Sheet("elements short", header, ("", "", "", "t as metal"), rows)


def _left_sheet(study: MatchStudy) -> Sheet:
    base = study.base
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (title_of(base, facility), _country(base, facility), material, tonnes)
        for (facility, material), tonnes in base.leftovers.items()
    )
    header = ("maker", "country", "material", "left over")
    return Sheet("leftovers", header, ("", "", "", "t"), rows)


def _left_month_sheet(study: MatchStudy) -> Sheet:
    base = study.base
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (material, written(base.task.begins + at), float(tonnes))
        for material, left in base.left.items()
        for at, tonnes in enumerate(left)
        if tonnes > 0
    )
    return Sheet("leftovers by month", ("material", "month", "left over"), ("", "", "t"), rows)


def _share_sheet(study: MatchStudy) -> Sheet:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (stage, class_name(study.base, place), study.base.classes[place].words, country, share)
        for (place, stage), shares in study.base.shares().items()
        for country, share in shares.items()
    )
    return Sheet(
        "countries", ("stage", "for", "rules", "country", "share"), ("", "", "", "", "1"), rows
    )


def _proof_sheet(study: MatchStudy) -> Sheet:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            *(name, it.cost, it.bound, it.gap, it.scale, it.violation, it.relative, it.proof),
            *(found.seconds["build"], found.seconds["solve"]),
        )
        for name, found in _plans(study).items()
        for it in (found.certificate,)
    )
    header = (
        *("plan", "cost", "bound", "gap", "gap is of", "worst row", "worst row, relative"),
        *("proof", "build", "solve"),
    )
    units = ("", "t", "t", "1", "t", "t", "1", "", "s", "s")
    return Sheet("certificates", header, units, rows)


def _rests_on(study: MatchStudy) -> Iterable[tuple[str, str, str]]:
    for plan in study.plan.demands.values():
        if plan.cited.source:
            yield from resting(f"demand {plan.name}", (plan.cited.source,), plan.cited.basis)
        else:
            yield (f"demand {plan.name}", plan.cited.basis, plan.cited.note)
    yield from resting("lines", study.sources)
