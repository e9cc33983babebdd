"""Results as fragments: the same each time, a unit for every column of numbers, a source for every table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest

from circuits import samarium_gadolinium
from command_line import SMALL
from design_studies import planned
from ytterby.case import read_text
from ytterby.circuit.solve import solve_circuit
from ytterby.circuit.solved import SolvedCircuit
from ytterby.report.circuit_fragments import circuit_fragments, study_fragments
from ytterby.report.design_fragments import design_fragments
from ytterby.report.fit_fragments import fit_fragments
from ytterby.report.fragments import Fragment, anchored, fragments_document
from ytterby.report.start_fragments import start_fragments
from ytterby.report.tables import Table
from ytterby.study.fit import run_fits
from ytterby.study.run import run
from ytterby.study.start import run_starts

FIT = """\
schema_version = 1
[fits.own]
set = "P507-HCl-v0"
datasets = ["LEE05", "LYON16"]
elements = ["Pr", "Nd"]
"""
START = (
    SMALL
    + """
[starts.fill]
circuit = "small"
duration = "2 d"
[starts.fill.specifications.dy]
outlet = "strip liquor"
element = "Dy"
purity = "90 %"
[starts.fill.events.weak]
kind = "acid"
stream = "strip acid"
share = "90 %"
at = "1 d"
lasting = "6 h"
"""
)
COUNTED = {"stage", "pH", "oa_ratio", "rank", "points", "closure"}
"""Columns of numbers without a unit."""


@cache
def solved() -> SolvedCircuit:
    return solve_circuit(samarium_gadolinium())


@cache
def of_circuit() -> list[Fragment]:
    return circuit_fragments(solved(), shortcuts=True, mccabe="Gd")


@cache
def of_start() -> list[Fragment]:
    (one,) = run_starts(read_text(START)).runs.values()
    return start_fragments(one)


@cache
def of_fit() -> list[Fragment]:
    (one,) = run_fits(read_text(FIT)).fits.values()
    return fit_fragments(one)


@cache
def of_design() -> list[Fragment]:
    return design_fragments(planned(), figures=False)


RESULTS: dict[str, Callable[[], list[Fragment]]] = {
    "circuit": of_circuit,
    "start": of_start,
    "fit": of_fit,
    "design": of_design,
}


def without_unit(table: Table) -> list[str]:
    """Columns of numbers that neither a unit of their own nor one of each row says anything of."""
    by_row = "unit" in table.header
    columns = (
        zip(table.header, table.units_row(), table.numeric(), strict=True) if table.rows else ()
    )
    return [
        name for name, unit, numeric in columns
        if numeric and not unit and not by_row and name not in COUNTED
    ]  # fmt: skip


@pytest.mark.parametrize("kind", RESULTS)
def test_every_column_of_numbers_has_a_unit(kind: str) -> None:
    tables = [table for it in RESULTS[kind]() for table in it.tables]
    assert {table.title: without_unit(table) for table in tables if without_unit(table)} == {}
    assert all(len(table.units) in (0, len(table.header)) for table in tables)
    assert all(len(row) == len(table.header) for table in tables for row in table.rows)


def test_a_column_without_a_unit_would_be_noticed() -> None:
    table = next(it for fragment in of_circuit() for it in fragment.tables if any(it.units))
    assert without_unit(replace(table, units=()))


@pytest.mark.parametrize("kind", RESULTS)
def test_every_fragment_rests_on_sources_of_the_bibliography(kind: str) -> None:
    found = RESULTS[kind]()
    assert all(it.sources for it in found)
    cited = fragments_document(found)["sources"]
    assert {it["key"] for it in cited} == {key for it in found for key in it.sources}


@pytest.mark.parametrize("kind", RESULTS)
def test_all_stand_in_one_section_with_anchors_of_their_own(kind: str) -> None:
    found = anchored(RESULTS[kind]())
    assert len({it.section for it in found}) == 1 and found[0].section
    assert len({it.anchor for it in found}) == len(found)


def test_fragments_are_made_of_the_result_alone() -> None:
    again = circuit_fragments(solved(), shortcuts=True, mccabe="Gd")
    assert fragments_document(again) == fragments_document(of_circuit())
    elsewhere = circuit_fragments(solved(), shortcuts=True, mccabe="Gd", section="Plant")
    assert {it.section for it in elsewhere} == {"Plant"}
    assert [it.tables for it in elsewhere] == [it.tables for it in of_circuit()]


def test_a_study_tells_every_circuit_and_its_trains() -> None:
    study = run(read_text(SMALL))
    assert {it.section for it in study_fragments(study)} == {"Circuit small"}
    titles = [it.title for it in study_fragments(study, mccabe="Tb")]
    assert "McCabe-Thiele diagram of Tb" in titles
    assert "McCabe-Thiele diagram of Nd" not in [
        it.title for it in study_fragments(study, mccabe="Nd")
    ]


def test_figures_have_their_caption_and_their_sources() -> None:
    figures = [it for it in of_start() if it.figure is not None]
    assert [it.title for it in figures] == ["Products", "Metal held"]
    assert all("Assumed: mixers: 5 min" in it.caption for it in figures)
