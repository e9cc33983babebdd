"""Other programs on their own cases, in one run: seconds of each, and the ratio.

    PROMMIS_PYTHON=... DIFFLOW_PYTHON=... python bench/bench_peers.py

Each variable names a Python that has the program (prommis 1.1.0 with IPOPT on its PATH; difflow 0.2.2). A
program that is not given is said to be missing. The products are compared in ``tests/papers``. Ours: warm,
cold start, median of 20; theirs: as they ship, everything a user waits for once imported (prommis: build,
scale, initialise, solve; difflow: a warm call with another feed, plain and inside ``jax.jit``).
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parent.parent / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "papers")]

import DIFFLOW  # noqa: E402
import S01  # noqa: E402

from ytterby.arrays import jax  # noqa: E402
from ytterby.circuit.solve import ACCEPTED, arrays_of, find_steady  # noqa: E402

PROMMIS = """
import json, sys, time
from idaes import cfg
from idaes.core.solvers import get_solver
from prommis.solvent_extraction import solvent_extraction_steady as shipped
cfg.ipopt_v2.options.linear_solver = "mumps"
begin = time.perf_counter()
model = shipped.build_model(5, int(sys.argv[1]), has_holdup=False)
shipped.set_inputs(model, 5, has_holdup=False)
shipped.scale_model(model)
model.fs.solex.default_initializer().initialize(model.fs.solex)
ready = time.perf_counter()
get_solver("ipopt_v2").solve(model)
end = time.perf_counter()
print(json.dumps({"total": end - begin, "solve": end - ready}))
"""
DIFFLOW_RUN = """
import json, sys, time
import jax, numpy as np
from difflow_ree import get_element
from difflow_ree.equilibrium import SaponifiedParams, SaponifiedSection
elements = "La Ce Pr Nd Sm Eu Gd Tb Dy Y".split()
section = SaponifiedSection(SaponifiedParams(
    n_stages=int(sys.argv[1]), extractant="PC88A", elements=tuple(elements),
    aqueous_volumetric_flow=1.0, organic_volumetric_flow=1.0, extractant_conc=1.0,
    saponification_degree=0.35, counter_ion="Na", anion="Cl"))
moles = np.array([float(sys.argv[2]) / 10 / float(get_element(e).atomic_weight) for e in elements])
make = section.schema
solvent = make.saponified_organic(1.0, 0.35, monomers_per_component=2.0, diluent_flow=4.0)
def feed(flows):
    return make.make_aqueous(dict(zip(elements, flows)), acid=0.01, counter_ion=0.0, water=55.0)
def plain(flows):
    return section(feed(flows), solvent, T=298.15)[2]["solution"].u
first = feed(moles)
def inside(flows):
    changed = dict(first, **{f"F_{e}": flows[i] for i, e in enumerate(elements)})
    changed["F_Cl"] = 3.0 * flows.sum() + changed["F_H"] + changed["F_Na"]
    return section.solve(changed, solvent, T=298.15).u
found = {}
for name, call in (("plain", plain), ("jitted", jax.jit(inside))):
    jax.block_until_ready(call(moles))
    times = []
    for turn in range(5):
        flows = moles * np.linspace(0.91, 1.09, 10) * (1 + 0.01 * turn)
        begin = time.perf_counter()
        u = jax.block_until_ready(call(flows))
        times.append(time.perf_counter() - begin)
    found[name], found["finite"] = sorted(times)[2], bool(np.all(np.isfinite(np.asarray(u))))
print(json.dumps(found))
"""


def theirs(variable: str, program: str, *arguments: float) -> dict[str, Any] | None:
    """What the peer's run prints; None if no Python that has it is named, or it fails."""
    python = os.environ.get(variable)
    if not python:
        return None
    quiet = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [python, "-c", program, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, env=quiet, timeout=400)
    if done.returncode != 0:
        print(done.stderr.splitlines()[-1] if done.stderr else "failed", file=sys.stderr)
        return None
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def ours(problem: Any) -> tuple[float, bool]:
    """Seconds of a warm solve from a cold start, median of 20, and whether it was solved."""
    found = find_steady(*problem)
    times = []
    for _ in range(20):
        begin = time.perf_counter()
        jax.block_until_ready(find_steady(*problem))
        times.append(time.perf_counter() - begin)
    return statistics.median(times), float(found.steady.error) <= ACCEPTED


def ratio(seconds: float | None, own: float) -> str:
    return "" if seconds is None else f"{seconds:9.3f} s {seconds / own:8.0f} x"


def main() -> None:
    print("PrOMMiS load section, 12 metals: ours | theirs, all | theirs, IPOPT call alone")
    for stages in (1, 3, 10, 20, 100):
        own, solved = ours(arrays_of(S01.circuit(stages)))
        peer = theirs("PROMMIS_PYTHON", PROMMIS, stages) or {}
        print(f"{stages:5d} stages {1e3 * own:8.2f} ms {'' if solved else 'NOT SOLVED'} | "
              f"{ratio(peer.get('total'), own) or 'missing'} | {ratio(peer.get('solve'), own)}")  # fmt: skip
    print("difflow PC88A, 10 rare earths and Na: ours | theirs, warm | theirs, inside jit")
    for case in DIFFLOW.CASES:
        inputs, layout, _ = arrays_of(DIFFLOW.circuit(case))
        own, solved = ours((inputs, layout, DIFFLOW.constants()))
        stages, feed = case["stages"], case["feed_g_per_l"]
        peer = theirs("DIFFLOW_PYTHON", DIFFLOW_RUN, stages, feed) if stages <= 20 else {}
        peer = peer or {}
        print(f"{stages:5d} stages {feed:5.0f} g/L {1e3 * own:8.2f} ms {'' if solved else 'NOT SOLVED'} | "
              f"{ratio(peer.get('plain'), own) or 'missing'} | {ratio(peer.get('jitted'), own)} "
              f"{'' if peer.get('finite', True) else 'their answer is NaN'}")  # fmt: skip


if __name__ == "__main__":
    main()
