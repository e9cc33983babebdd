"""A cut as a unit of the plant: its streams are those of the solved circuit, its design follows the feed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from circuits import closely
from design_tasks import neodymium_samarium
from ytterby.design.cut import wrong_side
from ytterby.errors import CaseError
from ytterby.materials import Flow, liquor_volume, water_for_volume
from ytterby.unitops import SolventExtraction, StoredCut

METALS = {"Nd+3": 600.0, "Pr+3": 200.0, "Sm+3": 600.0, "Gd+3": 500.0}
"""mol/h in 2 m3/h, the feed of the shared design."""


def feed(**changes: float) -> Flow:
    """That feed with 10 mol/m3 acid and some boron and salt, which no circuit takes up."""
    amounts = {**METALS, "H+": 20.0, "H3BO3": 30.0, "NH4+": 50.0} | {
        f"{symbol}+3": amount for symbol, amount in changes.items()
    }
    charge = 3.0 * sum(amount for name, amount in amounts.items() if name.endswith("+3"))
    solutes = {**amounts, "Cl-": charge + 70.0}
    return Flow("liquor", {**solutes, "H2O": water_for_volume(solutes, 2.0)})


def cut(**changes: object) -> SolventExtraction:
    """The shared design of Nd/Sm as a unit."""
    made = neodymium_samarium()
    run = made.run
    design = StoredCut(
        stages=tuple(made.stages),
        loaded=1100.0,
        organic_flow=run.organic_flow,
        saponification=run.saponification,
        scrub_flow=run.scrub_h / run.scrub_acid,
        scrub_acid=run.scrub_acid,
        strip_flow=run.strip_flow,
        strip_acid=run.strip_acid,
        proportion=made.wrong_side[0] / made.wrong_side[1],
    )
    whole = {"name": "nd-sm", "cut": ("Nd", "Sm"), "medium": "chloride", "base": "NaOH"}
    return SolventExtraction(**{**whole, "design": design, **changes})  # type: ignore[arg-type]


def test_streams_are_those_of_the_design() -> None:
    balance = cut().balance({"feed": feed()})
    made = neodymium_samarium()
    for outlet, name in (("raffinate", "raffinate"), ("strip_liquor", "strip liquor")):
        stream = made.solved.streams[name]
        for symbol in ("Pr", "Nd", "Sm", "Gd"):
            assert balance.outlets[outlet].of(symbol) == closely(stream.moles(symbol), 1e-5)
        assert balance.outlets[outlet].moles("H+") == closely(stream.flow * stream.acid, 1e-5)
    assert all(note.startswith("outside the range of the constants") for note in balance.notes)


def test_a_trace_leaves_as_it_came() -> None:
    """A hundred-millionth of the feed, which the circuit itself closes only to what goes round in it."""
    arriving = feed(Eu=2e-5)
    balance = cut().balance({"feed": arriving})
    out = sum(balance.outlets[port].of("Eu") for port in ("raffinate", "strip_liquor"))
    assert out == closely(2e-5, 1e-14)


def test_what_is_not_extracted_leaves_with_the_raffinate() -> None:
    balance = cut().balance({"feed": feed()})
    assert balance.outlets["raffinate"].moles("H3BO3") == closely(30.0, 1e-12)
    assert balance.outlets["raffinate"].moles("NH4+") == closely(50.0, 1e-12)
    base = cut().design.saponification * 1500.0 * cut().design.organic_flow
    assert balance.outlets["raffinate"].moles("Na+") == closely(base, 1e-6)
    assert balance.drawn["caustic soda"].moles("Na+") == closely(base, 1e-6)
    ammonia = cut(base="NH3").balance({"feed": feed()})
    assert ammonia.outlets["raffinate"].moles("NH4+") == closely(50.0 + base, 1e-6)


def test_water_of_the_liquors_is_bought_with_the_acid_or_beside_it() -> None:
    """Scrub and strip liquor are as strong as designed, by partial volumes."""
    unit = cut()
    balance = unit.balance({"feed": feed()})
    acid = balance.drawn["hydrochloric acid"]
    mixed = acid.plus(balance.drawn["water"].amounts)
    flow = unit.design.scrub_flow + unit.design.strip_flow
    assert liquor_volume(mixed) == closely(flow, 1e-9)
    assert acid.moles("H+") == closely(6000.0 * flow, 1e-6)


def test_a_larger_feed_gives_a_larger_circuit_with_the_same_liquors() -> None:
    one, two = (cut().balance({"feed": feed().scaled(scale)}) for scale in (1.0, 2.0))
    for port in ("raffinate", "strip_liquor"):
        for name, amount in one.outlets[port].amounts.items():
            assert two.outlets[port].moles(name) == closely(2.0 * amount, 1e-6)


def test_another_feed_is_trimmed_to_the_proportion_of_the_design() -> None:
    unit = cut()
    arriving = feed(Sm=700.0, Nd=500.0)
    balance = unit.balance({"feed": arriving})
    task = unit.task(arriving, ("Nd", "Sm"))
    raffinate, strip = wrong_side(task, balance.details)
    assert raffinate / strip == closely(unit.design.proportion, 1e-5)


def test_a_purity_that_is_missed_is_told_and_the_stream_stays_as_solved() -> None:
    strict = cut(wrong_side=1e-5)
    balance = strict.balance({"feed": feed()})
    assert any("wrong side of the raffinate" in note for note in balance.notes)
    plain = cut().balance({"feed": feed()})
    assert balance.outlets["raffinate"].amounts == plain.outlets["raffinate"].amounts


@pytest.mark.parametrize(
    ("absent", "port"), [(("Nd", "Pr"), "strip_liquor"), (("Sm", "Gd"), "raffinate")]
)
def test_where_there_is_nothing_to_part_all_passes_by(absent: tuple[str, ...], port: str) -> None:
    arriving = feed(**dict.fromkeys(absent, 0.0))
    balance = cut(design=None).balance({"feed": arriving})
    assert balance.outlets[port] == arriving
    assert balance.drawn == {}
    assert "nothing to part at Nd/Sm" in balance.notes[0]


def test_keys_that_are_not_there_give_way_to_the_next() -> None:
    assert cut().keys(feed(Sm=0.0)) == ("Nd", "Gd")
    assert cut().keys(feed(Nd=0.0)) == ("Pr", "Sm")


def test_without_design_it_is_refused() -> None:
    with pytest.raises(CaseError, match="--redesign"):
        cut(design=None).balance({"feed": feed()})


def test_a_solved_cut_says_size_power_and_what_it_holds() -> None:
    unit = cut()
    balance = unit.balance({"feed": feed()})
    stages = unit.design.stages
    mixers = [item for item in unit.equipment(balance) if item.item.startswith("mixer")]
    assert [item.number for item in mixers] == list(stages)
    held = unit.inventory(balance)
    solved = balance.details
    hours = 5.5 / 12.0
    assert held.organic == closely(hours * sum(stages) * unit.design.organic_flow, 1e-6)
    nd = solved.circuit.elements.index("Nd")
    by_hand = hours * sum(
        solved.profiles.aqueous[stage, nd] * solved.profiles.aqueous_volume[stage]
        + solved.profiles.organic[stage, nd] * solved.profiles.organic_volume[stage]
        for stage in range(sum(stages))
    )
    assert held.metals["Nd"] == closely(by_hand, 1e-9)
    assert unit.drivers(balance).electricity > 0.0


def test_lost_solvent_follows_the_rare_earths_fed() -> None:
    """10 kg of extractant for each tonne of oxides fed (HUANG11, recalled)."""
    balance = cut().balance({"feed": feed()})
    lost = balance.outlets["spent_solvent"]
    extractant = lost.moles("C16H35O3P") * 0.30643
    assert extractant == closely(10.0 * feed().treo() / 1000.0, 1e-4)
    assert lost.moles("C12H26") > 0.0


def test_another_constant_gives_another_product() -> None:
    """No split is stored: the same stages with other chemistry part otherwise."""
    plain = cut().balance({"feed": feed()}).outlets["raffinate"]
    warm = replace(cut(), equilibrium="P507-HNO3-T21", medium="nitrate")
    arriving = feed()
    other = Flow(
        "liquor",
        {("NO3-" if name == "Cl-" else name): amount for name, amount in arriving.amounts.items()},
    )
    changed = warm.balance({"feed": other}).outlets["raffinate"]
    assert changed.of("Sm") != closely(plain.of("Sm"), 0.01)
