"""Hand calculations beside a solved circuit, as a table and as a document."""

from __future__ import annotations

import math
from typing import Any

from ytterby.circuit.shortcuts import Beside, shortcuts_beside
from ytterby.circuit.solved import SolvedCircuit
from ytterby.errors import CaseError
from ytterby.report.tables import Table, number


def shortcut_table(solved: SolvedCircuit) -> Table:
    """Each quantity by hand and as solved, with the method and what it assumes.

    Where no hand calculation is meant for the circuit the table is empty and its note says why.
    """
    rows, note = _found(solved)
    return Table(
        f"Hand calculations beside {solved.circuit.name}",
        ("", "unit", "by hand", "solved", "method", "assumes"),
        tuple(
            (
                row.quantity,
                row.unit,
                "" if math.isnan(row.by_hand) else number(row.by_hand),
                number(row.rigorous),
                row.method,
                row.assumption,
            )
            for row in rows
        ),
        note or "by hand: from means of the solved circuit; blank where the method has no answer",
    )


def shortcut_document(solved: SolvedCircuit) -> dict[str, Any]:
    """The same as plain JSON values; null where a method has no answer."""
    rows, note = _found(solved)
    return {
        "circuit": solved.circuit.name,
        "rows": [
            {
                "quantity": row.quantity,
                "unit": row.unit,
                "by_hand": None if math.isnan(row.by_hand) else row.by_hand,
                "solved": row.rigorous,
                "method": row.method,
                "assumes": row.assumption,
            }
            for row in rows
        ],
        "none_because": note,
    }


def _found(solved: SolvedCircuit) -> tuple[tuple[Beside, ...], str]:
    """The rows, or none and the reason."""
    try:
        return shortcuts_beside(solved), ""
    except CaseError as error:
        fault = error.faults[0]
        return (), f"none; read: {fault.read}; expected: {fault.expected}"
