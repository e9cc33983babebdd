"""From a circuit and what its equipment holds to the arrays that a run is computed with."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ytterby.arrays import jnp
from ytterby.circuit.circuit import Circuit
from ytterby.circuit.dynamics.events import Setting
from ytterby.circuit.dynamics.holdup import Hold, HoldUp
from ytterby.circuit.dynamics.outlets import Outlet, outlets_of
from ytterby.circuit.dynamics.regime import Regime, Watched, regime_of, volumes_out
from ytterby.circuit.dynamics.vessels import Vessels
from ytterby.circuit.limits import LOWEST_SAPONIFICATION_ACID, hydroxides
from ytterby.circuit.network import padded
from ytterby.circuit.solve import Problem, arrays_of
from ytterby.circuit.solved import Array
from ytterby.circuit.volumes import volumes
from ytterby.errors import CaseError, Fault
from ytterby.quantities import show

WATCHED_SIZES = (8, 16, 32, 64, 128)
"""Numbers of outlets and of sections that are compiled for."""
ROUNDING = 1e-9
"""Relative difference of flows that is none."""


@dataclass(frozen=True)
class Plant:
    """What stays the same over a run."""

    circuit: Circuit
    """Before any event."""
    outlets: tuple[Outlet, ...]
    vessels: Vessels
    """Sized at the flows before any event."""
    passing: float
    """Time that the organic takes through all stages [h]."""

    def running(self, setting: Setting) -> tuple[Problem, Regime]:
        """The arrays of a setting and its regime."""
        problem = problem_of(setting)
        return problem, _regime(setting, problem, self.vessels)


def plant_of(circuit: Circuit, holdup: HoldUp) -> Plant:
    """The equipment of a circuit."""
    setting = Setting(circuit)
    problem = problem_of(setting)
    stages = jnp.ones_like(problem.layout.real)
    links = problem.layout.draws.source.shape[0] + problem.layout.returns.source.shape[0]
    regime = _regime(setting, problem, Vessels(stages, stages, stages, jnp.zeros(links)))
    vessels = _vessels(holdup, problem, regime)
    return Plant(circuit, outlets_of(circuit), vessels, _passing(vessels, regime))


def _regime(setting: Setting, problem: Problem, vessels: Vessels) -> Regime:
    watched = _watched(setting.circuit, problem)
    regime: Regime = regime_of(*problem, vessels, watched)
    return regime


def require_enough(circuit: Circuit) -> None:
    """CaseError where draws, refluxes or the returning organic take more than the flows leave."""
    found = volumes(circuit)[circuit.name]
    faults = [
        _short(
            circuit, f"draw {draw.name}", draw.flow, found[draw.phase][circuit.index(draw.place)]
        )
        for draw in circuit.draws
        if not draw.flow < found[draw.phase][circuit.index(draw.place)]
    ]
    taken: dict[str, float] = {}
    for reflux in circuit.refluxes:
        taken[reflux.outlet] = taken.get(reflux.outlet, 0.0) + reflux.flow
    for outlet, flow in taken.items():
        there = found["aqueous"][circuit.outlet_stage(outlet)]
        if not flow < there:
            faults.append(_short(circuit, f"refluxes of {outlet}", flow, there))
    organic = circuit.organic
    returning = (1.0 - organic.bleed) * found["organic"][-1]
    if organic.closed and returning > organic.flow * (1.0 + ROUNDING):
        faults.append(_short(circuit, "organic that returns", returning, organic.flow))
    if faults:
        raise CaseError(faults)


def _short(circuit: Circuit, what: str, flow: float, there: float) -> Fault:
    return Fault(
        f"circuit {circuit.name}, {what}",
        show(flow, "volume flow"),
        f"less than the {show(there, 'volume flow')} that there is",
        next="let no event leave so little, or less of what is taken",
    )


def problem_of(setting: Setting) -> Problem:
    """The arrays of a circuit, nothing contacted in stages that stand still."""
    problem = arrays_of(setting.circuit)
    efficiency = np.array(problem.inputs.efficiency)
    efficiency[sorted(setting.stopped)] = 0.0
    return problem._replace(inputs=replace(problem.inputs, efficiency=jnp.asarray(efficiency)))


def _watched(circuit: Circuit, problem: Problem) -> Watched:
    """What is told of a circuit, padded."""
    outlets = outlets_of(circuit)
    extra = padded(len(outlets), WATCHED_SIZES) - len(outlets)
    stages = [*(outlet.stage for outlet in outlets), *[0] * extra]
    organic = [*(float(outlet.phase == "organic") for outlet in outlets), *[0.0] * extra]
    rows = padded(len(circuit.sections), WATCHED_SIZES)
    sections = np.zeros((rows, problem.layout.real.shape[0]))
    for number, (first, end) in enumerate(circuit.spans()):
        sections[number, first:end] = 1.0
    solids = np.full(problem.model.charge.shape[0], np.inf)
    if problem.model.exchanges:
        known = hydroxides()
        solids[: len(circuit.elements)] = [known.get(it, np.inf) for it in circuit.elements]
    lowest = LOWEST_SAPONIFICATION_ACID if circuit.organic.saponification > 0 else 0.0
    return Watched(
        jnp.asarray(stages),
        jnp.asarray(organic),
        jnp.asarray(sections),
        jnp.asarray(np.float64(lowest)),
        jnp.asarray(solids),
    )


def _vessels(holdup: HoldUp, problem: Problem, regime: Regime) -> Vessels:
    """Residence times and volumes at the flows of a regime."""
    organic, aqueous = map(np.asarray, volumes_out(regime, regime.line, regime.content))
    through = np.asarray(regime.line)[:, 1] + np.asarray(regime.content)[:, 0]
    draws, returns = problem.layout.draws, problem.layout.returns
    returned = np.concatenate([np.zeros(draws.source.shape), np.asarray(returns.refilled)])
    sizes = (
        _time(holdup.mixer, through),
        _volume(holdup.organic_settler, organic),
        _volume(holdup.aqueous_settler, aqueous),
        returned * _volume(holdup.organic_tank, np.asarray(regime.entering)),
    )
    return Vessels(*map(jnp.asarray, sizes))


def _passing(vessels: Vessels, regime: Regime) -> float:
    """Residence times of all stages along the organic [h]."""
    organic, _ = volumes_out(regime, regime.line, regime.content)
    hours = np.asarray(vessels.mixer) + np.asarray(vessels.organic / organic)
    return float(hours @ np.asarray(regime.real))


def _volume(hold: Hold, flow: Array) -> Array:
    """[m3]"""
    return hold.amount * flow if hold.by == "time" else np.full_like(flow, hold.amount)


def _time(hold: Hold, flow: Array) -> Array:
    """[h]"""
    return np.full_like(flow, hold.amount) if hold.by == "time" else hold.amount / flow
