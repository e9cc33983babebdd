"""A solved circuit: profiles, streams, recoveries and consumption, with what they rest on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ytterby.circuit.circuit import Circuit
from ytterby.circuit.verdict import Verdict
from ytterby.materials import Stream

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Profiles:
    """Stage by stage along the organic; the stage equation holds between neighbours."""

    aqueous: Array
    """x [mol/m3], axes ``stage element``."""
    organic: Array
    """y [mol/m3], axes ``stage element``."""
    acid: Array
    """[H+] [mol/m3], axis ``stage``."""
    free_dimer: Array
    """[mol/m3], axis ``stage``."""
    aqueous_flow: Array
    """Aqueous leaving each stage [m3/h], axis ``stage``."""

    @property
    def ph(self) -> Array:
        """-log10 of [H+] in mol/L (concentration scale), axis ``stage``."""
        return -np.log10(self.acid / 1000.0)


@dataclass(frozen=True)
class Consumption:
    """Reagents that the circuit takes from outside."""

    base: float
    """Base for saponification [mol/h]."""
    base_reagent: str
    scrub_acid: float
    """H+ of the scrub liquor [mol/h]."""
    strip_acid: float
    """H+ of the strip liquor [mol/h]."""
    acid_reagent: str


@dataclass(frozen=True)
class OutOfRange:
    """A quantity that left the range its constants were established for: the result extrapolates."""

    section: str
    quantity: str
    reached: tuple[float, float]
    """Lowest and highest value in the section, canonical units."""
    valid: tuple[float, float]
    unit: str
    """Canonical unit of both."""


@dataclass(frozen=True)
class SolvedCircuit:
    """Steady state of a circuit. Made only when every balance closes."""

    circuit: Circuit
    verdict: Verdict
    profiles: Profiles
    streams: Mapping[str, Stream]
    """By name: liquors in, then outlets, then the organic inside."""
    inlets: tuple[str, ...]
    outlets: tuple[str, ...]
    consumption: Consumption
    closure: Mapping[str, float]
    """Imbalance of each element over its scale, recomputed by ``balance.closure`` [-]."""
    steps: int
    """Newton steps from the cold start."""
    out_of_range: tuple[OutOfRange, ...]
    sources: tuple[str, ...]
    """Keys of everything the numbers rest on."""
    weakest_basis: str

    def recovery(self, symbol: str, outlet: str) -> float:
        """Share of an element's feed that leaves with an outlet [-]; nan if it is not fed."""
        fed = sum(self.streams[name].moles(symbol) for name in self.inlets)
        return self.streams[outlet].moles(symbol) / fed if fed > 0 else float("nan")
