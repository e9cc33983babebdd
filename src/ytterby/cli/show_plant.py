"""Running a plant: its progress, its tables on the terminal, its folder of results."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ytterby.cli.console import kept, plain, print_json, print_table, printed
from ytterby.cli.kept_designs import keep_designs
from ytterby.cli.output import write

if TYPE_CHECKING:
    from ytterby.audit.beside import Made
    from ytterby.case import Case
    from ytterby.case.plants import PlantPlan
    from ytterby.report.fragments import Fragment
    from ytterby.study.plant import PlantStudy

RESULTS = Path("results")
"""Where the folders of results stand unless `--out` says otherwise."""


def run_plant_case(
    file: Path,
    out: Path | None,
    *,
    redesign: bool,
    changes: Sequence[str],
    fresh: bool,
    as_json: bool,
) -> None:
    """Solve the plant of a case and write its results, unless they stand there and nothing has changed."""
    from ytterby.audit.beside import begun
    from ytterby.case import read
    from ytterby.report import results
    from ytterby.study.fingerprint import fingerprint

    case = read(file, changes)
    plan = _plant_of(case)
    directory = out or RESULTS / file.stem
    if plan.campaigns:
        from ytterby.cli.show_campaigns import run_campaign_case

        return run_campaign_case(
            case, plan, directory, redesign=redesign, changes=changes, fresh=fresh, as_json=as_json
        )
    inputs = fingerprint(case, changes)
    stored = None if fresh or redesign else results.stored_results(directory)
    if stored is not None and stored["run"]["inputs"] == inputs:
        if as_json:
            return print_json(stored)
        return write(
            f"{results.stored_text(directory)}\nunchanged, not solved again: {directory}\n"
        )
    results.ready_for_results(directory)
    with begun({name: it.task for name, it in case.audits.items()}) as audits:
        study = _solved(plan, directory, inputs, redesign)
        stored_designs = keep_designs(case, plan, study.designs, changes) if redesign else None
        if stored_designs is not None:
            changes = stored_designs.changes
            inputs = fingerprint(read(file, changes), changes)
        text = plant_text(study, case)
        origin = results.Origin(inputs, tuple(changes))
        more = [*_beside(case, changes, study), *_audited(case, audits)]
    document = results.write_results(study, case, directory, origin, text, more)
    results.DesignsInProgress(directory, plan.medium, inputs).done()
    if as_json:
        return print_json(document)
    with printed() as console:
        _print_tables(console, study, case)
        console.print(plain(f"wrote: {directory}"), soft_wrap=True)
        if stored_designs is not None:
            stored_designs.tell(console)
        new = [] if redesign else _designed_here(study)
        if new:
            then = "`ytterby run CASE --redesign` stores them and says where"
            said = f"designed, not stored: {', '.join(new)}; {then}"
            console.print(plain(said), soft_wrap=True)
    return None


def _plant_of(case: Case) -> PlantPlan:
    """The plant of a case; CaseError if it has none."""
    if case.plant is not None:
        return case.plant
    from ytterby.errors import CaseError, Fault

    then = "add [plant], or run another command: circuit, design, sequence, start, fit, chain"
    raise CaseError(Fault(str(case.path), "no plant", "a table [plant]", next=then))


def _beside(case: Case, changes: Sequence[str], study: PlantStudy) -> list[Fragment]:
    """What the report says of the plant's other medium, if its circuits are designed for it."""
    from ytterby.report.media import media_fragments
    from ytterby.study.media import other_medium

    other = other_medium(case, changes)
    return media_fragments(study, other) if other else []


def _audited(case: Case, audits: Made) -> list[Fragment]:
    """What the report says of the claims that the case lists, if it does; the audits were begun before."""
    if not case.audits:
        return []
    from ytterby.report.audit_fragments import audit_study_fragments
    from ytterby.study.audit import run_audits

    return audit_study_fragments(run_audits(case, made=audits()))


def _designed_here(study: PlantStudy) -> list[str]:
    """Circuits without a stored design."""
    from ytterby.unitops import SolventExtraction

    units = study.plan.flowsheet.by_name
    return [
        name
        for name in study.designs
        if isinstance(unit := units[name], SolventExtraction) and unit.design is None
    ]


def _solved(plan: PlantPlan, directory: Path, inputs: str, redesign: bool) -> PlantStudy:
    """The plant solved; designs are kept as they are made, and taken up from a run that was stopped."""
    from ytterby.report.results import DesignsInProgress
    from ytterby.study.plant import run_plant

    designs = DesignsInProgress(directory, plan.medium, inputs)
    names = [unit.name for unit in plan.flowsheet.operations]
    with progress(names) as tell:
        return run_plant(plan, redesign, tell, known=designs.made(), keep=designs.keep)


@contextmanager
def progress(units: Sequence[str]) -> Iterator[Callable[[str], None]]:
    """A bar on a terminal, unit by unit; yields what to tell the unit, or what is tried for it."""
    console = Console(stderr=True, highlight=False, markup=False)
    if not console.is_terminal:
        yield lambda text: None
        return
    words = TextColumn("{task.description}", markup=False)
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), words)
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=len(units))
        begun: set[str] = set()

        def tell(text: str) -> None:
            if text in units:
                begun.add(text)
            bar.update(task, completed=max(0, len(begun) - 1), description=plain(text))

        yield tell


def plant_text(study: PlantStudy, case: Case) -> str:
    """All tables as plain text, to be kept beside the results."""
    return kept(lambda console: _print_tables(console, study, case))


def _print_tables(console: Console, study: PlantStudy, case: Case) -> None:
    from ytterby.report.plant import all_sources, plant_in_words, plant_tables

    console.print(plain(case.title or str(case.path)), style="bold")
    console.print(plain(plant_in_words(study)), soft_wrap=True)
    console.print()
    for table in plant_tables(study):
        print_table(console, table)
    keys = ", ".join(all_sources(study))
    console.print(f"Sources: {keys} (`ytterby cite`).", soft_wrap=True)
