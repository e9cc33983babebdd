"""Circuits that can be solved without the solver: constant D by Kremser and by a linear system, one stage by
bisection in fifty digits.

D is constant in the limit of traces: metals at 1e-12 mol/m3 beside 1000 mol/m3 of acid and 500 of dimer move
ln D by less than 1e-12, below the 2e-11 to which the solver closes a balance.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, localcontext

import numpy as np
import pytest

from circuits import (
    P507,
    closely,
    extraction,
    organic,
    samarium_gadolinium,
    scrub,
    solve_with,
    strip,
    with_feed,
)
from ytterby.circuit import Circuit
from ytterby.circuit.solve import solve_circuit
from ytterby.circuit.solved import Array

TRACE = 1e-12
"""Feed concentration [mol/m3] at which metals leave acid and dimer alone."""
CLOSED_FORM = 1e-10
"""Relative agreement with the closed forms."""


def constant_d_for(factor: float, oa_ratio: float, dimer: float, acid: float) -> float:
    """log10 K that gives an extraction factor D x O/A at a free dimer and acid [mol/m3]."""
    return float(np.log10(factor / oa_ratio) - 3 * np.log10(dimer / acid))


def test_traces_follow_kremser() -> None:
    """x_j / x_feed = (E^j - 1) / (E^(N+1) - 1), stage 1 at the raffinate; j / (N + 1) for E = 1."""
    stages, factors = 10, {"La": 0.5, "Ce": 1.0, "Pr": 1.4, "Nd": 20.0}
    circuit = Circuit(
        name="kremser",
        equilibrium=P507,
        elements=tuple(factors),
        organic=organic(1.5, 1000.0, 0.0, closed=False),
        sections=(extraction(stages, 2.0, 1000.0, dict.fromkeys(factors, TRACE)),),
    )
    log10_k = {
        name: constant_d_for(factor, 1.5 / 2.0, 500.0, 1000.0) for name, factor in factors.items()
    }
    found = solve_with(circuit, log10_k)
    number = np.arange(1.0, stages + 1)
    for index, factor in enumerate(factors.values()):
        expected: Array = number / (stages + 1.0)
        if factor != 1.0:
            expected = (factor**number - 1) / (factor ** (stages + 1) - 1)
        assert found.aqueous[:, index] / TRACE == closely(expected, rel=CLOSED_FORM)
        ratio = factor * 2.0 / 1.5
        assert found.organic[:, index] == closely(ratio * found.aqueous[:, index], rel=CLOSED_FORM)
    assert found.acid == closely(np.full(stages, 1000.0), rel=1e-11)
    assert found.free_dimer == closely(np.full(stages, 500.0), rel=1e-11)


def linear_profile(circuit: Circuit, log10_k: float, acid: Array) -> Array:
    """Aqueous profile of a trace fed at ``TRACE``: one linear system over all stages."""
    extract, washed, _ = (section.stages for section in circuit.sections)
    feed, scrub_acid, strip_acid = (section.inlet.flow for section in circuit.sections)
    stages, flow = circuit.stages, circuit.organic.flow
    aqueous = np.array(
        [feed + scrub_acid] * extract
        + [scrub_acid] * washed
        + [strip_acid] * (stages - extract - washed)
    )
    ratio = 10**log10_k * (circuit.organic.extractant / 2 / acid) ** 3
    matrix = np.diag(aqueous + flow * ratio)
    for stage in range(stages):
        if stage > 0 or circuit.organic.closed:
            matrix[stage, stage - 1] -= flow * ratio[stage - 1]
        if stage + 1 not in (extract + washed, stages):
            matrix[stage, stage + 1] -= aqueous[stage + 1]
    fed = np.zeros(stages)
    fed[extract - 1] = feed * TRACE
    return np.asarray(np.linalg.solve(matrix, fed), dtype=np.float64)


def traces(log10_k: Mapping[str, float], closed: bool) -> Circuit:
    """Traces of these elements in extraction, scrub and strip."""
    return Circuit(
        name="traces",
        equilibrium=P507,
        elements=tuple(log10_k),
        organic=organic(1.5, 1000.0, 0.05, closed),
        sections=(
            extraction(6, 1.0, 300.0, dict.fromkeys(log10_k, TRACE)),
            scrub(5, 0.25, 800.0),
            strip(5, 0.4, 3000.0),
        ),
    )


def acid_of_traces() -> Array:
    """[H+] by the liquors alone: feed and scrub acid mix, and the base takes its share in stage 1."""
    mixed = (1.0 * 300.0 + 0.25 * 800.0) / 1.25
    first = mixed - 0.05 * 1000.0 * 1.5 / 1.25
    return np.array([first, *[mixed] * 5, *[800.0] * 5, *[3000.0] * 5])


@pytest.mark.parametrize("closed", [True, False])
def test_traces_follow_a_linear_system(closed: bool) -> None:
    """From one that the scrub mostly returns to one that leaves hardly anything in the raffinate."""
    log10_k = {"Nd": -0.3, "Sm": 0.0, "Eu": 0.5, "Gd": 1.0}
    circuit = traces(log10_k, closed)
    found = solve_with(circuit, log10_k)
    assert found.acid == closely(acid_of_traces(), rel=1e-11)
    for index, value in enumerate(log10_k.values()):
        expected = linear_profile(circuit, value, acid_of_traces())
        assert found.aqueous[:, index] == closely(expected, rel=CLOSED_FORM)


@pytest.mark.parametrize("closed", [True, False])
def test_traces_fall_off_without_a_floor(closed: bool) -> None:
    """Twenty-five decades from the feed to the end of the strip: the cells that logarithms show."""
    log10_k = dict.fromkeys(("Nd", "Sm", "Eu", "Gd"), -2.0)
    circuit = traces(log10_k, closed)
    found = solve_with(circuit, log10_k)
    expected = linear_profile(circuit, -2.0, acid_of_traces())
    assert expected.max() > 1e25 * expected.min() > 0
    assert found.aqueous[:, 0] == closely(expected, rel=1e-6)


# --- one stage


def bisected(excess: Callable[[Decimal], Decimal], low: Decimal, high: Decimal) -> Decimal:
    """Where ``excess`` falls through zero."""
    for _ in range(220):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    return (low + high) / 2


@pytest.mark.parametrize(
    ("log10_k", "metal", "acid", "extractant", "saponification"),
    [
        (-2.15, 100.0, 10.0, 1000.0, 0.0),
        (-2.15, 300.0, 10.0, 1000.0, 0.4),
        (0.64, 1e-6, 100.0, 1000.0, 0.0),
        (0.64, 500.0, 1000.0, 1500.0, 0.3),
        (8.0, 500.0, 10.0, 1000.0, 0.3),  # organic full but for 1e-3
        (-8.0, 500.0, 10.0, 1000.0, 0.3),  # acid used up but for 1e-3
        (20.0, 20.0, 10.0, 1500.0, 0.0),  # aqueous emptied to 1e-20
        (-20.0, 20.0, 100.0, 1500.0, 0.05),  # nothing extracted
    ],
)
def test_one_stage_agrees_with_bisection_in_fifty_digits(
    log10_k: float, metal: float, acid: float, extractant: float, saponification: float
) -> None:
    """One metal, equal volumes: K x d^3 = y h^3 with x = metal - y, d = E/2 - 3 y, h = acid + 3 y - base."""
    circuit = Circuit(
        name="shake-out",
        equilibrium=P507,
        elements=("Nd",),
        organic=organic(1.0, extractant, saponification, closed=False),
        sections=(extraction(1, 1.0, acid, {"Nd": metal}),),
    )
    with localcontext() as context:
        context.prec = 50
        total, fed = Decimal(extractant) / 2, Decimal(metal)
        free = Decimal(acid) - Decimal(saponification) * Decimal(extractant)
        constant = Decimal(10) ** Decimal(log10_k)

        def excess(loaded: Decimal) -> Decimal:
            """Falls with the metal loaded."""
            dimer, protons = total - 3 * loaded, free + 3 * loaded
            return constant * (fed - loaded) * dimer**3 - loaded * protons**3

        loaded = bisected(excess, max(Decimal(0), -free / 3), min(fed, total / 3))
        expected = fed - loaded, loaded, total - 3 * loaded, free + 3 * loaded
    found = solve_with(circuit, {"Nd": log10_k})
    cells = found.aqueous[0, 0], found.organic[0, 0], found.free_dimer[0], found.acid[0]
    for cell, value in zip(cells, expected, strict=True):
        assert cell == closely(float(value), rel=1e-9)


def test_a_full_organic_holds_one_metal_per_six_extractants() -> None:
    """Constants raised a millionfold and feed in excess: full, and the rest stays in the raffinate."""
    circuit = samarium_gadolinium(closed=False)
    crowded = with_feed(circuit, dict.fromkeys(circuit.elements, 100.0))
    found = solve_with(crowded, dict.fromkeys(circuit.elements, 6.0))
    loading = found.organic.sum(axis=1) / (circuit.organic.extractant / 6)
    assert np.all(loading < 1) and loading[5] == pytest.approx(1.0, abs=0.01)


def test_a_full_organic_in_a_weakly_acid_feed_is_solved() -> None:
    """Feed of pH 3.5 in excess: both phases hold metal but for a thousandth, in a plain steady state."""
    circuit = Circuit(
        name="pH 3.5",
        equilibrium=P507,
        elements=("Gd", "Tb", "Dy", "Ho"),
        organic=organic(0.5, 1000.0, 0.0, closed=False),
        sections=(extraction(10, 1.0, 0.3, {"Dy": 300.0}),),
    )
    found = solve_circuit(circuit).profiles
    assert found.organic[-1, 2] == pytest.approx(1000.0 / 6, rel=0.01)
