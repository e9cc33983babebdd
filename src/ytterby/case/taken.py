"""Whether draws, refluxes and returning organic take no more than there is: volumes, entrainment left out."""

from __future__ import annotations

from collections.abc import Mapping

from ytterby.case.draft import Draft
from ytterby.case.faults import Faults
from ytterby.case.lines import KeyPath
from ytterby.circuit.circuit import Circuit, Train
from ytterby.circuit.volumes import Volumes, volumes
from ytterby.quantities import show

ENDLESS = 1e12
"""Flow that no plant has [m3/h]: what goes round in full comes near it by rounding."""
ROUNDING = 1e-9
"""Relative difference that is none."""


def check_taken(plan: Circuit | Train, drafts: Mapping[str, Draft], faults: Faults) -> None:
    """Note what is taken beyond what the flows leave, each with the flow that there is."""
    found = volumes(plan)
    if isinstance(plan, Train) and not _ends(found):
        faults.add(
            ("trains", plan.name, "transfers"),
            "transfers that bring back all that leaves",
            "transfers of which something leaves the train",
            next="lower a share",
        )
        return
    shares = _shares(plan) if isinstance(plan, Train) else {}
    for circuit in plan.circuits if isinstance(plan, Train) else (plan,):
        _check_draws(circuit, found[circuit.name], faults)
        _check_refluxes(circuit, found[circuit.name], drafts[circuit.name], shares, faults)
        _check_return(circuit, found[circuit.name], faults)


def _ends(found: Mapping[str, Volumes]) -> bool:
    """Whether every flow is one that a plant can have."""
    every = (flow for phases in found.values() for flows in phases.values() for flow in flows)
    return all(abs(flow) < ENDLESS for flow in every)


def _shares(train: Train) -> dict[tuple[str, str], float]:
    """What transfers take of each outlet, by circuit and outlet."""
    shares: dict[tuple[str, str], float] = {}
    for transfer in train.transfers:
        outlet = (transfer.source, transfer.outlet)
        shares[outlet] = shares.get(outlet, 0.0) + transfer.share
    return shares


def _check_draws(circuit: Circuit, found: Volumes, faults: Faults) -> None:
    for draw in circuit.draws:
        passing = found[draw.phase][circuit.index(draw.place)]
        path = ("circuits", circuit.name, "draws", draw.name, "flow")
        what = f"{draw.phase} that leaves {draw.place.section} stage {draw.place.stage}"
        _require(path, draw.flow, passing, what, faults)


def _check_refluxes(
    circuit: Circuit,
    found: Volumes,
    draft: Draft,
    shares: Mapping[tuple[str, str], float],
    faults: Faults,
) -> None:
    taken: dict[str, float] = {}
    for label, reflux in draft.refluxes.items():
        outlet = reflux.outlet
        passing = found["aqueous"][circuit.outlet_stage(outlet)]
        moved = shares.get((circuit.name, outlet), 0.0) * passing
        path = ("circuits", circuit.name, "refluxes", label, "flow")
        what = f"{outlet} that other refluxes and transfers leave"
        _require(path, reflux.flow, passing - moved - taken.get(outlet, 0.0), what, faults)
        taken[outlet] = taken.get(outlet, 0.0) + reflux.flow


def _require(path: KeyPath, flow: float, there: float, what: str, faults: Faults) -> None:
    """Some must be left; a flow below zero is the work of another that is already noted."""
    if flow < there * (1.0 - ROUNDING) or there < 0.0:
        return
    faults.add(
        path,
        show(flow, "volume flow"),
        f"less than the {show(there, 'volume flow')} of {what}",
        next="lower this flow, or raise what flows there",
    )


def _check_return(circuit: Circuit, found: Volumes, faults: Faults) -> None:
    """An organic that returns is made up with fresh, never thrown away unsaid."""
    organic = circuit.organic
    returning = (1.0 - organic.bleed) * found["organic"][-1]
    if not organic.closed or returning <= organic.flow * (1.0 + ROUNDING):
        return
    faults.add(
        ("circuits", circuit.name, "organic", "flow"),
        f"{show(organic.flow, 'volume flow')}, and {show(returning, 'volume flow')} that returns",
        "no more organic that returns than enters stage 1",
        next="draw or bleed as much organic as enters from the side, or set closed = false",
    )
