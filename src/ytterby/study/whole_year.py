"""A year of campaigns told as one plant, for whatever judges a plant by what it does in a year.

Each campaign runs beside the others, in units and stores of its own, its flows times its share of the hours.
So sums over the hours of all campaigns are those of the year, and nothing of one campaign mixes with another.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace

from ytterby.case.plants import PlantFeed, Product
from ytterby.flowsheet import OUTSIDE, PlacedFlow, PlantBalance
from ytterby.materials import Flow, mixed
from ytterby.study.campaigns import CampaignsStudy
from ytterby.study.plant import PlantStudy, SoldProduct
from ytterby.unitops import Drivers, Inventory
from ytterby.unitops.contract import Balance


def whole_year(year: CampaignsStudy) -> PlantStudy:
    """All campaigns as one plant; flows are those of a mean hour of them.

    Equipment and what units hold are those of the campaign with most of each, people those of the campaign
    with most of all. A product meets its grade if it does in every campaign.
    """
    studies = year.studies.values()
    shares = [(number, it, it.hours / year.hours) for number, it in enumerate(studies)]
    manned = max(studies, key=_posts)
    return PlantStudy(
        plan=replace(year.plan, hours=year.hours, feeds=_feeds(studies), campaigns=()),
        balance=PlantBalance(
            flowsheet=year.plan.flowsheet,
            units={
                _apart(number, name): _balance(it, share)
                for number, study, share in shares
                for name, it in study.balance.units.items()
            },
            streams=tuple(
                _stream(number, it, share)
                for number, study, share in shares
                for it in study.balance.streams
            ),
            rounds=max(it.balance.rounds for it in studies),
            closure=_closure(studies),
        ),
        products=tuple(_sold(it, year) for it in year.plan.products),
        equipment={unit: tuple(it for it, _ in found) for unit, found in year.equipment().items()},
        drivers={
            _apart(number, name): Drivers(
                electricity=share * it.electricity,
                fuel=share * it.fuel,
                steam=share * it.steam,
                posts=it.posts if study is manned else 0.0,
            )
            for number, study, share in shares
            for name, it in study.drivers.items()
        },
        inventories=_inventories(studies),
        designs=year.designs,
        settings=next(iter(studies)).settings,
        sources=tuple(sorted({key for it in studies for key in it.sources}, key=str.casefold)),
    )


def _posts(study: PlantStudy) -> float:
    """People needed at every hour."""
    return math.fsum(it.posts for it in study.drivers.values())


def _feeds(studies: Iterable[PlantStudy]) -> tuple[PlantFeed, ...]:
    """Each feed once, with what arrives of it in all campaigns."""
    found: dict[str, PlantFeed] = {}
    for study in studies:
        for it in study.plan.feeds:
            before = found[it.name].yearly if it.name in found else 0.0
            found[it.name] = replace(it, yearly=before + it.yearly)
    return tuple(found.values())


def _apart(number: int, end: str) -> str:
    """A unit, its outlet or a store of a campaign, under a name that no other campaign has."""
    return end if end == OUTSIDE else f"{number} {end}"


def _stream(number: int, it: PlacedFlow, share: float) -> PlacedFlow:
    source, target = _apart(number, it.source), _apart(number, it.target)
    return replace(it, source=source, target=target, flow=it.flow.scaled(share))


def _balance(it: Balance, share: float) -> Balance:
    def scaled(flows: Mapping[str, Flow]) -> dict[str, Flow]:
        return {name: flow.scaled(share) for name, flow in flows.items()}

    return replace(it, inlets=scaled(it.inlets), drawn=scaled(it.drawn), outlets=scaled(it.outlets))


def _closure(studies: Iterable[PlantStudy]) -> dict[str, float]:
    """Of each element that of the campaign in which it closes worst [-]."""
    worst: dict[str, float] = {}
    for study in studies:
        for symbol, value in study.balance.closure.items():
            worst[symbol] = max(value, worst.get(symbol, 0.0), key=abs)
    return worst


def _sold(product: Product, year: CampaignsStudy) -> SoldProduct:
    """A product of all campaigns, with the limits that it is held against in each."""
    sold = [
        (it, study.hours / year.hours)
        for study in year.studies.values()
        for it in study.products
        if it.product == product
    ]
    flow = mixed(it.flow.scaled(share) for it, share in sold)
    return SoldProduct(product, flow, tuple(one for it, _ in sold for one in it.judged))


def _inventories(studies: Iterable[PlantStudy]) -> dict[str, Inventory]:
    """By unit what it holds in the campaign in which that is most."""
    found: dict[str, Inventory] = {}
    for study in studies:
        for unit, held in study.inventories.items():
            if unit not in found or _size(held) > _size(found[unit]):
                found[unit] = held
    return found


def _size(held: Inventory) -> tuple[float, float]:
    return held.organic, math.fsum(held.metals.values())
