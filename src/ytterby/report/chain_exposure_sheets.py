"""Who is exposed to whom, what is promised and what is at risk, as sheets of a workbook."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ytterby.chain.network import Range
from ytterby.chain.shares import Part
from ytterby.report.chain_exposure import ALL, rests, split_by
from ytterby.report.chain_words import RESTING, resting_on
from ytterby.report.workbook import Cell, Sheet
from ytterby.study.chain import ShareStudy


def sheets(study: ShareStudy) -> Iterable[Sheet]:
    """Numbers in full: dependence, suppliers, promises, benchmarks, at risk, prices, left over, basis."""
    return [
        _dependence_sheet(study),
        _supplier_sheet(study),
        _promise_sheet(study),
        _verdict_sheet(study),
        _risk_sheet(study),
        _spread_sheet(study),
        _price_sheet(study),
        _leftover_sheet(study),
        _basis_sheet(study),
    ]


def _ends(found: Range | None) -> tuple[float | None, float | None, float | None]:
    return (None, None, None) if found is None else (found.low, found.value, found.high)


def _dependence_sheet(study: ShareStudy) -> Sheet:
    rows: list[tuple[Cell, ...]] = [
        (
            *(it.importer, it.year, it.imported, it.domestic),
            *(*_part(it.largest), it.supplier_hhi),
            *(*_ends(it.hhi), it.reliance, *_ends(it.score), *_ends(it.score_of_imports)),
        )
        for it in study.risks
    ]
    header = (
        *("importer", "year", "imports", "own production", "largest supplier", "its share"),
        *(
            "HHI of imports",
            "HHI low",
            "HHI of production",
            "HHI high",
            "reliance",
            "score low",
            "score",
        ),
        *("score high", "of imports low", "of imports", "of imports high"),
    )
    units = ("", "", "t gross", "t oxide", "", "fraction", *("0 to 1",) * 11)
    return Sheet("dependence", header, units, tuple(rows))


def _part(found: Part | None) -> tuple[str | None, float | None]:
    return (None, None) if found is None else (found.name, found.share)


def _supplier_sheet(study: ShareStudy) -> Sheet:
    rows: list[tuple[Cell, ...]] = [
        (it.importer, it.year, name, tonnes, it.instability.get(name, 1.0))
        for it in study.risks
        for name, tonnes in it.imports.items()
    ]
    header = ("importer", "year", "supplier", "imports", "instability g")
    return Sheet("suppliers", header, ("", "", "", "t gross", "0 to 1"), tuple(rows))


def _promise_sheet(study: ShareStudy) -> Sheet:
    rows: list[tuple[Cell, ...]] = []
    for it in study.promises:
        contract = it.quantity.contract
        rows.append(
            (
                *(
                    contract.name,
                    contract.seller,
                    contract.buyer,
                    it.facility,
                    it.quantity.material,
                ),
                *(it.year, it.promised, it.demand, it.share, it.announced, it.weighted),
                *(it.backed.low, it.backed.high, "yes" if it.quantity.holds(it.year) else "no"),
                *resting_on(it.quantity.cited),
            )
        )
    header = (
        *(
            "contract",
            "seller",
            "buyer",
            "facility",
            "material",
            "year",
            "promised",
            "demand",
            "share",
        ),
        *("announced", "weighted", "backed low", "backed high", "in force", *RESTING),
    )
    share = "fraction of the demand"
    units = (
        *("", "", "", "", "", "", "t/y", "t/y", share, "t/y", "t/y", share, share, ""),
        *("", "", "", ""),
    )
    return Sheet("promises", header, units, tuple(rows))


def _verdict_sheet(study: ShareStudy) -> Sheet:
    rows: list[tuple[Cell, ...]] = []
    for it in study.verdicts:
        own = it.benchmark
        rows.append(
            (
                *(
                    own.group,
                    own.name,
                    own.region,
                    own.stage,
                    own.title,
                    it.of,
                    it.plan or ALL,
                    it.year,
                ),
                *(own.sense, own.share, it.need, *_ends(it.inside), *_ends(it.announced)),
                *(*_ends(it.share), it.country, it.missing, it.verdict, it.why),
                *(", ".join(it.not_stated), ", ".join(it.no_start), own.cited.source),
            )
        )
    header = (
        *(
            "of",
            "benchmark",
            "region",
            "stage",
            "title",
            "element or form",
            "plan",
            "year",
            "sense",
        ),
        *("asked", "need", "inside low", "inside", "inside high", "announced low", "announced"),
        *(
            "announced high",
            "share low",
            "share",
            "share high",
            "country",
            "missing",
            "verdict",
            "why",
        ),
        *("not stated", "no start", "source"),
    )
    units = (
        *("", "", "", "", "", "", "", "", "", "fraction", *("t/y",) * 7, *("fraction",) * 3),
        *("", "t/y", "", "", "", "", ""),
    )
    return Sheet("benchmarks", header, units, tuple(rows))


def _risk_sheet(study: ShareStudy) -> Sheet:
    rows: list[tuple[Cell, ...]] = []
    for it in study.at_risk:
        worth = None if it.worth is None else it.worth.worth
        price = it.price
        rows.append(
            (
                *(it.line, it.customer, it.material, it.per_unit, it.unit_name, it.units_per_kg),
                *(
                    *_ends(worth),
                    *_ends(it.value_per_kg),
                    None if it.worth is None else it.worth.currency,
                ),
                *((None, None, None) if price is None else (price.outside, price.unit, price.date)),
                None if it.worth is None else it.worth.cited.basis,
            )
        )
    header = (
        *("demand", "customer", "material", "per unit", "unit", "units per kg short", "value low"),
        *("value of a unit", "value high", "at risk low", "at risk", "at risk high", "currency"),
        *("price outside", "price in", "price of", "value is"),
    )
    money = "in the currency beside"
    units = (
        *("", "", "", "kg", "", "1/kg", money, money, money, f"{money}, per kg"),
        *(f"{money}, per kg", f"{money}, per kg", "", "in the unit beside", "", "", ""),
    )
    return Sheet("at risk", header, units, tuple(rows))


def _spread_sheet(study: ShareStudy) -> Sheet:
    rows: list[tuple[Cell, ...]] = [
        (
            *(
                it.line,
                it.material,
                it.date,
                name,
                amount,
                it.inside.get(name),
                it.outside.get(name),
            ),
            *(it.currency, "; ".join(it.caveats)),
        )
        for it in study.spreads
        for name, amount in it.needs.items()
    ]
    header = (
        "demand",
        "material",
        "date",
        "need",
        "amount",
        "inside",
        "outside",
        "currency",
        "caveats",
    )
    each = "in the currency beside, per t asked"
    return Sheet("price spread", header, ("", "", "", "", "t/t", each, each, "", ""), tuple(rows))


def _price_sheet(study: ShareStudy) -> Sheet:
    rows: list[tuple[Cell, ...]] = [
        (
            *(
                it.product,
                it.material,
                it.date,
                it.inside,
                it.outside,
                it.unit,
                it.ratio,
                it.caveat,
            ),
            *resting_on(it.cited),
        )
        for it in study.prices
    ]
    header = (
        "product",
        "stands for",
        "date",
        "inside",
        "outside",
        "unit",
        "ratio",
        "caveat",
        *RESTING,
    )
    beside = "in the unit beside"
    units = ("", "", "", beside, beside, "", "", "", "", "", "", "")
    return Sheet("prices", header, units, tuple(rows))


def _leftover_sheet(study: ShareStudy) -> Sheet:
    rows: list[tuple[Cell, ...]] = [
        (
            *(
                it.facility,
                it.product,
                it.year,
                it.announced,
                it.weighted,
                it.contracted,
                it.needed,
            ),
            *(it.left_announced, it.left_weighted, split_by(it), ", ".join(it.not_quantified)),
        )
        for it in study.leftovers
    ]
    header = (
        *(
            "facility",
            "product",
            "year",
            "announced",
            "weighted",
            "contracted",
            "needed by the plan",
        ),
        *("left, announced", "left, weighted", "split by", "contracts without quantity"),
    )
    return Sheet("left over", header, ("", "", "", *("t/y",) * 6, "", ""), tuple(rows))


def _basis_sheet(study: ShareStudy) -> Sheet:
    rows: Sequence[tuple[Cell, ...]] = [
        (what, of, *resting_on(cited)) for what, of, cited in rests(study)
    ]
    return Sheet("basis", ("what", "of", *RESTING), ("",) * 6, tuple(rows))
