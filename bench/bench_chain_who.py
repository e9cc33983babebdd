"""Who can do each stage: grades, answers, timelines, chains of actors and accounts of the shipped chain.

Whole processes, imports and tables among it, medians; the bar is 1 s. Processor time stands beside, which
other work on the machine does not stretch. Then the steps in one process.
"""

from __future__ import annotations

import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

BAR = 1.0
YEARS = tuple(range(2026, 2036))


def work() -> None:
    """All of it once."""
    from ytterby.chain import catalogue
    from ytterby.chain.actors import actor_chains, examine
    from ytterby.chain.capacity import promotion, shipped_rule, standings
    from ytterby.chain.grading import answers, grades, timeline
    from ytterby.chain.months import month

    steps: list[tuple[str, Callable[[], Any]]] = [
        ("tables and network", catalogue.network),
        ("evidence", catalogue.evidence),
        ("settings", shipped_rule),
        ("chains of actors, tables", actor_chains),
    ]
    for name, step in steps:
        timed(name, step)
    chain, rows, rule = catalogue.network(), catalogue.evidence(), shipped_rule()
    found = timed("grades", lambda: grades(rows, month("2026-05")))
    timed("timeline", lambda: timeline(rows))
    lines = tuple(chain.lines.values())
    timed(
        "answers", lambda: [answers(it, rows, month("2026-05"), lines) for it in chain.facilities]
    )
    timed("standings", lambda: standings(chain, found, rule))
    chains = actor_chains().values()
    timed(
        "chains of actors, held", lambda: [examine(it, chain, found, rule, 2028) for it in chains]
    )
    timed("accounts of ten years", lambda: promotion(chain, found, rule, YEARS))


def timed(name: str, step: Callable[[], Any]) -> Any:
    """What a step returns, its time printed [ms]."""
    begin = time.perf_counter()
    result = step()
    print(f"  {name:28} {1e3 * (time.perf_counter() - begin):8.1f} ms")
    return result


def process() -> tuple[float, float]:
    """Wall and processor time of one process that does all of it [s]."""
    begin, before = time.perf_counter(), _children()
    command = [sys.executable, __file__, "once"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begin, _children() - before


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    import numpy as np

    print(
        f"{platform.processor() or platform.machine()}, Python {platform.python_version()}, ",
        end="",
    )
    print(f"NumPy {np.__version__}, 64-bit floats")
    times = [process() for _ in range(7)]
    for name, seconds in zip(("wall", "processor"), zip(*times, strict=True), strict=True):
        print(f"whole process, {name:9} median {statistics.median(seconds):.2f} s, ", end="")
        print(f"{min(seconds):.2f} to {max(seconds):.2f} s of {len(seconds)}; bar {BAR:.1f} s")
    work()


if __name__ == "__main__":
    work() if sys.argv[1:] == ["once"] else main()
