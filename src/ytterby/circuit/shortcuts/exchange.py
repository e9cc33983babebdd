"""A cascade of stages under full exchange, exactly: constant factors, constant moles of metal per section.

The setting of Xu's theory. The organic carries S mol/h of metal through the extraction section, the aqueous W
through the scrub section; each proton is exchanged for metal in full. Stage 1 is where the raffinate leaves,
the last stage where the extract leaves, and the feed enters the last stage of the extraction section.

With the metals b of the raffinate and d of the extract, the aqueous l and organic v that leave the stages
follow element by element from both ends, sums of positive numbers only:

    l_1 = b,  v_j = l_j alpha u_j,    l_(j+1) = v_j + b       up to the feed stage
    v_N = d,  l_j = v_j/(alpha u_j),  v_(j-1) = l_j + d       down to it

and both must bring the same organic to the feed stage, which gives d/b of each element in closed form for any
u. What is left is one unknown ln u per stage, for one sum per stage: S on the organic, or W in the aqueous
(Newton's method, exact derivatives). Flows are kept as logarithms over those of the products, so traces of
1e-100 of the feed keep their digits.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ytterby.circuit.shortcuts.feeds import Array, Phase, arrays, refuse
from ytterby.errors import ConvergenceError, Fault

TOLERANCE = 1e-9
"""Of ln: how far the metal on a stage may be from S or W."""
NEWTON_STEPS = 60
LONGEST_STEP = 1.0
"""Of ln u in one Newton step."""
CALM_AFTER = 25
"""Newton steps after which they become shorter, should they go to and fro."""
SMALL = 40
"""Rows of a block."""
WHERE = "cascade"
Closing = Callable[[Array, Array], tuple[float, Array]]
"""What fixes the extract: from b and d [mol/h] a number to be nil, and its derivative by ln(d/b)."""


@dataclass(frozen=True)
class Cascade:
    """Stages, feed and extraction amount; what leaves follows from one thing more, see ``solve``."""

    flows: Array
    """Feed [mol/h], axis ``element``, least extracted first; none is 0."""
    factors: Array
    """alpha, relative extractabilities [-], axis ``element``."""
    extraction_amount: float
    """S, metal on the organic of the extraction section [mol/h]."""
    extraction_stages: int
    scrub_stages: int
    feed: Phase = "aqueous"

    @property
    def above_feed(self) -> float:
        """Metal on the organic of the scrub section [mol/h]."""
        joined = float(self.flows.sum()) if self.feed == "organic" else 0.0
        return self.extraction_amount + joined

    @property
    def stages(self) -> int:
        """Of both sections."""
        return self.extraction_stages + self.scrub_stages


@dataclass(frozen=True)
class Levels:
    """Where Newton's method begins, or ends: what all elements have in common."""

    below: Array
    """ln u of the extraction section, axis ``stage`` from the raffinate to the feed."""
    above: Array
    """ln u of the scrub section, axis ``stage`` from the extract to the feed."""
    extract_amount: float
    """Metal that leaves with the extract [mol/h]; W is what else the organic carries above the feed."""

    def stretched(self, cascade: Cascade) -> Levels:
        """For a cascade with other sections: the same course over their length."""

        def over(levels: Array, stages: int) -> Array:
            places = np.linspace(0.0, levels.size - 1.0, stages)
            return np.interp(places, np.arange(levels.size), levels)

        return Levels(
            over(self.below, cascade.extraction_stages),
            over(self.above, cascade.scrub_stages),
            self.extract_amount,
        )


@dataclass(frozen=True)
class SolvedCascade:
    """Both products of a cascade, element by element."""

    cascade: Cascade
    log_ratio: Array
    """ln(d/b), extract over raffinate, axis ``element``."""
    levels: Levels
    steps: int
    """Newton steps taken."""

    @property
    def raffinate(self) -> Array:
        """b [mol/h], axis ``element``."""
        return products(self.cascade.flows, self.log_ratio)[0]

    @property
    def extract(self) -> Array:
        """d [mol/h], axis ``element``."""
        return products(self.cascade.flows, self.log_ratio)[1]

    @property
    def scrub_amount(self) -> float:
        """W, metal in the aqueous of the scrub section [mol/h]."""
        return self.cascade.above_feed - self.levels.extract_amount

    def profiles(self) -> tuple[Array, Array]:
        """Mole fractions x and y of the aqueous and organic of each stage, axes ``stage element``."""
        log_b, log_d = log_products(self.cascade.flows, self.log_ratio)
        alpha = self.cascade.factors
        x = np.exp(log_b + _grown(np.log(alpha) + self.levels.below[:, None])[:-1])
        y = np.exp(log_d + _grown(-np.log(alpha) - self.levels.above[:, None])[:-1])[::-1]
        return _fractions(np.vstack([x, y / alpha])), _fractions(np.vstack([x * alpha, y]))


def _fractions(flows: Array) -> Array:
    shares: Array = flows / flows.sum(axis=1, keepdims=True)
    return shares


def log_products(flows: Array, log_ratio: Array) -> tuple[Array, Array]:
    """ln b and ln d of a feed that parts with ln(d/b), axis ``element``."""
    log_b = np.log(flows) - np.logaddexp(log_ratio, 0.0)
    return log_b, log_b + log_ratio


def products(flows: Array, log_ratio: Array) -> tuple[Array, Array]:
    """b and d [mol/h] of a feed that parts with ln(d/b), axis ``element``; neither exceeds the feed."""
    return (
        flows * np.exp(-np.logaddexp(log_ratio, 0.0)),
        flows * np.exp(-np.logaddexp(-log_ratio, 0.0)),
    )


def with_scrub(cascade: Cascade, scrub_amount: float) -> Closing:
    """The closing with W [mol/h] given: the extract is what the organic carries above the feed, less W."""
    asked = cascade.above_feed - scrub_amount

    def closing(raffinate: Array, extract: Array) -> tuple[float, Array]:
        amount = float(extract.sum())
        return math.log(amount / asked), raffinate * extract / (raffinate + extract) / amount

    return closing


def solve_exchange(
    flows: Array,
    factors: Array,
    extraction_amount: float,
    scrub_amount: float,
    extraction_stages: int,
    scrub_stages: int,
    feed: Phase = "aqueous",
) -> SolvedCascade:
    """Both products of a cascade whose S and W [mol/h] and stages are given.

    ``flows`` [mol/h] and ``factors`` over ``element``, least extracted first. CaseError where the flows leave
    nothing for a product; ConvergenceError where Newton's method does not end.
    """
    fed, alpha = arrays(flows, factors, WHERE)
    cascade = Cascade(fed, alpha, extraction_amount, extraction_stages, scrub_stages, feed)
    total, extract = float(fed.sum()), cascade.above_feed - scrub_amount
    if min(extraction_stages, scrub_stages) < 1 or not (fed > 0).all():
        read = "no stage in a section or an element that is not fed"
        raise refuse(WHERE, read, "1 or more of both")
    if not (scrub_amount > 0 and extraction_amount > 0 and 0 < extract < total):
        read = f"S {extraction_amount:g} and W {scrub_amount:g} mol/h for a feed of {total:g}"
        raise refuse(WHERE, read, "both above 0, and something left for either product")
    # The element that the amounts would split, if the cascade parted them sharply.
    split = int(np.searchsorted(np.cumsum(fed), total - extract))
    level = float(np.log(alpha[min(split, fed.size - 1)]))
    closing = with_scrub(cascade, scrub_amount)
    return _refined(solve(cascade, closing, flat(cascade, level, extract)), closing)


def flat(cascade: Cascade, log_factor: float, extract_amount: float) -> Levels:
    """A start: on every stage an element with that ln alpha goes up and down in equal parts."""
    return Levels(
        np.full(cascade.extraction_stages, -log_factor),
        np.full(cascade.scrub_stages, -log_factor),
        extract_amount,
    )


def solve(
    cascade: Cascade, closing: Closing, start: Levels, steps_at_most: int = NEWTON_STEPS
) -> SolvedCascade:
    """Both products, by Newton's method; ConvergenceError if it does not end. W is solved for with them."""
    at = start
    for steps in range(steps_at_most):
        mismatch, jacobian, log_ratio = _linearised(cascade, closing, at)
        error = float(np.abs(mismatch).max())
        if error <= TOLERANCE:
            return SolvedCascade(cascade, log_ratio, at, steps)
        longest = LONGEST_STEP if steps < CALM_AFTER else LONGEST_STEP / 8
        at = _stepped(cascade, at, -eliminated(jacobian, mismatch), longest)
    raise ConvergenceError(
        Fault(
            f"{WHERE} of {cascade.extraction_stages} + {cascade.scrub_stages} stages",
            f"metal on a stage off by {error:.1e} after {steps_at_most} Newton steps",
            f"{TOLERANCE:g} of S and W",
            next="report the case",
        )
    )


def _refined(solved: SolvedCascade, closing: Closing) -> SolvedCascade:
    """The cascade after one Newton step more: as exact as rounding allows."""
    cascade, at = solved.cascade, solved.levels
    mismatch, jacobian, _ = _linearised(cascade, closing, at)
    further = _stepped(cascade, at, -eliminated(jacobian, mismatch), LONGEST_STEP)
    after, _, log_ratio = _linearised(cascade, closing, further)
    if np.abs(after).max() > np.abs(mismatch).max():
        return solved
    return SolvedCascade(cascade, log_ratio, further, solved.steps + 1)


def eliminated(matrix: Array, right: Array) -> Array:
    """The solution of a linear system, one or more columns, by blocks that are small.

    Above some hundred rows linear algebra libraries spread over threads, and where other programs keep the
    processors busy they wait for them a thousand times longer than they compute.
    """
    half = len(matrix) // 2
    if half < SMALL:
        return np.asarray(np.linalg.solve(matrix, right), dtype=np.float64)
    inner = eliminated(matrix[half:, half:], np.column_stack([matrix[half:, :half], right[half:]]))
    across, own = matrix[:half, half:], inner[:, half:].reshape(right[half:].shape)
    outer = eliminated(matrix[:half, :half] - across @ inner[:, :half], right[:half] - across @ own)
    return np.concatenate([outer, own - inner[:, :half] @ outer])


def _stepped(cascade: Cascade, at: Levels, step: Array, longest: float) -> Levels:
    """The next levels, by no longer step than allowed; extract and W share what the organic carries."""
    levels = step[:-1] * longest / max(longest, float(np.abs(step[:-1]).max()))
    count, carried = cascade.extraction_stages, cascade.above_feed
    more = at.extract_amount * math.exp(min(max(step[-1], -longest), longest))
    extract = carried * more / (more + carried - at.extract_amount)
    return Levels(at.below + levels[:count], at.above + levels[count:], extract)


def _linearised(cascade: Cascade, closing: Closing, at: Levels) -> tuple[Array, Array, Array]:
    """Mismatch of all stages and the closing, derivatives by ln u and ln(extract/W), and ln(d/b)."""
    log_alpha, first = np.log(cascade.factors), cascade.extraction_stages
    below = _reach(log_alpha + at.below[:, None])
    above = _reach(-log_alpha - at.above[:, None])
    log_ratio = below.arrived[-1] - above.grown[-1]
    log_b, log_d = log_products(cascade.flows, log_ratio)
    b, d = np.exp(log_b), np.exp(log_d)
    organic, aqueous = np.exp(log_b + below.arrived), np.exp(log_d + above.arrived)
    carried = np.full(first, cascade.extraction_amount)
    carried[-1] = cascade.above_feed
    scrub = cascade.above_feed - at.extract_amount
    on_organic, in_aqueous = organic.sum(axis=1), aqueous.sum(axis=1)
    closed, closed_slope = closing(b, d)
    mismatch = np.concatenate([np.log(on_organic / carried), np.log(in_aqueous / scrub), [closed]])
    # Of ln(d/b) by ln u; the levels of the scrub section count the other way round on both sides.
    by_level = np.vstack([below.slopes[-1], above.end_slopes])
    y, x = organic / on_organic[:, None], aqueous / in_aqueous[:, None]
    jacobian = np.zeros((cascade.stages + 1, cascade.stages + 1))
    jacobian[:first, :-1] = -(y * (d / cascade.flows)) @ by_level.T
    jacobian[:first, :first] += (below.slopes @ y[:, :, None])[:, :, 0]
    jacobian[first:-1, :-1] = (x * (b / cascade.flows)) @ by_level.T
    jacobian[first:-1, first:-1] -= (above.slopes @ x[:, :, None])[:, :, 0]
    jacobian[first:-1, -1] = at.extract_amount / cascade.above_feed
    jacobian[-1, :-1] = by_level @ closed_slope
    return mismatch, jacobian, log_ratio


@dataclass(frozen=True)
class _Reach:
    """Flows through the stages from a product to the feed, over those of the product, and derivatives."""

    arrived: Array
    """ln of what each stage sends on towards the feed, axes ``stage element``."""
    grown: Array
    """ln of what each stage sends back, and of the same beyond the last: arrived and product together."""
    slopes: Array
    """Of ``arrived`` by the log ratio of each stage, axes ``stage stage element``."""
    end_slopes: Array
    """Of the last row of ``grown``, axes ``stage element``."""


def _grown(log_ratios: Array) -> Array:
    """ln of the flows back, from ln of the ratio on/back of each stage; one row more."""
    rows = np.zeros((len(log_ratios) + 1, log_ratios.shape[1]))
    for stage, log_ratio in enumerate(log_ratios):
        np.logaddexp(rows[stage] + log_ratio, 0.0, out=rows[stage + 1])
    return rows


def _reach(log_ratios: Array) -> _Reach:
    """Flows and derivatives: a change reaches later stages as far as what arrived outweighs the product."""
    grown = _grown(log_ratios)
    arrived = grown[:-1] + log_ratios
    outweighing = np.cumsum(arrived - grown[1:], axis=0)
    before = np.vstack([np.zeros(log_ratios.shape[1]), outweighing[:-1]])
    end = np.exp(outweighing[-1] - before)
    stage = np.arange(len(log_ratios))
    later = (stage[:, None] > stage)[:, :, None]
    fading = np.minimum(before[:, None] - before[None], 0.0)
    slopes = np.where(later, np.exp(fading), 0.0)
    slopes[stage, stage] = 1.0
    return _Reach(arrived, grown, slopes, end)
