"""A parameter set with the constants of a fit, saying what they rest on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from ytterby.datasets import Constant, ParameterSet, Range, cited, table
from ytterby.equilibrium.fitting.fit import Fit, FittedConstant
from ytterby.equilibrium.fitting.predict import Equilibria, Shaken, equilibria

CONFIDENCE_BY_SD = ((0.10, "high"), (0.25, "medium"))
"""Confidence of a fitted constant by its standard deviation in log10 K, low above; as in the shipped sets."""

DECIMALS = 6
"""Of a fitted constant: more than any is known to."""


def fitted_set(whole: Fit, name: str) -> ParameterSet:
    """The set of a fit with its constants in the place of the old, every other number as it was.

    Fitted constants have the basis ``derived``. They rest on the shipped sources that were fitted and on
    those of the set that the fit started from, whose other numbers it keeps. Ranges are those of contacts.
    """
    start = whole.case.parameters
    constants = dict(start.constants)
    for symbol in {constant.cell.element for constant in whole.constants}:
        own = [it for it in whole.constants if it.cell.element == symbol]
        constants[symbol] = _constant(start.constants[symbol], own, whole)
    return replace(
        start,
        name=name,
        title=f"{start.title}, fitted",
        description=_description(whole),
        constants=MappingProxyType(constants),
        valid=MappingProxyType(dict(spans(whole))),
        valid_note="ranges of the contacts that were fitted",
    )


def _description(whole: Fit) -> str:
    lines = [
        f"{whole.case.parameters.name} with constants fitted to {int(whole.fitted.sum())} points of "
        f"{', '.join(sorted(whole.shifts))}; elements without a point keep their constants.",
        f"Standard deviation of log10 D within a source {whole.sigma:.3f}, of log10 Kex between "
        f"sources {whole.between:.3f}.",
    ]
    if whole.case.terms:
        lines.append(f"Fitted with {', '.join(whole.case.terms)}: use it with the same terms.")
    return "\n".join(lines)


def _constant(old: Constant, fitted: list[FittedConstant], whole: Fit) -> Constant:
    """The row of one element; corrections that the fit computed with stay outside its constants."""
    numbers = dict(old.numbers)
    for constant in fitted:
        numbers[constant.cell.column] = round(
            numbers[constant.cell.column] + constant.change, DECIMALS
        )
    shipped = {point.source for point in table("isotherms")}
    rests = (set(whole.shifts) & shipped) | set(cited([old]))
    level = next((it for it in fitted if it.cell.column == "log10_kex"), None)
    points = ", ".join(sorted(whole.shifts))
    moved = ", ".join(f"{it.cell.column} {it.low:.3f} to {it.high:.3f}" for it in fitted)
    return replace(
        old,
        numbers=MappingProxyType(numbers),
        uncertainty=old.uncertainty if level is None else round(level.sd, DECIMALS),
        basis="derived",
        confidence=old.confidence if level is None else _confidence(level.sd),
        source="DERIVED",
        rests_on=tuple(sorted(rests, key=str.casefold)),
        note=f"fitted to {fitted[0].points} points among {points}; 95 % interval {moved}",
    )


def _confidence(sd: float) -> str:
    return next((word for most, word in CONFIDENCE_BY_SD if sd <= most), "low")


def spans(whole: Fit) -> Mapping[str, Range]:
    """What the fitted contacts span by quantity, in the units that sets are written in."""
    case = whole.case
    chosen = sorted(
        {point.contact for point, used in zip(case.points, whole.fitted, strict=True) if used}
    )
    found = equilibria(case, whole.values)
    contacts = [case.contacts[index] for index in chosen]
    reached = {
        "free_dimer": (found.free_dimer[chosen] / 1000.0, "mol/L"),
        "aqueous_metal": (_aqueous(case, found)[chosen] / 1000.0, "mol/L"),
        "acid": (found.acid[chosen] / 1000.0, "mol/L"),
        "temperature": (np.array([it.temperature for it in contacts]) - 273.15, "degC"),
    }
    return {
        name: Range(float(f"{values.min():.4g}"), float(f"{values.max():.4g}"), unit)
        for name, (values, unit) in reached.items()
    }


def _aqueous(case: Shaken, found: Equilibria) -> np.ndarray:
    """All metals of the aqueous at equilibrium [mol/m3], (contact)."""
    vessels, rows, size = case.vessels, len(case.contacts), len(case.elements)
    oa_ratio = np.asarray(vessels.oa_ratio)[:rows, None]
    feed, measured = (np.asarray(it)[:rows, :size] for it in (vessels.feed, vessels.aqueous))
    computed = feed / (1.0 + oa_ratio * 10.0**found.log10_d)
    as_measured = np.asarray(vessels.measured)[:rows, None]
    return np.asarray(np.where(as_measured, measured, computed).sum(axis=1))
