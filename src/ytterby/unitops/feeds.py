"""A feed as a stream: from an analysis by element to species, from tonnes a year to moles an hour.

An analysis gives elements; which compounds they stand in follows from the form of the feed:

    metal, swarf   elements as metals; oxygen on the rare earths as M2O3, then on iron
    carbonate      rare earths and Ca, Mg, Mn, Co, Ni, Cu and Zn as carbonates, Fe, Al, Th and U as hydroxides
    hydroxide      all of them as hydroxides
    other          oxides as traded, uranium as UO3

Si, B, P, Ga and Zr are oxides in all but metal and swarf. What an analysis leaves of 100 % is water of
hydration and moisture in carbonates and hydroxides, and inert matter, counted as SiO2, in all others: an
assumption, told in the notes of the assay.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from ytterby.datasets.feeds import METALLIC, Feed
from ytterby.elements import RARE_EARTHS, SYMBOLS
from ytterby.errors import CaseError, DataError, Fault, nearest
from ytterby.materials import Flow, carbonate, hydroxide, species
from ytterby.unitops.solids import OTHER_OXIDES, oxide_of

Form = Literal["metal", "swarf", "carbonate", "hydroxide", "oxide", "concentrate", "mineral", "ore"]
WET: tuple[str, ...] = ("carbonate", "hydroxide")
"""Forms whose rest is water."""
CARBONATES = ("Ca", "Mg", "Mn", "Co", "Ni", "Cu", "Zn", *RARE_EARTHS)
"""What stands as carbonate in a carbonate feed."""
OXYGEN = ("Nd", "La", "Sm", "Gd", "Dy", "Y", "Ho", "Er", "Yb", "Eu", "Tm", "Lu")
"""Rare earths that carry the oxygen of a magnet, in this order; those whose oxide as traded is M2O3."""
MINED: tuple[str, ...] = ("mineral", "ore")
"""Forms that hold Th and U unless an analysis says otherwise."""
RADIOACTIVE = ("Th", "U")
INERT = "SiO2"
OVER = 1e-6
"""Most by which an analysis may exceed the whole from rounding [kg/kg]."""


@dataclass(frozen=True)
class Assay:
    """A feed by species."""

    amounts: Mapping[str, float]
    """By species [mol/kg of gross feed]; they weigh one kilogram."""
    notes: tuple[str, ...]
    """What was assumed."""

    def flow(self, tonnes: float, hours: float) -> Flow:
        """Gross tonnes a year over hours of operation a year, as a stream."""
        rate = 1000.0 * tonnes / hours
        return Flow("solid", {name: rate * amount for name, amount in self.amounts.items()})


def assay(composition: Mapping[str, float], form: str, *, moisture: float = 0.0) -> Assay:
    """Species of a feed from the mass of each element per dry mass [kg/kg], with its moisture per gross mass.

    CaseError with every fault: an element not known, a negative share, no rare earth, more than 100 %.
    """
    faults = _faults(composition, form, moisture)
    if faults:
        raise CaseError(faults)
    amounts, booked = _metallic(composition) if form in METALLIC else _compounds(composition, form)
    weight = sum(amount * species(name).molar_mass for name, amount in amounts.items())
    if weight > 1.0 + OVER:
        read = f"{100.0 * weight:.6g} % of the dry feed once {booked}"
        then = "check the analysis, its basis (element or oxide) and the form of the feed"
        raise CaseError(Fault("feed, composition", read, "100 % or less", next=then))
    notes = []
    rest = max(0.0, 1.0 - weight)
    if rest > OVER:
        name = "H2O" if form in WET else INERT
        said = "water of hydration and moisture" if form in WET else "inert matter, counted as SiO2"
        amounts[name] = amounts.get(name, 0.0) + rest / species(name).molar_mass
        notes.append(f"{100.0 * rest:.3g} % of the dry feed is not analysed: taken as {said}")
    whole = {name: amount * (1.0 - moisture) for name, amount in amounts.items()}
    if moisture > 0.0:
        whole["H2O"] = whole.get("H2O", 0.0) + moisture / species("H2O").molar_mass
    return Assay(whole, tuple(notes))


def feed_flow(
    composition: Mapping[str, float],
    form: str,
    tonnes: float,
    hours: float,
    *,
    moisture: float = 0.0,
) -> Flow:
    """A feed of that composition, form and gross tonnes a year as a stream; faults as in `assay`."""
    return assay(composition, form, moisture=moisture).flow(tonnes, hours)


def catalogue_assay(feed: Feed, treo: float | None = None, *, moisture: float = 0.0) -> Assay:
    """A feed of the catalogue by species; ``treo`` [kg/kg] in place of its usual one.

    DataError where its composition is not known, or Th or U of a mineral is not: no gate could judge it. What
    else the catalogue leaves open is told in the notes.
    """
    missing = [symbol for symbol in RADIOACTIVE if symbol in feed.gaps]
    if feed.form in MINED and missing:
        read, expected = f"no figure for {' and '.join(missing)}", "Th and U of a mineral"
        then = "give its composition with an analysis of your own"
        raise DataError(Fault(f"feed {feed.name}", read, expected, next=then))
    found = assay(feed.composition(treo), feed.form, moisture=moisture)
    gaps = [name for name in feed.gaps if name != "TREO"]
    if not gaps:
        return found
    note = f"no figures for {', '.join(gaps)} in {feed.name}: taken as none"
    return Assay(found.amounts, (*found.notes, note))


def _metallic(composition: Mapping[str, float]) -> tuple[dict[str, float], str]:
    """Elements, their oxygen on the metals that hold it [mol/kg]."""
    amounts = {
        symbol: share / species(symbol).molar_mass
        for symbol, share in composition.items()
        if share > 0.0 and symbol != "O"
    }
    oxygen = composition.get("O", 0.0) / species("O").molar_mass
    for symbol in (*OXYGEN, "Fe"):
        bound = min(oxygen, 1.5 * amounts.get(symbol, 0.0))
        if bound <= 0.0:
            continue
        amounts[symbol] -= bound / 1.5
        amounts[oxide_of(symbol)] = bound / 3.0
        oxygen -= bound
        if amounts[symbol] <= 0.0:
            del amounts[symbol]
    if oxygen > OVER:
        read = f"{100.0 * composition['O']:.4g} % O"
        then = "give the feed as oxide"
        raise CaseError(Fault("feed, O", read, "what its metals can hold", next=then))
    return amounts, "all elements are added up"


def _compounds(composition: Mapping[str, float], form: str) -> tuple[dict[str, float], str]:
    """Compounds of the elements in a feed of that form [mol/kg]; oxygen and carbon follow from them."""
    amounts: dict[str, float] = {}
    for symbol, share in composition.items():
        if share <= 0.0 or symbol in ("O", "C", "F"):
            continue
        name = _compound(symbol, form)
        count = species(name).atoms[symbol]
        amounts[name] = amounts.get(name, 0.0) + share / species(symbol).molar_mass / count
    if composition.get("F", 0.0) > 0.0:
        _add_fluorine(amounts, composition["F"])
    return amounts, f"its elements are written as those of a {form}"


def _compound(symbol: str, form: str) -> str:
    if symbol in OTHER_OXIDES or symbol not in SYMBOLS:
        return oxide_of(symbol)
    if form == "carbonate" and symbol in CARBONATES:
        return carbonate(symbol)
    if form == "carbonate" and symbol == "Na":
        return "Na2CO3"
    if form in WET:
        return hydroxide(symbol)
    return "UO3" if symbol == "U" else oxide_of(symbol)


def _add_fluorine(amounts: dict[str, float], share: float) -> None:
    """Fluorine as CaF2 as far as there is calcium; CaseError for more."""
    calcium = next((it for it in ("CaCO3", "CaO", "Ca(OH)2") if it in amounts), "")
    needed = share / species("F").molar_mass / 2.0
    there = amounts.get(calcium, 0.0)
    if needed > there:
        read = (
            f"{100.0 * share:.4g} % F, with Ca for {200.0 * there * species('F').molar_mass:.4g} %"
        )
        then = "have the mineral cracked before it is delivered"
        raise CaseError(Fault("feed, F", read, "fluorine that calcium holds", next=then))
    amounts[calcium] = there - needed
    amounts["CaF2"] = needed


def _faults(composition: Mapping[str, float], form: str, moisture: float) -> list[Fault]:
    known = (*SYMBOLS, *OTHER_OXIDES, "C", "O", "F")
    forms = get_args(Form)
    faults = [
        Fault(f"feed, {symbol}", "an element that is not known", "", nearest(symbol, known))
        for symbol in composition
        if symbol not in known
    ]
    faults += [
        Fault(f"feed, {symbol}", f"{share:g}", "a mass fraction from 0 to 1")
        for symbol, share in composition.items()
        if not 0.0 <= share <= 1.0
    ]
    total = sum(composition.values())
    if total > 1.0 + OVER:
        read = f"elements that add up to {100.0 * total:.6g} %"
        faults.append(Fault("feed, composition", read, "100 % or less"))
    if not any(composition.get(symbol, 0.0) > 0.0 for symbol in RARE_EARTHS):
        then = "give rare earths as elements, or TREO and shares"
        faults.append(Fault("feed, composition", "no rare earth", "TREO that is known", next=then))
    if form not in forms:
        expected = "one of: " + ", ".join(forms)
        faults.append(Fault("feed, form", form, expected, nearest(form, forms)))
    if not 0.0 <= moisture < 1.0:
        faults.append(Fault("feed, moisture", f"{moisture:g}", "a mass fraction from 0 to below 1"))
    return faults
