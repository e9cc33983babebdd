"""The plant's balance, its unknowns, the concentrates and the claims as rows of one linear system.

Masses are oxides in t/y. Products are variables of their own between the least and the largest recovery of
what is fed, and groups of a basket are variables between nothing and all of the uncut mass, so that
recoveries, cuts and blends stay linear; each rare earth and each line may have its own recovery in the range.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ytterby.audit.baskets import REST, Basket, open_to, shipped_treo
from ytterby.audit.claims import Claim, ClaimSet, Figure, Hypothesis, Range, Reading
from ytterby.audit.linear import Row, row
from ytterby.audit.vocabulary import ELEMENTS, PAIRS, PRODUCTS, SUMS
from ytterby.elements import metal_to_oxide

Terms = dict[str, float]


@dataclass(frozen=True)
class Statement:
    """One named part of the system: the balance, a range, a relation, a hypothesis, or a claim."""

    name: str
    kind: str
    """``balance``, ``range``, ``relation``, ``concentrates``, ``claim`` or ``computed``."""
    says: str
    rows: tuple[Row, ...]


class Weighing:
    """Turns a quantity of a claim into unknowns of the balance."""

    def __init__(self, claims: ClaimSet) -> None:
        self.sums = dict(SUMS) | {it.name: it.sum for it in claims.quantities.values() if it.sum}
        self.elements = dict(ELEMENTS) | {
            it.name: it.element for it in claims.quantities.values() if it.element
        }

    def terms(self, quantity: str, weighed_as: str = "oxide") -> Terms:
        """Factors of the unknowns that a quantity is the sum of; ``metal``: each over its oxide factor."""
        if quantity in self.sums:
            parts = [self.terms(part, weighed_as) for part in self.sums[quantity]]
            return _added(parts)
        symbol = self.elements.get(quantity, "")
        factor = 1.0 / metal_to_oxide(symbol) if weighed_as == "metal" and symbol else 1.0
        return {quantity: factor}

    def claim(self, claim: Claim, reading: Reading) -> tuple[Row, ...]:
        """What a claim says of the unknowns under a reading."""
        weighed = weighed_as(claim, reading)
        of = self.terms(claim.quantity, weighed)
        if not claim.per:
            return (row(of, claim.low, claim.high),)
        return _shares(of, self.terms(claim.per), claim.low, claim.high)

    def figure(self, figure: Figure, claim: Claim) -> tuple[Row, ...]:
        """What a figure that was computed elsewhere says of the quantity of a claim."""
        of = self.terms(claim.quantity)
        if not claim.per:
            return (row(of, figure.value, figure.value),)
        return _shares(of, self.terms(claim.per), figure.value, figure.value)


def weighed_as(claim: Claim, reading: Reading) -> str:
    """Whether a claim is in oxide or in metal under a reading."""
    if claim.stated_as in ("list", "repeats list"):
        return reading.list_as
    return claim.stated_as or "oxide"


def claim_statement(claim: Claim, reading: Reading, weighing: Weighing) -> Statement:
    """A claim under a reading."""
    return Statement(claim.id, "claim", claim.means, weighing.claim(claim, reading))


def figure_statement(figure: Figure, claim: Claim, weighing: Weighing) -> Statement:
    """A figure that was computed elsewhere."""
    says = f"{figure.value:g} {figure.unit}, {figure.source}"
    return Statement(f"computed {claim.id}", "computed", says, weighing.figure(figure, claim))


def background(
    claims: ClaimSet,
    reading: Reading,
    hypothesis: Hypothesis,
    all_baskets: Mapping[str, Basket],
    weighing: Weighing,
) -> tuple[Statement, ...]:
    """Everything but claims: balance, ranges of unknowns, relations, and what the concentrates may be."""
    return (
        *plant(claims.ranges, reading.other_oxides),
        *(
            Statement(
                it.name,
                "relation",
                it.says,
                (
                    row(
                        _added(
                            [
                                *(_times(weighing.terms(q), f) for q, f in it.terms.items()),
                                *(
                                    _times(weighing.terms(q, "metal"), f)
                                    for q, f in it.metal.items()
                                ),
                            ]
                        ),
                        it.low,
                        it.high,
                    ),
                ),
            )
            for it in claims.relations.values()
        ),
        concentrates(hypothesis, open_to(hypothesis, all_baskets)),
    )


def plant(ranges: Mapping[str, Range], other_oxides: bool) -> tuple[Statement, ...]:
    """Magnets, both lines and what they give; other oxides are sold or not."""
    others = row({"other_oxides_out": 1.0}, 0.0, math.inf if other_oxides else 0.0)
    sold = "other oxides are sold too" if other_oxides else "Pr, Nd, Tb and Dy alone are sold"
    metal = {key: f"{key}_metal_in_magnets" for key in PRODUCTS}
    pair = {name: {metal[key]: 1.0 for key in keys} for name, keys in PAIRS.items()}
    fed = {"magnets_in": 1.0}
    spans = {
        "magnet_ndpr": (pair["ndpr"], fed),
        "magnet_dytb": (pair["dytb"], fed),
        "magnet_nd_to_pr": ({metal["nd"]: 1.0}, {metal["pr"]: 1.0}),
        "magnet_tb_of_dytb": ({metal["tb"]: 1.0}, pair["dytb"]),
    }
    found = [Statement("products", "balance", sold, (others,))]
    for name, (of, per) in spans.items():
        it = ranges[name]
        found.append(Statement(name, "range", in_words(it), _shares(of, per, it.low, it.high)))
    lines = {
        "recovery_magnets": {
            key: (f"{key}_from_magnets", {metal[key]: metal_to_oxide(symbol)})
            for key, symbol in PRODUCTS.items()
        },
        "recovery_concentrates": {
            key: (f"{key}_from_concentrates", {f"{key}_in_concentrates": 1.0}) for key in PRODUCTS
        },
    }
    for name, line in lines.items():
        it = ranges[name]
        rows = [
            one
            for out, fed_as in line.values()
            for one in _shares({out: 1.0}, fed_as, it.low, it.high)
        ]
        found.append(Statement(name, "range", in_words(it), tuple(rows)))
    return tuple(found)


def in_words(it: Range) -> str:
    """A range in words."""
    return f"{it.says}: {it.low:g} to {it.high:g} {it.unit}"


def concentrates(hypothesis: Hypothesis, allowed: Mapping[str, Basket]) -> Statement:
    """What the concentrates may be: parent, groups after the cut and gross mass of each basket."""
    rows: list[Row] = []
    for name, basket in allowed.items():
        parent, gross = parent_of(name), gross_of(name)
        for group, share in basket.groups.items():
            least, most = hypothesis.cut.get(group, (0.0, 0.0))
            kept = {group_of(name, group): 1.0}
            rows += _shares(kept, {parent: share}, 1.0 - most, 1.0 - least)
        treo = shipped_treo(hypothesis, basket)
        assert treo is not None, "open_to leaves out what has no TREO"
        rows += _shares({group_of(name, it): 1.0 for it in basket.groups}, {gross: 1.0}, *treo)
    masses = {
        "treo_in_concentrates": {
            group_of(n, g): 1.0 for n, it in allowed.items() for g in it.groups
        },
        "concentrates_in": {gross_of(name): 1.0 for name in allowed},
        "parent_reo": {parent_of(name): 1.0 for name in allowed},
    }
    for key, symbol in PRODUCTS.items():
        masses[f"{key}_in_concentrates"] = {
            group_of(name, group): part[symbol]
            for name, basket in allowed.items()
            for group, part in basket.products.items()
            if symbol in part
        }
    rows += [row({total: 1.0} | _times(parts, -1.0), 0.0, 0.0) for total, parts in masses.items()]
    return Statement(
        hypothesis.name, "concentrates", hypothesis.says, tuple(it for it in rows if it.terms)
    )


def parent_of(basket: str) -> str:
    """Name of the oxide mass of a basket before any cut [t/y]."""
    return f"{basket}: parent REO"


def gross_of(basket: str) -> str:
    """Name of the gross mass that is shipped of a basket [t/y]."""
    return f"{basket}: gross"


def group_of(basket: str, group: str) -> str:
    """Name of the oxide mass of a group that is left of a basket after the cut [t/y]."""
    return f"{basket}: {group if group != REST else 'Sm-Lu'}"


def rows_of(statements: Iterable[Statement]) -> list[Row]:
    """All rows of some statements."""
    return [it for statement in statements for it in statement.rows]


def _shares(of: Terms, per: Terms, low: float, high: float) -> tuple[Row, ...]:
    """``low x per <= of <= high x per``; one equation where the ends meet."""
    if low == high:
        return (row(_added([of, _times(per, -low)]), 0.0, 0.0),)
    found = []
    if math.isfinite(low):
        found.append(row(_added([of, _times(per, -low)]), low=0.0))
    if math.isfinite(high):
        found.append(row(_added([of, _times(per, -high)]), high=0.0))
    return tuple(found)


def _times(terms: Mapping[str, float], factor: float) -> Terms:
    return {name: factor * it for name, it in terms.items()}


def _added(parts: Iterable[Mapping[str, float]]) -> Terms:
    total: Terms = {}
    for part in parts:
        for name, factor in part.items():
            total[name] = total.get(name, 0.0) + factor
    return total
