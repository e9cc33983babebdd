"""Makers known only together: what cited totals leave beyond the listed makers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tiny_chain as tiny
from ytterby.chain import catalogue
from ytterby.chain.capacity import effective, shipped_rule
from ytterby.chain.contents import treo_of
from ytterby.chain.demand import Demand
from ytterby.chain.evidence import Evidence
from ytterby.chain.grading import grades
from ytterby.chain.match import MatchTask
from ytterby.chain.months import month
from ytterby.chain.network import Cited, Network, Range
from ytterby.chain.others import Others, Remainder, StageTotal, others, shipped_totals, with_others
from ytterby.chain.stress import KINDS, removals
from ytterby.datasets.tables import table
from ytterby.errors import DataError
from ytterby.sources import all_sources

NOW = month("2026-11")
CLOSE = 1e-9


def shipped() -> Others:
    return others(catalogue.network(), catalogue.evidence(), NOW)


def remainder(found: Others, facility: str, line: str) -> Remainder:
    (one,) = (
        it for it in found.remainders if (it.total.facility, it.total.line) == (facility, line)
    )
    return one


def ends(size: Range) -> tuple[float, float, float]:
    return size.low, size.value, size.high


# By hand, from the figures as the sources print them


def test_light_mines_of_china_by_hand() -> None:
    quotas = 94_580 + 30_280 + 10_140
    light = 270_000 * (94_580 + 30_280) / quotas
    found = remainder(shipped(), "others_chn", "light mining")
    assert ends(found.total.tonnes) == pytest.approx([light / 0.60] * 3, rel=CLOSE)
    bayan_obo = catalogue.lines()["nre_bayanobo", "mining"].capacity
    assert bayan_obo is not None
    assert list(found.listed) == [("nre_bayanobo", "mining")]
    assert found.left.value == pytest.approx(light / 0.60 - bayan_obo.value, rel=CLOSE)
    assert found.unstated == (("creg_ganzhou", "light mining"),)


def test_magnets_of_japan_by_hand() -> None:
    """246,000 t of alloy, 65 % of it in magnets; Japan 6, 7 or less than 9 %; 4,000 listed."""
    finished = 246_000 * 0.65
    found = remainder(shipped(), "others_jpn", "magnet")
    assert ends(found.total.tonnes) == pytest.approx(
        [finished * it for it in (0.06, 0.07, 0.09)], rel=CLOSE
    )
    assert found.left.value == pytest.approx(finished * 0.07 - 4_000, rel=CLOSE)


def test_metal_outside_china_by_hand() -> None:
    """93,000 or 91,000 t of magnet metals, of which China makes 90 or 92 %."""
    found = remainder(shipped(), "others_row", "metal")
    want = [91_000 * 0.08, 93_000 * 0.10, 93_000 * 0.10]
    assert ends(found.total.tonnes) == pytest.approx(want, rel=CLOSE)
    assert found.left == found.total.tonnes


def test_clays_of_myanmar_keep_the_conflict_of_their_sources() -> None:
    per = treo_of("ionic_clay_MREC").span.value
    found = remainder(shipped(), "others_mmr", "mining")
    want = [31_000 / per, 39_400 / per, 39_400 / per]
    assert ends(found.left) == pytest.approx(want, rel=CLOSE)


# Of all totals


def test_listed_and_others_make_the_total_and_never_less_than_nothing() -> None:
    nil = set()
    for it in shipped().remainders:
        listed = sum(size.value for size in it.listed.values())
        assert 0 <= it.left.low <= it.left.value <= it.left.high
        if it.left.value > 0:
            assert listed + it.left.value == pytest.approx(it.total.tonnes.value, rel=CLOSE)
        else:
            assert listed >= it.total.tonnes.value
            nil.add((it.total.facility, it.total.line))
    assert nil == {
        ("others_usa", "mining"),
        ("others_mys", "separation"),
        ("others_row", "separation"),
    }


def test_the_shipped_network_with_others_is_sound() -> None:
    network, evidence = with_others(catalogue.network(), catalogue.evidence(), NOW)
    assert isinstance(network, Network)
    added = network.facilities.keys() - catalogue.facilities().keys()
    assert all(network.facilities[name].together for name in added)
    assert not any(it.together for it in catalogue.facilities().values())
    about = {(row.facility, row.stage) for row in evidence}
    for line in network.lines.values():
        if line.facility in added:
            assert line.capacity is not None and (line.facility, line.stage) in about


def test_every_figure_has_its_sources_and_the_row_names_them() -> None:
    for row, total in zip(table("stage_totals"), shipped_totals(), strict=True):
        keys = {total.cited.source, *total.cited.also}
        assert keys <= {it.key for it in all_sources()}
        assert set(row.rests_on) <= keys
        named = {
            text.split(" / ")[-1].strip()
            for column in ("facts", "share")
            for text in row.labels[column].split(";")
            if text
        }
        assert set(row.rests_on) == named


def test_no_capacity_is_counted_twice() -> None:
    """Lines of one stage and country that two totals both take off would be subtracted twice."""
    single = [it for it in shipped().remainders if not it.total.besides]
    keys = [key for it in single for key in it.listed]
    assert len(keys) == len(set(keys))


def test_a_class_is_copied_only_of_makers_among_them() -> None:
    classes: dict[str, set[str]] = {}
    for row in shipped().evidence:
        if row.stage == "magnet" and row.customer_class:
            classes.setdefault(row.facility, set()).add(row.customer_class)
            assert row.cited.basis == "derived" and row.cited.note
    assert classes == {
        "others_jpn": {"automotive", "electronics"},
        "others_row": {"automotive", "aerospace", "defence"},
    }


def test_nothing_is_known_before_the_year_of_the_figure_is_over() -> None:
    network, evidence = with_others(catalogue.network(), catalogue.evidence(), month("2020-06"))
    graded = grades(evidence, month("2020-06"))
    sizes = effective(network, graded, month("2021-01"), 1, shipped_rule())
    assert not any(size.any() for (name, _), size in sizes.items() if name.startswith("others_"))


# Laws, on a chain of another metal


def total(tonnes: float, country: str = "AAA", **more: object) -> StageTotal:
    size = Range(0.5 * tonnes, tonnes, 2 * tonnes)
    title = f"others of {country}"
    one = StageTotal(
        country, title, "metal", "metal", ("Ga_metal",), size, year=2024, kind="produced"
    )
    return replace(one, **more)


def made(
    capacities: dict[str, tuple[str, float | None]], *totals: StageTotal, **dates: str
) -> Others:
    """Makers of gallium by (country, capacity), all of which have produced."""
    network = tiny.network(
        [tiny.facility(name, country) for name, (country, _) in capacities.items()],
        [
            tiny.line(name, "metal", "Ga_metal", capacity=size, **dates)
            for name, (_, size) in capacities.items()
        ],
    )
    rows = [tiny.row(name, "metal", "produced", "2024-01") for name in capacities]
    return others(network, rows, NOW, totals)


@given(first=st.floats(0, 400), second=st.floats(0, 400), whole=st.floats(801, 2000))
def test_a_stated_line_lowers_the_others_by_as_much(
    first: float, second: float, whole: float
) -> None:
    before = made({"a": ("AAA", first)}, total(2 * whole))
    after = made({"a": ("AAA", first), "b": ("AAA", second)}, total(2 * whole))
    (one,), (two,) = before.remainders, after.remainders
    for end in ("low", "value", "high"):
        lower = getattr(one.left, end) - getattr(two.left, end)
        assert lower == pytest.approx(second, rel=1e-9, abs=1e-6)


def test_lines_elsewhere_unstated_or_younger_than_the_figure_take_nothing_off() -> None:
    assert made({"a": ("BBB", 100.0)}, total(500)).remainders[0].left.value == 500
    among = made({"a": ("AAA", None)}, total(500)).remainders[0]
    assert among.left.value == 500 and among.unstated == (("a", "metal"),)
    assert made({"a": ("AAA", 100.0)}, total(500), starts="2025-01").remainders[0].left.value == 500
    assert made({"a": ("AAA", 100.0)}, total(500), starts="2024-12").remainders[0].left.value == 400
    assert made({"a": ("AAA", 100.0)}, total(500), ends="2026-01").remainders[0].left.value == 500


def test_more_than_the_total_leaves_nothing_and_nobody() -> None:
    found = made({"a": ("AAA", 5000.0)}, total(500))
    assert ends(found.remainders[0].left) == (0, 0, 0)
    assert not found.facilities and not found.lines and not found.evidence


def test_a_total_of_all_other_countries_is_less_what_single_ones_left() -> None:
    rest = total(1000, "OUT", besides=frozenset({"CCC"}))
    found = made({"a": ("AAA", 100.0), "b": ("BBB", 50.0), "c": ("CCC", 900.0)}, rest, total(500))
    left = {it.total.country: it.left.value for it in found.remainders}
    assert left == {"AAA": 400.0, "OUT": 1000.0 - 100.0 - 50.0 - 400.0}


def test_a_network_without_the_recipes_has_no_others() -> None:
    network = tiny.network([tiny.facility("a")], [tiny.line("a", "metal", "Ga_metal")])
    rows: list[Evidence] = []
    assert with_others(network, rows, NOW) == (network, ())


def test_treo_of_what_is_no_ore_is_refused() -> None:
    with pytest.raises(DataError, match="TREO"):
        treo_of("NdPr_metal")
    with pytest.raises(DataError, match="monazite_concentrate"):
        treo_of("monazite_concentrat")


def test_cited_notes_tell_the_arithmetic() -> None:
    line = shipped().lines["others_jpn", "magnet"]
    assert line.cited.note.startswith("11,193 t in all - 4,000 t of listed lines; 2 listed")
    assert isinstance(line.cited, Cited)


def test_others_are_no_facility_that_could_stop() -> None:
    assert KINDS[0] == "facilities"
    network, _ = with_others(catalogue.network(), catalogue.evidence(), NOW)
    asked = Demand("cars", "", "FRA", "", "magnet_N", {NOW: 1.0})
    running = {key: np.ones(1) for key, it in network.lines.items() if it.capacity and it.recipes}
    task = MatchTask(network, (asked,), NOW, 1, running, run_in=0)
    names = {it.name for kind in KINDS for it in removals(task, kind, NOW)}
    assert {"nre_bayanobo", "CHN", "MMR"} <= names
    assert not {"ROW", "", "others_chn"} & names
