"""What can be computed by hand from the claims: the audit's own results are read beside it.

Three cases stand for the ranges of the unknowns: low, usual and high magnets with the least, typical and
largest recovery, one recovery for everything. The claims enter as printed, without tolerance.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ytterby.audit.baskets import Basket
from ytterby.audit.claims import Claim, ClaimSet
from ytterby.audit.vocabulary import PRODUCTS
from ytterby.datasets.feeds import feed
from ytterby.elements import RARE_EARTHS, metal_to_oxide

CALCINED = 0.92
"""TREO of a basket calcined to oxide, as clays usually have it [kg/kg]."""
TREOS = (0.40, 0.50, 0.60, 0.92, 1.0)
"""TREO at which a grade of gross mass is told as a share of TREO [kg/kg]."""
CUTS: Mapping[str, tuple[str, ...]] = {
    "whole": (),
    "less La, Ce": ("LaCe",),
    "less La to Nd": ("LaCe", "PrNd"),
    "less La to Nd and Y": ("LaCe", "PrNd", "Y"),
}
"""What may be cut out of a basket before it is shipped."""


@dataclass(frozen=True)
class Weights:
    """The element list in one weight [t/y]."""

    says: str
    ndpr: float
    dytb: float

    @property
    def total(self) -> float:
        """Of all four [t/y]."""
        return self.ndpr + self.dytb


@dataclass(frozen=True)
class Case:
    """One case of the unknowns and what it leaves to the concentrates."""

    name: str
    magnet_ndpr: float
    """Metal per magnet mass [kg/kg]."""
    magnet_dytb: float
    recovery: float
    ndpr_from_magnets: float
    """Oxide [t/y]."""
    dytb_from_magnets: float
    ndpr_owed: float
    """Oxide that the concentrates must give [t/y]."""
    dytb_owed: float
    ndpr_grade: float
    """Of the concentrates' gross mass [kg/kg]."""
    dytb_grade: float


@dataclass(frozen=True)
class Yield:
    """What the concentrates give if they are one basket."""

    basket: Basket
    dytb: float | None
    """Shipped uncut at its usual TREO, at the typical recovery [t/y oxide]; None if that is not known."""
    ndpr: float | None
    calcined_dytb: float
    """Calcined to ``CALCINED``, uncut [t/y oxide]."""
    calcined_ndpr: float
    dy_to_tb: float
    after: Mapping[str, float]
    """Share of Dy and Tb in what is left of the oxides after a cut of ``CUTS`` [kg/kg]."""


def printed(claims: ClaimSet, quantity: str) -> tuple[float, ...]:
    """Values of the current claims on a quantity, as printed, each once."""
    found = (it.value for it in claims.claims.values() if _asks(it, quantity))
    return tuple(dict.fromkeys(found))


def _asks(claim: Claim, quantity: str) -> bool:
    return claim.quantity == quantity and not claim.per and claim.status == "current"


def element_list(claims: ClaimSet) -> dict[str, float]:
    """The claimed tonnage of each element that is sold, as printed; empty if one is not claimed."""
    found = {symbol: printed(claims, f"{key}_out") for key, symbol in PRODUCTS.items()}
    return {symbol: it[0] for symbol, it in found.items()} if all(found.values()) else {}


def weights(claims: ClaimSet) -> tuple[Weights, ...]:
    """The list as it is, as oxide if it is metal, as metal if it is oxide."""
    listed = element_list(claims)
    if not listed:
        return ()
    factors = {symbol: metal_to_oxide(symbol) for symbol in listed}
    ways = {
        "the list as printed, in oxide": dict.fromkeys(listed, 1.0),
        "if it is metal, in oxide": factors,
        "if it is oxide, in metal": {symbol: 1.0 / it for symbol, it in factors.items()},
    }
    return tuple(
        Weights(
            says,
            sum(listed[symbol] * way[symbol] for symbol in ("Nd", "Pr")),
            sum(listed[symbol] * way[symbol] for symbol in ("Dy", "Tb")),
        )
        for says, way in ways.items()
    )


def cases(claims: ClaimSet) -> tuple[Case, ...]:
    """Low, usual and high magnets and recoveries; empty where feeds or products are not claimed.

    Low magnets must serve the largest Dy + Tb claimed, the others the least.
    """
    fed = [printed(claims, it) for it in ("magnets_in", "concentrates_in")]
    asked = [printed(claims, it) for it in ("ndpr_out", "dytb_out")]
    if not all((*fed, *asked)):
        return ()
    magnets, gross = fed[0][0], fed[1][0]
    found = []
    for name in ("low", "typical", "high"):
        ends = {key: getattr(it, name) for key, it in claims.ranges.items()}
        recovery = ends["recovery_magnets"]
        metal = _typical_metal(claims, ends["magnet_ndpr"], ends["magnet_dytb"])
        given = {
            symbol: magnets * recovery * metal_to_oxide(symbol) * it for symbol, it in metal.items()
        }
        ndpr, dytb = given["Nd"] + given["Pr"], given["Dy"] + given["Tb"]
        wanted = max(asked[1]) if name == "low" else min(asked[1])
        owed = (asked[0][0] - ndpr, wanted - dytb)
        back = ends["recovery_concentrates"] * gross
        found.append(
            Case(
                name=name,
                magnet_ndpr=ends["magnet_ndpr"],
                magnet_dytb=ends["magnet_dytb"],
                recovery=recovery,
                ndpr_from_magnets=ndpr,
                dytb_from_magnets=dytb,
                ndpr_owed=owed[0],
                dytb_owed=owed[1],
                ndpr_grade=owed[0] / back,
                dytb_grade=owed[1] / back,
            )
        )
    return tuple(found)


def _typical_metal(claims: ClaimSet, ndpr: float, dytb: float) -> dict[str, float]:
    """Metal of each element in magnets that are split as is typical."""
    ratio = claims.ranges["magnet_nd_to_pr"].typical
    terbium = claims.ranges["magnet_tb_of_dytb"].typical
    return {
        "Nd": ndpr * ratio / (1.0 + ratio),
        "Pr": ndpr / (1.0 + ratio),
        "Dy": dytb * (1.0 - terbium),
        "Tb": dytb * terbium,
    }


def yields(claims: ClaimSet, known: Iterable[Basket]) -> tuple[Yield, ...]:
    """What each basket gives alone; empty where no gross mass is claimed."""
    gross = printed(claims, "concentrates_in")
    if not gross:
        return ()
    out = gross[0] * claims.ranges["recovery_concentrates"].typical
    found = []
    for it in known:
        dy, tb = it.share("Dy"), it.share("Tb")
        dytb, ndpr = dy + tb, it.share("Nd") + it.share("Pr")
        usual = it.usual_treo
        found.append(
            Yield(
                basket=it,
                dytb=None if usual is None else out * usual * dytb,
                ndpr=None if usual is None else out * usual * ndpr,
                calcined_dytb=out * CALCINED * dytb,
                calcined_ndpr=out * CALCINED * ndpr,
                dy_to_tb=dy / tb if tb > 0.0 else float("inf"),
                after={
                    name: dytb / sum(s for group, s in it.groups.items() if group not in cut)
                    for name, cut in CUTS.items()
                },
            )
        )
    return tuple(found)


def asked_ratios(claims: ClaimSet, concentrate_nd_to_pr: float) -> dict[str, float]:
    """Ratios of oxides that the list has, and that each feed must have if the other is typical [kg/kg].

    Magnets of typical Dy and Tb leave the concentrates a Dy per Tb; concentrates of a Nd per Pr leave the
    magnets theirs.
    """
    listed, middle = element_list(claims), [it for it in cases(claims) if it.name == "typical"]
    if not listed or not middle:
        return {}
    case, magnets = middle[0], printed(claims, "magnets_in")[0]
    metal = _typical_metal(claims, case.magnet_ndpr, case.magnet_dytb)
    given = {
        symbol: magnets * case.recovery * metal_to_oxide(symbol) * it
        for symbol, it in metal.items()
    }
    light = concentrate_nd_to_pr / (1.0 + concentrate_nd_to_pr)
    return {
        "Dy per Tb of the list": listed["Dy"] / listed["Tb"],
        "Dy per Tb that the concentrates need": (listed["Dy"] - given["Dy"])
        / (listed["Tb"] - given["Tb"]),
        "Nd per Pr of the list": listed["Nd"] / listed["Pr"],
        "Nd per Pr that the magnets need": (listed["Nd"] - light * case.ndpr_owed)
        / (listed["Pr"] - (1.0 - light) * case.ndpr_owed),
    }


def outputs(
    magnets: str, concentrate: str, gross: Sequence[float], treo: float, recovery: float
) -> dict[str, float]:
    """Oxide of each rare earth that two feeds of the table give [t/y], one recovery for everything."""
    made: dict[str, float] = {}
    parts = ((magnets, gross[0], None), (concentrate, gross[1], treo))
    for name, mass, grade in parts:
        for symbol, share in feed(name).composition(grade).items():
            if symbol not in RARE_EARTHS:
                continue
            oxide = mass * share * metal_to_oxide(symbol) * recovery
            made[symbol] = made.get(symbol, 0.0) + oxide
    return made
