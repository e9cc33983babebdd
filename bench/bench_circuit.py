"""The compiled solver: 60 stages x 15 rare earths, loop closed, cold guess, 20 different feeds.

The floor: factor and solve one dense block per stage and Newton step with LAPACK, nothing else. Times are
medians in one process; run pinned to one core (`taskset -c 0`) for a one-core figure.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

from ytterby.arrays import jax, jnp
from ytterby.circuit import Circuit, Inlet, Organic, Section
from ytterby.circuit.solve import ATTEMPTS, arrays_of, attempt
from ytterby.circuit.steady import TOLERANCE
from ytterby.elements import RARE_EARTHS

FEEDS = 20
SEED = 60
SIZES = ((13, 12, 5), (26, 24, 10), (54, 52, 20), (110, 104, 40), (216, 208, 80))


def circuit(stages: tuple[int, int, int], rng: np.random.Generator) -> Circuit:
    """0.5 mol/L feed of random composition, 36 % saponified; acid from the cascade's charge balance."""
    shares = np.maximum(rng.dirichlet(np.full(15, 0.3)), 1e-9)
    feed = 500.0 * shares / shares.sum()
    product, loaded = rng.uniform(0.2, 0.8), rng.uniform(1.6, 2.6)
    organic = 3 * 500.0 * loaded / (0.36 * 1500.0)
    liquors = (
        Inlet("feed", 1.0, 10.0, dict(zip(RARE_EARTHS, feed.tolist(), strict=True))),
        Inlet("scrub liquor", 3 * 500.0 * (loaded - product) / 4000.0, 4000.0, {}),
        Inlet("strip acid", 0.6 * organic, 6000.0, {}),
    )
    kinds = ("extraction", "scrub", "strip")
    return Circuit(
        name="bench",
        equilibrium="P507-HCl-v0",
        elements=RARE_EARTHS,
        organic=Organic(organic, 1500.0, 0.36, "NaOH", True),
        sections=tuple(map(Section, kinds, stages, liquors)),
    )


def seconds(work: Callable[[], object], times: int = 5) -> float:
    """Median time of a call whose result is waited for [s]."""
    found = []
    for _ in range(times):
        begin = time.perf_counter()
        jax.block_until_ready(work())
        found.append(time.perf_counter() - begin)
    return statistics.median(found)


def floor(stages: int, steps: float) -> float:
    """LAPACK on as many 17 x 17 blocks with 35 right-hand sides as the solver must factor [s]."""
    rng = np.random.default_rng(0)
    blocks, sides = rng.normal(size=(stages, 17, 17)), rng.normal(size=(stages, 17, 35))
    return steps * seconds(lambda: np.linalg.solve(blocks, sides))


def main() -> None:
    print(f"{'stages':>6} {'compile s':>9} {'median ms':>9} {'max ms':>8} {'steps':>6} "
          f"{'ms/step':>8} {'us/stage/step':>13} {'x LAPACK':>9} {'solved':>7}")  # fmt: skip
    for size in SIZES:
        rng = np.random.default_rng(SEED)
        limits = tuple(map(jnp.asarray, ATTEMPTS[0]))
        cases = [(*arrays_of(circuit(size, rng)), *limits) for _ in range(FEEDS)]
        begin = time.perf_counter()
        jax.block_until_ready(attempt(*cases[0]))
        compiled = time.perf_counter() - begin
        found = [attempt(*case) for case in cases]
        solved = [float(one.steady.error) <= TOLERANCE for one in found]
        steps = statistics.median(int(one.steady.steps) for one in found)
        times = [seconds(lambda case=case: attempt(*case)) for case in cases]
        median, stages = statistics.median(times), sum(size)
        print(f"{stages:6d} {compiled:9.2f} {1e3 * median:9.2f} {1e3 * max(times):8.2f} {steps:6.0f} "
              f"{1e3 * median / steps:8.3f} {1e6 * median / steps / stages:13.2f} "
              f"{median / floor(stages, steps):9.2f} {sum(solved):4d}/{len(solved)}")  # fmt: skip
    print(
        f"\nbar of the next step: 3 ms at 60 stages; tolerance {TOLERANCE:.0e} of each element's scale"
    )


if __name__ == "__main__":
    main()
