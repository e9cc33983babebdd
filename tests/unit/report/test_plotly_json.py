"""A figure specification as plotly.js takes it: what is drawn where, on which axes, with which gaps."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from ytterby.report.figures import Band, Figure, Panel, Series
from ytterby.report.plotly_json import PANEL_HEIGHT, SYMBOLS, plotly_figure

METALS = (Series("Tb", (0.5, 1e-3, math.nan)), Series("Dy", (1e-6, 0.1, 0.5)))
FIGURE = Figure(
    name="cut-profile",
    title="Stage profiles of cut",
    x_label="stage",
    x=(1.0, 2.0, 3.0),
    panels=(
        Panel("aqueous, mol/L", METALS, logarithmic=True, ordered=True),
        Panel("organic, mol/L", METALS, logarithmic=True, ordered=True),
        Panel("pH", (Series("pH", (1.0, 0.5, -0.5)),)),
    ),
    bands=(Band("extraction", 0.5, 2.5), Band("strip", 2.5, 3.5)),
    caption="Weakest basis: read.",
    sources=("T21",),
)


def traces(figure: Figure) -> list[dict[str, Any]]:
    return plotly_figure(figure)["data"]  # type: ignore[no-any-return]


def test_it_is_plain_json_with_gaps_as_null() -> None:
    drawn = plotly_figure(FIGURE)
    assert json.loads(json.dumps(drawn, allow_nan=False)) == drawn
    assert drawn["data"][0]["y"] == [0.5, 1e-3, None]
    assert plotly_figure(FIGURE) == drawn


def test_every_series_is_drawn_over_its_x_in_its_panel() -> None:
    found = [(it["name"], it["x"], it["yaxis"]) for it in traces(FIGURE)]
    x = [1.0, 2.0, 3.0]
    assert found == [
        ("Tb", x, "y"), ("Dy", x, "y"), ("Tb", x, "y2"), ("Dy", x, "y2"), ("pH", x, "y3"),
    ]  # fmt: skip


def test_panels_stand_above_each_other_over_one_axis() -> None:
    layout = plotly_figure(FIGURE)["layout"]
    domains = [layout[name]["domain"] for name in ("yaxis", "yaxis2", "yaxis3")]
    assert domains[0][1] == 1.0 and domains[2][0] == pytest.approx(0.0, abs=1e-5)
    assert all(upper[0] > lower[1] for upper, lower in pairwise(domains))
    assert [it for it in layout if it.startswith("xaxis")] == ["xaxis"]
    assert layout["xaxis"]["anchor"] == "y3" and layout["xaxis"]["range"] == [0.5, 3.5]
    assert layout["xaxis"]["title"]["text"] == "stage"
    assert layout["height"] > 3 * PANEL_HEIGHT


def test_axes_have_their_scale_and_their_unit() -> None:
    layout = plotly_figure(FIGURE)["layout"]
    assert [layout[f"yaxis{it}"]["type"] for it in ("", 2, 3)] == ["log", "log", "linear"]
    assert layout["yaxis"]["title"]["text"] == "aqueous, mol/L"
    assert layout["yaxis"]["dtick"] == 2  # 1e-6 to 0.5 in at most five labels
    assert layout["xaxis"]["type"] == "linear"


def test_a_legend_names_each_series_once() -> None:
    shown = [it["name"] for it in traces(FIGURE) if it["showlegend"]]
    assert shown == ["Tb", "Dy"], "the same series in both panels; pH stands alone"
    groups = {it["name"]: it["legendgroup"] for it in traces(FIGURE)}
    assert groups == {"Tb": "Tb", "Dy": "Dy", "pH": "pH"}


def test_panels_with_other_series_have_legends_of_their_own() -> None:
    other = Panel("kg/h", (Series("raffinate", (1.0,) * 3), Series("strip", (2.0,) * 3)))
    found = traces(replace(FIGURE, panels=(FIGURE.panels[0], other)))
    assert [(it["name"], it["legend"]) for it in found if it["showlegend"]] == [
        ("Tb", "legend"), ("Dy", "legend"), ("raffinate", "legend2"), ("strip", "legend2"),
    ]  # fmt: skip
    assert len({it["legendgroup"] for it in found}) == 4


def test_series_with_their_own_x_have_axes_of_their_own() -> None:
    points = Panel("y", (Series("far", (1.0, 10.0), (1e3, 1e6), "points"),), logarithmic=True)
    line = Panel("y", (Series("near", (1.0, 2.0), (0.0, 1.0), "steps"),), title="near")
    layout, data = (
        plotly_figure(Figure("own", "Own x", "x", (), (points, line), (), ""))[key]
        for key in ("layout", "data")
    )
    assert [layout[it]["type"] for it in ("xaxis", "xaxis2")] == ["log", "linear"]
    assert [layout[it]["title"]["text"] for it in ("xaxis", "xaxis2")] == ["", "x"]
    assert [it["mode"] for it in data] == ["markers", "lines"]
    assert [it["text"] for it in layout["annotations"]] == ["near"]


def test_lines_differ_in_colour_and_in_mark() -> None:
    many = tuple(Series(str(it), (1.0, 2.0, 3.0)) for it in range(len(SYMBOLS)))
    found = traces(replace(FIGURE, panels=(Panel("y", many),)))
    assert len({it["line"]["color"] for it in found}) == len(many)
    assert len({it["marker"]["symbol"] for it in found}) == len(many)


def test_sections_are_shaded_in_every_panel_and_named_once() -> None:
    layout = plotly_figure(FIGURE)["layout"]
    assert len(layout["shapes"]) == 6
    assert {(it["x0"], it["x1"]) for it in layout["shapes"]} == {(0.5, 2.5), (2.5, 3.5)}
    assert [it["text"] for it in layout["annotations"]] == ["extraction", "strip"]


def test_names_are_letters_and_not_markup() -> None:
    named = replace(FIGURE, panels=(Panel("y", (Series("<b>a & b</b>", (1.0, 2.0, 3.0)),)),))
    assert traces(named)[0]["name"] == "&lt;b&gt;a &amp; b&lt;/b&gt;"
