"""Pages and workbooks that commands write, as a browser and a spreadsheet program open them."""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from openpyxl import load_workbook

from command_line import SMALL, refused, shown
from ytterby.errors import ExitCode

BROWSER = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
REQUIRED = "YTTERBY_BROWSER"
"""Set to ``required`` where a missing browser must fail."""
REPORT = """
<script>
addEventListener("error", (it) => console.error(it.message));
addEventListener("securitypolicyviolation", (it) => console.error(it.violatedDirective, it.blockedURI));
addEventListener("load", () => setTimeout(() => {
  const plots = [...document.querySelectorAll(".plot")];
  const drawn = plots.filter((it) => it.dataset.drawn === "yes" && it.querySelector(".main-svg"));
  const lines = plots.map((it) => it.querySelectorAll(".scatterlayer .trace").length);
  const wide = document.documentElement.scrollWidth > document.documentElement.clientWidth;
  const loaded = performance.getEntriesByType("resource").map((it) => it.name);
  document.title = JSON.stringify({ plots: plots.length, drawn: drawn.length, lines, wide, loaded });
}, 500));
</script>
"""
"""What a test lets a page say of itself once it is drawn."""
ROOT = Path(__file__).parents[2]
SHORT_START = """
[starts.fill]
circuit = "small"
duration = "1 d"
"""


class Seen(NamedTuple):
    """What a browser says of a page."""

    state: str
    errors: list[str]


def seen(page: Path, width: int = 1200) -> Seen:
    """The page opened without a network; the test fails or is skipped, and says so, where no browser is."""
    if BROWSER is None:
        message = "no chromium: no page was opened (apt-get install chromium)"
        if os.environ.get(REQUIRED) == "required":
            pytest.fail(message)
        pytest.skip(message)
    told = page.with_name(f"told-{page.name}")
    text = page.read_text(encoding="utf-8")
    told.write_text(text.replace("<main>", REPORT + "<main>", 1), encoding="utf-8")
    command = [
        *(
            BROWSER,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--enable-logging=stderr",
            "--v=0",
        ),
        *("--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={page.parent / 'profile'}"),
        *(f"--window-size={width},900", "--virtual-time-budget=20000", "--dump-dom", told.as_uri()),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    (title,) = re.findall(r"<title>(.*?)</title>", done.stdout.partition("</head>")[0])
    errors = [line for line in done.stderr.split("\n") if "CONSOLE" in line]
    return Seen(html.unescape(title), errors)


@cache
def written(folder: Path) -> tuple[Path, Path, str]:
    """Page and workbook of a solved circuit, and what the command printed."""
    case = folder / "small-page.toml"
    case.write_text(SMALL, encoding="utf-8")
    page, book = folder / "small.html", folder / "small.xlsx"
    text = shown("circuit", case, "--html", page, "--xlsx", book, "--shortcuts", "--mccabe", "Dy")
    return page, book, text


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, str]:
    return written(tmp_path_factory.mktemp("pages"))


def test_every_figure_is_drawn_and_the_console_stays_silent(made: tuple[Path, Path, str]) -> None:
    page, _, _ = made
    state, errors = seen(page)
    assert errors == []
    # profiles: two panels of two metals and pH; McCabe-Thiele: three sections of three lines
    assert state == '{"plots":2,"drawn":2,"lines":[5,9],"wide":false,"loaded":[]}'


def test_a_narrow_page_does_not_run_over(made: tuple[Path, Path, str]) -> None:
    state, errors = seen(made[0], width=500)
    assert errors == [] and '"wide":false' in state


def test_a_page_that_fails_would_be_noticed(made: tuple[Path, Path, str]) -> None:
    page, _, _ = made
    broken = page.with_name("broken.html")
    text = page.read_text(encoding="utf-8").replace("JSON.parse(plot", "JSON.parse('{' + plot")
    broken.write_text(text.replace("<main>", '<main><img src="https://example.org/a.png">'))
    state, errors = seen(broken)
    assert '"drawn":0' in state
    assert any("JSON" in line for line in errors) and any("img-src" in line for line in errors)


def test_the_page_holds_what_is_printed_and_more(made: tuple[Path, Path, str]) -> None:
    page, book, text = made
    held = page.read_text(encoding="utf-8")
    assert f"wrote: {page}\nwrote: {book}\n" in text
    titles = re.findall(r"<h3>(.*?)</h3>", held)
    assert titles == [
        *("Streams", "Stage profiles", "Reagents", "Hand calculations"),
        *("McCabe-Thiele diagram of Dy", "What it rests on"),
    ]
    for title in re.findall(r"<caption>(.*?)</caption>", held):
        assert html.unescape(title) in text
    assert "<h1>Small</h1>" in held and "Weakest basis: recalled." in held
    keys = re.findall(r'<li id="source-(\w+)">', held)
    (line,) = (it for it in text.split("\n") if it.startswith("Sources: "))
    assert sorted(keys) == sorted(re.findall(r"[A-Z][A-Z0-9]+", line))


def test_the_same_case_gives_the_same_page(made: tuple[Path, Path, str]) -> None:
    page, _, _ = made
    again = page.with_name("again.html")
    case = page.with_name("small-page.toml")
    shown("circuit", case, "--html", again, "--shortcuts", "--mccabe", "Dy", "--json")
    assert again.read_bytes() == page.read_bytes()


def test_the_report_of_the_refinery_opens_with_all_its_circuits_drawn(tmp_path: Path) -> None:
    """Five circuits as figures, the plant and its elements as drawings, the announcement and both media."""
    shown("run", ROOT / "examples" / "lacq" / "lacq.toml", "--out", tmp_path / "results")
    page = tmp_path / "results" / "report.html"
    state, errors = seen(page)
    assert errors == []
    assert '"plots":5,"drawn":5' in state and '"wide":false,"loaded":[]' in state
    held = page.read_text(encoding="utf-8")
    assert held.count("<svg") >= 2
    titles = re.findall(r"<h[23]>(.*?)</h[23]>", held)
    sections = {"Plant", "Streams", "Footprint", "Announcement", "Both media", "Circuit nd-sm"}
    assert sections <= set(map(html.unescape, titles))


def test_no_number_in_a_workbook_is_text(made: tuple[Path, Path, str]) -> None:
    for sheet in load_workbook(made[1]).worksheets:
        for row in sheet.iter_rows(min_row=3):
            for cell in row:
                assert cell.data_type in "ns" and cell.number_format == "General"
                if cell.data_type == "s":
                    assert not re.fullmatch(r"[-+]?\d+([.]\d+)?(e[-+]?\d+)?", str(cell.value))


def test_a_run_through_time_as_page_and_workbook(tmp_path: Path) -> None:
    case, page, book = (tmp_path / name for name in ("case.toml", "run.html", "run.xlsx"))
    case.write_text(SMALL + SHORT_START, encoding="utf-8")
    shown("start", case, "--html", page, "--xlsx", book)
    assert "<h2>Run fill</h2>" in page.read_text(encoding="utf-8")
    sheets = load_workbook(book, read_only=True)
    assert sheets.sheetnames == [
        *("fill periods", "fill raffinate", "fill strip liquor", "fill held", "fill locked up"),
        "sources",
    ]
    header, units, *rows = sheets["fill raffinate"].iter_rows(values_only=True)
    assert (header[0], units[0], rows[0][0], rows[-1][0]) == ("time", "h", 0.0, 24.0)
    state, errors = seen(page)
    assert errors == [] and '"plots":2,"drawn":2' in state


@pytest.mark.parametrize("verb", ["circuit", "design", "sequence", "fit", "start"])
@pytest.mark.parametrize("option", ["--html", "--xlsx"])
def test_a_file_that_is_there_is_refused_before_the_work(
    verb: str, option: str, tmp_path: Path
) -> None:
    case = Path(__file__).parents[2] / "examples" / {
        "circuit": "tb-dy.toml", "design": "design.toml", "sequence": "sequence.toml",
        "fit": "fit-p507.toml", "start": "tb-dy-start.toml",
    }[verb]  # fmt: skip
    target = tmp_path / f"mine.{option[2:]}"
    target.write_text("mine", encoding="utf-8")
    message = refused(ExitCode.OUTPUT, verb, case, option, target)
    assert message.startswith(f"{target}\n  read      a file of that name\n")
    assert target.read_text(encoding="utf-8") == "mine"
