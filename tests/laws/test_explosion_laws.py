"""What holds for every walk back from a demand: mass closes, nothing is used before it is there, and neither
size, names, order nor the calendar change anything but what they must.

Chains are drawn: layers of materials, each made from one or two of the layers before, with losses element by
element, scrap that is recycled to the raw materials, and leads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ytterby.chain.demand import Demand
from ytterby.chain.explosion import Explosion, Route, explode
from ytterby.chain.network import Material, Network, Recipe

ELEMENTS = ("Ga", "In", "Ge")
START = 12 * 2030
QUICK = settings(max_examples=40, deadline=None)


@dataclass(frozen=True)
class Drawn:
    """A chain with demand lines on it."""

    network: Network
    route: Route
    demands: tuple[Demand, ...]

    def explosion(self) -> Explosion:
        return explode(self.network, self.demands, self.route)


def mixed(amounts: Mapping[str, float], materials: Mapping[str, Material]) -> dict[str, float]:
    """Mass of each element in so much of each material."""
    return {
        symbol: sum(tonnes * materials[name].content[symbol] for name, tonnes in amounts.items())
        for symbol in ELEMENTS
    }


@st.composite
def chains(draw: st.DrawFn) -> Drawn:
    share = st.floats(0.05, 0.3)
    kept = st.floats(0.5, 1.0)
    months = st.sampled_from([0.0, 0.5, 1.0, 2.0])
    materials: dict[str, Material] = {}
    recipes: dict[str, Recipe] = {}
    raw = [f"raw{at}" for at in range(draw(st.integers(1, 2)))]
    for name in raw:
        materials[name] = Material(name, "", "raw", {it: draw(share) for it in ELEMENTS})
    recycled, so_far = [], list(raw)
    for at in range(draw(st.integers(1, 5))):
        parts = draw(st.lists(st.sampled_from(so_far), min_size=1, max_size=2, unique=True))
        inputs = {name: draw(st.floats(0.2, 2.0)) for name in parts}
        falls = draw(st.sampled_from([0.0, 0.0, 0.3, 1.0]))
        # What comes in, less a loss of each element, is spread over the product and its scrap.
        content = {
            symbol: mass * draw(kept) / (1.0 + falls)
            for symbol, mass in mixed(inputs, materials).items()
        }
        name, scrap = f"made{at}", f"scrap{at}"
        materials[name] = Material(name, "", "made", content)
        outputs = {name: 1.0}
        if falls:
            materials[scrap] = Material(scrap, "", "scrap", content)
            outputs[scrap] = falls
        recipes[f"make{at}"] = Recipe(
            f"make{at}", "", "making", name, inputs, outputs, draw(months)
        )
        if falls and draw(st.booleans()):
            into = draw(st.sampled_from(raw))
            least = min(content[it] / materials[into].content[it] for it in ELEMENTS)
            back = least * draw(st.floats(0.5, 0.99))
            recycled.append(f"back{at}")
            recipes[f"back{at}"] = Recipe(
                f"back{at}", "", "recycling", scrap, {scrap: 1.0}, {into: back}, draw(months)
            )
        so_far.append(name)
    asked = [name for name in so_far if name not in raw]
    due = st.dictionaries(
        st.integers(START, START + 12), st.floats(0.0, 100.0), min_size=1, max_size=6
    )
    demands = tuple(
        Demand(f"line{at}", "", "AAA", "", draw(st.sampled_from(asked)), draw(due))
        for at in range(draw(st.integers(1, 3)))
    )
    route = Route(recycled=tuple(recycled), raw=frozenset(raw))
    return Drawn(Network(materials, recipes, {}, {}), route, demands)


def same(found: np.ndarray, expected: np.ndarray, scale: float) -> None:
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-9 * scale)


@QUICK
@given(chains())
def test_mass_closes_by_element_and_line(drawn: Drawn) -> None:
    found = drawn.explosion()
    for line in drawn.demands:
        bought = {name: found.net(name, line.name).sum() for name in found.ends}
        entering = mixed(bought, drawn.network.materials)
        given_ = mixed({line.material: line.total}, drawn.network.materials)
        left = mixed(found.left(line.name), drawn.network.materials)
        lost = found.lost(line.name).values()
        for symbol in ELEMENTS:
            gone = sum(it.get(symbol, 0.0) for it in lost)
            assert given_[symbol] + left[symbol] + gone == pytest.approx(
                entering[symbol], rel=1e-9, abs=1e-12
            )


@QUICK
@given(chains())
def test_nothing_is_used_before_it_is_there(drawn: Drawn) -> None:
    found = drawn.explosion()
    for name in found.materials:
        had = np.cumsum(found.net(name) + found.received(name))
        used = np.cumsum(found.gross(name))
        assert np.all(found.net(name) >= 0)
        assert np.all(found.net(name) <= found.gross(name))
        assert np.all(had - used >= -1e-9 * max(used[-1], 1.0))


@QUICK
@given(chains(), st.floats(1e-3, 1e3))
def test_demand_scales_everything(drawn: Drawn, factor: float) -> None:
    found = drawn.explosion()
    larger = tuple(
        replace(it, tonnes={month: factor * tonnes for month, tonnes in it.tonnes.items()})
        for it in drawn.demands
    )
    scaled = replace(drawn, demands=larger).explosion()
    for one, other in (
        (found.flows.gross, scaled.flows.gross),
        (found.flows.net, scaled.flows.net),
        (found.flows.runs, scaled.flows.runs),
        (found.flows.left, scaled.flows.left),
    ):
        same(other, factor * one, factor * max(float(np.max(one)), 1.0))
    same(scaled.steady.net, found.steady.net, 1.0)


@QUICK
@given(chains(), st.randoms(use_true_random=False))
def test_names_and_order_change_nothing(drawn: Drawn, random: object) -> None:
    network = drawn.network
    names = list(network.materials)
    shuffled = [*names]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    other = {name: f"x{at}" for at, name in enumerate(shuffled)}

    def called(amounts: Mapping[str, float]) -> dict[str, float]:
        return {other[name]: amount for name, amount in reversed(amounts.items())}

    materials = {other[it]: replace(network.materials[it], name=other[it]) for it in shuffled}
    recipes = {
        it.name: replace(
            it, per=other[it.per], inputs=called(it.inputs), outputs=called(it.outputs)
        )
        for it in reversed(network.recipes.values())
    }
    route = replace(drawn.route, raw=frozenset(other[it] for it in drawn.route.raw))
    demands = tuple(replace(it, material=other[it.material]) for it in drawn.demands)
    found = drawn.explosion()
    renamed = Drawn(Network(materials, recipes, {}, {}), route, demands).explosion()
    assert renamed.months == found.months
    assert {other[it] for it in found.materials} == set(renamed.materials)
    for name in found.materials:
        scale = max(float(np.max(found.gross(name))), 1.0)
        same(renamed.net(other[name]), found.net(name), scale)
        same(renamed.received(other[name]), found.received(name), scale)


@QUICK
@given(chains())
def test_no_demand_needs_nothing(drawn: Drawn) -> None:
    none = tuple(replace(it, tonnes=dict.fromkeys(it.tonnes, 0.0)) for it in drawn.demands)
    found = replace(drawn, demands=none).explosion()
    for flows in (found.flows.gross, found.flows.net, found.flows.runs, found.flows.left):
        assert not flows.any()
    assert found.lost() == {}


@QUICK
@given(chains())
def test_lines_add_up(drawn: Drawn) -> None:
    found = drawn.explosion()
    for line in drawn.demands:
        alone = replace(drawn, demands=(line,)).explosion()
        for name in alone.materials:
            total = alone.net(name).sum()
            assert found.net(name, line.name).sum() == pytest.approx(total, rel=1e-9, abs=1e-9)


@QUICK
@given(chains(), st.integers(1, 30))
def test_a_later_demand_is_the_same_later(drawn: Drawn, later: int) -> None:
    moved = tuple(
        replace(it, tonnes={month + later: tonnes for month, tonnes in it.tonnes.items()})
        for it in drawn.demands
    )
    found, shifted = drawn.explosion(), replace(drawn, demands=moved).explosion()
    assert shifted.months == tuple(month + later for month in found.months)
    assert np.array_equal(shifted.flows.net, found.flows.net)
    assert np.array_equal(shifted.flows.left, found.flows.left)
