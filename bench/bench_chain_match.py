"""Allocation of a drawn chain of 126 facilities, 20 materials, 60 months and 3 classes of rules: build,
solve, solve again.

Run on two cores for figures that compare: ``taskset -c 0,1 python bench/bench_chain_match.py``.
"""

from __future__ import annotations

import statistics
import sys
import time

import numpy as np

from ytterby.chain.demand import Demand
from ytterby.chain.match import Matcher, MatchTask, longest_lead
from ytterby.chain.network import Facility, Line, Material, Network, Range, Recipe
from ytterby.chain.rules import Rule

BAR = 15.0
"""Seconds that a first solution may take."""
MONTHS, FIRST, SEEDS, AGAIN = 60, 12 * 2026, (1, 2, 3), 20
COUNTRIES = ("AAA", "BBB", "CCC", "DDD", "EEE", "FFF")
GRADES = 6
STAGES = {"mining": 40, "separation": 26, "metal": 20, "alloy": 16, "magnet": 24}
"""Facilities of each stage, 126 in all."""


def chain() -> tuple[dict[str, Material], dict[str, Recipe]]:
    """20 materials and 22 recipes: 3 ores, 2 oxides and a by-product, 2 metals, 6 alloys, 6 finished
    parts."""
    light = {"L": 0.04, "H": 0.002, "B": 0.06}
    heavy = {"L": 0.004, "H": 0.01, "B": 0.004}
    share = np.linspace(0.0, 0.08, GRADES)
    materials = [
        Material("ore", "", "ore", light),
        Material("clay", "", "ore", heavy),
        Material("scrap", "", "scrap", {"L": 0.28, "H": 0.02}),
        Material("L_oxide", "", "oxide", {"L": 0.85}),
        Material("H_oxide", "", "oxide", {"H": 0.87}),
        Material("B_oxide", "", "oxide", {"B": 0.85}),
        Material("L_metal", "", "metal", {"L": 1.0}),
        Material("H_metal", "", "metal", {"H": 1.0}),
    ]
    recipes = [
        Recipe("mine", "", "mining", "ore", {}, {"ore": 1.0}, 1),
        Recipe("dig", "", "mining", "clay", {}, {"clay": 1.0}, 1),
        Recipe("collect", "", "mining", "scrap", {}, {"scrap": 1.0}, 0),
        Recipe(
            "crack", "", "separation", "L_oxide", {"ore": 24.0},
            {"L_oxide": 1.0, "H_oxide": 0.05, "B_oxide": 1.6}, 2,
        ),
        Recipe(
            "leach", "", "separation", "H_oxide", {"clay": 100.0},
            {"H_oxide": 1.0, "L_oxide": 0.4, "B_oxide": 0.4}, 2,
        ),
        Recipe(
            "recycle", "", "separation", "scrap", {"scrap": 1.0},
            {"L_oxide": 0.3, "H_oxide": 0.02}, 1,
        ),
        Recipe("L_metal", "", "metal", "L_metal", {"L_oxide": 1.22}, {"L_metal": 1.0}, 1),
        Recipe("H_metal", "", "metal", "H_metal", {"H_oxide": 1.2}, {"H_metal": 1.0}, 1),
    ]  # fmt: skip
    for grade, part in enumerate(share):
        content = {"L": 0.3 - float(part), "H": float(part)}
        content = {name: it for name, it in content.items() if it > 0}
        materials += [
            Material(f"alloy_{grade}", "", "alloy", content),
            Material(f"part_{grade}", "", "part", content),
        ]
        metals = {f"{name}_metal": 1.03 * it for name, it in content.items()}
        alloy, made = f"alloy_{grade}", f"part_{grade}"
        returned = min(0.25, 0.3 * float(part) / 0.02)
        swarf = {made: 1.0, **({"scrap": returned} if returned else {})}
        recipes += [
            Recipe(alloy, "", "alloy", alloy, metals, {alloy: 1.0}, 1),
            Recipe(made, "", "magnet", made, {alloy: 1.35}, swarf, 2),
        ]
    return {it.name: it for it in materials}, {it.name: it for it in recipes}


def drawn(seed: int) -> MatchTask:
    """A task with lines, capacities, qualifications and demands drawn from a seed."""
    draw = np.random.default_rng(seed)
    materials, recipes = chain()
    of_stage: dict[str, list[str]] = {}
    for recipe in recipes.values():
        of_stage.setdefault(recipe.stage, []).append(recipe.name)
    size = {"mining": 30000.0, "separation": 900.0, "metal": 900.0, "alloy": 1400, "magnet": 700}
    facilities, lines = {}, {}
    for stage, count in STAGES.items():
        for number in range(count):
            name = f"{stage}{number}"
            country = COUNTRIES[int(draw.integers(len(COUNTRIES)))]
            facilities[name] = Facility(name, name, name, name, country, None, None, "operating")
            known = of_stage[stage]
            most = len(known) if stage in ("alloy", "magnet") else 2
            runs = draw.choice(known, int(draw.integers(1, most + 1)), replace=False)
            yearly = float(size[stage] * draw.lognormal(0.0, 0.8))
            line = Line(name, stage, stage, tuple(runs), Range(yearly, yearly, yearly))
            lines[line.key] = line
    network = Network(materials, recipes, facilities, lines)
    rules = (
        (),
        (Rule("nothing of AAA", countries=frozenset({"AAA"})),),
        (
            Rule("nothing of AAA", countries=frozenset({"AAA"})),
            Rule("no metal of BBB", countries=frozenset({"BBB"}), forms=frozenset({"metal"})),
        ),
    )
    makers = [name for name in facilities if name.startswith("magnet")]
    demands, qualified = [], {}
    for number in range(36):
        name, grade = f"customer{number}", int(draw.integers(GRADES))
        due = float(draw.lognormal(3.2, 0.7)) * np.linspace(0.7, 1.3, MONTHS)
        due *= draw.uniform(0.8, 1.2, MONTHS)
        demands.append(
            Demand(
                name, name, "AAA", "cars", f"part_{grade}",
                {FIRST + it: float(tonnes) for it, tonnes in enumerate(due)},
                instead=(f"part_{grade + 1}",) if grade + 1 < GRADES else (),
                rules=rules[number % 3],
                priority=float(draw.choice([1.0, 2.0])),
            )
        )  # fmt: skip
        for maker in draw.choice(makers, 8, replace=False):
            since = int(draw.integers(-30, 40))
            qualified[str(maker), name] = (np.arange(MONTHS) >= since).astype(float)
    asked = {name for it in demands for name in (it.material, *it.instead)}
    lead_in = longest_lead(network, asked, lines)
    capacity = {}
    for key, line in lines.items():
        monthly = np.full(lead_in + MONTHS, line.capacity.value / 12)
        if draw.random() < 0.25:  # a line that starts within the months, and ramps up
            start = lead_in + int(draw.integers(0, 40))
            monthly *= np.clip((np.arange(monthly.size) - start) / 12, 0.0, 1.0)
        capacity[key] = monthly
    return MatchTask(
        network, tuple(demands), FIRST, MONTHS, capacity, qualified, stocks={"L_oxide": 300.0}
    )


def main() -> None:
    """Print a line per seed."""
    for seed in SEEDS if len(sys.argv) < 2 else map(int, sys.argv[1:]):
        task = drawn(seed)
        began = time.perf_counter()
        matcher = Matcher(task)
        first = matcher.solve()
        lean = matcher.solve(lean=True)
        whole = time.perf_counter() - began
        program = matcher.program
        rows, columns = program.matrix.shape
        draw = np.random.default_rng(seed)
        keys = list(task.capacity)
        again = []
        for number in draw.choice(len(keys), AGAIN, replace=False):
            gone = {keys[number]: np.zeros(task.span)}
            again.append(matcher.solve(capacity=gone).seconds)
        times = [it["build"] + it["solve"] for it in again]
        print(
            f"seed {seed}: {len(task.network.facilities)} facilities, "
            f"{len(task.network.materials)} materials, {task.span} months, "
            f"{len(first.classes)} classes, {rows} rows, {columns} columns, "
            f"{program.matrix.nnz} coefficients; build {first.seconds['build']:.2f} s, "
            f"solve {first.seconds['solve']:.2f} s, leanest {lean.seconds['solve']:.2f} s more, "
            f"whole {whole:.2f} s (bar {BAR:.0f}); "
            f"again without one line {statistics.median(times):.2f} s "
            f"({min(times):.2f} to {max(times):.2f}); short {first.shortage.sum():.1f} of "
            f"{sum(it.due.sum() for it in first.served.values()):.1f} t; "
            f"{first.certificate.words}"
        )


if __name__ == "__main__":
    main()
