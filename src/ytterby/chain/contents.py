"""What the materials of a chain contain, worked out of feeds, specifications, grades and formulas.

The rows of the topics `chain_materials` and `chain_recipes` refer to numbers that stand in other tables; here
the references are followed, and what the numbers rest on is gathered.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal, Protocol

from ytterby.chain.facts import logistics, production
from ytterby.chain.network import Cited, Material, Range, Thing, known
from ytterby.datasets.basis import BASES, CONFIDENCES, OWN_KEYS, weakest_basis
from ytterby.datasets.basis import Cited as Entry
from ytterby.datasets.feeds import feed
from ytterby.datasets.process import Parameter, downstream_parameter, parameter
from ytterby.datasets.products import specification
from ytterby.datasets.tables import Row, table
from ytterby.elements import metal_to_oxide
from ytterby.errors import DataError, Fault
from ytterby.quantities import quoted

End = Literal["best", "usual", "worst"]
"""Which end of every yield and every consumption: least is lost, as usual, most is lost."""
_PLAIN: Mapping[str, float] = MappingProxyType({"%": 0.01, "kg/kg": 1.0})
"""Units that need no library to become a ratio; importing one takes longer than all the rest."""


@dataclass(frozen=True)
class Fact:
    """A number that stands in a table, and what it rests on."""

    span: Range
    rests: tuple[Cited, ...]

    def at(self, end: End, *, most_is_best: bool) -> float:
        """The number at one end: of a yield the most is best, of a loss or a consumption the least."""
        if end == "usual":
            return self.span.value
        return self.span.high if (end == "best") is most_is_best else self.span.low


@dataclass(frozen=True)
class _Stuff:
    """What is worked out for one material: its content, and what that rests on."""

    content: Mapping[str, float]
    rests: tuple[Cited, ...] = ()


def materials_of(rows: Iterable[Row]) -> dict[str, Material]:
    """Materials of rows of the topic `chain_materials` by name; DataError where one cannot be worked out."""
    rows = tuple(rows)
    made: dict[str, Material] = {}
    for row in sorted(rows, key=lambda row: row.labels["way"] in _FROM_OTHERS):
        stuff = way_of(row, _CONTENTS)(row, made)
        made[row.labels["material"]] = Material(
            name=row.labels["material"],
            title=row.labels["title"],
            form=row.labels["form"],
            content=MappingProxyType(stuff.content),
            cited=combined((rest(row), *stuff.rests), row.note),
        )
    return {name: made[name] for name in (row.labels["material"] for row in rows)}


def counted(content: Mapping[str, float]) -> dict[str, float]:
    """Content with each element under the main one of its blend; what is not followed is left out."""
    under = _counted_under()
    total: dict[str, float] = {}
    for symbol, share in content.items():
        if symbol in under and share > 0:
            total[under[symbol]] = total.get(under[symbol], 0.0) + share
    return total


def treo_of(material: str) -> Fact:
    """Rare-earth oxides in a shipped material that is worked out of a feed [kg/kg]; DataError for others."""
    rows = {row.labels["material"]: row for row in table("chain_materials")}
    row = known(material, rows, "material", "a material of chain_materials")
    graded = feed(row.labels["treo_of"] or row.labels["text"]) if _is_of_feed(row) else None
    if graded is None or graded.treo is None:
        where = f"{place_of(row)}, {material}"
        raise DataError(Fault(where, "no TREO", "a material made of a feed that states it"))
    return Fact(Range(graded.treo, graded.treo, graded.treo), (rest(graded),))


def _is_of_feed(row: Row) -> bool:
    return row.labels["way"] == "feed"


def _of_given(row: Row, made: Mapping[str, Material]) -> _Stuff:
    return _Stuff(_pairs(row, row.labels["text"], ":"))


def _of_feed(row: Row, made: Mapping[str, Material]) -> _Stuff:
    basket = feed(row.labels["text"])
    if not row.labels["treo_of"]:
        return _Stuff(counted(basket.composition()), (rest(basket),))
    grade = feed(row.labels["treo_of"])
    return _Stuff(counted(basket.composition(grade.treo)), (rest(basket), rest(grade)))


def _of_oxides(row: Row, made: Mapping[str, Material]) -> _Stuff:
    return _Stuff(_metals(_pairs(row, row.labels["text"], ":")))


def _of_product(row: Row, made: Mapping[str, Material]) -> _Stuff:
    """A blend by the shares of oxides that its specification names, each by one element."""
    product, grade = (part.strip() for part in row.labels["text"].split("/"))
    limits = specification(product, grade).limits
    shares = {it.elements[0]: it for it in limits if it.value is not None and len(it.elements) == 1}
    oxides = {symbol: it.value for symbol, it in shares.items() if it.value is not None}
    return _Stuff(_metals(oxides), tuple(map(rest, shares.values())))


def _of_oxides_of_feed(row: Row, made: Mapping[str, Material]) -> _Stuff:
    name, _, symbols = row.labels["text"].partition(":")
    basket = feed(name)
    return _Stuff(_metals({it: basket.shares[it] for it in symbols.split()}), (rest(basket),))


def _of_facts(row: Row, made: Mapping[str, Material]) -> _Stuff:
    facts = {symbol: fact_of(row, text) for symbol, text in _parts(row, row.labels["text"], "=")}
    rests = tuple(it for fact in facts.values() for it in fact.rests)
    return _Stuff(counted({s: fact.span.value for s, fact in facts.items()}), rests)


def _of_same(row: Row, made: Mapping[str, Material]) -> _Stuff:
    other = _made(row, row.labels["text"], made)
    return _Stuff(other.content, (other.cited,))


def _of_metals(row: Row, made: Mapping[str, Material]) -> _Stuff:
    """The metals of an oxide, without its oxygen."""
    oxide = _made(row, row.labels["text"], made)
    total = math.fsum(oxide.content.values())
    return _Stuff({it: share / total for it, share in oxide.content.items()}, (oxide.cited,))


def _of_diffused(row: Row, made: Mapping[str, Material]) -> _Stuff:
    """An alloy into which an element has diffused, per mass of the whole."""
    base, _, more = row.labels["text"].partition(";")
    alloy = _made(row, base.strip(), made)
    ((symbol, text),) = _parts(row, more, "=")
    fact = fact_of(row, text)
    added = fact.span.value
    content = {it: share * (1.0 - added) for it, share in alloy.content.items()}
    content[symbol] = content.get(symbol, 0.0) + added
    return _Stuff(content, (*fact.rests, alloy.cited))


_FROM_OTHERS = ("metals of", "same", "diffused")
_CONTENTS: dict[str, Callable[[Row, Mapping[str, Material]], _Stuff]] = {
    "given": _of_given,
    "feed": _of_feed,
    "oxides": _of_oxides,
    "product": _of_product,
    "oxides of feed": _of_oxides_of_feed,
    "facts": _of_facts,
    "same": _of_same,
    "metals of": _of_metals,
    "diffused": _of_diffused,
}


def _metals(oxides: Mapping[str, float]) -> dict[str, float]:
    """Content of a mixture of oxides, by their shares of its mass, which need not add up to 1."""
    total = math.fsum(oxides.values())
    return counted({it: share / total / metal_to_oxide(it) for it, share in oxides.items()})


def _made(row: Row, name: str, made: Mapping[str, Material]) -> Material:
    return known(name, made, place_of(row), "a material that stands before it")


@cache
def _counted_under() -> Mapping[str, str]:
    return {row.labels["element"]: row.labels["text"] for row in table("chain_elements")}


# --- facts that rows refer to


def facts(row: Row) -> tuple[Fact, ...]:
    return tuple(fact_of(row, text) for text in row.labels["text"].split(";"))


def fact_of(row: Row, text: str) -> Fact:
    """The number behind a reference such as ``downstream: strip_casting / yield / NdFeB alloy``."""
    topic, _, rest = text.strip().partition(":")
    parts = tuple(part.strip() for part in rest.split("/"))
    readers = {"downstream": downstream_parameter, "unit_operations": parameter}
    if topic in readers and len(parts) == 3:
        return _parameter_fact(readers[topic](*parts))
    if topic == "logistics" and len(parts) == 1:
        item = known(parts[0], logistics(), place_of(row), "an item of logistics")
        if item.unit not in _PLAIN:
            raise DataError(Fault(f"{place_of(row)}, {item.item}", item.unit, "a share in %"))
        span = Range(item.low, (item.low + item.high) / 2, item.high)
        return Fact(span.times(_PLAIN[item.unit]), (item.cited,))
    if topic == "lost" and len(parts) == 3:
        return _lost(row, *parts)
    expected = "a reference such as downstream: step / parameter / scope"
    raise DataError(Fault(place_of(row), quoted(text.strip()), expected))


def _parameter_fact(found: Parameter) -> Fact:
    """A parameter as a fraction or ratio; where one end alone is known, it is all of the range."""
    plain = found if found.unit in _PLAIN else found.to("1")
    factor = _PLAIN.get(plain.unit, 1.0)
    ends = [it for it in (plain.low, plain.value, plain.high) if it is not None]
    value = ends[0] if plain.value is None else plain.value
    return Fact(Range(ends[0], value, ends[-1]).times(factor), (rest(found),))


def _lost(row: Row, entity: str, before: str, after: str) -> Fact:
    """Share that is lost between two figures of one producer in the table of production."""
    figures = {it.scope: it for it in production() if it.entity == entity and it.value is not None}
    had, has = (
        known(it, figures, place_of(row), "a figure of production") for it in (before, after)
    )
    assert had.value is not None and has.value is not None
    lost = 1.0 - has.value / had.value
    return Fact(Range(lost, lost, lost), (had.cited, has.cited))


# --- what things rest on


class _Entry(Entry, Protocol):
    """A row, a feed, a limit or a parameter."""

    @property
    def confidence(self) -> str: ...
    @property
    def also(self) -> tuple[str, ...]: ...


def rest(entry: _Entry) -> Cited:
    """What an entry rests on, as weak as the weakest source that it was derived from."""
    also = tuple(dict.fromkeys((*entry.also, *entry.rests_on)))
    return Cited(entry.source, weakest_basis((entry,)), entry.confidence, also=also)


def combined(rests: tuple[Cited, ...], note: str) -> Cited:
    """What is computed from all of these: derived, or as weak as the weakest; the first one's source."""
    bases = ("derived", *(it.basis for it in rests))
    keys = dict.fromkeys(key for it in rests for key in (it.source, *it.also))
    return Cited(
        source=rests[0].source,
        basis=max(bases, key=(*BASES, "gap").index),
        confidence=max((it.confidence for it in rests), key=CONFIDENCES.index),
        note=note,
        also=tuple(key for key in keys if key not in {*OWN_KEYS, rests[0].source}),
    )


def way_of(row: Row, ways: Mapping[str, Thing]) -> Thing:
    return known(row.labels["way"], ways, f"{place_of(row)}, way", "one of: " + ", ".join(ways))


def _pairs(row: Row, text: str, sign: str) -> dict[str, float]:
    try:
        return {name: float(value) for name, value in _parts(row, text, sign)}
    except ValueError:
        raise DataError(Fault(place_of(row), quoted(text), f"numbers after {sign}")) from None


def _parts(row: Row, text: str, sign: str) -> list[tuple[str, str]]:
    """Name and rest of each part of ``a = b; c = d``."""
    parts = [tuple(it.strip() for it in part.split(sign, 1)) for part in text.split(";")]
    if not all(len(part) == 2 and all(part) for part in parts):
        expected = f"parts such as name {sign} text, separated by ;"
        raise DataError(Fault(place_of(row), quoted(text), expected))
    return [(part[0], part[1]) for part in parts]


def place_of(row: Row) -> str:
    return f"{row.file.topic}/{row.file.name}.csv line {row.line}"
