"""The plant of a case file: feeds, units, what connects them, what leaves; nothing is solved.

Options of a unit are those of its class: the schema says how each is written, the class which ones it has.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ytterby.case.check import FAULTY, is_good
from ytterby.case.faults import Faults
from ytterby.case.lines import KeyPath
from ytterby.case.schema import keys_of
from ytterby.case.stored import StoredDesigns, read_designs_file
from ytterby.datasets.feeds import feed as catalogue_feed
from ytterby.datasets.feeds import feeds as catalogue
from ytterby.elements import RARE_EARTHS
from ytterby.errors import CaseError, DataError, nearest
from ytterby.quantities import quoted

if TYPE_CHECKING:
    from ytterby.flowsheet import Connection, End, EndKind, Flowsheet
    from ytterby.unitops import Operation

COMMON = ("medium", "base")
"""Options that a unit takes from its plant where it does not say its own."""
NOT_OPTIONS = ("kind", "from", "settings", "equilibrium_set")
FROM_PLANT = {"name", "own", "design"}
"""Fields of a unit that no option gives."""
CASE = "CASE"
"""Source of numbers that the case itself gives."""
_SHARE = re.compile(r"(?P<share>[0-9.]+) ?% of (?P<place>.+)")


@dataclass(frozen=True)
class Product:
    """What an end of the plant is sold as."""

    end: str
    kind: EndKind
    product: str
    """As the table of specifications calls it."""
    grade: str


@dataclass(frozen=True)
class PlantFeed:
    """What arrives, by names of the catalogue."""

    name: str
    blend: Mapping[str, float]
    """Shares of the dry gross mass by material; one of 1 for a single material."""
    yearly: float
    """Dry gross mass a year [kg]."""
    treo: float | None
    """In place of the catalogue's [kg/kg]."""
    notes: tuple[str, ...]
    """What had to be assumed of it."""


@dataclass(frozen=True)
class PlantPlan:
    """The plant of a case: values canonical, names resolved."""

    flowsheet: Flowsheet
    medium: str
    hours: float
    """Of operation a year [h]."""
    feeds: tuple[PlantFeed, ...]
    products: tuple[Product, ...]
    designs_file: Path | None
    """Where the designs of its circuits are stored."""

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of the bibliography that it rests on, before anything is solved."""
        from ytterby.datasets import cited, parameter_set
        from ytterby.unitops import SolventExtraction
        from ytterby.unitops.solvent_extraction import SETS

        units = self.flowsheet.operations
        numbers = [number for unit in units for number in unit.settings.values()]
        fed = {name for flow in self.flowsheet.feeds.values() for name in flow.rare_earths()}
        rows = [
            row
            for unit in units
            if isinstance(unit, SolventExtraction)
            for row in parameter_set(unit.equilibrium or SETS[unit.medium]).used(
                [name for name in RARE_EARTHS if name in fed - set(unit.assumed)], ()
            )
        ]
        feeds = [catalogue_feed(name) for it in self.feeds for name in it.blend]
        return tuple(key for key in cited([*numbers, *rows, *feeds]) if key != CASE)


def read_plant(checked: Mapping[str, Any], faults: Faults) -> PlantPlan | None:
    """The plant of a checked file; None if there is none, or it has a fault, which is noted."""
    entry = checked["plant"]
    if not is_good(entry):
        return None
    return _Reader(entry, faults).plan()


@dataclass(frozen=True)
class _Reader:
    """Reads the one plant of a file."""

    entry: Mapping[str, Any]
    faults: Faults

    def plan(self) -> PlantPlan | None:
        before = len(self.faults.found)
        tables = ("feeds", "units", "ends")
        if any(self.entry[key] is FAULTY for key in (*tables, "hours", "medium", "base")):
            return None
        stored, file = self._stored()
        units = self._units(stored)
        flows, arriving = self._feeds()
        if len(self.faults.found) > before:
            return None
        flowsheet = self._flowsheet(units, flows)
        products = self._products()
        if flowsheet is None or len(self.faults.found) > before:
            return None
        return PlantPlan(
            flowsheet,
            self.entry["medium"],
            self.entry["hours"],
            arriving,
            products,
            file,
        )

    def _stored(self) -> tuple[StoredDesigns, Path | None]:
        """Designs beside the case, if it names a file of them; a file that is not there yet is empty."""
        named = self.entry["designs"]
        if not is_good(named):
            return StoredDesigns({}), None
        path = self.faults.directory / named
        try:
            return read_designs_file(path), path
        except CaseError as error:
            self.faults.beside(("plant", "designs"), error)
            return StoredDesigns({}), path

    def _units(self, stored: StoredDesigns) -> list[Operation]:
        made = [
            self._unit(name, entry, stored)
            for name, entry in self.entry["units"].items()
            if entry is not FAULTY
        ]
        return [unit for unit in made if unit is not None]

    def _unit(self, name: str, entry: Mapping[str, Any], stored: StoredDesigns) -> Operation | None:
        from ytterby.unitops import KINDS, SolventExtraction

        path: KeyPath = ("plant", "units", name)
        kind = entry["kind"]
        if kind is FAULTY:
            return None
        if kind not in KINDS:
            self.faults.add(
                (*path, "kind"),
                quoted(kind),
                "one of: " + ", ".join(sorted(KINDS)),
                nearest=nearest(kind, KINDS),
                next="list all kinds with `ytterby list units`",
            )
            return None
        cls = KINDS[kind]
        options = self._options(path, entry, cls)
        own = self._settings(path, entry, cls)
        if options is None or own is None:
            return None
        unit = self._made(path, cls, {"name": name, "own": own, **options})
        if isinstance(unit, SolventExtraction):
            return replace(unit, design=stored.of(self.entry["medium"], name))
        return unit

    def _options(
        self, path: KeyPath, entry: Mapping[str, Any], cls: type[Operation]
    ) -> dict[str, Any] | None:
        """Options of a unit by field; None with a fault noted."""
        own = {field.name: field for field in fields(cls) if field.name not in FROM_PLANT}
        given = {key: value for key, value in entry.items() if key not in NOT_OPTIONS}
        if any(value is FAULTY for value in given.values()):
            return None
        before = len(self.faults.found)
        found = {key: self.entry[key] for key in COMMON if key in own}
        for key, value in given.items():
            if value is None:
                continue
            if key in own:
                found[key] = tuple(value) if isinstance(value, list) else value
            else:
                self.faults.add(
                    (*path, key),
                    f"an option that {quoted(entry['kind'])} does not have",
                    "one of: " + ", ".join(own) if own else "no option",
                    nearest=nearest(key, own),
                    next="remove it",
                )
        rows = keys_of(("plant", "units", "LABEL"))
        for key, field in own.items():
            needed = field.default is MISSING and field.default_factory is MISSING
            if needed and key not in found:
                self.faults.add(
                    (*path, key),
                    "nothing",
                    f"the {key} of {quoted(entry['kind'])}",
                    next=f"add {key} = {rows[key].toml(rows[key].example)}" if key in rows else "",
                )
        return None if len(self.faults.found) > before else found

    def _settings(
        self, path: KeyPath, entry: Mapping[str, Any], cls: type[Operation]
    ) -> dict[str, Any] | None:
        """Settings that the case gives itself, in the unit of the cited ones."""
        given = entry["settings"]
        if given is FAULTY:
            return None
        found = {}
        for key, value in (given or {}).items():
            if value is FAULTY:
                return None
            if key not in cls.SETTINGS:
                self.faults.add(
                    (*path, "settings", key),
                    quoted(key),
                    "one of: " + ", ".join(cls.SETTINGS),
                    nearest=nearest(key, cls.SETTINGS),
                    next="list settings with `ytterby list units`",
                )
                continue
            cited = cls.SETTINGS[key].cited()
            found[key] = replace(
                cited,
                value=float(value),
                source=CASE,
                also=(),
                rests_on=(),
                basis="assumed",
                confidence="low",
                notes="the case's own",
            )
        return found

    def _made(
        self, path: KeyPath, cls: type[Operation], options: dict[str, Any]
    ) -> Operation | None:
        """The unit; None where it refuses its options."""
        try:
            made: Operation = cls(**options)
        except (CaseError, DataError) as error:
            self.faults.take(path, error)
            return None
        return made

    def _feeds(self) -> tuple[dict[str, Any], tuple[PlantFeed, ...]]:
        """Feeds as flows at the hours of operation, and as the case lists them."""
        from ytterby.materials import mixed
        from ytterby.unitops.feeds import catalogue_assay

        flows, listed = {}, []
        for name, entry in self.entry["feeds"].items():
            if entry is FAULTY or FAULTY in entry.values():
                continue
            blend = self._blend(("plant", "feeds", name), entry)
            if blend is None:
                continue
            parts, notes = [], []
            for material, share in blend.items():
                try:
                    found = catalogue_assay(catalogue_feed(material), entry["treo"])
                except (CaseError, DataError) as error:
                    self.faults.take(("plant", "feeds", name), error)
                    continue
                parts.append(found.flow(share * entry["yearly"] / 1000.0, self.entry["hours"]))
                notes += [f"{material}: {note}" for note in found.notes]
            if len(parts) == len(blend):
                flows[name] = mixed(parts)
                arriving = PlantFeed(name, blend, entry["yearly"], entry["treo"], tuple(notes))
                listed.append(arriving)
        return flows, tuple(listed)

    def _blend(self, path: KeyPath, entry: Mapping[str, Any]) -> dict[str, float] | None:
        """Shares by material; None with a fault noted."""
        material, blend = entry["material"], entry["blend"]
        if (material is None) == (not blend):
            read = "both material and blend" if material else "neither material nor blend"
            self.faults.add(path, read, "one of them", next="name what arrives")
            return None
        if material:
            return {material: 1.0}
        if FAULTY in blend.values():
            return None
        total = sum(blend.values())
        if abs(total - 1.0) > 1e-9:
            self.faults.add(
                (*path, "blend"),
                f"shares that sum to {100 * total:.6g} %",
                "100 %",
                next="say what the rest is",
            )
            return None
        return dict(blend)

    def _flowsheet(self, units: list[Operation], flows: dict[str, Any]) -> Flowsheet | None:
        from ytterby.flowsheet import Flowsheet

        supplies = self.entry["supplies"] if is_good(self.entry["supplies"]) else {}
        try:
            return Flowsheet(
                name=self.entry["name"],
                feeds=flows,
                operations=tuple(units),
                connections=tuple(self._connections()),
                ends=tuple(self._ends()),
                supplies={name: tuple(outlets) for name, outlets in supplies.items()},
            )
        except CaseError as error:
            for fault in error.faults:
                place = fault.where.partition(", ")[2]
                read = f"{place}: {fault.read}"
                self.faults.add(
                    self._path_of(place),
                    read,
                    fault.expected,
                    nearest=fault.nearest,
                    next=fault.next,
                )
            return None

    def _path_of(self, place: str) -> KeyPath:
        """Key that a fault of the flowsheet is best told at."""
        name = place.removeprefix("end ").removeprefix("supply of ").partition(".")[0]
        for table in ("units", "feeds", "ends", "supplies"):
            entries = self.entry[table]
            if is_good(entries) and name in entries:
                return ("plant", table, name)
        return ("plant",)

    def _connections(self) -> list[Connection]:
        from ytterby.flowsheet import Connection

        found = []
        for name, entry in self.entry["units"].items():
            for port, sources in entry["from"].items():
                for text in sources:
                    share, source = self._shared(text)
                    found.append(Connection(source, f"{name}.{port}", share))
        return found

    def _ends(self) -> list[End]:
        from ytterby.flowsheet import End

        found = []
        for name, entry in self.entry["ends"].items():
            if entry is FAULTY or FAULTY in entry.values():
                continue
            for text in entry["of"]:
                share, source = self._shared(text)
                found.append(End(source, entry["kind"], name, share))
        return found

    @staticmethod
    def _shared(text: str) -> tuple[float, str]:
        """Share and place of ``30 % of leach.liquor``; all of it where none is said."""
        match = _SHARE.fullmatch(text.strip())
        return (float(match["share"]) / 100.0, match["place"]) if match else (1.0, text.strip())

    def _products(self) -> tuple[Product, ...]:
        """Ends that are sold to a specification."""
        from ytterby.datasets.products import specification

        found = []
        for name, entry in self.entry["ends"].items():
            if not isinstance(entry, Mapping) or not is_good(entry["product"]):
                continue
            grade = entry["grade"] or ""
            try:
                specification(entry["product"], grade)
            except DataError as error:
                self.faults.take(("plant", "ends", name, "product"), error)
                continue
            found.append(Product(name, entry["kind"], entry["product"], grade))
        return tuple(found)


def materials() -> tuple[str, ...]:
    """Names that a feed's material may have."""
    return tuple(it.name for it in catalogue())
