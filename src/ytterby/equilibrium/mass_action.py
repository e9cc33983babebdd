"""Cation exchange by mass action: M(z+) + q (HA)2 = M(HA2).. + n H+.

    D = K d^q / h^n        d: free dimer, h: [H+], both over 1 mol/L

K is an ideal conditional constant on the mol/L scale; q, n and the dimers p bound per metal may differ by
element. Trivalent rare earths on P507: p = q = n = z = 3. An element with q = n = 0 has the constant D = K.

Three corrections may be switched on, each from its own cited numbers:

    complexing      D / (1 + beta1 L)                        L: free anion, a third coupling
    ionic strength  D gamma_M / gamma_H^n by SIT             M3+ and H+ against the anion
    loading         d times 10^(-A sqrt(d)), K times 10^k    the Alstad term
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

from ytterby.arrays import jax, jnp
from ytterby.datasets import ParameterSet
from ytterby.elements import element as element_of
from ytterby.equilibrium.contract import START_FILL, Conditions, Reading, padded_array
from ytterby.equilibrium.site import Site

LITRE_SCALE = math.log(1000.0)
"""ln of 1 mol/L in mol/m3, the scale on which the constants are stated."""
LN10 = math.log(10.0)
GAS_CONSTANT = 8.314462618
"""[J/mol/K], exact since 2019."""
DEBYE_HUCKEL = 0.509
"""A of the Debye-Hueckel term at 25 C [kg^0.5/mol^0.5]; B a = 1.5 as SIT fixes it."""


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Complexing:
    """First anion complex of each metal, MX(z-1)+; axis ``element``."""

    beta: jax.Array
    """[M X]/([M][X]) [m3/mol]; zero where none is known."""


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class IonicStrength:
    """SIT interaction coefficients with the anion [kg/mol]."""

    metal: jax.Array
    """Axis ``element``."""
    proton: jax.Array


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Loading:
    """Activity of the free dimer, log10 y = -coefficient sqrt(d), d in mol/L."""

    coefficient: jax.Array


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class MassAction:
    """Constants of one extractant in one medium, arrays over ``element``."""

    ln_k: jax.Array
    """ln K, K on the mol/L scale [-]."""
    order_dimer: jax.Array
    """q, order in the free dimer [-]."""
    order_proton: jax.Array
    """n, order in [H+] [-]."""
    dimers: jax.Array
    """p, dimers bound per metal [mol/mol]."""
    charge: jax.Array
    """z of the ion in the aqueous phase [mol/mol]."""
    exact: bool = field(default=True, metadata={"static": True})
    """Whether q = n for every metal and nothing is corrected: ln D then follows ln d - ln h alone."""
    complexing: Complexing | None = None
    ionic_strength: IonicStrength | None = None
    loading: Loading | None = None

    exchanges: ClassVar[bool] = True

    @classmethod
    def of(
        cls, parameters: ParameterSet, elements: Sequence[str], size: int, conditions: Conditions
    ) -> MassAction:
        """Constants of ``parameters`` for ``elements`` in that order, zeros after them up to ``size``.

        An assumed element has its constant D and takes one dimer per charge.
        """
        charge = [float(element_of(name).charge) for name in elements]
        assumed = [conditions.assumed.get(name) for name in elements]
        known = [name for name in elements if name not in conditions.assumed]

        def column(name: str, unit: str, otherwise: Sequence[float]) -> jax.Array:
            found = dict(zip(known, parameters.column(name, unit, known), strict=True))
            values = [found.get(it, other) for it, other in zip(elements, otherwise, strict=True)]
            return padded_array(values, size)

        constant_d = [math.log10(d) if d else 0.0 for d in assumed]
        none = [0.0] * len(charge)
        order_dimer = column("order_extractant", "1", none)
        order_proton = column("order_acid", "1", none)
        model = cls(
            ln_k=LN10 * column("log10_kex", "log10 (mol/L basis)", constant_d),
            order_dimer=order_dimer,
            order_proton=order_proton,
            dimers=column("dimers_per_metal", "mol/mol", charge),
            charge=padded_array(charge, size),
            exact=bool((order_dimer == order_proton).all()),
        )
        for term in conditions.terms:
            model = TERMS[term](model, parameters, elements, conditions)
        return model

    @property
    def direction(self) -> tuple[float, ...]:
        """More dimer extracts, more acid strips; the free anion follows."""
        return (1.0, -1.0) if self.complexing is None else (1.0, -1.0, 0.0)

    @property
    def names(self) -> tuple[str, ...]:
        """Couplings."""
        return ("extractant", "charge", "anion")[: len(self.direction)]

    @property
    def slope(self) -> jax.Array:
        """n: ln D against ln d - ln h; exact where q = n."""
        return self.order_proton

    @property
    def passes(self) -> int:
        """One where the slope is exact."""
        return 1 if self.exact else 4

    def ln_distribution(self, coupling: jax.Array, site: Site) -> jax.Array:
        """ln D (organic over aqueous, molar) from ln free dimer and ln [H+], both in ln mol/m3."""
        dimer, acid = coupling[0] - LITRE_SCALE, coupling[1] - LITRE_SCALE
        if self.loading is not None:
            dimer = dimer - self.loading.coefficient * LN10 * jnp.exp(dimer / 2)
        ln_d = self.ln_k + self.order_dimer * dimer - self.order_proton * acid
        anion = site.anion
        if self.complexing is not None:
            anion = jnp.exp(coupling[2])
            ln_d = ln_d - jnp.log1p(self.complexing.beta * anion)
        if self.ionic_strength is not None:
            ln_d = ln_d + self._activity(jnp.exp(coupling[1]), anion, site)
        return ln_d

    def _activity(self, acid: jax.Array, anion: jax.Array, site: Site) -> jax.Array:
        """ln gamma_M - n ln gamma_H by SIT; every metal counts as trivalent in the ionic strength."""
        assert self.ionic_strength is not None
        dissolved = jnp.maximum(site.free_charge - acid, 0.0)
        strength = (anion + site.salt + acid + 3.0 * dissolved) / 2000.0
        root = jnp.sqrt(strength)
        debye = DEBYE_HUCKEL * root / (1.0 + 1.5 * root)
        own = self.ionic_strength.metal - self.order_proton * self.ionic_strength.proton
        charges = self.charge**2 - self.order_proton
        return LN10 * (-charges * debye + own * anion / 1000.0)

    def levels(
        self, coupling: jax.Array, aqueous: jax.Array, organic: jax.Array, site: Site
    ) -> jax.Array:
        """Free dimer, [H+] and, with complexing, free anion that the metals leave [mol/m3]."""
        dimer = site.extractant / 2 - self.dimers @ organic
        acid = site.free_charge - self.charge @ aqueous
        if self.complexing is None:
            return jnp.stack([dimer, acid])
        beta = self.complexing.beta
        holding = (beta / (1.0 + beta * jnp.exp(coupling[2]))) @ aqueous
        return jnp.stack([dimer, acid, site.anion / (1.0 + holding)])

    def reading(
        self, coupling: jax.Array, aqueous: jax.Array, organic: jax.Array, site: Site
    ) -> Reading:
        """Acid and free extractant by their couplings; the anion, free of complexes if those are counted."""
        acid = jnp.exp(coupling[1])
        anion = site.anion if self.complexing is None else jnp.exp(coupling[2])
        return Reading(acid, acid, 2.0 * jnp.exp(coupling[0]), anion)

    def scales(self, site: Site) -> jax.Array:
        """All dimers; all acid and metal charge; all anion [mol/m3]."""
        totals = (site.extractant / 2, site.free_charge, site.anion)
        return jnp.stack(totals[: len(self.direction)])

    def room(self, aqueous_flow: jax.Array, organic_flow: jax.Array, site: Site) -> jax.Array:
        """Anions that metals can balance and dimers that they can bind [mol/h]."""
        return aqueous_flow * site.free_charge + organic_flow * site.extractant / 2

    def start(self, aqueous_flow: jax.Array, organic_flow: jax.Array, site: Site) -> jax.Array:
        """Most of the room [mol/h]."""
        return START_FILL * self.room(aqueous_flow, organic_flow, site)

    def bound(self) -> jax.Array:
        """Charges or dimers per metal, whichever is more."""
        return jnp.maximum(self.dimers, self.charge)


# --- corrections: each returns the model with its own numbers added


def _with_complexing(
    model: MassAction, parameters: ParameterSet, elements: Sequence[str], conditions: Conditions
) -> MassAction:
    log10_beta = _of_term(parameters, elements, "complexing", "log10_beta1", "log10 (mol/kg basis)")
    # mol/kg and mol/L differ by the density of water at 25 C, within the uncertainty of these constants.
    beta = [10.0**value / 1000.0 if value is not None else 0.0 for value in log10_beta]
    added = Complexing(padded_array(beta, model.ln_k.shape[0]))
    return replace(model, complexing=added, exact=False)


def _with_ionic_strength(
    model: MassAction, parameters: ParameterSet, elements: Sequence[str], conditions: Conditions
) -> MassAction:
    column = f"epsilon_{parameters.medium}"
    metal = _of_term(parameters, elements, "ionic_strength", column, "kg/mol")
    proton = parameters.general_value(f"epsilon_proton_{parameters.medium}", "kg/mol")
    known = padded_array([value or 0.0 for value in metal], model.ln_k.shape[0])
    return replace(model, ionic_strength=IonicStrength(known, jnp.asarray(proton)), exact=False)


def _with_loading(
    model: MassAction, parameters: ParameterSet, elements: Sequence[str], conditions: Conditions
) -> MassAction:
    coefficient = parameters.general_value("alstad", "(L/mol)^0.5")
    shift = parameters.general_value("alstad_shift", "log10 (mol/L basis)")
    bound = model.order_dimer > 0
    return replace(
        model,
        ln_k=model.ln_k + LN10 * shift * bound,
        loading=Loading(jnp.asarray(coefficient)),
        exact=False,
    )


def _with_temperature(
    model: MassAction, parameters: ParameterSet, elements: Sequence[str], conditions: Conditions
) -> MassAction:
    """van 't Hoff from 25 C."""
    enthalpy = _of_term(parameters, elements, "temperature", "enthalpy", "kJ/mol")
    joules = padded_array([1000.0 * (value or 0.0) for value in enthalpy], model.ln_k.shape[0])
    inverse = 1.0 / conditions.temperature - 1.0 / 298.15
    return replace(model, ln_k=model.ln_k - joules / GAS_CONSTANT * inverse)


def _of_term(
    parameters: ParameterSet, elements: Sequence[str], term: str, column: str, unit: str
) -> list[float | None]:
    """Numbers of a term by element, None where it has none; DataError if the set has no such term."""
    parameters.column(column, unit, (), term)
    rows = parameters.terms[term]
    having = [name for name in elements if name in rows]
    found = dict(zip(having, parameters.column(column, unit, having, term), strict=True))
    return [found.get(name) for name in elements]


TERMS = {
    "complexing": _with_complexing,
    "ionic_strength": _with_ionic_strength,
    "loading": _with_loading,
    "temperature": _with_temperature,
}
"""Correction by the name that cases give."""
