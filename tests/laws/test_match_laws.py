"""What holds for every allocation: other solvers and enumeration agree, more never hurts, mass closes."""

from __future__ import annotations

import itertools
from dataclasses import replace

import clarabel
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csc_array, eye_array, vstack

from tiny_chain import facility, line, magnets
from ytterby.chain.demand import Demand
from ytterby.chain.match import Matched, Matcher, MatchTask, longest_lead
from ytterby.chain.network import Line, Material, Network, Recipe
from ytterby.chain.program import Program
from ytterby.chain.rules import Rule

FIRST = 12 * 2026
RULES = (
    Rule("nothing of BBB", countries=frozenset({"BBB"})),
    Rule(
        "no Dy oxide of CCC",
        countries=frozenset({"CCC"}),
        elements=frozenset({"Dy"}),
        forms=frozenset({"oxide"}),
    ),
    Rule("only metal of AAA", only=True, countries=frozenset({"AAA"}), stages=frozenset({"metal"})),
    Rule(
        "no magnets of CCC from the third month",
        countries=frozenset({"CCC"}),
        stages=frozenset({"magnet"}),
        since=FIRST + 2,
    ),
)
STAGES = {
    "mining": ("mine", "dig"),
    "separation": ("separate", "separate_clay"),
    "metal": ("Nd_metal", "Dy_metal"),
    "alloy": ("alloy", "alloy_lean"),
    "magnet": ("magnet", "magnet_lean"),
    "recycling": ("recycle",),
}
SIZE = {
    "mining": 40.0,
    "separation": 4.0,
    "metal": 3.0,
    "alloy": 5.0,
    "magnet": 3.0,
    "recycling": 2.0,
}
seeds = st.integers(0, 10**6)


def drawn(seed: int) -> MatchTask:
    """A task of up to three facilities per stage, three customers with rules, four months, drawn from a
    seed."""
    draw = np.random.default_rng(seed)
    base = magnets()
    facilities, lines = {}, {}
    for stage, recipes in STAGES.items():
        for number in range(int(draw.integers(1, 4))):
            name = f"{stage}{number}"
            facilities[name] = facility(name, str(draw.choice(["AAA", "BBB", "CCC"])))
            count = int(draw.integers(1, len(recipes) + 1))
            run = tuple(str(it) for it in draw.choice(recipes, count, replace=False))
            made = line(name, stage, *run)
            lines[made.key] = made
    network = Network(base.materials, base.recipes, facilities, lines)
    months = 4
    demands, qualified = [], {}
    for number in range(3):
        name = f"customer{number}"
        rules = tuple(rule for rule in RULES if draw.random() < 0.35)
        material = str(draw.choice(["magnet", "magnet_lean"]))
        demands.append(
            Demand(
                name, name, "AAA", str(draw.choice(["", "cars"])), material,
                {FIRST + it: float(draw.uniform(0, 2)) for it in range(months)},
                instead=("magnet",) if draw.random() < 0.3 and material != "magnet" else (),
                rules=rules,
                priority=float(draw.choice([1.0, 3.0])),
                stock=float(draw.choice([0.0, 0.5])),
            )
        )  # fmt: skip
        for maker in facilities:
            if maker.startswith("magnet") and draw.random() < 0.7:
                qualified[maker, name] = np.round(draw.uniform(0, 1.5, months).clip(0, 1), 2)
    materials = {name for it in demands for name in (it.material, *it.instead)}
    lead_in = longest_lead(network, materials, lines)
    capacity = {
        key: SIZE[it.stage] * draw.uniform(0, 1, lead_in + months) for key, it in lines.items()
    }
    stocks = {"Nd_oxide": float(draw.uniform(0, 2)), "magnet": 0.3, "alloy": 0.5}
    return MatchTask(
        network,
        tuple(demands),
        FIRST,
        months,
        capacity,
        qualified,
        stocks=stocks,
        rules=RULES[3:] if draw.random() < 0.3 else (),
        strict=False,
    )


def solved(task: MatchTask) -> Matched:
    """The lean allocation."""
    return Matcher(task).solve(lean=True)


def by_conic_solver(program: Program) -> float:
    """Least cost by the interior point of Clarabel, which shares no code with HiGHS."""
    matrix, width = program.matrix, program.cost.size
    equal = program.row_lower == program.row_upper
    above = ~equal & np.isfinite(program.row_lower)
    below = ~equal & np.isfinite(program.row_upper)
    box = eye_array(width, format="csc")
    left = csc_array(vstack([matrix[equal], -matrix[above], matrix[below], -box, box]))
    right = np.concatenate(
        [
            program.row_lower[equal],
            -program.row_lower[above],
            program.row_upper[below],
            -program.lower,
            program.upper,
        ]
    )
    cones = [
        clarabel.ZeroConeT(int(equal.sum())),
        clarabel.NonnegativeConeT(right.size - int(equal.sum())),
    ]
    options = clarabel.DefaultSettings()
    options.verbose = False
    options.tol_gap_abs = options.tol_gap_rel = options.tol_feas = 1e-9
    nothing = csc_array((width, width))
    found = clarabel.DefaultSolver(nothing, program.cost, left, right, cones, options).solve()
    assert str(found.status) in ("Solved", "AlmostSolved")
    return float(found.obj_val)


def test_another_solver_agrees_on_two_hundred_drawn_chains() -> None:
    short = 0
    for seed in range(200):
        matcher = Matcher(drawn(seed))
        found = matcher.solve()
        other = by_conic_solver(matcher.program)
        due = found.certificate.scale
        assert found.certificate.cost == pytest.approx(other, rel=0, abs=1e-6 * due), seed
        assert found.certificate.gap < 1e-9
        short += 1e-3 * due < found.certificate.cost < 0.999 * due
    assert short > 100  # most draws are neither all served nor all short


def simple(*lines: Line, countries: dict[str, str]) -> Network:
    """Ore to magnets one to one and at once, so that with whole numbers an optimum is whole."""
    ore, made = Material("ore", "", "ore", {"E": 0.5}), Material("part", "", "part", {"E": 0.5})
    recipes = (
        Recipe("dig", "", "mining", "ore", {}, {"ore": 1.0}),
        Recipe("make", "", "making", "part", {"ore": 1.0}, {"part": 1.0}),
    )
    return Network(
        {it.name: it for it in (ore, made)},
        {it.name: it for it in recipes},
        {name: facility(name, country) for name, country in countries.items()},
        {it.key: it for it in lines},
    )


def test_enumeration_with_rules_and_qualification() -> None:
    """One month, two mines, two makers, two customers, of whom one refuses a mine: every whole allocation
    tried."""
    countries = {"pit0": "AAA", "pit1": "BBB", "maker0": "AAA", "maker1": "AAA"}
    network = simple(
        line("pit0", "mining", "dig"),
        line("pit1", "mining", "dig"),
        line("maker0", "making", "make"),
        line("maker1", "making", "make"),
        countries=countries,
    )
    refusing = Rule("no ore of BBB", countries=frozenset({"BBB"}), stages=frozenset({"mining"}))
    draw = np.random.default_rng(5)
    for _ in range(40):
        sizes = {key: draw.integers(0, 4, 1).astype(float) for key in network.lines}
        due = draw.integers(0, 4, 2)
        open_way = draw.random((2, 2)) < 0.7
        demands = tuple(
            Demand(
                f"d{it}", "", "AAA", "cars", "part", {FIRST: float(due[it])},
                rules=(refusing,) if it == 0 else (),
            )
            for it in range(2)
        )  # fmt: skip
        qualified = {
            (f"maker{maker}", f"d{it}"): np.array([float(open_way[maker, it])])
            for maker in range(2)
            for it in range(2)
        }
        task = MatchTask(network, demands, FIRST, 1, sizes, qualified, strict=False)
        best = 0
        limits = [
            range(int(due[it]) + 1 if open_way[maker, it] else 1)
            for maker in range(2)
            for it in range(2)
        ]
        pits = [int(sizes[f"pit{it}", "mining"][0]) for it in range(2)]
        makers = [int(sizes[f"maker{it}", "making"][0]) for it in range(2)]
        for a0, a1, b0, b1 in itertools.product(*limits):
            if (
                a0 + a1 <= makers[0]
                and b0 + b1 <= makers[1]
                and a0 + b0 <= min(due[0], pits[0])
                and a1 + b1 <= due[1]
                and a0 + a1 + b0 + b1 <= sum(pits)
            ):
                best = max(best, a0 + a1 + b0 + b1)
        assert solved(task).shortage.sum() == pytest.approx(due.sum() - best, abs=1e-9)


def test_serving_at_once_is_best_for_one_customer() -> None:
    """One chain, six months, stocks: what is not served in its month is lost, so that greed is right."""
    network = simple(
        line("pit", "mining", "dig"),
        line("maker", "making", "make"),
        countries={"pit": "A", "maker": "A"},
    )
    draw = np.random.default_rng(6)
    for _ in range(40):
        dig, make, due = draw.integers(0, 5, (3, 6)).astype(float)
        capacity = {("pit", "mining"): dig, ("maker", "making"): make}
        asked = Demand("d", "", "AAA", "", "part", {FIRST + it: due[it] for it in range(6)})
        found = solved(MatchTask(network, (asked,), FIRST, 6, capacity, strict=False))
        ore = parts = short = 0.0
        for month in range(6):
            ore += dig[month]
            made = min(ore, make[month])
            ore, parts = ore - made, parts + made
            served = min(parts, due[month])
            parts, short = parts - served, short + due[month] - served
        assert found.shortage.sum() == pytest.approx(short, abs=1e-9)


def test_a_material_balance_that_knows_no_matrix() -> None:
    """Each material, each month: made and in stock before is used, delivered, kept or left over."""
    for seed in range(300, 330):
        task = drawn(seed)
        found = solved(task)
        net = {name: np.zeros(task.span) for name in task.network.materials}
        for (_, _, name, _), tonnes in found.runs.items():
            recipe = task.network.recipes[name]
            wait = task.wait(recipe)
            for made, amount in recipe.outputs.items():
                net[made][wait:] += amount * tonnes[: task.span - wait]
                assert not tonnes[task.span - wait :].any()
            for used, amount in recipe.inputs.items():
                net[used] -= amount * tonnes
        for (_, _, material), tonnes in found.shipments.items():
            net[material][task.lead_in :] -= tonnes
        for material, held in task.stocks.items():
            net[material][task.lead_in] += held - found.unused[material]
        kept = {name: np.zeros(task.span) for name in net}
        for (material, _), tonnes in found.stocks.items():
            kept[material] += tonnes
        for material, more in net.items():
            left = found.left.get(material, np.zeros(task.span))
            before = np.concatenate([[0.0], kept[material][:-1]])
            np.testing.assert_allclose(before + more, kept[material] + left, atol=1e-7)
            by_maker = sum(it for (_, name), it in found.leftovers.items() if name == material)
            assert by_maker == pytest.approx(left.sum(), abs=1e-6)


def test_every_element_closes_over_the_months() -> None:
    """From the ground and old stock = delivered + kept at the end + left over + lost in recipes."""
    for seed in range(400, 430):
        task = drawn(seed)
        found = solved(task)
        materials = task.network.materials
        for symbol in task.network.elements:
            share = {name: it.content.get(symbol, 0.0) for name, it in materials.items()}

            came = sum(share[it] * (held - found.unused[it]) for it, held in task.stocks.items())
            gone = sum(share[it] * tonnes.sum() for (_, _, it), tonnes in found.shipments.items())
            gone += sum(share[it] * tonnes for (_, it), tonnes in found.leftovers.items())
            gone += sum(share[it] * tonnes[-1] for (it, _), tonnes in found.stocks.items())
            for (_, _, name, _), tonnes in found.runs.items():
                recipe = task.network.recipes[name]
                if recipe.inputs:
                    gone += tonnes.sum() * recipe.lost(materials).get(symbol, 0.0)
                else:
                    came += sum(
                        share[it] * tonnes.sum() * amount for it, amount in recipe.outputs.items()
                    )
            assert gone == pytest.approx(came, rel=1e-7, abs=1e-7)


@settings(max_examples=25, deadline=None)
@given(seed=seeds, place=st.integers(0, 100), factor=st.floats(1.0, 3.0))
def test_more_capacity_is_never_worse(seed: int, place: int, factor: float) -> None:
    task = drawn(seed)
    key = list(task.capacity)[place % len(task.capacity)]
    matcher = Matcher(task)
    base = matcher.solve().certificate
    more = matcher.solve(capacity={key: factor * task.capacity[key]}).certificate
    less = matcher.solve(capacity={key: task.capacity[key] * 0.0}).certificate
    assert more.cost <= base.cost + 1e-7 * base.scale
    assert less.cost >= base.cost - 1e-7 * base.scale


@settings(max_examples=25, deadline=None)
@given(seed=seeds, place=st.integers(0, 100))
def test_a_supplier_less_is_never_better(seed: int, place: int) -> None:
    """The line leaves the program altogether; and as in a solution from the first optimum with no
    capacity."""
    task = drawn(seed)
    gone = list(task.capacity)[place % len(task.capacity)]
    base = Matcher(task)
    before = base.solve().certificate
    fewer = {key: it for key, it in task.capacity.items() if key != gone}
    after = Matcher(replace(task, capacity=fewer, run_in=task.lead_in)).solve().certificate
    warm = base.solve(capacity={gone: np.zeros(task.span)}).certificate
    assert after.cost >= before.cost - 1e-7 * before.scale
    assert warm.cost == pytest.approx(after.cost, rel=0, abs=1e-7 * before.scale)


@settings(max_examples=25, deadline=None)
@given(seed=seeds)
def test_a_rule_more_is_never_better(seed: int) -> None:
    task = drawn(seed)
    before = Matcher(task).solve().certificate
    after = Matcher(replace(task, rules=RULES)).solve().certificate
    assert after.cost >= before.cost - 1e-7 * before.scale


@settings(max_examples=25, deadline=None)
@given(seed=seeds)
def test_names_and_order_change_nothing(seed: int) -> None:
    task = drawn(seed)
    draw = np.random.default_rng(seed)
    names = list(task.network.facilities)
    new = dict(zip(names, (f"x{it}" for it in draw.permutation(len(names))), strict=True))
    order = [
        list(task.network.lines.values())[it] for it in draw.permutation(len(task.network.lines))
    ]
    lines = [replace(it, facility=new[it.facility]) for it in order]
    network = replace(
        task.network,
        facilities={
            new[name]: replace(it, name=new[name]) for name, it in task.network.facilities.items()
        },
        lines={it.key: it for it in lines},
        recipes=dict(reversed(task.network.recipes.items())),
    )
    other = replace(
        task,
        network=network,
        demands=tuple(reversed(task.demands)),
        capacity={(new[name], key): it for (name, key), it in task.capacity.items()},
        qualified={(new[name], demand): it for (name, demand), it in task.qualified.items()},
    )
    one, two = Matcher(task).solve().certificate, Matcher(other).solve().certificate
    assert one.cost == pytest.approx(two.cost, rel=0, abs=1e-9 * one.scale)
