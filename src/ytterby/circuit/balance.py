"""The balance check: plain arithmetic on a finished result, sharing nothing with the solver.

It reads concentrations, volumes and metal flows and the circuits as they were described: no distribution
model, no JAX, no array of the solver.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite, isnan

from ytterby.circuit.circuit import Circuit, Inlet, Section, Train, Transfer
from ytterby.circuit.solved import Profiles
from ytterby.elements import element
from ytterby.equilibrium.sulfate import neutral_sulfate, total_acid
from ytterby.errors import BalanceError, Fault

CLOSURE = 1e-10
"""Largest imbalance accepted, relative to ``scale``."""
TRACE_FLOW = 1e-4
"""Share of an element's largest internal flow that counts where its feed is smaller."""


def closure(plan: Circuit | Train, profiles: Mapping[str, Profiles]) -> dict[str, float]:
    """Largest imbalance of each element over its scale [-]: every stage, and all circuits as a whole.

    ``profiles`` by circuit. The scale is max(feed, 1e-4 x largest internal flow): traces may circulate at
    many times their feed.
    """
    circuits, transfers = _parts(plan)
    elements = circuits[0].elements
    if not all(_finite(profiles[circuit.name]) for circuit in circuits):
        return dict.fromkeys(elements, inf)
    row = _Row(circuits, transfers, profiles)
    return {symbol: _element_closure(row, index) for index, symbol in enumerate(elements)}


def _parts(plan: Circuit | Train) -> tuple[tuple[Circuit, ...], tuple[Transfer, ...]]:
    return ((plan,), ()) if isinstance(plan, Circuit) else (plan.circuits, plan.transfers)


def _finite(profiles: Profiles) -> bool:
    """Whether every number is one: comparisons would pass over nan."""
    metals = (profiles.aqueous, profiles.organic, profiles.onward, profiles.fallen)
    volumes = (profiles.aqueous_volume, profiles.organic_volume, profiles.organic_out)
    return all(isfinite(value) for array in (*metals, *volumes) for value in array.flat)


@dataclass(frozen=True)
class _Route:
    """A share of what leaves one stage that arrives at another."""

    source: int
    target: int
    organic: bool
    share: float


class _Row:
    """All stages one after the other, as they were described and as they came out."""

    def __init__(
        self,
        circuits: Sequence[Circuit],
        transfers: Sequence[Transfer],
        profiles: Mapping[str, Profiles],
    ) -> None:
        self.circuits = circuits
        self.begins: dict[str, int] = {}
        self.stages: list[tuple[Circuit, Section, Profiles, int]] = []
        for circuit in circuits:
            self.begins[circuit.name] = len(self.stages)
            sections = [part for part in circuit.sections for _ in range(part.stages)]
            self.stages += [
                (circuit, section, profiles[circuit.name], number)
                for number, section in enumerate(sections)
            ]
        self.routes = [route for circuit in circuits for route in self._inside(circuit)]
        self.routes += [self._transfer(transfer) for transfer in transfers]

    def volume_out(self, stage: int, organic: bool) -> float:
        """What leaves a stage in its own phase [m3/h]."""
        _, section, profiles, number = self.stages[stage]
        if organic:
            return float(profiles.organic_out[number])
        return (1.0 - section.aqueous_carried) * float(profiles.aqueous_volume[number])

    def _inside(self, circuit: Circuit) -> list[_Route]:
        begin = self.begins[circuit.name]
        taken: dict[tuple[int, bool], float] = {}
        routes = []
        for draw in circuit.draws:
            stage, organic = begin + circuit.index(draw.place), draw.phase == "organic"
            share = draw.flow / self.volume_out(stage, organic)
            taken[stage, organic] = taken.get((stage, organic), 0.0) + share
        for reflux in circuit.refluxes:
            stage = begin + circuit.outlet_stage(reflux.outlet)
            share = reflux.flow / self.volume_out(stage, False)
            routes.append(_Route(stage, begin + circuit.index(reflux.place), False, share))
        exits = {begin + circuit.spans()[number][0] for number in circuit.aqueous_exits()}
        end = begin + circuit.stages
        for stage in range(begin, end):
            if stage + 1 < end:
                routes.append(_Route(stage, stage + 1, True, 1.0 - taken.get((stage, True), 0.0)))
            if stage not in exits:
                routes.append(_Route(stage, stage - 1, False, 1.0 - taken.get((stage, False), 0.0)))
        if circuit.organic.closed:
            routes.append(_Route(end - 1, begin, True, 1.0 - circuit.organic.bleed))
        return routes

    def _transfer(self, transfer: Transfer) -> _Route:
        source = next(part for part in self.circuits if part.name == transfer.source)
        target = next(part for part in self.circuits if part.name == transfer.target)
        phase, stage = source.leaves(transfer.outlet)
        place = self.begins[target.name] + target.index(transfer.place)
        return _Route(self.begins[source.name] + stage, place, phase == "organic", transfer.share)

    def arrivals(
        self, out: Mapping[bool, Sequence[float]]
    ) -> tuple[dict[bool, list[float]], float]:
        """What arrives at each stage by phase, and what leaves the row, of what leaves the stages."""
        arriving = {phase: [0.0] * len(self.stages) for phase in out}
        leaving = {phase: [1.0] * len(self.stages) for phase in out}
        for route in self.routes:
            arriving[route.organic][route.target] += route.share * out[route.organic][route.source]
            leaving[route.organic][route.source] -= route.share
        # By shares: internal flows may be a million times what leaves, and their differences mere rounding.
        left = sum(
            share * flow
            for phase in out
            for share, flow in zip(leaving[phase], out[phase], strict=True)
        )
        return arriving, left


def charge_closure(
    plan: Circuit | Train,
    profiles: Mapping[str, Profiles],
    medium: str = "chloride",
    exchanges: bool = True,
) -> float:
    """Largest imbalance of acid over the acid and metal charge of a stage [-].

    Protons move by exchange only (``exchanges``): what metals lose in charge to the organic, the aqueous
    gains as H+. Without exchange the acid is inert. Not checked, 0, where the profiles have no acid or a
    stage efficiency below 1 mixes entrained liquors that were not followed.
    """
    circuits, transfers = _parts(plan)
    row = _Row(circuits, transfers, profiles)
    acids = [value for part in profiles.values() for value in part.acid.flat]
    passing = any(section.efficiency < 1.0 for _, section, _, _ in row.stages)
    entrained = any(section.aqueous_carried > 0.0 for _, section, _, _ in row.stages)
    if all(isnan(value) for value in acids) or (passing and entrained):
        return 0.0
    if not all(_finite(part) and all(map(isfinite, part.acid)) for part in profiles.values()):
        return inf
    charges = [element(name).charge if exchanges else 0 for name in circuits[0].elements]
    out: dict[bool, list[float]] = {True: [], False: []}
    for _, section, part, number in row.stages:
        metals = sum(z * float(x) for z, x in zip(charges, part.aqueous[number], strict=True))
        held = float(part.aqueous_volume[number]) * (_held_acid(part, number, medium) + metals)
        out[True].append(section.aqueous_carried * held)
        out[False].append((1.0 - section.aqueous_carried) * held)
    arriving, _ = row.arrivals(out)
    into = [sum(pair) for pair in zip(arriving[True], arriving[False], strict=True)]
    for circuit in circuits:
        begin = row.begins[circuit.name]
        for inlet, stage, phase in circuit.inlets():
            if phase == "aqueous":
                pairs = zip(charges, circuit.elements, strict=True)
                metals = sum(z * inlet.concentrations.get(name, 0.0) for z, name in pairs)
                into[begin + stage] += inlet.flow * (_total_acid(inlet, medium) + metals)
        into[begin] -= circuit.base
    sizes = [out[True][stage] + out[False][stage] for stage in range(len(row.stages))]
    return max(
        abs(arrived - left) / max(left, TRACE_FLOW * max(sizes))
        for arrived, left in zip(into, sizes, strict=True)
    )


def _held_acid(profiles: Profiles, stage: int, medium: str) -> float:
    """H+ and HSO4- of a stage [mol/m3]; HSO4- in sulfate alone."""
    acid = profiles.total_acid if medium == "sulfate" else profiles.acid
    return float(acid[stage])


def _total_acid(inlet: Inlet, medium: str) -> float:
    """H+ and HSO4- of a liquor [mol/m3]."""
    if medium != "sulfate":
        return inlet.acid
    charge = sum(element(name).charge * c for name, c in inlet.concentrations.items())
    sulfate = inlet.sulfate
    if sulfate is None:
        sulfate = neutral_sulfate(inlet.acid, charge + inlet.salt)
    return float(total_acid(inlet.acid, sulfate))


def require_closed(
    plan: Circuit | Train,
    profiles: Mapping[str, Profiles],
    medium: str = "chloride",
    exchanges: bool = True,
) -> dict[str, float]:
    """The closures, or BalanceError naming the worst element."""
    found = closure(plan, profiles)
    worst = max(found, key=lambda symbol: found[symbol])
    charge = charge_closure(plan, profiles, medium, exchanges)
    if not (found[worst] <= CLOSURE and charge <= CLOSURE):
        raise BalanceError(
            Fault(
                f"circuit {plan.name}, balance of {worst}",
                read=f"imbalance {found[worst]:.1e} of its scale, charge {charge:.1e}",
                expected=f"at most {CLOSURE:.0e}",
                next="report this case: a solved circuit must close",
            )
        )
    return found


def _element_closure(row: _Row, index: int) -> float:
    out: dict[bool, list[float]] = {True: [], False: []}
    for _, _, part, number in row.stages:
        out[True].append(float(part.onward[number, index]))
        out[False].append(float(part.fallen[number, index]))
    arriving, left = row.arrivals(out)
    fed = 0.0
    for circuit in row.circuits:
        for inlet, stage, phase in circuit.inlets():
            brought = inlet.flow * inlet.concentrations.get(circuit.elements[index], 0.0)
            arriving[phase == "organic"][row.begins[circuit.name] + stage] += brought
            fed += brought
        if not circuit.organic.closed:
            metals = circuit.organic.concentrations
            brought = circuit.organic.flow * metals.get(circuit.elements[index], 0.0)
            arriving[True][row.begins[circuit.name]] += brought
            fed += brought
    worst, largest = abs(fed - left), 0.0
    for stage, (_, section, part, number) in enumerate(row.stages):
        line, aqueous = arriving[True][stage], arriving[False][stage]
        onward, fallen = out[True][stage], out[False][stage]
        held_x = float(part.aqueous_volume[number] * part.aqueous[number, index])
        held_y = float(part.organic_volume[number] * part.organic[number, index])
        entrained = section.aqueous_carried * held_x, section.organic_carried * held_y
        expected = (1.0 - section.efficiency) * line + held_y - entrained[1] + entrained[0]
        errors = (
            line + aqueous - onward - fallen,
            onward - expected,
            fallen - (held_x - entrained[0] + entrained[1]),
        )
        worst = max(worst, *map(abs, errors))
        largest = max(largest, onward, fallen)
    scale = max(fed, TRACE_FLOW * largest)
    return worst / scale if scale > 0 else worst
