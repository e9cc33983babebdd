"""Precipitation of rare earths from a liquor, as oxalates or as carbonates, with filtration and wash.

    2 M+3 + 3 H2C2O4 + 10 H2O -> M2(C2O4)3.10H2O + 6 H+
    2 M+3 + 6 NH4HCO3         -> M2(CO3)3 + 6 NH4+ + 3 CO2 + 3 H2O
    2 M+3 + 6 NH3 + 3 CO2 + 3 H2O -> M2(CO3)3 + 6 NH4+
    2 M+3 + 3 Na2CO3          -> M2(CO3)3 + 6 Na+

A share of each metal precipitates, by a recovery of its own. The cake keeps water, and of what is dissolved
what a countercurrent wash leaves in it. Solubility, crystal size and adsorption are not computed.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from ytterby.elements import SYMBOLS, element
from ytterby.errors import BalanceError, CaseError, Fault
from ytterby.materials import (
    Flow,
    Reaction,
    State,
    carbonate,
    hydroxide,
    ion,
    is_rare_earth,
    liquor_volume,
    mixed,
    oxalate,
    reaction,
    species,
)
from ytterby.unitops.assumptions import AGITATION, dry_mass, filters, posts, steam_to, tanks
from ytterby.unitops.contract import (
    Balance,
    Drivers,
    Equipment,
    Operation,
    Setting,
    assumed,
)
from ytterby.unitops.reagents import drawn

Precipitant = Literal["NH4HCO3", "NH3+CO2", "Na2CO3"]
WATER = "H2O"
FILTER_POWER = 0.3
"""Vacuum and drive of a belt filter, assumed [kW/m2]."""
HYDROLYSED = ("Al", "Fe", "Sc", "Th", "U")
"""Metals that carbonate precipitates as hydroxides."""
WITH_CARBONATE = ("Ca", "Mn", "Co", "Ni", "Cu", "Zn")
"""Divalent metals of which a share comes down as carbonate."""
CAKE: Mapping[str, Setting] = {
    "moisture": Setting(
        "water in the cake as it leaves the filter, by mass",
        assumed=assumed(30.0, 20.0, 40.0, "%", "wet cakes of 20-40 % go to calcination"),
    ),
    "wash_ratio": Setting(
        "wash water per water that the cake holds [1]",
        assumed=assumed(3.0, 1.5, 6.0, "1", "usual on belt filters"),
    ),
    "wash_stages": Setting(
        "countercurrent washes [1]", assumed=assumed(3.0, 1.0, 4.0, "1", "usual on belt filters")
    ),
    "filter_flux": Setting(
        "dry cake per filter area [kg/m2/h]",
        assumed=assumed(
            60.0, 20.0, 150.0, "kg/m2/h", "between fine carbonates and coarse oxalates"
        ),
    ),
    "agitation": AGITATION,
    "posts": posts(0.5, 0.25, 1.0, "one person for two lines"),
}


@dataclass(frozen=True)
class Route:
    """A precipitant of carbonates, and how acid and metals take it."""

    reagent: str
    bought: str
    """Species that it is bought as."""
    charges: float
    """Charges of metal or acid that a mole of it meets."""
    with_acid: str
    """What H+ reacts with, and becomes."""
    to_carbonate: str
    to_hydroxide: str
    dissolves: str = ""
    excess: str = ""
    """What becomes of what is left over, where it does not stay as it is."""
    gas: str = ""
    """Blown in beside it."""


ROUTES: Mapping[Precipitant, Route] = {
    "NH4HCO3": Route(
        reagent="ammonium bicarbonate",
        bought="NH4HCO3",
        charges=1.0,
        dissolves="NH4HCO3 -> NH4+ + HCO3-",
        with_acid="HCO3- -> CO2 + H2O",
        to_carbonate="HCO3- -> {} + CO2 + H2O",
        to_hydroxide="HCO3- -> {} + CO2",
    ),
    "NH3+CO2": Route(
        reagent="ammonia",
        bought="NH3",
        charges=1.0,
        with_acid="NH3 -> NH4+",
        to_carbonate="NH3 + CO2 + H2O -> {} + NH4+",
        to_hydroxide="NH3 + H2O -> {} + NH4+",
        excess="NH3 + CO2 + H2O -> NH4+ + HCO3-",
        gas="carbon dioxide",
    ),
    "Na2CO3": Route(
        reagent="sodium carbonate",
        bought="Na2CO3",
        charges=2.0,
        dissolves="Na2CO3 -> Na+ + CO3-2",
        with_acid="CO3-2 -> CO2 + H2O",
        to_carbonate="CO3-2 -> {}",
        to_hydroxide="CO3-2 + H2O -> {} + CO2",
    ),
}


@dataclass(frozen=True, kw_only=True)
class Precipitation(Operation):
    """What both precipitations share: recoveries, cake, wash, tanks and filter."""

    INLETS: ClassVar[Mapping[str, str]] = {"liquor": "a liquor of rare earths"}

    recoveries: Mapping[str, float] = field(default_factory=dict)
    """Shares that precipitate, by symbol, in place of the settings."""

    @abstractmethod
    def recovery(self, symbol: str) -> float:
        """Share of a metal that precipitates, from the settings."""

    def precipitated(self, liquor: Flow) -> dict[str, float]:
        """Moles per hour that precipitate, by symbol; CaseError for a share that is none."""
        found = {}
        for symbol in SYMBOLS:
            there = liquor.moles(ion(symbol))
            share = self.recoveries.get(symbol, self.recovery(symbol))
            if not 0.0 <= share <= 1.0:
                raise CaseError(
                    Fault(f"operation {self.name}, recovery of {symbol}", f"{share:g}", "0 to 1")
                )
            if there * share > 0.0:
                found[symbol] = there * share
        return found

    def washed(self, slurry: Flow, forms: Iterable[str]) -> tuple[Flow, Flow, Flow]:
        """Cake, mother liquor with the wash filtrate, and the wash water.

        Of what is dissolved in the water that the cake holds, n countercurrent washes of ratio r leave
        ``1 / (1 + r + ... + r^n)``.
        """
        solids = {name: slurry.moles(name) for name in forms}
        dry = Flow("solid", solids).mass()
        wet = self.value("moisture")
        held = dry * wet / (1.0 - wet) / species(WATER).molar_mass
        water = slurry.moles(WATER)
        if held > water or (water == 0.0 and dry > 0.0):
            raise BalanceError(
                Fault(
                    f"operation {self.name}",
                    f"a cake that holds {held:.4g} mol/h of water, of {water:.4g}",
                    "more liquor than the cake holds",
                    next="precipitate from a weaker liquor",
                )
            )
        ratio, stages = self.value("wash_ratio"), round(self.value("wash_stages"))
        left = 1.0 / sum(ratio**power for power in range(stages + 1))
        kept = left * held / water if water else 0.0
        liquor = {name: value for name, value in slurry.amounts.items() if name not in solids}
        entrained = {name: kept * value for name, value in liquor.items() if name != WATER}
        cake = _without_zeros("solid", {**solids, **entrained, WATER: held})
        filtrate = {name: value * (1.0 - kept) for name, value in liquor.items() if name != WATER}
        wash = drawn("water", ratio * held)
        away = {WATER: water - held + wash.moles(WATER)}
        return cake, _without_zeros("liquor", {**filtrate, **away}), wash

    def equipment(self, balance: Balance) -> tuple[Equipment, ...]:
        """Stirred tanks and belt filters."""
        volume = liquor_volume(balance.inlets["liquor"])
        return (
            *tanks("precipitation tank", volume, self.value("residence_time")),
            *filters(dry_mass(balance.outlets["cake"]), self.value("filter_flux")),
        )

    def drivers(self, balance: Balance) -> Drivers:
        """Stirring, filtration, steam that warms the liquor, and people."""
        size = {"precipitation tank": 0.0, "filter": 0.0}
        for one in self.equipment(balance):
            size[one.item] += one.number * one.size
        if not size["filter"]:
            return Drivers()
        power = self.value("agitation") * size["precipitation tank"]
        power += FILTER_POWER * size["filter"]
        steam = steam_to(balance.inlets["liquor"].mass(), self.value("temperature"))
        return Drivers(electricity=power, steam=steam, posts=self.value("posts"))


@dataclass(frozen=True, kw_only=True)
class OxalatePrecipitation(Precipitation):
    """With oxalic acid, from a liquor of little free acid; what is in excess stays dissolved."""

    KIND: ClassVar[str] = "oxalate precipitation"
    OUTLETS: ClassVar[Mapping[str, str]] = {
        "cake": "wet oxalates",
        "mother_liquor": "acid, excess oxalic acid, what did not precipitate, wash filtrate",
    }
    SETTINGS: ClassVar[Mapping[str, Setting]] = {
        **CAKE,
        "excess": Setting(
            "oxalic acid over what the metals take that precipitate [1]",
            assumed=assumed(
                1.15, 1.1, 1.3, "1", "purified strip liquor; dirty leachates need 1.67"
            ),
        ),
        "recovery": Setting(
            "rare earths and thorium that precipitate",
            assumed=assumed(99.5, 99.0, 99.9, "%", "over 99 % in the test work BROWNS"),
        ),
        "calcium": Setting(
            "calcium that comes down with them",
            assumed=assumed(30.0, 5.0, 80.0, "%", "soluble in acid, taken up by the oxalates"),
        ),
        "temperature": Setting(
            "of the precipitation [degC]", "oxalate_precipitation", "temperature_time"
        ),
        "residence_time": Setting(
            "time in the tanks, ageing included [h]",
            assumed=assumed(2.0, 1.0, 4.0, "h", "0.5-2 h and ageing at 50-80 degC"),
        ),
    }

    def recovery(self, symbol: str) -> float:
        """Rare earths and thorium, some calcium, no other metal."""
        if is_rare_earth(symbol) or symbol == "Th":
            return self.value("recovery")
        return self.value("calcium") if symbol == "Ca" else 0.0

    def balance(self, inlets: Mapping[str, Flow]) -> Balance:
        """Cake and mother liquor; BalanceError where the cake would hold more water than there is."""
        liquor = inlets["liquor"]
        metals = self.precipitated(liquor)
        how = {
            symbol: reaction(f"{ion(symbol)} + H2C2O4 + H2O -> {_oxalate(symbol)} + H+")
            for symbol in metals
        }
        taken = sum(-how[symbol].per(ion(symbol))["H2C2O4"] * metals[symbol] for symbol in metals)
        dose = self.value("excess") * taken
        bought = drawn("oxalic acid", dose)
        slurry = mixed([liquor, bought])
        falls = [(how[symbol], ion(symbol), amount) for symbol, amount in metals.items()]
        dissolving = (reaction("H2C2O4.2H2O -> H2C2O4 + H2O"), "H2C2O4.2H2O", dose)
        slurry = _after(slurry, [dissolving, *falls])
        forms = [_oxalate(symbol) for symbol in metals]
        cake, mother_liquor, wash = self.washed(slurry, forms)
        return Balance(
            operation=self.name,
            inlets={"liquor": liquor},
            drawn={"oxalic acid": bought, "water": wash},
            outlets={"cake": cake, "mother_liquor": mother_liquor},
        )


@dataclass(frozen=True, kw_only=True)
class CarbonatePrecipitation(Precipitation):
    """With ammonium bicarbonate, with ammonia and carbon dioxide, or with soda; free acid takes its share."""

    KIND: ClassVar[str] = "carbonate precipitation"
    OUTLETS: ClassVar[Mapping[str, str]] = {
        "cake": "wet carbonates",
        "mother_liquor": "the salt of the base, excess bicarbonate, wash filtrate",
        "gas": "carbon dioxide",
    }
    SETTINGS: ClassVar[Mapping[str, Setting]] = {
        **CAKE,
        "excess": Setting(
            "precipitant over what acid and metals take [1]",
            assumed=assumed(1.05, 1.0, 1.2, "1", "doses of 1.05-1.2 are usual"),
        ),
        "recovery": Setting("metals that precipitate", "carbonate_precipitation", "RE_recovery"),
        "divalent": Setting(
            "calcium and divalent transition metals that come down",
            assumed=assumed(50.0, 10.0, 90.0, "%", "carbonate selects less than oxalate"),
        ),
        "absorbed": Setting(
            "carbon dioxide that is taken up where it is blown in",
            assumed=assumed(85.0, 60.0, 95.0, "%", "sparged tanks in line; the rest leaves"),
        ),
        "temperature": Setting(
            "of the precipitation [degC]",
            assumed=assumed(50.0, 40.0, 60.0, "degC", "40-60 degC, seeded (HUANG11)"),
        ),
        "residence_time": Setting(
            "time in the tanks [h]",
            assumed=assumed(3.0, 1.0, 8.0, "h", "slow dosing for crystals that filter"),
        ),
    }

    precipitant: Precipitant = "NH4HCO3"

    def recovery(self, symbol: str) -> float:
        """Rare earths and what hydrolyses alike, part of the divalent metals, no alkali or magnesium."""
        if is_rare_earth(symbol) or symbol in HYDROLYSED:
            return self.value("recovery")
        return self.value("divalent") if symbol in WITH_CARBONATE else 0.0

    def balance(self, inlets: Mapping[str, Flow]) -> Balance:
        """Cake, mother liquor and gas; BalanceError where the cake would hold more water than there is."""
        liquor = inlets["liquor"]
        metals = self.precipitated(liquor)
        route = ROUTES[self.precipitant]
        acid = liquor.moles("H+")
        charges = acid + sum(element(symbol).charge * amount for symbol, amount in metals.items())
        dose = self.value("excess") * charges / route.charges
        bought = {route.reagent: drawn(route.reagent, dose)}
        if route.gas:
            fixed = sum(_fixed(symbol) * amount for symbol, amount in metals.items())
            fixed += dose - charges
            bought[route.gas] = drawn(route.gas, fixed / self.value("absorbed"))
        slurry = mixed([liquor, *bought.values()])
        steps = [(_fall(route, symbol), ion(symbol), amount) for symbol, amount in metals.items()]
        steps.append((reaction(f"H+ + {route.with_acid}"), "H+", acid))
        if route.dissolves:
            steps.append((reaction(route.dissolves), route.bought, dose))
        if route.excess:
            steps.append((reaction(route.excess), route.bought, dose - charges / route.charges))
        slurry = _after(slurry, steps)
        gas = Flow("gas", {"CO2": slurry.moles("CO2")})
        slurry = Flow("liquor", {name: it for name, it in slurry.amounts.items() if name != "CO2"})
        cake, mother_liquor, wash = self.washed(slurry, [_form(symbol) for symbol in metals])
        return Balance(
            operation=self.name,
            inlets={"liquor": liquor},
            drawn={**bought, "water": wash},
            outlets={"cake": cake, "mother_liquor": mother_liquor, "gas": gas},
        )


def _without_zeros(state: State, amounts: Mapping[str, float]) -> Flow:
    return Flow(state, {name: amount for name, amount in amounts.items() if amount})


def _after(slurry: Flow, steps: Iterable[tuple[Reaction, str, float]]) -> Flow:
    """The slurry after several reactions at once, each of so much of one of its species [mol/h]."""
    changes: dict[str, float] = {}
    for how, name, amount in steps:
        for other, count in how.per(name).items():
            changes[other] = changes.get(other, 0.0) + count * amount
    return slurry.plus(changes)


def _oxalate(symbol: str) -> str:
    return {"Th": "Th(C2O4)2.6H2O", "U": "UO2C2O4.3H2O"}.get(symbol) or oxalate(symbol)


def _form(symbol: str) -> str:
    """What carbonate makes of a metal."""
    return hydroxide(symbol) if symbol in HYDROLYSED else carbonate(symbol)


def _fixed(symbol: str) -> float:
    """Carbon that a mole of a metal takes into the cake [mol]."""
    atoms = species(_form(symbol)).atoms
    return atoms.get("C", 0) / atoms[symbol]


def _fall(route: Route, symbol: str) -> Reaction:
    """How a metal comes down."""
    partners = route.to_hydroxide if symbol in HYDROLYSED else route.to_carbonate
    return reaction(f"{ion(symbol)} + {partners.format(_form(symbol))}")
