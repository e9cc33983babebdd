"""Volumes along circuits as the flows alone fix them: how much there is to draw, reflux or transfer."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence

import numpy as np

from ytterby.circuit.circuit import Circuit, Phase, Train, Transfer

Volumes = Mapping[Phase, Sequence[float]]
"""Volume that leaves each stage, before anything is taken there [m3/h], by phase."""


def volumes(plan: Circuit | Train) -> dict[str, Volumes]:
    """Volume that leaves each stage before anything is taken there [m3/h], by circuit and phase.

    Entrainment is left out. Not positive or not finite where transfers bring back all that leaves.
    """
    if isinstance(plan, Circuit):
        return {plan.name: _through(plan, [])}

    def through(moved: Sequence[float]) -> dict[str, Volumes]:
        arriving = [
            (transfer, _source(plan, transfer)[0], flow)
            for transfer, flow in zip(plan.transfers, moved, strict=True)
        ]
        return {circuit.name: _through(circuit, arriving) for circuit in plan.circuits}

    return through(_moved(plan, through))


def _moved(plan: Train, through: Callable[[Sequence[float]], dict[str, Volumes]]) -> list[float]:
    """Flow of each transfer [m3/h]; it is linear in the flows of the others."""

    def given(moved: Sequence[float]) -> np.ndarray:
        found = through(moved)
        flows = []
        for transfer in plan.transfers:
            phase, stage = _source(plan, transfer)
            flows.append(transfer.share * found[transfer.source][phase][stage])
        return np.array(flows)

    unit = np.eye(len(plan.transfers))
    alone = given([0.0] * len(unit))
    effect = np.array([given(one.tolist()) - alone for one in unit]).T
    try:
        return [float(flow) for flow in np.linalg.solve(unit - effect, alone)]
    except np.linalg.LinAlgError:
        return [float("inf")] * len(plan.transfers)


def _source(plan: Train, transfer: Transfer) -> tuple[Phase, int]:
    """Phase of a transfer, and the stage, from 0, of its source that it leaves."""
    source = next(circuit for circuit in plan.circuits if circuit.name == transfer.source)
    return source.leaves(transfer.outlet)


def _through(circuit: Circuit, arriving: Sequence[tuple[Transfer, Phase, float]]) -> Volumes:
    """Volumes of a circuit that transfers of known phase and flow enter."""
    return {phase: _along(circuit, phase, arriving) for phase in ("aqueous", "organic")}


def _along(
    circuit: Circuit, phase: Phase, arriving: Sequence[tuple[Transfer, Phase, float]]
) -> list[float]:
    gains = [0.0] * circuit.stages
    losses = [0.0] * circuit.stages
    for inlet, stage, joined in circuit.inlets():
        gains[stage] += inlet.flow * (joined == phase)
    for transfer, joined, flow in arriving:
        if transfer.target == circuit.name and joined == phase:
            gains[circuit.index(transfer.place)] += flow
    for draw in circuit.draws:
        losses[circuit.index(draw.place)] += draw.flow * (draw.phase == phase)
    if phase == "organic":
        gains[0] += circuit.organic.flow
        return _summed(gains, losses, range(circuit.stages), set())
    for reflux in circuit.refluxes:
        gains[circuit.index(reflux.place)] += reflux.flow
    exits = {circuit.spans()[number][0] for number in circuit.aqueous_exits()}
    return _summed(gains, losses, reversed(range(circuit.stages)), exits)


def _summed(
    gains: Sequence[float], losses: Sequence[float], order: Iterable[int], exits: Container[int]
) -> list[float]:
    """Running sums along the stages in the order of the flow; nothing passes an exit."""
    through, flow = [0.0] * len(gains), 0.0
    for stage in order:
        flow += gains[stage]
        through[stage] = flow
        flow = 0.0 if stage in exits else flow - losses[stage]
    return through
