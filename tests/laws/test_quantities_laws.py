"""What holds for every quantity: reading undoes showing; nothing but QuantityError is raised."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ytterby.errors import QuantityError
from ytterby.quantities import DIMENSIONS, SPELLINGS, parse, show

DIMENSION = st.sampled_from(list(DIMENSIONS.values()))
# Within a float's digits in every unit; a temperature in K is small against 273.15.
VALUE = st.floats(min_value=1e-3, max_value=1e15)


@settings(deadline=None)
@given(DIMENSION, VALUE, st.data())
def test_reading_undoes_showing_in_every_unit(dimension, value, data) -> None:  # type: ignore[no-untyped-def]
    unit = data.draw(st.sampled_from([dimension.canonical, dimension.shown, *dimension.also]))
    shown = show(value, dimension.name, unit, digits=17)
    assert parse(shown, dimension.name) == pytest.approx(value, rel=1e-12, abs=1e-12)


@settings(deadline=None)
@given(DIMENSION, DIMENSION, VALUE)
def test_the_wrong_dimension_is_always_refused(written, wanted, value) -> None:  # type: ignore[no-untyped-def]
    text = show(value, written.name)
    if written == wanted:
        assert math.isfinite(parse(text, wanted.name))
        return
    with pytest.raises(QuantityError) as caught:
        parse(text, wanted.name)
    (fault,) = caught.value.faults
    assert f"({written.name})" in fault.read
    assert wanted.such_as in fault.expected


PIECES = st.sampled_from(
    [*SPELLINGS, *"0123456789", *" */^.-+eE()_%,;", "**", "nan", "inf", "³", "\n"]
)
QUANTITY_LIKE = st.lists(PIECES, max_size=12).map("".join)
THINGS = st.one_of(
    st.text(), QUANTITY_LIKE, st.floats(), st.integers(), st.none(), st.booleans(), st.binary()
)


@settings(deadline=None)
@given(st.one_of(THINGS, st.lists(THINGS), st.dictionaries(st.text(), THINGS)), DIMENSION)
def test_anything_is_read_finite_or_refused_in_five_parts(thing, dimension) -> None:  # type: ignore[no-untyped-def]
    try:
        value = parse(thing, dimension.name)
    except QuantityError as error:
        (fault,) = error.faults
        assert fault.where and fault.read and fault.expected and fault.next
        assert all(line.isprintable() for line in str(error).split("\n"))
    else:
        assert math.isfinite(value)
