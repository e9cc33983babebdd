"""The reference page of the case file, written from the schema."""

from __future__ import annotations

from itertools import groupby

from ytterby.case.schema import TYPE_WORDS, Row, alternatives, rows

_HEAD = """\
# Case file

<!-- Generated from src/ytterby/case/schema.csv; a test compares the two. -->

A case file is TOML, in UTF-8. Quantities are text with a unit, as on the page on [units](units.md);
a fraction may be a bare number. A key that is not listed here is refused, and all faults of a file
are reported together. NAME and LABEL stand for names of your own, ELEMENT for symbols such as Tb.
"""


def reference_page() -> str:
    """Markdown of ``docs/reference/case-file.md``."""
    keys = [row for row in rows() if row.type != "table"]
    sections = [_section(table, list(group)) for table, group in groupby(keys, _table_of)]
    return "\n".join([_HEAD, *sections])


def _table_of(row: Row) -> str:
    return row.path.removesuffix(row.key).rstrip(".")


def _section(table: str, keys: list[Row]) -> str:
    """Heading, what the tables are, and one line per key."""
    tables = alternatives(table) if table else []
    lines = ["## " + (" ".join(f"`[{name}]`" for name in tables) or "At the top"), ""]
    lines += [_about(row) for row in rows() if not {*alternatives(row.path)}.isdisjoint(tables)]
    lines += [""] if len(lines) > 2 else []
    lines += ["| Key | Value | Default | Range | Meaning |", "| --- | --- | --- | --- | --- |"]
    lines += [_line(row) for row in keys]
    return "\n".join([*lines, ""])


def _about(row: Row) -> str:
    names = ", ".join(f"`[{name}]`" for name in alternatives(row.path))
    return f"- {names}{' (required)' if row.required else ''}: {row.description}."


def _line(row: Row) -> str:
    value = row.dimension or TYPE_WORDS[row.type]
    default = "required" if row.required else f"`{row.toml(row.default)}`" if row.default else ""
    written = (choice if row.type == "integer" else f'"{choice}"' for choice in row.choices)
    allowed = ", ".join(f"`{choice}`" for choice in written) or row.range
    example = f"`{row.toml(row.example)}`"
    cells = (f"`{row.key}`", f"{value}, such as {example}", default, allowed, row.description)
    return "| " + " | ".join(cells) + " |"
