"""Tables of a run through time: periods, products, what is held and what it costs."""

from __future__ import annotations

import math

import numpy as np

from ytterby.circuit.dynamics.simulation import PLACES, TOO_SHORT, Course, Simulation
from ytterby.circuit.dynamics.specification import SETTLED, Specification
from ytterby.circuit.solved import Array
from ytterby.elements import by_extraction_order
from ytterby.quantities import show
from ytterby.report.tables import Table, number, percent
from ytterby.study.start import Run

SHOWN_TIMES = (1.0, 4.0, 12.0, 24.0, 48.0, 120.0, 240.0, 480.0, 960.0)
"""Times after the begin of a period that its table shows [h], as far as it lasts; then its end."""


def duration(hours: float | None) -> str:
    """A time as people say it: minutes, hours, or days from two days on; blank for none."""
    if hours is None or math.isnan(hours):
        return ""
    if hours >= 48.0:
        return show(hours, "time", "d", digits=3)
    return show(hours, "time", "h" if hours >= 1.0 or hours == 0.0 else "min", digits=3)


def period_table(run: Run) -> Table:
    """Period by period: when, what acts, from when on it holds what its steady state holds."""
    simulation = run.simulation
    held = simulation.inventory.total @ simulation.rare_earths()
    rows = []
    for course, settled in zip(simulation.courses, run.settled, strict=True):
        period = course.period
        aim = float(course.target.total @ simulation.rare_earths()) if course.target else math.nan
        after = None if settled is None else settled - period.begin
        rows.append(
            (
                period.name,
                duration(period.begin),
                duration(float(simulation.time[course.end - 1])),
                duration(after) or _unsettled(course),
                number(held[course.end - 1]),
                "" if math.isnan(aim) else number(aim),
            )
        )
    header = ("period", "from", "to", "settled after", "held at its end", "steady")
    return Table(
        f"Periods of {run.plan.name}",
        header,
        tuple(rows),
        f"settled: rare-earth oxides held within {100 * SETTLED:g} % of the steady state for the rest of "
        "the period; steady: what its inputs would lead to",
        ("", "", "", "", "kg", "kg"),
    )


def event_table(run: Run) -> Table:
    """What happens: when, for how long, what changes."""
    rows = tuple(
        (
            event.label,
            duration(event.at),
            "to the end" if event.lasting is None else duration(event.lasting),
            str(event.change),
        )
        for event in run.simulation.events
    )
    return Table(f"Events of {run.plan.name}", ("event", "at", "for", "what changes"), rows)


def _unsettled(course: Course) -> str:
    """Why a period has no time from which it is settled."""
    if course.target is not None:
        return "not yet"
    return course.untold if course.untold == TOO_SHORT else f"no steady state ({course.untold})"


def specification_table(run: Run) -> Table:
    """Specification by specification and period by period: since when it holds, product on and off."""
    rows = []
    for specification, periods in run.met.items():
        for met in periods:
            begin = met.course.period.begin
            rows.append(
                (
                    specification.label,
                    asked(specification),
                    met.course.period.name,
                    "not at its end" if met.since is None else duration(met.since - begin),
                    duration(met.hours_off),
                    number(met.product),
                    number(met.off),
                )
            )
    header = (
        "specification", "asked", "period", "holds after", "off for", "product", "off",
    )  # fmt: skip
    return Table(
        f"Specifications of {run.plan.name}",
        header,
        tuple(rows),
        "holds after: from that time of the period to its end; kg of rare-earth oxides of the outlet",
        ("", "", "", "", "", "kg", "kg"),
    )


def asked(specification: Specification) -> str:
    """A specification in words, e.g. ``Dy of strip liquor: purity 99 %``."""
    parts = []
    if specification.purity_reo is not None:
        parts.append(f"purity {100 * specification.purity_reo:.10g} %")
    if specification.recovery is not None:
        parts.append(f"recovery {100 * specification.recovery:.10g} %")
    return f"{specification.element} of {specification.outlet}: {', '.join(parts)}"


def product_table(run: Run) -> Table:
    """Outlets at a few times of every period: oxides, and purity and recovery of their main element."""
    simulation = run.simulation
    mains = main_elements(run)
    header, units = ["time", "period"], ["", ""]
    for outlet, symbol in mains.items():
        header += [outlet, f"{symbol} purity", f"{symbol} recovery"]
        units += ["kg/h", "%", "%"]
    shown = {
        name: (
            simulation.treo(name),
            simulation.purity_reo(name, symbol),
            simulation.recovery(name, symbol),
        )
        for name, symbol in mains.items()
    }
    rows = []
    for course in simulation.courses:
        for at in _shown_records(simulation.time[course.first : course.end], course.first):
            cells = [duration(float(simulation.time[at])), course.period.name]
            for treo, purity, recovery in shown.values():
                cells += [number(treo[at]), percent(purity[at]), percent(recovery[at])]
            rows.append(tuple(cells))
    return Table(
        f"Products of {run.plan.name} over time",
        tuple(header),
        tuple(rows),
        "kg/h of rare-earth oxides; purity: share of them by mass; recovery: of what is fed at that time; "
        "blank: no product yet",
        tuple(units),
    )


def main_elements(run: Run) -> dict[str, str]:
    """By outlet, the element that it is watched for: of its specification, else its largest at the end."""
    simulation = run.simulation
    found = {}
    for name, series in simulation.outlets.items():
        named = [it.element for it in run.met if it.outlet == name]
        largest = int(np.argmax(series.metals[-1] * simulation.rare_earths()))
        found[name] = named[0] if named else simulation.circuit.elements[largest]
    return found


def _shown_records(times: Array, first: int) -> list[int]:
    """Records at or after the times that are shown, then the last."""
    last = len(times) - 1
    wanted = [float(times[0]) + since for since in SHOWN_TIMES]
    places = [int(np.searchsorted(times, it)) for it in wanted if it < times[-1]]
    return [first + place for place in dict.fromkeys([*places, last])]


def inventory_table(run: Run) -> Table:
    """What is locked up at the end by element: in both phases, at the steady state, and its value."""
    simulation = run.simulation
    elements, oxides = simulation.circuit.elements, simulation.oxides()
    aqueous = simulation.inventory.aqueous[-1] * oxides
    organic = simulation.inventory.organic[-1] * oxides
    rows = []
    for symbol in by_extraction_order(elements):
        index = elements.index(symbol)
        item = run.valued[index]
        price = item.price
        rows.append(
            (
                symbol,
                number(aqueous[index]),
                number(organic[index]),
                number(item.now),
                "" if item.steady is None else number(item.steady),
                f"{number(price.per_kg)} {price.currency}/kg" if price else "",
                money(item.value or 0.0, price.currency) if price else "not valued",
                f"{price.date}, {price.market} ({price.source})" if price else "",
            )
        )
    header = (
        "metal", "aqueous", "organic", "all", "steady", "price", "value", "quoted",
    )  # fmt: skip
    return Table(
        f"Locked up in {run.plan.circuit.name} after {duration(simulation.end)}, as oxides as traded",
        header,
        tuple(rows),
        worth_in_words(run),
        ("", "kg", "kg", "kg", "kg", "", "", ""),
    )


def money(value: float, currency: str) -> str:
    """An amount to three digits, no more than prices are good for, e.g. ``18,600,000 CNY``."""
    return f"{float(f'{value:.3g}'):,.0f} {currency}"


def worth_in_words(run: Run) -> str:
    """The value of what is held, by currency and market; what is not valued."""
    worth = sorted(run.worth().items(), key=lambda item: -item[1])
    parts = [f"{money(value, unit)} ({market})" for (unit, market), value in worth if value >= 1.0]
    left = [item.element for item in run.valued if item.price is None]
    told = "value: " + ("; ".join(parts) if parts else "none of it has a price")
    return told + (f"; not valued: {', '.join(left)}" if left else "")


def section_table(run: Run) -> Table:
    """What is locked up at the end by section and vessel, all rare earths as oxides."""
    simulation = run.simulation
    per_mole = simulation.rare_earths()
    places = simulation.inventory.places[:, -1] @ per_mole
    rows = [
        (section.label, *map(number, places[:, index]), number(places[:, index].sum()))
        for index, section in enumerate(simulation.circuit.sections)
    ]
    tank = float(simulation.inventory.tank[-1] @ per_mole)
    if tank > 0.0:
        rows.append(("organic tank", "", "", "", number(tank), number(tank)))
    return Table(
        f"Locked up by section after {duration(simulation.end)}, rare-earth oxides",
        ("section", *PLACES, "all"),
        tuple(rows),
        units=("", *["kg"] * len(PLACES), "kg"),
    )


def closing_in_words(simulation: Simulation) -> str:
    """How far the end is from the steady state, how well all adds up, what it took."""
    if math.isnan(simulation.distance):
        distance = "the end has no steady state to be compared with"
    else:
        distance = (
            f"largest difference of a vessel from the steady state at the end {simulation.distance:.1e} "
            "of the element's largest"
        )
    return (
        f"{distance[:1].upper()}{distance[1:]}; in, out and held add up to "
        f"{max(simulation.closure.values()):.0e}; {simulation.steps} steps."
    )
