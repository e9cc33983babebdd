"""Runs of a case file: what they mean, and what is said of what they cannot mean."""

from __future__ import annotations

from typing import Any

import pytest

from ytterby.case import read_text
from ytterby.case.schema import keys_of
from ytterby.case.starts import MEANT, StartPlan
from ytterby.circuit.circuit import Place
from ytterby.circuit.dynamics import (
    Event,
    Hold,
    LessBase,
    NewLiquor,
    OtherFlow,
    Specification,
    StoppedStage,
    WeakerAcid,
)
from ytterby.circuit.dynamics.holdup import MIXER, NONE, SETTLER
from ytterby.datasets import table
from ytterby.errors import CaseError

CIRCUIT = """\
schema_version = 1
[circuits.sm]
extractant = "P507"
organic = { flow = "1.2 m3/h", concentration = "1 mol/L", saponification = "25 %" }
[circuits.sm.extraction]
stages = 2
feed = { flow = "1 m3/h", acid = "0.02 mol/L", concentrations = { Nd = "0.09 mol/L", Gd = "0.06 mol/L" } }
[circuits.sm.scrub]
stages = 1
liquor = { flow = "0.1 m3/h", acid = "1.5 mol/L" }
[circuits.sm.strip]
stages = 1
liquor = { flow = "0.2 m3/h", acid = "4 mol/L" }
"""
RUN = """\
[starts.fill]
circuit = "sm"
duration = "10 d"
"""


def plan(more: str = "", run: str = RUN) -> StartPlan:
    """The run of a small case with more in its table."""
    return read_text(CIRCUIT + run + more).starts["fill"]


def event(lines: str) -> Event:
    """The one event of a run."""
    (found,) = plan(f"[starts.fill.events.it]\n{lines}\n").events
    return found


def said(more: str, run: str = RUN, before: str = CIRCUIT) -> str:
    """What is said of a faulty run."""
    with pytest.raises(CaseError) as caught:
        read_text(before + run + more)
    return str(caught.value)


def test_a_run_that_says_little_has_the_usual_hold_ups() -> None:
    found = plan()
    assert found.circuit.name == "sm"
    assert (found.duration, found.start, found.tolerance) == (240.0, "empty", 1e-5)
    holdup = found.holdup
    assert (holdup.mixer, holdup.organic_settler, holdup.aqueous_settler) == (
        MIXER,
        SETTLER,
        SETTLER,
    )
    assert holdup.organic_tank == NONE
    assert found.events == found.specifications == () and found.fill == {}
    assert set(holdup.sources) == {"INVESTOR14", "ETR22"}


def test_the_usual_hold_ups_are_those_of_the_tables() -> None:
    def value(source: str, prop: str) -> float:
        (row,) = (
            row
            for row in table("physical")
            if (row.source, row.labels["property"]) == (source, prop)
        )
        return row.values["value"]

    minutes = value("INVESTOR14", "residence time")
    assert pytest.approx(minutes / 60.0) == MIXER.amount
    ratio = value("ETR22", "settler to mixer volume ratio")
    assert pytest.approx(ratio * minutes / 60.0) == SETTLER.amount


def test_hold_ups_are_times_or_volumes() -> None:
    found = plan('mixer = "0.4 m3"\norganic_settler = "30 min"\norganic_tank = "2000 L"\n').holdup
    assert found.mixer == Hold(0.4, "volume")
    assert found.organic_settler == Hold(0.5, "time")
    assert found.organic_tank == Hold(2.0, "volume")
    assert found.sources == ("ETR22",), "only the aqueous settler is still the usual one"


@pytest.mark.parametrize(
    ("lines", "change"),
    [
        ('kind = "acid"\nstream = "strip acid"\nshare = "40 %"', WeakerAcid("strip acid", 0.4)),
        ('kind = "flow"\nstream = "organic"\nshare = 1.2', OtherFlow("organic", 1.2)),
        ('kind = "flow"\nstream = "feed"\nshare = "90 %"', OtherFlow("feed", 0.9)),
        ('kind = "saponification"\nshare = 0', LessBase(0.0)),
        ('kind = "stage"\nsection = "extraction"\nstage = 2', StoppedStage(Place("extraction", 2))),
    ],
)
def test_events(lines: str, change: Any) -> None:
    assert event(lines + '\nat = "2 d"\nlasting = "90 min"') == Event("it", 48.0, change, 1.5)


def test_another_feed_may_bring_other_elements() -> None:
    found = event(
        'kind = "feed"\nat = "1 d"\n'
        'liquor = { flow = "2 m3/h", pH = 2, basis = "reo", concentrations = { Dy = "3.73 g/L" } }'
    )
    assert isinstance(found.change, NewLiquor) and found.lasting is None
    liquor = found.change.liquor
    assert (liquor.name, liquor.flow, liquor.acid) == ("feed", 2.0, pytest.approx(10.0))
    assert liquor.concentrations == {"Dy": pytest.approx(20.0, rel=1e-3)}


def test_what_a_circuit_assumes_holds_for_what_comes_later() -> None:
    more = '[starts.fill.events.it]\nat = "1 d"\nkind = "feed"\n' + (
        'liquor = { flow = "1 m3/h", pH = 1, concentrations = { Fe = "1 mM" } }\n'
    )
    assuming = CIRCUIT.replace('extractant = "P507"', 'extractant = "P507"\nassumed = { Fe = 0.5 }')
    found = read_text(assuming + RUN + more)
    assert found.circuits["sm"].assumed == {}
    assert found.starts["fill"].circuit.assumed == {"Fe": 0.5}


def test_specifications_and_fill() -> None:
    found = plan(
        '[starts.fill.fill]\nextraction = "0.8 mol/L"\n'
        '[starts.fill.specifications.gd]\noutlet = "strip liquor"\nelement = "Gd"\n'
        'purity = "90 %"\nrecovery = 0.8\n'
    )
    assert found.fill == {"extraction": 800.0}
    assert found.specifications == (Specification("gd", "strip liquor", "Gd", 0.9, 0.8),)


def test_the_examples_of_the_table_are_a_run() -> None:
    """Every key with its example; of the keys of an event those that its kind has."""

    def lines(*table: str) -> str:
        rows = [row for row in keys_of(("starts", "NAME", *table)).values() if row.type != "table"]
        kept = [row for row in rows if row.key not in ("pH", "sulfate", "section", "stage")]
        return "".join(f"{row.key} = {row.toml(row.example)}\n" for row in kept)

    run = "[starts.fill]\n" + lines().replace("tb-dy", "sm").replace("steady", "empty")
    run += '[starts.fill.fill]\nscrub = "2 mol/L"\n[starts.fill.events.it]\n'
    run += lines("events", "LABEL") + "[starts.fill.specifications.it]\n"
    run += lines("specifications", "LABEL").replace("Dy", "Gd")
    found = plan(run=run)
    assert found.duration == 720.0 and found.holdup.organic_tank == Hold(2.0, "volume")
    assert found.events == (Event("it", 240.0, WeakerAcid("strip acid", 0.5), 8.0),)
    (asked,) = found.specifications
    assert (asked.label, asked.outlet, asked.element) == ("it", "strip liquor", "Gd")
    assert (asked.purity_reo, asked.recovery) == pytest.approx((0.99, 0.95))
    assert keys_of(("starts", "NAME", "events", "LABEL"))["kind"].choices == tuple(MEANT)
    liquor = keys_of(("starts", "NAME", "events", "LABEL", "liquor"))
    feed = keys_of(("circuits", "NAME", "extraction", "feed"))
    assert list(liquor) == list(feed), "a liquor is written as everywhere"


# --- what is said of faults


EVENT = '[starts.fill.events.it]\nat = "1 d"\n'
OK = 'kind = "saponification"\nshare = 0.5\n'
TRAIN = """\
[trains.all]
circuits = ["sm"]
[trains.all.transfers.back]
from = "sm"
outlet = "strip liquor"
to = "sm"
section = "scrub"
share = "10 %"
"""


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (EVENT + 'kind = "acid"\nstream = "strip acd"\nshare = 0.5\n',
         ("events.it.stream", '"strip acd"', "one of: feed, scrub liquor, strip acid", "strip acid")),
        (EVENT + 'kind = "acid"\nshare = 0.5\n', ("events.it.stream", "nothing", 'add stream = "')),
        (EVENT + 'kind = "acid"\nstream = "organic"\nshare = 0.5\n', ("events.it.stream", '"organic"')),
        (EVENT + 'kind = "flow"\nstream = "feed"\nshare = 0\n', ("events.it.share", "a flow above 0")),
        (EVENT + 'kind = "acid"\nstream = "feed"\nshare = "-5 %"\n', ("events.it.share", ">= 0 %")),
        (EVENT + 'kind = "acid"\nstream = "feed"\nshare = 0.5\nstage = 2\n',
         ("events.it.stage", "says nothing of the kind acid", "only stream, share")),
        (EVENT + 'kind = "stage"\nsection = "extraction"\nstage = 3\n',
         ("events.it.stage", "3", "a stage of extraction: 1 to 2")),
        (EVENT + 'kind = "stage"\nsection = "wash"\nstage = 1\n',
         ("events.it.section", "wash, which the circuit does not have", "extraction, scrub, strip")),
        (EVENT + 'kind = "stage"\nsection = "scrub"\n', ("events.it.stage", "nothing", "add stage = 2")),
        (EVENT + 'kind = "feed"\n', ("events.it.liquor", "nothing", "[starts.fill.events.it.liquor]")),
        (EVENT + 'kind = "feed"\nliquor = { flow = "1 m3/h" }\n',
         ("events.it.liquor", "neither acid nor pH")),
        (EVENT + 'kind = "feed"\nliquor = { flow = "1 m3/h", pH = 1, concentrations = { U = "1 M" } }\n',
         ("liquor.concentrations.U", "an element of P507-HCl-v0", "[circuits.sm.assumed]")),
        (EVENT + 'kind = "fire"\n', ("events.it.kind", '"fire"', "one of: feed, acid, flow")),
        ('[starts.fill.events.it]\nat = "11 d"\n' + OK,
         ("events.it.at", "264 h", "a time before the end at 240 h")),
        ('[starts.fill.events.it]\nat = "-1 d"\n' + OK, ("events.it.at", '"-1 d"', ">= 0 h")),
        ('[starts.fill.events.it]\nat = "3 m3"\n' + OK, ("events.it.at", "3 m3", "time")),
        (EVENT + 'lasting = "0 h"\n' + OK, ("events.it.lasting", "> 0 h")),
        ('mixer = "5 kg"\n', ("starts.fill.mixer", "5 kg", "time such as")),
        ('mixer = "0 min"\n', ("starts.fill.mixer", "> 0 h")),
        ('mixer = "0 m3"\n', ("starts.fill.mixer", "> 0 h")),
        ("tolerance = 1\n", ("starts.fill.tolerance", "<= 0.01")),
        ('start = "full"\n', ("starts.fill.start", '"full"', "one of: empty, steady")),
        ('[starts.fill.fill]\nwash = "1 M"\n', ("starts.fill.fill.wash", "extraction, scrub, strip")),
        ('start = "steady"\n[starts.fill.fill]\nscrub = "1 M"\n',
         ("starts.fill.fill", "a fill only where the start is empty")),
        ('[starts.fill.specifications.p]\noutlet = "strip liqor"\nelement = "Gd"\npurity = 0.9\n',
         ("specifications.p.outlet", "one of: raffinate, strip liquor", "strip liquor")),
        ('[starts.fill.specifications.p]\noutlet = "raffinate"\nelement = "Dy"\npurity = 0.9\n',
         ("specifications.p.element", '"Dy"', "Nd, Gd")),
        ('[starts.fill.specifications.p]\noutlet = "raffinate"\nelement = "Nd"\n',
         ("specifications.p", "neither purity nor recovery", 'add purity = "99 %"')),
        ('[starts.fill.specifications.p]\noutlet = "raffinate"\nelement = "Nd"\npurity = 1\n',
         ("specifications.p.purity", "< 100 %")),
    ],
)  # fmt: skip
def test_faults_name_the_key_and_what_to_do(more: str, words: tuple[str, ...]) -> None:
    text = said(more)
    for word in words:
        assert word in text


def test_circuits_that_cannot_run() -> None:
    other = RUN.replace('"sm"', '"sn"')
    text = said("", run=other)
    assert "starts.fill.circuit" in text and "one of: sm" in text and "nearest   sm" in text
    text = said("", before=CIRCUIT + TRAIN)
    assert "circuit sm, which is in train all" in text


def test_times_are_checked_though_the_circuit_is_faulty() -> None:
    text = said(
        '[starts.fill.events.it]\nat = "11 d"\n' + OK, before=CIRCUIT.replace('"25 %"', '"250 %"')
    )
    assert "organic.saponification" in text and "events.it.at" in text


def test_a_run_rests_on_the_sources_of_all_that_ever_enters() -> None:
    more = EVENT + (
        'kind = "feed"\nliquor = { flow = "1 m3/h", acid = "0.1 M", concentrations = { Dy = "1 mM" } }\n'
    )
    assert plan().elements == ("Nd", "Gd")
    assert plan(more).elements == ("Nd", "Gd", "Dy")
    assert "SUNSIRS26" in plan(more).sources and "SUNSIRS26" not in plan().sources
    assert {"INVESTOR14", "ETR22", "SMM26"} <= set(plan().sources)
