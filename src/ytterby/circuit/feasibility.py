"""The arithmetic that any steady state must satisfy: charges and capacity, no iteration.

Anions and inert cations follow the flows alone, so what metals and acid may hold is known beforehand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ytterby.circuit.circuit import Circuit, Inlet, Section
from ytterby.circuit.verdict import Verdict
from ytterby.circuit.volumes import volumes
from ytterby.datasets import ParameterSet, parameter_set, table
from ytterby.elements import element
from ytterby.errors import ConvergenceError, Fault


@dataclass(frozen=True)
class Refusal:
    """Why a circuit has no result."""

    verdict: Verdict
    key: str
    """Key below the circuit in its case file that is best changed; "" for none in particular."""
    place: str
    """Section and stage, or what of the circuit."""
    read: str
    expected: str

    def error(self, circuit: Circuit, where: str = "") -> ConvergenceError:
        """The same as an error, located in the circuit or at a place of a case file, ``where``."""
        where = where or ", ".join(filter(None, (f"circuit {circuit.name}", self.key)))
        meaning = self.verdict.meaning
        fault = Fault(
            f"{where}, {self.place}: {self.verdict.value}",
            f"{self.read}; {meaning.cause}",
            self.expected,
            next=meaning.cure,
        )
        return ConvergenceError(fault, self)


def place(circuit: Circuit, stage: int) -> str:
    """Section and number of a stage in words."""
    return f"{circuit.section_of_stage()[stage]} stage {stage + 1}"


def refuse(circuit: Circuit) -> Refusal | None:
    """The first thing that makes a steady state impossible; None if it may exist."""
    parameters = parameter_set(circuit.equilibrium)
    fed = any(_metal_charge(inlet) > 0 for inlet, _, _ in circuit.inlets())
    if not fed and _brought_charge(circuit) <= 0:
        return Refusal(
            Verdict.NO_METAL, "", place(circuit, 0), "no metal in any liquor", "a feed with metal"
        )
    if parameters.model == "separation_factors":
        return _refuse_strip(circuit)
    if parameters.model == "solvation":
        return None
    if _mixes_itself(circuit):
        return None
    charges = charges_along(circuit)
    for section, (_, end) in zip(circuit.sections, circuit.spans(), strict=True):
        if charges[end - 1] <= 0:
            return _refuse_water(section, place(circuit, end - 1))
    if circuit.base >= charges[0]:
        return Refusal(
            Verdict.ACID_BALANCE_IMPOSSIBLE,
            "organic.saponification",
            place(circuit, 0),
            f"base of {circuit.base:.4g} mol/h",
            f"less than the {charges[0]:.4g} mol/h of acid and metal charge that reach stage 1",
        )
    if parameters.model != "mass_action":
        return None
    return _refuse_gel(circuit, parameters) or _refuse_loading(circuit, charges[0])


def _mixes_itself(circuit: Circuit) -> bool:
    """Whether entrainment, or a liquor that returns to where it came from, mixes charges in a circle.

    The solver then tells whether every stage has a charge to balance; this arithmetic would be wrong.
    """
    for reflux in circuit.refluxes:
        section = circuit.sections.index(circuit.section_at(circuit.index(reflux.place)))
        exit_ = circuit.spans()[circuit.aqueous_train(section)][0]
        if exit_ == circuit.outlet_stage(reflux.outlet):
            return True
    return any(part.aqueous_carried or part.organic_carried for part in circuit.sections)


def charges_along(circuit: Circuit) -> list[float]:
    """Acid and metal charge that leave each stage with the aqueous if no metal is extracted [mol/h].

    Without entrainment. Refluxed liquor brings its share along.
    """
    volume = volumes(circuit)[circuit.name]["aqueous"]
    own = [0.0] * circuit.stages
    for inlet, stage, phase in circuit.inlets():
        if phase == "aqueous":
            own[stage] += inlet.flow * inlet.acid + _metal_charge(inlet)
    taken = [0.0] * circuit.stages
    for draw in circuit.draws:
        if draw.phase == "aqueous":
            taken[circuit.index(draw.place)] += draw.flow
    exits = {circuit.spans()[number][0] for number in circuit.aqueous_exits()}

    def along(brought: list[float]) -> list[float]:
        charges, fallen = [0.0] * circuit.stages, 0.0
        for stage in reversed(range(circuit.stages)):
            charges[stage] = fallen + own[stage] + brought[stage]
            kept = 0.0 if stage in exits else 1.0 - taken[stage] / volume[stage]
            fallen = kept * charges[stage]
        return charges

    charges = along([0.0] * circuit.stages)
    for _ in circuit.refluxes:
        brought = [0.0] * circuit.stages
        for reflux in circuit.refluxes:
            source = circuit.outlet_stage(reflux.outlet)
            brought[circuit.index(reflux.place)] += reflux.flow / volume[source] * charges[source]
        charges = along(brought)
    return charges


def _metal_charge(inlet: Inlet) -> float:
    """Charge of an inlet's metals [mol/h]."""
    return inlet.flow * _charge(inlet.concentrations)


def _brought_charge(circuit: Circuit) -> float:
    """Charge of the metals that an open organic brings [mol/h]."""
    organic = circuit.organic
    return 0.0 if organic.closed else organic.flow * _charge(organic.concentrations)


def _charge(metals: Mapping[str, float]) -> float:
    """Charge of metals per volume [mol/m3]."""
    return sum(element(name).charge * c for name, c in metals.items())


def _refuse_water(section: Section, where: str) -> Refusal:
    key = section.label.replace(" ", "_")
    return Refusal(
        Verdict.NO_CHARGE,
        f"{key}.{'feed' if section.kind == 'extraction' else 'liquor'}.acid",
        where,
        "neither acid nor metals",
        "acid above 0",
    )


def _refuse_strip(circuit: Circuit) -> Refusal | None:
    """Constant separation factors leave no free acid, so they cannot strip."""
    for section, (first, _) in zip(circuit.sections, circuit.spans(), strict=True):
        if section.kind in ("strip", "wash"):
            return Refusal(
                Verdict.NO_STRIPPING_MODEL,
                section.label,
                place(circuit, first),
                f"a {section.kind} section with constant separation factors",
                "extraction and scrub only",
            )
    return None


GELLING = "P507 / D2EHPA"
"""Item of the physical table that states the practical upper limit of saponification."""


def _refuse_gel(circuit: Circuit, parameters: ParameterSet) -> Refusal | None:
    """Saponification above the practical limit of an aliphatic diluent without modifier."""
    if circuit.organic.saponification <= GEL_FROM:
        return None
    if parameters.extractant not in GELLING or _has_modifier(circuit.organic.diluent):
        return None
    limit = next(
        row.values["high"]
        for row in table("physical")
        if (row.labels["item"], row.labels["property"]) == (GELLING, "practical upper limit")
    )
    if circuit.organic.saponification <= limit:
        return None
    return Refusal(
        Verdict.THIRD_PHASE,
        "organic.saponification",
        place(circuit, 0),
        f"saponification {circuit.organic.saponification:.3g} in {circuit.organic.diluent or 'a diluent'}"
        " without modifier",
        f"at most {limit:g} (LIAO13, recalled)",
    )


GEL_FROM = 0.5
"""Saponification below which the table of limits need not be read."""


def _has_modifier(diluent: str) -> bool:
    words = diluent.casefold()
    return any(name in words for name in ("modifier", "tbp", "octanol", "decanol", "alcohol"))


def _refuse_loading(circuit: Circuit, free: float) -> Refusal | None:
    """Metal charge that the raffinate cannot take must fit the organic, then the strip liquor.

    Only where nothing else takes metal out: no draw, no bleed, no reflux, no losses by entrainment.
    """
    entrained = any(part.aqueous_carried or part.organic_carried for part in circuit.sections)
    if circuit.draws or circuit.refluxes or circuit.organic.bleed or entrained:
        return None
    fed, stripping = _brought_charge(circuit), 0.0
    for inlet, stage, phase in circuit.inlets():
        if phase == "organic" or circuit.section_at(stage).kind != "strip":
            fed += _metal_charge(inlet)
        else:
            # Metals that the strip liquor brings take no part in stripping.
            stripping += inlet.flow * inlet.acid
    carried = fed - (free - circuit.base)
    room = circuit.organic.flow * circuit.organic.extractant / 2
    if carried >= room and not circuit.side_feeds:
        return Refusal(
            Verdict.ORGANIC_SATURATED,
            "organic.flow",
            place(circuit, circuit.spans()[0][1] - 1),
            f"{carried:.4g} mol/h of metal charge for the organic",
            f"less than its capacity of {room:.4g} mol/h",
        )
    if circuit.organic.closed and carried >= stripping:
        return Refusal(
            Verdict.STRIP_ACID_SHORT,
            "strip.liquor.flow",
            place(circuit, circuit.stages - 1),
            f"{stripping:.4g} mol/h of strip acid",
            f"more than the {carried:.4g} mol/h of metal charge to be stripped",
        )
    return None
