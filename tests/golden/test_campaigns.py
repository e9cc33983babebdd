"""The reference refinery with its two feeds in campaigns of their own."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from ytterby.case import read
from ytterby.case.plants import Campaign
from ytterby.study.campaigns import CampaignsStudy, run_campaigns

CASE = Path(__file__).parents[2] / "examples" / "lacq" / "lacq.toml"


@cache
def year() -> CampaignsStudy:
    """2,500 h of magnets alone, 5,000 h of concentrate alone; circuits as stored."""
    plan = read(CASE).plant
    assert plan is not None
    parts = (
        Campaign("magnets", 2500.0, ("magnets",)),
        Campaign("concentrates", 5000.0, ("concentrate",)),
    )
    return run_campaigns(replace(plan, campaigns=parts))


def test_a_circuit_with_nothing_to_part_says_so() -> None:
    assert year().idle("magnets") == ("nd-sm", "ce-pr")
    assert year().idle("concentrates") == ("nd-tb", "ce-pr")
    notes = year().studies["magnets"].balance.notes
    assert "nd-sm: nothing to part at Nd/Sm: passed by" in notes


def test_a_line_that_stands_still_takes_and_gives_nothing() -> None:
    balance = year().studies["magnets"].balance
    for unit in ("gate", "dissolve", "purify-c", "uranium", "condition-c"):
        found = balance.units[unit]
        for flow in (*found.outlets.values(), *found.drawn.values()):
            assert flow.mass() == 0.0


def test_every_campaign_closes() -> None:
    for study in year().studies.values():
        assert max(map(abs, study.balance.closure.values())) < 1e-9


def test_magnets_give_their_own_metals_alone() -> None:
    """698.5 t/y REO of magnets, no Sm, Er or Yb in them; NdPr of both campaigns as in a year of both."""
    magnets = year().studies["magnets"]
    fed = sum(flow.treo() for flow in magnets.plan.flowsheet.feeds.values()) * magnets.hours
    assert fed / 1000.0 == pytest.approx(698.5, abs=1.0)
    for sold in magnets.products:
        assert not {"Sm", "Er", "Yb", "Lu"} & set(sold.flow.rare_earths())
    ndpr = year().products()["ndpr-oxide"].treo() / 1000.0
    assert ndpr == pytest.approx(803.4, rel=0.01)


def test_what_one_campaign_misses_the_other_does_not_hide() -> None:
    """So little Ho comes with magnets that Dy/Ho, designed for clay, parts it badly; each is judged alone."""
    told = {
        name: {it.product.end: it.meets for it in study.products}
        for name, study in year().studies.items()
    }
    assert told["concentrates"]["dy-oxide"] is not False
    assert told["magnets"]["dy-oxide"] is False
