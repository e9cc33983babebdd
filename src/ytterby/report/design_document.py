"""Designed cuts as a JSON document; layout in ``data/schemas/design-result-1.json``."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ytterby.datasets import weakest_basis
from ytterby.design.costs import CURRENCY, PRICE_DATE, Price
from ytterby.design.cut import DesignedCut
from ytterby.design.response import Stages
from ytterby.design.task import Specification
from ytterby.report.design import amounts, hours, reo_fed
from ytterby.report.document import circuit_document, faults_document, heading, sources_document
from ytterby.study.design import DesignStudy, PlannedCut

FORMAT = "ytterby.design-result"
VERSION = 1
"""Raised when a key is removed or changes its meaning; keys may be added without."""


def design_document(study: DesignStudy) -> dict[str, Any]:
    """All designs of a case as plain JSON values; units stand in the keys."""
    return {
        **heading(FORMAT, VERSION, study.case),
        "designs": [_planned(planned) for planned in study.designs.values()],
        "unreached": [
            {"design": name, "faults": faults_document(error.faults)}
            for name, error in study.unreached.items()
        ],
    }


def _planned(planned: PlannedCut) -> dict[str, Any]:
    designed, more, robust = planned.designed, planned.one_more, planned.robust
    task = designed.task
    return {
        "design": planned.plan.name,
        "equilibrium": task.equilibrium,
        "cut": list(task.cut),
        "light": list(task.light),
        "heavy": list(task.heavy),
        "specification": specification_document(task.specification),
        "limits": {
            "saponification": task.limits.saponification,
            "loading": task.limits.loading,
            "stripped": task.limits.stripped,
            "ph": task.limits.ph,
            "scrub_acid_mol_per_m3": task.limits.scrub_acid,
            "strip_acid_mol_per_m3": task.limits.strip_acid,
            "stages": task.limits.stages,
        },
        "result": result_document(designed),
        "prices": [price_document(price, designed) for price in designed.prices],
        "unpriced": list(designed.unpriced),
        "weakest_price_basis": weakest_basis(designed.prices),
        "active_limits": [
            {"limit": it.name, "saving_per_loosening": it.saving} for it in designed.active
        ],
        "one_more_nine": {
            "specification": None if more.asked is None else specification_document(more.asked),
            "result": None if more.designed is None else result_document(more.designed),
            "added_cost_per_year": None
            if more.designed is None
            else more.designed.cost - designed.cost,
            "faults": faults_document(more.faults),
        },
        "hand_calculation": _hand(designed),
        "sensitivities": [asdict(it) for it in planned.sensitivities],
        "robust": None
        if robust is None
        else {
            "correlation": planned.plan.correlation,
            "draws": None if robust.found is None else robust.found.draws,
            "met_as_designed": None if robust.found is None else robust.found.met_before,
            "met": None if robust.found is None else robust.found.met,
            "result": None if robust.found is None else result_document(robust.found.designed),
            "faults": faults_document(robust.faults),
        },
        "candidates": [
            {**_stages(it.stages), "cost_per_year": it.cost} for it in designed.candidates
        ],
        "circuits_solved": designed.circuits_solved,
        "sources": sources_document(planned.sources),
    }


def result_document(designed: DesignedCut) -> dict[str, Any]:
    """One designed circuit: how it is built and run, what it reaches, what it costs, as it is solved."""
    run, per_year = designed.run, reo_fed(designed) * hours(designed)
    return {
        "stages": _stages(designed.stages),
        "organic_flow_m3_per_h": run.organic_flow,
        "saponification": run.saponification,
        "scrub_flow_m3_per_h": run.scrub_h / run.scrub_acid,
        "scrub_acid_mol_per_m3": run.scrub_acid,
        "strip_flow_m3_per_h": run.strip_flow,
        "strip_acid_mol_per_m3": run.strip_acid,
        "wrong_side": {
            "raffinate": designed.wrong_side[0],
            "strip liquor": designed.wrong_side[1],
        },
        "recovery": dict(zip(designed.task.cut, designed.recovery, strict=True)),
        "loading": designed.loading,
        "left_on_stripped_organic": designed.stripped,
        "highest_ph": float(designed.solved.profiles.ph.max()),
        "currency": CURRENCY,
        "price_date": PRICE_DATE,
        "costs_per_year": dict(designed.costs),
        "cost_per_year": designed.cost,
        "reo_fed_kg_per_year": per_year,
        "cost_per_kg_reo_fed": designed.cost / per_year,
        "circuit": circuit_document(designed.solved),
    }


def _stages(stages: Stages) -> dict[str, int]:
    return {"extraction": stages.extraction, "scrub": stages.scrub, "strip": stages.strip}


def specification_document(asked: Specification) -> dict[str, Any]:
    """What is asked of both outlets [mol/mol]."""
    raffinate, strip = asked.wrong_sides
    return {
        "wrong_side": asked.wrong_side,
        "recovery": asked.recovery,
        "raffinate_wrong_side": raffinate,
        "strip_wrong_side": strip,
        "recoveries": dict(asked.recoveries),
    }


def price_document(price: Price, designed: DesignedCut) -> dict[str, Any]:
    """A price in its own unit and in the currency of the costs, with what it rests on."""
    return {
        "item": price.item,
        "value": price.value,
        "unit": price.unit,
        "in_currency": designed.task.prices.euros(price),
        "basis": price.basis,
        "source": price.source,
        "rests_on": list(price.rests_on),
        "note": price.note,
    }


def _hand(designed: DesignedCut) -> dict[str, float | int]:
    hand, (carried, scrubbed) = designed.shortcut, amounts(designed)
    return {
        "least_extraction_amount_mol_per_h": hand.least_extraction_amount,
        "extraction_amount_mol_per_h": hand.extraction_amount,
        "solved_extraction_amount_mol_per_h": carried,
        "scrub_amount_mol_per_h": hand.scrub_amount,
        "solved_scrub_amount_mol_per_h": scrubbed,
        "least_stages": hand.least_stages,
        "extraction_stages": hand.extraction_stages,
        "scrub_stages": hand.scrub_stages,
    }
