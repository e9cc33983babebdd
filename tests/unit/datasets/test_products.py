"""Product specifications: complete, limits read, analytes counted, products judged."""

from __future__ import annotations

import math

import pytest

from ytterby.datasets import table
from ytterby.datasets.products import (
    Judged,
    counted,
    judge,
    read_limit,
    specification,
    specifications,
    standards,
)
from ytterby.elements import RARE_EARTHS, metal_to_oxide
from ytterby.errors import DataError

DYSPROSIUM = specification("dysprosium oxide", "3N")
MAGNET = specification("praseodymium-neodymium oxide", "99.5 magnet grade")


def fault_of(call, *arguments, **named):
    with pytest.raises(DataError) as caught:
        call(*arguments, **named)
    (fault,) = caught.value.faults
    return fault


def pure(**shares: float) -> dict[str, float]:
    """A whole basket: what is not named is zero."""
    return dict.fromkeys(RARE_EARTHS, 0.0) | shares


def by_analyte(found: tuple[Judged, ...]) -> dict[str, Judged]:
    return {it.limit.analyte: it for it in found}


# --- what is shipped


def test_no_row_was_lost() -> None:
    rows = table("products")
    columns = ("low", "value", "high")
    filled = tuple(sum(column in row.values for row in rows) for column in columns)
    sums = [math.fsum(row.values.get(column, 0.0) for row in rows) for column in columns]
    assert (len(rows), filled) == (222, (49, 10, 152))
    assert sums == pytest.approx([4370.51, 1580.0, 817.8675], rel=1e-12)
    assert len(standards()) == 24
    assert all(any(letter.isdigit() for letter in it.number) for it in standards())
    every_grade = {(row.labels["product"]) for row in rows if row.labels["grade"] == "all"}
    assert every_grade == {"dysprosium oxide", "terbium oxide"}
    # one limit of every grade of the two oxides, which have five grades each
    assert sum(len(it.limits) for it in specifications()) == 222 - 24 - 2 + 2 * 5


def test_limits_have_the_ends_of_their_kind() -> None:
    for it in specifications():
        for limit in it.limits:
            ends = (limit.low is not None, limit.high is not None)
            if limit.kind != "typical":
                expected = {
                    "min": (True, False),
                    "max": (False, True),
                    "range": (True, True),
                    "nominal": (False, False),
                }
                assert ends == expected[limit.kind], (it.product, limit.analyte)
            assert ends != (False, False) or limit.value is not None
            assert limit.source and limit.basis and limit.unit


def test_ranges_are_read_as_printed() -> None:
    printed = [row for row in table("products") if row.labels["printed"]]
    assert len(printed) == 11
    for row in printed:
        labels = row.labels
        found = read_limit(labels["analyte"], "range", labels["printed"], "%", "", "")
        numbers = {"low": found.low, "value": found.value, "high": found.high}
        assert {name: it for name, it in numbers.items() if it is not None} == row.values


def test_a_grade_called_by_a_number_is_found() -> None:
    assert specification("dysprosium metal", "99.5").limits[0].low == 99.5


def test_limits_of_all_grades_are_in_each() -> None:
    for grade in ("2N5", "3N", "3N5", "4N"):
        assert by_analyte(judge(pure(Dy=1.0), None, specification("dysprosium oxide", grade)))[
            "D50"
        ]


def test_grades_of_one_product_get_stricter() -> None:
    for product, oxide in (("dysprosium oxide", "Dy2O3"), ("terbium oxide", "Tb4O7")):
        purities, others = [], []
        for grade in ("2N5", "3N", "3N5", "4N"):
            limits = {it.analyte: it for it in specification(product, grade).limits}
            purities.append(limits[f"{oxide}/TREO"].low)
            others.append(limits["other RE oxides total"].high)
        assert purities == sorted(purities) and others == sorted(others, reverse=True)
        for purity, other in zip(purities, others, strict=True):
            assert purity + other == pytest.approx(100.0)


# --- limits as people write them


@pytest.mark.parametrize(
    ("kind", "text", "ends"),
    [
        ("min", "99.9", (99.9, None, None)),
        ("max", " 0.05 ", (None, None, 0.05)),
        ("nominal", "80", (None, 80.0, None)),
        ("range", "75 +/- 2", (73.0, 75.0, 77.0)),
        ("range", "75±2", (73.0, 75.0, 77.0)),
        ("typical", "3-8", (3.0, None, 8.0)),
        ("range", "0.2 to 0.45", (0.2, None, 0.45)),
    ],
)
def test_a_limit_is_read(kind, text: str, ends) -> None:
    found = read_limit("Nd2O3/TREO", kind, text, "%", "of TREO", "neodymium oxide")
    assert (found.low, found.value, found.high) == ends
    assert (found.elements, found.basis) == (("Nd",), "assumed")


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        *[("max", it) for it in ("", "low", "1,5", "nan", "inf", "5 %", "1.2.3", "1.2.3-4")],
        *[("range", it) for it in ("75", "8-3", "3-", "a +/- b")],
    ],
)
def test_what_is_no_limit_is_refused(kind, text: str) -> None:
    fault = fault_of(read_limit, "Fe2O3", kind, text, "%", "by mass", "neodymium oxide")
    assert fault.where == f"limit of Fe2O3, {kind}" and "75 +/- 2" in fault.expected


@pytest.mark.parametrize(
    ("analyte", "main", "elements"),
    [
        ("La2O3+CeO2+Sm2O3+Y2O3", (), {"La", "Ce", "Sm", "Y"}),
        ("Pr6O11/TREO", (), {"Pr"}),
        ("Tb4O7", (), {"Tb"}),
        ("TREO", (), set(RARE_EARTHS)),
        ("other RE oxides total", ("Dy",), set(RARE_EARTHS) - {"Dy"}),
        ("other RE oxides total", ("Pr", "Nd"), set(RARE_EARTHS) - {"Pr", "Nd"}),
        *[(it, (), set()) for it in ("Fe2O3", "Mo+W", "LOI", "RE", "purity", "DyF3/TREF", "Al2O3")],
        ("La2O3+Fe2O3", (), set()),
    ],
)
def test_analytes_count_elements(analyte: str, main, elements: set[str]) -> None:
    assert set(counted(analyte, main)) == elements


def test_the_main_elements_are_those_in_the_name() -> None:
    assert MAGNET.main == ("Pr", "Nd")
    assert DYSPROSIUM.main == ("Dy",)
    assert specification("mixed RE carbonate", "trade").main == ()


# --- judging


def test_a_product_on_specification_meets_what_is_known_of_it() -> None:
    found = by_analyte(judge(pure(Dy=0.9995, Ho=0.0005), 0.995, DYSPROSIUM))
    assert found["TREO"].met and found["TREO"].reached == pytest.approx(99.5)
    assert found["Dy2O3/TREO"].met and found["Dy2O3/TREO"].reached == pytest.approx(99.95)
    assert found["other RE oxides total"].met
    assert found["other RE oxides total"].reached == pytest.approx(0.05)
    for analyte in ("Fe2O3", "SiO2", "CaO", "Cl", "LOI"):
        assert (found[analyte].reached, found[analyte].met) == (None, None)
        assert found[analyte].remark == f"{analyte} not known"


def test_a_product_off_specification_is_told_by_how_much() -> None:
    found = by_analyte(judge(pure(Nd=0.72, Pr=0.275, Sm=0.003, Y=0.002), 0.98, MAGNET))
    reached = {name: it.reached for name, it in found.items() if it.met is False}
    assert reached == {
        "TREO": pytest.approx(98.0),
        "Nd2O3/TREO": pytest.approx(72.0),
        "Pr6O11/TREO": pytest.approx(27.5),
        "La2O3+CeO2+Sm2O3+Y2O3": pytest.approx(0.5),
    }


def test_nothing_known_is_nothing_met() -> None:
    for it in specifications():
        assert all(one.met is None and one.reached is None for one in judge({}, None, it))


def test_an_element_that_is_absent_is_not_known_rather_than_zero() -> None:
    shares = pure(Dy=0.9995)
    del shares["Ho"]
    found = by_analyte(judge(shares, None, DYSPROSIUM))["other RE oxides total"]
    assert (found.reached, found.met, found.remark) == (None, None, "Ho not known")
    shares["Er"] = 0.002  # already too much, whatever Ho is
    found = by_analyte(judge(shares, None, DYSPROSIUM))["other RE oxides total"]
    assert (found.reached, found.met) == (None, False)
    assert found.remark == "over the limit even without Ho"


def test_a_limit_reached_exactly_is_met() -> None:
    """99.9 / 100 is not quite 0.999 in binary."""
    found = by_analyte(judge(pure(Dy=0.999, Ho=0.001), 0.99, DYSPROSIUM))
    assert all(found[it].met for it in ("TREO", "Dy2O3/TREO", "other RE oxides total"))
    found = by_analyte(judge(pure(Dy=0.99899, Ho=0.00101), 0.9899, DYSPROSIUM))
    assert not any(found[it].met for it in ("TREO", "Dy2O3/TREO", "other RE oxides total"))


def test_impurities_count_as_printed_or_as_the_oxide_of_their_element() -> None:
    iron = 0.00004  # 0.0057 % as Fe2O3, over the 0.005 of this grade
    found = by_analyte(judge(pure(Dy=1.0), 0.99, DYSPROSIUM, {"Fe": iron, "SiO2": 5e-5}))
    assert found["Fe2O3"].reached == pytest.approx(100 * iron * metal_to_oxide("Fe"))
    assert (found["Fe2O3"].met, found["SiO2"].met) == (False, True)
    metal = specification("dysprosium metal", "99.5")
    found = by_analyte(judge({}, None, metal, {"O": 0.001, "Fe": 0.0005}))
    assert (found["O"].met, found["Fe"].met, found["Ca"].met) == (True, False, None)


def test_values_that_bind_nobody_are_not_met_or_broken() -> None:
    found = judge(pure(Nd=1.0), 1.0, specification("praseodymium-neodymium metal", "PrNd-80NdA"))
    assert [(it.met, it.remark) for it in found] == [(None, "a nominal value binds nobody")]


def test_a_purity_that_does_not_say_of_what_is_unknown() -> None:
    (found, *_) = judge(pure(Tb=1.0), 1.0, specification("terbium oxide", "priced grade"))
    assert (found.limit.analyte, found.met) == ("purity", None)


@pytest.mark.parametrize(
    ("shares", "treo", "impurities", "what"),
    [
        ({"Dy": 99.9}, None, {}, "share of Dy"),
        ({"Dy": -0.1}, None, {}, "share of Dy"),
        ({"Dy": math.nan}, None, {}, "share of Dy"),
        ({}, 99.0, {}, "TREO"),
        ({}, None, {"Fe": 20.0}, "Fe"),
    ],
)
def test_what_is_no_fraction_is_refused(shares, treo, impurities, what: str) -> None:
    fault = fault_of(judge, shares, treo, DYSPROSIUM, impurities)
    assert fault.where == f"dysprosium oxide, 3N, {what}"
    assert fault.expected == "a mass fraction, 0 to 1"


def test_unknown_product_and_grade_say_the_nearest() -> None:
    fault = fault_of(specification, "disprosium oxide", "3N")
    assert fault.nearest == "dysprosium oxide" and "list products" in fault.next
    fault = fault_of(specification, "dysprosium oxide", "3N6")
    assert fault.where == "product dysprosium oxide, grade" and fault.nearest == "3N"
