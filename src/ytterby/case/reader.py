"""Reads a case file: a whole `Case` comes back, or one CaseError with every fault of the file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ytterby.case import faults as located
from ytterby.case.audits import AuditPlan, read_audits
from ytterby.case.book import SUFFIX, Book, read_book
from ytterby.case.book_hints import in_cells
from ytterby.case.build import build
from ytterby.case.chains import ChainPlan, read_chain
from ytterby.case.changes import changed, told_of
from ytterby.case.check import check
from ytterby.case.designs import DesignPlan, read_designs
from ytterby.case.faults import Faults
from ytterby.case.fits import FitPlan, read_fits
from ytterby.case.lines import KeyPath, key_lines
from ytterby.case.plants import PlantPlan, read_plant
from ytterby.case.sequences import SequencePlan, read_sequences
from ytterby.case.starts import StartPlan, read_starts
from ytterby.circuit.circuit import Circuit, Train
from ytterby.errors import CaseError, Fault, nearest
from ytterby.quantities import quoted

LARGEST = 5_000_000
"""Bytes of a case file."""
LONGEST_LINE = 1_000
"""Characters of a line of it."""


@dataclass(frozen=True)
class Case:
    """A case file that was read: values canonical, names resolved, nothing solved."""

    path: Path
    title: str
    circuits: Mapping[str, Circuit]
    """By name, in the order of the file, those of trains among them."""
    trains: Mapping[str, Train]
    """Circuits that feed each other, by name of the train."""
    fits: Mapping[str, FitPlan]
    """Constants to be fitted to shake-outs, by name."""
    starts: Mapping[str, StartPlan]
    """Circuits that run through time, by name."""
    designs: Mapping[str, DesignPlan]
    """Cuts to be designed, by name."""
    sequences: Mapping[str, SequencePlan]
    """Orders of cuts to be ranked and designed, by name."""
    plant: PlantPlan | None
    """The whole plant, if the case has one."""
    audits: Mapping[str, AuditPlan]
    """Announcements to be audited, by name."""
    chain: ChainPlan | None
    """The supply chain, if the case has one."""
    lines: Mapping[KeyPath, int] = field(repr=False)
    """Line of each key, for messages about it."""

    @property
    def alone(self) -> Mapping[str, Circuit]:
        """Circuits that are in no train, by name."""
        inside = {circuit.name for train in self.trains.values() for circuit in train.circuits}
        return {name: it for name, it in self.circuits.items() if name not in inside}

    def where(self, path: str) -> str:
        """Place of a key, e.g. ``tb-dy.toml line 12, circuits.tb-dy.organic.saponification``.

        A key that is not written stands where its table does.
        """
        return located.where(_shown(self.path), tuple(path.split(".")), self.lines)


def read(path: str | Path, changes: Sequence[str] = ()) -> Case:
    """The case of a TOML file or workbook, keys changed as ``plant.medium=chloride`` says.

    CaseError with all faults.
    """
    with told_of(changes):
        data = _data(Path(path))
        if Path(path).suffix.lower() == SUFFIX:
            book = read_book(data, _shown(path))
            return _case(book.tree, book.places, path, changes, book)
        return read_text(_decoded(data, _shown(path)), path, changes)


def read_text(text: str, path: str | Path = "case.toml", changes: Sequence[str] = ()) -> Case:
    """The case of a TOML text; ``path`` names it in messages."""
    return _case(*_toml(text, _shown(path)), path, changes)


def _case(
    tree: Mapping[str, Any],
    lines: Mapping[KeyPath, int],
    path: str | Path,
    changes: Sequence[str],
    book: Book | None = None,
) -> Case:
    """The case of a tree of values; faults of the cells of a ``book`` are told with the others."""
    tree = changed(tree, changes)
    faults = Faults(_shown(path), lines, Path(path).parent)
    if book is not None:
        faults.found += book.found
        faults.said = in_cells
    checked = check(tree, faults)
    built = build(checked, faults)
    fits = read_fits(checked, faults)
    starts = read_starts(checked, built.circuits, built.trains, faults)
    designs = read_designs(checked, faults)
    sequences = read_sequences(checked, faults)
    plant = read_plant(checked, faults)
    audits = read_audits(checked, faults)
    chain = read_chain(checked, faults)
    faults.raise_all()
    return Case(
        path=Path(path),
        title=checked["title"] or "",
        circuits=built.circuits,
        trains=built.trains,
        fits=fits,
        starts=starts,
        designs=designs,
        sequences=sequences,
        plant=plant,
        audits=audits,
        chain=chain,
        lines=lines,
    )


def _shown(path: str | Path) -> str:
    """The path for a message: on one line."""
    return quoted(str(path), 300)[1:-1]


def _data(path: Path) -> bytes:
    """The bytes of a case, one more than may be if there are too many."""
    try:
        if not path.is_file():
            raise _not_a_file(path)
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except OSError as error:
        raise _refused(
            _shown(path), error.strerror or str(error), "a file that can be read"
        ) from None


def _refused(where: str, read: str, expected: str, close: str = "", next: str = "") -> CaseError:
    next = next or "check the path of the case file"
    return CaseError(Fault(where, read, expected, close, next))


def _not_a_file(path: Path) -> CaseError:
    expected = "a case file (TOML)"
    if path.is_dir():
        inside = next((file.name for file in sorted(path.glob("*.toml"))), "")
        return _refused(_shown(path), "a directory", expected, inside, "name a file in it")
    if path.exists():
        return _refused(_shown(path), "something that is not a regular file", expected)
    beside = path.parent.glob("*.toml") if path.parent.is_dir() else ()
    close = nearest(path.name, (file.name for file in beside))
    return _refused(_shown(path), "no such file", expected, close)


def _decoded(data: bytes, name: str) -> str:
    """The text of a file of at most ``LARGEST`` bytes."""
    if len(data) > LARGEST:
        size = f"more than {LARGEST:,} bytes"
        raise _refused(name, size, f"at most {LARGEST:,} bytes", next="is this a case file?")
    if not data.strip():
        raise _refused(name, "an empty file", "a case file (TOML)", next="add schema_version = 1")
    try:
        text, bad = data.decode("utf-8-sig"), data.find(b"\0")
    except UnicodeDecodeError as error:
        text, bad = "", error.start
    if bad < 0:
        return text
    line = data.count(b"\n", 0, bad) + 1
    read = f"the byte 0x{data[bad]:02x}, which is not text in UTF-8"
    raise _refused(
        f"{name} line {line}", read, "text in UTF-8", next="save it as plain text in UTF-8"
    )


def _check_lines(text: str, name: str) -> None:
    """Refuse lines that are long enough to keep tomllib busy for minutes."""
    for number, line in enumerate(text.split("\n"), start=1):
        if len(line) > LONGEST_LINE:
            read = f"a line of {len(line):,} characters"
            expected = f"lines of at most {LONGEST_LINE:,} characters"
            raise _refused(f"{name} line {number}", read, expected, next="break the line")


def _toml(text: str, name: str) -> tuple[dict[str, Any], dict[KeyPath, int]]:
    """The values of a TOML text and the line of each key."""
    _check_lines(text, name)
    try:
        return tomllib.loads(text), key_lines(text)
    except RecursionError:
        read, expected = "lists in lists, too deep to be read", "a case file (TOML)"
        raise _refused(name, read, expected, next="remove the nested brackets") from None
    except ValueError as error:  # TOMLDecodeError, or an integer of thousands of digits
        raise _syntax(text, name, str(error)) from None


def _syntax(text: str, name: str, message: str) -> CaseError:
    """A fault that shows the line that tomllib stumbled over."""
    match = re.search(r" \((?:at line (\d+), column \d+|at end of document)\)$", message)
    rows = text.split("\n")
    number = int(match[1]) if match and match[1] else len(text.rstrip().split("\n"))
    said = message[: match.start()] if match else message
    return _refused(
        f"{name} line {number}",
        quoted(rows[number - 1].strip()),
        f"TOML ({said[:1].lower()}{said[1:]})",
        next="mend this line or the one above it; text needs quotation marks",
    )
