"""Facilities and evidence of the user's own: what is taken, and every reason to refuse a table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

import tiny_chain
from ytterby.case.own_facilities import read_own_evidence, read_own_facilities
from ytterby.chain.evidence import Evidence
from ytterby.chain.months import month
from ytterby.chain.network import Cited, Network, Range
from ytterby.errors import CaseError, Fault

COLUMNS = (
    "facility,title,owner,country,latitude,longitude,status,line,stage,recipes,capacity,starts,ends,"
    "source,note"
)
MINE = (
    "mine,My works,Mine & Co,AAA,48.5,-1.25,construction,,metal,Ga_metal;In_metal,30,2027-03,,plan,"
)
FOUND = "facility,stage,kind,date,what,customer_class,material,source"


@pytest.fixture
def network() -> Network:
    return tiny_chain.network(
        [tiny_chain.facility("smelter"), tiny_chain.facility("fab")],
        [tiny_chain.line("smelter", "metal", "Ga_metal", capacity=50.0)],
    )


def written(folder: Path, *rows: str, header: str = COLUMNS) -> Path:
    path = folder / "own.csv"
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return path


def booked(folder: Path, rows: Sequence[Sequence[Any]], merge: str = "") -> Path:
    """A workbook with those rows."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Mine"
    for row in rows:
        sheet.append(list(row))
    if merge:
        sheet.merge_cells(merge)
    path = folder / "own.xlsx"
    book.save(path)
    return path


def refused(path: Path, network: Network, read: Any = read_own_facilities) -> tuple[Fault, ...]:
    with pytest.raises(CaseError) as caught:
        read(path, network)
    return caught.value.faults


# --- what is taken


def test_a_facility_of_ones_own_joins_the_network(tmp_path: Path, network: Network) -> None:
    found = read_own_facilities(written(tmp_path, MINE), network)
    mine = found.facilities["mine"]
    assert (mine.title, mine.owner_key, mine.country) == ("My works", "mine_co", "AAA")
    assert (mine.latitude, mine.longitude) == (48.5, -1.25)
    line = found.lines["mine", "metal"]
    assert line.recipes == ("Ga_metal", "In_metal")
    assert line.capacity == Range(30.0, 30.0, 30.0)
    assert (line.starts, line.ends) == (month("2027-03"), None)
    assert line.cited == Cited("plan", "assumed", "none")
    assert {*network.facilities, "mine"} == set(found.facilities)
    assert "mine" not in network.facilities


def test_the_shipped_catalogue_takes_one_too(tmp_path: Path) -> None:
    from ytterby.chain.catalogue import network

    row = "lcm_lacq,,,,,,,alloy,alloy,alloy_N;alloy_H,4000,2028,,letter,"
    found = read_own_facilities(written(tmp_path, row), network())
    assert found.facilities["lcm_lacq"] == network().facilities["lcm_lacq"]
    assert found.lines["lcm_lacq", "alloy"].capacity == Range(4000.0, 4000.0, 4000.0)
    assert found.lines["lcm_lacq", "metal"] == network().lines["lcm_lacq", "metal"]


def test_filled_cells_replace_what_the_network_says(tmp_path: Path, network: Network) -> None:
    row = "smelter,,,,,,closed,,,,,,,visit,"
    found = read_own_facilities(written(tmp_path, row), network)
    smelter = found.facilities["smelter"]
    assert (smelter.status, smelter.country) == ("closed", "AAA")
    assert smelter.cited.source == "visit"
    assert found.lines == network.lines


def test_a_line_is_replaced_as_a_whole(tmp_path: Path, network: Network) -> None:
    row = "smelter,,,,,,,,metal,In_metal,,,,,"
    found = read_own_facilities(written(tmp_path, row), network)
    assert found.lines["smelter", "metal"].recipes == ("In_metal",)
    assert found.lines["smelter", "metal"].capacity is None
    assert found.facilities["smelter"] == network.facilities["smelter"]


def test_ends_of_a_capacity_may_be_given(tmp_path: Path, network: Network) -> None:
    header = "facility,stage,recipes,low,capacity,high,basis,source"
    path = written(tmp_path, "fab,wafer,wafer,1e2,150,180.5,read,brochure", header=header)
    line = read_own_facilities(path, network).lines["fab", "wafer"]
    assert line.capacity == Range(100.0, 150.0, 180.5)
    assert line.cited.basis == "read"


def test_a_workbook_says_the_same_as_text(tmp_path: Path, network: Network) -> None:
    """Numbers, years and days of a spreadsheet are taken as they would stand in text."""
    from datetime import datetime

    cells: list[Any] = list(MINE.split(","))
    cells[4], cells[5], cells[10], cells[11] = 48.5, -1.25, 30, datetime(2027, 3, 1)
    book = booked(tmp_path, [COLUMNS.split(","), ["# for readers"], cells])
    text = written(tmp_path, "# for readers", MINE)
    assert read_own_facilities(book, network) == read_own_facilities(text, network)
    cells[11] = 2027
    book = booked(tmp_path, [COLUMNS.split(","), cells])
    assert read_own_facilities(book, network).lines["mine", "metal"].starts == month("2027")


def test_evidence_of_ones_own(tmp_path: Path, network: Network) -> None:
    path = written(
        tmp_path,
        "smelter,metal,qualified,2026-03,samples passed,defence,Ga_metal,letter",
        "smelter,metal,produced,,seen on a visit,,,visit",
        header=FOUND,
    )
    first, second = read_own_evidence(path, network)
    assert first == Evidence(
        "smelter",
        "metal",
        "qualified",
        month("2026-03"),
        "samples passed",
        "defence",
        "Ga_metal",
        Cited("letter", "assumed", "none"),
    )
    assert second.month is None


# --- refusals of cells


@pytest.mark.parametrize(
    ("old", "new", "column", "read", "nearest"),
    [
        (",metal,", ",metall,", "stage", '"metall"', "metal"),
        (",30,", ",-30,", "capacity", '"-30"', ""),
        (",30,", ",nan,", "capacity", '"nan"', ""),
        (",30,", ",1_000,", "capacity", '"1_000"', ""),
        (",30,", ",30 t,", "capacity", '"30 t"', ""),
        ("2027-03", "2027-13", "starts", '"2027-13"', ""),
        ("2027-03,", "2027-03,2027-01", "ends", '"2027-01"', ""),
        ("In_metal", "In_metl", "recipes", '"In_metl"', "In_metal"),
        ("In_metal", "wafer", "recipes", '"wafer"', ""),
        (",AAA,", ",Aaa,", "country", '"Aaa"', ""),
        (",AAA,", ",,", "country", "nothing", ""),
        (",48.5,", ",98.5,", "latitude", '"98.5"', ""),
        ("construction", "constructing", "status", '"constructing"', "construction"),
        ("mine,", "my works,", "facility", '"my works"', ""),
    ],
)
def test_a_faulty_cell_is_told_with_its_place(
    tmp_path: Path, network: Network, old: str, new: str, column: str, read: str, nearest: str
) -> None:
    (fault,) = refused(written(tmp_path, MINE.replace(old, new, 1)), network)
    assert fault.where == f"own.csv line 2, {column}"
    assert (fault.read, fault.nearest) == (read, nearest)
    assert fault.expected


def test_every_fault_of_a_table_is_told_at_once(tmp_path: Path, network: Network) -> None:
    path = written(
        tmp_path,
        MINE.replace(",30,", ",-30,").replace("2027-03", "soon"),
        "works,,,BBB,,,operating,,metl,Ga_metal,,,,,",
    )
    places = [fault.where for fault in refused(path, network)]
    assert places == [
        "own.csv line 2, starts",
        "own.csv line 2, capacity",
        "own.csv line 3, stage",
    ]


def test_the_same_line_twice_is_refused(tmp_path: Path, network: Network) -> None:
    (fault,) = refused(written(tmp_path, MINE, MINE), network)
    assert fault.where == "own.csv line 3, stage"
    assert "own.csv line 2" in fault.read


def test_a_second_line_of_a_stage_with_a_name_is_taken(tmp_path: Path, network: Network) -> None:
    second = "mine,,,,,,,metal two,metal,Ga_metal,10,2029,,plan,"
    found = read_own_facilities(written(tmp_path, MINE, second), network)
    assert found.lines["mine", "metal two"].starts == month("2029")


def test_rows_that_contradict_each_other_are_refused(tmp_path: Path, network: Network) -> None:
    other = MINE.replace("AAA", "BBB").replace(",,metal,", ",two,metal,")
    (fault,) = refused(written(tmp_path, MINE, other), network)
    assert fault.where == "own.csv line 3, country"
    assert '"AAA"' in fault.expected and "line 2" in fault.expected


def test_a_comma_too_many_shifts_no_row(tmp_path: Path, network: Network) -> None:
    (fault,) = refused(
        written(tmp_path, MINE.replace("My works", "My works, north") + "x"), network
    )
    assert fault.where == "own.csv line 2"
    assert fault.read == '"x" in a column without a name'


@pytest.mark.parametrize(
    ("header", "read", "nearest"),
    [
        (COLUMNS.replace("capacity", "capacty"), 'a column "capacty"', "capacity"),
        (COLUMNS.replace("title", "owner"), "a second column owner", ""),
        (COLUMNS.replace("facility", "note", 1).replace(",note", ""), "no column facility", ""),
    ],
)
def test_a_faulty_header_is_refused(
    tmp_path: Path, network: Network, header: str, read: str, nearest: str
) -> None:
    found = {
        (it.read, it.nearest) for it in refused(written(tmp_path, MINE, header=header), network)
    }
    assert (read, nearest) in found


def test_a_table_without_rows_and_no_table_are_refused(tmp_path: Path, network: Network) -> None:
    (fault,) = refused(written(tmp_path), network)
    assert fault.read == "no row below the names"
    written(tmp_path, MINE)
    (fault,) = refused(tmp_path / "owm.csv", network)
    assert (fault.read, fault.nearest) == ("no such file", "own.csv")


def test_cells_of_a_workbook_are_told_by_sheet_and_cell(tmp_path: Path, network: Network) -> None:
    cells = MINE.replace(",30,", ",-30,").split(",")
    (fault,) = refused(booked(tmp_path, [COLUMNS.split(","), cells]), network)
    assert fault.where == "own.xlsx sheet Mine cell K2, capacity"


def test_a_formula_without_a_value_is_refused(tmp_path: Path, network: Network) -> None:
    cells = MINE.replace(",30,", ",=10*3,").split(",")
    (fault,) = refused(booked(tmp_path, [COLUMNS.split(","), cells]), network)
    assert fault.where == "own.xlsx sheet Mine cell K2"
    assert "formula" in fault.read


def test_merged_cells_are_refused(tmp_path: Path, network: Network) -> None:
    rows = [COLUMNS.split(","), MINE.split(","), MINE.split(",")]
    (fault,) = refused(booked(tmp_path, rows, merge="A2:A3"), network)
    assert fault.where == "own.xlsx sheet Mine cell A2"
    assert fault.read == "merged cells A2:A3"


@pytest.mark.parametrize(
    ("row", "column", "nearest"),
    [
        ("smelte,metal,produced,,seen,,,visit", "facility", "smelter"),
        ("smelter,metl,produced,,seen,,,visit", "stage", "metal"),
        ("smelter,metal,producd,,seen,,,visit", "kind", "produced"),
        ("smelter,metal,,,seen,,,visit", "kind", ""),
        ("smelter,metal,produced,2026-31,seen,,,visit", "date", ""),
        ("smelter,metal,produced,,,,,visit", "what", ""),
        ("smelter,metal,produced,,seen,defence,,visit", "customer_class", ""),
        ("smelter,metal,produced,,seen,,Ga_metl,visit", "material", "Ga_metal"),
    ],
)
def test_faulty_evidence_is_told_with_its_place(
    tmp_path: Path, network: Network, row: str, column: str, nearest: str
) -> None:
    (fault,) = refused(written(tmp_path, row, header=FOUND), network, read_own_evidence)
    assert fault.where == f"own.csv line 2, {column}"
    assert fault.nearest == nearest


def test_the_same_evidence_twice_is_refused(tmp_path: Path, network: Network) -> None:
    row = "smelter,metal,produced,,seen,,,visit"
    (fault,) = refused(written(tmp_path, row, row, header=FOUND), network, read_own_evidence)
    assert fault.where == "own.csv line 3, facility"
