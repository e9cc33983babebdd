"""What a circuit did while it ran: outlets, what it held, where it was heading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ytterby.circuit.circuit import Circuit, Phase
from ytterby.circuit.dynamics.events import Event, Period
from ytterby.circuit.dynamics.holdup import HoldUp
from ytterby.circuit.feasibility import Refusal
from ytterby.circuit.solved import Array, OutOfRange, Profiles
from ytterby.elements import element
from ytterby.materials import is_rare_earth

PLACES = ("mixer aqueous", "mixer organic", "settler aqueous", "settler organic")
"""Where a stage holds metals."""
TOO_SHORT = "too short"
"""Why no steady state is sought for a period that the organic takes longer to pass."""
NO_PRODUCT = 1e-6
"""Share of the rare earths fed below which an outlet has no purity: there is nothing to weigh yet."""


@dataclass(frozen=True)
class OutletSeries:
    """What left by one outlet, over the times of the simulation."""

    name: str
    phase: Phase
    flow: Array
    """[m3/h], axis ``time``."""
    metals: Array
    """[mol/h], axes ``time element``."""
    acid: Array
    """[H+] in the contact of the stage that it leaves [mol/m3], axis ``time``; nan for an organic."""
    sent: Array
    """What left since the time before [mol], axes ``time element``."""


@dataclass(frozen=True)
class Inventory:
    """Metals that a circuit held [mol]."""

    places: Array
    """Axes ``place time section element``; places as in ``PLACES``."""
    tank: Array
    """On the way back of the organic, axes ``time element``."""

    @cached_property
    def aqueous(self) -> Array:
        """In the aqueous of all stages, axes ``time element``."""
        found: Array = (self.places[0] + self.places[2]).sum(axis=1)
        return found

    @cached_property
    def organic(self) -> Array:
        """In the organic of all stages and the tank, axes ``time element``."""
        found: Array = (self.places[1] + self.places[3]).sum(axis=1) + self.tank
        return found

    @cached_property
    def sections(self) -> Array:
        """In the stages of each section, axes ``time section element``."""
        found: Array = self.places.sum(axis=0)
        return found

    @cached_property
    def total(self) -> Array:
        """All, axes ``time element``."""
        return self.aqueous + self.organic


@dataclass(frozen=True)
class Target:
    """The steady state that a circuit is heading for."""

    held: Array
    """Metals in mixers, settler organic and settler aqueous [mol], axes ``vessel stage element``."""
    tank: Array
    """[mol], axis ``element``."""
    leaving: Mapping[str, Array]
    """By outlet [mol/h], axis ``element``."""

    @property
    def total(self) -> Array:
        """All that it holds [mol], axis ``element``."""
        found: Array = self.held.sum(axis=(0, 1)) + self.tank
        return found


@dataclass(frozen=True)
class Course:
    """A period as it went."""

    period: Period
    first: int
    """Its times are ``first`` to before ``end``."""
    end: int
    fed: Array
    """Metals that enter [mol/h], axis ``element``."""
    target: Target | None
    """None where there is no steady state, or none was found."""
    untold: str
    """Why there is no target; empty where there is one."""


@dataclass(frozen=True)
class Simulation:
    """A circuit over time. Element arrays run by atomic number."""

    circuit: Circuit
    """Before any event, with the elements of all liquors that ever enter."""
    holdup: HoldUp
    start: str
    """``empty`` or ``steady``."""
    events: tuple[Event, ...]
    duration: float
    """That was asked for [h]."""
    tolerance: float
    """Local error allowed, relative."""
    time: Array
    """[h]; an event's time stands twice, before and after."""
    courses: tuple[Course, ...]
    outlets: Mapping[str, OutletSeries]
    inventory: Inventory
    final: Profiles
    """Stage profiles at the end."""
    distance: float
    """Largest amount by which a vessel differs from the steady state at the end, over the element's largest;
    nan without a target."""
    closure: Mapping[str, float]
    """Of each element: held at the start + fed - held at the end - sent, over the first two [-]."""
    steps: int
    rejected: int
    newton: int
    """Newton steps in all."""
    refusal: Refusal | None
    """What ended the run before its time; None where nothing did."""
    out_of_range: tuple[OutOfRange, ...]
    """Quantities that are outside the range of their constants at the end."""
    assumptions: tuple[str, ...]
    """In words."""
    sources: tuple[str, ...]
    """Keys of everything that the numbers rest on; what a circuit holds is assumed in any case."""

    @property
    def end(self) -> float:
        """Time that was reached [h]."""
        return float(self.time[-1])

    def oxides(self) -> Array:
        """Mass of oxide as traded per mole of metal [kg/mol], axis ``element``."""
        return np.array([element(symbol).oxide_molar_mass for symbol in self.circuit.elements])

    def rare_earths(self) -> Array:
        """The same, zero for what is no rare earth."""
        counted = [is_rare_earth(symbol) for symbol in self.circuit.elements]
        found: Array = self.oxides() * np.array(counted)
        return found

    def fed(self) -> Array:
        """Metals that enter [mol/h], axes ``time element``."""
        return np.concatenate(
            [np.tile(course.fed, (course.end - course.first, 1)) for course in self.courses]
        )

    def treo(self, outlet: str) -> Array:
        """Rare-earth oxides that leave by an outlet [kg/h], axis ``time``."""
        found: Array = self.outlets[outlet].metals @ self.rare_earths()
        return found

    def purity_reo(self, outlet: str, symbol: str) -> Array:
        """Share of one rare earth in an outlet's oxides by mass [-], axis ``time``; nan without product."""
        index = self.circuit.elements.index(symbol)
        treo = self.treo(outlet)
        there = treo > NO_PRODUCT * (self.fed() @ self.rare_earths())
        own = self.outlets[outlet].metals[:, index] * self.rare_earths()[index]
        found: Array = np.where(there, own, np.nan) / np.where(there, treo, 1.0)
        return found

    def recovery(self, outlet: str, symbol: str) -> Array:
        """What leaves by an outlet over what is fed at that time [-], axis ``time``; nan if nothing is."""
        index = self.circuit.elements.index(symbol)
        fed = self.fed()[:, index]
        left = self.outlets[outlet].metals[:, index]
        found: Array = np.where(fed > 0, left, np.nan) / np.where(fed > 0, fed, 1.0)
        return found
