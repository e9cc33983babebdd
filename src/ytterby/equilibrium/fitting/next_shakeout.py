"""Which shake-out to make next: how much each of a grid of contacts would narrow what is not yet known.

What is known is one covariance over the constants of all metals of the set and the shift of each source:
fitted constants from their points, all others from the set's own uncertainty. A contact adds the information
of its predicted points. Gains are those of the linear model at the fitted constants, points erring as those
fitted did; what a contact would measure need not be known for that.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np

from ytterby.datasets.contacts import Contact, ContactMetal
from ytterby.elements import EXTRACTION_ORDER
from ytterby.equilibrium.fitting.fit import Fit
from ytterby.equilibrium.fitting.predict import (
    COLUMNS,
    Array,
    Cell,
    Shaken,
    equilibria,
    shaken,
)
from ytterby.errors import DataError, Fault

MEASURABLE = (0.05, 20.0)
"""D that an analysis of both phases tells well; outside, a metal of a contact gives no point."""
ACIDS, LOADS = 9, 3
"""Levels of the grid, in equal ratios over the range of the set."""
EXTRACTANTS = (0.5, 1.0, 1.5)
"""Over the median of the contacts, where an order in free dimer is fitted."""
OTHERWISE: dict[str, tuple[float, float]] = {"acid": (10.0, 2000.0), "aqueous_metal": (10.0, 400.0)}
"""Ranges where the set states none [mol/m3]."""
TRIES = 5
"""Contacts that are told, each of other metals."""


@dataclass(frozen=True)
class Candidate:
    """One contact that could be made next."""

    contact: Contact
    log10_d: tuple[float, ...]
    """Predicted, of its metals in their order."""
    measurable: tuple[bool, ...]
    """Which of its metals would give a point."""
    after: float
    """Standard deviation of the quantity after it."""
    gain: float
    """By how much it would fall."""
    information: float
    """Half the logarithm by which the determinant of the covariance would fall, all constants counted."""


@dataclass(frozen=True)
class Advice:
    """What the next shake-out should serve, and which serve it best."""

    quantity: str
    """In words."""
    before: float
    """Its standard deviation now."""
    laboratory: str
    """Source that the shake-outs are counted to; "" for a laboratory not seen before."""
    candidates: tuple[Candidate, ...]
    """Best first."""


@dataclass(frozen=True)
class _Known:
    """Covariance of constants and shifts, with names for its axis."""

    cells: tuple[Cell, ...]
    shifts: tuple[str, ...]
    covariance: Array


def next_shakeouts(whole: Fit, cut: tuple[str, str] | None = None, laboratory: str = "") -> Advice:
    """The contacts that would narrow a quantity most, by their gain.

    The quantity is log10 of the separation factor of ``cut``, heavier over lighter. Without one it is the
    least known constant; where orders are fitted too, log10 D in the middle of the contacts.
    ``laboratory`` is the source that would make them; "" is one not seen before.
    """
    known = _known(whole, laboratory)
    quantity, weights = _quantity(whole, known, cut)
    contacts = tuple(_grid(whole, known, cut, laboratory))
    wide, values = _wide(whole, contacts)
    found = equilibria(wide, values)
    best: dict[tuple[str, ...], Candidate] = {}
    for contact, log10_d, slopes in zip(contacts, found.log10_d, found.slopes, strict=True):
        told = _informed(wide.elements, log10_d, slopes, contact, known)
        candidate = _candidate(contact, *told, known, weights, whole.sigma)
        metals = tuple(metal.element for metal in contact.metals)
        if metals not in best or _merit(candidate) > _merit(best[metals]):
            best[metals] = candidate
    ranked = sorted(best.values(), key=_merit, reverse=True)
    useful = tuple(it for it in ranked[:TRIES] if it.gain > 0.0)
    return Advice(quantity, _sd(weights, known.covariance), laboratory, useful)


def _merit(candidate: Candidate) -> tuple[float, float]:
    """Gain first, to what can be read of it; then information."""
    return round(candidate.gain, 4), candidate.information


# --- what is known


def _known(whole: Fit, laboratory: str) -> _Known:
    """Everything that is known after the fit, as one covariance."""
    fitted = {constant.cell for constant in whole.constants}
    stated = whole.case.parameters.constants
    guessed = [
        Cell("log10_kex", symbol)
        for symbol in stated
        if not math.isnan(stated[symbol].uncertainty) and Cell("log10_kex", symbol) not in fitted
    ]
    cells = (*(constant.cell for constant in whole.constants), *guessed)
    sources = tuple(whole.shifts) if whole.between > 0.0 else ()
    shifts = (*sources, "") if sources and laboratory not in sources else sources
    rows = _rows(whole, cells, shifts)
    precision = rows.T @ rows / whole.sigma**2
    for index, cell in enumerate(cells):
        sd = stated[cell.element].uncertainty
        counted = cell not in fitted or (whole.settings.prior and cell.column == "log10_kex")
        if counted and not math.isnan(sd):
            precision[index, index] += sd**-2.0
    for index in range(len(cells), len(precision)):
        precision[index, index] += whole.between**-2.0
    return _Known(cells, shifts, np.asarray(np.linalg.inv(precision)))


def _rows(whole: Fit, cells: Sequence[Cell], shifts: Sequence[str]) -> Array:
    """How the fitted points move with constants and shifts, scaled to weight one."""
    case, used = whole.case, whole.fitted
    jacobian = whole.after.jacobian[used]
    scale = np.sqrt(case.weights[used])
    sources = np.array(case.sources)[used]
    level = jacobian[:, 0, :].sum(axis=1)
    rows = np.zeros((len(scale), len(cells) + len(shifts)))
    for index, cell in enumerate(cells):
        if cell.element in case.elements:
            row, column = case.place(cell)
            rows[:, index] = jacobian[:, row, column]
    for index, source in enumerate(shifts, start=len(cells)):
        rows[:, index] = level * (sources == source)
    return np.asarray(scale[:, None] * rows)


def _quantity(whole: Fit, known: _Known, cut: tuple[str, str] | None) -> tuple[str, Array]:
    """What is to be known better, in words and as weights of constants and shifts."""
    middle = _middle(whole)
    if cut is not None:
        lighter, heavier = sorted(cut, key=_order)
        weights = _level(heavier, known, middle) - _level(lighter, known, middle)
        return f"log10 separation factor {heavier}/{lighter}", weights
    symbols = [cell.element for cell in known.cells if cell.column == "log10_kex"]
    levels = {symbol: _level(symbol, known, middle) for symbol in symbols}
    worst = max(symbols, key=lambda symbol: _sd(levels[symbol], known.covariance))
    alone = {cell.column for cell in known.cells} == {"log10_kex"}
    name = "log10_kex" if alone else "log10 D at median free dimer and acid"
    return f"{name} of {worst}", levels[worst]


def _middle(whole: Fit) -> dict[str, float]:
    """log10 D moves with each kind of constant by 1, log10 d and pH: at the medians of the contacts."""
    found = equilibria(whole.case, whole.values)
    return {
        "log10_kex": 1.0,
        "order_extractant": math.log10(float(np.median(found.free_dimer)) / 1000.0),
        "order_acid": -math.log10(float(np.median(found.acid)) / 1000.0),
    }


def _level(symbol: str, known: _Known, middle: dict[str, float]) -> Array:
    """log10 D of an element as weights of what is known; DataError if its constant is not."""
    if Cell("log10_kex", symbol) not in known.cells:
        raise DataError(
            Fault(
                f"next shake-out, {symbol}",
                f"neither a measured D of {symbol} nor an uncertainty of its constant in the set",
                "one of the two, to know what a shake-out would gain",
                next="name another cut, or add a shake-out of it",
            )
        )
    own = [middle[cell.column] if cell.element == symbol else 0.0 for cell in known.cells]
    return np.array([*own, *[0.0] * len(known.shifts)])


def _order(symbol: str) -> int:
    return EXTRACTION_ORDER.index(symbol) if symbol in EXTRACTION_ORDER else len(EXTRACTION_ORDER)


def _sd(weights: Array, covariance: Array) -> float:
    return float(np.sqrt(weights @ covariance @ weights))


# --- what could be made


def _grid(
    whole: Fit, known: _Known, cut: tuple[str, str] | None, laboratory: str
) -> Iterator[Contact]:
    """Single metals, neighbours and the cut, over acid and load; fresh organic at O/A 1."""
    valid = whole.case.parameters.valid
    ranges = {
        name: valid[name].canonical if name in valid else otherwise
        for name, otherwise in OTHERWISE.items()
    }
    acids = _levels(*ranges["acid"], ACIDS)
    loads = _levels(*ranges["aqueous_metal"], LOADS)
    middle = float(np.median([contact.extractant for contact in whole.case.contacts]))
    ordered = any(cell.column == "order_extractant" for cell in known.cells)
    extractants = [share * middle for share in (EXTRACTANTS if ordered else (1.0,))]
    symbols = sorted({cell.element for cell in known.cells}, key=_order)
    groups: list[tuple[str, ...]] = [(symbol,) for symbol in symbols] + list(pairwise(symbols))
    if cut is not None and tuple(sorted(cut, key=_order)) not in groups:
        groups.append(tuple(sorted(cut, key=_order)))
    for group, extractant, load, acid in product(groups, extractants, loads, acids):
        metals = tuple(ContactMetal(symbol, feed=load / len(group)) for symbol in group)
        yield Contact(laboratory, "next", extractant, 1.0, 0.0, metals, acid_feed=acid)


def _levels(low: float, high: float, number: int) -> list[float]:
    """Levels in equal ratios; a range that begins at nothing begins three decades below its end."""
    return list(map(float, np.geomspace(max(low, 1e-3 * high), high, number)))


def _wide(whole: Fit, contacts: Sequence[Contact]) -> tuple[Shaken, Array]:
    """The contacts ready to be predicted, and every constant as it is known after the fit."""
    case = whole.case
    wide = shaken(contacts, case.parameters, case.terms, elements=case.elements)
    values = wide.constants
    for column, symbol in enumerate(case.elements):
        values[:, wide.elements.index(symbol)] = whole.values[:, column]
    return wide, values


def _informed(
    elements: Sequence[str], log10_d: Array, slopes: Array, contact: Contact, known: _Known
) -> tuple[tuple[float, ...], tuple[bool, ...], Array]:
    """log10 D of the metals of a contact, which can be measured, and how those points move, (point, known).

    ``slopes`` is (element, column, element).
    """
    at = [elements.index(metal.element) for metal in contact.metals]
    ratios = tuple(float(log10_d[index]) for index in at)
    low, high = map(math.log10, MEASURABLE)
    measurable = tuple(low <= ratio <= high for ratio in ratios)
    rows = []
    for index, told in zip(at, measurable, strict=True):
        if told:
            row = np.zeros(len(known.covariance))
            for place, cell in enumerate(known.cells):
                column = COLUMNS.index(cell.column)
                row[place] = slopes[index, column, elements.index(cell.element)]
            if known.shifts:
                own = len(known.cells) + known.shifts.index(contact.source)
                row[own] = slopes[index, 0].sum()
            rows.append(row)
    return ratios, measurable, np.array(rows).reshape(-1, len(known.covariance))


def _candidate(
    contact: Contact,
    ratios: tuple[float, ...],
    measurable: tuple[bool, ...],
    rows: Array,
    known: _Known,
    weights: Array,
    sigma: float,
) -> Candidate:
    """What the points of a contact would change."""
    before = _sd(weights, known.covariance)
    spread = rows @ known.covariance
    together = spread @ rows.T + sigma**2 * np.eye(len(rows))
    fallen = known.covariance - spread.T @ np.linalg.solve(together, spread)
    after = _sd(weights, fallen)
    information = 0.5 * np.linalg.slogdet(together / sigma**2)[1]
    return Candidate(contact, ratios, measurable, after, before - after, float(information))
