"""What hand calculations must obey: bounds that no cascade breaks, balances, and each other where they meet.

The exact cascade of constant factors is checked against its own balances, and against the circuit engine
with the same model; then it serves as what the bounds of Fenske and Underwood are held to.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from circuits import P507, closely, organic, profiles_with
from shapes import padded_to
from ytterby.arrays import jnp
from ytterby.circuit import Circuit, Inlet, Section
from ytterby.circuit.circuit import Place, SideFeed
from ytterby.circuit.shortcuts import (
    Pair,
    SolvedCascade,
    effective_factor,
    fewest_stages,
    keys_as_pair,
    kremser,
    kremser_stages,
    least_extraction,
    least_for_extract,
    least_sharp,
    pair_stages,
    shortcut_cut,
    solve_exchange,
    step_off,
    xu_design,
)
from ytterby.circuit.shortcuts.feeds import Phase
from ytterby.circuit.solve import arrays_of
from ytterby.circuit.solved import Array, Profiles
from ytterby.equilibrium import SeparationFactors
from ytterby.errors import CaseError

SLACK = 1e-9
"""Relative, of sums of many powers."""


@st.composite
def feeds(draw: st.DrawFn, most: int = 7) -> tuple[Array, Array]:
    """Flows over four decades and rising factors, neighbours 1.2 to 5 apart."""
    size = draw(st.integers(2, most))
    logs = draw(st.lists(st.floats(-4.0, 0.0), min_size=size, max_size=size))
    steps = draw(st.lists(st.floats(0.08, 0.7), min_size=size, max_size=size))
    return 10.0 ** np.array(logs), 10.0 ** np.cumsum(steps)


@st.composite
def cascades(draw: st.DrawFn) -> SolvedCascade:
    """Any cascade that has two products, at any flow, whether or not it parts anything well."""
    flows, factors = draw(feeds())
    total, phase = float(flows.sum()), draw(st.sampled_from(("aqueous", "organic")))
    product = total * draw(st.floats(0.02, 0.98))
    scrub = total * 10 ** draw(st.floats(-1.3, 1.3))
    amount = scrub + product - (total if phase == "organic" else 0.0)
    assume(amount > 0.02 * total)
    stages = draw(st.integers(1, 12)), draw(st.integers(1, 12))
    return solve_exchange(flows, factors, amount, scrub, *stages, phase)


def flows_between(solved: SolvedCascade) -> tuple[Array, Array]:
    """Metal on the organic and in the aqueous that leave each stage [mol/h]."""
    cascade, scrub = solved.cascade, solved.scrub_amount
    total, extract = cascade.flows.sum(), solved.extract.sum()
    above, first = cascade.above_feed, cascade.extraction_stages
    below = scrub + (total if cascade.feed == "aqueous" else 0.0)
    organic_out = [cascade.extraction_amount] * (first - 1) + [above] * cascade.scrub_stages
    aqueous_out = [total - extract] + [below] * (first - 1) + [scrub] * cascade.scrub_stages
    return np.array([*organic_out, extract]), np.array(aqueous_out)


@given(cascades())
@settings(max_examples=60, deadline=None)
def test_every_stage_of_the_exact_cascade_balances(solved: SolvedCascade) -> None:
    """Element by element and at equilibrium; flows as the theory has them, from the products alone."""
    x, y = solved.profiles()
    on_organic, in_aqueous = flows_between(solved)
    onward, fallen = on_organic[:, None] * y, in_aqueous[:, None] * x
    balance = onward + fallen
    balance[1:] -= onward[:-1]
    balance[:-1] -= fallen[1:]
    balance[solved.cascade.extraction_stages - 1] -= solved.cascade.flows
    assert np.abs(balance / (onward + fallen)).max() < 1e-11
    weighed = solved.cascade.factors * x
    assert y == closely(weighed / weighed.sum(axis=1, keepdims=True), rel=1e-12)
    assert fallen[0] == closely(solved.raffinate, rel=1e-11)
    assert onward[-1] == closely(solved.extract, rel=1e-11)


@given(cascades())
@settings(max_examples=150, deadline=None)
def test_no_cascade_beats_fenske_or_underwood(solved: SolvedCascade) -> None:
    """No pair of elements is parted by more stages than there are, no product made with less than S_min."""
    cascade, ratios = solved.cascade, solved.log_ratio
    factors = cascade.factors[1:] / cascade.factors[:-1]
    assert np.all(np.diff(ratios) <= cascade.stages * np.log(factors) * (1 + SLACK))
    for light, heavy, factor in zip(ratios[:-1], ratios[1:], factors, strict=True):
        if max(abs(light), abs(heavy)) < 12:  # beyond, a share differs from 1 by rounding
            lost = 1 / (1 + math.exp(-light)), 1 / (1 + math.exp(heavy))
            assert fewest_stages(float(factor), *lost) <= cascade.stages * (1 + 1e-8)
    least = least_for_extract(cascade.flows, cascade.factors, solved.extract, cascade.feed)
    assert least.extraction_amount <= cascade.extraction_amount * (1 + SLACK)
    assert least.scrub_amount <= solved.scrub_amount * (1 + SLACK)


@given(cascades())
@settings(max_examples=60, deadline=None)
def test_no_cascade_that_holds_a_specification_uses_less_than_its_least(
    solved: SolvedCascade,
) -> None:
    """The specification that its products just hold, at every split where one is meant."""
    cascade, b, d = solved.cascade, solved.raffinate, solved.extract
    for split in range(1, cascade.flows.size):
        wrong = max(b[split:].sum() / b.sum(), d[:split].sum() / d.sum())
        recovery = min(b[split - 1] / (b + d)[split - 1], d[split] / (b + d)[split])
        if not (wrong < 0.49 and 0.51 < recovery < 1 - 1e-12):
            continue
        least = least_extraction(
            cascade.flows,
            cascade.factors,
            split,
            wrong * (1 + 1e-9),
            recovery * (1 - 1e-12),
            cascade.feed,
        )
        assert least.extraction_amount <= cascade.extraction_amount * (1 + 1e-7)


@given(feeds(), st.floats(1e-5, 1e-2), st.floats(0.97, 0.9999), st.data())
@settings(max_examples=40, deadline=None)
def test_a_cut_holds_what_was_asked_above_both_bounds(
    feed: tuple[Array, Array], wrong_side: float, recovery: float, data: st.DataObject
) -> None:
    flows, factors = feed
    split = data.draw(st.integers(1, flows.size - 1))
    cut = shortcut_cut(flows, factors, split, wrong_side, recovery)
    assert max(cut.wrong_side) <= wrong_side * (1 + 1e-6)
    assert min(cut.recovery) >= recovery - 1e-9
    assert cut.stages >= cut.least_stages
    assert cut.extraction_amount > cut.least_extraction_amount
    own = least_for_extract(flows, factors, cut.extract).extraction_amount
    assert cut.least_extraction_amount <= own * (1 + 1e-6) <= cut.extraction_amount
    assert cut.raffinate + cut.extract == closely(flows, rel=1e-12)


@given(feeds(5), st.floats(0.01, 100.0), st.floats(1e-3, 1e3), st.data())
@settings(max_examples=25, deadline=None)
def test_scales_of_flows_and_factors_change_nothing(
    feed: tuple[Array, Array], more: float, reference: float, data: st.DataObject
) -> None:
    """Nor does an element split in two halves of one factor."""
    flows, factors = feed
    split = data.draw(st.integers(1, flows.size - 1))
    once = shortcut_cut(flows, factors, split, excess=1.3)
    scaled = shortcut_cut(more * flows, reference * factors, split, excess=1.3)
    assert (scaled.extraction_stages, scaled.scrub_stages) == (
        once.extraction_stages,
        once.scrub_stages,
    )
    assert scaled.raffinate == closely(more * once.raffinate, rel=1e-5)
    halves = solve_exchange(
        np.repeat(flows / 2, 2), np.repeat(factors, 2), once.extraction_amount, once.scrub_amount,
        once.extraction_stages, once.scrub_stages,
    )  # fmt: skip
    whole = solve_exchange(
        flows, factors, once.extraction_amount, once.scrub_amount,
        once.extraction_stages, once.scrub_stages,
    )  # fmt: skip
    both = halves.raffinate.reshape(-1, 2).sum(axis=1)
    assert both == pytest.approx(whole.raffinate, rel=1e-8, abs=1e-12 * flows.sum())


# --- closed forms for a pair


@given(st.floats(0.001, 0.999), st.floats(1.05, 100.0), st.sampled_from(("aqueous", "organic")))
def test_underwood_is_the_closed_form_of_a_pair(share: float, factor: float, feed: Phase) -> None:
    """Complete separation: S = 1/(beta - 1) + f_A, or 1/(beta - 1) with an organic feed."""
    expected = 1 / (factor - 1) + (share if feed == "aqueous" else 0.0)
    found = least_sharp((1 - share, share), (1.0, factor), 1, feed)
    assert found.extraction_amount == closely(expected, rel=1e-10)
    assert found.scrub_amount == closely(
        1 / (factor - 1) + (1 - share if feed == "organic" else 0.0), rel=1e-10
    )
    assert effective_factor((1 - share, share), (1.0, factor), 1, feed) == closely(
        factor, rel=1e-10
    )


@given(
    st.floats(0.05, 0.95), st.floats(1.05, 30.0), st.floats(1e-6, 0.04), st.floats(1e-6, 0.04),
    st.sampled_from(("aqueous", "organic")),
)  # fmt: skip
@example(0.94921875, 27.0, 0.0390625, 0.03125, "aqueous")
def test_underwood_is_the_pinch_of_a_pair(
    share: float, factor: float, first: float, second: float, feed: Phase
) -> None:
    """Products that are not pure: the operating lines meet on the equilibrium curve at the feed.

    They do where the product is purer than what is in equilibrium with the feed; else one contact is enough.
    """
    if feed == "aqueous":
        assume(first < 1 / (1 + (factor - 1) * share))
    else:
        assume(second < 1 / (factor - (factor - 1) * share))
    pair = Pair(share, factor, 1 - first * (1 - share), 1 - second * share, feed)
    extract = pair.extract_amount * np.array([1 - pair.extract, pair.extract])
    found = least_for_extract((1 - share, share), (1.0, factor), extract, feed)
    assert found.extraction_amount == closely(pair.least_extraction_amount, rel=1e-9)


@given(
    st.floats(0.05, 0.95), st.floats(1.1, 10.0), st.floats(1e-5, 0.02), st.floats(1e-5, 0.02),
    st.floats(1.01, 4.0), st.sampled_from(("aqueous", "organic")),
)  # fmt: skip
@settings(deadline=None)
def test_stages_of_a_pair_meet_the_exact_cascade(
    share: float, factor: float, first: float, second: float, excess: float, feed: Phase
) -> None:
    """Both sections rounded up are enough, and both rounded down are not."""
    pair = Pair(share, factor, 1 - first * (1 - share), 1 - second * share, feed)
    amount = excess * pair.least_extraction_amount
    assume(pair.scrub_amount(amount) > 1e-3)
    counted = pair_stages(pair, amount)
    assume(min(counted) >= 1 and sum(counted) < 150)
    assert sum(counted) > pair.fewest_stages
    for rounded, enough in ((math.ceil, True), (math.floor, False)):
        solved = solve_exchange(
            (1 - share, share), (1.0, factor), amount, pair.scrub_amount(amount),  # type: ignore[arg-type]
            *(rounded(number) for number in counted), feed,
        )  # fmt: skip
        reached = float(solved.extract[1] / solved.extract.sum())
        slack = 1e-9 * (1 - pair.extract)
        assert reached >= pair.extract - slack if enough else reached <= pair.extract + slack


@given(feeds(), st.data())
def test_the_keys_alone_are_on_the_safe_side_of_underwood(
    feed: tuple[Array, Array], data: st.DataObject
) -> None:
    """Xu's S for both sides lumped into the pair of keys is at least what the whole feed needs."""
    flows, factors = feed
    split = data.draw(st.integers(1, flows.size - 1))
    share = float(flows[split:].sum() / flows.sum())
    pair = keys_as_pair(flows, factors, split, 1 - 1e-4 * (1 - share), 1 - 1e-4 * share)
    needed = least_sharp(flows, factors, split).extraction_amount / flows.sum()
    assert 1 / (pair.factor - 1) + share >= needed * (1 - SLACK)
    try:
        design = xu_design(pair)
    except CaseError:
        return  # the control section leaves the other none to run at
    assert design.extraction_amount >= pair.least_extraction_amount * (1 - 1e-6)


# --- one element


@given(st.floats(0.05, 20.0), st.floats(0.3, 12.0), st.floats(0.0, 0.5), st.floats(0.2, 5.0))
def test_steps_are_those_of_kremser(
    factor: float, stages: float, brought: float, oa_ratio: float
) -> None:
    """Counted one by one on a straight equilibrium, loaded organic and all."""
    ratio = factor / oa_ratio
    organic_in = brought * ratio * 100.0
    try:
        # Somewhere between what that many stages leave and what the next whole number does.
        left = kremser(100.0, organic_in * oa_ratio, factor, stages).raffinate
        counted = kremser_stages(100.0, organic_in * oa_ratio, factor, left)
        found = step_off(ratio, oa_ratio, 100.0, organic_in, left)
    except CaseError:
        assume(False)
    assume(abs(counted - round(counted)) > 1e-6)
    assert found.stages == math.ceil(counted)
    assert 0 < found.last_step <= 1
    tabled = step_off(((0.0, 1000.0), (0.0, 1000.0 * ratio)), oa_ratio, 100.0, organic_in, left)
    assert tabled.stages == found.stages


# --- the engine


SIZE = 8


@pytest.fixture
def one_shape(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    padded_to(monkeypatch, stages=32, elements=SIZE, takes=(1,))
    yield


def drawn(seed: int) -> SolvedCascade:
    """A feed of five elements and a cascade that takes it; every third feed is organic."""
    numbers = np.random.default_rng(seed)
    flows, factors = 10 ** numbers.uniform(-3, 0, 5), np.cumprod(10 ** numbers.uniform(0.1, 0.6, 5))
    first, second = map(int, numbers.integers(2, 14, 2))
    feed: Phase = "organic" if seed % 3 == 0 else "aqueous"
    total = float(flows.sum())
    joined = total if feed == "organic" else 0.0
    product = total * float(numbers.uniform(0.1, 0.9))
    amount = product + total * float(numbers.uniform(0.3, 3.0))
    return solve_exchange(flows, factors, amount, amount + joined - product, first, second, feed)


def engine(same: SolvedCascade) -> Profiles:
    """The same cascade as a circuit: base for S and acid for W, separation factors constant."""
    cascade, names = same.cascade, ("La", "Ce", "Pr", "Nd", "Sm")
    first, second = cascade.extraction_stages, cascade.scrub_stages
    inlet = Inlet("feed", 1.0, 0.0, dict(zip(names, cascade.flows.tolist(), strict=True)))
    aqueous = cascade.feed == "aqueous"
    plan = Circuit(
        name="exchange",
        equilibrium=P507,
        elements=names,
        organic=organic(1.0, 1000.0, 3 * cascade.extraction_amount / 1000.0, closed=False),
        sections=(
            Section("extraction", first, inlet if aqueous else None),
            Section("scrub", second, Inlet("acid", 1.0, 3 * same.scrub_amount, {})),
        ),
        side_feeds=() if aqueous else (SideFeed(inlet, Place("extraction", first), "organic"),),
    )
    inputs, layout, _ = arrays_of(plan)
    ln_factors = jnp.zeros(SIZE).at[:5].set(np.log(cascade.factors))
    charges = jnp.zeros(SIZE).at[:5].set(3.0)
    return profiles_with(plan, inputs, layout, SeparationFactors(ln_factors, charges))


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.usefixtures("one_shape")
def test_the_engine_is_the_exact_cascade_and_keeps_both_bounds(seed: int) -> None:
    """Every stage, to the engine's tolerance; what it makes needs no less than it is given."""
    solved = drawn(seed)
    found, cascade = engine(solved), solved.cascade
    x, y = solved.profiles()
    assert found.aqueous / found.aqueous.sum(axis=1, keepdims=True) == closely(x, rel=1e-7)
    assert found.organic / found.organic.sum(axis=1, keepdims=True) == closely(y, rel=1e-7)
    raffinate, extract = found.fallen[0], found.onward[-1]
    assert raffinate == closely(solved.raffinate, rel=1e-7)
    parted = np.diff(np.log(extract / raffinate)) / np.diff(np.log(cascade.factors))
    assert parted.max() <= cascade.stages * (1 + SLACK)
    within = np.minimum(extract, cascade.flows)
    least = least_for_extract(cascade.flows, cascade.factors, within, cascade.feed)
    assert least.extraction_amount <= cascade.extraction_amount * (1 + SLACK)
