"""Design of a cut: it meets what is asked, no neighbour is cheaper, refusals say why."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from circuits import closely
from design_tasks import SHARES, neodymium_samarium, task
from ytterby.circuit.solve import solve_circuit
from ytterby.design.cut import design_cut, one_more_nine
from ytterby.design.optimum import (
    FREE,
    JUDGED,
    ORGANIC,
    at_proportion,
    bounds_of,
    optimise,
)
from ytterby.design.response import (
    Measures,
    Operation,
    Stages,
    by_constants,
    circuit_of,
    plan_of,
    respond,
    shifted,
)
from ytterby.design.search import COARSE
from ytterby.design.task import Limits, Specification
from ytterby.errors import CaseError, ConvergenceError


def test_the_specification_is_met_by_the_circuit_solved_from_a_cold_start() -> None:
    made = neodymium_samarium()
    solved = made.solved
    raffinate, strip = solved.streams["raffinate"], solved.streams["strip liquor"]
    light, heavy = ("Pr", "Nd"), ("Sm", "Gd")
    for stream, wrong, right in ((raffinate, heavy, light), (strip, light, heavy)):
        share = sum(map(stream.moles, wrong)) / sum(map(stream.moles, (*wrong, *right)))
        assert share <= 1e-3
    assert raffinate.moles("Nd") >= 0.999 * 600.0
    assert strip.moles("Sm") >= 0.999 * 600.0
    assert max(solved.closure.values()) < 1e-10
    bound = 1.0 - solved.profiles.free_extractant.min() / 1500.0
    assert bound <= 0.72
    assert made.run.saponification <= 0.36
    assert max(made.run.scrub_acid, made.run.strip_acid) <= 6000.0 * (1 + 1e-9)


def test_metal_left_on_the_stripped_organic_is_limited_at_a_price() -> None:
    cheapest = neodymium_samarium()
    assert cheapest.stripped > 0.006
    made = design_cut(task(limits=Limits(stripped=0.003)))
    left = 1.0 - made.solved.profiles.free_extractant[-1] / 1500.0
    assert left <= 0.003
    assert made.cost > cheapest.cost
    assert "metal left on the stripped organic" in [limit.name for limit in made.active]


def test_outlets_and_metals_may_be_asked_for_different_things() -> None:
    """A purer raffinate, and more of the best extracted metal than strip gives back at least cost."""
    cheapest = neodymium_samarium()
    lost = cheapest.solved.recovery("Gd", "raffinate")
    assert cheapest.wrong_side[0] > 1e-4 and lost > 1e-5
    asked = Specification(
        raffinate_wrong_side=1e-4, recoveries={"Gd": 1.0 - lost / 10.0, "Nd": 0.99}
    )
    made = design_cut(task(specification=asked))
    assert made.wrong_side[0] <= 1e-4 < made.wrong_side[1]
    assert made.solved.recovery("Gd", "raffinate") <= lost / 10.0 * (1 + 1e-9)
    assert made.recovery[0] >= 0.99 and made.recovery[1] >= 0.999


def test_what_is_reported_is_what_the_circuit_does() -> None:
    made = neodymium_samarium()
    measures = dict(zip(Measures._fields, np.exp(made.point.response.measures), strict=True))
    assert made.wrong_side == closely((measures["raffinate_wrong"], measures["strip_wrong"]), 1e-6)
    assert 1 - made.recovery[0] == closely(measures["light_lost"], 1e-6)
    assert made.cost == closely(measures["cost"], 1e-9)


def test_costs_by_hand() -> None:
    """Cells, reagents and power of the design from its streams and the tables, in another order.

    Molar masses by hand are as short as atomic weights in a table on the wall."""
    made = neodymium_samarium()
    run, costs = made.run, made.costs
    base = run.saponification * 1500.0 * run.organic_flow
    assert costs["base"] == closely(base * 0.039997 * 0.56 * 8000, 2e-5)
    acid = run.scrub_h + run.strip_flow * run.strip_acid
    assert costs["acid"] == closely(acid * 0.036458 / 0.35 * 0.15 * 8000, 2e-5)
    scrub = run.scrub_h / run.scrub_acid
    aqueous = np.repeat([2.0 + scrub, scrub, run.strip_flow], made.stages)
    volume = (aqueous + run.organic_flow) * 5.5 / 12.0
    yearly = 0.08 / (1 - 1.08**-20) + 0.04
    cell = 40000 / 1.13 * 815.59 / 816.0 * 2.97 * yearly
    assert costs["cells"] == closely(np.sum(cell * (volume / 5.5) ** 0.45), 1e-9)
    assert costs["power"] == closely(volume.sum() / 5.5 * 0.65 * 8000 * 0.08, 1e-9)


@pytest.mark.parametrize("section", [0, 1, 2])
@pytest.mark.parametrize("by", [-1, 1])
def test_no_neighbour_in_stages_is_cheaper(section: int, by: int) -> None:
    made = neodymium_samarium()
    numbers = list(made.stages)
    numbers[section] += by
    plan, _ = plan_of(made.task, Stages(*numbers))
    bounds = bounds_of(made.task)
    point, _ = at_proportion(
        made.point.free, float(made.point.response.operation[ORGANIC]), plan, bounds
    )
    assert point is not None
    found, _ = optimise(point, plan, bounds, COARSE)
    assert not found.meets or found.cost > made.point.cost - 5e-4


@pytest.mark.parametrize("variable", range(len(FREE) + 1))
@pytest.mark.parametrize("by", [-0.02, 0.02])
def test_no_neighbour_in_operation_is_cheaper(variable: int, by: float) -> None:
    """Each variable moved by 2 %, the organic flow following: dearer, or a limit is passed."""
    made = neodymium_samarium()
    plan, _ = plan_of(made.task, made.stages)
    bounds = bounds_of(made.task)
    free = made.point.free.copy()
    free[variable] += by
    near = made.point.response
    organic = float(near.operation[ORGANIC])
    point = (
        at_proportion(free, organic, plan, bounds, near)[0]
        or at_proportion(free, organic, plan, bounds)[0]
    )
    beyond = (free < bounds.lowest).any() or (free > bounds.highest).any()
    assert point is not None
    assert beyond or point.excess.max() > 1e-6 or point.cost > made.point.cost - 1e-6


def test_gradients_against_differences() -> None:
    made = neodymium_samarium()
    plan, _ = plan_of(made.task, made.stages)
    centre = made.point.response
    for index in range(len(Operation._fields)):
        step = np.zeros(len(Operation._fields))
        step[index] = 1e-6
        up, down = (respond(centre.operation + sign * step, plan, centre) for sign in (1, -1))
        assert up is not None and down is not None
        slope = (up.measures - down.measures) / 2e-6
        assert centre.gradient[:, index] == pytest.approx(slope, rel=1e-5, abs=1e-6)


def test_derivatives_by_constants_against_differences() -> None:
    made = neodymium_samarium()
    plan, _ = plan_of(made.task, made.stages)
    centre = made.point.response
    slopes = by_constants(centre, plan)
    for index in range(4):
        step = np.zeros(4)
        step[index] = 1e-5
        up, down = (
            respond(centre.operation, shifted(plan, sign * step), centre) for sign in (1, -1)
        )
        assert up is not None and down is not None
        slope = (up.measures - down.measures) / 2e-5
        assert slopes[:, index] == pytest.approx(slope, rel=1e-5, abs=1e-6)


def test_scaling_the_feed_scales_flows() -> None:
    """Twice the feed with twice all flows does the same to the metals."""
    made = neodymium_samarium()
    run = made.run
    doubled = run._replace(
        scrub_h=2 * run.scrub_h, organic_flow=2 * run.organic_flow, strip_flow=2 * run.strip_flow
    )
    solved = solve_circuit(circuit_of(task(flow=4.0), made.stages, doubled))
    assert solved.recovery("Nd", "raffinate") == closely(made.recovery[0], 1e-9)


def test_limits_that_it_stands_at_cost_something() -> None:
    """Loosening a limit that has a price by 1 % saves about 1 % of that price, designed anew."""
    made = neodymium_samarium()
    names = [limit.name for limit in made.active]
    assert "acid of the strip liquor" in names
    saving = next(it.saving for it in made.active if it.name == "acid of the strip liquor")
    wider = replace(made.task, limits=Limits(strip_acid=6060.0))
    plan, _ = plan_of(wider, made.stages)
    found, _ = optimise(made.point, plan, bounds_of(wider), 1e-8)
    assert made.point.cost - found.cost == pytest.approx(0.01 * saving, rel=0.05)


def test_one_more_nine_costs_more() -> None:
    made = neodymium_samarium()
    stricter = one_more_nine(made.task)
    assert stricter.specification == Specification(1e-4, pytest.approx(0.9999))  # type: ignore[arg-type]
    again = design_cut(stricter)
    assert max(again.wrong_side) <= 1e-4
    assert again.cost > made.cost
    assert again.stages.total > made.stages.total


def test_fewer_stages_than_fenske_are_never_found() -> None:
    made = neodymium_samarium()
    assert made.stages.extraction + made.stages.scrub >= made.shortcut.least_stages


def test_a_purity_that_no_circuit_reaches_says_the_best() -> None:
    with pytest.raises(ConvergenceError, match="best reached") as caught:
        design_cut(task(limits=Limits(stages=2)))
    [fault] = caught.value.faults
    assert "stands in the way" in fault.read
    assert "0.001 of each outlet" in fault.expected


REFUSED = {
    "an absent key": (lambda: task(cut=("Nd", "Tb")), "Tb, which the feed does not bring"),
    "one element twice": (lambda: task(cut=("Nd", "Nd")), "Nd twice"),
    "a key that is no rare earth": (
        lambda: task(cut=("Fe", "Pr"), metals={**SHARES, "Fe": 10.0}, assumed={"Fe": 1e-6}),
        "Fe, which is no rare earth",
    ),
    "more of a metal than there is": (
        lambda: task(specification=Specification(recoveries={"Gd": 1.0})),
        "recoveries.Gd",
    ),
    "an outlet that is half wrong": (
        lambda: task(specification=Specification(strip_wrong_side=0.5)),
        "strip_wrong_side",
    ),
    "keys in the wrong order": (lambda: task(cut=("Sm", "Nd")), r'cut = \["Nd", "Sm"\]'),
    "a metal between the keys": (lambda: task(cut=("Pr", "Sm")), "Nd between Pr and Sm"),
    "a share of half": (
        lambda: task(specification=Specification(wrong_side=0.6)),
        "less than half",
    ),
    "a recovery of everything": (
        lambda: task(specification=Specification(recovery=1.0)),
        "recovery",
    ),
    "no acid in the model": (
        lambda: replace(task(), equilibrium="Naphthenic-HCl-Z16"),
        "mass action",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refused(what: str) -> None:
    make, words = REFUSED[what]
    with pytest.raises(CaseError, match=words):
        make()


def test_judged_limits_have_words() -> None:
    from ytterby.design.cut import LIMIT_WORDS

    assert set(JUDGED) <= set(LIMIT_WORDS)
