"""Streams between operations, loops, and the balance of the whole plant."""

from ytterby.flowsheet.graph import END_KINDS, OUTSIDE, Connection, End, EndKind, Flowsheet
from ytterby.flowsheet.solve import PlacedFlow, PlantBalance, solve_flowsheet

__all__ = [
    "END_KINDS",
    "OUTSIDE",
    "Connection",
    "End",
    "EndKind",
    "Flowsheet",
    "PlacedFlow",
    "PlantBalance",
    "solve_flowsheet",
]
