"""Printing of designs, their progress, and the files that a design writes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from rich.console import Console

from ytterby.cli.files import ready_to_write, write_new
from ytterby.cli.show import _page, _plain, print_json, print_table

if TYPE_CHECKING:
    from ytterby.report.tables import Table
    from ytterby.study.design import DesignStudy, PlannedCut

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


def print_designs(study: DesignStudy, as_json: bool, plot: Path | None, save: Path | None) -> None:
    """Write what was asked for, then everything that a person or a program reads of the designs."""
    drawn = _draw(study, plot) if plot else []
    if save:
        _save(study, save)
    if as_json:
        from ytterby.report.design_document import design_document

        files = {"figures": [str(path) for path in drawn], "saved": str(save) if save else None}
        print_json({**design_document(study), **files})
        return
    with _page() as console:
        console.print(_plain(study.case.title or str(study.case.path)), style="bold")
        for planned in study.designs.values():
            _print_design(console, planned)
        for path in drawn:
            console.print(_plain(f"drawn: {path}"), soft_wrap=True)
        if save:
            console.print(_plain(f"wrote: {save}"), soft_wrap=True)
            console.print(_plain(f"next: ytterby circuit {quote(str(save))}"), soft_wrap=True)
    for error in study.unreached.values():
        print(error, file=sys.stderr)


def _print_design(console: Console, planned: PlannedCut) -> None:
    from ytterby.datasets import weakest_basis
    from ytterby.report import design as tables
    from ytterby.report.tables import outlet_table, range_table

    designed, solved = planned.designed, planned.designed.solved
    task, stages = designed.task, " + ".join(map(str, designed.stages))
    terms = f" with {', '.join(task.terms)}" if task.terms else ""
    console.print(
        f"\nDesign {task.name}: {'/'.join(task.cut)}, {task.equilibrium}{terms}, {stages} stages, "
        f"{tables.money(designed.cost)} a year, {solved.verdict.value}\n",
        soft_wrap=True,
    )
    shown = [
        tables.design_table(designed),
        tables.reached_table(designed),
        outlet_table(solved),
        tables.cost_table(designed),
        tables.active_table(designed),
        tables.one_more_table(planned),
        tables.hand_table(designed),
        tables.sensitivity_table(planned),
        *([tables.robust_table(planned)] if planned.robust else []),
        tables.candidate_table(designed),
        tables.price_table(designed),
        *([range_table(solved)] if solved.out_of_range else []),
    ]
    for table in shown:
        _print_or_say(console, table)
    for assumption in solved.assumptions:
        console.print(f"Assumed, not data: {assumption}.", soft_wrap=True)
    console.print(
        f"Sources: {', '.join(planned.sources)} (`ytterby cite`). Weakest basis: of the chemistry "
        f"{solved.weakest_basis}, of the prices {weakest_basis(designed.prices)}.",
        soft_wrap=True,
    )


def _print_or_say(console: Console, table: Table) -> None:
    """A table; one without rows is the sentence of its note."""
    if table.rows:
        print_table(console, table)
    else:
        console.print(f"{table.title}: {table.note}\n", soft_wrap=True)


def _draw(study: DesignStudy, directory: Path) -> list[Path]:
    """Draw the figures of every design; the files written."""
    from ytterby.report.design_figures import design_figures
    from ytterby.report.draw import draw

    figures = [
        figure for planned in study.designs.values() for figure in design_figures(planned.designed)
    ]
    return [path for figure in figures for path in draw(figure, directory)]


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
