"""A solid in acid, then a filter: what dissolution of a carbonate and the leach of a roasted magnet share.

Acid drawn is what dissolution takes and what the end pH leaves free. Water is drawn until the liquor, with
the wash of the cake in it, holds the rare earths asked for per volume.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ytterby.elements import RARE_EARTHS
from ytterby.errors import CaseError, Fault
from ytterby.materials import Flow, ion, mixed, reaction, water_for_volume
from ytterby.unitops.reagents import ACID, ANION, drawn
from ytterby.unitops.solids import Filter, dissolved

Medium = Literal["nitrate", "chloride"]


@dataclass(frozen=True)
class Leached:
    """What leaves a leach and its filter, and what was drawn for them."""

    liquor: Flow
    cake: Flow
    gas: Flow
    drawn: Mapping[str, Flow]
    notes: tuple[str, ...]


def leached(
    where: str,
    solid: Flow,
    shares: Mapping[str, float],
    *,
    medium: Medium,
    concentration: float,
    ph: float,
    filter: Filter,
    peroxide: float = 0.0,
) -> Leached:
    """A solid of which ``shares`` by element dissolve, as liquor, washed cake and gas.

    ``concentration`` is of rare earths in the liquor [mol/m3], ``ph`` that of the liquor, ``peroxide`` H2O2
    used up [mol/h]. CaseError where nothing would make a liquor, or the cake would hold all of it.
    """
    dry = {name: amount for name, amount in solid.amounts.items() if name != "H2O"}
    if not any(dry.values()):
        return _nothing(solid)
    found = dissolved(dry, shares)
    metals = sum(found.solutes.get(ion(symbol), 0.0) for symbol in RARE_EARTHS)
    if metals <= 0.0:
        expected = "a solid that gives rare earths to the acid"
        raise CaseError(Fault(where, "no rare earth dissolves", expected))
    volume = metals / concentration
    free = 1000.0 * 10.0**-ph * volume
    anion = ANION[medium]
    solutes = dict(found.solutes)
    solutes |= {"H+": free, anion: found.acid + free}
    bought = {ACID[medium]: drawn(ACID[medium], found.acid + free)}
    gas = dict(found.gas)
    water = solid.moles("H2O") + found.water + bought[ACID[medium]].moles("H2O")
    if peroxide:
        spent = reaction("H2O2 -> H2O + O2").coefficients
        bought["hydrogen peroxide"] = drawn("hydrogen peroxide", peroxide)
        water += bought["hydrogen peroxide"].moles("H2O") + spent["H2O"] * peroxide
        gas["O2"] = gas.get("O2", 0.0) + spent["O2"] * peroxide
    left = {name: amount for name, amount in found.left.items() if amount > 0.0}
    wanted = filter.water_before(where, left, water_for_volume(solutes, volume))
    notes: tuple[str, ...] = ()
    if water > wanted:
        brought = 100.0 * (water / wanted - 1.0)
        notes = (
            f"acid and moisture bring {brought:.3g} % more water than the liquor asked for has",
        )
    parted = filter.part(where, left, solutes, max(water, wanted))
    fresh = max(0.0, wanted - water) + parted.wash
    if fresh > 0.0:
        bought["water"] = drawn("water", fresh)
    return Leached(parted.liquor, parted.cake, Flow("gas", gas), bought, notes)


def _nothing(solid: Flow) -> Leached:
    """Nothing but moisture arrives."""
    liquor = mixed([solid], "liquor")
    return Leached(liquor, Flow("solid", {}), Flow("gas", {}), {}, ())
