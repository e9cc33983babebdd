"""Constant distribution ratio: products of a section, or of extraction and scrub, in closed form (Kremser).

Valid element by element where the extraction factor E = D O/A is the same in all stages of a section: traces
beside a large excess, or acid and loading held constant. With the geometric sum

    s_n(E) = 1 + E + ... + E^(n-1) = (E^n - 1)/(E - 1),    s_n(1) = n

what the feed F and a loaded organic G leave in the raffinate is R = (F + G s_n)/s_(n+1). Sums are taken as
logarithms and differences from 1 as such, so nothing is lost near E = 1, and no power overflows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ytterby.circuit.shortcuts.feeds import refuse

WHERE = "Kremser"


@dataclass(frozen=True)
class Outlets:
    """What one element does [mol/h]."""

    raffinate: float
    """With the aqueous, at stage 1."""
    extract: float
    """With the organic, at the last stage."""


def kremser(
    aqueous_in: float, organic_in: float, extraction_factor: float, stages: float
) -> Outlets:
    """Both products of one section [mol/h].

    ``aqueous_in`` enters the last stage, ``organic_in`` the first [mol/h]; ``extraction_factor`` D O/A [-].
    ``stages`` need not be whole. CaseError where a flow is below 0, or factor or stages are not above.
    """
    _positive(extraction_factor=extraction_factor, stages=stages)
    _not_negative(aqueous_in=aqueous_in, organic_in=organic_in)
    here, next_ = _log_sum(stages, extraction_factor), _log_sum(stages + 1, extraction_factor)
    raffinate = aqueous_in * math.exp(-next_) + organic_in * math.exp(here - next_)
    # E s_n / s_(n+1) of the feed and E^n / s_(n+1) of what the organic brings: no difference is taken.
    log_factor = math.log(extraction_factor)
    extract = aqueous_in * math.exp(log_factor + here - next_)
    extract += organic_in * math.exp(stages * log_factor - next_)
    return Outlets(raffinate, extract)


def fraction_extracted(extraction_factor: float, stages: float) -> float:
    """Share of the feed that a barren organic takes in one section [-]; CaseError as for ``kremser``."""
    return kremser(1.0, 0.0, extraction_factor, stages).extract


def kremser_stages(
    aqueous_in: float, organic_in: float, extraction_factor: float, raffinate: float
) -> float:
    """Stages, not rounded, that leave ``raffinate`` of an element in the aqueous; flows in mol/h.

    CaseError where no number of stages leaves it: endless stages leave G/E, in equilibrium with the entering
    organic, or F (1 - E) + G where E is below 1.
    """
    _positive(extraction_factor=extraction_factor)
    _not_negative(aqueous_in=aqueous_in, organic_in=organic_in)
    factor = extraction_factor
    endless = organic_in / factor if factor >= 1 else aqueous_in * (1 - factor) + organic_in
    if not min(endless, aqueous_in) < raffinate < max(endless, aqueous_in):
        raise refuse(
            f"{WHERE}, raffinate",
            f"{raffinate:g} mol/h",
            f"between {endless:g}, which endless stages leave, and {aqueous_in:g}, which none leave",
            "raise the extraction factor, or clean the organic",
        )
    sum_ = (aqueous_in - raffinate) / (raffinate * factor - organic_in)
    above = factor - 1.0
    return sum_ if above == 0.0 else math.log1p(above * sum_) / math.log1p(above)


@dataclass(frozen=True)
class TraceSection:
    """A section in which one element has a constant extraction factor."""

    extraction_factor: float
    """D O/A [-]."""
    stages: int


def kremser_cascade(
    feed: float,
    extraction: TraceSection,
    scrub: TraceSection,
    organic_in: float = 0.0,
    scrub_in: float = 0.0,
) -> Outlets:
    """Both products of an extraction and a scrub section [mol/h].

    ``feed`` enters the last extraction stage, ``organic_in`` the first, ``scrub_in`` the last scrub stage
    [mol/h]. For the feed alone extract/raffinate is E s_n(E) / s_(m+1)(1/E'). CaseError as for ``kremser``.
    """
    for section in (extraction, scrub):
        _positive(extraction_factor=section.extraction_factor, stages=section.stages)
    _not_negative(feed=feed, organic_in=organic_in, scrub_in=scrub_in)
    log_factor = math.log(extraction.extraction_factor)
    back = 1.0 / scrub.extraction_factor
    n, m = extraction.stages, scrub.stages
    # Sums of the balances from both ends to the feed stage, each inlet's part of raffinate and of extract.
    on = log_factor + _log_sum(n, extraction.extraction_factor)
    off = _log_sum(m + 1, back)
    whole = max(on, off) + math.log1p(math.exp(-abs(on - off)))
    before = log_factor + _log_sum(n - 1, extraction.extraction_factor)
    raffinate = (
        feed * math.exp(off - whole)
        + organic_in * (math.exp(off - whole) + math.exp(before - whole))
        + scrub_in * math.exp(m * math.log(back) - whole)
    )
    extract = (
        feed * math.exp(on - whole)
        + organic_in * math.exp(n * log_factor - whole)
        + scrub_in * (math.exp(on - whole) + math.exp(_log_sum(m, back) - whole))
    )
    return Outlets(raffinate, extract)


def _log_sum(count: float, factor: float) -> float:
    """ln s_n of a geometric sum; -inf for n = 0."""
    if count == 0:
        return -math.inf
    log_factor = math.log(factor)
    if log_factor == 0.0:
        return math.log(count)
    size = abs(log_factor)
    rest = math.log(math.expm1(-count * size) / math.expm1(-size))
    return rest + (count - 1) * max(log_factor, 0.0)


def _positive(**values: float) -> None:
    for name, value in values.items():
        if not 0.0 < value < math.inf:
            raise refuse(f"{WHERE}, {name}", f"{value:g}", "a finite number above 0")


def _not_negative(**values: float) -> None:
    for name, value in values.items():
        if not 0.0 <= value < math.inf:
            raise refuse(f"{WHERE}, {name}", f"{value:g} mol/h", "a finite number, 0 or more")
