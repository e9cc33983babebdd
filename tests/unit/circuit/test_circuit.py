"""What a circuit says of itself, and the arrays it becomes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from circuits import P507, extraction, organic, samarium_gadolinium, scrub, strip
from ytterby.circuit import Circuit, Inlet, Section
from ytterby.circuit.circuit import Draw, Place, Reflux, SideFeed, Train, Transfer
from ytterby.circuit.duties import duties
from ytterby.circuit.network import layout_of, padded, row_of
from ytterby.circuit.solve import arrays_of
from ytterby.datasets import parameter_set
from ytterby.equilibrium import chemistry
from ytterby.errors import CaseError, DataError

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

BUSY = replace(
    CIRCUIT,
    name="busy",
    side_feeds=(
        SideFeed(Inlet("second feed", 0.5, 10.0, {"Nd": 50.0}), Place("extraction", 2)),
        SideFeed(Inlet("loaded elsewhere", 0.2, 0.0, {"Dy": 15.0}), Place("scrub", 2), "organic"),
    ),
    draws=(Draw("heart cut", Place("scrub", 1), "organic", 0.3),),
    refluxes=(Reflux("strip liquor", Place("scrub", 2), 0.1),),
)
"""The same with a second feed of each phase, an organic draw and strip liquor that serves as scrub."""


def test_sections_follow_each_other_along_the_organic() -> None:
    assert CIRCUIT.stages == 8
    assert CIRCUIT.spans() == [(0, 3), (3, 5), (5, 8)]
    assert CIRCUIT.section_of_stage() == ["extraction"] * 3 + ["scrub"] * 2 + ["strip"] * 3


def test_scrub_liquor_leaves_with_the_raffinate_and_strip_liquor_alone() -> None:
    assert [CIRCUIT.aqueous_train(section) for section in range(3)] == [0, 0, 2]


def test_base_is_carried_by_the_organic_in_mol_per_hour() -> None:
    assert CIRCUIT.base == pytest.approx(0.25 * 1000.0 * 2.0)


def test_layout_places_every_liquor() -> None:
    layout = layout_of(row_of(CIRCUIT))
    feed, scrub_acid, strip_acid, none = np.asarray(layout.enters).T
    assert feed.tolist() == [0, 0, 1, 0, 0, 0, 0, 0]
    assert scrub_acid.tolist() == [0, 0, 0, 0, 1, 0, 0, 0]
    assert strip_acid.tolist() == [0, 0, 0, 0, 0, 0, 0, 1]
    assert not none.any() and not np.asarray(layout.enters_line).any()
    assert np.asarray(layout.down).tolist() == [0, 1, 1, 1, 1, 0, 1, 1]
    assert np.asarray(layout.up).tolist() == [1, 1, 1, 1, 1, 1, 1, 0]
    assert np.asarray(layout.begins)[:, 0].tolist() == [1, 0, 0, 0, 0, 0, 0, 0]
    assert layout.draws.source.shape == (0,)


def test_a_closed_circuit_returns_its_organic_and_an_open_one_does_not() -> None:
    returns = layout_of(row_of(CIRCUIT)).returns
    assert [np.asarray(part).tolist() for part in vars(returns).values()] == [
        [7],
        [0],
        [1],
        [1],
        [1],
    ]
    opened = replace(CIRCUIT, organic=replace(CIRCUIT.organic, closed=False))
    assert layout_of(row_of(opened)).returns.source.shape == (0,)
    bled = replace(CIRCUIT, organic=replace(CIRCUIT.organic, bleed=0.1))
    assert np.asarray(arrays_of(bled).inputs.taken_share).tolist() == [0.9]


def test_side_feeds_draws_and_refluxes_have_their_places() -> None:
    layout, inputs = layout_of(row_of(BUSY)), arrays_of(BUSY).inputs
    assert np.flatnonzero(np.asarray(layout.enters)[:, 3]).tolist() == [1]
    assert np.flatnonzero(np.asarray(layout.enters_line)[:, 4]).tolist() == [4]
    assert inputs.inlet_flow.shape == (8,)
    draws = [np.asarray(part).tolist() for part in vars(layout.draws).values()]
    # Organic draw after stage 4 of 8, reflux of the strip liquor (stage 6) to stage 5; from 0.
    assert [values[:2] for values in draws] == [[3, 5], [0, 4], [1, 0], [0, 1], [0, 0]]
    assert np.asarray(inputs.taken_flow)[:2].tolist() == [0.3, 0.1]


def test_a_train_stands_in_one_row() -> None:
    """The second circuit begins after the first, and each has flows of its own."""
    opened = replace(CIRCUIT, organic=replace(CIRCUIT.organic, closed=False))
    second = Circuit(
        name="second",
        equilibrium=P507,
        elements=CIRCUIT.elements,
        organic=organic(1.0, 800.0, 0.1, closed=False),
        sections=(Section("extraction", 4, None),),
    )
    transfer = Transfer("three sections", "raffinate", "second", Place("extraction", 4), 0.5)
    row = row_of(Train("both", (opened, second), (transfer,)))
    assert row.offsets == [0, 8, 12]
    layout = layout_of(row)
    assert np.asarray(layout.begins).T.tolist() == [
        [float(stage == 0) for stage in range(16)],
        [float(stage == 8) for stage in range(16)],
    ]
    assert np.asarray(layout.belongs).sum(axis=1).tolist() == [1.0] * 16
    assert np.asarray(layout.up)[7:9].tolist() == [0.0, 1.0]
    assert np.asarray(layout.down)[8:12].tolist() == [0.0, 1.0, 1.0, 1.0]
    returns = [np.asarray(part).tolist() for part in vars(layout.returns).values()]
    assert returns == [[0], [11], [0], [1], [0]]
    inputs = arrays_of(Train("both", (opened, second), (transfer,))).inputs
    assert np.asarray(inputs.extractant).tolist() == [1000.0, 800.0]


def test_padding_holds_nothing() -> None:
    short = replace(CIRCUIT, sections=(CIRCUIT.sections[0],))
    layout, inputs = layout_of(row_of(short)), arrays_of(short).inputs
    assert np.asarray(layout.real).tolist() == [1, 1, 1, 0, 0, 0, 0, 0]
    assert not np.asarray(layout.up)[2:].any() and not np.asarray(layout.down)[3:].any()
    assert inputs.inlet_metals.shape == (4, 4)
    assert (
        not np.asarray(inputs.inlet_metals)[1:].any()
        and not np.asarray(inputs.inlet_flow)[1:].any()
    )


def test_sizes_grow_in_few_steps() -> None:
    assert [padded(number, (1, 8, 16)) for number in (1, 2, 8, 9, 16, 17)] == [1, 8, 8, 16, 16, 17]


def test_duties_follow_the_flows() -> None:
    inputs, layout, model = arrays_of(CIRCUIT)
    duty, links = duties(inputs, layout, model)
    assert np.asarray(duty.aqueous) == pytest.approx([1.25] * 3 + [0.25] * 2 + [0.4] * 3)
    assert np.asarray(duty.organic) == pytest.approx([2.0] * 8)
    assert np.asarray(duty.arriving) == pytest.approx([2.0] * 8)
    assert np.asarray(duty.site.extractant) == pytest.approx([1000.0] * 8)
    fed = np.zeros((8, 4))
    fed[2, :2] = 100.0, 200.0
    assert np.asarray(duty.feed) == pytest.approx(fed)
    assert not np.asarray(duty.organic_feed).any()
    # Charge: feed 20 + 3 x 300 = 920 mol/h, scrub 500 mol/h; the base of 500 mol/h goes to stage 1.
    mixed = (920.0 + 500.0) / 1.25
    expected = [mixed - 500.0 / 1.25, mixed, mixed, 2000.0, 2000.0, 5000.0, 5000.0, 5000.0]
    assert np.asarray(duty.site.free_charge) == pytest.approx(expected)
    sodium = [500.0 / 1.25] + [0.0] * 7
    assert np.asarray(duty.site.salt) == pytest.approx(sodium, abs=1e-12)
    assert np.asarray(duty.site.anion) == pytest.approx([mixed, *expected[1:]])
    assert np.asarray(duty.site.metal_charge) == pytest.approx([900.0 / 1.25] * 3 + [0.0] * 5)
    assert np.asarray(links.share).tolist() == [1.0]


def test_duties_follow_draws_refluxes_and_side_feeds() -> None:
    inputs, layout, model = arrays_of(BUSY)
    duty, links = duties(inputs, layout, model)
    # Strip 0.4, of which 0.1 goes to the scrub; a second feed of 0.5 enters stage 2.
    assert np.asarray(duty.aqueous) == pytest.approx([1.85] * 2 + [1.35] + [0.35] * 2 + [0.4] * 3)
    # 0.3 of organic is drawn after stage 4 and made up in the loop; 0.2 joins the line at stage 5.
    assert np.asarray(duty.organic) == pytest.approx([2.0] * 4 + [1.9] * 4)
    assert np.asarray(duty.arriving) == pytest.approx([2.0] * 4 + [1.9] * 4)
    assert np.asarray(duty.up) == pytest.approx([1, 1, 1, 1.7 / 2.0, 1, 1, 1, 0])
    assert np.asarray(links.share)[1] == pytest.approx(0.25)
    assert np.asarray(duty.organic_feed)[4] == pytest.approx([0.0, 0.0, 0.2 * 15.0, 0.0])
    # Chloride comes back with the reflux: 0.1 x 5000 beside 0.25 x 2000 mol/h.
    assert np.asarray(duty.site.anion)[3:] == pytest.approx([1000.0 / 0.35] * 2 + [5000.0] * 3)


def test_entrainment_moves_volumes_and_anions() -> None:
    """A tenth of the scrub's aqueous goes up into the strip, a fifth of the organic there comes down."""
    sections = list(CIRCUIT.sections)
    sections[1] = replace(sections[1], aqueous_carried=0.1)
    sections[2] = replace(sections[2], organic_carried=0.2)
    inputs, layout, model = arrays_of(replace(CIRCUIT, sections=tuple(sections)))
    duty, _ = duties(inputs, layout, model)
    aqueous, organics = np.asarray(duty.aqueous), np.asarray(duty.organic)
    # Stage 5 gets 0.25 from outside and a tenth of stage 4; stage 4 the nine tenths that fall.
    assert aqueous[3] == pytest.approx(0.9 * aqueous[4])
    assert aqueous[4] == pytest.approx(0.25 + 0.1 * aqueous[3])
    assert aqueous[2] == pytest.approx(1.0 + 0.9 * aqueous[3])
    assert aqueous[5] == pytest.approx(0.4 + 0.1 * aqueous[4])
    assert organics[5] == pytest.approx(2.0 + 0.2 * organics[6])
    assert organics[7] == pytest.approx(0.8 * organics[6])
    mixed = (0.4 * 5000.0 + 0.1 * aqueous[4] * 2000.0) / aqueous[5]
    assert np.asarray(duty.site.free_charge)[5] == pytest.approx(mixed)


def test_what_passes_the_contact_is_organic_of_the_line() -> None:
    """Efficiency 0.8: a fifth of the 2 m3/h never meets the aqueous."""
    part = replace(CIRCUIT.sections[0], efficiency=0.8)
    inputs, layout, model = arrays_of(replace(CIRCUIT, sections=(part, *CIRCUIT.sections[1:])))
    duty, _ = duties(inputs, layout, model)
    assert np.asarray(duty.organic) == pytest.approx([1.6] * 3 + [2.0] * 5)
    assert np.asarray(duty.arriving) == pytest.approx([2.0] * 8)


def test_an_open_organic_may_bring_metal() -> None:
    brought = replace(CIRCUIT.organic, closed=False, concentrations={"Dy": 4.0})
    inputs, layout, model = arrays_of(replace(CIRCUIT, organic=brought))
    duty, _ = duties(inputs, layout, model)
    expected = np.zeros((8, 4))
    expected[0, 2] = 2.0 * 4.0
    assert np.asarray(duty.organic_feed) == pytest.approx(expected)


# --- what a circuit refuses to be


def test_names_must_be_known_and_single() -> None:
    with pytest.raises(CaseError) as caught:
        replace(
            BUSY,
            draws=(
                Draw("feed", Place("extraction", 3), "aqueous", 0.1),
                Draw("third", Place("scrubb", 1), "organic", 0.1),
            ),
            refluxes=(Reflux("strip liqour", Place("scrub", 3), 0.1),),
        )
    found = {fault.read: (fault.expected, fault.nearest) for fault in caught.value.faults}
    assert found == {
        "two streams named feed": ("names of their own", ""),
        "stage 1 of scrubb": ("one of: extraction, scrub, strip", "scrub"),
        "stage 3 of scrub": ("stage 1 to 2", ""),
        "strip liqour": ("one of: raffinate, strip liquor", "strip liquor"),
    }
    assert all(fault.where.startswith("circuit busy, ") for fault in caught.value.faults)


def test_two_sections_of_a_kind_need_names() -> None:
    first = CIRCUIT.sections[0]
    with pytest.raises(CaseError, match="two sections named extraction"):
        replace(CIRCUIT, sections=(first, replace(first, inlet=None)))
    named = replace(first, inlet=None, name="deep")
    both = replace(CIRCUIT, sections=(first, named))
    assert both.section_of_stage() == ["extraction"] * 3 + ["deep"] * 3
    assert named.aqueous_outlet == "raffinate of deep"
    assert both.index(Place("deep", 2)) == 4


def test_an_element_without_constant_is_refused_by_name() -> None:
    with pytest.raises(
        DataError, match=r'set P507-HCl-v0, constant, \w+\n  read +"Sc"\n  expected +one of: Y, La'
    ):
        arrays_of(replace(CIRCUIT, elements=("Sc", *CIRCUIT.elements)))


def test_a_set_of_an_unknown_model_is_refused() -> None:
    parameters = replace(parameter_set("P507-HCl-v0"), model="mass_actoin")
    with pytest.raises(
        DataError, match=r"P507-HCl-v0, model\n  read +mass_actoin\n.*\n  nearest +mass_action"
    ):
        chemistry(parameters, ("Nd",))


def test_a_train_has_one_chemistry_and_its_transfers_lead_somewhere() -> None:
    one = samarium_gadolinium()
    other = replace(one, name="other", equilibrium="P507-HNO3-T21", terms=("complexing",))
    transfer = Transfer(one.name, "rafinate", "other", Place("extraction", 99))
    with pytest.raises(CaseError) as raised:
        Train(
            "two",
            (one, other),
            (transfer, Transfer("nobody", "raffinate", "other", transfer.place)),
        )
    wheres = [fault.where for fault in raised.value.faults]
    assert [where.rpartition(", ")[2] for where in wheres[:2]] == ["equilibrium", "terms"]
    assert "raffinate" in [fault.nearest for fault in raised.value.faults]
    assert "stage 99 of extraction" in [fault.read for fault in raised.value.faults]
    assert "nobody" in [fault.read for fault in raised.value.faults]
