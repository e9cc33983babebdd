"""Every shipped example is read, checked and solved, closes, and shows what it is there to show."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from typer.testing import CliRunner

from ytterby.cli.app import app

ROOT = Path(__file__).parents[2]
EXAMPLES = {path.stem: path for path in sorted((ROOT / "examples").glob("*.toml"))}
SOLVED = [name for name, path in EXAMPLES.items() if "[circuits." in path.read_text("utf-8")]
SCHEMA = json.loads(
    (files("ytterby") / "data" / "schemas" / "circuit-result-1.json").read_text(encoding="utf-8")
)


def shown(*arguments: str | Path) -> str:
    """What a command that succeeds prints."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception:
        raise result.exception
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


@cache
def document(path: Path) -> dict[str, Any]:
    found = json.loads(shown("circuit", path, "--json"))
    assert isinstance(found, dict)
    return found


def circuits(path: Path) -> dict[str, dict[str, Any]]:
    return {circuit["circuit"]: circuit for circuit in document(path)["circuits"]}


def streams(circuit: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {stream["name"]: stream for stream in circuit["streams"]}


def moles(stream: dict[str, Any], symbol: str) -> float:
    return float(stream["flow_m3_per_h"] * stream["metals_mol_per_m3"][symbol])


def imbalance(circuit: dict[str, Any], symbol: str) -> float:
    """What the streams of a document lack of what they bring, over what they bring."""
    flows = {"inlet": 0.0, "outlet": 0.0, "inside": 0.0}
    for stream in circuit["streams"]:
        flows[stream["role"]] += moles(stream, symbol)
    return abs(flows["inlet"] - flows["outlet"]) / flows["inlet"]


# --- all of them


def test_every_example_stands_in_the_list() -> None:
    listed = re.findall(r"^\| `([\w-]+)\.toml` \|", (ROOT / "examples/README.md").read_text(), re.M)
    assert sorted(listed) == sorted(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_passes_the_check(name: str) -> None:
    assert "no fault found" in shown("check", EXAMPLES[name])


@pytest.mark.parametrize("name", SOLVED)
def test_example_is_solved_and_closes(name: str) -> None:
    found = document(EXAMPLES[name])
    Draft202012Validator(SCHEMA).validate(found)
    for circuit in found["circuits"]:
        assert circuit["verdict"] == "solved"
        assert max(circuit["closure"].values()) <= 1e-10
        assert max(imbalance(circuit, symbol) for symbol in circuit["elements"]) <= 1e-9


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_says_what_is_assumed(name: str) -> None:
    comments = re.findall(r"^# ?(.*)$", EXAMPLES[name].read_text(encoding="utf-8"), re.M)
    assert "assumption" in " ".join(comments)


# --- each of them


def test_reflux_is_a_part_of_the_product() -> None:
    (circuit,) = circuits(EXAMPLES["nd-pr-reflux"]).values()
    found = streams(circuit)
    back, product = found["reflux of strip liquor"], found["strip liquor"]
    assert (back["role"], product["role"]) == ("inside", "outlet")
    assert back["flow_m3_per_h"] == pytest.approx(0.75)
    assert product["flow_m3_per_h"] == pytest.approx(1.2 - 0.75)
    assert back["metals_mol_per_m3"] == product["metals_mol_per_m3"]
    assert product["purity_reo"]["Nd"] > 0.99 and product["recovery"]["Nd"] > 0.98
    assert "scrub liquor" not in found
    assert circuit["consumption"]["scrub_acid_mol_per_h"] == 0.0


def test_draw_is_a_third_outlet() -> None:
    (circuit,) = circuits(EXAMPLES["three-outlets"]).values()
    outlets = {it["name"]: it for it in circuit["streams"] if it["role"] == "outlet"}
    assert list(outlets) == ["raffinate", "strip liquor", "europium"]
    share = {name: outlet["purity_reo"]["Eu"] for name, outlet in outlets.items()}
    fed = streams(circuit)["feed"]["oxides_kg_per_h"]
    assert share["europium"] > 2 * fed["Eu"] / sum(fed.values())
    assert share["europium"] == max(share.values())
    assert outlets["raffinate"]["purity_reo"]["Sm"] > 0.999
    assert outlets["europium"]["flow_m3_per_h"] == pytest.approx(0.1)


def test_train_is_solved_as_a_whole() -> None:
    found = document(EXAMPLES["train"])
    (train,) = found["trains"]
    assert (train["train"], train["circuits"]) == ("heavy", ["tb-dy", "gd-tb"])
    by_name = circuits(EXAMPLES["train"])
    for transfer in train["transfers"]:
        left = streams(by_name[transfer["from"]])[transfer["stream"]]
        entered = streams(by_name[transfer["to"]])[transfer["stream"]]
        assert (left["role"], entered["role"]) == ("outlet", "inlet")
        assert left["flow_m3_per_h"] == entered["flow_m3_per_h"] == transfer["flow_m3_per_h"]
        assert left["metals_mol_per_m3"] == entered["metals_mol_per_m3"]
    onward, recycle = train["transfers"]
    assert (onward["section"], onward["stage"], onward["share"]) == ("extraction", 16, 1.0)
    # 1 of feed, 0.16 of scrub, a tenth of 0.15 of strip acid; flows change by no entrainment.
    assert recycle["flow_m3_per_h"] == pytest.approx(0.015, rel=1e-3)
    assert onward["flow_m3_per_h"] == pytest.approx(1.175, rel=1e-3)
    assert "raffinate" not in streams(by_name["tb-dy"]), "all of it is given away"


def test_train_leaves_what_it_is_fed() -> None:
    """Over both circuits: what enters from outside leaves to outside."""
    moved = {it["stream"] for it in document(EXAMPLES["train"])["trains"][0]["transfers"]}
    for symbol in ("Gd", "Tb", "Dy"):
        flows = {"inlet": 0.0, "outlet": 0.0, "inside": 0.0}
        for circuit in circuits(EXAMPLES["train"]).values():
            for stream in circuit["streams"]:
                if stream["name"] not in moved:
                    flows[stream["role"]] += moles(stream, symbol)
        assert flows["outlet"] == pytest.approx(flows["inlet"], rel=1e-9)


def test_train_is_printed_with_its_transfers() -> None:
    text = shown("circuit", EXAMPLES["train"])
    assert "Train heavy: tb-dy, gd-tb, solved together" in text
    assert "Transfers of train heavy" in text
    assert re.search(r"raffinate of tb-dy +gd-tb, extraction stage 16 +100\.0000 +1\.175 ", text)
    assert "train heavy: tb-dy, gd-tb\n" in shown("check", EXAMPLES["train"])


def test_leach_liquor_keeps_its_impurities() -> None:
    (circuit,) = circuits(EXAMPLES["sulfate-leach"]).values()
    raffinate = streams(circuit)["raffinate"]["recovery"]
    assert min(raffinate[symbol] for symbol in ("Al", "Ca", "Fe")) > 0.9
    assert max(raffinate[symbol] for symbol in ("Sc", "Y", "Dy")) < 0.01
    assert circuit["consumption"]["acid_reagent"] == "H2SO4"


def test_salt_drives_tbp_and_water_strips_it() -> None:
    (circuit,) = circuits(EXAMPLES["tbp-nitrate"]).values()
    found = streams(circuit)
    assert circuit["consumption"]["base_mol_per_h"] == 0.0
    assert found["raffinate"]["acid_mol_per_m3"] == pytest.approx(100.0), "acid is inert"
    stripped = sum(moles(found["stripped organic"], it) for it in circuit["elements"])
    assert stripped < 1e-3 * sum(moles(found["feed"], it) for it in circuit["elements"])
    assert found["strip liquor"]["recovery"]["Sm"] > 0.99


# --- what no example has

ASSUMED = """\
schema_version = 1
[circuits.iron]
extractant = "P507"
terms = ["complexing"]
assumed = { Fe = 2 }
organic = { flow = "2.5 m3/h", concentration = "1 mol/L", saponification = "30 %" }
[circuits.iron.extraction]
stages = 4
efficiency = "90 %"
aqueous_entrainment = "1 %"
feed.flow = "1 m3/h"
feed.acid = "0.02 mol/L"
feed.concentrations = { Tb = "0.1 mol/L", Dy = "0.18 mol/L", Fe = "1 mmol/L" }
[circuits.iron.scrub]
stages = 2
liquor = { flow = "0.1 m3/h", acid = "2 mol/L" }
[circuits.iron.selective_strip]
stages = 2
liquor = { flow = "0.1 m3/h", acid = "2 mol/L" }
[circuits.iron.strip]
stages = 2
liquor = { flow = "0.4 m3/h", acid = "5 mol/L" }
[circuits.iron.wash]
stages = 1
liquor = { flow = "0.1 m3/h", acid = "0.1 mol/L" }
"""
FACTORS = """\
schema_version = 1
[circuits.yttrium]
extractant = "naphthenic"
organic = { flow = "4 m3/h", concentration = "1 mol/L", saponification = "40 %", closed = false }
[circuits.yttrium.extraction]
stages = 6
feed.flow = "1 m3/h"
feed.acid = "0.001 mol/L"
feed.concentrations = { Y = "0.3 mol/L", Nd = "0.4 mol/L" }
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "case.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_assumptions_are_repeated_with_every_result(tmp_path: Path) -> None:
    path = written(tmp_path, ASSUMED)
    said = "Fe: constant D = 2, P507-HCl-v0 has no constant for it"
    text = shown("circuit", path)
    assert f"Assumed, not data: {said}.\n" in text
    assert text.index("Assumed, not data:") < text.index("Extrapolated:")
    assert "P507-HCl-v0 with complexing, " in text and "Weakest basis: assumed." in text
    (circuit,) = circuits(path).values()
    assert circuit["assumptions"] == [said] and circuit["terms"] == ["complexing"]
    cited = shown("cite", path)
    assert "[LNL]" in cited, "the source of the complexes"
    assert ", ".join(re.findall(r"^\[(\w+)\]", cited, re.M)) in text


def test_all_sections_are_reported(tmp_path: Path) -> None:
    (circuit,) = circuits(written(tmp_path, ASSUMED)).values()
    Draft202012Validator(SCHEMA).validate(document(tmp_path / "case.toml"))
    assert list(dict.fromkeys(circuit["stages"]["section"])) == [
        "extraction", "scrub", "selective strip", "strip", "wash",
    ]  # fmt: skip
    outlets = [it["name"] for it in circuit["streams"] if it["role"] == "outlet"]
    assert outlets == [
        "raffinate", "strip liquor of selective strip", "strip liquor", "wash liquor",
    ]  # fmt: skip
    assert max(imbalance(circuit, symbol) for symbol in circuit["elements"]) <= 1e-9


def test_a_model_without_acid_leaves_blanks(tmp_path: Path) -> None:
    path = written(tmp_path, FACTORS)
    (circuit,) = circuits(path).values()
    Draft202012Validator(SCHEMA).validate(document(path))
    assert set(circuit["stages"]["ph"]) == set(circuit["stages"]["acid_mol_per_m3"]) == {None}
    assert streams(circuit)["raffinate"]["acid_mol_per_m3"] is None
    assert "nan" not in shown("circuit", path)
    pictures = tmp_path / "pictures"
    assert "yttrium-profile.png" in shown("circuit", path, "--plot", pictures)
    picture = (pictures / "yttrium-profile.svg").read_text(encoding="utf-8")
    assert ">pH<" not in picture, "no panel for what the model does not have"
    assert "pH within 4 to 5: the model has no acid to tell" in picture


def test_what_is_bled_leaves_by_an_outlet(tmp_path: Path) -> None:
    bled = ASSUMED.replace('saponification = "30 %"', 'saponification = "30 %", bleed = "5 %"')
    (circuit,) = circuits(written(tmp_path, bled)).values()
    assert max(imbalance(circuit, symbol) for symbol in circuit["elements"]) <= 1e-9


def test_an_outlet_may_be_given_to_two_places(tmp_path: Path) -> None:
    more = """\
[trains.heavy.transfers.more]
from = "gd-tb"
outlet = "strip liquor"
to = "tb-dy"
section = "scrub"
share = "20 %"
"""
    path = written(tmp_path, EXAMPLES["train"].read_text(encoding="utf-8") + more)
    for circuit in circuits(path).values():
        assert max(imbalance(circuit, symbol) for symbol in circuit["elements"]) <= 1e-9
