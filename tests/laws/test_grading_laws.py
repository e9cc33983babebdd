"""Laws of grades: evidence only adds, time only adds, and neither order nor names matter."""

from __future__ import annotations

import math
from dataclasses import replace

import hypothesis.strategies as st
from hypothesis import given, settings

from tiny_chain import facility, line, network
from ytterby.chain.capacity import CapacityRule, Slip, announced, effective
from ytterby.chain.evidence import KINDS, Evidence
from ytterby.chain.grading import GRADES, RANK, answers, grade, grades, timeline
from ytterby.chain.network import Line, Network

FIRST, LAST = 24_300, 24_400
months = st.integers(FIRST, LAST)
rows_of_one = st.lists(
    st.builds(
        Evidence,
        st.just("mill"),
        st.just("metal"),
        st.sampled_from(KINDS),
        st.none() | months,
        st.sampled_from(["a loan", "a batch", "a sample"]),
        st.sampled_from(["", "wind", "defence"]),
        st.sampled_from(["", "Ga_metal", "In_metal"]),
    ),
    max_size=8,
)
rows_of_many = rows_of_one.flatmap(
    lambda rows: st.tuples(
        *(
            st.builds(
                lambda name, stage, row=row: replace(row, facility=name, stage=stage),
                st.sampled_from("abc"),
                st.sampled_from(["metal", "wafer"]),
            )
            for row in rows
        )
    )
)


@given(rows_of_one, months, st.data())
def test_deleting_a_row_never_raises_the_grade(
    rows: list[Evidence], as_of: int, data: st.DataObject
) -> None:
    whole = grade("mill", "metal", rows, as_of)
    for it in range(len(rows)):
        less = grade("mill", "metal", rows[:it] + rows[it + 1 :], as_of)
        assert RANK[less.grade] <= RANK[whole.grade]
        assert set(less.classes) <= set(whole.classes)
        for material in ("", "Ga_metal", "In_metal"):
            assert RANK[less.of(material).grade] <= RANK[whole.of(material).grade]


@given(rows_of_one, months)
def test_deleting_the_deciding_rows_lowers_the_grade(rows: list[Evidence], as_of: int) -> None:
    whole = grade("mill", "metal", rows, as_of)
    rest = [row for row in rows if row not in whole.deciding]
    if whole.deciding:
        assert RANK[grade("mill", "metal", rest, as_of).grade] < RANK[whole.grade]
    else:
        assert whole.grade == "unknown"


@given(rows_of_one, months, months)
def test_a_later_look_never_lowers_the_grade(rows: list[Evidence], one: int, other: int) -> None:
    sooner, later = (grade("mill", "metal", rows, it) for it in sorted((one, other)))
    assert RANK[sooner.grade] <= RANK[later.grade]
    assert set(sooner.rows) <= set(later.rows)
    assert set(sooner.classes) <= set(later.classes)


@given(rows_of_many, months, st.randoms())
def test_the_order_of_rows_does_not_matter(
    rows: tuple[Evidence, ...], as_of: int, random: object
) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert grades(rows, as_of) == grades(shuffled, as_of)
    assert {it.facility: it for it in timeline(rows) if it.stage == "metal"} == {
        it.facility: it for it in timeline(shuffled) if it.stage == "metal"
    }
    for name in "abc":
        assert answers(name, rows, as_of) == answers(name, shuffled, as_of)


@given(rows_of_many, months)
def test_names_do_not_matter(rows: tuple[Evidence, ...], as_of: int) -> None:
    renamed = [replace(row, facility=f"new_{row.facility}") for row in rows]
    assert {
        (f"new_{facility}", stage): it.grade
        for (facility, stage), it in grades(rows, as_of).items()
    } == {key: it.grade for key, it in grades(renamed, as_of).items()}


@given(rows_of_many, months)
def test_a_grade_is_shown_from_its_first_month_on(rows: tuple[Evidence, ...], as_of: int) -> None:
    for found in grades(rows, as_of).values():
        if found.deciding and all(row.month is not None for row in found.deciding):
            assert found.since is not None
            at, before = (grades(rows, found.since - it) for it in (0, 1))
            key = (found.facility, found.stage)
            assert at[key].grade == found.grade
            assert RANK[before[key].grade] < RANK[found.grade]


@st.composite
def chains(draw: st.DrawFn) -> Network:
    statuses = ["operating", "announced", "construction", "closed"]
    facilities = [facility(name, status=draw(st.sampled_from(statuses))) for name in "abc"]
    lines: list[Line] = []
    for name in "abc":
        for stage, recipe in (("metal", "Ga_metal"), ("wafer", "wafer")):
            size = draw(st.none() | st.floats(0.0, 1e5))
            it = line(name, stage, recipe, capacity=size)
            starts = draw(st.none() | months)
            ends = draw(st.none() | st.integers(1 + (starts or FIRST), LAST + 60))
            lines.append(replace(it, starts=starts, ends=ends))
    return network(facilities, lines)


@st.composite
def rules(draw: st.DrawFn) -> CapacityRule:
    weights = sorted(draw(st.lists(st.floats(0.0, 1.0), min_size=7, max_size=7)))
    shares = sorted(draw(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=4)))
    median = draw(st.floats(0.5, 40.0))
    slip = Slip(median, median * draw(st.floats(1.0, 4.0)))
    ramp = [(6.0 * it, share) for it, share in enumerate(shares)]
    chance = draw(st.floats(0.01, 0.99))
    return CapacityRule(dict(zip(GRADES, weights, strict=True)), slip, {"": ramp}, chance)


@settings(deadline=None)
@given(chains(), rows_of_many, months, rules(), st.integers(FIRST - 12, LAST))
def test_weighted_is_never_above_announced(
    chain: Network, rows: tuple[Evidence, ...], as_of: int, rule: CapacityRule, first: int
) -> None:
    said = announced(chain, first, 48, rule)
    weighed = effective(chain, grades(rows, as_of), first, 48, rule)
    assert said.keys() == weighed.keys() == chain.lines.keys()
    for key, made in weighed.items():
        assert (made >= 0).all()
        assert (made <= said[key]).all()
        assert math.isfinite(made.sum())


@settings(deadline=None, max_examples=40)
@given(chains(), rows_of_many, months, rules(), st.integers(FIRST - 12, LAST))
def test_without_evidence_or_with_less_of_it_no_more_is_weighed(
    chain: Network, rows: tuple[Evidence, ...], as_of: int, rule: CapacityRule, first: int
) -> None:
    whole = effective(chain, grades(rows, as_of), first, 48, rule)
    for it in range(len(rows)):
        rest = grades(rows[:it] + rows[it + 1 :], as_of)
        full = {**{key: grade(*key, (), as_of) for key in grades(rows, as_of)}, **rest}
        for key, made in effective(chain, full, first, 48, rule).items():
            assert (made <= whole[key]).all()
