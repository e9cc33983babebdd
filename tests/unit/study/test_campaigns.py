"""A year of campaigns: feeds spread over their hours, sums by the year, one design for each circuit."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

import tiny_plant
from circuits import closely
from ytterby.case import read_text
from ytterby.case.plants import PlantPlan
from ytterby.errors import CaseError, Fault
from ytterby.report.campaigns import campaign_fragments
from ytterby.study.campaigns import CampaignsStudy, run_campaigns
from ytterby.study.footprint import footprint
from ytterby.study.judged_plant import judge_plant
from ytterby.study.plant import PlantStudy, run_plant
from ytterby.study.tracing import traced_element
from ytterby.study.whole_year import whole_year
from ytterby.unitops import SolventExtraction, StoredCut

LIGHT = """
[plant.feeds.light]
material = "IAC_XUNWU"
yearly = "40 t"

"""
HALVES = """
[plant.campaigns]
winter = {hours = "4000 h", feeds = ["concentrate"]}
summer = {hours = "4000 h", feeds = ["concentrate"]}

"""
UNEQUAL = """
[plant.campaigns]
heavy = {hours = "5000 h", feeds = ["concentrate"]}
both = {hours = "2000 h", feeds = ["concentrate", "light"]}

"""


def text(campaigns: str, second_feed: bool = False) -> str:
    """The tiny plant with campaigns, and a second feed if asked."""
    case = tiny_plant.CASE.replace("[plant.units.dissolve]", campaigns + "[plant.units.dissolve]")
    if not second_feed:
        return case
    case = case.replace("[plant.campaigns]", LIGHT + "[plant.campaigns]")
    return case.replace(
        '["concentrate"]\n[plant.units.cond', '["concentrate", "light"]\n[plant.units.cond'
    )


def plan(campaigns: str, second_feed: bool = False) -> PlantPlan:
    """Its plan, with stored designs."""
    with TemporaryDirectory() as folder:
        path = tiny_plant.write_case(Path(folder))
        found = read_text(text(campaigns, second_feed), path).plant
    assert found is not None
    return found


@cache
def unequal() -> CampaignsStudy:
    return run_campaigns(plan(UNEQUAL, second_feed=True))


def test_two_halves_of_a_year_sum_up_to_the_year() -> None:
    """Same feeds, half the hours each: twice a half of everything."""
    year, whole = run_campaigns(plan(HALVES)), run_plant(plan(""))
    for name, flow in year.products().items():
        sold = next(it for it in whole.products if it.product.end == name)
        for symbol, amount in sold.flow.rare_earths().items():
            assert flow.of(symbol) == closely(amount * whole.hours, 1e-9)
    bought = whole.balance.bought()
    assert year.reagents() == pytest.approx(
        {name: flow.mass() * whole.hours for name, flow in bought.items()}, rel=1e-9
    )
    assert year.energy().electricity == closely(
        whole.hours * sum(it.electricity for it in whole.drivers.values()), 1e-9
    )
    assert year.recovery("Nd") == closely(whole.recovery("Nd"), 1e-9)
    assert year.organic()["nd-sm"][0] == closely(whole.inventories["nd-sm"].organic, 1e-9)


def test_a_feed_is_spread_over_the_hours_of_its_campaigns() -> None:
    """100 t in 7,000 h and 40 t in 2,000 h."""
    year = unequal()
    heavy, both = (year.studies[name].plan.flowsheet.feeds for name in ("heavy", "both"))
    assert heavy["concentrate"].mass() == closely(1e5 / 7000.0, 1e-9)
    assert both["concentrate"].mass() == closely(1e5 / 7000.0, 1e-9)
    assert heavy["light"].mass() == 0.0
    assert both["light"].mass() == closely(4e4 / 2000.0, 1e-9)
    listed = [it.yearly for study in year.studies.values() for it in study.plan.feeds]
    assert listed == pytest.approx([1e5 * 5 / 7, 1e5 * 2 / 7, 4e4])


def test_what_is_largest_stands_for_the_year() -> None:
    year = unequal()
    held = [year.studies[name].inventories["nd-sm"].organic for name in ("heavy", "both")]
    assert year.organic()["nd-sm"] == (max(held), "both")
    for items in year.equipment().values():
        for it, campaign in items:
            others = [
                other.number * other.size
                for study in year.studies.values()
                for unit in study.equipment.values()
                for other in unit
                if other == it
            ]
            assert campaign in year.studies
            assert it.number * it.size == max(others)


def test_circuits_without_design_get_one_of_the_campaign_with_most_to_load(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Designing is stood in for: a stored design that says what it was loaded with."""
    stored = plan("").flowsheet.by_name["nd-sm"]
    assert isinstance(stored, SolventExtraction) and stored.design is not None
    design: StoredCut = stored.design

    def designed(self: SolventExtraction, arriving, progress) -> SolventExtraction:  # type: ignore[no-untyped-def]
        loaded = self.loaded(arriving["feed"])
        scale = loaded / design.loaded
        flows = {
            name: scale * getattr(design, name)
            for name in ("organic_flow", "scrub_flow", "strip_flow")
        }
        return replace(self, design=replace(design, loaded=loaded, **flows))

    monkeypatch.setattr(SolventExtraction, "designed", designed)
    kept: list[float] = []
    year = run_campaigns(
        plan(UNEQUAL, second_feed=True),
        redesign=True,
        keep=lambda unit, made: kept.append(made.loaded),
    )
    assert len(kept) == 2 and kept[0] < kept[1]
    for study in year.studies.values():
        assert study.designs["nd-sm"].loaded == kept[1]
    assert year.designs["nd-sm"].loaded == kept[1]


@pytest.mark.parametrize(
    ("campaigns", "read", "near"),
    [
        ('a = {hours = "8001 h", feeds = ["concentrate"]}', "8001 h in all", ""),
        ('a = {hours = "5 h", feeds = ["concentrat"]}', '"concentrat"', "concentrate"),
        ('a = {hours = "5 h", feeds = []}', "no feed", ""),
        ('a = {hours = "5 h", feeds = ["concentrate", "concentrate"]}', "concentrate twice", ""),
    ],
)
def test_faults_are_located(campaigns: str, read: str, near: str) -> None:
    with pytest.raises(CaseError) as caught:
        plan(f"[plant.campaigns]\n{campaigns}\n")
    faults = caught.value.faults
    assert any(it.read == read and it.nearest == near for it in faults)
    assert all(" line " in it.where and "plant." in it.where for it in faults)


def test_a_feed_in_no_campaign_is_a_fault() -> None:
    with pytest.raises(CaseError, match=r"plant\.feeds\.light") as caught:
        plan('[plant.campaigns]\na = {hours = "5 h", feeds = ["concentrate"]}\n', second_feed=True)
    assert [it.read for it in caught.value.faults] == ["a feed that no campaign names"]


def test_a_year_of_two_halves_is_judged_as_the_year_is() -> None:
    """Same feeds, half the hours each: the same figures beside every claim, the same footprint."""
    halves, whole = whole_year(run_campaigns(plan(HALVES))), run_plant(plan(""))
    assert halves.hours == whole.hours
    made, expected = footprint(halves), footprint(whole)
    assert made.total == pytest.approx(expected.total, rel=1e-9)
    assert made.carbon_in == pytest.approx(expected.carbon_in, rel=1e-9)
    for kind, by_origin in expected.carbon_out.items():
        assert made.carbon_out[kind] == pytest.approx(by_origin, rel=1e-9)
    judged, known = judge_plant(halves, "lacq"), judge_plant(whole, "lacq")
    assert sum(len(it.computed) for it in known.judged) > 15
    for one, two in zip(judged.judged, known.judged, strict=True):
        assert (one.claim, one.verdict) == (two.claim, two.verdict)
        assert [it.value for it in one.computed] == pytest.approx(
            [it.value for it in two.computed], rel=1e-9
        )


def test_unequal_campaigns_sum_up_without_mixing() -> None:
    """What one feed brought into products is what it brought in each campaign, not in a mean of them."""
    year = unequal()
    whole = whole_year(year)
    for it in whole.products:
        sold = year.products()[it.product.end]
        for symbol, amount in sold.rare_earths().items():
            assert it.flow.of(symbol) * whole.hours == closely(amount, 1e-12)
    parts = [(footprint(study), study.hours) for study in year.studies.values()]
    total = footprint(whole).total[1] * whole.hours
    assert total == closely(sum(it.total[1] * hours for it, hours in parts), 1e-9)
    ends = {it.product.end for it in whole.products}

    def brought(study: PlantStudy) -> float:
        traced = traced_element(study.balance, "Nd")
        from_light = [it.by_origin.get("light", 0.0) for it in traced if it.stream.end in ends]
        return study.hours * sum(from_light)

    assert brought(whole) == closely(brought(year.studies["both"]), 1e-9)
    assert brought(year.studies["heavy"]) == 0.0 < brought(whole)
    assert {it.name: it.yearly for it in whole.plan.feeds} == pytest.approx(
        {"concentrate": 1e5, "light": 4e4}
    )


def test_people_and_holdings_of_a_year_are_those_of_the_campaign_with_most() -> None:
    year = unequal()
    whole = whole_year(year)
    posts = [sum(it.posts for it in study.drivers.values()) for study in year.studies.values()]
    assert sum(it.posts for it in whole.drivers.values()) == max(posts)
    held = year.studies["both"].inventories["nd-sm"]
    assert whole.inventories["nd-sm"] == held
    assert whole.inventories["nd-sm"].organic == year.organic()["nd-sm"][0]


def test_a_campaign_alone_is_held_against_no_claims() -> None:
    """They are about a year, so a part of one would miss them by its hours."""
    known = replace(plan(UNEQUAL, second_feed=True), claims="lacq")
    assert {known.during(it).claims for it in known.campaigns} == {None}
    assert whole_year(run_campaigns(known)).plan.claims == "lacq"


def test_a_product_of_the_year_is_on_grade_if_it_is_in_every_campaign() -> None:
    year = unequal()
    told = [next(iter(study.products)).meets for study in year.studies.values()]
    expected = False if False in told else None if None in told else True
    assert next(iter(whole_year(year).products)).meets is expected


def test_the_page_of_a_year_has_both_media_and_what_was_announced() -> None:
    year = run_campaigns(replace(plan(UNEQUAL, second_feed=True), claims="lacq"))
    shown = campaign_fragments(year, whole_year(year))
    assert [it.section for it in shown] == ["The year"] * (len(shown) - 1) + ["Both media"]
    assert shown[-2].title == "What was announced beside what the plant computes"
    refused = campaign_fragments(year, (CaseError(Fault("here", "no design")),))
    assert "No result in the other medium" in refused[-1].caption
    assert [it.title for it in campaign_fragments(year, None)] == [it.title for it in shown[:-1]]
