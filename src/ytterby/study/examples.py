"""The commented example case, as shipped."""

from __future__ import annotations

from pathlib import Path

from ytterby.errors import Fault, OutputError

EXAMPLE = "tb-dy.toml"


def example_text() -> str:
    """Text of the example case."""
    return (_directory() / EXAMPLE).read_text(encoding="utf-8")


def copy_example(directory: Path) -> Path:
    """Write the example into ``directory``, made if missing; OutputError if a file is in the way."""
    target = directory / EXAMPLE
    try:
        directory.mkdir(parents=True, exist_ok=True)
        _write_new(target, example_text())
    except FileExistsError:
        what = target if directory.is_dir() else directory
        raise _refused(what, "a file of that name", "a free name") from None
    except OSError as error:
        raise _refused(target, error.strerror or str(error), "a place to write") from None
    return target


def _write_new(target: Path, text: str) -> None:
    """Write a file that must not exist yet; nothing half remains if it fails."""
    file = target.open("x", encoding="utf-8")
    try:
        with file:  # a full disk may only show when the file is closed
            file.write(text)
    except BaseException:
        target.unlink()
        raise


def _refused(where: Path, read: str, expected: str) -> OutputError:
    return OutputError(Fault(str(where), read, expected, next="choose another directory"))


def _directory() -> Path:
    """Packaged beside the code; in a working copy the examples stand at its top."""
    package = Path(__file__).parents[1]
    packaged = package / "examples"
    return packaged if packaged.is_dir() else package.parents[1] / "examples"
