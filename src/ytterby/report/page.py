"""Fragments as one HTML file that opens without a network: figures live, tables plain, sources at the end."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files
from itertools import groupby
from pathlib import Path

import ytterby
from ytterby.errors import Fault, OutputError
from ytterby.report.figures import Figure
from ytterby.report.files import ready_to_write, write_new
from ytterby.report.fragments import (
    Drawing,
    Fragment,
    anchored,
    cited_sources,
    free_anchor,
)
from ytterby.report.plotly_json import plotly_figure
from ytterby.report.tables import Table
from ytterby.sources import Source, format_source, source

OPTION = "--html"
SUFFIX = ".html"
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
)
"""What a browser may load for the page: what stands in it, nothing from anywhere."""
SHORT = 24
"""Letters of a cell that is not broken."""
COLUMN_SCOPE, ROW_SCOPE = ' scope="col"', ' scope="row"'
KEY = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
WEB = re.compile(r"https?://[^\s<>\"]+")


def ready_for_page(path: Path, option: str = OPTION) -> None:
    """Find out before the work whether a page can be made and written there; OutputError if not."""
    plotly_library(option)
    ready_to_write(path, option, SUFFIX)


def write_page(
    path: Path, title: str, fragments: Iterable[Fragment], lead: str = "", option: str = OPTION
) -> None:
    """Write the page of the fragments as a new file, whole or not at all; OutputError if it cannot.

    ``option`` is the command-line option that named the file; messages say it.
    """
    write_new(path, option, page(title, fragments, lead, option))


def page(title: str, fragments: Iterable[Fragment], lead: str = "", option: str = OPTION) -> str:
    """One HTML document: contents, the fragments in their order, the bibliography.

    Neighbours of one section stand under one heading. The same fragments give the same text. DataError for
    a source key that the bibliography has not, OutputError without plotly where there is a figure to draw.
    """
    placed = anchored(fragments)
    sources = [source(key) for key in cited_sources(placed)]
    live = any(isinstance(it.figure, Figure) for it in placed)
    sections = _sections(placed)
    body = [
        f"<header><h1>{escape(title)}</h1>{_paragraphs(lead)}</header>",
        _contents(sections, bool(sources)),
        "<main>",
        *(_section(*it) for it in sections),
        _bibliography(sources),
        "</main>",
    ]
    if live:
        body.append("<noscript><p>Figures are drawn by the page: allow its scripts.</p></noscript>")
        body += [
            f"<script>{plotly_library(option)}</script>",
            f"<script>{_asset('page.js')}</script>",
        ]
    head = [
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        f'<meta name="generator" content="ytterby {ytterby.__version__}">',
        '<link rel="icon" href="data:,">',
        f"<title>{escape(title)}</title>",
        f"<style>{_asset('page.css')}</style>",
    ]
    return "\n".join(
        ["<!doctype html>", '<html lang="en"><head>', *head, "</head><body>", *body, "</body></html>\n"]
    )  # fmt: skip


def plotly_library(option: str = OPTION) -> str:
    """plotly.js, as the plotly package ships it; OutputError without the package."""
    try:
        shipped = files("plotly")
    except ImportError:
        fault = Fault(option, "no plotly", "the extra `report`", next="pip install ytterby[report]")
        raise OutputError(fault) from None
    return (shipped / "package_data" / "plotly.min.js").read_text(encoding="utf-8")


def _asset(name: str) -> str:
    return (files("ytterby") / "report" / "assets" / name).read_text(encoding="utf-8").strip()


Sections = list[tuple[str, str, list[Fragment]]]
"""Heading, anchor, fragments."""


def _sections(placed: Sequence[Fragment]) -> Sections:
    taken = {it.anchor for it in placed}
    return [
        (name, free_anchor(f"section {name}", taken), list(group))
        for name, group in groupby(placed, key=lambda it: it.section)
    ]


def _contents(sections: Sections, cited: bool) -> str:
    parts = []
    for name, anchor, fragments in sections:
        if name:
            parts.append(f'<p><a href="#{anchor}">{escape(name)}</a></p>')
        entries = "".join(
            f'<li><a href="#{it.anchor}">{escape(it.title)}</a></li>' for it in fragments
        )
        parts.append(f"<ol>{entries}</ol>")
    if cited:
        parts.append('<p><a href="#sources">Sources</a></p>')
    return f'<nav aria-label="Contents">{"".join(parts)}</nav>'


def _section(name: str, anchor: str, fragments: list[Fragment]) -> str:
    level = 3 if name else 2
    heading = f"<h2>{escape(name)}</h2>" if name else ""
    inside = "\n".join(_fragment(it, level) for it in fragments)
    return f'<section id="{anchor}">{heading}\n{inside}\n</section>'


def _fragment(fragment: Fragment, level: int) -> str:
    parts = [f'<article id="{fragment.anchor}">', f"<h{level}>{escape(fragment.title)}</h{level}>"]
    keys = frozenset(fragment.sources)
    if fragment.figure is None:
        parts.append(_paragraphs(fragment.caption, keys))
    else:
        caption = f"<figcaption>{_paragraphs(fragment.caption, keys)}</figcaption>"
        parts.append(f"<figure>{_picture(fragment.figure, fragment.anchor)}{caption}</figure>")
    parts += [_table(table, keys) for table in fragment.tables]
    if fragment.sources:
        parts.append(f'<p class="sources">Sources: {", ".join(map(_key, fragment.sources))}.</p>')
    return "\n".join([*filter(None, parts), "</article>"])


def _picture(figure: Figure | Drawing, anchor: str) -> str:
    if isinstance(figure, Drawing):
        return figure.svg
    described = f"{figure.title}: {'; '.join(panel.label for panel in figure.panels)}"
    text = json.dumps(plotly_figure(figure), allow_nan=False, separators=(",", ":"))
    held = text.replace("<", "\\u003c")  # nothing in it may end the script
    return (
        f'<div class="plot" id="{anchor}-figure" role="group" aria-label="{escape(described)}">'
        f'<script type="application/json">{held}</script></div>'
    )


def _table(table: Table, keys: frozenset[str]) -> str:
    note = f'<p class="note">{_linked(table.note, keys)}</p>' if table.note else ""
    if not table.rows:
        said = f": {_linked(table.note, keys)}" if table.note else ""
        return f"<p><strong>{escape(table.title)}</strong>{said}</p>"
    marks = [_mark(*it) for it in zip(table.numeric(), zip(*table.rows, strict=True), strict=True)]
    heads = _row("th", table.header, marks, COLUMN_SCOPE)
    units = f'<tr class="units">{_row("td", table.units, marks)}</tr>' if any(table.units) else ""
    rows = "\n".join(
        f"<tr>{_row('th', cells[:1], marks, ROW_SCOPE, keys)}"
        f"{_row('td', cells[1:], marks[1:], '', keys)}</tr>"
        for cells in table.rows
    )
    label = escape(table.title)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{label}"><table>'
        f"<caption>{label}</caption><thead><tr>{heads}</tr>{units}</thead>\n"
        f"<tbody>{rows}</tbody></table></div>{note}"
    )


def _mark(numeric: bool, cells: Sequence[str]) -> str:
    """The class of a column: numbers right, what is short on one line."""
    if numeric:
        return ' class="n"'
    return ' class="s"' if max(map(len, cells)) <= SHORT else ""


def _row(
    tag: str,
    cells: Sequence[str],
    marks: Sequence[str],
    scope: str = "",
    keys: frozenset[str] = frozenset(),
) -> str:
    pairs = zip(cells, marks, strict=False)
    return "".join(f"<{tag}{scope}{mark}>{_linked(cell, keys)}</{tag}>" for cell, mark in pairs)


def _paragraphs(text: str, keys: frozenset[str] = frozenset()) -> str:
    return "".join(f"<p>{_linked(line, keys)}</p>" for line in text.split("\n") if line)


def _linked(text: str, keys: frozenset[str]) -> str:
    """Text with every source key in it leading to the bibliography."""
    return KEY.sub(lambda it: _key(it[0]) if it[0] in keys else it[0], escape(text))


def _key(key: str) -> str:
    return f'<a href="#source-{key}">{key}</a>'


def _bibliography(sources: Sequence[Source]) -> str:
    if not sources:
        return ""
    entries = "\n".join(
        f'<li id="source-{it.key}">{WEB.sub(_web_link, escape(format_source(it)))}</li>'
        for it in sorted(sources, key=lambda it: it.key.casefold())
    )
    return (
        '<section id="sources"><h2>Sources</h2>\n'
        f'<ol class="bibliography">\n{entries}\n</ol></section>'
    )


def _web_link(found: re.Match[str]) -> str:
    address = found[0].rstrip(".,;)")
    return f'<a href="{address}">{address}</a>{found[0][len(address) :]}'
