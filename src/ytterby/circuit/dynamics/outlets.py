"""Where liquor leaves a circuit that runs through time."""

from __future__ import annotations

from typing import NamedTuple

from ytterby.circuit.circuit import BLEED, Circuit, Phase


class Outlet(NamedTuple):
    """Where liquor leaves a circuit."""

    name: str
    phase: Phase
    stage: int
    """From 0."""


def outlets_of(circuit: Circuit) -> tuple[Outlet, ...]:
    """Aqueous outlets, draws and, where it is open or bled, the last organic."""
    spans = circuit.spans()
    found = [
        Outlet(circuit.sections[number].aqueous_outlet, "aqueous", spans[number][0])
        for number in circuit.aqueous_exits()
    ]
    found += [Outlet(it.name, it.phase, circuit.index(it.place)) for it in circuit.draws]
    if not circuit.organic.closed:
        found.append(Outlet(circuit.sections[-1].organic_name, "organic", circuit.stages - 1))
    elif circuit.organic.bleed:
        found.append(Outlet(BLEED, "organic", circuit.stages - 1))
    return tuple(found)
