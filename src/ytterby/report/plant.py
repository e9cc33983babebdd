"""Tables of a plant: products, streams, recovery, consumption, equipment, inventory, what it rests on.

Flows are those of an hour of operation; what is told by the year is that times the hours of operation. Every
number stands in full in the result files that `ytterby run` writes; notes say in which.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Literal

from ytterby.datasets import cited
from ytterby.datasets.prices import latest_prices
from ytterby.datasets.process import Parameter
from ytterby.datasets.products import Limit, specification
from ytterby.elements import RARE_EARTHS, element
from ytterby.flowsheet import END_KINDS
from ytterby.materials import Flow, species
from ytterby.report.footprint import footprint_tables
from ytterby.report.plant_streams import (
    LabelledStream,
    has_oxide,
    labelled,
    shown_order,
)
from ytterby.report.tables import Table, number, percent
from ytterby.study.footprint import footprint
from ytterby.study.plant import PlantStudy, SoldProduct
from ytterby.unitops import REAGENTS
from ytterby.unitops.calciothermic import CalciothermicReduction
from ytterby.unitops.colocation import ASSUMPTIONS, YEAR, colocation
from ytterby.unitops.electrolysis import FluorideElectrolysis

PlantBasis = Literal["oxide", "metal", "mol"]
"""What a stream table weighs: metals as oxides as traded, elements, or amounts."""
UNITS: dict[PlantBasis, str] = {"oxide": "t/y", "metal": "t/y", "mol": "kmol/h"}
BASIS_WORDS: dict[PlantBasis, str] = {
    "oxide": "as oxides as traded",
    "metal": "as elements",
    "mol": "as amounts",
}
VERDICTS = {True: "met", False: "missed", None: "not known"}
STANDINGS = {True: "meets", False: "misses", None: "no limit missed, some not known"}
WATER = "H2O"
LEFT = ("residue", "effluent", "emission")
"""Kinds of what leaves without being sold."""
LARGEST_PARTS = 5
"""Species of a stream that are named."""
WEAK = ("low", "none", "analogue")
"""Confidences of numbers that are listed among the assumptions."""
IN_STREAMS = "streams.parquet"
IN_ELEMENTS = "elements.parquet"
IN_UNITS = "units.parquet"
IN_DOCUMENT = "result.json"


def yearly(study: PlantStudy, kilograms: float) -> float:
    """Mass a year [t] of a mass flow [kg/h]."""
    return kilograms * study.hours / 1000.0


def plant_in_words(study: PlantStudy) -> str:
    """What was solved, in a few sentences."""
    units, balance = len(study.balance.units), study.balance
    worst = max(map(abs, balance.closure.values()), default=0.0)
    loops = f", {balance.rounds} rounds of its loops" if balance.rounds else ""
    return (
        f"Plant {balance.flowsheet.name}: {units} units, {study.plan.medium}, "
        f"{study.hours:g} h of operation a year{loops}. Every element closes to {worst:.0e} of what enters."
    )


def feed_table(study: PlantStudy) -> Table:
    """What arrives: material, gross mass, rare-earth oxides, shares of NdPr and DyTb."""
    flows = study.plan.flowsheet.feeds
    rows = []
    for it in study.plan.feeds:
        flow = flows[it.name]
        treo = flow.treo()
        material = ", ".join(
            name if share == 1.0 else f"{percent(share)} % {name}"
            for name, share in it.blend.items()
        )
        rows.append(
            (
                it.name,
                material,
                number(it.yearly / 1000.0),
                number(yearly(study, treo)),
                percent(_share(flow, ("Pr", "Nd"), treo)),
                percent(_share(flow, ("Tb", "Dy"), treo)),
            )
        )
    return Table(
        "Feeds",
        ("feed", "material", "dry mass", "REO", "Nd+Pr of REO", "Dy+Tb of REO"),
        tuple(rows),
        f"material: `ytterby list feeds`; flows in {IN_ELEMENTS}",
        ("", "", "t/y", "t/y", "%", "%"),
    )


def product_table(study: PlantStudy) -> Table:
    """What is sold: mass of oxides, purity by REO, recovery of its own elements, standing to its grade."""
    rows = []
    for it in study.products:
        treo = it.flow.treo()
        main = main_elements(it)
        rows.append(
            (
                it.product.end,
                f"{it.product.product}, {it.product.grade}",
                number(yearly(study, treo)),
                "+".join(main),
                percent(_share(it.flow, main, treo)),
                percent(_recovered(study, it, main)),
                STANDINGS[it.meets] if it.judged else "nothing to sell",
            )
        )
    header = ("product", "sold as", "REO", "of", "purity", "recovery", "specification")
    return Table(
        "Products",
        header,
        tuple(rows),
        "purity: oxides as traded of what the product is of, over all REO in it; recovery: of the same "
        f"elements, in this product over all fed; numbers in {IN_DOCUMENT}, products",
        ("", "", "t/y", "", "% of REO", "%", ""),
    )


def limit_table(study: PlantStudy) -> Table:
    """Every limit of every product's grade with what is reached."""
    rows = tuple(
        (
            f"{it.product.end}: {judged.limit.analyte}",
            " ".join(filter(None, (judged.limit.unit, judged.limit.of))),
            limit_in_words(judged.limit),
            "" if judged.reached is None else _reached(judged.reached),
            VERDICTS[judged.met] if judged.limit.binds else "binds nobody",
            judged.remark if judged.limit.binds else "",
            judged.limit.basis,
            ", ".join(judged.limit.rests_on or (judged.limit.source,)),
        )
        for it in study.products
        for judged in it.judged
    )
    header = (
        "product: analyte",
        "unit",
        "limit",
        "reached",
        "verdict",
        "remark",
        "basis",
        "source",
    )
    return Table(
        "Products against specification",
        header,
        rows,
        "basis and source are those of the limit; not known: the calculation does not follow that analyte; "
        f"numbers in {IN_DOCUMENT}, products",
    )


def limit_in_words(limit: Limit) -> str:
    """The ends of a limit: "at most 0.05", "73 to 77"."""
    if limit.low is not None and limit.high is not None:
        return f"{limit.low:.10g} to {limit.high:.10g}"
    if limit.low is not None:
        return f"at least {limit.low:.10g}"
    if limit.high is not None:
        return f"at most {limit.high:.10g}"
    return "" if limit.value is None else f"{limit.value:.10g}"


def main_elements(sold: SoldProduct) -> tuple[str, ...]:
    """Rare earths that a product is of; of a mixture without names in it, the most abundant one."""
    named = specification(sold.product.product, sold.product.grade).main
    if named or not sold.flow.rare_earths():
        return named
    return (max(sold.flow.rare_earths(), key=sold.flow.oxide),)


def stream_table(
    study: PlantStudy,
    basis: PlantBasis = "oxide",
    streams: Sequence[LabelledStream] | None = None,
    title: str = "",
) -> Table:
    """Streams across, elements down; without ``streams`` those with rare earths that enter or leave."""
    shown = border_streams(study) if streams is None else streams
    symbols = shown_order(
        name
        for name in {symbol for it in shown for symbol, there in it.flow.atoms().items() if there}
        if basis != "oxide" or has_oxide(name)
    )
    unit = UNITS[basis]
    rows = [
        (symbol, unit, *(number(_weighed(study, it.flow, symbol, basis)) for it in shown))
        for symbol in symbols
    ]
    earths = [symbol for symbol in symbols if symbol in RARE_EARTHS]
    rows.append(
        (
            "total REE",
            unit,
            *(
                number(math.fsum(_weighed(study, it.flow, name, basis) for name in earths))
                for it in shown
            ),
        )
    )
    rows.append(("gross mass", "t/y", *(number(yearly(study, it.flow.mass())) for it in shown)))
    return Table(
        title or f"Streams that enter or leave {study.balance.flowsheet.name}",
        ("", "unit", *(it.label for it in shown)),
        tuple(rows),
        f"{BASIS_WORDS[basis]}, at {study.hours:g} h a year; all streams in {IN_ELEMENTS} and streams.xlsx",
    )


def border_streams(study: PlantStudy) -> tuple[LabelledStream, ...]:
    """Streams with rare earths that come from or go to the world outside."""
    return tuple(
        it for it in labelled(study.balance) if (it.enters or it.leaves) and it.flow.rare_earths()
    )


def outlets_of(study: PlantStudy, unit: str) -> tuple[LabelledStream, ...]:
    """Streams that leave a unit."""
    return tuple(it for it in labelled(study.balance) if it.from_unit == unit)


def recovery_table(study: PlantStudy) -> Table:
    """Each rare earth: what is fed, and in which kind of stream it leaves."""
    leaving = _by_kind(study)
    symbols = [
        symbol
        for symbol in shown_order(RARE_EARTHS)
        if any(flow.of(symbol) > 0.0 for flow in study.plan.flowsheet.feeds.values())
    ]
    rows = []
    for symbol in symbols:
        fed = math.fsum(flow.oxide(symbol) for flow in study.plan.flowsheet.feeds.values())
        parts = [math.fsum(flow.oxide(symbol) for flow in leaving[kind]) for kind in END_KINDS]
        rows.append(
            (
                symbol,
                number(yearly(study, fed)),
                *(number(yearly(study, part)) for part in parts),
                percent(study.recovery(symbol)),
            )
        )
    kinds = tuple(f"as {kind}" for kind in END_KINDS)
    return Table(
        "Recovery of rare earths",
        ("element", "fed", *kinds, "recovery"),
        tuple(rows),
        "oxides as traded; recovery: in what is sold to a specification, over fed; from "
        + IN_ELEMENTS,
        ("", *("t/y",) * (1 + len(kinds)), "%"),
    )


def _by_kind(study: PlantStudy) -> dict[str, list[Flow]]:
    return {
        kind: [it.flow for it in study.balance.streams if it.kind == kind] for kind in END_KINDS
    }


def product_reo(study: PlantStudy) -> float:
    """Rare-earth oxides in all that is sold to a specification [kg/h]."""
    return math.fsum(it.flow.treo() for it in study.products)


def reagent_table(study: PlantStudy) -> Table:
    """What is bought: mass as bought and as 100 %, per kg of oxides sold; what the plant returns."""
    sold = product_reo(study)
    bought = study.balance.bought()
    drawn = drawn_masses(study)
    rows = []
    for name in sorted(drawn, key=str.casefold):
        mass = bought[name].mass() if name in bought else 0.0
        share = REAGENTS[name].share
        users = [unit for unit, it in study.balance.units.items() if it.drawn.get(name)]
        rows.append(
            (
                name,
                f"{100 * share:g}",
                number(yearly(study, mass)),
                number(yearly(study, mass * share)),
                number(mass * share / sold) if sold > 0.0 else "",
                number(yearly(study, drawn[name] - mass) if drawn[name] > mass else 0.0),
                str(len(users)),
            )
        )
    return Table(
        "Reagents",
        (
            *("reagent", "strength", "bought", "as 100 %", "as 100 % per REO sold"),
            *("returned by the plant", "units that draw it"),
        ),
        tuple(rows),
        "solved, not set; a reagent that the plant returns is bought only for what is lacking; by unit in "
        + IN_UNITS,
        ("", "% by mass", "t/y", "t/y", "kg/kg", "t/y", ""),
    )


def drawn_masses(study: PlantStudy) -> dict[str, float]:
    """What all units draw of each reagent, as bought [kg/h]."""
    found: dict[str, float] = {}
    for balance in study.balance.units.values():
        for name, flow in balance.drawn.items():
            if flow.mass() > 0.0:
                found[name] = found.get(name, 0.0) + flow.mass()
    return found


def driver_table(study: PlantStudy) -> Table:
    """Energy and people by unit, and in all."""
    rows = [
        (
            name,
            number(it.electricity),
            number(it.electricity * study.hours / 1000.0),
            number(it.fuel * study.hours / 1000.0),
            number(yearly(study, it.steam)),
            number(it.posts),
        )
        for name, it in study.drivers.items()
        if it.electricity or it.fuel or it.steam or it.posts
    ]
    every = list(study.drivers.values())
    power = math.fsum(it.electricity for it in every)
    rows.append(
        (
            "total",
            number(power),
            number(power * study.hours / 1000.0),
            number(math.fsum(it.fuel for it in every) * study.hours / 1000.0),
            number(yearly(study, math.fsum(it.steam for it in every))),
            number(math.fsum(it.posts for it in every)),
        )
    )
    return Table(
        "Energy and people",
        ("unit", "electric power", "electricity", "heat from fuel", "steam", "posts"),
        tuple(rows),
        "posts: people needed at every hour of operation, not staff on the payroll; from "
        + IN_UNITS,
        ("", "kW", "MWh/y", "MWh/y", "t/y", "people"),
    )


def equipment_table(study: PlantStudy) -> Table:
    """Items with number and size, and what the size follows from."""
    rows = tuple(
        (name, item.item, str(item.number), number(item.size), item.unit, item.because)
        for name, items in study.equipment.items()
        for item in items
    )
    return Table(
        "Equipment",
        ("unit", "item", "number", "size of each", "of size", "because"),
        rows,
        "sizes follow from solved flows and settings, without spares; from " + IN_UNITS,
    )


def held_oxides(study: PlantStudy) -> dict[str, float]:
    """Rare earths that the plant holds, all units together, by symbol [kg oxide as traded]."""
    held: dict[str, float] = {}
    for it in study.inventories.values():
        for symbol, moles in it.metals.items():
            if symbol in RARE_EARTHS:
                held[symbol] = held.get(symbol, 0.0) + moles * element(symbol).oxide_molar_mass
    return {symbol: held[symbol] for symbol in shown_order(held)}


def next_door_table(study: PlantStudy) -> Table:
    """What oxide handed over the fence to metal making saves beside plants apart; no rows if none is made."""
    calendar = study.hours / YEAR
    rows = []
    for it in study.balance.flowsheet.operations:
        if not isinstance(it, FluorideElectrolysis | CalciothermicReduction):
            continue
        flow = study.balance.units[it.name].inlets["oxide"]
        metals = flow.rare_earths()
        main = max(metals, key=lambda symbol: metals[symbol], default="")
        price = latest_prices((main,)).get(main) if main else None
        found = colocation(flow.mass() * calendar, 0.0 if price is None else price.per_kg)
        money = ("", "", "", "", "") if price is None else (
            number(price.per_kg),
            number(found.released),
            number(found.saved),
            f"{price.currency}, {price.date}",
            price.source,
        )  # fmt: skip
        rows.append(
            (
                f"{it.name}, {main}",
                number(flow.mass() * study.hours / 1000.0),
                number(found.apart.stock / 1000.0),
                number(found.together.stock / 1000.0),
                number((found.apart.emission - found.together.emission) / 1000.0),
                *money,
            )
        )
    said = ", ".join(
        f"{name.replace('_', ' ')} {it.value:g} {it.unit}" for name, it in ASSUMPTIONS.items()
    )
    return Table(
        "What metal making next door saves",
        (
            *("oxide to", "handed over", "stock apart", "stock next door", "CO2 of freight less"),
            *("price", "set free once", "saved a year", "currency, date", "source"),
        ),
        tuple(rows),
        f"price of the oxide of the main element; assumed: {said}; packing, assays, insurance, duty left out",
        ("", "t/y", "t", "t", "t/y", "per kg", "", "a year", "", ""),
    )


def inventory_table(study: PlantStudy) -> Table:
    """Rare earths held by element, with what they are worth; a total for each currency."""
    held = held_oxides(study)
    prices = latest_prices(held)
    rows = []
    for symbol, mass in held.items():
        price = prices.get(symbol)
        worth = ("", "", "", "", "") if price is None else (
            number(price.per_kg),
            number(mass * price.per_kg),
            price.currency,
            price.date,
            price.source,
        )  # fmt: skip
        rows.append((symbol, number(mass), *worth))
    for currency in sorted({price.currency for price in prices.values()}):
        of_it = {symbol: it for symbol, it in prices.items() if it.currency == currency}
        dates = sorted({it.date for it in of_it.values()})
        rows.append(
            (
                f"quoted in {currency}",
                number(math.fsum(held[symbol] for symbol in of_it)),
                "",
                number(math.fsum(held[symbol] * it.per_kg for symbol, it in of_it.items())),
                currency,
                " to ".join(dict.fromkeys((dates[0], dates[-1]))),
                "",
            )
        )
    rows.append(("all, priced or not", number(math.fsum(held.values())), *("",) * 5))
    markets = "; ".join(dict.fromkeys(f"{it.source}: {it.market}" for it in prices.values()))
    return Table(
        "Rare earths held",
        ("element", "held as REO", "price", "value", "currency", "date of price", "source"),
        tuple(rows),
        "at steady state, in circuits only, as bought oxides; an element without quotation has no value; "
        f"currencies are never added. Prices as quoted: {markets or 'none'}; amounts in {IN_UNITS}",
        ("", "kg", "per kg", "", "", "", ""),
    )


def holding_table(study: PlantStudy) -> Table:
    """What each unit holds: organic, rare earths."""
    rows = []
    for name, it in study.inventories.items():
        earths = math.fsum(
            moles * element(symbol).oxide_molar_mass
            for symbol, moles in it.metals.items()
            if symbol in RARE_EARTHS
        )
        rows.append((name, number(it.organic), number(earths)))
    organic = math.fsum(it.organic for it in study.inventories.values())
    rows.append(("total", number(organic), number(math.fsum(held_oxides(study).values()))))
    return Table(
        "Inventory by unit",
        ("unit", "organic", "rare earths as REO"),
        tuple(rows),
        "from " + IN_UNITS,
        ("", "m3", "kg"),
    )


def leaving_table(study: PlantStudy) -> Table:
    """By-products, residues, effluents and emissions: mass, what they are of, rare earths lost with them."""
    rows = []
    for kind in ("by-product", *LEFT):
        for it in labelled(study.balance):
            if it.kind == kind:
                rows.append(
                    (
                        it.label,
                        kind,
                        it.flow.state,
                        number(yearly(study, it.flow.mass())),
                        parts_in_words(it.flow),
                        number(yearly(study, it.flow.treo())),
                    )
                )
    return Table(
        "By-products, residues, effluents, emissions",
        ("stream", "kind", "state", "gross mass", "largest parts by mass", "REO"),
        tuple(rows),
        "species as the calculation follows them; from " + IN_STREAMS,
        ("", "", "", "t/y", "", "t/y"),
    )


def parts_in_words(flow: Flow) -> str:
    """The largest species of a stream with their shares by mass."""
    mass = flow.mass()
    shares = {
        name: amount * species(name).molar_mass / mass for name, amount in flow.amounts.items()
    }
    largest = sorted(shares, key=lambda name: -shares[name])[:LARGEST_PARTS]
    return ", ".join(f"{name} {100 * shares[name]:.3g} %" for name in largest if shares[name] > 0)


def water_table(study: PlantStudy) -> Table:
    """Water in and out by stream, and what reactions make or use of it."""
    streams = labelled(study.balance)
    rows, total = [], {"in": 0.0, "out": 0.0}
    for way, chosen in (
        ("in", [it for it in streams if it.enters]),
        ("out", [it for it in streams if it.leaves]),
    ):
        groups: dict[str, float] = {}
        for it in chosen:
            name = it.name if it.kind == "reagent" else it.label
            groups[name] = groups.get(name, 0.0) + water_of(it.flow)
        for name, mass in sorted(groups.items(), key=lambda item: -item[1]):
            total[way] += mass
            if mass > 0.0:
                rows.append((way, name, number(yearly(study, mass))))
        rows.append((way, "all", number(yearly(study, total[way]))))
    made = total["out"] - total["in"]
    said = "made by reactions, less used" if made >= 0.0 else "used by reactions, less made"
    rows.append(("in" if made >= 0.0 else "out", said, number(yearly(study, abs(made)))))
    return Table(
        "Water",
        ("way", "stream", "water"),
        tuple(rows),
        "water as such, that of liquors and moist cakes counted, that of hydrates not; from "
        + IN_STREAMS,
        ("", "", "t/y"),
    )


def water_of(flow: Flow) -> float:
    """Water as such [kg/h]."""
    return flow.moles(WATER) * species(WATER).molar_mass


def note_table(study: PlantStudy) -> Table:
    """What a reader must know: what circuits miss, what was assumed of feeds and constants."""
    rows = [
        (f"feed {it.name}", note) for it in study.plan.feeds for note in it.notes
    ]  # fmt: skip
    for name, balance in study.balance.units.items():
        rows += [(name, note) for note in balance.notes]
        rows += [
            (name, f"assumed, not data: {text}")
            for text in getattr(balance.details, "assumptions", ())
        ]
    said = "what circuits miss of what was asked of them, and what was assumed"
    return Table("Notes", ("of", "note"), tuple(rows), said if rows else "nothing to note")


def assumption_table(study: PlantStudy) -> Table:
    """Settings that are assumed or of low confidence, each once with the units that it is used in."""
    units = study.balance.flowsheet.by_name
    used: dict[tuple[str, str], tuple[str, Parameter, list[str]]] = {}
    for name, settings in study.settings.items():
        for key, it in settings.items():
            if not is_weak(it):
                continue
            meaning = units[name].SETTINGS[key].meaning
            place = (key, f"{meaning} {it.value} {it.low} {it.high} {it.unit} {it.source}")
            used.setdefault(place, (meaning, it, []))[2].append(name)
    rows = tuple(
        (
            f"{key}: {meaning}",
            "" if it.value is None else f"{it.value:.6g}",
            it.unit,
            _span(it),
            in_short(names),
            it.basis,
            it.confidence,
            ", ".join(it.rests_on or (it.source, *it.also)),
            it.notes,
        )
        for (key, _), (meaning, it, names) in used.items()
    )
    header = (
        *("setting", "value", "unit", "range", "used in", "basis", "confidence", "source"),
        "reason",
    )
    return Table(
        "Assumptions",
        header,
        rows,
        "settings that are assumed or of low confidence; a case gives its own under settings of a unit; all "
        f"settings in {IN_DOCUMENT}, units",
    )


def is_weak(setting: Parameter) -> bool:
    """Whether a number is an assumption, or as good as one."""
    return setting.basis == "assumed" or setting.confidence in WEAK


def in_short(names: Sequence[str], most: int = 3) -> str:
    """The first of some names, and how many more there are."""
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def closure_table(study: PlantStudy) -> Table:
    """What leaves less what enters of each element, over what enters."""
    rows = tuple(
        (symbol, f"{study.balance.closure[symbol]:.1e}")
        for symbol in shown_order(study.balance.closure)
    )
    return Table(
        "Closure",
        ("element", "(out - in) / in"),
        rows,
        f"over the whole plant; tools/check_results.py recomputes it from {IN_STREAMS}",
    )


def all_sources(study: PlantStudy) -> tuple[str, ...]:
    """Keys of everything that the numbers, the limits and the prices rest on."""
    keys = {*study.sources, *limit_sources(study), *price_sources(study)}
    keys |= {*footprint(study).sources, *announcement_sources(study)}
    return tuple(sorted(keys, key=str.casefold))


def limit_sources(study: PlantStudy) -> tuple[str, ...]:
    """Keys of what the limits of the products rest on."""
    return cited(judged.limit for it in study.products for judged in it.judged)


def price_sources(study: PlantStudy) -> tuple[str, ...]:
    """Keys of the quotations of what is held."""
    return tuple(sorted({it.source for it in latest_prices(held_oxides(study)).values()}))


def plant_tables(study: PlantStudy) -> list[Table]:
    """The tables of the terminal, in reading order."""
    return [
        feed_table(study),
        product_table(study),
        limit_table(study),
        recovery_table(study),
        reagent_table(study),
        driver_table(study),
        holding_table(study),
        inventory_table(study),
        leaving_table(study),
        water_table(study),
        *footprint_tables(study, footprint(study)),
        *announcement_tables(study),
        note_table(study),
    ]


def announcement_tables(study: PlantStudy) -> list[Table]:
    """What was announced beside what is computed, if the case names claims."""
    if study.plan.claims is None:
        return []
    from ytterby.report.judged_plant import announcement_table
    from ytterby.study.judged_plant import judge_plant

    return [announcement_table(judge_plant(study, study.plan.claims))]


def announcement_sources(study: PlantStudy) -> tuple[str, ...]:
    """Keys of the claims that the plant bears on, if the case names claims."""
    if study.plan.claims is None:
        return ()
    from ytterby.study.judged_plant import judge_plant

    return judge_plant(study, study.plan.claims).sources


def _share(flow: Flow, symbols: Iterable[str], treo: float) -> float:
    return math.fsum(flow.oxide(symbol) for symbol in symbols) / treo if treo > 0.0 else math.nan


def _recovered(study: PlantStudy, sold: SoldProduct, symbols: Sequence[str]) -> float:
    """Share of those elements fed that is in this product [-]; nan if they are not fed."""
    feeds = study.plan.flowsheet.feeds.values()
    fed = math.fsum(flow.oxide(symbol) for flow in feeds for symbol in symbols)
    found = math.fsum(sold.flow.oxide(symbol) for symbol in symbols)
    return found / fed if fed > 0.0 else math.nan


def _reached(value: float) -> str:
    """A percentage with its nines: 99.987, 0.0031."""
    return percent(value / 100.0)


def _weighed(study: PlantStudy, flow: Flow, symbol: str, basis: PlantBasis) -> float:
    if basis == "mol":
        return flow.of(symbol) / 1000.0
    if basis == "oxide":
        return yearly(study, flow.oxide(symbol))
    return yearly(study, flow.of(symbol) * species(symbol).molar_mass)


def _span(it: Parameter) -> str:
    ends = [f"{end:.6g}" for end in (it.low, it.high) if end is not None]
    return " to ".join(ends)
