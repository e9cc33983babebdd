"""Printing of designs, their progress, and the files that a design writes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from rich.console import Console

from ytterby.cli.console import plain, print_fragments, print_json, printed
from ytterby.cli.written import Wanted, write_wanted
from ytterby.report.files import ready_to_write, write_new

if TYPE_CHECKING:
    from ytterby.study.design import DesignStudy

SAVE = "--save"


@contextmanager
def progress(number: int) -> Iterator[Callable[[str, str], None]]:
    """A line on a terminal while designs are sought; yields what to tell name and what is tried."""
    console = Console(stderr=True, highlight=False, markup=False)
    if not console.is_terminal:
        yield lambda name, what: None
        return
    with console.status("starting") as status:
        begun: list[str] = []

        def tell(name: str, what: str) -> None:
            if name not in begun:
                begun.append(name)
            status.update(f"designing {name} ({len(begun)} of {number}): {what}")

        yield tell


def ready_to_save(path: Path) -> None:
    """Find out before the design whether a case can be written there; OutputError if not."""
    ready_to_write(path, SAVE, ".toml")


def print_designs(study: DesignStudy, as_json: bool, wanted: Wanted, save: Path | None) -> None:
    """Write what was asked for, then everything that a person or a program reads of the designs."""
    from ytterby.report.design_figures import design_figures
    from ytterby.report.design_fragments import design_fragments, design_study_fragments
    from ytterby.report.design_sheets import design_sheets

    designs = study.designs.values()
    written = write_wanted(
        wanted,
        study.case,
        pictures=lambda: (figure for it in designs for figure in design_figures(it.designed)),
        fragments=lambda: design_study_fragments(study),
        sheets=lambda: design_sheets(study),
    )
    if save:
        _save(study, save)
    if as_json:
        from ytterby.report.design_document import design_document

        paths = {
            "figures": [str(path) for path in written.drawn],
            "saved": str(save) if save else None,
        }
        print_json({**design_document(study), **paths})
        return
    with printed() as console:
        console.print(plain(study.case.title or str(study.case.path)), style="bold")
        for planned in designs:
            print_fragments(console, design_fragments(planned, figures=False))
        written.tell(console)
        if save:
            console.print(plain(f"wrote: {save}"), soft_wrap=True)
            console.print(plain(f"next: ytterby circuit {quote(str(save))}"), soft_wrap=True)
    for error in study.unreached.values():
        print(error, file=sys.stderr)


def _save(study: DesignStudy, path: Path) -> None:
    """Write the designed circuits as one case."""
    from ytterby import __version__
    from ytterby.case.written import circuits_text
    from ytterby.report.design import money

    remarks = [
        f"Designed by ytterby {__version__} from {study.case.path}; `ytterby circuit` solves it.",
        *(
            f"{name}: {money(planned.designed.cost)} a year"
            for name, planned in study.designs.items()
        ),
    ]
    circuits = [planned.designed.solved.circuit for planned in study.designs.values()]
    title = study.case.title or str(study.case.path)
    write_new(path, SAVE, circuits_text(circuits, title, path.absolute().parent, remarks))
