"""Tables of a plant: yearly figures, shares that add up, currencies apart, what is named as assumed."""

from __future__ import annotations

import math

import pytest

import tiny_plant
from circuits import closely
from ytterby.datasets.prices import latest_prices
from ytterby.elements import RARE_EARTHS
from ytterby.report import plant as tables
from ytterby.report.plant_streams import labelled, shown_order
from ytterby.report.tables import Table, number
from ytterby.study.plant import PlantStudy


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> PlantStudy:
    return tiny_plant.study(tmp_path_factory.mktemp("plant"))


def column(table: Table, name: str) -> dict[str, str]:
    """Cells of a column by the first cell of their row."""
    place = table.header.index(name)
    return {row[0]: row[place] for row in table.rows}


def test_every_table_is_whole(study: PlantStudy) -> None:
    more = [tables.stream_table(study), tables.equipment_table(study), tables.closure_table(study)]
    for table in [*tables.plant_tables(study), *more, tables.assumption_table(study)]:
        assert table.rows
        assert all(len(row) == len(table.header) == len(table.units_row()) for row in table.rows)
        assert all(cell == cell.strip() and "nan" not in cell for row in table.rows for cell in row)


def test_yearly_figures_are_those_of_an_hour_times_the_hours(study: PlantStudy) -> None:
    (sold,) = study.products
    shown = column(tables.product_table(study), "REO")["ndpr"]
    assert shown == number(sold.flow.treo() * 8000.0 / 1000.0)
    assert column(tables.feed_table(study), "dry mass") == {"concentrate": "100"}


def test_purity_is_by_oxides_of_what_the_product_is_of(study: PlantStudy) -> None:
    (sold,) = study.products
    assert tables.main_elements(sold) == ("Pr", "Nd")
    flow = sold.flow
    share = (flow.oxide("Pr") + flow.oxide("Nd")) / flow.treo()
    shown = column(tables.product_table(study), "purity")["ndpr"]
    assert float(shown) == pytest.approx(100.0 * share, abs=1e-4)


def test_limits_are_met_missed_or_not_known(study: PlantStudy) -> None:
    found = column(tables.limit_table(study), "verdict")
    assert found["ndpr: Nd2O3/TREO"] == "met"
    assert found["ndpr: LOI"] == "not known"
    assert found["ndpr: D50"] == "binds nobody"
    assert column(tables.limit_table(study), "limit")["ndpr: Nd2O3/TREO"] == "73 to 77"
    standing = column(tables.product_table(study), "specification")
    assert standing == {"ndpr": "no limit missed, some not known"}


def test_rare_earths_fed_leave_in_one_kind_or_another(study: PlantStudy) -> None:
    for row in tables.recovery_table(study).rows:
        fed, *parts = map(float, row[1:-1])
        assert fed == pytest.approx(math.fsum(parts), rel=2e-3)
    assert float(column(tables.recovery_table(study), "recovery")["Nd"]) > 90.0
    assert float(column(tables.recovery_table(study), "recovery")["Dy"]) < 0.1


def test_reagents_are_told_as_bought_and_pure(study: PlantStudy) -> None:
    table = tables.reagent_table(study)
    bought, pure = column(table, "bought"), column(table, "as 100 %")
    assert float(pure["nitric acid"]) == pytest.approx(0.6 * float(bought["nitric acid"]), rel=1e-3)
    acid = study.balance.bought()["nitric acid"].mass()
    assert bought["nitric acid"] == number(8.0 * acid)
    returned = study.balance.units["thicken"].outlets["condensate"].mass()
    assert column(table, "returned by the plant")["water"] == number(8.0 * returned)


def test_water_in_and_out_closes_with_what_reactions_make(study: PlantStudy) -> None:
    rows = tables.water_table(study).rows
    sums = {
        way: math.fsum(float(row[2]) for row in rows if row[0] == way and row[1] != "all")
        for way in ("in", "out")
    }
    assert sums["in"] == pytest.approx(sums["out"], rel=1e-3)


def test_worth_is_never_added_over_currencies(study: PlantStudy) -> None:
    held = tables.held_oxides(study)
    prices = latest_prices(held)
    assert len({it.currency for it in prices.values()}) > 1
    rows = {row[0]: row for row in tables.inventory_table(study).rows}
    for currency in {it.currency for it in prices.values()}:
        worth = math.fsum(
            held[symbol] * it.per_kg for symbol, it in prices.items() if it.currency == currency
        )
        assert rows[f"quoted in {currency}"][3:5] == (number(worth), currency)
    assert rows["all, priced or not"][2:] == ("",) * 5
    assert rows["Yb"][2:] == ("",) * 5
    assert float(rows["all, priced or not"][1]) == pytest.approx(math.fsum(held.values()), rel=1e-3)


def test_labels_of_streams_are_their_own(study: PlantStudy) -> None:
    streams = labelled(study.balance)
    assert len({it.label for it in streams}) == len(streams)
    kinds = {it.kind for it in streams if it.enters}
    assert kinds == {"feed", "reagent"}
    assert {it.label for it in streams if it.end == "residues"} == {
        "residues from dissolve.residue", "residues from calcine.dust"
    }  # fmt: skip


def test_streams_stand_across_and_elements_down(study: PlantStudy) -> None:
    table = tables.stream_table(study, "metal")
    assert table.header[:3] == ("", "unit", "concentrate")
    symbols = [row[0] for row in table.rows[:-2]]
    assert symbols == list(shown_order(symbols))
    earths = [row for row in table.rows if row[0] in RARE_EARTHS]
    total = next(row for row in table.rows if row[0] == "total REE")
    assert float(total[2]) == pytest.approx(math.fsum(float(row[2]) for row in earths), rel=1e-3)
    assert float(total[2]) < float(tables.stream_table(study, "oxide").rows[-2][2])


def test_assumed_settings_are_told_once_with_their_units(study: PlantStudy) -> None:
    rows = tables.assumption_table(study).rows
    agitation = [row for row in rows if row[0].startswith("agitation")]
    assert [row[4] for row in agitation] == ["dissolve, condition, thicken and 2 more"]
    assert all("assumed" in row or "low" in row for row in rows)


def test_totals_of_energy_and_people(study: PlantStudy) -> None:
    *units, total = tables.driver_table(study).rows
    for place in range(1, len(total)):
        parts = math.fsum(float(row[place]) for row in units)
        assert float(total[place]) == pytest.approx(parts, rel=2e-3)


def test_the_plant_closes(study: PlantStudy) -> None:
    assert max(map(abs, study.balance.closure.values())) < 1e-9
    assert study.recovery("Nd") == closely(
        study.products[0].flow.of("Nd") / study.plan.flowsheet.feeds["concentrate"].of("Nd"), 1e-14
    )
