"""Circuits as the text of a case file, the inverse of reading one: for what a design has found."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from os.path import relpath
from pathlib import Path

from ytterby.case.sections import SECTIONS
from ytterby.circuit.circuit import Circuit, Inlet, Section
from ytterby.datasets import parameter_set
from ytterby.datasets.sets import SET_FILE
from ytterby.quantities import show

DIGITS = 15
"""Of every number: what is read back differs by rounding only."""


def circuits_text(
    circuits: Sequence[Circuit], title: str, directory: Path, remarks: Sequence[str] = ()
) -> str:
    """TOML of a case of circuits, to be written into a directory; remarks stand above as comments.

    Circuits have closed organics without bleed, and liquors that enter the last stages of their sections, no
    other streams.
    """
    lines = [
        *(f"# {_plain(remark)}" for remark in remarks),
        "schema_version = 1",
        f"title = {_text(title)}",
        *(line for circuit in circuits for line in _circuit(circuit, directory)),
    ]
    return "\n".join(lines) + "\n"


def _circuit(circuit: Circuit, directory: Path) -> Iterator[str]:
    assert not (circuit.side_feeds or circuit.draws or circuit.refluxes), "no other streams"
    parameters, organic = parameter_set(circuit.equilibrium), circuit.organic
    assert organic.closed and not organic.bleed, "a closed organic"
    named = circuit.equilibrium
    if named.endswith(SET_FILE):  # found from where the case is written
        named = Path(relpath(named, directory)).as_posix()
    yield from (
        "",
        f"[circuits.{circuit.name}]",
        f"extractant = {_text(parameters.extractant)}",
        f"medium = {_text(parameters.medium)}",
        f"equilibrium = {_text(named)}",
        f"temperature = {_quantity(circuit.temperature, 'temperature', 'K')}",
    )
    if circuit.cut:
        yield f"cut = [{', '.join(map(_text, circuit.cut))}]"
    if circuit.terms:
        yield f"terms = [{', '.join(map(_text, circuit.terms))}]"
    if circuit.assumed:
        yield f"[circuits.{circuit.name}.assumed]"
        yield from (f"{symbol} = {ratio!r}" for symbol, ratio in circuit.assumed.items())
    yield from (
        f"[circuits.{circuit.name}.organic]",
        f"flow = {_quantity(organic.flow, 'volume flow')}",
        f"concentration = {_quantity(organic.extractant, 'concentration')}",
        f"saponification = {_quantity(organic.saponification, 'fraction')}",
        f"base = {_text(organic.base)}",
    )
    if organic.diluent:
        yield f"diluent = {_text(organic.diluent)}"
    for section in circuit.sections:
        yield from _section(f"circuits.{circuit.name}.{section.kind}", section)


def _section(path: str, section: Section) -> Iterator[str]:
    assert section.inlet is not None and not section.name, "one section of a kind, with a liquor"
    yield from (f"[{path}]", f"stages = {section.stages}")
    shares = {
        "efficiency": (section.efficiency, 1.0),
        "aqueous_entrainment": (section.aqueous_carried, 0.0),
        "organic_entrainment": (section.organic_carried, 0.0),
    }
    for key, (share, usual) in shares.items():
        if share != usual:
            yield f"{key} = {_quantity(share, 'fraction')}"
    inlet = f"{path}.{SECTIONS[section.kind].inlet}"
    yield f"[{inlet}]"
    yield from _liquor(inlet, section.inlet)


def _liquor(path: str, liquor: Inlet) -> Iterator[str]:
    yield f"flow = {_quantity(liquor.flow, 'volume flow')}"
    yield f"acid = {_quantity(liquor.acid, 'concentration')}"
    if liquor.salt:
        yield f"salt = {_quantity(liquor.salt, 'concentration')}"
    if liquor.sulfate is not None:
        yield f"sulfate = {_quantity(liquor.sulfate, 'concentration')}"
    if liquor.concentrations:
        yield f"[{path}.concentrations]"
        for symbol, concentration in liquor.concentrations.items():
            yield f"{symbol} = {_quantity(concentration, 'concentration')}"


def _quantity(value: float, dimension: str, unit: str | None = None) -> str:
    return _text(show(value, dimension, unit, DIGITS))


def _text(value: str) -> str:
    """A TOML string on one line; what JSON escapes, TOML reads."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _plain(text: str) -> str:
    """One line of a comment; control characters have no place in TOML."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
