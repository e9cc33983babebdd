"""What contacts of a user's table must obey: balances, capacity, acidity; faults with their likely cause.

A balance that closes once a number is read in another unit was most likely written in that unit; the fault
then says so. Where the rows of a table fail alike, the unit of the column is told once.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ytterby.case.isotherm_columns import Unit
from ytterby.datasets import Contact, ContactMetal, ParameterSet
from ytterby.elements import element
from ytterby.errors import Fault
from ytterby.quantities import quoted, show

CLOSES = 0.05
"""Share of the feed by which a balance may be off once a number is read in another unit."""
FAR = 3.0
"""Factor between two units from which one row is enough to suspect the other."""
SLIPPED_ROWS, SLIPPED_SHARE = 3, 0.8
"""Rows, and share of those with a balance, that fail alike from which the column is blamed."""
ELECTRODE = 0.3
"""By which a pH may differ from -log10 [H+]: a factor of two in [H+]."""


class Entry(NamedTuple):
    """One row of a contact as its table has it."""

    metal: ContactMetal
    raw: Mapping[str, float]
    """Numbers as written, by column."""
    places: Mapping[str, str]
    """Place of each column, for messages."""

    def at(self, *columns: str) -> str:
        """Place of the first of the columns that the table has."""
        return next(self.places[name] for name in (*columns, "contact") if name in self.places)


class _Slip(NamedTuple):
    """A column that closes the balance in another unit."""

    column: str
    unit: str
    """In which it seems to be written; "A/O" for a phase ratio upside down."""


class _Found(NamedTuple):
    fault: Fault
    slip: _Slip | None = None


def check_contacts(
    contacts: Sequence[tuple[Contact, Sequence[Entry]]],
    parameters: ParameterSet,
    units: Mapping[str, Unit],
    tolerance: float,
    place_of_unit: Callable[[str], str],
) -> list[Fault]:
    """Every fault of contacts whose cells are sound, in the order of the table.

    ``tolerance`` is the share of the feed by which a balance may fail to close.
    """
    found: list[_Found] = []
    balanced = 0
    for contact, entries in contacts:
        for entry in entries:
            balanced += _total(entry.metal, contact) is not None and entry.metal.feed is not None
        own = [it for entry in entries for it in _metal_faults(contact, entry, units, tolerance)]
        found += own or map(_Found, _contact_faults(contact, entries, parameters))
    slips = Counter(it.slip for it in found if it.slip is not None)
    common = {
        slip
        for slip, number in slips.items()
        if number >= SLIPPED_ROWS and number >= SLIPPED_SHARE * balanced
    }
    told = [
        _common(slip, slips[slip], balanced, units, place_of_unit(slip.column)) for slip in common
    ]
    return told + [it.fault for it in found if it.slip not in common]


def _common(
    slip: _Slip, number: int, balanced: int, units: Mapping[str, Unit], where: str
) -> Fault:
    return Fault(
        where,
        f"{units[slip.column].text}, with which {number} of {balanced} balances do not close",
        "balances that close: feed = aqueous + O/A x organic",
        next=_likely(slip, units),
    )


def _likely(slip: _Slip, units: Mapping[str, Unit]) -> str:
    if slip.column == "oa_ratio":
        return "oa_ratio looks like A/O: write organic over aqueous"
    written = units[slip.column].text
    return f"{slip.column} looks like {slip.unit}, not {written}: correct the unit or the number"


# --- one metal


def _total(metal: ContactMetal, contact: Contact) -> float | None:
    """Both phases together, per aqueous, as far as they were measured [mol/m3]; None where one is missing."""
    aqueous, organic, ratio = metal.aqueous, metal.organic, metal.distribution_ratio
    if aqueous is not None and organic is not None:
        return aqueous + contact.oa_ratio * organic
    if aqueous is not None and ratio is not None:
        return aqueous * (1.0 + contact.oa_ratio * ratio)
    if organic is not None and ratio is not None:
        return organic * (1.0 / ratio + contact.oa_ratio)
    return None


def _metal_faults(
    contact: Contact, entry: Entry, units: Mapping[str, Unit], tolerance: float
) -> Iterator[_Found]:
    metal, symbol = entry.metal, entry.metal.element
    total = _total(metal, contact)
    if metal.feed is not None and total is not None:
        if abs(total - metal.feed) > tolerance * metal.feed:
            yield _unbalanced(contact, entry, total, units)
            return
    elif metal.feed is not None:
        yield from map(_Found, _beyond_feed(contact, entry, metal.feed))
    if metal.aqueous and metal.organic and metal.distribution_ratio:
        ratio = metal.organic / metal.aqueous
        off = metal.distribution_ratio / ratio
        if abs(math.log10(off)) > math.log10(1.0 + tolerance):
            thousand = abs(abs(math.log10(off)) - 3.0) < math.log10(1.0 + tolerance)
            yield _Found(
                Fault(
                    entry.at("D"),
                    f"D = {metal.distribution_ratio:g} of {symbol}",
                    f"org_eq / aq_eq = {ratio:.4g}, or one of the three left empty",
                    next="a factor of 1000: check the units of aq_eq and org_eq"
                    if thousand
                    else "correct the number that is wrong, or leave D empty",
                )
            )
    for column, value in (("aq_eq", metal.aqueous), ("org_eq", metal.organic)):
        if value == 0.0 and metal.distribution_ratio is None:
            yield _Found(
                Fault(
                    entry.at(column),
                    f"0, so that D of {symbol} has no logarithm",
                    "a number above zero, or an empty cell",
                    next="below detection? leave aq_eq and org_eq empty; the feed still counts",
                )
            )


def _beyond_feed(contact: Contact, entry: Entry, feed: float) -> Iterator[Fault]:
    """One measured phase that leaves nothing for the other."""
    metal = entry.metal
    for column, held, part in (
        ("aq_eq", metal.aqueous, 1.0),
        ("org_eq", metal.organic, contact.oa_ratio),
    ):
        if held is None or held * part < feed:
            continue
        next = "correct feed or phase; if they differ by the analysis only, leave the cell empty"
        if held * part > 5.0 * feed:
            next = f"check the units of aq_feed and {column}, and oa_ratio"
        yield Fault(
            entry.at(column),
            f"{_molar(held * part)} of {metal.element} in this phase, per aqueous",
            f"less than the {_molar(feed)} that was fed",
            next=next,
        )


def _unbalanced(contact: Contact, entry: Entry, total: float, units: Mapping[str, Unit]) -> _Found:
    metal = entry.metal
    feed = metal.feed or 0.0
    slip, far = _slip(contact, entry, units)
    next = "correct the number that is wrong, or leave out the one that is least sure"
    off = f"{100.0 * (total - feed) / feed:+.0f} %" if feed > 0.0 else "from nothing"
    return _Found(
        Fault(
            entry.at(slip.column if slip and far else "aq_eq"),
            f"{_molar(total)} of {metal.element} in both phases, per aqueous ({off})",
            f"the {_molar(feed)} that was fed",
            next=_likely(slip, units) if slip and far else next,
        ),
        slip,
    )


def _slip(contact: Contact, entry: Entry, units: Mapping[str, Unit]) -> tuple[_Slip | None, bool]:
    """The column that closes the balance best in another unit, None if none closes it.

    And whether that unit is so far from the written one that a single row is enough to suspect it.
    """
    metal = entry.metal
    parts = {"aq_feed": metal.feed, "aq_eq": metal.aqueous, "org_eq": metal.organic}
    tried: dict[_Slip, float] = {}
    factors: dict[_Slip, float] = {}
    for column, value in parts.items():
        if value is None:
            continue
        for unit, factor in _other_units(units[column], metal.element):
            changed = _with(metal, column, value * factor)
            tried[_Slip(column, unit)] = _gap(changed, contact.oa_ratio)
            factors[_Slip(column, unit)] = factor
    if contact.oa_ratio != 1.0:
        tried[_Slip("oa_ratio", "A/O")] = _gap(metal, 1.0 / contact.oa_ratio)
        factors[_Slip("oa_ratio", "A/O")] = contact.oa_ratio**-2.0
    best = min(tried, key=lambda slip: tried[slip])
    if tried[best] > CLOSES:
        return None, False
    return best, abs(math.log10(factors[best])) >= math.log10(FAR)


def _with(metal: ContactMetal, column: str, value: float) -> ContactMetal:
    names = {"aq_feed": "feed", "aq_eq": "aqueous", "org_eq": "organic"}
    values = {name: getattr(metal, name) for name in ("feed", "aqueous", "organic")}
    values[names[column]] = value
    return ContactMetal(metal.element, **values, distribution_ratio=metal.distribution_ratio)


def _gap(metal: ContactMetal, oa_ratio: float) -> float:
    """Share of the feed by which the balance is off."""
    total = _total(metal, Contact("", "", 0.0, oa_ratio, 0.0, ()))
    if total is None or not metal.feed:
        return math.inf
    return abs(total - metal.feed) / metal.feed


def _other_units(unit: Unit, symbol: str) -> Iterator[tuple[str, float]]:
    """Units in which a concentration may have been written instead, and the factor that this makes."""
    metal = element(symbol)
    canonical = {
        "mol/L": 1000.0,
        "mmol/L": 1.0,
        "g/L metal": 1.0 / metal.atomic_weight,
        "mg/L metal": 1e-3 / metal.atomic_weight,
        "g/L REO": 1.0 / metal.oxide_molar_mass,
        "mg/L REO": 1e-3 / metal.oxide_molar_mass,
    }
    own = unit.canonical(1.0, symbol)
    for text, one in canonical.items():
        if abs(one / own - 1.0) > 1e-9:
            yield text, one / own


# --- the contact as a whole


def _contact_faults(
    contact: Contact, entries: Sequence[Entry], parameters: ParameterSet
) -> Iterator[Fault]:
    first = entries[0]
    yield from _over_capacity(contact, entries, parameters)
    if not contact.levels_known:
        yield Fault(
            first.at("contact"),
            f"contact {quoted(contact.name)} with {_given(contact)}",
            "acid and all metals before contact, or pH and both phases after it",
            next="add acid_feed (or pH_feed) and aq_feed, or pH_eq",
        )
    elif all(contact.ratio(metal) is None for metal in contact.metals):
        yield Fault(
            first.at("contact"),
            f"contact {quoted(contact.name)} without any D",
            "D, or two of aq_feed, aq_eq and org_eq, for one metal at least",
            next="add what was measured, or remove the contact",
        )
    else:
        yield from _impossible_acid(contact, first)


def _given(contact: Contact) -> str:
    acid = [
        text
        for text, value in (("acid before", contact.acid_feed), ("pH after", contact.acid))
        if value is not None
    ]
    return " and ".join(acid) if acid else "no acid and no pH"


def _over_capacity(
    contact: Contact, entries: Sequence[Entry], parameters: ParameterSet
) -> Iterator[Fault]:
    """Metals on the organic bind dimers, and there is half a dimer per extractant."""
    dimers = dict(
        zip(
            (symbols := [metal.element for metal in contact.metals]),
            parameters.column("dimers_per_metal", "mol/mol", symbols),
            strict=True,
        )
    )
    organic = {metal.element: contact.phases(metal)[1] or 0.0 for metal in contact.metals}
    bound = sum(dimers[symbol] * held for symbol, held in organic.items())
    if bound <= contact.extractant / 2.0:
        return
    most = max(entries, key=lambda entry: organic[entry.metal.element])
    next = "check the units of org_eq and extractant, and oa_ratio"
    if bound / 1000.0 <= contact.extractant / 2.0 and bound > 10.0 * contact.extractant:
        next = "a factor of 1000 would fit: check the units of org_eq and extractant"
    yield Fault(
        most.at("org_eq", "D", "aq_eq"),
        f"{_molar(sum(organic.values()))} of metal on {_molar(contact.extractant)} of extractant",
        f"at most one metal per {2.0 * dimers[most.metal.element]:g} extractant",
        next=next,
    )


def _impossible_acid(contact: Contact, first: Entry) -> Iterator[Fault]:
    """[H+] can be no more than acid and exchanged metal give, no less than acid that base leaves."""
    feeds = [contact.feed(metal) for metal in contact.metals]
    if contact.acid_feed is None or None in feeds:
        return
    charge = sum(
        element(metal.element).charge * (feed or 0.0)
        for metal, feed in zip(contact.metals, feeds, strict=True)
    )
    left = contact.acid_feed - contact.base
    if left + charge <= 0.0:
        yield Fault(
            first.at("saponification"),
            f"{_molar(contact.base)} of base, per aqueous",
            f"less than the {_molar(contact.acid_feed + charge)} that acid and metals can take up",
            next="check saponification, oa_ratio, extractant and acid_feed",
        )
        return
    if contact.acid is None:
        return
    ph = -math.log10(contact.acid / 1000.0)
    lowest = -math.log10((left + charge) / 1000.0)
    if ph < lowest - ELECTRODE:
        yield Fault(
            first.at("pH_eq"),
            f"pH {ph:.2f}",
            f"at least {lowest:.2f}, with all metal exchanged",
            next="check acid_feed (or pH_feed), aq_feed and pH_eq",
        )
    elif left > 0.0 and ph > (highest := -math.log10(left / 1000.0)) + ELECTRODE:
        yield Fault(
            first.at("pH_eq"),
            f"pH {ph:.2f}",
            f"at most {highest:.2f}: exchange only adds acid to what base leaves",
            next="check acid_feed (or pH_feed) and pH_eq; was the organic saponified?",
        )


def _molar(value: float) -> str:
    return show(value, "concentration", digits=4)
