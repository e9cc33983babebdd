"""Reagents as they are bought: which species a mole of them brings, and how much water with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ytterby.errors import DataError, Fault, nearest
from ytterby.materials import Flow, State, species
from ytterby.quantities import quoted


@dataclass(frozen=True)
class Reagent:
    """One reagent."""

    state: State
    species: Mapping[str, float]
    """Moles of each species per mole of what is named."""
    share: float = 1.0
    """Mass share of it in what is bought; the rest is water."""

    def flow(self, moles: float) -> Flow:
        """That many moles an hour, with the water they bring."""
        amounts = {name: count * moles for name, count in self.species.items()}
        mass = sum(amount * species(name).molar_mass for name, amount in amounts.items())
        water = mass * (1.0 / self.share - 1.0) / species("H2O").molar_mass
        amounts["H2O"] = amounts.get("H2O", 0.0) + water
        return Flow(self.state, {name: amount for name, amount in amounts.items() if amount})


REAGENTS: Mapping[str, Reagent] = {
    "water": Reagent("liquor", {"H2O": 1.0}),
    "nitric acid": Reagent("liquor", {"H+": 1.0, "NO3-": 1.0}, 0.60),
    "hydrochloric acid": Reagent("liquor", {"H+": 1.0, "Cl-": 1.0}, 0.35),
    "ammonia": Reagent("gas", {"NH3": 1.0}),
    "caustic soda": Reagent("liquor", {"Na+": 1.0, "OH-": 1.0}, 0.50),
    "ammonium bicarbonate": Reagent("solid", {"NH4HCO3": 1.0}),
    "sodium carbonate": Reagent("solid", {"Na2CO3": 1.0}),
    "carbon dioxide": Reagent("gas", {"CO2": 1.0}),
    "oxalic acid": Reagent("solid", {"H2C2O4.2H2O": 1.0}),
    "hydrogen peroxide": Reagent("liquor", {"H2O2": 1.0}, 0.35),
    "magnesia": Reagent("solid", {"MgO": 1.0}),
    "hydrogen": Reagent("gas", {"H2": 1.0}),
    "air": Reagent("gas", {"O2": 1.0, "N2": 0.7808 / 0.2095}),
    "ammonium sulfide": Reagent("liquor", {"NH4+": 2.0, "S-2": 1.0}, 0.20),
    "P507": Reagent("organic", {"C16H35O3P": 1.0}),
    "diluent": Reagent("organic", {"C12H26": 1.0}),
    "graphite": Reagent("solid", {"C": 1.0}),
    "rare-earth fluoride": Reagent("solid", {"NdF3": 1.0}),
    "lithium fluoride": Reagent("solid", {"LiF": 1.0}),
    "hydrogen fluoride": Reagent("gas", {"HF": 1.0}),
    "calcium": Reagent("solid", {"Ca": 1.0}),
    "iron": Reagent("solid", {"Fe": 1.0}),
    "ferroboron": Reagent("solid", {"B": 1.0, "Fe": 0.7744}),
    "cobalt": Reagent("solid", {"Co": 1.0}),
    "copper": Reagent("solid", {"Cu": 1.0}),
    "aluminium": Reagent("solid", {"Al": 1.0}),
}
"""By name; a mole of air is a mole of its oxygen. The strengths are those that prices are quoted for."""
ACID: Mapping[str, str] = {"nitrate": "nitric acid", "chloride": "hydrochloric acid"}
ANION: Mapping[str, str] = {"nitrate": "NO3-", "chloride": "Cl-"}
BASE: Mapping[str, str] = {"NH3": "ammonia", "NaOH": "caustic soda"}
CATION: Mapping[str, str] = {"NH3": "NH4+", "NaOH": "Na+"}


def drawn(name: str, moles: float) -> Flow:
    """Moles per hour of a reagent, as bought; DataError for one that is not known."""
    if name not in REAGENTS:
        raise DataError(
            Fault(
                "reagent",
                quoted(name),
                "one of: " + ", ".join(REAGENTS),
                nearest(name, REAGENTS),
            )
        )
    return REAGENTS[name].flow(moles)
