"""Random feeds through the reference refinery: each ends in a plant that closes, or in a named verdict."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from ytterby.datasets.feeds import feed
from ytterby.errors import BalanceError, CaseError, Fault

BENCH = Path(__file__).parents[2] / "bench"
SEEDS = (0, 9, 19, 24, 43, 46, 57, 93, 141, 149)
"""Minerals, a grade too low, no magnets, no concentrate; none with La or Ce, whose circuit has no stored
design: designing it takes longer than all of these."""


@pytest.fixture(scope="module")
def bench() -> Any:
    """The module bench/random_feeds.py."""
    sys.path.insert(0, str(BENCH))
    try:
        import random_feeds
    finally:
        sys.path.remove(str(BENCH))
    return random_feeds


def test_draws_stay_in_the_ranges_of_the_catalogue(bench: Any) -> None:
    for seed in range(300):
        drawn = bench.draw(seed)
        for shares in (drawn.magnet_blend, drawn.concentrate_blend):
            assert sum(shares.values()) == pytest.approx(1.0)
        for name, (ndpr, dytb) in drawn.magnet_metals.items():
            known = feed(name)
            assert known.ndpr_metal[0] <= ndpr <= known.ndpr_metal[1]
            assert known.dytb_metal[0] <= dytb <= known.dytb_metal[1]
            found = bench.magnet_composition(known, ndpr, dytb)
            assert found["Nd"] + found["Pr"] == pytest.approx(ndpr)
            assert found.get("Dy", 0.0) + found.get("Tb", 0.0) == pytest.approx(dytb)
            assert sum(found.values()) == pytest.approx(sum(known.composition().values()))
            assert min(found.values()) >= 0.0
        for name, grade in drawn.grades.items():
            assert grade is None or feed(name).treo_low <= grade <= feed(name).treo_high
    assert bench.draw(5) == bench.draw(5)


def test_what_is_taken_out_upstream_leaves_the_grade(bench: Any) -> None:
    composition = feed("IAC_LONGNAN").composition()
    left = bench.cut_upstream(composition, {"Y": 1.0, "La": 0.5})
    assert left["Y"] == 0.0
    assert left["La"] / left["Dy"] == pytest.approx(0.5 * composition["La"] / composition["Dy"])
    assert sum(left.values()) == pytest.approx(sum(composition.values()))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_feed_runs_or_is_turned_away_by_name(bench: Any, seed: int) -> None:
    run = bench.ran(seed)
    assert run.outcome in ("solved", "refused"), run.said
    if run.outcome == "solved":
        assert run.closure < 1e-9 and run.missed
    else:
        assert run.where and run.reason


def test_what_is_no_verdict_counts_as_a_defect(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    fault = Fault("plant p, unit u: operation u, grade", "1 %", "30 %")
    errors = {
        "refused": CaseError(fault),
        "defect": BalanceError(fault),
        "unnamed": CaseError(Fault("", "")),
        "other": ZeroDivisionError("no"),
    }
    for name, error in errors.items():

        def fail(*_: Any, error: Exception = error) -> None:
            raise error

        monkeypatch.setattr(bench, "run_plant", fail)
        run = bench.ran(43)
        assert run.outcome == ("refused" if name == "refused" else "defect")
