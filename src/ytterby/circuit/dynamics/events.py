"""What happens to a circuit while it runs: inputs that change at a time, for a time or for good."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import ClassVar, NamedTuple

from ytterby.circuit.circuit import Circuit, Inlet, Place
from ytterby.elements import SYMBOLS
from ytterby.errors import CaseError, Fault, nearest
from ytterby.quantities import show

ORGANIC = "organic"
"""What a change of flow calls the organic that enters stage 1."""


class Setting(NamedTuple):
    """A circuit as it runs between two events."""

    circuit: Circuit
    stopped: frozenset[int] = frozenset()
    """Stages, from 0, whose mixer stands still."""


@dataclass(frozen=True)
class NewLiquor:
    """Another liquor in place of that of the same name: another feed, another campaign."""

    liquor: Inlet

    kind: ClassVar[str] = "feed"

    def __str__(self) -> str:
        metals = (
            f"{name} {show(c, 'concentration', digits=4)}"
            for name, c in self.liquor.concentrations.items()
            if c > 0.0
        )
        flow = show(self.liquor.flow, "volume flow", digits=4)
        return f"{self.liquor.name} of {flow} with {', '.join(metals) or 'no metal'}"

    def on(self, setting: Setting) -> Setting:
        """The setting with this change."""
        return _with_inlet(setting, self.liquor.name, lambda _: self.liquor)


@dataclass(frozen=True)
class WeakerAcid:
    """A liquor whose acid falls to a share of itself."""

    stream: str
    share: float

    kind: ClassVar[str] = "acid"

    def __str__(self) -> str:
        return f"{self.stream} with {100 * self.share:.4g} % of its acid"

    def on(self, setting: Setting) -> Setting:
        """The setting with this change."""
        weaker = lambda inlet: replace(inlet, acid=self.share * inlet.acid)  # noqa: E731
        return _with_inlet(setting, self.stream, weaker)


@dataclass(frozen=True)
class OtherFlow:
    """A liquor, or the organic, whose flow becomes a multiple of itself."""

    stream: str
    """Name of a liquor, or ``ORGANIC``."""
    share: float

    kind: ClassVar[str] = "flow"

    def __str__(self) -> str:
        return f"{self.stream} at {100 * self.share:.4g} % of its flow"

    def on(self, setting: Setting) -> Setting:
        """The setting with this change."""
        circuit = setting.circuit
        if self.stream == ORGANIC:
            organic = replace(circuit.organic, flow=self.share * circuit.organic.flow)
            return setting._replace(circuit=replace(circuit, organic=organic))
        other = lambda inlet: replace(inlet, flow=self.share * inlet.flow)  # noqa: E731
        return _with_inlet(setting, self.stream, other)


@dataclass(frozen=True)
class LessBase:
    """A saponification that falls to a share of itself."""

    share: float

    kind: ClassVar[str] = "saponification"

    def __str__(self) -> str:
        return f"saponification at {100 * self.share:.4g} % of its own"

    def on(self, setting: Setting) -> Setting:
        """The setting with this change."""
        circuit = setting.circuit
        saponification = self.share * circuit.organic.saponification
        organic = replace(circuit.organic, saponification=saponification)
        return setting._replace(circuit=replace(circuit, organic=organic))


@dataclass(frozen=True)
class StoppedStage:
    """A mixer that stands still: both phases pass the stage and nothing goes over."""

    place: Place

    kind: ClassVar[str] = "stage"

    def __str__(self) -> str:
        return f"stage {self.place.stage} of {self.place.section} stands still"

    def on(self, setting: Setting) -> Setting:
        """The setting with this change."""
        stage = setting.circuit.index(self.place)
        return setting._replace(stopped=setting.stopped | {stage})


Change = NewLiquor | WeakerAcid | OtherFlow | LessBase | StoppedStage


@dataclass(frozen=True)
class Event:
    """A change that begins at a time and may end."""

    label: str
    at: float
    """[h] from the start."""
    change: Change
    lasting: float | None = None
    """[h]; None: until the end."""

    @property
    def end(self) -> float:
        """[h] from the start; infinite where it stays."""
        return float("inf") if self.lasting is None else self.at + self.lasting


@dataclass(frozen=True)
class Period:
    """A stretch of time without events."""

    begin: float
    """[h]"""
    end: float
    """[h]"""
    events: tuple[str, ...]
    """Labels of the events that act."""
    setting: Setting

    @property
    def name(self) -> str:
        """The events that act, or that there are none."""
        return " + ".join(self.events) or "normal"


def periods(circuit: Circuit, events: Sequence[Event], duration: float) -> tuple[Period, ...]:
    """What runs from when to when; CaseError for an event that cannot happen.

    Events that act at once are applied in their order.
    """
    faults = [fault for event in events for fault in _faults(event, circuit, duration)]
    labels = [event.label for event in events]
    faults += [
        Fault(f"event {label}", "two events of that name", "names of their own")
        for label in sorted({label for label in labels if labels.count(label) > 1})
    ]
    if faults:
        raise CaseError(faults)
    times = {0.0, duration, *(event.at for event in events)}
    times |= {event.end for event in events if event.end < duration}
    ordered = sorted(times)
    whole = replace(circuit, elements=_elements(circuit, events))
    found = []
    for begin, end in pairwise(ordered):
        acting = [event for event in events if event.at <= begin < event.end]
        setting = Setting(whole)
        for event in acting:
            setting = event.change.on(setting)
        found.append(Period(begin, end, tuple(event.label for event in acting), setting))
    return tuple(found)


def _elements(circuit: Circuit, events: Sequence[Event]) -> tuple[str, ...]:
    """Elements of the circuit and of all liquors that ever enter, by atomic number."""
    changes = [event.change for event in events]
    liquors = [change.liquor for change in changes if isinstance(change, NewLiquor)]
    named = {*circuit.elements, *(name for liquor in liquors for name in liquor.concentrations)}
    return tuple(symbol for symbol in SYMBOLS if symbol in named)


def _with_inlet(setting: Setting, name: str, change: Callable[[Inlet], Inlet]) -> Setting:
    """The setting with the liquor of that name changed, of a section or at the side."""
    circuit = setting.circuit
    sections = tuple(
        replace(section, inlet=change(section.inlet))
        if section.inlet and section.inlet.name == name
        else section
        for section in circuit.sections
    )
    sides = tuple(
        replace(feed, inlet=change(feed.inlet)) if feed.inlet.name == name else feed
        for feed in circuit.side_feeds
    )
    return setting._replace(circuit=replace(circuit, sections=sections, side_feeds=sides))


# --- what cannot happen


def _faults(event: Event, circuit: Circuit, duration: float) -> list[Fault]:
    where = f"event {event.label}"
    faults = []
    if not 0.0 <= event.at < duration:
        expected = f"from 0 h to less than the duration of {duration:g} h"
        faults.append(Fault(f"{where}, at", f"{event.at:g} h", expected))
    if event.lasting is not None and not event.lasting > 0.0:
        faults.append(Fault(f"{where}, lasting", f"{event.lasting:g} h", "more than 0 h"))
    change = event.change
    if isinstance(change, StoppedStage):
        faults += _lost(where, change.place, circuit)
        return faults
    if not isinstance(change, NewLiquor) and not 0.0 <= change.share < float("inf"):
        faults.append(Fault(f"{where}, share", f"{change.share:g}", "0 or more"))
    if isinstance(change, LessBase):
        return faults
    known = [inlet.name for inlet, _, _ in circuit.inlets()]
    name = change.liquor.name if isinstance(change, NewLiquor) else change.stream
    if isinstance(change, OtherFlow):
        known.append(ORGANIC)
        if change.share == 0.0:
            faults.append(Fault(f"{where}, share", "0", "a flow above 0"))
    if name not in known:
        near = nearest(name, known)
        faults.append(Fault(f"{where}, stream", name, "one of: " + ", ".join(known), near))
    return faults


def _lost(where: str, place: Place, circuit: Circuit) -> list[Fault]:
    """The fault of a place that the circuit does not have."""
    stages = {section.label: section.stages for section in circuit.sections}
    if 1 <= place.stage <= stages.get(place.section, 0):
        return []
    expected = ", ".join(f"{label} 1 to {count}" for label, count in stages.items())
    near = nearest(place.section, stages)
    return [Fault(where, f"stage {place.stage} of {place.section}", expected, near)]
