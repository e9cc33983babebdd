"""What a cut is asked to do: feed, pair, specification, limits. Values only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ytterby.arrays import jnp
from ytterby.circuit.circuit import Inlet
from ytterby.datasets import ParameterSet, parameter_set
from ytterby.design.costs import Prices
from ytterby.elements import SYMBOLS
from ytterby.equilibrium import Conditions, Distribution, Site, chemistry
from ytterby.errors import CaseError, Fault
from ytterby.materials import is_rare_earth

LEAST_FACTOR = 1.05
"""Separation factor of a pair below which no circuit of practical length parts it."""
GREATEST_RECOVERY = 1.0 - 1e-9
SMALLEST_WRONG_SIDE = 1e-9


@dataclass(frozen=True)
class Specification:
    """What must come out."""

    wrong_side: float = 1e-3
    """Most of an outlet's rare-earth moles that may belong to the other one [mol/mol]."""
    recovery: float = 0.999
    """Least share of each key that must leave with its own outlet [mol/mol]."""


@dataclass(frozen=True)
class Limits:
    """What the plant must not pass."""

    saponification: float = 0.36
    """Base per extractant [mol/mol]; 36 % is practice with 1.5 mol/L P507 (X95, recalled)."""
    loading: float = 0.72
    """Largest share of the organic's capacity; 0.18 of 0.25 mol/L is working loading (X95, recalled)."""
    stripped: float = 1.0
    """Largest share of the capacity that metal may hold on the stripped organic; 1: no limit."""
    ph: float = 4.0
    """Highest pH of any stage; above it sodium or ammonium stays on the organic."""
    scrub_acid: float = 6000.0
    """[mol/m3]"""
    strip_acid: float = 6000.0
    """[mol/m3]"""
    stages: int = 300
    """Most stages of a section."""


@dataclass(frozen=True)
class CutTask:
    """A cut to be designed: three sections, organic loop closed, feed between extraction and scrub."""

    name: str
    equilibrium: str
    """Name of a parameter set of mass action, e.g. ``P507-HCl-v0``."""
    feed: Inlet
    cut: tuple[str, str]
    """Keys: the lighter goes to the raffinate with all that is extracted less, the heavier is stripped."""
    extractant: float
    """Formal concentration [mol/m3]."""
    base: Literal["NaOH", "NH3"] = "NaOH"
    diluent: str = ""
    temperature: float = 298.15
    """[K]"""
    terms: tuple[str, ...] = ()
    assumed: Mapping[str, float] = field(default_factory=dict)
    efficiency: float = 1.0
    """Murphree efficiency of every stage, organic side [-]."""
    specification: Specification = Specification()
    limits: Limits = Limits()
    prices: Prices = field(default_factory=Prices)

    def __post_init__(self) -> None:
        """CaseError with every fault of the task."""
        faults = [*self._unfit_model(), *self._unfit_specification(), *self._absent_keys()]
        if not faults:
            faults = self._unparted()
        if faults:
            raise CaseError(faults)

    @property
    def elements(self) -> tuple[str, ...]:
        """Metals of the feed by atomic number."""
        return tuple(name for name in SYMBOLS if self.feed.concentrations.get(name, 0.0) > 0.0)

    @property
    def parameters(self) -> ParameterSet:
        """The parameter set."""
        return parameter_set(self.equilibrium)

    @property
    def conditions(self) -> Conditions:
        """What the task says of its equilibrium."""
        return Conditions(self.temperature, self.terms, self.assumed)

    def fed(self, symbol: str) -> float:
        """[mol/h]"""
        return self.feed.flow * self.feed.concentrations.get(symbol, 0.0)

    def by_extraction(self) -> tuple[tuple[str, ...], NDArray[np.float64]]:
        """Elements from the least to the most extracted, and their D over that of the light key."""
        model = chemistry(self.parameters, self.elements, conditions=self.conditions)
        ln_d = reference_ln_distribution(model, self.extractant)
        order = np.argsort(ln_d, kind="stable")
        names = tuple(self.elements[number] for number in order)
        return names, np.exp(ln_d[order] - ln_d[self.elements.index(self.cut[0])])

    @property
    def heavy(self) -> tuple[str, ...]:
        """Metals that are to be stripped."""
        names, _ = self.by_extraction()
        return names[names.index(self.cut[1]) :]

    @property
    def light(self) -> tuple[str, ...]:
        """Metals that are to leave with the raffinate."""
        return tuple(name for name in self.elements if name not in self.heavy)

    def moles(self, symbols: Sequence[str]) -> float:
        """Rare earths among ``symbols`` in the feed [mol/h]."""
        return sum(self.fed(symbol) for symbol in symbols if is_rare_earth(symbol))

    def _where(self, what: str) -> str:
        return f"design {self.name}, {what}"

    def _unfit_model(self) -> list[Fault]:
        if self.parameters.model == "mass_action":
            return []
        return [
            Fault(
                self._where("equilibrium"),
                f"{self.equilibrium}, a model of {self.parameters.model}",
                "a parameter set of mass action: acid and base decide what is extracted",
                next="name a set such as P507-HCl-v0, see `ytterby list extractants`",
            )
        ]

    def _unfit_specification(self) -> list[Fault]:
        asked, faults = self.specification, []
        if not SMALLEST_WRONG_SIDE <= asked.wrong_side < 0.5:
            faults.append(
                Fault(
                    self._where("wrong_side"),
                    f"{asked.wrong_side:g}",
                    f"at least {SMALLEST_WRONG_SIDE:g} and less than half",
                    next="0.001 is three nines",
                )
            )
        if not 0.5 < asked.recovery <= GREATEST_RECOVERY:
            faults.append(
                Fault(
                    self._where("recovery"),
                    f"{asked.recovery:.12g}",
                    f"more than half and at most {GREATEST_RECOVERY}",
                    next="0.999 is three nines",
                )
            )
        return faults

    def _absent_keys(self) -> list[Fault]:
        return [
            Fault(
                self._where("cut"),
                f"{key}, which the feed does not bring",
                "two metals of the feed: " + ", ".join(self.elements),
                next="name the pair between which the feed is to be split",
            )
            for key in dict.fromkeys(self.cut)
            if key not in self.elements
        ]

    def _unparted(self) -> list[Fault]:
        """Pairs that nothing parts, stand in the wrong order, or have something between them."""
        names, factors = self.by_extraction()
        light, heavy = self.cut
        factor = float(factors[names.index(heavy)])
        where, pair = self._where("cut"), f"{heavy}/{light}"
        if factor < 1.0 / LEAST_FACTOR:
            read = f"{light} is extracted {1 / factor:.3g} times as much as {heavy}"
            next = f'write cut = ["{heavy}", "{light}"]'
            return [Fault(where, read, "the less extracted metal first", next=next)]
        if factor < LEAST_FACTOR:
            return [
                Fault(
                    where,
                    f"a separation factor {pair} of {factor:.3g} in {self.equilibrium}",
                    f"at least {LEAST_FACTOR}: no circuit of practical length parts less",
                    next="cut beside the pair and part it by other means",
                )
            ]
        between = names[names.index(light) + 1 : names.index(heavy)]
        if between:
            read = f"{', '.join(between)} between {light} and {heavy}"
            expected = "two neighbours in the order of extraction: " + " ".join(names)
            next = f'write cut = ["{light}", "{between[0]}"] or ["{between[-1]}", "{heavy}"]'
            return [Fault(where, read, expected, next=next)]
        return []


def reference_ln_distribution(model: Distribution, extractant: float) -> NDArray[np.float64]:
    """ln D at a third of the extractant free and 0.1 mol/L acid: only its order and ratios matter."""
    site = Site(*map(jnp.asarray, (extractant, 3000.0, 3000.0, 0.0, 0.0)))
    coupling = jnp.log(jnp.array([extractant / 6.0, 100.0, 3000.0])[: len(model.direction)])
    return np.asarray(model.ln_distribution(coupling, site))
