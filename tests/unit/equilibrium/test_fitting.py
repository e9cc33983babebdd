"""Fits of shake-outs against closed forms, circuits of one stage, differences and textbook variances.

Contacts of tracers at measured pH have log10 D = log10 K + 3 log10 d + 3 pH: their fit is a mean, and what
the fit says of its error is what a textbook says of means.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from circuits import P507, closely, extraction, organic
from ytterby.circuit import Circuit
from ytterby.circuit.solve import solve_circuit
from ytterby.datasets import (
    Contact,
    ContactMetal,
    parameter_set,
    parameter_set_text,
    parameter_sets,
    read_parameter_set,
    shipped_contacts,
)
from ytterby.equilibrium.fitting import (
    Cell,
    ErrorModel,
    Settings,
    Shaken,
    fit,
    fitted_set,
    leave_one_source_out,
    next_shakeouts,
    predict,
    shaken,
)
from ytterby.equilibrium.fitting.fit import student
from ytterby.equilibrium.fitting.predict import COLUMNS, Array
from ytterby.errors import ConvergenceError, DataError

SET = parameter_set(P507)
ND, PR = Cell("log10_kex", "Nd"), Cell("log10_kex", "Pr")


def tracers(
    ratios: Sequence[float],
    source: str = "lab",
    element: str = "Nd",
    ph: float = 1.0,
    extractant: float = 1000.0,
    weights: Sequence[float] | None = None,
) -> list[Contact]:
    """Contacts of one metal in traces with these log10 D, at the same pH."""
    return [
        Contact(
            source=source,
            name=f"{element}{number}",
            extractant=extractant,
            oa_ratio=1.0,
            saponification=0.0,
            metals=(
                ContactMetal(element, aqueous=0.0, distribution_ratio=10.0**ratio, weight=weight),
            ),
            acid=1000.0 * 10.0**-ph,
        )
        for number, (ratio, weight) in enumerate(
            zip(ratios, weights or [1.0] * len(ratios), strict=True)
        )
    ]


LEVEL = 3 * math.log10(0.5) + 3 * 1.0
"""log10 D less log10 K of a tracer in 1 mol/L extractant, 0.5 mol/L dimer, at pH 1."""


def mixture(**changes: object) -> Contact:
    """Two metals from the feed, with base and an O/A of its own."""
    metals = (ContactMetal("Nd", feed=60.0), ContactMetal("Gd", feed=30.0))
    contact = Contact("lab", "mixture", 800.0, 1.5, 0.1, metals, acid_feed=50.0, salt=0.0)
    return replace(contact, **changes)  # type: ignore[arg-type]


def one_stage(contact: Contact, equilibrium: str, terms: tuple[str, ...]) -> dict[str, float]:
    """D by the solver of circuits."""
    elements = tuple(metal.element for metal in contact.metals)
    assert contact.acid_feed is not None
    circuit = Circuit(
        name="one",
        equilibrium=equilibrium,
        elements=elements,
        organic=organic(contact.oa_ratio, contact.extractant, contact.saponification, closed=False),
        sections=(
            extraction(
                1, 1.0, contact.acid_feed, {it.element: it.feed or 0.0 for it in contact.metals}
            ),
        ),
        temperature=contact.temperature,
        terms=terms,
    )
    profiles = solve_circuit(circuit).profiles
    ratios = profiles.organic[0] / profiles.aqueous[0]
    return dict(zip(elements, map(float, ratios), strict=True))


def with_points(contacts: Sequence[Contact]) -> list[Contact]:
    """The contacts with any D in place, so that each metal is a point."""
    return [
        replace(it, metals=tuple(replace(metal, distribution_ratio=1.0) for metal in it.metals))
        for it in contacts
    ]


# --- prediction


@pytest.mark.parametrize(
    ("equilibrium", "terms", "kelvin"),
    [
        (P507, ("complexing", "ionic_strength", "loading"), 298.15),
        ("D2EHPA-HCl-v0", (), 298.15),
        ("D2EHPA-HCl-v0", ("temperature",), 318.15),
    ],
    ids=lambda it: "+".join(it) if isinstance(it, tuple) else str(it),
)
def test_a_contact_is_a_circuit_of_one_stage(
    equilibrium: str, terms: tuple[str, ...], kelvin: float
) -> None:
    contact = mixture(temperature=kelvin)
    if "temperature" in terms:
        contact = replace(
            contact, metals=(ContactMetal("Nd", feed=60.0), ContactMetal("Dy", feed=30.0))
        )
    case = shaken(with_points([contact]), parameter_set(equilibrium), terms)
    expected = one_stage(contact, equilibrium, terms)
    computed = predict(case, case.constants).log10_d
    for point, log10_d in zip(case.points, computed, strict=True):
        assert 10**log10_d == closely(expected[point.element], 1e-8)


def test_a_tracer_has_the_distribution_of_the_formula() -> None:
    case = shaken(tracers([0.0]), SET)
    assert predict(case, case.constants).log10_d == closely([-2.15 + LEVEL], 1e-12)


def test_measured_levels_are_those_of_the_phases() -> None:
    """D of a loaded contact by hand: free dimer is half the extractant less three times the metal."""
    metal = ContactMetal("Nd", aqueous=40.0, organic=60.0)
    contact = Contact("lab", "loaded", 1000.0, 1.0, 0.0, (metal,), acid=200.0)
    case = shaken([contact], SET)
    by_hand = -2.15 + 3 * math.log10(0.500 - 3 * 0.060) - 3 * math.log10(0.2)
    assert predict(case, case.constants).log10_d == closely([by_hand], 1e-10)
    assert case.measured == closely([math.log10(1.5)], 1e-12)


def test_what_is_preferred_is_taken_where_it_is_known() -> None:
    metal = ContactMetal("Nd", feed=100.0, aqueous=60.0)
    both = Contact("lab", "both", 1000.0, 1.0, 0.0, (metal,), acid_feed=50.0, acid=170.0)
    assert both.levels_known == ("feed", "measured")
    assert [
        bool(shaken([both], SET, levels=it).vessels.measured[0]) for it in both.levels_known
    ] == [
        False,
        True,
    ]
    only = replace(both, acid_feed=None)
    assert bool(shaken([only], SET, levels="feed").vessels.measured[0])


def test_a_contact_without_acid_is_refused_by_name() -> None:
    metal = ContactMetal("Nd", feed=100.0, aqueous=60.0)
    contact = Contact("lab", "lost", 1000.0, 1.0, 0.0, (metal,), place="my.csv line 3")
    with pytest.raises(DataError, match=r"my\.csv line 3, contact lost\n.*neither acid"):
        shaken([contact], SET)


@pytest.mark.parametrize("terms", [(), ("complexing", "ionic_strength", "loading")])
@pytest.mark.parametrize("levels", ["feed", "measured"])
def test_the_jacobian_is_that_of_differences(terms: tuple[str, ...], levels: str) -> None:
    metals = (
        ContactMetal("Nd", feed=60.0, aqueous=35.0),
        ContactMetal("Gd", feed=30.0, aqueous=5.0),
    )
    contacts = [
        mixture(metals=metals, acid=150.0),
        mixture(metals=metals, acid_feed=200.0, acid=250.0),
    ]
    case = shaken(contacts, SET, terms, levels="feed" if levels == "feed" else "measured")
    constants = case.constants
    constants[1:] += np.array([[0.2, -0.3], [-0.1, 0.15]])
    found = predict(case, constants).jacobian
    for place in np.ndindex(constants.shape):
        up, down = constants.copy(), constants.copy()
        up[place] += 1e-5
        down[place] -= 1e-5
        slope = (predict(case, up).log10_d - predict(case, down).log10_d) / 2e-5
        assert found[:, *place] == pytest.approx(slope, abs=1e-8)


# --- the fit


def planted(case: Shaken, moves: Array, noise: Array | float = 0.0) -> Shaken:
    """The contacts with D as other constants would make them."""
    made = predict(case, case.constants + moves).log10_d + noise
    points = tuple(
        point._replace(measured=float(value))
        for point, value in zip(case.points, made, strict=True)
    )
    return replace(case, points=points)


def loaded() -> Shaken:
    """Sixteen contacts of two metals, from traces to half loading, weak to strong acid, two extractants."""
    contacts = [
        mixture(
            name=f"{acid}-{load}-{extractant}",
            acid_feed=acid,
            saponification=0.0,
            extractant=extractant,
            metals=(ContactMetal("Nd", feed=0.6 * load), ContactMetal("Gd", feed=0.4 * load)),
        )
        for acid in (20.0, 80.0, 250.0, 600.0)
        for load in (10.0, 150.0)
        for extractant in (500.0, 1500.0)
    ]
    return shaken(with_points(contacts), SET)


def test_planted_constants_are_found_without_noise() -> None:
    case = loaded()
    moves = np.zeros_like(case.constants)
    moves[0] = (0.31, -0.22)
    found = fit(planted(case, moves))
    for constant in found.constants:
        assert constant.change == pytest.approx(moves[case.place(constant.cell)], abs=1e-6)
    assert found.sigma < 1e-5


def test_planted_orders_are_found_without_noise() -> None:
    case = loaded()
    moves = np.array([[0.1, -0.2], [-0.3, 0.15], [-0.2, 0.25]])
    found = fit(planted(case, moves), Settings(columns=COLUMNS))
    assert len(found.constants) == 6 and not found.held
    for constant in found.constants:
        assert constant.change == pytest.approx(moves[case.place(constant.cell)], abs=1e-5)


def test_the_fit_of_tracers_is_their_mean_with_its_textbook_interval() -> None:
    ratios = [0.11, 0.32, 0.18, 0.45, 0.29]
    (constant,) = fit(shaken(tracers(ratios), SET)).constants
    sd = np.std(ratios, ddof=1) / math.sqrt(5)
    assert constant.after == closely(np.mean(ratios) - LEVEL, 1e-9)
    assert constant.sd == closely(sd, 1e-6)
    assert constant.dof == closely(4.0, 1e-6)
    assert constant.high - constant.after == closely(2.7764451 * sd, 1e-6)
    assert constant.points == 5


def test_a_stated_error_has_the_interval_of_the_normal_distribution() -> None:
    settings = Settings(errors=ErrorModel(sigma=0.1))
    (constant,) = fit(shaken(tracers([0.1, 0.4]), SET), settings).constants
    assert constant.sd == closely(0.1 / math.sqrt(2), 1e-9)
    assert math.isinf(constant.dof)
    assert constant.high - constant.low == closely(2 * 1.959963985 * constant.sd, 1e-9)


def test_a_weight_counts_like_so_many_points() -> None:
    once = fit(
        shaken(tracers([0.1, 0.5], weights=[3.0, 1.0]), SET), Settings(errors=ErrorModel(0.1))
    )
    often = fit(shaken(tracers([0.1, 0.1, 0.1, 0.5]), SET), Settings(errors=ErrorModel(0.1)))
    assert once.constants[0].after == closely(often.constants[0].after, 1e-9)
    assert once.constants[0].sd == closely(often.constants[0].sd, 1e-9)


LABS = {
    "a": [0.10, 0.14, 0.06],
    "b": [0.51, 0.43, 0.47],
    "c": [0.20, 0.25, 0.30],
    "d": [0.0, 0.1, 0.1],
}


def test_laboratories_that_differ_are_the_textbook_analysis_of_variance() -> None:
    """Balanced one-way layout: tau^2 = (MSB - MSW)/n, var(mean) = MSB/N with S - 1 degrees of freedom."""
    values = np.array(list(LABS.values()))
    labs, each = values.shape
    between = each * values.mean(axis=1).var(ddof=1)
    within = values.var(axis=1, ddof=1).mean()
    contacts = [it for name, ratios in LABS.items() for it in tracers(ratios, source=name)]
    found = fit(shaken(contacts, SET))
    (constant,) = found.constants
    assert found.sigma == closely(math.sqrt(within), 1e-5)
    assert found.between == closely(math.sqrt((between - within) / each), 1e-5)
    assert constant.after == closely(values.mean() - LEVEL, 1e-9)
    assert constant.sd == closely(math.sqrt(between / values.size), 1e-5)
    assert constant.dof == closely(labs - 1, 1e-4)
    assert constant.high - constant.after == closely(student(labs - 1) * constant.sd, 1e-4)
    drawn = found.between**2 / (found.between**2 + found.sigma**2 / each)
    for name, ratios in LABS.items():
        assert found.shifts[name] == closely(drawn * (np.mean(ratios) - values.mean()), 1e-4)


def test_laboratories_that_agree_have_no_spread() -> None:
    contacts = [it for name in "abc" for it in tracers([0.0, 0.3], source=name)]
    found = fit(shaken(contacts, SET))
    assert found.between == 0.0
    assert set(found.shifts.values()) == {0.0}
    assert found.constants[0].dof == closely(5.0, 1e-6)


def test_a_shift_cancels_in_the_ratio_of_two_metals_of_a_laboratory() -> None:
    contacts = [
        contact
        for number, name in enumerate("abcde")
        for contact in (
            *tracers([0.3 * number, 0.3 * number + 0.01], source=name),
            *tracers([0.3 * number - 0.2, 0.3 * number - 0.19], source=name, element="Pr"),
        )
    ]
    found = fit(shaken(contacts, SET))
    of_ratio = np.array([1.0, -1.0]) @ found.covariance @ np.array([1.0, -1.0])
    assert math.sqrt(of_ratio) < 0.01 < 0.1 < min(it.sd for it in found.constants)
    assert found.correlation[0, 1] > 0.99


def test_one_source_cannot_tell_what_another_would_find() -> None:
    found = fit(shaken(tracers([0.1, 0.2, 0.4]), SET))
    assert found.between == 0.0 and not found.few_sources


def test_few_sources_are_marked() -> None:
    contacts = [it for name in "ab" for it in tracers([0.1, 0.3], source=name)]
    assert fit(shaken(contacts, SET)).few_sources
    stated = Settings(errors=ErrorModel(between=0.1))
    assert not fit(shaken(contacts, SET), stated).few_sources


def test_the_prior_is_one_observation_with_the_uncertainty_of_the_set() -> None:
    """Two points at sigma 0.2 and the set's -2.15 at 0.10, joined by their precisions."""
    ratios = np.array([0.4, 0.6])
    settings = Settings(errors=ErrorModel(sigma=0.2), prior=True)
    (constant,) = fit(shaken(tracers(ratios.tolist()), SET), settings).constants
    precision = 2 / 0.2**2 + 1 / 0.1**2
    expected = (np.sum(ratios - LEVEL) / 0.2**2 + -2.15 / 0.1**2) / precision
    assert constant.after == closely(expected, 1e-9)
    assert constant.sd == closely(precision**-0.5, 1e-9)
    assert constant.before_sd == 0.1


# --- what cannot be fixed


def test_an_order_at_one_extractant_is_not_told_from_the_constant() -> None:
    contacts = [*tracers([0.1, 0.2, 0.15]), *tracers([-2.9, -2.8], ph=0.0)]
    settings = Settings(columns=("log10_kex", "order_extractant"))
    found = fit(shaken(contacts, SET), settings)
    assert [it.cell for it in found.constants] == [ND]
    (held,) = found.held
    assert held.cell == Cell("order_extractant", "Nd")
    assert held.reason == "these contacts do not tell it from log10_kex of Nd"
    assert found.values[1, 0] == 3.0


def test_an_order_over_a_narrow_range_is_called_weak() -> None:
    contacts = [
        *tracers([0.1, 0.12, 0.09], ph=1.0),
        *tracers([0.15, 0.17, 0.16], ph=1.02),
    ]
    contacts = [replace(it, name=str(number)) for number, it in enumerate(contacts)]
    found = fit(shaken(contacts, SET), Settings(columns=("log10_kex", "order_acid")))
    (weak,) = found.weak
    assert set(weak.cells) == {ND, Cell("order_acid", "Nd")}
    assert weak.information < 1e-3
    # Along the combination log10 K falls by about the pH for each order gained.
    moves = dict(zip(weak.cells, weak.loadings, strict=True))
    assert moves[ND] / moves[Cell("order_acid", "Nd")] == pytest.approx(-1.01, abs=0.01)
    assert weak.sd > 0.3


def test_an_element_without_a_point_is_held_and_said() -> None:
    found = fit(
        shaken(tracers([0.1, 0.2]), SET, elements=("Pr", "Nd")), Settings(elements=("Pr", "Nd"))
    )
    assert [(it.cell, it.reason) for it in found.held] == [(PR, "no measured D of Pr")]
    assert found.values[0] == closely([-2.34, 0.15 - LEVEL], 1e-9)


def test_nothing_to_fit_is_refused() -> None:
    case = shaken(tracers([0.1]), SET, elements=("Pr",))
    with pytest.raises(DataError, match="no measured D of Pr"):
        fit(case, Settings(elements=("Pr",)))
    with pytest.raises(DataError, match="1 points for 1 constants"):
        fit(case)


def test_an_order_that_turns_round_is_refused() -> None:
    """More acid extracts more in these points."""
    contacts = [*tracers([0.1, 0.1, 0.12], ph=1.0), *tracers([0.6, 0.65], ph=0.5)]
    with pytest.raises(ConvergenceError, match=r"order_acid of Nd\n.*goes to -"):
        fit(shaken(contacts, SET), Settings(columns=("log10_kex", "order_acid")))


# --- sources left out


def test_a_source_left_out_is_predicted_by_the_mean_of_the_others() -> None:
    contacts = [it for name, ratios in LABS.items() for it in tracers(ratios, source=name)]
    *each, pooled = leave_one_source_out(fit(shaken(contacts, SET)))
    assert [it.source for it in each] == sorted(LABS)
    for left in each:
        others = np.mean([ratios for name, ratios in LABS.items() if name != left.source])
        own = np.array(LABS[left.source])
        assert left.left_out.rms == closely(np.sqrt(np.mean((others - own) ** 2)), 1e-7)
        assert left.left_out.bias == closely(np.mean(others - own), 1e-6)
        assert left.before.bias == closely(np.mean(-2.15 + LEVEL - own), 1e-9)
    assert pooled.left_out.points == 12
    assert pooled.left_out.rms > pooled.fitted.rms


def test_points_of_metals_that_no_other_source_has_are_not_judged() -> None:
    contacts = [*tracers([0.1, 0.2], "a"), *tracers([0.3], "b"), *tracers([0.0, 0.1], "b", "Pr")]
    first, second, pooled = leave_one_source_out(fit(shaken(contacts, SET)))
    assert (first.unseen, first.left_out.points, first.reason) == (0, 2, "")
    assert (second.unseen, second.left_out.points) == (2, 1)
    assert pooled.unseen == first.unseen + second.unseen


def test_a_single_source_has_no_other() -> None:
    assert leave_one_source_out(fit(shaken(tracers([0.1, 0.2]), SET))) == ()


# --- the next shake-out


@pytest.mark.parametrize("laboratory", ["LI87", ""])
def test_the_gain_is_what_a_fit_with_that_contact_would_find(laboratory: str) -> None:
    """The contact added, its D as predicted, errors as they were: the covariance says the rest."""
    contacts = shipped_contacts(("LI87", "LEE05"), "P507", "chloride")
    errors = ErrorModel(sigma=0.14, between=0.12)
    before = fit(shaken(contacts, SET), Settings(errors=errors))
    advice = next_shakeouts(before, ("Pr", "Nd"), laboratory)
    best = next(
        it for it in advice.candidates if [m.element for m in it.contact.metals] == ["Pr", "Nd"]
    )
    assert best is advice.candidates[0], "the pair itself tells most of the pair"
    added = replace(
        best.contact,
        source=laboratory or "new",
        metals=tuple(
            replace(metal, distribution_ratio=10.0**ratio)
            for metal, ratio in zip(best.contact.metals, best.log10_d, strict=True)
        ),
    )
    after = fit(shaken((*contacts, added), SET), Settings(errors=errors))
    cells = [constant.cell for constant in after.constants]
    weights = np.zeros(len(cells))
    weights[cells.index(ND)], weights[cells.index(PR)] = 1.0, -1.0
    sd = [math.sqrt(weights @ it.covariance @ weights) for it in (before, after)]
    assert advice.before == closely(sd[0], 1e-6)
    assert best.after == closely(sd[1], 2e-3)  # the constants move a little with the new point
    assert best.gain == closely(sd[0] - sd[1], 5e-2)
    ratio = np.linalg.slogdet(before.covariance)[1] - np.linalg.slogdet(after.covariance)[1]
    if laboratory:  # else the shift of the new laboratory is one more unknown
        assert best.information > 0.5 * ratio > 0.0


def test_without_a_cut_the_least_known_constant_is_served() -> None:
    advice = next_shakeouts(fit(shaken(tracers([0.1, 0.2, 0.15]), SET)))
    assert advice.quantity == "log10_kex of Lu"
    assert advice.before == closely(0.4, 1e-9)
    best = advice.candidates[0]
    assert "Lu" in [metal.element for metal in best.contact.metals]
    assert all(it.gain > 0 for it in advice.candidates)
    assert [it.after for it in advice.candidates] == sorted(it.after for it in advice.candidates)


def test_with_orders_the_separation_factor_is_that_in_the_middle_of_the_contacts() -> None:
    """Constants at 1 mol/L of everything are far from the data; their ratio where the contacts are is not."""
    noise = np.random.default_rng(4).normal(0.0, 0.05, 32)
    found = fit(planted(loaded(), np.zeros((3, 2)), noise), Settings(columns=COLUMNS))
    advice = next_shakeouts(found, ("Nd", "Gd"))
    cells = [it.cell for it in found.constants]
    apart = np.zeros(6)
    apart[cells.index(Cell("log10_kex", "Gd"))], apart[cells.index(ND)] = 1.0, -1.0
    assert advice.quantity == "log10 separation factor Gd/Nd"
    assert advice.before < 0.5 * math.sqrt(apart @ found.covariance @ apart)
    worst = next_shakeouts(found)
    assert worst.quantity == "log10 D at median free dimer and acid of Lu"


def test_a_cut_of_unknown_metals_is_refused() -> None:
    case = shaken(tracers([0.1, 0.2, 0.15]), SET)
    unknown = replace(
        SET, constants={**SET.constants, "Tb": replace(SET.constants["Tb"], uncertainty=math.nan)}
    )
    with pytest.raises(DataError, match="nor an uncertainty of its constant"):
        next_shakeouts(fit(replace(case, parameters=unknown)), ("Tb", "Dy"))


# --- the fitted set


@pytest.mark.parametrize("name", [it.name for it in parameter_sets()])
def test_the_text_of_a_set_is_read_as_the_set(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.toml"
    path.write_text(parameter_set_text(parameter_set(name)), encoding="utf-8")
    assert str(read_parameter_set(path)) == str(parameter_set(name))  # nan equals nan in text


def test_the_fitted_set_has_the_fitted_constants_and_says_so(tmp_path: Path) -> None:
    contacts = shipped_contacts(("LI87", "LYON16"), "P507", "chloride")
    found = fit(shaken(contacts, SET, ("loading",)), Settings(elements=("Nd", "Pr")))
    path = tmp_path / "mine.toml"
    path.write_text(parameter_set_text(fitted_set(found, "mine")), encoding="utf-8")
    mine = parameter_set(str(path))
    assert (mine.name, mine.key, mine.runnable) == ("mine", str(path), True)
    for constant in found.constants:
        row = mine.constants[constant.cell.element]
        moved = row.numbers["log10_kex"] - SET.constants[row.element].numbers["log10_kex"]
        assert moved == pytest.approx(constant.change, abs=1e-6)
        assert row.uncertainty == pytest.approx(constant.sd, abs=1e-6)
        assert row.basis == "derived" and {"LI87", "LYON16"} <= set(row.rests_on)
        assert "fitted to " in row.note
    assert mine.constants["Lu"] == SET.constants["Lu"]
    assert "Fitted with loading" in mine.description
    again = shaken(contacts, mine, ("loading",))
    assert predict(again, again.constants).log10_d == pytest.approx(found.after.log10_d, abs=2e-6)
    low, high = mine.valid["acid"].canonical
    assert 30.0 < low < 60.0 < 2000.0 < high < 2200.0


def test_orders_of_a_fitted_set_are_used_again(tmp_path: Path) -> None:
    case = loaded()
    moves = np.array([[0.1, -0.2], [-0.3, 0.15], [-0.2, 0.25]])
    found = fit(planted(case, moves), Settings(columns=COLUMNS))
    path = tmp_path / "orders.toml"
    path.write_text(parameter_set_text(fitted_set(found, "orders")), encoding="utf-8")
    again = shaken(case.contacts, parameter_set(str(path)))
    assert predict(again, again.constants).log10_d == pytest.approx(found.after.log10_d, abs=1e-5)
