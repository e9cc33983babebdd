"""Who can do what: the shipped facilities, their lines, what is known of them, contracts and policy events.

A capacity that no source states is None. Nothing is ranked or weighed here: how far a facility is believed
follows from the rows of `evidence`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TypeVar

from ytterby.chain.evidence import KINDS, Evidence
from ytterby.chain.facts import cited_of
from ytterby.chain.months import month
from ytterby.chain.network import Cited, Facility, Line, Network, Range, known
from ytterby.chain.recipe_book import materials, recipes
from ytterby.datasets import Row, table
from ytterby.errors import DataError, Fault, nearest
from ytterby.quantities import quoted

STATUSES: tuple[str, ...] = (
    "operating",
    "commissioning",
    "construction",
    "announced",
    "suspended",
    "care_and_maintenance",
    "closed",
    "blocked",
)
"""What a facility may be said to be."""
BINDING: tuple[str, ...] = (
    "binding",
    "conditional",
    "authorised",
    "announced",
    "non-binding",
    "under renegotiation",
    "terminated",
)
"""How far a contract binds; "" where no source says."""

Made = TypeVar("Made")


@dataclass(frozen=True)
class Contract:
    """One contract, loan, grant, stake or purchase for a stockpile."""

    name: str
    kind: str
    """offtake, price_floor, loan, public_support, acquisition, stockpile, MoU, ...; several joined by "+"."""
    buyer: str
    """Or who pays."""
    seller: str
    """Or who is paid."""
    facilities: tuple[str, ...]
    """Keys of the facilities that it is about; empty if it is about none of the catalogue."""
    product: str
    quantity: str
    """In the words of the source; empty where it does not apply."""
    tenor: str
    price_terms: str
    finance: str
    """Money paid or promised, in words."""
    binding: str
    """One of ``BINDING``, or ""."""
    month: int
    """Signed or reported."""
    ends: int | None
    """First month in which it no longer holds, where the tenor says one."""
    cited: Cited = field(default_factory=Cited)


@dataclass(frozen=True)
class PolicyEvent:
    """One act of a state or of a market: a control, quota, tariff, alliance, floor, or what came of one."""

    month: int
    """In force, decided or reported."""
    jurisdiction: str
    event: str
    elements: tuple[str, ...]
    """Symbols, or words such as HREE, NdFeB or all; empty if it is about no element."""
    stages: tuple[str, ...]
    """Goods or stages in the words of the source."""
    kind: str
    """licence, quota, tariff, embargo, suspension, price_floor, outcome, ..."""
    magnitude: str
    """With its unit, in words; empty where none is stated."""
    cited: Cited = field(default_factory=Cited)


def network() -> Network:
    """The shipped materials, recipes, facilities and lines together."""
    return _network()


def facilities() -> dict[str, Facility]:
    """Every shipped facility by its key, in the order of the table."""
    return facilities_of(table("facilities"))


def lines() -> dict[tuple[str, str], Line]:
    """Every shipped line by facility and name; capacities in t/year of what its recipes are counted per.

    A line without recipes does what no shipped recipe describes: its capacity counts what the table says.
    """
    return lines_of(table("chain_lines"))


def evidence() -> tuple[Evidence, ...]:
    """Every shipped row on what a facility has shown, in the order of the table."""
    return _evidence()


def contracts() -> dict[str, Contract]:
    """Every shipped contract by its key, in the order of the table."""
    return {it.name: it for it in _read(table("contracts"), _contract)}


def policy_events() -> tuple[PolicyEvent, ...]:
    """Every shipped policy event, in the order of the table."""
    return tuple(_read(table("policy_events"), _policy_event))


def facilities_of(rows: Iterable[Row]) -> dict[str, Facility]:
    """Facilities of rows of the topic `facilities` by their key; DataError with every faulty cell."""
    return {it.name: it for it in _read(rows, _facility)}


def lines_of(rows: Iterable[Row]) -> dict[tuple[str, str], Line]:
    """Lines of rows of the topic `chain_lines` by facility and name; DataError with every faulty cell."""
    return {it.key: it for it in _read(rows, _line)}


def evidence_of(rows: Iterable[Row]) -> tuple[Evidence, ...]:
    """Evidence of rows of the topic `chain_evidence`; DataError with every faulty cell."""
    stages = _stages()
    return tuple(_read(rows, lambda row: _evidence_row(row, stages)))


@cache
def _network() -> Network:
    return Network(materials(), recipes(), facilities(), lines())


@cache
def _evidence() -> tuple[Evidence, ...]:
    return evidence_of(table("chain_evidence"))


def _read(rows: Iterable[Row], make: Callable[[Row], Made]) -> list[Made]:
    """What each row makes; DataError with the faults of all of them."""
    made: list[Made] = []
    faults: list[Fault] = []
    for row in rows:
        try:
            made.append(make(row))
        except DataError as error:
            faults += error.faults
    if faults:
        raise DataError(faults)
    return made


def _facility(row: Row) -> Facility:
    labels, values = row.labels, row.values
    return Facility(
        name=labels["facility"],
        title=labels["title"],
        owner=labels["owner"],
        owner_key=labels["owner_key"],
        country=labels["country"],
        latitude=values.get("latitude"),
        longitude=values.get("longitude"),
        status=_one_of(row, "status", STATUSES),
        site=labels["site"],
        offtakes=labels["offtakes"],
        cited=cited_of(row),
    )


def _line(row: Row) -> Line:
    labels = row.labels
    known(labels["facility"], _titles(), _place(row, "facility"), "a facility")
    return Line(
        facility=labels["facility"],
        name=labels["line"],
        stage=labels["stage"],
        recipes=_parts(labels["recipes"]),
        capacity=_capacity(row),
        starts=_month(row, "starts"),
        ends=_month(row, "ends"),
        cited=_cited_line(row),
    )


def _cited_line(row: Row) -> Cited:
    """What the capacity rests on, with a word on the recipes where no source names what the line runs."""
    basis = row.labels["recipes_basis"]
    found = cited_of(row)
    if basis in ("", "read"):
        return found
    return replace(found, note="; ".join(filter(None, (found.note, f"its recipes are {basis}"))))


def _capacity(row: Row) -> Range | None:
    """The stated range; None where none is stated, DataError where it is stated in part or falls."""
    ends = [row.values.get(column) for column in ("low", "capacity", "high")]
    low, value, high = ends
    if low is None and value is None and high is None:
        return None
    if low is None or value is None or high is None or not 0 <= low <= value <= high:
        read = ", ".join("nothing" if end is None else f"{end:g}" for end in ends)
        where = _place(row, "low, capacity, high")
        raise DataError(Fault(where, read, "0 <= low <= capacity <= high, or none of them"))
    return Range(low, value, high)


def _evidence_row(row: Row, stages: Collection[tuple[str, str]]) -> Evidence:
    labels = row.labels
    facility, stage = labels["facility"], labels["stage"]
    known(facility, _titles(), _place(row, "facility"), "a facility")
    if (facility, stage) not in stages:
        own = sorted(name for key, name in stages if key == facility)
        expected = f"a stage or line of {facility}: {', '.join(own)}"
        raise DataError(
            Fault(_place(row, "stage"), quoted(stage), expected, nearest=nearest(stage, own))
        )
    return Evidence(
        facility=facility,
        stage=stage,
        kind=_one_of(row, "kind", KINDS),
        month=_month(row, "date"),
        what=labels["what"],
        customer_class=labels["customer_class"],
        material=labels["material"],
        cited=cited_of(row),
    )


def _contract(row: Row) -> Contract:
    labels = row.labels
    about = _parts(labels["facilities"])
    for name in about:
        known(name, _titles(), _place(row, "facilities"), "a facility")
    return Contract(
        name=labels["contract"],
        kind=labels["type"],
        buyer=labels["buyer"],
        seller=labels["seller"],
        facilities=about,
        product=labels["product"],
        quantity=labels["quantity"],
        tenor=labels["tenor"],
        price_terms=labels["price_terms"],
        finance=labels["finance"],
        binding=_one_of(row, "binding", ("", *BINDING)),
        month=month(labels["date"], _place(row, "date")),
        ends=_month(row, "ends"),
        cited=cited_of(row),
    )


def _policy_event(row: Row) -> PolicyEvent:
    labels = row.labels
    return PolicyEvent(
        month=month(labels["date"], _place(row, "date")),
        jurisdiction=labels["jurisdiction"],
        event=labels["event"],
        elements=_parts(labels["elements"]),
        stages=_parts(labels["stages"]),
        kind=labels["type"],
        magnitude=labels["magnitude"],
        cited=cited_of(row),
    )


@cache
def _titles() -> dict[str, str]:
    """Titles of the shipped facilities by their key."""
    return {row.labels["facility"]: row.labels["title"] for row in table("facilities")}


def _stages() -> frozenset[tuple[str, str]]:
    """What evidence of a facility may be about: any stage, its lines, and its stages as compiled."""
    lines = table("chain_lines")
    stages = {row.labels["stage"] for row in lines}
    found = {(row.labels["facility"], row.labels["line"]) for row in lines}
    for row in table("facilities"):
        own = stages.union(_parts(row.labels["stages"]))
        found |= {(row.labels["facility"], stage) for stage in own}
    return frozenset(found)


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())


def _month(row: Row, column: str) -> int | None:
    """The month of a cell; None where it is empty."""
    text = row.labels[column]
    return month(text, _place(row, column)) if text else None


def _one_of(row: Row, column: str, expected: Collection[str]) -> str:
    text = row.labels[column]
    if text not in expected:
        one_of = "one of: " + ", ".join(filter(None, expected))
        close = nearest(text, expected)
        raise DataError(Fault(_place(row, column), quoted(text), one_of, close))
    return text


def _place(row: Row, column: str) -> str:
    return f"{row.file.topic}/{row.file.name}.csv line {row.line}, {column}"
