"""Electrolysis, calciothermic reduction, strip casting and magnets against their cited figures."""

from __future__ import annotations

import pytest

from ytterby.elements import metal_to_oxide, reagent_mass
from ytterby.errors import CaseError
from ytterby.materials import Flow, species
from ytterby.unitops import (
    CalciothermicReduction,
    FluorideElectrolysis,
    GrainBoundaryDiffusion,
    MagnetMaking,
    StripCasting,
)
from ytterby.unitops.contract import assumed

MIXED = Flow(
    "solid", {"Nd2O3": 80.0 / reagent_mass("Nd2O3"), "Pr6O11": 20.0 / reagent_mass("Pr6O11")}
)
CELLS = FluorideElectrolysis(name="e")


def percent(value: float):  # type: ignore[no-untyped-def]
    return assumed(value, value, value, "%", "by hand")


def test_oxide_per_metal_is_near_what_is_cited() -> None:
    """1.18 to 1.22 kg/kg cited: the yield of all rare earth, and the fluoride that makes up the bath."""
    balance = CELLS.balance({"oxide": MIXED})
    metal = balance.outlets["metal"].mass()
    assert 1.175 <= 100.0 / metal <= 1.22
    entering = sum(
        flow.of(symbol)
        for flow in (MIXED, balance.drawn["rare-earth fluoride"])
        for symbol in ("Nd", "Pr")
    )
    made = sum(balance.outlets["metal"].of(symbol) for symbol in ("Nd", "Pr"))
    assert made / entering == pytest.approx(0.95, rel=1e-12)


def test_doses_and_gases_of_electrolysis_by_metal() -> None:
    balance = CELLS.balance({"oxide": MIXED})
    metal, gas = balance.outlets["metal"].mass(), balance.outlets["gas"]
    assert balance.drawn["graphite"].mass() / metal == pytest.approx(0.15, rel=1e-12)
    assert balance.drawn["rare-earth fluoride"].mass() / metal == pytest.approx(0.07, rel=1e-12)
    assert gas.moles("CF4") * species("CF4").molar_mass / metal == pytest.approx(146.1e-6)
    carbon_dioxide = gas.moles("CO2") * species("CO2").molar_mass / metal
    assert 0.165 <= carbon_dioxide <= 0.6724  # measured at three plants


def test_energy_and_cells_of_electrolysis() -> None:
    balance = CELLS.balance({"oxide": MIXED})
    metal = balance.outlets["metal"].mass()
    assert CELLS.drivers(balance).electricity / metal == pytest.approx(8.5 + 1.0, rel=1e-12)
    (cells,) = CELLS.equipment(balance)
    assert cells.number == 13  # 84.8 kg/h in 8,000 h are 678 t of 55 t each


def test_fluorine_that_the_slag_cannot_hold_leaves_as_hydrogen_fluoride() -> None:
    own = {"recovery": percent(99.0), "fluoride": assumed(0.12, 0.1, 0.2, "kg/kg", "by hand")}
    balance = FluorideElectrolysis(name="e", own=own).balance({"oxide": MIXED})
    assert balance.outlets["gas"].moles("HF") > 0.0
    assert balance.drawn["water"].moles("H2O") == pytest.approx(
        0.5 * balance.outlets["gas"].moles("HF")
    )
    assert balance.outlets["slag"].of("O") == 0.0


def test_impurities_of_the_oxide_part_between_metal_and_slag() -> None:
    dirty = MIXED.plus({"Fe2O3": 0.1, "SiO2": 0.2, "Sm2O3": 0.3})
    balance = CELLS.balance({"oxide": dirty})
    assert balance.outlets["metal"].moles("Fe") == pytest.approx(0.2)
    assert balance.outlets["slag"].moles("SiO2") == pytest.approx(0.2)
    assert balance.outlets["slag"].moles("Sm2O3") == pytest.approx(0.3)


def test_too_little_anode_is_refused() -> None:
    own = {"anode": assumed(0.03, 0.01, 0.05, "kg/kg", "by hand")}
    with pytest.raises(CaseError, match="carbon for the oxygen"):
        FluorideElectrolysis(name="e", own=own).balance({"oxide": MIXED})


def test_calciothermic_doses_are_the_cited_ones() -> None:
    """0.37 kg Ca and 0.72 kg CaF2 per kg Dy, 0.32 kg HF per kg Dy2O3."""
    exact = assumed(1.0, 1.0, 1.0, "1", "stoichiometry")
    own = {"recovery": percent(100.0), "calcium": exact, "hydrogen_fluoride": exact}
    unit = CalciothermicReduction(name="c", own=own)
    balance = unit.balance({"oxide": Flow("solid", {"Dy2O3": 10.0})})
    metal = balance.outlets["metal"].mass()
    assert metal * metal_to_oxide("Dy") == pytest.approx(10.0 * reagent_mass("Dy2O3"))
    assert balance.drawn["calcium"].mass() / metal == pytest.approx(0.37, abs=5e-4)
    assert balance.outlets["slag"].mass() / metal == pytest.approx(0.72, abs=1e-3)
    dose = balance.drawn["hydrogen fluoride"].mass() / (10.0 * reagent_mass("Dy2O3"))
    assert dose == pytest.approx(0.32, abs=2e-3)


def test_calciothermic_loss_stays_in_the_slag() -> None:
    unit = CalciothermicReduction(name="c")
    balance = unit.balance({"oxide": Flow("solid", {"Tb4O7": 5.0, "Yb2O3": 0.5, "SiO2": 0.1})})
    slag = balance.outlets["slag"]
    assert balance.outlets["metal"].amounts == pytest.approx({"Tb": 19.0})
    assert (slag.moles("TbF3"), slag.moles("YbF3")) == pytest.approx((1.0, 1.0))
    assert slag.moles("SiO2") == 0.1
    assert slag.moles("Ca") == pytest.approx(1.15 * 30.0 - 28.5)
    assert balance.outlets["gas"].moles("O2") == pytest.approx(2.5)
    made = 19.0 * species("Tb").molar_mass
    assert unit.drivers(balance).electricity == pytest.approx(10.0 * made)


def test_alloy_has_its_recipe() -> None:
    metal = Flow("solid", {"Nd": 150.0, "Pr": 40.0, "Dy": 5.0, "Fe": 3.0})
    balance = StripCasting(name="s").balance({"metal": metal})
    alloy, skull = balance.outlets["alloy"], balance.outlets["skull"]
    share = {
        symbol: alloy.of(symbol) * species(symbol).molar_mass / alloy.mass()
        for symbol in ("B", "Co", "Cu", "Al")
    }
    assert share == pytest.approx({"B": 0.0097, "Co": 0.01, "Cu": 0.0015, "Al": 0.003})
    rare = sum(alloy.of(it) * species(it).molar_mass for it in ("Nd", "Pr", "Dy"))
    assert rare / alloy.mass() == pytest.approx(0.31)
    assert skull.mass() / (alloy.mass() + skull.mass()) == pytest.approx(0.02)


def test_an_alloy_that_brings_too_much_is_refused() -> None:
    with pytest.raises(CaseError, match="iron"):
        StripCasting(name="s").balance({"metal": Flow("solid", {"Nd": 10.0, "Fe": 500.0})})
    with pytest.raises(CaseError, match="reduce it to metal"):
        StripCasting(name="s").balance({"metal": Flow("solid", {"Nd2O3": 10.0})})


def test_magnets_keep_the_product_of_the_cited_yields() -> None:
    """0.998 x 0.985 x 0.985 x 0.97 x 0.70 = 0.6575, within the 55 to 78 % cited for all of it."""
    alloy = Flow("solid", {"Nd": 100.0, "Fe": 650.0, "B": 50.0})
    unit = MagnetMaking(name="m")
    balance = unit.balance({"alloy": alloy})
    made = balance.outlets["magnets"].mass() / alloy.mass()
    assert made == pytest.approx(0.998 * 0.985 * 0.985 * 0.97 * 0.70, rel=1e-12)
    back = balance.outlets["swarf"].mass() + balance.outlets["scrap"].mass()
    assert made + back / alloy.mass() == pytest.approx(1.0, rel=1e-12)
    assert balance.outlets["gas"].mass() == pytest.approx(0.004 * alloy.mass(), rel=1e-12)
    blanks = made / 0.70 * alloy.mass()
    power = 2.0 * 0.998 * alloy.mass() + 3.5 * blanks + 3.0 * made * alloy.mass()
    assert unit.drivers(balance).electricity == pytest.approx(power, rel=1e-12)


def test_diffusion_adds_what_enters_and_tells_too_much() -> None:
    magnets = Flow("solid", {"Nd": 100.0, "Fe": 650.0, "B": 50.0})
    unit = GrainBoundaryDiffusion(name="d")
    balance = unit.balance({"magnets": magnets, "source": Flow("solid", {"Tb": 2.0})})
    assert balance.outlets["magnets"].moles("Tb") == pytest.approx(0.9)
    assert balance.outlets["residue"].moles("Tb") == pytest.approx(1.1)
    assert balance.notes == ()
    much = unit.balance({"magnets": magnets, "source": Flow("solid", {"Tb": 20.0})})
    assert "more than the 1 % that is usual" in much.notes[0]


@pytest.mark.parametrize(
    "unit",
    [
        CELLS,
        CalciothermicReduction(name="c"),
        StripCasting(name="s"),
        MagnetMaking(name="m"),
        GrainBoundaryDiffusion(name="d"),
    ],
)
def test_nothing_from_nothing(unit) -> None:  # type: ignore[no-untyped-def]
    balance = unit.balance({port: Flow("solid", {}) for port in unit.INLETS})
    assert set(balance.outlets) == set(unit.OUTLETS)
    assert all(flow.mass() == 0.0 for flow in balance.outlets.values())
    assert unit.equipment(balance) == ()
    assert unit.drivers(balance).electricity == unit.drivers(balance).posts == 0.0
