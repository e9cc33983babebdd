"""Tables of a result that is written by hand: what stands where, in which unit, and what it adds up to.

By hand, g/mol: Y 88.906, Ho 164.930, Er 167.259, Fe 55.845, O 15.999; half of M2O3 weighs M + 23.9985.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from circuits import ideal_profiles
from ytterby.circuit import Circuit, Inlet, Organic, Section, Verdict
from ytterby.circuit.solved import Consumption, OutOfRange, SolvedCircuit
from ytterby.elements import reagent_mass
from ytterby.materials import Stream
from ytterby.report import tables
from ytterby.report.tables import Basis, Table, number, percent

OXIDE = {"Y": 112.9045, "Ho": 188.9285, "Er": 191.2575}
METAL = {"Y": 88.906, "Ho": 164.930, "Er": 167.259, "Fe": 55.845}
FEED = {"Fe": 10.0, "Y": 2.0, "Ho": 1.0, "Er": 3.0}  # mol/m3
RAFFINATE = {"Fe": 10.0, "Y": 0.5, "Ho": 0.9999, "Er": 0.0}
STRIP_LIQUOR = {"Fe": 0.0, "Y": 6.0, "Ho": 0.0004, "Er": 12.0}
WATER = {"Fe": 4.0, "Y": 0.0, "Ho": 0.0, "Er": 0.0}


def stream(name: str, flow: float, metals: dict[str, float], acid: float | None = 100.0) -> Stream:
    return Stream(name, "aqueous" if acid is not None else "organic", flow, metals, acid)


def solved_by_hand() -> SolvedCircuit:
    """Two stages; flows 2 m3/h of feed, 0.5 m3/h of strip acid, 4 m3/h of organic."""
    elements = ("Fe", "Y", "Ho", "Er")
    feed, strip = Inlet("feed", 2.0, 100.0, FEED), Inlet("strip acid", 0.5, 4000.0, {})
    circuit = Circuit(
        name="by-hand",
        equilibrium="P507-HCl-v0",
        elements=elements,
        organic=Organic(4.0, 1000.0, 0.1, "NH3", closed=True),
        sections=(Section("extraction", 1, feed), Section("strip", 1, strip)),
    )
    streams = [
        stream("feed", 2.0, FEED),
        stream("strip acid", 0.5, {}, 4000.0),
        stream("raffinate", 2.0, RAFFINATE, 50.0),
        stream("strip liquor", 0.5, STRIP_LIQUOR, 3500.0),
        stream("loaded organic", 4.0, {"Fe": 0.0, "Y": 0.75, "Ho": 5e-5, "Er": 1.5}, None),
    ]
    aqueous, organic = np.zeros((2, 4)), np.zeros((2, 4))
    aqueous[0], aqueous[1] = list(RAFFINATE.values()), list(STRIP_LIQUOR.values())
    organic[0] = [0.0, 0.75, 5e-5, 1.5]
    return SolvedCircuit(
        circuit=circuit,
        verdict=Verdict.SOLVED,
        profiles=ideal_profiles(
            aqueous=aqueous,
            organic=organic,
            acid=[50.0, 3500.0],
            free_dimer=[375.0, 500.0],
            aqueous_volume=[2.0, 0.5],
            organic_volume=4.0,
        ),
        streams={it.name: it for it in streams},
        inlets=("feed", "strip acid"),
        outlets=("raffinate", "strip liquor"),
        consumption=Consumption(400.0, "NH3", 0.0, 2000.0, "HCl"),
        closure={"Fe": 0.0, "Y": 3.2e-14, "Ho": 1.6e-13, "Er": 2e-15},
        steps=3,
        out_of_range=(
            OutOfRange("strip", "aqueous_metal", (18.0, 450.0), (10.0, 400.0), "mol/m3"),
            OutOfRange("strip", "temperature", (313.15, 313.15), (298.15, 298.15), "K"),
        ),
        sources=("LI80", "PERIODICTABLE"),
        weakest_basis="recalled",
    )


SOLVED = solved_by_hand()


def rows(table: Table) -> dict[str, tuple[str, ...]]:
    """Rows by their first cell; every row is as long as the header."""
    assert {len(row) for row in table.rows} == {len(table.header)}
    return {row[0]: row[1:] for row in table.rows}


# --- numbers


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (1.0, "1"),
        (0.24193597, "0.2419"),
        (1204.0, "1204"),
        (123456.0, "123456"),
        (0.001, "0.001"),
        (9.994e-4, "9.99e-04"),
        (3.61e-7, "3.61e-07"),
        (1e-12, "1.00e-12"),
        (9e-13, "<1e-12"),
        (5e-324, "<1e-12"),
        (-2.5, "-2.5"),
    ],
)
def test_number(value: float, shown: str) -> None:
    assert number(value) == shown


@given(st.floats(1e-12, 1e12), st.sampled_from([1.0, -1.0]))
def test_number_keeps_three_digits_at_least_in_few_characters(size: float, sign: float) -> None:
    shown = number(sign * size)
    assert float(shown) == pytest.approx(sign * size, rel=5e-3)
    assert len(shown) <= 9 + (sign < 0)


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (0.0, "0"),
        (1.0, "100.0000"),
        (0.99, "99.0000"),
        (0.999, "99.9000"),
        (0.9999, "99.9900"),
        (0.99999, "99.9990"),
        (0.999999, "99.9999"),
        (0.5, "50.0000"),
        (0.0001, "0.0100"),
        (0.000019, "1.9e-03"),
        (7.6e-10, "7.6e-08"),
        (1e-15, "<1e-12"),
        (math.nan, ""),
    ],
)
def test_percent(share: float, shown: str) -> None:
    assert percent(share) == shown


def test_percent_tells_products_of_different_nines_apart() -> None:
    nines = [percent(1 - 10.0**-n) for n in range(2, 7)]
    assert len(set(nines)) == len(nines)


def test_what_is_not_all_is_not_shown_as_all() -> None:
    assert percent(1 - 1e-8) != percent(1.0)


# --- streams


def test_streams_across_elements_down_in_extraction_order() -> None:
    table = tables.stream_table(SOLVED)
    assert table.header == ("", "unit", *SOLVED.streams, "closure")
    assert [row[0] for row in table.rows] == [
        "phase", "flow", "acid", "Ho", "Y", "Er", "Fe", "total REE",
    ]  # fmt: skip


def test_fluid_rows() -> None:
    found = rows(tables.stream_table(SOLVED))
    assert found["phase"] == ("", *["aqueous"] * 4, "organic", "")
    assert found["flow"] == ("m3/h", "2", "0.5", "2", "0.5", "4", "")
    assert found["acid"] == ("mol/L", "0.1", "4", "0.05", "3.5", "", "")


@pytest.mark.parametrize(
    ("basis", "unit", "words"),
    [
        ("reo", "kg/h", "as oxides as traded"),
        ("metal", "kg/h", "as metal"),
        ("mol", "mol/h", "as amount"),
    ],
)
def test_basis(basis: Basis, unit: str, words: str) -> None:
    masses: dict[str, dict[str, float]] = {
        "reo": OXIDE, "metal": METAL, "mol": dict.fromkeys(METAL, 1000.0),
    }  # fmt: skip
    table = tables.stream_table(SOLVED, basis)
    assert table.title == f"Streams of by-hand, {words}"
    found = rows(table)
    for symbol, mass in masses[basis].items():
        assert found[symbol][0] == unit
        assert float(found[symbol][1]) == pytest.approx(2.0 * FEED[symbol] * mass / 1000, rel=1e-3)


def test_total_is_the_sum_of_the_rare_earths_alone() -> None:
    found = rows(tables.stream_table(SOLVED, "mol"))
    assert found["total REE"][:3] == ("mol/h", "12", "0")  # 2 x (2 + 1 + 3), no Fe
    assert found["total REE"][4] == "9"  # 0.5 x 18.0004
    assert found["Fe"][1] == "20"
    feed = rows(tables.stream_table(SOLVED))["total REE"][1]
    by_hand = sum(2.0 * FEED[symbol] * OXIDE[symbol] / 1000 for symbol in OXIDE)
    assert float(feed) == pytest.approx(by_hand, rel=1e-3)
    assert float(feed) == pytest.approx(SOLVED.streams["feed"].treo(), rel=1e-3)


def test_closure_of_each_element_and_the_worst() -> None:
    found = rows(tables.stream_table(SOLVED))
    assert [found[name][-1] for name in ("Ho", "Y", "Er")] == ["2e-13", "3e-14", "2e-15"]
    assert found["total REE"][-1] == "2e-13"
    assert "max(feed, 1e-4 x largest internal flow)" in tables.stream_table(SOLVED).note


# --- outlets


def test_purity_and_recovery() -> None:
    table = tables.outlet_table(SOLVED)
    assert table.header == (
        "", "unit",
        "raffinate: purity", "raffinate: recovery", "strip liquor: purity", "strip liquor: recovery",
    )  # fmt: skip
    found = rows(table)
    treo = 0.5 * OXIDE["Y"] + 0.9999 * OXIDE["Ho"]
    assert float(found["Ho"][1]) == pytest.approx(100 * 0.9999 * OXIDE["Ho"] / treo, abs=2e-4)
    assert found["Ho"][2] == "99.9900"  # 2 x 0.9999 of 2 x 1
    assert found["Y"][4] == "75.0000"  # 0.5 x 6 of 2 x 2
    assert found["Er"][1:3] == ("0", "0")
    assert found["Er"][4] == "100.0000"


def test_purity_is_empty_where_it_means_nothing() -> None:
    assert rows(tables.outlet_table(SOLVED))["Fe"] == ("%", "", "100.0000", "", "0")
    water = {**SOLVED.streams, "raffinate": stream("raffinate", 2.0, WATER)}
    found = rows(tables.outlet_table(replace(SOLVED, streams=water)))
    assert [found[symbol][1] for symbol in ("Ho", "Y", "Er", "Fe")] == [""] * 4


def test_recovery_of_what_is_not_fed_is_empty() -> None:
    fed = {**SOLVED.streams, "feed": stream("feed", 2.0, {**FEED, "Er": 0.0})}
    found = rows(tables.outlet_table(replace(SOLVED, streams=fed)))
    assert found["Er"][2] == found["Er"][4] == ""


def test_purities_of_an_outlet_add_up() -> None:
    found = rows(tables.outlet_table(SOLVED))
    for column in (1, 3):
        total = sum(float(cells[column]) for cells in found.values() if cells[column])
        assert total == pytest.approx(100.0, abs=2e-4)


# --- stages, reagents, ranges


def test_stages() -> None:
    table = tables.stage_table(SOLVED)
    assert table.header == (
        "stage", "section", "pH", "[H+]", "loading", "aqueous", "organic", "oa_ratio",
    )  # fmt: skip
    assert table.units == ("", "", "", "mol/L", "%", "mol/L", "mol/L", "")
    assert table.heads()[3:5] == ("[H+], mol/L", "loading, %")
    first, second = table.rows
    assert first == ("1", "extraction", "1.301", "0.05", "25.0000", "0.0115", "0.00225", "2")
    assert second == ("2", "strip", "-0.544", "3.5", "0", "0.018", "0", "8")


def test_reagents_are_stoichiometry() -> None:
    """NH3 17.031 and HCl 36.458 g/mol; per kg of the oxides fed."""
    found = rows(tables.consumption_table(SOLVED))
    treo = SOLVED.streams["feed"].treo()
    base, scrub, strip = (
        found[name] for name in ("NH3, saponification", "HCl, scrub", "HCl, strip")
    )
    assert base[0] == "400"
    assert float(base[1]) == pytest.approx(400 * 17.031e-3, rel=1e-3)
    assert float(base[2]) == pytest.approx(400 * 17.031e-3 / treo, rel=1e-3)
    assert scrub == ("0", "0", "0")
    assert float(strip[1]) == pytest.approx(2000 * 36.458e-3, rel=1e-3)


@pytest.mark.parametrize(
    ("formula", "mass"), [("NaOH", 39.997), ("NH3", 17.031), ("HCl", 36.458), ("HNO3", 63.012)]
)
def test_reagent_mass(formula: str, mass: float) -> None:
    """g/mol from H 1.008, N 14.007, O 15.999, Na 22.990, Cl 35.45."""
    assert 1000 * reagent_mass(formula) == pytest.approx(mass, abs=2e-3)


def test_ranges_are_in_the_units_people_use() -> None:
    table = tables.range_table(SOLVED)
    assert table.header == ("section", "quantity", "reached", "constants hold for")
    metal, temperature = table.rows
    assert metal == (
        "strip",
        "aqueous metal",
        "0.018 mol/L to 0.45 mol/L",
        "0.01 mol/L to 0.4 mol/L",
    )
    assert temperature[:2] == ("strip", "temperature")
    assert "40 degC" in temperature[2] and "25 degC" in temperature[3]
