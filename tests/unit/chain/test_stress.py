"""A plan with somebody gone: closed forms on a tiny chain, and what no shock may do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest

from tiny_chain import facility, line, network
from ytterby.chain import stress as stress_module
from ytterby.chain.demand import Demand
from ytterby.chain.match import Matched, Matcher, MatchTask
from ytterby.chain.network import Network
from ytterby.chain.rules import Rule
from ytterby.chain.shocks import Shock
from ytterby.chain.stress import Stressed, removals, stops, stress
from ytterby.errors import ConvergenceError, DataError

FIRST, MONTHS, LEAD_IN = 12 * 2026, 24, 6
DUE = 5.0
"""t of wafers a month."""
CUTTING = 3
"""Months that a wafer takes."""
SHOCK = FIRST + 4


def chain() -> Network:
    """Liquor, refiner and two smelters in different countries, two cutters, an indium line beside them."""
    return network(
        [
            facility("liquor", "AAA"),
            facility("refiner", "AAA"),
            facility("smelter", "AAA", owner="house"),
            facility("smelter_b", "BBB"),
            facility("cutter", "BBB", owner="house"),
            facility("indium", "CCC"),
        ],
        [
            line("liquor", "mining", "draw_liquor"),
            line("refiner", "refining", "refine"),
            line("smelter", "metal", "Ga_metal"),
            line("smelter_b", "metal", "Ga_metal"),
            line("cutter", "wafer", "wafer"),
            line("indium", "refining", "recover_In"),
        ],
    )


SIZES = {"liquor": 100.0, "refiner": 10.0, "smelter": 2.0, "smelter_b": 1.5, "cutter": DUE}
"""t/month; 3 t of metal a month are needed, and the smelters can make 3.5 t."""


def wanted(
    name: str = "phone", country: str = "BBB", due: float = DUE, stock: float = 0.0
) -> Demand:
    """So much in every month."""
    tonnes = {FIRST + it: due for it in range(MONTHS)}
    return Demand(name, name, country, "", "wafer", tonnes, stock=stock)


def matcher(*demands: Demand, **sizes: float) -> Matcher:
    """Ready to be solved, with other capacities of facilities [t/month]."""
    net, known = chain(), {**SIZES, **sizes}
    capacity = {key: np.full(LEAD_IN + MONTHS, known.get(key[0], 1.0)) for key in net.lines}
    asked = demands or (wanted(),)
    return Matcher(MatchTask(net, asked, FIRST, MONTHS, capacity, strict=False, early=1e-4))


def stopped(since: int = SHOCK, until: int | None = None, **named: Iterable[str]) -> Shock:
    """Those named make nothing from a month on."""
    lists = {key: frozenset(it) for key, it in named.items()}
    return Shock("gone", Rule("gone", since=since, until=until, **lists))  # type: ignore[arg-type]


def control(country: str, customers: Iterable[str] = (), **about: Iterable[str]) -> Shock:
    """A country lets nothing out."""
    lists = {key: frozenset(it) for key, it in about.items()}
    rule = Rule("control", countries=frozenset({country}), since=SHOCK, **lists)  # type: ignore[arg-type]
    return Shock("control", rule, True, frozenset(customers))


def put(ready: Matcher, shock: Shock) -> tuple[Matched, Stressed]:
    """The plan and what one shock does to it."""
    base = ready.solve(lean=True)
    (found,) = stress(ready, base, [shock])
    return base, found


@pytest.mark.parametrize("months", [0.0, 1.0, 2.5, 4.0])
def test_a_customer_survives_as_long_as_its_stock_lasts(months: float) -> None:
    # Nothing comes but what is being cut already: stock over due, after the months of cutting.
    ready = matcher(wanted(stock=months * DUE))
    base, found = put(ready, stopped(facilities=["cutter"]))
    assert base.shortage.sum() == pytest.approx(0.0, abs=1e-9)
    assert base.served["phone"].from_stock.sum() == pytest.approx(0.0, abs=1e-9)
    assert found.survives == CUTTING + int(months)
    left = MONTHS - (SHOCK - FIRST) - CUTTING - months
    assert found.lost == pytest.approx(left * DUE)
    assert found.hit == "phone"


@pytest.mark.parametrize("months", [0.0, 1.0, 3.0])
def test_what_is_refused_at_the_border_is_missed_at_once(months: float) -> None:
    ready = matcher(wanted(country="DDD", stock=months * DUE))
    _, found = put(ready, control("BBB"))
    assert found.survives == int(months)
    assert found.lost == pytest.approx((MONTHS - (SHOCK - FIRST) - months) * DUE)


def test_a_control_spares_customers_at_home() -> None:
    ready = matcher(wanted("home", "BBB", 2.0), wanted("away", "DDD", 3.0))
    _, found = put(ready, control("BBB"))
    assert found.hit == "away"
    assert found.more["home"].sum() == pytest.approx(0.0, abs=1e-9)
    assert found.more["away"].sum() == pytest.approx(3.0 * (MONTHS - 4))


def test_a_control_may_be_about_some_customers() -> None:
    ready = matcher(wanted("one", "DDD", 2.0), wanted("other", "EEE", 3.0))
    _, found = put(ready, control("BBB", customers=["EEE"]))
    assert found.more["one"].sum() == pytest.approx(0.0, abs=1e-9)
    assert found.more["other"].sum() == pytest.approx(3.0 * (MONTHS - 4))


def test_elements_and_forms_keep_a_control_to_what_they_name() -> None:
    ready = matcher(wanted(country="DDD"))
    base = ready.solve(lean=True)
    shocks = [
        control("BBB", elements=["In"]),
        control("BBB", forms=["oxide"]),
        control("BBB", elements=["Ga"]),
    ]
    indium, oxide, gallium = stress(ready, base, shocks)
    assert indium.lost == pytest.approx(0.0, abs=1e-6)
    assert oxide.lost == pytest.approx(0.0, abs=1e-6)
    assert gallium.lost == pytest.approx(DUE * (MONTHS - 4))


def test_a_stop_that_ends_is_over() -> None:
    ready = matcher()
    _, found = put(ready, stopped(until=SHOCK + 5, facilities=["cutter"]))
    expected = np.zeros(MONTHS)
    expected[4 + CUTTING : 4 + CUTTING + 5] = DUE
    np.testing.assert_allclose(found.more["phone"], expected, atol=1e-6)


def test_another_maker_takes_over_as_far_as_it_can() -> None:
    # smelter_b makes 1.5 of the 3 t of metal: half the wafers, one month of metal and three of cutting later.
    _, found = put(matcher(), stopped(facilities=["smelter"]))
    assert found.survives == 1 + CUTTING
    assert found.lost == pytest.approx(DUE / 2 * (MONTHS - 4 - 1 - CUTTING))


def test_nobody_stocks_up_before_a_shock() -> None:
    # With foresight the smelters, the refiner and the cutter could make more before the month of the shock.
    ready = matcher(cutter=50.0, smelter=20.0, smelter_b=20.0, refiner=100.0, liquor=1000.0)
    base, found = put(ready, stopped(facilities=["cutter"]))
    assert found.survives == CUTTING
    foresight = ready.solve(
        {("cutter", "wafer"): np.where(np.arange(LEAD_IN + MONTHS) < LEAD_IN + 4, 50.0, 0.0)}
    )
    assert foresight.shortage.sum() < base.shortage.sum() + found.lost - DUE


@pytest.mark.parametrize("kind", ["facilities", "countries", "owners"])
def test_taking_a_supplier_away_never_lowers_the_shortage(kind: str) -> None:
    ready = matcher(wanted("a", "BBB", 3.0, 4.0), wanted("b", "AAA", 3.0))
    base = ready.solve(lean=True)
    found = stress(ready, base, removals(base.task, kind, SHOCK))
    assert {it.shock.name for it in found} == {
        getattr(it, {"facilities": "name", "countries": "country", "owners": "owner_key"}[kind])
        for it in chain().facilities.values()
    }
    assert all(it.lost > -1e-6 for it in found)
    assert any(it.lost > 1.0 for it in found)


@pytest.mark.parametrize("since", [FIRST, SHOCK, FIRST + MONTHS - 6])
def test_what_need_not_be_solved_comes_out_the_same_when_it_is(since: int) -> None:
    ready = matcher(wanted("a", "BBB", 2.0, 1.0), wanted("b", "AAA", 2.0))
    base = ready.solve(lean=True)
    found = stress(ready, base, removals(base.task, "facilities", since))
    assert {it.shock.name for it in found if not it.solved} >= {"indium"}
    assert any(it.solved for it in found)
    for it in found:
        if it.solved:
            continue
        gone = {
            key: np.where(np.arange(LEAD_IN + MONTHS) < LEAD_IN + since - FIRST, size, 0.0)
            for key, size in base.task.capacity.items()
            if key[0] == it.shock.name
        }
        solved = ready.solve(gone)
        assert it.lost == 0.0
        assert solved.certificate.cost == pytest.approx(base.certificate.cost, abs=1e-6)


def test_removals_that_stop_the_same_lines_are_the_same() -> None:
    """A house with lines in two countries is no facility and no country; a lone works is both."""
    task = matcher().task
    by_kind = {
        kind: {it.name: stops(it, task) for it in removals(task, kind, SHOCK)}
        for kind in ("facilities", "countries", "owners")
    }
    assert by_kind["countries"]["CCC"] == by_kind["facilities"]["indium"]
    assert by_kind["owners"]["house"] == {("smelter", "metal"), ("cutter", "wafer")}
    assert by_kind["owners"]["house"] not in {
        *by_kind["facilities"].values(),
        *by_kind["countries"].values(),
    }


def test_a_line_that_others_of_its_group_can_stand_for_needs_no_solution() -> None:
    ready = matcher(smelter=6.0, smelter_b=6.0)
    base = ready.solve(lean=True)
    assert any({"smelter", "smelter_b"} <= {key[0] for key in group} for group in ready.groups)
    (found,) = stress(ready, base, [stopped(facilities=["smelter"])])
    assert not found.solved
    assert found.hit is None
    assert found.words == "gone: nobody is short by it within the plan"


def test_a_month_that_is_not_planned_and_a_kind_that_is_not_known() -> None:
    ready = matcher()
    base = ready.solve(lean=True)
    with pytest.raises(DataError, match="2031-01"):
        stress(ready, base, [stopped(12 * 2031, facilities=["cutter"])])
    with pytest.raises(DataError, match="owners"):
        removals(base.task, "owner", SHOCK)


def test_words_tell_who_is_short_first() -> None:
    ready = matcher(wanted("a", "BBB", 4.0), wanted("b", "BBB", 1.0, 1.0))
    _, found = put(ready, stopped(facilities=["cutter"]))
    assert found.hit == "a"
    assert "a is short first, in 2026-08" in found.words
    assert replace(found, hit=None).words.endswith("nobody is short by it within the plan")


def test_nobody_is_left_short_before_a_shock_for_the_sake_of_what_follows() -> None:
    # The first customer weighs little: with foresight it would go without, so that metal is there later.
    low = replace(wanted("low", "BBB", 2.0), priority=0.1)
    ready = matcher(low, wanted("high", "BBB", 3.0), smelter_b=0.0, smelter=3.0)
    base, found = put(ready, stopped(facilities=["smelter"]))
    assert base.shortage.sum() == pytest.approx(0.0, abs=1e-9)
    # From the month of the shock on, what is being cut goes to the customer that weighs more.
    assert (found.hit, found.hit_month) == ("low", SHOCK)
    for more in found.more.values():
        np.testing.assert_allclose(more[: SHOCK - FIRST], 0.0, atol=1e-6)


def test_shortage_comes_as_late_as_it_can() -> None:
    ready = matcher(wanted(stock=2.5 * DUE), cutter=0.0)
    found = ready.solve()
    np.testing.assert_allclose(
        found.served["phone"].from_stock[:4], [DUE, DUE, 2.5, 0.0], atol=1e-6
    )
    assert found.certificate.gap < 1e-6


def test_early_costs_no_more_than_its_share_of_the_shortage() -> None:
    ready = matcher(wanted("a", "BBB", 3.0), wanted("b", "AAA", 3.0), smelter=1.0)
    plain = Matcher(replace(ready.task, early=0.0)).solve().shortage.sum()
    assert ready.solve().shortage.sum() <= plain * (1 + ready.task.early) + 1e-9


def test_a_bound_of_the_shortage_that_nobody_can_keep_is_refused() -> None:
    ready = matcher(cutter=0.0)
    with pytest.raises(ConvergenceError):
        ready.solve(at_most={"phone": np.zeros(MONTHS)})


def test_what_stops_have_in_common_changes_none_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost() -> list[float]:
        ready = matcher(wanted("a", "BBB", 3.0, 4.0), wanted("b", "AAA", 2.0))
        base = ready.solve(lean=True)
        return [it.lost for it in stress(ready, base, removals(base.task, "facilities", SHOCK))]

    together = lost()
    monkeypatch.setattr(stress_module, "SEVERAL", 1000)
    assert together == pytest.approx(lost(), abs=1e-6)
