"""What a command does with what it cannot use: a located message, a documented exit code, nothing else.

Commands run in this process through ``main``, so that a traceback fails the test where it arises.
"""

from __future__ import annotations

import errno
import json
import os
import re
import runpy
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

import pytest

from command_line import Outcome, ytterby
from ytterby.errors import ExitCode

ROOT = Path(__file__).parents[2]
DOCUMENTED = {
    int(code)
    for code in re.findall(
        r"^\| (\d+) \|",
        (ROOT / "docs/reference/exit-codes.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
}
mutate: Callable[[str, int], bytes] = runpy.run_path(str(Path(__file__).with_name("mutations.py")))[
    "mutate"
]

CASE = """\
schema_version = 1
title = "Small"
[circuits.small]
extractant = "P507"
cut = ["Tb", "Dy"]
[circuits.small.organic]
flow = "2.5 m3/h"
concentration = "1 mol/L"
saponification = "30 %"
[circuits.small.extraction]
stages = 4
[circuits.small.extraction.feed]
flow = "1 m3/h"
acid = "0.02 mol/L"
[circuits.small.extraction.feed.concentrations]
Tb = "0.1 mol/L"
Dy = "0.2 mol/L"
[circuits.small.scrub]
stages = 2
[circuits.small.scrub.liquor]
flow = "0.1 m3/h"
acid = "2 mol/L"
[circuits.small.strip]
stages = 2
[circuits.small.strip.liquor]
flow = "0.4 m3/h"
acid = "5 mol/L"
"""
# By hand, in mol/h of charge: base 0.3 x 1000 x 2.5 = 750; acid and metals that reach stage 1
# 20 + 3 x 300 + 200 = 1120; so the organic carries 750 - 220 = 530 of its 1250 to strip acid of 2000.


def refusal_document(*arguments: str | Path) -> dict[str, Any]:
    """The error document of a command, which is all it may print."""
    outcome = ytterby(*arguments, "--json")
    assert outcome.err == ""
    found = json.loads(outcome.out)
    assert (found["format"], found["version"]) == ("ytterby.error", 1)
    assert found["exit_code"] == outcome.code in DOCUMENTED - {0, ExitCode.INTERNAL}
    assert found["faults"]
    for fault in found["faults"]:
        assert list(fault) == ["where", "read", "expected", "nearest", "next"]
        assert fault["where"] and fault["read"] and (fault["expected"] or fault["next"])
    assert isinstance(found, dict)
    return found


def refusal(code: ExitCode, *arguments: str | Path) -> str:
    """The message of a command that refuses, the same in words and as a document."""
    outcome = ytterby(*arguments)
    assert (outcome.code, outcome.out) == (code, ""), outcome
    found = refusal_document(*arguments)
    assert found["exit_code"] == code
    for fault in found["faults"]:
        assert fault["where"] in outcome.err
        for name in ("read", "expected", "nearest", "next"):
            assert not fault[name] or f"  {name:<9} {fault[name]}" in outcome.err
    assert all(line.isprintable() for line in outcome.err.split("\n"))
    return outcome.err


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory in which the command runs."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(text: str | bytes) -> str:
    """A case file of that content."""
    data = text.encode() if isinstance(text, str) else text
    Path("case.toml").write_bytes(data)
    return "case.toml"


# --- case files: each row changes lines of the case; the fault stands in the line `at`

C, N = ExitCode.CASE, ExitCode.NO_SOLUTION
ROWS: dict[str, tuple[dict[str, str], str, str, ExitCode, list[str]]] = {
    "unknown extractant": (
        {'"P507"': '"P-508"'},
        "extractant",
        "circuits.small.extractant",
        C,
        ['read      "P-508"', "nearest   P507", "`ytterby list extractants`"],
    ),
    "extractant without constants": (
        {'"P507"': '"TBP"'},
        'extractant = "TBP"',
        "circuits.small.extractant",
        C,
        ["TBP in chloride", "P507-HCl-v0 (P507 in chloride)"],
    ),
    "unknown element": (
        {"\nDy = ": "\nDyy = "},
        "Dyy",
        "circuits.small.extraction.feed.concentrations.Dyy",
        C,
        ['read      "Dyy"', "nearest   Dy"],
    ),
    "element without a constant": (
        {"\nDy = ": '\nFe = "1 g/L"\nDy = ', 'acid = "0.02': 'basis = "metal"\nacid = "0.02'},
        "Fe",
        "circuits.small.extraction.feed.concentrations.Fe",
        C,
        ["the element Fe", "an element of P507-HCl-v0: Y, La"],
    ),
    "no unit": (
        {"2.5 m3/h": "2.5"},
        'flow = "2.5"',
        "circuits.small.organic.flow",
        C,
        ['"2.5" (no unit)', "volume flow"],
    ),
    "bare number": (
        {'"2.5 m3/h"': "2.5"},
        "flow = 2.5",
        "circuits.small.organic.flow",
        C,
        ["2.5 (a number without unit)", "volume flow"],
    ),
    "wrong unit": (
        {"2.5 m3/h": "2.5 kg/h"},
        'flow = "2.5 kg/h"',
        "circuits.small.organic.flow",
        C,
        ['"2.5 kg/h" (mass flow)', "volume flow"],
    ),
    "oxygen instead of zero": (
        {'"0.1 m3/h"': '"O.1 m3/h"'},
        'flow = "O.1',
        "circuits.small.scrub.liquor.flow",
        C,
        ['"O.1 m3/h"', "volume flow"],
    ),
    "decimal comma": (
        {'"2.5 m3/h"': '"2,5 m3/h"'},
        'flow = "2,5',
        "circuits.small.organic.flow",
        C,
        ['"2,5 m3/h"', "volume flow"],
    ),
    "negative flow": (
        {"2.5 m3/h": "-2.5 m3/h"},
        'flow = "-2.5',
        "circuits.small.organic.flow",
        C,
        ['"-2.5 m3/h"', "> 0 m3/h"],
    ),
    "flow that is no number": (
        {"2.5 m3/h": "nan m3/h"},
        'flow = "nan',
        "circuits.small.organic.flow",
        C,
        ['"nan m3/h" (not a finite number)'],
    ),
    "endless flow": (
        {"2.5 m3/h": "inf m3/h"},
        'flow = "inf',
        "circuits.small.organic.flow",
        C,
        ['"inf m3/h" (not a finite number)'],
    ),
    "section without liquor": (
        {'[circuits.small.scrub.liquor]\nflow = "0.1 m3/h"\nacid = "2 mol/L"\n': ""},
        "[circuits.small.scrub]",
        "circuits.small.scrub.liquor",
        C,
        ["read      nothing", "what enters the last stage of scrub"],
    ),
    "no stages": (
        {"stages = 4": "stages = 0"},
        "stages = 0",
        "circuits.small.extraction.stages",
        C,
        ["read      0", ">= 1"],
    ),
    "half a stage": (
        {"stages = 4": "stages = 4.5"},
        "stages = 4.5",
        "circuits.small.extraction.stages",
        C,
        ["read      4.5", "a whole number"],
    ),
    "mass without basis": (
        {'"0.1 mol/L"': '"16 g/L"'},
        "[circuits.small.extraction.feed]",
        "circuits.small.extraction.feed.basis",
        C,
        ["mass per volume for Tb", 'basis = "metal" or basis = "reo"'],
    ),
    "cut the wrong way round": (
        {'["Tb", "Dy"]': '["Dy", "Tb"]'},
        "cut",
        "circuits.small.cut",
        C,
        ['["Dy", "Tb"]', "the less extracted element first", 'write cut = ["Tb", "Dy"]'],
    ),
    "saponification above all extractant": (
        {"30 %": "130 %"},
        "saponification",
        "circuits.small.organic.saponification",
        C,
        ['"130 %"', "<= 100 %"],
    ),
    "percent sign forgotten": (
        {'"30 %"': "30"},
        "saponification",
        "circuits.small.organic.saponification",
        C,
        ["read      30", "<= 100 %"],
    ),
    "no strip in a closed circuit": (
        {CASE[CASE.index("[circuits.small.strip]") :]: ""},
        "[circuits.small.organic]",
        "circuits.small.organic.closed",
        C,
        ["a closed organic and no strip section"],
    ),
    "more base than can be neutralised": (
        {"30 %": "45 %"},
        "saponification",
        "circuits.small.organic.saponification",
        N,
        ["acid_balance_impossible", "base of 1125 mol/h", "less than the 1120 mol/h"],
    ),
    "organic saturated": (
        {"2.5 m3/h": "1 m3/h", '"30 %"': '"90 %"\ndiluent = "octanol in kerosene"'},
        'flow = "1 m3/h"',
        "circuits.small.organic.flow",
        N,
        ["organic_saturated", "680 mol/h of metal charge", "capacity of 500 mol/h"],
    ),
    "gel": (
        {"2.5 m3/h": "1 m3/h", "30 %": "90 %"},
        "saponification",
        "circuits.small.organic.saponification",
        N,
        ["third_phase_limit_passed", "saponification 0.9", "at most 0.6", "say so in `diluent`"],
    ),
    "strip acid short": (
        {"0.4 m3/h": "0.1 m3/h"},
        'flow = "0.1 m3/h"\nacid = "5',
        "circuits.small.strip.liquor.flow",
        N,
        ["strip_acid_short", "500 mol/h of strip acid", "more than the 530 mol/h"],
    ),
    "water as scrub": (
        {'"2 mol/L"': '"0 mol/L"'},
        'acid = "0 mol/L"',
        "circuits.small.scrub.liquor.acid",
        N,
        ["neither acid nor metals", "acid above 0"],
    ),
    "water as strip": (
        {'"5 mol/L"': '"0 mol/L"'},
        'acid = "0 mol/L"',
        "circuits.small.strip.liquor.acid",
        N,
        ["neither acid nor metals", "acid above 0"],
    ),
    "draw of more than there is": (
        {
            "[circuits.small.strip]\n": '[circuits.small.draws.middle]\nsection = "scrub"\nstage = 2\n'
            'flow = "0.2 m3/h"\n[circuits.small.strip]\n'
        },
        'flow = "0.2 m3/h"',
        "circuits.small.draws.middle.flow",
        C,
        ["read      0.2 m3/h", "less than the 0.1 m3/h of aqueous that leaves scrub stage 2"],
    ),
    "train of what is not there": (
        {
            "[circuits.small]\n": '[trains.all]\ncircuits = ["smal"]\n[trains.all.transfers.a]\n'
            'from = "smal"\nto = "smal"\noutlet = "raffinate"\n[circuits.small]\n'
        },
        'circuits = ["smal"]',
        "trains.all.circuits",
        C,
        ['read      "smal"', "nearest   small"],
    ),
    "term that the set lacks": (
        {"cut = ": 'terms = ["temperature"]\ncut = '},
        "terms",
        "circuits.small.terms",
        C,
        ['read      "temperature"', "a term of P507-HCl-v0: complexing, ionic_strength, loading"],
    ),
    "base left on the organic": (
        {"30 %": "44.798 %"},
        "saponification",
        "circuits.small.organic.saponification",
        N,
        ["outside_saponification_model", "pH at most 4"],
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_faulty_case(name: str, here: Path) -> None:
    changes, at, key, code, parts = ROWS[name]
    text = CASE
    for old, new in changes.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    line = text[: text.index(at)].count("\n") + 1
    case = written(text)
    message = refusal(code, "circuit", case, "--plot", "pictures")
    assert message.startswith(f"case.toml line {line}, {key}"), message
    assert message.count("case.toml") == 1, "one fault only"
    for part in parts:
        assert part in message
    assert os.listdir(here) == ["case.toml"]


@pytest.mark.parametrize("name", [it for it in ROWS if it != "base left on the organic"])
def test_check_refuses_what_circuit_refuses(name: str) -> None:
    changes, _, _, code, _ = ROWS[name]
    text = CASE
    for old, new in changes.items():
        text = text.replace(old, new)
    case = written(text)
    assert refusal(code, "check", case) == refusal(code, "circuit", case)


def test_water_is_not_blamed_on_the_base() -> None:
    """The fault is the acid of the liquor; saponification has no part in it."""
    message = refusal(N, "check", written(CASE.replace('"2 mol/L"', '"0 mol/L"')))
    assert "saponif" not in message


def test_what_was_not_solved_is_located_in_the_file() -> None:
    """Strip acid of little more charge than the metal it meets: the sum allows it, the chemistry does not."""
    message = refusal(N, "circuit", written(CASE.replace('"5 mol/L"', '"1.5 mol/L"')))
    assert "not_converged" in message
    assert re.match(r"case\.toml line \d+, circuits\.small", message), message


def test_faults_come_together_in_the_order_of_the_file() -> None:
    text = CASE.replace('"5 mol/L"', '"5"').replace("P507", "P-508").replace("\nDy =", "\nDyy =")
    message = refusal(C, "circuit", written(text))
    lines = [int(line) for line in re.findall(r"^case\.toml line (\d+)", message, re.MULTILINE)]
    assert lines == sorted(lines) == [4, 17, 27]
    assert message.endswith("\n3 faults\n")


def test_refusals_of_several_circuits_come_together() -> None:
    second = CASE.partition("[circuits.small]")[2].replace("circuits.small", "circuits.other")
    text = f"{CASE}\n[circuits.other]{second}".replace("30 %", "45 %")
    message = refusal(N, "circuit", written(text))
    assert message.count("acid_balance_impossible") == 2
    assert "circuits.small" in message and "circuits.other" in message


FILES: dict[str, tuple[bytes, list[str]]] = {
    "empty": (b"", ["an empty file", "add schema_version = 1"]),
    "blank": (b" \n\n", ["an empty file"]),
    "binary": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", ["line 1", "0x89", "not text in UTF-8"]),
    "latin 1": (CASE.replace("Small", "Größe").encode("latin-1"), ["line 2", "0xf6", "UTF-8"]),
    "not TOML": (b"hello\n", ["line 1", "hello", "TOML"]),
    "spreadsheet": (b"element;g/L\nTb;11,7\n", ["line 1", "TOML"]),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("command", ["circuit", "check", "cite"])
def test_file_that_is_no_case(command: str, name: str, here: Path) -> None:
    data, parts = FILES[name]
    message = refusal(C, command, written(data))
    assert message.startswith("case.toml")
    assert all(part in message for part in parts), message
    assert os.listdir(here) == ["case.toml"]


@pytest.mark.parametrize("command", ["circuit", "check", "cite"])
def test_missing_file(command: str) -> None:
    written(CASE)
    assert refusal(C, command, "cas.toml").startswith(
        "cas.toml\n  read      no such file\n  expected  a case file (TOML)\n  nearest   case.toml\n"
    )


@pytest.mark.parametrize("command", ["circuit", "check", "cite"])
def test_directory_instead_of_a_file(command: str, here: Path) -> None:
    written(CASE)
    message = refusal(C, command, here)
    assert "a directory" in message and "nearest   case.toml" in message


def test_cite_unknown_offers_the_nearest() -> None:
    message = refusal(ExitCode.DATA, "cite", "T12")
    assert "T12" in message and "nearest   T21" in message
    assert "nearest   P507-HCl-v0" in refusal(ExitCode.DATA, "cite", "P507-HCl")


# --- results that cannot be written


def test_pictures_where_a_file_is(here: Path) -> None:
    case = written(CASE)
    Path("taken").write_text("mine")
    for place in ("taken", "taken/below"):
        message = refusal(ExitCode.OUTPUT, "circuit", case, "--plot", place)
        assert message.startswith(f"{place}\n") and "a directory that can be written" in message
        assert "name another with --plot" in message
    assert sorted(os.listdir(here)) == ["case.toml", "taken"]
    assert Path("taken").read_text() == "mine"


def test_full_disk_leaves_no_half_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib.figure import Figure

    def half(self: Figure, path: Path, **_: object) -> None:
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Figure, "savefig", half)
    message = refusal(ExitCode.OUTPUT, "circuit", written(CASE), "--plot", "pictures")
    assert message.startswith("pictures") and "No space left on device" in message
    assert not Path("pictures").exists() or os.listdir("pictures") == []


def test_pictures_without_matplotlib(monkeypatch: pytest.MonkeyPatch, here: Path) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    message = refusal(ExitCode.OUTPUT, "circuit", written(CASE), "--plot", "pictures")
    assert message == (
        "--plot\n"
        "  read      no matplotlib\n"
        "  expected  the extra `plot`\n"
        "  next      pip install ytterby[plot]\n"
    )
    assert os.listdir(here) == ["case.toml"]


def test_new_overwrites_nothing(here: Path) -> None:
    Path("designs.toml").write_text("mine")
    message = refusal(ExitCode.OUTPUT, "new", ".")
    assert "designs.toml\n" in message and "a file of that name" in message
    assert "choose another directory" in message
    assert Path("designs.toml").read_text() == "mine"
    assert os.listdir(here) == ["designs.toml"]


@pytest.mark.parametrize("place", ["taken", "taken/below"])
def test_new_where_a_file_is(place: str, here: Path) -> None:
    Path("taken").write_text("mine")
    assert refusal(ExitCode.OUTPUT, "new", place).startswith(place)
    assert os.listdir(here) == ["taken"]
    assert Path("taken").read_text() == "mine"


# --- the command line itself


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["circuit"], "Missing argument"),
        (["circiut", "case.toml"], "circuit"),
        (["circuit", "case.toml", "--plots", "here"], "--plot"),
        (["circuit", "case.toml", "--basis", "ree"], "reo"),
        (["list", "extractant"], "extractants"),
        (["check", "case.toml", "another.toml"], "another.toml"),
    ],
    ids=lambda it: " ".join(it) if isinstance(it, list) else "",
)
def test_command_that_is_not_understood(arguments: list[str], part: str, here: Path) -> None:
    written(CASE)
    outcome = ytterby(*arguments)
    assert (outcome.code, outcome.out) == (ExitCode.USAGE, "")
    assert part in outcome.err
    assert os.listdir(here) == ["case.toml"]


def test_stopped_by_the_user(here: Path) -> None:
    with patch("ytterby.study.run.run", side_effect=KeyboardInterrupt):
        outcome = ytterby("circuit", written(CASE), "--plot", "pictures")
    assert (outcome.code, outcome.out) == (ExitCode.INTERRUPTED, "")
    assert "Traceback" not in outcome.err
    assert os.listdir(here) == ["case.toml"]


# --- damaged files

DAMAGED, SLIPS = 500, 300
FACTORS = (0.001, 0.1, 0.3, 0.5, 0.8, 1.2, 2.0, 3.0, 10.0, 1000.0)
NUMBER = re.compile(r'(?<== ")\d+(?:\.\d+)?(?= )|(?<=stages = )\d+')


def slip(text: str, seed: int) -> bytes:
    """The case with one to three of its numbers wrong, as by a slipped point or a wrong line."""
    random = Random(seed)
    for _ in range(random.randint(1, 3)):
        match = random.choice(list(NUMBER.finditer(text)))
        counted = text[: match.start()].endswith("stages = ")
        new = random.randint(1, 9) if counted else float(match[0]) * random.choice(FACTORS)
        text = f"{text[: match.start()]}{new:g}{text[match.end() :]}"
    return text.encode()


def outcome_of(data: bytes) -> int:
    """Exit code of `circuit` for a file; what it printed is checked."""
    outcome = ytterby("circuit", written(data), "--json")
    assert outcome.err == ""
    if outcome.code != 0:
        check_refusal(outcome)
        return outcome.code
    found = json.loads(outcome.out)
    assert found["circuits"]
    for circuit in found["circuits"]:
        assert circuit["verdict"] == "solved"
        assert max(circuit["closure"].values()) <= 1e-10
        check_balance(circuit)
    return 0


def check_refusal(outcome: Outcome) -> None:
    found = json.loads(outcome.out)
    assert found["exit_code"] == outcome.code in (ExitCode.CASE, ExitCode.NO_SOLUTION)
    for fault in found["faults"]:
        assert fault["where"] and fault["read"] and (fault["expected"] or fault["next"])
        assert all(part.isprintable() for part in fault.values())


def check_balance(circuit: dict[str, Any]) -> None:
    """What is fed leaves, from the streams alone: to 1e-10 of the feed or 1e-14 of what goes round."""
    for symbol in circuit["elements"]:
        flows: dict[str, list[float]] = {"inlet": [], "outlet": [], "inside": [0.0]}
        for stream in circuit["streams"]:
            moles = stream["flow_m3_per_h"] * stream["metals_mol_per_m3"][symbol]
            assert 0.0 <= moles < float("inf")
            flows[stream["role"]].append(moles)
        fed, left = sum(flows["inlet"]), sum(flows["outlet"])
        assert abs(fed - left) <= max(1e-10 * fed, 1e-14 * max(flows["inside"])), symbol


def outcomes(damage: Callable[[str, int], bytes], number: int) -> Counter[int]:
    found: Counter[int] = Counter()
    for seed in range(number):
        try:
            found[outcome_of(damage(CASE, seed))] += 1
        except BaseException as error:
            error.add_note(f"{damage.__name__}(CASE, {seed})")
            raise
    return found


def test_damaged_files_are_refused_or_solved(here: Path) -> None:
    found = outcomes(mutate, DAMAGED)
    assert set(found) <= {ExitCode.OK, ExitCode.CASE, ExitCode.NO_SOLUTION}
    assert found[ExitCode.OK] > 0 and found[ExitCode.CASE] > DAMAGED // 2
    assert os.listdir(here) == ["case.toml"]


def test_files_with_slipped_numbers_are_refused_or_solved() -> None:
    found = outcomes(slip, SLIPS)
    assert set(found) <= {ExitCode.OK, ExitCode.CASE, ExitCode.NO_SOLUTION}
    # Otherwise the slips would be too small or too large to show anything.
    assert min(found[ExitCode.OK], found[ExitCode.CASE] + found[ExitCode.NO_SOLUTION]) > SLIPS // 4
