"""A joint circuit of a feed of many elements: three outlets, as many stages as its sharp cut takes.

Where the draw is of the extraction section, the circuit is the cut of the heavy elements from all others,
lengthened at the raffinate; where it is of the scrub section, the cut of the light elements from all others,
lengthened at the extract. The stages beyond the draw keep the drawn elements out of that end, and the further
they do, the less of its elements has to be drawn with them.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from ytterby.circuit.shortcuts.cut import CutShortcut, shortcut_cut
from ytterby.circuit.shortcuts.drawn import Allowed, DrawnCascade, SolvedDrawn, solve_drawn
from ytterby.circuit.shortcuts.exchange import TOLERANCE
from ytterby.circuit.shortcuts.feeds import Array, arrays, keys_of, refuse
from ytterby.errors import ConvergenceError, Fault

WHERE = "shortcut of a joint circuit"
MOST_TRIALS = 12
"""Numbers of stages tried beyond those of the cut alone."""


def sharp_cut(
    flows: ArrayLike,
    factors: ArrayLike,
    split: int,
    allowed: Allowed,
    section: str,
    excess: float | None = None,
) -> CutShortcut:
    """The cut of two outlets that a joint circuit lengthens.

    ``split``: elements of its raffinate, the drawn ones among them where ``section`` is extraction. Arguments
    else as of ``shortcut_cut``, errors too.
    """
    fed, _ = arrays(flows, factors, WHERE)
    light, heavy = float(fed[:split].sum()), float(fed[split:].sum())
    down, up = allowed.raffinate, allowed.extract
    down, up = (allowed.draw, up) if section == "extraction" else (down, allowed.draw)
    wrong = (min(down / (light + down), 0.49), min(up / (heavy + up), 0.49))
    return shortcut_cut(flows, factors, split, wrong, 0.51, excess)


def lengthened(
    flows: ArrayLike,
    factors: ArrayLike,
    split: int,
    upper: int,
    allowed: Allowed,
    section: str,
    distance: int,
    cut: CutShortcut,
    start: SolvedDrawn | None = None,
) -> SolvedDrawn:
    """The joint circuit with ``distance`` stages beyond its draw, at the extraction amount of its sharp cut.

    ``flows`` [mol/h] and ``factors`` over ``element``, least extracted first; the first ``split`` belong into
    the raffinate, those up to ``upper`` into the draw. Stages are added to those of the cut until nothing is
    lacking. CaseError where an element at a boundary is absent; ConvergenceError where no number of stages
    tried is enough.
    """
    fed, alpha = arrays(flows, factors, WHERE)
    for place in (split, upper):
        keys_of(fed, alpha, place, WHERE)
    if not split < upper:
        raise refuse(WHERE, f"{split} and {upper} elements", "some that are to be drawn")
    if section not in ("extraction", "scrub"):
        raise refuse(WHERE, section, "extraction or scrub")
    place = upper if section == "extraction" else split
    factor = float(alpha[place] / alpha[place - 1])
    extraction, scrub = cut.extraction_stages, cut.scrub_stages
    for _ in range(MOST_TRIALS):
        cascade = DrawnCascade(
            fed,
            alpha,
            split,
            upper,
            cut.extraction_amount,
            extraction + (distance if section == "extraction" else 0),
            scrub + (distance if section == "scrub" else 0),
            "extraction" if section == "extraction" else "scrub",
            distance,
        )
        found = solve_drawn(cascade, allowed, _stretched(start, cascade))
        if found.lacking <= TOLERANCE:
            return found
        # A stage of either section brings about a quarter of ln beta, as in a cut of two outlets.
        more = max(1, math.ceil(2.0 * found.lacking / math.log(factor)))
        extraction, scrub, start = extraction + more, scrub + more, found
    raise ConvergenceError(
        Fault(
            WHERE,
            f"{extraction} + {scrub} stages, {math.exp(found.lacking):.3g} times what is allowed",
            "what the draw and the other end may hold",
            next="give more flow, or part the feed by cuts of two outlets",
        )
    )


def _stretched(near: SolvedDrawn | None, cascade: DrawnCascade) -> Array | None:
    """The levels of a cascade nearby over other lengths of its sections."""
    if near is None:
        return None
    first, rest = near.cascade.extraction_stages, near.unknowns.size - 2

    def over(levels: Array, stages: int) -> Array:
        places = np.linspace(0.0, levels.size - 1.0, stages)
        return np.interp(places, np.arange(levels.size), levels)

    return np.concatenate(
        [
            over(near.unknowns[:first], cascade.extraction_stages),
            over(near.unknowns[first:rest], cascade.scrub_stages),
            near.unknowns[rest:],
        ]
    )


def as_cut(found: SolvedDrawn, cut: CutShortcut) -> CutShortcut:
    """A joint circuit as a cut of two outlets, its draw with the raffinate."""
    return CutShortcut(
        split=cut.split,
        least_extraction_amount=cut.least_extraction_amount,
        extraction_amount=cut.extraction_amount,
        scrub_amount=found.scrub_amount,
        least_stages=cut.least_stages,
        extraction_stages=found.cascade.extraction_stages,
        scrub_stages=found.cascade.scrub_stages,
        raffinate=found.raffinate + found.draw,
        extract=found.extract,
    )
