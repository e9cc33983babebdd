"""Printing: tables, documents, messages. Standard output carries results, standard error the rest."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from io import StringIO
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from ytterby.cli.output import STANDARD_OUTPUT, write
from ytterby.errors import Fault, YtterbyError

if TYPE_CHECKING:
    from rich.console import JustifyMethod as Justify

    from ytterby.case import Case
    from ytterby.circuit.solved import SolvedCircuit, SolvedTrain
    from ytterby.report.tables import Basis, Table
    from ytterby.sources import Source
    from ytterby.study.run import Study

LONGEST_CELL = 60
"""Characters of a cell that is never wrapped."""
PLAIN_WIDTH = 200
"""Columns when the output is not a terminal, so that files and pipes get whole tables."""


@contextmanager
def _page() -> Iterator[Console]:
    """A console for standard output; what was printed on it is written whole at the end."""
    terminal = sys.stdout.isatty()
    width = Console(file=sys.stdout).width if terminal else PLAIN_WIDTH
    buffer = StringIO()
    yield Console(
        file=buffer,
        width=width,
        force_terminal=terminal,
        highlight=False,
        markup=False,
        emoji=False,
    )
    write(buffer.getvalue())


def _plain(text: str) -> str:
    """One line of a user's text, without characters that would steer a terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


@contextmanager
def progress(number: int) -> Iterator[Callable[[str], None]]:
    """A progress line on a terminal while circuits and trains are solved; yields what to call before each."""
    console = Console(stderr=True, highlight=False, markup=False)
    if not console.is_terminal:
        yield lambda name: None
        return
    with console.status("starting") as status:
        done = 0

        def advance(name: str) -> None:
            nonlocal done
            done += 1
            status.update(f"solving {name} ({done} of {number})")

        yield advance


def show_error(error: YtterbyError, as_json: bool) -> None:
    """All faults of an error: as a document on standard output, else in words on standard error."""
    if as_json and error.faults[0].where != STANDARD_OUTPUT:
        return print_json(
            {
                "format": "ytterby.error",
                "version": 1,
                "error": type(error).__name__,
                "exit_code": int(error.exit_code),
                "faults": [asdict(fault) for fault in error.faults],
            }
        )
    print(error, file=sys.stderr)
    if len(error.faults) > 1:
        print(f"{len(error.faults)} faults", file=sys.stderr)
    return None


def print_json(document: Any) -> None:
    """One JSON document on standard output; nan is refused."""
    write(json.dumps(document, indent=2, allow_nan=False) + "\n")


def study_document(study: Study, drawn: list[Path], shortcuts: bool = False) -> dict[str, Any]:
    """All circuits and trains of a study, each in its documented layout; hand calculations if wanted."""
    from ytterby.report.document import circuit_document, train_document

    beside = {"shortcuts": _shortcuts(study)} if shortcuts else {}
    return {
        "format": "ytterby.study",
        "version": 1,
        "case": str(study.case.path),
        "title": study.case.title,
        "circuits": [circuit_document(solved) for solved in study.circuits.values()],
        "trains": [train_document(solved) for solved in study.trains.values()],
        "figures": [str(path) for path in drawn],
        **beside,
    }


def _shortcuts(study: Study) -> list[dict[str, Any]]:
    """Hand calculations beside every circuit."""
    from ytterby.report.shortcuts import shortcut_document

    return [shortcut_document(solved) for solved in study.circuits.values()]


def ready_for_workbook(path: Path) -> None:
    """Find out before the solve whether a workbook can be made and written."""
    from ytterby.cli.files import ready_to_write
    from ytterby.report.workbook import workbook

    workbook(())
    ready_to_write(path, "--xlsx", ".xlsx")


def write_workbook(study: Study, path: Path) -> None:
    """Write all circuits of a study as a new workbook."""
    from ytterby.cli.files import write_new
    from ytterby.report.workbook import workbook

    write_new(path, "--xlsx", workbook(study.circuits.values()))


def ready_to_draw(directory: Path) -> None:
    """Find out before the solve whether pictures can be drawn."""
    from ytterby.report.draw import ready

    ready(directory)


def require_element(case: Case, symbol: str) -> None:
    """Find out before the solve whether any circuit has the element; CaseError if none has."""
    from ytterby.errors import CaseError, nearest

    known = list(dict.fromkeys(it for plan in case.circuits.values() for it in plan.elements))
    if symbol not in known:
        expected = "an element of the case: " + ", ".join(known)
        raise CaseError(Fault("--mccabe", _plain(symbol), expected, nearest(symbol, known)))


def draw_profiles(study: Study, directory: Path, mccabe: str | None = None) -> list[Path]:
    """Draw the stage profiles of every circuit, and the steps of one element; the files written."""
    from ytterby.report.draw import draw
    from ytterby.report.figures import profile_figure
    from ytterby.report.mccabe import mccabe_figure

    figures = [profile_figure(solved) for solved in study.circuits.values()]
    figures += [
        mccabe_figure(solved, mccabe)
        for solved in study.circuits.values()
        if mccabe in solved.circuit.elements
    ]
    return [path for figure in figures for path in draw(figure, directory)]


def print_study(study: Study, basis: Basis, drawn: list[Path], shortcuts: bool = False) -> None:
    """Everything a person reads of a study."""
    with _page() as console:
        console.print(_plain(study.case.title or str(study.case.path)), style="bold")
        for solved in study.circuits.values():
            _print_circuit(console, solved, basis)
            if shortcuts:
                _print_shortcuts(console, solved)
        for train in study.trains.values():
            _print_train(console, train)
        for path in drawn:
            console.print(_plain(f"drawn: {path}"), soft_wrap=True)


def _print_circuit(console: Console, solved: SolvedCircuit, basis: Basis) -> None:
    from ytterby.report import tables

    circuit = solved.circuit
    terms = f" with {', '.join(circuit.terms)}" if circuit.terms else ""
    console.print(
        f"Circuit {circuit.name}: {solved.verdict.value}, {circuit.stages} stages, "
        f"{circuit.equilibrium}{terms}, {solved.steps} Newton steps\n"
    )
    shown = [
        tables.stream_table(solved, basis),
        tables.outlet_table(solved),
        tables.stage_table(solved),
        tables.consumption_table(solved),
    ]
    if solved.out_of_range:
        shown.append(tables.range_table(solved))
    for table in shown:
        print_table(console, table)
    for assumption in solved.assumptions:
        console.print(f"Assumed, not data: {assumption}.", soft_wrap=True)
    activity = "activity coefficients only by the terms" if terms else _NO_ACTIVITY
    console.print(
        f"Sources: {', '.join(solved.sources)} (`ytterby cite`). "
        f"Weakest basis: {solved.weakest_basis}. Phase volumes constant; {activity}.",
        soft_wrap=True,
    )


def _print_shortcuts(console: Console, solved: SolvedCircuit) -> None:
    from ytterby.report.shortcuts import shortcut_table

    table = shortcut_table(solved)
    console.print()
    if table.rows:
        print_table(console, table)
    else:
        console.print(f"{table.title}: {table.note}", soft_wrap=True)


_NO_ACTIVITY = "activity coefficients not modelled"


def _print_train(console: Console, solved: SolvedTrain) -> None:
    from ytterby.report.tables import transfer_table

    console.print(
        f"\nTrain {solved.train.name}: {', '.join(solved.circuits)}, solved together in "
        f"{solved.steps} Newton steps\n"
    )
    print_table(console, transfer_table(solved))


def print_table(console: Console, table: Table) -> None:
    """A report table, text left and numbers right; on a narrow terminal in parts below each other."""
    console.print(Text(table.title, style="bold"))
    for columns in _fitting(table, console.width):
        drawn = RichTable(box=SIMPLE_HEAD, pad_edge=False)
        for column in columns:
            cells = [row[column] for row in table.rows]
            justify: Justify = "right" if all(map(_is_number, cells[-3:])) else "left"
            drawn.add_column(
                table.header[column], justify=justify, no_wrap=_is_narrow(table, column)
            )
        for row in table.rows:
            drawn.add_row(*(row[column] for column in columns))
        console.print(drawn)
    if table.note:
        console.print(Text(table.note, style="dim"), soft_wrap=True)
    console.print()


def _fitting(table: Table, width: int) -> list[list[int]]:
    """Columns in groups that fit the width; names and units head every group."""
    widths = [
        min(LONGEST_CELL, max(map(len, cells))) + 3
        for cells in zip(table.header, *table.rows, strict=True)
    ]
    heads = [0, 1] if table.header[1:2] == ("unit",) else [0]
    groups, room = [[*heads]], width
    room -= sum(widths[column] for column in heads)
    for column in range(len(heads), len(widths)):
        if widths[column] > room and len(groups[-1]) > len(heads):
            groups.append([*heads])
            room = width - sum(widths[head] for head in heads)
        groups[-1].append(column)
        room -= widths[column]
    return groups


def _is_narrow(table: Table, column: int) -> bool:
    """Whether the cells of a column are kept on one line; long text may wrap."""
    return max(len(row[column]) for row in table.rows) <= LONGEST_CELL


def _is_number(cell: str) -> bool:
    try:
        float(cell.lstrip("<") or "0")
    except ValueError:
        return False
    return True


def print_check(case: Case, as_json: bool) -> None:
    """What a check found to be right, and what to do next."""
    circuits: list[dict[str, Any]] = [
        {"name": name, "stages": circuit.stages, "elements": list(circuit.elements),
         "equilibrium": circuit.equilibrium}
        for name, circuit in case.circuits.items()
    ]  # fmt: skip
    trains: list[dict[str, Any]] = [
        {"name": name, "circuits": [circuit.name for circuit in train.circuits]}
        for name, train in case.trains.items()
    ]
    fits: list[dict[str, Any]] = [
        {"name": name, "set": plan.parameters.name, "contacts": len(plan.contacts),
         "sources": list(dict.fromkeys(contact.source for contact in plan.contacts))}
        for name, plan in case.fits.items()
    ]  # fmt: skip
    starts: list[dict[str, Any]] = [
        {"name": name, "circuit": plan.circuit.name, "duration_h": plan.duration,
         "events": [event.label for event in plan.events]}
        for name, plan in case.starts.items()
    ]  # fmt: skip
    designs: list[dict[str, Any]] = [
        {"name": name, "cut": list(plan.task.cut), "elements": list(plan.task.elements),
         "equilibrium": plan.task.equilibrium}
        for name, plan in case.designs.items()
    ]  # fmt: skip
    sequences: list[dict[str, Any]] = [
        {"name": name, "products": {it: list(metals) for it, metals in
                                    zip(plan.products, plan.task.products, strict=True)},
         "verified": plan.verified, "equilibrium": plan.task.first.equilibrium}
        for name, plan in case.sequences.items()
    ]  # fmt: skip
    if as_json:
        print_json({"format": "ytterby.check", "version": 1, "case": str(case.path), "ok": True,
                    "circuits": circuits, "trains": trains, "fits": fits, "starts": starts,
                    "designs": designs, "sequences": sequences})  # fmt: skip
        return
    lines = [
        f"{entry['name']}: {entry['stages']} stages, {len(entry['elements'])} elements, "
        f"{entry['equilibrium']}"
        for entry in circuits
    ]
    lines += [f"train {train['name']}: {', '.join(train['circuits'])}" for train in trains]
    lines += [
        f"fit {fit['name']}: {fit['contacts']} contacts of {_plain(', '.join(fit['sources']))}, {fit['set']}"
        for fit in fits
    ]
    lines += [
        f"start {it['name']}: {it['circuit']} for {it['duration_h']:g} h, {len(it['events'])} events"
        for it in starts
    ]
    lines += [
        f"design {it['name']}: {'/'.join(it['cut'])}, {len(it['elements'])} elements, {it['equilibrium']}"
        for it in designs
    ]
    lines += [
        f"sequence {it['name']}: {' | '.join(it['products'])}, {it['equilibrium']}"
        for it in sequences
    ]
    found = "no fault found" + ("; acid and loading balances can be met" if circuits else "")
    lines.append(found + (" by circuits outside trains" if trains else ""))
    command = "circuit" if circuits else "fit" if fits else "design" if designs else "sequence"
    lines.append(_plain(f"next: ytterby {command} {quote(str(case.path))}"))
    write("\n".join(lines) + "\n")


def print_sources(what: str | None, as_json: bool) -> None:
    """Full references of a case, a set, a key, or everything."""
    from ytterby.sources import format_source

    found = _sources_of(what)
    if as_json:
        entries = [{"key": entry.key, "citation": format_source(entry)} for entry in found]
        print_json({"format": "ytterby.sources", "version": 1, "sources": entries})
        return
    write("".join(f"{format_source(entry)}\n" for entry in found))


def _sources_of(what: str | None) -> tuple[Source, ...]:
    """Sources of a case file, a parameter set or one key; all without a name."""
    from ytterby.datasets import cited, parameter_set, parameter_sets
    from ytterby.errors import DataError, nearest
    from ytterby.sources import all_sources, source

    if what is None:
        return all_sources()
    if what.endswith(".toml") or Path(what).exists():
        from ytterby.case import read

        keys: dict[str, None] = {}
        case = read(what)
        for plan in case.fits.values():
            keys |= dict.fromkeys(plan.sources)
        for start in case.starts.values():
            keys |= dict.fromkeys(start.sources)
        for design in case.designs.values():
            keys |= dict.fromkeys(design.sources)
        for sequence in case.sequences.values():
            keys |= dict.fromkeys(sequence.sources)
        for circuit in case.circuits.values():
            symbols = [name for name in circuit.elements if name not in circuit.assumed]
            used = parameter_set(circuit.equilibrium).used(symbols, circuit.terms)
            keys |= dict.fromkeys(cited(used))
        return tuple(source(key) for key in (*keys, "PERIODICTABLE"))
    sets = {found.name: found for found in parameter_sets()}
    if what in sets:
        return tuple(source(key) for key in sets[what].sources)
    known = {entry.key: entry for entry in all_sources()}
    if what in known:
        return (known[what],)
    fault = Fault(
        "ytterby cite", what, "a case file, a parameter set or a source key",
        nearest(what, [*sets, *known]), "see `ytterby list sources` and `ytterby list extractants`",
    )  # fmt: skip
    raise DataError(fault)


def print_list(kind: str, as_json: bool) -> None:
    """One of the lists of what is known."""
    from ytterby.cli import lists

    table = lists.LISTS[kind]()
    if as_json:
        rows = [dict(zip(table.header, row, strict=True)) for row in table.rows]
        print_json({"format": f"ytterby.list.{kind}", "version": 1, kind: rows})
        return
    with _page() as console:
        print_table(console, table)


def print_new(path: Path, as_json: bool) -> None:
    """Where the example was put and what to do with it."""
    if as_json:
        print_json({"format": "ytterby.new", "version": 1, "file": str(path)})
        return
    next_step = _plain(f"next: ytterby circuit {quote(str(path))} --plot results")
    write(f"wrote {_plain(str(path))}\n{next_step}\n")
