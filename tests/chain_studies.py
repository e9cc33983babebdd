"""Studies of hand-made supply chains, for tests of how they are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tiny_chain import facility, line, magnets, network, row
from ytterby.case import Case, read_text
from ytterby.case.chains import ChainPlan
from ytterby.chain.actors import ActorChain, Link
from ytterby.chain.demand import Demand
from ytterby.chain.evidence import Evidence
from ytterby.chain.months import month
from ytterby.chain.network import Network
from ytterby.study.chain import Exploded, Who, explode_chain, who

FIRST = month("2030-01")
OTHER = read_text(
    """schema_version = 1
[chain]
first = "2030-01"
months = 1
[chain.demands.any]
customer = "any"
country = "FRA"
material = "magnet_SH"
yearly = "1 t"
"""
)


def plan(
    network: Network,
    demands: Sequence[Demand],
    evidence: Sequence[Evidence] = (),
    actors: Sequence[ActorChain] = (),
    recycle: bool = True,
    as_of: str = "2029-06",
) -> ChainPlan:
    """Two years from 2030 on, with everything that a case may change left as shipped."""
    assert OTHER.chain is not None
    return replace(
        OTHER.chain,
        network=network,
        evidence=tuple(evidence),
        demands={it.name: it for it in demands},
        first=FIRST,
        months=24,
        as_of=month(as_of),
        recycle=recycle,
        customer=None,
        actors=tuple(actors),
    )


def case(chain: ChainPlan) -> Case:
    """A case with this chain instead of its own."""
    return replace(OTHER, chain=chain)


def order(name: str, material: str, tonnes: float, units: float | None = None) -> Demand:
    """So many tonnes in the first month; for as many vehicles."""
    return Demand(
        name, f"maker {name}", "AAA", "", material, {FIRST: tonnes}, units=units, unit_name="car"
    )


def exploded(*demands: Demand, recycle: bool = False, network: Network | None = None) -> Exploded:
    """The hand-made magnets walked back."""
    return explode_chain(case(plan(network or magnets(), demands, recycle=recycle)))


def examined(drawn: Sequence[Link] = ()) -> Who:
    """Five facilities of gallium: one that only says so, one that made it, one that is accepted, one of
    which nothing is known, one without a site."""
    made = network(
        [
            replace(facility("said"), latitude=10.0, longitude=20.0),
            replace(facility("made"), latitude=40.0, longitude=-100.0),
            replace(facility("good"), latitude=41.0, longitude=-98.0),
            replace(facility("silent"), latitude=-30.0, longitude=140.0),
            facility("nowhere"),
        ],
        [
            line("said", "metal", "Ga_metal", capacity=300.0, starts="2031-01"),
            line("made", "metal", "Ga_metal", capacity=100.0),
            line("good", "wafer", "wafer", capacity=50.0),
            line("silent", "wafer", "wafer", capacity=None),
            line("nowhere", "metal", "Ga_metal", capacity=20.0),
        ],
    )
    rows = [
        row("said", "metal", "announced", "2029-01", what="says so"),
        row("made", "metal", "announced", "2015-01"),
        row("made", "metal", "produced", "2028-03", what="first metal"),
        row("made", "metal", "qualified", "2029-12", what="later than what is known"),
        row("good", "wafer", "qualified", "", "automotive"),
        row("nowhere", "metal", "financed", "2027-05"),
    ]
    actors = [ActorChain("drawn", "A chain as drawn", tuple(drawn))] if drawn else []
    asked = order("cars", "wafer", 12.0)
    return who(case(plan(made, [asked], rows, actors)))
