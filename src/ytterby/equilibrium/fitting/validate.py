"""What a fit is worth on sources that it did not see: each is left out in turn and predicted by the rest.

The set as it was is judged on the same points. Points of metals that no other source has are counted, not
judged: for them the fit has nothing to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ytterby.equilibrium.fitting.fit import Fit, fit
from ytterby.equilibrium.fitting.predict import Array
from ytterby.errors import ConvergenceError, DataError


@dataclass(frozen=True)
class Score:
    """How a group of points is met, in log10 D, computed less measured."""

    points: int
    rms: float
    """nan without points."""
    bias: float
    """Mean; nan without points."""


@dataclass(frozen=True)
class LeftOut:
    """One source, or all of them pooled, predicted by the others."""

    source: str
    unseen: int
    """Points of metals that no other source has; they stay out of the scores."""
    before: Score
    """With the set as it was."""
    fitted: Score
    """With all sources fitted, this one too."""
    left_out: Score
    """With all others fitted."""
    reason: str = ""
    """Why the others could not be fitted, if so; there are no scores then."""


def score(deviations: Array) -> Score:
    """Number, root mean square and mean of deviations."""
    if not len(deviations):
        return Score(0, float("nan"), float("nan"))
    return Score(
        len(deviations), float(np.sqrt(np.mean(deviations**2))), float(np.mean(deviations))
    )


def leave_one_source_out(whole: Fit) -> tuple[LeftOut, ...]:
    """Each fitted source predicted by the others, then all of them pooled; nothing for a single source."""
    case, sources = whole.case, np.array(whole.case.sources)
    names = sorted(whole.shifts)
    if len(names) < 2:
        return ()
    found, parts = [], []
    for name in names:
        own = sources == name
        try:
            rest = fit(case, replace(whole.settings, without=(*whole.settings.without, name)))
        except (DataError, ConvergenceError) as error:
            nothing = [np.empty(0)] * 3
            found.append(_left_out(name, int(own.sum()), nothing, error.faults[0].read))
            continue
        known = {constant.cell.element for constant in rest.constants}
        seen = own & np.array([point.element in known for point in case.points])
        deviations = [
            (prediction.log10_d - case.measured)[seen]
            for prediction in (whole.before, whole.after, rest.after)
        ]
        parts.append(deviations)
        found.append(_left_out(name, int(own.sum() - seen.sum()), deviations))
    pooled = [np.concatenate([np.empty(0), *(it[kind] for it in parts)]) for kind in range(3)]
    return (*found, _left_out("all", sum(it.unseen for it in found), pooled))


def _left_out(name: str, unseen: int, deviations: Sequence[Array], reason: str = "") -> LeftOut:
    before, fitted, left_out = map(score, deviations)
    return LeftOut(name, unseen, before, fitted, left_out, reason)
