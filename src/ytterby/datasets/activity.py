"""Activity of natural uranium and thorium, from half-lives and atomic weights.

Each series is named by its parent and counted as the activity of that parent, as limits on materials of
natural origin are; daughters in equilibrium have the same activity each. Half-lives and isotopic abundances
stand in the topic ``impacts``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from ytterby.datasets.process import impact
from ytterby.elements import element
from ytterby.errors import DataError, Fault, nearest
from ytterby.quantities import quoted

SERIES: Mapping[str, str] = MappingProxyType({"U-238": "U", "Th-232": "Th"})
"""Element by series."""
AVOGADRO = 6.02214076e23
"""[1/mol], exact by the definition of the mole."""


@cache
def specific_activity(series: str) -> float:
    """Activity of the parent of a series in a gram of its natural element [Bq/g]; 12,350 for U-238."""
    if series not in SERIES:
        raise DataError(
            Fault(
                where="series",
                read=quoted(series),
                expected="one of: " + ", ".join(SERIES),
                nearest=nearest(series, SERIES),
                next="name the parent of the series",
            )
        )
    symbol = SERIES[series]
    half_life = impact("radioactivity", "half_life", series).typical("second")
    share = impact("radioactivity", "isotopic_abundance", series).typical("1")
    grams_per_mole = element(symbol).atomic_weight * 1000.0
    return math.log(2.0) / half_life * share * AVOGADRO / grams_per_mole


@cache
def gate() -> float:
    """Activity of either series above which a solid is no longer exempt in the EU [Bq/g]."""
    limit = impact("regulated limit", "U-238 or Th-232 series clearance and exemption")
    return limit.typical("Bq/g")
