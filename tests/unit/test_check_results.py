"""The stand-alone checker: knows nothing of ytterby, passes what is whole, finds every corrupted cell."""

from __future__ import annotations

import ast
import importlib.util
import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl
import polars
import pytest

import tiny_plant
from ytterby.datasets import table
from ytterby.elements import SYMBOLS, element
from ytterby.materials import species
from ytterby.materials.volumes import WATER_VOLUME
from ytterby.report import results

TOOL = Path(__file__).parents[2] / "tools" / "check_results.py"
SEEDS = range(20)
JSON_LEFT_OUT = {
    "products.limits": "of the grade, as given; what is reached of them is computed",
    "units.design": "as stored",
    "units.settings": "as given or of the tables",
    "feeds.materials": "shares as given",
    "loop_rounds": "of the solver",
    "run": "hashes",
    "version": "of the layout",
    **dict.fromkeys(
        (f"footprint.beside.{end}" for end in ("low", "value", "high")), "published elsewhere"
    ),
    **dict.fromkeys(
        (f"announcement.judged.{end}" for end in ("announced", "low", "high")), "as announced"
    ),
}
"""Parts of the document that no other number gives, with what they are; digests guard them."""


def _tool() -> Any:
    spec = importlib.util.spec_from_file_location("check_results", TOOL)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


checker = _tool()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole folder of results."""
    directory = tmp_path_factory.mktemp("made")
    solved = tiny_plant.study(directory / "case")
    study = replace(solved, plan=replace(solved.plan, claims="lacq"))
    case = tiny_plant.case(directory / "case")
    results.write_results(study, case, directory / "results", results.Origin("x"), "tables\n")
    return directory / "results"


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Path:
    copied = tmp_path / "results"
    copied.mkdir()
    for it in made.iterdir():
        (copied / it.name).write_bytes(it.read_bytes())
    return copied


def test_it_imports_the_standard_library_and_polars_alone() -> None:
    names = set()
    for node in ast.walk(ast.parse(TOOL.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {it.name.partition(".")[0] for it in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(str(node.module).partition(".")[0])
    assert names - sys.stdlib_module_names == {"polars"}


def test_it_weighs_as_the_package_does() -> None:
    for name in ("Nd+3", "NO3-", "Nd2(C2O4)3.10H2O", "UO2+2", "C16H35O3P", "H2C2O4.2H2O", "S-2"):
        mine = species(name)
        assert checker.parsed(name) == (mine.atoms, mine.charge)
        assert checker.mass_of(name) == pytest.approx(mine.molar_mass, rel=1e-12, abs=0.0)
    for symbol in SYMBOLS:
        mass = element(symbol).oxide_molar_mass
        assert checker.oxide_mass(symbol) == pytest.approx(mass, rel=1e-12, abs=0.0)


def test_it_measures_liquors_as_the_package_does() -> None:
    known = {
        row.labels["species"]: row.values["value"]
        for row in table("partial_volumes")
        if "value" in row.values
    }
    expected = {"H2O": 1e6 * WATER_VOLUME, **known}
    assert expected == checker.VOLUMES


@pytest.mark.parametrize("name", ["", "Xx", "Nd(", "Nd)", "nd", "Nd-Fe"])
def test_what_is_no_formula_is_refused(name: str) -> None:
    with pytest.raises((ValueError, IndexError)):
        atoms, _ = checker.parsed(name)
        if not atoms:
            raise ValueError(name)


def test_whole_results_pass(made: Path) -> None:
    assert checker.check(made) == []
    ran = subprocess.run(
        [sys.executable, str(TOOL), str(made)], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "all numbers agree" in ran.stdout


@pytest.mark.parametrize("seed", SEEDS)
def test_one_corrupted_cell_is_found(copy: Path, seed: int) -> None:
    """From the numbers alone, without the hashes of files."""
    rng = random.Random(seed)
    file = list(CORRUPTERS)[seed % len(CORRUPTERS)]
    where = CORRUPTERS[file](copy / file, rng)
    faults = checker.check(copy, digests=False)
    assert faults, f"{file}: {where} was changed and nothing found"


@pytest.mark.parametrize("part", ["footprint", "announcement"])
def test_every_corrupted_number_of_a_part_is_found(made: Path, part: str) -> None:
    """One after the other, by the check of that part alone."""
    results, rng = checker.Results(made), random.Random(1)
    check = {"footprint": checker.check_footprint, "announcement": checker.check_announcement}[part]
    assert list(check(results)) == []
    cells = list(_numbers(results.document[part], part))
    assert len(cells) > {"footprint": 90, "announcement": 30}[part]
    for place, key in cells:
        value = place[key]
        place[key] = _other(value, rng)
        assert list(check(results)), f"{part}, {key}: {value} was changed and nothing found"
        place[key] = value


@pytest.mark.parametrize(
    ("claim", "key", "value"),
    [
        ("lacq_nd_out", "verdict", "agrees"),
        ("lacq_staff_open", "verdict", "contradicts"),
        ("japan_dy", "verdict", "contradicts"),
        ("lacq_nd_out", "low", 0.0),
        ("lacq_nd_out", "no_evidence", "set in the case"),
        ("lacq_boron", "no_evidence", "made from the claims"),
        ("lacq_nd_out", "computed", []),
        ("lacq_co2", "remark", "the plant: 1 (1 to 1) kg CO2e per kg of oxides sold"),
    ],
)
def test_a_verdict_follows_from_its_figures(
    made: Path, claim: str, key: str, value: object
) -> None:
    """Changed: a verdict, an end that turns it, a reason, figures left out, a remark of another plant."""
    results = checker.Results(made)
    judged = {it["claim"]: it for it in results.document["announcement"]["judged"]}
    assert judged[claim][key] != value
    judged[claim][key] = value
    assert any(claim in fault for fault in checker.check_announcement(results))


def test_a_figure_that_an_audit_would_miss_is_missed(made: Path) -> None:
    results = checker.Results(made)
    results.document["announcement"]["figures"].pop()
    assert any("figures" in fault for fault in checker.check_announcement(results))


@pytest.mark.parametrize("key", ["clean", "kind", "stream"])
def test_what_leaves_is_told_as_its_stream_is(made: Path, key: str) -> None:
    results = checker.Results(made)
    left = results.document["footprint"]["left"][0]
    left[key] = _other(left[key], random.Random(1))
    assert any("left" in fault for fault in checker.check_footprint(results))


def test_it_traces_as_a_mixing_tank_does() -> None:
    """Two feeds of 3 and 1 mol/h into a tank; half of what leaves it comes back by way of a second."""
    checked = SimpleNamespace(
        ends={
            "a": ("outside", "tank.in"),
            "b": ("outside", "tank.in"),
            "out": ("tank.out", "second.in"),
            "back": ("second.back", "tank.in"),
            "left": ("second.out", "outside"),
        }
    )
    amount = {"a": 3.0, "b": 1.0, "out": 8.0, "back": 4.0, "left": 4.0}
    found = checker.traced(checked, amount, {"a": "A", "b": "B"}, {})
    assert found["left"] == pytest.approx({"A": 3.0, "B": 1.0})
    assert found["out"] == pytest.approx({"A": 6.0, "B": 2.0})


@pytest.mark.parametrize("file", ["report.html", "tables.txt", "circuits.json"])
def test_a_file_that_was_touched_is_found(copy: Path, file: str) -> None:
    (copy / file).write_bytes((copy / file).read_bytes() + b" ")
    faults = checker.check(copy)
    assert faults == [f"{file}: not the file that was written, its hash is another"]


def test_given_numbers_are_guarded_by_the_digest(copy: Path) -> None:
    document = json.loads((copy / "result.json").read_text("utf-8"))
    document["products"][0]["limits"][0]["low"] = 98.0
    (copy / "result.json").write_text(json.dumps(document), "utf-8")
    assert checker.check(copy) == [
        "result.json: not the document that was written, its digest is another"
    ]


def test_a_fault_ends_with_one_and_says_where(copy: Path) -> None:
    frame = polars.read_parquet(copy / "streams.parquet")
    rows = frame.to_dicts()
    rows[3]["mol_per_h"] *= 1.0 + 1e-7
    polars.DataFrame(rows, schema=frame.schema).write_parquet(copy / "streams.parquet")
    ran = subprocess.run(
        [sys.executable, str(TOOL), str(copy)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 1
    assert (
        f"streams.parquet row 3, {rows[3]['stream']}, {rows[3]['species']}, kg_per_h" in ran.stdout
    )


def test_no_results_end_with_two(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, str(TOOL), str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 2
    assert "cannot be read as results" in ran.stderr


def _other(value: Any, rng: random.Random) -> Any:
    """Another value: of a number by a thousandth to a half, of what is but rounding by a thousandth."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        return value + "x"
    more = 1e-3 if abs(value) < 1e-9 else 0.0
    changed = value * (1.0 + 10.0 ** rng.uniform(-3.0, -0.3)) + more
    return changed if isinstance(value, float) else value + 1


def _table(path: Path, rng: random.Random) -> str:
    frame = polars.read_parquet(path)
    rows = frame.to_dicts()
    cells = [(row, key) for row, held in enumerate(rows) for key in held if held[key] is not None]
    row, key = rng.choice(cells)
    rows[row][key] = _other(rows[row][key], rng)
    polars.DataFrame(rows, schema=frame.schema).write_parquet(path)
    return f"row {row}, {key}"


def _book(path: Path, rng: random.Random) -> str:
    book = openpyxl.load_workbook(path)
    sheet = book[rng.choice(["oxides", "elements", "amounts"])]
    cell = rng.choice([it for row in sheet.iter_rows() for it in row if it.value is not None])
    whole = isinstance(cell.value, int)
    cell.value = _other(float(cell.value) if whole else cell.value, rng)
    book.save(path)
    return f"{cell.parent.title} {cell.coordinate}"


def _document(path: Path, rng: random.Random) -> str:
    document = json.loads(path.read_text("utf-8"))
    place, key = rng.choice(list(_numbers(document)))
    place[key] = _other(place[key], rng)
    path.write_text(json.dumps(document), "utf-8")
    return f"{key} is {place[key]}"


def _numbers(part: Any, path: str = "") -> Iterator[tuple[Any, Any]]:
    """Computed numbers of a document, as their place and key."""
    pairs = part.items() if isinstance(part, dict) else enumerate(part)
    for key, value in pairs:
        below = f"{path}.{key}".strip(".") if isinstance(part, dict) else path
        if below in JSON_LEFT_OUT:
            continue
        if isinstance(value, dict | list):
            yield from _numbers(value, below)
        elif isinstance(value, float) and value != 0.0:
            yield part, key


CORRUPTERS: dict[str, Callable[[Path, random.Random], str]] = {
    "streams.parquet": _table,
    "elements.parquet": _table,
    "units.parquet": _table,
    "streams.xlsx": _book,
    "result.json": _document,
}
