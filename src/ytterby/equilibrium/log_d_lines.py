"""Literature lines of log D in pH and dosage: empirical.

    log10 D = (m0 + m1 v) pH + b0 + b1 log10 v        v: free extractant [% v/v of the organic]

pH is -log10 [H+] in mol/L; in sulfate liquors [H+] follows from HSO4- dissociation. Extraction frees the
metal's charge in protons and binds extractant (monomer), as many moles as ``extractant_per_metal`` says.
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
from ytterby.equilibrium.sulfate import free_acid, total_acid

LN10 = math.log(10.0)


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class LogDLines:
    """One line per element, arrays over ``element``."""

    m0: jax.Array
    """d log10 D / d pH at no dosage [-]."""
    m1: jax.Array
    """Its change per % v/v of extractant [-]."""
    b0: jax.Array
    """log10 D at pH 0 and 1 % v/v [-]."""
    b1: jax.Array
    """d log10 D / d log10 dosage at pH 0 [-]."""
    percent: jax.Array
    """% v/v of extractant in the organic per mol/m3."""
    extractant_bound: jax.Array
    """Extractant (monomer) bound per metal [mol/mol]."""
    charge: jax.Array
    """z of the ion in the aqueous phase [mol/mol]."""

    exchanges: ClassVar[bool] = True
    direction: ClassVar[tuple[float, ...]] = (0.0, -1.0)
    names: ClassVar[tuple[str, ...]] = ("extractant", "charge")
    passes: ClassVar[int] = 4

    @classmethod
    def of(
        cls, parameters: ParameterSet, elements: Sequence[str], size: int, conditions: Conditions
    ) -> LogDLines:
        """Lines of ``parameters``; an assumed element has constant D and binds one molecule per charge."""
        known = [name for name in elements if name not in conditions.assumed]
        lines = [parameters.column(name, "1", known) for name in ("m0", "m1", "b0", "b1")]
        lines.append(parameters.column("extractant_per_metal", "mol/mol", known))
        rows = {name: tuple(line[i] for line in lines) for i, name in enumerate(known)}
        charges = {name: float(element_of(name).charge) for name in elements}
        for name, ratio in conditions.assumed.items():
            rows[name] = (0.0, 0.0, math.log10(ratio), 0.0, charges[name])
        columns = zip(*(rows[name] for name in elements), strict=True)
        m0, m1, b0, b1, bound = (padded_array(values, size) for values in columns)
        mass = parameters.general_value("extractant_molar_mass", "g/mol")
        density = parameters.general_value("extractant_density", "g/L")
        percent = jnp.asarray(100.0 * mass / density / 1000.0)
        charge = padded_array([charges[name] for name in elements], size)
        return cls(m0, m1, b0, b1, percent, bound, charge)

    @property
    def slope(self) -> jax.Array:
        """ln D against -ln [H+] at 1 % v/v: a guess that ``passes`` correct."""
        return self.m0 + self.m1

    def ln_distribution(self, coupling: jax.Array, site: Site) -> jax.Array:
        """ln D (organic over aqueous, molar) from ln free extractant and ln [H+] in ln mol/m3."""
        ph = (math.log(1000.0) - coupling[1]) / LN10
        dosage = self.percent * jnp.exp(coupling[0])
        pitch = self.m0 + self.m1 * dosage
        return LN10 * (pitch * ph + self.b0) + self.b1 * jnp.log(dosage)

    def levels(
        self, coupling: jax.Array, aqueous: jax.Array, organic: jax.Array, site: Site
    ) -> jax.Array:
        """Free extractant and [H+] that the metals leave [mol/m3]."""
        free = site.extractant - self.extractant_bound @ organic
        acid: jax.Array = free_acid(site.free_charge - self.charge @ aqueous, site.sulfate)
        return jnp.stack([free, acid])

    def reading(
        self, coupling: jax.Array, aqueous: jax.Array, organic: jax.Array, site: Site
    ) -> Reading:
        """Extractant and acid by their couplings."""
        acid = jnp.exp(coupling[1])
        return Reading(acid, total_acid(acid, site.sulfate), jnp.exp(coupling[0]), site.anion)

    def scales(self, site: Site) -> jax.Array:
        """All extractant; all acid and metal charge [mol/m3]."""
        return jnp.stack([site.extractant, site.free_charge])

    def room(self, aqueous_flow: jax.Array, organic_flow: jax.Array, site: Site) -> jax.Array:
        """Anions that metals can balance and extractant that they can bind [mol/h]."""
        return aqueous_flow * site.free_charge + organic_flow * site.extractant

    def start(self, aqueous_flow: jax.Array, organic_flow: jax.Array, site: Site) -> jax.Array:
        """Most of what either phase could hold, were it alone [mol/h]."""
        return START_FILL * jnp.minimum(
            aqueous_flow * site.free_charge, organic_flow * site.extractant
        )

    def bound(self) -> jax.Array:
        """Charges or extractant per metal, whichever is more."""
        return jnp.maximum(self.extractant_bound, self.charge)
