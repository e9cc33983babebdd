"""Trains of a case file: circuits that feed each other, and what goes from one to the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ytterby.case import places
from ytterby.case.check import FAULTY, is_good
from ytterby.case.draft import Draft
from ytterby.case.faults import Faults
from ytterby.case.lines import KeyPath
from ytterby.case.sections import organics, outlets
from ytterby.circuit.circuit import Circuit, Place, Train, Transfer
from ytterby.errors import nearest
from ytterby.quantities import quoted


@dataclass(frozen=True, eq=False)
class TrainDraft:
    """A train whose faults are noted as its parts are first read."""

    name: str
    entry: Mapping[str, Any]
    drafts: Mapping[str, Draft]
    """All circuits of the file that are tables, by name."""
    circuits: Mapping[str, Any]
    """All circuits of the file as they were checked."""
    faults: Faults

    @property
    def path(self) -> KeyPath:
        """Of its table."""
        return ("trains", self.name)

    @cached_property
    def members(self) -> list[Draft]:
        """Its circuits that are known and whole, each once."""
        named = self.entry["circuits"]
        if named is FAULTY:
            return []
        for name in named:
            if name not in self.circuits:
                self._unknown(name, (*self.path, "circuits"), list(self.circuits))
        return [self.drafts[name] for name in dict.fromkeys(named) if name in self.drafts]

    @cached_property
    def transfers(self) -> list[Transfer]:
        """Those without fault."""
        tables = self.entry["transfers"] if is_good(self.entry["transfers"]) else {}
        found = [self._transfer(label, it) for label, it in tables.items() if it is not FAULTY]
        return [transfer for transfer in found if transfer]

    @property
    def all_read(self) -> bool:
        """Whether every transfer is without fault."""
        tables = self.entry["transfers"]
        return tables is not FAULTY and len(self.transfers) == len(tables)

    def _transfer(self, label: str, entry: Mapping[str, Any]) -> Transfer | None:
        path = (*self.path, "transfers", label)
        source = self._member(entry["from"], (*path, "from"))
        target = self._member(entry["to"], (*path, "to"))
        outlet = entry["outlet"]
        known = source is not None and places.check_outlet(
            outlet, (*path, "outlet"), _given(source), self.faults
        )
        at = places.place(entry, path, target.entry, self.faults) if target else None
        if source is None or target is None or at is None or not known:
            return None
        if entry["share"] is FAULTY:
            return None
        return Transfer(source.name, outlet, target.name, at, entry["share"])

    def _member(self, name: Any, path: KeyPath) -> Draft | None:
        if name is FAULTY or self.entry["circuits"] is FAULTY:
            return None
        if name in self.entry["circuits"]:
            return self.drafts.get(name)
        self._unknown(name, path, self.entry["circuits"])
        return None

    def _unknown(self, name: str, path: KeyPath, known: Sequence[str]) -> None:
        self.faults.add(
            path,
            quoted(name),
            "one of: " + ", ".join(known),
            nearest=nearest(name, known),
            next="name a circuit of the train" if len(path) > 3 else "name a circuit of the file",
        )

    # --- checks

    def check(self) -> None:
        """Note the faults of the train; those of its circuits are noted elsewhere."""
        path, faults, named = self.path, self.faults, self.entry["circuits"]
        if is_good(named):
            if not named:
                faults.add(
                    (*path, "circuits"), "no circuit", "one circuit or more", next="name them"
                )
            for name in sorted({it for it in named if named.count(it) > 1}):
                next = "name it once"
                faults.add((*path, "circuits"), quoted(named), f"{name} once", next=next)
        if is_good(self.entry["transfers"]) and not self.entry["transfers"]:
            next = f"add [trains.{self.name}.transfers.LABEL] with a label of your own"
            faults.add((*path, "transfers"), "no transfer", "one transfer or more", next=next)
        self._check_shared()
        self._check_shares()

    def _check_shared(self) -> None:
        """One chemistry: whatever fixes it is the same in all circuits."""
        if not self.members:
            return
        first, *others = self.members
        expected = _chemistry(first)
        for draft in others:
            for key, value in _chemistry(draft).items():
                if FAULTY in (value, expected[key]) or value == expected[key]:
                    continue
                self.faults.add(
                    (*draft.path, key),
                    f"another {key} than circuit {first.name}, with which it is in a train",
                    f"the same {key} in all circuits of train {self.name}",
                    next="write the same in both, or take one out of the train",
                )

    def _check_shares(self) -> None:
        """No outlet is given away for more than there is of it."""
        given: dict[tuple[str, str], float] = {}
        for label, entry in (self.entry["transfers"] or {}).items() if self.all_read else ():
            outlet = (entry["from"], entry["outlet"])
            given[outlet] = given.get(outlet, 0.0) + entry["share"]
            if given[outlet] > 1.0 + 1e-12:
                self.faults.add(
                    (*self.path, "transfers", label, "share"),
                    f"{given[outlet]:.6g} of the {entry['outlet']} of {entry['from']} in all",
                    "transfers of an outlet that add up to at most 100 %",
                    next="lower the shares",
                )

    def brought(self, circuit: str) -> list[Place] | None:
        """Places of a circuit that aqueous transfers enter; None if a transfer has a fault."""
        if not self.all_read:
            return None
        return [
            transfer.place
            for transfer in self.transfers
            if transfer.target == circuit
            and transfer.outlet in outlets(self.drafts[transfer.source].entry)
        ]

    # --- what it is

    def train(self, circuits: Mapping[str, Circuit]) -> Train:
        """The train of circuits that are built; call it only where no fault was noted."""
        members = tuple(circuits[draft.name] for draft in self.members)
        return Train(self.name, members, tuple(self.transfers))


def _given(source: Draft) -> list[str]:
    """What a circuit may give to another: aqueous outlets, and its organic if that is open."""
    organic = source.entry["organic"]
    open_ = is_good(organic) and organic["closed"] is False
    return outlets(source.entry) + (organics(source.entry)[-1:] if open_ else [])


def _chemistry(draft: Draft) -> dict[str, Any]:
    """What fixes the chemistry of a circuit, by key, as values to compare."""
    entry = draft.entry
    terms, assumed = entry["terms"], entry["assumed"]
    if assumed is not FAULTY:
        assumed = FAULTY if FAULTY in (assumed or {}).values() else assumed or {}
    return {
        "equilibrium": draft.equilibrium.key if draft.equilibrium else FAULTY,
        "temperature": entry["temperature"],
        "terms": terms if terms is FAULTY else sorted(terms or ()),
        "assumed": assumed,
    }


def check_membership(trains: Sequence[TrainDraft], faults: Faults) -> None:
    """A circuit stands in one train at most."""
    owner: dict[str, str] = {}
    for train in trains:
        for draft in train.members:
            if draft.name in owner:
                faults.add(
                    (*train.path, "circuits"),
                    f"circuit {draft.name}, which is in train {owner[draft.name]}",
                    "circuits that are in no other train",
                    next="take it out of one of them, or make one train of both",
                )
            owner.setdefault(draft.name, train.name)
