"""The PHREEQC database of this package: its text, written from the cited tables and from nothing else.

Constants come from `hydroxides` and, for rare earths and zinc, from the LLNL rows of `speciation`. A row of
`speciation` that is flagged as wrong in its source never enters; `hydroxides` holds what stands in its place.
Activity coefficients follow the specific ion interaction theory (SIT) with the table `sit_coefficients`.
There is no redox: iron is Fe(III), uranium U(VI), nitrate and ammonia never meet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from ytterby.datasets import Row, table
from ytterby.elements import RARE_EARTHS, reagent_mass
from ytterby.materials.species import Species, species

MASTERS: Mapping[str, str] = MappingProxyType(
    {
        "H": "H+", "O": "H2O", "Cl": "Cl-", "N": "NO3-", "S": "SO4-2", "C": "CO3-2", "Amm": "Amm",
        "Na": "Na+", "Mg": "Mg+2", "Al": "Al+3", "Ca": "Ca+2", "Mn": "Mn+2", "Fe": "Fe+3",
        "Co": "Co+2", "Ni": "Ni+2", "Cu": "Cu+2", "Zn": "Zn+2",
        **{symbol: f"{symbol}+3" for symbol in RARE_EARTHS},
        "Pb": "Pb+2", "Th": "Th+4", "U": "UO2+2",
    }
)  # fmt: skip
"""Master species by element; ``Amm`` is ammonia, an element of its own so that it cannot become nitrate."""

# Complexes that the LLNL database has along the whole series. The few polynuclear ones that it gives to a
# single rare earth are left out: they would part neighbours by what was not measured, and one of them
# (Eu2(OH)2+4) lies 7 log units off the others. So are crystalline hydroxides: no plant waits for them.
_COMPLEXES = (
    *("{}OH+2", "{}O+", "{}O2H", "{}O2-", "{}(OH)2+", "{}(OH)3", "{}(OH)4-"),
    *("{}Cl+2", "{}Cl2+", "{}Cl3", "{}Cl4-", "{}NO3+2", "{}SO4+", "{}(SO4)2-"),
    *("{}CO3+", "{}(CO3)2-", "{}HCO3+2"),
)
_SOLIDS = ("{}(OH)3(am)", "{}2(CO3)3", "{}2(CO3)3:8H2O", "{}2(CO3)3:3H2O")
_ZINC = (
    *("ZnOH+", "Zn(OH)2", "Zn(OH)3-", "Zn(OH)4-2", "Zn(OH)Cl"),
    *("ZnCl+", "ZnCl2", "ZnCl3-", "ZnCl4-2", "ZnSO4"),
)
_WANTED = {
    "aqueous": {*(form.format(symbol) for form in _COMPLEXES for symbol in RARE_EARTHS), *_ZINC},
    "solid": {form.format(symbol) for form in _SOLIDS for symbol in RARE_EARTHS},
}
_ANY_RARE_EARTH = "RE"
_ALKALINITY = {"H": -1, "C": 2}
"""What a master species counts in PHREEQC's alkalinity, which nothing here asks for."""


@dataclass(frozen=True)
class Constant:
    """One species or solid as PHREEQC reads it."""

    name: str
    phase: str
    """aqueous, solid or gas."""
    reaction: str
    log10_k: float
    """Of ``reaction`` as written, at 25 degC and zero ionic strength."""
    enthalpy: float | None
    """Of ``reaction`` [kJ/mol]; None: unknown, log10 K stays what it is at 25 degC."""
    rows: tuple[Row, ...]
    """What the numbers rest on: that of log10 K, then that of the enthalpy if it is another."""

    @property
    def formula(self) -> str:
        """Of a solid or gas: what stands first in its reaction."""
        return self.reaction.split()[0]

    @property
    def elements(self) -> frozenset[str]:
        """Elements of a solid or gas, beside hydrogen and oxygen."""
        return frozenset(matter(self.formula).atoms) - {"H", "O"}


@dataclass(frozen=True)
class Interaction:
    """Epsilon of one pair of ions [kg/mol]."""

    first: str
    second: str
    epsilon: float
    row: Row


def ammonia_apart(text: str) -> str:
    """The text with ``Amm`` for NH3, so that PHREEQC sees no nitrogen in it."""
    return text.replace("NH4", "AmmH").replace("NH3", "Amm")


@cache
def constants() -> Mapping[str, Constant]:
    """Every species, solid and gas by name; those of `hydroxides` before those of `speciation`."""
    own = table("hydroxides")
    enthalpies = {row.labels["species"]: row for row in own if "log10_k" not in row.values}
    found: dict[str, Constant] = {}
    for row in (*(row for row in own if "log10_k" in row.values), *_series(table("speciation"))):
        name = ammonia_apart(row.labels["species"])
        found.setdefault(name, _constant(name, row, enthalpies))
    return MappingProxyType(found)


@cache
def interactions() -> tuple[Interaction, ...]:
    """Every pair with a coefficient whose ions are in the database, each rare earth by its own name."""
    known = {*constants(), *MASTERS.values()}
    return tuple(
        Interaction(first, ammonia_apart(row.labels["second"]), row.values["epsilon"], row)
        for row in table("sit_coefficients")
        for first in _each(ammonia_apart(row.labels["first"]))
        if first in known
    )


def database() -> str:
    """Text of the whole database for PHREEQC."""
    masters = (
        f"{element} {species} {_ALKALINITY.get(element, 0)} {element} {_weight(element)!r}"
        for element, species in MASTERS.items()
    )
    known = constants().values()
    aqueous = (constant for constant in known if constant.phase == "aqueous")
    others = (constant for constant in known if constant.phase != "aqueous")
    pairs = (f"{pair.first} {pair.second} {pair.epsilon!r}" for pair in interactions())
    return "\n".join(
        (
            "SOLUTION_MASTER_SPECIES",
            "E e- 0 0 0",
            "H(0) H2 0 H",
            "H(1) H+ -1 0",
            "O(0) O2 0 O",
            "O(-2) H2O 0 0",
            "Alkalinity CO3-2 1 Ca0.5(CO3)0.5 50.05",
            *masters,
            "SOLUTION_SPECIES",
            "e- = e-",
            "log_k 0",
            *(f"{species} = {species}\nlog_k 0" for species in MASTERS.values()),
            *(line for constant in aqueous for line in _lines(constant)),
            "PHASES",
            *(line for constant in others for line in (constant.name, *_lines(constant))),
            "Fix_pH",
            "H+ = H+",
            "log_k 0",
            "SIT",
            "-epsilon",
            *pairs,
            "END",
            "",
        )
    )


def matter(name: str) -> Species:
    """Atoms and charge of a species or formula of the database."""
    return species(name.replace("AmmH", "NH4").replace("Amm", "NH3").replace(":", "."))


def _series(rows: Iterable[Row]) -> Iterator[Row]:
    """LLNL rows of rare earths and zinc that may be used."""
    for row in rows:
        labels = row.labels
        usable = row.source == "LNL" and labels["quality_flag"] == "ok"
        if usable and labels["species"] in _WANTED[labels["phase"]]:
            yield row


def _constant(name: str, row: Row, enthalpies: Mapping[str, Row]) -> Constant:
    rows: tuple[Row, ...] = (row,)
    enthalpy = row.values.get("enthalpy")
    if row.source == "LNL":
        # Those of YbSO4+ (1424.65 kJ/mol) and EuSO4+ (62.3) are off their neighbours: none is used.
        enthalpy = None
    if enthalpy is None:
        symbol = row.labels["element"]
        general = name.replace(symbol, _ANY_RARE_EARTH, 1) if symbol in RARE_EARTHS else name
        if general in enthalpies:
            rows, enthalpy = (row, enthalpies[general]), enthalpies[general].values["enthalpy"]
    return Constant(
        name=name,
        phase=row.labels["phase"],
        reaction=ammonia_apart(row.labels["reaction"]),
        log10_k=row.values["log10_k"],
        enthalpy=enthalpy,
        rows=rows,
    )


def _lines(constant: Constant) -> Iterator[str]:
    yield constant.reaction
    yield f"log_k {constant.log10_k!r}"
    if constant.enthalpy is not None:
        yield f"delta_h {constant.enthalpy!r} kJ"


def _each(species: str) -> tuple[str, ...]:
    """The species, or if it is of any rare earth, that of every one."""
    if not re.match(rf"{_ANY_RARE_EARTH}(?![a-z])", species):
        return (species,)
    rest = species.removeprefix(_ANY_RARE_EARTH)
    return tuple(symbol + rest for symbol in RARE_EARTHS)


def _weight(element: str) -> float:
    """Of an element [g/mol]."""
    return 1000.0 * reagent_mass("NH3" if element == "Amm" else element)
