"""What a solved circuit reports: streams, recoveries, reagents, range and sources."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from circuits import closely, extraction, samarium_gadolinium, with_inlet
from ytterby.circuit.circuit import Circuit
from ytterby.circuit.solve import solve_circuit
from ytterby.datasets import parameter_set
from ytterby.errors import CaseError
from ytterby.sources import source

CIRCUIT = samarium_gadolinium()


def test_streams_are_cells_of_the_profiles() -> None:
    solved = solve_circuit(CIRCUIT)
    found, profiles = solved.streams, solved.profiles
    assert list(found) == [
        *("feed", "scrub acid", "strip acid"),
        *("raffinate", "strip liquor"),
        *("loaded organic", "extract", "stripped organic"),
    ]
    assert solved.inlets == ("feed", "scrub acid", "strip acid")
    assert solved.outlets == ("raffinate", "strip liquor")
    places = {"raffinate": (0, 1.1), "strip liquor": (11, 0.2)}
    for name, (stage, flow) in places.items():
        assert found[name].phase == "aqueous" and found[name].flow == pytest.approx(flow)
        assert found[name].acid == profiles.acid[stage]
        cells = profiles.aqueous[stage]
        assert list(found[name].metals.values()) == closely(cells.tolist(), rel=1e-14)
    for name, stage in {"loaded organic": 5, "extract": 10, "stripped organic": 15}.items():
        assert found[name].phase == "organic" and found[name].flow == closely(1.5, rel=1e-14)
        assert found[name].acid is None
        assert tuple(found[name].metals) == CIRCUIT.elements
        cells = profiles.organic[stage]
        assert list(found[name].metals.values()) == closely(cells.tolist(), rel=1e-14)


def test_an_open_circuit_gives_its_organic_away() -> None:
    solved = solve_circuit(samarium_gadolinium(closed=False))
    assert solved.outlets == ("raffinate", "strip liquor", "stripped organic")


def test_recovery_is_the_share_of_the_feed() -> None:
    solved = solve_circuit(CIRCUIT)
    raffinate = solved.streams["raffinate"]
    expected = 1.1 * raffinate.metals["Sm"] / (1.0 * 90.0)
    assert solved.recovery("Sm", "raffinate") == pytest.approx(expected)
    assert solved.recovery("Nd", "raffinate") > 0.999 > 0.001 > solved.recovery("Gd", "raffinate")
    assert np.isnan(solved.recovery("Dy", "raffinate"))


def test_reagents_are_what_the_circuit_says() -> None:
    consumption = solve_circuit(CIRCUIT).consumption
    assert consumption.base == pytest.approx(1.5 * 1000.0 * 0.3)
    assert consumption.scrub_acid == pytest.approx(0.1 * 1500.0)
    assert consumption.strip_acid == pytest.approx(0.2 * 4000.0)
    assert (consumption.base_reagent, consumption.acid_reagent) == ("NaOH", "HCl")


def test_leaving_the_range_of_the_constants_is_reported_by_section() -> None:
    solved = solve_circuit(CIRCUIT)
    limits = parameter_set(CIRCUIT.equilibrium).valid["acid"].canonical
    (acid,) = [out for out in solved.out_of_range if out.quantity == "acid"]
    assert (acid.section, acid.unit) == ("strip", "mol/m3")
    assert acid.valid == limits == (10.0, 2000.0)
    assert acid.reached == (solved.profiles.acid[11:].min(), solved.profiles.acid[11:].max())
    assert not [out for out in solved.out_of_range if out.quantity == "temperature"]


def test_another_temperature_is_reported_and_not_computed() -> None:
    warm = solve_circuit(replace(CIRCUIT, temperature=318.15))
    reports = [out for out in warm.out_of_range if out.quantity == "temperature"]
    assert [out.section for out in reports] == ["extraction", "scrub", "strip"]
    assert reports[0].reached == (318.15, 318.15) and reports[0].unit == "K"
    assert np.array_equal(warm.profiles.aqueous, solve_circuit(CIRCUIT).profiles.aqueous)


def test_results_carry_their_sources_and_weakest_basis() -> None:
    """The constants but Nd rest on factors that were recalled."""
    solved = solve_circuit(CIRCUIT)
    assert {"LI80", "LI87", "T21", "PERIODICTABLE"} == set(solved.sources)
    assert all(source(key).key == key for key in solved.sources)
    assert solved.weakest_basis == "recalled"


def test_ph_is_on_the_concentration_scale() -> None:
    profiles = solve_circuit(CIRCUIT).profiles
    assert profiles.ph == pytest.approx(-np.log10(profiles.acid / 1000.0))
    assert 0.5 < profiles.ph[0] < 2.0


def unnamed_twice() -> Circuit:
    return replace(
        CIRCUIT,
        sections=(
            extraction(6, 1.0, 20.0, CIRCUIT.sections[0].inlet.concentrations),
            *(
                replace(section, inlet=replace(section.inlet, name="feed"))
                for section in CIRCUIT.sections[1:]
            ),
        ),
    )


def test_liquors_of_one_name_are_refused() -> None:
    with pytest.raises(CaseError, match="two streams named feed"):
        unnamed_twice()


def test_solving_twice_gives_the_same_numbers() -> None:
    first, second = solve_circuit(CIRCUIT), solve_circuit(with_inlet(CIRCUIT, 0, acid=20.0))
    assert np.array_equal(first.profiles.aqueous, second.profiles.aqueous)
    assert first.steps == second.steps < 15


def test_a_term_without_a_number_for_an_element_says_so() -> None:
    """D2EHPA has enthalpies for five elements: the others keep their constants, and the result says it."""
    circuit = replace(
        samarium_gadolinium(),
        equilibrium="D2EHPA-HCl-v0",
        terms=("temperature",),
        temperature=303.15,
    )
    assert solve_circuit(circuit).assumptions == (
        "temperature: none for Nd, Sm, D2EHPA-HCl-v0 has no number",
    )
