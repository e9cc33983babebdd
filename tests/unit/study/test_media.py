"""Both media beside each other: the other one by its stored designs, gaps of the constants told."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

import pytest

from ytterby.case import read
from ytterby.case.plants import PlantPlan
from ytterby.report.media import constants_table, media_fragments, media_table
from ytterby.study.media import constants_of, other_medium
from ytterby.study.plant import PlantStudy, run_plant

LACQ = Path(__file__).parents[3] / "examples" / "lacq"


@cache
def both() -> tuple[PlantStudy, PlantStudy]:
    """The reference plant in nitrate and in chloride."""
    case = read(LACQ / "lacq.toml")
    assert case.plant is not None
    other = other_medium(case)
    assert isinstance(other, PlantStudy)
    return run_plant(case.plant), other


def test_the_other_medium_is_another_acid_and_another_salt() -> None:
    nitrate, chloride = both()
    assert (nitrate.plan.medium, chloride.plan.medium) == ("nitrate", "chloride")
    assert "nitric acid" in nitrate.balance.bought()
    assert "hydrochloric acid" in chloride.balance.bought()
    assert "nitric acid" not in chloride.balance.bought()
    assert nitrate.balance.leaving("by-product")["salt"].of("Cl") == 0.0
    assert chloride.balance.leaving("by-product")["salt"].of("Cl") > 0.0
    assert max(map(abs, chloride.balance.closure.values())) < 1e-9


def test_what_the_constants_lack_is_told_metal_by_metal() -> None:
    nitrate, chloride = map(constants_of, both())
    assert nitrate.assumed == ("Ho", "Er", "Tm", "Yb", "Lu")
    assert chloride.assumed == ()
    fed = {"Pr", "Nd", "Sm", "Eu", "Gd", "Tb", "Dy", "Ho", "Er", "Tm", "Yb", "Lu"}
    for found in (nitrate, chloride):
        assert {*found.read, *found.uncertain, *found.assumed} == fed


def test_tables_hold_both_columns() -> None:
    table = media_table(both())
    rows = {(name, unit): values for name, unit, *values in table.rows}
    assert rows["nitric acid", "t/y"][1] == ""
    assert all(float(it) > 700.0 for it in rows["ndpr-oxide", "t/y REO"])
    assert [row[0] for row in constants_table(both()).rows] == ["nitrate", "chloride"]
    (fragment,) = media_fragments(*both())
    assert fragment.section == "Both media"


def test_it_is_solved_as_the_plant_of_the_case_is() -> None:
    """So that a year of campaigns stands beside a year of campaigns."""
    seen = []

    def run(plan: PlantPlan) -> PlantStudy:
        seen.append((plan.medium, plan.hours))
        return both()[1]

    assert other_medium(read(LACQ / "lacq.toml"), ("plant.hours=7000 h",), run) is both()[1]
    assert seen == [("chloride", 7000.0)]


def test_without_designs_for_it_there_is_no_other_medium(tmp_path: Path) -> None:
    shutil.copy(LACQ / "lacq.toml", tmp_path)
    text = (LACQ / "designs.toml").read_text("utf-8")
    kept = [part for part in text.split("\n[") if not part.startswith("chloride")]
    (tmp_path / "designs.toml").write_text("\n[".join(kept), "utf-8")
    assert other_medium(read(tmp_path / "lacq.toml")) is None


def test_a_case_without_plant_has_none() -> None:
    case = read(LACQ.parent / "tb-dy.toml")
    assert other_medium(case) is None


def test_what_hinders_the_other_medium_is_told() -> None:
    from ytterby.errors import ConvergenceError, Fault

    error = ConvergenceError(Fault("unit x", "no steady state", "one"))
    (fragment,) = media_fragments(both()[0], (error,))
    assert "no steady state" in fragment.caption


@pytest.mark.parametrize("key", ["ndpr-oxide", "tb-oxide", "dy-oxide"])
def test_products_of_both_media_are_near_each_other(key: str) -> None:
    """Both designs meet one specification for one feed; only what leaches and falls differs."""
    masses = [
        next(it.flow.treo() for it in study.products if it.product.end == key) for study in both()
    ]
    assert masses[0] == pytest.approx(masses[1], rel=0.01)
