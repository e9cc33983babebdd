"""Printing of runs through time, their progress, and the pictures that are drawn of them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from ytterby.cli.show import _page, _plain, print_json, print_table

if TYPE_CHECKING:
    from ytterby.study.start import Run, StartStudy


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


def print_starts(study: StartStudy, as_json: bool, plot: Path | None) -> None:
    """Draw what was asked for, then everything that a person or a program reads of the runs."""
    drawn = _draw(study, plot) if plot else []
    if as_json:
        from ytterby.report.start_document import start_document

        print_json({**start_document(study), "figures": [str(path) for path in drawn]})
        return
    with _page() as console:
        console.print(_plain(study.case.title or str(study.case.path)), style="bold")
        for run in study.runs.values():
            _print_run(console, run)
        for path in drawn:
            console.print(_plain(f"drawn: {path}"), soft_wrap=True)
    if (early := study.ended_early) is not None:
        print(early, file=sys.stderr)


def _print_run(console: Console, run: Run) -> None:
    from ytterby.report import start as tables
    from ytterby.report.tables import extrapolation_table

    plan, simulation = run.plan, run.simulation
    ended = "" if simulation.refusal is None else f", ended by {simulation.refusal.verdict.value}"
    console.print(
        f"\nRun {plan.name}: circuit {plan.circuit.name}, {plan.circuit.stages} stages, start "
        f"{plan.start}, {tables.duration(simulation.end)} of {tables.duration(plan.duration)}{ended}\n"
    )
    shown = [tables.event_table(run)] if simulation.events else []
    shown.append(tables.period_table(run))
    if run.met:
        shown.append(tables.specification_table(run))
    shown += [tables.product_table(run), tables.inventory_table(run), tables.section_table(run)]
    if simulation.out_of_range:
        shown.append(extrapolation_table(simulation.out_of_range))
    for table in shown:
        print_table(console, table)
    console.print(tables.closing_in_words(simulation), soft_wrap=True)
    for assumption in simulation.assumptions:
        console.print(f"Assumed, not data: {assumption}.", soft_wrap=True)
    console.print(f"Sources: {', '.join(run.sources)} (`ytterby cite`).", soft_wrap=True)


def _draw(study: StartStudy, directory: Path) -> list[Path]:
    """Draw the figures of every run; the files written."""
    from ytterby.report.draw import draw
    from ytterby.report.start_figures import start_figures

    figures = [figure for run in study.runs.values() for figure in start_figures(run)]
    return [path for figure in figures for path in draw(figure, directory)]
