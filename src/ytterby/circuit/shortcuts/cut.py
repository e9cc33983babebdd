"""A cut of a feed of many elements: least flows, least stages, and the stages at a chosen flow.

The setting is full exchange at constant factors, as in `exchange`. Least flows are Underwood's and least
stages Fenske's, both rigorous bounds of whatever holds the specification. Stages are counted by the exact
cascade: a count by the keys alone (Gilliland, or Xu's formulas with the pair next to the split) misses the
stages where elements beside the keys are sorted out, and a march from both ends with the products of the keys
pinned needs the traces of all others beforehand, on which it depends as a power of the stages.

The scrub amount is solved for with the products, so that both use their allowances to the same degree.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from ytterby.circuit.shortcuts.feeds import Array, arrays, both, keys_of, refuse, share_between
from ytterby.circuit.shortcuts.pair import pair_stages
from ytterby.circuit.shortcuts.search import MOST_STAGES, WHERE, fewest, too_many
from ytterby.circuit.shortcuts.specification import Specification
from ytterby.circuit.shortcuts.underwood import effective_factor
from ytterby.errors import CaseError

LEAST_EXCESS, MOST_EXCESS = 1.1, 3.0
"""S over S_min between which the default is sought. Below, factors known to a few percent decide; assumed."""


@dataclass(frozen=True)
class CutShortcut:
    """What a cut takes by hand calculation. Arrays over ``element``, least extracted first."""

    split: int
    """Elements that go to the raffinate."""
    least_extraction_amount: float
    """S_min, metal on the organic of the extraction section with endless stages [mol/h]."""
    extraction_amount: float
    """S, chosen [mol/h]."""
    scrub_amount: float
    """W, metal in the aqueous of the scrub section [mol/h]."""
    least_stages: float
    """N_min at total reflux, not rounded, both sections together."""
    extraction_stages: int
    """The feed enters the last of them."""
    scrub_stages: int
    raffinate: Array
    """[mol/h]"""
    extract: Array
    """[mol/h]"""

    @property
    def stages(self) -> int:
        """Of both sections."""
        return self.extraction_stages + self.scrub_stages

    @property
    def feed_stage(self) -> int:
        """Counted along the organic, from 1."""
        return self.extraction_stages

    @property
    def excess(self) -> float:
        """S over S_min [-]."""
        return self.extraction_amount / self.least_extraction_amount

    @property
    def wrong_side(self) -> tuple[float, float]:
        """Share of the raffinate's and of the extract's moles that belongs into the other [-]."""
        return (
            float(self.raffinate[self.split :].sum() / self.raffinate.sum()),
            float(self.extract[: self.split].sum() / self.extract.sum()),
        )

    @property
    def recovery(self) -> tuple[float, float]:
        """Of the keys: the last element of the raffinate there, the first of the extract there [-]."""
        fed, light, heavy = self.raffinate + self.extract, self.split - 1, self.split
        return (
            float(self.raffinate[light] / fed[light]),
            float(self.extract[heavy] / fed[heavy]),
        )


def shortcut_cut(
    flows: ArrayLike,
    factors: ArrayLike,
    split: int,
    wrong_side: float | tuple[float, float] = 0.001,
    recovery: float | tuple[float, float] = 0.999,
    excess: float | None = None,
) -> CutShortcut:
    """Flows and stages of one cut of an aqueous feed, and both products [mol/h].

    ``flows`` [mol/h] and ``factors`` (separation factors over any reference) over ``element``, least
    extracted first; the first ``split`` elements are meant for the raffinate. Asked of the products: at most
    ``wrong_side`` of the moles of each from elements of the other side, and at least ``recovery`` of both
    elements next to the split on their side; pairs are of raffinate and extract, of light and heavy element.

    ``excess`` is S/S_min. If it is not given, it is the one between 1.1 and 3 with which S times the stages,
    the metal held up on the organic, is least for the pair that needs the same S_min (`effective_factor`).
    Xu's optimum of the mixed extraction ratio seeks the same by formulas for a section alone, but touches
    S_min where f_A = 1/(1 + sqrt(beta)): there the number of stages is endless.

    CaseError where the keys cannot be told apart, one of them is absent, the specification is out of range,
    or ``excess`` is 1 or less: then it says what could be reached. ConvergenceError where no cascade was
    solved, which one random cut in some thousands meets, with allowances far apart.
    """
    fed, alpha = arrays(flows, factors, WHERE)
    keys_of(fed, alpha, split, WHERE)
    there = fed > 0
    before = int(there[:split].sum())
    asked = Specification(
        fed[there],
        alpha[there],
        before,
        _both_between(wrong_side, 0.0, 0.5, f"{WHERE}, wrong-side share"),
        _both_between(recovery, 0.5, 1.0, f"{WHERE}, recovery of the keys"),
    )
    if asked.fewest_stages > MOST_STAGES:
        raise too_many(f"{asked.fewest_stages:.0f} stages at total reflux")
    least = asked.least_extraction_amount
    if excess is not None and not excess > 1.0:
        raise _unreachable(asked, excess)
    chosen = _economic(asked) if excess is None else excess
    guess = pair_stages(asked.keys, chosen * asked.keys.least_extraction_amount)
    lengths = max(1, math.ceil(guess[0])), max(1, math.ceil(guess[1]))
    parted = fewest(asked, chosen * least, lengths)
    products = np.zeros((2, fed.size))
    products[:, there] = parted.raffinate, parted.extract
    return CutShortcut(
        split=split,
        least_extraction_amount=least,
        extraction_amount=chosen * least,
        scrub_amount=parted.scrub_amount,
        least_stages=asked.fewest_stages,
        extraction_stages=parted.cascade.extraction_stages,
        scrub_stages=parted.cascade.scrub_stages,
        raffinate=products[0],
        extract=products[1],
    )


def _both_between(
    value: float | tuple[float, float], low: float, high: float, what: str
) -> tuple[float, float]:
    first, second = (share_between(it, low, high, what) for it in both(value))
    return first, second


def _economic(asked: Specification) -> float:
    """S/S_min with the least S x stages for the pair that needs the same least extraction amount."""
    from scipy.optimize import minimize_scalar

    factor = effective_factor(asked.flows, asked.factors, asked.split)
    pair = replace(asked.keys, factor=factor)

    def held(excess: float) -> float:
        return excess * max(2.0, sum(pair_stages(pair, excess * pair.least_extraction_amount)))

    found = minimize_scalar(
        held, bounds=(LEAST_EXCESS, MOST_EXCESS), method="bounded", options={"xatol": 1e-3}
    )
    return float(found.x)


def _unreachable(asked: Specification, excess: float) -> CaseError:
    """The fault of an extraction amount below the least, with what it could reach."""
    from scipy.optimize import brentq

    if not excess > 0.0:
        return refuse(f"{WHERE}, excess", f"{excess:g}", "S over S_min, more than 1")
    amount = excess * asked.least_extraction_amount

    def lacking(log_loosened: float) -> float:
        return _eased(asked, math.exp(log_loosened)).least_extraction_amount - amount

    most = math.log(0.4999 / max(*asked.wrong_side, *(1 - it for it in asked.recovery)))
    then = "no loss up to a half is enough for so little: raise it"
    if most > 0 and lacking(most) < 0:
        eased = _eased(asked, math.exp(brentq(lacking, 0.0, most, xtol=1e-4)))
        then = (
            f"with endless stages that amount reaches recovery {_words(eased.recovery, '.4g')} "
            f"and wrong-side share {_words(eased.wrong_side, '.4g')} at best; raise it"
        )
    return refuse(
        f"{WHERE}, excess",
        f"{excess:g}, with which recovery {_words(asked.recovery, 'g')} and wrong-side share "
        f"{_words(asked.wrong_side, 'g')} cannot both hold",
        "S over S_min, more than 1",
        then,
    )


def _eased(asked: Specification, times: float) -> Specification:
    """The specification with all that may be wrong or lost multiplied."""
    raffinate, extract = (times * share for share in asked.wrong_side)
    light, heavy = (1 - times * (1 - share) for share in asked.recovery)
    return replace(asked, wrong_side=(raffinate, extract), recovery=(light, heavy))


def _words(shares: tuple[float, float], form: str) -> str:
    """One number where both are the same."""
    return " and ".join(dict.fromkeys(format(share, form) for share in shares))
