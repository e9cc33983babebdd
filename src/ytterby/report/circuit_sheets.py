"""Solved circuits as sheets of a workbook: streams, stages, transfers, sources."""

from __future__ import annotations

from collections.abc import Callable

from ytterby.circuit.solved import SolvedCircuit, SolvedTrain
from ytterby.elements import by_extraction_order
from ytterby.materials import Stream, is_rare_earth
from ytterby.report.tables import shown_streams
from ytterby.report.workbook import Cell, Sheet, along, resting, sheet, source_sheet
from ytterby.study.run import Study


def study_sheets(study: Study) -> list[Sheet]:
    """Two sheets for every circuit, one for every train, then the sources."""
    circuits = study.circuits.values()
    return [
        *(it for solved in circuits for it in circuit_sheets(solved)),
        *map(_transfers, study.trains.values()),
        source_sheet(row for solved in circuits for row in circuit_rests_on(solved)),
    ]


def circuit_sheets(solved: SolvedCircuit) -> list[Sheet]:
    """Streams and stages of a circuit."""
    return [_streams(solved), _stages(solved)]


def circuit_rests_on(solved: SolvedCircuit) -> list[tuple[str, str, str]]:
    """Rows of the sheet of sources for a circuit."""
    return resting(solved.circuit.name, solved.sources, solved.weakest_basis, solved.assumptions)


def _streams(solved: SolvedCircuit) -> Sheet:
    symbols = by_extraction_order(solved.circuit.elements)
    rare = [symbol for symbol in symbols if is_rare_earth(symbol)]

    def role(stream: Stream) -> str:
        if stream.name in solved.outlets:
            return "outlet"
        return "inlet" if stream.name in solved.inlets else "inside"

    columns: list[tuple[str, str, Callable[[Stream], Cell]]] = [
        ("stream", "", lambda it: it.name),
        ("role", "", role),
        ("phase", "", lambda it: it.phase),
        ("flow", "m3/h", lambda it: it.flow),
        ("acid", "mol/L", lambda it: None if it.acid is None else it.acid / 1000.0),
        *((symbol, "kg/h oxide", lambda it, own=symbol: it.oxide(own)) for symbol in symbols),
        ("TREO", "kg/h REO", lambda it: it.treo()),
        *(
            (f"{symbol} purity", "share of TREO", lambda it, own=symbol: it.purity_reo(own))
            for symbol in rare
        ),
        *(
            (
                f"{symbol} recovery",
                "share of feed",
                lambda it, own=symbol: (
                    solved.recovery(own, it.name) if it.name in solved.outlets else None
                ),
            )
            for symbol in symbols
        ),
    ]
    return sheet(f"{solved.circuit.name} streams", columns, shown_streams(solved))


def _stages(solved: SolvedCircuit) -> Sheet:
    circuit, profiles = solved.circuit, solved.profiles
    sections, symbols = circuit.section_of_stage(), by_extraction_order(circuit.elements)
    phases = (("aqueous", profiles.aqueous), ("organic", profiles.organic))
    columns: list[tuple[str, str, Callable[[int], Cell]]] = [
        ("stage", "", lambda it: it + 1),
        ("section", "", lambda it: sections[it]),
        along("pH", "", profiles.ph),
        along("aqueous", "m3/h", profiles.aqueous_volume),
        along("organic", "m3/h", profiles.organic_volume),
        *(
            along(f"{symbol} {phase}", "mol/L", of[:, circuit.elements.index(symbol)] / 1000.0)
            for phase, of in phases
            for symbol in symbols
        ),
    ]
    return sheet(f"{circuit.name} stages", columns, range(circuit.stages))


def _transfers(solved: SolvedTrain) -> Sheet:
    return sheet(
        f"{solved.train.name} transfers",
        [
            ("from", "", lambda it: it[0].source),
            ("outlet", "", lambda it: it[0].outlet),
            ("to", "", lambda it: it[0].target),
            ("section", "", lambda it: it[0].place.section),
            ("stage", "", lambda it: it[0].place.stage),
            ("share", "of the outlet", lambda it: it[0].share),
            ("flow", "m3/h", lambda it: it[1].flow),
            ("TREO", "kg/h REO", lambda it: it[1].treo()),
        ],
        solved.transfers.items(),
    )
