"""Free acid of a strip liquor that comes back to its circuit: sums by hand, and the loop's closed form."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

import tiny_plant
from circuits import closely
from ytterby.case import read_text
from ytterby.errors import CaseError
from ytterby.materials import Flow, liquor_volume, species
from ytterby.study.plant import PlantStudy, run_plant
from ytterby.unitops import AcidRecovery, SolventExtraction
from ytterby.unitops.contract import assumed

STRIP = Flow("liquor", {"Er+3": 340.0, "H+": 7700.0, "NO3-": 8720.0, "H2O": 66_600.0})
"""1.4 m3 of 5.3 mol/L acid."""
RECOVER = AcidRecovery(name="r", medium="nitrate")


def with_settings(unit: AcidRecovery, **settings: float) -> AcidRecovery:
    """Of the test's own, in the units of the settings."""
    own = {
        key: assumed(it, it, it, unit.SETTINGS[key].cited().unit, "of the test")
        for key, it in settings.items()
    }
    return replace(unit, own=own)


def test_acid_is_the_cited_share_without_salts_and_metals_stay() -> None:
    """72.2 % of 7,700 mol, at 10 mol/L; what stays is 60 % dissolved matter."""
    found = RECOVER.balance({"liquor": STRIP})
    acid, left, head = (found.outlets[port] for port in ("acid", "liquor", "condensate"))
    assert acid.moles("H+") == acid.moles("NO3-") == closely(0.722 * 7700.0, 1e-12)
    assert set(acid.amounts) == {"H+", "NO3-", "H2O"} and set(head.amounts) == {"H2O"}
    assert acid.moles("H+") / liquor_volume(acid) == closely(10_000.0, 1e-9)
    assert left.moles("Er+3") == 340.0
    assert left.moles("H+") == closely(0.278 * 7700.0, 1e-12)
    water = left.moles("H2O") * species("H2O").molar_mass
    assert water / left.mass() == closely(0.4, 1e-12)
    assert sum(it.moles("H2O") for it in (acid, left, head)) == closely(66_600.0, 1e-12)
    vapour = acid.mass() + head.mass()
    assert RECOVER.drivers(found).steam == closely(1.5 * vapour, 1e-12)
    (item,) = RECOVER.equipment(found)
    assert item.size == closely(vapour / 1000.0, 1e-12)


def test_hydrochloric_acid_is_no_stronger_than_its_azeotrope() -> None:
    liquor = Flow("liquor", {"Er+3": 340.0, "H+": 7700.0, "Cl-": 8720.0, "H2O": 66_600.0})
    acid = AcidRecovery(name="r", medium="chloride").balance({"liquor": liquor}).outlets["acid"]
    assert acid.moles("H+") / liquor_volume(acid) == closely(6000.0, 1e-9)
    share = acid.moles("H+") * species("HCl").molar_mass / acid.mass()
    assert 0.19 < share < 0.203


def test_weak_acid_passes_by_and_that_is_told() -> None:
    weak = Flow("liquor", {"Er+3": 340.0, "H+": 100.0, "NO3-": 1120.0, "H2O": 66_600.0})
    found = RECOVER.balance({"liquor": weak})
    assert found.outlets["liquor"] == weak and found.outlets["acid"].mass() == 0.0
    (note,) = found.notes
    assert "too weak to recover" in note
    assert RECOVER.drivers(found).steam == 0.0 and RECOVER.equipment(found) == ()


def test_more_water_than_there_is_is_refused() -> None:
    """Acid of 3 mol/L would take more water than the liquor of 5.3 mol/L holds."""
    with pytest.raises(CaseError, match="of water to evaporate"):
        with_settings(RECOVER, HNO3=3.0).balance({"liquor": STRIP})


def test_another_acid_is_refused() -> None:
    with pytest.raises(CaseError, match="an acid that is hydrochloric acid"):
        AcidRecovery(name="r", medium="chloride").balance({"liquor": STRIP})


# --- in the loop of a plant

UNIT = """\
[plant.units.recover]
kind = "acid recovery"
from.liquor = ["nd-sm.strip_liquor"]
[plant.units.recover.settings]
recovered = {share}
[plant.units.thicken]
kind = "conditioning"
rare_earths = "1.5 mol/L"
from.liquor = ["recover.liquor"]
"""


@cache
def looped(directory: Path, share: float) -> PlantStudy:
    """The tiny plant with that percentage of the strip liquor's free acid back in the circuit."""
    before = tiny_plant.CASE.index("[plant.units.thicken]")
    after = tiny_plant.CASE.index("[plant.units.acidify]")
    text = tiny_plant.CASE[:before] + UNIT.format(share=share) + tiny_plant.CASE[after:]
    text = text.replace(
        'from.feed = ["condition.liquor"]\n',
        'from.feed = ["condition.liquor"]\nfrom.acid = ["recover.acid"]\n',
    ).replace('"thicken.condensate"', '"thicken.condensate", "recover.condensate"')
    path = tiny_plant.write_case(directory)
    plan = read_text(text, path).plant
    assert plan is not None
    return run_plant(plan)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> PlantStudy:
    """The same plant without recovery."""
    return tiny_plant.study(tmp_path_factory.mktemp("plain"))


@pytest.mark.parametrize("share", [0.0, 72.2, 90.0])
def test_what_is_bought_is_what_is_used_less_what_comes_back(
    share: float, plain: PlantStudy, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """fresh = used - r n, n being the free acid of the strip liquor: it stays, and so does the cut."""
    study = looped(tmp_path_factory.mktemp("looped"), share)
    before, after = (it.balance.units["nd-sm"] for it in (plain, study))
    for port in ("raffinate", "strip_liquor"):
        assert after.outlets[port].amounts == pytest.approx(before.outlets[port].amounts, rel=1e-9)
    used = before.drawn["nitric acid"].moles("H+")
    free = before.outlets["strip_liquor"].moles("H+")
    bought = after.drawn["nitric acid"].moles("H+")
    assert bought == closely(used - share / 100.0 * free, 1e-9)
    assert 0.2 * used < free < used
    water = [
        it.drawn["water"].moles("H2O")
        + sum(acid.moles("H2O") for acid in (it.drawn["nitric acid"], *returned))
        for it, returned in ((before, ()), (after, [after.inlets["acid"]] if share else ()))
    ]
    assert water[1] == closely(water[0], 1e-9)


def test_the_loop_closes_in_a_few_rounds(
    plain: PlantStudy, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Beside the loop that the plant has anyway."""
    balance = looped(tmp_path_factory.mktemp("looped"), 72.2).balance
    assert plain.balance.rounds < balance.rounds <= plain.balance.rounds + 3
    assert max(map(abs, balance.closure.values())) < 1e-9
    sent = balance.units["recover"].outlets["acid"].amounts
    assert balance.units["nd-sm"].inlets["acid"].amounts == pytest.approx(sent, rel=1e-9)


def test_ammonia_and_salt_fall_with_the_acid_that_comes_back(
    plain: PlantStudy, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Acid that is not neutralised is neither bought nor sold: one mole of each less, of all that leaves."""
    study = looped(tmp_path_factory.mktemp("looped"), 72.2)
    returned = study.balance.units["recover"].outlets["acid"].moles("NO3-")

    def nitrate(it: PlantStudy) -> float:
        ends = (
            flow
            for kind in ("by-product", "effluent")
            for flow in it.balance.leaving(kind).values()
        )
        return sum(flow.moles("NO3-") for flow in ends)

    assert nitrate(plain) - nitrate(study) == closely(returned, 1e-6)


def circuit(plain: PlantStudy) -> SolventExtraction:
    unit = plain.balance.flowsheet.by_name["nd-sm"]
    assert isinstance(unit, SolventExtraction)
    return unit


def test_a_circuit_takes_no_salts_with_its_acid(plain: PlantStudy) -> None:
    feed = plain.balance.units["nd-sm"].inlets["feed"]
    salty = Flow("liquor", {"H+": 1.0, "Yb+3": 0.1, "NO3-": 1.3, "H2O": 10.0})
    with pytest.raises(CaseError, match=r"Yb\+3 in it"):
        circuit(plain).balance({"feed": feed, "acid": salty})


def test_a_circuit_takes_no_more_acid_than_it_uses(plain: PlantStudy) -> None:
    feed = plain.balance.units["nd-sm"].inlets["feed"]
    much = Flow("liquor", {"H+": 1e6, "NO3-": 1e6, "H2O": 3e6})
    with pytest.raises(CaseError, match="of recovered acid"):
        circuit(plain).balance({"feed": feed, "acid": much})


def test_a_circuit_that_parts_nothing_passes_its_acid_by(plain: PlantStudy) -> None:
    feed = Flow("liquor", {"Nd+3": 100.0, "H+": 1.0, "NO3-": 301.0, "H2O": 5000.0})
    acid = Flow("liquor", {"H+": 1.0, "NO3-": 1.0, "H2O": 10.0})
    found = circuit(plain).balance({"feed": feed, "acid": acid})
    assert found.outlets["raffinate"].moles("H+") == closely(2.0, 1e-12)
