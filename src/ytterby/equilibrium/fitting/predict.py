"""What the mass-action model says of shake-outs, with exact derivatives by its constants.

The metals of a contact meet in one stage without flow: y = D x and feed = x + (O/A) y for each, and the
couplings (ln free dimer, ln [H+], ...) are the logarithms of the levels that the metals leave, as everywhere
(`equilibrium.contract`). Where the pH and both phases were measured, the levels can be taken as measured
instead, and D follows without any balance.

The derivative of ln D by a constant counts both ways that it acts: on D at given couplings, and through the
couplings, which move with the metals (implicit function theorem).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ytterby.arrays import jax, jnp
from ytterby.datasets import ParameterSet
from ytterby.datasets.contacts import Contact, Levels
from ytterby.elements import element as element_of
from ytterby.equilibrium.contract import Conditions
from ytterby.equilibrium.mass_action import LN10, MassAction
from ytterby.equilibrium.site import Site
from ytterby.errors import ConvergenceError, DataError, Fault

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Column = Literal["log10_kex", "order_extractant", "order_acid"]
FEWEST_CONTACTS, FEWEST_ELEMENTS = 16, 4
"""Sizes to which smaller cases are padded."""
COLUMNS: tuple[Column, ...] = ("log10_kex", "order_extractant", "order_acid")
"""Constants of an element that a fit may move."""


class Cell(NamedTuple):
    """One constant of one element."""

    column: Column
    element: str


class Point(NamedTuple):
    """One measured distribution ratio."""

    contact: int
    """Index of the contact."""
    element: str
    measured: float
    """log10 D."""
    weight: float


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Vessels:
    """Contacts as arrays with a leading ``contact`` axis; volumes per m3 of aqueous, the rest mol/m3."""

    feed: jax.Array
    """Metals that came with the aqueous, (contact, element)."""
    aqueous: jax.Array
    """Measured x, (contact, element); used where ``measured``."""
    organic: jax.Array
    """Measured y, (contact, element); used where ``measured``."""
    oa_ratio: jax.Array
    measured: jax.Array
    """Whether the levels are those of the measured phases."""
    site: Site
    ln_k_shift: jax.Array
    """ln K at the temperature of the contact less that of the model, (contact, element)."""


@dataclass(frozen=True)
class Shaken:
    """Contacts ready to be predicted with any constants."""

    parameters: ParameterSet
    terms: tuple[str, ...]
    """Corrections that are switched on."""
    contacts: tuple[Contact, ...]
    elements: tuple[str, ...]
    """By atomic number; those of the contacts and any that were asked for beside."""
    points: tuple[Point, ...]
    model: MassAction
    """With the constants of the parameter set; padded, so that few sizes are compiled."""
    vessels: Vessels
    """Padded like the model, by elements that are nowhere and contacts that are told twice."""

    @property
    def constants(self) -> Array:
        """The set's own constants, (column, element)."""
        model = self.model
        padded = np.array([model.ln_k / LN10, model.order_dimer, model.order_proton])
        return padded[:, : len(self.elements)]

    @property
    def measured(self) -> Array:
        """Measured log10 D, (point)."""
        return np.array([point.measured for point in self.points])

    @property
    def weights(self) -> Array:
        """Weights, (point)."""
        return np.array([point.weight for point in self.points])

    @property
    def sources(self) -> tuple[str, ...]:
        """Source of each point."""
        return tuple(self.contacts[point.contact].source for point in self.points)

    @property
    def present(self) -> tuple[str, ...]:
        """Metals of the contacts, by atomic number."""
        there = {metal.element for contact in self.contacts for metal in contact.metals}
        return tuple(symbol for symbol in self.elements if symbol in there)

    def place(self, cell: Cell) -> tuple[int, int]:
        """Where a constant stands in an array (column, element)."""
        return COLUMNS.index(cell.column), self.elements.index(cell.element)

    def uncertainty(self, cell: Cell) -> float:
        """Standard deviation of the set's own constant; nan where it states none, as for every order."""
        if cell.column != "log10_kex":
            return float("nan")
        return self.parameters.constants[cell.element].uncertainty


class Equilibria(NamedTuple):
    """Contacts in equilibrium, whatever was measured of them."""

    log10_d: Array
    """(contact, element), also of elements that are not there."""
    slopes: Array
    """d log10 D / d constant, (contact, element, column, element)."""
    acid: Array
    """[H+] [mol/m3], (contact)."""
    free_dimer: Array
    """[mol/m3], (contact)"""


class Prediction(NamedTuple):
    """log10 D of points and how it moves with the constants."""

    log10_d: Array
    """(point)"""
    jacobian: Array
    """d log10 D / d constant, (point, column, element)."""


def shaken(
    contacts: Sequence[Contact],
    parameters: ParameterSet,
    terms: Sequence[str] = (),
    levels: Levels = "feed",
    elements: Sequence[str] | None = None,
) -> Shaken:
    """Contacts of metals that a mass-action set has constants for, ready to be predicted.

    ``levels`` is what is preferred; a contact that lacks data for it gets the other. ``elements`` widens the
    axis beyond the metals of the contacts. DataError for a contact that has data for neither, and for a
    metal or a correction that the set lacks.
    """
    named = {metal.element for contact in contacts for metal in contact.metals}
    named |= set(elements or ())
    symbols = tuple(sorted(named, key=lambda it: element_of(it).atomic_number))
    size = _padded(len(symbols), FEWEST_ELEMENTS)
    model = MassAction.of(parameters, symbols, size, Conditions(terms=tuple(terms)))
    choices = [_levels(contact, levels) for contact in contacts]
    faults = [it for it in choices if isinstance(it, Fault)]
    if faults:
        raise DataError(faults)
    shifts = {
        kelvin: _shift(parameters, symbols, size, terms, kelvin, model)
        for kelvin in {contact.temperature for contact in contacts}
    }
    return Shaken(
        parameters=parameters,
        terms=tuple(terms),
        contacts=tuple(contacts),
        elements=symbols,
        points=tuple(_points(contacts)),
        model=model,
        vessels=_vessels(contacts, symbols, size, [it == "measured" for it in choices], shifts),
    )


def _levels(contact: Contact, preferred: Levels) -> Levels | Fault:
    known = contact.levels_known
    if known:
        return preferred if preferred in known else known[0]
    return Fault(
        f"{contact.place or contact.source}, contact {contact.name}",
        "neither acid and all metals of the feed, nor pH and both phases at equilibrium",
        "one of the two, to know free extractant and acid",
        next="add the acid before contact, or the pH after it",
    )


def _points(contacts: Sequence[Contact]) -> list[Point]:
    points = []
    for index, contact in enumerate(contacts):
        for metal in contact.metals:
            ratio = contact.ratio(metal)
            if ratio is not None:
                points.append(Point(index, metal.element, float(np.log10(ratio)), metal.weight))
    return points


def _shift(
    parameters: ParameterSet,
    elements: Sequence[str],
    size: int,
    terms: Sequence[str],
    kelvin: float,
    model: MassAction,
) -> Array:
    """ln K at a temperature less that of the model, (element)."""
    there = MassAction.of(parameters, elements, size, Conditions(kelvin, tuple(terms)))
    return np.asarray(there.ln_k - model.ln_k)


def _vessels(
    contacts: Sequence[Contact],
    elements: Sequence[str],
    size: int,
    measured: Sequence[bool],
    shifts: dict[float, Array],
) -> Vessels:
    lacking = _padded(len(contacts), FEWEST_CONTACTS) - len(contacts)
    contacts = [*contacts, *[contacts[-1]] * lacking]
    measured = [*measured, *[measured[-1]] * lacking]
    charge = np.zeros(size)
    charge[: len(elements)] = [element_of(symbol).charge for symbol in elements]
    feed, aqueous, organic = (np.zeros((len(contacts), size)) for _ in range(3))
    for row, contact in enumerate(contacts):
        for metal in contact.metals:
            column = elements.index(metal.element)
            if measured[row]:
                aqueous[row, column], organic[row, column] = contact.phases(metal)
            else:
                feed[row, column] = contact.feed(metal)

    def per_contact(values: Sequence[float | None]) -> Array:
        return np.array([value or 0.0 for value in values])

    as_measured = np.array(measured)
    base = per_contact([contact.base for contact in contacts])
    fed = per_contact([contact.acid_feed for contact in contacts]) - base
    found = per_contact([contact.acid for contact in contacts])
    site = Site(
        extractant=jnp.asarray(per_contact([contact.extractant for contact in contacts])),
        acid=jnp.asarray(np.where(as_measured, found, fed)),
        metal_charge=jnp.asarray(np.where(as_measured, aqueous @ charge, feed @ charge)),
        salt=jnp.asarray(per_contact([contact.salt for contact in contacts]) + base),
        sulfate=jnp.zeros(len(contacts)),
    )
    return Vessels(
        feed=jnp.asarray(feed),
        aqueous=jnp.asarray(aqueous),
        organic=jnp.asarray(organic),
        oa_ratio=jnp.asarray(per_contact([contact.oa_ratio for contact in contacts])),
        measured=jnp.asarray(as_measured),
        site=site,
        ln_k_shift=jnp.asarray(np.array([shifts[contact.temperature] for contact in contacts])),
    )


def _padded(number: int, fewest: int) -> int:
    """The next power of two, or multiple of 64."""
    size = max(fewest, 2 ** math.ceil(math.log2(number)))
    return int(min(size, 64 * math.ceil(number / 64)) if size > 64 else size)


def predict(case: Shaken, constants: Array) -> Prediction:
    """log10 D of all points with other constants (column, element), and its derivatives by them.

    ConvergenceError, naming the contacts, where no equilibrium was found.
    """
    found = equilibria(case, constants)
    rows = [point.contact for point in case.points]
    columns = [case.elements.index(point.element) for point in case.points]
    return Prediction(found.log10_d[rows, columns], found.slopes[rows, columns])


def equilibria(case: Shaken, constants: Array) -> Equilibria:
    """All contacts in equilibrium with other constants (column, element).

    ConvergenceError, naming the contacts, where no equilibrium was found.
    """
    same_orders = bool((constants[1] == constants[2]).all())
    size, number = len(case.elements), len(case.contacts)
    lacking = case.model.ln_k.shape[0] - size
    ln_k, order_dimer, order_proton = np.pad(constants, ((0, 0), (0, lacking)))
    model = replace(
        case.model,
        ln_k=jnp.asarray(LN10 * ln_k),
        order_dimer=jnp.asarray(order_dimer),
        order_proton=jnp.asarray(order_proton),
        exact=case.model.exact and same_orders,
    )
    found = _all_contacts(case.vessels, model, same_orders)
    ln_d, slopes, coupling, error = (np.asarray(it)[:number] for it in found)
    unsolved = np.flatnonzero(~(error <= TOLERANCE))
    if unsolved.size:
        raise ConvergenceError([_unsolved(case.contacts[index]) for index in unsolved])
    # The first constant is log10 K, its derivative by ln K; the orders are what they are.
    scale = np.array([1.0, 1.0 / LN10, 1.0 / LN10])
    return Equilibria(
        log10_d=ln_d[:, :size] / LN10,
        slopes=slopes[:, :size, :, :size] * scale[:, None],
        acid=np.exp(coupling[:, 1]),
        free_dimer=np.exp(coupling[:, 0]),
    )


def _unsolved(contact: Contact) -> Fault:
    return Fault(
        f"{contact.place or contact.source}, contact {contact.name}",
        "no equilibrium of the contact with these constants",
        "acid, metals and base that leave free extractant and free acid",
        next="check saponification, O/A and acid of the contact, or leave it out",
    )


# --- one contact


@partial(jax.jit, static_argnames="same_orders")
def _all_contacts(
    vessels: Vessels, model: MassAction, same_orders: bool
) -> tuple[jax.Array, jax.Array, jax.Array, jax.Array]:
    """ln D, its derivatives by (ln K, q, n) of each element, couplings and their imbalance, by contact."""
    return jax.vmap(partial(_contact, model, same_orders))(vessels)


def _contact(
    model: MassAction, same_orders: bool, vessel: Vessels
) -> tuple[jax.Array, jax.Array, jax.Array, jax.Array]:
    here = replace(model, ln_k=model.ln_k + vessel.ln_k_shift)
    coupling = _equilibrium(here, same_orders, vessel)
    imbalance = jnp.max(jnp.abs(_imbalance(coupling, _ln_d(here, coupling, vessel), here, vessel)))
    return (
        _ln_d(here, coupling, vessel),
        _slopes(here, coupling, vessel),
        coupling,
        imbalance,
    )


def _ln_d(model: MassAction, coupling: jax.Array, vessel: Vessels) -> jax.Array:
    return model.ln_distribution(coupling, vessel.site)


def _levels_left(
    coupling: jax.Array, ln_d: jax.Array, model: MassAction, vessel: Vessels
) -> jax.Array:
    """Levels that the metals leave at the distribution ratios [mol/m3], (coupling)."""
    ratio = jnp.exp(ln_d)
    x = jnp.where(vessel.measured, vessel.aqueous, vessel.feed / (1.0 + vessel.oa_ratio * ratio))
    y = jnp.where(vessel.measured, vessel.organic, ratio * x)
    return model.levels(coupling, x, y, vessel.site)


def _imbalance(
    coupling: jax.Array, ln_d: jax.Array, model: MassAction, vessel: Vessels
) -> jax.Array:
    """ln of the levels less the couplings; zero in equilibrium, nan where a level is not positive."""
    return jnp.log(_levels_left(coupling, ln_d, model, vessel)) - coupling


def _slopes(model: MassAction, coupling: jax.Array, vessel: Vessels) -> jax.Array:
    """d ln D / d (ln K, q, n) of every element, couplings moving along, (element, column, element)."""

    def ln_d_of(columns: tuple[jax.Array, jax.Array, jax.Array]) -> jax.Array:
        ln_k, q, n = columns
        moved = replace(model, ln_k=ln_k, order_dimer=q, order_proton=n)
        return moved.ln_distribution(coupling, vessel.site)

    # Own constants act on own D alone, so one product with a column of ones gives the whole diagonal.
    columns = (model.ln_k, model.order_dimer, model.order_proton)
    ones = jnp.ones_like(model.ln_k)
    none = jnp.zeros_like(model.ln_k)
    tangents = [tuple(ones if i == j else none for j in range(3)) for i in range(3)]
    direct = jnp.stack([jax.jvp(ln_d_of, (columns,), (it,))[1] for it in tangents])
    ln_d = _ln_d(model, coupling, vessel)
    by_coupling = jax.jacfwd(_ln_d, argnums=1)(model, coupling, vessel)
    held = jax.jacfwd(_imbalance, argnums=1)(coupling, ln_d, model, vessel)
    whole = jax.jacfwd(_imbalance, argnums=0)(coupling, ln_d, model, vessel) + held @ by_coupling
    follows = -jnp.linalg.solve(whole, held)  # d coupling / d ln D at given couplings
    total = jnp.eye(len(ones)) + by_coupling @ follows
    slopes: jax.Array = total[:, None, :] * direct[None, :, :]
    return slopes


def _equilibrium(model: MassAction, same_orders: bool, vessel: Vessels) -> jax.Array:
    """Couplings of the contact: one monotone equation by halving its bracket, then Newton on all of them.

    Where q = n for every metal that equation is the driver's, as in `circuit.stage`, and what a correction
    adds is renewed a few times. Otherwise ln free dimer is halved, with ln [H+] halved inside: more dimer
    loads more metal, which leaves less dimer.
    """
    coupling = jnp.log(model.scales(vessel.site))
    for _ in range(model.passes):
        search = _by_driver if same_orders else _one_in_the_other
        coupling = search(model, coupling, vessel)

    def imbalance(coupling: jax.Array) -> jax.Array:
        return _imbalance(coupling, _ln_d(model, coupling, vessel), model, vessel)

    def polished(_: int, coupling: jax.Array) -> jax.Array:
        step = jnp.linalg.solve(jax.jacfwd(imbalance)(coupling), imbalance(coupling))
        return coupling - jnp.clip(step, -LONGEST_STEP, LONGEST_STEP)

    found: jax.Array = jax.lax.fori_loop(0, NEWTON_STEPS, polished, coupling)
    return found


def _log_levels(
    coupling: jax.Array, ln_d: jax.Array, model: MassAction, vessel: Vessels
) -> jax.Array:
    """ln of the levels; one that is used up is next to nothing, which tells the side of a bracket."""
    smallest = SMALLEST_LEVEL * model.scales(vessel.site)
    return jnp.log(jnp.maximum(_levels_left(coupling, ln_d, model, vessel), smallest))


def _by_driver(model: MassAction, coupling: jax.Array, vessel: Vessels) -> jax.Array:
    """Couplings at the driver where they meet the levels, for ln D = held + slope driver."""
    signs = jnp.array(model.direction)
    held = _ln_d(model, coupling, vessel) - model.slope * (signs @ coupling)

    def levels(driver: jax.Array) -> jax.Array:
        return _log_levels(coupling, held + model.slope * driver, model, vessel)

    return levels(_halved(lambda driver: signs @ levels(driver) - driver, WIDEST_DRIVER))


def _one_in_the_other(model: MassAction, coupling: jax.Array, vessel: Vessels) -> jax.Array:
    """Couplings where free dimer and [H+] meet their levels, any other coupling as it was."""

    def levels(dimer: jax.Array, acid: jax.Array) -> jax.Array:
        here = coupling.at[0].set(dimer).at[1].set(acid)
        return _log_levels(here, _ln_d(model, here, vessel), model, vessel)

    def acid_at(dimer: jax.Array) -> jax.Array:
        return _halved(lambda acid: levels(dimer, acid)[1] - acid, WIDEST_LEVEL)

    dimer = _halved(lambda it: levels(it, acid_at(it))[0] - it, WIDEST_LEVEL)
    return levels(dimer, acid_at(dimer))


def _halved(falling: Callable[[jax.Array], jax.Array], widest: float) -> jax.Array:
    """Where a falling function is zero, between -widest and widest."""

    def halve(_: int, ends: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        low, high = ends
        middle = 0.5 * (low + high)
        above = falling(middle) > 0.0
        return jnp.where(above, middle, low), jnp.where(above, high, middle)

    ends = (jnp.asarray(-widest), jnp.asarray(widest))
    low, high = jax.lax.fori_loop(0, HALVINGS, halve, ends)
    middle: jax.Array = 0.5 * (low + high)
    return middle


WIDEST_DRIVER = 80.0
"""Beyond it everything is in one phase."""
WIDEST_LEVEL = 40.0
"""ln of a level in mol/m3: beyond any that a phase can hold, or that can be told from none."""
HALVINGS = 34
"""Of a bracket: to 1e-8, near enough for Newton."""
NEWTON_STEPS = 5
LONGEST_STEP = 1.0
"""Of a coupling in one Newton step: a factor of 2.7."""
SMALLEST_LEVEL = 1e-15
"""Share of its total below which a level is next to nothing."""
TOLERANCE = 1e-9
"""Imbalance, relative, at which a contact is in equilibrium."""
