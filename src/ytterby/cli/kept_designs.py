"""Designs of a plant written where they are nobody else's, and what is said of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from ytterby.cli.console import plain

if TYPE_CHECKING:
    from ytterby.case import Case
    from ytterby.case.plants import PlantPlan
    from ytterby.unitops import StoredCut


@dataclass(frozen=True)
class KeptDesigns:
    """Designs that were written."""

    file: Path
    changes: tuple[str, ...]
    """Keys of the case changed; where it names another file of designs, that key too."""
    then: str
    """How the case comes to run with them; empty where it does already."""

    def tell(self, console: Console) -> None:
        """Say where they stand."""
        console.print(plain(f"wrote: {self.file}"), soft_wrap=True)
        if self.then:
            console.print(plain(self.then), soft_wrap=True)


def keep_designs(
    case: Case, plan: PlantPlan, designs: Mapping[str, StoredCut], changes: Sequence[str]
) -> KeptDesigns:
    """Write designs to the file that the case names, or to one of its own where other cases name that too."""
    from ytterby.case.stored import cases_with_designs, own_designs_file
    from ytterby.report.results import write_over
    from ytterby.study.plant import stored_designs

    named = plan.designs_file
    file = own_designs_file(case.path, named)
    write_over(file, stored_designs(plan, designs, file).text())
    if file == named:
        return KeptDesigns(file, tuple(changes), "")
    why = "the case names no file of designs"
    if named:
        others = ", ".join(cases_with_designs(named, case.path))
        why = f"{named} was left as it is, since {others} runs with it"
    change = f"plant.designs={file.name}"
    then = f"{why}; to run with the new ones, set {_line(case, file)}, or give --set {change}"
    return KeptDesigns(file, (*changes, change), then)


def _line(case: Case, file: Path) -> str:
    """What to write into a case so that it names a file of designs."""
    from ytterby.case.book import SUFFIX

    if case.path.suffix.lower() == SUFFIX:
        return f"{file.name} in column designs of sheet Plant"
    return f'designs = "{file.name}" in [plant]'
