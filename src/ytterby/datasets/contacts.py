"""Shake-outs: one aqueous and one organic shaken to equilibrium, with what was measured of it.

Values only, in mol, m3 and K. The shipped ones stand in the topic ``isotherms``; a case file brings others.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from ytterby.datasets.tables import Row, table
from ytterby.errors import DataError, Fault
from ytterby.quantities import parse

Levels = Literal["feed", "measured"]
"""Where free extractant and acid of a contact come from: its feed and the balances, or its pH and phases."""
ROOM_TEMPERATURE = 298.15
"""Of contacts whose source states none [K]."""


@dataclass(frozen=True)
class ContactMetal:
    """One metal of a contact; what was not measured is None. Concentrations in mol/m3."""

    element: str
    feed: float | None = None
    """Of the aqueous before contact."""
    aqueous: float | None = None
    """Of the aqueous at equilibrium."""
    organic: float | None = None
    """Of the organic at equilibrium; fresh organic holds none."""
    distribution_ratio: float | None = None
    """Measured D, organic over aqueous [-]; None where the metal is there but gives no point."""
    weight: float = 1.0
    """Of the point in a fit: the variance of its log10 D is that of the fit over this."""


@dataclass(frozen=True)
class Contact:
    """One shake-out of fresh organic with an aqueous."""

    source: str
    """Who made it: a source key, or what the user calls a laboratory or a campaign."""
    name: str
    extractant: float
    """Total, formal (monomer) [mol/m3]."""
    oa_ratio: float
    """Organic over aqueous by volume."""
    saponification: float
    """Base carried by the organic per extractant [mol/mol]."""
    metals: tuple[ContactMetal, ...]
    acid_feed: float | None = None
    """[H+] of the aqueous before contact [mol/m3]."""
    acid: float | None = None
    """[H+] of the aqueous at equilibrium, from its pH on the concentration scale [mol/m3]."""
    salt: float = 0.0
    """Inert cations of the aqueous before contact [mol/m3]."""
    temperature: float = ROOM_TEMPERATURE
    """[K]"""
    place: str = ""
    """Where it stands, for messages: file and line."""

    @property
    def base(self) -> float:
        """Base that the organic releases, per volume of aqueous [mol/m3]."""
        return self.saponification * self.extractant * self.oa_ratio

    def feed(self, metal: ContactMetal) -> float | None:
        """Metal that came with the aqueous: as measured, else the sum of both phases [mol/m3]."""
        if metal.feed is not None:
            return metal.feed
        aqueous, organic = self.phases(metal)
        if aqueous is None or organic is None:
            return None
        return aqueous + self.oa_ratio * organic

    def phases(self, metal: ContactMetal) -> tuple[float | None, float | None]:
        """Aqueous and organic at equilibrium: as measured, else by the balance or by D [mol/m3]."""
        aqueous, organic = metal.aqueous, metal.organic
        fed, ratio = metal.feed, metal.distribution_ratio
        if aqueous is None and organic is not None and ratio is not None:
            aqueous = organic / ratio
        elif aqueous is None and fed is not None and organic is not None:
            aqueous = fed - self.oa_ratio * organic
        elif aqueous is None and fed is not None and ratio is not None:
            aqueous = fed / (1.0 + self.oa_ratio * ratio)
        if organic is None and aqueous is not None and ratio is not None:
            organic = ratio * aqueous
        elif organic is None and aqueous is not None and fed is not None:
            organic = (fed - aqueous) / self.oa_ratio
        return aqueous, organic

    def ratio(self, metal: ContactMetal) -> float | None:
        """Measured D: as given, else organic over aqueous; None where there is no logarithm of it."""
        if metal.distribution_ratio is not None:
            return metal.distribution_ratio
        aqueous, organic = self.phases(metal)
        if aqueous is None or organic is None or aqueous <= 0.0 or organic <= 0.0:
            return None
        return organic / aqueous

    @property
    def levels_known(self) -> tuple[Levels, ...]:
        """Ways in which its free extractant and acid can be had."""
        known: list[Levels] = []
        if self.acid_feed is not None and all(self.feed(it) is not None for it in self.metals):
            known.append("feed")
        if self.acid is not None and all(None not in self.phases(it) for it in self.metals):
            known.append("measured")
        return tuple(known)


def shipped_contacts(
    sources: Collection[str], extractant: str, medium: str, flags: Collection[str] = ("ok",)
) -> tuple[Contact, ...]:
    """Shipped contacts of those sources with an extractant in a medium; rows with other flags are left out.

    DataError for every source that has none.
    """
    fitting = [
        row
        for row in table("isotherms")
        if row.source in sources
        and (row.labels["extractant"], row.labels["medium"]) == (extractant, medium)
    ]
    chosen = [row for row in fitting if row.labels["flag"] in flags]
    having = {row.source for row in chosen}
    missing = [key for key in sources if key not in having]
    if missing:
        raise DataError([_without_contact(key, extractant, medium, fitting) for key in missing])
    return contacts_of(chosen)


def _without_contact(key: str, extractant: str, medium: str, rows: Sequence[Row]) -> Fault:
    flags = sorted({row.labels["flag"] for row in rows if row.source == key})
    read = f"contacts flagged {', '.join(flags)}" if flags else "no contact"
    known = sorted(
        {
            row.source
            for row in table("isotherms")
            if (row.labels["extractant"], row.labels["medium"]) == (extractant, medium)
            and row.labels["flag"] == "ok"
        }
    )
    expected = f"contacts of {extractant} in {medium} flagged ok"
    next = "name one of: " + ", ".join(known) if known else "bring a table of your own"
    return Fault(f"isotherms, {key}", read, expected, next=next)


def contacts_of(
    rows: Sequence[Row], assumed: Mapping[str, float] | None = None
) -> tuple[Contact, ...]:
    """Contacts of rows of the topic ``isotherms``, by source and name.

    ``assumed`` gives canonical numbers for columns that a row leaves empty, such as a saponification that the
    source does not state. DataError for a contact without extractant, phase ratio or saponification.
    """
    ordered = sorted(rows, key=_identity)
    return tuple(
        _contact(list(group), assumed or {}) for _, group in groupby(ordered, key=_identity)
    )


def _identity(row: Row) -> tuple[str, str]:
    return row.source, row.labels["contact"]


def _contact(rows: list[Row], assumed: Mapping[str, float]) -> Contact:
    first = rows[0]
    place = f"{first.file.topic}/{first.source}.csv line {first.line}"

    def needed(column: str, dimension: str) -> float:
        value = _number(first, column, dimension)
        value = assumed.get(column) if value is None else value
        if value is None:
            then = "leave the contact out, or assume a value for it"
            raise DataError(Fault(f"{place}, {column}", "nothing", "a number", next=then))
        return value

    ph = first.values.get("ph_eq")
    temperature = _number(first, "temperature", "temperature")
    return Contact(
        source=first.source,
        name=first.labels["contact"],
        extractant=needed("extractant_formal", "concentration"),
        oa_ratio=needed("oa_ratio", "fraction"),
        saponification=needed("saponification", "fraction"),
        metals=tuple(map(_metal, rows)),
        acid_feed=_number(first, "acid_feed", "concentration"),
        acid=None if ph is None else acid_of_ph(ph),
        temperature=ROOM_TEMPERATURE if temperature is None else temperature,
        place=place,
    )


def acid_of_ph(ph: float) -> float:
    """[H+] of a pH on the concentration scale [mol/m3]."""
    return float(1000.0 * 10.0**-ph)


def _metal(row: Row) -> ContactMetal:
    ratio = row.values.get("distribution_ratio")
    return ContactMetal(
        element=row.labels["element"],
        feed=_number(row, "aq_feed", "concentration"),
        aqueous=_number(row, "aq_eq", "concentration"),
        organic=_number(row, "org_eq", "concentration"),
        distribution_ratio=ratio or None,  # zero has no logarithm; its row is flagged so
    )


def _number(row: Row, column: str, dimension: str) -> float | None:
    """A cell in canonical units; None where it is empty."""
    if column not in row.values:
        return None
    unit = row.units[column]
    return parse(f"{row.values[column]!r} {'' if unit == '1' else unit}".strip(), dimension)
