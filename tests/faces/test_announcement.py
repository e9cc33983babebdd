"""A plant held against what was announced, as a person meets it: tables, page, document, audit, refusals."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any
from unittest.mock import patch

import jsonschema
import pytest

import tiny_plant
from command_line import ytterby
from ytterby.errors import ExitCode
from ytterby.report import results
from ytterby.study import plant as walk

CASE = tiny_plant.CASE.replace('base = "NH3"\n', 'base = "NH3"\nclaims = "lacq"\n')
AUDIT = (
    'schema_version = 1\n[audits.mine]\nclaims = "lacq"\ndraws = 1000\nfeeds = ["IAC_XINFENG"]\n'
)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The results of a plant that names claims, and what was printed; the plant itself is solved once."""
    directory = tmp_path_factory.mktemp("announced")
    solved = tiny_plant.study(directory / "plain")
    case, out = tiny_plant.write_case(directory, CASE), directory / "out"

    def known(plan: Any, *_: Any, **__: Any) -> Any:
        return replace(solved, plan=plan)

    with patch.object(walk, "run_plant", known):
        code, text, err = ytterby("run", case, "--out", out)
    assert (code, err) == (0, "")
    return out, text


def test_both_are_printed_and_on_the_page(ran: tuple[Path, str]) -> None:
    out, text = ran
    page = (out / results.PAGE).read_text("utf-8")
    for title in (
        "Greenhouse gas", "Carbon", "Water, effluent, solids", "Beside published routes",
        "What was announced beside what the plant computes",
    ):  # fmt: skip
        assert f"\n{title}\n" in text and f">{title}<" in page
    assert ">Footprint<" in page and ">Announcement<" in page
    assert "consistency and not evidence" in " ".join(text.split())
    assert {"YARA10", "CARESTER", "AQUI25"} <= set(
        text[text.index("Sources: ") :].replace(",", " ").split()
    )


def test_the_document_follows_its_schema(ran: tuple[Path, str]) -> None:
    schema = json.loads(
        (files("ytterby") / "data" / "schemas" / "plant-result-1.json").read_text("utf-8")
    )
    document = json.loads((ran[0] / results.DOCUMENT).read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(document)
    assert document["announcement"]["claims"] == "lacq"
    verdicts = {it["claim"]: it["verdict"] for it in document["announcement"]["judged"]}
    assert verdicts["lacq_no_effluent"] == "contradicts"
    assert verdicts["lacq_co2"] == "cannot be judged"
    total = document["footprint"]["total"]
    assert 0.0 < total["low_kg_co2e_per_h"] < total["kg_co2e_per_h"] < total["high_kg_co2e_per_h"]


def test_without_claims_there_is_a_footprint_alone(tmp_path: Path) -> None:
    solved = tiny_plant.study(tmp_path / "plain")
    results.write_results(
        solved, tiny_plant.case(tmp_path / "plain"), tmp_path / "out", results.Origin("i"), ""
    )
    document = json.loads((tmp_path / "out" / results.DOCUMENT).read_text("utf-8"))
    assert document["announcement"] is None and document["footprint"]["emissions"]
    page = (tmp_path / "out" / results.PAGE).read_text("utf-8")
    assert ">Footprint<" in page and ">Announcement<" not in page


def test_an_audit_takes_the_result(ran: tuple[Path, str], tmp_path: Path) -> None:
    case = tmp_path / "audit.toml"
    case.write_text(AUDIT, "utf-8")
    code, out, err = ytterby("audit", case, "--with", ran[0] / results.DOCUMENT, "--json")
    assert (code, err) == (0, "")
    (audited,) = json.loads(out)["audits"]
    assert "lacq_no_effluent" in {it["claim"] for it in audited["computed"]}


def test_a_set_that_is_not_shipped_is_refused_where_it_stands(tmp_path: Path) -> None:
    case = tiny_plant.write_case(tmp_path, CASE.replace('"lacq"', '"lac"'))
    code, _, err = ytterby("run", case, "--out", tmp_path / "out")
    assert code == ExitCode.CASE
    for words in ("line 8", "plant.claims", '"lac"', "lacq"):
        assert words in err


def test_a_file_that_is_no_result_is_refused(tmp_path: Path) -> None:
    case = tmp_path / "audit.toml"
    case.write_text(AUDIT, "utf-8")
    code, _, err = ytterby("audit", case, "--with", case)
    assert code == ExitCode.CASE and str(case) in err and "result.json" in err
