"""Draws of the unknowns of the plant, kept where the claims hold: how sure an implied figure is.

Each unknown is triangular over its range, Nd per Pr, Tb of Dy + Tb and both recoveries among them; products
are uniform over what the claims leave. A draw is kept if no claim that it can be held against is broken
(rejection), so that what is kept follows the draws restricted to the claims, without any tuning. Here, unlike
in the linear system, all rare earths of a line share one recovery.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ytterby.audit.claims import Range
from ytterby.audit.linear import Row
from ytterby.audit.vocabulary import PRODUCTS
from ytterby.elements import metal_to_oxide

Values = NDArray[np.float64]
BATCHES = 20
"""Parts of the draws whose percentiles scatter tells the error of the whole."""
LEVELS = (5.0, 50.0, 95.0)
"""Percentiles that are told."""
ROUNDING = 1e-9
"""Relative room for rounding when a draw is held against a row."""


@dataclass(frozen=True)
class Draws:
    """Unknowns of the plant that agree with the claims, each (draw,)."""

    values: Mapping[str, Values]
    """By unknown [t/y]: what lines give, what concentrates hold, what is fed."""
    drawn: int
    seed: int

    @property
    def kept(self) -> int:
        """Number of draws that no claim contradicts."""
        return len(next(iter(self.values.values())))

    def of(self, terms: Mapping[str, float]) -> Values | None:
        """Value of a sum in every draw, shape (draw,); None if an unknown is not drawn."""
        return _sum(terms, self.values)


@dataclass(frozen=True)
class Spread:
    """Percentiles of a quantity over draws."""

    low: float
    median: float
    high: float
    errors: tuple[float, float, float]
    """Standard error of each, from ``BATCHES`` parts of the draws."""


def triangular(it: Range, number: int, random: np.random.Generator) -> Values:
    """Draws of an unknown over its range, shape (draw,)."""
    if it.low == it.high:
        return np.full(number, it.low)
    return random.triangular(it.low, it.typical, it.high, number)


def draw(
    ranges: Mapping[str, Range],
    left: Mapping[str, tuple[float, float]],
    rows: Sequence[Row],
    number: int,
    seed: int,
) -> Draws:
    """Unknowns that agree with the rows of the claims.

    ``left``: what the claims leave of each product (``nd_out``, ...) and of what is fed [t/y]. ``rows``: the
    claims; those with an unknown that is not drawn are passed over.
    """
    random = np.random.default_rng(seed)
    of = {name: triangular(it, number, random) for name, it in ranges.items()}
    fed = {name: random.uniform(*left[name], number) for name in ("magnets_in", "concentrates_in")}
    metal = _magnet_metal(of, fed["magnets_in"])
    values = dict(fed)
    for key, symbol in PRODUCTS.items():
        out = random.uniform(*left[f"{key}_out"], number)
        recycled = of["recovery_magnets"] * metal_to_oxide(symbol) * metal[key]
        values[f"{key}_from_magnets"] = recycled
        values[f"{key}_from_concentrates"] = out - recycled
        values[f"{key}_in_concentrates"] = (out - recycled) / of["recovery_concentrates"]
    keep = np.ones(number, dtype=bool)
    for value in values.values():
        keep &= value >= 0.0
    for it in rows:
        found = _sum(dict(it.terms), values)
        if found is not None:
            room = ROUNDING * (1.0 + np.abs(found))
            keep &= (found >= it.low - room) & (found <= it.high + room)
    return Draws({name: value[keep] for name, value in values.items()}, number, seed)


def spread(values: Values) -> Spread:
    """Percentiles of draws and their errors."""
    low, median, high = np.percentile(values, LEVELS)
    parts = np.array_split(values, BATCHES) if len(values) >= 10 * BATCHES else [values]
    each = np.array([np.percentile(part, LEVELS) for part in parts])
    errors = each.std(axis=0, ddof=1) / np.sqrt(len(parts)) if len(parts) > 1 else [np.nan] * 3
    first, second, third = (float(it) for it in errors)
    return Spread(float(low), float(median), float(high), (first, second, third))


def _magnet_metal(of: Mapping[str, Values], fed: Values) -> dict[str, Values]:
    """Metal of each product in the magnets [t/y]."""
    ratio, terbium = of["magnet_nd_to_pr"], of["magnet_tb_of_dytb"]
    ndpr, dytb = of["magnet_ndpr"] * fed, of["magnet_dytb"] * fed
    return {
        "nd": ndpr * ratio / (1.0 + ratio),
        "pr": ndpr / (1.0 + ratio),
        "dy": dytb * (1.0 - terbium),
        "tb": dytb * terbium,
    }


def _sum(terms: Mapping[str, float], values: Mapping[str, Values]) -> Values | None:
    if not terms or any(name not in values for name in terms):
        return None
    return np.asarray(sum(factor * values[name] for name, factor in terms.items()))
