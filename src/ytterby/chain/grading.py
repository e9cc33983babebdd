"""How far each facility has come at each stage, computed from dated rows and never set by hand.

A grade is the strongest kind that a row shows, so a row taken away can only lower it, and a later look can
only raise it. What no row shows is unknown: an absent row is no evidence of absence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ytterby.chain.evidence import KINDS, Evidence
from ytterby.chain.months import written
from ytterby.chain.network import Line
from ytterby.errors import DataError, Fault, nearest
from ytterby.quantities import quoted

UNKNOWN = "unknown"
GRADES: tuple[str, ...] = (UNKNOWN, *KINDS)
"""Weakest first; `unknown` where no row shows anything."""
RANK: Mapping[str, int] = {name: rank for rank, name in enumerate(GRADES)}
RUNS = "produced"
"""The weakest grade that only a line which has run can have."""
YES, PARTLY, NO = "yes", "partly", "no"


@dataclass(frozen=True)
class Graded:
    """What is known of one facility at one stage at the end of a month."""

    facility: str
    stage: str
    as_of: int
    """Month up to which rows count."""
    rows: tuple[Evidence, ...]
    """Rows that count: dated by then, oldest first, and after them those without a date."""

    @cached_property
    def grade(self) -> str:
        """The strongest kind that a row shows, or `unknown`; one of ``GRADES``."""
        return max((row.kind for row in self.rows), key=RANK.__getitem__, default=UNKNOWN)

    @property
    def deciding(self) -> tuple[Evidence, ...]:
        """The rows that show the grade; without them it is lower."""
        return tuple(row for row in self.rows if row.kind == self.grade)

    @property
    def since(self) -> int | None:
        """First month at which a dated row shows the grade; None if no dated row does."""
        return self.deciding[0].month if self.deciding else None

    @property
    def undated(self) -> bool:
        """Whether no dated row shows the grade: it may be younger than ``as_of``."""
        return bool(self.deciding) and self.since is None

    @property
    def classes(self) -> tuple[str, ...]:
        """Customer classes that qualified it, those that a source names, in the order of the rows."""
        named = (row.customer_class for row in self.rows if row.kind == "qualified")
        return tuple(dict.fromkeys(filter(None, named)))

    def at_least(self, grade: str) -> bool:
        """Whether the grade is this one or a stronger one; DataError if there is no such grade."""
        if grade not in RANK:
            raise DataError(
                Fault("grade", quoted(grade), ", ".join(GRADES), nearest(grade, GRADES))
            )
        return RANK[self.grade] >= RANK[grade]

    def of(self, *materials: str) -> Graded:
        """The same from rows about one of the materials, or about all of the stage."""
        rows = tuple(row for row in self.rows if not row.material or row.material in materials)
        return Graded(self.facility, self.stage, self.as_of, rows)

    def qualified_for(self, customer_class: str, material: str = "") -> bool:
        """Whether a class of customers has qualified it, for a material or else for anything.

        The class "" needs nobody, as in a demand. A row without a class qualifies for no class by name.
        """
        if not customer_class:
            return True
        about = self.of(material) if material else self
        return customer_class in about.classes


def grade(facility: str, stage: str, rows: Iterable[Evidence], as_of: int) -> Graded:
    """What rows of one facility and stage show by a month, undated rows included.

    DataError if a row is of another facility or stage, or of no known kind.
    """
    rows = tuple(rows)
    if faults := [fault for row in rows for fault in _faults(row, facility, stage)]:
        raise DataError(faults)
    known = [row for row in rows if row.month is None or row.month <= as_of]
    return Graded(facility, stage, as_of, tuple(sorted(known, key=_order)))


def grades(evidence: Iterable[Evidence], as_of: int) -> dict[tuple[str, str], Graded]:
    """The grade of every facility and stage that rows are about, by (facility, stage).

    A pair whose rows are all younger than ``as_of`` is there as unknown; one without rows is not there.
    """
    groups: dict[tuple[str, str], list[Evidence]] = {}
    for row in evidence:
        groups.setdefault((row.facility, row.stage), []).append(row)
    return {(f, s): grade(f, s, rows, as_of) for (f, s), rows in groups.items()}


def together(graded: Sequence[Graded], stage: str) -> Graded:
    """One grade of a facility from the rows of several, such as those of a stage and of its further lines."""
    rows = tuple(sorted((row for it in graded for row in it.rows), key=_order))
    return Graded(graded[0].facility, stage, graded[0].as_of, rows)


@dataclass(frozen=True)
class Readiness:
    """When each kind was first shown at one facility and stage."""

    facility: str
    stage: str
    first: Mapping[str, int]
    """Month by kind, weakest first; only kinds that a dated row shows."""
    undated: tuple[str, ...]
    """Kinds that only rows without a date show, weakest first."""


def timeline(evidence: Iterable[Evidence]) -> tuple[Readiness, ...]:
    """The readiness of every facility and stage that rows are about, in the order of the rows."""
    groups: dict[tuple[str, str], list[Evidence]] = {}
    for row in evidence:
        groups.setdefault((row.facility, row.stage), []).append(row)
    return tuple(_readiness(facility, stage, rows) for (facility, stage), rows in groups.items())


@dataclass(frozen=True)
class Question:
    """One thing that a buyer asks of a facility about a stage."""

    name: str
    words: str
    stage: str


QUESTIONS: tuple[Question, ...] = (
    Question("separate", "Can it separate?", "separation"),
    Question("metal", "Can it make metal?", "metal"),
    Question("alloy", "Can it make alloy?", "alloy"),
    Question("magnet", "Can it make magnets?", "magnet"),
)
"""What is asked unless the caller asks something else; a chain of other stages brings its own."""
QUALIFIED = "qualified"
BALANCE_SHEET = "balance_sheet"


@dataclass(frozen=True)
class Answer:
    """The answer to one question, and what it rests on."""

    words: str
    """The question."""
    answer: str
    """yes, partly, no or unknown."""
    why: str
    row: Evidence | None
    """The deciding row; None where there is none."""
    rows: tuple[Evidence, ...]
    """All rows that bear on it."""


@dataclass(frozen=True)
class Answers:
    """What a buyer asks of one facility, answered from rows."""

    facility: str
    as_of: int
    answers: Mapping[str, Answer]
    """By name of the question; then `qualified` and `balance_sheet`."""


_ANSWER: Mapping[str, tuple[str, str]] = {
    UNKNOWN: (UNKNOWN, "no row says anything of it"),
    "announced": (NO, "said, not shown"),
    "financed": (NO, "paid for, not shown"),
    "built": (PARTLY, "built, not shown to run"),
    "produced": (PARTLY, "made, not shown to be made again on specification"),
    "reproducible": (YES, "made again on specification"),
    "qualified": (YES, "accepted by a customer"),
}


def answers(
    facility: str,
    evidence: Iterable[Evidence],
    as_of: int,
    lines: Iterable[Line] = (),
    questions: Sequence[Question] = QUESTIONS,
) -> Answers:
    """The answers for one facility by a month; rows and lines of other facilities are passed over.

    Rows about one of the ``lines`` count for its stage. A stage whose lines have all ended by then is
    answered with no.
    """
    found = grades((row for row in evidence if row.facility == facility), as_of)
    own = [line for line in lines if line.facility == facility]
    rows = tuple(sorted((row for it in found.values() for row in it.rows), key=_order))
    told = {it.name: _can(it, tuple(found.values()), own, as_of) for it in questions}
    return Answers(
        facility, as_of, {**told, QUALIFIED: _customers(rows), BALANCE_SHEET: _money(rows)}
    )


def _can(question: Question, stages: Sequence[Graded], lines: Sequence[Line], as_of: int) -> Answer:
    own = [line for line in lines if line.stage == question.stage]
    names = {question.stage, *(line.name for line in own)}
    about = [it for it in stages if it.stage in names and it.rows]
    if not about:
        return Answer(question.words, *_ANSWER[UNKNOWN], row=None, rows=())
    found = together(about, question.stage)
    answer, why = _ANSWER[found.grade]
    ends = [line.ends for line in own]
    if ends and all(end is not None and end <= as_of for end in ends):
        last = max(end for end in ends if end is not None)
        answer, why = NO, f"{why}; ended {written(last)}"
    if found.undated:
        why = f"{why}; no source dates it"
    return Answer(question.words, answer, why, found.deciding[0], found.rows)


def _customers(rows: tuple[Evidence, ...]) -> Answer:
    words = "Has it qualified customers?"
    accepted = tuple(row for row in rows if row.kind == "qualified")
    if named := [row for row in accepted if row.customer_class]:
        classes = ", ".join(dict.fromkeys(row.customer_class for row in named))
        return Answer(words, YES, f"qualified by: {classes}", named[0], accepted)
    if accepted:
        why = "qualified, by whom no source says"
        return Answer(words, PARTLY, why, accepted[0], accepted)
    if not rows:
        return Answer(words, *_ANSWER[UNKNOWN], row=None, rows=())
    best = _strongest(rows)
    if RANK[best.kind] >= RANK[RUNS]:
        return Answer(words, UNKNOWN, "it has produced; no row says who accepted it", None, rows)
    return Answer(words, NO, "nothing made that a customer could accept", best, rows)


def _money(rows: tuple[Evidence, ...]) -> Answer:
    words = "Has it the balance sheet?"
    if paid := tuple(row for row in rows if row.kind == "financed"):
        return Answer(words, YES, "; ".join(dict.fromkeys(row.what for row in paid)), paid[0], paid)
    if not rows:
        return Answer(words, *_ANSWER[UNKNOWN], row=None, rows=())
    best = _strongest(rows)
    if RANK[best.kind] > RANK["financed"]:
        return Answer(
            words, PARTLY, "it was built, so it was paid for; no row says how", best, rows
        )
    return Answer(words, NO, "announced; no row shows the money", best, rows)


def _strongest(rows: Sequence[Evidence]) -> Evidence:
    """The first of the strongest."""
    return max(rows, key=lambda row: RANK[row.kind])


def _readiness(facility: str, stage: str, rows: Sequence[Evidence]) -> Readiness:
    first: dict[str, int] = {}
    for kind in KINDS:
        months = [row.month for row in rows if row.kind == kind and row.month is not None]
        if months:
            first[kind] = min(months)
    shown = {row.kind for row in rows}
    return Readiness(
        facility, stage, first, tuple(it for it in KINDS if it in shown and it not in first)
    )


def _order(row: Evidence) -> tuple[bool, int, str, str, str, str, str, str]:
    """Dated rows first, oldest first; the rest so that the order of the rows does not matter."""
    dated = (row.month is None, row.month or 0)
    about = (row.stage, row.kind, row.material, row.customer_class)
    return *dated, row.what, *about, row.cited.source


def _faults(row: Evidence, facility: str, stage: str) -> Iterable[Fault]:
    where = f"evidence, {row.facility}, {row.stage}"
    if (row.facility, row.stage) != (facility, stage):
        yield Fault(where, "a row of another place", f"rows of {facility}, {stage}")
    if row.kind not in KINDS:
        yield Fault(where, quoted(row.kind), ", ".join(KINDS), nearest=nearest(row.kind, KINDS))
