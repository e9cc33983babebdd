"""Small studies of an allocation and of its stress, for what shows them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from ytterby.case import read
from ytterby.study.chain import MatchStudy, StressStudy, match_chain, stress_chain

TINY = """schema_version = 1
title = "Two cars"
[chain]
first = "2030-01"
months = 12
as_of = "2026-11"
removals = ["countries"]
[chain.rules.no-china]
says = "nothing made into magnets in China"
countries = ["CHN"]
stages = ["magnet"]
[chain.demands.cars]
customer = "A car maker"
country = "FRA"
class = "automotive"
material = "magnet_SH"
instead = ["magnet_SH_gbd"]
yearly = "12 t"
rules = ["no-china"]
[chain.demands.many]
customer = "A maker of very many cars"
country = "DEU"
material = "magnet_UH"
yearly = "900000 t"
[chain.without]
no-lacq = ["caremag_lacq"]
[chain.shocks.control]
event = "china-2025-04"
month = "2030-04"
[chain.shocks.short-stop]
says = "Australia stops"
countries = ["AUS"]
month = "2030-03"
until = "2030-06"
"""
"""A demand that can be met and one that cannot."""


@cache
def matched() -> MatchStudy:
    """The allocation of the small case."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "cars.toml"
        path.write_text(TINY)
        return match_chain(read(path))


@cache
def stressed() -> StressStudy:
    """The same with events, countries gone, and one replay."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "cars.toml"
        path.write_text(TINY)
        return stress_chain(read(path))
