"""What a command prints, whole or not at all: tables, fragments of a report, JSON documents."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import StringIO
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from ytterby.cli.output import write

if TYPE_CHECKING:
    from rich.console import JustifyMethod as Justify

    from ytterby.report.fragments import Fragment
    from ytterby.report.tables import Table

LONGEST_CELL = 60
"""Characters of a cell that is never wrapped."""
PLAIN_WIDTH = 200
"""Columns when the output is not a terminal, so that files and pipes get whole tables."""


@contextmanager
def printed() -> Iterator[Console]:
    """A console for standard output; what was printed on it is written whole at the end."""
    terminal = sys.stdout.isatty()
    width = Console(file=sys.stdout).width if terminal else PLAIN_WIDTH
    buffer = StringIO()
    yield Console(
        file=buffer,
        width=width,
        force_terminal=terminal,
        highlight=False,
        markup=False,
        emoji=False,
    )
    write(buffer.getvalue())


def kept(show: Callable[[Console], None]) -> str:
    """What ``show`` prints on a console, as plain text to be kept in a file."""
    buffer = StringIO()
    console = Console(
        file=buffer,
        width=PLAIN_WIDTH,
        highlight=False,
        markup=False,
        emoji=False,
        color_system=None,
    )
    show(console)
    return buffer.getvalue()


def plain(text: str) -> str:
    """One line of a user's text, without characters that would steer a terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def print_json(document: Any) -> None:
    """One JSON document on standard output; nan is refused."""
    write(json.dumps(document, indent=2, allow_nan=False) + "\n")


def print_fragments(console: Console, fragments: Iterable[Fragment]) -> None:
    """Captions and tables, section by section, each with its sources at the end; figures are left out."""
    from ytterby.report.fragments import cited_sources

    for _, group in groupby(fragments, key=lambda it: it.section):
        section = list(group)
        console.print()
        for fragment in section:
            if fragment.figure is None and fragment.caption:
                for line in fragment.caption.split("\n"):
                    console.print(plain(line), soft_wrap=True)
                if fragment.tables:
                    console.print()
            for table in fragment.tables:
                print_table(console, table)
        keys = ", ".join(cited_sources(section))
        console.print(f"Sources: {keys} (`ytterby cite`).", soft_wrap=True)


def print_table(console: Console, table: Table) -> None:
    """A report table, text left and numbers right; on a narrow terminal in parts below each other.

    One without rows is the sentence of its note.
    """
    if not table.rows and table.note:
        console.print(f"{table.title}: {table.note}\n", soft_wrap=True)
        return
    console.print(Text(table.title, style="bold"))
    heads, numeric = table.heads(), table.numeric()
    for columns in _fitting(table, console.width):
        drawn = RichTable(box=SIMPLE_HEAD, pad_edge=False)
        for column in columns:
            justify: Justify = "right" if numeric and numeric[column] else "left"
            drawn.add_column(heads[column], justify=justify, no_wrap=_is_narrow(table, column))
        for row in table.rows:
            drawn.add_row(*(row[column] for column in columns))
        console.print(drawn)
    if table.note:
        console.print(Text(table.note, style="dim"), soft_wrap=True)
    console.print()


def _fitting(table: Table, width: int) -> list[list[int]]:
    """Columns in groups that fit the width; names and units head every group."""
    widths = [
        min(LONGEST_CELL, max(map(len, cells))) + 3
        for cells in zip(table.heads(), *table.rows, strict=True)
    ]
    heads = [0, 1] if table.header[1:2] == ("unit",) else [0]
    groups, room = [[*heads]], width
    room -= sum(widths[column] for column in heads)
    for column in range(len(heads), len(widths)):
        if widths[column] > room and len(groups[-1]) > len(heads):
            groups.append([*heads])
            room = width - sum(widths[head] for head in heads)
        groups[-1].append(column)
        room -= widths[column]
    return groups


def _is_narrow(table: Table, column: int) -> bool:
    """Whether the cells of a column are kept on one line; long text may wrap."""
    return max((len(row[column]) for row in table.rows), default=0) <= LONGEST_CELL
