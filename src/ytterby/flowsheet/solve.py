"""Solves a flowsheet: unit after unit, loops by iteration from empty streams; nobody guesses.

A loop is cut at the streams that run against the order of its units. What they carry is iterated, with
Anderson acceleration, until nothing that passes a unit changes by more than ``TOLERANCE`` of it, and no trace
by more than ``OF_ITSELF`` of its own amount.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ytterby.errors import BalanceError, ConvergenceError, Fault, YtterbyError
from ytterby.flowsheet.graph import OUTSIDE, Connection, EndKind, Flowsheet, unit_of
from ytterby.materials import Flow, mixed
from ytterby.unitops import REAGENTS, Balance, Operation, drawn
from ytterby.unitops.contract import imbalance

TOLERANCE = 1e-11
"""Largest change of a stream of a loop, over what passes the unit that it enters."""
OF_ITSELF = 1e-10
"""Largest change of a species over its own amount, so that each unit closes in traces too."""
FOLLOWED = 1e-15
"""Least amount for that, over what passes."""
PATIENCE = 20
"""Rounds that traces are given once all else has settled; the balance of the plant judges what is left."""
ROUNDS = 300
MEMORY = 4
"""Rounds that the acceleration looks back."""

Progress = Callable[[str], None]
"""Told the name of each unit before it is solved."""
Prepare = Callable[[Operation, Mapping[str, Flow]], Operation]
"""Given a unit and what first arrives at it; answers the unit to go on with, such as one with a design."""


@dataclass(frozen=True)
class PlacedFlow:
    """A stream with its two ends; one may be the world outside."""

    name: str
    source: str
    """``unit.outlet``, or the world."""
    target: str
    """``unit.inlet``, or the world."""
    flow: Flow
    kind: EndKind | None = None
    """What it is where it leaves the plant."""
    end: str = ""
    """Name under which it leaves; several streams may share it."""


@dataclass(frozen=True)
class PlantBalance:
    """Every stream of a plant. Made only if every element closes."""

    flowsheet: Flowsheet
    """With the units as they were run."""
    units: Mapping[str, Balance]
    streams: tuple[PlacedFlow, ...]
    """All of them: feeds, reagents, what goes between units, what leaves."""
    rounds: int
    """Iterations of the loops."""
    closure: Mapping[str, float]
    """What leaves less what enters, over what enters, of each element [-]."""
    notes: tuple[str, ...] = ()

    def leaving(self, kind: EndKind) -> dict[str, Flow]:
        """What leaves the plant as that, by the name of the end."""
        found: dict[str, list[Flow]] = {}
        for stream in self.streams:
            if stream.kind == kind:
                found.setdefault(stream.end, []).append(stream.flow)
        return {name: mixed(flows) for name, flows in found.items()}

    def bought(self) -> dict[str, Flow]:
        """Reagents from outside, all units together."""
        found: dict[str, list[Flow]] = {}
        for stream in self.streams:
            if stream.source == OUTSIDE and stream.name in REAGENTS:
                found.setdefault(stream.name, []).append(stream.flow)
        return {name: mixed(flows) for name, flows in found.items()}


@dataclass
class _Run:
    """What is known while a flowsheet is solved."""

    flowsheet: Flowsheet
    progress: Progress
    prepare: Prepare
    flows: dict[str, Flow]
    """By feed or outlet."""
    prepared: dict[str, Operation] = field(default_factory=dict)
    units: dict[str, Balance] = field(default_factory=dict)
    rounds: int = 0

    def arriving(self, unit: Operation) -> dict[str, Flow]:
        """By port."""
        found = {}
        for port in unit.INLETS:
            parts = [
                self.flows[it.source].scaled(it.share)
                for it in self.flowsheet.into(f"{unit.name}.{port}")
                if it.source in self.flows
            ]
            found[port] = mixed(parts) if parts else Flow("liquor", {})
        return found

    def solve(self, unit: Operation) -> None:
        """Balance one unit with what is known to arrive."""
        arriving = self.arriving(unit)
        try:
            if unit.name not in self.prepared:
                self.progress(unit.name)
                self.prepared[unit.name] = self.prepare(unit, arriving)
            balance = self.prepared[unit.name].balance(arriving)
        except YtterbyError as error:
            raise _located(self.flowsheet, unit, error) from error
        self.units[unit.name] = balance
        for port, flow in balance.outlets.items():
            self.flows[f"{unit.name}.{port}"] = flow


def solve_flowsheet(
    flowsheet: Flowsheet,
    progress: Progress = lambda name: None,
    prepare: Prepare = lambda unit, arriving: unit,
) -> PlantBalance:
    """The balance of a plant; ``prepare`` may replace each unit when something first arrives at it.

    ConvergenceError where a unit has no solution or a loop does not settle, BalanceError where an element
    does not close over the whole plant.
    """
    run = _Run(flowsheet, progress, prepare, dict(flowsheet.feeds))
    for part in flowsheet.order():
        units = [flowsheet.by_name[name] for name in part]
        torn = _torn(flowsheet, part)
        if torn:
            _solve_loop(run, units, torn)
        else:
            run.solve(units[0])
    return _balanced(run)


def _torn(flowsheet: Flowsheet, part: Sequence[str]) -> list[Connection]:
    """Connections within a part that run against its order."""
    return [
        it
        for it in flowsheet.connections
        if unit_of(it.source) in part
        and unit_of(it.target) in part
        and part.index(unit_of(it.target)) <= part.index(unit_of(it.source))
    ]


def _solve_loop(run: _Run, units: Sequence[Operation], torn: Sequence[Connection]) -> None:
    """Iterate what the torn streams carry, from nothing."""
    sources = list(dict.fromkeys(it.source for it in torn))
    history: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []
    labels: list[tuple[str, str]] = []
    guess = np.zeros(0)
    patience = PATIENCE
    for _ in range(ROUNDS):
        run.rounds += 1
        for unit in units:
            run.solve(unit)
        labels, guess, history = _same_labels(run, sources, labels, guess, history)
        found = np.array([run.flows[source].moles(name) for source, name in labels])
        scale = max(_passing(run, units), 1e-300)
        change, followed = np.abs(found - guess), found > FOLLOWED * scale
        if change.max(initial=0.0) <= TOLERANCE * scale:
            if patience == 0 or (change <= OF_ITSELF * found)[followed].all():
                return
            patience -= 1
        history = [*history[-MEMORY:], (guess, found)]
        guess = _next_guess(history)
        for source in sources:
            amounts = {
                name: float(value)
                for (where, name), value in zip(labels, guess, strict=True)
                if where == source
            }
            run.flows[source] = Flow(run.flows[source].state, amounts)
    worst = labels[int(change.argmax())]
    raise ConvergenceError(
        Fault(
            f"plant {run.flowsheet.name}, loop of {', '.join(unit.name for unit in units)}",
            f"{worst[1]} in {worst[0]} still changes after {ROUNDS} rounds",
            "a loop that settles",
            next="give the loop an exit for what it gathers: a bleed, a purge, a lower share returned",
        )
    )


def _same_labels(
    run: _Run,
    sources: Sequence[str],
    labels: list[tuple[str, str]],
    guess: NDArray[np.float64],
    history: list[tuple[NDArray[np.float64], NDArray[np.float64]]],
) -> tuple[
    list[tuple[str, str]],
    NDArray[np.float64],
    list[tuple[NDArray[np.float64], NDArray[np.float64]]],
]:
    """Room for species that appear; they were zero before."""
    new = [
        (source, name)
        for source in sources
        for name in run.flows[source].amounts
        if (source, name) not in labels
    ]
    if not new:
        return labels, guess, history
    grown = np.zeros(len(new))
    return (
        [*labels, *new],
        np.append(guess, grown),
        [(np.append(one, grown), np.append(two, grown)) for one, two in history],
    )


def _passing(run: _Run, units: Sequence[Operation]) -> float:
    """Largest amount of a species that leaves a unit of the loop [mol/h]."""
    return max(
        amount
        for unit in units
        for flow in run.units[unit.name].outlets.values()
        for amount in [*flow.amounts.values(), 0.0]
    )


def _next_guess(
    history: Sequence[tuple[NDArray[np.float64], NDArray[np.float64]]],
) -> NDArray[np.float64]:
    """Anderson's combination of the last rounds; the plain round where it would be negative."""
    found = history[-1][1]
    if len(history) < 3:
        return found
    residuals = np.array([after - before for before, after in history])
    steps = np.diff(residuals, axis=0).T
    images = np.diff(np.array([after for _, after in history]), axis=0).T
    weights, *_ = np.linalg.lstsq(steps, residuals[-1], rcond=1e-12)
    guess: NDArray[np.float64] = found - images @ weights
    return guess if (guess >= 0.0).all() else found


def _balanced(run: _Run) -> PlantBalance:
    """All streams with both ends, and the check that they close."""
    streams = [*_between(run), *_supplied(run), *_ended(run)]
    entering = [it.flow for it in streams if it.source == OUTSIDE]
    leaving = [it.flow for it in streams if it.target == OUTSIDE]
    faults = imbalance(f"plant {run.flowsheet.name}", entering, leaving)
    if faults:
        raise BalanceError(faults)
    came, went = mixed(entering, "solid").atoms(), mixed(leaving, "solid").atoms()
    closure = {
        symbol: (went.get(symbol, 0.0) - amount) / amount
        for symbol, amount in came.items()
        if amount > 0.0
    }
    notes = tuple(
        f"{name}: {note}" for name, balance in run.units.items() for note in balance.notes
    )
    operations = tuple(run.prepared[unit.name] for unit in run.flowsheet.operations)
    solved = replace(run.flowsheet, operations=operations)
    return PlantBalance(solved, run.units, tuple(streams), run.rounds, closure, notes)


def _between(run: _Run) -> list[PlacedFlow]:
    """Feeds and what goes from unit to unit."""
    return [
        PlacedFlow(
            it.source if it.share == 1.0 else f"{it.source} to {it.target}",
            OUTSIDE if it.source in run.flowsheet.feeds else it.source,
            it.target,
            run.flows[it.source].scaled(it.share),
        )
        for it in run.flowsheet.connections
    ]


def _ended(run: _Run) -> list[PlacedFlow]:
    """What leaves the plant."""
    names = [end.name for end in run.flowsheet.ends]
    return [
        PlacedFlow(
            it.name if names.count(it.name) == 1 else f"{it.name} from {it.source}",
            it.source,
            OUTSIDE,
            run.flows[it.source].scaled(it.share),
            it.kind,
            it.name,
        )
        for it in run.flowsheet.ends
    ]


def _supplied(run: _Run) -> list[PlacedFlow]:
    """Reagents drawn: first from what the plant returns, the rest from outside; what is left over leaves."""
    streams = []
    for reagent, wanted in _wanted(run).items():
        returned = {outlet: run.flows[outlet] for outlet in run.flowsheet.supplies.get(reagent, ())}
        _require_pure(run, reagent, returned)
        needed = sum(flow.mass() for flow in wanted.values())
        there = sum(flow.mass() for flow in returned.values())
        own = 1.0 if there >= needed > 0 else (there / needed if needed else 0.0)
        used = min(1.0, needed / there) if there > 0 else 0.0
        store = f"{reagent} store"
        for outlet, flow in returned.items():
            streams.append(PlacedFlow(f"{outlet} returned", outlet, store, flow.scaled(used)))
            if used < 1.0:
                left = flow.scaled(1.0 - used)
                kind: EndKind = "emission" if flow.state == "gas" else "effluent"
                name = f"{outlet} left over"
                streams.append(
                    PlacedFlow(name, outlet, OUTSIDE, left, kind, f"{reagent} left over")
                )
        for unit, flow in wanted.items():
            if own > 0.0:
                name = f"{reagent} returned to {unit}"
                streams.append(PlacedFlow(name, store, unit, flow.scaled(own)))
            if own < 1.0:
                streams.append(PlacedFlow(reagent, OUTSIDE, unit, flow.scaled(1.0 - own)))
    for reagent in run.flowsheet.supplies.keys() - _wanted(run).keys():
        for outlet in run.flowsheet.supplies[reagent]:
            flow = run.flows[outlet]
            kind = "emission" if flow.state == "gas" else "effluent"
            name = f"{outlet} left over"
            streams.append(PlacedFlow(name, outlet, OUTSIDE, flow, kind, f"{reagent} left over"))
    return streams


def _wanted(run: _Run) -> dict[str, dict[str, Flow]]:
    """Reagents drawn, by reagent and unit."""
    found: dict[str, dict[str, Flow]] = {}
    for name, balance in run.units.items():
        for reagent, flow in balance.drawn.items():
            found.setdefault(reagent, {})[name] = flow
    return found


def _require_pure(run: _Run, reagent: str, returned: Mapping[str, Flow]) -> None:
    """BalanceError where what is returned is not the reagent."""
    own = set(drawn(reagent, 1.0).amounts)
    faults = [
        Fault(
            f"plant {run.flowsheet.name}, supply of {reagent}",
            f"{', '.join(sorted(set(flow.amounts) - own))} in {outlet}",
            f"nothing but {', '.join(own)}",
            next="purify it first, or connect it to the unit that can take it as it is",
        )
        for outlet, flow in returned.items()
        if any(amount > 0.0 for name, amount in flow.amounts.items() if name not in own)
    ]
    if faults:
        raise BalanceError(faults)


def _located(flowsheet: Flowsheet, unit: Operation, error: YtterbyError) -> YtterbyError:
    """The same error, told at the unit that it was met in."""
    where = f"plant {flowsheet.name}, unit {unit.name}"
    faults = [
        Fault(f"{where}: {it.where}", it.read, it.expected, it.nearest, it.next)
        for it in error.faults
    ]
    return type(error)(faults)
