"""Designed cuts as fragments of a report."""

from __future__ import annotations

from ytterby.datasets import cited, weakest_basis
from ytterby.report import design as tables
from ytterby.report.design_figures import cost_figure, design_space_figure
from ytterby.report.figures import profile_figure
from ytterby.report.fragments import Fragment, fault_fragment, figure_fragment, under
from ytterby.report.tables import assumed_in_words, outlet_table, range_table, terms_in_words
from ytterby.study.design import DesignStudy, PlannedCut
from ytterby.study.design_space import design_space


def design_study_fragments(study: DesignStudy) -> list[Fragment]:
    """All designs of a study, then what was not reached and why."""
    found = [it for planned in study.designs.values() for it in design_fragments(planned)]
    if study.unreached:
        found.append(fault_fragment("Not reached", list(study.unreached.values())))
    return found


def design_fragments(
    planned: PlannedCut, *, figures: bool = True, section: str = ""
) -> list[Fragment]:
    """A designed circuit, what it reaches and costs, what limits it, how far to trust it.

    Under the heading ``section``, else under the design's name. Figures solve the circuits around the
    design, which takes a second or two; without them the tables alone.
    """
    designed, solved = planned.designed, planned.designed.solved
    prices = cited(designed.prices)
    costs = (tables.cost_table(designed), tables.price_table(designed))
    tried = (tables.candidate_table(designed),)
    robust = (tables.robust_table(planned),) if planned.robust else ()
    beyond = (range_table(solved),) if solved.out_of_range else ()
    found = [
        Fragment(
            "Circuit and specification",
            (
                tables.design_table(designed),
                tables.reached_table(designed),
                outlet_table(solved),
            ),
            caption=design_in_words(planned),
            sources=planned.sources,
        ),
        Fragment("Costs", costs, sources=prices),
        Fragment("Limits", (tables.active_table(designed),), sources=planned.sources),
        Fragment("One more nine", (tables.one_more_table(planned),), sources=planned.sources),
        Fragment("By hand", (tables.hand_table(designed),)),
        Fragment("Errors of the constants", (tables.sensitivity_table(planned), *robust)),
    ]
    if figures:
        found.append(figure_fragment("Stage profiles", profile_figure(solved)))
        found += [
            figure_fragment(f"Other {sweep.flow}", design_space_figure(designed, sweep))
            for sweep in design_space(designed)
        ]
        found.append(figure_fragment("Stages tried", cost_figure(designed), tried))
    else:
        found.append(Fragment("Stages tried", tried, sources=prices))
    found.append(Fragment("What it rests on", beyond, caption=_rests_on(planned)))
    return under(section or f"Design {designed.task.name}", found, solved.sources)


def design_in_words(planned: PlannedCut) -> str:
    """What was designed, in one sentence."""
    designed = planned.designed
    task, stages = designed.task, " + ".join(map(str, designed.stages))
    return (
        f"Design {task.name}: {'/'.join(task.cut)}, {task.equilibrium}{terms_in_words(task.terms)}, "
        f"{stages} stages, {tables.money(designed.cost)} a year, {designed.solved.verdict.value}"
    )


def _rests_on(planned: PlannedCut) -> str:
    solved, prices = planned.designed.solved, planned.designed.prices
    weakest = (
        f"Weakest basis: of the chemistry {solved.weakest_basis}, of the prices "
        f"{weakest_basis(prices)}."
    )
    return "\n".join([*assumed_in_words(solved.assumptions), weakest])
