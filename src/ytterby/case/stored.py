"""Designs of a plant's circuits, stored beside its case: written by the machine, read by the next run."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from ytterby.errors import CaseError, Fault

if TYPE_CHECKING:
    from ytterby.unitops import StoredCut

HEADER = """\
# Designs of the circuits of a plant, by medium and unit. Written by `ytterby run CASE --redesign`, which
# replaces them; flows in m3/h, acids in mol/m3, what is loaded in mol/h, for the feed they were designed for.
"""


@dataclass(frozen=True)
class StoredDesigns:
    """Designs of a file."""

    by_medium: Mapping[str, Mapping[str, StoredCut]]

    def of(self, medium: str, unit: str) -> StoredCut | None:
        """The design of a unit in a medium, if there is one."""
        return self.by_medium.get(medium, {}).get(unit)

    def with_medium(self, medium: str, designs: Mapping[str, StoredCut]) -> StoredDesigns:
        """The same with all designs of a medium replaced."""
        return StoredDesigns({**self.by_medium, medium: designs})

    def text(self) -> str:
        """As it stands in the file; every number to its last digit."""
        parts = [HEADER]
        for medium, units in sorted(self.by_medium.items()):
            for name, design in units.items():
                parts.append(f"\n[{medium}.{name}]\n")
                for field in fields(design):
                    value = getattr(design, field.name)
                    parts.append(
                        f"{field.name} = {list(value) if field.name == 'stages' else value!r}\n"
                    )
        return "".join(parts)


def read_designs_file(path: Path) -> StoredDesigns:
    """Designs of a file, none if it is not there; CaseError with its faults."""
    from ytterby.unitops import StoredCut

    if not path.exists():
        return StoredDesigns({})
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _faulty(path, "", str(error)) from None
    found: dict[str, dict[str, StoredCut]] = {}
    names = {field.name for field in fields(StoredCut)}
    for medium, units in tree.items():
        if not isinstance(units, dict):
            raise _faulty(path, medium, "no table")
        for unit, values in units.items():
            if not isinstance(values, dict) or set(values) != names or not _are_good(values):
                raise _faulty(path, f"{medium}.{unit}", "a design with keys missing or faulty")
            stages = tuple(values["stages"])
            found.setdefault(medium, {})[unit] = StoredCut(**{**values, "stages": stages})
    return StoredDesigns(found)


def own_designs_file(case: Path, named: Path | None) -> Path:
    """The file that designs of a case may be written to: the one it has named, if no other case names it.

    Else one beside the case that is called after it.
    """
    files = ([named] if named else []) + [
        case.with_name(f"{case.stem}-designs{number}.toml") for number in ("", *range(2, 100))
    ]
    return next(file for file in files if not cases_with_designs(file, case))


def cases_with_designs(designs: Path, case: Path) -> list[str]:
    """Names of cases beside a file of designs, or beside the case, that name it too; not that of the case."""
    folders = dict.fromkeys(it.resolve() for it in (designs.parent, case.parent) if it.is_dir())
    beside = [file for folder in folders for file in sorted(folder.iterdir()) if file.is_file()]
    return [
        file.name
        for file in beside
        if file.resolve() != case.resolve()
        and any((file.parent / name).resolve() == designs.resolve() for name in _named_in(file))
    ]


def _named_in(file: Path) -> Iterator[str]:
    """The file of designs that a case names; nothing of a file that is no case, or cannot be read."""
    from ytterby.case.book import SUFFIX, read_book

    try:
        if file.suffix.lower() == ".toml":
            tree = tomllib.loads(file.read_text(encoding="utf-8"))
        elif file.suffix.lower() == SUFFIX:
            tree = read_book(file.read_bytes(), file.name).tree
        else:
            return
    except (OSError, ValueError):  # a CaseError is a ValueError
        return
    plant = tree.get("plant")
    named = plant.get("designs") if isinstance(plant, dict) else None
    if isinstance(named, str) and named:
        yield named


def _are_good(values: Mapping[str, object]) -> bool:
    """Three positive numbers of stages, and numbers above zero for all else."""
    stages = values["stages"]
    if not isinstance(stages, list) or len(stages) != 3:
        return False
    whole = all(type(count) is int and 1 <= count <= 1000 for count in stages)
    numbers = [value for key, value in values.items() if key != "stages"]
    return whole and all(type(it) in (int, float) and 0.0 < it < 1e15 for it in numbers)  # type: ignore[operator]


def _faulty(path: Path, place: str, read: str) -> CaseError:
    return CaseError(
        Fault(
            f"{path.name}{', ' + place if place else ''}",
            read,
            "designs as `ytterby run CASE --redesign` writes them",
            next="remove the file and design again",
        )
    )
