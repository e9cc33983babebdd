"""Concentrates through gate, dissolution and polish, against sums by hand."""

from __future__ import annotations

import pytest

from circuits import closely
from ytterby.datasets.activity import specific_activity
from ytterby.datasets.feeds import feed
from ytterby.elements import element
from ytterby.errors import CaseError, ConvergenceError, DataError
from ytterby.materials import Flow, liquor_volume, species
from ytterby.unitops import (
    BoronRecovery,
    Dissolution,
    FeedGate,
    ImpurityRemoval,
    SideMetals,
    UraniumRemoval,
    catalogue_assay,
    feed_flow,
)
from ytterby.unitops.contract import assumed

HOURS = 8000.0
LIQUOR = Flow(
    "liquor",
    {
        "Nd+3": 1000.0,
        "Dy+3": 100.0,
        "Co+2": 40.0,
        "Cu+2": 4.0,
        "Al+3": 10.0,
        "Fe+3": 1.0,
        "H3BO3": 300.0,
        "H+": 1.0,
        "NO3-": 3300.0 + 88.0 + 33.0 + 1.0,
        "H2O": 50_000.0,
    },
)
EMPTY = Flow("liquor", {})


def value(number: float, unit: str = "%"):  # type: ignore[no-untyped-def]
    return assumed(number, number, number, unit, "of the test")


def carbonate_with(uranium: float = 0.0, thorium: float = 0.0) -> Flow:
    """Neodymium carbonate with traces [kg/kg of dry feed]."""
    return feed_flow({"Nd": 0.40, "U": uranium, "Th": thorium}, "oxide", 1000.0, HOURS)


@pytest.fixture(scope="module")
def concentrate() -> Flow:
    return catalogue_assay(feed("CONCENTRATE_REF")).flow(5000.0, HOURS)


def test_reference_concentrate_dissolves_and_gives_back_its_carbon_dioxide(concentrate) -> None:  # type: ignore[no-untyped-def]
    """2,450 t/y of oxides; cited: 0.36 to 0.39 kg CO2 and 99.5 % recovery."""
    assert concentrate.treo() * HOURS / 1000.0 == pytest.approx(2450.0, abs=0.5)
    found = Dissolution(name="d").balance({"concentrate": concentrate})
    gas = [found.outlets[port] for port in ("carbon_dioxide", "vent")]
    assert set(gas[0].amounts) == {"CO2"}
    oxides = concentrate.treo()
    assert 0.354 < sum(it.mass() for it in gas) / oxides < 0.392
    assert gas[0].mass() / (gas[0].mass() + gas[1].mass()) == closely(0.9, 1e-12)
    assert found.outlets["liquor"].treo() / oxides == pytest.approx(0.995, abs=1e-3)
    liquor = found.outlets["liquor"]
    assert sum(liquor.rare_earths().values()) / liquor_volume(liquor) == closely(1200.0, 1e-10)


def test_oxygen_of_higher_oxides_is_not_caught_with_the_carbon_dioxide() -> None:
    """Pr6O11 gives a third of an O2 per Pr: 2 Pr6O11 -> 6 Pr2O3 + 2 O2; the rest carbonate gives CO2."""
    carbonate = feed_flow({"Nd": 0.30}, "carbonate", 1000.0, HOURS)
    oxide = feed_flow({"Pr": 0.30}, "oxide", 1000.0, HOURS)
    mixture = Flow("solid", {**carbonate.amounts, **oxide.amounts})
    found = Dissolution(name="d").balance({"concentrate": mixture})
    assert set(found.outlets["carbon_dioxide"].amounts) == {"CO2"}
    dissolved = found.outlets["liquor"].of("Pr") + found.outlets["residue"].moles("Pr+3")
    assert found.outlets["vent"].moles("O2") == closely(dissolved / 6.0, 1e-9)


@pytest.mark.parametrize(("form", "acid"), [("carbonate", 3.0), ("hydroxide", 3.0), ("oxide", 3.0)])
def test_every_form_takes_three_acids_per_rare_earth(form: str, acid: float) -> None:
    flow = feed_flow({"Dy": 0.40}, form, 1000.0, HOURS)
    unit = Dissolution(name="d", own={"rare_earth_yield": value(100.0)})
    found = unit.balance({"concentrate": flow})
    metals = flow.of("Dy")
    free = sum(found.outlets[port].moles("H+") for port in ("liquor", "residue"))
    assert found.drawn["nitric acid"].moles("H+") - free == pytest.approx(acid * metals, rel=1e-12)


def test_silica_stays_and_dilutes_nothing() -> None:
    flow = Flow("solid", {"Nd2O3": 100.0, "SiO2": 50.0})
    found = Dissolution(name="d").balance({"concentrate": flow}).outlets
    assert found["residue"].moles("SiO2") == 50.0
    assert found["residue"].moles("Nd2O3") == closely(0.5, 1e-12)


def test_a_phosphate_is_refused_by_gate_and_dissolution() -> None:
    mineral = Flow("solid", {"Nd2O3": 100.0, "P2O5": 100.0})
    for unit in (FeedGate(name="gate"), Dissolution(name="d")):
        with pytest.raises(CaseError, match="cracked"):
            unit.balance({"concentrate": mineral})


def test_gate_counts_activity_by_cited_half_lives() -> None:
    """100 ppm of U are 1.235 Bq/g of U-238; 246 ppm of Th are 1 Bq/g of Th-232."""
    feed = carbonate_with(uranium=40e-6, thorium=123e-6)
    balance = FeedGate(name="gate").balance({"concentrate": feed})
    assert balance.outlets["concentrate"] == feed
    assert balance.details["U-238"] == pytest.approx(0.4 * 1.235, rel=2e-3)
    assert balance.details["Th-232"] == pytest.approx(0.5, rel=3e-3)


@pytest.mark.parametrize(
    ("uranium", "thorium", "told"),
    [(90e-6, 0.0, "U-238 series"), (0.0, 260e-6, "Th-232 series")],
)
def test_gate_turns_away_what_is_active(uranium: float, thorium: float, told: str) -> None:
    with pytest.raises(CaseError, match=told) as caught:
        FeedGate(name="gate").balance({"concentrate": carbonate_with(uranium, thorium)})
    (fault,) = caught.value.faults
    assert fault.where.startswith("operation gate")
    assert "less than 1 Bq/g" in fault.expected


def test_gate_stands_at_one_becquerel_and_moisture_does_not_help() -> None:
    limit = 1.0 / specific_activity("U-238")
    FeedGate(name="gate").balance({"concentrate": carbonate_with(uranium=0.999 * limit)})
    wet = carbonate_with(uranium=1.001 * limit).plus({"H2O": 1e5})
    with pytest.raises(CaseError, match="U-238"):
        FeedGate(name="gate").balance({"concentrate": wet})


def test_a_gap_is_not_a_zero(concentrate) -> None:  # type: ignore[no-untyped-def]
    """What nobody analysed is told, and a mineral without Th and U is not taken at all."""
    notes = FeedGate(name="gate").balance({"concentrate": concentrate}).notes
    assert any("no U is stated" in note for note in notes)
    for name in ("XEN_GUANGDONG", "MON_NANGANG"):
        with pytest.raises(DataError, match="no figure for Th and U"):
            catalogue_assay(feed(name))


def test_gate_tells_every_reason_at_once() -> None:
    bad = feed_flow({"Nd": 0.1, "U": 1e-3, "Th": 1e-3, "P": 0.1}, "mineral", 1000.0, HOURS)
    with pytest.raises(CaseError) as caught:
        FeedGate(name="gate").balance({"concentrate": bad})
    assert [fault.where.split(", ")[1] for fault in caught.value.faults] == [
        "U-238 series",
        "Th-232 series",
        "grade",
        "phosphorus",
    ]


@pytest.mark.parametrize("base", ["NH3", "NaOH"])
def test_iron_and_aluminium_fall_and_rare_earths_lose_what_is_cited(base) -> None:  # type: ignore[no-untyped-def]
    unit = ImpurityRemoval(name="p", base=base, own={"ph": value(5.5, "1")})
    balance = unit.balance({"liquor": LIQUOR})
    liquor, cake = balance.outlets["liquor"], balance.outlets["cake"]
    assert cake.moles("Fe(OH)3") == pytest.approx(1.0, rel=5e-3)
    assert cake.moles("Al(OH)3") > 8.0
    assert cake.moles("Nd(OH)3") == pytest.approx(15.0, rel=0.05)
    assert liquor.moles("Co+2") > 39.0
    assert abs(liquor.charge()) < 1e-8 * liquor.moles("NO3-")
    # base: one per free acid, three per hydroxide that fell
    drawn = balance.drawn[{"NH3": "ammonia", "NaOH": "caustic soda"}[base]]
    fallen = sum(3.0 * cake.moles(f"{it}(OH)3") for it in ("Nd", "Dy", "Al", "Fe"))
    water = 50_000.0 * species("H2O").molar_mass
    own = fallen + 1.0 - 10.0**-5.5 * water
    assert drawn.moles({"NH3": "NH3", "NaOH": "OH-"}[base]) == pytest.approx(own, rel=1e-3)


def test_what_does_not_fall_is_told() -> None:
    balance = ImpurityRemoval(name="p", own={"ph": value(3.5, "1")}).balance({"liquor": LIQUOR})
    assert any("of Al falls at pH 3.50" in note for note in balance.notes)


def with_thorium(ph: float, thorium: float = 0.1, **own: float):  # type: ignore[no-untyped-def]
    """Thorium that fell [mol/h], and the notes; from a liquor with 1 mol/h of iron."""
    liquor = LIQUOR.plus({"Th+4": thorium, "NO3-": 4.0 * thorium})
    settings = {key: value(number) for key, number in own.items()}
    unit = ImpurityRemoval(name="p", own={"ph": value(ph, "1"), **settings})
    balance = unit.balance({"liquor": liquor})
    return balance.outlets["cake"].moles("Th(OH)4"), balance.notes


def test_iron_carries_thorium_down_where_practice_removes_it() -> None:
    """Cited: 95 to 99.5 % out at pH 2.5 to 4.5, where equilibrium with fresh ThO2 lets next to none fall."""
    by_equilibrium, notes = with_thorium(4.2, thorium_carried=0.0)
    assert by_equilibrium < 0.005
    assert any("% of Th falls at pH 4.20" in note for note in notes)
    fallen, notes = with_thorium(4.2)
    # what the moist cake holds of the liquor is not hydroxide
    assert fallen == pytest.approx(0.1 - 0.05 * (0.1 - by_equilibrium), rel=1e-6)
    assert any("95 % of the rest is assumed to go with Fe and Al" in note for note in notes)
    assert not any(note.startswith("only") and "Th" in note for note in notes)


def test_nothing_carries_thorium_below_that_ph_or_without_enough_iron() -> None:
    assert with_thorium(3.7)[0] < 0.005
    alone = with_thorium(4.2, thorium=2.0, thorium_carried=0.0)[0]
    assert with_thorium(4.2, thorium=2.0)[0] == alone < 0.5


def test_a_ph_below_that_of_the_liquor_is_refused() -> None:
    with pytest.raises((CaseError, ConvergenceError), match="pH"):
        ImpurityRemoval(name="p", own={"ph": value(0.5, "1")}).balance({"liquor": LIQUOR})


def test_uranium_leaves_with_its_anions() -> None:
    liquor = LIQUOR.plus({"UO2+2": 1.0, "NO3-": 2.0})
    found = UraniumRemoval(name="u").balance({"liquor": liquor}).outlets
    assert found["uranium"].moles("UO2+2") == closely(0.002 + 0.998 * 0.98, 1e-12)
    assert found["liquor"].moles("Nd+3") == closely(998.0, 1e-12)
    assert abs(found["uranium"].charge()) < 1e-9
    strip = found["uranium"].moles("H2O") - 0.002 * 50_000.0
    mass = 0.998 * 0.98 * element("U").atomic_weight
    assert mass / (strip * species("H2O").molar_mass / 997.0) == closely(10.0, 1e-9)


def test_uranium_resin_holds_a_cycle() -> None:
    """0.978 mol/h are 0.2744 kg/h of U3O8; a week of it at 50 kg/m3 is 0.92 m3."""
    unit = UraniumRemoval(name="u")
    liquor = LIQUOR.plus({"UO2+2": 1.0, "NO3-": 2.0})
    (column,) = unit.equipment(unit.balance({"liquor": liquor}))
    taken = 1.0 - 0.998 * 0.02
    assert column.size == closely(taken * element("U").oxide_molar_mass * 168.0 / 50.0, 1e-9)


def test_sulfides_take_cobalt_and_leave_ammonium() -> None:
    balance = SideMetals(name="s", method="sulfide").balance({"liquor": LIQUOR})
    cake, liquor = balance.outlets["metals"], balance.outlets["liquor"]
    assert cake.moles("CoS") == closely(38.0, 1e-12)
    assert cake.moles("CuS") == closely(3.96, 1e-12)
    ammonium = liquor.moles("NH4+") + cake.moles("NH4+")
    assert ammonium == closely(2.0 * (38.0 + 3.96), 1e-12)


def test_a_resin_gives_acid_for_metal_and_an_eluate() -> None:
    balance = SideMetals(name="s", method="resin").balance({"liquor": LIQUOR})
    eluate, liquor = balance.outlets["metals"], balance.outlets["liquor"]
    exchanged = 2.0 * (38.0 + 3.96) + 3.0 * 1.1
    assert liquor.moles("H+") == closely(1.0 + exchanged, 1e-12)
    assert balance.drawn["nitric acid"].moles("H+") == closely(1.1 * exchanged, 1e-12)
    assert abs(eluate.charge()) < 1e-9
    assert (38.0 + 3.96) / liquor_volume(eluate) == closely(300.0, 1e-9)


def test_boric_acid_crystallises_beyond_its_solubility() -> None:
    """80 % of 50,000 mol of water gone, 47.2 g/kg stay dissolved: 137.5 mol of 300."""
    unit = BoronRecovery(name="b", method="crystallisation")
    balance = unit.balance({"liquor": LIQUOR})
    water = 10_000.0 * species("H2O").molar_mass
    dissolved = 0.0472 * water / species("H3BO3").molar_mass
    total = sum(balance.outlets[port].moles("H3BO3") for port in ("liquor", "boric_acid"))
    assert total == closely(300.0, 1e-12)
    left = balance.outlets["liquor"].moles("H3BO3")
    assert left == pytest.approx(dissolved, rel=2e-3)
    assert balance.outlets["condensate"].amounts == {"H2O": pytest.approx(40_000.0)}


def test_boric_acid_that_stays_dissolved_is_told() -> None:
    unit = BoronRecovery(name="b", method="crystallisation", own={"evaporated": value(0.0)})
    balance = unit.balance({"liquor": LIQUOR})
    assert balance.outlets["boric_acid"].mass() == 0.0
    assert "stays dissolved" in balance.notes[0]


def test_a_boron_resin_takes_its_share() -> None:
    balance = BoronRecovery(name="b").balance({"liquor": LIQUOR})
    assert balance.outlets["boric_acid"].moles("H3BO3") == closely(285.0, 1e-12)
    assert balance.drawn["nitric acid"].moles("H+") == closely(1.5 * 285.0, 1e-12)


@pytest.mark.parametrize(
    ("unit", "port"),
    [
        (FeedGate(name="g"), "concentrate"),
        (Dissolution(name="d"), "concentrate"),
        (ImpurityRemoval(name="p"), "liquor"),
        (UraniumRemoval(name="u"), "liquor"),
        (SideMetals(name="s"), "liquor"),
        (BoronRecovery(name="b"), "liquor"),
    ],
)
def test_nothing_in_is_nothing_out(unit, port) -> None:  # type: ignore[no-untyped-def]
    """A loop is solved from empty streams."""
    balance = unit.balance({port: EMPTY})
    assert all(flow.mass() == 0.0 for flow in balance.outlets.values())
    assert set(balance.outlets) == set(unit.OUTLETS)
    assert unit.equipment(balance) == ()
    assert unit.drivers(balance).electricity == 0.0
