"""The folder of results: whole or not at all, known again only as it was written, never over other files."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import polars
import pytest

import tiny_plant
from circuits import closely
from ytterby.errors import OutputError
from ytterby.report import results
from ytterby.study.fingerprint import fingerprint
from ytterby.study.plant import PlantStudy
from ytterby.unitops import StoredCut


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[PlantStudy, Path]:
    """The study and its folder of results."""
    directory = tmp_path_factory.mktemp("made")
    study = tiny_plant.study(directory / "case")
    case = tiny_plant.case(directory / "case")
    out = directory / "results"
    results.write_results(study, case, out, results.Origin("inputs"), "tables\n")
    return study, out


@pytest.fixture
def copy(made: tuple[PlantStudy, Path], tmp_path: Path) -> Path:
    """A copy of the folder that may be spoilt."""
    copied = tmp_path / "results"
    copied.mkdir()
    for it in made[1].iterdir():
        (copied / it.name).write_bytes(it.read_bytes())
    return copied


def test_all_files_are_there_and_nothing_else(made: tuple[PlantStudy, Path]) -> None:
    assert {it.name for it in made[1].iterdir()} == {*results.FILES, results.DOCUMENT}


def test_the_document_follows_its_schema(made: tuple[PlantStudy, Path]) -> None:
    schema = json.loads(
        (files("ytterby") / "data" / "schemas" / "plant-result-1.json").read_text("utf-8")
    )
    document = json.loads((made[1] / results.DOCUMENT).read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(document)
    assert document["run"]["inputs"] == "inputs"


def test_tables_hold_the_streams_in_full(made: tuple[PlantStudy, Path]) -> None:
    study, out = made
    rows = polars.read_parquet(out / results.STREAMS)
    sold = rows.filter(polars.col("end") == "ndpr")
    moles = dict(zip(sold["species"], sold["mol_per_h"], strict=True))
    assert moles == {name: it for name, it in study.products[0].flow.amounts.items() if it > 0.0}
    elements = polars.read_parquet(out / results.ELEMENTS)
    oxides = elements.filter(polars.col("stream") == "ndpr")["oxide_kg_per_h"].sum()
    assert oxides == closely(study.products[0].flow.treo(), 1e-9)
    assert elements.filter(polars.col("element") == "O")["oxide_kg_per_h"].null_count() > 0


def test_stored_results_are_known_again(made: tuple[PlantStudy, Path]) -> None:
    found = results.stored_results(made[1])
    assert found is not None and found["plant"] == "tiny"
    assert results.stored_text(made[1]) == "tables\n"


@pytest.mark.parametrize("name", results.FILES)
def test_a_file_that_was_touched_is_no_result(copy: Path, name: str) -> None:
    content = (copy / name).read_bytes()
    (copy / name).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert results.stored_results(copy) is None


def test_a_number_changed_in_the_document_is_no_result(copy: Path) -> None:
    document: dict[str, Any] = json.loads((copy / results.DOCUMENT).read_text("utf-8"))
    document["totals"]["posts"] += 1.0
    (copy / results.DOCUMENT).write_text(json.dumps(document), "utf-8")
    assert results.stored_results(copy) is None


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": "ytterby.plant-result"}'])
def test_what_is_no_document_is_no_result(copy: Path, content: str) -> None:
    (copy / results.DOCUMENT).write_text(content, "utf-8")
    assert results.stored_results(copy) is None


def test_a_run_that_stops_while_it_writes_leaves_no_result(
    made: tuple[PlantStudy, Path], copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Path.replace

    def failing(self: Path, target: Path) -> Path:
        if target.name == results.BOOK:
            raise OSError("disk full")
        return whole(self, target)

    monkeypatch.setattr(Path, "replace", failing)
    case = tiny_plant.case(copy / "case")
    with pytest.raises(OutputError, match="disk full"):
        results.write_results(made[0], case, copy, results.Origin("other"), "tables\n")
    monkeypatch.undo()
    assert results.stored_results(copy) is None
    assert not [it for it in copy.iterdir() if it.name.startswith(results.WORK)]


def test_folders_with_other_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("ten years", "utf-8")
    with pytest.raises(OutputError, match=r"a folder with thesis\.docx in it"):
        results.ready_for_results(tmp_path)
    with pytest.raises(OutputError, match="a file of that name"):
        results.ready_for_results(tmp_path / "thesis.docx")
    results.ready_for_results(tmp_path / "new" / "folder")


def test_results_may_be_written_over_results(made: tuple[PlantStudy, Path], copy: Path) -> None:
    results.ready_for_results(copy)
    case = tiny_plant.case(copy.parent / "case")
    results.write_results(made[0], case, copy, results.Origin("other"), "tables\n")
    found = results.stored_results(copy)
    assert found is not None and found["run"]["inputs"] == "other"


CUT = StoredCut((3, 2, 1), 10.0, 1.0, 0.2, 0.1, 6000.0, 0.5, 6000.0, 1.5)


def test_designs_in_progress_are_kept_for_the_same_run_alone(tmp_path: Path) -> None:
    designs = results.DesignsInProgress(tmp_path / "new", "nitrate", "this")
    assert designs.made() == {}
    designs.keep("nd-sm", CUT)
    designs.keep("gd-tb", CUT)
    assert designs.made() == {"nd-sm": CUT, "gd-tb": CUT}
    assert results.DesignsInProgress(tmp_path / "new", "nitrate", "that").made() == {}
    assert results.DesignsInProgress(tmp_path / "new", "chloride", "this").made() == {}
    results.ready_for_results(tmp_path / "new")
    designs.done()
    assert designs.made() == {}


def test_half_a_file_of_designs_is_none(tmp_path: Path) -> None:
    designs = results.DesignsInProgress(tmp_path, "nitrate", "this")
    designs.keep("nd-sm", CUT)
    text = designs.path.read_text("utf-8")
    designs.path.write_text(text[: len(text) // 2], "utf-8")
    assert designs.made() == {}


def test_the_fingerprint_changes_with_what_results_rest_on(tmp_path: Path) -> None:
    case = tiny_plant.case(tmp_path)
    first = fingerprint(case)
    assert fingerprint(case) == first
    assert fingerprint(case, ["plant.hours=7000 h"]) != first
    (tmp_path / "designs.toml").write_text(tiny_plant.DESIGNS + "\n", "utf-8")
    second = fingerprint(case)
    assert second != first
    case.path.write_text(tiny_plant.CASE + "\n", "utf-8")
    assert fingerprint(case) not in (first, second)
