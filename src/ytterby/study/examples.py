"""The commented example cases, as shipped: a whole plant, one with metal next door, one circuit, a chain."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ytterby.errors import Fault, OutputError


@dataclass(frozen=True)
class Example:
    """A case that can be copied."""

    name: str
    about: str
    files: tuple[str, ...]
    """Below the folder of examples; the case first, then what lies beside it."""
    command: str
    """What to do with the case."""


PLANT = Example(
    "plant",
    "the refinery at Lacq, with the designs of its circuits",
    ("lacq/lacq.toml", "lacq/designs.toml"),
    "run",
)
METAL = Example(
    "metal",
    "that refinery with metal, alloy and magnets next door",
    ("lacq/metal.toml", "lacq/designs.toml"),
    "run",
)
CIRCUIT = Example("circuit", "one circuit, terbium from dysprosium", ("tb-dy.toml",), "circuit")
CHAIN = Example(
    "chain",
    "the chain around that refinery, backward from customers",
    ("lacq-chain/lacq-chain.toml", "lacq-chain/suppliers.csv", "lacq-chain/evidence.csv"),
    "chain match",
)
EXAMPLES = (PLANT, METAL, CIRCUIT, CHAIN)


def example_text(file: str) -> str:
    """Text of one file of the examples."""
    return (_directory() / file).read_text(encoding="utf-8")


def copy_example(directory: Path, example: Example = PLANT) -> tuple[Path, ...]:
    """Paths of an example's files, the case first, written into ``directory``, which is made if missing.

    OutputError if a file is in the way or cannot be written; then none of them is left behind.
    """
    written: list[Path] = []
    target = directory
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for file in example.files:
            target = directory / Path(file).name
            _write_new(target, example_text(file))
            written.append(target)
    except OSError as error:
        for path in written:
            path.unlink()
        if isinstance(error, FileExistsError):
            what = target if directory.is_dir() else directory
            raise _refused(what, "a file of that name", "a free name") from None
        raise _refused(target, error.strerror or str(error), "a place to write") from None
    return tuple(written)


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
