"""One cut by solvent extraction: a rigorous circuit, of the stages and flows of a stored design.

A design holds for the feed that it was made for. For another feed the circuit keeps its stages, flows are
scaled by the heavy rare earths that must be loaded, and the organic flow is trimmed as an operator would:
until both outlets share their wrong side as in the design. What comes out is what the chemistry gives;
purities that are missed are told, not mended.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, ClassVar, Literal

from ytterby.datasets import table
from ytterby.elements import RARE_EARTHS, SYMBOLS
from ytterby.errors import BalanceError, CaseError, Fault
from ytterby.materials import (
    Flow,
    ion,
    is_rare_earth,
    liquor_volume,
    mixed,
    species,
    water_for_volume,
)
from ytterby.unitops.contract import (
    Balance,
    Drivers,
    Equipment,
    Inventory,
    Operation,
    Setting,
    assumed,
)
from ytterby.unitops.reagents import ACID, ANION, BASE, drawn
from ytterby.unitops.trimming import Handles, Tried, trimmed

if TYPE_CHECKING:  # the circuit loads the numerics, which reading a case does not need
    from ytterby.circuit.circuit import Inlet
    from ytterby.circuit.solved import SolvedCircuit
    from ytterby.design.task import CutTask, Specification

PRESENT = 1e-9
"""Share of the rare-earth moles below which a metal counts as absent."""
SETS: Mapping[str, str] = {"nitrate": "P507-HNO3-extended", "chloride": "P507-HCl-v0"}
"""Parameter sets for P507 by medium, where the case names none."""
EXTRACTANT_SPECIES = "C16H35O3P"
OUTLETS = ("raffinate", "strip liquor")
"""As a circuit calls them."""
CLOSES = 1e-6
"""Most by which a solved outlet may differ from what the balance leaves to it."""


@dataclass(frozen=True)
class StoredCut:
    """A design of a cut, with what it was made for."""

    stages: tuple[int, int, int]
    """Of extraction, scrub and strip."""
    loaded: float
    """Heavy rare earths of the feed that it was made for [mol/h]."""
    organic_flow: float
    """[m3/h], as all flows."""
    saponification: float
    scrub_flow: float
    scrub_acid: float
    """[mol/m3], as all concentrations."""
    strip_flow: float
    strip_acid: float
    proportion: float
    """Wrong side of the raffinate over that of the strip liquor."""


@dataclass(frozen=True, kw_only=True)
class SolventExtraction(Operation):
    """Parts a liquor between two neighbours in the order of extraction."""

    KIND: ClassVar[str] = "solvent extraction"
    INLETS: ClassVar[Mapping[str, str]] = {
        "feed": "liquor of rare earths",
        "acid": "recovered acid without salts, used before acid is bought; need not be fed",
    }
    OPTIONAL: ClassVar[frozenset[str]] = frozenset({"acid"})
    OUTLETS: ClassVar[Mapping[str, str]] = {
        "raffinate": "the light side, with salt and everything that is not extracted",
        "strip_liquor": "the heavy side, in acid",
        "spent_solvent": "extractant and diluent lost",
    }
    SETTINGS: ClassVar[Mapping[str, Setting]] = {
        "solvent_makeup": Setting(
            "extractant lost per rare earths fed [kg/t REO]", "solvent_extraction", "solvent_makeup"
        ),
        "posts": Setting(
            "people at every hour of operation",
            assumed=assumed(0.5, 0.2, 1.0, "people", "one person for two circuits"),
        ),
    }

    cut: tuple[str, str]
    """The pair to be split; metals that are not there give their place to the next ones outward."""
    medium: Literal["nitrate", "chloride"]
    base: Literal["NH3", "NaOH"]
    equilibrium: str = ""
    """Name of a parameter set; empty: that of P507 for the medium."""
    extractant: float = 1500.0
    """Formal concentration [mol/m3]."""
    diluent: str = "kerosene"
    assumed: Mapping[str, float] = field(default_factory=dict)
    """Distribution ratios assumed for metals that the set lacks."""
    efficiency: float = 1.0
    wrong_side: float = 1e-3
    """Most of each outlet's rare-earth moles that may belong to the other outlet."""
    raffinate_wrong_side: float | None = None
    """Of the raffinate, in place of it."""
    strip_wrong_side: float | None = None
    """Of the strip liquor, in place of it."""
    recovery: float = 0.999
    """Least share of both keys that leaves with its own outlet."""
    recoveries: Mapping[str, float] = field(default_factory=dict)
    """Of metals by symbol: of a key in place of it, of any other metal beside it."""
    stripped: float = 1.0
    """Largest share of the organic's capacity that strip may leave taken; 1: no limit."""
    design: StoredCut | None = None

    def balance(self, inlets: Mapping[str, Flow]) -> Balance:
        """The solved circuit's outlets; ConvergenceError without steady state, CaseError without design."""
        feed, recovered = inlets["feed"], inlets.get("acid", Flow("liquor", {}))
        keys = self.keys(feed)
        if keys is None or not feed.rare_earths():
            return self._passed_by(feed, recovered)
        if self.design is None:
            raise CaseError(
                Fault(
                    f"circuit {self.name}",
                    "no design",
                    "stages and flows",
                    next="design it for its feed: `ytterby run CASE --redesign`",
                )
            )
        task = self.task(feed, keys)
        solved, untrimmed = self.trimmed(task, self.design)
        return self._told(feed, recovered, task, solved, untrimmed)

    def keys(self, feed: Flow) -> tuple[str, str] | None:
        """The pair that is split in this feed; None if all of it belongs to one side."""
        light, heavy = self.sides(feed)
        return (light[-1], heavy[0]) if light and heavy else None

    def sides(self, feed: Flow) -> tuple[list[str], list[str]]:
        """Rare earths that are there on each side of the cut, in the order in which they are extracted.

        That order is the parameter set's. What stands between the two metals of the cut goes with the heavy.
        """
        moles = feed.rare_earths()
        total = sum(moles.values())
        there = [name for name in RARE_EARTHS if moles.get(name, 0.0) > PRESENT * total]
        known = tuple(dict.fromkeys((*there, self.cut[0])))
        order = _order(
            self.equilibrium or SETS[self.medium],
            tuple(name for name in RARE_EARTHS if name in known),
            tuple(self.assumed.items()),
            self.extractant,
        )
        place = order.index(self.cut[0])
        light = [name for name in order[: place + 1] if name in there]
        return light, [name for name in order[place + 1 :] if name in there]

    def loaded(self, feed: Flow) -> float:
        """Heavy side of a feed [mol/h]."""
        return sum(feed.moles(ion(name)) for name in self.sides(feed)[1])

    def task(self, feed: Flow, keys: tuple[str, str]) -> CutTask:
        """What a design of this cut is asked for that feed; CaseError if it cannot be asked."""
        from ytterby.design.task import CutTask, Limits

        return CutTask(
            name=self.name,
            equilibrium=self.equilibrium or SETS[self.medium],
            feed=self._inlet(feed),
            cut=keys,
            extractant=self.extractant,
            base=self.base,
            diluent=self.diluent,
            assumed=self.assumed,
            efficiency=self.efficiency,
            specification=self._specification(feed),
            limits=Limits(stripped=self.stripped),
        )

    def _specification(self, feed: Flow) -> Specification:
        """What a design must meet: only metals that are there count."""
        from ytterby.design.task import Specification

        there = feed.rare_earths()
        return Specification(
            self.wrong_side,
            self.recovery,
            self.raffinate_wrong_side,
            self.strip_wrong_side,
            {symbol: share for symbol, share in self.recoveries.items() if symbol in there},
        )

    def _inlet(self, feed: Flow) -> Inlet:
        """The feed as the circuit takes it: metals that can be extracted, acid, volume."""
        from ytterby.circuit.circuit import Inlet

        volume = liquor_volume(feed)
        metals = {
            symbol: feed.moles(ion(symbol)) / volume
            for symbol in SYMBOLS
            if symbol in self.extracted(feed)
        }
        return Inlet("feed", volume, feed.moles("H+") / volume, metals)

    def extracted(self, feed: Flow) -> tuple[str, ...]:
        """Metals that the circuit follows: rare earths that are there, and those with an assumed ratio."""
        light, heavy = self.sides(feed)
        more = [symbol for symbol in self.assumed if feed.moles(ion(symbol)) > 0.0]
        return (*light, *heavy, *more)

    def designed(
        self, inlets: Mapping[str, Flow], progress: Callable[[str], None] = lambda text: None
    ) -> SolventExtraction:
        """The same cut with a design of least cost for what arrives; itself if there is nothing to part."""
        from ytterby.design.cut import design_cut

        keys = self.keys(inlets["feed"])
        if keys is None:
            return self
        made = design_cut(self.task(inlets["feed"], keys), progress)
        run = made.run
        stored = StoredCut(
            stages=(made.stages.extraction, made.stages.scrub, made.stages.strip),
            loaded=self.loaded(inlets["feed"]),
            organic_flow=run.organic_flow,
            saponification=run.saponification,
            scrub_flow=run.scrub_h / run.scrub_acid,
            scrub_acid=run.scrub_acid,
            strip_flow=run.strip_flow,
            strip_acid=run.strip_acid,
            proportion=made.wrong_side[0] / made.wrong_side[1],
        )
        return replace(self, design=stored)

    def trimmed(self, task: CutTask, design: StoredCut) -> tuple[SolvedCircuit, str]:
        """The circuit at the organic flow that keeps the design's proportion of the wrong sides.

        Strip acid goes with the organic, whose metal it takes. What else had to change is told; where nothing
        helps, the circuit runs at the flows of its design. ConvergenceError if it has no steady state.
        """
        from ytterby.circuit.solve import solve_circuit
        from ytterby.design.cut import wrong_side
        from ytterby.design.response import Operation as Run
        from ytterby.design.response import Stages, circuit_of

        loaded = sum(task.fed(name) for name in task.heavy if is_rare_earth(name)) / design.loaded

        def at(handles: Handles, shift: float) -> Tried[SolvedCircuit]:
            scale = loaded * handles.reflux
            run = Run(
                scrub_h=scale * design.scrub_flow * design.scrub_acid,
                saponification=design.saponification * handles.saponification,
                organic_flow=scale * design.organic_flow * math.exp(shift),
                scrub_acid=design.scrub_acid,
                strip_flow=scale * design.strip_flow * math.exp(shift),
                strip_acid=design.strip_acid,
            )
            solved = solve_circuit(circuit_of(task, Stages(*design.stages), run))
            raffinate, strip = wrong_side(task, solved)
            miss = math.log(raffinate / strip / design.proportion)
            return Tried(miss, self._worst(task, solved), solved)

        return trimmed(at)

    def _worst(self, task: CutTask, solved: SolvedCircuit) -> float:
        """Largest of the shares lost and on the wrong side, each over what is asked."""
        return max(found / asked for _, found, asked in self._judged(task, solved))

    def _judged(
        self, task: CutTask, solved: SolvedCircuit
    ) -> list[tuple[tuple[str, str], float, float]]:
        """Of each outlet its wrong side, of each metal judged what is lost, and the most asked [-].

        Named by metal, empty for all of the wrong side, and outlet.
        """
        from ytterby.design.cut import wrong_side

        shares = zip(OUTLETS, wrong_side(task, solved), task.specification.wrong_sides, strict=True)
        found = [(("", outlet), share, most) for outlet, share, most in shares]
        for metal, most in task.most_lost.items():
            outlet = OUTLETS[metal in task.heavy]
            found.append(((metal, outlet), 1.0 - solved.recovery(metal, outlet), most))
        return found

    def _told(
        self, feed: Flow, recovered: Flow, task: CutTask, solved: SolvedCircuit, untrimmed: str
    ) -> Balance:
        """The circuit's liquors as streams of the plant, with reagents drawn."""
        acid, anion = ACID[self.medium], ANION[self.medium]
        scrub, strip = (self._acid_liquor(solved, name) for name in ("scrub liquor", "strip acid"))
        base = drawn(BASE[self.base], solved.consumption.base)
        aqueous_line = [feed, scrub, _released(base)]
        names = task.elements
        shares = {name: _shares(feed, solved, name) for name in names}
        raffinate = _outlet(aqueous_line, solved, "raffinate", shares, anion)
        strip_liquor = _outlet([strip], solved, "strip liquor", shares, anion)
        lost = self._lost_solvent(feed)
        needed = solved.consumption.scrub_acid + solved.consumption.strip_acid
        self._require_usable(recovered, needed)
        bought = drawn(acid, needed - recovered.moles("H+"))
        brought = bought.moles("H2O") + recovered.moles("H2O")
        water = scrub.moles("H2O") + strip.moles("H2O") - brought
        if water < 0.0:
            raise CaseError(
                Fault(
                    f"circuit {self.name}",
                    "scrub or strip acid stronger than the acid that is bought or recovered",
                    f"at most the strength of {acid}, and of what is recovered",
                    next="lower the limits of scrub and strip acid, or recover stronger acid",
                )
            )
        notes = (*((untrimmed,) if untrimmed else ()), *self._missed(task, solved))
        return Balance(
            operation=self.name,
            inlets=_arrived(feed, recovered),
            drawn={
                acid: bought,
                "water": drawn("water", water),
                BASE[self.base]: base,
                **lost,
            },
            outlets={
                "raffinate": raffinate,
                "strip_liquor": strip_liquor,
                "spent_solvent": Flow(
                    "organic",
                    {name: flow.moles(name) for flow in lost.values() for name in flow.amounts},
                ),
            },
            details=solved,
            notes=notes,
        )

    def _require_usable(self, recovered: Flow, needed: float) -> None:
        """CaseError for recovered acid with salts in it, or more of it than the circuit takes [mol/h]."""
        pure = {"H+", ANION[self.medium], "H2O"}
        strange = [
            it for it, amount in recovered.amounts.items() if amount > 0.0 and it not in pure
        ]
        if strange:
            raise CaseError(
                Fault(
                    f"circuit {self.name}, acid",
                    ", ".join(sorted(strange)) + " in it",
                    f"nothing but {', '.join(sorted(pure))}",
                    next="put an acid recovery before it",
                )
            )
        if recovered.moles("H+") > needed:
            raise CaseError(
                Fault(
                    f"circuit {self.name}, acid",
                    f"{recovered.moles('H+'):.5g} mol/h of recovered acid",
                    f"at most the {needed:.5g} mol/h that scrub and strip take",
                    next="lead a share of it to another circuit",
                )
            )

    def _acid_liquor(self, solved: SolvedCircuit, name: str) -> Flow:
        """A dilute acid that enters the circuit."""
        stream = solved.streams[name]
        acid = stream.flow * (stream.acid or 0.0)
        solutes = {"H+": acid, ANION[self.medium]: acid}
        return Flow("liquor", {**solutes, "H2O": water_for_volume(solutes, stream.flow)})

    def _lost_solvent(self, feed: Flow) -> dict[str, Flow]:
        """Extractant that must be made up with the diluent that it takes along."""
        kilograms = self.value("solvent_makeup") * feed.treo() / 1000.0
        extractant = kilograms / species(EXTRACTANT_SPECIES).molar_mass
        volume = extractant / self.extractant
        own_volume = _physical("P507", "molar mass") / _physical("P507", "density") / 1e6
        diluent = volume * (1.0 - self.extractant * own_volume)
        moles = 1000.0 * diluent * _physical("kerosene", "density") / species("C12H26").molar_mass
        return {"P507": drawn("P507", extractant), "diluent": drawn("diluent", moles)}

    def _missed(self, task: CutTask, solved: SolvedCircuit) -> tuple[str, ...]:
        """What the circuit does not reach of what was asked, in words."""
        notes = []
        for (metal, outlet), share, most in self._judged(task, solved):
            if share <= most * (1.0 + 1e-6):
                continue
            if metal:
                read = f"{100 * (1.0 - share):.5g} % of {metal} in the {outlet}"
                notes.append(f"{read}, asked {100 * (1.0 - most):.5g} %")
            else:
                read = f"wrong side of the {outlet} {100 * share:.3g} %"
                notes.append(f"{read}, asked {100 * most:.3g} %")
        beyond = dict.fromkeys(it.quantity.replace("_", " ") for it in solved.out_of_range)
        if beyond:
            notes.append(f"outside the range of the constants: {', '.join(beyond)}")
        return tuple(notes)

    def _passed_by(self, feed: Flow, recovered: Flow) -> Balance:
        """Everything to the one side that is there, with what recovered acid arrives."""
        light, _ = self.sides(feed)
        there = "raffinate" if light or not feed.rare_earths() else "strip_liquor"
        other = "strip_liquor" if there == "raffinate" else "raffinate"
        return Balance(
            operation=self.name,
            inlets=_arrived(feed, recovered),
            drawn={},
            outlets={
                there: mixed([feed, recovered]) if recovered.amounts else feed,
                other: Flow("liquor", {}),
                "spent_solvent": Flow("organic", {}),
            },
            notes=(f"nothing to part at {'/'.join(self.cut)}: passed by",),
        )

    def equipment(self, balance: Balance) -> tuple[Equipment, ...]:
        """Mixers and settlers by the residence time of the cited cell."""
        solved: SolvedCircuit | None = balance.details
        if solved is None:
            return ()
        cell, volumes = _cell(), _through(solved)
        sections = solved.circuit.spans()
        labels = [section.label for section in solved.circuit.sections]
        found = []
        for label, (first, end) in zip(labels, sections, strict=True):
            largest = float(max(volumes[first:end]))
            for item in ("mixer", "settler"):
                because = f"{60 * cell[item]:.3g} min of both phases"
                size = largest * cell[item]
                found.append(Equipment(f"{item} of {label}", end - first, size, "m3", because))
        return tuple(found)

    def drivers(self, balance: Balance) -> Drivers:
        """Mixing power and people."""
        solved: SolvedCircuit | None = balance.details
        if solved is None:
            return Drivers()
        cell = _cell()
        power = cell["power"] * cell["mixer"] * float(sum(_through(solved)))
        return Drivers(electricity=power, posts=self.value("posts"))

    def inventory(self, balance: Balance) -> Inventory:
        """Organic and metals in mixers and settlers, phases by their flows."""
        solved: SolvedCircuit | None = balance.details
        if solved is None:
            return Inventory()
        cell, profiles = _cell(), solved.profiles
        hours = cell["mixer"] + cell["settler"]
        metals = hours * (
            profiles.aqueous * profiles.aqueous_volume[:, None]
            + profiles.organic * profiles.organic_volume[:, None]
        ).sum(axis=0)
        names = solved.circuit.elements
        return Inventory(
            organic=hours * float(profiles.organic_volume.sum()),
            metals={name: float(held) for name, held in zip(names, metals, strict=True)},
        )


@cache
def _order(
    equilibrium: str,
    elements: tuple[str, ...],
    assumed: tuple[tuple[str, float], ...],
    extractant: float,
) -> tuple[str, ...]:
    """Elements from the least to the most extracted; DataError for one without constant or assumption."""
    from ytterby.datasets import parameter_set
    from ytterby.design.task import reference_ln_distribution
    from ytterby.equilibrium import Conditions, chemistry

    conditions = Conditions(assumed=dict(assumed))
    model = chemistry(parameter_set(equilibrium), elements, conditions=conditions)
    ln_d = reference_ln_distribution(model, extractant)
    return tuple(name for _, name in sorted(zip(ln_d.tolist(), elements, strict=True)))


def _arrived(feed: Flow, recovered: Flow) -> dict[str, Flow]:
    """By inlet; recovered acid only where some arrives."""
    return {"feed": feed, "acid": recovered} if recovered.amounts else {"feed": feed}


def _physical(item: str, what: str) -> float:
    """Molar mass [g/mol] or density [kg/L], of the first source that has it."""
    return next(
        row.values["value"]
        for row in table("physical")
        if (row.labels["item"], row.labels["property"]) == (item, what) and "value" in row.values
    )


def _released(base: Flow) -> Flow:
    """What the saponified organic brings into the raffinate: ammonium, or sodium and water.

    The extractant gives its proton to the base; where the base is ammonia that makes ammonium, which takes
    the place of a proton of the liquor.
    """
    if base.moles("NH3"):
        return Flow("liquor", {"NH3": base.moles("NH3")})
    return base


def _shares(feed: Flow, solved: SolvedCircuit, symbol: str) -> dict[str, float]:
    """A metal by outlet [mol/h]: the lesser part as solved, the other what is then left of the feed.

    BalanceError if that is not what was solved: a trace closes to what rounding leaves of what goes round.
    """
    fed = feed.moles(ion(symbol))
    found = {outlet: solved.streams[outlet].moles(symbol) for outlet in OUTLETS}
    lesser, greater = sorted(OUTLETS, key=found.__getitem__)
    left = fed - found[lesser]
    if abs(left - found[greater]) > CLOSES * fed:
        raise BalanceError(
            Fault(
                f"circuit {solved.circuit.name}, {symbol}",
                f"{sum(found.values()):.6g} mol/h in both outlets, of {fed:.6g} fed",
                "the same",
                next="this is a defect, please report it with the case",
            )
        )
    return {lesser: found[lesser], greater: left}


def _outlet(
    entering: list[Flow],
    solved: SolvedCircuit,
    outlet: str,
    shares: Mapping[str, Mapping[str, float]],
    anion: str,
) -> Flow:
    """An aqueous outlet: metals as shared out, what is not extracted as it came, acid by charge.

    BalanceError if that acid is not the one that the circuit was solved with.
    """
    amounts: dict[str, float] = {}
    for flow in entering:
        for name, amount in flow.amounts.items():
            amounts[name] = amounts.get(name, 0.0) + amount
    amounts["NH4+"] = amounts.get("NH4+", 0.0) + amounts.pop("NH3", 0.0)
    amounts["H2O"] = amounts.get("H2O", 0.0) + amounts.pop("OH-", 0.0)
    stream = solved.streams[outlet]
    for symbol, share in shares.items():
        amounts[ion(symbol)] = share[outlet]
    amounts.pop("H+", None)
    charge = sum(amount * species(name).charge for name, amount in amounts.items())
    acid = stream.flow * (stream.acid or 0.0)
    if abs(-charge - acid) > CLOSES * amounts[anion]:
        raise BalanceError(
            Fault(
                f"circuit {solved.circuit.name}, {outlet}",
                f"{-charge:.6g} mol/h of acid by charge, {acid:.6g} as solved",
                "the same",
                next="this is a defect, please report it with the case",
            )
        )
    amounts["H+"] = -charge
    return Flow("liquor", {name: amount for name, amount in amounts.items() if amount})


def _cell() -> dict[str, float]:
    """Residence [h] in mixer and settler, and mixing power [kW/m3], of the cell of the cost tables."""
    rows = {row.labels["item"]: row.values["value"] for row in table("costs")}
    return {
        "mixer": rows["cell_mixer_volume"] / rows["cell_throughput"],
        "settler": rows["cell_settler_volume"] / rows["cell_throughput"],
        "power": rows["mixer_power"],
    }


def _through(solved: SolvedCircuit) -> list[float]:
    """Both phases through each stage [m3/h]."""
    profiles = solved.profiles
    return list(profiles.aqueous_volume + profiles.organic_volume)
