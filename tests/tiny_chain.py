"""A hand-made chain of metals that are no rare earths: gallium and indium from liquor to wafers."""

from __future__ import annotations

from ytterby.chain.demand import Demand
from ytterby.chain.evidence import Evidence
from ytterby.chain.months import month
from ytterby.chain.network import Facility, Line, Material, Network, Range, Recipe

LIQUOR = Material("liquor", "Bayer liquor", "liquor", {"Ga": 0.1})
OXIDE_GA = Material("Ga_oxide", "gallium oxide", "oxide", {"Ga": 0.75})
OXIDE_IN = Material("In_oxide", "indium oxide", "oxide", {"In": 0.8})
METAL_GA = Material("Ga_metal", "gallium", "metal", {"Ga": 1.0})
METAL_IN = Material("In_metal", "indium", "metal", {"In": 1.0})
WAFER = Material("wafer", "GaAs wafer", "wafer", {"Ga": 0.5})
WAFER_IN = Material("wafer_In", "InGaAs wafer", "wafer", {"Ga": 0.4, "In": 0.1})
MATERIALS = {
    it.name: it for it in (LIQUOR, OXIDE_GA, OXIDE_IN, METAL_GA, METAL_IN, WAFER, WAFER_IN)
}
RECIPES = {
    it.name: it
    for it in (
        Recipe("draw_liquor", "", "mining", "liquor", {}, {"liquor": 1.0}),
        Recipe("refine", "", "refining", "Ga_oxide", {"liquor": 8.0}, {"Ga_oxide": 1.0}, 2.0),
        Recipe("recover_In", "", "refining", "In_oxide", {}, {"In_oxide": 1.0}, 2.0),
        Recipe("Ga_metal", "", "metal", "Ga_metal", {"Ga_oxide": 1.4}, {"Ga_metal": 1.0}, 1.0),
        Recipe("In_metal", "", "metal", "In_metal", {"In_oxide": 1.3}, {"In_metal": 1.0}, 1.0),
        Recipe("wafer", "", "wafer", "wafer", {"Ga_metal": 0.6}, {"wafer": 1.0}, 3.0),
        Recipe(
            "wafer_In",
            "",
            "wafer",
            "wafer_In",
            {"Ga_metal": 0.5, "In_metal": 0.2},
            {"wafer_In": 1.0},
            3.0,
        ),
    )
}


def facility(
    name: str, country: str = "AAA", owner: str = "", status: str = "operating"
) -> Facility:
    """A facility of that name; its owner is called as it is unless said."""
    return Facility(name, name, owner or name, owner or name, country, None, None, status)


def line(
    of: str,
    stage: str,
    *recipes: str,
    capacity: float | None = 120.0,
    starts: str = "",
    ends: str = "",
    name: str = "",
) -> Line:
    """A line with one figure for its capacity [t/year]; dates as text, empty for none."""
    size = None if capacity is None else Range(capacity, capacity, capacity)
    first = month(starts) if starts else None
    last = month(ends) if ends else None
    return Line(of, name or stage, stage, recipes, size, first, last)


def network(facilities: list[Facility], lines: list[Line]) -> Network:
    """Those facilities and lines with the materials and recipes of this file."""
    return Network(
        MATERIALS,
        RECIPES,
        {it.name: it for it in facilities},
        {it.key: it for it in lines},
    )


def row(
    of: str,
    stage: str,
    kind: str,
    when: str = "",
    customer_class: str = "",
    material: str = "",
    what: str = "",
) -> Evidence:
    """One row of evidence; a date as text, empty for none."""
    dated = month(when) if when else None
    return Evidence(of, stage, kind, dated, what or f"{kind} {when}", customer_class, material)


def demand(material: str, tonnes: float, year: int, customer_class: str = "") -> Demand:
    """So many tonnes in each month of a year, by a customer of a class."""
    due = {12 * year + it: tonnes for it in range(12)}
    return Demand("buyer", "buyer", "AAA", customer_class, material, due)


def magnets() -> Network:
    """From ore to magnets by two coupled oxides, with swarf that can be recycled; round figures by hand."""
    alloy = {"Nd": 0.27, "Dy": 0.04}
    materials = (
        Material("ore", "ore", "concentrate", {"Nd": 0.1, "Dy": 0.01}),
        Material("clay", "clay", "concentrate", {"Nd": 0.05, "Dy": 0.02}),
        Material("Nd_oxide", "neodymium oxide", "oxide", {"Nd": 0.857}),
        Material("Dy_oxide", "dysprosium oxide", "oxide", {"Dy": 0.871}),
        Material("Nd_metal", "neodymium", "metal", {"Nd": 1.0}),
        Material("Dy_metal", "dysprosium", "metal", {"Dy": 1.0}),
        Material("alloy", "alloy", "alloy", alloy),
        Material("alloy_lean", "alloy without Dy", "alloy", {"Nd": 0.3}),
        Material("magnet", "magnet", "magnet", alloy),
        Material("magnet_lean", "magnet without Dy", "magnet", {"Nd": 0.3}),
        Material("swarf", "swarf", "scrap", alloy),
    )
    recipes = (
        Recipe("mine", "", "mining", "ore", {}, {"ore": 1.0}, 1.0),
        Recipe("dig", "", "mining", "clay", {}, {"clay": 1.0}, 1.0),
        Recipe(
            "separate",
            "",
            "separation",
            "Nd_oxide",
            {"ore": 9.0},
            {"Nd_oxide": 1.0, "Dy_oxide": 0.09},
            2.0,
        ),
        Recipe(
            "separate_clay",
            "",
            "separation",
            "Dy_oxide",
            {"clay": 50.0},
            {"Nd_oxide": 2.5, "Dy_oxide": 1.0},
            2.0,
        ),
        Recipe("Nd_metal", "", "metal", "Nd_metal", {"Nd_oxide": 1.2}, {"Nd_metal": 1.0}, 1.0),
        Recipe("Dy_metal", "", "metal", "Dy_metal", {"Dy_oxide": 1.25}, {"Dy_metal": 1.0}, 1.0),
        Recipe(
            "alloy",
            "",
            "alloy",
            "alloy",
            {"Nd_metal": 0.28, "Dy_metal": 0.042},
            {"alloy": 1.0},
            1.0,
        ),
        Recipe(
            "alloy_lean", "", "alloy", "alloy_lean", {"Nd_metal": 0.31}, {"alloy_lean": 1.0}, 1.0
        ),
        Recipe(
            "magnet", "", "magnet", "magnet", {"alloy": 1.5}, {"magnet": 1.0, "swarf": 0.4}, 3.0
        ),
        Recipe(
            "magnet_lean",
            "",
            "magnet",
            "magnet_lean",
            {"alloy_lean": 1.4},
            {"magnet_lean": 1.0},
            3.0,
        ),
        Recipe(
            "recycle",
            "",
            "recycling",
            "swarf",
            {"swarf": 1.0},
            {"Nd_oxide": 0.3, "Dy_oxide": 0.04},
            2.0,
        ),
    )
    return Network({it.name: it for it in materials}, {it.name: it for it in recipes}, {}, {})
