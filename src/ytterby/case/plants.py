"""The plant of a case file: feeds, units, what connects them, what leaves; nothing is solved.

Options of a unit are those of its class: the schema says how each is written, the class which ones it has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ytterby.case.check import FAULTY, is_good
from ytterby.case.connections import Connections, read_source
from ytterby.case.equilibria import named_set
from ytterby.case.faults import Faults
from ytterby.case.lines import KeyPath
from ytterby.case.schema import keys_of
from ytterby.case.stored import StoredDesigns, read_designs_file
from ytterby.datasets.feeds import feed as catalogue_feed
from ytterby.elements import EXTRACTION_ORDER, RARE_EARTHS
from ytterby.errors import CaseError, DataError, nearest
from ytterby.quantities import quoted

if TYPE_CHECKING:
    from ytterby.flowsheet import Connection, End, EndKind, Flowsheet
    from ytterby.unitops import Operation, SolventExtraction

COMMON = ("medium", "base")
"""Options that a unit takes from its plant where it does not say its own."""
NOT_OPTIONS = ("kind", "from", "settings")
FROM_PLANT = {"name", "own", "design"}
"""Fields of a unit that no option gives."""
CASE = "CASE"
"""Source of numbers that the case itself gives."""


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
class Campaign:
    """A part of the year in which only some feeds run."""

    name: str
    hours: float
    """Of the year [h]."""
    feeds: tuple[str, ...]


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
    claims: str | None = None
    """Shipped set of claims that it is held against; of a whole year."""
    campaigns: tuple[Campaign, ...] = ()
    """Parts of the year; none: all feeds run all hours."""

    def during(self, campaign: Campaign) -> PlantPlan:
        """The plant as it runs in one of its campaigns: its feeds alone, over the hours in which they run.

        It is held against no claims: those are about a year.
        """
        running = {
            name: sum(it.hours for it in self.campaigns if name in it.feeds)
            for name in campaign.feeds
        }
        flows = {
            name: flow.scaled(self.hours / running[name] if name in running else 0.0)
            for name, flow in self.flowsheet.feeds.items()
        }
        arriving = tuple(
            replace(it, yearly=it.yearly * campaign.hours / running[it.name])
            for it in self.feeds
            if it.name in running
        )
        return replace(
            self,
            flowsheet=replace(self.flowsheet, feeds=flows),
            hours=campaign.hours,
            feeds=arriving,
            claims=None,
            campaigns=(),
        )

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
        """Everything is held against its kind first, so that all faults of a file are told at once."""
        tables = ("feeds", "units", "ends")
        if any(self.entry[key] is FAULTY for key in tables):
            return None
        stored, file = self._stored()
        units = self._units(stored)
        flows, arriving = self._feeds()
        Connections(self.entry, self._kinds(), self.faults).check()
        products = self._products()
        claims = self._claims()
        campaigns = self._campaigns()
        if self.faults.found:
            return None
        flowsheet = self._flowsheet(units, flows)
        if flowsheet is None or not self._may_enter(flowsheet):
            return None
        return PlantPlan(
            flowsheet,
            self.entry["medium"],
            self.entry["hours"],
            arriving,
            products,
            file,
            claims,
            campaigns,
        )

    def _campaigns(self) -> tuple[Campaign, ...]:
        """Parts of the year; every feed runs in one of them, and all fit into the plant's hours."""
        entries = self.entry["campaigns"]
        if not entries or not is_good(entries):
            return ()
        if any(not is_good(it) or FAULTY in it.values() for it in entries.values()):
            return ()
        for name, entry in entries.items():
            self._require_known_feeds(name, entry["feeds"])
        found = tuple(
            Campaign(it, one["hours"], tuple(one["feeds"])) for it, one in entries.items()
        )
        hours, most = sum(it.hours for it in found), self.entry["hours"]
        if most is not FAULTY and hours > most * (1.0 + 1e-9):
            self.faults.add(
                ("plant", "campaigns"),
                f"{hours:.6g} h in all",
                f"at most the {most:g} h in which the plant runs",
                next="shorten a campaign",
            )
        for name in self.entry["feeds"]:
            if not any(name in it.feeds for it in found):
                self.faults.add(
                    ("plant", "feeds", name),
                    "a feed that no campaign names",
                    "every feed in a campaign",
                    next=f'add "{name}" to the feeds of one',
                )
        return found

    def _require_known_feeds(self, campaign: str, named: list[str]) -> None:
        """A fault for each feed that the plant does not have, for one named twice, and for none at all."""
        path, known = ("plant", "campaigns", campaign, "feeds"), self.entry["feeds"]
        listed = "one of: " + ", ".join(known)
        for name in dict.fromkeys(named):
            if name not in known:
                self.faults.add(path, quoted(name), listed, nearest=nearest(name, known))
            elif named.count(name) > 1:
                self.faults.add(path, f"{name} twice", "each feed once", next="remove one")
        if not named:
            self.faults.add(path, "no feed", listed)

    def _claims(self) -> str | None:
        """The set of claims that the case names, if it does; a fault is noted where there is none such."""
        named: str | None = self.entry["claims"]
        if named is None or named is FAULTY:
            return None
        from ytterby.audit import shipped_set

        try:
            return shipped_set(named).name
        except DataError as error:
            self.faults.take(("plant", "claims"), error)
            return None

    def _kinds(self) -> dict[str, type[Operation]]:
        """Classes of the units whose kind is known."""
        from ytterby.unitops import KINDS

        return {
            name: KINDS[entry["kind"]]
            for name, entry in self.entry["units"].items()
            if entry is not FAULTY and entry["kind"] in KINDS
        }

    def _may_enter(self, flowsheet: Flowsheet) -> bool:
        """Whether every gate lets in what it is fed from outside; why not is noted."""
        from ytterby.materials import mixed
        from ytterby.unitops import FeedGate

        before = len(self.faults.found)
        for unit in flowsheet.operations:
            fed = flowsheet.into(f"{unit.name}.concentrate")
            if isinstance(unit, FeedGate) and all(it.source in flowsheet.feeds for it in fed):
                arriving = [flowsheet.feeds[it.source].scaled(it.share) for it in fed]
                try:
                    unit.balance({"concentrate": mixed(arriving)})
                except CaseError as error:
                    for fault in error.faults:
                        what = fault.where.partition(", ")[2]
                        path: KeyPath = ("plant", "units", unit.name)
                        read = f"{what}: {fault.read}"
                        self.faults.add(path, read, fault.expected, next=fault.next)
        return len(self.faults.found) == before

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
        if issubclass(cls, SolventExtraction) and is_good(entry["cut"]):
            self._check_cut((*path, "cut"), entry["cut"])
        if options is None or own is None:
            return None
        unit = self._made(path, cls, {"name": name, "own": own, **options})
        return self._circuit(path, unit, stored) if isinstance(unit, SolventExtraction) else unit

    def _circuit(
        self, path: KeyPath, unit: SolventExtraction, stored: StoredDesigns
    ) -> SolventExtraction | None:
        """A circuit with its design, and the parameter set that it names; None with a fault noted."""
        design = stored.of(self.entry["medium"], unit.name)
        if not unit.equilibrium:
            return replace(unit, design=design)
        found = named_set(unit.equilibrium, "P507", unit.medium, path, self.faults)
        return replace(unit, design=design, equilibrium=found.key) if found else None

    def _check_cut(self, path: KeyPath, cut: Sequence[str]) -> None:
        """Two rare earths, the less extracted first."""
        strange = [symbol for symbol in cut if symbol not in EXTRACTION_ORDER]
        for symbol in strange:
            expected = "one of: " + ", ".join(EXTRACTION_ORDER)
            close = nearest(symbol, EXTRACTION_ORDER)
            next = "name two rare earths that stand beside each other where it parts"
            self.faults.add(path, quoted(symbol), expected, nearest=close, next=next)
        if strange:
            return
        light, heavy = sorted(cut, key=EXTRACTION_ORDER.index)
        if light == heavy:
            read, next = f"{light} twice", "name the pair to part"
            self.faults.add(path, read, "two different rare earths", next=next)
        elif cut[0] != light:
            expected = "the less extracted first"
            self.faults.add(
                path, quoted(list(cut)), expected, next=f'write cut = ["{light}", "{heavy}"]'
            )

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
        """The unit; None where it refuses its options, or where one of the plant's is faulty."""
        if FAULTY in options.values():
            return None
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
            path: KeyPath = ("plant", "feeds", name)
            blend = self._blend(path, entry)
            if blend is None:
                continue
            parts, notes = [], []
            for material, share in blend.items():
                try:
                    known = catalogue_feed(material)
                except DataError as error:
                    self.faults.take((*path, *self._named(entry, material)), error)
                    continue
                try:
                    found = catalogue_assay(known, entry["treo"])
                except (CaseError, DataError) as error:
                    self.faults.take(path, error)
                    continue
                if self.entry["hours"] is FAULTY:
                    continue
                parts.append(found.flow(share * entry["yearly"] / 1000.0, self.entry["hours"]))
                notes += [f"{material}: {note}" for note in found.notes]
            if len(parts) == len(blend):
                flows[name] = mixed(parts)
                arriving = PlantFeed(name, blend, entry["yearly"], entry["treo"], tuple(notes))
                listed.append(arriving)
        return flows, tuple(listed)

    @staticmethod
    def _named(entry: Mapping[str, Any], material: str) -> KeyPath:
        """Key below a feed that names a material."""
        return ("material",) if entry["material"] is not None else ("blend", material)

    def _blend(self, path: KeyPath, entry: Mapping[str, Any]) -> dict[str, float] | None:
        """Shares by material; None with a fault noted."""
        material, blend = entry["material"], entry["blend"]
        if (material is None) == (not blend):
            read = "both material and blend" if material else "neither material nor blend"
            self.faults.add(path, read, "one of them", next="name what arrives")
            return None
        if material is not None:
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
                    share, source = read_source(text)
                    found.append(Connection(source, f"{name}.{port}", share))
        return found

    def _ends(self) -> list[End]:
        from ytterby.flowsheet import End

        found = []
        for name, entry in self.entry["ends"].items():
            for text in entry["of"]:
                share, source = read_source(text)
                found.append(End(source, entry["kind"], name, share))
        return found

    def _products(self) -> tuple[Product, ...]:
        """Ends that are sold to a specification."""
        found = []
        for name, entry in self.entry["ends"].items():
            if not isinstance(entry, Mapping) or FAULTY in (entry["product"], entry["grade"]):
                continue
            product, grade = entry["product"], entry["grade"]
            path: KeyPath = ("plant", "ends", name)
            if product is None and grade is not None:
                expected = "the product whose grade it is"
                next = "add product, see `ytterby list products`"
                self.faults.add((*path, "product"), "nothing", expected, next=next)
            elif product is not None and self._is_sold(path, product, grade):
                found.append(Product(name, entry["kind"], product, grade))
        return tuple(found)

    def _is_sold(self, path: KeyPath, product: str, grade: str | None) -> bool:
        """Whether there is a specification of that grade; if not, that is noted at product or grade."""
        from ytterby.datasets.products import specification, specifications

        grades = [it.grade for it in specifications() if it.product == product]
        if grades and grade is None:
            expected = f"a grade of {product}: " + ", ".join(grades)
            next = f'add a line such as grade = "{grades[0]}"'
            self.faults.add((*path, "grade"), "nothing", expected, next=next)
            return False
        try:
            specification(product, grade or "")
        except DataError as error:
            self.faults.take((*path, "grade" if grades else "product"), error)
            return False
        return True
