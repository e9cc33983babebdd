"""Circuits by hand calculation: stages and flows under full exchange, annual costs, what they hand on.

Of a joint circuit, the stages beyond its draw and the extraction amount are those at which it and its
finisher together cost least, among a few of each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from ytterby.arrays import jnp
from ytterby.circuit.shortcuts.cut import CutShortcut
from ytterby.circuit.shortcuts.drawn import Allowed, SolvedDrawn
from ytterby.circuit.shortcuts.joint import as_cut, lengthened, sharp_cut
from ytterby.design.conditioning import Conditioner, Liquor, added
from ytterby.design.costs import ITEMS, CostBasis, Held, annual_costs, cost_basis
from ytterby.design.products import Allowances, specification_of
from ytterby.design.start import hand_calculation, mean_charge, passing_acid
from ytterby.design.steps import DRAW, Cut, Joint, Step, goes_on
from ytterby.design.task import CutTask, SideDraw
from ytterby.errors import CaseError, ConvergenceError

STRIP_STAGES, STRIP_EXCESS = 5, 2.0
"""Strip stages, and acid over what the metals ask, that a hand calculation is priced with: assumed."""
EXCESSES = (1.0, 1.3)
"""Extraction amounts of a joint circuit that are tried, over what its sharp cut alone would have."""
DISTANCES = (2, 4, 7, 12, 20, 32)
"""Stages beyond a draw that are tried, until more cost more."""


@dataclass(frozen=True)
class HandFlows:
    """Flows of a circuit by hand calculation."""

    organic: float
    """[m3/h]"""
    scrub: float
    """[m3/h]"""
    scrub_h: float
    """[mol/h]"""
    strip: float
    """[m3/h]"""
    strip_h: float
    """[mol/h]"""
    passing: float
    """H+ that the scrub liquor brings beside what it scrubs with [mol/h]."""
    charge: float
    """Of the metals [mol/mol]."""


@dataclass(frozen=True)
class PricedStep:
    """A circuit by hand calculation."""

    step: Step
    task: CutTask
    """On its products, pure and whole."""
    shortcut: CutShortcut
    costs: Mapping[str, float]
    """[EUR/year] by item."""
    conditioning: Mapping[str, float]
    """Of its outlets that other circuits are fed with [EUR/year], by item."""
    drawn: SolvedDrawn | None = None
    """Of a joint circuit: what leaves by its three outlets."""

    @property
    def cost(self) -> float:
        """Conditioning of its outlets included [EUR/year]."""
        return sum(self.costs.values()) + sum(self.conditioning.values())


@dataclass
class HandPricer:
    """Prices circuits of one feed; each different one once."""

    first: CutTask
    """Chemistry, feed, limits and prices."""
    known: Allowances
    done: dict[Step, PricedStep | None] = field(default_factory=dict)

    @cached_property
    def basis(self) -> CostBasis:
        """Rates for all metals of the feed."""
        return basis_of(self.first)

    @cached_property
    def conditioner(self) -> Conditioner:
        """Of liquors between circuits."""
        return Conditioner(self.first.feed, self.first.base, self.first.prices)

    def priced(self, step: Step) -> PricedStep | None:
        """A circuit on its products, pure and whole; None for a joint circuit that hand calculation cannot
        make. CaseError for a cut that nothing makes."""
        if step not in self.done:
            if isinstance(step, Joint):
                self.done |= self._joint(step)
            elif step.of is not None:
                self.priced(step.of)
            else:
                self.done[step] = self._cut(step, self._fed(step.first, step.end))
        return self.done[step]

    def _fed(self, first: int, end: int) -> dict[str, float]:
        metals = [name for name in self.first.elements if name in self._products(first, end)]
        return {metal: self.first.fed(metal) for metal in metals}

    def _products(self, first: int, end: int) -> tuple[str, ...]:
        return tuple(metal for product in self.known.all_metals[first:end] for metal in product)

    def _cut(self, cut: Cut, metals: Mapping[str, float]) -> PricedStep:
        task = task_of(self.first, cut, self.known, metals)
        return self._finished(cut, task, hand_calculation(task))

    def _finished(
        self, step: Step, task: CutTask, shortcut: CutShortcut, drawn: SolvedDrawn | None = None
    ) -> PricedStep:
        flows = hand_flows(task, shortcut, drawn)
        costs = shortcut_costs(task, shortcut, self.basis, flows)
        liquors = liquors_of(task, shortcut, flows, drawn)
        prepared = [
            self.conditioner.costs(liquor)
            for outlet, liquor in liquors.items()
            if goes_on(step, outlet)
        ]
        return PricedStep(step, task, shortcut, costs, added(prepared), drawn)

    def _joint(self, joint: Joint) -> dict[Step, PricedStep | None]:
        """The joint circuit and its finisher, as cheap together as those tried."""
        best: tuple[PricedStep, PricedStep] | None = None
        plan = task_of(self.first, joint, self.known, self._fed(joint.first, joint.end))
        names, factors = plan.by_extraction()
        flows = np.array([plan.fed(name) for name in names])
        split, upper = (
            len(self._products(joint.first, place)) for place in (joint.split, joint.upper)
        )
        place = names.index(plan.cut[1])
        allowed = allowed_of(plan, joint, self.known)
        try:
            economic = sharp_cut(flows, factors, place, allowed, joint.side).excess
        except (CaseError, ConvergenceError):
            return {joint: None, joint.finisher: None}
        for times in EXCESSES:
            dearest, near = np.inf, None
            try:
                cut = sharp_cut(flows, factors, place, allowed, joint.side, times * economic)
            except (CaseError, ConvergenceError):
                continue
            for distance in DISTANCES:
                try:
                    near = lengthened(
                        flows, factors, split, upper, allowed, joint.side, distance, cut, near
                    )
                    shortcut = as_cut(near, cut)
                    main = self._finished(joint, plan, shortcut, near)
                    drawn = dict(zip(names, map(float, near.draw), strict=True))
                    finisher = self._cut(joint.finisher, significant(drawn))
                except (CaseError, ConvergenceError):
                    continue
                cost = main.cost + finisher.cost
                if best is None or cost < best[0].cost + best[1].cost:
                    best = main, finisher
                if cost > dearest:
                    break
                dearest = cost
        return {joint: best[0] if best else None, joint.finisher: best[1] if best else None}


TRACE = 1e-9
"""Share of the most of a liquor below which a metal is not carried on to the next circuit."""


def significant(moles: Mapping[str, float]) -> dict[str, float]:
    """Metals of a liquor that are more than traces [mol/h]."""
    most = max(moles.values())
    return {name: it for name, it in moles.items() if it > TRACE * most}


def task_of(
    first: CutTask,
    step: Step,
    known: Allowances,
    metals: Mapping[str, float],
    before: int | None = None,
) -> CutTask:
    """The task of one circuit on a feed of ``metals`` [mol/h] at the strength of the first feed.

    ``before``: circuits that it has passed, if that is known.
    """
    strength = sum(first.feed.concentrations.values())
    flow = sum(metals.values()) / strength
    inlet = replace(
        first.feed, flow=flow, concentrations={name: it / flow for name, it in metals.items()}
    )
    split = step.boundary
    keys = known.all_metals[split - 1][-1], known.all_metals[split][0]
    words = "-".join(keys) if not isinstance(step, Joint) else f"{'-'.join(keys)}-joint"
    if isinstance(step, Cut) and step.of is not None:
        words += "-finisher"
    return replace(
        first,
        name=f"{first.name}-{words}",
        feed=inlet,
        cut=keys,
        specification=specification_of(step, known, metals, before),
    )


def allowed_of(plan: CutTask, joint: Joint, known: Allowances) -> Allowed:
    """What the outlets of a joint circuit may hold by its specification [mol/h]."""
    asked = plan.specification
    lost = {metal: (1.0 - it) * plan.fed(metal) for metal, it in asked.recoveries.items()}
    drawn = known.own(joint.split, joint.upper)

    def moles(share: float, first: int, end: int) -> float:
        return share / (1.0 - share) * plan.moles(known.own(first, end))

    raffinate, strip = asked.wrong_sides
    key = plan.cut[1] if joint.side == "extraction" else plan.cut[0]
    return Allowed(
        raffinate=min(moles(raffinate, joint.first, joint.split), lost[drawn[0]]),
        extract=min(moles(strip, joint.upper, joint.end), lost[drawn[-1]]),
        draw=lost[key],
    )


def side_draw(priced: PricedStep, known: Allowances) -> SideDraw:
    """The draw of a joint circuit as its hand calculation chose it."""
    joint, drawn = priced.step, priced.drawn
    assert isinstance(joint, Joint) and drawn is not None
    return SideDraw(
        joint.side,
        tuple(metal for it in known.all_metals[joint.split : joint.upper] for metal in it),
        drawn.cascade.distance,
        drawn.share,
        priced.shortcut,
        DRAW,
    )


def basis_of(task: CutTask) -> CostBasis:
    """Rates for the metals of a task; DataError where something has no price."""
    own, elements = task.parameters, task.elements
    return cost_basis(task.prices, own.extractant, own.medium, task.base, elements, len(elements))


def hand_flows(task: CutTask, shortcut: CutShortcut, drawn: SolvedDrawn | None = None) -> HandFlows:
    """Flows of the circuit that a hand calculation describes; ``drawn``: of a joint circuit.

    Metal is exchanged for metal: one base per charge extracted, one acid per charge scrubbed, and besides
    the acid that passes through. The organic is loaded up to the limit, the excess of strip acid is assumed.
    """
    limits, charge = task.limits, mean_charge(task)
    share = drawn.share if drawn and drawn.cascade.section == "scrub" else 0.0
    passing = passing_acid(task, shortcut, limits.loading, shortcut.scrub_amount, share)
    scrub_h = charge * shortcut.scrub_amount + passing
    strip_h = STRIP_EXCESS * charge * float(shortcut.extract.sum())
    return HandFlows(
        organic=shortcut.extraction_amount * charge / (limits.loading * task.extractant / 2.0),
        scrub=scrub_h / limits.scrub_acid,
        scrub_h=scrub_h,
        strip=strip_h / limits.strip_acid,
        strip_h=strip_h,
        passing=passing,
        charge=charge,
    )


def shortcut_costs(
    task: CutTask,
    shortcut: CutShortcut,
    basis: CostBasis | None = None,
    flows: HandFlows | None = None,
) -> dict[str, float]:
    """Annual costs by item of the circuit that a hand calculation describes [EUR/year].

    Flows as of ``hand_flows``, strip stages assumed. What is held up: every stage is taken to hold both
    phases with the composition of the feed, the aqueous at its concentration and the organic loaded up to
    the limit. A draw is taken to leave with the raffinate. ``basis``: of a task with these metals among
    others; ``flows``: as they are known already.
    """
    basis = basis or basis_of(task)
    flows, elements = flows or hand_flows(task, shortcut), task.elements
    stages = (shortcut.extraction_stages, shortcut.scrub_stages, STRIP_STAGES)
    aqueous = np.repeat([task.feed.flow + flows.scrub, flows.scrub, flows.strip], stages)
    fed = np.array([task.fed(name) for name in elements])
    loaded = np.outer(np.ones(aqueous.size), fed / fed.sum()) * (
        shortcut.extraction_amount / flows.organic
    )
    dissolved = np.outer(np.ones(aqueous.size), fed / task.feed.flow)
    held = Held(
        jnp.asarray(aqueous),
        jnp.full(aqueous.size, flows.organic),
        jnp.asarray(dissolved),
        jnp.asarray(loaded),
        jnp.ones(aqueous.size),
    )
    base = flows.charge * shortcut.extraction_amount
    metals = jnp.asarray([basis.metal(name) for name in elements])
    costs = annual_costs(
        basis.rates._replace(metals=metals),
        held,
        jnp.asarray(base),
        jnp.asarray(flows.scrub_h + flows.strip_h),
        jnp.asarray(task.extractant),
    )
    return dict(zip(ITEMS, map(float, costs), strict=True))


def liquors_of(
    task: CutTask, shortcut: CutShortcut, flows: HandFlows, drawn: SolvedDrawn | None = None
) -> dict[str, Liquor]:
    """What leaves the circuit that a hand calculation describes, by outlet."""
    feed = task.feed
    aqueous, acid = feed.flow + flows.scrub, flows.passing + feed.flow * feed.acid
    extract = float(shortcut.extract.sum())
    liquors = {
        "raffinate": Liquor(aqueous, acid, float(shortcut.raffinate.sum())),
        "strip liquor": Liquor(flows.strip, flows.strip_h - flows.charge * extract, extract),
    }
    if drawn is not None:
        extraction = drawn.cascade.section == "extraction"
        taken = drawn.share * (aqueous if extraction else flows.scrub)
        acid_taken = drawn.share * (acid if extraction else flows.passing)
        liquors["raffinate"] = Liquor(
            aqueous - taken, acid - acid_taken, float(drawn.raffinate.sum())
        )
        liquors[DRAW] = Liquor(taken, acid_taken, float(drawn.draw.sum()))
    return liquors
