"""Liquors of a case file: acid from pH, amounts from masses, all in mol/m3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ytterby.case.check import FAULTY, Measured, as_written, is_good, out_of_range
from ytterby.case.faults import Faults
from ytterby.case.lines import KeyPath
from ytterby.case.schema import Row, keys_of
from ytterby.circuit.circuit import Inlet, Phase
from ytterby.elements import SYMBOLS, element


def inlet(
    name: str,
    entry: Mapping[str, Any],
    path: KeyPath,
    medium: str,
    faults: Faults,
    phase: Phase = "aqueous",
) -> Inlet | None:
    """The liquor of a table; None if it has a fault."""
    acid = _acid(entry, path, faults) if phase == "aqueous" else _no_acid(entry, path, faults)
    concentrations = _concentrations(entry, path, faults)
    _check_sulfate(entry, path, medium, faults)
    rest = (entry["flow"], entry["salt"], entry["sulfate"])
    if acid is None or concentrations is None or FAULTY in rest:
        return None
    return Inlet(name, entry["flow"], acid, concentrations, entry["salt"], entry["sulfate"])


def named(entry: Mapping[str, Any], path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    """Each element that a liquor names, with its path; faulty names left out."""
    written = entry["concentrations"]
    if is_good(written):
        for symbol in written:
            if symbol in SYMBOLS:
                yield (*path, "concentrations", symbol), symbol


def _rows(path: KeyPath, *below: str) -> dict[str, Row]:
    """Rows of a liquor's table, or of a table in it."""
    kind, _, *inside = map(str, path)
    if inside[0] in ("side_feeds", "events"):
        inside[1] = "LABEL"
    return keys_of((kind, "NAME", *inside, *below))


def _acid(entry: Mapping[str, Any], path: KeyPath, faults: Faults) -> float | None:
    """[H+] [mol/m3] from exactly one of acid and pH."""
    acid, ph = entry["acid"], entry["pH"]
    if (acid is None) == (ph is None):
        examples = [as_written(_rows(path)[key], (key,)) for key in ("acid", "pH")]
        faults.add(
            path,
            "neither acid nor pH" if acid is None else "both acid and pH",
            "exactly one of acid and pH",
            next=("add " + " or ".join(examples)) if acid is None else "remove one of them",
        )
        return None
    if acid is FAULTY or ph is FAULTY:
        return None
    return float(acid) if acid is not None else float(1000.0 * 10.0**-ph)


def _no_acid(entry: Mapping[str, Any], path: KeyPath, faults: Faults) -> float | None:
    """Zero for an organic, which has no acid of its own; None if the file gives it any."""
    written = [key for key in ("acid", "pH", "sulfate") if is_good(entry[key])]
    if is_good(entry["salt"]) and entry["salt"] > 0:
        written.append("salt")
    for key in written:
        faults.add(
            (*path, key),
            f"{key} of an organic",
            "flow and concentrations, nothing else of an organic",
            next=f"remove {key}",
        )
    return None if written else 0.0


def _check_sulfate(entry: Mapping[str, Any], path: KeyPath, medium: str, faults: Faults) -> None:
    if is_good(entry["sulfate"]) and is_good(medium) and medium != "sulfate":
        faults.add(
            (*path, "sulfate"),
            f"sulfate in a {medium} medium",
            'sulfate only where medium = "sulfate"',
            next="remove it, or change the medium",
        )


def _concentrations(
    entry: Mapping[str, Any], path: KeyPath, faults: Faults
) -> dict[str, float] | None:
    """Metal ions [mol/m3] by atomic number."""
    written = entry["concentrations"] or {}
    if written is FAULTY:
        return None
    weighed = [symbol for symbol, read in written.items() if _is_mass(read)]
    if weighed and entry["basis"] is None:
        faults.add(
            (*path, "basis"),
            f"nothing, and mass per volume for {', '.join(weighed)}",
            "what was weighed: metal or reo (the oxide as traded)",
            next='add basis = "metal" or basis = "reo"',
        )
    if FAULTY in written.values() or (weighed and not is_good(entry["basis"])):
        return None
    amounts = {
        symbol: _amount(symbol, written[symbol], entry["basis"], path, faults)
        for symbol in SYMBOLS
        if symbol in written
    }
    return None if FAULTY in amounts.values() else amounts


def _amount(symbol: str, read: Measured, basis: str, path: KeyPath, faults: Faults) -> Any:
    """Concentration of one metal [mol/m3]; FAULTY if it is out of range."""
    if not _is_mass(read):
        return read.value
    metal = element(symbol)
    amount = read.value / (metal.atomic_weight if basis == "metal" else metal.oxide_molar_mass)
    row = _rows(path, "concentrations")["ELEMENT"]
    if row.holds(amount, "concentration"):
        return amount
    return out_of_range(row, read.text, (*path, "concentrations", symbol), faults)


def _is_mass(read: Any) -> bool:
    return read is not FAULTY and read.dimension == "mass concentration"
