"""From when on a maker may deliver, on a tiny chain."""

from __future__ import annotations

import numpy as np
import pytest

from tiny_chain import demand, facility, line, network, row
from ytterby.chain.capacity import CapacityRule, Slip, standings
from ytterby.chain.demand import Demand
from ytterby.chain.evidence import Evidence
from ytterby.chain.grading import GRADES, grades
from ytterby.chain.leads import ANY, Leads, months
from ytterby.chain.months import month
from ytterby.chain.qualifying import qualified

AS_OF, FIRST, MONTHS = month("2026-06"), month("2027-01"), 24
TIME = 12
"""Months that the class needs, usual."""
NET = network(
    [facility("cutter"), facility("other"), facility("later"), facility("shut", status="closed")],
    [
        line("cutter", "wafer", "wafer"),
        line("other", "wafer", "wafer"),
        line("later", "wafer", "wafer", starts="2027-01"),
        line("shut", "wafer", "wafer"),
    ],
)
RULE = CapacityRule({it: 1.0 for it in GRADES}, Slip(6.0, 6.0), {})
KNOWN = [
    row("cutter", "wafer", "qualified", "2025-01", "automotive"),
    row("other", "wafer", "produced", "2025-01"),
    row("later", "wafer", "announced", "2025-01"),
    row("shut", "wafer", "qualified", "2020-01", "automotive"),
]


def found(
    asked: Demand, rows: list[Evidence] | None = None, time: str = "automotive"
) -> dict[tuple[str, str], np.ndarray]:
    """Shares by maker and demand, with one class timed."""
    graded = grades(KNOWN if rows is None else rows, AS_OF)
    leads = Leads(qualification={time: months(6, TIME, 36)})
    return qualified(
        NET, graded, standings(NET, graded, RULE), [asked], leads, AS_OF, FIRST, MONTHS
    )


def test_a_maker_that_the_class_accepted_delivers_at_once() -> None:
    shares = found(demand("wafer", 1.0, 2027, "automotive"))
    np.testing.assert_array_equal(shares["cutter", "buyer"], np.ones(MONTHS))


def test_one_that_runs_waits_for_the_time_of_the_class_from_what_is_known() -> None:
    share = found(demand("wafer", 1.0, 2027, "automotive"))["other", "buyer"]
    wait = AS_OF + TIME - FIRST
    np.testing.assert_array_equal(share, np.arange(MONTHS) >= wait)
    assert share[wait] == 1.0
    assert share[wait - 1] == 0.0


def test_one_that_is_to_start_waits_from_its_slipped_start() -> None:
    share = found(demand("wafer", 1.0, 2027, "automotive"))["later", "buyer"]
    np.testing.assert_array_equal(share, np.arange(MONTHS) >= 6 + TIME)


def test_one_that_stands_still_never_delivers() -> None:
    assert ("shut", "buyer") not in found(demand("wafer", 1.0, 2027, "automotive"))


def test_another_class_has_to_qualify_for_itself() -> None:
    shares = found(demand("wafer", 1.0, 2027, "wind"), time=ANY)
    assert shares["cutter", "buyer"].sum() == MONTHS - (AS_OF + TIME - FIRST)


def test_where_no_time_is_known_only_the_accepted_deliver() -> None:
    shares = found(demand("wafer", 1.0, 2027, "automotive"), time="wind")
    assert set(shares) == {("cutter", "buyer")}


@pytest.mark.parametrize(
    ("material", "customer_class"), [("wafer", ""), ("Ga_metal", "automotive")]
)
def test_who_has_no_entry(material: str, customer_class: str) -> None:
    assert found(demand(material, 1.0, 2027, customer_class)) == {}


def test_an_acceptance_younger_than_what_is_known_does_not_count() -> None:
    rows = [row("cutter", "wafer", "qualified", "2026-07", "automotive"), *KNOWN[1:]]
    share = found(demand("wafer", 1.0, 2027, "automotive"), rows)["cutter", "buyer"]
    assert share[0] == 0.0
