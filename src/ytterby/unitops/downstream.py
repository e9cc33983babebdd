"""Settings of metal, alloy and magnet making, which have a table of their own."""

from __future__ import annotations

from dataclasses import dataclass

from ytterby.datasets.process import Parameter, downstream_parameter
from ytterby.errors import CaseError, Fault
from ytterby.materials import Flow, species
from ytterby.unitops.contract import Setting


@dataclass(frozen=True)
class DownstreamSetting(Setting):
    """A row of the table of metal and magnet making."""

    def cited(self) -> Parameter:
        """The number with what it rests on."""
        return self.assumed or downstream_parameter(self.step, self.row, self.scope)


def kilograms(flow: Flow, symbol: str) -> float:
    """Of one element in it, in whatever species [kg/h]."""
    return flow.of(symbol) * species(symbol).molar_mass


def require_metal(name: str, flow: Flow) -> None:
    """CaseError where a stream of metal holds compounds."""
    compounds = [one for one, amount in flow.amounts.items() if amount and not _bare(one)]
    if compounds:
        raise CaseError(
            Fault(
                f"operation {name}",
                ", ".join(sorted(compounds)),
                "elements alone",
                next="reduce it to metal before",
            )
        )


def _bare(name: str) -> bool:
    atoms = species(name).atoms
    return species(name).charge == 0 and dict(atoms) == {name: 1}
