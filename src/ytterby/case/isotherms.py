"""Reads a user's isotherm table: whole contacts come back, or one CaseError with every fault of the table.

The first row names the columns (`isotherm_columns`), the second gives their units, every other is one metal
of one contact. Rows that begin with # are for readers. Nothing is repaired: what cannot be is said with its
place and with what it may have been meant to be (`isotherm_checks`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from ytterby.case.isotherm_checks import (
    SLIPPED_ROWS,
    SLIPPED_SHARE,
    Entry,
    check_contacts,
)
from ytterby.case.isotherm_columns import COLUMNS, REQUIRED, Column, Unit, unit_of
from ytterby.case.sheets import Sheet, read_sheet
from ytterby.datasets import Contact, ContactMetal, ParameterSet
from ytterby.datasets.contacts import ROOM_TEMPERATURE, acid_of_ph
from ytterby.elements import element
from ytterby.errors import CaseError, DataError, Fault, nearest
from ytterby.quantities import quoted

SEE = "see `ytterby fit --template FILE`"
LONGEST_NAME = 60
"""Characters of a contact or a source."""
BALANCE = 0.10
"""Share of the feed by which a contact may fail to close, if the case does not say."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
_SMALLER = {"concentration": "mmol/L", "mass concentration": "mg/L"}
_BELOW = re.compile(r"[<>≤≥].*|n\.?d\.?|bdl", re.IGNORECASE)


class _Row(NamedTuple):
    """One row: its number in the file and its cells by column."""

    number: int
    texts: Mapping[str, str]
    values: Mapping[str, float]
    """Canonical; columns that are empty or faulty are absent."""
    raw: Mapping[str, float]
    """As written."""


def read_isotherms(
    path: Path, name: str, parameters: ParameterSet, tolerance: float = BALANCE
) -> tuple[Contact, ...]:
    """Contacts of a table, in its order; CaseError with all its faults.

    ``name`` is the file for messages, ``parameters`` the set that the contacts are to be fitted with,
    ``tolerance`` the share of the feed by which a contact may fail to close.
    """
    reader = _Reader(read_sheet(path, name), quoted(path.stem)[1:-1], parameters, tolerance)
    contacts = reader.contacts()
    if reader.faults:
        raise CaseError(reader.faults)
    return contacts


@dataclass
class _Reader:
    """Reads one table; its faults stand in ``faults`` afterwards."""

    sheet: Sheet
    stem: str
    parameters: ParameterSet
    tolerance: float

    def __post_init__(self) -> None:
        self.faults: list[Fault] = []
        self.faulty: set[str] = set()
        """Places of all faults that were met."""
        self.columns: dict[str, int] = {}
        self.units: dict[str, Unit] = {}
        self.thousands: dict[str, int] = {}
        """Cells of a column that are out of range and would fit 1000 times smaller."""

    def contacts(self) -> tuple[Contact, ...]:
        """All contacts; those with a fault are left out."""
        if not self._header() or not self._units():
            return ()
        rows = [self._row(number, cells) for number, cells in self.sheet.rows[2:]]
        if not rows:
            where = f"{self.sheet.name}"
            self._add(where, "no row below the units", "one row per metal of each contact", SEE)
            return ()
        self._whole_columns(rows)
        groups: dict[tuple[str, str], list[_Row]] = {}
        for row in rows:
            if row is not None:
                key = (row.texts.get("source") or self.stem, row.texts["contact"])
                groups.setdefault(key, []).append(row)
        made = [self._contact(key, group) for key, group in groups.items()]
        whole = [it for it in made if it is not None]
        self.faults += check_contacts(
            whole, self.parameters, self.units, self.tolerance, self._place_of_unit
        )
        return tuple(contact for contact, _ in whole)

    def _whole_columns(self, rows: Sequence[_Row | None]) -> None:
        """Tell a column that is 1000 times too large throughout once, at its unit."""
        for name, number in self.thousands.items():
            filled = sum(name in row.raw for row in rows if row is not None)
            if number < SLIPPED_ROWS or number < SLIPPED_SHARE * filled:
                continue
            cells = {self._at(row, name) for row in rows if row is not None}
            first = next(fault for fault in self.faults if fault.where in cells)
            self.faults = [fault for fault in self.faults if fault.where not in cells]
            read = (
                f"{self.units[name].text}, with which {number} of {filled} numbers are out of range"
            )
            self._add(self._place_of_unit(name), read, first.expected, first.next)

    def _add(self, where: str, read: str, expected: str, next: str = "", close: str = "") -> None:
        self.faulty.add(where)
        self.faults.append(Fault(where, read, expected, close, next))

    # --- names and units

    def _header(self) -> bool:
        """Whether the first row names the columns; each name once, none unknown, none missing."""
        if not self.sheet.rows:
            self._add(self.sheet.name, "no row", "a row of column names", SEE)
            return False
        number, cells = self.sheet.rows[0]
        if len(cells) == 1 and ";" in str(cells[0]):
            self._add(
                self.sheet.place(number, 0), "names parted by semicolons", "names parted by commas",
                "save it as CSV with commas and decimal points, or as XLSX",
            )  # fmt: skip
            return False
        before = len(self.faults)
        for index, cell in enumerate(cells):
            self._name(str(cell), number, index)
        for name in REQUIRED:
            if name not in self.columns:
                about = f"the column {name} ({COLUMNS[name].about})"
                self._add(self.sheet.place(number, 0), f"no column {name}", about, SEE)
        return len(self.faults) == before

    def _name(self, name: str, number: int, index: int) -> None:
        where = self.sheet.place(number, index)
        if name in self.columns:
            self._add(where, f"a second column {quoted(name)}", "each column once", "remove one")
        elif name in COLUMNS:
            self.columns[name] = index
        elif name:
            known = "one of: " + ", ".join(COLUMNS)
            close = nearest(name, COLUMNS)
            next = f"write {close}" if close else "rename it, or put it into note"
            self._add(where, f"the column {quoted(name)}", known, next, close)

    def _units(self) -> bool:
        """Whether the second row gives every column its unit."""
        number, cells = self.sheet.rows[1] if len(self.sheet.rows) > 1 else (0, ())
        given = [self._cell(cells, name) for name in self.columns if COLUMNS[name].kind != "text"]
        if not any(isinstance(it, str) and it and not _NUMBER.fullmatch(it) for it in given):
            read = "no unit in it" if cells else "no second row"
            expected = "the units of the columns, such as mol/L"
            where = self.sheet.place(number or self.sheet.rows[0][0] + 1, 0)
            self._add(where, read, expected, f"add a row of units below the names; {SEE}")
            return False
        before = len(self.faults)
        for name in self.columns:
            cell = self._cell(cells, name)
            text = f"{cell:g}" if isinstance(cell, int | float) else str(cell)
            found = unit_of(COLUMNS[name], text, self._place_of_unit(name))
            if isinstance(found, Fault):
                self.faults.append(found)
            elif found is not None:
                self.units[name] = found
        return len(self.faults) == before

    def _cell(self, cells: Sequence[Any], name: str) -> Any:
        index = self.columns[name]
        return cells[index] if index < len(cells) else ""

    def _place_of_unit(self, name: str) -> str:
        return self.sheet.place(self.sheet.rows[1][0], self.columns[name], name)

    # --- rows

    def _row(self, number: int, cells: Sequence[Any]) -> _Row | None:
        """A row with canonical values; None where its contact or element is not known."""
        if len(cells) > max(self.columns.values()) + 1:
            read, expected = f"{len(cells)} cells", f"{max(self.columns.values()) + 1} cells"
            next = "decimal commas? write 0.1, not 0,1; put text with commas into quotation marks"
            self._add(self.sheet.place(number, len(cells) - 1), read, expected, next)
            return None
        before = len(self.faults)
        texts = {
            name: self._text(cells, number, name)
            for name in self.columns
            if COLUMNS[name].kind == "text"
        }
        for name in ("contact", "element"):
            if not texts[name]:
                where = self.sheet.place(number, self.columns[name], name)
                self._add(where, "nothing", f"text ({COLUMNS[name].about})", SEE)
        for name in ("contact", "source"):
            text = texts.get(name, "")
            if not text.isprintable() or len(text) > LONGEST_NAME:
                where = self.sheet.place(number, self.columns[name], name)
                expected = f"a name of at most {LONGEST_NAME} letters, without control characters"
                self._add(where, quoted(text), expected, "rename it")
        if texts["element"]:
            self._known_element(texts["element"], number)
        if len(self.faults) > before:
            return None
        raw = {
            name: value
            for name in self.units
            if (value := self._number(cells, number, name)) is not None
        }
        values = {
            name: canonical
            for name, value in raw.items()
            if (canonical := self._canonical(number, name, value, texts["element"])) is not None
        }
        return _Row(number, texts, values, raw)

    def _text(self, cells: Sequence[Any], number: int, name: str) -> str:
        return str(self._cell(cells, name)).strip()

    def _known_element(self, symbol: str, number: int) -> None:
        where = self.sheet.place(number, self.columns["element"], "element")
        try:
            element(symbol)
        except DataError as error:
            (fault,) = error.faults
            self._add(where, fault.read, fault.expected, fault.next, fault.nearest)
            return
        known = self.parameters.constants
        if symbol not in known:
            expected = f"an element of {self.parameters.name}: {', '.join(known)}"
            next = "leave the contact out, or use a set that has the element"
            self._add(where, f"the element {symbol}", expected, next)

    def _number(self, cells: Sequence[Any], number: int, name: str) -> float | None:
        """The number of a cell as it stands; None where it is empty or none, which is noted."""
        cell = self._cell(cells, name)
        if cell == "" or cell is None:
            return None
        if isinstance(cell, int | float) and not isinstance(cell, bool):
            return float(cell)
        if isinstance(cell, str) and _NUMBER.fullmatch(cell):
            return float(cell)
        next = f"write the number alone, in {self.units[name].text or '1'}"
        text = cell if isinstance(cell, str) else str(cell)
        if _COMMA.fullmatch(text):
            next = f"write {text.replace(',', '.')}, with a decimal point"
        elif _BELOW.fullmatch(text):
            next = "leave the measured cells of this metal empty; its feed still counts"
        elif not isinstance(cell, str):
            next = "format the cell as a number"
        where = self.sheet.place(number, self.columns[name], name)
        self._add(where, quoted(text), f"a number ({COLUMNS[name].about})", next)
        return None

    def _canonical(self, number: int, name: str, value: float, symbol: str) -> float | None:
        column, unit = COLUMNS[name], self.units[name]
        where = self.sheet.place(number, self.columns[name], name)
        try:
            canonical = unit.canonical(value, symbol)
        except CaseError as error:  # too large for a float, below 0 K
            fault = error.faults[0]
            self._add(where, fault.read, f"{column.about}", "check the number and its unit")
            return None
        too_low = canonical <= column.low if column.above else canonical < column.low
        if not too_low and canonical <= column.high:
            return canonical
        low, high = self._limits(column, unit, symbol)
        sign = ">" if column.above else ">="
        next = "check the number and its unit"
        if too_low and value < 0.0:
            next = (
                "a concentration cannot be negative; if it is a difference, give what was measured"
            )
            next = next if column.kind == "metal" else "check the sign"
        elif too_low:
            next = "a zero has no logarithm; leave the cell empty where nothing was found"
        elif unit.dimension in _SMALLER and column.low < canonical / 1000.0 <= column.high:
            smaller = _SMALLER[unit.dimension]
            next = f"1000 times smaller it would fit: looks like {smaller}, not {unit.text}"
            self.thousands[name] = self.thousands.get(name, 0) + 1
        expected = f"a number {sign} {low:g} and <= {high:.4g} {unit.text}".rstrip()
        self._add(where, f"{value:g}", expected, next)
        return None

    def _limits(self, column: Column, unit: Unit, symbol: str) -> tuple[float, float]:
        """The range of a column in its own unit."""
        if unit.dimension == "temperature":
            zero = unit.canonical(0.0, symbol)
            return column.low - zero, column.high - zero
        one = unit.canonical(1.0, symbol)
        return column.low / one, column.high / one

    # --- contacts

    def _contact(
        self, key: tuple[str, str], rows: Sequence[_Row]
    ) -> tuple[Contact, tuple[Entry, ...]] | None:
        """The contact of rows that share a name; None where it lacks or contradicts something."""
        before = len(self.faults)
        shared = {name: self._shared(name, rows) for name in self.columns if name in self.units}
        seen: dict[str, int] = {}
        for row in rows:
            symbol = row.texts["element"]
            if symbol in seen:
                where = self.sheet.place(row.number, self.columns["element"], "element")
                self._add(
                    where, f"{symbol} of contact {quoted(key[1])} as in line {seen[symbol]}",
                    "each metal of a contact once", "give another shake-out another name, or remove the row",
                )  # fmt: skip
            seen[symbol] = row.number
        for name in ("extractant", "oa_ratio"):
            if shared.get(name) is None and not self._has_fault(name, rows):
                self._add(self._at(rows[0], name), "nothing", COLUMNS[name].about, SEE)
        acid_feed, ph_feed = shared.get("acid_feed"), shared.get("pH_feed")
        if acid_feed is not None and ph_feed is not None:
            where = self._at(rows[0], "pH_feed")
            self._add(where, "acid_feed and pH_feed", "one of the two", "empty one of them")
        if len(self.faults) > before or any(self._has_fault(name, rows) for name in self.units):
            return None
        temperature = shared.get("temperature")
        ph = shared.get("pH_eq")
        contact = Contact(
            source=key[0],
            name=key[1],
            extractant=shared["extractant"] or 0.0,
            oa_ratio=shared["oa_ratio"] or 0.0,
            saponification=shared.get("saponification") or 0.0,
            metals=tuple(map(_metal, rows)),
            acid_feed=acid_of_ph(ph_feed) if ph_feed is not None else acid_feed,
            acid=None if ph is None else acid_of_ph(ph),
            salt=shared.get("salt") or 0.0,
            temperature=ROOM_TEMPERATURE if temperature is None else temperature,
            place=self.sheet.place(rows[0].number, self.columns["contact"]),
        )
        entries = tuple(
            Entry(metal, row.raw, {name: self._at(row, name) for name in self.columns})
            for metal, row in zip(contact.metals, rows, strict=True)
        )
        return contact, entries

    def _at(self, row: _Row, name: str) -> str:
        return self.sheet.place(row.number, self.columns.get(name, 0), name)

    def _has_fault(self, name: str, rows: Sequence[_Row]) -> bool:
        """Whether a cell of the column was faulty: written, but no value came of it."""
        return any(self._at(row, name) in self.faulty for row in rows)

    def _shared(self, name: str, rows: Sequence[_Row]) -> float | None:
        """What all rows of a contact say of it; a row may leave it to another, not contradict it."""
        if not COLUMNS[name].of_contact:
            return None
        found = [(row, row.values[name]) for row in rows if name in row.values]
        for row, value in found[1:]:
            if value != found[0][1]:
                first = found[0][0]
                self._add(
                    self._at(row, name),
                    f"{row.raw[name]:g}, against {first.raw[name]:g} in line {first.number}",
                    "one value for all metals of a contact",
                    "correct it, or give the other shake-out a name of its own",
                )
        return found[0][1] if found else None


def _metal(row: _Row) -> ContactMetal:
    values = row.values
    return ContactMetal(
        element=row.texts["element"],
        feed=values.get("aq_feed"),
        aqueous=values.get("aq_eq"),
        organic=values.get("org_eq"),
        distribution_ratio=values.get("D"),
        weight=values.get("weight", 1.0),
    )
