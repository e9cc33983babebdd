"""Supply chains as JSON documents; layouts in ``data/schemas/chain-*-1.json``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import ytterby
from ytterby.case import Case
from ytterby.chain.actors import Examined
from ytterby.chain.decisions import Dates, Decision
from ytterby.chain.evidence import Evidence
from ytterby.chain.explosion import Explosion
from ytterby.chain.exposure import AtRisk, Promise, Verdict
from ytterby.chain.grading import Answers
from ytterby.chain.leads import ENDS
from ytterby.chain.match import Matched
from ytterby.chain.months import written
from ytterby.chain.network import Cited, Range
from ytterby.chain.shares import Shares, SupplyRisk
from ytterby.chain.stress import Stressed
from ytterby.chain.yardsticks import Priced
from ytterby.report import chain_explosion, chain_stress, chain_who
from ytterby.report.chain_words import counted_with, keys_of
from ytterby.report.document import sources_document
from ytterby.study.chain import Exploded, MatchStudy, ShareStudy, StressStudy, Who

EXPLOSION, WHO = "ytterby.chain-explosion", "ytterby.chain-who"
SHARES = "ytterby.chain-shares"
MATCH, STRESS = "ytterby.chain-match", "ytterby.chain-stress"
VERSION = 1
"""Of each format; raised when a key is removed or changes its meaning; keys may be added without."""


def exploded(study: Exploded) -> dict[str, Any]:
    """What customers ask of every step before as plain JSON values; units stand in the keys."""
    found = study.explosion
    rests = [
        *(it.cited for it in found.demands),
        *(it.cited for it in chain_explosion.recipes_of(study)),
        *(found.network.materials[it].cited for it in chain_explosion.materials_of(study)),
        *(time.cited for _, _, time in chain_explosion.times_of(found.leads)),
        *(found.leads.making(it).cited for it in chain_explosion.recipes_of(study)),
    ]
    return {
        **_head(EXPLOSION, study.case),
        "first": written(study.plan.first),
        "months": study.plan.months,
        "as_of": written(study.plan.as_of),
        "times": chain_explosion.TIMES[found.end],
        "recycled_by": list(found.route.recycled),
        "counted": {symbol: counted_with(symbol) for symbol in found.network.elements},
        "demands": [_demand(found, at) for at in range(len(found.demands))],
        "materials": [_material(found, name) for name in found.materials],
        "ends": dict(found.ends),
        "elements": [
            {
                "form": form,
                "element": symbol,
                "net_t_as_metal": net,
                "gross_t_as_metal": gross,
                "materials_net_t": tonnes,
            }
            for form, symbol, net, gross, tonnes in chain_explosion.element_rows(found)
        ],
        "left_over_t": found.left(),
        "lost_t_as_metal": found.lost(),
        "feeds_alone": [
            {
                "recipe": it.recipe,
                "runs_t": it.runs,
                "takes_in_t": dict(it.feeds),
                "set_by": it.binding,
                "left_over_t": dict(it.left),
                "cannot_give_t": dict(it.short),
            }
            for it in study.baskets
        ],
        "decisions": [_decision(it, study.plan.as_of) for it in study.decisions],
        "recipes": [
            {
                "recipe": it.name,
                "stage": it.stage,
                "counted_per": it.per,
                "in_t": dict(it.inputs),
                "out_t": dict(it.outputs),
                "lead_months": _range(found.leads.making(it).months),
                **_cited(it.cited),
            }
            for it in chain_explosion.recipes_of(study)
        ],
        "contents": [
            {
                "material": name,
                "form": found.network.materials[name].form,
                "kg_as_metal_per_kg": dict(found.network.materials[name].content),
                **_cited(found.network.materials[name].cited),
            }
            for name in chain_explosion.materials_of(study)
        ],
        "times_used": [
            {"time": what, "of": of, "months": _range(time.months), **_cited(time.cited)}
            for what, of, time in chain_explosion.times_of(found.leads)
        ],
        "sources": sources_document(keys_of(*rests)),
    }


def _head(name: str, case: Case) -> dict[str, Any]:
    """What every document begins with."""
    return {
        "format": name,
        "version": VERSION,
        "ytterby": ytterby.__version__,
        "case": str(case.path),
        "title": case.title,
    }


def _cited(cited: Cited) -> dict[str, Any]:
    return {
        "source": cited.source,
        "also": list(cited.also),
        "basis": cited.basis,
        "confidence": cited.confidence,
        "note": cited.note,
    }


def _range(found: Range) -> dict[str, float]:
    return {"low": found.low, "value": found.value, "high": found.high}


def _month(month: int | None) -> str | None:
    return None if month is None else written(month)


def _by_month(months: Iterable[int], tonnes: Iterable[float]) -> dict[str, float]:
    """Months with any, as people write them [t]."""
    pairs = zip(months, tonnes, strict=True)
    return {written(month): float(value) for month, value in pairs if value > 0}


def _demand(found: Explosion, at: int) -> dict[str, Any]:
    it = found.demands[at]
    return {
        "demand": it.name,
        "customer": it.customer,
        "country": it.country,
        "class": it.customer_class,
        "application": it.application,
        "material": it.material,
        "instead": list(it.instead),
        "served_by": found.asked[at],
        "asked_t": it.total,
        "from_own_stock_t": found.supplied[at],
        "asked_t_by_month": _by_month(it.tonnes, it.tonnes.values()),
        "units": it.units,
        "unit": it.unit_name,
        "rules": [rule.words for rule in it.rules],
        "net_t_per_t": found.per_tonne(it.name),
        "net_kg_per_unit": found.per_unit(it.name),
        "enters_t_as_metal_per_t": chain_explosion.bought_per_tonne(found, it.name),
        "needs": [
            {
                "material": name,
                "first": _month(found.first(name, it.name)),
                "gross_t": _by_month(found.months, found.gross(name, it.name)),
                "net_t": _by_month(found.months, found.net(name, it.name)),
            }
            for name in found.materials
            if found.gross(name, it.name).any()
        ],
        **_cited(it.cited),
    }


def _material(found: Explosion, name: str) -> dict[str, Any]:
    return {
        "material": name,
        "form": found.network.materials[name].form,
        "stage": found.stage(name),
        "made_by": found.makers.get(name),
        "first": _month(found.first(name)),
        "gross_t": float(found.gross(name).sum()),
        "comes_back_t": float(found.received(name).sum()),
        "net_t": float(found.net(name).sum()),
        "net_t_by_year": {
            str(year): tonnes
            for year, tonnes in chain_explosion.by_year(found, found.net(name)).items()
        },
    }


def _decision(it: Decision, now: int) -> dict[str, Any]:
    def told(found: Dates | None) -> dict[str, str] | None:
        return None if found is None else {end: written(getattr(found, end)) for end in ENDS}

    return {
        "demand": it.demand,
        "stage": it.stage,
        "material": it.material,
        "recipes": list(it.recipes),
        "ready": told(it.ready),
        "order": told(it.order),
        "qualify": told(it.qualify),
        "samples": told(it.samples),
        "build": told(it.build),
        "over": {name: list(ends) for name, ends in it.past(now).items()},
        "not_known": list(it.unsaid),
    }


def who(study: Who) -> dict[str, Any]:
    """Who can do each stage, on what evidence, as plain JSON values; units stand in the keys."""
    plan = study.plan
    rests = [
        *(row.cited for it in study.grades.values() for row in it.rows),
        *(it.line.cited for it in study.standings.values()),
        *(it.cited for it in plan.network.facilities.values()),
        *(stage.link.cited for it in study.chains for stage in it.stages),
        *(study.rule.slip.cited, *study.rule.cited.values()),
    ]
    return {
        **_head(WHO, study.case),
        "as_of": written(plan.as_of),
        "facilities": [
            {
                "facility": it.name,
                "title": it.title,
                "owner": it.owner,
                "country": it.country,
                "latitude": it.latitude,
                "longitude": it.longitude,
                "status": it.status,
                "grade": chain_who.best_grade(study, it.name),
                "answers": _answers(study.answers[it.name]),
                **_cited(it.cited),
            }
            for it in plan.network.facilities.values()
        ],
        "grades": [
            {
                "facility": facility,
                "stage": stage,
                "grade": it.grade,
                "since": _month(it.since),
                "qualified_by": list(it.classes),
                "rows": [_row(row) for row in it.rows],
            }
            for (facility, stage), it in study.grades.items()
        ],
        "readiness": [
            {
                "facility": it.facility,
                "stage": it.stage,
                "first": {kind: written(month) for kind, month in it.first.items()},
                "not_dated": list(it.undated),
            }
            for it in study.timeline
        ],
        "lines": [
            {
                "facility": it.line.facility,
                "line": it.line.name,
                "stage": it.line.stage,
                "recipes": list(it.line.recipes),
                "capacity_t_per_y": _range(it.line.capacity) if it.line.capacity else None,
                "announced_start": _month(it.line.starts),
                "grade": it.grade,
                "weight": it.weight,
                "state": it.state,
                "believed_start": _month(it.starts),
                **_cited(it.line.cited),
            }
            for it in study.standings.values()
        ],
        "chains": [_chain(it) for it in study.chains],
        "promotion": [
            {
                "stage": it.stage,
                "counted_in": it.material,
                "year": it.year,
                "announced_t": it.announced,
                "announced_t_by_grade": dict(it.by_grade),
                "produced_at_least_t": it.shown,
                "weighted_t": it.weighted,
                "lines": it.lines,
                "capacity_not_stated": it.not_stated,
                "start_not_known": it.no_start,
            }
            for it in study.accounts
        ],
        "settings": {
            "weights": dict(study.rule.weights),
            "slip_months": {"median": study.rule.slip.median, "p90": study.rule.slip.p90},
            "chance": study.rule.chance,
            "of_a_range": study.rule.end,
            "ramps": {
                stage or "other": [{"months": months, "share": share} for months, share in points]
                for stage, points in study.rule.ramps.items()
            },
        },
        "sources": sources_document(keys_of(*rests)),
    }


def _answers(told: Answers) -> Mapping[str, Any]:
    return {
        name: {
            "question": it.words,
            "answer": it.answer,
            "why": it.why,
            "row": None if it.row is None else _row(it.row),
        }
        for name, it in told.answers.items()
    }


def _row(row: Evidence) -> dict[str, Any]:
    return {
        "stage": row.stage,
        "kind": row.kind,
        "month": _month(row.month),
        "what": row.what,
        "customer_class": row.customer_class,
        "material": row.material,
        **_cited(row.cited),
    }


def _chain(it: Examined) -> dict[str, Any]:
    def keys(found: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
        return [{"facility": facility, "line": line} for facility, line in found]

    return {
        "chain": it.chain.name,
        "title": it.chain.title,
        "year": it.year,
        "held_against": None if it.demand is None else it.demand.name,
        "stages": [
            {
                "stage": stage.link.stage,
                "grade": stage.grade,
                "best": None if stage.best is None else stage.best.facility,
                "facilities": {name: graded.grade for name, graded in stage.grades.items()},
                "elements": dict(stage.elements),
                "announced_t": stage.announced,
                "weighted_t": stage.weighted,
                "not_stated": keys(stage.not_stated),
                **_cited(stage.link.cited),
            }
            for stage in it.stages
        ],
        "missing": [
            {"stage": one.stage, "kind": one.kind, "element": one.element, "words": one.words}
            for one in it.missing
        ],
        "balances": [
            {
                "form": one.form,
                "element": one.element,
                "made_t_as_metal": one.made,
                "needed_t_as_metal": one.needed,
                "made_weighted_t_as_metal": one.made_weighted,
                "needed_weighted_t_as_metal": one.needed_weighted,
                "makers": keys(one.makers),
                "takers": keys(one.takers),
                "not_stated": keys(one.not_stated),
            }
            for one in it.balances
        ],
    }


def matched(study: MatchStudy) -> dict[str, Any]:
    """How much can be met as plain JSON values; units stand in the keys."""
    base, plan = study.base, study.plan
    return {
        **_head(MATCH, study.case),
        "as_of": written(plan.as_of),
        "first": written(plan.first),
        "months": plan.months,
        "unstated": plan.unstated,
        "plan": _allocation(base),
        "without": [
            {"name": name, "facilities": list(plan.without[name]), **_allocation(it)}
            for name, it in study.without.items()
        ],
        "bounds": [{"unstated": name, **_allocation(it)} for name, it in study.bounds.items()],
        "delivered_by": [
            {
                "demand": demand,
                "facility": facility or None,
                "material": material,
                "t_by_month": _by_month(range(plan.first, plan.first + plan.months), shipped),
            }
            for (facility, demand, material), shipped in base.shipments.items()
        ],
        "gaps": [
            {
                "stage": it.stage,
                "material": it.material,
                "worth_t_per_t_by_month": _by_month(_calendar(base), it.worth),
                "run_t": float(it.used.sum()),
                "capacity_t": float(it.capacity.sum()),
            }
            for it in base.gaps()
        ],
        "missing": [
            {"element": symbol, "counted": counted_with(symbol), "t": float(it.sum())}
            for symbol, it in base.missing().items()
        ],
        "leftovers": [
            {"facility": facility or None, "material": material, "t": tonnes}
            for (facility, material), tonnes in base.leftovers.items()
        ],
        "shares": [
            {
                "stage": stage,
                "demands": list(base.classes[number].demands),
                "rules": base.classes[number].words,
                "countries": dict(shares),
            }
            for (number, stage), shares in base.shares().items()
        ],
        "sources": sources_document(study.sources),
    }


def _calendar(found: Matched) -> range:
    """Months of the arrays of an allocation."""
    return range(found.task.begins, found.task.begins + found.task.span)


def _allocation(found: Matched) -> dict[str, Any]:
    """What one allocation serves, and its certificate."""
    months = range(found.task.first, found.task.first + found.task.months)
    proof = found.certificate
    return {
        "short_t": float(found.shortage.sum()),
        "demands": [
            {
                "demand": name,
                "due_t": float(it.due.sum()),
                "delivered_t": float(it.delivered.sum()),
                "from_own_stock_t": float(it.from_stock.sum()),
                "short_t": float(it.shortage.sum()),
                "met": it.share,
                "months_in_full": it.in_full,
                "short_t_by_month": _by_month(months, it.shortage),
            }
            for name, it in found.served.items()
        ],
        "certificate": {
            "cost_t": proof.cost,
            "bound_t": proof.bound,
            "gap": proof.gap,
            "gap_of_t": proof.scale,
            "worst_row": proof.relative,
            "proof": proof.proof,
        },
    }


def stressed(study: StressStudy) -> dict[str, Any]:
    """What happens if somebody stops as plain JSON values; units stand in the keys."""
    return {
        **_head(STRESS, study.case),
        "first": written(study.plan.first),
        "months": study.plan.months,
        "short_t": float(study.base.shortage.sum()),
        "events": [_stressed(it) for it in study.shocks],
        "removals": {
            kind: [_stressed(it) for it in found] for kind, found in study.removals.items()
        },
        "replays": [
            {
                "event": it.event,
                "month": written(it.found.shock.month),
                "rows_known": it.known,
                "rows_later": it.later,
                "rows_without_date": it.undated,
                "lines_kept": it.lines,
                "lines": it.of_lines,
                "short_t": float(it.base.shortage.sum()),
                "found": _stressed(it.found),
            }
            for it in study.replays
        ],
        "sources": sources_document(chain_stress.sources_of(study)),
    }


def _stressed(it: Stressed) -> dict[str, Any]:
    rule = it.shock.rule
    return {
        "name": it.shock.name,
        "event": it.shock.event or None,
        "what": rule.words,
        "from": written(it.shock.month),
        "until": _month(rule.until),
        "export_control": it.shock.abroad,
        "less_delivered_t": it.lost,
        "first_short": it.hit,
        "first_short_in": _month(it.hit_month),
        "survived_months": it.survives,
        "solved_again": it.solved,
        "demands": {
            name: {
                written(it.first + at): float(tonnes) for at, tonnes in enumerate(more) if tonnes
            }
            for name, more in it.more.items()
        },
    }


def shares(study: ShareStudy) -> dict[str, Any]:
    """Concentration and exposure as plain JSON values; units stand in the keys or beside the figures."""
    plan = study.plan
    return {
        **_head(SHARES, study.case),
        "as_of": written(plan.as_of),
        "looked_at": study.year,
        "unstated": plan.unstated,
        "counted": {symbol: counted_with(symbol) for symbol in plan.network.elements},
        "produced": [_shares(it) for each in study.produced for it in each.shares],
        "stated": [_shares(it) for each in study.stated for it in each.shares],
        "capacity": [_shares(it) for it in study.capacity],
        "elements": [_shares(it) for it in study.elements],
        "quotas": [
            {
                "country": it.country,
                "year": it.year,
                "stage": it.stage,
                "of": it.material,
                "amount": it.amount,
                "unit": it.unit,
                "of_the_world": _range(it.share) if it.share else None,
                "source": it.source,
            }
            for it in study.quotas
        ],
        "instability": dict(plan.instability),
        "dependence": [_dependence(it) for it in study.risks],
        "promises": [_promise(it) for it in study.promises],
        "benchmarks": [_verdict(it) for it in study.verdicts],
        "at_risk": [_at_risk(it) for it in study.at_risk],
        "stops": [
            {
                "item": it.item,
                "of": it.scope,
                "low": it.low,
                "high": it.high,
                "unit": it.unit,
                **_cited(it.cited),
            }
            for it in study.stops
        ],
        "spreads": [
            {
                "demand": it.line,
                "material": it.material,
                "date": it.date,
                "currency": it.currency,
                "needs_t_per_t": dict(it.needs),
                "inside_per_t": dict(it.inside),
                "outside_per_t": dict(it.outside),
                "total_inside_per_t": it.total_inside,
                "total_outside_per_t": it.total_outside,
                "no_price": list(it.unpriced),
                "caveats": list(it.caveats),
            }
            for it in study.spreads
        ],
        "prices": [_priced(it) for it in study.prices],
        "left_over": [
            {
                "facility": it.facility,
                "product": it.product,
                "year": it.year,
                "split_by": it.recipe or None,
                "announced_t": it.announced,
                "weighted_t": it.weighted,
                "contracted_t": it.contracted,
                "needed_t": it.needed,
                "left_announced_t": it.left_announced,
                "left_weighted_t": it.left_weighted,
                "contracts_without_quantity": list(it.not_quantified),
            }
            for it in study.leftovers
        ],
        "sources": sources_document(study.sources),
    }


def _shares(it: Shares) -> dict[str, Any]:
    return {
        "of": it.what,
        "by": it.by,
        "stage": it.stage,
        "counted_in": it.material,
        "year": it.year,
        "unit": it.unit,
        "parts": [
            {"name": part.name, "amount": part.amount, "share": part.share} for part in it.parts
        ],
        "listed": it.listed,
        "total": it.total,
        "not_listed": it.unaccounted,
        "hhi": _range(it.hhi) if it.hhi else None,
        "source": it.source or None,
        "total_source": it.total_source or None,
        "capacity_not_stated": list(it.not_stated),
        "have_more": list(it.understated),
        "at_the_mean": list(it.averaged),
        "note": it.note,
    }


def _dependence(it: SupplyRisk) -> dict[str, Any]:
    return {
        "importer": it.importer,
        "year": it.year,
        "hhi_of_production": _range(it.hhi),
        "hhi_of_imports": it.supplier_hhi,
        "imports_t_gross": dict(it.imports),
        "own_production_t": it.domestic,
        "reliance": it.reliance,
        "score": _range(it.score) if it.score else None,
        "score_of_imports": _range(it.score_of_imports) if it.score_of_imports else None,
    }


def _promise(it: Promise) -> dict[str, Any]:
    asked = it.quantity.demand
    return {
        "contract": it.quantity.contract.name,
        "seller": it.quantity.contract.seller,
        "buyer": it.quantity.contract.buyer,
        "facility": it.facility,
        "material": it.quantity.material,
        "year": it.year,
        "in_force": it.quantity.holds(it.year),
        "promised_t": it.promised,
        "demand_t": it.demand,
        "demand_of": None if asked is None else f"{asked.region}, {asked.metric}, {asked.period}",
        "demand_basis": None if asked is None else asked.cited.basis,
        "share": it.share,
        "announced_t": it.announced,
        "weighted_t": it.weighted,
        "backed": _range(it.backed),
        **_cited(it.quantity.cited),
    }


def _verdict(it: Verdict) -> dict[str, Any]:
    own = it.benchmark
    return {
        "group": own.group,
        "benchmark": own.name,
        "title": own.title,
        "region": own.region,
        "stage": own.stage,
        "without": it.plan or None,
        "year": it.year,
        "of": it.of,
        "sense": own.sense,
        "asked": own.share,
        "need_t": it.need,
        "inside_t": _range(it.inside),
        "announced_t": _range(it.announced),
        "share": _range(it.share) if it.share else None,
        "country": it.country or None,
        "missing_t": it.missing,
        "verdict": it.verdict,
        "why": it.why,
        "capacity_not_stated": list(it.not_stated),
        "start_not_known": list(it.no_start),
        **_cited(own.cited),
    }


def _at_risk(it: AtRisk) -> dict[str, Any]:
    worth = it.worth
    return {
        "demand": it.line,
        "customer": it.customer,
        "material": it.material,
        "unit": it.unit_name,
        "kg_per_unit": it.per_unit,
        "units_per_kg": it.units_per_kg,
        "value_of_unit": None if worth is None else _range(worth.worth),
        "currency": None if worth is None else worth.currency,
        "value_basis": None if worth is None else worth.cited.basis,
        "value_per_kg": _range(it.value_per_kg) if it.value_per_kg else None,
        "price": None if it.price is None else _priced(it.price),
    }


def _priced(it: Priced) -> dict[str, Any]:
    return {
        "product": it.product,
        "material": it.material or None,
        "date": it.date,
        "inside": it.inside,
        "outside": it.outside,
        "unit": it.unit,
        "caveat": it.caveat,
        **_cited(it.cited),
    }
