"""Tables of a footprint: greenhouse gas by origin, carbon, water and wastes, what is published beside."""

from __future__ import annotations

import math
from typing import Any

from ytterby.datasets.process import Parameter, emission_factors
from ytterby.materials import species
from ytterby.report.tables import Table, number
from ytterby.study.footprint import (
    REGION,
    Beside,
    Footprint,
    Left,
    Span,
    factor_span,
    is_fossil,
)
from ytterby.study.plant import PlantStudy

BOUNDS = (
    "gate to gate, with energy and reagents from their making on; not counted: mining, collection and "
    "freight of feeds, building, what becomes of wastes and by-products, cooling and wash water. All of it "
    "is laid on the products, by mass of their oxides; by-products carry nothing and earn no credit"
)
"""What every figure of a footprint is of."""


def footprint_tables(study: PlantStudy, made: Footprint) -> tuple[Table, ...]:
    """All tables, in reading order."""
    return (
        gas_table(study, made),
        other_totals_table(study, made),
        carbon_table(study, made),
        water_table(study, made),
        beside_table(made),
    )


def gas_table(study: PlantStudy, made: Footprint) -> Table:
    """CO2 equivalent by item, a year and per kg of oxides and of magnets, with its factor."""
    rows = []
    for it in made.emissions:
        fossil = ""
        if it.factor is None:
            fossil = ", fossil" if is_fossil(it.item.removeprefix("CO2 of ")) else ", of carbonate"
        rows.append(
            (
                f"{it.origin}: {it.item}{fossil}",
                number(_amount(study, it.amount, it.measure)),
                "MWh/y" if it.measure == "kW" else "t/y",
                *_spans(study, made, it.span),
                *_factor(it.factor),
            )
        )
    rows.append(("total", "", "", *_spans(study, made, made.total), "", "", "", ""))
    left_out = f"; no factor known for {', '.join(made.uncounted)}" if made.uncounted else ""
    return Table(
        "Greenhouse gas",
        (
            *("item", "amount", "unit of amount", "CO2e", "least and most"),
            *("per oxides sold", "per magnets fed", "factor", "basis", "confidence", "source"),
        ),
        tuple(rows),
        f"{BOUNDS}; electricity of {REGION}; the ends take every factor at its end at once{left_out}",
        ("", "", "", "t/y", "t/y", "kg/kg", "kg/kg", "", "", "", ""),
    )


def _amount(study: PlantStudy, amount: float, measure: str) -> float:
    """A year of a flow: t of mass, MWh of energy."""
    return amount * study.hours / 1000.0


def _spans(study: PlantStudy, made: Footprint, span: Span) -> tuple[str, str, str, str]:
    low, usual, high = (it * study.hours / 1000.0 for it in span)
    ends = "" if low == high else f"{number(low)} to {number(high)}"
    return number(usual), ends, _ratio(made.per_oxide(span[1])), _ratio(made.per_magnet(span[1]))


def _ratio(value: float) -> str:
    return number(value) if math.isfinite(value) else ""


def _factor(factor: Parameter | None) -> tuple[str, str, str, str]:
    if factor is None:
        return "", "computed", "", ""
    value = "" if factor.value is None else f"{factor.value:g} {factor.unit}, {factor.scope}"
    sources = ", ".join(factor.rests_on or (factor.source, *factor.also))
    return value, factor.basis, factor.confidence, sources


def other_totals_table(study: PlantStudy, made: Footprint) -> Table:
    """The total with other electricity, and with the salt sold carrying its acid and ammonia."""
    rows = [
        (f"with electricity of {region}", *_spans(study, made, span))
        for region, span in made.grids.items()
    ]
    salt = made.in_salt
    low, usual, high = (whole - part for whole, part in zip(made.total, salt, strict=True))
    if salt[1] > 0.0:
        rows.append(
            (
                "less acid and base whose nitrogen or chlorine leaves in by-products",
                *_spans(study, made, (low, usual, high)),
            )
        )
    return Table(
        "Greenhouse gas told otherwise",
        ("total", "CO2e", "least and most", "per oxides sold", "per magnets fed"),
        tuple(rows),
        "the last row charges the buyer of the salt with what was bought to make it: another allocation, "
        "not a saving"
        if salt[1] > 0.0
        else "",
        ("", "t/y", "t/y", "kg/kg", "kg/kg"),
    )


def carbon_table(study: PlantStudy, made: Footprint) -> Table:
    """Carbon in and out by origin, as t/y of carbon."""
    tonnes = species("C").molar_mass * study.hours / 1000.0
    origins = sorted({*made.carbon_in, *(name for it in made.carbon_out.values() for name in it)})
    lines = [("in", made.carbon_in)]
    lines += [(f"out as {kind}", by_origin) for kind, by_origin in made.carbon_out.items()]
    rows = tuple(
        (
            way,
            *(number(tonnes * by_origin.get(name, 0.0)) for name in origins),
            number(tonnes * math.fsum(by_origin.values())),
        )
        for way, by_origin in lines
    )
    return Table(
        "Carbon",
        ("way", *origins, "all"),
        rows,
        "by what it came from, every unit and store mixing its carbon dioxide and carbonates; that of fuel "
        "is not a stream. What leaves in carbonates, solvent and purge may become carbon dioxide elsewhere",
        ("", *("t/y",) * (len(origins) + 1)),
    )


def water_table(study: PlantStudy, made: Footprint) -> Table:
    """Water drawn, effluent, salt and solids, a year and per kg of oxides and of magnets."""
    effluent = made.of("effluent")
    clean = [it for it in effluent if it.clean]
    others = [it for it in made.of("by-product", "residue") if it.state == "liquor"]
    solids = [it for it in made.of("residue") if it.state != "liquor"]
    lines: list[tuple[str, str, float]] = [
        ("water drawn as such", "", made.water_bought),
        ("water brought with feeds and reagents", "", made.water_brought),
        ("steam, whose water is not followed", "", made.steam),
        ("liquid effluent", "", _mass(effluent)),
        ("of it clean condensate", "", _mass(clean)),
        ("dissolved in effluent", "", math.fsum(it.dissolved for it in effluent)),
        ("nitrogen in effluent", "", math.fsum(it.nitrogen for it in effluent)),
    ]
    lines += [(f"liquor that leaves: {it.name}", it.kind, it.mass) for it in others]
    lines += [
        (f"salt or solid that leaves: {it.name}", it.kind, it.mass)
        for it in made.of("by-product")
        if it.state != "liquor"
    ]
    for it in solids:
        lines.append((f"residue, wet: {it.name}", it.kind, it.mass))
        lines.append((f"residue, dry: {it.name}", it.kind, it.dry))
    lines.append(("residues, wet", "", _mass(solids)))
    lines.append(("residues, dry", "", math.fsum(it.dry for it in solids)))
    rows = tuple(
        (
            name,
            kind,
            number(flow * study.hours / 1000.0),
            _ratio(made.per_oxide(flow)),
            _ratio(made.per_magnet(flow)),
        )
        for name, kind, flow in lines
    )
    volumes = [it.volume for it in effluent]
    known = math.fsum(it for it in volumes if it is not None) * study.hours
    volume = f"{known:.4g} m3/y" + (" and what is not known" if None in volumes else "")
    return Table(
        "Water, effluent, solids",
        ("flow", "leaves as", "mass", "per oxides sold", "per magnets fed"),
        rows,
        f"liquid effluent: {volume}; clean: at most 0.1 % of anything but water. Cooling, washing of floors "
        "and boiler water are not in it",
        ("", "", "t/y", "kg/kg", "kg/kg"),
    )


def _mass(several: tuple[Left, ...] | list[Left]) -> float:
    return math.fsum(it.mass for it in several)


def beside_table(made: Footprint) -> Table:
    """Published figures of other routes, and whether they compare."""
    rows = tuple(_beside(it) for it in made.beside)
    return Table(
        "Beside published routes",
        ("route", "scope", "published", "unit", "this plant", "compares", "basis", "source"),
        rows,
        "a figure of another scope or unit stands without ours: nothing follows from the two",
    )


def _beside(it: Beside) -> tuple[str, ...]:
    known = it.published
    ends = [
        f"{end:g}" for end in dict.fromkeys((known.low, known.value, known.high)) if end is not None
    ]
    ours = "" if it.ours is None else " to ".join(dict.fromkeys(number(end) for end in it.ours))
    unit = " ".join(filter(None, (known.unit, known.of)))
    sources = ", ".join(known.rests_on or (known.source, *known.also))
    route = f"{known.step}: {known.name}"
    return route, known.scope, " to ".join(ends), unit, ours, it.compares, known.basis, sources


def footprint_document(study: PlantStudy, made: Footprint) -> dict[str, Any]:
    """The footprint as plain JSON values; units stand in the keys."""
    return {
        "region": REGION,
        "bounds": BOUNDS,
        "allocation": "mass of rare-earth oxides in products sold to a specification",
        "product_reo_kg_per_h": made.product_reo,
        "magnets_kg_per_h": made.magnet_feed,
        "emissions": [
            {
                "origin": it.origin,
                "item": it.item,
                "amount": it.amount,
                "measure": it.measure,
                **_span_document(it.span),
                **_factor_document(it.factor),
                "factor_unit": None if it.factor is None else it.factor.unit,
                "region": None if it.factor is None else it.factor.scope,
                "basis": "computed" if it.factor is None else it.factor.basis,
                "confidence": None if it.factor is None else it.factor.confidence,
                "source": []
                if it.factor is None
                else list(it.factor.rests_on or (it.factor.source, *it.factor.also)),
            }
            for it in made.emissions
        ],
        "not_counted": list(made.uncounted),
        "total": _span_document(made.total),
        "with_electricity_of": {
            it.scope: {**_span_document(made.grids[it.scope]), **_factor_document(it)}
            for it in emission_factors("electricity")
        },
        "of_it_in_salt": _span_document(made.in_salt),
        "carbon_in_mol_per_h": dict(made.carbon_in),
        "carbon_out_mol_per_h": {kind: dict(it) for kind, it in made.carbon_out.items()},
        "carbon_dioxide_returned_kg_per_h": made.carbon_dioxide_returned,
        "water_bought_kg_per_h": made.water_bought,
        "water_brought_kg_per_h": made.water_brought,
        "water_left_kg_per_h": dict(made.water_left),
        "steam_kg_per_h": made.steam,
        "left": [
            {
                "stream": it.name,
                "kind": it.kind,
                "state": it.state,
                "kg_per_h": it.mass,
                "water_kg_per_h": it.water,
                "m3_per_h": it.volume,
                "dissolved_kg_per_h": it.dissolved,
                "nitrogen_kg_per_h": it.nitrogen,
                "clean": it.clean,
            }
            for it in made.left
        ],
        "beside": [
            {
                "route": it.published.step,
                "scope": it.published.scope,
                "what": it.published.name,
                "low": it.published.low,
                "value": it.published.value,
                "high": it.published.high,
                "unit": it.published.unit,
                "ours": None if it.ours is None else list(it.ours),
                "compares": it.compares,
                "basis": it.published.basis,
                "source": list(it.published.rests_on or (it.published.source, *it.published.also)),
            }
            for it in made.beside
        ],
    }


def _factor_document(factor: Parameter | None) -> dict[str, float | None]:
    """What an amount is multiplied by, usual and at both ends; None where the gas itself was computed."""
    if factor is None:
        return {"factor": None, "factor_low": None, "factor_high": None}
    low, usual, high = factor_span(factor)
    return {"factor": usual, "factor_low": low, "factor_high": high}


def _span_document(span: Span) -> dict[str, float]:
    return dict(
        zip(("low_kg_co2e_per_h", "kg_co2e_per_h", "high_kg_co2e_per_h"), span, strict=True)
    )
