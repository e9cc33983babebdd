"""First operations of a cut: from the hand calculation to flows, acids and saponification.

Full exchange says what the organic must carry and what the scrub must send back. Three balances make flows
of it: capacity for the organic flow, charge for the base (one per charge of what is extracted, so that metal
is exchanged for metal and no acid is set free), equilibrium of the keys for the acid that must pass the
extraction section all along, and that the scrub liquor brings beside what it scrubs with.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ytterby.circuit.shortcuts.cut import CutShortcut, shortcut_cut
from ytterby.design.optimum import Bounds, Point, at_proportion
from ytterby.design.response import Plan, Stages
from ytterby.design.task import CutTask
from ytterby.elements import element

FIRST_LOADING = 0.5
"""Share of the organic's capacity that first flows use."""
SCRUB_EXCESSES, STRIP_EXCESSES = (1.0, 1.5), (2.0, 5.0)
"""Over what full exchange asks of the scrub, and over what the metals ask of the strip acid."""
STRIP_STAGES = 10
MARGIN = 0.98
"""Share of a limit at which first flows stand."""


def hand_calculation(task: CutTask) -> CutShortcut:
    """The shortcut for a task; errors as of ``shortcut_cut``. A joint circuit brings its own."""
    if task.draw:
        return task.draw.shortcut
    names, factors = task.by_extraction()
    flows = [task.fed(name) for name in names]
    asked = task.specification
    kept = (asked.key_recovery(task.cut[0]), asked.key_recovery(task.cut[1]))
    return shortcut_cut(flows, factors, names.index(task.cut[1]), asked.wrong_sides, kept)


def first_stages(task: CutTask, shortcut: CutShortcut) -> Stages:
    """Stages to begin with: of the hand calculation, more where stages fall short of equilibrium."""
    ideal = (shortcut.extraction_stages, shortcut.scrub_stages, STRIP_STAGES)
    enough = (max(2, round(number / task.efficiency)) for number in ideal)
    return Stages(*map(max, enough, task.fewest))


def first_point(
    task: CutTask, shortcut: CutShortcut, plan: Plan, bounds: Bounds
) -> tuple[Point | None, int]:
    """The best of several first operations, and how many circuits were solved."""
    best, solved = None, 0
    for free, organic in first_guesses(task, shortcut):
        point, count = at_proportion(free, organic, plan, bounds)
        solved += count
        if point is not None and (best is None or point.merit < best.merit):
            best = point
        if best is not None and best.missed == 0.0:
            break
    return best, solved


def first_guesses(
    task: CutTask, shortcut: CutShortcut
) -> Iterator[tuple[NDArray[np.float64], float]]:
    """Free variables and organic flow, logarithms, from lean to generous."""
    limits = task.limits
    charge = mean_charge(task)
    product = float(shortcut.extract.sum())
    scrub_acid, strip_acid = MARGIN * limits.scrub_acid, MARGIN * limits.strip_acid
    proportion = _proportion(task)
    for strip_excess in STRIP_EXCESSES:
        for scrub_excess in SCRUB_EXCESSES:
            scrubbed = scrub_excess * shortcut.scrub_amount
            extracted = product + scrubbed
            organic = extracted * charge / (FIRST_LOADING * task.extractant / 2.0)
            drawn = task.draw.share if task.draw and task.draw.section == "scrub" else 0.0
            passing = passing_acid(task, shortcut, FIRST_LOADING, scrubbed, drawn)
            scrub_h = charge * scrubbed + passing
            saponification = charge * extracted / (task.extractant * organic)
            saponification = min(saponification, MARGIN * limits.saponification)
            strip_flow = strip_excess * charge * product / strip_acid
            free = [scrub_h, saponification, scrub_acid, strip_flow, strip_acid]
            yield np.append(np.log(free), proportion), float(np.log(organic))


def mean_charge(task: CutTask) -> float:
    """Charge of the metals in the feed [mol/mol]."""
    moles = [task.fed(name) for name in task.elements]
    charges = [element(name).charge for name in task.elements]
    return float(np.dot(moles, charges) / np.sum(moles))


def passing_acid(
    task: CutTask, shortcut: CutShortcut, loading: float, scrubbed: float, drawn: float = 0.0
) -> float:
    """Acid that the scrub liquor must bring beside what it scrubs with [mol/h].

    ``drawn``: share of the scrub's aqueous that a side draw takes, and of that acid with it.

    It keeps the metals from crowding the organic where the feed enters: [H+] there is what lets the keys
    share themselves as the cascade does, at a share ``loading`` of the organic's capacity.
    """
    keys = [task.elements.index(key) for key in task.cut]
    reference = task.reference[keys].mean()
    charge, feed = mean_charge(task), task.feed
    aqueous = feed.flow + charge * scrubbed / task.limits.scrub_acid
    loaded = loading * task.extractant / 2.0 / charge
    dissolved = (float(shortcut.raffinate.sum()) + scrubbed) / aqueous
    order = float(np.asarray(task.chemistry.slope)[keys].mean())
    free = (1.0 - loading) * task.extractant / 2.0
    # From the reference, a third of the extractant free at 0.1 mol/L acid, along the slope of the driver.
    driver = (np.log(loaded / dissolved) - reference) / order
    acid = float(np.exp(np.log(free / (task.extractant / 6.0)) + np.log(100.0) - driver))
    return max(acid * aqueous - feed.flow * feed.acid, 0.0) / (1.0 - drawn)


def _proportion(task: CutTask) -> float:
    """ln of raffinate's over strip liquor's wrong side where both are as impure as they may be."""
    asked = task.specification
    light_lost, heavy_lost = (1.0 - asked.key_recovery(key) for key in task.cut)
    light, heavy = task.moles(task.light), task.moles(task.heavy)
    in_raffinate = min(asked.wrong_sides[0], heavy_lost * task.fed(task.cut[1]) / light)
    in_strip = min(asked.wrong_sides[1], light_lost * task.fed(task.cut[0]) / heavy)
    return float(np.log(in_raffinate / in_strip))
