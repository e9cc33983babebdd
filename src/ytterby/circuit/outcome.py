"""From a converged state to a result: profiles, limits it must not pass, streams, what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ytterby.circuit.balance import require_closed
from ytterby.circuit.circuit import BLEED, Circuit, Train, Transfer
from ytterby.circuit.limits import passed_limit
from ytterby.circuit.solved import (
    Consumption,
    OutOfRange,
    Profiles,
    SolvedCircuit,
    SolvedTrain,
)
from ytterby.circuit.verdict import Verdict
from ytterby.datasets import ParameterSet, cited, parameter_set, weakest_basis
from ytterby.equilibrium import Distribution
from ytterby.materials import Stream

if TYPE_CHECKING:
    from ytterby.circuit.solve import Attempt

ENTERING = "entering organic"
"""Name of the organic that an open circuit takes in, where it brings metals."""
ANION_ACIDS = {"chloride": "HCl", "nitrate": "HNO3", "sulfate": "H2SO4"}


def profiles_of(found: Attempt, circuit: Circuit, first: int = 0) -> Profiles:
    """Profiles of a circuit whose first stage is ``first`` of what was solved."""
    end, elements = first + circuit.stages, len(circuit.elements)
    duty, split, reading = found.duty, found.phases, found.reading

    def per_stage(values: object) -> np.ndarray:
        return np.array(np.broadcast_to(np.asarray(values), duty.aqueous.shape))[first:end]

    def metals(values: object) -> np.ndarray:
        return np.array(values)[first:end, :elements]

    passed_by = (1.0 - np.asarray(duty.efficiency)) * np.asarray(duty.arriving)
    contacted = (1.0 - np.asarray(duty.organic_carried)) * np.asarray(duty.organic)
    return Profiles(
        aqueous=metals(split.aqueous),
        organic=metals(split.organic),
        acid=per_stage(reading.acid),
        total_acid=per_stage(reading.total_acid),
        free_extractant=per_stage(reading.free_extractant),
        anion=per_stage(reading.anion),
        aqueous_volume=per_stage(duty.aqueous),
        organic_volume=per_stage(duty.organic),
        organic_out=per_stage(passed_by + contacted),
        onward=metals(found.onward),
        fallen=metals(found.fallen),
    )


def outcome(circuit: Circuit, profiles: Profiles, steps: int, model: Distribution) -> SolvedCircuit:
    """The result of a circuit; ConvergenceError for a limit passed, BalanceError if it does not close."""
    parameters = parameter_set(circuit.equilibrium)
    closure = require_closed(
        circuit, {circuit.name: profiles}, parameters.medium, exchanges=model.exchanges
    )
    return _result(circuit, profiles, steps, closure, (), (), {})


def outcomes(
    train: Train, profiles: Mapping[str, Profiles], steps: int, model: Distribution
) -> SolvedTrain:
    """The result of a train; errors as of ``outcome``."""
    medium = parameter_set(train.circuits[0].equilibrium).medium
    closure = require_closed(train, profiles, medium, exchanges=model.exchanges)
    moved = {transfer: _moved(transfer, train, profiles) for transfer in train.transfers}
    solved = {
        circuit.name: _result(
            circuit,
            profiles[circuit.name],
            steps,
            closure,
            tuple(it for it in train.transfers if it.target == circuit.name),
            tuple(it for it in train.transfers if it.source == circuit.name),
            moved,
        )
        for circuit in train.circuits
    }
    return SolvedTrain(train, solved, moved, closure, steps)


def _result(
    circuit: Circuit,
    profiles: Profiles,
    steps: int,
    closure: Mapping[str, float],
    arriving: tuple[Transfer, ...],
    leaving: tuple[Transfer, ...],
    moved: Mapping[Transfer, Stream],
) -> SolvedCircuit:
    parameters = parameter_set(circuit.equilibrium)
    limit = passed_limit(circuit, profiles, parameters)
    if limit is not None:
        raise limit.error(circuit)
    known = [name for name in circuit.elements if name not in circuit.assumed]
    constants = parameters.used(known, circuit.terms)
    streams = _streams(circuit, profiles, leaving)
    inlets = [inlet.name for inlet, _, _ in circuit.inlets()]
    inlets += [ENTERING] if ENTERING in streams else []
    for transfer in arriving:
        streams[moved[transfer].name] = moved[transfer]
        inlets.append(moved[transfer].name)
    outlets = [*_outlets(circuit, leaving)]
    for transfer in leaving:
        streams[moved[transfer].name] = moved[transfer]
        outlets.append(moved[transfer].name)
    return SolvedCircuit(
        circuit=circuit,
        verdict=Verdict.SOLVED,
        profiles=profiles,
        streams=streams,
        inlets=tuple(inlets),
        outlets=tuple(outlets),
        consumption=_consumption(circuit, parameters),
        closure=closure,
        steps=steps,
        out_of_range=out_of_range_of(circuit, profiles, parameters),
        sources=(*cited(constants), "PERIODICTABLE"),
        weakest_basis="assumed" if circuit.assumed else weakest_basis(constants),
        assumptions=assumptions_of(circuit, profiles, parameters),
    )


# --- streams


def _streams(
    circuit: Circuit, profiles: Profiles, leaving: tuple[Transfer, ...]
) -> dict[str, Stream]:
    """Liquors in, outlets, draws, refluxes, then the organic on its way, named by the section it leaves."""
    streams: dict[str, Stream] = {}
    for inlet, _, phase in circuit.inlets():
        acid = inlet.acid if phase == "aqueous" else None
        metals = dict(inlet.concentrations)
        streams[inlet.name] = Stream(inlet.name, phase, inlet.flow, metals, acid)
    organic = circuit.organic
    if organic.concentrations and not organic.closed:
        brought = dict(organic.concentrations)
        streams[ENTERING] = Stream(ENTERING, "organic", organic.flow, brought)
    spans = circuit.spans()
    for number in circuit.aqueous_exits():
        section = circuit.sections[number]
        name, stage = section.aqueous_outlet, spans[number][0]
        whole = _leaving(name, circuit, profiles, stage, "aqueous")
        refluxed = [reflux for reflux in circuit.refluxes if reflux.outlet == name]
        taken = sum(reflux.flow for reflux in refluxed) / whole.flow
        taken += sum(transfer.share for transfer in leaving if transfer.outlet == name)
        for number_, reflux in enumerate(refluxed, start=1):
            back = f"reflux of {name}" + (f" {number_}" if len(refluxed) > 1 else "")
            streams[back] = _part(whole, back, reflux.flow / whole.flow)
        streams[name] = _part(whole, name, 1.0 - taken)
    for draw in circuit.draws:
        whole = _leaving(draw.name, circuit, profiles, circuit.index(draw.place), draw.phase)
        streams[draw.name] = _part(whole, draw.name, draw.flow / whole.flow)
    for (_, end), section in zip(spans, circuit.sections, strict=True):
        name = section.organic_name
        streams[name] = _leaving(name, circuit, profiles, end - 1, "organic")
    last = streams[circuit.sections[-1].organic_name]
    if organic.closed and organic.bleed:
        streams[BLEED] = _part(last, BLEED, organic.bleed)
    gone = sum(transfer.share for transfer in leaving if transfer.outlet == last.name)
    if gone:
        streams[last.name] = _part(last, last.name, 1.0 - gone)
    return streams


def _leaving(name: str, circuit: Circuit, profiles: Profiles, stage: int, phase: str) -> Stream:
    """What leaves a stage in one phase, metals of entrained liquor counted with it."""
    section = circuit.section_at(stage)
    if phase == "organic":
        flow, moles = float(profiles.organic_out[stage]), profiles.onward[stage]
        acid = None
    else:
        flow = float(profiles.aqueous_volume[stage]) * (1.0 - section.aqueous_carried)
        moles, acid = profiles.fallen[stage], float(profiles.acid[stage])
    metals = dict(zip(circuit.elements, (moles / flow).tolist(), strict=True))
    return Stream(name, "organic" if phase == "organic" else "aqueous", flow, metals, acid)


def _part(stream: Stream, name: str, share: float) -> Stream:
    return Stream(name, stream.phase, share * stream.flow, stream.metals, stream.acid)


def _moved(transfer: Transfer, train: Train, profiles: Mapping[str, Profiles]) -> Stream:
    """The stream of a transfer."""
    source = next(circuit for circuit in train.circuits if circuit.name == transfer.source)
    phase, stage = source.leaves(transfer.outlet)
    name = f"{transfer.outlet} of {transfer.source}"
    shared = [
        it for it in train.transfers if (it.source, it.outlet) == (source.name, transfer.outlet)
    ]
    if len(shared) > 1:
        name += f" to {transfer.target}" + f" {shared.index(transfer) + 1}" * (
            len({it.target for it in shared}) < len(shared)
        )
    return _part(_leaving(name, source, profiles[source.name], stage, phase), name, transfer.share)


def _outlets(circuit: Circuit, leaving: tuple[Transfer, ...]) -> list[str]:
    """Names of what leaves: aqueous outlets, draws and, from an open circuit, the last organic."""
    gone = [transfer.outlet for transfer in leaving if transfer.share >= 1.0]
    outlets = [circuit.sections[number].aqueous_outlet for number in circuit.aqueous_exits()]
    outlets += [draw.name for draw in circuit.draws]
    if not circuit.organic.closed:
        outlets.append(circuit.sections[-1].organic_name)
    elif circuit.organic.bleed:
        outlets.append(BLEED)
    return [name for name in outlets if name not in gone]


def assumptions_of(
    circuit: Circuit, profiles: Profiles, parameters: ParameterSet
) -> tuple[str, ...]:
    """What was taken for want of data, in words."""
    found = [
        f"{name}: constant D = {ratio:g}, {parameters.name} has no constant for it"
        for name, ratio in circuit.assumed.items()
    ]
    for term, rows in parameters.terms.items():
        own = [name for name in circuit.elements if name not in circuit.assumed]
        lacking = [name for name in own if name not in rows]
        if term in circuit.terms and lacking:
            found.append(f"{term}: none for {', '.join(lacking)}, {parameters.name} has no number")
    if "ph" in parameters.valid and np.isnan(profiles.ph).any():
        low, high = parameters.valid["ph"].canonical
        found.append(f"pH within {low:g} to {high:g}: the model has no acid to tell")
    return tuple(found)


# --- what it took and what it rests on


def _consumption(circuit: Circuit, parameters: ParameterSet) -> Consumption:
    acid = {"scrub": 0.0, "strip": 0.0, "wash": 0.0}
    for inlet, stage, phase in circuit.inlets():
        kind = circuit.section_at(stage).kind
        if phase == "aqueous" and kind in acid:
            acid[kind] += inlet.flow * inlet.acid
    return Consumption(
        base=circuit.base,
        base_reagent=circuit.organic.base,
        scrub_acid=acid["scrub"],
        strip_acid=acid["strip"],
        acid_reagent=ANION_ACIDS[parameters.medium],
        wash_acid=acid["wash"],
    )


def out_of_range_of(
    circuit: Circuit, profiles: Profiles, parameters: ParameterSet
) -> tuple[OutOfRange, ...]:
    """Quantities outside the range of the constants, section by section."""
    series = {
        "acid": (profiles.acid, "mol/m3"),
        "ph": (profiles.ph, ""),
        "free_dimer": (profiles.free_dimer, "mol/m3"),
        "anion": (profiles.anion, "mol/m3"),
        "aqueous_metal": (profiles.aqueous.sum(axis=1), "mol/m3"),
        "temperature": (np.full(circuit.stages, circuit.temperature), "K"),
    }
    found = []
    for (first, end), section in zip(circuit.spans(), circuit.sections, strict=True):
        for quantity, valid in parameters.valid.items():
            if quantity not in series:
                continue
            values, unit = series[quantity][0][first:end], series[quantity][1]
            if np.isnan(values).any():
                continue  # said among the assumptions
            reached, limits = (float(values.min()), float(values.max())), valid.canonical
            if reached[0] < limits[0] * (1 - 1e-9) or reached[1] > limits[1] * (1 + 1e-9):
                found.append(OutOfRange(section.label, quantity, reached, limits, unit))
    return tuple(found)
