"""Reactions: written as who becomes what, their coefficients follow from the formulas.

reaction("Pr6O11 + H+ -> Pr+3 + H2O + O2")     # 1, 18 -> 6, 9, 1
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from ytterby.errors import DataError, Fault
from ytterby.materials.species import species


@dataclass(frozen=True)
class Reaction:
    """A balanced reaction."""

    text: str
    coefficients: Mapping[str, float]
    """Moles of each species per mole of the first reactant; what is used up is negative."""

    def per(self, name: str) -> Mapping[str, float]:
        """Coefficients per mole of one of its species that is used up."""
        by = -self.coefficients[name]
        return {other: count / by for other, count in self.coefficients.items()}


@cache
def reaction(text: str) -> Reaction:
    """The reaction of a text such as ``Nd2O3 + H+ -> Nd+3 + H2O``, balanced in every atom and in charge.

    DataError if no coefficients balance it, or more than one set does.
    """
    left, arrow, right = text.partition(" -> ")
    reactants, products = (
        [name.strip() for name in side.split(" + ") if name.strip()] for side in (left, right)
    )
    names = [*reactants, *products]
    if not (arrow and reactants and products) or len(set(names)) < len(names):
        raise _unbalanced(text, "something else", "reactants -> products, each named once")
    found = _null_vectors([_column(name) for name in names])
    if len(found) != 1:
        many = f"{len(found)} independent ways to balance it" if found else "no way to balance it"
        raise _unbalanced(text, many, "species whose atoms and charges fix the coefficients")
    shares = [-value / found[0][0] for value in found[0]]
    coefficients = {name: float(share) for name, share in zip(names, shares, strict=True)}
    wrong = [name for name in reactants if coefficients[name] >= 0]
    wrong += [name for name in products if coefficients[name] <= 0]
    if wrong:
        raise _unbalanced(text, f"{', '.join(wrong)} on the wrong side", "used up on the left")
    return Reaction(text, coefficients)


def _column(name: str) -> Mapping[str, int]:
    """Atoms of a species, and its charge."""
    known = species(name)
    return {**known.atoms, "charge": known.charge}


def _null_vectors(columns: Sequence[Mapping[str, int]]) -> list[list[Fraction]]:
    """Independent combinations of the columns that are zero in every row, exactly."""
    kinds = list(dict.fromkeys(kind for column in columns for kind in column))
    rows = [[Fraction(column.get(kind, 0)) for column in columns] for kind in kinds]
    pivots: list[int] = []
    for place in range(len(columns)):
        depth = len(pivots)
        below = [number for number in range(depth, len(rows)) if rows[number][place]]
        if not below:
            continue
        rows[depth], rows[below[0]] = rows[below[0]], rows[depth]
        rows[depth] = [value / rows[depth][place] for value in rows[depth]]
        for number, row in enumerate(rows):
            if number != depth and row[place]:
                by = row[place]
                rows[number] = [one - by * two for one, two in zip(row, rows[depth], strict=True)]
        pivots.append(place)
    found = []
    for free in (place for place in range(len(columns)) if place not in pivots):
        vector = [Fraction(0)] * len(columns)
        vector[free] = Fraction(1)
        for depth, place in enumerate(pivots):
            vector[place] = -rows[depth][free]
        found.append(vector)
    return [vector for vector in found if vector[0]] if len(found) == 1 else found


def _unbalanced(text: str, read: str, expected: str) -> DataError:
    next = "name every species that takes part, water, gases and ions among them"
    return DataError(Fault(f"reaction {text}", read, expected, next=next))
