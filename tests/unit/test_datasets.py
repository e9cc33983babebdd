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
[stoichiometry]
dimers_per_metal = 3
order_extractant = 3
order_acid = 3
[valid]
acid = { low = 0.01, high = 2.0, unit = "mol/L" }
[[constant]]
element = "Nd"
log10_kex = -2.15
unit = "log10 (mol/L basis)"
uncertainty = 0.1
basis = "derived"
confidence = "high"
source = "DERIVED"
rests_on = ["T21", "LI87"]
[[constant]]
element = "Ca"
log10_kex = -3.0
unit = "log10 (mol/L basis)"
uncertainty = 0.5
basis = "assumed"
confidence = "low"
source = "Q18"
order_acid = 2
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
    "physical": 108,
    "log_d_lines": 47,
    "pitzer_chloride": 8,
    "speciation": 613,
    "d2ehpa_temperature": 5,
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
    assert len(gaps) == 17
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


def test_p507_set_is_the_recommended_one():
    found = parameter_set("P507-HCl-v0")
    assert tuple(found.constants) == RARE_EARTHS
    nd = found.constants["Nd"]
    assert (nd.log10_kex, nd.uncertainty, nd.confidence) == (-2.15, 0.1, "high")
    assert (nd.dimers_per_metal, nd.order_extractant, nd.order_acid) == (3, 3, 3)
    assert found.runnable
    assert (found.extractant, found.medium, found.model) == ("P507", "chloride", "mass_action")
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
        for row in table("separation_factors")
        if row.source == "LI80"
    }
    (er_y,) = (
        row.values["separation_factor"]
        for row in table("separation_factors")
        if row.source == "LD19" and row.labels["heavy"] == "Er"
    )
    known = {"Nd": -2.15}
    while len(known) < 14:
        for (heavy, light), factor in factors.items():
            if light in known:
                known[heavy] = known[light] + math.log10(factor)
            elif heavy in known:
                known[light] = known[heavy] - math.log10(factor)
    known["Y"] = known["Er"] - math.log10(er_y)
    constants = parameter_set("P507-HCl-v0").constants
    for symbol in RARE_EARTHS:
        assert constants[symbol].log10_kex == pytest.approx(known[symbol], abs=0.001)


@pytest.mark.parametrize(
    ("name", "extractant_name", "reference"),
    [("D2EHPA-HCl-v0", "D2EHPA", 0.5), ("Cyanex272-HCl-v0", "Cyanex272", 0.3)],
)
def test_other_sets_follow_from_the_shipped_coefficients(name, extractant_name, reference):
    found = parameter_set(name)
    levels = {
        row.labels["element"]: row.values["value"]
        for row in table("extraction_constants")
        if (row.labels["extractant"], row.labels["quantity"]) == (extractant_name, "a")
    }
    assert not found.runnable
    assert levels.keys() == found.constants.keys()
    for symbol, constant in found.constants.items():
        level = constant.log10_kex + constant.order_extractant * math.log10(reference)
        assert level == pytest.approx(levels[symbol], abs=1e-4)


def test_parameter_sets_lists_all():
    status = {found.name: found.status for found in parameter_sets()}
    assert status["P507-HCl-v0"] == "ready"
    assert status["D2EHPA-HCl-v0"] == status["Cyanex272-HCl-v0"] == "data only"


def test_unknown_set_says_the_nearest():
    (fault,) = refused(parameter_set, "P507-HCL-v0")
    assert fault.nearest == "P507-HCl-v0"


def test_values_cannot_be_changed():
    row = table("pitzer_chloride")[0]
    with pytest.raises(TypeError):
        row.values["beta0"] = 0.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        row.basis = "assumed"
    with pytest.raises(TypeError):
        parameter_set("P507-HCl-v0").constants["Nd"] = None


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
    assert (found.constants["Ca"].order_acid, found.constants["Nd"].order_acid) == (2, 3)
    assert found.sources == ("LI87", "Q18", "T21")


@pytest.mark.parametrize(
    ("old", "new", "where", "message"),
    [
        ('unit = "log10 (mol/L basis)"\n', "", "constant 1 (Nd), unit", "nothing"),
        ('"log10 (mol/L basis)"', '"ln"', "constant 1 (Nd), unit", "ln"),
        ('source = "DERIVED"\n', "", "constant 1 (Nd), source", "nothing"),
        ('source = "Q18"', 'source = "Q81"', "constant 2 (Ca), source", "Q81"),
        ('["T21", "LI87"]', "[]", "constant 1 (Nd), rests_on", "nothing"),
        ('["T21", "LI87"]', '["T21", 87]', "constant 1 (Nd), rests_on", "87"),
        ('basis = "assumed"', 'basis = "hoped"', "constant 2 (Ca), basis", "hoped"),
        ("-2.15", "nan", "constant 1 (Nd), log10_kex", "nan"),
        ("-2.15", "true", "constant 1 (Nd), log10_kex", "true"),
        ("uncertainty = 0.1\n", "", "constant 1 (Nd), uncertainty", "nothing"),
        ('element = "Ca"', 'element = "Nd"', "constant 2, element", "Nd"),
        ('element = "Ca"', 'element = "Pm"', "constant 2 (Pm), element", "Pm"),
        ("dimers_per_metal = 3\n", "", "constant 1 (Nd), dimers_per_metal", "nothing"),
        ("order_acid = 2", "order_base = 2", "constant 2 (Ca), order_base", "order_base"),
        ('status = "ready"', 'status = "soon"', "status", "soon"),
        ('model = "mass_action"', 'model = ""', "model", "nothing"),
        ('extractant = "P507"', 'extractant = "PC88A"', "extractant", "PC88A"),
        ('name = "P507-test"', 'name = "P507"', "name", "P507"),
        ('title = "A test"\n', "", "title", "nothing"),
        ('high = 2.0, unit = "mol/L"', "high = 2.0", "valid.acid.unit", "nothing"),
        ("low = 0.01", "low = 3", "valid.acid", "3.0 to 2.0"),
        ("acid = {", "base = {", "valid.base", "base"),
        ("[valid]", "[[valid]]", "valid", "["),
        ('name = "P507-test"', "name = ", "P507-test.toml", "line 1"),
    ],
)
def test_a_faulty_set_is_refused(tmp_path, old, new, where, message):
    assert old in SET
    faults = refused_set(tmp_path, SET.replace(old, new, 1))
    assert any(where in fault.where and message in fault.read for fault in faults), faults


def test_a_set_without_constants_is_refused(tmp_path):
    (fault,) = refused_set(tmp_path, SET.split("[[constant]]")[0])
    assert fault.where.endswith("constant")


def test_topics_name_columns_that_exist():
    for topic in tables():
        quantities = {column for row in table(topic) for column in row.values}
        assert set(datasets.TOPICS[topic].quantities) <= quantities
