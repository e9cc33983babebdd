"""Sintered magnets from alloy, and diffusion of heavy rare earths along their grain boundaries.

Every step keeps a share of its mass; what it rejects leaves as scrap, what machining cuts off as swarf, both
of the alloy's composition. Hydrogen taken up for decrepitation is driven off again. Diffusion adds the share
of a source that enters. Superfines richer in rare earths, oxidation, coolant and coating are neglected.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from ytterby.materials import Flow, species
from ytterby.unitops.assumptions import posts
from ytterby.unitops.contract import Balance, Drivers, Equipment, Operation, Setting, assumed
from ytterby.unitops.downstream import DownstreamSetting, kilograms, require_metal
from ytterby.unitops.reagents import drawn

BEFORE_MACHINING = ("decrepitation", "milling", "pressing", "sintering")


@dataclass(frozen=True, kw_only=True)
class MagnetMaking(Operation):
    """Decrepitation, jet milling, pressing in a field, sintering, machining."""

    KIND: ClassVar[str] = "magnet making"
    INLETS: ClassVar[Mapping[str, str]] = {"alloy": "flakes"}
    OUTLETS: ClassVar[Mapping[str, str]] = {
        "magnets": "machined, not coated",
        "swarf": "what machining cuts off",
        "scrap": "rejects before machining",
        "gas": "hydrogen",
    }
    SETTINGS: ClassVar[Mapping[str, Setting]] = {
        "decrepitation": DownstreamSetting(
            "mass kept", "hydrogen_decrepitation_alloy", "yield", "NdFeB flake"
        ),
        "milling": DownstreamSetting("mass kept", "jet_mill", "yield", "powder"),
        "pressing": DownstreamSetting("mass kept", "pressing", "yield", "green body"),
        "sintering": DownstreamSetting("mass kept", "sintering", "yield", "blank"),
        "machining": Setting(
            "mass kept", assumed=assumed(70.0, 60.0, 80.0, "%", "middle of the range of HIMAGNET")
        ),
        "hydrogen": DownstreamSetting(
            "hydrogen taken up, by mass", "hydrogen_decrepitation_alloy", "H2_uptake", "NdFeB flake"
        ),
        "milling_energy": DownstreamSetting("[kWh/kg]", "jet_mill", "electricity", "powder"),
        "sintering_energy": DownstreamSetting(
            "per blank [kWh/kg]", "sintering", "electricity", "blank"
        ),
        "machining_energy": Setting(
            "per magnet [kWh/kg]",
            assumed=assumed(3.0, 1.0, 8.0, "kWh/kg", "slicing and grinding of small parts"),
        ),
        "posts": posts(0.05, 0.02, 0.15, "for each kg/h of magnets: parts are handled by hand"),
    }

    def balance(self, inlets: Mapping[str, Flow]) -> Balance:
        """Magnets, swarf, scrap and the hydrogen driven off."""
        alloy = inlets["alloy"]
        require_metal(self.name, alloy)
        blanks, machined = self._blanks(), self.value("machining")
        hydrogen = self.value("hydrogen") * alloy.mass() / species("H2").molar_mass
        bought = drawn("hydrogen", hydrogen)
        solid = Flow("solid", alloy.amounts)
        return Balance(
            operation=self.name,
            inlets={"alloy": alloy},
            drawn={"hydrogen": bought} if hydrogen else {},
            outlets={
                "magnets": solid.scaled(blanks * machined),
                "swarf": solid.scaled(blanks * (1.0 - machined)),
                "scrap": solid.scaled(1.0 - blanks),
                "gas": bought,
            },
        )

    def _blanks(self) -> float:
        """Share of the alloy that reaches machining."""
        share = 1.0
        for step in BEFORE_MACHINING:
            share *= self.value(step)
        return share

    def equipment(self, balance: Balance) -> tuple[Equipment, ...]:
        """Milling, sintering and machining by what passes."""
        alloy = balance.inlets["alloy"].mass()
        if alloy == 0.0:
            return ()
        blanks = self._blanks() * alloy
        powder = self.value("decrepitation") * alloy
        return (
            Equipment("hydrogen furnace", 1, alloy, "kg/h", "flakes"),
            Equipment("jet mill", 1, powder, "kg/h", "coarse powder"),
            Equipment("field press", 1, powder * self.value("milling"), "kg/h", "powder"),
            Equipment("sintering furnace", 1, blanks, "kg/h", "blanks"),
            Equipment("machining", 1, blanks, "kg/h", "blanks"),
        )

    def drivers(self, balance: Balance) -> Drivers:
        """Electricity of milling, sintering and machining, and people by the magnets made."""
        alloy, made = balance.inlets["alloy"].mass(), balance.outlets["magnets"].mass()
        power = self.value("milling_energy") * self.value("decrepitation") * alloy
        power += self.value("sintering_energy") * self._blanks() * alloy
        power += self.value("machining_energy") * made
        return Drivers(electricity=power, posts=self.value("posts") * made)


@dataclass(frozen=True, kw_only=True)
class GrainBoundaryDiffusion(Operation):
    """Magnets coated with a heavy rare earth and annealed; what does not enter leaves as residue."""

    KIND: ClassVar[str] = "grain-boundary diffusion"
    INLETS: ClassVar[Mapping[str, str]] = {"magnets": "machined", "source": "Dy or Tb as metal"}
    OUTLETS: ClassVar[Mapping[str, str]] = {
        "magnets": "with heavy rare earth along their grain boundaries",
        "residue": "source that did not enter",
    }
    SETTINGS: ClassVar[Mapping[str, Setting]] = {
        "entering": DownstreamSetting(
            "share of the source that enters",
            "grain_boundary_diffusion",
            "source_utilisation",
            "Dy, Tb",
        ),
        "usual": DownstreamSetting(
            "heavy rare earth added, by mass", "grain_boundary_diffusion", "added_HRE", "Dy, Tb"
        ),
        "electricity": Setting(
            "coating and anneal [kWh/kg]",
            assumed=assumed(3.0, 1.0, 8.0, "kWh/kg", "8-24 h in vacuum, as long as sintering"),
        ),
        "posts": posts(0.02, 0.01, 0.1, "for each kg/h of magnets"),
    }

    def balance(self, inlets: Mapping[str, Flow]) -> Balance:
        """Magnets and residue; a note where more is added than the cited range holds."""
        magnets, source = inlets["magnets"], inlets["source"]
        for flow in (magnets, source):
            require_metal(self.name, flow)
        share = self.value("entering")
        taken = source.scaled(share)
        outlets = {
            "magnets": Flow("solid", magnets.amounts).plus(taken.amounts),
            "residue": Flow("solid", source.scaled(1.0 - share).amounts),
        }
        return Balance(
            operation=self.name,
            inlets={"magnets": magnets, "source": source},
            drawn={},
            outlets=outlets,
            notes=self._told(taken, magnets),
        )

    def _told(self, taken: Flow, magnets: Flow) -> tuple[str, ...]:
        added = sum(kilograms(taken, symbol) for symbol in taken.rare_earths())
        most = self.setting("usual").high
        if magnets.mass() == 0.0 or most is None:
            return ()
        percent = 100.0 * added / magnets.mass()
        if percent <= most:
            return ()
        return (f"adds {percent:.3g} % by mass, more than the {most:g} % that is usual",)

    def equipment(self, balance: Balance) -> tuple[Equipment, ...]:
        """One line by the magnets that pass."""
        made = balance.outlets["magnets"].mass()
        return (Equipment("diffusion line", 1, made, "kg/h", "magnets"),) if made else ()

    def drivers(self, balance: Balance) -> Drivers:
        """Electricity and people by the magnets that pass."""
        made = balance.outlets["magnets"].mass()
        return Drivers(
            electricity=self.value("electricity") * made, posts=self.value("posts") * made
        )
