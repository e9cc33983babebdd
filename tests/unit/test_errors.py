"""Faults in five parts, nearest names, and an exit code for every kind of error."""

from __future__ import annotations

import pytest

from ytterby import errors
from ytterby.errors import ExitCode, Fault, YtterbyError, nearest

KINDS = [
    (errors.CaseError, ValueError, 3),
    (errors.QuantityError, ValueError, 3),
    (errors.DataError, LookupError, 4),
    (errors.BalanceError, ArithmeticError, 5),
    (errors.ConvergenceError, ArithmeticError, 6),
    (errors.OutputError, OSError, 7),
]
FAULT = Fault("case.toml line 4", '"P-508"', "one of: P507, TBP", "P507", "write P507")


def test_fault_in_five_parts() -> None:
    assert str(FAULT) == (
        "case.toml line 4\n"
        '  read      "P-508"\n'
        "  expected  one of: P507, TBP\n"
        "  nearest   P507\n"
        "  next      write P507"
    )


def test_empty_parts_are_left_out() -> None:
    assert str(Fault("case.toml", read="an empty file")) == "case.toml\n  read      an empty file"
    assert str(Fault("here", next="look elsewhere")) == "here\n  next      look elsewhere"
    assert str(Fault("here")) == "here"


def test_fault_is_a_value() -> None:
    assert Fault("here", "it") == Fault("here", read="it")
    with pytest.raises(AttributeError):
        FAULT.where = "elsewhere"  # type: ignore[misc]


@pytest.mark.parametrize(("kind", "builtin", "code"), KINDS)
def test_error_is_caught_by_its_builtin_too(
    kind: type[YtterbyError], builtin: type[Exception], code: int
) -> None:
    with pytest.raises(builtin, match='read      "P-508"') as caught:
        raise kind(FAULT)
    assert isinstance(caught.value, YtterbyError)
    assert caught.value.faults == (FAULT,)
    assert caught.value.exit_code == code
    assert str(caught.value) == str(FAULT)  # also where the builtin has a text of its own


def test_every_error_is_in_the_list_above() -> None:
    found = {it for it in vars(errors).values() if isinstance(it, type)}
    assert {it for it in found if issubclass(it, YtterbyError)} == {
        YtterbyError,
        *[kind for kind, _, _ in KINDS],
    }


def test_several_faults_keep_their_order() -> None:
    other = Fault("case.toml line 9", "-1")
    error = errors.CaseError([FAULT, other])
    assert error.faults == (FAULT, other)
    assert str(error) == f"{FAULT}\n{other}"


def test_error_without_a_kind_is_a_defect() -> None:
    assert YtterbyError(FAULT).exit_code == ExitCode.INTERNAL


def test_exit_codes_are_those_that_scripts_rely_on() -> None:
    assert {code.name: code.value for code in ExitCode} == {
        "OK": 0,
        "INTERNAL": 1,
        "USAGE": 2,
        "CASE": 3,
        "DATA": 4,
        "BALANCE": 5,
        "NO_SOLUTION": 6,
        "OUTPUT": 7,
        "INTERRUPTED": 130,
    }


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("P-508", "P507"),
        ("p507", "P507"),
        ("pc88a", "PC88A"),
        ("Cyanex 272", "Cyanex272"),
        ("TBB", "TBP"),
        ("water", ""),
        ("", ""),
    ],
)
def test_nearest(written: str, meant: str) -> None:
    assert nearest(written, ["P507", "PC88A", "D2EHPA", "Cyanex272", "TBP"]) == meant


def test_nearest_of_nothing() -> None:
    assert nearest("P507", []) == ""
