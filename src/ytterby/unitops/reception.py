"""Reception of magnets: pieces that are no magnets, and steel and coating that come off, go out.

    magnets = (1 - rejected) (feed - coating taken off),   rejects = the rest

Every lot is told by what decides its way: Dy, Tb, and Gd over Tb and Dy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from ytterby.elements import element
from ytterby.materials import Flow
from ytterby.unitops.assumptions import posts
from ytterby.unitops.contract import Balance, Drivers, Equipment, Operation, Setting, assumed

COATING = ("Ni", "Cu", "Zn")
"""What magnets are plated with."""
GD_TO_HEAVY = 0.01
"""Gd over Tb and Dy, by mass, above which the heavy side of the magnet cut needs a Gd/Tb cut; assumed."""


@dataclass(frozen=True, kw_only=True)
class Reception(Operation):
    """Weighing, sorting by X-ray fluorescence, removal of steel and loose coating."""

    KIND: ClassVar[str] = "reception"
    INLETS: ClassVar[Mapping[str, str]] = {"magnets": "magnets as they arrive"}
    OUTLETS: ClassVar[Mapping[str, str]] = {
        "magnets": "sorted magnets",
        "rejects": "pieces turned away, steel and coating taken off",
    }
    SETTINGS: ClassVar[Mapping[str, Setting]] = {
        "rejected": Setting(
            "share of the mass turned away",
            assumed=assumed(
                0.0, 0.0, 5.0, "%", "feeds of the catalogue are dismantled and sorted magnets"
            ),
        ),
        "coating": Setting(
            "share of Ni, Cu and Zn taken off with loose coating",
            assumed=assumed(0.0, 0.0, 80.0, "%", "sound coating stays until the magnet is milled"),
        ),
        "steel": Setting(
            "share of iron that is steel and is taken off by hand or magnet",
            assumed=assumed(0.0, 0.0, 20.0, "%", "dismantled magnets carry no yoke"),
        ),
        "buffer": Setting(
            "stock kept in front of the line [h]",
            assumed=assumed(168.0, 48.0, 720.0, "h", "a week of lots that wait for their analysis"),
        ),
        "bulk_density": Setting(
            "of magnets in boxes [kg/m3]",
            assumed=assumed(3000.0, 2000.0, 4000.0, "kg/m3", "solid 7,500, half of a box is air"),
        ),
        "posts": posts(2.0, 1.0, 4.0, "unpacking, sorting and sampling are manual"),
    }

    def balance(self, inlets: Mapping[str, Flow]) -> Balance:
        """Sorted magnets and rejects."""
        feed = inlets["magnets"]
        off = dict.fromkeys(COATING, self.value("coating")) | {"Fe": self.value("steel")}
        rejected = self.value("rejected")
        shares = {name: rejected + (1.0 - rejected) * off.get(name, 0.0) for name in feed.amounts}
        magnets, rejects = feed.parted(shares, "solid")
        return Balance(
            operation=self.name,
            inlets={"magnets": feed},
            drawn={},
            outlets={"magnets": magnets, "rejects": rejects},
            notes=_lot(magnets),
        )

    def equipment(self, balance: Balance) -> tuple[Equipment, ...]:
        """A store for the lots that wait."""
        mass, hours = balance.inlets["magnets"].mass(), self.value("buffer")
        if mass <= 0.0:
            return ()
        size = mass * hours / self.value("bulk_density")
        return (Equipment("store", 1, size, "m3", f"{hours:.3g} h at {mass:.4g} kg/h"),)

    def drivers(self, balance: Balance) -> Drivers:
        """People; what the sorter takes is neglected."""
        return Drivers(posts=self.value("posts"))


def _lot(magnets: Flow) -> tuple[str, ...]:
    """What decides the way of a lot, in words."""
    mass = magnets.mass()
    if mass <= 0.0:
        return ()
    weights = {it: magnets.of(it) * element(it).atomic_weight for it in ("Gd", "Tb", "Dy")}
    told = ", ".join(f"{it} {100.0 * weight / mass:.3g} %" for it, weight in weights.items())
    notes = [f"lot by mass: {told}"]
    heavy = weights["Tb"] + weights["Dy"]
    if weights["Gd"] > GD_TO_HEAVY * heavy:
        ratio = f"{weights['Gd'] / heavy:.2g} of" if heavy else "without"
        notes.append(f"Gd is {ratio} Tb and Dy: the heavy side of its cut needs a Gd/Tb cut")
    return tuple(notes)
