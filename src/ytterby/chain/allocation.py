"""The allocation as arrays: which column is what, which row holds what, and their bounds.

Rows: what a pool takes in is at least what leaves it, by pool and month (the slack is left over); capacity,
by group of lines and month; delivered, taken from the customer's stock and short make what is due, by demand
and month; the customer's stock; the stock at the start, by material; and, where a facility is qualified for
a share only, what it delivers in all. Columns: runs, stocks, what is handed from pool to pool, old stock
issued, shipments, the customer's stock taken, shortage. Every column has a finite bound that every
allocation keeps, so that duals alone prove a bound.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ytterby.chain.classes import Classes, LineGroup, LineKey
from ytterby.chain.network import Recipe
from ytterby.chain.pools import MARKET, OLD_STOCK, Pool, Reach, Run
from ytterby.chain.program import Program

if TYPE_CHECKING:
    from ytterby.chain.match import MatchTask

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NOTHING = 1e-9
"""Share of an amount below which another is its rounding."""
KEEPING = 0.01
"""Tonnes run that keeping a tonne for a month counts for, where the leanest allocation is looked for."""
SPARING = 1e3
"""Tonnes run that a tonne of a customer's own stock counts for there: it is kept for months that would be
short."""
PASSES = 50
"""Most rounds of taking out what is made for nothing; each goes one step further up the chain."""


@dataclass(frozen=True)
class Block:
    """Columns of one kind that follow each other."""

    start: int
    what: Ints
    """Place in the list of the kind, shape (column,)."""
    month: Ints
    """From the first month of the program, shape (column,)."""

    @property
    def end(self) -> int:
        """One past the last column."""
        return self.start + self.what.size

    @property
    def columns(self) -> Ints:
        """Their numbers."""
        return np.arange(self.start, self.end)

    def table(self, x: Floats, kinds: int, span: int) -> Floats:
        """Values of the block, shape (kind, month)."""
        found = np.zeros((kinds, span))
        found[self.what, self.month] = x[self.start : self.end]
        return found


@dataclass(frozen=True)
class Shipping:
    """A way to a customer."""

    facility: str
    """Empty for old stock."""
    demand: int
    material: str
    pool: int


@dataclass(frozen=True)
class Layout:
    """Where everything stands."""

    task: MatchTask
    groups: tuple[LineGroup, ...]
    classes: Classes
    reach: Reach
    arcs: NDArray[np.int64]
    """Pools from and to which something may be handed, shape (arc, 2)."""
    shippings: tuple[Shipping, ...]
    runs: Block
    stocks: Block
    handed: Block
    issued: Block
    shipped: Block
    taken: Block
    short: Block
    due: Floats
    """Shape (demand, month)."""
    allowed: Floats
    """Largest shipment of each column of ``shipped`` [t]."""
    matrix: Any
    capacity_row: int
    """First row of capacities; group-major."""
    due_row: int
    own_row: int
    old_row: int
    share_row: int
    shares: Floats
    """Largest delivery of each row from ``share_row`` on [t]."""
    old_materials: tuple[str, ...]

    @property
    def span(self) -> int:
        """Months of the program."""
        return self.task.span

    def capacities(self, capacity: Mapping[LineKey, Floats]) -> Floats:
        """Of each group [t], shape (group, month)."""
        return np.array(
            [np.sum([capacity[line.key] for line in it.lines], axis=0) for it in self.groups]
        ).reshape(len(self.groups), self.span)

    def bounds(self, groups: Floats, stocks: Mapping[str, float]) -> tuple[Floats, ...]:
        """Lower and upper bounds of columns, then of rows, for capacities of groups and stocks at the
        start."""
        lower = np.zeros(self.short.end)
        upper = np.zeros(self.short.end)
        group_of = np.array([it.group for it in self.reach.runs], dtype=np.int64)
        # Above the capacity, so that what capacity is worth shows in its row and not in a column's bound.
        upper[self.runs.columns] = 2.0 * groups[group_of[self.runs.what], self.runs.month] + 1.0
        there = self._there(groups, stocks)
        upper[self.stocks.columns] = there[self.stocks.what, self.stocks.month]
        upper[self.handed.columns] = there[self.arcs[self.handed.what, 0], self.handed.month]
        upper[self.issued.columns] = [stocks[it.material] for it in self.reach.old]
        upper[self.shipped.columns] = self.allowed
        upper[self.short.columns] = self.due[self.short.what, self.short.month]
        own = np.array([it.stock for it in self.task.demands])
        upper[self.taken.columns] = np.minimum(
            own[self.taken.what], self.due[self.taken.what, self.taken.month]
        )
        row_lower = np.full(self.matrix.shape[0], -np.inf)
        row_upper = np.full(self.matrix.shape[0], np.inf)
        row_lower[: self.capacity_row] = 0.0
        row_upper[self.capacity_row : self.due_row] = groups.ravel()
        asked = upper[self.short.columns]
        row_lower[self.due_row : self.own_row] = row_upper[self.due_row : self.own_row] = asked
        row_upper[self.own_row : self.old_row] = own[own > 0]
        row_upper[self.old_row : self.share_row] = [stocks[it] for it in self.old_materials]
        row_upper[self.share_row :] = self.shares
        return lower, upper, row_lower, row_upper

    def limit_shortage(self, upper: Floats, at_most: Mapping[str, Floats]) -> None:
        """Lowers, in place, the bounds of the shortage of demands by name [t], shape (months,)."""
        for number, demand in enumerate(self.task.demands):
            if demand.name in at_most:
                here = self.short.what == number
                columns, months = self.short.columns[here], self.short.month[here]
                most = at_most[demand.name][months - self.task.lead_in]
                upper[columns] = np.minimum(upper[columns], most)

    @property
    def cost(self) -> Floats:
        """Of the shortage, shape (column,)."""
        cost = np.zeros(self.short.end)
        cost[self.short.columns] = self._weights[self.short.what, self.short.month]
        return cost

    @property
    def _weights(self) -> Floats:
        """Of a tonne short, by priority and month, shape (demand, month)."""
        priority = np.array([it.priority for it in self.task.demands])
        ahead = (self.span - 1.0 - np.arange(self.span)) / self.task.months
        weights: Floats = np.outer(priority, 1.0 + self.task.early * ahead)
        return weights

    def leanest(self, program: Program, x: Floats) -> Program:
        """The program of the least tonnes run and kept among the allocations that are nowhere shorter
        than x."""
        cost, upper = np.zeros_like(program.cost), program.upper.copy()
        cost[self.runs.columns] = cost[self.issued.columns] = 1.0
        cost[self.stocks.columns] = KEEPING
        cost[self.taken.columns] = SPARING
        upper[self.short.columns] = x[self.short.columns]
        lower, rows = program.lower, (program.row_lower, program.row_upper)
        return Program(cost, lower, upper, *rows, program.matrix)

    def settled(self, x: Floats) -> Floats:
        """The same deliveries with nothing made, handed on or kept for nothing.

        No run is left of which every output is left over, and no more is in stock than later months take.
        What is made besides something that is taken stays, and is left over in the month in which it comes.
        """
        settled = self._stocked(x)
        for _ in range(PASSES):
            if not self._trim(settled):
                break
            settled = self._stocked(settled)
        return settled

    def _stocked(self, x: Floats) -> Floats:
        """With the least stocks that serve the rest."""
        stocked = x.copy()
        stocked[self.stocks.columns] = 0.0
        need = np.zeros((len(self.reach.pools), self.span))
        net = self._net(stocked)
        for month in range(self.span - 2, self.task.lead_in - 1, -1):
            need[:, month] = np.maximum(0.0, need[:, month + 1] - net[:, month + 1])
        stocked[self.stocks.columns] = need[self.stocks.what, self.stocks.month]
        return stocked

    def _trim(self, x: Floats) -> bool:
        """Takes out of x what only adds to what is left over; whether there was any."""
        left, lead_in = self._net(x), self.task.lead_in
        least = NOTHING * max(1.0, float(x.max(initial=0.0)))
        before = x.sum()
        for place, (_, sink) in enumerate(self.arcs):
            here = self.handed.start + place * self.span
            _take(x[here : here + self.span], left[sink], least)
        for place, pool in enumerate(self.reach.old):
            here = self.issued.start + place
            sink = self.reach.pools.index(pool)
            _take(x[here : here + 1], left[sink, lead_in : lead_in + 1], least)
        starts = np.searchsorted(self.runs.what, np.arange(len(self.reach.runs) + 1))
        for place in range(len(self.reach.runs)):
            self._trim_run(place, slice(starts[place], starts[place + 1]), x, left, least)
        return bool(before - x.sum() > least)

    def _trim_run(self, place: int, here: slice, x: Floats, left: Floats, least: float) -> None:
        """Takes out of one run, and of what is left of its outputs, what no output of it is taken of."""
        run, spare = self.reach.runs[place], x[here].copy()
        if not (spare > least).any():
            return
        comes = self.runs.month[here] + self.task.wait(run.recipe)
        lands = [
            (self.reach.target[run.number, k, comes], run.recipe.outputs[output.material])
            for k, output, _ in run.outputs
        ]
        for pool, amount in lands:
            spare = np.minimum(spare, np.where(pool >= 0, left[pool, comes] / amount, np.inf))
        spare[spare <= least] = 0.0
        x[here] -= spare
        for pool, amount in lands:
            held = pool >= 0
            left[pool[held], comes[held]] -= amount * spare[held]

    def _net(self, x: Floats) -> Floats:
        """What pools take in less what leaves them [t], shape (pool, month)."""
        rows: Floats = (self.matrix @ x)[: self.capacity_row]
        return rows.reshape(len(self.reach.pools), self.span)

    @property
    def weight(self) -> float:
        """All that is due, weighted as its shortage is [t]."""
        return float((self._weights * self.due).sum())

    def _there(self, groups: Floats, stocks: Mapping[str, float]) -> Floats:
        """What can lie in a pool at the end of a month at most, before anyone takes from it [t], shape
        (pool, month)."""
        made: dict[tuple[str, str], Floats] = {}
        for number, recipe in dict.fromkeys((it.group, it.recipe.name) for it in self.reach.runs):
            group, step = self.groups[number], self.task.network.recipes[recipe]
            wait = self.task.wait(step)
            for material, amount in step.outputs.items():
                for owner in {MARKET, group.facility}:
                    series = made.setdefault((owner, material), np.zeros(self.span))
                    series[wait:] += amount * groups[number][: self.span - wait]
        for material, tonnes in stocks.items():
            for owner in (MARKET, OLD_STOCK):
                made.setdefault((owner, material), np.zeros(self.span))[self.task.lead_in] += tonnes
        # Nothing is kept before the first month served.
        for series in made.values():
            series[self.task.lead_in :] = np.cumsum(series[self.task.lead_in :])
        nothing = np.zeros(self.span)
        return np.array(
            [made.get((it.owner, it.material), nothing) for it in self.reach.pools]
        ).reshape(len(self.reach.pools), self.span)


def months_of(recipe: Recipe) -> int:
    """Whole months from inputs to outputs; a begun month counts."""
    return int(np.ceil(recipe.lead - 1e-9))


def _take(amounts: Floats, left: Floats, least: float) -> None:
    """Takes off amounts, in place, what would only be left."""
    spare = np.minimum(amounts, left)
    spare[spare <= least] = 0.0
    amounts -= spare
    left -= spare


class _Entries:
    """Coefficients as they are met."""

    def __init__(self) -> None:
        self._rows: list[Ints] = []
        self._columns: list[Ints] = []
        self._values: list[Floats] = []

    def add(self, rows: Ints, columns: Ints, value: float) -> None:
        self._rows.append(rows)
        self._columns.append(columns)
        self._values.append(np.full(rows.size, value))

    def matrix(self, rows: int, columns: int) -> Any:
        from scipy.sparse import coo_array

        none = np.zeros(0, dtype=np.int64)
        place = (np.concatenate([none, *self._rows]), np.concatenate([none, *self._columns]))
        values = np.concatenate([none.astype(float), *self._values])
        return coo_array((values, place), shape=(rows, columns)).tocsc()


def lay_out(
    task: MatchTask,
    groups: tuple[LineGroup, ...],
    classes: Classes,
    reach: Reach,
    due: Floats,
    ways: Mapping[tuple[str, int], Floats],
) -> Layout:
    """The layout; ``ways`` gives the share of the due that a facility may deliver, by (facility, demand),
    shape (month,)."""
    pools = {pool: place for place, pool in enumerate(reach.pools)}
    span, lead_in = task.span, task.lead_in
    entries = _Entries()
    capacity_row = len(pools) * span
    due_row = capacity_row + len(groups) * span

    runs = _runs(entries, task, classes, reach, pools)
    kept = np.arange(lead_in, span - 1)
    stocks = _grid(runs.end, len(pools), kept)
    entries.add(stocks.what * span + stocks.month, stocks.columns, -1.0)
    entries.add(stocks.what * span + stocks.month + 1, stocks.columns, 1.0)

    arcs = _arcs(classes, pools)
    handed = _grid(stocks.end, len(arcs), np.arange(span))
    for end, sign in ((0, -1.0), (1, 1.0)):
        entries.add(arcs[handed.what, end] * span + handed.month, handed.columns, sign)

    issued = _grid(handed.end, len(reach.old), np.array([lead_in]))
    old_pools = np.array([pools[it] for it in reach.old], dtype=np.int64)
    entries.add(old_pools * span + lead_in, issued.columns, 1.0)

    short_what, short_month = np.nonzero(due > 0)
    row_of = np.full(due.shape, -1, dtype=np.int64)
    row_of[short_what, short_month] = due_row + np.arange(short_what.size)
    own_row = due_row + short_what.size

    shippings = _shippings(task, classes, pools, ways)
    shipped, allowed = _shipped(issued.end, shippings, ways, due)
    pool_of = np.array([it.pool for it in shippings], dtype=np.int64)
    demand_of = np.array([it.demand for it in shippings], dtype=np.int64)
    entries.add(pool_of[shipped.what] * span + shipped.month, shipped.columns, -1.0)
    entries.add(row_of[demand_of[shipped.what], shipped.month], shipped.columns, 1.0)

    holders = [number for number, it in enumerate(task.demands) if it.stock > 0]
    takes = np.isin(short_what, holders)
    taken = Block(shipped.end, short_what[takes], short_month[takes])
    entries.add(row_of[taken.what, taken.month], taken.columns, 1.0)
    entries.add(own_row + np.searchsorted(holders, taken.what), taken.columns, 1.0)
    old_row = own_row + len(holders)

    short = Block(taken.end, short_what, short_month)
    entries.add(row_of[short_what, short_month], short.columns, 1.0)

    old_materials = tuple(sorted({it.material for it in reach.old}))
    old_rows = np.array([old_materials.index(it.material) for it in reach.old], dtype=np.int64)
    entries.add(old_row + old_rows, issued.columns, 1.0)
    share_row = old_row + len(old_materials)
    shares = _shares(entries, shippings, shipped, allowed, due, share_row)
    return Layout(
        task=task,
        groups=groups,
        classes=classes,
        reach=reach,
        arcs=arcs,
        shippings=shippings,
        runs=runs,
        stocks=stocks,
        handed=handed,
        issued=issued,
        shipped=shipped,
        taken=taken,
        short=short,
        due=due,
        allowed=allowed,
        matrix=entries.matrix(share_row + shares.size, short.end),
        capacity_row=capacity_row,
        due_row=due_row,
        own_row=own_row,
        old_row=old_row,
        share_row=share_row,
        shares=shares,
        old_materials=old_materials,
    )


def runs_of_lines(
    layout: Layout, x: Floats, capacity: Mapping[LineKey, Floats]
) -> list[tuple[int, LineKey, Floats]]:
    """Place of the run, line, and what it runs by month [t]; lines of a group run in proportion to
    capacity."""
    table = layout.runs.table(x, len(layout.reach.runs), layout.span)
    whole = layout.capacities(capacity)
    found = []
    for place, run in enumerate(layout.reach.runs):
        if not table[place].any():
            continue
        room = whole[run.group]
        for line in layout.groups[run.group].lines:
            share = np.divide(capacity[line.key], room, out=np.zeros(layout.span), where=room > 0)
            found.append((place, line.key, table[place] * share))
    return found


def left_over(
    layout: Layout, x: Floats, runs: list[tuple[int, LineKey, Floats]]
) -> tuple[dict[tuple[str, str], float], dict[str, Floats]]:
    """What nobody takes [t]: by (facility, material) over the span, and by material and month."""
    lines = list(dict.fromkeys(key for _, key, _ in runs))
    place_of = {key: place for place, key in enumerate(lines)}
    # What each line brings to each pool over the span; the last column is old stock.
    filled = np.zeros((len(layout.reach.pools), len(lines) + 1))
    by_maker: dict[tuple[str, str], float] = {}
    by_month: dict[str, Floats] = {}
    for number, key, tonnes in runs:
        run = layout.reach.runs[number]
        wait = layout.task.wait(run.recipe)
        for k, output, _ in run.outputs:
            made = np.zeros(layout.span)
            made[wait:] = run.recipe.outputs[output.material] * tonnes[: layout.span - wait]
            target = layout.reach.target[run.number, k]
            taken = target >= 0
            np.add.at(filled[:, place_of[key]], target[taken], made[taken])
            refused = np.where(taken, 0.0, made)
            if refused.any():
                _count(by_maker, (key[0], output.material), float(refused.sum()))
                _count(by_month, output.material, refused)
    old = [layout.reach.pools.index(it) for it in layout.reach.old]
    filled[old, -1] += x[layout.issued.columns]
    _hand_on(layout, x, filled)
    left = layout._net(x)
    owners = [*(key[0] for key in lines), ""]
    for place, pool in enumerate(layout.reach.pools):
        total, all_in = float(left[place].sum()), float(filled[place].sum())
        if all_in > 0 and total > NOTHING * all_in:
            _count(by_month, pool.material, left[place])
            for owner, brought in zip(owners, filled[place], strict=True):
                if brought > 0:
                    _count(by_maker, (owner, pool.material), total * float(brought) / all_in)
    return by_maker, by_month


def _hand_on(layout: Layout, x: Floats, filled: Floats) -> None:
    """Adds to each pool what others hand to it, mixed as they were filled."""
    flows = layout.handed.table(x, len(layout.arcs), layout.span).sum(axis=1)
    tightness = layout.classes.inside.sum(axis=0)

    def order(arc: int) -> tuple[bool, int]:
        pool = layout.reach.pools[layout.arcs[arc, 0]]
        return pool.owner == MARKET, int(tightness[pool.number])

    for arc in sorted(range(len(layout.arcs)), key=order):
        source, sink = layout.arcs[arc]
        if flows[arc] > 0 and (there := filled[source].sum()) > 0:
            filled[sink] += filled[source] * flows[arc] / there


def shipments(layout: Layout, x: Floats) -> dict[tuple[str, str, str], Floats]:
    """By (facility, demand, material), by month served [t], only what is not 0."""
    table = layout.shipped.table(x, len(layout.shippings), layout.span)[:, layout.task.lead_in :]
    return {
        (it.facility, layout.task.demands[it.demand].name, it.material): tonnes
        for it, tonnes in zip(layout.shippings, table, strict=True)
        if tonnes.any()
    }


def stocks(layout: Layout, x: Floats) -> dict[tuple[str, int], Floats]:
    """By (material, class), at the end of each month [t], only what is not 0."""
    table = layout.stocks.table(x, len(layout.reach.pools), layout.span)
    found: dict[tuple[str, int], Floats] = {}
    for pool, tonnes in zip(layout.reach.pools, table, strict=True):
        if tonnes.any():
            _count(found, (pool.material, pool.number), tonnes)
    return found


def unused(layout: Layout, x: Floats, held: Mapping[str, float]) -> dict[str, float]:
    """Of the stocks at the start, what is not issued [t], by material."""
    left = dict(held)
    for pool, tonnes in zip(layout.reach.old, x[layout.issued.columns], strict=True):
        left[pool.material] -= float(tonnes)
    return left


def worth_of_capacity(layout: Layout, duals: Floats) -> dict[LineKey, Floats]:
    """Shortage removed by one more tonne of capacity, by line and month [t/t]."""
    rows = -duals[layout.capacity_row : layout.due_row].reshape(len(layout.groups), layout.span)
    return {
        line.key: worth
        for group, worth in zip(layout.groups, rows, strict=True)
        for line in group.lines
    }


def worth_of_recipes(layout: Layout, duals: Floats) -> dict[tuple[str, str, str], Floats]:
    """Shortage removed by one more tonne run of a recipe, by (facility, line, recipe) and month [t/t]."""
    pools = layout.matrix[: layout.capacity_row]
    margin = np.maximum(0.0, pools.T @ duals[: layout.capacity_row])
    table = layout.runs.table(margin, len(layout.reach.runs), layout.span)
    found: dict[tuple[str, str, str], Floats] = {}
    for run, worth in zip(layout.reach.runs, table, strict=True):
        for line in layout.groups[run.group].lines:
            key = *line.key, run.recipe.name
            found[key] = np.maximum(found.get(key, worth), worth)
    return found


def worth_of_material(layout: Layout, duals: Floats) -> dict[tuple[str, int], Floats]:
    """Shortage removed by one more tonne in the best-placed pool, by (material, class) and month [t/t]."""
    rows = duals[: layout.capacity_row].reshape(len(layout.reach.pools), layout.span)
    found: dict[tuple[str, int], Floats] = {}
    for pool, worth in zip(layout.reach.pools, rows, strict=True):
        key = pool.material, pool.number
        found[key] = np.maximum(found.get(key, worth), worth)
    return found


Key = TypeVar("Key")
Amount = TypeVar("Amount", float, Floats)


def _count(amounts: dict[Key, Amount], key: Key, more: Amount) -> None:
    amounts[key] = amounts[key] + more if key in amounts else more


def _grid(start: int, kinds: int, months: Ints) -> Block:
    return Block(start, np.repeat(np.arange(kinds), months.size), np.tile(months, kinds))


def _runs(
    entries: _Entries,
    task: MatchTask,
    classes: Classes,
    reach: Reach,
    pools: Mapping[Pool, int],
) -> Block:
    span, capacity_row = task.span, len(pools) * task.span
    column, what, month = 0, [], []
    for place, run in enumerate(reach.runs):
        wait = task.wait(run.recipe)
        targets = [
            (reach.target[run.number, k, wait:], run.recipe.outputs[output.material])
            for k, output, _ in run.outputs
        ]
        months = np.flatnonzero(_worth_running(run, classes, targets, wait))
        columns = column + np.arange(months.size)
        for pool, amount in targets:
            lands = pool[months] >= 0
            rows = pool[months][lands] * span + months[lands] + wait
            entries.add(rows, columns[lands], amount)
        for name, amount in run.recipe.inputs.items():
            rows = pools[Pool(MARKET, name, run.number)] * span + months
            entries.add(rows, columns, -amount)
        entries.add(capacity_row + run.group * span + months, columns, 1.0)
        what.append(np.full(months.size, place))
        month.append(months)
        column += months.size
    none = np.zeros(0, dtype=np.int64)
    return Block(0, np.concatenate([none, *what]), np.concatenate([none, *month]))


def _worth_running(
    run: Run, classes: Classes, targets: list[tuple[Ints, float]], wait: int
) -> NDArray[np.bool_]:
    """Months to run in: some output reaches a pool, and not all of them go to one other class.

    Where they do, the same run on the inputs of that class does as well.
    """
    lands = np.any([pool >= 0 for pool, _ in targets], axis=0)
    homes = np.array([classes.home[run.number, k, wait:] for k, _, _ in run.outputs])
    last = homes.max(axis=0)
    elsewhere = ((homes == last) | (homes < 0)).all(axis=0) & (last != run.number)
    return np.asarray(lands & ~elsewhere)


def _arcs(classes: Classes, pools: Mapping[Pool, int]) -> Ints:
    handing = classes.handing()
    found = [
        (place, pools[onward])
        for pool, place in pools.items()
        if pool.owner != OLD_STOCK
        for onward in (
            *(Pool(pool.owner, pool.material, d) for c, d in handing if c == pool.number),
            *((Pool(MARKET, pool.material, pool.number),) if pool.owner != MARKET else ()),
        )
        if onward in pools
    ]
    return np.array(found, dtype=np.int64).reshape(-1, 2)


def _shippings(
    task: MatchTask,
    classes: Classes,
    pools: Mapping[Pool, int],
    ways: Mapping[tuple[str, int], Floats],
) -> tuple[Shipping, ...]:
    found = []
    for facility, demand in ways:
        it = task.demands[demand]
        owner = facility or OLD_STOCK
        for material in dict.fromkeys((it.material, *it.instead)):
            if (pool := Pool(owner, material, classes.of[it.name])) in pools:
                found.append(Shipping(facility, demand, material, pools[pool]))
    return tuple(found)


def _shipped(
    start: int,
    shippings: tuple[Shipping, ...],
    ways: Mapping[tuple[str, int], Floats],
    due: Floats,
) -> tuple[Block, Floats]:
    most = np.array([ways[it.facility, it.demand] * due[it.demand] for it in shippings])
    most = most.reshape(len(shippings), due.shape[1])
    what, month = np.nonzero(most > 0)
    return Block(start, what, month), most[what, month]


def _shares(
    entries: _Entries,
    shippings: tuple[Shipping, ...],
    shipped: Block,
    allowed: Floats,
    due: Floats,
    share_row: int,
) -> Floats:
    """Largest delivery in all of each facility that is qualified for less than the whole, one row each."""
    demand = np.array([it.demand for it in shippings], dtype=np.int64)[shipped.what]
    partial = np.flatnonzero(allowed < due[demand, shipped.month])
    rows: dict[tuple[str, int, int], int] = {}
    limits: list[float] = []
    for place in partial:
        way, month = shippings[shipped.what[place]], int(shipped.month[place])
        key = way.facility, way.demand, month
        if key not in rows:
            rows[key] = share_row + len(rows)
            limits.append(float(allowed[place]))
        entries.add(np.array([rows[key]]), np.array([shipped.start + place]), 1.0)
    return np.array(limits)
