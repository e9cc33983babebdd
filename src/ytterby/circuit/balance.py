"""The balance check: plain arithmetic on a finished result, sharing nothing with the solver.

It reads concentrations and flows only: no distribution model, no JAX, no array of the solver.
"""

from __future__ import annotations

from math import inf, isfinite

from ytterby.circuit.circuit import Circuit
from ytterby.circuit.solved import Profiles
from ytterby.elements import element
from ytterby.errors import BalanceError, Fault

CLOSURE = 1e-10
"""Largest imbalance accepted, relative to ``scale``."""
TRACE_FLOW = 1e-4
"""Share of an element's largest internal flow that counts where its feed is smaller."""


def _finite(profiles: Profiles) -> bool:
    """Whether every number is one: comparisons would pass over nan."""
    arrays = (profiles.aqueous, profiles.organic, profiles.acid, profiles.aqueous_flow)
    return all(isfinite(value) for array in arrays for value in array.flat)


def closure(circuit: Circuit, profiles: Profiles) -> dict[str, float]:
    """Largest imbalance of each element over its scale [-]: every stage, and the circuit as a whole.

    The scale is max(feed, 1e-4 x largest internal flow): traces may circulate at many times their feed.
    """
    if not _finite(profiles):
        return dict.fromkeys(circuit.elements, inf)
    return {
        symbol: _element_closure(circuit, profiles, index)
        for index, symbol in enumerate(circuit.elements)
    }


def charge_closure(circuit: Circuit, profiles: Profiles) -> float:
    """Largest imbalance of acid over the acid and metal charge of a stage [-].

    Protons move by exchange only: what metals lose in charge to the organic, the aqueous gains as H+.
    """
    if not _finite(profiles):
        return inf
    charges = [element(symbol).charge for symbol in circuit.elements]
    worst = 0.0
    for stage in range(circuit.stages):
        into, out = 0.0, 0.0
        for flow, concentrations, acid in _aqueous_in(circuit, profiles, stage):
            into += flow * (acid + sum(z * c for z, c in zip(charges, concentrations, strict=True)))
        flow = float(profiles.aqueous_flow[stage])
        metals = sum(z * float(c) for z, c in zip(charges, profiles.aqueous[stage], strict=True))
        out = flow * (float(profiles.acid[stage]) + metals)
        if stage == 0:
            out += (
                circuit.organic.saponification * circuit.organic.extractant * circuit.organic.flow
            )
        worst = max(worst, abs(into - out) / into)
    return worst


def require_closed(circuit: Circuit, profiles: Profiles) -> dict[str, float]:
    """The closures, or BalanceError naming the worst element."""
    found = closure(circuit, profiles)
    worst = max(found, key=lambda symbol: found[symbol])
    charge = charge_closure(circuit, profiles)
    if not (found[worst] <= CLOSURE and charge <= CLOSURE):
        raise BalanceError(
            Fault(
                f"circuit {circuit.name}, balance of {worst}",
                read=f"imbalance {found[worst]:.1e} of its scale, charge {charge:.1e}",
                expected=f"at most {CLOSURE:.0e}",
                next="report this case: a solved circuit must close",
            )
        )
    return found


def _element_closure(circuit: Circuit, profiles: Profiles, index: int) -> float:
    organic_flow = circuit.organic.flow
    fed, left, worst, largest = 0.0, 0.0, 0.0, 0.0
    for stage in range(circuit.stages):
        below = stage - 1 if stage > 0 else circuit.stages - 1
        loop = stage > 0 or circuit.organic.closed
        into = organic_flow * float(profiles.organic[below, index]) if loop else 0.0
        for flow, concentrations, _ in _aqueous_in(circuit, profiles, stage):
            into += flow * concentrations[index]
        aqueous_out = float(profiles.aqueous_flow[stage] * profiles.aqueous[stage, index])
        organic_out = organic_flow * float(profiles.organic[stage, index])
        worst = max(worst, abs(into - aqueous_out - organic_out))
        largest = max(largest, aqueous_out, organic_out)
        if stage in _aqueous_exits(circuit):
            left += aqueous_out
    if not circuit.organic.closed:
        left += organic_flow * float(profiles.organic[-1, index])
    for section in circuit.sections:
        fed += section.inlet.flow * section.inlet.concentrations.get(circuit.elements[index], 0.0)
    scale = max(fed, TRACE_FLOW * largest)
    return max(worst, abs(fed - left)) / scale if scale > 0 else worst


def _aqueous_in(
    circuit: Circuit, profiles: Profiles, stage: int
) -> list[tuple[float, list[float], float]]:
    """(flow, metals, acid) of every aqueous that enters a stage."""
    arriving = []
    first = 0
    for number, section in enumerate(circuit.sections):
        last = first + section.stages - 1
        if stage == last:
            metals = [section.inlet.concentrations.get(name, 0.0) for name in circuit.elements]
            arriving.append((section.inlet.flow, metals, section.inlet.acid))
        after = circuit.sections[number + 1 : number + 2]
        joined = stage == last and bool(after) and after[0].kind == "scrub"
        if first <= stage < last or joined:
            above = [float(c) for c in profiles.aqueous[stage + 1]]
            flow = float(profiles.aqueous_flow[stage + 1])
            arriving.append((flow, above, float(profiles.acid[stage + 1])))
        first = last + 1
    return arriving


def _aqueous_exits(circuit: Circuit) -> list[int]:
    """Stages whose aqueous leaves the circuit: the first of each section that is not a scrub."""
    exits, first = [], 0
    for section in circuit.sections:
        if section.kind != "scrub" or first == 0:
            exits.append(first)
        first += section.stages
    return exits
