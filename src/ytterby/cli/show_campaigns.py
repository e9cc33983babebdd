"""Running a plant whose year is made of campaigns: its tables, a folder of results for each campaign."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from ytterby.cli.console import kept, plain, print_json, print_table, printed
from ytterby.cli.kept_designs import keep_designs
from ytterby.cli.output import write

if TYPE_CHECKING:
    from ytterby.case import Case
    from ytterby.case.plants import PlantPlan
    from ytterby.errors import YtterbyError
    from ytterby.study.campaigns import CampaignsStudy
    from ytterby.study.plant import PlantStudy


def run_campaign_case(
    case: Case,
    plan: PlantPlan,
    directory: Path,
    *,
    redesign: bool,
    changes: Sequence[str],
    fresh: bool,
    as_json: bool,
) -> None:
    """Solve every campaign and write its results, unless they stand there and nothing has changed."""
    from ytterby.case import read
    from ytterby.report import campaigns, results
    from ytterby.study.campaigns import run_campaigns
    from ytterby.study.fingerprint import fingerprint

    inputs = fingerprint(case, changes)
    names = [it.name for it in plan.campaigns]
    stored = None if fresh or redesign else campaigns.stored_year(directory, inputs, names)
    if stored is not None:
        if as_json:
            return print_json(stored)
        text = (directory / campaigns.TEXT).read_text("utf-8")
        return write(f"{text}\nunchanged, not solved again: {directory}\n")
    campaigns.ready_for_campaigns(directory, names)
    designs = results.DesignsInProgress(directory, plan.medium, inputs)
    from ytterby.cli.show_plant import plant_text, progress

    with progress([unit.name for unit in plan.flowsheet.operations]) as tell:
        year = run_campaigns(plan, redesign, tell, known=designs.made(), keep=designs.keep)
    stored_designs = keep_designs(case, plan, year.designs, changes) if redesign else None
    if stored_designs is not None:
        changes = stored_designs.changes
        inputs = fingerprint(read(case.path, changes), changes)
    origin = results.Origin(inputs, tuple(changes))
    for name, study in year.studies.items():
        results.write_results(study, case, directory / name, origin, plant_text(study, case))
    other = _in_other_medium(case, changes)
    document = campaigns.write_year(year, case, directory, inputs, _text(year, case), other)
    results.DesignsInProgress(directory, plan.medium, inputs).done()
    if as_json:
        return print_json(document)
    with printed() as console:
        _print_tables(console, year, case)
        console.print(plain(f"wrote: {directory}"), soft_wrap=True)
        if stored_designs is not None:
            stored_designs.tell(console)
    return None


def _in_other_medium(
    case: Case, changes: Sequence[str]
) -> PlantStudy | tuple[YtterbyError, ...] | None:
    """The year in the plant's other medium, if its circuits are designed for it."""
    from ytterby.study.campaigns import run_campaigns
    from ytterby.study.media import other_medium
    from ytterby.study.whole_year import whole_year

    return other_medium(case, changes, lambda plan: whole_year(run_campaigns(plan)))


def _text(year: CampaignsStudy, case: Case) -> str:
    """All tables as plain text, to be kept beside the results."""
    return kept(lambda console: _print_tables(console, year, case))


def _print_tables(console: Console, year: CampaignsStudy, case: Case) -> None:
    from ytterby.report.campaigns import campaign_tables, campaigns_in_words

    console.print(plain(case.title or str(case.path)), style="bold")
    console.print(plain(campaigns_in_words(year)), soft_wrap=True)
    console.print()
    for table in campaign_tables(year):
        print_table(console, table)
