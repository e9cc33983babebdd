"""A solved plant as a JSON document; layout in ``data/schemas/plant-result-1.json``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import ytterby
from ytterby.case import Case
from ytterby.circuit.solved import SolvedCircuit
from ytterby.datasets.prices import latest_prices
from ytterby.datasets.process import Parameter
from ytterby.datasets.products import Judged
from ytterby.elements import RARE_EARTHS, weights_version
from ytterby.report.document import circuit_document
from ytterby.report.footprint import footprint_document
from ytterby.report.plant import (
    all_sources,
    drawn_masses,
    held_oxides,
    main_elements,
    product_reo,
    water_of,
    yearly,
)
from ytterby.report.plant_streams import LabelledStream, labelled, shown_order
from ytterby.sources import format_source, source
from ytterby.study.footprint import footprint, magnet_share
from ytterby.study.plant import PlantStudy, SoldProduct
from ytterby.unitops import REAGENTS

FORMAT = "ytterby.plant-result"
CIRCUITS_FORMAT = "ytterby.plant-circuits"
VERSION = 1
"""Raised when a key is removed or changes its meaning; keys may be added without."""


def plant_document(study: PlantStudy, case: Case) -> dict[str, Any]:
    """Everything of a solved plant but its streams by species, as plain JSON values; units stand in the keys.

    Streams by species and by element stand in tables beside it, circuits in ``circuits_document``.
    """
    plan, balance = study.plan, study.balance
    return {
        "format": FORMAT,
        "version": VERSION,
        "ytterby": ytterby.__version__,
        "case": str(case.path),
        "title": case.title,
        "plant": balance.flowsheet.name,
        "medium": plan.medium,
        "hours_per_year": study.hours,
        "feeds": [
            {
                "feed": it.name,
                "materials": dict(it.blend),
                "magnet_share": magnet_share(it.blend),
                "dry_t_per_year": it.yearly / 1000.0,
                "notes": list(it.notes),
            }
            for it in plan.feeds
        ],
        "streams": [_stream(it) for it in labelled(balance)],
        "products": [_product(study, it) for it in study.products],
        "recovery": _recovery(study),
        "reagents": _reagents(study),
        "units": [_unit(study, name) for name in balance.units],
        "totals": _totals(study),
        "held": _held(study),
        "footprint": footprint_document(study, footprint(study)),
        "announcement": announcement_of(study),
        "loop_rounds": balance.rounds,
        "closure": {name: balance.closure[name] for name in shown_order(balance.closure)},
        "sources": [
            {"key": key, "citation": format_source(source(key))} for key in all_sources(study)
        ],
        "weights": weights_version(),
    }


def announcement_of(study: PlantStudy) -> dict[str, Any] | None:
    """Claims that the case names, judged; None if it names none."""
    if study.plan.claims is None:
        return None
    from ytterby.report.judged_plant import announcement_document
    from ytterby.study.judged_plant import judge_plant

    return announcement_document(judge_plant(study, study.plan.claims))


def circuits_document(study: PlantStudy) -> dict[str, Any]:
    """The solved circuits of a plant by unit, each as ``ytterby circuit`` tells it."""
    return {
        "format": CIRCUITS_FORMAT,
        "version": VERSION,
        "circuits": {
            name: circuit_document(solved) for name, solved in solved_circuits(study).items()
        },
    }


def solved_circuits(study: PlantStudy) -> dict[str, SolvedCircuit]:
    """By unit, those that part something."""
    return {
        name: balance.details
        for name, balance in study.balance.units.items()
        if isinstance(balance.details, SolvedCircuit)
    }


def _stream(it: LabelledStream) -> dict[str, Any]:
    return {
        "stream": it.label,
        "name": it.name,
        "source": it.source,
        "target": it.target,
        "kind": it.kind,
        "end": it.end,
        "state": it.flow.state,
        "kg_per_h": it.flow.mass(),
        "reo_kg_per_h": it.flow.treo(),
        "water_kg_per_h": water_of(it.flow),
    }


def _product(study: PlantStudy, sold: SoldProduct) -> dict[str, Any]:
    flow, main = sold.flow, main_elements(sold)
    treo, mass = flow.treo(), flow.mass()
    oxides = {symbol: flow.oxide(symbol) for symbol in shown_order(flow.rare_earths())}
    feeds = study.plan.flowsheet.feeds.values()
    fed = math.fsum(it.oxide(symbol) for it in feeds for symbol in main)
    own = math.fsum(flow.oxide(symbol) for symbol in main)
    return {
        "product": sold.product.end,
        "kind": sold.product.kind,
        "sold_as": sold.product.product,
        "grade": sold.product.grade,
        "of": list(main),
        "kg_per_h": mass,
        "reo_kg_per_h": treo,
        "reo_t_per_year": yearly(study, treo),
        "reo_share": treo / mass if mass > 0.0 else None,
        "purity_reo": own / treo if treo > 0.0 else None,
        "recovery": own / fed if fed > 0.0 else None,
        "share_of_reo": {symbol: it / treo for symbol, it in oxides.items()},
        "meets": sold.meets if sold.judged else None,
        "limits": [_judged(it) for it in sold.judged],
    }


def _judged(it: Judged) -> dict[str, Any]:
    limit = it.limit
    return {
        "analyte": limit.analyte,
        "elements": list(limit.elements),
        "kind": limit.kind,
        "low": limit.low,
        "value": limit.value,
        "high": limit.high,
        "unit": limit.unit,
        "of": limit.of,
        "reached": it.reached,
        "met": it.met,
        "remark": it.remark,
        "basis": limit.basis,
        "source": list(limit.rests_on or (limit.source, *limit.also)),
    }


def _recovery(study: PlantStudy) -> list[dict[str, Any]]:
    feeds = study.plan.flowsheet.feeds.values()
    fed = {symbol: math.fsum(it.of(symbol) for it in feeds) for symbol in shown_order(RARE_EARTHS)}
    return [
        {
            "element": symbol,
            "fed_mol_per_h": moles,
            "sold_mol_per_h": math.fsum(it.flow.of(symbol) for it in study.products),
            "recovery": study.recovery(symbol),
        }
        for symbol, moles in fed.items()
        if moles > 0.0
    ]


def _reagents(study: PlantStudy) -> list[dict[str, Any]]:
    bought, sold = study.balance.bought(), product_reo(study)
    found = []
    for name, drawn in sorted(drawn_masses(study).items()):
        mass = bought[name].mass() if name in bought else 0.0
        share = REAGENTS[name].share
        found.append(
            {
                "reagent": name,
                "strength": share,
                "drawn_kg_per_h": drawn,
                "bought_kg_per_h": mass,
                "bought_t_per_year": yearly(study, mass),
                "pure_t_per_year": yearly(study, mass * share),
                "pure_kg_per_kg_reo": mass * share / sold if sold > 0.0 else None,
            }
        )
    return found


def _unit(study: PlantStudy, name: str) -> dict[str, Any]:
    balance, drivers = study.balance.units[name], study.drivers[name]
    inventory, design = study.inventories.get(name), study.designs.get(name)
    return {
        "unit": name,
        "operation": study.balance.flowsheet.by_name[name].KIND,
        "drawn_kg_per_h": {
            reagent: flow.mass() for reagent, flow in balance.drawn.items() if flow.mass() > 0.0
        },
        "electricity_kw": drivers.electricity,
        "fuel_kw": drivers.fuel,
        "steam_kg_per_h": drivers.steam,
        "posts": drivers.posts,
        "organic_m3": inventory.organic if inventory else 0.0,
        "held_mol": dict(inventory.metals) if inventory else {},
        "equipment": [asdict(it) for it in study.equipment[name]],
        "design": {**asdict(design), "stages": list(design.stages)} if design else None,
        "settings": [_setting(key, it) for key, it in study.settings.get(name, {}).items()],
        "notes": list(balance.notes),
        "assumed": list(getattr(balance.details, "assumptions", ())),
    }


def _setting(key: str, it: Parameter) -> dict[str, Any]:
    return {
        "setting": key,
        "value": it.value,
        "low": it.low,
        "high": it.high,
        "unit": it.unit,
        "of": it.of,
        "text": it.text,
        "basis": it.basis,
        "confidence": it.confidence,
        "source": list(it.rests_on or (it.source, *it.also)),
        "notes": it.notes,
    }


def _totals(study: PlantStudy) -> dict[str, float]:
    every = list(study.drivers.values())
    return {
        "product_reo_t_per_year": yearly(study, product_reo(study)),
        "electricity_kw": math.fsum(it.electricity for it in every),
        "fuel_kw": math.fsum(it.fuel for it in every),
        "steam_kg_per_h": math.fsum(it.steam for it in every),
        "posts": math.fsum(it.posts for it in every),
        "organic_m3": math.fsum(it.organic for it in study.inventories.values()),
        "held_reo_kg": math.fsum(held_oxides(study).values()),
    }


def _held(study: PlantStudy) -> list[dict[str, Any]]:
    held = held_oxides(study)
    prices: Mapping[str, Any] = latest_prices(held)
    found = []
    for symbol, mass in held.items():
        price = prices.get(symbol)
        found.append(
            {
                "element": symbol,
                "reo_kg": mass,
                "price_per_kg": price.per_kg if price else None,
                "value": mass * price.per_kg if price else None,
                "currency": price.currency if price else None,
                "price_date": price.date if price else None,
                "market": price.market if price else None,
                "source": price.source if price else None,
            }
        )
    return found
