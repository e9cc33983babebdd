"""Tables, document and figures of a designed cut say what was designed."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from referencing import Registry, Resource

from circuits import closely
from design_studies import planned, study
from ytterby.design.cut import ActiveLimit, Candidate
from ytterby.design.response import Stages
from ytterby.design.uncertainty import RobustCut
from ytterby.errors import ConvergenceError, Fault
from ytterby.report import design as tables
from ytterby.report.design_document import design_document
from ytterby.report.design_figures import cost_figure, design_figures, design_space_figure
from ytterby.report.draw import draw
from ytterby.report.tables import Table
from ytterby.study.design import OneMoreNine, PlannedCut, RobustVariant
from ytterby.study.design_space import design_space

FAULT = Fault("design nd-sm, specification", "best reached so much", "so much more")


def cells(table: Table) -> dict[tuple[str, str], tuple[str, ...]]:
    """Rows by name and unit; every row as wide as the header."""
    assert all(len(row) == len(table.header) for row in table.rows)
    return {(row[0], row[1]): row[2:] for row in table.rows}


def number(text: str) -> float:
    return float(text)


# --- the circuit and what it reaches


def test_the_circuit_is_told_with_its_limits() -> None:
    designed = planned().designed
    found = cells(tables.design_table(designed))
    stages = designed.stages
    assert found["extraction", "stages"] == (str(stages.extraction), "300")
    assert found["all", "stages"] == (str(sum(stages)), "")
    assert found["feed enters", "stage"][0] == str(stages.extraction)
    assert number(found["organic", "m3/h"][0]) == closely(designed.run.organic_flow, 1e-3)
    saponification, limit = found["saponification", "%"]
    assert number(saponification) <= number(limit) == 36.0
    for liquor in ("scrub liquor", "strip acid"):
        strength, limit = found[f"{liquor}, acid", "mol/L"]
        assert number(strength) <= number(limit) == 6.0


def test_reagents_are_those_of_the_flows() -> None:
    """By hand: base = saponification x extractant x organic flow; acid = both flows by their strength."""
    designed = planned().designed
    found, run = cells(tables.design_table(designed)), designed.run
    base = run.saponification * 1500.0 * run.organic_flow * 0.039997
    acid = (run.scrub_h + run.strip_flow * run.strip_acid) * 0.036461
    assert number(found["NaOH", "kg/h"][0]) == closely(base, 1e-3)
    assert number(found["HCl", "kg/h"][0]) == closely(acid, 1e-3)
    assert number(found["HCl", "kg/kg REO fed"][0]) == closely(
        acid / tables.reo_fed(designed), 1e-3
    )


def test_what_is_reached_is_that_of_the_solved_streams() -> None:
    designed = planned().designed
    found = cells(tables.reached_table(designed))
    strip, raffinate = designed.solved.streams["strip liquor"], designed.solved.streams["raffinate"]
    heavy = sum(strip.moles(name) for name in ("Sm", "Gd"))
    light = sum(raffinate.moles(name) for name in ("Pr", "Nd"))
    for name, stream, right in (("raffinate", raffinate, light), ("strip liquor", strip, heavy)):
        total = sum(stream.moles(symbol) for symbol in ("Pr", "Nd", "Sm", "Gd"))
        asked, reached = found[f"wrong side in the {name}", "%"]
        assert number(reached) == closely(100.0 * (1.0 - right / total), 1e-2)
        assert number(reached) <= number(asked) == 0.1
    asked, reached = found["recovery of Sm, strip liquor", "%"]
    assert number(reached) == closely(100.0 * strip.moles("Sm") / 600.0, 1e-6)
    assert number(asked) == 99.9 and number(reached) >= 99.9
    assert number(found["largest loading", "%"][1]) <= 72.0
    assert number(found["highest pH", ""][1]) <= 4.0


def test_the_organic_is_told_with_what_strip_leaves_on_it() -> None:
    """A share of the capacity: three charges of each metal that returns, one of each dimer."""
    designed = planned().designed
    profiles = designed.solved.profiles
    returned = 3.0 * profiles.onward[-1].sum() / designed.run.organic_flow
    assert designed.stripped == closely(returned / (1500.0 / 2.0), 1e-9)


def test_the_organic_takes_what_the_strip_liquor_carries_away() -> None:
    """S - W leaves with the strip liquor: a balance over scrub and strip."""
    designed = planned().designed
    carried, scrubbed = tables.amounts(designed)
    strip = designed.solved.streams["strip liquor"]
    assert carried - scrubbed == closely(sum(map(strip.moles, designed.task.elements)), 1e-8)
    found = cells(tables.hand_table(designed))
    assert number(found["S", "mol/h"][1]) == closely(carried, 1e-3)
    assert number(found["W", "mol/h"][1]) == closely(scrubbed, 1e-3)
    assert carried > number(found["S_min", "mol/h"][0]) * (1.0 - 1e-3)


# --- money


def test_costs_add_up() -> None:
    designed = planned().designed
    found = tables.cost_table(designed)
    *items, total = found.rows
    assert [row[0] for row in items] == list(designed.costs)
    assert number(total[1]) == closely(designed.cost / 1000.0, 1e-3)
    assert sum(number(row[1]) for row in items) == closely(number(total[1]), 2e-3)
    assert sum(number(row[2]) for row in items) == closely(100.0, 1e-3)
    fed = 2.0 * (0.1 * 170.24 + 0.3 * 168.24 + 0.3 * 174.36 + 0.25 * 181.25)  # kg/h of oxides
    assert number(total[3]) == closely(designed.cost / (8000.0 * fed), 2e-3)
    assert "EUR of 2025" in found.title and "weakest basis: assumed" in found.note
    assert "hold-up not valued: Pr, Sm, Gd" in found.note


def test_every_price_has_a_source_and_a_basis() -> None:
    found = tables.price_table(planned().designed)
    rows = {row[0]: row for row in found.rows}
    assert rows["HCl"][1:] == ("150", "EUR/t", "2025, solution of 35 %", "recalled", "MARKET25")
    assert rows["Nd2O3"][2] == "USD/kg" and rows["Nd2O3"][3].startswith("20")
    assert all(row[4] and row[5] for row in found.rows)
    assert "weakest basis: assumed" in found.note


def test_limits_that_hold_are_told_with_what_they_cost() -> None:
    designed = replace(
        planned().designed,
        active=(ActiveLimit("loading at the feed", 0.2), ActiveLimit("pH", 0.1)),
    )
    rows = tables.active_table(designed).rows
    saved = 0.2 * 0.01 * designed.cost
    assert rows[0][:3] == ("loading at the feed", "free extractant / 1.01", "0.2000")
    assert number(rows[0][3]) == closely(saved, 1e-3)
    assert rows[1][1] == "[H+] / 1.01"
    nothing = tables.active_table(replace(designed, active=()))
    assert (nothing.rows, nothing.note) == ((), "none: the design stands at no limit")


def test_every_limit_has_words_for_its_loosening() -> None:
    from ytterby.design.cut import LIMIT_WORDS

    for words in LIMIT_WORDS.values():
        designed = replace(planned().designed, active=(ActiveLimit(words, 0.1),))
        assert tables.active_table(designed).rows[0][1]


def test_candidates_run_from_the_cheapest() -> None:
    designed = planned().designed
    other = Stages(9, 9, 9)
    found = tables.candidate_table(
        replace(
            designed,
            candidates=(
                Candidate(designed.stages, 1.00001 * designed.cost),
                Candidate(other, 1.25 * designed.cost),
                Candidate(Stages(1, 1, 1), None),
            ),
        )
    )
    assert found.rows[0][-1] == "0.000", "the design is its own cheapest"
    assert found.rows[1] == ("9", "9", "9", "27", found.rows[1][4], "25.000")
    assert len(found.rows) == 2 and "of 3 tried, 2 of which" in found.note
    many = tuple(Candidate(Stages(n, n, n), n * designed.cost) for n in range(1, 30))
    assert len(tables.candidate_table(replace(designed, candidates=many)).rows) == 10


# --- what surrounds it


def test_one_more_nine_is_told_beside_the_design() -> None:
    found = planned()
    more = found.one_more.designed
    assert more is not None
    rows = cells(tables.one_more_table(found))
    assert rows["wrong side, at most", "%"][:2] == ("0.1", "0.01")
    assert rows["recovery, at least", "%"][:2] == ("99.9", "99.99")
    change = number(rows["costs", "1000 EUR/year"][2])
    assert change == closely(100.0 * (more.cost / found.designed.cost - 1.0), 0.05)
    assert tables.one_more_table(found).note.startswith("added: ")


def test_one_more_nine_that_is_not_reached_says_why() -> None:
    table = tables.one_more_table(replace(planned(), one_more=OneMoreNine(None, None, (FAULT,))))
    assert table.rows == ()
    assert table.note == "not reached: best reached so much (asked: so much more)"


def test_sensitivities_are_told_with_the_basis_of_the_constant() -> None:
    rows = tables.sensitivity_table(planned()).rows
    assert {row[0] for row in rows} == {"Pr", "Nd", "Sm", "Gd"}
    known = planned().designed.task.parameters.constants
    for name, error, *_, basis in rows:
        assert number(error) == known[name].uncertainty and basis == known[name].basis
    harm = [abs(np.log(number(row[2]))) for row in rows]
    assert harm[0] == max(harm)


def with_robust(robust: RobustVariant) -> PlannedCut:
    return replace(planned(), robust=robust)


def test_a_robust_variant_is_told_beside_the_design() -> None:
    more = planned().one_more.designed
    assert more is not None
    variant = RobustVariant(RobustCut(more, 0.97, 0.305, 200, 0.95))
    table = tables.robust_table(with_robust(variant))
    assert cells(table)["draws met", "%"][:2] == ("30.5", "97")
    assert "200 draws of the constants, 95 % of the variance in common (assumed)" in table.note
    missing = tables.robust_table(with_robust(RobustVariant(None, (FAULT,))))
    assert missing.note == "not found: best reached so much (asked: so much more)"


# --- the document


def validator() -> Any:
    """Of designs; the circuit inside is described by the schema of circuits."""
    folder = files("ytterby") / "data" / "schemas"
    texts = {name: json.loads((folder / name).read_text("utf-8")) for name in SCHEMAS}
    found = ((name, Resource.from_contents(text)) for name, text in texts.items())
    return Draft202012Validator(texts[SCHEMAS[0]], registry=Registry().with_resources(found))


SCHEMAS = ("design-result-1.json", "circuit-result-1.json")
VARIANTS = {
    "as it is": planned,
    "without one more nine": lambda: replace(
        planned(), one_more=OneMoreNine(None, None, (FAULT,))
    ),
    "robust": lambda: with_robust(
        RobustVariant(RobustCut(planned().designed, 0.97, 0.3, 200, 0.95))
    ),
    "not robust": lambda: with_robust(RobustVariant(None, (FAULT,))),
}  # fmt: skip


@pytest.mark.parametrize("name", VARIANTS)
def test_the_document_is_as_its_schema_says(name: str) -> None:
    found = replace(
        study(),
        designs={"nd-sm": VARIANTS[name]()},
        unreached={"other": ConvergenceError(FAULT)},
    )
    document = json.loads(json.dumps(design_document(found), allow_nan=False))
    validator().validate({**document, "figures": [], "saved": None})
    assert document["unreached"][0]["faults"][0]["read"] == "best reached so much"


def test_the_document_holds_the_numbers_of_the_design() -> None:
    designed = planned().designed
    (found,) = design_document(study())["designs"]
    result = found["result"]
    assert result["cost_per_year"] == closely(sum(result["costs_per_year"].values()), 1e-12)
    assert result["wrong_side"]["raffinate"] == designed.wrong_side[0]
    streams = {stream["name"]: stream for stream in result["circuit"]["streams"]}
    assert streams["strip liquor"]["recovery"]["Sm"] == result["recovery"]["Sm"]
    assert streams["scrub liquor"]["flow_m3_per_h"] == result["scrub_flow_m3_per_h"]
    prices = {price["item"]: price for price in found["prices"]}
    assert prices["P507"]["in_currency"] == closely(14.0 / 1.13, 1e-12)
    assert {it["key"] for it in found["sources"]} == set(planned().sources)


# --- figures


def test_the_figure_around_the_design_has_what_was_asked() -> None:
    designed = planned().designed
    for sweep in design_space(designed):
        figure = design_space_figure(designed, sweep)
        wrong, lost = figure.panels
        for panel, asked in ((wrong, 1e-3), (lost, 1e-3)):
            assert panel.logarithmic
            assert panel.series[-1].values == pytest.approx((asked,) * len(figure.x))
            assert all(len(series.values) == len(figure.x) for series in panel.series)
        less, more = figure.bands
        assert less.last == more.first == sweep.as_designed
        assert f"{sweep.as_designed:.4g}" in figure.x_label
        assert wrong.series[0].values == tuple(sweep.raffinate_wrong)


def test_the_figure_of_costs_has_every_candidate_that_meets_the_specification() -> None:
    designed = planned().designed
    figure = cost_figure(designed)
    meets = [it for it in designed.candidates if it.cost and it.cost <= 1.5 * designed.cost]
    for panel, parts in zip(figure.panels, (("extraction", "scrub"), ("strip",)), strict=True):
        tried, chosen = panel.series
        stages = [sum(getattr(it.stages, part) for part in parts) for it in meets]
        assert list(tried.x or ()) == stages
        assert chosen.values == (designed.cost / 1000.0,)
        assert chosen.x == (sum(getattr(designed.stages, part) for part in parts),)


def test_figures_are_drawn(tmp_path: Path) -> None:
    figures = design_figures(planned().designed)
    assert [it.name for it in figures] == [
        *("nd-sm-profile", "nd-sm-organic", "nd-sm-scrub-liquor", "nd-sm-cost"),
    ]
    drawn = [path for figure in figures[1:] for path in draw(figure, tmp_path)]
    assert len(drawn) == 6
    text = (tmp_path / "nd-sm-organic.svg").read_text(encoding="utf-8")
    assert "wrong side, mol/mol" in text and "asked" in text
