"""Sequences of cuts as a JSON document; units stand in the keys."""

from __future__ import annotations

from typing import Any

import ytterby
from ytterby.datasets import weakest_basis
from ytterby.design.costs import CURRENCY, PRICE_DATE
from ytterby.design.sequence import Cut, DesignedSequence, PricedCut, Tree
from ytterby.report.design_document import _faults, _price, _result, _specification
from ytterby.report.sequence import ASSUMPTIONS, hand_cost, products_of
from ytterby.sources import format_source, source
from ytterby.study.sequence import PlannedSequence, SequenceStudy

FORMAT = "ytterby.sequence-result"
VERSION = 1
"""Raised when a key is removed or changes its meaning; keys may be added without."""


def sequence_document(study: SequenceStudy) -> dict[str, Any]:
    """All sequences of a case as plain JSON values."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "ytterby": ytterby.__version__,
        "case": str(study.case.path),
        "title": study.case.title,
        "sequences": [_planned(planned) for planned in study.sequences.values()],
        "unreached": [
            {"sequence": name, "faults": _faults(error.faults)}
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
            {"name": name, "metals": list(metals)}
            for name, metals in zip(plan.products, found.task.products, strict=True)
        ],
        "specification_of_each_cut": _specification(first.specification),
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
            {"cuts": _cuts(planned, tree), "faults": _faults(error.faults)}
            for tree, error in found.refused.items()
        ],
        "prices": [_price(price, root) for price in planned.prices],
        "unpriced": list(root.unpriced),
        "weakest_price_basis": weakest_basis(planned.prices),
        "assumptions": list(ASSUMPTIONS),
        "sources": [
            {"key": key, "citation": format_source(source(key))} for key in planned.sources
        ],
    }


def _cuts(planned: PlannedSequence, tree: Tree) -> list[dict[str, Any]]:
    return [_cut(planned, cut) for cut in tree]


def _cut(planned: PlannedSequence, cut: Cut) -> dict[str, Any]:
    """A cut by its pair and by the products on its two sides."""
    names = planned.plan.products
    return {
        "pair": list(planned.found.task.keys(cut)),
        "raffinate": list(names[cut.first : cut.split]),
        "strip_liquor": list(names[cut.split : cut.end]),
    }


def _priced(planned: PlannedSequence, priced: PricedCut) -> dict[str, Any]:
    hand = priced.shortcut
    return {
        **_cut(planned, priced.cut),
        "hand_costs_per_year": dict(priced.costs),
        "hand_cost_per_year": priced.cost,
        "extraction_stages": hand.extraction_stages,
        "scrub_stages": hand.scrub_stages,
        "extraction_amount_mol_per_h": hand.extraction_amount,
        "scrub_amount_mol_per_h": hand.scrub_amount,
    }


def _designed(planned: PlannedSequence, designed: DesignedSequence) -> dict[str, Any]:
    return {
        "cost_per_year": designed.cost,
        "hand_cost_per_year": hand_cost(planned, designed.tree),
        "cuts": [
            {
                **_cut(planned, cut),
                "hand_cost_per_year": planned.found.priced[cut].cost,
                "result": _result(designed.designs[cut]),
            }
            for cut in designed.tree
        ],
        "products": [
            {
                "name": it.name,
                "metals": list(it.metals),
                "cut": list(planned.found.task.keys(it.cut)),
                "outlet": it.outlet,
                "purity": it.purity,
                "recovery": it.recovery,
                "purity_reo": it.purity_reo,
                "recovery_reo": it.recovery_reo,
                "reo_kg_per_h": it.stream.treo(),
            }
            for it in products_of(planned, designed)
        ],
    }
