"""A cascade with a side draw: stage by stage against a linear solve, its closings, its limits, its search."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest

from circuits import closely
from ytterby.circuit.shortcuts import (
    Allowed,
    DrawnCascade,
    SolvedDrawn,
    as_cut,
    lengthened,
    sharp_cut,
    shortcut_cut,
    solve_drawn,
)
from ytterby.errors import CaseError

FLOWS = np.array([300.0, 300.0, 60.0, 400.0])
FACTORS = np.array([1.0, 4.0, 40.0, 100.0])
ALLOWED = Allowed(raffinate=0.03, extract=0.3, draw=0.06)
Section = Literal["extraction", "scrub"]
BOTH = pytest.mark.parametrize("section", ["extraction", "scrub"])


def cascade(section: Section, distance: int = 4) -> DrawnCascade:
    extraction, scrub = (17, 16) if section == "extraction" else (6, 12)
    amount = 900.0 if section == "extraction" else 800.0
    return DrawnCascade(FLOWS, FACTORS, 2, 3, amount, extraction, scrub, section, distance)


def by_linear_solve(found: SolvedDrawn) -> tuple[np.ndarray, np.ndarray]:
    """Aqueous that leaves each stage, drawn part included, and organic, (stage, element) [mol/h].

    With the levels u given, v = alpha u l, and the balances of an element are linear in its l.
    """
    it = found.cascade
    count = it.extraction_stages + it.scrub_stages
    level = np.exp(found.unknowns[:count])
    going_on = np.ones(count)
    going_on[it.drawn_at] = 1.0 - found.share
    aqueous = np.empty((count, FLOWS.size))
    for element, alpha in enumerate(FACTORS):
        matrix, fed = np.zeros((count, count)), np.zeros(count)
        fed[it.extraction_stages - 1] = FLOWS[element]
        for stage in range(count):
            matrix[stage, stage] = 1.0 + alpha * level[stage]
            if stage > 0:
                matrix[stage, stage - 1] = -alpha * level[stage - 1]
            if stage + 1 < count:
                matrix[stage, stage + 1] = -going_on[stage + 1]
        aqueous[:, element] = np.linalg.solve(matrix, fed)
    return aqueous, aqueous * np.outer(level, FACTORS)


@BOTH
def test_every_stage_is_in_equilibrium_and_in_balance(section: Section) -> None:
    found = solve_drawn(cascade(section), ALLOWED)
    it = found.cascade
    aqueous, organic = by_linear_solve(found)
    assert aqueous[0] == closely(found.raffinate, 1e-8)
    assert organic[-1] == closely(found.extract, 1e-8)
    assert found.share * aqueous[it.drawn_at] == closely(found.draw, 1e-8)
    assert organic[:-1].sum(axis=1) == closely(
        np.full(len(organic) - 1, it.extraction_amount), 1e-8
    )
    above = it.drawn_at if section == "scrub" else it.extraction_stages
    assert aqueous[above:].sum(axis=1) == closely(
        np.full(len(aqueous) - above, found.scrub_amount), 1e-8
    )


@BOTH
def test_outlets_hold_what_they_may(section: Section) -> None:
    found = solve_drawn(cascade(section), ALLOWED)
    assert found.raffinate + found.draw + found.extract == closely(FLOWS, 1e-10)
    in_raffinate, in_extract = found.raffinate[2:].sum(), found.extract[:3].sum()
    if section == "extraction":
        pure, sharp = in_raffinate / ALLOWED.raffinate, (found.raffinate + found.draw)[3]
        other = in_extract / ALLOWED.extract
    else:
        pure, sharp = in_extract / ALLOWED.extract, (found.extract + found.draw)[:2].sum()
        other = in_raffinate / ALLOWED.raffinate
    assert pure == closely(1.0, 1e-8)
    assert sharp / ALLOWED.draw == closely(other, 1e-7)
    assert np.exp(found.lacking) == closely(other, 1e-7)


def test_no_stage_below_enriches_the_draw_beyond_what_more_stages_do() -> None:
    """With each stage more between draw and raffinate less of the light metals goes with the drawn one."""
    drawn = [
        solve_drawn(cascade("extraction", distance), ALLOWED).draw[:2].sum()
        for distance in (1, 2, 3, 5, 8)
    ]
    assert drawn == sorted(drawn, reverse=True)
    assert drawn[0] > 5.0 * drawn[-1]


def test_a_draw_is_not_where_all_aqueous_leaves() -> None:
    with pytest.raises(CaseError, match="a draw 0 stages from the end"):
        cascade("extraction", 0)
    with pytest.raises(CaseError, match="a draw 12 stages from the end"):
        cascade("scrub", 12)


@BOTH
def test_a_joint_circuit_takes_the_stages_of_its_sharp_cut_and_those_beyond_the_draw(
    section: Section,
) -> None:
    place = 3 if section == "extraction" else 2
    cut = sharp_cut(FLOWS, FACTORS, place, ALLOWED, section, 1.4)
    found = lengthened(FLOWS, FACTORS, 2, 3, ALLOWED, section, 6, cut)
    assert found.lacking <= 1e-9
    joint = as_cut(found, cut)
    assert joint.stages >= cut.stages + 6
    assert joint.raffinate + joint.extract == closely(FLOWS, 1e-10)
    assert joint.extraction_amount == cut.extraction_amount


def test_a_sharp_cut_holds_what_the_joint_circuit_may() -> None:
    cut = sharp_cut(FLOWS, FACTORS, 3, ALLOWED, "extraction")
    assert cut.raffinate[3] <= ALLOWED.draw * (1 + 1e-6)
    assert cut.extract[:3].sum() <= ALLOWED.extract * (1 + 1e-6)


def test_a_cut_of_two_allowances_uses_both() -> None:
    """Outlets of their own purities: the cascade holds each, and one stage less does not."""
    cut = shortcut_cut(FLOWS, FACTORS, 2, wrong_side=(1e-5, 1e-2), recovery=(0.98, 0.9))
    raffinate, extract = cut.wrong_side
    assert raffinate <= 1e-5 * (1 + 1e-6) and extract <= 1e-2 * (1 + 1e-6)
    assert cut.recovery[0] >= 0.98 and cut.recovery[1] >= 0.9
    turned = shortcut_cut(FLOWS, FACTORS, 2, wrong_side=(1e-2, 1e-5), recovery=(0.9, 0.98))
    assert turned.wrong_side[1] <= 1e-5 * (1 + 1e-6) < turned.wrong_side[0]
