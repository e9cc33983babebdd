"""What a simulated plant takes in and puts out, read from the results that `ytterby run` writes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ytterby.errors import DataError, Fault
from ytterby.quantities import quoted

DOCUMENT, ELEMENTS = "result.json", "elements.parquet"
FORMAT, VERSION = "ytterby.plant-result", 1
_EXPECTED = "results of a plant, as `ytterby run FILE --out DIRECTORY` writes them"


@dataclass(frozen=True)
class PlantFlow:
    """One stream over the fence of a plant."""

    total: float
    """[kg/h]"""
    elements: Mapping[str, float]
    """Mass of each element [kg/h]."""


@dataclass(frozen=True)
class PlantBalance:
    """Feeds and solid goods of one plant, by the names of their streams."""

    plant: str
    title: str
    feeds: Mapping[str, PlantFlow]
    goods: Mapping[str, PlantFlow]
    """Products and by-products that leave as solids."""
    sources: tuple[str, ...]
    """Keys of what the simulation rests on."""


def read_plant_balance(folder: Path) -> PlantBalance:
    """The balance in a folder of results; DataError if it has none, or its files do not belong together."""
    document = _document(folder / DOCUMENT)
    elements = _elements(folder / ELEMENTS, document)
    feeds, goods = {}, {}
    for it in document["streams"]:
        name = it["stream"]
        flow = PlantFlow(it["kg_per_h"], elements.get(name, {}))
        if it["kind"] == "feed":
            feeds[name] = flow
        elif it["kind"] in ("product", "by-product") and it["state"] == "solid":
            goods[name] = flow
    keys = tuple(it["key"] for it in document["sources"])
    return PlantBalance(document["plant"], document["title"], feeds, goods, keys)


def _document(path: Path) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise DataError(Fault(str(path), error.strerror or "not readable", _EXPECTED)) from None
    except ValueError:
        raise DataError(Fault(str(path), "no JSON", _EXPECTED)) from None
    found = (document.get("format"), document.get("version")) if isinstance(document, dict) else ()
    if found != (FORMAT, VERSION):
        raise DataError(Fault(str(path), quoted(found), f"{FORMAT}, version {VERSION}"))
    return document


def _elements(path: Path, document: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Mass of each element by stream [kg/h]; the file must be the one that the document was written with."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(Fault(str(path), error.strerror or "not readable", _EXPECTED)) from None
    if hashlib.sha256(content).hexdigest() != document["run"]["files"][ELEMENTS]:
        then = "run the case again into this folder"
        raise DataError(Fault(str(path), "a file of another run", f"that of {DOCUMENT}", next=then))
    try:
        import polars
    except ModuleNotFoundError:
        then = "pip install ytterby[plant]"
        raise DataError(Fault(str(path), "no polars", "the extra `plant`", next=then)) from None
    found: dict[str, dict[str, float]] = {}
    columns = ("stream", "element", "kg_per_h")
    for stream, symbol, mass in polars.read_parquet(content).select(columns).rows():
        found.setdefault(stream, {})[symbol] = mass
    return found
