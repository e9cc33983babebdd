"""A stream of the plant: moles of every species per hour, in one state of matter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from ytterby.elements import SYMBOLS, element
from ytterby.errors import BalanceError, Fault
from ytterby.materials.reactions import Reaction
from ytterby.materials.species import species
from ytterby.materials.streams import is_rare_earth

State = Literal["solid", "liquor", "gas", "organic"]
"""A cake is a solid whose water is a species of it."""


@dataclass(frozen=True)
class Flow:
    """What goes from one operation to another."""

    state: State
    amounts: Mapping[str, float]
    """By species [mol/h]."""

    def __post_init__(self) -> None:
        """BalanceError for a negative or undefined amount: a flow that nothing can carry."""
        wrong = [f"{value:.6g} of {name}" for name, value in self.amounts.items() if not value >= 0]
        if wrong:
            raise BalanceError(Fault("flow", ", ".join(wrong), "amounts of zero or more, mol/h"))

    def moles(self, name: str) -> float:
        """Of one species [mol/h]."""
        return self.amounts.get(name, 0.0)

    def atoms(self) -> dict[str, float]:
        """Of every element, in whatever species [mol/h]."""
        found: dict[str, float] = {}
        for name, amount in self.amounts.items():
            for symbol, count in species(name).atoms.items():
                found[symbol] = found.get(symbol, 0.0) + count * amount
        return found

    def of(self, symbol: str) -> float:
        """Of one element, in whatever species [mol/h]."""
        return sum(
            amount * species(name).atoms.get(symbol, 0) for name, amount in self.amounts.items()
        )

    def mass(self) -> float:
        """[kg/h]"""
        return sum(amount * species(name).molar_mass for name, amount in self.amounts.items())

    def charge(self) -> float:
        """Of all ions together [mol/h]; zero but for rounding in every real stream."""
        return sum(amount * species(name).charge for name, amount in self.amounts.items())

    def oxide(self, symbol: str) -> float:
        """One element as its oxide as traded [kg/h]."""
        return self.of(symbol) * element(symbol).oxide_molar_mass

    def rare_earths(self) -> dict[str, float]:
        """Rare earths that are there, in whatever species [mol/h]."""
        return {name: value for name, value in self.atoms().items() if _counts(name) and value > 0}

    def treo(self) -> float:
        """Total rare-earth oxides [kg/h]."""
        return sum(self.oxide(symbol) for symbol in self.rare_earths())

    def scaled(self, share: float) -> Flow:
        """The same composition, more or less of it."""
        return Flow(self.state, {name: share * value for name, value in self.amounts.items()})

    def reacted(self, reaction: Reaction, name: str, amount: float) -> Flow:
        """After ``amount`` [mol/h] of one of its species has reacted; BalanceError if a partner runs out."""
        amounts = dict(self.amounts)
        for other, count in reaction.per(name).items():
            amounts[other] = _settled(amounts.get(other, 0.0), count * amount)
        return Flow(self.state, amounts)

    def plus(self, amounts: Mapping[str, float]) -> Flow:
        """With more (or, negative, less) of some species."""
        changed = dict(self.amounts)
        for name, amount in amounts.items():
            changed[name] = _settled(changed.get(name, 0.0), amount)
        return Flow(self.state, changed)

    def parted(self, shares: Mapping[str, float], state: State) -> tuple[Flow, Flow]:
        """What stays, and what leaves in another state: ``shares`` of the species named."""
        leaving = {
            name: shares[name] * value for name, value in self.amounts.items() if name in shares
        }
        staying = {
            name: value * (1.0 - shares.get(name, 0.0)) for name, value in self.amounts.items()
        }
        return Flow(self.state, staying), Flow(state, leaving)


def mixed(flows: Iterable[Flow], state: State | None = None) -> Flow:
    """All flows together, in the state of the first unless one is given."""
    several = list(flows)
    amounts: dict[str, float] = {}
    for flow in several:
        for name, value in flow.amounts.items():
            amounts[name] = amounts.get(name, 0.0) + value
    return Flow(state or several[0].state, amounts)


def _settled(had: float, change: float) -> float:
    """Their sum; what is left of two equal numbers after rounding counts as nothing."""
    left = had + change
    return 0.0 if abs(left) <= 1e-13 * abs(had) else left


def _counts(symbol: str) -> bool:
    """Whether an element, of all there are, is a rare earth."""
    return symbol in SYMBOLS and is_rare_earth(symbol)
