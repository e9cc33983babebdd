"""A small plant that tests share: a circuit with a stored design, a loop, a reagent that comes back."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from ytterby.case import Case, read
from ytterby.study.plant import PlantStudy, run_plant

CASE = """\
schema_version = 1
title = "A plant of seven units"

[plant]
name = "tiny"
medium = "nitrate"
base = "NH3"
hours = "8000 h"
designs = "designs.toml"

[plant.feeds.concentrate]
material = "CONCENTRATE_REF"
yearly = "100 t"

[plant.units.dissolve]
kind = "dissolution"
from.concentrate = ["concentrate"]
[plant.units.condition]
kind = "conditioning"
rare_earths = "1 mol/L"
acid = "0.01 mol/L"
from.liquor = ["dissolve.liquor"]
[plant.units.nd-sm]
kind = "solvent extraction"
cut = ["Nd", "Sm"]
from.feed = ["condition.liquor"]
[plant.units.thicken]
kind = "conditioning"
rare_earths = "1.5 mol/L"
from.liquor = ["nd-sm.strip_liquor"]
[plant.units.acidify]
kind = "conditioning"
acid = "0.1 mol/L"
from.liquor = ["nd-sm.raffinate", "20 % of oxalate.mother_liquor"]
[plant.units.oxalate]
kind = "oxalate precipitation"
from.liquor = ["acidify.liquor"]
[plant.units.calcine]
kind = "calcination"
from.cake = ["oxalate.cake"]

[plant.ends]
heavy = {of = ["thicken.liquor"], kind = "by-product"}
residues = {of = ["dissolve.residue", "calcine.dust"], kind = "residue"}
spent-solvent = {of = ["nd-sm.spent_solvent"], kind = "residue"}
gas = {of = ["dissolve.carbon_dioxide", "dissolve.vent", "calcine.gas"], kind = "emission"}
[plant.ends.waste-water]
of = ["80 % of oxalate.mother_liquor", "acidify.condensate", "condition.condensate"]
kind = "effluent"
[plant.ends.ndpr]
of = ["calcine.oxide"]
kind = "product"
product = "praseodymium-neodymium oxide"
grade = "99.5 magnet grade"

[plant.supplies]
water = ["thicken.condensate"]
"""
DESIGNS = """\
[nitrate.nd-sm]
stages = [7, 5, 2]
loaded = 30.538090934763023
organic_flow = 0.3472013567803114
saponification = 0.21580315096882421
scrub_flow = 0.0036261981829298663
scrub_acid = 5999.999999999995
strip_flow = 0.026997420151434803
strip_acid = 5999.999999999995
proportion = 13.438745833998208
"""


def write_case(directory: Path, text: str = CASE) -> Path:
    """The case with its designs beside it; its path."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "designs.toml").write_text(DESIGNS, encoding="utf-8")
    path = directory / "tiny.toml"
    path.write_text(text, encoding="utf-8")
    return path


@cache
def case(directory: Path) -> Case:
    """The case, read."""
    return read(write_case(directory))


_solved: dict[str, PlantStudy] = {}


def study(directory: Path) -> PlantStudy:
    """The case as it stands, solved once."""
    if "tiny" not in _solved:
        plan = case(directory).plant
        assert plan is not None
        _solved["tiny"] = run_plant(plan)
    return _solved["tiny"]
