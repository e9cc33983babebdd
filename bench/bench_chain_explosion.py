"""Backward mode: 20 demand lines over 60 months through the shipped recipes, swarf recycled.

A whole process first, imports and reading of the tables included: that is what a user waits for. Then phases
apart in one process, the walk warm. Bars stand beside the figures.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

LINES, MONTHS = 20, 60
TIMES = 7
BAR = 2.0
"""[s], of a whole process."""


def demands() -> list[object]:
    """Lines of every magnet in turn, 10 t a month and more."""
    from ytterby.chain.demand import Demand
    from ytterby.chain.months import month
    from ytterby.chain.recipe_book import materials

    asked = [it.name for it in materials().values() if it.form == "magnet"]
    start = month("2028-01")
    return [
        Demand(
            f"line {at}",
            "buyer",
            "DEU",
            "automotive",
            asked[at % len(asked)],
            {start + it: 10.0 + at for it in range(MONTHS)},
        )
        for at in range(LINES)
    ]


def once() -> None:
    """All that a process does to answer."""
    walk(network())


def network() -> object:
    """The shipped materials and recipes."""
    from ytterby.chain.network import Network
    from ytterby.chain.recipe_book import materials, recipes

    return Network(materials(), recipes(), {}, {})


def walk(chain: object) -> object:
    """The explosion, with the shipped times."""
    from ytterby.chain.explosion import Route, explode
    from ytterby.chain.leads import shipped_leads

    recycled = tuple(it for it in chain.recipes if it.startswith("recycle_swarf"))  # type: ignore[attr-defined]
    return explode(chain, demands(), Route(recycled=recycled), shipped_leads())  # type: ignore[arg-type]


def timed(work: Callable[[], object], times: int = TIMES) -> list[float]:
    """Wall times of a call [s]."""
    found = []
    for _ in range(times):
        begin = time.perf_counter()
        work()
        found.append(time.perf_counter() - begin)
    return found


def process(code: str) -> Callable[[], object]:
    """A call that runs a fresh Python."""
    return lambda: subprocess.run([sys.executable, "-c", code], check=True)


def main() -> None:
    from ytterby.chain.decisions import decisions
    from ytterby.chain.explosion import baskets

    whole = f"import sys; sys.path.insert(0, {os.path.dirname(os.path.abspath(__file__))!r}); "
    whole += "import bench_chain_explosion as it; it.once()"
    chain = network()
    found = walk(chain)
    rows = [
        ("python alone, a process", timed(process("")), None),
        ("explosion, a process", timed(process(whole)), BAR),
        ("explosion, warm", timed(lambda: walk(chain)), None),
        ("baskets, warm", timed(lambda: baskets(found)), None),  # type: ignore[arg-type]
        ("decision dates, warm", timed(lambda: decisions(found)), None),  # type: ignore[arg-type]
    ]
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, float64")
    print(f"{LINES} demand lines x {MONTHS} months")
    print(f"{'phase':26} {'median s':>9} {'min s':>8} {'max s':>8} {'bar s':>6}")
    for name, times, bar in rows:
        shown = f"{bar:6.1f}" if bar else ""
        print(
            f"{name:26} {statistics.median(times):9.4f} {min(times):8.4f} {max(times):8.4f} {shown}"
        )


if __name__ == "__main__":
    main()
