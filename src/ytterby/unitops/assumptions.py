"""Numbers that operations share: sizes of tanks and filters, heat, and what cited rows say in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from ytterby.datasets.process import Parameter
from ytterby.materials import Flow, species
from ytterby.unitops.contract import Equipment, Setting, assumed

WATER_HEAT = 4.18
"""Heat capacity of water [kJ/(kg K)]; a liquor is counted as its water."""
STEAM_HEAT = 2090.0
"""Heat that saturated steam of 6 bar gives as it condenses [kJ/kg]."""
AMBIENT = 15.0
"""What arrives from outside [degC]."""
GAS_VOLUME = 0.022414
"""Of a mole of gas at 0 degC and 1 atm [m3/mol]."""
SOLID_DENSITY = 5000.0
"""Of oxides in a slurry [kg/m3]: iron oxide 5,240, oxides of rare earths 6,500 to 8,000."""
LARGEST_TANK = 50.0
"""[m3]"""
LARGEST_FILTER = 100.0
"""[m2]"""

FILTER: Mapping[str, Setting] = {
    "moisture": Setting(
        "water in the wet cake, by mass",
        assumed=assumed(30.0, 20.0, 50.0, "%", "a pressed cake of oxide; hydroxides hold more"),
    ),
    "washed_out": Setting(
        "share of the solutes held in a cake that its wash recovers",
        assumed=assumed(95.0, 85.0, 99.0, "%", "displacement wash on a filter press"),
    ),
    "wash_ratio": Setting(
        "wash water over water held in the cake, by mass",
        assumed=assumed(1.5, 1.0, 3.0, "kg/kg", "displacement wash on a filter press"),
    ),
    "filter_flux": Setting(
        "dry solid per area and hour [kg/(m2 h)]",
        assumed=assumed(50.0, 15.0, 150.0, "kg/m2/h", "membrane filter press, wash and idle in it"),
    ),
}
"""Settings of an operation that ends in a filter."""
AGITATION = Setting(
    "power that stirs a tank [kW/m3]",
    assumed=assumed(0.5, 0.2, 1.0, "kW/m3", "slurry kept in suspension"),
)


def posts(value: float, low: float, high: float, notes: str) -> Setting:
    """People needed at every hour of operation, as an assumption."""
    return Setting(
        "people at every hour of operation", assumed=assumed(value, low, high, "people", notes)
    )


def in_words(
    value: float, low: float, high: float, unit: str, source: str, confidence: str, notes: str
) -> Parameter:
    """A number that was read, but stands in the words of a cited row and not in its columns."""
    found = assumed(value, low, high, unit, notes)
    return replace(found, source=source, basis="read", confidence=confidence)


def steam_to(mass: float, degrees: float) -> float:
    """Steam [kg/h] that warms that mass of water [kg/h] from `AMBIENT` to ``degrees`` [degC]."""
    return mass * WATER_HEAT * (degrees - AMBIENT) / STEAM_HEAT


def dry_mass(flow: Flow) -> float:
    """Without its water [kg/h]."""
    return flow.mass() - flow.moles("H2O") * species("H2O").molar_mass


def tanks(item: str, flow: float, hours: float) -> tuple[Equipment, ...]:
    """Equal tanks that give a flow [m3/h] that residence time, none larger than `LARGEST_TANK`."""
    volume = flow * hours
    if volume <= 0.0:
        return ()
    number = math.ceil(volume / LARGEST_TANK)
    return (Equipment(item, number, volume / number, "m3", f"{hours:.3g} h at {flow:.3g} m3/h"),)


def filters(dry: float, flux: float) -> tuple[Equipment, ...]:
    """Equal filters for a dry solid [kg/h] at a flux [kg/(m2 h)], none larger than `LARGEST_FILTER`."""
    area = dry / flux
    if area <= 0.0:
        return ()
    number = math.ceil(area / LARGEST_FILTER)
    because = f"{dry:.3g} kg/h of dry solid at {flux:.3g} kg/(m2 h)"
    return (Equipment("filter", number, area / number, "m2", because),)
