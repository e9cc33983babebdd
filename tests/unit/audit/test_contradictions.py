"""Irreducible sets against trying every subset."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from ytterby.audit.contradictions import contradictions, shrunk


def by_trying_all(names: list[str], consistent) -> set[tuple[str, ...]]:
    """Every contradicting set none of whose parts contradicts, smallest first."""
    found: list[frozenset[str]] = []
    for size in range(1, len(names) + 1):
        for chosen in combinations(names, size):
            members = frozenset(chosen)
            if not any(it <= members for it in found) and not consistent(members):
                found.append(members)
    return {tuple(sorted(it)) for it in found}


@pytest.mark.parametrize("seed", range(25))
def test_all_sets_are_found_and_no_others(seed: int):
    random = np.random.default_rng(seed)
    names = [f"s{number}" for number in range(8)]
    bad = [
        frozenset(random.choice(names, size=random.integers(1, 5), replace=False).tolist())
        for _ in range(random.integers(0, 6))
    ]

    def consistent(chosen: frozenset[str]) -> bool:
        return not any(it <= chosen for it in bad)

    found = contradictions(names, consistent)
    assert found.complete
    assert {tuple(sorted(it)) for it in found.sets} == by_trying_all(names, consistent)


def test_a_search_that_is_given_up_says_so():
    names = [f"s{number}" for number in range(10)]

    def consistent(chosen: frozenset[str]) -> bool:
        return len(chosen) < 3

    found = contradictions(names, consistent, most=10)
    assert not found.complete and found.tries == 10
    assert all(len(it) == 3 for it in found.sets)


def test_nothing_contradicts_nothing():
    found = contradictions([], lambda chosen: False)
    assert (found.sets, found.complete) == ((), True)


def test_shrinking_keeps_the_first_statements():
    assert shrunk(["a", "b", "c"], ["a", "b", "c"], lambda kept: len(kept) < 2) == {"a", "b"}
