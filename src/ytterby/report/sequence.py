"""Tables of a sequence: orders of cuts by cost, what the best are built of, what comes out of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ytterby.datasets import weakest_basis
from ytterby.design.by_hand import STRIP_EXCESS, STRIP_STAGES
from ytterby.design.conditioning import CONDITIONING
from ytterby.design.costs import CURRENCY, ITEMS, PRICE_DATE
from ytterby.design.response import Stages
from ytterby.design.sequence import DesignedSequence, RankedSequence, SequenceTask
from ytterby.design.steps import Step, Tree
from ytterby.materials import Stream, is_rare_earth
from ytterby.report.design import in_words, price_table
from ytterby.report.tables import Table, number, percent, range_table
from ytterby.study.sequence import PlannedSequence

PER_YEAR = f"1000 {CURRENCY}/year"
MOST_RANKED = 20
"""Orders of cuts that a table shows, the cheapest; documents have all."""
ASSUMPTIONS = (
    "between circuits, every liquor is brought to the strength and acid of the first feed: free acid "
    "neutralised with the base of the saponification, water evaporated or added; its salt is left out of "
    "the next circuit, tanks and evaporators are not counted",
    f"hand costs: {STRIP_STAGES} strip stages, {STRIP_EXCESS:g} times the acid that the stripped metal asks "
    "for, the organic loaded up to the limit, phases with the composition of the feed, every product pure "
    "and whole",
    "the flow of a side draw is that of the hand calculation, widened only where the circuit asks for it",
)
"""What every sequence rests on beside the chemistry."""


@dataclass(frozen=True)
class Product:
    """What a designed sequence gives of one product."""

    name: str
    metals: tuple[str, ...]
    leaves: tuple[tuple[Step, str], ...]
    """Circuits and their outlets that it leaves by: one, or two where a finisher adds to it."""
    stream: Stream
    """All of it together."""
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
        leaves = leaving(designed.tree, place)
        stream = _together(
            name, [designed.designs[step].solved.streams[outlet] for step, outlet in leaves]
        )
        own = [symbol for symbol in metals if is_rare_earth(symbol)]
        moles, oxides = sum(map(stream.moles, own)), sum(map(stream.oxide, own))
        products.append(
            Product(
                name=name,
                metals=metals,
                leaves=leaves,
                stream=stream,
                purity=moles / sum(map(stream.moles, filter(is_rare_earth, stream.metals))),
                purity_reo=oxides / stream.treo(),
                recovery=moles / sum(map(fed.moles, own)),
                recovery_reo=oxides / sum(map(fed.oxide, own)),
            )
        )
    return tuple(products)


def leaving(tree: Tree, place: int) -> tuple[tuple[Step, str], ...]:
    """Circuits that a product leaves, each with the outlet."""
    return tuple(
        (step, outlet)
        for step in tree
        for outlet, span in step.outlets.items()
        if (span.first, span.end) == (place, place + 1)
    )


def leaving_in_words(task: SequenceTask, product: Product) -> str:
    """E.g. ``raffinate of Nd/Sm``."""
    return " + ".join(f"{outlet} of {task.words(step)}" for step, outlet in product.leaves)


def _together(name: str, streams: list[Stream]) -> Stream:
    """Aqueous streams as one; its acid is left open."""
    flow = sum(it.flow for it in streams)
    metals = {
        symbol: sum(it.moles(symbol) for it in streams) / flow for symbol in streams[0].metals
    }
    return Stream(name, "aqueous", flow, metals)


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
    count = len(found.ranked)
    shown = (
        f"the best {MOST_RANKED} of {count} orders" if count > MOST_RANKED else f"{count} orders"
    )
    return Table(
        f"Orders of cuts of {planned.plan.name}",
        ("rank", "cuts in order", "by hand", "dearer by", "designed"),
        rows,
        f"{shown}; a circuit stands before those of its own outlets; in brackets what a joint circuit "
        f"draws between its ends; by hand: {len(found.priced)} different circuits, full exchange at "
        "constant factors",
        ("", "", PER_YEAR, "%", PER_YEAR),
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
                *(_to(planned, cut, outlet) for outlet in ("raffinate", "strip liquor")),
                stages_in_words(made.stages),
                number(made.task.feed.flow),
                number(made.run.organic_flow),
                number(found.priced[cut].cost / 1000.0),
                number(designed.step_cost(cut) / 1000.0),
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
    header = (
        *("cut", "raffinate to", "strip liquor to", "stages", "feed", "organic"),
        *("by hand", "designed"),
    )
    return Table(
        f"Cuts of {planned.plan.name}, {order_in_words(found.task, designed.tree)}",
        header,
        tuple(rows),
        f"stages: extraction + scrub + strip; {CURRENCY} of {PRICE_DATE}, conditioning of outlets that go on "
        "included; each circuit designed on what the one before it gives; costs are a first estimate to "
        "weigh sequences against each other",
        ("", "", "", "", "m3/h", "m3/h", PER_YEAR, PER_YEAR),
    )


def _to(planned: PlannedSequence, step: Step, outlet: str) -> str:
    """Products that an outlet holds."""
    span = step.outlets[outlet]
    return " + ".join(planned.plan.products[span.first : span.end])


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
    rows += [
        (
            item,
            number(sum(priced[cut].conditioning[item] for cut in best.tree) / 1000.0),
            number(sum(costs[item] for costs in best.conditioning.values()) / 1000.0),
        )
        for item in CONDITIONING
    ]
    by_hand = hand_cost(planned, best.tree)
    rows.append(("all", number(by_hand / 1000.0), number(best.cost / 1000.0)))
    return Table(
        f"Annual costs of {planned.plan.name}, {order_in_words(planned.found.task, best.tree)}",
        ("item", "by hand", "designed"),
        tuple(rows),
        units=("", PER_YEAR, PER_YEAR),
    )


def product_table(planned: PlannedSequence, designed: DesignedSequence) -> Table:
    """Purity and recovery of each product, by amount and as oxides as traded."""
    task = planned.found.task
    rows = tuple(
        (
            it.name,
            " ".join(it.metals),
            leaving_in_words(task, it),
            number(it.stream.treo()),
            f"{100.0 * asked.purity:.10g}",
            percent(it.purity),
            f"{100.0 * asked.recovery:.10g}",
            percent(it.recovery),
            percent(it.purity_reo),
            percent(it.recovery_reo),
        )
        for it, asked in zip(products_of(planned, designed), task.specifications, strict=True)
    )
    header = (
        *("product", "metals", "leaves as", "REO", "purity asked", "purity"),
        *("recovery asked", "recovery", "purity as REO", "recovery as REO"),
    )
    return Table(
        f"Products of {planned.plan.name}, {order_in_words(planned.found.task, designed.tree)}",
        header,
        rows,
        "of the circuits solved; recovery is asked of each rare earth of a product, shown of all together",
        ("", "", "", "kg/h", *["% mol/mol"] * 4, "% kg/kg", "% kg/kg"),
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
        price_table(replace(first, prices=planned.prices)),
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


def order_in_words(task: SequenceTask, tree: Iterable[Step]) -> str:
    """Pairs of the cuts in order, e.g. ``Dy/Ho, Tb/Dy, Nd/Sm``."""
    return ", ".join(map(task.words, tree))


def stages_in_words(stages: Stages) -> str:
    """Extraction, scrub and strip, e.g. ``18 + 10 + 6``."""
    return " + ".join(map(str, stages))
