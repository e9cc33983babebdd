"""A graph laid out in rows: rows by longest path, order by barycentres, places by least squares.

After Sugiyama, Tagawa and Toda: edges that run against the order of the nodes are left out of the rows and
routed beside them; an edge over several rows keeps a lane in each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

SWEEPS = 24
"""Passes down and up that order rows, and that place what stands in them."""
PULL = 6.0
"""Width by which even a thin edge draws its ends together."""


@dataclass(frozen=True)
class Node:
    """What is placed."""

    name: str
    width: float


@dataclass(frozen=True)
class Edge:
    """What joins two nodes, by their names."""

    source: str
    target: str
    width: float


@dataclass(frozen=True)
class Layout:
    """Where everything stands; x in the unit of the widths, rows from 0."""

    rows: Mapping[str, int]
    """Of each node."""
    places: Mapping[str, float]
    """Middle of each node along its row."""
    lanes: Mapping[int, tuple[tuple[float, int], ...]]
    """By place of an edge in the list: x and row of each row that it passes; none for one that runs back."""
    width: float
    """Of the whole."""

    @property
    def height(self) -> int:
        """Number of rows."""
        return max(self.rows.values(), default=-1) + 1


def laid_out(nodes: Sequence[Node], edges: Sequence[Edge], widest: float, gap: float) -> Layout:
    """Places of nodes, listed in the order of the process, in rows that are no wider than ``widest``.

    A node alone may be. ``gap`` is what stands free between neighbours.
    """
    place = {node.name: number for number, node in enumerate(nodes)}
    forward = [
        number for number, it in enumerate(edges) if place[it.source] < place[it.target]
    ]  # fmt: skip
    rows = _rows(nodes, [edges[number] for number in forward], widest, gap)
    items, links, lanes = _with_lanes(nodes, edges, forward, rows)
    order = _ordered(items, links)
    x = _placed(order, links, {it: width for it, (_, width) in items.items()}, gap)
    left = min(x[it] - items[it][1] / 2 for it in items)
    right = max(x[it] + items[it][1] / 2 for it in items)
    return Layout(
        rows=rows,
        places={node.name: x[node.name] - left for node in nodes},
        lanes={
            number: tuple((x[lane] - left, items[lane][0]) for lane in lanes[number])
            for number in forward
        },
        width=right - left,
    )


def _rows(
    nodes: Sequence[Node], edges: Sequence[Edge], widest: float, gap: float
) -> dict[str, int]:
    """Row of each node: below all that feed it, the first with room; a source just above what it feeds."""
    before: dict[str, list[str]] = {node.name: [] for node in nodes}
    after: dict[str, list[str]] = {node.name: [] for node in nodes}
    for edge in edges:
        before[edge.target].append(edge.source)
        after[edge.source].append(edge.target)
    taken: dict[int, float] = {}
    rows: dict[str, int] = {}
    for node in nodes:
        row = max((rows[name] + 1 for name in before[node.name]), default=0)
        while taken.get(row, 0.0) and taken[row] + node.width > widest:
            row += 1
        rows[node.name] = row
        taken[row] = taken.get(row, 0.0) + node.width + gap
    for node in nodes:
        if not before[node.name] and after[node.name]:
            rows[node.name] = max(0, min(rows[name] for name in after[node.name]) - 1)
    filled = {row: place for place, row in enumerate(sorted(set(rows.values())))}
    return {name: filled[row] for name, row in rows.items()}


Items = dict[str, tuple[int, float]]
"""Row and width of nodes and lanes."""
Links = list[tuple[str, str, float]]
"""Neighbours in rows below each other, with the width of what joins them."""


def _with_lanes(
    nodes: Sequence[Node], edges: Sequence[Edge], forward: Sequence[int], rows: Mapping[str, int]
) -> tuple[Items, Links, dict[int, list[str]]]:
    """Nodes and lanes of edges over several rows, what joins them, and the lanes of each edge."""
    items: Items = {node.name: (rows[node.name], node.width) for node in nodes}
    links: Links = []
    lanes: dict[int, list[str]] = {}
    for number in forward:
        edge = edges[number]
        names = []
        for row in range(rows[edge.source] + 1, rows[edge.target]):
            name = f"\0{number} {row}"
            items[name] = (row, edge.width)
            names.append(name)
        chain = [edge.source, *names, edge.target]
        links += [(one, two, edge.width) for one, two in pairwise(chain)]
        lanes[number] = names
    return items, links, lanes


def _ordered(items: Items, links: Links) -> list[list[str]]:
    """Names row by row, so that few links cross; the best of all sweeps."""
    order: list[list[str]] = [[] for _ in range(max(row for row, _ in items.values()) + 1)]
    for name, (row, _) in items.items():
        order[row].append(name)
    up, down = _neighbours(links)
    best, fewest = [list(row) for row in order], _crossings(order, down)
    for sweep in range(SWEEPS):
        downward = sweep % 2 == 0
        beside = up if downward else down
        for this in order if downward else order[::-1]:
            at = {name: number for line in order for number, name in enumerate(line)}
            this.sort(key=lambda name: (_mean(beside.get(name, ()), at, at[name]), at[name]))
        found = _crossings(order, down)
        if found < fewest:
            best, fewest = [list(row) for row in order], found
    return best


Neighbours = dict[str, list[tuple[str, float]]]


def _neighbours(links: Links) -> tuple[Neighbours, Neighbours]:
    """Neighbours above and below, each with the width of what joins them."""
    up: Neighbours = {}
    down: Neighbours = {}
    for one, two, width in links:
        up.setdefault(two, []).append((one, width))
        down.setdefault(one, []).append((two, width))
    return up, down


def _mean(beside: Sequence[tuple[str, float]], at: Mapping[str, float], own: float) -> float:
    """Mean place of neighbours, wide links counting more; its own place where it has none."""
    total = sum(width + PULL for _, width in beside)
    return sum(at[name] * (width + PULL) for name, width in beside) / total if total else own


def _crossings(order: Sequence[Sequence[str]], down: Neighbours) -> int:
    """Pairs of links between neighbouring rows that cross."""
    found = 0
    for above, below in pairwise(order):
        at = {name: number for number, name in enumerate(below)}
        ends = [at[name] for one in above for name in _sorted_names(down.get(one, ()), at)]
        found += sum(
            1
            for number, first in enumerate(ends)
            for second in ends[number + 1 :]
            if second < first
        )
    return found


def _sorted_names(beside: Sequence[tuple[str, float]], at: Mapping[str, int]) -> list[str]:
    """Names of neighbours in the order of their row."""
    return sorted((name for name, _ in beside), key=lambda name: at[name])


def _placed(
    order: Sequence[Sequence[str]], links: Links, widths: Mapping[str, float], gap: float
) -> dict[str, float]:
    """Middle of each item: near its neighbours, in its order, without overlap."""
    up, down = _neighbours(links)
    x: dict[str, float] = {}
    for row in order:
        along = 0.0
        for name in row:
            x[name] = along + widths[name] / 2
            along += widths[name] + gap
    for sweep in range(SWEEPS):
        downward = sweep % 2 == 0
        beside = up if downward else down
        for line in order if downward else order[::-1]:
            wanted = [_mean(beside.get(name, ()), x, x[name]) for name in line]
            for name, value in zip(line, _spread(wanted, line, widths, gap), strict=True):
                x[name] = value
    return x


def _spread(
    wanted: Sequence[float], row: Sequence[str], widths: Mapping[str, float], gap: float
) -> list[float]:
    """Places nearest to those wanted, by least squares, that keep order and gaps: pooled neighbours."""
    offsets = [0.0]
    for one, two in pairwise(row):
        offsets.append(offsets[-1] + (widths[one] + widths[two]) / 2 + gap)
    pools: list[list[float]] = []
    for value, offset in zip(wanted, offsets, strict=True):
        pools.append([value - offset, 1.0])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            mean, count = pools.pop()
            other, more = pools.pop()
            pools.append([(mean * count + other * more) / (count + more), count + more])
    level = [mean for mean, count in pools for _ in range(int(count))]
    return [value + offset for value, offset in zip(level, offsets, strict=True)]
