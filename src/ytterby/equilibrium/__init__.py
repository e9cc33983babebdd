"""Distribution models, one file each: ln D per element from the state of a stage.

To add a model, write its file and add one line to ``MODELS``.
"""

from __future__ import annotations

from collections.abc import Sequence

from ytterby.datasets import ParameterSet
from ytterby.equilibrium.mass_action import MassAction as MassAction
from ytterby.errors import DataError, Fault, nearest

MODELS = {"mass_action": MassAction}
"""Model by the name that parameter sets give."""


def chemistry(
    parameters: ParameterSet, elements: Sequence[str], size: int | None = None
) -> MassAction:
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
    for element in elements:
        if element not in parameters.constants:
            raise DataError(
                Fault(
                    f"parameter set {parameters.name}",
                    read=element,
                    expected="one of: " + ", ".join(parameters.constants),
                    nearest=nearest(element, parameters.constants),
                    next="leave the element out, or use a parameter set that has it",
                )
            )
    return MODELS[parameters.model].of(parameters, elements, size or len(elements))
