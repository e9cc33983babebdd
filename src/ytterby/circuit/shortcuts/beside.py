"""Hand calculations beside a solved circuit: what an engineer can check, and how far it carries.

Each figure takes from the solved circuit only means: the geometric mean extraction factor of a key over a
section, the geometric mean separation factors, the metal S on the organic of the feed stage. In a rigorous
circuit none of these is constant, so the two columns differ; where they differ much, the assumption named
beside them does not hold.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ytterby.circuit.shortcuts.exchange import solve_exchange
from ytterby.circuit.shortcuts.feeds import Array, refuse
from ytterby.circuit.shortcuts.kremser import TraceSection, kremser_cascade
from ytterby.circuit.shortcuts.pair import Pair
from ytterby.circuit.shortcuts.underwood import least_for_extract
from ytterby.circuit.shortcuts.xu import xu_stages
from ytterby.circuit.solved import SolvedCircuit
from ytterby.errors import CaseError, ConvergenceError

WHERE = "hand calculations"
NO_ANSWER = math.nan


@dataclass(frozen=True)
class Beside:
    """One figure by hand and the same of the solved circuit."""

    quantity: str
    unit: str
    by_hand: float
    """nan where the method has no answer; ``assumption`` says why."""
    rigorous: float
    method: str
    assumption: str


def shortcuts_beside(solved: SolvedCircuit) -> tuple[Beside, ...]:
    """Hand calculations of the cut of a circuit and what was solved, in the order of their effort.

    CaseError where the circuit names no cut, has no extraction and scrub section, or draws a third product:
    then no hand calculation is meant for it.
    """
    cut = _Cut.of(solved)
    return (*_kremser(cut), _fenske(cut), _underwood(cut), *_xu(cut), *_exchange(cut))


@dataclass(frozen=True)
class _Cut:
    """Extraction and scrub of a solved circuit as hand calculations see them."""

    solved: SolvedCircuit
    extraction: slice
    scrub: slice
    order: NDArray[np.intp]
    """Columns of the elements that are fed, least extracted first."""
    factors: Array
    """Geometric mean D of both sections over that of the light key, in that order [-]."""
    split: int
    """Elements of the raffinate's side."""
    entering: Array
    """With the organic that enters stage 1 [mol/h], all columns."""
    scrubbed_in: Array
    """With the liquor that enters the last scrub stage [mol/h]."""

    @classmethod
    def of(cls, solved: SolvedCircuit) -> _Cut:
        circuit, profiles = solved.circuit, solved.profiles
        where = f"{WHERE}, circuit {circuit.name}"
        if circuit.cut is None:
            raise refuse(where, "no cut", "the pair to be split", 'cut = ["Pr", "Nd"] in the case')
        kinds = [circuit.section_at(stage).kind for stage in range(circuit.stages)]
        if "extraction" not in kinds or "scrub" not in kinds:
            raise refuse(
                where, "sections " + ", ".join(dict.fromkeys(kinds)), "extraction and scrub"
            )
        if circuit.draws:
            names = ", ".join(draw.name for draw in circuit.draws)
            raise refuse(
                where, f"drawn between: {names}", "two products", "compare without the draw"
            )
        feed_stage = kinds.index("scrub")
        last = feed_stage + kinds.count("scrub") - 1
        entering = _entering(solved)
        scrubbed_in = _arriving(solved, last)
        fed = profiles.fallen[0] + profiles.onward[last] - entering - scrubbed_in
        both = slice(0, last + 1)
        mean = np.exp(np.log(profiles.organic[both] / profiles.aqueous[both]).mean(axis=0))
        columns = np.flatnonzero(fed > 0)
        order = columns[np.argsort(mean[columns])]
        light, heavy = (circuit.elements.index(symbol) for symbol in circuit.cut)
        if not mean[light] < mean[heavy]:
            read = f"{circuit.cut[0]} better extracted than {circuit.cut[1]}"
            raise refuse(where, read, "the lighter of the cut extracted less")
        split = int(np.sum(mean[order] < math.sqrt(mean[light] * mean[heavy])))
        factors = mean[order] / mean[light]
        return cls(
            solved, slice(0, feed_stage), slice(feed_stage, last + 1),
            order, factors, split, entering, scrubbed_in,
        )  # fmt: skip

    @property
    def keys(self) -> tuple[int, int]:
        """Columns of the cut, light first."""
        circuit = self.solved.circuit
        assert circuit.cut is not None
        light, heavy = (circuit.elements.index(symbol) for symbol in circuit.cut)
        return light, heavy

    @property
    def stages(self) -> tuple[int, int]:
        """Of extraction and of scrub."""
        return self.extraction.stop, self.scrub.stop - self.scrub.start

    @property
    def raffinate(self) -> Array:
        """[mol/h], in the order of the factors."""
        left: Array = self.solved.profiles.fallen[0][self.order]
        return left

    @property
    def extract(self) -> Array:
        """What leaves with the organic [mol/h], less what that and the scrub brought; may be below 0.

        Reflux that scrubs is no product: it is part of W.
        """
        brought = self.entering + self.scrubbed_in
        gained: Array = (self.solved.profiles.onward[self.scrub.stop - 1] - brought)[self.order]
        return gained

    @property
    def extraction_amount(self) -> float:
        """S: metal on the organic that leaves the feed stage [mol/h], the most that the extraction carries.

        Nearer to the raffinate a real organic carries less, as acid takes the place of metal.
        """
        return float(self.solved.profiles.onward[self.extraction.stop - 1, self.order].sum())

    def separation_factor(self, stages: slice) -> float:
        """Geometric mean of the cut's separation factor over stages [-]."""
        light, heavy = self.keys
        ratios = self.solved.profiles.organic[stages] / self.solved.profiles.aqueous[stages]
        return float(np.exp(np.log(ratios[:, heavy] / ratios[:, light]).mean()))

    def extraction_factor(self, column: int, stages: slice) -> float:
        """Geometric mean of D O/A of an element over stages [-]."""
        profiles = self.solved.profiles
        factors = profiles.organic_volume * profiles.organic[:, column]
        factors = factors / (profiles.aqueous_volume * profiles.aqueous[:, column])
        return float(np.exp(np.log(factors[stages]).mean()))

    @property
    def pair(self) -> Pair:
        """Both sides taken together, with the mean factor of the extraction section."""
        raffinate, extract = self.raffinate, self.extract
        return Pair(
            float((raffinate + extract)[self.split :].sum() / (raffinate + extract).sum()),
            self.separation_factor(self.extraction),
            float(extract[self.split :].sum() / extract.sum()),
            float(raffinate[: self.split].sum() / raffinate.sum()),
        )


def _entering(solved: SolvedCircuit) -> Array:
    """Metals with the organic that enters stage 1 [mol/h]."""
    circuit = solved.circuit
    if circuit.organic.closed:
        returned: Array = solved.profiles.onward[-1] * (1.0 - circuit.organic.bleed)
        return returned
    held = [circuit.organic.concentrations.get(symbol, 0.0) for symbol in circuit.elements]
    return circuit.organic.flow * np.array(held)


def _arriving(solved: SolvedCircuit, last: int) -> Array:
    """Metals that enter the last scrub stage from outside it, by its balance [mol/h]."""
    profiles = solved.profiles
    found: Array = profiles.onward[last] + profiles.fallen[last]
    if last > 0:
        found = found - profiles.onward[last - 1]
    # What rounding leaves of a balance is nothing that came in.
    return np.where(found > 1e-9 * profiles.onward[last], found, 0.0)


def _kremser(cut: _Cut) -> list[Beside]:
    """Share of each key that goes to the raffinate, from its mean extraction factors."""
    circuit, profiles = cut.solved.circuit, cut.solved.profiles
    found = []
    for column in cut.keys:
        sections = [
            TraceSection(cut.extraction_factor(column, part), stages)
            for part, stages in zip((cut.extraction, cut.scrub), cut.stages, strict=True)
        ]
        left = float(profiles.fallen[0, column])
        gone = float(profiles.onward[cut.scrub.stop - 1, column])
        entering, scrubbed = float(cut.entering[column]), float(cut.scrubbed_in[column])
        feed = max(left + gone - entering - scrubbed, 0.0)
        outlets = kremser_cascade(feed, sections[0], sections[1], entering, scrubbed)
        means = " and ".join(f"{section.extraction_factor:.3g}" for section in sections)
        found.append(
            Beside(
                f"{circuit.elements[column]} to the raffinate",
                "mol/mol",
                outlets.raffinate / (feed + entering + scrubbed),
                left / (left + gone),
                "Kremser",
                f"extraction factor {means} throughout extraction and scrub",
            )
        )
    return found


def _fenske(cut: _Cut) -> Beside:
    """Stages at total reflux for the keys as they were parted."""
    light, heavy = (list(cut.order).index(column) for column in cut.keys)
    factor = cut.separation_factor(slice(0, cut.scrub.stop))
    parted = NO_ANSWER
    assumption = f"separation factor {factor:.4g} throughout, total reflux: a lower bound"
    if min(cut.extract[light], cut.extract[heavy]) > 0:
        ratios = (
            cut.extract[heavy] / cut.raffinate[heavy] * cut.raffinate[light] / cut.extract[light]
        )
        parted = math.log(ratios) / math.log(factor)
    else:
        assumption = "no answer: more of a key is brought by the organic and the scrub than leaves"
    return Beside(
        "stages, extraction and scrub", "", parted, float(sum(cut.stages)), "Fenske", assumption
    )


def _underwood(cut: _Cut) -> Beside:
    """Least metal on the organic for these products, and what it carries."""
    extract = np.clip(cut.extract, 0.0, None)
    fed = cut.raffinate + extract
    least = least_for_extract(fed, cut.factors, extract).extraction_amount
    return Beside(
        "S, metal on the organic of the feed stage",
        "mol/h",
        least,
        cut.extraction_amount,
        "Underwood",
        "mean separation factors, endless stages: a lower bound",
    )


def _xu(cut: _Cut) -> list[Beside]:
    """Stages of both sections by Xu's formulas at the amount that is extracted."""
    fed = float((cut.raffinate + cut.extract).sum())
    scrub_factor = cut.separation_factor(cut.scrub)
    try:
        pair = cut.pair
        counted = xu_stages(pair, cut.extraction_amount / fed, scrub_factor)
        assumption = (
            f"two components, factors {pair.factor:.4g} and {scrub_factor:.4g}, full exchange"
        )
    except CaseError as error:
        counted = NO_ANSWER, NO_ANSWER
        assumption = f"no answer: {error.faults[0].read}"
    return [
        Beside(f"{name} stages", "", by_hand, float(stages), "Xu", assumption)
        for name, by_hand, stages in zip(("extraction", "scrub"), counted, cut.stages, strict=True)
    ]


def _exchange(cut: _Cut) -> list[Beside]:
    """Wrong-side shares of both products of as many stages with mean factors."""
    extract, fed = cut.extract, cut.raffinate + cut.extract
    amount, split = cut.extraction_amount, cut.split
    assumption = "mean separation factors, the same metal on the organic of every stage"
    raffinate_share = extract_share = NO_ANSWER
    try:
        parted = solve_exchange(
            fed, cut.factors, amount, amount - float(extract.sum()), *cut.stages
        )
        raffinate_share = float(parted.raffinate[split:].sum() / parted.raffinate.sum())
        extract_share = float(parted.extract[:split].sum() / parted.extract.sum())
    except (CaseError, ConvergenceError) as error:
        assumption = f"no answer: {error.faults[0].read}"
    return [
        Beside(
            f"wrong-side share of the {name}", "mol/mol", by_hand,
            float(product[wrong].sum() / product.sum()), "full exchange", assumption,
        )
        for name, by_hand, product, wrong in (
            ("raffinate", raffinate_share, cut.raffinate, slice(split, None)),
            ("extract", extract_share, extract, slice(None, split)),
        )
    ]  # fmt: skip
