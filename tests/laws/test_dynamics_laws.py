"""What holds for every circuit that runs through time: conservation, its end, what must change nothing."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from circuits import (
    closely,
    leaky_neodymium,
    samarium_gadolinium,
    scaled_flows,
    with_inlet,
)
from running import four_stages, inert_stages, leached, salted_out
from shapes import padded_to
from ytterby.circuit import Circuit, Inlet, Verdict
from ytterby.circuit.circuit import Place
from ytterby.circuit.dynamics import (
    Event,
    Hold,
    HoldUp,
    LessBase,
    NewLiquor,
    OtherFlow,
    StoppedStage,
    WeakerAcid,
)
from ytterby.circuit.dynamics.simulate import simulate_circuit
from ytterby.circuit.dynamics.simulation import Simulation
from ytterby.circuit.dynamics.told import ANION
from ytterby.circuit.solve import solve_circuit
from ytterby.circuit.solved import Array
from ytterby.errors import CaseError

STEADY = 1e-8
"""What a run that is long enough may differ from the steady state, relative."""
TANK = HoldUp(organic_tank=Hold(1.0, "volume"))


@pytest.fixture(autouse=True)
def one_shape(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    padded_to(monkeypatch, stages=16, elements=4, takes=(4,))
    yield


def everything_happens() -> list[Event]:
    """Each kind of event, two of them at once, on the leaky circuit."""
    other = Inlet("feed", 1.1, 30.0, {"Nd": 80.0, "Sm": 70.0, "Gd": 30.0, "Dy": 2.0})
    return [
        Event("stage", 4.0, StoppedStage(Place("extraction", 2)), 3.0),
        Event("acid", 5.0, WeakerAcid("strip acid", 0.7), 4.0),
        Event("base", 12.0, LessBase(0.5), 2.0),
        Event("organic", 16.0, OtherFlow("organic", 0.95), 5.0),
        Event("feed", 24.0, NewLiquor(other)),
    ]


def fed(simulation: Simulation) -> Array:
    """Metals that entered, by the liquors as described [mol], axis ``element``."""
    total = np.zeros(len(simulation.circuit.elements))
    for course in simulation.courses:
        period, circuit = course.period, course.period.setting.circuit
        for inlet, _, _ in circuit.inlets():
            metals = [inlet.concentrations.get(it, 0.0) for it in simulation.circuit.elements]
            total += (period.end - period.begin) * inlet.flow * np.array(metals)
    return total


def outlet_flows(circuit: Circuit) -> dict[str, Array]:
    """Metals that leave at the steady state [mol/h], by outlet."""
    solved = solve_circuit(circuit)
    return {
        name: np.array([solved.streams[name].moles(it) for it in circuit.elements])
        for name in solved.outlets
    }


def assert_ends_at(simulation: Simulation, circuit: Circuit, rel: float = STEADY) -> None:
    """Every outlet gives at the end what it gives at the steady state of that circuit."""
    expected = outlet_flows(circuit)
    assert set(simulation.outlets) == set(expected)
    for name, series in simulation.outlets.items():
        assert series.metals[-1] == closely(expected[name], rel=rel), name


# --- conservation


@pytest.mark.parametrize("start", ["empty", "steady"])
def test_what_enters_leaves_or_stays_through_all_events(start: Any) -> None:
    found = simulate_circuit(
        leaky_neodymium(), 40.0, holdup=TANK, events=everything_happens(), start=start
    )
    held, sent = found.inventory.total, sum(it.sent.sum(axis=0) for it in found.outlets.values())
    assert held[0] + fed(found) == closely(held[-1] + sent, rel=1e-12)
    assert max(found.closure.values()) <= 1e-12
    assert found.closure[ANION] <= 1e-12
    assert found.refusal is None and found.end == 40.0


def test_what_leaves_in_a_step_is_what_flows_there() -> None:
    """The sums of the steps against Simpson's rule on the flows themselves."""
    found = simulate_circuit(four_stages(), 5.0, tolerance=1e-7)
    for series in found.outlets.values():
        hours = np.diff(found.time)[:, None]
        trapezoid = (hours * (series.metals[1:] + series.metals[:-1]) / 2).sum(axis=0)
        assert series.sent.sum(axis=0) == closely(trapezoid, rel=1e-4)


# --- the steady state


@pytest.mark.parametrize("circuit", [four_stages(), samarium_gadolinium(), leaky_neodymium()])
def test_the_steady_state_stays(circuit: Circuit) -> None:
    found = simulate_circuit(circuit, 200.0, start="steady", holdup=TANK)
    assert found.distance <= STEADY
    for series in found.outlets.values():
        drift = np.abs(series.metals - series.metals[0])
        assert np.max(drift / np.max(series.metals[0])) <= STEADY
    assert found.steps < 40, "nothing moves, so steps should grow without bound"
    assert_ends_at(found, circuit)


@pytest.mark.parametrize(
    "circuit",
    [four_stages(), samarium_gadolinium(), leaky_neodymium(), salted_out(), leached()],
    ids=lambda circuit: str(circuit.name),
)
def test_every_run_ends_at_the_steady_state(circuit: Circuit) -> None:
    """Whatever the chemistry: exchange, solvation, lines in pH with HSO4-."""
    found = simulate_circuit(circuit, 2000.0, holdup=TANK)
    assert found.distance <= STEADY
    assert_ends_at(found, circuit)
    assert max(found.closure.values()) <= 1e-12


def test_acid_to_fill_with_is_what_an_instrument_would_read() -> None:
    """[H+] as given, though in sulfate most of the acid is HSO4-; no metal, and fresh organic."""
    found = simulate_circuit(leached(), 1.0, fill={"extraction": 30.0})
    assert found.outlets["raffinate"].acid[0] == pytest.approx(30.0, rel=1e-9)
    assert found.inventory.total[0] == pytest.approx(0.0)
    (words,) = (it for it in found.assumptions if it.startswith("at the start"))
    assert "extraction 0.03 (given) mol/L, scrub 0." in words


def test_what_passes_is_forgotten() -> None:
    """A stopped stage, an acid failure and a time without base leave no trace; another feed stays."""
    circuit, events = leaky_neodymium(), everything_happens()
    found = simulate_circuit(circuit, 2000.0, events=events, start="steady")
    *_, stays = events
    assert isinstance(stays.change, NewLiquor)
    first, *others = circuit.sections
    fed_otherwise = replace(
        circuit,
        elements=("Nd", "Sm", "Gd", "Dy"),
        sections=(replace(first, inlet=stays.change.liquor), *others),
    )
    assert found.distance <= STEADY
    assert_ends_at(found, fed_otherwise)


def test_a_stopped_stage_is_as_if_it_were_not_there() -> None:
    """For good: sixteen stages of which one stands still end as fifteen."""
    circuit = samarium_gadolinium()
    stop = Event("stop", 1.0, StoppedStage(Place("extraction", 3)))
    found = simulate_circuit(circuit, 3000.0, events=[stop], start="steady")
    first, *others = circuit.sections
    shorter = replace(circuit, sections=(replace(first, stages=first.stages - 1), *others))
    assert found.distance <= STEADY
    assert_ends_at(found, shorter)


def test_a_stopped_contact_lets_everything_pass() -> None:
    """One stage, open: what is fed leaves with the raffinate, nothing with the organic."""
    circuit = inert_stages(1, 5.0)
    stop = Event("stop", 20.0, StoppedStage(Place("extraction", 1)))
    found = simulate_circuit(circuit, 60.0, events=[stop])
    assert found.recovery("raffinate", "Ce")[-1] == pytest.approx(1.0, abs=1e-9)
    assert found.recovery("loaded organic", "Ce")[-1] == pytest.approx(0.0, abs=1e-9)
    before = found.courses[0].end - 1
    assert found.recovery("raffinate", "Ce")[before] == closely(1.0 / (1.0 + 0.8 * 5.0), rel=1e-8)


# --- closed forms


def erlang(vessels: int, times: Array) -> Array:
    """What leaves a row of equal vessels after a step of what enters, times over the residence time."""
    terms = [times**n / math.factorial(n) for n in range(vessels)]
    return np.asarray(1.0 - np.exp(-times) * sum(terms))


@pytest.mark.parametrize("stages", [1, 5])
def test_what_is_not_extracted_comes_through_as_through_a_row_of_vessels(stages: int) -> None:
    """A mixer and a settler a stage, all of one residence time: Erlang."""
    hours = 0.2
    circuit = inert_stages(stages, 1e-12)
    holdup = HoldUp(Hold(hours), Hold(hours), Hold(hours))
    found = simulate_circuit(circuit, 4.0, holdup=holdup, tolerance=1e-8)
    expected = erlang(2 * stages, found.time / hours)
    assert found.recovery("raffinate", "Ce") == pytest.approx(expected, abs=1e-7)


def test_one_stage_washes_out_by_two_residence_times() -> None:
    """Constant D, feed stopped short: mixer and settler, exp(-t/m) and exp(-t/s)."""
    mixer, settler, ratio = 0.1, 0.5, 3.0
    holdup = HoldUp(Hold(mixer), Hold(settler), Hold(settler))
    circuit = inert_stages(1, ratio)
    empty = Inlet("feed", 1.0, 1000.0, {"Ce": 0.0})
    stop = Event("no metal", 10.0, NewLiquor(empty))
    found = simulate_circuit(circuit, 14.0, holdup=holdup, events=[stop], tolerance=1e-8)
    late = slice(found.courses[1].first, None)
    since = found.time[late] - 10.0
    decay = (mixer * np.exp(-since / mixer) - settler * np.exp(-since / settler)) / (
        mixer - settler
    )
    left = 1e-9 / (1.0 + 0.8 * ratio)
    assert found.outlets["raffinate"].metals[late, 0] == pytest.approx(
        left * decay, abs=1e-7 * left
    )
    loaded = 0.8 * ratio * left
    assert found.outlets["loaded organic"].metals[late, 0] == pytest.approx(
        loaded * decay, abs=1e-7 * loaded
    )


# --- what must change nothing


def test_relabelled_elements_give_relabelled_answers() -> None:
    """Two elements of assumed D that change names, feeds and D with each other."""

    def circuit(light: str, heavy: str) -> Circuit:
        first, *others = four_stages().sections
        feed = Inlet("feed", 1.0, 20.0, {light: 80.0, heavy: 40.0})
        return replace(
            four_stages(),
            elements=("Ce", "Yb"),
            sections=(replace(first, inlet=feed), *others),
            assumed={light: 0.3, heavy: 6.0},
        )

    one = simulate_circuit(circuit("Ce", "Yb"), 6.0)
    other = simulate_circuit(circuit("Yb", "Ce"), 6.0)
    assert one.time == closely(other.time, rel=1e-9)
    for name, series in one.outlets.items():
        swapped = other.outlets[name].metals[:, ::-1]
        scale = np.max(swapped, axis=0)
        assert series.metals / scale == pytest.approx(swapped / scale, abs=1e-9)


def test_twice_the_flows_through_twice_the_volumes_changes_no_concentration() -> None:
    events = [Event("acid", 3.0, WeakerAcid("strip acid", 0.6))]
    one = simulate_circuit(four_stages(), 6.0, holdup=TANK, events=events)
    double = HoldUp(organic_tank=Hold(2.0, "volume"))
    two = simulate_circuit(scaled_flows(four_stages(), 2.0), 6.0, holdup=double, events=events)
    assert one.time == closely(two.time, rel=1e-9)
    for name, series in one.outlets.items():
        assert two.outlets[name].metals == pytest.approx(2.0 * series.metals, rel=1e-8, abs=1e-9)
    assert two.inventory.total == pytest.approx(2.0 * one.inventory.total, rel=1e-8, abs=1e-9)


def test_an_event_without_effect_changes_nothing() -> None:
    nothing = [Event("same flow", 2.0, OtherFlow("feed", 1.0), 1.0)]
    one = simulate_circuit(four_stages(), 6.0, tolerance=1e-8)
    two = simulate_circuit(four_stages(), 6.0, events=nothing, tolerance=1e-8)
    for name, series in one.outlets.items():
        assert two.outlets[name].metals[-1] == closely(series.metals[-1], rel=1e-6)


def test_volumes_and_residence_times_say_the_same() -> None:
    """One stage, so that one volume is one time."""
    circuit = inert_stages(1, 2.0)
    times = HoldUp(Hold(0.1), Hold(0.3), Hold(0.4))
    volumes = HoldUp(
        Hold(0.1 * 1.8, "volume"), Hold(0.3 * 0.8, "volume"), Hold(0.4 * 1.0, "volume")
    )
    one, two = (simulate_circuit(circuit, 3.0, holdup=it) for it in (times, volumes))
    assert one.time == closely(two.time, rel=1e-9)
    assert one.outlets["raffinate"].metals == pytest.approx(
        two.outlets["raffinate"].metals, rel=1e-9, abs=1e-22
    )


def test_a_smaller_tolerance_brings_the_same_answer_closer() -> None:
    fine, usual, coarse = (
        simulate_circuit(four_stages(), 4.0, tolerance=tolerance).inventory.total[-1]
        for tolerance in (1e-8, 1e-5, 1e-3)
    )
    assert usual == closely(fine, rel=1e-5)
    assert coarse == closely(fine, rel=1e-3)
    assert np.max(np.abs(usual / fine - 1)) < np.max(np.abs(coarse / fine - 1))


# --- what cannot be run, and what ends a run


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (OtherFlow("feed", 0.01), "draw middle"),
        (OtherFlow("strip acid", 0.1), "refluxes of strip liquor"),
        (OtherFlow("old organic", 3.0), "organic that returns"),
    ],
)
def test_an_event_must_leave_what_is_taken(change: OtherFlow, words: str) -> None:
    circuit = leaky_neodymium()
    if change.stream == "feed":
        circuit = replace(circuit, side_feeds=circuit.side_feeds[1:], refluxes=())
        circuit = with_inlet(circuit, 1, flow=0.05)
    with pytest.raises(CaseError, match=rf"circuit leaky, {words}(.|\n)*that there is"):
        simulate_circuit(circuit, 5.0, events=[Event("it", 1.0, change)])


def test_sections_to_fill_must_be_there() -> None:
    with pytest.raises(CaseError, match=r"fill(.|\n)*one of: extraction, scrub, strip"):
        simulate_circuit(four_stages(), 5.0, fill={"scrubs": 100.0})


def test_base_that_finds_no_acid_ends_the_run_there() -> None:
    """Extraction filled with next to no acid: base of stage 1 uses it up within minutes."""
    found = simulate_circuit(samarium_gadolinium(), 100.0, fill={"extraction": 50.0})
    assert found.refusal is not None and found.refusal.place == "extraction stage 1"
    assert found.refusal.verdict in (
        Verdict.OUTSIDE_SAPONIFICATION_MODEL,
        Verdict.ACID_BALANCE_IMPOSSIBLE,
    )
    # Base beyond what the liquor brings eats 50 mol/m3 of a stage in its residence time, or sooner.
    assert 0.0 < found.end < 1.0
    assert max(found.closure.values()) <= 1e-12, "what is told is still whole"


def test_a_weaker_scrub_ends_the_run_once_its_acid_is_missed() -> None:
    """0.1 m3/h of 1.5 mol/L is what keeps the base of 450 mol/h below acid and metal charge."""
    circuit = with_inlet(samarium_gadolinium(), 0, acid=1.0)
    circuit = replace(circuit, organic=replace(circuit.organic, saponification=0.47))
    failure = Event("scrub fails", 5.0, WeakerAcid("scrub acid", 0.02))
    found = simulate_circuit(circuit, 100.0, events=[failure], start="steady")
    assert found.refusal is not None
    assert 5.0 < found.end < 100.0
    assert found.courses[-1].target is None
    assert found.courses[-1].untold == "acid_balance_impossible"
    assert math.isnan(found.distance)
