"""Facts of times, output, trade, demand and prices, against figures worked out by hand."""

from __future__ import annotations

import math

import pytest

from ytterby.chain.facts import (
    DAYS_OF_MONTH,
    base_rates,
    demand_facts,
    logistics,
    magnet_exports,
    prices,
    production,
    slips,
    trade,
)
from ytterby.datasets import table
from ytterby.errors import DataError
from ytterby.sources import source


def test_times_become_months() -> None:
    """Weeks of 7 days, five business days in them, and a mean month of 30.4375 days."""
    assert DAYS_OF_MONTH == 30.4375
    weeks = logistics()["magnet_order_leadtime_sintered"]
    assert (weeks.low, weeks.high, weeks.unit) == (8, 16, "weeks")
    assert weeks.months.low == pytest.approx(8 * 7 / 30.4375, rel=1e-12)
    assert weeks.months.value == pytest.approx(12 * 7 / 30.4375, rel=1e-12)
    licence = logistics()["china_export_licence"]
    assert licence.months.value == pytest.approx(45 * 7 / 5 / 30.4375, rel=1e-12)
    years = logistics()["mine_discovery_to_production_world"].months
    assert (years.low, years.value, years.high) == pytest.approx((120, 156, 192), rel=1e-12)
    days = logistics()["sea_freight_china_europe"].months
    assert (days.low, days.high) == pytest.approx((30 / 30.4375, 45 / 30.4375), rel=1e-12)


def test_what_is_no_time_has_no_months() -> None:
    with pytest.raises(DataError) as caught:
        _ = logistics()["magnet_scrap_yield_loss"].months
    (fault,) = caught.value.faults
    assert fault.where == "logistics, magnet_scrap_yield_loss"
    assert fault.read == "%"
    assert "weeks" in fault.expected


def test_every_time_runs_upward_and_says_what_it_rests_on() -> None:
    for it in logistics().values():
        assert it.low <= it.high, it.item
        assert source(it.cited.source).key == it.cited.source
        assert it.cited.basis in ("read", "derived", "recalled")


def test_production_of_the_world_by_the_survey() -> None:
    """390,000 t REO mined in 2024, of which 270,000 in China (Mineral Commodity Summaries 2025)."""
    mined = {
        it.entity: it.value
        for it in production()
        if (it.metric, it.period, it.cited.source) == ("mine_production", "2024", "MCS2025")
    }
    assert mined["World"] == 390_000
    assert mined["China"] == 270_000


def test_an_unpublished_quota_is_no_zero() -> None:
    (hidden,) = (it for it in production() if it.value is None)
    assert (hidden.country, hidden.metric, hidden.period) == ("CHN", "quota", "2025")
    assert hidden.cited.basis == "gap"


def test_trade_is_by_country_and_never_with_oneself() -> None:
    rows = trade()
    assert len(rows) == 9590
    assert {it.year for it in rows} == set(range(2018, 2025))
    assert all(len(it.exporter) == len(it.importer) == 3 for it in rows)
    assert all(it.exporter != it.importer for it in rows)
    assert {code for it in rows for code in it.goods} == {"280530", "284610", "284690"}
    (one,) = (it for it in rows if (it.year, it.exporter, it.importer) == (2018, "ARE", "AGO"))
    assert (one.tonnes, one.value, one.goods) == (0.063, 236.0, ("280530",))
    assert "Gaulier" in source(one.cited.source).citation
    assert "Etalab" in source(one.cited.source).citation


def test_most_rare_earths_of_japan_come_from_china() -> None:
    """Two thirds in 2022, as Japan's own administration said (production table); trade agrees to a tenth."""
    to_japan = [it for it in trade() if (it.year, it.importer) == (2022, "JPN")]
    share = math.fsum(it.tonnes for it in to_japan if it.exporter == "CHN") / math.fsum(
        it.tonnes for it in to_japan
    )
    (said,) = (
        it
        for it in demand_facts()
        if (it.region, it.metric, it.period) == ("Japan", "import dependence on China", "2022")
    )
    assert 100 * share == pytest.approx(said.value, abs=10)


def test_a_price_lies_in_its_range() -> None:
    assert all(it.low <= it.price <= it.high for it in prices())
    assert {it.unit for it in prices()} == {"USD/kg", "CNY/kg", "CNY/t", "AUD/kg"}


def test_no_quotation_stands_in_two_tables() -> None:
    shipped = {
        topic: {
            (row.labels[column], row.labels["date"][:7], row.values["price"], row.units["price"])
            for row in table(topic)
        }
        for topic, column in (("market_prices", "product"), ("oxide_prices", "oxide"))
    }
    assert not shipped["market_prices"] & shipped["oxide_prices"]
    assert len(prices()) == len(table("market_prices")) + len(table("oxide_prices"))


def test_exports_add_up() -> None:
    """Seven months less the first half are July; three quarters are a half, July, August, September."""
    world = {
        it.period: it.tonnes
        for it in magnet_exports()
        if (it.destination, it.goods) == ("world", "magnets")
    }
    assert world["2025-01..07"] - world["2025-H1"] == pytest.approx(world["2025-07"], abs=1)
    third = sum(world[f"2025-{month}"] for month in ("07", "08", "09"))
    assert world["2025-H1"] + third == pytest.approx(world["2025-Q1-Q3"], abs=1)


def test_what_projects_said_moves() -> None:
    said = [it for it in slips() if (it.project, it.measure) == ("Lynas Kalgoorlie", "capex")]
    assert [it.value for it in said] == [500e6, 575e6, 730e6, 800e6]
    assert {it.unit for it in said} == {"AUD"}
    (ended,) = (it for it in slips() if it.value is None)
    assert "bankruptcy" in ended.text


def test_defaults_of_our_own_are_assumed() -> None:
    suggested = [it for it in base_rates() if it.population.startswith("suggested default")]
    assert suggested
    assert all(it.cited.basis == "assumed" for it in suggested)
    (merrow,) = (it for it in base_rates() if it.projects == 300)
    assert merrow.value == 0.65
