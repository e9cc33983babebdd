"""Precipitation by pH: against solubility in closed form, published pH of precipitation, and its own laws."""

from __future__ import annotations

import builtins
import math
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from scipy.optimize import brentq

from circuits import closely
from ytterby.datasets import table
from ytterby.elements import RARE_EARTHS
from ytterby.equilibrium.aqueous import (
    ANIONS,
    BASES,
    METALS,
    Liquor,
    Neutralised,
    Verdict,
    neutralised,
)
from ytterby.equilibrium.aqueous import neutralise as module
from ytterby.equilibrium.aqueous.database import MASTERS, constants, database, interactions, matter
from ytterby.equilibrium.aqueous.phreeqc import _library, _without_litter
from ytterby.errors import BalanceError, CaseError, ConvergenceError, DataError, Fault, YtterbyError

pytest.importorskip("phreeqpython", reason="the extra `plant` is not installed")

LEACH = {"Fe": 0.02, "Al": 0.02, "Th": 0.002, "U": 0.001, "Nd": 0.15, "La": 0.1, "Dy": 0.02}


def leach(anion: str = "chloride", **changes: Any) -> Liquor:
    """A leach liquor of 1 to 2 mol/kg ionic strength."""
    return Liquor(**({"metals": LEACH, "anion": anion, "acid": 0.1} | changes))


def refused(error: type[YtterbyError], liquor: Liquor, *more: Any) -> tuple[Fault, ...]:
    with pytest.raises(error) as caught:
        neutralised(liquor, *more)
    return caught.value.faults


# --- the database holds what the tables say, and nothing that is wrong in them


def entries_of_text() -> dict[str, float]:
    """log10 K of every reaction in the text, by what it forms or dissolves."""
    found, name = {}, ""
    text = database()
    for line in text.splitlines():
        if "=" in line:
            left, right = (side.split() for side in line.split("="))
            solid = text.index(line) > text.index("PHASES")
            name = "solid " + left[0] if solid else right[0]
        elif line.startswith("log_k"):
            found[name] = float(line.split()[1])
    return found


def test_rows_flagged_as_wrong_never_enter():
    flagged = {
        row.labels["species"]: row.values["log10_k"]
        for row in table("speciation")
        if row.labels["quality_flag"] == "error_in_source"
    }
    assert flagged == closely(
        {"CeSO4+": -3.687, "PrSO4+": -3.687, "GdSO4+": -3.687, "Nd(SO4)2-": -255.7478}, 0.0
    )
    entered = entries_of_text()
    replaced = {name: constants()[name] for name in flagged}
    for name, wrong in flagged.items():
        assert entered[name] == replaced[name].log10_k != wrong
        assert [row.source for row in replaced[name].rows] == ["DERIVED"]
        assert replaced[name].rows[0].rests_on == ("LNL",)
    assert "-255" not in database() and "-3.687" not in database()


def test_what_stands_in_for_a_wrong_row_is_that_of_its_neighbours():
    known = {name: constant.log10_k for name, constant in constants().items()}
    neighbours = {known[f"{symbol}SO4+"] for symbol in ("La", "Nd", "Sm", "Eu", "Tb", "Dy")}
    assert {known[f"{symbol}SO4+"] for symbol in ("Ce", "Pr", "Gd")} == neighbours == {3.643}
    assert known["Nd(SO4)2-"] == closely((known["Pr(SO4)2-"] + known["Sm(SO4)2-"]) / 2, 1e-12)


def test_every_constant_is_a_row_of_a_table_as_read():
    for constant in constants().values():
        first = constant.rows[0]
        assert constant.log10_k == first.values["log10_k"]
        assert first.basis in ("read", "derived", "assumed")
        assert first.labels.get("quality_flag", "ok") == "ok"
        if len(constant.rows) > 1:
            assert constant.rows[1].basis == "assumed"


@pytest.mark.parametrize("form", ["{}OH+2", "{}O+", "{}Cl+2", "{}SO4+", "{}(OH)3(am)", "{}CO3+"])
def test_constants_of_the_rare_earths_run_smoothly(form):
    found = [constants().get(form.format(symbol)) for symbol in RARE_EARTHS if symbol != "Y"]
    values = [constant.log10_k for constant in found if constant]
    assert len(values) == 14
    steps = [abs(after - before) for before, after in pairwise(values)]
    assert max(steps) < 2.4  # a sign or a digit gone wrong is more


def test_reactions_balance_in_elements_and_charge():
    for constant in constants().values():
        sides = [reaction_side(text) for text in constant.reaction.split("=")]
        assert sides[0] == pytest.approx(sides[1], abs=1e-9), constant.reaction


def reaction_side(text: str) -> Mapping[str, float]:
    total: dict[str, float] = dict.fromkeys([*MASTERS, "Eu", "charge"], 0.0)
    sign, count = 1.0, 1.0
    for token in text.split():
        if token in "+-":
            sign = 1.0 if token == "+" else -1.0
        elif token.replace(".", "").lstrip("-").isdigit():
            count = float(token)
        else:
            if token == "e-":
                total["charge"] -= sign * count
            else:
                total["charge"] += sign * count * matter(token).charge
                for element, number in matter(token).atoms.items():
                    total[element] += sign * count * number
            sign, count = 1.0, 1.0
    return total


def test_every_rare_earth_has_the_coefficient_of_europium():
    found = {(pair.first, pair.second): pair for pair in interactions()}
    assert {found[f"{symbol}+3", "Cl-"].epsilon for symbol in RARE_EARTHS} == {0.23}
    assert {found[f"{symbol}+3", "Cl-"].row.basis for symbol in RARE_EARTHS} == {"assumed"}


# --- closed forms

A, ION_SIZE = 0.509, 1.5
"""Debye-Hueckel term of the specific ion interaction theory at 25 degC [kg^0.5/mol^0.5]."""


def log_gamma(charge: int, ionic_strength: float) -> float:
    """log10 activity coefficient in dilute solution, interaction neglected."""
    root = math.sqrt(ionic_strength)
    return -(charge**2) * A * root / (1.0 + ION_SIZE * root)


@pytest.mark.parametrize("ph", [3.0, 4.0, 6.0, 8.0])
def test_ferrihydrite_dissolves_as_its_constants_say_by_hand(ph):
    # Fe(OH)3 + 3 H+ = Fe+3: 3.92; Fe+3 = Fe(OH)q + q H+: -2.15, -4.8, -12.56, -21.6; FeCl+2: 1.52.
    found = neutralised(Liquor({"Fe": 1e-3}, "chloride", acid=1e-3), ph, "NaOH")
    i, chloride = found.ionic_strength, 4e-3
    free = 3.92 - 3.0 * ph
    steps = {3: 0.0, 2: -2.15 + ph, 1: -4.8 + 2 * ph, 0: -12.56 + 3 * ph, -1: -21.6 + 4 * ph}
    total = sum(10.0 ** (free + step - log_gamma(z, i)) for z, step in steps.items())
    complexed = free + 1.52 + math.log10(chloride) + log_gamma(-1, i) - log_gamma(2, i)
    assert found.dissolved["Fe"] == closely(total + 10.0**complexed, 0.015)
    assert found.saturation["Ferrihydrite(am)"] == pytest.approx(0.0, abs=1e-8)


def test_neodymium_hydroxide_dissolves_as_its_constants_say_by_hand():
    # Nd(OH)3 + 3 H+ = Nd+3: 20.4852; NdOH+2: -8.1274; NdO+: -17.0701; NdO2H: -26.3702.
    found = neutralised(Liquor({"Nd": 1e-3}, "nitrate", acid=1e-4), 9.0, "NaOH")
    i, free = found.ionic_strength, 20.4852 - 27.0
    steps = {3: 0.0, 2: -8.1274 + 9.0, 1: -17.0701 + 18.0, 0: -26.3702 + 27.0}
    total = sum(10.0 ** (free + step - log_gamma(z, i)) for z, step in steps.items())
    assert found.dissolved["Nd"] == closely(total, 0.015)


@pytest.mark.parametrize(("base", "protons"), [("NaOH", 1), ("MgO", 2), ("Ca(OH)2", 2), ("NH3", 1)])
def test_dose_for_acid_alone_is_the_acid(base, protons):
    found = neutralised(Liquor({"Nd": 1e-6}, "chloride", acid=0.01), 5.0, base)
    assert found.dose * protons == closely(0.01, 0.002)


def test_dose_beyond_the_acid_is_three_per_iron_that_fell():
    liquor = Liquor({"Fe": 0.01}, "nitrate", acid=0.01)
    found = neutralised(liquor, 6.0, "NaOH")
    assert found.precipitated["Fe"] > 0.9999
    assert found.dose == closely(0.01 + 3 * 0.01, 0.001)


def test_gypsum_in_water_is_its_solubility():
    # 15.1 mmol/kg at 25 degC, from every handbook.
    liquor = Liquor({"Ca": 0.05}, "sulfate", acid=1e-4)
    found = neutralised(liquor, 7.0, "NaOH")
    assert found.dissolved["Ca"] == closely(0.0151, 0.06)
    assert found.solids[0].formula == "CaSO4.2H2O"


# --- published pH of precipitation

# pH at which a hydroxide begins to fall from 0.01 mol/L, of a table in wide use among analysts, as printed at
# http://www.tinyblog.cn/?p=4415; fresh precipitates in dilute salt.
BEGINS = {
    "Fe": (2.3, "Ferrihydrite(am)"),
    "Al": (4.0, "Al(OH)3(am)"),
    "Co": (7.6, "Co(OH)2(s,rose2)"),
    "Ni": (7.7, "Ni(OH)2(s)"),
    "Mn": (8.8, "Pyrochroite"),
    "Mg": (10.4, "Mg(OH)2(active)"),
    "U": (3.6, "Metaschoepite"),
}


@pytest.mark.parametrize("metal", BEGINS)
def test_hydroxides_begin_to_fall_where_the_table_says(metal):
    printed, solid = BEGINS[metal]
    liquor = Liquor({metal: 0.01}, "nitrate", acid=0.05)

    def fallen(ph: float) -> float:
        return neutralised(liquor, ph, "NaOH").precipitated[metal] - 1e-5

    begins = brentq(fallen, printed - 0.8, printed + 0.8, xtol=0.01)
    assert begins == pytest.approx(printed, abs=0.65)
    found = neutralised(liquor, begins + 0.1, "NaOH")
    assert {it.name for it in found.solids} == {solid}


def test_iron_and_uranium_fall_within_the_windows_of_plants():
    # Windows of data/unit_operations: Fe 3.0 to 4.0, 99 % and more out; U 5 to 6.
    out = {ph: neutralised(leach(), ph).precipitated for ph in (3.0, 4.0, 5.0, 6.0)}
    assert out[3.0]["Fe"] > 0.5 and out[4.0]["Fe"] > 0.99
    assert 0.5 < out[5.0]["U"] < 0.95 < out[6.0]["U"]


def test_aluminium_falls_within_its_window_and_more_so_hot():
    cold, hot = (
        neutralised(leach(), 4.7, temperature=T).precipitated["Al"] for T in (298.15, 353.15)
    )
    assert cold < 0.5 < 0.95 < hot
    assert neutralised(leach(), 5.2).precipitated["Al"] > 0.8


def test_thorium_needs_more_ph_than_plants_report_without_iron_to_carry_it():
    # Plants: 2.5 to 4.5. Equilibrium with fresh hydroxide alone does not give that in strong chloride.
    out = {ph: neutralised(leach(), ph).precipitated["Th"] for ph in (4.0, 5.0)}
    assert out[4.0] < 0.05 and out[5.0] > 0.99


def test_rare_earths_stay_until_iron_and_aluminium_are_out_and_the_heavy_fall_first():
    found = neutralised(leach(), 5.5).precipitated
    assert found["Nd"] == found["La"] == found["Dy"] == 0.0
    assert found["Fe"] > 0.999 and found["Al"] > 0.95
    found = neutralised(leach(), 7.8).precipitated
    assert found["Dy"] > found["Nd"] > found["La"]


# --- laws


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("anion", ANIONS)
def test_elements_and_charge_close(anion, base):
    liquor = leach(anion, sodium=0.05, ammonium=0.02)
    found = neutralised(liquor, 4.0, base)
    assert found.closure < 1e-9
    assert found.ph == pytest.approx(4.0, abs=1e-6)
    for metal, amount in LEACH.items():
        solid = sum(matter(it.formula).atoms.get(metal, 0) * it.moles for it in found.solids)
        assert found.dissolved[metal] + solid == closely(amount, 1e-8)
        assert found.precipitated[metal] == closely(solid / amount, 1e-8)


def test_dose_given_back_leads_to_the_same_state(monkeypatch):
    direct = neutralised(leach(), 4.5)

    def fails(text: str, where: str) -> tuple[Any, ...]:
        if "Fix_pH" in text:
            raise ConvergenceError(Fault("test"))
        return real(text, where)

    real = module.computed
    monkeypatch.setattr(module, "computed", fails)
    rooted = neutralised(leach(), 4.5)
    assert rooted.dose == closely(direct.dose, 1e-6)
    assert rooted.dissolved == closely(dict(direct.dissolved), 1e-4)


def test_acid_and_ph_say_the_same_liquor():
    by_acid = neutralised(leach(), 4.0)
    by_ph = neutralised(leach(acid=None, ph=by_acid.liquor_ph), 4.0)
    assert by_ph.dose == closely(by_acid.dose, 1e-6)
    assert by_ph.dissolved == closely(dict(by_acid.dissolved), 1e-6)


def test_more_ph_takes_more_base_and_leaves_less_iron():
    found = [neutralised(leach(), ph) for ph in (2.5, 3.0, 3.5, 4.0, 4.5)]
    doses = [it.dose for it in found]
    assert doses == sorted(doses) and len(set(doses)) == len(doses)
    iron = [it.dissolved["Fe"] for it in found]
    assert iron == sorted(iron, reverse=True)


def test_nothing_is_remembered_between_calls():
    once = neutralised(leach(), 3.5, "MgO")
    neutralised(leach("sulfate", acid=0.5), 7.0, "Na2CO3")
    with pytest.raises(ConvergenceError):
        neutralised(leach(), 0.1)
    assert neutralised(leach(), 3.5, "MgO") == once
    _library.cache_clear()
    assert neutralised(leach(), 3.5, "MgO") == once


def test_order_of_metals_does_not_matter():
    turned = neutralised(leach(metals=dict(reversed(LEACH.items()))), 4.5)
    straight = neutralised(leach(), 4.5)
    assert turned.dose == closely(straight.dose, 1e-7)
    assert turned.precipitated == pytest.approx(dict(straight.precipitated), abs=1e-7)


def test_sulfate_holds_iron_and_thorium_back():
    chloride, sulfate = (neutralised(leach(anion), 3.5) for anion in ("chloride", "sulfate"))
    assert sulfate.dissolved["Fe"] > 2 * chloride.dissolved["Fe"]


def test_carbonate_leaves_as_gas_where_the_liquor_is_acid():
    found = neutralised(leach(), 4.0, "Na2CO3")
    # What stays is what water takes up under 1 atm of it at 25 degC: 34 mmol/kg, a little less in salt.
    assert found.dose - found.carbon_dioxide == pytest.approx(0.034, rel=0.1)


# --- what a result says of itself


def test_a_result_names_its_sources_and_its_weakest_basis():
    mixed = neutralised(leach(), 4.0)
    assert mixed.sources == ("CONVENTION", "LNL", "MINTEQ4", "TCHIM12")
    assert mixed.basis == "assumed"
    alone = neutralised(Liquor({"Al": 0.01}, "chloride", acid=0.01), 4.5)
    assert alone.sources == ("MINTEQ4", "TCHIM12")
    assert alone.basis == "read"


def notes(found: Neutralised) -> str:
    return "\n".join(found.notes)


def test_a_result_says_where_it_leaves_its_data():
    strong = neutralised(leach(metals={"Fe": 0.05, "Nd": 0.6}, acid=1.0), 3.0)
    assert "ionic strength" in notes(strong)
    sulfate = neutralised(leach("sulfate"), 3.5)
    assert "double sulfates" in notes(sulfate)
    assert "NH4+ with SO4-2" in notes(sulfate)
    hot = neutralised(leach(), 4.0, temperature=333.15)
    assert "enthalpy assumed as that of another solid: Ferrihydrite(am)" in notes(hot)
    ammine = neutralised(Liquor({"Cu": 0.001, "Nd": 0.1}, "chloride", acid=0.01), 6.5, "NH3")
    assert "no complexes with ammonia are computed for Cu" in notes(ammine)
    dilute = neutralised(Liquor({"Fe": 0.001}, "chloride", acid=0.01), 3.0)
    assert dilute.notes == ()


# --- refusals


def refusal(liquor: Liquor, *more: Any) -> Verdict:
    with pytest.raises(ConvergenceError) as caught:
        neutralised(liquor, *more)
    assert isinstance(caught.value.refusal, Verdict)
    assert caught.value.faults[0].next
    return caught.value.refusal


def test_ferrous_iron_is_to_be_oxidised_first():
    assert refusal(leach(ferrous=0.001), 3.5) is Verdict.FERROUS_IRON


@pytest.mark.parametrize("base", ["NaOH", "MgO", "NH3", "CaCO3"])
def test_a_target_below_the_liquor_is_refused(base):
    assert refusal(leach(), 0.2, base) is Verdict.TARGET_BELOW_LIQUOR


@pytest.mark.parametrize(("base", "target"), [("CaCO3", 7.5), ("MgO", 11.5), ("NaHCO3", 10.0)])
def test_a_base_that_does_not_reach_the_target_is_refused(base, target):
    liquor = Liquor({"Fe": 0.01}, "chloride", acid=0.1)
    assert refusal(liquor, target, base) is Verdict.BASE_TOO_WEAK


def test_everything_that_cannot_be_meant_is_said_at_once():
    liquor = Liquor({"Fe": -1.0, "Ndd": 0.1}, "chlorid", acid=0.1, ph=1.0, sodium=math.nan)
    faults = refused(CaseError, liquor, 40.0, "NaOHH", 10.0)
    where = {fault.where: fault for fault in faults}
    assert where["liquor, metals"].nearest == "Nd"
    assert where["liquor, anion"].nearest == "chloride"
    assert where["base"].nearest == "NaOH"
    assert where["liquor, metals.Fe"].read == "-1 mol/kg"
    assert where["liquor, acid and ph"].read == "both"
    assert {"liquor, sodium", "target_ph", "temperature"} <= where.keys()
    assert refused(CaseError, Liquor({"Fe": 0.1}, "chloride"), 3.0)[0].read == "neither"


def test_a_liquor_of_more_anions_than_cations_is_refused():
    liquor = Liquor({"Fe": 0.01}, "chloride", acid=0.01, other_anions={"sulfate": 0.1})
    (fault,) = refused(CaseError, liquor, 3.0)
    assert fault.where == "liquor, chloride" and fault.read.startswith("-0.16")


def test_scandium_has_no_constants_and_says_so():
    assert "Sc" not in METALS
    assert refused(CaseError, leach(metals={"Sc": 0.001}), 3.0)[0].read == "Sc"


def test_what_phreeqc_says_is_passed_on(monkeypatch):
    real = module._opening
    monkeypatch.setattr(module, "_opening", lambda *it: real(*it) + "\nNoSuchSolid 0 0")
    (fault,) = refused(ConvergenceError, leach(), 3.5)
    assert "NoSuchSolid" in fault.read and fault.read.startswith("PHREEQC: ERROR")
    monkeypatch.undo()
    assert neutralised(leach(), 3.5).closure < 1e-9  # the next call is none the worse


def test_a_result_that_does_not_close_is_no_result(monkeypatch):
    real = module.computed

    def leaks(text: str, where: str) -> tuple[Any, ...]:
        before, after = real(text, where)
        after.species["Nd+3"] *= 1.0 + 1e-6  # type: ignore[index]
        return before, after

    monkeypatch.setattr(module, "computed", leaks)
    faults = refused(BalanceError, leach(), 3.5)
    assert {fault.where for fault in faults} >= {"precipitation by pH, Nd"}


def test_without_the_library_the_extra_is_named(monkeypatch):
    real = builtins.__import__

    def without(name: str, *more: Any) -> Any:
        if name.startswith("phreeqpython"):
            raise ImportError(name)
        return real(name, *more)

    _library.cache_clear()
    monkeypatch.setattr(builtins, "__import__", without)
    (fault,) = refused(DataError, leach(), 3.5)
    assert fault.next == "pip install ytterby[plant]"


def test_what_phreeqc_writes_beside_is_taken_away_and_files_of_others_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    litter = tmp_path / "error.inp"
    with _without_litter():
        litter.write_text("a calculation that was hard")
    assert not litter.exists()
    litter.write_text("mine")
    with _without_litter():
        pass
    assert litter.read_text() == "mine"
