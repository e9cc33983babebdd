"""What ``ytterby list`` shows, as report tables."""

from __future__ import annotations

from collections.abc import Callable

from ytterby.report.tables import Table


def extractants() -> Table:
    """Extractants, their other names and their parameter sets."""
    from ytterby.datasets import extractants as known
    from ytterby.datasets import parameter_sets

    rows = []
    for name, aliases in known().items():
        sets = [found for found in parameter_sets() if found.extractant == name]
        rows += [
            (name, ", ".join(aliases), found.name, found.medium, found.status, found.title)
            for found in sets
        ] or [(name, ", ".join(aliases), "", "", "no parameter set", "")]
    header = ("extractant", "aliases", "parameter set", "medium", "status", "title")
    return Table("Extractants", header, tuple(rows), "status ready: circuits can be solved with it")


def elements() -> Table:
    """Elements with weights and oxides as traded."""
    from ytterby.elements import (
        EXTRACTION_ORDER,
        SYMBOLS,
        by_extraction_order,
        element,
        weights_version,
    )

    rows = []
    for symbol in by_extraction_order(SYMBOLS):
        metal = element(symbol)
        rows.append(
            (
                symbol,
                metal.name,
                str(metal.atomic_number),
                f"{metal.charge}+",
                f"{1000 * metal.atomic_weight:.3f}",
                metal.oxide,
                f"{metal.oxide_molar_mass / metal.atomic_weight:.4f}",
                str(EXTRACTION_ORDER.index(symbol) + 1) if symbol in EXTRACTION_ORDER else "",
            )
        )
    header = (
        "symbol", "name", "Z", "ion", "g/mol", "oxide as traded", "oxide / metal, kg/kg", "order",
    )  # fmt: skip
    note = (
        f"weights: {weights_version()}; order: least extracted first, acidic organophosphorus "
        "extractants; uranium is uranyl"
    )
    return Table("Elements", header, tuple(rows), note)


def datasets() -> Table:
    """Topics of the shipped data, with their size and sources."""
    from ytterby.datasets import table, tables

    rows = []
    for topic in tables():
        found = table(topic)
        keys = sorted({row.source for row in found})
        rows.append((topic, str(len(found)), ", ".join(keys)))
    return Table("Datasets", ("topic", "rows", "sources"), tuple(rows))


def sources() -> Table:
    """The bibliography in short."""
    from ytterby.sources import all_sources

    rows = tuple(
        (entry.key, entry.kind, entry.read_status, entry.citation) for entry in all_sources()
    )
    return Table("Sources", ("key", "kind", "status", "citation"), rows)


def units() -> Table:
    """Dimensions and how they are written."""
    from ytterby.quantities import DIMENSIONS

    rows = tuple(
        (name, it.shown or "none", it.example, ", ".join(it.also), it.canonical or "none")
        for name, it in DIMENSIONS.items()
    )
    header = ("dimension", "shown in", "example", "also", "inside")
    return Table("Units", header, rows, "inside: what is computed with (mol, m3, h, kg, K)")


LISTS: dict[str, Callable[[], Table]] = {
    "extractants": extractants,
    "elements": elements,
    "datasets": datasets,
    "sources": sources,
    "units": units,
}
