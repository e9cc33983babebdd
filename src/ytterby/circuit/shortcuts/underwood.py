"""Least extraction amount: what a cut needs with endless stages (Underwood).

Organic takes the place of the vapour, aqueous that of the liquid. With constant moles of metal in each phase
of a section and constant factors alpha, the roots phi of

    sum of alpha_i f_i / (alpha_i - phi) = q F        (q = 0 aqueous, 1 organic feed; F = sum of f_i)

one between any two neighbouring factors, bound the metal V on the organic above the feed for an extract d:

    V >= sum of alpha_i d_i / (alpha_i - phi)         for every root

and with endless stages V may reach the largest of them. Where the keys part sharply only the root between
them counts. Where they do not, elements beside the keys may leave with both products, and how they do so is
what makes V least: a linear programme over the products, solved here as one, with one thing more that every
cascade obeys: from the cut outwards lost shares fall, neighbours parted as far as by one stage at least.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from ytterby.circuit.shortcuts.feeds import (
    Array,
    Phase,
    arrays,
    both,
    keys_of,
    refuse,
    share_between,
)
from ytterby.errors import ConvergenceError, Fault

WHERE = "least extraction amount"


@dataclass(frozen=True)
class Root:
    """A root phi between two neighbouring factors, kept as what the sums need."""

    value: float
    """phi [-]."""
    gaps: Array
    """alpha_i - phi, axis ``element``: exact where phi is next to a factor, as beside a trace."""


@dataclass(frozen=True)
class LeastExtraction:
    """Least flows that a specification asks for, and the extract that reaches them."""

    extraction_amount: float
    """S, metal on the organic of the extraction section [mol/h]."""
    scrub_amount: float
    """W, metal in the aqueous of the scrub section [mol/h]."""
    extract: Array
    """[mol/h], axis ``element``."""


def roots(flows: ArrayLike, factors: ArrayLike, feed: Phase = "aqueous") -> tuple[Root, ...]:
    """All roots between neighbouring factors of elements that are fed, lowest first.

    Elements of one factor share their gaps. CaseError where a flow or factor is none or the order is broken.
    """
    fed, alpha = arrays(flows, factors, WHERE)
    there = np.unique(alpha[fed > 0])
    return tuple(_root(fed, alpha, low, high, feed) for low, high in pairwise(there))


def _root(fed: Array, alpha: Array, low: float, high: float, feed: Phase) -> Root:
    """The root between two factors, as its distance to the nearer of them: no digits are lost there."""
    from scipy.optimize import brentq

    present = fed > 0
    weighed, level = alpha[present] * fed[present], (fed.sum() if feed == "organic" else 0.0)
    half = (high - low) / 2

    def above(gaps: Array) -> float:
        """The sum less its right side: rises with phi from -inf to inf."""
        return float(np.sum(weighed / gaps[present])) - level

    # Where the sum is above its right side in the middle, phi is in the lower half.
    lower = above((alpha - low) - half) > 0
    pole, sign = (low, -1.0) if lower else (high, 1.0)

    def gaps_at(log_distance: float) -> Array:
        return (alpha - pole) + sign * math.exp(log_distance)

    found = brentq(
        lambda log_distance: above(gaps_at(log_distance)),
        math.log(half) - 690.0,  # as far as exp reaches without leaving the range of a float
        math.log(1.5 * half),  # past the middle, where rounding may put the root
        xtol=1e-15,
        rtol=8.9e-16,
    )
    return Root(pole - sign * math.exp(found), gaps_at(found))


def least_sharp(
    flows: ArrayLike, factors: ArrayLike, split: int, feed: Phase = "aqueous"
) -> LeastExtraction:
    """Least flows for a complete separation between element ``split`` and the next [mol/h].

    For two elements per mole of aqueous feed: S = 1/(beta - 1) + f_A, W = 1/(beta - 1), as in the theory of
    Xu. CaseError where a key is absent or the keys have one factor.
    """
    fed, alpha = arrays(flows, factors, WHERE)
    keys_of(fed, alpha, split, WHERE)
    root = _root(fed, alpha, alpha[split - 1], alpha[split], feed)
    extract = np.where(np.arange(fed.size) < split, 0.0, fed)
    return _flows(float(np.sum(alpha * extract / root.gaps)), extract, fed, feed)


def least_extraction(
    flows: ArrayLike,
    factors: ArrayLike,
    split: int,
    wrong_side: float | tuple[float, float] = 0.001,
    recovery: float | tuple[float, float] = 0.999,
    feed: Phase = "aqueous",
) -> LeastExtraction:
    """Least flows with which any cascade can hold a specification [mol/h].

    ``flows`` [mol/h] and ``factors`` over ``element``, least extracted first; the first ``split`` elements go
    to the raffinate. At most ``wrong_side`` of the moles of each product may be of elements of the other
    side; of both keys at least ``recovery`` goes to its own side; pairs are of raffinate and extract, and of
    light and heavy key. Nothing else is asked of any element, so no product that holds the specification
    needs less. CaseError where there is no such cut.
    """
    fed, alpha = arrays(flows, factors, WHERE)
    keys_of(fed, alpha, split, WHERE)
    wrong_sides, recoveries = both(wrong_side), both(recovery)
    for share in wrong_sides:
        share_between(share, 0.0, 0.5, "wrong-side share")
    for share in recoveries:
        share_between(share, 0.5, 1.0, "recovery of the keys")
    heavy = np.arange(fed.size) >= split
    # The linear program holds its bounds to 1e-7 only, which is more than a trace has.
    lost = np.clip(_least_lost(fed, alpha, split, wrong_sides, recoveries, feed), 0.0, fed)
    return least_for_extract(fed, alpha, np.where(heavy, fed - lost, lost), feed)


def least_for_extract(
    flows: ArrayLike, factors: ArrayLike, extract: ArrayLike, feed: Phase = "aqueous"
) -> LeastExtraction:
    """Least flows with which endless stages part a feed into that extract and the rest [mol/h].

    All arrays over ``element``, least extracted first. CaseError where the extract holds more than was fed.
    """
    fed, alpha = arrays(flows, factors, WHERE)
    product = np.asarray(extract, dtype=np.float64)
    if product.shape != fed.shape or not ((product >= 0) & (product <= fed)).all():
        raise refuse(
            WHERE, "an extract of other elements or of more than was fed", "a part of the feed"
        )
    needed = [float(np.sum(alpha * product / root.gaps)) for root in roots(fed, alpha, feed)]
    # Organic that carries the extract and nothing else: more is not there to be carried off.
    return _flows(max([*needed, float(product.sum())]), product, fed, feed)


def _flows(above_feed: float, extract: Array, fed: Array, feed: Phase) -> LeastExtraction:
    joined = fed.sum() if feed == "organic" else 0.0
    return LeastExtraction(above_feed - float(joined), above_feed - float(extract.sum()), extract)


def _least_lost(
    fed: Array,
    alpha: Array,
    split: int,
    wrong_sides: tuple[float, float],
    recoveries: tuple[float, float],
    feed: Phase,
) -> Array:
    """What each element loses to the wrong product [mol/h] where the organic carries least.

    A cascade parts two elements at least as far as one stage would, so the lost shares fall away from the
    cut. The unknowns are the shares over the most that each may be, and V over the feed.
    """
    from scipy.optimize import linprog

    total, size = fed.sum(), fed.size
    heavy = np.arange(size) >= split
    own, other = fed[~heavy].sum() / total, fed[heavy].sum() / total
    allowed = _most_lost(alpha, split, 1.0 - recoveries[0], 1.0 - recoveries[1])
    lost = allowed * fed / total
    gained = np.where(heavy, -lost, lost)  # by the extract
    # V is at least sum alpha d / gaps for each root, and at least sum d: S carries the extract.
    weights = np.array([np.ones(size), *(alpha / root.gaps for root in roots(fed, alpha, feed))])
    carried = np.hstack([weights * gained, -np.ones((len(weights), 1))])
    # What is in the wrong product is at most its share of that product, over that share.
    wrong = np.vstack(
        [
            np.where(heavy, 0.0, lost / wrong_sides[1]) - gained,
            np.where(heavy, lost / wrong_sides[0], 0.0) + gained,
        ]
    )
    # Of what an element may lose, no larger part than its neighbour nearer to the cut loses of its own.
    farther = np.diff(np.eye(size), axis=0)
    farther = np.vstack([-farther[: split - 1], farther[split:]])
    limits = np.vstack([np.hstack([rows, np.zeros((len(rows), 1))]) for rows in (wrong, farther)])
    found = linprog(
        np.append(np.zeros(size), 1.0),
        A_ub=np.vstack([carried, limits]),
        b_ub=np.concatenate(
            [-(weights @ np.where(heavy, fed, 0.0)) / total, [other, own], np.zeros(len(farther))]
        ),
        bounds=[(0.0, 1.0)] * size + [(0.0, None)],
        method="highs",
    )
    if not found.success:
        raise ConvergenceError(Fault(WHERE, found.message, "a least flow", next="report the case"))
    # The solver keeps bounds to its tolerance; less than nothing is none of its choices.
    shares: Array = np.clip(found.x[:size], 0.0, 1.0) * allowed * fed
    return shares


def _most_lost(alpha: Array, split: int, of_light: float, of_heavy: float) -> Array:
    """Largest share that each element can lose if the keys lose no more than that, axis ``element``.

    One stage at least lies between: the ratio of what is kept to what is lost grows by the factor. Where the
    neighbour loses less, this loses less than in proportion: the programme may stay linear, and a bound.
    """
    most = np.where(np.arange(alpha.size) < split, of_light, of_heavy)
    for near, far in [
        *((place + 1, place) for place in reversed(range(split - 1))),
        *((place, place + 1) for place in range(split, alpha.size - 1)),
    ]:
        apart = max(alpha[near], alpha[far]) / min(alpha[near], alpha[far])
        most[far] = most[near] / (apart - (apart - 1.0) * most[near])
    return most


def effective_factor(
    flows: ArrayLike, factors: ArrayLike, split: int, feed: Phase = "aqueous"
) -> float:
    """Separation factor of the pair that needs the same least extraction amount as the whole feed.

    Both sides of the split are taken together; beta = 1 + 1/(S_min/F - f_A) for an aqueous feed and
    1 + F/S_min for an organic one. Between two elements it is their factor.
    """
    fed, alpha = arrays(flows, factors, WHERE)
    least = least_sharp(fed, alpha, split, feed).extraction_amount
    if feed == "aqueous":
        least -= float(fed[split:].sum())
    if least <= 0.0:
        raise refuse(WHERE, f"{least:g} mol/h", "more than nothing")
    return 1.0 + float(fed.sum()) / least
