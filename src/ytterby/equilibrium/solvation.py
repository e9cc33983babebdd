"""Solvation: M3+ + 3 NO3- + 3 TBP = M(NO3)3(TBP)3. The metal takes its anions along; acid is inert.

    log10 D = a + 3 log10([NO3-]/3) + 3 log10([TBP]/1) + t (1/T - 1/298.15)        mol/L, K

Extraction salts itself out: every metal that goes over takes nitrate and TBP from the others. Nitric acid is
not extracted by the model, which holds to 0.5 mol/L of it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from ytterby.arrays import jax, jnp
from ytterby.datasets import ParameterSet
from ytterby.elements import element as element_of
from ytterby.equilibrium.contract import START_FILL, Conditions, Reading, padded_array
from ytterby.equilibrium.site import Site

LN10 = math.log(10.0)
REFERENCE_NITRATE = 3000.0
"""[NO3-] at which ``log10_d_ref`` is stated [mol/m3]."""
REFERENCE_SOLVENT = 1000.0
"""[TBP] at which ``log10_d_ref`` is stated [mol/m3]."""


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Solvation:
    """Constants of one neutral solvent, arrays over ``element``."""

    ln_d: jax.Array
    """ln D at the reference concentrations and the temperature of the case [-]."""
    order: jax.Array
    """Order in nitrate and in solvent, the same number [-]."""
    solvent_bound: jax.Array
    """Solvent molecules per metal [mol/mol]."""
    charge: jax.Array
    """z of the ion in the aqueous phase [mol/mol]."""

    exchanges: ClassVar[bool] = False
    direction: ClassVar[tuple[float, ...]] = (1.0, 1.0)
    names: ClassVar[tuple[str, ...]] = ("extractant", "anion")
    passes: ClassVar[int] = 1

    @classmethod
    def of(
        cls, parameters: ParameterSet, elements: Sequence[str], size: int, conditions: Conditions
    ) -> Solvation:
        """Constants of ``parameters``; an assumed element has its constant D and binds no solvent."""
        known = [name for name in elements if name not in conditions.assumed]
        nitrate, solvent = (
            parameters.column(name, "1", known) for name in ("order_nitrate", "order_tbp")
        )
        assert nitrate == solvent, f"{parameters.name}: one order for nitrate and solvent"
        reference = parameters.column("log10_d_ref", "log10", known)
        warmth = parameters.column("temperature_slope_K", "K", known)
        bound = parameters.column("tbp_per_metal", "mol/mol", known)
        inverse = 1.0 / conditions.temperature - 1.0 / 298.15
        rows = {
            name: (LN10 * (reference[i] + warmth[i] * inverse), nitrate[i], bound[i])
            for i, name in enumerate(known)
        }
        for name, ratio in conditions.assumed.items():
            rows[name] = (math.log(ratio), 0.0, 0.0)
        ln_d, order, held = zip(*(rows[name] for name in elements), strict=True)
        charges = [float(element_of(name).charge) for name in elements]
        return cls(*(padded_array(values, size) for values in (ln_d, order, held, charges)))

    @property
    def slope(self) -> jax.Array:
        """ln D against ln [NO3-] + ln [TBP]."""
        return self.order

    def ln_distribution(self, coupling: jax.Array, site: Site) -> jax.Array:
        """ln D (organic over aqueous, molar) from ln free solvent and ln nitrate in ln mol/m3."""
        reference = math.log(REFERENCE_SOLVENT) + math.log(REFERENCE_NITRATE)
        return self.ln_d + self.order * (coupling[0] + coupling[1] - reference)

    def levels(
        self, coupling: jax.Array, aqueous: jax.Array, organic: jax.Array, site: Site
    ) -> jax.Array:
        """Free solvent and nitrate that the metals leave [mol/m3]."""
        solvent = site.extractant - self.solvent_bound @ organic
        return jnp.stack([solvent, site.acid + site.salt + self.charge @ aqueous])

    def reading(
        self, coupling: jax.Array, aqueous: jax.Array, organic: jax.Array, site: Site
    ) -> Reading:
        """Solvent and nitrate by their couplings; acid as it came in."""
        return Reading(site.acid, site.acid, jnp.exp(coupling[0]), jnp.exp(coupling[1]))

    def scales(self, site: Site) -> jax.Array:
        """All solvent; all nitrate [mol/m3]."""
        return jnp.stack([site.extractant, site.acid + site.salt + site.metal_charge])

    def room(self, aqueous_flow: jax.Array, organic_flow: jax.Array, site: Site) -> jax.Array:
        """No bound: the aqueous takes any amount of salt."""
        return jnp.full_like(aqueous_flow, jnp.inf)

    def start(self, aqueous_flow: jax.Array, organic_flow: jax.Array, site: Site) -> jax.Array:
        """What the liquors brought, and most of the solvent [mol/h]."""
        return aqueous_flow * site.metal_charge + START_FILL * organic_flow * site.extractant

    def bound(self) -> jax.Array:
        """Charge per metal."""
        return self.charge
