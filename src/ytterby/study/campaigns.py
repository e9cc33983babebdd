"""Campaigns over a year: a plant in several steady states, its circuits of one design, sums by the year.

What starting, stopping and rinsing between two campaigns takes is left out, and so is what one leaves in the
circuits for the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from ytterby.case.plants import PlantPlan
from ytterby.flowsheet import solve_flowsheet
from ytterby.materials import Flow, mixed
from ytterby.study.plant import Keep, PlantStudy, Progress, studied
from ytterby.unitops import Equipment, Operation, SolventExtraction, StoredCut


@dataclass(frozen=True)
class YearlyEnergy:
    """What units take over the year beside reagents."""

    electricity: float
    """[kWh]"""
    fuel: float
    """Heat from fuel [kWh]."""
    steam: float
    """[kg]"""
    work: float
    """Hours of people."""


@dataclass(frozen=True)
class CampaignsStudy:
    """A plant whose year is made of campaigns."""

    plan: PlantPlan
    studies: Mapping[str, PlantStudy]
    """By campaign; flows are those of an hour of it."""

    @property
    def hours(self) -> float:
        """Of all campaigns [h]."""
        return sum(it.hours for it in self.studies.values())

    def products(self) -> dict[str, Flow]:
        """What is sold over the year, by product [mol]."""
        return {
            product.end: mixed(
                sold.flow.scaled(study.hours)
                for study in self.studies.values()
                for sold in study.products
                if sold.product.end == product.end
            )
            for product in self.plan.products
        }

    def reagents(self) -> dict[str, float]:
        """What is bought over the year, by reagent [kg]."""
        found: dict[str, float] = {}
        for study in self.studies.values():
            for name, flow in study.balance.bought().items():
                found[name] = found.get(name, 0.0) + flow.mass() * study.hours
        return found

    def energy(self) -> YearlyEnergy:
        """What all units take over the year."""
        taken = [
            (study.hours, drivers)
            for study in self.studies.values()
            for drivers in study.drivers.values()
        ]
        return YearlyEnergy(
            electricity=sum(hours * it.electricity for hours, it in taken),
            fuel=sum(hours * it.fuel for hours, it in taken),
            steam=sum(hours * it.steam for hours, it in taken),
            work=sum(hours * it.posts for hours, it in taken),
        )

    def recovery(self, symbol: str) -> float:
        """Share of an element fed over the year that leaves in products [-]; nan if it is not fed."""
        fed = sum(
            study.hours * flow.of(symbol)
            for study in self.studies.values()
            for flow in study.plan.flowsheet.feeds.values()
        )
        sold = sum(flow.of(symbol) for flow in self.products().values())
        return sold / fed if fed > 0.0 else float("nan")

    def equipment(self) -> dict[str, tuple[tuple[Equipment, str], ...]]:
        """By unit each item as the campaign needs it that needs most of it, with that campaign."""
        found: dict[str, dict[str, tuple[Equipment, str]]] = {}
        for campaign, study in self.studies.items():
            for unit, items in study.equipment.items():
                most = found.setdefault(unit, {})
                for it in items:
                    had = most.get(it.item)
                    if had is None or it.number * it.size > had[0].number * had[0].size:
                        most[it.item] = it, campaign
        return {unit: tuple(items.values()) for unit, items in found.items() if items}

    def organic(self) -> dict[str, tuple[float, str]]:
        """By unit the organic of the campaign that holds most of it [m3], with that campaign."""
        found: dict[str, tuple[float, str]] = {}
        for campaign, study in self.studies.items():
            for unit, held in study.inventories.items():
                if held.organic > found.get(unit, (0.0, ""))[0]:
                    found[unit] = held.organic, campaign
        return found

    def only(self, campaign: str) -> CampaignsStudy:
        """The same with one campaign alone."""
        return replace(self, studies={campaign: self.studies[campaign]})

    def idle(self, campaign: str) -> tuple[str, ...]:
        """Circuits with nothing to part in a campaign."""
        study = self.studies[campaign]
        return tuple(
            unit.name
            for unit in study.balance.flowsheet.operations
            if isinstance(unit, SolventExtraction) and not study.balance.units[unit.name].details
        )

    @property
    def designs(self) -> dict[str, StoredCut]:
        """Of the circuits that part something in some campaign, by unit."""
        return {
            unit: design
            for study in self.studies.values()
            for unit, design in study.designs.items()
        }


def run_campaigns(
    plan: PlantPlan,
    redesign: bool = False,
    progress: Progress = lambda text: None,
    known: Mapping[str, StoredCut] = MappingProxyType({}),
    keep: Keep = lambda unit, design: None,
) -> CampaignsStudy:
    """Every campaign of a plan solved; arguments and errors as those of `run_plant`.

    A circuit that must be designed has the design of the campaign with most to load. That is known only when
    all have run: those that ran with another one are run again.
    """
    designer = _Designer(redesign, progress, keep, dict(known))
    studies = {it.name: designer.run(plan, it.name) for it in plan.campaigns}
    for name, study in studies.items():
        if any(designer.designs.get(unit, it) != it for unit, it in study.designs.items()):
            studies[name] = designer.run(plan, name, settled=True)
    return CampaignsStudy(plan, studies)


@dataclass
class _Designer:
    """Designs circuits on the way, once for all campaigns."""

    redesign: bool
    progress: Progress
    keep: Keep
    designs: dict[str, StoredCut]
    """Made so far, by unit."""

    def run(self, plan: PlantPlan, campaign: str, settled: bool = False) -> PlantStudy:
        """One campaign; with ``settled`` no design is made any more."""
        during = plan.during(next(it for it in plan.campaigns if it.name == campaign))

        def prepare(unit: Operation, arriving: Mapping[str, Flow]) -> Operation:
            if not isinstance(unit, SolventExtraction) or (unit.design and not self.redesign):
                return unit
            made = self.designs.get(unit.name)
            if made and (settled or unit.loaded(arriving["feed"]) <= made.loaded):
                return replace(unit, design=made)
            designed = unit.designed(arriving, lambda text: self.progress(f"{unit.name}: {text}"))
            if designed.design:
                self.designs[unit.name] = designed.design
                self.keep(unit.name, designed.design)
            return designed

        return studied(during, solve_flowsheet(during.flowsheet, self.progress, prepare))
