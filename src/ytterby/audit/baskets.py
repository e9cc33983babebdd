"""Baskets of rare earths that the concentrates may be made of, from the table of feeds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ytterby.audit.claims import GROUPS, ClaimSet, Completion, Hypothesis
from ytterby.audit.vocabulary import PRODUCTS
from ytterby.datasets.feeds import METALLIC, Feed, feeds
from ytterby.errors import DataError, Fault, nearest
from ytterby.quantities import quoted

REST = "rest"
"""What no cut takes out: Sm to Lu."""
WHOLE = (0.95, 1.05)
"""Sum of shares from which they are divided by it; below, what lacks is ``REST``."""


@dataclass(frozen=True)
class Basket:
    """One feed of rare-earth oxides, by groups that are cut as a whole."""

    name: str
    category: str
    treo: tuple[float, float] | None
    """In what is shipped uncut [kg/kg]; None if not known."""
    usual_treo: float | None
    """Usual value of the same."""
    groups: Mapping[str, float]
    """Share of TREO by group, ``REST`` among them; the sum is 1."""
    products: Mapping[str, Mapping[str, float]]
    """Share of a group's oxide by element, for the elements that the plant sells."""
    source: str
    basis: str
    confidence: str

    def share(self, symbol: str) -> float:
        """Oxide of an element that the plant sells, per TREO of the whole basket [kg/kg]."""
        return sum(
            share * self.products[group].get(symbol, 0.0) for group, share in self.groups.items()
        )


def baskets(claims: ClaimSet, only: tuple[str, ...] | None = None) -> dict[str, Basket]:
    """All baskets whose Pr, Nd, Tb and Dy are known, by name; DataError if ``only`` names another."""
    known = {
        feed.name: feed
        for feed in feeds()
        if feed.form not in METALLIC and feed.name not in claims.without_feeds
    }
    usable = {}
    for name, feed in known.items():
        completion = claims.completions.get(name)
        shares = dict(feed.shares) | (dict(completion.shares) if completion else {})
        if all(symbol in shares for symbol in PRODUCTS.values()):
            usable[name] = _basket(feed, shares, completion)
    if only is None:
        return usable
    for name in only:
        if name not in usable:
            read = f"{name}, whose Pr, Nd, Tb and Dy are not all known" if name in known else name
            raise DataError(
                Fault(
                    "feed",
                    quoted(read, 200),
                    "one of: " + ", ".join(usable),
                    nearest(name, usable),
                    "name one of them, or leave feeds out for all",
                )
            )
    return {name: usable[name] for name in only}


def open_to(hypothesis: Hypothesis, all_baskets: Mapping[str, Basket]) -> dict[str, Basket]:
    """The baskets that a hypothesis allows: by name or category, with a TREO that is known."""
    return {
        name: it
        for name, it in all_baskets.items()
        if (hypothesis.feeds is None or name in hypothesis.feeds)
        and (hypothesis.categories is None or it.category in hypothesis.categories)
        and name not in hypothesis.leave_out
        and shipped_treo(hypothesis, it) is not None
    }


def shipped_treo(hypothesis: Hypothesis, basket: Basket) -> tuple[float, float] | None:
    """Range of TREO in what is shipped of a basket under a hypothesis [kg/kg]."""
    if basket.category in hypothesis.treo_of:
        return hypothesis.treo_of[basket.category]
    return basket.treo if hypothesis.treo is None else hypothesis.treo


def _basket(feed: Feed, shares: Mapping[str, float], completion: Completion | None) -> Basket:
    """Groups and what they hold; shares of a whole basket are divided by their sum."""
    total = sum(shares.values())
    whole = total if total >= WHOLE[0] else 1.0
    parts = {name: sum(shares.get(it, 0.0) for it in group) for name, group in GROUPS.items()}
    groups = {name: part / whole for name, part in parts.items()}
    groups[REST] = 1.0 - sum(groups.values())
    products = {
        name: {
            symbol: shares[symbol] / parts[name]
            for symbol in GROUPS[name]
            if symbol in PRODUCTS.values() and parts[name] > 0.0
        }
        for name in GROUPS
    }
    rest = {symbol: shares[symbol] / whole / groups[REST] for symbol in ("Tb", "Dy")}
    treo = completion.treo if completion else None
    if treo is None and feed.treo_low is not None and feed.treo_high is not None:
        treo = (feed.treo_low, feed.treo_high)
    return Basket(
        name=feed.name,
        category=feed.category,
        treo=treo,
        usual_treo=sum(completion.treo) / 2.0 if completion and completion.treo else feed.treo,
        groups=groups,
        products={**products, REST: rest},
        source=feed.source,
        basis=feed.basis,
        confidence=feed.confidence,
    )
