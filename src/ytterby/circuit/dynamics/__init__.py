"""Dynamics of a circuit: mixers and settlers hold liquor, so a circuit takes hours and days to answer.

Simulating needs JAX and is imported where it is used: ``from ytterby.circuit.dynamics.simulate import
simulate_circuit``.
"""

from ytterby.circuit.dynamics.events import Change as Change
from ytterby.circuit.dynamics.events import Event as Event
from ytterby.circuit.dynamics.events import LessBase as LessBase
from ytterby.circuit.dynamics.events import NewLiquor as NewLiquor
from ytterby.circuit.dynamics.events import OtherFlow as OtherFlow
from ytterby.circuit.dynamics.events import StoppedStage as StoppedStage
from ytterby.circuit.dynamics.events import WeakerAcid as WeakerAcid
from ytterby.circuit.dynamics.holdup import Hold as Hold
from ytterby.circuit.dynamics.holdup import HoldUp as HoldUp
from ytterby.circuit.dynamics.specification import Specification as Specification
