"""Times and masses on and off specification, on series written by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from running import four_stages
from ytterby.circuit.dynamics import HoldUp, Specification
from ytterby.circuit.dynamics.events import Period, Setting
from ytterby.circuit.dynamics.simulation import (
    Course,
    Inventory,
    OutletSeries,
    Simulation,
    Target,
)
from ytterby.circuit.dynamics.specification import how_met, settled_since
from ytterby.circuit.solved import Array
from ytterby.elements import element

TIMES = np.array([0.0, 1.0, 2.0, 4.0, 4.0, 5.0, 6.0])
"""Two periods; the event's time stands twice."""
ND, GD = (element(it).oxide_molar_mass for it in ("Nd", "Gd"))


def simulation(shares: Array, flows: Array | None = None, held: Array | None = None) -> Simulation:
    """A run whose one product is, by mass of oxides, ``shares`` Gd in a kg/h, or in ``flows``."""
    kg = np.ones(len(TIMES)) if flows is None else flows
    metals = np.stack([kg * (1 - shares) / ND, kg * shares / GD], axis=1)
    hours = np.diff(TIMES, prepend=0.0)[:, None]
    before = np.vstack([metals[:1], metals[:-1]])
    series = OutletSeries(
        name="strip liquor",
        phase="aqueous",
        flow=np.ones(len(TIMES)),
        metals=metals,
        acid=np.ones(len(TIMES)),
        sent=hours * (metals + before) / 2,
    )
    places = np.zeros((4, len(TIMES), 3, 2))
    places[0, :, 0, 1] = (np.zeros(len(TIMES)) if held is None else held) / GD
    fed = np.array([1.0 / ND, 1.0 / GD])
    target = Target(np.zeros((3, 4, 2)), np.array([0.0, 100.0 / GD]), {})
    setting = Setting(four_stages())
    courses = (
        Course(Period(0.0, 4.0, (), setting), 0, 4, fed, target, ""),
        Course(Period(4.0, 6.0, ("it",), setting), 4, 7, fed, None, "too short"),
    )
    return Simulation(
        circuit=four_stages(),
        holdup=HoldUp(),
        start="empty",
        events=(),
        duration=6.0,
        tolerance=1e-5,
        time=TIMES,
        courses=courses,
        outlets={"strip liquor": series},
        inventory=Inventory(places, np.zeros((len(TIMES), 2))),
        final=None,  # type: ignore[arg-type]
        distance=float("nan"),
        closure={},
        steps=0,
        rejected=0,
        newton=0,
        refusal=None,
        out_of_range=(),
        assumptions=(),
        sources=(),
    )


PURE = Specification("gd", "strip liquor", "Gd", purity_reo=0.9)


def test_purity_and_recovery_of_a_series() -> None:
    run = simulation(np.full(len(TIMES), 0.75))
    assert run.purity_reo("strip liquor", "Gd") == pytest.approx(0.75)
    assert run.recovery("strip liquor", "Gd") == pytest.approx(0.75)
    assert run.treo("strip liquor") == pytest.approx(1.0)


def test_without_product_there_is_no_purity() -> None:
    run = simulation(np.full(len(TIMES), 0.95), flows=np.array([0, 1e-9, 1, 1, 1, 1, 1.0]))
    assert np.isnan(run.purity_reo("strip liquor", "Gd")[:2]).all()
    first, _ = how_met(run, PURE)
    assert first.since == pytest.approx(2.0), "not before the first record with product"


def test_a_specification_is_met_between_records() -> None:
    """0.8 at 1 h, 0.95 at 2 h: 0.9 two thirds of the way."""
    run = simulation(np.array([0.5, 0.8, 0.95, 0.97, 0.97, 0.85, 0.8]))
    first, second = how_met(run, PURE)
    assert first.since == pytest.approx(1 + 2 / 3)
    assert first.hours_off == pytest.approx(1 + 2 / 3)
    assert (first.off, first.product) == pytest.approx((1 + 2 / 3, 4 - 1 - 2 / 3))
    assert second.since is None, "met at first and lost"
    lost = (0.97 - 0.9) / (0.97 - 0.85)
    assert second.hours_off == pytest.approx(1 - lost + 1)
    assert second.product == pytest.approx(lost)


def test_one_that_always_holds_or_never() -> None:
    always, never = simulation(np.full(7, 0.99)), simulation(np.full(7, 0.1))
    for met in how_met(always, PURE):
        assert (met.since, met.off, met.hours_off) == (met.course.period.begin, 0.0, 0.0)
    for met in how_met(never, PURE):
        assert (met.since, met.product) == (None, 0.0)


def test_purity_and_recovery_must_both_hold() -> None:
    run = simulation(np.full(7, 0.95), flows=np.array([1, 1, 1, 1, 1, 1, 0.5]))
    both = replace(PURE, recovery=0.9)
    first, second = how_met(run, both)
    assert first.since == 0.0
    assert second.since is None
    alone = replace(PURE, purity_reo=None, recovery=0.9)
    assert [met.since for met in how_met(run, alone)] == [0.0, None]


def test_settled_is_near_the_steady_inventory_and_stays() -> None:
    """Steady: 100 kg. 97.5 at 2 h, 99.5 at 4 h: within 1 % three quarters of the way."""
    run = simulation(np.full(7, 0.9), held=np.array([0, 50, 97.5, 99.5, 99.5, 99.5, 99.5]))
    first, second = settled_since(run)
    assert first == pytest.approx(3.5)
    assert second is None, "no steady state to settle to"
    over = simulation(np.full(7, 0.9), held=np.array([99.9, 120, 99.9, 97.0, 0, 0, 0]))
    assert settled_since(over)[0] is None


def test_phases_and_sections_add_up() -> None:
    places = np.random.default_rng(0).uniform(size=(4, 5, 3, 2))
    tank = np.random.default_rng(1).uniform(size=(5, 2))
    held = Inventory(places, tank)
    assert held.aqueous + held.organic == pytest.approx(held.total)
    assert held.sections.sum(axis=1) + tank == pytest.approx(held.total)
