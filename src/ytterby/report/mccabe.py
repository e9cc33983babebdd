"""McCabe-Thiele figure of one element of a solved circuit: one panel per section."""

from __future__ import annotations

from ytterby.circuit.shortcuts.mccabe_thiele import SectionDiagram, diagram
from ytterby.circuit.solved import Array, SolvedCircuit
from ytterby.report.figures import DEEPEST, Figure, Panel, Series

WIDE = 100.0
"""Largest over smallest concentration in a section from which its axes are logarithmic."""


def mccabe_figure(solved: SolvedCircuit, symbol: str) -> Figure:
    """Equilibrium points, operating line and steps of an element [mol/L], section by section.

    The line is broken, and the caption says so, where something joins or leaves inside a section. On
    logarithmic axes what is below 1e-9 of the section's largest concentration is left out. CaseError if the
    element is not in the circuit.
    """
    found = diagram(solved, symbol)
    return Figure(
        name=f"{solved.circuit.name}-mccabe-{symbol}",
        title=f"McCabe-Thiele diagram of {symbol} in {solved.circuit.name}",
        x_label=f"{symbol} in the aqueous, mol/L",
        x=(),
        panels=tuple(_panel(section, symbol) for section in found.sections),
        bands=(),
        caption=_caption(found.sections),
        sources=solved.sources,
    )


def _panel(section: SectionDiagram, symbol: str) -> Panel:
    corner_x, corner_y = section.corners
    drawn = (
        ("equilibrium", section.equilibrium_x, section.equilibrium_y, "points"),
        ("operating line", section.line_x, section.line_y, "line"),
        ("stages", corner_x, corner_y, "steps"),
    )
    largest = [max(float(axis.max()) for axis in axes) for axes in _axes(section)]
    smallest = [min(float(axis.min()) for axis in axes) for axes in _axes(section)]
    wide = any(high > WIDE * low for low, high in zip(smallest, largest, strict=True))
    series = []
    for name, x, y, style in drawn:
        shown = (x > DEEPEST * largest[0]) & (y > DEEPEST * largest[1]) if wide else x == x
        series.append(Series(name, _molar(y[shown]), _molar(x[shown]), style))  # type: ignore[arg-type]
    return Panel(
        f"{symbol} in the organic, mol/L",
        tuple(series),
        logarithmic=wide,
        ordered=True,
        title=section.section,
    )


def _axes(section: SectionDiagram) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """What lies along x and along y, the ends of the operating line left out: they may be nothing."""
    return (section.equilibrium_x, section.leaving_x), (section.equilibrium_y, section.leaving_y)


def _molar(values: Array) -> tuple[float, ...]:
    return tuple((values / 1000.0).tolist())


def _caption(sections: tuple[SectionDiagram, ...]) -> str:
    notes = [f"{section.section}: {note}." for section in sections for note in section.notes]
    notes.append(
        "Operating lines are exact at their points; on logarithmic axes they curve between."
    )
    return "\n".join(notes)
