"""Holds a case file against the schema, key by key, and makes its values canonical.

Every table comes back with all keys of the schema: a value, None where an optional key is left out,
or ``FAULTY`` where the fault is already noted, so that nothing is reported twice.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final, NamedTuple

from ytterby.case.faults import Faults, dotted
from ytterby.case.lines import KeyPath
from ytterby.case.schema import TYPE_WORDS, Pattern, Row, any_name, keys_of
from ytterby.elements import element
from ytterby.errors import DataError, QuantityError, nearest
from ytterby.quantities import parse_any, quoted


class _Faulty:
    """A class, so that a copy of a tree still holds the same thing."""


FAULTY: Final[Any] = _Faulty
"""Stands for a value whose fault is noted; a cell of a workbook may arrive so."""

_OWN_NAME = re.compile(r"[A-Za-z0-9_-]{1,60}")


class Measured(NamedTuple):
    """A quantity that may have one of several dimensions."""

    value: float
    """Canonical in its own dimension."""
    dimension: str
    text: str
    """As it was written."""


def check(tree: Mapping[str, Any], faults: Faults) -> dict[str, Any]:
    """The whole file with canonical values; what is wrong with it stands in ``faults``."""
    return _table(tree, (), (), faults)


def is_good(value: Any) -> bool:
    """Whether a value is there and has no fault."""
    return value is not None and value is not FAULTY


def _table(
    tree: Mapping[str, Any], pattern: Pattern, path: KeyPath, faults: Faults
) -> dict[str, Any]:
    known, chosen = keys_of(pattern), any_name(pattern)
    checked: dict[str, Any] = {}
    for key, value in tree.items():
        row = known.get(key, chosen)
        if row is None:
            _unknown_key(key, known, path, faults)
        elif value is FAULTY or (row is chosen and not _is_name(row, key, (*path, key), faults)):
            checked[key] = FAULTY
        else:
            checked[key] = _value(row, value, (*pattern, row.key), (*path, key), faults)
    for key, row in known.items():
        if key not in tree and row is not chosen:
            checked[key] = _left_out(row, (*path, key), faults)
    return checked


def _unknown_key(key: str, known: Mapping[str, Row], path: KeyPath, faults: Faults) -> None:
    close = nearest(key, known)
    faults.add(
        (*path, key),
        f"the key {quoted(key)}",
        "one of: " + ", ".join(known),
        nearest=close,
        next=f"write {close}, or remove it" if close else "remove it",
    )


def _is_name(row: Row, key: str, path: KeyPath, faults: Faults) -> bool:
    """Whether a key is good for a name that the user chooses, or is the symbol of an element.

    An ITEM is held against its table where it is used.
    """
    if row.key == "ITEM":
        return True
    if row.key == "ELEMENT":
        try:
            element(key)
        except DataError as error:
            faults.take(path, error)
            return False
    elif not _OWN_NAME.fullmatch(key):
        faults.add(
            path,
            f"the name {quoted(key)}",
            "letters, digits, - and _, at most 60 of them",
            next="rename it",
        )
        return False
    return True


def _left_out(row: Row, path: KeyPath, faults: Faults) -> Any:
    if row.required:
        return missing(row, path, faults)
    return _default(row) if row.default else None


def missing(row: Row, path: KeyPath, faults: Faults) -> Any:
    """Note that a key is needed and not there; FAULTY comes back."""
    about = row.description[:1].lower() + row.description[1:]
    expected = f"{_expected(row)} ({about})"
    faults.add(path, "nothing", expected, next=_such_as(row, path, "add"))
    return FAULTY


@cache
def _default(row: Row) -> Any:
    if row.type == "quantity":
        number, dimension = parse_any(row.default, row.dimensions)
        several = len(row.dimensions) > 1
        return Measured(number, dimension.name, row.default) if several else number
    if row.type in ("number", "integer"):
        return int(row.default) if row.type == "integer" else float(row.default)
    return row.default == "true" if row.type == "boolean" else row.default


def _value(row: Row, value: Any, pattern: Pattern, path: KeyPath, faults: Faults) -> Any:
    if row.type == "quantity":
        return _quantity(row, value, path, faults)
    if not _is_of_type(row, value):
        faults.add(path, quoted(value), _expected(row), next=_such_as(row, path))
        return FAULTY
    if row.type == "table":
        return _table(value, pattern, path, faults)
    if row.choices:
        chosen = value if row.type == "list" else [value]
        strange = [it for it in chosen if str(it) not in row.choices]
        for it in strange:
            faults.add(
                path,
                quoted(it),
                "one of: " + ", ".join(row.choices),
                nearest="" if row.type == "integer" else nearest(str(it), row.choices),
                next=_such_as(row, path),
            )
        if strange:
            return FAULTY
    if row.range and not row.holds(value):
        return out_of_range(row, value, path, faults)
    return value


def _is_of_type(row: Row, value: Any) -> bool:
    if row.type == "table":
        return isinstance(value, dict)
    if row.type in ("pair", "list"):
        names = isinstance(value, list) and all(isinstance(name, str) for name in value)
        return names and (row.type == "list" or len(value) == 2)
    if row.type == "text":
        return isinstance(value, str)
    if row.type == "boolean" or isinstance(value, bool):
        return row.type == "boolean" and isinstance(value, bool)
    if row.type == "integer":
        return isinstance(value, int)
    return isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))


def _quantity(row: Row, value: Any, path: KeyPath, faults: Faults) -> Any:
    """The canonical number; `Measured` where the row allows several dimensions."""
    try:
        number, dimension = parse_any(value, row.dimensions)
    except QuantityError as error:
        faults.take(path, error)
        return FAULTY
    if not row.holds(number, dimension.name):
        return out_of_range(row, value, path, faults)
    several = len(row.dimensions) > 1
    return Measured(number, dimension.name, value) if several else number


def out_of_range(row: Row, value: Any, path: KeyPath, faults: Faults) -> Any:
    """Note that a value is outside the range of its row; FAULTY comes back."""
    what = row.dimension or TYPE_WORDS[row.type]
    faults.add(path, quoted(value), f"{what} {row.range}", next=_such_as(row, path))
    return FAULTY


def _expected(row: Row) -> str:
    if row.type == "quantity":
        return f"{row.dimension} such as {row.toml(row.example)}"
    return TYPE_WORDS[row.type] + (f" such as {row.toml(row.example)}" if row.example else "")


def _such_as(row: Row, path: KeyPath, verb: str = "write") -> str:
    return f"{verb} {'' if row.type == 'table' else 'a line such as '}{as_written(row, path)}"


def as_written(row: Row, path: KeyPath) -> str:
    """An example of this key in TOML: ``[circuits.tb-dy.organic]`` or ``flow = "6 m3/h"``."""
    if row.type == "table":
        return f"[{dotted(path)}]"
    return f"{dotted(path[-1:])} = {row.toml(row.example)}"
