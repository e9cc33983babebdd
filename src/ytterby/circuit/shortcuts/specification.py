"""What is asked of a cut, and how far two products are from it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ytterby.circuit.shortcuts.exchange import SolvedCascade
from ytterby.circuit.shortcuts.feeds import Array
from ytterby.circuit.shortcuts.fenske import fewest_stages
from ytterby.circuit.shortcuts.pair import Pair
from ytterby.circuit.shortcuts.underwood import least_extraction


@dataclass(frozen=True)
class Specification:
    """A feed, where it is split, and what is asked of both products."""

    flows: Array
    factors: Array
    split: int
    wrong_side: tuple[float, float]
    """Most of the moles of raffinate and of extract from elements of the other side [-]."""
    recovery: tuple[float, float]
    """Least of the light and of the heavy key on its side [-]."""

    @property
    def heavy(self) -> Array:
        """1 for elements that belong into the extract, 0 for the others."""
        return (np.arange(self.flows.size) >= self.split).astype(float)

    @property
    def least_extraction_amount(self) -> float:
        """S_min [mol/h]."""
        found = least_extraction(
            self.flows, self.factors, self.split, self.wrong_side, self.recovery
        )
        return found.extraction_amount

    @property
    def key_losses(self) -> tuple[float, float]:
        """Shares of the light and heavy key that may be lost at most, whatever the other elements do [-].

        A product of the other side's elements alone may hold ws/(1 - ws) of wrong-side moles for each.
        """
        in_raffinate, in_extract = (share / (1 - share) for share in self.wrong_side)
        light, heavy = self.flows[self.split - 1 : self.split + 1]
        own, other = self.flows[: self.split].sum(), self.flows[self.split :].sum()
        light_loss, heavy_loss = (1 - share for share in self.recovery)
        return min(light_loss, in_extract * other / light), min(
            heavy_loss, in_raffinate * own / heavy
        )

    @property
    def fewest_stages(self) -> float:
        """At total reflux."""
        return fewest_stages(self.factor, *self.key_losses)

    @property
    def factor(self) -> float:
        """Separation factor of the keys [-]."""
        return float(self.factors[self.split] / self.factors[self.split - 1])

    @property
    def keys(self) -> Pair:
        """A pair with the factor of the keys, the amounts of both sides and the losses of the keys."""
        share = float(self.flows[self.split :].sum() / self.flows.sum())
        light, heavy = self.key_losses
        extract, raffinate = share * (1 - heavy), (1 - share) * (1 - light)
        return Pair(
            share,
            self.factor,
            extract / (extract + (1 - share) * light),
            raffinate / (raffinate + share * heavy),
        )

    @property
    def middle(self) -> float:
        """ln of the factor half-way between the keys."""
        return float(np.log(self.factors[self.split - 1 : self.split + 1]).mean())

    def used(
        self, right: Array, wrong: Array, meant: Array, key: int, wrong_side: float, recovery: float
    ) -> tuple[float, Array]:
        """ln of the share of its allowance that one product uses, and the derivative by ln(wrong/right).

        ``right`` and ``wrong``: what each element has in this and in the other product [mol/h]. ``meant``:
        1 for elements that do not belong into this product. ``key``: the one of them next to the split.
        """
        moved = right * wrong / (right + wrong)
        foreign, total = float(meant @ right), float(right.sum())
        lost = right[key] / ((1 - recovery) * self.flows[key])
        impure = foreign / (wrong_side * total)
        if lost > impure:
            slope = np.zeros_like(right)
            slope[key] = -moved[key] / right[key]
            return math.log(lost), slope
        return math.log(impure), moved / total - meant * moved / foreign

    def allowances(self, b: Array, d: Array) -> tuple[tuple[float, Array], tuple[float, Array]]:
        """ln of the shares that raffinate and extract use of theirs, each with its derivative by ln(d/b)."""
        light, heavy = self.split - 1, self.split
        (raffinate, extract), (of_light, of_heavy) = self.wrong_side, self.recovery
        first = self.used(b, d, self.heavy, heavy, raffinate, of_heavy)
        second, slope = self.used(d, b, 1.0 - self.heavy, light, extract, of_light)
        return first, (second, -slope)

    def even(self, b: Array, d: Array) -> tuple[float, Array]:
        """Closing of the cascade: both products use their allowances to the same degree."""
        (first, first_slope), (second, second_slope) = self.allowances(b, d)
        return first - second, first_slope - second_slope

    def worst(self, parted: SolvedCascade) -> float:
        """ln of the larger share of an allowance that is used; the specification holds at 0 and below."""
        (first, _), (second, _) = self.allowances(parted.raffinate, parted.extract)
        return max(first, second)
