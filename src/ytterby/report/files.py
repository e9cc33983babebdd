"""Files that a command writes for the user: whole or not at all, never over another."""

from __future__ import annotations

import os
from pathlib import Path

from ytterby.errors import Fault, OutputError


def ready_to_write(path: Path, option: str, suffix: str) -> None:
    """Find out before the work whether a new file can be written there; OutputError if not."""
    if path.suffix != suffix:
        read, expected = f"a file called {path.name}", f"a name that ends in {suffix}"
        raise OutputError(Fault(option, read, expected, next=f"{option} {path.stem}{suffix}"))
    if path.exists():
        raise _refused(path, option, "a file of that name", "a free name")
    if not path.absolute().parent.is_dir():
        raise _refused(path, option, "no such directory", "a directory that exists")


def write_new(path: Path, option: str, content: str | bytes) -> None:
    """Write a file that must not exist yet; OutputError if it does or cannot be written."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.open("x").close()  # takes the name; nobody else's file is written over
        try:
            partial.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
            partial.replace(path)
        except BaseException:
            partial.unlink(missing_ok=True)
            path.unlink(missing_ok=True)
            raise
    except FileExistsError:
        raise _refused(path, option, "a file of that name", "a free name") from None
    except OSError as error:
        raise _refused(path, option, error.strerror or str(error), "a place to write") from None


def _refused(path: Path, option: str, read: str, expected: str) -> OutputError:
    return OutputError(Fault(str(path), read, expected, next=f"name another with {option}"))
