"""What a cut is asked to do: feed, pair, specification, limits. Values only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ytterby.arrays import jnp
from ytterby.circuit.circuit import Inlet
from ytterby.circuit.shortcuts.cut import CutShortcut
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
NAME_THE_PAIR = "name the pair between which the feed is to be split"


@dataclass(frozen=True)
class Specification:
    """What must come out."""

    wrong_side: float = 1e-3
    """Most of an outlet's rare-earth moles that may belong to the other one [mol/mol]."""
    recovery: float = 0.999
    """Least share of each key that must leave with its own outlet [mol/mol]."""
    raffinate_wrong_side: float | None = None
    """Of the raffinate, in place of ``wrong_side``."""
    strip_wrong_side: float | None = None
    """Of the strip liquor, in place of ``wrong_side``."""
    recoveries: Mapping[str, float] = field(default_factory=dict)
    """Of metals by symbol: of a key in place of ``recovery``, of any other metal beside it [mol/mol]."""

    @property
    def wrong_sides(self) -> tuple[float, float]:
        """Of the raffinate and of the strip liquor."""
        raffinate, strip = self.raffinate_wrong_side, self.strip_wrong_side
        return (
            self.wrong_side if raffinate is None else raffinate,
            self.wrong_side if strip is None else strip,
        )

    def key_recovery(self, key: str) -> float:
        """Least share of a key that must leave with its own outlet."""
        return self.recoveries.get(key, self.recovery)

    def stricter(self, times: float) -> Specification:
        """The same with all that may be wrong or lost divided by ``times``."""

        def less(share: float | None) -> float | None:
            return None if share is None else share / times

        return Specification(
            self.wrong_side / times,
            1.0 - (1.0 - self.recovery) / times,
            less(self.raffinate_wrong_side),
            less(self.strip_wrong_side),
            {name: 1.0 - (1.0 - it) / times for name, it in self.recoveries.items()},
        )


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
class SideDraw:
    """Aqueous taken from the middle of a cut, which makes a joint circuit of it: its third outlet.

    From the extraction section it holds no heavy metal, from the scrub section no light one.
    """

    section: Literal["extraction", "scrub"]
    metals: tuple[str, ...]
    """That are to leave with it: the heaviest of the light side, or the lightest of the heavy side."""
    distance: int
    """Stages between the draw and the end of its section where raffinate or extract leaves."""
    share: float
    """Of the aqueous that leaves its stage [-]."""
    shortcut: CutShortcut
    """The hand calculation of the joint circuit; its raffinate holds the draw."""
    name: str = "side draw"


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
    draw: SideDraw | None = None

    def __post_init__(self) -> None:
        """CaseError with every fault of the task."""
        faults = [*self._unfit_model(), *self._unfit_specification(), *self._unfit_keys()]
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
        return self._by_extraction

    @cached_property
    def chemistry(self) -> Distribution:
        """The model of the metals of the feed."""
        return chemistry(self.parameters, self.elements, conditions=self.conditions)

    @cached_property
    def reference(self) -> NDArray[np.float64]:
        """ln D of each metal at one level of free extractant and acid, see ``reference_ln_distribution``."""
        return reference_ln_distribution(self.chemistry, self.extractant)

    @cached_property
    def _by_extraction(self) -> tuple[tuple[str, ...], NDArray[np.float64]]:
        ln_d = self.reference
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

    @property
    def most_lost(self) -> dict[str, float]:
        """Largest share of a metal's feed that may leave with the wrong side; metals that are not judged
        are left out [mol/mol]."""
        asked = self.specification
        kept = {key: asked.key_recovery(key) for key in self.cut} | {**asked.recoveries}
        return {metal: 1.0 - share for metal, share in kept.items()}

    def lost_in(self, outlet: str) -> tuple[str, ...]:
        """Metals that do not belong into an outlet: raffinate, strip liquor, or the side draw."""
        drawn = self.draw.metals if self.draw else ()
        if outlet == "raffinate":
            return tuple(name for name in self.elements if name in (*self.heavy, *drawn))
        if outlet == "strip liquor":
            return tuple(name for name in self.elements if name in (*self.light, *drawn))
        assert self.draw is not None, "two outlets, or three"
        other = self.heavy if self.draw.section == "extraction" else self.light
        return tuple(name for name in other if name not in drawn)

    @property
    def outlets(self) -> tuple[str, ...]:
        """Names of all outlets."""
        return ("raffinate", "strip liquor", *((self.draw.name,) if self.draw else ()))

    @property
    def fewest(self) -> tuple[int, int, int]:
        """Least stages of extraction, scrub and strip: a draw is not where all the aqueous leaves."""
        beyond = self.draw.distance + 1 if self.draw else 1
        if self.draw and self.draw.section == "extraction":
            return max(beyond, 2), 1, 1
        return 1, beyond, 1

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
        asked = self.specification
        wrong = {
            "wrong_side": asked.wrong_side,
            "raffinate_wrong_side": asked.raffinate_wrong_side,
            "strip_wrong_side": asked.strip_wrong_side,
        }
        faults = [
            Fault(
                self._where(name),
                f"{share:g}",
                f"at least {SMALLEST_WRONG_SIDE:g} and less than half",
                next="0.001 is three nines",
            )
            for name, share in wrong.items()
            if share is not None and not SMALLEST_WRONG_SIDE <= share < 0.5
        ]
        kept = {"recovery": asked.recovery}
        kept |= {f"recoveries.{metal}": share for metal, share in asked.recoveries.items()}
        faults += [
            Fault(
                self._where(name),
                f"{share:.12g}",
                f"more than half and at most {GREATEST_RECOVERY}",
                next="0.999 is three nines",
            )
            for name, share in kept.items()
            if not 0.5 < share <= GREATEST_RECOVERY
        ]
        feed = ", ".join(self.elements)
        faults += [
            Fault(
                self._where(f"recoveries.{metal}"),
                f"{metal}, which the feed does not bring",
                f"metals of the feed: {feed}",
                next="name one of them",
            )
            for metal in asked.recoveries
            if metal not in self.elements
        ]
        return faults

    def _unfit_keys(self) -> list[Fault]:
        """Two different rare earths of the feed."""
        where = self._where("cut")
        faults = unfit_pair(where, self.cut)
        if faults:
            return faults
        return [
            Fault(
                where,
                f"{key}, which the feed does not bring",
                "two metals of the feed: " + ", ".join(self.elements),
                next=NAME_THE_PAIR,
            )
            for key in self.cut
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


def unfit_pair(where: str, cut: Sequence[str]) -> list[Fault]:
    """Faults of a pair that is no two rare earths, in which wrong sides are counted."""
    if cut[0] == cut[1]:
        return [Fault(where, f"{cut[0]} twice", "two different elements", next=NAME_THE_PAIR)]
    return [
        Fault(where, f"{key}, which is no rare earth", "two rare earths", next=NAME_THE_PAIR)
        for key in cut
        if key in SYMBOLS and not is_rare_earth(key)
    ]


def reference_ln_distribution(model: Distribution, extractant: float) -> NDArray[np.float64]:
    """ln D at a third of the extractant free and 0.1 mol/L acid: only its order and ratios matter."""
    site = Site(*map(jnp.asarray, (extractant, 3000.0, 3000.0, 0.0, 0.0)))
    coupling = jnp.log(jnp.array([extractant / 6.0, 100.0, 3000.0])[: len(model.direction)])
    return np.asarray(model.ln_distribution(coupling, site))
