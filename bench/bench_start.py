"""What a user waits for: help, the first circuit, the next process. Bars stand beside the figures.

Whole processes, medians; every figure also as a ratio to starting Python itself in the same run.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
YTTERBY = str(Path(sys.executable).with_name("ytterby"))
CASE = str(ROOT / "examples" / "tb-dy.toml")


def seconds(command: list[str], cache: str) -> float:
    """Wall time of one process [s]."""
    environment = {**os.environ, "YTTERBY_CACHE_DIR": cache}
    begin = time.perf_counter()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begin


def first_runs(times: int) -> list[float]:
    """First circuit with an empty cache, compilation included [s]."""
    found = []
    for _ in range(times):
        with tempfile.TemporaryDirectory() as cache:
            found.append(seconds([YTTERBY, "circuit", CASE], cache))
    return found


def main() -> None:
    with tempfile.TemporaryDirectory() as cache:
        python = statistics.median(seconds([sys.executable, "-c", ""], cache) for _ in range(7))
        seconds([YTTERBY, "circuit", CASE], cache)
        rows = [
            ("ytterby --help", [seconds([YTTERBY, "--help"], cache) for _ in range(7)], 0.4),
            ("ytterby check", [seconds([YTTERBY, "check", CASE], cache) for _ in range(7)], None),
            ("ytterby circuit, first ever", first_runs(3), 5.0),
            ("ytterby circuit, next process",
             [seconds([YTTERBY, "circuit", CASE], cache) for _ in range(7)], 1.5),
        ]  # fmt: skip
    print(f"{'command':32} {'median s':>9} {'min s':>7} {'max s':>7} {'bar s':>6} {'x python':>9}")
    for name, times, bar in rows:
        median = statistics.median(times)
        shown = f"{bar:6.1f}" if bar else "      "
        print(
            f"{name:32} {median:9.2f} {min(times):7.2f} {max(times):7.2f} {shown} "
            f"{median / python:9.0f}"
        )


if __name__ == "__main__":
    main()
