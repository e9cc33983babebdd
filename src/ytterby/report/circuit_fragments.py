"""Solved circuits and trains as fragments of a report."""

from __future__ import annotations

from ytterby.circuit.solved import SolvedCircuit, SolvedTrain
from ytterby.report import tables
from ytterby.report.figures import profile_figure
from ytterby.report.fragments import Fragment, figure_fragment, under
from ytterby.report.mccabe import mccabe_figure
from ytterby.report.shortcuts import shortcut_table
from ytterby.report.tables import Basis
from ytterby.study.run import Study


def study_fragments(
    study: Study, basis: Basis = "reo", *, shortcuts: bool = False, mccabe: str | None = None
) -> list[Fragment]:
    """All circuits of a study, then its trains.

    With ``shortcuts`` hand calculations beside each; ``mccabe`` names the element whose steps are shown
    where it is.
    """
    return [
        *(
            fragment
            for solved in study.circuits.values()
            for fragment in circuit_fragments(
                solved,
                basis,
                shortcuts=shortcuts,
                mccabe=mccabe if mccabe in solved.circuit.elements else None,
            )
        ),
        *(fragment for train in study.trains.values() for fragment in train_fragments(train)),
    ]


def circuit_fragments(
    solved: SolvedCircuit,
    basis: Basis = "reo",
    *,
    shortcuts: bool = False,
    mccabe: str | None = None,
    section: str = "",
) -> list[Fragment]:
    """What a solved circuit gives, stage by stage, what it takes, what it rests on.

    Under the heading ``section``, else under the circuit's name. CaseError if ``mccabe`` is no element of it.
    """
    own = section or f"Circuit {solved.circuit.name}"
    found = [
        Fragment(
            "Streams",
            (tables.stream_table(solved, basis), tables.outlet_table(solved)),
            caption=tables.circuit_in_words(solved),
        ),
        figure_fragment("Stage profiles", profile_figure(solved), (tables.stage_table(solved),)),
        Fragment("Reagents", (tables.consumption_table(solved),)),
    ]
    if shortcuts:
        found.append(Fragment("Hand calculations", (shortcut_table(solved),)))
    if mccabe:
        title = f"McCabe-Thiele diagram of {mccabe}"
        found.append(figure_fragment(title, mccabe_figure(solved, mccabe)))
    beyond = (tables.range_table(solved),) if solved.out_of_range else ()
    found.append(Fragment("What it rests on", beyond, caption=tables.basis_in_words(solved)))
    return under(own, found, solved.sources)


def train_fragments(solved: SolvedTrain, section: str = "") -> list[Fragment]:
    """What goes from circuit to circuit of a solved train."""
    own = section or f"Train {solved.train.name}"
    sources = dict.fromkeys(key for it in solved.circuits.values() for key in it.sources)
    transfers = Fragment(
        "Transfers", (tables.transfer_table(solved),), caption=tables.train_in_words(solved)
    )
    return under(own, [transfers], tuple(sources))
