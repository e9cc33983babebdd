"""Where what passes a plant came from: every store and unit mixes what enters it before it leaves.

Amounts are those of the solved streams; only their origins are found here, by one linear system. For node n
with origins as shares m_n, amounts a from node to node, b_n from outside by origin, and p_n made in it:

    m_n (sum of all that enters n + p_n) = sum over k of a_kn m_k + b_n + p_n

A unit that keeps two of its inlets apart all the same is told wrongly; none of the shipped ones does so with
two inlets of different origin.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from ytterby.errors import BalanceError, Fault
from ytterby.flowsheet import OUTSIDE, PlacedFlow, PlantBalance
from ytterby.flowsheet.graph import unit_of
from ytterby.materials import Flow, species
from ytterby.unitops import REAGENTS

ByOrigin = Mapping[str, float]
"""Amounts [mol/h] by origin."""
MINERAL = "mineral"
"""Carbon that is carbon dioxide, or becomes it when an acid comes: carbonates, bicarbonates."""
FED_CARBONATES = "carbonates fed"
OXALIC, SOLVENT, CARBON = "oxalic acid", "extractant and diluent", "carbon fed"
"""Other kinds of carbon, which are told as the origin of the carbon dioxide that they become. Carbon fed:
glue and alloy carbon of magnets, anodes, and whatever is none of the others."""
ROUNDING = 1e-9
"""Share of what passes a unit that may be lost to rounding, as in its balance."""


@dataclass(frozen=True)
class TracedStream:
    """A stream with what was traced in it [mol/h], by origin."""

    stream: PlacedFlow
    by_origin: ByOrigin

    @property
    def amount(self) -> float:
        """All origins together [mol/h]."""
        return math.fsum(self.by_origin.values())


def carbon_kind(name: str) -> str:
    """Which kind of carbon a species holds, one of this module's; "" if it holds none."""
    if not species(name).atoms.get("C"):
        return ""
    if "CO2" in name or "CO3" in name:
        return MINERAL
    if "C2O4" in name:
        return OXALIC
    if name in _solvents():
        return SOLVENT
    return CARBON


def carbon_of(flow: Flow, kind: str) -> float:
    """Carbon of one kind in a stream [mol/h]."""
    return math.fsum(
        amount * species(name).atoms["C"]
        for name, amount in flow.amounts.items()
        if amount and carbon_kind(name) == kind
    )


def traced_carbon(balance: PlantBalance) -> tuple[TracedStream, ...]:
    """All carbon of every stream by what it came from: carbonates fed, a carbonate bought, or another kind.

    Carbon that is no carbonate keeps its kind until it burns; then it is mixed with all carbon dioxide of
    its unit. BalanceError where a unit makes such carbon from nothing.
    """
    kinds = (OXALIC, SOLVENT, CARBON)
    mineral = traced(
        balance,
        lambda flow: carbon_of(flow, MINERAL),
        lambda it: f"{it.name} bought" if it.name in REAGENTS else FED_CARBONATES,
        _burned(balance, kinds),
    )
    return tuple(TracedStream(it.stream, {**it.by_origin, **_added(it, kinds)}) for it in mineral)


def traced_element(balance: PlantBalance, symbol: str) -> tuple[TracedStream, ...]:
    """One element of every stream by the feed or reagent that brought it."""
    return traced(balance, lambda flow: flow.of(symbol), lambda it: it.name.partition(" to ")[0])


def traced(
    balance: PlantBalance,
    amount: Callable[[Flow], float],
    entering: Callable[[PlacedFlow], str],
    made: Mapping[str, ByOrigin] | None = None,
) -> tuple[TracedStream, ...]:
    """Every stream with its amount by origin [mol/h].

    ``amount`` of a flow; ``entering``: the origin of a stream from outside; ``made``: what units turn into
    the thing traced, by unit and origin.
    """
    made = made or {}
    streams = [(it, amount(it.flow)) for it in balance.streams]
    nodes = list(dict.fromkeys(
        unit_of(end) for it, _ in streams for end in (it.source, it.target) if end != OUTSIDE
    ))  # fmt: skip
    place = {name: number for number, name in enumerate(nodes)}
    bought = {entering(it) for it, there in streams if it.source == OUTSIDE and there > 0.0}
    origins = sorted(bought | {name for by_origin in made.values() for name in by_origin})
    column = {name: number for number, name in enumerate(origins)}
    links = np.zeros((len(nodes), len(nodes)))
    given = np.zeros((len(nodes), len(origins)))
    for it, there in streams:
        if it.target == OUTSIDE or there == 0.0:
            continue
        node = place[unit_of(it.target)]
        if it.source == OUTSIDE:
            given[node, column[entering(it)]] += there
        else:
            links[node, place[unit_of(it.source)]] += there
    for unit, by_origin in made.items():
        for name, there in by_origin.items():
            given[place[unit], column[name]] += there
    passing = links.sum(axis=1) + given.sum(axis=1)
    shares = np.linalg.solve(np.diag(np.where(passing > 0.0, passing, 1.0)) - links, given)
    found = []
    for it, there in streams:
        if there == 0.0:
            by_origin = {}
        elif it.source == OUTSIDE:
            by_origin = {entering(it): there}
        else:
            row = shares[place[unit_of(it.source)]]
            by_origin = {name: there * float(row[column[name]]) for name in origins}
        found.append(TracedStream(it, {name: part for name, part in by_origin.items() if part}))
    return tuple(found)


def _burned(balance: PlantBalance, kinds: tuple[str, ...]) -> dict[str, ByOrigin]:
    """Carbon of other kinds [mol/h] that becomes carbonate or carbon dioxide, by unit and kind."""
    found: dict[str, dict[str, float]] = {}
    for it in balance.streams:
        for kind in kinds:
            there = carbon_of(it.flow, kind)
            for end, sign in ((it.target, 1.0), (it.source, -1.0)):
                if end != OUTSIDE and there:
                    by_kind = found.setdefault(unit_of(end), dict.fromkeys(kinds, 0.0))
                    by_kind[kind] += sign * there
    passing = {name: _passing(balance, name) for name in found}
    for name, by_kind in found.items():
        for kind, lost in by_kind.items():
            if lost < -ROUNDING * passing[name]:
                read = f"{-lost:.3g} mol/h more {kind} leaves than enters"
                expected = "carbon that is brought before it leaves"
                raise BalanceError(Fault(f"unit {name}", read, expected))
    return {
        name: {kind: lost for kind, lost in by_kind.items() if lost > ROUNDING * passing[name]}
        for name, by_kind in found.items()
    }


def _passing(balance: PlantBalance, node: str) -> float:
    """All carbon that enters a unit or store [mol/h]."""
    return math.fsum(
        it.flow.of("C") for it in balance.streams if unit_of(it.target) == node
    )  # fmt: skip


def _added(it: TracedStream, kinds: tuple[str, ...]) -> dict[str, float]:
    """Carbon of other kinds [mol/h] with what of it was traced already."""
    found = {}
    for kind in kinds:
        there = carbon_of(it.stream.flow, kind)
        if there:
            found[kind] = there + it.by_origin.get(kind, 0.0)
    return found


def _solvents() -> set[str]:
    """Species of reagents that are organic liquids."""
    return {
        name
        for reagent in REAGENTS.values()
        if reagent.state == "organic"
        for name in reagent.species
    }
