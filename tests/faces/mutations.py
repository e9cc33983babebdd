"""Seeded damage to case files: what slips, bad copies and bad disks do to them.

``mutate(text, seed)`` gives the same bytes for the same seed. Most results are faulty in some way, some
are harmless, some are no text at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

NUMBER = re.compile(r"(?<![\w.-])-?\d+(?:\.\d+)?")
UNIT = re.compile(r'(?<=\d) [^"\d\s][^"]*(?=")')
KEY = re.compile(r"^[\w-]+(?= =)", re.MULTILINE)
VALUE = re.compile(r"(?<== ).+$", re.MULTILINE)
NAME = re.compile(r'(?<=")[A-Za-z][\w-]*(?=")')
HEADER = re.compile(r"^\[.*\]$", re.MULTILINE)

UNITS = (
    "m3/h",
    "L/min",
    "kg/h",
    "mol/L",
    "g/L",
    "%",
    "degC",
    "K",
    "h",
    "t/y",
    "m3",
    "M",
    "ppm",
    "",
)
ODD_NUMBERS = (
    *("nan", "inf", "-inf", "NaN", "1e999", "1e308", "1e-320", "9" * 400, "0", "-0", "0x10"),
    *("1_000", "1,5", "1.", ".5", "1e3", "--1", "٣", "½"),
)
ODD_VALUES = (
    *("true", "26", "26.0", "-1", "nan", "inf", '""', '"P507"', '"12 m3/h"', "[]", "{}", "[[]]"),
    *(
        "1979-05-27",
        '["Tb", "Dy"]',
        '["Tb"]',
        '{ flow = "1 m3/h" }',
        "'",
        '"""',
        "[" * 200,
        "# gone",
    ),
)
ODD_NAMES = (
    "",
    "P-508",
    "Xx",
    "tb",
    "TB",
    "Fe",
    "Sc",
    "a b",
    "a" * 500,
    "\x1b[31m",
    "café",
    "Tb\\n",
)
ODD_BYTES = (b"\0", b"\xff", b"\xef\xbb\xbf", b"\r", b"\r\n", b"\xc3", b"\x1b[2J", b"\xe2\x80\xae")

Mutation = Callable[[str, Random], str]


def _replace_one(pattern: re.Pattern[str], new: Callable[[str, Random], str]) -> Mutation:
    """A mutation that rewrites one match of a pattern."""

    def mutation(text: str, random: Random) -> str:
        found = list(pattern.finditer(text))
        if not found:
            return text
        match = random.choice(found)
        return text[: match.start()] + new(match[0], random) + text[match.end() :]

    return mutation


def _with_lines(change: Callable[[list[str], int, Random], object]) -> Mutation:
    """A mutation that changes the list of lines at a random place."""

    def mutation(text: str, random: Random) -> str:
        lines = text.split("\n")
        change(lines, random.randrange(len(lines)), random)
        return "\n".join(lines)

    return mutation


def _swap(lines: list[str], at: int, random: Random) -> None:
    other = random.randrange(len(lines))
    lines[at], lines[other] = lines[other], lines[at]


def _unknown_key(lines: list[str], at: int, random: Random) -> None:
    key = random.choice(("colour", "flows", '"a.b"', "x.y.z", "circuits.x", '"\\u0000"', "ÿ"))
    lines.insert(at, f"{key} = {random.choice(ODD_VALUES)}")


def _digit(number: str, random: Random) -> str:
    at = random.randrange(len(number))
    return number[:at] + random.choice("0123456789.-e") + number[at + 1 :]


def _typo(word: str, random: Random) -> str:
    at = random.randrange(len(word))
    return random.choice(
        (word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:], word.upper())
    )


def _delete_characters(text: str, random: Random) -> str:
    at = random.randrange(max(len(text), 1))
    return text[:at] + text[at + random.randint(1, 8) :]


def _insert_characters(text: str, random: Random) -> str:
    at = random.randrange(len(text) + 1)
    new = "".join(
        random.choice("\"'[]{}=.,#\\\n\t aé\u202e\U0001f600") for _ in range(random.randint(1, 4))
    )
    return text[:at] + new + text[at:]


def _truncate(text: str, random: Random) -> str:
    return text[: random.randrange(len(text) + 1)]


MUTATIONS: tuple[Mutation, ...] = (
    _with_lines(lambda lines, at, _: lines.pop(at)),
    _with_lines(lambda lines, at, _: lines.insert(at, lines[at])),
    _with_lines(_swap),
    _with_lines(_unknown_key),
    _replace_one(NUMBER, _digit),
    _replace_one(NUMBER, lambda number, _: f"-{number}"),
    _replace_one(NUMBER, lambda _, random: random.choice(ODD_NUMBERS)),
    _replace_one(UNIT, lambda _, __: ""),
    _replace_one(UNIT, lambda _, random: f" {random.choice(UNITS)}"),
    _replace_one(KEY, _typo),
    _replace_one(HEADER, _typo),
    _replace_one(HEADER, lambda header, _: f"[{header}]"),
    _replace_one(NAME, lambda _, random: random.choice(ODD_NAMES)),
    _replace_one(VALUE, lambda _, random: random.choice(ODD_VALUES)),
    _delete_characters,
    _insert_characters,
    _truncate,
)


def mutate(text: str, seed: int) -> bytes:
    """A damaged copy of ``text``: one to three changes drawn with ``seed``, as bytes of a file."""
    random = Random(seed)
    for _ in range(random.randint(1, 3)):
        text = random.choice(MUTATIONS)(text, random)
    data = text.encode("utf-8")
    if random.random() < 0.1:
        at = random.randrange(len(data) + 1)
        data = data[:at] + random.choice(ODD_BYTES) + data[at:]
    return data
