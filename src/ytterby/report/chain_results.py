"""All that is found of a chain, as files of one folder: a page, a workbook, a document of each verb."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ytterby.case import Case
from ytterby.report import (
    chain_document,
    chain_explosion,
    chain_match,
    chain_share,
    chain_stress,
    chain_who,
)
from ytterby.report.fragments import Fragment
from ytterby.report.page import page
from ytterby.report.results import place
from ytterby.report.workbook import Sheet, workbook
from ytterby.study.chain import WholeChain

OPTION = "--out"
PAGE, BOOK, DOCUMENT = "report.html", "chain.xlsx", "chain.json"
_VERBS = ("explode", "who", "match", "stress", "share")


def write_chain(study: WholeChain, case: Case, directory: Path) -> dict[str, Any]:
    """Write all files of a chain; the document that names them comes back; OutputError if it cannot."""
    import ytterby

    documents = {
        "explosion.json": chain_document.exploded(study.exploded),
        "who.json": chain_document.who(study.who),
        "match.json": chain_document.matched(study.matched),
        "stress.json": chain_document.stressed(study.stressed),
        "shares.json": chain_document.shares(study.shared),
    }
    contents = {name: _json(document) for name, document in documents.items()}
    lead = f"From {case.path}, by ytterby {ytterby.__version__}."
    contents[PAGE] = page(case.title or str(case.path), fragments(study), lead, OPTION).encode()
    contents[BOOK] = workbook(_sheets(study), OPTION)
    document = {
        "format": "ytterby.chain",
        "version": 1,
        "ytterby": ytterby.__version__,
        "case": str(case.path),
        "files": {name: hashlib.sha256(it).hexdigest() for name, it in contents.items()},
    }
    place({**contents, DOCUMENT: _json(document)}, directory, DOCUMENT)
    return document


def fragments(study: WholeChain) -> list[Fragment]:
    """The five parts, one after the other, each heading after the name of its part."""
    parts: Mapping[str, Iterable[Fragment]] = {
        "What customers ask": chain_explosion.fragments(study.exploded),
        "Who can": chain_who.fragments(study.who),
        "Who serves whom": chain_match.fragments(study.matched),
        "When somebody stops": chain_stress.fragments(study.stressed),
        "Concentration and exposure": chain_share.fragments(study.shared),
    }
    return [
        replace(it, section=f"{name}: {it.section}" if it.section else name)
        for name, found in parts.items()
        for it in found
    ]


def _sheets(study: WholeChain) -> list[Sheet]:
    """Sheets of all parts, each with its verb before the title."""
    parts = zip(
        _VERBS,
        (
            chain_explosion.sheets(study.exploded),
            chain_who.sheets(study.who),
            chain_match.sheets(study.matched),
            chain_stress.sheets(study.stressed),
            chain_share.sheets(study.shared),
        ),
        strict=True,
    )
    return [replace(it, title=f"{verb}, {it.title}") for verb, found in parts for it in found]


def _json(document: Mapping[str, Any]) -> bytes:
    return (json.dumps(document, indent=1, allow_nan=False, ensure_ascii=False) + "\n").encode()
