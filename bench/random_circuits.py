"""Random circuits over the whole range of the craft, each fixed by its seed alone. Nothing is solved here.

Every axis is drawn alone, log-uniform where it spans decades. Two numbers depend on others: the strip flow, a
multiple of what could be carried to it, and a base that the acid cannot take, which is drawn again as a share
of that acid. What is impossible all the same is told by arithmetic, see ``infeasible``.
``docs/reference/robustness.md`` gives the ranges and the reasons.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from ytterby.circuit.circuit import Circuit, Inlet, Organic, Place, Reflux, Section
from ytterby.circuit.feasibility import refuse
from ytterby.circuit.network import (
    ELEMENT_SIZES,
    Inputs,
    Layout,
    inputs_of,
    layout_of,
    padded,
    row_of,
)
from ytterby.elements import RARE_EARTHS, SYMBOLS, element
from ytterby.equilibrium import MassAction
from ytterby.equilibrium.contract import padded_array

MEDIUM = "chloride"
EQUILIBRIUM = "P507-HCl-v0"
"""A set to name in the circuit; its constants are replaced by those drawn."""
DILUENT = "kerosene with modifier"
"""So that saponification above 50 % is not refused for fear of a gel."""
POOL = tuple(
    name
    for name in SYMBOLS
    if name in RARE_EARTHS or name in ("Sc", "Al", "Ca", "Fe", "Zn", "Th", "U")
)
"""What components are taken from, by atomic number: charges 2, 3 and 4."""

COMPONENTS = (1, 20)
STAGES = (2, 400)
PHASE_RATIO = (0.02, 50.0)
"""Organic flow over feed flow [-]."""
FEED_METAL = (1e-3, 250.0)
"""All metals of the feed [kg/m3]."""
FEED_PH = (-0.5, 5.5)
SAPONIFICATION = (0.0, 0.6)
SEPARATION = (1.02, 60.0)
"""Between neighbours in the order of extraction [-]."""
DECADES = 12.0
"""Most decades of D between the first and the last component."""
TRACE_DECADES = (-9.0, -2.0)
"""Share of the feed of a trace component, by mass, log10."""
MAJOR_DECADES = (-2.0, 0.0)
"""Weights by which the others share the rest, log10."""
EXTRACTANT = (100.0, 2000.0)
"""Formal (monomer) [mol/m3]."""
SCRUB_FLOW = (0.01, 1.0)
"""Scrub liquor, or the reflux in its place, over feed flow [-]."""
ACID = (100.0, 8000.0)
"""[H+] of scrub liquor and of strip acid [mol/m3]."""
STRIP_EXCESS = (1.05, 10.0)
"""Strip acid that is not refluxed over the metal charge that could be carried to it [-]."""
DRIEST_STRIP = 1 / 200
"""Least strip flow over organic flow [-]: no mixer runs on less."""
PH50 = (-0.5, 4.0)
"""pH at which the middle component has D = 1 with ``REFERENCE_DIMER`` free."""
REFERENCE_DIMER = 0.5
"""[mol/L]"""
UNSAPONIFIED = WITHOUT_SCRUB = OPEN_WITHOUT_STRIP = 0.25
"""Shares of the draws."""
TRACES = 0.4
"""Chance of a component to be a trace."""


@dataclass(frozen=True)
class Drawn:
    """One random circuit and its made-up constants."""

    seed: int
    circuit: Circuit
    log10_k: tuple[float, ...]
    """Of D = K (d/h)^z on the mol/L scale, in the order of ``circuit.elements`` [-]."""
    ph50: float
    """Of the middle component."""
    base_redrawn: bool
    """Whether the base first drawn exceeded the acid."""

    @property
    def charges(self) -> tuple[int, ...]:
        """z, in the order of ``circuit.elements``."""
        return tuple(element(name).charge for name in self.circuit.elements)


def draw(seed: int) -> Drawn:
    """The random circuit of a seed, feasible or not."""
    rng = np.random.default_rng(seed)
    names = _components(rng)
    log10_k, ph50 = _constants(rng, names)
    feed = _feed(rng, names)
    organic = Organic(
        flow=_decades(rng, *PHASE_RATIO),
        extractant=_decades(rng, *EXTRACTANT),
        saponification=_saponification(rng),
        base="NaOH",
        closed=bool(rng.random() < 0.5),
        diluent=DILUENT,
    )
    sections, refluxes = _sections(rng, feed, organic)
    circuit = Circuit(f"draw {seed}", EQUILIBRIUM, names, organic, sections, refluxes=refluxes)
    share = rng.uniform(0.0, 1.0)
    charge = charges_of(circuit)
    excessive = charge.base >= charge.free
    if excessive:
        capacity = organic.extractant * organic.flow
        less = replace(organic, saponification=share * charge.free / capacity)
        circuit = replace(circuit, organic=less)
    return Drawn(seed, circuit, log10_k, ph50, excessive)


def arrays(drawn: Drawn) -> tuple[Inputs, Layout, MassAction]:
    """What ``find_steady`` takes."""
    row = row_of(drawn.circuit)
    return inputs_of(row, MEDIUM), layout_of(row), model(drawn)


def model(drawn: Drawn) -> MassAction:
    """The made-up chemistry: p = q = n = z."""
    size = padded(len(drawn.circuit.elements), ELEMENT_SIZES)
    charge = padded_array([float(z) for z in drawn.charges], size)
    ln_k = padded_array(np.multiply(drawn.log10_k, np.log(10.0)).tolist(), size)
    return MassAction(ln_k, charge, charge, charge, charge, exact=True)


# --- axes


def _decades(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _components(rng: np.random.Generator) -> tuple[str, ...]:
    number = int(rng.integers(COMPONENTS[0], COMPONENTS[1] + 1))
    chosen = rng.choice(len(POOL), size=number, replace=False)
    return tuple(POOL[index] for index in sorted(chosen))


def _constants(rng: np.random.Generator, names: tuple[str, ...]) -> tuple[tuple[float, ...], float]:
    """log10 K of each component, in a random order of extraction, and the pH50 of the middle one."""
    gaps = np.log10([_decades(rng, *SEPARATION) for _ in names[1:]])
    least = np.log10(SEPARATION[0])
    above = float((gaps - least).sum())
    # Only what lies above the smallest factor is shrunk, so that every factor stays in its range.
    room = DECADES - least * len(gaps)
    gaps = least + (gaps - least) * min(1.0, room / above if above else 1.0)
    ladder = np.concatenate([[0.0], np.cumsum(gaps)])
    ladder -= ladder[len(names) // 2]
    log10_d = ladder[rng.permutation(len(names))]
    ph50 = rng.uniform(*PH50)
    charge = np.array([element(name).charge for name in names])
    log10_k = log10_d - charge * (ph50 + np.log10(REFERENCE_DIMER))
    return tuple(log10_k.tolist()), float(ph50)


def _feed(rng: np.random.Generator, names: tuple[str, ...]) -> Inlet:
    """One m3/h: all other flows are relative to it."""
    trace = rng.random(len(names)) < TRACES
    trace[rng.integers(len(names))] = False
    low, weight = (
        10.0 ** rng.uniform(*ends, len(names)) for ends in (TRACE_DECADES, MAJOR_DECADES)
    )
    major = np.where(trace, 0.0, weight)
    shares = np.where(trace, low, (1.0 - low[trace].sum()) * major / major.sum())
    mass = _decades(rng, *FEED_METAL) * shares
    moles = {
        name: float(part / element(name).atomic_weight)
        for name, part in zip(names, mass, strict=True)
    }
    acid = 1000.0 * 10.0 ** -rng.uniform(*FEED_PH)
    return Inlet("feed", 1.0, float(acid), moles)


def _saponification(rng: np.random.Generator) -> float:
    degree = rng.uniform(*SAPONIFICATION)
    return 0.0 if rng.random() < UNSAPONIFIED else float(degree)


def _sections(
    rng: np.random.Generator, feed: Inlet, organic: Organic
) -> tuple[tuple[Section, ...], tuple[Reflux, ...]]:
    """Extraction, or with scrub, strip or both; reflux in place of the scrub liquor in half of the last."""
    total = round(_decades(rng, *STAGES))
    scrubbed, stripped = rng.random() >= WITHOUT_SCRUB, rng.random() >= OPEN_WITHOUT_STRIP
    refluxed = rng.random() < 0.5
    stripped = stripped or organic.closed
    scrubbed = scrubbed and total >= 2 + stripped
    refluxed = refluxed and scrubbed and stripped
    stages = _shared_out(rng, total, 1 + scrubbed + stripped)
    scrub = Inlet("scrub liquor", _decades(rng, *SCRUB_FLOW), _decades(rng, *ACID), {})
    strip = _strip(rng, feed, organic, scrub.flow if refluxed else 0.0)
    sections = [Section("extraction", stages[0], feed)]
    if scrubbed:
        sections.append(Section("scrub", stages[1], None if refluxed else scrub))
    if stripped:
        sections.append(Section("strip", stages[-1], strip))
    back = Reflux("strip liquor", Place("scrub", stages[1]), scrub.flow) if refluxed else None
    return tuple(sections), (back,) if back else ()


def _shared_out(rng: np.random.Generator, total: int, parts: int) -> list[int]:
    """Whole numbers of at least one that add up to ``total``, every split alike."""
    cuts = np.sort(rng.choice(np.arange(1, total), size=parts - 1, replace=False))
    return [int(part) for part in np.diff([0, *cuts, total])]


def _strip(rng: np.random.Generator, feed: Inlet, organic: Organic, refluxed: float) -> Inlet:
    """Strip acid enough for the metals fed, or for a full organic if that is less, beside the reflux."""
    acid = _decades(rng, *ACID)
    carried = min(metal_charge(feed), organic.flow * organic.extractant / 2)
    flow = _decades(rng, *STRIP_EXCESS) * carried / acid
    return Inlet("strip acid", refluxed + max(flow, DRIEST_STRIP * organic.flow), acid, {})


# --- the arithmetic that any steady state must satisfy


@dataclass(frozen=True)
class Charges:
    """Flows of charge that are known before anything is solved [mol/h]."""

    metal: float
    """Fed."""
    free: float
    """Acid and metal charge that reach stage 1, reflux counted."""
    base: float
    """Released there by the saponified organic."""
    capacity: float
    """Of the organic: one charge per dimer."""
    strip: float
    """Acid that enters the strip; 0 without one."""
    refluxed: float
    """Share of the strip liquor that goes back [-]."""

    @property
    def carried(self) -> float:
        """Least metal charge that the product takes: what the raffinate cannot hold."""
        return max(0.0, self.metal - (self.free - self.base))

    @property
    def stripped(self) -> float:
        """Least metal charge that passes the strip of a closed loop, what is refluxed included."""
        return self.carried / (1.0 - self.refluxed)


def metal_charge(inlet: Inlet) -> float:
    """Charge of an inlet's metals [mol/h]."""
    return inlet.flow * sum(element(name).charge * c for name, c in inlet.concentrations.items())


def charges_of(circuit: Circuit) -> Charges:
    """The charges of a circuit of ``draw``."""
    inlets = {section.kind: section.inlet for section in circuit.sections if section.inlet}
    feed, scrub, strip = (inlets.get(kind) for kind in ("extraction", "scrub", "strip"))
    assert feed is not None
    metal = metal_charge(feed)
    stripping = strip.flow * strip.acid if strip else 0.0
    back = sum(reflux.flow for reflux in circuit.refluxes)
    share = back / strip.flow if strip else 0.0
    scrubbing = scrub.flow * scrub.acid if scrub else 0.0
    return Charges(
        metal=metal,
        free=metal + feed.flow * feed.acid + scrubbing + share * stripping,
        base=circuit.base,
        capacity=circuit.organic.flow * circuit.organic.extractant / 2,
        strip=stripping,
        refluxed=share,
    )


def infeasible(drawn: Drawn) -> str:
    """Why a circuit has, or may have, no steady state; "" where the arithmetic shows that there is one."""
    circuit, charge = drawn.circuit, charges_of(drawn.circuit)
    if charge.base >= charge.free:
        return "base exceeds acid and metal charge at stage 1"
    if charge.carried >= charge.capacity:
        return "organic cannot carry what the raffinate cannot hold"
    if circuit.organic.closed and charge.stripped >= charge.capacity:
        return "organic cannot carry that and what is refluxed"
    if circuit.organic.closed and charge.stripped >= charge.strip:
        return "strip acid cannot hold what is carried to it"
    if charge.carried > 0 and charge.base >= room_on_return(drawn):
        return "organic at stage 1 may have no room for its base beside returned metals"
    refusal = refuse(circuit)
    return f"refused: {refusal.verdict.value}" if refusal else ""


def room_on_return(drawn: Drawn) -> float:
    """Dimers free in the organic that enters stage 1 [mol/h], at the least.

    A metal returns at most as what leaves in the strip liquor times its extraction factor there: organic
    and liquor exchange net what leaves, and y never falls below what returns. That factor is largest with
    all acid taken that can be; it falls with the free dimers, which in turn are what the metals leave.
    """
    circuit, charge = drawn.circuit, charges_of(drawn.circuit)
    if not circuit.organic.closed:
        return charge.capacity
    feed, strip = circuit.sections[0].inlet, circuit.sections[-1].inlet
    assert feed is not None and strip is not None
    passing = 1.0 / (1.0 - charge.refluxed)
    acid = (charge.strip - min(passing * charge.metal, charge.capacity)) / strip.flow
    if acid <= 0:
        return 0.0
    z = np.array(drawn.charges)
    product = passing * feed.flow * np.array([feed.concentrations[it] for it in circuit.elements])
    phase_ratio = circuit.organic.flow / strip.flow

    def taken(room: float) -> float:
        ratio = 10.0 ** np.array(drawn.log10_k) * (room / circuit.organic.flow / acid) ** z
        return float(z @ (product * ratio * phase_ratio)) + room

    low, high = 0.0, charge.capacity
    for _ in range(100):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if taken(middle) < charge.capacity else (low, middle)
    return low


def axes(drawn: Drawn) -> Mapping[str, float]:
    """Where a circuit lies on every axis, by name with unit; nan where it has no such part."""
    circuit, nan = drawn.circuit, float("nan")
    by_kind = {section.kind: section for section in circuit.sections}
    feed = by_kind["extraction"].inlet
    assert feed is not None
    scrub = by_kind["scrub"].inlet if "scrub" in by_kind else None
    strip = by_kind["strip"].inlet if "strip" in by_kind else None
    mass = {name: element(name).atomic_weight * c for name, c in feed.concentrations.items()}
    total = sum(mass.values())
    scrubbing = circuit.refluxes[0].flow if circuit.refluxes else scrub.flow if scrub else nan
    charge = charges_of(circuit)
    at_reference = np.add(drawn.log10_k, np.multiply(drawn.charges, _reference(drawn)))
    ladder = np.sort(at_reference)
    factors = 10.0 ** np.diff(ladder) if len(ladder) > 1 else np.array([nan])
    return {
        "components": len(circuit.elements),
        "stages": circuit.stages,
        "organic over feed flow": circuit.organic.flow / feed.flow,
        "feed metal g/L": total,
        "feed pH": 3.0 - float(np.log10(feed.acid)),
        "saponification %": 100.0 * circuit.organic.saponification,
        "smallest separation factor": float(factors.min()),
        "largest separation factor": float(factors.max()),
        "decades of D": float(np.ptp(ladder)),
        "pH50 of the middle": drawn.ph50,
        "smallest share of the feed": min(mass.values()) / total,
        "extractant mol/L": circuit.organic.extractant / 1000.0,
        "scrub over feed flow": scrubbing,
        "scrub acid mol/L": scrub.acid / 1000.0 if scrub else nan,
        "strip over feed flow": strip.flow / feed.flow if strip else nan,
        "strip acid mol/L": strip.acid / 1000.0 if strip else nan,
        "loop closed": float(circuit.organic.closed),
        "reflux": float(bool(circuit.refluxes)),
        "base over acid at stage 1": charge.base / charge.free,
        "carried over capacity": charge.stripped / charge.capacity,
        "carried over strip acid": charge.stripped / charge.strip if strip else nan,
    }


def _reference(drawn: Drawn) -> float:
    """log10 of d/h where the separation factors were drawn."""
    return drawn.ph50 + float(np.log10(REFERENCE_DIMER))
