"""The shipped example: one text, copied whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ytterby.case import read, read_text
from ytterby.errors import ExitCode, OutputError
from ytterby.study.examples import EXAMPLE, copy_example, example_text

ROOT = Path(__file__).parents[3]


def test_example_is_the_file_that_readers_see() -> None:
    assert example_text() == (ROOT / "examples" / EXAMPLE).read_text(encoding="utf-8")


def test_example_is_a_case() -> None:
    assert list(read_text(example_text()).circuits) == ["tb-dy"]


def test_every_example_is_a_case() -> None:
    for path in (ROOT / "examples").glob("*.toml"):
        case = read(path)
        assert case.circuits or case.fits or case.designs or case.sequences


def test_copy_is_the_example(tmp_path: Path) -> None:
    path = copy_example(tmp_path / "some" / "where")
    assert path == tmp_path / "some" / "where" / EXAMPLE
    assert path.read_text(encoding="utf-8") == example_text()


def refusal(directory: Path) -> str:
    with pytest.raises(OutputError) as caught:
        copy_example(directory)
    assert caught.value.exit_code == ExitCode.OUTPUT
    return str(caught.value)


def test_a_file_of_that_name_stays(tmp_path: Path) -> None:
    (tmp_path / EXAMPLE).write_text("mine")
    assert refusal(tmp_path).startswith(f"{tmp_path / EXAMPLE}\n  read      a file of that name\n")
    assert (tmp_path / EXAMPLE).read_text() == "mine"


def test_a_link_of_that_name_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / EXAMPLE).symlink_to(tmp_path / "elsewhere.toml")
    assert "a file of that name" in refusal(tmp_path)
    assert os.listdir(tmp_path) == [EXAMPLE]


def test_a_file_where_the_directory_should_be(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine")
    assert refusal(tmp_path / "taken").startswith(f"{tmp_path / 'taken'}\n")
    assert refusal(tmp_path / "taken" / "below").startswith(str(tmp_path / "taken" / "below"))
    assert os.listdir(tmp_path) == ["taken"]
