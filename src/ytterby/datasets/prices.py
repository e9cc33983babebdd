"""What oxides cost: the latest quotation of each, with its currency, date and market."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ytterby.datasets.tables import Row, table
from ytterby.elements import element


@dataclass(frozen=True)
class Quotation:
    """One quotation of an oxide as traded."""

    element: str
    oxide: str
    per_kg: float
    """[currency/kg]"""
    currency: str
    date: str
    """Year-month-day."""
    market: str
    """Where and on what terms, taxes named."""
    source: str
    basis: str
    confidence: str


def latest_prices(elements: Iterable[str]) -> dict[str, Quotation]:
    """The latest quotation by element; those without one are left out.

    Of several on one day the lowest. Currencies and markets are as quoted: never add over them.
    """
    oxides = {element(symbol).oxide: symbol for symbol in elements}
    found: dict[str, Quotation] = {}
    for row in table("oxide_prices"):
        symbol = oxides.get(row.labels["oxide"])
        if symbol is None:
            continue
        price = _price(symbol, row)
        known = found.get(symbol)
        if known is None or (price.date, -price.per_kg) > (known.date, -known.per_kg):
            found[symbol] = price
    return {symbol: found[symbol] for symbol in oxides.values() if symbol in found}


def _price(symbol: str, row: Row) -> Quotation:
    labels, (currency, _, weight) = row.labels, row.units["price"].partition("/")
    assert weight == "kg", f"{row.source} line {row.line}: a price per kg"
    return Quotation(
        element=symbol,
        oxide=labels["oxide"],
        per_kg=row.values["price"],
        currency=currency,
        date=labels["date"],
        market=labels["market"],
        source=row.source,
        basis=row.basis,
        confidence=row.confidence,
    )
