"""Generated pages are up to date, snippets run, and quoted figures are those of the example."""

from __future__ import annotations

import re
import runpy
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

import ytterby as yt
from ytterby.case import read_text
from ytterby.circuit.solved import SolvedCircuit
from ytterby.study.run import refusals

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
EXAMPLE = "examples/tb-dy.toml"
PAGES: dict[str, Callable[[], str]] = runpy.run_path(str(DOCS / "generate.py"))["PAGES"]
SNIPPET = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
WITH_SNIPPETS = sorted(
    path.name
    for path in (DOCS / "howto").glob("*.md")
    if SNIPPET.search(path.read_text(encoding="utf-8"))
)


@pytest.mark.parametrize("name", PAGES)
def test_generated_page_is_up_to_date(name: str) -> None:
    committed = (DOCS / "reference" / name).read_text(encoding="utf-8")
    assert committed == PAGES[name](), f"docs/reference/{name} is out of date: run `make reference`"


def test_every_page_but_the_written_ones_is_generated() -> None:
    pages = {path.name for path in (DOCS / "reference").glob("*.md")}
    assert pages - {"index.md", "glossary.md", "robustness.md", "random-feeds.md"} == set(PAGES)


def test_python_page_documents_what_the_package_offers() -> None:
    page = PAGES["api.md"]()
    assert [name for name in dir(yt) if name[0] != "_" and f"### `{name}`" not in page] == []


def test_use_from_python_has_snippets() -> None:
    assert "use-from-python.md" in WITH_SNIPPETS


@pytest.mark.parametrize("name", WITH_SNIPPETS)
def test_snippets_run(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the order of the page, beside examples/, in a folder where they may write."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    page = (DOCS / "howto" / name).read_text(encoding="utf-8")
    names: dict[str, object] = {}
    for snippet in SNIPPET.findall(page):
        exec(compile(snippet, name, "exec"), names)


# --- figures quoted in the pages


@cache
def tutorial() -> str:
    """The text of the tutorial, on one line."""
    return " ".join((DOCS / "tutorial/first-circuit.md").read_text(encoding="utf-8").split())


@cache
def solved(old: str = "", new: str = "") -> SolvedCircuit:
    """The example with one piece of its text replaced."""
    text = (ROOT / EXAMPLE).read_text(encoding="utf-8")
    assert old in text
    return yt.run(read_text(text.replace(old, new, 1))).circuits["tb-dy"]


def percent(share: float) -> str:
    return f"{100 * share:.2f} %"


def purity(circuit: SolvedCircuit, symbol: str, outlet: str) -> str:
    return percent(circuit.streams[outlet].purity_reo(symbol))


def test_tutorial_quotes_the_outlets() -> None:
    found = solved()
    rows = []
    for outlet, main, beside in (("raffinate", "Tb", "Gd Dy"), ("strip liquor", "Dy", "Ho Tb")):
        others = ", ".join(f"{it} {purity(found, it, outlet)}" for it in beside.split())
        recovery = percent(found.recovery(main, outlet))
        rows.append(
            f"| {outlet} | {main} | {purity(found, main, outlet)} | {recovery} | {others} |"
        )
    assert [row for row in rows if row not in tutorial()] == []


def test_tutorial_quotes_the_change_of_scrub() -> None:
    rows = []
    for flow in ("0.271", "0.301", "0.331"):
        found = solved('flow = "0.301 m3/h"', f'flow = "{flow} m3/h"')
        recovery = percent(found.recovery("Tb", "raffinate"))
        tb, dy = purity(found, "Tb", "raffinate"), purity(found, "Dy", "strip liquor")
        rows.append(f"| {flow} | {tb} | {recovery} | {dy} |")
    assert [row for row in rows if row not in tutorial()] == []


def test_tutorial_is_right_that_more_stages_do_not_help_terbium() -> None:
    longer = solved("stages = 26", "stages = 32")
    assert f"Tb is still {purity(longer, 'Tb', 'raffinate')} pure" in tutorial()
    assert solved().recovery("Gd", "raffinate") == pytest.approx(1.0, abs=1e-3)


def test_tutorial_quotes_stages_reagents_and_extrapolation() -> None:
    found = solved()
    ph, free = found.profiles.ph, found.profiles.free_dimer
    extraction = slice(0, 26)
    lowest = int(ph[extraction].argmin())
    used = consumption(found)
    reached = {(it.section, it.quantity): it for it in found.out_of_range}
    metal, acid = reached["scrub", "aqueous_metal"], reached["strip", "acid"]
    phrases = [
        f"{ph[0]:.2f} at stage 1,",
        f"lowest near stage {lowest + 1} ({ph[lowest]:.2f})",
        f"Scrub is flat at {ph[37]:.2f}, strip ends at {ph[-1]:.2f}",
        f"{used['base_kg_per_h']:.0f} kg/h of NaOH, {used['scrub_acid_kg_per_h']:.0f} kg/h of HCl for "
        f"scrub and {used['strip_acid_kg_per_h']:.0f} kg/h for strip",
        f"at most {metal.valid[1] / 1000:g} mol/L of metal in the aqueous, the scrub section reaches "
        f"{metal.reached[1] / 1000:.2f}",
        f"at most {acid.valid[1] / 1000:g} mol/L of acid, the strip section has "
        f"{acid.reached[1] / 1000:.0f}",
        f"The weakest basis is `{found.weakest_basis}`",
    ]
    assert [phrase for phrase in phrases if phrase not in tutorial()] == []
    assert abs(lowest - int(free[extraction].argmax())) <= 2, "where the organic is loaded least"
    loop = found.streams["stripped organic"].moles("Lu") / found.streams["feed"].moles("Lu")
    assert loop == pytest.approx(50, rel=0.1)


def consumption(found: SolvedCircuit) -> dict[str, float]:
    from ytterby.report.document import circuit_document

    used: dict[str, float] = circuit_document(found)["consumption"]
    return used


def test_verdict_page_quotes_the_message() -> None:
    text = (ROOT / EXAMPLE).read_text(encoding="utf-8")
    old = 'saponification = "36 %"'
    assert old in text
    (fault,) = refusals(read_text(text.replace(old, 'saponification = "60 %"'), EXAMPLE))
    page = (DOCS / "howto/read-a-verdict.md").read_text(encoding="utf-8")
    assert f"```text\n{fault}\n```" in page
