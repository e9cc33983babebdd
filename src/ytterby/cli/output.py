"""Writing to standard output, and what happens when it cannot be written."""

from __future__ import annotations

import os
import sys

from ytterby.errors import ExitCode, Fault, OutputError

STANDARD_OUTPUT = "standard output"


def write(text: str) -> None:
    """Text to standard output. Ends quietly if the reader left; OutputError if it cannot be written."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
        )  # the flush at exit must not fail
        if isinstance(error, BrokenPipeError):
            sys.exit(ExitCode.OK)
        fault = Fault(STANDARD_OUTPUT, error.strerror or str(error), "room to write")
        raise OutputError(fault) from None
