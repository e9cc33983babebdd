"""Makes circuits of a checked case file: names to parameter sets, masses and pH to mol/m3.

What only shows when several keys are held side by side is checked here; nothing is solved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ytterby import datasets
from ytterby.case.check import FAULTY, Measured, as_written, is_good, out_of_range
from ytterby.case.faults import Faults, dotted
from ytterby.case.lines import KeyPath
from ytterby.case.schema import keys_of
from ytterby.circuit.circuit import SECTION_ORDER, Circuit, Inlet, Organic, Section, SectionKind
from ytterby.datasets import ParameterSet
from ytterby.elements import EXTRACTION_ORDER, SYMBOLS, by_extraction_order, element
from ytterby.errors import DataError, nearest
from ytterby.quantities import quoted

INLETS: Mapping[SectionKind, str] = {"extraction": "feed", "scrub": "liquor", "strip": "liquor"}
"""Key of the inlet of each section."""
NAMES: Mapping[SectionKind, str] = {
    "extraction": "feed",
    "scrub": "scrub liquor",
    "strip": "strip acid",
}
"""Name of the inlet of each section."""


def build(checked: Mapping[str, Any], faults: Faults) -> dict[str, Circuit]:
    """The circuits of a checked file by name; those with faults are left out, the faults noted."""
    entries = checked["circuits"]
    if entries is FAULTY:
        return {}
    if not entries:
        faults.add(
            ("circuits",),
            "no circuit",
            "one circuit or more",
            next="add [circuits.NAME] with a name of your own",
        )
        return {}
    builders = [
        _Builder(name, entry, faults) for name, entry in entries.items() if entry is not FAULTY
    ]
    built = {builder.name: builder.circuit() for builder in builders}
    return {name: circuit for name, circuit in built.items() if circuit}


@dataclass(frozen=True)
class _Builder:
    """Builds one circuit."""

    name: str
    entry: Mapping[str, Any]
    faults: Faults

    @property
    def path(self) -> KeyPath:
        return ("circuits", self.name)

    def circuit(self) -> Circuit | None:
        """The circuit; None if the file has faults, this circuit's noted among them."""
        equilibrium = self._equilibrium()
        inlets = {kind: self._inlet(kind) for kind in SECTION_ORDER if is_good(self.entry[kind])}
        self._check_way_out()
        self._check_feed(inlets.get("extraction"))
        self._check_cut(inlets.get("extraction"))
        self._check_elements(equilibrium)
        if self.faults.found or equilibrium is None:
            return None
        return Circuit(
            name=self.name,
            equilibrium=equilibrium.name,
            elements=self._elements(),
            organic=self._organic(),
            sections=tuple(
                Section(kind, self.entry[kind]["stages"], inlet)
                for kind, inlet in inlets.items()
                if inlet
            ),
            temperature=self.entry["temperature"],
            cut=tuple(self.entry["cut"]) if self.entry["cut"] else None,
        )

    def _organic(self) -> Organic:
        entry = self.entry["organic"]
        return Organic(
            flow=entry["flow"],
            extractant=entry["concentration"],
            saponification=entry["saponification"],
            base=entry["base"],
            closed=entry["closed"],
            diluent=entry["diluent"] or "",
        )

    # --- equilibrium

    def _equilibrium(self) -> ParameterSet | None:
        """The parameter set that the circuit names, or the one for its extractant and medium."""
        extractant, medium = self._extractant(), self.entry["medium"]
        named = self.entry["equilibrium"]
        if extractant is None or medium is FAULTY or named is FAULTY:
            return None
        if named is None:
            return self._only_set(extractant, medium)
        return self._named_set(named, extractant, medium)

    def _extractant(self) -> str | None:
        if self.entry["extractant"] is FAULTY:
            return None
        try:
            return datasets.extractant(self.entry["extractant"])
        except DataError as error:
            next = "write a name that `ytterby list extractants` shows"
            self.faults.take((*self.path, "extractant"), error, next=next)
            return None

    def _only_set(self, extractant: str, medium: str) -> ParameterSet | None:
        sets = [found for found in datasets.parameter_sets() if found.runnable]
        fitting = [it for it in sets if (it.extractant, it.medium) == (extractant, medium)]
        if len(fitting) == 1:
            return fitting[0]
        self.faults.add(
            (*self.path, "equilibrium" if fitting else "extractant"),
            f"{extractant} in {medium}, for which {len(fitting) or 'no'} sets can be run",
            "one that can be run: " + _listed(fitting or sets),
            next="name one: equilibrium = ..."
            if fitting
            else "choose extractant and medium of one",
        )
        return None

    def _named_set(self, named: str, extractant: str, medium: str) -> ParameterSet | None:
        path = (*self.path, "equilibrium")
        try:
            found = datasets.parameter_set(named)
        except DataError as error:
            self.faults.take(path, error, next="write a name that `ytterby list extractants` shows")
            return None
        if (found.extractant, found.medium) != (extractant, medium):
            read = f"{quoted(named)}, which is for {found.extractant} in {found.medium}"
            expected = f"a set for {extractant} in {medium}"
            next = "leave equilibrium out, or change extractant and medium"
        elif not found.runnable:
            read = f"{quoted(named)} ({found.status})"
            sets = [found for found in datasets.parameter_sets() if found.runnable]
            expected = "one that can be run: " + _listed(sets)
            next = "name a set that can be run"
        else:
            return found
        self.faults.add(path, read, expected, next=next)
        return None

    # --- liquors

    def _inlet_path(self, kind: SectionKind) -> KeyPath:
        return (*self.path, kind, INLETS[kind])

    def _inlet(self, kind: SectionKind) -> Inlet | None:
        """The liquor of a section; None if it has a fault."""
        entry, path = self.entry[kind][INLETS[kind]], self._inlet_path(kind)
        if entry is FAULTY:
            return None
        acid = self._acid(entry, path)
        concentrations = self._concentrations(entry, path)
        if acid is None or concentrations is None or entry["flow"] is FAULTY:
            return None
        return Inlet(NAMES[kind], entry["flow"], acid, concentrations)

    def _acid(self, entry: Mapping[str, Any], path: KeyPath) -> float | None:
        """[H+] [mol/m3] from exactly one of acid and pH."""
        acid, ph = entry["acid"], entry["pH"]
        if (acid is None) == (ph is None):
            rows = keys_of(("circuits", "NAME", *map(str, path[2:])))
            examples = [as_written(rows[key], (key,)) for key in ("acid", "pH")]
            self.faults.add(
                path,
                "neither acid nor pH" if acid is None else "both acid and pH",
                "exactly one of acid and pH",
                next=("add " + " or ".join(examples)) if acid is None else "remove one of them",
            )
            return None
        if acid is FAULTY or ph is FAULTY:
            return None
        return float(acid) if acid is not None else float(1000.0 * 10.0**-ph)

    def _concentrations(self, entry: Mapping[str, Any], path: KeyPath) -> dict[str, float] | None:
        """Metal ions [mol/m3] by atomic number."""
        written = entry["concentrations"] or {}
        if written is FAULTY:
            return None
        weighed = [symbol for symbol, read in written.items() if _is_mass(read)]
        if weighed and entry["basis"] is None:
            self.faults.add(
                (*path, "basis"),
                f"nothing, and mass per volume for {', '.join(weighed)}",
                "what was weighed: metal or reo (the oxide as traded)",
                next='add basis = "metal" or basis = "reo"',
            )
        if FAULTY in written.values() or (weighed and not is_good(entry["basis"])):
            return None
        amounts = {
            symbol: self._amount(symbol, written[symbol], entry["basis"], path)
            for symbol in SYMBOLS
            if symbol in written
        }
        return None if FAULTY in amounts.values() else amounts

    def _amount(self, symbol: str, read: Measured, basis: str, path: KeyPath) -> Any:
        """Concentration of one metal [mol/m3]; FAULTY if it is out of range."""
        if not _is_mass(read):
            return read.value
        metal = element(symbol)
        amount = read.value / (metal.atomic_weight if basis == "metal" else metal.oxide_molar_mass)
        pattern = ("circuits", "NAME", *map(str, path[2:]), "concentrations")
        row = keys_of(pattern)["ELEMENT"]
        if row.holds(amount, "concentration"):
            return amount
        at = (*path, "concentrations", symbol)
        return out_of_range(row, read.text, at, self.faults)

    # --- what only shows side by side

    def _elements(self) -> tuple[str, ...]:
        """Every element that any liquor names, by atomic number."""
        named = {symbol for _, symbol in self._named_elements()}
        return tuple(symbol for symbol in SYMBOLS if symbol in named)

    def _named_elements(self) -> list[tuple[KeyPath, str]]:
        """Each element that a liquor names, with its path; faulty names left out."""
        found: list[tuple[KeyPath, str]] = []
        for kind in SECTION_ORDER:
            section = self.entry[kind]
            inlet = section[INLETS[kind]] if is_good(section) else FAULTY
            written = inlet["concentrations"] if inlet is not FAULTY else FAULTY
            if is_good(written):
                path = (*self._inlet_path(kind), "concentrations")
                found.extend(((*path, symbol), symbol) for symbol in written if symbol in SYMBOLS)
        return found

    def _check_elements(self, equilibrium: ParameterSet | None) -> None:
        if equilibrium is None:
            return
        for path, symbol in self._named_elements():
            if symbol not in equilibrium.constants:
                self.faults.add(
                    path,
                    f"the element {symbol}",
                    f"an element of {equilibrium.name}: " + ", ".join(equilibrium.constants),
                    next="remove it; the set has no constant for it",
                )

    def _check_way_out(self) -> None:
        """Metal must be able to leave a closed organic."""
        organic = self.entry["organic"]
        if organic is FAULTY or organic["closed"] is not True or self.entry["strip"] is not None:
            return
        self.faults.add(
            (*self.path, "organic", "closed"),
            "a closed organic and no strip section",
            "a strip section, where the metal leaves the organic",
            next=f"add [{dotted((*self.path, 'strip'))}], or set closed = false",
        )

    def _check_feed(self, feed: Inlet | None) -> None:
        if feed and not any(feed.concentrations.values()):
            self.faults.add(
                (*self._inlet_path("extraction"), "concentrations"),
                "no metal",
                "at least one concentration above zero",
                next='add a metal, such as Tb = "0.4 mol/L"',
            )

    def _check_cut(self, feed: Inlet | None) -> None:
        """Two different metals of the feed, in the order in which they are extracted."""
        cut, path = self.entry["cut"], (*self.path, "cut")
        if not is_good(cut) or feed is None:
            return
        fed = [symbol for symbol, amount in feed.concentrations.items() if amount > 0.0]
        for symbol in cut:
            if symbol not in fed:
                self.faults.add(
                    path,
                    quoted(symbol),
                    "an element of the feed: " + ", ".join(fed),
                    nearest=nearest(symbol, fed),
                    next="name elements that have a concentration in the feed",
                )
        if not all(symbol in fed for symbol in cut):
            return
        ordered = by_extraction_order(cut)
        if cut[0] == cut[1]:
            self.faults.add(
                path, quoted(cut), "two different elements", next="name the pair to split"
            )
        elif all(symbol in EXTRACTION_ORDER for symbol in cut) and tuple(cut) != ordered:
            self.faults.add(
                path,
                quoted(cut),
                "the less extracted element first",
                next=f'write cut = ["{ordered[0]}", "{ordered[1]}"]',
            )


def _is_mass(read: Any) -> bool:
    return read is not FAULTY and read.dimension == "mass concentration"


def _listed(sets: list[ParameterSet]) -> str:
    return ", ".join(f"{it.name} ({it.extractant} in {it.medium})" for it in sets)
