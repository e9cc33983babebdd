"""The workbook of a solved case: as a spreadsheet program opens it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.workbook.workbook import Workbook

from circuits import closely
from command_line import refused, shown
from ytterby.case import read
from ytterby.circuit import Circuit
from ytterby.circuit.solve import solve_circuit
from ytterby.circuit.solved import SolvedCircuit
from ytterby.errors import ExitCode
from ytterby.report.circuit_sheets import study_sheets
from ytterby.report.workbook import LONGEST_TITLE, Sheet, sheet, workbook
from ytterby.study.run import Study

EXAMPLE = Path(__file__).parents[2] / "examples" / "tb-dy.toml"


@pytest.fixture(scope="module")
def solved() -> SolvedCircuit:
    [circuit] = read(EXAMPLE).circuits.values()
    assert isinstance(circuit, Circuit)
    return solve_circuit(circuit)


def opened(sheets: list[Sheet]) -> Workbook:
    return load_workbook(io.BytesIO(workbook(sheets)))


@pytest.fixture(scope="module")
def book(solved: SolvedCircuit) -> Workbook:
    return opened(study_sheets(Study(read(EXAMPLE), {"tb-dy": solved})))


def test_streams_below_a_row_of_units(solved: SolvedCircuit, book: Workbook) -> None:
    assert book.sheetnames == ["tb-dy streams", "tb-dy stages", "sources"]
    header, units, *rows = book["tb-dy streams"].iter_rows(values_only=True)
    assert units[header.index("flow")] == "m3/h"
    assert units[header.index("Dy")] == "kg/h oxide"
    strip = next(dict(zip(header, row, strict=True)) for row in rows if row[0] == "strip liquor")
    stream = solved.streams["strip liquor"]
    assert strip["TREO"] == closely(stream.treo(), 1e-12)
    assert units[header.index("Dy purity")] == "share of TREO"
    assert strip["Dy purity"] == closely(stream.purity_reo("Dy"), 1e-12)
    assert strip["Dy recovery"] == closely(solved.recovery("Dy", "strip liquor"), 1e-12)


def test_every_stage_in_numbers(solved: SolvedCircuit, book: Workbook) -> None:
    header, units, *rows = book["tb-dy stages"].iter_rows(values_only=True)
    assert len(rows) == solved.circuit.stages
    assert units[header.index("Tb organic")] == "mol/L"
    dy = solved.circuit.elements.index("Dy")
    for number, row in enumerate(rows):
        expected = solved.profiles.aqueous[number, dy] / 1000.0
        assert row[header.index("Dy aqueous")] == closely(expected, 1e-12)


def test_sources_come_last_with_the_weakest_basis(solved: SolvedCircuit, book: Workbook) -> None:
    rows = list(book["sources"].iter_rows(min_row=3, values_only=True))
    assert rows[0] == ("tb-dy", "weakest basis", solved.weakest_basis)
    assert [row[1] for row in rows[1:]] == list(solved.sources)


def test_two_sheets_of_one_name_keep_their_sheets() -> None:
    one = Sheet("a/b: " + "long" * 10, ("x",), ("",), ((1.0,),))
    names = opened([one, one, one]).sheetnames
    assert len({name.casefold() for name in names}) == 3
    assert max(map(len, names)) == LONGEST_TITLE and "/" not in "".join(names)


def test_text_is_text_and_nothing_is_empty() -> None:
    columns = [
        ("name", "", lambda it: it[0]),
        ("value", "kg", lambda it: it[1]),
    ]
    items = [("=1+1", 2.5), ("bell\x07", float("nan")), ("whole", 3)]
    page = opened([sheet("own", columns, items)])["own"]
    rows = list(page.iter_rows(min_row=3))
    assert [(it[0].value, it[0].data_type) for it in rows] == [
        ("=1+1", "s"), ("bell?", "s"), ("whole", "s"),
    ]  # fmt: skip
    assert [it[1].value for it in rows] == [2.5, None, 3]


def test_written_by_the_command_and_never_over_another(tmp_path: Path) -> None:
    target = tmp_path / "streams.xlsx"
    command = ["circuit", str(EXAMPLE), "--xlsx", str(target)]
    assert f"wrote: {target}\n" in shown(*command)
    assert load_workbook(target).sheetnames[-1] == "sources"
    before = target.read_bytes()
    assert "a file of that name" in refused(ExitCode.OUTPUT, *command)
    assert target.read_bytes() == before
