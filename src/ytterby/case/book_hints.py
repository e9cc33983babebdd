"""What to do next about a fault, in words of sheets and columns where it is told in TOML."""

from __future__ import annotations

import re

from ytterby.case.book import MORE, SHEETS
from ytterby.case.faults import dotted
from ytterby.case.lines import KeyPath

_LINE = re.compile(
    r"(a line such as )?(?<![\w.])([A-Za-z_][\w.-]*) = (\"[^\"]*\"|\[[^]]*\]|[\w.+-]+)"
)
"""A key with its value, such as ``cut = ["Nd", "Sm"]``."""
_TABLE = re.compile(r"(?<!\w)\[([A-Za-z_][\w.-]*)\]")
"""A table by its header."""
_SHEET_OF = {
    layout.table: title
    for title, layout in SHEETS.items()
    if layout.table and title != "Settings"  # a table of its units
}
"""Sheets by the table whose entries are their rows."""


def in_cells(next: str, path: KeyPath) -> str:
    """A hint about the key at this path, its TOML said as what to write into which column of which row."""

    def line(found: re.Match[str]) -> str:
        such, key, value = found.groups()
        keys = tuple(key.split("."))
        own = path[-len(keys) :] == keys
        place = _place(path if own else (*path[:-1], *keys))
        return f"{'something such as ' if such else ''}{_value(value)} {place}"

    def table(found: re.Match[str]) -> str:
        return _rows(tuple(found[1].split(".")))

    return _TABLE.sub(table, _LINE.sub(line, next))


def _value(toml: str) -> str:
    """A value as it is written into a cell: text without quotation marks, names of a list with commas."""
    return ", ".join(re.findall(r'"([^"]*)"', toml)) or toml.strip("[]")


def _place(path: KeyPath) -> str:
    """Column, row and sheet of a key."""
    keys = tuple(map(str, path))
    title = _SHEET_OF.get(keys[:2])
    if title and len(keys) > 2:
        name, below = keys[2], keys[3:]
        if below[:1] == ("settings",) and len(below) == 2:
            return f"in column value, unit {name} and setting {below[1]} of sheet Settings"
        column = ".".join(below) or "of"  # a supply has that column alone
        return f"in column {column}, row {name} of sheet {title}"
    if keys == ("plant", "name"):
        return f"in column {SHEETS['Plant'].label} of sheet Plant"
    if len(keys) == 1 or (len(keys) == 2 and keys[0] == "plant"):
        return f"in column {keys[-1]} of sheet Plant"
    return f"in column value, row {dotted(path)} of sheet {MORE}"


def _rows(keys: tuple[str, ...]) -> str:
    """What holds a table."""
    if keys in _SHEET_OF:
        return f"a row of sheet {_SHEET_OF[keys]}"
    title = _SHEET_OF.get(keys[:2])
    if title and len(keys) > 2:
        return f"a column {'.'.join((*keys[3:], 'NAME'))}, row {keys[2]} of sheet {title}"
    return f"rows of sheet {MORE} that begin with {'.'.join(keys)}"
