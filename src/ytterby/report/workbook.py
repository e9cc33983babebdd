"""Sheets as an XLSX workbook: numbers as numbers, below a header and a row of units."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from ytterby.circuit.solved import Array
from ytterby.errors import Fault, OutputError
from ytterby.sources import format_source, source

SUFFIX = ".xlsx"
LONGEST_TITLE = 31
"""Characters of the name of a sheet that spreadsheets take."""
WIDEST = 40
"""Letters of a column at the most; longer text runs over."""
Cell = str | float | int | None
Item = TypeVar("Item")


@dataclass(frozen=True)
class Sheet:
    """A table of values; every column has a name and a unit."""

    title: str
    header: tuple[str, ...]
    units: tuple[str, ...]
    """Of the columns, "" for one without."""
    rows: tuple[tuple[Cell, ...], ...]
    """Numbers in full; None is an empty cell."""


def sheet(
    title: str, columns: Sequence[tuple[str, str, Callable[[Item], Cell]]], items: Iterable[Item]
) -> Sheet:
    """A row for each item; a column is its name, its unit and what it takes from an item. nan is empty."""
    names, units, taken = zip(*columns, strict=True)
    rows = tuple(tuple(_or_empty(take(item)) for take in taken) for item in items)
    return Sheet(title, names, units, rows)


def along(name: str, unit: str, values: Array) -> tuple[str, str, Callable[[int], Cell]]:
    """A column of a sheet whose items are the places in an array."""
    return name, unit, lambda it: float(values[it])


def source_sheet(rests_on: Iterable[tuple[str, str, str]]) -> Sheet:
    """What results rest on: of what, key or kind, reference or words."""
    columns: list[tuple[str, str, Callable[[tuple[str, str, str]], Cell]]] = [
        ("of", "", lambda it: it[0]),
        ("rests on", "", lambda it: it[1]),
        ("what", "", lambda it: it[2]),
    ]
    return sheet("sources", columns, rests_on)


def resting(
    name: str, keys: Iterable[str], weakest: str = "", assumptions: Iterable[str] = ()
) -> list[tuple[str, str, str]]:
    """Rows of ``source_sheet`` for one result."""
    rows = [(name, "weakest basis", weakest)] if weakest else []
    rows += [(name, "assumed", assumption) for assumption in assumptions]
    return rows + [(name, key, format_source(source(key))) for key in keys]


def workbook(sheets: Iterable[Sheet], option: str = "--xlsx") -> bytes:
    """The bytes of a workbook; OutputError without openpyxl."""
    try:
        from openpyxl import Workbook
    except ImportError:
        fault = Fault(option, "no openpyxl", "the extra `excel`", next="pip install ytterby[excel]")
        raise OutputError(fault) from None
    book = Workbook()
    book.remove(book.worksheets[0])
    for each in sheets:
        _fill(book.create_sheet(_free_title(each.title, book.sheetnames)), each)
    if not book.worksheets:
        book.create_sheet()
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def _fill(page: Any, filled: Sheet) -> None:
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    table = (filled.header, filled.units, *filled.rows)
    for number, row in enumerate(table, start=1):
        for column, value in enumerate(row, start=1):
            cell = page.cell(number, column)
            if isinstance(value, str):  # text, also where it begins like a formula
                cell.value = ILLEGAL_CHARACTERS_RE.sub("?", value)
                cell.data_type = "s"
            else:
                cell.value = value
    for cell in page[1]:
        cell.font = Font(bold=True)
    for cell in page[2]:
        cell.font = Font(italic=True)
    for column in range(1, len(filled.header) + 1):
        texts = (str(row[column - 1]) for row in table if isinstance(row[column - 1], str))
        width = min(WIDEST, max(map(len, texts)) + 2)
        page.column_dimensions[get_column_letter(column)].width = max(9, width)
    page.freeze_panes = "B3"


def _or_empty(value: Cell) -> Cell:
    """A share of nothing, an acid that the model lacks, is an empty cell."""
    return None if isinstance(value, float) and math.isnan(value) else value


def _free_title(title: str, taken: Sequence[str]) -> str:
    """A name that a sheet may have and no other has, case aside."""
    plain = re.sub(r"[\[\]:*?/\\]", "-", title)[:LONGEST_TITLE]
    known = {name.casefold() for name in taken}
    number, free = 1, plain
    while free.casefold() in known:
        number += 1
        ending = f" {number}"
        free = plain[: LONGEST_TITLE - len(ending)] + ending
    return free
