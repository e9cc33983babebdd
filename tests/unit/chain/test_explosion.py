"""Walks back from a demand, against arithmetic by hand: a motor, a turbine, returns, what is left over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from tiny_chain import magnets, network
from ytterby.chain import recipe_book
from ytterby.chain.demand import Demand
from ytterby.chain.explosion import Explosion, Route, baskets, explode
from ytterby.chain.leads import Leads, months
from ytterby.chain.months import month
from ytterby.chain.network import Material, Network, Recipe
from ytterby.errors import BalanceError, ConvergenceError, DataError

DUE = month("2028-06")


def demand(
    material: str,
    due: Mapping[int, float],
    name: str = "cars",
    instead: tuple[str, ...] = (),
    stock: float = 0.0,
    units: float | None = None,
) -> Demand:
    return Demand(
        name, "buyer", "DEU", "automotive", material, due, instead, stock=stock, units=units
    )


def network_of(*materials: Material, recipes: tuple[Recipe, ...]) -> Network:
    return Network({it.name: it for it in materials}, {it.name: it for it in recipes}, {}, {})


def nonzero(found: Explosion, material: str) -> dict[int, float]:
    """Net need by month before the month that is due."""
    amounts = dict(zip(found.months, found.net(material), strict=True))
    return {when - DUE: amount for when, amount in amounts.items() if amount}


class TestAMotor:
    """One motor of 2 kg of magnet, 0.002 t."""

    found = explode(magnets(), [demand("magnet", {DUE: 0.002}, units=1.0)])

    @pytest.mark.parametrize(
        ("material", "kilograms", "months_before"),
        [
            ("magnet", 2.0, 0),
            ("alloy", 3.0, 3),  # 2 x 1.5, three months of magnet making before
            ("Nd_metal", 0.84, 4),  # 3 x 0.28
            ("Dy_metal", 0.126, 4),  # 3 x 0.042
            ("Nd_oxide", 1.008, 5),  # 0.84 x 1.2
            ("Dy_oxide", 0.1575, 5),  # 0.126 x 1.25
        ],
    )
    def test_needs_and_when(self, material: str, kilograms: float, months_before: int) -> None:
        assert nonzero(self.found, material) == {
            -months_before: pytest.approx(kilograms / 1000, rel=1e-12, abs=0)
        }
        per_unit = self.found.per_unit("cars")
        assert per_unit is not None
        assert per_unit[material] == pytest.approx(kilograms, rel=1e-12)
        assert self.found.per_tonne("cars")[material] == pytest.approx(kilograms / 2, rel=1e-12)
        assert self.found.first(material) == DUE - months_before

    def test_elements_at_each_form(self) -> None:
        forms = self.found.by_form()
        assert forms["magnet"] == pytest.approx({"Nd": 0.54e-3, "Dy": 0.08e-3})  # 2 x 0.27, 0.04
        assert forms["alloy"] == pytest.approx({"Nd": 0.81e-3, "Dy": 0.12e-3})  # 3 x 0.27, 0.04
        assert forms["metal"] == pytest.approx({"Nd": 0.84e-3, "Dy": 0.126e-3})
        oxide = {"Nd": 1.008e-3 * 0.857, "Dy": 0.1575e-3 * 0.871}
        assert forms["oxide"] == pytest.approx(oxide)

    def test_losses_and_swarf(self) -> None:
        lost = self.found.lost()
        # Of 1.5 t alloy 1 t is magnet and 0.4 t swarf: 0.2 kg is lost of two.
        assert lost["magnet"] == pytest.approx({"Nd": 0.2e-3 * 0.27, "Dy": 0.2e-3 * 0.04})
        assert lost["alloy"] == pytest.approx({"Nd": 3e-3 * 0.01, "Dy": 3e-3 * 0.002})
        assert lost["Dy_metal"] == pytest.approx({"Dy": 0.126e-3 * (1.25 * 0.871 - 1.0)})
        assert self.found.left() == pytest.approx({"swarf": 0.8e-3})

    def test_walk_ends_at_coupled_oxides_and_says_why(self) -> None:
        assert set(self.found.ends) == {"Nd_oxide", "Dy_oxide"}
        assert "separate yields Nd_oxide, Dy_oxide together" in self.found.ends["Dy_oxide"]
        assert "ore" not in self.found.materials

    def test_baskets_name_what_binds(self) -> None:
        ore, clay, swarf = baskets(self.found)
        # Dysprosium binds ore: 0.1575 / 0.09 = 1.75 kg of Nd oxide, of 9 x 1.75 = 15.75 kg ore.
        assert (ore.recipe, ore.binding) == ("separate", "Dy_oxide")
        assert ore.feeds == pytest.approx({"ore": 15.75e-3})
        assert ore.left == pytest.approx({"Nd_oxide": 1.75e-3 - 1.008e-3})
        # Neodymium binds clay: 1.008 / 2.5 = 0.4032 kg of Dy oxide, of which 0.1575 is needed.
        assert (clay.recipe, clay.binding) == ("separate_clay", "Nd_oxide")
        assert clay.feeds == pytest.approx({"clay": 20.16e-3})
        assert clay.left == pytest.approx({"Dy_oxide": 0.4032e-3 - 0.1575e-3})
        # 0.1575 / 0.04 = 3.9375 kg of swarf; Nd oxide 1.18125 kg.
        assert (swarf.recipe, swarf.binding) == ("recycle", "Dy_oxide")
        assert swarf.feeds == pytest.approx({"swarf": 3.9375e-3})
        assert swarf.left == pytest.approx({"Nd_oxide": 1.18125e-3 - 1.008e-3})


def test_turbine_of_10_MW() -> None:
    """650 kg/MW direct drive: 6.5 t of magnet, from 9.75 t of alloy."""
    found = explode(magnets(), [demand("magnet", {DUE: 6.5}, "turbine", units=10.0)])
    per_unit = found.per_unit("turbine")
    assert per_unit is not None
    assert per_unit["magnet"] == pytest.approx(650.0)
    assert per_unit["Nd_oxide"] == pytest.approx(650.0 * 1.5 * 0.28 * 1.2)  # 327.6 kg/MW
    assert found.net("Nd_oxide").sum() == pytest.approx(3.276)
    assert found.net("Dy_oxide").sum() == pytest.approx(0.511875)  # 9.75 x 0.042 x 1.25


def test_shipped_recipes_for_a_motor_and_a_turbine() -> None:
    book = Network(recipe_book.materials(), recipe_book.recipes(), {}, {})
    lines = [demand("magnet_SH", {DUE: 0.002}, "motor"), demand("magnet_H", {DUE: 6.5}, "turbine")]
    found = explode(book, lines)
    # 0.65 t of magnet per t of alloy; 0.98 t of alloy per t of metals; 1.19 t of Nd-Pr oxide and
    # 1.2081 t of Dy oxide per t of metal. SH holds 28.1 % Nd and Pr and 2.5 % Dy; H 29.1 and 1.3 %.
    motor = {name: 1000 * found.net(name, "motor").sum() for name in found.materials}
    assert motor["alloy_SH"] == pytest.approx(3.0769, rel=1e-4)  # 2 / 0.65
    assert motor["NdPr_metal"] == pytest.approx(0.8823, rel=1e-4)  # 3.0769 x 0.281 / 0.98
    assert motor["Dy_metal"] == pytest.approx(0.07849, rel=1e-4)  # 3.0769 x 0.025 / 0.98
    assert motor["NdPr_oxide"] == pytest.approx(1.0499, rel=1e-3)
    assert motor["Dy_oxide"] == pytest.approx(0.09483, rel=1e-3)
    turbine = {name: found.net(name, "turbine").sum() for name in found.materials}
    assert turbine["alloy_H"] == pytest.approx(10.0)  # 6.5 / 0.65
    assert turbine["NdPr_oxide"] == pytest.approx(3.5335, rel=1e-3)  # 10 x 0.291 / 0.98 x 1.19
    assert turbine["Dy_oxide"] == pytest.approx(0.16026, rel=1e-3)  # 10 x 0.013 / 0.98 x 1.2081
    assert set(found.ends) == {"NdPr_oxide", "Dy_oxide"}


class TestReturns:
    """Swarf recycled to oxide: later needs are met by it, never earlier ones."""

    def test_comes_back_only_once_it_is_there(self) -> None:
        due = {DUE + it: 10.0 for it in range(24)}
        found = explode(magnets(), [demand("magnet", due)], Route(recycled=("recycle",)))
        # Magnets leave in month 0, swarf is oxide in month 2; oxide was needed from month -5 on.
        start = DUE - 5 - found.months[0]
        needed = found.net("Nd_oxide")[start : start + 24]
        assert needed[:7] == pytest.approx([5.04] * 7)  # 10 x 1.5 x 0.28 x 1.2
        assert needed[7:] == pytest.approx([3.84] * 17)  # less 10 x 0.4 x 0.3
        # What comes back in the last seven months meets no need of the line.
        assert found.left() == pytest.approx({"Nd_oxide": 7 * 1.2, "Dy_oxide": 7 * 0.16})

    def test_steady_figures_count_it_in_full(self) -> None:
        route = Route(recycled=("recycle",))
        found = explode(magnets(), [demand("magnet", {DUE: 7.0})], route)
        per_tonne = found.per_tonne("cars")
        assert per_tonne["Nd_oxide"] == pytest.approx(0.504 - 0.4 * 0.3)
        assert per_tonne["Dy_oxide"] == pytest.approx(0.07875 - 0.4 * 0.04)

    @pytest.mark.parametrize("returned", [0.1, 0.5, 0.9])
    def test_scrap_melted_again_is_a_geometric_series(self, returned: float) -> None:
        """Of each tonne cast a share falls off and is cast again: 1 + s + s^2 + ... = 1 / (1 - s)."""
        metal = Material("metal", "", "metal", {"Ga": 1.0})
        part = Material("part", "", "part", {"Ga": 1.0})
        chips = Material("chips", "", "scrap", {"Ga": 1.0})
        ingot = Material("ingot", "", "ingot", {"Ga": 1.0})
        recipes = (
            Recipe("cast", "", "casting", "ingot", {"metal": 1.0}, {"ingot": 1.0}),
            Recipe(
                "turn",
                "",
                "turning",
                "ingot",
                {"ingot": 1.0},
                {"part": 1.0 - returned, "chips": returned},
            ),
            Recipe("melt", "", "melting", "chips", {"chips": 1.0}, {"ingot": 0.99}),
        )
        chain = network_of(metal, part, chips, ingot, recipes=recipes)
        route = Route(recycled=("melt",), raw=frozenset({"metal"}))
        found = explode(chain, [demand("part", {DUE: 1.0})], route)
        # Virgin metal per part: 1 / ((1 - s) (1 + 0.99 s + ...)) as each turn loses 1 % of what returns.
        series = 1.0 / sum((0.99 * returned) ** turn for turn in range(5000))
        expected = series / (1.0 - returned)
        assert found.net("metal").sum() == pytest.approx(expected, rel=1e-9)

    @pytest.mark.parametrize("lead", [0.0, 1.0, 2.0])
    def test_maker_whose_own_slag_comes_back_to_it(self, lead: float) -> None:
        """r + y s r = need in every turn: r is the alternating series need (1 - y s + (y s)^2 - ...)."""
        ore = Material("ore", "", "ore", {"Ga": 1.0})
        metal = Material("metal", "", "metal", {"Ga": 1.0})
        slag = Material("slag", "", "scrap", {"Ga": 1.0})
        recipes = (
            Recipe("smelt", "", "metal", "metal", {"ore": 2.0}, {"metal": 1.0, "slag": 0.8}),
            Recipe("clean", "", "slag", "slag", {"slag": 1.0}, {"metal": 0.5}, lead),
        )
        chain = network_of(ore, metal, slag, recipes=recipes)
        route = Route(recycled=("clean",), raw=frozenset({"ore"}))
        due = {DUE + it: 1.0 for it in range(90)}
        found = explode(chain, [demand("metal", due)], route)
        steady = sum((-0.4) ** turn for turn in range(80))
        assert found.net("ore")[80] == pytest.approx(2.0 * steady, rel=1e-9)
        assert found.per_tonne("cars")["ore"] == pytest.approx(2.0 / 1.4, rel=1e-9)
        if lead == 0.0:
            assert found.net("ore").sum() == pytest.approx(90 * 2.0 / 1.4, rel=1e-9)

    def test_recycling_recipe_pulls_what_it_needs_beside_its_scrap(self) -> None:
        chain = magnets()
        remelt = Recipe(
            "remelt",
            "",
            "recycling",
            "swarf",
            {"swarf": 1.0, "Nd_metal": 0.1},
            {"alloy": 1.0},
            1.0,
        )
        grown = replace(chain, recipes={**chain.recipes, "remelt": remelt})
        route = Route(recycled=("remelt",))
        found = explode(grown, [demand("magnet", {DUE: 1.0})], route)
        # Steady: 0.4 t swarf gives 0.4 t alloy with 0.04 t metal; 1.1 t alloy is cast anew.
        assert found.per_tonne("cars")["alloy"] == pytest.approx(1.1)
        assert found.per_tonne("cars")["Nd_metal"] == pytest.approx(1.1 * 0.28 + 0.04)

    def test_scrap_that_leaves_scrap_is_recycled_until_the_horizon_ends(self) -> None:
        ore, metal = (Material(name, "", "metal", {"Ga": 1.0}) for name in ("ore", "metal"))
        slag, dross = (Material(name, "", "scrap", {"Ga": 1.0}) for name in ("slag", "dross"))
        recipes = (
            Recipe("smelt", "", "metal", "metal", {"ore": 2.0}, {"metal": 1.0, "slag": 0.8}),
            Recipe("clean", "", "slag", "slag", {"slag": 1.0}, {"metal": 0.5, "dross": 0.3}, 2.0),
            Recipe("wash", "", "slag", "dross", {"dross": 1.0}, {"slag": 1.0}, 2.0),
        )
        chain = network_of(ore, metal, slag, dross, recipes=recipes)
        route = Route(recycled=("clean", "wash"), raw=frozenset({"ore"}))
        found = explode(chain, [demand("metal", {DUE: 1.0})], route)
        # 0.8 t of slag once over gives 0.4 t of metal and 0.24 t of slag again, which stays.
        assert found.left() == pytest.approx({"metal": 0.4, "slag": 0.24})
        # In steady work all of it: 0.8 (1 + 0.3 + 0.09 + ...) r = 0.8 r / 0.7, half of it metal.
        steady = 1.0 / (1.0 + 0.4 / 0.7)
        assert found.per_tonne("cars")["ore"] == pytest.approx(2.0 * steady)


def test_the_longest_way_sets_the_horizon() -> None:
    """Nd metal for the alloy is due earlier than that for a coating of the magnet."""
    chain = magnets()
    coated = Recipe(
        "coat", "", "magnet", "magnet", {"Nd_metal": 0.01, "alloy": 1.5}, {"magnet": 1.0}, 3.0
    )
    grown = replace(chain, recipes={**chain.recipes, "magnet": replace(coated, name="magnet")})
    found = explode(grown, [demand("magnet", {DUE: 1.0})])
    assert nonzero(found, "Nd_metal") == {-3: pytest.approx(0.01), -4: pytest.approx(0.42)}
    assert found.ahead("cars")["Nd_metal"] == 4
    assert found.ahead("cars")["Nd_oxide"] == 5


@pytest.mark.parametrize("order", [("slow", "fast"), ("fast", "slow")])
def test_the_longest_of_two_ways_counts_whichever_is_walked_first(order: tuple[str, ...]) -> None:
    ore, slow, fast, part = (
        Material(name, "", name, {"Ga": 1.0}) for name in ("ore", "slow", "fast", "part")
    )
    recipes = (
        Recipe("slow", "", "slow", "slow", {"ore": 1.0}, {"slow": 1.0}, 5.0),
        Recipe("fast", "", "fast", "fast", {"ore": 1.0}, {"fast": 1.0}, 1.0),
        Recipe("part", "", "part", "part", dict.fromkeys(order, 0.5), {"part": 1.0}, 1.0),
    )
    chain = network_of(ore, slow, fast, part, recipes=recipes)
    found = explode(chain, [demand("part", {DUE: 2.0})], Route(raw=frozenset({"ore"})))
    assert nonzero(found, "ore") == {-6: 1.0, -2: 1.0}
    assert found.ahead("cars")["ore"] == 6


def test_by_products_meet_needs_of_their_own() -> None:
    """Separation chosen for Nd: its Dy counts towards the need of Dy, clay yields the rest."""
    route = Route(makers={"Nd_oxide": "separate"}, preferred=("separate_clay",))
    found = explode(magnets(), [demand("magnet", {DUE: 1.0})], route)
    # Needs 0.504 and 0.07875. With x of Nd oxide from ore and y of Dy oxide from clay:
    # x + 2.5 y = 0.504 and 0.09 x + y = 0.07875.
    x, y = np.linalg.solve([[1.0, 2.5], [0.09, 1.0]], [0.504, 0.07875])
    assert found.runs("separate").sum() == pytest.approx(x)
    assert found.runs("separate_clay").sum() == pytest.approx(y)
    assert found.net("ore").sum() == pytest.approx(9 * x)
    assert found.net("clay").sum() == pytest.approx(50 * y)
    assert not found.ends


def test_separation_chosen_for_one_product_leaves_the_other() -> None:
    route = Route(makers={"Dy_oxide": "separate_clay"}, raw=frozenset({"Nd_oxide"}))
    found = explode(magnets(), [demand("magnet", {DUE: 1.0})], route)
    # 0.07875 t of Dy oxide comes with 0.196875 t of Nd oxide, which need not be bought.
    assert found.net("Nd_oxide").sum() == pytest.approx(0.504 - 0.196875)
    assert baskets(found) == ()
    lean = explode(magnets(), [demand("magnet_lean", {DUE: 1.0})], route)
    assert "clay" not in lean.materials
    assert lean.ends["Nd_oxide"] == "bought as it is"


def test_stock_of_the_customer_serves_the_first_months() -> None:
    line = demand("magnet", {DUE: 4.0, DUE + 1: 4.0, DUE + 2: 4.0}, stock=6.0)
    found = explode(magnets(), [line])
    assert nonzero(found, "magnet") == {1: 2.0, 2: 4.0}
    assert found.supplied == (6.0,)
    more = explode(magnets(), [replace(line, stock=100.0)])
    assert not more.net("magnet").any()
    assert more.left() == {}


def test_another_way_that_the_customer_takes() -> None:
    line = demand("magnet", {DUE: 1.0}, instead=("magnet_lean",))
    assert explode(magnets(), [line]).asked == ("magnet",)
    lean = explode(magnets(), [line], Route(instead={"cars": "magnet_lean"}))
    assert lean.net("Nd_oxide").sum() == pytest.approx(1.4 * 0.31 * 1.2)
    assert "Dy_oxide" not in lean.materials


def test_two_lines_add_up() -> None:
    route = Route(recycled=("recycle",))
    cars = demand("magnet", {DUE + it: 1.0 + it for it in range(12)})
    wind = demand("magnet_lean", {DUE + it: 3.0 for it in range(6)}, "wind")
    both = explode(magnets(), [cars, wind], route)
    alone = [explode(magnets(), [line], route) for line in (cars, wind)]
    for material in both.materials:
        parts = [it for it in alone if material in it.materials]
        total = sum(it.net(material).sum() for it in parts)
        assert both.net(material).sum() == pytest.approx(total)
        for line in (cars, wind):
            assert both.net(material, line.name).sum() >= 0
    assert both.net("Nd_oxide") == pytest.approx(
        both.net("Nd_oxide", "cars") + both.net("Nd_oxide", "wind")
    )


def test_lead_and_transport_are_rounded_up_together() -> None:
    leads = Leads(
        lead={"magnet": months(1, 2.2, 4), "alloy": months(0.5, 0.5, 0.5)},
        transport={
            ("alloy", "magnet"): months(0.1, 0.7, 1.0),
            ("metal", ""): months(0.5, 0.5, 0.5),
            ("magnet", "customer"): months(0.2, 0.2, 1.5),
        },
    )
    line = demand("magnet", {DUE: 1.0})
    found = explode(magnets(), [line], leads=leads)
    assert nonzero(found, "magnet") == {-1: 1.0}  # 0.2
    assert list(nonzero(found, "alloy")) == [-4]  # 2.2 + 0.7
    assert list(nonzero(found, "Nd_metal")) == [-5]  # 0.5 + 0.5
    slow = explode(magnets(), [line], leads=leads, end="high")
    assert list(nonzero(slow, "alloy")) == [-7]  # 2 + (4 + 1)
    assert found.ahead("cars", "high")["alloy"] == 7


def test_a_chain_of_another_metal() -> None:
    found = explode(network([], []), [demand("wafer_In", {DUE: 10.0})])
    assert found.net("liquor").sum() == pytest.approx(10 * 0.5 * 1.4 * 8.0)
    assert not found.ends
    assert list(nonzero(found, "liquor")) == [-6]  # 3 + 1 + 2
    assert found.lost()["refine"] == pytest.approx({"Ga": 7.0 * (8.0 * 0.1 - 0.75)})


class TestFaults:
    line = demand("magnet", {DUE: 1.0})

    def test_missing_step_is_named(self) -> None:
        chain = magnets()
        less = {name: it for name, it in chain.recipes.items() if name != "alloy"}
        with pytest.raises(DataError) as error:
            explode(replace(chain, recipes=less), [self.line])
        assert "nothing makes alloy, which magnet needs" in str(error.value)
        assert "nearest   alloy_lean" in str(error.value)
        assert "declare alloy raw" in str(error.value)
        bought = Route(raw=frozenset({"alloy"}))
        found = explode(replace(chain, recipes=less), [self.line], bought)
        assert found.net("alloy").sum() == pytest.approx(1.5)

    def test_scrap_is_nothing_to_run_a_step_for(self) -> None:
        with pytest.raises(DataError, match="nothing makes swarf, which the customer needs"):
            explode(magnets(), [demand("swarf", {DUE: 1.0})])

    @pytest.mark.parametrize(
        ("lines", "route", "told"),
        [
            (
                [demand("magnt", {DUE: 1.0})],
                Route(),
                ["demand cars", '"magnt"', "nearest   magnet"],
            ),
            ([line, line], Route(), ["demand cars", "the name of two lines"]),
            (
                [line],
                Route(instead={"cars": "alloy"}),
                ["a material that the customer takes: magnet"],
            ),
            ([line], Route(instead={"card": "magnet"}), ["a demand line", "nearest   cars"]),
            ([line], Route(makers={"alloy": "alloi"}), ["route, makers", "nearest   alloy"]),
            (
                [line],
                Route(makers={"alloy": "magnet"}),
                ["magnet, which yields magnet, swarf", "a recipe that yields alloy"],
            ),
            ([line], Route(preferred=("separat",)), ["route, preferred", "nearest   separate"]),
            ([line], Route(recycled=("recicle",)), ["route, recycled", "nearest   recycle"]),
            (
                [line],
                Route(recycled=("magnet",)),
                ["counted per magnet, which it does not consume"],
            ),
            ([line], Route(raw=frozenset({"oar"})), ["route, raw", "nearest   ore"]),
            (
                [line],
                Route(makers={"Nd_oxide": "separate", "Dy_oxide": "separate"}),
                ["run for", "a recipe run for one material"],
            ),
            ([], Route(), ["no line asks for anything"]),
        ],
    )
    def test_told_where_and_what(self, lines: list[Demand], route: Route, told: list[str]) -> None:
        with pytest.raises(DataError) as error:
            explode(magnets(), lines, route)
        for part in told:
            assert part in str(error.value)

    def test_material_made_from_itself(self) -> None:
        one, two = (Material(name, "", "metal", {"Ga": 1.0}) for name in ("one", "two"))
        recipes = (
            Recipe("a", "", "metal", "one", {"two": 1.0}, {"one": 1.0}),
            Recipe("b", "", "metal", "two", {"one": 1.0}, {"two": 1.0}),
        )
        with pytest.raises(DataError, match="one needs two needs one"):
            explode(network_of(one, two, recipes=recipes), [demand("one", {DUE: 1.0})])

    def test_products_that_would_replace_each_other_are_not_settled(self) -> None:
        ore, one, two, part = (Material(name, "", "metal", {"Ga": 1.0}) for name in "oabp")
        recipes = (
            Recipe("first", "", "metal", "a", {"o": 3.0}, {"a": 1.0, "b": 2.0}),
            Recipe("second", "", "metal", "b", {"o": 3.0}, {"a": 2.0, "b": 1.0}),
            Recipe("part", "", "part", "p", {"a": 0.5, "b": 0.5}, {"p": 1.0}),
        )
        route = Route(makers={"a": "first", "b": "second"}, raw=frozenset("o"))
        with pytest.raises(ConvergenceError, match=r"its runs still change by 0\.5 t"):
            explode(
                network_of(ore, one, two, part, recipes=recipes), [demand("p", {DUE: 1.0})], route
            )

    def test_scrap_that_comes_ever_earlier(self) -> None:
        ore, metal, dross = (
            Material(name, "", name, {"Ga": 1.0}) for name in ("ore", "metal", "dross")
        )
        flux = Material("flux", "", "flux", {"Ga": 1.0})
        scrap = replace(dross, form="scrap")
        recipes = (
            Recipe("smelt", "", "metal", "metal", {"ore": 2.0}, {"metal": 1.0, "dross": 0.5}),
            Recipe("blow", "", "flux", "flux", {"ore": 2.0}, {"flux": 1.0, "dross": 0.5}, 6.0),
            Recipe("clean", "", "dross", "dross", {"dross": 1.0, "flux": 0.5}, {"metal": 1.0}),
        )
        leads = Leads(transport={("flux", "dross"): months(6.0, 6.0, 6.0)})
        route = Route(recycled=("clean",), raw=frozenset({"ore"}))
        chain = network_of(ore, metal, scrap, flux, recipes=recipes)
        with pytest.raises(ConvergenceError, match="leaves scrap that comes ever earlier"):
            explode(chain, [demand("metal", {DUE: 1.0})], route, leads)

    def test_one_scrap_recycled_twice_over(self) -> None:
        chain = magnets()
        again = replace(chain.recipes["recycle"], name="again")
        grown = replace(chain, recipes={**chain.recipes, "again": again})
        with pytest.raises(DataError, match="swarf, which recycle recycles as well"):
            explode(grown, [self.line], Route(recycled=("recycle", "again")))

    def test_names_asked_of_an_explosion(self) -> None:
        found = explode(magnets(), [self.line])
        with pytest.raises(DataError, match="nearest   Nd_oxide"):
            found.net("Nd_oxid")
        with pytest.raises(DataError, match="nearest   cars"):
            found.net("alloy", "car")
        with pytest.raises(DataError, match="low, value, high"):
            explode(magnets(), [self.line], end="usual")

    def test_figures_that_do_not_close_are_no_explosion(self) -> None:
        found = explode(magnets(), [self.line])
        wrong = replace(found.flows, net=found.flows.net * 1.001)
        with pytest.raises(BalanceError, match="enter the chain and"):
            replace(found, flows=wrong)
