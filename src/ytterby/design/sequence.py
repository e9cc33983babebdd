"""Sequences: every way to part a feed into products, ranked by hand calculation, the best designed.

A sequence is a tree: its circuits are nodes, its products leaves, in the order of extraction. Circuits have
two outlets, or three with a side draw that a smaller circuit finishes, see ``steps``. Between circuits
liquors are brought to the strength and acid of the first feed, see ``conditioning``. What products must be
says what each circuit must meet, see ``products``. The hand calculation prices each different circuit once,
whatever tree it stands in; a designed sequence counts only if its products, of the circuits solved, are
what was asked.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from ytterby.design.by_hand import HandPricer, PricedStep, side_draw, significant, task_of
from ytterby.design.conditioning import Conditioner, Liquor, added
from ytterby.design.costs import Price
from ytterby.design.cut import DesignedCut, design_cut
from ytterby.design.products import Allowances, ProductSpecification, allowances
from ytterby.design.search import QUICK
from ytterby.design.steps import DRAW, Cut, Joint, Span, Step, Tree, goes_on, trees
from ytterby.design.task import CutTask
from ytterby.errors import CaseError, ConvergenceError, Fault
from ytterby.materials import is_rare_earth

VERIFIED = 3
"""Sequences that are designed rigorously."""
MOST_WITH_DRAWS = 7
"""Products for which joint circuits are ranked; with eight there would be ten thousand sequences and more."""
WIDER_DRAWS = (1.0, 1.5)
"""Shares drawn that are tried in turn, over that of the hand calculation."""
LONGER = 2
"""Stages of a section of a joint circuit at most, over those of the longer one by hand calculation."""
MOST_DRAWN = 0.95
"""Of the aqueous at a draw."""

Progress = Callable[[str], None]


@dataclass(frozen=True)
class SequenceTask:
    """A feed, and the products that it is to be parted into."""

    first: CutTask
    """Chemistry, feed, limits and prices; its cut is the first between two products, its specification is not
    used."""
    products: tuple[tuple[str, ...], ...]
    """Metals of each product; products in the order of extraction, every metal of the feed in one."""
    asked: tuple[ProductSpecification, ...] = ()
    """Of each product; none: the defaults for all."""
    side_draws: bool = True
    """Whether joint circuits are ranked too, with no more than ``MOST_WITH_DRAWS`` products."""

    def __post_init__(self) -> None:
        """CaseError where the products do not part the feed in the order of extraction."""
        faults = self._faults()
        if faults:
            raise CaseError(faults)

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Metals of the feed, the least extracted first."""
        return self.first.by_extraction()[0]

    @property
    def specifications(self) -> tuple[ProductSpecification, ...]:
        """Of each product."""
        return self.asked or (ProductSpecification(),) * len(self.products)

    @cached_property
    def allowances(self) -> Allowances:
        """What circuits may leave where it does not belong."""
        fed = {metal: self.first.fed(metal) for metal in self.order}
        return allowances(self.products, self.specifications, fed)

    @property
    def conditioner(self) -> Conditioner:
        """Of liquors between circuits."""
        return Conditioner(self.first.feed, self.first.base, self.first.prices)

    def keys(self, step: Step) -> tuple[str, ...]:
        """The pair that a cut parts; of a joint circuit the ends of both its boundaries."""
        places = (step.split, step.upper) if isinstance(step, Joint) else (step.split,)
        ends = [(self.products[place - 1][-1], self.products[place][0]) for place in places]
        return tuple(metal for pair in ends for metal in pair)

    def words(self, step: Step) -> str:
        """The pair in words, e.g. ``Nd/Sm``; of a joint circuit both, with what is drawn between in brackets,
        e.g. ``Gd/(Tb)/Dy`` and of its finisher ``Gd/Tb of the draw``."""
        if isinstance(step, Cut):
            pair = "/".join(self.keys(step))
            return f"{pair} of the draw" if step.of else pair
        drawn = "-".join(dict.fromkeys((self.keys(step)[1], self.keys(step)[2])))
        return f"{self.keys(step)[0]}/({drawn})/{self.keys(step)[3]}"

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
        if self.asked and len(self.asked) != len(self.products):
            read = f"specifications of {len(self.asked)} products"
            faults.append(Fault(where, read, f"none, or {len(self.products)}"))
        faults += self._unfit_specifications()
        if not faults and tuple(named) != self.order:
            read = " | ".join(" ".join(product) for product in self.products)
            expected = f"neighbours in the order of extraction: {feed}"
            faults.append(
                Fault(where, read, expected, next="write products and metals in that order")
            )
        return faults

    def _unfit_specifications(self) -> list[Fault]:
        where = f"sequence {self.first.name}, specification"
        return [
            Fault(where, f"{name} {share:g}", "more than half and less than 1")
            for it in self.asked
            for name, share in (("purity", it.purity), ("recovery", it.recovery))
            if not 0.5 < share < 1.0
        ]


@dataclass(frozen=True)
class RankedSequence:
    """One sequence with what it costs by hand calculation."""

    tree: Tree
    cost: float
    """[EUR/year]"""


@dataclass(frozen=True)
class DesignedSequence:
    """A sequence whose circuits were designed, each on what the one before it gives."""

    tree: Tree
    designs: Mapping[Step, DesignedCut]
    conditioning: Mapping[Step, Mapping[str, float]]
    """Of the outlets that other circuits are fed with [EUR/year], by item."""
    products: tuple[Mapping[str, float], ...]
    """Metals of each product [mol/h], of all circuits that it leaves."""
    purity: tuple[float, ...]
    """Of each product, share of its own in its rare-earth moles [mol/mol]."""
    recovery: tuple[float, ...]
    """Of each product, share of its metals in the feed [mol/mol]."""

    @property
    def cost(self) -> float:
        """Conditioning included [EUR/year]."""
        return sum(map(self.step_cost, self.tree))

    def step_cost(self, step: Step) -> float:
        """Of one circuit and the conditioning of its outlets [EUR/year]."""
        return self.designs[step].cost + sum(self.conditioning[step].values())


@dataclass(frozen=True)
class Sequenced:
    """All sequences of a task, the cheapest first, and the best of them designed."""

    task: SequenceTask
    priced: Mapping[Step, PricedStep]
    ranked: tuple[RankedSequence, ...]
    designed: tuple[DesignedSequence, ...]
    """The cheapest first."""
    refused: Mapping[Tree, CaseError | ConvergenceError]
    """Sequences with a circuit that could not be designed, or a product that is not as asked."""

    @property
    def prices(self) -> tuple[Price, ...]:
        """All prices behind the costs."""
        best = self.designed[0]
        used = (*best.designs[best.tree[0]].prices, *self.task.conditioner.used)
        return tuple({price.item: price for price in used}.values())


def sequence_cuts(
    task: SequenceTask, verified: int = VERIFIED, progress: Progress = lambda name: None
) -> Sequenced:
    """All sequences ranked by hand calculation, the ``verified`` best designed rigorously.

    The best with a joint circuit and the best without are among those designed. CaseError where a pair cannot
    be parted, ConvergenceError if none of the best can be designed.
    """
    pricer = HandPricer(task.first, task.allowances)
    count = len(task.products)
    every = trees(0, count, task.side_draws and count <= MOST_WITH_DRAWS)
    ranked = []
    for tree in every:
        costs = [it.cost if (it := pricer.priced(step)) else math.inf for step in tree]
        if math.isfinite(sum(costs)):
            ranked.append(RankedSequence(tree, sum(costs)))
    ranked.sort(key=lambda it: it.cost)
    priced = {step: it for step, it in pricer.done.items() if it is not None}
    known: dict[tuple[Tree, Step], DesignedCut] = {}
    designed: list[DesignedSequence] = []
    refused: dict[Tree, CaseError | ConvergenceError] = {}
    for sequence in _best(ranked, verified):
        try:
            designed.append(_designed(task, sequence.tree, priced, known, progress))
        except (CaseError, ConvergenceError) as error:
            refused[sequence.tree] = error
    if not designed:
        raise ConvergenceError([fault for error in refused.values() for fault in error.faults])
    designed.sort(key=lambda it: it.cost)
    return Sequenced(task, priced, tuple(ranked), tuple(designed), refused)


def _best(ranked: Sequence[RankedSequence], count: int) -> list[RankedSequence]:
    """The cheapest with and without a joint circuit, then the cheapest of all others."""
    kinds = ([it for it in ranked if has_draw(it.tree) == joint] for joint in (False, True))
    first = [kind[0] for kind in kinds if kind]
    others = [it for it in ranked if it not in first]
    return sorted([*first, *others[: max(0, count - len(first))]], key=lambda it: it.cost)


def has_draw(tree: Tree) -> bool:
    """Whether a sequence has a joint circuit."""
    return any(isinstance(step, Joint) for step in tree)


def _designed(
    task: SequenceTask,
    tree: Tree,
    priced: Mapping[Step, PricedStep],
    known: dict[tuple[Tree, Step], DesignedCut],
    progress: Progress,
) -> DesignedSequence:
    """Every circuit of a sequence designed; sequences share what stands before it.

    ConvergenceError with the products that are not as asked.
    """
    arriving: dict[Span | Joint, dict[str, float]] = {
        Span(0, len(task.products)): {name: task.first.fed(name) for name in task.order}
    }
    designs: dict[Step, DesignedCut] = {}
    conditioning: dict[Step, Mapping[str, float]] = {}
    for number, step in enumerate(tree):
        before = tuple(it for it in tree[:number] if it.first <= step.first and it.end >= step.end)
        if (before, step) not in known:
            progress(task.words(step))
            fed = significant(arriving[step.source])
            plan = task_of(task.first, step, task.allowances, fed, len(before))
            known[before, step] = _made(step, plan, priced, task.allowances)
        made = designs[step] = known[before, step]
        liquors = {}
        for outlet, place in _targets(step).items():
            stream = made.solved.streams[outlet]
            there = arriving.setdefault(place, {})
            for name in made.task.elements:
                there[name] = there.get(name, 0.0) + stream.moles(name)
            if goes_on(step, outlet):
                assert stream.acid is not None, "an aqueous"
                metals = sum(map(stream.moles, made.task.elements))
                liquors[outlet] = Liquor(stream.flow, stream.flow * stream.acid, metals)
        conditioning[step] = added([*map(task.conditioner.costs, liquors.values())])
    products = tuple(arriving[Span(place, place + 1)] for place in range(len(task.products)))
    faults = [
        fault for place, moles in enumerate(products) for fault in _missed(task, place, moles)
    ]
    if faults:
        raise ConvergenceError(faults)
    return DesignedSequence(
        tree,
        designs,
        conditioning,
        products,
        tuple(_purity(own, moles) for own, moles in zip(task.products, products, strict=True)),
        tuple(
            sum(moles.get(name, 0.0) for name in own) / sum(map(task.first.fed, own))
            for own, moles in zip(task.products, products, strict=True)
        ),
    )


def _targets(step: Step) -> dict[str, Span | Joint]:
    """Where the outlets of a circuit go."""
    places: dict[str, Span | Joint] = {**step.outlets}
    return places | ({DRAW: step} if isinstance(step, Joint) else {})


def _made(
    step: Step, plan: CutTask, priced: Mapping[Step, PricedStep], known: Allowances
) -> DesignedCut:
    """A circuit designed; a draw is widened until the circuit meets its specification."""
    if not isinstance(step, Joint):
        return design_cut(plan)
    draw = side_draw(priced[step], known)
    hand = draw.shortcut
    longest = LONGER * max(hand.extraction_stages, hand.scrub_stages)
    longest = min(plan.limits.stages, math.ceil(longest / plan.efficiency))
    plan = replace(plan, limits=replace(plan.limits, stages=longest))
    refused: ConvergenceError | None = None
    for wider in WIDER_DRAWS:
        share = min(wider * draw.share, MOST_DRAWN)
        try:
            return design_cut(replace(plan, draw=replace(draw, share=share)), effort=QUICK)
        except ConvergenceError as error:
            refused = error
    assert refused is not None
    raise refused


def _purity(own: Sequence[str], moles: Mapping[str, float]) -> float:
    """Share of a product's own in its rare-earth moles [mol/mol]; nan without rare earths."""
    whole = sum(it for name, it in moles.items() if is_rare_earth(name))
    rare = sum(moles.get(name, 0.0) for name in own if is_rare_earth(name))
    return rare / whole if whole > 0 else math.nan


def _missed(task: SequenceTask, place: int, moles: Mapping[str, float]) -> list[Fault]:
    """What a product of the solved circuits misses of its specification."""
    own, asked = task.products[place], task.specifications[place]
    where = f"sequence {task.first.name}, product {' '.join(own)}"
    purity = _purity(own, moles)
    faults = []
    if purity < asked.purity:
        faults.append(
            Fault(where, f"purity {purity:.6g} of the solved circuits", f"{asked.purity:.6g}")
        )
    for metal in filter(is_rare_earth, own):
        recovery = moles.get(metal, 0.0) / task.first.fed(metal)
        if recovery < asked.recovery:
            read = f"recovery {recovery:.6g} of {metal} in the solved circuits"
            faults.append(Fault(where, read, f"{asked.recovery:.6g}"))
    return faults


def first_cut(products: Sequence[Sequence[str]]) -> tuple[str, str]:
    """The pair between the first two products."""
    light, heavy = next(pairwise(products))
    return light[-1], heavy[0]
