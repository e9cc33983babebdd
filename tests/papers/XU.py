"""Cascade theory of Xu Guangxian by constant separation factors: worked examples, limits, whole profiles.

The model holds the loading where base and scrub acid put it, so S of the theory is a third of the base and W
a third of the scrub acid, exactly. `S06.py` reaches the same profiles by mass action, in a limit.

The hand calculations (`circuit.shortcuts`) give all six examples. Of the engine one is left out, and said
here loudly: **example X5**, whose separation factor is 1.5 in the extraction and 1.4 in the scrub section. A
circuit has one equilibrium for all its stages, so a factor per section cannot be expressed.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from circuits import P507, closely, organic, profiles_with
from shapes import padded_to
from ytterby.arrays import jnp
from ytterby.circuit import Circuit, Inlet, Section
from ytterby.circuit.balance import require_closed
from ytterby.circuit.circuit import Place, SideFeed
from ytterby.circuit.shortcuts import (
    Pair,
    fewest_stages,
    least_sharp,
    pair_stages,
    solve_exchange,
    xu_design,
    xu_stages,
)
from ytterby.circuit.solve import arrays_of
from ytterby.circuit.solved import Array, Profiles
from ytterby.equilibrium import SeparationFactors

DATA = Path(__file__).parent / "data"
PRINTED = json.loads((DATA / "XU.json").read_text(encoding="utf-8"))
EXAMPLES = [
    it for it in PRINTED["examples"] if it["separation_factor"] == it["separation_factor_scrub"]
]
"""Those with one separation factor."""
PROFILES = [
    *json.loads((DATA / "S06.json").read_text(encoding="utf-8"))["cases"],
    {**PRINTED["organic_feed_profile"], "feed": "organic"},
]
SIZE = 15
"""Elements that the arrays are padded to."""
PRINTED_TO = 5.1e-9
"""Half of the eighth decimal, the last one of the profiles."""


@pytest.fixture(autouse=True)
def one_shape(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    padded_to(monkeypatch, stages=128, elements=SIZE)
    yield


def circuit(case: dict[str, Any]) -> Circuit:
    """A feed of 1 mol/h, its better extracted half called Nd; 3 S of base and 3 W of acid [mol/h].

    An organic feed joins the organic that arrives at the last extraction stage: it comes to equilibrium
    there.
    """
    share, amount = case["feed_fraction"], case["extraction_amount"]
    feed = Inlet("feed", 1.0, 0.0, {"Pr": 1 - share, "Nd": share})
    aqueous = case.get("feed", "aqueous") == "aqueous"
    stages = case["extraction_stages"]
    return Circuit(
        name="XU",
        equilibrium=P507,
        elements=("Pr", "Nd"),
        organic=organic(1.0, 1000.0, 3 * amount / 1000.0, closed=False),
        sections=(
            Section("extraction", stages, feed if aqueous else None),
            Section(
                "scrub", case["scrub_stages"], Inlet("acid", 1.0, 3 * case["scrub_amount"], {})
            ),
        ),
        side_feeds=() if aqueous else (SideFeed(feed, Place("extraction", stages), "organic"),),
    )


def solved(case: dict[str, Any]) -> Profiles:
    """Profiles with that separation factor; every balance closed."""
    inputs, layout, _ = arrays_of(circuit(case))
    factors = jnp.zeros(SIZE).at[1].set(np.log(case["separation_factor"]))
    charges = jnp.zeros(SIZE).at[:2].set(3.0)
    found = profiles_with(circuit(case), inputs, layout, SeparationFactors(factors, charges))
    require_closed(circuit(case), {"XU": found})
    return found


def fractions(phase: Array) -> Array:
    """Mole fraction of the better extracted metal, axis ``stage``."""
    shares: Array = phase[:, 1] / phase.sum(axis=1)
    return shares


def purities(case: dict[str, Any]) -> tuple[float, float]:
    """Of the less extracted metal in the raffinate, of the better extracted one in the extract."""
    found = solved(case)
    return 1 - float(fractions(found.aqueous)[0]), float(fractions(found.organic)[-1])


def test_the_example_left_out_is_the_one_with_two_factors() -> None:
    named = [it["name"].split()[0] for it in EXAMPLES]
    assert named == ["X1", "X2", "X3", "X4", "X6"]
    assert len(PRINTED["examples"]) == 6


each_example = pytest.mark.parametrize("case", EXAMPLES, ids=lambda it: it["name"].split()[0])


@each_example
def test_purities_of_the_worked_examples(case: dict[str, Any]) -> None:
    """S and W are printed to six decimals, as the purities."""
    raffinate, extract = purities(case)
    assert raffinate == pytest.approx(case["purity_raffinate"], abs=1e-6)
    assert extract == pytest.approx(case["purity_extract"], abs=1e-6)


@each_example
def test_loadings_are_the_amounts_of_the_theory(case: dict[str, Any]) -> None:
    """S on the organic of the extraction section, S - W or S + 1 - W on the extract."""
    found, stages = solved(case), case["extraction_stages"]
    amount, washed = case["extraction_amount"], case["scrub_amount"]
    on_organic = found.onward.sum(axis=1)
    joined = 0.0 if case["feed"] == "aqueous" else 1.0
    assert on_organic[: stages - 1] == closely(np.full(stages - 1, amount), rel=1e-10)
    assert on_organic[stages:-1] == closely(
        np.full(case["scrub_stages"] - 1, amount + joined), rel=1e-10
    )
    assert on_organic[-1] == pytest.approx(amount + joined - washed, abs=1e-10)


@pytest.mark.parametrize("case", PROFILES, ids=lambda it: it["name"])
def test_every_stage_is_as_printed(case: dict[str, Any]) -> None:
    found = solved(case)
    for phase, printed in (
        (found.aqueous, case["aqueous_fraction"]),
        (found.organic, case["organic_fraction"]),
    ):
        assert np.max(np.abs(fractions(phase) - np.array(printed))) <= PRINTED_TO


# --- limits of the theory


def pinched(case: dict[str, Any], times: float, stages: int) -> dict[str, Any]:
    """The example with ``times`` its least extraction amount and so many stages in each section.

    The products keep the amounts of the theory; W follows.
    """
    amount = times * case["least_extraction_amount"]
    change = amount - case["extraction_amount"]
    return {
        **case,
        "extraction_amount": amount,
        "scrub_amount": case["scrub_amount"] + change,
        "extraction_stages": stages,
        "scrub_stages": stages,
    }


@each_example
def test_below_the_least_extraction_amount_stages_do_not_help(case: dict[str, Any]) -> None:
    """At 0.7 of it, 30 + 30 and 60 + 60 stages end at the same purities, short of both targets; at 1.1 of it
    60 + 60 reach both."""
    targets = np.array([case["target_purity_raffinate"], case["target_purity_extract"]])
    few, many = (np.array(purities(pinched(case, 0.7, stages))) for stages in (30, 60))
    assert few == pytest.approx(many, abs=6e-4)
    assert np.all(many < targets - 0.008)
    assert np.all(np.array(purities(pinched(case, 1.1, 60))) >= targets - 1e-6)


@each_example
def test_least_stages_are_approached_at_total_reflux(case: dict[str, Any]) -> None:
    """Fenske: the product of both enrichments, ln(ab) / ln(beta), tends to the number of stages as flows
    grow;
    the difference falls as one over S."""
    stages = int(np.ceil(case["least_stages"]))
    short = []
    for amount in (300.0, 1000.0):
        change = amount - case["extraction_amount"]
        raffinate, extract = purities(
            {
                **case,
                "extraction_amount": amount,
                "scrub_amount": case["scrub_amount"] + change,
                "extraction_stages": stages // 2,
                "scrub_stages": stages - stages // 2,
            }
        )
        both = raffinate / (1 - raffinate) * extract / (1 - extract)
        short.append(stages - np.log(both) / np.log(case["separation_factor"]))
    assert 0 < short[1] < short[0] < 0.2
    assert short[0] / short[1] == pytest.approx(1000 / 300, rel=0.03)


# --- the same by hand

ALL = PRINTED["examples"]
by_hand = pytest.mark.parametrize("case", ALL, ids=lambda it: it["name"].split()[0])
LEAST_TOTAL = {"X1": 52, "X2": 55, "X3": 28, "X4": 12, "X5": 56, "X6": 62}
"""Fewest stages in all that reach the purity of the extract at the same S and W, by the exact recursion
(`n_exact + m_exact` of the worked examples)."""
BY_FORMULA = {
    "X1": (23.120258, 27.649284),
    "X2": (28.649284, 23.420625),
    "X3": (10.491003, 16.87373),
    "X4": (7.525045, 3.297966),
    "X5": (22.533264, 33.523755),
    "X6": (37.466839, 20.561411),
}
"""n and m by formula, six decimals."""


def asked(case: dict[str, Any]) -> Pair:
    return Pair(
        case["feed_fraction"],
        case["separation_factor"],
        case["target_purity_extract"],
        case["target_purity_raffinate"],
        case["feed"],
    )


@by_hand
def test_formulas_are_those_of_the_worked_examples(case: dict[str, Any]) -> None:
    pair, washed = asked(case), case["separation_factor_scrub"]
    design = xu_design(pair, washed)
    assert pair.extract_enrichment == pytest.approx(case["a"], rel=1e-9)
    assert pair.raffinate_enrichment == pytest.approx(case["b"], rel=1e-9)
    assert design.extraction_amount == pytest.approx(case["extraction_amount"], abs=5.1e-7)
    assert design.scrub_amount == pytest.approx(case["scrub_amount"], abs=5.1e-7)
    counted = design.extraction_stages, design.scrub_stages
    assert counted == pytest.approx(BY_FORMULA[case["name"].split()[0]], abs=5.1e-7)
    assert xu_stages(pair, design.extraction_amount, washed) == pytest.approx(counted, rel=1e-12)
    assert tuple(map(math.ceil, counted)) == (case["extraction_stages"], case["scrub_stages"])


@by_hand
def test_least_flows_and_stages_of_the_worked_examples(case: dict[str, Any]) -> None:
    """Underwood and Fenske, for complete separation and for the purities asked."""
    pair, share = asked(case), case["feed_fraction"]
    sharp = least_sharp((1 - share, share), (1.0, pair.factor), 1, pair.feed)
    assert sharp.extraction_amount == pytest.approx(case["least_extraction_amount"], abs=5.1e-7)
    assert pair.fewest_stages == pytest.approx(case["least_stages"], abs=1e-5)
    lost = pair.extract_amount * (1 - pair.extract), pair.raffinate_amount * (1 - pair.raffinate)
    shares = lost[0] / (1 - share), lost[1] / share
    assert fewest_stages(pair.factor, *shares) == pytest.approx(case["least_stages"], abs=1e-5)


@by_hand
def test_exact_stages_of_the_worked_examples(case: dict[str, Any]) -> None:
    """The sum of both sections, rounded up, is the fewest of the recursion; 0.003 over with two factors."""
    counted = pair_stages(asked(case), case["extraction_amount"], case["separation_factor_scrub"])
    total = LEAST_TOTAL[case["name"].split()[0]]
    assert sum(map(math.floor, counted)) < total <= sum(map(math.ceil, counted))
    assert total - 1 < sum(counted) < total + 0.003


@each_example
def test_no_cascade_of_a_stage_less_is_as_pure(case: dict[str, Any]) -> None:
    """The exact cascade, all splits of the fewest stages in all, and of one less."""
    pair, total = asked(case), LEAST_TOTAL[case["name"].split()[0]]
    amount = xu_design(pair).extraction_amount

    def reached(stages: int) -> bool:
        near = case["extraction_stages"]
        return any(
            exchanged(case, amount, pair.scrub_amount(amount), first, stages - first)
            >= pair.extract - 1e-9
            for first in range(max(1, near - 5), min(stages, near + 6))
        )

    assert reached(total)
    assert not reached(total - 1)


def exchanged(case: dict[str, Any], amount: float, washed: float, first: int, second: int) -> float:
    """Purity of the extract of an exact cascade."""
    share = case["feed_fraction"]
    flows, factors = np.array([1 - share, share]), np.array([1.0, case["separation_factor"]])
    found = solve_exchange(flows, factors, amount, washed, first, second, case["feed"])
    return float(found.extract[1] / found.extract.sum())


@pytest.mark.parametrize("case", PROFILES, ids=lambda it: it["name"])
def test_every_stage_of_the_exact_cascade_is_as_printed(case: dict[str, Any]) -> None:
    share, feed = case["feed_fraction"], case.get("feed", "aqueous")
    found = solve_exchange(
        np.array([1 - share, share]), np.array([1.0, case["separation_factor"]]),
        case["extraction_amount"], case["scrub_amount"],
        case["extraction_stages"], case["scrub_stages"], feed,
    )  # fmt: skip
    x, y = found.profiles()
    assert np.max(np.abs(x[:, 1] - np.array(case["aqueous_fraction"]))) <= PRINTED_TO
    assert np.max(np.abs(y[:, 1] - np.array(case["organic_fraction"]))) <= PRINTED_TO


def test_the_optimum_of_the_theory_touches_the_least_amount() -> None:
    """Where f_A = 1/(1 + sqrt(beta)) and both products are pure: stages by formula that do not do."""
    factor = 1.5
    share = 1 / (1 + math.sqrt(factor))
    pair = Pair(share, factor, 1 - 1e-9, 1 - 1e-9)
    design = xu_design(pair)
    assert design.extraction_amount == pytest.approx(1 / (factor - 1) + share, rel=1e-7)
    assert design.extraction_stages < 110
    more = 1.0001 * pair.least_extraction_amount
    assert sum(pair_stages(pair, more)) > 1.2 * (design.extraction_stages + design.scrub_stages)
