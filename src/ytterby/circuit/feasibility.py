"""The arithmetic that any steady state must satisfy: charges and capacity, no iteration.

Anions and inert cations follow the flows alone, so what metals and acid may hold is known beforehand.
"""

from __future__ import annotations

from dataclasses import dataclass

from ytterby.circuit.circuit import Circuit, Inlet
from ytterby.circuit.verdict import Verdict
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
    free = [_charge_through(circuit, section) for section in range(len(circuit.sections))]
    for section, charge in enumerate(free):
        if charge <= 0:
            return _refuse_water(circuit, section)
    if not any(_metal_charge(part.inlet) > 0 for part in circuit.sections):
        return Refusal(
            Verdict.NO_METAL, "", place(circuit, 0), "no metal in any liquor", "a feed with metal"
        )
    if circuit.base >= free[0]:
        return Refusal(
            Verdict.ACID_BALANCE_IMPOSSIBLE,
            "organic.saponification",
            place(circuit, 0),
            f"base of {circuit.base:.4g} mol/h",
            f"less than the {free[0]:.4g} mol/h of acid and metal charge that reach stage 1",
        )
    return _refuse_loading(circuit, free)


def _charge_through(circuit: Circuit, section: int) -> float:
    """Acid and metal charge of the liquors that flow through a section [mol/h]."""
    train = circuit.aqueous_train(section)
    return sum(
        inlet.flow * inlet.acid + _metal_charge(inlet)
        for later, inlet in enumerate(part.inlet for part in circuit.sections)
        if later >= section and circuit.aqueous_train(later) == train
    )


def _metal_charge(inlet: Inlet) -> float:
    """Charge of an inlet's metals [mol/h]."""
    charges = (element(name).charge * c for name, c in inlet.concentrations.items())
    return inlet.flow * sum(charges)


def _refuse_water(circuit: Circuit, section: int) -> Refusal:
    kind = circuit.sections[section].kind
    return Refusal(
        Verdict.NO_CHARGE,
        f"{kind}.{'feed' if kind == 'extraction' else 'liquor'}.acid",
        place(circuit, circuit.spans()[section][1] - 1),
        "neither acid nor metals",
        "acid above 0",
    )


def _refuse_loading(circuit: Circuit, free: list[float]) -> Refusal | None:
    """Metal charge that the raffinate cannot take must fit the organic, then the strip liquor."""
    fed = sum(_metal_charge(part.inlet) for part in circuit.sections if part.kind != "strip")
    carried = fed - (free[0] - circuit.base)
    room = circuit.organic.flow * circuit.organic.extractant / 2
    if carried >= room:
        return Refusal(
            Verdict.ORGANIC_SATURATED,
            "organic.flow",
            place(circuit, circuit.spans()[0][1] - 1),
            f"{carried:.4g} mol/h of metal charge for the organic",
            f"less than its capacity of {room:.4g} mol/h",
        )
    last = circuit.sections[-1]
    # Metals that the strip liquor brings take no part in stripping.
    acid = last.inlet.flow * last.inlet.acid if last.kind == "strip" else 0.0
    if circuit.organic.closed and carried >= acid:
        return Refusal(
            Verdict.STRIP_ACID_SHORT,
            "strip.liquor.flow",
            place(circuit, circuit.stages - 1),
            f"{acid:.4g} mol/h of strip acid",
            f"more than the {carried:.4g} mol/h of metal charge to be stripped",
        )
    return None
