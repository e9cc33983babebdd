"""A cascade under full exchange with a side draw of aqueous, exactly: three outlets from one circuit.

The setting of `exchange`: constant factors alpha, S mol/h of metal on the organic, W in the aqueous of the
scrub section. A share theta of the aqueous that leaves one stage is drawn. With the metals b of the
raffinate, s of the draw and d of the extract, from the raffinate to the feed, element by element,

    l_1 = b,  v_j = l_j alpha u_j,  l_(j+1) = v_j + b,   and above a draw  l_(j+1) = v_j + b + s

and from the extract to the feed

    v_N = d,  l_j = v_j/(alpha u_j),  v_(j-1) = l_j + d,  and below a draw  v_(j-1) = l_j + d + s.

Both bring the same organic to the feed stage, which gives d/b. Unknown are ln u of each stage for S on its
organic, or what is left of W in its aqueous, the share of W in S, and theta: the last two for what outlets
may hold. Newton's method on logarithms, derivatives carried along the march.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ytterby.circuit.shortcuts.exchange import TOLERANCE, eliminated
from ytterby.circuit.shortcuts.feeds import Array, refuse
from ytterby.errors import ConvergenceError, Fault

Mask = NDArray[np.bool_]
WHERE = "cascade with a side draw"
NEWTON_STEPS = 60
LONGEST_STEP = 1.0
"""Of any unknown, all of them logarithms, in one Newton step."""
CALM_AFTER = 30
"""Newton steps after which they become shorter, should they go to and fro."""
FIRST_SHARE = 0.3
"""theta where Newton's method begins."""


@dataclass(frozen=True)
class Allowed:
    """Moles that outlets may hold of what does not belong there [mol/h]."""

    raffinate: float
    """Of all but the light elements."""
    extract: float
    """Of all but the heavy elements."""
    draw: float
    """Heavy elements that leave below the feed, raffinate and draw together, where the draw is of the
    extraction section; light elements that leave above it, extract and draw together, where it is of the
    scrub section."""


@dataclass(frozen=True)
class DrawnCascade:
    """Stages, feed, extraction amount and where the draw is."""

    flows: Array
    """Feed, aqueous [mol/h], axis ``element``, least extracted first; none is 0."""
    factors: Array
    """alpha [-], axis ``element``."""
    split: int
    """Light elements, that belong into the raffinate."""
    upper: int
    """Light and drawn elements; all others belong into the extract."""
    extraction_amount: float
    """S [mol/h]."""
    extraction_stages: int
    scrub_stages: int
    section: Literal["extraction", "scrub"]
    """Of the draw."""
    distance: int
    """Stages between the draw and the end of its section where raffinate or extract leaves."""

    def __post_init__(self) -> None:
        """CaseError where the draw is in no stage of its section, or where all of its aqueous leaves."""
        stages = self.extraction_stages if self.section == "extraction" else self.scrub_stages
        least = 1 if self.section == "extraction" else 0
        if not least <= self.distance < stages:
            read = f"a draw {self.distance} stages from the end of {stages} of {self.section}"
            raise refuse(WHERE, read, f"{least} to {stages - 1}")

    @property
    def drawn_at(self) -> int:
        """Stage of the draw, from 0 at the raffinate."""
        if self.section == "extraction":
            return self.distance
        return self.extraction_stages + self.scrub_stages - 1 - self.distance


@dataclass(frozen=True)
class SolvedDrawn:
    """What leaves by three outlets. Arrays over ``element`` [mol/h]."""

    cascade: DrawnCascade
    raffinate: Array
    draw: Array
    extract: Array
    scrub_amount: float
    """W, in the aqueous of the scrub section above any draw [mol/h]."""
    share: float
    """theta, of the aqueous that leaves the stage of the draw [-]."""
    lacking: float
    """ln of how far what may not be drawn, and the other end of that cut, miss what is allowed; held at 0."""
    unknowns: Array
    steps: int


class _Log(NamedTuple):
    """Logarithms of flows, axis ``element``, with derivatives, axes ``unknown element``."""

    value: Array
    slope: Array

    def times(self, log: Array | float, slope: float = 0.0, unknown: int = 0) -> _Log:
        """Multiplied by exp(``log``), which has that derivative by one of the unknowns."""
        moved = self.slope
        if slope:
            moved = moved.copy()
            moved[unknown] += slope
        return _Log(self.value + log, moved)

    def plus(self, other: _Log) -> _Log:
        """The sum of the flows."""
        value = np.logaddexp(self.value, other.value)
        weight = np.exp(self.value - value)
        return _Log(value, weight * self.slope + (1.0 - weight) * other.slope)

    def over(self, other: _Log) -> _Log:
        """The ratio of the flows."""
        return _Log(self.value - other.value, self.slope - other.slope)

    def by(self, other: _Log) -> _Log:
        """The product of the flows."""
        return _Log(self.value + other.value, self.slope + other.slope)

    def total(self, meant: Mask) -> tuple[float, Array]:
        """ln of the sum over the elements meant, and its derivatives, axis ``unknown``."""
        log = float(np.logaddexp.reduce(self.value[meant]))
        return log, self.slope[:, meant] @ np.exp(self.value[meant] - log)


class _Marched(NamedTuple):
    """Flows from one product to the feed, over those of the product."""

    rows: list[_Log]
    """Of each stage what has to add up: organic below the feed, aqueous above it."""
    end: _Log
    """Organic that leaves the feed stage."""
    outlets: _Log
    """The product and the draw on its way, over the product."""


def solve_drawn(cascade: DrawnCascade, allowed: Allowed, start: Array | None = None) -> SolvedDrawn:
    """The cascade whose outlets use what they may hold.

    The raffinate (draw in extraction) or the extract (draw in scrub) holds just what it may of the drawn
    elements, which is what theta is for; what may not be drawn and the product at the other end use their
    allowances alike, by W, to a degree that is told as ``lacking``. ``start``: unknowns of a cascade nearby.
    ConvergenceError where Newton's method does not end.
    """
    at = _first(cascade) if start is None else start
    for steps in range(NEWTON_STEPS):
        mismatch, jacobian, found = _linearised(cascade, allowed, at)
        error = float(np.abs(mismatch).max())
        if error <= TOLERANCE:
            raffinate, draw, extract, lacking = found
            scrub = cascade.extraction_amount / (1.0 + math.exp(at[-2]))
            share = 1.0 / (1.0 + math.exp(-at[-1]))
            return SolvedDrawn(cascade, raffinate, draw, extract, scrub, share, lacking, at, steps)
        if not math.isfinite(error):
            break
        longest = LONGEST_STEP if steps < CALM_AFTER else LONGEST_STEP / 8
        step = eliminated(jacobian, -mismatch)
        at = at + step * min(1.0, longest / float(np.abs(step).max()))
    raise ConvergenceError(
        Fault(
            f"{WHERE} of {cascade.extraction_stages} + {cascade.scrub_stages} stages",
            f"metal on a stage off by {error:.1e} after {steps + 1} Newton steps",
            f"{TOLERANCE:g} of S and W",
            next="draw at another stage or give more flow",
        )
    )


def _first(cascade: DrawnCascade) -> Array:
    """Where Newton's method begins: each side of the draw sorts out the elements of its own boundary."""
    log_alpha = np.log(cascade.factors)
    lower, upper = (
        float(log_alpha[place - 1 : place + 1].mean()) for place in (cascade.split, cascade.upper)
    )
    count = cascade.extraction_stages + cascade.scrub_stages
    below = np.arange(count) <= cascade.drawn_at
    levels = np.where(below, -lower, -upper)
    place = cascade.upper if cascade.section == "extraction" else cascade.split
    extract = min(float(cascade.flows[place:].sum()), 0.9 * cascade.extraction_amount)
    carried = math.log(extract / (cascade.extraction_amount - extract))
    return np.append(levels, [carried, math.log(FIRST_SHARE / (1.0 - FIRST_SHARE))])


def _linearised(
    cascade: DrawnCascade, allowed: Allowed, at: Array
) -> tuple[Array, Array, tuple[Array, Array, Array, float]]:
    """Mismatch and derivatives, (equation, unknown); outlets and what is lacking."""
    first, count, size = cascade.extraction_stages, at.size - 2, cascade.flows.size
    below, above = _upward(cascade, at), _downward(cascade, at)
    ratio = below.end.over(above.end)
    none = _Log(np.zeros(size), np.zeros((at.size, size)))
    whole = below.outlets.plus(ratio.by(above.outlets))
    b = none.times(np.log(cascade.flows)).over(whole)
    d = b.by(ratio)
    all_of = np.full(size, True)
    sums = [b.by(row).total(all_of) for row in below.rows]
    sums += [d.by(row).total(all_of) for row in above.rows]
    mismatch, jacobian = np.empty(at.size), np.empty((at.size, at.size))
    for stage, (log, slope) in enumerate(sums):
        mismatch[stage], jacobian[stage] = log, slope
    log_s, to_w = math.log(cascade.extraction_amount), -math.log1p(math.exp(at[-2]))
    extracted = 1.0 / (1.0 + math.exp(-at[-2]))
    mismatch[:first] -= log_s
    mismatch[first:count] -= log_s + to_w
    jacobian[first:count, -2] += extracted
    if cascade.section == "scrub":  # below the draw less aqueous is left
        short = slice(first, cascade.drawn_at)
        share = 1.0 / (1.0 + math.exp(-at[-1]))
        mismatch[short] -= math.log1p(-share)
        jacobian[short, -1] += share
    place = np.arange(size)
    light: Mask = place < cascade.split
    heavy: Mask = place >= cascade.upper
    lower, upper = b.by(below.outlets), d.by(above.outlets)
    if cascade.section == "extraction":
        pure = b.total(~light), allowed.raffinate
        sharp = lower.total(heavy), allowed.draw
        other = d.total(~heavy), allowed.extract
    else:
        pure = d.total(~heavy), allowed.extract
        sharp = upper.total(light), allowed.draw
        other = b.total(~light), allowed.raffinate
    (log_sharp, by_sharp), (log_other, by_other) = sharp[0], other[0]
    lacking = log_sharp - math.log(sharp[1])
    mismatch[-2], jacobian[-2] = (
        lacking - (log_other - math.log(other[1])),
        by_sharp - by_other,
    )
    mismatch[-1], jacobian[-1] = pure[0][0] - math.log(pure[1]), pure[0][1]
    raffinate, extract = np.exp(b.value), np.exp(d.value)
    drawn = (
        np.exp(lower.value) - raffinate
        if cascade.section == "extraction"
        else np.exp(upper.value) - extract
    )
    return mismatch, jacobian, (raffinate, drawn, extract, lacking)


def _upward(cascade: DrawnCascade, at: Array) -> _Marched:
    """From the raffinate to the feed, over b."""
    log_alpha, size = np.log(cascade.factors), cascade.flows.size
    passing = outlets = _Log(np.zeros(size), np.zeros((at.size, size)))
    rows = []
    for stage in range(cascade.extraction_stages):
        if stage == cascade.drawn_at:
            leaving = passing.times(*_log_rest(at, -1.0))
            outlets = outlets.plus(leaving.times(*_log_share(at)))
            passing = leaving
        organic = passing.times(log_alpha + at[stage], 1.0, stage)
        rows.append(organic)
        passing = organic.plus(outlets)
    return _Marched(rows, rows[-1], outlets)


def _downward(cascade: DrawnCascade, at: Array) -> _Marched:
    """From the extract to the feed, over d."""
    log_alpha, size = np.log(cascade.factors), cascade.flows.size
    organic = outlets = _Log(np.zeros(size), np.zeros((at.size, size)))
    rows: list[_Log] = []
    for stage in reversed(range(cascade.extraction_stages, at.size - 2)):
        aqueous = organic.times(-log_alpha - at[stage], -1.0, stage)
        rows.insert(0, aqueous)
        organic = aqueous.plus(outlets)
        if stage == cascade.drawn_at:
            outlets = outlets.plus(aqueous.times(*_log_share(at)))
    return _Marched(rows, organic, outlets)


def _log_share(at: Array) -> tuple[float, float, int]:
    """ln theta, its derivative, and by which unknown."""
    share = 1.0 / (1.0 + math.exp(-at[-1]))
    return -math.log1p(math.exp(-at[-1])), 1.0 - share, -1


def _log_rest(at: Array, sign: float) -> tuple[float, float, int]:
    """ln(1 - theta), times ``sign``."""
    share = 1.0 / (1.0 + math.exp(-at[-1]))
    return -sign * math.log1p(math.exp(at[-1])), -sign * share, -1
