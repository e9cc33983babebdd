"""Small circuits that run through time, and fixed steps, for the tests of dynamics."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from circuits import P507, extraction, organic, scrub, strip
from ytterby.arrays import jax
from ytterby.circuit import Circuit, Inlet, Section
from ytterby.circuit.dynamics import HoldUp
from ytterby.circuit.dynamics.equipment import plant_of
from ytterby.circuit.dynamics.events import Setting
from ytterby.circuit.dynamics.opening import empty_amounts, resting_state
from ytterby.circuit.dynamics.regime import Regime
from ytterby.circuit.dynamics.step import Moment, Tried, fresh_moment, tried_step
from ytterby.circuit.solve import Problem


def four_stages(closed: bool = True) -> Circuit:
    """Nd from Gd in two stages of extraction, one of scrub, one of strip; the organic comes round."""
    return Circuit(
        name="four stages",
        equilibrium=P507,
        elements=("Nd", "Gd"),
        organic=organic(1.2, 1000.0, 0.25, closed),
        sections=(
            extraction(2, 1.0, 20.0, {"Nd": 90.0, "Gd": 60.0}),
            scrub(1, 0.1, 1500.0),
            strip(1, 0.2, 4000.0),
        ),
    )


def inert_stages(stages: int, ratio: float, strength: float = 1000.0) -> Circuit:
    """Extraction alone, open, of one trace whose D is assumed constant."""
    return Circuit(
        name="inert",
        equilibrium=P507,
        elements=("Ce",),
        organic=organic(0.8, 1000.0, 0.0, closed=False),
        sections=(extraction(stages, 1.0, strength, {"Ce": 1e-9}),),
        assumed={"Ce": ratio},
    )


def salted_out() -> Circuit:
    """Nd from La with TBP in nitrate, driven by salt, stripped by water with next to no acid."""
    salt = Inlet("feed", 1.0, 100.0, {"La": 250.0, "Nd": 150.0}, salt=3500.0)
    return Circuit(
        name="salted out",
        equilibrium="TBP-HNO3-K05",
        elements=("La", "Nd"),
        organic=organic(2.5, 1800.0, 0.0, closed=True),
        sections=(
            Section("extraction", 3, salt),
            Section("scrub", 2, Inlet("scrub liquor", 0.5, 100.0, {}, salt=3000.0)),
            Section("strip", 2, Inlet("strip water", 2.0, 10.0, {})),
        ),
    )


def leached() -> Circuit:
    """Rare earths from a sulfate liquor with D2EHPA, organic open: HSO4- counts, no link."""
    return Circuit(
        name="leached",
        equilibrium="D2EHPA-TBP-H2SO4-KEIM19",
        elements=("La", "Dy"),
        organic=organic(0.5, 150.0, 0.0, closed=False),
        sections=(extraction(3, 1.0, 20.0, {"La": 1.0, "Dy": 0.5}), scrub(2, 0.1, 500.0)),
    )


class Ready(NamedTuple):
    """A circuit about to run."""

    problem: Problem
    regime: Regime
    moment: Moment


def ready(circuit: Circuit, holdup: HoldUp | None = None) -> Ready:
    """The circuit, empty of metal, its flows known."""
    plant = plant_of(circuit, holdup or HoldUp())
    problem, regime = plant.running(Setting(circuit))
    amounts = empty_amounts(regime, circuit, problem.model, {})
    guess = resting_state(regime, problem.model)
    begin = (np.float64(0.0), np.float64(1.0), amounts, guess, regime, problem.model)
    return Ready(problem, regime, followed(fresh_moment(*begin), 0.0, problem, regime))


TIGHT = 1e-9
"""Tolerance of fixed steps: Newton solves each to a hundredth of it; their error is not judged."""
_tried = jax.jit(tried_step)


def followed(moment: Moment, step: float, problem: Problem, regime: Regime) -> Moment:
    """The moment one step of that length [h] later, whatever its error."""
    tried: Tried = _tried(moment, np.float64(step), regime, problem.model, np.float64(TIGHT))
    assert np.isfinite(float(tried.error)), "Newton failed"
    return Moment(
        time=moment.time + step,
        step=moment.step,
        fresh=np.bool_(False),
        amounts=tried.amounts,
        point=tried.point,
        earlier=tried.point.state if bool(moment.fresh) else moment.point.state,
        past=np.float64(step if step > 0.0 else 1.0),
        largest=moment.largest,
    )


def after(circuit: Circuit, hours: float, steps: int, holdup: HoldUp | None = None) -> Any:
    """What the circuit holds after so many equal steps from empty [mol], all places in one vector."""
    problem, regime, moment = ready(circuit, holdup)
    for _ in range(steps):
        moment = followed(moment, hours / steps, problem, regime)
    real = slice(0, circuit.stages)
    elements = len(circuit.elements)
    held = [np.asarray(part)[real, :elements] for part in moment.amounts.metals[:3]]
    return np.concatenate([part.ravel() for part in held])


def with_efficiency(circuit: Circuit, efficiency: float) -> Circuit:
    """The circuit with that stage efficiency everywhere."""
    sections = tuple(replace(part, efficiency=efficiency) for part in circuit.sections)
    return replace(circuit, sections=sections)
