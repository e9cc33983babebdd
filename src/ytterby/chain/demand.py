"""What customers ask for: tonnes of a material by month, from whom they would take it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from ytterby.chain.months import written
from ytterby.chain.network import Cited
from ytterby.chain.rules import Rule
from ytterby.errors import DataError, Fault


@dataclass(frozen=True)
class Demand:
    """One demand line; DataError if it asks for less than nothing."""

    name: str
    customer: str
    country: str
    """Where it is delivered, ISO 3166 alpha-3."""
    customer_class: str
    """Who must have qualified the maker: automotive, wind, defence, electronics, ...; "" needs nobody."""
    material: str
    """Usually a finished magnet of a grade."""
    tonnes: Mapping[int, float]
    """Due in each month [t]."""
    instead: tuple[str, ...] = ()
    """Materials that the customer takes as well, such as the same grade made another way."""
    rules: tuple[Rule, ...] = ()
    application: str = ""
    units: float | None = None
    """Vehicles or megawatts that the whole is for; None if not said."""
    unit_name: str = ""
    """What ``units`` counts: vehicle, MW, ..."""
    priority: float = 1.0
    """Weight of a tonne short against that of other lines."""
    stock: float = 0.0
    """Of the material, held by the customer at the start [t]."""
    cited: Cited = field(default_factory=Cited)

    def __post_init__(self) -> None:
        where = f"demand {self.name}"
        faults = [
            Fault(f"{where}, {written(month)}", f"{tonnes}", "tonnes, zero or more")
            for month, tonnes in self.tonnes.items()
            if not (math.isfinite(tonnes) and tonnes >= 0)
        ]
        if not (math.isfinite(self.priority) and self.priority > 0):
            faults.append(Fault(where, f"priority {self.priority}", "a weight above zero"))
        if not (math.isfinite(self.stock) and self.stock >= 0):
            faults.append(Fault(where, f"stock {self.stock} t", "zero or more tonnes"))
        if faults:
            raise DataError(faults)

    @property
    def total(self) -> float:
        """Over all months [t]."""
        return math.fsum(self.tonnes.values())
