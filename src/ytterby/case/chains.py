"""The supply chain of a case file: demands, rules, shocks, and the network that they are held against."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ytterby.case.check import FAULTY, is_good
from ytterby.case.faults import Faults
from ytterby.case.lines import KeyPath
from ytterby.errors import YtterbyError, nearest
from ytterby.quantities import quoted

if TYPE_CHECKING:  # the room of chains reads large tables, which most case files do not need
    from pathlib import Path

    from ytterby.chain.actors import ActorChain
    from ytterby.chain.demand import Demand
    from ytterby.chain.evidence import Evidence
    from ytterby.chain.network import Network
    from ytterby.chain.others import Others
    from ytterby.chain.rules import Rule
    from ytterby.chain.shocks import Shock
    from ytterby.chain.yardsticks import UnitValue

YEAR = 12
"""Months."""
_TONNE = 1000.0
"""kg, in which masses of a case are held."""
_NAMED = ("countries", "owners", "facilities")
"""Lists that say whom a rule or a shock names."""
_ABOUT = ("stages", "forms", "elements")
"""Lists that say what it is about."""
_AMOUNTS = ("yearly", "units", "monthly")
"""Ways to say how much is asked for."""


@dataclass(frozen=True)
class ChainPlan:
    """A chain as asked for: names resolved, nothing computed."""

    network: Network
    """The catalogue with what the case adds and leaves out."""
    evidence: tuple[Evidence, ...]
    demands: Mapping[str, Demand]
    first: int
    """First month that is planned."""
    months: int
    as_of: int
    """Evidence and events after this month are not known."""
    recycle: bool
    weights: Mapping[str, float]
    """Grades of evidence that count otherwise than assumed."""
    slip: float | None
    """Median months by which announced starts slip; None: the base rate."""
    unstated: str
    """What stands in for capacities that no source states: others (what totals of countries leave beyond the
    listed makers), open (each as large as needed) or none."""
    others: Others
    """Makers of whom only what they make together is known; what the case leaves out is not among them."""
    customer: str | None
    """Line of demand that chains of actors are held against; None if no line names a class."""
    stocks: Mapping[str, float]
    """In store at the start [t], by material."""
    without: Mapping[str, tuple[str, ...]]
    """Facilities that are left out of further plans, by the name of the plan."""
    actors: tuple[ActorChain, ...]
    shocks: tuple[Shock, ...]
    removals: tuple[str, ...]
    """What is taken away one by one: facilities, countries, owners."""
    refinery: Path | None
    """Results that the refinery's recipe was taken from; None: as shipped."""
    instability: Mapping[str, float] = field(default_factory=dict)
    """Of supplying countries as the case says, 0 to 1."""
    values: Mapping[str, UnitValue] = field(default_factory=dict)
    """Of units that demands count, as the case says, by unit."""

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of the bibliography behind demands, materials, recipes, lines and evidence."""
        cited = [
            *(it.cited for it in self.demands.values()),
            *(it.cited for it in self.network.materials.values()),
            *(it.cited for it in self.network.recipes.values()),
            *(it.cited for it in self.network.lines.values()),
            *(it.cited for it in self.evidence),
        ]
        found = {key for it in cited for key in (it.source, *it.also)}
        return tuple(sorted(found - {"", "GAP", "DERIVED"}, key=str.casefold))


def read_chain(checked: Mapping[str, Any], faults: Faults) -> ChainPlan | None:
    """The chain of a checked file; None if there is none or it has a fault, which is noted."""
    entry = checked["chain"]
    return _Reader(entry, faults).plan() if is_good(entry) else None


class _Reader:
    """Reads the chain of one file."""

    def __init__(self, entry: Mapping[str, Any], faults: Faults) -> None:
        self.entry, self.faults = entry, faults
        self.before = len(faults.found)

    def plan(self) -> ChainPlan | None:
        """The chain; None if it has a fault."""
        from ytterby.chain.others import others

        self.first = self._month(("chain", "first"), self.entry["first"])
        as_of = self._month(("chain", "as_of"), self.entry["as_of"])
        whole = self._network()
        network = None if whole is None else self._kept(whole)
        if whole is None or network is None or self.first is None or self.entry["months"] is FAULTY:
            return None
        self.network = network
        rules = dict(self._rules())
        demands = dict(self._demands(rules))
        if not self.entry["demands"]:
            then = "add [chain.demands.NAME] with a name of your own"
            self.faults.add(("chain", "demands"), "no demand", "one or more", next=then)
        evidence = self._evidence(whole)
        self._known_items("weights", self._grades(), "a grade of evidence")
        self._known_items("stocks", network.materials, "a material of the chain")
        without = {
            name: tuple(names)
            for name, names in self._table("without").items()
            if self._facilities(("chain", "without", name), names)
        }
        customer = self._customer(demands)
        actors, shocks = self._actors(), tuple(self._shocks())
        instability, values = self._instability(), dict(self._values(demands))
        if len(self.faults.found) > self.before or FAULTY in self.entry.values():
            return None
        known_by = self.first if as_of is None else as_of
        return ChainPlan(
            network=network,
            evidence=tuple(it for it in evidence if it.facility in network.facilities),
            demands=demands,
            first=self.first,
            months=self.entry["months"],
            as_of=known_by,
            recycle=self.entry["recycle"],
            weights=self._table("weights"),
            slip=self.entry["slip"],
            unstated=self.entry["unstated"],
            others=others(whole, evidence, known_by),
            customer=customer,
            stocks={name: kg / _TONNE for name, kg in self._table("stocks").items()},
            without=without,
            actors=actors,
            shocks=shocks,
            removals=tuple(self.entry["removals"] or ("facilities", "countries")),
            refinery=self._beside("refinery"),
            instability=instability,
            values=values,
        )

    def _table(self, key: str) -> dict[str, Any]:
        """Entries of one table that were read without fault."""
        entries = self.entry[key] if is_good(self.entry[key]) else {}
        return {name: entry for name, entry in entries.items() if entry is not FAULTY}

    def _month(self, path: KeyPath, text: Any) -> int | None:
        from ytterby.chain.months import month

        if not is_good(text):
            return None
        try:
            return month(text)
        except YtterbyError as error:
            self.faults.take(path, error)
            return None

    def _beside(self, key: str) -> Path | None:
        """A file or directory beside the case."""
        named = self.entry[key]
        return self.faults.directory / named if is_good(named) else None

    # The network

    def _network(self) -> Network | None:
        """The catalogue with what the case adds; None if that has a fault."""
        from ytterby.case.own_facilities import read_own_facilities
        from ytterby.chain.catalogue import network

        found = network()
        if (folder := self._beside("refinery")) is not None:
            from ytterby.chain.own_network import with_plant

            try:
                found = with_plant(found, folder)
            except YtterbyError as error:
                self.faults.beside(("chain", "refinery"), error)
                return None
        if (file := self._beside("facilities")) is not None:
            try:
                found = read_own_facilities(file, found)
            except YtterbyError as error:
                self.faults.beside(("chain", "facilities"), error)
                return None
        return found

    def _kept(self, found: Network) -> Network:
        """Without what the case leaves out."""
        from ytterby.chain.network import Network

        dropped = self.entry["drop"] if is_good(self.entry["drop"]) else ()
        for name in dropped:
            self._known(("chain", "drop"), name, found.facilities, "a facility of the catalogue")
        return Network(
            materials=found.materials,
            recipes=found.recipes,
            facilities={k: it for k, it in found.facilities.items() if k not in dropped},
            lines={k: it for k, it in found.lines.items() if it.facility not in dropped},
        )

    def _evidence(self, whole: Network) -> tuple[Evidence, ...]:
        """Of every facility, those that the case leaves out among them."""
        from ytterby.case.own_facilities import read_own_evidence
        from ytterby.chain.catalogue import evidence

        known = evidence()
        if (file := self._beside("evidence")) is None:
            return known
        try:
            return (*known, *read_own_evidence(file, whole))
        except YtterbyError as error:
            self.faults.beside(("chain", "evidence"), error)
            return known

    # Names

    def _known(self, path: KeyPath, name: str, known: Any, what: str) -> bool:
        if name in known:
            return True
        self.faults.add(path, quoted(name), what, nearest=nearest(name, known))
        return False

    def _known_items(self, key: str, known: Any, what: str) -> None:
        for name in self._table(key):
            self._known(("chain", key, name), name, known, what)

    @staticmethod
    def _grades() -> tuple[str, ...]:
        from ytterby.chain.evidence import KINDS

        return ("unknown", *KINDS)

    def _facilities(self, path: KeyPath, names: Any) -> bool:
        """Whether names are all of facilities; what is not is noted."""
        if not (isinstance(names, list) and all(isinstance(it, str) for it in names)):
            self.faults.add(path, quoted(names), "a list of facilities")
            return False
        known = self.network.facilities
        return all([self._known(path, it, known, "a facility of the catalogue") for it in names])

    def _rule(self, path: KeyPath, entry: Mapping[str, Any], words: str) -> Rule | None:
        """The rule that lists of names make; None if one is not known."""
        from ytterby.chain.rules import Rule

        known = {
            "countries": {it.country for it in self.network.facilities.values()},
            "owners": {it.owner_key for it in self.network.facilities.values()},
            "facilities": self.network.facilities,
            "stages": {it.stage for it in self.network.recipes.values()},
            "forms": {it.form for it in self.network.materials.values()},
            "elements": self.network.elements,
        }
        what = {
            "countries": "a country with a facility, ISO 3166 alpha-3",
            "owners": "the key of an owner",
            "facilities": "a facility of the catalogue",
            "stages": "a stage of the chain",
            "forms": "a form of material",
            "elements": "a tracked element",
        }
        good = [
            self._known((*path, key), name, known[key], what[key])
            for key in (*_NAMED, *_ABOUT)
            for name in entry[key] or ()
        ]
        if not any(entry[key] for key in _NAMED):
            expected = "at least one of countries, owners, facilities"
            self.faults.add(path, "nobody is named", expected)
            return None
        if not all(good):
            return None
        lists: dict[str, Any] = {key: frozenset(entry[key] or ()) for key in (*_NAMED, *_ABOUT)}
        return Rule(words=words, **lists)

    def _period(
        self, path: KeyPath, entry: Mapping[str, Any], since: str, until: str
    ) -> tuple[int | None, int | None]:
        """First month, and first month after; a wrong order is noted."""
        begin = self._month((*path, since), entry[since])
        end = self._month((*path, until), entry[until])
        if begin is not None and end is not None and end <= begin:
            read = f"{entry[until]}, not after {since} = {entry[since]}"
            self.faults.add((*path, until), read, f"a month after {entry[since]}")
        return begin, end

    def _whole(self, key: str) -> Iterator[tuple[str, KeyPath, Mapping[str, Any]]]:
        """Tables below one key that have no fault, with their paths."""
        for name, entry in self._table(key).items():
            if FAULTY not in entry.values():
                yield name, ("chain", key, name), entry

    def _rules(self) -> Iterator[tuple[str, Rule]]:
        for name, path, entry in self._whole("rules"):
            begin, end = self._period(path, entry, "since", "until")
            if rule := self._rule(path, entry, entry["says"]):
                yield name, replace(rule, only=entry["only"], since=begin, until=end)

    # Demands

    def _demands(self, rules: Mapping[str, Rule]) -> Iterator[tuple[str, Demand]]:
        from ytterby.chain.demand import Demand
        from ytterby.chain.network import Cited

        for name, path, entry in self._whole("demands"):
            tonnes = self._tonnes(path, entry)
            named = [*entry["rules"]] if entry["rules"] else []
            declared = self.entry["rules"] if is_good(self.entry["rules"]) else {}
            bound = [
                self._known((*path, "rules"), it, declared, "a rule of the case") for it in named
            ]
            kept = [
                self._known((*path, key), it, self.network.materials, "a material of the chain")
                for key, names in (
                    ("material", [entry["material"]]),
                    ("instead", entry["instead"] or ()),
                )
                for it in names
            ]
            cited = self._source((*path, "source"), entry["source"])
            good = all((*bound, *kept, cited)) and set(named) <= set(rules)
            if tonnes is None or not good:
                continue
            per_month = entry["units"]
            yield (
                name,
                Demand(
                    name=name,
                    customer=entry["customer"],
                    country=entry["country"],
                    customer_class=entry["class"] or "",
                    material=entry["material"],
                    tonnes=tonnes,
                    instead=tuple(entry["instead"] or ()),
                    rules=tuple(rules[it] for it in named),
                    application=entry["application"] or "",
                    units=None if per_month is None else per_month / YEAR * len(tonnes),
                    unit_name=entry["unit"] or "",
                    priority=float(entry["priority"]),
                    stock=entry["stock"] / _TONNE,
                    cited=Cited(
                        source=entry["source"] or "",
                        basis="read" if entry["source"] else "assumed",
                        note=entry["says"] or "",
                    ),
                ),
            )

    def _source(self, path: KeyPath, key: str | None) -> bool:
        """Whether a source is in the bibliography, if one is named; what is not is noted."""
        from ytterby.sources import source

        try:
            return key is None or bool(source(key))
        except YtterbyError as error:
            self.faults.take(path, error)
            return False

    def _customer(self, demands: Mapping[str, Demand]) -> str | None:
        named: str | None = self.entry["customer"]
        if named is None:
            return next((it.name for it in demands.values() if it.customer_class), None)
        if not is_good(named) or named in (self.entry["demands"] or {}):
            return named
        self._known(("chain", "customer"), named, demands, "a line of demand")
        return None

    def _tonnes(self, path: KeyPath, entry: Mapping[str, Any]) -> dict[int, float] | None:
        """Due by month [t]; None if it has a fault."""
        said = [key for key in _AMOUNTS if entry[key] is not None]
        if len(said) != 1:
            read = "nothing" if not said else " and ".join(said)
            self.faults.add(path, read, "one of yearly, units with per_unit, monthly")
            return None
        if said == ["monthly"]:
            return self._monthly(path, entry["monthly"])
        if said == ["units"] and entry["per_unit"] is None:
            self.faults.add((*path, "per_unit"), "nothing", "mass of the material in one unit")
            return None
        each = (
            entry["yearly"] if said == ["yearly"] else entry["units"] * entry["per_unit"]
        ) / _TONNE
        assert self.first is not None
        last = self.first + self.entry["months"] - 1
        begin = self._month((*path, "from"), entry["from"])
        end = self._month((*path, "to"), entry["to"])
        begin = self.first if begin is None else max(begin, self.first)
        end = last if end is None else min(end, last)
        if end < begin:
            self.faults.add(path, "no month of it is planned", "months between from and to")
            return None
        return {month: each / YEAR for month in range(begin, end + 1)}

    def _monthly(self, path: KeyPath, entry: Any) -> dict[int, float] | None:
        if entry is FAULTY:
            return None
        found = {}
        for text, kg in entry.items():
            month = self._month((*path, "monthly", text), text)
            if kg is FAULTY or month is None:
                return None
            assert self.first is not None
            if not self.first <= month < self.first + self.entry["months"]:
                self.faults.add((*path, "monthly", text), text, "a month that is planned")
                return None
            found[month] = kg / _TONNE
        return found

    # Exposure

    def _instability(self) -> dict[str, float]:
        """Of supplying countries; those that trade nothing are noted."""
        stated = self._table("instability")
        if stated:
            from ytterby.chain.facts import trade

            known = {it.exporter for it in trade()}
            self._known_items("instability", known, "a country that exports, ISO 3166 alpha-3")
        return stated

    def _values(self, demands: Mapping[str, Demand]) -> Iterator[tuple[str, UnitValue]]:
        from ytterby.chain.network import Cited, Range
        from ytterby.chain.yardsticks import UnitValue

        units = {it.unit_name for it in demands.values() if it.unit_name}
        self._known_items("values", units, "a unit that a line of demand counts")
        for name, path, entry in self._whole("values"):
            low, high = entry["low"], entry["high"]
            if high < low:
                self.faults.add((*path, "high"), f"{high}, below low = {low}", f"{low} or more")
                continue
            worth = Range(low, (low + high) / 2, high)
            yield name, UnitValue(worth, "EUR", Cited(basis="set in the case"))

    # Actors and shocks

    def _actors(self) -> tuple[ActorChain, ...]:
        from ytterby.chain.actors import ActorChain, Link, actor_chains

        known = actor_chains()
        chosen = self.entry["chains"] if is_good(self.entry["chains"]) else list(known)
        good = [self._known(("chain", "chains"), it, known, "a chain of actors") for it in chosen]
        own = []
        stages = {it.stage for it in self.network.recipes.values()}
        for name, path, entry in self._whole("actors"):
            named = entry["stages"]
            for stage, facilities in named.items():
                self._known((*path, "stages", stage), stage, stages, "a stage of the chain")
                self._facilities((*path, "stages", stage), facilities)
            own.append(
                ActorChain(
                    name=name,
                    title=entry["says"] or name,
                    links=tuple(Link(stage, tuple(names)) for stage, names in named.items()),
                )
            )
        return (*(known[it] for it in chosen), *own) if all(good) else ()

    def _shocks(self) -> Iterator[Shock]:
        from ytterby.chain.events import events
        from ytterby.chain.shocks import Shock

        for name, path, entry in self._whole("shocks"):
            begin, end = self._period(path, entry, "month", "until")
            assert self.first is not None
            begin = self.first if begin is None else begin
            if entry["event"] is not None:
                if self._known((*path, "event"), entry["event"], events(), "a dated event"):
                    yield events()[entry["event"]].shock(name, begin, end)
                continue
            words = entry["says"] or name
            if rule := self._rule(path, entry, words):
                yield Shock(name, replace(rule, since=begin, until=end), bool(entry["abroad"]))
