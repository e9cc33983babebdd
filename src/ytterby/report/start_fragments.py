"""Runs through time as fragments of a report."""

from __future__ import annotations

from ytterby.report import start as tables
from ytterby.report.fragments import Fragment, fault_fragment, figure_fragment, under
from ytterby.report.start_figures import inventory_figure, product_figure
from ytterby.report.tables import assumed_in_words, extrapolation_table
from ytterby.study.start import Run, StartStudy


def start_study_fragments(study: StartStudy) -> list[Fragment]:
    """All runs of a study, then what ended any before its time."""
    found = [it for run in study.runs.values() for it in start_fragments(run)]
    if (early := study.ended_early) is not None:
        found.append(fault_fragment("Ended early", [early]))
    return found


def start_fragments(run: Run, section: str = "") -> list[Fragment]:
    """Periods and specifications, products, what is locked up and what it costs, what it rests on.

    Under the heading ``section``, else under the run's name.
    """
    simulation = run.simulation
    events = (tables.event_table(run),) if simulation.events else ()
    asked = (tables.specification_table(run),) if run.met else ()
    items = simulation.out_of_range
    beyond = (extrapolation_table(items),) if items else ()
    said = [tables.closing_in_words(simulation), *assumed_in_words(simulation.assumptions)]
    held = (tables.inventory_table(run), tables.section_table(run))
    fragments = [
        Fragment("Periods", (*events, tables.period_table(run), *asked), caption=run_in_words(run)),
        figure_fragment("Products", product_figure(run), (tables.product_table(run),)),
        figure_fragment("Metal held", inventory_figure(run)),
        Fragment("Locked up", held, sources=run.sources),
        Fragment("What it rests on", beyond, caption="\n".join(said)),
    ]
    return under(section or f"Run {run.plan.name}", fragments, run.sources)


def run_in_words(run: Run) -> str:
    """What was run for how long, in one sentence."""
    plan, simulation = run.plan, run.simulation
    ended = "" if simulation.refusal is None else f", ended by {simulation.refusal.verdict.value}"
    return (
        f"Run {plan.name}: circuit {plan.circuit.name}, {plan.circuit.stages} stages, start "
        f"{plan.start}, {tables.duration(simulation.end)} of {tables.duration(plan.duration)}{ended}"
    )
