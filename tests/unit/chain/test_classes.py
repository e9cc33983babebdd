"""Classes of rules: which lines are alike, where a refused output goes, whose stock is taken."""

from __future__ import annotations

import numpy as np

from tiny_chain import facility, line, magnets
from ytterby.chain.classes import classes_of, group_lines, outputs_of, takes_stock
from ytterby.chain.network import Network
from ytterby.chain.rules import Rule

MINING = Rule("no ore of BBB", countries=frozenset({"BBB"}), stages=frozenset({"mining"}))
METAL = Rule("no metal of BBB", countries=frozenset({"BBB"}), stages=frozenset({"metal"}))
DY = Rule("no Dy of AAA", countries=frozenset({"AAA"}), elements=frozenset({"Dy"}), since=6)
DY_OXIDE = Rule(
    "no Dy oxide of AAA",
    countries=frozenset({"AAA"}),
    elements=frozenset({"Dy"}),
    forms=frozenset({"oxide"}),
)


def network() -> Network:
    """Two mines, two separators alike, two metal makers."""
    base = magnets()
    countries = {"pit": "AAA", "hole": "BBB", "one": "AAA", "two": "AAA", "a": "AAA", "b": "BBB"}
    facilities = {name: facility(name, country) for name, country in countries.items()}
    lines = [
        line("pit", "mining", "mine"),
        line("hole", "mining", "mine"),
        line("one", "separation", "separate"),
        line("two", "separation", "separate"),
        line("a", "metal", "Nd_metal"),
        line("b", "metal", "Nd_metal"),
    ]
    return Network(base.materials, base.recipes, facilities, {it.key: it for it in lines})


def test_lines_that_no_rule_tells_apart_are_one_group() -> None:
    net = network()
    names = [
        [it.facility for it in group.lines]
        for group in group_lines(net, net.lines, (METAL,), frozenset())
    ]
    assert names == [["pit", "hole"], ["one", "two"], ["a"], ["b"]]
    alone = group_lines(net, net.lines, (), frozenset({("two", "separation")}))
    assert [group.facility for group in alone] == ["", "", "two", ""]


def test_a_refused_output_goes_to_the_common_part_of_who_takes_it() -> None:
    net = network()
    demands = {"all": (MINING, METAL, DY_OXIDE), "ore": (MINING,), "metal": (METAL,)}
    rules = (MINING, METAL, DY_OXIDE)
    groups = group_lines(net, net.lines, rules, frozenset())
    found = classes_of(net, groups, demands, (), range(12), 0)
    strict, ore, metal = (found.of[it] for it in demands)
    # Dy_oxide of a run for `all` is taken by `ore` and by `metal`, which are not inside each other.
    assert not found.inside[ore, metal] and not found.inside[metal, ore]
    assert len(found.all) == 4
    (common,) = set(range(4)) - {strict, ore, metal}
    assert set(found.all[common].rules) == {MINING, METAL}
    assert found.all[common].demands == ()
    outputs = outputs_of(groups)
    (dy,) = [k for k, it in enumerate(outputs) if it.material == "Dy_oxide"]
    assert (found.home[strict, dy] == common).all()
    assert (found.home[ore, dy] == ore).all()
    # Handed on step by step: all -> common -> ore and metal.
    assert set(found.handing()) == {(strict, common), (common, ore), (common, metal)}


def test_a_rule_with_a_month_and_a_rule_on_everybody() -> None:
    net = network()
    demands = {"strict": (DY,), "loose": ()}
    groups = group_lines(net, net.lines, (DY, METAL), frozenset())
    found = classes_of(net, groups, demands, (METAL,), range(12), 0)
    strict, loose = found.of["strict"], found.of["loose"]
    outputs = outputs_of(groups)
    (dy,) = [k for k, it in enumerate(outputs) if it.material == "Dy_oxide"]
    assert found.home[strict, dy].tolist() == [strict] * 6 + [loose] * 6
    refused = [k for k, it in enumerate(outputs) if groups[it.group].lines[0].facility == "b"]
    np.testing.assert_array_equal(found.home[:, refused], -1)


def test_same_admission_is_one_class() -> None:
    net = network()
    nothing = Rule("nothing of ZZZ", countries=frozenset({"ZZZ"}))
    groups = group_lines(net, net.lines, (nothing,), frozenset())
    found = classes_of(net, groups, {"a": (nothing,), "b": ()}, (), range(3), 0)
    assert found.of == {"a": 0, "b": 0}


def test_stock_of_no_known_maker() -> None:
    net = network()
    assert takes_stock(net, "Nd_oxide", (METAL,), 0)  # metal makers come after the oxide
    assert not takes_stock(net, "Nd_oxide", (MINING,), 0)
    assert not takes_stock(net, "Nd_metal", (METAL,), 0)
    assert takes_stock(net, "Dy_oxide", (DY,), 0)
    assert not takes_stock(net, "Dy_oxide", (DY,), 6)
