"""The fewest stages of a cut, by solving the exact cascade for a few lengths of its sections.

More stages never part less, so the fewest are sought as on a slope: the proportion of both sections that
parts best, the least number in that proportion, then one stage less as long as some proportion allows it.
Cascades next to each other start from each other's levels and take a few Newton steps each.
"""

from __future__ import annotations

import math
from contextlib import suppress

from ytterby.circuit.shortcuts.exchange import (
    NEWTON_STEPS,
    TOLERANCE,
    Cascade,
    SolvedCascade,
    flat,
    solve,
)
from ytterby.circuit.shortcuts.feeds import refuse
from ytterby.circuit.shortcuts.specification import Specification
from ytterby.errors import CaseError, ConvergenceError, Fault, YtterbyError

WHERE = "shortcut of a cut"
MOST_STAGES = 1000
"""More stages than any circuit has."""
QUICK = 8
"""Newton steps after which a start close by has failed."""
Lengths = tuple[int, int]
"""Stages of the extraction and of the scrub section."""


class Search:
    """Cascades of one specification and one S, each solved once."""

    def __init__(self, asked: Specification, amount: float) -> None:
        self.asked = asked
        self.amount = amount
        self.solved: dict[Lengths, SolvedCascade] = {}
        self.found: dict[Lengths, float] = {}

    def lacking(self, lengths: Lengths) -> float:
        """ln of how far the products miss the specification; it holds at 0 and below.

        Infinite where so few stages cannot miss it evenly on both sides.
        """
        if lengths not in self.found:
            self.found[lengths] = self._lacking(lengths)
        return self.found[lengths]

    def _lacking(self, lengths: Lengths) -> float:
        asked, amount = self.asked, self.amount
        if sum(lengths) > MOST_STAGES:
            raise self._beyond()
        cascade = Cascade(asked.flows, asked.factors, amount, *lengths)
        extract = min(float(asked.flows[asked.split :].sum()), 0.99 * amount)
        starts = [(flat(cascade, asked.middle, extract), NEWTON_STEPS)]
        if self.solved:
            near = min(
                self.solved, key=lambda it: abs(it[0] - lengths[0]) + abs(it[1] - lengths[1])
            )
            starts.insert(0, (self.solved[near].levels.stretched(cascade), QUICK))
        for start, steps in starts:
            with suppress(ConvergenceError):
                self.solved[lengths] = solve(cascade, asked.even, start, steps)
                return asked.worst(self.solved[lengths])
        return math.inf

    def _beyond(self) -> YtterbyError:
        """The fault of a search that leaves the range of stages: not enough of them, or none was solved."""
        if self.solved:
            return too_many(f"more than {MOST_STAGES} stages at S = {self.amount:g} mol/h")
        fault = Fault(
            WHERE,
            f"no cascade solved of {len(self.found)} tried at S = {self.amount:g} mol/h",
            "products that use their allowances alike",
            next="ask for allowances that are nearer to each other, or more flow; report the case",
        )
        return ConvergenceError(fault)

    def balanced(self, lengths: Lengths, step: int) -> Lengths:
        """Of all pairs of as many stages the one nearest to the specification: downhill, then a parabola."""
        while True:
            around = [_shifted(lengths, shift) for shift in (-step, 0, step)]
            less, here, more = map(self.lacking, around)
            if min(less, more) < here:
                lengths = around[0] if less < more else around[2]
                continue
            bend = less + more - 2 * here
            flat_or_open = not 0 < bend < math.inf
            return (
                lengths
                if flat_or_open
                else _shifted(lengths, round(0.5 * step * (less - more) / bend))
            )

    def enough(self, lengths: Lengths) -> Lengths:
        """The pair in that proportion with the fewest stages that holds the specification, by secants."""
        share = lengths[0] / sum(lengths)

        def of(total: int) -> Lengths:
            first = min(max(1, round(share * total)), total - 1)
            return first, total - first

        too_few = max(2, math.ceil(self.asked.fewest_stages)) - 1
        total, held = max(sum(lengths), too_few + 1), None
        before, lacked, slope = total, math.inf, math.log(self.asked.factor) / 4
        while held is None or held > too_few + 1:
            lacks = self.lacking(of(total))
            if total != before and (lacked - lacks) / (total - before) > 0:
                slope = min((lacked - lacks) / (total - before), math.log(self.asked.factor))
            before, lacked = total, lacks
            further = total + min(max(lacks / slope, -total), total / 2)
            if lacks <= TOLERANCE:
                held = total
            else:
                too_few = total
            most = math.inf if held is None else held - 1
            total = int(min(max(math.ceil(further), too_few + 1), most))
        return of(held)

    def fewest(self, lengths: Lengths) -> SolvedCascade:
        """From a pair that is enough, the one where no pair of one stage less is."""
        while True:
            tried = [
                other
                for other in ((lengths[0] - 1, lengths[1]), (lengths[0], lengths[1] - 1))
                if min(other) >= 1
            ]
            if not tried:
                return self.solved[lengths]
            best = min(tried, key=self.lacking)
            if self.lacking(best) > TOLERANCE:
                best = self.balanced(best, max(1, sum(best) // 16))
            if self.lacking(best) > TOLERANCE:
                return self.solved[lengths]
            lengths = self.enough(best)


def _shifted(lengths: Lengths, shift: int) -> Lengths:
    """So many stages of the scrub section made stages of extraction; at least one is left of each."""
    total = sum(lengths)
    first = min(max(1, lengths[0] + shift), total - 1)
    return first, total - first


def fewest(asked: Specification, amount: float, guess: Lengths) -> SolvedCascade:
    """The exact cascade with the fewest stages that holds the specification at S = ``amount`` [mol/h].

    CaseError where that takes more than 1000 stages.
    """
    search = Search(asked, amount)
    if math.isinf(search.lacking(guess)):  # too far off to be solved: begin at the other end
        half = max(1, math.ceil(asked.fewest_stages / 2))
        guess = half, half
    balanced = search.balanced(guess, max(1, sum(guess) // 8))
    return search.fewest(search.enough(balanced))


def too_many(read: str) -> CaseError:
    """The fault of keys that are hardly apart."""
    return refuse(
        WHERE,
        read,
        f"at most {MOST_STAGES} stages",
        "the keys are hardly apart: ask for less, split elsewhere or change the extractant",
    )
