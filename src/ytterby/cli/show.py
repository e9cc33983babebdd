"""Messages, and what the commands print that solve nothing. Results go to standard output."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from rich.console import Console

from ytterby.cli.console import plain, print_json, print_table, printed
from ytterby.cli.output import STANDARD_OUTPUT, write
from ytterby.errors import Fault, YtterbyError

if TYPE_CHECKING:
    from ytterby.case import Case
    from ytterby.sources import Source
    from ytterby.study.examples import Example


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
    audits: list[dict[str, Any]] = [
        {"name": name, "set": plan.task.claims.name, "claims": len(plan.task.claims.claims)}
        for name, plan in case.audits.items()
    ]
    plant: dict[str, Any] | None = None
    if case.plant:
        sheet = case.plant.flowsheet
        plant = {
            "name": sheet.name,
            "medium": case.plant.medium,
            "feeds": list(sheet.feeds),
            "units": len(sheet.operations),
            "ends": list(dict.fromkeys(it.name for it in sheet.ends)),
        }
    chain: dict[str, Any] | None = None
    if case.chain:
        chain = {
            "demands": list(case.chain.demands),
            "facilities": len(case.chain.network.facilities),
            "lines": len(case.chain.network.lines),
            "months": case.chain.months,
            "shocks": [it.name for it in case.chain.shocks],
        }
    if as_json:
        print_json({"format": "ytterby.check", "version": 1, "case": str(case.path), "ok": True,
                    "circuits": circuits, "trains": trains, "fits": fits, "starts": starts,
                    "designs": designs, "sequences": sequences, "audits": audits,
                    "plant": plant, "chain": chain})  # fmt: skip
        return
    lines = [
        f"{entry['name']}: {entry['stages']} stages, {len(entry['elements'])} elements, "
        f"{entry['equilibrium']}"
        for entry in circuits
    ]
    lines += [f"train {train['name']}: {', '.join(train['circuits'])}" for train in trains]
    lines += [
        f"fit {fit['name']}: {fit['contacts']} contacts of {plain(', '.join(fit['sources']))}, {fit['set']}"
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
    lines += [f"audit {it['name']}: {it['claims']} claims of {it['set']}" for it in audits]
    if plant:
        lines.append(
            f"plant {plant['name']}: {len(plant['feeds'])} feeds, {plant['units']} units, "
            f"{len(plant['ends'])} ends, {plant['medium']}"
        )
    if chain:
        lines.append(
            f"chain: {len(chain['demands'])} demands over {chain['months']} months, "
            f"{chain['facilities']} facilities, {chain['lines']} lines, {len(chain['shocks'])} shocks"
        )
    found = "no fault found" + ("; acid and loading balances can be met" if circuits else "")
    lines.append(found + (" by circuits outside trains" if trains else ""))
    command = "circuit" if circuits else "fit" if fits else "design" if designs else "sequence"
    if audits and command == "sequence" and not sequences:
        command = "audit"
    if chain:
        command = "chain match"
    if plant:
        command = "run"
    lines.append(plain(f"next: ytterby {command} {quote(str(case.path))}"))
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
        for audit in case.audits.values():
            keys |= dict.fromkeys(audit.sources)
        if case.plant:
            keys |= dict.fromkeys(case.plant.sources)
        if case.chain:
            keys |= dict.fromkeys(case.chain.sources)
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
    with printed() as console:
        print_table(console, table)


def print_new(example: Example, paths: Sequence[Path], as_json: bool) -> None:
    """Where the example was put, what to do with it, and which others there are."""
    from ytterby.study.examples import EXAMPLES, PLANT

    case = str(paths[0])
    if as_json:
        files = [str(path) for path in paths]
        print_json({"format": "ytterby.new", "version": 1, "file": case, "files": files})
        return
    write("".join(f"wrote {plain(str(path))}\n" for path in paths))
    option = " --plot results" if example.command == "circuit" else ""
    write(f"next: ytterby {example.command} {plain(quote(case))}{option}\n")
    for other in EXAMPLES:
        if other is not example:
            asked = "" if other is PLANT else f" --{other.name}"
            write(f"also: ytterby new DIR{asked}: {other.about}\n")


def print_sheet(path: Path, as_json: bool) -> None:
    """Where the workbook of a case was written and what to do with it."""
    if as_json:
        print_json({"format": "ytterby.sheet", "version": 1, "file": str(path)})
        return
    next_step = plain(f"next: ytterby run {quote(str(path))}")
    write(f"wrote {plain(str(path))}\n{next_step}\n")
