"""Who can do it, as it is shown: grades from rows alone, figures of the study, pictures that can be read."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

import chain_studies
from circuits import closely
from tiny_chain import row
from ytterby.case import read
from ytterby.chain.actors import Link
from ytterby.chain.grading import GRADES, Readiness, timeline
from ytterby.chain.months import month
from ytterby.report import chain_document, chain_who
from ytterby.report.chain_who_drawing import (
    HOLLOW,
    MOST_ROWS,
    Spot,
    map_drawing,
    promotion_drawing,
    readiness_drawings,
    regions,
)
from ytterby.report.page import page
from ytterby.report.tables import number
from ytterby.report.workbook import workbook
from ytterby.study.chain import Who, who

EXAMPLE = Path(__file__).parents[3] / "examples" / "lacq-chain" / "lacq-chain.toml"
SCHEMA = json.loads((files("ytterby") / "data" / "schemas" / "chain-who-1.json").read_text("utf-8"))
SVG = "{http://www.w3.org/2000/svg}"
AS_OF = month("2029-06")


@cache
def example() -> Who:
    return who(read(EXAMPLE))


@cache
def small() -> Who:
    return chain_studies.examined(
        [Link("metal", ("said", "made")), Link("wafer"), Link("mining", ("silent",))]
    )


def shown(study: Who) -> dict[str, dict[str, str]]:
    table = chain_who.answer_table(study)
    return {it[0]: dict(zip(table.header, it, strict=True)) for it in table.rows}


def test_an_answer_has_grade_date_and_source() -> None:
    cells = shown(small())
    assert cells["made"]["metal"] == "partly: produced, 2028-03, "
    assert cells["said"]["metal"] == "no: announced, 2029-01, "
    assert cells["good"]["qualified customers"] == "yes: qualified, no date, "
    assert cells["good"]["metal"] == "unknown"


def test_the_strongest_come_first_and_who_is_silent_is_named() -> None:
    assert list(shown(small())) == ["good", "made", "nowhere", "said"]
    words = chain_who.in_words(small())
    assert "No row answers anything about silent." in words
    assert "1 qualified, 1 produced, 1 financed, 1 announced, 1 unknown" in words


def test_every_facility_is_answered_or_named() -> None:
    words = chain_who.in_words(example())
    cells = shown(example())
    for it in example().plan.network.facilities.values():
        assert it.title in cells or it.title in words


def test_a_row_taken_away_lowers_what_is_shown() -> None:
    plan = small().plan
    rows = tuple(it for it in plan.evidence if it.kind != "produced")
    less = who(chain_studies.case(replace(plan, evidence=rows)))
    assert shown(less)["made"]["metal"] == "no: announced, 2015-01, "


def test_rows_later_than_what_is_known_are_not_shown() -> None:
    text = page("chain", chain_who.fragments(small()))
    assert "later than what is known" not in text
    assert "2029-12" not in text


def test_deciding_rows_can_be_left_out() -> None:
    whole = [it.title for it in chain_who.fragments(small())]
    brief = [it.title for it in chain_who.fragments(small(), rows=False)]
    assert whole == [*brief, "Deciding rows"]


def test_grades_add_up_to_what_is_announced() -> None:
    table = chain_who.account_table(example())
    strongest = tuple(reversed(GRADES))
    for account, cells in zip(example().accounts, table.rows, strict=True):
        told = dict(zip(table.header, cells, strict=True))
        assert sum(account.by_grade.values()) == closely(account.announced, 1e-12)
        assert told["capacity"] == number(account.announced)
        assert told["weighted"] == number(account.weighted)
        assert [told[it] for it in strongest] == [number(account.by_grade[it]) for it in strongest]
        assert account.weighted <= account.announced * (1 + 1e-12)


def test_what_is_not_stated_is_listed() -> None:
    rows = chain_who.unstated_table(small()).rows
    assert [it[0] for it in rows] == ["silent"]


def test_missing_arrows_are_in_words() -> None:
    (chain,) = small().chains
    rows = chain_who.missing_table(chain).rows
    kinds = {(it[0], it[1]) for it in rows}
    assert ("wafer", "nobody") in kinds and ("mining", "no evidence") in kinds
    stages = {it[0]: it for it in chain_who.stage_table(small(), chain).rows}
    assert stages["metal"][1:4] == ("produced", "made", "first metal (2028-03, )")
    assert stages["wafer"][1:3] == ("unknown", "nobody")


def test_settings_say_their_basis_and_what_the_case_changed() -> None:
    plan = replace(small().plan, weights={"announced": 0.25}, slip=3.0)
    changed = who(chain_studies.case(plan))
    table = chain_who.rule_table(changed)
    told = {(it[0], it[1]): it for it in table.rows}
    basis = table.header.index("basis")
    assert told["weight", "announced"][2] == "25"
    assert told["weight", "announced"][basis] == "set in the case"
    assert told["weight", "produced"][basis] == "assumed"
    assert told["slip of starts", "median"][2:4] == ("3", "months")
    assert told["slip of starts", "median"][basis] == "set in the case"


def drawn(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def marks(root: ElementTree.Element) -> dict[str, ElementTree.Element]:
    """Marks by what they tell."""
    found = {}
    for tag in ("circle", "polygon"):
        for it in root.iter(f"{SVG}{tag}"):
            title = it.find(f"{SVG}title")
            if title is not None and title.text:
                found[title.text] = it
    return found


def middle(it: ElementTree.Element) -> tuple[float, float]:
    if "cx" in it.attrib:
        return float(it.attrib["cx"]), float(it.attrib["cy"])
    points = [tuple(map(float, pair.split(","))) for pair in it.attrib["points"].split()]
    return (
        (min(x for x, _ in points) + max(x for x, _ in points)) / 2,
        (min(y for _, y in points) + max(y for _, y in points)) / 2,
    )


def test_a_mark_for_every_kind_at_its_month() -> None:
    rows = [
        row("works", "metal", "announced", "2015-01"),
        row("works", "metal", "built", "2026-06"),
        row("works", "metal", "produced", "2028-06"),
        row("works", "metal", "qualified"),
    ]
    picture = readiness_drawings(timeline(rows), {"works": "The works"}, AS_OF)["metal"]
    found = marks(drawn(picture.svg))
    assert set(found) == {
        "The works: announced 2015-01",
        "The works: built 2026-06",
        "The works: produced 2028-06",
        "The works: qualified, not dated",
    }
    along = [middle(it)[0] for it in found.values()]
    by_name = dict(zip(found, along, strict=True))
    assert (
        by_name["The works: announced 2015-01"]
        < by_name["The works: built 2026-06"]
        < by_name["The works: produced 2028-06"]
        < by_name["The works: qualified, not dated"]
    )
    assert ">2015<" in picture.svg  # an older mark says its year


def test_what_is_only_promised_is_hollow() -> None:
    found = marks(drawn(readiness_drawings(small().timeline, _titles(small()), AS_OF)["metal"].svg))
    for told, it in found.items():
        kind = told.split(": ")[1].split(" ")[0].rstrip(",")
        assert ("fill:var(--paper" in it.attrib["style"]) == (kind in HOLLOW), told


def _titles(study: Who) -> dict[str, str]:
    return {name: it.title for name, it in study.plan.network.facilities.items()}


def test_many_facilities_take_several_pictures() -> None:
    rows = [Readiness(f"f{it}", "mining", {"announced": AS_OF - it}, ()) for it in range(95)]
    titles = {it.facility: it.facility for it in rows}
    pictures = readiness_drawings(rows, titles, AS_OF)
    assert list(pictures) == ["mining, 1 of 3", "mining, 2 of 3", "mining, 3 of 3"]
    counts = [len(marks(drawn(it.svg))) for it in pictures.values()]
    assert sum(counts) == 95 and max(counts) <= MOST_ROWS


def test_all_marks_are_inside_their_pictures() -> None:
    study = example()
    pictures = readiness_drawings(study.timeline, _titles(study), study.plan.as_of)
    spots = chain_who.spots_of(study)
    whole = map_drawing("all", spots, list(dict.fromkeys(it.stage for it in spots)))
    for picture in (*pictures.values(), whole):
        root = drawn(picture.svg)
        width, height = map(float, root.attrib["viewBox"].split()[2:])
        for told, it in marks(root).items():
            x, y = middle(it)
            assert 0 < x < width and 0 < y < height, told


def test_the_map_has_every_facility_with_a_site_and_evidence() -> None:
    spots = {it.title: it for it in chain_who.spots_of(small())}
    assert set(spots) == {"said", "made", "good"}
    assert (spots["said"].grade, spots["said"].share) == ("announced", 1.0)
    assert spots["made"].share == closely(100 / 300, 1e-12)
    captions = " ".join(it.caption for it in chain_who.fragments(small()))
    assert "no site is known: nowhere" in captions


def test_east_is_right_and_north_is_up() -> None:
    spots = chain_who.spots_of(example())
    stages = list(dict.fromkeys(it.stage for it in spots))
    found = marks(drawn(map_drawing("all", spots, stages).svg))
    at = {told.split(": ")[0]: middle(it) for told, it in found.items()}
    placed = [it for it in spots if it.title in at]
    assert len(placed) == len(spots)
    for one in placed:
        for two in placed:
            if one.longitude > two.longitude + 1.0:
                assert at[one.title][0] > at[two.title][0]
            if one.latitude > two.latitude + 1.5:
                assert at[one.title][1] < at[two.title][1]


def test_names_on_the_map_do_not_cover_each_other() -> None:
    spots = chain_who.spots_of(example())
    stages = list(dict.fromkeys(it.stage for it in spots))
    root = drawn(map_drawing("all", spots, stages).svg)
    names = [it for it in root.iter(f"{SVG}text") if it.attrib["font-size"] == "10"]
    places = [
        (float(it.attrib["x"]), float(it.attrib["y"]), 5.3 * len(it.text or "")) for it in names
    ]
    assert len(places) > 30
    for at, (x, y, wide) in enumerate(places):
        for other_x, other_y, other in places[at + 1 :]:
            assert x + wide <= other_x or other_x + other <= x or abs(y - other_y) >= 11.0


def spot(place: int, latitude: float, longitude: float) -> Spot:
    return Spot(f"s{place}", latitude, longitude, "metal", "built", None)


@given(
    st.lists(st.tuples(st.floats(-60, 70), st.floats(-170, 170)), min_size=1, max_size=15),
    st.randoms(use_true_random=False),
)
def test_regions_part_all_whatever_their_order(places, shuffle) -> None:  # type: ignore[no-untyped-def]
    spots = [spot(at, *it) for at, it in enumerate(places)]
    found = {frozenset(it.title for it in group) for group in regions(spots)}
    shuffle.shuffle(spots)
    assert {frozenset(it.title for it in group) for group in regions(spots)} == found
    assert sorted(name for group in found for name in group) == sorted(it.title for it in spots)


def test_regions_reach_across_the_date_line() -> None:
    assert len(regions([spot(0, 0.0, 179.0), spot(1, 0.0, -179.0), spot(2, 0.0, 0.0)])) == 2


def test_bars_are_as_long_as_shares() -> None:
    accounts = [it for it in example().accounts if it.announced > 0]
    root = drawn(promotion_drawing(accounts).svg)
    bars: dict[str, list[tuple[str, float]]] = {}
    for it in root.iter(f"{SVG}rect"):
        title = it.find(f"{SVG}title")
        if title is not None and title.text:
            name, _, rest = title.text.rpartition(": ")
            bars.setdefault(name, []).append((rest.split(" ")[0], float(it.attrib["width"])))
    assert len(bars) == len(accounts)
    longest = {sum(width for _, width in parts) for parts in bars.values()}
    assert max(longest) - min(longest) < 0.5
    for it in accounts:
        parts = dict(bars[f"{it.stage}: {it.material or 'no recipe'}, {it.year}"])
        whole = sum(parts.values())
        for grade, tonnes in it.by_grade.items():
            assert parts.get(grade, 0.0) / whole == pytest.approx(tonnes / it.announced, abs=1e-3)


def test_tables_have_units_and_sources_are_known() -> None:
    fragments = chain_who.fragments(example())
    for fragment in fragments:
        assert fragment.sources, fragment.title
        for table in fragment.tables:
            assert len(table.units_row()) == len(table.header)
            assert all(len(it) == len(table.header) for it in table.rows), table.title
    assert page("chain", fragments)  # DataError for a source key that the bibliography has not


def test_the_workbook_has_the_numbers_in_full() -> None:
    from openpyxl import load_workbook

    study = example()
    book = load_workbook(io.BytesIO(workbook(chain_who.sheets(study))))
    rows = list(book["promotion"].values)
    announced, weighted = rows[0].index("capacity"), rows[0].index("weighted")
    assert [it[announced] for it in rows[2:]] == [it.announced for it in study.accounts]
    assert [it[weighted] for it in rows[2:]] == closely(
        [it.weighted for it in study.accounts], 1e-14
    )
    known = sum(len(it.rows) for it in study.grades.values())
    assert len(list(book["evidence"].values)) == known + 2
    sources = list(book["sources"].values)
    assert len(sources) > 100 and re.match(r"\[[\w-]+\] ", str(sources[2][2]))


@pytest.mark.parametrize("study", [small, example])
def test_the_document_is_as_its_schema_says(study) -> None:  # type: ignore[no-untyped-def]
    document = json.loads(json.dumps(chain_document.who(study()), allow_nan=False))
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA).validate(document)
    assert len(document["facilities"]) == len(study().plan.network.facilities)
    for told, account in zip(document["promotion"], study().accounts, strict=True):
        by_grade = told["announced_t_by_grade"].values()
        assert sum(by_grade) == pytest.approx(told["announced_t"])
        assert told["weighted_t"] == account.weighted
