"""Printing of sequences, and the files that are written of them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ytterby.cli.console import plain, print_fragments, print_json, printed
from ytterby.cli.written import Wanted, write_wanted

if TYPE_CHECKING:
    from ytterby.study.sequence import SequenceStudy


def print_sequences(study: SequenceStudy, as_json: bool, wanted: Wanted) -> None:
    """Write what was asked for, then everything that a person or a program reads of the sequences."""
    from ytterby.report.sequence_drawing import sequence_drawing
    from ytterby.report.sequence_fragments import sequence_fragments, sequence_study_fragments
    from ytterby.report.sequence_sheets import sequence_sheets

    sequences = study.sequences.values()
    written = write_wanted(
        wanted,
        study.case,
        pictures=lambda: map(sequence_drawing, sequences),
        fragments=lambda: sequence_study_fragments(study),
        sheets=lambda: sequence_sheets(study),
    )
    if as_json:
        from ytterby.report.sequence_document import sequence_document

        print_json({**sequence_document(study), "figures": [str(path) for path in written.drawn]})
        return
    with printed() as console:
        console.print(plain(study.case.title or str(study.case.path)), style="bold")
        for planned in sequences:
            print_fragments(console, sequence_fragments(planned))
        written.tell(console)
    for error in study.unreached.values():
        print(error, file=sys.stderr)
