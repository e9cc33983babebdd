"""Everybody taken away one by one from the plan of `examples/lacq-chain`: facilities, countries, owners.

    python bench/bench_chain_stress.py

Two parts are solved side by side, as `ytterby chain stress` does. A removal under which the plan's own runs
still fit is not solved.
"""

from __future__ import annotations

import os
import platform
import time
from pathlib import Path

from ytterby.case import read
from ytterby.study.chain import match_chain, stress_chain

CASE = Path(__file__).parents[1] / "examples" / "lacq-chain" / "lacq-chain.toml"
KINDS = 'chain.removals=["facilities", "countries", "owners"]'


def main() -> None:
    """Times of the plan alone and of all removals with it."""
    case = read(CASE, (KINDS, "chain.shocks={}"))
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    begun = time.perf_counter()
    base = match_chain(case).base
    planned = time.perf_counter() - begun
    print(f"plan, without Lacq and with both bounds   {planned:7.1f} s")
    print(f"  of which the plan itself                {base.seconds['solve']:7.1f} s")
    begun = time.perf_counter()
    gone = [it for kind in stress_chain(case).removals.values() for it in kind]
    seconds = time.perf_counter() - begun
    print(
        f"{len(gone)} removals, {sum(it.solved for it in gone)} of them solved   {seconds:7.1f} s"
    )


if __name__ == "__main__":
    main()
