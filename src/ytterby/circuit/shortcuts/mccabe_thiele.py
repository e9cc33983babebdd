"""McCabe and Thiele's construction for one element: equilibrium curve, operating line, steps between them.

The operating line holds the streams that pass each other between two stages, organic onward and aqueous
falling; a stage is a step from it to the equilibrium curve and back. From numbers alone the steps are counted
(`step_off`). From a solved circuit the same points are read off stage by stage (`diagram`), as they are:
where a feed, a draw or a reflux enters a section the operating line is broken, and the result says so.

Concentrations in mol/m3, volume flows in m3/h.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ytterby.circuit.shortcuts.feeds import Array, refuse
from ytterby.circuit.solved import SolvedCircuit
from ytterby.errors import CaseError, Fault, nearest

WHERE = "McCabe-Thiele"
MOST_STEPS = 1000
PINCH = 1e-9
"""Of the way to go, a step below which the line and the curve are taken to meet."""

Equilibrium = float | tuple[ArrayLike, ArrayLike]
"""A constant distribution ratio, or a table of x and y, both rising, between which lines are drawn."""


@dataclass(frozen=True)
class Construction:
    """Steps between an operating line and an equilibrium curve, from the aqueous outlet on."""

    stages: int
    """Whole steps that are enough."""
    last_step: float
    """Share of the last step that is needed, measured along x [-]."""
    aqueous: Array
    """x that leaves each stage [mol/m3], axis ``stage`` along the organic."""
    organic: Array
    """y that leaves each stage, in equilibrium with x [mol/m3]."""
    line_x: Array
    """Operating line: aqueous that leaves stage 1, 2, ... and, last, the one that the steps pass [mol/m3]."""
    line_y: Array
    """Organic that passes it: the one that enters stage 1, then the one that leaves each stage [mol/m3]."""

    @property
    def corners(self) -> tuple[Array, Array]:
        """x and y of the staircase: line, curve, line, curve, ..., line [mol/m3]."""
        return np.repeat(self.line_x, 2)[:-1], np.repeat(self.line_y, 2)[1:]


def step_off(
    equilibrium: Equilibrium,
    oa_ratio: float,
    aqueous_in: float,
    organic_in: float,
    aqueous_out: float,
) -> Construction:
    """Stages of one section, extraction or strip, stepped off from the aqueous outlet (stage 1).

    ``equilibrium``: D [-] or a table (x, y) [mol/m3]; ``oa_ratio`` O/A by volume [-]; ``aqueous_in`` enters
    the last stage, ``organic_in`` the first, ``aqueous_out`` leaves the first [mol/m3]. Flows are constant.
    CaseError where the table does not reach, or no number of stages comes to ``aqueous_in``: the line meets
    the curve before.
    """
    if not 0.0 < oa_ratio < math.inf:
        raise refuse(f"{WHERE}, O/A ratio", f"{oa_ratio:g}", "a finite number above 0")
    curve = _curve(equilibrium)
    way = aqueous_in - aqueous_out
    if min(aqueous_in, organic_in, aqueous_out) < 0.0 or way == 0.0:
        read = f"aqueous {aqueous_in:g} to {aqueous_out:g}, organic from {organic_in:g} mol/m3"
        raise refuse(WHERE, read, "concentrations of 0 or more, and some change of the aqueous")
    x, line_y = [aqueous_out], [organic_in]
    while (aqueous_in - x[-1]) / way > 0.0:
        line_y.append(curve(x[-1]))
        following = aqueous_out + oa_ratio * (line_y[-1] - organic_in)
        if (following - x[-1]) / way <= PINCH or len(x) > MOST_STEPS:
            raise refuse(
                WHERE,
                f"operating line and equilibrium meet at x = {x[-1]:.6g} mol/m3 after {len(x) - 1} steps",
                f"steps as far as the aqueous that enters, {aqueous_in:g} mol/m3",
                "more organic for an extraction, less for a strip, or ask for less",
            )
        x.append(following)
    last = (aqueous_in - x[-2]) / (x[-1] - x[-2])
    corners, organic = np.array(x), np.array(line_y)
    return Construction(len(x) - 1, last, corners[:-1], organic[1:], corners, organic)


def _curve(equilibrium: Equilibrium) -> Callable[[float], float]:
    """y in equilibrium with x; refuses to go beyond a table."""
    if not isinstance(equilibrium, tuple):
        ratio = float(equilibrium)
        if not 0.0 < ratio < math.inf:
            raise refuse(f"{WHERE}, equilibrium", f"{ratio:g}", "a distribution ratio above 0")
        return lambda x: ratio * x
    xs, ys = (np.asarray(values, dtype=np.float64) for values in equilibrium)
    rising = xs.ndim == 1 and xs.shape == ys.shape and xs.size > 1
    if not rising or not ((np.diff(xs) > 0).all() and (np.diff(ys) > 0).all()):
        raise refuse(f"{WHERE}, equilibrium", "a table that does not rise", "x and y, both rising")

    def read(x: float) -> float:
        if not xs[0] <= x <= xs[-1]:
            expected = f"between {xs[0]:g} and {xs[-1]:g}, where the table reaches"
            raise refuse(f"{WHERE}, equilibrium", f"x = {x:g} mol/m3", expected)
        return float(np.interp(x, xs, ys))

    return read


# --- from a solved circuit


@dataclass(frozen=True)
class SectionDiagram:
    """One element in one section of a solved circuit [mol/m3]."""

    section: str
    equilibrium_x: Array
    """Aqueous of each contact, axis ``stage`` along the organic."""
    equilibrium_y: Array
    """Organic in equilibrium with it."""
    leaving_x: Array
    """Aqueous that leaves each stage, with what it entrains; the phase of the contact if nothing is."""
    leaving_y: Array
    """Organic that leaves each stage, with what passed it by and what it entrains."""
    line_x: Array
    """Operating line: aqueous that leaves each stage, and last the one that enters the section."""
    line_y: Array
    """Organic that passes it: the one that enters the section, then the one that leaves each stage."""
    notes: tuple[str, ...]
    """Why the line is broken or the steps miss the curve, in words; empty if they do not."""

    @property
    def corners(self) -> tuple[Array, Array]:
        """x and y of the staircase from stage to stage along the organic."""
        x = np.column_stack([self.leaving_x, self.leaving_x, self.line_x[1:]])
        y = np.column_stack([self.line_y[:-1], self.leaving_y, self.line_y[1:]])
        return x.ravel(), y.ravel()


@dataclass(frozen=True)
class Diagram:
    """McCabe-Thiele points of one element along a solved circuit, section by section."""

    circuit: str
    element: str
    sections: tuple[SectionDiagram, ...]


def diagram(solved: SolvedCircuit, symbol: str) -> Diagram:
    """Points of an element on and between stages [mol/m3]; CaseError if the circuit has not got it."""
    circuit = solved.circuit
    if symbol not in circuit.elements:
        raise CaseError(
            Fault(
                f"{WHERE}, circuit {circuit.name}",
                symbol,
                "one of: " + ", ".join(circuit.elements),
                nearest(symbol, circuit.elements),
            )
        )
    column = circuit.elements.index(symbol)
    sections = tuple(_section(solved, number, column) for number in range(len(circuit.sections)))
    return Diagram(circuit.name, symbol, sections)


def _section(solved: SolvedCircuit, number: int, column: int) -> SectionDiagram:
    circuit, profiles = solved.circuit, solved.profiles
    section, (first, end) = circuit.sections[number], circuit.spans()[number]
    carried = np.array(
        [circuit.section_at(stage).aqueous_carried for stage in range(circuit.stages)]
    )
    x = profiles.fallen[:, column] / (profiles.aqueous_volume * (1.0 - carried))
    y = profiles.onward[:, column] / profiles.organic_out
    arriving_x = _aqueous_arriving(solved, number, column, x)
    return SectionDiagram(
        section=section.label,
        equilibrium_x=profiles.aqueous[first:end, column],
        equilibrium_y=profiles.organic[first:end, column],
        leaving_x=x[first:end],
        leaving_y=y[first:end],
        line_x=np.append(x[first:end], arriving_x),
        line_y=np.insert(y[first:end], 0, _organic_arriving(solved, first, column, y)),
        notes=_notes(solved, number),
    )


def _organic_arriving(solved: SolvedCircuit, first: int, column: int, y: Array) -> float:
    """Concentration in the organic that comes to the first stage of a section from before it."""
    organic = solved.circuit.organic
    if first > 0:
        return float(y[first - 1])
    if organic.closed:
        return float(y[-1]) * (1.0 - organic.bleed)
    return organic.concentrations.get(solved.circuit.elements[column], 0.0)


def _aqueous_arriving(solved: SolvedCircuit, number: int, column: int, x: Array) -> float:
    """Concentration in all aqueous that comes to the last stage of a section, mixed; nan if none is known."""
    circuit, profiles = solved.circuit, solved.profiles
    symbol, last = circuit.elements[column], circuit.spans()[number][1] - 1
    parts = [
        (inlet.flow, inlet.concentrations.get(symbol, 0.0))
        for inlet, stage, phase in circuit.inlets()
        if stage == last and phase == "aqueous"
    ]
    parts += [
        (reflux.flow, float(x[circuit.outlet_stage(reflux.outlet)]))
        for reflux in circuit.refluxes
        if circuit.index(reflux.place) == last
    ]
    if number + 1 < len(circuit.sections) and circuit.aqueous_train(number + 1) != number + 1:
        carried = circuit.section_at(last + 1).aqueous_carried
        flow = float(profiles.aqueous_volume[last + 1]) * (1.0 - carried)
        drawn = sum(
            draw.flow
            for draw in circuit.draws
            if draw.phase == "aqueous" and circuit.index(draw.place) == last + 1
        )
        parts.append((flow - drawn, float(x[last + 1])))
    volume = sum(flow for flow, _ in parts)
    return sum(flow * held for flow, held in parts) / volume if volume > 0 else math.nan


def _notes(solved: SolvedCircuit, number: int) -> tuple[str, ...]:
    """What breaks the operating line of a section, or parts its steps from the curve."""
    circuit = solved.circuit
    section, (first, end) = circuit.sections[number], circuit.spans()[number]

    def at(stage: int) -> str:
        return f"at stage {stage - first + 1}"

    def inside(stage: int, phase: str) -> bool:
        """Whether what joins there splits the line; what comes to the end where its phase enters does not."""
        return first <= stage < end and stage != (end - 1 if phase == "aqueous" else -1)

    broken = [
        f"{inlet.name} joins the {phase} {at(stage)}"
        for inlet, stage, phase in circuit.inlets()
        if inside(stage, phase)
    ]
    broken += [
        f"{reflux.outlet} is refluxed {at(circuit.index(reflux.place))}"
        for reflux in circuit.refluxes
        if inside(circuit.index(reflux.place), "aqueous")
    ]
    broken += [
        f"{draw.name} is drawn from the {draw.phase} {at(circuit.index(draw.place))}"
        for draw in circuit.draws
        if first <= circuit.index(draw.place) < end
    ]
    notes = ["operating line broken: " + "; ".join(broken)] if broken else []
    known = {inlet.name for inlet, _, _ in circuit.inlets()} | {"entering organic"}
    transfers = [name for name in solved.inlets if name not in known]
    if transfers:
        notes.append(
            "operating line broken wherever what other circuits send comes in: "
            + ", ".join(transfers)
        )
    if section.efficiency < 1.0:
        notes.append(f"steps miss the curve: stage efficiency {section.efficiency:g}")
    if section.aqueous_carried > 0.0 or section.organic_carried > 0.0:
        notes.append("streams carry entrained liquor: their points are not of one phase")
    elif first > 0 and circuit.sections[number - 1].aqueous_carried > 0.0:
        notes.append("operating line broken: the organic brings entrained aqueous to stage 1")
    return tuple(notes)
