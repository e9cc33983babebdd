"""A whole plant: circuits designed or as stored, the flowsheet solved, products judged by their grades."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from ytterby.case.plants import PlantPlan, Product
from ytterby.case.stored import StoredDesigns, read_designs_file
from ytterby.datasets.process import Parameter
from ytterby.datasets.products import Judged, judge, specification
from ytterby.elements import RARE_EARTHS, element
from ytterby.flowsheet import PlantBalance, solve_flowsheet
from ytterby.materials import Flow
from ytterby.unitops import (
    Drivers,
    Equipment,
    Inventory,
    Operation,
    SolventExtraction,
    StoredCut,
)

Progress = Callable[[str], None]
"""Told what is being worked on."""
Keep = Callable[[str, StoredCut], None]
"""Told a unit and the design just made for it."""
IMPURITIES = ("Fe", "Al", "Ca", "Mg", "Na", "Th", "U", "Co", "Ni", "Cu", "Mn", "Zn")
"""Elements that the calculation follows into products."""


@dataclass(frozen=True)
class SoldProduct:
    """What leaves to be sold, with how it stands to its specification."""

    product: Product
    flow: Flow
    judged: tuple[Judged, ...]

    @property
    def meets(self) -> bool | None:
        """False if a limit is missed; None if none is but some are not known; else True."""
        verdicts = [it.met for it in self.judged if it.limit.binds]
        if False in verdicts:
            return False
        return None if None in verdicts else True


@dataclass(frozen=True)
class PlantStudy:
    """A plant and what came of it; flows are those of an hour of operation."""

    plan: PlantPlan
    balance: PlantBalance
    products: tuple[SoldProduct, ...]
    equipment: Mapping[str, tuple[Equipment, ...]]
    """By unit."""
    drivers: Mapping[str, Drivers]
    """By unit."""
    inventories: Mapping[str, Inventory]
    """By unit that holds something."""
    designs: Mapping[str, StoredCut]
    """Of the circuits that part something, by unit."""
    settings: Mapping[str, Mapping[str, Parameter]]
    """Numbers that the units rest on, by unit and key."""
    sources: tuple[str, ...]

    @property
    def hours(self) -> float:
        """Of operation a year [h]."""
        return self.plan.hours

    def recovery(self, symbol: str) -> float:
        """Share of an element fed that leaves in products [-]; nan if it is not fed."""
        fed = sum(flow.of(symbol) for flow in self.plan.flowsheet.feeds.values())
        sold = sum(it.flow.of(symbol) for it in self.products)
        return sold / fed if fed > 0.0 else float("nan")


def run_plant(
    plan: PlantPlan,
    redesign: bool = False,
    progress: Progress = lambda text: None,
    known: Mapping[str, StoredCut] = MappingProxyType({}),
    keep: Keep = lambda unit, design: None,
) -> PlantStudy:
    """The plant solved; circuits without a stored design, or all with ``redesign``, are designed on the way.

    Units of ``known`` take their design from it; ``keep`` is told every design that is made, at once.
    ConvergenceError where a circuit or a loop has no solution, BalanceError where the plant does not close,
    CaseError or DataError where a unit refuses what arrives.
    """

    def prepare(unit: Operation, arriving: Mapping[str, Flow]) -> Operation:
        if not isinstance(unit, SolventExtraction):
            return unit
        if unit.name in known:
            return replace(unit, design=known[unit.name])
        if unit.design and not redesign:
            return unit
        made = unit.designed(arriving, lambda text: progress(f"{unit.name}: {text}"))
        if made.design:
            keep(unit.name, made.design)
        return made

    balance = solve_flowsheet(plan.flowsheet, progress, prepare)
    return studied(plan, balance)


def stored_designs(
    plan: PlantPlan, designs: Mapping[str, StoredCut], file: Path | None = None
) -> StoredDesigns:
    """The designs of a ``file``, with those given in place of their medium's.

    Of the plant's own file where no other is given, or that one is not there yet.
    """
    known = file if file and file.exists() else plan.designs_file
    stored = read_designs_file(known) if known else StoredDesigns({})
    return stored.with_medium(plan.medium, designs)


def studied(plan: PlantPlan, balance: PlantBalance) -> PlantStudy:
    """A solved plant with its products judged, its equipment sized and its energy counted."""
    units = balance.flowsheet.by_name
    inventories = {name: unit.inventory(balance.units[name]) for name, unit in units.items()}
    settings = {name: unit.settings for name, unit in units.items() if unit.settings}
    return PlantStudy(
        plan=plan,
        balance=balance,
        products=tuple(_sold(it, balance) for it in plan.products),
        equipment={name: unit.equipment(balance.units[name]) for name, unit in units.items()},
        drivers={name: unit.drivers(balance.units[name]) for name, unit in units.items()},
        inventories={
            name: held for name, held in inventories.items() if held.organic or held.metals
        },
        designs={
            name: unit.design
            for name, unit in units.items()
            if isinstance(unit, SolventExtraction) and unit.design and balance.units[name].details
        },
        settings=settings,
        sources=_sources(plan, balance),
    )


def _sold(product: Product, balance: PlantBalance) -> SoldProduct:
    """A product with its oxides weighed and held against its grade."""
    flow = balance.leaving(product.kind)[product.end]
    treo, mass = flow.treo(), flow.mass()
    if not treo > 0.0:
        return SoldProduct(product, flow, ())
    shares = {symbol: flow.oxide(symbol) / treo for symbol in RARE_EARTHS}
    impurities = {
        symbol: flow.of(symbol) * element(symbol).atomic_weight / mass for symbol in IMPURITIES
    }
    grade = specification(product.product, product.grade)
    return SoldProduct(product, flow, judge(shares, treo / mass, grade, impurities))


def _sources(plan: PlantPlan, balance: PlantBalance) -> tuple[str, ...]:
    """Keys of everything that the numbers rest on."""
    told = [getattr(unit.details, "sources", ()) for unit in balance.units.values()]
    keys = {*plan.sources, *(key for sources in told for key in sources)}
    return tuple(sorted(keys, key=str.casefold))
