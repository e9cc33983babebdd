"""Collects the faults of one case file, each with file, line and key, and raises them at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from ytterby.case.lines import KeyPath
from ytterby.errors import CaseError, Fault, YtterbyError
from ytterby.quantities import quoted

MOST = 100
"""Faults that are collected; a file with more is not read to its end."""

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]{1,60}")


class Cell(int):
    """Place of a key in a workbook: a number that orders cells as lines are ordered, with its name."""

    called: str
    """E.g. ``sheet Units cell C12``."""

    def __new__(cls, order: int, called: str) -> Cell:
        """The cell of that order and name."""
        made = super().__new__(cls, order)
        made.called = called
        return made


def dotted(path: KeyPath) -> str:
    """A path as it is written in TOML, e.g. ``circuits.tb-dy.organic``."""
    keys = map(str, path)
    return ".".join(key if _BARE_KEY.fullmatch(key) else quoted(key) for key in keys)


def line_of(path: KeyPath, lines: Mapping[KeyPath, int]) -> int:
    """Line of a key; for one that is not written, that of the table it would stand in."""
    above = (path[:depth] for depth in range(len(path), 0, -1))
    return next((lines[known] for known in above if known in lines), 1)


def where(file: str, path: KeyPath, lines: Mapping[KeyPath, int]) -> str:
    """Place for a message, e.g. ``tb-dy.toml line 12, circuits.tb-dy.organic.flow``, or a cell."""
    line = line_of(path, lines)
    place = line.called if isinstance(line, Cell) else f"line {line}"
    return f"{file} {place}, {dotted(path)}"


class Faults:
    """The faults of one file so far."""

    def __init__(
        self,
        file: str,
        lines: Mapping[KeyPath, int],
        directory: Path = Path(),
        said: Callable[[str, KeyPath], str] = lambda next, path: next,
    ) -> None:
        self.file = file
        self.said = said
        """What to do next about a key, which comes as of TOML, in the words of the file."""
        self.directory = directory
        """Where files lie that the case names."""
        self.lines = lines
        self.found: list[tuple[int, Fault]] = []

    def add(
        self, path: KeyPath, read: str, expected: str, *, nearest: str = "", next: str = ""
    ) -> None:
        """Note a fault of the key at this path."""
        place, next = where(self.file, path, self.lines), self.said(next, path)
        self.found.append((line_of(path, self.lines), Fault(place, read, expected, nearest, next)))
        if len(self.found) == MOST:
            self.raise_all()

    def take(self, path: KeyPath, error: YtterbyError, *, next: str = "") -> None:
        """Note the faults that another room found in the value at this path."""
        for fault in error.faults:
            self.add(
                path, fault.read, fault.expected, nearest=fault.nearest, next=next or fault.next
            )

    def beside(self, path: KeyPath, error: YtterbyError) -> None:
        """Note the faults of another file, which the key at this path names, at their own places."""
        for fault in error.faults:
            self.found.append((line_of(path, self.lines), fault))
            if len(self.found) == MOST:
                self.raise_all()

    def raise_all(self) -> None:
        """CaseError with all faults in the order of the file; nothing if there are none."""
        if not self.found:
            return
        faults = [fault for _, fault in sorted(self.found, key=lambda found: found[0])]
        if len(faults) == MOST:
            faults.append(
                Fault(
                    where=self.file,
                    read=f"{MOST} faults; the rest of the file was not read",
                    next="mend these first",
                )
            )
        raise CaseError(faults)
