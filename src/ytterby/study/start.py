"""The walk of a run through time: a case in, its circuits simulated, what they hold valued."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from ytterby.case import Case
from ytterby.case.starts import StartPlan
from ytterby.circuit.dynamics.simulation import Simulation
from ytterby.circuit.dynamics.specification import Met, Specification, how_met, settled_since
from ytterby.datasets.prices import Quotation, latest_prices
from ytterby.errors import CaseError, ConvergenceError, Fault, nearest

Progress = Callable[[str, float, float], None]
"""Told the name of a run, the time it has reached and its duration [h]; may raise to stop it."""


@dataclass(frozen=True)
class Valued:
    """What a circuit holds of one metal, and what that costs."""

    element: str
    now: float
    """As oxide as traded, at the end [kg]."""
    steady: float | None
    """At the steady state that it was heading for [kg]; None without one."""
    price: Quotation | None
    """None: not valued."""

    @property
    def value(self) -> float | None:
        """Of what is held at the end [currency of the price]."""
        return None if self.price is None else self.now * self.price.per_kg


@dataclass(frozen=True)
class Run:
    """A run and what is asked of it."""

    plan: StartPlan
    simulation: Simulation
    settled: tuple[float | None, ...]
    """Period by period: time from which it holds what the steady state holds [h], see ``settled_since``."""
    met: Mapping[Specification, tuple[Met, ...]]
    """How its specifications were met, period by period."""
    valued: tuple[Valued, ...]
    """By element, as in the arrays."""

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of everything that it rests on, prices among them."""
        prices = [it.price.source for it in self.valued if it.price]
        return tuple(dict.fromkeys((*self.simulation.sources, *prices)))

    def worth(self) -> dict[tuple[str, str], float]:
        """Value of what is held at the end by currency and market, which are not to be added."""
        totals: dict[tuple[str, str], float] = {}
        for item in self.valued:
            if item.price and item.value is not None:
                basis = (item.price.currency, item.price.market)
                totals[basis] = totals.get(basis, 0.0) + item.value
        return totals


@dataclass(frozen=True)
class StartStudy:
    """A case and what came of its runs."""

    case: Case
    runs: Mapping[str, Run]
    """By name, in the order of the case."""

    @property
    def ended_early(self) -> ConvergenceError | None:
        """What ended runs before their time, all at once; None where nothing did."""
        faults = [
            fault
            for run in self.runs.values()
            if run.simulation.refusal is not None
            for fault in _early(self.case, run)
        ]
        return ConvergenceError(faults) if faults else None


def chosen_starts(case: Case, name: str | None) -> Case:
    """The case with that start alone, or with all for None; CaseError if it has none of that name."""
    if name is None:
        return case
    if name not in case.starts:
        known = list(case.starts)
        expected = "one of: " + ", ".join(known) if known else "none, the case has no start"
        raise CaseError(Fault(f"{case.path}, starts", name, expected, nearest(name, known)))
    return replace(case, starts={name: case.starts[name]})


def run_starts(case: Case, progress: Progress = lambda name, time, duration: None) -> StartStudy:
    """Run every start of a case.

    Raises CaseError for a case without one, and for an event that takes more than there is;
    ConvergenceError for a circuit that has no steady state to begin with.
    """
    if not case.starts:
        fault = Fault(str(case.path), "no start", "one start or more", next="add [starts.NAME]")
        raise CaseError(fault)
    runs = {}
    for name, plan in case.starts.items():
        progress(name, 0.0, plan.duration)
        told = lambda time, plan=plan: progress(plan.name, time, plan.duration)  # noqa: E731
        runs[name] = _run(case, plan, told)
    return StartStudy(case, runs)


def _run(case: Case, plan: StartPlan, told: Callable[[float], None]) -> Run:
    from ytterby.circuit.dynamics.simulate import simulate_circuit

    try:
        simulation = simulate_circuit(
            plan.circuit,
            plan.duration,
            holdup=plan.holdup,
            events=plan.events,
            start=plan.start,
            fill=plan.fill,
            tolerance=plan.tolerance,
            progress=told,
        )
    except ConvergenceError as error:
        if error.refusal is None:
            raise
        path = ".".join(filter(None, ("circuits", plan.circuit.name, error.refusal.key)))
        raise error.refusal.error(plan.circuit, case.where(path)) from None
    except CaseError as error:
        where = case.where(f"starts.{plan.name}")
        faults = [replace(fault, where=f"{where}, {fault.where}") for fault in error.faults]
        raise CaseError(faults) from None
    met = {it: how_met(simulation, it) for it in plan.specifications}
    return Run(plan, simulation, settled_since(simulation), met, _valued(simulation))


def _valued(simulation: Simulation) -> tuple[Valued, ...]:
    """What is held at the end, with the latest price of each oxide."""
    elements = simulation.circuit.elements
    prices, oxides = latest_prices(elements), simulation.oxides()
    now = simulation.inventory.total[-1] * oxides
    target = simulation.courses[-1].target
    steady = [None] * len(elements) if target is None else (target.total * oxides).tolist()
    return tuple(
        Valued(symbol, float(now[index]), steady[index], prices.get(symbol))
        for index, symbol in enumerate(elements)
    )


def _early(case: Case, run: Run) -> tuple[Fault, ...]:
    """Faults of what ended a run before its time."""
    simulation = run.simulation
    assert simulation.refusal is not None
    period = simulation.courses[-1].period
    where = f"{case.where(f'starts.{run.plan.name}')}, at {simulation.end:.4g} h ({period.name})"
    return simulation.refusal.error(simulation.circuit, where).faults
