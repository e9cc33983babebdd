"""Shortcut of a cut: stage counts against a search through all pairs, refusals, and what it returns."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from circuits import closely
from ytterby.circuit.shortcuts import CutShortcut, Pair, pair_stages, shortcut_cut, solve_exchange
from ytterby.datasets import parameter_set
from ytterby.elements import EXTRACTION_ORDER
from ytterby.errors import CaseError

BASTNAESITE_LIKE = np.array(
    [25, 48, 5, 16, 1.5, 0.2, 0.8, 0.1, 0.3, 0.05, 1.2, 0.1, 0.02, 0.1, 0.02]
)
"""Fifteen rare earths, invented: mostly light ones [mol/h]."""


def p507_factors() -> np.ndarray:
    """Relative K of the fifteen in extraction order, six decades."""
    rows = parameter_set("P507-HCl-v0").constants
    return np.array([10 ** rows[symbol].numbers["log10_kex"] for symbol in EXTRACTION_ORDER])


def held(cut: CutShortcut, wrong_side: float, recovery: float) -> bool:
    return max(cut.wrong_side) <= wrong_side * (1 + 1e-6) and min(cut.recovery) >= recovery - 1e-9


@pytest.mark.parametrize("split", range(1, 15))
def test_every_cut_of_fifteen_rare_earths(split: int) -> None:
    cut = shortcut_cut(BASTNAESITE_LIKE, p507_factors(), split)
    assert held(cut, 0.001, 0.999)
    assert cut.raffinate + cut.extract == closely(BASTNAESITE_LIKE, rel=1e-12)
    assert cut.stages >= cut.least_stages
    assert 1.09 < cut.excess < 3.0
    assert cut.extraction_amount - cut.scrub_amount == pytest.approx(cut.extract.sum(), rel=1e-9)
    assert cut.feed_stage == cut.extraction_stages
    # Each element goes to its side the more, the farther it is from the cut.
    ratios = np.log(cut.extract) - np.log(cut.raffinate)
    assert all(low < high for low, high in pairwise(ratios))


def test_products_are_those_of_the_exact_cascade() -> None:
    cut = shortcut_cut(BASTNAESITE_LIKE, p507_factors(), 4)
    solved = solve_exchange(
        BASTNAESITE_LIKE, p507_factors(), cut.extraction_amount, cut.scrub_amount,
        cut.extraction_stages, cut.scrub_stages,
    )  # fmt: skip
    assert solved.raffinate == closely(cut.raffinate, rel=1e-5)
    assert solved.extract == closely(cut.extract, rel=1e-5)


FEEDS = [
    ((0.3, 1.0, 0.4, 0.1), (1.0, 1.8, 4.0, 9.0), 2),
    ((0.02, 1.0, 0.4, 1.0, 0.3), (1.0, 1.6, 2.1, 5.0, 6.0), 3),
    ((1.0, 0.001, 1.0), (1.0, 2.0, 5.0), 1),
]


@pytest.mark.parametrize(("flows", "factors", "split"), FEEDS)
def test_no_pair_of_one_stage_less_holds_the_specification(
    flows: tuple[float, ...], factors: tuple[float, ...], split: int
) -> None:
    """All pairs, and for each a fine grid of the only freedom left, the scrub amount."""
    cut = shortcut_cut(flows, factors, split, wrong_side=0.002, recovery=0.995)
    assert held(cut, 0.002, 0.995)
    fed = np.array(flows)
    for first in range(1, cut.stages - 1):
        for moved in np.linspace(-0.003, 0.003, 13):
            extract = (1 + moved) * cut.extract.sum()
            solved = solve_exchange(
                fed, np.array(factors), cut.extraction_amount, cut.extraction_amount - extract,
                first, cut.stages - 1 - first,
            )  # fmt: skip
            tried = CutShortcut(
                split, 0, 0, 0, 0, first, 0, raffinate=solved.raffinate, extract=solved.extract
            )
            assert not held(tried, 0.002, 0.995)


@pytest.mark.parametrize("share", [0.05, 0.45, 0.9])
@pytest.mark.parametrize("factor", [1.3, 1.5, 2.4, 8.0])
def test_a_pair_takes_what_the_closed_form_counts(factor: float, share: float) -> None:
    """More than both sections rounded down, and no more than both rounded up."""
    cut = shortcut_cut((1 - share, share), (1.0, factor), 1, recovery=0.99)
    reached = Pair(share, factor, 1 - cut.wrong_side[1], 1 - cut.wrong_side[0])
    counted = pair_stages(reached, cut.extraction_amount)
    assert sum(map(math.floor, counted)) < cut.stages <= sum(map(math.ceil, counted))
    assert cut.least_stages <= reached.fewest_stages < sum(counted)


def test_absent_elements_are_left_where_they_are() -> None:
    flows = BASTNAESITE_LIKE.copy()
    flows[[1, 9]] = 0.0
    cut = shortcut_cut(flows, p507_factors(), 4)
    there = flows > 0
    alone = shortcut_cut(flows[there], p507_factors()[there], 3)
    assert cut.raffinate[~there].sum() == cut.extract[~there].sum() == 0.0
    assert cut.raffinate[there] == closely(alone.raffinate, rel=1e-12)
    assert cut.stages == alone.stages


def test_more_flow_takes_fewer_stages_and_more_purity_more() -> None:
    counts = [
        shortcut_cut(BASTNAESITE_LIKE, p507_factors(), 4, excess=excess).stages
        for excess in (1.05, 1.3, 2.0, 50.0)
    ]
    assert all(more > fewer for more, fewer in pairwise(counts))
    bound = shortcut_cut(BASTNAESITE_LIKE, p507_factors(), 4, excess=50.0)
    assert bound.stages <= math.ceil(bound.least_stages) + 2
    pure = shortcut_cut(BASTNAESITE_LIKE, p507_factors(), 4, wrong_side=1e-6, recovery=0.999999)
    assert pure.stages > counts[1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"factors": (1.0, 2.0, 2.0)}, r"factor 2 of element 2 and of element 3"),
        ({"factors": (1.0, 2.0, 2.002)}, r"\d+ stages at total reflux"),
        ({"factors": (1.0, 3.0, 2.0)}, "sort the elements by factor"),
        ({"flows": (1.0, 0.0, 1.0)}, "no flow of element 2, a key"),
        ({"flows": (1.0, -1.0, 1.0)}, "flow -1 of element 2"),
        ({"flows": (1.0, math.nan, 1.0)}, "flow nan of element 2"),
        ({"flows": (1.0, 1.0)}, "one flow and one factor for each"),
        ({"split": 3}, "1 to 2, the elements that go to the raffinate"),
        ({"wrong_side": 0.0}, "wrong-side share"),
        ({"recovery": 1.0}, "recovery of the keys"),
        ({"excess": 0.9}, "recovery 0.999 and wrong-side share 0.001 cannot both hold"),
        ({"excess": 0.9}, r"reaches recovery 0\.9\d* and wrong-side share 0\.0\d+ at best"),
        ({"excess": 0.3}, "no loss up to a half is enough"),
        ({"excess": -1.0}, "S over S_min, more than 1"),
    ],
)
def test_what_cannot_be_is_refused(change: dict[str, object], message: str) -> None:
    asked = {"flows": (1.0, 1.0, 1.0), "factors": (1.0, 2.0, 5.0), "split": 2, **change}
    with pytest.raises(CaseError, match=message):
        shortcut_cut(**asked)  # type: ignore[arg-type]


def test_the_best_that_too_little_reaches_is_reached() -> None:
    """What the message of the fault promises, a hundredth more flow holds with many stages."""
    flows, factors = (1.0, 1.0, 1.0), (1.0, 2.0, 5.0)
    with pytest.raises(CaseError) as caught:
        shortcut_cut(flows, factors, 1, excess=0.9)
    words = caught.value.faults[0].next.split()
    recovery = float(words[words.index("recovery") + 1])
    wrong_side = float(words[words.index("share") + 1])
    least = shortcut_cut(flows, factors, 1).least_extraction_amount
    eased = shortcut_cut(flows, factors, 1, wrong_side, recovery, excess=1.01)
    assert eased.least_extraction_amount == pytest.approx(0.9 * least, rel=1e-3)
