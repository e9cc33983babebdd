"""Circuits through time: 60 stages x 15 rare earths x 30 days from empty, loop closed.

Compiling apart from warm runs; a run is the whole of `simulate_circuit`, records and checks with it. Error:
the largest difference of what leaves and of what is held at the end of the first two days from a run at a
thousandth of the tolerance. Beside it the steady state of the same circuit, warm. Medians in one process; run
pinned to one core (`taskset -c 0`) for a one-core figure.
"""

from __future__ import annotations

import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ytterby.arrays import jax
from ytterby.circuit import Circuit, Inlet, Organic, Section
from ytterby.circuit.circuit import Place
from ytterby.circuit.dynamics import Event, NewLiquor, StoppedStage, WeakerAcid
from ytterby.circuit.dynamics.simulate import simulate_circuit
from ytterby.circuit.dynamics.simulation import Simulation
from ytterby.circuit.solve import arrays_of, find_steady
from ytterby.elements import RARE_EARTHS

MONTH = 720.0
"""[h]"""
TIMES = 5
METALS = {
    **{"La": 0.005, "Ce": 0.005, "Pr": 0.015, "Nd": 0.05, "Sm": 0.01, "Eu": 0.01},
    **{"Gd": 0.5, "Tb": 62.6, "Dy": 436.2, "Ho": 0.5, "Y": 0.05},
    **{"Er": 0.025, "Tm": 0.0005, "Yb": 0.0005, "Lu": 0.0005},
}
"""[mol/m3]"""


def circuit(stages: tuple[int, int, int] = (26, 24, 10)) -> Circuit:
    """Tb from Dy, as in the example."""
    liquors = (
        Inlet("feed", 0.854, 10.0, METALS),
        Inlet("scrub liquor", 0.301, 4000.0, {}),
        Inlet("strip acid", 0.46, 5000.0, {}),
    )
    return Circuit(
        name="bench",
        equilibrium="P507-HCl-v0",
        elements=RARE_EARTHS,
        organic=Organic(3.80, 1500.0, 0.36, "NaOH", True),
        sections=tuple(map(Section, ("extraction", "scrub", "strip"), stages, liquors)),
    )


def events() -> list[Event]:
    """Another feed, a weak strip acid and a stopped stage."""
    richer = replace(circuit().sections[0].inlet, concentrations={**METALS, "Tb": 70.0, "Ho": 2.0})
    return [
        Event("feed", 240.0, NewLiquor(richer)),
        Event("acid", 360.0, WeakerAcid("strip acid", 0.7), 8.0),
        Event("stage", 480.0, StoppedStage(Place("scrub", 12)), 24.0),
    ]


def timed(work: Callable[[], object], times: int = TIMES) -> tuple[float, float, float]:
    """Median, least and most time of a call whose result is waited for [s]."""
    found = []
    for _ in range(times):
        begin = time.perf_counter()
        jax.block_until_ready(work())
        found.append(time.perf_counter() - begin)
    return statistics.median(found), min(found), max(found)


def error(found: Simulation, exact: Simulation) -> tuple[float, float]:
    """Largest relative difference of what left over the run, and of what is held at its end."""
    sent = [
        np.max(np.abs(series.sent.sum(axis=0) / exact.outlets[name].sent.sum(axis=0) - 1.0))
        for name, series in found.outlets.items()
    ]
    held = np.abs(found.inventory.total[-1] / exact.inventory.total[-1] - 1.0)
    return float(max(sent)), float(np.max(held))


def main() -> None:
    print(f"{platform.processor() or platform.machine()}, jax {jax.__version__}, 64-bit floats\n")
    begin = time.perf_counter()
    simulate_circuit(circuit(), 1.0)
    print(f"compiled or loaded, and first run: {time.perf_counter() - begin:.1f} s")
    problem = arrays_of(circuit())
    steady, *_ = timed(lambda: find_steady(*problem).steady.state)
    print(f"steady state, warm: {1e3 * steady:.2f} ms\n")
    print(f"{'run':26} {'tolerance':>9} {'median s':>8} {'least':>6} {'most':>6} {'steps':>6} "
          f"{'rejected':>8} {'Newton':>7} {'x steady':>8} {'closure':>8}")  # fmt: skip
    for name, tolerance, more in (
        ("30 days", 1e-4, {}),
        ("30 days", 1e-5, {}),
        ("30 days", 1e-6, {}),
        ("30 days, three events", 1e-5, {"events": events()}),
        ("30 days from steady", 1e-5, {"start": "steady", "events": events()}),
    ):
        run = lambda more=more, tolerance=tolerance: simulate_circuit(  # noqa: E731
            circuit(), MONTH, tolerance=tolerance, **more
        )
        found = run()
        median, least, most = timed(run)
        print(f"{name:26} {tolerance:9.0e} {median:8.2f} {least:6.2f} {most:6.2f} {found.steps:6d} "
              f"{found.rejected:8d} {found.newton:7d} {median / steady:8.0f} "
              f"{max(found.closure.values()):8.0e}")  # fmt: skip
    print(f"\n{'error after two days':26} {'tolerance':>9} {'what left':>10} {'what is held':>12}")
    exact = simulate_circuit(circuit(), 48.0, tolerance=1e-8)
    for tolerance in (1e-4, 1e-5, 1e-6):
        sent, held = error(simulate_circuit(circuit(), 48.0, tolerance=tolerance), exact)
        print(f"{'':26} {tolerance:9.0e} {sent:10.1e} {held:12.1e}")
    print("\nbar: 60 stages x 15 elements x 30 days in at most 5 s, warm")


if __name__ == "__main__":
    main()
