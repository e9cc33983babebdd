"""Distribution models, one file each: ln D per element from the state of a stage.

To add a model, write its file and add one line to ``MODELS``; ``contract`` says what it must answer.
"""

from __future__ import annotations

from collections.abc import Sequence

from ytterby.datasets import ParameterSet
from ytterby.equilibrium.contract import Conditions as Conditions
from ytterby.equilibrium.contract import Distribution as Distribution
from ytterby.equilibrium.contract import Reading as Reading
from ytterby.equilibrium.log_d_lines import LogDLines as LogDLines
from ytterby.equilibrium.mass_action import MassAction as MassAction
from ytterby.equilibrium.separation_factors import SeparationFactors as SeparationFactors
from ytterby.equilibrium.site import Site as Site
from ytterby.equilibrium.solvation import Solvation as Solvation
from ytterby.errors import DataError, Fault, nearest

MODELS: dict[str, type[Distribution]] = {
    "mass_action": MassAction,
    "log_d_lines": LogDLines,
    "solvation": Solvation,
    "separation_factors": SeparationFactors,
}
"""Model by the name that parameter sets give."""


def chemistry(
    parameters: ParameterSet,
    elements: Sequence[str],
    size: int | None = None,
    conditions: Conditions | None = None,
) -> Distribution:
    """Model of ``parameters`` for ``elements`` in that order; DataError for one without a constant.

    ``size`` pads its arrays with inert elements, whose content stays zero.
    """
    if parameters.model not in MODELS:
        raise DataError(
            Fault(
                f"parameter set {parameters.name}, model",
                read=parameters.model,
                expected="one of: " + ", ".join(MODELS),
                nearest=nearest(parameters.model, MODELS),
                next="name a model that equilibrium/__init__.py lists",
            )
        )
    conditions = conditions or Conditions()
    for term in conditions.terms:
        if term not in parameters.offered:
            raise DataError(
                Fault(
                    f"parameter set {parameters.name}, terms",
                    read=term,
                    expected="one of: " + (", ".join(parameters.offered) or "none, it has no term"),
                    nearest=nearest(term, parameters.offered),
                    next="leave the term out, or use a set that has it",
                )
            )
    model = MODELS[parameters.model]
    return model.of(parameters, elements, size or len(elements), conditions)
