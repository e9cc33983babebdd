"""Streams: a volume flow with what is dissolved in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ytterby.elements import element

Phase = Literal["aqueous", "organic"]


@dataclass(frozen=True)
class Stream:
    """One liquor or organic; metals by element symbol."""

    name: str
    phase: Phase
    flow: float
    """Volume flow [m3/h]."""
    metals: Mapping[str, float]
    """Concentrations [mol/m3]."""
    acid: float | None = None
    """[H+] of an aqueous stream [mol/m3]."""

    def moles(self, symbol: str) -> float:
        """Flow of one element [mol/h]."""
        return self.flow * self.metals.get(symbol, 0.0)

    def oxide(self, symbol: str) -> float:
        """Flow of one element as its oxide as traded [kg/h]."""
        return self.moles(symbol) * element(symbol).oxide_molar_mass

    def treo(self) -> float:
        """Flow of all rare earths as oxides, TREO [kg/h]."""
        return sum(self.oxide(symbol) for symbol in self.metals if is_rare_earth(symbol))

    def purity_reo(self, symbol: str) -> float:
        """Share of one rare earth in the stream's TREO, by mass [-]; nan without rare earths."""
        treo = self.treo()
        return self.oxide(symbol) / treo if treo > 0 else float("nan")


def is_rare_earth(symbol: str) -> bool:
    """Whether an element counts in TREO; Sc does."""
    return element(symbol).kind == "rare earth"
