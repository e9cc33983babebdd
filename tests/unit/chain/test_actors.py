"""Chains of actors, drawn by hand, each with one arrow taken out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from tiny_chain import MATERIALS, RECIPES, demand, facility, line, network, row
from ytterby.chain.actors import (
    NO_ELEMENT,
    NO_EVIDENCE,
    NOBODY,
    NOT_STATED,
    ONLY_SAID,
    SHORT,
    UNQUALIFIED,
    ActorChain,
    Examined,
    Link,
    examine,
)
from ytterby.chain.capacity import CapacityRule, Slip
from ytterby.chain.demand import Demand
from ytterby.chain.evidence import Evidence
from ytterby.chain.grading import GRADES, grades
from ytterby.chain.months import month
from ytterby.chain.network import Line, Material
from ytterby.errors import DataError

RULE = CapacityRule(
    dict(zip(GRADES, (0.0, 0.1, 0.3, 0.6, 0.8, 0.9, 1.0), strict=True)), Slip(12.0, 30.0), {}
)
FACILITIES = [
    facility("quarry"),
    facility("refinery", owner="one"),
    facility("smelter", country="BBB"),
    facility("fab"),
]
LINES = (
    line("quarry", "mining", "draw_liquor", capacity=2000.0),
    line("refinery", "refining", "refine", "recover_In", capacity=200.0),
    line("smelter", "metal", "Ga_metal", "In_metal", capacity=100.0),
    line("fab", "wafer", "wafer", "wafer_In", capacity=120.0),
)
ROWS = (
    row("quarry", "mining", "reproducible", "2020"),
    row("refinery", "refining", "reproducible", "2020"),
    row("smelter", "metal", "produced", "2021"),
    row("fab", "wafer", "qualified", "2022", "defence"),
)
CHAIN = ActorChain(
    "drawn",
    "A chain as drawn",
    (
        Link("mining", ("quarry",)),
        Link("refining", ("refinery",)),
        Link("metal", ("smelter",)),
        Link("wafer", ("fab",)),
    ),
)
WANTED = demand("wafer_In", 10.0, 2026, "defence")


def examined(
    chain: ActorChain = CHAIN,
    rows: Iterable[Evidence] = ROWS,
    lines: Iterable[Line] = LINES,
    wanted: Demand | None = WANTED,
) -> Examined:
    known = grades(rows, month("2026-01"))
    return examine(chain, network(FACILITIES, list(lines)), known, RULE, 2026, wanted)


def arrows(found: Examined) -> list[tuple[str, str, str]]:
    return [(it.stage, it.kind, it.element) for it in found.missing]


def with_link(link: Link) -> ActorChain:
    return replace(CHAIN, links=tuple(link if it.stage == link.stage else it for it in CHAIN.links))


def test_a_whole_chain_lacks_no_arrow() -> None:
    found = examined()
    assert arrows(found) == []
    assert [it.grade for it in found.stages] == [
        "reproducible",
        "reproducible",
        "produced",
        "qualified",
    ]
    assert found.stages[2].elements == {"Ga": "produced", "In": "produced"}
    assert found.stages[2].announced == pytest.approx(100.0)
    assert found.stages[2].weighted == pytest.approx(80.0)
    assert [it.stage for it in found.accounts] == ["mining", "refining", "metal", "wafer"]


def test_a_stage_without_anybody() -> None:
    found = examined(with_link(Link("metal")))
    assert arrows(found)[0] == ("metal", NOBODY, "")
    assert found.stages[2].grade == "unknown"


def test_a_stage_that_is_only_announced_and_one_without_evidence() -> None:
    rows = (*ROWS[:2], row("smelter", "metal", "announced", "2021"), ROWS[3])
    assert arrows(examined(rows=rows)) == [("metal", ONLY_SAID, "")]
    assert arrows(examined(rows=(*ROWS[:2], ROWS[3]))) == [("metal", NO_EVIDENCE, "")]


def test_an_element_of_which_a_stage_has_only_an_announcement() -> None:
    rows = (
        *ROWS[:2],
        row("smelter", "metal", "produced", "2021", material="Ga_metal"),
        row("smelter", "metal", "announced", "2024", material="In_metal"),
        ROWS[3],
    )
    lines = (
        *LINES[:2],
        line("smelter", "metal", "Ga_metal", capacity=100.0),
        line("smelter", "metal", "In_metal", capacity=100.0, name="metal_In"),
        LINES[3],
    )
    found = examined(rows=rows, lines=lines)
    assert found.stages[2].elements == {"Ga": "produced", "In": "announced"}
    assert arrows(found) == [("metal", ONLY_SAID, "In")]


def test_an_element_without_a_maker() -> None:
    lines = (*LINES[:2], line("smelter", "metal", "Ga_metal", capacity=100.0), LINES[3])
    found = examined(lines=lines)
    assert arrows(found) == [("metal", NO_ELEMENT, "In")]
    plain = examined(lines=lines, wanted=demand("wafer", 10.0, 2026, "defence"))
    assert arrows(plain) == [], "a wafer without indium needs no indium"
    assert ("metal", NO_ELEMENT, "In") in arrows(examined(lines=lines, wanted=None))


def test_an_element_left_in_what_nobody_takes_on_is_not_made() -> None:
    """Slag that holds indium as an oxide is no indium oxide."""
    slag = Material("slag", "slag", "oxide", {"In": 0.01})
    rich = Material("liquor", "liquor with indium", "liquor", {"Ga": 0.1, "In": 0.01})
    refine = replace(RECIPES["refine"], outputs={"Ga_oxide": 1.0, "slag": 1.0})
    whole = network(FACILITIES, [LINES[0], line("refinery", "refining", "refine"), *LINES[2:]])
    chain = replace(
        whole,
        materials={**MATERIALS, "slag": slag, "liquor": rich},
        recipes={**RECIPES, "refine": refine},
    )
    found = examine(CHAIN, chain, grades(ROWS, month("2026-01")), RULE, 2026, WANTED)
    assert ("refining", NO_ELEMENT, "In") in arrows(found)
    assert found.stages[1].elements == {"Ga": "reproducible"}


def test_rows_about_a_further_line_speak_for_it_and_for_its_stage() -> None:
    lines = (
        *LINES[:2],
        line("smelter", "metal", "Ga_metal", capacity=100.0),
        line("smelter", "metal", "In_metal", capacity=100.0, name="indium metal"),
        LINES[3],
    )
    rows = (*ROWS, row("smelter", "indium metal", "qualified", "2023", "electronics"))
    found = examined(rows=rows, lines=lines)
    assert found.stages[2].grade == "qualified"
    assert found.stages[2].elements == {"Ga": "produced", "In": "qualified"}
    assert arrows(found) == []


def test_a_line_before_its_start_has_made_no_element() -> None:
    lines = (
        *LINES[:2],
        line("smelter", "metal", "Ga_metal", capacity=100.0),
        line("smelter", "metal", "In_metal", capacity=100.0, name="metal_In", starts="2030-01"),
        LINES[3],
    )
    found = examined(lines=lines)
    assert found.stages[2].elements == {"Ga": "produced", "In": "announced"}


def test_lines_that_may_run_several_recipes_are_taken_at_their_best() -> None:
    """Wafers with indium take 0.5 t of gallium, those without 0.6 t and no indium."""
    needs = {(it.form, it.element): it for it in examined(wanted=None).balances}
    assert needs["metal", "Ga"].needed == pytest.approx(120.0 * 0.5)
    assert needs["metal", "Ga"].made == pytest.approx(100.0)
    assert ("metal", "In") not in needs, "they can do without it"


def test_no_maker_qualified_for_the_class() -> None:
    assert arrows(examined(wanted=demand("wafer_In", 10.0, 2026, "automotive"))) == [
        ("wafer", UNQUALIFIED, "")
    ]
    assert arrows(examined(wanted=demand("wafer_In", 10.0, 2026, ""))) == []


def test_a_stage_that_cannot_feed_the_next() -> None:
    """120 t/year of wafers take 60 t of gallium at least and 24 t of indium, each as 1 t/t metal."""
    lines = (*LINES[:2], line("smelter", "metal", "Ga_metal", "In_metal", capacity=20.0), LINES[3])
    found = examined(lines=lines)
    assert arrows(found) == [("metal", SHORT, "Ga"), ("metal", SHORT, "In")]
    (metal,) = [it for it in found.balances if (it.form, it.element) == ("metal", "In")]
    assert (metal.made, metal.needed) == (pytest.approx(20.0), pytest.approx(24.0))
    assert metal.needed_weighted == pytest.approx(24.0)
    assert metal.made_weighted == pytest.approx(16.0)


def test_what_is_not_stated_is_not_called_too_small() -> None:
    lines = (*LINES[:2], line("smelter", "metal", "Ga_metal", "In_metal", capacity=None), LINES[3])
    found = examined(lines=lines)
    assert arrows(found) == [("metal", NOT_STATED, "Ga"), ("metal", NOT_STATED, "In")]
    assert "smelter" in found.missing[0].words


def test_a_maker_without_a_start_is_not_called_too_small_either() -> None:
    idle = [*FACILITIES[:2], facility("smelter", status="announced"), FACILITIES[3]]
    known = grades(ROWS, month("2026-01"))
    found = examine(CHAIN, network(idle, list(LINES)), known, RULE, 2026, WANTED)
    assert arrows(found) == [("metal", NOT_STATED, "Ga"), ("metal", NOT_STATED, "In")]
    assert found.stages[2].not_stated == (("smelter", "metal"),)


def test_a_customer_who_asks_for_more_than_is_announced() -> None:
    found = examined(wanted=demand("wafer_In", 11.0, 2026, "defence"))
    assert arrows(found) == [("wafer", SHORT, "")]
    assert "120 t announced for 2026, 132 t asked" in found.missing[0].words


def test_a_chain_that_does_not_reach_the_customer() -> None:
    found = examined(replace(CHAIN, links=CHAIN.links[:3]))
    assert arrows(found) == [("wafer", NOBODY, "")]


def test_owners_and_countries_stand_for_their_facilities() -> None:
    chain = ActorChain(
        "a", "", (Link("refining", owners=("one",)), Link("metal", countries=("BBB",)))
    )
    found = examined(chain, wanted=None)
    assert [list(it.grades) for it in found.stages] == [["refinery"], ["smelter"]]


def test_an_unknown_facility_or_material_is_refused() -> None:
    with pytest.raises(DataError, match="smelter"):
        examined(with_link(Link("metal", ("smelters",))))
    with pytest.raises(DataError, match="wafer"):
        examined(wanted=demand("wafers", 1.0, 2026))


def test_a_stage_drawn_twice_is_refused() -> None:
    with pytest.raises(DataError, match="metal twice"):
        ActorChain("a", "", (Link("metal"), Link("metal")))
