"""Every way a circuit can end, each by a circuit that ends so, and what the user is told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from circuits import (
    P507,
    extraction,
    ideal_profiles,
    organic,
    samarium_gadolinium,
    scrub,
    strip,
    with_feed,
    with_inlet,
)
from ytterby.circuit import Circuit, Verdict, refuse
from ytterby.circuit import solve as solving
from ytterby.circuit.feasibility import Refusal
from ytterby.circuit.limits import LEAST_SOLUBLE, hydroxides, passed_limit
from ytterby.circuit.solve import solve_circuit
from ytterby.circuit.solved import Profiles
from ytterby.datasets import parameter_set
from ytterby.errors import ConvergenceError, ExitCode, Fault

BASE = samarium_gadolinium()


def with_organic(circuit: Circuit, **changes: float | str) -> Circuit:
    return replace(circuit, organic=replace(circuit.organic, **changes))  # type: ignore[arg-type]


def fault_of(circuit: Circuit) -> Fault:
    """The one fault that solving raises."""
    with pytest.raises(ConvergenceError) as caught:
        solve_circuit(circuit)
    assert caught.value.exit_code is ExitCode.NO_SOLUTION
    (fault,) = caught.value.faults
    return fault


def water_as_scrub() -> Circuit:
    return with_inlet(BASE, 1, acid=0.0)


def base_above_acid() -> Circuit:
    return with_organic(BASE, saponification=0.6)


def full_organic() -> Circuit:
    """600 mol/h of base for 600 mol/h of capacity less the acid of the feed."""
    return with_organic(with_inlet(BASE, 1, acid=10.0), flow=1.1, saponification=0.52)


def weak_strip() -> Circuit:
    return with_inlet(BASE, 2, acid=1000.0)


def nearly_neutral_raffinate() -> Circuit:
    """Lanthanum all but fills the organic of stage 1, and gives hardly any acid."""
    return Circuit(
        name="lanthanum",
        equilibrium=P507,
        elements=("La", "Ce", "Pr"),
        organic=organic(1.0, 1500.0, 0.4988, closed=False),
        sections=(extraction(10, 1.0, 10.0, {"La": 300.0}),),
    )


def stripped_by_factors() -> Circuit:
    """Naphthenic acid has no more than factors in the data."""
    metals = {"Y": 50.0, "Nd": 50.0}
    return Circuit(
        name="naphthenic",
        equilibrium="Naphthenic-HCl-Z16",
        elements=("Y", "Nd"),
        organic=organic(1.0, 1000.0, 0.1, closed=True),
        sections=(extraction(5, 1.0, 10.0, metals), strip(3, 0.2, 3000.0)),
    )


@pytest.mark.parametrize(
    ("circuit", "verdict", "where", "read", "expected"),
    [
        (
            base_above_acid(),
            Verdict.ACID_BALANCE_IMPOSSIBLE,
            ("extraction stage 1", "organic.saponification"),
            "base of 900 mol/h; the base carried by the saponified organic exceeds",
            "less than the 770 mol/h of acid and metal charge",
        ),
        (
            water_as_scrub(),
            Verdict.NO_CHARGE,
            ("scrub stage 11", "scrub.liquor.acid"),
            "neither acid nor metals",
            "acid above 0",
        ),
        (
            full_organic(),
            Verdict.ORGANIC_SATURATED,
            ("extraction stage 6", "organic.flow"),
            "551 mol/h of metal charge for the organic",
            "less than its capacity of 550 mol/h",
        ),
        (
            weak_strip(),
            Verdict.STRIP_ACID_SHORT,
            ("strip stage 16", "strip.liquor.flow"),
            "200 mol/h of strip acid",
            "more than the 280 mol/h of metal charge to be stripped",
        ),
        (
            with_organic(BASE, saponification=0.61, diluent="kerosene", flow=0.5),
            Verdict.THIRD_PHASE,
            ("extraction stage 1", "organic.saponification"),
            "saponification 0.61 in kerosene without modifier",
            "at most 0.6 (LIAO13, recalled)",
        ),
        (
            stripped_by_factors(),
            Verdict.NO_STRIPPING_MODEL,
            ("strip stage 6", ", strip"),
            "a strip section with constant separation factors",
            "extraction and scrub only",
        ),
        (
            nearly_neutral_raffinate(),
            Verdict.OUTSIDE_SAPONIFICATION_MODEL,
            ("extraction stage 1", "organic.saponification"),
            "pH 4.1",
            "pH at most 4",
        ),
    ],
)
def test_a_circuit_that_cannot_be_is_named_with_place_cause_and_cure(
    circuit: Circuit, verdict: Verdict, where: tuple[str, ...], read: str, expected: str
) -> None:
    fault = fault_of(circuit)
    assert fault.where.startswith(f"circuit {circuit.name}, ")
    assert fault.where.endswith(f": {verdict.value}")
    assert all(part in fault.where for part in where)
    assert fault.read.startswith(read) and fault.read.endswith(verdict.meaning.cause)
    assert fault.expected.startswith(expected)
    assert fault.next == verdict.meaning.cure


def test_running_out_of_steps_is_a_verdict_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solving, "ATTEMPTS", ((np.inf, 2, 0.0), (100.0, 2, 0.0)))
    fault = fault_of(BASE)
    assert fault.where.endswith(f": {Verdict.NOT_CONVERGED.value}")
    assert "circuit samarium-gadolinium, " in fault.where and ", balance of " in fault.where
    assert any(f"{kind} stage " in fault.where for kind in ("extraction", "scrub", "strip"))
    assert " of its scale after 2 steps; " in fault.read
    assert fault.next == Verdict.NOT_CONVERGED.meaning.cure


def test_metal_that_no_acid_takes_off_is_not_converged() -> None:
    """Lu on a loop that is full but for what the base lets in: no number comes back."""
    circuit = Circuit(
        name="lutetium",
        equilibrium=P507,
        elements=("Tb", "Ho", "Lu"),
        organic=organic(1.64, 1500.0, 0.39, closed=True),
        sections=(
            extraction(6, 1.0, 80.0, {"Tb": 157.0, "Ho": 214.0, "Lu": 11.6}),
            scrub(3, 0.05, 3600.0),
            strip(3, 0.57, 2950.0),
        ),
    )
    fault = fault_of(circuit)
    assert fault.where.endswith(f": {Verdict.NOT_CONVERGED.value}")
    assert "check the strip acid" in fault.next


def test_a_modifier_keeps_one_organic_phase() -> None:
    stiff = with_organic(BASE, saponification=0.61, flow=0.5)
    refused = refuse(stiff)
    assert refused is not None and refused.verdict is Verdict.THIRD_PHASE
    for diluent in ("kerosene with 5 % isodecyl alcohol", "10 % TBP in kerosene"):
        assert refuse(with_organic(stiff, diluent=diluent)) is None
    cyanex = replace(stiff, equilibrium="Cyanex272-HCl-v0")
    assert refuse(cyanex) is None  # the limit is known of P507 and D2EHPA alone


# --- limits of what was solved


def found_at(acid: list[float], free_dimer: list[float], metal: float = 100.0) -> Profiles:
    """Two stages with 100 mol/m3 of Nd in the second."""
    aqueous = np.array([[0.0, 1e-9], [metal, 0.0]])
    return ideal_profiles(aqueous, 0.0 * aqueous, acid, free_dimer, [1.0, 1.0], 1.0)


def limit_of(profiles: Profiles, **changes: float) -> Refusal | None:
    circuit = Circuit(
        name="two stages",
        equilibrium=P507,
        elements=("Nd", "Dy"),
        organic=organic(1.0, 1000.0, 0.1, closed=False),
        sections=(extraction(2, 1.0, 10.0, {"Nd": 100.0}),),
    )
    return passed_limit(with_organic(circuit, **changes), profiles, parameter_set(P507))


def test_within_its_limits_a_state_is_a_result() -> None:
    assert limit_of(found_at([0.1001, 1e-3], [300.0, 1e-9])) is None


def test_a_hydroxide_that_would_precipitate_is_named_with_its_ph() -> None:
    """0.1 mol/L of Nd: log10 0.1 + 3 pH is the solubility product's at pH (log10 K + 1) / 3."""
    limit = (hydroxides()["Nd"] + 1.0) / 3
    assert 6.0 < limit < 9.0
    assert limit_of(found_at([1.0, 1000 * 10 ** -(limit - 0.01)], [300.0, 300.0])) is None
    refusal = limit_of(found_at([1.0, 1000 * 10 ** -(limit + 0.1)], [300.0, 300.0]))
    assert refusal is not None and refusal.verdict is Verdict.PRECIPITATION
    assert refusal.place == "extraction stage 2, Nd"
    assert refusal.read == f"pH {limit + 0.1:.2f} with 0.1 mol/L Nd"
    assert refusal.expected.startswith(f"pH at most {limit:.2f}, where Nd(OH)3 precipitates")


def test_more_metal_than_extractant_is_no_result() -> None:
    refusal = limit_of(found_at([1.0, 1.0], [300.0, -5.0]))
    assert refusal is not None and refusal.verdict is Verdict.ORGANIC_SATURATED
    assert refusal.place == "extraction stage 2"
    assert refusal.read == "1010 mol/m3 of extractant bound"
    assert refusal.expected == "at most 1000 mol/m3"


def test_only_a_saponified_organic_can_keep_its_sodium() -> None:
    sour = found_at([0.09, 1.0], [300.0, 300.0])
    refusal = limit_of(sour)
    assert refusal is not None and refusal.verdict is Verdict.OUTSIDE_SAPONIFICATION_MODEL
    assert refusal.read == "pH 4.05"
    assert limit_of(sour, saponification=0.0) is None


def test_only_solved_has_no_cure() -> None:
    for verdict in Verdict:
        assert verdict.meaning.cause
        assert bool(verdict.meaning.cure) == (verdict is not Verdict.SOLVED)
    assert solve_circuit(BASE).verdict is Verdict.SOLVED


def test_a_circuit_without_metal_is_a_verdict() -> None:
    fault = fault_of(with_feed(with_organic(BASE, saponification=0.1), {}))
    assert fault.where.endswith(f": {Verdict.NO_METAL.value}")


def test_a_feed_metal_outside_the_elements_is_refused() -> None:
    with pytest.raises(ValueError, match="Gd"):
        solve_circuit(replace(BASE, elements=("Nd", "Sm", "Eu")))


def test_no_hydroxide_forms_below_the_bound_that_spares_reading_them() -> None:
    assert min(hydroxides().values()) > LEAST_SOLUBLE
