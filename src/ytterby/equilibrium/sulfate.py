"""Acid in sulfate liquors: H+ and SO4-- against HSO4-. Plain arithmetic, for numbers and arrays alike."""

from __future__ import annotations

from functools import cache
from typing import Any

from ytterby.datasets import parameter_set

HOME = "D2EHPA-TBP-H2SO4-KEIM19"
"""The parameter set whose dissociation constant serves for every sulfate liquor."""


@cache
def dissociation() -> float:
    """[H+][SO4--]/[HSO4-] [mol/m3] at 25 C."""
    log10 = parameter_set(HOME).general_value("log10_ka2", "log10 (mol/L basis)")
    return float(1000.0 * 10.0**log10)


def free_acid(total: Any, sulfate: Any) -> Any:
    """[H+] where H+ and HSO4- together are ``total`` [mol/m3]: the positive root of a quadratic."""
    k = dissociation()
    half = k + sulfate - total
    return 2.0 * k * total / (half + (half * half + 4.0 * k * total) ** 0.5)


def total_acid(free: Any, sulfate: Any) -> Any:
    """H+ and HSO4- together [mol/m3] at [H+] ``free``; the inverse of ``free_acid``."""
    return free * (1.0 + sulfate / (dissociation() + free))


def neutral_sulfate(free: float, other: float) -> float:
    """Total sulfate that neutralises [H+] ``free`` and the charge of other cations, all in mol/m3."""
    k = dissociation()
    return (free + other) * (k + free) / (2.0 * k + free)
