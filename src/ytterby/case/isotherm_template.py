"""An empty isotherm table with its columns explained, as CSV or XLSX."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from ytterby.case.isotherm_columns import COLUMNS
from ytterby.errors import Fault, OutputError

_ABOUT = (
    "Isotherm table: one row per metal of each shake-out; fresh organic, one contact to equilibrium.",
    "Rows that begin with # are for readers. The first other row names columns, the next has their units.",
    "Needed of each contact: extractant, O/A; acid and all metals before, or pH and both phases after.",
    "Of each metal two of aq_feed, aq_eq, org_eq, or D. Columns that you do not need may be removed.",
    "A metal below detection: leave aq_eq, org_eq and D empty, its feed still counts.",
    "Metals may stand in mol/L, mmol/L, g/L metal, g/L REO (oxides as traded), mg/L metal, mg/L REO.",
)  # fmt: skip
_ROWS = (
    {"contact": "example-1", "element": "Pr", "extractant": "1.0", "saponification": "0",
     "oa_ratio": "1", "acid_feed": "0.05", "temperature": "25", "aq_feed": "7.05", "aq_eq": "5.62",
     "org_eq": "1.43", "note": "invented: replace by your own"},
    {"contact": "example-1", "element": "Nd", "extractant": "1.0", "saponification": "0",
     "oa_ratio": "1", "acid_feed": "0.05", "temperature": "25", "aq_feed": "7.21", "aq_eq": "5.30",
     "org_eq": "1.91", "note": "shaken together with the row above"},
    {"contact": "example-2", "element": "Nd", "extractant": "1.0", "saponification": "0",
     "oa_ratio": "0.5", "acid_feed": "0.1", "temperature": "25", "aq_feed": "14.4", "aq_eq": "12.6",
     "note": "organic by the balance"},
)  # fmt: skip


def write_template(path: Path) -> Path:
    """Write the template as a new file; OutputError if one is in the way or the name is no table."""
    suffix = path.suffix.lower()
    if suffix not in (".csv", ".xlsx"):
        raise _refused(path, "a name that ends neither in .csv nor in .xlsx", "a name of a table")
    data = _workbook(path) if suffix == ".xlsx" else _text().encode("utf-8")
    try:
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError:
        raise _refused(path, "a file of that name", "a free name") from None
    except OSError as error:
        raise _refused(path, error.strerror or str(error), "a place to write") from None
    return path


def _refused(path: Path, read: str, expected: str) -> OutputError:
    return OutputError(Fault(str(path), read, expected, next="choose another name"))


def template_lines() -> tuple[tuple[str, ...], ...]:
    """Comments, names, units and examples, cell by cell."""
    comments = [(f"# {line}",) for line in _ABOUT]
    comments += [(f"# {it.name}: {it.about}",) for it in COLUMNS.values()]
    names = tuple(COLUMNS)
    units = tuple(column.example for column in COLUMNS.values())
    rows = [tuple(row.get(name, "") for name in names) for row in _ROWS]
    return (*comments, names, units, *rows)


def _text() -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    for cells in template_lines():
        if cells[0].startswith("#"):
            text.write(cells[0] + "\n")
        else:
            writer.writerow(cells)
    return text.getvalue()


def _workbook(path: Path) -> bytes:
    try:
        from openpyxl import Workbook
    except ImportError:
        fault = Fault(
            str(path), "no openpyxl", "the extra `excel`", next="pip install ytterby[excel]"
        )
        raise OutputError(fault) from None
    book = Workbook()
    sheet = book.active
    assert sheet is not None  # a new workbook has one
    sheet.title = "isotherms"
    for cells in template_lines():
        sheet.append([_typed(cell) for cell in cells])
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def _typed(cell: str) -> str | float | None:
    """Numbers as numbers; an empty cell stays empty."""
    try:
        return float(cell) if cell else None
    except ValueError:
        return cell
