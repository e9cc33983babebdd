"""What runs from when to when, and what cannot: arithmetic alone, nothing is computed through time."""

from __future__ import annotations

import math

import pytest

from circuits import leaky_neodymium, samarium_gadolinium
from running import four_stages
from ytterby.circuit import Inlet
from ytterby.circuit.circuit import Place
from ytterby.circuit.dynamics import (
    Change,
    Event,
    Hold,
    HoldUp,
    LessBase,
    NewLiquor,
    OtherFlow,
    StoppedStage,
    WeakerAcid,
)
from ytterby.circuit.dynamics.events import Setting, periods
from ytterby.circuit.dynamics.outlets import outlets_of
from ytterby.errors import CaseError


def applied(change: Change) -> Setting:
    """A small circuit with that change."""
    return change.on(Setting(four_stages()))


def test_without_events_there_is_one_period() -> None:
    (only,) = periods(four_stages(), [], 24.0)
    assert (only.begin, only.end, only.events, only.name) == (0.0, 24.0, (), "normal")
    assert only.setting == Setting(four_stages())


def test_events_begin_end_and_overlap() -> None:
    events = [
        Event("one", 4.0, LessBase(0.5), 6.0),
        Event("two", 8.0, WeakerAcid("strip acid", 0.1), 100.0),
        Event("three", 0.0, OtherFlow("feed", 2.0), 4.0),
    ]
    found = periods(four_stages(), events, 24.0)
    spans = [(it.begin, it.end, it.name) for it in found]
    assert spans == [
        (0.0, 4.0, "three"),
        (4.0, 8.0, "one"),
        (8.0, 10.0, "one + two"),
        (10.0, 24.0, "two"),
    ]
    both = found[2].setting.circuit
    assert both.organic.saponification == pytest.approx(0.125)
    assert both.sections[2].inlet is not None and both.sections[2].inlet.acid == 400.0
    assert both.sections[0].inlet == four_stages().sections[0].inlet


def test_changes_that_act_at_once_multiply() -> None:
    events = [Event("a", 0.0, OtherFlow("feed", 2.0)), Event("b", 0.0, OtherFlow("feed", 1.5))]
    (only,) = periods(four_stages(), events, 1.0)
    inlet = only.setting.circuit.sections[0].inlet
    assert inlet is not None and inlet.flow == pytest.approx(3.0)


def test_every_period_has_the_elements_of_all_liquors() -> None:
    new = NewLiquor(Inlet("feed", 1.0, 10.0, {"Dy": 5.0, "La": 1.0}))
    found = periods(four_stages(), [Event("new", 1.0, new)], 2.0)
    for period in found:
        assert period.setting.circuit.elements == ("La", "Nd", "Gd", "Dy")


def test_changes() -> None:
    organic = applied(OtherFlow("organic", 0.5)).circuit.organic
    assert organic.flow == pytest.approx(0.6)
    assert applied(StoppedStage(Place("scrub", 1))).stopped == {2}
    side = OtherFlow("second feed", 3.0).on(Setting(leaky_neodymium())).circuit.side_feeds[0]
    assert side.inlet.flow == pytest.approx(0.6)
    assert applied(LessBase(0.0)).circuit.base == 0.0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (WeakerAcid("strip acid", 0.5), "strip acid with 50 % of its acid"),
        (OtherFlow("organic", 1.05), "organic at 105 % of its flow"),
        (LessBase(0.0), "saponification at 0 % of its own"),
        (StoppedStage(Place("scrub", 2)), "stage 2 of scrub stands still"),
        (NewLiquor(Inlet("feed", 2.0, 10.0, {"Nd": 50.0, "Pr": 0.0})), "feed of 2 m3/h with Nd 0.05 mol/L"),
        (NewLiquor(Inlet("feed", 2.0, 10.0, {})), "feed of 2 m3/h with no metal"),
    ],
)  # fmt: skip
def test_changes_in_words(change: Change, words: str) -> None:
    assert str(change) == words


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (Event("it", -1.0, LessBase(0.5)), ("event it, at", "-1 h", "from 0 h to less than")),
        (Event("it", 24.0, LessBase(0.5)), ("event it, at", "24 h", "24 h")),
        (Event("it", math.nan, LessBase(0.5)), ("event it, at", "nan h")),
        (Event("it", 1.0, LessBase(0.5), 0.0), ("event it, lasting", "more than 0 h")),
        (Event("it", 1.0, LessBase(-0.1)), ("event it, share", "-0.1", "0 or more")),
        (Event("it", 1.0, OtherFlow("feed", 0.0)), ("event it, share", "a flow above 0")),
        (Event("it", 1.0, WeakerAcid("strip", 0.5)), ("event it, stream", "strip acid")),
        (Event("it", 1.0, WeakerAcid("organic", 0.5)), ("event it, stream", "feed, scrub acid, strip acid")),
        (Event("it", 1.0, OtherFlow("organics", 0.5)), ("event it, stream", "organic")),
        (Event("it", 1.0, StoppedStage(Place("wash", 1))), ("stage 1 of wash", "extraction 1 to 2")),
        (Event("it", 1.0, StoppedStage(Place("scrub", 2))), ("stage 2 of scrub", "scrub 1 to 1")),
        (Event("it", 1.0, NewLiquor(Inlet("feeds", 1.0, 1.0, {}))), ("event it, stream", "feed")),
    ],
)  # fmt: skip
def test_what_cannot_happen_is_refused(event: Event, words: tuple[str, ...]) -> None:
    with pytest.raises(CaseError) as caught:
        periods(four_stages(), [event], 24.0)
    for word in words:
        assert word in str(caught.value)


def test_labels_are_unique_and_all_faults_come_at_once() -> None:
    events = [Event("it", -1.0, LessBase(0.5)), Event("it", 30.0, LessBase(0.5))]
    with pytest.raises(CaseError) as caught:
        periods(four_stages(), events, 24.0)
    assert len(caught.value.faults) == 3
    assert "two events of that name" in str(caught.value)


# --- equipment


def test_what_vessels_hold_in_words() -> None:
    usual = HoldUp()
    assert usual.in_words() == (
        "mixers: 5 min (typical per stage, INVESTOR14)",
        "settlers, organic: 22.5 min (4.5 mixers, ETR22)",
        "settlers, aqueous: 22.5 min (4.5 mixers, ETR22)",
    )
    given = HoldUp(Hold(0.4, "volume"), Hold(0.5), Hold(0.0), Hold(2.0, "volume"))
    assert given.in_words() == (
        "mixers: 0.4 m3",
        "settlers, organic: 30 min",
        "organic tank: 2 m3",
    )
    assert given.sources == ()


def test_vessels_hold_something() -> None:
    with pytest.raises(CaseError, match=r"hold-up, mixer(.|\n)*above 0"):
        HoldUp(mixer=Hold(0.0))
    with pytest.raises(CaseError) as caught:
        HoldUp(Hold(math.inf), Hold(-1.0, "volume"))
    assert [fault.where for fault in caught.value.faults] == [
        "hold-up, mixer",
        "hold-up, organic_settler",
    ]


def test_outlets_are_all_that_leaves() -> None:
    names = [(it.name, it.phase, it.stage) for it in outlets_of(leaky_neodymium())]
    assert names == [
        ("raffinate", "aqueous", 0),
        ("strip liquor", "aqueous", 6),
        ("middle", "aqueous", 2),
        ("loaded", "organic", 5),
        ("bleed", "organic", 8),
    ]
    open_one = [it.name for it in outlets_of(samarium_gadolinium(closed=False))]
    assert open_one == ["raffinate", "strip liquor", "stripped organic"]
