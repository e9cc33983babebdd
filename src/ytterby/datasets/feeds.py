"""Feeds of a refinery: magnet scrap, clays, minerals and concentrates, with what is known of each.

What is not known is absent, never zero: an element without a share, an impurity without a figure, Th and U
without ppm stand in ``Feed.gaps``. Most baskets are recalled from compilations and every impurity is an
order of magnitude; the analysis of a lot of one's own goes before any of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from ytterby.datasets.activity import SERIES, specific_activity
from ytterby.datasets.tables import Row, table
from ytterby.elements import RARE_EARTHS, metal_to_oxide
from ytterby.errors import DataError, Fault, nearest
from ytterby.quantities import quoted

FORMS: tuple[str, ...] = (
    *("metal", "swarf", "oxide", "carbonate", "concentrate", "mineral", "ore"),
)
"""How a feed comes; `concentrate` where it is not said whether as carbonate or oxide."""
METALLIC: tuple[str, ...] = ("metal", "swarf")
"""Forms whose elements are known as metals by mass; of all others, oxides and TREO are."""
IMPURITIES: tuple[str, ...] = (
    *("Fe", "Co", "Ni", "Cu", "Al", "Ga", "Mn", "Si", "Ca", "Zr", "B", "C", "O", "F", "P"),
    *("Th", "U"),
)
"""What else a feed is asked for."""
WHOLE = (0.95, 1.05)
"""Sum of printed shares of a basket that is taken for whole, apart from rounding and traces [-]."""

_PERCENT = 0.01
_PPM = 1e-6


@dataclass(frozen=True)
class Feed:
    """One feed; fractions by mass, and what is not known is absent or None."""

    name: str
    title: str
    category: str
    """Kind of scrap or deposit, e.g. ``magnet_eol``, ``ionic_clay``, ``xenotime``."""
    form: str
    """One of ``FORMS``."""
    delivered: str
    """The form in the words of the compilation."""
    treo: float | None
    """Rare-earth oxides as traded that the feed gives, per dry gross mass [kg/kg]; usual value."""
    treo_low: float | None
    treo_high: float | None
    shares: Mapping[str, float]
    """Oxide as traded per TREO by element, as printed [kg/kg]; the sum is that of the source."""
    metals: Mapping[str, float]
    """Rare earths of magnets and swarf as metal per dry gross mass [kg/kg]."""
    ndpr_share: tuple[float, float] | None
    """Range of Nd and Pr oxides per TREO to model with [kg/kg]."""
    dytb_share: tuple[float, float] | None
    """Range of Dy and Tb oxides per TREO to model with [kg/kg]."""
    ndpr_metal: tuple[float, float] | None
    """Range of Nd and Pr as metal per dry gross mass, of magnets and swarf [kg/kg]."""
    dytb_metal: tuple[float, float] | None
    """Range of Dy and Tb as metal per dry gross mass, of magnets and swarf [kg/kg]."""
    impurities: Mapping[str, float]
    """Other elements per dry gross mass [kg/kg], Th and U among them."""
    source: str
    also: tuple[str, ...]
    """Further sources of the same basket."""
    rests_on: tuple[str, ...]
    """Sources that a derived feed was computed from."""
    basis: str
    """read, derived, recalled, assumed; or `gap`: no composition is known."""
    confidence: str
    notes: str

    @property
    def total(self) -> float:
        """Sum of the printed shares [-]: near 1 for a whole basket, less for a partial one."""
        return sum(self.shares.values())

    @property
    def gaps(self) -> tuple[str, ...]:
        """What is not known: rare earths, then impurities by symbol, then ``TREO``."""
        known = {*self.shares, *self.metals}
        missing = [symbol for symbol in RARE_EARTHS if symbol not in known]
        missing += [symbol for symbol in IMPURITIES if symbol not in self.impurities]
        return (*missing, *(["TREO"] if self.treo is None else []))

    def normalised(self) -> dict[str, float]:
        """Shares divided by their printed sum [kg oxide/kg TREO]; DataError for a partial basket.

        Elements without a share stay absent: the sum of a whole basket leaves only traces to them.
        """
        least, most = WHOLE
        if not least <= self.total <= most:
            raise self._unknown(
                f"shares that add up to {100 * self.total:.4g} %",
                f"a whole basket, {100 * least:g} to {100 * most:g} %",
                "take the shares as printed with composition(normalise=False), or another feed",
            )
        return {symbol: share / self.total for symbol, share in self.shares.items()}

    def composition(self, treo: float | None = None, *, normalise: bool = True) -> dict[str, float]:
        """Mass of each known element per dry gross mass [kg/kg]; what is in ``gaps`` is absent.

        Magnets and swarf: their metals as printed. All others: oxides by TREO (``treo`` [kg/kg], else the
        usual value) and normalised shares, or shares as printed with ``normalise`` false, as elements.
        DataError where the composition is not known, or TREO is given for metal.
        """
        if self.form in METALLIC:
            return self._metallic(treo)
        if not self.shares:
            raise self._unknown("no composition", "shares of TREO", "take another feed")
        grade = self.treo if treo is None else treo
        if grade is None:
            raise self._unknown("no TREO", "TREO", "give composition a TREO of your own")
        if not 0.0 < grade <= 1.0:
            raise self._unknown(f"TREO of {grade:g}", "a mass fraction above 0, up to 1", "")
        shares = self.normalised() if normalise else self.shares
        rare_earths = {it: grade * share / metal_to_oxide(it) for it, share in shares.items()}
        return rare_earths | dict(self.impurities)

    def activity(self) -> dict[str, float | None]:
        """Activity of the parent of each series in the dry feed [Bq/g]; None where ppm are not known."""
        return {
            series: self.impurities[symbol] * specific_activity(series)
            if symbol in self.impurities
            else None
            for series, symbol in SERIES.items()
        }

    def _metallic(self, treo: float | None) -> dict[str, float]:
        if treo is not None:
            read = f"TREO of {treo:g} for a feed of metal"
            raise self._unknown(read, "no TREO: metals are given by mass", "leave treo out")
        if not self.metals:
            raise self._unknown(
                "no composition, only ranges", "metals by mass", "take another feed"
            )
        absent = {symbol: 0.0 for symbol, share in self.shares.items() if share == 0.0}
        return absent | dict(self.metals) | dict(self.impurities)

    def _unknown(self, read: str, expected: str, then: str) -> DataError:
        return DataError(Fault(f"feed {self.name}", read, expected, next=then))


@cache
def feeds() -> tuple[Feed, ...]:
    """All shipped feeds, the two of the reference closing case first."""
    return tuple(map(_feed, table("feeds")))


def feed(name: str) -> Feed:
    """The feed of that name; DataError with the nearest name if there is none."""
    known = {it.name: it for it in feeds()}
    if name not in known:
        raise DataError(
            Fault(
                where="feed",
                read=quoted(name),
                expected="one of: " + ", ".join(known),
                nearest=nearest(name, known),
                next="list all feeds with ytterby list feeds",
            )
        )
    return known[name]


def _feed(row: Row) -> Feed:
    labels, values = row.labels, row.values
    impurities = _by_element(values, "impurity_", _PERCENT)
    impurities |= {symbol: values[symbol] * _PPM for symbol in SERIES.values() if symbol in values}
    return Feed(
        name=labels["name"],
        title=labels["title"],
        category=labels["category"],
        form=labels["form"],
        delivered=labels["delivered"],
        treo=_percent(values, "treo"),
        treo_low=_percent(values, "treo_low"),
        treo_high=_percent(values, "treo_high"),
        shares=MappingProxyType(_by_element(values, "share_", _PERCENT)),
        metals=MappingProxyType(_by_element(values, "metal_", _PERCENT)),
        ndpr_share=_range(values, "ndpr_share"),
        dytb_share=_range(values, "dytb_share"),
        ndpr_metal=_range(values, "ndpr_metal"),
        dytb_metal=_range(values, "dytb_metal"),
        impurities=MappingProxyType(impurities),
        source=row.source,
        also=row.also,
        rests_on=row.rests_on,
        basis=row.basis,
        confidence=row.confidence,
        notes=row.note,
    )


def _percent(values: Mapping[str, float], column: str) -> float | None:
    return values[column] * _PERCENT if column in values else None


def _range(values: Mapping[str, float], column: str) -> tuple[float, float] | None:
    low, high = _percent(values, f"{column}_low"), _percent(values, f"{column}_high")
    return None if low is None or high is None else (low, high)


def _by_element(values: Mapping[str, float], prefix: str, factor: float) -> dict[str, float]:
    return {
        column.removeprefix(prefix): value * factor
        for column, value in values.items()
        if column.startswith(prefix)
    }
