"""A solved circuit as a JSON document; layout in ``data/schemas/circuit-result-1.json``."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import ytterby
from ytterby.case import Case
from ytterby.circuit.solved import OutOfRange, SolvedCircuit, SolvedTrain
from ytterby.elements import acid_mass, reagent_mass, weights_version
from ytterby.errors import Fault
from ytterby.materials import Stream, is_rare_earth
from ytterby.report.tables import shown_streams
from ytterby.sources import format_source, source

FORMAT = "ytterby.circuit-result"
VERSION = 1
"""Raised when a key is removed or changes its meaning; keys may be added without."""


def circuit_document(solved: SolvedCircuit) -> dict[str, Any]:
    """Everything of a solved circuit as plain JSON values; units stand in the keys."""
    circuit = solved.circuit
    return {
        "format": FORMAT,
        "version": VERSION,
        "ytterby": ytterby.__version__,
        "circuit": circuit.name,
        "verdict": solved.verdict.value,
        "equilibrium": circuit.equilibrium,
        "elements": list(circuit.elements),
        "terms": list(circuit.terms),
        "cut": list(circuit.cut) if circuit.cut else None,
        "newton_steps": solved.steps,
        "streams": [_stream(stream, solved) for stream in shown_streams(solved)],
        "stages": _stages(solved),
        "consumption": _consumption(solved),
        "closure": dict(solved.closure),
        "extrapolated": extrapolated_document(solved.out_of_range),
        "assumptions": list(solved.assumptions),
        "weakest_basis": solved.weakest_basis,
        "sources": sources_document(solved.sources),
        "weights": weights_version(),
    }


def train_document(solved: SolvedTrain) -> dict[str, Any]:
    """What joins the circuits of a solved train; each circuit has a document of its own."""
    return {
        "train": solved.train.name,
        "circuits": list(solved.circuits),
        "newton_steps": solved.steps,
        "closure": dict(solved.closure),
        "transfers": [
            {
                "from": transfer.source,
                "outlet": transfer.outlet,
                "to": transfer.target,
                "section": transfer.place.section,
                "stage": transfer.place.stage,
                "share": transfer.share,
                "stream": stream.name,
                "flow_m3_per_h": stream.flow,
            }
            for transfer, stream in solved.transfers.items()
        ],
    }


def _stream(stream: Stream, solved: SolvedCircuit) -> dict[str, Any]:
    symbols = solved.circuit.elements
    role = "inside"
    if stream.name in solved.inlets:
        role = "inlet"
    elif stream.name in solved.outlets:
        role = "outlet"
    document: dict[str, Any] = {
        "name": stream.name,
        "phase": stream.phase,
        "role": role,
        "flow_m3_per_h": stream.flow,
        "acid_mol_per_m3": None if stream.acid is None else number_or_null(stream.acid),
        "metals_mol_per_m3": {symbol: stream.metals.get(symbol, 0.0) for symbol in symbols},
        "oxides_kg_per_h": {symbol: stream.oxide(symbol) for symbol in symbols},
        "treo_kg_per_h": stream.treo(),
    }
    if role == "outlet":
        document["purity_reo"] = {
            symbol: number_or_null(stream.purity_reo(symbol))
            for symbol in symbols
            if is_rare_earth(symbol)
        }
        document["recovery"] = {
            symbol: number_or_null(solved.recovery(symbol, stream.name)) for symbol in symbols
        }
    return document


def _stages(solved: SolvedCircuit) -> dict[str, Any]:
    profiles = solved.profiles
    return {
        "section": list(solved.circuit.section_of_stage()),
        "ph": [number_or_null(value) for value in profiles.ph],
        "acid_mol_per_m3": [number_or_null(value) for value in profiles.acid],
        "free_dimer_mol_per_m3": profiles.free_dimer.tolist(),
        "aqueous_flow_m3_per_h": profiles.aqueous_volume.tolist(),
        "organic_flow_m3_per_h": profiles.organic_volume.tolist(),
        "aqueous_mol_per_m3": profiles.aqueous.tolist(),
        "organic_mol_per_m3": profiles.organic.tolist(),
    }


def _consumption(solved: SolvedCircuit) -> dict[str, Any]:
    used = solved.consumption
    acid, base = acid_mass(used.acid_reagent), reagent_mass(used.base_reagent)
    return {
        "base_reagent": used.base_reagent,
        "base_mol_per_h": used.base,
        "base_kg_per_h": used.base * base,
        "acid_reagent": used.acid_reagent,
        "scrub_acid_mol_per_h": used.scrub_acid,
        "scrub_acid_kg_per_h": used.scrub_acid * acid,
        "strip_acid_mol_per_h": used.strip_acid,
        "strip_acid_kg_per_h": used.strip_acid * acid,
        "wash_acid_mol_per_h": used.wash_acid,
        "wash_acid_kg_per_h": used.wash_acid * acid,
    }


def heading(format: str, version: int, case: Case) -> dict[str, Any]:
    """What the document of a case begins with: its layout, the program, the file and its title."""
    return {
        "format": format,
        "version": version,
        "ytterby": ytterby.__version__,
        "case": str(case.path),
        "title": case.title,
    }


def sources_document(keys: Iterable[str]) -> list[dict[str, str]]:
    """Each source by its key and its reference line; DataError for a key that the bibliography has not."""
    return [{"key": key, "citation": format_source(source(key))} for key in keys]


def extrapolated_document(items: Iterable[OutOfRange]) -> list[dict[str, Any]]:
    """Quantities that left the range of their constants, in canonical units."""
    return [
        {
            "section": item.section,
            "quantity": item.quantity,
            "reached": list(item.reached),
            "valid": list(item.valid),
            "unit": item.unit,
        }
        for item in items
    ]


def faults_document(faults: Iterable[Fault]) -> list[dict[str, str]]:
    """Each fault in its five parts."""
    return [asdict(fault) for fault in faults]


def number_or_null(value: float) -> float | None:
    """JSON has no nan: a share of nothing, an acid that the model lacks, is null."""
    return None if math.isnan(value) else float(value)
