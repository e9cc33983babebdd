"""Trimming by made-up circuits whose answer is known: where it ends, what it tries, what it says."""

from __future__ import annotations

import math

import pytest

from ytterby.errors import BalanceError, ConvergenceError, Fault
from ytterby.unitops.trimming import AS_DESIGNED, TRIMMED, Handles, Tried, trimmed

NOWHERE = ConvergenceError(Fault("circuit c", "no steady state"))
OPEN = BalanceError(Fault("circuit c", "open"))


def test_the_organic_flow_is_trimmed_to_the_proportion_of_the_design() -> None:
    def at(handles: Handles, place: float) -> Tried[float]:
        assert handles == AS_DESIGNED
        return Tried(-6.0 * (place - 0.7) - (place - 0.7) ** 3, 1.0, place)

    place, told = trimmed(at)
    assert place == pytest.approx(0.7, abs=2 * TRIMMED)
    assert told == ""


def test_a_place_without_steady_state_bounds_the_search() -> None:
    def at(handles: Handles, place: float) -> Tried[float]:
        if place > 0.1:
            raise NOWHERE
        return Tried(-20.0 * (place - 0.09), 1.0, place)

    assert trimmed(at)[0] == pytest.approx(0.09, abs=TRIMMED)


def test_a_place_that_does_not_close_is_tried_beside() -> None:
    """Rounding spoils the balance at the start and once on the way."""
    places: list[float] = []

    def at(handles: Handles, place: float) -> Tried[float]:
        places.append(place)
        if len(places) in (1, 4):
            raise OPEN
        return Tried(-8.0 * (place - 0.3), 1.0, place)

    assert trimmed(at)[0] == pytest.approx(0.3, abs=TRIMMED)


def test_where_none_closes_that_is_raised() -> None:
    def at(handles: Handles, place: float) -> Tried[float]:
        raise OPEN

    with pytest.raises(BalanceError):
        trimmed(at)


def test_less_base_is_tried_where_no_organic_flow_helps() -> None:
    def at(handles: Handles, place: float) -> Tried[Handles]:
        if handles.saponification > 0.6:
            return Tried(5.0 + math.exp(-place), 1e3, handles)
        return Tried(-8.0 * place, 1.0 / handles.saponification, handles)

    handles, told = trimmed(at)
    assert handles == Handles(1.0, 0.5)  # the best of those that keep the proportion: none meets it
    assert "100 % of the scrub, strip and organic and 50 % of the base" in told


def test_the_first_that_meets_what_is_asked_is_taken() -> None:
    def at(handles: Handles, place: float) -> Tried[Handles]:
        if handles == AS_DESIGNED:
            return Tried(5.0, 1e3, handles)
        return Tried(-8.0 * place, 0.9, handles)

    assert trimmed(at)[0] == Handles(1.0, 0.7)


def test_where_nothing_helps_it_runs_at_the_flows_of_its_design_and_says_so() -> None:
    def at(handles: Handles, place: float) -> Tried[tuple[Handles, float]]:
        if handles != AS_DESIGNED:
            raise NOWHERE
        return Tried(5.0, 1e3, (handles, place))

    found, told = trimmed(at)
    assert found == (AS_DESIGNED, 0.0)
    assert "run at its flows, design it anew" in told


def test_without_steady_state_as_designed_there_is_a_verdict() -> None:
    def at(handles: Handles, place: float) -> Tried[float]:
        raise NOWHERE

    with pytest.raises(ConvergenceError):
        trimmed(at)
