"""Runs through time as a JSON document; layout in ``data/schemas/start-result-1.json``."""

from __future__ import annotations

from typing import Any

import numpy as np

from ytterby.circuit.dynamics.events import Event
from ytterby.circuit.dynamics.holdup import Hold
from ytterby.circuit.dynamics.simulation import Course, OutletSeries
from ytterby.circuit.dynamics.specification import Met, Specification
from ytterby.circuit.solved import Array
from ytterby.elements import weights_version
from ytterby.materials import is_rare_earth
from ytterby.report.document import (
    extrapolated_document,
    heading,
    number_or_null,
    sources_document,
)
from ytterby.study.start import Run, StartStudy, Valued

FORMAT = "ytterby.start"
VERSION = 1
"""Raised when a key is removed or changes its meaning; keys may be added without."""


def start_document(study: StartStudy) -> dict[str, Any]:
    """All runs of a case as plain JSON values; units stand in the keys."""
    return {
        **heading(FORMAT, VERSION, study.case),
        "runs": [_run(run) for run in study.runs.values()],
    }


def _run(run: Run) -> dict[str, Any]:
    plan, simulation = run.plan, run.simulation
    holdup = plan.holdup
    refusal = simulation.refusal
    return {
        "run": plan.name,
        "circuit": plan.circuit.name,
        "equilibrium": plan.circuit.equilibrium,
        "elements": list(simulation.circuit.elements),
        "start": plan.start,
        "duration_h": plan.duration,
        "reached_h": simulation.end,
        "ended_by": None if refusal is None else refusal.verdict.value,
        "ended_where": None if refusal is None else refusal.place,
        "hold_up": {
            "mixer": _hold(holdup.mixer),
            "organic_settler": _hold(holdup.organic_settler),
            "aqueous_settler": _hold(holdup.aqueous_settler),
            "organic_tank": _hold(holdup.organic_tank),
        },
        "events": [_event(event) for event in simulation.events],
        "periods": [
            _period(run, course, settled)
            for course, settled in zip(simulation.courses, run.settled, strict=True)
        ],
        "specifications": [_specification(it, periods) for it, periods in run.met.items()],
        "time_h": simulation.time.tolist(),
        "outlets": [_outlet(run, series) for series in simulation.outlets.values()],
        "inventory": _inventory(run),
        "locked_up": [_valued(item) for item in run.valued],
        "distance_from_steady": number_or_null(simulation.distance),
        "closure": dict(simulation.closure),
        "tolerance": simulation.tolerance,
        "steps": simulation.steps,
        "rejected_steps": simulation.rejected,
        "newton_steps": simulation.newton,
        "extrapolated": extrapolated_document(simulation.out_of_range),
        "assumptions": list(simulation.assumptions),
        "sources": sources_document(run.sources),
        "weights": weights_version(),
    }


def _hold(hold: Hold) -> dict[str, Any]:
    return {"residence_h" if hold.by == "time" else "volume_m3": hold.amount}


def _event(event: Event) -> dict[str, Any]:
    return {
        "event": event.label,
        "at_h": event.at,
        "lasting_h": event.lasting,
        "kind": event.change.kind,
        "change": str(event.change),
    }


def _period(run: Run, course: Course, settled: float | None) -> dict[str, Any]:
    simulation, target = run.simulation, course.target
    oxides = simulation.oxides()
    return {
        "events": list(course.period.events),
        "from_h": course.period.begin,
        "to_h": float(simulation.time[course.end - 1]),
        "fed_mol_per_h": _by_element(run, course.fed),
        "settled_at_h": settled,
        "steady_kg": None if target is None else _by_element(run, target.total * oxides),
        "no_steady_state": course.untold or None,
    }


def _specification(specification: Specification, periods: tuple[Met, ...]) -> dict[str, Any]:
    return {
        "specification": specification.label,
        "outlet": specification.outlet,
        "element": specification.element,
        "purity_reo": specification.purity_reo,
        "recovery": specification.recovery,
        "periods": [
            {
                "holds_from_h": met.since,
                "off_h": met.hours_off,
                "product_kg": met.product,
                "off_kg": met.off,
            }
            for met in periods
        ],
    }


def _outlet(run: Run, series: OutletSeries) -> dict[str, Any]:
    simulation = run.simulation
    elements = simulation.circuit.elements
    return {
        "name": series.name,
        "phase": series.phase,
        "flow_m3_per_h": series.flow.tolist(),
        "acid_mol_per_m3": _numbers(series.acid),
        "metals_mol_per_h": {it: series.metals[:, n].tolist() for n, it in enumerate(elements)},
        "treo_kg_per_h": simulation.treo(series.name).tolist(),
        "purity_reo": {
            it: _numbers(simulation.purity_reo(series.name, it))
            for it in elements
            if is_rare_earth(it)
        },
        "recovery": {it: _numbers(simulation.recovery(series.name, it)) for it in elements},
    }


def _inventory(run: Run) -> dict[str, Any]:
    """What is held over time, as oxides as traded [kg]."""
    simulation = run.simulation
    held, oxides, counted = simulation.inventory, simulation.oxides(), simulation.rare_earths()
    elements = simulation.circuit.elements
    return {
        "aqueous_kg": {
            it: (held.aqueous[:, n] * oxides[n]).tolist() for n, it in enumerate(elements)
        },
        "organic_kg": {
            it: (held.organic[:, n] * oxides[n]).tolist() for n, it in enumerate(elements)
        },
        "treo_by_section_kg": {
            section.label: (held.sections[:, n] @ counted).tolist()
            for n, section in enumerate(simulation.circuit.sections)
        },
        "treo_in_tank_kg": (held.tank @ counted).tolist(),
    }


def _valued(item: Valued) -> dict[str, Any]:
    price = item.price
    return {
        "element": item.element,
        "oxide_kg": item.now,
        "steady_oxide_kg": item.steady,
        "price_per_kg": None if price is None else price.per_kg,
        "currency": None if price is None else price.currency,
        "price_date": None if price is None else price.date,
        "market": None if price is None else price.market,
        "price_source": None if price is None else price.source,
        "value": item.value,
    }


def _by_element(run: Run, values: Array) -> dict[str, float]:
    return dict(zip(run.simulation.circuit.elements, values.tolist(), strict=True))


def _numbers(values: Array) -> list[float | None]:
    return [number_or_null(value) for value in np.asarray(values)]
