"""Rows of a user's table as they stand in its file, CSV or XLSX, each cell with its place."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from ytterby.errors import CaseError, Fault, nearest
from ytterby.quantities import quoted

LARGEST = 20_000_000
"""Bytes of a table file."""
LARGEST_UNPACKED = 300_000_000
"""Bytes of what an XLSX file holds."""
MOST_ROWS = 5_000
"""Rows of a table; a fit of more would take minutes."""
MOST_COLUMNS = 100
SUFFIXES = (".csv", ".xlsx")
COMMENT = "#"
"""First letter of a row that is for readers only."""


@dataclass(frozen=True)
class Sheet:
    """A table as it was written: cells not yet understood."""

    name: str
    """File, and the sheet of an XLSX file, for messages."""
    rows: tuple[tuple[int, tuple[Any, ...]], ...]
    """Number in the file, from 1, and cells; rows that are empty or comments are left out."""
    workbook: bool

    def place(self, row: int, column: int, header: str = "") -> str:
        """Place of a cell: ``my.csv line 12, aq_eq`` or ``my.xlsx sheet Feed cell F12, aq_eq``."""
        at = f"cell {letters(column)}{row}" if self.workbook else f"line {row}"
        return f"{self.name} {at}" + (f", {header}" if header else "")


def read_sheet(path: Path, name: str) -> Sheet:
    """The rows of a table file; CaseError if it is none. ``name`` is the file for messages."""
    if path.suffix.lower() not in SUFFIXES:
        raise _refused(name, f"a file called {quoted(path.name)}", "a table, .csv or .xlsx")
    data = _bytes(path, name)
    return _workbook(data, name) if path.suffix.lower() == ".xlsx" else _text_table(data, name)


def _refused(where: str, read: str, expected: str, close: str = "", next: str = "") -> CaseError:
    return CaseError(Fault(where, read, expected, close, next or "check the name of the table"))


def _bytes(path: Path, name: str) -> bytes:
    expected = "a table, .csv or .xlsx, beside the case file"
    if path.is_dir():
        raise _refused(name, "a directory", expected)
    if not path.is_file():
        beside = [it.name for it in path.parent.glob("*") if it.suffix.lower() in SUFFIXES]
        raise _refused(name, "no such file", expected, nearest(path.name, beside))
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise _refused(name, error.strerror or str(error), "a file that can be read") from None
    if len(data) > LARGEST:
        size = f"more than {LARGEST:,} bytes"
        raise _refused(name, size, f"at most {LARGEST:,} bytes", next="keep the isotherms only")
    if not data.strip():
        raise _refused(name, "an empty file", expected, next="see `ytterby fit --template`")
    return data


# --- CSV


def _text_table(data: bytes, name: str) -> Sheet:
    try:
        text, bad = data.decode("utf-8-sig"), data.find(b"\0")
    except UnicodeDecodeError as error:
        text, bad = "", error.start
    if bad >= 0:
        line = data.count(b"\n", 0, bad) + 1
        read = f"the byte 0x{data[bad]:02x}, which is not text in UTF-8"
        next = 'save it as "CSV UTF-8", or as XLSX'
        raise _refused(f"{name} line {line}", read, "text in UTF-8", next=next)
    lines = csv.reader(io.StringIO(text, newline=""))
    rows = []
    try:
        for cells in lines:
            if any(cell.strip() for cell in cells) and not cells[0].startswith(COMMENT):
                rows.append((lines.line_num, tuple(cell.strip() for cell in cells)))
            _limit(len(rows), len(cells), f"{name} line {lines.line_num}")
    except csv.Error as error:
        next = "mend the quotation marks of this line"
        raise _refused(f"{name} line {lines.line_num}", str(error), "CSV", next=next) from None
    return Sheet(name, tuple(rows), workbook=False)


def _limit(rows: int, columns: int, where: str) -> None:
    if rows > MOST_ROWS + 2 or columns > MOST_COLUMNS:
        read = f"more than {MOST_ROWS:,} rows" if columns <= MOST_COLUMNS else f"{columns} columns"
        expected = f"at most {MOST_ROWS:,} rows and {MOST_COLUMNS} columns"
        raise _refused(where, read, expected, next="keep the isotherms only")


# --- XLSX


def _workbook(data: bytes, name: str) -> Sheet:
    """The first sheet of a workbook: stored values, no formula is computed."""
    try:
        import openpyxl
    except ImportError:
        next = "pip install ytterby[excel], or save the table as CSV"
        raise _refused(name, "no openpyxl", "the extra `excel`", next=next) from None
    try:
        with ZipFile(io.BytesIO(data)) as packed:
            size = sum(entry.file_size for entry in packed.infolist())
    except BadZipFile:
        raise _no_workbook(name) from None
    if size > LARGEST_UNPACKED:
        raise _refused(name, f"a workbook of {size:,} bytes unpacked",
                       f"at most {LARGEST_UNPACKED:,}", next="keep the isotherms only")  # fmt: skip
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of drawings and styles that are not read
            values = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            formulas = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
            title = values.worksheets[0].title
            where = f"{name} sheet {quoted(title)[1:-1]}"
            return _first_sheet(where, values.worksheets[0], formulas.worksheets[0])
    except CaseError:
        raise
    except Exception:  # what openpyxl raises for a damaged workbook is not documented
        raise _no_workbook(name) from None


def _no_workbook(name: str) -> CaseError:
    return _refused(name, "no workbook", "a workbook (.xlsx)", next="save it again as .xlsx or CSV")


def _first_sheet(name: str, values: Any, formulas: Any) -> Sheet:
    rows, uncomputed = [], []
    for number, (stored, written) in enumerate(_pairs(values, formulas), start=1):
        filled = [index for index, cell in enumerate(stored) if _is_there(cell)]
        cells = tuple(stored[: filled[-1] + 1]) if filled else ()
        sheet = Sheet(name, (), workbook=True)
        for column, formula in enumerate(written):
            if isinstance(formula, str) and formula.startswith("=") and stored[column] is None:
                where = sheet.place(number, column)
                uncomputed.append(_uncomputed(where, formula))
        if cells and not str(cells[0]).startswith(COMMENT):
            rows.append((number, tuple("" if it is None else _clean(it) for it in cells)))
        _limit(len(rows), len(cells), sheet.place(number, 0))
    if uncomputed:
        raise CaseError(uncomputed)
    return Sheet(name, tuple(rows), workbook=True)


def _pairs(values: Any, formulas: Any) -> Iterator[tuple[tuple[Any, ...], tuple[Any, ...]]]:
    stored, written = (it.iter_rows(values_only=True) for it in (values, formulas))
    yield from zip(stored, written, strict=True)


def _uncomputed(where: str, formula: str) -> Fault:
    read = f"the formula {quoted(formula)} without a stored value"
    next = "open and save the workbook in a spreadsheet program, or write the number"
    return Fault(where, read, "a number or text", next=next)


def _is_there(cell: Any) -> bool:
    return cell is not None and str(cell).strip() != ""


def _clean(cell: Any) -> Any:
    return cell.strip() if isinstance(cell, str) else cell


def letters(column: int) -> str:
    """Letters of a column, counted from 0: A, ..., Z, AA, ..."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
