"""`ytterby run` as a person meets it: tables, files, re-use, changes, designs, refusals."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import tiny_plant
from command_line import ytterby
from ytterby.case.stored import cases_with_designs, own_designs_file, read_designs_file
from ytterby.errors import ExitCode
from ytterby.report import results
from ytterby.study import plant as walk
from ytterby.unitops import SolventExtraction, StoredCut


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, str]:
    """A case, its results, what was printed."""
    directory = tmp_path_factory.mktemp("run")
    case, out = tiny_plant.write_case(directory), directory / "out"
    code, text, err = ytterby("run", case, "--out", out)
    assert (code, err) == (0, "")
    return case, out, text


@pytest.fixture
def solved(monkeypatch: pytest.MonkeyPatch, ran: tuple[Path, Path, str]) -> list[str]:
    """Units of every plant that is solved from now on; the solution itself is one made before."""
    study = tiny_plant.study(ran[0].parent / "again")
    calls: list[str] = []

    def known(plan: Any, *_: Any, **__: Any) -> Any:
        calls.append(plan.flowsheet.name)
        return replace(study, plan=plan)

    monkeypatch.setattr(walk, "run_plant", known)
    return calls


def test_tables_are_printed_and_files_written(ran: tuple[Path, Path, str]) -> None:
    _, out, text = ran
    for words in (
        "A plant of seven units", "Products against specification", "Recovery of rare earths",
        "Reagents", "Energy and people", "Rare earths held", "Water", "Sources: ", f"wrote: {out}",
    ):  # fmt: skip
        assert words in text
    assert {it.name for it in out.iterdir()} == {*results.FILES, results.DOCUMENT}
    assert (out / results.TEXT).read_text("utf-8").strip() in text


def test_the_report_is_one_page_without_network(ran: tuple[Path, Path, str]) -> None:
    page = (ran[1] / results.PAGE).read_text("utf-8")
    headings = ("Drawing", "Elements", "Stage profiles", "Products", "Inventory", "Assumptions")
    for heading in (*headings, "Sources"):
        assert f">{heading}<" in page
    head = page[: page.index("<main>")]
    assert "default-src 'none'" in head and 'src="http' not in page.replace("'", '"')[:20_000]


def test_unchanged_results_are_used_again(ran: tuple[Path, Path, str], solved: list[str]) -> None:
    case, out, _ = ran
    before = (out / results.DOCUMENT).stat().st_mtime_ns
    code, again, _ = ytterby("run", case, "--out", out)
    assert code == 0 and f"unchanged, not solved again: {out}" in again
    assert "Products against specification" in again
    assert (out / results.DOCUMENT).stat().st_mtime_ns == before
    document = json.loads(ytterby("run", case, "--out", out, "--json").out)
    assert document == json.loads((out / results.DOCUMENT).read_text("utf-8"))
    assert solved == []
    ytterby("run", case, "--out", out, "--fresh")
    assert solved == ["tiny"]


def test_what_has_changed_is_solved_again(
    ran: tuple[Path, Path, str], solved: list[str], tmp_path: Path
) -> None:
    case = tiny_plant.write_case(tmp_path)
    out = tmp_path / "out"
    ytterby("run", case, "--out", out)
    ytterby("run", case, "--out", out)
    assert solved == ["tiny"]
    ytterby("run", case, "--out", out, "--set", "plant.hours=7000 h")
    assert solved == ["tiny"] * 2
    document = json.loads((out / results.DOCUMENT).read_text("utf-8"))
    assert document["hours_per_year"] == 7000.0
    assert document["run"]["changes"] == ["plant.hours=7000 h"]
    ytterby("run", case, "--out", out)
    assert solved == ["tiny"] * 3
    (out / results.STREAMS).write_bytes(b"")
    ytterby("run", case, "--out", out)
    assert solved == ["tiny"] * 4
    case.write_text(case.read_text("utf-8") + "# a remark\n", "utf-8")
    ytterby("run", case, "--out", out)
    assert solved == ["tiny"] * 5


def test_results_stand_in_a_folder_of_the_name_of_the_case(
    ran: tuple[Path, Path, str], solved: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny_plant.write_case(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert ytterby("run", "tiny.toml").code == 0
    assert results.stored_results(Path("results/tiny")) is not None


def test_a_redesign_is_stored_and_goes_on_where_it_was_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, out = tiny_plant.write_case(tmp_path), tmp_path / "out"
    known = read_designs_file(tmp_path / "designs.toml").by_medium["nitrate"]["nd-sm"]
    better = replace(known, stages=(8, 5, 2))
    made: list[str] = []

    def designed(self: SolventExtraction, *_: Any) -> SolventExtraction:
        made.append(self.name)
        return replace(self, design=better)

    def stopped(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(SolventExtraction, "designed", designed)
    with monkeypatch.context() as broken:
        broken.setattr("ytterby.unitops.calcine.Calcination.balance", stopped)
        assert ytterby("run", case, "--out", out, "--redesign").code == ExitCode.INTERRUPTED
    assert made == ["nd-sm"]
    assert (out / results.IN_PROGRESS).exists()
    assert read_designs_file(tmp_path / "designs.toml").by_medium["nitrate"]["nd-sm"] == known
    code, text, _ = ytterby("run", case, "--out", out, "--redesign")
    assert code == 0 and f"wrote: {tmp_path / 'designs.toml'}" in text
    assert made == ["nd-sm"]
    assert not (out / results.IN_PROGRESS).exists()
    assert read_designs_file(tmp_path / "designs.toml").by_medium["nitrate"]["nd-sm"] == better
    assert "unchanged" in ytterby("run", case, "--out", out).out


@pytest.fixture
def redesigned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StoredCut:
    """What a circuit of the tiny plant is designed as from here on."""
    tiny_plant.write_case(tmp_path)
    known = read_designs_file(tmp_path / "designs.toml").by_medium["nitrate"]["nd-sm"]
    better = replace(known, stages=(8, 5, 2))
    monkeypatch.setattr(
        SolventExtraction, "designed", lambda self, *_: replace(self, design=better)
    )
    return better


def test_a_redesign_leaves_designs_alone_that_another_case_runs_with(
    tmp_path: Path, redesigned: StoredCut
) -> None:
    case, out = tiny_plant.write_case(tmp_path), tmp_path / "out"
    (tmp_path / "other.toml").write_text(tiny_plant.CASE, encoding="utf-8")
    before = (tmp_path / "designs.toml").read_bytes()
    text = ytterby("run", case, "--out", out, "--redesign").out
    own = tmp_path / "tiny-designs.toml"
    assert f"wrote: {own}" in text and "since other.toml runs with it" in text
    assert 'set designs = "tiny-designs.toml" in [plant]' in text
    assert (tmp_path / "designs.toml").read_bytes() == before
    assert read_designs_file(own).by_medium["nitrate"]["nd-sm"] == redesigned
    stored = results.stored_results(out)
    assert stored is not None and stored["run"]["changes"] == ["plant.designs=tiny-designs.toml"]
    change = "plant.designs=tiny-designs.toml"
    assert "unchanged" in ytterby("run", case, "--out", out, "--set", change).out
    assert "unchanged" not in ytterby("run", case, "--out", out).out


def test_a_redesign_keeps_the_other_medium_of_the_file_it_writes(
    tmp_path: Path, redesigned: StoredCut
) -> None:
    case, out = tiny_plant.write_case(tmp_path), tmp_path / "out"
    designs, own = tmp_path / "designs.toml", tmp_path / "tiny-designs.toml"
    chloride = tiny_plant.DESIGNS.replace("nitrate", "chloride")
    designs.write_text(f"{tiny_plant.DESIGNS}{chloride}", encoding="utf-8")
    (tmp_path / "other.toml").write_text(tiny_plant.CASE, encoding="utf-8")
    assert ytterby("run", case, "--out", out, "--redesign").code == 0
    found = read_designs_file(own).by_medium
    assert found["chloride"] == read_designs_file(designs).by_medium["chloride"]
    own.write_text(own.read_text("utf-8").replace("[8, 5, 2]", "[9, 5, 2]"), encoding="utf-8")
    changed = own.read_text("utf-8").replace("chloride.", "sulfate.")
    own.write_text(changed, encoding="utf-8")
    assert ytterby("run", case, "--out", out, "--redesign").code == 0
    assert set(read_designs_file(own).by_medium) == {"nitrate", "sulfate"}
    assert read_designs_file(own).by_medium["nitrate"]["nd-sm"] == redesigned


@pytest.mark.usefixtures("redesigned")
def test_a_case_that_names_no_designs_gets_a_file_of_its_own(tmp_path: Path) -> None:
    text = tiny_plant.CASE.replace('designs = "designs.toml"\n', "")
    case = tiny_plant.write_case(tmp_path, text)
    said = ytterby("run", case, "--out", tmp_path / "out", "--redesign").out
    assert "the case names no file of designs" in said
    assert (tmp_path / "tiny-designs.toml").exists()


def test_files_of_designs_are_shared_with_cases_of_any_kind_beside_them(tmp_path: Path) -> None:
    """A workbook, a case run from another folder; neither the case itself nor what is no case."""
    case = tiny_plant.write_case(tmp_path)
    designs = tmp_path / "designs.toml"
    (tmp_path / "broken.toml").write_text("[plant", encoding="utf-8")
    (tmp_path / "list.toml").write_text('plant = ["designs.toml"]', encoding="utf-8")
    (tmp_path / "broken.xlsx").write_bytes(b"none")
    assert cases_with_designs(designs, case) == []
    assert own_designs_file(case, designs) == designs
    assert ytterby("sheet", case, tmp_path / "book.xlsx").code == 0
    assert cases_with_designs(designs, case) == ["book.xlsx"]
    assert own_designs_file(case, designs) == tmp_path / "tiny-designs.toml"
    away = tmp_path / "away"
    away.mkdir()
    assert own_designs_file(away / "tiny.toml", designs) == away / "tiny-designs.toml"
    beside = tiny_plant.CASE.replace('"designs.toml"', '"tiny-designs.toml"')
    (tmp_path / "third.toml").write_text(beside, encoding="utf-8")
    assert own_designs_file(case, designs) == tmp_path / "tiny-designs2.toml"


def test_designs_that_are_not_stored_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = tiny_plant.write_case(tmp_path)
    known = read_designs_file(tmp_path / "designs.toml").by_medium["nitrate"]["nd-sm"]
    (tmp_path / "designs.toml").unlink()
    monkeypatch.setattr(SolventExtraction, "designed", lambda self, *_: replace(self, design=known))
    text = ytterby("run", case, "--out", tmp_path / "out").out
    assert "designed, not stored: nd-sm" in text and "--redesign" in text
    assert not (tmp_path / "designs.toml").exists()


def refused(code: ExitCode, *arguments: str | Path) -> str:
    """What a command that is refused says."""
    outcome = ytterby(*arguments)
    assert (outcome.code, outcome.out) == (code, "")
    return outcome.err


def test_refusals_are_located(tmp_path: Path) -> None:
    case = tiny_plant.write_case(tmp_path)
    said = refused(ExitCode.CASE, "run", case, "--set", "plant.medum=chloride")
    assert said.startswith("--set plant.medum\n") and "nearest   medium" in said
    assert "plant.medium=chloride" in refused(ExitCode.CASE, "run", case, "--set", "chloride")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.docx").write_text("ten years", "utf-8")
    said = refused(ExitCode.OUTPUT, "run", case, "--out", tmp_path / "mine")
    assert "a folder with thesis.docx in it" in said
    other = tmp_path / "circuit.toml"
    example = Path(__file__).parents[2] / "examples" / "tb-dy.toml"
    other.write_text(example.read_text("utf-8"), "utf-8")
    assert "no plant" in refused(ExitCode.CASE, "run", other, "--out", tmp_path / "out")


def test_kinds_of_units_are_listed() -> None:
    text = ytterby("list", "units").out
    assert "solvent extraction: feed" in text and "solvent extraction: raffinate" in text
    rows = json.loads(ytterby("list", "units", "--json").out)["units"]
    makeup = next(row for row in rows if row["kind: name"] == "solvent extraction: solvent_makeup")
    assert (makeup["what"], makeup["value"], makeup["basis"]) == ("setting", "10", "recalled")
