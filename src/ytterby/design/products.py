"""From what products must be to what each circuit on their way must meet.

What a cut leaves on the wrong side ends in the two products next to it, whatever the order of cuts: a heavy
metal in a raffinate is the best extracted there, so it stays with the heaviest product of that side, and a
light one in a strip liquor with the lightest. So each product shares its allowance among the cuts at its
two ends, in moles, and a circuit is asked for that many moles in outlets however large.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ytterby.design.steps import Joint, Step
from ytterby.design.task import SMALLEST_WRONG_SIDE, Specification
from ytterby.materials import is_rare_earth

USED = 0.95
"""Share of an allowance that is given away; what is left bears what no cut is asked for."""
AT_KEYS = 0.8
"""Share of what a metal may lose that goes to the cuts of which it is a key; the rest to all others."""
MOST_WRONG = 0.3
"""Largest share of an outlet that is asked for where a product would bear even more."""


@dataclass(frozen=True)
class ProductSpecification:
    """What a product must be, by amount."""

    purity: float = 0.999
    """Least share of its own metals in its rare earths [mol/mol]."""
    recovery: float = 0.995
    """Least share of each of its rare earths in the feed that it holds [mol/mol]."""


@dataclass(frozen=True)
class Allowances:
    """What circuits may leave where it does not belong."""

    all_metals: tuple[tuple[str, ...], ...]
    """Of each product."""
    products: tuple[tuple[str, ...], ...]
    """Rare earths of each product."""
    intruders: tuple[float, ...]
    """Moles of other rare earths that each product bears from either neighbour [mol/h]."""
    losses: Mapping[str, float]
    """Share of each metal that all its circuits together may lose [mol/mol]."""
    fed: Mapping[str, float]
    """[mol/h]"""

    @property
    def most_cuts(self) -> int:
        """Cuts that a product passes at most."""
        return len(self.products) - 1

    def own(self, first: int, end: int) -> tuple[str, ...]:
        """Metals of products ``first`` to ``end``."""
        return tuple(metal for product in self.products[first:end] for metal in product)

    def lost(self, metal: str, keys: Sequence[str], passed: int) -> float:
        """Share of a metal that one circuit may lose; ``keys``: of that circuit, ``passed``: circuits on its
        way at most."""
        allowed = USED * self.losses[metal]
        ends = self._cuts_as_key(metal)
        others = passed - ends
        if ends == 0 or others <= 0:
            return allowed / max(passed, ends)
        return AT_KEYS * allowed / ends if metal in keys else (1.0 - AT_KEYS) * allowed / others

    def _cuts_as_key(self, metal: str) -> int:
        """Ends of its product that are cuts and at which it stands."""
        last = len(self.products) - 1
        place = next(it for it, product in enumerate(self.products) if metal in product)
        product = self.products[place]
        return (place > 0 and metal == product[0]) + (place < last and metal == product[-1])


def allowances(
    products: Sequence[Sequence[str]],
    asked: Sequence[ProductSpecification],
    fed: Mapping[str, float],
) -> Allowances:
    """What products bear; ``fed``: moles of each metal in the feed [mol/h]."""
    own = tuple(tuple(filter(is_rare_earth, product)) for product in products)
    intruders: list[float] = []
    losses: dict[str, float] = {}
    for place, (metals, it) in enumerate(zip(own, asked, strict=True)):
        ends = 1 if place in (0, len(own) - 1) else 2
        moles = it.recovery * sum(fed[metal] for metal in metals)
        intruders.append(USED * (1.0 - it.purity) / it.purity * moles / ends)
        losses |= dict.fromkeys(metals, 1.0 - it.recovery)
    whole = tuple(map(tuple, products))
    return Allowances(whole, own, tuple(intruders), losses, fed)


def specification_of(
    step: Step, known: Allowances, arriving: Mapping[str, float], before: int | None = None
) -> Specification:
    """What a circuit must meet; ``arriving``: its feed [mol/h].

    ``before``: circuits that its feed has passed; not given, as many as there can be.

    What a joint circuit and its finisher both send to a product, or both may lose, has half of the allowance
    in each. What a joint circuit may not draw is limited by what the drawn product bears.
    """
    down, up = _intruders(step, known)
    raffinate, strip = step.outlets["raffinate"], step.outlets["strip liquor"]
    shared = isinstance(step, Joint) or step.of is not None
    keys = _keys(step, known)
    kept = {}
    for metal in known.own(step.first, step.end):
        there = arriving.get(metal, 0.0)
        if there > 0.0:
            passed = _passed(step, known, metal, before)
            moles = known.lost(metal, keys, passed) * known.fed[metal]
            if shared and metal in keys:
                moles /= 2.0
            if isinstance(step, Joint):
                moles = min(moles, _most_drawn(step, known, metal))
            kept[metal] = 1.0 - min(moles / there, MOST_WRONG)
    return Specification(
        raffinate_wrong_side=_share(down, known.own(raffinate.first, raffinate.end), arriving),
        strip_wrong_side=_share(up, known.own(strip.first, strip.end), arriving),
        recoveries=kept,
    )


def _intruders(step: Step, known: Allowances) -> tuple[float, float]:
    """Moles that raffinate and strip liquor may hold of what does not belong there [mol/h]."""
    raffinate, strip = step.outlets["raffinate"], step.outlets["strip liquor"]
    down, up = known.intruders[raffinate.end - 1], known.intruders[strip.first]
    joint = step if isinstance(step, Joint) else step.of
    if joint is None:
        return down, up
    return (down / 2.0, up) if joint.side == "extraction" else (down, up / 2.0)


def _passed(step: Step, known: Allowances, metal: str, before: int | None) -> int:
    """Circuits that a metal passes at most: before this one, here, and after it."""
    if before is None:
        before = known.most_cuts + 1 - (step.end - step.first)
    spans = [*step.outlets.values(), *([step.drawn] if isinstance(step, Joint) else [])]
    after = next(it.end - it.first - 1 for it in spans if metal in known.own(it.first, it.end))
    # All that a joint circuit draws has its finisher to pass, and so may have what leaves by one end.
    return before + 1 + after + isinstance(step, Joint)


def _keys(step: Step, known: Allowances) -> tuple[str, ...]:
    """Metals at the boundaries that a circuit cuts."""
    places = (step.split, step.upper) if isinstance(step, Joint) else (step.split,)
    return tuple(
        metal
        for place in places
        for metal in (known.products[place - 1][-1], known.products[place][0])
    )


def _most_drawn(joint: Joint, known: Allowances, metal: str) -> float:
    """Moles of a metal that the draw may hold, where it is of the side that must not be drawn [mol/h]."""
    if joint.side == "extraction" and metal in known.own(joint.upper, joint.end):
        return known.intruders[joint.upper - 1]
    if joint.side == "scrub" and metal in known.own(joint.first, joint.split):
        return known.intruders[joint.split]
    return float("inf")


def _share(moles: float, own: Sequence[str], arriving: Mapping[str, float]) -> float:
    """Of an outlet that holds its own metals and so many moles that are not [mol/mol]."""
    whole = sum(arriving.get(metal, 0.0) for metal in own) + moles
    return max(SMALLEST_WRONG_SIDE, min(moles / whole, MOST_WRONG))
