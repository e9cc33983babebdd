"""Shares and indices, against the production table read by other code and arithmetic by hand."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import replace
from importlib.resources import files
from types import MappingProxyType

import pytest

from circuits import closely
from tiny_chain import facility, line, network, row
from ytterby.chain.capacity import CapacityRule, Slip
from ytterby.chain.facts import Output, Trade, production
from ytterby.chain.grading import GRADES, grades
from ytterby.chain.months import month
from ytterby.chain.network import Cited, Range
from ytterby.chain.others import Remainder, StageTotal
from ytterby.chain.shares import (
    ANNOUNCED,
    COUNTRY,
    FACILITY,
    OWNER,
    SHARE,
    WEIGHTED,
    Shares,
    Sizes,
    capacity_shares,
    element_shares,
    hhi,
    produced,
    quotas,
    sizes,
    supply_risks,
)
from ytterby.errors import DataError

WEIGHTS = dict(zip(GRADES, (0.0, 0.1, 0.3, 0.6, 0.8, 0.9, 1.0), strict=True))
RULE = CapacityRule(WEIGHTS, Slip(12.0, 30.0), {})
AT = month("2026-01")


def output(
    entity: str, value: float | None, period: str = "2024", source: str = "A", **other: str
) -> Output:
    """A row of mine production; the country is called as the entity, the world and the rest have none."""
    words = {"metric": "mine_production", "stage": "mining", "scope": "ore", "unit": "t", **other}
    country = "" if entity in ("World", "Other") else entity
    return Output(entity, country, period, value=value, cited=Cited(source), **words)


def printed() -> list[Mapping[str, str]]:
    """The production table, read with nothing of the package."""
    path = files("ytterby") / "data" / "production" / "production.csv"
    text = path.read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(it for it in text if not it.startswith("#")))


class TestTheProductionTable:
    """Recomputed from the file by a few lines that share no code with the package."""

    found = MappingProxyType({it.year: it for it in produced(production())})

    @pytest.mark.parametrize("year", range(2018, 2025))
    def test_index_of_every_source_and_year(self, year: int) -> None:
        assert {it.source for it in self.found[year].shares} >= {"WMD"}
        for shares in self.found[year].shares:
            rows = [
                it
                for it in printed()
                if (it["metric"], it["period"], it["source"])
                == ("mine_production", str(year), shares.source)
            ]
            mined = [float(it["value"]) for it in rows if it["country"]]
            whole = max(
                sum(mined), next(float(it["value"]) for it in rows if it["entity"] == "World")
            )
            assert shares.hhi is not None
            assert shares.hhi.low == closely(sum((it / whole) ** 2 for it in mined), rel=1e-12)
            assert shares.top is not None and shares.top.name == "CHN"
            china = next(float(it["value"]) for it in rows if it["country"] == "CHN")
            assert shares.top.share == closely(china / whole, rel=1e-12)

    def test_sources_that_disagree_stand_beside_each_other(self) -> None:
        """2023: 255,000 of 376,000 t, 240,000 of 350,000 and 255,000 of 394,221."""
        china = self.found[2023].share("CHN")
        assert china is not None
        assert china.low == closely(255000 / 394221, rel=1e-12)
        assert china.high == closely(255000 / 375450, rel=2e-3)
        assert self.found[2023].hhi.low < self.found[2023].hhi.high

    def test_a_total_may_come_from_another_source(self) -> None:
        """2025: three countries by one source, the world by another; 40,000 t of 390,000 are not listed."""
        (shares,) = self.found[2025].shares
        assert (shares.source, shares.total_source, shares.total) == ("RM2026", "MCS2026x", 390000)
        assert shares.unaccounted == closely(40000 / 390000, rel=1e-12)
        listed = sum((it / 390) ** 2 for it in (270, 51, 29))
        assert shares.hhi is not None
        assert shares.hhi.low == closely(listed, rel=1e-12)
        assert shares.hhi.high == closely(listed + (40 / 390) ** 2, rel=1e-12)

    def test_a_source_that_reports_one_country_is_no_list(self) -> None:
        """The salient statistics of the USA name no other country."""
        assert "USGSMCS19" in {it["source"] for it in printed() if it["period"] == "2014"}
        assert 2014 not in self.found
        assert all(len(it.parts) > 2 for found in self.found.values() for it in found.shares)

    def test_stated_shares_of_stages(self) -> None:
        stated = {
            (it.shares[0].stage, it.year): it.shares[0] for it in produced(production(), SHARE)
        }
        refining = stated["refining", 2023]
        assert {it.name: it.share for it in refining.parts} == pytest.approx(
            {"CHN": 0.92, "MYS": 0.05}
        )
        assert refining.unaccounted == closely(0.03, rel=1e-9)
        assert "projection" in stated["refining", 2030].note

    def test_quotas_against_the_world(self) -> None:
        found = {(it.year, it.stage): it for it in quotas(production())}
        share = found[2022, "mining"].share
        assert share is not None
        assert (share.low, share.high) == closely((210000 / 300000, 210000 / 296837), rel=1e-12)
        assert found[2022, "separation"].share is None
        assert 2025 not in {year for year, _ in found}  # issued, not published


class TestLists:
    def test_what_has_no_country_is_not_listed(self) -> None:
        rows = [
            output(*it) for it in (("AAA", 60.0), ("BBB", 20.0), ("Other", 5.0), ("World", 100.0))
        ]
        ((shares,),) = (it.shares for it in produced(rows))
        assert shares.unaccounted == closely(0.2, rel=1e-12)
        assert shares.hhi is not None
        assert (shares.hhi.low, shares.hhi.high) == closely((0.4, 0.44), rel=1e-12)

    def test_a_list_that_exceeds_its_rounded_total_is_its_own_whole(self) -> None:
        rows = [output("AAA", 60.0), output("BBB", 50.0), output("World", 100.0)]
        ((shares,),) = (it.shares for it in produced(rows))
        assert shares.unaccounted == closely(-0.1, rel=1e-12)
        assert [it.share for it in shares.parts] == closely([60 / 110, 50 / 110], rel=1e-12)

    def test_parts_of_a_year_and_gaps_are_no_years(self) -> None:
        rows = [output("AAA", 60.0, "2024H1"), output("AAA", None), output("World", 100.0)]
        assert produced(rows) == ()

    @pytest.mark.parametrize("amount", [-1.0, float("nan"), float("inf")])
    def test_an_amount_that_is_none_is_refused(self, amount: float) -> None:
        with pytest.raises(DataError, match="AAA"):
            Shares("x", COUNTRY, "mining", "ore", 2024, "t", {"AAA": amount})

    def test_nobody_has_no_index(self) -> None:
        shares = Shares("x", COUNTRY, "mining", "ore", 2024, "t", {"AAA": 0.0})
        assert (shares.hhi, shares.top, shares.parts) == (None, None, ())
        with pytest.raises(DataError, match="index"):
            hhi([0.0])


def year_of(*, of: int = 2028) -> Sizes:
    """Two makers of metal of one owner in two countries, one more, one silent; two refiners."""
    net = network(
        [
            facility("a", "AAA", "one"),
            facility("b", "BBB", "one"),
            facility("c", "BBB", "two"),
            facility("d", "CCC", "two"),
            facility("closed", "CCC", "two", status="closed"),
        ],
        [
            line("a", "metal", "Ga_metal", capacity=100.0),
            line("b", "metal", "Ga_metal", capacity=50.0, ends="2028-07"),
            line("c", "metal", "Ga_metal", capacity=25.0),
            line("d", "metal", "Ga_metal", capacity=None),
            line("closed", "metal", "Ga_metal", capacity=None),
            line("a", "wafer", "wafer", "wafer_In", capacity=10.0),
            line("c", "wafer", capacity=7.0),
        ],
    )
    rows = [
        row("a", "metal", "qualified", "2020"),
        row("b", "metal", "qualified", "2020"),
        row("c", "metal", "produced", "2020"),
        row("d", "metal", "produced", "2020"),
        row("closed", "metal", "produced", "2020"),
        row("a", "wafer", "qualified", "2020"),
    ]
    (found,) = sizes(net, grades(rows, AT), RULE, [of])
    return found


class TestCapacity:
    found = capacity_shares(year_of())

    def one(self, what: str, by: str, stage: str = "metal") -> Shares:
        (found,) = (it for it in self.found if (it.what, it.by, it.stage) == (what, by, stage))
        return found

    def test_announced_by_country(self) -> None:
        """The half year of b: 100, 25 and 25 t."""
        shares = self.one("announced capacity", COUNTRY)
        assert {it.name: it.amount for it in shares.parts} == closely(
            {"AAA": 100.0, "BBB": 50.0}, rel=1e-12
        )
        assert shares.hhi is not None and shares.hhi.value == closely(5 / 9, rel=1e-12)
        assert shares.unaccounted is None

    def test_weighted_by_owner(self) -> None:
        shares = self.one("evidence-weighted capacity", OWNER)
        assert {it.name: it.amount for it in shares.parts} == closely(
            {"one": 125.0, "two": 20.0}, rel=1e-12
        )

    def test_by_facility(self) -> None:
        assert [it.name for it in self.one("announced capacity", FACILITY).parts] == ["a", "b", "c"]

    def test_what_no_source_states_is_named(self) -> None:
        """A closed plant makes nothing, whatever it could."""
        shares = self.one("announced capacity", COUNTRY)
        assert (shares.not_stated, shares.understated) == (("d",), ("CCC",))
        assert shares.words.endswith("1 facilities of unstated capacity count as zero")

    def test_lines_without_a_recipe_are_left_out(self) -> None:
        assert self.one("announced capacity", COUNTRY, "wafer").amounts == {"AAA": 10.0}

    def test_elements_of_a_line_that_may_run_two_recipes(self) -> None:
        """10 t of wafers with 0.5 or 0.4 of gallium: 4.5 t; and of indium 0 or 0.1: 0.5 t."""
        found = {
            (it.stage, it.material): it
            for it in element_shares(year_of())
            if it.what.endswith(f"{ANNOUNCED} capacity")
        }
        assert found["wafer", "Ga"].amounts == pytest.approx({"AAA": 4.5})
        assert found["wafer", "In"].amounts == pytest.approx({"AAA": 0.5})
        assert found["wafer", "In"].averaged == ("a",)
        assert found["metal", "Ga"].amounts == pytest.approx(
            {"AAA": 100.0, "BBB": 50.0, "CCC": 0.0}
        )

    def test_makers_who_are_known_only_together(self) -> None:
        """60 t of unknown makers in AAA, 20 t of unknown countries, 20 t of c; d is among those of AAA."""
        net = network(
            [
                facility("c", "BBB"),
                facility("d"),
                facility("others_aaa"),
                facility("others_row", "ROW"),
            ],
            [
                line("c", "metal", "Ga_metal", capacity=20.0),
                line("d", "metal", "Ga_metal", capacity=None),
                line("others_aaa", "metal", "Ga_metal", capacity=60.0),
                line("others_row", "metal", "Ga_metal", capacity=20.0),
            ],
        )
        rows = [row(it, "metal", "qualified", "2020") for it in net.facilities]
        total = StageTotal(
            "AAA", "", "metal", "metal", ("Ga_metal",), Range(60, 60, 60), 2024, "produced"
        )
        among = Remainder(total, {}, (("d", "metal"),), Range(60, 60, 60))
        wide = Remainder(
            replace(total, country="ROW", besides=frozenset({"AAA"})), {}, (), Range(20, 20, 20)
        )
        (found,) = sizes(net, grades(rows, AT), RULE, [2028], [among, wide])
        assert found.not_stated == frozenset()
        shares = {it.by: it for it in capacity_shares(found) if it.what == "announced capacity"}
        assert {it.name: it.share for it in shares[COUNTRY].parts} == closely(
            {"AAA": 0.6, "BBB": 0.2}, rel=1e-12
        )
        assert shares[COUNTRY].hhi is not None
        assert (shares[COUNTRY].hhi.low, shares[COUNTRY].hhi.high) == closely(
            (0.4, 0.44), rel=1e-12
        )
        assert {it.name: it.share for it in shares[OWNER].parts} == closely({"c": 0.2}, rel=1e-12)

    def test_a_plan_without_a_facility(self) -> None:
        found = year_of().without(["a", "d"])
        assert {key[0] for key in found.announced} == {"b", "c", "closed"}
        assert {key[0] for key in found.of(WEIGHTED)} == {"b", "c", "closed"}
        assert found.not_stated == frozenset()

    def test_a_line_that_has_ended_is_not_missed(self) -> None:
        found = year_of(of=2029)
        assert found.announced["b", "metal"] == 0.0
        assert found.announced["a", "metal"] == closely(100.0, rel=1e-12)


def sent(exporter: str, importer: str, tonnes: float, year: int = 2024) -> Trade:
    return Trade(year, exporter, importer, ("1",), tonnes, 0.0, Cited("T"))


class TestSupplyRisk:
    """HHI 0.4 to 0.44 with 60, 20 and 20 of 100 elsewhere."""

    production = produced(
        [output("AAA", 60.0), output("BBB", 20.0), output("World", 100.0)],
    )
    flows = (
        sent("AAA", "CCC", 30.0),
        sent("BBB", "CCC", 10.0),
        sent("DDD", "CCC", 20.0),
        sent("CCC", "DDD", 5.0),
        sent("AAA", "BBB", 20.0),
    )

    def test_all_suppliers_alike(self) -> None:
        (found,) = supply_risks(self.flows, self.production, {"CCC": ["CCC"]})
        assert (found.imported, found.domestic) == (60.0, 0.0)
        assert found.score is not None
        assert (found.score.low, found.score.high) == closely((0.4, 0.44), rel=1e-12)
        assert found.largest is not None
        assert (found.largest.name, found.largest.share) == ("AAA", 0.5)
        assert found.supplier_hhi == closely(0.25 + 1 / 36 + 1 / 9, rel=1e-12)

    def test_own_production_lowers_it(self) -> None:
        (found,) = supply_risks(self.flows, self.production, {"BBB": ["BBB"]})
        assert found.domestic == 20.0
        assert found.score is not None and found.score_of_imports is not None
        assert found.score.low == closely(0.4 * 20 / 40, rel=1e-12)
        assert found.score_of_imports.low == closely(0.4, rel=1e-12)

    def test_trade_inside_a_group_is_no_import(self) -> None:
        (found,) = supply_risks(self.flows, self.production, {"both": ["CCC", "DDD"]})
        assert dict(found.imports) == {"AAA": 30.0, "BBB": 10.0}

    def test_instability_weights_each_supplier(self) -> None:
        """A partner counts as 0, one that is named by what it is given, and the rest as 1."""
        (found,) = supply_risks(
            self.flows, self.production, {"CCC": ["CCC"]}, {"AAA": 0.6, "DDD": 0.0}
        )
        assert found.reliance == closely((0.6 * 30 + 10) / 60, rel=1e-12)

    def test_years_without_production_are_left_out(self) -> None:
        flows = (sent("AAA", "CCC", 1.0, 2010),)
        assert supply_risks(flows, self.production, {"CCC": ["CCC"]}) == ()

    @pytest.mark.parametrize("value", [-0.1, 1.1, float("nan")])
    def test_an_instability_that_is_none_is_refused(self, value: float) -> None:
        with pytest.raises(DataError, match="AAA"):
            supply_risks(self.flows, self.production, {"CCC": ["CCC"]}, {"AAA": value})

    def test_two_lists_of_one_year_are_refused(self) -> None:
        twice = (*self.production, replace(self.production[0]))
        with pytest.raises(DataError, match="2024"):
            supply_risks(self.flows, twice, {"CCC": ["CCC"]})
