"""What enters or leaves the middle of a circuit: side feeds, draws, refluxes, and at which stage."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from ytterby.case import liquors
from ytterby.case.check import FAULTY, is_good
from ytterby.case.faults import Faults
from ytterby.case.lines import KeyPath
from ytterby.case.sections import SECTIONS, organics, outlets, present
from ytterby.circuit.circuit import Draw, Place, Reflux, SideFeed
from ytterby.errors import nearest
from ytterby.quantities import quoted

Read = TypeVar("Read")


def place(
    entry: Mapping[str, Any], path: KeyPath, circuit: Mapping[str, Any], faults: Faults
) -> Place | None:
    """Stage that the keys section and stage name, by default the last; None if there is none such."""
    section, stage = entry["section"], entry["stage"]
    if section is FAULTY or stage is FAULTY or circuit[section] is FAULTY:
        return None
    if circuit[section] is None:
        known = present(circuit)
        faults.add(
            (*path, "section"),
            f"{section}, which the circuit does not have",
            "one of: " + ", ".join(known),
            nearest=nearest(section, known),
            next="name a section of the circuit",
        )
        return None
    stages = circuit[section]["stages"]
    if stages is FAULTY:
        return None
    if stage is not None and stage > stages:
        expected = f"a stage of {section}: 1 to {stages}"
        faults.add((*path, "stage"), str(stage), expected, next="count stages along the organic")
        return None
    return Place(SECTIONS[section].label, stages if stage is None else stage)


def is_last(at: Place, circuit: Mapping[str, Any]) -> str:
    """Key of the section whose last stage a place is; empty if it is another stage."""
    return next(
        (
            key
            for key in present(circuit)
            if at == Place(SECTIONS[key].label, circuit[key]["stages"])
        ),
        "",
    )


def side_feeds(circuit: Mapping[str, Any], path: KeyPath, faults: Faults) -> dict[str, SideFeed]:
    """Liquors that enter the middle, by label; those with faults left out."""

    def read(label: str, entry: Mapping[str, Any], path: KeyPath) -> SideFeed | None:
        at = place(entry, path, circuit, faults)
        if entry["phase"] is FAULTY:
            return None
        liquor = liquors.inlet(label, entry, path, circuit["medium"], faults, entry["phase"])
        return SideFeed(liquor, at, entry["phase"]) if liquor and at else None

    return _each(circuit, path, "side_feeds", read)


def draws(circuit: Mapping[str, Any], path: KeyPath, faults: Faults) -> dict[str, Draw]:
    """What is taken from the middle, by label; those with faults left out."""

    def read(label: str, entry: Mapping[str, Any], path: KeyPath) -> Draw | None:
        at = place(entry, path, circuit, faults)
        if at is None or FAULTY in (entry["phase"], entry["flow"]):
            return None
        return Draw(label, at, entry["phase"], entry["flow"])

    return _each(circuit, path, "draws", read)


def refluxes(circuit: Mapping[str, Any], path: KeyPath, faults: Faults) -> dict[str, Reflux]:
    """What goes back from outlets, by label; those with faults left out."""

    def read(label: str, entry: Mapping[str, Any], path: KeyPath) -> Reflux | None:
        at = place(entry, path, circuit, faults)
        outlet = entry["outlet"]
        known = check_outlet(outlet, (*path, "outlet"), outlets(circuit), faults)
        if at is None or not known or entry["flow"] is FAULTY:
            return None
        return Reflux(outlet, at, entry["flow"])

    return _each(circuit, path, "refluxes", read)


def check_outlet(outlet: Any, path: KeyPath, known: list[str], faults: Faults) -> bool:
    """Whether an outlet is one of those that are known; the fault is noted."""
    if outlet is FAULTY:
        return False
    if outlet in known:
        return True
    faults.add(
        path,
        quoted(outlet),
        "one of: " + ", ".join(known),
        nearest=nearest(outlet, known),
        next="write the name as results show it",
    )
    return False


def _each(
    circuit: Mapping[str, Any],
    path: KeyPath,
    kind: str,
    read: Callable[[str, Mapping[str, Any], KeyPath], Read | None],
) -> dict[str, Read]:
    tables = circuit[kind] if is_good(circuit[kind]) else {}
    found = {
        label: read(label, entry, (*path, kind, label))
        for label, entry in tables.items()
        if entry is not FAULTY
    }
    return {label: it for label, it in found.items() if it is not None}


# --- what only shows side by side


def check_names(circuit: Mapping[str, Any], path: KeyPath, faults: Faults) -> None:
    """Side feeds and draws need names that no other stream of the circuit has."""
    taken = {SECTIONS[key].liquor for key in present(circuit)}
    taken |= {*outlets(circuit), *organics(circuit)}
    for kind in ("side_feeds", "draws"):
        for label in circuit[kind] if is_good(circuit[kind]) else {}:
            if label in taken:
                faults.add(
                    (*path, kind, label),
                    f"the name {quoted(label)}",
                    "a name that no other stream of the circuit has",
                    next="rename it",
                )
            taken.add(label)


def check_draws(
    found: Iterable[Draw], circuit: Mapping[str, Any], path: KeyPath, faults: Faults
) -> None:
    """A draw takes part of what goes on to another stage, and each phase of a stage is drawn once."""
    ends = _ends(circuit)
    drawn: set[tuple[Place, str]] = set()
    for draw in found:
        at = (*path, "draws", draw.name)
        if (draw.place, draw.phase) in ends:
            name = ends[draw.place, draw.phase]
            faults.add(
                (*at, "stage"),
                f"{draw.place.section} stage {draw.place.stage}, where all leaves as {name}",
                "a stage from which it goes on to another",
                next="draw from another stage; to send part of an outlet elsewhere, reflux it, "
                "transfer it, or set organic.bleed",
            )
        if (draw.place, draw.phase) in drawn:
            faults.add(
                (*at, "stage"),
                f"a second draw of the {draw.phase} there",
                "one draw of a phase from a stage",
                next="draw the sum of both",
            )
        drawn.add((draw.place, draw.phase))


def _ends(circuit: Mapping[str, Any]) -> dict[tuple[Place, str], str]:
    """Where the phases leave the circuit, and as what."""
    keys = present(circuit)
    exits = [key for key in keys if SECTIONS[key].kind != "scrub"]
    ends: dict[tuple[Place, str], str] = {
        (Place(SECTIONS[key].label, 1), "aqueous"): outlet
        for key, outlet in zip(exits, outlets(circuit), strict=True)
    }
    last = keys[-1]
    ends[Place(SECTIONS[last].label, circuit[last]["stages"]), "organic"] = organics(circuit)[-1]
    return ends
