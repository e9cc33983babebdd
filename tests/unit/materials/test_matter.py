"""Species, reactions, flows and volumes: formulas say everything, nothing is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from circuits import closely
from ytterby.elements import RARE_EARTHS, SYMBOLS
from ytterby.errors import BalanceError, DataError
from ytterby.materials import (
    Flow,
    carbonate,
    hydroxide,
    ion,
    liquor_volume,
    mixed,
    oxalate,
    oxide,
    reaction,
    species,
    water_for_volume,
)


@pytest.mark.parametrize(
    ("name", "atoms", "charge"),
    [
        ("Nd+3", {"Nd": 1}, 3),
        ("NO3-", {"N": 1, "O": 3}, -1),
        ("SO4-2", {"S": 1, "O": 4}, -2),
        ("UO2+2", {"U": 1, "O": 2}, 2),
        ("Pr6O11", {"Pr": 6, "O": 11}, 0),
        ("Nd2(C2O4)3.10H2O", {"Nd": 2, "C": 6, "O": 22, "H": 20}, 0),
    ],
)
def test_a_formula_says_atoms_and_charge(name: str, atoms: dict[str, int], charge: int) -> None:
    found = species(name)
    assert (dict(found.atoms), found.charge) == (atoms, charge)


def test_molar_masses_by_hand() -> None:
    """g/mol: Nd2O3 2 x 144.242 + 3 x 15.999; NH4NO3 2 x 14.007 + 4 x 1.008 + 3 x 15.999."""
    assert 1000 * species("Nd2O3").molar_mass == closely(336.481, 1e-5)
    both = species("NH4+").molar_mass + species("NO3-").molar_mass
    assert 1000 * both == closely(80.043, 1e-5)


@pytest.mark.parametrize("name", ["", "nd2o3", "Xx", "Nd+Q", "3", "Nd2O3++"])
def test_what_is_no_formula_is_refused(name: str) -> None:
    with pytest.raises(DataError, match="a formula such as"):
        species(name)


@pytest.mark.parametrize(
    ("text", "coefficients"),
    [
        ("Nd2O3 + H+ -> Nd+3 + H2O", [1, 6, 2, 3]),
        ("Pr6O11 + H+ -> Pr+3 + H2O + O2", [1, 18, 6, 9, 1]),
        ("Fe + O2 -> Fe2O3", [1, 0.75, 0.5]),
        ("Nd+3 + H2C2O4 + H2O -> Nd2(C2O4)3.10H2O + H+", [1, 1.5, 5, 0.5, 3]),
        ("Nd+3 + NH4HCO3 -> Nd2(CO3)3 + CO2 + H2O + NH4+", [1, 3, 0.5, 1.5, 1.5, 3]),
    ],
)
def test_coefficients_follow_from_the_formulas(text: str, coefficients: list[float]) -> None:
    found = list(reaction(text).coefficients.values())
    assert [abs(it) for it in found] == closely(coefficients, 1e-14)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Nd2O3 + H2 -> Nd+3 + H2O", "no way to balance it"),
        ("Nd2O3 + H+ + O2 + H2 -> Nd+3 + H2O", "2 independent ways"),
        ("Nd2O3 + H2O -> Nd+3 + H+", "on the wrong side"),
        ("Nd2O3", "something else"),
        ("Nd + Nd -> Nd", "something else"),
    ],
)
def test_a_reaction_that_does_not_balance_is_refused(text: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        reaction(text)


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_every_metal_has_its_forms(symbol: str) -> None:
    for form in (ion, oxide, hydroxide):
        assert symbol in species(form(symbol)).atoms
    assert species(ion(symbol)).charge > 0
    if symbol in RARE_EARTHS:
        assert species(carbonate(symbol)).atoms[symbol] == 2
        assert species(oxalate(symbol)).atoms[symbol] == 2


AMOUNTS = st.dictionaries(
    st.sampled_from(["Nd+3", "NO3-", "H+", "NH4+", "H2O", "H3BO3", "Fe+3", "Cl-"]),
    st.floats(0.0, 1e6),
    min_size=1,
)


@given(AMOUNTS, AMOUNTS, st.floats(0.0, 1.0))
def test_mixing_and_parting_lose_nothing(
    one: dict[str, float], two: dict[str, float], share: float
) -> None:
    both = mixed([Flow("liquor", one), Flow("liquor", two)])
    staying, leaving = both.parted({"Nd+3": share, "H2O": 1.0 - share}, "solid")
    again = mixed([staying, leaving], "liquor")
    for symbol, amount in both.atoms().items():
        assert again.of(symbol) == closely(amount, 1e-12)
    assert again.mass() == closely(both.mass(), 1e-12)
    assert leaving.state == "solid"


@given(st.floats(1.0, 1e6), st.floats(0.0, 1.0))
def test_a_reaction_keeps_atoms_charge_and_mass(amount: float, share: float) -> None:
    before = Flow("solid", {"Nd2O3": amount, "H+": 7.0 * amount, "NO3-": 7.0 * amount})
    after = before.reacted(reaction("Nd2O3 + H+ -> Nd+3 + H2O"), "Nd2O3", share * amount)
    for symbol, count in before.atoms().items():
        assert after.of(symbol) == closely(count, 1e-12)
    assert abs(after.charge()) <= 1e-9 * amount
    assert after.mass() == closely(before.mass(), 1e-12)


def test_a_partner_that_runs_out_is_refused() -> None:
    short = Flow("solid", {"Nd2O3": 1.0, "H+": 5.0})
    with pytest.raises(BalanceError, match=r"-1 of H\+"):
        short.reacted(reaction("Nd2O3 + H+ -> Nd+3 + H2O"), "Nd2O3", 1.0)


@pytest.mark.parametrize("amount", [-1.0, float("nan")])
def test_no_flow_is_negative(amount: float) -> None:
    with pytest.raises(BalanceError, match="zero or more"):
        Flow("liquor", {"H2O": amount})


def test_oxides_are_weighed_as_traded() -> None:
    flow = Flow("liquor", {"Pr+3": 6.0, "Fe+3": 2.0, "H2O": 1e3})
    assert flow.treo() == closely(species("Pr6O11").molar_mass, 1e-12)
    assert flow.oxide("Fe") == closely(species("Fe2O3").molar_mass, 1e-12)
    assert flow.rare_earths() == {"Pr": 6.0}


def test_volumes_add_up_and_densities_are_near_those_measured() -> None:
    """1 mol/L Nd(NO3)3 is near 1.27 kg/L, 60 % NH4NO3 1.28 kg/L at 25 C (handbooks, recalled): within 4 %."""
    solutes = {"Nd+3": 1000.0, "NO3-": 3000.0}
    liquor = Flow("liquor", {**solutes, "H2O": water_for_volume(solutes, 1.0)})
    assert liquor_volume(liquor) == closely(1.0, 1e-12)
    assert liquor.mass() == pytest.approx(1270.0, rel=0.04)
    salt, water = species("NH4+").molar_mass + species("NO3-").molar_mass, species("H2O").molar_mass
    strong = Flow("liquor", {"NH4+": 0.6 / salt, "NO3-": 0.6 / salt, "H2O": 0.4 / water})
    assert strong.mass() / liquor_volume(strong) == pytest.approx(1280.0, rel=0.04)


def test_a_solute_without_volume_is_refused() -> None:
    with pytest.raises(DataError, match=r"no partial volume of C12H26"):
        liquor_volume(Flow("liquor", {"H2O": 1.0, "C12H26": 1.0}))
