"""One compiled shape for circuits of many sizes, so that a file of tests compiles once.

Padding changes no number; that is a law of its own, tested where the sizes stand as shipped.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ytterby.circuit import network
from ytterby.circuit import solve as solving


def padded_to(
    patch: pytest.MonkeyPatch, stages: int, elements: int, takes: Sequence[int] = network.TAKE_SIZES
) -> None:
    """Until ``patch`` is undone, pad every circuit to so many stages, elements and takes, and 8 inlets."""
    patch.setattr(network, "STAGE_SIZES", (stages,))
    patch.setattr(network, "INLET_SIZES", (8,))
    patch.setattr(network, "TAKE_SIZES", tuple(takes))
    for room in (network, solving):
        patch.setattr(room, "ELEMENT_SIZES", (elements,))
