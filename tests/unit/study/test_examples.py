"""The shipped example: one text, copied whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ytterby.case import read
from ytterby.errors import ExitCode, OutputError
from ytterby.study.examples import CIRCUIT, EXAMPLES, PLANT, Example, copy_example, example_text

ROOT = Path(__file__).parents[3]
CIRCUIT_FILE = CIRCUIT.files[0]


def test_examples_are_the_files_that_readers_see() -> None:
    for example in EXAMPLES:
        for file in example.files:
            assert example_text(file) == (ROOT / "examples" / file).read_text(encoding="utf-8")


def test_every_example_is_a_case() -> None:
    for path in (ROOT / "examples").glob("*.toml"):
        case = read(path)
        assert case.circuits or case.fits or case.designs or case.sequences or case.audits


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda it: it.name)
def test_copy_is_the_example_and_a_case(example: Example, tmp_path: Path) -> None:
    paths = copy_example(tmp_path / "some" / "where", example)
    assert paths == tuple(tmp_path / "some" / "where" / Path(it).name for it in example.files)
    for path, file in zip(paths, example.files, strict=True):
        assert path.read_text(encoding="utf-8") == example_text(file)
    case = read(paths[0])
    assert (case.plant is not None) == (example.command == "run")
    assert bool(case.circuits) == (example.command == "circuit")


def refusal(directory: Path, example: Example = CIRCUIT) -> str:
    with pytest.raises(OutputError) as caught:
        copy_example(directory, example)
    assert caught.value.exit_code == ExitCode.OUTPUT
    return str(caught.value)


def test_all_files_are_copied_or_none(tmp_path: Path) -> None:
    (tmp_path / "designs.toml").write_text("mine")
    said = refusal(tmp_path, PLANT)
    assert said.startswith(f"{tmp_path / 'designs.toml'}\n  read      a file of that name\n")
    assert os.listdir(tmp_path) == ["designs.toml"]
    assert (tmp_path / "designs.toml").read_text() == "mine"


def test_a_file_of_that_name_stays(tmp_path: Path) -> None:
    (tmp_path / CIRCUIT_FILE).write_text("mine")
    assert refusal(tmp_path).startswith(
        f"{tmp_path / CIRCUIT_FILE}\n  read      a file of that name\n"
    )
    assert (tmp_path / CIRCUIT_FILE).read_text() == "mine"


def test_a_link_of_that_name_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / CIRCUIT_FILE).symlink_to(tmp_path / "elsewhere.toml")
    assert "a file of that name" in refusal(tmp_path)
    assert os.listdir(tmp_path) == [CIRCUIT_FILE]


def test_a_file_where_the_directory_should_be(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine")
    assert refusal(tmp_path / "taken").startswith(f"{tmp_path / 'taken'}\n")
    assert refusal(tmp_path / "taken" / "below").startswith(str(tmp_path / "taken" / "below"))
    assert os.listdir(tmp_path) == ["taken"]
