"""The whole error tree of ytterby on one page: what went wrong, said in five parts.

Every fault carries **where** it was met, what was **read**, what was **expected**, the **nearest** known
name and what to do **next**. Library code raises; only the command line prints and chooses the exit code.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from enum import IntEnum
from typing import Any


class ExitCode(IntEnum):
    """Exit codes of the command line (documented in ``docs/reference/exit-codes.md``)."""

    OK = 0
    """The command did what was asked."""
    INTERNAL = 1
    """A defect of ytterby itself; please report it."""
    USAGE = 2
    """The command line could not be understood."""
    CASE = 3
    """The case file is missing, unreadable or faulty."""
    DATA = 4
    """A shipped or user-supplied data table is faulty, or a name is not in it."""
    BALANCE = 5
    """A computed balance does not close; nothing of it is reported as a result."""
    NO_SOLUTION = 6
    """The circuit was not solved; the verdict says why."""
    OUTPUT = 7
    """A result could not be written."""
    INTERRUPTED = 130
    """Stopped by the user (Ctrl-C)."""


@dataclass(frozen=True)
class Fault:
    """One located message; empty parts are left out when it is shown."""

    where: str
    read: str = ""
    expected: str = ""
    nearest: str = ""
    next: str = ""

    def __str__(self) -> str:
        parts = asdict(self)
        where = parts.pop("where")
        lines = [f"  {name:<9} {text}" for name, text in parts.items() if text]
        return "\n".join([where, *lines])


def nearest(name: str, known: Iterable[str]) -> str:
    """Closest of the ``known`` names, ignoring case; empty if none is close."""
    by_folded = {candidate.casefold(): candidate for candidate in known}
    close = get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.5)
    return by_folded[close[0]] if close else ""


class YtterbyError(Exception):
    """Root of all errors that ytterby raises on purpose; holds one or more faults."""

    exit_code = ExitCode.INTERNAL

    def __init__(self, faults: Fault | Sequence[Fault]) -> None:
        self.faults: tuple[Fault, ...] = (faults,) if isinstance(faults, Fault) else tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))

    def __str__(self) -> str:  # KeyError would show the repr of its argument
        return "\n".join(map(str, self.faults))


class CaseError(YtterbyError, ValueError):
    """A case file that cannot be read, or asks for something that does not exist."""

    exit_code = ExitCode.CASE


class QuantityError(CaseError):
    """A quantity without unit, of the wrong dimension, or not a finite number."""


class DataError(YtterbyError, LookupError):
    """A data table without unit or source, or a name that no table has."""

    exit_code = ExitCode.DATA


class BalanceError(YtterbyError, ArithmeticError):
    """A computed balance that does not close."""

    exit_code = ExitCode.BALANCE


class ConvergenceError(YtterbyError, ArithmeticError):
    """A circuit that was not solved; ``refusal`` holds its verdict, if one circuit is meant."""

    exit_code = ExitCode.NO_SOLUTION

    def __init__(self, faults: Fault | Sequence[Fault], refusal: Any = None) -> None:
        self.refusal = refusal
        super().__init__(faults)


class OutputError(YtterbyError, OSError):
    """A result that could not be written."""

    exit_code = ExitCode.OUTPUT
