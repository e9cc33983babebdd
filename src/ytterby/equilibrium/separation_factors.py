"""Constant separation factors at fixed loading: the theory of Xu, and extractants of which no more is known.

    y_i / y_k = beta_i/beta_k (x_i / x_k),    sum of y = loading

The base on the organic is exchanged for metal in full, whatever the composition: the organic that enters with
saponification s carries s [HA] / (charge) of metal from stage 1 on, no more and no less. Acid of the scrub
frees as much metal as it has protons. There is no free acid and no free choice of loading: use it for
exchange sections (extraction and scrub), not for stripping.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from ytterby.arrays import jax, jnp
from ytterby.datasets import ParameterSet
from ytterby.elements import element as element_of
from ytterby.equilibrium.contract import Conditions, Reading, padded_array
from ytterby.equilibrium.site import Site


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class SeparationFactors:
    """Separation factors over one reference, arrays over ``element``."""

    ln_beta: jax.Array
    """ln of the separation factor over the reference [-]."""
    charge: jax.Array
    """z of the ion in the aqueous phase [mol/mol]."""

    exchanges: ClassVar[bool] = True
    direction: ClassVar[tuple[float, ...]] = (1.0,)
    names: ClassVar[tuple[str, ...]] = ("charge",)
    passes: ClassVar[int] = 1

    @classmethod
    def of(
        cls, parameters: ParameterSet, elements: Sequence[str], size: int, conditions: Conditions
    ) -> SeparationFactors:
        """Factors of ``parameters``; for an assumed element its number is the factor over the reference."""
        known = [name for name in elements if name not in conditions.assumed]
        factors = dict(zip(known, parameters.column("separation_factor", "1", known), strict=True))
        factors.update(conditions.assumed)
        ln_beta = [math.log(factors[name]) for name in elements]
        charges = [float(element_of(name).charge) for name in elements]
        return cls(padded_array(ln_beta, size), padded_array(charges, size))

    @property
    def slope(self) -> jax.Array:
        """ln D against ln D of the reference."""
        return jnp.ones_like(self.ln_beta)

    def ln_distribution(self, coupling: jax.Array, site: Site) -> jax.Array:
        """ln D (organic over aqueous, molar) from ln D of the reference."""
        return self.ln_beta + coupling[0]

    def levels(
        self, coupling: jax.Array, aqueous: jax.Array, organic: jax.Array, site: Site
    ) -> jax.Array:
        """D of the reference, times dissolved charge over the charge that the anions can balance."""
        dissolved = self.charge @ aqueous
        weighed = self.charge @ (jnp.exp(self.ln_beta) * aqueous)
        empty = dissolved <= 0  # a stage that only pads
        reference = self.charge @ organic / jnp.where(empty, 1.0, weighed)
        level = reference * dissolved / site.free_charge
        return jnp.where(empty, 1.0, level)[None]

    def reading(
        self, coupling: jax.Array, aqueous: jax.Array, organic: jax.Array, site: Site
    ) -> Reading:
        """No free acid; extractant that no metal binds, one per charge."""
        nothing = jnp.zeros_like(site.acid)
        free = site.extractant - self.charge @ organic
        return Reading(nothing * jnp.nan, nothing, free, site.anion)

    def scales(self, site: Site) -> jax.Array:
        """One: the level is a ratio."""
        return jnp.ones_like(site.acid)[None]

    def room(self, aqueous_flow: jax.Array, organic_flow: jax.Array, site: Site) -> jax.Array:
        """No bound: the loading is not a choice of the stage."""
        return jnp.full_like(aqueous_flow, jnp.inf)

    def start(self, aqueous_flow: jax.Array, organic_flow: jax.Array, site: Site) -> jax.Array:
        """Twice what the aqueous holds."""
        return 2.0 * aqueous_flow * site.free_charge

    def bound(self) -> jax.Array:
        """Charge per metal."""
        return self.charge
