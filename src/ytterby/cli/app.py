"""The commands of ``ytterby``. Everything heavy is imported inside the command that needs it."""

from __future__ import annotations

import gc
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Literal

import typer

from ytterby.errors import YtterbyError

app = typer.Typer(
    name="ytterby",
    help="Rare-earth separation circuits from cited chemistry: solve, check, draw, cite.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

CaseFile = Annotated[Path, typer.Argument(metavar="FILE", help="Case file (TOML).")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of tables.")]


def main() -> None:
    """Run the command line; every ytterby error ends in its message and its exit code."""
    gc.set_threshold(100_000)  # imports and tracing make many objects and little garbage
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal without these letters gets escapes
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except YtterbyError as error:
        from ytterby.cli.show import show_error

        show_error(error, as_json="--json" in sys.argv)
        sys.exit(error.exit_code)


def _version(wanted: bool) -> None:
    if wanted:
        from ytterby import __version__
        from ytterby.cli.output import write

        write(f"ytterby {__version__}\n")
        raise typer.Exit()


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    pass


@app.command()
def circuit(
    file: CaseFile,
    as_json: Json = False,
    plot: Annotated[
        Path | None,
        typer.Option("--plot", metavar="DIR", help="Draw the stage profiles there, PNG and SVG."),
    ] = None,
    basis: Annotated[
        Literal["reo", "metal", "mol"],
        typer.Option(help="What the stream table weighs: oxides as traded, metal, or amount."),
    ] = "reo",
) -> None:
    """Solve the circuits and trains of a case: streams, stages, purity, recovery, reagents, sources."""
    from ytterby.case import read
    from ytterby.cli import show
    from ytterby.study.run import run

    case = read(file)
    if plot:
        show.ready_to_draw(plot)
    with show.progress(len(case.alone) + len(case.trains)) as advance:
        study = run(case, advance)
    drawn = show.draw_profiles(study, plot) if plot else []
    if as_json:
        show.print_json(show.study_document(study, drawn))
    else:
        show.print_study(study, basis, drawn)


@app.command()
def check(file: CaseFile, as_json: Json = False) -> None:
    """Read a case and test what arithmetic can: units, names, acid and loading balances. Solves nothing."""
    from ytterby.case import read
    from ytterby.cli import show
    from ytterby.errors import ConvergenceError
    from ytterby.study.run import refusals

    case = read(file)
    impossible = refusals(case)
    if impossible:
        raise ConvergenceError(impossible)
    show.print_check(case, as_json)


@app.command()
def cite(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="[FILE|SET|KEY]",
            help="Case file, parameter set or source key; everything if left out.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Print the sources that a case, a parameter set or the whole product rests on."""
    from ytterby.cli import show

    show.print_sources(what, as_json)


@app.command(name="list")
def list_(
    kind: Annotated[
        Literal["extractants", "elements", "datasets", "sources", "units"],
        typer.Argument(help="What to list."),
    ],
    as_json: Json = False,
) -> None:
    """List what is known: extractants and their parameter sets, elements, datasets, sources, units."""
    from ytterby.cli import show

    show.print_list(kind, as_json)


@app.command()
def new(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Where to put the example.")],
    as_json: Json = False,
) -> None:
    """Copy the commented example case into a directory; never overwrites."""
    from ytterby.cli import show
    from ytterby.study.examples import copy_example

    show.print_new(copy_example(directory), as_json)
