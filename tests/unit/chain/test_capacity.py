"""Slips, ramps and weights, against arithmetic by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from tiny_chain import facility, line, network, row
from ytterby.chain.capacity import (
    CapacityRule,
    Slip,
    announced,
    counted_in,
    effective,
    no_start,
    not_stated,
    observed_slips,
    promotion,
    shipped_rule,
    standings,
)
from ytterby.chain.facts import Statement, slips
from ytterby.chain.grading import GRADES, grades
from ytterby.chain.months import month
from ytterby.chain.network import Cited, Range
from ytterby.errors import DataError

WEIGHTS = dict(zip(GRADES, (0.0, 0.1, 0.3, 0.6, 0.8, 0.9, 1.0), strict=True))
RULE = CapacityRule(WEIGHTS, Slip(12.0, 30.0), {"metal": ((0.0, 0.0), (4.0, 0.5), (12.0, 1.0))})
AT = month("2026-01")


def test_median_and_p90_of_a_slip() -> None:
    slip = Slip(12.0, 30.0)
    assert slip.months(0.5) == pytest.approx(12.0)
    assert slip.months(0.9) == pytest.approx(30.0)
    assert slip.months(0.1) == pytest.approx(12.0 * 12.0 / 30.0)


def test_slip_of_what_is_late_already_is_that_of_the_rest_of_the_late() -> None:
    """Given over the median, the half-way chance is the three-quarter chance of all."""
    slip = Slip(12.0, 30.0)
    assert slip.months(0.5, elapsed=12.0) == pytest.approx(slip.months(0.75))
    assert slip.months(0.5, elapsed=30.0) == pytest.approx(slip.months(0.95))
    assert slip.months(0.8, elapsed=12.0) == pytest.approx(slip.months(0.9))
    assert slip.months(0.5, elapsed=2000.0) > 2000.0
    assert Slip(12.0, 12.0).months(0.5, elapsed=20.0) == 20.0


@pytest.mark.parametrize(("median", "p90"), [(0.0, 30.0), (12.0, 6.0), (12.0, math.inf)])
def test_a_slip_that_is_none_is_refused(median: float, p90: float) -> None:
    with pytest.raises(DataError, match="median"):
        Slip(median, p90)


def test_a_stage_without_a_ramp_makes_all_from_its_start_on() -> None:
    assert RULE.ramp("wafer", np.array([-0.5, 0.5, 90.0])) == pytest.approx([0.0, 1.0, 1.0])


def test_a_line_to_start_is_slipped_ramped_and_weighed() -> None:
    chain = network([facility("mill")], [line("mill", "metal", "Ga_metal", starts="2026-06")])
    rows = grades([row("mill", "metal", "built", "2025-01")], AT)
    made = effective(chain, rows, month("2027-05"), 14, RULE)["mill", "metal"]
    ramp = [0.0, 0.0625, 0.1875, 0.3125, 0.4375, *(0.5 + (age - 4) / 16 for age in range(5, 12))]
    expected = np.array([*ramp[:5], *(0.5 + (age + 0.5 - 4) / 16 for age in range(4, 12)), 1.0])
    assert made == pytest.approx(10.0 * 0.6 * expected)
    said = announced(chain, month("2026-05"), 3, RULE)["mill", "metal"]
    assert said == pytest.approx([0.0, 10.0, 10.0])


def test_a_line_that_has_produced_is_neither_slipped_nor_ramped() -> None:
    chain = network([facility("mill")], [line("mill", "metal", "Ga_metal", starts="2025-06")])
    rows = grades([row("mill", "metal", "produced", "2025-11")], AT)
    made = effective(chain, rows, month("2026-01"), 3, RULE)["mill", "metal"]
    assert made == pytest.approx([8.0, 8.0, 8.0])


def test_a_line_past_its_start_that_no_row_shows_running_is_late() -> None:
    chain = network([facility("mill")], [line("mill", "metal", "Ga_metal", starts="2025-02")])
    rows = grades([row("mill", "metal", "financed", "2024-11")], AT)
    (found,) = standings(chain, rows, RULE).values()
    assert found.state == "to start"
    assert found.starts == month("2025-02") + math.ceil(Slip(12.0, 30.0).months(0.5, 12.0))


def test_before_its_start_a_line_has_not_produced_whatever_the_stage_has() -> None:
    """Rows of the running line do not speak for the second line beside it, unless they are about it."""
    first = line("mill", "metal", "Ga_metal")
    second = line("mill", "metal", "Ga_metal", starts="2028-01", name="metal_2")
    chain = network([facility("mill")], [first, second])
    rows = [row("mill", "metal", kind, "2024-01") for kind in ("financed", "qualified")]
    found = standings(chain, grades(rows, AT), RULE)
    assert found[first.key].grade == "qualified"
    assert (found[second.key].grade, found[second.key].state) == ("announced", "to start")
    rows.append(row("mill", "metal_2", "financed", "2025-01"))
    assert standings(chain, grades(rows, AT), RULE)[second.key].grade == "financed"


def test_rows_about_another_material_do_not_raise_a_line() -> None:
    chain = network([facility("mill")], [line("mill", "metal", "Ga_metal")])
    rows = [row("mill", "metal", "built"), row("mill", "metal", "qualified", material="In_metal")]
    (found,) = standings(chain, grades(rows, AT), RULE).values()
    assert found.grade == "built"


def test_what_has_no_capacity_no_start_or_no_life_counts_as_zero_and_is_listed() -> None:
    chain = network(
        [facility("a"), facility("b", status="announced"), facility("c", status="closed")],
        [
            line("a", "metal", "Ga_metal", capacity=None),
            line("b", "metal", "Ga_metal"),
            line("c", "metal", "Ga_metal", starts="2020-01"),
        ],
    )
    rows = grades([row(name, "metal", "qualified", "2020") for name in "abc"], AT)
    for made in (effective(chain, rows, AT, 2, RULE), announced(chain, AT, 2, RULE)):
        assert [list(it) for it in made.values()] == [[0.0, 0.0]] * 3
    assert not_stated(chain.lines.values()) == (("a", "metal"),)
    assert no_start(chain, RULE) == (("b", "metal"),)


def test_a_line_ends() -> None:
    ending = line("mill", "metal", "Ga_metal", ends="2026-03")
    chain = network([facility("mill")], [ending])
    rows = grades([row("mill", "metal", "qualified", "2020")], AT)
    assert effective(chain, rows, AT, 4, RULE)[ending.key] == pytest.approx([10, 10, 0, 0])


def test_the_end_of_the_range_is_a_setting() -> None:
    wide = replace(line("mill", "metal", "Ga_metal"), capacity=Range(60.0, 120.0, 240.0))
    chain = network([facility("mill")], [wide])
    rule = replace(RULE, end="low")
    assert announced(chain, AT, 1, rule)[wide.key] == pytest.approx([5.0])


def test_account_of_production_against_promotion() -> None:
    chain = network(
        [facility(it) for it in "abc"],
        [
            line("a", "metal", "Ga_metal", capacity=240.0),
            line("b", "metal", "Ga_metal", starts="2026-07"),
            line("c", "metal", "Ga_metal", capacity=None),
            line("c", "wafer", "wafer", "wafer_In"),
        ],
    )
    rows = [row("a", "metal", "qualified", "2020"), row("b", "metal", "announced", "2025")]
    first, second, wafers, _ = promotion(chain, grades(rows, AT), RULE, (2026, 2027))
    assert (first.stage, first.material, first.year) == ("metal", "Ga_metal", 2026)
    assert first.announced == pytest.approx(240.0 + 60.0)
    assert first.by_grade["qualified"] == pytest.approx(240.0)
    assert first.by_grade["announced"] == pytest.approx(60.0)
    assert first.weighted == pytest.approx(240.0)
    assert (first.lines, first.not_stated, first.no_start) == (3, 1, 0)
    assert first.shown == pytest.approx(240.0)
    ramp = sum((it + 0.5) / 8 for it in range(4)) + 0.53125 + 0.59375
    assert second.weighted == pytest.approx(240.0 + 0.1 * 10.0 * ramp)
    assert wafers.material == "wafer"
    (alone,) = promotion(chain, grades(rows, AT), RULE, (2026,), {("b", "metal")})
    assert (alone.announced, alone.lines) == (pytest.approx(60.0), 1)


def test_years_need_not_be_in_order() -> None:
    chain = network([facility("a")], [line("a", "metal", "Ga_metal", starts="2027-01")])
    later, sooner = promotion(chain, {}, RULE, (2028, 2026))
    assert (later.year, later.announced) == (2028, pytest.approx(120.0))
    assert (sooner.year, sooner.announced) == (2026, 0.0)


def test_capacity_is_counted_in_the_material_or_the_form_that_recipes_share() -> None:
    lines = [
        line("a", "metal", "Ga_metal"),
        line("a", "metal", "Ga_metal", "In_metal", name="both"),
        line("a", "refining"),
    ]
    chain = network([facility("a")], lines)
    assert list(counted_in(chain).values()) == ["metal", "metal", ""]
    for mixed in (lines[:2], lines[1::-1]):
        ends = replace(lines[1], name="last"), line("a", "metal", "In_metal", name="In")
        apart = network([facility("a")], [*mixed, *ends])
        assert set(counted_in(apart).values()) == {"metal"}
    alone = network([facility("a")], lines[:1])
    assert list(counted_in(alone).values()) == ["Ga_metal"]


def test_settings_that_cannot_be_are_refused_together() -> None:
    with pytest.raises(DataError) as error:
        CapacityRule(
            {**WEIGHTS, "built": 0.2, "buildt": 1.0},
            Slip(12.0, 30.0),
            {"metal": ((0.0, 0.0), (0.0, 1.2))},
            chance=1.0,
            end="middle",
        )
    assert len(error.value.faults) == 6
    assert "nearest   built" in str(error.value)


def test_slips_of_projects_compare_the_same_start_at_two_dates() -> None:
    def said(measure: str, when: str, start: float, unit: str = "year") -> Statement:
        return Statement("plant", measure, when, start, unit, "", Cited())

    (found,) = observed_slips(
        [
            said("first metal", "2024-01", 2027.5),
            said("first metal", "2021", 2025.0),
            said("first metal", "2022-06", 2026.0),
            said("commissioning", "2023", 2026.0),
            said("capex", "2021", 1e9, "USD"),
            said("capex", "2023", 2e9, "USD"),
        ]
    )
    assert (found.measure, found.stated) == ("first metal", ("2021", "2024-01"))
    assert found.months == pytest.approx(30.0)


def test_shipped_settings_stand_beside_what_projects_did() -> None:
    """Three projects moved the same start; the usual delay lies within what they have slipped so far."""
    rule = shipped_rule()
    assert (rule.slip.median, rule.slip.p90) == (12.0, 30.0)
    months = sorted(it.months for it in observed_slips(slips()))
    assert months == pytest.approx([12.0, 13.8, 34.8])
    assert [rule.slip.chance(it) for it in months] == pytest.approx([0.5, 0.577, 0.932], abs=1e-3)
    assert rule.ramp("separation", np.array([-0.5, 28.5, 60.0])) == pytest.approx([0, 0.66, 1])
    assert rule.ramp("magnet", np.array([9.5, 24.0])) == pytest.approx([0.4, 1.0])
    assert {it.basis for name, it in rule.cited.items() if name in rule.weights} == {"assumed"}


def test_a_slip_far_beyond_its_tail_is_still_over_what_has_elapsed() -> None:
    narrow = Slip(1.0, 1.125)
    near, far = (narrow.months(0.5, elapsed=math.exp(it * 0.0919)) for it in (29.99, 30.01))
    assert far == pytest.approx(near * math.exp(0.02 * 0.0919), rel=1e-4)
    assert 1000.0 < narrow.months(0.5, elapsed=1000.0) < 1001.0
