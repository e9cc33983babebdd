"""Which chemistry a circuit of a case file has: parameter set, corrections, assumptions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ytterby import datasets
from ytterby.case.check import FAULTY, is_good
from ytterby.case.faults import Faults, dotted
from ytterby.case.lines import KeyPath
from ytterby.datasets import ParameterSet
from ytterby.datasets.sets import SET_FILE
from ytterby.errors import DataError, nearest
from ytterby.quantities import quoted


def chosen_set(entry: Mapping[str, Any], path: KeyPath, faults: Faults) -> ParameterSet | None:
    """The parameter set that a circuit names, or the one for its extractant and medium."""
    extractant, medium = _extractant(entry, path, faults), entry["medium"]
    named = entry["equilibrium"]
    if extractant is None or medium is FAULTY or named is FAULTY:
        return None
    if named is None:
        return _only_set(extractant, medium, path, faults)
    return named_set(named, extractant, medium, path, faults)


def check_terms(
    entry: Mapping[str, Any], parameters: ParameterSet, path: KeyPath, faults: Faults
) -> None:
    """Every correction once, and offered by the parameter set."""
    terms, offered = entry["terms"], parameters.offered
    if not is_good(terms):
        return
    for name in terms:
        if name not in offered:
            faults.add(
                (*path, "terms"),
                quoted(name),
                f"a term of {parameters.name}: {', '.join(offered)}"
                if offered
                else f"no term; {parameters.name} has none",
                nearest=nearest(name, offered),
                next="remove it, or name another equilibrium",
            )
    if len(set(terms)) < len(terms):
        faults.add((*path, "terms"), quoted(terms), "each term once", next="remove one of them")


def check_assumed(
    entry: Mapping[str, Any], parameters: ParameterSet, path: KeyPath, faults: Faults
) -> None:
    """What a parameter set has a constant for is not assumed."""
    assumed = entry["assumed"] if is_good(entry["assumed"]) else {}
    for symbol in assumed:
        if symbol in parameters.constants:
            faults.add(
                (*path, "assumed", symbol),
                f"{symbol}, for which {parameters.name} has a constant",
                "an element that the set lacks",
                next="remove it",
            )


def check_element(
    symbol: str,
    at: KeyPath,
    entry: Mapping[str, Any],
    parameters: ParameterSet,
    faults: Faults,
    circuit: KeyPath = (),
) -> None:
    """An element must be in the parameter set or assumed; ``circuit``: its path, if ``at`` is outside it."""
    assumed = entry["assumed"]
    if symbol in parameters.constants or assumed is FAULTY or symbol in (assumed or {}):
        return
    table = dotted((*(circuit or at[:2]), "assumed"))
    faults.add(
        at,
        f"the element {symbol}",
        f"an element of {parameters.name}: " + ", ".join(parameters.constants),
        next=f"remove it, or assume a distribution ratio for it in [{table}]",
    )


def _extractant(entry: Mapping[str, Any], path: KeyPath, faults: Faults) -> str | None:
    if entry["extractant"] is FAULTY:
        return None
    try:
        return datasets.extractant(entry["extractant"])
    except DataError as error:
        next = "write a name that `ytterby list extractants` shows"
        faults.take((*path, "extractant"), error, next=next)
        return None


def _only_set(extractant: str, medium: str, path: KeyPath, faults: Faults) -> ParameterSet | None:
    sets = [found for found in datasets.parameter_sets() if found.status == "ready"]
    fitting = [it for it in sets if (it.extractant, it.medium) == (extractant, medium)]
    if len(fitting) == 1:
        return fitting[0]
    faults.add(
        (*path, "equilibrium" if fitting else "extractant"),
        f"{extractant} in {medium}, for which {len(fitting) or 'no'} sets can be run",
        "one that can be run: " + _listed(fitting or sets),
        next="name one: equilibrium = ..." if fitting else "choose extractant and medium of one",
    )
    return None


def set_named(named: str, path: KeyPath, faults: Faults) -> ParameterSet | None:
    """The shipped set of that name, or that of a file beside the case; None if it has a fault."""
    if named.endswith(SET_FILE):
        file = faults.directory / named
        if not file.is_file():
            beside = nearest(named, (it.name for it in faults.directory.glob("*" + SET_FILE)))
            expected = "a parameter set beside the case file, or the name of a shipped one"
            next = "check the name, or write the set with `ytterby fit --save`"
            faults.add(path, f"{quoted(named)}: no such file", expected, nearest=beside, next=next)
            return None
        named = str(file)
    try:
        return datasets.parameter_set(named)
    except DataError as error:
        if named.endswith(SET_FILE):
            faults.beside(path, error)
        else:
            faults.take(path, error, next="write a name that `ytterby list extractants` shows")
        return None


def named_set(
    named: str, extractant: str, medium: str, path: KeyPath, faults: Faults
) -> ParameterSet | None:
    """The set of that name, if it is one for that extractant in that medium and can be run; a fault else."""
    path = (*path, "equilibrium")
    found = set_named(named, path, faults)
    if found is None:
        return None
    if (found.extractant, found.medium) != (extractant, medium):
        read = f"{quoted(named)}, which is for {found.extractant} in {found.medium}"
        expected = f"a set for {extractant} in {medium}"
        next = "leave equilibrium out, or change extractant and medium"
    elif not found.runnable:
        read = f"{quoted(named)} ({found.status})"
        sets = [found for found in datasets.parameter_sets() if found.runnable]
        expected = "one that can be run: " + _listed(sets)
        next = "name a set that can be run"
    else:
        return found
    faults.add(path, read, expected, next=next)
    return None


def _listed(sets: list[ParameterSet]) -> str:
    return ", ".join(f"{it.name} ({it.extractant} in {it.medium})" for it in sets)
