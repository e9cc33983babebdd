"""Names of the species that a metal takes: ion, oxide as traded, hydroxide, carbonate, oxalate."""

from __future__ import annotations

from ytterby.elements import element

_IONS = {"U": "UO2+2"}


def ion(symbol: str) -> str:
    """The ion in solution, e.g. ``Nd+3``; uranium is uranyl."""
    charge = element(symbol).charge
    return _IONS.get(symbol, f"{symbol}+{charge}" if charge > 1 else f"{symbol}+")


def oxide(symbol: str) -> str:
    """The oxide as traded, e.g. ``Pr6O11``."""
    return element(symbol).oxide


def hydroxide(symbol: str) -> str:
    """What base precipitates, e.g. ``Fe(OH)3``; uranium as ``UO2(OH)2``."""
    if symbol == "U":
        return "UO2(OH)2"
    charge = element(symbol).charge
    return f"{symbol}(OH){charge}" if charge > 1 else f"{symbol}OH"


def carbonate(symbol: str) -> str:
    """The normal carbonate of a trivalent metal, e.g. ``Nd2(CO3)3``, or of a divalent one, ``CaCO3``."""
    return {2: f"{symbol}CO3", 3: f"{symbol}2(CO3)3"}[element(symbol).charge]


def oxalate(symbol: str) -> str:
    """What oxalic acid precipitates: the decahydrate of a rare earth, ``Nd2(C2O4)3.10H2O``."""
    return {2: f"{symbol}C2O4.2H2O", 3: f"{symbol}2(C2O4)3.10H2O"}[element(symbol).charge]
