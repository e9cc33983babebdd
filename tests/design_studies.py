"""A case with a small design, shared by tests; it is designed once for all of them."""

from __future__ import annotations

from functools import cache

from ytterby.case import read_text
from ytterby.study.design import DesignStudy, PlannedCut, run_designs

CASE = """\
schema_version = 1
title = "Small"
[designs.nd-sm]
extractant = "PC88A"
cut = ["Nd", "Sm"]
[designs.nd-sm.organic]
concentration = "1.5 mol/L"
diluent = "kerosene"
[designs.nd-sm.feed]
flow = "2 m3/h"
acid = "0.01 mol/L"
[designs.nd-sm.feed.concentrations]
Pr = "0.10 mol/L"
Nd = "0.30 mol/L"
Sm = "0.30 mol/L"
Gd = "0.25 mol/L"
"""


@cache
def study() -> DesignStudy:
    """The case as it stands, designed."""
    return run_designs(read_text(CASE, "small.toml"))


def planned() -> PlannedCut:
    """Its one design."""
    (found,) = study().designs.values()
    return found
