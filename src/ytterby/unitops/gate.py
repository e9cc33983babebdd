"""Gate for concentrates: grade, cracking and radioactivity decide whether a feed may enter at all.

    activity of a series = mass share of its element in the dry feed x activity of the natural element

Each of U-238 and Th-232 with daughters in equilibrium, counted as its parent, has to stay under the limit for
materials of natural origin. A mineral phosphate has to be cracked where it is mined.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from ytterby.datasets.activity import SERIES, specific_activity
from ytterby.datasets.process import Parameter, impact
from ytterby.elements import element
from ytterby.errors import CaseError, Fault
from ytterby.materials import Flow, species
from ytterby.unitops.assumptions import dry_mass, posts
from ytterby.unitops.contract import Balance, Drivers, Operation, Setting, assumed


@dataclass(frozen=True)
class _Limit(Setting):
    """A setting that stands among the published limits."""

    def cited(self) -> Parameter:
        return impact(self.step, self.row, self.scope)


@dataclass(frozen=True, kw_only=True)
class FeedGate(Operation):
    """Analysis of a lot before it is unloaded; what passes is unchanged."""

    KIND: ClassVar[str] = "feed gate"
    INLETS: ClassVar[Mapping[str, str]] = {"concentrate": "concentrate as delivered"}
    OUTLETS: ClassVar[Mapping[str, str]] = {"concentrate": "the same, accepted"}
    SETTINGS: ClassVar[Mapping[str, Setting]] = {
        "activity": _Limit(
            "most activity of either series [Bq/g]",
            "regulated limit",
            "U-238 or Th-232 series clearance and exemption",
        ),
        "grade": Setting(
            "least rare-earth oxides in the dry feed",
            assumed=assumed(30.0, 20.0, 45.0, "%", "lowest mixed carbonate that is traded"),
        ),
        "phosphorus": Setting(
            "most phosphorus in the dry feed",
            assumed=assumed(1.0, 0.1, 2.0, "%", "a mineral phosphate holds about 12 %"),
        ),
        "posts": posts(0.25, 0.1, 0.5, "sampling and gamma count of each lot"),
    }

    def balance(self, inlets: Mapping[str, Flow]) -> Balance:
        """The feed as it is; CaseError with every reason to turn it away."""
        feed = inlets["concentrate"]
        faults = self._faults(feed) if dry_mass(feed) > 0.0 else []
        if faults:
            raise CaseError(faults)
        found = activities(feed)
        return Balance(
            operation=self.name,
            inlets={"concentrate": feed},
            drawn={},
            outlets={"concentrate": feed},
            details=found,
            notes=tuple(_told(series, value) for series, value in found.items() if feed.mass()),
        )

    def drivers(self, balance: Balance) -> Drivers:
        """People."""
        return Drivers(posts=self.value("posts"))

    def _faults(self, feed: Flow) -> list[Fault]:
        where, limit = f"operation {self.name}", self.value("activity")
        faults = [
            Fault(
                f"{where}, {series} series",
                f"{value:.4g} Bq/g in the dry feed",
                f"less than {limit:g} Bq/g",
                next=f"have {SERIES[series]} taken out where it is mined, or take another feed",
            )
            for series, value in activities(feed).items()
            if value >= limit
        ]
        grade, least = feed.treo() / dry_mass(feed), self.value("grade")
        if grade < least:
            read, expected = f"{100.0 * grade:.4g} % TREO", f"{100.0 * least:g} % or more"
            then = "have it enriched where it is mined, or state a grade of your own"
            faults.append(Fault(f"{where}, grade", read, expected, next=then))
        phosphorus, most = _share(feed, "P", species("P").molar_mass), self.value("phosphorus")
        if phosphorus > most:
            read, expected = f"{100.0 * phosphorus:.4g} % P", f"{100.0 * most:g} % or less"
            then = "have the phosphate cracked with acid or caustic before it is delivered"
            faults.append(Fault(f"{where}, phosphorus", read, expected, next=then))
        return faults


def activities(feed: Flow) -> dict[str, float]:
    """Activity of the parent of each series in the dry feed [Bq/g]."""
    return {
        series: _share(feed, symbol, element(symbol).atomic_weight) * specific_activity(series)
        for series, symbol in SERIES.items()
    }


def _told(series: str, value: float) -> str:
    if value:
        return f"{series} {value:.2g} Bq/g"
    return f"no {SERIES[series]} is stated: the {series} series is not judged, have it analysed"


def _share(feed: Flow, symbol: str, weight: float) -> float:
    dry = dry_mass(feed)
    return feed.of(symbol) * weight / dry if dry > 0.0 else 0.0
