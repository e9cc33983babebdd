"""Runs of a case file: a circuit through time, what its equipment holds, and the events on the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from ytterby.case import liquors, places
from ytterby.case.check import FAULTY, Measured, as_written, is_good
from ytterby.case.equilibria import check_element
from ytterby.case.faults import Faults
from ytterby.case.lines import KeyPath
from ytterby.case.schema import keys_of
from ytterby.case.sections import SECTIONS, present
from ytterby.circuit.circuit import Circuit, Train
from ytterby.circuit.dynamics import (
    Change,
    Event,
    Hold,
    HoldUp,
    LessBase,
    NewLiquor,
    OtherFlow,
    Specification,
    StoppedStage,
    WeakerAcid,
)
from ytterby.circuit.dynamics.events import ORGANIC
from ytterby.circuit.dynamics.outlets import outlets_of
from ytterby.datasets import cited, parameter_set
from ytterby.datasets.prices import latest_prices
from ytterby.errors import nearest
from ytterby.quantities import quoted, show

MEANT: Mapping[str, tuple[str, ...]] = {
    "feed": ("stream", "liquor"),
    "acid": ("stream", "share"),
    "flow": ("stream", "share"),
    "saponification": ("share",),
    "stage": ("section", "stage"),
}
"""Keys of an event by its kind, beside when it is."""
FEED = "feed"
"""Stream that another feed replaces if the event names none."""


@dataclass(frozen=True)
class StartPlan:
    """One run of a case file: names resolved, nothing computed."""

    name: str
    circuit: Circuit
    duration: float
    """[h]"""
    start: Literal["empty", "steady"]
    holdup: HoldUp
    fill: Mapping[str, float]
    """Acid [mol/m3] by section; only for an empty start."""
    tolerance: float
    events: tuple[Event, ...]
    specifications: tuple[Specification, ...]

    @property
    def elements(self) -> tuple[str, ...]:
        """Of the circuit, and of liquors that come later."""
        return tuple(_elements(self.circuit, self.events))

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of the bibliography that it rests on: constants, hold-ups and prices."""
        circuit = self.circuit
        known = [name for name in self.elements if name not in circuit.assumed]
        constants = cited(parameter_set(circuit.equilibrium).used(known, circuit.terms))
        prices = (price.source for price in latest_prices(self.elements).values())
        return tuple(dict.fromkeys((*constants, *self.holdup.sources, *prices)))


def read_starts(
    checked: Mapping[str, Any],
    circuits: Mapping[str, Circuit],
    trains: Mapping[str, Train],
    faults: Faults,
) -> dict[str, StartPlan]:
    """The runs of a checked file by name; one that has a fault, which is noted, is left out.

    ``circuits`` and ``trains`` as built: empty where one of them has a fault.
    """
    entries = checked["starts"] if is_good(checked["starts"]) else {}
    found = {
        name: _Reader(name, entry, checked, circuits, trains, faults).plan()
        for name, entry in entries.items()
        if entry is not FAULTY
    }
    return {name: plan for name, plan in found.items() if plan is not None}


@dataclass(frozen=True)
class _Reader:
    """Reads one run."""

    name: str
    entry: Mapping[str, Any]
    checked: Mapping[str, Any]
    circuits: Mapping[str, Circuit]
    trains: Mapping[str, Train]
    faults: Faults

    @property
    def path(self) -> KeyPath:
        """Of its table."""
        return ("starts", self.name)

    def plan(self) -> StartPlan | None:
        """The run; None if it has a fault."""
        entry, before = self.entry, len(self.faults.found)
        self._check_times()
        circuit = self._circuit()
        if circuit is None:
            return None
        table = self.checked["circuits"][circuit.name]
        fill = self._fill(table)
        events = self._events(circuit, table)
        specifications = self._specifications(circuit, events)
        if len(self.faults.found) > before or FAULTY in entry.values():
            return None
        return StartPlan(
            name=self.name,
            circuit=_assuming(circuit, table, events.values()),
            duration=entry["duration"],
            start=entry["start"],
            holdup=HoldUp(
                *(
                    _hold(entry[key])
                    for key in ("mixer", "organic_settler", "aqueous_settler", "organic_tank")
                )
            ),
            fill=fill,
            tolerance=entry["tolerance"],
            events=tuple(events.values()),
            specifications=specifications,
        )

    def _circuit(self) -> Circuit | None:
        """The circuit that runs; it stands in no train."""
        name, path = self.entry["circuit"], (*self.path, "circuit")
        tables = self.checked["circuits"]
        if name is FAULTY or tables is FAULTY:
            return None
        if name not in (tables or {}):
            known = list(tables or {})
            expected = "one of: " + ", ".join(known) if known else "a circuit of the file"
            next = "name a circuit of the file"
            self.faults.add(path, quoted(name), expected, nearest=nearest(name, known), next=next)
            return None
        for train in self.trains.values():
            if name in (circuit.name for circuit in train.circuits):
                self.faults.add(
                    path,
                    f"circuit {name}, which is in train {train.name}",
                    "a circuit that is in no train",
                    next="run a circuit alone, its transfers given as feeds",
                )
                return None
        return self.circuits.get(name)

    def _fill(self, circuit: Mapping[str, Any]) -> dict[str, float]:
        """Acid of sections by their labels."""
        fill, path = self.entry["fill"], (*self.path, "fill")
        if not is_good(fill):
            return {}
        if self.entry["start"] == "steady":
            self.faults.add(
                path,
                "acid to fill with, and a start from the steady state",
                "a fill only where the start is empty",
                next='remove it, or set start = "empty"',
            )
        known = present(circuit)
        given = {key: acid for key, acid in fill.items() if is_good(acid)}
        for key in given:
            if key not in known:
                self.faults.add(
                    (*path, key),
                    f"{key}, which the circuit does not have",
                    "one of: " + ", ".join(known),
                    nearest=nearest(key, known),
                    next="name a section of the circuit",
                )
        return {SECTIONS[key].label: acid for key, acid in given.items() if key in known}

    # --- events

    def _events(self, circuit: Circuit, table: Mapping[str, Any]) -> dict[str, Event]:
        """Events by label; those with faults left out."""
        entries = self.entry["events"] if is_good(self.entry["events"]) else {}
        found = {}
        for label, entry in entries.items():
            if entry is FAULTY:
                continue
            path = (*self.path, "events", label)
            change = self._change(entry, path, circuit, table)
            if change and FAULTY not in (entry["at"], entry["lasting"]):
                found[label] = Event(label, entry["at"], change, entry["lasting"])
        return found

    def _check_times(self) -> None:
        """Events begin before the run ends."""
        duration = self.entry["duration"]
        entries = self.entry["events"] if is_good(self.entry["events"]) else {}
        for label, entry in entries.items():
            if entry is FAULTY or FAULTY in (entry["at"], duration) or entry["at"] < duration:
                continue
            self.faults.add(
                (*self.path, "events", label, "at"),
                show(entry["at"], "time"),
                f"a time before the end at {show(duration, 'time')}",
                next="let the event begin earlier, or the run last longer",
            )

    def _change(
        self, entry: Mapping[str, Any], path: KeyPath, circuit: Circuit, table: Mapping[str, Any]
    ) -> Change | None:
        """What an event changes; None if it has a fault."""
        kind = entry["kind"]
        if kind is FAULTY or not self._keys_fit(kind, entry, path):
            return None
        if kind == "stage":
            place = places.place(entry, path, table, self.faults)
            return StoppedStage(place) if place else None
        if kind == "feed":
            return self._new_liquor(entry, path, circuit, table)
        share = entry["share"]
        if kind == "saponification":
            return None if share is FAULTY else LessBase(share)
        stream = self._stream(entry, path, circuit, (ORGANIC,) if kind == "flow" else ())
        if stream is None or share is FAULTY:
            return None
        if kind == "acid":
            return WeakerAcid(stream, share)
        if share == 0.0:
            next = "give a share above 0; liquor that stops is not modelled"
            self.faults.add((*path, "share"), "no flow", "a flow above 0", next=next)
            return None
        return OtherFlow(stream, share)

    def _keys_fit(self, kind: str, entry: Mapping[str, Any], path: KeyPath) -> bool:
        """Whether an event has the keys that its kind needs, and no other."""
        rows = keys_of(("starts", "NAME", "events", "LABEL"))
        meant = MEANT[kind]
        optional = ("stream",) if kind == "feed" else ()
        every = {key for keys in MEANT.values() for key in keys}
        missing = [key for key in meant if entry[key] is None and key not in optional]
        for key in missing:
            self.faults.add(
                (*path, key),
                "nothing",
                f"the {key} of an event of the kind {kind}",
                next="add " + as_written(rows[key], (*path, key)),
            )
        idle = [key for key in entry if key in every - set(meant) and entry[key] is not None]
        for key in idle:
            self.faults.add(
                (*path, key),
                f"{key}, which says nothing of the kind {kind}",
                "of " + ", ".join(sorted(every)) + " only " + ", ".join(meant),
                next="remove it, or change the kind",
            )
        return not (missing or idle)

    def _stream(
        self,
        entry: Mapping[str, Any],
        path: KeyPath,
        circuit: Circuit,
        more: tuple[str, ...] = (),
    ) -> str | None:
        """The liquor that an event changes; None if there is none such."""
        stream = entry["stream"] if entry["stream"] is not None else FEED
        if stream is FAULTY:
            return None
        known = [*(inlet.name for inlet, _, _ in circuit.inlets()), *more]
        if stream in known:
            return str(stream)
        self.faults.add(
            (*path, "stream"),
            quoted(stream),
            "one of: " + ", ".join(known),
            nearest=nearest(stream, known),
            next="write the name as results show it",
        )
        return None

    def _new_liquor(
        self, entry: Mapping[str, Any], path: KeyPath, circuit: Circuit, table: Mapping[str, Any]
    ) -> NewLiquor | None:
        stream, written = self._stream(entry, path, circuit), entry["liquor"]
        if stream is None or written is FAULTY:
            return None
        place = (*path, "liquor")
        parameters = parameter_set(circuit.equilibrium)
        for at, symbol in liquors.named(written, place):
            home = ("circuits", circuit.name)
            check_element(symbol, at, table, parameters, self.faults, home)
        phase = next(phase for inlet, _, phase in circuit.inlets() if inlet.name == stream)
        liquor = liquors.inlet(stream, written, place, table["medium"], self.faults, phase)
        return NewLiquor(liquor) if liquor else None

    # --- specifications

    def _specifications(
        self, circuit: Circuit, events: Mapping[str, Event]
    ) -> tuple[Specification, ...]:
        entries = self.entry["specifications"]
        outlets, elements = (
            [it.name for it in outlets_of(circuit)],
            _elements(circuit, events.values()),
        )
        found = []
        for label, entry in (entries if is_good(entries) else {}).items():
            if entry is FAULTY:
                continue
            path = (*self.path, "specifications", label)
            known = places.check_outlet(entry["outlet"], (*path, "outlet"), outlets, self.faults)
            known &= self._is_element(entry["element"], (*path, "element"), elements)
            asked = entry["purity"], entry["recovery"]
            if asked == (None, None):
                self.faults.add(
                    path,
                    "neither purity nor recovery",
                    "purity, recovery or both",
                    next='add purity = "99 %" or recovery = "95 %"',
                )
            elif known and FAULTY not in asked:
                found.append(Specification(label, entry["outlet"], entry["element"], *asked))
        return tuple(found)

    def _is_element(self, symbol: Any, path: KeyPath, known: list[str]) -> bool:
        if symbol is FAULTY:
            return False
        if symbol not in known:
            self.faults.add(
                path,
                quoted(symbol),
                "an element of the circuit: " + ", ".join(known),
                nearest=nearest(symbol, known),
                next="name an element that a liquor brings",
            )
        return symbol in known


def _elements(circuit: Circuit, events: Iterable[Event]) -> list[str]:
    """Elements of the circuit and of liquors that come later."""
    named = list(circuit.elements)
    for event in events:
        if isinstance(event.change, NewLiquor):
            named += event.change.liquor.concentrations
    return list(dict.fromkeys(named))


def _assuming(circuit: Circuit, table: Mapping[str, Any], events: Iterable[Event]) -> Circuit:
    """The circuit with what its table assumes of elements that come later."""
    assumed = table["assumed"] if is_good(table["assumed"]) else {}
    brought = {name: assumed[name] for name in _elements(circuit, events) if name in assumed}
    return replace(circuit, assumed={**circuit.assumed, **brought})


def _hold(measured: Measured) -> Hold:
    return Hold(measured.value, "time" if measured.dimension == "time" else "volume")
