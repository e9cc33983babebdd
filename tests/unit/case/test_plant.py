"""Side streams, several strips, trains, terms and assumptions: how they are read, and all their faults."""

from __future__ import annotations

import pytest

from ytterby.case import read_text
from ytterby.circuit.circuit import (
    Circuit,
    Draw,
    Inlet,
    Place,
    Reflux,
    Section,
    SideFeed,
    Transfer,
)
from ytterby.errors import CaseError

PLANT = """\
schema_version = 1
[circuits.first]
extractant = "P507"
cut = ["Tb", "Dy"]
terms = ["complexing", "loading"]
[circuits.first.assumed]
Fe = 0.05
[circuits.first.organic]
flow = "6 m3/h"
concentration = "1.5 mol/L"
saponification = "30 %"
bleed = "2 %"
[circuits.first.extraction]
stages = 8
efficiency = "90 %"
aqueous_entrainment = "0.5 %"
organic_entrainment = 0.001
[circuits.first.extraction.feed]
flow = "1 m3/h"
acid = "0.01 mol/L"
salt = "0.5 mol/L"
concentrations = { Tb = "0.1 mol/L", Dy = "0.2 mol/L", Fe = "0.01 mol/L" }
[circuits.first.scrub]
stages = 6
[circuits.first.selective_strip]
stages = 3
liquor = { flow = "0.3 m3/h", acid = "1 mol/L" }
[circuits.first.strip]
stages = 4
liquor = { flow = "1.0 m3/h", acid = "5 mol/L" }
[circuits.first.wash]
stages = 2
liquor = { flow = "0.2 m3/h", acid = "0.01 mol/L" }
[circuits.first.side_feeds.second-feed]
section = "extraction"
stage = 3
flow = "0.4 m3/h"
pH = 1
concentrations = { Gd = "0.1 mol/L" }
[circuits.first.draws.middle]
section = "scrub"
stage = 2
flow = "0.1 m3/h"
[circuits.first.refluxes.product]
outlet = "strip liquor"
flow = "0.25 m3/h"
"""
FIRST = PLANT.partition("schema_version = 1\n")[2]
TRAIN = (
    PLANT
    + """\
[circuits.second]
extractant = "P507"
cut = ["Gd", "Tb"]
terms = ["loading", "complexing"]
assumed = { Fe = 0.05 }
organic = { flow = "3 m3/h", concentration = "1 mol/L", closed = false }
extraction.stages = 5
[trains.both]
circuits = ["first", "second"]
[trains.both.transfers.onward]
from = "first"
outlet = "raffinate"
to = "second"
[trains.both.transfers.back]
from = "second"
outlet = "raffinate"
to = "first"
section = "scrub"
stage = 2
share = "10 %"
"""
)


def first(text: str = PLANT) -> Circuit:
    return read_text(text).circuits["first"]


def faults(text: str) -> list[str]:
    with pytest.raises(CaseError) as caught:
        read_text(text, "plant.toml")
    return [str(fault) for fault in caught.value.faults]


def changed(old: str, new: str, text: str = TRAIN) -> str:
    assert text.count(old) == 1, old
    return text.replace(old, new)


# --- what is read


def test_sections_in_the_order_of_the_organic_whatever_that_of_the_file() -> None:
    sections = first().sections
    assert [section.label for section in sections] == [
        "extraction", "scrub", "selective strip", "strip", "wash",
    ]  # fmt: skip
    assert [section.kind for section in sections] == [
        "extraction", "scrub", "strip", "strip", "wash",
    ]  # fmt: skip
    assert sections[0] == Section(
        "extraction",
        8,
        Inlet("feed", 1.0, 10.0, {"Fe": 10.0, "Tb": 100.0, "Dy": 200.0}, salt=500.0),
        efficiency=0.9,
        aqueous_carried=0.005,
        organic_carried=0.001,
    )
    assert sections[1] == Section("scrub", 6, None)
    assert sections[2] == Section(
        "strip", 3, Inlet("selective strip acid", 0.3, 1000.0, {}), "selective strip"
    )
    assert sections[4].inlet == Inlet("wash water", 0.2, 10.0, {})


def test_side_streams() -> None:
    circuit = first()
    extra = Inlet("second-feed", 0.4, 100.0, {"Gd": 100.0})
    assert circuit.side_feeds == (SideFeed(extra, Place("extraction", 3)),)
    assert circuit.draws == (Draw("middle", Place("scrub", 2), "aqueous", 0.1),)
    assert circuit.refluxes == (Reflux("strip liquor", Place("scrub", 6), 0.25),)
    assert circuit.organic.bleed == 0.02
    assert circuit.elements == ("Fe", "Gd", "Tb", "Dy")


def test_terms_and_assumptions() -> None:
    circuit = first()
    assert circuit.terms == ("complexing", "loading")
    assert circuit.assumed == {"Fe": 0.05}
    assert first(changed(', Fe = "0.01 mol/L"', "", PLANT)).assumed == {}, "not there, not assumed"


def test_organic_may_enter_from_the_side_and_be_drawn() -> None:
    text = (
        changed("bleed = ", "closed = true\nbleed = ", PLANT)
        .replace("pH = 1\n", 'phase = "organic"\n')
        .replace('stage = 2\nflow = "0.1', 'stage = 2\nphase = "organic"\nflow = "0.5')
    )
    circuit = first(text)
    assert circuit.side_feeds[0].phase == circuit.draws[0].phase == "organic"
    assert circuit.side_feeds[0].inlet.acid == 0.0


SULFATE = """\
schema_version = 1
[circuits.first]
extractant = "D2EHPA"
medium = "sulfate"
organic = { flow = "1 m3/h", concentration = "0.1 mol/L", closed = false }
extraction.stages = 2
[circuits.first.extraction.feed]
flow = "5 m3/h"
pH = 2
sulfate = "0.05 mol/L"
concentrations = { Nd = "1 mmol/L", Al = "10 mmol/L" }
"""


def test_sulfate_of_a_liquor() -> None:
    circuit = first(SULFATE)
    assert circuit.equilibrium == "D2EHPA-TBP-H2SO4-KEIM19"
    assert circuit.sections[0].inlet and circuit.sections[0].inlet.sulfate == 50.0
    plain = first(changed('sulfate = "0.05 mol/L"\n', "", SULFATE))
    assert plain.sections[0].inlet and plain.sections[0].inlet.sulfate is None


def test_a_train() -> None:
    case = read_text(TRAIN)
    assert list(case.circuits) == ["first", "second"] and dict(case.alone) == {}
    train = case.trains["both"]
    assert train.circuits == tuple(case.circuits.values())
    assert train.transfers == (
        Transfer("first", "raffinate", "second", Place("extraction", 5)),
        Transfer("second", "raffinate", "first", Place("scrub", 2), 0.1),
    )
    second = case.circuits["second"]
    assert second.elements == case.circuits["first"].elements == ("Fe", "Gd", "Tb", "Dy")
    assert second.sections[0].inlet is None
    assert second.assumed == {"Fe": 0.05}


def test_a_circuit_outside_the_train_is_alone() -> None:
    third = FIRST.replace("circuits.first", "circuits.third")
    case = read_text(TRAIN + third)
    assert list(case.alone) == ["third"] and list(case.circuits) == ["first", "second", "third"]


# --- faults: what is changed to what, then the line's text and key of the one fault, and parts of it

ONE_FAULT = {
    # terms and assumptions
    "term that the set lacks": (
        'terms = ["complexing", "loading"]',
        'terms = ["complexing", "loading", "temperature"]',
        "terms",
        "circuits.first.terms",
        ['"temperature"', "a term of P507-HCl-v0: complexing, ionic_strength, loading"],
    ),
    "term that nobody knows": (
        'terms = ["complexing", "loading"]',
        'terms = ["complexin"]',
        "terms",
        "circuits.first.terms",
        ['"complexin"', "one of: complexing,", "nearest   complexing"],
    ),
    "terms as text": (
        'terms = ["complexing", "loading"]',
        'terms = "complexing"',
        "terms",
        "circuits.first.terms",
        ["a list of names", 'such as terms = ["complexing"]'],
    ),
    "a term twice": (
        'terms = ["complexing", "loading"]',
        'terms = ["complexing", "complexing"]',
        "terms",
        "circuits.first.terms",
        ["each term once"],
    ),
    "assumed though known": (
        "Fe = 0.05\n",
        "Fe = 0.05\nTb = 3\n",
        "Tb = 3",
        "circuits.first.assumed.Tb",
        ["Tb, for which P507-HCl-v0 has a constant", "an element that the set lacks"],
    ),
    "assumed below zero": (
        "Fe = 0.05\n",
        "Fe = 0\n",
        "Fe = 0",
        "circuits.first.assumed.Fe",
        ["read      0", "> 0"],
    ),
    "assumed for no element": (
        "Fe = 0.05\n",
        "Fe = 0.05\nIron = 1\n",
        "Iron",
        "circuits.first.assumed.Iron",
        ['read      "Iron"'],
    ),
    "element neither known nor assumed": (
        'Gd = "0.1 mol/L"',
        'Al = "0.1 mol/L"',
        "Al",
        "circuits.first.side_feeds.second-feed.concentrations.Al",
        ["the element Al", "assume a distribution ratio for it in [circuits.first.assumed]"],
    ),
    # sections
    "efficiency of nothing": (
        '"90 %"',
        '"0 %"',
        "efficiency",
        "circuits.first.extraction.efficiency",
        ["> 0 % and <= 100 %"],
    ),
    "too much entrainment": (
        '"0.5 %"',
        '"20 %"',
        "aqueous_entrainment",
        "circuits.first.extraction.aqueous_entrainment",
        [">= 0 % and < 20 %"],
    ),
    "all bled": ('"2 %"', '"100 %"', "bleed", "circuits.first.organic.bleed", ["< 100 %"]),
    "bleed of an open organic": (
        'bleed = "2 %"',
        'closed = false\nbleed = "2 %"',
        "bleed",
        "circuits.first.organic.bleed",
        ["an organic that does not return", "set closed = true"],
    ),
    "scrub that nothing enters": (
        'outlet = "strip liquor"\n',
        'outlet = "strip liquor"\nstage = 5\n',
        "[circuits.first.scrub]",
        "circuits.first.scrub.liquor",
        ["read      nothing", "what enters the last stage of scrub", "a reflux, side feed or tran"],
    ),
    # liquors
    "sulfate in chloride": (
        'salt = "0.5 mol/L"',
        'sulfate = "0.5 mol/L"',
        "sulfate",
        "circuits.first.extraction.feed.sulfate",
        ["sulfate in a chloride medium", 'only where medium = "sulfate"'],
    ),
    "less salt than none": (
        'salt = "0.5 mol/L"',
        'salt = "-1 mol/L"',
        "salt",
        "circuits.first.extraction.feed.salt",
        [">= 0 mol/L"],
    ),
    "acid of an organic": (
        "pH = 1\n",
        'phase = "organic"\npH = 1\n',
        "pH = 1",
        "circuits.first.side_feeds.second-feed.pH",
        ["pH of an organic", "remove pH"],
    ),
    "side feed without acid": (
        "pH = 1\n",
        "",
        "[circuits.first.side_feeds.second-feed]",
        "circuits.first.side_feeds.second-feed",
        ["neither acid nor pH", 'acid = "0.01 mol/L"'],
    ),
    "too much metal by mass": (
        'Gd = "0.1 mol/L" }',
        'Gd = "9000 g/L" }\nbasis = "metal"',
        "Gd",
        "circuits.first.side_feeds.second-feed.concentrations.Gd",
        ['"9000 g/L"', "<= 10 mol/L"],
    ),
    # places
    "unknown section": (
        'section = "extraction"',
        'section = "extract"',
        'section = "extract"',
        "circuits.first.side_feeds.second-feed.section",
        ["one of: extraction, scrub, selective_strip", "nearest   extraction"],
    ),
    "stage beyond the section": (
        "stage = 3",
        "stage = 9",
        "stage = 9",
        "circuits.first.side_feeds.second-feed.stage",
        ["read      9", "a stage of extraction: 1 to 8"],
    ),
    "name of another stream": (
        "side_feeds.second-feed]",
        "side_feeds.feed]",
        "side_feeds.feed]",
        "circuits.first.side_feeds.feed",
        ['the name "feed"', "a name that no other stream of the circuit has"],
    ),
    # draws and refluxes
    "draw where all leaves": (
        'section = "scrub"\nstage = 2\nflow',
        'section = "strip"\nstage = 1\nflow',
        "stage = 1",
        "circuits.first.draws.middle.stage",
        ["strip stage 1, where all leaves as strip liquor", "set organic.bleed"],
    ),
    "draw of more than there is": (
        'flow = "0.1 m3/h"',
        'flow = "0.9 m3/h"',
        'flow = "0.9',
        "circuits.first.draws.middle.flow",
        ["read      0.9 m3/h", "less than the 0.25 m3/h of aqueous that leaves scrub stage 2"],
    ),
    "reflux of more than there is": (
        'flow = "0.25 m3/h"',
        'flow = "1.01 m3/h"',
        "1.01",
        "circuits.first.refluxes.product.flow",
        ["read      1.01 m3/h", "less than the 1 m3/h of strip liquor that other refluxes"],
    ),
    "unknown outlet": (
        'outlet = "strip liquor"',
        'outlet = "strip liqor"',
        "strip liqor",
        "circuits.first.refluxes.product.outlet",
        [
            "one of: raffinate, strip liquor of selective strip, strip liquor, wash liquor",
            "nearest   strip liquor",
        ],
    ),
    # trains
    "unknown circuit": (
        'circuits = ["first", "second"]',
        'circuits = ["first", "second", "thrid"]',
        "circuits =",
        "trains.both.circuits",
        ['"thrid"', "one of: first, second", "name a circuit of the file"],
    ),
    "a circuit twice": (
        'circuits = ["first", "second"]',
        'circuits = ["first", "second", "first"]',
        "circuits =",
        "trains.both.circuits",
        ["first once"],
    ),
    "transfer from nowhere": (
        'from = "second"',
        'from = "secnd"',
        "secnd",
        "trains.both.transfers.back.from",
        ['"secnd"', "one of: first, second", "nearest   second", "a circuit of the train"],
    ),
    "transfer of an organic that returns": (
        'outlet = "raffinate"\nto = "second"',
        'outlet = "washed organic"\nto = "second"',
        "washed organic",
        "trains.both.transfers.onward.outlet",
        ['"washed organic"', "one of: raffinate, "],
    ),
    "transfer to a section that is not there": (
        'to = "second"',
        'to = "second"\nsection = "scrub"',
        'section = "scrub"\n[trains',
        "trains.both.transfers.onward.section",
        ["scrub, which the circuit does not have", "one of: extraction"],
    ),
    "all goes round": (
        'share = "10 %"',
        'share = "100 %"',
        "[trains.both.transfers]",
        "trains.both.transfers",
        ["transfers that bring back all that leaves", "lower a share"],
    ),
    "share of nothing": (
        'share = "10 %"',
        'share = "0 %"',
        "share",
        "trains.both.transfers.back.share",
        ["> 0 % and <= 100 %"],
    ),
    "other terms in a train": (
        'terms = ["loading", "complexing"]',
        'terms = ["loading"]',
        'terms = ["loading"]',
        "circuits.second.terms",
        ["another terms than circuit first", "the same terms in all circuits of train both"],
    ),
    "other assumptions in a train": (
        "assumed = { Fe = 0.05 }",
        "assumed = { Fe = 0.5 }",
        "assumed = { Fe = 0.5 }",
        "circuits.second.assumed",
        ["another assumed"],
    ),
    "another temperature in a train": (
        'cut = ["Gd", "Tb"]',
        'cut = ["Gd", "Tb"]\ntemperature = "30 degC"',
        "temperature",
        "circuits.second.temperature",
        ["another temperature"],
    ),
    "cut of what nobody feeds": (
        'cut = ["Gd", "Tb"]',
        'cut = ["Sm", "Tb"]',
        'cut = ["Sm", "Tb"]',
        "circuits.second.cut",
        ['"Sm"', "an element of the feed: Fe, Gd, Tb, Dy"],
    ),
}


@pytest.mark.parametrize("name", ONE_FAULT)
def test_one_fault(name: str) -> None:
    old, new, at, key, parts = ONE_FAULT[name]
    text = changed(old, new, PLANT if old in PLANT else TRAIN)
    (said,) = faults(text)
    line = text[: text.index(at)].count("\n") + 1 if at in text else 0
    assert said.split("\n")[0].endswith(f", {key}"), said
    assert line == 0 or said.startswith(f"plant.toml line {line}, "), said
    for part in [*parts, "  next  "]:
        assert part in said


def test_available_flow_is_arithmetic() -> None:
    """A tenth of the second raffinate joins the reflux in the scrub."""
    # x leaves the first circuit and all of it the second: x = 1 + 0.4 + 0.25 - 0.9 + x / 10.
    moved = (1.0 + 0.4 + 0.25 - 0.9) / 0.9 / 10
    (said,) = faults(changed('flow = "0.1 m3/h"', 'flow = "0.9 m3/h"'))
    assert f"less than the {0.25 + moved:.6g} m3/h of aqueous" in said


def test_refluxes_of_one_outlet_share_it() -> None:
    more = '[circuits.first.refluxes.more]\noutlet = "strip liquor"\nflow = "0.8 m3/h"\n'
    (said,) = faults(PLANT + more)
    assert "circuits.first.refluxes.more.flow" in said
    assert "less than the 0.75 m3/h of strip liquor" in said


def test_transfers_of_one_outlet_share_it() -> None:
    back = '[trains.both.transfers.more]\nfrom = "second"\noutlet = "raffinate"\nto = "first"\n'
    (said,) = faults(TRAIN + back + 'share = "95 %"\n')
    assert "trains.both.transfers.more.share" in said and "1.05 of the raffinate of second" in said
    assert read_text(TRAIN + back + 'share = "50 %"\n')


def test_reflux_of_what_is_transferred() -> None:
    moved = '[trains.both.transfers.all]\nfrom = "first"\noutlet = "strip liquor"\nto = "first"\n'
    (said,) = faults(TRAIN + moved)
    assert "circuits.first.refluxes.product.flow" in said and "less than the 0 m3/h" in said


def test_a_phase_of_a_stage_is_drawn_once() -> None:
    more = '[circuits.first.draws.more]\nsection = "scrub"\nstage = 2\nflow = "0.01 m3/h"\n'
    (said,) = faults(PLANT + more)
    assert "a second draw of the aqueous there" in said and "draw the sum of both" in said
    assert read_text(PLANT + more.replace("flow", 'phase = "organic"\nflow'))


def test_organic_that_returns_is_not_thrown_away() -> None:
    text = changed("pH = 1\n", 'phase = "organic"\n', PLANT)
    (said,) = faults(text)
    assert said.startswith("plant.toml line 9, circuits.first.organic.flow\n")
    assert "6 m3/h, and 6.272 m3/h that returns" in said  # 0.98 x 6.4
    assert read_text(text.replace('bleed = "2 %"', 'bleed = "7 %"'))


def test_a_circuit_in_two_trains() -> None:
    other = TRAIN.partition("[trains.both]")[2].replace("trains.both", "trains.other")
    said = faults(TRAIN + "[trains.other]" + other)
    for fault, name in zip(said, ("first", "second"), strict=True):
        assert "trains.other.circuits" in fault
        assert f"circuit {name}, which is in train both" in fault


def test_no_feed_outside_a_train() -> None:
    """A raffinate that a transfer would bring comes only in the train."""
    without = TRAIN[: TRAIN.index("[trains.both]")]
    (said,) = faults(without)
    assert "circuits.second.extraction.feed" in said and "read      nothing" in said


def test_nobody_in_the_train_has_a_feed() -> None:
    circuit, _, train = TRAIN.partition("[circuits.second]")[2].partition("[trains.both]")
    train, _, _ = train.partition("[trains.both.transfers.back]")
    train = train.replace('"first"', '"second"').replace(', "second"]', "]") + 'share = "50 %"\n'
    (said,) = faults(f"schema_version = 1\n[circuits.second]{circuit}[trains.both]{train}")
    assert said.startswith("plant.toml line 2, circuits.second\n")
    assert "no metal in any feed of second" in said


def test_a_fault_of_a_transfer_brings_no_other_with_it() -> None:
    (said,) = faults(changed('to = "second"', 'to = "secont"'))
    assert "trains.both.transfers.onward.to" in said


def test_an_empty_train() -> None:
    said = faults(PLANT + "[trains.x]\ncircuits = []\ntransfers = {}\n")
    assert ["no circuit" in said[0], "no transfer" in said[1]] == [True, True]


@pytest.mark.parametrize("trains", ["trains = 3\n", '[[trains]]\ncircuits = ["a"]\n'])
def test_trains_that_are_no_table(trains: str) -> None:
    said = faults(trains + PLANT if trains.startswith("trains") else PLANT + trains)
    assert any(", trains\n" in fault and "a table" in fault for fault in said)
