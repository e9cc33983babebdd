"""The bibliography: complete, used, and refused when faulty."""

import pytest

from ytterby import datasets
from ytterby.audit import claim_sets, shipped_set
from ytterby.errors import DataError
from ytterby.sources import READ_STATUS, all_sources, format_source, read_sources, source

GOOD = """
[T21]
kind = "article"
citation = "Tanaka M."
read_status = "secondary"
"""


def test_source_by_key():
    found = source("T21")
    assert found.key == "T21"
    assert "Tanaka" in found.citation
    assert found.doi_or_url == "10.1016/j.hydromet.2021.105588"
    assert found.read_status == "secondary"


def test_unknown_key_says_the_nearest():
    with pytest.raises(DataError) as caught:
        source("li80")
    (fault,) = caught.value.faults
    assert fault.nearest == "LI80"
    assert '"li80"' in fault.read


def test_reference_line_has_key_link_and_how_it_was_read():
    line = format_source(source("T21"))
    assert line.startswith("[T21] Tanaka M.")
    assert "https://doi.org/10.1016/j.hydromet.2021.105588" in line
    assert "second-hand (DIFFLOW)" in line
    assert "\n" not in line
    assert "Recalled from memory" in format_source(source("LI80"))
    assert all(format_source(entry).endswith(".") for entry in all_sources())


def test_all_sources_are_sorted_and_have_a_known_read_status():
    keys = [entry.key for entry in all_sources()]
    assert keys == sorted(keys, key=str.casefold)
    assert {entry.read_status for entry in all_sources()} <= set(READ_STATUS)


def test_bibliography_holds_what_is_used_and_no_more():
    rows = [row for topic in datasets.tables() for row in datasets.table(topic)]
    constants = [c for found in datasets.parameter_sets() for c in found.constants.values()]
    used = {key for entry in (*rows, *constants) for key in (entry.source, *entry.rests_on)}
    used |= {key for row in rows for key in row.also}
    used |= {claim.source for name in claim_sets() for claim in shipped_set(name).claims.values()}
    routes = {
        entry.key
        for entry in all_sources()
        if any(entry.key in source(key).read_via.split("; ") for key in used)
    }
    assert {entry.key for entry in all_sources()} == used | routes | {"PERIODICTABLE"}


def test_good_file_is_read(tmp_path):
    path = tmp_path / "sources.toml"
    path.write_text(GOOD)
    assert read_sources(path)["T21"].citation == "Tanaka M."


@pytest.mark.parametrize(
    ("text", "where", "expected"),
    [
        (GOOD.replace('kind = "article"\n', ""), "T21.kind", "text"),
        (GOOD.replace("secondary", "skimmed"), "T21.read_status", "recalled"),
        (GOOD + 'year = "2021"\n', "T21.year", "citation"),
        (GOOD.replace('"Tanaka M."', "2021"), "T21.citation", "text"),
        (GOOD + GOOD, "sources.toml", "no key twice"),
        ('T21 = "Tanaka"\n', "T21", "a table"),
    ],
)
def test_faulty_file_is_refused(tmp_path, text, where, expected):
    path = tmp_path / "sources.toml"
    path.write_text(text)
    with pytest.raises(DataError) as caught:
        read_sources(path)
    fault = caught.value.faults[0]
    assert fault.where.endswith(where)
    assert expected in fault.expected
