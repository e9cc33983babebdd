"""The example circuit, figure by figure: what it says today must be what it says tomorrow.

The values are ytterby's own, not measurements; they hold the model, the constants and the weights in
place. A change that moves one has to explain itself: put the new value here, say in ``reason`` what the
figure now rests on, and give the cause in a fragment of ``changelog.d``. Tolerances are relative, a
million times the closure of the balances and far below what any change of the model would move.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

import ytterby as yt
from ytterby.circuit.solved import SolvedCircuit
from ytterby.elements import RARE_EARTHS

EXAMPLE = Path(__file__).parents[2] / "examples" / "tb-dy.toml"
RAFFINATE, STRIP_LIQUOR = "raffinate", "strip liquor"
TOLERANCE = 1e-6


class Figure(NamedTuple):
    """One number of the result."""

    name: str
    value: float
    unit: str
    reason: str
    of: Callable[[SolvedCircuit], float]
    tolerance: float = TOLERANCE
    """Relative."""


def purity(symbol: str, stream: str) -> Callable[[SolvedCircuit], float]:
    return lambda solved: 100 * solved.streams[stream].purity_reo(symbol)


def recovery(symbol: str, stream: str) -> Callable[[SolvedCircuit], float]:
    return lambda solved: 100 * solved.recovery(symbol, stream)


def base_mass(solved: SolvedCircuit) -> float:
    """NaOH at 39.997 g/mol."""
    return solved.consumption.base * 39.997 / 1000


FIGURES = (
    Figure(
        "Tb purity, raffinate",
        99.021318,
        "% REO",
        "The product of the cut; Gd of the feed limits it, not the number of stages",
        purity("Tb", RAFFINATE),
    ),
    Figure(
        "Gd purity, raffinate",
        0.76180380,
        "% REO",
        "The feed's Gd, practically all of it: 0.09 g/L beside 11.70 g/L of Tb",
        purity("Gd", RAFFINATE),
    ),
    Figure(
        "Dy purity, raffinate",
        0.080550864,
        "% REO",
        "What the 26 extraction stages let through: the separation factor Dy/Tb at work",
        purity("Dy", RAFFINATE),
    ),
    Figure(
        "Tb recovery, raffinate",
        99.986696,
        "% of fed",
        "Most valuable element of the case; scrub acid decides it",
        recovery("Tb", RAFFINATE),
    ),
    Figure(
        "Tb lost, strip liquor",
        0.013304206,
        "% of fed",
        "What the 24 scrub stages leave on the organic; seven digits of a small number",
        recovery("Tb", STRIP_LIQUOR),
    ),
    Figure(
        "Dy purity, strip liquor",
        99.869546,
        "% REO",
        "The other product; Ho of the feed limits it",
        purity("Dy", STRIP_LIQUOR),
    ),
    Figure(
        "Ho purity, strip liquor",
        0.11541284,
        "% REO",
        "The feed's Ho: 0.094 g/L beside 81.35 g/L of Dy",
        purity("Ho", STRIP_LIQUOR),
    ),
    Figure(
        "Dy recovery, strip liquor",
        99.988302,
        "% of fed",
        "How complete extraction and strip are together",
        recovery("Dy", STRIP_LIQUOR),
    ),
    Figure(
        "Lu recovery, strip liquor",
        98.457884,
        "% of fed",
        "Strips worst: shows the constants of the heaviest elements in strong acid",
        recovery("Lu", STRIP_LIQUOR),
    ),
    Figure(
        "Lu in the loop",
        52.255521,
        "times fed",
        "Lu on the stripped organic over Lu fed: the closed loop of a trace that strips badly",
        lambda it: it.streams["stripped organic"].moles("Lu") / it.streams["feed"].moles("Lu"),
    ),
    Figure(
        "NaOH",
        82.073844,
        "kg/h",
        "36 % of 1.5 mol/L in 3.8 m3/h; stoichiometry, no chemistry in it",
        base_mass,
    ),
    Figure(
        "HCl, scrub",
        1204.0,
        "mol/h",
        "0.301 m3/h of 4 mol/L",
        lambda solved: solved.consumption.scrub_acid,
    ),
    Figure(
        "HCl, strip",
        2300.0,
        "mol/h",
        "0.46 m3/h of 5 mol/L",
        lambda solved: solved.consumption.strip_acid,
    ),
    Figure(
        "acid of stage 1",
        0.24193597,
        "mol/L",
        "Where the base is released: charge balance and loading meet here",
        lambda solved: float(solved.profiles.acid[0]) / 1000,
    ),
    Figure(
        "acid of stage 12",
        1.2041052,
        "mol/L",
        "Highest of the extraction section, where the organic is loaded least",
        lambda solved: float(solved.profiles.acid[:26].max()) / 1000,
    ),
    Figure(
        "acid of strip liquor",
        2.5676173,
        "mol/L",
        "Strip acid left after three protons per metal",
        lambda solved: float(solved.profiles.acid[50]) / 1000,
    ),
    Figure(
        "highest loading",
        75.965287,
        "% of extractant",
        "How full the organic gets, at the feed stage: the largest step beyond the constants' range",
        lambda solved: 100 * (1 - float(solved.profiles.free_dimer.min()) / 750),
    ),
    Figure(
        "metal of the scrub section",
        1.1583599,
        "mol/L",
        "Highest aqueous metal: three times what the constants hold for",
        lambda solved: float(solved.profiles.aqueous.sum(axis=1).max()) / 1000,
    ),
    Figure(
        "TREO, raffinate",
        10.089212,
        "kg/h",
        "Product flow; weights of the oxides as traded come in here",
        lambda solved: solved.streams[RAFFINATE].treo(),
    ),
    Figure(
        "TREO, strip liquor",
        69.555511,
        "kg/h",
        "Product flow; weights of the oxides as traded come in here",
        lambda solved: solved.streams[STRIP_LIQUOR].treo(),
    ),
    Figure(
        "Dy on the loaded organic",
        1.8356529,
        "times fed",
        "Reflux: what the scrub sends back comes round again",
        lambda it: it.streams["loaded organic"].moles("Dy") / it.streams["feed"].moles("Dy"),
    ),
)


@pytest.fixture(scope="module")
def solved() -> SolvedCircuit:
    (circuit,) = yt.run(yt.read(EXAMPLE)).circuits.values()
    return circuit


@pytest.mark.parametrize("figure", FIGURES, ids=[figure.name for figure in FIGURES])
def test_figure(figure: Figure, solved: SolvedCircuit) -> None:
    found = figure.of(solved)
    assert found == pytest.approx(figure.value, rel=figure.tolerance, abs=0.0), (
        f"{figure.name}: {found:.8g} {figure.unit}, was {figure.value:.8g}. {figure.reason}."
    )


def test_what_it_rests_on(solved: SolvedCircuit) -> None:
    """Nd is anchored by T21 and LI87; every other element follows by factors of LI80, which were recalled."""
    assert solved.sources == ("LD19", "LI80", "LI87", "T21", "PERIODICTABLE")
    assert solved.weakest_basis == "recalled"
    assert solved.circuit.equilibrium == "P507-HCl-v0"


def test_what_it_extrapolates(solved: SolvedCircuit) -> None:
    """The example leaves the range of its constants and says so."""
    assert [(item.section, item.quantity) for item in solved.out_of_range] == [
        ("extraction", "free_dimer"),
        ("extraction", "aqueous_metal"),
        ("scrub", "free_dimer"),
        ("scrub", "aqueous_metal"),
        ("strip", "aqueous_metal"),
        ("strip", "acid"),
    ]


def test_how_it_was_solved(solved: SolvedCircuit) -> None:
    """From a cold start by plain Newton, every balance of 15 elements on 60 stages closed."""
    assert solved.circuit.elements == RARE_EARTHS
    assert solved.circuit.stages == 60
    assert solved.steps < 30
    assert max(solved.closure.values()) <= 1e-10
