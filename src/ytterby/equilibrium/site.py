"""What the phases of a stage hold whatever is extracted there, known before anything is solved."""

from __future__ import annotations

from dataclasses import dataclass

from ytterby.arrays import jax


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Site:
    """Inert totals of a stage; every field may carry a leading ``stage`` axis. All in mol/m3.

    Anions, inert cations and base follow the flows alone. Metals are counted as if none were extracted.
    """

    extractant: jax.Array
    """Total extractant in the organic, formal (monomer)."""
    acid: jax.Array
    """Acid (H+ and HSO4-) less the base released, per aqueous."""
    metal_charge: jax.Array
    """Charge of the metals that the liquors brought, per aqueous."""
    salt: jax.Array
    """Inert cations (Na+, NH4+), per aqueous."""
    sulfate: jax.Array
    """SO4-- and HSO4- together, per aqueous; zero in other media."""

    @property
    def free_charge(self) -> jax.Array:
        """What acid and dissolved metals together must balance where protons replace extracted metals."""
        return self.acid + self.metal_charge

    @property
    def anion(self) -> jax.Array:
        """Charge of all anions where metals leave them behind (cation exchange)."""
        return self.free_charge + self.salt
