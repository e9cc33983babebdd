"""The walk of a design: what surrounds it never fails it, what fails stands at its place in the file."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from circuits import closely
from design_studies import CASE, planned, study
from ytterby.case import read_text
from ytterby.design import cut as design_room
from ytterby.design import uncertainty
from ytterby.design.cut import DesignedCut
from ytterby.design.response import respond
from ytterby.design.task import CutTask, Specification
from ytterby.design.uncertainty import RobustCut
from ytterby.errors import CaseError, ConvergenceError, Fault
from ytterby.study.design import chosen_designs, planned_cut, run_designs
from ytterby.study.design_space import POINTS, WIDEST, design_space

WITHOUT = 'schema_version = 1\n[fits.mine]\nset = "P507-HCl-v0"\ndatasets = ["LI87"]\n'
TWO = CASE + CASE.partition("title")[2].partition("\n")[2].replace("nd-sm", "hard")


def by_hand(monkeypatch: pytest.MonkeyPatch, *refused: str, more: bool = True) -> list[str]:
    """Let designs of these names fail, and those of one more nine if not ``more``; others are known."""
    asked: list[str] = []

    def design_cut(task: CutTask, told: Any = None) -> DesignedCut:
        asked.append(task.name)
        stricter = task.specification.wrong_side < 0.99e-3
        if task.name in refused or (stricter and not more):
            where = f"design {task.name}, specification"
            raise ConvergenceError(Fault(where, "best reached", "more", next="ask for less"))
        return planned().designed

    monkeypatch.setattr(design_room, "design_cut", design_cut)
    return asked


def test_every_design_has_what_surrounds_it() -> None:
    assert list(study().designs) == ["nd-sm"] and not study().unreached
    found = planned()
    assert found.one_more.asked == Specification(closely(1e-4, 1e-9), closely(0.9999, 1e-9))
    more = found.one_more.designed
    assert more is not None and more.cost > found.designed.cost
    assert max(more.wrong_side) <= 1e-4 and min(more.recovery) >= 0.9999
    assert {it.element for it in found.sensitivities} == {"Pr", "Nd", "Sm", "Gd"}
    assert found.robust is None
    assert set(found.designed.solved.sources) < set(found.sources) > {"ETR22", "MARKET25"}


def test_progress_says_design_and_stages() -> None:
    told: list[tuple[str, str]] = []

    def stop(name: str, what: str) -> None:
        told.append((name, what))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_designs(read_text(CASE), stop)
    ((name, what),) = told
    assert name == "nd-sm"
    assert re.match(r"\d+ \+ \d+ \+ \d+ stages", what)


def test_one_design_may_be_chosen() -> None:
    case = read_text(TWO)
    assert list(chosen_designs(case).designs) == ["nd-sm", "hard"]
    assert list(chosen_designs(case, "hard").designs) == ["hard"]
    with pytest.raises(CaseError, match=r"(?s)nd-smm.*one of: nd-sm, hard.*nearest +nd-sm\n"):
        chosen_designs(case, "nd-smm")
    with pytest.raises(CaseError, match=r"(?s)no design.*add \[designs\.NAME\]"):
        chosen_designs(read_text(WITHOUT))


def test_a_design_that_is_not_reached_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = by_hand(monkeypatch, "nd-sm")
    found = run_designs(read_text(TWO + "[designs.nd-sm.specification]\n"))
    assert list(found.designs) == ["hard"]
    assert asked == ["nd-sm", "hard", "hard"]
    (fault,) = found.unreached["nd-sm"].faults
    lines = TWO.count("\n") + 1
    assert fault.where == f"case.toml line {lines}, designs.nd-sm.specification"
    assert (fault.read, fault.next) == ("best reached", "ask for less")


def test_where_none_is_reached_all_faults_are_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    by_hand(monkeypatch, "nd-sm", "hard")
    with pytest.raises(ConvergenceError) as caught:
        run_designs(read_text(TWO))
    # The table is not written: its faults stand where the design begins.
    assert [fault.where for fault in caught.value.faults] == [
        "case.toml line 3, designs.nd-sm.specification",
        "case.toml line 17, designs.hard.specification",
    ]


def test_one_more_nine_that_is_not_reached_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    by_hand(monkeypatch, more=False)
    found = planned_cut(read_text(CASE).designs["nd-sm"])
    assert found.designed is planned().designed
    assert found.one_more.designed is None
    assert [fault.read for fault in found.one_more.faults] == ["best reached"]


def test_one_more_nine_beyond_what_may_be_asked_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    by_hand(monkeypatch)
    text = CASE + "[designs.nd-sm.specification]\nwrong_side = 5e-9\n"
    found = planned_cut(read_text(text).designs["nd-sm"])
    assert (found.one_more.asked, found.one_more.designed) == (None, None)
    assert "at least 1e-09" in found.one_more.faults[0].expected


def test_a_robust_variant_is_sought_only_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    by_hand(monkeypatch)
    asked: list[float] = []

    def robust_cut(designed: DesignedCut, correlation: float, progress: Any) -> RobustCut:
        asked.append(correlation)
        return RobustCut(designed, 0.96, 0.4, 200, correlation)

    monkeypatch.setattr(uncertainty, "robust_cut", robust_cut)
    assert planned_cut(read_text(CASE).designs["nd-sm"]).robust is None
    text = CASE.replace("cut =", "robust = true\ncorrelation = 0.5\ncut =")
    found = planned_cut(read_text(text).designs["nd-sm"]).robust
    assert found is not None and found.found is not None
    assert (asked, found.found.correlation, found.found.met) == ([0.5], 0.5, 0.96)


def test_a_robust_variant_that_is_not_found_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    by_hand(monkeypatch)

    def robust_cut(designed: DesignedCut, **_: Any) -> RobustCut:
        raise ConvergenceError(Fault("design nd-sm, robust variant", "60% of 200 draws", "95%"))

    monkeypatch.setattr(uncertainty, "robust_cut", robust_cut)
    text = CASE.replace("cut =", "robust = true\ncut =")
    found = planned_cut(read_text(text).designs["nd-sm"]).robust
    assert found is not None and found.found is None
    assert [fault.read for fault in found.faults] == ["60% of 200 draws"]


# --- around the design


def test_around_the_design_circuits_are_solved_and_the_design_is_among_them() -> None:
    designed = planned().designed
    for sweep in design_space(designed):
        middle = int(np.flatnonzero(sweep.volume == sweep.as_designed)[0])
        wrong = sweep.raffinate_wrong[middle], sweep.strip_wrong[middle]
        assert wrong == closely(designed.wrong_side, 1e-4)
        lost = 1.0 - sweep.light_lost[middle], 1.0 - sweep.heavy_lost[middle]
        assert lost == closely(designed.recovery, 1e-6)
        assert (np.diff(sweep.volume) > 0).all()
        assert middle == POINTS and len(sweep.volume) > 2 * POINTS - 2
        least, widest = sweep.volume[0] / sweep.as_designed, WIDEST[sweep.flow]
        assert least == closely(1.0 - widest, 1e-12)
        assert 1.0 + 0.5 * widest < sweep.volume[-1] / sweep.as_designed <= 1.0 + widest + 1e-12


def test_more_organic_takes_more_up_and_more_scrub_sends_more_back() -> None:
    """Of the heavy key near the design only: far off, short strip acid leaves metal that comes round."""
    organic, scrub = design_space(planned().designed)
    for sweep, sign in ((organic, 1.0), (scrub, -1.0)):
        assert (sign * np.diff(np.log(sweep.light_lost)) > 0).all()
        near = slice(POINTS - 1, POINTS + 2)
        assert (sign * np.diff(np.log(sweep.heavy_lost[near])) < 0).all()


def test_a_flow_without_steady_state_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    from ytterby.design import response

    designed = planned().designed
    most = float(np.log(1.02 * designed.run.organic_flow))

    def short(operation: Any, plan: Any, near: Any = None) -> Any:
        return None if operation[2] > most else respond(operation, plan, near)

    monkeypatch.setattr(response, "respond", short)
    organic, _ = design_space(designed)
    assert organic.volume[-1] <= 1.02 * designed.run.organic_flow
    assert POINTS < len(organic.volume) < 2 * POINTS + 1
