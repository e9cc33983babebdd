"""The faults of one data file, collected before any is raised."""

from __future__ import annotations

import math
from collections.abc import Iterable
from importlib.resources.abc import Traversable
from typing import Any

from ytterby.datasets.basis import OWN_KEYS
from ytterby.errors import DataError, Fault, nearest
from ytterby.quantities import quoted
from ytterby.sources import all_sources

FORMAT = "see data/README.md for the format"


class Faults:
    """Collects the faults of one file; what it checks comes back unchanged."""

    def __init__(self, path: Traversable) -> None:
        self.path = path
        self.found: list[Fault] = []
        self.keys = tuple(entry.key for entry in all_sources())

    def add(
        self, where: str, read: str, expected: str, close: str = "", then: str = FORMAT
    ) -> None:
        self.found.append(Fault(f"{self.path}, {where}", read, expected, close, then))

    def done(self) -> None:
        if self.found:
            raise DataError(self.found)

    def one_of(self, where: str, value: Any, known: Iterable[str]) -> str:
        known = tuple(known)
        if value not in known:
            close = nearest(value, known) if isinstance(value, str) else ""
            self.add(where, shown(value), "one of: " + ", ".join(known), close)
        return str(value)

    def text(self, where: str, value: Any) -> str:
        if not isinstance(value, str) or not value.strip():
            self.add(where, shown(value), "text")
        return str(value)

    def table(self, where: str, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            self.add(where, shown(value), "a table")
            return {}
        return value

    def number(self, where: str, value: Any) -> float:
        """A finite number; text (a cell) or a TOML number, but not true or false."""
        try:
            number = math.nan if isinstance(value, bool) else float(value)
        except (TypeError, ValueError):
            number = math.nan
        if not math.isfinite(number):
            self.add(where, shown(value), "a finite number")
        return number

    def key(self, where: str, value: Any) -> str:
        if value not in self.keys:
            close = nearest(value, self.keys) if isinstance(value, str) else ""
            then = "add the source to the bibliography, or correct the key"
            self.add(where, shown(value), "a source key of data/sources.toml", close, then)
        return str(value)

    def rests_on(
        self, where: str, basis: str, source_key: str, keys: Iterable[Any]
    ) -> tuple[str, ...]:
        """Keys behind a derived number; nothing else has any."""
        column = f"{where}, rests_on"
        rests_on = tuple(self.key(column, key) for key in keys)
        if basis == "derived" and not rests_on:
            self.add(column, "nothing", "the source keys that it was derived from")
        if basis != "derived" and rests_on:
            self.add(column, quoted(rests_on), "nothing, since the basis is not derived")
        for own in set(rests_on) & OWN_KEYS:
            self.add(column, quoted(own), "keys of sources, not of this data set itself")
        if source_key == "DERIVED" and basis != "derived":
            self.add(f"{where}, basis", quoted(basis), "derived, since the source is DERIVED")
        return rests_on


def shown(value: Any) -> str:
    return "nothing" if value in (None, "") else quoted(value)
