"""Solvent-extraction circuits: what they are, whether they can be, and how they end.

Solving needs JAX and is imported where it is used: ``from ytterby.circuit.solve import solve_circuit``.
"""

from ytterby.circuit.circuit import Circuit as Circuit
from ytterby.circuit.circuit import Draw as Draw
from ytterby.circuit.circuit import Inlet as Inlet
from ytterby.circuit.circuit import Organic as Organic
from ytterby.circuit.circuit import Place as Place
from ytterby.circuit.circuit import Reflux as Reflux
from ytterby.circuit.circuit import Section as Section
from ytterby.circuit.circuit import SideFeed as SideFeed
from ytterby.circuit.circuit import Train as Train
from ytterby.circuit.circuit import Transfer as Transfer
from ytterby.circuit.feasibility import refuse as refuse
from ytterby.circuit.verdict import Verdict as Verdict
