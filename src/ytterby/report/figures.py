"""Figures of a result as plain specifications: what to draw, no drawing library."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ytterby.circuit.solved import Array, SolvedCircuit
from ytterby.elements import by_extraction_order

Style = Literal["line", "points", "steps"]
DEEPEST = 1e-9
"""Share of the largest concentration below which a log axis is cut off."""


@dataclass(frozen=True)
class Series:
    """One line: its name and its values over x; nan leaves a gap."""

    name: str
    values: tuple[float, ...]
    x: tuple[float, ...] | None = None
    """Its own x; None: that of the figure."""
    style: Style = "line"
    """``line``: marked points joined; ``points``: marked, not joined; ``steps``: joined, not marked."""


@dataclass(frozen=True)
class Panel:
    """One pair of axes; over the panels' common x, unless its series have their own."""

    label: str
    """Of the y axis, with unit."""
    series: tuple[Series, ...]
    logarithmic: bool = False
    """The y axis, and the x axis where the series have their own x."""
    ordered: bool = False
    """Whether the series are a sequence (elements in extraction order), to be coloured as one."""
    title: str = ""


@dataclass(frozen=True)
class Band:
    """A stretch of x with a name: a section of the circuit."""

    name: str
    first: float
    last: float


@dataclass(frozen=True)
class Figure:
    """Panels above each other, over one x axis unless their series have their own."""

    name: str
    """Stem of the file names."""
    title: str
    x_label: str
    x: tuple[float, ...]
    panels: tuple[Panel, ...]
    bands: tuple[Band, ...]
    caption: str
    """Sentences without the sources; a new line begins a paragraph."""
    sources: tuple[str, ...] = ()
    """Keys of what the numbers rest on."""


def profile_figure(solved: SolvedCircuit) -> Figure:
    """Stage profiles: aqueous and organic concentrations on log axes, and pH where the model has it."""
    circuit, profiles = solved.circuit, solved.profiles
    bands = tuple(
        Band(section.label, first + 0.5, end + 0.5)
        for section, (first, end) in zip(circuit.sections, circuit.spans(), strict=True)
    )
    panels = [
        _concentrations("aqueous, mol/L", profiles.aqueous, solved),
        _concentrations("organic, mol/L", profiles.organic, solved),
    ]
    if not np.isnan(profiles.ph).all():  # some models have no acid
        panels.append(Panel("pH", (Series("pH", tuple(profiles.ph.tolist())),)))
    return Figure(
        name=f"{circuit.name}-profile",
        title=f"Stage profiles of {circuit.name} ({circuit.equilibrium})",
        x_label="stage, numbered along the organic",
        x=tuple(float(stage + 1) for stage in range(circuit.stages)),
        panels=tuple(panels),
        bands=bands,
        caption=f"Weakest basis: {solved.weakest_basis}."
        + "".join(f"\nAssumed: {assumption}." for assumption in solved.assumptions),
        sources=solved.sources,
    )


def _concentrations(label: str, values: Array, solved: SolvedCircuit) -> Panel:
    molar = values / 1000.0
    shown = np.where(molar > DEEPEST * molar.max(), molar, np.nan)
    series = tuple(
        Series(symbol, tuple(shown[:, solved.circuit.elements.index(symbol)].tolist()))
        for symbol in by_extraction_order(solved.circuit.elements)
    )
    return Panel(label, series, logarithmic=True, ordered=True)
