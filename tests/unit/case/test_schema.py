"""The schema table is sound, and the reference page says what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from ytterby.case import read_text
from ytterby.case.reference import reference_page
from ytterby.case.schema import Row, any_name, keys_of, rows
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


def test_rows_for_several_tables_are_written_out() -> None:
    for inlet in (("extraction", "feed"), ("scrub", "liquor"), ("strip", "liquor")):
        keys = keys_of(("circuits", "NAME", *inlet))
        assert list(keys) == ["flow", "acid", "pH", "basis", "concentrations"]
        assert keys["flow"].path == ".".join(("circuits", "NAME", *inlet, "flow"))


def test_names_of_the_users_own() -> None:
    assert any_name(("circuits",)) == keys_of(("circuits",))["NAME"]
    assert any_name(("circuits", "NAME", "organic")) is None


def test_a_file_of_all_examples_is_read() -> None:
    """The examples of the table, put together, are a case."""
    text = _examples(())
    circuit = read_text(text).circuits["example"]
    assert [section.kind for section in circuit.sections] == ["extraction", "scrub", "strip"]


def _examples(table: tuple[str, ...]) -> str:
    names = {"NAME": "example", "ELEMENT": "Tb"}
    keys = [row for row in keys_of(table).values() if row.key != "pH"]
    path = ".".join(names.get(key, key) for key in table)
    text = f"[{path}]\n" if table else ""
    for row in keys:
        if row.key == "ELEMENT":
            text += f"Tb = {row.toml(row.example)}\nDy = {row.toml(row.example)}\n"
        elif row.type != "table":
            text += f"{row.key} = {row.toml(row.example)}\n"
    return text + "".join(_examples((*table, row.key)) for row in keys if row.type == "table")
