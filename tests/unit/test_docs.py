"""The pages agree with the code and with each other."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from ytterby.errors import ExitCode

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\[[^\]]*\]\((?![a-z]+:)([^)#]+)[^)]*\)")


def test_exit_codes_page_lists_exactly_the_codes() -> None:
    page = (ROOT / "docs/reference/exit-codes.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \| \S", page, re.MULTILINE)
    assert rows == [(str(code.value), code.name) for code in ExitCode]


def test_documentation_builds_without_a_warning(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning", "--keep-going"]
    build = subprocess.run(
        [*command, str(ROOT / "docs"), str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert build.returncode == 0, build.stderr
    assert (tmp_path / "reference/exit-codes.html").exists()


@pytest.mark.parametrize("name", sorted(page.name for page in ROOT.glob("*.md")))
def test_links_outside_the_documentation_lead_somewhere(name: str) -> None:
    page = ROOT / name
    links = LINK.findall(page.read_text(encoding="utf-8"))
    assert not [link for link in links if not (page.parent / link).exists()]
