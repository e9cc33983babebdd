"""A parameter set as the text of its file, the inverse of `sets.read_parameter_set`."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator

from ytterby.datasets.sets import Constant, General, ParameterSet


def parameter_set_text(parameters: ParameterSet) -> str:
    """TOML of a parameter set; see ``data/equilibrium/README.md`` for the format."""
    return "\n".join(_lines(parameters)) + "\n"


def _lines(parameters: ParameterSet) -> Iterator[str]:
    for key in ("name", "model", "extractant", "medium", "status", "title", "description"):
        yield f"{key} = {_text(getattr(parameters, key))}"
    yield from (
        "",
        "[units]",
        *(f"{name} = {_text(unit)}" for name, unit in parameters.units.items()),
    )
    yield from ("", "[valid]")
    for name, limits in parameters.valid.items():
        yield (
            f"{name} = {{ low = {limits.low!r}, high = {limits.high!r}, unit = {_text(limits.unit)} }}"
        )
    if parameters.valid_note:
        yield f"note = {_text(parameters.valid_note)}"
    for row in parameters.constants.values():
        yield from ("", "[[constant]]", *_row(row))
    for name, number in parameters.general.items():
        head = (f"value = {number.value!r}", f"unit = {_text(number.unit)}")
        yield from ("", f"[general.{name}]", *head, *_rests(number))
    for term, rows in parameters.terms.items():
        for row in rows.values():
            yield from ("", f"[[term.{term}]]", *_row(row))


def _row(row: Constant) -> Iterator[str]:
    yield f"element = {_text(row.element)}"
    yield from (f"{name} = {value!r}" for name, value in row.numbers.items())
    if not math.isnan(row.uncertainty):
        yield f"uncertainty = {row.uncertainty!r}"
    yield from _rests(row)


def _rests(row: Constant | General) -> Iterator[str]:
    yield f"basis = {_text(row.basis)}"
    yield f"confidence = {_text(row.confidence)}"
    yield f"source = {_text(row.source)}"
    if row.rests_on:
        yield f"rests_on = [{', '.join(map(_text, row.rests_on))}]"
    if row.note:
        yield f"note = {_text(row.note)}"


def _text(value: str) -> str:
    """A TOML string on one line; what JSON escapes, TOML reads."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
