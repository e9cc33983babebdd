"""The command line run in this process, for tests of what it prints; and a small case for it."""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from ytterby.cli import main
from ytterby.errors import ExitCode

SMALL = """\
schema_version = 1
title = "Small"
[circuits.small]
extractant = "P507"
cut = ["Tb", "Dy"]
[circuits.small.organic]
flow = "2.5 m3/h"
concentration = "1 mol/L"
saponification = "30 %"
[circuits.small.extraction]
stages = 4
feed.flow = "1 m3/h"
feed.acid = "0.02 mol/L"
feed.concentrations = { Tb = "0.1 mol/L", Dy = "0.2 mol/L" }
[circuits.small.scrub]
stages = 2
liquor = { flow = "0.1 m3/h", acid = "2 mol/L" }
[circuits.small.strip]
stages = 2
liquor = { flow = "0.4 m3/h", acid = "5 mol/L" }
"""


class Outcome(NamedTuple):
    """What a command leaves behind."""

    code: int
    out: str
    err: str


def ytterby(*arguments: str | Path) -> Outcome:
    """Run the command line as its console script does."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    words = ["ytterby", *map(str, arguments)]
    with redirect_stdout(out), redirect_stderr(err), patch.object(sys, "argv", words):
        try:
            main()
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    return Outcome(code, out.getvalue(), err.getvalue())


def shown(*arguments: str | Path) -> str:
    """What a command that succeeds prints."""
    code, out, err = ytterby(*arguments)
    assert (code, err) == (0, "")
    return out


def refused(code: ExitCode, *arguments: str | Path) -> str:
    """What a command that is refused says."""
    outcome = ytterby(*arguments)
    assert (outcome.code, outcome.out) == (code, "")
    assert "Traceback" not in outcome.err
    return outcome.err
