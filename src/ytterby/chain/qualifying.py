"""From when on a maker may deliver to a customer: at once if its class accepted it, else once qualified."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from ytterby.chain.capacity import Standing
from ytterby.chain.demand import Demand
from ytterby.chain.grading import Graded
from ytterby.chain.leads import ANY, Leads, at, whole
from ytterby.chain.network import Network

Key = tuple[str, str]


def qualified(
    network: Network,
    grades: Mapping[Key, Graded],
    standings: Mapping[Key, Standing],
    demands: Iterable[Demand],
    leads: Leads,
    as_of: int,
    first: int,
    months: int,
) -> dict[Key, NDArray[np.float64]]:
    """Whether a facility may deliver to a demand line, by (facility, demand): 0 or 1, shape (months,).

    A maker that no row shows as accepted by the class begins its qualification when it is known or makes
    something, whichever is later, and needs the usual time of the class; where no time is known it never
    delivers. A demand without a class takes from every maker and has no entry.
    """
    found: dict[Key, NDArray[np.float64]] = {}
    for demand in (it for it in demands if it.customer_class):
        taken = {demand.material, *demand.instead}
        time = leads.qualification.get(demand.customer_class, leads.qualification.get(ANY))
        for line in network.lines.values():
            outputs = {it for name in line.recipes for it in network.recipes[name].outputs}
            standing = standings[line.key]
            if not taken & outputs or standing.state not in ("runs", "to start"):
                continue
            graded = grades.get((line.facility, line.stage))
            begins = as_of if standing.starts is None else max(as_of, standing.starts)
            if graded is not None and graded.qualified_for(demand.customer_class):
                begins = first
            elif time is None:
                continue
            else:
                begins += whole(at(time, "value"))
            allowed = (np.arange(first, first + months) >= begins).astype(float)
            key = line.facility, demand.name
            found[key] = np.maximum(found.get(key, 0.0), allowed)
    return found
