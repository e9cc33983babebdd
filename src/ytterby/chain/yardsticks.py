"""What shares and shortages are held against: benchmarks, regions, contracts, pairs of prices, values.

One small value per row of the shipped tables, with what it rests on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

from ytterby.chain.catalogue import Contract, contracts
from ytterby.chain.facts import DemandFact, cited_of, demand_facts
from ytterby.chain.network import Cited, Range, known
from ytterby.datasets.tables import Row, table
from ytterby.errors import DataError, Fault

AT_LEAST, AT_MOST = "at least", "at most"
ELEMENT, FORM = "element", "form"


@dataclass(frozen=True)
class Benchmark:
    """One share that a policy asks for at a stage."""

    name: str
    group: str
    """The act or plan that it belongs to."""
    region: str
    """Group of countries that it is about."""
    stage: str
    of: str
    """Stage whose products count as what the region uses."""
    sense: str
    """``AT_LEAST`` of what is used made inside, or ``AT_MOST`` of it from one country outside."""
    share: float
    """0 to 1."""
    counted: str
    """``ELEMENT``: mass of each element; ``FORM``: tonnes of the form, as capacities are stated."""
    due: int
    """Year."""
    title: str
    of_form: str = ""
    """Only what is made of inputs of this form counts, whatever stage makes it; empty: all of the stage."""
    cited: Cited = field(default_factory=Cited)


@dataclass(frozen=True)
class Priced:
    """Prices of one product at one date inside and outside of the market that dominates."""

    product: str
    """As quoted."""
    material: str
    """Of the chain; empty if it stands for none."""
    date: str
    inside: float
    outside: float
    unit: str
    """Currency per mass."""
    caveat: str
    """How little is traded at the price outside."""
    cited: Cited

    @property
    def ratio(self) -> float:
        """Outside over inside."""
        return self.outside / self.inside

    @property
    def currency(self) -> str:
        """Of both prices."""
        return self.unit.partition("/")[0]


@dataclass(frozen=True)
class Quantity:
    """What a contract states of one material [t/year]."""

    contract: Contract
    material: str
    tonnes: Range
    demand: DemandFact | None
    """That a source holds the quantity against; None where none does."""
    cited: Cited

    def holds(self, year: int) -> bool:
        """Whether the contract, signed and not terminated, has not ended before the year is over."""
        return self.contract.binding != "terminated" and (
            self.contract.ends is None or self.contract.ends >= (year + 1) * 12
        )


@dataclass(frozen=True)
class PlantRecipe:
    """The recipe that describes a whole plant."""

    facility: str
    line: str
    """Whose capacity sets the size."""
    recipe: str
    cited: Cited


@dataclass(frozen=True)
class UnitValue:
    """What one vehicle, megawatt or motor is worth to who builds it."""

    worth: Range
    currency: str
    cited: Cited


@cache
def benchmarks() -> tuple[Benchmark, ...]:
    """Every shipped benchmark, in the order of the table."""
    return tuple(_benchmark(row) for row in table("benchmarks"))


@cache
def regions() -> Mapping[str, frozenset[str]]:
    """Countries of each group, ISO 3166 alpha-3."""
    found: dict[str, set[str]] = {}
    for row in table("regions"):
        found.setdefault(row.labels["region"], set()).add(row.labels["country"])
    return MappingProxyType({name: frozenset(them) for name, them in found.items()})


@cache
def price_pairs() -> tuple[Priced, ...]:
    """Prices inside and outside of the dominant market, in the order of the table."""
    return tuple(
        Priced(
            product=row.labels["product"],
            material=row.labels["material"],
            date=row.labels["date"],
            inside=row.values["inside"],
            outside=row.values["outside"],
            unit=row.units["inside"],
            caveat=row.labels["caveat"],
            cited=cited_of(row),
        )
        for row in table("price_premiums")
    )


@cache
def quantities() -> tuple[Quantity, ...]:
    """Quantities that contracts state, in the order of the table; DataError if a contract is not known."""
    return tuple(_quantity(row) for row in table("contract_quantities"))


@cache
def plant_recipes() -> Mapping[str, PlantRecipe]:
    """Recipes of whole plants by facility."""
    return MappingProxyType(
        {
            row.labels["facility"]: PlantRecipe(
                row.labels["facility"], row.labels["line"], row.labels["recipe"], cited_of(row)
            )
            for row in table("plant_recipes")
        }
    )


@cache
def unit_values() -> Mapping[str, UnitValue]:
    """Assumed values of units by what a demand line counts: to be replaced by one's own."""
    return MappingProxyType(
        {
            row.labels["of"]: UnitValue(_range(row, "value"), row.units["value"], cited_of(row))
            for row in table("unit_values")
        }
    )


def _benchmark(row: Row) -> Benchmark:
    labels = row.labels
    return Benchmark(
        name=labels["benchmark"],
        group=labels["group"],
        region=labels["region"],
        stage=labels["stage"],
        of=labels["of"],
        sense=labels["sense"],
        share=row.values["share"],
        counted=labels["counted"],
        due=int(row.values["due"]),
        title=labels["title"],
        of_form=labels["of_form"],
        cited=cited_of(row),
    )


def _quantity(row: Row) -> Quantity:
    labels = row.labels
    where = f"contract_quantities, {labels['contract']}"
    contract = known(labels["contract"], contracts(), where, "a contract of the catalogue")
    return Quantity(
        contract=contract,
        material=labels["material"],
        tonnes=_range(row, "tonnes"),
        demand=_demand(labels["demand_region"], labels["demand_metric"], where),
        cited=cited_of(row),
    )


def _demand(region: str, metric: str, where: str) -> DemandFact | None:
    if not region:
        return None
    for it in demand_facts():
        if (it.region, it.metric) == (region, metric):
            return it
    raise DataError(Fault(where, f"{region}, {metric}", "a region and metric of magnet_demand"))


def _range(row: Row, column: str) -> Range:
    return Range(row.values["low"], row.values[column], row.values["high"])
