"""McCabe-Thiele figures and the table of hand calculations: what is shown, in which unit, what is said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from circuits import leaky_neodymium, samarium_gadolinium
from shapes import padded_to
from ytterby.circuit.shortcuts import diagram, shortcuts_beside
from ytterby.circuit.solve import solve_circuit
from ytterby.circuit.solved import SolvedCircuit
from ytterby.report.draw import draw
from ytterby.report.figures import Figure, Panel, Series
from ytterby.report.mccabe import mccabe_figure
from ytterby.report.shortcuts import shortcut_document, shortcut_table


@pytest.fixture(autouse=True)
def one_shape(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    padded_to(monkeypatch, stages=32, elements=4, takes=(4,))
    yield


@pytest.fixture
def solved() -> SolvedCircuit:
    return solve_circuit(samarium_gadolinium())


def test_one_panel_per_section_in_mol_per_litre(solved: SolvedCircuit) -> None:
    figure = mccabe_figure(solved, "Gd")
    assert figure.name == "samarium-gadolinium-mccabe-Gd"
    assert [panel.title for panel in figure.panels] == ["extraction", "scrub", "strip"]
    found = diagram(solved, "Gd").sections[1]
    for series, x, y in zip(
        figure.panels[1].series,
        (found.equilibrium_x, found.line_x, found.corners[0]),
        (found.equilibrium_y, found.line_y, found.corners[1]),
        strict=True,
    ):
        assert series.x == tuple((x / 1000).tolist())
        assert series.values == tuple((y / 1000).tolist())
    styles = [(series.name, series.style) for series in figure.panels[1].series]
    assert styles == [("equilibrium", "points"), ("operating line", "line"), ("stages", "steps")]


def test_decades_are_drawn_on_logarithmic_axes_without_what_is_nothing(
    solved: SolvedCircuit,
) -> None:
    extraction, scrub, strip = mccabe_figure(solved, "Gd").panels
    assert (extraction.logarithmic, scrub.logarithmic, strip.logarithmic) == (True, False, True)
    for panel in (extraction, strip):
        for series in panel.series:
            assert series.x is not None
            assert min(series.x) > 0 and min(series.values) > 0


def test_the_caption_says_where_the_line_is_broken() -> None:
    figure = mccabe_figure(solve_circuit(leaky_neodymium()), "Sm")
    caption = figure.caption
    assert "extraction: operating line broken: second feed joins the aqueous at stage 2" in caption
    assert "scrub: steps miss the curve: stage efficiency 0.85." in caption
    assert figure.sources == ("LI80", "LI87", "T21", "PERIODICTABLE")


def test_series_with_their_own_x_are_drawn_over_it(tmp_path: Path) -> None:
    """In each style; nothing is shared between panels of different reach."""
    lines = tuple(
        Series(style, (1.0, 2.0, 2.0), x, style)
        for style, x in (
            ("line", (0.0, 1.0, 2.0)),
            ("points", (5.0, 6.0, 7.0)),
            ("steps", (1.0, 1.0, 2.0)),
        )
    )
    other = Panel("y", (Series("far", (1.0, 10.0), (1e3, 1e6)),), logarithmic=True, title="far")
    figure = Figure("own", "Own x", "x", (), (Panel("y", lines, title="near"), other), (), "")
    _, svg = draw(figure, tmp_path)
    text = svg.read_text(encoding="utf-8")
    assert "near" in text and "far" in text
    assert ">7<" in text  # a tick beyond the other series of the panel


def test_the_table_shows_every_row_and_blanks_what_has_no_answer(solved: SolvedCircuit) -> None:
    table, rows = shortcut_table(solved), shortcuts_beside(solved)
    assert table.header == ("", "unit", "by hand", "solved", "method", "assumes")
    assert len(table.rows) == len(rows) == 8
    assert [row[4] for row in table.rows] == [row.method for row in rows]
    assert [row[2] for row in table.rows if row[4] == "Xu"] == ["", ""]
    document = shortcut_document(solved)
    assert [row["by_hand"] for row in document["rows"] if row["method"] == "Xu"] == [None, None]
    assert document["none_because"] == ""


def test_without_a_cut_the_table_says_why_it_is_empty(solved: SolvedCircuit) -> None:
    without = replace(solved, circuit=replace(solved.circuit, cut=None))
    table = shortcut_table(without)
    assert table.rows == ()
    assert table.note == "none; read: no cut; expected: the pair to be split"
    assert shortcut_document(without)["none_because"] == table.note
