"""Solve the random circuits of ``random_circuits.draw``, judge each independently, and count.

    python bench/robustness.py --seeds 0:10000 --workers 2 --out build/robustness.csv
    python bench/robustness.py --seeds 0:10000 --workers 2 --resume build/robustness.csv
    python bench/robustness.py --seeds 0:10000 --resume build/robustness.csv --confirm 500

Circuits of one padded shape are solved together, so each shape is compiled once. Rows are appended a chunk
at a time: stop at will, ``--resume`` takes up what is missing. ``--confirm`` compares solved circuits with
scipy on all unknowns at once, by a residual of its own.
"""

from __future__ import annotations

import argparse
import csv
import io
import logging
import os
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from random_circuits import Drawn, arrays, axes, draw, infeasible
from ytterby.circuit.network import ELEMENT_SIZES, STAGE_SIZES, padded

if TYPE_CHECKING:
    from ytterby.circuit.solve import Attempt
    from ytterby.circuit.solved import Profiles

Array = NDArray[np.float64]
Record = TypeVar("Record", "Solved", "Confirmed")

CHUNK = 100
"""Most circuits that are written at once."""
CLOSURE = 1e-10
"""Largest imbalance, relative to the scale of ``balance.closure``, of a result that is no silent failure."""
EQUILIBRIUM = 1e-8
"""The same for ln D and for the dimers."""
GROUPS_OF_A_WORKER = 10
"""After so many a worker starts afresh: compiled shapes would pile up."""
ONE_THREAD = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
"""Workers share the machine: one thread each."""


@dataclass(frozen=True)
class Solved:
    """What came of one seed."""

    seed: int
    outcome: str
    """``solved``, ``not_converged``, ``refused``, ``silent_failure`` or the text of an exception."""
    attempt: int = 0
    """Which of ``solve.ATTEMPTS`` came last, from 1."""
    steps: int = 0
    """Newton steps of the attempt that was kept."""
    seconds: float = 0.0
    """All attempts, without compilation."""
    error: float = float("nan")
    """Imbalance as the solver sees it."""
    closure: float = float("nan")
    """As ``balance.closure`` sees it: metals."""
    charge: float = float("nan")
    """As ``balance.charge_closure`` sees it: acid."""
    equilibrium: float = float("nan")
    """Largest difference of ln(y/x) and ln D, or of dimers over all dimers."""


@dataclass(frozen=True)
class Confirmed:
    """A solved circuit beside scipy's solution of the whole system."""

    seed: int
    difference: float
    """Largest relative difference of x and y from a disturbed copy; nan where scipy did not converge."""
    noise: float
    """Disturbance of that copy: the largest of ``NOISE`` that scipy came back from."""
    flat: float
    """The same from a flat guess; nan where not tried or not converged."""
    small: bool
    """Whether a flat guess was tried."""


# --- which circuits, in which order


def shape(drawn: Drawn) -> tuple[int, int, bool, bool]:
    """What a compilation serves: padded stages and elements, reflux, loop."""
    circuit = drawn.circuit
    size = padded(circuit.stages, STAGE_SIZES), padded(len(circuit.elements), ELEMENT_SIZES)
    return *size, bool(circuit.refluxes), circuit.organic.closed


def chunks(seeds: Iterable[int]) -> list[list[int]]:
    """Seeds of feasible circuits in groups of one shape, small shapes first."""
    groups: dict[tuple[int, int, bool, bool], list[int]] = defaultdict(list)
    for seed in seeds:
        drawn = draw(seed)
        if not infeasible(drawn):
            groups[shape(drawn)].append(seed)
    return [
        group[first : first + CHUNK]
        for _, group in sorted(groups.items())
        for first in range(0, len(group), CHUNK)
    ]


# --- solving


class _Failures(logging.Handler):
    """Counts the attempts that ``find_steady`` reports as failed."""

    count = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.count += 1


def solve_chunk(seeds: Sequence[int]) -> list[Solved]:
    """The outcome of every seed of one shape."""
    from ytterby.circuit.solve import find_steady, log

    failures = _Failures()
    log.setLevel(logging.INFO)
    log.addHandler(failures)
    drawn = [draw(seed) for seed in seeds]
    find_steady(*arrays(drawn[0]))  # compiles
    records = [_solve(one, failures) for one in drawn]
    log.removeHandler(failures)
    return records


def _solve(drawn: Drawn, failures: _Failures) -> Solved:
    from ytterby.circuit.solve import ATTEMPTS, find_steady

    failures.count = 0
    begin = time.perf_counter()
    try:
        found = find_steady(*arrays(drawn))
        error = float(found.steady.error)
    except Exception as fault:  # whatever happens is an outcome
        return Solved(drawn.seed, f"{type(fault).__name__}: {fault}".replace("\n", " "))
    seconds = time.perf_counter() - begin
    attempt = min(failures.count + 1, len(ATTEMPTS))
    return _judged(drawn, found, attempt, seconds, error)


def _judged(drawn: Drawn, found: Attempt, attempt: int, seconds: float, error: float) -> Solved:
    from ytterby.circuit.balance import charge_closure, closure
    from ytterby.circuit.outcome import profiles_of
    from ytterby.circuit.solve import ACCEPTED

    profiles = profiles_of(found, drawn.circuit)
    by_circuit = {drawn.circuit.name: profiles}
    with np.errstate(all="ignore"):
        sound = _is_sound(profiles)
        gaps = (
            max(closure(drawn.circuit, by_circuit).values()),
            charge_closure(drawn.circuit, by_circuit) if sound else float("inf"),
            _equilibrium_gap(drawn, profiles),
        )
    closed = gaps[0] <= CLOSURE and gaps[1] <= CLOSURE and gaps[2] <= EQUILIBRIUM
    balanced = sound and gaps[0] <= CLOSURE and gaps[1] <= CLOSURE
    outcome = "solved" if sound and closed else "silent_failure"
    if not error <= ACCEPTED:
        outcome = "not_converged"
    elif sound and not balanced:
        outcome = "refused"  # by the balance check, as every user's circuit is
    return Solved(
        drawn.seed, outcome, attempt, int(found.steady.steps), seconds, error, *map(float, gaps)
    )


def _is_sound(profiles: Profiles) -> bool:
    """Whether every concentration is a number, none negative, acid and free extractant above zero."""
    levels = np.stack([profiles.acid, profiles.free_extractant])
    metals = np.stack([profiles.aqueous, profiles.organic])
    finite = np.isfinite(levels).all() and np.isfinite(metals).all()
    return bool(finite and (levels > 0).all() and (metals >= 0).all())


def _equilibrium_gap(drawn: Drawn, profiles: Profiles) -> float:
    """How far the phases are from D = K (d/h)^z, and the dimers from their total."""
    z, dimer = np.array(drawn.charges), profiles.free_extractant / 2
    ln_d = np.log(10.0) * np.array(drawn.log10_k) + z * np.log(dimer / profiles.acid)[:, None]
    apart = np.abs(np.log(profiles.organic / profiles.aqueous) - ln_d)
    total = drawn.circuit.organic.extractant / 2
    dimers = np.abs(total - dimer - profiles.organic @ z) / total
    there = (profiles.organic > TINY) & (profiles.aqueous > TINY)
    return float(max(apart[there].max(initial=0.0), dimers.max()))


TINY = 1e-290
"""[mol/m3]; ratios of smaller numbers have lost their digits."""


# --- scipy on all unknowns at once


@dataclass(frozen=True)
class System:
    """The balances of a circuit, from its description alone; stages from 0 along the organic."""

    z: Array
    """Charge, axis ``element``; also dimers and protons per metal."""
    ln_k: Array
    organic: float
    """[m3/h]"""
    aqueous: Array
    """[m3/h], axis ``stage``."""
    dimers: float
    """[mol/m3]"""
    charge: Array
    """Acid and metal charge [mol/m3], axis ``stage``."""
    feed: Array
    """[mol/h], axes ``stage element``."""
    rise: Array
    """What each stage gains of the organic that leaves each stage, axes ``stage stage``."""
    fall: Array
    """The same for the aqueous."""


def system_of(drawn: Drawn) -> System:
    """Flows and charges added up along the circuit."""
    circuit, count = drawn.circuit, drawn.circuit.stages
    entering, charge = np.zeros((2, count))
    feed = np.zeros((count, len(circuit.elements)))
    z = np.array(drawn.charges, dtype=float)
    rise, fall = -np.eye(count) + np.eye(count, k=-1), -np.eye(count) + np.eye(count, k=1)
    end = 0
    for section in circuit.sections:
        if section.kind == "strip":
            fall[end - 1, end] = 0.0  # the strip liquor leaves
            strip_begins = end
        end += section.stages
        if section.inlet:
            metals = [section.inlet.concentrations.get(name, 0.0) for name in circuit.elements]
            feed[end - 1] = section.inlet.flow * np.array(metals)
            entering[end - 1] += section.inlet.flow
            charge[end - 1] += section.inlet.flow * section.inlet.acid + z @ feed[end - 1]
    for reflux in circuit.refluxes:
        strip = circuit.sections[-1].inlet
        assert strip is not None
        fall[strip_begins - 1, strip_begins] = reflux.flow / strip.flow
        entering[strip_begins - 1] += reflux.flow
        charge[strip_begins - 1] += reflux.flow * strip.acid
    charge[0] -= circuit.base
    if circuit.organic.closed:
        rise[0, -1] += 1.0
    # Water and charge go straight down: what a stage holds is what enters there and above.
    straight = -np.eye(count) + np.diag(np.diag(fall, k=1) == 1.0, k=1)
    aqueous = np.asarray(np.linalg.solve(-straight, entering), dtype=np.float64)
    return System(
        z=z,
        ln_k=np.log(10.0) * np.array(drawn.log10_k),
        organic=circuit.organic.flow,
        aqueous=aqueous,
        dimers=circuit.organic.extractant / 2,
        charge=np.linalg.solve(-straight, charge) / aqueous,
        feed=feed,
        rise=rise,
        fall=fall,
    )


def organic_of(system: System, x: Array, levels: Array) -> Array:
    """y = K (d/h)^z x [mol/m3]; ``levels`` are ln d and ln h, axes ``level stage``."""
    y: Array = x * np.exp(system.ln_k + system.z * (levels[0] - levels[1])[:, None])
    return y


def newton_system(system: System, x: Array, levels: Array, per_hour: float) -> tuple[Array, Any]:
    """Residuals, and their derivatives by x, ln d and ln h, as one vector and a sparse matrix.

    Derivatives by x are times x. ``per_hour`` adds an implicit step in pseudo-time: one over its length.
    """
    from scipy import sparse

    count, elements = x.shape
    y = organic_of(system, x, levels)
    up, down = system.organic * y, system.aqueous[:, None] * x
    identity = sparse.identity(elements)
    rise = sparse.kron(sparse.csr_matrix(system.rise), identity)
    fall = sparse.kron(sparse.csr_matrix(system.fall), identity)
    spread = sparse.kron(sparse.identity(count), np.ones((elements, 1)))
    dimer, acid = np.exp(levels)
    metals = system.rise @ up + system.fall @ down + system.feed
    free = system.dimers - y @ system.z - dimer, system.charge - x @ system.z - acid
    by_x = rise @ sparse.diags(up.ravel()) + fall @ sparse.diags(down.ravel())
    shifted = sparse.diags((system.z * up).ravel()) @ spread
    by_driver = rise @ shifted - per_hour * shifted
    by_x = by_x - per_hour * sparse.diags((up + down).ravel())
    bound_y, bound_x = (
        spread.T @ sparse.diags((power * held).ravel())
        for power, held in ((system.z, y), (system.z, x))
    )
    squared = sparse.diags(y @ system.z**2)
    matrix = sparse.bmat(
        [
            [by_x, by_driver, -by_driver],
            [-bound_y, -squared - sparse.diags(dimer), squared],
            [-bound_x, None, -sparse.diags(acid)],
        ],
        format="csr",
    )
    return np.concatenate([metals.ravel(), *free]), matrix


SMALLEST_FALL = 0.1
"""Share of itself that a concentration falls to in a step that would make it negative."""
NOTHING = 1e-15
"""Share of an element's feed below which a stage content is as good as none: all but its sign is rounding."""
SETTLED = 1e-9
"""Largest change of the last step: of contents, relative, and of ln d and ln h."""
CONFIRM_STEPS = 300
LOCAL = 0.1
"""Largest change of a step from which on steps are taken as they are."""


def newton(system: System, x: Array, levels: Array, first: float) -> tuple[Array, Array] | None:
    """x and levels that close every balance; None where the steps do not settle.

    ``first`` is the first pseudo-time step [h]; it doubles with every step. Large steps move the contents of
    the stages, which are then brought to equilibrium.
    """
    per_hour, largest = 1.0 / first, np.inf
    for _ in range(CONFIRM_STEPS):
        change = _change(system, x, levels, per_hour)
        if not np.isfinite(change).all():
            return None
        share, moved = change[: x.size].reshape(x.shape), change[x.size :].reshape(levels.shape)
        if largest > LOCAL:
            organic = system.organic * organic_of(system, x, levels)
            content = _content(system, x, levels)
            grown = share + organic / content * system.z * (moved[0] - moved[1])[:, None]
            x, levels = equilibrium(system, _grown(content, grown))
        else:
            x, levels = _grown(x, share), levels + moved
        there = _content(system, x, levels) > NOTHING * system.feed.sum(axis=0)
        largest = max(np.abs(share)[there].max(initial=0.0), np.abs(moved).max())
        per_hour = per_hour / 2.0
        if per_hour < SETTLED and largest < SETTLED:
            return x, levels
    return None


def _grown(values: Array, share: Array) -> Array:
    return values * np.where(share > -1.0, 1.0 + share, SMALLEST_FALL)


WIDEST_DRIVER = 100.0
"""Bracket of ln d - ln h."""
FULLEST = 1.0 - 1e-6
"""Largest share of a stage's room that its metals take."""


def equilibrium(system: System, content: Array) -> tuple[Array, Array]:
    """x and levels of stages with that content [mol/h], each by bisection of ln d - ln h.

    A content that does not fit is scaled down.
    """
    room = FULLEST * (system.aqueous * system.charge + system.organic * system.dimers)
    content = content * np.minimum(1.0, room / (content @ system.z))[:, None]
    low, high = np.full((2, len(room)), [[-WIDEST_DRIVER], [WIDEST_DRIVER]])
    for _ in range(60):
        driver = 0.5 * (low + high)
        ratio = np.exp(system.ln_k + system.z * driver[:, None])
        x = content / (system.aqueous[:, None] + system.organic * ratio)
        dimer = system.dimers - (ratio * x) @ system.z
        acid = system.charge - x @ system.z
        too_low = (acid <= 0) | (dimer > acid * np.exp(driver))
        low, high = np.where(too_low, driver, low), np.where(too_low, high, driver)
    # The level that is the smaller share of its total has lost more digits: the driver gives it.
    by_dimer = dimer / system.dimers > acid / system.charge
    ln_dimer = np.where(by_dimer, np.log(np.abs(dimer)), np.log(np.abs(acid)) + driver)
    return x, np.stack([ln_dimer, ln_dimer - driver])


def _content(system: System, x: Array, levels: Array) -> Array:
    """Metals through each stage [mol/h], axes ``stage element``."""
    return system.aqueous[:, None] * x + system.organic * organic_of(system, x, levels)


def _change(system: System, x: Array, levels: Array, per_hour: float) -> Array:
    """Newton's change of x over x, then of ln d and ln h."""
    from scipy.sparse import diags
    from scipy.sparse.linalg import splu

    residual, matrix = newton_system(system, x, levels, per_hour)
    # Columns of next to nothing are lifted, so that rows keep a pivot that is not rounding.
    least = NOTHING * system.feed.sum(axis=0)
    lifted = np.maximum(1.0, least / np.maximum(_content(system, x, levels), TINY)).ravel()
    columns = np.concatenate([lifted, np.ones(levels.size)])
    matrix = matrix @ diags(columns)
    rows = 1.0 / np.maximum(abs(matrix).max(axis=1).toarray().ravel(), TINY)
    try:
        factors = splu((diags(rows) @ matrix).tocsc())
    except RuntimeError:  # exactly singular
        return np.full(residual.size, np.nan)
    change: Array = -columns * factors.solve(rows * residual)
    return change


NOISE = (0.05, 0.01, 0.001)
"""Standard deviations of the disturbance, of every logarithm."""
FLAT_STEPS = (0.1, 0.01)
"""First pseudo-time steps from a flat guess [h]."""
SMALL = 30
"""Most stages for a flat guess."""
COMPARED = 1e-12
"""Share of the feed of an element below which its flows are not compared."""
AGREES = 1e-6


def confirm_chunk(seeds: Sequence[int]) -> list[Confirmed]:
    """Every seed solved by the package and by scipy."""
    return [_confirm(draw(seed)) for seed in seeds]


def _confirm(drawn: Drawn) -> Confirmed:
    from ytterby.circuit.outcome import profiles_of
    from ytterby.circuit.solve import find_steady

    profiles = profiles_of(find_steady(*arrays(drawn)), drawn.circuit)
    system, small = system_of(drawn), drawn.circuit.stages <= SMALL
    with np.errstate(all="ignore"):
        polished, noise = _polished(system, profiles, drawn.seed)
        fresh = (newton(system, *_flat(system), first) for first in FLAT_STEPS if small)
        flat = next((found for found in fresh if found), None)
        apart = [_difference(system, profiles, found) for found in (polished, flat)]
    return Confirmed(drawn.seed, apart[0], noise, apart[1], small)


def _polished(
    system: System, profiles: Profiles, seed: int
) -> tuple[tuple[Array, Array] | None, float]:
    """What scipy finds from a disturbed copy, and how much that was disturbed."""
    x = np.maximum(profiles.aqueous, TINY)
    levels = np.log(np.stack([profiles.free_extractant / 2, profiles.acid]))
    for noise in NOISE:
        rng = np.random.default_rng(seed)
        disturbed = x * np.exp(noise * rng.standard_normal(x.shape))
        found = newton(
            system, disturbed, levels + noise * rng.standard_normal(levels.shape), first=1e12
        )
        if found:
            return found, noise
    return None, float("nan")


def _flat(system: System) -> tuple[Array, Array]:
    """Every stage alike: half of the dimers and acid free, the metals as fed in the rest of the acid."""
    count = len(system.aqueous)
    fed = system.feed.sum(axis=0)
    x = 0.5 * system.charge[:, None] * fed / (system.z @ fed)
    return x, np.log(0.5 * np.stack([np.full(count, system.dimers), system.charge]))


def _difference(system: System, profiles: Profiles, found: tuple[Array, Array] | None) -> float:
    """Largest relative difference of flows that are not next to nothing."""
    if found is None:
        return float("nan")
    x, levels = found
    least = COMPARED * system.feed.sum(axis=0)
    worst = 0.0
    for ours, theirs, flow in (
        (profiles.aqueous, x, system.aqueous[:, None]),
        (profiles.organic, organic_of(system, x, levels), system.organic),
    ):
        seen = flow * np.maximum(ours, theirs) > least
        worst = max(worst, (np.abs(ours / theirs - 1.0)[seen]).max(initial=0.0))
    return float(worst)


# --- the file


def append(path: Path, records: Sequence[Record]) -> None:
    """The file with the rows added, replaced as a whole: an interrupted run leaves whole chunks."""
    text = io.StringIO(newline="")
    names = [field.name for field in fields(records[0])]
    writer = csv.DictWriter(text, names, lineterminator="\n")
    if path.exists():
        text.write(path.read_text(encoding="utf-8"))
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        writer.writeheader()
    writer.writerows(asdict(record) for record in records)
    beside = path.with_name(f"{path.name}.new")
    beside.write_text(text.getvalue(), encoding="utf-8")
    beside.replace(path)


READ: dict[str, Callable[[str], Any]] = {
    "int": int,
    "str": str,
    "float": float,
    "bool": lambda text: text == "True",
}


def read(path: Path, kind: type[Record]) -> list[Record]:
    """The records of a file; none where there is no file."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = {field.name: READ[str(field.type)] for field in fields(kind)}
    return [kind(**{name: make(row[name]) for name, make in columns.items()}) for row in rows]


def over(
    work: Callable[[Sequence[int]], list[Record]], groups: list[list[int]], workers: int, path: Path
) -> None:
    """Do the work group by group, append what comes back, say how far it is."""
    total, done, begin = sum(map(len, groups)), 0, time.perf_counter()
    for records in _spread(work, groups, workers):
        append(path, records)
        done += len(records)
        print(f"{done:6d} of {total}, {time.perf_counter() - begin:.0f} s", flush=True)


def _spread(
    work: Callable[[Sequence[int]], list[Record]], groups: list[list[int]], workers: int
) -> Iterator[list[Record]]:
    os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {ONE_THREAD}".strip()
    with get_context("spawn").Pool(workers, maxtasksperchild=GROUPS_OF_A_WORKER) as pool:
        yield from pool.imap_unordered(work, groups)


# --- what is told


PROBABILITIES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
SLOWEST = 10


def tell_draws(seeds: range) -> None:
    """Rejected draws by reason, and where the others lie."""
    drawn = [draw(seed) for seed in seeds]
    reasons = Counter(infeasible(one) for one in drawn)
    kept = reasons.pop("", 0)
    redrawn = sum(one.base_redrawn for one in drawn) / len(drawn)
    print(f"{len(drawn)} draws, {kept} feasible, {1 - kept / len(drawn):.2%} rejected:")
    for reason, count in reasons.most_common():
        print(f"  {count:6d}  {reason}")
    print(f"base drawn again in {redrawn:.2%}\n")
    _tell_quantiles([axes(one) for one in drawn if not infeasible(one)])


def _tell_quantiles(rows: Sequence[Any]) -> None:
    if not rows:
        return
    print(f"{'quantile':28}" + "".join(f"{share:>10.0%}" for share in PROBABILITIES))
    for name in rows[0]:
        values = np.array([row[name] for row in rows], dtype=float)
        if np.isfinite(values).any():
            shown = np.nanquantile(values, PROBABILITIES)
            print(f"{name:28}" + "".join(f"{value:10.3g}" for value in shown))
    print()


def tell_solved(records: Sequence[Solved]) -> None:
    """Share solved, every failure with its axes, the slowest."""
    outcomes = Counter(record.outcome for record in records)
    solved = [record for record in records if record.outcome == "solved"]
    print(
        f"{len(records)} solved for, {len(solved) / max(len(records), 1):.3%} solved: {dict(outcomes)}"
    )
    print(f"attempts {dict(sorted(Counter(record.attempt for record in solved).items()))}\n")
    names = ("steps", "seconds", "error", "closure", "charge", "equilibrium")
    _tell_quantiles([{name: getattr(record, name) for name in names} for record in solved])
    for record in sorted(records, key=lambda record: record.seed):
        if record.outcome != "solved":
            print(f"seed {record.seed}: {record.outcome}, error {record.error:.1e}")
            print("   " + ", ".join(f"{k} {v:.4g}" for k, v in axes(draw(record.seed)).items()))
    print(f"\nslowest: {'seed':>8} {'seconds':>8} {'steps':>6} {'attempt':>8}")
    for record in sorted(records, key=lambda record: -record.seconds)[:SLOWEST]:
        print(f"{record.seed:17d} {record.seconds:8.2f} {record.steps:6d} {record.attempt:8d}")


def tell_confirmed(records: Sequence[Confirmed]) -> None:
    """How many agree, and who does not."""
    agree = sum(record.difference <= AGREES for record in records)
    small = [record for record in records if record.small]
    flat = sum(record.flat <= AGREES for record in small)
    print(f"\nconfirmed from a disturbed copy: {agree} of {len(records)}")
    print(f"disturbed by {dict(Counter(str(record.noise) for record in records))}")
    print(f"confirmed from a flat guess: {flat} of {len(small)}")
    for record in sorted(records, key=lambda record: record.seed):
        if not record.difference <= AGREES or record.flat > AGREES:
            print(
                f"  seed {record.seed}: differs by {record.difference:.1e}, flat {record.flat:.1e}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", default="0:10000", help="first:end")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("build/robustness.csv"))
    parser.add_argument("--resume", type=Path, help="a file to go on with")
    parser.add_argument("--confirm", type=int, default=0, help="how many to compare with scipy")
    chosen = parser.parse_args()
    seeds = range(*map(int, chosen.seeds.split(":")))
    path = chosen.resume or chosen.out
    if path.exists() and not chosen.resume:
        parser.error(f"{path} exists: go on with --resume {path}, or name another --out")
    tell_draws(seeds)
    done = {record.seed for record in read(path, Solved)}
    over(solve_chunk, chunks(seed for seed in seeds if seed not in done), chosen.workers, path)
    records = [record for record in read(path, Solved) if record.seed in seeds]
    if chosen.confirm:
        beside = path.with_suffix(".confirmed.csv")
        solved = sorted(record.seed for record in records if record.outcome == "solved")
        chosen_seeds = solved[: chosen.confirm]
        known = {record.seed for record in read(beside, Confirmed)}
        over(
            confirm_chunk, chunks(s for s in chosen_seeds if s not in known), chosen.workers, beside
        )
    tell_solved(records)
    if chosen.confirm:
        tell_confirmed(
            [record for record in read(beside, Confirmed) if record.seed in chosen_seeds]
        )


if __name__ == "__main__":
    main()
