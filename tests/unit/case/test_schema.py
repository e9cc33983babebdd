"""The schema table is sound, and the reference page says what it says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ytterby.case import read_text
from ytterby.case.reference import reference_page
from ytterby.case.schema import Row, any_name, keys_of, rows
from ytterby.case.sections import SECTIONS
from ytterby.quantities import parse_any

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "case-file.md"
VALUES = [row for row in rows() if row.type != "table"]


def test_the_reference_page_is_the_generated_one() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference_page()


@pytest.mark.parametrize("row", VALUES, ids=lambda row: row.path)
def test_every_key_has_a_sound_row(row: Row) -> None:
    assert row.description and not row.description.endswith(".")
    assert row.example
    assert not (row.required and row.default), "a required key has no default"
    assert not row.choices or {row.example, row.default or row.example} <= {*row.choices}
    if row.type == "quantity":
        for text in filter(None, (row.example, row.default)):
            number, dimension = parse_any(text, row.dimensions)
            assert row.holds(number, dimension.name)


@pytest.mark.parametrize("row", VALUES, ids=lambda row: row.path)
def test_every_key_is_on_the_reference_page(row: Row) -> None:
    assert f"| `{row.key}` |" in reference_page()


LIQUOR = ["flow", "acid", "pH", "salt", "sulfate", "basis", "concentrations"]


def test_rows_for_several_tables_are_written_out() -> None:
    for key, duty in SECTIONS.items():
        keys = keys_of(("circuits", "NAME", key, duty.inlet))
        assert list(keys) == LIQUOR
        assert keys["flow"].path == f"circuits.NAME.{key}.{duty.inlet}.flow"
    side = keys_of(("circuits", "NAME", "side_feeds", "LABEL"))
    assert list(side) == ["section", "stage", "phase", *LIQUOR]


def test_every_section_of_the_schema_is_known_and_the_other_way_round() -> None:
    sections = [key for key in keys_of(("circuits", "NAME")) if key in SECTIONS]
    assert sections == list(SECTIONS)
    for path in (("side_feeds", "LABEL"), ("draws", "LABEL"), ("refluxes", "LABEL")):
        assert keys_of(("circuits", "NAME", *path))["section"].choices == tuple(SECTIONS)


@pytest.mark.parametrize(
    ("limit", "good", "bad"),
    [("> 0", 1, 0), (">= 0", 0, -1), ("< 20", 19, 20), ("<= 20", 20, 21)],
)
def test_limits(limit: str, good: float, bad: float) -> None:
    row = replace(keys_of(("circuits", "NAME", "strip"))["stages"], minimum=limit, maximum="")
    assert row.holds(good) and not row.holds(bad)


def test_names_of_the_users_own() -> None:
    assert any_name(("circuits",)) == keys_of(("circuits",))["NAME"]
    assert any_name(("circuits", "NAME", "organic")) is None


def test_a_file_of_all_examples_is_read() -> None:
    """The examples of the table, put together, are a case: one file for what cannot stand side by side."""
    case = read_text(_examples(()))
    circuit = case.circuits["first"]
    assert [section.label for section in circuit.sections] == [it.label for it in SECTIONS.values()]
    assert circuit.terms == ("complexing",)
    assert (len(circuit.side_feeds), len(circuit.draws), len(circuit.refluxes)) == (1, 1, 1)
    assert [len(train.transfers) for train in case.trains.values()] == [1]


NAMES = {"ELEMENT": ("Tb", "Dy"), "ITEM": ("interest",)}
OWN = {"NAME": "first"}
NOT_TOGETHER = {"pH", "sulfate", "tables", "starts", "sequences", "audits", "plant", "chain"}
"""Keys that exclude another example, name absent files, or need other circuits, products or units."""


def _examples(table: tuple[str, ...]) -> str:
    """All keys of a table, and of the tables in it."""
    keys = [row for row in keys_of(table).values() if row.key not in NOT_TOGETHER]
    text = f"[{'.'.join(_written(table))}]\n" if table else ""
    for row in keys:
        names = {"assumed": ("Fe",)}.get(table[-1] if table else "", NAMES.get(row.key, (row.key,)))
        if row.type != "table":
            text += "".join(f"{name} = {row.toml(row.example)}\n" for name in names)
    below = "".join(_examples((*table, row.key)) for row in keys if row.type == "table")
    if table == ("circuits", "NAME"):
        return text + below + (text + below).replace("circuits.first", "circuits.second")
    return text + below


def _written(table: tuple[str, ...]) -> list[str]:
    """A path with names in place of the words in capitals; streams need names of their own."""
    labels = zip(table, ("", *table), strict=False)
    return [f"my-{above}" if key == "LABEL" else OWN.get(key, key) for key, above in labels]
