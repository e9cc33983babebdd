"""Benchmarks, promises, what a kilogram short stops, spreads, leftovers: by hand and for the example."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from circuits import closely
from tiny_chain import facility, line, magnets, row
from ytterby.case import read
from ytterby.chain.capacity import CapacityRule, Slip
from ytterby.chain.demand import Demand
from ytterby.chain.explosion import Route, explode
from ytterby.chain.exposure import (
    MET,
    MISSED,
    UNSAID,
    Verdict,
    at_risk,
    leftovers,
    needs,
    promises,
    spreads,
    verdicts,
)
from ytterby.chain.grading import GRADES, grades
from ytterby.chain.months import month
from ytterby.chain.network import Cited, Line, Network, Range, Recipe
from ytterby.chain.shares import Sizes, sizes
from ytterby.chain.yardsticks import (
    AT_LEAST,
    AT_MOST,
    ELEMENT,
    FORM,
    Benchmark,
    PlantRecipe,
    Priced,
    UnitValue,
    benchmarks,
    plant_recipes,
    price_pairs,
    quantities,
    regions,
    unit_values,
)
from ytterby.errors import DataError
from ytterby.study.chain import ShareStudy, share_chain

EXAMPLE = Path(__file__).parents[3] / "examples" / "lacq-chain" / "lacq-chain.toml"
WEIGHTS = dict(zip(GRADES, (0.0, 0.1, 0.3, 0.6, 0.8, 0.9, 1.0), strict=True))
RULE = CapacityRule(WEIGHTS, Slip(12.0, 30.0), {})
YEAR = {12 * 2030 + it: 1 / 12 for it in range(12)}
HOME = {"home": frozenset({"DEU", "FRA"})}


def demand(name: str, country: str, yearly: float, material: str = "magnet", **other) -> Demand:
    due = {month: yearly * share for month, share in YEAR.items()}
    return Demand(name, name, country, "", material, due, **other)


CARS = explode(
    magnets(),
    [demand("cars", "DEU", 100.0, units=50_000.0, unit_name="vehicle"), demand("far", "JPN", 50.0)],
)
"""Per tonne of magnet: 1.5 of alloy, 0.42 and 0.063 of metal, 0.504 of Nd_oxide, 0.07875 of Dy_oxide."""
ND, DY = 50.4 * 0.857, 7.875 * 0.871
"""Tonnes of each element in the oxides for 100 t."""


def year_of(*lines: Line, recipes: tuple[Recipe, ...] = ()) -> Sizes:
    """Everybody has produced, and counts four fifths."""
    bare = magnets()
    countries = {"lac": "FRA", "alo": "FRA", "dig": "FRA", "far": "AAA", "mid": "BBB"}
    named = dict.fromkeys(it.facility for it in lines)
    network = Network(
        bare.materials,
        {**bare.recipes, **{it.name: it for it in recipes}},
        {it: facility(it, countries[it]) for it in named},
        {it.key: it for it in lines},
    )
    rows = [row(it.facility, it.stage, "produced", "2020") for it in lines]
    (found,) = sizes(network, grades(rows, month("2026-01")), RULE, [2030])
    return found


def benchmark(stage: str, share: float, sense: str = AT_LEAST, counted: str = ELEMENT) -> Benchmark:
    of = "separation" if counted == ELEMENT else stage
    return Benchmark("b", "plan", "home", stage, of, sense, share, counted, 2030, "")


def verdict(found: Sizes, asked: Benchmark, of: str) -> Verdict:
    (told,) = (it for it in verdicts(found, CARS, [asked], HOME) if it.of == of)
    return told


LAC = line("lac", "separation", "separate", capacity=100.0)


class TestNeeds:
    def test_of_one_country_and_of_all(self) -> None:
        here = needs(CARS, 2030, {"DEU"})
        assert here["Nd_oxide"] == closely(50.4, rel=1e-12)
        assert here["Dy_oxide"] == closely(7.875, rel=1e-12)
        assert needs(CARS, 2030)["alloy"] == closely(225.0, rel=1e-12)
        assert needs(CARS, 2029) == {}

    def test_before_what_comes_back(self) -> None:
        """Swarf of 0.4 t per tonne lowers what is bought, not what is used."""
        back = explode(magnets(), [demand("cars", "DEU", 100.0)], Route(recycled=("recycle",)))
        assert back.per_tonne("cars")["Nd_oxide"] < 0.5
        assert needs(back, 2030)["Nd_oxide"] == closely(50.4, rel=1e-12)


class TestAtLeast:
    def test_elements_of_separation(self) -> None:
        """80 t of Nd_oxide, and 0.09 t of Dy_oxide with each."""
        told = verdict(year_of(LAC), benchmark("separation", 0.9), "Dy")
        assert told.need == closely(DY, rel=1e-12)
        assert told.inside.value == closely(80 * 0.09 * 0.871, rel=1e-12)
        assert told.announced.value == closely(100 * 0.09 * 0.871, rel=1e-12)
        assert told.share is not None
        assert told.share.value == closely(7.2 / 7.875, rel=1e-12)
        assert told.verdict == MET
        assert verdict(year_of(LAC), benchmark("separation", 0.92), "Dy").verdict == MISSED

    def test_ore_counts_as_far_as_the_best_separation_recovers_it(self) -> None:
        """Of 0.9 t of Nd in 9 t of ore 0.857 t arrive in oxide."""
        told = verdict(
            year_of(line("dig", "mining", "mine", capacity=100.0)), benchmark("mining", 0.2), "Nd"
        )
        assert told.inside.value == closely(80 * 0.1 * 0.857 / 0.9, rel=1e-12)
        assert told.verdict == MISSED

    def test_forms_count_in_tonnes(self) -> None:
        """48 t of either alloy for 150 t."""
        found = year_of(line("alo", "alloy", "alloy", "alloy_lean", capacity=60.0))
        told = verdict(found, benchmark("alloy", 0.4, counted=FORM), "alloy")
        assert (told.need, told.inside.value) == closely((150.0, 48.0), rel=1e-12)
        assert told.verdict == MISSED
        assert told.missing == closely(12.0, rel=1e-12)

    def test_elements_of_a_line_that_may_run_two_recipes_are_a_range(self) -> None:
        """0.09 or 1 t of Dy_oxide per tonne: no verdict between them."""
        found = year_of(line("lac", "separation", "separate", "separate_clay", capacity=10.0))
        told = verdict(found, benchmark("separation", 0.5), "Dy")
        assert told.share is not None
        assert (told.share.low, told.share.high) == closely((0.72 / 7.875, 8 / 7.875), rel=1e-12)
        assert told.verdict == UNSAID

    def test_a_capacity_that_no_source_states_keeps_the_verdict_open(self) -> None:
        silent = line("alo", "separation", "separate", capacity=None)
        told = verdict(year_of(LAC, silent), benchmark("separation", 0.95), "Dy")
        assert (told.verdict, told.not_stated) == (UNSAID, ("alo",))
        assert verdict(year_of(LAC, silent), benchmark("separation", 0.9), "Dy").verdict == MET
        abroad = line("far", "separation", "separate", capacity=None)
        assert verdict(year_of(LAC, abroad), benchmark("separation", 0.95), "Dy").verdict == MISSED

    def test_so_does_a_line_that_no_recipe_describes(self) -> None:
        unknown = line("alo", "separation", capacity=None)
        assert verdict(year_of(LAC, unknown), benchmark("separation", 0.95), "Dy").verdict == UNSAID

    def test_scrap_counts_where_it_goes_in_with_ore(self) -> None:
        """1 t of swarf with 0.27 of Nd and 1 t of ore with 0.1: 27 parts in 37 of it are recycled."""
        fed = {"ore": 1.0, "swarf": 1.0}
        both = Recipe("both", "", "separation", "ore", fed, {"Nd_oxide": 0.3})
        found = year_of(line("lac", "separation", "both", capacity=100.0), recipes=(both,))
        asked = replace(benchmark("recycling", 0.25), of_form="scrap")
        told = verdict(found, asked, "Nd")
        assert told.inside.value == closely(80 * 0.3 * 0.857 * 27 / 37, rel=1e-12)
        alone = year_of(line("lac", "recycling", "recycle", capacity=100.0))
        assert verdict(alone, asked, "Nd").inside.value == closely(80 * 0.3 * 0.857, rel=1e-12)

    def test_without_a_facility(self) -> None:
        (told,) = (
            it
            for it in verdicts(
                year_of(LAC).without(["lac"]), CARS, [benchmark("separation", 0.1)], HOME, "no lac"
            )
            if it.of == "Nd"
        )
        assert (told.plan, told.inside.value, told.verdict) == ("no lac", 0.0, MISSED)

    def test_customers_elsewhere_need_nothing_here(self) -> None:
        assert verdicts(year_of(LAC), CARS, [benchmark("separation", 0.1)], {"home": {"CCC"}}) == ()

    def test_a_region_that_nobody_knows(self) -> None:
        with pytest.raises(DataError, match="home"):
            verdicts(year_of(LAC), CARS, [benchmark("separation", 0.1)], {"away": {"DEU"}})


class TestAtMost:
    """16 t at home, 240 t in AAA and 24 t in BBB for 50.4 t of Nd_oxide."""

    found = year_of(
        replace(LAC, capacity=Range(20.0, 20.0, 20.0)),
        line("far", "separation", "separate", capacity=300.0),
        line("mid", "separation", "separate", capacity=30.0),
    )

    def test_least_usual_and_most_from_the_largest(self) -> None:
        told = verdict(self.found, benchmark("separation", 0.65, AT_MOST), "Nd")
        assert told.country == "AAA"
        assert told.share is not None
        assert told.need == closely(ND, rel=1e-12)
        assert told.share.low == closely((50.4 - 16 - 24) / 50.4, rel=1e-9)
        assert told.share.value == closely((50.4 - 16) * 240 / 264 / 50.4, rel=1e-9)
        assert told.share.high == 1.0
        assert told.verdict == UNSAID

    def test_missed_where_even_the_least_is_too_much(self) -> None:
        assert verdict(self.found, benchmark("separation", 0.2, AT_MOST), "Nd").verdict == MISSED

    def test_met_where_even_the_most_is_allowed(self) -> None:
        found = year_of(
            LAC,
            line("far", "separation", "separate", capacity=30.0),
        )
        told = verdict(found, benchmark("separation", 0.65, AT_MOST), "Nd")
        assert told.share is not None
        assert told.share.high == closely(24 / 50.4, rel=1e-9)
        assert told.verdict == MET

    def test_too_little_anywhere_is_no_verdict(self) -> None:
        found = year_of(line("far", "separation", "separate", capacity=10.0))
        told = verdict(found, benchmark("separation", 0.65, AT_MOST), "Nd")
        assert (told.share, told.verdict) == (None, UNSAID)


class TestWhatStops:
    """2 kg of magnet a vehicle: 0.1575 kg of Dy_oxide."""

    pair = Priced("Dy2O3", "Dy_oxide", "2025-07", 200.0, 800.0, "USD/kg", "thin", Cited())
    older = replace(pair, date="2025-05", outside=850.0)
    nd = Priced("Nd2O3", "Nd_oxide", "2025-07", 60.0, 50.0, "USD/kg", "", Cited())

    def test_vehicles_per_kilogram(self) -> None:
        worth = UnitValue(Range(1.0, 2.0, 3.0), "EUR", Cited())
        found = {
            it.material: it for it in at_risk(CARS, {"vehicle": worth}, [self.pair, self.older])
        }
        assert set(found) == {"magnet", "alloy", "Nd_metal", "Dy_metal", "Nd_oxide", "Dy_oxide"}
        told = found["Dy_oxide"]
        assert told.per_unit == closely(0.1575, rel=1e-12)
        assert told.units_per_kg == closely(1 / 0.1575, rel=1e-12)
        assert told.value_per_kg is not None
        assert told.value_per_kg.high == closely(3 / 0.1575, rel=1e-12)
        assert told.price is self.pair
        assert found["alloy"].price is None

    def test_without_a_value_only_units(self) -> None:
        assert all(it.value_per_kg is None for it in at_risk(CARS, {}, []))

    def test_spread_of_a_tonne(self) -> None:
        found = {it.date: it for it in spreads(CARS, [self.pair, self.older, self.nd])}
        whole = found["2025-07"]
        assert (whole.unpriced, whole.currency) == ((), "USD")
        assert whole.total_inside == closely(504 * 60 + 78.75 * 200, rel=1e-12)
        assert whole.total_outside == closely(504 * 50 + 78.75 * 800, rel=1e-12)
        assert found["2025-05"].unpriced == ("Nd_oxide",)
        assert found["2025-05"].total_outside == closely(78.75 * 850, rel=1e-12)

    @pytest.mark.parametrize("unit", ["EUR/kg", "USD/lb"])
    def test_prices_that_do_not_add_are_refused(self, unit: str) -> None:
        with pytest.raises(DataError, match="2025-07"):
            spreads(CARS, [self.pair, replace(self.nd, unit=unit)])


class TestOfOneFacility:
    """100 t of Nd_oxide and 9 t of Dy_oxide announced, four fifths believed."""

    known = quantities()[0]
    promise = replace(
        known,
        material="Dy_oxide",
        tonnes=Range(6.0, 6.0, 6.0),
        contract=replace(known.contract, facilities=("lac",)),
    )

    def test_a_promise_and_what_backs_it(self) -> None:
        (told,) = promises(year_of(LAC), [self.promise], {})
        assert told.share == closely(6 / 1250, rel=1e-12)
        assert (told.announced, told.weighted) == closely((9.0, 7.2), rel=1e-12)
        assert told.backed.value == told.share
        assert told.backed.low == closely(6 / 9 * 7.2 / 1250, rel=1e-12)

    def test_what_is_left(self) -> None:
        """The plan asks 75.6 t of Nd_oxide and 11.8125 of Dy_oxide."""
        table = leftovers(year_of(LAC), CARS, ["lac"], [self.promise], [], {})
        found = {it.product: it for it in table}
        assert found["Nd_oxide"].needed == closely(75.6, rel=1e-12)
        assert found["Nd_oxide"].left_announced == closely(24.4, rel=1e-9)
        assert found["Nd_oxide"].left_weighted == closely(4.4, rel=1e-9)
        assert (found["Dy_oxide"].contracted, found["Dy_oxide"].left_announced) == (6.0, 0.0)

    def test_a_recipe_of_the_whole_plant(self) -> None:
        """As much of it as yields the 100 t of the line."""
        whole = Recipe(
            "whole",
            "",
            "separation",
            "clay",
            {"clay": 1.0},
            {"Nd_oxide": 0.05, "Dy_oxide": 0.01},
        )
        plants = {"lac": PlantRecipe("lac", "separation", "whole", Cited())}
        table = leftovers(year_of(LAC, recipes=(whole,)), CARS, ["lac"], [], [], plants)
        assert {it.product: it.announced for it in table} == pytest.approx(
            {"Nd_oxide": 100.0, "Dy_oxide": 20.0}
        )
        assert {it.recipe for it in table} == {"whole"}

    def test_a_contract_that_has_ended_takes_nothing(self) -> None:
        over = replace(self.promise.contract, ends=month("2030-07"))
        table = leftovers(
            year_of(LAC), CARS, ["lac"], [replace(self.promise, contract=over)], [over], {}
        )
        assert {it.contracted for it in table} == {0.0}

    def test_offtakes_without_a_quantity_are_named(self) -> None:
        other = replace(self.known.contract, name="more", facilities=("lac",), kind="offtake")
        (told, _) = leftovers(year_of(LAC), CARS, ["lac"], [], [other], {})
        assert told.not_quantified == ("more",)


class TestShipped:
    def test_the_european_union(self) -> None:
        members = regions()["EU27"]
        assert len(members) == 27
        assert {"FRA", "EST", "POL"} < members
        assert members.isdisjoint({"NOR", "GBR", "CHE", "UKR"})

    def test_the_act(self) -> None:
        found = {it.name: it for it in benchmarks()}
        assert found["crma_mining"].share == 0.10
        assert {found[f"crma_{it}"].share for it in ("separation", "metal", "alloy")} == {0.40}
        assert found["crma_recycling"].share == 0.25
        assert {it.share for it in benchmarks() if it.sense == AT_MOST} == {0.65}
        assert {it.due for it in benchmarks()} == {2030}

    def test_prices_agree_with_the_ratios_that_were_published(self) -> None:
        ratios = [it.ratio for it in price_pairs()]
        assert ratios == pytest.approx([3.8, 3.3, 3.9, 4.1, 22, 1.38, 0.95], rel=0.02)
        assert all(it.caveat for it in price_pairs())

    def test_what_is_assumed_says_so(self) -> None:
        assert {it.cited.basis for it in unit_values().values()} == {"assumed"}
        assert {it.cited.basis for it in plant_recipes().values()} == {"assumed"}


@cache
def study() -> ShareStudy:
    return share_chain(read(EXAMPLE))


class TestTheExample:
    def test_a_fifth_of_what_japan_needs(self) -> None:
        """250 of 1,250 t of Dy and 45 of 225 t of Tb, if the refinery makes what is announced."""
        last = [it for it in study().promises if it.year == 2032]
        assert {it.quantity.material: (it.promised, it.demand) for it in last} == {
            "Dy_oxide": (250.0, 1250.0),
            "Tb_oxide": (45.0, 225.0),
        }
        for it in last:
            assert it.share == closely(0.2, rel=1e-12)
            assert it.backed.low < it.backed.high < 0.2

    def test_years_and_plans(self) -> None:
        assert study().year == 2030
        assert {it.plan for it in study().verdicts} == {"", "no-lacq"}
        assert {it.year for it in study().leftovers} == set(range(2028, 2033))

    def test_the_refinery_is_what_separates_heavy_elements_in_the_union(self) -> None:
        """Everybody else in the union states no capacity, so what is missing may be there."""
        found = {
            it.plan: it
            for it in study().verdicts
            if (it.benchmark.name, it.of) == ("crma_separation", "Dy")
        }
        assert found[""].inside.value > 0.0
        assert (found["no-lacq"].verdict, found["no-lacq"].inside.high) == (UNSAID, 0.0)

    def test_what_the_refinery_leaves(self) -> None:
        """Nobody in the plan asks for samarium to gadolinium, or for yttrium."""
        left = {it.product: it for it in study().leftovers if it.year == 2032}
        for product in ("SEG_oxide", "HREE_oxide"):
            assert left[product].left_announced == left[product].announced > 500
        assert left["Dy_oxide"].announced == pytest.approx(5000 * 0.107903, rel=1e-6)
        assert left["Dy_oxide"].not_quantified == ("stellantis_carester",)

    def test_importers_and_sources(self) -> None:
        assert {it.importer for it in study().risks} == {"DEU", "EU27", "FRA", "JPN", "KOR", "USA"}
        assert {it.year for it in study().risks} == set(range(2018, 2025))
        assert {"BACI", "CRMA24", "WMD", "PB1161", "CONVENTION"} <= set(study().sources)
