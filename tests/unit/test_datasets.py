"""Shipped tables and parameter sets, and every reason to refuse one."""

import dataclasses
import math
from importlib.resources import files

import pytest

from ytterby import datasets
from ytterby.datasets import (
    cited,
    extractant,
    extractants,
    parameter_set,
    parameter_sets,
    read_parameter_set,
    read_rows,
    table,
    tables,
    weakest_basis,
)
from ytterby.elements import RARE_EARTHS
from ytterby.errors import DataError

FRONT = """\
# title = "Factors of a test"
# source = "LI80"
# kind = "measured"
# transcribed = { by = "a test", date = 2026-11-21 }
# [units]
# separation_factor = "1"
# [common]
# extractant = "P507"
# medium = "chloride"
"""
HEADER = "heavy,light,separation_factor,basis,rests_on,confidence,note\n"
ROWS = "Nd,Pr,1.55,recalled,,high,\nDy,Tb,2.82,derived,LI80;T21,medium,\n"
GOOD = FRONT + HEADER + ROWS

SET = """\
name = "P507-test"
model = "mass_action"
extractant = "P507"
medium = "chloride"
title = "A test"
description = "Two elements"
status = "ready"
[units]
log10_kex = "log10 (mol/L basis)"
order_acid = "1"
enthalpy = "kJ/mol"
[defaults]
order_acid = 3
[valid]
acid = { low = 0.01, high = 2.0, unit = "mol/L" }
ph = { low = 1, high = 2, unit = "1" }
[[constant]]
element = "Nd"
log10_kex = -2.15
uncertainty = 0.1
basis = "derived"
confidence = "high"
source = "DERIVED"
rests_on = ["T21", "LI87"]
[[constant]]
element = "Ca"
log10_kex = -3.0
basis = "assumed"
confidence = "low"
source = "Q18"
order_acid = 2
note = "uncertainty not known"
[general.dosage]
value = 5
unit = "% v/v"
basis = "read"
confidence = "medium"
source = "PROMMIS"
[[term.temperature]]
element = "Nd"
enthalpy = -12.5
uncertainty = 1.0
basis = "read"
confidence = "medium"
source = "X95"
"""


def refused(read, path, *more):
    with pytest.raises(DataError) as caught:
        read(path, *more)
    return caught.value.faults


def refused_table(tmp_path, text, name="LI80.csv"):
    path = tmp_path / name
    path.write_text(text)
    return refused(read_rows, path, "separation_factors")


def refused_set(tmp_path, text):
    path = tmp_path / "P507-test.toml"
    path.write_text(text)
    return refused(read_parameter_set, path)


# --- what is shipped

# Rows of the compilation that the shipped tables were transcribed from.
EXPECTED_ROWS = {
    "isotherms": 317,
    "separation_factors": 118,
    "extraction_constants": 147,
    "physical": 110,
    "costs": 26,
    "oxide_prices": 12,
    "log_d_lines": 47,
    "pitzer_chloride": 8,
    "speciation": 613,
    "hydroxides": 207,
    "sit_coefficients": 106,
    "d2ehpa_temperature": 5,
    "feeds": 35,
    "unit_operations": 118,
    "downstream": 93,
    "products": 222,
    "impacts": 40,
    "partial_volumes": 40,
    "emission_factors": 23,
    "chain_elements": 15,
    "chain_materials": 35,
    "chain_recipes": 126,
    "chain_leads": 7,
    "chain_events": 6,
    "chain_times": 15,
    "logistics": 47,
    "magnet_demand": 73,
    "production": 404,
    "market_prices": 230,
    "magnet_exports": 16,
    "trade": 9590,
    "project_history": 40,
    "base_rates": 20,
    "evidence_weights": 7,
    "ramps": 7,
    "actor_chains": 33,
    "facilities": 126,
    "chain_lines": 171,
    "stage_totals": 17,
    "chain_evidence": 284,
    "contracts": 54,
    "policy_events": 53,
    "price_premiums": 7,
    "benchmarks": 8,
    "regions": 27,
    "contract_quantities": 5,
    "plant_recipes": 1,
    "unit_values": 3,
}


@pytest.mark.parametrize("topic", tables())
def test_every_table_is_complete_and_sound(topic):
    rows = table(topic)
    assert len(rows) == EXPECTED_ROWS[topic]
    for row in rows:
        assert all(row.units[column] for column in row.values)
        assert row.rests_on or row.basis != "derived"
        assert row.file.topic == topic


def test_every_data_folder_has_a_readme():
    data = files("ytterby") / "data"
    for topic in (*tables(), "equilibrium"):
        assert "icence" in (data / topic / "README.md").read_text(encoding="utf-8")
    assert "## Licence" in (data / "README.md").read_text(encoding="utf-8")


def test_a_row_says_value_unit_basis_and_source():
    (row,) = (
        row
        for row in table("separation_factors")
        if row.source == "LI80" and (row.labels["heavy"], row.labels["light"]) == ("Nd", "Pr")
    )
    assert row.values["separation_factor"] == 1.55
    assert row.units["separation_factor"] == "1"
    assert (row.basis, row.confidence, row.rests_on) == ("recalled", "high", ())
    assert row.labels["extractant"] == "P507"
    assert row.file.kind == "measured"
    assert row.file.transcribed == "ytterby data team 2026-11-21"


def test_units_may_stand_in_the_row():
    (row,) = (
        row
        for row in table("physical")
        if row.source == "Q18"
        and (row.labels["item"], row.labels["property"]) == ("P507", "density")
    )
    assert (row.values["value"], row.units["value"]) == (0.95, "kg/L")


def test_gaps_are_kept_without_a_number():
    gaps = [row for topic in tables() for row in table(topic) if row.basis == "gap"]
    assert len(gaps) == 26
    assert all(not row.values for row in gaps)


def test_wrong_database_entries_stay_flagged():
    flagged = {
        row.labels["species"]
        for row in table("speciation")
        if row.labels["quality_flag"] == "error_in_source"
    }
    assert flagged == {"CeSO4+", "PrSO4+", "GdSO4+", "Nd(SO4)2-"}


def test_single_contacts_close_their_own_balance():
    for row in table("isotherms"):
        value = row.values
        if {"aq_feed", "aq_eq", "org_eq", "oa_ratio"} <= value.keys():
            out = value["aq_eq"] + value["org_eq"] * value["oa_ratio"]
            assert out == pytest.approx(value["aq_feed"], rel=0.01), row.labels


def test_unknown_topic_says_the_nearest():
    (fault,) = refused(table, "isotherm")
    assert fault.nearest == "isotherms"


# --- parameter sets

KEX = "log10 (mol/L basis)"
# Model, extractant, medium, number of constants, weakest basis of the constants.
SETS = {
    "Cyanex272-HCl-v0": ("mass_action", "Cyanex272", "chloride", 10, "derived"),
    "D2EHPA-HCl-v0": ("mass_action", "D2EHPA", "chloride", 15, "derived"),
    "D2EHPA-TBP-H2SO4-KEIM19": ("log_d_lines", "D2EHPA", "sulfate", 12, "derived"),
    "Naphthenic-HCl-Z16": ("separation_factors", "naphthenic", "chloride", 15, "derived"),
    "P507-HCl-v0": ("mass_action", "P507", "chloride", 15, "recalled"),
    "P507-HNO3-T21": ("mass_action", "P507", "nitrate", 10, "derived"),
    "P507-HNO3-extended": ("mass_action", "P507", "nitrate", 15, "assumed"),
    "TBP-HNO3-K05": ("solvation", "TBP", "nitrate", 10, "derived"),
}


def rows_of(topic, **labels):
    return [
        row
        for row in table(topic)
        if all(
            (row.source if name == "source" else row.labels.get(name)) == label
            for name, label in labels.items()
        )
    ]


def by_element(topic, column, **labels):
    return {
        row.labels["element"]: row.values[column]
        for row in rows_of(topic, **labels)
        if column in row.values
    }


def numbers(rows, column):
    return {row.element: row.numbers[column] for row in rows.values() if column in row.numbers}


def test_parameter_sets_lists_all():
    assert {
        found.name: (
            *(found.model, found.extractant, found.medium, len(found.constants)),
            weakest_basis(found.constants.values()),
        )
        for found in parameter_sets()
    } == SETS
    assert all(found.runnable for found in parameter_sets())


@pytest.mark.parametrize("name", SETS)
def test_every_number_of_a_set_says_what_it_rests_on(name):
    found = parameter_set(name)
    assert len(found.rows) > len(found.constants) or not (found.general or found.terms)
    for row in found.rows:
        assert row.basis in datasets.BASES and row.confidence in datasets.CONFIDENCES
        assert cited([row]), row
        assert row.rests_on or row.basis != "derived"
    rows = [*found.constants.values(), *(row for it in found.terms.values() for row in it.values())]
    for row in rows:
        assert row.numbers and row.numbers.keys() <= found.units.keys()
        assert list(row.numbers) == [column for column in found.units if column in row.numbers]
        assert math.isnan(row.uncertainty) == ("uncertainty" in row.note)
    assert all(term.keys() <= found.constants.keys() for term in found.terms.values())
    assert set(found.sources) <= set(cited(found.rows))


@pytest.mark.parametrize("name", SETS)
def test_every_constant_has_the_same_columns(name):
    found = parameter_set(name)
    columns = {tuple(row.numbers) for row in found.constants.values()}
    assert len(columns) == 1
    for column in columns.pop():
        values = found.column(column, found.units[column], tuple(found.constants))
        assert values == tuple(numbers(found.constants, column).values())


def test_p507_set_is_the_recommended_one():
    found = parameter_set("P507-HCl-v0")
    assert tuple(found.constants) == RARE_EARTHS
    nd = found.constants["Nd"]
    assert (nd.numbers["log10_kex"], nd.uncertainty, nd.confidence) == (-2.15, 0.1, "high")
    assert set(list(nd.numbers.values())[1:]) == {3}
    assert found.runnable
    assert found.valid["free_dimer"].canonical == (300.0, 800.0)
    assert found.valid["aqueous_metal"].canonical == (10.0, 400.0)
    assert found.valid["acid"].canonical == (10.0, 2000.0)
    assert found.valid["temperature"].canonical == (298.15, 298.15)
    assert found.valid_note == "no saponification salt effect"
    assert "PC88A" in found.aliases


def test_p507_constants_follow_from_the_shipped_factors():
    """Nd is the anchor; each other constant is the sum of log factors of LI80, Y through LD19."""
    factors = {
        (row.labels["heavy"], row.labels["light"]): row.values["separation_factor"]
        for row in rows_of("separation_factors", source="LI80")
    }
    (er_y,) = rows_of("separation_factors", source="LD19", heavy="Er")
    known = {"Nd": -2.15}
    while len(known) < 14:
        for (heavy, light), factor in factors.items():
            if light in known:
                known[heavy] = known[light] + math.log10(factor)
            elif heavy in known:
                known[light] = known[heavy] - math.log10(factor)
    known["Y"] = known["Er"] - math.log10(er_y.values["separation_factor"])
    constants = parameter_set("P507-HCl-v0").constants
    assert numbers(constants, "log10_kex") == pytest.approx(known, abs=0.001)


@pytest.mark.parametrize(
    ("name", "extractant_name", "reference"),
    [("D2EHPA-HCl-v0", "D2EHPA", 0.5), ("Cyanex272-HCl-v0", "Cyanex272", 0.3)],
)
def test_other_sets_follow_from_the_shipped_coefficients(name, extractant_name, reference):
    levels = by_element("extraction_constants", "value", extractant=extractant_name, quantity="a")
    found = {
        symbol: it.numbers["log10_kex"] + it.numbers["order_extractant"] * math.log10(reference)
        for symbol, it in parameter_set(name).constants.items()
    }
    assert found == pytest.approx(levels, abs=1e-4)


def test_nitrate_set_is_the_table_of_t21():
    found = parameter_set("P507-HNO3-T21")
    constants = by_element("extraction_constants", "value", source="T21", quantity="log10Kex")
    assert numbers(found.constants, "log10_kex") == constants
    measured = by_element("extraction_constants", "uncertainty", source="T21", quantity="a")
    uncertainties = {symbol: it.uncertainty for symbol, it in found.constants.items()}
    assert {it: value for it, value in uncertainties.items() if value == value} == measured
    assert set(measured) == {"La", "Nd", "Sm", "Dy", "Y"}
    for symbol, it in found.constants.items():
        assert ("interpolated, not measured" in it.note) == (symbol not in measured)
        assert it.confidence == ("high" if symbol in measured else "low")


@pytest.mark.parametrize("name", ["P507-HCl-v0", "P507-HNO3-T21"])
def test_loading_term_is_that_of_t21(name):
    """A stands in the definition of its coefficients; the shift is what its constants differ by."""
    found = parameter_set(name)
    value = found.general_value("alstad", "(L/mol)^0.5")
    for row in rows_of("extraction_constants", source="T21", quantity="a"):
        assert f"- {value}(sqrt C - sqrt 0.5)" in row.labels["definition"]
    shift = found.general_value("alstad_shift", KEX)
    assert shift == pytest.approx(3 * value * math.sqrt(0.5), abs=1e-4)
    t21 = {
        kind: by_element("extraction_constants", "value", source="T21", quantity=kind)
        for kind in ("log10Kex", "log10Kex_infinite_dilution_org")
    }
    for symbol, shifted in t21["log10Kex_infinite_dilution_org"].items():
        assert shifted - t21["log10Kex"][symbol] == pytest.approx(shift, abs=2e-4)


@pytest.mark.parametrize(
    ("name", "complex_of"),
    [("P507-HCl-v0", "{}Cl+2"), ("P507-HNO3-T21", "{}NO3+2")],
)
def test_complexing_is_that_of_one_database(name, complex_of):
    found = parameter_set(name)
    term = found.terms["complexing"]
    assert tuple(term) == tuple(found.constants)
    for symbol, row in term.items():
        (entry,) = rows_of("speciation", source="LNL", species=complex_of.format(symbol))
        assert entry.labels["quality_flag"] == "ok"
        assert row.numbers == {"log10_beta1": entry.values["log10_k"]}
        assert (row.basis, row.confidence, row.source) == ("read", entry.confidence, "LNL")


def test_interaction_coefficients_without_a_source_are_assumed():
    term = parameter_set("P507-HCl-v0").terms["ionic_strength"]
    assert tuple(term) == RARE_EARTHS
    assert {it.element for it in term.values() if it.basis == "read"} == {"Sm", "Eu", "Ho"}
    assert all(it.basis in ("read", "assumed") and it.source == "TCHIM" for it in term.values())


def test_temperature_term_is_the_table_of_x95():
    term = parameter_set("D2EHPA-HCl-v0").terms["temperature"]
    assert numbers(term, "enthalpy") == by_element("d2ehpa_temperature", "enthalpy", source="X95")
    slopes = by_element("d2ehpa_temperature", "slope", source="X95")
    errors = by_element("d2ehpa_temperature", "standard_error", source="X95")
    kelvin = -math.log(10) * 8.314462618e-3  # kJ/mol per K of slope
    for symbol, row in term.items():
        assert row.numbers["enthalpy"] == pytest.approx(kelvin * slopes[symbol], abs=0.01)
        assert row.uncertainty == pytest.approx(-kelvin * errors[symbol], abs=0.006)


def test_lines_are_those_of_the_tables():
    found = parameter_set("D2EHPA-TBP-H2SO4-KEIM19").constants
    for row in rows_of("log_d_lines", source="KEIM19"):
        numbers = found[row.labels["element"]].numbers
        assert [numbers[it] for it in ("m0", "m1", "b0", "b1")] == [
            row.values[it] for it in ("m0", "m1", "b0", "b1")
        ]
        assert numbers["protons_per_metal"] == row.values["protons_released"]
        assert numbers["extractant_per_metal"] == row.values["extractant_consumed"]
    for row in rows_of("log_d_lines", source="PROMMIS"):
        constant = found[row.labels["element"]]
        numbers, ratio = constant.numbers, row.values["distribution_ratio"]
        assert numbers["m0"] == numbers["m1"] == numbers["b1"] == 0
        assert 10 ** numbers["b0"] == pytest.approx(ratio, rel=2e-6)
        assert f"constant D = {ratio};" in constant.note
        assert numbers["protons_per_metal"] == row.values["protons_released"]
        assert numbers["extractant_per_metal"] == row.values["extractant_consumed"]
        assert (constant.basis, constant.confidence) == ("derived", "low")
    assert len(found) == len(rows_of("log_d_lines", source="KEIM19")) + 4


def test_solvation_set_is_the_table_of_k05():
    found = parameter_set("TBP-HNO3-K05")
    columns = {"log10_d_ref": "a", "order_nitrate": "b", "order_tbp": "n"}
    for column, printed in columns.items():
        table_of = by_element("log_d_lines", printed, source="K05")
        assert numbers(found.constants, column) == table_of
    for row in rows_of("log_d_lines", source="K05"):
        constant = found.constants[row.labels["element"]]
        assert f"+ {constant.numbers['temperature_slope_K']:.0f}*(1/T-" in row.labels["form"]
        assert (constant.basis, constant.confidence) == (row.basis, row.confidence)
        assert ("interpolated" in constant.note) == ("interpolated" in row.note)
    limits = found.valid["anion"]
    assert (limits.low, limits.high) == (row.values["valid_low"], row.values["valid_high"])


def test_naphthenic_factors_are_those_of_z16():
    found = parameter_set("Naphthenic-HCl-Z16")
    factors = {
        row.labels["heavy"]: row.values["separation_factor"]
        for row in rows_of("separation_factors", source="Z16")
        if row.labels["light"] == "Y"
    }
    assert numbers(found.constants, "separation_factor") == {"Y": 1.0, **factors}
    (loading,) = rows_of("physical", source="Q18", item="naphthenic", property="maximum loading")
    value = found.general_value("loading_per_extractant", "mol/mol")
    assert value == loading.values["value"]


def test_unknown_set_says_the_nearest():
    (fault,) = refused(parameter_set, "P507-HCL-v0")
    assert fault.nearest == "P507-HCl-v0"


def test_values_cannot_be_changed():
    row = table("pitzer_chloride")[0]
    with pytest.raises(TypeError):
        row.values["beta0"] = 0.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        row.basis = "assumed"
    found = parameter_set("P507-HCl-v0")
    for mapping in (found.constants, found.general, found.terms, found.units):
        with pytest.raises(TypeError):
            mapping["Nd"] = None
    for mapping in (found.constants["Nd"].numbers, found.terms["complexing"]):
        with pytest.raises(TypeError):
            mapping["Nd"] = None


# --- what a model asks of a set


def test_column_follows_the_elements_asked_for():
    found = parameter_set("P507-HCl-v0")
    assert found.column("log10_kex", KEX, ("Nd", "Y", "Nd")) == (-2.15, 1.197, -2.15)
    assert found.column("log10_kex", KEX, ()) == ()
    assert found.column("log10_beta1", "log10 (mol/kg basis)", ("Lu",), "complexing") == (-0.0579,)


@pytest.mark.parametrize(
    ("name", "asked", "where", "read", "nearest"),
    [
        ("P507-HCl-v0", ("log10_kx", KEX, ()), "units", '"log10_kx"', "log10_kex"),
        ("P507-HCl-v0", ("log10_kex", "ln", ()), "units.log10_kex", f'"{KEX}"', ""),
        ("P507-HCl-v0", ("log10_kex", KEX, ("Nd", "Ca")), "constant, log10_kex", '"Ca"', "La"),
        ("P507-HCl-v0", ("log10_beta1", "log10 (mol/kg basis)", ("Nd",)), "constant,", '"Nd"', ""),
        ("P507-HCl-v0", ("enthalpy", "kJ/mol", (), "temperature"), "term", '"temperature"', ""),
        ("Cyanex272-HCl-v0", ("log10_beta1", "1", (), "complexing"), "term", '"complexing"', ""),
        (
            "D2EHPA-HCl-v0",
            ("enthalpy", "kJ/mol", ("La", "Yb"), "temperature"),
            "term.temperature, enthalpy",
            '"Yb"',
            "",
        ),
    ],
)
def test_a_column_that_a_set_lacks_is_located(name, asked, where, read, nearest):
    (fault,) = refused(parameter_set(name).column, *asked)
    assert fault.where.startswith(f"parameter set {name}, {where}")
    assert (fault.read, fault.nearest) == (read, nearest)
    assert fault.expected and fault.next


def test_every_element_without_a_number_is_named():
    faults = refused(parameter_set("Cyanex272-HCl-v0").column, "log10_kex", KEX, RARE_EARTHS)
    assert [fault.read for fault in faults] == [f'"{it}"' for it in ("Ho", "Er", "Tm", "Yb", "Lu")]


def test_a_general_number_that_a_set_lacks_is_located():
    found = parameter_set("D2EHPA-TBP-H2SO4-KEIM19")
    assert found.general_value("extractant_density", "g/L") == 975.8
    (fault,) = refused(found.general_value, "extractant_densty", "g/L")
    assert fault.where == "parameter set D2EHPA-TBP-H2SO4-KEIM19, general"
    assert fault.nearest == "extractant_density"
    (fault,) = refused(found.general_value, "extractant_density", "1")
    assert fault.where.endswith(", general.extractant_density")
    assert (fault.read, fault.expected) == ('"g/L"', '"1"')
    (fault,) = refused(parameter_set("Cyanex272-HCl-v0").general_value, "extractant_density", "1")
    assert fault.expected == "nothing, since the set has none"


# --- extractants


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        *[(alias, "P507") for alias in ("P507", "PC88A", "PC-88A", "HEHEHP", "HEH[EHP]", "EHEHPA")],
        *[(alias, "D2EHPA") for alias in ("D2EHPA", "P204", "HDEHP")],
        *[("Cyanex272", "Cyanex272"), ("Cyanex 272", "Cyanex272")],
        *[("naphthenic", "naphthenic"), ("TBP", "TBP")],
    ],
)
def test_aliases(name, canonical):
    assert extractant(name) == canonical


def test_aliases_are_unique():
    names = [name for canonical, also in extractants().items() for name in (canonical, *also)]
    assert len(names) == len(set(names))


def test_unknown_extractant_says_the_nearest():
    (fault,) = refused(extractant, "P-507")
    assert fault.nearest == "P507"
    assert "D2EHPA, Cyanex272, naphthenic, TBP" in fault.expected


# --- weakest basis


@dataclasses.dataclass(frozen=True)
class Entry:
    basis: str
    source: str = "T21"
    rests_on: tuple[str, ...] = ()


@pytest.mark.parametrize(
    ("entries", "weakest"),
    [
        ([Entry("read")], "read"),
        ([Entry("read"), Entry("derived", rests_on=("T21",))], "derived"),
        ([Entry("derived", "DERIVED", ("T21", "LI80"))], "recalled"),
        ([Entry("derived", "LI80")], "recalled"),
        ([Entry("recalled"), Entry("derived")], "recalled"),
        ([Entry("assumed"), Entry("recalled")], "assumed"),
        ([Entry("gap"), Entry("assumed")], "gap"),
        # Read in another source that quotes it: the status of its own key does not count.
        ([Entry("read", "LIAO13")], "read"),
    ],
)
def test_weakest_basis(entries, weakest):
    assert weakest_basis(entries) == weakest
    assert weakest_basis(reversed(entries)) == weakest


def test_p507_rests_on_a_recalled_source():
    found = parameter_set("P507-HCl-v0")
    assert weakest_basis(found.constants.values()) == "recalled"
    assert found.sources == ("LD19", "LI80", "LI87", "T21")
    assert weakest_basis([found.constants["Nd"]]) == "derived"


def test_cited_leaves_out_our_own_keys():
    assert cited([Entry("derived", "DERIVED", ("T21",)), Entry("gap", "GAP")]) == ("T21",)


# --- refusals of tables


def test_a_sound_table_is_read(tmp_path):
    path = tmp_path / "LI80.csv"
    path.write_text(GOOD)
    first, second = read_rows(path, "separation_factors")
    assert first.values == {"separation_factor": 1.55}
    assert (first.line, second.line) == (11, 12)
    assert second.rests_on == ("LI80", "T21")


@pytest.mark.parametrize(
    ("old", "new", "where", "message"),
    [
        # no unit
        ('# separation_factor = "1"\n', "", "line 11, separation_factor", "a number without unit"),
        ('separation_factor = "1"', 'separation_factor = ""', "units.separation_factor", "nothing"),
        # no source, or one that nobody knows
        ('# source = "LI80"\n', "", "front matter, source", "nothing"),
        ('source = "LI80"', 'source = "LI79"', "front matter, source", "LI79"),
        ("LI80;T21", "LI80;T99", "line 12, rests_on", "T99"),
        ("LI80;T21", "", "line 12, rests_on", "nothing"),
        ("LI80;T21", "DERIVED", "line 12, rests_on", "DERIVED"),
        ("2.82,derived", "2.82,read", "line 12, rests_on", "LI80"),
        # basis and confidence
        ("recalled", "remembered", "line 11, basis", "remembered"),
        ("1.55,recalled", "1.55,", "line 11, basis", "nothing"),
        ("high", "sure", "line 11, confidence", "sure"),
        # numbers
        ("1.55", "nan", "line 11, separation_factor", "nan"),
        ("1.55", "inf", "line 11, separation_factor", "inf"),
        ("1.55", "1,55", "line 11", "8 cells"),
        ("1.55", '"about 1.55"', "line 11, separation_factor", "about 1.55"),
        ("1.55", "", "line 11, separation_factor", "nothing"),
        ("recalled", "gap", "line 11, separation_factor", "a number"),
        # the same twice
        ("Dy,Tb", "Nd,Pr", "line 12, extractant, medium", "as in line 11"),
        ("light,sep", "heavy,sep", "line 10, heavy", "a column twice"),
        (",basis", ",bases", "line 10, basis", "no such column"),
        # front matter
        ('kind = "measured"', 'kind = "guessed"', "front matter, kind", "guessed"),
        ('# title = "Factors of a test"\n', "", "front matter, title", "nothing"),
        ("# title", "# author", "front matter, author", "author"),
        ("# [units]", "# [units", "front matter", "line"),
        ("# transcribed = {", "# transcribed = { #", "front matter", "line"),
    ],
)
def test_a_faulty_table_is_refused(tmp_path, old, new, where, message):
    assert old in GOOD
    faults = refused_table(tmp_path, GOOD.replace(old, new, 1))
    assert any(where in fault.where and message in fault.read for fault in faults), faults
    assert all("LI80.csv" in fault.where for fault in faults)


def test_a_row_unit_may_not_be_missing(tmp_path):
    text = GOOD.replace('separation_factor = "1"', 'separation_factor = "row"')
    (fault,) = refused_table(tmp_path, text)
    assert fault.where.endswith("line 10, unit")
    text = text.replace("note\n", "note,unit\n").replace("high,\n", "high,,1\n")
    (fault,) = refused_table(tmp_path, text.replace("medium,\n", "medium,,\n"))
    assert fault.where.endswith("line 12, unit")


def test_a_file_is_called_as_its_source(tmp_path):
    (fault,) = refused_table(tmp_path, GOOD, name="T21.csv")
    assert "T21, as the file is called" in fault.expected


def test_what_is_derived_from_several_sources_says_so(tmp_path):
    text = GOOD.replace('source = "LI80"', 'source = "DERIVED"')
    (fault,) = refused_table(tmp_path, text, name="DERIVED.csv")
    assert fault.where.endswith("line 11, basis")


def test_all_faults_of_a_file_come_at_once(tmp_path):
    text = GOOD.replace("1.55", "nan").replace("T21", "T2l").replace("medium,\n", "mediun,\n")
    faults = refused_table(tmp_path, text)
    assert len(faults) == 3
    nearest = {fault.where.split(", ")[-1]: fault.nearest for fault in faults}
    assert nearest == {"separation_factor": "", "confidence": "medium", "rests_on": "T21"}
    assert all("README" in fault.next or "bibliography" in fault.next for fault in faults)


# --- refusals of parameter sets


def test_a_sound_set_is_read(tmp_path):
    path = tmp_path / "P507-test.toml"
    path.write_text(SET)
    found = read_parameter_set(path)
    assert tuple(found.constants) == ("Ca", "Nd")
    calcium, neodymium = found.constants.values()
    assert dict(calcium.numbers) == {"log10_kex": -3.0, "order_acid": 2}
    assert dict(neodymium.numbers) == {"log10_kex": -2.15, "order_acid": 3}
    assert (math.isnan(calcium.uncertainty), neodymium.uncertainty) == (True, 0.1)
    assert dict(found.terms["temperature"]["Nd"].numbers) == {"enthalpy": -12.5}
    assert found.general["dosage"].value == 5
    assert found.valid["acid"].canonical == (10.0, 2000.0)
    assert found.valid["ph"].canonical == (1.0, 2.0)
    assert found.sources == ("LI87", "Q18", "T21")
    assert cited(found.general.values()) == ("PROMMIS",)
    assert cited(found.rows) == ("LI87", "PROMMIS", "Q18", "T21", "X95")


@pytest.mark.parametrize(
    ("old", "new", "where", "message"),
    [
        # columns
        ('log10_kex = "log10 (mol/L basis)"\n', "", "constant 1 (Nd), log10_kex", "log10_kex"),
        ('log10_kex = "log10 (mol/L basis)"\n', "", "constant 1 (Nd)", "no number"),
        ('"log10 (mol/L basis)"', '""', "units.log10_kex", "nothing"),
        ('enthalpy = "kJ/mol"', 'enthalpies = "kJ/mol"', "units.enthalpies", "that no row has"),
        ('enthalpy = "kJ/mol"', 'note = "kJ/mol"', "units.note", "note"),
        ("order_acid = 3", "order_base = 3", "defaults.order_base", "order_base"),
        ("order_acid = 3", "order_acid = nan", "defaults.order_acid", "nan"),
        ("log10_kex = -2.15\n", "", "constant 1 (Nd)", "no number"),
        ("order_acid = 2", "order_base = 2", "constant 2 (Ca), order_base", "order_base"),
        ("-2.15", "nan", "constant 1 (Nd), log10_kex", "nan"),
        ("-2.15", "true", "constant 1 (Nd), log10_kex", "true"),
        # what a constant rests on
        ('source = "DERIVED"\n', "", "constant 1 (Nd), source", "nothing"),
        ('source = "Q18"', 'source = "Q81"', "constant 2 (Ca), source", "Q81"),
        ('["T21", "LI87"]', "[]", "constant 1 (Nd), rests_on", "nothing"),
        ('["T21", "LI87"]', '["T21", 87]', "constant 1 (Nd), rests_on", "87"),
        ('basis = "assumed"', 'basis = "hoped"', "constant 2 (Ca), basis", "hoped"),
        ('confidence = "low"', 'confidence = "sure"', "constant 2 (Ca), confidence", "sure"),
        ("uncertainty = 0.1\n", "", "constant 1 (Nd), uncertainty", "nothing"),
        ("uncertainty = 0.1\n", 'uncertainty = "?"\n', "constant 1 (Nd), uncertainty", "?"),
        ("uncertainty not known", "a guess", "constant 2 (Ca), uncertainty", "nothing"),
        # elements
        ('element = "Ca"', 'element = "Nd"', "constant 2, element", "Nd"),
        ('element = "Ca"', 'element = "Pm"', "constant 2 (Pm), element", "Pm"),
        # general numbers
        ("value = 5\n", "", "general.dosage, value", "nothing"),
        ('unit = "% v/v"\n', "", "general.dosage, unit", "nothing"),
        ('source = "PROMMIS"', 'source = "PROMIS"', "general.dosage, source", "PROMIS"),
        ('basis = "read"', 'basis = "seen"', "general.dosage, basis", "seen"),
        ("value = 5", "values = 5", "general.dosage, values", "values"),
        ("[general.dosage]", "[general]", "general.value", "5"),
        # terms
        ("[[term.temperature]]", "[[term.heat]]", "term.heat", "heat"),
        ("[[term.temperature]]", "[term.temperature]", "term.temperature", "a table"),
        ("enthalpy = -12.5", "enthalpy = inf", "term.temperature 1 (Nd), enthalpy", "inf"),
        ("enthalpy = -12.5\n", "", "term.temperature 1 (Nd)", "no number"),
        ('"Nd"\nenthalpy', '"La"\nenthalpy', "term.temperature 1 (La), element", "La"),
        ('source = "X95"', 'source = "X96"', "term.temperature 1 (Nd), source", "X96"),
        # ranges
        ('high = 2.0, unit = "mol/L"', "high = 2.0", "valid.acid.unit", "nothing"),
        ('unit = "mol/L"', 'unit = "degC"', "valid.acid.unit", "degC"),
        ("low = 0.01", "low = 3", "valid.acid", "3.0 to 2.0"),
        ("acid = {", "base = {", "valid.base", "base"),
        ("[valid]", "[[valid]]", "valid", "["),
        # the set
        ('status = "ready"', 'status = "soon"', "status", "soon"),
        ('model = "mass_action"', 'model = ""', "model", "nothing"),
        ('extractant = "P507"', 'extractant = "PC88A"', "extractant", "PC88A"),
        ('name = "P507-test"', 'name = "P507"', "name", "P507"),
        ('title = "A test"\n', "", "title", "nothing"),
        ("[defaults]", "[stoichiometry]", "stoichiometry", "stoichiometry"),
        ('name = "P507-test"', "name = ", "P507-test.toml", "line 1"),
    ],
)
def test_a_faulty_set_is_refused(tmp_path, old, new, where, message):
    assert old in SET
    faults = refused_set(tmp_path, SET.replace(old, new, 1))
    assert any(
        fault.where.endswith(where) and message in fault.read and fault.expected for fault in faults
    ), faults
    assert all("P507-test.toml" in fault.where and fault.next for fault in faults)


def test_a_set_without_constants_is_refused(tmp_path):
    text = SET.split("[[constant]]")[0].replace('enthalpy = "kJ/mol"\n', "")
    faults = refused_set(tmp_path, text)
    assert any(fault.where.endswith(", constant") for fault in faults)


def test_topics_name_columns_that_exist():
    for topic in tables():
        columns = {
            column for row in table(topic) for column in (*row.values, *row.units, *row.labels)
        }
        assert set(datasets.TOPICS[topic].identity) - {"source"} <= columns
        assert columns & set(datasets.TOPICS[topic].quantities)
        filled = {column for row in table(topic) for column in row.values}
        filled |= {name for row in table(topic) for name, text in row.labels.items() if text}
        if topic != "feeds":  # which no feed of magnets fills with every metal
            words = {column for row in table(topic) for column in row.labels}
            assert set(datasets.TOPICS[topic].quantities) - words <= filled


# --- tables of many sources

BY_ROW = GOOD.replace('source = "LI80"', 'source = "row"')
BY_ROW = BY_ROW.replace("confidence,note\n", "confidence,note,source,also\n")
BY_ROW = BY_ROW.replace("high,\n", "high,,X95,\n").replace(
    "medium,\n", "medium,,DERIVED,Q18; Z16\n"
)


def test_a_row_may_name_its_own_source(tmp_path):
    path = tmp_path / "factors.csv"
    path.write_text(BY_ROW)
    first, second = read_rows(path, "separation_factors")
    assert (first.source, first.also, second.source) == ("X95", (), "DERIVED")
    assert second.also == ("Q18", "Z16")
    assert (first.file.source, first.file.name) == ("", "factors")
    assert cited([first, second]) == ("LI80", "Q18", "T21", "X95", "Z16")


@pytest.mark.parametrize(
    ("old", "new", "where", "read"),
    [
        (",,X95,", ",,,", "line 11, source", "nothing"),
        (",,X95,", ",,X59,", "line 11, source", "X59"),
        ("Q18; Z16", "Q18; Z61", "line 12, also", "Z61"),
        (",source,also", ",origin,also", "line 10, source", "no such column"),
        ("2.82,derived", "2.82,read", "line 12, basis", "read"),
        ('source = "row"', 'source = "LI80"', "line 10, source", "a column source"),
    ],
)
def test_a_row_without_a_known_source_is_refused(tmp_path, old, new, where, read):
    assert old in BY_ROW
    faults = refused_table(tmp_path, BY_ROW.replace(old, new, 1), "factors.csv")
    assert any(where in fault.where and read in fault.read for fault in faults), faults


def test_a_row_may_be_of_words(tmp_path):
    path = tmp_path / "steps.csv"
    text = BY_ROW.partition("# [units]")[0] + '# [units]\n# value = "row"\n'
    head = "step,scope,parameter,value,unit,text,source,basis,confidence\n"
    path.write_text(text + head + "leach,any,resin,,1,strong base,T21,read,high\n")
    (row,) = read_rows(path, "unit_operations")
    assert (dict(row.values), row.labels["text"]) == ({}, "strong base")
    path.write_text(text + head + "leach,any,resin,,1,,T21,read,high\n")
    (fault,) = refused(read_rows, path, "unit_operations")
    assert fault.read == "nothing" and "text" in fault.where
