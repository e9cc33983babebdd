"""Pieces of a report: tables, a figure or drawing, caption and sources; what shows them only places them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import ytterby
from ytterby.errors import YtterbyError
from ytterby.report.document import sources_document
from ytterby.report.figures import Figure
from ytterby.report.plotly_json import plotly_figure
from ytterby.report.tables import Table

OF_SOURCES = "sources"
"""Anchor of the bibliography."""
FORMAT = "ytterby.fragments"
VERSION = 1
"""Raised when a key is removed or changes its meaning; keys may be added without."""


@dataclass(frozen=True)
class Drawing:
    """A picture without axes, such as a tree of cuts or a flowsheet."""

    name: str
    """Of the picture, without suffix."""
    svg: str
    """One ``<svg>`` element with a ``viewBox``; colours by the variables of ``report.svg``, which also
    hold on a dark page."""
    description: str
    """What is seen, for those who cannot see it."""


@dataclass(frozen=True)
class Fragment:
    """One piece of a report; what it has not is empty."""

    title: str
    tables: tuple[Table, ...] = ()
    figure: Figure | Drawing | None = None
    caption: str = ""
    """Sentences; a new line begins a paragraph."""
    sources: tuple[str, ...] = ()
    """Keys of the bibliography that tables and figure rest on."""
    section: str = ""
    """Heading that it stands under, with the fragments beside it that name the same."""
    anchor: str = ""
    """Where a page can be opened at it; empty: made of section and title."""


def figure_fragment(title: str, figure: Figure, tables: tuple[Table, ...] = ()) -> Fragment:
    """A figure with its own caption and sources, tables below it."""
    return Fragment(title, tables, figure, figure.caption, figure.sources)


def under(section: str, fragments: Iterable[Fragment], sources: Sequence[str]) -> list[Fragment]:
    """The fragments below one heading, those without sources resting on the given ones."""
    return [replace(it, section=section, sources=it.sources or tuple(sources)) for it in fragments]


def anchored(fragments: Iterable[Fragment]) -> list[Fragment]:
    """The fragments, each with an anchor of its own; ValueError where two were given the same."""
    found = list(fragments)
    taken = [it.anchor for it in found if it.anchor]
    if len(taken) != len(set(taken)):
        raise ValueError(f"anchors given twice: {sorted(taken)}")
    known = {*taken, OF_SOURCES}
    return [
        it if it.anchor else replace(it, anchor=free_anchor(f"{it.section} {it.title}", known))
        for it in found
    ]


def free_anchor(words: str, taken: set[str]) -> str:
    """Words as an anchor that is not among those taken, and is from now on."""
    plain = re.sub(r"[^a-z0-9]+", "-", words.casefold()).strip("-") or "part"
    number, free = 1, plain
    while free in taken:
        number += 1
        free = f"{plain}-{number}"
    taken.add(free)
    return free


def cited_sources(fragments: Iterable[Fragment]) -> tuple[str, ...]:
    """Keys of all sources, in the order in which they are first named."""
    return tuple(dict.fromkeys(key for it in fragments for key in it.sources))


def fault_fragment(title: str, errors: Sequence[YtterbyError], section: str = "") -> Fragment:
    """What was not reached and why, fault by fault."""
    faults = [fault for error in errors for fault in error.faults]
    rows = tuple((it.where, it.read, it.expected, it.next) for it in faults)
    table = Table(title, ("where", "read", "expected", "what to do next"), rows)
    return Fragment(title, (table,), section=section)


def fragments_document(fragments: Iterable[Fragment]) -> dict[str, Any]:
    """Fragments as plain JSON values; layout in ``data/schemas/fragments-1.json``."""
    placed = anchored(fragments)
    return {
        "format": FORMAT,
        "version": VERSION,
        "ytterby": ytterby.__version__,
        "fragments": [_fragment(it) for it in placed],
        "sources": sources_document(cited_sources(placed)),
    }


def _fragment(fragment: Fragment) -> dict[str, Any]:
    shown = fragment.figure
    return {
        "title": fragment.title,
        "section": fragment.section,
        "anchor": fragment.anchor,
        "tables": [
            {
                "title": table.title,
                "header": list(table.header),
                "units": list(table.units_row()),
                "rows": [list(row) for row in table.rows],
                "note": table.note,
            }
            for table in fragment.tables
        ],
        "figure": plotly_figure(shown) if isinstance(shown, Figure) else None,
        "drawing": shown.svg if isinstance(shown, Drawing) else None,
        "caption": fragment.caption,
        "sources": list(fragment.sources),
    }
