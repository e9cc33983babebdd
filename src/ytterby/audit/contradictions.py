"""Which statements contradict each other: all smallest sets, none of which can lose a member.

Map and shrink (Liffiton and Malik 2013, MARCO): the largest set that holds no known contradiction and lies
in no known consistent set is tried; if it contradicts itself it is shrunk to a new contradiction, else it is
a new largest consistent set. What is not listed at the end is proven not to exist.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ytterby.errors import ConvergenceError, Fault
from ytterby.quantities import quoted

Consistent = Callable[[frozenset[str]], bool]
"""Whether the named statements can hold together."""
MOST_TRIES = 1500
"""Sets that are tried before the search is given up as incomplete."""


@dataclass(frozen=True)
class Contradictions:
    """All smallest contradicting sets of some statements."""

    sets: tuple[tuple[str, ...], ...]
    """Each in the order of the statements."""
    complete: bool
    """False: there may be more, the search was given up."""
    tries: int


def contradictions(
    names: Sequence[str], consistent: Consistent, most: int = MOST_TRIES
) -> Contradictions:
    """Every irreducible contradicting set of ``names``."""
    if not names:
        return Contradictions((), True, 0)
    found: list[frozenset[str]] = []
    largest: list[frozenset[str]] = []
    for tries in range(1, most + 1):
        seed = _unexplored(names, found, largest)
        if seed is None:
            return _told(names, found, True, tries)
        if consistent(seed):
            largest.append(seed)
        else:
            found.append(shrunk(names, seed, consistent))
    return _told(names, found, False, most)


def shrunk(names: Sequence[str], start: Iterable[str], consistent: Consistent) -> frozenset[str]:
    """A contradicting set without any member it can do without; the last statements go first.

    Whole blocks are tried before halves. What could not go from a set cannot go from what is left of it.
    """
    kept = set(start)

    def drop(block: Sequence[str]) -> None:
        if not consistent(frozenset(kept.difference(block))):
            kept.difference_update(block)
        elif len(block) > 1:
            half = len(block) // 2
            drop(block[half:])
            drop(block[:half])

    if ordered := [it for it in names if it in kept]:
        drop(ordered)
    return frozenset(kept)


def _told(
    names: Sequence[str], found: Sequence[frozenset[str]], complete: bool, tries: int
) -> Contradictions:
    place = {name: number for number, name in enumerate(names)}
    ordered = [tuple(sorted(it, key=place.__getitem__)) for it in found]
    ordered.sort(key=lambda it: (len(it), [place[name] for name in it]))
    return Contradictions(tuple(ordered), complete, tries)


def _unexplored(
    names: Sequence[str], found: Sequence[frozenset[str]], largest: Sequence[frozenset[str]]
) -> frozenset[str] | None:
    """The largest set that holds none of ``found`` and is no part of one of ``largest``; None if all are."""
    if not found and not largest:
        return frozenset(names)
    from scipy.optimize import Bounds, LinearConstraint, milp

    factors = [[float(name in it) for name in names] for it in found]
    factors += [[float(name not in it) for name in names] for it in largest]
    low = np.array([-np.inf] * len(found) + [1.0] * len(largest))
    high = np.array([len(it) - 1.0 for it in found] + [np.inf] * len(largest))
    chosen = milp(
        -np.ones(len(names)),
        constraints=LinearConstraint(np.array(factors), low, high),
        integrality=np.ones(len(names)),
        bounds=Bounds(0, 1),
    )
    if chosen.status == 2:
        return None
    if chosen.status != 0:
        raise ConvergenceError(
            Fault(
                "map of contradicting sets",
                quoted(chosen.message, 200),
                "a set, or that all are known",
            )
        )
    return frozenset(name for name, taken in zip(names, chosen.x, strict=True) if taken > 0.5)
