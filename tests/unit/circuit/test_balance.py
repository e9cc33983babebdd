"""The balance check on stages that were balanced by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from circuits import P507, extraction, ideal_profiles, organic, strip
from ytterby.circuit import Circuit
from ytterby.circuit.balance import charge_closure, closure, require_closed
from ytterby.circuit.circuit import Draw, Place, Reflux, Train, Transfer
from ytterby.circuit.solved import Profiles
from ytterby.errors import BalanceError

CIRCUIT = Circuit(
    name="by hand",
    equilibrium=P507,
    elements=("Nd",),
    organic=organic(1.0, 1000.0, 0.01, closed=False),
    sections=(extraction(2, 2.0, 50.0, {"Nd": 100.0}),),
)
# 200 mol/h of Nd in. Stage 2 hands 2 x 60 down and 1 x 120 out; stage 1 hands 1 x 40 up and 2 x 40 out.
# Protons: 100 + 3 x 80 = 340 leave stage 2 (170 mol/m3); 340 + 3 x 40 - 10 = 450 leave stage 1.
PROFILES = ideal_profiles(
    aqueous=[[40.0], [60.0]],
    organic=[[40.0], [120.0]],
    acid=[225.0, 170.0],
    free_dimer=[380.0, 140.0],
    aqueous_volume=[2.0, 2.0],
    organic_volume=1.0,
)


def alone(profiles: Profiles) -> Mapping[str, Profiles]:
    """The profiles of the one circuit."""
    return {"by hand": profiles}


def changed(name: str, cell: tuple[int, ...], value: float) -> Mapping[str, Profiles]:
    array = getattr(PROFILES, name).copy()
    array[cell] = value
    return alone(replace(PROFILES, **{name: array}))


def test_a_balanced_profile_closes() -> None:
    found = alone(PROFILES)
    assert closure(CIRCUIT, found) == {"Nd": pytest.approx(0.0, abs=1e-15)}
    assert charge_closure(CIRCUIT, found) == pytest.approx(0.0, abs=1e-15)
    assert require_closed(CIRCUIT, found) == closure(CIRCUIT, found)


@pytest.mark.parametrize(
    ("name", "cell", "value", "imbalance"),
    [
        ("aqueous", (0, 0), 41.0, 2.0),  # 2 m3/h
        ("aqueous", (1, 0), 61.0, 2.0),
        ("organic", (0, 0), 41.0, 1.0),
        ("organic", (1, 0), 121.0, 1.0),
        ("aqueous_volume", (1,), 2.1, 6.0),
        ("organic_volume", (1,), 1.1, 12.0),
        ("onward", (0, 0), 41.0, 1.0),
        ("onward", (1, 0), 121.0, 1.0),
        ("fallen", (0, 0), 81.0, 1.0),
        ("fallen", (1, 0), 122.0, 2.0),
    ],
)
def test_an_imbalance_is_found_at_its_size(
    name: str, cell: tuple[int, ...], value: float, imbalance: float
) -> None:
    broken = changed(name, cell, value)
    assert closure(CIRCUIT, broken)["Nd"] == pytest.approx(imbalance / 200.0)
    with pytest.raises(BalanceError, match="circuit by hand, balance of Nd"):
        require_closed(CIRCUIT, broken)


def test_a_proton_too_many_is_found() -> None:
    broken = changed("acid", (1,), 171.0)
    assert closure(CIRCUIT, broken)["Nd"] == pytest.approx(0.0, abs=1e-15)
    assert charge_closure(CIRCUIT, broken) == pytest.approx(2.0 / 690.0)
    with pytest.raises(BalanceError, match=r"charge 2\.9e-03"):
        require_closed(CIRCUIT, broken)


def test_in_sulfate_protons_hide_in_bisulfate() -> None:
    """The acid of the feed counts with its HSO4-; that of the stages is given with it."""
    feed = replace(CIRCUIT.sections[0].inlet, sulfate=400.0)  # type: ignore[type-var]
    circuit = replace(CIRCUIT, sections=(replace(CIRCUIT.sections[0], inlet=feed),))
    hidden = 50.0 * 400.0 / (50.0 + 10.0**1.01)  # K of HSO4-: 10^-1.99 mol/L
    total = PROFILES.total_acid + hidden
    found = alone(replace(PROFILES, total_acid=total))
    assert charge_closure(circuit, found, "sulfate") == pytest.approx(0.0, abs=1e-14)
    assert charge_closure(circuit, changed("acid", (1,), 171.0), "sulfate") > 0.1
    assert charge_closure(circuit, found) == pytest.approx(0.0, abs=1e-14)


def test_a_metal_that_takes_its_anions_along_frees_no_protons() -> None:
    """The acid of the feed and nothing else: 100 less the 10 of the base."""
    acid = np.array([45.0, 50.0])
    inert = alone(replace(PROFILES, acid=acid, total_acid=acid))
    assert charge_closure(CIRCUIT, inert, "nitrate", exchanges=False) == pytest.approx(0.0)
    assert charge_closure(CIRCUIT, inert, "nitrate") > 0.1


def test_without_any_acid_the_charge_is_not_checked() -> None:
    nothing = np.full(2, np.nan)
    found = alone(replace(PROFILES, acid=nothing, total_acid=np.zeros(2)))
    assert charge_closure(CIRCUIT, found) == 0.0
    assert require_closed(CIRCUIT, found)["Nd"] == pytest.approx(0.0, abs=1e-15)


def test_the_returning_organic_counts_in_a_loop() -> None:
    looped = replace(CIRCUIT, organic=replace(CIRCUIT.organic, closed=True))
    assert closure(looped, alone(PROFILES))["Nd"] == pytest.approx(120.0 / 200.0)


def test_a_bleed_takes_its_share_out_of_the_loop() -> None:
    """A tenth of the 120 mol/h is replaced by fresh organic; the rest comes back."""
    bled = replace(CIRCUIT, organic=replace(CIRCUIT.organic, closed=True, bleed=0.1))
    assert closure(bled, alone(PROFILES))["Nd"] == pytest.approx(0.9 * 120.0 / 200.0)


@pytest.mark.parametrize(
    "name", ["aqueous", "organic", "acid", "aqueous_volume", "organic_volume", "onward", "fallen"]
)
def test_nan_does_not_close(name: str) -> None:
    cell = (1, 0) if getattr(PROFILES, name).ndim == 2 else (1,)
    with pytest.raises(BalanceError):
        require_closed(CIRCUIT, changed(name, cell, float("nan")))


# --- stages that carry over, draws, refluxes, trains


def test_a_stage_that_carries_over_and_passes_by() -> None:
    """Half of 40 mol/h passes the contact; of 200 there, 100 per phase, a tenth and a fifth go astray.

    Line: 20 + 100 - 20 + 10 = 110; aqueous: 100 - 10 + 20 = 110. Both feeds: 220 = 110 + 110.
    """
    astray = {"efficiency": 0.5, "aqueous_carried": 0.1, "organic_carried": 0.2}
    section = replace(extraction(1, 2.0, 50.0, {"Nd": 90.0}), **astray)  # type: ignore[arg-type]
    circuit = replace(CIRCUIT, sections=(section,), organic=replace(CIRCUIT.organic, closed=True))
    metal = np.array([[100.0]])
    found = replace(
        ideal_profiles(metal / 2.0, metal, [50.0], [200.0], [2.0], 1.0),
        onward=np.array([[110.0]]),
        fallen=np.array([[110.0]]),
    )
    # 180 mol/h fed and 110 returning against 220: the closed loop is off by 70, the rest holds.
    assert closure(circuit, alone(found))["Nd"] == pytest.approx(70.0 / 180.0)
    bleed = replace(circuit, organic=replace(circuit.organic, bleed=1.0 - 40.0 / 110.0))
    assert closure(bleed, alone(found))["Nd"] == pytest.approx(0.0, abs=1e-15)
    for name in ("efficiency", "aqueous_carried", "organic_carried"):
        other = replace(bleed, sections=(replace(section, **{name: astray[name] + 0.01}),))  # type: ignore[arg-type]
        assert closure(other, alone(found))["Nd"] > 1e-3


def test_a_draw_leaves_and_a_reflux_comes_back() -> None:
    """Stage 2 gives 0.5 of its 2 m3/h away, a quarter of its 120 mol/h; stage 1 gives a tenth back to it."""
    place = Place("extraction", 2)
    drawn = replace(CIRCUIT, draws=(Draw("side", place, "aqueous", 0.5),))
    found = replace(
        PROFILES,
        organic=np.array([[10.0], [90.0]]),
        onward=np.array([[10.0], [90.0]]),
    )
    assert closure(drawn, alone(found))["Nd"] == pytest.approx(0.0, abs=1e-15)
    assert closure(CIRCUIT, alone(found))["Nd"] == pytest.approx(30.0 / 200.0)
    refluxed = replace(CIRCUIT, refluxes=(Reflux("raffinate", place, 0.2),))
    # 8 of the 80 mol/h come back to stage 2, which gives them to the organic.
    found = replace(
        PROFILES,
        organic=np.array([[40.0], [128.0]]),
        onward=np.array([[40.0], [128.0]]),
    )
    assert closure(refluxed, alone(found))["Nd"] == pytest.approx(0.0, abs=1e-15)
    assert closure(CIRCUIT, alone(found))["Nd"] == pytest.approx(8.0 / 200.0)


def test_what_a_train_hands_on_arrives_in_full() -> None:
    """The loaded organic of one circuit is stripped in the next; 120 mol/h go over."""
    second = Circuit(
        name="second",
        equilibrium=P507,
        elements=("Nd",),
        organic=organic(0.0, 1000.0, 0.0, closed=False),
        sections=(strip(1, 1.0, 3000.0),),
    )
    there = ideal_profiles([[110.0]], [[10.0]], [2670.0], [480.0], [1.0], 1.0)
    transfer = Transfer("by hand", "loaded organic", "second", Place("strip", 1))
    train = Train("two", (CIRCUIT, second), (transfer,))
    both = {"by hand": PROFILES, "second": there}
    assert closure(train, both)["Nd"] == pytest.approx(0.0, abs=1e-15)
    assert charge_closure(train, both) == pytest.approx(0.0, abs=1e-15)
    half = replace(train, transfers=(replace(transfer, share=0.5),))
    assert closure(half, both)["Nd"] == pytest.approx(60.0 / 200.0)
    with pytest.raises(BalanceError, match="circuit two, balance of Nd"):
        require_closed(half, both)
