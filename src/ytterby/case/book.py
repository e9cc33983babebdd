"""A case as a workbook: one sheet for each table of the plant, rows for its entries, columns for their keys.

The first row names columns, the second has the units of numbers. Keys are those of the schema, below the
row's own table, e.g. ``from.liquor`` or ``wrong_side``, so that a workbook gives the same tree as a file in
TOML and is held against the same schema. Rows that begin with # and columns named notes are for readers.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Any, NamedTuple
from zipfile import BadZipFile, ZipFile

from ytterby.case.check import FAULTY
from ytterby.case.faults import Cell, dotted
from ytterby.case.lines import KeyPath
from ytterby.case.schema import Row, any_name, keys_of
from ytterby.case.sheets import COMMENT, letters
from ytterby.errors import CaseError, Fault, nearest
from ytterby.quantities import quoted

SUFFIX = ".xlsx"
LARGEST = 5_000_000
"""Bytes of a workbook."""
LARGEST_UNPACKED = 100_000_000
MOST_ROWS, MOST_COLUMNS = 2_000, 200
"""Of a sheet."""
NOTES = "notes"
"""Header of columns for readers."""
UNITS = "in"
"""First cell of the row of units."""
MORE = "More"
"""Sheet of keys outside the plant, each with its whole path."""
APART = re.compile(r"[,;\n]")
"""Between the names of a list in one cell."""


class Layout(NamedTuple):
    """What a row of a sheet is."""

    table: tuple[str, ...]
    """The table whose entries are rows; empty where a row has its path in the cell."""
    label: str
    """Header of the column that names rows."""
    key: str = ""
    """Key of the schema that each column stands for, where rows are no tables themselves."""


SHEETS: Mapping[str, Layout] = {
    "Plant": Layout(("plant",), "plant"),
    "Feeds": Layout(("plant", "feeds"), "feed"),
    "Units": Layout(("plant", "units"), "unit"),
    "Settings": Layout(("plant", "units"), "unit"),
    "Ends": Layout(("plant", "ends"), "end"),
    "Supplies": Layout(("plant", "supplies"), "reagent"),
    MORE: Layout((), "key"),
}
TOP = ("schema_version", "title")
"""Keys above the plant that stand in its row."""


@dataclass
class Book:
    """What a workbook says: a tree as of TOML, where each key stands, and what is wrong with cells."""

    name: str
    """The file, for messages."""
    tree: dict[str, Any] = field(default_factory=dict)
    places: dict[KeyPath, Cell] = field(default_factory=dict)
    found: list[tuple[int, Fault]] = field(default_factory=list)

    def cell(self, sheet: str, row: int, column: int) -> Cell:
        """Place of a cell, counted from 1 as people do; ordered by sheet, row and column."""
        number = list(SHEETS).index(sheet) if sheet in SHEETS else len(SHEETS)
        order = (number * (MOST_ROWS + 10) + row) * (MOST_COLUMNS + 10) + column
        return Cell(order, f"sheet {quoted(sheet)[1:-1]} cell {letters(column - 1)}{row}")

    def fault(
        self, at: Cell, key: str, read: str, expected: str, *, close: str = "", next: str = ""
    ) -> None:
        """Note a fault of a cell."""
        where = f"{self.name} {at.called}" + (f", {key}" if key else "")
        self.found.append((int(at), Fault(where, read, expected, close, next)))

    def put(self, path: KeyPath, value: Any, at: Cell) -> None:
        """Set a key of the tree, tables above it made where they are missing."""
        table = self.tree
        for depth, key in enumerate(path[:-1], start=1):
            table = table.setdefault(str(key), {})
            self.places.setdefault(path[:depth], at)
            if not isinstance(table, dict):
                expected = "a key of a table"
                self.fault(at, dotted(path), f"a key below {dotted(path[:depth])}", expected)
                return
        last = str(path[-1])
        if last in table:
            read, first = f"{dotted(path)} a second time", self.places[path].called
            self.fault(at, "", read, f"each key once; the first is in {first}", next="remove one")
            return
        table[last] = value
        self.places[path] = at


def read_book(data: bytes, name: str) -> Book:
    """The case of a workbook; CaseError if it is none. Faults of cells stand in what comes back."""
    values, formulas = _opened(data, name)
    book = Book(name)
    for sheet in values.worksheets:
        if sheet.title not in SHEETS:
            _strange_sheet(book, sheet)
    for title in SHEETS:
        if title in values.sheetnames:
            _read_sheet(book, title, values[title], formulas[title])
    book.places.setdefault(("plant",), book.cell("Plant", 1, 1))
    return book


def _opened(data: bytes, name: str) -> tuple[Any, Any]:
    """The workbook with stored values, and with its formulas."""
    refused = "a workbook (.xlsx)"
    try:
        import openpyxl
    except ImportError:
        then = "pip install ytterby[excel], or write the case in TOML"
        raise CaseError(Fault(name, "no openpyxl", "the extra `excel`", next=then)) from None
    if len(data) > LARGEST:
        read, most = f"more than {LARGEST:,} bytes", f"at most {LARGEST:,}"
        raise CaseError(Fault(name, read, most, next="is this a case?"))
    try:
        with ZipFile(io.BytesIO(data)) as packed:
            size = sum(entry.file_size for entry in packed.infolist())
        if size > LARGEST_UNPACKED:
            read, most = f"{size:,} bytes unpacked", f"at most {LARGEST_UNPACKED:,}"
            raise CaseError(Fault(name, read, most, next="is this a case?"))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of drawings and styles that are not read
            return (
                openpyxl.load_workbook(io.BytesIO(data), data_only=True),
                openpyxl.load_workbook(io.BytesIO(data)),
            )
    except CaseError:
        raise
    except BadZipFile:
        raise CaseError(Fault(name, "no workbook", refused, next="save it as .xlsx")) from None
    except Exception:  # what openpyxl raises for a damaged workbook is not documented
        raise CaseError(Fault(name, "no workbook", refused, next="save it as .xlsx")) from None


def _strange_sheet(book: Book, sheet: Any) -> None:
    """A sheet that is none of a case; one whose name begins with # is for readers."""
    if sheet.title.startswith(COMMENT):
        return
    close = nearest(sheet.title, SHEETS)
    next = f"rename it {close}" if close else f"remove it, or begin its name with {COMMENT}"
    expected = "one of: " + ", ".join(SHEETS)
    read = f"the sheet {quoted(sheet.title)}"
    book.fault(book.cell(sheet.title, 1, 1), "", read, expected, close=close, next=next)


def _read_sheet(book: Book, title: str, values: Any, formulas: Any) -> None:
    if values.max_row > MOST_ROWS or values.max_column > MOST_COLUMNS:
        read = f"{values.max_row:,} rows and {values.max_column:,} columns"
        expected = f"at most {MOST_ROWS:,} rows and {MOST_COLUMNS} columns"
        book.fault(book.cell(title, 1, 1), "", read, expected, next="remove what is empty")
        return
    for area in values.merged_cells.ranges:
        at = book.cell(title, area.min_row, area.min_col)
        read = f"merged cells {area.coord}"
        book.fault(at, "", read, "one value in each cell", next="unmerge them")
    pairs = zip(values.iter_rows(), formulas.iter_rows(), strict=True)
    rows = [list(zip(stored, written, strict=True)) for stored, written in pairs]
    _Table(book, title, rows).read()


def _read_cell(book: Book, title: str, stored: Any, written: Any) -> Any:
    """What a cell holds: text, number, true or false; None where it is empty."""
    value = stored.value
    at = book.cell(title, stored.row, stored.column)
    if written.data_type == "f" and value is None:
        next = "open and save the workbook in a spreadsheet program, or write the value"
        read = f"the formula {quoted(str(written.value))} without a stored value"
        book.fault(at, "", read, "a number or text", next=next)
        return FAULTY
    if stored.data_type == "e":
        read = f"the error {value}"
        book.fault(at, "", read, "a number or text", next="mend its formula, or write the value")
        return FAULTY
    if isinstance(value, date | time | timedelta):
        next = "format the cell as text or number and write it again"
        book.fault(at, "", f"the date {value}", "a number or text", next=next)
        return FAULTY
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, float | int) and "%" in str(stored.number_format):
        next = (
            'format the cell as a number, and write the unit % above it; or write it as text, "5 %"'
        )
        read = f"{value:g}, shown as {100.0 * value:g} % by the format of its cell"
        book.fault(at, "", read, "a plain number in the unit of its column", next=next)
        return FAULTY
    return value


@dataclass
class _Table:
    """One sheet, its cells read."""

    book: Book
    title: str
    rows: list[list[tuple[Any, Any]]]
    """Cells with stored values, each with its formula; read when they are asked for."""

    def read(self) -> None:
        """Put its rows into the tree."""
        headers, units = self._headers(), self._units()
        for number in range(3, len(self.rows) + 1):
            filled = [self._is_filled(number, column) for column in (0, *headers)]
            label = self._cell(number, 0) if filled[0] else None
            if not any(filled) or (isinstance(label, str) and label.startswith(COMMENT)):
                continue
            if not isinstance(label, str):
                self._unnamed(number, label)
                continue
            cells = {column: self._cell(number, column) for column in headers}
            self._row(number, label, cells, headers, units)

    def _is_filled(self, row: int, column: int) -> bool:
        """Whether something stands in a cell; row from 1, column from 0."""
        return any(it.value is not None for it in self.rows[row - 1][column])

    def _cell(self, row: int, column: int) -> Any:
        return _read_cell(self.book, self.title, *self.rows[row - 1][column])

    def _unnamed(self, number: int, label: Any) -> None:
        """A row whose name is missing or cannot be read: nothing is judged that may rest on it."""
        layout = SHEETS[self.title]
        if label is not FAULTY:
            read = "nothing" if label is None else quoted(label)
            expected = "the name of this row, as text"
            self.book.fault(self.at(number, 1), layout.label, read, expected, next="name it")
        table: Any = self.book.tree
        for key in layout.table:
            table = table.setdefault(key, {})
        if len(layout.table) > 1 and self.title != "Settings":
            table[""] = FAULTY

    def at(self, row: int, column: int) -> Cell:
        return self.book.cell(self.title, row, column)

    def _headers(self) -> dict[int, str]:
        """Names of columns by their number from 0, the first and those for readers left out."""
        layout = SHEETS[self.title]
        names = [self._cell(1, column) for column in range(len(self.rows[0]))] if self.rows else []
        first = names[0] if names else None
        if first != layout.label:
            read = "nothing" if first in (None, FAULTY) else quoted(first)
            expected = f'"{layout.label}", the name of the first column'
            self.book.fault(self.at(1, 1), "", read, expected, next="write it there")
        found: dict[int, str] = {}
        for column, name in enumerate(names[1:], start=1):
            filled = any(self._is_filled(row, column) for row in range(2, len(self.rows) + 1))
            at = self.at(1, column + 1)
            if name == NOTES or name is FAULTY or (name is None and not filled):
                continue
            if name is None:
                next = f'name it, or call it "{NOTES}"'
                self.book.fault(at, "", "a column without name", "a key", next=next)
            elif name in found.values():
                read = f"the column {quoted(name)} a second time"
                self.book.fault(at, "", read, "each column once", next="remove one")
            elif self._is_key(str(name)):
                found[column] = str(name)
            elif meant := self._unknown(at, str(name)):
                found.setdefault(column, meant)
        return found

    def _is_key(self, name: str) -> bool:
        return name in self._fixed() if self._fixed() else self._schema(name) is not None

    def _fixed(self) -> tuple[str, ...]:
        """Columns of sheets whose rows are no tables."""
        fixed = {"Settings": ("setting", "value"), "Supplies": ("of",), MORE: ("value",)}
        return fixed.get(self.title, ())

    def _unknown(self, at: Cell, name: str) -> str:
        """Note a column that is not known; the one that was meant comes back, if one is like it."""
        known = self._fixed() or tuple(self._known())
        close = nearest(name, known)
        next = f"rename it {close}" if close else f'remove it, or call it "{NOTES}"'
        expected = "one of: " + ", ".join((*known, NOTES))
        self.book.fault(at, "", f"the column {quoted(name)}", expected, close=close, next=next)
        return close if self._is_key(close) else ""

    def _known(self) -> Iterator[str]:
        """Columns that entries of this sheet may have, chosen names in capitals."""
        if self.title == "Plant":
            yield from TOP
        for key, row in keys_of(self._pattern()).items():
            if self.title == "Plant" and row.type == "table":
                continue
            if row.type != "table":
                yield key
            elif key != "settings":
                yield from (f"{key}.{below}" for below in keys_of((*self._pattern(), key)))

    def _pattern(self) -> tuple[str, ...]:
        """Table of the schema that a row is."""
        table = SHEETS[self.title].table
        return table if self.title == "Plant" else (*table, "LABEL")

    def _schema(self, name: str) -> Row | None:
        """Row of the schema that a column is, if it is one that holds a value."""
        if self.title == "Plant" and name in TOP:
            return keys_of(())[name]
        return row_of(self._pattern(), tuple(name.split(".")))

    def _units(self) -> list[Any]:
        """The row of units, with as many cells as there are columns."""
        width = len(self.rows[0]) if self.rows else 0
        if len(self.rows) < 2:
            return [None] * width
        first = self._cell(2, 0)
        if first not in (None, UNITS):
            read = quoted(first) if isinstance(first, str) else "something else"
            expected = f'the row of units, which begins with "{UNITS}"'
            self.book.fault(self.at(2, 1), "", read, expected, next="insert a row of units")
            return [None] * width
        return [self._cell(2, column) for column in range(width)]

    def _row(
        self,
        number: int,
        label: str,
        cells: Mapping[int, Any],
        headers: Mapping[int, str],
        units: list[Any],
    ) -> None:
        here = self.at(number, 1)
        if self.title == "Settings":
            found = {
                name: (cells[column], self.at(number, column + 1))
                for column, name in headers.items()
            }
            return self._setting(number, label, found)
        if self.title in ("Supplies", MORE):
            return self._path(number, label, cells)
        path: KeyPath = SHEETS[self.title].table
        if self.title == "Plant":
            self.book.put(("plant", "name"), label, here)
        else:
            path = (*path, label)
            if path in self.book.places:
                first = self.book.places[path].called
                expected = f"a name of its own; the first is in {first}"
                return self.book.fault(here, "", f"{quoted(label)} a second time", expected)
            self.book.put(path, {}, here)
        for column, name in headers.items():
            value = cells[column]
            if value is None:
                continue
            row = self._schema(name)
            assert row is not None, "only known columns are kept"
            above = () if self.title == "Plant" and name in TOP else path
            at = self.at(number, column + 1)
            self.book.put((*above, *name.split(".")), typed(row, value, units[column]), at)
        return None

    def _setting(self, number: int, unit: str, cells: Mapping[str, tuple[Any, Cell]]) -> None:
        """A number of a unit's own."""
        units = self.book.tree.get("plant", {}).get("units", {})
        if unit not in units:
            expected, close = "a unit of the sheet Units", nearest(unit, units)
            here = self.at(number, 1)
            self.book.fault(here, "", quoted(unit), expected, close=close, next="name one of them")
            return
        nothing = (None, self.at(number, 1))
        (setting, where), (value, at) = (cells.get(it, nothing) for it in ("setting", "value"))
        if not isinstance(setting, str):
            if setting is not FAULTY:
                read = "nothing" if setting is None else quoted(setting)
                expected = "the key of a setting, as text"
                self.book.fault(where, "setting", read, expected, next="see `ytterby list units`")
        elif value is None:
            self.book.fault(at, "value", "nothing", "a number", next="fill it in")
        else:
            self.book.put(("plant", "units", unit, "settings", setting), value, at)

    def _path(self, number: int, label: str, cells: Mapping[int, Any]) -> None:
        """A row of one value: a supply, or a key with its whole path."""
        path = (*SHEETS[self.title].table, *((label,) if self.title != MORE else label.split(".")))
        column = next(iter(cells), None)
        value = None if column is None else cells[column]
        here = self.at(number, 1)
        at = here if value is None or column is None else self.at(number, column + 1)
        row = row_of((), path)
        if row is None or row.type == "table":
            self.book.put(path, {} if value is None else value, at)
            return
        found = typed(row, "" if value is None else value, None)
        self.book.put(path, found, at if self.title == MORE else here)
        if isinstance(found, list):
            self.book.places |= {(*path, item): at for item in range(len(found))}


def row_of(pattern: tuple[str, ...], path: tuple[str, ...]) -> Row | None:
    """Row of the schema of a path below a table; None if there is none."""
    row: Row | None = None
    for key in path:
        known, chosen = keys_of(pattern), any_name(pattern)
        row = known.get(key, chosen) if not key.isupper() or key not in known else chosen
        if row is None:
            return None
        pattern = (*pattern, row.key)
    return row


def typed(row: Row, value: Any, unit: Any) -> Any:
    """A cell as TOML would have it: lists from their names, a number with the unit of its column."""
    if row.type == "quantity" and isinstance(value, float | int) and not isinstance(value, bool):
        return f"{value!r} {unit}" if isinstance(unit, str) else value
    if not isinstance(value, str):
        return value
    if row.type == "list":
        return [name.strip() for name in APART.split(value) if name.strip()]
    if row.type == "pair":
        return [name for name in re.split(r"[\s,;/]+", value) if name]
    if row.type == "boolean" and value.lower() in ("true", "false"):
        return value.lower() == "true"
    return value
