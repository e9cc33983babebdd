"""Draw figure specifications as PNG and SVG files with matplotlib (extra ``plot``)."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from ytterby.errors import Fault, OutputError
from ytterby.report.figures import Figure, Panel, Style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SUFFIXES = ("png", "svg")
PNG_DPI = 150
COLOURS = "turbo"
WIDEST_CAPTION = 130
"""Letters of a line of the caption."""
STYLES: dict[Style, tuple[str, str, float]] = {
    "line": ("-", ".", 3.0),
    "points": ("none", "o", 4.0),
    "steps": ("-", "none", 0.0),
}
"""Line, marker and its size [points]."""


def ready(directory: Path) -> None:
    """Find out, without writing, whether pictures can be drawn there; OutputError if not."""
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise OutputError(
            Fault("--plot", "no matplotlib", "the extra `plot`", next="pip install ytterby[plot]")
        ) from None
    standing = next(place for place in (directory, *directory.absolute().parents) if place.exists())
    if not standing.is_dir():
        raise _refused(directory, f"{standing} is a file")
    if not os.access(standing, os.W_OK):
        raise _refused(directory, f"no right to write in {standing}")


def draw(figure: Figure, directory: Path) -> list[Path]:
    """Write the figure as ``name.png`` and ``name.svg``; the paths written. OutputError if it cannot."""
    return write_pictures(figure.name, lambda: _render(figure), directory)


def write_pictures(name: str, render: Callable[[], Any], directory: Path) -> list[Path]:
    """Write what ``render`` gives, a matplotlib figure, as PNG and SVG; OutputError if it cannot.

    It is called with the settings that both files need.
    """
    ready(directory)
    import matplotlib

    paths = [directory / f"{name}.{suffix}" for suffix in SUFFIXES]
    # Text stays text, and the same picture gives the same file.
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "ytterby"}):
        drawn = render()
        try:
            directory.mkdir(parents=True, exist_ok=True)
            for path in paths:
                _write_whole(drawn, path)
        except OSError as error:
            raise _refused(directory, error.strerror or str(error)) from None
    return paths


def _refused(directory: Path, read: str) -> OutputError:
    expected = "a directory that can be written"
    return OutputError(Fault(str(directory), read, expected, next="name another with --plot"))


def _write_whole(drawn: Any, path: Path) -> None:
    """Write beside the file, then rename, so that nobody sees half a picture."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        kind = path.suffix[1:]
        metadata = {"Date": None} if kind == "svg" else None
        drawn.savefig(partial, format=kind, dpi=PNG_DPI, metadata=metadata)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def caption_below(caption: str, sources: Sequence[str] = ()) -> str:
    """What stands below a picture: its sentences, then its sources, in lines that fit."""
    texts = caption.split("\n") if caption else []
    texts += [f"Sources: {', '.join(sources)}."] if sources else []
    return as_letters("\n".join(line for text in texts for line in wrap(text, WIDEST_CAPTION)))


def as_letters(text: str) -> str:
    """Text as it is read: what stands between two dollar signs would be drawn as a formula."""
    return text.replace("$", r"\$")


def _render(figure: Figure) -> Any:
    from matplotlib.figure import Figure as Canvas

    canvas = Canvas(figsize=(9.5, 2.9 * len(figure.panels)), layout="constrained")
    shared = all(series.x is None for panel in figure.panels for series in panel.series)
    axes = canvas.subplots(len(figure.panels), sharex=shared, squeeze=False)[:, 0]
    for panel, ax in zip(figure.panels, axes, strict=True):
        _draw_panel(panel, ax, figure)
    axes[0].set_title(as_letters(figure.title), loc="left")
    axes[-1].set_xlabel(as_letters(figure.x_label))
    below = caption_below(figure.caption, figure.sources)
    canvas.supxlabel(below, fontsize="x-small", color="0.35")
    return canvas


def _draw_panel(panel: Panel, ax: Axes, figure: Figure) -> None:
    import matplotlib

    for number, band in enumerate(figure.bands):
        ax.axvspan(band.first, band.last, color=("0.95", "0.90")[number % 2], lw=0)
        middle = (band.first + band.last) / 2
        ax.annotate(
            as_letters(band.name), (middle, 1), xycoords=("data", "axes fraction"), xytext=(0, -10),
            textcoords="offset points", ha="center", fontsize="small", color="0.4",
        )  # fmt: skip
    palette = matplotlib.colormaps[COLOURS]
    for number, series in enumerate(panel.series):
        share = number / max(1, len(panel.series) - 1)
        colour = palette(0.05 + 0.9 * share) if panel.ordered else "black"
        x = figure.x if series.x is None else series.x
        line, marker, size = STYLES[series.style]
        ax.plot(
            x, series.values, color=colour, label=as_letters(series.name),
            linestyle=line, lw=1.4, marker=marker, ms=size,
        )  # fmt: skip
    if panel.logarithmic:
        ax.set_yscale("log")
        if all(series.x is not None for series in panel.series):
            ax.set_xscale("log")
    ax.set_ylabel(as_letters(panel.label))
    if panel.title:
        ax.annotate(as_letters(panel.title), (0, 1), xycoords="axes fraction", xytext=(4, -12),
                    textcoords="offset points", fontsize="small", color="0.4")  # fmt: skip
    if figure.bands:
        ax.set_xlim(figure.bands[0].first, figure.bands[-1].last)
    if len(panel.series) > 1:
        ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize="x-small", frameon=False)
