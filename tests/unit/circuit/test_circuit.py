"""What a circuit says of itself, and the arrays it becomes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from circuits import P507, extraction, organic, scrub, strip
from ytterby.circuit import Circuit
from ytterby.circuit.network import duties, inputs_of, layout_of, padded
from ytterby.circuit.solve import arrays_of
from ytterby.datasets import parameter_set
from ytterby.equilibrium import chemistry
from ytterby.errors import DataError

CIRCUIT = Circuit(
    name="three sections",
    equilibrium=P507,
    elements=("Pr", "Nd", "Dy"),
    organic=organic(2.0, 1000.0, 0.25, closed=True),
    sections=(
        extraction(3, 1.0, 20.0, {"Pr": 100.0, "Nd": 200.0}),
        scrub(2, 0.25, 2000.0),
        strip(3, 0.4, 5000.0),
    ),
)


def test_sections_follow_each_other_along_the_organic() -> None:
    assert CIRCUIT.stages == 8
    assert CIRCUIT.spans() == [(0, 3), (3, 5), (5, 8)]
    assert CIRCUIT.section_of_stage() == ["extraction"] * 3 + ["scrub"] * 2 + ["strip"] * 3


def test_scrub_liquor_leaves_with_the_raffinate_and_strip_liquor_alone() -> None:
    assert [CIRCUIT.aqueous_train(section) for section in range(3)] == [0, 0, 2]


def test_base_is_carried_by_the_organic_in_mol_per_hour() -> None:
    assert CIRCUIT.base == pytest.approx(0.25 * 1000.0 * 2.0)


def test_layout_places_every_liquor() -> None:
    layout = layout_of(CIRCUIT)
    feed, scrub_acid, strip_acid = np.asarray(layout.enters).T
    assert feed.tolist() == [0, 0, 1, 0, 0, 0, 0, 0]
    assert scrub_acid.tolist() == [0, 0, 0, 0, 1, 0, 0, 0]
    assert strip_acid.tolist() == [0, 0, 0, 0, 0, 0, 0, 1]
    feed, scrub_acid, strip_acid = np.asarray(layout.reaches).T
    assert feed.tolist() == [1, 1, 1, 0, 0, 0, 0, 0]
    assert scrub_acid.tolist() == [1, 1, 1, 1, 1, 0, 0, 0]
    assert strip_acid.tolist() == [0, 0, 0, 0, 0, 1, 1, 1]
    assert np.asarray(layout.aqueous_arrives).tolist() == [1, 1, 1, 1, 0, 1, 1, 0]
    assert np.asarray(layout.organic_arrives).tolist() == [1, 1, 1, 1, 1, 1, 1, 1]
    assert int(layout.last) == 7


def test_an_open_circuit_starts_with_fresh_organic() -> None:
    opened = replace(CIRCUIT, organic=replace(CIRCUIT.organic, closed=False))
    assert np.asarray(layout_of(opened).organic_arrives).tolist() == [0, 1, 1, 1, 1, 1, 1, 1]


def test_padding_holds_nothing() -> None:
    short = replace(CIRCUIT, sections=(CIRCUIT.sections[0],))
    layout = layout_of(short)
    assert np.asarray(layout.real).tolist() == [1, 1, 1, 0, 0, 0, 0, 0]
    assert not np.asarray(layout.organic_arrives)[3:].any()
    assert not np.asarray(layout.aqueous_arrives)[2:].any()
    assert inputs_of(short).inlet_metals.shape == (1, 4)


def test_sizes_grow_in_few_steps() -> None:
    assert [padded(number, (1, 8, 16)) for number in (1, 2, 8, 9, 16, 17)] == [1, 8, 8, 16, 16, 17]


def test_duties_follow_the_flows() -> None:
    inputs, layout, model = arrays_of(CIRCUIT)
    duty = duties(inputs, layout, model)
    assert np.asarray(duty.aqueous_out) == pytest.approx([1.25] * 3 + [0.25] * 2 + [0.4] * 3)
    assert np.asarray(duty.aqueous_in) == pytest.approx([1.25, 1.25, 0.25, 0.25, 0, 0.4, 0.4, 0])
    assert np.asarray(duty.organic_in) == pytest.approx([2.0] * 8)
    assert np.asarray(duty.dimer_total) == pytest.approx([500.0] * 8)
    fed = np.zeros((8, 4))
    fed[2, :2] = 100.0, 200.0
    assert np.asarray(duty.feed) == pytest.approx(fed)
    # Charge: feed 20 + 3 x 300 = 920 mol/h, scrub 500 mol/h; the base of 500 mol/h goes to stage 1.
    mixed = (920.0 + 500.0) / 1.25
    expected = [mixed - 500.0 / 1.25, mixed, mixed, 2000.0, 2000.0, 5000.0, 5000.0, 5000.0]
    assert np.asarray(duty.free_anion) == pytest.approx(expected)


def test_an_element_without_constant_is_refused_by_name() -> None:
    with pytest.raises(
        DataError, match=r"parameter set P507-HCl-v0\n  read +Sc\n  expected +one of: Y, La"
    ):
        arrays_of(replace(CIRCUIT, elements=("Sc", *CIRCUIT.elements)))


def test_a_set_of_an_unknown_model_is_refused() -> None:
    parameters = replace(parameter_set("P507-HCl-v0"), model="mass_actoin")
    with pytest.raises(
        DataError, match=r"P507-HCl-v0, model\n  read +mass_actoin\n.*\n  nearest +mass_action"
    ):
        chemistry(parameters, ("Nd",))
