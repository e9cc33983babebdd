"""Limits that a steady state must not pass although it closes: there begins what the models leave out."""

from __future__ import annotations

from functools import cache

import numpy as np

from ytterby.circuit.circuit import Circuit
from ytterby.circuit.feasibility import Refusal, place
from ytterby.circuit.solved import Profiles
from ytterby.circuit.verdict import Verdict
from ytterby.datasets import ParameterSet, Row, table

LOWEST_SAPONIFICATION_ACID = 0.1
"""[H+] of stage 1 [mol/m3] (pH 4) below which sodium or ammonium would stay on the organic."""


def passed_limit(circuit: Circuit, profiles: Profiles, parameters: ParameterSet) -> Refusal | None:
    """The first limit that is passed, with its worst stage and element."""
    return (
        _saponification(circuit, profiles)
        or _precipitation(circuit, profiles)
        or _saturation(circuit, profiles)
    )


def _saponification(circuit: Circuit, profiles: Profiles) -> Refusal | None:
    acid = float(profiles.acid[0])
    if circuit.organic.saponification == 0 or not acid < LOWEST_SAPONIFICATION_ACID:
        return None
    return Refusal(
        Verdict.OUTSIDE_SAPONIFICATION_MODEL,
        "organic.saponification",
        place(circuit, 0),
        f"pH {-np.log10(acid / 1000):.2f}",
        "pH at most 4",
    )


def _precipitation(circuit: Circuit, profiles: Profiles) -> Refusal | None:
    """Hydroxide of the element and stage that is most supersaturated."""
    with np.errstate(divide="ignore", invalid="ignore"):
        largest = np.log10(profiles.aqueous.max(axis=1) / 1000.0) + 3.0 * profiles.ph
    if not np.any(largest > LEAST_SOLUBLE):
        return None
    solids = hydroxides()
    worst: tuple[float, int, str] = (0.0, 0, "")
    for index, symbol in enumerate(circuit.elements):
        if symbol not in solids:
            continue
        metal = profiles.aqueous[:, index] / 1000.0
        with np.errstate(divide="ignore", invalid="ignore"):
            over = np.log10(metal) + 3.0 * profiles.ph - solids[symbol]
        over = np.nan_to_num(over, nan=-np.inf)
        stage = int(np.argmax(over))
        worst = max(worst, (float(over[stage]), stage, symbol))
    excess, stage, symbol = worst
    if not symbol:
        return None
    dissolved = profiles.aqueous[stage, circuit.elements.index(symbol)] / 1000.0
    return Refusal(
        Verdict.PRECIPITATION,
        "",
        f"{place(circuit, stage)}, {symbol}",
        f"pH {profiles.ph[stage]:.2f} with {dissolved:.3g} mol/L {symbol}",
        f"pH at most {profiles.ph[stage] - excess / 3:.2f}, where {symbol}(OH)3 precipitates (LNL)",
    )


LEAST_SOLUBLE = 5.0
"""Below every number of ``hydroxides``: most circuits are spared reading that table."""


@cache
def hydroxides() -> dict[str, float]:
    """log10 [M]/[H+]^3 in mol/L at saturation with the trivalent hydroxide, amorphous if known; LNL."""
    solids = [row for row in table("speciation") if _is_hydroxide(row)]
    solids.sort(key=lambda row: "(am)" in row.labels["species"])  # the last one of an element stays
    return {row.labels["element"]: row.values["log10_k"] for row in solids}


def _is_hydroxide(row: Row) -> bool:
    labels = row.labels
    if row.source != "LNL" or labels["phase"] != "solid" or labels["quality_flag"] != "ok":
        return False
    reaction = labels["reaction"]
    return "(OH)3 + 3 H+ = " in reaction and reaction.endswith("+ 3 H2O")


def _saturation(circuit: Circuit, profiles: Profiles) -> Refusal | None:
    """Where D does not know of the free extractant, the metals may take more than there is."""
    stage = int(np.argmin(profiles.free_extractant))
    free = float(profiles.free_extractant[stage])
    if not free < 0:
        return None
    return Refusal(
        Verdict.ORGANIC_SATURATED,
        "organic.flow",
        place(circuit, stage),
        f"{circuit.organic.extractant - free:.4g} mol/m3 of extractant bound",
        f"at most {circuit.organic.extractant:.4g} mol/m3",
    )
