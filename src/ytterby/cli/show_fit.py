"""Printing of fits, and the files that a fit writes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ytterby.cli.output import write
from ytterby.cli.show import _page, _plain, print_json, print_table
from ytterby.errors import Fault, OutputError

if TYPE_CHECKING:
    from rich.console import Console

    from ytterby.study.fit import FitStudy, FittedPlan


def print_template(path: Path, as_json: bool) -> None:
    """Write an empty isotherm table; where it was put and what to do with it."""
    from ytterby.case.isotherm_template import write_template

    written = write_template(path)
    if as_json:
        print_json({"format": "ytterby.template", "version": 1, "file": str(written)})
        return
    next = (
        f'next: fill it in, name it in a case, tables = ["{written.name}"], then `ytterby fit CASE`'
    )
    write(f"wrote {_plain(str(written))}\n{_plain(next)}\n")


def print_fits(study: FitStudy, as_json: bool, plot: Path | None, save: Path | None) -> None:
    """Write what was asked for, then everything that a person or a program reads of the fits."""
    written = _draw_parity(study, plot) if plot else []
    if save:
        written.append(_save_set(study, save))
    if as_json:
        from ytterby.report.fit_document import fit_document

        print_json({**fit_document(study), "files": [str(path) for path in written]})
        return
    with _page() as console:
        console.print(_plain(study.case.title or str(study.case.path)), style="bold")
        for fitted in study.fits.values():
            _print_fit(console, fitted)
        for path in written:
            console.print(_plain(f"wrote: {path}"), soft_wrap=True)


def _print_fit(console: Console, fitted: FittedPlan) -> None:
    from ytterby.report import fit as tables

    plan, found = fitted.plan, fitted.fit
    terms = f" with {', '.join(plan.terms)}" if plan.terms else ""
    console.print(
        f"\nFit {plan.name}: {plan.parameters.name}{terms}, {len(found.constants)} constants, "
        f"{int(found.fitted.sum())} points in {len(plan.contacts)} contacts of "
        f"{_plain(', '.join(sorted({contact.source for contact in plan.contacts})))}\n",
        soft_wrap=True,
    )
    print_table(console, tables.score_table(fitted))
    print_table(console, tables.constants_table(fitted))
    console.print(tables.errors_in_words(fitted) + "\n", soft_wrap=True)
    if len(found.shifts) > 1:
        print_table(console, tables.shift_table(fitted))
    if fitted.left_out:
        print_table(console, tables.left_out_table(fitted))
    console.print(tables.gain_in_words(fitted) + "\n", soft_wrap=True)
    shown = (tables.identity_table(fitted), tables.range_table(fitted), tables.next_table(fitted))
    for table in shown:
        if table.rows:
            print_table(console, table)
    console.print(f"Sources: {', '.join(plan.sources)} (`ytterby cite`).", soft_wrap=True)


def _draw_parity(study: FitStudy, directory: Path) -> list[Path]:
    """Draw measured against computed D of every fit; the files written."""
    from ytterby.report.draw import draw
    from ytterby.report.parity import parity_figure

    figures = [parity_figure(fitted) for fitted in study.fits.values()]
    return [path for figure in figures for path in draw(figure, directory)]


def ready_to_save(path: Path, fits: list[str]) -> None:
    """Find out before the fit whether one set can be written there; OutputError if not."""
    if len(fits) > 1:
        read, next = f"{len(fits)} fits: {', '.join(fits)}", f"choose one, such as --only {fits[0]}"
        raise OutputError(Fault("--save", read, "one fit, for one set", next=next))
    if path.suffix != ".toml":
        read, expected = f"a file called {path.name}", "a name that ends in .toml"
        raise OutputError(Fault("--save", read, expected, next=f"--save {path.stem}.toml"))
    if path.exists():
        raise _refused(path, "a file of that name", "a free name")
    if not path.absolute().parent.is_dir():
        raise _refused(path, "no such directory", "a directory that exists")


def _save_set(study: FitStudy, path: Path) -> Path:
    """Write the fitted set of the one fit, whole or not at all; never over another file."""
    from ytterby.datasets import parameter_set_text
    from ytterby.equilibrium.fitting import fitted_set

    (fitted,) = study.fits.values()
    text = parameter_set_text(fitted_set(fitted.fit, path.stem))
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.open("x").close()  # takes the name; nobody else's file is written over
        try:
            partial.write_text(text, encoding="utf-8")
            partial.replace(path)
        except BaseException:
            partial.unlink(missing_ok=True)
            path.unlink(missing_ok=True)
            raise
    except FileExistsError:
        raise _refused(path, "a file of that name", "a free name") from None
    except OSError as error:
        raise _refused(path, error.strerror or str(error), "a place to write") from None
    return path


def _refused(path: Path, read: str, expected: str) -> OutputError:
    return OutputError(Fault(str(path), read, expected, next="name another with --save"))
