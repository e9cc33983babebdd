"""The metals of a rare-earth refinery: weights, charges in solution, oxides as traded, groups.

Weights come from the library `periodictable` (source key PERIODICTABLE), oxide masses from their
formulas; no weight is typed here. The library is imported when a weight is first asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

from ytterby.errors import DataError, Fault, nearest
from ytterby.quantities import quoted

if TYPE_CHECKING:
    from periodictable.formulas import Formula

Kind = Literal["rare earth", "impurity"]

RARE_EARTHS: tuple[str, ...] = (
    "Y", "La", "Ce", "Pr", "Nd", "Sm", "Eu", "Gd", "Tb", "Dy", "Ho", "Er", "Tm", "Yb", "Lu",
)  # fmt: skip
"""The fifteen by atomic number, as in every array. Sc is a rare earth too, but apart from them."""

EXTRACTION_ORDER: tuple[str, ...] = (
    "La", "Ce", "Pr", "Nd", "Sm", "Eu", "Gd", "Tb", "Dy", "Ho", "Y", "Er", "Tm", "Yb", "Lu",
)  # fmt: skip
"""The fifteen, least extracted first, with acidic organophosphorus extractants."""

GROUPS: dict[str, tuple[str, ...]] = {
    "LREE": ("La", "Ce", "Pr", "Nd"),
    "SEG": ("Sm", "Eu", "Gd"),
    "HREE": ("Y", "Tb", "Dy", "Ho", "Er", "Tm", "Yb", "Lu"),
    "NDPR": ("Pr", "Nd"),
    "MAGNET": ("Pr", "Nd", "Tb", "Dy"),
}
"""Groups, each by atomic number. Authors differ: some end LREE at Sm, Eu or Gd, some begin HREE at
Eu or Gd and count Y apart. Here LREE, SEG and HREE do not overlap and hold all fifteen."""

# Charge of the ion in solution and oxide as traded, by atomic number. Rare earths are M2O3 but for
# Ce, Pr and Tb; impurities are reported as their usual oxide.
_SPECIES: dict[str, tuple[int, str]] = {
    "Na": (1, "Na2O"),
    "Mg": (2, "MgO"),
    "Al": (3, "Al2O3"),
    "Ca": (2, "CaO"),
    "Sc": (3, "Sc2O3"),
    "Mn": (2, "MnO2"),
    "Fe": (3, "Fe2O3"),
    "Co": (2, "Co3O4"),
    "Ni": (2, "NiO"),
    "Cu": (2, "CuO"),
    "Zn": (2, "ZnO"),
    **{
        symbol: (3, {"Ce": "CeO2", "Pr": "Pr6O11", "Tb": "Tb4O7"}.get(symbol, f"{symbol}2O3"))
        for symbol in RARE_EARTHS
    },
    "Th": (4, "ThO2"),
    "U": (2, "U3O8"),
}

SYMBOLS: tuple[str, ...] = tuple(_SPECIES)
"""All symbols that `element` knows, by atomic number."""


@dataclass(frozen=True)
class Element:
    """One metal, as the aqueous phase and the trade know it."""

    symbol: str
    name: str
    atomic_number: int
    atomic_weight: float
    """[kg/mol]"""
    charge: int
    """Of the ion in solution. Uranium is uranyl, UO2 2+, so its charge is 2."""
    kind: Kind
    oxide: str
    """Formula of the oxide as traded, e.g. ``Pr6O11``."""
    oxide_molar_mass: float
    """Mass of oxide per mole of metal [kg/mol]."""


@cache
def element(symbol: str) -> Element:
    """The element of exactly that symbol; DataError if it is none of ``SYMBOLS``."""
    if symbol not in _SPECIES:
        raise DataError(
            Fault(
                where="element",
                read=quoted(symbol),
                expected="one of: " + ", ".join(SYMBOLS),
                nearest=nearest(symbol, SYMBOLS),
                next="write the chemical symbol with its capital letter",
            )
        )
    charge, oxide = _SPECIES[symbol]
    formula = _formula(oxide)
    atoms = {atom.symbol: (atom, count) for atom, count in formula.atoms.items()}
    metal, metals = atoms[symbol]
    return Element(
        symbol=symbol,
        name=metal.name,
        atomic_number=metal.number,
        atomic_weight=metal.mass / 1000.0,
        charge=charge,
        kind="rare earth" if symbol in RARE_EARTHS or symbol == "Sc" else "impurity",
        oxide=oxide,
        oxide_molar_mass=formula.mass / metals / 1000.0,
    )


def metal_to_oxide(symbol: str) -> float:
    """Mass of oxide as traded per mass of metal [kg/kg], e.g. 1.1664 for Nd."""
    metal = element(symbol)
    return metal.oxide_molar_mass / metal.atomic_weight


def reagent_mass(formula: str) -> float:
    """Molar mass of a reagent by its formula, e.g. ``NaOH`` [kg/mol]."""
    return float(_formula(formula).mass) / 1000.0


def acid_mass(formula: str) -> float:
    """Mass of a mineral acid per mole of its H+ [kg/mol]."""
    atoms = _formula(formula).atoms.items()
    protons = sum(count for atom, count in atoms if atom.symbol == "H")
    return reagent_mass(formula) / float(protons)


@cache
def compound(formula: str) -> tuple[dict[str, int], float]:
    """Atoms of a compound by symbol, and its molar mass [kg/mol]; ValueError for what is no formula."""
    from pyparsing import ParseException

    try:
        read = _formula(formula)
    except (ParseException, KeyError, AttributeError) as error:
        raise ValueError(formula) from error
    counts = {atom.symbol: count for atom, count in read.atoms.items()}
    if not counts or any(count != int(count) for count in counts.values()):
        raise ValueError(formula)
    return {name: int(count) for name, count in counts.items()}, float(read.mass) / 1000.0


def by_extraction_order(symbols: Iterable[str]) -> tuple[str, ...]:
    """The symbols, rare earths in extraction order first, then all others by atomic number."""
    order = (*EXTRACTION_ORDER, *SYMBOLS)
    return tuple(sorted(symbols, key=lambda symbol: order.index(element(symbol).symbol)))


def weights_version() -> str:
    """Name and version of the library that the weights come from, e.g. ``periodictable 2.1.0``."""
    import periodictable

    return f"periodictable {periodictable.__version__}"


def _formula(compound: str) -> Formula:
    from periodictable.formulas import formula

    return formula(compound)
