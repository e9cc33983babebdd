"""Figures of a run through time, as plain specifications: products, and what is held."""

from __future__ import annotations

import numpy as np

from ytterby.circuit.solved import Array
from ytterby.elements import by_extraction_order
from ytterby.report.figures import DEEPEST, Band, Figure, Panel, Series
from ytterby.study.start import Run

MOST_POINTS = 400
"""Of a line."""
DAY = 24.0
NARROWEST = 0.01
"""Share of the time axis that a letter of a band's name takes; narrower bands stay without."""


def start_figures(run: Run) -> list[Figure]:
    """Products and inventory over time."""
    return [product_figure(run), inventory_figure(run)]


def product_figure(run: Run) -> Figure:
    """Outlets over time: purity and recovery of the elements that count, oxides, acid."""
    from ytterby.report.start import main_elements

    simulation, shown = run.simulation, _shown(run)
    mains = main_elements(run)
    purity = [
        Series(f"{symbol} of {name}", _line(100 * simulation.purity_reo(name, symbol), shown))
        for name, symbol in mains.items()
    ]
    recovery = [
        Series(f"{symbol} of {name}", _line(100 * simulation.recovery(name, symbol), shown))
        for name, symbol in mains.items()
    ]
    oxides = [Series(name, _line(simulation.treo(name), shown)) for name in simulation.outlets]
    acid = [
        Series(name, _line(series.acid / 1000.0, shown))
        for name, series in simulation.outlets.items()
        if not np.isnan(series.acid).all()
    ]
    panels = [
        Panel("purity, % of oxides", tuple(purity), ordered=True),
        Panel("recovery, %", tuple(recovery), ordered=True),
        Panel("oxides, kg/h", tuple(oxides), ordered=True),
    ]
    if acid:
        panels.append(Panel("acid, mol/L", tuple(acid), ordered=True))
    return _figure(run, "products", "Products", panels, shown)


def inventory_figure(run: Run) -> Figure:
    """What is held over time: by section, by phase, by element."""
    simulation, shown = run.simulation, _shown(run)
    held, per_mole = simulation.inventory, simulation.rare_earths()
    sections = [
        Series(section.label, _line(held.sections[:, index] @ per_mole, shown))
        for index, section in enumerate(simulation.circuit.sections)
    ]
    if held.tank.any():
        sections.append(Series("organic tank", _line(held.tank @ per_mole, shown)))
    phases = [
        Series("organic", _line(held.organic @ per_mole, shown)),
        Series("aqueous", _line(held.aqueous @ per_mole, shown)),
    ]
    masses = held.total * simulation.oxides()
    seen = np.where(masses > DEEPEST * masses.max(), masses, np.nan)
    symbols = by_extraction_order(simulation.circuit.elements)
    elements = [
        Series(symbol, _line(seen[:, simulation.circuit.elements.index(symbol)], shown))
        for symbol in symbols
    ]
    panels = [
        Panel("by section, kg of oxides", tuple(sections), ordered=True),
        Panel("by phase, kg of oxides", tuple(phases), ordered=True),
        Panel("by element, kg of oxide", tuple(elements), logarithmic=True, ordered=True),
    ]
    return _figure(run, "inventory", "Metal held", panels, shown)


def _figure(run: Run, what: str, title: str, panels: list[Panel], shown: Array) -> Figure:
    simulation = run.simulation
    bands = []
    for course in simulation.courses:
        first, last = course.period.begin, float(simulation.time[course.end - 1])
        wide = last - first > NARROWEST * len(course.period.name) * simulation.end
        bands.append(Band(course.period.name if wide else "", first / DAY, last / DAY))
    return Figure(
        name=f"{run.plan.name}-{what}",
        title=f"{title} of {run.plan.circuit.name}, start {simulation.start}",
        x_label="time, days",
        x=tuple((simulation.time[shown] / DAY).tolist()),
        panels=tuple(panels),
        bands=tuple(bands),
        caption="\n".join(f"Assumed: {assumption}." for assumption in simulation.assumptions),
        sources=simulation.sources,
    )


def _shown(run: Run) -> Array:
    """Records that are drawn: all, or evenly some, first and last of every period among them."""
    simulation = run.simulation
    every = max(1, -(-len(simulation.time) // MOST_POINTS))
    ends = [at for course in simulation.courses for at in (course.first, course.end - 1)]
    return np.unique([*range(0, len(simulation.time), every), *ends])


def _line(values: Array, shown: Array) -> tuple[float, ...]:
    return tuple(values[shown].tolist())
