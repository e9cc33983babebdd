"""Cascade theory of Xu Guangxian by constant separation factors: worked examples, limits, whole profiles.

The model holds the loading where base and scrub acid put it, so S of the theory is a third of the base and W
a third of the scrub acid, exactly. `S06.py` reaches the same profiles by mass action, in a limit.

Left out, and said here loudly: **example X5**, whose separation factor is 1.5 in the extraction and 1.4 in
the scrub section. A circuit has one equilibrium for all its stages, so a factor per section cannot be
expressed.
"""

from __future__ import annotations

import json
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


@each_example
def test_least_stages_are_what_the_targets_ask_for(case: dict[str, Any]) -> None:
    purity = case["target_purity_extract"] / (1 - case["target_purity_extract"])
    purity *= case["target_purity_raffinate"] / (1 - case["target_purity_raffinate"])
    asked = np.log(purity) / np.log(case["separation_factor"])
    assert asked == pytest.approx(case["least_stages"], abs=1e-5)
