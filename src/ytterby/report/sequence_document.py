"""Sequences of cuts as a JSON document; units stand in the keys."""

from __future__ import annotations

from typing import Any

from ytterby.datasets import weakest_basis
from ytterby.design.by_hand import PricedStep
from ytterby.design.costs import CURRENCY, PRICE_DATE
from ytterby.design.sequence import DesignedSequence
from ytterby.design.steps import Cut, Joint, Step, Tree
from ytterby.design.task import Specification
from ytterby.report.design_document import price_document, result_document
from ytterby.report.document import faults_document, heading, sources_document
from ytterby.report.sequence import ASSUMPTIONS, hand_cost, products_of
from ytterby.study.sequence import PlannedSequence, SequenceStudy

FORMAT = "ytterby.sequence-result"
VERSION = 2
"""Raised when a key is removed or changes its meaning; keys may be added without."""


def sequence_document(study: SequenceStudy) -> dict[str, Any]:
    """All sequences of a case as plain JSON values."""
    return {
        **heading(FORMAT, VERSION, study.case),
        "sequences": [_planned(planned) for planned in study.sequences.values()],
        "unreached": [
            {"sequence": name, "faults": faults_document(error.faults)}
            for name, error in study.unreached.items()
        ],
    }


def _planned(planned: PlannedSequence) -> dict[str, Any]:
    plan, found = planned.plan, planned.found
    first = found.task.first
    root = planned.best.designs[planned.best.tree[0]]
    return {
        "sequence": plan.name,
        "equilibrium": first.equilibrium,
        "products": [
            {
                "name": name,
                "metals": list(metals),
                "asked": {"purity": asked.purity, "recovery": asked.recovery},
            }
            for name, metals, asked in zip(
                plan.products, found.task.products, found.task.specifications, strict=True
            )
        ],
        "verified": plan.verified,
        "currency": CURRENCY,
        "price_date": PRICE_DATE,
        "hand_priced_cuts": [_priced(planned, it) for it in found.priced.values()],
        "ranking": [
            {
                "cuts": _cuts(planned, it.tree),
                "hand_cost_per_year": it.cost,
                "over_cheapest": it.cost / found.ranked[0].cost,
            }
            for it in found.ranked
        ],
        "designed": [_designed(planned, it) for it in found.designed],
        "refused": [
            {"cuts": _cuts(planned, tree), "faults": faults_document(error.faults)}
            for tree, error in found.refused.items()
        ],
        "prices": [price_document(price, root) for price in planned.prices],
        "unpriced": list(root.unpriced),
        "weakest_price_basis": weakest_basis(planned.prices),
        "assumptions": list(ASSUMPTIONS),
        "sources": sources_document(planned.sources),
    }


def _cuts(planned: PlannedSequence, tree: Tree) -> list[dict[str, Any]]:
    return [_cut(planned, cut) for cut in tree]


def _cut(planned: PlannedSequence, step: Step) -> dict[str, Any]:
    """A circuit by the metals at its boundaries and by the products of its outlets."""
    names = planned.plan.products
    kind = "joint circuit" if isinstance(step, Joint) else "cut"
    if isinstance(step, Cut) and step.of:
        kind = "finisher of a side draw"
    light, heavy = step.outlets.values()
    drawn = step.drawn if isinstance(step, Joint) else None
    return {
        "kind": kind,
        "pair": list(planned.found.task.keys(step)),
        "raffinate": list(names[light.first : light.end]),
        "side_draw": list(names[drawn.first : drawn.end]) if drawn else [],
        "drawn_from": step.side if isinstance(step, Joint) else None,
        "strip_liquor": list(names[heavy.first : heavy.end]),
    }


def _priced(planned: PlannedSequence, priced: PricedStep) -> dict[str, Any]:
    hand, drawn = priced.shortcut, priced.drawn
    return {
        **_cut(planned, priced.step),
        "asked": _asked(priced.task.specification),
        "drawn_share": drawn.share if drawn else None,
        "stages_beyond_draw": drawn.cascade.distance if drawn else None,
        "hand_costs_per_year": dict(priced.costs),
        "hand_conditioning_per_year": dict(priced.conditioning),
        "hand_cost_per_year": priced.cost,
        "extraction_stages": hand.extraction_stages,
        "scrub_stages": hand.scrub_stages,
        "extraction_amount_mol_per_h": hand.extraction_amount,
        "scrub_amount_mol_per_h": hand.scrub_amount,
    }


def _asked(asked: Specification) -> dict[str, Any]:
    raffinate, strip = asked.wrong_sides
    return {
        "wrong_side": {"raffinate": raffinate, "strip liquor": strip},
        "recovery": dict(asked.recoveries),
    }


def _designed(planned: PlannedSequence, designed: DesignedSequence) -> dict[str, Any]:
    return {
        "cost_per_year": designed.cost,
        "hand_cost_per_year": hand_cost(planned, designed.tree),
        "cuts": [
            {
                **_cut(planned, cut),
                "hand_cost_per_year": planned.found.priced[cut].cost,
                "asked": _asked(designed.designs[cut].task.specification),
                "conditioning_per_year": dict(designed.conditioning[cut]),
                "cost_with_conditioning_per_year": designed.step_cost(cut),
                "result": result_document(designed.designs[cut]),
            }
            for cut in designed.tree
        ],
        "products": [
            {
                "name": it.name,
                "metals": list(it.metals),
                "leaves": [{**_cut(planned, step), "outlet": outlet} for step, outlet in it.leaves],
                "purity": it.purity,
                "recovery": it.recovery,
                "purity_reo": it.purity_reo,
                "recovery_reo": it.recovery_reo,
                "reo_kg_per_h": it.stream.treo(),
            }
            for it in products_of(planned, designed)
        ],
    }
