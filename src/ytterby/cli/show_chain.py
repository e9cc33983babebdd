"""Printing of supply chains, and the pages and workbooks that are written of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from ytterby.cli.console import plain, print_fragments, print_json, printed
from ytterby.cli.written import Wanted, write_wanted
from ytterby.errors import Fault, OutputError

if TYPE_CHECKING:
    from ytterby.case import Case
    from ytterby.report.fragments import Fragment
    from ytterby.report.workbook import Sheet
    from ytterby.study.chain import (
        Exploded,
        MatchStudy,
        ShareStudy,
        StressStudy,
        Who,
        WholeChain,
    )


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """A line on a terminal that says what is being solved."""
    console = Console(stderr=True, highlight=False, markup=False)
    if not console.is_terminal:
        yield lambda what: None
        return
    with console.status("starting") as status:
        yield lambda what: status.update(what)


def print_exploded(study: Exploded, as_json: bool, wanted: Wanted) -> None:
    """Needs by step, element and month, and the last dates to decide."""
    from ytterby.report import chain_explosion

    def document() -> Mapping[str, Any]:
        from ytterby.report import chain_document

        return chain_document.exploded(study)

    _print(
        study.case,
        as_json,
        wanted,
        lambda: chain_explosion.fragments(study),
        lambda: chain_explosion.sheets(study),
        document,
    )


def print_who(study: Who, as_json: bool, wanted: Wanted) -> None:
    """Grades, answers, chains of actors, production against promotion."""
    from ytterby.report import chain_who

    def document() -> Mapping[str, Any]:
        from ytterby.report import chain_document

        return chain_document.who(study)

    _print(
        study.case,
        as_json,
        wanted,
        lambda: chain_who.fragments(study),
        lambda: chain_who.sheets(study),
        document,
        lambda: chain_who.fragments(study, rows=False),
    )


def print_matched(study: MatchStudy, as_json: bool, wanted: Wanted) -> None:
    """Who serves whom, what is short, what limits it."""
    from ytterby.report import chain_document, chain_match

    _print(
        study.case,
        as_json,
        wanted,
        lambda: chain_match.fragments(study),
        lambda: chain_match.sheets(study),
        lambda: chain_document.matched(study),
    )


def print_stressed(study: StressStudy, as_json: bool, wanted: Wanted) -> None:
    """What each event and each removal takes away, from whom, and when."""
    from ytterby.report import chain_document, chain_stress

    _print(
        study.case,
        as_json,
        wanted,
        lambda: chain_stress.fragments(study),
        lambda: chain_stress.sheets(study),
        lambda: chain_document.stressed(study),
    )


def print_shares(study: ShareStudy, as_json: bool, wanted: Wanted) -> None:
    """Shares, concentration, exposure and what is at risk."""
    from ytterby.report import chain_document, chain_share

    _print(
        study.case,
        as_json,
        wanted,
        lambda: chain_share.fragments(study),
        lambda: chain_share.sheets(study),
        lambda: chain_document.shares(study),
        lambda: chain_share.fragments(study, short=True),
    )


def ready_for_chain(directory: Path) -> None:
    """Find out before the work whether a page and a workbook can be made; OutputError if not."""
    from ytterby.report.chain_results import OPTION
    from ytterby.report.page import plotly_library
    from ytterby.report.workbook import workbook

    if directory.exists() and not directory.is_dir():
        fault = Fault(
            str(directory), "a file of that name", "a free name", next=f"name another with {OPTION}"
        )
        raise OutputError(fault)
    plotly_library(OPTION)
    workbook((), OPTION)


def write_whole(study: WholeChain, directory: Path, as_json: bool) -> None:
    """All files of a chain, and on the terminal what it comes to."""
    from ytterby.report.chain_results import PAGE, write_chain

    document = write_chain(study, study.case, directory)
    if as_json:
        print_json(document)
        return
    with printed() as console:
        console.print(plain(study.case.title or str(study.case.path)), style="bold")
        for words in study.words:
            console.print(plain(words), soft_wrap=True)
        console.print(plain(f"wrote: {directory}, begin with {directory / PAGE}"), soft_wrap=True)


def _print(
    case: Case,
    as_json: bool,
    wanted: Wanted,
    fragments: Callable[[], Iterable[Fragment]],
    sheets: Callable[[], Iterable[Sheet]],
    document: Callable[[], Mapping[str, Any]],
    told: Callable[[], Iterable[Fragment]] | None = None,
) -> None:
    """Write what was asked for, then print; ``told``: on a terminal instead of what the page has."""
    written = write_wanted(wanted, case, pictures=lambda: (), fragments=fragments, sheets=sheets)
    if as_json:
        print_json(document())
        return
    with printed() as console:
        console.print(plain(case.title or str(case.path)), style="bold")
        print_fragments(console, (told or fragments)())
        written.tell(console)
