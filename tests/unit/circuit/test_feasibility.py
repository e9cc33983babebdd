"""The arithmetic before solving: one mole of charge decides."""

from __future__ import annotations

from dataclasses import replace

import pytest

from circuits import P507, extraction, organic, samarium_gadolinium, scrub, strip, with_inlet
from ytterby.circuit import Circuit, Inlet, Verdict, refuse
from ytterby.circuit.circuit import Draw, Place, Reflux, SideFeed
from ytterby.circuit.solve import solve_circuit
from ytterby.errors import DataError

# Acid and metal charge that reaches stage 1: feed 1.0 x (20 + 3 x 200), scrub 0.1 x 1500: 770 mol/h.
CIRCUIT = Circuit(
    name="charges",
    equilibrium=P507,
    elements=("Pr", "Nd"),
    organic=organic(1.5, 1000.0, 0.3, closed=True),
    sections=(
        extraction(4, 1.0, 20.0, {"Pr": 50.0, "Nd": 150.0}),
        scrub(2, 0.1, 1500.0),
        strip(3, 0.2, 4000.0),
    ),
)


def with_organic(**changes: float | bool | str) -> Circuit:
    return replace(CIRCUIT, organic=replace(CIRCUIT.organic, **changes))  # type: ignore[arg-type]


def verdict_of(circuit: Circuit) -> Verdict | None:
    refusal = refuse(circuit)
    return refusal.verdict if refusal else None


def test_a_sound_circuit_is_not_refused() -> None:
    assert refuse(CIRCUIT) is None


def test_base_must_stay_below_the_charge_that_reaches_stage_1() -> None:
    """770 mol/h of charge against 1.5 x 1000 x s of base: s = 0.51333."""
    assert verdict_of(with_organic(saponification=0.5134)) is Verdict.ACID_BALANCE_IMPOSSIBLE
    refusal = refuse(with_organic(saponification=0.5134))
    assert refusal is not None
    assert (refusal.key, refusal.place) == ("organic.saponification", "extraction stage 1")
    assert refusal.read == "base of 770.1 mol/h"
    assert refusal.expected == "less than the 770 mol/h of acid and metal charge that reach stage 1"
    assert verdict_of(with_organic(saponification=0.4)) is None


@pytest.mark.parametrize(
    ("section", "key", "place"),
    [
        (0, "extraction.feed.acid", "extraction stage 4"),
        (1, "scrub.liquor.acid", "scrub stage 6"),
        (2, "strip.liquor.acid", "strip stage 9"),
    ],
)
def test_water_is_no_liquor(section: int, key: str, place: str) -> None:
    sections = list(CIRCUIT.sections)
    water = replace(sections[section].inlet, acid=0.0, concentrations={})
    sections[section] = replace(sections[section], inlet=water)
    if (
        section == 0
    ):  # scrub acid would reach the extraction section; the metal comes with the strip acid
        del sections[1]
        fed = replace(sections[1].inlet, concentrations={"Nd": 10.0})
        sections[1] = replace(sections[1], inlet=fed)
    refusal = refuse(replace(CIRCUIT, sections=tuple(sections)))
    assert refusal is not None
    assert refusal.verdict is Verdict.NO_CHARGE
    assert (refusal.key, refusal.place) == (key, place)


def test_metal_without_acid_is_a_liquor() -> None:
    """Acid comes from the exchange itself."""
    assert refuse(with_inlet(CIRCUIT, 0, acid=0.0)) is None


def test_what_the_raffinate_cannot_take_must_fit_the_organic() -> None:
    """Base 450 less 170 of acid: 280 mol/h of metal charge; capacity is half the extractant flow."""
    flow = 2 * 280.0 / 1000.0

    def holding(share: float) -> Circuit:
        base = 450.0 / (1000.0 * flow * share)
        return with_organic(flow=flow * share, saponification=base, diluent="5 % TBP in kerosene")

    tight = holding(0.999)
    refusal = refuse(tight)
    assert refusal is not None and refusal.verdict is Verdict.ORGANIC_SATURATED
    assert (refusal.key, refusal.place) == ("organic.flow", "extraction stage 4")
    assert refusal.read == "280 mol/h of metal charge for the organic"
    assert refuse(holding(1.001)) is None


def test_strip_acid_must_exceed_the_metal_that_a_loop_carries_to_it() -> None:
    refusal = refuse(with_inlet(CIRCUIT, 2, acid=279.9 / 0.2))
    assert refusal is not None and refusal.verdict is Verdict.STRIP_ACID_SHORT
    assert (refusal.key, refusal.place) == ("strip.liquor.flow", "strip stage 9")
    assert refusal.read == "279.9 mol/h of strip acid"
    assert refusal.expected == "more than the 280 mol/h of metal charge to be stripped"
    assert refuse(with_inlet(CIRCUIT, 2, acid=280.1 / 0.2)) is None


def test_metal_in_the_strip_acid_is_not_acid() -> None:
    """250 mol/h of acid cannot take 280 mol/h of metal charge, whatever metal it brings along."""
    extract, washed, stripped = CIRCUIT.sections
    liquor = replace(stripped.inlet, acid=1250.0, concentrations={"Nd": 100.0})
    circuit = replace(CIRCUIT, sections=(extract, washed, replace(stripped, inlet=liquor)))
    assert verdict_of(circuit) is Verdict.STRIP_ACID_SHORT


def test_an_open_circuit_may_keep_metal_on_its_organic() -> None:
    """What weak strip acid leaves on the organic goes out with it."""
    assert refuse(with_inlet(with_organic(closed=False), 2, acid=1000.0)) is None


def test_refluxed_liquor_brings_its_charge_along() -> None:
    """A quarter of 800 mol/h of strip acid joins the scrub: 970 mol/h reach stage 1."""
    reflux = Reflux("strip liquor", Place("scrub", 2), 0.05)
    refluxed = replace(CIRCUIT, refluxes=(reflux,))
    refusal = refuse(replace(refluxed, organic=replace(CIRCUIT.organic, flow=3.24)))
    assert refusal is not None
    assert refusal.expected == "less than the 970 mol/h of acid and metal charge that reach stage 1"
    water = with_inlet(refluxed, 1, acid=0.0)
    assert verdict_of(water) is None  # the strip liquor brings acid to the scrub


def test_a_second_feed_of_water_is_no_liquor_where_nothing_else_passes() -> None:
    """Plain water into the last stage of a scrub that has no liquor of its own."""
    extract, washed, stripped = CIRCUIT.sections
    water = SideFeed(Inlet("water", 0.1, 0.0, {}), Place("scrub", 2))
    circuit = replace(
        CIRCUIT, sections=(extract, replace(washed, inlet=None), stripped), side_feeds=(water,)
    )
    refusal = refuse(circuit)
    assert refusal is not None and refusal.verdict is Verdict.NO_CHARGE
    assert refusal.place == "scrub stage 6"
    salted = replace(water, inlet=replace(water.inlet, acid=1.0))
    assert refuse(replace(circuit, side_feeds=(salted,))) is None


def test_loading_is_not_judged_where_metal_may_leave_otherwise() -> None:
    """The same circuit with too little strip acid: a draw or a bleed takes metal out."""
    weak = with_inlet(CIRCUIT, 2, acid=279.9 / 0.2)
    assert verdict_of(weak) is Verdict.STRIP_ACID_SHORT
    draw = Draw("side", Place("scrub", 1), "organic", 0.1)
    assert refuse(replace(weak, draws=(draw,))) is None
    assert refuse(replace(weak, organic=replace(weak.organic, bleed=0.1))) is None


def test_an_organic_that_brings_metal_is_a_feed() -> None:
    """A strip alone: all metal comes loaded on the organic."""
    loaded = replace(
        organic(1.0, 1000.0, 0.0, closed=False), concentrations={"Nd": 20.0, "Dy": 10.0}
    )
    circuit = Circuit("strip alone", P507, ("Nd", "Dy"), loaded, (strip(6, 0.2, 4000.0),))
    assert refuse(circuit) is None
    solved = solve_circuit(circuit)
    assert solved.recovery("Nd", "strip liquor") > 0.999
    empty = replace(circuit, organic=replace(loaded, concentrations={}))
    refusal = refuse(empty)
    assert refusal is not None and refusal.verdict is Verdict.NO_METAL


def test_a_term_that_the_set_lacks_is_refused_not_ignored() -> None:
    lines = replace(samarium_gadolinium(), equilibrium="Cyanex272-HCl-v0", terms=("loadin",))
    with pytest.raises(DataError) as raised:
        solve_circuit(lines)
    assert raised.value.faults[0].where == "parameter set Cyanex272-HCl-v0, terms"
