"""Both media of a plant beside each other: products, reagents, circuits, and what the constants lack."""

from __future__ import annotations

from collections.abc import Sequence

from ytterby.elements import by_extraction_order
from ytterby.errors import YtterbyError
from ytterby.report.fragments import Fragment
from ytterby.report.plant import STANDINGS, drawn_masses, held_oxides, main_elements, yearly
from ytterby.report.tables import Table, number, percent
from ytterby.study.media import Constants, constants_of
from ytterby.study.plant import PlantStudy

TITLE = "Both media"


def media_fragments(
    study: PlantStudy, other: PlantStudy | tuple[YtterbyError, ...]
) -> list[Fragment]:
    """The section on the other medium; what hinders it where it has no solution."""
    if isinstance(other, tuple):
        said = " ".join(str(error) for error in other)
        return [Fragment(TITLE, caption=f"No result in the other medium. {said}", section=TITLE)]
    return [
        Fragment(
            TITLE,
            (media_table([study, other]), constants_table([study, other])),
            caption="The same feeds and units; circuits of each medium are those designed for it.",
            sources=(*study.sources, *other.sources),
            section=TITLE,
        )
    ]


def media_table(studies: Sequence[PlantStudy]) -> Table:
    """Products, reagents and circuits, a column for each medium."""
    columns = [_figures(study) for study in studies]
    names = list(dict.fromkeys(name for column in columns for name in column))
    rows = tuple((*name, *(column.get(name, "") for column in columns)) for name in names)
    return Table(
        "Nitrate and chloride",
        ("", "unit", *(study.plan.medium for study in studies)),
        rows,
        "purity: oxides as traded of what the product is of, over all REO in it; reagents as bought, "
        "nitric acid of 60 %, hydrochloric acid of 35 %; water before what the plant returns",
    )


def constants_table(studies: Sequence[PlantStudy]) -> Table:
    """What each medium's constants rest on, for the rare earths fed."""
    rows = []
    for study in studies:
        found: Constants = constants_of(study)
        kinds = (found.read, found.uncertain, found.assumed)
        words = [" ".join(by_extraction_order(symbols)) for symbols in kinds]
        rows.append((study.plan.medium, found.name, *words))
    return Table(
        "Gaps of the constants",
        ("medium", "parameter set", "known", "interpolated or of low confidence", "assumed"),
        tuple(rows),
        "basis and confidence of each constant: `ytterby cite` and the set's own file",
    )


def _figures(study: PlantStudy) -> dict[tuple[str, str], str]:
    """Figures of one medium by what they are and their unit."""
    found: dict[tuple[str, str], str] = {}
    for it in study.products:
        end, treo = it.product.end, it.flow.treo()
        own = sum(it.flow.oxide(symbol) for symbol in main_elements(it))
        found[end, "t/y REO"] = number(yearly(study, treo))
        found[f"{end}, purity", "% of REO"] = percent(own / treo) if treo > 0.0 else ""
        found[f"{end}, specification", ""] = STANDINGS[it.meets]
    for reagent, mass in drawn_masses(study).items():
        found[reagent, "t/y"] = number(yearly(study, mass))
    for kind in ("by-product", "residue", "effluent", "emission"):
        mass = sum(flow.mass() for flow in study.balance.leaving(kind).values())
        found[f"{kind}s, gross", "t/y"] = number(yearly(study, mass))
    found["stages of all circuits", ""] = str(sum(sum(it.stages) for it in study.designs.values()))
    organic = sum(held.organic for held in study.inventories.values())
    found["organic in circuits", "m3"] = number(organic)
    found["rare earths in circuits", "kg REO"] = number(sum(held_oxides(study).values()))
    power = sum(it.electricity for it in study.drivers.values())
    found["electricity", "kW"] = number(power)
    return found
