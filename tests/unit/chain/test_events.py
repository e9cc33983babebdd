"""Dated events as shipped, and that nothing later than a look back is read."""

from __future__ import annotations

from types import SimpleNamespace
from typing import NoReturn

import pytest

from ytterby.chain.events import events, known_by
from ytterby.chain.evidence import KINDS
from ytterby.chain.months import month
from ytterby.chain.rules import Rule
from ytterby.chain.shocks import Shock
from ytterby.sources import source


class Later:
    """A row of which nothing but its date may be read."""

    def __init__(self, dated: int | None) -> None:
        self.month = dated

    def __getattr__(self, name: str) -> NoReturn:
        raise AssertionError(f"{name} of a row of {self.month} was read")


def test_of_a_later_row_nothing_but_its_date_is_read() -> None:
    known = SimpleNamespace(month=month("2025-03"), kind=KINDS[0])
    rows = [Later(month("2025-05")), known, Later(month("2025-04")), Later(None)]
    assert known_by(rows, month("2025-03")) == (known,)  # type: ignore[type-var]


def test_the_last_month_itself_is_known() -> None:
    row = SimpleNamespace(month=month("2025-04"))
    assert known_by([row], month("2025-04")) == (row,)
    assert known_by([row], month("2025-03")) == ()


@pytest.mark.parametrize(
    ("name", "date", "countries", "customers", "elements"),
    [
        ("china-2010-09", "2010-09", {"CHN"}, {"JPN"}, set()),
        ("china-2025-04", "2025-04", {"CHN"}, set(), {"Dy", "Tb", "Sm"}),
        ("china-2025-10", "2025-11", {"CHN"}, set(), {"Dy", "Tb", "Ho", "Er"}),
    ],
)
def test_the_events_that_every_plan_is_asked_about(
    name: str, date: str, countries: set[str], customers: set[str], elements: set[str]
) -> None:
    event = events()[name]
    assert event.month == month(date)
    assert event.rule.countries == countries
    assert event.customers == customers
    assert event.rule.elements >= elements
    assert event.abroad
    assert source(event.cited.source)


def test_every_event_has_a_source_and_says_how_it_is_read() -> None:
    found = list(events().values())
    assert [it.month for it in found] == sorted(it.month for it in found)
    for event in found:
        assert source(event.cited.source)
        assert event.title
        assert event.rule.countries or event.rule.owners or event.rule.facilities


def test_an_event_is_put_into_another_month() -> None:
    event = events()["china-2010-09"]
    assert event.lasts == 2
    put = event.shock("again", month("2029-01"))
    assert (put.month, put.rule.until) == (month("2029-01"), month("2029-03"))
    assert event.shock("long", month("2029-01"), month("2029-12")).rule.until == month("2029-12")
    open_end = events()["china-2025-04"].shock("open", month("2029-01"))
    assert open_end.rule.until is None


def test_whom_a_shock_reaches() -> None:
    rule = Rule("r", countries=frozenset({"CHN"}), since=0)
    stop = Shock("stop", rule)
    assert stop.reaches("CHN") and stop.reaches("JPN")
    control = Shock("control", rule, abroad=True)
    assert not control.reaches("CHN")
    assert control.reaches("JPN")
    japan = Shock("japan", rule, True, frozenset({"JPN"}))
    assert japan.reaches("JPN")
    assert not japan.reaches("DEU")
    with pytest.raises(ValueError, match="no month"):
        _ = Shock("never", Rule("r")).month
