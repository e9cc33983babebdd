"""Grades, answers and timelines, from rows written by hand."""

from __future__ import annotations

import pytest

from tiny_chain import line, row
from ytterby.chain.grading import (
    BALANCE_SHEET,
    QUALIFIED,
    UNKNOWN,
    Question,
    answers,
    grade,
    grades,
    timeline,
)
from ytterby.chain.months import month
from ytterby.errors import DataError

ROWS = (
    row("mill", "metal", "built", "2023-05"),
    row("mill", "metal", "announced", "2020"),
    row("mill", "metal", "produced", "2025-02"),
    row("mill", "metal", "qualified", "2026-03", "wind", "Ga_metal"),
)
METAL = (Question("metal", "Can it make metal?", "metal"),)


@pytest.mark.parametrize(
    ("when", "expected", "since"),
    [
        ("2019-12", UNKNOWN, None),
        ("2020-01", "announced", "2020-01"),
        ("2023-04", "announced", "2020-01"),
        ("2023-05", "built", "2023-05"),
        ("2025-12", "produced", "2025-02"),
        ("2026-03", "qualified", "2026-03"),
    ],
)
def test_grade_is_the_strongest_kind_shown_by_the_month(
    when: str, expected: str, since: str | None
) -> None:
    found = grade("mill", "metal", ROWS, month(when))
    assert (found.grade, found.since) == (expected, since and month(since))


def test_undated_rows_count_and_are_marked() -> None:
    found = grade("mill", "metal", (*ROWS, row("mill", "metal", "qualified")), month("2024-01"))
    assert found.grade == "qualified"
    assert found.undated
    assert found.since is None
    assert not grade("mill", "metal", ROWS, month("2024-01")).undated


def test_without_rows_a_grade_is_unknown_and_rests_on_nothing() -> None:
    found = grade("mill", "metal", (), month("2026-01"))
    assert (found.grade, found.deciding, found.undated) == (UNKNOWN, (), False)
    assert not found.at_least("announced")


def test_customers_qualify_by_class_and_by_material() -> None:
    found = grade("mill", "metal", ROWS, month("2026-03"))
    assert found.classes == ("wind",)
    assert found.qualified_for("wind")
    assert found.qualified_for("wind", "Ga_metal")
    assert not found.qualified_for("wind", "In_metal")
    assert not found.qualified_for("automotive")
    assert found.qualified_for("")
    assert found.of("In_metal").grade == "produced"


def test_qualified_by_nobody_named_serves_no_named_class() -> None:
    rows = (row("mill", "metal", "qualified", "2020"),)
    found = grade("mill", "metal", rows, month("2026-03"))
    assert found.grade == "qualified"
    assert not found.qualified_for("wind")


def test_a_row_of_another_place_or_kind_is_refused() -> None:
    stray = (row("mine", "metal", "built"), row("mill", "metal", "qualifed"))
    with pytest.raises(DataError) as error:
        grade("mill", "metal", stray, month("2026-03"))
    assert "a row of another place" in str(error.value)
    assert "qualified" in str(error.value)
    assert len(error.value.faults) == 2


def test_a_grade_that_does_not_exist_is_refused() -> None:
    with pytest.raises(DataError, match="produced"):
        grade("mill", "metal", ROWS, month("2026-03")).at_least("producd")


def test_every_place_with_rows_is_graded_younger_rows_included() -> None:
    found = grades((*ROWS, row("mill", "mining", "announced", "2030")), month("2026-03"))
    assert {key: it.grade for key, it in found.items()} == {
        ("mill", "metal"): "qualified",
        ("mill", "mining"): UNKNOWN,
    }


def test_timeline_gives_the_first_month_of_each_kind() -> None:
    rows = (*ROWS, row("mill", "metal", "built", "2022-01"), row("mill", "metal", "reproducible"))
    (found,) = timeline(rows)
    assert found.first == {
        "announced": month("2020-01"),
        "built": month("2022-01"),
        "produced": month("2025-02"),
        "qualified": month("2026-03"),
    }
    assert list(found.first) == ["announced", "built", "produced", "qualified"]
    assert found.undated == ("reproducible",)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("announced", "no"),
        ("financed", "no"),
        ("built", "partly"),
        ("produced", "partly"),
        ("reproducible", "yes"),
        ("qualified", "yes"),
    ],
)
def test_what_a_row_shows_answers_whether_it_can(kind: str, expected: str) -> None:
    deciding = row("mill", "metal", kind, "2024-01")
    found = answers("mill", (deciding,), month("2026-03"), questions=METAL).answers["metal"]
    assert (found.answer, found.row) == (expected, deciding)


def test_no_row_answers_unknown_and_not_no() -> None:
    found = answers("mill", (row("mine", "metal", "built"),), month("2026-03"), questions=METAL)
    assert {it.answer for it in found.answers.values()} == {"unknown"}
    assert {it.row for it in found.answers.values()} == {None}


def test_a_stage_whose_lines_have_ended_is_answered_no() -> None:
    ended = line("mill", "metal", "Ga_metal", ends="2026-01")
    other = line("mill", "metal", "Ga_metal", name="second")
    at = month("2026-03")
    found = answers("mill", ROWS, at, (ended,), METAL).answers["metal"]
    assert found.answer == "no"
    assert "ended 2026-01" in found.why
    assert answers("mill", ROWS, at, (ended, other), METAL).answers["metal"].answer == "yes"
    assert answers("mill", ROWS, month("2025-12"), (ended,), METAL).answers["metal"].answer == (
        "partly"
    )


def test_rows_about_a_further_line_count_for_its_stage() -> None:
    rows = (row("mill", "metal", "announced"), row("mill", "fine metal", "qualified", "2025"))
    further = line("mill", "metal", "In_metal", name="fine metal")
    at = month("2026-03")
    assert answers("mill", rows, at, (further,), METAL).answers["metal"].answer == "yes"
    assert answers("mill", rows, at, (), METAL).answers["metal"].answer == "no"


def test_qualified_customers() -> None:
    def told(*rows: object) -> str:
        found = answers("mill", rows, month("2026-03"))  # type: ignore[arg-type]
        return found.answers[QUALIFIED].answer

    assert told(*ROWS) == "yes"
    assert told(row("mill", "metal", "qualified")) == "partly"
    assert told(row("mill", "metal", "produced")) == "unknown"
    assert told(row("mill", "metal", "built")) == "no"


def test_balance_sheet_tells_the_amounts() -> None:
    loan = row("mill", "metal", "financed", "2024-02", what="loan of USD 80m")
    grant = row("mill", "mining", "financed", "2023-02", what="grant of EUR 5m")
    at = month("2026-03")
    found = answers("mill", (loan, grant), at).answers[BALANCE_SHEET]
    assert (found.answer, found.why) == ("yes", "grant of EUR 5m; loan of USD 80m")
    assert found.row == grant
    assert answers("mill", ROWS, at).answers[BALANCE_SHEET].answer == "partly"
    assert answers("mill", ROWS[1:2], at).answers[BALANCE_SHEET].answer == "no"
