"""Sequences: every tree once, ranked by the sum of its circuits, the best designed on what arrives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from circuits import closely
from design_tasks import SHARES, task
from ytterby.circuit.circuit import Inlet
from ytterby.design.by_hand import shortcut_costs
from ytterby.design.products import ProductSpecification
from ytterby.design.sequence import (
    DesignedSequence,
    Sequenced,
    SequenceTask,
    first_cut,
    has_draw,
    sequence_cuts,
)
from ytterby.design.start import hand_calculation, mean_charge, passing_acid
from ytterby.design.steps import Cut, Joint, Step, Tree, trees
from ytterby.design.task import Specification
from ytterby.errors import CaseError, ConvergenceError, Fault

PRODUCTS = (("Pr", "Nd"), ("Sm",), ("Gd",))
ASKED = (ProductSpecification(0.99, 0.98),) * 3
"""Of few stages."""
SIX = {name: 150.0 for name in ("Nd", "Sm", "Gd", "Tb", "Dy", "Ho")}


def sequence_task(products: tuple[tuple[str, ...], ...] = PRODUCTS) -> SequenceTask:
    return SequenceTask(task(), products)


@cache
def designed() -> Sequenced:
    """All sequences of three products, the best with a joint circuit and the best without designed."""
    return sequence_cuts(SequenceTask(task(), PRODUCTS, ASKED), 1)


def made(joint: bool) -> DesignedSequence:
    """The best designed sequence with, or without, a joint circuit."""
    return next(it for it in designed().designed if has_draw(it.tree) == joint)


def ends(tree: Tree, products: int) -> list[int]:
    """Products in the order in which following the tree from the feed reaches them."""
    by_source = {step.source: step for step in tree}
    assert len(by_source) == len(tree), "no circuit is fed twice"
    reached, used = set(), set()
    for step in tree:
        for span in step.outlets.values():
            if span.single:
                reached.add(span.first)
            else:
                used.add(by_source[span])
        if isinstance(step, Joint):
            used.add(by_source[step])
    assert used | {tree[0]} == {*tree}, "every circuit is fed"
    return sorted(reached)


# --- trees


@pytest.mark.parametrize(
    ("products", "catalan"), [(1, 1), (2, 1), (3, 2), (4, 5), (5, 14), (6, 42), (8, 429)]
)
def test_there_are_as_many_orders_as_the_catalan_number(products: int, catalan: int) -> None:
    found = list(trees(0, products))
    assert len(found) == len(set(found)) == catalan


def with_draws(products: int) -> int:
    """How many sequences there are: a first circuit of two outlets, or of three drawn from either section."""
    if products < 2:
        return 1
    of = with_draws
    two = sum(of(first) * of(products - first) for first in range(1, products))
    three = sum(
        of(first) * of(drawn) * of(products - first - drawn)
        for first in range(1, products)
        for drawn in range(1, products - first)
    )
    return two + 2 * three


@pytest.mark.parametrize("products", [2, 3, 4, 5, 6])
def test_there_are_as_many_with_side_draws_as_the_recurrence_says(products: int) -> None:
    found = list(trees(0, products, side_draws=True))
    assert len(found) == len(set(found)) == with_draws(products)


@pytest.mark.parametrize("side_draws", [False, True])
def test_every_product_is_the_end_of_every_tree(side_draws: bool) -> None:
    for tree in trees(0, 5, side_draws):
        assert len(tree) == 4, "a joint circuit and its finisher stand for two cuts"
        assert ends(tree, 5) == list(range(5))


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


LEFT, KEY = 0.95, 0.8
"""Shares of an allowance that are given away, and of a loss that a metal is allowed where it is a key."""


def asked_by_hand(
    products: tuple[tuple[str, ...], ...], light: tuple[str, ...], heavy: tuple[str, ...]
) -> Specification:
    """Of a cut, from products of 99.9 % and 99.5 %: each bears its intruders from either end alike."""
    place = next(number for number, it in enumerate(products) if it[0] == heavy[0])
    last = len(products) - 1

    def borne(product: int) -> float:
        own = 0.995 * 2.0 * sum(SIX[metal] for metal in products[product])
        return LEFT * 0.001 / 0.999 * own / (1 if product in (0, last) else 2)

    def kept(metal: str) -> float:
        ends = sum(
            (metal == it[0] and number > 0) or 0 for number, it in enumerate(products)
        ) + sum((metal == it[-1] and number < last) or 0 for number, it in enumerate(products))
        return 1.0 - LEFT * 0.005 * KEY / ends

    down, up = borne(place - 1), borne(place)
    return Specification(
        raffinate_wrong_side=down / (2.0 * sum(SIX[it] for it in light) + down),
        strip_wrong_side=up / (2.0 * sum(SIX[it] for it in heavy) + up),
        recoveries={light[-1]: kept(light[-1]), heavy[0]: kept(heavy[0])},
    )


def cost_by_hand(
    products: tuple[tuple[str, ...], ...], light: tuple[str, ...], heavy: tuple[str, ...]
) -> float:
    """Of one cut on its products, pure and whole, in a liquor as strong as the feed [EUR/year]."""
    strength = sum(SIX.values())
    moles = {name: 2.0 * SIX[name] for name in (*light, *heavy)}
    flow = sum(moles.values()) / strength
    feed = Inlet("feed", flow, 10.0, {name: it / flow for name, it in moles.items()})
    plan = replace(
        task(("Tb", "Dy"), SIX),
        feed=feed,
        cut=(light[-1], heavy[0]),
        specification=asked_by_hand(products, light, heavy),
    )
    hand = hand_calculation(plan)
    cost = sum(shortcut_costs(plan, hand).values())
    # Twice the strip acid: half of it is free in the strip liquor, and is neutralised where that goes on.
    extract, raffinate = float(hand.extract.sum()), float(hand.raffinate.sum())
    if heavy not in products:
        cost += conditioned(extract * 6.0 / 6000.0, 3.0 * extract, extract / strength)
    if light not in products:
        passing = passing_acid(plan, hand, 0.72, hand.scrub_amount)
        scrub = (mean_charge(plan) * hand.scrub_amount + passing) / 6000.0
        cost += conditioned(flow + scrub, passing + 10.0 * flow, raffinate / strength)
    return cost


def conditioned(volume: float, acid: float, then: float) -> float:
    """A liquor [m3/h] with free acid [mol/h] made ``then`` m3/h at 10 mol/m3 [EUR/year]."""
    base = max(0.0, acid - 10.0 * then) * 0.039997 * 0.56
    water = 0.5 * max(0.0, then - volume) + 0.030 * 80.0 * max(0.0, volume - then)
    return 8000.0 * (base + water)


def test_the_ranking_is_the_sum_over_the_cuts_of_every_bracketing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    products = (("Nd",), ("Sm", "Gd"), ("Tb",), ("Dy",), ("Ho",))
    any_design = made(False)
    monkeypatch.setattr("ytterby.design.sequence._designed", lambda *_: any_design)
    found = sequence_cuts(SequenceTask(task(("Tb", "Dy"), SIX), products, side_draws=False), 1)
    expected = sorted(
        sum(cost_by_hand(products, *cut) for cut in bracketing)
        for bracketing in bracketings(products)
    )
    assert len(expected) == 14
    assert [it.cost for it in found.ranked] == closely(expected, 1e-5)
    assert len(found.priced) == 20, "every different cut once"


# --- designs

BOTH = pytest.mark.parametrize("joint", [False, True])


def products_by_streams(it: DesignedSequence) -> list[dict[str, float]]:
    """Metals of each product [mol/h], over all circuits that it leaves."""
    found: list[dict[str, float]] = [dict.fromkeys(SHARES, 0.0) for _ in PRODUCTS]
    for step in it.tree:
        for outlet, span in step.outlets.items():
            if span.single:
                stream = it.designs[step].solved.streams[outlet]
                for name in SHARES:
                    found[span.first][name] += stream.moles(name)
    return found


@BOTH
def test_every_metal_ends_in_the_products(joint: bool) -> None:
    products = products_by_streams(made(joint))
    for name, share in SHARES.items():
        assert sum(it[name] for it in products) == pytest.approx(2.0 * share, rel=1e-7)


@BOTH
def test_every_product_of_the_solved_circuits_is_as_asked(joint: bool) -> None:
    it = made(joint)
    for place, (metals, moles) in enumerate(zip(PRODUCTS, products_by_streams(it), strict=True)):
        own = sum(moles[name] for name in metals)
        assert it.purity[place] == pytest.approx(own / sum(moles.values()), rel=1e-7)
        assert it.purity[place] >= 0.99
        recovery = own / (2.0 * sum(SHARES[name] for name in metals))
        assert it.recovery[place] == pytest.approx(recovery, rel=1e-7)
        assert all(moles[name] >= 0.98 * 2.0 * SHARES[name] for name in metals)


@BOTH
def test_every_circuit_is_fed_with_what_arrives_at_the_strength_of_the_feed(joint: bool) -> None:
    it = made(joint)
    for step in it.tree[1:]:
        fed = it.designs[step].task
        arriving = dict.fromkeys(fed.elements, 0.0)
        for before in it.tree:
            targets: dict[str, object] = {**before.outlets}
            if isinstance(before, Joint):
                targets["side draw"] = before
            for outlet, target in targets.items():
                if target == step.source:
                    stream = it.designs[before].solved.streams[outlet]
                    for name in arriving:
                        arriving[name] += stream.moles(name)
        for name in fed.elements:
            assert fed.fed(name) == pytest.approx(arriving[name], rel=1e-12)
        strength = sum(SHARES.values())
        assert sum(fed.feed.concentrations.values()) == pytest.approx(strength, rel=1e-12)
        assert fed.feed.acid == 10.0


@BOTH
def test_every_circuit_meets_what_is_asked_of_it(joint: bool) -> None:
    for step, it in made(joint).designs.items():
        asked = it.task.specification
        assert all(
            share <= most for share, most in zip(it.wrong_side, asked.wrong_sides, strict=True)
        )
        for metal, kept in asked.recoveries.items():
            own = [name for name in it.task.outlets if metal not in it.task.lost_in(name)]
            found = sum(it.solved.recovery(metal, name) for name in own)
            assert found >= kept - 1e-12, (step, metal)
        assert max(it.solved.closure.values()) < 1e-10


def test_a_draw_of_extraction_holds_the_drawn_product_and_light_metals_only() -> None:
    it = made(True)
    joint = it.tree[0]
    assert isinstance(joint, Joint) and isinstance(it.tree[1], Cut) and it.tree[1].of == joint
    solved = it.designs[joint].solved
    (drawn,) = solved.circuit.draws
    stream = solved.streams["side draw"]
    assert stream.flow == drawn.flow
    assert drawn.place.section == joint.side
    strange = ("Gd",) if joint.side == "extraction" else ("Pr", "Nd")
    assert stream.moles("Sm") > 0.98 * 600.0
    assert sum(map(stream.moles, strange)) < 1e-2 * stream.moles("Sm")


@BOTH
def test_costs_are_those_of_the_circuits_and_of_what_goes_on(joint: bool) -> None:
    it = made(joint)
    total = 0.0
    for step in it.tree:
        design = it.designs[step]
        total += design.cost
        for outlet in (
            "raffinate",
            "strip liquor",
            *(["side draw"] if step in drawn_from(it) else []),
        ):
            goes_on = outlet == "side draw" or not step.outlets[outlet].single
            if goes_on:
                stream = design.solved.streams[outlet]
                assert stream.acid is not None
                then = sum(map(stream.moles, SHARES)) / sum(SHARES.values())
                total += conditioned(stream.flow, stream.flow * stream.acid, then)
    assert it.cost == closely(total, 1e-5)


def drawn_from(it: DesignedSequence) -> list[Step]:
    return [step for step in it.tree if isinstance(step, Joint)]


def test_the_best_of_both_kinds_are_designed() -> None:
    found = designed()
    assert not found.refused
    best = {has_draw(it.tree): it.tree for it in reversed(found.ranked)}
    assert {it.tree for it in found.designed} == {*best.values()}
    assert [it.cost for it in found.designed] == sorted(it.cost for it in found.designed)


def test_the_cheapest_design_stands_first_and_what_is_not_reached_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, reached = made(False), []

    def designed_later_ones_cheaper(*arguments: Any) -> DesignedSequence:
        tree = arguments[1]
        reached.append(tree)
        if len(reached) == 2:
            raise ConvergenceError(Fault("design", "not reached"))
        costs = {
            step: replace(it, costs={"all": 9.0 / len(reached)})
            for step, it in first.designs.items()
        }
        return replace(first, designs=costs)

    monkeypatch.setattr("ytterby.design.sequence._designed", designed_later_ones_cheaper)
    products = (("Nd",), ("Sm", "Gd"), ("Tb",), ("Dy", "Ho"))
    plan = SequenceTask(task(("Tb", "Dy"), SIX), products, side_draws=False)
    found = sequence_cuts(plan, 3)
    assert reached == [it.tree for it in found.ranked[:3]]
    assert found.designed[0].cost < found.designed[1].cost
    assert list(found.refused) == [reached[1]]


def test_a_product_that_is_not_as_asked_refuses_its_sequence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Circuits designed for less than what the products ask are not passed off as a design."""
    first = made(False)

    def as_before(step: Step, *_: Any) -> Any:
        if step not in first.designs:
            raise ConvergenceError(Fault("design", "of the other order"))
        return first.designs[step]

    monkeypatch.setattr("ytterby.design.sequence._made", as_before)
    purer = (ProductSpecification(0.9999, 0.98),) * 3
    with pytest.raises(ConvergenceError, match=r"purity 0\.99\d* of the solved circuits"):
        sequence_cuts(SequenceTask(task(), PRODUCTS, purer, side_draws=False), 2)


def test_specifications_of_products_are_counted_and_judged() -> None:
    with pytest.raises(CaseError, match="specifications of 1 products"):
        SequenceTask(task(), PRODUCTS, (ProductSpecification(),))
    with pytest.raises(CaseError, match="purity 1"):
        SequenceTask(task(), PRODUCTS, (ProductSpecification(1.0),) * 3)
