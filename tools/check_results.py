"""Checks results that `ytterby run` wrote, from their files alone: ``python tools/check_results.py DIR``.

Nothing of ytterby is imported; formulas, weights and balances are read and computed here once more. What is
told twice must agree to ``TOLERANCE``: species against elements, streams against units and the whole plant,
tables against their totals, the workbook and the document against the tables. Ends with 0 if all of it holds,
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
IMPURITIES = {oxide: symbol for symbol, oxide in OXIDES.items()}
FIFTEEN = ("Y", "La", "Ce", "Pr", "Nd", "Sm", "Eu", "Gd", "Tb", "Dy", "Ho", "Er", "Tm", "Yb", "Lu")
EARTHS = (*FIFTEEN, "Sc")
"""Rare earths that count as REO in a stream."""
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


CHECKS = (
    check_species, check_elements, check_closure, check_feeds, check_products, check_reagents,
    check_units, check_workbook, check_circuits,
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
