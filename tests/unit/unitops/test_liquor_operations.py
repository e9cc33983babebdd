"""Conditioning, neutralisation, evaporation and crystallisation against sums by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ytterby.errors import BalanceError, CaseError
from ytterby.materials import Flow, liquor_volume, species
from ytterby.unitops import Conditioning, Crystallisation, Evaporation, Neutralisation
from ytterby.unitops.condition import Base
from ytterby.unitops.contract import assumed

STRIP = Flow("liquor", {"Nd+3": 1000.0, "H+": 500.0, "NO3-": 3500.0, "H2O": 50_000.0})
EMPTY = Flow("liquor", {})


def strength(flow: Flow, name: str) -> float:
    """[mol/m3]"""
    return flow.moles(name) / liquor_volume(flow)


@pytest.mark.parametrize("base", ["NH3", "NaOH"])
@pytest.mark.parametrize(
    ("rare_earths", "acid"), [(1200, 10), (300, 1000), (300, 10), (1200, 1500)]
)
def test_conditioning_brings_both_strengths(base, rare_earths, acid) -> None:  # type: ignore[no-untyped-def]
    unit = Conditioning(
        name="c", medium="nitrate", base=base, rare_earths=rare_earths, acid=float(acid)
    )
    liquor = unit.balance({"liquor": STRIP}).outlets["liquor"]
    assert strength(liquor, "Nd+3") == pytest.approx(rare_earths, rel=1e-12)
    assert strength(liquor, "H+") == pytest.approx(acid, rel=1e-11)


def test_conditioning_draws_what_a_hand_counts() -> None:
    """1,000 mol Nd at 500 mol/m3 are 2 m3; acid to 50 mol/m3 leaves 100 mol of 500, so 400 mol NH3."""
    unit = Conditioning(name="c", medium="nitrate", base="NH3", rare_earths=500.0, acid=50.0)
    balance = unit.balance({"liquor": STRIP})
    liquor = balance.outlets["liquor"]
    assert liquor_volume(liquor) == pytest.approx(2.0, rel=1e-12)
    assert balance.drawn["ammonia"].moles("NH3") == pytest.approx(400.0, rel=1e-12)
    assert liquor.moles("NH4+") == pytest.approx(400.0, rel=1e-12)
    assert balance.drawn["water"].moles("H2O") == pytest.approx(
        liquor.moles("H2O") - 50_000.0, rel=1e-12
    )
    assert balance.outlets["condensate"].amounts == {}
    (tank,) = unit.equipment(balance)
    assert (tank.size, tank.unit) == (pytest.approx(1.0), "m3")


def test_conditioning_evaporates_where_the_liquor_is_too_weak() -> None:
    unit = Conditioning(name="c", medium="nitrate", base="NaOH", rare_earths=2000.0, acid=10.0)
    balance = unit.balance({"liquor": STRIP})
    assert "water" not in balance.drawn
    vapour = balance.outlets["condensate"]
    assert set(vapour.amounts) == {"H2O"}
    # cited: 30 kWh per tonne of water, and 0.5 kW/m3 of stirring
    power = 30.0 * vapour.mass() / 1000.0 + 0.5 * 0.25
    assert unit.drivers(balance).electricity == pytest.approx(power, rel=1e-12)
    steam = replace(unit, power="steam").drivers(balance)
    assert steam.steam == pytest.approx(0.3 * vapour.mass(), rel=1e-12)


def test_conditioning_without_a_strength_counts_the_volume_of_what_it_adds() -> None:
    unit = Conditioning(name="c", medium="nitrate", base="NaOH", acid=10.0)
    balance = unit.balance({"liquor": STRIP})
    assert strength(balance.outlets["liquor"], "H+") == pytest.approx(10.0, rel=1e-11)
    assert set(balance.drawn) == {"caustic soda"}


def test_conditioning_refuses_what_rare_earths_alone_overfill() -> None:
    unit = Conditioning(name="c", medium="nitrate", base="NH3", rare_earths=40_000.0, acid=10.0)
    with pytest.raises(CaseError, match="rare earths that fill more than"):
        unit.balance({"liquor": STRIP})


@pytest.mark.parametrize("base", ["NH3", "NaOH"])
def test_conditioning_stops_where_the_salt_would_crystallise(base: Base) -> None:
    """A raffinate with 20 times more salt than rare earths, and more acid than asked for."""
    raffinate = Flow(
        "liquor",
        {"Dy+3": 10.0, "NH4+": 100.0, "Na+": 100.0, "H+": 50.0, "Cl-": 280.0, "H2O": 5e4},
    )
    unit = Conditioning(name="c", medium="chloride", base=base, rare_earths=1000.0, acid=10.0)
    balance = unit.balance({"liquor": raffinate})
    liquor = balance.outlets["liquor"]
    water = liquor.moles("H2O") * species("H2O").molar_mass
    # 28.3 and 26.5 % by mass: kg of salt that a kg of water holds
    taken = liquor.moles("NH4+") * 0.053489 * (1 / 0.283 - 1)
    taken += liquor.moles("Na+") * 0.05843977 * (1 / 0.265 - 1)
    assert water == pytest.approx(taken, rel=1e-6)
    assert strength(liquor, "H+") == pytest.approx(10.0, rel=1e-9)
    assert balance.notes == (
        f"rare earths at {strength(liquor, 'Dy+3') / 1000:.3g} mol/L, asked 1 mol/L: "
        "the salt beside them would crystallise",
    )


def test_conditioning_says_that_it_has_no_rare_earths() -> None:
    unit = Conditioning(name="c", medium="nitrate", base="NH3", rare_earths=1000.0, acid=10.0)
    acid = Flow("liquor", {"H+": 5.0, "NO3-": 5.0, "H2O": 500.0})
    assert unit.balance({"liquor": acid}).notes == (
        "no rare earths arrive: brought to no strength",
    )


def test_neutralisation_meets_acid_carbonate_and_oxalic_acid() -> None:
    arriving = Flow(
        "liquor",
        {"NH4+": 90.0, "NO3-": 70.0, "HCO3-": 20.0, "H2C2O4": 5.0, "H2O": 5000.0},
    )
    balance = Neutralisation(name="n", medium="nitrate", base="NH3").balance({"liquor": arriving})
    liquor = balance.outlets["liquor"]
    assert balance.drawn["nitric acid"].moles("H+") == pytest.approx(20.0)
    assert balance.drawn["ammonia"].moles("NH3") == pytest.approx(10.0)
    assert balance.outlets["gas"].amounts == pytest.approx({"CO2": 20.0})
    assert liquor.moles("NH4+") == pytest.approx(100.0)
    assert liquor.moles("C2O4-2") == pytest.approx(5.0)
    assert liquor.moles("H+") == liquor.moles("HCO3-") == liquor.moles("H2C2O4") == 0.0


def test_neutralisation_uses_the_acid_that_is_there_first() -> None:
    arriving = Flow("liquor", {"H+": 30.0, "Na+": 20.0, "NO3-": 30.0, "CO3-2": 10.0, "H2O": 5000.0})
    balance = Neutralisation(name="n", medium="nitrate", base="NaOH").balance({"liquor": arriving})
    assert set(balance.drawn) == {"caustic soda"}
    assert balance.drawn["caustic soda"].moles("OH-") == pytest.approx(10.0)
    assert balance.outlets["gas"].moles("CO2") == pytest.approx(10.0)


def test_evaporation_leaves_the_share_asked_for() -> None:
    salt = Flow("liquor", {"NH4+": 100.0, "NO3-": 100.0, "H2O": 4000.0})
    unit = Evaporation(name="e")
    balance = unit.balance({"liquor": salt})
    dissolved = 100.0 * species("NH4NO3").molar_mass
    assert balance.outlets["concentrate"].mass() == pytest.approx(2.0 * dissolved, rel=1e-12)
    evaporated = salt.mass() - 2.0 * dissolved
    assert balance.outlets["condensate"].mass() == pytest.approx(evaporated, rel=1e-12)
    assert unit.drivers(balance).electricity == pytest.approx(0.03 * evaporated, rel=1e-12)


def test_evaporation_passes_what_is_strong_and_refuses_carbonate() -> None:
    strong = Flow("liquor", {"NH4+": 100.0, "NO3-": 100.0, "H2O": 100.0})
    balance = Evaporation(name="e").balance({"liquor": strong})
    assert balance.outlets["concentrate"] == strong
    assert balance.notes
    with pytest.raises(CaseError, match="neutralisation"):
        Evaporation(name="e").balance(
            {"liquor": Flow("liquor", {"NH4+": 1.0, "HCO3-": 1.0, "H2O": 90.0})}
        )


def test_evaporation_of_acid_is_told() -> None:
    acid = Flow("liquor", {"H+": 10.0, "NO3-": 10.0, "H2O": 5000.0})
    assert "free acid" in Evaporation(name="e").balance({"liquor": acid}).notes[0]


def test_crystals_take_what_the_purge_leaves() -> None:
    """2 % of the salt in a liquor of 80.8 % by mass, with all the boron and metal."""
    liquor = Flow(
        "liquor",
        {"NH4+": 1000.0, "NO3-": 1003.0, "Nd+3": 1.0, "H3BO3": 0.5, "H2O": 6000.0},
    )
    balance = Crystallisation(name="k").balance({"liquor": liquor})
    salt, purge = balance.outlets["salt"], balance.outlets["purge"]
    assert salt.moles("NH4NO3") == pytest.approx(980.0, rel=1e-12)
    assert salt.mass() == pytest.approx(980.0 * species("NH4NO3").molar_mass / 0.995, rel=1e-12)
    assert purge.moles("Nd+3") == 1.0
    assert purge.moles("H3BO3") == 0.5
    water = 20.0 * species("NH4NO3").molar_mass * (1.0 / 0.808 - 1.0)
    assert purge.moles("H2O") * species("H2O").molar_mass == pytest.approx(water, rel=1e-12)


def test_a_crowded_purge_takes_more_salt_along() -> None:
    """20 mol Nd with 60 mol NO3 weigh 6.6 kg: a fifth of 33 kg, the rest saturated liquor."""
    liquor = Flow("liquor", {"NH4+": 1000.0, "NO3-": 1060.0, "Nd+3": 20.0, "H2O": 6000.0})
    balance = Crystallisation(name="k").balance({"liquor": liquor})
    purge = balance.outlets["purge"]
    other = 20.0 * species("Nd+3").molar_mass + 60.0 * species("NO3-").molar_mass
    assert purge.mass() == pytest.approx(5.0 * other, rel=1e-12)
    ammonium_nitrate = purge.moles("NH4+") * species("NH4NO3").molar_mass
    assert ammonium_nitrate == pytest.approx(0.808 * 4.0 * other, rel=1e-12)
    assert balance.notes == ("purges 26.7 % of the salt to keep other matter dissolved",)


def test_mixed_salts_pair_in_proportion() -> None:
    liquor = Flow(
        "liquor", {"NH4+": 300.0, "Na+": 100.0, "NO3-": 200.0, "Cl-": 200.0, "H2O": 9000.0}
    )
    salt = Crystallisation(name="k").balance({"liquor": liquor}).outlets["salt"]
    found = {name: salt.moles(name) for name in ("NH4NO3", "NH4Cl", "NaNO3", "NaCl")}
    shares = {"NH4NO3": 147.0, "NH4Cl": 147.0, "NaNO3": 49.0, "NaCl": 49.0}
    assert found == pytest.approx(shares, rel=1e-12)


def test_a_solution_holds_three_quarters_salt() -> None:
    liquor = Flow("liquor", {"NH4+": 100.0, "NO3-": 100.0, "H2O": 4000.0})
    unit = Crystallisation(name="k", form="solution")
    salt = unit.balance({"liquor": liquor}).outlets["salt"]
    assert salt.state == "liquor"
    dissolved = 100.0 * species("NH4NO3").molar_mass
    assert salt.mass() == pytest.approx(dissolved / 0.75, rel=1e-12)


def test_crystals_from_too_little_water_are_refused() -> None:
    liquor = Flow("liquor", {"NH4+": 100.0, "NO3-": 100.0, "H2O": 1.0})
    with pytest.raises(BalanceError, match="purge less"):
        Crystallisation(name="k").balance({"liquor": liquor})


def test_a_case_may_give_its_own_number() -> None:
    unit = Evaporation(name="e", own={"solids": assumed(25.0, 20.0, 30.0, "%", "of this plant")})
    salt = Flow("liquor", {"NH4+": 100.0, "NO3-": 100.0, "H2O": 4000.0})
    dissolved = 100.0 * species("NH4NO3").molar_mass
    concentrate = unit.balance({"liquor": salt}).outlets["concentrate"]
    assert concentrate.mass() == pytest.approx(4.0 * dissolved, rel=1e-12)


@pytest.mark.parametrize(
    "unit",
    [
        Conditioning(name="c", medium="nitrate", base="NH3", rare_earths=1000.0, acid=10.0),
        Neutralisation(name="n", medium="chloride", base="NaOH"),
        Evaporation(name="e"),
        Crystallisation(name="k"),
    ],
)
def test_nothing_from_nothing(unit) -> None:  # type: ignore[no-untyped-def]
    balance = unit.balance({"liquor": EMPTY})
    assert all(flow.mass() == 0.0 for flow in balance.outlets.values())
    assert set(balance.outlets) == set(unit.OUTLETS)
    assert unit.equipment(balance) == ()
    assert unit.drivers(balance).posts == 0.0
