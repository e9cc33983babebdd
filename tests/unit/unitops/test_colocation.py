"""What lies and travels between two plants, by hand."""

from __future__ import annotations

import pytest

from ytterby.errors import CaseError
from ytterby.unitops.colocation import colocation
from ytterby.unitops.contract import assumed


def test_stock_and_capital_of_eight_hundred_tonnes_a_year() -> None:
    """800 t/y at 60/kg: 60 days are 131.5 t and 7.9 million, 5 days a twelfth of it."""
    found = colocation(800_000.0 / 8760.0, 60.0)
    assert found.apart.stock == pytest.approx(800_000.0 * 60.0 / 365.0)
    assert found.together.stock == pytest.approx(found.apart.stock / 12.0)
    assert found.released == pytest.approx(60.0 * found.apart.stock * 11.0 / 12.0)
    assert found.apart.carrying == pytest.approx(0.08 * 60.0 * found.apart.stock)
    assert found.apart.freight == pytest.approx(800.0 * 1.05 * 20_000.0 * 0.02)
    assert found.apart.emission == pytest.approx(800.0 * 1.05 * 20_000.0 * 0.015)
    assert found.saved == pytest.approx(
        found.apart.carrying * 11.0 / 12.0 + found.apart.freight * (1.0 - 1.0 / 20_000.0)
    )


def test_own_assumptions_replace_and_strange_ones_are_refused() -> None:
    days = assumed(10.0, 5.0, 20.0, "d", "by truck")
    assert colocation(1.0, 1.0, {"days_apart": days}).apart.stock == pytest.approx(240.0)
    with pytest.raises(CaseError, match="days_apart"):
        colocation(1.0, 1.0, {"days_aparts": days})
