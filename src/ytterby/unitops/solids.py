"""What solids do in several operations: they burn, dissolve in acid, and hold liquor after a filter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from ytterby.elements import SYMBOLS, element
from ytterby.errors import CaseError, Fault
from ytterby.materials import Flow, Reaction, ion, mixed, oxide, reaction, species

OTHER_OXIDES: Mapping[str, str] = {
    "B": "B2O3",
    "Ga": "Ga2O3",
    "P": "P2O5",
    "Si": "SiO2",
    "Ti": "TiO2",
    "Zr": "ZrO2",
    "Nb": "Nb2O5",
}
"""Of elements that no liquor of the plant carries as an ion."""
ANIONS = ("NO3-", "Cl-")
BOUND = frozenset({"O", "H", "C"})
"""What a metal is bound to in oxides, hydroxides and carbonates."""
GASES = ("CO2", "O2")


def oxide_of(symbol: str) -> str:
    """What an element burns to, or is analysed as; CaseError if nothing is known of it."""
    if symbol in SYMBOLS:
        return oxide(symbol)
    if symbol in OTHER_OXIDES:
        return OTHER_OXIDES[symbol]
    expected = "one of: " + ", ".join([*SYMBOLS, *OTHER_OXIDES])
    raise CaseError(Fault(f"element {symbol}", "no oxide known", expected))


def metal_of(name: str) -> str:
    """The element that a compound of the plant is named for: the one beside O, H and C; "" if none is."""
    others = [symbol for symbol in species(name).atoms if symbol not in BOUND]
    return others[0] if len(others) == 1 else ""


@cache
def oxidation(name: str) -> Reaction | None:
    """How a metal, a hydride, carbon or an organic burns in air; None for what does not."""
    atoms = species(name).atoms
    metal = metal_of(name)
    if not metal and "C" in atoms and "O" not in atoms:
        return reaction(f"{name} + O2 -> CO2" + (" + H2O" if "H" in atoms else ""))
    if not metal or "O" in atoms or "C" in atoms or metal in ("F", "Cl", "N", "S"):
        return None
    return reaction(f"{name} + O2 -> {oxide_of(metal)}" + (" + H2O" if "H" in atoms else ""))


@cache
def dissolution(name: str) -> Reaction | None:
    """How an oxide, hydroxide or carbonate dissolves in acid; None for what stays a solid.

    Oxygen beyond the charge of the ion leaves as gas, as from Pr6O11, Tb4O7, Co3O4 and CeO2. U3O8, whose
    uranium would have to be oxidised first, stays.
    """
    if name == "B2O3":
        return reaction("B2O3 + H2O -> H3BO3")
    metal, atoms = metal_of(name), species(name).atoms
    if metal not in SYMBOLS or "O" not in atoms:
        return None
    bound = 2 * atoms["O"] - atoms.get("H", 0) - 4 * atoms.get("C", 0)
    spare = bound - atoms[metal] * (6 if metal == "U" else element(metal).charge)
    if spare < 0:
        return None
    products = [ion(metal), "H2O", *(["CO2"] if "C" in atoms else []), *(["O2"] if spare else [])]
    return reaction(f"{name} + H+ -> {' + '.join(products)}")


@dataclass(frozen=True)
class Dissolved:
    """What acid makes of a solid."""

    left: Mapping[str, float]
    """Solid by species [mol/h]."""
    solutes: Mapping[str, float]
    """Ions and boric acid, without the acid's own [mol/h]."""
    acid: float
    """H+ used up [mol/h]."""
    water: float
    """Made, or negative, used up [mol/h]."""
    gas: Mapping[str, float]
    """[mol/h]"""


def dissolved(solid: Mapping[str, float], shares: Mapping[str, float]) -> Dissolved:
    """What dissolves of a solid without its moisture: ``shares`` by element, nothing of the others [-]."""
    changes: dict[str, float] = {}
    left = dict(solid)
    for name, amount in solid.items():
        share, known = shares.get(metal_of(name), 0.0), dissolution(name)
        if known is None or not share:
            continue
        left[name] = amount * (1.0 - share)
        for other, count in known.coefficients.items():
            if other != name:
                changes[other] = changes.get(other, 0.0) + count * share * amount
    acid, water = -changes.pop("H+", 0.0), changes.pop("H2O", 0.0)
    gas = {name: changes.pop(name) for name in GASES if name in changes}
    return Dissolved(left, changes, acid, water, gas)


@dataclass(frozen=True)
class Filtered:
    """A liquor and its washed cake."""

    liquor: Flow
    cake: Flow
    wash: float
    """Water drawn for the wash, which joins the liquor [mol/h]."""


@dataclass(frozen=True)
class Filter:
    """A filter that holds water in its cake and washes it."""

    moisture: float
    """Water over wet cake by mass [-]."""
    washed_out: float
    """Share of the solutes in the liquor that a cake holds that its wash recovers [-]."""
    wash_ratio: float
    """Wash water over water held in the cake [-]."""

    def holds(self, dry: Mapping[str, float]) -> float:
        """Water in the cake of that dry solid [mol/h]."""
        mass = sum(amount * species(name).molar_mass for name, amount in dry.items())
        return mass * self.moisture / (1.0 - self.moisture) / species("H2O").molar_mass

    def part(
        self, where: str, dry: Mapping[str, float], solutes: Mapping[str, float], water: float
    ) -> Filtered:
        """The slurry of a dry solid in a liquor of solutes and water, all [mol/h]; CaseError if too thick."""
        held = self.holds(dry)
        if held > water:
            raise _too_thick(where, held, water)
        share = (1.0 - self.washed_out) * held / water if held else 0.0
        wash = self.wash_ratio * held
        liquor = {name: amount * (1.0 - share) for name, amount in solutes.items()}
        kept = {name: amount * share for name, amount in solutes.items()}
        return Filtered(
            Flow("liquor", {**liquor, "H2O": water + wash - held}),
            mixed([Flow("solid", dry), Flow("solid", {**kept, "H2O": held})]),
            wash,
        )

    def water_before(self, where: str, dry: Mapping[str, float], wanted: float) -> float:
        """Water of the slurry [mol/h] so that the liquor, wash and all, is as strong as one of ``wanted``.

        With h held and r h of wash, the liquor keeps 1 - (1 - e) h/W of the solutes in W + (r - 1) h of
        water, which is wanted to be in the ratio of all solutes to ``wanted``: a quadratic in W.
        """
        held = self.holds(dry)
        half = 0.5 * (wanted - (self.wash_ratio - 1.0) * held)
        root = half**2 - (1.0 - self.washed_out) * held * wanted
        if root < 0.0 or half < 0.0 or half + root**0.5 < held:
            raise _too_thick(where, held, wanted)
        return float(half + root**0.5)


def _too_thick(where: str, held: float, water: float) -> CaseError:
    by = species("H2O").molar_mass
    return CaseError(
        Fault(
            where,
            f"{held * by:.4g} kg/h of water held by the cake, of {water * by:.4g} kg/h in the slurry",
            "a slurry with more water than its cake holds",
            next="ask for a liquor of lower concentration, or a drier cake",
        )
    )
