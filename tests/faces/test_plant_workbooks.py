"""A plant as a workbook: written from TOML, read as the same plan, every fault at its cell."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
import pytest
from openpyxl import Workbook

import tiny_plant
from command_line import refused, shown, ytterby
from ytterby.case import read
from ytterby.case.book_hints import in_cells
from ytterby.case.book_writing import write_book
from ytterby.errors import CaseError, ExitCode

EXAMPLES = Path(__file__).parents[2] / "examples" / "lacq"
ALL_OPTIONS = """\
schema_version = 1
title = "Every kind of value"

[plant]
name = "odd"
medium = "chloride"
hours = "330 d"

[plant.feeds.magnets]
blend = { MAG_EV_OLD = "60 %", MAG_WIND_DD = 0.4 }
yearly = "2000 t"
[plant.feeds.concentrate]
material = "CONCENTRATE_REF"
yearly = "5000000 kg"
treo = "49 %"

[plant.units.dissolve]
kind = "dissolution"
reductant = true
from.concentrate = ["40 % of concentrate", "magnets"]   # both together
[plant.units.dissolve.settings]
posts = 1.25                                            # one and a quarter
[plant.units.nd-sm]
kind = "solvent extraction"
cut = ["Nd", "Sm"]
equilibrium = "P507-HCl-v0"
extractant = "1.2 mol/L"
assumed = { Fe = 0.05, Al = 0.001 }
recoveries = { Pr = "99.5 %" }
efficiency = 0.9
from.feed = ["dissolve.liquor"]
[plant.units.gd-tb]
kind = "solvent extraction"
cut = ["Gd", "Tb"]
efficiency = "90 %"
from.feed = ["nd-sm.strip_liquor"]

[plant.ends.residue]
of = ["dissolve.residue"]
kind = "residue"
[plant.ends.stock]
of = ["60 % of concentrate", "nd-sm.raffinate", "gd-tb.raffinate", "gd-tb.strip_liquor"]
kind = "by-product"
[plant.ends.solvent]
of = ["nd-sm.spent_solvent", "gd-tb.spent_solvent"]
kind = "residue"
[plant.ends.gas]
of = ["dissolve.vent", "dissolve.carbon_dioxide"]
kind = "emission"

[plant.campaigns.spring]
hours = "3000 h"
feeds = ["magnets", "concentrate"]
[plant.campaigns.autumn]
hours = "100 d"
feeds = ["magnets"]

[audits.first]
[audits.second]
drop = ["lacq_capacity_usar"]
draws = 50000
"""


def folder(tmp_path: Path, name: str = "lacq") -> Path:
    """A copy of an example with its designs; its path."""
    for file in (f"{name}.toml", "designs.toml"):
        (tmp_path / file).write_bytes((EXAMPLES / file).read_bytes())
    return tmp_path / f"{name}.toml"


def workbook(case: Path) -> Path:
    """The workbook beside a case."""
    return write_book(case, case.with_suffix(".xlsx"))


@pytest.mark.parametrize("name", ["lacq", "metal"])
def test_there_and_back_is_the_same_plan(name: str, tmp_path: Path) -> None:
    case = folder(tmp_path, name)
    said = shown("sheet", case, case.with_suffix(".xlsx"))
    assert f"wrote {tmp_path}/{name}.xlsx\nnext: ytterby run {tmp_path}/{name}.xlsx\n" == said
    written, back = read(case), read(case.with_suffix(".xlsx"))
    assert back.plant == written.plant and back.audits == written.audits
    assert back.title == written.title
    assert "no fault found" in shown("check", case.with_suffix(".xlsx"))


def test_every_kind_of_value_comes_back(tmp_path: Path) -> None:
    """Blends, shares, tables in units, units of two kinds in one column, true, lists, empty tables."""
    case = tmp_path / "odd.toml"
    case.write_text(ALL_OPTIONS, "utf-8")
    written, back = read(case), read(workbook(case))
    assert back.plant == written.plant and back.audits == written.audits
    assert list(back.audits) == ["first", "second"]
    assert back.plant is not None and len(back.plant.campaigns) == 2


def test_a_workbook_is_run_as_its_case_is(tmp_path: Path) -> None:
    case = tiny_plant.write_case(tmp_path)
    code, text, err = ytterby("run", workbook(case), "--out", tmp_path / "out")
    assert (code, err) == (0, "") and "A plant of seven units" in text
    code, again, _ = ytterby("run", case.with_suffix(".xlsx"), "--out", tmp_path / "out")
    assert code == 0 and "unchanged, not solved again" in again
    code, other, _ = ytterby("run", case, "--out", tmp_path / "other")
    assert code == 0
    assert text.split("Sources: ")[0] == other.split("Sources: ")[0]


def test_keys_of_a_workbook_can_be_changed(tmp_path: Path) -> None:
    book = workbook(folder(tmp_path))
    plant = read(book, ["plant.medium=chloride"]).plant
    assert plant is not None and plant.medium == "chloride"


def test_remarks_and_what_is_cited_stand_in_the_notes(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(workbook(folder(tmp_path)))
    units = {row[0]: row[-1] for row in book["Units"].iter_rows(values_only=True)}
    assert units["side-metals"] == "cobalt, nickel, copper"
    (setting,) = list(book["Settings"].iter_rows(min_row=3, values_only=True))
    assert setting[:3] == ("purify-m", "ph", 5.5)
    assert "4.7 as cited" in str(setting[3]) and "aluminium falls late" in str(setting[3])
    assert book["Units"]["A2"].value == "in"
    header = [cell.value for cell in book["Units"][1]]
    assert book["Units"][2][header.index("rare_earths")].value == "mol/L"


# --- faults


def cell_of(book: Workbook, sheet: str, label: str, column: str) -> Any:
    """The cell of a row by the name in its first cell, and of a column by its header."""
    page = book[sheet]
    header = [cell.value for cell in page[1]].index(column) + 1
    row = next(cell.row for cell in page["A"] if cell.value == label)
    return page.cell(row, header)


def damaged(tmp_path: Path, change: Callable[[Workbook], Any]) -> list[str]:
    """Faults of the reference workbook after a change, as `ytterby check` tells them."""
    path = workbook(folder(tmp_path))
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)
    found = re.split(r"\n(?=\S)", refused(ExitCode.CASE, "check", path).strip())
    return [it for it in found if not re.fullmatch(r"\d+ faults", it)]


def put(sheet: str, label: str, column: str, value: Any) -> Callable[[Workbook], str]:
    """A change of one cell."""

    def change(book: Workbook) -> str:
        cell = cell_of(book, sheet, label, column)
        cell.value = value
        return str(cell.coordinate)

    return change


VALUES = {
    "kind": ("Units", "roast", "kind", "oxidativ roast", "nearest   oxidative roast"),
    "inlet": ("Units", "leach", "from.oxides", "roats.oxides", "nearest   roast.oxides"),
    "share": ("Units", "purify-m", "from.liquor", "60 % of leach.liquor", "sum to 60 %"),
    "cut": ("Units", "nd-tb", "cut", "Tb, Nd", "the less extracted first"),
    "text for a number": ("Settings", "purify-m", "value", "high", "a number such as"),
    "text for a quantity": ("Units", "condition-m", "rare_earths", "strong", "concentration"),
    "negative": ("Feeds", "magnets", "yearly", -2000, "mass > 0 kg"),
    "true for text": ("Feeds", "magnets", "material", True, "text such as"),
    "setting": ("Settings", "purify-m", "setting", "phh", "nearest   ph"),
    "unit of a setting": ("Settings", "purify-m", "unit", "purify", "a unit of the sheet Units"),
    "product": ("Ends", "tb-oxide", "product", "terbum oxide", "nearest   terbium oxide"),
    "formula": ("Feeds", "magnets", "yearly", "=1000*2", "without a stored value"),
    "error": ("Feeds", "magnets", "yearly", "#DIV/0!", "the error #DIV/0!"),
    "name twice": ("Units", "roast", "unit", "leach", '"leach" a second time'),
    "no name": ("Supplies", "water", "reagent", None, "the name of this row"),
    "reagent": ("Supplies", "water", "reagent", "watr", "nearest   water"),
    "key outside": ("More", "audits.lacq.claims", "value", "laq", "lacq"),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_bad_value_is_told_at_its_cell(name: str, tmp_path: Path) -> None:
    sheet, label, column, value, part = VALUES[name]
    places: list[str] = []
    said = damaged(tmp_path, lambda book: places.append(put(sheet, label, column, value)(book)))
    told = [it for it in said if f"lacq.xlsx sheet {sheet} cell " in it.split("\n")[0]]
    assert any(part in it for it in told), said
    if name not in ("setting", "name twice"):  # told at the value, and at the second of two
        assert any(re.search(rf" cell {places[0]}\b", it.split("\n")[0]) for it in told), said
    if name not in ("name twice", "unit of a setting"):
        assert len(said) == 1, said


def test_a_number_without_unit_is_told(tmp_path: Path) -> None:
    """Without its unit a column says nothing, in any of its rows."""
    said = damaged(tmp_path, put("Feeds", "in", "yearly", None))
    assert len(said) == 2 and all("2000 (a number" in it or "5000 (a number" in it for it in said)
    assert "sheet Feeds cell C3, plant.feeds.magnets.yearly" in said[0]


HINTS = {
    "cut": (
        *("Units", "nd-tb", "cut", "Tb, Nd"),
        "write Nd, Tb in column cut, row nd-tb of sheet Units",
    ),
    "mass": (
        *("Feeds", "magnets", "yearly", None),
        "add something such as 2000 t in column yearly, row magnets of sheet Feeds",
    ),
    "inlet": (
        *("Units", "leach", "from.oxides", None),
        "add a column from.NAME, row leach of sheet Units",
    ),
    "option": (
        *("Units", "nd-tb", "cut", None),
        "in column cut, row nd-tb of sheet Units",
    ),
    "grade": (
        *("Ends", "tb-oxide", "grade", None),
        "in column grade, row tb-oxide of sheet Ends",
    ),
    "setting": (
        *("Settings", "purify-m", "value", "high"),
        "in column value, unit purify-m and setting ph of sheet Settings",
    ),
    "medium": (*("Plant", "lacq", "medium", "nitrat"), "nitrate in column medium of sheet Plant"),
    "draws": (
        *("More", "audits.lacq.claims", "key", "audits.lacq.draws"),
        "in column value, row audits.lacq.draws of sheet More",
    ),
}


@pytest.mark.parametrize("name", HINTS)
def test_what_to_do_next_is_said_in_cells(name: str, tmp_path: Path) -> None:
    sheet, label, column, value, hint = HINTS[name]
    said = "\n".join(damaged(tmp_path, put(sheet, label, column, value)))
    assert hint in said
    hints = re.findall(r"\n  next +(.*)", said)
    assert not any(" = " in it for it in hints), hints


@pytest.mark.parametrize(
    ("path", "toml", "cells"),
    [
        (("plant", "feeds"), "add [plant.feeds]", "add a row of sheet Feeds"),
        (("plant", "units", "a", "from"), "add [plant.units.a.from]",
         "add a column from.NAME, row a of sheet Units"),
        (("audits",), "add [audits.lacq]", "add rows of sheet More that begin with audits.lacq"),
        (("plant", "units", "a", "from", "feed"), 'add from.feed = ["b.c"], or take the unit out',
         "add b.c in column from.feed, row a of sheet Units, or take the unit out"),
        (("plant", "supplies", "water"), 'write water = ["a.b"]',
         "write a.b in column of, row water of sheet Supplies"),
        (("plant", "name"), 'add a line such as name = "lacq"',
         "add something such as lacq in column plant of sheet Plant"),
        (("schema_version",), "write schema_version = 1",
         "write 1 in column schema_version of sheet Plant"),
        (("plant", "units", "a", "kind"), "list all kinds with `ytterby list units`",
         "list all kinds with `ytterby list units`"),
        (("plant", "units", "a", "cut"), "pip install ytterby[excel]",
         "pip install ytterby[excel]"),
    ],
)  # fmt: skip
def test_hints_of_tables_and_lines_become_cells(
    path: tuple[str, ...], toml: str, cells: str
) -> None:
    assert in_cells(toml, path) == cells


def test_percent_formats_are_refused(tmp_path: Path) -> None:
    """0.05 that a sheet shows as 5 % would be read as 0.05 %."""

    def change(book: Workbook) -> None:
        cell = cell_of(book, "Units", "dy-ho", "stripped")
        cell.value, cell.number_format = 0.05, "0 %"

    (said,) = damaged(tmp_path, change)
    assert "0.05, shown as 5 %" in said and "sheet Units cell " in said


def test_sheets_columns_and_cells_of_another_kind(tmp_path: Path) -> None:
    def change(book: Workbook) -> None:
        book["Units"].merge_cells("A3:A4")
        book["Units"].cell(1, 2).value = "knd"
        book["Feeds"].cell(1, 5).value = "colour"
        book["Feeds"].cell(3, 5).value = "red"
        book["Ends"].cell(3, 8).value = "what is this"
        book["Ends"].title = "End"
        book.create_sheet("# my notes")["A1"] = "anything"

    said = "\n".join(damaged(tmp_path, change))
    assert 'sheet End cell A1\n  read      the sheet "End"' in said
    assert "nearest   Ends" in said
    assert "sheet Units cell A3\n  read      merged cells A3:A4" in said
    assert 'sheet Units cell B1\n  read      the column "knd"' in said
    assert "nearest   kind" in said and "roast.kind" not in said
    assert 'sheet Feeds cell E1\n  read      the column "colour"' in said
    assert "my notes" not in said


def test_rows_and_columns_for_readers_are_passed_over(tmp_path: Path) -> None:
    path = workbook(folder(tmp_path))
    before = read(path).plant
    book = openpyxl.load_workbook(path)
    book["Units"].insert_rows(5)
    book["Units"]["A5"], book["Units"]["B5"] = "# line M", "=1/0"
    book["Ends"]["F3"] = "for Japan"
    book["Ends"].delete_rows(60, 5)
    book.save(path)
    assert read(path).plant == before


ODD: tuple[Any, ...] = (
    None, "", 0, -1, 1e308, True, "a, b", "é", "30 % of mill.powder", "in", "#", "=1+1", "#N/A",
    0.5, "kind", "[1]", "\u202e", "1 mol/L", "nan", "a.b.c", "% of x", ";;,",
)  # fmt: skip


def test_a_workbook_with_odd_cells_is_read_or_refused(tmp_path: Path) -> None:
    """Never a traceback, whatever stands where."""
    path = workbook(folder(tmp_path))
    book = openpyxl.load_workbook(path)
    random = Random(7)
    for _ in range(30):
        sheet = random.choice(book.worksheets)
        row, column = (
            random.randint(1, min(sheet.max_row + 1, 6)),
            random.randint(1, sheet.max_column),
        )
        cell = sheet.cell(row, column)
        before, cell.value = cell.value, random.choice(ODD)
        book.save(path)
        try:
            read(path)
        except CaseError as error:
            assert all(fault.where and fault.read for fault in error.faults)
        cell.value = before


@pytest.mark.parametrize("data", [b"PK\x03\x04 no zip", b"schema_version = 1\n"])
def test_what_is_no_workbook_is_refused(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "case.xlsx"
    path.write_bytes(data)
    assert "no workbook" in refused(ExitCode.CASE, "check", path)


def test_a_damaged_workbook_is_refused(tmp_path: Path) -> None:
    path = workbook(folder(tmp_path))
    whole = path.read_bytes()
    for length in range(0, len(whole) - 1, len(whole) // 7):
        path.write_bytes(whole[:length])
        assert ytterby("check", path).code == ExitCode.CASE


def test_an_empty_workbook_is_no_case(tmp_path: Path) -> None:
    Workbook().save(tmp_path / "empty.xlsx")
    said = refused(ExitCode.CASE, "check", tmp_path / "empty.xlsx")
    assert 'the sheet "Sheet"' in said and "schema_version" in said


def test_where_a_workbook_cannot_be_written(tmp_path: Path) -> None:
    case = folder(tmp_path)
    assert "a name that ends in .ods" in refused(
        ExitCode.OUTPUT, "sheet", case, tmp_path / "lacq.ods"
    )
    elsewhere = refused(ExitCode.OUTPUT, "sheet", case, tmp_path / "below" / "lacq.xlsx")
    assert "another folder" in elsewhere and "lacq.xlsx" in elsewhere
    workbook(case)
    assert "a file of that name" in refused(ExitCode.OUTPUT, "sheet", case, tmp_path / "lacq.xlsx")
    circuit = EXAMPLES.parent / "tb-dy.toml"
    said = refused(ExitCode.CASE, "sheet", circuit, circuit.with_suffix(".xlsx"))
    assert "no plant" in said and not circuit.with_suffix(".xlsx").exists()


def test_without_openpyxl_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = folder(tmp_path)
    book = workbook(case)
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    assert "pip install ytterby[excel]" in refused(ExitCode.CASE, "check", book)
    assert "pip install ytterby[excel]" in refused(
        ExitCode.OUTPUT, "sheet", case, tmp_path / "b.xlsx"
    )
