"""Printing of fits, and the files that a fit writes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ytterby.cli.console import plain, print_fragments, print_json, printed
from ytterby.cli.output import write
from ytterby.cli.written import Wanted, write_wanted
from ytterby.errors import Fault, OutputError
from ytterby.report.files import ready_to_write, write_new

if TYPE_CHECKING:
    from ytterby.study.fit import FitStudy

SAVE = "--save"


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
    write(f"wrote {plain(str(written))}\n{plain(next)}\n")


def print_fits(study: FitStudy, as_json: bool, wanted: Wanted, save: Path | None) -> None:
    """Write what was asked for, then everything that a person or a program reads of the fits."""
    from ytterby.report.fit_fragments import fit_study_fragments
    from ytterby.report.fit_sheets import fit_sheets
    from ytterby.report.parity import parity_figure

    written = write_wanted(
        wanted,
        study.case,
        pictures=lambda: map(parity_figure, study.fits.values()),
        fragments=lambda: fit_study_fragments(study),
        sheets=lambda: fit_sheets(study),
    )
    saved = [_save_set(study, save)] if save else []
    if as_json:
        from ytterby.report.fit_document import fit_document

        paths = [*written.drawn, *written.others, *saved]
        print_json({**fit_document(study), "files": [str(path) for path in paths]})
        return
    with printed() as console:
        console.print(plain(study.case.title or str(study.case.path)), style="bold")
        print_fragments(console, fit_study_fragments(study))
        written.tell(console)
        for path in saved:
            console.print(plain(f"wrote: {path}"), soft_wrap=True)


def ready_to_save(path: Path, fits: list[str]) -> None:
    """Find out before the fit whether one set can be written there; OutputError if not."""
    if len(fits) > 1:
        read, next = f"{len(fits)} fits: {', '.join(fits)}", f"choose one, such as --only {fits[0]}"
        raise OutputError(Fault(SAVE, read, "one fit, for one set", next=next))
    ready_to_write(path, SAVE, ".toml")


def _save_set(study: FitStudy, path: Path) -> Path:
    """Write the fitted set of the one fit as a new file; where."""
    from ytterby.datasets import parameter_set_text
    from ytterby.equilibrium.fitting import fitted_set

    (fitted,) = study.fits.values()
    write_new(path, SAVE, parameter_set_text(fitted_set(fitted.fit, path.stem)))
    return path
