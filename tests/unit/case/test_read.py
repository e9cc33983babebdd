"""Case files that are read: every value, every default, every conversion."""

from __future__ import annotations

from pathlib import Path

import pytest

import ytterby.case
from ytterby.case import Case, read, read_text
from ytterby.circuit.circuit import Circuit, Inlet, Organic, Section
from ytterby.elements import element

TB_DY = Path(__file__).with_name("tb-dy.toml")

SHORT = """
schema_version = 1
[circuits.one]
extractant = "P507"
[circuits.one.organic]
flow = "6 m3/h"
concentration = "1.5 mol/L"
closed = false
[circuits.one.extraction]
stages = 3
[circuits.one.extraction.feed]
flow = "1 m3/h"
acid = "0.01 mol/L"
concentrations = { Nd = "0.2 mol/L" }
"""


def test_a_whole_case() -> None:
    case = read(TB_DY)
    tb = 10.0 / element("Tb").oxide_molar_mass  # 10 kg/m3 of oxide
    assert case.title == "Terbium from dysprosium"
    assert case.path == TB_DY
    assert dict(case.circuits) == {
        "tb-dy": Circuit(
            name="tb-dy",
            equilibrium="P507-HCl-v0",
            elements=("Y", "Tb", "Dy"),
            organic=Organic(
                flow=6.0,
                extractant=1500.0,
                saponification=0.36,
                base="NH3",
                closed=True,
                diluent="kerosene",
            ),
            sections=(
                Section("extraction", 26, Inlet("feed", 1.0, 10.0, {"Y": 0, "Tb": tb, "Dy": 400})),
                Section("scrub", 24, Inlet("scrub liquor", 0.5, 4000.0, {})),
                Section("strip", 10, Inlet("strip acid", 1.0, 5000.0, {})),
            ),
            temperature=298.15,
            cut=("Tb", "Dy"),
        )
    }


def test_defaults() -> None:
    case = read_text(SHORT)
    circuit = case.circuits["one"]
    assert case.title == ""
    assert circuit.equilibrium == "P507-HCl-v0"
    assert circuit.temperature == 298.15
    assert circuit.cut is None
    assert circuit.organic == Organic(6.0, 1500.0, 0.0, "NaOH", False, "")
    assert [section.kind for section in circuit.sections] == ["extraction"]


def test_the_organic_is_closed_unless_the_file_says_otherwise() -> None:
    strip = '[circuits.one.strip]\nstages = 2\nliquor = { flow = "1 m3/h", acid = "5 M" }\n'
    case = read_text(SHORT.replace("closed = false\n", "") + strip)
    assert case.circuits["one"].organic.closed is True


def test_several_circuits_keep_the_order_of_the_file() -> None:
    second = SHORT.replace("schema_version = 1", "").replace("one", "a-2_B")
    assert list(read_text(SHORT + second).circuits) == ["one", "a-2_B"]


def feed_of(text: str) -> Inlet:
    return read_text(text).circuits["one"].sections[0].inlet


@pytest.mark.parametrize(
    ("written", "acid"),
    [
        ('acid = "0 mol/L"', 0.0),
        ('acid = "10 mmol/L"', 10.0),
        ("pH = 2", 10.0),
        ("pH = 0.5", 316.22776601683796),
        ("pH = -1", 10_000.0),
        ("pH = 7.0", 1e-4),
    ],
)
def test_acid_or_ph(written: str, acid: float) -> None:
    assert feed_of(SHORT.replace('acid = "0.01 mol/L"', written)).acid == pytest.approx(acid)


@pytest.mark.parametrize(
    ("basis", "molar_mass"),
    [("metal", element("Nd").atomic_weight), ("reo", element("Nd").oxide_molar_mass)],
)
def test_mass_per_volume_is_of_the_metal_or_of_its_oxide(basis: str, molar_mass: float) -> None:
    text = SHORT.replace('Nd = "0.2 mol/L" }', f'Nd = "20 g/L" }}\nbasis = "{basis}"')
    assert feed_of(text).concentrations["Nd"] == pytest.approx(20.0 / molar_mass, rel=1e-14)


def test_a_basis_changes_no_amount() -> None:
    text = SHORT.replace(
        "[circuits.one.extraction.feed]", '[circuits.one.extraction.feed]\nbasis="reo"'
    )
    assert feed_of(text) == feed_of(SHORT)


def test_saponification_may_be_a_bare_number() -> None:
    text = SHORT.replace("closed = false", "closed = false\nsaponification = 0.36")
    assert read_text(text).circuits["one"].organic.saponification == 0.36


def test_elements_of_a_circuit_are_those_of_all_liquors_by_atomic_number() -> None:
    liquor = '{ flow = "1 m3/h", acid = "1 M", concentrations = { Y = "1 mM", La = "0 M" } }'
    text = SHORT + f"[circuits.one.scrub]\nstages = 1\nliquor = {liquor}\n"
    assert read_text(text).circuits["one"].elements == ("Y", "La", "Nd")


def test_a_set_may_be_named() -> None:
    text = SHORT.replace('"P507"', '"P507"\nequilibrium = "P507-HCl-v0"')
    assert read_text(text).circuits == read_text(SHORT).circuits


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    path.write_bytes(b"\xef\xbb\xbf" + SHORT.replace("\n", "\r\n").encode())
    assert read(str(path)).circuits == read_text(SHORT).circuits


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("circuits.tb-dy.organic.saponification", 12),
        ("circuits.tb-dy.organic.closed", 9),  # left out: its table
        ("circuits.tb-dy.scrub.liquor.acid", 31),  # in an inline table
        ("circuits.tb-dy.extraction.feed.concentrations.Tb", 26),
        ("circuits.tb-dy", 5),
        ("title", 3),
    ],
)
def test_where_a_key_stands(key: str, line: int) -> None:
    assert read(TB_DY).where(key) == f"{TB_DY} line {line}, {key}"


def test_a_case_is_a_frozen_value() -> None:
    case = read(TB_DY)
    assert case == read(TB_DY)
    assert isinstance(case, Case)
    with pytest.raises(AttributeError):
        case.title = "another"  # type: ignore[misc]


def test_public_names() -> None:
    assert ytterby.case.__all__ == ["Case", "read", "read_text"]
