"""What is known of times, output, trade, demand and prices: one small value per row of the shipped tables.

Figures stand as their sources give them, in the unit of the row; nothing is converted, added or blended
here but times into months. What a source does not state is None.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from ytterby.chain.network import Cited, Range
from ytterby.datasets.tables import Row, table
from ytterby.errors import DataError, Fault

DAYS_OF_MONTH = 365.25 / 12
"""Mean length of a month [d]."""
PER_MONTH: Mapping[str, float] = MappingProxyType(
    {
        "months": 1.0,
        "years": 1 / 12,
        "days": DAYS_OF_MONTH,
        "days of consumption": DAYS_OF_MONTH,
        "business days": DAYS_OF_MONTH * 5 / 7,
        "weeks": DAYS_OF_MONTH / 7,
    }
)
"""How many of each unit of time make a mean month; five business days a week."""


@dataclass(frozen=True)
class Duration:
    """One time, or another figure with two ends, of a step between supplier and customer."""

    item: str
    scope: str
    """What it holds for, in words."""
    kind: str
    """qualification, licence, lead_time, build, slip, ramp, transport, inventory, yield, ..."""
    low: float
    high: float
    unit: str
    """Of both ends: months, weeks, days, business days, years; or no time at all, such as %."""
    cited: Cited

    @property
    def months(self) -> Range:
        """Both ends and their middle [months]; DataError where the unit is no time."""
        if self.unit not in PER_MONTH:
            expected = "a time: " + ", ".join(PER_MONTH)
            raise DataError(Fault(f"logistics, {self.item}", self.unit, expected))
        low, high = self.low / PER_MONTH[self.unit], self.high / PER_MONTH[self.unit]
        return Range(low, (low + high) / 2, high)


@dataclass(frozen=True)
class Output:
    """One figure of production, reserves, a quota or a share."""

    entity: str
    """Country, company or `World`."""
    country: str
    """ISO 3166 alpha-3; empty for companies, `World` and `Other`."""
    period: str
    """As stated: 2024, 2025Q3, FY26 Q1, ..."""
    metric: str
    stage: str
    scope: str
    """What is counted: TREO, NdPr oxide, finished magnets, ..."""
    value: float | None
    """None where it is known that no figure was published."""
    unit: str
    cited: Cited


@dataclass(frozen=True)
class Trade:
    """What one country sent another in one year."""

    year: int
    exporter: str
    """ISO 3166 alpha-3."""
    importer: str
    """ISO 3166 alpha-3."""
    goods: tuple[str, ...]
    """Headings of the Harmonized System that the figures add up."""
    tonnes: float
    """Gross [t]."""
    value: float
    """[USD]"""
    cited: Cited


@dataclass(frozen=True)
class DemandFact:
    """One figure of demand, of a projection, or of what a use takes."""

    region: str
    period: str
    metric: str
    scenario: str
    end_use: str
    value: float
    unit: str
    cited: Cited


@dataclass(frozen=True)
class Price:
    """One quotation of a product; never add or compare over currencies, markets and taxes."""

    date: str
    """As stated: a day, a month, a quarter or a year."""
    frequency: str
    """spot, annual_avg, year_end, floor, ask, ..."""
    product: str
    market: str
    low: float
    price: float
    high: float
    unit: str
    """Currency per mass."""
    cited: Cited


@dataclass(frozen=True)
class Shipment:
    """What one country exported in a period."""

    period: str
    destination: str
    """ISO 3166 alpha-3, or `world`."""
    goods: str
    tonnes: float
    cited: Cited


@dataclass(frozen=True)
class Statement:
    """What a project said, at a date, of its cost or its start."""

    project: str
    measure: str
    stated: str
    """When it was said."""
    value: float | None
    """None where ``text`` says it."""
    unit: str
    text: str
    cited: Cited


@dataclass(frozen=True)
class BaseRate:
    """How projects of one kind fared."""

    population: str
    metric: str
    value: float
    unit: str
    projects: int | None
    """How many were counted; None if not stated."""
    cited: Cited


@cache
def logistics() -> Mapping[str, Duration]:
    """Times and yields between suppliers and customers, by item."""
    return MappingProxyType({row.labels["item"]: _duration(row) for row in table("logistics")})


@cache
def production() -> tuple[Output, ...]:
    """Mine production, reserves, quotas, shares of stages and output of companies."""
    return tuple(
        Output(
            **_labels(row, "entity", "country", "period", "metric", "stage", "scope"),
            value=row.values.get("value"),
            unit=row.units["value"],
            cited=cited_of(row),
        )
        for row in table("production")
    )


@cache
def trade() -> tuple[Trade, ...]:
    """Trade in rare-earth compounds and metals between countries, by year."""
    return tuple(
        Trade(
            year=int(row.values["year"]),
            exporter=row.labels["exporter"],
            importer=row.labels["importer"],
            goods=tuple(row.labels["goods"].split(";")),
            tonnes=row.values["tonnes"],
            value=1000.0 * row.values["value"],
            cited=cited_of(row),
        )
        for row in table("trade")
    )


@cache
def demand_facts() -> tuple[DemandFact, ...]:
    """Demand, projections and intensities; some intensities stand in the topic `downstream`, step `use`."""
    return tuple(
        DemandFact(
            **_labels(row, "region", "period", "metric", "scenario", "end_use"),
            value=row.values["value"],
            unit=row.units["value"],
            cited=cited_of(row),
        )
        for row in table("magnet_demand")
    )


@cache
def prices() -> tuple[Price, ...]:
    """Quotations of oxides, metals and alloys, those of the topic `oxide_prices` last."""
    return (
        *(_price(row, row.labels["product"]) for row in table("market_prices")),
        *(_price(row, row.labels["oxide"]) for row in table("oxide_prices")),
    )


@cache
def magnet_exports() -> tuple[Shipment, ...]:
    """Chinese exports of rare-earth magnets by period and destination."""
    return tuple(
        Shipment(
            **_labels(row, "period", "destination", "goods"),
            tonnes=row.values["tonnes"],
            cited=cited_of(row),
        )
        for row in table("magnet_exports")
    )


@cache
def slips() -> tuple[Statement, ...]:
    """What projects said of their cost and start, project by project."""
    return tuple(
        Statement(
            **_labels(row, "project", "measure", "stated", "text"),
            value=row.values.get("value"),
            unit=row.units["value"],
            cited=cited_of(row),
        )
        for row in table("project_history")
    )


@cache
def base_rates() -> tuple[BaseRate, ...]:
    """Overruns and delays of reference classes of projects."""
    return tuple(
        BaseRate(
            **_labels(row, "population", "metric"),
            value=row.values["value"],
            unit=row.units["value"],
            projects=int(row.values["projects"]) if "projects" in row.values else None,
            cited=cited_of(row),
        )
        for row in table("base_rates")
    )


def cited_of(row: Row) -> Cited:
    """What a row of a table rests on; sources that a derived figure was computed from are in ``also``."""
    also = tuple(dict.fromkeys(key for key in (*row.also, *row.rests_on) if key != row.source))
    return Cited(row.source, row.basis, row.confidence, row.note, also)


def _duration(row: Row) -> Duration:
    return Duration(
        **_labels(row, "item", "scope", "kind"),
        low=row.values["low"],
        high=row.values["high"],
        unit=row.units["low"],
        cited=cited_of(row),
    )


def _price(row: Row, product: str) -> Price:
    price = row.values["price"]
    return Price(
        date=row.labels["date"],
        frequency=row.labels.get("frequency", "spot"),
        product=product,
        market=row.labels["market"],
        low=row.values.get("low", price),
        price=price,
        high=row.values.get("high", price),
        unit=row.units["price"],
        cited=cited_of(row),
    )


def _labels(row: Row, *columns: str) -> dict[str, str]:
    return {column: row.labels[column] for column in columns}
