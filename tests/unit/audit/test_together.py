"""Statements that hold together: answers against solving each question, and that few are solved."""

from __future__ import annotations

import numpy as np
import pytest

from ytterby.audit.linear import Rows, row
from ytterby.audit.statements import Statement, rows_of
from ytterby.audit.together import Together


def statements(random: np.random.Generator) -> list[Statement]:
    """Differences and ranges of three quantities, some of which contradict each other."""
    found = []
    for number in range(9):
        first, second = random.permutation(["a", "b", "c"])[:2]
        low, high = sorted(random.integers(-6, 7, 2).tolist())
        terms = {first: 1.0, second: -1.0} if number % 2 else {first: 1.0}
        found.append(Statement(f"s{number}", "claim", "", (row(terms, low, high),)))
    return found


@pytest.mark.parametrize("seed", range(20))
def test_answers_are_those_of_solving_each_question(seed: int):
    random = np.random.default_rng(seed)
    known, together = statements(random), Together()
    for _ in range(60):
        chosen = [it for it in known if random.random() < 0.4]
        assert together.hold(chosen) == Rows(rows_of(chosen)).feasible()


def test_what_follows_from_an_answer_is_not_solved_again(monkeypatch: pytest.MonkeyPatch):
    low, high, other = (
        Statement(name, "claim", "", (it,))
        for name, it in (
            ("low", row({"x": 1.0}, high=1.0)),
            ("high", row({"x": 1.0}, low=2.0)),
            ("other", row({"y": 1.0}, low=2.0)),
        )
    )
    together, solved = Together(), []
    feasible = Rows.feasible
    monkeypatch.setattr(Rows, "feasible", lambda it: solved.append(it) or feasible(it))
    assert not together.hold([low, high])
    assert not together.hold([high, other, low])
    assert together.hold([low, other])
    assert together.hold([low]) and together.hold([other])
    same = Statement("said again", "claim", "in other words", high.rows)
    assert not together.hold([low, same])
    assert len(solved) == 2
    assert together.hold([high, other])
    assert len(solved) == 3
