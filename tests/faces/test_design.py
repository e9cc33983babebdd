"""`ytterby design` as a person meets it: what it prints, draws, writes and refuses."""

from __future__ import annotations

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from command_line import refused, shown, ytterby
from design_studies import CASE, study
from ytterby.errors import ExitCode
from ytterby.study import design as walk

IMPOSSIBLE = """\
[designs.nd-sm.limits]
strip_acid = "0.02 mol/L"
stages = 4
[designs.nd-sm.specification]
wrong_side = "0.01 %"
"""
"""Four stages of each section, where four nines of the hand calculation take more."""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a reader stands; the design of the case is at hand, so that it need not be made again."""
    (tmp_path / "case.toml").write_text(CASE, encoding="utf-8")
    (tmp_path / "never.toml").write_text(CASE + IMPOSSIBLE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    made, planned_cut = study().designs["nd-sm"], walk.planned_cut

    def at_hand(plan: Any, told: Any = None) -> Any:
        same = plan.task == made.plan.task and not plan.robust
        return made if same else planned_cut(plan)

    monkeypatch.setattr(walk, "planned_cut", at_hand)
    return tmp_path


@cache
def text_of() -> str:
    """What the command prints, blanks in a row made one."""
    return re.sub(r"[ \t]+", " ", shown("design", "case.toml"))


# --- what it prints


def test_everything_that_was_designed_is_printed(here: Path) -> None:
    text = text_of()
    designed = study().designs["nd-sm"].designed
    stages = " + ".join(map(str, designed.stages))
    assert f"Design nd-sm: Nd/Sm, P507-HCl-v0, {stages} stages, " in text
    for title in (
        *("Circuit of nd-sm", "Specification of nd-sm", "Outlets of nd-sm"),
        *("Annual costs of nd-sm, EUR of 2025", "Limits that hold nd-sm"),
        *("One more nine for nd-sm", "Hand calculation of nd-sm"),
        "Purities of nd-sm and the errors of the constants",
        *("Stages tried for nd-sm", "Prices of nd-sm"),
    ):
        assert f"\n{title}\n" in text, title
    assert f" organic m3/h {designed.run.organic_flow:.4g} \n" in text
    assert re.search(r"\n HCl 150 EUR/t 2025, solution of 35 % recalled MARKET25 \n", text)
    assert re.search(r"\nSources: .*MARKET25.*\n", text)
    assert re.search(r"\nWeakest basis: of the chemistry \w+, of the prices \w+\.\n", text)
    assert "Robust variant" not in text
    assert not re.search(r"\bnan\b", text)


def test_the_document_holds_the_solved_circuit(here: Path) -> None:
    found = json.loads(shown("design", "case.toml", "--json"))
    assert (found["format"], found["version"]) == ("ytterby.design-result", 1)
    assert (found["case"], found["title"]) == ("case.toml", "Small")
    assert (found["figures"], found["saved"], found["unreached"]) == ([], None, [])
    circuit = found["designs"][0]["result"]["circuit"]
    assert (circuit["format"], circuit["verdict"]) == ("ytterby.circuit-result", "solved")
    assert max(circuit["closure"].values()) <= 1e-10


def test_check_and_cite_know_designs(here: Path) -> None:
    assert shown("check", "case.toml") == (
        "design nd-sm: Nd/Sm, 4 elements, P507-HCl-v0\n"
        "no fault found\nnext: ytterby design case.toml\n"
    )
    checked = json.loads(shown("check", "case.toml", "--json"))
    assert checked["designs"] == [
        {
            "name": "nd-sm",
            "cut": ["Nd", "Sm"],
            "elements": ["Pr", "Nd", "Sm", "Gd"],
            "equilibrium": "P507-HCl-v0",
        }
    ]
    cited = re.findall(r"^\[(\w+)\]", shown("cite", "case.toml"), re.M)
    assert {"LI87", "MARKET25", "PROMMIS", "PERIODICTABLE"} <= set(cited)


def test_a_case_of_designs_has_no_circuit_to_solve(here: Path) -> None:
    message = refused(ExitCode.CASE, "circuit", "case.toml")
    assert "designs are made by `ytterby design`" in message


# --- files


def test_figures_are_drawn(here: Path) -> None:
    printed = shown("design", "case.toml", "--plot", "pictures")
    names = {f"nd-sm-{what}.{kind}" for what in ("profile", "organic", "scrub-liquor", "cost")
             for kind in ("png", "svg")}  # fmt: skip
    assert set(os.listdir("pictures")) == names
    assert set(re.findall(r"^drawn: pictures/(\S+)$", printed, re.M)) == names


def test_page_and_workbook_hold_what_was_designed(here: Path) -> None:
    printed = shown("design", "case.toml", "--html", "made.html", "--xlsx", "made.xlsx")
    assert "wrote: made.html\nwrote: made.xlsx\n" in printed
    held = Path("made.html").read_text(encoding="utf-8")
    assert held.count('<div class="plot"') == 4
    for title in re.findall(r"<caption>(.*?)</caption>", held):
        assert f"\n{title}\n" in printed, title
    book = load_workbook("made.xlsx")
    header, units, row = book["designs"].iter_rows(values_only=True)
    designed = study().designs["nd-sm"].designed
    assert row[header.index("organic")] == designed.run.organic_flow
    assert units[header.index("organic")] == "m3/h"
    assert book["nd-sm candidates"].max_row == 2 + len(designed.candidates)
    sheets = {"costs", "nd-sm prices", "nd-sm streams", "nd-sm stages", "sources"}
    assert sheets <= set(book.sheetnames)


def test_what_is_not_reached_stands_on_the_page_too(here: Path) -> None:
    other = (CASE + IMPOSSIBLE).partition('title = "Small"\n')[2].replace("nd-sm", "hard")
    (here / "both.toml").write_text(CASE + other, encoding="utf-8")
    assert ytterby("design", "both.toml", "--html", "both.html").code == ExitCode.NO_SOLUTION
    held = Path("both.html").read_text(encoding="utf-8")
    assert "<caption>Not reached</caption>" in held and "designs.hard.specification" in held


def test_what_is_saved_is_solved_to_the_same_purities(here: Path) -> None:
    found = json.loads(shown("design", "case.toml", "--save", "made.toml", "--json"))
    assert found["saved"] == "made.toml"
    designed = found["designs"][0]["result"]["circuit"]
    (again,) = json.loads(shown("circuit", "made.toml", "--json"))["circuits"]
    ours, theirs = (
        {stream["name"]: stream for stream in circuit["streams"]} for circuit in (designed, again)
    )
    for outlet in ("raffinate", "strip liquor"):
        for symbol, purity in ours[outlet]["purity_reo"].items():
            assert abs(theirs[outlet]["purity_reo"][symbol] / purity - 1.0) < 1e-6, symbol
    assert (here / "made.toml").read_text(encoding="utf-8").startswith("# Designed by ytterby ")
    assert "no fault found" in shown("check", "made.toml")
    assert sorted(os.listdir(here)) == ["case.toml", "made.toml", "never.toml"]


def test_saving_says_what_to_do_next(here: Path) -> None:
    printed = shown("design", "case.toml", "--save", "my circuits.toml")
    assert printed.endswith("wrote: my circuits.toml\nnext: ytterby circuit 'my circuits.toml'\n")


def test_nothing_is_written_over(here: Path) -> None:
    message = refused(ExitCode.OUTPUT, "design", "never.toml", "--save", "case.toml")
    assert message == (
        "case.toml\n  read      a file of that name\n  expected  a free name\n"
        "  next      name another with --save\n"
    )
    assert (here / "case.toml").read_text(encoding="utf-8") == CASE


@pytest.mark.parametrize(
    ("name", "read"),
    [("made.json", "a file called made.json"), ("no/where.toml", "no such directory")],
)
def test_where_it_cannot_be_saved_is_said_before_the_design(
    name: str, read: str, here: Path
) -> None:
    assert f"read      {read}\n" in refused(ExitCode.OUTPUT, "design", "never.toml", "--save", name)


# --- what is not reached


def test_a_design_that_cannot_be_reached_ends_with_its_code(here: Path) -> None:
    message = refused(ExitCode.NO_SOLUTION, "design", "never.toml")
    line = CASE.count("\n") + 4
    assert message.startswith(f"never.toml line {line}, designs.nd-sm.specification\n")
    assert "at most 0.0001 of each outlet's rare-earth moles from the wrong side" in message
    outcome = ytterby("design", "never.toml", "--json")
    found = json.loads(outcome.out)
    assert (outcome.code, outcome.err) == (ExitCode.NO_SOLUTION, "")
    assert (found["format"], found["exit_code"]) == ("ytterby.error", 6)


def test_the_others_are_told_all_the_same(here: Path) -> None:
    other = (CASE + IMPOSSIBLE).partition('title = "Small"\n')[2].replace("nd-sm", "hard")
    (here / "both.toml").write_text(CASE + other, encoding="utf-8")
    code, out, err = ytterby("design", "both.toml", "--save", "made.toml")
    assert code == ExitCode.NO_SOLUTION
    assert "Design nd-sm: " in out and "Design hard: " not in out
    assert "designs.hard.specification" in err and "nd-sm" not in err
    saved = json.loads(shown("check", "made.toml", "--json"))["circuits"]
    assert [circuit["name"] for circuit in saved] == ["nd-sm"]
    outcome = ytterby("design", "both.toml", "--json")
    found = json.loads(outcome.out)
    assert (outcome.code, outcome.err) == (ExitCode.NO_SOLUTION, "")
    assert [it["design"] for it in found["designs"]] == ["nd-sm"]
    assert [it["design"] for it in found["unreached"]] == ["hard"]
    assert "Design nd-sm: " in shown("design", "both.toml", "--only", "nd-sm")


def test_an_unknown_design_is_refused(here: Path) -> None:
    assert refused(ExitCode.CASE, "design", "case.toml", "--only", "nd-sn") == (
        '--only\n  read      "nd-sn"\n  expected  one of: nd-sm\n'
        "  nearest   nd-sm\n  next      name one of them\n"
    )
