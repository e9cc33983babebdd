"""The commands of ``ytterby chain``. Everything heavy is imported inside the command that needs it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from ytterby.case import Case
    from ytterby.cli.written import Wanted

app = typer.Typer(
    help="A supply chain backward from its customers: needs, makers, allocation, shocks, shares.",
    no_args_is_help=True,
)

CaseFile = Annotated[
    Path, typer.Argument(metavar="FILE", help="Case file of a supply chain (TOML).")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of tables.")]
Html = Annotated[
    Path | None,
    typer.Option("--html", metavar="FILE", help="Write tables and pictures there, as one page."),
]
Xlsx = Annotated[
    Path | None,
    typer.Option("--xlsx", metavar="FILE", help="Write numbers and sources there, for Excel."),
]
Changes = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change a key of the case; may be repeated."),
]


@app.command()
def explode(
    file: CaseFile,
    as_json: Json = False,
    html: Html = None,
    xlsx: Xlsx = None,
    changes: Changes = None,
    times: Annotated[
        Literal["low", "value", "high"],
        typer.Option("--times", help="Shortest, usual or longest of all times."),
    ] = "value",
) -> None:
    """What customers ask of every step before: tonnes, elements, months, last dates to decide."""
    from ytterby.cli import show_chain
    from ytterby.study.chain import explode_chain

    case, wanted = _ready(file, changes, html, xlsx)
    show_chain.print_exploded(explode_chain(case, times), as_json, wanted)


@app.command()
def who(
    file: CaseFile,
    as_json: Json = False,
    html: Html = None,
    xlsx: Xlsx = None,
    changes: Changes = None,
) -> None:
    """Who can do each step, on what evidence, and which arrows of a drawn chain are missing."""
    from ytterby.cli import show_chain
    from ytterby.study.chain import who as find

    case, wanted = _ready(file, changes, html, xlsx)
    show_chain.print_who(find(case), as_json, wanted)


@app.command()
def match(
    file: CaseFile,
    as_json: Json = False,
    html: Html = None,
    xlsx: Xlsx = None,
    changes: Changes = None,
) -> None:
    """Allocate what can be made to what is asked, month by month, with the least shortage."""
    from ytterby.cli import show_chain
    from ytterby.study.chain import match_chain

    case, wanted = _ready(file, changes, html, xlsx)
    with show_chain.progress() as tell:
        study = match_chain(case, tell)
    show_chain.print_matched(study, as_json, wanted)


@app.command()
def stress(
    file: CaseFile,
    as_json: Json = False,
    html: Html = None,
    xlsx: Xlsx = None,
    changes: Changes = None,
) -> None:
    """Take away makers, countries and owners one by one, and put events to the plan."""
    from ytterby.cli import show_chain
    from ytterby.study.chain import stress_chain

    case, wanted = _ready(file, changes, html, xlsx)
    with show_chain.progress() as tell:
        study = stress_chain(case, tell)
    show_chain.print_stressed(study, as_json, wanted)


@app.command()
def share(
    file: CaseFile,
    as_json: Json = False,
    html: Html = None,
    xlsx: Xlsx = None,
    changes: Changes = None,
) -> None:
    """How concentrated each stage is, who is exposed to whom, and what a kilogram short puts at risk."""
    from ytterby.cli import show_chain
    from ytterby.study.chain import share_chain

    case, wanted = _ready(file, changes, html, xlsx)
    show_chain.print_shares(share_chain(case), as_json, wanted)


@app.command()
def report(
    file: CaseFile,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Write the results there, not into results/ and the name of the case.",
        ),
    ] = None,
    as_json: Json = False,
    changes: Changes = None,
) -> None:
    """Do all five and write what is found into a folder: a page, a workbook, documents."""
    from ytterby.case import read
    from ytterby.cli import show_chain
    from ytterby.study.chain import whole_chain

    directory = out or Path("results") / file.stem
    show_chain.ready_for_chain(directory)
    case = read(file, changes or ())
    with show_chain.progress() as tell:
        study = whole_chain(case, tell)
    show_chain.write_whole(study, directory, as_json)


def _ready(
    file: Path, changes: list[str] | None, html: Path | None, xlsx: Path | None
) -> tuple[Case, Wanted]:
    """The case, and where to write, found out to be writable before the work."""
    from ytterby.case import read
    from ytterby.cli.written import Wanted

    wanted = Wanted(html=html, xlsx=xlsx)
    wanted.ready()
    return read(file, changes or ()), wanted
