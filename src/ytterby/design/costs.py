"""What a circuit costs a year: cells, metal and solvent held up, acid, base, power. From cited tables.

A first estimate, good for weighing stages against reagents, not for a budget: most prices are recalled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from ytterby.arrays import jax, jnp
from ytterby.datasets import Row, cited, table, weakest_basis
from ytterby.datasets.prices import latest_prices
from ytterby.elements import SYMBOLS, acid_mass, element, reagent_mass
from ytterby.equilibrium.contract import padded_array
from ytterby.errors import DataError, Fault, nearest

CURRENCY = "EUR"
PRICE_DATE = "2025"
ITEMS = ("cells", "metal held up", "solvent held up", "base", "acid", "power")
"""Parts of the annual cost, in the order of ``annual_costs``."""
SOLUTIONS = {"HCl": 0.35, "HNO3": 1.0}
"""Mass share of acid in what its price is per tonne of."""
ACIDS = {"chloride": "HCl", "nitrate": "HNO3"}


@dataclass(frozen=True)
class Price:
    """One number that costs rest on: of the tables, or the user's own."""

    item: str
    value: float
    unit: str
    basis: str
    source: str
    rests_on: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Prices:
    """Prices and conventions by item; those of a user replace those of the tables."""

    own: Mapping[str, float] = field(default_factory=dict)
    """In the unit of the table."""

    def __post_init__(self) -> None:
        """DataError for an item that no table has."""
        for item in self.own:
            if item not in OXIDES:
                _known(item)

    def of(self, item: str) -> Price:
        """The price of an item; DataError for one that no table has."""
        row = _known(item)
        unit = row.units["value"]
        if item in self.own:
            return _own(item, self.own[item], unit)
        return Price(item, row.values["value"], unit, row.basis, row.source, row.rests_on)

    def oxide(self, symbol: str) -> Price | None:
        """The latest price of an oxide as traded per kg; None where there is none."""
        item = element(symbol).oxide
        if item in self.own:
            return _own(item, self.own[item], f"{CURRENCY}/kg")
        quoted = latest_prices([symbol]).get(symbol)
        if quoted is None:
            return None
        unit = f"{quoted.currency}/kg"
        note = f"{quoted.date}, {quoted.market}"
        return Price(item, quoted.per_kg, unit, quoted.basis, quoted.source, note=note)

    def euros(self, price: Price) -> float:
        """Its value, in EUR where it is money."""
        rate = RATES.get(price.unit.split("/")[0])
        return price.value / self.of(rate).value if rate and price.item != rate else price.value


RATES = {"USD": "usd_per_eur", "CNY": "cny_per_eur"}
OXIDES = {element(symbol).oxide for symbol in SYMBOLS}


def _own(item: str, value: float, unit: str) -> Price:
    return Price(item, value, unit, "assumed", "CONVENTION", note="the case's own")


def _known(item: str) -> Row:
    rows = _rows()
    if item not in rows:
        raise DataError(
            Fault(
                "prices",
                item,
                "one of: " + ", ".join(rows) + ", or an oxide such as Dy2O3",
                nearest(item, [*rows, *OXIDES]),
                "name an item of the cost tables",
            )
        )
    return rows[item]


@cache
def _rows() -> dict[str, Row]:
    return {row.labels["item"]: row for row in table("costs")}


class Rates(NamedTuple):
    """What the annual cost is computed with, canonical units and EUR; a JAX pytree of numbers."""

    cell: float
    """A year of a cell of the reference volume [EUR/year]."""
    cell_volume: float
    """[m3]"""
    exponent: float
    residence: float
    """Cell volume per throughput of both phases [h]."""
    mixer_share: float
    """Of the cell's volume."""
    base: float
    """[EUR/mol]"""
    acid: float
    """[EUR/mol]"""
    extractant: float
    """[EUR/mol]"""
    diluent: float
    """Per volume of organic without extractant [EUR/m3]."""
    extractant_volume: float
    """Molar volume of the extractant [m3/mol]."""
    power: float
    """A year of a cubic metre of mixer [EUR/(m3 year)]."""
    hours: float
    """Operating hours [h/year]."""
    interest: float
    """[1/year]"""
    metals: jax.Array
    """[EUR/mol], axis ``element``; zero where no price is known."""


@dataclass(frozen=True)
class CostBasis:
    """Rates with what they rest on."""

    rates: Rates
    unpriced: tuple[str, ...]
    """Elements whose hold-up is not valued: no price is known."""
    used: tuple[Price, ...]

    elements: tuple[str, ...] = ()
    """Of ``rates.metals``, without padding."""

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys behind the prices."""
        return cited(self.used)

    def metal(self, symbol: str) -> float:
        """A mole of a metal, as its oxide [EUR/mol]; zero where no price is known."""
        return float(self.rates.metals[self.elements.index(symbol)])

    @property
    def weakest_basis(self) -> str:
        """Of all prices used."""
        return weakest_basis(self.used)


def cost_basis(
    prices: Prices, extractant: str, medium: str, base: str, elements: Sequence[str], size: int
) -> CostBasis:
    """Rates for a circuit; DataError where the extractant, acid or base has no price."""
    used: dict[str, Price] = {}

    def euros(item: str) -> float:
        used[item] = prices.of(item)
        rate = RATES.get(used[item].unit.split("/")[0])
        if rate and item not in RATES.values():
            used[rate] = prices.of(rate)
        return prices.euros(used[item])

    def known(item: str, what: str) -> float:
        found = _property(item, what)
        used[found.item] = found
        return found.value

    acid = ACIDS.get(medium, medium)
    interest, life = euros("interest"), euros("life")
    yearly = interest / (1.0 - (1.0 + interest) ** -life) + euros("maintenance")
    index = euros("plant_cost_index_2025") / euros("plant_cost_index_2022")
    volume = euros("cell_mixer_volume") + euros("cell_settler_volume")
    hours = euros("operating_hours")
    density, molar_mass = known(extractant, "density"), known(extractant, "molar mass")
    metals = {}
    for name in elements:
        price = prices.oxide(name)
        if price is not None:
            used[price.item] = price
            metals[name] = prices.euros(price) * element(name).oxide_molar_mass
    rates = Rates(
        cell=euros("mixer_settler_cell") * index * euros("installation_factor") * yearly,
        cell_volume=volume,
        exponent=euros("mixer_settler_exponent"),
        residence=volume / euros("cell_throughput"),
        mixer_share=euros("cell_mixer_volume") / volume,
        base=euros(base) / 1000.0 * reagent_mass(base),
        acid=euros(acid) / 1000.0 / SOLUTIONS[acid] * acid_mass(acid),
        extractant=euros(extractant) * molar_mass / 1000.0,
        diluent=euros("diluent") * known("kerosene", "density") * 1000.0,
        extractant_volume=molar_mass / density / 1e6,
        power=euros("mixer_power") * hours * euros("electricity") / 1000.0,
        hours=hours,
        interest=interest,
        metals=padded_array([metals.get(name, 0.0) for name in elements], size),
    )
    unpriced = tuple(name for name in elements if name not in metals)
    return CostBasis(rates, unpriced, tuple(used.values()), tuple(elements))


def _property(item: str, what: str) -> Price:
    """Molar mass [g/mol] or density [kg/L] of a reagent; the first source that has it."""
    for row in table("physical"):
        named = row.labels["item"] == item and row.labels["property"] == what
        if named and "value" in row.values:
            return Price(
                f"{item}, {what}",
                row.values["value"],
                row.units["value"],
                row.basis,
                row.source,
                row.rests_on,
            )
    raise DataError(
        Fault(
            "table physical",
            f"no {what} of {item}",
            "a value",
            next="design with another extractant",
        )
    )


class Held(NamedTuple):
    """What fills a cell, axis ``stage``; a JAX pytree."""

    aqueous_flow: jax.Array
    """[m3/h]"""
    organic_flow: jax.Array
    """[m3/h]"""
    aqueous: jax.Array
    """[mol/m3], axes ``stage element``."""
    organic: jax.Array
    """[mol/m3], axes ``stage element``."""
    real: jax.Array
    """1 for stages of the circuit, 0 for padding."""


def annual_costs(
    rates: Rates, held: Held, base: jax.Array, acid: jax.Array, extractant: jax.Array
) -> jax.Array:
    """Costs by ``ITEMS`` [EUR/year]; ``base`` and ``acid`` in mol/h, ``extractant`` in mol/m3.

    Phases fill a cell in proportion to their flows.
    """
    through = held.aqueous_flow + held.organic_flow
    volume = held.real * through * rates.residence
    share = held.organic_flow / through
    cells = (
        held.real * rates.cell * (through * rates.residence / rates.cell_volume) ** rates.exponent
    )
    metal = share[:, None] * held.organic + (1.0 - share)[:, None] * held.aqueous
    solvent = extractant * rates.extractant + rates.diluent * (
        1.0 - extractant * rates.extractant_volume
    )
    return jnp.stack(
        [
            jnp.sum(cells),
            rates.interest * (volume @ (metal @ rates.metals)),
            rates.interest * jnp.sum(volume * share) * solvent,
            rates.hours * rates.base * base,
            rates.hours * rates.acid * acid,
            rates.power * rates.mixer_share * jnp.sum(volume),
        ]
    )
