"""Options of ``ytterby circuit`` that show hand calculations beside the result."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from typer.testing import CliRunner

from command_line import SMALL
from ytterby.cli.app import app
from ytterby.errors import CaseError


@pytest.fixture
def case(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(SMALL, encoding="utf-8")
    return path


def run(*arguments: str | Path) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception:
        raise result.exception
    return result.stdout


def test_hand_calculations_are_shown_when_asked_for(case: Path) -> None:
    assert "Hand calculations" not in run("circuit", case)
    text = run("circuit", case, "--shortcuts")
    assert "Hand calculations beside small" in text
    for method in ("Kremser", "Fenske", "Underwood", "Xu", "full exchange"):
        assert method in text


def test_the_document_has_them_when_asked_for(case: Path) -> None:
    assert "shortcuts" not in json.loads(run("circuit", case, "--json"))
    document = json.loads(run("circuit", case, "--json", "--shortcuts"))
    schema = files("ytterby") / "data" / "schemas" / "circuit-result-1.json"
    Draft202012Validator(json.loads(schema.read_text(encoding="utf-8"))).validate(document)
    (found,) = document["shortcuts"]
    assert found["circuit"] == "small"
    fenske = next(row for row in found["rows"] if row["method"] == "Fenske")
    assert 0 < fenske["by_hand"] < fenske["solved"] == 6.0


def test_a_circuit_without_cut_says_why_there_are_none(case: Path) -> None:
    case.write_text(SMALL.replace('cut = ["Tb", "Dy"]\n', ""), encoding="utf-8")
    text = run("circuit", case, "--shortcuts")
    assert "Hand calculations beside small: none; read: no cut" in text


def test_the_diagram_is_drawn_with_the_profiles(case: Path, tmp_path: Path) -> None:
    text = run("circuit", case, "--plot", tmp_path / "out", "--mccabe", "Dy")
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == [
        f"small-{what}.{kind}" for what in ("mccabe-Dy", "profile") for kind in ("png", "svg")
    ]
    assert "small-mccabe-Dy.svg" in text


def test_an_element_that_no_circuit_has_is_refused_before_the_solve(
    case: Path, tmp_path: Path
) -> None:
    with pytest.raises(CaseError, match="an element of the case: Tb, Dy"):
        run("circuit", case, "--plot", tmp_path / "out", "--mccabe", "dy")
    assert not (tmp_path / "out").exists()


def test_a_diagram_needs_a_place(case: Path) -> None:
    result = CliRunner().invoke(app, ["circuit", str(case), "--mccabe", "Dy"])
    assert result.exit_code == 2
    assert "--plot" in result.stderr
