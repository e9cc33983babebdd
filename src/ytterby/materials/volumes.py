"""Volume of liquors: water and solutes add up, each with a partial volume of its own.

Conventional partial molar volumes at infinite dilution (MILLERO71). At 1 mol/L of a rare-earth nitrate or
60 % ammonium nitrate the density comes out within a few per cent; that is what flows and tanks need.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from ytterby.datasets import table
from ytterby.errors import DataError, Fault
from ytterby.materials.flows import Flow

WATER = "H2O"
WATER_VOLUME = 18.07e-6
"""[m3/mol] at 25 C."""
SOURCE = "MILLERO71"


def liquor_volume(flow: Flow) -> float:
    """Volume flow of a liquor [m3/h]; DataError for a solute without partial volume."""
    return flow.moles(WATER) * WATER_VOLUME + solute_volume(flow.amounts)


def water_for_volume(solutes: Mapping[str, float], volume: float) -> float:
    """Water [mol/h] that makes a liquor of that volume [m3/h] of those solutes [mol/h]; may be negative."""
    return (volume - solute_volume(solutes)) / WATER_VOLUME


def solute_volume(amounts: Mapping[str, float]) -> float:
    """What all species but water add to a liquor's volume [m3/h]; negative where ions draw water in."""
    volumes = _partial_volumes()
    unknown = [name for name in amounts if name != WATER and amounts[name] and name not in volumes]
    if unknown:
        raise DataError(
            Fault(
                "table partial_volumes",
                f"no partial volume of {', '.join(sorted(unknown))}",
                "a value for everything dissolved",
                next="keep it out of the liquor or add its value with a source",
            )
        )
    return sum(
        amount * volumes[name] for name, amount in amounts.items() if name != WATER and amount
    )


@cache
def _partial_volumes() -> dict[str, float]:
    """[m3/mol]"""
    return {
        row.labels["species"]: row.values["value"] * 1e-6
        for row in table("partial_volumes")
        if "value" in row.values
    }
