"""Magnets from the gate of the plant to the leach liquor, against sums by hand and the reference feed."""

from __future__ import annotations

import pytest

from circuits import closely
from ytterby.datasets.feeds import feed
from ytterby.elements import RARE_EARTHS, element
from ytterby.errors import CaseError
from ytterby.materials import Flow, ion, liquor_volume, species
from ytterby.unitops import (
    Demagnetisation,
    HydrogenDecrepitation,
    Milling,
    Operation,
    OxidativeRoast,
    Reception,
    SelectiveLeach,
    catalogue_assay,
)
from ytterby.unitops.assumptions import dry_mass
from ytterby.unitops.contract import assumed

HOURS = 8000.0
YEAR = HOURS / 1000.0
"""kg/h to t/y."""
PHASE = Flow("solid", {"Nd": 2.0, "Fe": 14.0, "B": 1.0})
"""Nd2Fe14B, the phase that magnets are made of."""
OXIDES = Flow("solid", {"Nd2O3": 100.0, "CeO2": 10.0, "Fe2O3": 700.0, "B2O3": 50.0, "Co3O4": 10.0})


def value(number: float, unit: str = "%"):  # type: ignore[no-untyped-def]
    return assumed(number, number, number, unit, "of the test")


@pytest.fixture(scope="module")
def line() -> dict[str, object]:
    """Balances of the reference magnets, 2,000 t/y, by operation."""
    flow = catalogue_assay(feed("MAG_CLOSING_REF")).flow(2000.0, HOURS)
    steps: list[tuple[Operation, str, str]] = [
        (Reception(name="reception"), "magnets", "magnets"),
        (Demagnetisation(name="demagnetisation"), "magnets", "magnets"),
        (Milling(name="mill"), "magnets", "powder"),
        (OxidativeRoast(name="roast"), "powder", "oxides"),
        (SelectiveLeach(name="leach"), "oxides", "liquor"),
    ]
    found: dict[str, object] = {}
    for operation, inlet, outlet in steps:
        balance = operation.balance({inlet: flow})
        found[operation.name] = balance
        flow = balance.outlets[outlet]
    return found


def test_reference_magnets_give_what_was_announced_less_cited_losses(line) -> None:  # type: ignore[no-untyped-def]
    """698 t/y of oxides arrive; dust takes 0.5 %, the leach 0.74 %, the cake what its wash leaves in it."""
    fed = line["reception"].inlets["magnets"].treo() * YEAR
    assert fed == pytest.approx(698.5, abs=0.5)
    residue, liquor = line["leach"].outlets["residue"], line["leach"].outlets["liquor"]
    entrained = sum(
        residue.moles(ion(it)) * element(it).oxide_molar_mass for it in RARE_EARTHS if it != "Ce"
    )
    assert liquor.treo() * YEAR == closely(fed * 0.995 * 0.9926 - entrained * YEAR, 1e-12)
    assert 0.94 < liquor.treo() * YEAR / fed < 0.99
    # cited: 0.85 to 1.05 kg of dry residue per kg of magnet, with 0.3 to 4 % of rare-earth oxides
    dry = dry_mass(residue) * YEAR
    assert dry == pytest.approx(1960.0, rel=0.03)
    assert 0.003 < residue.treo() * YEAR / dry < 0.04
    trace = liquor.oxide("Fe") / liquor.treo()
    assert trace == closely(1e-4, 1e-12)


def test_acid_is_that_of_stoichiometry(line) -> None:  # type: ignore[no-untyped-def]
    """1.12 kg HNO3 per kg of oxides dissolved, beside what Co, Ni, Cu and Al take and what the pH leaves."""
    leach = line["leach"]
    acid = leach.drawn["nitric acid"]
    solutes = [leach.outlets["liquor"], leach.outlets["residue"]]
    charges = {symbol: 3.0 for symbol in (*RARE_EARTHS, "Fe", "Al")} | dict.fromkeys(
        ("Co", "Ni", "Cu"), 2.0
    )
    taken = sum(
        charge * flow.moles(ion(symbol)) for symbol, charge in charges.items() for flow in solutes
    )
    free = sum(flow.moles("H+") for flow in solutes)
    assert acid.moles("NO3-") == closely(taken + free, 1e-12)
    rare = sum(flow.moles(ion(it)) for it in RARE_EARTHS for flow in solutes)
    dissolved = 0.9926 * leach.inlets["oxides"].treo()
    nitric = species("HNO3").molar_mass
    assert 3.0 * rare * nitric / dissolved == pytest.approx(1.12, abs=0.01)
    assert 1.12 < acid.moles("H+") * nitric / dissolved < 1.30


def test_leach_liquor_is_as_strong_as_asked(line) -> None:  # type: ignore[no-untyped-def]
    liquor = line["leach"].outlets["liquor"]
    volume = liquor_volume(liquor)
    assert sum(liquor.rare_earths().values()) / volume == closely(1200.0, 1e-10)
    # the wash thins the free acid a little
    assert liquor.moles("H+") / volume == pytest.approx(1000.0 * 10**-3.25, rel=1e-6)
    assert abs(liquor.charge()) < 1e-9 * liquor.moles("NO3-")


def test_a_lot_with_gadolinium_is_told(line) -> None:  # type: ignore[no-untyped-def]
    notes = " ".join(line["reception"].notes)
    assert "Dy 2 %" in notes
    assert "0.14 of Tb and Dy" in notes


def test_reception_parts_steel_coating_and_rejects() -> None:
    magnets = Flow("solid", {"Nd": 10.0, "Fe": 100.0, "Ni": 5.0})
    unit = Reception(
        name="r", own={"rejected": value(10.0), "coating": value(80.0), "steel": value(20.0)}
    )
    found = unit.balance({"magnets": magnets}).outlets
    assert found["magnets"].amounts == pytest.approx({"Nd": 9.0, "Fe": 72.0, "Ni": 0.9})
    assert found["rejects"].moles("Ni") == pytest.approx(4.1)


def test_demagnetisation_burns_no_more_than_the_yield_lets_go() -> None:
    """0.5 % of 1 kg may go; 10 g of carbon are there, so half of them burn."""
    carbon, iron = 0.010 / species("C").molar_mass, 0.990 / species("Fe").molar_mass
    unit = Demagnetisation(name="d")
    balance = unit.balance({"magnets": Flow("solid", {"Fe": iron, "C": carbon, "H2O": 1.0})})
    magnets, gas = balance.outlets["magnets"], balance.outlets["offgas"]
    assert magnets.moles("C") == closely(0.5 * carbon, 1e-12)
    assert magnets.moles("H2O") == 0.0
    assert gas.moles("CO2") == closely(0.5 * carbon, 1e-12)
    assert gas.moles("O2") == closely(0.5 * carbon, 1e-12)
    assert gas.moles("H2O") == 1.0


def test_demagnetisation_says_where_less_burns() -> None:
    balance = Demagnetisation(name="d").balance({"magnets": Flow("solid", {"Fe": 100.0, "C": 0.1})})
    assert balance.outlets["magnets"].moles("C") == 0.0
    assert "would let" in balance.notes[0]


def test_roast_gains_what_full_oxidation_gains() -> None:
    """Nd2Fe14B -> Nd2O3 + 7 Fe2O3 + 1/2 B2O3 gains 37.7 % of its mass."""
    unit = OxidativeRoast(name="r", own={"dust_loss": value(0.0)})
    found = unit.balance({"powder": PHASE})
    oxides = found.outlets["oxides"]
    assert oxides.amounts == pytest.approx({"Nd2O3": 1.0, "Fe2O3": 7.0, "B2O3": 0.5})
    assert oxides.mass() / PHASE.mass() == pytest.approx(1.377, abs=5e-4)
    oxygen = 0.5 * (3.0 + 21.0 + 1.5)
    assert found.drawn["air"].moles("O2") == closely(2.0 * oxygen, 1e-12)
    assert found.outlets["offgas"].moles("O2") == closely(oxygen, 1e-12)


def test_roast_burns_hydrides_glue_and_moisture() -> None:
    powder = Flow("solid", {"PrH3": 6.0, "TbH3": 4.0, "CH2": 2.0, "H2O": 3.0, "Ce": 1.0})
    found = OxidativeRoast(name="r").balance({"powder": powder}).outlets
    solid = {name: amount / 0.995 for name, amount in found["oxides"].amounts.items()}
    assert solid == pytest.approx({"Pr6O11": 1.0, "Tb4O7": 1.0, "CeO2": 1.0})
    assert found["offgas"].moles("H2O") == pytest.approx(15.0 + 2.0 + 3.0)
    assert found["offgas"].moles("CO2") == pytest.approx(2.0)
    assert found["dust"].moles("CeO2") == pytest.approx(0.005)


@pytest.mark.parametrize("degas", [False, True])
def test_decrepitation_takes_up_what_is_cited(degas: bool) -> None:
    unit = HydrogenDecrepitation(name="h", degas=degas)
    magnets = Flow("solid", {"Nd": 2.5, "Fe": 14.0, "B": 1.0, "Ni": 0.1})
    found = unit.balance({"magnets": magnets})
    hydrogen = found.drawn["hydrogen"]
    assert hydrogen.mass() == closely(0.0038 * magnets.mass(), 1e-12)
    powder, flakes = found.outlets["powder"], found.outlets["flakes"]
    held = powder.of("H") + flakes.of("H")
    assert held == pytest.approx(0.0 if degas else hydrogen.of("H"), rel=1e-12)
    assert found.outlets["hydrogen"].mass() == (hydrogen.mass() if degas else 0.0)
    assert powder.of("Nd") == closely(0.95 * 2.5, 1e-12)
    assert powder.of("Ni") == closely(0.95 * 0.25 * 0.1, 1e-12)


def test_decrepitation_refuses_what_the_metals_cannot_hold() -> None:
    with pytest.raises(CaseError, match="trihydrides"):
        HydrogenDecrepitation(name="h").balance(
            {"magnets": Flow("solid", {"Nd": 1.0, "Fe": 100.0})}
        )


def test_cerium_stays_without_a_reductant() -> None:
    kept = SelectiveLeach(name="l").balance({"oxides": OXIDES})
    assert kept.outlets["liquor"].moles("Ce+3") == 0.0
    assert any("CeO2 stays" in note for note in kept.notes)
    given = SelectiveLeach(name="l", reductant=True).balance({"oxides": OXIDES})
    solutes = [given.outlets[port].moles("Ce+3") for port in ("liquor", "residue")]
    assert sum(solutes) == closely(0.9588 * 10.0, 1e-12)
    assert given.drawn["hydrogen peroxide"].moles("H2O2") == closely(0.5 * 9.588, 1e-12)


def test_leach_of_chloride_draws_hydrochloric_acid() -> None:
    found = SelectiveLeach(name="l", medium="chloride").balance({"oxides": OXIDES})
    assert set(found.drawn) == {"hydrochloric acid", "water"}
    # cited: 0.65 kg HCl per kg Nd2O3
    own = 6.0 * species("HCl").molar_mass / species("Nd2O3").molar_mass
    assert own == pytest.approx(0.65, abs=0.002)


def test_higher_oxides_give_off_their_oxygen() -> None:
    """Pr6O11 + 18 H+ -> 6 Pr+3 + 9 H2O + O2."""
    found = SelectiveLeach(name="l", own={"rare_earth_yield": value(100.0)}).balance(
        {"oxides": Flow("solid", {"Pr6O11": 10.0})}
    )
    assert found.outlets["offgas"].amounts == pytest.approx({"O2": 10.0})
    assert found.drawn["nitric acid"].moles("H+") > 180.0


def test_a_leach_without_rare_earths_is_refused() -> None:
    with pytest.raises(CaseError, match="no rare earth dissolves"):
        SelectiveLeach(name="l").balance({"oxides": Flow("solid", {"Fe2O3": 1.0})})


def test_a_slurry_that_its_cake_swallows_is_refused() -> None:
    unit = SelectiveLeach(name="l", own={"concentration": value(5.0, "mol/L")})
    with pytest.raises(CaseError, match="cake"):
        unit.balance({"oxides": Flow("solid", {"Nd2O3": 10.0, "Fe2O3": 700.0})})


def test_sizes_and_energy_of_the_reference_line(line) -> None:  # type: ignore[no-untyped-def]
    """Cited residence times and energies: 3 h of slurry, 0.2 kWh/kg to demagnetise, 0.05 to mill."""
    leach = SelectiveLeach(name="leach")
    tank, press = leach.equipment(line["leach"])
    slurry = (
        liquor_volume(line["leach"].outlets["liquor"])
        + dry_mass(line["leach"].outlets["residue"]) / 5000.0
    )
    assert tank.number * tank.size == closely(3.0 * slurry, 1e-12)
    assert press.size == closely(dry_mass(line["leach"].outlets["residue"]) / 50.0, 1e-12)
    assert Demagnetisation(name="d").drivers(line["demagnetisation"]).electricity == pytest.approx(
        50.0
    )
    assert Milling(name="m").drivers(line["mill"]).electricity == pytest.approx(0.05 * 249.25)
    kiln, gas = OxidativeRoast(name="r").equipment(line["roast"])
    assert kiln.size == pytest.approx(3.0 * 333.9 / 2500.0 / 0.1, rel=1e-3)
    assert gas.unit == "m3/h"
    assert leach.drivers(line["leach"]).steam > 0.0
