"""The figure of a circuit as a plain value: what is drawn, in which unit and order, what is left out."""

from __future__ import annotations

import math

import numpy as np
import pytest

from circuits import ideal_profiles
from ytterby.circuit import Circuit, Inlet, Organic, Section, Verdict
from ytterby.circuit.solved import Consumption, SolvedCircuit
from ytterby.report.figures import DEEPEST, Band, Figure, profile_figure

ELEMENTS = ("Y", "Tb", "Ho", "Er")  # by atomic number


@pytest.fixture
def solved() -> SolvedCircuit:
    """Three stages; Tb falls to a ten-thousand-millionth of the largest concentration."""
    liquor = Inlet("feed", 1.0, 10.0, dict.fromkeys(ELEMENTS, 1.0))
    sections = (
        Section("extraction", 2, liquor),
        Section("strip", 1, Inlet("strip acid", 1.0, 1.0, {})),
    )
    aqueous = np.full((3, 4), 100.0)
    aqueous[:, 1] = [500.0, 1e-6, 500.0 * DEEPEST * 0.99]
    return SolvedCircuit(
        circuit=Circuit(
            "cut", "P507-HCl-v0", ELEMENTS, Organic(1.0, 1000.0, 0.3, "NaOH", True), sections
        ),
        verdict=Verdict.SOLVED,
        profiles=ideal_profiles(
            aqueous=aqueous,
            organic=2.0 * aqueous,
            acid=[1.0, 100.0, 1000.0],
            free_dimer=np.full(3, 400.0),
            aqueous_volume=np.ones(3),
            organic_volume=1.0,
        ),
        streams={},
        inlets=(),
        outlets=(),
        consumption=Consumption(0.0, "NaOH", 0.0, 0.0, "HCl"),
        closure={},
        steps=1,
        out_of_range=(),
        sources=("LI80", "T21"),
        weakest_basis="recalled",
    )


@pytest.fixture
def figure(solved: SolvedCircuit) -> Figure:
    return profile_figure(solved)


def test_three_panels_over_the_stages(figure: Figure) -> None:
    assert [panel.label for panel in figure.panels] == ["aqueous, mol/L", "organic, mol/L", "pH"]
    assert [panel.logarithmic for panel in figure.panels] == [True, True, False]
    assert figure.x == (1.0, 2.0, 3.0)
    assert figure.name == "cut-profile"
    assert all(len(line.values) == 3 for panel in figure.panels for line in panel.series)


def test_elements_in_extraction_order(figure: Figure) -> None:
    for panel in figure.panels[:2]:
        assert [series.name for series in panel.series] == ["Tb", "Ho", "Y", "Er"]
        assert panel.ordered


def test_values_are_mol_per_litre_of_their_element(figure: Figure) -> None:
    terbium = figure.panels[0].series[0]
    assert terbium.values[:2] == pytest.approx((0.5, 1e-9))
    assert figure.panels[0].series[2].values == pytest.approx((0.1, 0.1, 0.1))  # Y
    assert figure.panels[1].series[0].values[0] == pytest.approx(1.0)
    assert figure.panels[2].series[0].values == pytest.approx((3.0, 1.0, 0.0))


def test_what_is_too_low_is_a_gap_and_not_a_number(figure: Figure) -> None:
    aqueous, organic, _ = figure.panels
    assert [math.isnan(value) for value in aqueous.series[0].values] == [False, False, True]
    assert math.isnan(organic.series[0].values[2])
    assert not any(math.isnan(value) for series in aqueous.series[1:] for value in series.values)


def test_sections_are_bands_side_by_side(figure: Figure) -> None:
    assert figure.bands == (Band("extraction", 0.5, 2.5), Band("strip", 2.5, 3.5))


def test_caption_says_what_it_rests_on(figure: Figure) -> None:
    assert figure.caption == "Weakest basis: recalled."
    assert figure.sources == ("LI80", "T21")
    assert figure.title == "Stage profiles of cut (P507-HCl-v0)"


def test_nothing_is_drawn_where_nothing_is(solved: SolvedCircuit) -> None:
    solved.profiles.organic[:] = 0.0
    for series in profile_figure(solved).panels[1].series:
        assert all(math.isnan(value) for value in series.values)
