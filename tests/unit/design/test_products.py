"""From what products must be to what circuits must meet: allowances add up, whatever the sequence."""

from __future__ import annotations

from collections import Counter

import pytest

from circuits import closely
from ytterby.circuit.circuit import Inlet
from ytterby.design.conditioning import CONDITIONING, Conditioner, Liquor
from ytterby.design.costs import Prices
from ytterby.design.products import Allowances, ProductSpecification, allowances, specification_of
from ytterby.design.steps import Joint, trees

PRODUCTS = (("Pr", "Nd"), ("Sm", "Eu", "Gd"), ("Tb",), ("Dy",), ("Ho", "Er"))
FED = {"Pr": 100.0, "Nd": 500.0, "Sm": 300.0, "Eu": 70.0, "Gd": 350.0, "Tb": 50.0, "Dy": 370.0,
       "Ho": 60.0, "Er": 140.0}  # fmt: skip
ASKED = tuple(
    ProductSpecification(purity, recovery)
    for purity, recovery in (
        (0.99, 0.99),
        (0.995, 0.98),
        (0.9999, 0.97),
        (0.999, 0.99),
        (0.99, 0.95),
    )
)


def known() -> Allowances:
    return allowances(PRODUCTS, ASKED, FED)


@pytest.mark.parametrize("side_draws", [False, True])
def test_what_all_circuits_may_send_into_a_product_is_what_it_bears(side_draws: bool) -> None:
    """Intruders in the outlets that are products, and losses of every metal, summed over each sequence."""
    for tree in trees(0, 5, side_draws):
        into, lost = Counter[int](), Counter[str]()
        for step in tree:
            own = [name for it in PRODUCTS[step.first : step.end] for name in it]
            arriving = {name: FED[name] for name in own}
            asked = specification_of(step, known(), arriving)
            for share, (_, span) in zip(asked.wrong_sides, step.outlets.items(), strict=True):
                moles = sum(FED[name] for it in PRODUCTS[span.first : span.end] for name in it)
                end = span.end - 1 if span.first == step.first else span.first
                into[end] += share / (1.0 - share) * moles
            for name, kept in asked.recoveries.items():
                lost[name] += (1.0 - kept) * arriving[name]
        for place, (metals, it) in enumerate(zip(PRODUCTS, ASKED, strict=True)):
            whole = it.recovery * sum(FED[name] for name in metals)
            assert whole / (whole + into[place]) >= it.purity
            for name in metals:
                assert lost[name] <= (1.0 - it.recovery) * FED[name]


def test_a_small_product_asks_much_of_a_large_outlet() -> None:
    """Terbium of four nines beside 1,800 mol/h: a wrong side of parts per million."""
    tree = next(it for it in trees(0, 5) if (it[0].first, it[0].split) == (0, 3))
    asked = specification_of(tree[0], known(), FED)
    borne = 0.95 * 1e-4 / 0.9999 * 0.97 * 50.0 / 2.0
    light = sum(FED[name] for it in PRODUCTS[:3] for name in it)
    assert asked.wrong_sides[0] == closely(borne / (light + borne), 1e-12)
    assert asked.wrong_sides[0] < 2e-6


def test_a_draw_holds_no_more_strangers_than_its_product_bears() -> None:
    joint = Joint(1, 2, 3, 5, "extraction")
    arriving = {name: FED[name] for it in PRODUCTS[1:] for name in it}
    asked = specification_of(joint, known(), arriving)
    borne = 0.95 * 1e-4 / 0.9999 * 0.97 * 50.0 / 2.0
    assert (1.0 - asked.recoveries["Dy"]) * 370.0 <= borne * (1 + 1e-9)


# --- conditioning

FEED = Inlet("feed", 2.0, 10.0, {"Nd": 600.0, "Sm": 400.0})


def test_conditioning_by_hand() -> None:
    """1,000 mol/h in 3 m3/h with 2,010 mol/h of acid: 2,000 mol of NaOH and 2 m3 of water an hour."""
    costs = Conditioner(FEED, "NaOH", Prices()).costs(Liquor(3.0, 2010.0, 1000.0))
    assert tuple(costs) == CONDITIONING
    assert costs["neutralisation"] == closely(2000.0 * 0.039997 * 0.56 * 8000.0, 2e-5)
    assert costs["evaporation"] == closely(2.0 * 0.030 * 80.0 * 8000.0, 1e-9)
    assert costs["water"] == 0.0


def test_a_strong_liquor_is_thinned_and_a_weak_acid_is_left() -> None:
    conditioner = Conditioner(FEED, "NaOH", Prices({"process_water": 2.0}))
    costs = conditioner.costs(Liquor(0.25, 1.0, 1000.0))
    assert costs == {"neutralisation": 0.0, "evaporation": 0.0, "water": closely(12000.0, 1e-9)}
    assert {it.item for it in conditioner.used} >= {"NaOH", "process_water", "evaporation_power"}
