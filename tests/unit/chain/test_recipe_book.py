"""Materials and recipes from mine to magnet, against stoichiometry and yields worked out by hand."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars
import pytest

from ytterby.chain.contents import End, counted, materials_of
from ytterby.chain.network import Network
from ytterby.chain.own_network import read_network, recipe_of_results, with_plant
from ytterby.chain.recipe_book import (
    ENDS,
    lead_range,
    leads_of,
    materials,
    recipe_ranges,
    recipes,
    recipes_of,
)
from ytterby.datasets import read_rows, table
from ytterby.datasets.feeds import feed
from ytterby.datasets.process import downstream_parameter
from ytterby.elements import metal_to_oxide
from ytterby.errors import DataError

GALLIUM = Path(__file__).parents[2] / "data" / "chain_gallium"
GRADES = ("N", "M", "H", "SH", "UH", "EH")


def shipped() -> Network:
    return Network(materials(), recipes(), {}, {})


def fault_of(call: Any, *arguments: Any) -> Any:
    with pytest.raises(DataError) as caught:
        call(*arguments)
    return caught.value.faults[0]


# --- materials


def test_the_materials_are_those_that_others_name() -> None:
    ores = ("bastnaesite", "monazite", "xenotime")
    named = {
        *(f"{ore}_concentrate" for ore in ores),
        *("ionic_clay_MREC", "heavy_MREC", "eol_magnets", "swarf", "swarf_heavy"),
        *("lacq_magnets", "lacq_concentrate"),
        *(f"{it}_oxide" for it in ("NdPr", "Dy", "Tb", "LaCe", "SEG", "HREE")),
        *(f"{it}_metal" for it in ("NdPr", "Dy", "Tb")),
        *(f"alloy_{grade}" for grade in GRADES),
        *(f"magnet_{grade}" for grade in GRADES),
        *(f"magnet_{grade}_gbd" for grade in GRADES[2:]),
    }
    assert set(materials()) == named
    forms = {"concentrate", "carbonate", "scrap", "oxide", "metal", "alloy", "magnet"}
    assert {it.form for it in materials().values()} == forms


def test_oxides_hold_what_their_formulas_say() -> None:
    """Dy2O3: 2 x 162.5 / (2 x 162.5 + 3 x 15.999) = 0.8713; Tb4O7: 635.7 / 747.69 = 0.8502."""
    assert materials()["Dy_oxide"].content == pytest.approx({"Dy": 0.8713}, abs=5e-5)
    assert materials()["Tb_oxide"].content == pytest.approx({"Tb": 0.8502}, abs=5e-5)
    assert materials()["Dy_oxide"].content["Dy"] * metal_to_oxide("Dy") == pytest.approx(1.0)


def test_a_blend_of_oxides_counts_as_its_main_element() -> None:
    """75 % Nd2O3 (1.1664 per Nd) and 25 % Pr6O11 (1.2082 per Pr): 0.6430 + 0.2069 = 0.8499."""
    held = materials()["NdPr_oxide"].content
    assert held == pytest.approx({"Nd": 0.75 / 1.1664 + 0.25 / 1.2082}, rel=1e-4)


def test_a_concentrate_holds_all_the_metal_of_its_feed() -> None:
    """What is counted is no more and no less than the rare earths of the basket."""
    basket = feed("BAST_MP").composition()
    others = ("Th", "U", "Fe", "Ca", "Si", "Al", "F", "P")
    metals = sum(mass for symbol, mass in basket.items() if symbol not in others)
    assert sum(materials()["bastnaesite_concentrate"].content.values()) == pytest.approx(metals)
    assert counted({"Nd": 0.2, "Pr": 0.1, "Fe": 0.5, "Tb": 0.01}) == pytest.approx(
        {"Nd": 0.3, "Tb": 0.01}
    )


def test_a_clay_carbonate_has_the_oxides_of_a_carbonate() -> None:
    """49 % TREO in place of the 92 % of calcined oxide; the basket stays."""
    clay = materials()["ionic_clay_MREC"].content
    assert clay["Dy"] == pytest.approx(0.49 * 0.04 / metal_to_oxide("Dy"), rel=1e-12)


def test_dysprosium_of_a_bulk_magnet() -> None:
    """Grade SH: 28.1 % Nd and Pr, 2.5 % Dy; richer grades have more Dy and less Nd and Pr."""
    assert materials()["magnet_SH"].content == pytest.approx({"Nd": 0.281, "Dy": 0.025})
    heavy = [materials()[f"magnet_{grade}"].content["Dy"] for grade in GRADES]
    light = [materials()[f"magnet_{grade}"].content["Nd"] for grade in GRADES]
    assert heavy == sorted(heavy)
    assert light == sorted(light, reverse=True)


def test_diffused_magnets() -> None:
    """UH from alloy H with 0.35 % Tb, as read: 0.9965 x 1.3 % Dy."""
    held = materials()["magnet_UH_gbd"].content
    assert held == pytest.approx({"Nd": 0.9965 * 0.291, "Dy": 0.9965 * 0.013, "Tb": 0.0035})


@pytest.mark.parametrize("grade", ["H", "SH", "UH", "EH"])
def test_diffusion_saves_what_it_is_said_to_save(grade: str) -> None:
    """30 to 75 % of the heavy rare earth of bulk alloying, and Tb that does 1.5 to 2 times the work of Dy."""
    bulk = materials()[f"magnet_{grade}"].content["Dy"]
    held = materials()[f"magnet_{grade}_gbd"].content
    saving = downstream_parameter("grain_boundary_diffusion", "HRE_saving").to("1")
    assert saving.low is not None
    assert saving.high is not None
    assert saving.low <= 1 - (held["Dy"] + held["Tb"]) / bulk <= saving.high
    work = downstream_parameter("magnet_grade", "Dy_per_Tb")
    spread = downstream_parameter("magnet_grade", "Dy_equivalent_content", grade).to("1")
    for per_terbium in (work.low, work.high):
        assert per_terbium is not None
        assert spread.low is not None
        assert spread.low <= held["Dy"] + per_terbium * held["Tb"] <= bulk


# --- recipes


def test_the_recipes_are_those_that_others_name() -> None:
    named = {
        *("mine_bastnaesite", "mine_monazite", "mine_xenotime", "leach_ionic_clay"),
        *("concentrate_heavy", "collect_magnets", "collect_lacq_magnets", "concentrate_lacq"),
        *("separate_bastnaesite", "separate_monazite", "separate_xenotime"),
        *("separate_ionic_clay", "separate_heavy", "lacq_refinery"),
        *("recycle_magnets", "recycle_swarf", "recycle_swarf_heavy"),
        *("NdPr_metal", "Dy_metal", "Tb_metal"),
        *(f"alloy_{grade}" for grade in GRADES),
        *(f"magnet_{grade}" for grade in GRADES),
        *(f"magnet_{grade}_gbd" for grade in GRADES[2:]),
    }
    assert set(recipes()) == named
    assert {it.stage for it in recipes().values()} == {
        *("mining", "collection", "separation", "recycling", "metal", "alloy", "magnet"),
    }


@pytest.mark.parametrize("end", ENDS)
def test_every_recipe_closes_at_every_end_of_its_yields(end: End) -> None:
    leads = leads_of(table("chain_leads"))
    found = recipes_of(table("chain_recipes"), materials(), leads, end)
    assert Network(materials(), found, {}, {}).recipes == found


def test_a_recipe_that_makes_an_element_is_refused() -> None:
    """An alloy from 3 % less metal, where 2 % are lost."""
    cast = recipes()["alloy_SH"]
    less = replace(cast, inputs={name: 0.97 * it for name, it in cast.inputs.items()})
    fault = fault_of(Network, materials(), {"alloy_SH": less}, {}, {})
    assert "more out than in" in fault.read


def test_oxide_per_metal() -> None:
    """Calcium reduction at 95 %: 1.1477 t Dy2O3 per t of Dy in it, over 0.95; 1.19 t of Pr-Nd oxide."""
    assert recipes()["Dy_metal"].inputs == pytest.approx({"Dy_oxide": 1.1477 / 0.95}, rel=1e-4)
    assert recipes()["Tb_metal"].inputs == pytest.approx({"Tb_oxide": 1.1762 / 0.95}, rel=1e-4)
    assert recipes()["NdPr_metal"].inputs == {"NdPr_oxide": 1.19}
    spread = recipe_ranges("Dy_metal").inputs["Dy_oxide"]
    assert (spread.low, spread.high) == pytest.approx((1.1477 / 0.97, 1.1477 / 0.93), rel=1e-4)


def test_metal_per_alloy() -> None:
    """Strip casting at 98 %."""
    inputs = recipes()["alloy_SH"].inputs
    assert inputs == pytest.approx({"NdPr_metal": 0.281 / 0.98, "Dy_metal": 0.025 / 0.98})


def test_swarf_per_magnet() -> None:
    """29,300 t of blanks gave 20,900 t of magnets: 8,400 / 20,900 = 0.4019 t of swarf per t finished."""
    ground = 8400 / 20900
    for name in ("magnet_N", "magnet_SH", "magnet_EH", "magnet_UH_gbd"):
        parts = {it: t for it, t in recipes()[name].outputs.items() if it.startswith("swarf")}
        assert sum(parts.values()) == pytest.approx(ground, rel=1e-12), name
    assert recipes()["magnet_SH"].inputs == pytest.approx({"alloy_SH": 1 / 0.65})
    spread = recipe_ranges("magnet_N").outputs["swarf"]
    assert (spread.low, spread.high) == pytest.approx((0.15 / 0.85, 0.40 / 0.60))


@pytest.mark.parametrize("grade", GRADES)
def test_the_two_swarfs_hold_what_was_ground_off(grade: str) -> None:
    """Dy to the last digit; Nd to 0.5 %, since grades trade them nearly, not quite, one for one."""
    kinds = materials()
    returned = {
        symbol: sum(
            tonnes * kinds[name].content[symbol]
            for name, tonnes in recipes()[f"magnet_{grade}"].outputs.items()
            if name.startswith("swarf")
        )
        for symbol in ("Dy", "Nd")
    }
    ground = 8400 / 20900
    alloy = kinds[f"alloy_{grade}"].content
    assert returned["Dy"] == pytest.approx(ground * alloy["Dy"], rel=1e-12)
    assert returned["Nd"] == pytest.approx(ground * alloy["Nd"], rel=5e-3)


def test_dysprosium_oxide_per_magnet() -> None:
    """SH, nothing returned: 0.025 / 0.65 / 0.98 / 0.95 x 1.1477 = 0.0474 t of oxide per t of magnet."""
    book = recipes()
    oxide = (
        book["magnet_SH"].inputs["alloy_SH"]
        * book["alloy_SH"].inputs["Dy_metal"]
        * book["Dy_metal"].inputs["Dy_oxide"]
    )
    assert oxide == pytest.approx(0.04741, rel=1e-3)


def test_terbium_per_diffused_magnet() -> None:
    """0.35 % stay in the magnet, 45 % of what is applied does: 0.0078 t of metal per t."""
    assert recipes()["magnet_UH_gbd"].inputs["Tb_metal"] == pytest.approx(0.0035 / 0.45)
    spread = recipe_ranges("magnet_UH_gbd").inputs["Tb_metal"]
    assert (spread.low, spread.high) == pytest.approx((0.0035 / 0.8, 0.0035 / 0.2))


def test_separation_gives_oxides_in_the_ratio_of_the_feed() -> None:
    """Clay: 20 % Nd2O3 and 6 % Pr6O11 to 4 % Dy2O3; one yield for all, so it cancels."""
    recipe = recipes()["separate_ionic_clay"]
    metal = 0.20 / metal_to_oxide("Nd") + 0.06 / metal_to_oxide("Pr")
    ndpr = metal / materials()["NdPr_oxide"].content["Nd"]
    assert recipe.outputs["Dy_oxide"] == pytest.approx(0.04 / ndpr, rel=1e-9)
    assert recipe.inputs["ionic_clay_MREC"] == pytest.approx(1 / (0.49 * ndpr * 0.94), rel=1e-9)
    lost = recipe.lost(materials())
    held = materials()["ionic_clay_MREC"].content
    for symbol, mass in lost.items():
        assert mass == pytest.approx(0.06 * recipe.inputs["ionic_clay_MREC"] * held[symbol])


def test_recycling_returns_what_magnets_hold_times_its_yield() -> None:
    """MAG_MIX_REF: 2.0 % Dy; 94 %; 0.8713 Dy in the oxide."""
    outputs = recipes()["recycle_magnets"].outputs
    assert outputs["Dy_oxide"] == pytest.approx(0.020 * 0.94 / 0.8713, rel=1e-4)
    assert outputs["NdPr_oxide"] == pytest.approx(0.273 * 0.94 / 0.84994, rel=1e-4)


def test_what_is_assumed_says_so() -> None:
    assumed = {it.name for it in recipes().values() if it.cited.basis == "assumed"}
    assert {"recycle_magnets", "recycle_swarf", "separate_bastnaesite", "magnet_SH_gbd"} <= assumed
    assert {"alloy_SH", "magnet_SH", "magnet_UH_gbd", "separate_monazite"}.isdisjoint(assumed)
    assert recipes()["magnet_SH"].cited.basis == "recalled"
    assert "ARNOLD11" in recipes()["magnet_SH"].cited.also


def test_leads_come_from_the_times_between_suppliers_and_customers() -> None:
    """Oxide to strip-cast alloy 4 to 8 weeks, half for each of the two stages."""
    spread = lead_range("metal")
    assert (spread.low, spread.high) == pytest.approx((14 / 30.4375, 28 / 30.4375), rel=1e-12)
    assert recipes()["alloy_N"].lead == spread.value == lead_range("alloy").value
    assert recipes()["separate_heavy"].lead == 2.0


def test_unknown_names_say_the_nearest() -> None:
    assert fault_of(recipe_ranges, "magnet_Sh").nearest == "magnet_SH"
    assert fault_of(lead_range, "alloys").nearest == "alloy"


# --- the recipe of a simulated plant

STREAMS = (
    ("scrap", "feed", "solid", 100.0, {"Nd": 25.0, "Pr": 5.0, "Dy": 2.0, "Fe": 68.0}),
    ("carbonate", "feed", "solid", 400.0, {"Dy": 40.0, "Ho": 8.0, "Er": 12.0, "La": 20.0}),
    ("acid", "reagent", "liquor", 900.0, {"N": 90.0}),
    ("light", "product", "solid", 36.0, {"Nd": 24.0, "Pr": 4.5, "Dy": 0.1}),
    ("heavy", "product", "solid", 45.0, {"Dy": 39.0, "Ho": 0.02}),
    ("rest", "by-product", "solid", 40.0, {"Ho": 7.0, "Er": 11.0, "Dy": 0.5}),
    ("lanthanum", "by-product", "solid", 23.0, {"La": 19.0}),
    ("liquor", "by-product", "liquor", 9.0, {"Dy": 0.5}),
    ("cake", "residue", "solid", 90.0, {"Fe": 68.0, "Nd": 0.5}),
)


def results(folder: Path, streams: Any = STREAMS) -> Path:
    """A folder with the two files that a recipe is read from."""
    folder.mkdir(exist_ok=True)
    cells = [(name, symbol, kg) for name, *_, held in streams for symbol, kg in held.items()]
    schema = {"stream": polars.String, "element": polars.String, "kg_per_h": polars.Float64}
    path = folder / "elements.parquet"
    polars.DataFrame(cells, schema=schema, orient="row").write_parquet(path)
    write_document(folder, streams, hashlib.sha256(path.read_bytes()).hexdigest())
    return folder


def write_document(folder: Path, streams: Any, digest: str, **more: Any) -> None:
    document: dict[str, Any] = {
        "format": "ytterby.plant-result",
        "version": 1,
        "plant": "mill",
        "title": "A mill",
        "streams": [
            {"stream": name, "kind": kind, "state": state, "kg_per_h": total}
            for name, kind, state, total, _ in streams
        ],
        "sources": [{"key": "T21"}, {"key": "CONVENTION"}],
        "run": {"files": {"elements.parquet": digest}},
    }
    (folder / "result.json").write_text(json.dumps(document | more), encoding="utf-8")


def test_the_recipe_of_a_plant_counts_per_its_largest_feed(tmp_path: Path) -> None:
    """0.25 t of scrap with each t of carbonate; outputs by the metal that the blends hold."""
    made, recipe = recipe_of_results(results(tmp_path))
    assert (recipe.name, recipe.stage, recipe.per) == (
        "mill_refinery",
        "separation",
        "mill_carbonate",
    )
    assert recipe.inputs == pytest.approx({"mill_scrap": 0.25, "mill_carbonate": 1.0})
    oxide = {name: it.content for name, it in materials().items()}
    assert recipe.outputs == pytest.approx(
        {
            "NdPr_oxide": 28.5 / oxide["NdPr_oxide"]["Nd"] / 400,
            "Dy_oxide": 39.0 / oxide["Dy_oxide"]["Dy"] / 400,
            "HREE_oxide": 18.0 / oxide["HREE_oxide"]["Y"] / 400,
            "LaCe_oxide": 19.0 / oxide["LaCe_oxide"]["Ce"] / 400,
        }
    )
    by_name: Mapping[str, Any] = {it.name: it for it in made}
    assert by_name["mill_scrap"].content == pytest.approx({"Nd": 0.3, "Dy": 0.02})
    assert by_name["mill_carbonate"].form == "feed"
    assert recipe.cited.basis == "recalled"


def test_the_recipe_of_a_plant_closes_and_loses_what_is_not_sold(tmp_path: Path) -> None:
    """Dy in: 42 kg/h; sold as Dy oxide: 39; as an impurity of the others or in liquor: lost to the chain."""
    network = with_plant(shipped(), results(tmp_path))
    lost = network.recipes["mill_refinery"].lost(network.materials)
    assert lost["Dy"] == pytest.approx((42.0 - 39.0) / 400)
    assert lost["Nd"] == pytest.approx((30.0 - 28.5) / 400)
    assert "magnet_SH" in network.recipes


def test_two_goods_of_one_oxide_are_added(tmp_path: Path) -> None:
    more = (*STREAMS, ("second", "product", "solid", 1.0, {"Dy": 0.8}))
    _, recipe = recipe_of_results(results(tmp_path, more))
    held = materials()["Dy_oxide"].content["Dy"]
    assert recipe.outputs["Dy_oxide"] == pytest.approx(39.8 / held / 400)


def test_what_is_no_result_of_a_plant_is_refused(tmp_path: Path) -> None:
    assert "ytterby run" in fault_of(recipe_of_results, tmp_path / "nowhere").expected
    folder = results(tmp_path / "mixed")
    write_document(folder, STREAMS, "0" * 64)
    fault = fault_of(recipe_of_results, folder)
    assert fault.read == "a file of another run"
    write_document(folder, STREAMS, "0" * 64, format="ytterby.circuit-result")
    assert "plant-result" in fault_of(recipe_of_results, folder).expected
    (folder / "result.json").write_text("{", encoding="utf-8")
    assert fault_of(recipe_of_results, folder).read == "no JSON"
    water = (("water", "feed", "liquor", 10.0, {"H": 1.0}),)
    assert fault_of(recipe_of_results, results(tmp_path / "dry", water)).read == "no such feed"


# --- a chain of another metal


def test_a_chain_of_gallium() -> None:
    """Nothing in the code is about rare earths: the network takes it, and gallium closes."""
    network = read_network(GALLIUM)
    assert network.elements == ("Ga",)
    assert network.makers["crude_gallium"] == ("extract_gallium", "recycle_gaas")
    assert network.recipes["recycle_gaas"].lead == 2.0
    grown = network.recipes["grow_gaas"]
    assert grown.lost(network.materials)["Ga"] == pytest.approx(0.964 - 1.8 * 0.482)
    refiner = network.lines["refiner_two", "metal"]
    assert refiner.capacity is not None
    assert (refiner.capacity.value, refiner.starts) == (30.0, 12 * 2027 + 5)
    assert network.lines["refiner_two", "recycling"].capacity is None


def test_a_folder_that_makes_gallium_from_nothing_is_refused(tmp_path: Path) -> None:
    for path in GALLIUM.iterdir():
        text = path.read_text(encoding="utf-8")
        if path.name == "recipes.csv":
            text = text.replace("0.6,0.8,0.9", "0.6,1.1,1.2")
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    fault = fault_of(read_network, tmp_path)
    assert fault.where == "recipe grow_gaas"
    assert "of Ga more out than in" in fault.read
    (tmp_path / "leads.csv").unlink()
    assert fault_of(read_network, tmp_path).where.endswith("leads.csv")


def test_faulty_references_are_located(tmp_path: Path) -> None:
    head = (GALLIUM / "materials.csv").read_text(encoding="utf-8").split("bayer_liquor")[0]
    for way, text, read in (
        ("gvien", "Ga:1", "gvien"),
        ("given", "Ga", "Ga"),
        ("given", "Ga:much", "Ga:much"),
        ("same", "nothing", "nothing"),
        ("facts", "Nd = upstream: a / b / c", "upstream"),
    ):
        path = tmp_path / "materials.csv"
        path.write_text(f'{head}one,One,metal,{way},"{text}",,\n', encoding="utf-8")
        fault = fault_of(materials_of, read_rows(path, "chain_materials"))
        assert "line " in fault.where
        assert read in fault.read
