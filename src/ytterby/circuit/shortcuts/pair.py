"""Two elements at a constant separation factor: products, least flows and stages in closed form.

All amounts per mole of feed. Under full exchange the stage-to-stage balance of a pair is a fractional linear
map x -> (a x + b)/(c x + d), whose n-th power has a closed form: the number of stages between two
compositions is exact, whatever their distance, and need not be whole.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ytterby.circuit.shortcuts.feeds import Phase, refuse, share_between


@dataclass(frozen=True)
class Pair:
    """A feed of two elements and the purities asked of both products, molar."""

    share: float
    """f_A of the better extracted element in the feed [-]."""
    factor: float
    """beta, better extracted over less extracted [-]."""
    extract: float
    """P_A, purity of the better extracted element in the extract [-]."""
    raffinate: float
    """P_B, purity of the less extracted element in the raffinate [-]."""
    feed: Phase = "aqueous"

    def __post_init__(self) -> None:
        """CaseError where the products do not lie on both sides of the feed or the factor is not above 1."""
        share_between(self.share, 0.0, 1.0, "share of the better extracted element")
        share_between(self.extract, self.share, 1.0, "purity of the extract")
        share_between(self.raffinate, 1.0 - self.share, 1.0, "purity of the raffinate")
        if not self.factor > 1.0:
            expected = "a separation factor above 1, better extracted over less extracted"
            raise refuse("pair", f"{self.factor:g}", expected, "swap the elements")

    @property
    def extract_enrichment(self) -> float:
        """a, of the better extracted element in the extract over the feed, as ratios to the other [-]."""
        return self.extract / (1 - self.extract) * (1 - self.share) / self.share

    @property
    def raffinate_enrichment(self) -> float:
        """b, of the less extracted element in the raffinate over the feed, as ratios to the other [-]."""
        return self.raffinate / (1 - self.raffinate) * self.share / (1 - self.share)

    @property
    def extract_amount(self) -> float:
        """g_A = f_A Y_A / P_A, of the feed that leaves with the extract [mol/mol]."""
        a, b = self.extract_enrichment, self.raffinate_enrichment
        return self.share * a * (b - 1) / (a * b - 1) / self.extract

    @property
    def raffinate_amount(self) -> float:
        """g_B, of the feed that leaves with the raffinate [mol/mol]."""
        return 1.0 - self.extract_amount

    def scrub_amount(self, extraction_amount: float) -> float:
        """W that goes with S [mol/mol]: S - g_A with an aqueous, S + g_B with an organic feed."""
        if self.feed == "aqueous":
            return extraction_amount - self.extract_amount
        return extraction_amount + self.raffinate_amount

    @property
    def least_extraction_amount(self) -> float:
        """S with endless stages for these purities, a pinch at the feed [mol/mol].

        An aqueous feed pinches at its own composition on the aqueous side, an organic feed on the organic.
        For complete separation it tends to 1/(beta - 1) + f_A and to 1/(beta - 1).
        """
        rest = 1.0 - self.raffinate
        if self.feed == "aqueous":
            facing = self.factor * self.share / (1 + (self.factor - 1) * self.share)
            return self.raffinate_amount * (self.share - rest) / (facing - self.share)
        facing = self.share / (self.factor - (self.factor - 1) * self.share)
        return self.raffinate_amount * (facing - rest) / (self.share - facing)

    @property
    def fewest_stages(self) -> float:
        """ln(ab)/ln(beta), at total reflux, all stages counted [-]."""
        both = math.log(self.extract_enrichment) + math.log(self.raffinate_enrichment)
        return both / math.log(self.factor)


def pair_stages(
    pair: Pair, extraction_amount: float, scrub_factor: float | None = None
) -> tuple[float, float]:
    """Stages of the extraction and of the scrub section, not rounded.

    ``extraction_amount`` S per mole of feed; ``scrub_factor`` beta' of the scrub section, that of the pair if
    not given. The sections meet where their operating lines cross, the best place for the feed: at its own
    composition on the aqueous side, or on the organic side if it is organic. Both rounded up are enough, both
    rounded down are not. CaseError where S is not above the least.
    """
    amount, beta, washed = extraction_amount, pair.factor, scrub_factor or pair.factor
    least = pair.least_extraction_amount
    if not (amount > least and washed > 1.0):
        raise refuse(
            "stages of a pair",
            f"S {amount:g} mol per mole of feed, factor {washed:g} in the scrub section",
            f"S above the least, {least:g}, and a factor above 1",
        )
    W, product, x1 = pair.scrub_amount(amount), pair.raffinate_amount, 1.0 - pair.raffinate
    xn = pair.extract / (washed - (washed - 1) * pair.extract)
    below, above = (W + 1.0, amount) if pair.feed == "aqueous" else (W, amount + 1.0)
    # With an organic feed y = f_A where the lines cross, and x is on the line of that y.
    meet = pair.share if pair.feed == "aqueous" else (amount * pair.share + product * x1) / W
    first = _steps(beta, amount / below, product * x1 / below, x1, meet)
    # From the aqueous of the first scrub stage to that of the last: one step less than there are stages.
    further = 0.0
    if xn > meet:
        further = _steps(washed, above / W, (product * x1 - pair.share) / W, meet, xn)
    return first, 1.0 + further


def _steps(beta: float, ratio: float, constant: float, start: float, end: float) -> float:
    """How often x -> ratio y(x) + constant takes ``start`` to ``end``, y the equilibrium with x."""
    a, b, c = ratio * beta + constant * (beta - 1), constant, beta - 1
    spread = math.sqrt((1 - a) ** 2 + 4 * b * c)
    high, low = (a - 1 + spread) / (2 * c), (a - 1 - spread) / (2 * c)
    multiplier = (a - c * high) / (a - c * low)
    travelled = (end - high) / (end - low) * (start - low) / (start - high)
    return math.log(travelled) / math.log(multiplier)
