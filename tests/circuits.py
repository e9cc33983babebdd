"""Circuits that tests share. Builders and the generator are arithmetic alone; ``solve_with`` solves.

Concentrations in mol/m3, flows in m3/h, as inside the package.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

from ytterby.arrays import jnp
from ytterby.circuit import Circuit, Inlet, Organic, Section
from ytterby.circuit.circuit import Draw, Place, Reflux, SideFeed
from ytterby.circuit.network import Inputs, Layout
from ytterby.circuit.outcome import profiles_of
from ytterby.circuit.solve import arrays_of, find_steady
from ytterby.circuit.solved import Profiles
from ytterby.circuit.steady import TOLERANCE
from ytterby.elements import RARE_EARTHS
from ytterby.equilibrium import Distribution, MassAction

P507 = "P507-HCl-v0"


def closely(expected: Any, rel: float) -> Any:
    """``pytest.approx`` by relative difference alone: its own default passes whatever is below 1e-12."""
    return pytest.approx(expected, rel=rel, abs=0.0)


def extraction(stages: int, flow: float, acid: float, metals: Mapping[str, float]) -> Section:
    """An extraction section and its feed."""
    return Section("extraction", stages, Inlet("feed", flow, acid, metals))


def scrub(stages: int, flow: float, acid: float) -> Section:
    """A scrub section and its acid."""
    return Section("scrub", stages, Inlet("scrub acid", flow, acid, {}))


def strip(stages: int, flow: float, acid: float) -> Section:
    """A strip section and its acid."""
    return Section("strip", stages, Inlet("strip acid", flow, acid, {}))


def organic(flow: float, extractant: float, saponification: float, closed: bool) -> Organic:
    """An organic saponified with sodium."""
    return Organic(flow, extractant, saponification, "NaOH", closed)


def terbium_dysprosium() -> Circuit:
    """60 stages, 15 rare earths, loop closed: Tb to the raffinate, Dy to the strip liquor."""
    metals = {
        **{"La": 0.005, "Ce": 0.005, "Pr": 0.015, "Nd": 0.05, "Sm": 0.01, "Eu": 0.01},
        **{"Gd": 0.5, "Tb": 62.6, "Dy": 436.2, "Ho": 0.5, "Y": 0.05},
        **{"Er": 0.025, "Tm": 0.0005, "Yb": 0.0005, "Lu": 0.0005},
    }
    return Circuit(
        name="terbium-dysprosium",
        equilibrium=P507,
        elements=RARE_EARTHS,
        organic=organic(3.80, 1500.0, 0.36, closed=True),
        sections=(
            extraction(26, 0.854, 10.0, metals),
            scrub(24, 0.301, 4000.0),
            strip(10, 0.46, 5000.0),
        ),
        cut=("Tb", "Dy"),
    )


def samarium_gadolinium(closed: bool = True) -> Circuit:
    """16 stages, four elements: a small circuit with every kind of section and a fast strip."""
    return Circuit(
        name="samarium-gadolinium",
        equilibrium=P507,
        elements=("Nd", "Sm", "Eu", "Gd"),
        organic=organic(1.5, 1000.0, 0.3, closed),
        sections=(
            extraction(6, 1.0, 20.0, {"Nd": 60.0, "Sm": 90.0, "Eu": 5.0, "Gd": 45.0}),
            scrub(5, 0.1, 1500.0),
            strip(5, 0.2, 4000.0),
        ),
        cut=("Sm", "Gd"),
    )


def leaky_neodymium(terms: tuple[str, ...] = ()) -> Circuit:
    """Nine stages with all that may happen: bypass, entrainment, a bleed, a reflux, and of each phase a draw
    and
    a feed beside the main ones. Nd and Sm to the raffinate, Gd to the strip liquor."""
    losses: dict[str, Any] = {"efficiency": 0.85, "aqueous_carried": 0.02, "organic_carried": 0.03}
    return Circuit(
        name="leaky",
        equilibrium=P507,
        elements=("Nd", "Sm", "Gd"),
        organic=replace(organic(1.5, 1000.0, 0.2, closed=True), bleed=0.05),
        sections=(
            replace(extraction(4, 1.0, 20.0, {"Nd": 60.0, "Sm": 90.0, "Gd": 45.0}), **losses),
            replace(scrub(2, 0.1, 1500.0), **losses),
            strip(3, 0.3, 4000.0),
        ),
        side_feeds=(
            SideFeed(Inlet("second feed", 0.2, 30.0, {"Sm": 80.0}), Place("extraction", 2)),
            SideFeed(Inlet("old organic", 0.1, 0.0, {"Gd": 30.0}), Place("scrub", 1), "organic"),
        ),
        draws=(
            Draw("middle", Place("extraction", 3), "aqueous", 0.1),
            Draw("loaded", Place("scrub", 2), "organic", 0.05),
        ),
        refluxes=(Reflux("strip liquor", Place("scrub", 2), 0.05),),
        terms=terms,
    )


def with_feed(circuit: Circuit, metals: Mapping[str, float]) -> Circuit:
    """The circuit with other metals in its feed."""
    first, *others = circuit.sections
    fed = replace(first, inlet=replace(first.inlet, concentrations=metals))
    return replace(circuit, sections=(fed, *others))


def with_inlet(circuit: Circuit, section: int, **changes: float) -> Circuit:
    """The circuit with the flow or acid of one liquor changed."""
    sections = list(circuit.sections)
    changed = replace(sections[section].inlet, **changes)  # type: ignore[arg-type]
    sections[section] = replace(sections[section], inlet=changed)
    return replace(circuit, sections=tuple(sections))


def scaled_flows(circuit: Circuit, factor: float) -> Circuit:
    """The circuit with every flow multiplied."""
    for section in range(len(circuit.sections)):
        flow = factor * circuit.sections[section].inlet.flow
        circuit = with_inlet(circuit, section, flow=flow)
    return replace(circuit, organic=replace(circuit.organic, flow=factor * circuit.organic.flow))


def profiles_with(
    circuit: Circuit, inputs: Inputs, layout: Layout, model: Distribution
) -> Profiles:
    """Profiles of arrays that ``arrays_of(circuit)`` gave, changed or not; fails if not solved."""
    found = find_steady(inputs, layout, model)
    assert float(found.steady.error) <= TOLERANCE, f"imbalance {float(found.steady.error):.1e}"
    return profiles_of(found, circuit)


def ideal_profiles(
    aqueous: Any,
    organic: Any,
    acid: Any,
    free_dimer: Any,
    aqueous_volume: Any,
    organic_volume: float,
) -> Profiles:
    """Profiles written by hand for stages that carry nothing over; their phases leave as they are.

    Metals and acid in mol/m3, volumes in m3/h; the organic is the same in every stage.
    """
    x, y, acid = (np.asarray(values, dtype=float) for values in (aqueous, organic, acid))
    volumes = np.asarray(aqueous_volume, dtype=float)
    organics = np.full(acid.shape, float(organic_volume))
    return Profiles(
        aqueous=x,
        organic=y,
        acid=acid,
        total_acid=acid,
        free_extractant=2.0 * np.asarray(free_dimer, dtype=float),
        anion=acid + 3.0 * x.sum(axis=1),
        aqueous_volume=volumes,
        organic_volume=organics,
        organic_out=organics,
        onward=organics[:, None] * y,
        fallen=volumes[:, None] * x,
    )


def solve_with(circuit: Circuit, log10_k: Mapping[str, float]) -> Profiles:
    """Profiles of the circuit with other log10 K (mol/L scale) for the elements named."""
    inputs, layout, model = arrays_of(circuit)
    assert isinstance(model, MassAction)
    ln_k = np.array(model.ln_k)
    for name, value in log10_k.items():
        ln_k[circuit.elements.index(name)] = value * np.log(10.0)
    return profiles_with(circuit, inputs, layout, replace(model, ln_k=jnp.asarray(ln_k)))


STRIPPABLE = tuple(name for name in RARE_EARTHS if name not in ("Er", "Tm", "Yb", "Lu"))
"""What 4 to 6 mol/L acid takes off P507 in a few stages."""


@st.composite
def feasible_circuits(draw: st.DrawFn, closed: bool | None = None) -> Circuit:
    """Circuits of 9 to 16 stages and 3 or 4 elements that must have a steady state.

    The base is a share of the acid and metal charge that reaches stage 1, so the raffinate stays positive;
    saponification below 0.4 keeps loading below 0.8; strip acid exceeds the base, hence the metal carried.
    """

    def between(low: float, high: float) -> float:
        return draw(st.floats(low, high))

    names = draw(st.lists(st.sampled_from(STRIPPABLE), min_size=3, max_size=4, unique=True))
    elements = tuple(sorted(names, key=RARE_EARTHS.index))
    shares = np.array([between(0.01, 1.0) for _ in elements])
    total, acid = 10 ** between(1.0, 3.0), 10 ** between(0.0, 2.5)
    base = between(0.1, 0.85) * (3 * total + acid)
    extractant, saponification = between(500.0, 1800.0), between(0.1, 0.4)
    scrub_acid, strip_acid = 10 ** between(2.5, 3.6), between(4000.0, 6000.0)
    return Circuit(
        name="drawn",
        equilibrium=P507,
        elements=elements,
        organic=organic(
            flow=base / (saponification * extractant),
            extractant=extractant,
            saponification=saponification,
            closed=draw(st.booleans()) if closed is None else closed,
        ),
        sections=(
            extraction(
                draw(st.integers(4, 6)),
                1.0,
                acid,
                dict(zip(elements, (total * shares / shares.sum()).tolist(), strict=True)),
            ),
            scrub(draw(st.integers(2, 5)), between(0.05, 0.9) * base / scrub_acid, scrub_acid),
            strip(draw(st.integers(3, 5)), between(1.5, 3.0) * base / strip_acid, strip_acid),
        ),
    )


@st.composite
def leaking_circuits(draw: st.DrawFn) -> Circuit:
    """Feasible circuits whose stages let organic pass by and phases go astray, section by section."""
    circuit = draw(feasible_circuits())
    sections = [
        replace(
            section,
            efficiency=draw(st.floats(0.7, 1.0)),
            aqueous_carried=draw(st.floats(0.0, 0.03)),
            organic_carried=draw(st.floats(0.0, 0.05)),
        )
        for section in circuit.sections
    ]
    return replace(circuit, sections=tuple(sections))


@st.composite
def any_circuits(draw: st.DrawFn) -> Circuit:
    """Circuits of the same size that may or may not have a steady state: every number drawn alone."""
    names = draw(st.lists(st.sampled_from(RARE_EARTHS), min_size=3, max_size=4, unique=True))
    elements = tuple(sorted(names, key=RARE_EARTHS.index))

    def decades(low: float, high: float) -> float:
        return 10 ** draw(st.floats(low, high))

    return Circuit(
        name="anything",
        equilibrium=P507,
        elements=elements,
        organic=organic(
            decades(-1.0, 1.0), decades(2.0, 3.5), draw(st.floats(0.0, 0.6)), draw(st.booleans())
        ),
        sections=(
            extraction(5, 1.0, decades(-1.0, 3.0), {name: decades(-3.0, 3.0) for name in elements}),
            scrub(4, decades(-2.0, 0.5), decades(0.0, 3.7)),
            strip(4, decades(-2.0, 0.5), decades(0.0, 3.8)),
        ),
    )
