"""The reference refinery with praseodymium and neodymium apart: the same plant, one more cut."""

from __future__ import annotations

import math
import tomllib
from functools import cache
from pathlib import Path

import pytest

from ytterby.case import read
from ytterby.elements import element
from ytterby.study.plant import PlantStudy, run_plant

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "examples" / "lacq"
PAGE = ROOT / "docs" / "howto" / "sell-praseodymium-apart.md"


@cache
def solved(name: str) -> PlantStudy:
    """A case of the folder with its stored designs."""
    plan = read(FOLDER / f"{name}.toml").plant
    assert plan is not None
    return run_plant(plan)


def tree(name: str) -> dict[str, dict[str, object]]:
    return tomllib.loads((FOLDER / name).read_text("utf-8"))


def test_its_refinery_is_the_reference_refinery_but_for_the_light_side() -> None:
    here, there = (tree(f"{name}.toml")["plant"] for name in ("pr-nd", "lacq"))
    mine, theirs = here["units"], there["units"]
    assert {name for name in theirs if mine.get(name, theirs[name]) != theirs[name]} == {
        "neutralise", "capture",
    }  # fmt: skip
    line = ("condition", "carbonate", "calcine", "blend")
    assert theirs.keys() - mine.keys() == {f"{it}-ndpr" for it in line}
    assert mine.keys() - theirs.keys() == {
        "condition-pr-nd", "pr-nd", *(f"{it}-{end}" for it in line for end in ("pr", "nd")),
    }  # fmt: skip
    assert here["feeds"] == there["feeds"]


def test_its_other_circuits_are_those_of_the_reference_refinery() -> None:
    here, there = tree("pr-nd-designs.toml"), tree("designs.toml")
    for medium, designs in there.items():
        assert {name: it for name, it in here[medium].items() if name != "pr-nd"} == designs


def test_what_was_one_product_is_two() -> None:
    """t/y of oxides; the light side gives what it gave, less what the cut and two more cakes lose."""
    leaving = solved("pr-nd").balance.leaving("product")
    tonnes = {name: flow.treo() * 8.0 for name, flow in leaving.items()}
    assert tonnes["pr-oxide"] == pytest.approx(159.5, rel=0.005)
    assert tonnes["nd-oxide"] == pytest.approx(643.9, rel=0.005)
    whole = solved("lacq").balance.leaving("product")["ndpr-oxide"].treo() * 8.0
    assert tonnes["pr-oxide"] + tonnes["nd-oxide"] == pytest.approx(whole, rel=1e-3)
    for name in ("tb-oxide", "dy-oxide"):
        assert leaving[name].treo() == pytest.approx(
            solved("lacq").balance.leaving("product")[name].treo(), rel=1e-9
        )


def test_every_element_closes_over_the_plant() -> None:
    assert max(map(abs, solved("pr-nd").balance.closure.values())) < 1e-9


def figures(study: PlantStudy) -> list[tuple[str, float, int]]:
    """Rows of the page: what is told, its value, and its decimals."""
    held = study.inventories.values()
    bought, salt = study.balance.bought(), study.balance.leaving("by-product")["salt"]
    metal = {
        symbol: math.fsum(it.metals.get(symbol, 0.0) for it in held)
        * element(symbol).atomic_weight
        / 1000.0
        for symbol in ("Pr", "Nd")
    }
    return [
        ("organic held, m3", math.fsum(it.organic for it in held), 0),
        ("praseodymium held, t", metal["Pr"], 2),
        ("neodymium held, t", metal["Nd"], 2),
        ("nitric acid bought, kt/y of 60 %", bought["nitric acid"].mass() * 8e-3, 1),
        ("ammonia, kt/y", bought["ammonia"].mass() * 8e-3, 2),
        ("salt, kt/y", salt.mass() * 8e-3, 1),
        ("steam, kt/y", math.fsum(it.steam for it in study.drivers.values()) * 8e-3, 1),
        ("people at every hour", math.fsum(it.posts for it in study.drivers.values()), 2),
    ]


def test_the_page_quotes_what_it_takes() -> None:
    together, apart = figures(solved("lacq")), figures(solved("pr-nd"))
    rows = [
        f"| {name} | {one:.{places}f} | {two:.{places}f} | {two - one:.{places}f} |"
        for (name, one, places), (_, two, _) in zip(together, apart, strict=True)
    ]
    page = PAGE.read_text("utf-8")
    assert [row for row in rows if row not in page] == []


def test_the_page_quotes_stages_and_purity() -> None:
    page = " ".join(PAGE.read_text("utf-8").split())
    designs = tree("pr-nd-designs.toml")
    extraction, scrub, strip = designs["nitrate"]["pr-nd"]["stages"]
    assert f"{extraction} in extraction, {scrub} in scrub and {strip} in strip" in page
    extraction, scrub, strip = designs["chloride"]["pr-nd"]["stages"]
    assert f"{extraction}, {scrub} and {strip} stages" in page
    units = solved("pr-nd").balance.units
    for unit, formula in (("blend-pr", "Pr6O11"), ("blend-nd", "Nd2O3")):
        share = units[unit].details.shares[formula]
        assert share > 0.995
        assert f"{100.0 * share:.2f} % of {formula}" in page, share
