"""Claims held against a plant: figures by hand, verdicts by their rule, what is no evidence."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import tiny_plant
from circuits import closely
from ytterby.audit import Claim, shipped_set
from ytterby.case import read_text
from ytterby.elements import element
from ytterby.errors import CaseError
from ytterby.report.judged_plant import announcement_document, announcement_table
from ytterby.study.audit import run_audits
from ytterby.study.footprint import footprint
from ytterby.study.judged_plant import (
    MADE,
    SET,
    Computed,
    JudgedClaim,
    JudgedPlant,
    judge_plant,
    stored_figures,
    verdict,
)
from ytterby.study.plant import PlantStudy

PRODUCTS = ("Nd", "Pr", "Dy", "Tb")


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> PlantStudy:
    return tiny_plant.study(tmp_path_factory.mktemp("plant"))


@pytest.fixture(scope="module")
def judged(study: PlantStudy) -> JudgedPlant:
    return judge_plant(study, "lacq")


def of(judged: JudgedPlant, name: str) -> JudgedClaim:
    return next(it for it in judged.judged if it.claim.id == name)


def claim(low: float, high: float) -> Claim:
    """A claim of 10 t/y with a tolerance."""
    return replace(shipped_set("lacq").claims["lacq_nd_out"], value=10.0, low=low, high=high)


def figure(low: float, value: float, high: float) -> Computed:
    return Computed("", value, low, high, "t/y", "by hand")


@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        ([figure(10.0, 10.0, 10.0)], "agrees"),
        ([figure(9.0, 9.0, 9.0)], "agrees"),
        ([figure(8.99, 8.99, 8.99)], "contradicts"),
        ([figure(11.0 + 1e-10, 11.0 + 1e-10, 11.0 + 1e-10)], "agrees"),
        ([figure(9.5, 10.0, 10.5)], "agrees"),
        ([figure(8.0, 10.0, 10.5)], "cannot be judged"),
        ([figure(12.0, 13.0, math.inf)], "contradicts"),
        ([figure(3.0, 5.0, math.inf)], "cannot be judged"),
        ([figure(9.5, 9.5, 9.5), figure(20.0, 20.0, 20.0)], "cannot be judged"),
        ([figure(1.0, 1.0, 1.0), figure(2.0, 2.0, 2.0)], "contradicts"),
        ([figure(1.0, 1.0, 1.0), figure(20.0, 20.0, 20.0)], "cannot be judged"),
        ([], "cannot be judged"),
    ],
)
def test_verdicts(readings: list[Computed], expected: str) -> None:
    """Tolerance 9 to 11."""
    assert verdict(readings, claim(9.0, 11.0)) == expected


def test_outputs_are_the_oxides_in_all_products(study: PlantStudy, judged: JudgedPlant) -> None:
    flows = [it.flow for it in study.products]
    for symbol in PRODUCTS:
        (found,) = of(judged, f"lacq_{symbol.lower()}_out").computed
        assert found.value == closely(8.0 * math.fsum(it.oxide(symbol) for it in flows), 1e-12)
    (whole,) = of(judged, "lacq_total_out").computed
    assert whole.value == closely(8.0 * math.fsum(it.treo() for it in flows), 1e-12)
    (pair,) = of(judged, "lacq_ndpr_out").computed
    parts = [of(judged, f"lacq_{name}_out").computed[0].value for name in ("nd", "pr")]
    assert pair.value == closely(math.fsum(parts), 1e-12)


def test_a_reading_in_metal_weighs_metal(study: PlantStudy) -> None:
    claims = shipped_set("lacq")
    (oxide,) = of(judge_plant(study, "lacq"), "lacq_nd_out").computed
    with pytest.MonkeyPatch.context() as patched:
        other = replace(claims, first_reading="metal_1600")
        patched.setattr("ytterby.study.judged_plant.shipped_set", lambda name: other)
        (metal,) = of(judge_plant(study, "lacq"), "lacq_nd_out").computed
    neodymium = element("Nd")
    share = neodymium.atomic_weight / neodymium.oxide_molar_mass
    assert metal.value == closely(share * oxide.value, 1e-12)
    assert metal.how.startswith("metal")


def test_feeds_that_were_made_from_the_claims_are_no_evidence(judged: JudgedPlant) -> None:
    assert judged.made_from == ("CONCENTRATE_REF",)
    assert of(judged, "lacq_nd_out").no_evidence == MADE
    assert of(judged, "lacq_concentrate_in").no_evidence == SET
    assert of(judged, "lacq_no_effluent").no_evidence == ""
    note = announcement_table(judged).note
    assert "CONCENTRATE_REF was composed from the announced outputs" in note
    assert "consistency and not evidence" in note


def test_other_feeds_are_evidence(study: PlantStudy) -> None:
    feeds = tuple(replace(it, blend={"IAC_XINFENG": 1.0}) for it in study.plan.feeds)
    other = judge_plant(replace(study, plan=replace(study.plan, feeds=feeds)), "lacq")
    assert other.made_from == () and of(other, "lacq_nd_out").no_evidence == ""


def test_what_is_fed_is_told_by_kind_of_feed(judged: JudgedPlant) -> None:
    assert of(judged, "lacq_concentrate_in").computed[0].value == closely(100.0, 1e-12)
    assert of(judged, "lacq_magnets_in").computed[0].value == 0.0
    assert of(judged, "lacq_mainly_recycled").computed[0].value == 0.0


def test_an_effluent_contradicts_none(study: PlantStudy, judged: JudgedPlant) -> None:
    found = of(judged, "lacq_no_effluent")
    made = footprint(study)
    volume = math.fsum(it.volume or 0.0 for it in made.of("effluent"))
    assert found.computed[0].value == closely(8000.0 * volume, 1e-12)
    assert found.verdict == "contradicts"


def test_a_saving_without_a_base_is_not_judged(study: PlantStudy, judged: JudgedPlant) -> None:
    found = of(judged, "lacq_co2")
    made = footprint(study)
    assert (found.verdict, found.computed) == ("cannot be judged", ())
    base = made.per_oxide(made.total[1]) / 0.4
    assert "is published" in found.remark and f"against {base:.3g} kg/kg" in found.remark


def test_water_is_held_against_the_whole_published_range(
    study: PlantStudy, judged: JudgedPlant
) -> None:
    (every, salty) = of(judged, "lacq_water").computed
    made = footprint(study)
    volume = math.fsum(it.volume or 0.0 for it in made.of("effluent"))
    per_tonne = 1000.0 * volume / made.product_reo
    ends = [1.0 - per_tonne / base for base in (15.0, 30.0, 60.0)]
    assert (every.low, every.value, every.high) == closely(ends, 1e-12)
    assert salty.how.startswith("1 - ")


def test_people_in_shifts_are_a_part_of_all(study: PlantStudy, judged: JudgedPlant) -> None:
    (found,) = of(judged, "lacq_staff_open").computed
    posts = math.fsum(it.posts for it in study.drivers.values())
    assert (found.low, found.value) == closely([4.5 * posts, 5.0 * posts], 1e-12)
    assert found.high == math.inf
    assert of(judged, "lacq_staff_now").computed == ()


def test_claims_that_no_plant_bears_on_are_counted_not_shown(judged: JudgedPlant) -> None:
    claims = shipped_set("lacq").claims.values()
    assert [it.claim.id for it in judged.judged] == [
        it.id for it in claims if it.status != "history"
    ]
    shown = {it.claim.id for it in judged.asked}
    assert not shown & {"lcm_capacity", "lacq_capex", "lacq_start", "mine_china_2019"}
    assert "money 6" in announcement_table(judged).note


def test_figures_handed_on_are_judged_and_evidence(judged: JudgedPlant) -> None:
    handed = {it.claim: it for it in judged.figures}
    for it in judged.judged:
        wanted = it.verdict != "cannot be judged" and not it.no_evidence
        wanted = wanted and it.claim.id != "lacq_water"  # more water than the base: below zero
        assert (it.claim.id in handed) == wanted, it.claim.id
    effluent = of(judged, "lacq_no_effluent")
    assert handed["lacq_no_effluent"].value == min(one.value for one in effluent.computed)


def stored(judged: JudgedPlant, path: Path) -> Path:
    """A result file with nothing in it but the announcement."""
    found: dict[str, Any] = {"format": "ytterby.plant-result"}
    found["announcement"] = announcement_document(judged)
    path.write_text(json.dumps(found, allow_nan=False), "utf-8")
    return path


AUDIT = (
    'schema_version = 1\n[audits.mine]\nclaims = "lacq"\ndraws = 1000\nfeeds = ["IAC_XINFENG"]\n'
)


def test_an_audit_takes_the_figures_of_a_result(judged: JudgedPlant, tmp_path: Path) -> None:
    found = stored_figures(stored(judged, tmp_path / "result.json"))
    assert found.figures == judged.figures and found.claims == "lacq"
    case = read_text(AUDIT, tmp_path / "audit.toml")
    audited = run_audits(case, stored=found).audits["mine"]
    assert audited.plan.task.figures == judged.figures
    assert audited.found.judged["lacq_no_effluent"].verdict == "in conflict"


@pytest.mark.parametrize(
    ("content", "read"),
    [
        (None, "No such file"),
        ("{", "JSONDecodeError"),
        ("[]", "TypeError"),
        ('{"format": "ytterby.design"}', "the format"),
        ('{"format": "ytterby.plant-result", "announcement": null}', "against no claims"),
    ],
)
def test_files_that_hold_no_figures_are_refused(
    content: str | None, read: str, tmp_path: Path
) -> None:
    path = tmp_path / "result.json"
    if content is not None:
        path.write_text(content, "utf-8")
    with pytest.raises(CaseError) as caught:
        stored_figures(path)
    (fault,) = caught.value.faults
    assert read in fault.read and fault.where == str(path) and "plant.claims" in fault.expected


def test_figures_of_other_claims_are_refused(judged: JudgedPlant, tmp_path: Path) -> None:
    found = replace(stored_figures(stored(judged, tmp_path / "result.json")), claims="other")
    with pytest.raises(CaseError, match="figures for the claims other"):
        run_audits(read_text(AUDIT, tmp_path / "audit.toml"), stored=found)


def test_a_case_names_a_set_that_is_shipped(tmp_path: Path) -> None:
    known = tiny_plant.CASE.replace('base = "NH3"\n', 'base = "NH3"\nclaims = "lacq"\n')
    (tmp_path / "designs.toml").write_text(tiny_plant.DESIGNS, "utf-8")
    plan = read_text(known, tmp_path / "tiny.toml").plant
    assert plan is not None and plan.claims == "lacq"
    with pytest.raises(CaseError) as caught:
        read_text(known.replace('"lacq"', '"laq"'), tmp_path / "tiny.toml")
    (fault,) = caught.value.faults
    assert "plant.claims" in fault.where and "line 8" in fault.where
    assert '"laq"' in fault.read and fault.nearest == "lacq"
