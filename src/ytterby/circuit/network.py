"""Which liquor reaches which stage: from a ``Circuit`` to the arrays its stages are solved with.

``Inputs`` are the numbers a result can be differentiated by; ``Layout`` is the pattern of the circuit.
Stages are padded to a few sizes with stages that hold nothing, so that one compilation serves many circuits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ytterby.arrays import jax, jnp
from ytterby.circuit.circuit import Circuit
from ytterby.circuit.stage import Duty
from ytterby.equilibrium import MassAction

STAGE_SIZES = (1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096)
"""Numbers of stages that are compiled for."""
ELEMENT_SIZES = (1, 2, 4, 8, 15, 20, 25, 32)
"""Numbers of elements that are compiled for; 15 are the rare earths."""


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Inputs:
    """Everything continuous that fixes a circuit's steady state, beside its chemistry."""

    organic_flow: jax.Array
    """[m3/h]"""
    extractant: jax.Array
    """Formal (monomer) concentration [mol/m3]."""
    saponification: jax.Array
    """Base carried into stage 1 per extractant [mol/mol]."""
    inlet_flow: jax.Array
    """[m3/h], axis ``inlet``."""
    inlet_acid: jax.Array
    """[H+] [mol/m3], axis ``inlet``."""
    inlet_metals: jax.Array
    """[mol/m3], axes ``inlet element``."""


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Layout:
    """Pattern of a circuit over padded stages; zeros and ones."""

    enters: jax.Array
    """1 where an inlet joins a stage, axes ``stage inlet``."""
    reaches: jax.Array
    """1 where an inlet's liquor flows through a stage, axes ``stage inlet``."""
    aqueous_arrives: jax.Array
    """1 where the aqueous of the stage above flows in, axis ``stage``."""
    organic_arrives: jax.Array
    """1 where the organic of the stage below flows in, axis ``stage``."""
    real: jax.Array
    """1 for stages of the circuit, 0 for padding, axis ``stage``."""
    last: jax.Array
    """Index of the last stage of the circuit."""


def inputs_of(circuit: Circuit) -> Inputs:
    """The circuit's numbers as arrays, elements padded."""
    size = padded(len(circuit.elements), ELEMENT_SIZES)
    inlets = [section.inlet for section in circuit.sections]
    metals = np.zeros((len(inlets), size))
    for row, inlet in enumerate(inlets):
        metals[row, : len(circuit.elements)] = [
            inlet.concentrations.get(element, 0.0) for element in circuit.elements
        ]
    return Inputs(
        organic_flow=jnp.asarray(circuit.organic.flow),
        extractant=jnp.asarray(circuit.organic.extractant),
        saponification=jnp.asarray(circuit.organic.saponification),
        inlet_flow=jnp.asarray([inlet.flow for inlet in inlets]),
        inlet_acid=jnp.asarray([inlet.acid for inlet in inlets]),
        inlet_metals=jnp.asarray(metals),
    )


def layout_of(circuit: Circuit) -> Layout:
    """Where the circuit's liquors enter and flow, stages padded."""
    size = padded(circuit.stages, STAGE_SIZES)
    enters = np.zeros((size, len(circuit.sections)))
    reaches = np.zeros_like(enters)
    aqueous = np.zeros(size)
    spans = circuit.spans()
    for section, (_, end) in enumerate(spans):
        exit_stage = spans[circuit.aqueous_train(section)][0]
        enters[end - 1, section] = 1.0
        reaches[exit_stage:end, section] = 1.0
        aqueous[exit_stage : end - 1] = 1.0
    real = np.zeros(size)
    real[: circuit.stages] = 1.0
    organic = real.copy()
    organic[0] = float(circuit.organic.closed)
    arrays = (enters, reaches, aqueous, organic, real, np.asarray(circuit.stages - 1))
    return Layout(*map(jnp.asarray, arrays))


def padded(number: int, sizes: tuple[int, ...]) -> int:
    """Smallest of ``sizes`` that holds ``number``; itself if none does."""
    return next((size for size in sizes if size >= number), number)


def duties(inputs: Inputs, layout: Layout, chemistry: MassAction) -> Duty:
    """What is imposed on every stage; anions and inert cations follow the flows alone."""
    padding = 1.0 - layout.real
    aqueous = layout.reaches @ inputs.inlet_flow + padding
    anion = inputs.inlet_acid + inputs.inlet_metals @ chemistry.charge
    anion_flow = layout.reaches @ (inputs.inlet_flow * anion) + padding
    base = jnp.zeros_like(aqueous).at[0].set(base_flow(inputs))
    organic = jnp.broadcast_to(inputs.organic_flow, aqueous.shape)
    above = jnp.append(aqueous[1:], 0.0)
    return Duty(
        organic_in=layout.organic_arrives * organic,
        organic_out=organic,
        aqueous_in=layout.aqueous_arrives * above,
        aqueous_out=aqueous,
        feed=layout.enters @ (inputs.inlet_flow[:, None] * inputs.inlet_metals),
        free_anion=(anion_flow - base) / aqueous,
        dimer_total=jnp.broadcast_to(inputs.extractant / 2, aqueous.shape),
    )


def base_flow(inputs: Inputs) -> jax.Array:
    """Base that the saponified organic releases into the aqueous of stage 1 [mol/h]."""
    return inputs.saponification * inputs.extractant * inputs.organic_flow
