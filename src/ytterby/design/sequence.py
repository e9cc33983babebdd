"""Order of cuts: every way to part a feed into products, ranked by hand calculation, the best designed.

A sequence is a binary tree: its cuts are nodes, its products leaves, in the order of extraction. Between
cuts liquors are brought to one concentration and acid, as the feed of the first is; what that takes is not
costed. The hand calculation prices each of the few different cuts once, whatever tree it stands in.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np

from ytterby.arrays import jnp
from ytterby.circuit.shortcuts.cut import CutShortcut
from ytterby.design.costs import ITEMS, Held, annual_costs, cost_basis
from ytterby.design.cut import DesignedCut, design_cut
from ytterby.design.start import hand_calculation, mean_charge, passing_acid
from ytterby.design.task import CutTask
from ytterby.errors import CaseError, ConvergenceError, Fault
from ytterby.materials import is_rare_earth

VERIFIED = 3
"""Sequences that are designed rigorously."""
STRIP_STAGES, STRIP_EXCESS = 5, 2.0
"""Strip stages, and acid over what the metals ask, that a hand calculation is priced with: assumed."""

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Cut:
    """A cut of products ``first`` to ``end``; those before ``split`` go to the raffinate."""

    first: int
    split: int
    end: int


Tree = tuple[Cut, ...]
"""Cuts of a sequence, each before those of its products."""


@dataclass(frozen=True)
class SequenceTask:
    """A feed, and the products that it is to be parted into."""

    first: CutTask
    """Chemistry, feed, specification, limits and prices; its cut is the first between two products."""
    products: tuple[tuple[str, ...], ...]
    """Metals of each product; products in the order of extraction, every metal of the feed in one."""

    def __post_init__(self) -> None:
        """CaseError where the products do not part the feed in the order of extraction."""
        faults = self._faults()
        if faults:
            raise CaseError(faults)

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Metals of the feed, the least extracted first."""
        return self.first.by_extraction()[0]

    def keys(self, cut: Cut) -> tuple[str, str]:
        """The pair that a cut parts."""
        return self.products[cut.split - 1][-1], self.products[cut.split][0]

    def words(self, cut: Cut) -> str:
        """The pair in words, e.g. ``Nd/Sm``."""
        return "/".join(self.keys(cut))

    def _faults(self) -> list[Fault]:
        where = f"sequence {self.first.name}, products"
        named = [metal for product in self.products for metal in product]
        faults = [
            Fault(where, f"{metal} twice", "every metal in one product", next="name it once")
            for metal in dict.fromkeys(metal for metal in named if named.count(metal) > 1)
        ]
        feed = ", ".join(self.order)
        faults += [
            Fault(where, f"{metal}, which the feed does not bring", f"metals of the feed: {feed}")
            for metal in dict.fromkeys(named)
            if metal not in self.order
        ]
        faults += [
            Fault(
                where,
                f"no product with {metal}",
                "every metal in one product",
                next="add it to one",
            )
            for metal in self.order
            if metal not in named
        ]
        if not all(self.products):
            faults.append(Fault(where, "a product without metals", "one metal or more in each"))
        if len(self.products) < 2:
            faults.append(Fault(where, f"{len(self.products)} product", "two products or more"))
        if not faults and tuple(named) != self.order:
            read = " | ".join(" ".join(product) for product in self.products)
            expected = f"neighbours in the order of extraction: {feed}"
            faults.append(
                Fault(where, read, expected, next="write products and metals in that order")
            )
        return faults


@dataclass(frozen=True)
class PricedCut:
    """A cut by hand calculation."""

    cut: Cut
    shortcut: CutShortcut
    costs: Mapping[str, float]
    """[EUR/year] by item."""

    @property
    def cost(self) -> float:
        """[EUR/year]"""
        return sum(self.costs.values())


@dataclass(frozen=True)
class RankedSequence:
    """One order of cuts with what it costs by hand calculation."""

    tree: Tree
    cost: float
    """[EUR/year]"""


@dataclass(frozen=True)
class DesignedSequence:
    """A sequence whose cuts were designed, each on what the one before it gives."""

    tree: Tree
    designs: Mapping[Cut, DesignedCut]
    purity: tuple[float, ...]
    """Of each product, share of its own in its rare-earth moles [mol/mol]; nan without rare earths."""
    recovery: tuple[float, ...]
    """Of each product, share of its metals in the feed [mol/mol]."""

    @property
    def cost(self) -> float:
        """[EUR/year]"""
        return sum(design.cost for design in self.designs.values())


@dataclass(frozen=True)
class Sequenced:
    """All sequences of a task, the cheapest first, and the best of them designed."""

    task: SequenceTask
    priced: Mapping[Cut, PricedCut]
    ranked: tuple[RankedSequence, ...]
    designed: tuple[DesignedSequence, ...]
    """The cheapest first."""
    refused: Mapping[Tree, CaseError | ConvergenceError]
    """Sequences with a cut that could not be designed."""


def trees(first: int, end: int) -> Iterator[Tree]:
    """All ways to part products ``first`` to ``end``; their number is a Catalan number."""
    if end - first < 2:
        yield ()
        return
    for split in range(first + 1, end):
        for light in trees(first, split):
            for heavy in trees(split, end):
                yield (Cut(first, split, end), *light, *heavy)


def sequence_cuts(
    task: SequenceTask, verified: int = VERIFIED, progress: Progress = lambda name: None
) -> Sequenced:
    """All sequences ranked by hand calculation, the ``verified`` best designed rigorously.

    CaseError where a pair cannot be parted, ConvergenceError if none of the best can be designed.
    """
    every = tuple(trees(0, len(task.products)))
    priced = {cut: _priced(task, cut) for cut in dict.fromkeys(it for tree in every for it in tree)}
    ranked = sorted(
        (RankedSequence(tree, sum(priced[cut].cost for cut in tree)) for tree in every),
        key=lambda it: it.cost,
    )
    known: dict[tuple[Tree, Cut], DesignedCut] = {}
    designed: list[DesignedSequence] = []
    refused: dict[Tree, CaseError | ConvergenceError] = {}
    for sequence in ranked[:verified]:
        try:
            designed.append(_designed(task, sequence.tree, known, progress))
        except (CaseError, ConvergenceError) as error:
            refused[sequence.tree] = error
    if not designed:
        raise ConvergenceError([fault for error in refused.values() for fault in error.faults])
    designed.sort(key=lambda it: it.cost)
    return Sequenced(task, priced, tuple(ranked), tuple(designed), refused)


def _cut_task(task: SequenceTask, cut: Cut, metals: Mapping[str, float]) -> CutTask:
    """The task of one cut on a feed of ``metals`` [mol/h] at the strength of the first feed."""
    feed = task.first.feed
    strength = sum(feed.concentrations.values())
    flow = sum(metals.values()) / strength
    inlet = replace(
        feed, flow=flow, concentrations={name: moles / flow for name, moles in metals.items()}
    )
    name = f"{task.first.name}-{'-'.join(task.keys(cut))}"
    return replace(task.first, name=name, feed=inlet, cut=task.keys(cut))


def _priced(task: SequenceTask, cut: Cut) -> PricedCut:
    """A cut on its products, pure and whole, by hand calculation."""
    own = [metal for product in task.products[cut.first : cut.end] for metal in product]
    plan = _cut_task(task, cut, {metal: task.first.fed(metal) for metal in own})
    shortcut = hand_calculation(plan)
    return PricedCut(cut, shortcut, shortcut_costs(plan, shortcut))


def shortcut_costs(task: CutTask, shortcut: CutShortcut) -> dict[str, float]:
    """Annual costs by item of the cut that a hand calculation describes [EUR/year].

    Metal is exchanged for metal: one base per charge extracted, one acid per charge scrubbed, and besides
    the acid that passes through. The organic is loaded up to the limit, strip stages and excess of strip
    acid are assumed.
    """
    parameters, elements, limits = task.parameters, task.elements, task.limits
    basis = cost_basis(
        task.prices, parameters.extractant, parameters.medium, task.base, elements, len(elements)
    )
    charge = mean_charge(task)
    product = float(shortcut.extract.sum())
    organic = shortcut.extraction_amount * charge / (limits.loading * task.extractant / 2.0)
    scrub_h = charge * shortcut.scrub_amount
    scrub_h += passing_acid(task, shortcut, limits.loading, shortcut.scrub_amount)
    scrub = scrub_h / limits.scrub_acid
    strip_h = STRIP_EXCESS * charge * product
    strip = strip_h / limits.strip_acid
    stages = (shortcut.extraction_stages, shortcut.scrub_stages, STRIP_STAGES)
    aqueous = np.repeat([task.feed.flow + scrub, scrub, strip], stages)
    fed = np.array([task.fed(name) for name in elements])
    loaded = np.outer(np.ones(aqueous.size), fed / fed.sum()) * (
        shortcut.extraction_amount / organic
    )
    dissolved = np.outer(np.ones(aqueous.size), fed / task.feed.flow)
    held = Held(
        jnp.asarray(aqueous),
        jnp.full(aqueous.size, organic),
        jnp.asarray(dissolved),
        jnp.asarray(loaded),
        jnp.ones(aqueous.size),
    )
    base = charge * shortcut.extraction_amount
    acid = scrub_h + strip_h
    costs = annual_costs(
        basis.rates, held, jnp.asarray(base), jnp.asarray(acid), jnp.asarray(task.extractant)
    )
    return dict(zip(ITEMS, map(float, costs), strict=True))


def _designed(
    task: SequenceTask,
    tree: Tree,
    known: dict[tuple[Tree, Cut], DesignedCut],
    progress: Progress,
) -> DesignedSequence:
    """Every cut of a sequence designed on what arrives; sequences share what stands before it."""
    arriving = {(0, len(task.products)): {name: task.first.fed(name) for name in task.order}}
    designs = {}
    for cut in tree:
        before = tuple(it for it in tree if it.first <= cut.first and it.end >= cut.end)
        key = (before, cut)
        if key not in known:
            progress(task.words(cut))
            known[key] = design_cut(_cut_task(task, cut, arriving[cut.first, cut.end]))
        designs[cut] = known[key]
        streams = known[key].solved.streams
        for place, outlet in (
            ((cut.first, cut.split), "raffinate"),
            ((cut.split, cut.end), "strip liquor"),
        ):
            moles = {name: streams[outlet].moles(name) for name in known[key].task.elements}
            most = max(moles.values())
            arriving[place] = {name: it for name, it in moles.items() if it > TRACE * most}
    purity, recovery = [], []
    for number, product in enumerate(task.products):
        moles = arriving[number, number + 1]
        whole = sum(it for name, it in moles.items() if is_rare_earth(name))
        own = {name: moles.get(name, 0.0) for name in product}
        rare = sum(it for name, it in own.items() if is_rare_earth(name))
        purity.append(rare / whole if whole > 0 else math.nan)
        recovery.append(sum(own.values()) / sum(task.first.fed(name) for name in product))
    return DesignedSequence(tree, designs, tuple(purity), tuple(recovery))


TRACE = 1e-9
"""Share of the most of a liquor below which a metal is not carried on to the next cut."""


def first_cut(products: Sequence[Sequence[str]]) -> tuple[str, str]:
    """The pair between the first two products."""
    light, heavy = next(pairwise(products))
    return light[-1], heavy[0]
