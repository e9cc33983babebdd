"""How much each line will make, month by month: as announced, and weighed by what is shown.

Announced capacity is believed by the weight of its grade. A line that has not run yet starts later than it
says, by the delays of projects of its kind, and ramps up. Weights, delays and ramps are settings
(``CapacityRule``) with a basis each; nothing here measures them.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from ytterby.chain.facts import Statement, base_rates, cited_of, logistics
from ytterby.chain.grading import GRADES, RANK, RUNS, UNKNOWN, Graded
from ytterby.chain.months import month
from ytterby.chain.network import Cited, Facility, Line, Network
from ytterby.datasets import table
from ytterby.errors import DataError, Fault, nearest
from ytterby.quantities import quoted

if TYPE_CHECKING:
    import numpy as np

Key = tuple[str, str]
"""Facility and name of a line."""
YEAR = 12
RUNNING, TO_START, NO_START, STOPPED = "runs", "to start", "no start", "stopped"
"""What a line may do: run; start one day; have no announced start and not be said to run; stand still."""
_FAR = 30.0
"""Standard deviations beyond which the normal tail is taken by its first term."""
ANY_STAGE = ""
"""Names the ramp of stages that have none of their own."""


@dataclass(frozen=True)
class Slip:
    """Delay of a start behind its announcement, lognormal [months]; DataError unless 0 < median <= p90."""

    median: float
    p90: float
    cited: Cited = field(default_factory=Cited)

    def __post_init__(self) -> None:
        if not (math.isfinite(self.p90) and 0 < self.median <= self.p90):
            read = f"median {self.median}, P90 {self.p90} months"
            raise DataError(Fault("slip of starts", read, "0 < median <= P90"))

    def months(self, chance: float, elapsed: float = 0.0) -> float:
        """Delay not exceeded with a chance, 0 < chance < 1, given that it is over ``elapsed`` [months].

        What is already late is likely to be later still: the chance is counted among the delays over
        ``elapsed`` alone.
        """
        from statistics import NormalDist

        normal = NormalDist()
        spread = math.log(self.p90 / self.median) / normal.inv_cdf(0.9)
        if spread == 0:
            return max(self.median, elapsed)
        if elapsed <= 0:
            return self.median * math.exp(spread * normal.inv_cdf(chance))
        passed = math.log(elapsed / self.median) / spread
        if passed > _FAR:  # the tail beyond is an exponential of this rate, to 1 part in passed**2
            return elapsed * math.exp(-spread * math.log1p(-chance) / passed)
        longer = math.erfc(passed / math.sqrt(2)) / 2
        return self.median * math.exp(-spread * normal.inv_cdf((1 - chance) * longer))

    def chance(self, months: float) -> float:
        """Part of all delays that are no longer than ``months`` > 0."""
        from statistics import NormalDist

        if self.p90 == self.median:
            return float(months >= self.median)
        spread = math.log(self.p90 / self.median) / NormalDist().inv_cdf(0.9)
        return NormalDist().cdf(math.log(months / self.median) / spread)


@dataclass(frozen=True)
class CapacityRule:
    """How announced capacity is believed; DataError if weights or ramps fall or leave 0 to 1."""

    weights: Mapping[str, float]
    """Part of a capacity that is counted, by grade; every grade has one."""
    slip: Slip
    ramps: Mapping[str, Sequence[tuple[float, float]]]
    """Months since the start and share of the capacity made then, by stage, straight between points; the
    last holds from there on. The stage "" stands for those without a ramp; a stage on neither has none."""
    chance: float = 0.5
    """A start is put where it has come with this chance, by ``slip``."""
    end: str = "value"
    """Which figure of a stated range is taken: low, value or high."""
    stopped: frozenset[str] = frozenset({"closed", "suspended", "blocked", "care_and_maintenance"})
    """Statuses of facilities that make nothing."""
    running: frozenset[str] = frozenset({"operating"})
    """Statuses under which a line without an announced start counts as running."""
    cited: Mapping[str, Cited] = field(default_factory=dict)
    """What weights and ramps rest on, by grade and by stage (the first point of the ramp)."""

    def __post_init__(self) -> None:
        if faults := list(_rule_faults(self)):
            raise DataError(faults)

    def weight(self, grade: str) -> float:
        """Part of a capacity of that grade which is counted."""
        return self.weights[grade]

    def ramp(self, stage: str, ages: np.ndarray) -> np.ndarray:
        """Share of the capacity that is made at ages [months] since the start; zero before it."""
        import numpy as np

        points = self.ramps.get(stage, self.ramps.get(ANY_STAGE, ((0.0, 1.0),)))
        ends, shares = zip(*points, strict=True)
        return np.where(ages >= 0, np.interp(ages, ends, shares), 0.0)


@dataclass(frozen=True)
class Standing:
    """How far one line is believed."""

    line: Line
    grade: str
    """Of this line: one that has not run has none above `built`."""
    weight: float
    state: str
    """One of ``RUNNING``, ``TO_START``, ``NO_START``, ``STOPPED``."""
    starts: int | None
    """First month of making: announced for a line that runs, slipped for one that is to start; None if no
    start is known or none will be."""


def effective(
    network: Network,
    grades: Mapping[Key, Graded],
    first_month: int,
    months: int,
    rule: CapacityRule,
    lines: Collection[Key] | None = None,
) -> dict[Key, np.ndarray]:
    """Evidence-weighted capacity of every line, shape (months,) [t/month], by key of the line.

    Zero where no capacity is stated (`not_stated`), no start is known (`no_start`) or the facility stands
    still. ``lines`` keeps to those lines; None takes all.
    """
    found = {}
    for key, it in standings(network, grades, rule, lines).items():
        size = it.weight * _capacity(it.line, rule)
        found[key] = _made(it.line, it.state, it.starts, size, first_month, months)
        if it.state == TO_START and it.starts is not None:
            found[key] *= rule.ramp(it.line.stage, _ages(it.starts, first_month, months))
    return found


def announced(
    network: Network,
    first_month: int,
    months: int,
    rule: CapacityRule,
    lines: Collection[Key] | None = None,
) -> dict[Key, np.ndarray]:
    """Capacity of every line as announced, shape (months,) [t/month]: in full from the announced start on.

    Zero as in `effective`, which it is never below. ``lines`` keeps to those lines; None takes all.
    """
    return {
        line.key: _made(
            line,
            _said(line, network.facilities[line.facility], rule),
            line.starts,
            _capacity(line, rule),
            first_month,
            months,
        )
        for line in _kept(network, lines)
    }


def not_stated(lines: Iterable[Line]) -> tuple[Key, ...]:
    """Lines of which no source states a capacity."""
    return tuple(line.key for line in lines if line.capacity is None)


def no_start(network: Network, rule: CapacityRule) -> tuple[Key, ...]:
    """Lines for which no start was announced and which are not said to run."""
    return tuple(
        line.key
        for line in network.lines.values()
        if _said(line, network.facilities[line.facility], rule) == NO_START
    )


def standings(
    network: Network,
    grades: Mapping[Key, Graded],
    rule: CapacityRule,
    lines: Collection[Key] | None = None,
) -> dict[Key, Standing]:
    """How far each line is believed, by key of the line, at the month of the grades.

    ``lines`` keeps to those lines; None takes all.
    """
    as_of = next((it.as_of for it in grades.values()), None)
    return {
        line.key: _standing(line, network, grades, rule, as_of) for line in _kept(network, lines)
    }


def graded_of(line: Line, grades: Mapping[Key, Graded]) -> Graded | None:
    """What is known of a line, by rows about it or else about its stage; None without either."""
    return grades.get((line.facility, line.name), grades.get((line.facility, line.stage)))


@dataclass(frozen=True)
class Account:
    """Production against promotion: one stage, material and year."""

    stage: str
    material: str
    """What the capacities are counted in; the form of it where lines share capacity between materials; ""
    for lines that no recipe describes, whose tonnes may be of unlike things."""
    year: int
    announced: float
    """[t] in that year."""
    by_grade: Mapping[str, float]
    """Announced capacity by the grade of its line [t], strongest first; they add up to ``announced``."""
    weighted: float
    """Evidence-weighted, slipped and ramped [t]."""
    lines: int
    not_stated: int
    """Lines among them whose capacity no source states: they count as zero."""
    no_start: int
    """Lines among them without a start: they count as zero."""

    @property
    def shown(self) -> float:
        """Announced capacity of lines that have at least produced [t]."""
        return math.fsum(
            tonnes for grade, tonnes in self.by_grade.items() if RANK[grade] >= RANK[RUNS]
        )


def promotion(
    network: Network,
    grades: Mapping[Key, Graded],
    rule: CapacityRule,
    years: Sequence[int],
    lines: Collection[Key] | None = None,
) -> tuple[Account, ...]:
    """The account of every stage and material, in the order of the lines, year by year.

    ``lines`` keeps to those lines; None takes all.
    """
    if not years:
        return ()
    first, count = min(years) * YEAR, (max(years) - min(years) + 1) * YEAR
    said = announced(network, first, count, rule, lines)
    weighed = effective(network, grades, first, count, rule, lines)
    known = standings(network, grades, rule, lines)
    counted = counted_in(network)
    groups: dict[tuple[str, str], list[Line]] = {}
    for line in _kept(network, lines):
        groups.setdefault((line.stage, counted[line.key]), []).append(line)
    return tuple(
        _account(stage, material, year, members, said, weighed, known, first)
        for (stage, material), members in groups.items()
        for year in years
    )


def counted_in(network: Network) -> dict[Key, str]:
    """What the capacity of each line is counted in, by key of the line; "" where it has no recipe.

    Materials among which a line of the stage shares its capacity are counted together, by their forms.
    """
    shared: dict[str, list[set[str]]] = {}
    for line in network.lines.values():
        if per := {network.recipes[it].per for it in line.recipes}:
            apart = [it for it in shared.get(line.stage, ()) if per.isdisjoint(it)]
            joined = [it for it in shared.get(line.stage, ()) if not per.isdisjoint(it)]
            shared[line.stage] = [*apart, per.union(*joined)]
    names = {
        (stage, material): _name(group, network)
        for stage, groups in shared.items()
        for group in groups
        for material in group
    }
    return {
        line.key: names[line.stage, network.recipes[line.recipes[0]].per] if line.recipes else ""
        for line in network.lines.values()
    }


def _name(materials: Collection[str], network: Network) -> str:
    """A material by its name, several by their forms."""
    if len(materials) == 1:
        return next(iter(materials))
    return "/".join(sorted({network.materials[it].form for it in materials}))


@dataclass(frozen=True)
class ObservedSlip:
    """How far one project has moved its own announced start so far, between two of its statements."""

    project: str
    measure: str
    """What was to begin: both statements are about the same."""
    stated: tuple[str, str]
    """When the first and the last statement were made."""
    promised: tuple[float, float]
    """Start in each [calendar year with fraction]."""

    @property
    def months(self) -> float:
        """Delay [months]: a lower bound as long as the project has not started."""
        return YEAR * (self.promised[1] - self.promised[0])


def observed_slips(statements: Iterable[Statement]) -> tuple[ObservedSlip, ...]:
    """Slips of dated start announcements, of projects that stated the same start twice or more.

    Only statements in the unit `year` with a date count; no start is compared with another kind of start.
    """
    groups: dict[tuple[str, str], list[tuple[int, str, float]]] = {}
    for it in statements:
        if it.unit == "year" and it.value is not None:
            dated = (month(it.stated, f"{it.project}, {it.measure}"), it.stated, it.value)
            groups.setdefault((it.project, it.measure), []).append(dated)
    found = []
    for (project, measure), said in groups.items():
        said.sort(key=lambda it: it[:2])
        (_, first, was), (_, last, now) = said[0], said[-1]
        if first != last:
            found.append(ObservedSlip(project, measure, (first, last), (was, now)))
    return tuple(found)


@cache
def shipped_slip() -> Slip:
    """The delay of first plants of their kind that the topic base_rates suggests: assumed, not measured."""
    rates = {it.metric: it for it in base_rates()}
    median, p90 = rates["delay median"], rates["delay P90"]
    return Slip(median.value, p90.value, median.cited)


@cache
def shipped_rule() -> CapacityRule:
    """The settings that a user starts from: shipped weights, delays and ramps, with what they rest on."""
    weights: dict[str, float] = {}
    ramps: dict[str, list[tuple[float, float]]] = {}
    cited: dict[str, Cited] = {}
    for row in table("evidence_weights"):
        weights[row.labels["grade"]] = row.values["weight"]
        cited[row.labels["grade"]] = cited_of(row)
    for row in table("ramps"):
        stage, item = row.labels["stage"], row.labels["item"]
        months = logistics()[item].months.value if item else row.values["months"]
        ramps.setdefault(stage, [(0.0, 0.0)]).append((months, row.values["share"]))
        cited.setdefault(stage, cited_of(row))
    return CapacityRule(weights, shipped_slip(), ramps, cited=cited)


def _kept(network: Network, lines: Collection[Key] | None) -> Iterable[Line]:
    return (it for it in network.lines.values() if lines is None or it.key in lines)


def _standing(
    line: Line,
    network: Network,
    grades: Mapping[Key, Graded],
    rule: CapacityRule,
    as_of: int | None,
) -> Standing:
    state = _said(line, network.facilities[line.facility], rule)
    ahead = as_of is not None and line.starts is not None and line.starts > as_of
    grade = _grade(line, network, grades, ahead)
    weight = rule.weight(grade)
    if line.starts is None or state == STOPPED:
        return Standing(line, grade, weight, state, None)
    if RANK[grade] >= RANK[RUNS]:
        return Standing(line, grade, weight, state, line.starts)
    elapsed = 0.0 if as_of is None else max(0.0, as_of + 1.0 - line.starts)
    late = line.starts + math.ceil(rule.slip.months(rule.chance, elapsed))
    return Standing(line, grade, weight, TO_START, late)


def _grade(line: Line, network: Network, grades: Mapping[Key, Graded], ahead: bool) -> str:
    """Of one line, by rows about it or else about its stage; ``ahead``: its start is still to come.

    Before its start no line has produced, and a further line of a stage, about which no row is, is announced.
    """
    graded = graded_of(line, grades)
    if graded is None:
        return UNKNOWN
    about = graded.of(*_put_out(line, network))
    if not ahead:
        return about.grade
    kinds = {row.kind for row in about.rows if RANK[row.kind] < RANK[RUNS]}
    if kinds and graded.stage == line.name:
        return max(kinds, key=RANK.__getitem__)
    return "announced" if about.rows else UNKNOWN


def _put_out(line: Line, network: Network) -> Iterable[str]:
    """What a row may be about to be about the line."""
    return {it for name in line.recipes for it in network.recipes[name].outputs}


def _said(line: Line, facility: Facility, rule: CapacityRule) -> str:
    """Whether the line runs from a known month on or already (runs), has no start, or stands still."""
    if facility.status in rule.stopped:
        return STOPPED
    runs = line.starts is not None or facility.status in rule.running
    return RUNNING if runs else NO_START


def _capacity(line: Line, rule: CapacityRule) -> float:
    """[t/month]; zero where none is stated."""
    size: float = 0.0 if line.capacity is None else getattr(line.capacity, rule.end)
    return size / YEAR


def _ages(starts: int, first_month: int, months: int) -> np.ndarray:
    """Months since a start, in the middle of each month; below zero before it."""
    import numpy as np

    return np.arange(first_month, first_month + months) - starts + 0.5


def _made(
    line: Line, state: str, starts: int | None, size: float, first_month: int, months: int
) -> np.ndarray:
    """``size`` in every month from the start to the end of the line, zero else, shape (months,)."""
    import numpy as np

    if state in (STOPPED, NO_START):
        return np.zeros(months)
    month = np.arange(first_month, first_month + months)
    runs = np.full(months, True) if starts is None else month >= starts
    if line.ends is not None:
        runs &= month < line.ends
    return np.where(runs, size, 0.0)


def _account(
    stage: str,
    material: str,
    year: int,
    members: Sequence[Line],
    said: Mapping[Key, np.ndarray],
    weighed: Mapping[Key, np.ndarray],
    known: Mapping[Key, Standing],
    first: int,
) -> Account:
    window = slice(year * YEAR - first, (year + 1) * YEAR - first)
    tonnes = {line.key: math.fsum(said[line.key][window]) for line in members}
    by_grade = {
        grade: math.fsum(tonnes[it.key] for it in members if known[it.key].grade == grade)
        for grade in reversed(GRADES)
    }
    return Account(
        stage,
        material,
        year,
        math.fsum(tonnes.values()),
        by_grade,
        math.fsum(month for it in members for month in weighed[it.key][window]),
        len(members),
        sum(it.capacity is None for it in members),
        sum(known[it.key].state == NO_START for it in members),
    )


def _rule_faults(rule: CapacityRule) -> Iterable[Fault]:
    for grade in rule.weights:
        if grade not in RANK:
            yield Fault("weights", quoted(grade), ", ".join(GRADES), nearest=nearest(grade, GRADES))
    if missing := [grade for grade in GRADES if grade not in rule.weights]:
        yield Fault("weights", f"none for {', '.join(missing)}", "one for every grade")
    elif not _rises([rule.weights[grade] for grade in GRADES]):
        read = ", ".join(f"{grade} {rule.weights[grade]}" for grade in GRADES)
        yield Fault("weights", read, "0 to 1, none below that of a weaker grade")
    for stage, points in rule.ramps.items():
        where = f"ramp of {stage or 'any stage'}"
        ages = [age for age, _ in points]
        if not ages or ages[0] < 0 or any(b <= a for a, b in pairwise(ages)):
            yield Fault(where, f"months {ages}", "months since the start, zero or more, rising")
        if not _rises([share for _, share in points]):
            yield Fault(where, f"{list(points)}", "shares from 0 to 1 that never fall")
    if not 0 < rule.chance < 1:
        yield Fault("chance of a start", f"{rule.chance}", "above 0 and below 1")
    if rule.end not in ("low", "value", "high"):
        yield Fault("end of the range", quoted(rule.end), "low, value or high")


def _rises(shares: Sequence[float]) -> bool:
    """Whether they lie in 0 to 1 and none is below the one before; NaN does not."""
    pairs = zip([0.0, *shares], [*shares, 1.0], strict=True)
    return all(before <= after for before, after in pairs)
