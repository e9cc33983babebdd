"""Runs through time as sheets of a workbook: periods, specifications, series over time, what is held."""

from __future__ import annotations

from collections.abc import Callable

from ytterby.circuit.dynamics.simulation import Course
from ytterby.circuit.dynamics.specification import Met, Specification
from ytterby.elements import by_extraction_order
from ytterby.materials import is_rare_earth
from ytterby.report.start import asked
from ytterby.report.workbook import Cell, Sheet, along, resting, sheet, source_sheet
from ytterby.study.start import Run, StartStudy, Valued


def start_sheets(study: StartStudy) -> list[Sheet]:
    """Each run with its periods, specifications, series and inventory; the sources of all."""
    runs = list(study.runs.values())
    return [
        *(
            each
            for run in runs
            for each in (
                _periods(run),
                *_specifications(run),
                *_outlets(run),
                _held(run),
                _locked_up(run),
            )
        ),
        source_sheet(
            row
            for run in runs
            for row in resting(run.plan.name, run.sources, "", run.simulation.assumptions)
        ),
    ]


def _periods(run: Run) -> Sheet:
    simulation = run.simulation
    counted, held = simulation.rare_earths(), simulation.inventory.total
    columns: list[tuple[str, str, Callable[[tuple[Course, float | None]], Cell]]] = [
        ("period", "", lambda it: it[0].period.name),
        ("from", "h", lambda it: it[0].period.begin),
        ("to", "h", lambda it: float(simulation.time[it[0].end - 1])),
        ("settled at", "h", lambda it: it[1]),
        ("held at its end", "kg REO", lambda it: float(held[it[0].end - 1] @ counted)),
        (
            "steady",
            "kg REO",
            lambda it: None if it[0].target is None else float(it[0].target.total @ counted),
        ),
    ]
    pairs = list(zip(simulation.courses, run.settled, strict=True))
    return sheet(f"{run.plan.name} periods", columns, pairs)


def _specifications(run: Run) -> list[Sheet]:
    """None where nothing is asked."""
    columns: list[tuple[str, str, Callable[[tuple[Specification, Met]], Cell]]] = [
        ("specification", "", lambda it: it[0].label),
        ("asked", "", lambda it: asked(it[0])),
        ("period", "", lambda it: it[1].course.period.name),
        ("holds from", "h", lambda it: it[1].since),
        ("off for", "h", lambda it: it[1].hours_off),
        ("product", "kg REO", lambda it: it[1].product),
        ("off", "kg REO", lambda it: it[1].off),
    ]
    pairs = [(it, met) for it, periods in run.met.items() for met in periods]
    return [sheet(f"{run.plan.name} specifications", columns, pairs)] * bool(pairs)


def _outlets(run: Run) -> list[Sheet]:
    """One for each outlet, a row for each time."""
    simulation = run.simulation
    symbols = by_extraction_order(simulation.circuit.elements)
    rare = [symbol for symbol in symbols if is_rare_earth(symbol)]
    found = []
    for name, series in simulation.outlets.items():
        columns = [
            along("time", "h", simulation.time),
            along("flow", "m3/h", series.flow),
            along("acid", "mol/L", series.acid / 1000.0),
            along("TREO", "kg/h REO", simulation.treo(name)),
            *(
                along(f"{it} purity", "share of TREO", simulation.purity_reo(name, it))
                for it in rare
            ),
            *(
                along(f"{it} recovery", "share of feed", simulation.recovery(name, it))
                for it in symbols
            ),
        ]
        found.append(sheet(f"{run.plan.name} {name}", columns, range(len(simulation.time))))
    return found


def _held(run: Run) -> Sheet:
    """What is held over time."""
    simulation = run.simulation
    elements, held, oxides = (
        simulation.circuit.elements,
        simulation.inventory,
        simulation.oxides(),
    )
    phases = (("aqueous", held.aqueous * oxides), ("organic", held.organic * oxides))
    columns = [
        along("time", "h", simulation.time),
        *(
            along(f"{symbol} {phase}", "kg oxide", of[:, elements.index(symbol)])
            for phase, of in phases
            for symbol in by_extraction_order(elements)
        ),
    ]
    return sheet(f"{run.plan.name} held", columns, range(len(simulation.time)))


def _locked_up(run: Run) -> Sheet:
    valued = {it.element: it for it in run.valued}
    columns: list[tuple[str, str, Callable[[Valued], Cell]]] = [
        ("metal", "", lambda it: it.element),
        ("held at the end", "kg oxide", lambda it: it.now),
        ("steady", "kg oxide", lambda it: it.steady),
        ("price", "currency/kg", lambda it: it.price.per_kg if it.price else None),
        ("currency", "", lambda it: it.price.currency if it.price else None),
        ("price date", "", lambda it: it.price.date if it.price else None),
        ("market", "", lambda it: it.price.market if it.price else None),
        ("price source", "", lambda it: it.price.source if it.price else None),
        ("value", "currency", lambda it: it.value),
    ]
    rows = [valued[symbol] for symbol in by_extraction_order(valued)]
    return sheet(f"{run.plan.name} locked up", columns, rows)
