"""What happens if somebody stops, as it is shown, and replays that read nothing later."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from importlib.resources import files
from typing import Any, NoReturn

import numpy as np
import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from openpyxl import load_workbook

import chain_match_studies
from ytterby.chain.events import events
from ytterby.chain.months import month, written
from ytterby.errors import DataError
from ytterby.report import chain_document, chain_stress
from ytterby.report.page import page
from ytterby.report.tables import Table
from ytterby.report.workbook import workbook
from ytterby.study.chain import StressStudy, replay

SCHEMA = json.loads(
    (files("ytterby") / "data" / "schemas" / "chain-stress-1.json").read_text("utf-8")
)
EVENT = "china-2025-04"


class Later:
    """A row of evidence of which nothing but its date may be read."""

    def __init__(self, dated: int | None) -> None:
        self.month = dated

    def __getattr__(self, name: str) -> NoReturn:
        raise AssertionError(f"{name} of a row of {self.month} was read")


@pytest.fixture(scope="module")
def study() -> StressStudy:
    return chain_match_studies.stressed()


def cells(table: Table) -> dict[str, dict[str, str]]:
    return {row[0]: dict(zip(table.header, row, strict=True)) for row in table.rows}


def test_each_event_says_who_is_hit_first_and_when(study: StressStudy) -> None:
    shown = cells(chain_stress.event_table(study))
    for it in study.shocks:
        row = shown[it.shock.name]
        assert row["first short"] == (it.hit or "nobody")
        assert row["in"] == ("" if it.hit_month is None else written(it.hit_month))
        assert row["survived"] == ("all" if it.survives is None else str(it.survives))
    assert shown["control"]["until"] == "for good"
    assert shown["short-stop"]["until"] == "2030-06"


def test_demands_together_lose_what_the_event_takes(study: StressStudy) -> None:
    rows = chain_stress.each_table(study).rows
    for it in study.shocks:
        told = sum(float(row[2]) for row in rows if row[0] == it.shock.name)
        assert told == pytest.approx(it.lost, rel=1e-3, abs=0.01)


def test_removals_stand_worst_first_and_the_harmless_in_one_line(study: StressStudy) -> None:
    found, table = study.removals["countries"], chain_stress.removal_table(study, "countries")
    costly = [it for it in found if it.lost > chain_stress.FELT]
    lost = [float(row[1]) for row in table.rows]
    assert lost == sorted(lost, reverse=True)
    assert table.rows[0][0] == "CHN"
    assert table.rows[-1][0] == f"{len(found) - len(costly)} others"
    assert len(table.rows) == len(costly) + 1


def test_the_figure_shows_what_is_short_beyond_the_plan(study: StressStudy) -> None:
    figure = chain_stress.more_figure(study)
    assert sum(figure.panels[0].series[0].values) == pytest.approx(study.shocks[0].lost, rel=1e-6)
    assert len(figure.panels[1].series) <= chain_stress.MOST


def test_a_replay_begins_with_its_event_and_keeps_the_amounts(study: StressStudy) -> None:
    (found,) = study.replays
    assert found.event == EVENT
    assert found.plan.first == events()[EVENT].month == month("2025-04")
    assert found.plan.as_of == month("2025-03")
    for name, it in study.plan.demands.items():
        moved = found.plan.demands[name]
        assert min(moved.tonnes) - found.plan.first == min(it.tonnes) - study.plan.first
        assert moved.total == it.total
    dates = [row.month for row in study.plan.evidence]
    assert found.known + found.later + found.undated == len(dates)
    assert {(row.month or 0) <= found.plan.as_of for row in found.plan.evidence} == {True}
    assert found.lines < found.of_lines


def test_a_replay_reads_no_row_that_came_later(study: StressStudy) -> None:
    last = events()[EVENT].month - 1
    rows: list[Any] = [
        row if row.month is not None and row.month <= last else Later(row.month)
        for row in study.plan.evidence
    ]
    assert any(isinstance(row, Later) for row in rows)
    blind = replay(replace(study.plan, evidence=tuple(rows)), EVENT)
    (found,) = study.replays
    np.testing.assert_array_equal(blind.base.shortage, found.base.shortage)
    assert blind.found.lost == found.found.lost
    with pytest.raises(AssertionError, match="was read"):
        _ = rows[next(at for at, row in enumerate(rows) if isinstance(row, Later))].kind


def test_an_unknown_event_is_refused_with_the_nearest(study: StressStudy) -> None:
    with pytest.raises(DataError, match="china-2025-04"):
        replay(study.plan, "china-2025-4")


def test_it_says_how_it_is_read(study: StressStudy) -> None:
    found = chain_stress.fragments(study)
    words = " ".join(it.caption for it in found)
    for phrase in ("Nobody sees a shock coming", "export control", "no date is that of today"):
        assert phrase in words
    (row,) = chain_stress.read_table(study).rows
    assert row[0] == EVENT
    assert "upper bound" in row[6]
    for table in (table for it in found for table in it.tables):
        assert len(table.units_row()) == len(table.header)
        assert all(len(row) == len(table.header) for row in table.rows)
    assert "Replayed with what was known then" in page("stress", found)


def test_the_workbook_has_the_months(study: StressStudy) -> None:
    book = load_workbook(io.BytesIO(workbook(chain_stress.sheets(study))))
    assert book.sheetnames == ["shocks", "by demand", "by month", "replays", "sources"]
    header, units, *rows = book["by month"].iter_rows(values_only=True)
    assert units[-1] == "t"
    lost = sum(row[-1] for row in rows if row[:2] == ("event", "control"))
    assert lost == pytest.approx(study.shocks[0].lost, abs=0.1)
    assert header[3] == "month"


def test_the_document_is_as_its_schema_says(study: StressStudy) -> None:
    document = json.loads(json.dumps(chain_document.stressed(study), allow_nan=False))
    Draft202012Validator(SCHEMA).validate(document)
    assert document["format"] == "ytterby.chain-stress"
    assert document["events"][0]["event"] == EVENT
