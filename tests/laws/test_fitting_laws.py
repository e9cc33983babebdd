"""What every fit must obey: planted constants lie in their intervals as often as these say."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from circuits import P507
from ytterby.datasets import Contact, ContactMetal, parameter_set, shipped_contacts
from ytterby.equilibrium.fitting import ErrorModel, Fit, Settings, Shaken, fit, predict, shaken
from ytterby.equilibrium.fitting.predict import Array

TRIALS = 500
SET = parameter_set(P507)
SOUND = ("LI87", "LEE05", "LYON16")


@cache
def one_laboratory() -> Shaken:
    """The contacts of LI87: 140 points of seven metals, from traces to two thirds of full loading."""
    return shaken(shipped_contacts(("LI87",), "P507", "chloride"), SET)


@cache
def three_laboratories() -> Shaken:
    """All sound contacts, as unbalanced as they are: 140, 18 and 22 points, two metals in common."""
    return shaken(shipped_contacts(SOUND, "P507", "chloride"), SET)


@cache
def eight_laboratories() -> Shaken:
    """Eight laboratories that each shake Pr and Nd out together at four acidities."""
    contacts = [
        Contact(
            source=f"laboratory {number}",
            name=f"{acid}",
            extractant=1000.0,
            oa_ratio=1.0,
            saponification=0.0,
            metals=tuple(
                ContactMetal(symbol, feed=20.0 + number, distribution_ratio=1.0)
                for symbol in ("Pr", "Nd")
            ),
            acid_feed=acid,
        )
        for number in range(8)
        for acid in (20.0, 60.0, 120.0, 200.0)
    ]
    return shaken(contacts, SET)


def planted(case: Shaken) -> Array:
    """Constants that differ from the set's as those of another batch of extractant may."""
    constants = case.constants
    constants[0] += np.random.default_rng(7).normal(0.0, 0.2, len(case.elements))
    return constants


def shifted(case: Shaken, constants: Array, shifts: dict[str, float]) -> Array:
    """log10 D where every laboratory has a level of its own."""
    sources = np.array(case.sources)
    log10_d = np.zeros(len(sources))
    for name, shift in shifts.items():
        own = constants.copy()
        own[0] += shift
        log10_d[sources == name] = predict(case, own).log10_d[sources == name]
    return log10_d


def trials(case: Shaken, sigma: float, between: float, settings: Settings) -> list[Fit]:
    """Fits of isotherms drawn from planted constants with those errors."""
    random = np.random.default_rng(20)
    names = sorted(set(case.sources))
    constants, found = planted(case), []
    for _ in range(TRIALS):
        shifts = dict(zip(names, random.normal(0.0, 1.0, len(names)) * between, strict=True))
        made = shifted(case, constants, shifts) + random.normal(0.0, sigma, len(case.points))
        points = tuple(
            point._replace(measured=float(value))
            for point, value in zip(case.points, made, strict=True)
        )
        found.append(fit(replace(case, points=points), settings))
    return found


def covered(case: Shaken, found: list[Fit]) -> Array:
    """Whether the planted constants lie in their intervals, (trial, constant)."""
    constants = planted(case)
    return np.array(
        [
            [it.low <= constants[case.place(it.cell)] <= it.high for it in one.constants]
            for one in found
        ]
    )


COVERAGE = {
    "one laboratory, error estimated": (one_laboratory, 0.10, 0.0, Settings()),
    "three laboratories, errors stated": (
        three_laboratories, 0.14, 0.12, Settings(errors=ErrorModel(0.14, 0.12)),
    ),
    "eight laboratories, errors estimated": (eight_laboratories, 0.05, 0.15, Settings()),
}  # fmt: skip


@pytest.mark.parametrize("name", COVERAGE)
def test_intervals_cover_planted_constants_as_often_as_they_say(name: str) -> None:
    design, sigma, between, settings = COVERAGE[name]
    inside = covered(design(), trials(design(), sigma, between, settings))
    assert inside.shape[0] == TRIALS
    assert 0.93 <= inside.mean() <= 0.97
    # Each constant by itself: 0.95 to within three standard errors of 500 draws, 0.0097 each.
    assert (np.abs(inside.mean(axis=0) - 0.95) < 0.03).all()


def test_the_fit_does_not_depend_on_the_order_of_contacts() -> None:
    case = three_laboratories()
    order = np.random.default_rng(3).permutation(len(case.contacts))
    shuffled = shaken([case.contacts[index] for index in order], SET)
    one, other = fit(case), fit(shuffled)
    assert [it.cell for it in one.constants] == [it.cell for it in other.constants]
    for here, there in zip(one.constants, other.constants, strict=True):
        assert there.after == pytest.approx(here.after, abs=1e-7)
        assert there.sd == pytest.approx(here.sd, abs=1e-5)


def test_a_metal_that_is_nowhere_changes_nothing() -> None:
    case = three_laboratories()
    wider = shaken(case.contacts, SET, elements=("Tb", "Lu"))
    one, other = (predict(it, it.constants).log10_d for it in (case, wider))
    assert other == pytest.approx(one, abs=1e-12)
