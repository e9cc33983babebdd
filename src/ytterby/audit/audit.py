"""The audit: can the claims hold together, which cannot, what does each imply, which feed closes them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

from ytterby.audit.baskets import Basket, baskets, open_to, shipped_treo
from ytterby.audit.claims import (
    FREE,
    GROUPS,
    HISTORY,
    WORDING,
    Claim,
    ClaimSet,
    Figure,
    Hypothesis,
    Reading,
)
from ytterby.audit.contradictions import contradictions, shrunk
from ytterby.audit.linear import Certificate, Rows, components
from ytterby.audit.sampling import Draws, Spread, draw, spread
from ytterby.audit.statements import (
    Statement,
    Weighing,
    background,
    claim_statement,
    concentrates,
    figure_statement,
    gross_of,
    rows_of,
    weighed_as,
)
from ytterby.audit.together import Together
from ytterby.audit.vocabulary import PRODUCTS
from ytterby.errors import ConvergenceError, DataError, Fault, nearest
from ytterby.quantities import quoted

Extent = tuple[float, float]
Progress = Callable[[str], None]
"""Told what is being done."""

CORE = "plant"
"""Topic of the claims that the balance of the plant must meet; the others are held against it."""
DRAWS, SEED, TRIED = 200_000, 20_261, 60
"""Draws of the unknowns, their seed, and how many of those kept are put to blends of all feeds."""
VERDICTS: Mapping[str, str] = {
    "implied": "the others leave no other value within its tolerance",
    "can hold": "the others allow it",
    "repeated": "other texts bear on it and agree; nothing here computes it",
    "in conflict": "it and those named beside it cannot all hold",
    "cannot hold": "the unknowns within their ranges rule it out, whatever other claims say",
    "set aside": "this reading leaves it out",
    "history": "an earlier text; not held against the others",
    "not judged": "nothing here bears on it",
}


@dataclass(frozen=True)
class AuditTask:
    """What is to be audited."""

    claims: ClaimSet
    figures: tuple[Figure, ...] = ()
    """Values computed elsewhere."""
    feeds: tuple[str, ...] | None = None
    """Feeds that concentrates may be made of; None: all that are known."""
    draws: int = DRAWS
    seed: int = SEED


@dataclass(frozen=True)
class Contradiction:
    """An irreducible set: all of it cannot hold, any of it but one can."""

    claims: tuple[str, ...]
    """Ids; a figure computed elsewhere is ``computed ID``."""
    against: tuple[str, ...]
    """Claims of the plant that are believed and that it needs; none where those themselves are held against
    each other."""
    rests_on: tuple[Statement, ...]
    """Ranges, relations and balances that it needs beside the claims, none of them in vain."""
    certificate: Certificate


@dataclass(frozen=True)
class Judged:
    """What became of one claim in the first reading."""

    claim: Claim
    verdict: str
    """One of ``VERDICTS``."""
    implied: Extent | None
    """Range of its quantity by the other claims that are believed; None where nothing bears on it."""
    with_: tuple[str, ...]
    """Claims that repeat it, or that it is in conflict with."""
    reason: str


@dataclass(frozen=True)
class Answer:
    """Range of one question in a reading."""

    extent: Extent | None
    """By the claims that are believed; None if they contradict each other."""
    spread: Spread | None
    """Over draws; None for what is not drawn."""


@dataclass(frozen=True)
class Closing:
    """Whether concentrates of one kind can meet the claims of the plant, and how surely."""

    hypothesis: Hypothesis
    sums: bool
    """Whether the sums (Nd + Pr, Dy + Tb, total) can be met."""
    elements: bool
    """Whether each of Nd, Pr, Dy, Tb can be met."""
    most_dytb: float
    """Largest Dy + Tb output that feeds and ranges allow, whatever is claimed of products [t/y oxide]."""
    parts: Mapping[str, Extent]
    """Range of each basket's gross mass among all blends that meet the claims [t/y]; empty if none does."""
    sure: float
    """Share of draws that some blend of all feeds meets, element by element."""
    sure_error: float
    """Its standard error; zero where the range alone rules it out."""
    tried: int


@dataclass(frozen=True)
class Alone:
    """One basket as the only feed, under one hypothesis."""

    basket: Basket
    hypothesis: str
    sums: bool
    elements: bool
    parent: Extent | None
    """Oxide before the cut that meets the sums [t/y]; None if nothing does."""
    sure: float
    """Share of draws whose Nd + Pr and Dy + Tb it meets."""


@dataclass(frozen=True)
class ReadingResult:
    """One reading of the tonnages."""

    reading: Reading
    holds: bool
    """Whether the claims of the plant can hold together."""
    contradictions: tuple[Contradiction, ...]
    """All irreducible sets among the claims of the plant; then those among the others, given the former."""
    complete: bool
    """Whether these are proven to be all."""
    believed: tuple[str, ...]
    """Claims taken in order, but for those that contradict the ones before."""
    answers: Mapping[str, Answer]
    closings: Mapping[str, Closing]
    """By hypothesis; empty where the claims of the plant contradict each other."""
    alone: tuple[Alone, ...]
    """Baskets that meet at least the sums alone, the surest first."""
    draws: Draws | None


@dataclass(frozen=True)
class Audited:
    """What an audit found."""

    task: AuditTask
    baskets: Mapping[str, Basket]
    readings: Mapping[str, ReadingResult]
    judged: Mapping[str, Judged]
    """Each claim in the first reading, by id."""

    @property
    def first(self) -> ReadingResult:
        """The reading that claims are told in."""
        return self.readings[self.task.claims.first_reading]


def audit(task: AuditTask, progress: Progress = lambda what: None) -> Audited:
    """Hold every claim against all others and against what is known of feeds and recoveries."""
    require_figures(task)
    known, together = baskets(task.claims, task.feeds), Together()
    readings = {}
    for name, reading in task.claims.readings.items():
        progress(f"reading {name}")
        readings[name] = _Auditor(task, reading, known, together).result()
    progress("claims")
    first = _Auditor(task, task.claims.readings[task.claims.first_reading], known, together)
    judged = first.judge(readings[task.claims.first_reading])
    return Audited(task, known, readings, judged)


def contradicting_sets(task: AuditTask, reading: str) -> tuple[tuple[Contradiction, ...], bool]:
    """All irreducible sets of claims in one reading, and whether they are proven to be all.

    A part of what `audit` does. DataError for a reading that the set does not have.
    """
    require_figures(task)
    known = task.claims.readings
    if reading not in known:
        expected, close = "one of: " + ", ".join(known), nearest(reading, known)
        raise DataError(Fault("reading", quoted(reading), expected, close))
    auditor = _Auditor(task, known[reading], baskets(task.claims, task.feeds), Together())
    return auditor.contradictions()


def require_figures(task: AuditTask) -> None:
    """DataError for a computed figure of an unknown claim, or in another unit than the claim."""
    faults = []
    for it in task.figures:
        claim = task.claims.claims.get(it.claim)
        if claim is None:
            close = nearest(it.claim, task.claims.claims)
            faults.append(Fault("computed", quoted(it.claim), "the id of a claim", close))
        elif it.unit != claim.unit:
            faults.append(Fault(f"computed.{it.claim}", quoted(it.unit), claim.unit))
        elif not (math.isfinite(it.value) and it.value >= 0.0):
            faults.append(Fault(f"computed.{it.claim}", f"{it.value:g}", "a number from zero on"))
    if faults:
        raise DataError(faults)


class _Auditor:
    """One reading, held under hypotheses of the concentrates."""

    def __init__(
        self, task: AuditTask, reading: Reading, known: Mapping[str, Basket], together: Together
    ) -> None:
        self.task, self.reading, self.known, self.together = task, reading, known, together
        self.weighing = Weighing(task.claims)
        claims = task.claims.claims
        figures = [figure_statement(it, claims[it.claim], self.weighing) for it in task.figures]
        current = [
            claim_statement(it, reading, self.weighing)
            for it in claims.values()
            if it.status != HISTORY and it.id not in reading.without
        ]
        self.soft = {it.name: it for it in (*figures, *current)}
        self.core = [it for it in self.soft if it in claims and claims[it].topic == CORE]
        self.free = self._background(task.claims.hypotheses[FREE])

    def _background(self, hypothesis: Hypothesis) -> tuple[Statement, ...]:
        return background(self.task.claims, self.reading, hypothesis, self.known, self.weighing)

    def _rows(self, names: Sequence[str], behind: Sequence[Statement] | None = None) -> Rows:
        named = [self.soft[it] for it in names]
        return Rows(rows_of([*(self.free if behind is None else behind), *named]))

    # --- one reading

    def result(self) -> ReadingResult:
        sets, complete = self.contradictions()
        believed = self._believed(self._in_order(), sets)
        holds = self.together.hold([*self.free, *(self.soft[it] for it in self.core)])
        drawn = self._draw(believed) if holds else None
        closings = {
            name: self._closing(it, drawn)
            for name, it in self.task.claims.hypotheses.items()
            if holds
        }
        return ReadingResult(
            reading=self.reading,
            holds=holds,
            contradictions=sets,
            complete=complete,
            believed=believed,
            answers=self._answers(believed, drawn),
            closings=closings,
            alone=self._alone(closings, drawn),
            draws=drawn,
        )

    def _in_order(self) -> list[str]:
        """Figures, then claims of the plant, then all others."""
        first = self._first()
        return [*first, *(name for name in self.soft if name not in first)]

    def _first(self) -> list[str]:
        """Figures and claims of the plant."""
        known = self.task.claims.claims
        return [name for name in self.soft if name not in known or known[name].topic == CORE]

    def _without_claims(self) -> DataError:
        """The fault of ranges and relations that contradict each other."""
        names = [it.name for it in self.free]
        by_name = {it.name: it for it in self.free}
        bad = shrunk(names, names, lambda kept: self.together.hold(by_name[it] for it in kept))
        read = "; ".join(by_name[it].says for it in names if it in bad)
        return DataError(
            Fault(
                f"set of claims {self.task.claims.name}",
                quoted(read, 400),
                "ranges and relations that can hold together without any claim",
                next="widen one of them",
            )
        )

    def contradictions(self) -> tuple[tuple[Contradiction, ...], bool]:
        """Sets among figures and claims of the plant; then among the others, with those that are believed."""
        if not self.together.hold(self.free):
            raise self._without_claims()
        first = self._first()
        found, complete = self._among(first, ())
        believed = self._believed(first, found)
        others = [name for name in self.soft if name not in first]
        more, complete_too = self._among(others, believed)
        return (*found, *more), complete and complete_too

    def _among(
        self, names: Sequence[str], believed: Sequence[str]
    ) -> tuple[list[Contradiction], bool]:
        """Irreducible sets of some statements, given others; part by part of what hangs together."""
        found: list[Contradiction] = []
        complete = True
        for behind, soft in self.parts(names, believed):
            each = contradictions(soft, partial(self._consistent, behind))
            complete &= each.complete
            found += [self._contradiction(it, behind) for it in each.sets]
        place = {name: number for number, name in enumerate(self.soft)}
        found.sort(key=lambda it: (len(it.claims), [place[name] for name in it.claims]))
        return found, complete

    def _consistent(self, behind: Sequence[Statement], chosen: frozenset[str]) -> bool:
        return self.together.hold([*behind, *(self.soft[it] for it in sorted(chosen))])

    def parts(
        self, names: Sequence[str], believed: Sequence[str]
    ) -> list[tuple[list[Statement], list[str]]]:
        """What hangs together: statements that are given, and the names of those that are in question."""
        given = [*self.free, *(self.soft[name] for name in believed)]
        statements = [*given, *(self.soft[name] for name in names)]
        groups = [[name for it in one.rows for name, _ in it.terms] for one in statements]
        found = []
        for part in components(groups):
            behind = [statements[it] for it in part if it < len(given)]
            found.append((behind, [statements[it].name for it in part if it >= len(given)]))
        return found

    def _contradiction(self, names: tuple[str, ...], behind: Sequence[Statement]) -> Contradiction:
        """A set with what it rests on and its proof; of several, one that rests on few claims."""
        by_name = {it.name: it for it in behind}
        if not any(name in self.soft for name in by_name):
            by_name = self._weighed(names, behind)

        def consistent(chosen: frozenset[str]) -> bool:
            behind = [by_name[it] for it in by_name if it in chosen]
            return self.together.hold([*behind, *(self.soft[it] for it in names)])

        orders = (list(by_name), list(by_name)[::-1])
        kept = min((shrunk(order, by_name, consistent) for order in orders), key=len)
        needed = [by_name[name] for name in by_name if name in kept]
        proof = self._rows(names, needed).certificate()
        if proof is None or proof.gap <= 0:
            raise ConvergenceError(
                Fault(
                    f"claims {', '.join(names)}",
                    "a contradiction so narrow that rounding could explain it",
                    "claims that contradict each other clearly, or not",
                    next="change a tolerance or a range by a little",
                )
            )
        return Contradiction(
            claims=names,
            against=tuple(it.name for it in needed if it.name in self.soft),
            rests_on=tuple(it for it in needed if it.name not in self.soft),
            certificate=proof,
        )

    def _weighed(self, names: Sequence[str], behind: Sequence[Statement]) -> dict[str, Statement]:
        """What is behind and has a weight in a proof, which is enough for the contradiction."""
        proof = self._rows(names, behind).certificate()
        weighed = {id(it.row) for it in proof.weights} if proof else set()
        return {it.name: it for it in behind if any(id(one) in weighed for one in it.rows)}

    def _believed(self, names: Iterable[str], sets: Sequence[Contradiction]) -> tuple[str, ...]:
        """Statements in order, each unless it completes a contradiction with those before it."""
        believed: list[str] = []
        known = self.task.claims.claims
        for name in names:
            if name in known and known[name].status == WORDING:
                continue
            tried = {*believed, name}
            if not any(name in it.claims and tried.issuperset(it.claims) for it in sets):
                believed.append(name)
        return tuple(believed)

    def extent(
        self, believed: Sequence[str], of: str, per: str, weight: str = "oxide"
    ) -> Extent | None:
        """Range of a quantity, or share, by some claims; infinite where nothing bounds it."""
        terms = self.weighing.terms(of, weight)
        whole = self.weighing.terms(per) if per else {}
        asked, kept = {*terms, *whole}, set(believed)
        rows = Rows(
            row
            for behind, names in self._all_parts
            if asked & self._unknowns(behind, names)
            for row in rows_of([*behind, *(self.soft[it] for it in names if it in kept)])
        )
        if not asked.issubset(rows.names):
            return (0.0, math.inf)
        return rows.extent(terms, whole or None)

    @cached_property
    def _all_parts(self) -> list[tuple[list[Statement], list[str]]]:
        return self.parts(list(self.soft), ())

    def _unknowns(self, behind: Sequence[Statement], names: Sequence[str]) -> set[str]:
        rows = rows_of([*behind, *(self.soft[it] for it in names)])
        return {name for it in rows for name, _ in it.terms}

    def _answers(self, believed: Sequence[str], drawn: Draws | None) -> dict[str, Answer]:
        answers = {}
        for name, it in self.task.claims.questions.items():
            values = drawn.of(self.weighing.terms(it.of)) if drawn else None
            whole = drawn.of(self.weighing.terms(it.per)) if drawn and it.per else None
            told = None
            if values is not None and values.size and (not it.per or whole is not None):
                told = spread(values if whole is None else values / whole)
            answers[name] = Answer(self.extent(believed, it.of, it.per), told)
        return answers

    def _draw(self, believed: Sequence[str]) -> Draws | None:
        """Draws of the unknowns; None where the claims leave products or feeds unbounded."""
        names = [*(f"{key}_out" for key in PRODUCTS), "magnets_in", "concentrates_in"]
        rows = self._rows(self.core)
        if any(part not in rows.names for name in names for part in self.weighing.terms(name)):
            return None
        left = {name: rows.extent(self.weighing.terms(name)) for name in names}
        found = {name: it for name, it in left.items() if it is not None and math.isfinite(it[1])}
        if len(found) < len(names):
            return None
        claims = [it for name in believed for it in self.soft[name].rows]
        drawn = draw(self.task.claims.ranges, found, claims, self.task.draws, self.task.seed)
        return drawn if drawn.kept else None

    # --- feeds

    def _fits(self, hypothesis: Hypothesis, known: Mapping[str, Basket], level: str) -> Rows:
        """The plant and its claims with concentrates of one kind; ``sums``: no single element is claimed."""
        claims = self.task.claims.claims
        single = {f"{key}_out" for key in PRODUCTS}
        names = [it for it in self.core if level == "elements" or claims[it].quantity not in single]
        behind = background(self.task.claims, self.reading, hypothesis, known, self.weighing)
        plant = [it for it in behind if it.kind != "relation"]
        return self._rows(names, plant)

    def _closing(self, hypothesis: Hypothesis, drawn: Draws | None) -> Closing:
        sums = self._fits(hypothesis, self.known, "sums").feasible()
        rows = self._fits(hypothesis, self.known, "elements")
        elements = sums and rows.feasible()
        allowed = open_to(hypothesis, self.known)
        parts: dict[str, Extent] = {}
        if elements and hypothesis.name != FREE:
            found = rows.ends([gross_of(name) for name in allowed])
            parts = {name: found[gross_of(name)] for name in allowed if gross_of(name) in found}
        asked = elements and hypothesis.name != FREE
        sure, tried = self._sure(hypothesis, drawn) if asked else (0.0, 0)
        error = math.sqrt(max(sure * (1.0 - sure), 1.0 / (tried + 2)) / tried) if tried else 0.0
        return Closing(
            hypothesis, sums, elements, self._most_dytb(hypothesis), parts, sure, error, tried
        )

    def _most_dytb(self, hypothesis: Hypothesis) -> float:
        """Dy + Tb that the claimed feeds can give at most under a hypothesis [t/y]."""
        fed = ("magnets_in", "concentrates_in")
        claims = self.task.claims.claims
        names = [it for it in self.core if claims[it].quantity in fed]
        if hypothesis.feeds == ():
            names = [it for it in names if claims[it].quantity != "concentrates_in"]
        plant = [it for it in self._background(hypothesis) if it.kind != "relation"]
        found = self._rows(names, plant).extent(self.weighing.terms("dytb_out"))
        return math.nan if found is None else found[1]

    def _sure(self, hypothesis: Hypothesis, drawn: Draws | None) -> tuple[float, int]:
        """Share of draws that some blend of all feeds meets element by element, and how many were tried."""
        if drawn is None:
            return 0.0, 0
        made = Rows(concentrates(hypothesis, open_to(hypothesis, self.known)).rows)
        asked = [*(f"{key}_in_concentrates" for key in PRODUCTS), "concentrates_in"]
        tried = min(TRIED, drawn.kept)
        met = made.met({name: drawn.values[name][:tried] for name in asked})
        return float(met.mean()), tried

    def _alone(self, closings: Mapping[str, Closing], drawn: Draws | None) -> tuple[Alone, ...]:
        """Every basket that meets the sums alone, under every hypothesis that can."""
        found = []
        for name, closing in closings.items():
            if not closing.sums or name == FREE:
                continue
            for basket in open_to(closing.hypothesis, self.known).values():
                only = {basket.name: basket}
                rows = self._fits(closing.hypothesis, only, "sums")
                if not rows.feasible():
                    continue
                found.append(
                    Alone(
                        basket=basket,
                        hypothesis=name,
                        sums=True,
                        elements=self._fits(closing.hypothesis, only, "elements").feasible(),
                        parent=rows.extent({"parent_reo": 1.0}),
                        sure=met_alone(basket, closing.hypothesis, drawn) if drawn else 0.0,
                    )
                )
        return tuple(sorted(found, key=lambda it: (-it.sure, it.hypothesis, it.basket.name)))

    # --- claims

    def judge(self, result: ReadingResult) -> dict[str, Judged]:
        """What became of each claim."""
        same: dict[str, Sequence[str]] = {}
        for behind, names in self._all_parts:
            if not behind:
                same |= {name: [it for it in names if it != name] for name in names}
        return {
            it.id: self._judged(it, result, same.get(it.id, ()))
            for it in self.task.claims.claims.values()
        }

    def _judged(self, claim: Claim, result: ReadingResult, same: Sequence[str]) -> Judged:
        others = [it for it in result.believed if it != claim.id]
        implied = self.extent(others, claim.quantity, claim.per, weighed_as(claim, self.reading))
        if implied is not None and implied[0] <= 0.0 and implied[1] == math.inf:
            implied = None
        inside = implied is not None and claim.low <= implied[0] and implied[1] <= claim.high
        meets = implied is None or (implied[0] <= claim.high and claim.low <= implied[1])
        if claim.status == HISTORY:
            agrees = "agrees with" if meets else "differs from"
            text = (
                "nothing now said bears on it" if implied is None else f"{agrees} what is said now"
            )
            return Judged(claim, "history", implied, (), text)
        if claim.id in self.reading.without:
            text = f"the reading {self.reading.name} leaves it out"
            return Judged(claim, "set aside", implied, (), text)
        sets = [it for it in result.contradictions if claim.id in it.claims]
        if sets:
            against = dict.fromkeys(
                name for it in sets for name in (*it.claims, *it.against) if name != claim.id
            )
            if not against:
                return Judged(claim, "cannot hold", implied, (), VERDICTS["cannot hold"])
            kept = "believed" if claim.id in result.believed else "not believed"
            count = "one contradicting set" if len(sets) == 1 else f"{len(sets)} contradicting sets"
            text = f"in {count}; {kept}"
            return Judged(claim, "in conflict", implied, tuple(against), text)
        if same:
            return Judged(claim, "repeated", implied, tuple(same), VERDICTS["repeated"])
        if implied is None:
            return Judged(claim, "not judged", None, (), self._wanting(claim))
        verdict = "implied" if inside else "can hold"
        return Judged(claim, verdict, implied, (), VERDICTS[verdict])

    def _wanting(self, claim: Claim) -> str:
        """What would be needed to judge a claim."""
        quantity = self.task.claims.quantities.get(claim.quantity)
        if quantity and quantity.elsewhere:
            return f"needs {quantity.elsewhere}"
        return VERDICTS["not judged"]


def met_alone(basket: Basket, hypothesis: Hypothesis, drawn: Draws) -> float:
    """Share of draws whose Nd + Pr and Dy + Tb one basket meets under a hypothesis.

    Dy + Tb fixes the parent, Nd + Pr their cut; the TREO that follows must be in the range, with any cut
    of the other groups that is allowed.
    """
    treo = shipped_treo(hypothesis, basket)
    value = drawn.values
    dytb = value["dy_in_concentrates"] + value["tb_in_concentrates"]
    ndpr = value["nd_in_concentrates"] + value["pr_in_concentrates"]
    heavy, light = (sum(map(basket.share, pair)) for pair in (("Dy", "Tb"), ("Nd", "Pr")))
    if treo is None or heavy <= 0.0:
        return 0.0
    parent = dytb / heavy
    cut = {name: hypothesis.cut.get(name, (0.0, 0.0)) for name in GROUPS}
    kept = ndpr / parent
    met = (kept <= light * (1.0 - cut["PrNd"][0])) & (kept >= light * (1.0 - cut["PrNd"][1]))
    fixed = sum(basket.groups.values()) - sum(basket.groups[name] for name in GROUPS) + kept
    ends = [
        fixed + sum(basket.groups[name] * (1.0 - cut[name][end]) for name in ("LaCe", "Y"))
        for end in (1, 0)
    ]
    gross = value["concentrates_in"]
    met &= (parent * ends[0] <= treo[1] * gross) & (parent * ends[1] >= treo[0] * gross)
    return float(met.mean())
