"""Origins of what passes a plant: mixed in every unit, through loops, nothing lost, by hand."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import cast

import pytest

import tiny_plant
from circuits import closely
from ytterby.errors import BalanceError
from ytterby.flowsheet import OUTSIDE, PlacedFlow, PlantBalance
from ytterby.materials import Flow
from ytterby.study.plant import PlantStudy
from ytterby.study.tracing import (
    CARBON,
    FED_CARBONATES,
    MINERAL,
    OXALIC,
    SOLVENT,
    TracedStream,
    carbon_kind,
    traced_carbon,
    traced_element,
)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> PlantStudy:
    return tiny_plant.study(tmp_path_factory.mktemp("plant"))


def balance(*streams: PlacedFlow) -> PlantBalance:
    """Streams alone: tracing looks at nothing else."""
    return cast(PlantBalance, SimpleNamespace(streams=streams))


def placed(name: str, source: str, target: str, **amounts: float) -> PlacedFlow:
    kind = "emission" if target == OUTSIDE else None
    return PlacedFlow(name, source, target, Flow("gas", amounts), kind, name if kind else "")


def by_name(traced: tuple[TracedStream, ...]) -> dict[str, dict[str, float]]:
    return {it.stream.name: dict(it.by_origin) for it in traced}


@pytest.mark.parametrize(
    ("species", "kind"),
    [
        ("CO2", MINERAL), ("HCO3-", MINERAL), ("Nd2(CO3)3", MINERAL), ("NH4HCO3", MINERAL),
        ("C2O4-2", OXALIC), ("H2C2O4.2H2O", OXALIC), ("Nd2(C2O4)3.10H2O", OXALIC),
        ("C16H35O3P", SOLVENT), ("C12H26", SOLVENT), ("C", CARBON), ("CO", CARBON), ("CF4", CARBON),
        ("Nd+3", ""), ("Co+2", ""), ("Cl-", ""), ("CaO", ""),
    ],
)  # fmt: skip
def test_kinds_of_carbon(species: str, kind: str) -> None:
    assert carbon_kind(species) == kind


def test_a_loop_by_hand() -> None:
    """3 of carbonate and 1 of oxalic acid meet in a kiln; half of its 8 of gas comes round again.

    With x the share of carbonate in the gas: 8 x = 3 + 4 x, so x = 3/4 at whatever is returned.
    """
    traced = traced_carbon(
        balance(
            placed("cake", OUTSIDE, "kiln.cake", **{"Nd2(CO3)3": 1.0}),
            placed("oxalic acid", OUTSIDE, "kiln", **{"H2C2O4.2H2O": 0.5}),
            placed("gas", "kiln.gas", OUTSIDE, CO2=4.0),
            placed("back", "kiln.gas", "store.gas", CO2=4.0),
            placed("again", "store.gas", "kiln.gas", CO2=4.0),
        )
    )
    found = by_name(traced)
    for name in ("gas", "back", "again"):
        assert found[name] == {
            FED_CARBONATES: closely(3.0, 1e-12),
            OXALIC: closely(1.0, 1e-12),
        }
    assert found["oxalic acid"] == {OXALIC: closely(1.0, 1e-12)}


def test_oxalate_beside_bicarbonate_stays_oxalate() -> None:
    """Acid frees the carbon dioxide of bicarbonate and leaves oxalate alone."""
    traced = traced_carbon(
        balance(
            placed("carbon dioxide", OUTSIDE, "neutralise", CO2=2.0),
            placed("liquor", OUTSIDE, "neutralise.liquor", **{"C2O4-2": 3.0}),
            placed("gas", "neutralise.gas", OUTSIDE, CO2=2.0),
            placed("purge", "neutralise.liquor", OUTSIDE, **{"C2O4-2": 3.0}),
        )
    )
    found = by_name(traced)
    assert found["gas"] == {"carbon dioxide bought": closely(2.0, 1e-12)}
    assert found["purge"] == {OXALIC: closely(6.0, 1e-12)}


def test_carbon_out_of_nothing_is_refused() -> None:
    streams = balance(
        placed("cake", OUTSIDE, "kiln.cake", CO2=1.0),
        placed("odd", "kiln.gas", OUTSIDE, C=1.0),
    )
    with pytest.raises(BalanceError, match="more carbon fed leaves than enters"):
        traced_carbon(streams)


def test_every_stream_is_traced_whole(study: PlantStudy) -> None:
    """Origins of each stream add up to its carbon, and over the plant what came leaves."""
    traced = traced_carbon(study.balance)
    assert len(traced) == len(study.balance.streams)
    passing = math.fsum(it.of("C") for it in study.plan.flowsheet.feeds.values())
    for it in traced:
        assert it.amount == pytest.approx(it.stream.flow.of("C"), rel=1e-9, abs=1e-9 * passing)
        assert all(part >= -1e-9 * passing for part in it.by_origin.values())
    for origin in (FED_CARBONATES, OXALIC, SOLVENT):
        came = math.fsum(
            it.by_origin.get(origin, 0.0) for it in traced if it.stream.source == OUTSIDE
        )
        went = math.fsum(
            it.by_origin.get(origin, 0.0) for it in traced if it.stream.target == OUTSIDE
        )
        assert came > 0.0 and went == pytest.approx(came, rel=1e-8)


def test_the_dissolution_gives_off_fed_carbonate_and_the_kiln_oxalate(study: PlantStudy) -> None:
    found = by_name(traced_carbon(study.balance))
    assert set(found["gas from dissolve.carbon_dioxide"]) == {FED_CARBONATES}
    assert set(found["gas from calcine.gas"]) == {OXALIC}


def test_an_element_of_one_feed_comes_from_it(study: PlantStudy) -> None:
    for it in traced_element(study.balance, "Nd"):
        if it.amount:
            assert it.by_origin == {"concentrate": closely(it.stream.flow.of("Nd"), 1e-9)}
