"""The drawing of a plant: rows in the order of the process, nothing that overlaps, widths that are masses."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tiny_plant
from ytterby.report.layered import Edge, Layout, Node, laid_out
from ytterby.report.plant_drawing import GROUPS, LARGEST, element_drawing, plant_drawing
from ytterby.report.plant_fragments import plant_fragments
from ytterby.study.plant import PlantStudy

GAP, WIDEST = 10.0, 300.0
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> PlantStudy:
    return tiny_plant.study(tmp_path_factory.mktemp("plant"))


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[Node], list[Edge]]:
    """Nodes in order, with edges that run on and some that run back."""
    count = draw(st.integers(2, 12))
    nodes = [Node(f"n{place}", draw(st.floats(20.0, 120.0))) for place in range(count)]
    pairs = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1))
    chosen = draw(st.lists(pairs.filter(lambda it: it[0] != it[1]), max_size=20, unique=True))
    return nodes, [Edge(f"n{one}", f"n{two}", draw(st.floats(1.0, 30.0))) for one, two in chosen]


def overlaps(nodes: list[Node], edges: list[Edge], layout: Layout) -> float:
    """Largest overlap of neighbours in a row."""
    rows: dict[int, list[tuple[float, float]]] = {}
    for node in nodes:
        rows.setdefault(layout.rows[node.name], []).append((layout.places[node.name], node.width))
    for place, lanes in layout.lanes.items():
        for x, row in lanes:
            rows.setdefault(row, []).append((x, edges[place].width))
    worst = 0.0
    for row in rows.values():
        row.sort()
        for (x, width), (next_x, next_width) in pairwise(row):
            worst = max(worst, (width + next_width) / 2 + GAP - (next_x - x))
    return worst


@given(graphs())
@settings(max_examples=60, deadline=None)
def test_rows_run_on_and_nothing_overlaps(graph: tuple[list[Node], list[Edge]]) -> None:
    nodes, edges = graph
    layout = laid_out(nodes, edges, WIDEST, GAP)
    for place, edge in enumerate(edges):
        forward = int(edge.source[1:]) < int(edge.target[1:])
        assert (place in layout.lanes) == forward
        if forward:
            assert layout.rows[edge.source] < layout.rows[edge.target]
            between = range(layout.rows[edge.source] + 1, layout.rows[edge.target])
            assert [row for _, row in layout.lanes[place]] == list(between)
    assert overlaps(nodes, edges, layout) < 1e-6
    assert all(0.0 <= layout.places[node.name] <= layout.width for node in nodes)


def test_a_crossing_that_need_not_be_is_none() -> None:
    """a, b feed d, c: the second row is turned round."""
    nodes = [Node(name, 40.0) for name in "abcd"]
    layout = laid_out(nodes, [Edge("a", "d", 5.0), Edge("b", "c", 5.0)], WIDEST, GAP)
    assert layout.places["d"] < layout.places["c"]
    assert layout.places["a"] == pytest.approx(layout.places["d"])


def width(path: ElementTree.Element) -> float:
    """Of a line, or of a band where it begins: from its first point to its last."""
    if stroke := re.search(r"stroke-width:([\d.]+)", path.get("style", "")):
        return float(stroke[1])
    points = re.findall(r"(-?[\d.]+),(-?[\d.]+)", path.get("d", ""))
    return float(points[-1][0]) - float(points[0][0])


@pytest.mark.parametrize("draw", [plant_drawing, element_drawing])
def test_streams_are_as_wide_as_their_oxides(study: PlantStudy, draw: object) -> None:
    drawing = draw(study)  # type: ignore[operator]
    tree = ElementTree.fromstring(drawing.svg)
    found = {}
    for group in tree.iter(f"{SVG}g"):
        title = group.find(f"{SVG}title")
        assert title is not None and title.text
        found[title.text] = sum(map(width, group.iter(f"{SVG}path")))
    fed = study.plan.flowsheet.feeds["concentrate"].treo()
    assert found["concentrate"] == pytest.approx(LARGEST, abs=0.1)
    heavy = study.balance.leaving("by-product")["heavy"].treo()
    assert found["heavy"] == pytest.approx(LARGEST * heavy / fed, abs=0.1)
    sold = study.products[0].flow.treo()
    assert found["ndpr"] == pytest.approx(LARGEST * sold / fed, abs=0.1)


def test_every_rare_earth_has_one_band() -> None:
    from ytterby.elements import RARE_EARTHS

    shown = [symbol for symbols in GROUPS.values() for symbol in symbols]
    assert sorted(shown) == sorted(RARE_EARTHS)


def test_the_drawing_is_said_in_words(study: PlantStudy) -> None:
    said = plant_drawing(study).description
    assert "49 t/y REO from feed concentrate to dissolve" in said
    assert "to end ndpr" in said


def test_the_report_has_all_its_parts(study: PlantStudy) -> None:
    found = plant_fragments(study)
    sections = list(dict.fromkeys(it.section for it in found))
    assert sections == [
        "Plant", "Streams", "Consumption, inventory, equipment", "Footprint", "Circuit nd-sm",
        "What it rests on",
    ]  # fmt: skip
    assert all(it.sources for it in found)
    assert {it.title for it in found} >= {
        "Drawing", "Elements", "Products", "Reagents", "Energy and people", "Inventory", "Equipment",
        "Stage profiles", "Assumptions", "Water",
    }  # fmt: skip
