"""What `ytterby list` shows of feeds, processes and products, on the screen and as JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from ytterby.cli.app import app

ROWS = {
    "feeds": 35,
    "operations": 118,
    "products": 206,
    "downstream": 93,
    "impacts": 40,
}


def shown(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["list", *arguments])
    if result.exception:
        raise result.exception
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


def rows_of(kind: str) -> list[dict[str, str]]:
    found: dict[str, Any] = json.loads(shown(kind, "--json"))
    assert (found["format"], found["version"]) == (f"ytterby.list.{kind}", 1)
    rows: list[dict[str, str]] = found[kind]
    return rows


@pytest.mark.parametrize("kind", ROWS)
def test_every_row_names_its_basis_and_source(kind: str) -> None:
    rows = rows_of(kind)
    assert len(rows) == ROWS[kind]
    assert all(row["basis"] and row["confidence"] and row["source"] for row in rows)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("feeds", ("XEN_LAHAT", "mineral", "9.23", "28.3", "CONCENTRATE_REF")),
        ("operations", ("oxidative_roast: temperature", "degC", "JSM19", "strong-base anion")),
        ("products", ("dysprosium oxide, 3N: Dy2O3/TREO", "at least 99.9", "73 to 77")),
        ("downstream", ("molten_fluoride_electrolysis: charge", "A*h/kg", "557.4")),
        ("impacts", ("radioactivity: 100 ppm U", "1.235", "not known, never zero")),
    ],
)
def test_a_list_is_readable(kind: str, words: tuple[str, ...]) -> None:
    text = shown(kind)
    for word in words:
        assert word in text, word


def test_what_is_not_known_is_empty() -> None:
    by_name = {row["name"]: row for row in rows_of("feeds")}
    assert by_name["BRE_MONTE_ALTO"]["TREO, %"] == ""
    assert by_name["XEN_GUANGDONG"]["Th-232 series, Bq/g"] == ""
    assert by_name["MAG_RANGE"]["Nd+Pr in TREO, %"] == ""
    assert by_name["IAC_CARINA"]["Dy+Tb in TREO, %"] == "3.1 to 4.6"
    assert by_name["IAC_XINFENG"]["Dy+Tb in TREO, %"] == "4.6"
