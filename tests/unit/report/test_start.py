"""Tables and figures of a run through time, from one small run."""

from __future__ import annotations

from functools import cache

import pytest

from ytterby.case import read_text
from ytterby.report.start import (
    asked,
    duration,
    event_table,
    inventory_table,
    main_elements,
    money,
    period_table,
    product_table,
    section_table,
    specification_table,
    worth_in_words,
)
from ytterby.report.start_figures import MOST_POINTS, inventory_figure, product_figure
from ytterby.study.start import Run, run_starts

CASE = """\
schema_version = 1
[circuits.sm]
extractant = "P507"
organic = { flow = "1.2 m3/h", concentration = "1 mol/L", saponification = "25 %", bleed = "2 %" }
[circuits.sm.extraction]
stages = 2
feed = { flow = "1 m3/h", acid = "0.02 mol/L", concentrations = { Nd = "0.09 mol/L", Gd = "0.06 mol/L" } }
[circuits.sm.scrub]
stages = 1
liquor = { flow = "0.1 m3/h", acid = "1.5 mol/L" }
[circuits.sm.strip]
stages = 1
liquor = { flow = "0.2 m3/h", acid = "4 mol/L" }
[starts.both]
circuit = "sm"
duration = "5 d"
organic_tank = "1 m3"
[starts.both.specifications.gd]
outlet = "strip liquor"
element = "Gd"
purity = "55 %"
[starts.both.events.a-stopped-scrub-mixer]
kind = "stage"
section = "scrub"
stage = 1
at = "2 d"
lasting = "30 min"
"""


@cache
def run() -> Run:
    return run_starts(read_text(CASE)).runs["both"]


@pytest.mark.parametrize(
    ("hours", "words"),
    [(None, ""), (float("nan"), ""), (0.0, "0 h"), (0.5, "30 min"), (47.94, "47.9 h"), (60.0, "2.5 d")],
)  # fmt: skip
def test_times_as_people_say_them(hours: float | None, words: str) -> None:
    assert duration(hours) == words


def test_money_has_three_digits_and_its_currency() -> None:
    assert money(18_632_411.0, "CNY") == "18,600,000 CNY"
    assert money(0.2, "USD") == "0 USD"


def test_events_and_periods() -> None:
    (row,) = event_table(run()).rows
    assert row == ("a-stopped-scrub-mixer", "2 d", "30 min", "stage 1 of scrub stands still")
    names = [row[0] for row in period_table(run()).rows]
    assert names == ["normal", "a-stopped-scrub-mixer", "normal"]
    assert [row[3] for row in period_table(run()).rows][1] == "too short"


def test_specification_and_products() -> None:
    (specification,) = run().met
    assert asked(specification) == "Gd of strip liquor: purity 55 %"
    rows = specification_table(run()).rows
    assert len(rows) == 3 and {row[0] for row in rows} == {"gd"}
    assert main_elements(run()) == {"raffinate": "Nd", "strip liquor": "Gd", "bleed": "Gd"}
    table = product_table(run())
    assert table.rows[0][0].startswith("1") and table.rows[-1][0] == "5 d"
    assert all(len(row) == len(table.header) for row in table.rows)


def test_inventory_adds_up_and_is_valued_by_market() -> None:
    held = run().simulation.inventory
    rows = {row[0]: row for row in inventory_table(run()).rows}
    assert list(rows) == ["Nd", "Gd"]
    assert rows["Nd"][5:8:2] == ("138 USD/kg", "2026-01-23, FOB China (SMM26)")
    assert rows["Gd"][6] == "not valued"
    assert worth_in_words(run()).endswith("USD (FOB China); not valued: Gd")
    sections = section_table(run()).rows
    assert [row[0] for row in sections] == ["extraction", "scrub", "strip", "organic tank"]
    total = float(held.total[-1] @ run().simulation.rare_earths())
    assert sum(float(row[-1]) for row in sections) == pytest.approx(total, rel=1e-3)


def test_figures_run_over_days_in_bands_of_periods() -> None:
    products, inventory = product_figure(run()), inventory_figure(run())
    for figure in (products, inventory):
        assert len(figure.x) <= MOST_POINTS + 6
        assert (figure.x[0], figure.x[-1]) == (0.0, 5.0)
        assert figure.x.count(2.0) == 2, "both sides of an event are drawn"
        assert [band.name for band in figure.bands] == ["normal", "", "normal"]
        assert all(
            len(series.values) == len(figure.x)
            for panel in figure.panels
            for series in panel.series
        )
        assert "Assumed: mixers: 5 min" in figure.caption
        assert "INVESTOR14" in figure.sources
    assert [panel.label for panel in products.panels][-1] == "acid, mol/L"
    assert len(products.panels[-1].series) == 2, "the bled organic has no acid"
    assert [series.name for series in inventory.panels[0].series][-1] == "organic tank"
