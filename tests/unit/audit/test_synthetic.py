"""Plants made up from a balance, contradictions planted in what is claimed of them: the audit names these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest

from ytterby.audit import AuditTask, Claim, ClaimSet, contradicting_sets, shipped_set
from ytterby.audit.claims import Quantity, Reading
from ytterby.elements import metal_to_oxide
from ytterby.errors import ConvergenceError

FEEDS = ("IAC_XINFENG", "IAC_LONGNAN_USGS", "XEN_GUANGDONG", "MON_NANGANG")
READING = Reading("plain", "as said", "oxide", False)
PLANTS = 50


@dataclass(frozen=True)
class Plant:
    """A plant that exists: what it is fed and what it gives [t/y oxide]."""

    magnets: float
    concentrates: float
    out: dict[str, float]
    recycled: float
    """Of what it gives, from magnets."""


def plant(seed: int) -> Plant:
    """One plant, balanced by hand: magnets and one clay, cut, recoveries inside the ranges of the audit."""
    random = np.random.default_rng(seed)
    magnets, gross = random.uniform(500, 4000), random.uniform(1000, 8000)
    ndpr, dytb = random.uniform(0.25, 0.295), random.uniform(0.01, 0.04)
    ratio, terbium = random.uniform(3.2, 7.0), random.uniform(0.03, 0.17)
    first, second = random.uniform(0.91, 0.96, 2)
    metal = {
        "Nd": ndpr * ratio / (1 + ratio),
        "Pr": ndpr / (1 + ratio),
        "Dy": dytb * (1 - terbium),
        "Tb": dytb * terbium,
    }
    # Xinfeng: shares of TREO in percent; some Pr and Nd, all La, Ce and Y are out, carbonate of 45 % TREO.
    basket = {"Pr": 6.0, "Nd": 20.0, "Tb": 0.6, "Dy": 4.0}
    left = random.uniform(0.05, 0.6)
    heavy = 100.0 - 26.5 - 2.4 - 26.0 - 27.5
    total = heavy + left * 26.0
    out = {}
    for symbol, share in basket.items():
        kept = share * (left if symbol in ("Pr", "Nd") else 1.0) / total
        out[symbol] = first * magnets * metal[symbol] * metal_to_oxide(symbol)
        out[symbol] += second * gross * 0.45 * kept
    recycled = sum(first * magnets * it * metal_to_oxide(symbol) for symbol, it in metal.items())
    return Plant(magnets, gross, out, recycled)


def claim(id: str, quantity: str, value: float, width: float = 0.01, per: str = "") -> Claim:
    """A claim with a tolerance of ``width`` of its value."""
    return Claim(
        id=id, topic="plant", subject="plant", quantity=quantity, per=per, value=value,
        low=value * (1 - width), high=value * (1 + width), unit="1" if per else "t/y", stated_as="oxide",
        status="current", as_of="2025", source="CONVENTION", basis="assumed", confidence="low",
        tolerance="made up", means=id,
    )  # fmt: skip


def true_claims(it: Plant) -> dict[str, Claim]:
    """What an honest plant would say."""
    total = sum(it.out.values())
    said = [
        claim("magnets", "magnets_in", it.magnets),
        claim("gross", "concentrates_in", it.concentrates),
        *(claim(key, f"{key}_out", it.out[key.capitalize()]) for key in ("nd", "pr", "dy", "tb")),
        claim("ndpr", "ndpr_out", it.out["Nd"] + it.out["Pr"]),
        claim("dytb", "dytb_out", it.out["Dy"] + it.out["Tb"]),
        claim("total", "oxides_out", total),
        claim("recycled", "recycled_oxides_out", it.recycled / total, per="four_oxides_out"),
        claim("world", "world_dytb", 4000.0),
        claim("share", "dytb_out", (it.out["Dy"] + it.out["Tb"]) / 4000.0, per="world_dytb"),
    ]
    return {one.id: one for one in said}


def claim_set(claims: dict[str, Claim]) -> ClaimSet:
    """Claims under the ranges of the shipped set."""
    shipped = shipped_set("lacq")
    return replace(
        shipped,
        claims=claims,
        quantities={"world_dytb": Quantity("world_dytb", "t/y")},
        relations={},
        readings={"plain": READING},
        questions={},
        first_reading="plain",
    )


def named(claims: dict[str, Claim]) -> set[tuple[str, ...]]:
    """The irreducible sets that the audit finds; each proof is checked, and that there are no more."""
    found, complete = contradicting_sets(AuditTask(claim_set(claims), feeds=FEEDS), "plain")
    assert complete and all(it.certificate.gap > 0 for it in found)
    return {tuple(sorted(it.claims)) for it in found}


def shifted(claims: dict[str, Claim], id: str, factor: float) -> Claim:
    """A claim whose value and tolerance are multiplied."""
    it = claims[id]
    return replace(it, value=it.value * factor, low=it.low * factor, high=it.high * factor)


# Each plants one contradiction and keeps those honest claims that offer no other way to it; the members
# follow from arithmetic: two figures for one thing, parts against a sum, a share against its whole, more than
# is fed.


def two_texts(honest: dict[str, Claim]) -> tuple[dict[str, Claim], set[str]]:
    kept = {it: honest[it] for it in ("magnets", "gross", "nd", "pr", "dy", "tb")}
    return kept | {"tb_again": replace(shifted(honest, "tb", 1.06), id="tb_again")}, {
        "tb",
        "tb_again",
    }


def parts_against_pair(honest: dict[str, Claim]) -> tuple[dict[str, Claim], set[str]]:
    kept = {it: honest[it] for it in ("magnets", "gross", "nd", "pr", "dy", "tb")}
    return kept | {"dytb": shifted(honest, "dytb", 1.06)}, {"dy", "tb", "dytb"}


def pair_below_its_parts(honest: dict[str, Claim]) -> tuple[dict[str, Claim], set[str]]:
    kept = {it: honest[it] for it in ("nd", "pr", "dy", "tb")}
    return kept | {"ndpr": shifted(honest, "ndpr", 0.96)}, {"nd", "pr", "ndpr"}


def parts_of_a_share(honest: dict[str, Claim]) -> tuple[dict[str, Claim], set[str]]:
    kept = {it: honest[it] for it in ("dy", "tb", "world")}
    return kept | {"share": shifted(honest, "share", 1.1)}, {"dy", "tb", "world", "share"}


def pairs_against_total(honest: dict[str, Claim]) -> tuple[dict[str, Claim], set[str]]:
    kept = {it: honest[it] for it in ("magnets", "gross", "ndpr", "dytb")}
    return kept | {"total": shifted(honest, "total", 1.07)}, {"ndpr", "dytb", "total"}


def more_than_fed(honest: dict[str, Claim]) -> tuple[dict[str, Claim], set[str]]:
    """Nothing holds more than half Dy and Tb, so an output of all that is fed is out of reach."""
    fed = honest["magnets"].value + honest["gross"].value
    kept = {it: honest[it] for it in ("magnets", "gross", "world")}
    return kept | {"dytb": claim("dytb", "dytb_out", fed)}, {"magnets", "gross", "dytb"}


def share_of_world(honest: dict[str, Claim]) -> tuple[dict[str, Claim], set[str]]:
    kept = {it: honest[it] for it in ("magnets", "gross", "nd", "dytb", "world")}
    return kept | {"share": shifted(honest, "share", 1.1)}, {"dytb", "world", "share"}


def more_recycled_than_magnets_hold(
    honest: dict[str, Claim],
) -> tuple[dict[str, Claim], set[str]]:
    """Magnets hold at most 41.2 % of oxides; a total above half their mass cannot be nine tenths recycled."""
    total = 0.6 * honest["magnets"].value
    said = [
        claim("total", "oxides_out", total),
        claim("recycled", "recycled_oxides_out", 0.95, 0.02, "four_oxides_out"),
    ]
    kept = {"magnets": honest["magnets"], "world": honest["world"]}
    return kept | {it.id: it for it in said}, {"magnets", "total", "recycled"}


def more_than_all(honest: dict[str, Claim]) -> tuple[dict[str, Claim], set[str]]:
    """A share above one holds of nothing but a plant that makes nothing."""
    odd = claim("recycled", "recycled_oxides_out", 1.2, 0.02, "four_oxides_out")
    kept = {"magnets": honest["magnets"], "world": honest["world"]}
    return kept | {"recycled": odd}, {"magnets", "recycled"}


Planted = Callable[[dict[str, Claim]], tuple[dict[str, Claim], set[str]]]
KINDS: tuple[Planted, ...] = (
    *(two_texts, parts_against_pair, pair_below_its_parts, pairs_against_total, more_than_fed),
    *(share_of_world, parts_of_a_share, more_recycled_than_magnets_hold, more_than_all),
)


@pytest.mark.parametrize("seed", range(PLANTS))
def test_the_planted_set_is_named_and_no_other(seed: int):
    honest = true_claims(plant(seed))
    claims, members = KINDS[seed % len(KINDS)](honest)
    assert named(claims) == {tuple(sorted(members))}


@pytest.mark.parametrize("seed", range(0, PLANTS, 5))
def test_an_honest_plant_is_believed(seed: int):
    assert named(true_claims(plant(seed))) == set()


@pytest.mark.parametrize("seed", range(0, PLANTS, 5))
def test_giving_up_any_member_ends_the_contradiction(seed: int):
    claims, members = KINDS[seed % len(KINDS)](true_claims(plant(seed)))
    for member in members:
        assert named({id: it for id, it in claims.items() if id != member}) == set()


def test_two_planted_contradictions_are_told_apart():
    honest = true_claims(plant(1))
    kept = {it: honest[it] for it in ("magnets", "gross", "nd", "pr", "dy", "tb", "world", "dytb")}
    lies = {
        "nd_again": replace(shifted(honest, "nd", 1.08), id="nd_again"),
        "share": shifted(honest, "share", 1.2),
    }
    found = named(kept | lies)
    assert ("nd", "nd_again") in found and ("dytb", "share", "world") in found
    assert ("dy", "share", "tb", "world") in found, "the list gives the sum too"
    assert len(found) == 3


def test_a_contradiction_within_rounding_is_never_reported_as_proven():
    """Ends that miss each other by less than the solver can tell: a finding or a refusal, no false proof."""
    honest = true_claims(plant(3))
    it = honest["nd"]
    for gap in (1e-3, 1e-5, 1e-7, 1e-9):
        above = replace(it, id="above", low=it.high + gap, value=it.high + gap, high=it.high + 10)
        try:
            found, _ = contradicting_sets(
                AuditTask(claim_set({"nd": it, "above": above}), feeds=FEEDS), "plain"
            )
        except ConvergenceError as error:
            assert "rounding could explain it" in str(error)
        else:
            assert [one.claims for one in found] in ([("nd", "above")], [])
            assert gap < 1e-4 or len(found) == 1
