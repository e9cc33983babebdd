"""What is installed from a wheel works without the working copy beside it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BUILT_FROM = ("src", "examples", "pyproject.toml", "README.md", "LICENSE")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An unpacked wheel, built from a copy so that nothing is written into this one."""
    place = tmp_path_factory.mktemp("wheel")
    source = place / "source"
    source.mkdir()
    for name in BUILT_FROM:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, source / name)
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", place],
        cwd=source,
        check=True,
        capture_output=True,
    )
    (wheel,) = place.glob("ytterby-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(place / "site")
    shutil.rmtree(source)
    return place / "site"


def run(installed: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    script = "import sys, ytterby.cli; sys.argv[0] = 'ytterby'; ytterby.cli.main()"
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        capture_output=True,
        text=True,
        cwd=installed,
        env={**os.environ, "PYTHONPATH": str(installed)},
        check=False,
    )


def test_the_package_under_test_is_the_one_of_the_wheel(installed: Path) -> None:
    script = "import ytterby; print(ytterby.__file__)"
    found = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        cwd=installed,
        env={**os.environ, "PYTHONPATH": str(installed)},
        check=True,
    )
    assert found.stdout.strip() == str(installed / "ytterby" / "__init__.py")


def test_the_wheel_holds_what_the_package_reads(installed: Path) -> None:
    package = installed / "ytterby"
    for name in ("py.typed", "case/schema.csv", "data/sources.toml", "data/extractants.toml"):
        assert (package / name).is_file(), name
    shipped = {path.relative_to(package) for path in (package / "data").rglob("*.*")}
    source = ROOT / "src" / "ytterby"
    assert shipped == {path.relative_to(source) for path in (source / "data").rglob("*.*")}


def test_the_example_is_in_the_wheel_and_solved_with_it(installed: Path, tmp_path: Path) -> None:
    new = run(installed, "new", tmp_path / "case", "--circuit")
    assert (new.returncode, new.stderr) == (0, "")
    copy = tmp_path / "case" / "tb-dy.toml"
    assert copy.read_bytes() == (ROOT / "examples" / "tb-dy.toml").read_bytes()
    solved = run(installed, "circuit", copy)
    assert (solved.returncode, solved.stderr) == (0, "")
    assert "Circuit tb-dy: solved, 60 stages" in solved.stdout


def test_plants_are_in_the_wheel_with_their_designs(installed: Path, tmp_path: Path) -> None:
    for option, case in ((), "lacq"), (("--metal",), "metal"):
        place = tmp_path / case
        new = run(installed, "new", place, *option)
        assert (new.returncode, new.stderr) == (0, "")
        for name in (f"{case}.toml", "designs.toml"):
            assert (place / name).read_bytes() == (ROOT / "examples/lacq" / name).read_bytes()
        checked = run(installed, "check", place / f"{case}.toml")
        assert (checked.returncode, checked.stderr) == (0, "")


def test_the_schema_is_in_the_wheel(installed: Path) -> None:
    for path in (ROOT / "src" / "ytterby" / "data" / "schemas").iterdir():
        assert (installed / "ytterby" / "data" / "schemas" / path.name).read_bytes() == (
            path.read_bytes()
        )
