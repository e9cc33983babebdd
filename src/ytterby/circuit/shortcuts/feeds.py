"""What every shortcut for several elements asks of its feed, and how it refuses one."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ytterby.errors import CaseError, Fault

Array = NDArray[np.float64]
Phase = Literal["aqueous", "organic"]


def refuse(where: str, read: str, expected: str, then: str = "") -> CaseError:
    """The CaseError of a shortcut that was asked for something that does not exist."""
    return CaseError(Fault(where, read, expected, next=then))


def share_between(value: float, low: float, high: float, what: str) -> float:
    """The number, if it lies between both ends and is neither; CaseError if not."""
    if not low < value < high:
        raise refuse(what, f"{value:g}", f"more than {low:g} and less than {high:g}")
    return float(value)


def both(value: float | tuple[float, float]) -> tuple[float, float]:
    """A number for both sides, or one for each."""
    return value if isinstance(value, tuple) else (value, value)


def arrays(flows: ArrayLike, factors: ArrayLike, where: str) -> tuple[Array, Array]:
    """Flows and factors as arrays over ``element``, least extracted first; CaseError if they are not."""
    fed, alpha = (np.asarray(values, dtype=np.float64) for values in (flows, factors))
    if fed.ndim != 1 or fed.shape != alpha.shape or fed.size < 2:
        read = f"shapes {fed.shape} and {alpha.shape}"
        raise refuse(where, read, "one flow and one factor for each of two or more elements")
    for name, values, least in (("flow", fed, 0.0), ("factor", alpha, np.nextafter(0.0, 1.0))):
        wrong = np.flatnonzero(~(np.isfinite(values) & (values >= least)))
        if wrong.size:
            bound = "0 or more" if name == "flow" else "more than 0"
            read = f"{name} {values[wrong[0]]:g} of element {wrong[0] + 1}"
            raise refuse(where, read, f"finite numbers, {bound}")
    falling = np.flatnonzero(np.diff(alpha) < 0)
    if falling.size:
        first = falling[0]
        read = f"factor {alpha[first + 1]:g} of element {first + 2} after {alpha[first]:g}"
        raise refuse(where, read, "least extracted element first", "sort the elements by factor")
    return fed, alpha


def keys_of(flows: Array, factors: Array, split: int, where: str) -> None:
    """Nothing if the elements on both sides of the split are there and can be told apart; else CaseError."""
    if not 1 <= split < flows.size:
        expected = f"1 to {flows.size - 1}, the elements that go to the raffinate"
        raise refuse(where, f"split {split}", expected)
    for key in (split - 1, split):
        if flows[key] == 0.0:
            raise refuse(
                where,
                f"no flow of element {key + 1}, a key of the split",
                "a flow of both elements next to the split",
                "leave absent elements out",
            )
    if not factors[split] > factors[split - 1]:
        raise refuse(
            where,
            f"factor {factors[split - 1]:g} of element {split} and of element {split + 1}",
            "a separation factor above 1 between the keys",
            "no number of stages separates them; split elsewhere or change the extractant",
        )
