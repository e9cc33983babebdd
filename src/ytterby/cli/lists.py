"""What ``ytterby list`` shows, as report tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from ytterby.chain.months import written
from ytterby.report.tables import Table

if TYPE_CHECKING:
    from ytterby.chain.network import Line, Range
    from ytterby.datasets.feeds import Feed
    from ytterby.datasets.process import Parameter
    from ytterby.datasets.products import Limit
    from ytterby.unitops import Operation


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


def dimensions() -> Table:
    """Dimensions and how they are written."""
    from ytterby.quantities import DIMENSIONS

    rows = tuple(
        (name, it.shown or "none", it.example, ", ".join(it.also), it.canonical or "none")
        for name, it in DIMENSIONS.items()
    )
    header = ("dimension", "shown in", "example", "also", "inside")
    return Table("Dimensions", header, rows, "inside: what is computed with (mol, m3, h, kg, K)")


def units() -> Table:
    """Unit operations with their inlets, outlets, options and settings."""
    from ytterby.unitops import KINDS

    rows = [row for kind in sorted(KINDS) for row in _unit_rows(kind, KINDS[kind])]
    header = ("kind: name", "what", "meaning", "value", "unit", "basis", "source")
    note = (
        "inlets and outlets are written as unit.name; options stand in the table of a unit, settings of "
        "your own below its `settings`"
    )
    return Table("Unit operations", header, tuple(rows), note)


def _unit_rows(kind: str, cls: type[Operation]) -> Iterable[tuple[str, ...]]:
    """Inlets, outlets, options and settings of one kind."""
    from dataclasses import fields

    from ytterby.case.plants import FROM_PLANT
    from ytterby.case.schema import keys_of

    written = keys_of(("plant", "units", "LABEL"))
    for name, meaning in cls.INLETS.items():
        yield (f"{kind}: {name}", "inlet", meaning, "", "", "", "")
    for name, meaning in cls.OUTLETS.items():
        yield (f"{kind}: {name}", "outlet", meaning, "", "", "", "")
    for name in (field.name for field in fields(cls) if field.name in written):
        if name not in FROM_PLANT:
            yield (f"{kind}: {name}", "option", written[name].description, "", "", "", "")
    for name, setting in cls.SETTINGS.items():
        cited = setting.cited()
        sources = _sources(cited.source, cited.also, cited.rests_on)
        row = (setting.meaning, _number(cited.value), cited.unit, cited.basis, sources)
        yield (f"{kind}: {name}", "setting", *row)


def feeds() -> Table:
    """Feeds with what magnets and the gate for radioactive material ask of them."""
    from ytterby.datasets.feeds import feeds as known

    header = (
        "name", "title", "form", "TREO, %", "Nd+Pr in TREO, %", "Dy+Tb in TREO, %",
        "U-238 series, Bq/g", "Th-232 series, Bq/g", "basis", "confidence", "source",
    )  # fmt: skip
    note = "an empty cell is not known, never zero"
    return Table("Feeds", header, tuple(map(_feed_row, known())), note)


def _feed_row(feed: Feed) -> tuple[str, ...]:
    activity = feed.activity()
    return (
        feed.name,
        feed.title,
        feed.form,
        _number(feed.treo, 100.0),
        _share(feed, ("Nd", "Pr"), feed.ndpr_share),
        _share(feed, ("Dy", "Tb"), feed.dytb_share),
        _number(activity["U-238"]),
        _number(activity["Th-232"]),
        feed.basis,
        feed.confidence,
        _sources(feed.source, feed.also, feed.rests_on),
    )


def _share(feed: Feed, pair: tuple[str, str], limits: tuple[float, float] | None) -> str:
    """Share of two elements in TREO in %, or the range to model with; empty if neither is known."""
    if all(symbol in feed.shares for symbol in pair):
        return _number(sum(feed.shares[symbol] for symbol in pair), 100.0)
    return "" if limits is None else f"{100 * limits[0]:.4g} to {100 * limits[1]:.4g}"


def operations() -> Table:
    """Parameters of unit operations."""
    from ytterby.datasets.process import parameters

    return _parameters("Unit operations", parameters())


def downstream() -> Table:
    """Parameters of metal, alloy and magnet making."""
    from ytterby.datasets.process import downstream_parameters

    return _parameters("Metal, alloy and magnet making", downstream_parameters())


def impacts() -> Table:
    """Published impacts, radioactivity and limits."""
    from ytterby.datasets.process import impacts as known

    return _parameters("Impacts and limits", known())


def _parameters(title: str, found: Iterable[Parameter]) -> Table:
    rows = tuple(
        (
            f"{it.step}: {it.name}",
            "" if it.text else it.unit,
            it.scope,
            _number(it.low),
            _number(it.value),
            _number(it.high),
            it.of,
            it.basis,
            it.confidence,
            _sources(it.source, it.also, it.rests_on),
            it.text,
        )
        for it in found
    )
    header = (
        "step: parameter", "unit", "scope", "low", "usual", "high", "of", "basis", "confidence",
        "source", "in words",
    )  # fmt: skip
    return Table(title, header, rows, "an empty cell is not known, never zero")


def products() -> Table:
    """Limits of product specifications, grade by grade."""
    from ytterby.datasets.products import specifications

    rows = tuple(
        (
            f"{it.product}, {it.grade}: {limit.analyte}",
            limit.unit,
            limit.of,
            limit.kind,
            _limit(limit),
            limit.standard,
            limit.basis,
            limit.confidence,
            _sources(limit.source, limit.also, limit.rests_on),
        )
        for it in specifications()
        for limit in it.limits
    )
    header = (
        "product, grade: analyte", "unit", "of", "kind", "limit", "standard", "basis",
        "confidence", "source",
    )  # fmt: skip
    note = "a nominal or typical value describes a product and binds nobody"
    return Table("Product specifications", header, rows, note)


def _limit(limit: Limit) -> str:
    """The ends of a limit: "at most 0.05", "73 to 77"."""
    if limit.low is not None and limit.high is not None:
        return f"{limit.low:.10g} to {limit.high:.10g}"
    if limit.low is not None:
        return f"at least {limit.low:.10g}"
    return f"at most {limit.high:.10g}" if limit.high is not None else _number(limit.value)


def _sources(source: str, also: tuple[str, ...], rests_on: tuple[str, ...]) -> str:
    return ", ".join(rests_on or (source, *also))


def _number(value: float | None, factor: float = 1.0) -> str:
    """A number to at most six digits; empty if it is not known."""
    return "" if value is None else f"{value * factor:.6g}"


def facilities() -> Table:
    """Facilities of the catalogue, line by line, with what is shown of each."""
    from ytterby.chain.capacity import counted_in
    from ytterby.chain.catalogue import evidence, network
    from ytterby.chain.grading import UNKNOWN, grades

    found = network()
    dated = [row.month for row in evidence() if row.month is not None]
    graded = grades(evidence(), max(dated))
    counted = counted_in(found)
    lines: dict[str, list[Line]] = {name: [] for name in found.facilities}
    for line in found.lines.values():
        lines[line.facility].append(line)
    rows = []
    for name, it in found.facilities.items():
        about = (name, it.title, it.owner_key, it.country, it.status)
        if not lines[name]:
            rows.append((*about, "", "", "", "", "", it.cited.source))
        for line in lines[name]:
            shown = graded.get((name, line.name)) or graded.get((name, line.stage))
            rows.append(
                (
                    *about,
                    line.name,
                    _stated(line.capacity),
                    counted[line.key],
                    "" if line.starts is None else written(line.starts),
                    shown.grade if shown else UNKNOWN,
                    _sources(line.cited.source, line.cited.also, ()),
                )
            )
    header = (
        "facility", "title", "owner", "country", "status", "line", "t/y", "of", "starts", "grade", "source",
    )  # fmt: skip
    note = "t/y: as stated, low to high; empty where no source states it. grade: strongest evidence"
    return Table("Facilities", header, tuple(rows), note)


def _stated(size: Range | None) -> str:
    if size is None:
        return ""
    ends = dict.fromkeys((_number(size.low), _number(size.value), _number(size.high)))
    return " to ".join((next(iter(ends)), list(ends)[-1])) if len(ends) > 1 else next(iter(ends))


def materials() -> Table:
    """Materials of the chain with what they hold."""
    from ytterby.chain.recipe_book import materials as known

    rows = tuple(
        (
            it.name,
            it.title,
            it.form,
            ", ".join(f"{symbol} {100 * share:.4g} %" for symbol, share in it.content.items()),
            it.cited.basis,
            _sources(it.cited.source, it.cited.also, ()),
        )
        for it in known().values()
    )
    note = (
        "by mass of element; La is counted with Ce, Pr with Nd, Eu and Gd with Sm, Ho to Lu with Y"
    )
    header = ("material", "title", "form", "content", "basis", "source")
    return Table("Materials of the chain", header, rows, note)


def recipes() -> Table:
    """Recipes of the chain: tonnes in and out."""
    from ytterby.chain.recipe_book import recipes as known

    rows = tuple(
        (
            it.name,
            it.stage,
            _amounts(it.inputs),
            _amounts(it.outputs),
            _number(it.lead),
            it.cited.basis,
            _sources(it.cited.source, it.cited.also, ()),
        )
        for it in known().values()
    )
    header = ("recipe", "stage", "in, t", "out, t", "lead, months", "basis", "source")
    return Table("Recipes", header, rows, "per tonne of the material whose amount is 1")


def _amounts(amounts: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {amount:.4g}" for name, amount in amounts.items())


def contracts() -> Table:
    """Contracts, loans, grants and stakes."""
    from ytterby.chain.catalogue import contracts as known

    rows = tuple(
        (
            it.name,
            written(it.month),
            it.kind,
            it.buyer,
            it.seller,
            it.product,
            it.quantity,
            it.binding,
            it.cited.basis,
            _sources(it.cited.source, it.cited.also, ()),
        )
        for it in known().values()
    )
    header = (
        "contract", "signed", "kind", "buyer or funder", "seller or recipient", "product", "quantity",
        "binding", "basis", "source",
    )  # fmt: skip
    return Table("Contracts", header, rows, "quantities in the words of the source")


def events() -> Table:
    """Dated events that can be put to a chain as shocks."""
    from ytterby.chain.events import events as known

    rows = tuple(
        (
            it.name,
            written(it.month),
            it.title,
            ", ".join(sorted(it.rule.countries)),
            ", ".join(sorted(it.customers)) or ("all abroad" if it.abroad else "all"),
            ", ".join(sorted(it.rule.elements)) or "all",
            it.cited.basis,
            _sources(it.cited.source, it.cited.also, ()),
        )
        for it in known().values()
    )
    header = ("event", "month", "title", "who", "customers hit", "elements", "basis", "source")
    return Table(
        "Events", header, rows, "each is read at its worst: a licence that came late is a stop"
    )


def actors() -> Table:
    """Chains of actors as they are drawn."""
    from ytterby.chain.actors import actor_chains

    rows = tuple(
        (
            chain.name,
            chain.title,
            link.stage,
            ", ".join((*link.facilities, *link.owners, *link.countries)),
            link.cited.basis,
            _sources(link.cited.source, link.cited.also, ()),
        )
        for chain in actor_chains().values()
        for link in chain.links
    )
    header = ("chain", "title", "stage", "who", "basis", "source")
    return Table("Chains of actors", header, rows)


LISTS: dict[str, Callable[[], Table]] = {
    "extractants": extractants,
    "elements": elements,
    "datasets": datasets,
    "sources": sources,
    "dimensions": dimensions,
    "units": units,
    "feeds": feeds,
    "operations": operations,
    "products": products,
    "downstream": downstream,
    "impacts": impacts,
    "facilities": facilities,
    "materials": materials,
    "recipes": recipes,
    "contracts": contracts,
    "events": events,
    "actors": actors,
}
