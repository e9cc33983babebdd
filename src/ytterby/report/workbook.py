"""Solved circuits as an XLSX workbook: streams, stages and sources, each with a row of units."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterable, Sequence

from ytterby.circuit.solved import SolvedCircuit
from ytterby.elements import by_extraction_order
from ytterby.errors import Fault, OutputError
from ytterby.materials import is_rare_earth
from ytterby.report.tables import shown_streams
from ytterby.sources import format_source, source

LONGEST_TITLE = 31
"""Characters of the name of a sheet that spreadsheets take."""
Cell = str | float | int | None
Sheet = tuple[str, list[list[Cell]]]
"""Name, then rows: header, units, values."""


def circuit_sheets(solved: SolvedCircuit) -> list[Sheet]:
    """Streams and stages of a circuit; numbers, not text, below a row of units."""
    return [_streams(solved), _stages(solved)]


def workbook(circuits: Iterable[SolvedCircuit], option: str = "--xlsx") -> bytes:
    """The bytes of a workbook with all circuits and their sources; OutputError without openpyxl."""
    try:
        from openpyxl import Workbook
        from openpyxl.styles import Font
    except ImportError:
        fault = Fault(option, "no openpyxl", "the extra `excel`", next="pip install ytterby[excel]")
        raise OutputError(fault) from None
    solved = list(circuits)
    sheets = [sheet for each in solved for sheet in circuit_sheets(each)]
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in [*sheets, _sources(solved)]:
        sheet = book.create_sheet(_free_title(title, book.sheetnames))
        for row in rows:
            sheet.append(row)
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        for cell in sheet[2]:
            cell.font = Font(italic=True)
        sheet.freeze_panes = "B3"
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def _streams(solved: SolvedCircuit) -> Sheet:
    symbols = by_extraction_order(solved.circuit.elements)
    rare = [symbol for symbol in symbols if is_rare_earth(symbol)]
    header = [
        "stream",
        "role",
        "phase",
        "flow",
        "acid",
        *symbols,
        "TREO",
        *[f"{it} purity" for it in rare],
    ]
    units = ["", "", "", "m3/h", "mol/L", *["kg/h oxide"] * len(symbols), "kg/h REO"]
    rows: list[list[Cell]] = [[*header], [*units, *["share of TREO"] * len(rare)]]
    for stream in shown_streams(solved):
        role = "inlet" if stream.name in solved.inlets else "inside"
        rows.append(
            [
                stream.name,
                "outlet" if stream.name in solved.outlets else role,
                stream.phase,
                stream.flow,
                None if stream.acid is None else _number(stream.acid / 1000.0),
                *[stream.oxide(symbol) for symbol in symbols],
                stream.treo(),
                *[_number(stream.purity_reo(symbol)) for symbol in rare],
            ]
        )
    return f"{solved.circuit.name} streams", rows


def _stages(solved: SolvedCircuit) -> Sheet:
    circuit, profiles = solved.circuit, solved.profiles
    symbols = by_extraction_order(circuit.elements)
    order = [circuit.elements.index(symbol) for symbol in symbols]
    phases = [f"{symbol} {phase}" for phase in ("aqueous", "organic") for symbol in symbols]
    rows: list[list[Cell]] = [
        ["stage", "section", "pH", "aqueous", "organic", *phases],
        ["", "", "", "m3/h", "m3/h", *["mol/L"] * len(phases)],
    ]
    for number, section in enumerate(circuit.section_of_stage()):
        metals = [*profiles.aqueous[number, order], *profiles.organic[number, order]]
        rows.append(
            [
                number + 1,
                section,
                _number(float(profiles.ph[number])),
                float(profiles.aqueous_volume[number]),
                float(profiles.organic_volume[number]),
                *[float(value) / 1000.0 for value in metals],
            ]
        )
    return f"{circuit.name} stages", rows


def _sources(circuits: Sequence[SolvedCircuit]) -> Sheet:
    rows: list[list[Cell]] = [["circuit", "rests on", "what"], ["", "", ""]]
    for solved in circuits:
        name = solved.circuit.name
        rows.append([name, "weakest basis", solved.weakest_basis])
        rows += [[name, "assumed", assumption] for assumption in solved.assumptions]
        rows += [[name, key, format_source(source(key))] for key in solved.sources]
    return "sources", rows


def _number(value: float) -> Cell:
    """A share of nothing, an acid that the model lacks, is an empty cell."""
    return None if math.isnan(value) else value


def _free_title(title: str, taken: Sequence[str]) -> str:
    """A name that a sheet may have and no other has, case aside."""
    plain = re.sub(r"[\[\]:*?/\\]", "-", title)[:LONGEST_TITLE]
    known = {name.casefold() for name in taken}
    number, free = 1, plain
    while free.casefold() in known:
        number += 1
        ending = f" {number}"
        free = plain[: LONGEST_TITLE - len(ending)] + ending
    return free
