"""What holds for circuits of every distribution model: its own balances, its documented equations solved
anew,
and what it says where its numbers end.

The second solution of a stage is SciPy's, from the equations as the documentation states them and the numbers
as the sets list them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import root

from circuits import P507, closely, organic, samarium_gadolinium, scrub
from shapes import padded_to
from ytterby.case import read_text
from ytterby.circuit import Circuit, Inlet, Organic, Section
from ytterby.circuit.solve import solve_circuit
from ytterby.circuit.solved import Array, Profiles, SolvedCircuit
from ytterby.datasets import parameter_set
from ytterby.elements import element
from ytterby.equilibrium import Conditions, MassAction, chemistry
from ytterby.errors import CaseError, DataError

STAGE = 1e-9
"""Relative agreement with the second solution of a stage."""
SAME = 1e-10
GAS_CONSTANT = 8.314462618
"""[J/mol/K]"""


@pytest.fixture(autouse=True)
def one_shape(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    padded_to(monkeypatch, stages=8, elements=4, takes=(0,))
    yield


# --- one stage of mass action, solved again


@dataclass(frozen=True)
class Contact:
    """One stage: feed and fresh organic, all concentrations in mol/m3."""

    equilibrium: str
    metals: Mapping[str, float]
    acid: float
    salt: float = 0.0
    oa_ratio: float = 1.5
    extractant: float = 1000.0
    saponification: float = 0.1
    terms: tuple[str, ...] = ()
    temperature: float = 298.15

    def circuit(self) -> Circuit:
        feed = Inlet("feed", 1.0, self.acid, self.metals, salt=self.salt)
        return Circuit(
            name="contact",
            equilibrium=self.equilibrium,
            elements=tuple(self.metals),
            organic=organic(self.oa_ratio, self.extractant, self.saponification, closed=False),
            sections=(Section("extraction", 1, feed),),
            terms=self.terms,
            temperature=self.temperature,
        )

    def number(self, name: str) -> Array:
        rows = parameter_set(self.equilibrium).constants
        return np.array([rows[metal].numbers[name] for metal in self.metals])

    def term(self, term: str, name: str) -> Array:
        rows = parameter_set(self.equilibrium).terms[term]
        return np.array([rows[metal].numbers[name] for metal in self.metals])

    def general(self, name: str) -> float:
        return parameter_set(self.equilibrium).general[name].value

    def log10_d(self, dimer: float, acid: float, anion: float, dissolved: float) -> Array:
        """As documented, all in mol/L; ``dissolved`` is the charge of the metals left in the aqueous."""
        log10_k, log10_dimer = self.number("log10_kex"), np.log10(dimer)
        order = self.number("order_acid")
        if "loading" in self.terms:
            log10_k = log10_k + self.general("alstad_shift")
            log10_dimer = log10_dimer - self.general("alstad") * np.sqrt(dimer)
        if "temperature" in self.terms:
            change = 1 / self.temperature - 1 / 298.15
            heat = 1000 * self.term("temperature", "enthalpy")
            log10_k = log10_k - heat / GAS_CONSTANT * change / np.log(10)
        found = log10_k + self.number("order_extractant") * log10_dimer - order * np.log10(acid)
        if "complexing" in self.terms:
            found -= np.log10(1 + 10 ** self.term("complexing", "log10_beta1") * anion)
        if "ionic_strength" in self.terms:
            sodium = self.salt / 1000 + self.saponification * self.extractant * self.oa_ratio / 1000
            strength = (anion + sodium + acid + 3 * dissolved) / 2
            debye = 0.509 * np.sqrt(strength) / (1 + 1.5 * np.sqrt(strength))
            medium = parameter_set(self.equilibrium).medium
            metal = -9 * debye + self.term("ionic_strength", f"epsilon_{medium}") * anion
            proton = -debye + self.general(f"epsilon_proton_{medium}") * anion
            found += metal - order * proton
        return np.asarray(found)

    def solved(self) -> dict[str, Array]:
        """By SciPy: unknowns are the logarithms of free dimer, acid and free anion [mol/m3]."""
        fed = np.array(list(self.metals.values()))
        charge = 3.0
        base = self.saponification * self.extractant * self.oa_ratio
        anions = self.acid + self.salt + charge * fed.sum()
        complexes = "complexing" in self.terms
        beta = 10 ** self.term("complexing", "log10_beta1") / 1000 if complexes else 0 * fed

        def phases(logs: Array) -> tuple[Array, Array, Array]:
            dimer, acid, anion = np.exp(logs)
            dissolved = anions - self.salt - base - acid
            ratio = 10 ** self.log10_d(dimer / 1e3, acid / 1e3, anion / 1e3, dissolved / 1e3)
            aqueous = fed / (1 + self.oa_ratio * ratio)
            return np.exp(logs), aqueous, ratio * aqueous

        def off(logs: Array) -> Array:
            (dimer, acid, anion), aqueous, loaded = phases(logs)
            held = anion + (beta * anion / (1 + beta * anion)) @ aqueous
            balance = (
                dimer + self.number("dimers_per_metal") @ loaded - self.extractant / 2,
                acid + charge * aqueous.sum() + self.salt + base - anions,
                held - anions,
            )
            return np.asarray(np.array(balance) / [self.extractant / 2, anions, anions])

        for share in (0.9, 0.5, 0.2):
            free = share * (anions - self.salt - base)
            with np.errstate(all="ignore"):  # of a guess that leads astray
                found = root(off, np.log([0.3 * self.extractant, free, share * anions]), tol=1e-15)
            if np.max(np.abs(off(found.x))) < 1e-13:
                levels, aqueous, loaded = phases(found.x)
                return {"aqueous": aqueous, "organic": loaded, "levels": levels}
        pytest.fail(f"SciPy did not solve the stage: {found.message}")


ALL_TERMS = ("complexing", "ionic_strength", "loading")
CONTACTS = {
    "all terms": Contact(P507, {"La": 60.0, "Nd": 120.0, "Dy": 40.0}, 50.0, 30.0, terms=ALL_TERMS),
    "all terms, strong": Contact(
        P507, {"La": 300.0, "Nd": 500.0, "Dy": 200.0}, 200.0, 500.0, terms=ALL_TERMS
    ),
    "all terms, dilute": Contact(
        P507,
        {"La": 1.0, "Nd": 1e-6, "Dy": 2.0},
        100.0,
        saponification=0.01,
        terms=ALL_TERMS,
    ),
    "all terms, loaded": Contact(
        P507, {"La": 100.0, "Nd": 300.0, "Dy": 400.0}, 50.0, saponification=0.4, terms=ALL_TERMS
    ),
    "orders that differ": Contact("D2EHPA-HCl-v0", {"La": 60.0, "Nd": 120.0, "Dy": 40.0}, 300.0),
    "orders that differ, warm": Contact(
        "D2EHPA-HCl-v0",
        {"La": 60.0, "Pr": 120.0, "Gd": 40.0},
        300.0,
        terms=("temperature",),
        temperature=318.15,
    ),
}


@pytest.mark.parametrize("name", CONTACTS)
def test_one_stage_is_what_the_documented_equations_say(name: str) -> None:
    contact = CONTACTS[name]
    found, expected = solve_circuit(contact.circuit()).profiles, contact.solved()
    assert found.aqueous[0] == closely(expected["aqueous"], rel=STAGE)
    assert found.organic[0] == closely(expected["organic"], rel=STAGE)
    levels = [found.free_dimer[0], found.acid[0], found.anion[0]]
    assert levels == closely(expected["levels"], rel=STAGE)


@pytest.mark.parametrize("term", ALL_TERMS)
def test_every_term_moves_the_stage(term: str) -> None:
    """So that their agreement says something: left out, each changes D of Nd by more than 5 %."""
    contact = CONTACTS["all terms"]
    without = replace(contact, terms=tuple(it for it in ALL_TERMS if it != term))
    ratios = [it.solved()["organic"][1] / it.solved()["aqueous"][1] for it in (contact, without)]
    assert abs(ratios[0] / ratios[1] - 1) > 0.05


def test_warmth_moves_the_constants_by_van_t_hoff() -> None:
    """La on D2EHPA from 25 to 45 degC, -17.82 kJ/mol: ln K falls by 17820/8.314463 x 2.1085e-4 = 0.45189."""
    parameters = parameter_set("D2EHPA-HCl-v0")
    cold, warm = (
        chemistry(parameters, ("La",), conditions=Conditions(temperature, ("temperature",)))
        for temperature in (298.15, 318.15)
    )
    assert isinstance(cold, MassAction) and isinstance(warm, MassAction)
    assert float(warm.ln_k[0] - cold.ln_k[0]) == pytest.approx(-0.45189, abs=5e-6)
    assert float(cold.ln_k[0]) == closely(np.log(10) * -1.2688, rel=1e-12)


# --- solvation


def tbp() -> Circuit:
    """Four rare earths from ammonium nitrate into TBP, scrubbed."""
    metals = {"La": 100.0, "Ce": 200.0, "Pr": 50.0, "Nd": 150.0}
    feed = Inlet("feed", 1.0, 100.0, metals, salt=3000.0)
    return Circuit(
        name="tbp",
        equilibrium="TBP-HNO3-K05",
        elements=tuple(metals),
        organic=Organic(2.0, 1800.0, 0.0, "NH3", closed=False),
        sections=(
            Section("extraction", 5, feed),
            Section("scrub", 3, Inlet("scrub", 0.3, 60.0, {}, salt=2500.0)),
        ),
        temperature=308.15,
    )


def test_solvation_leaves_acid_alone_and_takes_nitrate_along() -> None:
    circuit = tbp()
    found, flow = solve_circuit(circuit).profiles, circuit.organic.flow
    mixed = (1.0 * 100.0 + 0.3 * 60.0) / 1.3
    assert found.acid == closely(np.array([mixed] * 5 + [60.0] * 3), rel=1e-12)
    salt = np.array([(3000.0 + 0.3 * 2500.0) / 1.3] * 5 + [2500.0] * 3)
    nitrate = found.acid + salt + 3 * found.aqueous.sum(axis=1)
    assert found.anion == closely(nitrate, rel=SAME)
    brought = 1.0 * (100.0 + 3000.0 + 3 * 500.0) + 0.3 * (60.0 + 2500.0)
    left = found.aqueous_volume[0] * nitrate[0] + 3 * flow * found.organic[-1].sum()
    assert left == closely(brought, rel=SAME)


def test_every_stage_of_solvation_follows_its_formula() -> None:
    """log10 D = a + 3 log10([NO3]/3) + 3 log10([TBP]/1) + 2300 (1/T - 1/298.15), mol/L; 3 TBP per metal."""
    circuit = tbp()
    found = solve_circuit(circuit).profiles
    solvent = 1.8 - 3 * found.organic.sum(axis=1) / 1000
    assert found.free_extractant / 1000 == closely(solvent, rel=SAME)
    rows = parameter_set("TBP-HNO3-K05").constants
    for index, name in enumerate(circuit.elements):
        level = rows[name].numbers["log10_d_ref"] + 2300 * (1 / 308.15 - 1 / 298.15)
        expected = 10**level * (found.anion / 3000) ** 3 * solvent**3
        assert found.organic[:, index] == closely(expected * found.aqueous[:, index], rel=1e-10)


# --- lines of log D in sulfate


def leachate(acid: float = 20.0) -> Circuit:
    """Four metals on 5 % D2EHPA from a sulfate liquor, calcium among them."""
    metals = {"Ca": 40.0, "Y": 3.0, "Nd": 5.0, "Dy": 1.0}
    feed = Inlet("feed", 1.0, acid, metals, salt=10.0, sulfate=120.0)
    return Circuit(
        name="leachate",
        equilibrium="D2EHPA-TBP-H2SO4-KEIM19",
        elements=tuple(metals),
        organic=Organic(0.8, 150.0, 0.02, "NaOH", closed=False),
        sections=(
            Section("extraction", 5, feed),
            Section("scrub", 2, Inlet("scrub", 0.2, 50.0, {}, sulfate=60.0)),
        ),
    )


def test_sulfate_liquors_balance_protons_sulfate_and_its_dissociation() -> None:
    """H+ and HSO4- rise by the charge that leaves for the organic, less the base; HSO4- is in equilibrium."""
    circuit = leachate()
    found = solve_circuit(circuit).profiles
    constant = 10.0 ** parameter_set(circuit.equilibrium).general["log10_ka2"].value * 1000
    sulfate = np.array([(120.0 + 0.2 * 60.0) / 1.2] * 5 + [60.0] * 2)
    bound = found.total_acid - found.acid
    assert found.acid * (sulfate - bound) == closely(constant * bound, rel=SAME)
    charges = np.array([element(name).charge for name in circuit.elements], dtype=float)
    assert charges.tolist() == [2.0, 3.0, 3.0, 3.0]
    brought = sum(
        inlet.flow * inlet.acid * (1 + inlet.sulfate / (constant + inlet.acid))
        for inlet, _, _ in circuit.inlets()
        if inlet.sulfate is not None
    )
    freed = 0.8 * float(charges @ found.organic[-1]) - 0.02 * 150.0 * 0.8
    assert 1.2 * found.total_acid[0] == closely(brought + freed, rel=SAME)


def test_every_stage_of_the_lines_follows_them() -> None:
    """log10 D = (m0 + m1 v) pH + b0 + b1 log10 v, v the free D2EHPA in percent of the organic."""
    circuit = leachate()
    found = solve_circuit(circuit).profiles
    parameters = parameter_set(circuit.equilibrium)
    rows = parameters.constants
    bound = np.array([rows[name].numbers["extractant_per_metal"] for name in circuit.elements])
    free = 150.0 - found.organic @ bound
    mass, density = (
        parameters.general[f"extractant_{name}"].value for name in ("molar_mass", "density")
    )
    dosage = 100 * free / 1000 * mass / density
    for index, name in enumerate(circuit.elements):
        line = rows[name].numbers
        level = (line["m0"] + line["m1"] * dosage) * found.ph
        level = level + line["b0"] + line["b1"] * np.log10(dosage)
        expected = 10**level * found.aqueous[:, index]
        assert found.organic[:, index] == closely(expected, rel=SAME)


def test_sulfate_that_is_not_stated_neutralises_the_liquor() -> None:
    """Charge of H+, HSO4-, SO4-- and cations adds up to none."""
    circuit = leachate()
    (feed, washing) = (section.inlet for section in circuit.sections)
    assert feed is not None and washing is not None
    sections = (
        replace(circuit.sections[0], inlet=replace(feed, sulfate=None)),
        replace(circuit.sections[1], inlet=replace(washing, sulfate=None)),
    )
    found = solve_circuit(replace(circuit, sections=sections)).profiles
    constant = 10.0 ** parameter_set(circuit.equilibrium).general["log10_ka2"].value * 1000
    bound = found.total_acid - found.acid
    free_sulfate = constant * bound / found.acid
    charges = np.array([2.0, 3.0, 3.0, 3.0])
    salt = np.array([(10.0 + 0.02 * 150.0 * 0.8) / 1.2, *[10.0 / 1.2] * 4, 0.0, 0.0])
    cations = found.acid + found.aqueous @ charges + salt
    assert bound + 2 * free_sulfate == closely(cations, rel=1e-9)


# --- where the numbers end


def reported(solved: SolvedCircuit) -> dict[str, tuple[str, ...]]:
    """Sections in which each quantity is outside its range."""
    found: dict[str, tuple[str, ...]] = {}
    for it in solved.out_of_range:
        found[it.quantity] = (*found.get(it.quantity, ()), it.section)
        assert it.reached[0] < it.valid[0] or it.reached[1] > it.valid[1]
    return found


def test_inside_its_range_nothing_is_marked() -> None:
    """P507 at 0.3 to 0.8 mol/L dimer, 0.01 to 2 mol/L acid, 0.01 to 0.4 mol/L metal, 25 degC."""
    contact = Contact(P507, {"La": 60.0, "Nd": 60.0}, 60.0, saponification=0.02)
    assert reported(solve_circuit(contact.circuit())) == {}


@pytest.mark.parametrize(
    ("change", "quantity"),
    [
        ({"acid": 2500.0}, "acid"),
        ({"metals": {"La": 300.0, "Nd": 300.0}}, "aqueous_metal"),
        ({"extractant": 400.0}, "free_dimer"),
        ({"temperature": 308.15}, "temperature"),
    ],
)
def test_leaving_the_range_is_marked(change: dict[str, object], quantity: str) -> None:
    contact = Contact(P507, {"La": 60.0, "Nd": 60.0}, 60.0, saponification=0.02)
    outside = replace(contact, **change)  # type: ignore[arg-type]
    assert reported(solve_circuit(outside.circuit())) == {quantity: ("extraction",)}


def test_leaving_the_range_of_nitrate_is_marked() -> None:
    """TBP from 1 to 6 mol/L nitrate and to 0.5 mol/L acid: a scrub of weak, sour liquor is outside both."""
    circuit = tbp()
    assert reported(solve_circuit(circuit)) == {}
    scrubbed = replace(circuit.sections[1], inlet=Inlet("scrub", 3.0, 600.0, {}, salt=10.0))
    marked = reported(solve_circuit(replace(circuit, sections=(circuit.sections[0], scrubbed))))
    assert marked == {"anion": ("scrub",), "acid": ("scrub",)}


# --- one medium


def test_chloride_and_nitrate_are_sets_of_their_own() -> None:
    """The same circuit in both: other constants, other acid, other sources; no number of one in the other."""
    chloride = samarium_gadolinium(closed=False)
    chloride = replace(
        chloride, sections=(replace(chloride.sections[0], stages=4), scrub(3, 0.1, 1500.0))
    )
    nitrate = replace(chloride, equilibrium="P507-HNO3-T21")
    one, two = solve_circuit(chloride), solve_circuit(nitrate)
    assert (one.consumption.acid_reagent, two.consumption.acid_reagent) == ("HCl", "HNO3")
    assert "LI80" in one.sources and "LI80" not in two.sources
    ratios = [found.profiles.organic / found.profiles.aqueous for found in (one, two)]
    for index, name in enumerate(chloride.elements):
        for found, ratio, circuit in zip((one, two), ratios, (chloride, nitrate), strict=True):
            row = parameter_set(circuit.equilibrium).constants[name].numbers
            assert ratio[:, index] == closely(driven(found.profiles, row), rel=1e-9)


def driven(profiles: Profiles, row: Mapping[str, float]) -> Array:
    """D by the constants of one set, axis ``stage``."""
    ratio: Array = 10 ** row["log10_kex"] * (profiles.free_dimer / profiles.acid) ** 3
    return ratio


def test_a_set_has_no_coefficients_of_another_medium() -> None:
    nitrate = parameter_set("P507-HNO3-T21")
    with pytest.raises(DataError, match="ionic_strength"):
        chemistry(nitrate, ("Nd",), conditions=Conditions(terms=("ionic_strength",)))
    with pytest.raises(DataError, match="epsilon_nitrate"):
        parameter_set(P507).column("epsilon_nitrate", "kg/mol", ("Nd",), "ionic_strength")


EXAMPLE = (Path(__file__).parents[2] / "examples" / "tb-dy.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("lines", "read"),
    [
        ('medium = "nitrate"\nequilibrium = "P507-HCl-v0"', "P507 in chloride"),
        ('medium = "chloride"\nequilibrium = "P507-HNO3-T21"', "P507 in nitrate"),
    ],
)
def test_a_case_cannot_name_a_set_of_another_medium(lines: str, read: str) -> None:
    assert EXAMPLE.count('medium = "chloride"') == 1
    text = EXAMPLE.replace('medium = "chloride"', lines)
    with pytest.raises(CaseError, match=read):
        read_text(text, "case.toml")
