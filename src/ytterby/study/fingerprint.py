"""What a result was computed from, as one hash: the program with its data, the case, its designs."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

import ytterby
from ytterby.case import Case

SUFFIXES = (".py", ".csv", ".toml", ".json", ".css", ".js")
"""Of the files of the program that results depend on."""


def fingerprint(case: Case, changes: Sequence[str] = ()) -> str:
    """Hash of the program with its data, the text of a case, keys changed in it, and its designs file.

    OSError if a file of the case is gone.
    """
    parts = [
        program_fingerprint().encode(),
        case.path.read_bytes(),
        *(change.encode() for change in changes),
    ]
    designs = case.plant.designs_file if case.plant else None
    if designs is not None and designs.exists():
        parts.append(designs.read_bytes())
    return _hash(parts)


@cache
def program_fingerprint() -> str:
    """Hash of the version, the code and the data of the program."""
    parts = [ytterby.__version__.encode()]
    for name, file in sorted(_files(files("ytterby"), "")):
        parts += [name.encode(), file.read_bytes()]
    return _hash(parts)


def _files(folder: Traversable, above: str) -> list[tuple[str, Traversable]]:
    """Files by their path below the program."""
    found: list[tuple[str, Traversable]] = []
    for it in folder.iterdir():
        if it.is_dir():
            found += _files(it, f"{above}{it.name}/")
        elif it.name.endswith(SUFFIXES):
            found.append((above + it.name, it))
    return found


def _hash(parts: Sequence[bytes]) -> str:
    """Of all parts, each with its length, so that none can pass for two."""
    found = hashlib.sha256()
    for part in parts:
        found.update(f"{len(part)}:".encode())
        found.update(part)
    return found.hexdigest()
