"""Fits of a case as a JSON document."""

from __future__ import annotations

import math
from typing import Any

from ytterby.equilibrium.fitting import Cell, FittedConstant, Score
from ytterby.equilibrium.fitting.fit import CONFIDENCE
from ytterby.report.document import heading, sources_document
from ytterby.report.fit import beyond
from ytterby.study.fit import FitStudy, FittedPlan

FORMAT = "ytterby.fit"
VERSION = 1
"""Raised when a key is removed or changes its meaning; keys may be added without."""


def fit_document(study: FitStudy) -> dict[str, Any]:
    """Everything of the fits of a case as plain JSON values; units stand in the keys, log10 has none."""
    return {
        **heading(FORMAT, VERSION, study.case),
        "fits": [_fit(fitted) for fitted in study.fits.values()],
    }


def _fit(fitted: FittedPlan) -> dict[str, Any]:
    plan, found = fitted.plan, fitted.fit
    errors = found.settings.errors
    return {
        "fit": plan.name,
        "set": plan.parameters.name,
        "terms": list(plan.terms),
        "prior": "set" if plan.prior else "none",
        "contacts": len(plan.contacts),
        "points_fitted": int(found.fitted.sum()),
        "confidence": CONFIDENCE,
        "constants": [_constant(constant, fitted) for constant in found.constants],
        "covariance": found.covariance.tolist(),
        "held": [{**_cell(it.cell), "reason": it.reason} for it in found.held],
        "weak": [
            {
                "constants": [_cell(cell) for cell in it.cells],
                "loadings": list(it.loadings),
                "information": it.information,
                "sd": it.sd,
            }
            for it in found.weak
        ],
        "errors": {
            "sigma": found.sigma,
            "sigma_stated": errors.sigma is not None,
            "between_sources": found.between,
            "between_sources_stated": errors.between is not None,
            "few_sources": found.few_sources,
            "shifts": dict(found.shifts),
        },
        "scores": [
            {
                "source": it.source,
                "fitted": it.fitted,
                "set": _score(it.before),
                "fit": _score(it.after),
            }
            for it in fitted.scores
        ],
        "left_out": [
            {
                "source": it.source,
                "not_judged": it.unseen,
                "reason": it.reason,
                "set": _score(it.before),
                "fit": _score(it.fitted),
                "left_out": _score(it.left_out),
            }
            for it in fitted.left_out
        ],
        "extrapolated": [
            {
                "quantity": name,
                "reached": [reached.low, reached.high],
                "valid": [valid.low, valid.high],
                "unit": valid.unit,
            }
            for name, reached, valid in beyond(fitted)
        ],
        "next_shakeouts": _advice(fitted),
        "points": _points(fitted),
        "sources": sources_document(plan.sources),
    }


def _cell(cell: Cell) -> dict[str, str]:
    return {"element": cell.element, "constant": cell.column}


def _constant(constant: FittedConstant, fitted: FittedPlan) -> dict[str, Any]:
    return {
        **_cell(constant.cell),
        "unit": fitted.plan.parameters.units[constant.cell.column],
        "set": constant.before,
        "set_sd": _finite(constant.before_sd),
        "fitted": constant.after,
        "sd": constant.sd,
        "degrees_of_freedom": _finite(constant.dof),
        "low": constant.low,
        "high": constant.high,
        "points": constant.points,
    }


def _score(score: Score) -> dict[str, Any]:
    return {"points": score.points, "rms": _finite(score.rms), "bias": _finite(score.bias)}


def _advice(fitted: FittedPlan) -> dict[str, Any]:
    advice = fitted.advice
    return {
        "quantity": advice.quantity,
        "sd": advice.before,
        "laboratory": advice.laboratory,
        "candidates": [
            {
                "feed_mol_per_m3": {it.element: it.feed for it in candidate.contact.metals},
                "acid_mol_per_m3": candidate.contact.acid_feed,
                "extractant_mol_per_m3": candidate.contact.extractant,
                "oa_ratio": candidate.contact.oa_ratio,
                "log10_d": list(candidate.log10_d),
                "sd_after": candidate.after,
                "gain": candidate.gain,
                "information": candidate.information,
            }
            for candidate in advice.candidates
        ],
    }


def _points(fitted: FittedPlan) -> list[dict[str, Any]]:
    found = fitted.fit
    return [
        {
            "source": found.case.contacts[point.contact].source,
            "contact": found.case.contacts[point.contact].name,
            "element": point.element,
            "log10_d_measured": point.measured,
            "log10_d_set": float(before),
            "log10_d_fit": float(after),
            "fitted": bool(used),
        }
        for point, before, after, used in zip(
            found.case.points, found.before.log10_d, found.after.log10_d, found.fitted, strict=True
        )
    ]


def _finite(value: float) -> float | None:
    """JSON has neither nan nor infinity: what is not stated, or not limited, is null."""
    return float(value) if math.isfinite(value) else None
