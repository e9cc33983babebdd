"""The page of fragments: what stands where, what leads where, that nothing is loaded from anywhere."""

from __future__ import annotations

import json
import os
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from ytterby.errors import DataError, OutputError
from ytterby.report.figures import Figure, Panel, Series
from ytterby.report.fragments import Drawing, Fragment
from ytterby.report.page import page, ready_for_page, write_page
from ytterby.report.tables import Table

TABLE = Table(
    "Flows <i>",
    ("stream", "flow", "from"),
    (("feed", "1.5", "T21"), ("strip & wash", "0.2", "LI87x")),
    "as in T21",
    ("", "m3/h", ""),
)
FIGURE = Figure("f", "Flow", "h", (1.0, 2.0), (Panel("m3/h", (Series("</script>", (1.0, 2.0)),)),),
                (), "Steady.", ("T21",))  # fmt: skip
FRAGMENTS = [
    Fragment("Flows", (TABLE,), caption="First.\nSecond.", sources=("T21", "LI87"), section="One"),
    Fragment("Course", figure=FIGURE, caption="Steady.", sources=("T21",), section="One"),
    Fragment("Tree", figure=Drawing("t", "<svg><title>t</title></svg>", "a tree"), section="Two"),
    Fragment("None", (Table("Limits", ("a",), (), "at no limit"),), section="Two"),
]


class Links(HTMLParser):
    """Anchors, links to them, everything that a browser would load."""

    def __init__(self) -> None:
        super().__init__()
        self.anchors: list[str] = []
        self.targets: list[str] = []
        self.loaded: list[str] = []
        self.opened: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.opened.append(tag)
        self.anchors += [found["id"]] if "id" in found else []
        self.targets += [found["href"]] if tag == "a" else []
        self.loaded += [found[name] for name in ("src", "srcset", "data") if name in found]
        self.loaded += [found["href"]] if tag == "link" else []

    def handle_endtag(self, tag: str) -> None:
        while self.opened and self.opened.pop() != tag:
            pass


def links(text: str) -> Links:
    found = Links()
    found.feed(text)
    return found


@pytest.fixture(scope="module")
def text() -> str:
    return page("A <b> plant", FRAGMENTS, "From here.")


def test_every_link_within_leads_somewhere_and_nothing_is_loaded(text: str) -> None:
    found = links(text)
    within = [it[1:] for it in found.targets if it.startswith("#")]
    assert set(within) <= set(found.anchors)
    assert len(found.anchors) == len(set(found.anchors))
    assert {"source-T21", "one-flows", "sources"} <= set(within)
    assert all(it.startswith(("#", "https://")) for it in found.targets)
    assert found.loaded == ["data:,"]
    assert "default-src 'none'" in text


def test_sections_stand_once_in_their_order(text: str) -> None:
    assert re.findall(r"<h2>(.*?)</h2>", text) == ["One", "Two", "Sources"]
    assert re.findall(r"<h3>(.*?)</h3>", text) == ["Flows", "Course", "Tree", "None"]
    assert "<p>First.</p><p>Second.</p>" in text


def test_without_sections_fragments_are_the_headings() -> None:
    bare = page("Plant", [Fragment("Only")])
    assert re.findall(r"<h[23]>.*?</h[23]>", bare) == ["<h2>Only</h2>"]
    assert "plotly" not in bare and "Sources" not in bare


def test_tables_have_units_below_names_and_numbers_at_the_right(text: str) -> None:
    assert "<caption>Flows &lt;i&gt;</caption>" in text
    assert '<th scope="col" class="n">flow</th>' in text
    assert '<tr class="units"><td class="s"></td><td class="n">m3/h</td>' in text
    assert '<th scope="row" class="s">strip &amp; wash</th><td class="n">0.2</td>' in text
    assert "<p><strong>Limits</strong>: at no limit</p>" in text


def test_source_keys_lead_to_the_bibliography(text: str) -> None:
    link = '<a href="#source-T21">T21</a>'
    assert f'<td class="s">{link}</td>' in text and f"as in {link}" in text
    assert '<td class="s">LI87x</td>' in text, "a part of a word is no key"
    assert '<li id="source-LI87">' in text
    assert f'Sources: {link}, <a href="#source-LI87">LI87</a>.' in text


def test_figures_are_held_as_data_that_cannot_end_the_script(text: str) -> None:
    (held,) = re.findall(r'<script type="application/json">(.*?)</script>', text)
    assert json.loads(held)["data"][0]["name"] == "&lt;/script&gt;"
    assert "<svg><title>t</title></svg>" in text
    library = text.index("Plotly.newPlot")
    assert text.count("</script>") == 3 and library


def test_the_same_fragments_give_the_same_page(text: str) -> None:
    assert page("A <b> plant", FRAGMENTS, "From here.") == text


def test_the_title_is_text(text: str) -> None:
    assert "<title>A &lt;b&gt; plant</title>" in text and "<h1>A &lt;b&gt; plant</h1>" in text


def test_a_key_that_is_no_source_is_refused() -> None:
    with pytest.raises(DataError, match="NOSUCH"):
        page("Plant", [Fragment("Only", sources=("NOSUCH",))])


def test_the_file_is_written_whole_and_never_over_another(tmp_path: Path) -> None:
    target = tmp_path / "plant.html"
    write_page(target, "Plant", FRAGMENTS)
    before = target.read_bytes()
    assert before.decode("utf-8") == page("Plant", FRAGMENTS)
    with pytest.raises(OutputError, match="a file of that name"):
        write_page(target, "Other", [])
    assert target.read_bytes() == before and os.listdir(tmp_path) == ["plant.html"]


@pytest.mark.parametrize(
    ("name", "read"),
    [("plant.htm", "a file called plant.htm"), ("no/plant.html", "no such directory")],
)
def test_where_it_cannot_be_written_is_said_before(name: str, read: str, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=read):
        ready_for_page(tmp_path / name)


def test_without_plotly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "plotly", None)
    with pytest.raises(OutputError) as caught:
        write_page(tmp_path / "plant.html", "Plant", FRAGMENTS)
    assert str(caught.value) == (
        "--html\n  read      no plotly\n  expected  the extra `report`\n"
        "  next      pip install ytterby[report]"
    )
    assert os.listdir(tmp_path) == []
    page("Plant", FRAGMENTS[:1])
