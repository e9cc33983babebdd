"""Printing of audits, and the page that is written of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console

from ytterby.cli.console import plain, print_fragments, print_json, printed
from ytterby.cli.written import Wanted, write_wanted

if TYPE_CHECKING:
    from ytterby.study.audit import AuditStudy


@contextmanager
def progress() -> Iterator[Callable[[str, str], None]]:
    """A progress line on a terminal while claims are held against each other."""
    console = Console(stderr=True, highlight=False, markup=False)
    if not console.is_terminal:
        yield lambda name, what: None
        return
    with console.status("starting") as status:
        yield lambda name, what: status.update(f"{name}: {what}")


def print_audits(study: AuditStudy, as_json: bool, wanted: Wanted) -> None:
    """Write what was asked for, then everything that a person or a program reads of the audits."""
    from ytterby.report.audit_fragments import audit_fragments, audit_study_fragments

    written = write_wanted(
        wanted,
        study.case,
        pictures=lambda: (),
        fragments=lambda: audit_study_fragments(study),
        sheets=lambda: (),
    )
    if as_json:
        from ytterby.report.audit_document import audit_document

        print_json(audit_document(study))
        return
    with printed() as console:
        console.print(plain(study.case.title or str(study.case.path)), style="bold")
        for audited in study.audits.values():
            print_fragments(console, audit_fragments(audited))
        written.tell(console)
