"""Dissolution of a concentrate, carbonate, oxide or hydroxide, with its carbon dioxide caught for return.

    M2(CO3)3 + 6 H+ -> 2 M+3 + 3 H2O + 3 CO2,   M(OH)3 + 3 H+ -> M+3 + 3 H2O

for the cited share of the rare earths. Impurities dissolve to one assumed share; silica stays. CeO2 stays
unless hydrogen peroxide reduces it. Steam in the gas is neglected. Oxygen of Pr6O11, Tb4O7 and CeO2 comes off
with the carbon dioxide; no precipitation takes it up, so all of it is counted with the gas not caught.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from ytterby.elements import RARE_EARTHS, SYMBOLS
from ytterby.errors import CaseError, Fault
from ytterby.materials import Flow, liquor_volume
from ytterby.unitops.acid import Medium, leached
from ytterby.unitops.assumptions import AGITATION, FILTER, dry_mass, filters, posts, tanks
from ytterby.unitops.contract import Balance, Drivers, Equipment, Operation, Setting, assumed
from ytterby.unitops.leach import filter_of, stirred_and_heated

CARBONATE = "carbonate_dissolution"
MOST_BOUND = 0.1
"""Phosphorus or fluorine per rare earth above which a concentrate is a mineral [mol/mol]; REPO4 has 1."""


@dataclass(frozen=True, kw_only=True)
class Dissolution(Operation):
    """Closed stirred tanks under slight suction, a filter with a washed cake."""

    KIND: ClassVar[str] = "dissolution"
    INLETS: ClassVar[Mapping[str, str]] = {"concentrate": "concentrate that passed the gate"}
    OUTLETS: ClassVar[Mapping[str, str]] = {
        "liquor": "rare earths with the wash of the cake",
        "residue": "what does not dissolve, moist, with the liquor that its wash leaves",
        "carbon_dioxide": "carbon dioxide caught, for precipitation",
        "vent": "gas not caught, and oxygen",
    }
    SETTINGS: ClassVar[Mapping[str, Setting]] = {
        "rare_earth_yield": Setting(
            "share of each rare earth but CeO2 dissolved",
            CARBONATE,
            "RE_recovery",
            "ionic clay / SEG carbonate",
        ),
        "cerium_yield": Setting(
            "share of CeO2 dissolved with a reductant",
            "selective_HCl_leach",
            "RE_leach_yield_Ce_rich",
        ),
        "impurity_yield": Setting(
            "share of metals other than rare earths dissolved",
            assumed=assumed(95.0, 70.0, 100.0, "%", "hydroxides and carbonates dissolve at pH 2"),
        ),
        "captured": Setting(
            "share of the carbon dioxide caught",
            assumed=assumed(90.0, 70.0, 98.0, "%", "closed tanks under slight suction"),
        ),
        "end_ph": Setting(
            "pH of the liquor",
            assumed=assumed(2.0, 1.0, 3.0, "1", "practice: end pH 1-3, as the yield says"),
        ),
        "concentration": Setting(
            "rare earths in the liquor [mol/L]", "solvent_extraction", "feed_RE_concentration"
        ),
        "residence_time": Setting(
            "in the tanks [h]", assumed=assumed(2.0, 1.0, 3.0, "h", "practice, as the yield says")
        ),
        "temperature": Setting(
            "of the tanks [degC]",
            assumed=assumed(70.0, 60.0, 80.0, "degC", "practice, as the yield says"),
        ),
        "agitation": AGITATION,
        **FILTER,
        "posts": posts(1.0, 0.5, 2.0, "charging, tanks and filter together"),
    }

    medium: Medium = "nitrate"
    reductant: bool = False
    """Whether hydrogen peroxide is given to dissolve CeO2."""

    def balance(self, inlets: Mapping[str, Flow]) -> Balance:
        """Liquor, residue and gas; CaseError for a phosphate or fluoride, which acid alone does not open."""
        concentrate = inlets["concentrate"]
        self._require_soluble(concentrate)
        shares = dict.fromkeys(SYMBOLS, self.value("impurity_yield"))
        shares |= dict.fromkeys(RARE_EARTHS, self.value("rare_earth_yield"))
        if concentrate.moles("CeO2"):
            shares["Ce"] = self.value("cerium_yield") if self.reductant else 0.0
        found = leached(
            f"operation {self.name}",
            concentrate,
            shares,
            medium=self.medium,
            concentration=1000.0 * self.value("concentration"),
            ph=self.value("end_ph"),
            filter=filter_of(self),
            peroxide=0.5 * concentrate.moles("CeO2") * shares["Ce"],
        )
        vent, caught = found.gas.parted({"CO2": self.value("captured")}, "gas")
        notes = found.notes
        if concentrate.moles("CeO2") and not self.reductant:
            notes += ("CeO2 stays in the residue: no reductant is given",)
        return Balance(
            operation=self.name,
            inlets={"concentrate": concentrate},
            drawn=found.drawn,
            outlets={
                "liquor": found.liquor,
                "residue": found.cake,
                "carbon_dioxide": caught,
                "vent": vent,
            },
            notes=notes,
        )

    def _require_soluble(self, concentrate: Flow) -> None:
        faults = [
            Fault(
                f"operation {self.name}, {symbol}",
                f"{share:.3g} mol per mol of rare earths",
                "a concentrate without phosphate and fluoride",
                next="have the mineral cracked before it is delivered",
            )
            for symbol in ("P", "F")
            if (share := _per_rare_earth(concentrate, symbol)) > MOST_BOUND
        ]
        if faults:
            raise CaseError(faults)

    def equipment(self, balance: Balance) -> tuple[Equipment, ...]:
        """Tanks by residence time, filters by dry residue."""
        volume = liquor_volume(balance.outlets["liquor"])
        return (
            *tanks("dissolution tank", volume, self.value("residence_time")),
            *filters(dry_mass(balance.outlets["residue"]), self.value("filter_flux")),
        )

    def drivers(self, balance: Balance) -> Drivers:
        """Stirring, and steam that heats all water to the temperature."""
        return stirred_and_heated(self, balance)


def _per_rare_earth(concentrate: Flow, symbol: str) -> float:
    metals = sum(concentrate.rare_earths().values())
    return concentrate.of(symbol) / metals if metals else 0.0
