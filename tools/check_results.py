"""Checks results that `ytterby run` wrote, from their files alone: ``python tools/check_results.py DIR``.

Nothing of ytterby is imported; formulas, weights and balances are read and computed here once more. What is
told twice must agree to ``TOLERANCE``: species against elements, streams against units and the whole plant,
tables against their totals, the workbook and the document against the tables, verdicts against their
figures. Ends with 0 if all of it holds,
with 1 and a line for each fault if not, with 2 if the files cannot be read.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import re
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import polars

TOLERANCE = 1e-9
"""Largest difference of two numbers that must agree, over the larger; and of what enters and leaves."""
ROUNDING = 1e-12
"""Most that sums of the same numbers may differ by, over the sum."""
MOST = 50
"""Faults that are shown."""
OUTSIDE = "outside"
STORE = " store"
UNREADABLE = (OSError, ValueError, LookupError, TypeError, AttributeError, zipfile.BadZipFile)
FILES = ("streams.parquet", "elements.parquet", "units.parquet", "circuits.json", "streams.xlsx",
         "report.html", "tables.txt")  # fmt: skip
# Standard atomic weights, IUPAC, as in periodictable 2.1 [g/mol].
WEIGHTS = {
    "H": 1.008, "He": 4.002602, "Li": 6.94, "Be": 9.0121831, "B": 10.81, "C": 12.011, "N": 14.007,
    "O": 15.999, "F": 18.998403162, "Ne": 20.1797, "Na": 22.98976928, "Mg": 24.305,
    "Al": 26.9815384, "Si": 28.085, "P": 30.973761998, "S": 32.06, "Cl": 35.45, "Ar": 39.95,
    "K": 39.0983, "Ca": 40.078, "Sc": 44.955907, "Ti": 47.867, "V": 50.9415, "Cr": 51.9961,
    "Mn": 54.938043, "Fe": 55.845, "Co": 58.933194, "Ni": 58.6934, "Cu": 63.546, "Zn": 65.38,
    "Ga": 69.723, "Ge": 72.63, "As": 74.921595, "Se": 78.971, "Br": 79.904, "Kr": 83.798,
    "Rb": 85.4678, "Sr": 87.62, "Y": 88.905838, "Zr": 91.224, "Nb": 92.90637, "Mo": 95.95,
    "Tc": 98.0, "Ru": 101.07, "Rh": 102.90549, "Pd": 106.42, "Ag": 107.8682, "Cd": 112.414,
    "In": 114.818, "Sn": 118.71, "Sb": 121.76, "Te": 127.6, "I": 126.90447, "Xe": 131.293,
    "Cs": 132.90545196, "Ba": 137.327, "La": 138.90547, "Ce": 140.116, "Pr": 140.90766,
    "Nd": 144.242, "Pm": 145.0, "Sm": 150.36, "Eu": 151.964, "Gd": 157.25, "Tb": 158.925354,
    "Dy": 162.5, "Ho": 164.930329, "Er": 167.259, "Tm": 168.934219, "Yb": 173.045, "Lu": 174.9668,
    "Hf": 178.486, "Ta": 180.94788, "W": 183.84, "Re": 186.207, "Os": 190.23, "Ir": 192.217,
    "Pt": 195.084, "Au": 196.96657, "Hg": 200.592, "Tl": 204.38, "Pb": 207.2, "Bi": 208.9804,
    "Po": 209.0, "At": 210.0, "Rn": 222.0, "Fr": 223.0, "Ra": 226.0, "Ac": 227.0, "Th": 232.0377,
    "Pa": 231.03588, "U": 238.02891,
}  # fmt: skip
OXIDES = {
    "Na": "Na2O", "Mg": "MgO", "Al": "Al2O3", "Ca": "CaO", "Sc": "Sc2O3", "Mn": "MnO2", "Fe": "Fe2O3",
    "Co": "Co3O4", "Ni": "NiO", "Cu": "CuO", "Zn": "ZnO", "Y": "Y2O3", "La": "La2O3", "Ce": "CeO2",
    "Pr": "Pr6O11", "Nd": "Nd2O3", "Sm": "Sm2O3", "Eu": "Eu2O3", "Gd": "Gd2O3", "Tb": "Tb4O7",
    "Dy": "Dy2O3", "Ho": "Ho2O3", "Er": "Er2O3", "Tm": "Tm2O3", "Yb": "Yb2O3", "Lu": "Lu2O3",
    "Th": "ThO2", "U": "U3O8",
}  # fmt: skip
"""Oxides as traded."""
# Conventional partial molar volumes at 25 C, MILLERO71; of oxalic acid and oxalate from densities [cm3/mol].
VOLUMES = {
    "H2O": 18.07,
    "H+": 0.0, "Na+": -1.2, "NH4+": 17.9, "Mg+2": -21.2, "Ca+2": -17.9, "Ba+2": -12.5,
    "Mn+2": -17.7, "Fe+2": -24.7, "Co+2": -24.0, "Ni+2": -24.0, "Cu+2": -27.8, "Zn+2": -21.6,
    "Pb+2": -15.5, "Al+3": -42.2, "Fe+3": -43.7, "Y+3": -40.8, "La+3": -39.1, "Ce+3": -40.8,
    "Pr+3": -42.6, "Nd+3": -43.5, "Sm+3": -42.3, "Eu+3": -41.3, "Gd+3": -40.4, "Tb+3": -40.2,
    "Dy+3": -40.8, "Ho+3": -41.8, "Er+3": -43.0, "Tm+3": -43.5, "Yb+3": -44.2, "Lu+3": -44.5,
    "Th+4": -53.5, "UO2+2": 5.7, "Cl-": 17.8, "NO3-": 29.0, "SO4-2": 14.0, "H3BO3": 39.2,
    "HCO3-": 23.4, "CO3-2": -4.3, "H2C2O4": 48.0, "C2O4-2": 16.0,
}  # fmt: skip
IMPURITIES = {oxide: symbol for symbol, oxide in OXIDES.items()}
FIFTEEN = ("Y", "La", "Ce", "Pr", "Nd", "Sm", "Eu", "Gd", "Tb", "Dy", "Ho", "Er", "Tm", "Yb", "Lu")
EARTHS = (*FIFTEEN, "Sc")
"""Rare earths that count as REO in a stream."""
SPAN = ("low_kg_co2e_per_h", "kg_co2e_per_h", "high_kg_co2e_per_h")
FACTORS = ("factor_low", "factor", "factor_high")
CO2_OF = "CO2 of "
MINERAL, FED_CARBONATES = "mineral", "carbonates fed"
OXALIC, SOLVENT, CARBON = "oxalic acid", "extractant and diluent", "carbon fed"
"""Kinds of carbon; what burns becomes mineral and keeps its kind as origin."""
CLEAN = 0.001
"""Share by mass of anything but water up to which an effluent is clean."""
SALT = ("N", "Cl")
"""Elements of acids and bases that a salt sold takes along."""
POTENT = ("CF4", "C2F6")
LEFT = ("by-product", "residue", "effluent")
FOUR = ("Nd", "Pr", "Dy", "Tb")
GROUPS = {
    **{f"{symbol.lower()}_out": (symbol,) for symbol in FOUR},
    "ndpr_out": ("Nd", "Pr"),
    "dytb_out": ("Dy", "Tb"),
    "four_oxides_out": FOUR,
    "recycled_oxides_out": FOUR,
    "recycled_dytb_out": ("Dy", "Tb"),
}
"""Elements that an announced output weighs; ``oxides_out`` and ``other_oxides_out`` weigh the rest."""
WEIGHED = (*GROUPS, "oxides_out", "other_oxides_out")
FED = ("magnets_in", "concentrates_in")
_TOKEN = re.compile(r"([A-Z][a-z]?)|(\()|(\))|(\d+)|(\.)")
_CHARGE = re.compile(r"(.+?)([+-])(\d*)$")

Faults = Iterator[str]


# --- formulas


@cache
def parsed(name: str) -> tuple[dict[str, int], int]:
    """Atoms and charge of a species such as ``Nd+3`` or ``Nd2(C2O4)3.10H2O``; ValueError if unreadable."""
    match = _CHARGE.fullmatch(name)
    formula, charge = name, 0
    if match:
        formula = match[1]
        charge = int(f"{match[2]}{match[3] or 1}")
    atoms: dict[str, int] = {}
    for part in formula.split("."):
        digits = re.match(r"\d*", part)[0]  # type: ignore[index]
        for symbol, count in _group(part[len(digits) :]).items():
            atoms[symbol] = atoms.get(symbol, 0) + count * int(digits or 1)
    return atoms, charge


def _group(formula: str) -> dict[str, int]:
    """Atoms of a formula with brackets, without water behind a point."""
    stack: list[dict[str, int]] = [{}]
    last: dict[str, int] = {}
    at = 0
    while at < len(formula):
        match = _TOKEN.match(formula, at)
        if not match or match[5]:
            raise ValueError(f"not a formula: {formula}")
        at = match.end()
        symbol, opening, closing, digits = match[1], match[2], match[3], match[4]
        if symbol:
            if symbol not in WEIGHTS:
                raise ValueError(f"not an element: {symbol}")
            last = {symbol: 1}
        elif opening:
            stack.append({})
            continue
        elif closing:
            last = stack.pop()
        else:  # one of each has been added already
            last = {name: count * (int(digits) - 1) for name, count in last.items()}
        for name, count in last.items():
            stack[-1][name] = stack[-1].get(name, 0) + count
    if len(stack) != 1:
        raise ValueError(f"brackets do not close: {formula}")
    return stack[0]


def mass_of(name: str) -> float:
    """Molar mass of a species [kg/mol]."""
    atoms, _ = parsed(name)
    return sum(WEIGHTS[symbol] * count for symbol, count in atoms.items()) / 1000.0


@cache
def oxide_mass(symbol: str) -> float:
    """Mass of oxide as traded per mole of metal [kg/mol]."""
    atoms, _ = parsed(OXIDES[symbol])
    return mass_of(OXIDES[symbol]) / atoms[symbol]


# --- comparison


def differ(one: Any, two: Any, scale: float = 0.0) -> bool:
    """Whether two values do not agree, numbers over the larger of them and ``scale``."""
    if one is None or two is None:
        return (one is None) != (two is None)
    if isinstance(one, bool) or isinstance(two, bool) or not _numbers(one, two):
        return bool(one != two)
    if not (math.isfinite(one) and math.isfinite(two)):
        return True
    return bool(abs(one - two) > TOLERANCE * max(abs(one), abs(two), scale))


def _numbers(*values: Any) -> bool:
    return all(isinstance(value, int | float) for value in values)


def share_of(part: float, whole: float) -> float | None:
    """A share; None of nothing."""
    return part / whole if whole else None


def compare(where: str, written: Any, computed: Any, scale: float = 0.0) -> Faults:
    """A fault if what is written is not what it should be."""
    if differ(written, computed, scale):
        yield f"{where}: {written!r} is written, {computed!r} follows from the other numbers"


def same_names(where: str, written: Iterable[str], expected: Iterable[str]) -> Faults:
    """A fault for every name that is too many or missing."""
    one, two = set(written), set(expected)
    yield from (f"{where}: {name} is there, but nowhere else" for name in sorted(one - two))
    yield from (f"{where}: {name} is missing" for name in sorted(two - one))


# --- the files


class Results:
    """What the files hold."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.document: dict[str, Any] = json.loads((directory / "result.json").read_text("utf-8"))
        self.circuits = json.loads((directory / "circuits.json").read_text("utf-8"))["circuits"]
        self.rows = polars.read_parquet(directory / "streams.parquet").to_dicts()
        self.elements = polars.read_parquet(directory / "elements.parquet").to_dicts()
        self.units = polars.read_parquet(directory / "units.parquet").to_dicts()
        self.sheets = read_workbook(directory / "streams.xlsx")
        self.hours = float(self.document["hours_per_year"])
        self.amounts: dict[str, dict[str, float]] = {}
        """Species of each stream [mol/h], the species of one name added up."""
        self.ends: dict[str, tuple[str, str]] = {}
        """Source and target of each stream."""
        for row in self.rows:
            held = self.amounts.setdefault(row["stream"], {})
            held[row["species"]] = held.get(row["species"], 0.0) + row["mol_per_h"]
            self.ends.setdefault(row["stream"], (row["source"], row["target"]))

        self.solvents = {
            name
            for it in self.document["streams"]
            if it["kind"] == "reagent" and it["state"] == "organic"
            for name in self.amounts.get(it["stream"], ())
        }
        """Species of organic liquids that are bought."""

    def atoms(self, stream: str) -> dict[str, float]:
        """Elements of a stream [mol/h]."""
        found: dict[str, float] = {}
        for name, amount in self.amounts[stream].items():
            for symbol, count in parsed(name)[0].items():
                found[symbol] = found.get(symbol, 0.0) + count * amount
        return found

    def charge(self, stream: str) -> tuple[float, float]:
        """Of all ions of a stream together, and of all without their sign [mol/h]."""
        parts = [amount * parsed(name)[1] for name, amount in self.amounts[stream].items()]
        return math.fsum(parts), math.fsum(map(abs, parts))

    def mass(self, stream: str) -> float:
        """[kg/h]"""
        return math.fsum(amount * mass_of(name) for name, amount in self.amounts[stream].items())

    def reo(self, stream: str) -> float:
        """Rare-earth oxides [kg/h]."""
        atoms = self.atoms(stream)
        return math.fsum(atoms.get(symbol, 0.0) * oxide_mass(symbol) for symbol in EARTHS)

    def of_kind(self, kind: str) -> list[str]:
        """Streams of the document of that kind."""
        return [it["stream"] for it in self.document["streams"] if it["kind"] == kind]

    def fed(self, symbol: str) -> float:
        """Of an element in all feeds [mol/h]."""
        return math.fsum(self.atoms(name).get(symbol, 0.0) for name in self.of_kind("feed"))


def read_workbook(path: Path) -> dict[str, list[list[Any]]]:
    """Cells of each sheet by its name, row by row; text and numbers, None where nothing is."""
    space = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    link = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
    with zipfile.ZipFile(path) as packed:

        def tree(name: str) -> ElementTree.Element:
            return ElementTree.fromstring(packed.read(name))

        shared: list[str] = []
        if "xl/sharedStrings.xml" in packed.namelist():
            items = tree("xl/sharedStrings.xml").findall("m:si", space)
            shared = [
                "".join(text.text or "" for text in it.iter(f"{{{space['m']}}}t")) for it in items
            ]
        targets = {it.get("Id"): it.get("Target", "") for it in tree("xl/_rels/workbook.xml.rels")}
        found = {}
        for sheet in tree("xl/workbook.xml").findall("m:sheets/m:sheet", space):
            target = targets[sheet.get(link)].lstrip("/").removeprefix("xl/")
            rows = tree(f"xl/{target}").findall("m:sheetData/m:row", space)
            found[str(sheet.get("name"))] = [_cells(row, shared, space) for row in rows]
    return found


def _cells(row: ElementTree.Element, shared: list[str], space: dict[str, str]) -> list[Any]:
    cells: dict[int, Any] = {}
    for cell in row.findall("m:c", space):
        column = 0
        for letter in re.match(r"[A-Z]+", str(cell.get("r")))[0]:  # type: ignore[index]
            column = 26 * column + ord(letter) - 64
        value, kind = cell.find("m:v", space), cell.get("t", "n")
        if kind == "inlineStr":
            cells[column] = "".join(text.text or "" for text in cell.iter(f"{{{space['m']}}}t"))
        elif value is not None and value.text is not None:
            text = value.text
            cells[column] = (
                shared[int(text)] if kind == "s" else text if kind == "str" else float(text)
            )
    return [cells.get(number) for number in range(1, max(cells, default=0) + 1)]


# --- what must hold


def check_digests(results: Results) -> Faults:
    """Every file is the one that was written."""
    run = results.document["run"]
    for name in FILES:
        found = hashlib.sha256((results.directory / name).read_bytes()).hexdigest()
        if run["files"].get(name) != found:
            yield f"{name}: not the file that was written, its hash is another"
    own = {key: value for key, value in run.items() if key != "digest"}
    text = json.dumps({**results.document, "run": own}, sort_keys=True, separators=(",", ":"))
    if run["digest"] != hashlib.sha256(text.encode()).hexdigest():
        yield "result.json: not the document that was written, its digest is another"


def check_species(results: Results) -> Faults:
    """Each row of streams: positive, its mass that of its formula, its stream told the same in every row."""
    told: dict[str, dict[str, Any]] = {it["stream"]: it for it in results.document["streams"]}
    seen: set[tuple[str, str]] = set()
    for number, row in enumerate(results.rows):
        where = f"streams.parquet row {number}, {row['stream']}, {row['species']}"
        if not row["mol_per_h"] > 0.0:
            yield f"{where}: an amount of {row['mol_per_h']!r}"
        yield from compare(
            f"{where}, kg_per_h", row["kg_per_h"], row["mol_per_h"] * mass_of(row["species"])
        )
        if (row["stream"], row["species"]) in seen:
            yield f"{where}: there twice"
        seen.add((row["stream"], row["species"]))
        for key in ("source", "target", "kind", "end", "state"):
            stream = told.get(row["stream"], {})
            yield from compare(f"{where}, {key}", row[key], stream.get(key))
    yield from same_names("result.json, streams", told, results.amounts)
    for name in told.keys() & results.amounts.keys():
        stream = told[name]
        where = f"result.json, stream {name}"
        yield from compare(f"{where}, kg_per_h", stream["kg_per_h"], results.mass(name))
        yield from compare(f"{where}, reo_kg_per_h", stream["reo_kg_per_h"], results.reo(name))
        water = results.amounts[name].get("H2O", 0.0) * mass_of("H2O")
        yield from compare(f"{where}, water_kg_per_h", stream["water_kg_per_h"], water)
        charge, ions = results.charge(name)
        if abs(charge) > TOLERANCE * ions:
            yield f"stream {name}: a charge of {charge:.3g} mol/h, of {ions:.3g} of ions"


def check_elements(results: Results) -> Faults:
    """elements.parquet is what the species give."""
    expected = {
        (stream, symbol): moles
        for stream in results.amounts
        for symbol, moles in results.atoms(stream).items()
        if moles > 0.0
    }
    keys = [(row["stream"], row["element"]) for row in results.elements]
    yield from same_names("elements.parquet", map(" / ".join, keys), map(" / ".join, expected))
    if len(keys) != len(set(keys)):
        yield "elements.parquet: an element of a stream is there twice"
    for number, row in enumerate(results.elements):
        symbol = row["element"]
        if (row["stream"], symbol) not in expected:
            continue
        moles = expected[row["stream"], symbol]
        where = f"elements.parquet row {number}, {row['stream']}, {symbol}"
        yield from compare(f"{where}, mol_per_h", row["mol_per_h"], moles)
        yield from compare(f"{where}, kg_per_h", row["kg_per_h"], moles * WEIGHTS[symbol] / 1000.0)
        oxide = moles * oxide_mass(symbol) if symbol in OXIDES else None
        yield from compare(f"{where}, oxide_kg_per_h", row["oxide_kg_per_h"], oxide)


def check_closure(results: Results) -> Faults:
    """Every element, and charge, closes over every unit and over the plant, and as the document says."""
    into: dict[str, dict[str, float]] = {}
    out: dict[str, dict[str, float]] = {}
    for stream, (source, target) in results.ends.items():
        flows = {**results.atoms(stream), "charge": results.charge(stream)[0]}
        for node, side in ((source.partition(".")[0], out), (target.partition(".")[0], into)):
            total = side.setdefault(node, {})
            for symbol, moles in flows.items():
                total[symbol] = total.get(symbol, 0.0) + moles
    for node in sorted(into.keys() | out.keys()):
        came, went = into.get(node, {}), out.get(node, {})
        name = "the plant" if node == OUTSIDE else node
        largest = max([*came.values(), *went.values(), 0.0])
        for symbol in sorted(came.keys() | went.keys()):
            one, two = came.get(symbol, 0.0), went.get(symbol, 0.0)
            scale = largest if symbol == "charge" else max(one, two)
            if abs(one - two) > TOLERANCE * scale:
                yield f"closure, {name}, {symbol}: {one!r} mol/h in, {two!r} mol/h out"
    fed, left = out.get(OUTSIDE, {}), into.get(OUTSIDE, {})
    symbols = [symbol for symbol, moles in fed.items() if symbol != "charge" and moles > 0.0]
    yield from same_names("result.json, closure", results.document["closure"], symbols)
    for symbol, written in results.document["closure"].items():
        computed = (left.get(symbol, 0.0) - fed[symbol]) / fed[symbol] if fed.get(symbol) else 0.0
        if not abs(written - computed) <= ROUNDING:
            yield f"result.json, closure of {symbol}: {written!r} is written, it is {computed!r}"


def check_feeds(results: Results) -> Faults:
    """Feeds weigh what the document says."""
    for feed in results.document["feeds"]:
        streams = [
            it["stream"]
            for it in results.document["streams"]
            if it["kind"] == "feed" and it["name"].partition(" to ")[0] == feed["feed"]
        ]
        tonnes = math.fsum(map(results.mass, streams)) * results.hours / 1000.0
        yield from compare(f"result.json, feed {feed['feed']}", feed["dry_t_per_year"], tonnes)


def check_products(results: Results) -> Faults:
    """Products, shares, purities and verdicts follow from the streams that are sold."""
    sold: dict[str, float] = {}
    whole = []
    for product in results.document["products"]:
        where = f"result.json, product {product['product']}"
        streams = [
            it["stream"]
            for it in results.document["streams"]
            if it["end"] == product["product"] and it["kind"] == product["kind"]
        ]
        atoms: dict[str, float] = {}
        for stream in streams:
            for symbol, moles in results.atoms(stream).items():
                atoms[symbol] = atoms.get(symbol, 0.0) + moles
        oxides = {name: atoms[name] * oxide_mass(name) for name in EARTHS if atoms.get(name)}
        mass = math.fsum(map(results.mass, streams))
        reo = math.fsum(oxides.values())
        whole.append(reo)
        for symbol, moles in atoms.items():
            sold[symbol] = sold.get(symbol, 0.0) + moles
        own = math.fsum(oxides.get(name, 0.0) for name in product["of"])
        fed = math.fsum(results.fed(name) * oxide_mass(name) for name in product["of"])
        yield from compare(f"{where}, kg_per_h", product["kg_per_h"], mass)
        yield from compare(f"{where}, reo_kg_per_h", product["reo_kg_per_h"], reo)
        yield from compare(
            f"{where}, reo_t_per_year", product["reo_t_per_year"], reo * results.hours / 1000.0
        )
        yield from compare(f"{where}, reo_share", product["reo_share"], share_of(reo, mass))
        yield from compare(f"{where}, purity_reo", product["purity_reo"], share_of(own, reo))
        yield from compare(f"{where}, recovery", product["recovery"], share_of(own, fed))
        yield from same_names(f"{where}, share_of_reo", product["share_of_reo"], oxides)
        for symbol in product["share_of_reo"].keys() & oxides.keys():
            written = product["share_of_reo"][symbol]
            yield from compare(
                f"{where}, share of {symbol}", written, share_of(oxides[symbol], reo)
            )
        yield from _check_limits(where, product, atoms, mass)
    for entry in results.document["recovery"]:
        symbol = entry["element"]
        where = f"result.json, recovery of {symbol}"
        yield from compare(f"{where}, fed", entry["fed_mol_per_h"], results.fed(symbol))
        yield from compare(f"{where}, sold", entry["sold_mol_per_h"], sold.get(symbol, 0.0))
        share = share_of(sold.get(symbol, 0.0), results.fed(symbol))
        yield from compare(where, entry["recovery"], share)
    fed_there = [symbol for symbol in FIFTEEN if results.fed(symbol) > 0.0]
    named = [entry["element"] for entry in results.document["recovery"]]
    yield from same_names("result.json, recovery", named, fed_there)
    written = results.document["totals"]["product_reo_t_per_year"]
    total = math.fsum(whole) * results.hours / 1000.0
    yield from compare("result.json, totals, product_reo_t_per_year", written, total)


def _check_limits(
    where: str, product: Mapping[str, Any], atoms: Mapping[str, float], mass: float
) -> Faults:
    """What is reached of each limit, and whether it is met, from elements [mol/h] and mass [kg/h]."""
    oxides = {name: atoms[name] * oxide_mass(name) for name in EARTHS if atoms.get(name)}
    reo = math.fsum(oxides.values())
    missed, unknown = False, False
    for limit in product["limits"]:
        place = f"{where}, {limit['analyte']}"
        reached, binds = limit["reached"], limit["kind"] in ("min", "max", "range")
        if limit["analyte"] == "TREO" and reached is not None:
            yield from compare(f"{place}, reached", reached, share_of(100.0 * reo, mass))
        elif limit["elements"] and limit["of"] == "of TREO" and reached is not None:
            own = math.fsum(oxides.get(name, 0.0) for name in limit["elements"])
            yield from compare(f"{place}, reached", reached, share_of(100.0 * own, reo), 1e-3)
        elif limit["analyte"] in IMPURITIES and limit["of"] == "by mass" and reached is not None:
            symbol = IMPURITIES[limit["analyte"]]
            own = atoms.get(symbol, 0.0) * oxide_mass(symbol)
            yield from compare(f"{place}, reached", reached, share_of(100.0 * own, mass), 1e-3)
        if reached is not None and binds:
            low, high = limit["low"], limit["high"]
            over = high is not None and reached > high * (1.0 + TOLERANCE)
            under = low is not None and reached < low * (1.0 - TOLERANCE)
            yield from compare(f"{place}, met", limit["met"], not over and not under)
        missed = missed or (binds and limit["met"] is False)
        unknown = unknown or (binds and limit["met"] is None)
    verdict = False if missed else None if unknown or not product["limits"] else True
    yield from compare(f"{where}, meets", product["meets"], verdict)


def drawn_by_unit(results: Results) -> dict[tuple[str, str], float]:
    """Reagents that streams bring, by unit and reagent [kg/h]."""
    found: dict[tuple[str, str], float] = {}
    for stream in results.document["streams"]:
        bought = stream["kind"] == "reagent"
        returned = stream["source"].endswith(STORE)
        if bought or returned:
            reagent = stream["name"] if bought else stream["source"].removesuffix(STORE)
            key = (stream["target"], reagent)
            found[key] = found.get(key, 0.0) + results.mass(stream["stream"])
    return found


def check_reagents(results: Results) -> Faults:
    """What units draw, and what is bought of it."""
    drawn = drawn_by_unit(results)
    written = {
        (unit["unit"], reagent): mass
        for unit in results.document["units"]
        for reagent, mass in unit["drawn_kg_per_h"].items()
    }
    yield from same_names("result.json, drawn", map(" / ".join, written), map(" / ".join, drawn))
    for key in written.keys() & drawn.keys():
        yield from compare(f"result.json, drawn, {' / '.join(key)}", written[key], drawn[key])
    bought: dict[str, float] = {}
    for stream in results.document["streams"]:
        if stream["kind"] == "reagent":
            mass = results.mass(stream["stream"])
            bought[stream["name"]] = bought.get(stream["name"], 0.0) + mass
    sold = math.fsum(it["reo_kg_per_h"] for it in results.document["products"])
    for entry in results.document["reagents"]:
        name, tonnes = entry["reagent"], results.hours / 1000.0
        where = f"result.json, reagent {name}"
        whole = math.fsum(mass for (_, reagent), mass in drawn.items() if reagent == name)
        mass, pure = bought.get(name, 0.0), bought.get(name, 0.0) * entry["strength"]
        yield from compare(f"{where}, drawn", entry["drawn_kg_per_h"], whole)
        yield from compare(f"{where}, bought", entry["bought_kg_per_h"], mass)
        yield from compare(f"{where}, bought a year", entry["bought_t_per_year"], mass * tonnes)
        yield from compare(f"{where}, pure a year", entry["pure_t_per_year"], pure * tonnes)
        per = share_of(pure, sold)
        yield from compare(f"{where}, per kg REO", entry["pure_kg_per_kg_reo"], per)
    names = {reagent for _, reagent in drawn}
    written_names = [it["reagent"] for it in results.document["reagents"]]
    yield from same_names("result.json, reagents", written_names, names)


def check_units(results: Results) -> Faults:
    """units.parquet tells each unit as the document does; totals are sums."""
    expected = [row for unit in results.document["units"] for row in _rows_of(unit)]
    if len(expected) != len(results.units):
        yield f"units.parquet: {len(results.units)} rows, result.json gives {len(expected)}"
    keys = ("unit", "what", "item", "value", "measure", "number", "because")
    for number, (row, wanted) in enumerate(zip(results.units, expected, strict=False)):
        for key, value in zip(keys, wanted, strict=True):
            where = f"units.parquet row {number}, {wanted[0]}, {wanted[1]}, {wanted[2]}, {key}"
            yield from compare(where, row[key], value)
    yield from _check_totals(results)


def _rows_of(unit: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Rows that a unit of the document should have in units.parquet."""
    name = unit["unit"]
    for reagent, mass in unit["drawn_kg_per_h"].items():
        yield name, "drawn", reagent, mass, "kg/h", None, ""
    yield name, "driver", "electricity", unit["electricity_kw"], "kW", None, ""
    yield name, "driver", "fuel", unit["fuel_kw"], "kW", None, ""
    yield name, "driver", "steam", unit["steam_kg_per_h"], "kg/h", None, ""
    yield name, "driver", "posts", unit["posts"], "people", None, ""
    yield name, "held", "organic", unit["organic_m3"], "m3", None, ""
    for symbol, moles in unit["held_mol"].items():
        yield name, "held", symbol, moles, "mol", None, ""
    for it in unit["equipment"]:
        yield name, "equipment", it["item"], it["size"], it["unit"], it["number"], it["because"]
    for it in unit["settings"]:
        sources = ", ".join(it["source"])
        yield name, "setting", it["setting"], it["value"], it["unit"], None, sources


def _check_totals(results: Results) -> Faults:
    totals, units = results.document["totals"], results.document["units"]
    for key in ("electricity_kw", "fuel_kw", "steam_kg_per_h", "posts", "organic_m3"):
        computed = math.fsum(unit[key] for unit in units)
        yield from compare(f"result.json, totals, {key}", totals[key], computed)
    held: dict[str, float] = {}
    for unit in units:
        for symbol, moles in unit["held_mol"].items():
            if symbol in FIFTEEN:
                held[symbol] = held.get(symbol, 0.0) + moles * oxide_mass(symbol)
    entries = results.document["held"]
    yield from same_names("result.json, held", (entry["element"] for entry in entries), held)
    for entry in entries:
        where = f"result.json, held, {entry['element']}"
        mass, price = held.get(entry["element"], 0.0), entry["price_per_kg"]
        yield from compare(f"{where}, reo_kg", entry["reo_kg"], mass)
        yield from compare(
            f"{where}, value", entry["value"], None if price is None else mass * price
        )
    total = math.fsum(held.values())
    yield from compare("result.json, totals, held_reo_kg", totals["held_reo_kg"], total)


def check_workbook(results: Results) -> Faults:
    """The sheets are the tables: each cell, its totals, its check row, how elements close."""
    tonnes = results.hours / 1000.0
    column = {"oxides": "oxide_kg_per_h", "elements": "kg_per_h", "amounts": "mol_per_h"}
    told = {it["stream"]: it for it in results.document["streams"]}
    for title, key in column.items():
        rows = results.sheets.get(title, [])
        if len(rows) < 5:
            yield f"streams.xlsx, {title}: no such sheet, or an empty one"
            continue
        factor, unit = (1.0, "mol/h") if title == "amounts" else (tonnes, "t/y")
        streams = [str(name) for name in rows[0][1:-1]]
        labels = [rows[0][0], *(row[0] for row in rows[2:5]), rows[-1][0], rows[0][-1], rows[1][-1]]
        wanted = ["element", "from", "to", "kind", "check", "(out - in) / in", "-"]
        yield from compare(f"streams.xlsx, {title}, words", labels, wanted)
        cells = {
            (row["stream"], row["element"]): factor * row[key]
            for row in results.elements
            if row[key] is not None
        }
        symbols = {symbol for _, symbol in cells}
        written_symbols = [str(row[0]) for row in rows[5:-2]]
        yield from same_names(f"streams.xlsx, {title}, elements", written_symbols, symbols)
        for place, stream in enumerate(streams, start=1):
            where = f"streams.xlsx, {title}, {stream}"
            yield from compare(f"{where}, unit", rows[1][place], unit)
            for number, end in ((2, "source"), (3, "target"), (4, "kind")):
                yield from compare(
                    f"{where}, {end}", rows[number][place], told.get(stream, {}).get(end)
                )
            total = 0.0
            for row in rows[5:-2]:
                symbol, written = str(row[0]), row[place]
                yield from compare(f"{where}, {symbol}", written, cells.get((stream, symbol), 0.0))
                counted = title != "oxides" or symbol in FIFTEEN
                total += written if counted and _numbers(written) else 0.0
            yield from compare(f"{where}, {rows[-2][0]}", rows[-2][place], total)
            left = rows[-1][place]
            if not _numbers(left) or abs(left) > ROUNDING * total:
                yield f"{where}, check: {left!r}, which is not nothing beside {total!r}"
        yield from _check_closing(f"streams.xlsx, {title}", rows, streams, told)


def _check_closing(
    where: str, rows: list[list[Any]], streams: list[str], told: Mapping[str, Mapping[str, Any]]
) -> Faults:
    """The last column: what leaves the plant less what enters, over what enters."""
    width = len(streams) + 2
    for row in rows[5:-1]:
        numbers = [value if _numbers(value) else 0.0 for value in row[1 : width - 1]]
        pairs = [(told.get(name, {}), value) for name, value in zip(streams, numbers, strict=False)]
        came = math.fsum(value for it, value in pairs if it.get("source") == OUTSIDE)
        went = math.fsum(value for it, value in pairs if it.get("target") == OUTSIDE)
        written = row[width - 1] if len(row) >= width else None
        computed = (went - came) / came if came > 0.0 else None
        if (written is None) != (computed is None) or (
            written is not None and computed is not None and not abs(written - computed) <= ROUNDING
        ):
            yield f"{where}, {row[0]}, (out - in) / in: {written!r} is written, it is {computed!r}"


def check_circuits(results: Results) -> Faults:
    """Circuits close, and their outlets are the streams of their units."""
    out: dict[str, dict[str, float]] = {}
    for stream, (source, _) in results.ends.items():
        total = out.setdefault(source, {})
        for symbol, moles in results.atoms(stream).items():
            total[symbol] = total.get(symbol, 0.0) + moles
    for unit, circuit in results.circuits.items():
        for symbol, closure in circuit["closure"].items():
            if not abs(closure) <= TOLERANCE:
                yield f"circuits.json, {unit}, closure of {symbol}: {closure!r}"
        for stream in circuit["streams"]:
            outlet = {"raffinate": "raffinate", "strip liquor": "strip_liquor"}.get(stream["name"])
            if outlet is None or stream["role"] != "outlet":
                continue
            for symbol, strength in stream["metals_mol_per_m3"].items():
                moles = strength * stream["flow_m3_per_h"]
                written = out.get(f"{unit}.{outlet}", {}).get(symbol, 0.0)
                where = f"circuits.json, {unit}, {stream['name']}, {symbol}"
                yield from compare(where, moles, written)


# --- where carbon and metals came from

Origins = dict[str, float]
"""Amounts [mol/h] by what they came from."""


def traced(
    results: Results,
    amount: Mapping[str, float],
    entering: Mapping[str, str],
    made: Mapping[str, Origins],
) -> dict[str, Origins]:
    """Every stream's ``amount`` by origin, where all nodes mix what enters them and is ``made`` in them.

    For node n with shares m_n: m_n (all that enters + made) = sum over k of a_kn m_k + from outside + made.
    """
    nodes = sorted({_node(end) for ends in results.ends.values() for end in ends} - {OUTSIDE})
    place = {name: number for number, name in enumerate(nodes)}
    origins = sorted({*entering.values(), *(name for it in made.values() for name in it)})
    rows = [[0.0] * (len(nodes) + len(origins)) for _ in nodes]
    given = [(target, name, there) for target, it in made.items() for name, there in it.items()]
    for stream, (source, target) in results.ends.items():
        there = amount[stream]
        if target == OUTSIDE or not there:
            continue
        if source == OUTSIDE:
            given.append((_node(target), entering[stream], there))
        else:
            rows[place[_node(target)]][place[_node(source)]] -= there
            rows[place[_node(target)]][place[_node(target)]] += there
    for node, name, there in given:
        rows[place[node]][place[node]] += there
        rows[place[node]][len(nodes) + origins.index(name)] += there
    for number, row in enumerate(rows):
        if not any(row):
            row[number] = 1.0  # nothing passes here
    shares = _solved(rows)
    found = {}
    for stream, (source, _) in results.ends.items():
        if source == OUTSIDE:
            found[stream] = {entering[stream]: amount[stream]} if amount[stream] else {}
        else:
            row = shares[place[_node(source)]]
            found[stream] = {
                name: amount[stream] * share
                for name, share in zip(origins, row, strict=True)
                if amount[stream] * share
            }
    return found


def _node(end: str) -> str:
    return end.partition(".")[0]


def _solved(rows: list[list[float]]) -> list[list[float]]:
    """Solutions of linear equations, right sides behind the matrix; by elimination with pivots."""
    size = len(rows)
    rows = [list(row) for row in rows]
    for column in range(size):
        pivot = max(range(column, size), key=lambda number: abs(rows[number][column]))
        rows[column], rows[pivot] = rows[pivot], rows[column]
        top = rows[column]
        for number in range(column + 1, size):
            ratio = rows[number][column] / top[column]
            if ratio:
                rows[number] = [
                    one - ratio * two for one, two in zip(rows[number], top, strict=True)
                ]
    for column in reversed(range(size)):
        top = [value / rows[column][column] for value in rows[column]]
        rows[column] = top
        for number in range(column):
            ratio = rows[number][column]
            if ratio:
                rows[number] = [
                    one - ratio * two for one, two in zip(rows[number], top, strict=True)
                ]
    return [row[size:] for row in rows]


def traced_carbon(results: Results) -> dict[str, Origins]:
    """Carbon of every stream by origin [mol/h]."""
    kinds = {stream: carbon_kinds(results, stream) for stream in results.amounts}
    made: dict[str, Origins] = {}
    passing: dict[str, float] = {}
    for stream, (source, target) in results.ends.items():
        passing[_node(target)] = passing.get(_node(target), 0.0) + math.fsum(kinds[stream].values())
        for end, sign in ((target, 1.0), (source, -1.0)):
            for kind in (OXALIC, SOLVENT, CARBON):
                there = made.setdefault(_node(end), {})
                there[kind] = there.get(kind, 0.0) + sign * kinds[stream].get(kind, 0.0)
    made.pop(OUTSIDE, None)
    burned = {
        node: {kind: lost for kind, lost in it.items() if lost > TOLERANCE * passing.get(node, 0.0)}
        for node, it in made.items()
    }
    entering = {
        it["stream"]: f"{it['name']} bought" if it["kind"] == "reagent" else FED_CARBONATES
        for it in results.document["streams"]
        if it["source"] == OUTSIDE
    }
    mineral = {stream: it.get(MINERAL, 0.0) for stream, it in kinds.items()}
    found = traced(results, mineral, entering, burned)
    for stream, it in kinds.items():
        for kind, there in it.items():
            if kind != MINERAL:
                found[stream][kind] = found[stream].get(kind, 0.0) + there
    return found


def carbon_kinds(results: Results, stream: str) -> Origins:
    """Carbon of a stream by kind [mol/h]."""
    found: Origins = {}
    for name, moles in results.amounts[stream].items():
        if count := parsed(name)[0].get("C"):
            kind = CARBON
            if "CO2" in name or "CO3" in name:
                kind = MINERAL
            elif "C2O4" in name:
                kind = OXALIC
            elif name in results.solvents:
                kind = SOLVENT
            found[kind] = found.get(kind, 0.0) + count * moles
    return found


def traced_feeds(results: Results, symbol: str) -> dict[str, Origins]:
    """An element of every stream by the feed or reagent that brought it [mol/h]."""
    amount = {stream: results.atoms(stream).get(symbol, 0.0) for stream in results.amounts}
    entering = {
        it["stream"]: it["name"].partition(" to ")[0]
        for it in results.document["streams"]
        if it["source"] == OUTSIDE
    }
    return traced(results, amount, entering, {})


# --- the footprint


def check_footprint(results: Results) -> Faults:
    """What the plant emits, draws and leaves follows from its streams and from the factors told."""
    where, made = "result.json, footprint", results.document["footprint"]
    sold = math.fsum(it["reo_kg_per_h"] for it in results.document["products"])
    yield from compare(f"{where}, product_reo", made["product_reo_kg_per_h"], sold)
    magnets = math.fsum(
        it["magnet_share"] * it["dry_t_per_year"] for it in results.document["feeds"]
    )
    hourly = magnets * 1000.0 / results.hours
    yield from compare(f"{where}, magnets", made["magnets_kg_per_h"], hourly)
    yield from _check_emissions(results, where, made)
    yield from _check_sums(results, where, made)
    yield from _check_carbon(results, where, made)
    yield from _check_water(results, where, made)
    yield from _check_left(results, where, made)


def _check_emissions(results: Results, where: str, made: Mapping[str, Any]) -> Faults:
    """Each item: its amount from streams and totals, its gas by the factors told."""
    totals, gases = results.document["totals"], results.of_kind("emission")
    expected = {
        ("fuel", "natural gas burned"): totals["fuel_kw"],
        ("fuel", "natural gas supplied"): totals["fuel_kw"],
        ("electricity", "electricity"): totals["electricity_kw"],
        ("steam", "steam"): totals["steam_kg_per_h"],
    }
    for name in POTENT:
        moles = math.fsum(results.amounts[it].get(name, 0.0) for it in gases)
        expected["process", name] = moles * mass_of(name)
    for origin, moles in made["carbon_out_mol_per_h"].get("emission", {}).items():
        unburned = math.fsum(_unburned(results, stream).get(origin, 0.0) for stream in gases)
        expected["process", f"{CO2_OF}{origin}"] = (moles - unburned) * mass_of("CO2")
    for it in results.document["reagents"]:
        if it["reagent"] not in made["not_counted"]:
            expected["reagents", it["reagent"]] = it["bought_kg_per_h"] * it["strength"]
        else:
            yield from compare(f"{where}, {it['reagent']}", it["bought_kg_per_h"] > 0.0, True)
    written = {(it["origin"], it["item"]): it for it in made["emissions"]}
    there = {key for key, amount in expected.items() if amount > 0.0}
    yield from same_names(f"{where}, emissions", map(": ".join, written), map(": ".join, there))
    for key in written.keys() & there:
        it, place = written[key], f"{where}, {key[1]}"
        yield from compare(f"{place}, amount", it["amount"], expected[key])
        energy = key[0] in ("fuel", "electricity")
        yield from compare(f"{place}, measure", it["measure"], "kW" if energy else "kg/h")
        by = None if CO2_OF in key[1] else "kg/kWh" if energy else "kg/kg"
        yield from compare(f"{place}, factor_unit", it["factor_unit"], by)
        yield from compare(f"{place}, basis", it["basis"] == "computed", CO2_OF in key[1])
        for end, factor in zip(SPAN, FACTORS, strict=True):
            times = 1.0 if CO2_OF in key[1] else it[factor]
            yield from compare(f"{place}, {end}", it[end], expected[key] * times)


def _unburned(results: Results, stream: str) -> Origins:
    """Carbon of a gas that is no carbon dioxide [mol/h], by kind."""
    found = carbon_kinds(results, stream)
    dioxide = results.amounts[stream].get("CO2", 0.0)
    return {kind: moles - (dioxide if kind == MINERAL else 0.0) for kind, moles in found.items()}


def _check_sums(results: Results, where: str, made: Mapping[str, Any]) -> Faults:
    """All greenhouse gas: here, with the electricity of each region, and of it in by-products."""
    power = results.document["totals"]["electricity_kw"]
    salt = [(_share_sold(results, symbol), _bringing(results, symbol)) for symbol in SALT]
    for end, factor in zip(SPAN, FACTORS, strict=True):
        every = {it["item"]: it[end] for it in made["emissions"]}
        yield from compare(f"{where}, total, {end}", made["total"][end], math.fsum(every.values()))
        rest = math.fsum(it[end] for it in made["emissions"] if it["origin"] != "electricity")
        for region, it in made["with_electricity_of"].items():
            computed = rest + power * it[factor]
            yield from compare(f"{where}, electricity of {region}, {end}", it[end], computed)
        carried = math.fsum(
            share * math.fsum(every.get(name, 0.0) for name in names) for share, names in salt
        )
        yield from compare(f"{where}, of it in salt, {end}", made["of_it_in_salt"][end], carried)
    for it in made["emissions"]:
        if it["origin"] == "electricity":
            told = made["with_electricity_of"].get(it["region"], {})
            for factor in FACTORS:
                yield from compare(f"{where}, {factor}", it[factor], told.get(factor))
            yield from compare(f"{where}, region", it["region"], made["region"])


def _bringing(results: Results, symbol: str) -> set[str]:
    """Reagents bought that bring an element; air is none."""
    return {
        it["name"]
        for it in results.document["streams"]
        if it["kind"] == "reagent"
        and it["name"] != "air"
        and results.atoms(it["stream"]).get(symbol)
    }


def _share_sold(results: Results, symbol: str) -> float:
    """Of an element in reagents, the share that leaves in by-products."""
    names = _bringing(results, symbol)
    bought = math.fsum(
        results.atoms(it["stream"]).get(symbol, 0.0)
        for it in results.document["streams"]
        if it["kind"] == "reagent" and it["name"] in names
    )
    leaving = results.of_kind("by-product")
    sold = math.fsum(results.atoms(stream).get(symbol, 0.0) for stream in leaving)
    return share_of(sold, bought) or 0.0


def _check_carbon(results: Results, where: str, made: Mapping[str, Any]) -> Faults:
    """Carbon by origin, in and out by kind."""
    came: Origins = {}
    went: dict[str, Origins] = {}
    kinds = {it["stream"]: it["kind"] for it in results.document["streams"]}
    for stream, by_origin in traced_carbon(results).items():
        source, target = results.ends[stream]
        for origin, moles in by_origin.items():
            if source == OUTSIDE:
                came[origin] = came.get(origin, 0.0) + moles
            if target == OUTSIDE:
                out = went.setdefault(kinds[stream], {})
                out[origin] = out.get(origin, 0.0) + moles
    whole = math.fsum(came.values())
    yield from _compare_each(f"{where}, carbon in", made["carbon_in_mol_per_h"], came, whole)
    yield from same_names(f"{where}, carbon out", made["carbon_out_mol_per_h"], went)
    for kind, out in went.items():
        written = made["carbon_out_mol_per_h"].get(kind, {})
        yield from _compare_each(f"{where}, carbon out, {kind}", written, out, whole)


def _compare_each(
    where: str, written: Mapping[str, float], computed: Mapping[str, float], whole: float
) -> Faults:
    """Named amounts; those below the rounding of the whole may be missing."""
    for name in sorted(written.keys() | computed.keys()):
        one, two = written.get(name, 0.0), computed.get(name, 0.0)
        if abs(one - two) > ROUNDING * whole:
            yield from compare(f"{where}, {name}", one, two)


def _check_water(results: Results, where: str, made: Mapping[str, Any]) -> Faults:
    """Water in and out, steam, carbon dioxide drawn from the plant's own."""
    bought, brought = 0.0, 0.0
    left: dict[str, float] = {}
    for it in results.document["streams"]:
        water = results.amounts[it["stream"]].get("H2O", 0.0) * mass_of("H2O")
        if it["source"] == OUTSIDE and it["name"] == "water":
            bought += water
        elif it["source"] == OUTSIDE:
            brought += water
        if it["target"] == OUTSIDE:
            left[it["kind"]] = left.get(it["kind"], 0.0) + water
    yield from compare(f"{where}, water bought", made["water_bought_kg_per_h"], bought)
    yield from compare(f"{where}, water brought", made["water_brought_kg_per_h"], brought)
    yield from same_names(f"{where}, water left", made["water_left_kg_per_h"], left)
    for kind in left.keys() & made["water_left_kg_per_h"].keys():
        written = made["water_left_kg_per_h"][kind]
        yield from compare(f"{where}, water left, {kind}", written, left[kind])
    steam = results.document["totals"]["steam_kg_per_h"]
    yield from compare(f"{where}, steam", made["steam_kg_per_h"], steam)
    gas = "carbon dioxide"
    drawn = math.fsum(it["drawn_kg_per_h"].get(gas, 0.0) for it in results.document["units"])
    paid = math.fsum(
        results.mass(it["stream"])
        for it in results.document["streams"]
        if it["kind"] == "reagent" and it["name"] == gas
    )
    returned = made["carbon_dioxide_returned_kg_per_h"]
    yield from compare(f"{where}, carbon dioxide returned", returned, drawn - paid, drawn)


def _check_left(results: Results, where: str, made: Mapping[str, Any]) -> Faults:
    """What leaves that is neither product nor gas, stream by stream, and what stands beside it."""
    streams = [
        it for it in results.document["streams"] if it["target"] == OUTSIDE and it["kind"] in LEFT
    ]
    if len(streams) != len(made["left"]):
        yield f"{where}, left: {len(made['left'])} streams, {len(streams)} leave"
    for stream, it in zip(streams, made["left"], strict=False):
        place, liquor = f"{where}, left, {stream['name']}", stream["state"] == "liquor"
        told = [it["stream"], it["kind"], it["state"]]
        yield from compare(place, told, [stream["name"], stream["kind"], stream["state"]])
        amounts = results.amounts[stream["stream"]]
        mass, water = results.mass(stream["stream"]), amounts.get("H2O", 0.0) * mass_of("H2O")
        nitrogen = results.atoms(stream["stream"]).get("N", 0.0) * mass_of("N")
        yield from compare(f"{place}, mass", it["kg_per_h"], mass)
        yield from compare(f"{place}, water", it["water_kg_per_h"], water)
        yield from compare(f"{place}, nitrogen", it["nitrogen_kg_per_h"], nitrogen)
        dissolved = mass - water if liquor else 0.0
        if abs(it["dissolved_kg_per_h"] - dissolved) > ROUNDING * mass:
            yield from compare(f"{place}, dissolved", it["dissolved_kg_per_h"], dissolved)
        yield from compare(f"{place}, clean", it["clean"], mass - water <= CLEAN * mass)
        yield from compare(f"{place}, m3", it["m3_per_h"], volume_of(amounts) if liquor else None)
    effluent = [it for it in made["left"] if it["kind"] == "effluent"]
    every = math.fsum(it["m3_per_h"] or 0.0 for it in effluent)
    salty = math.fsum(it["m3_per_h"] or 0.0 for it in effluent if not it["clean"])
    sold = made["product_reo_kg_per_h"]
    for it in made["beside"]:
        for written, volume in zip(it["ours"] or (), (salty, every, every), strict=False):
            computed = share_of(1000.0 * volume, sold)
            yield from compare(f"{where}, beside, {it['what']}", written, computed)


def volume_of(amounts: Mapping[str, float]) -> float | None:
    """Volume of a liquor [m3/h]; None where that of a solute is not known."""
    if any(name not in VOLUMES for name, moles in amounts.items() if moles):
        return None
    return math.fsum(moles * VOLUMES[name] for name, moles in amounts.items() if moles) * 1e-6


# --- what was announced


def check_announcement(results: Results) -> Faults:
    """Figures beside claims follow from the plant, verdicts from figures, and what an audit takes of them."""
    announcement = results.document["announcement"]
    if announcement is None:
        return
    handed = []
    made_from = announcement["made_from_the_claims"]
    for it in announcement["judged"]:
        where = f"result.json, announcement, {it['claim']}"
        expected = announced(results, it)
        if len(expected) != len(it["computed"]):
            yield f"{where}: {len(it['computed'])} figures, {len(expected)} follow from the plant"
        for one, values in zip(it["computed"], expected, strict=False):
            for end, value in zip(("low", "value", "high"), values, strict=True):
                scale = 1.0 if it["unit"] == "1" else 0.0  # shares may be what two others differ by
                yield from compare(f"{where}, {end}", one[end], value, scale)
            yield from compare(f"{where}, unit", one["unit"], it["unit"])
        verdict = verdict_of(it)
        yield from compare(f"{where}, verdict", it["verdict"], verdict)
        reason = ""
        if it["computed"] and it["quantity"] in FED:
            reason = "set in the case"
        elif it["computed"] and made_from and it["quantity"] in WEIGHED:
            reason = "made from the claims"
        yield from compare(f"{where}, no_evidence", it["no_evidence"], reason)
        if it["quantity"] == "co2_saving":
            yield from _check_per_kg(results, where, it)
        if verdict != "cannot be judged" and not reason:
            best = min(it["computed"], key=lambda one: abs(one["value"] - it["announced"]))
            source = ", ".join(filter(None, (best["how"], best["reading"])))
            handed.append((it["claim"], best["value"], best["unit"], source))
    where = "result.json, announcement, figures"
    kept = [it for it in handed if it[1] >= 0.0]
    written = [
        (it["claim"], it["value"], it["unit"], it["source"]) for it in announcement["figures"]
    ]
    if len(written) != len(kept):
        yield f"{where}: {len(written)}, {len(kept)} are judged on evidence"
    for one, two in zip(written, kept, strict=False):
        for part, other in zip(one, two, strict=True):
            yield from compare(f"{where}, {two[0]}", part, other)


def _check_per_kg(results: Results, where: str, it: Mapping[str, Any]) -> Faults:
    """The emissions per kg of oxides of a remark, and what would hold the claim."""
    made = results.document["footprint"]
    per = [share_of(made["total"][end], made["product_reo_kg_per_h"]) for end in SPAN]
    low, usual, high = (math.nan if it is None else it for it in per)
    for words in (
        f"{usual:.3g} ({low:.3g} to {high:.3g}) kg CO2e per kg of oxides",
        f"{usual / (1.0 - it['announced']):.3g} kg/kg in the same bounds",
    ):
        if words not in it["remark"]:
            yield f"{where}, remark: {words!r} is not in it"


def verdict_of(it: Mapping[str, Any]) -> str:
    """What the figures of a claim say together."""
    low = -math.inf if it["low"] is None else it["low"]
    high = math.inf if it["high"] is None else it["high"]
    found = set()
    for one in it["computed"]:
        slack = TOLERANCE * max(abs(one["value"]), abs(it["announced"]))
        least, most = one["low"], math.inf if one["high"] is None else one["high"]
        inside = low - slack <= least and most <= high + slack
        below, above = most < low - slack, least > high + slack
        found.add("inside" if inside else "below" if below else "above" if above else "across")
    alike = found.pop() if len(found) == 1 else "differ"
    verdicts = {"inside": "agrees", "below": "contradicts", "above": "contradicts"}
    return verdicts.get(alike, "cannot be judged")


Ends = tuple[float, float, float | None]
"""Least, usual and most; None: no upper end."""


def announced(results: Results, it: Mapping[str, Any]) -> list[Ends]:
    """What the plant says of a claim, reading by reading; none where it says nothing."""
    quantity, per = it["quantity"], it["per"]
    metal = bool(it["computed"]) and it["computed"][0]["how"].startswith("metal")
    found = computed_of(results, quantity, metal, it)
    if not per:
        return found
    whole = computed_of(results, per, metal, it)
    if len(found) != 1 or len(whole) != 1 or not whole[0][1] > 0.0:
        return []
    return [_one(found[0][1] / whole[0][1])]


def _one(value: float) -> Ends:
    return value, value, value


def computed_of(results: Results, quantity: str, metal: bool, it: Mapping[str, Any]) -> list[Ends]:
    """Readings of a quantity, in its unit."""
    feeds, tonnes = results.document["feeds"], results.hours / 1000.0
    if quantity in FED:
        shares = [feed["magnet_share"] for feed in feeds]
        parts = [share if quantity == "magnets_in" else 1.0 - share for share in shares]
        tons = [part * feed["dry_t_per_year"] for part, feed in zip(parts, feeds, strict=True)]
        return [_one(math.fsum(tons))]
    if quantity in WEIGHED:
        return [_one(_weighed(results, quantity, metal) * tonnes)]
    if quantity in ("boron_out", "ammonium_nitrate_out"):
        streams = results.of_kind("by-product")
        if quantity == "boron_out":
            moles = math.fsum(results.atoms(stream).get("B", 0.0) for stream in streams)
            return [_one(moles * mass_of("H3BO3") * tonnes)]
        moles = math.fsum(results.amounts[stream].get("NH4NO3", 0.0) for stream in streams)
        return [_one(moles * mass_of("NH4NO3") * tonnes)]
    if quantity in ("liquid_effluent", "water_saving"):
        return _of_effluent(results, quantity)
    if quantity == "co2_recycled_share":
        return _of_carbon_dioxide(results)
    if quantity == "staff_at_opening":
        return _of_posts(results, it)
    return []


def _weighed(results: Results, quantity: str, metal: bool) -> float:
    """Rare earths in products, as oxides or metal; of magnets alone where the quantity is recycled [kg/h]."""
    ends = {it["product"] for it in results.document["products"]}
    sold = [it["stream"] for it in results.document["streams"] if it["end"] in ends]
    symbols = GROUPS.get(quantity, EARTHS)
    if quantity == "other_oxides_out":
        symbols = tuple(symbol for symbol in EARTHS if symbol not in FOUR)
    mass = 0.0
    for symbol in symbols:
        if quantity.startswith("recycled"):
            shares = {it["feed"]: it["magnet_share"] for it in results.document["feeds"]}
            by_stream = traced_feeds(results, symbol)
            moles = math.fsum(
                there * shares.get(feed, 0.0)
                for stream in sold
                for feed, there in by_stream[stream].items()
            )
        else:
            moles = math.fsum(results.atoms(stream).get(symbol, 0.0) for stream in sold)
        mass += moles * (mass_of(symbol) if metal else oxide_mass(symbol))
    return mass


def _of_effluent(results: Results, quantity: str) -> list[Ends]:
    """Of all effluents, then without clean ones: their volume [m3/y], or what is saved of a published one."""
    made = results.document["footprint"]
    effluent = [it for it in made["left"] if it["kind"] == "effluent"]
    if any(it["m3_per_h"] is None for it in effluent):
        return []
    salty = [it for it in effluent if not it["clean"]]
    volumes = [
        results.hours * math.fsum(it["m3_per_h"] for it in some) for some in (effluent, salty)
    ]
    if quantity == "liquid_effluent":
        return [_one(volume) for volume in volumes]
    sold = made["product_reo_kg_per_h"] * results.hours / 1000.0
    published = {it["what"]: it for it in made["beside"]}["wastewater_volume"]
    ends = [published[end] for end in ("low", "value", "high")]
    if not sold > 0.0 or not all(ends):
        return []
    spans = [[1.0 - volume / sold / end for end in ends] for volume in volumes]
    return [(low, usual, high) for low, usual, high in spans]


def _of_carbon_dioxide(results: Results) -> list[Ends]:
    """Of what would leave by the stack, the share drawn again: without and with that of fuel."""
    made = results.document["footprint"]
    again = made["carbon_dioxide_returned_kg_per_h"]
    gone = math.fsum(it["amount"] for it in made["emissions"] if it["item"].startswith(CO2_OF))
    if not again + gone > 0.0:
        return []
    burned = [it for it in made["emissions"] if it["item"] == "natural gas burned"]
    fuel = [math.fsum(it[end] for it in burned) for end in reversed(SPAN)]
    low, usual, high = (again / (again + gone + it) for it in fuel)
    return [_one(again / (again + gone)), (low, usual, high)]


def _of_posts(results: Results, it: Mapping[str, Any]) -> list[Ends]:
    """People in shifts, by the people for each post that the figure tells."""
    how = it["computed"][0]["how"] if it["computed"] else ""
    told = re.search(r"posts, ([0-9.]+) \(([0-9.]+) to [0-9.]+\) people each", how)
    if told is None:
        return [(math.nan, math.nan, None)]
    posts = results.document["totals"]["posts"]
    return [(float(told[2]) * posts, float(told[1]) * posts, None)]


CHECKS = (
    check_species, check_elements, check_closure, check_feeds, check_products, check_reagents,
    check_units, check_workbook, check_circuits, check_footprint, check_announcement,
)  # fmt: skip


def check(directory: Path, digests: bool = True) -> list[str]:
    """All faults of a folder of results; ``digests`` compares the hashes of its files as well."""
    results = Results(directory)
    faults = [fault for each in CHECKS for fault in each(results)]
    return [*faults, *(check_digests(results) if digests else ())]


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(description="Check a folder of results of `ytterby run`.")
    parser.add_argument("directory", type=Path)
    parser.add_argument("--no-digests", action="store_true", help="leave the hashes of files aside")
    asked = parser.parse_args()
    try:
        faults = check(asked.directory, not asked.no_digests)
    except (*UNREADABLE, polars.exceptions.PolarsError) as error:
        print(f"{asked.directory}: cannot be read as results: {error!r}", file=sys.stderr)
        return 2
    for fault in faults[:MOST]:
        print(fault)
    if faults:
        print(f"{len(faults)} faults in {asked.directory}")
        return 1
    print(f"{asked.directory}: all numbers agree")
    return 0


if __name__ == "__main__":
    sys.exit(main())
