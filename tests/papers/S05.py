"""Raffinate sections of Nd from Sm on D2EHPA by lines of log D, computed by the authors of ETR22.

Six conditions, each with purity, recovery and pH of the authors' program and profiles of a second solution.
The lines know of pH alone: no dosage, no capacity. One balance of charge, [H+] + 3 (Nd + Sm), holds through
the section; the organic comes in unloaded.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from circuits import closely, extraction, organic, profiles_with
from shapes import padded_to
from ytterby.arrays import jnp
from ytterby.circuit import Circuit
from ytterby.circuit.balance import require_closed
from ytterby.circuit.solve import arrays_of
from ytterby.circuit.solved import Array, Profiles
from ytterby.equilibrium import LogDLines

PRINTED = json.loads((Path(__file__).parent / "data" / "S05.json").read_text(encoding="utf-8"))
ELEMENTS = ("Nd", "Sm")
SIZE = 15
"""Elements that the arrays are padded to."""
AMPLE = 500.0
"""Extractant [mol/m3]: any that the metals do not use up, for the lines do not ask."""


@pytest.fixture(autouse=True)
def one_shape(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    padded_to(monkeypatch, stages=128, elements=SIZE)
    yield


def circuit(condition: dict[str, Any]) -> Circuit:
    """The section with an aqueous of 1 m3/h; the set named is replaced by the printed lines."""
    feed = {name: 1000 * c for name, c in PRINTED["feed_mol_per_l"].items()}
    return Circuit(
        name="S05",
        equilibrium="D2EHPA-HCl-v0",
        elements=ELEMENTS,
        organic=organic(1 / condition["aqueous_over_organic"], AMPLE, 0.0, closed=False),
        sections=(extraction(condition["stages"], 1.0, 1000 * 10 ** -condition["feed_ph"], feed),),
    )


def lines(condition: dict[str, Any]) -> LogDLines:
    """log10 D = a pH + b, without a term in dosage."""
    printed = PRINTED["log10_d_lines"][condition["extractant_volume_fraction"]]
    pitch, level = (
        jnp.zeros(SIZE).at[:2].set(jnp.asarray([printed[name][place] for name in ELEMENTS]))
        for place in (0, 1)
    )
    nothing, three = jnp.zeros(SIZE), jnp.zeros(SIZE).at[:2].set(3.0)
    return LogDLines(pitch, nothing, level, nothing, jnp.asarray(0.01), three, three)


def solved(condition: dict[str, Any]) -> Profiles:
    """Profiles along the organic: the first stage is the raffinate's."""
    inputs, layout, _ = arrays_of(circuit(condition))
    return profiles_with(circuit(condition), inputs, layout, lines(condition))


def last_digit(name: str, printed: list[float]) -> Array:
    """One unit of the last digit: Nd and acid have six decimals, Sm has five digits [mol/L]."""
    if name != "aqueous_sm_mol_per_l":
        return np.full(len(printed), 1e-6)
    unit: Array = 10.0 ** (np.floor(np.log10(printed)) - 4)
    return unit


each_condition = pytest.mark.parametrize(
    "condition", PRINTED["conditions"], ids=lambda it: f"{it['stages']} of {it['feed_ph']}"
)


@each_condition
def test_purity_recovery_and_ph_are_those_of_the_authors(condition: dict[str, Any]) -> None:
    found, fed = solved(condition), 1000 * PRINTED["feed_mol_per_l"]["Nd"]
    raffinate = found.aqueous[0]
    assert raffinate[0] / raffinate.sum() == pytest.approx(condition["purity"], abs=5.1e-7)
    assert raffinate[0] / fed == pytest.approx(condition["recovery"], abs=5.1e-7)
    assert found.ph[0] == pytest.approx(condition["raffinate_ph"], abs=5.1e-6)


@each_condition
def test_every_stage_is_as_printed(condition: dict[str, Any]) -> None:
    found = solved(condition)
    tables = {
        "aqueous_nd_mol_per_l": found.aqueous[::-1, 0],
        "aqueous_sm_mol_per_l": found.aqueous[::-1, 1],
        "acid_mol_per_l": found.acid[::-1],
    }
    for name, profile in tables.items():
        apart = np.abs(profile / 1000 - condition[name]) / last_digit(name, condition[name])
        assert apart.max() <= 0.51, f"{name} is {apart.max():.2f} units of the last digit off"


@each_condition
def test_charge_is_the_same_everywhere_and_the_section_closes(condition: dict[str, Any]) -> None:
    found = solved(condition)
    feed = circuit(condition).sections[0].inlet
    assert feed is not None
    charge = feed.acid + 3 * sum(feed.concentrations.values())
    held = found.acid + 3 * found.aqueous.sum(axis=1)
    assert held == closely(np.full(condition["stages"], charge), rel=1e-11)
    require_closed(circuit(condition), {"S05": found})


def test_dosage_takes_no_part() -> None:
    """Twice the extractant changes nothing."""
    condition = PRINTED["conditions"][0]
    inputs, layout, _ = arrays_of(circuit(condition))
    twice = profiles_with(
        circuit(condition),
        type(inputs)(**{**vars(inputs), "extractant": 2 * inputs.extractant}),
        layout,
        lines(condition),
    )
    assert twice.aqueous == closely(solved(condition).aqueous, rel=1e-10)
