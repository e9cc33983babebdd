"""Designs of a case file: what they mean, and what is said of what they cannot mean."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest

from circuits import closely
from design_studies import CASE
from ytterby.case import read_text
from ytterby.case.designs import FIELDS, DesignPlan
from ytterby.case.schema import keys_of
from ytterby.case.written import circuits_text
from ytterby.circuit.circuit import Circuit
from ytterby.datasets import parameter_set, parameter_set_text, table
from ytterby.design.response import Operation, Stages, circuit_of
from ytterby.design.task import CutTask, Limits, Specification, reference_ln_distribution
from ytterby.design.uncertainty import CORRELATION
from ytterby.elements import element
from ytterby.equilibrium import chemistry
from ytterby.errors import CaseError
from ytterby.quantities import parse

ROOT = Path(__file__).parents[3]


def plan(old: str = "", new: str = "") -> DesignPlan:
    """The design of the small case with one piece of its text replaced."""
    assert old in CASE
    (found,) = read_text(CASE.replace(old, new, 1)).designs.values()
    return found


def said(old: str, new: str) -> str:
    """What is said of the small case with one piece of its text replaced."""
    with pytest.raises(CaseError) as caught:
        plan(old, new)
    return str(caught.value)


# --- what it means


def test_a_design_is_read() -> None:
    found = plan()
    task = found.task
    assert (found.name, task.name) == ("nd-sm", "nd-sm")
    assert (task.equilibrium, task.cut) == ("P507-HCl-v0", ("Nd", "Sm"))
    assert (task.extractant, task.base, task.diluent) == (1500.0, "NaOH", "kerosene")
    assert (task.feed.flow, task.feed.acid) == (2.0, closely(10.0, 1e-12))
    assert task.feed.concentrations == {
        name: closely(value, 1e-12)
        for name, value in {"Pr": 100.0, "Nd": 300.0, "Sm": 300.0, "Gd": 250.0}.items()
    }
    assert task.elements == ("Pr", "Nd", "Sm", "Gd")


def test_what_is_left_out_has_the_defaults_of_the_task() -> None:
    """The schema states them for the reader, the task for the library; both must be the same."""
    empty = "[designs.nd-sm.specification]\n[designs.nd-sm.limits]\n[designs.nd-sm.organic]"
    for found in (plan(), plan("[designs.nd-sm.organic]", empty)):
        task = found.task
        for given, own in ((task.specification, Specification()), (task.limits, Limits())):
            for field in fields(own):
                default = getattr(own, field.name)
                expected = closely(default, 1e-15) if isinstance(default, float) else default
                assert getattr(given, field.name) == expected, field.name
        own_fields = {field.name: field.default for field in fields(CutTask)}
        assert task.efficiency == own_fields["efficiency"]
        assert task.base == own_fields["base"]
        assert task.temperature == closely(own_fields["temperature"], 1e-15)
        assert found.correlation == CORRELATION
        assert not found.robust


def test_every_field_of_specification_and_limits_has_a_key() -> None:
    for name, kind in (("specification", Specification), ("limits", Limits)):
        keys = {FIELDS.get(key, key) for key in keys_of(("designs", "NAME", name))}
        assert keys == {field.name for field in fields(kind)}


def test_every_key_reaches_the_task() -> None:
    more = """\
temperature = "30 degC"
terms = ["complexing"]
efficiency = "90 %"
robust = true
correlation = 0.9
[designs.nd-sm.assumed]
Fe = 1e-6
[designs.nd-sm.specification]
wrong_side = "0.2 %"
recovery = "99.5 %"
[designs.nd-sm.limits]
saponification = "30 %"
loading = "60 %"
stripped = "10 %"
pH = 3.5
scrub_acid = "5 mol/L"
strip_acid = "4 mol/L"
stages = 50
[designs.nd-sm.prices]
HCl = 200
Sm2O3 = 2.5
[designs.nd-sm.organic]
base = "NH3"
"""
    text = CASE.replace("[designs.nd-sm.organic]\n", more, 1) + 'Fe = "0.02 mol/L"\n'
    (found,) = read_text(text).designs.values()
    task = found.task
    assert (found.robust, found.correlation) == (True, 0.9)
    assert task.temperature == closely(303.15, 1e-12)
    assert (task.terms, task.assumed) == (("complexing",), {"Fe": 1e-6})
    assert (task.efficiency, task.base) == (0.9, "NH3")
    assert task.specification == Specification(closely(0.002, 1e-12), closely(0.995, 1e-12))
    assert task.limits == Limits(
        *(closely(it, 1e-12) for it in (0.3, 0.6, 0.1, 3.5, 5000.0, 4000.0)), stages=50
    )
    acid, oxide = task.prices.of("HCl"), task.prices.oxide("Sm")
    assert (acid.value, acid.unit, acid.basis, acid.note) == (
        *(200.0, "EUR/t", "assumed", "the case's own"),
    )
    assert oxide is not None and (oxide.value, oxide.unit) == (2.5, "EUR/kg")


def test_oxides_as_traded_are_weighed() -> None:
    text = CASE.replace('acid = "0.01 mol/L"', 'pH = 2.0\nbasis = "reo"')
    found = read_text(text.replace('Sm = "0.30 mol/L"', 'Sm = "50 g/L"')).designs["nd-sm"]
    amount = 50.0 / element("Sm").oxide_molar_mass
    assert found.task.feed.concentrations["Sm"] == closely(amount, 1e-12)
    assert found.task.feed.acid == closely(10.0, 1e-12)


def test_a_metal_that_is_named_but_absent_is_no_metal_of_the_task() -> None:
    found = plan('Gd = "0.25 mol/L"', 'Gd = "0.25 mol/L"\nTb = "0 mol/L"')
    assert "Tb" not in found.task.elements


def test_sources_are_those_of_constants_and_prices() -> None:
    assert plan().sources == (
        *("CONVENTION", "DIFFLOW", "ETR22", "LI80", "LI87", "MARKET25", "PROMMIS", "Q18"),
        *("SMM26", "T21"),
    )


def test_the_how_to_lists_the_items_that_prices_may_name() -> None:
    page = (ROOT / "docs/howto/design-a-cut.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([^`]+)` \| (\S*) \| ([\d.,]+) \|", page, re.M)
    rows = table("costs")
    assert [(name, unit) for name, unit, _ in listed] == [
        (row.labels["item"], "" if row.units["value"] == "1" else row.units["value"])
        for row in rows
    ]
    for (name, _, value), row in zip(listed, rows, strict=True):
        assert float(value.replace(",", "")) == row.values["value"], name


def test_a_case_without_designs_is_read_without_the_numerics() -> None:
    code = "import sys, ytterby as yt; yt.read(sys.argv[1]); print('jax' in sys.modules)"
    example = ROOT / "examples" / "tb-dy.toml"
    done = subprocess.run(
        [sys.executable, "-c", code, example], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


# --- what is refused

REFUSED = {
    "a key that is not fed": (
        '["Nd", "Sm"]', '["Nd", "Tb"]', 5, "cut",
        ["Tb, which the feed does not bring", "two metals of the feed: Pr, Nd, Sm, Gd"],
    ),
    "metals between the keys": (
        '["Nd", "Sm"]', '["Nd", "Gd"]', 5, "cut",
        ["Sm between Nd and Gd", "Pr Nd Sm Gd", 'write cut = ["Nd", "Sm"] or ["Sm", "Gd"]'],
    ),
    "the wrong order": (
        '["Nd", "Sm"]', '["Sm", "Nd"]', 5, "cut", ['write cut = ["Nd", "Sm"]'],
    ),
    "one element twice": ('["Nd", "Sm"]', '["Nd", "Nd"]', 5, "cut", ["two different elements"]),
    "no specification at all": (
        "[designs.nd-sm.organic]",
        '[designs.nd-sm.specification]\nwrong_side = "60 %"\n[designs.nd-sm.organic]',
        7, "specification.wrong_side", ["fraction > 0 % and < 50 %"],
    ),
    "every atom": (
        "[designs.nd-sm.organic]",
        '[designs.nd-sm.specification]\nrecovery = "100 %"\n[designs.nd-sm.organic]',
        7, "specification.recovery", ["fraction > 50 % and < 100 %"],
    ),
    "more nines than there are": (
        "[designs.nd-sm.organic]",
        "[designs.nd-sm.specification]\nwrong_side = 1e-10\n[designs.nd-sm.organic]",
        7, "specification.wrong_side", ["1e-10", "at least 1e-09"],
    ),
    "a price of nothing that is bought": (
        "[designs.nd-sm.organic]",
        "[designs.nd-sm.prices]\nP508 = 14\n[designs.nd-sm.organic]",
        7, "prices.P508", ["one of: interest", "nearest   P507"],
    ),
    "a price of nothing": (
        "[designs.nd-sm.organic]",
        "[designs.nd-sm.prices]\nHCl = 0\n[designs.nd-sm.organic]", 7, "prices.HCl", ["> 0"],
    ),
    "a model without acid": (
        '"PC88A"', '"naphthenic"', 4, "extractant", ["a model of separation_factors", "mass action"],
    ),
    "a set without acid": (
        'extractant = "PC88A"', 'extractant = "TBP"\nmedium = "nitrate"\nequilibrium = "TBP-HNO3-K05"',
        6, "equilibrium", ["a model of solvation"],
    ),
    "a medium whose acid has no price": (
        '"PC88A"', '"PC88A"\nmedium = "sulfate"', 5, "medium", ["one of: chloride, nitrate"],
    ),
    "an element without constant": (
        "Gd = ", "Fe = ", 16, "feed.concentrations.Fe", ["[designs.nd-sm.assumed]"],
    ),
    "an organic that gels": (
        "[designs.nd-sm.organic]",
        '[designs.nd-sm.limits]\nsaponification = "70 %"\n[designs.nd-sm.organic]',
        7, "limits.saponification", ["0.7 in kerosene without modifier", "at most 0.6"],
    ),
    "a key of the library": (
        "[designs.nd-sm.organic]", "[designs.nd-sm.limits]\nph = 3\n[designs.nd-sm.organic]",
        7, "limits.ph", ["nearest   pH"],
    ),
    "acid twice": ('acid = "0.01 mol/L"', 'acid = "0.01 mol/L"\npH = 2', 9, "feed", ["both acid and pH"]),
    "mass without basis": ('"0.30 mol/L"\nSm', '"43 g/L"\nSm', 9, "feed.basis", ["what was weighed"]),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_designed_is_refused_where_it_stands(name: str) -> None:
    old, new, line, key, words = REFUSED[name]
    message = said(old, new)
    assert message.startswith(f"case.toml line {line}, designs.nd-sm.{key}\n"), message
    for word in words:
        assert word in message


def test_a_modifier_lifts_the_limit_of_saponification() -> None:
    text = CASE.replace('"kerosene"', '"kerosene with 10 % octanol"')
    text += '[designs.nd-sm.limits]\nsaponification = "70 %"\n'
    assert read_text(text).designs["nd-sm"].task.limits.saponification == closely(0.7, 1e-12)


def test_a_cut_beside_the_rare_earths_is_refused() -> None:
    text = CASE.replace('["Nd", "Sm"]', '["Fe", "Pr"]\nassumed.Fe = 1e-6') + 'Fe = "0.1 mol/L"\n'
    with pytest.raises(CaseError, match="Fe, which is no rare earth"):
        read_text(text)


def test_a_pair_of_one_factor_is_refused() -> None:
    """Sc is assumed to be extracted as Sm is: no number of stages parts them."""
    task = plan().task
    model = chemistry(task.parameters, task.elements, conditions=task.conditions)
    ln_d = reference_ln_distribution(model, task.extractant)[task.elements.index("Sm")]
    text = CASE.replace('["Nd", "Sm"]', f'["Sc", "Sm"]\nassumed.Sc = {math.exp(ln_d):.6f}')
    with pytest.raises(CaseError) as caught:
        read_text(text + 'Sc = "0.01 mol/L"\n')
    message = str(caught.value)
    assert "case.toml line 5, designs.nd-sm.cut\n" in message
    assert "no circuit of practical length parts less" in message


def test_faults_of_a_design_come_together() -> None:
    text = CASE.replace('"2 m3/h"', '"2 t"').replace('["Nd", "Sm"]', '["Nd", "Nd"]')
    with pytest.raises(CaseError) as caught:
        read_text(text)
    assert [fault.where.rpartition(".")[2] for fault in caught.value.faults] == ["cut", "flow"]


def test_outlets_and_metals_have_keys_of_their_own() -> None:
    asked = '[designs.nd-sm.specification]\nraffinate_wrong_side = "0.01 %"\n'
    asked += 'recoveries = { Gd = "99.99 %" }\n'
    found = plan("[designs.nd-sm.organic]", asked + "[designs.nd-sm.organic]").task.specification
    assert found.wrong_sides == (closely(1e-4, 1e-12), closely(1e-3, 1e-12))
    assert found.recoveries == {"Gd": closely(0.9999, 1e-12)}
    with pytest.raises(CaseError) as caught:
        plan("[designs.nd-sm.organic]", asked.replace("Gd", "Tb") + "[designs.nd-sm.organic]")
    (fault,) = caught.value.faults
    assert fault.where.endswith("designs.nd-sm.specification.recoveries.Tb")
    assert fault.read == "Tb, which the feed does not bring"


# --- written


def written(circuit: Circuit, directory: Path = Path()) -> Circuit:
    """A circuit after it was written and read again."""
    text = circuits_text([circuit], 'Of "Lacq"\n', directory, ["a remark\nin two lines"])
    case = read_text(text, directory / "case.toml")
    assert case.title == 'Of "Lacq"\n'
    return case.circuits[circuit.name]


RUN = Operation(111.1 / 3.0, 0.1 + 0.2, 1e2 / 7.0, 5999.999999999995, 2e-3 / 3.0, 1e4 / 3.0)


def test_a_circuit_is_read_as_it_was_written() -> None:
    task = replace(
        plan().task,
        terms=("complexing",),
        efficiency=0.93,
        temperature=parse("31 degC", "temperature"),
    )
    feed = replace(
        task.feed, salt=123.4 / 3.0, concentrations={**task.feed.concentrations, "Fe": 1 / 3}
    )
    task = replace(task, feed=feed, assumed={"Fe": 1e-5 / 3.0}, base="NH3")
    circuit = circuit_of(task, Stages(7, 5, 3), RUN)
    found = written(circuit)
    assert found.organic.flow == closely(circuit.organic.flow, 1e-14)
    assert found.organic.saponification == closely(circuit.organic.saponification, 1e-14)
    for ours, theirs in zip(circuit.sections, found.sections, strict=True):
        assert (ours.kind, ours.stages) == (theirs.kind, theirs.stages)
        assert theirs.efficiency == closely(ours.efficiency, 1e-14)
        assert ours.inlet is not None and theirs.inlet is not None
        for name in ("flow", "acid", "salt"):
            expected = closely(getattr(ours.inlet, name), 1e-14)
            assert getattr(theirs.inlet, name) == expected, name
        assert theirs.inlet.concentrations == {
            name: closely(value, 1e-14) for name, value in ours.inlet.concentrations.items()
        }
    for name in ("name", "equilibrium", "elements", "cut", "terms", "assumed"):
        assert getattr(found, name) == getattr(circuit, name), name
    assert found.temperature == closely(circuit.temperature, 1e-15)
    assert (found.organic.base, found.organic.diluent) == ("NH3", "kerosene")


def test_a_set_of_a_file_is_found_from_where_the_case_is_written(tmp_path: Path) -> None:
    own = replace(parameter_set("P507-HCl-v0"), name="own")
    (tmp_path / "sets").mkdir()
    (tmp_path / "sets" / "own.toml").write_text(parameter_set_text(own), encoding="utf-8")
    (tmp_path / "elsewhere").mkdir()
    case = CASE.replace('"PC88A"', '"PC88A"\nequilibrium = "sets/own.toml"')
    task = read_text(case, tmp_path / "case.toml").designs["nd-sm"].task
    circuit = circuit_of(task, Stages(7, 5, 3), RUN)
    found = written(circuit, tmp_path / "elsewhere")
    assert parameter_set(found.equilibrium).name == "own"
