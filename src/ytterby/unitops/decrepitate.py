"""Hydrogen decrepitation: rare earths take up hydrogen, the magnet falls to powder, coating stays as flakes.

    M + 3/2 H2 -> MH3

for the share of the metallic rare earths that makes the cited uptake; hydrogen in the matrix phase is booked
on them too, since only its amount matters to what follows. Degassed, all of it comes back as gas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from ytterby.errors import CaseError, Fault
from ytterby.materials import Flow, is_rare_earth, reaction, species
from ytterby.unitops.assumptions import posts
from ytterby.unitops.contract import Balance, Drivers, Equipment, Operation, Setting, assumed
from ytterby.unitops.reagents import drawn


@dataclass(frozen=True, kw_only=True)
class HydrogenDecrepitation(Operation):
    """A batch vessel under hydrogen, then a sieve."""

    KIND: ClassVar[str] = "hydrogen decrepitation"
    INLETS: ClassVar[Mapping[str, str]] = {"magnets": "magnets, coated or embedded"}
    OUTLETS: ClassVar[Mapping[str, str]] = {
        "powder": "hydrided powder, or metal powder if degassed",
        "flakes": "coating with the powder that stays on it",
        "hydrogen": "given off again if degassed",
    }
    SETTINGS: ClassVar[Mapping[str, Setting]] = {
        "hydrogen_uptake": Setting(
            "hydrogen per magnet, by mass", "hydrogen_decrepitation_HPMS", "hydrogen_uptake"
        ),
        "powder_recovery": Setting(
            "powder that passes the sieve", "hydrogen_decrepitation_HPMS", "powder_recovery"
        ),
        "coating": Setting(
            "share of Ni that stays on the sieve",
            assumed=assumed(
                75.0, 50.0, 95.0, "%", "leaves less than 0.1 % Ni in the powder of a coated magnet"
            ),
        ),
        "residence_time": Setting(
            "in the vessel [h]", "hydrogen_decrepitation_HPMS", "residence_time"
        ),
        "energy": Setting(
            "electricity per magnet [kWh/kg]", "hydrogen_decrepitation_HPMS", "energy"
        ),
        "bulk_density": Setting(
            "of magnets in the vessel [kg/m3]",
            assumed=assumed(2000.0, 1000.0, 3000.0, "kg/m3", "room for powder that swells"),
        ),
        "posts": posts(1.0, 0.5, 2.0, "loading, purging, sieving under inert gas"),
    }

    degas: bool = False
    """Whether the powder is heated under vacuum until its hydrogen is off."""

    def balance(self, inlets: Mapping[str, Flow]) -> Balance:
        """Powder, flakes and hydrogen given off; CaseError where the metals cannot hold the uptake."""
        magnets = inlets["magnets"]
        hydrogen = self.value("hydrogen_uptake") * magnets.mass() / species("H2").molar_mass
        solid = magnets if self.degas else self._hydrided(magnets, hydrogen)
        kept = self.value("powder_recovery")
        shares = {name: 1.0 - kept for name in solid.amounts}
        shares["Ni"] = 1.0 - kept * (1.0 - self.value("coating"))
        powder, flakes = solid.parted(shares, "solid")
        gas = drawn("hydrogen", hydrogen)
        return Balance(
            operation=self.name,
            inlets={"magnets": magnets},
            drawn={"hydrogen": gas} if hydrogen else {},
            outlets={
                "powder": powder,
                "flakes": flakes,
                "hydrogen": gas if self.degas else Flow("gas", {}),
            },
        )

    def _hydrided(self, magnets: Flow, hydrogen: float) -> Flow:
        metals = [it for it in magnets.amounts if it in magnets.rare_earths() and is_rare_earth(it)]
        room = 1.5 * sum(magnets.moles(it) for it in metals)
        if hydrogen > room:
            raise CaseError(
                Fault(
                    f"operation {self.name}, hydrogen_uptake",
                    f"{hydrogen:.6g} mol/h of H2 for metals that hold {room:.6g} as trihydrides",
                    "magnets with metallic rare earths enough",
                    next="state a lower uptake, or leave decrepitation out for this feed",
                )
            )
        changes: dict[str, float] = {}
        for symbol in metals:
            made = magnets.moles(symbol) * hydrogen / room
            for name, count in reaction(f"{symbol} + H2 -> {symbol}H3").coefficients.items():
                if name != "H2":
                    changes[name] = changes.get(name, 0.0) + count * made
        return magnets.plus(changes)

    def equipment(self, balance: Balance) -> tuple[Equipment, ...]:
        """Room of the vessels."""
        mass, hours = balance.inlets["magnets"].mass(), self.value("residence_time")
        if mass <= 0.0:
            return ()
        size = mass * hours / self.value("bulk_density")
        return (Equipment("hydrogen vessel", 1, size, "m3", f"{hours:.3g} h at {mass:.4g} kg/h"),)

    def drivers(self, balance: Balance) -> Drivers:
        """Electricity by the mass of magnets."""
        mass = balance.inlets["magnets"].mass()
        return Drivers(electricity=self.value("energy") * mass, posts=self.value("posts"))
