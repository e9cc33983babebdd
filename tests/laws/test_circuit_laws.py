"""What holds for every circuit: conservation, equilibrium, and what must change nothing.

The circuits are drawn by arithmetic that never calls the solver, and the same ones every time.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from circuits import (
    any_circuits,
    closely,
    feasible_circuits,
    leaking_circuits,
    organic,
    samarium_gadolinium,
    scaled_flows,
    solve_with,
    terbium_dysprosium,
    with_feed,
    with_inlet,
)
from ytterby.circuit import Circuit, Inlet, Section, Verdict, network
from ytterby.circuit import solve as solving
from ytterby.circuit.balance import CLOSURE, charge_closure, closure, require_closed
from ytterby.circuit.solve import arrays_of, solve_circuit
from ytterby.circuit.solved import Array, Profiles
from ytterby.datasets import parameter_set
from ytterby.elements import element
from ytterby.errors import BalanceError, ConvergenceError

drawn = settings(max_examples=12, derandomize=True, deadline=None, database=None)
SAME = 1e-10
"""Relative difference within which two solves of one circuit agree."""


def differing(found: Profiles, expected: Profiles, factor: float = 1.0) -> float:
    """Largest difference of concentrations, over each element's largest in that phase [-].

    ``factor`` is what the expected concentrations are multiplied by.
    """

    def worst(one: Array, other: Array) -> float:
        scale = np.max(np.abs(other), axis=0)
        return float(np.max(np.abs(one - other) / np.where(scale > 0, scale, 1.0)))

    pairs = (
        (found.aqueous, factor * expected.aqueous),
        (found.organic, factor * expected.organic),
        (found.acid, factor * expected.acid),
        (found.free_dimer, factor * expected.free_dimer),
    )
    return max(worst(one, other) for one, other in pairs)


# --- balances and equilibrium, written out again


def arrivals(circuit: Circuit, flows: Array, inside: Array, outside: list[float]) -> Array:
    """What the aqueous brings to each stage of extraction, scrub, strip, per hour.

    ``inside`` is carried per m3 from the stage above, ``outside`` per m3 of each section's liquor.
    """
    brought = np.zeros(circuit.stages)
    ends = np.cumsum([section.stages for section in circuit.sections])
    for stage in range(circuit.stages - 1):
        if stage + 1 != ends[1]:  # the strip liquor leaves where the strip begins
            brought[stage] = flows[stage + 1] * inside[stage + 1]
    for end, section, concentration in zip(ends, circuit.sections, outside, strict=True):
        brought[end - 1] += section.inlet.flow * concentration
    return brought


def from_below(circuit: Circuit, organics: Array) -> Array:
    """What the organic brings to each stage [mol/h]; the loop returns to the first."""
    below = circuit.organic.flow * np.roll(organics, 1, axis=0)
    if not circuit.organic.closed:
        below[0] = 0.0
    return below


@drawn
@given(feasible_circuits())
def test_every_element_and_the_protons_balance_on_every_stage(circuit: Circuit) -> None:
    solved = solve_circuit(circuit)
    profiles, flow = solved.profiles, circuit.organic.flow
    liquors = [section.inlet for section in circuit.sections]
    volumes = arrivals(circuit, profiles.aqueous_volume, np.ones(circuit.stages), [1.0, 1.0, 1.0])
    assert volumes == closely(profiles.aqueous_volume, rel=1e-14)

    protons = arrivals(
        circuit, profiles.aqueous_volume, profiles.acid, [liquor.acid for liquor in liquors]
    )
    protons[0] -= circuit.base
    for index, name in enumerate(circuit.elements):
        brought = [liquor.concentrations.get(name, 0.0) for liquor in liquors]
        metal = arrivals(circuit, profiles.aqueous_volume, profiles.aqueous[:, index], brought)
        loaded = flow * profiles.organic[:, index] - from_below(circuit, profiles.organic)[:, index]
        left = metal - profiles.aqueous_volume * profiles.aqueous[:, index] - loaded
        assert np.max(np.abs(left)) <= CLOSURE * liquors[0].flow * brought[0]
        protons += element(name).charge * loaded
    missing = protons - profiles.aqueous_volume * profiles.acid
    charge = profiles.aqueous_volume * (profiles.acid + 3 * profiles.aqueous.sum(axis=1))
    fed = 3 * liquors[0].flow * sum(liquors[0].concentrations.values())
    assert np.max(np.abs(missing) / (charge + fed)) <= CLOSURE


@drawn
@given(feasible_circuits())
def test_what_enters_the_circuit_leaves_by_its_outlets(circuit: Circuit) -> None:
    solved = solve_circuit(circuit)
    for name in circuit.elements:
        shares = [solved.recovery(name, outlet) for outlet in solved.outlets]
        assert min(shares) >= 0
        assert sum(shares) == pytest.approx(1.0, abs=1e-10)
    assert ("stripped organic" in solved.outlets) != circuit.organic.closed
    assert max(solved.closure.values()) <= CLOSURE
    assert charge_closure(circuit, {circuit.name: solved.profiles}) <= CLOSURE


@drawn
@given(feasible_circuits())
def test_every_stage_is_in_equilibrium_by_the_constants_as_listed(circuit: Circuit) -> None:
    found = solve_circuit(circuit).profiles
    dimer, acid = found.free_dimer / 1000, found.acid / 1000  # mol/L, as the constants
    bound = np.zeros(circuit.stages)
    for index, name in enumerate(circuit.elements):
        row = parameter_set(circuit.equilibrium).constants[name].numbers
        ratio = 10 ** row["log10_kex"] * (dimer / acid) ** 3
        assert row["order_extractant"] == row["order_acid"] == row["dimers_per_metal"] == 3
        assert found.organic[:, index] == closely(ratio * found.aqueous[:, index], rel=1e-11)
        bound += 3 * found.organic[:, index]
    total = circuit.organic.extractant / 2
    assert found.free_dimer + bound == closely(np.full(circuit.stages, total), rel=2e-11)
    assert np.all(found.aqueous > 0) and np.all(found.acid > 0) and np.all(found.free_dimer > 0)


@drawn
@given(feasible_circuits(closed=False))
def test_better_extracted_elements_go_less_to_the_raffinate(circuit: Circuit) -> None:
    constants = parameter_set(circuit.equilibrium).constants
    order = sorted(circuit.elements, key=lambda name: constants[name].numbers["log10_kex"])
    solved = solve_circuit(circuit)
    lost = [solved.recovery(name, "raffinate") for name in order]
    assert all(after <= before + 1e-12 for before, after in pairwise(lost))


@settings(drawn, max_examples=25)
@given(any_circuits())
def test_every_circuit_ends_in_finite_numbers_or_a_verdict(circuit: Circuit) -> None:
    """Also those that cannot be; few and short attempts, for what fails fails late."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(solving, "ATTEMPTS", ((np.inf, 40, 0.0), (10.0, 80, 0.0)))
        try:
            solved = solve_circuit(circuit)
        except ConvergenceError as error:
            (fault,) = error.faults
            assert all((fault.where, fault.read, fault.expected, fault.next))
            assert any(fault.where.endswith(f": {verdict.value}") for verdict in Verdict)
            return
    assert solved.verdict is Verdict.SOLVED
    found = solved.profiles
    for array in (found.aqueous, found.organic, found.acid, found.free_dimer, found.aqueous_volume):
        assert np.all(np.isfinite(array)) and np.all(array >= 0)


# --- stages that bypass and leak, and other models


@drawn
@given(leaking_circuits())
def test_what_leaks_is_found_elsewhere(circuit: Circuit) -> None:
    """Volumes and metals of every stage, from shares written out again."""
    solved = solve_circuit(circuit)
    found, parts = solved.profiles, [circuit.section_at(n) for n in range(circuit.stages)]
    contacted, up, down = (
        np.array([getattr(part, name) for part in parts])
        for name in ("efficiency", "aqueous_carried", "organic_carried")
    )
    water, oil = found.aqueous_volume, found.organic_volume
    strip = circuit.spans()[2][0]

    def risen(values: Array) -> Array:
        return from_below(circuit, values) / circuit.organic.flow

    def fallen(values: Array) -> Array:
        values = np.roll(values, -1, axis=0)
        values[[strip - 1, -1]] = 0.0
        return values

    liquors = np.zeros((circuit.stages, 1 + len(circuit.elements)))
    for section, (_, end) in zip(circuit.sections, circuit.spans(), strict=True):
        metals = [section.inlet.concentrations.get(name, 0.0) for name in circuit.elements]
        liquors[end - 1] = section.inlet.flow * np.array([1.0, *metals])
    carried = np.zeros(circuit.stages)  # water in the organic line
    for _ in range(2 * circuit.stages):
        carried = risen((1 - contacted) * carried + up * water)
    volumes = liquors[:, 0] + fallen((1 - up) * water) + contacted * carried
    assert water == closely(volumes, rel=1e-12)
    arriving = np.array([circuit.organic.flow, *found.organic_out[:-1]])
    assert oil == closely(contacted * arriving + fallen(down * oil), rel=1e-12)
    assert found.organic_out == closely((1 - contacted) * arriving + (1 - down) * oil, rel=1e-12)

    in_water, in_oil = (water * found.aqueous.T).T, (oil * found.organic.T).T
    line = risen(found.onward)
    bypassed = ((1 - contacted) * line.T).T
    onward = bypassed + ((1 - down) * in_oil.T).T + (up * in_water.T).T
    falling = ((1 - up) * in_water.T).T + (down * in_oil.T).T
    scale = CLOSURE * np.maximum(liquors[:, 1:].sum(axis=0), 1e-4 * in_oil.max(axis=0))
    assert np.all(np.abs(found.onward - onward) <= scale)
    assert np.all(np.abs(found.fallen - falling) <= scale)
    arrived = line - bypassed + fallen(found.fallen) + liquors[:, 1:]
    assert np.all(np.abs(arrived - in_water - in_oil) <= scale)
    for name in circuit.elements:
        shares = [solved.recovery(name, outlet) for outlet in solved.outlets]
        assert sum(shares) == pytest.approx(1.0, abs=1e-10)


def test_leaks_separate_less() -> None:
    """Lower efficiency and more entrainment: more of the heavy element is lost to the raffinate."""
    lost = []
    for efficiency, carried in ((1.0, 0.0), (0.8, 0.01), (0.6, 0.03)):
        circuit = samarium_gadolinium()
        sections = tuple(
            replace(part, efficiency=efficiency, aqueous_carried=carried, organic_carried=carried)
            for part in circuit.sections
        )
        lost.append(solve_circuit(replace(circuit, sections=sections)).recovery("Gd", "raffinate"))
    assert lost == sorted(lost) and lost[-1] > 2 * lost[0]


TRIO = ("Y", "La", "Nd")
FED = {"Y": 30.0, "La": 100.0, "Nd": 80.0}


def of_neutral_solvent(closed: bool) -> Circuit:
    """TBP in nitrate, stripped with water that holds a little acid; salt in feed and scrub."""
    sections = (
        Section("extraction", 6, Inlet("feed", 1.0, 50.0, FED, 3000.0)),
        Section("scrub", 4, Inlet("scrub", 0.2, 50.0, {}, 3000.0)),
        Section("strip", 4, Inlet("water", 2.0, 50.0, {})),
    )
    return Circuit("solvation", "TBP-HNO3-K05", TRIO, organic(3.0, 2000.0, 0.0, closed), sections)


def of_lines(closed: bool) -> Circuit:
    """D2EHPA with TBP in thin sulfate."""
    thin = {name: c / 100.0 for name, c in FED.items()}
    sections = (
        Section("extraction", 4, Inlet("feed", 1.0, 20.0, thin)),
        Section("scrub", 2, Inlet("scrub", 0.2, 50.0, {})),
        Section("strip", 3, Inlet("acid", 0.2, 2000.0, {})),
    )
    name = "D2EHPA-TBP-H2SO4-KEIM19"
    return Circuit("lines", name, TRIO, organic(1.0, 150.0, 0.0, closed), sections)


def of_factors() -> Circuit:
    """Naphthenic acid: extraction and scrub alone."""
    sections = (
        Section("extraction", 12, Inlet("feed", 1.0, 1.0, FED)),
        Section("scrub", 8, Inlet("scrub", 0.2, 500.0, {})),
    )
    name = "Naphthenic-HCl-Z16"
    return Circuit("factors", name, TRIO, organic(1.5, 1000.0, 0.2, closed=False), sections)


@pytest.mark.parametrize("closed", [True, False])
def test_solvation_follows_its_numbers_as_listed(closed: bool) -> None:
    """log10 D = a + 3 log10 [NO3-]/3 + 3 log10 [TBP], nitrate taken along, acid left alone."""
    circuit = of_neutral_solvent(closed)
    found = solve_circuit(circuit).profiles
    assert found.acid == closely(np.full(14, 50.0), rel=1e-12)
    salt = 3000.0 * np.array([1.0] * 10 + [0.0] * 4)
    nitrate = salt + 50.0 + 3 * found.aqueous.sum(axis=1)
    solvent = 2000.0 - 3 * found.organic.sum(axis=1)
    assert found.anion == closely(nitrate, rel=1e-10)
    assert found.free_extractant == closely(solvent, rel=1e-10)
    for index, name in enumerate(TRIO):
        row = parameter_set(circuit.equilibrium).constants[name].numbers
        ratio = 10 ** row["log10_d_ref"] * (nitrate / 3000.0 * solvent / 1000.0) ** 3
        assert found.organic[:, index] == closely(ratio * found.aqueous[:, index], rel=1e-9)


@pytest.mark.parametrize("closed", [True, False])
def test_lines_follow_their_numbers_as_listed(closed: bool) -> None:
    """log10 D = (m0 + m1 v) pH + b0 + b1 log10 v, and acid from what total acid and sulfate are."""
    circuit = of_lines(closed)
    found = solve_circuit(circuit).profiles
    free = 150.0 - 3 * found.organic.sum(axis=1)
    assert found.free_extractant == closely(free, rel=1e-10)
    given = parameter_set(circuit.equilibrium)
    mass = given.general_value("extractant_molar_mass", "g/mol")
    dosage = 100.0 * free / 1000.0 * mass / given.general_value("extractant_density", "g/L")
    for index, name in enumerate(TRIO):
        m0, m1, b0, b1 = (given.constants[name].numbers[it] for it in ("m0", "m1", "b0", "b1"))
        ratio = 10 ** ((m0 + m1 * dosage) * found.ph + b0 + b1 * np.log10(dosage))
        assert found.organic[:, index] == closely(ratio * found.aqueous[:, index], rel=1e-9)
    assert np.all(found.total_acid > found.acid) and np.all(found.acid > 0)


def test_constant_factors_are_those_listed_and_the_loading_is_the_base() -> None:
    circuit = of_factors()
    found = solve_circuit(circuit).profiles
    given = parameter_set(circuit.equilibrium).constants
    ratio = found.organic / found.aqueous
    for index, name in enumerate(TRIO):
        factor = given[name].numbers["separation_factor"]
        assert ratio[:, index] / ratio[:, 0] == closely(np.full(20, factor), rel=1e-9)
    loaded = 3 * 1.5 * found.organic.sum(axis=1)
    base, acid = circuit.base, 0.2 * 500.0
    assert loaded[:11] == closely(np.full(11, base), rel=1e-9)
    assert loaded[12:19] == closely(np.full(7, base - 1.0), rel=1e-9)
    assert loaded[19] == closely(base - 1.0 - acid, rel=1e-9)
    assert np.all(np.isnan(found.acid))


@pytest.mark.parametrize(
    "circuit", [of_neutral_solvent(True), of_lines(True), of_factors()], ids=lambda it: it.name
)
def test_other_models_close_too(circuit: Circuit) -> None:
    solved = solve_circuit(circuit)
    assert max(solved.closure.values()) <= CLOSURE
    for name in circuit.elements:
        assert sum(solved.recovery(name, it) for it in solved.outlets) == pytest.approx(1.0)
    scaled = solve_circuit(scaled_flows(circuit, 7.0)).profiles
    largest = solved.profiles.organic.max(axis=0)
    assert np.max(np.abs(scaled.organic - solved.profiles.organic) / largest) <= SAME


def test_all_corrections_together_are_what_their_formulas_say() -> None:
    """Complexing, SIT and Alstad, written out again on the scale of mol/L."""
    terms = ("complexing", "ionic_strength", "loading")
    circuit = replace(samarium_gadolinium(), terms=terms)
    found, given = solve_circuit(circuit).profiles, parameter_set(circuit.equilibrium)
    dimer, acid, anion = (values / 1000 for values in (found.free_dimer, found.acid, found.anion))
    salt = np.zeros(16)
    salt[0] = circuit.base / 1.1 / 1000  # sodium leaves with the raffinate
    dissolved = np.array([20.0 + 600.0 + 150.0 - circuit.base] + [770.0] * 5) / 1.1 / 1000
    total = np.concatenate([dissolved, [1.5] * 5, [4.0] * 5])
    strength = (anion + salt + acid + 3 * (total - acid)) / 2
    debye = 0.509 * np.sqrt(strength) / (1 + 1.5 * np.sqrt(strength))
    proton = given.general_value("epsilon_proton_chloride", "kg/mol")
    alstad = given.general_value("alstad", "(L/mol)^0.5")
    shift = given.general_value("alstad_shift", "log10 (mol/L basis)")
    for index, name in enumerate(circuit.elements):
        beta = 10 ** given.terms["complexing"][name].numbers["log10_beta1"]
        metal = given.terms["ionic_strength"][name].numbers["epsilon_chloride"]
        gamma = -9 * debye + metal * anion - 3 * (-debye + proton * anion)
        log10_d = given.constants[name].numbers["log10_kex"] + shift
        log10_d = log10_d + 3 * np.log10(dimer / acid) - 3 * alstad * np.sqrt(dimer)
        log10_d = log10_d + gamma - np.log10(1 + beta * anion)
        ratio = found.organic[:, index] / found.aqueous[:, index]
        assert np.log10(ratio) == pytest.approx(log10_d, abs=1e-9)


# --- what must change nothing


@drawn
@given(feasible_circuits(), st.randoms(use_true_random=False))
def test_relabelling_elements_relabels_answers(circuit: Circuit, random) -> None:  # type: ignore[no-untyped-def]
    order = list(range(len(circuit.elements)))
    random.shuffle(order)
    shuffled = replace(circuit, elements=tuple(circuit.elements[index] for index in order))
    found, expected = solve_circuit(shuffled).profiles, solve_circuit(circuit).profiles
    relabelled = replace(
        expected, aqueous=expected.aqueous[:, order], organic=expected.organic[:, order]
    )
    assert differing(found, relabelled) <= SAME


@drawn
@given(feasible_circuits(), st.floats(-4, 4))
def test_scaling_all_flows_changes_no_concentration(circuit: Circuit, decades: float) -> None:
    scaled = solve_circuit(scaled_flows(circuit, 10**decades)).profiles
    assert differing(scaled, solve_circuit(circuit).profiles) <= SAME


@drawn
@given(feasible_circuits(), st.floats(-0.5, 0.5))
def test_scaling_all_concentrations_scales_all_concentrations(
    circuit: Circuit, decades: float
) -> None:
    """Three dimers for three protons: K has no dimension, so no concentration is special."""
    factor = 10**decades
    scaled = replace(
        circuit,
        organic=replace(circuit.organic, extractant=factor * circuit.organic.extractant),
    )
    for number, section in enumerate(circuit.sections):
        scaled = with_inlet(scaled, number, acid=factor * section.inlet.acid)
    metals = circuit.sections[0].inlet.concentrations
    scaled = with_feed(scaled, {name: factor * c for name, c in metals.items()})
    found, expected = solve_circuit(scaled).profiles, solve_circuit(circuit).profiles
    assert differing(found, expected, factor) <= SAME


@pytest.mark.parametrize("closed", [True, False])
def test_padding_with_empty_stages_and_elements_changes_nothing(
    closed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    circuit = samarium_gadolinium(closed)
    expected = solve_circuit(circuit)
    for room in (network, solving):
        monkeypatch.setattr(room, "ELEMENT_SIZES", (15,))
    monkeypatch.setattr(network, "STAGE_SIZES", (64,))
    inputs, layout, _ = arrays_of(circuit)
    assert (layout.real.shape, inputs.inlet_metals.shape) == ((64,), (4, 15))
    padded = solve_circuit(circuit)
    assert differing(padded.profiles, expected.profiles) <= SAME
    assert padded.profiles.aqueous.shape == expected.profiles.aqueous.shape


def test_an_absent_element_changes_nothing() -> None:
    circuit = samarium_gadolinium()
    three = ("Nd", "Sm", "Gd")
    metals = {"Nd": 60.0, "Sm": 90.0, "Gd": 45.0}
    expected = solve_circuit(replace(with_feed(circuit, metals), elements=three)).profiles
    for written in (metals, metals | {"Eu": 0.0}):
        found = solve_circuit(with_feed(circuit, written)).profiles
        assert np.all(found.aqueous[:, 2] == 0) and np.all(found.organic[:, 2] == 0)
        present = replace(
            found, aqueous=found.aqueous[:, [0, 1, 3]], organic=found.organic[:, [0, 1, 3]]
        )
        assert differing(present, expected) <= SAME


@pytest.mark.parametrize("share", [0.5, 0.01])
def test_two_isotopes_behave_as_their_element(share: float) -> None:
    """Eu with the constant of Sm: both have the profile of Sm, in their shares of the feed."""
    circuit = samarium_gadolinium()
    samarium = parameter_set(circuit.equilibrium).constants["Sm"].numbers["log10_kex"]
    whole = solve_circuit(with_feed(circuit, {"Nd": 60.0, "Sm": 90.0, "Gd": 45.0})).profiles
    metals = {"Nd": 60.0, "Sm": 90.0 * share, "Eu": 90.0 * (1 - share), "Gd": 45.0}
    found = solve_with(with_feed(circuit, metals), {"Eu": samarium})
    for phase in ("aqueous", "organic"):
        isotopes, both = getattr(found, phase), getattr(whole, phase)
        largest = np.max(both, axis=0)
        shares = np.array([1.0, share, 1 - share, 1.0])
        expected = shares * both[:, [0, 1, 1, 3]] / largest[[0, 1, 1, 3]]
        assert np.max(np.abs(isotopes / largest[[0, 1, 1, 3]] - expected)) <= SAME


def test_the_name_of_the_base_changes_no_number() -> None:
    circuit = samarium_gadolinium()
    ammonia = replace(circuit, organic=replace(circuit.organic, base="NH3"))
    assert differing(solve_circuit(ammonia).profiles, solve_circuit(circuit).profiles) == 0.0


# --- what must change something, and how


@pytest.mark.parametrize("closed", [True, False])
def test_equal_constants_separate_nothing(closed: bool) -> None:
    """Separation factor 1: every liquor and organic has the composition of the feed."""
    circuit = samarium_gadolinium(closed)
    found = solve_with(circuit, dict.fromkeys(circuit.elements, -1.0))
    feed = np.array([circuit.sections[0].inlet.concentrations[name] for name in circuit.elements])
    for phase in (found.aqueous, found.organic):
        shares = phase / phase.sum(axis=1, keepdims=True)
        assert shares == closely(np.tile(feed / feed.sum(), (16, 1)), rel=1e-10)
    assert found.organic[0].sum() > 50.0  # the organic did load


@pytest.mark.parametrize("trace", ["La", "Ho"])
def test_a_trace_closes_on_its_own_scale(trace: str) -> None:
    """1e-9 of the feed, one lighter and one heavier than all others."""
    circuit = terbium_dysprosium()
    feed = dict(circuit.sections[0].inlet.concentrations)
    content = 1e-9 * sum(feed.values())
    solved = solve_circuit(with_feed(circuit, feed | {trace: content}))
    assert solved.closure[trace] <= 1e-10
    lost = sum(solved.streams[outlet].moles(trace) for outlet in solved.outlets)
    assert lost == closely(circuit.sections[0].inlet.flow * content, rel=1e-10)
    winner = "raffinate" if trace == "La" else "strip liquor"
    assert solved.recovery(trace, winner) > 0.999


def test_stronger_feed_loads_more_and_recovers_less() -> None:
    """1 to 100 g/L of the metals: the same extractant takes more metal, but a smaller share of it."""
    circuit = samarium_gadolinium(closed=False)
    circuit = replace(circuit, organic=organic(1.5, 1000.0, 0.0, closed=False))
    metals = circuit.sections[0].inlet.concentrations
    mass = sum(c * element(name).atomic_weight for name, c in metals.items())  # g/L = kg/m3
    loading, recovered = [], []
    for strength in (1.0, 10.0, 100.0):
        fed = {name: strength / mass * c for name, c in metals.items()}
        solved = solve_circuit(with_feed(circuit, fed))
        capacity = circuit.organic.extractant / 6
        loading.append(float(solved.profiles.organic[5].sum()) / capacity)
        recovered.append(1 - solved.recovery("Gd", "raffinate"))
    assert loading == sorted(loading) and loading[0] < 0.2 and 0.6 < loading[-1] < 1
    assert recovered == sorted(recovered, reverse=True)
    assert recovered[0] > 0.9999 and recovered[-1] < 0.6


def test_strong_stripping_makes_the_loop_an_open_circuit() -> None:
    """The better the strip, the nearer the returning organic comes to a fresh one."""
    gaps = []
    for acid in (1500.0, 2500.0, 6000.0):
        loop, once = (
            solve_circuit(with_inlet(samarium_gadolinium(closed), 2, acid=acid)).profiles
            for closed in (True, False)
        )
        gaps.append(differing(loop, once))
        returned = loop.organic[-1].sum() / loop.organic[5].sum()
        assert gaps[-1] <= max(20 * returned, SAME)
    assert gaps[0] > 1e-3 > gaps[1] > gaps[2] and gaps[2] < 1e-8


# --- the check itself


CORRUPTION = 1e-8
"""Relative error put into one cell."""


def corrupted(profiles: Profiles, name: str, cell: tuple[int, ...]) -> Profiles:
    """The profiles with one cell of one array off by ``CORRUPTION``."""
    array = getattr(profiles, name).copy()
    array[cell] *= 1 + CORRUPTION
    return replace(profiles, **{name: array})


@pytest.mark.parametrize("seed", range(20))
def test_the_closure_check_finds_one_corrupted_cell(seed: int) -> None:
    """Any cell that carries over 2 % of its element's scale: less is below the check's resolution."""
    circuit = samarium_gadolinium(closed=seed % 2 == 0)
    profiles = solve_circuit(circuit).profiles
    assert max(require_closed(circuit, {circuit.name: profiles}).values()) < CLOSURE / 3
    draw = np.random.default_rng(seed)
    name = ("aqueous", "organic", "aqueous_volume")[seed % 3]
    flows = profiles.aqueous_volume[:, None] * profiles.aqueous
    if name == "organic":
        flows = circuit.organic.flow * profiles.organic
    feed = circuit.sections[0].inlet
    scale = np.array([feed.flow * feed.concentrations[n] for n in circuit.elements])
    stage, index = draw.choice(np.argwhere(flows > 0.02 * scale))
    cell = (int(stage),) if name == "aqueous_volume" else (int(stage), int(index))
    broken = corrupted(profiles, name, cell)
    symbol = circuit.elements[index]
    found = closure(circuit, {circuit.name: broken})[symbol]
    assert found == closely(CORRUPTION * flows[stage, index] / scale[index], rel=0.05)
    with pytest.raises(BalanceError, match=r"balance of \w+\n  read +imbalance \d"):
        require_closed(circuit, {circuit.name: broken})


@pytest.mark.parametrize("stage", [0, 4, 5, 10, 11, 15])
def test_the_charge_check_finds_a_corrupted_acid(stage: int) -> None:
    circuit = samarium_gadolinium()
    profiles = solve_circuit(circuit).profiles
    broken = corrupted(profiles, "acid", (stage,))
    assert (
        charge_closure(circuit, {circuit.name: broken})
        > CLOSURE
        > 10 * charge_closure(circuit, {circuit.name: profiles})
    )
    with pytest.raises(BalanceError, match="charge"):
        require_closed(circuit, {circuit.name: broken})
