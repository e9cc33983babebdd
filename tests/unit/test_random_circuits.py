"""The robustness bench: circuits in range and mostly feasible, a runner that lets no bad number pass."""

from __future__ import annotations

import runpy
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from ytterby.arrays import jax
from ytterby.circuit.feasibility import refuse
from ytterby.elements import element

BENCH = Path(__file__).parents[2] / "bench"
DRAWS = 600
MOST_REJECTED = 0.3


@pytest.fixture(scope="module")
def bench() -> Any:
    """The module bench/random_circuits.py."""
    sys.path.insert(0, str(BENCH))
    try:
        import random_circuits
    finally:
        sys.path.remove(str(BENCH))
    return random_circuits


@pytest.fixture(scope="module")
def drawn(bench: Any) -> list[Any]:
    """Draws of the first seeds."""
    return [bench.draw(seed) for seed in range(DRAWS)]


def test_a_seed_fixes_the_circuit(bench: Any) -> None:
    assert bench.draw(7) == bench.draw(7)
    assert bench.draw(7).circuit.organic != bench.draw(8).circuit.organic


def test_every_axis_stays_in_its_range(bench: Any, drawn: list[Any]) -> None:
    ranges = {
        "components": bench.COMPONENTS,
        "stages": bench.STAGES,
        "organic over feed flow": bench.PHASE_RATIO,
        "feed metal g/L": bench.FEED_METAL,
        "feed pH": bench.FEED_PH,
        "saponification %": (0.0, 100 * bench.SAPONIFICATION[1]),
        "smallest separation factor": bench.SEPARATION,
        "largest separation factor": bench.SEPARATION,
        "decades of D": (0.0, bench.DECADES),
        "pH50 of the middle": bench.PH50,
        "smallest share of the feed": (1e-9, 1.0),
        "extractant mol/L": (0.1, 2.0),
        "scrub over feed flow": bench.SCRUB_FLOW,
        "scrub acid mol/L": (0.1, 8.0),
        "strip acid mol/L": (0.1, 8.0),
    }
    for name, (low, high) in ranges.items():
        values = np.array([bench.axes(one)[name] for one in drawn], dtype=float)
        assert np.nanmin(values) >= low * (1 - 1e-9) - 1e-12, name
        assert np.nanmax(values) <= high * (1 + 1e-9), name


def test_both_ends_of_every_axis_are_reached(bench: Any, drawn: list[Any]) -> None:
    feasible = [bench.axes(one) for one in drawn if not bench.infeasible(one)]

    def ends(name: str) -> tuple[float, float]:
        values = [axes[name] for axes in feasible]
        return float(np.nanmin(values)), float(np.nanmax(values))

    assert ends("components") == (1, 20)
    assert ends("stages")[0] == 2 and ends("stages")[1] > 380
    assert ends("organic over feed flow")[0] < 0.03 and ends("organic over feed flow")[1] > 40
    assert ends("feed metal g/L")[0] < 0.0015 and ends("feed metal g/L")[1] > 180
    assert ends("saponification %")[0] == 0 and ends("saponification %")[1] > 57
    assert ends("loop closed") == ends("reflux") == (0, 1)


def test_charges_two_three_and_four_occur(drawn: list[Any]) -> None:
    assert {charge for one in drawn for charge in one.charges} == {2, 3, 4}


def test_few_draws_are_rejected(bench: Any, drawn: list[Any]) -> None:
    rejected = sum(bool(bench.infeasible(one)) for one in drawn) / len(drawn)
    assert 0 < rejected < MOST_REJECTED


def test_nothing_feasible_is_refused_by_the_package(bench: Any, drawn: list[Any]) -> None:
    assert all(refuse(one.circuit) is None for one in drawn if not bench.infeasible(one))


def test_too_much_base_is_infeasible(bench: Any, drawn: list[Any]) -> None:
    saponified = next(one for one in drawn if one.circuit.organic.saponification > 0)
    organic = saponified.circuit.organic
    factor = 1.01 * bench.charges_of(saponified.circuit).free / saponified.circuit.base
    more = replace(organic, saponification=factor * organic.saponification)
    changed = replace(saponified, circuit=replace(saponified.circuit, organic=more))
    assert "base exceeds acid" in bench.infeasible(changed)


# Solved at a tenth of its base, without a steady state at all of it: stage 1 then runs out of acid and of
# free dimers together (confirmed by raising the base step by step).
SEED_WITHOUT_ROOM = 91


def test_base_without_room_beside_returned_metals_is_infeasible(bench: Any) -> None:
    full = bench.draw(SEED_WITHOUT_ROOM)
    assert "no room for its base" in bench.infeasible(full)
    organic = replace(
        full.circuit.organic, saponification=0.1 * full.circuit.organic.saponification
    )
    assert not bench.infeasible(replace(full, circuit=replace(full.circuit, organic=organic)))


def test_room_on_return_is_capacity_less_what_comes_back(bench: Any) -> None:
    """Weak metals are stripped: all dimers come back free. Very strong ones leave next to none."""
    closed = bench.draw(SEED_WITHOUT_ROOM)
    capacity = bench.charges_of(closed.circuit).capacity
    shifted = [
        replace(closed, log10_k=tuple(k + shift for k in closed.log10_k)) for shift in (-30.0, 30.0)
    ]
    weak, strong = (bench.room_on_return(one) for one in shifted)
    assert weak == pytest.approx(capacity, rel=1e-6)
    assert strong < 1e-6 * capacity


def test_chemistry_is_that_which_was_drawn(bench: Any) -> None:
    """D = 1 for the middle component at its pH50 and 0.5 mol/L of free dimer."""
    one = next(one for one in map(bench.draw, range(DRAWS)) if len(one.log10_k) == 5)
    charge = np.array([element(name).charge for name in one.circuit.elements])
    log10_d = np.array(one.log10_k) + charge * (np.log10(bench.REFERENCE_DIMER) + one.ph50)
    assert np.sort(log10_d)[2] == pytest.approx(0.0, abs=1e-12)
    model = bench.model(one)
    assert model.ln_k.shape == (8,)
    np.testing.assert_allclose(np.array(model.ln_k)[:5], np.array(one.log10_k) * np.log(10.0))
    np.testing.assert_array_equal(np.array(model.charge), [*charge, 0, 0, 0])


def test_drawing_solves_nothing() -> None:
    """The generator does not import the solver; what a steady state is, it cannot know."""
    text = (BENCH / "random_circuits.py").read_text(encoding="utf-8")
    assert "circuit.solve" not in text and "circuit.steady" not in text


@pytest.fixture(scope="module")
def runner() -> dict[str, Any]:
    """Names of bench/robustness.py."""
    sys.path.insert(0, str(BENCH))
    try:
        return runpy.run_path(str(BENCH / "robustness.py"))
    finally:
        sys.path.remove(str(BENCH))


SMALL_SEED = 6
"""3 stages, 9 elements, quick to compile."""


def test_the_runner_solves_and_scipy_confirms(bench: Any, runner: dict[str, Any]) -> None:
    (record,) = runner["solve_chunk"]([SMALL_SEED])
    assert (record.seed, record.outcome, record.attempt) == (SMALL_SEED, "solved", 1)
    assert max(record.closure, record.charge, record.equilibrium) < 1e-12
    confirmed = runner["_confirm"](bench.draw(SMALL_SEED))
    assert confirmed.small
    assert confirmed.difference < 1e-6 and confirmed.flat < 1e-6


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -1e-30])
@pytest.mark.parametrize("field", ["aqueous", "organic", "acid", "free_extractant"])
def test_no_bad_number_is_sound(runner: dict[str, Any], field: str, bad: float) -> None:
    fields = {"aqueous": (2, 3), "organic": (2, 3), "acid": (2,), "free_extractant": (2,)}
    profiles = SimpleNamespace(**{name: np.ones(shape) for name, shape in fields.items()})
    assert runner["_is_sound"](profiles)
    getattr(profiles, field).flat[-1] = bad
    assert not runner["_is_sound"](profiles)


def test_records_come_back_from_the_file(runner: dict[str, Any], tmp_path: Path) -> None:
    kind, path = runner["Solved"], tmp_path / "out.csv"
    first = kind(3, "solved", 1, 7, 0.25, 1e-15, 1e-14, 0.0, 2e-16)
    second = kind(4, "ValueError: a, b", 3)
    runner["append"](path, [first])
    runner["append"](path, [second])
    back = runner["read"](path, kind)
    assert back[0] == first
    assert (back[1].seed, back[1].outcome, back[1].attempt) == (4, "ValueError: a, b", 3)
    assert np.isnan(back[1].closure)


def test_a_chunk_holds_feasible_circuits_of_one_shape(bench: Any, runner: dict[str, Any]) -> None:
    groups = runner["chunks"](range(200))
    seeds = [seed for group in groups for seed in group]
    assert sorted(seeds) == [s for s in range(200) if not bench.infeasible(bench.draw(s))]

    def compiled_for(seed: int) -> str:
        leaves = jax.tree.leaves(bench.arrays(bench.draw(seed)))
        return str([(leaf.shape, leaf.dtype) for leaf in leaves])

    assert all(len(set(map(compiled_for, group))) == 1 for group in groups)
