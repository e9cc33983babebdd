"""Feeds as streams: species by form, the rest by assumption, faults told."""

from __future__ import annotations

import pytest

from circuits import closely
from ytterby.datasets.feeds import feed, feeds
from ytterby.errors import CaseError, DataError
from ytterby.materials import species
from ytterby.unitops import assay, catalogue_assay, feed_flow


def weight(amounts) -> float:  # type: ignore[no-untyped-def]
    return sum(amount * species(name).molar_mass for name, amount in amounts.items())


@pytest.mark.parametrize("name", [it.name for it in feeds()])
def test_every_feed_of_known_composition_weighs_what_it_is(name: str) -> None:
    try:
        found = catalogue_assay(feed(name))
    except (DataError, CaseError) as error:
        assert error.faults
        return
    assert weight(found.amounts) == closely(1.0, 2e-6)
    composition = feed(name).composition()
    flow = found.flow(1.0, 1.0)
    for symbol, share in composition.items():
        if symbol not in ("O", "C") or feed(name).form in ("metal", "swarf"):
            mass = flow.of(symbol) * species(symbol).molar_mass / 1000.0
            assert mass == pytest.approx(share, abs=1e-9) or symbol in ("Si", "O")


def test_most_feeds_of_the_catalogue_can_be_used() -> None:
    usable = 0
    for it in feeds():
        try:
            catalogue_assay(it)
        except (DataError, CaseError):
            continue
        usable += 1
    assert usable >= 20


def test_tonnes_a_year_are_moles_an_hour() -> None:
    flow = feed_flow({"Nd": 0.5}, "oxide", 8000.0, 8000.0)
    assert flow.mass() == closely(1000.0, 1e-12)
    assert flow.of("Nd") * species("Nd").molar_mass == closely(500.0, 1e-12)


def test_the_rest_of_a_carbonate_is_water_and_of_an_oxide_inert() -> None:
    carbonate, oxide = assay({"Nd": 0.3}, "carbonate"), assay({"Nd": 0.3}, "oxide")
    assert set(carbonate.amounts) == {"Nd2(CO3)3", "H2O"}
    assert set(oxide.amounts) == {"Nd2O3", "SiO2"}
    assert "not analysed" in carbonate.notes[0]
    assert "inert" in oxide.notes[0]


def test_impurities_of_a_carbonate_take_their_forms() -> None:
    shares = {"Nd": 0.3, "Ca": 0.01, "Fe": 0.01, "Al": 0.01, "U": 1e-5, "Th": 1e-5, "Na": 0.001}
    found = assay(shares, "carbonate").amounts
    assert {"CaCO3", "Fe(OH)3", "Al(OH)3", "UO2(OH)2", "Th(OH)4", "Na2CO3"} < set(found)
    assert "UO3" in assay(shares, "oxide").amounts


def test_oxygen_of_a_magnet_stands_on_neodymium_and_the_analysis_is_kept() -> None:
    found = assay({"Nd": 0.30, "Fe": 0.65, "O": 0.01}, "metal").amounts
    assert found["Nd2O3"] == closely(0.01 / species("O").molar_mass / 3.0, 1e-12)
    assert found["Nd"] + 2.0 * found["Nd2O3"] == closely(0.30 / species("Nd").molar_mass, 1e-12)


def test_fluorine_stands_on_calcium_or_is_refused() -> None:
    shares = {"Nd": 0.3, "Ca": 0.05, "F": 0.02}
    assert assay(shares, "mineral").amounts["CaF2"] == closely(0.02 / 0.018998403 / 2.0, 1e-6)
    with pytest.raises(CaseError, match="fluorine that calcium holds"):
        assay({"Nd": 0.3, "F": 0.05}, "mineral")


def test_moisture_is_of_the_gross_mass() -> None:
    found = assay({"Nd": 0.5}, "oxide", moisture=0.2)
    assert weight(found.amounts) == closely(1.0, 1e-12)
    assert found.amounts["H2O"] * species("H2O").molar_mass == closely(0.2, 1e-12)
    assert 2.0 * found.amounts["Nd2O3"] * species("Nd").molar_mass == closely(0.4, 1e-12)


@pytest.mark.parametrize(
    ("shares", "form", "told"),
    [
        ({"Nd": 0.9, "Fe": 0.2}, "metal", "110 %"),
        ({"Nd": 0.95}, "oxide", "100 % or less"),
        ({"Fe": 0.5}, "metal", "no rare earth"),
        ({"Nd": 0.3, "Xx": 0.1}, "metal", "feed, Xx"),
        ({"Nd": -0.3, "Dy": 0.1}, "metal", "feed, Nd"),
        ({"Nd": 0.3}, "carbonat", "carbonate"),
        ({"Nd": 0.1, "O": 0.5}, "metal", "feed, O"),
    ],
)
def test_what_cannot_be_is_refused(shares, form, told) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(CaseError, match=told):
        assay(shares, form)


def test_gaps_of_the_catalogue_are_told() -> None:
    notes = catalogue_assay(feed("CONCENTRATE_REF")).notes
    assert any("no figures for" in note and "U" in note for note in notes)
