"""`ytterby run` on a year of campaigns: tables, folders, re-use, refusals."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import tiny_plant
from circuits import closely
from command_line import shown, ytterby
from ytterby.case.stored import read_designs_file
from ytterby.errors import ExitCode
from ytterby.report import results
from ytterby.unitops import SolventExtraction

CAMPAIGNS = """
[plant.campaigns]
winter = {hours = "3000 h", feeds = ["concentrate"]}
summer = {hours = "4000 h", feeds = ["concentrate"]}

"""
TEXT = tiny_plant.CASE.replace(
    "[plant.units.dissolve]", CAMPAIGNS + "[plant.units.dissolve]"
).replace("[plant.feeds", 'claims = "lacq"\n[plant.feeds', 1)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, str]:
    """A case, its results, what was printed."""
    directory = tmp_path_factory.mktemp("campaigns")
    case, out = tiny_plant.write_case(directory, TEXT), directory / "out"
    return case, out, shown("run", case, "--out", out)


def test_tables_tell_campaigns_and_their_sum(ran: tuple[Path, Path, str]) -> None:
    _, out, text = ran
    for words in (
        "2 campaigns in 7000 h",
        "1000 h in which nothing runs",
        "Products over the year",
    ):
        assert words in text
    assert "winter" in text and "summer" in text
    assert str(out) in text.replace("\n", "")


def test_each_campaign_has_a_folder_of_results(ran: tuple[Path, Path, str]) -> None:
    _, out, _ = ran
    year = json.loads((out / "campaigns.json").read_text("utf-8"))
    assert [it["folder"] for it in year["campaigns"]] == ["winter", "summer"]
    sold = 0.0
    for it in year["campaigns"]:
        document = results.stored_results(out / it["folder"])
        assert document is not None
        assert document["hours_per_year"] == it["hours_per_year"]
        sold += document["products"][0]["reo_t_per_year"]
    assert year["products"][0]["reo_t_per_year"] == closely(sold, 1e-9)


def test_what_was_announced_is_judged_by_the_year_alone(ran: tuple[Path, Path, str]) -> None:
    _, out, text = ran
    assert "What was announced beside what the plant computes" in text
    year = json.loads((out / "campaigns.json").read_text("utf-8"))
    judged = {it["claim"]: it for it in year["announcement"]["judged"]}
    (sold,) = judged["lacq_total_out"]["computed"]
    assert sold["value"] == closely(sum(it["reo_t_per_year"] for it in year["products"]), 1e-9)
    for name in ("winter", "summer"):
        alone = json.loads((out / name / "result.json").read_text("utf-8"))
        assert alone["announcement"] is None


def test_the_year_has_a_page_of_its_own(ran: tuple[Path, Path, str]) -> None:
    case, out, _ = ran
    page = (out / "campaigns.html").read_text("utf-8")
    assert "Products over the year" in page and "What was announced" in page
    (out / "campaigns.html").unlink()
    assert "unchanged" not in shown("run", case, "--out", out)
    assert (out / "campaigns.html").exists()


def test_nothing_is_solved_again_while_nothing_changes(ran: tuple[Path, Path, str]) -> None:
    case, out, _ = ran
    assert "unchanged, not solved again" in shown("run", case, "--out", out)
    document = json.loads(shown("run", case, "--out", out, "--json"))
    assert document == json.loads((out / "campaigns.json").read_text("utf-8"))


def test_a_redesign_leaves_designs_alone_that_another_case_runs_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One design for all campaigns, in a file of the case's own."""
    case, out = tiny_plant.write_case(tmp_path, TEXT), tmp_path / "out"
    (tmp_path / "other.toml").write_text(tiny_plant.CASE, encoding="utf-8")
    known = read_designs_file(tmp_path / "designs.toml").by_medium["nitrate"]["nd-sm"]
    better = replace(known, stages=(8, 5, 2))
    monkeypatch.setattr(
        SolventExtraction, "designed", lambda self, *_: replace(self, design=better)
    )
    text = ytterby("run", case, "--out", out, "--redesign").out
    own = tmp_path / "tiny-designs.toml"
    assert f"wrote: {own}" in text and 'set designs = "tiny-designs.toml"' in text
    assert (tmp_path / "designs.toml").read_text("utf-8") == tiny_plant.DESIGNS
    assert read_designs_file(own).by_medium["nitrate"]["nd-sm"] == better
    change = "plant.designs=tiny-designs.toml"
    assert "unchanged" in ytterby("run", case, "--out", out, "--set", change).out


def test_a_folder_with_something_else_in_it_is_refused(tmp_path: Path) -> None:
    case, out = tiny_plant.write_case(tmp_path, TEXT), tmp_path / "out"
    out.mkdir()
    (out / "result.json").write_text("{}", encoding="utf-8")
    outcome = ytterby("run", case, "--out", out)
    assert outcome.code == ExitCode.OUTPUT
    assert "result.json" in outcome.err
