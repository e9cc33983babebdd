"""A thousand different circuits of 60 stages x 15 rare earths, loop closed, cold: circuits per second.

Random feeds and flows as in ``bench_circuit``. One thread, then all cores; compilation is not counted.
"""

from __future__ import annotations

import os
import statistics
import time

import numpy as np

from bench_circuit import SEED, circuit
from ytterby.arrays import jax
from ytterby.circuit.batch import find_many
from ytterby.circuit.solve import ACCEPTED, arrays_of

CIRCUITS = 1000
STAGES = (26, 24, 10)


def main() -> None:
    rng = np.random.default_rng(SEED)
    problems = [arrays_of(circuit(STAGES, rng)) for _ in range(CIRCUITS)]
    find_many(problems[:2])
    cores = os.cpu_count() or 1
    print(f"{CIRCUITS} circuits of {sum(STAGES)} stages, seed {SEED}, {jax.default_backend()}")
    print(f"{'workers':>8} {'seconds':>8} {'per second':>11} {'solved':>7} {'median steps':>13}")
    for workers in sorted({1, cores}):
        begin = time.perf_counter()
        found = find_many(problems, workers)
        seconds = time.perf_counter() - begin
        solved = sum(float(one.steady.error) <= ACCEPTED for one in found)
        steps = statistics.median(int(one.steady.steps) for one in found)
        print(f"{workers:8d} {seconds:8.2f} {CIRCUITS / seconds:11.0f} {solved:7d} {steps:13.0f}")


if __name__ == "__main__":
    main()
