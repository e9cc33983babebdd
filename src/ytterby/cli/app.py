"""The commands of ``ytterby``. Everything heavy is imported inside the command that needs it."""

from __future__ import annotations

import gc
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Literal

import typer

from ytterby.cli.chain import app as chain_app
from ytterby.errors import YtterbyError

app = typer.Typer(
    name="ytterby",
    help="Rare-earth separation circuits from cited chemistry: solve, check, draw, cite.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.add_typer(chain_app, name="chain")

CaseFile = Annotated[
    Path, typer.Argument(metavar="FILE", help="Case file (TOML; a plant also XLSX).")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of tables.")]
Html = Annotated[
    Path | None,
    typer.Option(
        "--html", metavar="FILE", help="Write tables and live figures there, as one page."
    ),
]
Xlsx = Annotated[
    Path | None,
    typer.Option("--xlsx", metavar="FILE", help="Write numbers and sources there, for Excel."),
]


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
    shortcuts: Annotated[
        bool, typer.Option("--shortcuts", help="Show hand calculations beside the result.")
    ] = False,
    mccabe: Annotated[
        str | None,
        typer.Option(
            "--mccabe",
            metavar="ELEMENT",
            help="With --plot or --html: draw its McCabe-Thiele diagram too.",
        ),
    ] = None,
    html: Html = None,
    xlsx: Xlsx = None,
) -> None:
    """Solve the circuits and trains of a case: streams, stages, purity, recovery, reagents, sources."""
    from ytterby.case import read
    from ytterby.cli import show, show_circuit
    from ytterby.cli.written import Wanted
    from ytterby.study.run import run

    if mccabe and not (plot or html):
        raise typer.BadParameter("needs --plot or --html, where to draw", param_hint="--mccabe")
    case = read(file)
    wanted = Wanted(plot, html, xlsx)
    wanted.ready()
    if mccabe:
        show_circuit.require_element(case, mccabe)
    with show.progress(len(case.alone) + len(case.trains)) as advance:
        study = run(case, advance)
    show_circuit.print_study(study, as_json, basis, wanted, shortcuts, mccabe)


@app.command()
def run(
    file: CaseFile,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Write the results there, not into results/ and the name of the case.",
        ),
    ] = None,
    redesign: Annotated[
        bool,
        typer.Option(
            "--redesign",
            help="Design all circuits anew; store them where no other case has its designs.",
        ),
    ] = False,
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Change a key of the case first, e.g. plant.medium=chloride; may be given again.",
        ),
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Solve again even if nothing has changed.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Solve the plant of a case: products, streams, consumption, inventory; results as files and a report."""
    from ytterby.cli.show_plant import run_plant_case

    run_plant_case(
        file, out, redesign=redesign, changes=changes or (), fresh=fresh, as_json=as_json
    )


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
def fit(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="Case file (TOML) with fits.")
    ] = None,
    as_json: Json = False,
    only: Annotated[
        str | None, typer.Option("--only", metavar="NAME", help="Make the fit of this name only.")
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option(
            "--plot", metavar="DIR", help="Draw measured against computed D, PNG and SVG."
        ),
    ] = None,
    save: Annotated[
        Path | None,
        typer.Option("--save", metavar="SET", help="Write the fitted parameter set there (TOML)."),
    ] = None,
    template: Annotated[
        Path | None,
        typer.Option(
            "--template", metavar="TABLE", help="Write an empty isotherm table, .csv or .xlsx."
        ),
    ] = None,
    html: Html = None,
    xlsx: Xlsx = None,
) -> None:
    """Fit constants to isotherm tables: intervals, errors on sources left out, the next shake-out to make."""
    from ytterby.cli import show, show_fit

    if (file is None) == (template is None):
        raise typer.BadParameter("either a case file or --template", param_hint="FILE")
    if template is not None:
        return show_fit.print_template(template, as_json)
    from ytterby.case import read
    from ytterby.cli.written import Wanted
    from ytterby.study.fit import chosen_fits, run_fits

    case = chosen_fits(read(file or ""), only)
    wanted = Wanted(plot, html, xlsx)
    wanted.ready()
    if save:
        show_fit.ready_to_save(save, list(case.fits))
    with show.progress(len(case.fits)) as advance:
        study = run_fits(case, advance)
    show_fit.print_fits(study, as_json, wanted, save)


@app.command()
def start(
    file: CaseFile,
    as_json: Json = False,
    plot: Annotated[
        Path | None,
        typer.Option(
            "--plot", metavar="DIR", help="Draw products and inventory there, PNG and SVG."
        ),
    ] = None,
    only: Annotated[
        str | None, typer.Option(metavar="NAME", help="Run this start of the case alone.")
    ] = None,
    html: Html = None,
    xlsx: Xlsx = None,
) -> None:
    """Run circuits through time: filling, time to specification, metal locked up, answers to events."""
    from ytterby.case import read
    from ytterby.cli import show_start
    from ytterby.cli.written import Wanted
    from ytterby.study.start import chosen_starts, run_starts

    case = chosen_starts(read(file), only)
    wanted = Wanted(plot, html, xlsx)
    wanted.ready()
    with show_start.progress() as tell:
        study = run_starts(case, tell)
    show_start.print_starts(study, as_json, wanted)
    if study.ended_early is not None:
        raise typer.Exit(study.ended_early.exit_code)


@app.command()
def design(
    file: CaseFile,
    as_json: Json = False,
    only: Annotated[
        str | None,
        typer.Option("--only", metavar="NAME", help="Make the design of this name only."),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option(
            "--plot",
            metavar="DIR",
            help="Draw profiles, purities around the design and costs, PNG and SVG.",
        ),
    ] = None,
    save: Annotated[
        Path | None,
        typer.Option(
            "--save",
            metavar="CASE",
            help="Write what was designed there, a case of circuits (TOML).",
        ),
    ] = None,
    html: Html = None,
    xlsx: Xlsx = None,
) -> None:
    """Design cuts at least annual cost: stages, flows, acids; what limits them, what another nine costs."""
    from ytterby.case import read
    from ytterby.cli import show_design
    from ytterby.cli.written import Wanted
    from ytterby.study.design import all_faults, chosen_designs, run_designs

    case = chosen_designs(read(file), only)
    wanted = Wanted(plot, html, xlsx)
    wanted.ready()
    if save:
        show_design.ready_to_save(save)
    with show_design.progress(len(case.designs)) as tell:
        study = run_designs(case, tell)
    show_design.print_designs(study, as_json, wanted, save)
    if study.unreached:
        raise typer.Exit(all_faults(study.unreached).exit_code)


@app.command()
def sequence(
    file: CaseFile,
    as_json: Json = False,
    plot: Annotated[
        Path | None,
        typer.Option(
            "--plot", metavar="DIR", help="Draw the best order of cuts as a tree, PNG and SVG."
        ),
    ] = None,
    html: Html = None,
    xlsx: Xlsx = None,
) -> None:
    """Part a feed into products: every order of cuts ranked by hand calculation, the best designed."""
    from ytterby.case import read
    from ytterby.cli import show_design, show_sequence
    from ytterby.cli.written import Wanted
    from ytterby.study.design import all_faults
    from ytterby.study.sequence import run_sequences

    case = read(file)
    wanted = Wanted(plot, html, xlsx)
    wanted.ready()
    with show_design.progress(len(case.sequences)) as tell:
        study = run_sequences(case, tell)
    show_sequence.print_sequences(study, as_json, wanted)
    if study.unreached:
        raise typer.Exit(all_faults(study.unreached).exit_code)


@app.command()
def audit(
    file: CaseFile,
    as_json: Json = False,
    html: Html = None,
    result: Annotated[
        Path | None,
        typer.Option(
            "--with",
            metavar="FILE",
            help="A result.json of `ytterby run`: what its plant computes is taken for computed.",
        ),
    ] = None,
) -> None:
    """Audit an announcement: can its claims hold together, what does each imply, what would close it."""
    from ytterby.case import read
    from ytterby.cli import show_audit
    from ytterby.cli.written import Wanted
    from ytterby.study.audit import run_audits

    case = read(file)
    wanted = Wanted(html=html)
    wanted.ready()
    stored = None
    if result is not None:
        from ytterby.study.judged_plant import stored_figures

        stored = stored_figures(result)
    with show_audit.progress() as tell:
        study = run_audits(case, tell, stored)
    show_audit.print_audits(study, as_json, wanted)


@app.command()
def sheet(
    file: Annotated[Path, typer.Argument(metavar="CASE", help="Case of a plant (TOML).")],
    target: Annotated[Path, typer.Argument(metavar="FILE", help="Workbook to write (.xlsx).")],
    as_json: Json = False,
) -> None:
    """Write the case of a plant as a workbook, to be changed there and run as it is; never overwrites."""
    from ytterby.case.book_writing import write_book
    from ytterby.cli import show

    show.print_sheet(write_book(file, target), as_json)


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
        Literal[
            "extractants",
            "elements",
            "datasets",
            "sources",
            "dimensions",
            "units",
            "feeds",
            "operations",
            "products",
            "downstream",
            "impacts",
            "facilities",
            "materials",
            "recipes",
            "contracts",
            "events",
            "actors",
        ],
        typer.Argument(help="What to list."),
    ],
    as_json: Json = False,
) -> None:
    """List what is known: extractants, elements, data, sources, unit operations, feeds, facilities, ..."""
    from ytterby.cli import show

    show.print_list(kind, as_json)


@app.command()
def new(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Where to put the example.")],
    circuit: Annotated[
        bool, typer.Option("--circuit", help="One circuit, terbium from dysprosium.")
    ] = False,
    metal: Annotated[
        bool, typer.Option("--metal", help="The plant with metal, alloy and magnets next door.")
    ] = False,
    chain: Annotated[
        bool, typer.Option("--chain", help="A supply chain, backward from its customers.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Copy a commented example case into a directory, a whole plant unless told; never overwrites."""
    from ytterby.cli import show
    from ytterby.study.examples import CHAIN, CIRCUIT, METAL, PLANT, copy_example

    if circuit + metal + chain > 1:
        raise typer.BadParameter("one of --circuit, --metal, --chain", param_hint="--circuit")
    example = CIRCUIT if circuit else METAL if metal else CHAIN if chain else PLANT
    show.print_new(example, copy_example(directory, example), as_json)
