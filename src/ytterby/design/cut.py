"""Design of a cut: the circuit that meets a specification at least annual cost, verified rigorously."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from ytterby.circuit.shortcuts.cut import CutShortcut
from ytterby.circuit.solve import solve_circuit
from ytterby.circuit.solved import SolvedCircuit
from ytterby.design.costs import ITEMS, Price
from ytterby.design.optimum import (
    JUDGED,
    ORGANIC,
    Bounds,
    Point,
    at_proportion,
    bounds_of,
    optimise,
    shadow_prices,
)
from ytterby.design.response import Measures, Operation, Plan, Stages, circuit_of, plan_of
from ytterby.design.search import THOROUGH, Effort, Progress, Search, begun, cheapest
from ytterby.design.start import hand_calculation
from ytterby.design.task import CutTask
from ytterby.errors import ConvergenceError, Fault

LIMIT_WORDS = {
    "raffinate_wrong": "wrong side in the raffinate",
    "strip_wrong": "wrong side in the strip liquor",
    "light_lost": "recovery of the light key",
    "heavy_lost": "recovery of the heavy key",
    "free_1": "loading in stage 1",
    "free_feed": "loading at the feed",
    "free_above": "loading in the first stage of scrub",
    "free_extract": "loading of the extract",
    "free_stripped": "metal left on the stripped organic",
    "acid": "pH",
    "saponification": "saponification",
    "scrub_acid": "acid of the scrub liquor",
    "strip_acid": "acid of the strip liquor",
}
"""Limits as results call them."""


ROUNDING = 1e-9
"""Relative: a limit in logarithms and back."""
SETTLED = 1e-8
"""Of the logarithm of the proportion, of what becomes a design."""
POLISHINGS, TIGHTER = 4, 5e-4
"""Runs of the optimiser in which the limits must come to hold, each for limits tighter by as much."""


@dataclass(frozen=True)
class ActiveLimit:
    """A limit that the design stands at."""

    name: str
    """In words."""
    saving: float
    """Relative saving of annual cost per relative loosening of the limit, to first order [-]."""


@dataclass(frozen=True)
class Candidate:
    """Numbers of stages that were tried."""

    stages: Stages
    cost: float | None
    """At the best operation found, which is not polished where a first look promised no gain [EUR/year];
    None where it misses a limit."""


@dataclass(frozen=True)
class DesignedCut:
    """A designed cut. Made only when the rigorous solution meets the specification."""

    task: CutTask
    stages: Stages
    run: Operation
    solved: SolvedCircuit
    """The same circuit solved from a cold start, closure checked apart."""
    shortcut: CutShortcut
    """The hand calculation."""
    costs: Mapping[str, float]
    """Annual costs by item [EUR/year]."""
    prices: tuple[Price, ...]
    unpriced: tuple[str, ...]
    """Elements whose hold-up is not valued."""
    wrong_side: tuple[float, float]
    """In the raffinate and in the strip liquor, of rare-earth moles [mol/mol]."""
    recovery: tuple[float, float]
    """Of the light and of the heavy key, all outlets together that they may leave with [mol/mol]."""
    loading: float
    """Largest share of the organic's capacity up to the extract [-]."""
    stripped: float
    """Share of the capacity that strip leaves taken [-]."""
    active: tuple[ActiveLimit, ...]
    candidates: tuple[Candidate, ...]
    circuits_solved: int
    point: Point
    """The optimum that it was found at."""

    @property
    def cost(self) -> float:
        """[EUR/year]"""
        return sum(self.costs.values())


def design_cut(
    task: CutTask, progress: Progress = lambda name: None, effort: Effort = THOROUGH
) -> DesignedCut:
    """The circuit of least annual cost for a task.

    ``progress`` is told the stages of each candidate; ``effort``: how finely they are sought.
    ConvergenceError with the best that was reached if no
    circuit within the limits meets the specification; CaseError where the hand calculation shows it.
    """
    search = Search(task, progress, effort=effort)
    return designed(search, *searched(search))


def searched(search: Search) -> tuple[Stages, Point]:
    """Stages and operation that a search ends at; errors as of ``design_cut``."""
    task = search.task
    stages, point = begun(search)
    if point is None or not point.meets:
        raise _unreachable(task, stages, point)
    stages, point = cheapest(search, stages, point)
    point = _polished(search, stages, point)
    if not point.holds:
        raise _unreachable(task, stages, point)
    return stages, point


def _polished(search: Search, stages: Stages, point: Point) -> Point:
    """The optimum near a point, limits kept; at very steep cuts rounding leaves some passed at first."""
    plan = search.plan(stages)
    found = point
    for run in range(POLISHINGS):
        tighter = search.bounds._replace(limits=search.bounds.limits - run * TIGHTER)
        found, count = optimise(
            _judged_by(tighter, found, plan), plan, tighter, search.effort.polish
        )
        search.solved += count
        point = _judged_by(search.bounds, found, plan)
        if point.holds:
            break
    return point


def _judged_by(bounds: Bounds, point: Point, plan: Plan) -> Point:
    """The same point, held against other limits; what is judged is what is run, nothing to first order."""
    organic = float(point.response.operation[ORGANIC])
    found, _ = at_proportion(point.free, organic, plan, bounds, point.response, SETTLED)
    assert found is not None, "a point is solved from itself"
    return found


def designed(search: Search, stages: Stages, point: Point) -> DesignedCut:
    """The design of a search at an operation, run with the constants as they stand.

    ConvergenceError if the circuit, solved from a cold start, is not what the search saw.
    """
    task = search.task
    run = Operation(*map(float, np.exp(point.response.operation)))
    solved = solve_circuit(circuit_of(task, stages, run))
    basis = plan_of(task, stages)[1]
    candidates = [
        Candidate(tried, float(np.exp(found.cost)) if found is not None and found.meets else None)
        for tried, found in search.tried.items()
    ]
    made = DesignedCut(
        task=task,
        stages=stages,
        run=run,
        solved=solved,
        shortcut=hand_calculation(task),
        costs=dict(zip(ITEMS, map(float, point.response.costs), strict=True)),
        prices=basis.used,
        unpriced=basis.unpriced,
        wrong_side=wrong_side(task, solved),
        recovery=(kept(task, solved, task.cut[0]), kept(task, solved, task.cut[1])),
        loading=loading(solved),
        stripped=1.0 - float(solved.profiles.free_extractant[-1]) / task.extractant,
        active=active_limits(point, search.bounds),
        candidates=tuple(sorted(candidates, key=lambda it: (it.cost is None, it.cost))),
        circuits_solved=search.solved,
        point=point,
    )
    _require_met(made)
    return made


def _require_met(made: DesignedCut) -> None:
    """ConvergenceError with every ask that the solved circuit misses."""
    task, asked, limits = made.task, made.task.specification, made.task.limits
    run = made.run
    most = (
        ("wrong side in the raffinate", made.wrong_side[0], asked.wrong_sides[0]),
        ("wrong side in the strip liquor", made.wrong_side[1], asked.wrong_sides[1]),
        *(
            (f"loss of {metal}", lost(task, made.solved, metal), most)
            for metal, most in task.most_lost.items()
        ),
        ("loading", made.loading, limits.loading),
        ("metal left on the stripped organic", made.stripped, limits.stripped),
        ("pH", float(made.solved.profiles.ph.max()), limits.ph),
        ("saponification", run.saponification, limits.saponification),
        ("acid of the scrub liquor [mol/m3]", run.scrub_acid, limits.scrub_acid),
        ("acid of the strip liquor [mol/m3]", run.strip_acid, limits.strip_acid),
    )
    faults = [
        Fault(
            f"design {task.name}, {name}",
            f"{reached:.6g} in the circuit solved from a cold start",
            f"at most {limit:.6g}",
            next="lower the limit a little, so that the search keeps away from it",
        )
        for name, reached, limit in most
        if reached > limit + ROUNDING * abs(limit)
    ]
    if faults:
        raise ConvergenceError(faults)


def wrong_side(task: CutTask, solved: SolvedCircuit) -> tuple[float, float]:
    """Share of the raffinate's and of the strip liquor's rare-earth moles from the other side [-]."""
    shares = []
    for outlet in ("raffinate", "strip liquor"):
        stream, wrong = solved.streams[outlet], task.lost_in(outlet)
        moles = {name: stream.moles(name) for name in task.elements if task.moles([name]) > 0}
        shares.append(sum(moles[name] for name in wrong if name in moles) / sum(moles.values()))
    return shares[0], shares[1]


def lost(task: CutTask, solved: SolvedCircuit, metal: str) -> float:
    """Share of a metal's feed that does not leave with its own side [-]."""
    wrong = [outlet for outlet in task.outlets if metal in task.lost_in(outlet)]
    return sum(solved.recovery(metal, outlet) for outlet in wrong)


def kept(task: CutTask, solved: SolvedCircuit, metal: str) -> float:
    """Share of a metal's feed that leaves with its own side [-]."""
    own = [outlet for outlet in task.outlets if metal not in task.lost_in(outlet)]
    return sum(solved.recovery(metal, outlet) for outlet in own)


def loading(solved: SolvedCircuit) -> float:
    """Largest share of the organic's capacity that is used up to the extract [-]."""
    _, (_, extract), _ = solved.circuit.spans()
    free = solved.profiles.free_extractant[:extract].min()
    return float(1.0 - free / solved.circuit.organic.extractant)


def active_limits(point: Point, bounds: Bounds) -> tuple[ActiveLimit, ...]:
    """Limits that an optimum stands at, the dearest first."""
    prices = shadow_prices(point, bounds)
    known = prices.judged | prices.bounds
    found = [
        ActiveLimit(LIMIT_WORDS[name], -price)
        for name, price in known.items()
        if name in LIMIT_WORDS and price < -1e-9
    ]
    return tuple(sorted(found, key=lambda it: -it.saving))


def one_more_nine(task: CutTask) -> CutTask:
    """The same task with both specifications ten times as strict."""
    return replace(task, specification=task.specification.stricter(10.0))


def _unreachable(task: CutTask, stages: Stages, point: Point | None) -> ConvergenceError:
    """What came nearest, and what stood in the way."""
    where = f"design {task.name}, specification"
    asked = task.specification
    most = asked.wrong_sides
    shares = f"{most[0]:.3g} of each outlet's"
    if most[0] != most[1]:
        shares = f"{most[0]:.3g} of the raffinate's and {most[1]:.3g} of the strip liquor's"
    kept = ", ".join(f"{1 - share:.6g} of {name}" for name, share in task.most_lost.items())
    expected = f"at most {shares} rare-earth moles from the wrong side and recovered: {kept}"
    words = f"{stages.extraction} + {stages.scrub} + {stages.strip} stages"
    if point is None:
        read = f"no steady state found with up to {words}"
        next = "raise [limits], or feed a liquor with more acid or less metal"
        return ConvergenceError(Fault(where, read, expected, next=next))
    reached = dict(zip(Measures._fields, np.exp(point.response.measures), strict=True))
    missed = [
        LIMIT_WORDS[name] for name, excess in zip(JUDGED, point.excess, strict=True) if excess > 0.0
    ]
    read = (
        f"best reached with {words}: {reached['raffinate_wrong']:.3g} from the wrong side in the raffinate, "
        f"{reached['strip_wrong']:.3g} in the strip liquor, recovery {1 - reached['light_lost']:.6g} of "
        f"{task.cut[0]} and {1 - reached['heavy_lost']:.6g} of {task.cut[1]}"
    )
    standing = [limit.name for limit in active_limits(point, bounds_of(task))]
    why = f"; what stands in the way: {', '.join(dict.fromkeys([*missed, *standing]))}"
    next = "ask for less, raise the limits that stand in the way, or allow more stages"
    return ConvergenceError(Fault(where, read + why, expected, next=next))
