"""Tables of a sequence: orders of cuts by cost, what the best are built of, what comes out of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ytterby.datasets import weakest_basis
from ytterby.design.costs import CURRENCY, ITEMS, PRICE_DATE
from ytterby.design.response import Stages
from ytterby.design.sequence import (
    STRIP_EXCESS,
    STRIP_STAGES,
    Cut,
    DesignedSequence,
    RankedSequence,
    SequenceTask,
    Tree,
)
from ytterby.materials import Stream, is_rare_earth
from ytterby.report.design import in_words, price_table
from ytterby.report.tables import Table, number, percent, range_table
from ytterby.study.sequence import PlannedSequence

MOST_RANKED = 20
"""Orders of cuts that a table shows, the cheapest; documents have all."""
ASSUMPTIONS = (
    "between cuts, every liquor is brought to the strength and acid of the first feed at no cost",
    f"hand costs: {STRIP_STAGES} strip stages, {STRIP_EXCESS:g} times the acid that the stripped metal asks "
    "for, the organic loaded up to the limit, every product pure and whole",
)
"""What every sequence rests on beside the chemistry."""


@dataclass(frozen=True)
class Product:
    """What a designed sequence gives of one product."""

    name: str
    metals: tuple[str, ...]
    cut: Cut
    """The cut that it leaves."""
    outlet: str
    """Of that cut: raffinate or strip liquor."""
    stream: Stream
    purity: float
    """Share of its own in its rare-earth moles [mol/mol]."""
    purity_reo: float
    """Share of its own in its rare-earth oxides [kg/kg]."""
    recovery: float
    """Share of its rare earths in the feed [mol/mol]."""
    recovery_reo: float
    """Share of its rare earths in the feed, as oxides [kg/kg]."""


def products_of(planned: PlannedSequence, designed: DesignedSequence) -> tuple[Product, ...]:
    """What comes out, in the order of extraction."""
    task, inlet = planned.found.task, planned.found.task.first.feed
    fed = Stream(inlet.name, "aqueous", inlet.flow, inlet.concentrations)
    named = zip(planned.plan.products, task.products, strict=True)
    products = []
    for place, (name, metals) in enumerate(named):
        cut, outlet = leaving(designed.tree, place)
        stream = designed.designs[cut].solved.streams[outlet]
        own = [symbol for symbol in metals if is_rare_earth(symbol)]
        moles, oxides = sum(map(stream.moles, own)), sum(map(stream.oxide, own))
        products.append(
            Product(
                name=name,
                metals=metals,
                cut=cut,
                outlet=outlet,
                stream=stream,
                purity=moles / sum(map(stream.moles, filter(is_rare_earth, stream.metals))),
                purity_reo=oxides / stream.treo(),
                recovery=moles / sum(map(fed.moles, own)),
                recovery_reo=oxides / sum(map(fed.oxide, own)),
            )
        )
    return tuple(products)


def leaving(tree: Tree, place: int) -> tuple[Cut, str]:
    """The cut that a product leaves, and the outlet: raffinate where it is the lighter part."""
    for cut in tree:
        if (cut.first, cut.split) == (place, place + 1):
            return cut, "raffinate"
        if (cut.split, cut.end) == (place, place + 1):
            return cut, "strip liquor"
    raise ValueError(f"product {place} leaves no cut")


def ranking_table(planned: PlannedSequence) -> Table:
    """Orders of cuts by hand calculation, the cheapest first, designed costs beside those that have them."""
    found = planned.found
    least = found.ranked[0].cost
    designed = {it.tree: it.cost for it in found.designed}
    rows = tuple(
        (
            str(rank),
            order_in_words(found.task, it.tree),
            number(it.cost / 1000.0),
            f"{100.0 * (it.cost / least - 1.0):.1f}",
            _designed_cost(it, designed, planned),
        )
        for rank, it in enumerate(found.ranked[:MOST_RANKED], start=1)
    )
    unit = f"1000 {CURRENCY}/year"
    count = len(found.ranked)
    shown = (
        f"the best {MOST_RANKED} of {count} orders" if count > MOST_RANKED else f"{count} orders"
    )
    return Table(
        f"Orders of cuts of {planned.plan.name}",
        ("rank", "cuts in order", f"by hand, {unit}", "dearer by %", f"designed, {unit}"),
        rows,
        f"{shown}; a cut stands before those of its own outlets; by hand: {len(found.priced)} "
        "different cuts, full exchange at constant factors",
    )


def _designed_cost(
    ranked: RankedSequence, designed: dict[Tree, float], planned: PlannedSequence
) -> str:
    if ranked.tree in planned.found.refused:
        return "not reached"
    return number(designed[ranked.tree] / 1000.0) if ranked.tree in designed else ""


def cut_table(planned: PlannedSequence, designed: DesignedSequence) -> Table:
    """Cuts of a designed order: what each parts, its stages and flows, its costs by hand and designed."""
    found, rows = planned.found, []
    for cut in designed.tree:
        made = designed.designs[cut]
        rows.append(
            (
                found.task.words(cut),
                " + ".join(planned.plan.products[cut.first : cut.split]),
                " + ".join(planned.plan.products[cut.split : cut.end]),
                stages_in_words(made.stages),
                number(made.task.feed.flow),
                number(made.run.organic_flow),
                number(found.priced[cut].cost / 1000.0),
                number(made.cost / 1000.0),
            )
        )
    by_hand = hand_cost(planned, designed.tree)
    total = sum(made.stages.total for made in designed.designs.values())
    rows.append(
        (
            "all",
            "",
            "",
            str(total),
            "",
            "",
            number(by_hand / 1000.0),
            number(designed.cost / 1000.0),
        )
    )
    unit = f"1000 {CURRENCY}/year"
    header = (
        *("cut", "raffinate to", "strip liquor to", "stages", "feed m3/h", "organic m3/h"),
        *(f"by hand, {unit}", f"designed, {unit}"),
    )
    return Table(
        f"Cuts of {planned.plan.name}, {order_in_words(found.task, designed.tree)}",
        header,
        tuple(rows),
        f"stages: extraction + scrub + strip; {CURRENCY} of {PRICE_DATE}; each cut designed on what the "
        "one before it gives; costs are a first estimate to weigh orders against each other",
    )


def item_table(planned: PlannedSequence) -> Table:
    """Annual costs of the best order by item, by hand and designed."""
    best, priced = planned.best, planned.found.priced
    rows = [
        (
            item,
            number(sum(priced[cut].costs[item] for cut in best.tree) / 1000.0),
            number(sum(made.costs[item] for made in best.designs.values()) / 1000.0),
        )
        for item in ITEMS
    ]
    by_hand = hand_cost(planned, best.tree)
    rows.append(("all", number(by_hand / 1000.0), number(best.cost / 1000.0)))
    unit = f"1000 {CURRENCY}/year"
    return Table(
        f"Annual costs of {planned.plan.name}, {order_in_words(planned.found.task, best.tree)}",
        ("", f"by hand, {unit}", f"designed, {unit}"),
        tuple(rows),
    )


def product_table(planned: PlannedSequence, designed: DesignedSequence) -> Table:
    """Purity and recovery of each product, by amount and as oxides as traded."""
    words, asked = planned.found.task.words, planned.found.task.first.specification
    rows = tuple(
        (
            it.name,
            " ".join(it.metals),
            f"{it.outlet} of {words(it.cut)}",
            number(it.stream.treo()),
            percent(it.purity),
            percent(it.recovery),
            percent(it.purity_reo),
            percent(it.recovery_reo),
        )
        for it in products_of(planned, designed)
    )
    header = (
        *("product", "metals", "leaves as", "REO kg/h", "purity, % mol/mol", "recovery, % mol/mol"),
        *("purity, % REO", "recovery, % REO"),
    )
    return Table(
        f"Products of {planned.plan.name}, {order_in_words(planned.found.task, designed.tree)}",
        header,
        rows,
        f"asked of every cut: at most {100 * asked.wrong_side:.4g} % of an outlet's rare-earth moles from "
        f"the wrong side, {100 * asked.recovery:.10g} % of both keys recovered; what an outlet "
        "holds wrongly can gather in a small product of a later cut, which is then less pure than asked",
    )


def refused_table(planned: PlannedSequence) -> Table:
    """Orders of cuts that could not be designed, and why; without rows if there is none."""
    found = planned.found
    rows = tuple(
        (order_in_words(found.task, tree), in_words(error.faults))
        for tree, error in found.refused.items()
    )
    return Table(f"Not reached of {planned.plan.name}", ("cuts in order", "why"), rows)


def sequence_price_table(planned: PlannedSequence) -> Table:
    """Prices and conventions behind the costs: value, date, basis, source."""
    first = planned.best.designs[planned.best.tree[0]]
    return replace(
        price_table(first),
        title=f"Prices of {planned.plan.name}",
        note=f"weakest basis: {weakest_basis(planned.prices)}; [sequences.NAME.prices] of the case replaces "
        "any of them",
    )


def extrapolated_table(planned: PlannedSequence) -> Table:
    """Quantities of the best order that left the range of their constants, cut by cut."""
    rows = tuple(
        (planned.found.task.words(cut), *row)
        for cut, made in planned.best.designs.items()
        for row in range_table(made.solved).rows
    )
    header = ("cut", "section", "quantity", "reached", "constants hold for")
    return Table("Extrapolated: outside the range of the constants", header, rows)


def hand_cost(planned: PlannedSequence, tree: Tree) -> float:
    """Of an order of cuts by hand calculation [EUR/year]."""
    return sum(planned.found.priced[cut].cost for cut in tree)


def order_in_words(task: SequenceTask, tree: Iterable[Cut]) -> str:
    """Pairs of the cuts in order, e.g. ``Dy/Ho, Tb/Dy, Nd/Sm``."""
    return ", ".join(map(task.words, tree))


def stages_in_words(stages: Stages) -> str:
    """Extraction, scrub and strip, e.g. ``18 + 10 + 6``."""
    return " + ".join(map(str, stages))
