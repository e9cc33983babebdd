"""Volumes along circuits and trains, against sums done by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from circuits import samarium_gadolinium
from ytterby.circuit.circuit import Draw, Inlet, Place, Reflux, SideFeed, Train, Transfer
from ytterby.circuit.volumes import volumes

# 6 stages of extraction, 5 of scrub, 5 of strip; organic 1.5, feed 1, scrub 0.1, strip acid 0.2 m3/h.
CIRCUIT = samarium_gadolinium()
NAME = CIRCUIT.name


def test_a_plain_circuit() -> None:
    through = volumes(CIRCUIT)[NAME]
    assert through["organic"] == [1.5] * 16
    assert through["aqueous"] == pytest.approx([1.1] * 6 + [0.1] * 5 + [0.2] * 5)


def test_side_streams_count_from_their_stage_on() -> None:
    """A draw is still there in its own stage and missing after it."""
    circuit = replace(
        CIRCUIT,
        side_feeds=(
            SideFeed(Inlet("second", 0.5, 1.0, {}), Place("extraction", 3)),
            SideFeed(Inlet("fresh", 0.25, 0.0, {}), Place("scrub", 1), "organic"),
        ),
        draws=(
            Draw("middle", Place("extraction", 5), "aqueous", 0.2),
            Draw("rich", Place("scrub", 4), "organic", 0.75),
        ),
        refluxes=(Reflux("strip liquor", Place("scrub", 2), 0.05),),
    )
    through = volumes(circuit)[NAME]
    scrub = [0.15, 0.15, 0.1, 0.1, 0.1]
    assert through["aqueous"] == pytest.approx(
        [1.45, 1.45, 1.45, 0.95, 1.15, 1.15, *scrub, *[0.2] * 5]
    )
    assert through["organic"] == pytest.approx([1.5] * 6 + [1.75] * 4 + [1.0] * 6)


def train(*transfers: Transfer) -> Train:
    second = replace(samarium_gadolinium(closed=False), name="second")
    return Train("both", (CIRCUIT, second), transfers)


def test_transfers_that_feed_each_other() -> None:
    """x = 1.1 + y / 10 and y = 1.1 + x: raffinates of the first and of the second."""
    end = Place("extraction", 6)
    through = volumes(
        train(
            Transfer(NAME, "raffinate", "second", end),
            Transfer("second", "raffinate", NAME, end, 0.1),
        )
    )
    first = (1.1 + 0.11) / 0.9
    assert through[NAME]["aqueous"][:6] == pytest.approx([first] * 6)
    assert through["second"]["aqueous"][:6] == pytest.approx([first + 1.1] * 6)


def test_organic_of_an_open_circuit() -> None:
    moved = Transfer("second", "stripped organic", NAME, Place("scrub", 2), 0.5)
    through = volumes(train(moved))
    assert through[NAME]["organic"] == pytest.approx([1.5] * 7 + [2.25] * 9)
    assert through[NAME]["aqueous"] == pytest.approx([1.1] * 6 + [0.1] * 5 + [0.2] * 5)


def test_what_goes_round_in_full_has_no_volume() -> None:
    end = Place("extraction", 6)
    through = volumes(
        train(
            Transfer(NAME, "raffinate", "second", end),
            Transfer("second", "raffinate", NAME, end),
        )
    )
    flow = through[NAME]["aqueous"][0]
    assert not (0.0 < flow < 1e12 and math.isfinite(flow))
