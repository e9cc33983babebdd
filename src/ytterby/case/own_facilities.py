"""Reads a user's tables of facilities and of evidence, CSV or XLSX, beside the case.

The first row names the columns, every other is one line of a facility, or one finding. Rows that begin with
# are for readers. All faults of a table come back together, each with its cell.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ytterby.case.sheets import Sheet, letters, read_sheet
from ytterby.errors import CaseError, DataError, Fault, nearest
from ytterby.quantities import quoted

if TYPE_CHECKING:
    from ytterby.chain.evidence import Evidence
    from ytterby.chain.network import Network
    from ytterby.chain.own import OwnRow


def read_own_facilities(path: Path, network: Network) -> Network:
    """The network with the facilities and lines of a table; CaseError with every fault of the table."""
    from ytterby.chain.own import FACILITY_COLUMNS, with_own

    rows = _rows(path, FACILITY_COLUMNS, ("facility",))
    try:
        return with_own(network, rows)
    except DataError as error:
        raise CaseError(error.faults) from None


def read_own_evidence(path: Path, network: Network) -> tuple[Evidence, ...]:
    """Rows of evidence of a table, in its order; CaseError with every fault of the table."""
    from ytterby.chain.own import EVIDENCE_COLUMNS, own_evidence

    rows = _rows(path, EVIDENCE_COLUMNS, ("facility", "stage", "kind", "what"))
    try:
        return own_evidence(network, rows)
    except DataError as error:
        raise CaseError(error.faults) from None


def _rows(path: Path, columns: Mapping[str, str], required: Iterable[str]) -> list[OwnRow]:
    """Rows below the header, cells as text; CaseError for a table that cannot be one of these."""
    from ytterby.chain.own import OwnRow

    sheet = read_sheet(path, path.name)
    if sheet.workbook:
        _refuse_merged(path, sheet)
    where = _header(sheet, columns, required)
    rows: list[OwnRow] = []
    faults: list[Fault] = []
    for number, cells in sheet.rows[1:]:
        faults += _strays(sheet, number, cells)
        texts = {name: _text(cells[at]) if at < len(cells) else "" for name, at in where.items()}
        rows.append(OwnRow(texts, partial(_place, sheet, number, where)))
    if faults:
        raise CaseError(faults)
    if not rows:
        raise CaseError(Fault(sheet.name, "no row below the names", "one row at least"))
    return rows


def _header(sheet: Sheet, columns: Mapping[str, str], required: Iterable[str]) -> dict[str, int]:
    """Columns by name; CaseError if one is unknown, comes twice, or is missing."""
    if not sheet.rows:
        raise CaseError(Fault(sheet.name, "no row", "a row of column names"))
    number, cells = sheet.rows[0]
    faults: list[Fault] = []
    found: dict[str, int] = {}
    for at, cell in enumerate(cells):
        name, place = str(cell), sheet.place(number, at)
        if name not in columns:
            expected = "one of: " + ", ".join(columns)
            faults.append(
                Fault(place, f"a column {quoted(name)}", expected, nearest(name, columns))
            )
        elif name in found:
            faults.append(Fault(place, f"a second column {name}", "each column once"))
        found.setdefault(name, at)
    for name in required:
        if name not in found:
            faults.append(
                Fault(sheet.place(number, 0), f"no column {name}", f"{name}: {columns[name]}")
            )
    if faults:
        raise CaseError(faults)
    return found


def _strays(sheet: Sheet, number: int, cells: tuple[Any, ...]) -> Iterable[Fault]:
    """Cells right of the last named column: a comma too many shifts a row without a trace."""
    width = len(sheet.rows[0][1])
    for at in range(width, len(cells)):
        if _text(cells[at]):
            read = f"{quoted(_text(cells[at]))} in a column without a name"
            then = "quote what holds a comma, or name the column"
            yield Fault(sheet.place(number, at), read, f"{width} cells", next=then)


def _place(sheet: Sheet, number: int, where: Mapping[str, int], column: str) -> str:
    return sheet.place(number, where.get(column, 0), column)


def _text(cell: Any) -> str:
    """A cell as it would stand in CSV: a date of a workbook as its day, a whole number without a point."""
    if isinstance(cell, date):
        return cell.isoformat()[:10]
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _refuse_merged(path: Path, sheet: Sheet) -> None:
    """CaseError for cells that are merged: all but the first would be read as empty."""
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of drawings and styles that are not read
        areas = openpyxl.load_workbook(path).worksheets[0].merged_cells.ranges
    faults = [
        Fault(
            f"{sheet.name} cell {letters(area.min_col - 1)}{area.min_row}",
            f"merged cells {area.coord}",
            "one value in each cell",
            next="unmerge them",
        )
        for area in areas
    ]
    if faults:
        raise CaseError(faults)
