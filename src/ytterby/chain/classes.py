"""Who may be mixed with whom: lines that no rule tells apart, and classes of customers with the same rules.

A rule refuses an output of a facility at a stage in the month in which it comes out. A **class** is a set of
rules; its pool of a material holds only what was made under them from start to end. Class c is *inside* c'
where everything that c admits c' admits as well, so that what lies in a pool of c may be handed to c'. An
output that its own class refuses goes to its **home**: the strictest class around it that admits it. Where
several unrelated classes around it do, their common part is made a class of its own, so that nothing is lost
by the choice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ytterby.chain.network import Line, Network, Recipe
from ytterby.chain.rules import Rule
from ytterby.errors import DataError, Fault

MOST_AROUND = 60
"""Classes around one, each a bit of a mark."""
Bools = NDArray[np.bool_]
LineKey = tuple[str, str]


@dataclass(frozen=True)
class RuleClass:
    """Demands that admit the same makers in every month; every class has its own pool of each material."""

    rules: tuple[Rule, ...]
    """Of the demands themselves, without those on everybody."""
    demands: tuple[str, ...]
    """Empty: a pool that only passes on what stricter classes refuse."""

    @property
    def words(self) -> str:
        """The rules as their authors say them."""
        return "; ".join(rule.words for rule in self.rules) or "no rules of its own"


@dataclass(frozen=True)
class LineGroup:
    """Lines with the same recipes that every rule treats alike; one that delivers to customers stands
    alone."""

    lines: tuple[Line, ...]
    recipes: tuple[Recipe, ...]
    facility: str
    """Of a group that delivers to customers; else empty."""


@dataclass(frozen=True)
class Output:
    """One material that one recipe of a group puts out."""

    group: int
    recipe: Recipe
    material: str


@dataclass(frozen=True)
class Classes:
    """Every class, and what each admits."""

    all: tuple[RuleClass, ...]
    of: Mapping[str, int]
    """Class of each demand."""
    admits: Bools
    """Whether an output that comes out in a month is admitted, shape (class, output, month)."""
    holding: Bools
    """Whether a class takes a stock of no known maker, shape (class, stock)."""
    inside: Bools
    """Whether everything that the first admits the second admits too, shape (class, class); each is
    inside itself."""
    home: NDArray[np.int64]
    """Class whose pool takes an output of a run in a class, -1 for none, shape (class, output, month)."""

    def handing(self) -> list[tuple[int, int]]:
        """Pairs of a class and a next looser one; what is between others goes step by step."""
        proper = self.inside & ~np.eye(len(self.all), dtype=bool)
        return [
            (int(c), int(d)) for c, d in np.argwhere(proper) if not (proper[c] & proper[:, d]).any()
        ]


def group_lines(
    network: Network, keys: Iterable[LineKey], rules: Sequence[Rule], makers: frozenset[LineKey]
) -> tuple[LineGroup, ...]:
    """The lines in groups, in the order of the network; ``makers`` are the lines that deliver to
    customers."""
    wanted = set(keys)
    groups: dict[tuple[object, ...], list[Line]] = {}
    for key, line in network.lines.items():
        if key in wanted:
            alone = line.facility if key in makers else ""
            marks = tuple(_refusals(network, line, rules))
            groups.setdefault((alone, line.recipes, marks), []).append(line)
    return tuple(
        LineGroup(
            tuple(lines),
            tuple(network.recipes[it] for it in lines[0].recipes),
            lines[0].facility if lines[0].key in makers else "",
        )
        for lines in groups.values()
    )


def outputs_of(groups: Sequence[LineGroup]) -> tuple[Output, ...]:
    """Every output of every recipe of every group."""
    return tuple(
        Output(number, recipe, material)
        for number, group in enumerate(groups)
        for recipe in group.recipes
        for material in recipe.outputs
    )


def classes_of(
    network: Network,
    groups: Sequence[LineGroup],
    demands: Mapping[str, tuple[Rule, ...]],
    common: Sequence[Rule],
    months: range,
    first: int,
    stocked: Sequence[str] = (),
) -> Classes:
    """The classes of demands with these rules, besides the rules that are ``common`` to all.

    ``months`` are those of the program, ``first`` the first in which customers are served, ``stocked`` the
    materials of which there may be a stock at its start.
    """
    outputs = outputs_of(groups)
    book = _RuleBook(network, groups, outputs, months)
    shared = book.refused(common)
    found: dict[bytes, int] = {}
    rules: list[tuple[Rule, ...]] = []
    admits: list[Bools] = []
    holding: list[Bools] = []

    def number(asked: tuple[Rule, ...]) -> int:
        mask = ~(shared | book.refused(asked))
        held = np.array([takes_stock(network, it, asked, first) for it in stocked], dtype=bool)
        key = np.packbits(np.concatenate([mask.ravel(), held])).tobytes()
        if key not in found:
            found[key] = len(rules)
            rules.append(())
            admits.append(mask)
            holding.append(held)
        rules[found[key]] = tuple(dict.fromkeys((*rules[found[key]], *asked)))
        return found[key]

    def inside(c: int, d: int) -> bool:
        return bool((admits[c] <= admits[d]).all() and (holding[c] <= holding[d]).all())

    def homes(c: int) -> NDArray[np.int64]:
        around = [d for d in range(len(rules)) if d != c and inside(c, d)]
        return _homes(c, around, admits, rules, number)

    of = {name: number(asked) for name, asked in demands.items()}
    home: list[NDArray[np.int64]] = []
    while len(home) < len(rules):  # a home may be a new class, whose homes are found in turn
        home = [homes(c) for c in range(len(rules))]
    count, shape = len(rules), (len(rules), len(outputs), len(months))
    return Classes(
        all=tuple(
            RuleClass(it, tuple(name for name, c in of.items() if c == place))
            for place, it in enumerate(rules)
        ),
        of=of,
        admits=np.array(admits, dtype=bool).reshape(shape),
        holding=np.array(holding, dtype=bool).reshape(count, len(stocked)),
        inside=np.array(
            [[inside(c, d) for d in range(count)] for c in range(count)], dtype=bool
        ).reshape(count, count),
        home=np.array(home, dtype=np.int64).reshape(shape),
    )


def takes_stock(network: Network, material: str, rules: Sequence[Rule], first: int) -> bool:
    """Whether customers with these rules take a stock whose maker is not known.

    They do if they admit, in the first month, every line of the network that could have made it or what it
    is made of.
    """
    before, holding = upstream(network, material), [it for it in rules if it.holds(first)]
    return not any(
        rule.refuses(network.facilities[line.facility], line.stage, network.materials[made])
        for line in (network.lines.values() if holding else ())
        for name in line.recipes
        for made in network.recipes[name].outputs
        if made in before
        for rule in holding
    )


def upstream(network: Network, material: str) -> set[str]:
    """The material and all that the network's lines may make it of, directly or not."""
    run = {name for line in network.lines.values() for name in line.recipes}
    found, waiting = {material}, [material]
    while waiting:
        for recipe in run.intersection(network.makers.get(waiting.pop(), ())):
            for name in network.recipes[recipe].inputs:
                if name not in found:
                    found.add(name)
                    waiting.append(name)
    return found


def _homes(
    c: int,
    around: Sequence[int],
    admits: Sequence[Bools],
    rules: Sequence[tuple[Rule, ...]],
    number: Callable[[tuple[Rule, ...]], int],
) -> NDArray[np.int64]:
    """Where each output of a run in class c goes, shape (output, month); -1: no class around it admits it."""
    home = np.where(admits[c], c, -1)
    if len(around) > MOST_AROUND:
        read = f"{len(around)} classes of rules around one"
        then = "give demands the same rules where they mean the same"
        raise DataError(Fault("rules of demands", read, f"at most {MOST_AROUND}", next=then))
    marks = np.zeros(home.shape, dtype=np.int64)
    for place, d in enumerate(around):
        marks |= (admits[d] & ~admits[c]).astype(np.int64) << place
    for mark in np.unique(marks[marks > 0]):
        admitting = [d for place, d in enumerate(around) if mark >> place & 1]
        common = tuple(dict.fromkeys(rule for d in admitting for rule in rules[d]))
        home[marks == mark] = number(common)
    return home


def _refusals(network: Network, line: Line, rules: Sequence[Rule]) -> Iterable[bool]:
    facility = network.facilities[line.facility]
    for rule in rules:
        for name in line.recipes:
            for material in network.recipes[name].outputs:
                yield rule.refuses(facility, line.stage, network.materials[material])


class _RuleBook:
    """What each rule refuses, asked once per output."""

    def __init__(
        self,
        network: Network,
        groups: Sequence[LineGroup],
        outputs: Sequence[Output],
        months: range,
    ) -> None:
        self._network, self._months = network, months
        # Every line of a group is refused alike, so the first speaks for all.
        self._lines = [groups[it.group].lines[0] for it in outputs]
        self._materials = [network.materials[it.material] for it in outputs]
        self._known: dict[Rule, Bools] = {}

    def refused(self, rules: Sequence[Rule]) -> Bools:
        """Whether any of the rules refuses an output in a month, shape (output, month)."""
        mask = np.zeros((len(self._lines), len(self._months)), dtype=bool)
        for rule in rules:
            holds = np.array([rule.holds(month) for month in self._months], dtype=bool)
            mask |= self._always(rule)[:, None] & holds
        return mask

    def _always(self, rule: Rule) -> Bools:
        if rule not in self._known:
            pairs = zip(self._lines, self._materials, strict=True)
            facilities = self._network.facilities
            self._known[rule] = np.array(
                [rule.refuses(facilities[line.facility], line.stage, m) for line, m in pairs],
                dtype=bool,
            )
        return self._known[rule]
