"""The bibliography: every key that a shipped number names, and how far its source was read."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any

from ytterby.errors import DataError, Fault, nearest
from ytterby.quantities import quoted

READ_STATUS: Mapping[str, str] = MappingProxyType(
    {
        "read": "Read{via}.",
        "secondary": "Read second-hand{via}, not in the original.",
        "cited": "Named, its numbers not read.",
        "recalled": "Recalled from memory, not read.",
        "derived": "Computed here.",
        "gap": "No source.",
    }
)
"""How far a source was read, and how a reference line says so."""

_FORMAT = "see data/README.md for the format"


@dataclass(frozen=True)
class Source:
    """One entry of the bibliography."""

    key: str
    kind: str
    """Article, book, report, repository, ..."""
    citation: str
    read_status: str
    """One of ``READ_STATUS``."""
    doi_or_url: str = ""
    read_via: str = ""
    """Where it was read, if not in the original: another key, or a file of a repository."""
    note: str = ""


def source(key: str) -> Source:
    """The source of that key; DataError if the bibliography has none."""
    known = _bibliography()
    if key not in known:
        raise DataError(
            Fault(
                where="source",
                read=quoted(key),
                expected="a key of data/sources.toml",
                nearest=nearest(key, known),
                next="list all keys with ytterby.sources.all_sources()",
            )
        )
    return known[key]


def all_sources() -> tuple[Source, ...]:
    """The whole bibliography, by key."""
    return tuple(_bibliography().values())


def format_source(entry: Source) -> str:
    """One reference line: key, citation, link, and how far it was read."""
    link = entry.doi_or_url
    if link.startswith("10."):
        link = f"https://doi.org/{link}"
    via = f" ({entry.read_via})" if entry.read_via else ""
    status = READ_STATUS[entry.read_status].format(via=via)
    citation = entry.citation.rstrip(".") + "."
    return " ".join(filter(None, (f"[{entry.key}]", citation, link, status)))


def read_sources(path: Traversable) -> dict[str, Source]:
    """Bibliography of a TOML file, one table per key; DataError with every fault in it."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise DataError(
            Fault(
                str(path), str(error), "TOML, one table per source key, no key twice", next=_FORMAT
            )
        ) from None
    if faults := [fault for key, entry in tables.items() for fault in _faults(path, key, entry)]:
        raise DataError(faults)
    return {key: Source(key=key, **tables[key]) for key in sorted(tables, key=str.casefold)}


def _faults(path: Traversable, key: str, entry: Any) -> list[Fault]:
    where = f"{path}, {key}"
    if not isinstance(entry, dict):
        return [Fault(where, quoted(entry), "a table such as [T21]", next=_FORMAT)]
    names = {field.name for field in fields(Source)} - {"key"}
    faults = [
        Fault(f"{where}.{name}", quoted(name), "one of: " + ", ".join(sorted(names)), next=_FORMAT)
        for name in entry.keys() - names
    ]
    faults += [
        Fault(f"{where}.{name}", quoted(entry[name]), "text", next=_FORMAT)
        for name in entry.keys() & names
        if not isinstance(entry[name], str)
    ]
    faults += [
        Fault(f"{where}.{name}", "nothing", "text", next=_FORMAT)
        for name in ("kind", "citation", "read_status")
        if not entry.get(name)
    ]
    if entry.get("read_status") not in (None, "", *READ_STATUS):
        read = quoted(entry["read_status"])
        expected = "one of: " + ", ".join(READ_STATUS)
        faults.append(Fault(f"{where}.read_status", read, expected, next=_FORMAT))
    return faults


@cache
def _bibliography() -> Mapping[str, Source]:
    return MappingProxyType(read_sources(files("ytterby") / "data" / "sources.toml"))
