"""What `ytterby check` says of faulty plants: one slip, one fault, at its own line; all slips at once."""

from __future__ import annotations

import json
import re
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from command_line import refused, shown, ytterby
from ytterby.case import read
from ytterby.errors import CaseError, ExitCode

LACQ = Path(__file__).parents[2] / "examples" / "lacq" / "lacq.toml"
TEXT = LACQ.read_text("utf-8")
mutate: Callable[[str, int], bytes] = runpy.run_path(str(Path(__file__).with_name("mutations.py")))[
    "mutate"
]


class Slip(NamedTuple):
    """One thing done wrong to the reference case, and what has to be said of it."""

    old: str
    new: str
    at: str
    """First text of the line that the fault is told at, after the change."""
    key: str
    """Below ``plant``."""
    parts: tuple[str, ...]


GLAD = "\n  nearest   "
THEN = "\n  next      "
SLIPS = {
    "kind": Slip(
        'kind = "oxidative roast"', 'kind = "oxidativ roast"', 'kind = "oxidativ roast"',
        "units.roast.kind", ('"oxidativ roast"', f"{GLAD}oxidative roast", "ytterby list units"),
    ),
    "no kind": Slip(
        'kind = "oxidative roast"\n', "", "[plant.units.roast]",
        "units.roast.kind", ("read      nothing", f'{THEN}add a line such as kind = "'),
    ),
    "unit that is not there": Slip(
        '["roast.oxides"]', '["roats.oxides"]', 'from.oxides = ["roats',
        "units.leach.from.oxides.0", ('"roats.oxides"', f"{GLAD}roast.oxides"),
    ),
    "outlet that a unit does not have": Slip(
        '["roast.oxides"]', '["roast.oxide"]', 'from.oxides = ["roast.oxide"]',
        "units.leach.from.oxides.0",
        ("an outlet of roast: oxides, dust, offgas", f"{GLAD}roast.oxides"),
    ),
    "unit without outlet": Slip(
        '["roast.oxides"]', '["roast"]', 'from.oxides = ["roast"]',
        "units.leach.from.oxides.0", ('"roast"', "an outlet of roast: oxides, dust, offgas"),
    ),
    "inlet that a unit does not have": Slip(
        "from.oxides = ", "from.oxide = ", "from.oxide = ",
        "units.leach.from.oxide", ('"selective leach" does not have', f"{THEN}rename it oxides"),
    ),
    "inlet that is no list": Slip(
        'from.powder = ["mill.powder"]', 'from.powder = "mill.powder"', "from.powder = ",
        "units.roast.from.powder", ("a list of names", f"{THEN}write a line such as powder = ["),
    ),
    "feed that is not there": Slip(
        'from.magnets = ["magnets"]', 'from.magnets = ["magnet"]', 'from.magnets = ["magnet"]',
        "units.reception.from.magnets.0", ('"magnet"', f"{GLAD}magnets"),
    ),
    "shares below the whole": Slip(
        '["leach.liquor"]', '["60 % of leach.liquor"]', 'from.liquor = ["60 % of leach',
        "units.purify-m.from.liquor.0",
        ("shares that sum to 60 %", "expected  100 %", f"{THEN}say where the rest goes"),
    ),
    "shares above the whole": Slip(
        'of = ["reception.rejects"]', 'of = ["reception.rejects", "leach.residue"]',
        'of = ["leach.residue"]', "ends.iron-residue.of.0",
        ("leach.residue given away by shares that sum to 200 %", f"{THEN}part it by shares"),
    ),
    "share above the whole": Slip(
        '["leach.liquor"]', '["160 % of leach.liquor"]', 'from.liquor = ["160 %',
        "units.purify-m.from.liquor.0", ('"160 % of leach.liquor"', "up to 100 %"),
    ),
    "share that is no number": Slip(
        '["leach.liquor"]', '["6.0.0 % of leach.liquor"]', 'from.liquor = ["6.0.0 %',
        "units.purify-m.from.liquor.0", ('"6.0.0 % of leach.liquor"', 'as "30 % of unit.outlet"'),
    ),
    "one outlet twice": Slip(
        '["leach.liquor"]', '["50 % of leach.liquor", "50 % of leach.liquor"]',
        'from.liquor = ["50 %', "units.purify-m.from.liquor.1", ("a second time",),
    ),
    "no end": Slip(
        '[plant.ends.rejects]\nof = ["reception.rejects"]\nkind = "residue"\n', "",
        "[plant.units.reception]", "units.reception",
        ("reception.rejects leads nowhere", f'{THEN}name "reception.rejects" under from of a unit'),
    ),
    "kind of an end": Slip(
        'kind = "emission"', 'kind = "emision"', 'kind = "emision"',
        "ends.off-gas.kind", ('"emision"', f"{GLAD}emission"),
    ),
    "quantity without unit": Slip(
        'hours = "8000 h"', 'hours = "8000"', 'hours = "8000"',
        "hours", ('"8000" (no unit)', "time such as"),
    ),
    "quantity of another kind": Slip(
        'yearly = "2000 t"', 'yearly = "2000 m3"', 'yearly = "2000 m3"',
        "feeds.magnets.yearly", ('"2000 m3" (volume)', "mass such as"),
    ),
    "number without unit": Slip(
        'raffinate_wrong_side = "0.05 %"', "raffinate_wrong_side = 60", "raffinate_wrong_side",
        "units.tb-dy.raffinate_wrong_side", ("60", "fraction"),
    ),
    "medium": Slip(
        'medium = "nitrate" ', 'medium = "nitrat" ', 'medium = "nitrat"',
        "medium", ('"nitrat"', "one of: nitrate, chloride", f"{GLAD}nitrate"),
    ),
    "material": Slip(
        '"MAG_CLOSING_REF"', '"MAG_CLOSING"', 'material = "MAG_CLOSING"',
        "feeds.magnets.material", (f"{GLAD}MAG_CLOSING_REF", "ytterby list feeds"),
    ),
    "blend": Slip(
        'material = "MAG_CLOSING_REF"', 'blend = { MAG_CLOSING_REF = "60 %" }', "blend = ",
        "feeds.magnets.blend", ("shares that sum to 60 %", f"{THEN}say what the rest is"),
    ),
    "option of another kind": Slip(
        'kind = "milling"\n', 'kind = "milling"\nmethod = "resin"\n', 'method = "resin"',
        "units.mill.method", ('an option that "milling" does not have', f"{THEN}remove it"),
    ),
    "setting": Slip(
        "ph = 5.5 ", "phh = 5.5 ", "phh = 5.5",
        "units.purify-m.settings.phh", (f"{GLAD}ph\n", "ytterby list units"),
    ),
    "no cut": Slip(
        'cut = ["Nd", "Tb"]\n', "", "[plant.units.nd-tb]",
        "units.nd-tb.cut", ("read      nothing", f"{THEN}add cut = ["),
    ),
    "cut of what is no rare earth": Slip(
        'cut = ["Nd", "Tb"]', 'cut = ["Nd", "Tbb"]', 'cut = ["Nd", "Tbb"]',
        "units.nd-tb.cut", ('"Tbb"', f"{GLAD}Tb"),
    ),
    "cut the wrong way round": Slip(
        'cut = ["Nd", "Tb"]', 'cut = ["Tb", "Nd"]', 'cut = ["Tb", "Nd"]',
        "units.nd-tb.cut", ("the less extracted first", f'{THEN}write cut = ["Nd", "Tb"]'),
    ),
    "parameter set of another medium": Slip(
        'cut = ["Nd", "Tb"]', 'cut = ["Nd", "Tb"]\nequilibrium = "P507-HCl-v0"', "equilibrium = ",
        "units.nd-tb.equilibrium", ("for P507 in chloride", "a set for P507 in nitrate"),
    ),
    "product": Slip(
        'product = "terbium oxide"', 'product = "terbum oxide"', 'product = "terbum oxide"',
        "ends.tb-oxide.product", (f"{GLAD}terbium oxide", "ytterby list products"),
    ),
    "grade": Slip(
        'grade = "3N"', 'grade = "6N"', 'grade = "6N"',
        "ends.tb-oxide.grade", ("one of: 2N5, 3N, 3N5, 4N", f"{GLAD}4N"),
    ),
    "product without grade": Slip(
        'grade = "3N"\n', "", "[plant.ends.tb-oxide]",
        "ends.tb-oxide.grade", ("a grade of terbium oxide: 2N5, 3N", f"{THEN}add a line such as"),
    ),
    "reagent that is supplied": Slip(
        '"carbon dioxide" = [', '"carbon dioxid" = [', '"carbon dioxid" = [',
        'supplies."carbon dioxid"', (f"{GLAD}carbon dioxide", f"{THEN}write carbon dioxide"),
    ),
    "end of nothing": Slip(
        'of = ["dissolve.residue"]', 'of = ["dissolve.residu"]', 'of = ["dissolve.residu"]',
        "ends.insolubles.of.0", ("an outlet of dissolve: ", f"{GLAD}dissolve.residue"),
    ),
    "unit named as a feed": Slip(
        "[plant.feeds.concentrate]", "[plant.feeds.gate]", "[plant.units.gate]",
        "units.gate", ('a unit named "gate" as a feed is', f"{THEN}rename it"),
    ),
}  # fmt: skip
MORE = {"unit named as a feed": 'from.concentrate = ["concentrate"]'}
"""Changes that go with a slip so that it stays the only one."""


def written(tmp_path: Path, *slips: Slip) -> tuple[Path, str]:
    """The reference case with those slips, its designs beside it; its path and text."""
    text = TEXT
    for slip in slips:
        assert slip.old in text, slip.old
        text = text.replace(slip.old, slip.new, 1)
    (tmp_path / "designs.toml").write_bytes((LACQ.parent / "designs.toml").read_bytes())
    path = tmp_path / "lacq.toml"
    path.write_text(text, "utf-8")
    return path, text


def place(path: Path, text: str, slip: Slip) -> str:
    """Where a slip has to be told."""
    assert slip.at in text
    return f"{path} line {text[: text.index(slip.at)].count(chr(10)) + 1}, plant.{slip.key}"


def faults(said: str) -> list[str]:
    """Faults of a message, in its order."""
    found = re.split(r"\n(?=\S)", said.strip())
    return [it for it in found if not re.fullmatch(r"\d+ faults", it)]


@pytest.mark.parametrize("name", SLIPS)
def test_one_slip_is_one_fault_at_its_line(name: str, tmp_path: Path) -> None:
    slip = SLIPS[name]
    path, text = written(tmp_path, slip)
    if name in MORE:
        text = text.replace(MORE[name], 'from.concentrate = ["gate"]')
        path.write_text(text, "utf-8")
    (said,) = faults(refused(ExitCode.CASE, "check", path))
    assert said.split("\n")[0] == place(path, text, slip)
    assert "\n  read      " in said and "\n  expected  " in said and THEN in said
    for part in slip.parts:
        assert part in said, said


def test_all_slips_of_a_file_are_told_in_its_order(tmp_path: Path) -> None:
    names = (
        "medium", "quantity without unit", "quantity of another kind", "kind",
        "option of another kind", "setting", "cut the wrong way round", "end of nothing",
        "grade", "kind of an end", "shares below the whole", "reagent that is supplied",
    )  # fmt: skip
    slips = [SLIPS[name] for name in names]
    path, text = written(tmp_path, *slips)
    said = faults(refused(ExitCode.CASE, "check", path))
    assert {it.split("\n")[0] for it in said} == {place(path, text, slip) for slip in slips}
    lines = [int(re.search(r" line (\d+),", it)[1]) for it in said]  # type: ignore[index]
    assert lines == sorted(lines)
    for slip in slips:
        assert any(all(part in it for part in slip.parts) for it in said)


def test_run_says_what_check_says_and_solves_nothing(tmp_path: Path) -> None:
    path, _ = written(tmp_path, SLIPS["kind"], SLIPS["no end"])
    checked = refused(ExitCode.CASE, "check", path)
    assert refused(ExitCode.CASE, "run", path, "--out", tmp_path / "out") == checked
    assert not (tmp_path / "out").exists()


def test_an_inlet_that_nothing_feeds_and_an_outlet_that_leads_nowhere_are_two(
    tmp_path: Path,
) -> None:
    old, new = 'from.powder = ["mill.powder"]', "from.powder = []"
    path, _ = written(tmp_path, Slip(old, new, "", "", ()))
    outlet, inlet = faults(refused(ExitCode.CASE, "check", path))
    assert "plant.units.mill\n" in outlet and "mill.powder leads nowhere" in outlet
    assert "plant.units.roast.from.powder\n" in inlet and "magnet powder or swarf" in inlet


@pytest.mark.parametrize(
    "material, told",
    [
        (
            "MON_CAPEL",
            ["U-238 series: 30.87 Bq/g", "Th-232 series: 223.1 Bq/g", "phosphorus: 12.5"],
        ),
        ("XEN_LAHAT", ["U-238 series: ", "Th-232 series: "]),
    ],
)
def test_a_mineral_is_turned_away_at_the_gate(
    material: str, told: list[str], tmp_path: Path
) -> None:
    """Uranium and thorium above 1 Bq/g, and phosphate that is not cracked: known before anything runs."""
    slip = Slip('"CONCENTRATE_REF"', f'"{material}"', "[plant.units.gate]", "units.gate", ())
    path, text = written(tmp_path, slip)
    said = faults(refused(ExitCode.CASE, "check", path))
    assert {it.split("\n")[0] for it in said} == {place(path, text, slip)}
    for part in told:
        assert any(part in it and THEN in it for it in said), part
    assert ytterby("run", path, "--out", tmp_path / "out").code == ExitCode.CASE


def test_faults_as_a_document(tmp_path: Path) -> None:
    path, _ = written(tmp_path, SLIPS["grade"], SLIPS["setting"])
    outcome = ytterby("check", path, "--json")
    assert outcome.code == ExitCode.CASE
    found = json.loads(outcome.out or outcome.err)["faults"]
    assert [it["nearest"] for it in found] == ["ph", "4N"]


def test_the_reference_case_has_none() -> None:
    assert "no fault found" in shown("check", LACQ)


@pytest.mark.parametrize("start", [0, 7_000])
def test_a_damaged_case_is_read_or_refused(start: int, tmp_path: Path) -> None:
    """Never a traceback, whatever a slip or a bad disk did to it."""
    (tmp_path / "designs.toml").write_bytes((LACQ.parent / "designs.toml").read_bytes())
    path = tmp_path / "lacq.toml"
    for seed in range(start, start + 100):
        path.write_bytes(mutate(TEXT, seed))
        try:
            read(path)
        except CaseError as error:
            assert all(fault.where and fault.read for fault in error.faults), seed


def test_a_feed_without_name_of_its_material(tmp_path: Path) -> None:
    slip = Slip('"MAG_CLOSING_REF"', '""', 'material = ""', "feeds.magnets.material", ())
    path, text = written(tmp_path, slip)
    (said,) = faults(refused(ExitCode.CASE, "check", path))
    assert said.split("\n")[0] == place(path, text, slip) and "ytterby list feeds" in said
