"""Months of a calendar as whole numbers, so that times add and compare: 2027-03 is 12 x 2027 + 2."""

from __future__ import annotations

import re

from ytterby.errors import DataError, Fault
from ytterby.quantities import quoted

_TEXT = re.compile(r"(?P<year>(?:19|20|21)\d\d)(?:-(?P<month>\d\d)(?:-\d\d)?)?")
_YEAR = 12
_QUARTER_OF_YEAR = re.compile(r"(?P<year>(?:19|20|21)\d\d)-?(?P<part>[QH])(?P<number>[1-4])")
_PART = {"Q": 3, "H": 6}


def month(text: str, where: str = "month") -> int:
    """The month of a date such as 2027-03, 2027-03-15, 2027 (its January), 2027H1 or 2027-Q3 (their first).

    DataError, located at ``where``, if it is no date.
    """
    if found := _TEXT.fullmatch(text.strip()):
        number = int(found["month"] or 1)
        if 1 <= number <= _YEAR:
            return int(found["year"]) * _YEAR + number - 1
    if found := _QUARTER_OF_YEAR.fullmatch(text.strip()):
        first = (int(found["number"]) - 1) * _PART[found["part"]]
        if first < _YEAR:
            return int(found["year"]) * _YEAR + first
    expected = "a month such as 2027-03, a date, a year, a half (2027H1) or a quarter (2027Q3)"
    raise DataError(Fault(where, quoted(text), expected, next="write the month as YYYY-MM"))


def written(number: int) -> str:
    """A month as people write it, 2027-03."""
    return f"{number // _YEAR}-{number % _YEAR + 1:02d}"


def year(number: int) -> int:
    """The year that a month is in."""
    return number // _YEAR
