"""Solve a circuit: arithmetic that rules out the impossible, Newton, judgement, result."""

from __future__ import annotations

import logging
from typing import NamedTuple

import numpy as np

from ytterby.arrays import healed_cache, jax
from ytterby.circuit.balance import require_closed
from ytterby.circuit.circuit import AQUEOUS_OUTLETS, ORGANIC_NAMES, Circuit
from ytterby.circuit.feasibility import Refusal, place, refuse
from ytterby.circuit.network import (
    ELEMENT_SIZES,
    Inputs,
    Layout,
    duties,
    inputs_of,
    layout_of,
    padded,
)
from ytterby.circuit.solved import Consumption, OutOfRange, Profiles, SolvedCircuit
from ytterby.circuit.stage import Phases, phases
from ytterby.circuit.steady import (
    TOLERANCE,
    Steady,
    cold_start,
    differentiable,
    imbalance,
    newton,
    residuals,
)
from ytterby.circuit.verdict import Verdict
from ytterby.datasets import ParameterSet, cited, parameter_set, weakest_basis
from ytterby.equilibrium import MassAction, chemistry
from ytterby.materials import Stream

log = logging.getLogger(__name__)

ATTEMPTS = ((1e7, 150), (1e4, 400), (100.0, 1000))
"""(first pseudo-time step [h of residence], most Newton steps), ever more cautious. The first is close to
plain Newton: so long a step only keeps elements that a poor iterate traps from making the system singular."""
LOWEST_SAPONIFICATION_ACID = 0.1
"""[H+] of stage 1 [mol/m3] (pH 4) below which sodium or ammonium would stay on the organic."""
ANION_ACIDS = {"chloride": "HCl", "nitrate": "HNO3"}


def solve_circuit(circuit: Circuit) -> SolvedCircuit:
    """Steady state of ``circuit`` from a cold start, no guess needed.

    Raises ConvergenceError with a named verdict where there is none or it was not found, BalanceError if
    the independent check does not close.
    """
    refusal = refuse(circuit)
    if refusal is not None:
        raise refusal.error(circuit)
    parameters = parameter_set(circuit.equilibrium)
    with healed_cache():
        found = find_steady(*arrays_of(circuit))
    if not float(found.steady.error) <= TOLERANCE:
        raise _not_converged(circuit, found).error(circuit)
    profiles = _profiles(circuit, found)
    outside = _outside_saponification(circuit, profiles)
    if outside is not None:
        raise outside.error(circuit)
    constants = [parameters.constants[name] for name in circuit.elements]
    return SolvedCircuit(
        circuit=circuit,
        verdict=Verdict.SOLVED,
        profiles=profiles,
        streams=_streams(circuit, profiles),
        inlets=tuple(section.inlet.name for section in circuit.sections),
        outlets=_outlets(circuit),
        consumption=_consumption(circuit, parameters),
        closure=require_closed(circuit, profiles),
        steps=int(found.steady.steps),
        out_of_range=_out_of_range(circuit, profiles, parameters),
        sources=(*cited(constants), "PERIODICTABLE"),
        weakest_basis=weakest_basis(constants),
    )


def arrays_of(circuit: Circuit) -> tuple[Inputs, Layout, MassAction]:
    """What the compiled solver sees of a circuit: numbers, pattern, chemistry."""
    size = padded(len(circuit.elements), ELEMENT_SIZES)
    model = chemistry(parameter_set(circuit.equilibrium), circuit.elements, size)
    return inputs_of(circuit), layout_of(circuit), model


class Attempt(NamedTuple):
    """What one compiled attempt brings back."""

    steady: Steady
    phases: Phases
    """Axis ``stage`` first."""
    aqueous_flow: jax.Array
    """[m3/h], axis ``stage``."""


@jax.jit
def attempt(
    inputs: Inputs,
    layout: Layout,
    model: MassAction,
    first_step: jax.Array,
    most_steps: jax.Array,
) -> Attempt:
    """Cold start, Newton and phases in one compilation; see ``newton`` for the last two arguments."""
    duty = duties(inputs, layout, model)
    start = cold_start(duty, model, layout.real)
    steady = newton(start, duty, model, layout.last, first_step, most_steps)
    return Attempt(steady, jax.vmap(phases, (0, None))(steady.state, model), duty.aqueous_out)


def find_steady(inputs: Inputs, layout: Layout, model: MassAction) -> Attempt:
    """Newton from the cold start, more cautiously each time it fails; the best attempt."""
    attempts: list[Attempt] = []
    for first_step, most_steps in ATTEMPTS:
        limits = np.float64(first_step), np.int64(most_steps)
        found: Attempt = attempt(inputs, layout, model, *limits)
        error, steps = float(found.steady.error), int(found.steady.steps)
        if error <= TOLERANCE:
            return found
        log.info("first step %g h: error %.1e after %d", first_step, error, steps)
        attempts.append(found)
    return min(attempts, key=lambda tried: np.nan_to_num(float(tried.steady.error), nan=np.inf))


def steady_state(inputs: Inputs, layout: Layout, model: MassAction) -> jax.Array:
    """States (stage, element + 2) of a circuit, differentiable by ``inputs`` and ``model``.

    Traceable by jax.grad, jax.jvp and jax.vmap; plain Newton only, so check the residual of what returns.
    """
    limits = np.float64(ATTEMPTS[0][0]), np.int64(ATTEMPTS[0][1])
    fixed = jax.lax.stop_gradient((inputs, layout, model))
    state = attempt(*fixed, *limits).steady.state
    return differentiable(state, duties(inputs, layout, model), model, layout.last)


def _not_converged(circuit: Circuit, found: Attempt) -> Refusal:
    inputs, layout, model = arrays_of(circuit)
    state, duty = found.steady.state, duties(inputs, layout, model)
    scaled = imbalance(residuals(state, duty, model, layout.last), state, duty, model)
    worst = np.nan_to_num(np.asarray(scaled), nan=np.inf)
    stage, row = np.unravel_index(int(np.argmax(worst)), worst.shape)
    names = [*circuit.elements, *["padding"] * (worst.shape[1] - len(circuit.elements) - 2)]
    what = [*names, "extractant", "charge"][row]
    where = place(circuit, int(stage)) if stage < circuit.stages else "circuit as a whole"
    return Refusal(
        Verdict.NOT_CONVERGED,
        "",
        f"{where}, balance of {what}",
        f"imbalance {worst[stage, row]:.1e} of its scale after {int(found.steady.steps)} steps",
        f"at most {TOLERANCE:.0e}",
    )


def _profiles(circuit: Circuit, found: Attempt) -> Profiles:
    stages, elements = circuit.stages, len(circuit.elements)
    return Profiles(
        aqueous=np.asarray(found.phases.aqueous)[:stages, :elements],
        organic=np.asarray(found.phases.organic)[:stages, :elements],
        acid=np.asarray(found.phases.acid)[:stages],
        free_dimer=np.asarray(found.phases.dimer)[:stages],
        aqueous_flow=np.asarray(found.aqueous_flow)[:stages],
    )


def _outside_saponification(circuit: Circuit, profiles: Profiles) -> Refusal | None:
    acid = float(profiles.acid[0])
    if circuit.organic.saponification == 0 or acid >= LOWEST_SAPONIFICATION_ACID:
        return None
    return Refusal(
        Verdict.OUTSIDE_SAPONIFICATION_MODEL,
        "organic.saponification",
        place(circuit, 0),
        f"pH {-np.log10(acid / 1000):.2f}",
        "pH at most 4",
    )


def _streams(circuit: Circuit, profiles: Profiles) -> dict[str, Stream]:
    """Liquors in, outlets, then the organic on its way; organic names follow the section it leaves."""
    streams = {
        inlet.name: Stream(
            inlet.name, "aqueous", inlet.flow, dict(inlet.concentrations), inlet.acid
        )
        for inlet in (section.inlet for section in circuit.sections)
    }
    for number, (section, (first, _)) in enumerate(
        zip(circuit.sections, circuit.spans(), strict=True)
    ):
        if circuit.aqueous_train(number) == number:
            name = AQUEOUS_OUTLETS[section.kind]
            streams[name] = _aqueous_stream(name, circuit, profiles, first)
    for (_, end), section in zip(circuit.spans(), circuit.sections, strict=True):
        metals = dict(zip(circuit.elements, profiles.organic[end - 1].tolist(), strict=True))
        organic = Stream(ORGANIC_NAMES[section.kind], "organic", circuit.organic.flow, metals)
        streams[organic.name] = organic
    return streams


def _aqueous_stream(name: str, circuit: Circuit, profiles: Profiles, stage: int) -> Stream:
    metals = dict(zip(circuit.elements, profiles.aqueous[stage].tolist(), strict=True))
    flow = float(profiles.aqueous_flow[stage])
    return Stream(name, "aqueous", flow, metals, float(profiles.acid[stage]))


def _outlets(circuit: Circuit) -> tuple[str, ...]:
    """Names of what leaves: aqueous outlets and, from an open circuit, the organic of the last stage."""
    kinds = [section.kind for section in circuit.sections]
    aqueous = [AQUEOUS_OUTLETS[kind] for kind in kinds if kind in AQUEOUS_OUTLETS]
    return tuple(aqueous if circuit.organic.closed else [*aqueous, ORGANIC_NAMES[kinds[-1]]])


def _consumption(circuit: Circuit, parameters: ParameterSet) -> Consumption:
    acid = {section.kind: section.inlet.flow * section.inlet.acid for section in circuit.sections}
    return Consumption(
        base=circuit.base,
        base_reagent=circuit.organic.base,
        scrub_acid=acid.get("scrub", 0.0),
        strip_acid=acid.get("strip", 0.0),
        acid_reagent=ANION_ACIDS[parameters.medium],
    )


def _out_of_range(
    circuit: Circuit, profiles: Profiles, parameters: ParameterSet
) -> tuple[OutOfRange, ...]:
    """Quantities outside the range of the constants, section by section."""
    series = {
        "acid": profiles.acid,
        "free_dimer": profiles.free_dimer,
        "aqueous_metal": profiles.aqueous.sum(axis=1),
        "temperature": np.full(circuit.stages, circuit.temperature),
    }
    found = []
    for (first, end), section in zip(circuit.spans(), circuit.sections, strict=True):
        for quantity, valid in parameters.valid.items():
            values = series[quantity][first:end]
            reached, limits = (float(values.min()), float(values.max())), valid.canonical
            if reached[0] < limits[0] * (1 - 1e-9) or reached[1] > limits[1] * (1 + 1e-9):
                unit = "K" if quantity == "temperature" else "mol/m3"
                found.append(OutOfRange(section.kind, quantity, reached, limits, unit))
    return tuple(found)
