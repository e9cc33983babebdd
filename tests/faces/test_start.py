"""`ytterby start` as a person meets it: tables, document, pictures, messages, a run that ends early."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from typer.testing import CliRunner, Result

from ytterby.case import read
from ytterby.cli.app import app
from ytterby.errors import CaseError, ConvergenceError, ExitCode
from ytterby.study.start import run_starts

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "tb-dy-start.toml"
SCHEMA = json.loads(
    (files("ytterby") / "data" / "schemas" / "start-result-1.json").read_text(encoding="utf-8")
)
CASE = """\
schema_version = 1
title = "Nd from Gd"
[circuits.sm]
extractant = "P507"
organic = { flow = "1.2 m3/h", concentration = "1 mol/L", saponification = "25 %" }
[circuits.sm.extraction]
stages = 2
feed = { flow = "1 m3/h", acid = "0.02 mol/L", concentrations = { Nd = "0.09 mol/L", Gd = "0.06 mol/L" } }
[circuits.sm.scrub]
stages = 1
liquor = { flow = "0.1 m3/h", acid = "1.5 mol/L" }
[circuits.sm.strip]
stages = 1
liquor = { flow = "0.2 m3/h", acid = "4 mol/L" }
[starts.fill]
circuit = "sm"
duration = "5 d"
organic_tank = "1 m3"
[starts.fill.specifications.gd]
outlet = "strip liquor"
element = "Gd"
purity = "55 %"
[starts.fill.events.weak]
kind = "acid"
stream = "strip acid"
share = "70 %"
at = "2 d"
lasting = "6 h"
"""
FAILURE = """\
[starts.fails]
circuit = "sm"
duration = "4 d"
start = "steady"
[starts.fails.events.no-scrub]
kind = "acid"
stream = "feed"
share = 0
at = "1 d"
[starts.fails.events.more-base]
kind = "saponification"
share = "250 %"
at = "2 d"
"""


def written(tmp_path: Path, text: str = CASE) -> Path:
    path = tmp_path / "case.toml"
    path.write_text(text, encoding="utf-8")
    return path


def called(*arguments: str | Path) -> Result:
    """The command's result; what it raises is raised."""
    result = CliRunner().invoke(app, ["start", *map(str, arguments)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@cache
def small() -> dict[str, Any]:
    """The run of the small case, as a document."""
    import tempfile

    with tempfile.TemporaryDirectory() as directory:
        result = called(written(Path(directory)), "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    found = json.loads(result.stdout)
    assert isinstance(found, dict)
    return found


# --- what is told


def test_the_document_is_as_its_schema_says() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA).validate(small())
    (run,) = small()["runs"]
    assert (run["run"], run["circuit"], run["reached_h"]) == ("fill", "sm", 120.0)
    assert run["ended_by"] is None
    assert max(run["closure"].values()) <= 1e-12 and set(run["closure"]) == {"Nd", "Gd", "anion"}
    assert run["distance_from_steady"] <= 1e-8


def test_series_stand_side_by_side() -> None:
    (run,) = small()["runs"]
    times = run["time_h"]
    assert times[0] == 0.0 and times[-1] == 120.0 and times == sorted(times)
    assert times.count(48.0) == times.count(54.0) == 2, "events stand twice, before and after"
    for outlet in run["outlets"]:
        for key in ("flow_m3_per_h", "acid_mol_per_m3", "treo_kg_per_h"):
            assert len(outlet[key]) == len(times)
        assert all(len(series) == len(times) for series in outlet["metals_mol_per_h"].values())
    phases = run["inventory"]["aqueous_kg"]["Gd"][-1] + run["inventory"]["organic_kg"]["Gd"][-1]
    (locked,) = (it for it in run["locked_up"] if it["element"] == "Gd")
    assert phases == pytest.approx(locked["oxide_kg"], rel=1e-12)


def test_periods_and_specifications_are_told_in_order() -> None:
    (run,) = small()["runs"]
    assert [period["events"] for period in run["periods"]] == [[], ["weak"], []]
    first, during, after = run["periods"]
    assert (during["from_h"], during["to_h"]) == (48.0, 54.0)
    assert 0 < first["settled_at_h"] < 48.0
    assert after["steady_kg"] == pytest.approx(first["steady_kg"], rel=1e-8)
    (asked,) = run["specifications"]
    filling, _, _ = asked["periods"]
    assert 0 < filling["holds_from_h"] == pytest.approx(filling["off_h"])
    assert filling["product_kg"] > filling["off_kg"] > 0


def test_prices_have_currency_and_date_and_their_lack_is_said() -> None:
    (run,) = small()["runs"]
    by_element = {it["element"]: it for it in run["locked_up"]}
    neodymium, gadolinium = by_element["Nd"], by_element["Gd"]
    assert (neodymium["currency"], neodymium["price_date"]) == ("USD", "2026-01-23")
    assert neodymium["value"] == pytest.approx(neodymium["oxide_kg"] * neodymium["price_per_kg"])
    assert gadolinium["value"] is gadolinium["currency"] is None
    assert neodymium["price_source"] in [it["key"] for it in run["sources"]]


def test_tables_say_what_a_person_asks(tmp_path: Path) -> None:
    text = called(written(tmp_path)).stdout
    assert "Run fill: circuit sm, 4 stages, start empty, 5 d of 5 d" in text
    for title in ("Events of fill", "Periods of fill", "Specifications of fill", "Products of fill",
                  "Locked up in sm after 5 d", "Locked up by section after 5 d"):  # fmt: skip
        assert title in text
    assert "strip acid with 70 % of its acid" in text
    assert re.search(r"Nd .* 138 USD/kg .* USD +2026-01-23, FOB China \(SMM26\)", text)
    assert "not valued: Gd" in text
    assert "Assumed, not data: mixers: 5 min (typical per stage, INVESTOR14)." in text
    assert "Assumed, not data: organic tank: 1 m3." in text
    assert re.search(
        r"the aqueous is acid, .*: extraction [\d.]+ to [\d.]+ mol/L, scrub 1.5 mol/L", text
    )
    assert "in, out and held add up to" in text
    assert re.search(r"Extrapolated: (.|\n)* strip +acid +[\d.]+ mol/L to [\d.]+ mol/L", text)
    assert "nan" not in text


def test_pictures_are_drawn(tmp_path: Path) -> None:
    place = tmp_path / "pictures"
    text = called(written(tmp_path), "--plot", place).stdout
    names = {f"fill-{what}.{kind}" for what in ("products", "inventory") for kind in ("png", "svg")}
    assert {path.name for path in place.iterdir()} == names
    assert all(f"drawn: {place / name}" in text for name in names)
    picture = (place / "fill-products.svg").read_text(encoding="utf-8")
    assert "Gd of strip liquor" in picture and "time, days" in picture
    assert "Assumed: mixers: 5 min" in picture
    document = json.loads(called(written(tmp_path), "--plot", place, "--json").stdout)
    assert {Path(path).name for path in document["figures"]} == names


def test_the_example_fills_changes_campaign_and_recovers() -> None:
    result = called(EXAMPLE, "--json")
    Draft202012Validator(SCHEMA).validate(json.loads(result.stdout))
    (run,) = json.loads(result.stdout)["runs"]
    assert [len(period["events"]) for period in run["periods"]] == [0, 2, 3, 2]
    filling, changed, failing, recovered = run["periods"]
    assert 100 < filling["settled_at_h"] < 600
    assert failing["no_steady_state"] == "too short"
    assert recovered["settled_at_h"] - recovered["from_h"] < 48
    assert recovered["steady_kg"] == pytest.approx(changed["steady_kg"], rel=1e-8)
    terbium = next(it for it in run["specifications"] if it["element"] == "Tb")
    assert terbium["periods"][0]["off_kg"] > terbium["periods"][1]["off_kg"] > 0
    assert run["distance_from_steady"] < 1e-3
    locked = {it["element"]: it for it in run["locked_up"]}
    assert (locked["Dy"]["currency"], locked["Tb"]["currency"]) == ("CNY", "CNY")


# --- what is refused, and what ends early


def test_a_case_without_a_start_says_what_to_add(tmp_path: Path) -> None:
    bare = CASE.partition("[starts.fill]")[0]
    with pytest.raises(CaseError, match=r"no start(.|\n)*add \[starts.NAME\]"):
        called(written(tmp_path, bare))


def test_one_start_may_be_chosen(tmp_path: Path) -> None:
    path = written(tmp_path, CASE + FAILURE)
    text = called(path, "--only", "fill").stdout
    assert "Run fill:" in text and "Run fails:" not in text
    with pytest.raises(CaseError, match=r"one of: fill, fails(.|\n)*nearest   fill"):
        called(path, "--only", "fil")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('circuit = "sm"', 'circuit = "sn"', ("line 16, starts.fill.circuit", "one of: sm")),
        ('stream = "strip acid"', 'stream = "acid"', ("events.weak.stream", "strip acid")),
        ('at = "2 d"', 'at = "5 d"', ("events.weak.at", "120 h", "before the end")),
        ('at = "2 d"', 'at = "-2 d"', ("events.weak.at", ">= 0 h")),
        ('duration = "5 d"', 'duration = "5 kg"', ("starts.fill.duration", "(mass)")),
    ],
)
def test_faults_of_the_file_are_located(
    tmp_path: Path, old: str, new: str, words: tuple[str, ...]
) -> None:
    with pytest.raises(CaseError) as caught:
        called(written(tmp_path, CASE.replace(old, new)))
    for word in words:
        assert word in str(caught.value)


def test_a_run_that_leaves_the_models_ends_there(tmp_path: Path) -> None:
    """Base beyond all acid: told until then, said where and when, and the exit code says it too."""
    path = written(tmp_path, CASE.partition("[starts.fill]")[0] + FAILURE)
    result = called(path)
    assert result.exit_code == ExitCode.NO_SOLUTION
    assert "Run fails: circuit sm, 4 stages, start steady" in result.stdout
    assert re.search(r"2(\.\d+)? d of 4 d, ended by (outside_sap|acid_bal)", result.stdout)
    assert "line 15, starts.fails, at 48" in result.stderr
    assert "(no-scrub + more-base), extraction stage 1: " in result.stderr
    told = called(path, "--json")
    assert told.exit_code == ExitCode.NO_SOLUTION and told.stderr == ""
    (run,) = json.loads(told.stdout)["runs"]
    Draft202012Validator(SCHEMA).validate(json.loads(told.stdout))
    assert 48.0 < run["reached_h"] < 96.0 and run["ended_where"] == "extraction stage 1"
    assert run["distance_from_steady"] is None
    assert run["periods"][-1]["no_steady_state"] == "acid_balance_impossible"


def test_an_impossible_circuit_is_refused_at_its_key(tmp_path: Path) -> None:
    more = CASE.replace('saponification = "25 %"', 'saponification = "95 %"')
    with pytest.raises(
        ConvergenceError, match=r"case.toml line 5, circuits.sm.organic.saponification"
    ):
        called(written(tmp_path, more))


def test_the_check_counts_runs_and_cite_names_their_sources(tmp_path: Path) -> None:
    path = written(tmp_path)
    checked = CliRunner().invoke(app, ["check", str(path)]).stdout
    assert "start fill: sm for 120 h, 1 events" in checked
    cited = CliRunner().invoke(app, ["cite", str(path)]).stdout
    assert "[INVESTOR14]" in cited and "[SMM26]" in cited


def test_a_run_can_be_stopped_between_its_stretches(tmp_path: Path) -> None:
    """Ctrl-C: nothing half is told, nothing is drawn."""
    place = tmp_path / "pictures"
    with patch("ytterby.circuit.dynamics.leg.stretch", side_effect=KeyboardInterrupt):
        result = CliRunner().invoke(app, ["start", str(written(tmp_path)), "--plot", str(place)])
    assert (result.exit_code, result.stdout) == (ExitCode.INTERRUPTED, "")
    assert "Traceback" not in result.stderr and not place.exists()


def test_progress_is_told_as_time_goes_on_and_may_stop_the_run(tmp_path: Path) -> None:
    told: list[tuple[str, float, float]] = []

    def tell(name: str, time: float, duration: float) -> None:
        told.append((name, time, duration))
        if time > 1.0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_starts(read(written(tmp_path)), tell)
    assert {(name, duration) for name, _, duration in told} == {("fill", 120.0)}
    times = [time for _, time, _ in told]
    assert times[0] == 0.0 and times == sorted(times) and 1.0 < times[-1] < 120.0
    assert len(times) > 3
