"""Keys of a case changed from outside: how they are written, what they become, where faults are told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import tiny_plant
from ytterby.case import read
from ytterby.case.changes import changed, read_change
from ytterby.errors import CaseError


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("plant.medium=chloride", ("plant", "medium"), "chloride"),
        ('plant.medium="chloride"', ("plant", "medium"), "chloride"),
        ("plant.hours = 7500 h", ("plant", "hours"), "7500 h"),
        ("plant.units.a.settings.excess=1.2", ("plant", "units", "a", "settings", "excess"), 1.2),
        ("a.b=[1, 2]", ("a", "b"), [1, 2]),
        ("a.b=true", ("a", "b"), True),
        ('a."b c"=1', ("a", "b c"), 1),
        ("a.b=x=y", ("a", "b"), "x=y"),
    ],
)
def test_a_change_is_a_key_and_a_value(text: str, path: tuple[str, ...], value: Any) -> None:
    assert read_change(text) == (path, value)


@pytest.mark.parametrize(
    "text", ["", "plant.medium", "=chloride", "a b=1", "a.=1", "a=", "a=1\nb=2"]
)
def test_what_is_no_change_is_refused(text: str) -> None:
    with pytest.raises(CaseError, match=r"write it like --set plant\.medium=chloride"):
        read_change(text)


def test_a_tree_is_changed_in_a_copy() -> None:
    tree = {"plant": {"medium": "nitrate", "units": {}}}
    found = changed(tree, ["plant.medium=chloride", "plant.units.a.kind=roast", "title=other"])
    plant = {"medium": "chloride", "units": {"a": {"kind": "roast"}}}
    assert found == {"plant": plant, "title": "other"}
    assert tree == {"plant": {"medium": "nitrate", "units": {}}}


def test_a_key_below_a_value_is_refused() -> None:
    with pytest.raises(CaseError, match=r"plant\.medium, which is no table"):
        changed({"plant": {"medium": "nitrate"}}, ["plant.medium.acid=1"])


def test_a_changed_case_is_read_as_if_written(tmp_path: Path) -> None:
    path = tiny_plant.write_case(tmp_path)
    plan = read(path, ["plant.hours=7000 h"]).plant
    assert plan is not None and plan.hours == 7000.0
    assert read(path).plant.hours == 8000.0  # type: ignore[union-attr]


def test_faults_of_changed_keys_are_told_where_they_were_written(tmp_path: Path) -> None:
    path = tiny_plant.write_case(tmp_path, tiny_plant.CASE.replace('base = "NH3"', 'base = "KOH"'))
    with pytest.raises(CaseError) as error:
        read(path, ["plant.medium=sulfate", "plant.houres=7000 h"])
    said = {fault.where: fault for fault in error.value.faults}
    assert said["--set plant.medium"].read == '"sulfate"'
    assert said["--set plant.houres"].nearest == "hours"
    assert any(where.endswith("line 7, plant.base") for where in said)
