"""What every unit operation answers: what leaves, how large it is, what it consumes.

An operation is a value: its name, its own options, and settings that come from the cited tables unless the
case says otherwise. It never sees the flowsheet that it stands in.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ytterby.datasets.process import Parameter, parameter
from ytterby.errors import BalanceError, Fault
from ytterby.materials import Flow

CLOSURE = 1e-9
"""Most that may be missing of an element, or of charge, over what passes through."""


@dataclass(frozen=True)
class Setting:
    """A number that an operation needs: a row of the cited parameters, or an assumption of its own."""

    meaning: str
    step: str = ""
    """Step and name of the row in the table of process parameters."""
    row: str = ""
    scope: str | None = None
    assumed: Parameter | None = None
    """Where no row is cited."""

    def cited(self) -> Parameter:
        """The number with what it rests on."""
        return self.assumed or parameter(self.step, self.row, self.scope)


@dataclass(frozen=True)
class Balance:
    """What an operation does with what arrives; made only if it closes."""

    operation: str
    inlets: Mapping[str, Flow]
    drawn: Mapping[str, Flow]
    """Reagents taken from outside, or from what the plant returns, by the name of the reagent."""
    outlets: Mapping[str, Flow]
    details: Any = None
    """What the operation knows beside: a solved circuit, a precipitation."""
    notes: tuple[str, ...] = ()
    """What a reader must know: a cut that had nothing to part, a product that misses its purity."""

    def __post_init__(self) -> None:
        """BalanceError with every element that is lost or made, and with charge that is."""
        faults = imbalance(
            f"operation {self.operation}",
            [*self.inlets.values(), *self.drawn.values()],
            list(self.outlets.values()),
        )
        if faults:
            raise BalanceError(faults)


def imbalance(where: str, entering: list[Flow], leaving: list[Flow]) -> list[Fault]:
    """A fault for every element that does not close, and for charge."""
    came, went = _atoms(entering), _atoms(leaving)
    scales = {name: max(came.get(name, 0.0), went.get(name, 0.0)) for name in {**came, **went}}
    missing = {name: went.get(name, 0.0) - came.get(name, 0.0) for name in scales}
    scales["charge"] = max([*scales.values(), 0.0])
    missing["charge"] = sum(flow.charge() for flow in leaving) - sum(
        flow.charge() for flow in entering
    )
    return [
        Fault(
            f"{where}, {name}",
            f"{missing[name]:.6g} mol/h more leaves than enters, of {scale:.6g}",
            f"a difference of at most {CLOSURE:g} of it",
            next="this is a defect of the operation, please report it with the case",
        )
        for name, scale in scales.items()
        if abs(missing[name]) > CLOSURE * scale
    ]


def _atoms(flows: list[Flow]) -> dict[str, float]:
    found: dict[str, float] = {}
    for flow in flows:
        for symbol, amount in flow.atoms().items():
            found[symbol] = found.get(symbol, 0.0) + amount
    return found


@dataclass(frozen=True)
class Equipment:
    """Items of one kind and size."""

    item: str
    """In words, e.g. ``mixer``."""
    number: int
    size: float
    """Of each."""
    unit: str
    """Of the size, e.g. ``m3``."""
    because: str = ""
    """What the size follows from, e.g. ``2 h at 11.2 m3/h``."""


@dataclass(frozen=True)
class Drivers:
    """What running it takes beside reagents."""

    electricity: float = 0.0
    """[kW]"""
    fuel: float = 0.0
    """Heat from fuel [kW]."""
    steam: float = 0.0
    """[kg/h]"""
    posts: float = 0.0
    """People needed at every hour of operation."""


@dataclass(frozen=True)
class Inventory:
    """What an operation holds while it runs."""

    organic: float = 0.0
    """[m3]"""
    metals: Mapping[str, float] = field(default_factory=dict)
    """By symbol [mol]."""


@dataclass(frozen=True, kw_only=True)
class Operation(ABC):
    """One step of the plant. Subclasses add their options and answer three questions."""

    name: str
    own: Mapping[str, Parameter] = field(default_factory=dict)
    """Settings that the case gives in place of cited ones, by their key."""

    KIND: ClassVar[str]
    """What a case file calls it."""
    INLETS: ClassVar[Mapping[str, str]]
    """Ports with what arrives there."""
    OPTIONAL: ClassVar[frozenset[str]] = frozenset()
    """Inlets that need not be fed; nothing arrives there then."""
    OUTLETS: ClassVar[Mapping[str, str]]
    """Ports with what leaves there."""
    SETTINGS: ClassVar[Mapping[str, Setting]] = {}
    """Numbers that it needs, by the key a case may give them under."""

    def setting(self, key: str) -> Parameter:
        """The case's own number, or the cited one."""
        return self.own[key] if key in self.own else self.SETTINGS[key].cited()

    def value(self, key: str) -> float:
        """A setting's usual number: a fraction where its unit is a percentage, else in the unit listed.

        DataError where only a range or words are known."""
        found = self.setting(key)
        number = found.typical(found.unit)
        return number / 100.0 if found.unit in PERCENT else number

    @property
    def settings(self) -> dict[str, Parameter]:
        """All numbers that it rests on, by key."""
        return {key: self.setting(key) for key in self.SETTINGS}

    @abstractmethod
    def balance(self, inlets: Mapping[str, Flow]) -> Balance:
        """What leaves and what is drawn, for what arrives by port."""

    def equipment(self, balance: Balance) -> tuple[Equipment, ...]:
        """How many items of which size that balance needs."""
        return ()

    def drivers(self, balance: Balance) -> Drivers:
        """Energy and people that that balance needs."""
        return Drivers()

    def inventory(self, balance: Balance) -> Inventory:
        """What it holds."""
        return Inventory()


PERCENT = ("%", "percent")
"""Units of settings that are shares."""


def assumed(value: float, low: float, high: float, unit: str, notes: str) -> Parameter:
    """A number that no source backs: a convention, with the range it might lie in and its reason."""
    return Parameter(
        step="",
        scope="",
        name="",
        value=value,
        low=low,
        high=high,
        unit=unit,
        of="",
        text="",
        conditions="",
        source="CONVENTION",
        also=(),
        rests_on=(),
        basis="assumed",
        confidence="low",
        notes=notes,
    )
