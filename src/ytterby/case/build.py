"""Makes circuits and trains of a checked case file: names to parameter sets, masses and pH to mol/m3.

What only shows when several keys are held side by side is checked here; nothing is solved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ytterby.case.check import FAULTY
from ytterby.case.draft import Draft
from ytterby.case.faults import Faults
from ytterby.case.taken import check_taken
from ytterby.case.trains import TrainDraft, check_membership
from ytterby.circuit.circuit import Circuit, Train
from ytterby.elements import SYMBOLS


class Built(NamedTuple):
    """Circuits and trains of a case file."""

    circuits: dict[str, Circuit]
    trains: dict[str, Train]


NOTHING = Built({}, {})
OTHER_WORK = ("fits", "designs", "sequences", "plant", "audits", "chain")
"""Tables that give a case something to do without a circuit."""


def build(checked: Mapping[str, Any], faults: Faults) -> Built:
    """The circuits and trains of a checked file by name; none if it has a fault, which is noted."""
    entries = checked["circuits"]
    if entries is FAULTY:
        return NOTHING
    if not entries:
        if not checked["trains"] and any(checked[work] for work in OTHER_WORK):
            return NOTHING
        faults.add(
            ("circuits",),
            "no circuit",
            "one circuit or more",
            next="add [circuits.NAME] with a name of your own",
        )
        return NOTHING
    drafts = {
        name: Draft(name, entry, faults) for name, entry in entries.items() if entry is not FAULTY
    }
    tables = checked["trains"] if checked["trains"] is not FAULTY else {}
    trains = [
        TrainDraft(name, entry, drafts, entries, faults)
        for name, entry in (tables or {}).items()
        if entry is not FAULTY
    ]
    trains_whole = checked["trains"] is not FAULTY and len(trains) == len(tables or {})
    _check(drafts, trains, trains_whole, faults)
    return NOTHING if faults.found else _built(drafts, trains, faults)


def _check(
    drafts: Mapping[str, Draft], trains: Sequence[TrainDraft], trains_whole: bool, faults: Faults
) -> None:
    for train in trains:
        train.check()
    check_membership(trains, faults)
    for draft in drafts.values():
        brought = [train.brought(draft.name) for train in trains]
        whole = trains_whole and None not in brought
        draft.check([at for places in brought for at in places or ()] if whole else None)
    for together in _together(drafts, trains):
        _check_fed(together, faults)


def _together(drafts: Mapping[str, Draft], trains: Sequence[TrainDraft]) -> list[list[Draft]]:
    """Circuits that are solved together, train by train, then those alone."""
    groups = [train.members for train in trains]
    inside = {draft.name for group in groups for draft in group}
    return [*groups, *([draft] for name, draft in drafts.items() if name not in inside)]


def _check_fed(together: Sequence[Draft], faults: Faults) -> None:
    """Metal is fed somewhere, and every cut is between metals that are."""
    brought = [draft.fed() for draft in together]
    if None in brought or not together:
        return
    fed = {symbol for metals in brought for symbol in metals or ()}
    if fed:
        for draft in together:
            draft.check_cut(fed)
    elif not faults.found:
        names = ", ".join(draft.name for draft in together)
        faults.add(
            together[0].path,
            f"no metal in any feed of {names}",
            "a feed with metal",
            next="add [circuits.NAME.extraction.feed] to one of them",
        )


def _built(drafts: Mapping[str, Draft], trains: Sequence[TrainDraft], faults: Faults) -> Built:
    """Circuits and trains of drafts without fault; more is taken than there is: nothing."""
    elements: dict[str, tuple[str, ...]] = {}
    for group in _together(drafts, trains):
        named = {symbol for draft in group for symbol in draft.elements}
        shared = tuple(symbol for symbol in SYMBOLS if symbol in named)
        elements |= {draft.name: shared for draft in group}
    circuits = {name: draft.circuit(elements[name]) for name, draft in drafts.items()}
    made = {train.name: train.train(circuits) for train in trains}
    inside = {circuit.name for train in made.values() for circuit in train.circuits}
    plans: list[Circuit | Train] = [
        *made.values(),
        *(it for name, it in circuits.items() if name not in inside),
    ]
    for plan in plans:
        check_taken(plan, drafts, faults)
    return NOTHING if faults.found else Built(circuits, made)
