"""McCabe-Thiele: steps counted from numbers, and points read off solved circuits as they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from circuits import closely, leaky_neodymium, samarium_gadolinium
from shapes import padded_to
from ytterby.circuit.circuit import Place, Reflux
from ytterby.circuit.shortcuts import SectionDiagram, diagram, kremser, step_off
from ytterby.circuit.solve import solve_circuit
from ytterby.circuit.solved import SolvedCircuit
from ytterby.errors import CaseError


def test_three_steps_by_hand() -> None:
    """D = 2, O/A = 1, barren organic: each stage holds twice what the one before does, and one more."""
    found = step_off(2.0, 1.0, aqueous_in=15.0, organic_in=0.0, aqueous_out=1.0)
    assert found.stages == 3
    assert found.last_step == pytest.approx(1.0)
    assert found.aqueous.tolist() == [1.0, 3.0, 7.0]
    assert found.organic.tolist() == [2.0, 6.0, 14.0]
    x, y = found.corners
    assert x.tolist() == [1.0, 1.0, 3.0, 3.0, 7.0, 7.0, 15.0]
    assert y.tolist() == [0.0, 2.0, 2.0, 6.0, 6.0, 14.0, 14.0]


def test_half_a_step_more_is_a_stage_more() -> None:
    found = step_off(2.0, 1.0, aqueous_in=19.0, organic_in=0.0, aqueous_out=1.0)
    assert (found.stages, found.last_step) == (4, pytest.approx(0.25))


def test_a_strip_is_stepped_off_downwards() -> None:
    """Loaded organic in, barren acid in, rich liquor out: Kremser with the same numbers."""
    oa_ratio, ratio = 2.0, 0.1
    liquor = kremser(0.0, 50.0 * oa_ratio, ratio * oa_ratio, stages=2.5).raffinate
    found = step_off(ratio, oa_ratio, aqueous_in=0.0, organic_in=50.0, aqueous_out=liquor)
    assert found.stages == 3
    assert found.aqueous[0] == pytest.approx(liquor)
    assert found.organic[-1] < 50.0 - liquor / oa_ratio < found.organic[-2]


def test_a_bent_equilibrium_is_read_between_its_points() -> None:
    table = ((0.0, 10.0, 100.0), (0.0, 30.0, 50.0))
    found = step_off(table, 1.0, aqueous_in=35.0, organic_in=0.0, aqueous_out=2.0)
    assert found.organic[:2].tolist() == pytest.approx([6.0, 24.0])
    assert found.aqueous.tolist() == pytest.approx([2.0, 8.0, 26.0])
    assert found.organic[2] == pytest.approx(30.0 + 20.0 * 16.0 / 90.0)
    assert found.stages == 3
    with pytest.raises(CaseError, match="x = 120 mol/m3"):
        step_off(table, 1.0, aqueous_in=200.0, organic_in=0.0, aqueous_out=120.0)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"oa_ratio": 0.4}, "operating line and equilibrium meet at x = "),
        ({"equilibrium": ((0.0, 1.0), (0.0, 0.0))}, "x and y, both rising"),
        ({"equilibrium": -1.0}, "a distribution ratio above 0"),
        ({"oa_ratio": 0.0}, "O/A ratio"),
        ({"aqueous_out": 15.0}, "some change of the aqueous"),
        ({"organic_in": -1.0}, "concentrations of 0 or more"),
    ],
)
def test_what_cannot_be_stepped_off_is_refused(changes: dict[str, object], message: str) -> None:
    asked = {"equilibrium": 2.0, "oa_ratio": 1.0, "aqueous_in": 15.0, "organic_in": 0.0}
    with pytest.raises(CaseError, match=message):
        step_off(**{**asked, "aqueous_out": 1.0, **changes})  # type: ignore[arg-type]


# --- from solved circuits


@pytest.fixture(autouse=True)
def one_shape(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    padded_to(monkeypatch, stages=32, elements=4, takes=(4,))
    yield


@pytest.fixture
def plain() -> SolvedCircuit:
    return solve_circuit(samarium_gadolinium())


def slopes(section: SectionDiagram) -> np.ndarray:
    return np.diff(section.line_y) / np.diff(section.line_x)


def test_steps_end_on_the_curve_and_lines_are_straight(plain: SolvedCircuit) -> None:
    """Ideal stages: A/O is the slope of the line, from the entering organic to the feed with the scrub."""
    found = diagram(plain, "Gd")
    circuit = plain.circuit
    assert [section.section for section in found.sections] == ["extraction", "scrub", "strip"]
    for section, aqueous in zip(found.sections, (1.1, 0.1, 0.2), strict=True):
        assert section.notes == ()
        assert section.leaving_x == closely(section.equilibrium_x, rel=1e-12)
        assert section.leaving_y == closely(section.equilibrium_y, rel=1e-12)
        assert slopes(section) == closely(np.full(slopes(section).size, aqueous / 1.5), rel=1e-8)
        x, y = section.corners
        assert x.size == y.size == 3 * section.leaving_x.size
    extraction, scrub, strip = found.sections
    assert extraction.line_x[-1] == pytest.approx((1.0 * 45.0 + 0.1 * scrub.leaving_x[0]) / 1.1)
    assert extraction.line_y[0] == pytest.approx(strip.leaving_y[-1])
    assert scrub.line_x[-1] == strip.line_x[-1] == 0.0
    assert circuit.organic.closed


def test_what_enters_or_leaves_on_the_way_breaks_the_line() -> None:
    solved = solve_circuit(leaky_neodymium())
    extraction, scrub, strip = diagram(solved, "Sm").sections
    assert extraction.notes[0] == (
        "operating line broken: second feed joins the aqueous at stage 2; "
        "middle is drawn from the aqueous at stage 3"
    )
    assert "steps miss the curve: stage efficiency 0.85" in extraction.notes
    assert "old organic joins the organic at stage 1" in scrub.notes[0]
    assert "loaded is drawn from the organic at stage 2" in scrub.notes[0]
    assert strip.notes == (
        "operating line broken: the organic brings entrained aqueous to stage 1",
    )
    assert np.ptp(slopes(extraction)) > 0.05 * np.mean(slopes(extraction))
    assert slopes(strip)[1] == pytest.approx(slopes(strip)[2], rel=1e-6)
    assert slopes(strip)[0] != pytest.approx(slopes(strip)[1], rel=1e-3)


def test_a_reflux_to_the_end_breaks_nothing_and_one_before_does(plain: SolvedCircuit) -> None:
    for stage, notes in (
        (5, ()),
        (2, ("operating line broken: strip liquor is refluxed at stage 2",)),
    ):
        circuit = replace(
            plain.circuit, refluxes=(Reflux("strip liquor", Place("scrub", stage), 0.02),)
        )
        section = diagram(solve_circuit(circuit), "Gd").sections[1]
        assert section.notes == notes
        straight = np.allclose(slopes(section), slopes(section)[0], rtol=1e-6)
        assert straight is (not notes)


def test_an_element_that_is_not_there_is_refused(plain: SolvedCircuit) -> None:
    with pytest.raises(CaseError, match="Dy"):
        diagram(plain, "Dy")
