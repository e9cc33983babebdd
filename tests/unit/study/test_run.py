"""The walk from a case to its solved circuits: order, progress, refusals."""

from __future__ import annotations

import pytest

import ytterby as yt
from ytterby.case import read_text
from ytterby.circuit import Verdict
from ytterby.errors import ConvergenceError, ExitCode
from ytterby.study.run import refusals, run

CIRCUIT = """
[circuits.NAME]
extractant = "P507"
organic = { flow = "2 m3/h", concentration = "1 mol/L", saponification = "30 %", closed = false }
extraction.stages = 3
extraction.feed = { flow = "1 m3/h", pH = 1, concentrations = { Tb = "0.1 mol/L", Dy = "0.2 mol/L" } }
"""


def case(*names: str) -> yt.Case:
    tables = [CIRCUIT.replace("NAME", name) for name in names]
    return read_text("schema_version = 1\n" + "".join(tables), "plant.toml")


def impossible(*names: str, among: tuple[str, ...]) -> yt.Case:
    """A case in which some circuits carry more base than acid and metals neutralise."""
    text = "schema_version = 1\n"
    for name in among:
        table = CIRCUIT.replace("NAME", name)
        text += table.replace("30 %", "60 %") if name in names else table
    return read_text(text, "plant.toml")


def test_circuits_come_in_the_order_of_the_case() -> None:
    told: list[str] = []
    study = run(case("second-cut", "first-cut"), told.append)
    assert list(study.circuits) == told == ["second-cut", "first-cut"]
    assert {solved.verdict for solved in study.circuits.values()} == {Verdict.SOLVED}
    assert study.case.path.name == "plant.toml"


def test_circuit_that_is_told_is_not_solved_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[str] = []
    monkeypatch.setattr(
        "ytterby.circuit.solve.solve_circuit",
        lambda circuit: events.append(f"solve {circuit.name}"),
    )
    run(case("a", "b"), lambda name: events.append(f"tell {name}"))
    assert events == ["tell a", "solve a", "tell b", "solve b"]


def test_public_names_are_the_walk() -> None:
    assert yt.run is run
    assert yt.Study.__name__ == "Study"
    solved = yt.run(case("cut")).circuits["cut"]
    again = yt.solve_circuit(case("cut").circuits["cut"])
    assert solved.profiles.aqueous.tolist() == again.profiles.aqueous.tolist()


def test_possible_circuits_have_no_refusal() -> None:
    assert refusals(case("a", "b")) == []


def test_every_impossible_circuit_is_named_at_its_line() -> None:
    found = refusals(impossible("a", "c", among=("a", "b", "c")))
    # Base: 0.6 x 2000 = 1200 mol/h; acid and metals: 100 + 3 x 300 = 1000.
    for fault, name, line in zip(found, ("a", "c"), (5, 17), strict=True):
        assert fault.where == (
            f"plant.toml line {line}, circuits.{name}.organic.saponification, "
            "extraction stage 1: acid_balance_impossible"
        )
        assert fault.read.startswith("base of 1200 mol/h")
        assert fault.expected.startswith("less than the 1000 mol/h")


def test_nothing_is_solved_where_one_circuit_is_impossible(monkeypatch: pytest.MonkeyPatch) -> None:
    def solve(circuit: object) -> None:
        raise AssertionError("solved before all circuits were found possible")

    monkeypatch.setattr("ytterby.circuit.solve.solve_circuit", solve)
    told: list[str] = []
    with pytest.raises(ConvergenceError, match="acid_balance_impossible") as caught:
        run(impossible("b", among=("a", "b")), told.append)
    assert caught.value.exit_code == ExitCode.NO_SOLUTION
    assert len(caught.value.faults) == 1
    assert told == []


TRAIN = """
[trains.both]
circuits = ["a", "b"]
[trains.both.transfers.onward]
from = "a"
outlet = "raffinate"
to = "b"
"""


def train_case(saponification: str = "30 %") -> yt.Case:
    """Two circuits in a train after one that is alone; the second is fed by the first."""
    fed = CIRCUIT.replace("NAME", "a")
    unfed = CIRCUIT.replace("NAME", "b").split("extraction.feed")[0]
    text = "schema_version = 1\n" + fed + unfed.replace("30 %", saponification) + TRAIN
    return read_text(text + CIRCUIT.replace("NAME", "alone"), "plant.toml")


def test_trains_are_solved_after_the_circuits_that_stand_alone() -> None:
    told: list[str] = []
    study = run(train_case("5 %"), told.append)
    assert told == ["alone", "both"]
    assert list(study.circuits) == ["a", "b", "alone"]
    train = study.trains["both"]
    assert study.circuits["b"] is train.circuits["b"]
    assert train.circuits["b"].inlets == ("raffinate of a",)


def test_circuits_of_a_train_are_not_judged_alone() -> None:
    """The base of the second is neutralised by what the first sends; alone it would meet nothing."""
    assert refusals(train_case("5 %")) == []


def test_train_that_is_not_solved_is_located_in_the_file() -> None:
    with pytest.raises(ConvergenceError, match=r"plant.toml line 1\d, trains.both, circuit") as it:
        run(train_case("90 %"))
    assert it.value.exit_code == ExitCode.NO_SOLUTION
