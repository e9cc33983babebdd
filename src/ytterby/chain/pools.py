"""Which pools and runs an allocation needs: what can be made, and reaches somebody who asks for it.

A pool holds one material of one class at one owner: the market, from which every maker buys; a maker who
delivers to customers, since they must have qualified it; or the old stock, whose maker is not known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ytterby.chain.classes import Classes, LineGroup, Output, outputs_of
from ytterby.chain.network import Recipe

MARKET = ""
OLD_STOCK = "\0old stock"
"""Owners that are no facility."""


@dataclass(frozen=True, order=True)
class Pool:
    """One material of one class at one owner."""

    owner: str
    material: str
    number: int
    """Of its class."""


@dataclass(frozen=True)
class Run:
    """One recipe of one group of lines, on inputs of one class."""

    group: int
    recipe: Recipe
    number: int
    """Of the class."""
    outputs: tuple[tuple[int, Output, frozenset[int]], ...]
    """Place among all outputs, the output, and the classes that may take it."""


@dataclass(frozen=True)
class Reach:
    """What an allocation needs."""

    runs: tuple[Run, ...]
    pools: tuple[Pool, ...]
    target: NDArray[np.int64]
    """Pool (place in ``pools``) of an output of a run in a class by month, -1: left over, shape as
    `Classes.home`."""
    old: tuple[Pool, ...]
    """Pools that may be filled from the stock at the start."""


@dataclass(frozen=True)
class Wish:
    """What one demand may be served with."""

    materials: tuple[str, ...]
    number: int
    """Of its class."""
    makers: frozenset[str]
    """Facilities that may deliver."""
    anyone: bool
    """Whether it asks for no qualification, so that old stock serves it as well."""


def reach(
    groups: tuple[LineGroup, ...],
    classes: Classes,
    wishes: Mapping[str, Wish],
    stocked: Sequence[str],
) -> Reach:
    """The pools and runs between what there is and what is asked for; ``stocked`` materials may be in
    stock."""
    outputs = outputs_of(groups)
    places: dict[tuple[int, str], list[int]] = {}
    for place, output in enumerate(outputs):
        places.setdefault((output.group, output.recipe.name), []).append(place)
    every = [
        Run(
            number,
            recipe,
            c,
            tuple((k, outputs[k], _homes(classes, c, k)) for k in places[number, recipe.name]),
        )
        for number, group in enumerate(groups)
        for recipe in group.recipes
        for c in range(len(classes.all))
    ]
    held = {
        (material, c)
        for place, material in enumerate(stocked)
        for c in np.flatnonzero(classes.holding[:, place]).tolist()
    }
    possible = _possible(every, classes, held)
    wanted = _wanted(possible, groups, classes, wishes)
    return _collected(possible, groups, classes, wanted, held)


def _homes(classes: Classes, c: int, place: int) -> frozenset[int]:
    return frozenset(int(it) for it in np.unique(classes.home[c, place]) if it >= 0)


def _possible(every: list[Run], classes: Classes, held: set[tuple[str, int]]) -> list[Run]:
    """The runs whose inputs somebody can make, or has."""
    looser = [np.flatnonzero(row) for row in classes.inside]
    there = {(material, int(d)) for material, c in held for d in looser[c]}
    ready: set[int] = set()
    while now := [
        place
        for place, run in enumerate(every)
        if place not in ready and all((it, run.number) in there for it in run.recipe.inputs)
    ]:
        ready.update(now)
        there |= {
            (output.material, int(d))
            for place in now
            for _, output, homes in every[place].outputs
            for home in homes
            for d in looser[home]
        }
    return [run for place, run in enumerate(every) if place in ready]


def _wanted(
    possible: list[Run],
    groups: tuple[LineGroup, ...],
    classes: Classes,
    wishes: Mapping[str, Wish],
) -> set[Pool]:
    """Pools out of which a customer or a wanted run takes, or which may be handed to such a one."""
    stricter = [np.flatnonzero(column) for column in classes.inside.T]
    wanted = {
        Pool(owner, material, int(c))
        for wish in wishes.values()
        for owner in (*wish.makers, *((OLD_STOCK,) if wish.anyone else ()))
        for material in wish.materials
        for c in stricter[wish.number]
    }
    useful: set[int] = set()
    while now := [
        place
        for place, run in enumerate(possible)
        if place not in useful and _useful(run, groups, wanted)
    ]:
        useful.update(now)
        wanted |= {
            Pool(MARKET, name, int(c))
            for place in now
            for name in possible[place].recipe.inputs
            for c in stricter[possible[place].number]
        }
    return wanted


def _useful(run: Run, groups: tuple[LineGroup, ...], wanted: set[Pool]) -> bool:
    return any(
        _destination(groups[run.group].facility, output.material, home, wanted)
        for _, output, homes in run.outputs
        for home in homes
    )


def _destination(facility: str, material: str, home: int, wanted: set[Pool]) -> Pool | None:
    """Where an output goes: to the maker's own pool where a customer may take it, else to the market,
    else nowhere."""
    for owner in (facility, MARKET):
        if (pool := Pool(owner, material, home)) in wanted:
            return pool
    return None


def _collected(
    possible: list[Run],
    groups: tuple[LineGroup, ...],
    classes: Classes,
    wanted: set[Pool],
    held: set[tuple[str, int]],
) -> Reach:
    runs = tuple(run for run in possible if _useful(run, groups, wanted))
    targets = {
        (k, home): pool
        for run in runs
        for k, output, homes in run.outputs
        for home in homes
        if (pool := _destination(groups[run.group].facility, output.material, home, wanted))
    }
    old = {
        pool
        for material, c in held
        for owner in (MARKET, OLD_STOCK)
        if (pool := Pool(owner, material, c)) in wanted
    }
    pools = set(targets.values()) | old
    while more := {onward for pool in pools for onward in _onward(pool, classes, wanted)} - pools:
        pools |= more
    order = tuple(sorted(pools))
    index = {pool: place for place, pool in enumerate(order)}
    target = np.full(classes.home.shape, -1, dtype=np.int64)
    for (k, home), pool in targets.items():
        target[:, k][classes.home[:, k] == home] = index[pool]
    return Reach(runs, order, target, tuple(sorted(old)))


def _onward(pool: Pool, classes: Classes, wanted: set[Pool]) -> list[Pool]:
    """Pools to which a pool may be handed: of looser classes, and of the market."""
    found = [
        Pool(pool.owner, pool.material, int(d)) for d in np.flatnonzero(classes.inside[pool.number])
    ]
    if pool.owner not in (MARKET, OLD_STOCK):
        found.append(Pool(MARKET, pool.material, pool.number))
    return [it for it in found if it in wanted]
