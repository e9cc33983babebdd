"""Damaged and arbitrary files are read as a whole or refused in five parts, never anything else."""

from __future__ import annotations

import json
import math
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ytterby.case import Case, read, read_text
from ytterby.case.schema import rows
from ytterby.circuit.volumes import volumes
from ytterby.errors import CaseError

TB_DY = Path(__file__).with_name("tb-dy.toml").read_text(encoding="utf-8")
mutate = runpy.run_path(str(Path(__file__).parents[2] / "faces" / "mutations.py"))["mutate"]
FILES = 500


def check_refusal(error: CaseError) -> None:
    """Every fault says where, what was read or expected, and what next; nothing unprintable."""
    assert error.faults
    for fault in error.faults:
        assert fault.where and fault.read and (fault.next or fault.expected)
        assert all(line.isprintable() and len(line) < 700 for line in str(fault).split("\n"))


def check_case(case: Case) -> None:
    """What was read is whole: finite, positive where it must be, and at home in its own circuit."""
    assert case.circuits
    for circuit in case.circuits.values():
        organic = circuit.organic
        assert 0.0 < organic.flow < math.inf and 0.0 < organic.extractant <= 5000.0
        assert 0.0 <= organic.saponification <= 1.0 and 0.0 <= organic.bleed < 1.0
        assert circuit.sections[0].kind == "extraction"
        for section in circuit.sections:
            assert 1 <= section.stages <= 1000 and type(section.stages) is int
            assert 0.0 < section.efficiency <= 1.0
            assert min(section.aqueous_carried, section.organic_carried) >= 0.0
            assert max(section.aqueous_carried, section.organic_carried) < 0.2
        for inlet, stage, _ in circuit.inlets():
            assert 0 <= stage < circuit.stages
            assert 0.0 < inlet.flow < math.inf and 0.0 <= inlet.acid <= 20_000.0
            assert 0.0 <= inlet.salt <= 20_000.0
            assert set(inlet.concentrations) <= set(circuit.elements)
            assert all(0.0 <= it <= 10_000.0 for it in inlet.concentrations.values())
        check_volumes(case)
    for circuit in case.alone.values():
        assert any(any(inlet.concentrations.values()) for inlet, _, _ in circuit.inlets())


def check_volumes(case: Case) -> None:
    """What flows on from every stage is more than nothing."""
    for plan in (*case.alone.values(), *case.trains.values()):
        for name, through in volumes(plan).items():
            assert all(0.0 < flow < math.inf for flows in through.values() for flow in flows)
            for draw in case.circuits[name].draws:
                stage = case.circuits[name].index(draw.place)
                assert 0.0 < draw.flow < through[draw.phase][stage]


def outcome(path: Path) -> str:
    try:
        check_case(read(path))
    except CaseError as error:
        check_refusal(error)
        return "refused"
    return "read"


def test_damaged_files_are_read_or_refused(tmp_path: Path) -> None:
    outcomes = []
    path = tmp_path / "case.toml"
    for seed in range(FILES):
        path.write_bytes(mutate(TB_DY, seed))
        try:
            outcomes.append(outcome(path))
        except Exception as error:
            error.add_note(f"mutate(tb-dy.toml, seed={seed})")
            raise
    # Otherwise the damage would be too small or too large to show anything.
    assert FILES // 2 < outcomes.count("refused") < FILES - 10


def test_damage_is_repeatable_and_different() -> None:
    assert mutate(TB_DY, 7) == mutate(TB_DY, 7)
    assert len({mutate(TB_DY, seed) for seed in range(100)}) > 80


@settings(deadline=None)
@given(st.one_of(st.text(), st.text(alphabet="[]{}\"'=.,#\n ab1")))
def test_arbitrary_text_is_refused(text: str) -> None:
    with pytest.raises(CaseError) as caught:
        read_text(text)
    check_refusal(caught.value)


# --- documents that have the right keys in all places, and anything for values

KEYS = sorted({row.key for row in rows()} | {"tb-dy", "Tb", "Dy", "Fe", "Xx", "a.b", ""})
VALUES = st.one_of(
    st.sampled_from([row.example for row in rows()]),
    st.text(max_size=5),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.lists(st.sampled_from(["Tb", "Dy", "Xx"]), max_size=3),
)
TREES = st.recursive(
    VALUES, lambda inner: st.dictionaries(st.sampled_from(KEYS), inner, max_size=6), max_leaves=30
)


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def inline(value: Any) -> str:
    """A value in TOML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quoted(key)} = {inline(it)}" for key, it in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(inline, value)) + "]"
    if isinstance(value, str):
        return quoted(value)
    return str(value).lower() if isinstance(value, bool) else repr(value)


def document(tree: dict[str, Any], above: str = "") -> str:
    """A TOML document with one line per value, in dotted keys; empty tables are inline."""
    lines = ""
    for key, value in tree.items():
        if isinstance(value, dict) and value:
            lines += document(value, f"{above}{quoted(key)}.")
        else:
            lines += f"{above}{quoted(key)} = {inline(value)}\n"
    return lines


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), TREES, max_size=6))
def test_arbitrary_documents_are_read_or_refused(tree: dict[str, Any]) -> None:
    try:
        check_case(read_text(document(tree)))
    except CaseError as error:
        check_refusal(error)
        assert "TOML" not in str(error)


def leaves(tree: dict[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, value in tree.items():
        yield (*above, key)
        if isinstance(value, dict):
            yield from leaves(value, (*above, key))


SIDE = {"section": "extraction", "stage": 3, "flow": "0.1 m3/h"}
INLET = {
    "flow": "1 m3/h",
    "acid": "1 mol/L",
    "concentrations": {"Tb": "10 g/L", "Dy": "0.4 M"},
    "basis": "reo",
}
GOOD = {
    "schema_version": 1,
    "circuits": {
        "tb-dy": {
            "extractant": "P507",
            "cut": ["Tb", "Dy"],
            "organic": {"flow": "6 m3/h", "concentration": "1.5 mol/L", "saponification": "36 %"},
            "extraction": {"stages": 26, "feed": INLET, "efficiency": "90 %"},
            "scrub": {"stages": 24, "liquor": INLET, "aqueous_entrainment": "1 %"},
            "strip": {"stages": 10, "liquor": INLET, "organic_entrainment": "1 %"},
            "wash": {"stages": 2, "liquor": INLET},
            "terms": ["complexing"],
            "assumed": {"Fe": 0.1},
            "side_feeds": {"more": {**SIDE, **INLET}},
            "draws": {"middle": SIDE},
            "refluxes": {"back": {"outlet": "strip liquor", "flow": "0.2 m3/h"}},
        }
    },
    "trains": {
        "loop": {
            "circuits": ["tb-dy"],
            "transfers": {
                "wash": {"from": "tb-dy", "outlet": "wash liquor", "to": "tb-dy", "share": "50 %"}
            },
        }
    },
}
PLACES = list(leaves(GOOD))


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(PLACES), VALUES | st.none(), min_size=1, max_size=3))
def test_a_good_document_with_other_values_is_read_or_refused(
    changes: dict[tuple[str, ...], Any],
) -> None:
    tree = json.loads(json.dumps(GOOD))
    for (*above, key), value in changes.items():
        table = tree
        for name in above:
            table = table.get(name, {}) if isinstance(table, dict) else {}
        if isinstance(table, dict) and value is None:
            table.pop(key, None)
        elif isinstance(table, dict):
            table[key] = value
    try:
        check_case(read_text(document(tree)))
    except CaseError as error:
        check_refusal(error)
