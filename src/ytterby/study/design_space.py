"""What a designed circuit does when one of its flows is not run as designed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ytterby.design.cut import DesignedCut
    from ytterby.design.response import Plan, Response

Array = NDArray[np.float64]
Flow = Literal["organic", "scrub liquor"]
POINTS = 7
"""Circuits solved on either side of the flow as designed."""
WIDEST: dict[Flow, float] = {"organic": 0.1, "scrub liquor": 0.3}
"""Largest relative change of a flow: about what carries a cut well away from its keys."""
VARIED: dict[Flow, str] = {"organic": "organic_flow", "scrub liquor": "scrub_h"}
"""Field of the operation that is varied; the scrub liquor keeps its acid, so its flow goes with its H+."""


@dataclass(frozen=True)
class Sweep:
    """A designed circuit at several values of one flow, all else as designed. Arrays over ``point``."""

    flow: Flow
    volume: Array
    """[m3/h], rising; a flow without steady state is left out."""
    as_designed: float
    """[m3/h]"""
    raffinate_wrong: Array
    """Of the raffinate's rare-earth moles [mol/mol]."""
    strip_wrong: Array
    """Of the strip liquor's rare-earth moles [mol/mol]."""
    light_lost: Array
    """Share of the light key that leaves with the strip liquor [mol/mol]."""
    heavy_lost: Array
    """Share of the heavy key that leaves with the raffinate [mol/mol]."""


def design_space(designed: DesignedCut) -> tuple[Sweep, ...]:
    """The designed circuit solved again around each of its two flows that decide the cut."""
    from ytterby.design.response import plan_of

    plan = plan_of(designed.task, designed.stages)[0]
    return tuple(_sweep(designed, plan, flow) for flow in WIDEST)


def _sweep(designed: DesignedCut, plan: Plan, flow: Flow) -> Sweep:
    from ytterby.design.response import Measures, Operation

    run = designed.run
    volume = run.organic_flow if flow == "organic" else run.scrub_h / run.scrub_acid
    index = Operation._fields.index(VARIED[flow])
    middle = designed.point.response
    # Close together near the design, where purities change by orders of magnitude.
    changes = WIDEST[flow] * (np.arange(1, POINTS + 1) / POINTS) ** 2
    found = [
        *reversed(_outward(middle, plan, index, np.log(1.0 - changes))),
        middle,
        *_outward(middle, plan, index, np.log(1.0 + changes)),
    ]
    factors = np.exp([response.operation[index] - middle.operation[index] for response in found])
    measures = Measures(*np.exp([response.measures for response in found]).T)
    return Sweep(
        flow=flow,
        volume=volume * factors,
        as_designed=volume,
        raffinate_wrong=np.asarray(measures.raffinate_wrong),
        strip_wrong=np.asarray(measures.strip_wrong),
        light_lost=np.asarray(measures.light_lost),
        heavy_lost=np.asarray(measures.heavy_lost),
    )


def _outward(middle: Response, plan: Plan, index: int, changes: Array) -> list[Response]:
    """Responses with one logarithm of the operation changed, each followed from the one before."""
    from ytterby.design.response import respond

    near, found = middle, []
    for change in changes:
        operation = middle.operation.copy()
        operation[index] += change
        response = respond(operation, plan, near) or respond(operation, plan)
        if response is not None:
            near = response
            found.append(response)
    return found
