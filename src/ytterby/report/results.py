"""The folder of results of a plant: tables, a document, a workbook, a page; and whether one still holds.

All is made first, in a folder of its own within; then each file takes its place, the document last. A folder
without the document, or with a file that is not the one it names, is not a result.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ytterby.case import Case
from ytterby.case.stored import StoredDesigns, read_designs_file
from ytterby.elements import RARE_EARTHS
from ytterby.errors import CaseError, Fault, OutputError
from ytterby.flowsheet import OUTSIDE
from ytterby.materials import species
from ytterby.report.fragments import Fragment
from ytterby.report.page import page, plotly_library
from ytterby.report.plant import all_sources
from ytterby.report.plant_document import FORMAT, circuits_document, plant_document
from ytterby.report.plant_fragments import plant_fragments
from ytterby.report.plant_streams import LabelledStream, has_oxide, labelled, shown_order
from ytterby.report.workbook import Cell, Sheet, resting, source_sheet, workbook
from ytterby.study.plant import PlantStudy
from ytterby.unitops import StoredCut

OPTION = "--out"
DOCUMENT = "result.json"
STREAMS, ELEMENTS, UNITS = "streams.parquet", "elements.parquet", "units.parquet"
CIRCUITS, BOOK, PAGE, TEXT = "circuits.json", "streams.xlsx", "report.html", "tables.txt"
FILES = (STREAMS, ELEMENTS, UNITS, CIRCUITS, BOOK, PAGE, TEXT)
"""All but the document, which names them with their hashes."""
IN_PROGRESS = "designs-in-progress.toml"
WORK = ".writing-"
"""How the folder begins in which files are made."""
_INPUTS = "# For: "


@dataclass(frozen=True)
class Origin:
    """What a result was computed from."""

    inputs: str
    """Hash of program, data, case and designs."""
    changes: tuple[str, ...] = ()
    """Keys of the case changed, as ``KEY=VALUE``."""


def ready_for_results(directory: Path) -> None:
    """Find out before the work whether results can be made and written there; OutputError if not."""
    for module, extra in (("polars", "plant"), ("openpyxl", "excel")):
        _needed(module, extra)
    if directory.exists() and not directory.is_dir():
        raise _refused(directory, "a file of that name", "a free name, or a folder of results")
    if directory.is_dir():
        strange = sorted(it.name for it in directory.iterdir() if not _is_ours(it.name))
        if strange:
            read = f"a folder with {strange[0]} in it"
            raise _refused(directory, read, "a new folder, or one with results alone")
    standing = next(it for it in (directory, *directory.absolute().parents) if it.exists())
    if not os.access(standing, os.W_OK):
        raise _refused(directory, f"no right to write in {standing}", "a place to write")
    plotly_library(OPTION)


def _needed(module: str, extra: str) -> None:
    """OutputError if a library is not there that the files are made with."""
    if find_spec(module) is None:
        fault = Fault(
            OPTION, f"no {module}", f"the extra `{extra}`", next=f"pip install ytterby[{extra}]"
        )
        raise OutputError(fault)


def _is_ours(name: str) -> bool:
    return name in (*FILES, DOCUMENT, IN_PROGRESS) or name.startswith(WORK)


def write_results(
    study: PlantStudy,
    case: Case,
    directory: Path,
    origin: Origin,
    text: str,
    more: Iterable[Fragment] = (),
) -> dict[str, Any]:
    """Write all files of a solved plant; the document comes back. OutputError if one cannot be written.

    ``text``: the tables as the terminal shows them, kept so that an unchanged run can show them again.
    ``more``: what the report has beside the plant, such as an audit.
    """
    document = plant_document(study, case)
    contents: dict[str, bytes] = {
        STREAMS: _parquet(stream_rows(study)),
        ELEMENTS: _parquet(element_rows(study)),
        UNITS: _parquet(unit_rows(document)),
        CIRCUITS: _json(circuits_document(study)),
        BOOK: workbook([*stream_sheets(study), _sources(study)], OPTION),
        PAGE: page(
            case.title or study.balance.flowsheet.name,
            [*plant_fragments(study), *more],
            f"From {case.path}, by ytterby {document['ytterby']}.",
            OPTION,
        ).encode(),
        TEXT: text.encode(),
    }
    document["run"] = {
        "inputs": origin.inputs,
        "changes": list(origin.changes),
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()},
    }
    document["run"]["digest"] = _digest(document)
    contents[DOCUMENT] = _json(document)
    place(contents, directory, DOCUMENT)
    return document


def stored_results(directory: Path) -> dict[str, Any] | None:
    """The document of a folder whose files are all as they were written; None if there is no such thing."""
    try:
        document = json.loads((directory / DOCUMENT).read_text("utf-8"))
        if document["format"] != FORMAT or document["run"]["digest"] != _digest(document):
            return None
        for name in FILES:
            content = (directory / name).read_bytes()
            if hashlib.sha256(content).hexdigest() != document["run"]["files"][name]:
                return None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    found: dict[str, Any] = document
    return found


def stored_text(directory: Path) -> str:
    """The tables of a folder of results as the terminal showed them."""
    return (directory / TEXT).read_text("utf-8")


@dataclass
class DesignsInProgress:
    """Designs as they are made, so that an interrupted run goes on where it was."""

    directory: Path
    medium: str
    inputs: str
    """They are good only for a run of the same."""

    @property
    def path(self) -> Path:
        """Where they stand."""
        return self.directory / IN_PROGRESS

    def made(self) -> Mapping[str, StoredCut]:
        """By unit; none if there are none, or of another run."""
        try:
            with self.path.open(encoding="utf-8") as file:
                if file.readline() != f"{_INPUTS}{self.inputs}\n":
                    return {}
            return read_designs_file(self.path).by_medium.get(self.medium, {})
        except (OSError, CaseError):
            return {}

    def keep(self, unit: str, design: StoredCut) -> None:
        """Add one; OutputError if it cannot be written."""
        designs = StoredDesigns({self.medium: {**self.made(), unit: design}})
        write_over(self.path, f"{_INPUTS}{self.inputs}\n{designs.text()}")

    def done(self) -> None:
        """They are no longer needed."""
        self.path.unlink(missing_ok=True)


def write_over(path: Path, text: str) -> None:
    """Put a text in the place of a file, whole or not at all; OutputError if it cannot."""
    partial = path.with_name(f"{WORK}{os.getpid()}-{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            partial.write_text(text, encoding="utf-8")
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise _refused(path, error.strerror or str(error), "a place to write") from None


Rows = Mapping[str, Sequence[Any]]
"""A table by columns."""


def stream_rows(study: PlantStudy) -> Rows:
    """Every species of every stream: from, to, kind, amount [mol/h], mass [kg/h]."""
    cells = [
        (it.label, it.source, it.target, it.kind, it.end, it.flow.state, name, amount,
         amount * species(name).molar_mass)
        for it in labelled(study.balance)
        for name, amount in it.flow.amounts.items()
        if amount > 0.0
    ]  # fmt: skip
    names = ("stream", "source", "target", "kind", "end", "state", "species", "mol_per_h",
             "kg_per_h")  # fmt: skip
    return _columns(names, cells)


def element_rows(study: PlantStudy) -> Rows:
    """Every element of every stream: amount [mol/h], mass [kg/h], as its oxide as traded [kg/h] if any."""
    cells = [
        (
            it.label,
            symbol,
            moles,
            moles * species(symbol).molar_mass,
            it.flow.oxide(symbol) if has_oxide(symbol) else None,
        )
        for it in labelled(study.balance)
        for symbol, moles in _atoms(it)
    ]
    return _columns(("stream", "element", "mol_per_h", "kg_per_h", "oxide_kg_per_h"), cells)


def _atoms(it: LabelledStream) -> Iterator[tuple[str, float]]:
    atoms = it.flow.atoms()
    for symbol in shown_order(atoms):
        if atoms[symbol] > 0.0:
            yield symbol, atoms[symbol]


def unit_rows(document: Mapping[str, Any]) -> Rows:
    """What each unit draws, takes, holds, consists of and rests on: one number a row, with its unit."""
    cells: list[tuple[Any, ...]] = []
    for unit in document["units"]:
        name = unit["unit"]
        cells += [
            (name, "drawn", reagent, mass, "kg/h", None, "")
            for reagent, mass in unit["drawn_kg_per_h"].items()
        ]
        cells += [
            (name, "driver", "electricity", unit["electricity_kw"], "kW", None, ""),
            (name, "driver", "fuel", unit["fuel_kw"], "kW", None, ""),
            (name, "driver", "steam", unit["steam_kg_per_h"], "kg/h", None, ""),
            (name, "driver", "posts", unit["posts"], "people", None, ""),
            (name, "held", "organic", unit["organic_m3"], "m3", None, ""),
        ]
        cells += [
            (name, "held", metal, moles, "mol", None, "")
            for metal, moles in unit["held_mol"].items()
        ]
        cells += [
            (name, "equipment", it["item"], it["size"], it["unit"], it["number"], it["because"])
            for it in unit["equipment"]
        ]
        cells += [
            (name, "setting", it["setting"], it["value"], it["unit"], None, ", ".join(it["source"]))
            for it in unit["settings"]
        ]
    names = ("unit", "what", "item", "value", "measure", "number", "because")
    return _columns(names, cells)


def _columns(names: Sequence[str], cells: Sequence[tuple[Any, ...]]) -> Rows:
    """Rows as columns; no rows at all are empty columns."""
    columns = list(zip(*cells, strict=True)) if cells else [()] * len(names)
    return dict(zip(names, columns, strict=True))


NUMBERS = ("mol_per_h", "kg_per_h", "oxide_kg_per_h", "value")


def _parquet(rows: Rows) -> bytes:
    """A table as a Parquet file."""
    import io

    import polars

    types = {
        name: polars.Float64
        if name in NUMBERS
        else polars.Int64
        if name == "number"
        else polars.String
        for name in rows
    }
    packed = io.BytesIO()
    polars.DataFrame(dict(rows), schema=types).write_parquet(packed)
    return packed.getvalue()


CHECK_NOTE = (
    "total: all elements of the sheet, in \"oxide\" rare earths alone; check: total less the same from the "
    "species themselves"
)  # fmt: skip


def stream_sheets(study: PlantStudy) -> list[Sheet]:
    """Streams across, elements down: as oxides, as elements, as amounts; each with totals and a check."""
    streams = labelled(study.balance)
    tonnes = study.hours / 1000.0
    oxides = {
        symbol: [tonnes * it.flow.oxide(symbol) for it in streams]
        for symbol in _there(streams)
        if has_oxide(symbol)
    }
    metals = {
        symbol: [tonnes * it.flow.of(symbol) * species(symbol).molar_mass for it in streams]
        for symbol in _there(streams)
    }
    moles = {symbol: [it.flow.of(symbol) for it in streams] for symbol in _there(streams)}
    return [
        _sheet(study, "oxides", "t/y", oxides, [tonnes * it.flow.treo() for it in streams]),
        _sheet(study, "elements", "t/y", metals, [tonnes * it.flow.mass() for it in streams]),
        _sheet(study, "amounts", "mol/h", moles, [_atom_count(it) for it in streams]),
    ]


def _there(streams: Iterable[LabelledStream]) -> tuple[str, ...]:
    return shown_order(
        {symbol for it in streams for symbol, there in it.flow.atoms().items() if there > 0.0}
    )


def _atom_count(it: LabelledStream) -> float:
    """Of all species together [mol/h]."""
    return math.fsum(
        amount * sum(species(name).atoms.values()) for name, amount in it.flow.amounts.items()
    )


def _sheet(
    study: PlantStudy,
    title: str,
    unit: str,
    numbers: Mapping[str, Sequence[float]],
    whole: Sequence[float],
) -> Sheet:
    """Rows of where streams come from and go to, of elements, of totals, of the check against ``whole``."""
    streams = labelled(study.balance)
    counted = [name for name in numbers if title != "oxides" or name in RARE_EARTHS]
    totals = [math.fsum(numbers[name][place] for name in counted) for place in range(len(streams))]
    check = [total - other for total, other in zip(totals, whole, strict=True)]
    rows: list[tuple[Cell, ...]] = [
        ("from", *(it.source for it in streams), None),
        ("to", *(it.target for it in streams), None),
        ("kind", *(it.kind for it in streams), None),
        *((name, *values, _closure(streams, values)) for name, values in numbers.items()),
        ("total REE" if title == "oxides" else "total", *totals, _closure(streams, totals)),
        ("check", *check, None),
    ]
    header = ("element", *(it.label for it in streams), "(out - in) / in")
    return Sheet(title, header, ("", *(unit,) * len(streams), "-"), tuple(rows))


def _closure(streams: Sequence[LabelledStream], values: Sequence[float]) -> float | None:
    """What leaves the plant less what enters, over what enters; None if nothing does."""
    pairs = list(zip(streams, values, strict=True))
    came = math.fsum(value for it, value in pairs if it.source == OUTSIDE)
    went = math.fsum(value for it, value in pairs if it.target == OUTSIDE)
    return (went - came) / came if came > 0.0 else None


def _sources(study: PlantStudy) -> Sheet:
    name = study.balance.flowsheet.name
    return source_sheet([(name, "totals", CHECK_NOTE), *resting(name, all_sources(study))])


def _json(document: Mapping[str, Any]) -> bytes:
    return (json.dumps(document, indent=1, allow_nan=False) + "\n").encode()


def _digest(document: Mapping[str, Any]) -> str:
    """Hash of a document without its own digest."""
    run = {key: value for key, value in document["run"].items() if key != "digest"}
    text = json.dumps({**document, "run": run}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def place(contents: Mapping[str, bytes], directory: Path, document: str) -> None:
    """Write all files beside their places, then move them there; the document, gone meanwhile, is the last.

    OutputError if one cannot be written.
    """
    work = directory / f"{WORK}{os.getpid()}"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        try:
            work.mkdir()
            for name, content in contents.items():
                (work / name).write_bytes(content)
            (directory / document).unlink(missing_ok=True)
            for name in contents:  # the document is the last of them
                (work / name).replace(directory / name)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    except OSError as error:
        raise _refused(directory, error.strerror or str(error), "a place to write") from None


def _refused(path: Path, read: str, expected: str) -> OutputError:
    return OutputError(Fault(str(path), read, expected, next=f"name another with {OPTION}"))
