"""A solved plant as fragments of a report: drawings, products, streams, consumption, circuits, basis."""

from __future__ import annotations

from dataclasses import replace

from ytterby.report import plant as tables
from ytterby.report.figures import profile_figure
from ytterby.report.footprint import footprint_tables
from ytterby.report.fragments import Fragment, figure_fragment, under
from ytterby.report.plant_document import solved_circuits
from ytterby.report.plant_drawing import element_drawing, plant_drawing
from ytterby.report.tables import outlet_table, range_table
from ytterby.study.footprint import footprint
from ytterby.study.plant import PlantStudy

DRAWN = (
    "Boxes are units, feeds and what leaves with rare earths, in the order of the process; a stream is as "
    "wide as the rare-earth oxides in it, which stand beside it in t/y. Dashed grey lines carry none; "
    "dashed blue ones run back. Ends without rare earths are named in the box of their unit; reagents "
    "stand in tables."
)
PARTED = (
    "The same streams, parted by element: each band is as wide as the oxides of its elements. Pointing at "
    "a stream names it."
)


def plant_fragments(study: PlantStudy) -> list[Fragment]:
    """The report of a plant; circuits stand below headings of their own."""
    return [
        *_overview(study),
        *_streams(study),
        *_needs(study),
        *_footprint(study),
        *_announcement(study),
        *_circuits(study),
        *_basis(study),
    ]


def _overview(study: PlantStudy) -> list[Fragment]:
    found = [
        Fragment("Feeds", (tables.feed_table(study),), caption=tables.plant_in_words(study)),
        Fragment(
            "Products",
            (tables.product_table(study), tables.limit_table(study)),
            sources=(*study.sources, *tables.limit_sources(study)),
        ),
        Fragment("Drawing", figure=plant_drawing(study), caption=_drawn(study)),
        Fragment("Elements", figure=element_drawing(study), caption=PARTED),
        Fragment("Recovery", (tables.recovery_table(study),)),
        Fragment("Notes", (tables.note_table(study),)),
    ]
    return under("Plant", found, study.sources)


def _drawn(study: PlantStudy) -> str:
    """What the drawing shows, and the units that nothing passes."""
    idle = [
        name
        for name, it in study.balance.units.items()
        if not any(flow.mass() > 0.0 for flow in it.inlets.values())
    ]
    return DRAWN + (f" Nothing arrives at {', '.join(idle)}." if idle else "")


def _streams(study: PlantStudy) -> list[Fragment]:
    inside = [
        replace(tables.stream_table(study, "oxide", streams, f"Outlets of {unit}"), note="")
        for unit in study.balance.units
        if (streams := tables.outlets_of(study, unit))
    ]
    found = [
        Fragment("Into and out of the plant", (tables.stream_table(study),)),
        Fragment("By-products, residues, effluents, emissions", (tables.leaving_table(study),)),
        Fragment("Water", (tables.water_table(study),)),
        Fragment(
            "Between units",
            tuple(inside),
            caption="Outlets of each unit, as oxides as traded; elements.parquet has them in full.",
        ),
        Fragment("Closure", (tables.closure_table(study),)),
    ]
    return under("Streams", found, study.sources)


def _needs(study: PlantStudy) -> list[Fragment]:
    found = [
        Fragment("Reagents", (tables.reagent_table(study),)),
        Fragment("Energy and people", (tables.driver_table(study),)),
        Fragment(
            "Inventory",
            (tables.holding_table(study), tables.inventory_table(study)),
            sources=(*study.sources, *tables.price_sources(study)),
        ),
        Fragment("Equipment", (tables.equipment_table(study),)),
    ]
    if (next_door := tables.next_door_table(study)).rows:
        found.append(
            Fragment(
                "Next door", (next_door,), sources=(*study.sources, *tables.price_sources(study))
            )
        )
    return under("Consumption, inventory, equipment", found, study.sources)


def _footprint(study: PlantStudy) -> list[Fragment]:
    made = footprint(study)
    shown = footprint_tables(study, made)
    found = [
        Fragment(table.title, (table,), sources=(*study.sources, *made.sources)) for table in shown
    ]
    return under("Footprint", found, study.sources)


def _announcement(study: PlantStudy) -> list[Fragment]:
    """Claims that the case names, held against the plant; none if it names none."""
    shown = tables.announcement_tables(study)
    keys = (*study.sources, *tables.announcement_sources(study))
    found = [Fragment(table.title, (table,), sources=keys) for table in shown]
    return under("Announcement", found, study.sources)


def _circuits(study: PlantStudy) -> list[Fragment]:
    found = []
    for unit, solved in solved_circuits(study).items():
        beyond = (range_table(solved),) if solved.out_of_range else ()
        own = figure_fragment(
            "Stage profiles", profile_figure(solved), (outlet_table(solved), *beyond)
        )
        found += under(f"Circuit {unit}", [own], solved.sources)
    return found


def _basis(study: PlantStudy) -> list[Fragment]:
    found = [Fragment("Assumptions", (tables.assumption_table(study),))]
    return under("What it rests on", found, study.sources)
