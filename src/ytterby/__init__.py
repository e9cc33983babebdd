"""Rare-earth solvent extraction: circuits solved from chemistry, flows and equipment.

    import ytterby as yt

    case = yt.read("tb-dy.toml")
    study = yt.run(case)
    study.circuits["tb-dy"].recovery("Tb", "raffinate")

Names are imported when they are first used, so that `import ytterby` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ytterby.case import Case as Case
    from ytterby.case import read as read
    from ytterby.circuit.solve import solve_circuit as solve_circuit
    from ytterby.study.run import Study as Study
    from ytterby.study.run import run as run

__version__ = "0.1.0"

_ROOMS = {
    "Case": "ytterby.case",
    "read": "ytterby.case",
    "solve_circuit": "ytterby.circuit.solve",
    "Study": "ytterby.study.run",
    "run": "ytterby.study.run",
}


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        raise AttributeError(f"module 'ytterby' has no attribute {name!r}")
    return getattr(import_module(_ROOMS[name]), name)


def __dir__() -> list[str]:
    return [*_ROOMS, "__version__"]
