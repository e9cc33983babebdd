"""Laws of shares and indices, for amounts drawn at random."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from circuits import closely
from ytterby.chain.shares import Shares, hhi

AMOUNTS = st.lists(st.floats(1e-3, 1e6), min_size=1, max_size=12)


def shares(amounts: list[float], total: float | None = None) -> Shares:
    named = {f"{at:02d}": it for at, it in enumerate(amounts)}
    return Shares("x", "country", "mining", "ore", 2024, "t", named, total)


@given(st.integers(1, 50), st.floats(1e-6, 1e6))
def test_of_equal_shares_it_is_one_over_their_number(number: int, amount: float) -> None:
    assert hhi([amount] * number) == closely(1 / number, rel=1e-12)


@given(AMOUNTS, st.randoms())
def test_the_order_does_not_matter(amounts: list[float], random) -> None:
    shuffled = list(amounts)
    random.shuffle(shuffled)
    assert hhi(shuffled) == closely(hhi(amounts), rel=1e-12)


@given(AMOUNTS.filter(lambda them: len(them) > 1))
def test_merging_two_never_lowers_it(amounts: list[float]) -> None:
    one, other, *rest = amounts
    assert hhi([one + other, *rest]) >= hhi(amounts) * (1 - 1e-12)


@given(AMOUNTS, st.floats(1e-3, 1e3))
def test_the_unit_does_not_matter(amounts: list[float], factor: float) -> None:
    assert hhi([factor * it for it in amounts]) == closely(hhi(amounts), rel=1e-9)


@given(AMOUNTS)
def test_it_lies_between_one_over_the_number_and_one(amounts: list[float]) -> None:
    assert 1 / len(amounts) * (1 - 1e-12) <= hhi(amounts) <= 1 + 1e-12


@given(AMOUNTS, st.floats(1.0, 10.0))
def test_what_is_not_listed_only_widens_it(amounts: list[float], factor: float) -> None:
    """The low end is the index of what is known over the whole; the high one has one more supplier."""
    whole = sum(amounts) * factor
    found = shares(amounts, whole).hhi
    assert found is not None
    rest = whole - sum(amounts)
    assert found.low <= found.high
    assert found.high == closely(hhi([*amounts, max(rest, 0.0)]), rel=1e-9)
    assert found.low == pytest.approx(hhi(amounts) / factor**2, rel=1e-9)


@given(AMOUNTS)
def test_shares_add_up(amounts: list[float]) -> None:
    assert sum(it.share for it in shares(amounts).parts) == closely(1.0, rel=1e-12)
