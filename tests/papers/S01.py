"""Load section of a coal-refuse leachate with D2EHPA in sulfate, against PrOMMiS: 1 to 100 stages.

Both programs solve the same equations (lines of log D in pH and dosage, HSO4- dissociation, extractant bound
as monomer), so this checks the solver, not the lines. PrOMMiS counts acid and sulfate apart and its feed is
not neutral; that difference takes no part in any balance and the circuit here states acid and sulfate as they
are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from shapes import padded_to
from ytterby.circuit import Circuit, Inlet, Organic, Section
from ytterby.circuit.solve import solve_circuit
from ytterby.circuit.solved import SolvedCircuit
from ytterby.elements import element
from ytterby.equilibrium.sulfate import free_acid

PRINTED = json.loads((Path(__file__).parent / "data" / "S01.json").read_text(encoding="utf-8"))
ELEMENTS = tuple(PRINTED["elements"])
AGREEMENT = 1e-5
"""Relative, on every concentration above ``FLOOR``; asked tenfold as sharp below."""
FLOOR = 1e-6
"""[g/L]"""


@pytest.fixture(autouse=True)
def one_shape(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    padded_to(monkeypatch, stages=128, elements=15)
    yield


def circuit(stages: int) -> Circuit:
    """The section as PrOMMiS states it; mol/L become mol/m3, L/h become m3/h."""
    feed = {name: 1000 * c for name, c in PRINTED["feed_mol_per_l"].items()}
    fresh = {name: 1000 * c for name, c in PRINTED["organic_mol_per_l"].items()}
    sulfate, acid = feed["HSO4"] + feed["SO4"], feed["H"] + feed["HSO4"]
    brought = {name: fresh[name] for name in ELEMENTS}
    bound = sum(PRINTED["extractant_per_metal"][name] * c for name, c in brought.items())
    return Circuit(
        name="S01",
        equilibrium="D2EHPA-TBP-H2SO4-KEIM19",
        elements=ELEMENTS,
        organic=Organic(
            flow=PRINTED["organic_flow_l_per_h"] / 1000,
            extractant=fresh["DEHPA"] + bound,
            saponification=0.0,
            base="NaOH",
            closed=False,
            concentrations=brought,
        ),
        sections=(
            Section(
                "extraction",
                stages,
                Inlet(
                    "feed",
                    PRINTED["aqueous_flow_l_per_h"] / 1000,
                    free_acid(acid, sulfate),
                    {name: feed[name] for name in ELEMENTS},
                    sulfate=sulfate,
                ),
            ),
        ),
        temperature=PRINTED["temperature_k"],
    )


@cache
def solved(stages: int) -> SolvedCircuit:
    return solve_circuit(circuit(stages))


def difference(found: float, expected: float) -> float:
    """Relative difference [-]."""
    return abs(found / expected - 1)


each_run = pytest.mark.parametrize("run", PRINTED["runs"], ids=lambda run: f"{run['stages']}")


@each_run
@pytest.mark.parametrize(
    ("printed", "stream"),
    [("aqueous_mol_per_l", "raffinate"), ("organic_mol_per_l", "loaded organic")],
)
def test_metals_of_both_outlets_are_those_of_prommis(
    run: dict[str, Any], printed: str, stream: str
) -> None:
    metals = solved(run["stages"]).streams[stream].metals
    apart = {
        name: difference(metals[name], 1000 * run[printed][name])
        for name in ELEMENTS
        if 1000 * run[printed][name] * element(name).atomic_weight > FLOOR
    }
    assert len(apart) >= 10  # of twelve
    worst = max(apart, key=lambda name: apart[name])
    assert apart[worst] <= AGREEMENT / 10, (
        f"{worst} of the {stream} after {run['stages']} stages is {apart[worst]:.1e} from PrOMMiS, "
        f"allowed {AGREEMENT:.0e}, asked {AGREEMENT / 10:.0e}"
    )


@each_run
def test_acid_sulfate_and_extractant_are_those_of_prommis(run: dict[str, Any]) -> None:
    found, aqueous = solved(run["stages"]).profiles, run["aqueous_mol_per_l"]
    pairs = {
        "H+": (found.acid[0], aqueous["H"]),
        "HSO4-": (found.total_acid[0] - found.acid[0], aqueous["HSO4"]),
        "free D2EHPA": (found.free_extractant[-1], run["organic_mol_per_l"]["DEHPA"]),
    }
    for name, (ours, theirs) in pairs.items():
        apart = difference(float(ours), 1000 * theirs)
        assert apart <= AGREEMENT / 10, (
            f"{name} after {run['stages']} stages is {apart:.1e} from PrOMMiS"
        )


def test_prommis_was_solved_more_tightly_than_it_is_compared() -> None:
    for run in PRINTED["runs"]:
        assert run["tolerance"] <= 1e-12 and run["constraint_violation"] <= 1e-12


def test_more_stages_take_more_yttrium_and_no_more_lanthanum() -> None:
    """What the runs differ by: Y falls to what the organic brings, La stays where its low D holds it."""
    lost = {
        name: [solved(run["stages"]).recovery(name, "raffinate") for run in PRINTED["runs"]]
        for name in ("Y", "La")
    }
    assert lost["Y"][0] > 0.04 and lost["Y"][2] < 1e-5
    assert lost["La"] == pytest.approx([lost["La"][-1]] * 5, rel=0.02)
