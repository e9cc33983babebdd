"""Metal, alloy and magnets next door to the reference refinery: a loop of scrap, and what it closes on.

The loop is held against its closed form twice: metal and alloy alone, where all that is cast comes back but
magnets, and neodymium of the whole plant, where each round returns the same share of what was fed.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

from ytterby.case import read
from ytterby.datasets.prices import latest_prices
from ytterby.elements import reagent_mass
from ytterby.flowsheet import Connection, End, Flowsheet, PlantBalance, solve_flowsheet
from ytterby.materials import Flow, species
from ytterby.report.plant import next_door_table
from ytterby.report.tables import number
from ytterby.study.plant import PlantStudy, run_plant
from ytterby.unitops import FluorideElectrolysis, MagnetMaking, StripCasting
from ytterby.unitops.colocation import YEAR, colocation

ROOT = Path(__file__).parents[2]
LACQ, METAL = (ROOT / "examples" / "lacq" / f"{name}.toml" for name in ("lacq", "metal"))
PAGE = ROOT / "docs" / "howto" / "put-a-metal-plant-next-door.md"
SCRAP = 1.0 - 0.998 * 0.985 * 0.985 * 0.97 * 0.70
"""Share of the alloy that a magnet maker turns into scrap and swarf, from the cited yields of his steps."""


# --- metal and alloy alone


def remelted(share: float) -> PlantBalance:
    """Oxide to alloy to magnets; a share of the scrap and all skull are cast again."""
    oxide = Flow(
        "solid", {"Nd2O3": 80.0 / reagent_mass("Nd2O3"), "Pr6O11": 20.0 / reagent_mass("Pr6O11")}
    )
    cells, cast = FluorideElectrolysis(name="cells"), StripCasting(name="cast")
    maker = MagnetMaking(name="maker")
    back = ["maker.scrap", "maker.swarf"]
    connections = [
        Connection("oxide", "cells.oxide"),
        Connection("cells.metal", "cast.metal"),
        Connection("cast.skull", "cast.metal"),
        Connection("cast.alloy", "maker.alloy"),
        *(Connection(outlet, "cast.metal", share) for outlet in back if share),
    ]
    ends = [
        End("maker.magnets", "product", "magnets"),
        End("cells.slag", "residue", "slag"),
        End("cells.gas", "emission", "gas"),
        End("maker.gas", "emission", "hydrogen"),
        *(End(outlet, "by-product", "scrap", 1.0 - share) for outlet in back if share < 1.0),
    ]
    units = (cells, cast, maker)
    return solve_flowsheet(
        Flowsheet("remelted", {"oxide": oxide}, units, tuple(connections), tuple(ends))
    )


def weight(flow: Flow, *symbols: str) -> float:
    """Of those elements [kg/h]."""
    return sum(flow.of(symbol) * species(symbol).molar_mass for symbol in symbols)


@pytest.mark.parametrize("share", [0.0, 0.5, 0.9, 1.0])
def test_what_is_cast_is_a_geometric_series(share: float) -> None:
    """R = M + (1 - y) R + a y s R: fresh metal, skull, and the share a of the scrap s of alloy y R."""
    balance = remelted(share)
    cast = balance.units["cast"]
    metal = balance.units["cells"].outlets["metal"].mass()
    melted = metal / (0.98 * (1.0 - share * SCRAP))
    assert weight(cast.inlets["metal"], "Nd", "Pr") == pytest.approx(melted, rel=1e-9)
    magnets = balance.leaving("product")["magnets"]
    assert weight(magnets, "Nd", "Pr") == pytest.approx(
        metal * (1.0 - SCRAP) / (1.0 - share * SCRAP), rel=1e-9
    )
    assert weight(magnets, "Nd", "Pr") / magnets.mass() == pytest.approx(0.31, rel=1e-9)
    assert balance.rounds <= 8


def test_when_all_scrap_is_cast_again_all_metal_leaves_as_magnets() -> None:
    """The loop gathers nothing: boron bought is that of the magnets, not that of the melt."""
    balance = remelted(1.0)
    magnets = balance.leaving("product")["magnets"]
    assert weight(magnets, "Nd", "Pr") == pytest.approx(
        balance.units["cells"].outlets["metal"].mass(), rel=1e-9
    )
    assert balance.bought()["ferroboron"].of("B") == pytest.approx(magnets.of("B"), rel=1e-9)


# --- the whole plant


@cache
def metal() -> PlantStudy:
    """The reference case with its stored designs."""
    plan = read(METAL).plant
    assert plan is not None
    return run_plant(plan)


def yearly(study: PlantStudy) -> dict[str, float]:
    """Products in t/y."""
    return {it.product.end: it.flow.mass() * study.hours / 1000.0 for it in study.products}


def test_its_refinery_is_the_reference_refinery() -> None:
    """Unit for unit; mill and roast alone take something more, and nothing else feeds the line."""
    here, there = (tomllib.loads(path.read_text("utf-8"))["plant"] for path in (METAL, LACQ))
    changed = {name for name, unit in there["units"].items() if here["units"][name] != unit}
    assert changed == {"mill", "roast"}
    assert here["units"].keys() - there["units"].keys() == {
        "electrolysis", "reduce-dy", "reduce-tb", "cast", "sinter", "diffuse",
    }  # fmt: skip
    for key in ("medium", "base", "hours", "designs", "feeds", "supplies"):
        assert here[key] == there[key]


def test_what_is_made_and_sold() -> None:
    """t/y of magnets and of oxides; 250 t of Dy and 45 t of Tb for Japan, each as printed, as oxides."""
    sold = yearly(metal())
    assert sold == pytest.approx(
        {
            "magnets": 1159.1,
            "ndpr-oxide": 399.7,
            "tb-oxide-japan": 44.95,
            "tb-oxide": 28.6,
            "dy-oxide-japan": 249.3,
            "dy-oxide": 260.4,
        },
        rel=0.005,
    )
    assert 245.0 <= sold["dy-oxide-japan"] <= 255.0
    assert 42.5 <= sold["tb-oxide-japan"] <= 47.5


def test_the_loop_settles_and_the_plant_closes() -> None:
    study = metal()
    assert study.balance.rounds <= 12
    assert max(map(abs, study.balance.closure.values())) < 1e-9


def test_what_arrives_is_what_was_sent_in_traces_too() -> None:
    """Streams at which the loop is cut: every element to a billionth of its own amount."""
    study, sheet = metal(), metal().balance.flowsheet
    for unit, balance in study.balance.units.items():
        for port, flow in balance.inlets.items():
            came: dict[str, float] = {}
            for it in sheet.into(f"{unit}.{port}"):
                source, _, outlet = it.source.partition(".")
                units = study.balance.units
                sent = units[source].outlets[outlet] if outlet else sheet.feeds[source]
                for symbol, amount in sent.atoms().items():
                    came[symbol] = came.get(symbol, 0.0) + it.share * amount
            assert flow.atoms() == pytest.approx(came, rel=1e-9, abs=1e-12), (unit, port)


def test_neodymium_in_the_loop_is_a_geometric_series() -> None:
    """X = F + k (r X + C), solved for X, what enters the roast; s, y, p are cited, r and q the refinery's.

    F: fed as magnets; C: from concentrates; r X: what the magnet line gives of X; k: of what reaches the
    cut Ce/Pr, the share q is oxide, 60 % of it reduced at recovery y with its fluoride, the share s scrap.
    """
    units = metal().balance.units
    entered = units["roast"].inlets["powder"].of("Nd")
    fed = metal().plan.flowsheet.feeds["magnets"].of("Nd")
    ratio = units["boron"].outlets["liquor"].of("Nd") / entered
    other = units["nd-sm"].outlets["raffinate"].of("Nd")
    together = units["condition-ce-pr"].inlets["liquor"].of("Nd")
    oxide = units["calcine-ndpr"].outlets["oxide"]
    reduced = units["electrolysis"].outlets["metal"].rare_earths()
    metal_mass = sum(moles * species(it).molar_mass for it, moles in reduced.items())
    fluoride_mass = sum(moles * species(f"{it}F3").molar_mass for it, moles in reduced.items())
    recovery = 0.95 / (1.0 - 0.95 * 0.07 * metal_mass / fluoride_mass)
    gain = oxide.of("Nd") / together * 0.6 * recovery * SCRAP
    assert entered == pytest.approx((fed + gain * other) / (1.0 - gain * ratio), rel=1e-9)
    assert 0.1 < gain * ratio < 0.3


def test_oxides_are_judged_and_what_no_balance_knows_of_magnets_is_left_open() -> None:
    meets = {it.product.end: it.meets for it in metal().products}
    assert meets == {
        "magnets": None, "ndpr-oxide": False,
        "tb-oxide-japan": None, "tb-oxide": None, "dy-oxide-japan": None, "dy-oxide": None,
    }  # fmt: skip
    assert "share" not in " ".join(metal().balance.units["diffuse"].notes)


# --- what standing next door saves


def handed_over() -> dict[str, tuple[float, float, str]]:
    """Oxide that goes to the metal plant [kg/h of the calendar year], its price per kg and the currency."""
    prices, study = latest_prices(("Nd", "Dy")), metal()
    calendar = study.hours / YEAR
    taken = {"NdPr oxide": ("electrolysis", "Nd"), "Dy oxide": ("reduce-dy", "Dy")}
    return {
        name: (
            study.balance.units[unit].inlets["oxide"].mass() * calendar,
            prices[symbol].per_kg,
            prices[symbol].currency,
        )
        for name, (unit, symbol) in taken.items()
    }


def test_the_page_quotes_what_standing_next_door_saves() -> None:
    rows = []
    for name, (flow, price, currency) in handed_over().items():
        found = colocation(flow, price)
        apart, together = found.apart, found.together
        tonnes = [flow * YEAR, apart.stock, together.stock, apart.emission - together.emission]
        stated = " | ".join(f"{it / 1000.0:.1f}" for it in tonnes)
        money = f"{found.released / 1e6:.2f} | {found.saved / 1e6:.3f}"
        rows.append(f"| {name} | {stated} | {price:g} {currency}/kg | {money} |")
    page = PAGE.read_text("utf-8")
    assert [row for row in rows if row not in page] == []


def test_the_report_shows_what_standing_next_door_saves() -> None:
    rows = next_door_table(metal()).rows
    told = {row[0]: row for row in rows}
    for name, unit in (("NdPr oxide", "electrolysis, Nd"), ("Dy oxide", "reduce-dy, Dy")):
        flow, price, _ = handed_over()[name]
        found = colocation(flow, price)
        assert told[unit][1:4] == tuple(
            number(it / 1000.0) for it in (flow * YEAR, found.apart.stock, found.together.stock)
        )
        assert told[unit][6:8] == (number(found.released), number(found.saved))


def test_the_page_quotes_the_loop() -> None:
    page, balance = re.sub(r"\s+", " ", PAGE.read_text("utf-8")), metal().balance
    hours = metal().hours / 1000.0
    back = sum(
        balance.units[name].outlets[port].mass() * hours
        for name, port in (("sinter", "scrap"), ("sinter", "swarf"), ("diffuse", "residue"))
    )
    alloy = balance.units["cast"].outlets["alloy"].mass() * hours
    assert f"{alloy:.0f} t/y of alloy, {yearly(metal())['magnets']:.0f} t/y of magnets" in page, (
        alloy
    )
    assert f"{back:.0f} t/y come back" in page, back
    assert "within a dozen rounds" in page and balance.rounds <= 12
