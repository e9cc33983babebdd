"""Order of cuts: every tree once, ranked by the sum of its cuts, the best designed on what arrives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from circuits import closely
from design_tasks import SHARES, task
from ytterby.circuit.circuit import Inlet
from ytterby.design.sequence import (
    DesignedSequence,
    Sequenced,
    SequenceTask,
    Tree,
    first_cut,
    sequence_cuts,
    shortcut_costs,
    trees,
)
from ytterby.design.start import hand_calculation
from ytterby.errors import CaseError, ConvergenceError, Fault
from ytterby.materials import Stream

PRODUCTS = (("Pr", "Nd"), ("Sm",), ("Gd",))
SIX = {name: 150.0 for name in ("Nd", "Sm", "Gd", "Tb", "Dy", "Ho")}


def sequence_task(products: tuple[tuple[str, ...], ...] = PRODUCTS) -> SequenceTask:
    return SequenceTask(task(), products)


@cache
def designed() -> Sequenced:
    """Both orders of three products, the better one designed."""
    return sequence_cuts(sequence_task(), 1)


def ends(tree: Tree, products: int) -> list[int]:
    """Products in the order in which following the tree from the feed reaches them."""
    by_span = {(cut.first, cut.end): cut for cut in tree}
    reached, open_spans = [], [(0, products)]
    while open_spans:
        first, end = open_spans.pop()
        if end - first == 1:
            reached.append(first)
            continue
        cut = by_span.pop((first, end))
        open_spans += [(cut.split, end), (first, cut.split)]
    assert not by_span, "no cut without a feed"
    return reached


# --- trees


@pytest.mark.parametrize(
    ("products", "catalan"), [(1, 1), (2, 1), (3, 2), (4, 5), (5, 14), (6, 42), (8, 429)]
)
def test_there_are_as_many_orders_as_the_catalan_number(products: int, catalan: int) -> None:
    found = list(trees(0, products))
    assert len(found) == len(set(found)) == catalan


def test_every_product_is_the_end_of_every_tree_once() -> None:
    for tree in trees(0, 6):
        assert len(tree) == 5
        assert ends(tree, 6) == list(range(6))


def test_a_cut_stands_before_those_of_its_parts() -> None:
    for tree in trees(0, 6):
        for place, cut in enumerate(tree):
            before = [it for it in tree if it.first <= cut.first and it.end >= cut.end]
            assert {*before} <= {*tree[: place + 1]}


def test_the_first_cut_is_between_the_first_two_products() -> None:
    assert first_cut(PRODUCTS) == ("Nd", "Sm")


# --- products


@pytest.mark.parametrize(
    ("products", "words"),
    [
        ((("Pr", "Nd"), ("Nd", "Sm"), ("Gd",)), "Nd twice"),
        ((("Pr", "Nd"), ("Sm",), ("Gd", "Tb")), "Tb, which the feed does not bring"),
        ((("Pr", "Nd"), ("Gd",)), "no product with Sm"),
        ((("Pr", "Nd", "Sm", "Gd"),), "1 product"),
        ((("Pr", "Nd"), ("Gd",), ("Sm",)), "Pr Nd | Gd | Sm"),
        ((("Nd", "Pr"), ("Sm",), ("Gd",)), "Nd Pr | Sm | Gd"),
        ((("Pr", "Sm"), ("Nd",), ("Gd",)), "Pr Sm | Nd | Gd"),
    ],
)
def test_products_that_do_not_part_the_feed_are_refused(
    products: tuple[tuple[str, ...], ...], words: str
) -> None:
    with pytest.raises(CaseError) as caught:
        sequence_task(products)
    (fault,) = caught.value.faults
    assert (fault.where, fault.read) == ("sequence test, products", words)
    assert fault.expected


# --- ranking


def bracketings(
    products: tuple[tuple[str, ...], ...],
) -> Iterator[tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]]:
    """Ways to part products, each a tuple of cuts, each cut its light and heavy metals."""
    if len(products) == 1:
        yield ()
    for split in range(1, len(products)):
        parts = tuple(sum(half, ()) for half in (products[:split], products[split:]))
        for light in bracketings(products[:split]):
            for heavy in bracketings(products[split:]):
                yield ((parts[0], parts[1]), *light, *heavy)


def cost_by_hand(light: tuple[str, ...], heavy: tuple[str, ...]) -> float:
    """Of one cut on its products, pure and whole, in a liquor as strong as the feed [EUR/year]."""
    whole, moles = 2.0 * sum(SIX.values()), {name: 2.0 * SIX[name] for name in (*light, *heavy)}
    flow = sum(moles.values()) / (whole / 2.0)
    feed = Inlet("feed", flow, 10.0, {name: it / flow for name, it in moles.items()})
    plan = replace(task(("Tb", "Dy"), SIX), feed=feed, cut=(light[-1], heavy[0]))
    return sum(shortcut_costs(plan, hand_calculation(plan)).values())


def test_the_ranking_is_the_sum_over_the_cuts_of_every_bracketing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    products = (("Nd",), ("Sm", "Gd"), ("Tb",), ("Dy",), ("Ho",))
    any_design = designed().designed[0]
    monkeypatch.setattr("ytterby.design.sequence._designed", lambda *_: any_design)
    found = sequence_cuts(SequenceTask(task(("Tb", "Dy"), SIX), products), 1)
    expected = sorted(
        sum(cost_by_hand(*cut) for cut in bracketing) for bracketing in bracketings(products)
    )
    assert len(expected) == 14
    assert [it.cost for it in found.ranked] == closely(expected, 1e-12)
    assert len(found.priced) == 20, "every different cut once"


# --- designs


def outlet_of(product: int) -> Stream:
    """What leaves the designed sequence as a product."""
    made = designed().designed[0]
    for cut in made.tree:
        if (cut.first, cut.split) == (product, product + 1):
            return made.designs[cut].solved.streams["raffinate"]
        if (cut.split, cut.end) == (product, product + 1):
            return made.designs[cut].solved.streams["strip liquor"]
    raise AssertionError(product)


def test_every_metal_ends_in_the_products() -> None:
    streams = [outlet_of(product) for product in range(3)]
    for name, share in SHARES.items():
        leaving = sum(stream.moles(name) for stream in streams)
        assert leaving == pytest.approx(2.0 * share, rel=1e-7)


def test_purity_and_recovery_are_those_of_the_streams() -> None:
    made = designed().designed[0]
    for product, metals in enumerate(PRODUCTS):
        stream = outlet_of(product)
        own = sum(map(stream.moles, metals))
        purity = own / sum(map(stream.moles, SHARES))
        recovery = own / (2.0 * sum(SHARES[name] for name in metals))
        assert made.purity[product] == pytest.approx(purity, rel=1e-7)
        assert made.recovery[product] == pytest.approx(recovery, rel=1e-7)
        assert 0.99 < purity < 1.0
        assert 0.99 < recovery < 1.0


def test_the_second_cut_is_fed_with_what_the_first_gives_at_the_strength_of_the_feed() -> None:
    made = designed().designed[0]
    first, then = made.tree
    outlet = "raffinate" if then.end == first.split else "strip liquor"
    given, fed = made.designs[first].solved.streams[outlet], made.designs[then].task
    for name in fed.elements:
        assert fed.fed(name) == pytest.approx(given.moles(name), rel=1e-12)
    assert sum(fed.feed.concentrations.values()) == pytest.approx(sum(SHARES.values()), rel=1e-12)
    assert fed.feed.acid == 10.0


def test_a_designed_order_is_the_best_by_hand_and_every_cut_meets_what_is_asked() -> None:
    found = designed()
    (made,) = found.designed
    assert made.tree == found.ranked[0].tree and not found.refused
    assert made.cost == closely(sum(it.cost for it in made.designs.values()), 1e-12)
    for it in made.designs.values():
        assert max(it.wrong_side) <= 1e-3
        assert min(it.recovery) >= 0.999


def test_the_cheapest_design_stands_first_and_what_is_not_reached_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, reached = designed().designed[0], []

    def designed_later_ones_cheaper(*arguments: Any) -> DesignedSequence:
        tree = arguments[1]
        reached.append(tree)
        if len(reached) == 2:
            raise ConvergenceError(Fault("design", "not reached"))
        costs = dict.fromkeys(
            made.designs, replace(made.designs[made.tree[0]], costs={"all": 9.0 / len(reached)})
        )
        return replace(made, tree=tree, designs=costs)

    monkeypatch.setattr("ytterby.design.sequence._designed", designed_later_ones_cheaper)
    products = (("Nd",), ("Sm", "Gd"), ("Tb",), ("Dy", "Ho"))
    found = sequence_cuts(SequenceTask(task(("Tb", "Dy"), SIX), products), 3)
    assert reached == [it.tree for it in found.ranked[:3]]
    assert [it.tree for it in found.designed] == [reached[2], reached[0]]
    assert list(found.refused) == [reached[1]]
