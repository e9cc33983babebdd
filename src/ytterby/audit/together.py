"""Whether statements can hold together, each question solved once.

Statements that hold together do so without some of them, and those that contradict each other do so with more
beside them: what follows from an earlier answer needs no linear programme.
"""

from __future__ import annotations

from collections.abc import Iterable

from ytterby.audit.linear import Row, Rows
from ytterby.audit.statements import Statement, rows_of


class Together:
    """Answers of one audit; its readings share most of their statements."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[Row, ...], int] = {}
        self._seen: dict[int, tuple[Statement, int]] = {}
        """By identity, since the rows of a statement take long to compare; the statement is kept alive."""
        self._holding: list[int] = []
        self._contradicting: list[int] = []
        """Sets of statements, each as the bits of a number."""

    def hold(self, statements: Iterable[Statement]) -> bool:
        """Whether quantities exist that meet all of them."""
        asked = list(statements)
        those = 0
        for it in asked:
            those |= 1 << self._number(it)
        if any(known & those == known for known in self._contradicting):
            return False
        if any(known & those == those for known in self._holding):
            return True
        holds = Rows(rows_of(asked)).feasible()
        (self._holding if holds else self._contradicting).append(those)
        return holds

    def _number(self, statement: Statement) -> int:
        """The same for statements that say the same in rows."""
        if id(statement) not in self._seen:
            number = self._numbers.setdefault(statement.rows, len(self._numbers))
            self._seen[id(statement)] = (statement, number)
        return self._seen[id(statement)][1]
