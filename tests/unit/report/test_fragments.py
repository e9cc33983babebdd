"""Fragments: sections, anchors, sources, and the document of them."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from ytterby.errors import ConvergenceError, DataError, Fault
from ytterby.report.figures import Figure, Panel, Series
from ytterby.report.fragments import (
    Drawing,
    Fragment,
    anchored,
    cited_sources,
    fault_fragment,
    figure_fragment,
    fragments_document,
    under,
)
from ytterby.report.tables import Table

TABLE = Table("Flows", ("stream", "flow"), (("feed", "1.5"),), "a note", ("", "m3/h"))
FIGURE = Figure("f", "Flow", "h", (1.0, 2.0), (Panel("m3/h", (Series("feed", (1.0, 2.0)),)),), (),
                "Steady.", ("T21",))  # fmt: skip
DRAWING = Drawing("tree", "<svg></svg>", "a tree")


def test_anchors_come_from_section_and_title_and_are_unique() -> None:
    found = anchored(
        [
            Fragment("Costs", section="Design α Nd/Sm"),
            Fragment("Costs", section="Design α Nd/Sm"),
            Fragment("Costs", anchor="costs"),
            Fragment("Costs"),
            Fragment("—"),
            Fragment("Sources"),
        ]
    )
    assert [it.anchor for it in found] == [
        "design-nd-sm-costs", "design-nd-sm-costs-2", "costs", "costs-2", "part", "sources-2",
    ]  # fmt: skip


def test_two_given_anchors_may_not_be_the_same() -> None:
    with pytest.raises(ValueError, match="twice"):
        anchored([Fragment("a", anchor="x"), Fragment("b", anchor="x")])


def test_what_names_no_sources_rests_on_those_of_its_section() -> None:
    own, others = under("Circuit", [figure_fragment("Own", FIGURE), Fragment("None")], ("LI87",))
    assert (own.sources, others.sources) == (("T21",), ("LI87",))
    assert own.section == others.section == "Circuit"
    assert own.caption == "Steady."
    assert cited_sources([own, others, own]) == ("T21", "LI87")


def test_every_fault_is_told() -> None:
    errors = [ConvergenceError([Fault("here", "1", "2"), Fault("there", next="less")])]
    (table,) = fault_fragment("Not reached", errors).tables
    assert table.rows == (("here", "1", "2", ""), ("there", "", "", "less"))


def test_the_document_is_as_its_schema_says() -> None:
    fragments = [
        Fragment("A", (TABLE,), FIGURE, "Caption.", ("T21",), "One"),
        Fragment("B", (), DRAWING),
        Fragment("C"),
    ]
    found = fragments_document(fragments)
    schema = json.loads((files("ytterby") / "data/schemas/fragments-1.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(json.loads(json.dumps(found, allow_nan=False)))
    first, second, _ = found["fragments"]
    assert first["tables"][0]["units"] == ["", "m3/h"]
    assert first["figure"]["data"][0]["y"] == [1.0, 2.0] and first["drawing"] is None
    assert second["drawing"] == "<svg></svg>" and second["figure"] is None
    assert [it["key"] for it in found["sources"]] == ["T21"]
    assert fragments_document(fragments) == found


def test_a_source_that_is_not_in_the_bibliography_is_refused() -> None:
    with pytest.raises(DataError, match="NOSUCH"):
        fragments_document([Fragment("A", sources=("NOSUCH",))])


def test_columns_of_numbers_are_known_and_units_stand_beside_names() -> None:
    rows = (("1", "aqueous", ""), ("2", "<1e-12", ""), ("3", "+4.5", "x"), ("4", ">99.9999", ""))
    table = Table("t", ("stage", "flow", "note"), rows, units=("", "m3/h", ""))
    assert table.numeric() == (True, True, False)
    assert table.heads() == ("stage", "flow, m3/h", "note")
    assert Table("t", ("a", "b"), ()).units_row() == ("", "")
    assert Table("t", ("a",), (("1 h",), ("2 d",))).numeric() == (False,)
