"""The same plant in its other medium: nitrate beside chloride, where circuits are designed for both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ytterby.case import Case, read
from ytterby.case.plants import PlantPlan
from ytterby.datasets import parameter_set
from ytterby.elements import RARE_EARTHS
from ytterby.errors import YtterbyError
from ytterby.study.plant import PlantStudy, run_plant
from ytterby.unitops import Operation, SolventExtraction
from ytterby.unitops.solvent_extraction import SETS

OTHER: Mapping[str, str] = {"nitrate": "chloride", "chloride": "nitrate"}


@dataclass(frozen=True)
class Constants:
    """What the circuits of a plant know of the rare earths that they are fed."""

    name: str
    """Of the parameter set; several are joined."""
    read: tuple[str, ...]
    """Metals whose constant rests on measurements in this medium."""
    uncertain: tuple[str, ...]
    """Metals whose constant is interpolated, or of low confidence."""
    assumed: tuple[str, ...]
    """Metals whose constant is an assumption."""


def other_medium(
    case: Case,
    changes: Sequence[str] = (),
    run: Callable[[PlantPlan], PlantStudy] = run_plant,
) -> PlantStudy | tuple[YtterbyError, ...] | None:
    """The plant of a case in its other medium, by stored designs; ``run`` solves it.

    None where a circuit has no design in it, or the case cannot be read so; the error where it has no
    solution.
    """
    if case.plant is None:
        return None
    change = f'plant.medium="{OTHER[case.plant.medium]}"'
    try:
        plan = read(case.path, (*changes, change)).plant
    except YtterbyError:  # a unit or a set that holds in one medium only
        return None
    if plan is None or any(_lacks_design(unit, case) for unit in plan.flowsheet.operations):
        return None
    try:
        return run(plan)
    except YtterbyError as error:
        return (error,)


def _lacks_design(unit: Operation, case: Case) -> bool:
    """Whether a circuit has no design in this medium, but one in that of the case."""
    assert case.plant is not None, "asked of cases with a plant"
    known = case.plant.flowsheet.by_name[unit.name]
    if not isinstance(unit, SolventExtraction) or not isinstance(known, SolventExtraction):
        return False
    return unit.design is None and known.design is not None


def constants_of(study: PlantStudy) -> Constants:
    """How well the medium's constants are known for what the plant is fed."""
    flowsheet = study.balance.flowsheet
    fed = {name for flow in flowsheet.feeds.values() for name in flow.rare_earths()}
    names = dict.fromkeys(
        unit.equilibrium or SETS[unit.medium]
        for unit in flowsheet.operations
        if isinstance(unit, SolventExtraction)
    )
    rows = [
        constant
        for name in names
        for symbol, constant in parameter_set(name).constants.items()
        if symbol in fed
    ]
    assumed = {it.element for it in rows if it.basis == "assumed"}
    uncertain = {it.element for it in rows if it.confidence == "low"} - assumed
    known = {it.element for it in rows} - assumed - uncertain

    def in_order(symbols: set[str]) -> tuple[str, ...]:
        return tuple(name for name in RARE_EARTHS if name in symbols)

    return Constants(", ".join(names), in_order(known), in_order(uncertain), in_order(assumed))
