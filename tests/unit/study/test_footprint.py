"""The footprint of a plant: carbon and water as the streams have them, factors by hand, laws of scale."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

import tiny_plant
from circuits import closely
from ytterby.datasets.process import emission_factor, emission_factors
from ytterby.errors import DataError
from ytterby.flowsheet import OUTSIDE
from ytterby.materials import Flow, species
from ytterby.report.footprint import footprint_tables
from ytterby.study.footprint import Footprint, Left, footprint, summed
from ytterby.study.plant import PlantStudy
from ytterby.unitops import REAGENTS


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> PlantStudy:
    return tiny_plant.study(tmp_path_factory.mktemp("plant"))


@pytest.fixture(scope="module")
def made(study: PlantStudy) -> Footprint:
    return footprint(study)


def leaving(study: PlantStudy, kind: str) -> list[Flow]:
    return [it.flow for it in study.balance.streams if it.kind == kind]


def grown(study: PlantStudy, factor: float) -> PlantStudy:
    """The same plant with more of everything that flows; not solved again."""
    balance = study.balance
    streams = tuple(replace(it, flow=it.flow.scaled(factor)) for it in balance.streams)
    units = {
        name: replace(
            it,
            inlets={key: flow.scaled(factor) for key, flow in it.inlets.items()},
            drawn={key: flow.scaled(factor) for key, flow in it.drawn.items()},
            outlets={key: flow.scaled(factor) for key, flow in it.outlets.items()},
        )
        for name, it in balance.units.items()
    }
    return replace(
        study,
        balance=replace(balance, streams=streams, units=units),
        products=tuple(replace(it, flow=it.flow.scaled(factor)) for it in study.products),
        drivers={
            name: replace(
                it,
                electricity=factor * it.electricity,
                fuel=factor * it.fuel,
                steam=factor * it.steam,
            )
            for name, it in study.drivers.items()
        },
    )


def test_carbon_dioxide_of_the_process_is_that_of_the_gases(
    study: PlantStudy, made: Footprint
) -> None:
    """kg/h over all origins, and carbon in over carbon out."""
    gases = math.fsum(it.moles("CO2") for it in leaving(study, "emission"))
    assert made.carbon_dioxide == closely(gases * species("CO2").molar_mass, 1e-9)
    came = math.fsum(it.flow.of("C") for it in study.balance.streams if it.source == OUTSIDE)
    assert math.fsum(made.carbon_in.values()) == closely(came, 1e-12)
    went = math.fsum(part for it in made.carbon_out.values() for part in it.values())
    assert went == closely(came, 1e-8)
    emitted = math.fsum(made.carbon_out["emission"].values())
    assert emitted == closely(gases, 1e-9)


def test_origins_of_carbon_dioxide_are_told_apart(made: Footprint) -> None:
    found = {it.item: it for it in made.emissions if it.origin == "process"}
    assert set(found) == {"CO2 of carbonates fed", "CO2 of oxalic acid"}
    assert all(it.factor is None and len(set(it.span)) == 1 for it in found.values())


def test_reagents_and_energy_by_hand(study: PlantStudy, made: Footprint) -> None:
    found = {it.item: it for it in made.emissions}
    acid = study.balance.bought()["nitric acid"].mass() * REAGENTS["nitric acid"].share
    assert found["nitric acid"].span == closely((0.6 * acid, 1.07 * acid, 2.61 * acid), 1e-12)
    power = math.fsum(it.electricity for it in study.drivers.values())
    assert found["electricity"].span[1] == closely(0.055 * power, 1e-12)
    fuel = math.fsum(it.fuel for it in study.drivers.values())
    assert made.fuel[1] == closely(0.20268 * fuel, 1e-12)
    assert made.total[1] == closely(math.fsum(it.span[1] for it in made.emissions), 1e-12)


def test_what_the_salt_carries_is_the_nitrogen_sold(study: PlantStudy, made: Footprint) -> None:
    bought = study.balance.bought()
    nitrogen = {name: it.of("N") for name, it in bought.items() if name != "air"}
    share = math.fsum(it.of("N") for it in leaving(study, "by-product")) / sum(nitrogen.values())
    burden = math.fsum(it.span[1] for it in made.emissions if nitrogen.get(it.item))
    assert 0.0 < share < 1.0 and made.in_salt[1] == closely(share * burden, 1e-12)


def test_another_grid_changes_the_electricity_alone(study: PlantStudy, made: Footprint) -> None:
    power = math.fsum(it.electricity for it in study.drivers.values())
    apart = made.grids["China"][1] - made.grids["France"][1]
    assert apart == closely((0.58 - 0.055) * power, 1e-9)
    assert made.grids["France"] == closely(made.total, 1e-12)
    assert footprint(study, "China").total == closely(made.grids["China"], 1e-12)
    with pytest.raises(DataError, match="Atlantis"):
        footprint(study, "Atlantis")


def test_water_that_enters_and_leaves_is_that_of_the_streams(
    study: PlantStudy, made: Footprint
) -> None:
    came = math.fsum(it.flow.moles("H2O") for it in study.balance.streams if it.source == OUTSIDE)
    molar = species("H2O").molar_mass
    assert made.water_bought + made.water_brought == closely(came * molar, 1e-12)
    assert made.water_left["effluent"] == closely(
        math.fsum(it.moles("H2O") for it in leaving(study, "effluent")) * molar, 1e-12
    )


def test_wastes_have_the_mass_of_their_streams(study: PlantStudy, made: Footprint) -> None:
    for kind in ("by-product", "residue", "effluent"):
        mass = math.fsum(it.mass() for it in leaving(study, kind))
        assert math.fsum(it.mass for it in made.of(kind)) == closely(mass, 1e-12)
    for it in made.left:
        assert 0.0 <= it.water <= it.mass and it.dry == it.mass - it.water
        assert (it.dissolved == 0.0) if it.state != "liquor" else it.dissolved == it.dry
    (water,) = made.of("effluent")
    assert not water.clean and water.nitrogen > 0.0 and water.volume


@pytest.mark.parametrize(("water", "clean"), [(100.0, True), (99.9, True), (99.8, False)])
def test_condensate_is_water_but_for_a_thousandth(water: float, clean: bool) -> None:
    assert Left("it", "effluent", "liquor", 100.0, water, 0.1, 100.0 - water, 0.0).clean is clean


def test_twice_the_flows_are_twice_the_footprint_and_as_much_per_kg(
    study: PlantStudy, made: Footprint
) -> None:
    twice = footprint(grown(study, 2.0))
    assert twice.total == closely([2.0 * it for it in made.total], 1e-12)
    assert twice.in_salt == closely([2.0 * it for it in made.in_salt], 1e-9)
    assert twice.carbon_dioxide == closely(2.0 * made.carbon_dioxide, 1e-12)
    assert twice.per_oxide(twice.total[1]) == closely(made.per_oxide(made.total[1]), 1e-12)


def test_hours_change_a_year_but_no_hour(study: PlantStudy, made: Footprint) -> None:
    other = replace(study, plan=replace(study.plan, hours=4000.0))
    assert footprint(other).total == made.total
    (whole, half) = (
        next(row for row in footprint_tables(it, footprint(it))[0].rows if row[0] == "total")
        for it in (study, other)
    )
    assert float(half[3]) == pytest.approx(0.5 * float(whole[3]), rel=1e-3)
    assert half[5] == whole[5]


def test_a_reagent_without_factor_is_named_not_guessed(
    study: PlantStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = tuple(it for it in emission_factors() if it.step != "P507")
    monkeypatch.setattr(
        "ytterby.study.footprint.emission_factors",
        lambda item=None: known if item is None else emission_factors(item),
    )
    found = footprint(study)
    assert found.uncounted == ("P507",)
    assert "no factor known for P507" in footprint_tables(study, found)[0].note


def test_nothing_is_laid_on_magnets_where_none_are_fed(made: Footprint) -> None:
    assert made.magnet_feed == 0.0 and math.isnan(made.per_magnet(1.0))


def test_what_is_published_stands_without_ours_unless_it_compares(made: Footprint) -> None:
    compared = [it for it in made.beside if it.ours is not None]
    assert [it.published.name for it in compared] == ["wastewater_volume"]
    effluent = math.fsum(it.volume or 0.0 for it in made.of("effluent"))
    assert compared[0].ours is not None
    assert compared[0].ours[1] == closely(1000.0 * effluent / made.product_reo, 1e-12)
    assert all(it.compares.startswith("no: ") for it in made.beside if it.ours is None)


def test_every_factor_has_a_range_that_holds_its_value() -> None:
    for it in emission_factors():
        assert it.low is not None and it.value is not None and it.high is not None
        assert 0.0 <= it.low <= it.value <= it.high
        assert it.basis in ("read", "derived", "recalled", "assumed") and it.of and it.conditions


def test_derived_factors_follow_from_what_they_rest_on() -> None:
    """Ammonia 35.2 GJ/t at 56.1 kg/GJ; nitric acid 0.284 kg of it and 1.85 kg N2O per t at 273."""
    ammonia = 35.2 * 0.0561
    assert emission_factor("ammonia").value == pytest.approx(ammonia, rel=0.005)
    acid = emission_factor("nitric acid")
    assert acid.value == pytest.approx(0.284 * ammonia + 0.00185 * 273.0, rel=0.01)
    assert acid.high == pytest.approx(0.284 * ammonia + 0.0075 * 273.0, rel=0.01)


def test_tables_are_whole(study: PlantStudy, made: Footprint) -> None:
    for table in footprint_tables(study, made):
        assert table.rows
        assert all(len(row) == len(table.header) == len(table.units_row()) for row in table.rows)
        assert all("nan" not in cell.split() for row in table.rows for cell in row)


def test_sums_of_spans() -> None:
    assert summed([(1.0, 2.0, 3.0), (0.5, 0.5, 4.0)]) == (1.5, 2.5, 7.0)
