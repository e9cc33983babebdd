"""Feeds: complete, sums as printed, compositions and activities by hand, and what is not known."""

from __future__ import annotations

import dataclasses
import math

import pytest

from ytterby.datasets import table
from ytterby.datasets.activity import gate, specific_activity
from ytterby.datasets.feeds import FORMS, IMPURITIES, METALLIC, feed, feeds
from ytterby.datasets.process import impact
from ytterby.elements import RARE_EARTHS, metal_to_oxide
from ytterby.errors import DataError

CLOSING = ("CONCENTRATE_REF", "MAG_CLOSING_REF")


def fault_of(call, *arguments, **named):
    with pytest.raises(DataError) as caught:
        call(*arguments, **named)
    (fault,) = caught.value.faults
    return fault


def test_no_cell_was_lost() -> None:
    """Numbers filled in the compilation, and their sum."""
    rows = [row for row in table("feeds") if row.file.name == "feeds"]
    assert len(rows) == 33
    assert sum(len(row.values) for row in rows) == 579
    assert math.fsum(value for row in rows for value in row.values.values()) == pytest.approx(
        134540.8471, rel=1e-12
    )
    assert {it.name for it in feeds()} == {row.labels["name"] for row in rows} | set(CLOSING)


def test_every_feed_says_what_it_is_and_rests_on() -> None:
    assert {it.form for it in feeds()} == set(FORMS)
    assert all(it.title and it.category and it.source for it in feeds())
    assert {it.name for it in feeds() if it.basis == "gap"} == {
        "IAC_ACLARA_PLANT",
        "BRE_MONTE_ALTO",
    }
    assert all(it.basis in ("derived", "assumed") for it in feeds() if it.source == "DERIVED")
    assert feed("MAG_MIX_REF").basis == "assumed"


def test_shares_add_up_to_the_sum_as_printed() -> None:
    printed = {
        row.labels["name"]: row.values["sum"] for row in table("feeds") if "sum" in row.values
    }
    assert {it.name: round(100 * it.total, 2) for it in feeds() if it.name in printed} == {
        name: pytest.approx(total, abs=0.011) for name, total in printed.items()
    }
    assert (min(printed.values()), max(printed.values())) == (98.76, 102.6)
    # a basket without a printed sum is a partial one, and refuses to be normalised
    for it in feeds():
        if it.name not in printed and it.shares:
            assert "whole basket" in fault_of(it.normalised).expected


@pytest.mark.parametrize("name", [it.name for it in feeds() if 0.95 < it.total < 1.05])
def test_normalised_shares_are_those_printed_over_their_sum(name: str) -> None:
    found = feed(name)
    shares = found.normalised()
    assert math.fsum(shares.values()) == pytest.approx(1.0, rel=1e-14)
    assert shares.keys() == found.shares.keys()
    assert {it: share * found.total for it, share in shares.items()} == pytest.approx(found.shares)


@pytest.mark.parametrize("name", [it.name for it in feeds() if it.form in METALLIC and it.metals])
def test_shares_of_magnets_follow_from_their_metals(name: str) -> None:
    found = feed(name)
    assert found.treo is not None
    oxides = {it: metal * metal_to_oxide(it) for it, metal in found.metals.items()}
    # TREO is printed to a hundredth of a percent, shares to a thousandth
    assert math.fsum(oxides.values()) == pytest.approx(found.treo, abs=6e-5)
    treo = math.fsum(oxides.values())
    assert {it: share for it, share in found.shares.items() if share} == pytest.approx(
        {it: oxide / treo for it, oxide in oxides.items()}, abs=6e-5
    )


def test_composition_of_a_concentrate_by_hand() -> None:
    """Y2O3 is 61.87 of 99.46 % of TREO, TREO 60 %; Y is 2 x 88.906 of 225.81 g/mol of it."""
    found = feed("XEN_LAHAT").composition()
    assert found["Y"] == pytest.approx(0.60 * 61.87 / 99.46 * 177.8117 / 225.8087, rel=1e-5)
    assert (found["Th"], found["U"]) == pytest.approx((0.007, 0.005))
    assert "P" not in found and "P" in feed("XEN_LAHAT").gaps


def test_composition_gives_back_treo() -> None:
    for it in feeds():
        if it.form in METALLIC or not 0.95 < it.total < 1.05 or it.treo is None:
            continue
        found = it.composition()
        treo = math.fsum(
            mass * metal_to_oxide(symbol) for symbol, mass in found.items() if symbol in RARE_EARTHS
        )
        assert treo == pytest.approx(it.treo, rel=1e-12)
        assert it.composition(treo=0.5)["Nd"] == pytest.approx(found["Nd"] * 0.5 / it.treo)


def test_composition_of_magnets_is_metal_and_never_more_than_the_magnet() -> None:
    found = feed("MAG_MIX_REF").composition()
    assert (found["Nd"], found["Fe"], found["Ce"]) == pytest.approx((0.223, 0.65, 0.0))
    for it in feeds():
        if it.form in METALLIC and it.metals:
            assert 0.9 < math.fsum(it.composition().values()) <= 1.0 + 1e-12, it.name


def test_a_partial_basket_is_given_as_printed_only_when_asked() -> None:
    donald = feed("MON_XEN_DONALD")
    assert "composition(normalise=False)" in fault_of(donald.composition).next
    found = donald.composition(normalise=False)
    assert set(found) == {"Tb", "Dy"}
    assert found["Dy"] == pytest.approx(84 / 8000 / metal_to_oxide("Dy"), rel=1e-3)
    assert {"Nd", "Y", "Th", "U"} <= set(donald.gaps)


@pytest.mark.parametrize(
    ("name", "arguments", "read"),
    [
        ("MAG_RANGE", {}, "only ranges"),
        ("IAC_CALDEIRA", {}, "no composition"),
        ("BRE_MONTE_ALTO", {}, "no composition"),
        ("SEG_LYNAS", {"normalise": False}, "no TREO"),
        ("MAG_HDD", {"treo": 0.3}, "feed of metal"),
        ("XEN_LAHAT", {"treo": 60.0}, "TREO of 60"),
        ("XEN_LAHAT", {"treo": math.nan}, "TREO of nan"),
    ],
)
def test_what_is_not_known_is_refused(name: str, arguments: dict[str, float], read: str) -> None:
    fault = fault_of(feed(name).composition, **arguments)
    assert fault.where == f"feed {name}" and read in fault.read


def test_an_empty_cell_is_a_gap_and_a_zero_is_not() -> None:
    xunwu = feed("IAC_XUNWU_USGS")
    assert set(xunwu.gaps) == {"Tb", "Dy", "Ho", "Er", "Tm", *IMPURITIES}
    assert "Dy" not in xunwu.composition()
    magnet = feed("MAG_HDD")
    assert magnet.shares["Tb"] == 0.0 and "Tb" not in magnet.gaps
    assert magnet.composition()["Tb"] == 0.0
    assert set(feed("BRE_MONTE_ALTO").gaps) == {*RARE_EARTHS, *IMPURITIES, "TREO"}
    for it in feeds():
        known = {*it.shares, *it.metals, *it.impurities}
        assert not known & set(it.gaps)
        assert known | set(it.gaps) >= {*RARE_EARTHS, *IMPURITIES}


# --- radioactivity


def test_specific_activities_are_the_known_ones() -> None:
    """ln 2 / T x N: 4.06 Bq/mg of thorium, 12.35 of natural uranium, 12.44 of pure U-238."""
    assert specific_activity("Th-232") == pytest.approx(4060, rel=2e-3)
    assert specific_activity("U-238") == pytest.approx(12350, rel=1e-3)
    pure = math.log(2) / (4.468e9 * 365.25 * 86400) * 6.02214076e23 / 238.0508
    assert pure == pytest.approx(12440, rel=1e-3)
    assert fault_of(specific_activity, "U-235").nearest == "U-238"


def test_published_conversions_follow_from_half_lives() -> None:
    thorium = 232.038 / (232.038 + 2 * 15.999)  # in ThO2
    said = impact("radioactivity", "1 wt% ThO2", "conversion").typical("Bq/g")
    assert said == pytest.approx(0.01 * thorium * specific_activity("Th-232"), rel=2e-3)
    said = impact("radioactivity", "100 ppm U", "conversion").typical("Bq/g")
    assert said == pytest.approx(1e-4 * specific_activity("U-238"), rel=1e-3)
    for name, series in (("Th for 1 Bq/g", "Th-232"), ("U for 1 Bq/g", "U-238")):
        ppm = impact("radioactivity", name, "threshold").typical("ppm")
        assert ppm == pytest.approx(1e6 / specific_activity(series), rel=3e-3)
    clay = 20e-6 * (specific_activity("Th-232") + specific_activity("U-238"))
    scope = "ionic-clay oxide or carbonate, Th and U about 20 ppm each"
    said = impact("radioactivity", "activity", scope).typical("Bq/g")
    assert said == pytest.approx(clay, abs=0.04)


@pytest.mark.parametrize(
    ("name", "thorium", "uranium"),
    [
        ("XEN_LAHAT", 28.4, 61.7),
        ("MON_CAPEL", 223.1, 30.9),
        ("IAC_XINFENG", 0.081, 0.247),
        ("BAST_BAYAN", 7.30, 0.123),
    ],
)
def test_activity_of_a_feed(name: str, thorium: float, uranium: float) -> None:
    found = feed(name).activity()
    assert found == pytest.approx({"U-238": uranium, "Th-232": thorium}, rel=5e-3)


def test_the_gate_turns_minerals_away_and_takes_clays() -> None:
    assert gate() == 1.0
    over = {
        it.name
        for it in feeds()
        if any(value is not None and value > gate() for value in it.activity().values())
    }
    assert over == {"XEN_LAHAT", "MON_CAPEL", "MON_BRAZIL", "MON_WELD_CLD", "BAST_BAYAN"}


def test_activity_without_analysis_is_unknown_not_zero() -> None:
    for name in ("XEN_GUANGDONG", "MON_NANGANG", "MON_XEN_DONALD", "CONCENTRATE_REF"):
        assert feed(name).activity() == {"U-238": None, "Th-232": None}


# --- the feeds of the closing case


def test_reference_concentrate_is_xinfeng_after_its_cuts() -> None:
    basket = feed("IAC_XINFENG").shares
    kept = {
        it: share * (0.0 if it in ("La", "Ce", "Y") else 0.06 if it in ("Pr", "Nd") else 1.0)
        for it, share in basket.items()
    }
    total = math.fsum(kept.values())
    found = feed("CONCENTRATE_REF")
    assert dict(found.shares) == pytest.approx(
        {it: share / total for it, share in kept.items()}, abs=6e-5
    )
    assert (found.basis, found.confidence) == ("derived", "low")
    assert "La, Ce and Y" in found.notes and "94 %" in found.notes


def test_reference_feeds_close_the_announced_outputs() -> None:
    """5,000 t of concentrate and 2,000 t of magnets, 94 % recovered, in t of oxide a year."""
    concentrate, magnets = feed("CONCENTRATE_REF"), feed("MAG_CLOSING_REF")
    assert concentrate.treo is not None
    assert 5000 * concentrate.treo == pytest.approx(2450)
    out = {
        it: 0.94
        * (2450 * concentrate.shares[it] + 2000 * magnets.metals.get(it, 0.0) * metal_to_oxide(it))
        for it in RARE_EARTHS
    }
    whole = {"Nd": 633, "Pr": 157, "Dy": 524, "Tb": 75, "Sm": 481, "Eu": 96, "Gd": 487, "Er": 216}
    assert {it: out[it] for it in whole} == pytest.approx(whole, abs=0.6)
    magnet_oxides = sum(2000 * mass * metal_to_oxide(it) for it, mass in magnets.metals.items())
    assert magnet_oxides == pytest.approx(698.5, abs=0.1)
    assert magnets.metals == feed("MAG_MIX_REF").metals


# --- messages


def test_unknown_feed_says_the_nearest() -> None:
    fault = fault_of(feed, "XEN_LAHATT")
    assert (fault.read, fault.nearest) == ('"XEN_LAHATT"', "XEN_LAHAT")
    assert "CONCENTRATE_REF" in fault.expected and "ytterby list feeds" in fault.next


def test_feeds_cannot_be_changed() -> None:
    found = feed("XEN_LAHAT")
    with pytest.raises(TypeError):
        found.shares["Y"] = 0.0  # type: ignore[index]
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.treo = 0.5  # type: ignore[misc]
