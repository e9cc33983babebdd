"""Measured against computed D of a fit, with the set as it was and with the fitted constants."""

from __future__ import annotations

import numpy as np

from ytterby.equilibrium.fitting.predict import Array
from ytterby.report.figures import Figure, Panel, Series
from ytterby.study.fit import FittedPlan


def parity_figure(fitted: FittedPlan) -> Figure:
    """Computed over measured D on log axes, a series per source, and the line where they agree."""
    found, plan = fitted.fit, fitted.plan
    return Figure(
        name=f"{plan.name}-parity",
        title=f"Measured and computed D of {plan.name} ({plan.parameters.name})",
        x_label="measured D",
        x=(),
        panels=(
            _panel("set as it was", found.before.log10_d, fitted),
            _panel("fitted", found.after.log10_d, fitted),
        ),
        bands=(),
        caption="" if not plan.own_sources else f"Shaken out by: {', '.join(plan.own_sources)}.",
        sources=plan.sources,
    )


def _panel(title: str, log10_d: Array, fitted: FittedPlan) -> Panel:
    case = fitted.fit.case
    measured, computed = 10.0**case.measured, 10.0**log10_d
    sources = np.array(case.sources)
    ends = (float(measured.min()), float(measured.max()))
    each = (
        Series(
            name,
            tuple(computed[sources == name].tolist()),
            tuple(measured[sources == name].tolist()),
            "points",
        )
        for name in sorted(set(case.sources))
    )
    agreement = Series("computed = measured", ends, ends, "steps")
    return Panel("computed D", (agreement, *each), logarithmic=True, ordered=True, title=title)
