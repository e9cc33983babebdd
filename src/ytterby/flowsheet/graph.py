"""The plant as a graph: operations, what connects them, and the world outside as its other end.

Every outlet leads somewhere and every inlet is fed, or the flowsheet is refused with all its faults.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ytterby.errors import CaseError, Fault, nearest
from ytterby.materials import Flow
from ytterby.unitops import REAGENTS, Operation

EndKind = Literal["product", "by-product", "residue", "effluent", "emission"]
END_KINDS: tuple[EndKind, ...] = ("product", "by-product", "residue", "effluent", "emission")
OUTSIDE = "outside"
"""Name of the world as a node."""


@dataclass(frozen=True)
class Connection:
    """An outlet, or a share of it, that feeds an inlet."""

    source: str
    """``unit.outlet``, or the name of a feed."""
    target: str
    """``unit.inlet``"""
    share: float = 1.0


@dataclass(frozen=True)
class End:
    """An outlet that leaves the plant."""

    source: str
    """``unit.outlet``"""
    kind: EndKind
    name: str
    """What it is called in results; several outlets of one kind may share a name."""
    share: float = 1.0


@dataclass(frozen=True)
class Flowsheet:
    """Operations and their connections; nothing is solved here."""

    name: str
    feeds: Mapping[str, Flow]
    """What arrives from outside, by name."""
    operations: tuple[Operation, ...]
    connections: tuple[Connection, ...]
    ends: tuple[End, ...]
    supplies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Outlets, as ``unit.outlet``, that are used in place of a bought reagent of one species, by its name."""

    def __post_init__(self) -> None:
        """CaseError with every fault: doubled names, lost ends, outlets that lead nowhere, unfed inlets."""
        faults = self._doubled()
        if not faults:
            faults = [*self._lost(), *self._shares(), *self._unfed(), *self._supplies()]
        if faults:
            raise CaseError(faults)

    @property
    def by_name(self) -> dict[str, Operation]:
        """Operations by their names."""
        return {operation.name: operation for operation in self.operations}

    def into(self, inlet: str) -> list[Connection]:
        """What feeds an inlet."""
        return [connection for connection in self.connections if connection.target == inlet]

    def outlets(self) -> list[str]:
        """Every outlet as ``unit.outlet``."""
        return [f"{unit.name}.{port}" for unit in self.operations for port in unit.OUTLETS]

    def inlets(self) -> list[str]:
        """Every inlet as ``unit.inlet``."""
        return [f"{unit.name}.{port}" for unit in self.operations for port in unit.INLETS]

    def needed(self) -> list[str]:
        """Inlets that must be fed, as ``unit.inlet``."""
        return [
            f"{unit.name}.{port}"
            for unit in self.operations
            for port in unit.INLETS
            if port not in unit.OPTIONAL
        ]

    def order(self) -> list[list[str]]:
        """Names of operations that must be solved together, in the order of the process.

        Strongly connected parts of the graph (Tarjan), each in the order in which the case lists its units.
        """
        targets: dict[str, list[str]] = {unit.name: [] for unit in self.operations}
        for connection in self.connections:
            source, target = unit_of(connection.source), unit_of(connection.target)
            if source in targets:
                targets[source].append(target)
        listed = list(targets)
        parts = _strong_parts(targets)
        return [sorted(part, key=listed.index) for part in parts]

    def _where(self, what: str) -> str:
        return f"plant {self.name}, {what}"

    def _doubled(self) -> list[Fault]:
        names = [*self.feeds, *(unit.name for unit in self.operations)]
        faults = [
            Fault(self._where(name), "named twice, or a unit named as a feed", "names of their own")
            for name in sorted({name for name in names if names.count(name) > 1})
        ]
        pairs = [(it.source, it.target) for it in self.connections]
        faults += [
            Fault(self._where(target), f"{source} twice", "one connection, with its share")
            for source, target in sorted({pair for pair in pairs if pairs.count(pair) > 1})
        ]
        kinds = {(end.name, end.kind) for end in self.ends}
        labels = [name for name, _ in kinds]
        faults += [
            Fault(self._where(f"end {name}"), "of two kinds", "one kind under a name")
            for name in sorted({name for name in labels if labels.count(name) > 1})
        ]
        return faults

    def _lost(self) -> list[Fault]:
        """Connections from or to what is not there."""
        sources, inlets = [*self.feeds, *self.outlets()], self.inlets()
        faults = []
        for connection in self.connections:
            where = self._where(connection.target)
            if connection.target not in inlets:
                faults.append(_unknown(where, connection.target, inlets))
            if connection.source not in sources:
                faults.append(_unknown(where, connection.source, sources))
        for end in self.ends:
            if end.source not in sources:
                faults.append(_unknown(self._where(f"end {end.name}"), end.source, sources))
        return faults

    def _shares(self) -> list[Fault]:
        """Streams that lead nowhere, or are given away in part or more than once."""
        given: dict[str, float] = dict.fromkeys([*self.feeds, *self.outlets()], 0.0)
        parts: list[Connection | End] = [*self.connections, *self.ends]
        for part in parts:
            if part.source in given:
                given[part.source] += part.share
            if not 0.0 < part.share <= 1.0:
                given[part.source] = float("nan")
        for outlets in self.supplies.values():
            given |= {outlet: given[outlet] + 1.0 for outlet in outlets if outlet in given}
        faults = []
        for source, share in given.items():
            if abs(share - 1.0) <= 1e-12:
                continue
            read = (
                "leads nowhere" if share == 0.0 else f"given away by shares that sum to {share:g}"
            )
            next = "connect it, or name it under ends as product, by-product, residue, effluent or emission"
            faults.append(Fault(self._where(source), read, "shares that sum to one", next=next))
        return faults

    def _unfed(self) -> list[Fault]:
        fed = {connection.target for connection in self.connections}
        return [
            Fault(
                self._where(inlet),
                "nothing arrives there",
                "a feed or an outlet of another unit",
                next="give the unit what feeds it, or take it out",
            )
            for inlet in self.needed()
            if inlet not in fed
        ]

    def _supplies(self) -> list[Fault]:
        faults = []
        for reagent, outlets in self.supplies.items():
            where = self._where(f"supply of {reagent}")
            if reagent not in REAGENTS:
                faults.append(_unknown(where, reagent, list(REAGENTS)))
            elif len(REAGENTS[reagent].flow(1.0).amounts) > 1:
                expected = "a reagent of one species, such as water or carbon dioxide"
                faults.append(Fault(where, "a reagent of several species", expected))
            faults += [
                _unknown(where, outlet, self.outlets())
                for outlet in outlets
                if outlet not in self.outlets()
            ]
        return faults


def unit_of(place: str) -> str:
    """The unit of ``unit.port``."""
    return place.partition(".")[0]


def _unknown(where: str, read: str, known: list[str]) -> Fault:
    return Fault(where, read, "one of: " + ", ".join(known), nearest(read, known))


def _strong_parts(targets: Mapping[str, list[str]]) -> list[list[str]]:
    """Strongly connected parts, sources first."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        order[name] = low[name] = len(order)
        stack.append(name)
        for target in targets[name]:
            if target not in order:
                visit(target)
                low[name] = min(low[name], low[target])
            elif target in stack:
                low[name] = min(low[name], order[target])
        if low[name] == order[name]:
            place = stack.index(name)
            found.append(stack[place:])
            del stack[place:]

    for name in targets:
        if name not in order:
            visit(name)
    return found[::-1]
