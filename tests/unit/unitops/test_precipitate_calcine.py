"""Precipitation, calcination, blending and capture against stoichiometry by hand."""

from __future__ import annotations

import pytest

from ytterby.elements import reagent_mass
from ytterby.errors import BalanceError, CaseError, DataError
from ytterby.materials import Flow, species
from ytterby.unitops import (
    Blending,
    Calcination,
    CarbonatePrecipitation,
    CarbonDioxideCapture,
    OxalatePrecipitation,
)
from ytterby.unitops.contract import assumed

PURE = Flow("liquor", {"Nd+3": 100.0, "NO3-": 300.0, "H2O": 8000.0})
ND2O3 = reagent_mass("Nd2O3")
EXACT = {
    "excess": assumed(1.0, 1.0, 1.0, "1", "stoichiometry"),
    "recovery": assumed(100.0, 100.0, 100.0, "%", "stoichiometry"),
}


def test_oxalic_acid_of_neodymium_is_the_cited_dose() -> None:
    """1.124 kg of the dihydrate per kg Nd2O3."""
    balance = OxalatePrecipitation(name="p", own=EXACT).balance({"liquor": PURE})
    per_oxide = balance.drawn["oxalic acid"].mass() / (50.0 * ND2O3)
    assert per_oxide == pytest.approx(1.124, abs=5e-4)
    cake = balance.outlets["cake"]
    assert cake.moles("Nd2(C2O4)3.10H2O") == pytest.approx(50.0, rel=1e-12)
    acid = cake.moles("H+") + balance.outlets["mother_liquor"].moles("H+")
    assert acid == pytest.approx(300.0, rel=1e-12)


@pytest.mark.parametrize(
    ("precipitant", "reagent", "dose", "off"),
    [
        ("NH4HCO3", "ammonium bicarbonate", 1.41, 150.0),
        ("Na2CO3", "sodium carbonate", 0.945, 0.0),
        ("NH3+CO2", "ammonia", 0.3037, 0.0),
    ],
)
def test_carbonate_doses(precipitant, reagent, dose, off) -> None:  # type: ignore[no-untyped-def]
    own = {**EXACT, "absorbed": assumed(100.0, 100.0, 100.0, "%", "stoichiometry")}
    unit = CarbonatePrecipitation(name="p", precipitant=precipitant, own=own)
    balance = unit.balance({"liquor": PURE})
    assert balance.drawn[reagent].mass() / (50.0 * ND2O3) == pytest.approx(dose, rel=1e-3)
    assert balance.outlets["gas"].moles("CO2") == pytest.approx(off, abs=1e-9)
    assert balance.outlets["cake"].moles("Nd2(CO3)3") == pytest.approx(50.0, rel=1e-12)


def test_carbon_dioxide_of_ammonia_precipitation_is_that_of_the_carbonate() -> None:
    """3 mol CO2 per Nd2(CO3)3, 0.392 kg per kg Nd2O3, over what is taken up of it."""
    unit = CarbonatePrecipitation(name="p", precipitant="NH3+CO2", own=EXACT)
    balance = unit.balance({"liquor": PURE})
    blown = balance.drawn["carbon dioxide"]
    assert 0.85 * blown.mass() / (50.0 * ND2O3) == pytest.approx(0.3924, abs=2e-4)
    assert balance.outlets["gas"].moles("CO2") == pytest.approx(0.15 * blown.moles("CO2"))


def test_free_acid_takes_its_share_of_the_precipitant() -> None:
    acid = Flow("liquor", {**PURE.amounts, "H+": 60.0, "NO3-": 360.0})
    unit = CarbonatePrecipitation(name="p", own=EXACT)
    balance = unit.balance({"liquor": acid})
    assert balance.drawn["ammonium bicarbonate"].moles("NH4HCO3") == pytest.approx(360.0)
    assert balance.outlets["gas"].moles("CO2") == pytest.approx(210.0)


def test_recoveries_by_element_and_what_each_precipitant_takes_along() -> None:
    metals = {"Nd+3": 100.0, "Dy+3": 100.0, "Al+3": 1.0, "Ca+2": 2.0, "Th+4": 1.0, "UO2+2": 1.0}
    nitrate = 600.0 + 3.0 + 4.0 + 4.0 + 2.0
    liquor = Flow("liquor", {**metals, "NO3-": nitrate, "H2O": 20_000.0})
    oxalate = OxalatePrecipitation(name="p", recoveries={"Dy": 0.9}).balance({"liquor": liquor})
    cake = oxalate.outlets["cake"]
    assert cake.moles("Nd2(C2O4)3.10H2O") == pytest.approx(49.75)
    assert cake.moles("Dy2(C2O4)3.10H2O") == pytest.approx(45.0)
    assert cake.moles("Th(C2O4)2.6H2O") == pytest.approx(0.995)
    assert cake.moles("CaC2O4.2H2O") == pytest.approx(0.6)
    assert cake.of("Al") < 0.01
    carbonate = CarbonatePrecipitation(name="p").balance({"liquor": liquor}).outlets["cake"]
    assert carbonate.moles("Al(OH)3") == pytest.approx(0.996)
    assert carbonate.moles("UO2(OH)2") == pytest.approx(0.996)
    assert carbonate.moles("CaCO3") == pytest.approx(1.0)
    with pytest.raises(CaseError, match="recovery of Nd"):
        OxalatePrecipitation(name="p", recoveries={"Nd": 1.1}).balance({"liquor": liquor})


def test_wash_leaves_what_countercurrent_decantation_leaves() -> None:
    """Three washes of ratio 3 leave 1/40 of what the cake's water holds."""
    unit = CarbonatePrecipitation(name="p", own=EXACT)
    balance = unit.balance({"liquor": PURE})
    cake, mother = balance.outlets["cake"], balance.outlets["mother_liquor"]
    dry = 50.0 * species("Nd2(CO3)3").molar_mass
    held = cake.moles("H2O")
    assert held * species("H2O").molar_mass == pytest.approx(dry * 0.3 / 0.7, rel=1e-12)
    assert balance.drawn["water"].moles("H2O") == pytest.approx(3.0 * held, rel=1e-12)
    slurry_water = mother.moles("H2O") + held - 3.0 * held
    assert cake.moles("NH4+") == pytest.approx(300.0 * held / slurry_water / 40.0, rel=1e-12)


def test_a_cake_that_would_drink_all_liquor_is_refused() -> None:
    strong = Flow("liquor", {"Nd+3": 100.0, "NO3-": 300.0, "H2O": 600.0})
    with pytest.raises(BalanceError, match="weaker liquor"):
        OxalatePrecipitation(name="p").balance({"liquor": strong})


def test_tanks_and_filter_by_residence_and_flux() -> None:
    unit = CarbonatePrecipitation(name="p", own=EXACT)
    tank, cloth = unit.equipment(unit.balance({"liquor": PURE}))
    litres = 8000.0 * 18.07e-3 + 100.0 * -43.5e-3 + 300.0 * 29.0e-3
    assert tank.size == pytest.approx(3.0 * litres / 1000.0, rel=1e-9)
    assert cloth.unit == "m2"
    # a little salt stays in the cake
    assert cloth.size == pytest.approx(50.0 * species("Nd2(CO3)3").molar_mass / 60.0, rel=0.01)


@pytest.mark.parametrize(("cake", "per_oxide"), [("Nd2(C2O4)3.10H2O", 0.785), ("Nd2(CO3)3", 0.392)])
def test_carbon_dioxide_of_calcination(cake, per_oxide) -> None:  # type: ignore[no-untyped-def]
    balance = Calcination(name="k").balance({"cake": Flow("solid", {cake: 1.0, "H2O": 5.0})})
    made = balance.outlets["oxide"].treo() + balance.outlets["dust"].treo()
    gas = balance.outlets["gas"]
    assert gas.moles("CO2") * species("CO2").molar_mass / made == pytest.approx(per_oxide, abs=5e-4)
    assert balance.outlets["dust"].treo() / made == pytest.approx(0.002)
    dry = sum(amount for name, amount in gas.amounts.items() if name != "H2O")
    assert gas.moles("O2") / dry == pytest.approx(0.05, rel=1e-9)


def test_oxides_as_traded_take_oxygen_from_air() -> None:
    """3 Pr2(CO3)3 -> Pr6O11 takes 1 O2, 2 Tb2 -> Tb4O7 takes 1/2, Ce2 -> 2 CeO2 takes 1/2."""
    cake = Flow("solid", {"Pr2(CO3)3": 3.0, "Tb2(CO3)3": 2.0, "Ce2(CO3)3": 1.0})
    balance = Calcination(name="k").balance({"cake": cake})
    made = Flow("solid", balance.outlets["oxide"].amounts).scaled(1.0 / 0.998)
    assert made.amounts == pytest.approx({"Pr6O11": 1.0, "Tb4O7": 1.0, "CeO2": 2.0}, rel=1e-12)
    used = balance.drawn["air"].moles("O2") - balance.outlets["gas"].moles("O2")
    assert used == pytest.approx(2.0, rel=1e-12)


def test_salts_left_in_a_cake() -> None:
    """Na takes Cl first, Cl left goes as HCl; NH4 and NO3 pair to N2, NO3 left goes as NO2."""
    cake = Flow(
        "solid",
        {"Nd2(CO3)3": 10.0, "Na+": 1.0, "NH4+": 2.0, "NO3-": 1.0, "Cl-": 2.0, "H2O": 9.0},
    )
    balance = Calcination(name="k").balance({"cake": cake})
    gas = balance.outlets["gas"]
    assert balance.outlets["oxide"].moles("NaCl") == pytest.approx(0.998)
    assert (gas.moles("HCl"), gas.moles("NH3"), gas.moles("NO2")) == (1.0, 1.0, 0.0)
    nitrate = Flow("solid", {"Nd2(CO3)3": 10.0, "Nd+3": 1.0, "NO3-": 3.0})
    assert Calcination(name="k").balance({"cake": nitrate}).outlets["gas"].moles("NO2") == 3.0


def test_an_element_without_a_fate_is_refused() -> None:
    with pytest.raises(DataError, match="Hg"):
        Calcination(name="k").balance({"cake": Flow("solid", {"HgO": 1.0})})


def test_heat_by_fuel_or_electricity() -> None:
    """2 kWh per kg REO cited, 0.1 for fans."""
    cake = Flow("solid", {"Nd2(CO3)3": 10.0})
    unit = Calcination(name="k")
    balance = unit.balance({"cake": cake})
    made = balance.outlets["oxide"].treo()
    assert unit.drivers(balance).fuel == pytest.approx(2.0 * made)
    assert unit.drivers(balance).electricity == pytest.approx(0.1 * made)
    electric = Calcination(name="k", heat="electricity").drivers(balance)
    assert (electric.fuel, electric.electricity) == (0.0, pytest.approx(2.1 * made))
    (kiln,) = unit.equipment(balance)
    assert (kiln.size, kiln.unit) == (pytest.approx(made), "kg/h")


def test_a_lot_has_the_assay_of_what_came() -> None:
    arriving = Flow("solid", {"Nd2O3": 3.0, "Pr6O11": 0.25, "Na2O": 0.01})
    unit = Blending(name="b")
    balance = unit.balance({"oxide": arriving})
    assert balance.outlets["product"].amounts == arriving.amounts
    neodymium, praseodymium = 3.0 * ND2O3, 0.25 * reagent_mass("Pr6O11")
    assay = balance.details
    assert assay.shares["Nd2O3"] == pytest.approx(neodymium / (neodymium + praseodymium))
    assert assay.others["Na2O"] == pytest.approx(0.01 * reagent_mass("Na2O") / arriving.mass())
    assert assay.treo + assay.others["Na2O"] == pytest.approx(1.0)
    (blender,) = unit.equipment(balance)
    assert blender.size == pytest.approx(arriving.mass() * 24.0 / 1500.0)
    with pytest.raises(BalanceError, match="calcine"):
        unit.balance({"oxide": Flow("solid", {"Nd2O3": 1.0, "H2O": 1.0})})


def test_capture_leaves_pure_carbon_dioxide() -> None:
    gas = Flow("gas", {"CO2": 100.0, "N2": 50.0, "H2O": 200.0, "HCl": 1.0})
    unit = CarbonDioxideCapture(name="a")
    balance = unit.balance({"gas": gas})
    assert balance.outlets["carbon_dioxide"].amounts == pytest.approx({"CO2": 85.0})
    assert balance.outlets["condensate"].amounts == pytest.approx({"H2O": 180.0})
    assert balance.outlets["gas"].moles("HCl") == 1.0
    captured = 85.0 * species("CO2").molar_mass
    assert unit.drivers(balance).steam == pytest.approx(1.5 * captured)


@pytest.mark.parametrize(
    ("unit", "state"),
    [
        (OxalatePrecipitation(name="p"), "liquor"),
        (CarbonatePrecipitation(name="p", precipitant="NH3+CO2"), "liquor"),
        (Calcination(name="k"), "solid"),
        (Blending(name="b"), "solid"),
        (CarbonDioxideCapture(name="a"), "gas"),
    ],
)
def test_nothing_from_nothing(unit, state) -> None:  # type: ignore[no-untyped-def]
    (port,) = unit.INLETS
    balance = unit.balance({port: Flow(state, {})})
    assert set(balance.outlets) == set(unit.OUTLETS)
    assert all(flow.mass() == 0.0 for flow in balance.outlets.values())
    assert unit.equipment(balance) == ()
    assert unit.drivers(balance).electricity == 0.0
