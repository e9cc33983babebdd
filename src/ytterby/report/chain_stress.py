"""What happens to a plan if somebody stops: tables, figure and sheets."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ytterby.chain.events import Event, events
from ytterby.chain.months import written
from ytterby.chain.stress import Stressed
from ytterby.report.chain_words import keys_of, resting_on
from ytterby.report.figures import Figure, Panel, Series
from ytterby.report.fragments import Fragment, figure_fragment, under
from ytterby.report.tables import Table, number
from ytterby.report.workbook import Sheet, resting, source_sheet
from ytterby.study.chain import Replayed, StressStudy

SECTION = "If somebody stops"
FELT = 1e-3
"""Tonnes below which a removal costs nothing."""
MOST = 8
"""Lines of a figure."""
ONE = {"facilities": "facility", "countries": "country", "owners": "owner"}


def fragments(study: StressStudy) -> list[Fragment]:
    """Events, removals one by one, replays, and how all of it is read."""
    found = [Fragment("Events", _event_tables(study), caption=in_words(study))]
    if study.shocks:
        found.append(figure_fragment("Shortage beyond the plan", more_figure(study)))
    found += [
        Fragment(f"One {ONE[kind]} gone", (removal_table(study, kind),)) for kind in study.removals
    ]
    if study.replays:
        found.append(
            Fragment("Replayed with what was known then", (replay_table(study),), caption=REPLAYED)
        )
    basis = Fragment("How it is read", (read_table(study),), caption=READ)
    # All of it rests on all lines: they are named once.
    return [*under(SECTION, found, ()), *under(SECTION, [basis], sources_of(study))]


READ = (
    "Nobody sees a shock coming: before its month no line runs more than in the plan and every "
    "customer gets what the "
    "plan gives, so that there is only the stock that was there anyway. From its month on all is "
    "allocated anew, with "
    "the least shortage.\n"
    "A maker that stops makes nothing from its month on; what it has begun or sent off still "
    "arrives. Stocks are those "
    "that the case names: a customer's own is kept for months that would be short, what the market "
    "holds is drawn as "
    "the plan runs. No other stock is assumed, so that real ones give more time than is shown.\n"
    "An export control leaves makers running; customers outside the country, or those named, take "
    "nothing that was "
    "made there from its month on. Elements and forms keep it to materials that contain and are them.\n"
    "Of customers with the same priority it is one choice who is short first; what is short in all "
    "is not. A removal "
    "under which the plan's own runs still fit is not solved again: less capacity cannot lower the "
    "shortage, and the "
    "plan still holds."
)
REPLAYED = (
    "The same demands, moved so that the plan begins in the month of the event; of evidence only "
    "rows dated before it, "
    "rows without a date left out, and lines without such a row left out as well; makers that "
    "totals stand for as far "
    "as their year was over.\n"
    "What carries no date is that of today: capacities, recipes, statuses and times. So few rows "
    "are dated that far "
    "back that a replay shows what could be known from them, not what was there."
)


def sources_of(study: StressStudy) -> tuple[str, ...]:
    """Keys of the bibliography behind the lines of the plan and the events."""
    lines = study.base.task.network.lines
    return keys_of(
        *(lines[key].cited for key in study.base.task.capacity),
        *(it.cited for it in shipped(study)),
    )


def shipped(study: StressStudy) -> list[Event]:
    """The shipped events that the study puts to the plan or replays."""
    words = {it.shock.rule.words for it in (*study.shocks, *(it.found for it in study.replays))}
    return [it for it in events().values() if it.rule.words in words]


def in_words(study: StressStudy) -> str:
    """What was put to the plan, in sentences."""
    short = float(study.base.shortage.sum())
    first, last = written(study.plan.first), written(study.plan.first + study.plan.months - 1)
    removed = [it for of in study.removals.values() for it in of]
    worst = max(removed, key=lambda it: it.lost, default=None)
    words = [
        f"The plan from {first} to {last} is itself short of {number(short)} t; all below is "
        "beyond that."
    ]
    if worst is not None and worst.lost > FELT:
        words.append(
            f"Of {len(removed)} removals {sum(it.lost > FELT for it in removed)} cost something; "
            "the worst: "
            f"{worst.words}."
        )
    return "\n".join(words)


def _event_tables(study: StressStudy) -> tuple[Table, ...]:
    return (event_table(study), each_table(study)) if study.shocks else ()


HIT = ("less delivered", "first short", "in", "survived", "customers hit")
HIT_UNITS = ("t", "", "", "months", "")


def hit(it: Stressed) -> tuple[str, ...]:
    """Cells of what a shock does: tonnes, who first, when, how long it goes well, how many are hit."""
    struck = [name for name, more in it.more.items() if more.sum() > FELT]
    return (
        number(it.lost if it.lost > FELT else 0.0),
        it.hit or "nobody",
        "" if it.hit_month is None else written(it.hit_month),
        "all" if it.survives is None else f"{it.survives}",
        f"{len(struck)} of {len(it.more)}",
    )


def _period(it: Stressed) -> str:
    until = it.shock.rule.until
    return "for good" if until is None else written(until)


def event_table(study: StressStudy) -> Table:
    """Events of the case: what they take away, from whom first, how long it goes well."""
    rows = tuple(
        (it.shock.name, it.shock.rule.words, written(it.shock.month), _period(it), *hit(it))
        for it in study.shocks
    )
    note = (
        "less delivered: beyond the shortage of the plan, all demands; survived: months from the "
        "event until a "
        "customer is short by it; each event by itself"
    )
    header = ("event", "what", "from", "until", *HIT)
    return Table("Events", header, rows, note, ("", "", "", "", *HIT_UNITS))


def each_table(study: StressStudy) -> Table:
    """Less delivered to each demand by each event, and when it is first short."""
    rows = []
    for it in study.shocks:
        for name, more in it.more.items():
            if more.sum() > FELT:
                month = felt(it, name)
                due = float(study.base.served[name].due.sum())
                rows.append(
                    (
                        it.shock.name,
                        name,
                        number(float(more.sum())),
                        f"{100 * float(more.sum()) / due:.1f}",
                        "" if month is None else written(month),
                        "" if month is None else f"{month - it.shock.month}",
                    )
                )
    header = ("event", "demand", "less delivered", "of its due", "first short in", "survives")
    note = "beyond the shortage of the plan; due: over the whole plan"
    return Table("Each demand", header, tuple(rows), note, ("", "", "t", "%", "", "months"))


def felt(it: Stressed, demand: str) -> int | None:
    """First month in which a demand is short by a shock; None if it never is."""
    places = np.flatnonzero(np.cumsum(it.more[demand]) > FELT)
    return it.first + int(places[0]) if places.size else None


def removal_table(study: StressStudy, kind: str) -> Table:
    """What each removal of a kind costs, worst first; those that cost nothing in one line."""
    found = study.removals[kind]
    network = study.base.task.network
    rows: list[tuple[str, ...]] = []
    for it in (it for it in found if it.lost > FELT):
        place = network.facilities[it.shock.name].country if kind == "facilities" else ""
        title = it.shock.rule.words.removesuffix(" stops")
        rows.append((title, *([place] if kind == "facilities" else []), *hit(it)))
    nothing = len(found) - len(rows)
    fits = sum(not it.solved for it in found)
    if nothing:
        blank = ("",) * (1 if kind == "facilities" else 0)
        rows.append(
            (
                f"{nothing} {'other' if nothing == 1 else 'others'}",
                *blank,
                "0",
                "nobody",
                "",
                "all",
                f"0 of {len(study.base.served)}",
            )
        )
    note = (
        f"gone from {written(study.plan.first)} on, for good; one at a time; worst first; under "
        f"{fits} of "
        f"{len(found)} the plan's own runs still fit"
    )
    if kind != "countries":
        note += "; makers that stand for several go with their country only"
    heads = (ONE[kind], *(["country"] if kind == "facilities" else []))
    units = ("",) * len(heads)
    return Table(f"One {ONE[kind]} gone", (*heads, *HIT), tuple(rows), note, (*units, *HIT_UNITS))


def more_figure(study: StressStudy) -> Figure:
    """Shortage beyond the plan month by month, of each event and of the worst removals."""
    panels = [_panel("events", study.shocks)]
    for kind, found in study.removals.items():
        worst = [it for it in found if it.lost > FELT][:MOST]
        if worst:
            panels.append(_panel(f"one {ONE[kind]} gone, the worst", worst))
    return Figure(
        name="chain-stress",
        title="Shortage beyond the plan",
        x_label=f"months after {written(study.plan.first)}",
        x=tuple(map(float, range(study.plan.months))),
        panels=tuple(panels),
        bands=(),
        caption="All demands together, by the month in which it is due; below 0 where a month fares better.",
    )


def _panel(title: str, found: Iterable[Stressed]) -> Panel:
    return Panel(
        "short beyond the plan, t/month",
        tuple(
            Series(
                it.shock.rule.words.removesuffix(" stops") if title != "events" else it.shock.name,
                tuple(np.round(total(it), 9).tolist()),
                style="steps",
            )
            for it in found
        ),
        title=title,
    )


def total(it: Stressed) -> np.ndarray:
    """Shortage beyond the plan, all demands [t], shape (months,)."""
    return np.asarray(np.sum(list(it.more.values()), axis=0))


def replay_table(study: StressStudy) -> Table:
    """Each event at its own date, by the evidence of the month before."""
    rows = tuple(replay_row(it) for it in study.replays)
    note = (
        "rows: of evidence; met: of what is asked in the plan moved to the event, before the event"
    )
    header = (*("event", "month", "rows known", "later", "no date", "lines kept", "met", *HIT),)
    units = ("", "", "", "", "", "", "%", *HIT_UNITS)
    return Table("Replays", header, rows, note, units)


def replay_row(it: Replayed) -> tuple[str, ...]:
    """Cells of one replay."""
    due = sum(float(of.due.sum()) for of in it.base.served.values())
    met = 1.0 - float(it.base.shortage.sum()) / due if due > 0 else 1.0
    return (
        *(it.event, written(it.found.shock.month), f"{it.known}", f"{it.later}", f"{it.undated}"),
        *(f"{it.lines} of {it.of_lines}", f"{100 * met:.1f}", *hit(it.found)),
    )


def read_table(study: StressStudy) -> Table:
    """Shipped events and how each was read."""
    rows = []
    for it in shipped(study):
        source, basis, confidence, note = resting_on(it.cited)
        rows.append(
            (
                it.name,
                it.title,
                written(it.month),
                _about(it),
                "no end is known" if it.lasts is None else f"{it.lasts}",
                "export control" if it.abroad else "stop",
                note,
                *(source, basis, confidence),
            )
        )
    header = (
        *("event", "title", "date", "about", "lasts", "taken as", "how it was read"),
        *("source", "basis", "confidence"),
    )
    note = "each at its worst: what was licensed late or cut in part is taken for stopped"
    units = ("", "", "", "", "months", "", "", "", "", "")
    return Table("Shipped events", header, tuple(rows), note, units)


def _about(it: Event) -> str:
    parts = [", ".join(sorted(it.rule.countries))]
    if it.customers:
        parts.append(f"for customers in {', '.join(sorted(it.customers))}")
    if it.rule.elements:
        parts.append(f"with {', '.join(sorted(it.rule.elements))}")
    if it.rule.forms:
        parts.append(f"as {', '.join(sorted(it.rule.forms))}")
    return "; ".join(parts)


# Sheets


def sheets(study: StressStudy) -> Iterable[Sheet]:
    """Numbers in full: every shock and removal, by demand, by month, replays, sources."""
    return [
        _shock_sheet(study),
        _demand_sheet(study),
        _month_sheet(study),
        _replay_sheet(study),
        source_sheet(_rests_on(study)),
    ]


def all_of(study: StressStudy) -> list[tuple[str, Stressed]]:
    """Every shock with its kind: event, facilities, countries, owners."""
    return [
        *(("event", it) for it in study.shocks),
        *((kind, it) for kind, found in study.removals.items() for it in found),
    ]


def _shock_sheet(study: StressStudy) -> Sheet:
    rows = tuple(
        (
            *(kind, it.shock.name, it.shock.rule.words, written(it.shock.month), _period(it)),
            *(it.lost, it.hit or "", "" if it.hit_month is None else written(it.hit_month)),
            *(it.survives, "yes" if it.solved else "no, the plan still fits"),
        )
        for kind, it in all_of(study)
    )
    header = (
        *("kind", "name", "what", "from", "until", "less delivered", "first short", "in"),
        *("survived", "solved again"),
    )
    units = ("", "", "", "", "", "t", "", "", "months", "")
    return Sheet("shocks", header, units, rows)


def _demand_sheet(study: StressStudy) -> Sheet:
    rows = tuple(
        (
            *(kind, it.shock.name, name, float(more.sum())),
            "" if (month := felt(it, name)) is None else written(month),
        )
        for kind, it in all_of(study)
        for name, more in it.more.items()
        if abs(more.sum()) > FELT
    )
    header = ("kind", "name", "demand", "less delivered", "first short in")
    return Sheet("by demand", header, ("", "", "", "t", ""), rows)


def _month_sheet(study: StressStudy) -> Sheet:
    rows = tuple(
        (kind, it.shock.name, name, written(it.first + int(at)), float(more[at]))
        for kind, it in all_of(study)
        for name, more in it.more.items()
        for at in np.flatnonzero(np.abs(more) > FELT)
    )
    header = ("kind", "name", "demand", "month", "short beyond the plan")
    return Sheet("by month", header, ("", "", "", "", "t"), rows)


def _replay_sheet(study: StressStudy) -> Sheet:
    rows = tuple(
        (
            *(it.event, written(it.found.shock.month), it.known, it.later, it.undated, it.lines),
            *(it.of_lines, float(it.base.shortage.sum()), it.found.lost, it.found.hit or ""),
            *("" if it.found.hit_month is None else written(it.found.hit_month), it.found.survives),
        )
        for it in study.replays
    )
    header = (
        *("event", "month", "rows known", "rows later", "rows without date", "lines kept", "lines"),
        *("short before the event", "less delivered", "first short", "in", "survived"),
    )
    units = ("", "", "", "", "", "", "", "t", "t", "", "", "months")
    return Sheet("replays", header, units, rows)


def _rests_on(study: StressStudy) -> Iterable[tuple[str, str, str]]:
    for it in shipped(study):
        yield from resting(f"event {it.name}", keys_of(it.cited), it.cited.basis)
    lines = study.base.task.network.lines
    yield from resting("lines", keys_of(*(lines[key].cited for key in study.base.task.capacity)))
