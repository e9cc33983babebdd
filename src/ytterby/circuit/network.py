"""Which liquor reaches which stage: from circuits to the arrays that their stages are solved with.

``Inputs`` are the numbers a result can be differentiated by; ``Layout`` is the pattern. Circuits of a train
stand one after the other in one row of stages, their transfers are links. Stages are padded to a few sizes
with stages that hold nothing, so that one compilation serves many circuits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ytterby.arrays import jax, jnp
from ytterby.circuit.circuit import Circuit, Inlet, Train
from ytterby.elements import element
from ytterby.equilibrium.sulfate import neutral_sulfate, total_acid

STAGE_SIZES = (1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096)
"""Numbers of stages that are compiled for."""
ELEMENT_SIZES = (1, 2, 4, 8, 15, 20, 25, 32)
"""Numbers of elements that are compiled for; 15 are the rare earths."""
CIRCUIT_SIZES = (1, 2, 4, 8, 16)
"""Numbers of circuits in a train that are compiled for."""
INLET_SIZES = (4, 8, 16, 32, 64, 128)
"""Numbers of liquors from outside that are compiled for."""
TAKE_SIZES = (0, 1, 2, 4, 8, 16, 32, 64)
"""Numbers of draws and links that are compiled for."""


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Inputs:
    """Everything continuous that fixes a steady state, beside its chemistry."""

    organic_flow: jax.Array
    """Organic that enters stage 1 [m3/h], axis ``circuit``."""
    extractant: jax.Array
    """Formal (monomer) concentration [mol/m3], axis ``circuit``."""
    saponification: jax.Array
    """Base carried into stage 1 per extractant [mol/mol], axis ``circuit``."""
    organic_metals: jax.Array
    """That an open organic brings [mol/m3], axes ``circuit element``."""
    inlet_flow: jax.Array
    """[m3/h], axis ``inlet``."""
    inlet_acid: jax.Array
    """H+, and HSO4- in sulfate [mol/m3], axis ``inlet``."""
    inlet_metals: jax.Array
    """[mol/m3], axes ``inlet element``."""
    inlet_salt: jax.Array
    """Inert cations [mol/m3], axis ``inlet``."""
    inlet_sulfate: jax.Array
    """[mol/m3], axis ``inlet``."""
    efficiency: jax.Array
    """Axis ``stage``."""
    aqueous_carried: jax.Array
    """Axis ``stage``."""
    organic_carried: jax.Array
    """Axis ``stage``."""
    taken_flow: jax.Array
    """What draws and refluxes take [m3/h], axis ``draw``."""
    taken_share: jax.Array
    """What returning organic and transfers take of an outlet [-], axis ``return``."""


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Takes:
    """Where liquor is taken from a stage, arrays over ``draw`` or ``return``."""

    source: jax.Array
    target: jax.Array
    """Stage that receives it; any where it leaves."""
    organic: jax.Array
    """1 from the organic line, 0 from the aqueous."""
    linked: jax.Array
    """1 where it goes to a stage, 0 where it leaves."""
    refilled: jax.Array
    """1 where the volume of organic is made up to a given flow at the target."""


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Layout:
    """Pattern of circuits over padded stages; zeros and ones."""

    enters: jax.Array
    """1 where an inlet joins a contact, axes ``stage inlet``."""
    enters_line: jax.Array
    """1 where an inlet joins the organic line, axes ``stage inlet``."""
    begins: jax.Array
    """1 at stage 1 of a circuit, axes ``stage circuit``."""
    belongs: jax.Array
    """1 on the stages of a circuit, axes ``stage circuit``; padding belongs to the first."""
    up: jax.Array
    """1 where the organic line goes on to the next stage, axis ``stage``."""
    down: jax.Array
    """1 where the aqueous goes on to the stage before, axis ``stage``."""
    real: jax.Array
    """1 for stages of a circuit, 0 for padding, axis ``stage``."""
    draws: Takes
    """By volume flow."""
    returns: Takes
    """By share of what leaves."""


class Take(NamedTuple):
    """One draw or link, before it becomes arrays."""

    source: int
    target: int | None
    organic: bool
    amount: float
    """Flow [m3/h] or share."""
    refilled: bool = False


@dataclass(frozen=True)
class Row:
    """Circuits one after the other in one row of stages."""

    circuits: tuple[Circuit, ...]
    transfers: tuple[Take, ...] = ()

    @property
    def offsets(self) -> list[int]:
        """Stage, from 0, at which each circuit begins; at the end their number."""
        return [0, *accumulate(circuit.stages for circuit in self.circuits)]

    @property
    def elements(self) -> tuple[str, ...]:
        """The same in every circuit."""
        return self.circuits[0].elements

    def inlets(self) -> list[tuple[Inlet, int, bool]]:
        """Liquors from outside, stage, and whether they are organic."""
        return [
            (inlet, offset + stage, phase == "organic")
            for circuit, offset in zip(self.circuits, self.offsets, strict=False)
            for inlet, stage, phase in circuit.inlets()
        ]

    def draws(self) -> list[Take]:
        """What is taken by flow: draws, then refluxes, circuit by circuit."""
        taken = []
        for circuit, offset in zip(self.circuits, self.offsets, strict=False):
            for draw in circuit.draws:
                stage = offset + circuit.index(draw.place)
                taken.append(Take(stage, None, draw.phase == "organic", draw.flow))
            for reflux in circuit.refluxes:
                source = offset + circuit.outlet_stage(reflux.outlet)
                taken.append(Take(source, offset + circuit.index(reflux.place), False, reflux.flow))
        return taken

    def returns(self) -> list[Take]:
        """What is taken by share: returning organics, then transfers between circuits."""
        loops = [
            Take(offset + circuit.stages - 1, offset, True, 1.0 - circuit.organic.bleed, True)
            for circuit, offset in zip(self.circuits, self.offsets, strict=False)
            if circuit.organic.closed
        ]
        return [*loops, *self.transfers]


def row_of(plan: Circuit | Train) -> Row:
    """The circuits of a train, or the one circuit, in a row of stages."""
    if isinstance(plan, Circuit):
        return Row((plan,))
    row = Row(plan.circuits)
    begins = {
        circuit.name: offset for circuit, offset in zip(plan.circuits, row.offsets, strict=False)
    }
    known = {circuit.name: circuit for circuit in plan.circuits}
    takes = []
    for transfer in plan.transfers:
        source, target = known[transfer.source], known[transfer.target]
        phase, stage = source.leaves(transfer.outlet)
        takes.append(
            Take(
                begins[source.name] + stage,
                begins[target.name] + target.index(transfer.place),
                phase == "organic",
                transfer.share,
            )
        )
    return replace(row, transfers=tuple(takes))


def inputs_of(row: Row, medium: str) -> Inputs:
    """The numbers as arrays, elements, stages, inlets and takes padded."""
    elements = row.elements
    inlets = [inlet for inlet, _, _ in row.inlets()]
    shape = (padded(len(inlets), INLET_SIZES), padded(len(elements), ELEMENT_SIZES))
    metals = _concentrations([inlet.concentrations for inlet in inlets], elements, shape)
    organics = [circuit.organic for circuit in row.circuits]
    count = padded(len(organics), CIRCUIT_SIZES)
    brought = _concentrations(
        [{} if organic.closed else organic.concentrations for organic in organics],
        elements,
        (count, shape[1]),
    )
    sulfate = [_sulfate_of(inlet) if medium == "sulfate" else 0.0 for inlet in inlets]
    acid = [
        float(total_acid(inlet.acid, held)) for inlet, held in zip(inlets, sulfate, strict=True)
    ]
    stages = padded(row.offsets[-1], STAGE_SIZES)
    sections = [
        section
        for circuit in row.circuits
        for section in circuit.sections
        for _ in range(section.stages)
    ]
    draws, returns = row.draws(), row.returns()
    return Inputs(
        organic_flow=_filled([organic.flow for organic in organics], count, 0.0),
        extractant=_filled([organic.extractant for organic in organics], count, 0.0),
        saponification=_filled([organic.saponification for organic in organics], count, 0.0),
        organic_metals=jnp.asarray(brought),
        inlet_flow=_filled([inlet.flow for inlet in inlets], shape[0], 0.0),
        inlet_acid=_filled(acid, shape[0], 0.0),
        inlet_metals=jnp.asarray(metals),
        inlet_salt=_filled([inlet.salt for inlet in inlets], shape[0], 0.0),
        inlet_sulfate=_filled(sulfate, shape[0], 0.0),
        efficiency=_filled([section.efficiency for section in sections], stages, 1.0),
        aqueous_carried=_filled([section.aqueous_carried for section in sections], stages, 0.0),
        organic_carried=_filled([section.organic_carried for section in sections], stages, 0.0),
        taken_flow=_filled([take.amount for take in draws], padded(len(draws), TAKE_SIZES), 0.0),
        taken_share=_filled(
            [take.amount for take in returns], padded(len(returns), TAKE_SIZES), 0.0
        ),
    )


def _concentrations(
    liquors: Sequence[Mapping[str, float]], elements: Sequence[str], shape: tuple[int, int]
) -> NDArray[np.float64]:
    """One row per liquor, one column per element, zeros after them."""
    table = np.zeros(shape)
    for number, metals in enumerate(liquors):
        table[number, : len(elements)] = [metals.get(element, 0.0) for element in elements]
    return table


def _sulfate_of(inlet: Inlet) -> float:
    """Total sulfate of a liquor [mol/m3]: as given, or what neutralises it."""
    if inlet.sulfate is not None:
        return inlet.sulfate
    charge = sum(element(name).charge * c for name, c in inlet.concentrations.items())
    return neutral_sulfate(inlet.acid, charge + inlet.salt)


def _filled(values: Sequence[float], size: int, filler: float) -> jax.Array:
    return jnp.asarray(np.array([*values, *[filler] * (size - len(values))], dtype=float))


def layout_of(row: Row) -> Layout:
    """Where liquors enter, flow and leave, stages padded."""
    total, inlets = row.offsets[-1], row.inlets()
    size = padded(total, STAGE_SIZES)
    enters = np.zeros((2, size, padded(len(inlets), INLET_SIZES)))
    for number, (_, stage, organic) in enumerate(inlets):
        enters[int(organic), stage, number] = 1.0
    begins, belongs = np.zeros((2, size, padded(len(row.circuits), CIRCUIT_SIZES)))
    up, down, real = np.zeros((3, size))
    real[:total] = 1.0
    belongs[total:, 0] = 1.0
    for number, (circuit, offset) in enumerate(zip(row.circuits, row.offsets, strict=False)):
        end = offset + circuit.stages
        begins[offset, number] = 1.0
        belongs[offset:end, number] = 1.0
        up[offset : end - 1] = 1.0
        down[offset:end] = 1.0
        for exit_ in circuit.aqueous_exits():
            down[offset + circuit.spans()[exit_][0]] = 0.0
    return Layout(
        enters=jnp.asarray(enters[0]),
        enters_line=jnp.asarray(enters[1]),
        begins=jnp.asarray(begins),
        belongs=jnp.asarray(belongs),
        up=jnp.asarray(up),
        down=jnp.asarray(down),
        real=jnp.asarray(real),
        draws=_takes(row.draws()),
        returns=_takes(row.returns()),
    )


def _takes(takes: Sequence[Take]) -> Takes:
    extra = padded(len(takes), TAKE_SIZES) - len(takes)

    def column(of: Callable[[Take], float], filler: float, kind: type) -> jax.Array:
        return jnp.asarray(np.array([*map(of, takes), *[filler] * extra], dtype=kind))

    return Takes(
        column(lambda take: take.source, 0, np.int64),
        column(lambda take: take.target or 0, 0, np.int64),
        column(lambda take: take.organic, 1, float),
        column(lambda take: take.target is not None, 0, float),
        column(lambda take: take.refilled, 1, float),
    )


def padded(number: int, sizes: tuple[int, ...]) -> int:
    """Smallest of ``sizes`` that holds ``number``; itself if none does."""
    return next((size for size in sizes if size >= number), number)
