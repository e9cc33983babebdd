"""The case file as one table, ``schema.csv``: checks, defaults, messages and reference page.

In a path, a word in capitals stands for any name; ``{a,b}`` is a row that holds for each of them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Literal

from ytterby.quantities import parse_any

Type = Literal["table", "text", "integer", "number", "boolean", "pair", "list", "quantity"]
TYPE_WORDS: dict[Type, str] = {
    "table": "a table",
    "text": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "pair": "a list of two names",
    "list": "a list of names",
    "quantity": "text with a number and a unit",
}
Pattern = tuple[str, ...]
"""A path whose names, where the user chooses them, are words in capitals."""


@dataclass(frozen=True)
class Row:
    """One key of the case file."""

    path: str
    type: Type
    dimension: str
    """Of a quantity; several are joined by "or"."""
    required: bool
    default: str
    """As it would be written; empty if there is none."""
    minimum: str
    """With its operator and unit, e.g. ``> 0 m3/h``."""
    maximum: str
    choices: tuple[str, ...]
    example: str
    description: str

    @property
    def key(self) -> str:
        """Last part of the path."""
        return self.path.rpartition(".")[2]

    @property
    def dimensions(self) -> tuple[str, ...]:
        """All dimensions that a quantity may have."""
        return tuple(self.dimension.split(" or "))

    def toml(self, value: str) -> str:
        """A value of this row in TOML, e.g. ``"6 m3/h"`` with its quotation marks."""
        if self.type in ("pair", "list"):
            return "[" + ", ".join(f'"{name}"' for name in value.split()) + "]"
        return f'"{value}"' if self.type in ("text", "quantity") else value

    @property
    def range(self) -> str:
        """The range in words, e.g. ``> 0 m3/h and <= 5 m3/h``; empty if any value is good."""
        return " and ".join(filter(None, (self.minimum, self.maximum)))

    def holds(self, value: float, dimension: str = "") -> bool:
        """Whether a canonical value, of one of the dimensions of the row, is in the range."""
        limits = filter(None, (self.minimum, self.maximum))
        return all(_holds(value, dimension, limit, self) for limit in limits)


def _holds(value: float, dimension: str, limit: str, row: Row) -> bool:
    operator, _, bound = limit.partition(" ")
    if row.type != "quantity":
        number = float(bound)
    else:
        number, found = parse_any(bound, row.dimensions)
        # A limit in mol/L holds for a mass per volume once that is converted; zero is always zero.
        if number != 0.0 and found.name != dimension:
            return True
    return {
        ">": value > number,
        ">=": value >= number,
        "<": value < number,
        "<=": value <= number,
    }[operator]


@cache
def rows() -> tuple[Row, ...]:
    """All rows in the order of the file, ``{a,b}`` not yet written out."""
    text = (files(__package__) / "schema.csv").read_text(encoding="utf-8")
    return tuple(
        Row(
            path=cells["path"],
            type=_type(cells["type"]),
            dimension=cells["dimension"],
            required=cells["required"] == "yes",
            default=cells["default"],
            minimum=cells["minimum"],
            maximum=cells["maximum"],
            choices=tuple(cells["choices"].split()),
            example=cells["example"],
            description=cells["description"],
        )
        for cells in csv.DictReader(text.splitlines())
    )


def _type(name: str) -> Type:
    return next(known for known in TYPE_WORDS if known == name)


@cache
def keys_of(table: Pattern) -> dict[str, Row]:
    """Rows of the keys that a table may have, by key; a word in capitals allows any key."""
    below = {}
    for row in _written_out():
        *above, key = row.path.split(".")
        if tuple(above) == table:
            below[key] = row
    return below


def _written_out() -> Iterator[Row]:
    for row in rows():
        for path in alternatives(row.path):
            yield replace(row, path=path)


def alternatives(path: str) -> list[str]:
    """The path with ``{a,b}`` written out."""
    match = re.fullmatch(r"(.*)\{(.*)\}(.*)", path)
    return [match[1] + name + match[3] for name in match[2].split(",")] if match else [path]


def any_name(table: Pattern) -> Row | None:
    """The row for the names that the user chooses in this table, if it has them."""
    return next((row for key, row in keys_of(table).items() if key.isupper()), None)
