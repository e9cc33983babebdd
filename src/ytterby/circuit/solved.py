"""A solved circuit: profiles, streams, recoveries and consumption, with what they rest on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ytterby.circuit.circuit import Circuit, Train, Transfer
from ytterby.circuit.verdict import Verdict
from ytterby.materials import Stream

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Profiles:
    """Stage by stage along the organic; the stage balance holds between neighbours."""

    aqueous: Array
    """x [mol/m3], axes ``stage element``."""
    organic: Array
    """y in equilibrium with x [mol/m3], axes ``stage element``."""
    acid: Array
    """[H+] [mol/m3], axis ``stage``; nan where the model has none."""
    total_acid: Array
    """H+ and HSO4- [mol/m3], axis ``stage``."""
    free_extractant: Array
    """Formal (monomer) [mol/m3], axis ``stage``."""
    anion: Array
    """Free anion [mol/m3], axis ``stage``."""
    aqueous_volume: Array
    """Aqueous through each contact [m3/h], axis ``stage``."""
    organic_volume: Array
    """Organic through each contact [m3/h], axis ``stage``."""
    organic_out: Array
    """Organic that leaves with the organic line [m3/h], axis ``stage``."""
    onward: Array
    """Metals that leave with the organic line [mol/h], axes ``stage element``."""
    fallen: Array
    """Metals that leave with the aqueous [mol/h], axes ``stage element``."""

    @property
    def ph(self) -> Array:
        """-log10 of [H+] in mol/L (concentration scale), axis ``stage``."""
        return -np.log10(self.acid / 1000.0)

    @property
    def free_dimer(self) -> Array:
        """Free extractant as dimers [mol/m3], axis ``stage``."""
        return self.free_extractant / 2

    @property
    def oa_ratio(self) -> Array:
        """Organic over aqueous by volume in each contact [-], axis ``stage``."""
        return self.organic_volume / self.aqueous_volume


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
    wash_acid: float = 0.0
    """H+ of the wash [mol/h]."""


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
    """By name: liquors in, then outlets, then what stays inside."""
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
    assumptions: tuple[str, ...] = ()
    """What was assumed for want of data, in words."""

    def recovery(self, symbol: str, outlet: str) -> float:
        """Share of an element's feed that leaves with an outlet [-]; nan if it is not fed."""
        fed = sum(self.streams[name].moles(symbol) for name in self.inlets)
        return self.streams[outlet].moles(symbol) / fed if fed > 0 else float("nan")


@dataclass(frozen=True)
class SolvedTrain:
    """Steady state of circuits that feed each other."""

    train: Train
    circuits: Mapping[str, SolvedCircuit]
    """By name; a transfer stands among the outlets of one and the inlets of the other."""
    transfers: Mapping[Transfer, Stream]
    closure: Mapping[str, float]
    """Imbalance of each element over its scale, all circuits together [-]."""
    steps: int
