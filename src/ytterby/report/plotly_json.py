"""A figure specification as a figure of plotly.js: plain JSON values, made without the library."""

from __future__ import annotations

import math
from html import escape
from typing import Any

from ytterby.report.figures import Band, Figure, Panel, Series, Style

SHADES = (
    "#956ed2", "#5283e0", "#0096c9", "#00a292", "#2e9e52", "#848f00", "#b47900", "#cd632d", "#d05a69",
)  # fmt: skip
"""Around the colour circle at one lightness, so that all are read on white and on black paper."""
ALONE = "#5283e0"
"""Of a line without others."""
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "triangle-down", "x", "cross", "star")
"""Of marked points, in turn: colours alone do not tell lines apart for everyone."""
MODES: dict[Style, str] = {"line": "lines+markers", "points": "markers", "steps": "lines"}
PANEL_HEIGHT, FRAME_HEIGHT = 230, 90
"""Pixels of a panel, and of what stands above and below all of them."""
GAP, GAP_SHARED = 0.3, 0.1
"""Between panels, of the height of one: with ticks of their own x axes, and without."""
CROWDED = 100
"""Points of a line from which they are not marked."""
SHADED = ("rgba(128,128,128,0.07)", "rgba(128,128,128,0.16)")
"""Of bands, in turn."""
LETTER = 0.012
"""Share of the width that a letter of a band's name takes; where it has less, the name stands upright."""
MOST_TICKS = 5
"""Labelled decades of an axis."""


def plotly_figure(figure: Figure) -> dict[str, Any]:
    """``data`` and ``layout`` for ``Plotly.newPlot``; nan is null. Title and caption are left to the page."""
    shared, joint = _share_x(figure), _one_legend(figure)
    data, layout = [], _frame(figure, shared)
    for number, panel in enumerate(figure.panels):
        layout |= _axes(figure, number, shared)
        legend = _name("legend", 0 if joint else number)
        layout[legend] = _legend(1.0 if joint else _domain(figure, number)[1])
        for place, series in enumerate(panel.series):
            x = _numbers(figure.x if series.x is None else series.x)
            shown = len(panel.series) > 1 and (not joint or panel is _first_of_many(figure))
            data.append(
                {
                    "type": "scatter",
                    "x": x,
                    "y": _numbers(series.values),
                    "name": escape(series.name, quote=False),
                    "mode": "lines" if _crowded(series) else MODES[series.style],
                    "line": {"color": _shade(panel, place), "width": 1.6},
                    "marker": {"symbol": SYMBOLS[place % len(SYMBOLS)], "size": _size(series)},
                    "xaxis": _name("x", 0 if shared else number),
                    "yaxis": _name("y", number),
                    "legend": legend,
                    "legendgroup": escape(series.name, quote=False)
                    if joint
                    else f"{number} {place}",
                    "showlegend": shown,
                    "connectgaps": False,
                }
            )
    return {"data": data, "layout": layout}


def _share_x(figure: Figure) -> bool:
    """Whether all panels stand over the figure's own x."""
    return all(series.x is None for panel in figure.panels for series in panel.series)


def _frame(figure: Figure, shared: bool) -> dict[str, Any]:
    """What holds for all panels: size, margins, bands, panel titles."""
    clear = "rgba(0,0,0,0)"
    notes = [_panel_title(figure, number) for number, it in enumerate(figure.panels) if it.title]
    shapes = [
        _shape(band, SHADED[place % 2], _domain(figure, number), 0 if shared else number)
        for number in range(len(figure.panels))
        for place, band in enumerate(figure.bands)
    ]
    return {
        "height": FRAME_HEIGHT + PANEL_HEIGHT * len(figure.panels),
        "margin": {"l": 70, "r": 20, "t": 30, "b": 50},
        "modebar": {"bgcolor": clear},
        "paper_bgcolor": clear,
        "plot_bgcolor": clear,
        "font": {"family": "system-ui, sans-serif", "size": 12, "color": "#555"},
        "hovermode": "x" if shared else "closest",
        "hoverlabel": {"bgcolor": "#fff", "bordercolor": "#888", "font": {"color": "#111"}},
        "shapes": shapes,
        "annotations": [*(_band_name(band, figure) for band in figure.bands if band.name), *notes],
    }


def _axes(figure: Figure, number: int, shared: bool) -> dict[str, Any]:
    """The axes of one panel; where x is shared, its one axis stands below the last."""
    panel, last = figure.panels[number], len(figure.panels) - 1
    own_x = panel.logarithmic and all(series.x is not None for series in panel.series)
    lines = {"gridcolor": "rgba(128,128,128,0.25)", "zeroline": False, "exponentformat": "power",
             "ticks": "outside", "tickcolor": "#888", "linecolor": "#888", "showline": True}  # fmt: skip
    x_values = [it for series in panel.series for it in (series.x or ())]
    y_values = [it for series in panel.series for it in series.values]
    axes = {
        _name("yaxis", number): {
            **lines,
            **_scale(panel.logarithmic, y_values),
            "domain": list(_domain(figure, number)),
            "anchor": _name("x", 0 if shared else number),
            "title": {"text": escape(panel.label, quote=False)},
            "automargin": True,
        }
    }
    if not shared or number == last:
        axes[_name("xaxis", 0 if shared else number)] = {
            **lines,
            **_scale(own_x, x_values),
            "anchor": _name("y", number),
            "title": {"text": escape(figure.x_label, quote=False) if number == last else ""},
            **({"range": [figure.bands[0].first, figure.bands[-1].last]} if figure.bands else {}),
        }
    return axes


def _scale(logarithmic: bool, values: list[float]) -> dict[str, Any]:
    """A linear axis, or one with whole decades labelled, not more than fit."""
    if not logarithmic:
        return {"type": "linear"}
    seen = [math.log10(it) for it in values if it > 0]  # not so for nan
    decades = max(seen) - min(seen) if seen else 0.0
    ticks = {"dtick": math.ceil(decades / MOST_TICKS)} if decades >= 2 else {}
    return {"type": "log", **ticks}


def _domain(figure: Figure, number: int) -> tuple[float, float]:
    """From where to where a panel stands, of the height, 1 being the top."""
    count, gap = len(figure.panels), GAP_SHARED if _share_x(figure) else GAP
    height = 1.0 / (count + gap * (count - 1))
    top = 1.0 - number * height * (1.0 + gap)
    return round(max(0.0, top - height), 6), round(top, 6)


def _shape(band: Band, colour: str, domain: tuple[float, float], axis: int) -> dict[str, Any]:
    return {
        "type": "rect", "layer": "below", "xref": _name("x", axis), "yref": "paper", "x0": band.first,
        "x1": band.last, "y0": domain[0], "y1": domain[1], "fillcolor": colour, "line": {"width": 0},
    }  # fmt: skip


def _band_name(band: Band, figure: Figure) -> dict[str, Any]:
    """Once, above the first panel; upright in it where it is narrow."""
    width = figure.bands[-1].last - figure.bands[0].first
    upright = band.last - band.first < LETTER * len(band.name) * width
    return {
        "text": escape(band.name, quote=False), "x": (band.first + band.last) / 2, "y": 1.0, "xref": "x",
        "yref": "paper", "xanchor": "center", "yanchor": "top" if upright else "bottom",
        "showarrow": False, "textangle": -90 if upright else 0,
    }  # fmt: skip


def _panel_title(figure: Figure, number: int) -> dict[str, Any]:
    return {
        "text": escape(figure.panels[number].title, quote=False), "x": 0, "xref": "paper",
        "y": _domain(figure, number)[1], "yref": "paper", "xanchor": "left", "yanchor": "bottom",
        "showarrow": False,
    }  # fmt: skip


def _legend(top: float) -> dict[str, Any]:
    return {"x": 1.01, "xanchor": "left", "y": top, "yanchor": "top", "bgcolor": "rgba(0,0,0,0)",
            "tracegroupgap": 0}  # fmt: skip


def _one_legend(figure: Figure) -> bool:
    """Whether all panels with several lines have the same, so that one legend serves them all."""
    return len({_names(panel) for panel in figure.panels if len(panel.series) > 1}) == 1


def _first_of_many(figure: Figure) -> Panel:
    return next(panel for panel in figure.panels if len(panel.series) > 1)


def _names(panel: Panel) -> tuple[str, ...]:
    return tuple(series.name for series in panel.series)


def _shade(panel: Panel, place: int) -> str:
    """The colour of a line: in order around the circle, the ends for two."""
    if len(panel.series) == 1:
        return ALONE
    at = place / (len(panel.series) - 1) * (len(SHADES) - 1)
    low = min(int(at), len(SHADES) - 2)
    parts = zip(_channels(SHADES[low]), _channels(SHADES[low + 1]), strict=True)
    return "#" + "".join(f"{round(a + (at - low) * (b - a)):02x}" for a, b in parts)


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour[1:]))


def _crowded(series: Series) -> bool:
    return series.style == "line" and len(series.values) > CROWDED


def _size(series: Series) -> int:
    return 7 if series.style == "points" else 5


def _name(axis: str, number: int) -> str:
    """How plotly.js counts axes and legends: ``x``, ``x2``, ``x3``."""
    return axis if number == 0 else f"{axis}{number + 1}"


def _numbers(values: tuple[float, ...]) -> list[float | None]:
    """JSON has no nan: a gap is null."""
    return [None if math.isnan(value) else float(value) for value in values]
