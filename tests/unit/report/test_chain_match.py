"""How much can be met, as it is shown: figures of the study, units, a drawing that adds up."""

from __future__ import annotations

import io
import json
import math
from importlib.resources import files
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from openpyxl import load_workbook

import chain_match_studies
from ytterby.report import chain_document, chain_match
from ytterby.report.chain_flow import LEFT, flow_drawing, flow_ribbons
from ytterby.report.page import page
from ytterby.report.tables import Table, number
from ytterby.report.workbook import workbook
from ytterby.study.chain import MatchStudy

SCHEMA = json.loads(
    (files("ytterby") / "data" / "schemas" / "chain-match-1.json").read_text("utf-8")
)


@pytest.fixture(scope="module")
def study() -> MatchStudy:
    return chain_match_studies.matched()


def cells(table: Table) -> dict[str, dict[str, str]]:
    return {row[0]: dict(zip(table.header, row, strict=True)) for row in table.rows}


def test_due_is_delivered_taken_from_stock_or_short(study: MatchStudy) -> None:
    shown = cells(chain_match.served_table(study))
    for name, it in study.base.served.items():
        due, parts = it.due.sum(), it.delivered.sum() + it.from_stock.sum() + it.shortage.sum()
        assert due == pytest.approx(parts)
        assert shown[name]["due"] == number(float(due))
    assert shown["cars"]["short"] == "0"
    assert shown["cars"]["met"] == shown["cars"]["months in full"] == "100.0000"
    assert shown["many"]["months in full"] == "0"


def test_shares_of_makers_make_the_whole(study: MatchStudy) -> None:
    rows = chain_match.maker_table(study).rows
    for name in study.base.served:
        assert sum(float(row[4]) for row in rows if row[0] == name) == pytest.approx(100, abs=0.01)
    of = chain_match.delivered_by(study.base)["many"]
    assert list(of.values()) == sorted(of.values(), reverse=True)


def test_other_plans_stand_beside_the_plan(study: MatchStudy) -> None:
    shown = cells(chain_match.plan_table(study))
    more = study.without["no-lacq"].shortage.sum() - study.base.shortage.sum()
    assert shown["all"]["no-lacq: short more"] == number(float(more) if more > 1e-6 else 0.0)
    bounds = cells(chain_match.bound_table(study))
    assert set(study.bounds) == {"none", "open"}
    assert float(bounds["all"]["none: met"]) <= float(bounds["all"]["met"])
    assert float(bounds["all"]["open: met"]) >= float(bounds["all"]["met"])


def test_gaps_are_those_of_the_plan_most_first(study: MatchStudy) -> None:
    rows = chain_match.gap_table(study).rows
    assert len(rows) == len(study.base.gaps()) > 0
    for row, gap in zip(rows, study.base.gaps(), strict=True):
        assert row[:2] == (gap.stage, gap.material)
        assert row[5] == number(float(gap.worth.max()))
        assert float(row[6]) <= float(row[7]) * (1 + 1e-3)


def test_elements_in_what_is_short_add_up_over_years(study: MatchStudy) -> None:
    for row in chain_match.missing_table(study).rows:
        assert sum(map(float, row[1:-1])) == pytest.approx(float(row[-1]), rel=1e-3)


def test_the_figure_has_a_line_for_each_demand_in_each_plan(study: MatchStudy) -> None:
    figure = chain_match.short_figure(study)
    assert [it.title for it in figure.panels] == ["everybody", "no-lacq"]
    assert sum(figure.panels[0].series[1].values) == pytest.approx(
        float(study.base.served["many"].shortage.sum())
    )
    assert len(figure.x) == study.plan.months


def test_what_is_left_is_made_and_no_more(study: MatchStudy) -> None:
    for row in chain_match.left_table(study).rows:
        assert 0 < float(row[2]) <= float(row[1]) * (1 + 1e-3)
    named = [row[0] for row in chain_match.left_maker_table(study).rows]
    assert len(named) == len(set(named))


def test_no_box_of_the_drawing_gives_more_than_it_takes(study: MatchStudy) -> None:
    ribbons = flow_ribbons(study.base)
    boxes = {it.source for it in ribbons} & {it.target for it in ribbons}
    first = ("mining", "collection")
    for box in (it for it in boxes if not it.startswith(first)):
        given = math.fsum(it.carried for it in ribbons if it.source == box)
        taken = math.fsum(it.carried for it in ribbons if it.target == box)
        assert given <= taken * 1.02, box
    assert any(it.target == LEFT for it in ribbons)
    shipped = sum(
        float(tonnes.sum()) * sum(study.base.task.network.materials[name].content.values())
        for (_, demand, name), tonnes in study.base.shipments.items()
        if demand == "many"
    )
    reached = math.fsum(it.carried for it in ribbons if it.target == "demand many")
    assert reached == pytest.approx(shipped, rel=0.02)


def test_the_drawing_is_well_formed_and_runs_down(study: MatchStudy) -> None:
    drawing = flow_drawing(study.base)
    root = ElementTree.fromstring(drawing.svg)
    assert root.attrib["viewBox"]
    # Only scrap comes back up.
    back = [it for it in drawing.svg.split("<g>") if "stroke-dasharray" in it]
    assert all("pool scrap" in it for it in back)


def test_every_table_has_a_unit_for_each_column_and_the_page_opens(study: MatchStudy) -> None:
    found = chain_match.fragments(study)
    for table in (table for it in found for table in it.tables):
        assert len(table.units_row()) == len(table.header)
        assert all(len(row) == len(table.header) for row in table.rows)
    assert "What limits" in page("match", found)


def test_the_workbook_has_the_months(study: MatchStudy) -> None:
    book = load_workbook(io.BytesIO(workbook(chain_match.sheets(study))))
    assert {"demands", "by month", "deliveries", "runs", "leftovers by month", "sources"} <= set(
        book.sheetnames
    )
    header, units, *rows = book["by month"].iter_rows(values_only=True)
    at = header.index("short")
    assert units[at] == "t"
    short = sum(row[at] for row in rows if row[0] == "everybody")
    assert short == pytest.approx(float(study.base.shortage.sum()))


def test_the_document_is_as_its_schema_says(study: MatchStudy) -> None:
    document = json.loads(json.dumps(chain_document.matched(study), allow_nan=False))
    Draft202012Validator(SCHEMA).validate(document)
    assert document["format"] == "ytterby.chain-match"
    by_month = sum(document["plan"]["demands"][1]["short_t_by_month"].values())
    assert by_month == pytest.approx(document["plan"]["demands"][1]["short_t"])
