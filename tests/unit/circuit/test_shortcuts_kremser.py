"""Kremser's closed forms against the balances they sum up, solved as a linear system in exact fractions."""

from __future__ import annotations

from fractions import Fraction

import pytest

from circuits import closely
from ytterby.circuit.shortcuts import (
    TraceSection,
    fraction_extracted,
    kremser,
    kremser_cascade,
    kremser_stages,
)
from ytterby.errors import CaseError

FACTORS = (1e-3, 0.2, 0.9, 1 - 1e-9, 1 - 1e-15, 1.0, 1 + 1e-15, 1 + 1e-9, 1.1, 7.0, 1e3)


def linear(
    inlets: tuple[float, float, float], factors: list[float], feed_stage: int
) -> tuple[float, float]:
    """Raffinate and extract by the balances of all stages as one linear system, in exact fractions.

    l_j (1 + E_j) = E_(j-1) l_(j-1) + l_(j+1) + what enters; eliminated from stage 1 on.
    """
    feed, entering, scrubbing = map(Fraction, inlets)
    ratios = [Fraction(factor) for factor in factors]
    sources = [Fraction(0)] * len(ratios)
    for stage, inlet in ((feed_stage, feed), (0, entering), (-1, scrubbing)):
        sources[stage] += inlet
    diagonal = [1 + ratio for ratio in ratios]
    for stage in range(1, len(ratios)):
        passed = ratios[stage - 1] / diagonal[stage - 1]
        diagonal[stage] -= passed
        sources[stage] += passed * sources[stage - 1]
    aqueous = [Fraction(0)] * len(ratios) + [Fraction(0)]
    for stage in reversed(range(len(ratios))):
        aqueous[stage] = (sources[stage] + aqueous[stage + 1]) / diagonal[stage]
    return float(aqueous[0]), float(ratios[-1] * aqueous[len(ratios) - 1])


@pytest.mark.parametrize("extraction_factor", FACTORS)
@pytest.mark.parametrize("stages", [1, 2, 7, 40])
def test_one_section_is_the_linear_system(extraction_factor: float, stages: int) -> None:
    found = kremser(2.0, 0.3, extraction_factor, stages)
    inside = linear((2.0, 0.3, 0.0), [extraction_factor] * stages, stages - 1)
    assert found.raffinate + found.extract == closely(2.3, rel=1e-14)
    assert found.raffinate == closely(inside[0], rel=1e-12)
    assert found.extract == closely(inside[1], rel=1e-12)


@pytest.mark.parametrize("washed", [0.1, 1.0, 3.0])
@pytest.mark.parametrize("extraction_factor", FACTORS)
def test_two_sections_are_the_linear_system(extraction_factor: float, washed: float) -> None:
    first, second = TraceSection(extraction_factor, 5), TraceSection(washed, 8)
    found = kremser_cascade(1.0, first, second, organic_in=0.1, scrub_in=0.2)
    factors = [extraction_factor] * 5 + [washed] * 8
    inside = linear((1.0, 0.1, 0.2), factors, 4)
    assert (found.raffinate, found.extract) == closely(inside, rel=1e-12)


@pytest.mark.parametrize("distance", [2.0**-20, 2.0**-40, 2.0**-52, -(2.0**-53), -(2.0**-30)])
def test_no_digit_is_lost_near_one(distance: float) -> None:
    """The sum in exact fractions; (E^n - 1)/(E - 1) in floats would keep none at 2^-52."""
    factor = 1.0 + distance
    powers = [Fraction(factor) ** power for power in range(31)]
    left = float(1 / sum(powers))
    assert 1 - fraction_extracted(factor, 30) == pytest.approx(left, rel=1e-13)
    assert kremser(1.0, 0.0, factor, 30).raffinate == closely(left, rel=4e-16)


def test_hundreds_of_stages_do_not_overflow() -> None:
    found = kremser(1.0, 0.0, 50.0, 400.0)
    assert found.extract == 1.0
    assert found.raffinate == 0.0 or found.raffinate < 1e-300
    assert kremser(1.0, 0.0, 0.02, 400.0).raffinate == closely(0.98, rel=1e-15)


@pytest.mark.parametrize("entering", [0.0, 0.05, 3.0])
@pytest.mark.parametrize("extraction_factor", [0.4, 1 - 1e-12, 1.0, 1 + 1e-12, 2.5])
def test_stages_are_the_inverse(extraction_factor: float, entering: float) -> None:
    """Also where the organic brings so much that the aqueous leaves richer than it came."""
    for stages in (0.5, 1.0, 6.3, 18.0):
        left = kremser(1.0, entering, extraction_factor, stages).raffinate
        counted = kremser_stages(1.0, entering, extraction_factor, left)
        assert counted == pytest.approx(stages, rel=1e-6)


def test_what_endless_stages_do_not_reach_is_refused() -> None:
    with pytest.raises(CaseError, match=r"between 0\.6, which endless stages leave, and 1"):
        kremser_stages(1.0, 0.0, 0.4, 0.5)
    with pytest.raises(CaseError, match=r"between 0\.05, which endless stages leave"):
        kremser_stages(1.0, 0.1, 2.0, 0.04)
    with pytest.raises(CaseError, match="extraction_factor"):
        kremser(1.0, 0.0, 0.0, 3)
    with pytest.raises(CaseError, match="aqueous_in"):
        kremser(-1.0, 0.0, 1.0, 3)
    with pytest.raises(CaseError, match="stages"):
        kremser(1.0, 0.0, 1.0, 0)
