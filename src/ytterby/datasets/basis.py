"""What a number rests on: basis, confidence, sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from ytterby.sources import source

BASES: tuple[str, ...] = ("read", "derived", "recalled", "assumed")
"""What a number rests on, strongest first; `gap` marks a number known to be missing."""
CONFIDENCES: tuple[str, ...] = ("exact", "high", "medium", "low", "analogue", "none")
"""As the compiler judged it; `analogue`: an actinide, kept to stand in for a rare earth."""
KINDS: tuple[str, ...] = ("measured", "fitted", "compiled", "estimated", "missing")
"""What the numbers of a file are."""
OWN_KEYS = frozenset({"DERIVED", "GAP"})
"""Keys of rows that are nobody else's work: computed here, or known to be missing."""


class Cited(Protocol):
    """What rows and constants share: a basis and the keys behind it."""

    @property
    def basis(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def rests_on(self) -> tuple[str, ...]: ...


def cited(entries: Iterable[Cited]) -> tuple[str, ...]:
    """Keys of the sources that the entries rest on, sorted; ``OWN_KEYS`` are left out.

    Further sources of the same number, which some rows name in ``also``, are among them.
    """
    keys = {
        key
        for entry in entries
        for key in (entry.source, *entry.rests_on, *getattr(entry, "also", ()))
    }
    return tuple(sorted(keys - OWN_KEYS, key=str.casefold))


def weakest_basis(entries: Iterable[Cited]) -> str:
    """The weakest basis among at least one entry: read, derived, recalled, assumed, then gap.

    A derived entry is as weak as the weakest source it rests on: a recalled one makes it recalled.
    """
    order = (*BASES, "gap")
    return max((basis for entry in entries for basis in _bases(entry)), key=order.index)


def _bases(entry: Cited) -> Iterator[str]:
    yield entry.basis
    if entry.basis == "derived":
        status = (source(key).read_status for key in (entry.source, *entry.rests_on))
        yield from (basis for basis in status if basis == "recalled")
