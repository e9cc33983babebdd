"""Parameters of processes: complete, stoichiometry from atomic weights, units, and what is not known."""

from __future__ import annotations

import math

import pytest
from periodictable.formulas import formula

from ytterby.datasets import cited, table
from ytterby.datasets.process import (
    Parameter,
    downstream_parameter,
    downstream_parameters,
    impact,
    impacts,
    parameter,
    parameters,
)
from ytterby.errors import DataError

FARADAY = 96485.33212
"""[C/mol]"""


def fault_of(call, *arguments, **named):
    with pytest.raises(DataError) as caught:
        call(*arguments, **named)
    (fault,) = caught.value.faults
    return fault


# Rows, then how many have low, value, high, and what these add up to: as in the compilation, corrections
# of data/*/README.md and the half-lives and abundances of two isotopes apart.
CONTENTS = {
    "unit_operations": (118, (98, 108, 94), (110005356.8635, 110005776.022, 110026908.558)),
    "downstream": (93, (86, 78, 78), (110063115.84, 110062283.72, 110063511.84)),
    "impacts": (40, (29, 24, 28), (162503348.785, 18520502326.9392, 221505108.485)),
}


@pytest.mark.parametrize("topic", CONTENTS)
def test_no_cell_was_lost(topic: str) -> None:
    rows = table(topic)
    columns = ("low", "value", "high")
    filled = tuple(sum(column in row.values for row in rows) for column in columns)
    sums = [math.fsum(row.values.get(column, 0.0) for row in rows) for column in columns]
    assert (len(rows), filled) == CONTENTS[topic][:2]
    assert sums == pytest.approx(CONTENTS[topic][2], rel=1e-13)


def everything() -> tuple[Parameter, ...]:
    return (*parameters(), *downstream_parameters(), *impacts())


def test_a_parameter_has_numbers_or_words_or_is_a_gap() -> None:
    for it in everything():
        numbers = [number for number in (it.low, it.value, it.high) if number is not None]
        assert bool(numbers) + bool(it.text) + (it.basis == "gap") == 1, it.place
        assert all(math.isfinite(number) for number in numbers)
        assert it.rests_on or it.basis != "derived"


def test_ranges_run_upwards_around_the_usual_value() -> None:
    """One row holds three impacts in its three cells, and says so."""
    for it in everything():
        ends = [number for number in (it.low, it.value, it.high) if number is not None]
        assert ends == sorted(ends), it.place


@pytest.mark.parametrize("unit", sorted({it.unit for it in everything()}))
def test_every_unit_is_read_by_pint(unit: str) -> None:
    (first, *_) = [it for it in everything() if it.unit == unit]
    found = first.to("dimensionless" if unit in ("1", "%", "ppm", "kg/kg", "t/t") else unit)
    for before, after in zip((first.low, first.high), (found.low, found.high), strict=True):
        assert (before is None) == (after is None)


# --- stoichiometry: mass of what is used or made per mass of what it is counted for

OXIDE = "Nd2O3"
MAGNET = "Nd2Fe14B"
ACID, NITRIC = "selective_HCl_leach", "selective_HNO3_leach"
SX, CARBONATE = "solvent_extraction", "carbonate_precipitation"
STOICHIOMETRY = {
    (ACID, "HCl_stoich_Nd2O3"): (6, "HCl", 1, OXIDE),
    (ACID, "HCl_stoich_Dy2O3"): (6, "HCl", 1, "Dy2O3"),
    (ACID, "HCl_stoich_Y2O3"): (6, "HCl", 1, "Y2O3"),
    (NITRIC, "HNO3_stoich_Nd2O3"): (6, "HNO3", 1, OXIDE),
    ("full_dissolution", "HCl_stoich_whole_magnet"): (34, "HCl", 1, MAGNET),
    ("full_dissolution", "hydrogen_evolved"): (17, "H2", 1, MAGNET),
    (SX, "base_per_equivalent_cut_NH3"): (6, "NH3", 1, OXIDE),
    (SX, "base_per_equivalent_cut_NaOH"): (6, "NaOH", 1, OXIDE),
    (SX, "salt_per_equivalent_cut_NaCl"): (6, "NaCl", 1, OXIDE),
    ("oxalate_precipitation", "oxalic_acid_stoich_Nd2O3"): (3, "C2H6O6", 1, OXIDE),
    (CARBONATE, "NH4HCO3_stoich_Nd2O3"): (6, "NH5CO3", 1, OXIDE),
    (CARBONATE, "Na2CO3_stoich_Nd2O3"): (3, "Na2CO3", 1, OXIDE),
    ("calcination", "CO2_oxalate"): (6, "CO2", 1, OXIDE),
    ("calcination", "CO2_carbonate"): (3, "CO2", 1, OXIDE),
    ("NH4NO3_crystallisation", "NH4NO3_per_acid_used"): (1, "NH4NO3", 1, "HNO3"),
}
DOWNSTREAM = {
    ("calciothermic_reduction", "Ca_stoich"): (3, "Ca", 2, "Dy"),
    ("calciothermic_reduction", "CaF2_slag"): (3, "CaF2", 2, "Dy"),
    ("calciothermic_reduction", "HF_stoich"): (6, "HF", 1, "Dy2O3"),
}


def weight(compound: str) -> float:
    """[g/mol], from the library of weights."""
    return float(formula(compound).mass)


@pytest.mark.parametrize(("step", "name"), [*STOICHIOMETRY, *DOWNSTREAM])
def test_doses_follow_from_atomic_weights(step: str, name: str) -> None:
    """Within half of the last digit given; chlorine of 35.45 or 35.453 g/mol moves a tenth of it."""
    downstream = (step, name) in DOWNSTREAM
    found = (downstream_parameter if downstream else parameter)(step, name)
    moles, compound, per_moles, per = (DOWNSTREAM if downstream else STOICHIOMETRY)[step, name]
    expected = moles * weight(compound) / (per_moles * weight(per))
    given = found.typical("kg/kg")
    half = 0.6 * 10.0 ** -len(f"{given}".partition(".")[2])
    assert given == pytest.approx(expected, rel=0, abs=half)
    assert found.low is not None and found.high is not None
    assert found.low - half <= expected <= found.high + half
    assert (found.basis, found.source) == ("derived", "DERIVED")
    assert "PERIODICTABLE" in found.rests_on


def test_carbon_dioxide_of_carbonates_runs_from_dysprosium_to_yttrium() -> None:
    found = parameter("carbonate_dissolution", "CO2_released")
    ends = [3 * weight("CO2") / weight(oxide) for oxide in ("Dy2O3", "Nd2O3", "Y2O3")]
    assert [found.low, found.value, found.high] == pytest.approx(ends, abs=3e-3)


def test_oxidised_magnet_gains_its_oxygen() -> None:
    found = parameter("oxidative_roast", "mass_gain_full_oxidation")
    oxides = weight("Nd2O3") + 7 * weight("Fe2O3") + 0.5 * weight("B2O3")
    gain = oxides / weight(MAGNET) - 1
    assert gain == pytest.approx(0.377, abs=5e-4) and "gives 37.7" in found.conditions
    assert found.to("dimensionless").high == pytest.approx(0.38)


def test_hydrogen_uptake_is_three_to_five_atoms() -> None:
    found = parameter("hydrogen_decrepitation_HPMS", "hydrogen_uptake")
    atoms = [100 * count * weight("H") / weight(MAGNET) for count in (3, 5)]
    assert [found.low, found.high] == pytest.approx(atoms, abs=5e-3)


def test_boric_acid_and_iron_oxide_of_a_magnet() -> None:
    acid = parameter("boron", "boric_acid_potential")
    per_boron = weight("H3BO3") / weight("B")
    assert acid.typical("kg/kg") == pytest.approx(0.0095 * per_boron, abs=5e-4)
    assert weight("Fe2O3") / (2 * weight("Fe")) == pytest.approx(1.43, abs=5e-3)
    assert "x 1.43" in parameter("selective_leach", "iron_residue").notes


def test_charge_of_electrolysis_is_three_faradays() -> None:
    found = downstream_parameter("molten_fluoride_electrolysis", "charge")
    for metal, said in {"Nd": 557.4, "Pr": 570.6, "Dy": 494.8, "Tb": 505.9, "La": 578.8}.items():
        assert 3 * FARADAY / 3.6 / weight(metal) == pytest.approx(said, abs=0.06)
        assert f"{said}" in found.conditions or found.value == said


def test_energy_of_electrolysis_is_voltage_times_charge() -> None:
    """9.5 V at 75 %: 7.1 kWh/kg."""
    step = "molten_fluoride_electrolysis"
    charge = downstream_parameter(step, "charge").typical("A*h/kg")
    volts = downstream_parameter(step, "cell_voltage").typical("V")
    efficiency = downstream_parameter(step, "current_efficiency").typical("1")
    assert (volts, efficiency) == pytest.approx((9.5, 0.75))
    assert volts * charge / efficiency / 1000 == pytest.approx(7.06, abs=0.01)


def test_bifluoride_dose_is_that_of_six_moles() -> None:
    found = downstream_parameter("calciothermic_reduction", "HF_stoich")
    six = 6 * weight("NH5F2") / weight("Dy2O3")
    assert six == pytest.approx(0.918, abs=5e-4)
    assert "0.918 kg/kg at 6 mol" in found.conditions


# --- units


def test_to_converts_every_number_it_has() -> None:
    found = parameter("oxidative_roast", "temperature").to("K")
    assert (found.low, found.value, found.high) == pytest.approx((873.15, 1073.15, 1223.15))
    found = parameter("ZLD", "MVR_electricity").to("J/kg")
    assert found.value == pytest.approx(30 * 3.6e6 / 1000)
    grind = parameter("crushing_milling", "target_size_leach").to("mm")
    assert (grind.low, grind.value, grind.high) == (pytest.approx(0.074), None, None)


def test_money_is_not_converted_into_other_money() -> None:
    found = parameter("ZLD", "capex_reference")
    assert found.typical("USD") == 110e6
    assert found.unit == "USD"
    fault = fault_of(found.to, "EUR")
    assert "USD" in fault.read and fault.where == "ZLD, any, capex_reference"


@pytest.mark.parametrize("unit", ["kWh", "parsecs per fortnigt", "Bq/g"])
def test_another_dimension_is_refused(unit: str) -> None:
    assert fault_of(parameter("oxidative_roast", "temperature").to, unit).expected == f'"{unit}"'


def test_a_range_is_no_usual_value() -> None:
    fault = fault_of(downstream_parameter("machining", "grinding_yield").typical, "%")
    assert fault.read == "no usual value, only 85 to 95 %"
    assert "of your own" in fault.next
    fault = fault_of(parameter("uranium_IX", "resin").typical, "1")
    assert "anion resin" in fault.read
    assert (
        fault_of(impact("acidification", "acidification potential").typical, "1").read == "nothing"
    )


# --- finding one


def test_a_step_gives_its_parameters_in_order() -> None:
    names = [it.name for it in parameters("demagnetisation")]
    assert names == ["temperature", "residence_time", "energy", "mass_yield"]
    assert {it.step for it in downstream_parameters("sintering")} == {"sintering"}
    assert {it.step for it in impacts("radioactivity")} == {"radioactivity"}


def test_scope_is_asked_for_where_several_have_the_name() -> None:
    fault = fault_of(downstream_parameter, "magnet_grade", "NdPr_content")
    assert fault.read == "no scope" and fault.expected == "one of: N, M, H, SH, UH, EH, AH"
    found = downstream_parameter("magnet_grade", "NdPr_content", "SH")
    assert (found.low, found.value, found.high) == (26.93, 28.1, 30.8)


@pytest.mark.parametrize(
    ("call", "arguments", "where", "nearest"),
    [
        (parameters, ("oxidativ_roast",), "unit_operations, step", "oxidative_roast"),
        (parameter, ("ZLD", "MVR"), "unit_operations, ZLD, parameter", ""),
        (
            parameter,
            ("oxidative_roast", "temprature"),
            "unit_operations, oxidative_roast, parameter",
            "temperature",
        ),
        (
            downstream_parameter,
            ("magnet_grade", "NdPr_content", "SHH"),
            "downstream, magnet_grade, NdPr_content, scope",
            "SH",
        ),
        (impact, ("virgin NdFeB", "gwp"), "impacts, virgin NdFeB, parameter", "GWP"),
    ],
)
def test_unknown_names_say_the_nearest(call, arguments, where: str, nearest: str) -> None:
    fault = fault_of(call, *arguments)
    assert (fault.where, fault.nearest) == (where, nearest)
    assert "ytterby list" in fault.next


def test_further_sources_are_cited_too() -> None:
    found = parameter("demagnetisation", "temperature")
    assert (found.source, found.also) == ("BELFQUEH23", ("CHINAMAGNET18",))
    assert cited([found]) == ("BELFQUEH23", "CHINAMAGNET18")
