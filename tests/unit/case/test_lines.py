"""Line numbers of keys, against texts counted by hand and against tomllib's own reading."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ytterby.case.lines import KeyPath, key_lines

EVERYTHING = '''\
# a comment with [brackets] and a = 1
top = "a # no comment"   # but this is
"quoted key" = 1
a.b."c.d" = [ 1, # one

  [2, 3],
  { x = 1, y.z = "}" } ]
text = """
not.a.key = 1
[no.table]
"" \\""" """
literal = \'\'\'
fake = 1
\'\'\'\'

[table.sub]
key = 'x = ]'
[table]
date = 1979-05-27 07:32:00
[[array]]
n = 1
[[array]]
n = 2
[array.inner]
m = {}
[[array.list]]
k = []
[ "esc\\u0061ped" . b ]
c = +1e3
'''


def test_lines_counted_by_hand() -> None:
    assert key_lines(EVERYTHING) == {
        ("top",): 2,
        ("quoted key",): 3,
        ("a",): 4,
        ("a", "b"): 4,
        ("a", "b", "c.d"): 4,
        ("a", "b", "c.d", 0): 4,
        ("a", "b", "c.d", 1): 6,
        ("a", "b", "c.d", 1, 0): 6,
        ("a", "b", "c.d", 1, 1): 6,
        ("a", "b", "c.d", 2): 7,
        ("a", "b", "c.d", 2, "x"): 7,
        ("a", "b", "c.d", 2, "y"): 7,
        ("a", "b", "c.d", 2, "y", "z"): 7,
        ("text",): 8,
        ("literal",): 12,
        ("table",): 18,
        ("table", "sub"): 16,
        ("table", "sub", "key"): 17,
        ("table", "date"): 19,
        ("array",): 20,
        ("array", 0): 20,
        ("array", 0, "n"): 21,
        ("array", 1): 22,
        ("array", 1, "n"): 23,
        ("array", 1, "inner"): 24,
        ("array", 1, "inner", "m"): 25,
        ("array", 1, "list"): 26,
        ("array", 1, "list", 0): 26,
        ("array", 1, "list", 0, "k"): 27,
        ("escaped",): 28,
        ("escaped", "b"): 28,
        ("escaped", "b", "c"): 29,
    }


def test_windows_line_ends_count_once() -> None:
    assert key_lines("a = 1\r\n\r\n[t]\r\nb = 2\r\n") == {("a",): 1, ("t",): 3, ("t", "b"): 4}


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment", "[a]"])
def test_short_texts(text: str) -> None:
    assert key_lines(text) == ({("a",): 1} if text == "[a]" else {})


# --- every key that tomllib reads has a line, and no other has


KEYS = st.text(max_size=5) | st.sampled_from(["a", "b", "flow", "a.b", "#", "["])
SCALARS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["#", "]", "}", '"', "'", "\\", "a = 1", "\n[t]\n", '"""', "'''", "=", ","]),
    st.integers(-(10**9), 10**9),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.dates(),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)
TABLES = st.dictionaries(KEYS, VALUES, max_size=5)


def quoted(text: str) -> str:
    escapes = {'"': '\\"', "\\": "\\\\"}
    return (
        '"'
        + "".join(escapes.get(c, c if c.isprintable() else f"\\U{ord(c):08x}") for c in text)
        + '"'
    )


def written(value: Any, choose: Any) -> str:
    """A value in TOML, in one of several styles."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        if choose("multi-line") and "\\" not in value and '"' not in value:
            return (
                '"""\n' + "".join(c if c.isprintable() or c == "\n" else "" for c in value) + '"""'
            )
        return quoted(value)
    if isinstance(value, list):
        break_ = choose("\n  # [a comment, = ]\n")
        return "[" + break_ + f",{break_}".join(written(item, choose) for item in value) + "]"
    if isinstance(value, dict):
        pairs = (f"{quoted(key)} = {written(item, choose)}" for key, item in value.items())
        return "{ " + ", ".join(pairs) + " }"
    return repr(value) if isinstance(value, int | float) else value.isoformat()


def document(table: dict[str, Any], above: list[str], choose: Any) -> Iterator[str]:
    """Lines of a document; tables inside become headers, arrays of tables, or inline."""
    later = []
    for key, value in table.items():
        tables = isinstance(value, list) and value and all(isinstance(it, dict) for it in value)
        if (isinstance(value, dict) or tables) and choose("with a header"):
            later.append((key, value))
        else:
            yield f"{quoted(key)}{choose(' ')}={choose(' ')}{written(value, choose)} # = [\n"
            yield choose("\n# [a.b]\n")
    for key, value in later:
        path = [*above, quoted(key)]
        brackets = 2 if isinstance(value, list) else 1
        for inner in value if isinstance(value, list) else [value]:
            yield (
                "[" * brackets + choose(" ") + ".".join(path) + choose(" ") + "]" * brackets + "\n"
            )
            yield from document(inner, path, choose)


def paths(value: Any, above: KeyPath = ()) -> Iterator[KeyPath]:
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in inside:
        yield (*above, key)
        if isinstance(inner, dict | list):
            yield from paths(inner, (*above, key))


@settings(deadline=None)
@given(TABLES, st.randoms(use_true_random=False))
def test_exactly_the_keys_that_tomllib_reads_have_a_line(
    table: dict[str, Any], random: Any
) -> None:
    text = "".join(document(table, [], lambda text: text if random.random() < 0.4 else ""))
    lines = key_lines(text)
    assert set(lines) == set(paths(tomllib.loads(text)))
    rows = text.split("\n")
    for path, line in lines.items():
        if isinstance(path[-1], str):
            assert quoted(path[-1]) in rows[line - 1]
