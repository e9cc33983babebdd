"""Concentration and exposure, as they are shown: figures are those of the study, bars are whole."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

import chain_studies
from circuits import closely
from tiny_chain import facility, line, network, row
from ytterby.case import read
from ytterby.chain.exposure import MET, MISSED, UNSAID
from ytterby.chain.shares import COUNTRY, FACILITY, Shares
from ytterby.report import chain_document, chain_exposure, chain_share
from ytterby.report.chain_share_drawing import Stack, stacks_drawing
from ytterby.report.chain_words import between, percents, points, stages_in_order
from ytterby.report.fragments import Drawing
from ytterby.report.page import page
from ytterby.report.tables import Table
from ytterby.report.workbook import LONGEST_TITLE
from ytterby.study.chain import NONE, ShareStudy, share_chain

EXAMPLE = Path(__file__).parents[3] / "examples" / "lacq-chain" / "lacq-chain.toml"
SCHEMA = json.loads(
    (files("ytterby") / "data" / "schemas" / "chain-shares-1.json").read_text("utf-8")
)


@cache
def example() -> ShareStudy:
    return share_chain(read(EXAMPLE))


@cache
def gallium() -> ShareStudy:
    """Two makers of metal in two countries, one of them so far announced, and one that states nothing."""
    made = network(
        [
            replace(facility("big"), country="AAA"),
            replace(facility("small"), country="BBB"),
            replace(facility("silent"), country="BBB"),
        ],
        [
            line("big", "metal", "Ga_metal", capacity=300.0, starts="2020-01"),
            line("small", "metal", "Ga_metal", capacity=100.0, starts="2020-01"),
            line("silent", "metal", "Ga_metal", capacity=None, starts="2020-01"),
        ],
    )
    shown = [
        row("big", "metal", "announced", "2019-01"),
        row("small", "metal", "qualified", "2020-06"),
        row("silent", "metal", "produced", "2020-06"),
    ]
    chain = chain_studies.plan(made, [chain_studies.order("cars", "wafer", 12.0)], shown)
    return share_chain(chain_studies.case(replace(chain, unstated=NONE)))


def rows(table: Table) -> list[dict[str, str]]:
    return [dict(zip(table.header, cells, strict=True)) for cells in table.rows]


@pytest.mark.parametrize("short", [True, False])
@pytest.mark.parametrize("study", [example, gallium])
def test_every_table_is_whole(study: Any, short: bool) -> None:
    for piece in chain_share.fragments(study(), short):
        for table in piece.tables:
            widths = {len(table.header), len(table.units_row()), *map(len, table.rows)}
            assert len(widths) == 1, (piece.title, table.title)
            assert table.rows or table.note, table.title


def test_concentration_by_hand() -> None:
    table = chain_share.concentration_table(gallium(), FACILITY)
    announced, weighted = (it for it in rows(table) if it["stage"] == "metal")
    assert (announced["capacity"], announced["largest"]) == ("400", "big")
    assert (announced["its share"], announced["HHI"]) == ("75", points(0.75**2 + 0.25**2))
    assert announced["not stated"] == weighted["not stated"] == "1"
    # what is only announced counts less: the small one that is qualified comes first
    assert weighted["largest"] == "small"
    assert float(weighted["capacity"]) < 400
    (said,) = chain_share.unstated_table(gallium()).rows
    assert said[0] == "metal" and "silent" in said[2] and said[3] == "BBB"


def test_shares_of_everyone_add_up() -> None:
    for by in (COUNTRY, FACILITY):
        table = chain_share.part_table(gallium(), by)
        for year in ("2030 announced", "2030 weighted"):
            assert sum(float(it[year] or 0) for it in rows(table)) == pytest.approx(100, abs=0.2)


def test_a_range_of_the_index_is_shown_where_somebody_has_no_name() -> None:
    found = Shares("capacity", COUNTRY, "metal", "metal", 2030, "t", {"AAA": 6.0}, total=10.0)
    assert between(found.hhi, points) == "3,600 to 5,200"
    whole = replace(found, total=None)
    assert between(whole.hhi, points) == "10,000"
    assert between(None, points) == ""


def test_bars_are_as_long_as_shares() -> None:
    amounts = {"AAA": 50.0, "BBB": 25.0, "<&>": 5.0}
    found = Shares("capacity", COUNTRY, "metal", "metal", 2030, "t", amounts, total=100.0)
    drawing = stacks_drawing("bars", "Bars", [Stack("metal", (("announced", found),))])
    root = ElementTree.fromstring(drawing.svg)
    titled = {}
    for it in root.iter("{http://www.w3.org/2000/svg}rect"):
        title = it.find("{http://www.w3.org/2000/svg}title")
        if title is not None and title.text is not None:
            titled[title.text.partition(":")[0]] = float(it.get("width", "nan"))
    whole = sum(titled.values())
    assert titled == {
        "AAA": pytest.approx(0.5 * whole, abs=0.2),
        "BBB": pytest.approx(0.25 * whole, abs=0.2),
        "<&>": pytest.approx(0.05 * whole, abs=0.2),
        "without a name": pytest.approx(0.2 * whole, abs=0.2),
    }
    assert "AAA 50 %" in drawing.description


def test_every_stack_of_the_example_fits_its_bar() -> None:
    (drawing,) = (
        it.figure for it in chain_share.fragments(example()) if isinstance(it.figure, Drawing)
    )
    places = re.findall(r'<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="15', drawing.svg)
    ends: dict[str, float] = {}
    for x, y, width in places:
        ends[y] = max(ends.get(y, 0.0), float(x) + float(width))
    assert len(ends) > 20
    assert max(ends.values()) - min(ends.values()) < 1.0


def test_production_stands_source_by_source() -> None:
    found = [it for it in example().produced if it.year == 2024]
    table = rows(chain_share.production_table(found, "TREO", "t REO"))
    assert {it["source"] for it in table} == {"MCS2025", "WMD"}
    by_hand = {"MCS2025": 270000 / 392850, "WMD": 270000 / 398008}  # the list exceeds its total
    assert {it["source"]: it["its share"] for it in table} == {
        name: percents(share) for name, share in by_hand.items()
    }
    (over,) = (it for it in table if it["source"] == "MCS2025")
    assert float(over["not listed"]) == pytest.approx(100 * (390000 - 392850) / 390000, abs=1e-3)


def test_a_terminal_gets_less_than_the_page() -> None:
    def size(short: bool) -> int:
        pieces = chain_share.fragments(example(), short)
        return sum(len(table.rows) for it in pieces for table in it.tables)

    assert size(True) < 0.4 * size(False)
    shown = {it["year"] for it in rows(chain_share.quota_table(example(), short=True))}
    assert shown == {"2022", "2023", "2024"}


def test_without_instability_it_says_what_the_score_is() -> None:
    words = chain_exposure.dependence_in_words(example())
    assert "g = 1 for every supplier" in words and "[chain.instability]" in words
    assert "Magnets and what they are built into have other headings" in words
    same = {it["score"] for it in rows(chain_exposure.dependence_table(example()))
            if it["year"] == "2024" and it["own production"] == "0"}  # fmt: skip
    assert len(same) == 1


def test_instability_of_the_case_weighs_suppliers() -> None:
    case = read(EXAMPLE, ("chain.instability.CHN=0.5",))
    found = share_chain(case)
    assert "CHN 0.5; every other country counts as 1" in chain_exposure.dependence_in_words(found)
    (japan,) = (it for it in found.risks if (it.importer, it.year) == ("JPN", 2024))
    part = japan.imports["CHN"] / japan.imported
    assert japan.reliance == closely(1 - 0.5 * part, 1e-12)


def test_values_of_the_case_take_the_place_of_the_assumed() -> None:
    changes = ("chain.values.vehicle.low=10000", "chain.values.vehicle.high=30000")
    found = share_chain(read(EXAMPLE, changes))
    table = rows(chain_exposure.risk_table(found))
    vehicles = [it for it in table if it["unit"] == "vehicle"]
    assert {(it["value of a unit"], it["value is"]) for it in vehicles} == {
        ("10,000 to 30,000", "set in the case")
    }
    magnet = next(it for it in vehicles if it["material"] == "magnet_SH")
    assert magnet["at risk per kg short"] == "5,000 to 15,000"
    assert {it["value is"] for it in table if it["unit"] == "MW"} == {"assumed"}


def test_promises_say_what_capacity_backs() -> None:
    (dysprosium,) = (
        it
        for it in rows(chain_exposure.promise_table(example(), short=True))
        if it["material"] == "Dy_oxide"
    )
    assert (dysprosium["promised"], dysprosium["demand"], dysprosium["of it"]) == (
        "250",
        "1250",
        "20",
    )
    least, most = map(float, dysprosium["backed"].split(" to "))
    assert 0 < least < most < 20
    assert chain_exposure.promise_basis_table(example()).rows[0][8] == "derived"


def test_verdicts_stand_for_each_plan_with_their_reasons() -> None:
    study = example()
    table = chain_exposure.verdict_table(study)
    assert "inside, no-lacq" in table.header
    told = [cell for cells in table.rows for cell in cells if cell in (MET, MISSED, UNSAID)]
    assert len(told) == len(study.verdicts)
    whys = [chain_exposure.why_table(study, plan) for plan in ("", "no-lacq")]
    assert sum(len(it.rows) for it in whys) == len(study.verdicts)
    assert all(it["why"] for table in whys for it in rows(table))


def test_lines_with_the_same_spread_stand_together() -> None:
    table = rows(chain_exposure.spread_table(example()))
    named = [name for it in table for name in it["demand"].split(", ")]
    assert len(named) == len(example().spreads)
    tb = next(it for it in table if it["demand"] == "japan-tb" and it["prices of"] == "2025-07")
    assert (tb["inside"], tb["outside"], tb["unit"]) == ("879,000", "3,620,000", "USD/t")


def test_stages_follow_each_other() -> None:
    order = stages_in_order(example().plan.network)
    assert order[0] in ("mining", "collection")
    assert [it for it in order if it in ("separation", "metal", "alloy", "magnet")] == [
        *("separation", "metal", "alloy", "magnet")
    ]


@pytest.mark.parametrize("study", [example, gallium])
def test_the_document_is_what_its_schema_says(study: Any) -> None:
    document = json.loads(json.dumps(chain_document.shares(study()), allow_nan=False))
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA).validate(document)
    assert len(document["capacity"]) == len(study().capacity)
    assert [it["verdict"] for it in document["benchmarks"]] == [
        it.verdict for it in study().verdicts
    ]


def test_a_wrong_document_is_refused() -> None:
    document = json.loads(json.dumps(chain_document.shares(gallium())))
    document["capacity"][0]["parts"] = [{"name": "AAA"}]
    assert not Draft202012Validator(SCHEMA).is_valid(document)


@pytest.mark.parametrize("study", [example, gallium])
def test_sheets_are_whole(study: Any) -> None:
    found = list(chain_share.sheets(study()))
    for it in found:
        widths = {len(it.header), len(it.units), *map(len, it.rows)}
        assert len(widths) == 1, it.title
        assert len(it.title) <= LONGEST_TITLE
    assert len({it.title for it in found}) == len(found)
    capacity = next(it for it in found if it.title == "capacity")
    assert len(capacity.rows) == sum(len(it.parts) for it in study().capacity)


def test_a_page_is_made_of_it() -> None:
    text = page("Shares", chain_share.fragments(example()))
    assert text.count('class="plot"') == 2 and "GeoPolRisk" in text
