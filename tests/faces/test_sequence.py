"""`ytterby sequence` as a person meets it: what it prints, writes and refuses."""

from __future__ import annotations

import json
import os
import re
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from openpyxl import load_workbook

from command_line import shown, ytterby
from ytterby.case import read, read_text
from ytterby.design.sequence import VERIFIED
from ytterby.design.steps import Joint, Span, trees
from ytterby.errors import CaseError, ConvergenceError, ExitCode, Fault
from ytterby.report.draw_tree import draw_tree
from ytterby.report.sequence_drawing import Box, TreeDrawing, tree_arrows, tree_places

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "sequence.toml"
CASE = """\
schema_version = 1
title = "Four metals"
[sequences.light]
extractant = "P507"
verified = 1
[sequences.light.products]
NdPr = ["Pr", "Nd"]
Sm = ["Sm"]
Gd = ["Gd"]
[sequences.light.organic]
concentration = "1.5 mol/L"
[sequences.light.feed]
flow = "2 m3/h"
acid = "0.01 mol/L"
concentrations = { Nd = "0.3 mol/L", Pr = "0.1 mol/L", Sm = "0.3 mol/L", Gd = "0.25 mol/L" }
"""
PARTED = 'NdPr = ["Pr", "Nd"]\nSm = ["Sm"]\nGd = ["Gd"]\n'


def faults(text: str) -> list[tuple[str, str]]:
    """Where and what the faults of a case text are."""
    with pytest.raises(CaseError) as caught:
        read_text(text)
    return [(fault.where, fault.read) for fault in caught.value.faults]


class Made(NamedTuple):
    text: str
    document: dict[str, Any]
    pictures: list[str]
    svg: str
    page: str
    sheets: list[str]


@cache
def made(folder: Path) -> Made:
    """The case in both forms; pictures drawn beside it."""
    path = folder / "case.toml"
    path.write_text(CASE, encoding="utf-8")
    files = ("--html", folder / "light.html", "--xlsx", folder / "light.xlsx")
    text = shown("sequence", path, "--plot", folder / "pictures", *files)
    document = json.loads(shown("sequence", path, "--json"))
    names = sorted(os.listdir(folder / "pictures"))
    svg = (folder / "pictures" / names[1]).read_text("utf-8")
    page = (folder / "light.html").read_text("utf-8")
    return Made(text, document, names, svg, page, load_workbook(folder / "light.xlsx").sheetnames)


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made(tmp_path_factory.getbasetemp())


# --- what it shows


def test_orders_cuts_products_and_prices_are_shown(result: Made) -> None:
    text = result.text
    assert (
        "Sequence light: 4 metals into 3 products, P507-HCl-v0, 4 orders of cuts, 2 designed"
        in text
    )
    counts = {"Cuts of light, ": 2, "Products of light, ": 2}
    for title in ("Orders of cuts of light", "Cuts of light, ", "Products of light, ",
                  "Annual costs of light, ", "Prices of light"):  # fmt: skip
        assert text.count(title) == counts.get(title, 1)
    cuts, joint = r"(Nd/Sm, Sm/Gd|Sm/Gd, Nd/Sm)", r"Nd/\(Sm\)/Gd, (Nd/Sm|Sm/Gd) of the draw"
    for order in (cuts, joint):
        assert re.search(rf"^ +\d +{order} +[\d.]+ +[\d.]+ +[\d.]+ *$", text, re.M)
    assert re.search(r"^ NdPr +Pr Nd +raffinate of Nd/Sm +[\d.]+ +99\.9 +99\.\d{4} ", text, re.M)
    assert "Not reached of" not in text and not re.search(r"\bnan\b", text)


def test_what_is_assumed_is_said(result: Made) -> None:
    assert (
        "Assumed, not data: between circuits, every liquor is brought to the strength and acid of the first "
        "feed: free acid neutralised with the base of the saponification" in result.text
    )
    assert "Assumed, not data: hand costs: 5 strip stages, 2 times the acid" in result.text
    assert re.search(r"Weakest basis: of the chemistry \w+, of the prices assumed\.", result.text)


def test_the_document_has_what_the_tables_show(result: Made) -> None:
    found = result.document
    assert (found["format"], found["version"]) == ("ytterby.sequence-result", 2)
    assert (found["figures"], found["unreached"]) == ([], [])
    (sequence,) = found["sequences"]
    ranking = [it["hand_cost_per_year"] for it in sequence["ranking"]]
    assert ranking == sorted(ranking) and len(ranking) == 4
    for it in sequence["hand_priced_cuts"]:
        parts = *it["hand_costs_per_year"].values(), *it["hand_conditioning_per_year"].values()
        assert it["hand_cost_per_year"] == pytest.approx(sum(parts), rel=1e-12)
        assert (it["drawn_share"] is None) == (it["kind"] != "joint circuit")
    for designed in sequence["designed"]:
        costs = [
            cut["result"]["cost_per_year"] + sum(cut["conditioning_per_year"].values())
            for cut in designed["cuts"]
        ]
        assert designed["cost_per_year"] == pytest.approx(sum(costs), rel=1e-12)
        assert f"{designed['cost_per_year'] / 1000.0:.4g}" in result.text
    kinds = [[cut["kind"] for cut in it["cuts"]] for it in sequence["designed"]]
    assert sorted(kinds) == [["cut", "cut"], ["joint circuit", "finisher of a side draw"]]
    assert sequence["assumptions"] and sequence["weakest_price_basis"] == "assumed"


def test_purity_and_recovery_follow_from_the_streams_of_the_document(result: Made) -> None:
    oxide = {"Pr": 1.0 / 6.0, "Nd": 0.5, "Sm": 0.5, "Gd": 0.5}
    fed = {"Pr": 200.0, "Nd": 600.0, "Sm": 600.0, "Gd": 500.0}
    molar = {"Pr": 1021.44, "Nd": 336.48, "Sm": 348.72, "Gd": 362.50}
    every = result.document["sequences"][0]["designed"]
    for designed, product in [(it, product) for it in every for product in it["products"]]:
        moles = dict.fromkeys(fed, 0.0)
        for leaves in product["leaves"]:
            (cut,) = (
                it
                for it in designed["cuts"]
                if (it["kind"], it["pair"]) == (leaves["kind"], leaves["pair"])
            )
            streams = {it["name"]: it for it in cut["result"]["circuit"]["streams"]}
            stream = streams[leaves["outlet"]]
            for name, it in stream["metals_mol_per_m3"].items():
                moles[name] += stream["flow_m3_per_h"] * it
        mass = {name: it * oxide[name] * molar[name] / 1000.0 for name, it in moles.items()}
        own = product["metals"]
        assert product["purity"] == pytest.approx(
            sum(moles[name] for name in own) / sum(moles.values()), rel=1e-9
        )
        assert product["recovery"] == pytest.approx(
            sum(moles[name] for name in own) / sum(fed[name] for name in own), rel=1e-9
        )
        assert product["purity_reo"] == pytest.approx(
            sum(mass[name] for name in own) / sum(mass.values()), rel=1e-6
        )
        assert product["reo_kg_per_h"] == pytest.approx(sum(mass.values()), rel=1e-4)


def test_the_best_is_drawn_as_a_tree(result: Made) -> None:
    assert result.pictures == ["light-sequence.png", "light-sequence.svg"]
    assert "light-sequence.png" in result.text
    for word in ("feed", "Nd/Sm", "Sm/Gd", "NdPr", "Pr Nd", "raffinate", "strip liquor"):
        assert f">{word}<" in result.svg
    assert result.svg.count("% pure<") == 3


# --- the drawing


def test_page_and_workbook_hold_orders_cuts_and_products(result: Made) -> None:
    assert "<h2>Sequence light</h2>" in result.page
    (drawing,) = re.findall(r"<svg .*?</svg>", result.page, re.S)
    for words in ("NdPr", "Sm", "Gd", "raffinate", "strip liquor"):
        assert f">{words}<" in drawing
    assert "newPlot" not in result.page, "no figure, no library"
    for name in ("orders", "cuts", "products", "prices"):
        assert f"light {name}" in result.sheets
    assert result.sheets[-1] == "sources"


@pytest.mark.parametrize(("products", "side_draws"), [(2, False), (6, False), (5, True)])
def test_no_two_boxes_of_a_row_overlap(products: int, side_draws: bool) -> None:
    for tree in trees(0, products, side_draws):
        places = tree_places(tree)
        rows: dict[float, list[float]] = {}
        lowest = dict.fromkeys(range(products), 0.0)
        for step, (x, row) in places.items():
            assert step.first <= x <= step.end - 1
            rows.setdefault(row, []).append(x)
            for span in step.outlets.values():
                if span.single:
                    lowest[span.first] = max(lowest[span.first], row + 1.0)
        for place, row in lowest.items():
            rows.setdefault(row, []).append(float(place))
        for columns in rows.values():
            columns.sort()
            gaps = [after - before for before, after in pairwise(columns)]
            assert min(gaps, default=1.0) >= 1.0


@pytest.mark.parametrize("side_draws", [False, True])
def test_every_arrow_leads_from_a_circuit_to_what_it_feeds(side_draws: bool) -> None:
    for tree in trees(0, 5, side_draws):
        arrows = tree_arrows(tree, 5)
        joints = sum(isinstance(step, Joint) for step in tree)
        assert {it.end for it in arrows} == set(range(1, 10))
        assert [it.label for it in arrows].count("raffinate") == 4
        assert [it.label for it in arrows].count("side draw") == joints
        assert len(arrows) == 9 + joints, (
            "a finisher's other outlet joins that of the joint circuit"
        )
        places = tree_places(tree)
        for arrow in arrows[1:]:
            if arrow.end <= len(tree):
                start, end = tree[arrow.start - 1], tree[arrow.end - 1]
                assert places[end][1] > places[start][1], "arrows lead downwards"
                assert end.source in (start, *start.outlets.values(), Span(0, 5))


def test_the_same_tree_gives_the_same_files(tmp_path: Path) -> None:
    boxes = (Box("feed", 0.5, 0.0, ("feed",)), Box("cut", 0.5, 1.0, ("Nd/Sm",)),
             Box("product", 0.0, 2.0, ("Nd",)), Box("product", 1.0, 2.0, ("Sm",)))  # fmt: skip
    (tree,) = trees(0, 2)
    drawing = TreeDrawing("a", "title", "caption", boxes, tree_arrows(tree, 2), 2, 3)
    once, twice = draw_tree(drawing, tmp_path / "once"), draw_tree(drawing, tmp_path / "twice")
    assert sorted(os.listdir(tmp_path / "once")) == ["a.png", "a.svg"]
    for first, second in zip(once, twice, strict=True):
        assert first.read_bytes() == second.read_bytes()


# --- the case


def test_the_example_is_read() -> None:
    (plan,) = read(EXAMPLE).sequences.values()
    assert plan.products == ("NdPr", "SEG", "Tb", "Dy", "HoLu")
    assert plan.task.order == tuple(metal for it in plan.task.products for metal in it)
    feed = plan.task.first.feed
    assert feed.flow * sum(feed.concentrations.values()) == pytest.approx(2196.0, rel=1e-3)


def test_keys_that_are_left_out_have_defaults() -> None:
    plan = read_text(CASE.replace("verified = 1\n", "")).sequences["light"]
    assert plan.verified == VERIFIED
    assert plan.task.first.cut == ("Nd", "Sm")
    assert {(it.purity, it.recovery) for it in plan.task.specifications} == {(0.999, 0.995)}
    assert plan.task.side_draws
    assert plan.task.first.limits.stages == 300


def test_check_and_cite_know_sequences(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("case.toml").write_text(CASE)
    assert shown("check", "case.toml") == (
        "sequence light: NdPr | Sm | Gd, P507-HCl-v0\nno fault found\n"
        "next: ytterby sequence case.toml\n"
    )
    assert json.loads(shown("check", "case.toml", "--json"))["sequences"] == [
        {
            "name": "light",
            "products": {"NdPr": ["Pr", "Nd"], "Sm": ["Sm"], "Gd": ["Gd"]},
            "verified": 1,
            "equilibrium": "P507-HCl-v0",
        }
    ]
    assert "MARKET25" in re.findall(r"^\[(\w+)\]", shown("cite", "case.toml"), re.M)


def test_a_product_may_be_asked_for_more_than_the_others() -> None:
    own = '[sequences.light.specification]\npurity = "99.5 %"\n'
    own += '[sequences.light.specification.products.Sm]\npurity = "99.99 %"\n'
    task = read_text(CASE + own).sequences["light"].task
    assert [it.purity for it in task.specifications] == [0.995, 0.9999, 0.995]
    assert {it.recovery for it in task.specifications} == {0.995}
    ((where, read),) = faults(CASE + own.replace("products.Sm", "products.Eu"))
    assert where.endswith("sequences.light.specification.products.Eu") and read == '"Eu"'


@pytest.mark.parametrize(
    ("products", "key", "words"),
    [
        ('NdPr = ["Pr", "Nd"]\nSm = ["Sm", "Nd"]\nGd = ["Gd"]\n', "products", "Nd twice"),
        ('NdPr = ["Pr", "Nd"]\nSm = ["Sm"]\n', "products", "no product with Gd"),
        ('NdPr = ["Pr", "Nd"]\nSm = ["Sm"]\nGd = ["Gd", "Tb"]\n', "products",
         "Tb, which the feed does not bring"),
        ('NdPr = ["Pr", "Nd"]\nGd = ["Gd"]\nSm = ["Sm"]\n', "products", "Pr Nd | Gd | Sm"),
        ('all = ["Pr", "Nd", "Sm", "Gd"]\n', "products", "1 product"),
        ('NdPr = ["Pr", "Nd"]\nnone = []\nSm = ["Sm"]\nGd = ["Gd"]\n', "products.none",
         "an empty list"),
        ('NdPr = ["Pr", "Nd"]\nSm = ["Sn"]\nGd = ["Gd"]\n', "products.Sm.0", None),
        ('NdPr = ["Pr", "Fe"]\nSm = ["Sm"]\nGd = ["Gd"]\n', "products.NdPr",
         "Fe, which is no rare earth, at the cut of NdPr and Sm"),
        ("".join(f'p{it} = ["Nd"]\n' for it in range(11)), "products", "11 products"),
    ],
)  # fmt: skip
def test_faults_of_the_products_stand_at_their_key(
    products: str, key: str, words: str | None
) -> None:
    found = faults(CASE.replace(PARTED, products))
    assert len(found) == 1
    where, read = found[0]
    line = re.search(r"line (\d+), ", where)
    assert line and 6 <= int(line[1]) <= 16
    assert where.endswith(f", sequences.light.{key}")
    assert words is None or read == words


def test_a_pair_that_nothing_parts_is_located() -> None:
    text = CASE.replace('"P507"', '"P507"\nassumed = { Fe = 1 }\nmedium = "sulfate"')
    assert any("medium" in where for where, _ in faults(text))
    ((where, read),) = faults(
        CASE.replace('acid = "0.01 mol/L"', 'acid = "0.01 mol/L"\nsalt = "1 mol/L"')
    )
    assert where.endswith("sequences.light.feed.salt") and read == "a feed with salt"


def test_a_case_without_sequences_is_refused(tmp_path: Path) -> None:
    path = ROOT / "examples" / "tb-dy.toml"
    outcome = ytterby("sequence", path)
    assert (outcome.code, outcome.out) == (ExitCode.CASE, "")
    assert "no sequence" in outcome.err and "Traceback" not in outcome.err
    (tmp_path / "case.toml").write_text(CASE)
    circuit = ytterby("circuit", tmp_path / "case.toml")
    assert circuit.code == ExitCode.CASE
    assert "sequences are made by `ytterby sequence`" in circuit.err


def test_a_sequence_that_cannot_be_reached_says_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise ConvergenceError(Fault("design light-Nd-Sm, specification", "best reached", "asked"))

    monkeypatch.setattr("ytterby.design.sequence.sequence_cuts", fails)
    path = tmp_path / "case.toml"
    path.write_text(CASE)
    outcome = ytterby("sequence", path)
    assert (outcome.code, outcome.out) == (ExitCode.NO_SOLUTION, "")
    assert outcome.err == (
        f"{path} line 3, sequences.light, design light-Nd-Sm, specification\n"
        "  read      best reached\n  expected  asked\n"
    )
