"""The latest quotation of each oxide, never mixed and never without currency and date."""

from __future__ import annotations

import re

from ytterby.datasets import table
from ytterby.datasets.prices import latest_prices
from ytterby.elements import RARE_EARTHS, element


def test_the_latest_quotation_is_taken() -> None:
    found = latest_prices(RARE_EARTHS)
    dysprosium = found["Dy"]
    assert (dysprosium.per_kg, dysprosium.currency) == (1330.0, "CNY")
    assert (dysprosium.date, dysprosium.source) == ("2026-02-02", "SUNSIRS26")
    assert "13 % VAT included" in dysprosium.market
    for symbol, price in found.items():
        dates = [
            row.labels["date"]
            for row in table("oxide_prices")
            if row.labels["oxide"] == element(symbol).oxide
        ]
        assert price.date == max(dates)


def test_of_one_day_the_lowest() -> None:
    """Nd on 2026-01-23: 138 FOB China and 190 CIF Rotterdam."""
    assert latest_prices(["Nd"])["Nd"].per_kg == 138.0


def test_what_has_no_quotation_has_no_price() -> None:
    found = latest_prices(("La", "Nd", "Gd", "Tb"))
    assert list(found) == ["Nd", "Tb"]


def test_every_row_is_one_oxide_on_one_day_per_kg() -> None:
    oxides = {element(symbol).oxide for symbol in RARE_EARTHS}
    for row in table("oxide_prices"):
        assert row.labels["oxide"] in oxides, "a mixture has no place here"
        assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", row.labels["date"])
        assert re.fullmatch(r"[A-Z]{3}/kg", row.units["price"])
        assert row.labels["market"] and row.values["price"] > 0
        if "low" in row.values:
            assert row.values["low"] <= row.values["price"] <= row.values["high"]
