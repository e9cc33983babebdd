"""A year of campaigns: tables, and a folder with the results of each beside what they come to together."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import ytterby
from ytterby.case import Case
from ytterby.elements import RARE_EARTHS
from ytterby.errors import Fault, OutputError, YtterbyError
from ytterby.report import results
from ytterby.report.fragments import Fragment, under
from ytterby.report.media import media_fragments
from ytterby.report.page import page
from ytterby.report.plant import (
    STANDINGS,
    announcement_sources,
    announcement_tables,
    main_elements,
)
from ytterby.report.plant_document import announcement_of
from ytterby.report.plant_streams import shown_order
from ytterby.report.tables import Table, number, percent
from ytterby.study.campaigns import CampaignsStudy
from ytterby.study.plant import PlantStudy
from ytterby.study.whole_year import whole_year

FORMAT = "ytterby.campaigns-result"
VERSION = 1
DOCUMENT, TEXT, PAGE = "campaigns.json", "campaigns.txt", "campaigns.html"
ALL = "all"
"""Heads the column of all campaigns together."""


def campaigns_in_words(year: CampaignsStudy) -> str:
    """What was solved, in a sentence."""
    idle = year.plan.hours - year.hours
    rest = f"; {idle:g} h in which nothing runs" if idle > 1e-6 else ""
    return (
        f"Plant {year.plan.flowsheet.name}: {len(year.studies)} campaigns in {year.hours:g} h a year, "
        f"each a steady state of its own{rest}. What changing from one to the next takes is not counted."
    )


def campaign_tables(year: CampaignsStudy) -> list[Table]:
    """Campaigns, products, recovery, reagents and energy by campaign and in all, what is largest."""
    return [
        campaign_table(year),
        product_table(year),
        recovery_table(year),
        reagent_table(year),
        energy_table(year),
        equipment_table(year),
        *announcement_tables(whole_year(year)),
    ]


def campaign_fragments(
    year: CampaignsStudy, other: PlantStudy | tuple[YtterbyError, ...] | None
) -> list[Fragment]:
    """The report of the year; with the ``other`` medium where the plant was solved in it."""
    whole = whole_year(year)
    keys = (*whole.sources, *announcement_sources(whole))
    found = [Fragment(table.title, (table,)) for table in campaign_tables(year)]
    return under("The year", found, keys) + (media_fragments(whole, other) if other else [])


def campaign_table(year: CampaignsStudy) -> Table:
    """Hours, feeds, circuits with nothing to part."""
    rows = tuple(
        (
            name,
            number(study.hours),
            ", ".join(it.name for it in study.plan.feeds),
            number(_fed(year, name)),
            ", ".join(year.idle(name)) or "none",
        )
        for name, study in year.studies.items()
    )
    header = ("campaign", "hours", "feeds", "REO fed", "circuits with nothing to part")
    return Table("Campaigns", header, rows, units=("", "h/y", "", "t/y", ""))


def product_table(year: CampaignsStudy) -> Table:
    """REO of each product by campaign and in all, purity of all, standing of each campaign to its grade."""
    rows = []
    for name, flow in year.products().items():
        sold = {
            campaign: next(it for it in study.products if it.product.end == name)
            for campaign, study in year.studies.items()
        }
        treo = flow.treo()
        most = max(sold.values(), key=lambda it: it.flow.treo())
        own = sum(flow.oxide(symbol) for symbol in main_elements(most))
        standing = [
            f"{campaign}: {STANDINGS[it.meets] if it.judged else 'nothing to sell'}"
            for campaign, it in sold.items()
        ]
        rows.append(
            (
                name,
                *(
                    number(it.flow.treo() * year.studies[campaign].hours / 1000.0)
                    for campaign, it in sold.items()
                ),
                number(treo / 1000.0),
                percent(own / treo if treo > 0.0 else math.nan),
                "; ".join(standing),
            )
        )
    return Table(
        "Products over the year",
        ("product", *year.studies, ALL, "purity of all", "specification"),
        tuple(rows),
        "REO; purity: oxides as traded of what the product is of, over all REO in it, lots of all campaigns "
        f"together; judged campaign by campaign; numbers in {DOCUMENT}",
        ("", *("t/y",) * (len(year.studies) + 1), "% of REO", ""),
    )


def recovery_table(year: CampaignsStudy) -> Table:
    """Share of each rare earth fed that is sold, by campaign and in all."""
    rows = []
    for symbol in shown_order(RARE_EARTHS):
        if math.isnan(year.recovery(symbol)):
            continue
        by_campaign = [study.recovery(symbol) for study in year.studies.values()]
        rows.append((symbol, *map(percent, by_campaign), percent(year.recovery(symbol))))
    return Table(
        "Recovery over the year",
        ("element", *year.studies, ALL),
        tuple(rows),
        "in what is sold to a specification, over fed",
        ("", *("%",) * (len(year.studies) + 1)),
    )


def reagent_table(year: CampaignsStudy) -> Table:
    """What is bought, by campaign and in all."""
    bought = {name: study.balance.bought() for name, study in year.studies.items()}
    rows = tuple(
        (
            reagent,
            *(
                number(
                    flows[reagent].mass() * year.studies[name].hours / 1000.0
                    if reagent in flows
                    else 0.0
                )
                for name, flows in bought.items()
            ),
            number(mass / 1000.0),
        )
        for reagent, mass in sorted(year.reagents().items(), key=lambda it: it[0].casefold())
    )
    return Table(
        "Reagents over the year",
        ("reagent", *year.studies, ALL),
        rows,
        f"as bought; numbers in {DOCUMENT}",
        ("", *("t/y",) * (len(year.studies) + 1)),
    )


def energy_table(year: CampaignsStudy) -> Table:
    """Electricity, fuel, steam and people by campaign and in all."""
    columns = [year.only(name).energy() for name in year.studies] + [year.energy()]
    kinds = (
        ("electricity", "MWh/y", [it.electricity for it in columns]),
        ("heat from fuel", "MWh/y", [it.fuel for it in columns]),
        ("steam", "t/y", [it.steam for it in columns]),
        ("people", "1,000 h/y", [it.work for it in columns]),
    )
    rows = tuple(
        (kind, unit, *(number(value / 1000.0) for value in values)) for kind, unit, values in kinds
    )
    return Table("Energy and people over the year", ("", "unit", *year.studies, ALL), rows)


def equipment_table(year: CampaignsStudy) -> Table:
    """Items and organic of the campaign that needs most of each."""
    rows = [
        (unit, it.item, str(it.number), number(it.size), it.unit, campaign)
        for unit, items in year.equipment().items()
        for it, campaign in items
    ]
    rows += [
        (unit, "organic held", "", number(held), "m3", campaign)
        for unit, (held, campaign) in year.organic().items()
    ]
    return Table(
        "Equipment for every campaign",
        ("unit", "item", "number", "size of each", "of size", "set by"),
        tuple(rows),
        "of each item that of the campaign that needs most of it",
    )


def _fed(year: CampaignsStudy, campaign: str) -> float:
    """REO [t/y]."""
    study = year.studies[campaign]
    flows = study.plan.flowsheet.feeds.values()
    return sum(flow.treo() for flow in flows) * study.hours / 1000.0


def campaigns_document(year: CampaignsStudy, case: Case) -> dict[str, Any]:
    """Sums of the year as plain JSON values; units stand in the keys. Each campaign has its own."""
    energy = year.energy()
    return {
        "format": FORMAT,
        "version": VERSION,
        "ytterby": ytterby.__version__,
        "case": str(case.path),
        "title": case.title,
        "plant": year.plan.flowsheet.name,
        "medium": year.plan.medium,
        "hours_per_year": year.hours,
        "campaigns": [
            {
                "campaign": name,
                "folder": name,
                "hours_per_year": study.hours,
                "feeds": [it.name for it in study.plan.feeds],
                "reo_fed_t_per_year": _fed(year, name),
                "nothing_to_part": list(year.idle(name)),
            }
            for name, study in year.studies.items()
        ],
        "products": [
            {
                "product": name,
                "reo_t_per_year": flow.treo() / 1000.0,
                "oxides_t_per_year": {
                    symbol: flow.oxide(symbol) / 1000.0
                    for symbol in shown_order(flow.rare_earths())
                },
            }
            for name, flow in year.products().items()
        ],
        "recovery": {
            symbol: year.recovery(symbol)
            for symbol in shown_order(RARE_EARTHS)
            if not math.isnan(year.recovery(symbol))
        },
        "reagents_t_per_year": {name: mass / 1000.0 for name, mass in year.reagents().items()},
        "electricity_mwh_per_year": energy.electricity / 1000.0,
        "fuel_mwh_per_year": energy.fuel / 1000.0,
        "steam_t_per_year": energy.steam / 1000.0,
        "people_h_per_year": energy.work,
        "equipment": [
            {
                "unit": unit,
                "item": it.item,
                "number": it.number,
                "size": it.size,
                "size_unit": it.unit,
                "set_by": campaign,
            }
            for unit, items in year.equipment().items()
            for it, campaign in items
        ],
        "organic_m3": {unit: held for unit, (held, _) in year.organic().items()},
        "announcement": announcement_of(whole_year(year)),
    }


def ready_for_campaigns(directory: Path, names: Sequence[str]) -> None:
    """Find out before the work whether results can be made and written there; OutputError if not."""
    if directory.is_dir():
        ours = {*names, DOCUMENT, TEXT, PAGE, results.IN_PROGRESS}
        strange = sorted(
            it.name
            for it in directory.iterdir()
            if it.name not in ours and not it.name.startswith(results.WORK)
        )
        if strange:
            raise OutputError(
                Fault(
                    str(directory),
                    f"a folder with {strange[0]} in it",
                    "a new folder, or one with these campaigns alone",
                    next=f"name another with {results.OPTION}",
                )
            )
    for name in names:
        results.ready_for_results(directory / name)


def write_year(
    year: CampaignsStudy,
    case: Case,
    directory: Path,
    inputs: str,
    text: str,
    other: PlantStudy | tuple[YtterbyError, ...] | None = None,
) -> dict[str, Any]:
    """Write document, tables and page beside the folders of the campaigns; the document comes back.

    ``other``: the year in the other medium, or what hinders it there.
    """
    document = campaigns_document(year, case)
    document["run"] = {"inputs": inputs}
    lead = f"{campaigns_in_words(year)}\nFrom {case.path}, by ytterby {ytterby.__version__}."
    title = case.title or year.plan.flowsheet.name
    shown = page(title, campaign_fragments(year, other), lead, results.OPTION)
    results.write_over(directory / TEXT, text)
    results.write_over(directory / PAGE, shown)
    results.write_over(directory / DOCUMENT, json.dumps(document, indent=1, allow_nan=False) + "\n")
    return document


def stored_year(directory: Path, inputs: str, names: Sequence[str]) -> Mapping[str, Any] | None:
    """The document of a folder whose campaigns are all as they were written from these inputs; else None."""
    for name in names:
        stored = results.stored_results(directory / name)
        if stored is None or stored["run"]["inputs"] != inputs:
            return None
    try:
        document: dict[str, Any] = json.loads((directory / DOCUMENT).read_text("utf-8"))
        for name in (TEXT, PAGE):
            (directory / name).read_text("utf-8")
        return document if document["run"]["inputs"] == inputs else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
