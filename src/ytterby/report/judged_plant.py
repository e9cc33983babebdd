"""What was announced beside what the plant computes: table and document."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from ytterby.report.audit import claimed
from ytterby.report.tables import Table, number
from ytterby.study.judged_plant import Computed, JudgedClaim, JudgedPlant

OF_OUTPUTS = (
    "{materials} was composed from the announced outputs: that outputs agree is consistency and not "
    "evidence, and where they miss, this feed and these settings miss"
)


def announcement_table(judged: JudgedPlant) -> Table:
    """Claims that the plant bears on: announced with tolerance, computed, verdict, what it rests on."""
    rows = tuple(_row(it) for it in judged.asked)
    others = Counter(it.claim.topic for it in judged.judged if it not in judged.asked)
    left = ", ".join(f"{topic} {often}" for topic, often in others.items())
    notes = []
    if judged.made_from:
        notes.append(OF_OUTPUTS.format(materials=", ".join(judged.made_from)))
    notes.append(
        "agrees or contradicts: every reading of the computed figure lies within, or outside, the tolerance"
    )
    if left:
        notes.append(f"claims that no plant bears on, by topic: {left}")
    return Table(
        "What was announced beside what the plant computes",
        (
            *("claim", "means", "announced", "computed", "unit", "off by", "verdict"),
            *("evidence", "how computed", "remark", "source"),
        ),
        rows,
        "; ".join(notes),
        ("", "", "", "", "", "%", "", "", "", "", ""),
    )


def _row(it: JudgedClaim) -> tuple[str, ...]:
    claim = it.claim
    evidence = f"none: {it.no_evidence}" if it.no_evidence else ("yes" if it.computed else "")
    return (
        claim.id,
        claim.means,
        claimed(claim),
        "; ".join(computed_in_words(one) for one in it.computed),
        "" if claim.unit == "1" else claim.unit,
        _off(it),
        it.verdict,
        evidence,
        "; ".join(dict.fromkeys(one.how for one in it.computed)),
        it.remark,
        claim.source,
    )


def computed_in_words(it: Computed) -> str:
    """A figure with its range and reading: ``0.87 (0.74 to 0.93) with clean condensate``."""
    text = number(it.value)
    if math.isinf(it.high):
        text = f"at least {text} (from {number(it.low)})"
    elif it.low != it.high:
        text = f"{text} ({number(it.low)} to {number(it.high)})"
    return f"{text} {it.reading}".strip()


def _off(it: JudgedClaim) -> str:
    """What a single figure is off the announced value, in percent of that."""
    if len(it.computed) != 1 or it.claim.value == 0.0 or math.isinf(it.computed[0].high):
        return ""
    if math.isinf(it.claim.low) or math.isinf(it.claim.high):
        return ""
    return f"{100.0 * (it.computed[0].value / it.claim.value - 1.0):+.1f}"


def announcement_document(judged: JudgedPlant) -> dict[str, Any]:
    """Every current claim with readings and verdict as plain JSON values; inf and -inf are null."""
    return {
        "claims": judged.claims.name,
        "title": judged.claims.title,
        "made_from_the_claims": list(judged.made_from),
        "judged": [
            {
                "claim": it.claim.id,
                "quantity": it.claim.quantity,
                "per": it.claim.per,
                "announced": it.claim.value,
                "low": _finite(it.claim.low),
                "high": _finite(it.claim.high),
                "unit": it.claim.unit,
                "tolerance": it.claim.tolerance,
                "means": it.claim.means,
                "as_of": it.claim.as_of,
                "source": it.claim.source,
                "basis": it.claim.basis,
                "computed": [
                    {
                        "reading": one.reading,
                        "value": one.value,
                        "low": one.low,
                        "high": _finite(one.high),
                        "unit": one.unit,
                        "how": one.how,
                    }
                    for one in it.computed
                ],
                "verdict": it.verdict,
                "no_evidence": it.no_evidence,
                "remark": it.remark,
            }
            for it in judged.judged
        ],
        "figures": [
            {"claim": it.claim, "value": it.value, "unit": it.unit, "source": it.source}
            for it in judged.figures
        ],
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
