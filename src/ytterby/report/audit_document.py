"""Audits as a JSON document; layout in ``data/schemas/audit-result-1.json``."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import ytterby
from ytterby.audit.audit import Alone, Answer, Closing, Contradiction, Extent, Judged, ReadingResult
from ytterby.report.audit import hand_tables, verdict_in_words
from ytterby.report.document import sources_document
from ytterby.study.audit import AuditedPlan, AuditStudy

FORMAT = "ytterby.audit-result"
VERSION = 1
"""Raised when a key is removed or changes its meaning; keys may be added without."""


def audit_document(study: AuditStudy) -> dict[str, Any]:
    """All audits of a case as plain JSON values; what is unbounded or not known is null."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "ytterby": ytterby.__version__,
        "case": str(study.case.path),
        "title": study.case.title,
        "audits": [_audited(it) for it in study.audits.values()],
    }


def _audited(audited: AuditedPlan) -> dict[str, Any]:
    task = audited.plan.task
    return {
        "audit": audited.plan.name,
        "set": task.claims.name,
        "about": task.claims.title,
        "verdict": verdict_in_words(audited).split("\n"),
        "changed": list(audited.plan.changed),
        "first_reading": task.claims.first_reading,
        "draws": task.draws,
        "seed": task.seed,
        "feeds": list(audited.found.baskets),
        "claims": [_claim(it) for it in audited.found.judged.values()],
        "computed": [asdict(it) for it in task.figures],
        "readings": [_reading(audited, it) for it in audited.found.readings.values()],
        "ranges": [asdict(it) for it in task.claims.ranges.values()],
        "relations": [
            {"name": it.name, "says": it.says, "source": it.source, "basis": it.basis}
            for it in task.claims.relations.values()
        ],
        "hand_calculations": [
            {
                "title": it.title,
                "header": list(it.heads()),
                "rows": [list(row) for row in it.rows],
                "note": it.note,
            }
            for it in hand_tables(audited)
        ],
        "sources": sources_document(audited.sources),
    }


def _claim(judged: Judged) -> dict[str, Any]:
    claim = judged.claim
    keys = (
        *("id", "topic", "subject", "quantity", "per", "value", "unit", "stated_as", "status"),
        *("as_of", "source", "basis", "confidence", "tolerance", "means", "note"),
    )
    low, high = _ends(judged.implied)
    return {
        **{key: getattr(claim, key) for key in keys},
        "low": _finite(claim.low),
        "high": _finite(claim.high),
        "verdict": judged.verdict,
        "implied_low": low,
        "implied_high": high,
        "with": list(judged.with_),
        "reason": judged.reason,
    }


def _reading(audited: AuditedPlan, result: ReadingResult) -> dict[str, Any]:
    questions = audited.plan.task.claims.questions
    return {
        "reading": result.reading.name,
        "says": result.reading.says,
        "list_as": result.reading.list_as,
        "other_oxides": result.reading.other_oxides,
        "without": list(result.reading.without),
        "holds": result.holds,
        "complete": result.complete,
        "believed": list(result.believed),
        "contradictions": [_contradiction(it) for it in result.contradictions],
        "answers": [
            {"question": name, "says": questions[name].says, **_answer(it)}
            for name, it in result.answers.items()
        ],
        "concentrates": [_closing(name, it) for name, it in result.closings.items()],
        "single_feeds": [_alone(it) for it in result.alone],
        "draws_kept": result.draws.kept if result.draws else None,
    }


def _contradiction(found: Contradiction) -> dict[str, Any]:
    return {
        "claims": list(found.claims),
        "against": list(found.against),
        "rests_on": [{"name": it.name, "kind": it.kind, "says": it.says} for it in found.rests_on],
        "gap": float(found.certificate.gap),
        "certificate": [
            {
                "terms": dict(it.row.terms),
                "low": _finite(it.row.low),
                "high": _finite(it.row.high),
                "weight": it.weight,
            }
            for it in found.certificate.weights
        ],
    }


def _answer(answer: Answer) -> dict[str, Any]:
    low, high = _ends(answer.extent)
    found = answer.spread
    return {
        "low": low,
        "high": high,
        "percentile_5": found.low if found else None,
        "percentile_50": found.median if found else None,
        "percentile_95": found.high if found else None,
        "standard_errors": [_finite(it) for it in found.errors] if found else None,
    }


def _closing(name: str, found: Closing) -> dict[str, Any]:
    return {
        "concentrates": name,
        "says": found.hypothesis.says,
        "meets_sums": found.sums,
        "meets_elements": found.elements,
        "most_dytb_t_per_y": _finite(found.most_dytb),
        "draws_tried": found.tried,
        "share_of_draws_met": found.sure if found.tried else None,
        "standard_error": found.sure_error if found.tried else None,
        "gross_t_per_y": {feed: list(_ends(it)) for feed, it in found.parts.items()},
    }


def _alone(found: Alone) -> dict[str, Any]:
    low, high = _ends(found.parent)
    return {
        "feed": found.basket.name,
        "concentrates": found.hypothesis,
        "meets_elements": found.elements,
        "parent_reo_low_t_per_y": low,
        "parent_reo_high_t_per_y": high,
        "share_of_draws_met": found.sure,
        "basis": found.basket.basis,
    }


def _ends(extent: Extent | None) -> tuple[float | None, float | None]:
    return (None, None) if extent is None else (_finite(extent[0]), _finite(extent[1]))


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
