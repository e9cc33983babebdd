"""Audits made by a second process while the caller does something else.

As a command of its own, ``python -m ytterby.audit.beside`` reads pickled tasks and writes what was found.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from subprocess import DEVNULL, PIPE, Popen

from ytterby.audit.audit import Audited, AuditTask, audit

Made = Callable[[], Mapping[str, Audited]]
"""Waits for the audits that were begun."""
COMMAND = ("-P", "-m", "ytterby.audit.beside")
"""Of Python; what lies in the working directory is not imported."""


@contextmanager
def begun(tasks: Mapping[str, AuditTask]) -> Iterator[Made]:
    """Yields what waits for the audits by name; whoever leaves without them ends the second process.

    None come back where there is one processor only, or where the second process could not make all of them:
    the caller makes what is missing, and meets its error.
    """
    if not tasks or (os.cpu_count() or 1) < 2:
        yield dict
        return
    with Popen([sys.executable, *COMMAND], stdin=PIPE, stdout=PIPE, stderr=DEVNULL) as process:
        assert process.stdin and process.stdout, "both are pipes"
        out = process.stdout

        def made() -> Mapping[str, Audited]:
            found = out.read()
            return {} if process.wait() else pickle.loads(found)

        try:
            with suppress(OSError), process.stdin as asked:  # ended from outside: made() says so
                asked.write(pickle.dumps(dict(tasks)))
            yield made
        finally:
            process.kill()


def main() -> None:
    """What the second process does; it leaves Ctrl-C to the first."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    tasks: Mapping[str, AuditTask] = pickle.load(sys.stdin.buffer)
    found = {name: audit(task) for name, task in tasks.items()}
    pickle.dump(found, sys.stdout.buffer)


if __name__ == "__main__":
    main()
