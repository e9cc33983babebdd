"""`ytterby chain` as a person meets it: what it prints and writes, and what it refuses and how."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from command_line import SMALL, refused, shown, ytterby
from ytterby.errors import ExitCode

EXAMPLE = Path(__file__).parents[2] / "examples" / "lacq-chain" / "lacq-chain.toml"
TINY = """schema_version = 1
title = "Two cars"
[chain]
first = "2030-01"
months = 12
as_of = "2026-11"
[chain.demands.cars]
customer = "A car maker"
country = "FRA"
class = "automotive"
material = "magnet_SH"
yearly = "12 t"
"""


@cache
def printed(verb: str) -> str:
    return shown("chain", verb, EXAMPLE)


def schema(name: str) -> Any:
    return json.loads((files("ytterby") / "data" / "schemas" / f"{name}-1.json").read_text("utf-8"))


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    path = tmp_path / "cars.toml"
    path.write_text(TINY)
    return path


def test_explode_says_what_is_asked_of_whom() -> None:
    words = " ".join(printed("explode").split())
    for phrase in (
        "8 demands ask for 118125 t from 2028-01 to 2032-12",
        "Net of what comes back",
        "Nd, with Pr",
        "Per kg of what is asked",
        "Scrap of steps",
        "Losses",
        "Each feed alone",
        "The walk ends at",
        "Latest months for stellantis",
        "Sources: ",
    ):
        assert phrase in words, phrase


def test_who_says_what_is_shown_and_what_is_not() -> None:
    words = " ".join(printed("who").split())
    for phrase in (
        "strongest grade at any stage",
        "no row is unknown, which is not no",
        "Caremag Lacq",
        "Missing arrows of carester",
        "Production against promotion",
        "No source states a capacity",
        "Weights, slips and ramps",
    ):
        assert phrase in words, phrase
    assert "Deciding rows" not in words


@pytest.mark.parametrize(("verb", "name"), [("explode", "chain-explosion"), ("who", "chain-who")])
def test_the_document_is_as_its_schema_says(tiny: Path, verb: str, name: str) -> None:
    document = json.loads(shown("chain", verb, tiny, "--json"))
    Draft202012Validator(schema(name)).validate(document)
    assert (document["format"], document["title"]) == (f"ytterby.{name}", "Two cars")


@pytest.mark.parametrize("verb", ["explode", "who"])
def test_page_and_workbook_are_written(tiny: Path, verb: str) -> None:
    html, xlsx = tiny.with_suffix(".html"), tiny.with_suffix(".xlsx")
    said = shown("chain", verb, tiny, "--html", html, "--xlsx", xlsx)
    assert f"wrote: {html}" in said and f"wrote: {xlsx}" in said
    assert "<svg" in html.read_text("utf-8") and xlsx.read_bytes()[:2] == b"PK"


def test_a_change_of_the_case_changes_the_answer(tiny: Path) -> None:
    one = json.loads(shown("chain", "explode", tiny, "--json"))
    change = "chain.demands.cars.yearly=24 t"
    two = json.loads(shown("chain", "explode", tiny, "--json", "--set", change))
    for before, after in zip(one["materials"], two["materials"], strict=True):
        assert after["net_t"] == pytest.approx(2 * before["net_t"], rel=1e-9)


def test_longer_times_ask_for_an_earlier_start(tiny: Path) -> None:
    first = {
        times: json.loads(shown("chain", "explode", tiny, "--json", "--times", times))
        for times in ("low", "value", "high")
    }
    assert [first[it]["times"] for it in first] == ["shortest", "usual", "longest"]
    oxide = [
        next(it["first"] for it in found["materials"] if it["material"] == "NdPr_oxide")
        for found in first.values()
    ]
    assert oxide == sorted(oxide, reverse=True) and oxide[0] > oxide[2]


@pytest.mark.parametrize("verb", ["explode", "who"])
def test_a_case_without_a_chain_is_refused(tmp_path: Path, verb: str) -> None:
    path = tmp_path / "small.toml"
    path.write_text(SMALL)
    assert "a supply chain" in refused(ExitCode.CASE, "chain", verb, path)


def test_an_unknown_material_is_refused_with_its_line(tiny: Path) -> None:
    tiny.write_text(TINY.replace("magnet_SH", "magnet_SX"))
    said = refused(ExitCode.CASE, "chain", "explode", tiny)
    assert "line 11" in said and "magnet_SH" in said


def test_times_that_there_are_not(tiny: Path) -> None:
    assert ytterby("chain", "explode", tiny, "--times", "longest").code == ExitCode.USAGE


@pytest.mark.parametrize(
    ("verb", "phrases"),
    [
        ("match", ("12 t of 12 t asked", "Gaps, by worth", "Certificates", "weak duality")),
        ("stress", ("all below is beyond that", "One country gone", "Nobody sees a shock coming")),
    ],
)
def test_match_and_stress_print_write_and_document(
    tiny: Path, verb: str, phrases: tuple[str, ...]
) -> None:
    html, xlsx = tiny.with_suffix(".html"), tiny.with_suffix(".xlsx")
    words = " ".join(shown("chain", verb, tiny, "--html", html, "--xlsx", xlsx).split())
    for phrase in (*phrases, f"wrote: {html}", f"wrote: {xlsx}"):
        assert phrase in words, phrase
    assert "<table" in html.read_text("utf-8") and xlsx.read_bytes()[:2] == b"PK"
    document = json.loads(shown("chain", verb, tiny, "--json"))
    Draft202012Validator(schema(f"chain-{verb}")).validate(document)


@pytest.mark.parametrize("verb", ["match", "stress"])
def test_match_and_stress_refuse_a_case_without_a_chain(tmp_path: Path, verb: str) -> None:
    path = tmp_path / "circuit.toml"
    path.write_text(SMALL)
    assert "a supply chain" in refused(ExitCode.CASE, "chain", verb, path)


def test_share_says_how_concentrated_and_who_is_exposed() -> None:
    words = " ".join(printed("share").split())
    for phrase in (
        "Every source for itself, none is blended",
        "Shares of TREO at mining",
        "Concentration by country, 2030",
        "Nd, with Pr",
        "g = 1 for every supplier abroad",
        "Magnets and what they are built into have other headings",
        "Where the demand is itself derived",
        "Critical Raw Materials Act, in 2030",
        "cannot be said",
        "the value of the whole unit, not a profit lost",
        "traded sporadically",
        "Left over",
        "Sources: ",
    ):
        assert phrase in words, phrase
    assert "year by year" not in words and "Capacities as stated" not in words


def test_share_prints_one_document() -> None:
    document = json.loads(shown("chain", "share", EXAMPLE, "--json"))
    Draft202012Validator(schema("chain-shares")).validate(document)
    assert document["looked_at"] == 2030
    assert {it["without"] for it in document["benchmarks"]} == {None, "no-lacq"}


def test_share_writes_a_page_and_a_workbook(tiny: Path, tmp_path: Path) -> None:
    page, book = tmp_path / "shares.html", tmp_path / "shares.xlsx"
    text = shown("chain", "share", tiny, "--html", page, "--xlsx", book)
    assert f"wrote: {page}\nwrote: {book}\n" in text
    held = page.read_text(encoding="utf-8")
    assert "Capacity by facility, year by year" in held and "<svg" in held
    assert "no line of demand counts units" in text


EXCLUDED = """\
schema_version = 1
[chain]
first = "2028-01"
months = 12
[chain.rules.no-china]
says = "nothing made in China"
countries = ["CHN"]
[chain.rules.yunsheng]
says = "only Yunsheng makes our magnets"
only = true
facilities = ["yunsheng"]
stages = ["magnet"]
[chain.rules.no-mp]
says = "nothing of MP"
owners = ["mp"]
[chain.demands.cars]
customer = "A car maker"
country = "FRA"
material = "magnet_SH"
yearly = "100 t"
rules = ["no-china", "yunsheng", "no-mp"]
"""


def test_rules_that_leave_nobody_are_told_in_their_own_words(tmp_path: Path) -> None:
    """The smallest set: the rule on MP is not part of the conflict."""
    case = tmp_path / "excluded.toml"
    case.write_text(EXCLUDED, encoding="utf-8")
    done = ytterby("chain", "match", case)
    assert (done.code, done.out) == (ExitCode.CASE, "")
    assert "line 16, chain.demands.cars" in done.err
    assert '"nothing made in China" + "only Yunsheng makes our magnets"' in done.err
    assert "nothing of MP" not in done.err
