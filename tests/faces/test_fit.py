"""`ytterby fit` as a person meets it: what it prints, writes and refuses."""

from __future__ import annotations

import io
import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from openpyxl import load_workbook

from command_line import refused, shown, ytterby
from ytterby.datasets import parameter_set
from ytterby.errors import ExitCode

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "fit-p507.toml"
TABLE = """\
contact,element,extractant,oa_ratio,acid_feed,aq_feed,aq_eq,org_eq
,,mol/L,1,mol/L,g/L metal,g/L metal,g/L metal
a,Tb,1,1,0.3,3.97,1.19,2.85
a,Dy,1,1,0.3,4.06,0.73,3.23
b,Tb,1,1,0.6,3.97,2.39,1.60
b,Dy,1,1,0.6,4.06,1.81,2.34
c,Tb,1,1,1.0,3.97,2.94,1.00
c,Dy,1,1,1.0,4.06,2.75,1.31
"""
CASE = """\
schema_version = 1
title = "Mine"
[fits.mine]
set = "P507-HCl-v0"
tables = ["my.csv"]
"""
CIRCUIT = """\
schema_version = 1
[circuits.NAME]
extractant = "P507"
equilibrium = "mine.toml"
organic = { flow = "2 m3/h", concentration = "1 mol/L", closed = false }
extraction.stages = 3
extraction.feed = { flow = "1 m3/h", pH = 1, concentrations = { Tb = "0.1 mol/L", Dy = "0.2 mol/L" } }
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "case.toml").write_text(CASE, encoding="utf-8")
    (tmp_path / "my.csv").write_text(TABLE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@cache
def example() -> str:
    return shown("fit", EXAMPLE)


@cache
def document() -> dict[str, Any]:
    found = json.loads(shown("fit", EXAMPLE, "--json"))
    assert isinstance(found, dict)
    return found


def fit_of(name: str) -> dict[str, Any]:
    return next(it for it in document()["fits"] if it["fit"] == name)


# --- the example


def test_the_example_predicts_again_and_says_what_fitting_gains() -> None:
    text = example()
    assert re.search(r"all fitted +180 +0\.179 +-0\.013 +0\.148 ", text)
    assert re.search(r"all predicted +40 +0\.281 +-0\.183 +0\.278 +-0\.137 +predicted only", text)
    assert (
        "rms 0.242 with the set as it was, 0.238 fitted without them. Fitting changes little"
        in text
    )
    assert (
        "rms 0.281 with the set as it was, 0.278 fitted without them. Fitting changes little"
        in text
    )
    assert re.search(r"Nd log10_kex +log10 \(mol/L basis\) +-2\.150 +0\.100 +-1\.857 ", text)
    assert "3 sources hardly tell it" in text
    assert re.search(
        r"Next shake-out for the log10 separation factor Dy/Tb, made by invented", text
    )
    assert text.count("Next shake-out for the ") == 3
    assert "nan" not in text


def test_the_invented_table_is_called_so() -> None:
    text = (ROOT / "examples" / "invented-shake-outs.csv").read_text(encoding="utf-8")
    assert "They are invented, not measured" in text


def test_the_document_has_what_the_tables_show() -> None:
    found = document()
    assert (found["format"], found["version"], found["files"]) == ("ytterby.fit", 1, [])
    literature = fit_of("literature")
    assert literature["points_fitted"] == len(literature["points"]) == 180
    pooled = literature["left_out"][-1]
    assert (pooled["source"], pooled["not_judged"]) == ("all", 100)
    assert round(pooled["left_out"]["rms"], 3) == 0.238
    size = len(literature["constants"])
    covariance = literature["covariance"]
    assert [len(row) for row in covariance] == [size] * size
    for index, constant in enumerate(literature["constants"]):
        assert constant["low"] < constant["fitted"] < constant["high"]
        assert constant["sd"] ** 2 == pytest.approx(covariance[index][index], rel=1e-12)
    predicted = [point for point in fit_of("elsewhere")["points"] if not point["fitted"]]
    squares = [(it["log10_d_set"] - it["log10_d_measured"]) ** 2 for it in predicted]
    assert round((sum(squares) / len(squares)) ** 0.5, 3) == 0.281
    best = fit_of("own")["next_shakeouts"]["candidates"][0]
    assert set(best["feed_mol_per_m3"]) == {"Tb", "Dy"}
    assert {it["key"] for it in literature["sources"]} >= {"LI87", "LEE05", "LYON16"}


def test_one_fit_may_be_chosen() -> None:
    text = shown("fit", EXAMPLE, "--only", "elsewhere")
    assert "Fit elsewhere: " in text and "Fit literature: " not in text
    message = refused(ExitCode.CASE, "fit", EXAMPLE, "--only", "literatur")
    assert message == (
        '--only\n  read      "literatur"\n  expected  one of: literature, elsewhere, own\n'
        "  nearest   literature\n  next      name one of them\n"
    )


def test_check_and_cite_know_fits(here: Path) -> None:
    assert shown("check", "case.toml") == (
        "fit mine: 3 contacts of my, P507-HCl-v0\nno fault found\nnext: ytterby fit case.toml\n"
    )
    checked = json.loads(shown("check", "case.toml", "--json"))
    assert checked["fits"] == [
        {"name": "mine", "set": "P507-HCl-v0", "contacts": 3, "sources": ["my"]}
    ]
    assert re.findall(r"^\[(\w+)\]", shown("cite", "case.toml"), re.M) == [
        *("LI80", "LI87", "T21", "PERIODICTABLE")
    ]


# --- a table of one's own


def test_a_table_of_one_laboratory(here: Path) -> None:
    text = shown("fit", "case.toml")
    assert "Fit mine: P507-HCl-v0, 2 constants, 6 points in 3 contacts of my" in text
    assert "one source tells nothing of others" in text
    assert "One source: what the fit is worth in another laboratory cannot be told." in text
    assert "Shift of sources" not in text and "left out" not in text
    assert "made by my" in text


def test_what_is_not_fixed_is_named(here: Path) -> None:
    rows = "".join(
        f"{name},Tb,1,,,0,,{d},{ph}\n" for name, d, ph in
        (("a", 0.5, 0.5), ("b", 0.55, 0.5), ("c", 15.0, 1.0), ("d", 16.5, 1.0))
    )  # fmt: skip
    Path("my.csv").write_text(
        "contact,element,oa_ratio,acid_feed,aq_feed,aq_eq,org_eq,D,pH_eq,extractant\n"
        ",,1,mol/L,g/L metal,g/L metal,g/L metal,1,1,mol/L\n" + rows.replace("\n", ",1\n")
    )
    Path("case.toml").write_text(CASE + 'free = ["log10_kex", "order_extractant"]\n')
    text = shown("fit", "case.toml")
    assert "What the contacts of mine do not fix" in text
    assert re.search(
        r"Tb order_extractant +kept as in the set +these contacts do not tell it from log10_kex of Tb",
        text,
    )


def test_a_workbook_gives_what_the_text_gives(here: Path) -> None:
    import csv

    from openpyxl import Workbook

    book = Workbook()
    for cells in csv.reader(io.StringIO(TABLE)):
        book.active.append([_typed(cell) for cell in cells])  # type: ignore[union-attr]
    book.save("my.xlsx")
    text = json.loads(shown("fit", "case.toml", "--json"))["fits"][0]["constants"]
    Path("case.toml").write_text(CASE.replace("my.csv", "my.xlsx"))
    assert json.loads(shown("fit", "case.toml", "--json"))["fits"][0]["constants"] == text


def _typed(cell: str) -> str | float | None:
    try:
        return float(cell) if cell else None
    except ValueError:
        return cell


def test_a_saved_set_is_used_by_circuits(here: Path) -> None:
    assert shown("fit", "case.toml", "--save", "mine.toml").endswith("wrote: mine.toml\n")
    assert sorted(os.listdir(here)) == ["case.toml", "mine.toml", "my.csv"]
    mine = parameter_set("mine.toml")
    assert mine.constants["Tb"].basis == "derived"
    assert "fitted to 3 points among my; 95 % interval" in mine.constants["Tb"].note
    assert mine.constants["Tb"].rests_on == ("LI80", "LI87", "T21")
    Path("circuit.toml").write_text(CIRCUIT.replace("NAME", "tb"))
    text = shown("circuit", "circuit.toml")
    assert "Circuit tb: solved, 3 stages, mine.toml, " in text
    assert "mine.toml" in shown("check", "circuit.toml")
    assert "[LI87]" in shown("cite", "circuit.toml")
    with_shipped = CIRCUIT.replace("NAME", "tb").replace('equilibrium = "mine.toml"\n', "")
    Path("circuit.toml").write_text(with_shipped)
    assert shown("circuit", "circuit.toml") != text


def test_a_set_file_is_refused_with_its_own_faults(here: Path) -> None:
    Path("circuit.toml").write_text(CIRCUIT.replace("NAME", "tb"))
    message = refused(ExitCode.CASE, "circuit", "circuit.toml")
    assert message.startswith(
        'circuit.toml line 4, circuits.tb.equilibrium\n  read      "mine.toml": no such file\n'
    )
    shown("fit", "case.toml", "--save", "mine.toml")
    text = Path("mine.toml").read_text()
    Path("mine.toml").write_text(text.replace('basis = "derived"', 'basis = "guessed"', 1))
    message = refused(ExitCode.CASE, "circuit", "circuit.toml")
    assert message.startswith('mine.toml, constant 1 (Y), basis\n  read      "guessed"\n')
    Path("mine.toml").write_bytes(b"\xff\xfe")
    assert "mine.toml\n" in refused(ExitCode.CASE, "circuit", "circuit.toml")


def test_parity_is_drawn_per_fit(here: Path) -> None:
    text = shown("fit", "case.toml", "--plot", "pictures")
    assert sorted(os.listdir("pictures")) == ["mine-parity.png", "mine-parity.svg"]
    assert "drawn: pictures/mine-parity.png\n" in text
    drawn = Path("pictures/mine-parity.svg").read_text(encoding="utf-8")
    assert ">measured D<" in drawn and ">fitted<" in drawn and ">my<" in drawn
    written = json.loads(shown("fit", "case.toml", "--json", "--plot", "pictures"))["files"]
    assert written == ["pictures/mine-parity.png", "pictures/mine-parity.svg"]


def test_a_source_of_dollars_is_drawn_as_it_is_written(here: Path) -> None:
    os.rename("my.csv", "a$b$c_.csv")
    Path("case.toml").write_text(CASE.replace("my.csv", "a$b$c_.csv"))
    shown("fit", "case.toml", "--plot", "pictures")
    assert "a$b$c_" in Path("pictures/mine-parity.svg").read_text(encoding="utf-8")


# --- what is refused


def test_what_cannot_be_saved_is_refused_before_the_fit(here: Path) -> None:
    with patch("ytterby.study.fit.run_fits", side_effect=AssertionError):
        message = refused(ExitCode.OUTPUT, "fit", EXAMPLE, "--save", "mine.toml")
        assert message == (
            "--save\n  read      3 fits: literature, elsewhere, own\n  expected  one fit, for one set\n"
            "  next      choose one, such as --only literature\n"
        )
        message = refused(ExitCode.OUTPUT, "fit", "case.toml", "--save", "mine.txt")
        assert "a name that ends in .toml" in message and "--save mine.toml" in message
        message = refused(ExitCode.OUTPUT, "fit", "case.toml", "--save", "case.toml")
        assert "a file of that name" in message
        message = refused(ExitCode.OUTPUT, "fit", "case.toml", "--save", "nowhere/mine.toml")
        assert "no such directory" in message
        message = refused(ExitCode.OUTPUT, "fit", "case.toml", "--plot", "my.csv")
        assert "a directory that can be written" in message
    assert Path("case.toml").read_text() == CASE


def test_a_failed_write_leaves_nothing(here: Path) -> None:
    with patch.object(Path, "replace", side_effect=OSError(28, "No space left on device")):
        message = refused(ExitCode.OUTPUT, "fit", "case.toml", "--save", "mine.toml")
    assert "No space left on device" in message
    assert sorted(os.listdir(here)) == ["case.toml", "my.csv"]


def test_a_case_without_a_fit_or_without_a_circuit(here: Path) -> None:
    Path("circuit.toml").write_text(
        CIRCUIT.replace("NAME", "tb").replace('"mine.toml"', '"P507-HCl-v0"')
    )
    message = refused(ExitCode.CASE, "fit", "circuit.toml")
    assert message.startswith("circuit.toml\n  read      no fit\n  expected  one fit or more\n")
    message = refused(ExitCode.CASE, "circuit", "case.toml")
    assert "no circuit" in message and "fits are made by `ytterby fit`" in message


@pytest.mark.parametrize("arguments", [[], ["case.toml", "--template", "new.csv"]])
def test_either_a_case_or_a_template(arguments: list[str], here: Path) -> None:
    assert "either a case file or --template" in refused(ExitCode.USAGE, "fit", *arguments)
    assert sorted(os.listdir(here)) == ["case.toml", "my.csv"]


BAD = {
    "missing unit": (",,mol/L,1,mol", ",,,1,mol", "my.csv line 2, extractant\n  read      no unit\n"),
    "mass for amount": (",,mol/L,1", ",,g/L,1", 'my.csv line 2, extractant\n  read      "g/L" (mass'),
    "no basis": ("g/L metal,g/L metal,g", "g/L,g/L metal,g", "without what is weighed"),
    "text": ("1.19", "trace", 'my.csv line 3, aq_eq\n  read      "trace"'),
    "negative": ("1.19", "-1.19", "my.csv line 3, aq_eq\n  read      -1.19"),
    "balance": ("2.85", "4.85", "my.csv line 3, aq_eq\n  read      0.03801 mol/L of Tb in both phases"),
    "other unit": ("2.85", "2850", "1000 times smaller it would fit: looks like mg/L, not g/L metal"),
    "contradiction": ("a,Tb,1,1", "a,Tb,0.9,1", "line 4, extractant\n  read      1, against 0.9 in"),
    "row twice": ("a,Dy", "a,Tb", "my.csv line 4, element\n  read      Tb of contact \"a\" as in line 3"),
    "element": ("a,Tb", "a,Tbb", 'my.csv line 3, element\n  read      "Tbb"'),
    "column": ("acid_feed", "acidity", 'my.csv line 1\n  read      the column "acidity"'),
}  # fmt: skip


@pytest.mark.parametrize("command", ["fit", "check"])
@pytest.mark.parametrize("name", BAD)
def test_a_faulty_table_is_refused_with_its_place(name: str, command: str, here: Path) -> None:
    old, new, part = BAD[name]
    assert old in TABLE
    Path("my.csv").write_text(TABLE.replace(old, new, 1), encoding="utf-8")
    message = refused(ExitCode.CASE, command, "case.toml")
    assert part in message, message
    found = json.loads(ytterby(command, "case.toml", "--json").out)
    assert found["format"] == "ytterby.error"
    assert all(
        it["where"] and it["read"] and it["expected"] and it["next"] for it in found["faults"]
    )


def test_a_fit_that_cannot_be_made_stands_at_its_table(here: Path) -> None:
    Path("my.csv").write_text("\n".join(TABLE.split("\n")[:4]) + "\n", encoding="utf-8")
    message = refused(ExitCode.DATA, "fit", "case.toml")
    assert message == (
        "case.toml line 3, fits.mine, fit\n"
        "  read      2 points for 2 constants\n"
        "  expected  more points than constants, to estimate their error from\n"
        "  next      add shake-outs, fit fewer constants, or state sigma\n"
    )


# --- the template


@pytest.mark.parametrize("name", ["new.csv", "new.xlsx"])
def test_the_template_is_written_once(name: str, here: Path) -> None:
    text = shown("fit", "--template", name)
    assert text.startswith(
        f'wrote {name}\nnext: fill it in, name it in a case, tables = ["{name}"]'
    )
    Path("case.toml").write_text(CASE.replace("my.csv", name))
    assert "2 contacts of new" in shown("check", "case.toml")
    before = Path(name).read_bytes()
    assert "a file of that name" in refused(ExitCode.OUTPUT, "fit", "--template", name)
    assert Path(name).read_bytes() == before
    if name.endswith("xlsx"):
        assert load_workbook(name).sheetnames == ["isotherms"]
    found = json.loads(shown("fit", "--template", f"other-{name}", "--json"))
    assert found == {"format": "ytterby.template", "version": 1, "file": f"other-{name}"}


# --- the pages


def test_the_how_to_quotes_what_is_printed(here: Path) -> None:
    page = (ROOT / "docs/howto/fit-your-isotherms.md").read_text(encoding="utf-8")
    (quoted,) = re.findall(r"^> (.*)$", page, re.M)
    assert quoted in example()
    (message,) = re.findall(r"^```text\n(.*?)^```", page, re.M | re.S)
    rows = "".join(f"{name},Nd,1,1,0.1,16.8,12.1,2.3\n" for name in "abc")
    head = "\n".join(TABLE.split("\n")[:2]) + "\n"
    Path("my-isotherms.csv").write_text(head + rows, encoding="utf-8")
    Path("case.toml").write_text(CASE.replace("my.csv", "my-isotherms.csv"))
    assert refused(ExitCode.CASE, "check", "case.toml") == message


def test_the_explanation_quotes_the_scores() -> None:
    page = (ROOT / "docs/explanation/fitting.md").read_text(encoding="utf-8")
    for it in fit_of("literature")["left_out"]:
        figures = " | ".join(f"{it[kind]['rms']:.3f}" for kind in ("set", "fit", "left_out"))
        assert re.search(
            rf"^\| {it['source']}.* \| {it['left_out']['points']} \| {figures} \|$", page, re.M
        )
    errors = fit_of("literature")["errors"]
    assert f"is {errors['between_sources']:.2f}\nin log10 K" in page
    assert f"log10 D scatters by {errors['sigma']:.2f}" in page
