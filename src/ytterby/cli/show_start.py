"""Printing of runs through time, their progress, and the files that are written of them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from ytterby.cli.console import plain, print_fragments, print_json, printed
from ytterby.cli.written import Wanted, write_wanted

if TYPE_CHECKING:
    from ytterby.study.start import StartStudy


@contextmanager
def progress() -> Iterator[Callable[[str, float, float], None]]:
    """A bar on a terminal while runs are computed; yields what to tell name, time and duration [h]."""
    console = Console(stderr=True, highlight=False, markup=False)
    if not console.is_terminal:
        yield lambda name, time, duration: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        tasks = {}

        def tell(name: str, time: float, duration: float) -> None:
            if name not in tasks:
                tasks[name] = bar.add_task(name, total=duration)
            words = f"{name}, {time / 24.0:.1f} of {duration / 24.0:.1f} d"
            bar.update(tasks[name], completed=time, description=words)

        yield tell


def print_starts(study: StartStudy, as_json: bool, wanted: Wanted) -> None:
    """Write what was asked for, then everything that a person or a program reads of the runs."""
    from ytterby.report.start_figures import start_figures
    from ytterby.report.start_fragments import start_fragments, start_study_fragments
    from ytterby.report.start_sheets import start_sheets

    runs = study.runs.values()
    written = write_wanted(
        wanted,
        study.case,
        pictures=lambda: (figure for run in runs for figure in start_figures(run)),
        fragments=lambda: start_study_fragments(study),
        sheets=lambda: start_sheets(study),
    )
    if as_json:
        from ytterby.report.start_document import start_document

        print_json({**start_document(study), "figures": [str(path) for path in written.drawn]})
        return
    with printed() as console:
        console.print(plain(study.case.title or str(study.case.path)), style="bold")
        for run in runs:
            print_fragments(console, start_fragments(run))
        written.tell(console)
    if (early := study.ended_early) is not None:
        print(early, file=sys.stderr)
