"""Quantities: what is read, what is shown, and the message of every refusal."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from ytterby.errors import CaseError, QuantityError
from ytterby.quantities import (
    DIMENSIONS,
    LONGEST,
    UNITS,
    parse,
    parse_any,
    quoted,
    reference_page,
    show,
)

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize(
    ("text", "dimension", "canonical"),
    [
        ("12 m3/h", "volume flow", 12.0),
        ("200 L/min", "volume flow", 12.0),
        ("1.5 mol/L", "concentration", 1500.0),
        ("1.5 M", "concentration", 1500.0),
        ("1500mM", "concentration", 1500.0),
        ("10 g/L", "mass concentration", 10.0),
        ("36 %", "fraction", 0.36),
        ("0.36", "fraction", 0.36),
        (0.36, "fraction", 0.36),
        (1, "fraction", 1.0),
        ("25 degC", "temperature", 298.15),
        ("25°C", "temperature", 298.15),
        ("300 K", "temperature", 300.0),
        ("90 min", "time", 1.5),
        ("2 d", "time", 48.0),
        ("3 t", "mass", 3000.0),
        ("2 mol/s", "molar flow", 7200.0),
        ("24 t/d", "mass flow", 1000.0),
        ("158.9 g/mol", "molar mass", 0.1589),
        ("-3 kg", "mass", -3.0),
        (".5e1 kg", "mass", 5.0),
    ],
)
def test_reads_to_canonical_units(text: object, dimension: str, canonical: float) -> None:
    assert parse(text, dimension) == pytest.approx(canonical, rel=1e-14)


@pytest.mark.parametrize(
    "text", ["2 mol/m3", "2 mol m-3", "2 mol*m^-3", "2 mol·m⁻³", "2 mol / m**3", "2 mol/m³"]
)
def test_one_unit_in_many_spellings(text: str) -> None:
    assert parse(text, "concentration") == 2.0


def test_a_slash_divides_by_the_next_unit_only() -> None:
    assert parse("2 m3/h", "volume flow") == 2.0
    with pytest.raises(QuantityError, match=r"\(volume\)"):
        parse("2 m3/h h", "volume flow")


@pytest.mark.parametrize("dimension", DIMENSIONS.values(), ids=lambda d: d.name)
def test_every_listed_unit_is_of_its_dimension(dimension) -> None:  # type: ignore[no-untyped-def]
    assert parse(dimension.example, dimension.name) > 0.0
    for unit in (dimension.canonical, dimension.shown, *dimension.also):
        assert parse(show(1.0, dimension.name, unit), dimension.name) == pytest.approx(
            1.0, rel=1e-5
        )


def test_every_spelling_is_read_as_its_unit() -> None:
    for unit in UNITS:
        values = set()
        for spelling in unit.spellings:
            for dimension in DIMENSIONS:
                try:
                    values.add(parse(f"3 {spelling}", dimension))
                except QuantityError as error:
                    assert "not known" not in str(error)
        assert len(values) <= 1, unit.name


def test_parse_any_says_which_dimension_was_read() -> None:
    both = ("concentration", "mass concentration")
    assert parse_any("10 g/L", both)[1].name == "mass concentration"
    assert parse_any("10 mol/L", both)[1].name == "concentration"
    with pytest.raises(
        QuantityError, match=r'concentration such as "0.4 mol/L" or mass concentration such'
    ):
        parse_any("10 %", both)


def message(text: object, dimension: str) -> str:
    with pytest.raises(QuantityError) as caught:
        parse(text, dimension, where="tb-dy.toml line 7, flow")
    return str(caught.value)


def test_a_refusal_in_five_parts() -> None:
    assert message("12 m3/hh", "volume flow") == (
        "tb-dy.toml line 7, flow\n"
        '  read      "12 m3/hh" (unit "hh" is not known)\n'
        '  expected  volume flow such as "12 m3/h"\n'
        "  nearest   h\n"
        "  next      see docs/reference/units.md"
    )


@pytest.mark.parametrize(
    ("text", "dimension", "read"),
    [
        ("12", "volume flow", '"12" (no unit)'),
        ("12 ", "volume flow", '"12 " (no unit)'),
        (12, "volume flow", "12 (a number without unit)"),
        (1.5, "volume flow", "1.5 (a number without unit)"),
        ("12 kg/h", "volume flow", '"12 kg/h" (mass flow)'),
        ("12 m3", "volume flow", '"12 m3" (volume)'),
        ("12 %", "volume flow", '"12 %" (fraction)'),
        ("12 g/L", "concentration", '"12 g/L" (mass concentration)'),
        ("12 mol/L", "mass concentration", '"12 mol/L" (concentration)'),
        ("12 m", "volume flow", '"12 m" (length)'),
        ("12 m/h", "volume flow", '"12 m/h" (length time-1)'),
        ("25 degC", "fraction", '"25 degC" (temperature)'),
        ("12 t/y", "mass flow", 'unit "y" is not known'),
        ("nan m3/h", "volume flow", '"nan m3/h" (not a finite number)'),
        ("-inf", "volume flow", '"-inf" (not a finite number)'),
        ("Infinity m3/h", "volume flow", "(not a finite number)"),
        ("1e999 m3/h", "volume flow", '"1e999 m3/h" (not a finite number)'),
        ("1e308 kmol/L", "concentration", "(not a finite number)"),
        (float("nan"), "fraction", "nan (not a finite number)"),
        (10**400, "fraction", "(not a finite number)"),
        pytest.param(
            10**5000,
            "fraction",
            "an integer of thousands of digits (not a finite number)",
            id="thousands of digits",
        ),
        ("", "time", '"" (empty)'),
        (" \n\t", "time", "(empty)"),
        (None, "time", "None (not text)"),
        (True, "fraction", "true (not text)"),
        ({"a": 1}, "time", "a table (not text)"),
        ([1, "h"], "time", '[1, "h"] (not text)'),
        ("twelve h", "time", '"twelve h" (does not start with a number)'),
        ("12 h 30 min", "time", '"h 30 min" is not read as a unit'),
        ("5 1", "fraction", '"1" is not read as a unit'),
        ("36 %%", "fraction", '"%%" is not read as a unit'),
        ("1 000 kg", "mass", '"000 kg" is not read as a unit'),
        ("1,5 mol/L", "concentration", '"1,5 mol/L" (a comma)'),
        ("1/2 h", "time", '"/2 h" is not read as a unit'),
        ("2 degC2/degC", "temperature", "is not read as a unit"),
        ("-300 degC", "temperature", '"-300 degC" (below 0 K)'),
        ("9**9**9", "fraction", '"**9**9" is not read as a unit'),
        ("9**9**9 h", "time", "is not read as a unit"),
        ("__import__('os').getcwd()", "time", "does not start with a number"),
        ("1 \x1b[31mh", "time", '"1 \\x1b[31mh"'),
        ("12 m3h", "volume flow", '"m3h" is not read as a unit'),
    ],
)
def test_what_is_refused_says_what_was_read(text: object, dimension: str, read: str) -> None:
    said = message(text, dimension)
    assert read in said
    assert f"expected  {DIMENSIONS[dimension].such_as}\n" in said
    assert "\x1b" not in said
    assert "  next  " in said


@pytest.mark.parametrize(
    "text", ["9" * 10_000 + " h", "(" * 10_000, "h" * 10_000, "1 " + "h/" * 5_000]
)
def test_long_text_is_refused_unread(text: str) -> None:
    said = message(text, "time")
    assert f"({len(text)} characters, at most {LONGEST} are read)" in said
    assert len(said) < 400


def test_a_comma_gets_its_own_advice() -> None:
    assert 'next      write 1.5 for "1,5" and 1500 for "1,500"' in message("1,5 h", "time")


def test_an_unknown_dimension_names_the_nearest() -> None:
    with pytest.raises(QuantityError, match=r"nearest   temperature"):
        parse("25 degC", "temprature")


def test_a_quantity_error_is_a_case_error_and_a_value_error() -> None:
    assert issubclass(QuantityError, CaseError) and issubclass(QuantityError, ValueError)


@pytest.mark.parametrize(
    ("value", "dimension", "unit", "text"),
    [
        (12.0, "volume flow", None, "12 m3/h"),
        (12.0, "volume flow", "L/min", "200 L/min"),
        (1500.0, "concentration", None, "1.5 mol/L"),
        (1500.0, "concentration", "mol/m3", "1500 mol/m3"),
        (0.36, "fraction", None, "36 %"),
        (0.36, "fraction", "", "0.36"),
        (298.15, "temperature", None, "25 degC"),
        (2.0 / 3.0, "time", None, "0.666667 h"),
        (1e-9, "mass", None, "1e-09 kg"),
    ],
)
def test_shows(value: float, dimension: str, unit: str | None, text: str) -> None:
    assert show(value, dimension, unit) == text


def test_shows_as_many_digits_as_asked() -> None:
    assert show(2.0 / 3.0, "time", digits=2) == "0.67 h"


@pytest.mark.parametrize(
    ("value", "unit", "part"),
    [
        (float("nan"), None, "not a finite number"),
        (float("inf"), None, "not a finite number"),
        (1.0, "kg/h", "(mass flow)"),
        (1.0, "qbm/h", 'unit "qbm" is not known'),
    ],
)
def test_what_is_not_shown(value: float, unit: str | None, part: str) -> None:
    with pytest.raises(QuantityError, match=re.escape(part)):
        show(value, "volume flow", unit)


def test_quoted_is_short_and_on_one_line() -> None:
    assert quoted("a\nb") == '"a\\nb"'
    assert len(quoted("x" * 1000)) < 70
    assert quoted([[[1]], 2, 3, 4, 5]) == "[a list, 2, 3, 4, ...]"


def test_the_units_page_is_the_generated_one() -> None:
    assert (DOCS / "reference" / "units.md").read_text(encoding="utf-8") == reference_page()


def test_pint_is_imported_only_when_a_quantity_is_read() -> None:
    code = "import sys, ytterby.quantities; assert 'pint' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
