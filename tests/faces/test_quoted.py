"""What the pages tell people to type is typed here, taken from the pages themselves.

Commands and snippets of a page run in its order, in one directory that holds ``examples/``. A file that
a reader is told to make, ``my-case.toml``, is a copy of the example.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import ytterby as yt
from ytterby.cli.app import app

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "tb-dy.toml"
COMMAND = Path(sys.executable).with_name("ytterby")
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*/*.md"), *(ROOT / "examples").glob("*.toml")]
)
BLOCK = re.compile(r"^ *```(\w+)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r"^# +(ytterby .*)$", re.MULTILINE)
TYPED = re.compile(r"^(?:\$ )?(?:\.venv/bin/)?ytterby (.*)")
INLINE = re.compile(r"`(?:\.venv/bin/)?ytterby ([a-z]+)\b[^`]*`")
MADE_BY_READERS = ("my-case.toml",)
MINUTES = (
    "sequence examples/sequence.toml",
    "run examples/lacq/lacq.toml --redesign",
    "chain stress",
    "chain report",
)
"""What takes minutes: its options are parsed and its case is checked; benches run it whole."""


def lines_of(text: str, language: str) -> list[str]:
    blocks = [block for kind, block in BLOCK.findall(text) if kind == language]
    return [line.strip() for block in blocks for line in block.split("\n")]


def commands(page: Path) -> list[str]:
    """Arguments of every ytterby command that stands in a line of its own."""
    text = page.read_text(encoding="utf-8")
    lines = COMMENT.findall(text) if page.suffix == ".toml" else lines_of(text, "sh")
    return [match[1].partition("  #")[0] for line in lines if (match := TYPED.match(line))]


def snippets(page: Path) -> list[str]:
    blocks = BLOCK.findall(page.read_text(encoding="utf-8"))
    return [block for kind, block in blocks if kind == "python"]


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a reader stands."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    for name in MADE_BY_READERS:
        shutil.copy(EXAMPLE, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def own_commands(page: Path) -> list[str]:
    """Commands of a page that no page before it quotes too; one that needs what stands above it is kept."""
    if page.suffix != ".toml":
        return commands(page)
    quoted = {it for other in PAGES if other.suffix == ".md" for it in commands(other)}
    return [it for it in commands(page) if it.strip() not in {known.strip() for known in quoted}]


def run_or_checked(command: str) -> list[str]:
    """Arguments to run: those of the command, or a check of its case where it takes minutes."""
    name, *arguments = shlex.split(command)
    if not command.startswith(MINUTES):
        return [name, *arguments]
    known = typer.main.get_command(app).commands[name]  # type: ignore[attr-defined]
    if hasattr(known, "commands"):
        name, *arguments = arguments
        known = known.commands[name]
    case = arguments[0]  # make_context takes arguments off the list
    assert known.make_context(name, arguments).params["file"] == Path(case)
    return ["check", case]


results_of: dict[str, Path] = {}
"""Folders that plants of pages before were written to; unchanged, they are not solved again."""


@pytest.mark.parametrize("page", [it for it in PAGES if own_commands(it)], ids=named)
def test_quoted_commands_work(page: Path, here: Path) -> None:
    for command in map(str.strip, own_commands(page)):
        if command in results_of:
            shutil.copytree(results_of[command], here / "results", dirs_exist_ok=True)
        done = CliRunner().invoke(app, run_or_checked(command))
        assert (done.exception, done.exit_code, done.stderr) == (None, 0, ""), command
        assert done.stdout
        if command.startswith("run ") and (here / "results").exists():
            results_of[command] = here / "results"


@pytest.mark.parametrize("page", [it for it in PAGES if snippets(it)], ids=named)
def test_quoted_snippets_work(page: Path, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, object] = {"__name__": "__main__"}
    for number, snippet in enumerate(snippets(page), start=1):
        exec(compile(snippet, f"{named(page)}, snippet {number}", "exec"), names)
    assert "print" not in "".join(snippets(page)) or capsys.readouterr().out


def test_the_pages_quote_something() -> None:
    """Otherwise the tests above would pass on pages that they no longer understand."""
    assert commands(ROOT / "README.md") and commands(EXAMPLE)
    assert sum(len(commands(page)) for page in (ROOT / "docs").glob("howto/*.md")) > 0


# --- make

TARGETS = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
VARIABLES = re.findall(
    r"^([A-Z]+) *\??=", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
)


def makes(text: str) -> Iterator[tuple[str, str]]:
    """(target, rest of the line) of every make that is quoted, in a block or in a sentence."""
    for line in lines_of(text, "sh"):
        if match := re.match(r"(?:\$ )?make ([a-z]+)(.*)", line):
            yield match[1], match[2].partition("#")[0]
    for match in re.finditer(r"`make ([a-z]+)([^`]*)`", text):
        yield match[1], match[2]


@pytest.mark.parametrize("page", [it for it in PAGES if it.suffix == ".md"], ids=named)
def test_quoted_make_targets_exist(page: Path) -> None:
    for target, rest in makes(page.read_text(encoding="utf-8")):
        assert target in TARGETS, f"make {target}"
        for variable in re.findall(r"\b([A-Z]+)=", rest):
            assert variable in VARIABLES, f"{variable}="


def test_readme_quotes_the_first_targets() -> None:
    quoted = [target for target, _ in makes((ROOT / "README.md").read_text(encoding="utf-8"))]
    assert {"run", "test"} <= set(quoted)


# --- commands and figures inside sentences


@pytest.mark.parametrize("page", [it for it in PAGES if it.suffix == ".md"], ids=named)
def test_commands_named_in_sentences_exist(page: Path) -> None:
    known = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert set(INLINE.findall(page.read_text(encoding="utf-8"))) <= set(known)


def test_message_in_the_how_to_is_what_is_printed(here: Path) -> None:
    page = (ROOT / "docs/howto/read-a-verdict.md").read_text(encoding="utf-8")
    (shown,) = [block for kind, block in BLOCK.findall(page) if kind == "text"]
    (change,) = re.findall(r'`(saponification = "[^"]*")`', page)
    example = here / "examples" / "tb-dy.toml"
    text = re.sub(r'^saponification = "[^"]*"', change, EXAMPLE.read_text(), flags=re.MULTILINE)
    example.write_text(text)
    done = subprocess.run(
        [COMMAND, "check", "examples/tb-dy.toml"], capture_output=True, text=True, check=False
    )
    assert done.stderr == shown


def test_figures_of_the_tutorial_are_those_of_the_solver(here: Path) -> None:
    """Each row of the table: scrub flow, Tb purity and recovery of raffinate, Dy purity of strip liquor."""
    page = (ROOT / "docs/tutorial/first-circuit.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (0\.\d+) \| ([\d.]+) % \| ([\d.]+) % \| ([\d.]+) % \|$", page, re.M)
    assert len(rows) >= 2
    for flow, *figures in rows:
        text = EXAMPLE.read_text(encoding="utf-8")
        assert text.count('"0.301 m3/h"') == 1
        Path("my-case.toml").write_text(text.replace("0.301 m3/h", f"{flow} m3/h"))
        (solved,) = yt.run(yt.read("my-case.toml")).circuits.values()
        raffinate, strip_liquor = solved.streams["raffinate"], solved.streams["strip liquor"]
        shares = (
            raffinate.purity_reo("Tb"),
            solved.recovery("Tb", "raffinate"),
            strip_liquor.purity_reo("Dy"),
        )
        assert [f"{100 * share:.2f}" for share in shares] == figures, f"scrub at {flow} m3/h"
