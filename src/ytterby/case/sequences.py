"""Sequences that a case file asks for: a feed, its products, what each of them must be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ytterby.case.check import FAULTY, is_good
from ytterby.case.designs import CutReader, has_fault, priced
from ytterby.case.equilibria import chosen_set
from ytterby.case.faults import Faults
from ytterby.case.lines import KeyPath
from ytterby.circuit.circuit import Inlet
from ytterby.datasets import ParameterSet, cited
from ytterby.elements import SYMBOLS, element
from ytterby.errors import CaseError, DataError, nearest
from ytterby.materials import is_rare_earth
from ytterby.quantities import quoted

if TYPE_CHECKING:  # the rooms of the design load the numerics, which most case files do not need
    from ytterby.design.costs import Prices
    from ytterby.design.products import ProductSpecification
    from ytterby.design.sequence import SequenceTask
    from ytterby.design.task import CutTask

MOST_PRODUCTS = 10
"""Products of one feed; they can be parted in 4,862 orders of cuts, each of which is ranked."""


@dataclass(frozen=True)
class SequencePlan:
    """One sequence of a case file: names resolved, nothing ranked."""

    name: str
    task: SequenceTask
    products: tuple[str, ...]
    """Names of the products, in the order of extraction."""
    verified: int
    """How many of the best sequences are designed rigorously."""

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of the bibliography that it rests on: constants, and prices as far as they are known."""
        task = self.task.first
        symbols = [name for name in task.elements if name not in task.assumed]
        return cited([*task.parameters.used(symbols, task.terms), *priced(task).used])


def read_sequences(checked: Mapping[str, Any], faults: Faults) -> dict[str, SequencePlan]:
    """The sequences of a checked file by name; one that has a fault, which is noted, is left out."""
    entries = checked["sequences"] if is_good(checked["sequences"]) else {}
    found = {
        name: SequenceReader(CutReader("sequences", name, entry, faults)).plan()
        for name, entry in entries.items()
        if entry is not FAULTY
    }
    return {name: plan for name, plan in found.items() if plan is not None}


@dataclass(frozen=True)
class SequenceReader:
    """Reads one sequence: what it shares with a design as that is read, and its products."""

    cuts: CutReader

    @property
    def entry(self) -> Mapping[str, Any]:
        """Of the checked file."""
        return self.cuts.entry

    @property
    def faults(self) -> Faults:
        """Where faults are noted."""
        return self.cuts.faults

    @property
    def path(self) -> KeyPath:
        """Of its table."""
        return self.cuts.path

    def plan(self) -> SequencePlan | None:
        """The sequence; None if it has a fault."""
        before = len(self.faults.found)
        parameters = chosen_set(self.entry, self.path, self.faults)
        feed = self.cuts.feed(parameters)
        prices = self.cuts.prices()
        products = self._products()
        asked = self._asked(products)
        if feed and feed.salt:
            read = "a feed with salt"
            expected = "no salt: liquors between circuits are made up of metals and acid"
            self.faults.add((*self.path, "feed", "salt"), read, expected, next="remove it")
        whole = len(self.faults.found) == before and not has_fault(self.entry)
        if not whole or parameters is None or feed is None or prices is None or products is None:
            return None
        task = self._task(parameters, feed, prices, products, asked)
        if task is None or not (
            self.cuts.has_prices(task.first) and self.cuts.has_no_gel(task.first)
        ):
            return None
        return SequencePlan(self.cuts.name, task, tuple(products), self.entry["verified"])

    def _asked(
        self, products: Mapping[str, tuple[str, ...]] | None
    ) -> tuple[ProductSpecification, ...]:
        """What is asked of each product: its own, else that of all; unknown names are noted."""
        from ytterby.design.products import ProductSpecification

        table = self.entry["specification"] or {}
        if not is_good(table):
            return ()
        own = table.get("products") or {}
        named = self.entry["products"] if is_good(self.entry["products"]) else {}
        for label in own if is_good(own) else ():
            if label not in named:
                path = (*self.path, "specification", "products", label)
                expected, close = "one of: " + ", ".join(named), nearest(label, named)
                self.faults.add(
                    path, quoted(label), expected, nearest=close, next="name one of the products"
                )
        if products is None or has_fault(table):
            return ()
        shared = {key: table[key] for key in ("purity", "recovery") if key in table}
        found = []
        for label in products:
            given = {key: it for key, it in (own.get(label) or {}).items() if it is not None}
            found.append(ProductSpecification(**{**shared, **given}))
        return tuple(found)

    def _products(self) -> dict[str, tuple[str, ...]] | None:
        """Metals of each product by its name; None if one of them has a fault."""
        table, path = self.entry["products"], (*self.path, "products")
        if not is_good(table):
            return None
        before = len(self.faults.found)
        if len(table) > MOST_PRODUCTS:
            expected = f"at most {MOST_PRODUCTS}: the number of orders grows fivefold with each"
            next = "part some of them later, in a sequence of their own"
            self.faults.add(path, f"{len(table)} products", expected, next=next)
        for name, metals in table.items():
            if metals is FAULTY:
                continue
            if not metals:
                expected = "the metals of the product"
                next = f'write {name} = ["Tb"], or remove it'
                self.faults.add((*path, name), "an empty list", expected, next=next)
            for number, symbol in enumerate(metals):
                self._check_symbol(symbol, (*path, name, number))
        if len(self.faults.found) > before or FAULTY in table.values():
            return None
        products = {name: tuple(metals) for name, metals in table.items()}
        self._check_ends(products, path)
        return products if len(self.faults.found) == before else None

    def _check_symbol(self, symbol: str, path: KeyPath) -> None:
        try:
            element(symbol)
        except DataError as error:
            self.faults.take(path, error)

    def _check_ends(self, products: Mapping[str, tuple[str, ...]], path: KeyPath) -> None:
        """Cuts are between rare earths, since wrong sides are counted in these."""
        for (light, before), (heavy, after) in pairwise(products.items()):
            for name, symbol in ((light, before[-1]), (heavy, after[0])):
                if not is_rare_earth(symbol):
                    read = f"{symbol}, which is no rare earth, at the cut of {light} and {heavy}"
                    next = "name it between rare earths of one product"
                    self.faults.add((*path, name), read, "a rare earth", next=next)

    def _task(
        self,
        parameters: ParameterSet,
        feed: Inlet,
        prices: Prices,
        products: Mapping[str, tuple[str, ...]],
        asked: tuple[ProductSpecification, ...],
    ) -> SequenceTask | None:
        """What is to be ranked; None where the products do not part the feed."""
        from ytterby.design.sequence import SequenceTask, first_cut

        any_cut = self._task_of_any_cut(parameters, feed, prices)
        if any_cut is None:
            return None
        parts = tuple(products.values())
        try:
            task = SequenceTask(any_cut, parts, asked, self.entry["side_draws"])
            self._check_cuts(task)
            return replace(task, first=replace(any_cut, cut=first_cut(parts)))
        except CaseError as error:
            self.faults.take((*self.path, "products"), error)
            return None

    def _task_of_any_cut(
        self, parameters: ParameterSet, feed: Inlet, prices: Prices
    ) -> CutTask | None:
        """The feed with a cut that it bears, the easiest, so that its products can be judged."""
        from ytterby.design.task import reference_ln_distribution
        from ytterby.equilibrium import Conditions, chemistry

        names = [name for name in SYMBOLS if feed.concentrations.get(name, 0.0) > 0.0]
        if len(names) < 2:
            next = "add the other metals to feed.concentrations"
            path = (*self.path, "feed", "concentrations")
            self.faults.add(path, f"{names[0]} alone", "at least two metals", next=next)
            return None
        if parameters.model != "mass_action":
            return self._with_cut(parameters, feed, prices, (names[0], names[1]))
        entry = self.entry
        assumed = {name: it for name, it in (entry["assumed"] or {}).items() if name in names}
        said = Conditions(entry["temperature"], tuple(entry["terms"] or ()), assumed)
        model = chemistry(parameters, names, conditions=said)
        ln_d = reference_ln_distribution(model, entry["organic"]["concentration"])
        extracted = dict(zip(names, ln_d.tolist(), strict=True))
        pairs = list(pairwise(sorted(names, key=lambda name: extracted[name])))
        easiest = max(pairs, key=lambda pair: extracted[pair[1]] - extracted[pair[0]])
        return self._with_cut(parameters, feed, prices, easiest)

    def _with_cut(
        self, parameters: ParameterSet, feed: Inlet, prices: Prices, cut: tuple[str, str]
    ) -> CutTask | None:
        from ytterby.design.task import Specification

        return self.cuts.task(parameters, feed, prices, cut, Specification())

    def _check_cuts(self, task: SequenceTask) -> None:
        """Every two neighbouring products can be parted."""
        for (light, before), (heavy, after) in pairwise(self.entry["products"].items()):
            try:
                replace(task.first, cut=(before[-1], after[0]))
            except CaseError as error:
                path = (*self.path, "products", heavy)
                next = f"make {light} and {heavy} one product, and part it by other means"
                self.faults.take(path, error, next=next)
