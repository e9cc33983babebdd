"""What is wrong with a case file is said with line, key, what was read, what was expected, what next."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from ytterby import datasets
from ytterby.case import read, read_text
from ytterby.case.faults import MOST
from ytterby.errors import CaseError, ExitCode

TB_DY = Path(__file__).with_name("tb-dy.toml").read_text(encoding="utf-8")


def faults(text: str) -> list[str]:
    with pytest.raises(CaseError) as caught:
        read_text(text, "tb-dy.toml")
    return [str(fault) for fault in caught.value.faults]


def changed(old: str, new: str) -> str:
    assert TB_DY.count(old) == 1, old
    return TB_DY.replace(old, new)


def test_a_fault_in_five_parts() -> None:
    assert faults(changed('"PC88A"', '"P-508"')) == [
        "tb-dy.toml line 6, circuits.tb-dy.extractant\n"
        '  read      "P-508"\n'
        f"  expected  one of: {', '.join(datasets.extractants())}\n"
        "  nearest   P507\n"
        "  next      write a name that `ytterby list extractants` shows"
    ]


# Each row: what is changed to what, then the line and key of the one fault, and parts of its text.
ONE_FAULT = [
    # version, title, circuits
    (
        "schema_version = 1",
        "",
        1,
        "schema_version",
        ["read      nothing", "add a line such as schema_version = 1"],
    ),
    ("schema_version = 1", "schema_version = 2", 2, "schema_version", ["read      2", "one of: 1"]),
    (
        "schema_version = 1",
        'schema_version = "1"',
        2,
        "schema_version",
        ['read      "1"', "a whole number"],
    ),
    ("schema_version = 1", "schema_version = true", 2, "schema_version", ["read      true"]),
    (
        'title = "Terbium from dysprosium"',
        "title = 3",
        3,
        "title",
        ["read      3", "expected  text such as"],
    ),
    (
        "schema_version = 1",
        "schema_version = 1\ntitel = 1",
        3,
        "titel",
        [
            'the key "titel"',
            "one of: schema_version, title, circuits",
            "nearest   title",
            "write title, or remove it",
        ],
    ),
    # unknown keys
    (
        "cut = [",
        "wastewater = 1\ncut = [",
        7,
        "circuits.tb-dy.wastewater",
        ["next      remove it\n"],
    ),
    (
        "saponification =",
        "saponfication =",
        12,
        "circuits.tb-dy.organic.saponfication",
        ["nearest   saponification"],
    ),
    (
        "saponification =",
        '"sapon\\tification" =',
        12,
        'circuits.tb-dy.organic."sapon\\tification"',
        ["nearest   saponification"],
    ),
    # text and choices
    (
        'base = "NH3"',
        'base = "KOH"',
        13,
        "circuits.tb-dy.organic.base",
        ['read      "KOH"', "one of: NaOH, NH3", "nearest   NaOH"],
    ),
    (
        '"PC88A"',
        "507",
        6,
        "circuits.tb-dy.extractant",
        [
            "read      507",
            'expected  text such as "P507"',
            'write a line such as extractant = "P507"',
        ],
    ),
    (
        '"PC88A"',
        '"P507"\nmedium = "chlorid"',
        7,
        "circuits.tb-dy.medium",
        ["one of: chloride, nitrate, sulfate", "nearest   chloride"],
    ),
    (
        '"PC88A"',
        '"P507"\nequilibrium = "P507-HCl"',
        7,
        "circuits.tb-dy.equilibrium",
        ['read      "P507-HCl"', "nearest   P507-HCl-v0", "ytterby list extractants"],
    ),
    (
        '"PC88A"',
        '"P507"\nequilibrium = "D2EHPA-HCl-v0"',
        7,
        "circuits.tb-dy.equilibrium",
        ["which is for D2EHPA in chloride", "a set for P507 in chloride"],
    ),
    (
        '"PC88A"',
        '"Cyanex 272"\nmedium = "nitrate"',
        6,
        "circuits.tb-dy.extractant",
        ["Cyanex272 in nitrate, for which no sets can be run", "P507-HNO3-T21 (P507 in nitrate)"],
    ),
    # required keys and tables: the line of the table
    (
        'flow = "6 m3/h"\n',
        "",
        9,
        "circuits.tb-dy.organic.flow",
        [
            "read      nothing",
            'volume flow such as "6 m3/h" (flow of the organic)',
            'add a line such as flow = "6 m3/h"',
        ],
    ),
    (
        'concentration = "1.5 mol/L"\n',
        "",
        9,
        "circuits.tb-dy.organic.concentration",
        ["add a line such as concentration ="],
    ),
    ("stages = 24\n", "", 29, "circuits.tb-dy.scrub.stages", ["add a line such as stages = 26"]),
    (
        'extractant = "PC88A"\n',
        "",
        5,
        "circuits.tb-dy.extractant",
        ['add a line such as extractant = "P507"'],
    ),
    (
        'liquor = { flow = "500 L/h", acid = "4 mol/L" }\n',
        "",
        29,
        "circuits.tb-dy.scrub.liquor",
        [
            "read      nothing",
            "what enters the last stage of scrub",
            "add [circuits.tb-dy.scrub.liquor]",
        ],
    ),
    # numbers
    (
        "stages = 26",
        "stages = 26.0",
        17,
        "circuits.tb-dy.extraction.stages",
        ["read      26.0", "a whole number such as 26"],
    ),
    ("stages = 26", "stages = true", 17, "circuits.tb-dy.extraction.stages", ["read      true"]),
    ("stages = 26", 'stages = "26"', 17, "circuits.tb-dy.extraction.stages", ['read      "26"']),
    (
        "stages = 26",
        "stages = 0",
        17,
        "circuits.tb-dy.extraction.stages",
        ["read      0", ">= 1 and <= 1000"],
    ),
    ("stages = 26", "stages = -26", 17, "circuits.tb-dy.extraction.stages", ["read      -26"]),
    ("stages = 26", "stages = 1001", 17, "circuits.tb-dy.extraction.stages", ["read      1001"]),
    (
        "pH = 2",
        "pH = 7.1",
        21,
        "circuits.tb-dy.extraction.feed.pH",
        ["read      7.1", "a number >= -1 and <= 7"],
    ),
    (
        "pH = 2",
        "pH = nan",
        21,
        "circuits.tb-dy.extraction.feed.pH",
        ["read      nan", "a number such as 2.0"],
    ),
    (
        "pH = 2",
        'pH = "2"',
        21,
        "circuits.tb-dy.extraction.feed.pH",
        ['read      "2"', "write a line such as pH = 2.0"],
    ),
    (
        'base = "NH3"',
        'base = "NH3"\nclosed = "yes"',
        14,
        "circuits.tb-dy.organic.closed",
        ['read      "yes"', "true or false", "write a line such as closed = true"],
    ),
    # quantities
    (
        '"6 m3/h"',
        '"6"',
        10,
        "circuits.tb-dy.organic.flow",
        ['"6" (no unit)', 'volume flow such as "12 m3/h"'],
    ),
    ('"6 m3/h"', "6", 10, "circuits.tb-dy.organic.flow", ["6 (a number without unit)"]),
    ('"6 m3/h"', '"6 kg/h"', 10, "circuits.tb-dy.organic.flow", ['"6 kg/h" (mass flow)']),
    ('"6 m3/h"', '"6 m3/hr1x"', 10, "circuits.tb-dy.organic.flow", ["is not read as a unit"]),
    (
        '"6 m3/h"',
        '"6 m3/hh"',
        10,
        "circuits.tb-dy.organic.flow",
        ['unit "hh" is not known', "nearest   h"],
    ),
    (
        '"6 m3/h"',
        '"0 m3/h"',
        10,
        "circuits.tb-dy.organic.flow",
        ['"0 m3/h"', "volume flow > 0 m3/h", 'such as flow = "6 m3/h"'],
    ),
    ('"6 m3/h"', '"-6 m3/h"', 10, "circuits.tb-dy.organic.flow", ['"-6 m3/h"', "> 0 m3/h"]),
    ('"6 m3/h"', '"nan m3/h"', 10, "circuits.tb-dy.organic.flow", ["(not a finite number)"]),
    ('"6 m3/h"', "inf", 10, "circuits.tb-dy.organic.flow", ["inf (a number without unit)"]),
    ('"6 m3/h"', '"1e7 m3/h"', 10, "circuits.tb-dy.organic.flow", ["<= 1000000 m3/h"]),
    (
        '"1.5 mol/L"',
        '"0 mol/L"',
        11,
        "circuits.tb-dy.organic.concentration",
        ["concentration > 0 mol/L"],
    ),
    ('"1.5 mol/L"', '"1500 mol/L"', 11, "circuits.tb-dy.organic.concentration", ["<= 5 mol/L"]),
    (
        '"1.5 mol/L"',
        '"300 g/L"',
        11,
        "circuits.tb-dy.organic.concentration",
        ["(mass concentration)"],
    ),
    (
        '"36 %"',
        '"101 %"',
        12,
        "circuits.tb-dy.organic.saponification",
        ['"101 %"', "fraction >= 0 % and <= 100 %"],
    ),
    ('"36 %"', "36", 12, "circuits.tb-dy.organic.saponification", ["read      36\n", "<= 100 %"]),
    ('"36 %"', '"-1 %"', 12, "circuits.tb-dy.organic.saponification", [">= 0 %"]),
    ("pH = 2", 'acid = "-1 mol/L"', 21, "circuits.tb-dy.extraction.feed.acid", [">= 0 mol/L"]),
    (
        "cut = [",
        'temperature = "120 degC"\ncut = [',
        7,
        "circuits.tb-dy.temperature",
        ["<= 100 degC"],
    ),
    # liquors
    (
        "pH = 2\n",
        "",
        19,
        "circuits.tb-dy.extraction.feed",
        ["neither acid nor pH", "exactly one", 'add acid = "0.01 mol/L" or pH = 2.0'],
    ),
    (
        "pH = 2\n",
        'pH = 2\nacid = "1 mol/L"\n',
        19,
        "circuits.tb-dy.extraction.feed",
        ["both acid and pH", "remove one of them"],
    ),
    (', acid = "4 mol/L" }', " }", 31, "circuits.tb-dy.scrub.liquor", ["neither acid nor pH"]),
    (
        'basis = "reo"\n',
        "",
        19,
        "circuits.tb-dy.extraction.feed.basis",
        [
            "nothing, and mass per volume for Tb",
            "metal or reo",
            'add basis = "metal" or basis = "reo"',
        ],
    ),
    (
        'basis = "reo"',
        'basis = "oxide"',
        22,
        "circuits.tb-dy.extraction.feed.basis",
        ['read      "oxide"', "one of: metal, reo"],
    ),
    (
        'Dy = "0.4 mol/L"',
        'dy = "0.4 mol/L"',
        25,
        "circuits.tb-dy.extraction.feed.concentrations.dy",
        ['read      "dy"', "nearest   Dy"],
    ),
    (
        'Y = "0 mol/L"',
        'Xx = "0 mol/L"',
        27,
        "circuits.tb-dy.extraction.feed.concentrations.Xx",
        ['read      "Xx"', "one of: "],
    ),
    (
        'Y = "0 mol/L"',
        'ELEMENT = "0 mol/L"',
        27,
        "circuits.tb-dy.extraction.feed.concentrations.ELEMENT",
        ['read      "ELEMENT"'],
    ),
    (
        'Y = "0 mol/L"',
        'Fe = "0 mol/L"',
        27,
        "circuits.tb-dy.extraction.feed.concentrations.Fe",
        ["the element Fe", "an element of P507-HCl-v0: Y, La, Ce"],
    ),
    (
        'Y = "0 mol/L"',
        'Y = "-0.1 mol/L"',
        27,
        "circuits.tb-dy.extraction.feed.concentrations.Y",
        ['"-0.1 mol/L"', ">= 0 mol/L", 'Y = "0.4 mol/L"'],
    ),
    (
        '"10 g/L"',
        '"-10 g/L"',
        26,
        "circuits.tb-dy.extraction.feed.concentrations.Tb",
        ['"-10 g/L"', ">= 0 mol/L"],
    ),
    (
        '"10 g/L"',
        '"9000 g/L"',
        26,
        "circuits.tb-dy.extraction.feed.concentrations.Tb",
        ['"9000 g/L"', "<= 10 mol/L"],
    ),
    (
        '"10 g/L"',
        '"11 mol/L"',
        26,
        "circuits.tb-dy.extraction.feed.concentrations.Tb",
        ['"11 mol/L"', "<= 10 mol/L"],
    ),
    (
        '"10 g/L"',
        '"10 %"',
        26,
        "circuits.tb-dy.extraction.feed.concentrations.Tb",
        ['"10 %" (fraction)', "or mass concentration such as"],
    ),
    # cut
    (
        '["Tb", "Dy"]',
        '["Tb", "Ho"]',
        7,
        "circuits.tb-dy.cut",
        ['read      "Ho"', "an element of the feed: Tb, Dy"],
    ),
    ('["Tb", "Dy"]', '["Y", "Dy"]', 7, "circuits.tb-dy.cut", ['read      "Y"']),
    (
        '["Tb", "Dy"]',
        '["Dy", "Tb"]',
        7,
        "circuits.tb-dy.cut",
        [
            '["Dy", "Tb"]',
            "the less extracted element first",
            'write cut = ["Tb", "Dy"]',
        ],
    ),
    ('["Tb", "Dy"]', '["Tb", "Tb"]', 7, "circuits.tb-dy.cut", ["two different elements"]),
    (
        '["Tb", "Dy"]',
        '["Tb"]',
        7,
        "circuits.tb-dy.cut",
        ['read      ["Tb"]', "a list of two names"],
    ),
    (
        '["Tb", "Dy"]',
        '"Tb/Dy"',
        7,
        "circuits.tb-dy.cut",
        ['read      "Tb/Dy"', 'write a line such as cut = ["Tb", "Dy"]'],
    ),
    ('["Tb", "Dy"]', '["Tb", 66]', 7, "circuits.tb-dy.cut", ['read      ["Tb", 66]']),
]


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "parts"), ONE_FAULT, ids=lambda x: str(x)[:40]
)
def test_one_fault(old: str, new: str, line: int, key: str, parts: list[str]) -> None:
    (said,) = faults(changed(old, new))
    assert said.startswith(f"tb-dy.toml line {line}, {key}\n")
    for part in [*parts, "  next  "]:
        assert part in said + "\n"


def test_a_section_without_its_inlet_and_with_another_key() -> None:
    said = faults(changed("[circuits.tb-dy.strip.liquor]", "[circuits.tb-dy.strip.acid]"))
    assert said[0].startswith("tb-dy.toml line 33, circuits.tb-dy.strip.liquor\n")
    assert "add [circuits.tb-dy.strip.liquor]" in said[0]
    assert said[1].startswith("tb-dy.toml line 36, circuits.tb-dy.strip.acid\n")
    assert "one of: stages, efficiency, aqueous_entrainment, organic_entrainment, liquor" in said[1]


def test_a_feed_without_metal() -> None:
    feed = TB_DY.index("[circuits.tb-dy.extraction.feed.concentrations]")
    scrub = TB_DY.index("[circuits.tb-dy.scrub]")
    without = (TB_DY[:feed] + TB_DY[scrub:]).replace('cut = ["Tb", "Dy"]\n', "")
    (said,) = faults(without)
    assert said.startswith("tb-dy.toml line 18, circuits.tb-dy.extraction.feed.concentrations\n")
    assert "read      no metal" in said and "at least one concentration above zero" in said
    zeros = changed('"0.4 mol/L"', '"0 mol/L"').replace('"10 g/L"', '"0 g/L"')
    assert "read      no metal" in faults(zeros)[-1]


def test_a_closed_organic_needs_a_strip_section() -> None:
    without = TB_DY[: TB_DY.index("[circuits.tb-dy.strip]")]
    (said,) = faults(without)
    assert said.startswith("tb-dy.toml line 9, circuits.tb-dy.organic.closed\n")
    assert "read      a closed organic and no strip section" in said
    assert "add [circuits.tb-dy.strip], or set closed = false" in said
    assert read_text(without.replace('flow = "6 m3/h"', 'flow = "6 m3/h"\nclosed = false'))


@pytest.mark.parametrize("circuits", ["", "[circuits]\n", "circuits = {}\n"])
def test_no_circuit(circuits: str) -> None:
    (said,) = faults("schema_version = 1\n" + circuits)
    assert said.startswith(f"tb-dy.toml line {2 if circuits else 1}, circuits\n")
    assert "read      no circuit" in said and "add [circuits.NAME]" in said


@pytest.mark.parametrize("circuits", ["circuits = 3", "[[circuits]]", 'circuits = ["a"]'])
def test_circuits_that_are_no_table(circuits: str) -> None:
    (said,) = faults("schema_version = 1\n" + circuits)
    assert said.startswith("tb-dy.toml line 2, circuits\n") and "expected  a table" in said


def test_an_empty_circuit_lacks_what_is_required() -> None:
    said = faults("schema_version = 1\n[circuits.a]\n")
    assert [fault.splitlines()[0] for fault in said] == [
        f"tb-dy.toml line 2, circuits.a.{key}" for key in ("extractant", "organic", "extraction")
    ]
    assert "add [circuits.a.organic]" in said[1]


def test_the_name_of_a_circuit() -> None:
    said = faults('schema_version = 1\n\n[circuits."a b\\n"]\n')
    assert said[0].startswith('tb-dy.toml line 3, circuits."a b\\n"\n')
    assert "letters, digits, - and _" in said[0] and "rename it" in said[0]


def test_all_faults_at_once_in_the_order_of_the_file() -> None:
    text = (
        TB_DY.replace('title = "Terbium', 'titel = "Terbium')
        .replace('"6 m3/h"', '"6 kg/h"')
        .replace('"36 %"', '"136 %"')
        .replace("stages = 24", "stages = 0")
        .replace('Y = "0 mol/L"', 'Fe = "0 mol/L"')
        .replace('acid = "5 mol/L"', "")
        .replace('"PC88A"', '"P508"')
    )
    said = faults(text)
    assert [fault.splitlines()[0] for fault in said] == [
        "tb-dy.toml line 3, titel",
        "tb-dy.toml line 6, circuits.tb-dy.extractant",
        "tb-dy.toml line 10, circuits.tb-dy.organic.flow",
        "tb-dy.toml line 12, circuits.tb-dy.organic.saponification",
        "tb-dy.toml line 30, circuits.tb-dy.scrub.stages",
        "tb-dy.toml line 36, circuits.tb-dy.strip.liquor",
    ]
    known_extractant = faults(text.replace('"P508"', '"P507"'))
    assert "tb-dy.toml line 27, circuits.tb-dy.extraction.feed.concentrations.Fe" in "".join(
        known_extractant
    )


def test_one_fault_does_not_bring_others_with_it() -> None:
    """A faulty value is neither missing, nor does it make its neighbours faulty."""
    text = changed("pH = 2", "pH = nan").replace('"10 g/L"', '"10 qq"')
    assert len(faults(text)) == 2


def test_a_file_of_faults_is_cut_off() -> None:
    said = faults("schema_version = 1\n" + "".join(f"a{n} = 1\n" for n in range(5 * MOST)))
    assert len(said) == MOST + 1
    assert f"{MOST} faults; the rest of the file was not read" in said[-1]


# --- the file itself


def refusal(path: Path) -> str:
    with pytest.raises(CaseError) as caught:
        read(path)
    assert caught.value.exit_code is ExitCode.CASE
    (fault,) = caught.value.faults
    assert fault.read and fault.expected and fault.next
    return str(fault).replace(str(path), "PATH")


def test_a_missing_file_names_the_nearest_one_beside_it(tmp_path: Path) -> None:
    (tmp_path / "tb-dy.toml").touch()
    said = refusal(tmp_path / "tb_dy.toml")
    assert said.startswith("PATH\n  read      no such file\n")
    assert "nearest   tb-dy.toml" in said
    assert "no such file" in refusal(tmp_path / "no" / "folder.toml")


def test_a_directory(tmp_path: Path) -> None:
    assert "read      a directory" in refusal(tmp_path)


def test_something_else_than_a_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    assert "not a regular file" in refusal(tmp_path / "pipe.toml")


def test_a_name_that_no_file_can_have(tmp_path: Path) -> None:
    assert "File name too long" in refusal(tmp_path / ("a" * 3000))
    with pytest.raises(CaseError, match="no such file"):
        read("a\0b.toml")


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "case.toml"
    path.touch()
    monkeypatch.setattr(Path, "open", denied)
    assert "read      Permission denied" in refusal(path)


@pytest.mark.parametrize(
    ("data", "parts"),
    [
        (b"", ["PATH\n", "an empty file", "add schema_version = 1"]),
        (b" \n\n", ["an empty file"]),
        (b"a = 1\nb = '\0'\n", ["PATH line 2\n", "the byte 0x00", "text in UTF-8"]),
        (b"a = 1\n\nb = '\xff'\n", ["PATH line 3\n", "the byte 0xff", "plain text in UTF-8"]),
        ("a = 1".encode("utf-16"), ["PATH line 1\n", "the byte 0xff"]),
        (b"# \n" * 1_700_000, ["more than 5,000,000 bytes", "is this a case file?"]),
        (
            b"a = 1\n# " + b"x" * 1000,
            ["PATH line 2\n", "a line of 1,002 characters", "break the line"],
        ),
    ],
    ids=["empty", "blank", "nul", "latin", "utf-16", "large", "long line"],
)
def test_a_file_that_is_no_text(tmp_path: Path, data: bytes, parts: list[str]) -> None:
    path = tmp_path / "case.toml"
    path.write_bytes(data)
    said = refusal(path)
    for part in parts:
        assert part in said


@pytest.mark.parametrize(
    ("text", "line", "read", "expected"),
    [
        ("a = 1\nb = P507\n", 2, '"b = P507"', "TOML (invalid value)"),
        ("a = 1\n\nb = 2\na = 3\nc = 4\n", 4, '"a = 3"', "TOML (cannot overwrite a value)"),
        ("[a]\n[b]\n[a]\n", 3, '"[a]"', "TOML (cannot declare ('a',) twice)"),
        ("a = 1\nb = [1,\n\n", 2, '"b = [1,"', "TOML (invalid value)"),
        ("a = 1\nb\n", 2, '"b"', "TOML (expected '='"),
        ("a = " + "[" * 990, 1, "", "a case file (TOML)"),
        ("a = 1\rb = 2\n", 1, '"a = 1\\rb = 2"', "TOML"),
        ("d = 2021-13-45\n", 1, '"d = 2021-13-45"', "TOML"),
    ],
)
def test_what_is_not_toml(text: str, line: int, read: str, expected: str) -> None:
    (said,) = faults(text)
    assert read in said and f"expected  {expected}" in said and "  next  " in said
    assert said.startswith(f"tb-dy.toml line {line}\n" if read else "tb-dy.toml\n")


def test_several_sets_that_fit_must_be_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    one = datasets.parameter_set("P507-HCl-v0")
    both = (one, replace(one, name="P507-HCl-v1"))
    monkeypatch.setattr(datasets, "parameter_sets", lambda: both)
    (said,) = faults(TB_DY)
    assert said.startswith("tb-dy.toml line 5, circuits.tb-dy.equilibrium\n")
    assert "P507 in chloride, for which 2 sets can be run" in said
    assert "P507-HCl-v0 (P507 in chloride), P507-HCl-v1 (P507 in chloride)" in said
    assert "name one: equilibrium = ..." in said


@pytest.fixture
def data_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """D2EHPA in chloride as a set that is shipped and cannot be run."""
    sets = [
        replace(it, status="data only") if it.extractant == "D2EHPA" else it
        for it in datasets.parameter_sets()
    ]
    monkeypatch.setattr(datasets, "parameter_sets", lambda: tuple(sets))
    monkeypatch.setattr(datasets, "parameter_set", {it.name: it for it in sets}.__getitem__)


def test_a_set_that_is_data_only_is_not_run(data_only: None) -> None:
    (said,) = faults(changed('"PC88A"', '"D2EHPA"\nequilibrium = "D2EHPA-HCl-v0"'))
    assert said.startswith("tb-dy.toml line 7, circuits.tb-dy.equilibrium\n")
    assert '"D2EHPA-HCl-v0" (data only)' in said and "P507-HCl-v0 (P507 in chloride)" in said
    (said,) = faults(changed('"PC88A"', '"D2EHPA"'))
    assert said.startswith("tb-dy.toml line 6, circuits.tb-dy.extractant\n")
    assert "D2EHPA in chloride, for which no sets can be run" in said
