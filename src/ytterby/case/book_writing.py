"""A case of a plant written as a workbook, to be changed and run as it is."""

from __future__ import annotations

import io
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ytterby.case.book import MORE, NOTES, SHEETS, SUFFIX, TOP, UNITS, row_of
from ytterby.case.lines import KeyPath, key_lines
from ytterby.case.reader import read
from ytterby.errors import CaseError, Fault, OutputError
from ytterby.unitops import KINDS

APART = ", "
ENTRY = 3
"""Keys in the path of an entry, such as a unit."""
WIDEST = 60
"""Characters of the widest column."""
_NUMBER = re.compile(r"(?P<number>[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?) (?P<unit>\S.*)")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'')

Rows = list[list[Any]]


def write_book(case: Path, target: Path) -> Path:
    """Write the plant of a case in TOML as a new workbook; its designs stay in the file that it names.

    CaseError where the case has a fault or no plant, OutputError where the workbook cannot be written.
    """
    if target.suffix.lower() != SUFFIX:
        ending = f"a name that ends in {target.suffix}" if target.suffix else "no ending"
        expected = f"a name that ends in {SUFFIX}"
        raise OutputError(Fault(str(target), ending, expected, next="rename it"))
    if target.absolute().parent != case.absolute().parent:
        expected = "the folder of the case, where the files lie that it names"
        next = f"write {case.with_suffix(SUFFIX)}"
        raise OutputError(Fault(str(target), "another folder", expected, next=next))
    if read(case).plant is None:
        fault = Fault(str(case), "no plant", "a table [plant]", next="name a case of a plant")
        raise CaseError(fault)
    data = book_bytes(case.read_text("utf-8-sig"))
    try:
        with target.open("xb") as file:
            file.write(data)
    except FileExistsError:
        fault = Fault(str(target), "a file of that name", "a free name", next="choose another name")
        raise OutputError(fault) from None
    except OSError as error:
        raise OutputError(
            Fault(str(target), error.strerror or str(error), "a place to write")
        ) from None
    return target


def book_bytes(text: str) -> bytes:
    """The workbook of a case in TOML that has no fault; OutputError without openpyxl."""
    try:
        from openpyxl import Workbook
        from openpyxl.styles import Alignment, Font
        from openpyxl.utils import get_column_letter
    except ImportError:
        fault = Fault(
            "workbook", "no openpyxl", "the extra `excel`", next="pip install ytterby[excel]"
        )
        raise OutputError(fault) from None
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets_of(text).items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
        sheet.freeze_panes = "B3"
        for number, column in enumerate(zip(*rows, strict=True), start=1):
            width = max(len(str(cell)) for cell in column if cell is not None)
            sheet.column_dimensions[get_column_letter(number)].width = min(width + 2, WIDEST)
        for cells in sheet.iter_rows():
            for cell in cells:
                cell.alignment = Alignment(wrap_text=True, vertical="top")
                if cell.row <= 2:
                    cell.font = Font(bold=cell.row == 1, italic=cell.row == 2)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def sheets_of(text: str) -> dict[str, Rows]:
    """Rows of each sheet of a case in TOML: headers, units, then its entries."""
    tree, notes = tomllib.loads(text), _Remarks(text)
    plant = tree["plant"]
    head = {key: tree[key] for key in TOP if key in tree}
    own = {key: value for key, value in plant.items() if not isinstance(value, dict)}
    name = own.pop("name", "plant")
    entries = {
        "Plant": {name: {**head, **own}},
        "Feeds": plant["feeds"],
        "Units": {
            unit: {key: value for key, value in entry.items() if key != "settings"}
            for unit, entry in plant["units"].items()
        },
        "Ends": plant["ends"],
    }
    sheets = {title: _entries(title, table, notes) for title, table in entries.items()}
    sheets["Settings"] = _settings(plant["units"], notes)
    sheets["Supplies"] = [
        ["reagent", "of", NOTES],
        [UNITS, None, None],
        *(
            [reagent, APART.join(outlets), notes.of(("plant", "supplies", reagent))]
            for reagent, outlets in plant.get("supplies", {}).items()
        ),
    ]
    rest = {key: value for key, value in tree.items() if key not in (*TOP, "plant")}
    shown = {layout.table[1] for layout in SHEETS.values() if len(layout.table) > 1}
    more = {key: it for key, it in plant.items() if isinstance(it, dict) and key not in shown}
    rest |= {"plant": more} if more else {}
    sheets[MORE] = [
        ["key", "value"],
        [UNITS, None],
        *(_cells(path, it) for path, it in _leaves(rest)),
    ]
    return {title: sheets[title] for title in SHEETS}


def _entries(title: str, table: Mapping[str, Mapping[str, Any]], notes: _Remarks) -> Rows:
    """Rows of a sheet whose rows are tables."""
    layout = SHEETS[title]
    flat = {name: dict(_leaves(entry)) for name, entry in table.items()}
    headers = list(
        dict.fromkeys(".".join(map(str, key)) for entry in flat.values() for key in entry)
    )
    if title == "Units":
        headers.sort(key=lambda header: (header != "kind", not header.startswith("from.")))
    pattern = layout.table if title == "Plant" else (*layout.table, "LABEL")
    found = [[entry.get(tuple(header.split("."))) for header in headers] for entry in flat.values()]
    units: list[Any] = []
    for column, header in enumerate(headers):
        is_top = title == "Plant" and header in TOP
        row = row_of(() if is_top else pattern, tuple(header.split(".")))
        assert row is not None, "a key of a case without fault"
        cells = [line[column] for line in found]
        unit = _unit(cells) if row.type == "quantity" else None
        units.append(unit)
        for line in found:
            line[column] = _cell(line[column], unit)
    rows = [[layout.label, *headers, NOTES], [UNITS, *units, None]]
    for name, line in zip(flat, found, strict=True):
        path = layout.table if title == "Plant" else (*layout.table, name)
        rows.append([name, *line, notes.of(path) if title != "Plant" else None])
    return rows


def _settings(units: Mapping[str, Mapping[str, Any]], notes: _Remarks) -> Rows:
    """Rows of settings that units have in place of cited ones, with what is cited."""
    rows: Rows = [["unit", "setting", "value", NOTES], [UNITS, None, None, None]]
    for name, entry in units.items():
        for key, value in entry.get("settings", {}).items():
            setting = KINDS[entry["kind"]].SETTINGS[key]
            cited = setting.cited()
            said = [f"{setting.meaning}, in {cited.unit}"]
            if cited.value is not None:
                said.append(f"{cited.value:g} as cited")
            remark = notes.of(("plant", "units", name, "settings", key))
            rows.append([name, key, value, "; ".join([*said, *([remark] if remark else [])])])
    return rows


def _leaves(table: Mapping[str, Any], above: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    """Keys that hold a value, by their path, and tables that hold nothing."""
    for key, value in table.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, (*above, key))
        else:
            yield (*above, key), value


def _cells(path: KeyPath, value: Any) -> list[Any]:
    return [".".join(str(key) for key in path), None if value == {} else _cell(value, None)]


def _unit(values: Sequence[Any]) -> str | None:
    """The unit that all quantities of a column have; None if they have several."""
    units = {match["unit"] for it in values if it is not None and (match := _quantity(it))}
    whole = all(it is None or _quantity(it) for it in values)
    return units.pop() if whole and len(units) == 1 else None


def _quantity(value: Any) -> re.Match[str] | None:
    return _NUMBER.fullmatch(value.strip()) if isinstance(value, str) else None


def _cell(value: Any, unit: str | None) -> Any:
    """A value as a cell; a number where its column has the unit."""
    if isinstance(value, list):
        return APART.join(map(str, value))
    match = _quantity(value)
    if unit is None or match is None:
        return value
    number = float(match["number"])
    return int(number) if number.is_integer() else number


class _Remarks:
    """Comments behind the lines of a text, by the table or key that they stand in."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.starts = key_lines(text)
        self.entries = sorted({line for path, line in self.starts.items() if len(path) == ENTRY})

    def of(self, path: KeyPath) -> str | None:
        """Comments behind the lines of one entry, or of one key below it."""
        first = self.starts[path]
        last = first
        if len(path) == ENTRY:
            last = min((it for it in self.entries if it > first), default=len(self.lines) + 1) - 1
        apart = {
            line for key, line in self.starts.items() if "settings" in key[ENTRY : len(key) - 1]
        }
        lines = [it for it in range(first, last + 1) if it == first or it not in apart]
        return "; ".join(filter(None, map(self._remark, lines))) or None

    def _remark(self, number: int) -> str:
        bare = _STRING.sub("", self.lines[number - 1])
        code, sign, remark = bare.partition("#")
        return remark.strip() if sign and code.strip() else ""
