"""Printing of solved circuits and trains, and the files that are written of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ytterby.cli.console import plain, print_fragments, print_json, printed
from ytterby.cli.written import Wanted, write_wanted
from ytterby.errors import Fault

if TYPE_CHECKING:
    from ytterby.case import Case
    from ytterby.report.figures import Figure
    from ytterby.report.tables import Basis
    from ytterby.study.run import Study


def require_element(case: Case, symbol: str) -> None:
    """Find out before the solve whether any circuit has the element; CaseError if none has."""
    from ytterby.errors import CaseError, nearest

    known = list(dict.fromkeys(it for plan in case.circuits.values() for it in plan.elements))
    if symbol not in known:
        expected = "an element of the case: " + ", ".join(known)
        raise CaseError(Fault("--mccabe", plain(symbol), expected, nearest(symbol, known)))


def print_study(
    study: Study,
    as_json: bool,
    basis: Basis,
    wanted: Wanted,
    shortcuts: bool = False,
    mccabe: str | None = None,
) -> None:
    """Write what was asked for, then everything that a person or a program reads of a study."""
    from ytterby.report.circuit_fragments import study_fragments
    from ytterby.report.circuit_sheets import study_sheets

    written = write_wanted(
        wanted,
        study.case,
        pictures=lambda: _figures(study, mccabe),
        fragments=lambda: study_fragments(study, basis, shortcuts=shortcuts, mccabe=mccabe),
        sheets=lambda: study_sheets(study),
    )
    if as_json:
        print_json(_document(study, written.drawn, shortcuts))
        return
    with printed() as console:
        console.print(plain(study.case.title or str(study.case.path)), style="bold")
        print_fragments(console, study_fragments(study, basis, shortcuts=shortcuts))
        written.tell(console)


def _figures(study: Study, mccabe: str | None) -> list[Figure]:
    """The stage profiles of every circuit, and the steps of one element."""
    from ytterby.report.figures import profile_figure
    from ytterby.report.mccabe import mccabe_figure

    circuits = study.circuits.values()
    return [
        *map(profile_figure, circuits),
        *(mccabe_figure(it, mccabe) for it in circuits if mccabe in it.circuit.elements),
    ]


def _document(study: Study, drawn: tuple[Path, ...], shortcuts: bool) -> dict[str, Any]:
    """All circuits and trains of a study, each in its documented layout; hand calculations if wanted."""
    from ytterby.report.document import circuit_document, train_document
    from ytterby.report.shortcuts import shortcut_document

    solved = study.circuits.values()
    beside = {"shortcuts": [shortcut_document(it) for it in solved]} if shortcuts else {}
    return {
        "format": "ytterby.study",
        "version": 1,
        "case": str(study.case.path),
        "title": study.case.title,
        "circuits": [circuit_document(it) for it in solved],
        "trains": [train_document(it) for it in study.trains.values()],
        "figures": [str(path) for path in drawn],
        **beside,
    }
