"""The plant as a graph, and its solution: closed forms of loops, balances, refusals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from circuits import closely
from ytterby.errors import BalanceError, CaseError, ConvergenceError
from ytterby.flowsheet import OUTSIDE, Connection, End, Flowsheet, solve_flowsheet
from ytterby.materials import Flow
from ytterby.unitops import Balance, Operation, drawn


@dataclass(frozen=True, kw_only=True)
class Part(Operation):
    """Parts what arrives into two, and draws water as told."""

    KIND: ClassVar[str] = "part"
    INLETS: ClassVar[Mapping[str, str]] = {"feed": ""}
    OUTLETS: ClassVar[Mapping[str, str]] = {"first": "", "second": ""}

    share: float
    water: float = 0.0
    lost: float = 0.0

    def balance(self, inlets: Mapping[str, Flow]) -> Balance:
        feed = inlets["feed"]
        taken = {"water": drawn("water", self.water)} if self.water else {}
        whole = feed.plus({"H2O": self.water}).scaled(1.0 - self.lost)
        return Balance(
            operation=self.name,
            inlets=inlets,
            drawn=taken,
            outlets={"first": whole.scaled(self.share), "second": whole.scaled(1.0 - self.share)},
        )


FEED = {"feed": Flow("solid", {"Nd": 100.0, "Fe": 700.0})}


def plant(*units: Operation, connections: dict[str, str], ends: dict[str, str]) -> Flowsheet:
    return Flowsheet(
        name="test",
        feeds=FEED,
        operations=units,
        connections=tuple(Connection(source, target) for target, source in connections.items()),
        ends=tuple(End(source, "product", name) for name, source in ends.items()),
    )


def loop(returned: float) -> Flowsheet:
    """Scrap of the second unit back to the first."""
    return Flowsheet(
        name="test",
        feeds=FEED,
        operations=(Part(name="a", share=1.0), Part(name="b", share=1.0 - returned)),
        connections=(
            Connection("feed", "a.feed"),
            Connection("b.second", "a.feed"),
            Connection("a.first", "b.feed"),
        ),
        ends=(End("b.first", "product", "out"), End("a.second", "residue", "nothing")),
    )


@given(st.floats(0.0, 0.99))
@settings(max_examples=30, deadline=None)
def test_a_scrap_loop_has_its_closed_form(returned: float) -> None:
    """F / (1 - r) passes, whatever r, and all of F leaves."""
    solved = solve_flowsheet(loop(returned))
    passing = solved.units["b"].inlets["feed"]
    for name, fed in FEED["feed"].amounts.items():
        assert passing.moles(name) == closely(fed / (1.0 - returned), 1e-9)
        assert solved.leaving("product")["out"].moles(name) == closely(fed, 1e-9)


def test_two_loops_in_one_another() -> None:
    """Against the linear system solved by hand: a = F + 0.3 b, b = 0.8 a + 0.5 c, c = 0.7 b."""
    units = (Part(name="a", share=0.8), Part(name="b", share=0.7), Part(name="c", share=0.5))
    flowsheet = Flowsheet(
        name="test",
        feeds=FEED,
        operations=units,
        connections=(
            Connection("feed", "a.feed"),
            Connection("b.second", "a.feed"),
            Connection("a.first", "b.feed"),
            Connection("c.first", "b.feed"),
            Connection("b.first", "c.feed"),
        ),
        ends=(End("a.second", "residue", "left"), End("c.second", "product", "out")),
    )
    solved = solve_flowsheet(flowsheet)
    b = 80.0 / (1.0 - 0.8 * 0.3 - 0.5 * 0.7)
    assert solved.units["b"].inlets["feed"].moles("Nd") == closely(b, 1e-9)
    assert solved.units["a"].inlets["feed"].moles("Nd") == closely(100.0 + 0.3 * b, 1e-9)
    assert max(map(abs, solved.closure.values())) < 1e-9


def test_a_loop_without_exit_is_a_verdict() -> None:
    with pytest.raises(ConvergenceError, match="give the loop an exit"):
        solve_flowsheet(loop(1.0))


def test_what_the_plant_returns_is_used_before_reagents_are_bought() -> None:
    water = {"wet": Flow("liquor", {"H2O": 50.0})}
    flowsheet = Flowsheet(
        name="test",
        feeds={**FEED, **water},
        operations=(Part(name="a", share=0.5, water=80.0), Part(name="dry", share=1.0)),
        connections=(Connection("feed", "a.feed"), Connection("wet", "dry.feed")),
        ends=(
            End("a.first", "product", "out"),
            End("a.second", "residue", "left"),
            End("dry.second", "residue", "nothing"),
        ),
        supplies={"water": ("dry.first",)},
    )
    solved = solve_flowsheet(flowsheet)
    assert solved.bought()["water"].moles("H2O") == closely(30.0, 1e-12)
    more = Flowsheet(
        name="test",
        feeds={**FEED, "wet": Flow("liquor", {"H2O": 200.0})},
        operations=flowsheet.operations,
        connections=flowsheet.connections,
        ends=flowsheet.ends,
        supplies=flowsheet.supplies,
    )
    solved = solve_flowsheet(more)
    assert "water" not in solved.bought()
    assert solved.leaving("effluent")["water left over"].moles("H2O") == closely(120.0, 1e-12)


def test_a_supply_that_is_not_pure_is_refused() -> None:
    flowsheet = Flowsheet(
        name="test",
        feeds={"feed": Flow("liquor", {"H2O": 50.0, "H+": 1.0, "NO3-": 1.0})},
        operations=(Part(name="a", share=1.0, water=1.0),),
        connections=(Connection("feed", "a.feed"),),
        ends=(End("a.second", "residue", "nothing"),),
        supplies={"water": ("a.first",)},
    )
    with pytest.raises(BalanceError, match=r"H\+, NO3- in a.first"):
        solve_flowsheet(flowsheet)


def test_every_stream_has_two_ends_and_all_of_them_close() -> None:
    solved = solve_flowsheet(loop(0.4))
    came = sum(it.flow.of("Fe") for it in solved.streams if it.source == OUTSIDE)
    went = sum(it.flow.of("Fe") for it in solved.streams if it.target == OUTSIDE)
    assert came == closely(went, 1e-9)
    for unit in solved.flowsheet.operations:
        into = sum(it.flow.of("Fe") for it in solved.streams if it.target.startswith(unit.name))
        out = sum(it.flow.of("Fe") for it in solved.streams if it.source.startswith(unit.name))
        assert into == closely(out, 1e-9)


def test_an_operation_that_loses_matter_is_refused() -> None:
    flowsheet = plant(
        Part(name="a", share=0.5, lost=1e-6),
        connections={"a.feed": "feed"},
        ends={"one": "a.first", "two": "a.second"},
    )
    with pytest.raises(BalanceError, match="plant test, unit a: operation a, Nd"):
        solve_flowsheet(flowsheet)


@pytest.mark.parametrize(
    ("connections", "ends", "said"),
    [
        ({"a.feed": "feed"}, {"one": "a.first"}, "a.second\n  read      leads nowhere"),
        ({}, {"one": "a.first", "two": "a.second"}, "feed\n  read      leads nowhere"),
        ({"a.feed": "a.first"}, {"two": "a.second"}, "feed\n  read      leads nowhere"),
        ({"a.fed": "feed"}, {"one": "a.first", "two": "a.second"}, "nearest   a.feed"),
        ({"a.feed": "fed"}, {"one": "a.first", "two": "a.second"}, "nearest   feed"),
        ({"a.feed": "feed"}, {"one": "a.frist", "two": "a.second"}, "nearest   a.first"),
        (
            {"a.feed": "feed"},
            {"one": "a.first", "too": "a.first", "two": "a.second"},
            "shares that sum to 2",
        ),
    ],
)
def test_streams_that_lead_nowhere_are_told(
    connections: dict[str, str], ends: dict[str, str], said: str
) -> None:
    with pytest.raises(CaseError) as error:
        plant(Part(name="a", share=0.5), connections=connections, ends=ends)
    assert said in str(error.value)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(CaseError) as error:
        plant(
            Part(name="a", share=0.5), Part(name="b", share=0.5),
            connections={"a.feed": "feed"}, ends={},
        )  # fmt: skip
    said = [f"{fault.where}: {fault.read}" for fault in error.value.faults]
    outlets = ("a.first", "a.second", "b.first", "b.second")
    assert said == [
        *(f"plant test, {place}: leads nowhere" for place in outlets),
        "plant test, b.feed: nothing arrives there",
    ]


def test_units_run_in_the_order_of_the_process_however_they_are_listed() -> None:
    names = []
    flowsheet = plant(
        Part(name="late", share=0.5), Part(name="early", share=0.5),
        connections={"early.feed": "feed", "late.feed": "early.first"},
        ends={"x": "late.first", "y": "late.second", "z": "early.second"},
    )  # fmt: skip
    solve_flowsheet(flowsheet, names.append)
    assert names == ["early", "late"]
