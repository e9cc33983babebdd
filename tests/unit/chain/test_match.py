"""Allocation over months on tiny chains whose answer is found by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from tiny_chain import facility, line, magnets, network
from ytterby.chain.demand import Demand
from ytterby.chain.match import Matcher, MatchTask, match
from ytterby.chain.network import Facility, Line, Network
from ytterby.chain.rules import Rule
from ytterby.errors import DataError

FIRST, MONTHS, LEAD_IN = 12 * 2026, 12, 6
SIZES = {"liquor": 1000.0, "refiner": 100.0, "smelter": 100.0, "cutter": 100.0}
"""t/month; the leads are 0, 2, 1 and 3 months, and a wafer needs 0.6 t metal, 0.84 t oxide, 6.72 t liquor."""


def chain(*more: tuple[Facility, Line]) -> Network:
    """Liquor, refiner, smelter and cutter, each in country AAA, and more."""
    facilities = [facility(name) for name in SIZES] + [it for it, _ in more]
    lines = [
        line("liquor", "mining", "draw_liquor"),
        line("refiner", "refining", "refine"),
        line("smelter", "metal", "Ga_metal"),
        line("cutter", "wafer", "wafer"),
        *(it for _, it in more),
    ]
    return network(facilities, lines)


def smelter(name: str, country: str) -> tuple[Facility, Line]:
    """One more smelter."""
    return facility(name, country), line(name, "metal", "Ga_metal")


def wanted(
    name: str,
    tonnes: float | Sequence[float],
    *,
    rules: tuple[Rule, ...] = (),
    customer_class: str = "",
    instead: tuple[str, ...] = (),
    material: str = "wafer",
    stock: float = 0.0,
    priority: float = 1.0,
) -> Demand:
    """A demand of so much a month from the first month on."""
    due = np.broadcast_to(tonnes, MONTHS)
    return Demand(
        name,
        name,
        "AAA",
        customer_class,
        material,
        {FIRST + it: float(due[it]) for it in range(MONTHS)},
        instead=instead,
        rules=rules,
        stock=stock,
        priority=priority,
    )


def task(
    *demands: Demand,
    sizes: Mapping[str, float | np.ndarray] | None = None,
    of: Network | None = None,
    lead_in: int = LEAD_IN,
    **more: object,
) -> MatchTask:
    """A task with capacities of facilities [t/month], by month or the same in all."""
    net = of or chain()
    known = {**SIZES, **(sizes or {})}
    capacity = {
        key: np.array(np.broadcast_to(known.get(key[0], 100.0), lead_in + MONTHS), dtype=float)
        for key in net.lines
    }
    return MatchTask(net, demands, FIRST, MONTHS, capacity, **more)  # type: ignore[arg-type]


def short(found: object, name: str) -> np.ndarray:
    """Shortage of a demand by month [t]."""
    return found.served[name].shortage  # type: ignore[attr-defined]


def test_a_full_chain_serves_from_the_first_month() -> None:
    asked = task(wanted("car", 5.0))
    assert asked.lead_in == LEAD_IN
    found = match(asked)
    assert found.shortage.sum() == pytest.approx(0.0, abs=1e-9)
    assert found.served["car"].in_full == 1.0
    # Each run stands as many months before the delivery as its leads say, and no earlier or later.
    by_recipe = {recipe: tonnes for (_, _, recipe, _), tonnes in found.runs.items()}
    for recipe, amount, ahead in (
        ("wafer", 5.0, 3),
        ("Ga_metal", 3.0, 4),
        ("refine", 4.2, 6),
        ("draw_liquor", 33.6, 6),
    ):
        expected = np.zeros(asked.span)
        expected[LEAD_IN - ahead : LEAD_IN - ahead + MONTHS] = amount
        np.testing.assert_allclose(by_recipe[recipe], expected, atol=1e-9)
    assert found.certificate.proof == "duality"
    assert found.certificate.gap < 1e-9


def test_a_cold_start_is_short_by_its_leads() -> None:
    found = match(task(wanted("car", 5.0), lead_in=0, run_in=0))
    np.testing.assert_allclose(short(found, "car"), [5.0] * 6 + [0.0] * 6, atol=1e-9)
    assert found.served["car"].in_full == 0.5
    assert found.served["car"].share == pytest.approx(0.5)


def test_leads_may_be_given() -> None:
    asked = task(wanted("car", 5.0), lead_in=0, run_in=0, leads={"wafer": 5})
    np.testing.assert_allclose(short(match(asked), "car"), [5.0] * 8 + [0.0] * 4, atol=1e-9)
    with pytest.raises(DataError, match="capacity of line mining of liquor"):
        match(task(wanted("car", 5.0), leads={"wafer": 5}))  # arrays of the wrong length


def test_the_stage_that_limits_and_its_worth() -> None:
    found = match(task(wanted("car", 5.0), sizes={"smelter": 2.4}))
    assert short(found, "car").sum() == pytest.approx(12.0)
    (gap,) = found.gaps()
    assert (gap.stage, gap.material) == ("metal", "Ga_metal")
    worth = np.zeros(LEAD_IN + MONTHS)
    worth[2:14] = 1 / 0.6  # metal of month 2 is in the wafers of month 6
    np.testing.assert_allclose(gap.worth, worth, atol=1e-9)
    assert found.missing()["Ga"].sum() == pytest.approx(6.0)
    assert found.shares()[0, "metal"] == {"AAA": 1.0}


def test_of_a_line_with_two_recipes_only_the_wanted_one_limits() -> None:
    """One smelter runs both metals and has no capacity; gallium is had elsewhere, so indium is what
    limits."""
    of = chain(
        (facility("both"), line("both", "metal", "Ga_metal", "In_metal")),
        (facility("zinc"), line("zinc", "refining", "recover_In")),
        (facility("fab"), line("fab", "wafer", "wafer_In")),
    )
    asked = task(wanted("car", 5.0, material="wafer_In"), of=of, sizes={"both": 0.0}, strict=False)
    found = match(asked)
    assert found.served["car"].share == 0.0
    (gap,) = found.gaps()
    assert (gap.stage, gap.material) == ("metal", "In_metal")
    assert gap.worth.max() == pytest.approx(1 / 0.2)
    assert found.worth_of_capacity["both", "metal"].max() == pytest.approx(1 / 0.2)


def test_stock_is_built_for_a_peak() -> None:
    peak = [0.0] * 6 + [10.0] * 6
    found = match(task(wanted("car", peak), sizes={"cutter": 5.0}))
    assert found.shortage.sum() == pytest.approx(0.0, abs=1e-9)
    assert found.stocks["wafer", 0][LEAD_IN + 5] == pytest.approx(30.0)
    assert found.stocks["wafer", 0][-1] == 0.0
    # Nothing is stored before the first month: six months of 5 t, and 5 t in the peak itself.
    tight = match(task(wanted("car", [0.0] * 5 + [10.0] * 7), sizes={"cutter": 5.0}))
    assert tight.shortage.sum() == pytest.approx(70 - 12 * 5.0)


NO_B = Rule("no metal of BBB", countries=frozenset({"BBB"}), stages=frozenset({"metal"}))


def test_rules_keep_pools_apart_and_hand_on_one_way() -> None:
    of = chain(smelter("other", "BBB"))
    sizes = {"smelter": 3.0, "other": 3.0}
    strict, loose = wanted("strict", 6.0, rules=(NO_B,)), wanted("loose", 4.0)
    found = match(task(strict, loose, of=of, sizes=sizes))
    assert short(found, "strict").sum() == pytest.approx(12.0)
    np.testing.assert_allclose(short(found, "loose"), 0.0, atol=1e-9)
    assert found.shares()[0, "metal"] == {"AAA": 1.0}
    assert found.shares()[1, "metal"] == {"BBB": 1.0}
    assert [it.words for it in found.classes] == ["no metal of BBB", "no rules of its own"]
    assert all(number == 1 for (name, _, _, number), _ in found.runs.items() if name == "other")
    # The loose customer takes what the strict one leaves.
    swapped = match(
        task(
            replace(strict, tonnes=loose.tonnes),
            replace(loose, tonnes=strict.tonnes),
            of=of,
            sizes=sizes,
        )
    )
    assert swapped.shortage.sum() == pytest.approx(0.0, abs=1e-9)
    # Without the rule there is enough for both.
    free = match(task(replace(strict, rules=()), loose, of=of, sizes=sizes))
    assert free.shortage.sum() == pytest.approx(0.0, abs=1e-9)
    assert len(free.classes) == 1


def test_a_policy_holds_from_its_month_on() -> None:
    of = chain(smelter("other", "BBB"))
    ban = replace(NO_B, since=FIRST + 4)
    asked = task(wanted("car", 5.0), of=of, sizes={"smelter": 0.0, "other": 3.0}, rules=(ban,))
    found = match(asked)
    # Metal that came out before the ban is in the wafers of three months later: of months 0 to 6.
    assert short(found, "car").sum() == pytest.approx(5 * 5.0)
    np.testing.assert_allclose(short(found, "car")[:3], 0.0, atol=1e-9)


def test_taken_instead() -> None:
    more = [
        (facility("zinc"), line("zinc", "refining", "recover_In")),
        (facility("tin"), line("tin", "metal", "In_metal")),
        (facility("fab"), line("fab", "wafer", "wafer_In")),
    ]
    of = chain(*more)
    only = match(task(wanted("car", 5.0), of=of, sizes={"cutter": 3.0}))
    np.testing.assert_allclose(short(only, "car"), 2.0, rtol=1e-9)
    both = match(
        task(wanted("car", 5.0, instead=("wafer_In",)), of=of, sizes={"cutter": 3.0, "fab": 1.5})
    )
    np.testing.assert_allclose(short(both, "car"), 0.5, rtol=1e-9)
    np.testing.assert_allclose(both.shipments["fab", "car", "wafer_In"], 1.5, rtol=1e-9)
    assert both.served["car"].makers.tolist() == [2.0] * MONTHS


def test_only_who_is_qualified_delivers() -> None:
    of = chain((facility("second"), line("second", "wafer", "wafer")))
    car = wanted("car", 5.0, customer_class="automotive")
    since = (np.arange(MONTHS) >= 4).astype(float)
    found = match(task(car, of=of, qualified={("second", "car"): since}))
    np.testing.assert_allclose(short(found, "car"), 5.0 * (1 - since), atol=1e-9)
    assert found.served["car"].makers.tolist() == since.tolist()
    assert set(found.shipments) == {("second", "car", "wafer")}
    part = {("second", "car"): 0.4 * since, ("cutter", "car"): np.full(MONTHS, 0.5)}
    found = match(task(car, of=of, qualified=part))
    np.testing.assert_allclose(short(found, "car"), 5.0 * (0.5 - 0.4 * since), atol=1e-9)
    nobody = match(task(car, of=of))
    assert nobody.served["car"].share == 0.0
    assert not nobody.runs


def test_a_share_counts_all_that_a_facility_delivers() -> None:
    fab = (facility("cutter2"), line("cutter", "wafer", "wafer_In", name="second"))
    of = chain(
        fab,
        (facility("zinc"), line("zinc", "refining", "recover_In")),
        (facility("tin"), line("tin", "metal", "In_metal")),
    )
    car = wanted("car", 5.0, customer_class="automotive", instead=("wafer_In",))
    found = match(task(car, of=of, qualified={("cutter", "car"): np.full(MONTHS, 0.5)}))
    np.testing.assert_allclose(short(found, "car"), 2.5, rtol=1e-9)


def test_priority_decides_who_is_short() -> None:
    first, second = wanted("first", 3.0, priority=2.0), wanted("second", 3.0)
    found = match(task(first, second, sizes={"cutter": 4.0}))
    np.testing.assert_allclose(short(found, "first"), 0.0, atol=1e-9)
    assert short(found, "second").sum() == pytest.approx(24.0)
    assert found.certificate.cost == pytest.approx(24.0)


def test_stocks_of_the_market_and_of_the_customer() -> None:
    car = wanted("car", 5.0, stock=7.0)
    found = match(task(car, sizes={"smelter": 0.0}, stocks={"Ga_metal": 6.0}))
    # 6 t metal are 10 t wafers, three months later; the customer's own 7 t serve at any time.
    assert found.shortage.sum() == pytest.approx(60 - 7 - 10)
    assert found.served["car"].from_stock.sum() == pytest.approx(7.0)
    assert found.unused == {"Ga_metal": pytest.approx(0.0, abs=1e-9)}
    # Whoever asks for a rule on metal does not take metal of no known maker.
    other = chain(smelter("other", "BBB"))
    strict = replace(car, rules=(NO_B,))
    found = match(
        task(
            strict,
            of=other,
            sizes={"smelter": 0.0, "other": 0.0},
            stocks={"Ga_metal": 6.0},
            strict=False,
        )
    )
    assert found.shortage.sum() == pytest.approx(60 - 7)
    assert found.unused == {"Ga_metal": pytest.approx(6.0)}
    # Wafers of no known maker serve only who asks for no qualification.
    for customer_class, served in (("", 9.0), ("automotive", 0.0)):
        asked = wanted("car", 5.0, customer_class=customer_class)
        found = match(task(asked, sizes={"smelter": 0.0}, stocks={"wafer": 9.0}, strict=False))
        assert 60 - found.shortage.sum() == pytest.approx(served, abs=1e-9)


def test_rules_that_exclude_everyone_are_told_in_their_words() -> None:
    of = chain(smelter("other", "BBB"))
    rules = (
        Rule("no owner called refiner2", owners=frozenset({"refiner2"})),
        Rule(
            "only metal of BBB",
            only=True,
            countries=frozenset({"BBB"}),
            stages=frozenset({"metal"}),
        ),
        NO_B,
        Rule("nothing of CCC", countries=frozenset({"CCC"})),
    )
    with pytest.raises(DataError) as caught:
        match(task(wanted("car", 5.0, rules=rules[1:]), of=of, rules=rules[:1]))
    (fault,) = caught.value.faults
    assert fault.where == "demand car"
    assert "only metal of BBB" in fault.read
    assert "no metal of BBB" in fault.read
    assert "CCC" not in fault.read
    assert "refiner2" not in fault.read
    assert fault.next == "drop or loosen one of them"
    merely = match(task(wanted("car", 5.0, rules=rules[1:]), of=of, strict=False))
    assert merely.served["car"].share == 0.0


def test_a_demand_without_a_maker_names_the_step() -> None:
    with pytest.raises(DataError, match="no line with capacity runs Ga_metal"):
        match(task(wanted("car", 5.0), sizes={"smelter": 0.0}))
    with pytest.raises(DataError, match="no line with capacity runs wafer_In"):
        match(task(wanted("car", 5.0, material="wafer_In"), lead_in=0))
    with pytest.raises(DataError, match="nearest   wafer"):
        match(task(wanted("car", 5.0, material="wafers")))


def oxides() -> Network:
    """Two separators of countries AAA and BBB and one maker of each later step."""
    base = magnets()
    facilities = [facility("mine"), facility("near"), facility("far", "BBB"), facility("works")]
    lines = [
        line("mine", "mining", "mine"),
        line("near", "separation", "separate"),
        line("far", "separation", "separate"),
        line("works", "metal", "Nd_metal", "Dy_metal"),
        line("works", "alloy", "alloy", "alloy_lean"),
        line("works", "magnet", "magnet", "magnet_lean"),
    ]
    return Network(
        base.materials,
        base.recipes,
        {it.name: it for it in facilities},
        {it.key: it for it in lines},
    )


def test_by_products_that_nobody_takes_are_left_over() -> None:
    asked = task(wanted("car", 2.0, material="magnet_lean"), of=oxides(), lead_in=8)
    assert asked.lead_in == 8
    found = match(asked)
    assert found.shortage.sum() == pytest.approx(0.0, abs=1e-9)
    oxide = 24 * 1.4 * 0.31 * 1.2  # Nd_oxide for all months
    # Two separators that no rule tells apart run alike.
    for name in ("near", "far"):
        assert found.leftovers[name, "Dy_oxide"] == pytest.approx(0.09 * oxide / 2)
    assert found.left["Dy_oxide"].sum() == pytest.approx(0.09 * oxide)
    assert "Nd_oxide" not in found.left


def test_a_refused_by_product_goes_to_who_takes_it() -> None:
    """Dy of BBB is refused by one customer, its Nd is not: the other customer takes that Dy."""
    no_dy = Rule("no Dy of BBB", countries=frozenset({"BBB"}), elements=frozenset({"Dy"}))
    no_dy = replace(no_dy, forms=frozenset({"oxide"}))
    strict = wanted("strict", 1.0, material="magnet_lean", rules=(no_dy,))
    loose = wanted("loose", 1.0, material="magnet")
    asked = task(strict, loose, of=oxides(), sizes={"near": 0.0}, lead_in=8)
    found = match(asked)
    # 1.5 x 0.042 x 1.25 t Dy_oxide a month come with 0.875 t Nd_oxide; the strict customer uses 0.5208 t
    # and the loose one 0.504 t, which is more: all the Dy is had besides.
    dy = 1.5 * 0.042 * 1.25
    both = 1.4 * 0.31 * 1.2 + 1.5 * 0.28 * 1.2
    assert found.shortage.sum() == pytest.approx(0.0, abs=1e-9)
    assert found.left["Dy_oxide"].sum() == pytest.approx(12 * (0.09 * both - dy), rel=1e-9)
    # With just enough separation for that, nothing is missing: no Nd or Dy was lost to the wrong pool.
    tight = match(replace_capacity(asked, "far", both))
    assert tight.shortage.sum() == pytest.approx(0.0, abs=1e-9)
    less = match(replace_capacity(asked, "far", both - 0.1))
    assert less.shortage.sum() > 0.1


def test_a_by_product_of_a_strict_run_is_handed_to_a_loose_customer() -> None:
    """The strict customer has no use for the Dy that comes with its Nd; without it the loose one is short."""
    nothing_b = Rule("nothing of BBB", countries=frozenset({"BBB"}))
    strict = wanted("strict", 1.0, material="magnet_lean", rules=(nothing_b,))
    loose = wanted("loose", 1.0, material="magnet")
    both = 1.4 * 0.31 * 1.2 + 1.5 * 0.28 * 1.2
    asked = task(strict, loose, of=oxides(), sizes={"near": both, "far": 0.0}, lead_in=8)
    found = match(asked)
    assert len(found.classes) == 2
    assert found.shortage.sum() == pytest.approx(0.0, abs=1e-9)


def replace_capacity(asked: MatchTask, name: str, size: float) -> MatchTask:
    """The task with another capacity of the lines of a facility [t/month]."""
    return replace(
        asked,
        capacity={
            key: np.full(asked.span, size) if key[0] == name else it
            for key, it in asked.capacity.items()
        },
    )


def test_another_capacity_from_the_first_optimum() -> None:
    asked = task(wanted("car", 5.0), stocks={"Ga_metal": 0.0})
    matcher = Matcher(asked)
    assert matcher.solve().shortage.sum() == pytest.approx(0.0, abs=1e-9)
    less = {("smelter", "metal"): np.full(asked.span, 1.2)}
    assert matcher.solve(capacity=less).shortage.sum() == pytest.approx(12 * 3.0)
    held = matcher.solve(capacity=less, stocks={"Ga_metal": 1.2})
    assert held.shortage.sum() == pytest.approx(12 * 3.0 - 2.0)
    assert matcher.solve().shortage.sum() == pytest.approx(0.0, abs=1e-9)
    with pytest.raises(DataError, match="a line that is not in the task"):
        matcher.solve(capacity={("smelter", "meat"): np.zeros(asked.span)})
    with pytest.raises(DataError, match="a stock that the task has not"):
        matcher.solve(stocks={"wafer": 1.0})


def test_what_does_not_fit_together() -> None:
    car = wanted("car", 5.0)
    good = task(car)
    for change, message in (
        ({"months": 0}, "one or more months"),
        ({"demands": (car, car)}, "the name of two demands"),
        ({"qualified": {("smelter", "cra"): np.ones(MONTHS)}}, "nearest   car"),
        ({"qualified": {("smelter", "car"): np.ones(3)}}, "12 shares from 0 to 1"),
        ({"qualified": {("smelter", "car"): np.full(MONTHS, 2.0)}}, "12 shares from 0 to 1"),
        ({"stocks": {"wafers": 1.0}}, "nearest   wafer"),
        ({"stocks": {"wafer": -1.0}}, "zero or more tonnes"),
        ({"leads": {"wafer": 1.5}}, "whole months"),
        ({"capacity": {("a", "b"): np.zeros(18)}}, "no such line"),
    ):
        with pytest.raises(DataError, match=message):
            replace(good, **change)  # type: ignore[arg-type]
