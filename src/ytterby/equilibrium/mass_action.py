"""Cation exchange by mass action: M(z+) + q (HA)2 = M(HA2).. + n H+.

    D = K d^q / h^n        d: free dimer, h: [H+], both over 1 mol/L

K is an ideal conditional constant on the mol/L scale; q, n and the dimers p bound per metal may differ by
element. Trivalent rare earths on P507: p = q = n = z = 3.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ytterby.arrays import jax, jnp
from ytterby.datasets import ParameterSet
from ytterby.elements import element as element_of

LITRE_SCALE = math.log(1000.0)
"""ln of 1 mol/L in mol/m3, the scale on which the constants are stated."""


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class MassAction:
    """Constants of one extractant in one medium, arrays over ``element``."""

    ln_k: jax.Array
    """ln K, K on the mol/L scale [-]."""
    order_dimer: jax.Array
    """q, order in the free dimer [-]."""
    order_proton: jax.Array
    """n, protons released per metal [-]."""
    dimers: jax.Array
    """p, dimers bound per metal [mol/mol]."""
    charge: jax.Array
    """z of the ion in the aqueous phase [mol/mol]."""

    @classmethod
    def of(cls, parameters: ParameterSet, elements: Sequence[str], size: int) -> MassAction:
        """Constants of ``parameters`` for ``elements`` in that order, zeros after them up to ``size``."""
        rows = [parameters.constants[element] for element in elements]
        columns = (
            [row.log10_kex * math.log(10.0) for row in rows],
            [row.order_extractant for row in rows],
            [row.order_acid for row in rows],
            [row.dimers_per_metal for row in rows],
            [float(element_of(row.element).charge) for row in rows],
        )
        extra = [0.0] * (size - len(rows))
        return cls(*(jnp.asarray(np.array([*column, *extra])) for column in columns))

    def ln_distribution(self, ln_dimer: jax.Array, ln_acid: jax.Array) -> jax.Array:
        """ln D (organic over aqueous, molar) from ln free dimer and ln [H+], both in ln mol/m3."""
        dimer = ln_dimer - LITRE_SCALE
        acid = ln_acid - LITRE_SCALE
        return self.ln_k + self.order_dimer * dimer - self.order_proton * acid
