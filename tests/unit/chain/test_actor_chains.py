"""The shipped chains of actors: drawn as they are talked about, held against the shipped rows."""

from __future__ import annotations

from functools import cache

import pytest

from ytterby.chain import catalogue
from ytterby.chain.actors import NO_EVIDENCE, NOBODY, Examined, actor_chains, examine
from ytterby.chain.capacity import shipped_rule
from ytterby.chain.demand import Demand
from ytterby.chain.grading import KINDS, grades
from ytterby.chain.months import month

WANTED = Demand(
    "motors",
    "a car maker",
    "FRA",
    "automotive",
    "magnet_SH",
    {12 * 2029 + it: 1000.0 for it in range(12)},
)


@cache
def known() -> dict[str, Examined]:
    """Each shipped chain held against a demand for magnets of cars in 2029."""
    found = grades(catalogue.evidence(), month("2026-05"))
    chain = catalogue.network()
    return {
        name: examine(it, chain, found, shipped_rule(), 2029, WANTED)
        for name, it in actor_chains().items()
    }


def test_the_chains_that_are_talked_about_are_there() -> None:
    assert list(actor_chains()) == [
        "carester",
        "usa_rare_earth",
        "energy_fuels",
        "mp",
        "lynas",
        "china",
    ]


@pytest.mark.parametrize(
    "name", ["carester", "usa_rare_earth", "energy_fuels", "mp", "lynas", "china"]
)
def test_every_stage_has_its_people_and_the_rows_behind_them(name: str) -> None:
    for stage in known()[name].stages:
        lacks = {it.kind for it in known()[name].missing if it.stage == stage.link.stage}
        assert (not stage.grades) == (NOBODY in lacks)
        assert (stage.grade in KINDS) == bool(stage.best and stage.best.deciding)
        if stage.grades and stage.grade not in KINDS:
            assert NO_EVIDENCE in lacks
        assert stage.weighted <= stage.announced


def test_a_link_without_people_is_a_gap_in_the_data() -> None:
    empty = {
        (name, link.stage)
        for name, chain in actor_chains().items()
        for link in chain.links
        if not (link.facilities or link.owners or link.countries)
    }
    assert empty == {("carester", "collection"), ("lynas", "metal")}


def test_who_bought_the_magnet_maker_is_told_as_one_article_says_it() -> None:
    """No contract says that Energy Fuels bought Vacuumschmelze; the row says so and is of low confidence."""
    bought = [it for it in catalogue.contracts().values() if it.kind == "acquisition"]
    assert not any("Vacuumschmelze" in it.seller or "VAC" in it.seller for it in bought)
    assert any(it.buyer == "Energy Fuels" and it.seller == "ASM" for it in bought)
    (link,) = [it for it in actor_chains()["energy_fuels"].links if it.stage == "magnet"]
    assert (link.cited.source, link.cited.confidence) == ("LIFTON26", "low")
    assert "no contract" in link.cited.note


def test_only_china_names_a_country() -> None:
    named = {name for name, it in actor_chains().items() if any(x.countries for x in it.links)}
    assert named == {"china"}
    (magnets,) = [it for it in known()["china"].stages if it.link.stage == "magnet"]
    assert {catalogue.facilities()[it].country for it in magnets.grades} == {"CHN"}
    assert len(magnets.grades) > 5
