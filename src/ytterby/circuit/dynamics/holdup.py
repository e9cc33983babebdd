"""How much the equipment of a circuit holds: mixers, the two phases of settlers, the organic tank."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

from ytterby.errors import CaseError, Fault
from ytterby.quantities import show


@dataclass(frozen=True)
class Hold:
    """What one vessel holds, as a residence time or as a volume."""

    amount: float
    """[h] or [m3]."""
    by: Literal["time", "volume"] = "time"

    def __str__(self) -> str:
        if not math.isfinite(self.amount):
            return str(self.amount)
        return show(self.amount, self.by, "min" if self.by == "time" else "m3", digits=4)


MIXER = Hold(5.0 / 60.0)
"""Typical per stage (INVESTOR14); a usual range is 3 to 8 min (X95, recalled)."""
SETTLER = Hold(4.5 * 5.0 / 60.0)
"""A settler of 4.5 mixers (ETR22, a cell of 1 m3 with a settler of 4.5 m3), both phases for equally long."""
NONE = Hold(0.0)


@dataclass(frozen=True)
class HoldUp:
    """What every stage of a circuit holds, and the tank on the way back of its organic.

    Residence times are turned into volumes at the flows before any event. Settlers and the tank keep that
    volume; a mixer keeps its residence time.
    """

    mixer: Hold = field(default=MIXER)
    """Both phases in the ratio of their flows, so a volume is that of the emulsion."""
    organic_settler: Hold = field(default=SETTLER)
    aqueous_settler: Hold = field(default=SETTLER)
    organic_tank: Hold = field(default=NONE)
    """Between the last stage and stage 1 of a closed organic, well mixed."""

    def __post_init__(self) -> None:
        """CaseError for a mixer that holds nothing, or a vessel that holds less."""
        parts = (
            ("mixer", self.mixer, self.mixer.amount > 0.0, "above 0"),
            (
                "organic_settler",
                self.organic_settler,
                self.organic_settler.amount >= 0.0,
                "0 or more",
            ),
            (
                "aqueous_settler",
                self.aqueous_settler,
                self.aqueous_settler.amount >= 0.0,
                "0 or more",
            ),
            ("organic_tank", self.organic_tank, self.organic_tank.amount >= 0.0, "0 or more"),
        )
        faults = [
            Fault(f"hold-up, {name}", str(hold), f"{expected}, and finite")
            for name, hold, good, expected in parts
            if not (good and math.isfinite(hold.amount))
        ]
        if faults:
            raise CaseError(faults)

    def in_words(self) -> tuple[str, ...]:
        """What it holds, and where that is from if it was not given."""
        parts = (
            ("mixers", self.mixer, MIXER, "typical per stage, INVESTOR14"),
            ("settlers, organic", self.organic_settler, SETTLER, "4.5 mixers, ETR22"),
            ("settlers, aqueous", self.aqueous_settler, SETTLER, "4.5 mixers, ETR22"),
            ("organic tank", self.organic_tank, NONE, "none"),
        )
        return tuple(
            f"{what}: {hold}" + (f" ({known})" if hold == usual else "")
            for what, hold, usual, known in parts
            if hold != NONE
        )

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of the usual numbers that were taken."""
        settlers = (self.organic_settler, self.aqueous_settler)
        keys = ["INVESTOR14"] if self.mixer == MIXER else []
        return (*keys, *(["ETR22"] if SETTLER in settlers else []))
