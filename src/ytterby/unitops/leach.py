"""Selective leach of roasted magnets: rare earths go into the liquor, iron stays Fe2O3.

    M2O3 + 6 H+ -> 2 M+3 + 3 H2O,   Pr6O11 + 18 H+ -> 6 Pr+3 + 9 H2O + O2

for the cited share of each metal. At an end pH above 3 iron that dissolves falls out again and gives its acid
back, so acid is that of what is dissolved at the end, and what the pH leaves free. CeO2 stays unless hydrogen
peroxide reduces it (1/2 H2O2 per Ce). Yields come from tests in hydrochloric acid and are taken for nitric
acid too. Gallium, silicon and zirconium stay in the residue.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from ytterby.elements import RARE_EARTHS, element
from ytterby.materials import Flow, liquor_volume, species
from ytterby.unitops.acid import Medium, leached
from ytterby.unitops.assumptions import (
    AGITATION,
    FILTER,
    SOLID_DENSITY,
    dry_mass,
    filters,
    in_words,
    posts,
    steam_to,
    tanks,
)
from ytterby.unitops.contract import Balance, Drivers, Equipment, Operation, Setting, assumed
from ytterby.unitops.solids import Filter

SIDE: Mapping[str, tuple[float, float, float, str]] = {
    "Ni": (50.0, 20.0, 90.0, "less than Co: roasted coating is dense NiO"),
    "Cu": (50.0, 20.0, 95.0, "CuO dissolves, ferrite does not"),
    "Zn": (70.0, 30.0, 95.0, "ZnO dissolves, ferrite does not"),
    "Al": (30.0, 10.0, 60.0, "falls out again above pH 4; ignited alumina resists"),
    "Mn": (50.0, 20.0, 90.0, "MnO2 resists without a reductant"),
    "B": (70.0, 40.0, 95.0, "borates of rare earths dissolve with them"),
    "Ca": (95.0, 80.0, 99.0, "lime dissolves"),
    "Mg": (95.0, 80.0, 99.0, "magnesia dissolves"),
    "Na": (99.0, 95.0, 100.0, "salts dissolve"),
}
"""Shares dissolved that no source was found for: usual, low, high [%], and why."""


@dataclass(frozen=True, kw_only=True)
class SelectiveLeach(Operation):
    """Stirred tanks in series, a filter with a washed cake."""

    KIND: ClassVar[str] = "selective leach"
    INLETS: ClassVar[Mapping[str, str]] = {"oxides": "roasted magnet powder"}
    OUTLETS: ClassVar[Mapping[str, str]] = {
        "liquor": "rare earths with the wash of the cake",
        "residue": "iron oxide, moist, with the liquor that its wash leaves",
        "offgas": "oxygen that higher oxides give off",
    }
    SETTINGS: ClassVar[Mapping[str, Setting]] = {
        "rare_earth_yield": Setting(
            "share of each rare earth but Ce dissolved",
            "selective_HCl_leach",
            "RE_leach_yield_FeOOH_route",
        ),
        "cerium_yield": Setting(
            "share of Ce dissolved with a reductant",
            "selective_HCl_leach",
            "RE_leach_yield_Ce_rich",
        ),
        "cobalt_yield": Setting(
            "share of Co dissolved",
            assumed=in_words(
                90.53,
                80.0,
                95.0,
                "%",
                "CRES24",
                "medium",
                "same test as the yield; the range is assumed",
            ),
        ),
        "iron_in_liquor": Setting(
            "Fe2O3 over rare-earth oxides in the liquor, by mass",
            assumed=in_words(
                0.01,
                0.001,
                0.1,
                "%",
                "CRES24",
                "medium",
                "below this in the test; the range is assumed",
            ),
        ),
        **{
            f"dissolved_{symbol}": Setting(
                f"share of {symbol} dissolved", assumed=assumed(value, low, high, "%", why)
            )
            for symbol, (value, low, high, why) in SIDE.items()
        },
        "end_ph": Setting(
            "pH of the liquor",
            assumed=in_words(
                3.25, 3.0, 3.5, "1", "CRES24", "high", "middle of the range of the test"
            ),
        ),
        "concentration": Setting(
            "rare earths in the liquor [mol/L]", "solvent_extraction", "feed_RE_concentration"
        ),
        "residence_time": Setting("in the tanks [h]", "selective_HCl_leach", "residence_time"),
        "temperature": Setting("of the tanks [degC]", "selective_HCl_leach", "temperature"),
        "agitation": AGITATION,
        **FILTER,
        "posts": posts(1.0, 0.5, 2.0, "leach and filter together"),
    }

    medium: Medium = "nitrate"
    reductant: bool = False
    """Whether hydrogen peroxide is given to dissolve CeO2."""

    def balance(self, inlets: Mapping[str, Flow]) -> Balance:
        """Liquor, residue and gas; CaseError where no rare earth dissolves."""
        oxides = inlets["oxides"]
        shares = self._shares(oxides)
        cerium = oxides.moles("CeO2") * shares["Ce"]
        found = leached(
            f"operation {self.name}",
            oxides,
            shares,
            medium=self.medium,
            concentration=1000.0 * self.value("concentration"),
            ph=self.value("end_ph"),
            filter=filter_of(self),
            peroxide=0.5 * cerium,
        )
        notes = found.notes
        if oxides.moles("CeO2") and not self.reductant:
            notes += ("CeO2 stays in the residue: no reductant is given",)
        return Balance(
            operation=self.name,
            inlets={"oxides": oxides},
            drawn=found.drawn,
            outlets={"liquor": found.liquor, "residue": found.cake, "offgas": found.gas},
            notes=notes,
        )

    def _shares(self, oxides: Flow) -> dict[str, float]:
        """Share of each element that dissolves [-]."""
        shares = {symbol: self.value(f"dissolved_{symbol}") for symbol in SIDE}
        shares |= dict.fromkeys(RARE_EARTHS, self.value("rare_earth_yield"))
        shares["Ce"] = self.value("cerium_yield") if self.reductant else 0.0
        shares["Co"] = self.value("cobalt_yield")
        dissolved = sum(shares[symbol] * oxides.oxide(symbol) for symbol in RARE_EARTHS)
        iron = oxides.of("Fe") * element("Fe").oxide_molar_mass
        trace = self.value("iron_in_liquor") * dissolved
        shares["Fe"] = min(1.0, trace / iron) if iron > 0.0 else 0.0
        return shares

    def equipment(self, balance: Balance) -> tuple[Equipment, ...]:
        """Tanks by residence time, filters by dry residue."""
        residue = dry_mass(balance.outlets["residue"])
        slurry = liquor_volume(balance.outlets["liquor"]) + residue / SOLID_DENSITY
        return (
            *tanks("leach tank", slurry, self.value("residence_time")),
            *filters(residue, self.value("filter_flux")),
        )

    def drivers(self, balance: Balance) -> Drivers:
        """Stirring, and steam that heats all water to the temperature."""
        return stirred_and_heated(self, balance)


def filter_of(operation: Operation) -> Filter:
    """The filter that an operation's settings describe."""
    return Filter(
        operation.value("moisture"), operation.value("washed_out"), operation.value("wash_ratio")
    )


def stirred_and_heated(operation: Operation, balance: Balance) -> Drivers:
    """What tanks with a temperature and an agitator take."""
    volume = sum(it.number * it.size for it in operation.equipment(balance) if it.unit == "m3")
    water = balance.outlets["liquor"].moles("H2O") * species("H2O").molar_mass
    return Drivers(
        electricity=operation.value("agitation") * volume,
        steam=steam_to(water, operation.value("temperature")),
        posts=operation.value("posts"),
    )
