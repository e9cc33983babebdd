"""What every distribution model answers: how metals share themselves between the phases of a stage.

The metals of a stage meet only through a few *couplings* (ln free extractant, ln [H+], ...). Given those,
each metal distributes alone: ``ln_distribution``. The metals in turn leave a level of extractant, acid, ...
free: ``levels``. A stage is in equilibrium where exp(coupling) = level for every coupling.

The couplings act through one *driver*, the sum of ``direction`` times coupling: more of it extracts every
metal more (``slope``), which lowers the levels of direction +1 and raises those of direction -1. That makes
the equilibrium of a stage one monotone equation, see ``circuit.stage.equilibrate``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple, Protocol

import numpy as np

from ytterby.arrays import jax, jnp
from ytterby.datasets import ParameterSet
from ytterby.equilibrium.site import Site


@dataclass(frozen=True)
class Conditions:
    """What a case says of its equilibrium beside the parameter set."""

    temperature: float = 298.15
    """[K]"""
    terms: tuple[str, ...] = ()
    """Corrections that are switched on."""
    assumed: Mapping[str, float] = field(default_factory=dict)
    """Constant distribution ratios of elements that the set lacks: assumptions, not data [-]."""


class Reading(NamedTuple):
    """What an instrument would read in a stage, all mol/m3; nan where the model says nothing of it."""

    acid: jax.Array
    """[H+]."""
    total_acid: jax.Array
    """H+ and HSO4-."""
    free_extractant: jax.Array
    """Formal (monomer)."""
    anion: jax.Array
    """Free anion."""


class Distribution(Protocol):
    """A distribution model for ``element`` metals and ``coupling`` couplings, a JAX pytree."""

    exchanges: ClassVar[bool]
    """True: an extracted metal leaves its anions and frees protons. False: it takes its anions along."""

    @property
    def direction(self) -> tuple[float, ...]:
        """How each coupling enters the driver: +1, -1 or 0."""

    @property
    def names(self) -> tuple[str, ...]:
        """The balance behind each coupling, as results call it."""

    @classmethod
    def of(
        cls, parameters: ParameterSet, elements: Sequence[str], size: int, conditions: Conditions
    ) -> Distribution:
        """Model of ``parameters`` for ``elements`` in that order, inert after them up to ``size``."""

    @property
    def charge(self) -> jax.Array:
        """z of the ion in the aqueous phase [mol/mol], (element)."""

    @property
    def slope(self) -> jax.Array:
        """d ln D / d driver, (element), not negative."""

    @property
    def passes(self) -> int:
        """Times that the driver must be solved: 1 where ``slope`` is exact, more where it is not."""

    def ln_distribution(self, coupling: jax.Array, site: Site) -> jax.Array:
        """ln D, organic over aqueous, both molar, (element)."""

    def levels(
        self, coupling: jax.Array, aqueous: jax.Array, organic: jax.Array, site: Site
    ) -> jax.Array:
        """What exp(coupling) is in equilibrium [mol/m3], (coupling); not positive where metals do not fit."""

    def reading(
        self, coupling: jax.Array, aqueous: jax.Array, organic: jax.Array, site: Site
    ) -> Reading:
        """Acid, free extractant and anion of a stage in equilibrium."""

    def scales(self, site: Site) -> jax.Array:
        """Totals that imbalances of the levels are judged by [mol/m3], (coupling)."""

    def room(self, aqueous_flow: jax.Array, organic_flow: jax.Array, site: Site) -> jax.Array:
        """Charge equivalents that both phases of a stage may hold together [mol/h]."""

    def start(self, aqueous_flow: jax.Array, organic_flow: jax.Array, site: Site) -> jax.Array:
        """Charge equivalents of metal that a stage holds in the cold start [mol/h]."""

    def bound(self) -> jax.Array:
        """Charge equivalents that one mole of each metal takes of ``room``, (element)."""


START_FILL = 0.7
"""Share of what a stage can hold that it holds in the cold start."""


def padded_array(values: Sequence[float], size: int) -> jax.Array:
    """The values, then zeros up to ``size``."""
    return jnp.asarray(np.array([*values, *[0.0] * (size - len(values))]))
