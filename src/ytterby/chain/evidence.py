"""What is known of each facility at each stage, by dated rows; a grade is computed from them, never set."""

from __future__ import annotations

from dataclasses import dataclass, field

from ytterby.chain.network import Cited

KINDS: tuple[str, ...] = ("announced", "financed", "built", "produced", "reproducible", "qualified")
"""What a row can show, weakest first: said; paid for; built; made once; made again on
specification; accepted by a named class of customers."""


@dataclass(frozen=True)
class Evidence:
    """One dated row."""

    facility: str
    stage: str
    kind: str
    """One of ``KINDS``."""
    month: int | None
    """When it happened or was reported; None where the source gives no date."""
    what: str
    customer_class: str = ""
    """Of `qualified`: automotive, wind, defence, electronics, ...; empty where the source names no class."""
    material: str = ""
    """Which product it is about, e.g. Dy_oxide; empty: all of the stage."""
    cited: Cited = field(default_factory=Cited)
