"""The document of a solved circuit: plain JSON values, nothing for what means nothing."""

from __future__ import annotations

import json
import runpy
from dataclasses import replace
from pathlib import Path

from ytterby.circuit.solved import SolvedCircuit
from ytterby.materials import Stream
from ytterby.report.document import circuit_document

by_hand = runpy.run_path(str(Path(__file__).with_name("test_tables.py")))
SOLVED: SolvedCircuit = by_hand["SOLVED"]


def test_purity_without_rare_earths_is_null() -> None:
    water = Stream("raffinate", "aqueous", 2.0, {"Fe": 4.0}, 50.0)
    document = circuit_document(replace(SOLVED, streams={**SOLVED.streams, "raffinate": water}))
    (raffinate,) = [it for it in document["streams"] if it["name"] == "raffinate"]
    assert raffinate["purity_reo"] == {"Y": None, "Ho": None, "Er": None}
    assert raffinate["treo_kg_per_h"] == 0.0
    json.dumps(document, allow_nan=False)


def test_recovery_of_what_is_not_fed_is_null() -> None:
    feed = replace(SOLVED.streams["feed"], metals={"Fe": 10.0, "Y": 2.0, "Ho": 1.0})
    document = circuit_document(replace(SOLVED, streams={**SOLVED.streams, "feed": feed}))
    recoveries = [it["recovery"]["Er"] for it in document["streams"] if "recovery" in it]
    assert recoveries == [None, None]
    json.dumps(document, allow_nan=False)


def test_what_is_no_rare_earth_has_no_purity() -> None:
    for stream in circuit_document(SOLVED)["streams"]:
        assert "Fe" not in stream.get("purity_reo", {})
        assert "Fe" in stream["metals_mol_per_m3"] and "Fe" in stream["oxides_kg_per_h"]
