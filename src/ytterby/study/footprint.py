"""What a plant emits, draws and leaves behind: CO2 equivalent by origin, water, effluent, solids.

Gate to gate, with energy and reagents from their making on. Not counted: how feeds were mined, collected
and carried, freight, building, staff, what becomes of wastes and by-products elsewhere, water that cools or
washes.
Everything is laid on the products that are sold to a specification, by the mass of their rare-earth oxides;
by-products carry nothing and earn no credit. Flows are those of an hour of operation.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ytterby.datasets import cited
from ytterby.datasets.feeds import feed
from ytterby.datasets.process import (
    Parameter,
    emission_factor,
    emission_factors,
    impact,
    parameter,
)
from ytterby.errors import DataError
from ytterby.flowsheet import OUTSIDE
from ytterby.materials import Flow, species
from ytterby.materials.volumes import liquor_volume
from ytterby.study.plant import PlantStudy
from ytterby.study.tracing import FED_CARBONATES, ByOrigin, carbon_kind, traced_carbon
from ytterby.unitops import REAGENTS

REGION = "France"
"""Whose electricity is counted; the others stand beside it."""
SUPPLIES = "Europe"
"""Where reagents and fuel come from."""
WATER, CARBON_DIOXIDE = "H2O", "CO2"
CLEAN = 0.001
"""Share by mass of anything but water up to which an effluent is told as clean condensate."""
SALT = ("N", "Cl")
"""Elements of acids and bases that a salt sold takes along."""
POTENT = ("CF4", "C2F6")
"""Gases that are counted by their warming potential."""
CO2_OF = "CO2 of "
"""How the items begin that are carbon dioxide of the process; what it came from follows."""

Span = tuple[float, float, float]
"""Least, usual and most."""


@dataclass(frozen=True)
class Emission:
    """Greenhouse gas of one item."""

    origin: str
    """process, fuel, electricity, steam or reagents."""
    item: str
    amount: float
    """[kg/h], or [kW] of energy."""
    measure: str
    span: Span
    """CO2 equivalent [kg/h]; least and most by the range of the factor."""
    factor: Parameter | None
    """None where the gas itself was computed."""


@dataclass(frozen=True)
class Left:
    """What leaves that is neither sold to a specification nor a gas."""

    name: str
    kind: str
    state: str
    mass: float
    """[kg/h]"""
    water: float
    """[kg/h]"""
    volume: float | None
    """Of a liquor [m3/h]; None for others, or where a volume of a solute is not known."""
    dissolved: float
    """Of a liquor: all but water [kg/h]."""
    nitrogen: float
    """[kg/h]"""

    @property
    def dry(self) -> float:
        """Mass without water [kg/h]."""
        return self.mass - self.water

    @property
    def clean(self) -> bool:
        """Whether it is water but for traces."""
        return self.dry <= CLEAN * self.mass


@dataclass(frozen=True)
class Beside:
    """A published figure, and this plant's where the two compare."""

    published: Parameter
    ours: Span | None
    """In the published unit; None where they do not compare."""
    compares: str
    """Why, or why not."""


@dataclass(frozen=True)
class Footprint:
    """Totals of an hour of operation; divide by ``product_reo`` for what a kg of oxides stands for."""

    product_reo: float
    """Rare-earth oxides in all that is sold to a specification [kg/h]."""
    magnet_feed: float
    """Magnets fed, dry [kg/h]."""
    emissions: tuple[Emission, ...]
    uncounted: tuple[str, ...]
    """Reagents bought that no factor is known for."""
    grids: Mapping[str, Span]
    """All of it [kg/h CO2 equivalent] with the electricity of each region."""
    in_salt: Span
    """Of it, acids and bases as far as their nitrogen or chlorine leaves in by-products [kg/h CO2
    equivalent], which a buyer of the salt might be charged with."""
    carbon_in: ByOrigin
    """Carbon that enters, by origin [mol/h]."""
    carbon_out: Mapping[str, ByOrigin]
    """Carbon that leaves, by kind of what it leaves as and origin [mol/h]."""
    carbon_dioxide_returned: float
    """Drawn by units out of the plant's own [kg/h]."""
    water_bought: float
    """[kg/h]"""
    water_brought: float
    """With other reagents and with feeds [kg/h]."""
    water_left: Mapping[str, float]
    """Water as such by kind of what it leaves with [kg/h]."""
    steam: float
    """[kg/h]; where its water goes is not followed."""
    left: tuple[Left, ...]
    beside: tuple[Beside, ...]

    @property
    def total(self) -> Span:
        """CO2 equivalent [kg/h]; the ends take every factor at its end at once."""
        return summed(it.span for it in self.emissions)

    @property
    def carbon_dioxide(self) -> float:
        """Carbon dioxide that leaves by the stack, without that of fuel [kg/h]."""
        return math.fsum(it.amount for it in self.emissions if it.item.startswith(CO2_OF))

    @property
    def fuel(self) -> Span:
        """Carbon dioxide of fuel burned on the site [kg/h]."""
        return summed(it.span for it in self.emissions if it.item == "natural gas burned")

    def of(self, *kinds: str) -> tuple[Left, ...]:
        """What leaves as one of those kinds."""
        return tuple(it for it in self.left if it.kind in kinds)

    def per_oxide(self, value: float) -> float:
        """A flow per rare-earth oxides sold [kg/kg]; nan if none are."""
        return value / self.product_reo if self.product_reo > 0.0 else math.nan

    def per_magnet(self, value: float) -> float:
        """A flow per magnets fed [kg/kg]; nan if none are."""
        return value / self.magnet_feed if self.magnet_feed > 0.0 else math.nan

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of everything that it rests on beside the plant."""
        used = [it.factor for it in self.emissions if it.factor]
        others = [it for it in emission_factors("electricity")] if self.grids else []
        return cited([*used, *others, *(it.published for it in self.beside)])


def footprint(study: PlantStudy, region: str = REGION) -> Footprint:
    """The footprint of a solved plant with the electricity of a region; DataError if that is not known."""
    streams = study.balance.streams
    emissions, uncounted = _emissions(study, region)
    oxides = math.fsum(it.flow.treo() for it in study.products)
    leaving = [it for it in streams if it.target == OUTSIDE and it.flow.mass() > 0.0]
    entering = [it for it in streams if it.source == OUTSIDE]
    carbon_in, carbon_out = _carbon(study)
    made = Footprint(
        product_reo=oxides,
        magnet_feed=_magnets(study),
        emissions=tuple(emissions),
        uncounted=uncounted,
        grids=_grids(study, emissions),
        in_salt=_in_salt(study, emissions),
        carbon_in=carbon_in,
        carbon_out=carbon_out,
        carbon_dioxide_returned=_returned(study),
        water_bought=math.fsum(_water(it.flow) for it in entering if it.name == "water"),
        water_brought=math.fsum(_water(it.flow) for it in entering if it.name != "water"),
        water_left={
            kind: math.fsum(_water(it.flow) for it in leaving if it.kind == kind)
            for kind in dict.fromkeys(it.kind for it in leaving if it.kind)
        },
        steam=math.fsum(it.steam for it in study.drivers.values()),
        left=tuple(
            _left(it.name, str(it.kind), it.flow)
            for it in leaving
            if it.kind in ("by-product", "residue", "effluent")
        ),
        beside=(),
    )
    return _with_published(made)


def summed(spans: Iterable[Span]) -> Span:
    """All of them, end by end."""
    several = list(spans)
    low, usual, high = (math.fsum(it[place] for it in several) for place in range(3))
    return low, usual, high


def _emissions(study: PlantStudy, region: str) -> tuple[list[Emission], tuple[str, ...]]:
    """Lines of greenhouse gas, and reagents without factor."""
    drivers = study.drivers.values()
    fuel = math.fsum(it.fuel for it in drivers)
    power = math.fsum(it.electricity for it in drivers)
    steam = math.fsum(it.steam for it in drivers)
    found = [*_process(study)]
    found += [
        _by_factor("fuel", "natural gas burned", fuel, "kW", SUPPLIES),
        _by_factor("fuel", "natural gas supplied", fuel, "kW", SUPPLIES),
        _by_factor("electricity", "electricity", power, "kW", region),
        _by_factor("steam", "steam", steam, "kg/h", SUPPLIES),
    ]
    uncounted = []
    known = {it.step for it in emission_factors()}
    for name, flow in sorted(study.balance.bought().items()):
        mass = flow.mass() * REAGENTS[name].share
        if not mass > 0.0:
            continue
        if name in known:
            found.append(_by_factor("reagents", name, mass, "kg/h", SUPPLIES))
        else:
            uncounted.append(name)
    return [it for it in found if it.amount > 0.0], tuple(uncounted)


def _by_factor(origin: str, item: str, amount: float, measure: str, region: str) -> Emission:
    factor = emission_factor(item, region)
    return Emission(origin, item, amount, measure, _times(amount, factor), factor)


def _times(amount: float, factor: Parameter) -> Span:
    """An amount by both ends and the usual value of a factor."""
    low, usual, high = factor_span(factor)
    return amount * low, amount * usual, amount * high


def factor_span(factor: Parameter) -> Span:
    """A factor in its own unit; an end that is not known is the usual value."""
    usual = factor.typical(factor.unit)
    low = usual if factor.low is None else factor.low
    high = usual if factor.high is None else factor.high
    return low, usual, high


def _process(study: PlantStudy) -> list[Emission]:
    """Carbon dioxide of the stacks by what it came from, and other gases by their warming potential."""
    by_origin: dict[str, float] = {}
    for it in traced_carbon(study.balance):
        dioxide = it.stream.flow.moles(CARBON_DIOXIDE)
        if it.stream.kind != "emission" or not dioxide:
            continue
        others = _unburned(it.stream.flow)
        for origin, moles in it.by_origin.items():
            gas = (moles - others.get(origin, 0.0)) * species(CARBON_DIOXIDE).molar_mass
            by_origin[origin] = by_origin.get(origin, 0.0) + gas
    found = [
        Emission("process", f"{CO2_OF}{origin}", gas, "kg/h", (gas, gas, gas), None)
        for origin, gas in sorted(by_origin.items())
    ]
    gases = [it.flow for it in study.balance.streams if it.kind == "emission"]
    for name in POTENT:
        mass = math.fsum(flow.moles(name) for flow in gases) * species(name).molar_mass
        found.append(_by_factor("process", name, mass, "kg/h", "any"))
    return found


def _unburned(flow: Flow) -> dict[str, float]:
    """Carbon of a gas that is no carbon dioxide [mol/h], by kind."""
    found: dict[str, float] = {}
    for name, amount in flow.amounts.items():
        if amount and name != CARBON_DIOXIDE and (kind := carbon_kind(name)):
            found[kind] = found.get(kind, 0.0) + amount * species(name).atoms["C"]
    return found


def _in_salt(study: PlantStudy, emissions: Iterable[Emission]) -> Span:
    """Of acids and bases, the share of their nitrogen or chlorine bought that leaves in by-products."""
    lines = list(emissions)
    return summed(_carried(study, lines, symbol) for symbol in SALT)


def _carried(study: PlantStudy, lines: Iterable[Emission], symbol: str) -> Span:
    """Of reagents that bring an element, the share of it that leaves in by-products."""
    bought = {
        name: moles
        for name, flow in study.balance.bought().items()
        if name != "air" and (moles := flow.of(symbol)) > 0.0
    }
    if not bought:
        return 0.0, 0.0, 0.0
    sold = math.fsum(it.flow.of(symbol) for it in study.balance.streams if it.kind == "by-product")
    share = sold / math.fsum(bought.values())
    low, usual, high = summed(it.span for it in lines if it.item in bought)
    return share * low, share * usual, share * high


def is_fossil(origin: str) -> bool:
    """Whether carbon dioxide of an origin is told as fossil: all but that of carbonates fed."""
    return origin != FED_CARBONATES


def _grids(study: PlantStudy, emissions: Iterable[Emission]) -> dict[str, Span]:
    """All of it with the electricity of each region that a factor is known for."""
    rest = summed(it.span for it in emissions if it.origin != "electricity")
    power = math.fsum(it.electricity for it in study.drivers.values())
    return {it.scope: summed([rest, _times(power, it)]) for it in emission_factors("electricity")}


def _carbon(study: PlantStudy) -> tuple[ByOrigin, dict[str, ByOrigin]]:
    """Carbon that enters and leaves [mol/h], by origin."""
    came: dict[str, float] = {}
    went: dict[str, dict[str, float]] = {}
    for it in traced_carbon(study.balance):
        if it.stream.source == OUTSIDE:
            for origin, moles in it.by_origin.items():
                came[origin] = came.get(origin, 0.0) + moles
        if it.stream.target == OUTSIDE:
            by_origin = went.setdefault(str(it.stream.kind), {})
            for origin, moles in it.by_origin.items():
                by_origin[origin] = by_origin.get(origin, 0.0) + moles
    return came, {kind: by_origin for kind, by_origin in went.items() if by_origin}


def _returned(study: PlantStudy) -> float:
    """Carbon dioxide that units draw and nobody bought [kg/h]."""
    drawn = [
        it.drawn["carbon dioxide"]
        for it in study.balance.units.values()
        if "carbon dioxide" in it.drawn
    ]
    bought = study.balance.bought().get("carbon dioxide")
    return math.fsum(it.mass() for it in drawn) - (bought.mass() if bought else 0.0)


def _magnets(study: PlantStudy) -> float:
    """Magnets fed, dry [kg/h]."""
    return math.fsum(it.yearly * magnet_share(it.blend) / study.hours for it in study.plan.feeds)


def magnet_share(blend: Mapping[str, float]) -> float:
    """Share of a feed's dry mass that is magnets, of the share of each of its materials."""
    return math.fsum(share for name, share in blend.items() if is_magnet(name))


def is_magnet(material: str) -> bool:
    """Whether a material of the catalogue is magnets."""
    return feed(material).category.startswith("magnet")


def _water(flow: Flow) -> float:
    """Water as such [kg/h]."""
    return flow.moles(WATER) * species(WATER).molar_mass


def _left(name: str, kind: str, flow: Flow) -> Left:
    liquor = flow.state == "liquor"
    try:
        volume = liquor_volume(flow) if liquor else None
    except DataError:
        volume = None
    return Left(
        name=name,
        kind=kind,
        state=flow.state,
        mass=flow.mass(),
        water=_water(flow),
        volume=volume,
        dissolved=flow.mass() - _water(flow) if liquor else 0.0,
        nitrogen=flow.of("N") * species("N").molar_mass,
    )


# --- beside what is published


def _with_published(made: Footprint) -> Footprint:
    """With published figures of other routes, each compared or said why not."""
    tonnes = 1000.0
    effluent = math.fsum(it.volume or 0.0 for it in made.of("effluent"))
    salty = math.fsum(it.volume or 0.0 for it in made.of("effluent") if not it.clean)
    water = tuple(tonnes * made.per_oxide(it) for it in (salty, effluent, effluent))
    water_span: Span = (water[0], water[1], water[2])
    found = [
        Beside(
            parameter("effluent", "wastewater_volume"),
            water_span,
            "in part: per t of oxides, plant alone; theirs are chloride plants on ore without a closed loop, "
            "ours counts clean condensate (least: without) and not what leaves as by-product liquor",
        ),
        Beside(
            impact("ionic clays, China", "GWP", "cradle to mixed oxide"),
            None,
            "no: mine to mixed oxide, which is this plant's feed; it has no separation in it and would have "
            "to be added to ours",
        ),
        Beside(
            impact("Caremag recycling", "CO2 reduction claim"),
            None,
            "no: a saving against recyclers whose own figure is not published",
        ),
        Beside(
            impact("virgin NdFeB", "GWP", "cradle to magnet"),
            None,
            "no: per kg of magnet, with mine, metal and sintering",
        ),
        Beside(
            impact("recycled NdFeB, HPMS short loop", "GWP"),
            None,
            "no: per kg of magnet block; nothing is dissolved or separated",
        ),
        Beside(
            impact("Baotou hydrometallurgy", "wastewater"),
            None,
            "no: of a city in a year, without the oxides made",
        ),
    ]
    return replace(made, beside=tuple(found))
