"""The files that a command writes beside what it prints: pictures, a page, a workbook."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from ytterby.cli.console import plain

if TYPE_CHECKING:
    from ytterby.case import Case
    from ytterby.report.figures import Figure
    from ytterby.report.fragments import Fragment
    from ytterby.report.sequence_drawing import TreeDrawing
    from ytterby.report.workbook import Sheet

XLSX = "--xlsx"


@dataclass(frozen=True)
class Wanted:
    """Where a command was told to write; None: not wanted."""

    plot: Path | None = None
    """A directory."""
    html: Path | None = None
    xlsx: Path | None = None

    def ready(self) -> None:
        """Find out before the work whether all of it can be made and written; OutputError if not."""
        if self.plot:
            from ytterby.report.draw import ready

            ready(self.plot)
        if self.html:
            from ytterby.report.page import ready_for_page

            ready_for_page(self.html)
        if self.xlsx:
            from ytterby.report.files import ready_to_write
            from ytterby.report.workbook import SUFFIX, workbook

            workbook(())
            ready_to_write(self.xlsx, XLSX, SUFFIX)


@dataclass(frozen=True)
class Written:
    """What was written."""

    drawn: tuple[Path, ...] = ()
    others: tuple[Path, ...] = ()

    def tell(self, console: Console) -> None:
        """A line for each file."""
        for path in self.drawn:
            console.print(plain(f"drawn: {path}"), soft_wrap=True)
        for path in self.others:
            console.print(plain(f"wrote: {path}"), soft_wrap=True)


def write_wanted(
    wanted: Wanted,
    case: Case,
    pictures: Callable[[], Iterable[Figure | TreeDrawing]],
    fragments: Callable[[], Iterable[Fragment]],
    sheets: Callable[[], Iterable[Sheet]],
) -> Written:
    """Write what is wanted of a case's results, each made only if it is; OutputError if it cannot."""
    drawn = _draw(pictures(), wanted.plot) if wanted.plot else ()
    others = []
    if wanted.html:
        from ytterby import __version__
        from ytterby.report.page import write_page

        lead = f"From {case.path}, by ytterby {__version__}."
        write_page(wanted.html, case.title or str(case.path), fragments(), lead)
        others.append(wanted.html)
    if wanted.xlsx:
        from ytterby.report.files import write_new
        from ytterby.report.workbook import workbook

        write_new(wanted.xlsx, XLSX, workbook(sheets()))
        others.append(wanted.xlsx)
    return Written(drawn, tuple(others))


def _draw(pictures: Iterable[Figure | TreeDrawing], directory: Path) -> tuple[Path, ...]:
    from ytterby.report.draw import draw
    from ytterby.report.draw_tree import draw_tree
    from ytterby.report.figures import Figure

    return tuple(
        path
        for it in pictures
        for path in (draw(it, directory) if isinstance(it, Figure) else draw_tree(it, directory))
    )
