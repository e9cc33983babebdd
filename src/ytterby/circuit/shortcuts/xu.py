"""Xu's cascade theory: flows at the optimum of the mixed extraction ratio, stages by his formulas.

Two components, A better extracted than B, constant separation factors beta in the extraction and beta' in
the scrub section, constant metal in each phase of a section (XUTHEORY, X95). Per mole of feed: S on the
organic of the extraction section, W in the aqueous of the scrub section, g_A leaves with the extract, g_B
with the raffinate, and the mixed extraction ratios organic/aqueous are

    aqueous feed    E = S/(W + 1)    E' = S/W            S = W + g_A
    organic feed    E = S/W          E' = (S + 1)/W      W = S + g_B

One section is in control and runs at its optimum, E = 1/sqrt(beta) or E' = sqrt(beta'); the other follows.
With the enrichments a and b of both products, valid for purities near 1:

    n = ln b / ln(beta E),    m + 1 = ln a / ln(beta'/E')

Where g_B is on the border between both controls, beta' = beta and the products are pure, S is the least
possible one: the formulas still give stages there, but the feed is a pinch and the true number is endless.
`pair_stages` counts exactly at any S.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from numpy.typing import ArrayLike

from ytterby.circuit.shortcuts.feeds import Phase, arrays, keys_of, refuse
from ytterby.circuit.shortcuts.pair import Pair

WHERE = "cascade theory of Xu"


@dataclass(frozen=True)
class XuDesign:
    """Flows per mole of feed and stages by formula, not rounded."""

    control: Literal["extraction", "scrub"]
    """The section that runs at its optimum."""
    extraction_ratio: float
    """E, organic over aqueous metal in the extraction section [-]."""
    scrub_ratio: float
    """E', the same in the scrub section [-]."""
    extraction_amount: float
    """S [mol/mol]; the base of saponification is three times that for trivalent metals."""
    scrub_amount: float
    """W [mol/mol]; the scrub acid is three times that."""
    extraction_stages: float
    """n [-]"""
    scrub_stages: float
    """m [-]"""


def xu_design(pair: Pair, scrub_factor: float | None = None) -> XuDesign:
    """Flows and stages of a pair at Xu's optimum.

    ``scrub_factor`` beta' [-]; that of the pair if not given. CaseError where it is not above 1, or the
    formulas have no answer: a section would not enrich at its ratio.
    """
    beta, washed = pair.factor, pair.factor if scrub_factor is None else scrub_factor
    if not washed > 1.0:
        raise refuse(WHERE, f"{washed:g}", "a separation factor above 1 in the scrub section")
    gA, gB = pair.extract_amount, pair.raffinate_amount
    aqueous = pair.feed == "aqueous"
    border = (math.sqrt(beta) if aqueous else 1.0) / (1.0 + math.sqrt(beta))
    control: Literal["extraction", "scrub"] = "extraction" if gB > border else "scrub"
    if control == "extraction":
        E = 1.0 / math.sqrt(beta)
        Ep = E * gB / (E - gA) if aqueous else (1.0 - E * gA) / gB
    else:
        Ep = math.sqrt(washed)
        E = Ep * gA / (Ep - gB) if aqueous else (1.0 - Ep * gB) / gA
    if not 0.0 < E < 1.0:
        expected = "a control section that leaves the other one between its limits"
        raise refuse(WHERE, f"E = {E:g} and E' = {Ep:g}", expected, "choose S and use `xu_stages`")
    amount = E * gB / (1.0 - E)
    counted = xu_stages(pair, amount, washed)
    return XuDesign(control, E, Ep, amount, pair.scrub_amount(amount), *counted)


def xu_stages(
    pair: Pair, extraction_amount: float, scrub_factor: float | None = None
) -> tuple[float, float]:
    """n and m by formula at any S [mol/mol], not rounded; CaseError where a section would not enrich."""
    beta, washed = pair.factor, scrub_factor or pair.factor
    gB, amount = pair.raffinate_amount, extraction_amount
    above = amount if pair.feed == "aqueous" else amount + 1.0
    E, Ep = amount / (amount + gB), above / pair.scrub_amount(amount)
    if not (beta * E > 1.0 and washed > Ep > 0.0):
        raise refuse(
            WHERE,
            f"ratios {E:g} and {Ep:g} for factors {beta:g} and {washed:g}",
            "beta E and beta'/E' above 1",
            "count stages exactly with `pair_stages`",
        )
    n = math.log(pair.raffinate_enrichment) / math.log(beta * E)
    return n, math.log(pair.extract_enrichment) / math.log(washed / Ep) - 1.0


def keys_as_pair(
    flows: ArrayLike,
    factors: ArrayLike,
    split: int,
    extract: float,
    raffinate: float,
    feed: Phase = "aqueous",
) -> Pair:
    """The pair that a feed of many elements is taken for: both sides of the cut with the factor of the keys.

    ``flows`` [mol/h] and ``factors`` over ``element``, least extracted first; the first ``split`` go to the
    raffinate. ``extract`` and ``raffinate``: purities, all elements of a side together. Every other element
    parts more easily than the keys, so S is on the safe side; where the non-keys are sorted out, more stages
    are needed than for a pair (10 to 20 % by practice, XUTHEORY), which only the exact cascade counts.
    CaseError where the keys are absent or have one factor, or the purities do not part the feed.
    """
    fed, alpha = arrays(flows, factors, WHERE)
    keys_of(fed, alpha, split, WHERE)
    share = float(fed[split:].sum() / fed.sum())
    return Pair(share, float(alpha[split] / alpha[split - 1]), extract, raffinate, feed)
