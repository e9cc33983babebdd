"""Species by formula: atoms, charge, molar mass. Nothing is typed here that a formula says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from ytterby.elements import compound
from ytterby.errors import DataError, Fault
from ytterby.quantities import quoted

_CHARGED = re.compile(r"(?P<formula>.+?)(?P<sign>[+-])(?P<count>\d*)")


@dataclass(frozen=True)
class Species:
    """One kind of matter, by a formula such as ``Nd+3``, ``NO3-``, ``Fe2O3``, ``Nd2(C2O4)3.10H2O``."""

    name: str
    atoms: Mapping[str, int]
    """Atoms by symbol."""
    charge: int
    molar_mass: float
    """[kg/mol]; that of the atoms, electrons neglected."""


@cache
def species(name: str) -> Species:
    """The species of a formula; DataError if it cannot be read.

    A charge stands last, as ``+3`` or ``-``; water of a hydrate after a point.
    """
    charged = _CHARGED.fullmatch(name)
    formula = charged["formula"] if charged else name
    charge = 0 if not charged else int(f"{charged['sign']}{charged['count'] or 1}")
    try:
        atoms, mass = compound(formula.replace(".", "+"))
    except ValueError:
        raise DataError(
            Fault(
                "species",
                quoted(name),
                "a formula such as Nd2O3, Nd+3, NO3- or Nd2(C2O4)3.10H2O",
                next="write elements with their capital letter and a charge last",
            )
        ) from None
    return Species(name, atoms, charge, mass)
