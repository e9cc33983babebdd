"""Cuts that a case file asks to be designed: feed, pair, specification, limits, prices of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from ytterby.case import liquors
from ytterby.case.check import FAULTY, is_good
from ytterby.case.equilibria import check_assumed, check_element, check_terms, chosen_set
from ytterby.case.faults import Faults
from ytterby.case.lines import KeyPath
from ytterby.circuit.circuit import Inlet
from ytterby.circuit.verdict import Verdict
from ytterby.datasets import ParameterSet, cited
from ytterby.elements import SYMBOLS
from ytterby.errors import CaseError, DataError

if TYPE_CHECKING:  # the rooms of the design load the numerics, which most case files do not need
    from ytterby.design.costs import CostBasis, Prices
    from ytterby.design.task import CutTask, Specification

KEYS: Mapping[str, KeyPath] = {
    "wrong_side": ("specification", "wrong_side"),
    "raffinate_wrong_side": ("specification", "raffinate_wrong_side"),
    "strip_wrong_side": ("specification", "strip_wrong_side"),
    "recovery": ("specification", "recovery"),
}
"""Where the file has what a fault of the task names, if not under that name at its top."""
FIELDS: Mapping[str, str] = {"pH": "ph"}
"""Fields of the task whose key has another name."""


@dataclass(frozen=True)
class DesignPlan:
    """One design of a case file: names resolved, nothing designed."""

    name: str
    task: CutTask
    robust: bool
    """Whether a variant is wanted that meets the specification in most draws of the constants."""
    correlation: float
    """Share of the variance of log10 Kex that all metals have in common, for those draws [-]."""

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of the bibliography that it rests on: constants, and prices as far as they are known."""
        task = self.task
        symbols = [name for name in task.elements if name not in task.assumed]
        prices = priced(task).used
        return cited([*task.parameters.used(symbols, task.terms), *prices])


def read_designs(checked: Mapping[str, Any], faults: Faults) -> dict[str, DesignPlan]:
    """The designs of a checked file by name; one that has a fault, which is noted, is left out."""
    entries = checked["designs"] if is_good(checked["designs"]) else {}
    found = {
        name: CutReader("designs", name, entry, faults).plan()
        for name, entry in entries.items()
        if entry is not FAULTY
    }
    return {name: plan for name, plan in found.items() if plan is not None}


def priced(task: CutTask) -> CostBasis:
    """The cost basis of a task; DataError where extractant, acid or base have no price."""
    from ytterby.design.costs import cost_basis

    own, elements = task.parameters, task.elements
    return cost_basis(task.prices, own.extractant, own.medium, task.base, elements, len(elements))


@dataclass(frozen=True)
class CutReader:
    """Reads a table of the keys that designs and sequences have in common."""

    table: Literal["designs", "sequences"]
    name: str
    entry: Mapping[str, Any]
    faults: Faults

    @property
    def path(self) -> KeyPath:
        """Of its table."""
        return (self.table, self.name)

    def plan(self) -> DesignPlan | None:
        """The design; None if it has a fault."""
        from ytterby.design.task import Specification

        before = len(self.faults.found)
        parameters = chosen_set(self.entry, self.path, self.faults)
        feed = self.feed(parameters)
        prices = self.prices()
        self._check_pair()
        whole = len(self.faults.found) == before and not has_fault(self.entry)
        if not whole or parameters is None or feed is None or prices is None:
            return None
        asked = Specification(**_given(self.entry["specification"]))
        task = self.task(parameters, feed, prices, tuple(self.entry["cut"]), asked)
        if task is None or not (self.has_prices(task) and self.has_no_gel(task)):
            return None
        return DesignPlan(self.name, task, self.entry["robust"], self.entry["correlation"])

    def feed(self, parameters: ParameterSet | None) -> Inlet | None:
        """The feed, every metal of which the equilibrium knows."""
        entry, path, faults = self.entry, (*self.path, "feed"), self.faults
        if parameters:
            check_terms(entry, parameters, self.path, faults)
            check_assumed(entry, parameters, self.path, faults)
        if entry["feed"] is FAULTY:
            return None
        if parameters:
            for at, symbol in liquors.named(entry["feed"], path):
                check_element(symbol, at, entry, parameters, faults)
        feed = liquors.inlet("feed", entry["feed"], path, entry["medium"], faults)
        if feed and not any(feed.concentrations.values()):
            expected = "at least two rare earths"
            next = 'add metals, such as Tb = "0.4 mol/L"'
            faults.add((*path, "concentrations"), "no metal", expected, next=next)
        if feed is None:
            return None
        there = {name: it for name, it in feed.concentrations.items() if it > 0.0}
        return replace(feed, concentrations=there)

    def _check_pair(self) -> None:
        """Faults of the keys that show without the feed, to be told with all others."""
        from ytterby.design.task import unfit_pair

        cut, path = self.entry["cut"], (*self.path, "cut")
        for fault in unfit_pair("cut", cut) if is_good(cut) else ():
            self.faults.take(path, CaseError(fault))

    def prices(self) -> Prices | None:
        """Prices of the tables, those of the case in place of theirs."""
        from ytterby.design.costs import Prices

        own = self.entry["prices"] if is_good(self.entry["prices"]) else {}
        good = {item: value for item, value in own.items() if value is not FAULTY}
        known = {}
        for item, value in good.items():
            try:
                Prices({item: value})
            except DataError as error:
                self.faults.take((*self.path, "prices", item), error)
            else:
                known[item] = value
        return Prices(known) if len(known) == len(own) else None

    def task(
        self,
        parameters: ParameterSet,
        feed: Inlet,
        prices: Prices,
        cut: tuple[str, str],
        specification: Specification,
    ) -> CutTask | None:
        """What is to be designed; None where it contradicts itself, which is noted."""
        from ytterby.design.task import CutTask, Limits

        entry, organic = self.entry, self.entry["organic"]
        assumed = entry["assumed"] or {}
        try:
            return CutTask(
                name=self.name,
                equilibrium=parameters.key,
                feed=feed,
                cut=cut,
                extractant=organic["concentration"],
                base=organic["base"],
                diluent=organic["diluent"] or "",
                temperature=entry["temperature"],
                terms=tuple(entry["terms"] or ()),
                assumed={name: assumed[name] for name in SYMBOLS if _is_fed(name, assumed, feed)},
                efficiency=entry["efficiency"],
                specification=specification,
                limits=Limits(**_given(entry["limits"])),
                prices=prices,
            )
        except CaseError as error:
            for fault in error.faults:
                key = self._key(fault.where.rpartition(", ")[2])
                self.faults.take((*self.path, *key), CaseError(fault))
            return None

    def _key(self, what: str) -> KeyPath:
        """The key that is best changed where the task names a fault."""
        if what == "equilibrium" and self.entry["equilibrium"] is None:
            return ("extractant",)  # which decides the set that is not named
        if what.startswith("recoveries."):
            return ("specification", *what.split("."))
        return KEYS.get(what, (what,))

    def has_prices(self, task: CutTask) -> bool:
        try:
            priced(task)
        except DataError as error:
            next = "design with an extractant of the costs, see docs/howto/design-a-cut.md"
            self.faults.take((*self.path, "extractant"), error, next=next)
            return False
        return True

    def has_no_gel(self, task: CutTask) -> bool:
        """Whether the diluent bears the saponification that the limit allows."""
        from ytterby.circuit.feasibility import refuse
        from ytterby.design.response import Operation, Stages, circuit_of

        # So little organic that no balance of charges refuses it before the diluent is looked at.
        run = Operation(1.0, task.limits.saponification, 1e-9, 1000.0, 1.0, 1000.0)
        refusal = refuse(circuit_of(task, Stages(1, 1, 1), run))
        if refusal is None or refusal.verdict is not Verdict.THIRD_PHASE:
            return True
        path = (*self.path, "limits", "saponification")
        next = "lower the limit, or name the modifier in organic.diluent"
        self.faults.add(path, refusal.read, refusal.expected, next=next)
        return False


def has_fault(entry: Mapping[str, Any]) -> bool:
    """Whether a value of a table, or of a table in it, has a fault that is noted."""
    return any(
        value is FAULTY or (isinstance(value, Mapping) and has_fault(value))
        for value in entry.values()
    )


def _given(table: Mapping[str, Any] | None) -> dict[str, Any]:
    """Fields by name; a table or a key that is left out is left to its default."""
    given = {key: value for key, value in (table or {}).items() if value is not None}
    return {FIELDS.get(key, key): value for key, value in given.items()}


def _is_fed(name: str, assumed: Mapping[str, float], feed: Inlet) -> bool:
    return name in assumed and feed.concentrations.get(name, 0.0) > 0.0
