"""Small cuts to be designed, shared by tests; a design is made once for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from ytterby.circuit.circuit import Inlet
from ytterby.design.cut import DesignedCut, design_cut
from ytterby.design.task import CutTask

SHARES = {"Nd": 300.0, "Pr": 100.0, "Sm": 300.0, "Gd": 250.0}
"""[mol/m3]"""


def task(
    cut: tuple[str, str] = ("Nd", "Sm"), metals: Mapping[str, float] = SHARES, **changes: Any
) -> CutTask:
    """A cut of 2 m3/h chloride liquor at 0.01 mol/L acid with 1.5 mol/L P507."""
    feed = Inlet("feed", changes.pop("flow", 2.0), changes.pop("acid", 10.0), metals)
    return CutTask("test", "P507-HCl-v0", feed, cut, 1500.0, **changes)


@cache
def neodymium_samarium() -> DesignedCut:
    """The design of the task as it stands."""
    return design_cut(task())
