"""Designs of the five cuts of the reference feed, and its order of cuts: warm, as multiples of a solve.

Run on one core for figures that compare: ``taskset -c 0 python bench/bench_design.py``.
"""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from ytterby.case import read
from ytterby.circuit.solve import Problem, arrays_of, find_steady
from ytterby.design.cut import design_cut
from ytterby.design.sequence import sequence_cuts

EXAMPLES = Path(__file__).parent.parent / "examples"
BAR, SEQUENCE_BAR = 10.0, 60.0
"""Seconds that a design and a sequence may take."""


def seconds(function, *arguments):  # type: ignore[no-untyped-def]
    """What a call returns, and how long it takes."""
    start = time.perf_counter()
    found = function(*arguments)
    return found, time.perf_counter() - start


def solved(problem: Problem) -> float:
    """The imbalance of a cold solve, waited for."""
    return float(find_steady(*problem).steady.error)


def main() -> None:
    """Print a line per design, then one for the sequence."""
    for name, plan in read(EXAMPLES / "design.toml").designs.items():
        design_cut(plan.task)  # compiles
        made, taken = seconds(design_cut, plan.task)
        problem = arrays_of(made.solved.circuit)
        one = statistics.median(seconds(solved, problem)[1] for _ in range(20))
        print(
            f"{name}: {'+'.join(map(str, made.stages))} stages, {made.cost / 1e6:.3f} MEUR/year, "
            f"{taken:.2f} s (bar {BAR:.0f}), {made.circuits_solved} circuits with gradients, "
            f"{taken / one:.0f} times one cold solve of the result ({1000 * one:.1f} ms)"
        )
    for name, plan in read(EXAMPLES / "sequence.toml").sequences.items():
        sequence_cuts(plan.task, plan.verified)
        made, taken = seconds(sequence_cuts, plan.task, plan.verified)
        circuits = {id(it) for designed in made.designed for it in designed.designs.values()}
        print(
            f"{name}: {len(plan.task.order)} metals into {len(plan.task.products)} products, "
            f"{len(made.ranked)} sequences ranked, {len(made.designed)} designed of "
            f"{len(circuits)} different circuits, best {made.designed[0].cost / 1e6:.3f} MEUR/year, "
            f"{taken:.1f} s (bar {SEQUENCE_BAR:.0f})"
        )


if __name__ == "__main__":
    main()
