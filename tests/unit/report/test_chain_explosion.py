"""What customers ask, as it is shown: figures are those of the walk, nothing is lost in the picture."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

import chain_studies
import tiny_chain
from chain_studies import order
from circuits import closely
from ytterby.case import read
from ytterby.report import chain_document, chain_explosion
from ytterby.report.chain_drawing import needs_drawing, needs_ribbons
from ytterby.report.chain_words import counted_with
from ytterby.report.layered import Edge, Node, laid_out
from ytterby.report.page import page
from ytterby.report.tables import Table, number
from ytterby.report.workbook import workbook
from ytterby.study.chain import Exploded, explode_chain

EXAMPLE = Path(__file__).parents[3] / "examples" / "lacq-chain" / "lacq-chain.toml"
SCHEMA = json.loads(
    (files("ytterby") / "data" / "schemas" / "chain-explosion-1.json").read_text("utf-8")
)


@cache
def example() -> Exploded:
    return explode_chain(read(EXAMPLE))


@cache
def recycled() -> Exploded:
    """Two months that follow each other, so that scrap of one is there for the other."""
    asked = tiny_chain.demand("magnet", 12.0, 2030)
    return chain_studies.exploded(asked, recycle=True)


def row(table: Table, name: str) -> dict[str, str]:
    cells = next(it for it in table.rows if it[0] == name)
    return dict(zip(table.header, cells, strict=True))


def test_needs_by_hand() -> None:
    study = chain_studies.exploded(order("cars", "magnet", 12.0))
    table = chain_explosion.need_table(study, net=True)
    by_hand = {
        "magnet": 12.0,
        "alloy": 1.5 * 12,
        "Nd_metal": 0.28 * 18,
        "Dy_metal": 0.042 * 18,
        "Nd_oxide": 1.2 * 5.04,
        "Dy_oxide": 1.25 * 0.756,
    }
    assert {it[0]: it[-1] for it in table.rows} == {
        name: number(tonnes) for name, tonnes in by_hand.items()
    }
    assert table.units_row()[-1] == "t"


@pytest.mark.parametrize("net", [True, False])
def test_years_add_up_to_all(net: bool) -> None:
    found = example().explosion
    for cells in chain_explosion.need_table(example(), net=net).rows:
        values = (found.net if net else found.gross)(cells[0])
        years = chain_explosion.by_year(found, values)
        assert sum(years.values()) == closely(float(values.sum()), 1e-12)
        shown = [float(it) for it in cells[3:-1]]
        assert shown == [float(number(years[it])) for it in chain_explosion.years_of(found)]
        assert cells[-1] == number(float(values.sum()))


def test_no_tonne_is_outside_the_years_shown() -> None:
    found = example().explosion
    for name in chain_explosion.needed_materials(found):
        years = chain_explosion.by_year(found, found.gross(name))
        assert {it for it, tonnes in years.items() if tonnes > 0} <= set(
            chain_explosion.years_of(found)
        )


def test_elements_are_contents_of_what_is_needed() -> None:
    study = recycled()
    found = study.explosion
    for form, symbol, net, gross, tonnes in chain_explosion.element_rows(found):
        own = [
            it
            for it in chain_explosion.needed_materials(found)
            if found.network.materials[it].form == form
        ]
        content = {it: found.network.materials[it].content.get(symbol, 0.0) for it in own}
        assert net == closely(sum(content[it] * found.net(it).sum() for it in own), 1e-12)
        assert gross == closely(sum(content[it] * found.gross(it).sum() for it in own), 1e-12)
        assert tonnes == closely(sum(found.net(it).sum() for it in own if content[it]), 1e-12)


def test_per_unit_is_per_tonne_times_its_tonnes() -> None:
    study = chain_studies.exploded(order("cars", "magnet", 12.0, units=6000.0))
    each = row(chain_explosion.unit_table(study), "cars")
    share = row(chain_explosion.share_table(study), "cars")
    assert (each["unit"], each["magnet"]) == ("kg/car", "2")
    assert float(each["Nd_oxide"]) == pytest.approx(2 * float(share["Nd_oxide"]), rel=1e-3)
    assert share["Nd_oxide"] == number(1.2 * 0.28 * 1.5)


def test_what_enters_is_more_than_what_is_in_it() -> None:
    for cells in chain_explosion.raw_table(example()).rows:
        assert float(cells[2]) >= float(cells[3]) > 0


@cache
def gallium() -> Exploded:
    """From the ground, without a blend or scrap."""
    made = tiny_chain.network([], [])
    return chain_studies.exploded(order("chips", "wafer", 10.0), network=made)


@pytest.mark.parametrize("study", [recycled, example, gallium])
def test_the_picture_closes_at_every_box(study: Any) -> None:
    """What arrives at a material leaves it or is lost there, by element."""
    found = study().explosion
    ribbons = needs_ribbons(found)
    lost: dict[str, dict[str, float]] = {}
    for name, masses in found.lost().items():
        made = next((it for it, maker in found.makers.items() if maker == name), None)
        lost[f"material {made or found.network.recipes[name].per}"] = masses
    for box in {it.source for it in ribbons} | {it.target for it in ribbons}:
        if not box.startswith("material "):
            continue
        for symbol in found.network.elements:
            arrives = sum(it.parts.get(symbol, 0.0) for it in ribbons if it.target == box)
            leaves = sum(it.parts.get(symbol, 0.0) for it in ribbons if it.source == box)
            gone = lost.get(box, {}).get(symbol, 0.0)
            assert arrives - leaves == pytest.approx(gone, rel=1e-9, abs=1e-9 * (1 + arrives)), box


def test_the_picture_is_as_wide_as_elements_and_inside_its_frame() -> None:
    drawing = needs_drawing(example().explosion)
    root = ElementTree.fromstring(drawing.svg)
    width, height = map(float, root.attrib["viewBox"].split()[2:])
    boxes = []
    for it in root.iter("{http://www.w3.org/2000/svg}rect"):
        x, y, wide, high = (float(it.attrib[key]) for key in ("x", "y", "width", "height"))
        assert min(x, y, width - x - wide, height - y - high) >= 0
        if it.attrib.get("rx") == "6":
            boxes.append((x, y, x + wide, y + high))
    apart = [
        one[2] <= two[0] or two[2] <= one[0] or one[3] <= two[1] or two[3] <= one[1]
        for place, one in enumerate(boxes)
        for two in boxes[place + 1 :]
    ]
    assert len(boxes) > 10 and all(apart)
    assert "Nd, with Pr" in drawing.svg


def test_losses_add_up() -> None:
    table = chain_explosion.loss_table(example())
    *steps, total = table.rows
    for column in range(2, len(table.header) - 1):
        added = sum(float(it[column]) for it in steps)
        assert added == pytest.approx(float(total[column]), rel=1e-3)


def test_scrap_that_is_not_turned_back_is_told() -> None:
    study = chain_studies.exploded(order("cars", "magnet", 12.0))
    assert chain_explosion.scrap_table(study).rows == (("swarf", number(4.8), "0", "", ""),)
    assert chain_explosion.left_table(study).rows == (("swarf", number(4.8), "100"),)


def test_baskets_say_what_is_left_and_what_is_not_given() -> None:
    study = chain_studies.exploded(order("cars", "magnet", 12.0), recycle=False)
    table = chain_explosion.basket_table(study)
    shown = {it[0]: it for it in table.rows}
    _, stage, feeds, binding, left, short = shown["separate"]
    assert (stage, binding, short) == ("separation", "Dy_oxide", "")
    runs = 1.25 * 0.756 / 0.09
    assert feeds == f"ore {number(9 * runs)} t"
    assert left == f"Nd_oxide {number(runs - 1.2 * 5.04)} t"


def test_months_that_are_over_are_marked() -> None:
    study = example()
    rows = chain_explosion.decision_rows(study, "stellantis")
    found = next(it for it in study.decisions if (it.demand, it.stage) == ("stellantis", "magnet"))
    cells = {what: cells for stage, _, what, *cells, _ in rows if stage == "magnet"}
    assert found.build is not None
    for name, dates in (("order", found.order), ("build", found.build)):
        ends = (dates.low, dates.value, dates.high)
        marked = [it.endswith("*") for it in cells[name]]
        assert marked == [it < study.plan.as_of for it in ends]
    assert any(it.endswith("*") for it in cells["build"])


def test_every_demand_has_its_months_once() -> None:
    fragment = next(
        it for it in chain_explosion.fragments(example()) if it.section == "Latest decisions"
    )
    named = [
        name
        for table in fragment.tables
        for name in table.title.removeprefix("Latest months for ").split(", ")
    ]
    assert sorted(named) == sorted(example().plan.demands)


def test_blends_are_named() -> None:
    assert counted_with("Nd") == "Nd, with Pr"
    assert counted_with("Dy") == "Dy"
    assert counted_with("Ga") == "Ga"


def test_another_metal_than_rare_earths() -> None:
    words = page("gallium", chain_explosion.fragments(gallium()))
    assert "Ga_metal" in words and "Nd" not in re.findall(r"\b[A-Z][a-z]?\b", words)
    assert workbook(chain_explosion.sheets(gallium()))


def test_tables_have_units_and_sources_are_known() -> None:
    fragments = chain_explosion.fragments(example())
    for fragment in fragments:
        assert fragment.sources, fragment.title
        for table in fragment.tables:
            assert len(table.units_row()) == len(table.header)
            assert all(len(it) == len(table.header) for it in table.rows), table.title
    text = page("chain", fragments)  # DataError for a source key that the bibliography has not
    assert "assumed" in text and "Vehicle" not in text


def test_every_recipe_has_its_basis() -> None:
    table = chain_explosion.recipe_table(example())
    assert all(row(table, it[0])["basis"] for it in table.rows)
    assert {*example().explosion.recipes} <= {it[0] for it in table.rows}


def test_the_workbook_has_the_numbers_in_full() -> None:
    from openpyxl import load_workbook

    study = example()
    book = load_workbook(io.BytesIO(workbook(chain_explosion.sheets(study))))
    needs = list(book["needs"].values)
    assert needs[1][4:] == ("t", "t", "t")
    for name in study.explosion.materials:
        total = sum(it[6] for it in needs[2:] if it[1] == name)
        assert total == closely(float(study.explosion.net(name).sum()), 1e-12)
    assert {it[1] for it in list(book["sources"].values)[2:]} >= {"PB1161"}


@pytest.mark.parametrize("study", [recycled, example])
def test_the_document_is_as_its_schema_says(study: Any) -> None:
    document = json.loads(json.dumps(chain_document.exploded(study()), allow_nan=False))
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA).validate(document)
    for it in document["materials"]:
        net = study().explosion.net(it["material"])
        assert it["net_t"] == closely(float(net.sum()), 1e-12)
        by_demand = [
            tonnes
            for demand in document["demands"]
            for need in demand["needs"]
            if need["material"] == it["material"]
            for tonnes in need["net_t"].values()
        ]
        assert sum(by_demand) == closely(it["net_t"], 1e-9) or it["net_t"] == 0.0


def test_no_row_is_left_empty() -> None:
    """Where all sources are drawn to the row above what they feed, and another node fills the first."""
    nodes = [Node(name, 120.0) for name in ("a", "b", "c", "end")]
    edges = [Edge(name, "end", 1.0) for name in ("a", "b", "c")]
    layout = laid_out(nodes, edges, 150.0, 10.0)
    assert set(layout.rows.values()) == set(range(layout.height))


def test_nothing_heavy_is_loaded_to_print() -> None:
    code = (
        "import sys; from ytterby.report import chain_document; "
        "print({'jax', 'plotly', 'openpyxl', 'matplotlib'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
