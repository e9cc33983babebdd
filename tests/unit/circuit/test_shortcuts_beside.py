"""Hand calculations beside a solved circuit: exact where their assumptions hold, bounds where not."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import pytest

from circuits import organic, samarium_gadolinium, terbium_dysprosium
from shapes import padded_to
from ytterby.circuit import Circuit, Inlet, Section
from ytterby.circuit.circuit import Draw, Place
from ytterby.circuit.shortcuts import Beside, shortcuts_beside
from ytterby.circuit.solve import solve_circuit
from ytterby.errors import CaseError


@pytest.fixture(autouse=True)
def one_shape(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    padded_to(monkeypatch, stages=64, elements=15, takes=(1,))
    yield


def yttrium() -> Circuit:
    """Naphthenic acid, constant factors and full exchange: the setting of the hand calculations."""
    feed = {"Y": 600.0, "La": 250.0, "Nd": 150.0}
    return Circuit(
        name="yttrium",
        equilibrium="Naphthenic-HCl-Z16",
        elements=("Y", "La", "Nd"),
        organic=organic(10.0, 1000.0, 0.9, closed=False),
        sections=(
            Section("extraction", 24, Inlet("feed", 1.0, 0.0, feed)),
            Section("scrub", 24, Inlet("acid", 1.0, 7800.0, {})),
        ),
        cut=("Y", "La"),
    )


def rows_of(circuit: Circuit) -> dict[str, Beside]:
    rows = shortcuts_beside(solve_circuit(circuit))
    return {f"{row.method}, {row.quantity}": row for row in rows}


def test_in_the_setting_of_the_theory_both_columns_agree() -> None:
    rows = rows_of(yttrium())
    for product in ("raffinate", "extract"):
        row = rows[f"full exchange, wrong-side share of the {product}"]
        assert row.by_hand == pytest.approx(row.rigorous, rel=1e-6)
    assert rows["Underwood, S, metal on the organic of the feed stage"].rigorous == pytest.approx(
        3000.0
    )


@pytest.mark.parametrize("circuit", [yttrium(), terbium_dysprosium(), samarium_gadolinium()])
def test_least_stages_and_least_flow_are_below_what_was_solved(circuit: Circuit) -> None:
    rows = rows_of(circuit)
    for bound in (
        "Fenske, stages, extraction and scrub",
        "Underwood, S, metal on the organic of the feed stage",
    ):
        assert 0 < rows[bound].by_hand < rows[bound].rigorous


def test_a_real_circuit_is_met_within_a_third() -> None:
    """60 stages of mass action with acid and loading that vary: mean factors say nearly as much."""
    rows = rows_of(terbium_dysprosium())
    row = rows["full exchange, wrong-side share of the raffinate"]
    assert row.by_hand == pytest.approx(row.rigorous, rel=0.35)
    kept = rows["Kremser, Tb to the raffinate"]
    assert kept.by_hand == pytest.approx(kept.rigorous, abs=1e-3)
    assert rows["Xu, extraction stages"].rigorous == 26
    assert rows["Xu, scrub stages"].by_hand > 20


def test_where_a_method_has_no_answer_it_says_so() -> None:
    row = rows_of(samarium_gadolinium())["Xu, scrub stages"]
    assert math.isnan(row.by_hand)
    assert row.assumption.startswith("no answer: ratios ")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cut": None}, "the pair to be split"),
        ({"cut": ("Gd", "Sm")}, "the lighter of the cut extracted less"),
        ({"draws": (Draw("middle", Place("extraction", 3), "aqueous", 0.1),)}, "two products"),
    ],
)
def test_circuits_that_no_hand_calculation_is_meant_for(
    change: dict[str, object], message: str
) -> None:
    circuit = replace(samarium_gadolinium(), **change)  # type: ignore[arg-type]
    with pytest.raises(CaseError, match=message):
        shortcuts_beside(solve_circuit(circuit))


def test_a_circuit_without_scrub_has_none() -> None:
    circuit = samarium_gadolinium()
    sections = (circuit.sections[0], circuit.sections[2])
    with pytest.raises(CaseError, match="extraction and scrub"):
        shortcuts_beside(solve_circuit(replace(circuit, sections=sections)))
