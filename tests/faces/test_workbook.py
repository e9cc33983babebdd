"""The workbook of a solved case: as a spreadsheet program opens it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from circuits import closely
from ytterby.circuit import Circuit
from ytterby.circuit.solve import solve_circuit
from ytterby.circuit.solved import SolvedCircuit
from ytterby.cli.app import app
from ytterby.report.workbook import workbook

EXAMPLE = Path(__file__).parents[2] / "examples" / "tb-dy.toml"


@pytest.fixture(scope="module")
def solved() -> SolvedCircuit:
    from ytterby.case import read

    [circuit] = read(EXAMPLE).circuits.values()
    assert isinstance(circuit, Circuit)
    return solve_circuit(circuit)


def test_streams_below_a_row_of_units(solved: SolvedCircuit) -> None:
    book = load_workbook(io.BytesIO(workbook([solved])))
    assert book.sheetnames == ["tb-dy streams", "tb-dy stages", "sources"]
    header, units, *rows = book["tb-dy streams"].iter_rows(values_only=True)
    assert units[header.index("flow")] == "m3/h"
    assert units[header.index("Dy")] == "kg/h oxide"
    strip = next(dict(zip(header, row, strict=True)) for row in rows if row[0] == "strip liquor")
    stream = solved.streams["strip liquor"]
    assert strip["TREO"] == closely(stream.treo(), 1e-12)
    assert units[header.index("Dy purity")] == "share of TREO"
    assert strip["Dy purity"] == closely(stream.purity_reo("Dy"), 1e-12)


def test_every_stage_in_numbers(solved: SolvedCircuit) -> None:
    book = load_workbook(io.BytesIO(workbook([solved])))
    header, units, *rows = book["tb-dy stages"].iter_rows(values_only=True)
    assert len(rows) == solved.circuit.stages
    assert units[header.index("Tb organic")] == "mol/L"
    dy = solved.circuit.elements.index("Dy")
    for number, row in enumerate(rows):
        expected = solved.profiles.aqueous[number, dy] / 1000.0
        assert row[header.index("Dy aqueous")] == closely(expected, 1e-12)


def test_two_circuits_of_one_name_keep_their_sheets(solved: SolvedCircuit) -> None:
    names = load_workbook(io.BytesIO(workbook([solved, solved]))).sheetnames
    assert len(set(names)) == 5


def test_written_by_the_command_and_never_over_another(tmp_path: Path) -> None:
    target = tmp_path / "streams.xlsx"
    command = ["circuit", str(EXAMPLE), "--xlsx", str(target)]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    assert load_workbook(target).sheetnames[-1] == "sources"
    before = target.read_bytes()
    again = CliRunner().invoke(app, command)
    assert "a file of that name" in str(again.exception)
    assert target.read_bytes() == before
