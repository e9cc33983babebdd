"""Audits as fragments of a report."""

from __future__ import annotations

from ytterby.report import audit as tables
from ytterby.report.fragments import Fragment, under
from ytterby.report.tables import Table
from ytterby.study.audit import AuditedPlan, AuditStudy


def audit_study_fragments(study: AuditStudy) -> list[Fragment]:
    """All audits of a study."""
    return [it for audited in study.audits.values() for it in audit_fragments(audited)]


def audit_fragments(audited: AuditedPlan) -> list[Fragment]:
    """Verdict, claims, readings, contradictions, what would close them, hand calculations, assumptions."""
    holding = [it for it in audited.found.readings.values() if it.holds]
    fragments = [
        Fragment(
            "Verdict",
            (tables.reading_table(audited),),
            caption=tables.verdict_in_words(audited),
        ),
        Fragment("Claims", (tables.claim_table(audited),)),
        Fragment("Contradictions", (tables.contradiction_table(audited),)),
        Fragment("What the claims leave", (tables.answer_table(audited),)),
        *(
            Fragment(
                f"What would close, reading {it.reading.name}",
                (tables.closing_table(it), tables.alone_table(it), *_filled(tables.part_table(it))),
            )
            for it in holding
        ),
        Fragment("By hand", tables.hand_tables(audited)),
        Fragment(
            "What it rests on",
            (tables.range_table(audited), tables.source_table(audited), tables.scope_table()),
        ),
    ]
    return under(f"Audit {audited.plan.name}", fragments, audited.sources)


def _filled(table: Table) -> tuple[Table, ...]:
    return (table,) if table.rows else ()
