"""Tables of a designed cut: the circuit, what it reaches and costs, what holds it, how far to trust it."""

from __future__ import annotations

from collections.abc import Iterable

from ytterby.datasets import table, weakest_basis
from ytterby.design.costs import CURRENCY, PRICE_DATE
from ytterby.design.cut import ActiveLimit, DesignedCut
from ytterby.design.response import Stages
from ytterby.design.uncertainty import SHARE_MET, STRIP_TRIMS
from ytterby.elements import acid_mass, reagent_mass
from ytterby.errors import Fault
from ytterby.report.tables import Table, number, percent
from ytterby.study.design import PlannedCut

MOST_CANDIDATES = 10
"""Candidates that a table shows, the cheapest."""
LOOSENED = 0.01
"""By how much a limit is loosened to tell what that saves [-]."""
LOOSENING = {
    "wrong side": "wrong side x 1.01",
    "recovery": "loss x 1.01",
    "loading": "free extractant / 1.01",
    "metal left": "free extractant / 1.01",
    "pH": "[H+] / 1.01",
    "saponification": "saponification x 1.01",
    "acid": "acid x 1.01",
}
"""What loosening by 1 % means, by the first words of a limit."""


def design_table(designed: DesignedCut) -> Table:
    """The circuit: stages, flows, acids, saponification, reagents; the limit beside what has one."""
    task, stages, run = designed.task, designed.stages, designed.run
    limits, used = task.limits, designed.solved.consumption
    base = used.base * reagent_mass(used.base_reagent)
    acid = (used.scrub_acid + used.strip_acid) * acid_mass(used.acid_reagent)
    fed = reo_fed(designed)
    most = str(limits.stages)
    rows = (
        ("extraction", "stages", str(stages.extraction), most),
        ("scrub", "stages", str(stages.scrub), most),
        ("strip", "stages", str(stages.strip), most),
        ("all", "stages", str(stages.total), ""),
        ("feed enters", "stage", str(stages.extraction), ""),
        ("feed", "m3/h", number(task.feed.flow), ""),
        ("organic", "m3/h", number(run.organic_flow), ""),
        ("extractant", "mol/L", number(task.extractant / 1000.0), ""),
        ("saponification", "%", _short(run.saponification), _short(limits.saponification)),
        ("scrub liquor", "m3/h", number(run.scrub_h / run.scrub_acid), ""),
        ("scrub liquor, acid", "mol/L", *_molar(run.scrub_acid, limits.scrub_acid)),
        ("strip acid", "m3/h", number(run.strip_flow), ""),
        ("strip acid, acid", "mol/L", *_molar(run.strip_acid, limits.strip_acid)),
        (used.base_reagent, "kg/h", number(base), ""),
        (used.acid_reagent, "kg/h", number(acid), ""),
        (used.base_reagent, "kg/kg REO fed", number(base / fed), ""),
        (used.acid_reagent, "kg/kg REO fed", number(acid / fed), ""),
    )
    return Table(
        f"Circuit of {task.name}",
        ("", "unit", "designed", "limit"),
        rows,
        "stages numbered along the organic; reagents pure (100 %), acid by its H+; "
        f"efficiency of every stage {_short(task.efficiency)} %",
    )


def reached_table(designed: DesignedCut) -> Table:
    """What was asked for and what the solved circuit reaches."""
    task = designed.task
    asked, limits = task.specification, task.limits
    light, heavy = task.cut
    wrong = [number(100.0 * share) for share in designed.wrong_side]
    least = [_short(asked.key_recovery(key)) for key in task.cut]
    ph = designed.solved.profiles.ph.max()
    rows = (
        ("wrong side in the raffinate", "%", _short(asked.wrong_sides[0]), wrong[0]),
        ("wrong side in the strip liquor", "%", _short(asked.wrong_sides[1]), wrong[1]),
        (f"recovery of {light}, raffinate", "%", least[0], percent(designed.recovery[0])),
        (f"recovery of {heavy}, strip liquor", "%", least[1], percent(designed.recovery[1])),
        ("largest loading", "%", _short(limits.loading), percent(designed.loading)),
        ("left on stripped organic", "% of capacity", _short(limits.stripped), percent(designed.stripped)),
        ("highest pH", "", number(limits.ph), f"{ph:.3f}"),
    )  # fmt: skip
    return Table(
        f"Specification of {task.name}",
        ("", "unit", "asked", "reached"),
        rows,
        f"raffinate: {' '.join(_in_order(task.light, designed))}; strip liquor: "
        f"{' '.join(_in_order(task.heavy, designed))}; wrong side: share of an outlet's rare-earth moles "
        "that belongs to the other; the circuit was solved again from a cold start",
    )


def cost_table(designed: DesignedCut) -> Table:
    """Annual costs by item and in all, and per kg of oxides fed."""
    per_year = reo_fed(designed) * hours(designed)
    lines = [*designed.costs.items(), ("all", designed.cost)]
    rows = tuple(
        (item, number(cost / 1000.0), _short(cost / designed.cost), number(cost / per_year))
        for item, cost in lines
    )
    left = f"; hold-up not valued: {', '.join(designed.unpriced)}" if designed.unpriced else ""
    return Table(
        f"Annual costs of {designed.task.name}, {CURRENCY} of {PRICE_DATE}",
        ("item", "cost", "share", "cost per REO fed"),
        rows,
        f"{number(per_year / 1000.0)} t/year REO fed in {hours(designed):.0f} h; a first estimate to weigh "
        f"stages against reagents, weakest basis: {weakest_basis(designed.prices)}{left}",
        ("", f"1000 {CURRENCY}/year", "%", f"{CURRENCY}/kg"),
    )


def price_table(designed: DesignedCut) -> Table:
    """Prices and conventions behind the costs: value, date, basis, source."""
    rows = tuple(
        (
            price.item,
            f"{price.value:g}",
            price.unit if price.unit != "1" else "",
            price.note or _conditions(price.item),
            price.basis,
            ", ".join(dict.fromkeys((price.source, *price.rests_on))),
        )
        for price in designed.prices
    )
    return Table(
        f"Prices of {designed.task.name}",
        ("", "value", "unit", "of", "basis", "source"),
        rows,
        f"weakest basis: {weakest_basis(designed.prices)}; "
        "[designs.NAME.prices] of the case replaces any of them",
    )


def active_table(designed: DesignedCut) -> Table:
    """Limits that the design stands at and what it would save to loosen each, the dearest first."""
    rows = tuple(
        (limit.name, _loosening(limit), f"{limit.saving:.4f}", number(_saved(limit, designed)))
        for limit in designed.active
    )
    return Table(
        f"Limits that hold {designed.task.name}",
        ("limit", "loosened by 1 %", "saves", "saves"),
        rows,
        "to first order, stages unchanged and everything else free to follow"
        if rows
        else "none: the design stands at no limit",
        ("", "", "% of costs", f"{CURRENCY}/year"),
    )


def one_more_table(planned: PlannedCut) -> Table:
    """The design beside that of ten times the purity; without rows, why that was not reached."""
    now, more = planned.designed, planned.one_more.designed
    title = f"One more nine for {planned.plan.name}"
    if more is None:
        return Table(title, (), (), f"not reached: {in_words(planned.one_more.faults)}")
    asked = [it.task.specification for it in (now, more)]
    rows = (
        ("wrong side, at most", "%", *(_short(it.wrong_side) for it in asked), ""),
        ("recovery, at least", "%", *(_short(it.recovery) for it in asked), ""),
        *_compared(now, more),
    )
    note = f"added: {number((more.cost - now.cost) / 1000.0)} thousand {CURRENCY}/year"
    header = ("", "unit", "designed", "one more nine", "change")
    return Table(title, header, rows, note, ("", "", "", "", "%"))


def hand_table(designed: DesignedCut) -> Table:
    """The hand calculation beside the solved circuit."""
    hand, stages = designed.shortcut, designed.stages
    carried, scrubbed = amounts(designed)
    least = hand.least_extraction_amount
    rows = (
        ("S_min", "mol/h", number(least), "", "least extraction amount, endless stages (Underwood)"),
        ("S", "mol/h", number(hand.extraction_amount), number(carried),
         "metal that extraction puts on the organic"),
        ("S / S_min", "", number(hand.excess), number(carried / least), ""),
        ("W", "mol/h", number(hand.scrub_amount), number(scrubbed),
         "metal that the scrub sends back to the feed stage"),
        ("N_min", "stages", number(hand.least_stages), "", "both sections at total reflux (Fenske)"),
        ("extraction", "stages", str(hand.extraction_stages), str(stages.extraction), "exact cascade at S"),
        ("scrub", "stages", str(hand.scrub_stages), str(stages.scrub), "exact cascade at S"),
    )  # fmt: skip
    return Table(
        f"Hand calculation of {designed.task.name}",
        ("", "unit", "by hand", "solved", "what"),
        rows,
        "by hand: full exchange at constant factors, ideal stages, S between 1.1 and 3 S_min where S x "
        "stages is least; solved: acid, free extractant and stripping with it, at least cost",
    )


def sensitivity_table(planned: PlannedCut) -> Table:
    """What one standard error of each constant does to the purities, the most harmful first."""
    task = planned.designed.task
    rows = []
    for item in planned.sensitivities:
        known = task.parameters.constants.get(item.element)
        rows.append(
            (
                item.element,
                number(item.uncertainty),
                number(item.raffinate),
                number(item.strip),
                known.basis
                if known and item.element not in task.assumed
                else "assumed D, no error",
            )
        )
    return Table(
        f"Purities of {planned.plan.name} and the errors of the constants",
        ("metal", "±", "wrong side, raffinate", "wrong side, strip liquor", "basis"),
        tuple(rows),
        "factor on the wrong side for one standard error more of that constant alone, the organic flow "
        "trimmed so that both outlets stay impure in proportion; for one less, its inverse; to first order",
        ("", "log10 Kex", "factor", "factor", ""),
    )


def robust_table(planned: PlannedCut) -> Table:
    """The variant that bears the errors beside the design; without rows, why there is none."""
    assert planned.robust is not None, "asked for"
    found, now = planned.robust.found, planned.designed
    title = f"Robust variant of {planned.plan.name}"
    if found is None:
        return Table(title, (), (), f"not found: {in_words(planned.robust.faults)}")
    then = found.designed
    rows = (
        ("draws met", "%", _short(found.met_before), _short(found.met), ""),
        (
            "wrong side, raffinate",
            "%",
            *(number(100.0 * it.wrong_side[0]) for it in (now, then)),
            "",
        ),
        (
            "wrong side, strip liquor",
            "%",
            *(number(100.0 * it.wrong_side[1]) for it in (now, then)),
            "",
        ),
        *_compared(now, then),
    )
    return Table(
        title,
        ("", "unit", "designed", "robust", "change"),
        rows,
        f"{found.draws} draws of the constants, {_short(found.correlation)} % of the variance in common "
        f"(assumed), in each the organic flow trimmed and up to {max(STRIP_TRIMS):g} times the strip acid; "
        f"asked: {_short(SHARE_MET)} % of draws; wrong sides and costs with the constants as they stand",
        ("", "", "", "", "%"),
    )


def candidate_table(designed: DesignedCut) -> Table:
    """The cheapest numbers of stages that were tried."""
    priced = sorted(
        # Polished, the chosen one is a little cheaper or dearer than it was as a candidate.
        (designed.cost if it.stages == designed.stages else it.cost, it.stages)
        for it in designed.candidates
        if it.cost is not None
    )
    rows = tuple(
        (
            *map(str, stages),
            str(stages.total),
            number(cost / 1000.0),
            f"{100.0 * (cost / designed.cost - 1.0):.3f}",
        )
        for cost, stages in priced[:MOST_CANDIDATES]
    )
    return Table(
        f"Stages tried for {designed.task.name}",
        ("extraction", "scrub", "strip", "all", "cost", "dearer by"),
        rows,
        f"the cheapest of {len(designed.candidates)} tried, {len(priced)} of which meet the specification; "
        f"those that promised no gain were not polished; {designed.circuits_solved} circuits solved in all",
        (*["stages"] * 4, f"1000 {CURRENCY}/year", "%"),
    )


def reo_fed(designed: DesignedCut) -> float:
    """Rare-earth oxides of the feed [kg/h]."""
    return designed.solved.streams[designed.task.feed.name].treo()


def hours(designed: DesignedCut) -> float:
    """Operating hours [h/year]."""
    return designed.task.prices.of("operating_hours").value


def amounts(designed: DesignedCut) -> tuple[float, float]:
    """S and W [mol/h]: metal that extraction puts on the organic, and that the scrub sends back.

    What strip has left on the organic goes round and is no part of S.
    """
    profiles, feed_stage = designed.solved.profiles, designed.stages.extraction
    put_on = profiles.onward[feed_stage - 1] - profiles.onward[-1]
    return float(put_on.sum()), float(profiles.fallen[feed_stage].sum())


def in_words(faults: Iterable[Fault]) -> str:
    """What faults read, on one line."""
    return "; ".join(f"{fault.read} (asked: {fault.expected})" for fault in faults)


def money(value: float) -> str:
    """An amount to three digits, no more than prices are good for, e.g. ``1,830,000 EUR``."""
    return f"{float(f'{value:.3g}'):,.0f} {CURRENCY}"


def _conditions(item: str) -> str:
    """What a price of the tables is of, and when."""
    return next(
        (row.labels["conditions"] for row in table("costs") if row.labels["item"] == item), ""
    )


def _saved(limit: ActiveLimit, designed: DesignedCut) -> float:
    """[EUR/year]"""
    return limit.saving * LOOSENED * designed.cost


def _loosening(limit: ActiveLimit) -> str:
    return next(words for start, words in LOOSENING.items() if limit.name.startswith(start))


def _stages(stages: Stages) -> str:
    return " + ".join(map(str, stages))


def _compared(now: DesignedCut, then: DesignedCut) -> tuple[tuple[str, ...], ...]:
    """Rows of two designs and the change in percent."""
    used = [it.solved.consumption for it in (now, then)]
    acid = [it.scrub_acid + it.strip_acid for it in used]
    stages = [it.stages for it in (now, then)]
    return (
        ("stages", "", *map(_stages, stages), _change(*(it.total for it in stages))),
        _beside("organic", "m3/h", now.run.organic_flow, then.run.organic_flow),
        _beside(used[0].base_reagent, "mol/h", used[0].base, used[1].base),
        _beside(used[0].acid_reagent, "mol/h", *acid),
        _beside("costs", f"1000 {CURRENCY}/year", now.cost / 1000.0, then.cost / 1000.0),
    )


def _beside(name: str, unit: str, now: float, then: float) -> tuple[str, ...]:
    return name, unit, number(now), number(then), _change(now, then)


def _change(now: float, then: float) -> str:
    return f"{100.0 * (then / now - 1.0):+.1f}"


def _molar(value: float, limit: float) -> tuple[str, str]:
    return number(value / 1000.0), number(limit / 1000.0)


def _short(share: float) -> str:
    """A share as percent without trailing zeros, all nines kept."""
    return f"{100.0 * share:.10g}" if share > 0.9 else f"{100.0 * share:.4g}"


def _in_order(symbols: Iterable[str], designed: DesignedCut) -> list[str]:
    """Symbols from the least to the most extracted in the design's own equilibrium."""
    names, _ = designed.task.by_extraction()
    return [name for name in names if name in set(symbols)]
