"""Times, and the last months to decide in, against sums by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tiny_chain import magnets
from ytterby.chain.decisions import Dates, Decision, decisions
from ytterby.chain.demand import Demand
from ytterby.chain.explosion import Route, explode
from ytterby.chain.facts import logistics
from ytterby.chain.leads import Leads, months, shipped_leads, spanned, whole
from ytterby.chain.months import month
from ytterby.chain.network import Cited
from ytterby.chain.recipe_book import recipes
from ytterby.errors import DataError

DUE = month("2030-01")
LEADS = Leads(
    transport={("magnet", "customer"): months(0.5, 1.0, 2.0)},
    lead={"magnet": months(2.0, 3.0, 4.0), "separate": months(1.0, 2.0, 3.0)},
    qualification={"automotive": months(12.0, 18.0, 36.0)},
    acceptance={"separation": months(4.0, 4.0, 5.0)},
    samples={"magnet": months(2.0, 2.0, 2.0)},
    build={"magnet": months(18.0, 24.0, 44.0), "separation": months(20.0, 20.0, 21.0)},
    ramp={"magnet": months(1.0, 3.0, 6.0), "separation": months(3.0, 12.0, 60.0)},
)


def line(customer_class: str = "automotive", due: int = DUE, stock: float = 0.0) -> Demand:
    return Demand(
        "cars", "", "DEU", customer_class, "magnet", {due: 5.0, due + 1: 5.0}, stock=stock
    )


def of(stage: str, demand: Demand, route: Route | None = None) -> Decision:
    found = decisions(explode(magnets(), [demand], route, LEADS))
    (it,) = (it for it in found if it.stage == stage)
    return it


def test_dates_of_the_magnet_maker() -> None:
    it = of("magnet", line())
    assert it.ready == Dates(DUE - 1, DUE - 1, DUE - 2)
    assert it.order == Dates(DUE - 1 - 2, DUE - 1 - 3, DUE - 2 - 4)
    assert it.qualify == Dates(DUE - 3 - 12, DUE - 4 - 18, DUE - 6 - 36)
    assert it.samples == Dates(DUE - 15 - 2, DUE - 22 - 2, DUE - 42 - 2)
    # Build, ramp, qualification, production, transport: 18+1+12+2+1, 24+3+18+3+1, 44+6+36+4+2.
    assert it.build == Dates(DUE - 34, DUE - 49, DUE - 92)
    assert it.unsaid == ()


def test_dates_further_up_reckon_with_acceptance() -> None:
    it = of("separation", line())
    # Oxide leaves its maker before metal (1), alloy (1), magnet (2, 3, 4) and transport (1, 1, 2).
    assert it.ready == Dates(DUE - 5, DUE - 6, DUE - 8)
    # Both separations may make it; the slower usual lead counts, here two months of both.
    assert it.recipes == ("separate", "separate_clay")
    assert it.order == Dates(DUE - 6, DUE - 8, DUE - 11)
    assert it.qualify == Dates(DUE - 10, DUE - 12, DUE - 16)
    assert it.samples is None
    assert it.build == Dates(DUE - 5 - 1 - 4 - 3 - 20, DUE - 6 - 2 - 4 - 12 - 20, DUE - 8 - 89)
    assert it.unsaid == ("samples",)


def test_what_no_source_says_is_named_and_gives_no_date() -> None:
    it = of("metal", line())
    assert (it.qualify, it.samples, it.build) == (None, None, None)
    assert it.unsaid == ("acceptance", "samples", "build", "ramp")


def test_mines_behind_the_end_of_the_walk_are_told_as_well() -> None:
    it = of("mining", line())
    assert it.material == "ore"
    assert it.ready.value == DUE - 6 - 2
    assert {it.stage for it in decisions(explode(magnets(), [line()], None, LEADS))} == {
        *("magnet", "alloy", "metal", "separation", "recycling", "mining")
    }
    raw = Route(raw=frozenset({"Nd_metal", "Dy_metal"}))
    assert {it.stage for it in decisions(explode(magnets(), [line()], raw, LEADS))} == {
        *("magnet", "alloy")
    }


def test_of_several_products_of_a_stage_the_first_due_counts() -> None:
    chain = magnets()
    coat = replace(
        chain.recipes["magnet"],
        inputs={"Dy_metal": 0.01, "alloy_lean": 1.5},
        outputs={"magnet": 1.0},
    )
    lean = replace(chain.materials["magnet"], content={"Nd": 0.3})
    grown = replace(
        chain,
        recipes={**chain.recipes, "magnet": coat},
        materials={**chain.materials, "magnet": lean},
    )
    found = decisions(explode(grown, [line()], None, LEADS))
    (metal,) = (it for it in found if it.stage == "metal")
    # Dy metal is due with the alloy, Nd metal a month before, to make it.
    assert (metal.material, metal.ready.value) == ("Nd_metal", DUE - 5)


def test_the_most_particular_transport_is_taken() -> None:
    entries = [("metal", "alloy"), ("metal", ""), ("", "alloy"), ("", "")]
    times = [months(at, at, at) for at in (1.0, 2.0, 3.0, 4.0)]
    for at in range(4):
        leads = Leads(transport=dict(zip(entries[at:], times[at:], strict=True)))
        assert leads.moving("metal", "alloy") == times[at]
    assert Leads().moving("metal", "alloy") is None


def test_a_customer_without_a_class_qualifies_nobody() -> None:
    it = of("magnet", line(customer_class=""))
    assert it.qualify is None
    assert it.build == Dates(DUE - 22, DUE - 31, DUE - 56)
    assert it.unsaid == ()


def test_another_class_has_the_time_of_any_or_none() -> None:
    assert of("magnet", line("wind")).unsaid == ("qualification",)


def test_stock_puts_every_date_off() -> None:
    assert of("magnet", line(stock=5.0)).order.value == of("magnet", line()).order.value + 1
    assert decisions(explode(magnets(), [line(stock=10.0)], None, LEADS)) == ()


def test_dates_of_the_slow_times_do_not_depend_on_which_were_exploded() -> None:
    usual, slow = (explode(magnets(), [line()], None, LEADS, end) for end in ("value", "high"))
    assert decisions(usual) == decisions(slow)


def test_what_is_past_is_marked_and_no_fault() -> None:
    it = of("magnet", line())
    assert it.past(DUE - 100) == {}
    assert it.past(DUE - 4) == {
        "order": ("high",),
        "qualify": ("low", "value", "high"),
        "samples": ("low", "value", "high"),
        "build": ("low", "value", "high"),
    }
    assert it.past(DUE)["order"] == ("low", "value", "high")


@pytest.mark.parametrize(("time", "expected"), [(0.0, 0), (0.2, 1), (1.0, 1), (0.1 + 0.2 + 0.7, 1)])
def test_whole_months(time: float, expected: int) -> None:
    assert whole(time) == expected


@pytest.mark.parametrize(
    ("leads", "told"),
    [
        ({"lead": {"magnet": months(-1, 1, 2)}}, "lead of magnet"),
        ({"transport": {("metal", ""): months(2, 1, 3)}}, "transport of metal to any"),
        ({"build": {"": months(1, 1, float("inf"))}}, "build of any"),
    ],
)
def test_times_that_are_none(leads: dict[str, object], told: str) -> None:
    with pytest.raises(DataError, match=told):
        Leads(**leads)  # type: ignore[arg-type]


class TestShipped:
    def test_several_items_span_from_the_shortest_to_the_longest(self) -> None:
        items = [logistics()[it] for it in ("oem_qualification_automotive", "mp_magnet_ppap")]
        # 18 to 36 and 12 to 15 months: middles 27 and 13.5.
        assert spanned(items, Cited()).months == months(12.0, 20.25, 36.0).months
        assert shipped_leads().qualification["automotive"].months.value == 20.25

    def test_nothing_that_is_assumed_looks_read(self) -> None:
        leads = shipped_leads()
        assert leads.build["metal"].cited.basis == "assumed"
        assert leads.build["magnet"].cited.basis == "derived"
        assert leads.transport["", ""].cited.confidence == "low"
        assert "collection" not in leads.build

    def test_leads_are_those_of_the_recipes(self) -> None:
        # 8 to 16 weeks: 1.84, 2.76 and 3.68 mean months.
        lead = shipped_leads().lead["magnet_SH"]
        assert lead.months.value == pytest.approx(12 * 7 * 12 / 365.25)
        assert (lead.cited.source, lead.cited.basis) == ("DERIVED", "derived")

    def test_own_recipes_keep_their_own_leads(self) -> None:
        own = recipes()
        own["magnet_SH"] = replace(own["magnet_SH"], lead=9.0)
        leads = shipped_leads(own)
        assert leads.making(own["magnet_SH"]).months == months(9.0, 9.0, 9.0).months
        assert leads.making(own["magnet_UH"]) == shipped_leads().lead["magnet_UH"]
