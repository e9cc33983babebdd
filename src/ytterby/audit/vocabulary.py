"""Quantities of every plant: their names, units and what they are the sum of."""

from __future__ import annotations

from collections.abc import Mapping

PRODUCTS: Mapping[str, str] = {"nd": "Nd", "pr": "Pr", "dy": "Dy", "tb": "Tb"}
"""Rare earths that the plant sells apart, by the prefix of their quantities."""
PAIRS: Mapping[str, tuple[str, ...]] = {"ndpr": ("nd", "pr"), "dytb": ("dy", "tb")}

ELEMENTS: Mapping[str, str] = {
    f"{key}_from_{feed}": symbol
    for key, symbol in PRODUCTS.items()
    for feed in ("magnets", "concentrates")
} | {f"{key}_in_concentrates": symbol for key, symbol in PRODUCTS.items()}
"""Element of each quantity that weighs the oxide of one."""

SUMS: Mapping[str, tuple[str, ...]] = {
    **{f"{key}_out": (f"{key}_from_magnets", f"{key}_from_concentrates") for key in PRODUCTS},
    **{
        f"{pair}_{kind}": tuple(f"{key}_{kind}" for key in keys)
        for pair, keys in PAIRS.items()
        for kind in ("out", "from_magnets", "from_concentrates", "in_concentrates")
    },
    "four_oxides_out": ("ndpr_out", "dytb_out"),
    "oxides_out": ("four_oxides_out", "other_oxides_out"),
    "recycled_oxides_out": ("ndpr_from_magnets", "dytb_from_magnets"),
    "recycled_dytb_out": ("dytb_from_magnets",),
}
"""What a quantity is the sum of; all others are unknowns of the balance."""

PLAIN: tuple[str, ...] = (
    *ELEMENTS,
    *("magnets_in", "concentrates_in", "other_oxides_out", "treo_in_concentrates", "parent_reo"),
)
"""Unknowns of the balance that a claim may be about, besides sums of them [t/y]."""

PLANT: tuple[str, ...] = (*PLAIN, *SUMS)
"""All quantities of a plant that a claim may be about."""
UNITS: Mapping[str, str] = dict.fromkeys(PLANT, "t/y")
