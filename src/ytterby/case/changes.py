"""Keys of a case changed from outside, as ``plant.medium=chloride``, before the file is checked."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from typing import Any, NamedTuple

from ytterby.case.faults import dotted
from ytterby.errors import CaseError, Fault
from ytterby.quantities import quoted

OPTION = "--set"


class Change(NamedTuple):
    """One key with its new value."""

    path: tuple[str, ...]
    value: Any

    @property
    def place(self) -> str:
        """Where it was asked for, for messages."""
        return f"{OPTION} {dotted(self.path)}"


def read_change(text: str) -> Change:
    """The change of ``KEY=VALUE``: a dotted key and a TOML value; CaseError if it is no such pair.

    A value that is not TOML is text, so that names and quantities need no quotation marks.
    """
    key, sign, value = text.partition("=")
    path = _path(key.strip())
    if not sign or not path or "\n" in text or not value.strip():
        raise CaseError(
            Fault(
                OPTION,
                quoted(text),
                "a key and its value",
                next=f"write it like {OPTION} plant.medium=chloride",
            )
        )
    return Change(path, _value(value.strip()))


def changed(tree: Mapping[str, Any], texts: Sequence[str]) -> dict[str, Any]:
    """A copy of the values of a file with those keys changed, in their order; CaseError if one cannot be."""
    found: dict[str, Any] = deepcopy(dict(tree))
    for change in map(read_change, texts):
        table = found
        for depth, key in enumerate(change.path[:-1], start=1):
            table = table.setdefault(key, {})
            if not isinstance(table, dict):
                above = dotted(change.path[:depth])
                fault = Fault(change.place, f"{above}, which is no table", "a key of a table")
                raise CaseError(fault)
        table[change.path[-1]] = change.value
    return found


@contextmanager
def told_of(texts: Sequence[str]) -> Iterator[None]:
    """Faults of keys that were changed say so in place of a line of the file, where they do not stand."""
    try:
        yield
    except CaseError as error:
        places = {dotted(change.path): change.place for change in _readable(texts)}
        faults = [
            replace(it, where=places.get(it.where.partition(", ")[2], it.where))
            for it in error.faults
        ]
        raise CaseError(faults) from None


def _readable(texts: Sequence[str]) -> Iterator[Change]:
    for text in texts:
        try:
            yield read_change(text)
        except CaseError:
            continue


def _path(key: str) -> tuple[str, ...]:
    """Parts of a dotted key; none if it is no key."""
    try:
        table: Any = tomllib.loads(f"{key} = 0")
    except tomllib.TOMLDecodeError:
        return ()
    path = []
    while isinstance(table, dict):
        if len(table) != 1:
            return ()
        ((name, table),) = table.items()
        path.append(name)
    return tuple(path)


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
