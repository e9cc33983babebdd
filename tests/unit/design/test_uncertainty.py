"""Uncertain constants: draws, what they do to purities, and the design that bears them."""

from __future__ import annotations

import numpy as np
import pytest

from circuits import closely
from design_tasks import neodymium_samarium
from ytterby.design.optimum import ORGANIC, at_proportion, bounds_of
from ytterby.design.response import plan_of, shifted
from ytterby.design.uncertainty import (
    CORRELATION,
    SHARE_MET,
    covariance,
    draws_of,
    harmful_constants,
    robust_cut,
    sensitivities,
    share_met,
    uncertainties,
)


def test_draws_have_the_stated_covariance() -> None:
    task = neodymium_samarium().task
    drawn = draws_of(task, 200_000)
    assert np.cov(drawn.T) == pytest.approx(covariance(task), abs=3e-3)
    assert covariance(task)[0, 0] == closely(uncertainties(task)[0] ** 2, 1e-12)
    assert drawn[:5] == pytest.approx(draws_of(task, 200_000)[:5])


def test_fully_correlated_errors_of_equal_size_part_nothing_less() -> None:
    """A level that is off alike for all metals hardly changes purities: the organic flow takes it up."""
    made = neodymium_samarium()
    plan, _ = plan_of(made.task, made.stages)
    bounds = bounds_of(made.task)
    near = made.point.response
    moved = shifted(plan, np.full(4, 0.02))
    found, _ = at_proportion(made.point.free, float(near.operation[ORGANIC]), moved, bounds, near)
    assert found is not None
    one = shifted(plan, 0.02 * np.array([0.0, 0.0, 1.0, 0.0]))
    other, _ = at_proportion(made.point.free, float(near.operation[ORGANIC]), one, bounds, near)
    assert other is not None
    change = np.abs(found.response.measures - near.measures)[2:4].max()
    assert change < 0.25 * np.abs(other.response.measures - near.measures)[2:4].max()


def test_sensitivities_against_designs_run_with_other_constants() -> None:
    made = neodymium_samarium()
    plan, _ = plan_of(made.task, made.stages)
    bounds = bounds_of(made.task)
    near = made.point.response
    found = {it.element: it for it in sensitivities(made)}
    for number, name in enumerate(made.task.elements):
        step = np.zeros(4)
        step[number] = 1e-3
        ends = []
        for sign in (1, -1):
            moved = shifted(plan, sign * step)
            point, _ = at_proportion(
                made.point.free, float(near.operation[ORGANIC]), moved, bounds, near
            )
            assert point is not None
            ends.append(point.excess[:2])
        slope = (ends[0] - ends[1]) / 2e-3 * found[name].uncertainty
        told = np.log([found[name].raffinate, found[name].strip])
        assert told == pytest.approx(slope, rel=2e-2, abs=2e-3)


def test_harmful_constants_bring_the_keys_together() -> None:
    made = neodymium_samarium()
    harmful = dict(zip(made.task.elements, harmful_constants(made, 0.5, 1.645), strict=True))
    assert harmful["Sm"] - harmful["Nd"] < 0


def test_a_robust_variant_meets_more_draws_and_costs_more() -> None:
    made = neodymium_samarium()
    robust = robust_cut(made, draws=40)
    assert robust.met >= SHARE_MET > robust.met_before
    assert robust.designed.cost > made.cost
    assert max(robust.designed.wrong_side) < max(made.wrong_side)
    fresh = draws_of(made.task, 40, CORRELATION, seed=1)
    assert share_met(robust.designed, fresh) > share_met(made, fresh)
